/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "decision.h"

#include <string.h>
#include <strings.h>

#include "seldom.h"

static const char *const words[] = {
    NULL, "allowed", "preflight-allowed", "origin-denied", "method-denied",
    "headers-denied", "same-origin"
};

const char *cors_outcome_word(cors_outcome_e outcome)
{
    return words[outcome];
}

int cors_outcome_is_refusal(cors_outcome_e outcome)
{
    return outcome == CORS_ORIGIN_DENIED || outcome == CORS_METHOD_DENIED
           || outcome == CORS_HEADERS_DENIED;
}

int cors_request_is_preflight(const cors_request_t *request)
{
    return request->is_options && request->origin && request->method;
}

int cors_method_is_forbidden(const char *method)
{
    char first = (char)(*method | 0x20);

    return (first == 'c' && !strcasecmp(method, "CONNECT"))
           || (first == 't' && (!strcasecmp(method, "TRACE")
                                || !strcasecmp(method, "TRACK")));
}

/* An Origin header's value. It is read when something has to be compared by
 * parts, and only once.
 */
typedef struct asked_t {
    const char *value;
    apr_size_t len;
    cors_origin_t origin;
    int was_read;
    int is_tuple;
    int is_null;
} asked_t;

static int is_tuple(asked_t *asked)
{
    if (!asked->was_read) {
        asked->was_read = 1;
        asked->is_tuple = !asked->is_null
                          && cors_origin_read(&asked->origin, asked->value);
    }
    return asked->is_tuple;
}

/* The item of a layer that names the origin, NULL if none does. */
static const cors_pattern_t *find_name(const cors_origins_t *layer,
                                       asked_t *asked, int refused)
{
    const cors_pattern_t *found;

    if (layer->set->any) {
        return layer->set->any;
    }
    if (asked->is_null) {
        return (CORS_HAZARD_NULL & refused) ? NULL : layer->set->null;
    }
    found = cors_origin_set_find_exact(layer->set, asked->value, asked->len,
                                       refused);
    if (!found && layer->set->has_parts && is_tuple(asked)) {
        found = cors_origin_set_find(layer->set, &asked->origin, refused);
    }
    return found;
}

static const cors_pattern_t *find_any_name(const cors_layers_t *field,
                                           asked_t *asked, int refused)
{
    cors_origins_t **layer = (cors_origins_t **)field->layers->elts;
    const cors_pattern_t *found;
    int left = field->layers->nelts;

    do {
        found = find_name(*layer++, asked, refused);
    } while (!found && --left > 0);
    return found;
}

/* Regular expressions and expressions see only what is a serialised origin:
 * a rule that says yes to everything must not let other text be echoed.
 */
CORS_APART
static const cors_rule_t *find_rule(const cors_policy_t *policy,
                                    asked_t *asked,
                                    const cors_oracle_t *oracle,
                                    void *context)
{
    const apr_array_header_t *layers = policy->allow.layers;
    const cors_rule_t *found = NULL;
    int i;

    for (i = 0; !found && layers && i < layers->nelts; i++) {
        const cors_origins_t *layer = APR_ARRAY_IDX(layers, i,
                                                    cors_origins_t *);
        if ((layer->matches || layer->expressions) && is_tuple(asked)) {
            found = oracle->allows(context, layer, &asked->origin,
                                   policy->effect.refused);
        }
    }
    return found;
}

/* The line that allows the origin, NULL if none does. */
static const cors_place_t *find_allowing(const cors_policy_t *policy,
                                         asked_t *asked,
                                         const cors_oracle_t *oracle,
                                         void *context)
{
    const cors_pattern_t *pattern = policy->allow.layers
        ? find_any_name(&policy->allow, asked, policy->effect.refused) : NULL;
    const cors_rule_t *rule = NULL;

    if (!pattern && policy->effect.has_rules) {
        rule = find_rule(policy, asked, oracle, context);
    }
    return pattern ? pattern->place : rule ? rule->place : NULL;
}

/* Where the list of origins that are allowed begins: the innermost section's.
 */
static const cors_place_t *place_of_list(const cors_policy_t *policy)
{
    const apr_array_header_t *layers = policy->allow.layers;

    return layers ? APR_ARRAY_IDX(layers, layers->nelts - 1,
                                  cors_origins_t *)->place
                  : NULL;
}

static void decide_origin(cors_decision_t *decision,
                          const cors_policy_t *policy, const char *value,
                          const cors_oracle_t *oracle, void *context)
{
    const cors_pattern_t *denied = NULL;
    asked_t asked;

    asked.value = value;
    asked.len = strlen(value);
    asked.was_read = 0;
    asked.is_null = asked.len == 4 && !strcmp(value, "null");
    decision->outcome = CORS_ORIGIN_DENIED;
    if (policy->deny.layers) {
        denied = find_any_name(&policy->deny, &asked, 0);
    }
    if (denied) {
        decision->place = denied->place;
        return;
    }
    decision->place = find_allowing(policy, &asked, oracle, context);
    if (decision->place) {
        /* "*" allows what was not read. */
        decision->origin_read = asked.is_null || !policy->effect.any
                                || is_tuple(&asked);
        decision->origin_allowed = 1;
        decision->outcome = CORS_ALLOWED;
        return;
    }
    decision->place = place_of_list(policy);
    if (oracle->is_own(context, value)) {
        decision->outcome = CORS_SAME_ORIGIN;
    }
}

/* The innermost layer of a list of names is what is to be changed. */
CORS_SELDOM
static const cors_place_t *place_of_names(const cors_layers_t *field,
                                          const cors_names_t *defaults)
{
    const cors_names_t *names;
    const cors_place_t *place = NULL;
    int i;

    for (i = 0; (names = cors_policy_names(field, defaults, i)); i++) {
        place = names->place;
    }
    return place;
}

static int lists_method(const cors_policy_t *policy, const cors_span_t *method,
                        int *any)
{
    const cors_names_t *names = policy->effect.methods;
    int i;

    if (names) {
        return cors_names_has_method(names, method);
    }
    for (i = 0; (names = cors_policy_names(&policy->methods, NULL, i)); i++) {
        if (cors_names_has_method(names, method)) {
            return 1;
        }
        *any |= names->any;
    }
    return 0;
}

/* A listed method needs no check: it was checked when it was read. */
static int grants_method(const cors_policy_t *policy, const char *method)
{
    cors_span_t span = { method, strlen(method) };
    int any = 0;

    return lists_method(policy, &span, &any)
           || cors_names_has_method(&cors_default_methods, &span)
           || (any && cors_token_is(method, span.len)
               && !cors_method_is_forbidden(method));
}

static int lists_header(const cors_policy_t *policy, const cors_span_t *name)
{
    const cors_names_t *names = policy->effect.headers;
    int i;

    if (names) {
        return cors_names_has_header(names, name);
    }
    for (i = 0; (names = cors_policy_names(&policy->headers,
                                           &cors_default_headers, i)); i++) {
        if (cors_names_has_header(names, name)) {
            return 1;
        }
    }
    return 0;
}

/* "*" does not cover Authorization while there are no credentials (Fetch,
 * "CORS-preflight fetch", step 7.6): it has to be listed.
 */
static int any_grants(const cors_policy_t *policy, const cors_span_t *name)
{
    return cors_policy_names_any(&policy->headers)
           && (policy->effect.credentials
               || !cors_span_is(name, "Authorization"));
}

/* If any item is no token, the whole value is what is missing. A listed name
 * is a token.
 */
static int grants_headers(const cors_policy_t *policy, const char *value,
                          cors_span_t *missing)
{
    const char *cursor = value;
    cors_span_t whole = { value, strlen(value) };
    cors_span_t item;
    int granted = 1;

    if (whole.len > CORS_REQUESTED_HEADERS_MAX) {
        *missing = whole;
        return 0;
    }
    while (cors_list_next(&cursor, &item)) {
        int listed = lists_header(policy, &item);

        if (item.len > CORS_NAME_MAX
            || (!listed && !cors_token_is(item.at, item.len))) {
            *missing = whole;
            return 0;
        }
        if (granted && !listed && !any_grants(policy, &item)) {
            granted = 0;
            *missing = item;
        }
    }
    return granted;
}

CORS_OFTEN
static void decide_preflight(cors_decision_t *decision,
                             const cors_policy_t *policy,
                             const cors_request_t *request)
{
    if (!grants_method(policy, request->method)) {
        decision->outcome = CORS_METHOD_DENIED;
        decision->place = place_of_names(&policy->methods,
                                         &cors_default_methods);
    }
    else if (request->headers
             && !grants_headers(policy, request->headers,
                                &decision->missing)) {
        decision->outcome = CORS_HEADERS_DENIED;
        decision->place = place_of_names(&policy->headers,
                                         &cors_default_headers);
    }
    else {
        decision->outcome = CORS_PREFLIGHT_ALLOWED;
    }
}

void cors_decide(cors_decision_t *decision, const cors_policy_t *policy,
                 const cors_request_t *request, const cors_oracle_t *oracle,
                 void *context)
{
    decision->outcome = CORS_NONE;
    decision->preflight = cors_request_is_preflight(request);
    decision->origin_read = 0;
    decision->origin_allowed = 0;
    decision->missing.at = NULL;
    decision->missing.len = 0;
    decision->place = NULL;
    if (request->origin) {
        decide_origin(decision, policy, request->origin, oracle, context);
    }
    if (decision->preflight && decision->origin_allowed) {
        decide_preflight(decision, policy, request);
    }
}
