/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain.h"

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include "before_handler.h"
#include "output_filter.h"

/* A rewrite leads to another URL; more of them than this are a loop. */
#define REWRITES_MAX 10

/* The headers of the request that is looked up. Those of the page's request,
 * such as its login and cookies, must not count.
 */
static apr_table_t *request_headers(request_rec *r,
                                    const cors_question_t *question,
                                    int is_preflight)
{
    apr_table_t *headers = apr_table_make(r->pool, 6);
    const char *host = question->host ? question->host
                       : apr_table_get(r->headers_in, "Host");

    if (host) {
        apr_table_setn(headers, "Host", host);
    }
    apr_table_setn(headers, "Origin", question->origin);
    apr_table_setn(headers, "Sec-Fetch-Mode", "cors");
    if (is_preflight) {
        apr_table_setn(headers, "Access-Control-Request-Method",
                       question->method);
        if (question->headers) {
            apr_table_setn(headers, "Access-Control-Request-Headers",
                           question->headers);
        }
    }
    return headers;
}

/* Where a rewrite in a directory leads to; NULL if there is none. */
static const char *rewritten_to(const request_rec *r)
{
    static const char prefix[] = "redirect:";

    return r->status == HTTP_OK
           && r->handler && !strcmp(r->handler, "redirect-handler")
           && r->filename && !strncmp(r->filename, prefix, sizeof(prefix) - 1)
               ? apr_pstrcat(r->pool, r->filename + sizeof(prefix) - 1,
                             r->args ? "?" : NULL, r->args, NULL)
               : NULL;
}

/* The first URL that has a policy counts; what comes before the handler is
 * that of the last.
 */
static void look_up_once(cors_answer_t *answer, request_rec *r,
                         const char *method, const char *path)
{
    request_rec *found = ap_sub_req_method_uri(method, path, r, NULL);
    cors_exchange_t *exchange =
        found->per_dir_config == found->server->lookup_defaults
            ? cors_exchange_get_early(found) : cors_exchange_get(found);

    if (!answer->exchange) {
        answer->exchange = exchange && !exchange->shared ? exchange : NULL;
        answer->policy = answer->exchange ? exchange->policy
                                          : cors_section_policy(found);
    }
    answer->found = found;
    answer->status = found->status > 0 ? found->status : HTTP_OK;
    answer->stopped = answer->status != HTTP_OK
                      || (exchange && !exchange->passed_access);
    answer->location = apr_table_get(found->headers_out, "Location");
}

static int is_answered(const cors_exchange_t *exchange)
{
    return exchange && exchange->answers && exchange->passed_access;
}

/* A look-up has no port, which the server's own origin needs. */
static void decide_own(cors_answer_t *answer, const request_rec *r)
{
    cors_exchange_t *exchange = answer->exchange;
    const char *host = apr_table_get(r->headers_in, "Host");
    const char *colon = host ? ap_strrchr_c(host, ':') : NULL;

    if (colon && !ap_strchr_c(colon, ']')) {
        answer->found->parsed_uri.port_str = (char *)colon + 1;
        answer->found->parsed_uri.port =
            (apr_port_t)cors_port_number(colon + 1);
    }
    if (exchange && exchange->decision.outcome == CORS_ORIGIN_DENIED
        && exchange->decision.reason != CORS_REASON_IN_DENY_LIST
        && cors_oracle.is_own(answer->found, exchange->request.origin)) {
        exchange->decision.outcome = CORS_SAME_ORIGIN;
        exchange->decision.reason = CORS_REASON_OWN_ORIGIN;
        exchange->answers = 0;
    }
}

/* What the module itself does about a request that got past access control. */
static void answer_here(cors_answer_t *answer, const request_rec *first)
{
    cors_exchange_t *exchange = answer->exchange;

    if (is_answered(exchange)) {
        exchange->answered = 1;
        answer->stopped = 0;
        answer->status = exchange->decision.origin_allowed
            ? exchange->policy->effect.preflight_status : HTTP_FORBIDDEN;
    }
    else if (exchange && cors_enforce_refuses(first, exchange)) {
        exchange->enforced = 1;
        answer->stopped = 1;
        answer->status = HTTP_FORBIDDEN;
    }
}

static void set_headers(cors_answer_t *answer, request_rec *r)
{
    const char *vary = apr_table_get(answer->found->headers_out, "Vary");

    answer->headers = apr_table_make(r->pool, 8);
    if (vary && answer->status == HTTP_OK) {
        apr_table_set(answer->headers, "Vary", vary);
    }
    if (answer->exchange && cors_exchange_is_on(answer->exchange)) {
        cors_output_set_headers(answer->exchange, r->pool, answer->headers,
                                apr_table_make(r->pool, 1));
    }
}

/* Look a request up as httpd would, up to its handler. */
static void look_up(cors_answer_t *answer, request_rec *r, const char *method,
                    int is_preflight, const cors_question_t *question)
{
    const char *path = question->path;
    request_rec *first = NULL;
    int i;

    r->headers_in = request_headers(r, question, is_preflight);
    r->the_request = apr_pstrcat(r->pool, method, " ", path, " HTTP/1.1",
                                 NULL);
    for (i = 0; path && i < REWRITES_MAX; i++) {
        look_up_once(answer, r, method, path);
        first = first ? first : answer->found;
        path = is_answered(answer->exchange) ? NULL
                                             : rewritten_to(answer->found);
    }
    decide_own(answer, r);
    answer_here(answer, first);
    set_headers(answer, r);
}

static const char *host_name(const cors_question_t *question, apr_pool_t *p)
{
    const char *colon = ap_strrchr_c(question->host, ':');

    return colon && !ap_strchr_c(colon, ']')
        ? apr_pstrmemdup(p, question->host, colon - question->host)
        : question->host;
}

/* Sections look at headers (<If>), and rules set cookies and environment of the
 * main request: so the page has others during its look-ups. httpd answers TRACE
 * where it looks it up.
 */
static void look_both_up(request_rec *r, cors_explanation_t *explanation)
{
    const cors_question_t *question = &explanation->question;
    request_rec saved = *r;

    r->headers_out = apr_table_make(r->pool, 4);
    r->err_headers_out = apr_table_make(r->pool, 4);
    r->subprocess_env = apr_table_copy(r->pool, saved.subprocess_env);
    r->notes = apr_table_make(r->pool, 4);
    apr_table_unset(r->subprocess_env, "CORS_DECISION");
    apr_table_unset(r->subprocess_env, "CORS_ORIGIN");
    if (question->host) {
        r->hostname = host_name(question, r->pool);
    }
    cors_exchange_explain(r, 1);
    look_up(&explanation->preflight, r, "OPTIONS", 1, question);
    look_up(&explanation->request, r,
            cors_method_is_forbidden(question->method) ? "GET"
                                                       : question->method,
            0, question);
    cors_exchange_explain(r, 0);
    r->headers_in = saved.headers_in;
    r->headers_out = saved.headers_out;
    r->err_headers_out = saved.err_headers_out;
    r->subprocess_env = saved.subprocess_env;
    r->notes = saved.notes;
    r->hostname = saved.hostname;
    r->the_request = saved.the_request;
}

static void explain(request_rec *r, cors_explanation_t *explanation)
{
    const cors_question_t *question = &explanation->question;

    look_both_up(r, explanation);
    explanation->virtual_host = cors_explain_host(r->server, r->pool);
    explanation->fixes = apr_array_make(r->pool, 4, sizeof(cors_fix_t));
    explanation->curl = cors_question_curl(r, question);
    cors_explain_judge(r, explanation);
    if (explanation->verdict != CORS_VERDICT_ALLOWED) {
        cors_explain_remedy(r, explanation);
    }
}

static void set_page_headers(request_rec *r, int is_json)
{
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    apr_table_setn(r->headers_out, "Content-Security-Policy",
                   "default-src 'none'; style-src 'unsafe-inline'; "
                   "form-action 'self'; base-uri 'none'; "
                   "frame-ancestors 'none'");
    ap_set_content_type(r, is_json ? "application/json"
                                   : "text/html; charset=utf-8");
}

static int send_page(request_rec *r)
{
    cors_explanation_t explanation;
    cors_question_t *question = &explanation.question;

    r->allowed = AP_METHOD_BIT << M_GET;
    if (r->method_number != M_GET) {
        return HTTP_METHOD_NOT_ALLOWED;
    }
    memset(&explanation, 0, sizeof(explanation));
    cors_question_read(question, r);
    if (!question->error) {
        explain(r, &explanation);
    }
    else if (question->json) {
        r->status = HTTP_BAD_REQUEST;
    }
    set_page_headers(r, question->json);
    if (!r->header_only) {
        (question->json ? cors_explain_json : cors_explain_html)(r,
                                                                 &explanation);
    }
    return OK;
}

int cors_explain_handler(request_rec *r)
{
    return cors_section_policy(r)->explain.value ? send_page(r) : DECLINED;
}
