/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain.h"

#include <apr_strings.h>
#include <apr_uri.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <http_vhost.h>

#include "../why.h"
#include "enforce.h"
#include "../seldom.h"
#include "module.h"
#include "output_filter.h"

/* A rewrite leads to another URL; more of them than this are a loop. */
#define REWRITES_MAX 10

static const char *parameter(const apr_table_t *parameters, const char *name)
{
    const char *value = apr_table_get(parameters, name);

    return value && *value ? value : NULL;
}

/* application/x-www-form-urlencoded, as a form of GET sends it. */
static apr_table_t *read_query(request_rec *r)
{
    apr_table_t *parameters = apr_table_make(r->pool, 5);
    char *query = apr_pstrdup(r->pool, r->args ? r->args : "");
    char *last = NULL;
    char *pair;

    for (pair = apr_strtok(query, "&", &last); pair;
         pair = apr_strtok(NULL, "&", &last)) {
        char *value = strchr(pair, '=');

        if (value) {
            *value++ = '\0';
            if (ap_unescape_urlencoded(value) == OK) {
                apr_table_setn(parameters, pair, value);
            }
        }
    }
    return parameters;
}

static void read_question(cors_question_t *question, request_rec *r)
{
    apr_table_t *parameters = read_query(r);
    const char *format = parameter(parameters, "format");
    const char *method = parameter(parameters, "method");

    question->url = parameter(parameters, "url");
    question->origin = parameter(parameters, "origin");
    question->method = method ? method : "GET";
    question->headers = parameter(parameters, "headers");
    question->json = format && !strcmp(format, "json");
}

/* The path that is looked up: of a whole URL only if it is this host's. */
static const char *find_path(request_rec *r, cors_explanation_t *explanation)
{
    const char *url = explanation->question.url;
    apr_uri_t uri;

    if (!url) {
        explanation->mistake = "url is missing: a path, or a whole URL of "
                               "this virtual host";
    }
    else if (!cors_token_is(explanation->question.method,
                            strlen(explanation->question.method))) {
        explanation->mistake = "method is no method";
    }
    else if (url[0] == '/') {
        return url;
    }
    else if (apr_uri_parse(r->pool, url, &uri) != APR_SUCCESS
             || !uri.hostname) {
        explanation->mistake = "url is neither a path nor a whole URL";
    }
    else if (!ap_matches_request_vhost(r, uri.hostname, r->server->port)
             && (!r->hostname
                 || strcasecmp(uri.hostname, r->hostname) != 0)) {
        explanation->mistake = "url names another host: ask the page of that "
                               "virtual host";
    }
    else {
        return apr_pstrcat(r->pool, uri.path ? uri.path : "/",
                           uri.query ? "?" : NULL, uri.query, NULL);
    }
    return NULL;
}

/* The headers of the request that is thought of: who asks the page has a
 * login, cookies and a browser of his own.
 */
static apr_table_t *request_headers(request_rec *r,
                                    const cors_question_t *question,
                                    int preflight)
{
    apr_table_t *headers = apr_table_make(r->pool, 4);
    const char *host = apr_table_get(r->headers_in, "Host");

    if (host) {
        apr_table_setn(headers, "Host", host);
    }
    if (question->origin) {
        apr_table_setn(headers, "Origin", question->origin);
    }
    if (preflight) {
        apr_table_setn(headers, "Access-Control-Request-Method",
                       question->method);
        if (question->headers) {
            apr_table_setn(headers, "Access-Control-Request-Headers",
                           question->headers);
        }
    }
    return headers;
}

/* Each name once, as httpd sends it. */
static const char *unique(const char *list, apr_pool_t *p)
{
    cors_names_t *names = cors_names_make(p, NULL);
    cors_span_t item;

    while (cors_list_next(&list, &item)) {
        cors_names_add(names, apr_pstrmemdup(p, item.at, item.len), 0);
    }
    cors_names_join(names, p);
    return names->joined;
}

/* What an <If> brought to Vary is httpd's own, which it loses on errors; the
 * rest is ours.
 */
static apr_table_t *response_headers(request_rec *r,
                                     cors_exchange_t *exchange,
                                     const request_rec *looked_up)
{
    cors_response_t response = { r->pool, apr_table_make(r->pool, 8),
                                 apr_table_make(r->pool, 1), 0 };
    const char *vary = apr_table_get(looked_up->headers_out, "Vary");

    if (vary && looked_up->status == HTTP_OK) {
        apr_table_setn(response.headers, "Vary", vary);
    }
    if (exchange && cors_exchange_applies(exchange)) {
        cors_output_set_headers(&response, exchange);
    }
    vary = apr_table_get(response.headers, "Vary");
    if (vary) {
        apr_table_setn(response.headers, "Vary", unique(vary, r->pool));
    }
    return response.headers;
}

/* What a rewrite within a directory leads to, NULL if there is none. */
static const char *redirected_to(const request_rec *r)
{
    static const char prefix[] = "redirect:";

    return r->status == HTTP_OK
           && r->handler && !strcmp(r->handler, "redirect-handler")
           && r->filename && !strncmp(r->filename, prefix, sizeof(prefix) - 1)
               ? apr_pstrcat(r->pool, r->filename + sizeof(prefix) - 1,
                             r->args ? "?" : NULL, r->args, NULL)
               : NULL;
}

static const cors_policy_t *policy_of(request_rec *r)
{
    const cors_exchange_t *exchange = cors_exchange_kept(r);

    return exchange ? exchange->policy : NULL;
}

/* One look-up. The first URL that has a policy counts; what is in front of the
 * handler is that of the last.
 */
static request_rec *look_up_once(cors_answer_t *answer,
                                 cors_exchange_t **exchange, request_rec *r,
                                 const char *method, const char *path)
{
    request_rec *found = ap_sub_req_method_uri(method, path, r, NULL);
    cors_exchange_t *its = cors_exchange_get(found);

    if (!answer->policy) {
        answer->policy = policy_of(found);
        *exchange = its;
    }
    answer->status = found->status;
    answer->stopped = its ? !its->passed_access : found->status != HTTP_OK;
    return found;
}

/* Look a request up as httpd would, and see what becomes of it in front of
 * its handler.
 */
static void look_up(cors_answer_t *answer, request_rec *r, const char *method,
                    const char *path)
{
    cors_exchange_t *exchange = NULL;
    request_rec *first = NULL;
    request_rec *found = r;
    int i;

    for (i = 0; path && i < REWRITES_MAX; i++) {
        found = look_up_once(answer, &exchange, r, method, path);
        first = first ? first : found;
        path = exchange && exchange->answers && exchange->passed_access
                   ? NULL : redirected_to(found);
    }
    answer->exchange = exchange;
    if (!exchange) {
        answer->response = response_headers(r, NULL, found);
        return;
    }
    exchange->answered = exchange->answers && exchange->passed_access;
    if (exchange->answered) {
        answer->status = exchange->decision.origin_allowed
            ? cors_policy_preflight_status(exchange->policy) : HTTP_FORBIDDEN;
    }
    else if (exchange->walked && cors_enforce_refuses(first, exchange)) {
        answer->status = HTTP_FORBIDDEN;
        answer->stopped = 1;
        answer->enforced = 1;
    }
    answer->response = response_headers(r, exchange, found);
}

static int needs_preflight(const cors_question_t *question)
{
    cors_span_t method = { question->method, strlen(question->method) };

    return question->headers
           || !cors_names_has_method(&cors_default_methods, &method);
}

/* Sections may look at headers (<If>), and a look-up copies those of the
 * request that makes it: so this request has others for a while.
 */
static void explain(request_rec *r, cors_explanation_t *explanation)
{
    cors_question_t *question = &explanation->question;
    const char *path = find_path(r, explanation);
    apr_table_t *own = r->headers_in;
    cors_exchange_t *exchange;

    if (!path) {
        return;
    }
    exchange = cors_exchange_own(r);
    exchange->explains = 1;
    explanation->needs_preflight = needs_preflight(question);
    r->headers_in = request_headers(r, question, 1);
    look_up(&explanation->preflight, r, "OPTIONS", path);
    r->headers_in = request_headers(r, question, 0);
    /* httpd answers TRACE where it looks it up. */
    look_up(&explanation->request, r,
            cors_method_is_forbidden(question->method) ? "GET"
                                                       : question->method,
            path);
    r->headers_in = own;
    exchange->explains = 0;
}

static int refuses(const cors_answer_t *answer)
{
    return answer->stopped
           || (answer->exchange
               && cors_outcome_is_refusal(answer->exchange->decision.outcome));
}

const cors_answer_t *cors_explain_decisive(
    const cors_explanation_t *explanation)
{
    return explanation->needs_preflight && refuses(&explanation->preflight)
               ? &explanation->preflight : &explanation->request;
}

const char *cors_explain_why(request_rec *r, const cors_answer_t *answer)
{
    const cors_exchange_t *exchange = answer->exchange;
    const char *why = !answer->policy ? "no policy is in force"
        : !exchange ? "CorsEngine is Off"
        : cors_why(&exchange->decision, exchange->policy, &exchange->request,
                   r->pool);

    if (!answer->stopped) {
        return why;
    }
    return apr_psprintf(r->pool, answer->enforced
                            ? "%s; CorsEnforce refuses the request with "
                              "status %d"
                            : answer->status == HTTP_UNAUTHORIZED
                            ? "%s; without a login the request gets status "
                              "%d"
                            : "%s; but access control stops the request with "
                              "status %d", why, answer->status);
}

CORS_SELDOM
static int answer(request_rec *r)
{
    cors_explanation_t explanation;

    r->allowed = AP_METHOD_BIT << M_GET;
    if (r->method_number != M_GET) {
        return HTTP_METHOD_NOT_ALLOWED;
    }
    memset(&explanation, 0, sizeof(explanation));
    read_question(&explanation.question, r);
    explain(r, &explanation);
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    apr_table_setn(r->headers_out, "X-Content-Type-Options", "nosniff");
    if (explanation.mistake && explanation.question.json) {
        r->status = HTTP_BAD_REQUEST;
    }
    ap_set_content_type(r, explanation.question.json
                               ? "application/json"
                               : "text/html; charset=utf-8");
    if (!r->header_only) {
        (explanation.question.json ? cors_explain_json
                                   : cors_explain_html)(r, &explanation);
    }
    return OK;
}

int cors_explain_handler(request_rec *r)
{
    const cors_policy_t *policy = ap_get_module_config(r->per_dir_config,
                                                       &cors_module);

    return policy && policy->explain.value ? answer(r) : DECLINED;
}
