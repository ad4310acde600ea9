/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "context.h"

#include <apr_strings.h>

#include "arguments.h"
#include "config_check.h"
#include "message.h"
#include "module.h"

/* What .htaccess files may use: a bit for each directive of the table. */
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

static override_t *override_of(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &cors_module);
}

static apr_uint64_t bit_of(const command_rec *directive)
{
    return (apr_uint64_t)1 << (directive - cors_module.cmds);
}

static const char *add_word(override_t *override, cmd_parms *cmd,
                            const char *word)
{
    const command_rec *directive = ap_find_command(word, cors_module.cmds);
    int is_all = !strcasecmp(word, "All");

    if (*word == '+') {
        return cors_refuse(cmd, word, "must not have a '+'; repeated lines "
                           "add up", NULL);
    }
    if (!directive && !is_all) {
        return cors_refuse(cmd, word, "is not a mod_cors directive, All or "
                           "None", NULL);
    }
    if (override->allowed == ALL || (is_all && override->is_set)) {
        return cors_refuse(cmd, "All", "cannot be combined with other items",
                           NULL);
    }
    override->allowed |= is_all ? ALL : bit_of(directive);
    override->is_set = 1;
    return NULL;
}

const char *cors_set_override(cmd_parms *cmd, void *policy, const char *args)
{
    override_t *override = override_of(cmd->server);
    const char *refusal = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);
    cors_list_t list;
    int i;

    refusal = refusal ? refusal : cors_context_check(cmd);
    refusal = refusal ? refusal : cors_list_read(&list, cmd, args,
                                                 CORS_SEPARATORS);
    if (refusal) {
        return refusal;
    }
    if (override->is_set && (list.written == CORS_WRITTEN_NONE
                             || !override->allowed)) {
        return cors_refuse(cmd, "None", "cannot be combined with other items",
                           NULL);
    }
    if (!override->is_set) {
        override->allowed = 0;
    }
    for (i = 0; !refusal && i < list.items->nelts; i++) {
        refusal = add_word(override, cmd,
                           APR_ARRAY_IDX(list.items, i, const char *));
    }
    override->is_set = 1;
    return refusal ? refusal : cors_check_section(cmd, policy);
}

const char *cors_override_text(const server_rec *s, apr_pool_t *p)
{
    const override_t *override = override_of(s);
    const command_rec *directive;
    const char *text = "";

    if (!override || override->allowed == ALL) {
        return NULL;
    }
    for (directive = cors_module.cmds; directive->name; directive++) {
        if (override->allowed & bit_of(directive)) {
            text = apr_pstrcat(p, text, " ", directive->name, NULL);
        }
    }
    return *text ? text : " nothing";
}

cors_line_t *cors_context_line(cmd_parms *cmd)
{
    cors_line_t *line = apr_palloc(cmd->pool, sizeof(*line));

    line->file = cmd->directive->filename;
    line->number = cmd->directive->line_num;
    line->directive = cmd->cmd->name;
    line->args = cmd->directive->args;
    line->in_htaccess = cors_in_htaccess(cmd);
    line->next = NULL;
    return line;
}

/* httpd warns of a variable that is not defined, and leaves it as it is. */
static const char *check_variables(cmd_parms *cmd)
{
    const char *args = cmd->directive->args;
    const char *at = ap_strchr_c(args, '$');
    const char *word = "";

    at = at ? ap_strstr_c(at, "${") : NULL;
    if (!at || !ap_strchr_c(at, '}')) {
        return NULL;
    }
    while (*args && !ap_strstr_c(word, "${")) {
        word = ap_getword_conf(cmd->temp_pool, &args);
    }
    return cors_refuse(cmd, word,
                       apr_psprintf(cmd->temp_pool, "uses the undefined "
                                    "variable %.*s",
                                    (int)strcspn(at + 2, "}"), at + 2), NULL);
}

/* A preflight asks for another method than its own, so with a policy for some
 * methods only, preflight and request would disagree.
 */
const char *cors_context_check(cmd_parms *cmd)
{
    if (cors_in_htaccess(cmd)
        && !(override_of(cmd->server)->allowed & bit_of(cmd->cmd))) {
        return cors_refuse(cmd, NULL, "is not allowed in .htaccess files of "
                           "this server (CorsOverride)", NULL);
    }
    if (cmd->limited != -1) {
        return cors_refuse(cmd, NULL, "cannot be used inside <Limit> or "
                           "<LimitExcept>; to restrict methods use "
                           "CorsAllowMethods", NULL);
    }
    return check_variables(cmd);
}
