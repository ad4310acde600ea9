/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Reading what people write into CorsAllowOrigin and CorsDenyOrigin. */

#include "origin.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "host.h"
#include "parts.h"

/* This many in one value are followed up to find the right spelling. */
#define MISTAKES 4

static int is_in_no_origin(char c)
{
    switch (c) {
    case '"': case '\'': case '<': case '>': case '\\': case '^':
    case '`': case '{': case '|': case '}': case '$': case ';':
        return 1;
    default:
        return 0;
    }
}

/* Characters that are in no origin; where people paste one, it shows which
 * mistake was made.
 */
static int check_characters(cors_remark_t *remark, const char *value,
                            apr_pool_t *p)
{
    const char *s = value;

    while (*s > ' ' && *s < 0x7f && !is_in_no_origin(*s)) {
        s++;
    }
    if (*s == '\0') {
        return 1;
    }
    if ((unsigned char)*s >= 0x80) {
        return cors_refuse(remark, "holds a character beyond ASCII; browsers "
                           "send such names in Punycode (xn--...)", NULL);
    }
    if (*s == ';') {
        return cors_refuse(remark, "holds ';': blanks or commas stand between "
                           "items", NULL);
    }
    return cors_refuse(remark, apr_psprintf(p, apr_isprint(*s)
                           ? "holds '%c', which is in no origin"
                           : "holds the byte 0x%02x, which is in no origin",
                           (unsigned char)*s), NULL);
}

static void set_key(cors_pattern_t *pattern)
{
    const char *host = pattern->text + pattern->scheme_len + 3;

    /* From the dot of "*." on, or all. */
    pattern->key = pattern->kind == CORS_PATTERN_SUBDOMAINS ? host + 1
                                                            : pattern->text;
    pattern->key_len = strlen(pattern->key) - (pattern->any_port ? 2 : 0);
}

static void set_hazards(cors_pattern_t *pattern, const char *host)
{
    apr_size_t len = strlen(host);
    cors_origin_t origin = { pattern->text, 0, pattern->scheme_len, 0, 0 };

    /* For subdomains what counts is the name that they are below. */
    origin.host = (apr_size_t)(strstr(pattern->text, host) - pattern->text);
    origin.host_end = origin.host + len;
    if (cors_origin_is_insecure(&origin)) {
        pattern->hazards |= CORS_HAZARD_INSECURE;
    }
    if (pattern->kind == CORS_PATTERN_SUBDOMAINS
        && cors_host_is_public_suffix(host, len)) {
        pattern->hazards |= CORS_HAZARD_PUBLIC_SUFFIX;
    }
}

static int read_tuple(cors_pattern_t *pattern, cors_remark_t *remark,
                      const char *value, apr_pool_t *p)
{
    char *lower = apr_pstrdup(p, value);
    cors_parts_t parts;
    char *s;

    for (s = lower; *s != '\0'; s++) {
        *s = (char)apr_tolower(*s);
    }
    cors_parts_read(&parts, lower, p);
    if (!cors_parts_check(remark, &parts, p)) {
        return 0;
    }
    pattern->kind = cors_parts_has_subdomains(&parts)
                        ? CORS_PATTERN_SUBDOMAINS : CORS_PATTERN_EXACT;
    pattern->scheme_len = strlen(parts.scheme);
    pattern->any_port = parts.port && !strcmp(parts.port, "*");
    if (parts.port && !pattern->any_port
        && cors_parts_port_number(parts.port)
               == cors_scheme_port(parts.scheme, pattern->scheme_len)) {
        parts.port = NULL;
    }
    pattern->text = cors_parts_origin(&parts, p);
    set_key(pattern);
    set_hazards(pattern, parts.host
                             + (cors_parts_has_subdomains(&parts) ? 2 : 0));
    if (strcmp(pattern->text, value) != 0) {
        remark->reason = "is taken as browsers send it";
        remark->instead = pattern->text;
    }
    return 1;
}

/* What a value without "://" was meant to be: nothing, if it is a mere word.
 * This machine's pages are http.
 */
static const char *with_scheme(const char *value, apr_pool_t *p)
{
    int said = strncasecmp(value, "http", 4) ? 0
                   : apr_tolower(value[4]) == 's' ? 5 : 4;
    int said_http = said == 4 && (value[4] == ':' || value[4] == '/');
    const char *rest = value;
    const char *origin;
    cors_pattern_t pattern = { 0 };
    cors_remark_t remark;

    if (!strpbrk(value, ".:/") && strcasecmp(value, "localhost") != 0) {
        return NULL;
    }
    if (said && (value[said] == ':' || value[said] == '/')) {
        rest += said;
    }
    rest += strspn(rest, ":/");
    origin = apr_pstrcat(p, "http://", rest, NULL);
    if (said_http
        || (read_tuple(&pattern, &remark, origin, p)
            && !(pattern.hazards & CORS_HAZARD_INSECURE))) {
        return origin;
    }
    return apr_pstrcat(p, "https://", rest, NULL);
}

static int read_item(cors_pattern_t *pattern, cors_remark_t *remark,
                     const char *value, apr_pool_t *p)
{
    memset(pattern, 0, sizeof(*pattern));
    memset(remark, 0, sizeof(*remark));
    pattern->text = value;
    if (!strcmp(value, "*")) {
        pattern->kind = CORS_PATTERN_ANY;
        return 1;
    }
    if (!strcmp(value, "null")) {
        pattern->kind = CORS_PATTERN_NULL;
        pattern->hazards = CORS_HAZARD_NULL;
        return 1;
    }
    if (!check_characters(remark, value, p)) {
        return 0;
    }
    if (!strcasecmp(value, "null")) {
        return cors_refuse(
            remark, "is no origin; the opaque one is in lower case", "null");
    }
    if (!strcasecmp(value, "all") || !strcasecmp(value, "any")) {
        return cors_refuse(remark, "is no origin; there is a sign for all",
                           "*");
    }
    if (!strstr(value, "://")) {
        return cors_refuse(remark, "has no scheme", with_scheme(value, p));
    }
    return read_tuple(pattern, remark, value, p);
}

int cors_pattern_read(cors_pattern_t *pattern, cors_remark_t *remark,
                      const char *value, apr_pool_t *p)
{
    cors_pattern_t right;
    cors_remark_t next;
    int tries;

    if (read_item(pattern, remark, value, p)) {
        return 1;
    }
    /* What is advised must be right itself, or lead to what is. */
    for (tries = 0; remark->instead && tries < MISTAKES; tries++) {
        if (read_item(&right, &next, remark->instead, p)) {
            remark->instead = right.text;
            return 0;
        }
        remark->instead = next.instead;
    }
    remark->instead = NULL;
    return 0;
}

/* One letter more, less, or another. */
static int differs_in_one(const char *a, apr_size_t a_len, const char *b)
{
    apr_size_t b_len = strlen(b);
    apr_size_t front = 0;

    while (front < a_len && front < b_len && a[front] == b[front]) {
        front++;
    }
    while (a_len > front && b_len > front && a[a_len - 1] == b[b_len - 1]) {
        a_len--;
        b_len--;
    }
    return a_len - front <= 1 && b_len - front <= 1;
}

const char *cors_pattern_likely_scheme(const cors_pattern_t *pattern)
{
    static const char *const known[] = {
        "https", "http", "capacitor", "ionic", "tauri", "chrome-extension",
        "moz-extension", "safari-web-extension", "vscode-webview", "app", NULL
    };
    const char *likely = NULL;
    int i;

    for (i = 0; known[i]; i++) {
        if (strlen(known[i]) == pattern->scheme_len
            && !strncmp(known[i], pattern->text, pattern->scheme_len)) {
            return NULL;
        }
        if (!likely && differs_in_one(pattern->text, pattern->scheme_len,
                                      known[i])) {
            likely = known[i];
        }
    }
    return likely;
}
