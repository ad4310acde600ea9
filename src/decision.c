/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "decision.h"

#include <string.h>
#include <strings.h>

static const char *const words[] = {
    NULL, "allowed", "preflight-allowed", "origin-denied", "method-denied",
    "headers-denied", "same-origin"
};

const char *cors_outcome_word(cors_outcome_e outcome)
{
    return words[outcome];
}

int cors_request_is_preflight(const cors_request_t *request)
{
    return request->is_options && request->origin && request->method;
}

int cors_method_is_forbidden(const char *method)
{
    return !strcasecmp(method, "CONNECT") || !strcasecmp(method, "TRACE")
           || !strcasecmp(method, "TRACK");
}

/* An Origin header's value, read once. */
typedef struct asked_t {
    cors_origin_t origin;
    int is_tuple;
    int is_null;
} asked_t;

static void read_origin(asked_t *asked, const char *value)
{
    asked->is_null = !strcmp(value, "null");
    asked->is_tuple = !asked->is_null && cors_origin_read(&asked->origin,
                                                          value);
}

static int layer_names(const cors_origins_t *layer, const asked_t *asked,
                       int refused)
{
    if (asked->is_null) {
        return layer->set->null && !(CORS_HAZARD_NULL & refused);
    }
    return asked->is_tuple
           && cors_origin_set_find(layer->set, &asked->origin, refused);
}

static int is_denied(const cors_policy_t *policy, const asked_t *asked)
{
    const apr_array_header_t *layers = policy->deny.layers;
    int i;

    for (i = 0; layers && i < layers->nelts; i++) {
        const cors_origins_t *layer = APR_ARRAY_IDX(layers, i,
                                                    cors_origins_t *);
        if (layer->set->any || layer_names(layer, asked, 0)) {
            return 1;
        }
    }
    return 0;
}

static int is_listed(const cors_policy_t *policy, const asked_t *asked,
                     int refused)
{
    const apr_array_header_t *layers = policy->allow.layers;
    int i;

    for (i = 0; layers && i < layers->nelts; i++) {
        if (layer_names(APR_ARRAY_IDX(layers, i, cors_origins_t *), asked,
                        refused)) {
            return 1;
        }
    }
    return 0;
}

/* Regular expressions and expressions see only what is a serialised origin:
 * a rule that says yes to everything must not let other text be echoed.
 */
static int is_allowed_by_rule(const cors_policy_t *policy,
                              const asked_t *asked, int refused,
                              const cors_oracle_t *oracle)
{
    const apr_array_header_t *layers = policy->allow.layers;
    int i;

    for (i = 0; asked->is_tuple && layers && i < layers->nelts; i++) {
        const cors_origins_t *layer = APR_ARRAY_IDX(layers, i,
                                                    cors_origins_t *);
        if ((layer->matches || layer->expressions)
            && oracle->allows(oracle->context, layer, &asked->origin,
                              refused)) {
            return 1;
        }
    }
    return 0;
}

static void decide_origin(cors_decision_t *decision,
                          const cors_policy_t *policy, const char *value,
                          const cors_oracle_t *oracle)
{
    int refused = cors_policy_refused(policy);
    asked_t asked;

    read_origin(&asked, value);
    decision->outcome = CORS_ORIGIN_DENIED;
    if (policy->deny.layers && is_denied(policy, &asked)) {
        return;
    }
    if (cors_policy_any(policy) || is_listed(policy, &asked, refused)
        || is_allowed_by_rule(policy, &asked, refused, oracle)) {
        decision->origin_allowed = 1;
        decision->outcome = CORS_ALLOWED;
    }
    else if (oracle->is_own(oracle->context,
                            asked.is_tuple ? &asked.origin : NULL)) {
        decision->outcome = CORS_SAME_ORIGIN;
    }
}

static int grants_method(const cors_policy_t *policy, const char *method)
{
    const cors_names_t *names;
    int i;

    if (cors_names_has_method(&cors_default_methods, method)) {
        return 1;
    }
    if (!cors_token_is(method, strlen(method))
        || cors_method_is_forbidden(method)) {
        return 0;
    }
    for (i = 0; (names = cors_policy_names(&policy->methods,
                                           &cors_default_methods, i)); i++) {
        if (names->any || cors_names_has_method(names, method)) {
            return 1;
        }
    }
    return 0;
}

/* "*" does not cover Authorization while there are no credentials (Fetch,
 * "CORS-preflight fetch", step 7.6): it has to be listed.
 */
static int grants_header(const cors_policy_t *policy, const cors_span_t *name,
                         int any)
{
    const cors_names_t *names;
    int i;

    if (any && (cors_policy_credentials(policy)
                || !cors_span_is(name, "Authorization"))) {
        return 1;
    }
    for (i = 0; (names = cors_policy_names(&policy->headers,
                                           &cors_default_headers, i)); i++) {
        if (cors_names_has_header(names, name)) {
            return 1;
        }
    }
    return 0;
}

/* The missing name stays the whole value until every item was seen to be a
 * token.
 */
static int grants_headers(const cors_policy_t *policy, const char *value,
                          cors_span_t *missing)
{
    int any = cors_policy_names_any(&policy->headers);
    int granted = 1;
    const char *cursor = value;
    cors_span_t whole = { value, strlen(value) };
    cors_span_t item;

    *missing = whole;
    if (whole.len > CORS_REQUESTED_HEADERS_MAX) {
        return 0;
    }
    while (cors_list_next(&cursor, &item)) {
        if (item.len > CORS_NAME_MAX
            || !cors_token_is(item.at, item.len)) {
            *missing = whole;
            return 0;
        }
        if (granted && !grants_header(policy, &item, any)) {
            granted = 0;
            *missing = item;
        }
    }
    return granted;
}

void cors_decide(cors_decision_t *decision, const cors_policy_t *policy,
                 const cors_request_t *request, const cors_oracle_t *oracle)
{
    memset(decision, 0, sizeof(*decision));
    if (!request->origin) {
        return;
    }
    decision->preflight = cors_request_is_preflight(request);
    decide_origin(decision, policy, request->origin, oracle);
    if (!decision->preflight || !decision->origin_allowed) {
        return;
    }
    if (!grants_method(policy, request->method)) {
        decision->outcome = CORS_METHOD_DENIED;
    }
    else if (request->headers
             && !grants_headers(policy, request->headers,
                                &decision->missing)) {
        decision->outcome = CORS_HEADERS_DENIED;
    }
    else {
        decision->outcome = CORS_PREFLIGHT_ALLOWED;
    }
}
