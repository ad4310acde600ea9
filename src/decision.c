/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "decision.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

static const char *const words[CORS_OUTCOMES] = {
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

static const cors_item_t *find_denied(const cors_layer_t *layer,
                                      cors_origin_value_t *value)
{
    const cors_item_t *found = NULL;

    for (; layer && !found; layer = layer->outer) {
        found = cors_origin_list_find(layer->origins, value);
    }
    return found;
}

/* To browsers "https://evil.example." is another origin of the same host, so
 * a dot at the end of the host must not get past the deny list. Such a host can
 * be a byte longer than a parsed one, or an address, so it is not parsed first.
 */
static const cors_item_t *find_denied_dot(const cors_layer_t *layer,
                                          cors_origin_value_t *value)
{
    char text[CORS_ORIGIN_MAX + 1];
    const char *host = strstr(value->text, "://");
    cors_origin_value_t without_dot;
    apr_size_t dot;

    if (!host || value->len > CORS_ORIGIN_MAX + 1) {
        return NULL;
    }
    dot = (apr_size_t)(host - value->text) + 2 + strcspn(host + 3, ":");
    if (value->text[dot] != '.') {
        return NULL;
    }
    memcpy(text, value->text, dot);
    memcpy(text + dot, value->text + dot + 1, value->len - dot);
    cors_origin_value_init(&without_dot, text);
    return find_denied(layer, &without_dot);
}

/* Whether the registrable domain has to be one that the item writes out. */
static int needs_domain(const cors_effect_t *effect, const cors_item_t *item)
{
    return item->kind == CORS_ITEM_SUBDOMAINS
               ? effect->subdomains_write_domain
           : item->kind == CORS_ITEM_REGEX && effect->regexes_write_domain;
}

/* Keep an item that matches, unless the origin belongs to somebody else. */
static int accept_item(cors_decision_t *decision, const cors_effect_t *effect,
                  const cors_item_t *item, cors_origin_value_t *value)
{
    decision->item = item;
    if (needs_domain(effect, item)
        && !cors_item_writes_domain(item, &value->origin)) {
        decision->reason = CORS_REASON_OTHER_DOMAIN;
        return 0;
    }
    decision->reason = CORS_REASON_ALLOWED;
    return 1;
}

static int is_allowed_by_item(cors_decision_t *decision,
                              const cors_policy_t *policy,
                              cors_origin_value_t *value)
{
    const cors_layer_t *layer;

    for (layer = policy->allow; layer; layer = layer->outer) {
        const cors_item_t *item = cors_origin_list_find(layer->origins, value);

        if (item && accept_item(decision, &policy->effect, item, value)) {
            return 1;
        }
    }
    return 0;
}

/* Rules see only serialised origins: one that says yes to everything must not
 * let other text be echoed.
 */
static int is_allowed_by_rule(cors_decision_t *decision,
                              const cors_policy_t *policy,
                              cors_origin_value_t *value,
                              const cors_oracle_t *oracle, void *context)
{
    const cors_layer_t *layer;
    int i;

    if (!policy->effect.has_rules || value->is_null
        || !cors_origin_value_parse(value)) {
        return 0;
    }
    for (layer = policy->allow; layer; layer = layer->outer) {
        const apr_array_header_t *rules = layer->origins->rules;

        for (i = 0; i < rules->nelts; i++) {
            const cors_item_t *rule = APR_ARRAY_IDX(rules, i, cors_item_t *);

            if (oracle->allows(context, rule, &value->origin)
                && accept_item(decision, &policy->effect, rule, value)) {
                return 1;
            }
        }
    }
    return 0;
}

static void deny_origin(cors_decision_t *decision, const cors_policy_t *policy,
                        const cors_request_t *request,
                        const cors_oracle_t *oracle, void *context)
{
    decision->line = decision->item ? decision->item->line
                                    : policy->allow->line;
    if (oracle->is_own(context, request->origin)) {
        decision->outcome = CORS_SAME_ORIGIN;
        decision->reason = CORS_REASON_OWN_ORIGIN;
    }
}

static void decide_origin(cors_decision_t *decision,
                          const cors_policy_t *policy,
                          const cors_request_t *request,
                          const cors_oracle_t *oracle, void *context)
{
    cors_origin_value_t value;

    cors_origin_value_init(&value, request->origin);
    decision->outcome = CORS_ORIGIN_DENIED;
    if (policy->effect.denies) {
        decision->item = find_denied(policy->deny, &value);
        if (!decision->item) {
            decision->item = find_denied_dot(policy->deny, &value);
        }
        if (decision->item) {
            decision->reason = CORS_REASON_IN_DENY_LIST;
            decision->line = decision->item->line;
            return;
        }
    }
    decision->reason = CORS_REASON_NOT_LISTED;
    if (!is_allowed_by_item(decision, policy, &value)
        && !is_allowed_by_rule(decision, policy, &value, oracle, context)) {
        deny_origin(decision, policy, request, oracle, context);
        return;
    }
    decision->line = decision->item->line;
    decision->outcome = CORS_ALLOWED;
    decision->origin_allowed = 1;
    /* Only "*" matches a value that was neither compared nor parsed. */
    decision->origin_is_serialised = !policy->effect.any
                                     || cors_origin_is_serialised(value.text);
}

static const cors_line_t *line_of(const cors_layer_t *layer,
                                  const cors_policy_t *policy)
{
    return layer->line ? layer->line : policy->allow->line;
}

/* "*" does not cover methods that no script may use, and no malformed ones. */
static int grants_method(const cors_policy_t *policy, const char *method,
                         cors_reason_e *reason)
{
    const cors_layer_t *listed = policy->effect.methods;
    cors_span_t span;

    span.at = method;
    span.len = strlen(method);
    if (cors_layers_have_name(listed, &span)
        || cors_layers_have_name(&cors_default_methods, &span)) {
        return 1;
    }
    *reason = !cors_token_is(method, span.len) ? CORS_REASON_METHOD_MALFORMED
              : cors_method_is_forbidden(method) ? CORS_REASON_METHOD_FORBIDDEN
              : CORS_REASON_METHOD_NOT_LISTED;
    return *reason == CORS_REASON_METHOD_NOT_LISTED
           && cors_layers_have_any(listed);
}

/* Without credentials "*" does not cover Authorization (Fetch, "CORS-preflight
 * fetch", step 7.6): it has to be listed.
 */
static int covers_header(const cors_effect_t *effect, const cors_span_t *name)
{
    return cors_layers_have_any(effect->headers)
           && (effect->credentials || name->len != 13
               || strncasecmp(name->at, "Authorization", 13) != 0);
}

/* A listed name is a token, so only others are checked. */
static int grants_headers(const cors_effect_t *effect, const char *value,
                          cors_decision_t *decision)
{
    cors_span_t item;
    int granted = 1;

    if (strlen(value) > CORS_REQUESTED_HEADERS_MAX) {
        decision->reason = CORS_REASON_HEADERS_TOO_LONG;
        return 0;
    }
    while (cors_list_next(&value, &item)) {
        int listed = cors_layers_have_name(effect->headers, &item);

        if (item.len > CORS_NAME_MAX
            || (!listed && !cors_token_is(item.at, item.len))) {
            decision->reason = CORS_REASON_HEADERS_MALFORMED;
            decision->missing.len = 0;
            return 0;
        }
        if (granted && !listed && !covers_header(effect, &item)) {
            granted = 0;
            decision->missing = item;
            decision->reason = CORS_REASON_HEADER_NOT_LISTED;
        }
    }
    return granted;
}

static void decide_preflight(cors_decision_t *decision,
                             const cors_policy_t *policy,
                             const cors_request_t *request)
{
    const cors_effect_t *effect = &policy->effect;

    decision->outcome = CORS_PREFLIGHT_ALLOWED;
    if (!grants_method(policy, request->method, &decision->reason)) {
        decision->outcome = CORS_METHOD_DENIED;
        decision->line = line_of(effect->methods, policy);
    }
    else if (request->headers
             && !grants_headers(effect, request->headers, decision)) {
        decision->outcome = CORS_HEADERS_DENIED;
        decision->line = line_of(effect->headers, policy);
    }
    else {
        decision->reason = CORS_REASON_ALLOWED;
    }
}

void cors_decide(cors_decision_t *decision, const cors_policy_t *policy,
                 const cors_request_t *request, const cors_oracle_t *oracle,
                 void *context)
{
    memset(decision, 0, sizeof(*decision));
    decision->is_preflight = cors_request_is_preflight(request);
    if (request->origin) {
        decide_origin(decision, policy, request, oracle, context);
    }
    if (decision->is_preflight && decision->origin_allowed) {
        decide_preflight(decision, policy, request);
    }
}
