/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "parts.h"

#include <string.h>

#include <arpa/inet.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "host.h"

#define PORT_MAX 65535

int cors_refuse(cors_remark_t *remark, const char *reason,
                  const char *instead)
{
    remark->reason = reason;
    remark->instead = instead;
    return 0;
}

const char *cors_parts_origin(const cors_parts_t *parts, apr_pool_t *p)
{
    return apr_pstrcat(p, parts->scheme, "://", parts->host,
                       parts->port ? ":" : NULL, parts->port, NULL);
}

void cors_parts_read(cors_parts_t *parts, char *value, apr_pool_t *p)
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

static int check_scheme(cors_remark_t *remark, const cors_parts_t *parts,
                        apr_pool_t *p)
{
    cors_parts_t right = *parts;
    apr_size_t len = strspn(parts->scheme, "abcdefghijklmnopqrstuvwxyz"
                                           "0123456789+-.");

    if (strchr(parts->scheme, '*')) {
        right.scheme = "https";
        return cors_refuse(remark, "has a '*' in the scheme; list each scheme",
                      cors_parts_origin(&right, p));
    }
    if (!apr_isalpha(parts->scheme[0]) || parts->scheme[len] != '\0') {
        return cors_refuse(remark, "has no valid scheme", NULL);
    }
    if (len > CORS_SCHEME_MAX) {
        return cors_refuse(remark, "has a scheme of more than 64 bytes", NULL);
    }
    if (!strcmp(parts->scheme, "file")) {
        return cors_refuse(
            remark, "is no origin: pages from files send \"null\"", NULL);
    }
    if (!strcmp(parts->scheme, "ws") || !strcmp(parts->scheme, "wss")) {
        right.scheme = parts->scheme[2] ? "https" : "http";
        return cors_refuse(remark,
                           "is a WebSocket's address; the origin is that "
                           "of the page that opens it",
                           cors_parts_origin(&right, p));
    }
    if (!strcmp(parts->scheme, "ftp")) {
        right.scheme = "https";
        return cors_refuse(remark, "is no origin of pages; those are http or "
                      "https", cors_parts_origin(&right, p));
    }
    return 1;
}

int cors_parts_port_number(const char *digits)
{
    apr_int64_t port = apr_strtoi64(digits, NULL, 10);

    return port > PORT_MAX ? PORT_MAX + 1 : (int)port;
}

static int check_port(cors_remark_t *remark, const cors_parts_t *parts,
                      apr_pool_t *p)
{
    const char *port = parts->port;
    cors_parts_t right = *parts;
    apr_size_t digits;

    if (!port || !strcmp(port, "*")) {
        return 1;
    }
    digits = strspn(port, "0123456789");
    right.port = NULL;
    if (port[0] == '\0') {
        return cors_refuse(remark, "has an empty port",
                           cors_parts_origin(&right, p));
    }
    if (strchr(port, '*')) {
        right.port = "*";
        return cors_refuse(remark,
                           "has a '*' within the port; '*' stands for any "
                           "port, or none",
                           cors_parts_origin(&right, p));
    }
    if (port[digits] != '\0') {
        return cors_refuse(remark, "has a port that is no number",
                      cors_parts_origin(&right, p));
    }
    if (port[0] == '0') {
        port += strspn(port, "0");
        right.port = *port && cors_parts_port_number(port) != cors_scheme_port(
                                  parts->scheme, strlen(parts->scheme))
                         ? port : NULL;
        return cors_refuse(remark, *port ? "has a port with a zero in front"
                                    : "has the port 0",
                      cors_parts_origin(&right, p));
    }
    if (cors_parts_port_number(port) > PORT_MAX) {
        return cors_refuse(remark, "has a port above 65535", NULL);
    }
    return 1;
}

static int check_bad_host(cors_remark_t *remark, const cors_parts_t *parts,
                          apr_pool_t *p)
{
    const char *host = parts->host;
    apr_size_t len = strlen(host);
    cors_parts_t right = *parts;

    if (len == 0) {
        return cors_refuse(remark, "has no host", NULL);
    }
    if (len > CORS_HOST_MAX) {
        return cors_refuse(remark, "has a host of more than 253 bytes", NULL);
    }
    if (strchr(host, '*')) {
        right.host = apr_pstrcat(p, "*.", host + strspn(host, "*."), NULL);
        return cors_refuse(remark,
                           "has a '*' that is neither the whole value, nor "
                           "the first label, nor the port",
                           cors_parts_origin(&right, p));
    }
    if (host[len - 1] == '.') {
        right.host = apr_pstrndup(p, host, len - 1);
        return cors_refuse(remark,
                           "has a dot at the end, which makes it another "
                           "host for browsers",
                           cors_host_kind(right.host, len - 1) ==
                                   CORS_HOST_NAME
                               ? cors_parts_origin(&right, p)
                               : NULL);
    }
    if (host[0] == '.' || strstr(host, "..")) {
        return cors_refuse(remark, "has an empty label", NULL);
    }
    if (host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0') {
        return cors_refuse(remark, "has a label of more than 63 bytes", NULL);
    }
    return cors_refuse(remark, "has a host that is no name and no address",
                       NULL);
}

static int check_host(cors_remark_t *remark, const cors_parts_t *parts,
                      apr_pool_t *p)
{
    apr_size_t len = strlen(parts->host);
    cors_parts_t right = *parts;
    char ipv6[CORS_IPV6_SIZE];
    struct in_addr ipv4;

    if (len > 0 && parts->host[len - 1] == '.') {
        return check_bad_host(remark, parts, p);
    }
    switch (cors_host_kind(parts->host, len)) {
    case CORS_HOST_BAD_IPV4:
        right.host = inet_aton(parts->host, &ipv4)
                         ? inet_ntop(AF_INET, &ipv4,
                                     apr_palloc(p, INET_ADDRSTRLEN),
                                     INET_ADDRSTRLEN) : NULL;
        return cors_refuse(remark,
                           "has an IPv4 address that is not four decimal "
                           "numbers, as browsers write it",
                           right.host ? cors_parts_origin(&right, p) : NULL);
    case CORS_HOST_BAD_IPV6:
        if (cors_host_ipv6(parts->host, len, ipv6)) {
            right.host = apr_pstrdup(p, ipv6);
            return cors_refuse(remark,
                               "has an IPv6 address that browsers write "
                               "otherwise",
                               cors_parts_origin(&right, p));
        }
        return cors_refuse(remark, "has an IPv6 address that is none", NULL);
    case CORS_HOST_BAD:
        return check_bad_host(remark, parts, p);
    default:
        return 1;
    }
}

/* "*." may stand in front of a name of two labels or more, or of localhost:
 * whoever owns that name owns those below it.
 */
static int check_subdomains(cors_remark_t *remark, const cors_parts_t *parts,
                            const cors_parts_t *below, apr_pool_t *p)
{
    cors_parts_t right = *parts;

    if (strlen(parts->host) > CORS_HOST_MAX) {
        return check_bad_host(remark, parts, p);
    }
    if (!check_host(remark, below, p)) {
        return 0;
    }
    if (cors_host_kind(below->host, strlen(below->host)) != CORS_HOST_NAME) {
        return cors_refuse(remark, "has \"*.\" in front of an address",
                      cors_parts_origin(below, p));
    }
    if (!strchr(below->host, '.') && strcmp(below->host, "localhost") != 0) {
        right.host = apr_pstrcat(p, "*.example.", below->host, NULL);
        return cors_refuse(remark, "has \"*.\" in front of a single label, so "
                      "anybody's name would do", cors_parts_origin(&right, p));
    }
    return 1;
}

/* What stands behind the host and port of a URL is no part of an origin. One
 * slash at the end is what an address bar shows, and is mended.
 */
static int check_rest(cors_remark_t *remark, const cors_parts_t *parts,
                      apr_pool_t *p)
{
    const char *rest = parts->rest;

    if (rest[0] == '\0' || !strcmp(rest, "/")) {
        return 1;
    }
    return cors_refuse(remark,
                  rest[0] == '?' ? "has a query; an origin ends with the host "
                                   "and port" :
                  rest[0] == '#' ? "has a fragment; an origin ends with the "
                                   "host and port" :
                                   "has a path; an origin ends with the host "
                                   "and port",
                  cors_parts_origin(parts, p));
}

static int check_user(cors_remark_t *remark, const cors_parts_t *parts,
                      apr_pool_t *p)
{
    return !parts->user || cors_refuse(remark, "has a user name; an origin has "
                                  "none", cors_parts_origin(parts, p));
}

int cors_parts_has_subdomains(const cors_parts_t *parts)
{
    return !strncmp(parts->host, "*.", 2);
}

int cors_parts_check(cors_remark_t *remark, const cors_parts_t *parts,
                     apr_pool_t *p)
{
    cors_parts_t below = *parts;

    if (!check_scheme(remark, parts, p) || !check_user(remark, parts, p)
        || !check_rest(remark, parts, p) || !check_port(remark, parts, p)) {
        return 0;
    }
    if (!cors_parts_has_subdomains(parts)) {
        return check_host(remark, parts, p);
    }
    below.host += 2;
    return check_subdomains(remark, parts, &below, p);
}
