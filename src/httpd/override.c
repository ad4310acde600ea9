/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "override.h"

#include <apr_strings.h>

#include "directives.h"
#include "list.h"
#include "message.h"
#include "module.h"
#include "section.h"

/* A bit for each directive, by its place in cors_directives. */
typedef struct override_t {
    int is_set;
    apr_uint64_t allowed;
} override_t;

#define ALL (~(apr_uint64_t)0)

void *cors_override_create(apr_pool_t *p, server_rec *s)
{
    override_t *override = apr_pcalloc(p, sizeof(*override));

    (void)s;
    override->allowed = ALL;
    return override;
}

void *cors_override_merge(apr_pool_t *p, void *base, void *add)
{
    (void)p;
    return ((override_t *)add)->is_set ? add : base;
}

static apr_uint64_t bit_of(const command_rec *directive)
{
    return (apr_uint64_t)1 << (directive - cors_directives);
}

static const char *allow(cmd_parms *cmd, override_t *override,
                         const char *word)
{
    const command_rec *directive = ap_find_command(word, cors_directives);

    if (!strcasecmp(word, "All")) {
        override->allowed = ALL;
    }
    else if (directive) {
        override->allowed |= bit_of(directive);
    }
    else {
        return cors_refusal(cmd, word, "is no directive of mod_cors, nor All "
                            "or None", NULL);
    }
    return NULL;
}

/* Several lines add up, and so None after a list changes nothing: it would
 * look as if it did.
 */
const char *cors_set_override(cmd_parms *cmd, void *policy, const char *args)
{
    override_t *override = ap_get_module_config(cmd->server->module_config,
                                                &cors_module);
    const char *refusal = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);
    cors_list_t list;
    int i;

    if (refusal || (refusal = cors_section_variables(cmd))
        || (refusal = cors_list_read(&list, cmd, args))) {
        return refusal;
    }
    if (override->is_set && (list.none || !override->allowed)) {
        return cors_refusal(cmd, "None", "stands beside other items; it "
                            "stands alone", NULL);
    }
    if (list.plus) {
        return cors_refusal(cmd, APR_ARRAY_IDX(list.items, 0, const char *),
                            "has a '+', but there is nothing to add to; "
                            "several lines add up", NULL);
    }
    if (!override->is_set) {
        override->is_set = 1;
        override->allowed = 0;
    }
    for (i = 0; !refusal && i < list.items->nelts; i++) {
        refusal = allow(cmd, override,
                        APR_ARRAY_IDX(list.items, i, const char *));
    }
    return refusal ? refusal : cors_section_done(cmd, policy);
}

const char *cors_override_text(const server_rec *s, apr_pool_t *p)
{
    const override_t *override = ap_get_module_config(s->module_config,
                                                      &cors_module);
    const command_rec *directive;
    const char *text = "";

    if (!override || override->allowed == ALL) {
        return NULL;
    }
    for (directive = cors_directives; directive->name; directive++) {
        if (override->allowed & bit_of(directive)) {
            text = apr_pstrcat(p, text, " ", directive->name, NULL);
        }
    }
    return *text ? text : " None";
}

int cors_override_allows(const cmd_parms *cmd)
{
    const override_t *override =
        ap_get_module_config(cmd->server->module_config, &cors_module);

    return (override->allowed & bit_of(cmd->cmd)) != 0;
}
