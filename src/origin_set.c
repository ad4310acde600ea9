/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "origin_set.h"

#include <string.h>

#include "seldom.h"

cors_origin_set_t *cors_origin_set_make(apr_pool_t *p)
{
    cors_origin_set_t *set = apr_pcalloc(p, sizeof(*set));

    set->patterns = apr_array_make(p, 2, sizeof(cors_pattern_t *));
    return set;
}

static int dots_in(const char *s, const char *end)
{
    int dots = 0;

    while ((s = memchr(s, '.', (apr_size_t)(end - s))) != NULL) {
        dots++;
        s++;
    }
    return dots;
}

static apr_uint64_t depth_bit(int dots)
{
    return (apr_uint64_t)1 << (dots < 63 ? dots : 63);
}

/* Patterns with one key differ in scheme, kind or port: a handful, as long as
 * nothing is chained twice.
 */
static void index_pattern(cors_origin_set_t *set, cors_pattern_t *pattern)
{
    const cors_pattern_t *twin;

    if (pattern->kind == CORS_PATTERN_SUBDOMAINS) {
        set->depths |= depth_bit(dots_in(pattern->key,
                                         pattern->key + pattern->key_len));
    }
    pattern->next = apr_hash_get(set->index, pattern->key,
                                 (apr_ssize_t)pattern->key_len);
    for (twin = pattern->next; twin; twin = twin->next) {
        if (!strcmp(twin->text, pattern->text)) {
            return;
        }
    }
    apr_hash_set(set->index, pattern->key, (apr_ssize_t)pattern->key_len,
                 pattern);
}

static void index_all(cors_origin_set_t *set)
{
    int i;

    set->index = apr_hash_make(set->patterns->pool);
    for (i = 0; i < set->patterns->nelts; i++) {
        cors_pattern_t *pattern = APR_ARRAY_IDX(set->patterns, i,
                                                cors_pattern_t *);
        if (pattern->key) {
            index_pattern(set, pattern);
        }
    }
}

void cors_origin_set_add(cors_origin_set_t *set, cors_pattern_t *pattern)
{
    APR_ARRAY_PUSH(set->patterns, cors_pattern_t *) = pattern;
    set->hazards |= pattern->hazards;
    set->any_port |= pattern->any_port;
    set->has_parts |= pattern->kind == CORS_PATTERN_SUBDOMAINS
                      || pattern->any_port;
    if (pattern->kind == CORS_PATTERN_ANY) {
        set->any = pattern;
    }
    else if (pattern->kind == CORS_PATTERN_NULL) {
        set->null = pattern;
    }
    else if (set->index) {
        index_pattern(set, pattern);
    }
    if (!set->index && set->patterns->nelts > CORS_SET_SHORT) {
        index_all(set);
    }
}

static apr_size_t host_length(const cors_pattern_t *pattern)
{
    const char *port = memchr(pattern->key, ':', pattern->key_len);

    return port ? (apr_size_t)(port - pattern->key) : pattern->key_len;
}

/* An exact origin is closer than any suffix, a longer suffix closer than a
 * shorter one, a certain port closer than any port.
 */
static int is_closer(const cors_pattern_t *a, const cors_pattern_t *b)
{
    if (a->kind != b->kind) {
        return a->kind == CORS_PATTERN_EXACT;
    }
    if (a->kind == CORS_PATTERN_SUBDOMAINS
        && host_length(a) != host_length(b)) {
        return host_length(a) > host_length(b);
    }
    return b->any_port && !a->any_port;
}

static const cors_pattern_t *search(const cors_origin_set_t *set,
                                    const cors_origin_t *origin, int refused)
{
    const cors_pattern_t *found = NULL;
    int i;

    for (i = 0; i < set->patterns->nelts; i++) {
        const cors_pattern_t *pattern = APR_ARRAY_IDX(set->patterns, i,
                                                      cors_pattern_t *);
        if (cors_pattern_covers(pattern, origin)
            && !(pattern->hazards & refused)
            && (!found || is_closer(pattern, found))) {
            found = pattern;
        }
    }
    return found;
}

static const cors_pattern_t *look_up(const cors_origin_set_t *set,
                                     const cors_origin_t *origin, int refused,
                                     apr_size_t from, apr_size_t to)
{
    const cors_pattern_t *found = NULL;
    const cors_pattern_t *pattern;

    for (pattern = apr_hash_get(set->index, origin->text + from,
                                (apr_ssize_t)(to - from));
         pattern; pattern = pattern->next) {
        if (cors_pattern_covers(pattern, origin)
            && !(pattern->hazards & refused)
            && (!found || is_closer(pattern, found))) {
            found = pattern;
        }
    }
    return found;
}

static int is_text(const cors_pattern_t *pattern, const char *text,
                   apr_size_t len, int refused)
{
    return pattern->key_len == len && pattern->kind == CORS_PATTERN_EXACT
           && !pattern->any_port && !(pattern->hazards & refused)
           && memcmp(pattern->key, text, len) == 0;
}

const cors_pattern_t *cors_origin_set_find_exact(const cors_origin_set_t *set,
                                                 const char *text,
                                                 apr_size_t len, int refused)
{
    const cors_pattern_t *pattern;
    cors_pattern_t **item;
    cors_pattern_t **end;

    if (set->index) {
        pattern = apr_hash_get(set->index, text, (apr_ssize_t)len);
        while (pattern && !is_text(pattern, text, len, refused)) {
            pattern = pattern->next;
        }
        return pattern;
    }
    item = (cors_pattern_t **)set->patterns->elts;
    end = item + set->patterns->nelts;
    while (item < end && !is_text(*item, text, len, refused)) {
        item++;
    }
    return item < end ? *item : NULL;
}

/* With its port, and for patterns of any port without. */
static const cors_pattern_t *look_up_from(const cors_origin_set_t *set,
                                          const cors_origin_t *origin,
                                          int refused, apr_size_t from)
{
    const cors_pattern_t *found = look_up(set, origin, refused, from,
                                          origin->len);

    if (!found && set->any_port && origin->len != origin->host_end) {
        found = look_up(set, origin, refused, from, origin->host_end);
    }
    return found;
}

CORS_APART
const cors_pattern_t *cors_origin_set_find(const cors_origin_set_t *set,
                                           const cors_origin_t *origin,
                                           int refused)
{
    const cors_pattern_t *found;
    const char *dot = origin->text + origin->host;
    const char *end = origin->text + origin->host_end;
    int dots;

    if (!set->index) {
        return search(set, origin, refused);
    }
    found = look_up_from(set, origin, refused, 0);
    for (dots = dots_in(dot, end); dots > 0 && !found; dots--, dot++) {
        dot = memchr(dot, '.', (apr_size_t)(end - dot));
        if (set->depths & depth_bit(dots)) {
            found = look_up_from(set, origin, refused,
                                 (apr_size_t)(dot - origin->text));
        }
    }
    return found;
}
