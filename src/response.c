/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "response.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

#define PREFIX "Access-Control-"

#define ALLOW_ORIGIN PREFIX "Allow-Origin"

/* What a response's tables contain already. */
#define HAS_ACCESS_CONTROL 0x1
#define HAS_VARY           0x2

/* Most responses contain neither: the fifth letter tells "Access-Control-" from
 * "Accept-Ranges", which saves a call for each response.
 */
static int contents_of(const apr_table_t *table)
{
    const apr_array_header_t *array = apr_table_elts(table);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)array->elts;
    const apr_table_entry_t *end = entry + array->nelts;
    int contents = 0;

    for (; entry < end; entry++) {
        const char *key = entry->key;
        char first = (char)(key[0] | 0x20);

        if (first == 'v' && !strcasecmp(key, "Vary")) {
            contents |= HAS_VARY;
        }
        else if (first == 'a' && key[1] && key[2] && key[3]
                 && (key[4] | 0x20) == 's'
                 && !strncasecmp(key, PREFIX, sizeof(PREFIX) - 1)) {
            contents |= HAS_ACCESS_CONTROL;
        }
    }
    return contents;
}

static void unset_own(cors_response_t *response)
{
    int i;

    for (i = 0; cors_header_own[i]; i++) {
        apr_table_unset(response->headers, cors_header_own[i]);
        apr_table_unset(response->error_headers, cors_header_own[i]);
    }
}

/* CorsBackendHeaders Keep applies if they sent this header. */
static int keeps_theirs(const cors_response_t *response,
                        const cors_policy_t *policy)
{
    return policy->backend_headers.value == CORS_BACKEND_HEADERS_KEEP
           && !response->is_own
           && (apr_table_get(response->headers, ALLOW_ORIGIN)
               || apr_table_get(response->error_headers, ALLOW_ORIGIN));
}

static void add(cors_response_t *response, const char *name,
                const char *value)
{
    if (value && *value) {
        apr_table_addn(response->headers, name, value);
    }
}

static void add_origin(cors_response_t *response, const cors_effect_t *effect,
                       const cors_request_t *request)
{
    add(response, ALLOW_ORIGIN, effect->any ? "*" : request->origin);
    if (effect->credentials) {
        add(response, PREFIX "Allow-Credentials", "true");
    }
}

/* With credentials browsers take "*" literally, so the method that was
 * requested is sent back.
 */
static const char *any_method(const cors_effect_t *effect,
                              const cors_request_t *request)
{
    const char *method = request->method;

    return !effect->credentials ? "*"
           : cors_token_is(method, strlen(method))
             && !cors_method_is_forbidden(method) ? method : NULL;
}

/* The requested names; NULL if the list is malformed or too long. */
static const char *requested_names(const char *list, apr_pool_t *p)
{
    apr_size_t len = list ? strlen(list) : 0;
    cors_span_t item;
    char *value;
    char *end;

    if (len == 0 || len > CORS_REQUESTED_HEADERS_MAX) {
        return NULL;
    }
    value = end = apr_palloc(p, 2 * len + 1);
    while (cors_list_next(&list, &item)) {
        if (item.len > CORS_NAME_MAX || !cors_token_is(item.at, item.len)) {
            return NULL;
        }
        if (end > value) {
            *end++ = ',';
            *end++ = ' ';
        }
        memcpy(end, item.at, item.len);
        end += item.len;
    }
    *end = '\0';
    return value;
}

static const char *any_header(cors_response_t *response,
                              const cors_effect_t *effect,
                              const cors_request_t *request)
{
    static const cors_span_t authorization = { "Authorization", 13 };

    if (effect->credentials) {
        return requested_names(request->headers, response->pool);
    }
    return cors_layers_have_name(effect->headers, &authorization)
               ? "*, Authorization" : "*";
}

/* The complete lists: the browser then keeps one answer for all requests, and
 * names what is missing itself.
 */
static void add_preflight(cors_response_t *response,
                          const cors_effect_t *effect,
                          const cors_request_t *request)
{
    add_origin(response, effect, request);
    add(response, PREFIX "Allow-Methods",
        effect->allow_methods ? effect->allow_methods
                              : any_method(effect, request));
    add(response, PREFIX "Allow-Headers",
        effect->allow_headers ? effect->allow_headers
                              : any_header(response, effect, request));
    add(response, PREFIX "Max-Age", effect->max_age);
}

static void add_actual(cors_response_t *response, const cors_effect_t *effect,
                       const cors_request_t *request)
{
    add_origin(response, effect, request);
    add(response, PREFIX "Expose-Headers", effect->expose_headers);
}

/* With "*" everyone who is not denied gets the same response, with Origin or
 * without, because a cache may give it to anyone.
 */
static void add_own(cors_response_t *response, const cors_effect_t *effect,
                    const cors_request_t *request,
                    const cors_decision_t *decision)
{
    if (response->is_preflight_answer) {
        if (decision->origin_allowed) {
            add_preflight(response, effect, request);
        }
    }
    else if (effect->any ? decision->outcome != CORS_ORIGIN_DENIED
                         : decision->origin_allowed) {
        add_actual(response, effect, request);
    }
}

static int has_star(const char *vary)
{
    cors_span_t item;

    while (cors_list_next(&vary, &item)) {
        if (item.len == 1 && *item.at == '*') {
            return 1;
        }
    }
    return 0;
}

static const char *both(apr_pool_t *p, const char *a, const char *b)
{
    return !a ? b : !b ? a : apr_pstrcat(p, a, ", ", b, NULL);
}

/* In one line, because mod_cache reads no second one. httpd removes names that
 * occur twice (fixup_vary()), but not those beside "*".
 */
static void merge_vary(cors_response_t *response, const char *names)
{
    apr_pool_t *p = response->pool;
    const char *vary = both(p, apr_table_getm(p, response->headers, "Vary"),
                            apr_table_getm(p, response->error_headers,
                                           "Vary"));

    apr_table_unset(response->error_headers, "Vary");
    apr_table_setn(response->headers, "Vary",
                   vary && has_star(vary) ? "*" : both(p, vary, names));
}

static const char *vary_of(const cors_effect_t *effect,
                           const cors_request_t *request, int keeps)
{
    if (request->is_options) {
        return "Origin, " PREFIX "Request-Method, " PREFIX "Request-Headers";
    }
    return !effect->any || effect->denies || keeps ? "Origin" : NULL;
}

static void set_vary(cors_response_t *response, const char *names,
                     int contents)
{
    if (response->vary) {
        names = both(response->pool, names, response->vary);
        contents |= HAS_VARY;
    }
    if (!names) {
        return;
    }
    if (contents & HAS_VARY) {
        merge_vary(response, names);
    }
    else {
        apr_table_addn(response->headers, "Vary", names);
    }
}

/* What CORS-Decision repeats of the request: one well-formed value. */
static const char *quoted(cors_response_t *response, const char *label,
                          const char *at, apr_size_t len)
{
    if (len > CORS_NAME_MAX || !cors_token_is(at, len)) {
        return "";
    }
    return apr_pstrcat(response->pool, label,
                       apr_pstrmemdup(response->pool, at, len), NULL);
}

static const char *detail_of(cors_response_t *response,
                             const cors_request_t *request,
                             const cors_decision_t *decision)
{
    switch (decision->outcome) {
    case CORS_ORIGIN_DENIED:
        return cors_origin_is_serialised(request->origin)
                   ? apr_pstrcat(response->pool, "; origin=", request->origin,
                                 NULL)
                   : "";
    case CORS_METHOD_DENIED:
        return quoted(response, "; method=", request->method,
                      strlen(request->method));
    case CORS_HEADERS_DENIED:
        return quoted(response, "; header=", decision->missing.at,
                      decision->missing.len);
    default:
        return "";
    }
}

static void set_debug(cors_response_t *response, const cors_request_t *request,
                      const cors_decision_t *decision)
{
    const char *word = cors_outcome_word(decision->outcome);

    if (word) {
        apr_table_unset(response->error_headers, "CORS-Decision");
        apr_table_setn(response->headers, "CORS-Decision",
                       apr_pstrcat(response->pool, word,
                                   detail_of(response, request, decision),
                                   NULL));
    }
}

/* Clean both tables, because httpd sends both and an internal redirect hands
 * on the second; set in the first.
 */
void cors_response_set(cors_response_t *response, const cors_policy_t *policy,
                       const cors_request_t *request,
                       const cors_decision_t *decision)
{
    const cors_effect_t *effect = &policy->effect;
    int contents = contents_of(response->headers)
                   | contents_of(response->error_headers);
    int keeps = (contents & HAS_ACCESS_CONTROL)
                && keeps_theirs(response, policy);

    if (!keeps) {
        if (contents & HAS_ACCESS_CONTROL) {
            unset_own(response);
        }
        add_own(response, effect, request, decision);
    }
    set_vary(response, vary_of(effect, request, keeps), contents);
    if (policy->debug_header.value) {
        set_debug(response, request, decision);
    }
}
