/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Reading what people write into CorsAllowOrigin and CorsDenyOrigin. */

#include "origin.h"

#include <string.h>

#include <arpa/inet.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "host.h"

#define PORT_MAX 65535

/* This many in one value are followed up to find the right spelling. */
#define MISTAKES 4

/* The value taken apart, before anything was checked. All spans are in one
 * copy in lower case.
 */
typedef struct parts_t {
    const char *scheme;
    const char *host;
    /** NULL: none */
    const char *port;
    const char *user;
    /** from the path, query or fragment on */
    const char *rest;
} parts_t;

static int refuse(cors_remark_t *remark, const char *reason,
                  const char *instead)
{
    remark->reason = reason;
    remark->instead = instead;
    return 0;
}

static const char *origin_of(const parts_t *parts, apr_pool_t *p)
{
    return apr_pstrcat(p, parts->scheme, "://", parts->host,
                       parts->port ? ":" : NULL, parts->port, NULL);
}

/* Characters that are in no origin; where people paste one, it shows which
 * mistake was made.
 */
static int check_characters(cors_remark_t *remark, const char *value,
                            apr_pool_t *p)
{
    const char *s;

    for (s = value; *s != '\0'; s++) {
        if ((unsigned char)*s >= 0x80) {
            return refuse(remark, "holds a character beyond ASCII; browsers "
                          "send such names in Punycode (xn--...)", NULL);
        }
        if (apr_iscntrl(*s) || strchr("\"'<>\\^`{|}$ ;", *s)) {
            return refuse(remark, apr_psprintf(p, "holds the byte 0x%02x, "
                          "which is in no origin", (unsigned char)*s), NULL);
        }
    }
    return 1;
}

static int check_scheme(cors_remark_t *remark, const parts_t *parts,
                        apr_pool_t *p)
{
    parts_t right = *parts;
    apr_size_t len = strspn(parts->scheme, "abcdefghijklmnopqrstuvwxyz"
                                           "0123456789+-.");

    if (strchr(parts->scheme, '*')) {
        right.scheme = "https";
        return refuse(remark, "has a '*' in the scheme; list each scheme",
                      origin_of(&right, p));
    }
    if (!apr_isalpha(parts->scheme[0]) || parts->scheme[len] != '\0') {
        return refuse(remark, "has no valid scheme", NULL);
    }
    if (len > CORS_SCHEME_MAX) {
        return refuse(remark, "has a scheme of more than 64 bytes", NULL);
    }
    if (!strcmp(parts->scheme, "file")) {
        return refuse(remark, "is no origin: pages from files send \"null\"",
                      NULL);
    }
    if (!strcmp(parts->scheme, "ws") || !strcmp(parts->scheme, "wss")) {
        right.scheme = parts->scheme[2] ? "https" : "http";
        return refuse(remark, "is a WebSocket's address; the origin is that "
                      "of the page that opens it", origin_of(&right, p));
    }
    if (!strcmp(parts->scheme, "ftp")) {
        right.scheme = "https";
        return refuse(remark, "is no origin of pages; those are http or "
                      "https", origin_of(&right, p));
    }
    return 1;
}

/* Digits; what is no int is no port either. */
static int port_number(const char *digits)
{
    apr_int64_t port = apr_strtoi64(digits, NULL, 10);

    return port > PORT_MAX ? PORT_MAX + 1 : (int)port;
}

static int check_port(cors_remark_t *remark, parts_t *parts, apr_pool_t *p)
{
    const char *port = parts->port;
    parts_t right = *parts;
    apr_size_t digits;

    if (!port || !strcmp(port, "*")) {
        return 1;
    }
    digits = strspn(port, "0123456789");
    right.port = NULL;
    if (port[0] == '\0') {
        return refuse(remark, "has an empty port", origin_of(&right, p));
    }
    if (strchr(port, '*')) {
        right.port = "*";
        return refuse(remark, "has a '*' within the port; '*' stands for any "
                      "port, or none", origin_of(&right, p));
    }
    if (port[digits] != '\0') {
        return refuse(remark, "has a port that is no number",
                      origin_of(&right, p));
    }
    if (port[0] == '0') {
        port += strspn(port, "0");
        right.port = *port && port_number(port) != cors_scheme_port(
                                  parts->scheme, strlen(parts->scheme))
                         ? port : NULL;
        return refuse(remark, *port ? "has a port with a zero in front"
                                    : "has the port 0",
                      origin_of(&right, p));
    }
    if (port_number(port) > PORT_MAX) {
        return refuse(remark, "has a port above 65535", NULL);
    }
    return 1;
}

static int check_bad_host(cors_remark_t *remark, const parts_t *parts,
                          apr_pool_t *p)
{
    const char *host = parts->host;
    apr_size_t len = strlen(host);
    parts_t right = *parts;

    if (len == 0) {
        return refuse(remark, "has no host", NULL);
    }
    if (len > CORS_HOST_MAX) {
        return refuse(remark, "has a host of more than 253 bytes", NULL);
    }
    if (strchr(host, '*')) {
        right.host = apr_pstrcat(p, "*.", host + strspn(host, "*."), NULL);
        return refuse(remark, "has a '*' that is neither the whole value, nor "
                      "the first label, nor the port", origin_of(&right, p));
    }
    if (host[len - 1] == '.') {
        right.host = apr_pstrndup(p, host, len - 1);
        return refuse(remark, "has a dot at the end, which makes it another "
                      "host for browsers",
                      cors_host_kind(right.host, len - 1) == CORS_HOST_NAME
                          ? origin_of(&right, p) : NULL);
    }
    if (host[0] == '.' || strstr(host, "..")) {
        return refuse(remark, "has an empty label", NULL);
    }
    if (host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0') {
        return refuse(remark, "has a label of more than 63 bytes", NULL);
    }
    return refuse(remark, "has a host that is no name and no address", NULL);
}

static int check_host(cors_remark_t *remark, const parts_t *parts,
                      apr_pool_t *p)
{
    apr_size_t len = strlen(parts->host);
    parts_t right = *parts;
    char ipv6[CORS_IPV6_SIZE];
    struct in_addr ipv4;

    if (len > 0 && parts->host[len - 1] == '.') {
        return check_bad_host(remark, parts, p);
    }
    switch (cors_host_kind(parts->host, len)) {
    case CORS_HOST_BAD_IPV4:
        right.host = inet_aton(parts->host, &ipv4)
                         ? apr_pstrdup(p, inet_ntoa(ipv4)) : NULL;
        return refuse(remark, "has an IPv4 address that is not four decimal "
                      "numbers, as browsers write it",
                      right.host ? origin_of(&right, p) : NULL);
    case CORS_HOST_BAD_IPV6:
        if (cors_host_ipv6(parts->host, len, ipv6)) {
            right.host = apr_pstrdup(p, ipv6);
            return refuse(remark, "has an IPv6 address that browsers write "
                          "otherwise", origin_of(&right, p));
        }
        return refuse(remark, "has an IPv6 address that is none", NULL);
    case CORS_HOST_BAD:
        return check_bad_host(remark, parts, p);
    default:
        return 1;
    }
}

/* "*." may stand in front of a name of two labels or more, or of localhost:
 * whoever owns that name owns those below it.
 */
static int check_subdomains(cors_remark_t *remark, const parts_t *parts,
                            const parts_t *below, apr_pool_t *p)
{
    parts_t right = *parts;

    if (strlen(parts->host) > CORS_HOST_MAX) {
        return check_bad_host(remark, parts, p);
    }
    if (!check_host(remark, below, p)) {
        return 0;
    }
    if (cors_host_kind(below->host, strlen(below->host)) != CORS_HOST_NAME) {
        return refuse(remark, "has \"*.\" in front of an address",
                      origin_of(below, p));
    }
    if (!strchr(below->host, '.') && strcmp(below->host, "localhost") != 0) {
        right.host = apr_pstrcat(p, "*.example.", below->host, NULL);
        return refuse(remark, "has \"*.\" in front of a single label, so "
                      "anybody's name would do", origin_of(&right, p));
    }
    return 1;
}

/* What stands behind the host and port of a URL is no part of an origin. One
 * slash at the end is what an address bar shows, and is mended.
 */
static int check_rest(cors_remark_t *remark, const parts_t *parts,
                      apr_pool_t *p)
{
    const char *rest = parts->rest;

    if (rest[0] == '\0' || !strcmp(rest, "/")) {
        return 1;
    }
    return refuse(remark,
                  rest[0] == '?' ? "has a query; an origin ends with the host "
                                   "and port" :
                  rest[0] == '#' ? "has a fragment; an origin ends with the "
                                   "host and port" :
                                   "has a path; an origin ends with the host "
                                   "and port",
                  origin_of(parts, p));
}

/* The value is taken apart in place. */
static void take_apart(parts_t *parts, char *value, apr_pool_t *p)
{
    char *host = strstr(value, "://");
    char *port;
    apr_size_t len;

    *host = '\0';
    host += 3;
    len = strcspn(host, "/?#");
    parts->scheme = value;
    parts->rest = host + len;
    parts->user = memchr(host, '@', len) ? host : NULL;
    if (parts->user) {
        host = strchr(host, '@') + 1;
    }
    parts->host = apr_pstrndup(p, host, (apr_size_t)(parts->rest - host));
    port = strchr(parts->host + (strchr(parts->host, '[')
                                     ? strcspn(parts->host, "]") : 0), ':');
    parts->port = port ? port + 1 : NULL;
    if (port) {
        *port = '\0';
    }
}

static int check_user(cors_remark_t *remark, const parts_t *parts,
                      apr_pool_t *p)
{
    return !parts->user || refuse(remark, "has a user name; an origin has "
                                  "none", origin_of(parts, p));
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
    parts_t parts;
    parts_t below;
    char *s;

    for (s = lower; *s != '\0'; s++) {
        *s = (char)apr_tolower(*s);
    }
    take_apart(&parts, lower, p);
    if (!check_scheme(remark, &parts, p) || !check_user(remark, &parts, p)
        || !check_rest(remark, &parts, p)) {
        return 0;
    }
    below = parts;
    pattern->kind = strncmp(parts.host, "*.", 2) ? CORS_PATTERN_EXACT
                                                 : CORS_PATTERN_SUBDOMAINS;
    if (pattern->kind == CORS_PATTERN_SUBDOMAINS) {
        below.host += 2;
    }
    if (!check_port(remark, &parts, p)
        || !(pattern->kind == CORS_PATTERN_SUBDOMAINS
                 ? check_subdomains(remark, &parts, &below, p)
                 : check_host(remark, &parts, p))) {
        return 0;
    }
    pattern->scheme_len = strlen(parts.scheme);
    pattern->any_port = parts.port && !strcmp(parts.port, "*");
    if (parts.port && !pattern->any_port
        && port_number(parts.port) == cors_scheme_port(parts.scheme,
                                                pattern->scheme_len)) {
        parts.port = NULL;
    }
    pattern->text = origin_of(&parts, p);
    set_key(pattern);
    set_hazards(pattern, below.host);
    if (strcmp(pattern->text, value) != 0) {
        remark->reason = "is taken as browsers send it";
        remark->instead = pattern->text;
    }
    return 1;
}

/* What a value without "://" was meant to be. Pages of this machine are http. */
static const char *with_scheme(const char *value, apr_pool_t *p)
{
    const char *rest = value + strspn(value, ":/");
    const char *origin = apr_pstrcat(p, "http://", rest, NULL);
    cors_pattern_t pattern = { 0 };
    cors_remark_t remark;

    if (read_tuple(&pattern, &remark, origin, p)
        && !(pattern.hazards & CORS_HAZARD_INSECURE)) {
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
        return refuse(remark, "is no origin; the opaque one is in lower case",
                      "null");
    }
    if (!strstr(value, "://")) {
        return refuse(remark, "has no scheme", with_scheme(value, p));
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
