/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "origin_rule.h"

#include <ap_expr.h>
#include <ap_regex.h>
#include <apr_strings.h>
#include <http_log.h>

#include "../risk.h"
#include "message.h"
#include "module.h"

/* An origin has at most 326 bytes, so a sensible expression needs a few
 * hundred steps. One that needs more allows nobody, in well under a
 * millisecond.
 */
#define MATCH_LIMIT "(*LIMIT_MATCH=5000)"

/* What may have to end the text before the anchor: nothing, a comment of
 * (?x), a quotation of \Q. The first that compiles is right, because the group
 * has to be closed by it.
 */
static ap_regex_t *compile(apr_pool_t *p, const char *text)
{
    static const char *const ends[] = { "", "\n", "\\E", NULL };
    ap_regex_t *regex = NULL;
    int i;

    for (i = 0; ends[i] && !regex; i++) {
        regex = ap_pregcomp(p, apr_pstrcat(p, MATCH_LIMIT "\\A(?:", text,
                                           ends[i], ")\\z", NULL), 0);
    }
    return regex;
}

/* The text is compiled alone first, because ")(" would compile in a group. For
 * a tight expression, which was read to its end, this saves half of the cost.
 */
const char *cors_origin_rule_regex(cors_item_t *item, cmd_parms *cmd,
                                   const char *text, int is_tight)
{
    item->kind = CORS_ITEM_REGEX;
    item->text = text;
    if (*text == '*' || ap_strstr_c(text, "://*")) {
        return "is a wildcard pattern, not a regular expression; use "
               "CorsAllowOrigin";
    }
    if (!is_tight && !ap_pregcomp(cmd->temp_pool, text, 0)) {
        return "is not a valid regular expression";
    }
    item->compiled = compile(cmd->pool, text);
    return item->compiled ? NULL
               : "cannot be anchored to the whole origin (as \\A(?:...)\\z)";
}

const char *cors_origin_rule_expression(cors_item_t *item, cmd_parms *cmd,
                                        const char *text)
{
    const char *error = NULL;

    item->kind = CORS_ITEM_EXPRESSION;
    item->text = text;
    item->risks = CORS_RISK_EXPRESSION;
    item->compiled = ap_expr_parse_cmd(cmd, text,
                                       cors_in_htaccess(cmd)
                                           ? AP_EXPR_FLAG_RESTRICTED : 0,
                                       &error, NULL);
    return item->compiled ? NULL
               : apr_pstrcat(cmd->pool, "is not a valid expression: ", error,
                             NULL);
}

/* A match counts only if it spans the whole origin: "\K" and "(*ACCEPT)" can
 * undo the anchors.
 */
static int matches(const cors_item_t *rule, const cors_origin_t *origin)
{
    ap_regmatch_t match;

    return ap_regexec_len(rule->compiled, origin->text, origin->len, 1, &match,
                          0) == 0
           && match.rm_so == 0 && (apr_size_t)match.rm_eo == origin->len;
}

static int is_true(request_rec *r, const cors_item_t *rule)
{
    const char *error = NULL;
    int rc = ap_expr_exec(r, rule->compiled, &error);

    if (rc < 0) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "%s:%d: %s \"%s\" failed, "
                      "so no origin is allowed by it: %s", rule->line->file,
                      rule->line->number, rule->line->directive, rule->text,
                      error);
    }
    return rc > 0;
}

int cors_origin_rule_allows(void *context, const cors_item_t *rule,
                            const cors_origin_t *origin)
{
    return rule->kind == CORS_ITEM_REGEX ? matches(rule, origin)
                                         : is_true(context, rule);
}
