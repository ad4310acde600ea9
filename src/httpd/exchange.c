/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "exchange.h"

#include <http_core.h>
#include <http_request.h>

#include "origin_rule.h"
#include "own_origin.h"

const cors_oracle_t cors_oracle = { cors_origin_rule_allows,
                                    cors_own_origin_is };

static cors_section_t *make_section(apr_pool_t *p)
{
    cors_section_t *section = apr_pcalloc(p, sizeof(*section));

    section->silent.policy = &section->policy;
    section->silent.idle = 1;
    section->silent.shared = 1;
    section->silent.observed = 1;
    return section;
}

void *cors_section_create(apr_pool_t *p, char *directory)
{
    (void)directory;
    return make_section(p);
}

void *cors_section_merge(apr_pool_t *p, void *base, void *add)
{
    const cors_policy_t *remaining = cors_policy_remaining(base, add);
    cors_section_t *merged;

    if (remaining == add && !remaining->effect.is_resolved) {
        /* The last line of a .htaccess file was not allowed, and was ignored
         * because of AllowOverride Nonfatal.
         */
        cors_policy_resolve(add, p);
    }
    if (remaining) {
        return (void *)remaining;
    }
    merged = make_section(p);
    cors_policy_merge(&merged->policy, p, base, add);
    cors_policy_resolve(&merged->policy, p);
    return merged;
}

/* The explain page allows nobody, whatever policy surrounds it: no other site
 * may read it through an administrator's browser.
 */
static const cors_policy_t *closed_policy(const cors_policy_t *policy,
                                          apr_pool_t *p)
{
    cors_layer_t *nobody = apr_pcalloc(p, sizeof(*nobody));
    cors_section_t *section = make_section(p);

    nobody->origins = cors_origin_list_make(p);
    nobody->line = policy->explain.line;
    section->policy.allow = nobody;
    cors_policy_resolve(&section->policy, p);
    return &section->policy;
}

/* A scope that is switched off is left alone, whatever it leads to. */
static const cors_policy_t *applying(const cors_policy_t *policy,
                                     apr_pool_t *p)
{
    if (policy->explain.value) {
        return closed_policy(policy, p);
    }
    return cors_policy_applies(policy)
           || policy->engine.value == CORS_ENGINE_OFF ? policy : NULL;
}

/* What the server and the <Location> sections of a URL merge to. The request
 * is left as it was: what a <LocationMatch> captures goes to its environment.
 */
static const cors_policy_t *location_policy(request_rec *r, const char *uri)
{
    request_rec walked = *r;

    walked.uri = (char *)uri;
    walked.per_dir_config = r->server->lookup_defaults;
    walked.subprocess_env = apr_table_make(r->pool, 2);
    if (uri && ap_location_walk(&walked) != OK) {
        return NULL;
    }
    return cors_section_policy(&walked);
}

/* A RewriteRule with [PT] put another URL in the place of the one asked for,
 * which httpd keeps, decoded, in parsed_uri. Only <Location> sections can be
 * told for it.
 */
static const cors_policy_t *asked_policy(request_rec *r)
{
    const cors_policy_t *own = ap_get_module_config(
        r->server->lookup_defaults, &cors_module);
    const cors_policy_t *asked;

    if (r->uri == r->parsed_uri.path || !r->parsed_uri.path || !r->uri
        || !strcmp(r->uri, r->parsed_uri.path)) {
        return NULL;
    }
    asked = location_policy(r, r->parsed_uri.path);
    return asked && (asked->allow != own->allow
                     || asked->engine.value == CORS_ENGINE_OFF) ? asked : NULL;
}

/* The policy of the URL that the client asked for; where it has none, that of
 * the target which it led to. If nothing was found for an earlier request, it
 * has none, or httpd refused it before its directory was known.
 */
static const cors_policy_t *find_policy(request_rec *first, request_rec *r)
{
    const cors_policy_t *policy;

    if (cors_section_policy(r)->explain.value) {
        return closed_policy(cors_section_policy(r), r->pool);
    }
    policy = first == r ? asked_policy(r) : location_policy(first, first->uri);
    policy = policy ? applying(policy, r->pool) : NULL;
    return policy ? policy : applying(cors_section_policy(r), r->pool);
}

/* For an ErrorDocument httpd turns the method into GET, and leaves the
 * client's in the environment. A 414 has no method.
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

/* httpd merges lines of one name, but not if a later line is broken: then the
 * request has an error status already.
 */
static apr_table_t *merged_headers(const request_rec *first)
{
    apr_table_t *headers;

    if (first->status == HTTP_OK) {
        return first->headers_in;
    }
    headers = apr_table_copy(first->pool, first->headers_in);
    apr_table_compress(headers, APR_OVERLAP_TABLES_MERGE);
    return headers;
}

/* One walk over all headers costs less than a look-up for each. */
static void read_facts(cors_request_t *request, const apr_table_t *headers)
{
    const apr_array_header_t *array = apr_table_elts(headers);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)array->elts;
    const apr_table_entry_t *end = entry + array->nelts;

    for (; entry < end; entry++) {
        char first = (char)(entry->key[0] | 0x20);

        if (first == 'o' && !strcasecmp(entry->key, "Origin")) {
            request->origin = entry->val;
        }
        else if (first == 'a' && request->is_options) {
            if (!strcasecmp(entry->key, "Access-Control-Request-Method")) {
                request->method = entry->val;
            }
            else if (!strcasecmp(entry->key,
                                 "Access-Control-Request-Headers")) {
                request->headers = entry->val;
            }
        }
    }
}

/* An expression adds the headers that it uses to Vary. Undo that where the
 * policy must not change anything.
 */
static void restore_vary(request_rec *r, const char *vary)
{
    apr_table_unset(r->headers_out, "Vary");
    if (vary) {
        apr_table_setn(r->headers_out, "Vary", vary);
    }
}

static void decide(cors_exchange_t *exchange, request_rec *r)
{
    int is_on = cors_exchange_is_on(exchange);
    const char *vary = is_on ? NULL : apr_table_get(r->headers_out, "Vary");

    cors_decide(&exchange->decision, exchange->policy, &exchange->request,
                &cors_oracle, r);
    if (!is_on) {
        restore_vary(r, vary);
    }
    exchange->answers =
        is_on && exchange->decision.is_preflight
        && exchange->decision.outcome != CORS_SAME_ORIGIN
        && exchange->policy->preflight.value == CORS_PREFLIGHT_ANSWER;
}

/* A look-up of the explain page, but not one that is made for it. */
static int is_explained(const request_rec *r)
{
    const cors_exchange_t *page = r->main ? cors_exchange_kept(r->main) : NULL;

    return page && page->explains;
}

static cors_exchange_t *make_exchange(request_rec *first)
{
    cors_exchange_t *exchange = apr_pcalloc(first->pool, sizeof(*exchange));

    ap_set_module_config(first->request_config, &cors_module, exchange);
    return exchange;
}

/* Nothing is decided for a request without Origin, and nothing depends on it.
 */
static int is_silent(const request_rec *r, const cors_policy_t *policy,
                     const cors_request_t *request)
{
    return !request->origin && !request->is_options
           && !policy->effect.has_conflict
           && apr_is_empty_table(r->headers_out);
}

/* Whether httpd chose the policy, <If> sections included. */
static int is_merged_for(const cors_policy_t *policy, const request_rec *first,
                         const request_rec *r)
{
    return policy == cors_section_policy(first)
           || policy == cors_section_policy(r);
}

/* Find the facts, and decide by a policy that applies. */
static cors_exchange_t *begin(request_rec *first, request_rec *r,
                              const cors_policy_t *policy)
{
    cors_request_t request = { NULL, is_options(first, r), NULL, NULL };
    cors_exchange_t *exchange;

    read_facts(&request, merged_headers(first));
    if (is_silent(r, policy, &request)) {
        exchange = &((cors_section_t *)policy)->silent;
        ap_set_module_config(first->request_config, &cors_module, exchange);
        return exchange;
    }
    exchange = make_exchange(first);
    exchange->policy = policy;
    exchange->request = request;
    exchange->explained = (unsigned char)is_explained(first);
    if (request.origin) {
        decide(exchange, r);
    }
    if (!apr_is_empty_table(r->headers_out)
        && is_merged_for(policy, first, r)) {
        exchange->vary = apr_table_get(r->headers_out, "Vary");
    }
    exchange->idle = !exchange->answers && !policy->enforce.value
                     && !exchange->explained;
    return exchange;
}

static cors_exchange_t *find(request_rec *first, request_rec *r,
                             const cors_policy_t *policy)
{
    if (!policy || (r->main && !is_explained(r))) {
        return NULL;
    }
    if (policy->engine.value == CORS_ENGINE_OFF) {
        make_exchange(first)->is_off = 1;
        return NULL;
    }
    return begin(first, r, policy);
}

cors_exchange_t *cors_exchange_get(request_rec *r)
{
    request_rec *first = cors_exchange_first(r);
    cors_exchange_t *exchange = ap_get_module_config(first->request_config,
                                                     &cors_module);

    if (exchange && (exchange->policy || exchange->is_off)) {
        return exchange->policy ? exchange : NULL;
    }
    return find(first, r, find_policy(first, r));
}

/* An <If> that was evaluated so far does not count. */
cors_exchange_t *cors_exchange_get_early(request_rec *r)
{
    cors_exchange_t *exchange = cors_exchange_kept(r);
    const cors_policy_t *policy;

    if (exchange || r->prev) {
        return cors_exchange_get(r);
    }
    policy = location_policy(r, r->uri);
    apr_table_unset(r->headers_out, "Vary");
    return find(r, r, policy ? applying(policy, r->pool) : NULL);
}

void cors_exchange_explain(request_rec *r, int explains)
{
    cors_exchange_t *exchange = cors_exchange_kept(r);
    cors_exchange_t *own;

    if (!exchange || exchange->shared) {
        own = make_exchange(cors_exchange_first(r));
        if (exchange) {
            *own = *exchange;
            own->shared = 0;
        }
        exchange = own;
    }
    exchange->explains = (unsigned char)explains;
}
