/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "nearest.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "hazard.h"

const char *cors_printable(const char *text, apr_size_t len, apr_size_t max,
                           apr_pool_t *p)
{
    static const char digits[] = "0123456789abcdef";
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

/* Whoever sends an Origin at random must not make the log dear: of a long list
 * only the beginning is looked at.
 */
#define LOOKED_AT_MAX 1000

/* How far an item is from an origin; smaller is nearer. */
typedef enum distance_e {
    LEFT_OUT,
    IN_PORT,
    IN_SCHEME,
    APEX,
    BELOW,
    FAR
} distance_e;

static int same_host(const cors_origin_t *a, const char *host, apr_size_t len)
{
    return a->host_end - a->host == len
           && memcmp(a->text + a->host, host, len) == 0;
}

/* The pattern's host without its port, and without the dot of "*.". */
static const char *host_of(const cors_pattern_t *pattern, apr_size_t *len)
{
    const char *host = pattern->text + pattern->scheme_len + 3;

    if (pattern->kind == CORS_PATTERN_SUBDOMAINS) {
        host += 2;
    }
    *len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    return host;
}

static int is_below(const cors_origin_t *origin, const char *host,
                    apr_size_t len)
{
    apr_size_t have = origin->host_end - origin->host;

    return have > len + 1
           && origin->text[origin->host_end - len - 1] == '.'
           && memcmp(origin->text + origin->host_end - len, host, len) == 0;
}

static distance_e distance(const cors_pattern_t *pattern,
                           const cors_origin_t *origin)
{
    apr_size_t len;
    const char *host;
    int same_scheme;
    int same;

    if (!pattern->key) {
        return FAR;
    }
    if (cors_pattern_covers(pattern, origin)) {
        return LEFT_OUT;
    }
    host = host_of(pattern, &len);
    same_scheme = pattern->scheme_len == origin->scheme_len
        && !memcmp(pattern->text, origin->text, origin->scheme_len);
    if (pattern->kind == CORS_PATTERN_SUBDOMAINS
        && same_host(origin, host, len)) {
        return APEX;
    }
    same = pattern->kind == CORS_PATTERN_SUBDOMAINS
               ? is_below(origin, host, len) : same_host(origin, host, len);
    if (same) {
        return same_scheme ? IN_PORT : IN_SCHEME;
    }
    return is_below(origin, host, len) ? BELOW : FAR;
}

static const cors_pattern_t *find_nearest(const cors_policy_t *policy,
                                          const cors_origin_t *origin,
                                          distance_e *nearest)
{
    const apr_array_header_t *layers = policy->allow.layers;
    const cors_pattern_t *found = NULL;
    int i;
    int j;

    *nearest = FAR;
    for (i = 0; i < layers->nelts; i++) {
        const apr_array_header_t *patterns =
            APR_ARRAY_IDX(layers, i, cors_origins_t *)->set->patterns;

        for (j = 0; j < patterns->nelts && j < LOOKED_AT_MAX; j++) {
            const cors_pattern_t *pattern = APR_ARRAY_IDX(patterns, j,
                                                          cors_pattern_t *);
            distance_e far = distance(pattern, origin);

            if (far < *nearest) {
                *nearest = far;
                found = pattern;
            }
        }
    }
    return found;
}

/* The rule that is left out, NULL if none is. */
static const cors_rule_t *find_left_out(const apr_array_header_t *rules,
                                        int refused)
{
    int i;

    for (i = 0; rules && i < rules->nelts; i++) {
        const cors_rule_t *rule = APR_ARRAY_IDX(rules, i, cors_rule_t *);

        if (rule->hazards & refused) {
            return rule;
        }
    }
    return NULL;
}

static const char *say_left_out(const cors_policy_t *policy,
                                const cors_origin_t *origin,
                                const cors_place_t **place, apr_pool_t *p)
{
    const apr_array_header_t *layers = policy->allow.layers;
    int refused = policy->effect.refused;
    int i;

    for (i = 0; i < layers->nelts; i++) {
        const cors_origins_t *layer = APR_ARRAY_IDX(layers, i,
                                                    cors_origins_t *);
        const cors_rule_t *rule = find_left_out(layer->matches, refused);

        if ((layer->matches || layer->expressions)
            && (refused & CORS_HAZARD_INSECURE)
            && cors_origin_is_insecure(origin)) {
            return "is http, which no expression allows with credentials";
        }
        rule = rule ? rule : find_left_out(layer->expressions, refused);
        if (rule) {
            *place = rule->place;
            return apr_psprintf(p, "is like none that is left: \"%s\" is left "
                                "out, it %s", rule->source,
                                cors_hazard_remark(cors_hazard_first(
                                    rule->hazards), rule->source, p).reason);
        }
    }
    return NULL;
}

static const char *say_null(const cors_policy_t *policy,
                            const cors_place_t **place)
{
    const apr_array_header_t *layers = policy->allow.layers;
    int i;

    for (i = 0; i < layers->nelts; i++) {
        const cors_pattern_t *null = APR_ARRAY_IDX(layers, i,
                                                   cors_origins_t *)->set->null;
        if (null) {
            *place = null->place;
            return "is the opaque origin, which is left out: it is the origin "
                   "of every sandboxed frame, so any page can have it";
        }
    }
    return "is the opaque origin of sandboxed frames and files, which is not "
           "listed";
}

/* Whether it is listed but for the dot at the end of its host. */
static int has_dot_only(const cors_policy_t *policy,
                        const cors_origin_t *origin, apr_pool_t *p)
{
    cors_origin_t without;
    distance_e far;

    return origin->text[origin->host_end - 1] == '.'
        && cors_origin_read(&without,
                            apr_pstrcat(p, apr_pstrmemdup(p, origin->text,
                                                    origin->host_end - 1),
                                        origin->text + origin->host_end,
                                        NULL))
        && find_nearest(policy, &without, &far) && far == LEFT_OUT;
}

static int count_items(const cors_policy_t *policy)
{
    const apr_array_header_t *layers = policy->allow.layers;
    int count = 0;
    int i;

    for (i = 0; i < layers->nelts; i++) {
        const cors_origins_t *origins = APR_ARRAY_IDX(layers, i,
                                                      cors_origins_t *);
        count += origins->set->patterns->nelts
                 + (origins->matches ? origins->matches->nelts : 0)
                 + (origins->expressions ? origins->expressions->nelts : 0);
    }
    return count;
}

static const char *say(distance_e far, const cors_pattern_t *pattern,
                       int refused, apr_pool_t *p)
{
    apr_size_t len;
    const char *host = host_of(pattern, &len);

    switch (far) {
    case LEFT_OUT:
        return apr_psprintf(p, "is covered by \"%s\", which is left out: it %s",
                            pattern->text,
                            cors_hazard_remark(cors_hazard_first(
                                                   pattern->hazards & refused),
                                               pattern->text, p).reason);
    case IN_PORT:
        return apr_psprintf(p, "differs in port from \"%s\"", pattern->text);
    case IN_SCHEME:
        return apr_psprintf(p, "differs in scheme from \"%s\"",
                            pattern->text);
    case APEX:
        return apr_psprintf(p, "is the name that \"%s\" does not cover: %s "
                            "itself", pattern->text,
                            apr_pstrmemdup(p, host, len));
    default:
        return apr_psprintf(p, "is below \"%s\", which covers that name only",
                            pattern->text);
    }
}

/* What would be an origin but for how it is written. */
static const char *say_malformed(const cors_policy_t *policy,
                                 const char *text, apr_pool_t *p)
{
    char *lower = apr_pstrndup(p, text, CORS_ORIGIN_MAX);
    cors_origin_t origin;
    distance_e far;
    char *s;

    for (s = lower; *s != '\0'; s++) {
        *s = (char)apr_tolower(*s);
    }
    if (cors_origin_read(&origin, lower)
        && find_nearest(policy, &origin, &far) && far == LEFT_OUT) {
        return "differs in case: browsers send lower case";
    }
    if (*text == '\0') {
        return "is empty";
    }
    return strchr(text, ',') ? "is more than one" : "is no serialised origin";
}

const char *cors_nearest_miss(const cors_policy_t *policy, const char *text,
                              const cors_place_t **place, apr_pool_t *p)
{
    const cors_pattern_t *pattern;
    cors_origin_t origin;
    distance_e far;
    int count = count_items(policy);
    const char *left_out;

    *place = NULL;
    if (!strcmp(text, "null")) {
        return say_null(policy, place);
    }
    if (!cors_origin_read(&origin, text)) {
        return say_malformed(policy, text, p);
    }
    pattern = find_nearest(policy, &origin, &far);
    if (pattern) {
        *place = pattern->place;
        return say(far, pattern, policy->effect.refused, p);
    }
    if (has_dot_only(policy, &origin, p)) {
        return "has a dot at the end of its host, which makes it another";
    }
    left_out = say_left_out(policy, &origin, place, p);
    if (left_out) {
        return left_out;
    }
    return count == 0 ? "is not allowed, as none is"
                      : apr_psprintf(p, "is like none of the %d that are "
                                     "allowed", count);
}
