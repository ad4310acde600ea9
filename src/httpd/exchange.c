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
    return policy && policy->effect.governs ? policy : NULL;
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
CORS_OFTEN
static void read_preflight(cors_request_t *request, const apr_table_t *headers)
{
    const apr_array_header_t *array = apr_table_elts(headers);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)array->elts;
    const apr_table_entry_t *end = entry + array->nelts;

    for (; entry < end; entry++) {
        const char *name = entry->key;

        if (!request->origin && cors_header_is_origin(name)) {
            request->origin = entry->val;
        }
        else if (!cors_header_may_be_access(name)) {
            continue;
        }
        else if (!request->method
                 && !strcasecmp(name, "Access-Control-Request-Method")) {
            request->method = entry->val;
        }
        else if (!request->headers
                 && !strcasecmp(name, "Access-Control-Request-Headers")) {
            request->headers = entry->val;
        }
    }
}

/* Lines of one name are merged by httpd, but not if a later line is broken:
 * then the request has a status already.
 */
CORS_SELDOM
static apr_table_t *merged(const request_rec *r)
{
    apr_table_t *headers = apr_table_copy(r->pool, r->headers_in);

    apr_table_compress(headers, APR_OVERLAP_TABLES_MERGE);
    return headers;
}

/* A short table is searched faster from end to end than by its index. */
#define SHORT 8

static const char *find_origin(const apr_table_t *headers)
{
    const apr_array_header_t *array = apr_table_elts(headers);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)array->elts;
    const apr_table_entry_t *end = entry + array->nelts;

    if (array->nelts > SHORT) {
        return apr_table_get(headers, "Origin");
    }
    for (; entry < end; entry++) {
        if (cors_header_is_origin(entry->key)) {
            return entry->val;
        }
    }
    return NULL;
}

cors_scope_t *cors_scope_make(apr_pool_t *p)
{
    cors_scope_t *scope = apr_pcalloc(p, sizeof(*scope));

    scope->unasked.policy = &scope->policy;
    scope->unasked.idle = 1;
    scope->unasked.shared = 1;
    return scope;
}

static cors_exchange_t *make(request_rec *first)
{
    static const cors_exchange_t empty;
    cors_exchange_t *exchange = apr_palloc(first->pool, sizeof(*exchange));

    *exchange = empty;
    ap_set_module_config(first->request_config, &cors_module, exchange);
    return exchange;
}

/* The exchange of a request of which nothing is known but that it is one. */
CORS_APART
static cors_exchange_t *make_any(request_rec *first, const request_rec *r)
{
    cors_exchange_t *exchange = make(first);
    cors_request_t *request = &exchange->request;
    const apr_table_t *headers = first->status == HTTP_OK ? first->headers_in
                                                          : merged(first);

    request->is_options = is_options(first, r);
    if (request->is_options) {
        read_preflight(request, headers);
    }
    else {
        request->origin = find_origin(headers);
    }
    exchange->explained = is_explained(first);
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
    static const cors_oracle_t oracle = { cors_rule_find, cors_own_origin_is };
    const cors_policy_t *policy = exchange->policy;
    int applies = cors_exchange_applies(exchange);
    const char *vary = applies ? NULL : apr_table_get(r->headers_out, "Vary");

    cors_decide(&exchange->decision, policy, &exchange->request, &oracle, r);
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
           || exchange->policy->effect.engine == CORS_ENGINE_OFF;
}

/* Decide by the policy, which is found. */
static void begin(cors_exchange_t *exchange, request_rec *r)
{
    const cors_policy_t *policy = exchange->policy;

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

static void tell(cors_exchange_t *exchange, request_rec *r)
{
    exchange->told = r;
    if (exchange->request.origin) {
        cors_report_environment(r, exchange);
    }
}

static request_rec *first_of(request_rec *r)
{
    while (r->prev) {
        r = r->prev;
    }
    return r;
}

CORS_APART
static cors_exchange_t *find(request_rec *r)
{
    request_rec *first = first_of(r);
    cors_exchange_t *exchange = cors_exchange_kept(first);

    if (r->main && !is_explained(r)) {
        return NULL;
    }
    if (!exchange) {
        exchange = make_any(first, r);
    }
    if (!exchange->policy) {
        exchange->policy = find_policy(first, r);
        if (!is_left_alone(exchange)) {
            begin(exchange, r);
        }
    }
    if (is_left_alone(exchange)) {
        return NULL;
    }
    if (exchange->told != r && !exchange->shared) {
        tell(exchange, r);
    }
    return exchange;
}

/* Whether it begins an exchange whose policy is here, and its headers are as
 * they were sent.
 */
static int is_plain(const request_rec *r, const cors_scope_t *scope)
{
    return scope && scope->policy.allow.layers
           && scope->policy.effect.engine == CORS_ENGINE_ON
           && r->status == HTTP_OK && !r->prev && !r->main
           && !cors_exchange_kept(r);
}

/* A request without Origin, as most are, has the exchange that is ready. */
static int is_unasked(const request_rec *r, const cors_policy_t *policy)
{
    return !(policy->merged && policy->credentials.value)
           && !policy->explain.value && apr_is_empty_table(r->headers_out);
}

/* Most requests are plain: what follows is for them what find() does. */
CORS_OFTEN
cors_exchange_t *cors_exchange_find(request_rec *r)
{
    cors_scope_t *scope = ap_get_module_config(r->per_dir_config,
                                               &cors_module);
    cors_exchange_t *exchange;
    const char *origin = NULL;

    if (!is_plain(r, scope)) {
        return find(r);
    }
    if (r->method_number != M_OPTIONS) {
        origin = find_origin(r->headers_in);
        if (!origin && is_unasked(r, &scope->policy)) {
            ap_set_module_config(r->request_config, &cors_module,
                                 &scope->unasked);
            return &scope->unasked;
        }
    }
    exchange = make(r);
    exchange->policy = &scope->policy;
    exchange->request.origin = origin;
    if (r->method_number == M_OPTIONS) {
        exchange->request.is_options = 1;
        read_preflight(&exchange->request, r->headers_in);
    }
    begin(exchange, r);
    tell(exchange, r);
    return exchange;
}

cors_exchange_t *cors_exchange_own(request_rec *r)
{
    cors_exchange_t *exchange = cors_exchange_kept(r);
    cors_exchange_t *own;

    if (exchange && !exchange->shared) {
        return exchange;
    }
    own = make(first_of(r));
    if (exchange) {
        *own = *exchange;
        own->shared = 0;
    }
    return own;
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
    return exchange->policy->effect.engine == CORS_ENGINE_ON;
}
