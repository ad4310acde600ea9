/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "names.h"

#include <string.h>
#include <strings.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* A longer list is searched by an index. */
#define SHORT_LIST 16

/* A bit for each byte: letters, digits and !#$%&'*+-.^_`|~ */
static const apr_uint32_t tchars[8] = {
    0x00000000, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff, 0, 0, 0, 0
};

static int is_tchar(char c)
{
    unsigned char byte = (unsigned char)c;

    return (tchars[byte >> 5] >> (byte & 31) & 1) != 0;
}

int cors_token_is(const char *s, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len && is_tchar(s[i]); i++) {
    }
    return len > 0 && i == len;
}

static int is_gap(char c)
{
    return c == ',' || c == ' ' || c == '\t';
}

int cors_list_next(const char **cursor, cors_span_t *item)
{
    const char *s = *cursor;
    const char *end;

    while (is_gap(*s)) {
        s++;
    }
    if (*s == '\0') {
        *cursor = s;
        return 0;
    }
    end = s + strcspn(s, ",");
    *cursor = end;
    while (is_gap(end[-1])) {
        end--;
    }
    item->at = s;
    item->len = (apr_size_t)(end - s);
    return 1;
}

cors_names_t *cors_names_make(apr_pool_t *p, int case_sensitive)
{
    cors_names_t *list = apr_pcalloc(p, sizeof(*list));

    list->case_sensitive = case_sensitive;
    list->names = apr_array_make(p, 4, sizeof(cors_span_t));
    return list;
}

/* What is compared of a name, in at least name->len bytes. */
static void make_key(char *key, const cors_names_t *list,
                     const cors_span_t *name)
{
    apr_size_t i;

    for (i = 0; i < name->len; i++) {
        key[i] = name->at[i];
        if (!list->case_sensitive) {
            key[i] = (char)apr_tolower(key[i]);
        }
    }
}

static void index_name(cors_names_t *list, const cors_span_t *name)
{
    char *key = apr_palloc(list->names->pool, name->len + 1);

    make_key(key, list, name);
    apr_hash_set(list->index, key, (apr_ssize_t)name->len, key);
}

static void index_names(cors_names_t *list)
{
    int i;

    list->index = apr_hash_make(list->names->pool);
    for (i = 0; i < list->names->nelts; i++) {
        index_name(list, &APR_ARRAY_IDX(list->names, i, cors_span_t));
    }
}

static int is_indexed(const cors_names_t *list, const cors_span_t *name)
{
    char key[CORS_NAME_MAX];

    if (name->len > sizeof(key)) {
        return 0;
    }
    make_key(key, list, name);
    return apr_hash_get(list->index, key, (apr_ssize_t)name->len) != NULL;
}

static int is_same(const cors_names_t *list, const cors_span_t *a,
                   const cors_span_t *b)
{
    if (a->len != b->len) {
        return 0;
    }
    return list->case_sensitive ? memcmp(a->at, b->at, a->len) == 0
                                : strncasecmp(a->at, b->at, a->len) == 0;
}

int cors_names_has(const cors_names_t *list, const cors_span_t *name)
{
    const cors_span_t *listed = (const cors_span_t *)list->names->elts;
    const cors_span_t *end = listed + list->names->nelts;

    if (list->index) {
        return is_indexed(list, name);
    }
    while (listed < end && !is_same(list, listed, name)) {
        listed++;
    }
    return listed < end;
}

void cors_names_add(cors_names_t *list, const char *name)
{
    cors_span_t span;

    span.at = name;
    span.len = strlen(name);
    if (cors_names_has(list, &span)) {
        return;
    }
    APR_ARRAY_PUSH(list->names, cors_span_t) = span;
    if (list->index) {
        index_name(list, &span);
    }
    else if (list->names->nelts > SHORT_LIST) {
        index_names(list);
    }
}

void cors_names_join(cors_names_t *list, apr_pool_t *p)
{
    const cors_span_t *names = (const cors_span_t *)list->names->elts;
    int count = list->names->nelts;
    apr_size_t len = sizeof("*, ");
    char *to;
    int i;

    for (i = 0; i < count; i++) {
        len += names[i].len + 2;
    }
    list->joined = to = apr_palloc(p, len);
    if (list->any) {
        *to++ = '*';
    }
    for (i = 0; i < count; i++) {
        if (to != list->joined) {
            *to++ = ',';
            *to++ = ' ';
        }
        memcpy(to, names[i].at, names[i].len);
        to += names[i].len;
    }
    *to = '\0';
}

static int is_in(const char *const *list, const char *name)
{
    while (*list && ((**list ^ *name) & 0xdf || strcasecmp(*list, name) != 0)) {
        list++;
    }
    return *list != NULL;
}

int cors_method_is_forbidden(const char *method)
{
    static const char *const methods[] = { "CONNECT", "TRACE", "TRACK", NULL };

    return is_in(methods, method);
}

int cors_method_is_normalised(const char *method)
{
    static const char *const methods[] = {
        "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", NULL
    };

    return is_in(methods, method);
}

int cors_header_is_never_requested(const char *name)
{
    static const char *const names[] = {
        "Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers",
        "Access-Control-Request-Method",
        "Access-Control-Request-Private-Network", "Connection",
        "Content-Length", "Cookie", "Cookie2", "Date", "DNT", "Expect",
        "Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE",
        "Trailer", "Transfer-Encoding", "Upgrade", "Via", NULL
    };

    return is_in(names, name) || !strncasecmp(name, "Sec-", 4)
           || !strncasecmp(name, "Proxy-", 6);
}

int cors_header_is_never_exposed(const char *name)
{
    static const char *const names[] = { "Set-Cookie", "Set-Cookie2", NULL };

    return is_in(names, name);
}

const char *const cors_header_own[] = {
    "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers", "Access-Control-Max-Age", NULL
};

const char *cors_header_directive(const char *name)
{
    static const char *const directives[] = {
        "CorsAllowOrigin", "CorsAllowCredentials", "CorsAllowMethods",
        "CorsAllowHeaders", "CorsExposeHeaders", "CorsMaxAge"
    };
    int i;

    for (i = 0; cors_header_own[i]; i++) {
        if (!strcasecmp(cors_header_own[i], name)) {
            return directives[i];
        }
    }
    return NULL;
}
