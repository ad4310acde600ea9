/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "section.h"

#include <apr_strings.h>

#include "directives.h"
#include "message.h"
#include "module.h"

const cors_place_t *cors_section_place(cmd_parms *cmd)
{
    cors_place_t *place = apr_palloc(cmd->pool, sizeof(*place));

    place->file = cmd->directive->filename;
    place->line = cmd->directive->line_num;
    place->directive = cmd->cmd->name;
    return place;
}

/* A preflight asks for another method than its own, so a policy for some
 * methods only would make preflight and request disagree.
 */
const char *cors_section_context(cmd_parms *cmd)
{
    if (cmd->limited == -1) {
        return NULL;
    }
    return apr_pstrcat(cmd->pool, cmd->cmd->name, " is not allowed within "
                       "<Limit> or <LimitExcept>: a preflight is an OPTIONS "
                       "request for another method; see CorsAllowMethods",
                       NULL);
}

static int is_last(const cmd_parms *cmd)
{
    const ap_directive_t *next;

    for (next = cmd->directive->next; next; next = next->next) {
        if (ap_find_command(next->directive, cors_directives)) {
            return 0;
        }
    }
    return 1;
}

typedef struct hazard_t {
    int bit;
    const char *reason;
    const char *instead;
} hazard_t;

static const hazard_t hazards[] = {
    { CORS_HAZARD_INSECURE, "is http: whoever is on the way can change its "
      "pages and read this server's responses with the visitor's cookies "
      "(CorsAllowCredentials On)", "https://" },
    { CORS_HAZARD_PUBLIC_SUFFIX, "covers a public suffix: anybody can "
      "register a name there and read responses with the visitor's cookies "
      "(CorsAllowCredentials On); name the domain that is yours", NULL },
    { CORS_HAZARD_NULL, "is the origin of every sandboxed frame: any page "
      "could read responses with the visitor's cookies "
      "(CorsAllowCredentials On)", NULL },
    { 0, NULL, NULL }
};

/* A refusal that is said of another line than the one at hand. */
static const char *refuse_at(cmd_parms *cmd, const cors_place_t *place,
                             const char *value, const hazard_t *hazard)
{
    const char *instead = hazard->instead;

    if (instead) {
        instead = apr_pstrcat(cmd->pool, instead, value + 7, NULL);
    }
    return apr_psprintf(cmd->pool, "%s:%d: %s \"%s\" %s%s%s%s", place->file,
                        place->line, place->directive, value, hazard->reason,
                        instead ? "; write \"" : "", instead ? instead : "",
                        instead ? "\"" : "");
}

static const char *check_pattern(cmd_parms *cmd, const cors_pattern_t *pattern)
{
    static const hazard_t any = {
        0, "can't be used with CorsAllowCredentials On: browsers refuse it; "
        "list the origins that may use credentials", NULL
    };
    const hazard_t *hazard;

    if (pattern->kind == CORS_PATTERN_ANY) {
        return refuse_at(cmd, pattern->place, "*", &any);
    }
    for (hazard = hazards; hazard->bit; hazard++) {
        if (pattern->hazards & hazard->bit) {
            return refuse_at(cmd, pattern->place, pattern->text, hazard);
        }
    }
    return NULL;
}

static const char *check_origins(cmd_parms *cmd, const cors_origins_t *origins)
{
    const apr_array_header_t *patterns = origins->set->patterns;
    const char *refusal = NULL;
    int i;

    for (i = 0; !refusal && i < patterns->nelts; i++) {
        refusal = check_pattern(cmd, APR_ARRAY_IDX(patterns, i,
                                                   cors_pattern_t *));
    }
    return refusal;
}

const char *cors_section_check(cmd_parms *cmd, const cors_policy_t *policy)
{
    static const hazard_t star = {
        0, "exposes nothing with CorsAllowCredentials On: browsers take it "
        "for the name of a header; list the headers", NULL
    };
    const char *refusal = NULL;

    if (!policy->credentials.place || !policy->credentials.value
        || !is_last(cmd)) {
        return NULL;
    }
    if (policy->allow.layers) {
        refusal = check_origins(cmd, APR_ARRAY_IDX(policy->allow.layers, 0,
                                                   cors_origins_t *));
    }
    if (!refusal && cors_policy_names_any(&policy->expose)) {
        refusal = refuse_at(cmd, cors_policy_names(&policy->expose, NULL,
                                                   0)->place, "*", &star);
    }
    return refusal;
}
