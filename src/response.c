/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "response.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

#include "header_name.h"
#include "seldom.h"

#define PREFIX "Access-Control-"

#define ALLOW_ORIGIN      PREFIX "Allow-Origin"
#define ALLOW_CREDENTIALS PREFIX "Allow-Credentials"
#define ALLOW_METHODS     PREFIX "Allow-Methods"
#define ALLOW_HEADERS     PREFIX "Allow-Headers"
#define EXPOSE_HEADERS    PREFIX "Expose-Headers"
#define MAX_AGE           PREFIX "Max-Age"

/* What response->holds says. */
enum { HOLDS_OURS = 0x1, HOLDS_VARY = 0x2 };

/* Whether there may be any of them: all letters are compared later. */
static int may_hold(const apr_table_t *table)
{
    const apr_array_header_t *array = apr_table_elts(table);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)array->elts;
    const apr_table_entry_t *end = entry + array->nelts;

    for (; entry < end; entry++) {
        if ((entry->key[0] | 0x20) == 'v'
            || cors_header_may_be_access(entry->key)) {
            return 1;
        }
    }
    return 0;
}

static int compare(void *holds, const char *name, const char *value)
{
    (void)value;
    if (!strncasecmp(name, PREFIX, sizeof(PREFIX) - 1)) {
        *(int *)holds |= HOLDS_OURS;
    }
    else if (!strcasecmp(name, "Vary")) {
        *(int *)holds |= HOLDS_VARY;
    }
    return 1;
}

CORS_SELDOM
static void look_closely(cors_response_t *response)
{
    apr_table_do(compare, &response->holds, response->headers, NULL);
    apr_table_do(compare, &response->holds, response->error_headers, NULL);
}

void cors_response_look(cors_response_t *response)
{
    response->holds = 0;
    if (may_hold(response->headers) || may_hold(response->error_headers)) {
        look_closely(response);
    }
}

CORS_SELDOM
static void remove_ours(cors_response_t *response)
{
    int i;

    for (i = 0; cors_header_ours[i]; i++) {
        apr_table_unset(response->headers, cors_header_ours[i]);
        apr_table_unset(response->error_headers, cors_header_ours[i]);
    }
}

void cors_response_clear(cors_response_t *response)
{
    if (response->holds & HOLDS_OURS) {
        remove_ours(response);
    }
}

/* All names of a list in one value, "*" aside. */
CORS_SELDOM
static const char *join(apr_pool_t *p, const cors_layers_t *field,
                        const cors_names_t *defaults, int by_case)
{
    cors_names_t *all = cors_names_make(p, NULL);
    const cors_names_t *names;
    int i;
    int j;

    for (i = 0; (names = cors_policy_names(field, defaults, i)); i++) {
        for (j = 0; j < names->names->nelts; j++) {
            cors_names_add(all,
                           APR_ARRAY_IDX(names->names, j, cors_span_t).at,
                           by_case);
        }
    }
    cors_names_join(all, p);
    return all->joined;
}

static void add(cors_response_t *response, const char *name,
                const char *value)
{
    if (*value) {
        apr_table_addn(response->headers, name, value);
    }
}

static void add_allow(cors_response_t *response, const cors_policy_t *policy,
                      const cors_request_t *request)
{
    add(response, ALLOW_ORIGIN, policy->effect.any ? "*" : request->origin);
    if (policy->effect.credentials) {
        add(response, ALLOW_CREDENTIALS, "true");
    }
}

/* With credentials browsers take "*" for a name, so what was asked for is
 * sent back. It was checked: of one that was denied nothing is repeated.
 */
CORS_SELDOM
static const char *methods(cors_response_t *response,
                           const cors_policy_t *policy,
                           const cors_request_t *request,
                           const cors_decision_t *decision)
{
    if (!cors_policy_names_any(&policy->methods)) {
        return join(response->pool, &policy->methods, &cors_default_methods,
                    1);
    }
    if (!policy->effect.credentials) {
        return "*";
    }
    return decision->outcome == CORS_METHOD_DENIED ? "" : request->method;
}

static int lists_authorization(const cors_policy_t *policy)
{
    static const cors_span_t name = { "Authorization", 13 };
    const cors_names_t *names;
    int i;

    for (i = 0; (names = cors_policy_names(&policy->headers, NULL, i)); i++) {
        if (cors_names_has_header(names, &name)) {
            return 1;
        }
    }
    return 0;
}

/* The names of a list that was checked, and nothing else of it. */
static const char *relisted(apr_pool_t *p, const char *list)
{
    char *value = apr_palloc(p, 2 * strlen(list) + 1);
    char *end = value;
    cors_span_t item;

    while (cors_list_next(&list, &item)) {
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

CORS_SELDOM
static const char *headers(cors_response_t *response,
                           const cors_policy_t *policy,
                           const cors_request_t *request,
                           const cors_decision_t *decision)
{
    if (!cors_policy_names_any(&policy->headers)) {
        return join(response->pool, &policy->headers, &cors_default_headers,
                    0);
    }
    if (!policy->effect.credentials) {
        return lists_authorization(policy) ? "*, Authorization" : "*";
    }
    return decision->outcome == CORS_PREFLIGHT_ALLOWED && request->headers
               ? relisted(response->pool, request->headers) : "";
}

CORS_OFTEN
void cors_response_preflight(cors_response_t *response,
                             const cors_policy_t *policy,
                             const cors_request_t *request,
                             const cors_decision_t *decision)
{
    const cors_effect_t *effect = &policy->effect;

    if (!decision->origin_allowed) {
        return;
    }
    add_allow(response, policy, request);
    add(response, ALLOW_METHODS, effect->methods ? effect->methods->joined
        : methods(response, policy, request, decision));
    add(response, ALLOW_HEADERS, effect->headers ? effect->headers->joined
        : headers(response, policy, request, decision));
    if (policy->max_age.text) {
        add(response, MAX_AGE, policy->max_age.text);
    }
}

/* "*" with credentials would be a header of that name, and is left out. */
CORS_SELDOM
static const char *exposed(cors_response_t *response,
                           const cors_policy_t *policy)
{
    return cors_policy_names_any(&policy->expose)
           && !policy->effect.credentials
               ? "*" : join(response->pool, &policy->expose, NULL, 0);
}

void cors_response_actual(cors_response_t *response,
                          const cors_policy_t *policy,
                          const cors_request_t *request,
                          const cors_decision_t *decision)
{
    const cors_effect_t *effect = &policy->effect;

    /* With "*" whoever is not denied gets the same answer, with Origin or
     * without: caches may give it to anybody.
     */
    if (effect->any ? decision->outcome != CORS_ORIGIN_DENIED
                    : decision->origin_allowed) {
        add_allow(response, policy, request);
        add(response, EXPOSE_HEADERS, effect->exposed ? effect->exposed->joined
            : exposed(response, policy));
    }
}

void cors_response_debug(cors_response_t *response,
                         const cors_request_t *request,
                         const cors_decision_t *decision)
{
    const char *word = cors_outcome_word(decision->outcome);
    const char *label = NULL;
    cors_span_t value = { NULL, 0 };
    cors_origin_t origin;

    if (!word) {
        return;
    }
    if (decision->outcome == CORS_ORIGIN_DENIED
        && (!strcmp(request->origin, "null")
            || cors_origin_read(&origin, request->origin))) {
        label = "; origin=";
        value.at = request->origin;
        value.len = strlen(request->origin);
    }
    else if (decision->outcome == CORS_METHOD_DENIED
             && strlen(request->method) <= CORS_NAME_MAX
             && cors_token_is(request->method, strlen(request->method))) {
        label = "; method=";
        value.at = request->method;
        value.len = strlen(request->method);
    }
    else if (decision->outcome == CORS_HEADERS_DENIED
             && decision->missing.len <= CORS_NAME_MAX
             && cors_token_is(decision->missing.at, decision->missing.len)) {
        label = "; header=";
        value = decision->missing;
    }
    apr_table_unset(response->error_headers, "CORS-Decision");
    apr_table_setn(response->headers, "CORS-Decision",
                   label ? apr_pstrcat(response->pool, word, label,
                                       apr_pstrmemdup(response->pool, value.at,
                                                      value.len), NULL)
                         : word);
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

/* One line holds all: mod_cache reads no second one. httpd itself leaves out
 * what is in it twice (fixup_vary()), but not what stands beside "*".
 */
CORS_SELDOM
static void merge_lines(cors_response_t *response, const char *names)
{
    apr_pool_t *p = response->pool;
    const char *vary = both(p, apr_table_getm(p, response->headers, "Vary"),
                            apr_table_getm(p, response->error_headers,
                                           "Vary"));

    apr_table_unset(response->error_headers, "Vary");
    apr_table_setn(response->headers, "Vary",
                   vary && has_star(vary) ? "*" : both(p, vary, names));
}

void cors_response_vary(cors_response_t *response,
                        const cors_policy_t *policy,
                        const cors_request_t *request, const char *brought)
{
    const char *names = request->is_options
        ? "Origin, " PREFIX "Request-Method, " PREFIX "Request-Headers"
        : !policy->effect.any || policy->effect.denies ? "Origin" : NULL;

    if (brought || (names && (response->holds & HOLDS_VARY))) {
        merge_lines(response, both(response->pool, names, brought));
    }
    else if (names) {
        apr_table_addn(response->headers, "Vary", names);
    }
}
