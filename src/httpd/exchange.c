/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "exchange.h"

#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>

#include "conflict.h"
#include "module.h"
#include "own_origin.h"
#include "report.h"
#include "rule.h"

static request_rec *first_of(request_rec *r)
{
    while (r->prev) {
        r = r->prev;
    }
    return r;
}

cors_exchange_t *cors_exchange_kept(request_rec *r)
{
    return ap_get_module_config(first_of(r)->request_config, &cors_module);
}

/* A look-up of the page that explains, and not one that is made for it. */
static int is_explained(const request_rec *r)
{
    const cors_exchange_t *outer = r->main ? cors_exchange_kept(r->main)
                                           : NULL;

    return outer && outer->explains;
}

static const cors_policy_t *governing(const request_rec *r)
{
    const cors_policy_t *policy = ap_get_module_config(r->per_dir_config,
                                                       &cors_module);
    return policy && cors_policy_governs(policy) ? policy : NULL;
}

/* For an ErrorDocument httpd turns the method into GET, and leaves the
 * client's in the environment. On a 414 there is no method yet.
 */
static int is_options(const request_rec *first, const request_rec *r)
{
    const char *method = first->method;

    if (first == r) {
        return r->method_number == M_OPTIONS;
    }
    if (apr_table_get(first->subprocess_env, "REQUEST_METHOD")) {
        method = apr_table_get(first->subprocess_env, "REQUEST_METHOD");
    }
    return method && !strcmp(method, "OPTIONS");
}

/* Lines of one name are merged by httpd, but not if a later line is broken. */
static const char *header(const request_rec *r, const char *name)
{
    return r->status == HTTP_OK
               ? apr_table_get(r->headers_in, name)
               : apr_table_getm(r->pool, r->headers_in, name);
}

static cors_exchange_t *make(request_rec *first, const request_rec *r)
{
    cors_exchange_t *exchange = apr_pcalloc(first->pool, sizeof(*exchange));
    cors_request_t *request = &exchange->request;

    request->origin = header(first, "Origin");
    request->is_options = is_options(first, r);
    if (request->is_options) {
        request->method = header(first, "Access-Control-Request-Method");
        request->headers = header(first, "Access-Control-Request-Headers");
    }
    exchange->explained = is_explained(first);
    ap_set_module_config(first->request_config, &cors_module, exchange);
    return exchange;
}

static void decide(cors_exchange_t *exchange, request_rec *r)
{
    cors_oracle_t oracle = { cors_rule_find, cors_own_origin_is, r };

    cors_decide(&exchange->decision, exchange->policy, &exchange->request,
                &oracle);
    exchange->answers = exchange->decision.preflight
        && exchange->decision.outcome != CORS_SAME_ORIGIN
        && exchange->policy->preflight.value == CORS_PREFLIGHT_ANSWER
        && cors_exchange_applies(exchange);
}

static const cors_policy_t *find_policy(const request_rec *first,
                                        const request_rec *r)
{
    const cors_policy_t *policy = governing(first);

    return policy || first == r ? policy : governing(r);
}

static int is_left_alone(const cors_exchange_t *exchange)
{
    return !exchange->policy
           || cors_policy_engine(exchange->policy) == CORS_ENGINE_OFF;
}

/* An expression adds what it looks at to Vary, which nothing is to change if
 * the policy is only to be told.
 */
static void put_back(request_rec *r, const char *vary)
{
    apr_table_unset(r->headers_out, "Vary");
    if (vary) {
        apr_table_setn(r->headers_out, "Vary", vary);
    }
}

/* Find the policy and decide by it. */
static void start(cors_exchange_t *exchange, const request_rec *first,
                  request_rec *r)
{
    const char *vary;

    exchange->policy = find_policy(first, r);
    if (is_left_alone(exchange)) {
        return;
    }
    vary = apr_table_get(r->headers_out, "Vary");
    decide(exchange, r);
    exchange->vary = apr_table_get(r->headers_out, "Vary");
    if (!cors_exchange_applies(exchange)) {
        put_back(r, vary);
    }
    if (exchange->explained) {
        return;
    }
    cors_report_decision(r, exchange);
    cors_policy_conflicts(exchange->policy, cors_conflict_log, r);
}

cors_exchange_t *cors_exchange_get(request_rec *r)
{
    request_rec *first = first_of(r);
    cors_exchange_t *exchange;

    if (r->main && !is_explained(r)) {
        return NULL;
    }
    exchange = cors_exchange_kept(r);
    if (!exchange) {
        exchange = make(first, r);
    }
    if (!exchange->policy) {
        start(exchange, first, r);
    }
    if (is_left_alone(exchange)) {
        return NULL;
    }
    if (exchange->told != r) {
        exchange->told = r;
        cors_report_environment(r, exchange);
    }
    return exchange;
}

int cors_exchange_post_perdir_config(request_rec *r)
{
    if (r->main && is_explained(r)) {
        cors_exchange_get(r);
        cors_exchange_kept(r)->walked = 1;
    }
    return DECLINED;
}

int cors_exchange_applies(const cors_exchange_t *exchange)
{
    return cors_policy_engine(exchange->policy) == CORS_ENGINE_ON;
}
