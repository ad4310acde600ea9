/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "origin.h"

#include <string.h>

#include <apr_lib.h>

#include "host.h"
#include "seldom.h"

#define PORT_MAX 65535

/* RFC 3986, section 3.1, in lower case. */
static apr_size_t scheme_length(const char *s)
{
    apr_size_t len = 0;

    if (s[0] < 'a' || s[0] > 'z') {
        return 0;
    }
    while ((s[len] >= 'a' && s[len] <= 'z') || apr_isdigit(s[len])
           || s[len] == '+' || s[len] == '-' || s[len] == '.') {
        len++;
    }
    return len <= CORS_SCHEME_MAX ? len : 0;
}

int cors_scheme_port(const char *scheme, apr_size_t len)
{
    if (len == 4 && memcmp(scheme, "http", 4) == 0) {
        return 80;
    }
    if (len == 5 && memcmp(scheme, "https", 5) == 0) {
        return 443;
    }
    return 0;
}

/* A port as it is serialised: no zero in front, and not the default. */
static int is_port(const char *s, int default_port)
{
    int port = 0;
    int digits = 0;

    if (*s == '0') {
        return 0;
    }
    for (; apr_isdigit(*s) && digits < 6; s++, digits++) {
        port = 10 * port + (*s - '0');
    }
    return digits > 0 && *s == '\0' && port <= PORT_MAX
           && port != default_port;
}

CORS_APART
int cors_origin_read(cors_origin_t *origin, const char *text)
{
    const char *host;
    const char *end;

    origin->scheme_len = scheme_length(text);
    host = text + origin->scheme_len;
    if (origin->scheme_len == 0 || host[0] != ':' || host[1] != '/'
        || host[2] != '/') {
        return 0;
    }
    host += 3;
    end = host;
    while (*end != '\0' && *end != (*host == '[' ? ']' : ':')) {
        end++;
    }
    if (*host == '[' && *end == ']') {
        end++;
    }
    switch (cors_host_kind(host, (apr_size_t)(end - host))) {
    case CORS_HOST_NAME:
    case CORS_HOST_IPV4:
    case CORS_HOST_IPV6:
        break;
    default:
        return 0;
    }
    origin->text = text;
    origin->host = (apr_size_t)(host - text);
    origin->host_end = (apr_size_t)(end - text);
    origin->len = origin->host_end + strlen(end);
    return *end == '\0'
           || (*end == ':'
               && is_port(end + 1,
                          cors_scheme_port(text, origin->scheme_len)));
}

int cors_origin_port(const cors_origin_t *origin)
{
    const char *s = origin->text + origin->host_end;
    int port = 0;

    if (*s != ':') {
        return cors_scheme_port(origin->text, origin->scheme_len);
    }
    for (s++; *s != '\0'; s++) {
        port = 10 * port + (*s - '0');
    }
    return port;
}

int cors_origin_is_insecure(const cors_origin_t *origin)
{
    return origin->scheme_len == 4 && memcmp(origin->text, "http", 4) == 0
           && !cors_host_is_loopback(origin->text + origin->host,
                                     origin->host_end - origin->host);
}

int cors_pattern_covers(const cors_pattern_t *pattern,
                        const cors_origin_t *origin)
{
    apr_size_t end = pattern->any_port ? origin->host_end : origin->len;

    if (pattern->kind == CORS_PATTERN_EXACT) {
        return end == pattern->key_len
               && memcmp(origin->text, pattern->key, end) == 0;
    }
    /* The labels in front need no look: cors_origin_read() took each. */
    return pattern->kind == CORS_PATTERN_SUBDOMAINS
           && origin->scheme_len == pattern->scheme_len
           && end > origin->host + pattern->key_len
           && memcmp(origin->text + end - pattern->key_len, pattern->key,
                     pattern->key_len) == 0
           && memcmp(origin->text, pattern->text, pattern->scheme_len) == 0;
}
