/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "section.h"

#include <apr_strings.h>

#include "../hazard.h"
#include "directives.h"
#include "field.h"
#include "message.h"
#include "module.h"
#include "override.h"

const cors_place_t *cors_section_place(cmd_parms *cmd)
{
    cors_place_t *place = apr_palloc(cmd->pool, sizeof(*place));

    place->file = cmd->directive->filename;
    place->line = cmd->directive->line_num;
    place->directive = cmd->cmd->name;
    place->in_htaccess = cors_in_htaccess(cmd);
    return place;
}

/* httpd warns of a variable that is not defined, and leaves it as it is. */
const char *cors_section_variables(cmd_parms *cmd)
{
    const char *args = cmd->directive->args;
    const char *word = "";
    const char *name = NULL;

    if (!ap_strstr_c(args, "${")) {
        return NULL;
    }
    while (*args && !name) {
        word = ap_getword_conf(cmd->temp_pool, &args);
        name = ap_strstr_c(word, "${");
    }
    if (!name || !ap_strchr_c(name, '}')) {
        return NULL;
    }
    name = apr_pstrndup(cmd->temp_pool, name + 2, strcspn(name + 2, "}"));
    return cors_refusal(cmd, word, apr_psprintf(cmd->temp_pool, "holds a "
                        "variable: %s is not defined", name), NULL);
}

/* A preflight asks for another method than its own, so a policy for some
 * methods only would make preflight and request disagree.
 */
const char *cors_section_context(cmd_parms *cmd)
{
    if (cors_in_htaccess(cmd) && !cors_override_allows(cmd)) {
        return apr_pstrcat(cmd->pool, cmd->cmd->name, " is not allowed in "
                           ".htaccess files of this server (CorsOverride)",
                           NULL);
    }
    if (cmd->limited != -1) {
        return apr_pstrcat(cmd->pool, cmd->cmd->name, " is not allowed within "
                           "<Limit> or <LimitExcept>: a preflight is an "
                           "OPTIONS request for another method; see "
                           "CorsAllowMethods", NULL);
    }
    return cors_section_variables(cmd);
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

/* An item of CorsAllowOrigin, -Match or -Expr. */
typedef struct item_t {
    const cors_place_t *place;
    const char *text;
    int hazards;
    /** NULL: it is no regular expression */
    const cors_remark_t *loose;
} item_t;

static cors_remark_t remark_of(const item_t *item, int hazard, apr_pool_t *p)
{
    return hazard == CORS_HAZARD_LOOSE_REGEX && item->loose
               ? *item->loose : cors_hazard_remark(hazard, item->text, p);
}

/* What is checked: a section, at its last line. */
typedef struct section_t {
    cmd_parms *cmd;
    /** Where CorsAllowCredentials On stands, NULL without. */
    const cors_place_t *credentials;
    int tolerated;
} section_t;

static const char *refuse(const section_t *section, const item_t *item,
                          int hazard)
{
    apr_pool_t *p = section->cmd->pool;
    cors_remark_t remark = remark_of(item, hazard, p);

    return apr_psprintf(p, "%s \"%s\" %s, and could read responses in the "
                        "visitor's name (CorsAllowCredentials On, line %d)"
                        "%s%s%s, or \"CorsTolerate %s\"",
                        item->place->directive, item->text, remark.reason,
                        section->credentials->line,
                        remark.instead ? "; write \"" : "",
                        remark.instead ? remark.instead : "",
                        remark.instead ? "\""
                            : hazard == CORS_HAZARD_LOOSE_REGEX
                                ? "; mend it" : "; remove it",
                        cors_hazard_word(hazard));
}

static void warn(const section_t *section, const item_t *item, int hazard)
{
    cors_remark_t remark = remark_of(item, hazard, section->cmd->temp_pool);

    cors_warning_at(section->cmd, item->place, item->text, remark.reason,
                    remark.instead);
}

/* With credentials a hazard is refused; without, two of them are too wide for
 * what their writer can have meant.
 */
static const char *check_item(const section_t *section, const item_t *item)
{
    int hazards = item->hazards & ~section->tolerated;

    if (section->credentials && hazards) {
        return refuse(section, item, cors_hazard_first(hazards));
    }
    hazards &= CORS_HAZARD_PUBLIC_SUFFIX | CORS_HAZARD_LOOSE_REGEX;
    if (hazards) {
        warn(section, item, cors_hazard_first(hazards));
    }
    return NULL;
}

static const char *check_patterns(const section_t *section,
                                  const cors_origin_set_t *set)
{
    const char *refusal = NULL;
    int i;

    for (i = 0; !refusal && i < set->patterns->nelts; i++) {
        const cors_pattern_t *pattern = APR_ARRAY_IDX(set->patterns, i,
                                                      cors_pattern_t *);
        item_t item = { pattern->place, pattern->text, pattern->hazards,
                        NULL };

        refusal = check_item(section, &item);
    }
    return refusal;
}

static const char *check_rules(const section_t *section,
                               const apr_array_header_t *rules)
{
    const char *refusal = NULL;
    int i;

    for (i = 0; !refusal && rules && i < rules->nelts; i++) {
        const cors_rule_t *rule = APR_ARRAY_IDX(rules, i, cors_rule_t *);
        item_t item = { rule->place, rule->source, rule->hazards,
                        &rule->loose };

        refusal = check_item(section, &item);
    }
    return refusal;
}

static const char *check_origins(const section_t *section,
                                 const cors_origins_t *origins)
{
    const char *refusal = NULL;

    if (section->credentials && origins->set->any) {
        return apr_psprintf(section->cmd->pool, "%s \"*\" can't be used with "
                            "CorsAllowCredentials On (line %d): browsers "
                            "refuse the two together; list the origins",
                            origins->set->any->place->directive,
                            section->credentials->line);
    }
    if (origins->hazards) {
        refusal = check_patterns(section, origins->set);
        refusal = refusal ? refusal : check_rules(section, origins->matches);
        refusal = refusal ? refusal : check_rules(section,
                                                  origins->expressions);
    }
    return refusal;
}

static const char *check_expose(const section_t *section,
                                const cors_layers_t *expose)
{
    if (!section->credentials || !cors_policy_names_any(expose)) {
        return NULL;
    }
    return apr_psprintf(section->cmd->pool, "CorsExposeHeaders \"*\" exposes "
                        "nothing with CorsAllowCredentials On (line %d): "
                        "browsers take it for the name of a header; list the "
                        "headers", section->credentials->line);
}

const char *cors_section_done(cmd_parms *cmd, cors_policy_t *policy)
{
    section_t section = { cmd, NULL, cors_policy_tolerated(policy) };
    const cors_origins_t *origins = cors_field_layer(&policy->allow);
    const char *refusal = NULL;

    cors_policy_settle(policy);
    /* Most sections hold nothing that could be refused, which is sooner told
     * than which of their lines is the last.
     */
    if ((!(origins && (origins->hazards || origins->set->any))
         && !cors_policy_names_any(&policy->expose)) || !is_last(cmd)) {
        return NULL;
    }
    if (policy->credentials.place && policy->credentials.value) {
        section.credentials = policy->credentials.place;
    }
    if (origins) {
        refusal = check_origins(&section, origins);
    }
    return refusal ? refusal : check_expose(&section, &policy->expose);
}
