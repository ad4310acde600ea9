/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain_config.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

/* mod_rewrite skips rules with [R] or [NS] in subrequests, so a look-up does
 * not see them. Whether such a rule can match is found out here.
 */

static int is_in_section(const ap_directive_t *line)
{
    return line->parent && !cors_line_is(line->parent, "<VirtualHost");
}

/* Whether a regular expression of mod_rewrite may match; 1 in doubt. */
static int may_match(apr_pool_t *p, const char *pattern, const char *text,
                     int ignores_case)
{
    int negated = *pattern == '!';
    ap_regex_t *regex;

    pattern += negated;
    if (strchr("-=<>", *pattern)) {
        return 1;
    }
    regex = ap_pregcomp(p, pattern, AP_REG_EXTENDED
                                    | (ignores_case ? AP_REG_ICASE : 0));
    return !regex || (ap_regexec(regex, text, 0, NULL, 0) == 0) != negated;
}

/* The value of a variable for the preflight or the request; NULL if a look-up
 * does not know it.
 */
static const char *value_of(const cors_search_t *search, const char *variable,
                            int is_preflight)
{
    const cors_question_t *question = &search->explanation->question;
    const char *query = ap_strchr_c(question->path, '?');

    return !strcasecmp(variable, "%{REQUEST_METHOD}")
               ? is_preflight ? "OPTIONS" : question->method
           : !strcasecmp(variable, "%{REQUEST_URI}") ? cors_search_path(search)
           : !strcasecmp(variable, "%{QUERY_STRING}") ? query ? query + 1 : ""
           : !strcasecmp(variable, "%{HTTP:Origin}")
             || !strcasecmp(variable, "%{HTTP_ORIGIN}") ? question->origin
           : !strcasecmp(variable, "%{HTTP_HOST}")
               ? question->host ? question->host
                 : apr_table_get(search->r->headers_in, "Host")
           : !strcasecmp(variable, "%{HTTPS}")
               ? strcmp(ap_http_scheme(search->r), "https") ? "off" : "on"
           : NULL;
}

static void read_condition(cors_search_t *search, const ap_directive_t *line)
{
    apr_pool_t *p = search->r->pool;
    const char *args = line->args;
    const char *variable = ap_getword_conf(p, &args);
    const char *pattern = ap_getword_conf(p, &args);
    int is_preflight;

    if (!value_of(search, variable, 0) || ap_strcasestr(args, "OR")) {
        search->is_unseen = 1;
        return;
    }
    for (is_preflight = 0; is_preflight <= 1; is_preflight++) {
        search->is_false[is_preflight] |=
            !may_match(p, pattern, value_of(search, variable, is_preflight),
                       ap_strcasestr(args, "NC") != NULL);
    }
}

static int is_flag(const char *flag, const char *name)
{
    apr_size_t len = strlen(name);

    return !strncasecmp(flag, name, len) && strchr(",]= ", flag[len]);
}

/* The status that a RewriteRule answers with; 0 if it only rewrites. */
static int rule_status(const char *target, const char *flags, int *is_unseen)
{
    int status = 0;

    for (; *flags != '\0'; flags += strcspn(flags, ",")) {
        flags += strspn(flags, "[, ");
        if (is_flag(flags, "R") || is_flag(flags, "redirect")) {
            const char *end = flags + strcspn(flags, "=,]");

            *is_unseen = 1;
            status = *end == '=' ? (int)apr_strtoi64(end + 1, NULL, 10) : 0;
            status = status ? status : HTTP_MOVED_TEMPORARILY;
        }
        else if (is_flag(flags, "F") || is_flag(flags, "forbidden")) {
            status = HTTP_FORBIDDEN;
        }
        else if (is_flag(flags, "G") || is_flag(flags, "gone")) {
            status = HTTP_GONE;
        }
        else if (is_flag(flags, "NS") || is_flag(flags, "nosubreq")) {
            *is_unseen = 1;
        }
    }
    return status ? status
           : !strncasecmp(target, "http://", 7)
             || !strncasecmp(target, "https://", 8) ? HTTP_MOVED_TEMPORARILY
                                                    : 0;
}

/* Rules of the server config are not a virtual host's. In a section httpd
 * matches only the rest of the path.
 */
static int can_match(const cors_search_t *search, const ap_directive_t *line,
                     const char *pattern, const char *flags)
{
    int ignores_case = ap_strcasestr(flags, "NC") != NULL;

    if (search->rest) {
        return may_match(search->r->pool, pattern, search->rest,
                         ignores_case);
    }
    if (is_in_section(line)) {
        return cors_line_may_apply(search, line);
    }
    return (line->parent || !search->r->server->is_virtual)
           && may_match(search->r->pool, pattern, cors_search_path(search),
                        ignores_case);
}

/* The status that a RewriteRule line may answer with, 0 if it cannot. */
static int possible_status(const cors_search_t *search,
                           const ap_directive_t *line, int *is_unseen)
{
    apr_pool_t *p = search->r->pool;
    const char *args = line->args;
    const char *pattern = ap_getword_conf(p, &args);
    const char *target = ap_getword_conf(p, &args);
    const char *flags = ap_getword_conf(p, &args);
    int status = rule_status(target, flags, is_unseen);

    return status && can_match(search, line, pattern, flags) ? status : 0;
}

/* A redirect ends both requests; another status only a preflight, because a
 * page can read it. Preflights are answered before the rules of sections.
 */
static int is_harmful(const cors_search_t *search, const ap_directive_t *line,
                      int status)
{
    int ends_preflight = search->explanation->needs_preflight
                         && !search->is_false[1] && !is_in_section(line);

    return (status && ends_preflight)
           || (ap_is_HTTP_REDIRECT(status) && !search->is_false[0]);
}

static int visit_blind(cors_search_t *search, const ap_directive_t *line)
{
    int is_unseen = search->is_unseen;
    int status;

    if (cors_line_is(line, "SecRuleEngine") && !strcasecmp(line->args, "On")) {
        search->text = apr_pstrcat(search->r->pool, "mod_security may answer "
                                   "first: ", cors_line_place(search, line),
                                   NULL);
        return 1;
    }
    if (cors_line_is(line, "RewriteCond")) {
        read_condition(search, line);
    }
    if (!cors_line_is(line, "RewriteRule")) {
        return 0;
    }
    status = possible_status(search, line, &is_unseen);
    if (is_unseen && is_harmful(search, line, status)) {
        search->text = apr_psprintf(search->r->pool, "this rule may answer "
                                    "first, with status %d: %s", status,
                                    cors_line_place(search, line));
    }
    search->is_unseen = search->is_false[0] = search->is_false[1] = 0;
    return search->text != NULL;
}

const char *cors_explain_blind_spot(request_rec *r,
                                    const cors_explanation_t *explanation)
{
    cors_search_t search = { .r = r, .explanation = explanation,
                             .answer = &explanation->request };

    if (!cors_lines_walk(&search, ap_conftree, visit_blind)
        && cors_reads_htaccess(search.answer->found)) {
        cors_htaccess_walk(&search, visit_blind);
    }
    return search.text;
}

static int visit_rule(cors_search_t *search, const ap_directive_t *line)
{
    int is_unseen = 0;

    if (cors_line_is(line, "RewriteRule")
            ? possible_status(search, line, &is_unseen)
              == search->answer->status
            : ap_is_HTTP_REDIRECT(search->answer->status)
              && !strncasecmp(line->directive, "Redirect", 8)
              && cors_line_may_apply(search, line)) {
        search->text = cors_line_place(search, line);
    }
    return search->text != NULL;
}

const char *cors_explain_rule(request_rec *r,
                              const cors_explanation_t *explanation,
                              const cors_answer_t *answer)
{
    cors_search_t search = { .r = r, .explanation = explanation,
                             .answer = answer };

    cors_lines_walk(&search, ap_conftree, visit_rule);
    return search.text;
}
