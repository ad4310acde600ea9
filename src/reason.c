/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "reason.h"

#include <string.h>
#include <strings.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* A request with a random Origin must not make the log expensive: only so many
 * items are compared with it.
 */
#define COMPARED_MAX 64

/* A list of up to this many origins is printed. */
#define PRINTED_MAX 3

const char *cors_printable(const char *text, apr_size_t max, apr_pool_t *p)
{
    static const char digits[] = "0123456789abcdef";
    apr_size_t len = strlen(text);
    apr_size_t shown = len > max ? max : len;
    char *printable = apr_palloc(p, 3 * shown + sizeof("..."));
    char *to = printable;
    apr_size_t i;

    for (i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '%') {
            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 0xf];
        }
        else {
            *to++ = (char)c;
        }
    }
    apr_cpystrn(to, len > max ? "..." : "", sizeof("..."));
    return printable;
}

const char *cors_line_text(const cors_line_t *line, apr_pool_t *p)
{
    return apr_psprintf(p, "%s:%d", line->file, line->number);
}

/* How far an item is from an origin; smaller is nearer. */
typedef enum distance_e {
    IN_PORT, IN_SCHEME, IN_WWW, APEX, BELOW, LOOPBACK, IN_LETTER, IN_TLD, FAR
} distance_e;

/* A host inside a string. */
static int is_host(const cors_span_t *a, const cors_span_t *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static int is_below(const cors_span_t *host, const cors_span_t *domain)
{
    return host->len > domain->len + 1
           && host->at[host->len - domain->len - 1] == '.'
           && memcmp(host->at + host->len - domain->len, domain->at,
                     domain->len) == 0;
}

static int is_www_of(const cors_span_t *host, const cors_span_t *domain)
{
    return host->len == domain->len + 4 && !memcmp(host->at, "www.", 4)
           && is_below(host, domain);
}

static int differs_in_tld(const cors_span_t *a, const cors_span_t *b)
{
    const char *dot = memchr(a->at, '.', a->len);
    apr_size_t same = 0;

    while (same < a->len && same < b->len && a->at[same] == b->at[same]) {
        same++;
    }
    return dot && same > (apr_size_t)(dot - a->at)
           && !memchr(a->at + same, '.', a->len - same)
           && !memchr(b->at + same, '.', b->len - same);
}

/* The origin that is compared with the items of a list. */
typedef struct wanted_t {
    const cors_origin_t *origin;
    cors_span_t host;
    int is_loopback;
} wanted_t;

static distance_e host_distance(const wanted_t *wanted,
                                const cors_span_t *item)
{
    const cors_span_t *host = &wanted->host;

    if (is_www_of(host, item) || is_www_of(item, host)) {
        return IN_WWW;
    }
    if (is_below(host, item)) {
        return BELOW;
    }
    if (wanted->is_loopback && cors_host_is_loopback(item->at, item->len)) {
        return LOOPBACK;
    }
    return cors_differs_in_one(host->at, host->len, item->at, item->len)
               ? IN_LETTER
           : differs_in_tld(host, item) ? IN_TLD : FAR;
}

static distance_e distance(const cors_item_t *item, const wanted_t *wanted)
{
    const cors_origin_t *origin = wanted->origin;
    const cors_span_t *host = &wanted->host;
    cors_span_t name;
    int is_subdomains = item->kind == CORS_ITEM_SUBDOMAINS;

    if (!item->key) {
        return FAR;
    }
    name.at = cors_item_host(item, &name.len);
    if (is_subdomains && is_host(host, &name)) {
        return APEX;
    }
    if (is_subdomains ? is_below(host, &name) : is_host(host, &name)) {
        return item->scheme_len == origin->scheme_len
               && !memcmp(item->text, origin->text, origin->scheme_len)
                   ? IN_PORT : IN_SCHEME;
    }
    return is_subdomains ? FAR : host_distance(wanted, &name);
}

static const cors_item_t *find_nearest(const cors_policy_t *policy,
                                       const cors_origin_t *origin,
                                       distance_e *nearest)
{
    wanted_t wanted = { origin, { NULL, 0 }, 0 };
    const cors_layer_t *layer;
    const cors_item_t *found = NULL;
    int left = COMPARED_MAX;
    int i;

    wanted.host.at = origin->text + origin->host;
    wanted.host.len = origin->host_end - origin->host;
    wanted.is_loopback = cors_host_is_loopback(wanted.host.at,
                                               wanted.host.len);
    *nearest = FAR;
    for (layer = policy->allow; layer; layer = layer->outer) {
        const apr_array_header_t *items = layer->origins->items;

        for (i = 0; i < items->nelts && left > 0; i++, left--) {
            const cors_item_t *item = APR_ARRAY_IDX(items, i, cors_item_t *);
            distance_e far = distance(item, &wanted);

            if (far < *nearest) {
                *nearest = far;
                found = item;
            }
        }
    }
    return found;
}

static const char *nearest_text(distance_e far, const cors_item_t *item,
                                apr_pool_t *p)
{
    apr_size_t len;
    const char *host = cors_item_host(item, &len);

    switch (far) {
    case IN_PORT:
        return apr_psprintf(p, "differs from \"%s\" in its port", item->text);
    case IN_SCHEME:
        return apr_psprintf(p, "differs from \"%s\" in its scheme",
                            item->text);
    case IN_WWW:
        return apr_psprintf(p, "differs from \"%s\" by \"www.\"", item->text);
    case APEX:
        return apr_psprintf(p, "is %s itself; \"%s\" allows only names below "
                            "it", apr_pstrmemdup(p, host, len), item->text);
    case BELOW:
        return apr_psprintf(p, "is a subdomain; \"%s\" allows only that exact "
                            "host", item->text);
    case LOOPBACK:
        return apr_psprintf(p, "is not \"%s\": localhost, 127.0.0.1 and [::1] "
                            "are different origins", item->text);
    case IN_LETTER:
        return apr_psprintf(p, "differs from \"%s\" in one letter",
                            item->text);
    case IN_TLD:
        return apr_psprintf(p, "differs from \"%s\" in its top-level domain",
                            item->text);
    case FAR:
        break;
    }
    return NULL;
}

/* A similar origin, and whether something allows it. */
typedef struct similar_t {
    const cors_policy_t *policy;
    const cors_oracle_t *oracle;
    void *context;
} similar_t;

static const cors_item_t *find_similar(const similar_t *similar,
                                       const char *text)
{
    const cors_layer_t *layer;
    const cors_item_t *found = NULL;
    cors_origin_value_t value;
    int left = COMPARED_MAX;
    int i;

    cors_origin_value_init(&value, text);
    if (!cors_origin_value_parse(&value)) {
        return NULL;
    }
    for (layer = similar->policy->allow; layer && !found;
         layer = layer->outer) {
        const apr_array_header_t *rules = layer->origins->rules;

        found = cors_origin_list_find(layer->origins, &value);
        for (i = 0; i < rules->nelts && !found && left > 0; i++, left--) {
            const cors_item_t *rule = APR_ARRAY_IDX(rules, i, cors_item_t *);

            if (rule->kind == CORS_ITEM_REGEX
                && similar->oracle->allows(similar->context, rule,
                                           &value.origin)) {
                found = rule;
            }
        }
    }
    return found;
}

static const char *similar_text(const similar_t *similar, const char *text,
                                const char *difference, apr_pool_t *p)
{
    const cors_item_t *item = find_similar(similar, text);

    return item ? apr_psprintf(p, "differs %s from what \"%s\" allows",
                               difference, item->text)
                : NULL;
}

static const char *lower_case(const char *text, apr_pool_t *p)
{
    char *lower = apr_pstrndup(p, text, CORS_ORIGIN_MAX);
    char *s;

    for (s = lower; *s != '\0'; s++) {
        *s = (char)apr_tolower(*s);
    }
    return lower;
}

static const char *malformed_text(const similar_t *similar, const char *text,
                                  apr_pool_t *p)
{
    const cors_item_t *item = find_similar(similar, lower_case(text, p));

    if (item) {
        return apr_psprintf(p, "differs only in case from what \"%s\" allows; "
                            "browsers send lower case", item->text);
    }
    return *text == '\0' ? "is empty"
           : strchr(text, ',') ? "has more than one value"
           : "is not a valid origin";
}

/* The origin without the dot that ends its host; NULL if none does. */
static const char *without_dot(const cors_origin_t *origin, apr_pool_t *p)
{
    apr_size_t dot = origin->host_end - 1;

    return origin->text[dot] != '.' ? NULL
           : apr_pstrcat(p, apr_pstrmemdup(p, origin->text, dot),
                         origin->text + dot + 1, NULL);
}

static const char *without_port(const cors_origin_t *origin, apr_pool_t *p)
{
    return apr_pstrmemdup(p, origin->text, origin->host_end);
}

static const char *other_scheme(const cors_origin_t *origin, apr_pool_t *p)
{
    return apr_pstrcat(p, origin->scheme_len == 4 ? "https" : "http",
                       origin->text + origin->scheme_len, NULL);
}

static const char *variant_text(const similar_t *similar,
                                const cors_origin_t *origin, apr_pool_t *p)
{
    const char *dotless = without_dot(origin, p);
    const char *text = NULL;

    if (dotless && find_similar(similar, dotless)) {
        return "has a trailing dot, so it is a different host";
    }
    if (origin->len != origin->host_end) {
        text = similar_text(similar, without_port(origin, p), "in its port",
                            p);
    }
    return text ? text
                : similar_text(similar, other_scheme(origin, p),
                               "in its scheme", p);
}

static int count_items(const cors_policy_t *policy)
{
    const cors_layer_t *layer;
    int count = 0;

    for (layer = policy->allow; layer; layer = layer->outer) {
        count += layer->origins->items->nelts + layer->origins->rules->nelts;
    }
    return count;
}

static const char *append_items(const char *list,
                                const apr_array_header_t *items,
                                apr_pool_t *p)
{
    int i;

    for (i = 0; i < items->nelts; i++) {
        list = apr_pstrcat(p, list, *list ? ", \"" : "\"",
                           APR_ARRAY_IDX(items, i, cors_item_t *)->text, "\"",
                           NULL);
    }
    return list;
}

static const char *list_text(const cors_policy_t *policy, apr_pool_t *p)
{
    const cors_layer_t *layer;
    const char *list = "";
    int count = count_items(policy);

    if (count == 0) {
        return "is not allowed: this policy allows no origin";
    }
    if (count > PRINTED_MAX) {
        return apr_psprintf(p, "does not match any of the %d allowed origins",
                            count);
    }
    for (layer = policy->allow; layer; layer = layer->outer) {
        list = append_items(list, layer->origins->items, p);
        list = append_items(list, layer->origins->rules, p);
    }
    return apr_psprintf(p, "does not match %s", list);
}

static const char *not_listed_text(const similar_t *similar, const char *text,
                                   apr_pool_t *p)
{
    const cors_item_t *item;
    const char *variant;
    cors_origin_t origin;
    distance_e far;

    if (!strcmp(text, "null")) {
        return "is \"null\", which is not in the list; it is sent by sandboxed "
               "frames, by pages from a file or a data: URL, and after a "
               "redirect from another origin: then let the page use the final "
               "URL";
    }
    if (!strcmp(text, "file://") || !strcmp(text, "app://.")) {
        return list_text(similar->policy, p);
    }
    if (!cors_origin_parse(&origin, text)) {
        return malformed_text(similar, text, p);
    }
    item = find_nearest(similar->policy, &origin, &far);
    if (item && far < IN_LETTER) {
        return nearest_text(far, item, p);
    }
    variant = variant_text(similar, &origin, p);
    return variant ? variant
           : item ? nearest_text(far, item, p)
           : list_text(similar->policy, p);
}

static const char *other_domain_text(const cors_decision_t *decision,
                                     const char *text, apr_pool_t *p)
{
    cors_origin_t origin;
    apr_size_t len;

    if (!cors_origin_parse(&origin, text)) {
        return "is not a valid origin";
    }
    len = cors_host_domain(text + origin.host, origin.host_end - origin.host);
    return apr_psprintf(p, "belongs to another site than \"%s\": anyone can "
                        "register a name like \"%s\"", decision->item->text,
                        len ? apr_pstrmemdup(p, text + origin.host_end - len,
                                             len)
                            : text + origin.host);
}

/* A method that is listed in upper case was requested in another case. */
static const char *method_text(const cors_policy_t *policy,
                               const char *method, apr_pool_t *p)
{
    char *upper = apr_pstrdup(p, method);
    cors_span_t name;
    char *s;

    for (s = upper; *s != '\0'; s++) {
        *s = (char)apr_toupper(*s);
    }
    name.at = upper;
    name.len = strlen(upper);
    if (cors_layers_have_name(policy->effect.methods, &name)) {
        return apr_psprintf(p, "the method \"%s\" is not \"%s\": methods are "
                            "case-sensitive, so the script must use \"%s\"",
                            method, upper, upper);
    }
    return apr_psprintf(p, "the method \"%s\" is not in CorsAllowMethods",
                        method);
}

static const char *header_text(const cors_decision_t *decision,
                               const cors_policy_t *policy, apr_pool_t *p)
{
    const char *name = apr_pstrmemdup(p, decision->missing.at,
                                      decision->missing.len);
    int was_default = policy->headers && !strcasecmp(name, "content-type");

    return apr_psprintf(p, "the header \"%s\" is not in CorsAllowHeaders%s",
                        cors_printable(name, CORS_SHOWN_MAX, p),
                        was_default ? ", which replaced the default; with '+' "
                                      "before its items it would keep "
                                      "Content-Type" : "");
}

const char *cors_reason_text(const cors_decision_t *decision,
                             const cors_policy_t *policy,
                             const cors_request_t *request,
                             const cors_oracle_t *oracle, void *context,
                             apr_pool_t *p)
{
    similar_t similar = { policy, oracle, context };
    const char *value = request->method
        ? cors_printable(request->method, CORS_SHOWN_MAX, p) : "";

    switch (decision->reason) {
    case CORS_REASON_NO_ORIGIN:
        return "the request has no Origin header";
    case CORS_REASON_ALLOWED:
        return "the policy allows it";
    case CORS_REASON_OWN_ORIGIN:
        return "the origin is the server's own";
    case CORS_REASON_IN_DENY_LIST:
        return "the origin is denied by CorsDenyOrigin";
    case CORS_REASON_NOT_LISTED:
        return apr_pstrcat(p, "the origin ",
                           not_listed_text(&similar, request->origin, p),
                           NULL);
    case CORS_REASON_OTHER_DOMAIN:
        return apr_pstrcat(p, "the origin ",
                           other_domain_text(decision, request->origin, p),
                           NULL);
    case CORS_REASON_METHOD_NOT_LISTED:
        return method_text(policy, value, p);
    case CORS_REASON_METHOD_FORBIDDEN:
        return apr_psprintf(p, "scripts may never use the method \"%s\"",
                            value);
    case CORS_REASON_METHOD_MALFORMED:
        return apr_psprintf(p, "\"%s\" is not a valid method name", value);
    case CORS_REASON_HEADER_NOT_LISTED:
        return header_text(decision, policy, p);
    case CORS_REASON_HEADERS_MALFORMED:
        return "Access-Control-Request-Headers is malformed";
    case CORS_REASON_HEADERS_TOO_LONG:
        return "Access-Control-Request-Headers is longer than 4096 bytes";
    }
    return "";
}
