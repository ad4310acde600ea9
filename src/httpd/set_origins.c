/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* CorsAllowOrigin, CorsAllowOriginMatch, CorsAllowOriginExpr, CorsDenyOrigin */

#include "directives.h"

#include <apr_strings.h>

#include "../policy.h"
#include "field.h"
#include "list.h"
#include "message.h"
#include "rule.h"
#include "section.h"

#define HTACCESS_ORIGINS 256
#define HTACCESS_REGEXES 16

static cors_origins_t *origins_of(cmd_parms *cmd, cors_layers_t *field)
{
    cors_origins_t *origins = cors_field_layer(field);

    if (!origins) {
        origins = apr_pcalloc(cmd->pool, sizeof(*origins));
        origins->set = cors_origin_set_make(cmd->pool);
        origins->place = cors_section_place(cmd);
        cors_field_set_layer(field, origins, cmd->pool);
    }
    return origins;
}

/* The three directives of allow are one field: one of them that is set, or
 * emptied, starts it anew. An expression alone has no "+" and goes along with
 * those that have.
 */
static void set_extends(cors_layers_t *field, const cors_origins_t *origins)
{
    int said = origins->said[CORS_BY_NAME] | origins->said[CORS_BY_REGEX];

    field->extends = said == CORS_SAID_PLUS
        && !(origins->said[CORS_BY_EXPRESSION] & CORS_SAID_NONE);
}

static void warn_of_scheme(cmd_parms *cmd, const cors_pattern_t *pattern)
{
    const char *likely = pattern->scheme_len > 0
                             ? cors_pattern_likely_scheme(pattern) : NULL;

    if (likely) {
        cors_warning(cmd, pattern->text, "has a scheme that no browser is "
                     "known to use, but for one letter",
                     apr_pstrcat(cmd->temp_pool, likely,
                                 pattern->text + pattern->scheme_len, NULL));
    }
}

static const char *add_origin(cmd_parms *cmd, cors_origins_t *origins,
                              const char *value, const cors_place_t *place)
{
    cors_pattern_t *pattern = apr_palloc(cmd->pool, sizeof(*pattern));
    cors_remark_t remark;

    if (!cors_pattern_read(pattern, &remark, value, cmd->pool)) {
        return cors_refusal(cmd, value, remark.reason, remark.instead);
    }
    if (remark.reason) {
        cors_notice(cmd, value, remark.reason, remark.instead);
    }
    warn_of_scheme(cmd, pattern);
    pattern->place = place;
    cors_origin_set_add(origins->set, pattern);
    origins->hazards |= pattern->hazards;
    return NULL;
}

/* "*" stands alone, and not only in its own directive. */
static const char *check_alone(cmd_parms *cmd, const cors_origins_t *origins)
{
    if (origins->set->any
        && (origins->set->patterns->nelts > 1
            || origins->matches || origins->expressions)) {
        return cors_refusal_of(cmd, origins->set->any->place, "*", "stands "
                               "beside other origins; it is every origin "
                               "already and stands alone");
    }
    return NULL;
}

/* What a .htaccess file holds so far. */
typedef struct held_t {
    const ap_configfile_t *file;
    /** By CORS_BY_NAME and CORS_BY_REGEX. */
    int count[2];
} held_t;

/* It is read anew for each request, so it is bounded, whatever the number of
 * its sections. The count is kept with the request.
 */
static const char *check_bound(cmd_parms *cmd, int by, int count)
{
    static const char key[] = "mod_cors:htaccess";
    void *data = NULL;
    held_t *held;

    if (!cors_in_htaccess(cmd)) {
        return NULL;
    }
    apr_pool_userdata_get(&data, key, cmd->pool);
    held = data;
    if (!held) {
        held = apr_pcalloc(cmd->pool, sizeof(*held));
        apr_pool_userdata_setn(held, key, NULL, cmd->pool);
    }
    if (held->file != cmd->config_file) {
        memset(held, 0, sizeof(*held));
        held->file = cmd->config_file;
    }
    held->count[by] += count;
    if (held->count[CORS_BY_NAME] <= HTACCESS_ORIGINS
        && held->count[CORS_BY_REGEX] <= HTACCESS_REGEXES) {
        return NULL;
    }
    return apr_psprintf(cmd->pool, "%s: a .htaccess file holds at most %d "
                        "origins and %d regular expressions; list more in the "
                        "server's configuration", cmd->cmd->name,
                        HTACCESS_ORIGINS, HTACCESS_REGEXES);
}

static const char *add_regex(cmd_parms *cmd, cors_origins_t *origins,
                             const char *source, const cors_place_t *place)
{
    cors_rule_t *rule = apr_palloc(cmd->pool, sizeof(*rule));
    const char *refusal = cors_rule_regex(rule, cmd, source);

    rule->place = place;
    origins->hazards |= rule->hazards;
    if (!origins->matches) {
        origins->matches = apr_array_make(cmd->pool, 2, sizeof(cors_rule_t *));
    }
    APR_ARRAY_PUSH(origins->matches, cors_rule_t *) = rule;
    return refusal;
}

typedef const char *read_list_t(cors_list_t *list, cmd_parms *cmd,
                                const char *args);
typedef const char *add_item_t(cmd_parms *cmd, cors_origins_t *origins,
                               const char *item, const cors_place_t *place);

/* A line of origins, or of regular expressions. */
static const char *set_items(cmd_parms *cmd, void *policy, const char *args,
                             read_list_t *read, add_item_t *add)
{
    int by = add == add_regex ? CORS_BY_REGEX : CORS_BY_NAME;
    cors_layers_t *field = cors_field(cmd, policy);
    const cors_place_t *place = cors_section_place(cmd);
    const char *refusal = cors_section_context(cmd);
    cors_origins_t *origins = origins_of(cmd, field);
    cors_list_t list;
    int i;

    if (refusal || (refusal = read(&list, cmd, args))
        || (refusal = cors_list_join(&origins->said[by], cmd, &list))
        || (refusal = check_bound(cmd, by, list.items->nelts))) {
        return refusal;
    }
    for (i = 0; !refusal && i < list.items->nelts; i++) {
        refusal = add(cmd, origins,
                      APR_ARRAY_IDX(list.items, i, const char *), place);
    }
    if (refusal || (refusal = check_alone(cmd, origins))) {
        return refusal;
    }
    set_extends(field, origins);
    return cors_section_done(cmd, policy);
}

const char *cors_set_origins(cmd_parms *cmd, void *policy, const char *args)
{
    return set_items(cmd, policy, args, cors_list_read, add_origin);
}

const char *cors_set_regexes(cmd_parms *cmd, void *policy, const char *args)
{
    return set_items(cmd, policy, args, cors_list_read_words, add_regex);
}

/* Quoted, as "expr=..." of mod_headers is, or bare, as Require expr is. */
static const char *expression_of(cmd_parms *cmd, const char *args)
{
    const char *rest = args;
    const char *word = ap_getword_conf(cmd->pool, &rest);

    return *rest ? apr_pstrdup(cmd->pool, args) : word;
}

static const char *add_expression(cmd_parms *cmd, cors_origins_t *origins,
                                  const char *source)
{
    cors_rule_t *rule = apr_palloc(cmd->pool, sizeof(*rule));

    rule->place = cors_section_place(cmd);
    if (!origins->expressions) {
        origins->expressions = apr_array_make(cmd->pool, 1,
                                              sizeof(cors_rule_t *));
    }
    origins->hazards |= CORS_HAZARD_EXPRESSION;
    APR_ARRAY_PUSH(origins->expressions, cors_rule_t *) = rule;
    return cors_rule_expression(rule, cmd, source);
}

const char *cors_set_expression(cmd_parms *cmd, void *policy,
                                const char *args)
{
    cors_layers_t *field = cors_field(cmd, policy);
    const char *refusal = cors_section_context(cmd);
    cors_origins_t *origins = origins_of(cmd, field);
    const char *source = expression_of(cmd, args);
    cors_list_t line = { NULL, 0, !strcasecmp(source, "none") };

    if (!refusal && !*source) {
        return cors_refusal(cmd, source, "is no expression", NULL);
    }
    if (refusal
        || (refusal = cors_list_join_line(
                &origins->said[CORS_BY_EXPRESSION], cmd, &line, source))
        || (!line.none
            && (refusal = add_expression(cmd, origins, source)))
        || (refusal = check_alone(cmd, origins))) {
        return refusal;
    }
    set_extends(field, origins);
    return cors_section_done(cmd, policy);
}
