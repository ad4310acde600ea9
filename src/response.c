/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "response.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

#include "header_name.h"

#define PREFIX "Access-Control-"

#define ALLOW_ORIGIN      PREFIX "Allow-Origin"
#define ALLOW_CREDENTIALS PREFIX "Allow-Credentials"
#define ALLOW_METHODS     PREFIX "Allow-Methods"
#define ALLOW_HEADERS     PREFIX "Allow-Headers"
#define EXPOSE_HEADERS    PREFIX "Expose-Headers"
#define MAX_AGE           PREFIX "Max-Age"

/* One walk finds out whether there is anything to remove, which is seldom. */
static int has_ours(const apr_table_t *table)
{
    const apr_array_header_t *array = apr_table_elts(table);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)array->elts;
    int i;

    for (i = 0; i < array->nelts; i++) {
        if ((entry[i].key[0] | 0x20) == 'a'
            && !strncasecmp(entry[i].key, PREFIX, sizeof(PREFIX) - 1)) {
            return 1;
        }
    }
    return 0;
}

static void clear(apr_table_t *table)
{
    int i;

    for (i = 0; has_ours(table) && cors_header_ours[i]; i++) {
        apr_table_unset(table, cors_header_ours[i]);
    }
}

void cors_response_clear(cors_response_t *response)
{
    clear(response->headers);
    clear(response->error_headers);
}

/* All names of a list in one value, "*" aside; a single layer's is shared. */
static const char *joined(apr_pool_t *p, const cors_layers_t *field,
                          const cors_names_t *defaults, int by_case)
{
    const cors_names_t *names = cors_policy_names(field, defaults, 0);
    cors_names_t *all;
    int i;
    int j;

    if (!names) {
        return "";
    }
    if (!names->any && !cors_policy_names(field, defaults, 1)) {
        return names->joined;
    }
    all = cors_names_make(p, names->place);
    for (i = 0; (names = cors_policy_names(field, defaults, i)); i++) {
        for (j = 0; j < names->names->nelts; j++) {
            cors_names_add(all, APR_ARRAY_IDX(names->names, j, const char *),
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
                      const cors_request_t *request, int any)
{
    add(response, ALLOW_ORIGIN, any ? "*" : request->origin);
    if (cors_policy_credentials(policy)) {
        add(response, ALLOW_CREDENTIALS, "true");
    }
}

/* With credentials browsers take "*" for a name, so what was asked for is
 * sent back. It was checked: of one that was denied nothing is repeated.
 */
static const char *methods(cors_response_t *response,
                           const cors_policy_t *policy,
                           const cors_request_t *request,
                           const cors_decision_t *decision)
{
    if (!cors_policy_names_any(&policy->methods)) {
        return joined(response->pool, &policy->methods,
                      &cors_default_methods, 1);
    }
    if (!cors_policy_credentials(policy)) {
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

static const char *headers(cors_response_t *response,
                           const cors_policy_t *policy,
                           const cors_request_t *request,
                           const cors_decision_t *decision)
{
    if (!cors_policy_names_any(&policy->headers)) {
        return joined(response->pool, &policy->headers,
                      &cors_default_headers, 0);
    }
    if (!cors_policy_credentials(policy)) {
        return lists_authorization(policy) ? "*, Authorization" : "*";
    }
    return decision->outcome == CORS_PREFLIGHT_ALLOWED && request->headers
               ? relisted(response->pool, request->headers) : "";
}

void cors_response_preflight(cors_response_t *response,
                             const cors_policy_t *policy,
                             const cors_request_t *request,
                             const cors_decision_t *decision)
{
    int max_age = cors_policy_max_age(policy);

    if (!decision->origin_allowed) {
        return;
    }
    add_allow(response, policy, request, cors_policy_any(policy) != NULL);
    add(response, ALLOW_METHODS, methods(response, policy, request, decision));
    add(response, ALLOW_HEADERS, headers(response, policy, request, decision));
    if (max_age >= 0) {
        add(response, MAX_AGE, apr_itoa(response->pool, max_age));
    }
}

/* "*" with credentials would be a header of that name, and is left out. */
static const char *exposed(cors_response_t *response,
                           const cors_policy_t *policy)
{
    if (cors_policy_names_any(&policy->expose)
        && !cors_policy_credentials(policy)) {
        return "*";
    }
    return joined(response->pool, &policy->expose, NULL, 0);
}

void cors_response_actual(cors_response_t *response,
                          const cors_policy_t *policy,
                          const cors_request_t *request,
                          const cors_decision_t *decision)
{
    int any = cors_policy_any(policy) != NULL;

    /* With "*" whoever is not denied gets the same answer, with Origin or
     * without: caches may give it to anybody.
     */
    if (any ? decision->outcome != CORS_ORIGIN_DENIED
            : decision->origin_allowed) {
        add_allow(response, policy, request, any);
        add(response, EXPOSE_HEADERS, exposed(response, policy));
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
        && cors_origin_read(&origin, request->origin)) {
        label = "; origin=";
        value.at = origin.text;
        value.len = origin.len;
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
static void merge_vary(cors_response_t *response, const char *names)
{
    apr_pool_t *p = response->pool;
    const char *vary;

    if (!apr_table_get(response->headers, "Vary")
        && !apr_table_get(response->error_headers, "Vary")) {
        apr_table_addn(response->headers, "Vary", names);
        return;
    }
    vary = both(p, apr_table_getm(p, response->headers, "Vary"),
                            apr_table_getm(p, response->error_headers,
                                           "Vary"));

    apr_table_unset(response->error_headers, "Vary");
    apr_table_setn(response->headers, "Vary",
                   has_star(vary) ? "*" : both(p, vary, names));
}

void cors_response_vary(cors_response_t *response,
                        const cors_policy_t *policy,
                        const cors_request_t *request, const char *brought)
{
    if (request->is_options) {
        merge_vary(response, "Origin, " PREFIX "Request-Method, "
                   PREFIX "Request-Headers");
    }
    else if (!cors_policy_any(policy) || cors_policy_denies(policy)) {
        merge_vary(response, "Origin");
    }
    if (brought) {
        merge_vary(response, brought);
    }
}
