/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "exchange.h"

#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>

#include "../header_name.h"
#include "../seldom.h"
#include "conflict.h"
#include "module.h"
#include "own_origin.h"
#include "report.h"
#include "rule.h"

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

/* A preflight's: one walk finds what three look-ups would. */
static void read_preflight(cors_request_t *request, const apr_table_t *headers)
{
    const apr_array_header_t *array = apr_table_elts(headers);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)array->elts;
    const apr_table_entry_t *end = entry + array->nelts;

    for (; entry < end; entry++) {
        const char *name = entry->key;

        if ((*name | 0x20) == 'o' && !strcasecmp(name, "Origin")) {
            request->origin = entry->val;
        }
        else if (!cors_header_may_be_access(name)) {
            continue;
        }
        else if (!request->method
                 && !strcasecmp(name, "Access-Control-Request-Method")) {
            request->method = entry->val;
        }
        else if (!strcasecmp(name, "Access-Control-Request-Headers")) {
            request->headers = entry->val;
        }
    }
}

/* Lines of one name are merged by httpd, but not if a later line is broken:
 * then the request has a status already.
 */
static void read_headers(cors_request_t *request, const request_rec *r,
                         const char *origin)
{
    apr_table_t *headers = r->headers_in;

    if (r->status != HTTP_OK) {
        origin = NULL;
        headers = apr_table_copy(r->pool, headers);
        apr_table_compress(headers, APR_OVERLAP_TABLES_MERGE);
    }
    if (request->is_options) {
        read_preflight(request, headers);
    }
    else {
        request->origin = origin ? origin : apr_table_get(headers, "Origin");
    }
}

cors_scope_t *cors_scope_make(apr_pool_t *p)
{
    cors_scope_t *scope = apr_pcalloc(p, sizeof(*scope));

    scope->unasked.policy = &scope->policy;
    scope->unasked.idle = 1;
    scope->unasked.shared = 1;
    return scope;
}

static cors_exchange_t *make(request_rec *first, const request_rec *r,
                             const char *origin)
{
    cors_exchange_t *exchange = apr_pcalloc(first->pool, sizeof(*exchange));
    cors_request_t *request = &exchange->request;

    request->is_options = is_options(first, r);
    read_headers(request, first, origin);
    exchange->explained = is_explained(first);
    ap_set_module_config(first->request_config, &cors_module, exchange);
    return exchange;
}

/* An expression adds what it looks at to Vary, which nothing is to change if
 * the policy is only to be told.
 */
CORS_SELDOM
static void put_back(request_rec *r, const char *vary)
{
    apr_table_unset(r->headers_out, "Vary");
    if (vary) {
        apr_table_setn(r->headers_out, "Vary", vary);
    }
}

static void decide(cors_exchange_t *exchange, request_rec *r)
{
    cors_oracle_t oracle = { cors_rule_find, cors_own_origin_is, r };
    const cors_policy_t *policy = exchange->policy;
    int applies = cors_exchange_applies(exchange);
    const char *vary = applies ? NULL : apr_table_get(r->headers_out, "Vary");

    cors_decide(&exchange->decision, policy, &exchange->request, &oracle);
    if (!applies) {
        put_back(r, vary);
    }
    else if (exchange->decision.preflight
             && exchange->decision.outcome != CORS_SAME_ORIGIN
             && policy->preflight.value == CORS_PREFLIGHT_ANSWER) {
        exchange->answers = 1;
    }
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

/* Find the policy and decide by it. */
static void start(cors_exchange_t *exchange, const request_rec *first,
                  request_rec *r)
{
    const cors_policy_t *policy = find_policy(first, r);

    exchange->policy = policy;
    if (is_left_alone(exchange)) {
        return;
    }
    if (exchange->request.origin) {
        decide(exchange, r);
    }
    if (!apr_is_empty_table(r->headers_out)) {
        exchange->vary = apr_table_get(r->headers_out, "Vary");
    }
    if (exchange->explained) {
        return;
    }
    exchange->idle = !exchange->answers && !policy->enforce.value;
    if (exchange->request.origin) {
        cors_report_decision(r, exchange);
    }
    if (policy->merged) {
        cors_policy_conflicts(policy, cors_conflict_log, r);
    }
}

/* The exchange of a request without Origin, as most are: the one that is ready.
 * NULL if there is more to look at.
 */
static cors_exchange_t *unasked(const request_rec *r)
{
    cors_scope_t *scope = ap_get_module_config(r->per_dir_config,
                                               &cors_module);
    const cors_policy_t *policy = &scope->policy;

    return scope && policy->allow.layers
           && cors_policy_engine(policy) == CORS_ENGINE_ON
           && !(policy->merged && policy->credentials.value)
           && !policy->explain.value && r->status == HTTP_OK && !r->main
           && apr_is_empty_table(r->headers_out) ? &scope->unasked : NULL;
}

static request_rec *first_of(request_rec *r)
{
    while (r->prev) {
        r = r->prev;
    }
    return r;
}

CORS_APART
static cors_exchange_t *find(request_rec *r, const char *origin)
{
    request_rec *first;
    cors_exchange_t *exchange;

    if (r->main && !is_explained(r)) {
        return NULL;
    }
    first = first_of(r);
    exchange = ap_get_module_config(first->request_config, &cors_module);
    if (!exchange) {
        exchange = make(first, r, origin);
    }
    if (!exchange->policy) {
        start(exchange, first, r);
    }
    if (is_left_alone(exchange)) {
        return NULL;
    }
    if (exchange->told != r && !exchange->shared) {
        exchange->told = r;
        if (exchange->request.origin) {
            cors_report_environment(r, exchange);
        }
    }
    return exchange;
}

cors_exchange_t *cors_exchange_find(request_rec *r)
{
    cors_exchange_t *exchange = NULL;
    const char *origin = NULL;

    if (!r->prev && r->method_number != M_OPTIONS && !cors_exchange_kept(r)) {
        origin = apr_table_get(r->headers_in, "Origin");
        exchange = origin ? NULL : unasked(r);
    }
    if (!exchange) {
        return find(r, origin);
    }
    ap_set_module_config(r->request_config, &cors_module, exchange);
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
