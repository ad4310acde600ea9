/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "rule.h"

#include <ap_expr.h>
#include <ap_regex.h>
#include <apr_strings.h>
#include <http_log.h>

#include "../loose_regex.h"
#include "message.h"
#include "module.h"

static int spans(const ap_regex_t *regex, const char *text, apr_size_t len)
{
    ap_regmatch_t match;

    return ap_regexec_len(regex, text, len, 1, &match, 0) == 0
           && match.rm_so == 0 && (apr_size_t)match.rm_eo == len;
}

/* What may have to end the text before the anchor: nothing, a comment of
 * (?x), a quotation of \Q. The first that compiles is right, since the group
 * has to be closed by it.
 */
static ap_regex_t *anchor(apr_pool_t *p, const char *source)
{
    static const char *const ends[] = { "", "\n", "\\E", NULL };
    ap_regex_t *regex = NULL;
    int i;

    for (i = 0; ends[i] && !regex; i++) {
        regex = ap_pregcomp(p, apr_pstrcat(p, "\\A(?:", source, ends[i],
                                           ")\\z", NULL), 0);
    }
    return regex;
}

static int matches(const void *regex, const char *text)
{
    return spans(regex, text, strlen(text));
}

/* It is compiled alone first: ")(" would compile within a group. */
const char *cors_rule_regex(cors_rule_t *rule, cmd_parms *cmd,
                            const char *source)
{
    rule->source = source;
    rule->hazards = 0;
    if (!strcmp(source, "*") || ap_strstr_c(source, "://*")) {
        return cors_refusal(cmd, source, "is a pattern and no regular "
                            "expression: write it with CorsAllowOrigin", NULL);
    }
    if (!ap_pregcomp(cmd->temp_pool, source, 0)) {
        return cors_refusal(cmd, source, "is no regular expression: it does "
                            "not compile", NULL);
    }
    rule->compiled = anchor(cmd->pool, source);
    if (!rule->compiled) {
        return cors_refusal(cmd, source, "can't be held to the whole origin: "
                            "it does not compile as \\A(?:...)\\z", NULL);
    }
    if (cors_regex_is_loose(&rule->loose, source, matches, rule->compiled,
                            cmd->pool)) {
        rule->hazards = CORS_HAZARD_LOOSE_REGEX;
    }
    return NULL;
}

const char *cors_rule_expression(cors_rule_t *rule, cmd_parms *cmd,
                                 const char *source)
{
    const char *error = NULL;

    rule->source = source;
    rule->hazards = CORS_HAZARD_EXPRESSION;
    rule->compiled = ap_expr_parse_cmd(cmd, source,
                                       cors_in_htaccess(cmd)
                                           ? AP_EXPR_FLAG_RESTRICTED : 0,
                                       &error, NULL);
    return rule->compiled ? NULL
        : cors_refusal(cmd, source, apr_pstrcat(cmd->pool, "is no expression: ",
                                                error, NULL), NULL);
}

static int is_true(request_rec *r, const cors_rule_t *rule)
{
    const char *error = NULL;
    int rc = ap_expr_exec(r, rule->compiled, &error);

    if (rc < 0) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "%s:%d: %s \"%s\" can't be "
                      "evaluated, and allows nobody: %s", rule->place->file,
                      rule->place->line, rule->place->directive, rule->source,
                      error);
    }
    return rc > 0;
}

const cors_rule_t *cors_rule_find(void *context, const cors_origins_t *layer,
                                  const cors_origin_t *origin, int refused)
{
    int i;

    /* "https?" is written before anybody thinks of who is on the way. */
    if ((refused & CORS_HAZARD_INSECURE) && cors_origin_is_insecure(origin)) {
        return NULL;
    }
    for (i = 0; layer->matches && i < layer->matches->nelts; i++) {
        const cors_rule_t *rule = APR_ARRAY_IDX(layer->matches, i,
                                                cors_rule_t *);
        if (!(rule->hazards & refused)
            && spans(rule->compiled, origin->text, origin->len)) {
            return rule;
        }
    }
    for (i = 0; layer->expressions && i < layer->expressions->nelts; i++) {
        const cors_rule_t *rule = APR_ARRAY_IDX(layer->expressions, i,
                                                cors_rule_t *);
        if (!(rule->hazards & refused) && is_true(context, rule)) {
            return rule;
        }
    }
    return NULL;
}
