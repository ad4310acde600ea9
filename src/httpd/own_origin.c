/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "own_origin.h"

#include <httpd.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_vhost.h>

#include "../origin.h"

static int is_local_address(const char *host, const conn_rec *c)
{
    int local = !strncmp(c->local_ip, "127.", 4) || !strcmp(c->local_ip, "::1");

    return !strcmp(host, c->local_ip)
           || (local && cors_host_is_loopback(host, strlen(host)));
}

/* Anyone can make a name resolve to this server and send it in Host, so the
 * name counts only if the configuration has it, or if it cannot be rebound.
 * With UseCanonicalName On, Host is not used.
 */
static int is_known_host(request_rec *r)
{
    return ap_get_server_name(r) != r->hostname
           || ap_matches_request_vhost(r, r->hostname, r->server->port)
           || is_local_address(r->hostname, r->connection);
}

/* ap_get_server_port() falls back to the default port of the connection, not
 * to that of the scheme in ServerName.
 */
static int own_port(request_rec *r, const char *scheme)
{
    if (!r->parsed_uri.port_str && !r->server->port
        && ap_get_server_port(r) == ap_default_port(r)) {
        return cors_scheme_port(scheme, strlen(scheme));
    }
    return ap_get_server_port(r);
}

/* The text after a prefix in any case; NULL if it does not start with it. */
static const char *behind(const char *text, const char *prefix)
{
    apr_size_t len;

    if ((*text | 0x20) != (*prefix | 0x20)) {
        return NULL;
    }
    len = strlen(prefix);
    return strncasecmp(text, prefix, len) ? NULL : text + len;
}

/* An origin has an IPv6 address in brackets, httpd has it without. */
static const char *behind_host(const char *text, const char *host)
{
    if (*text != '[' || *host == '[') {
        return behind(text, host);
    }
    text = behind(text + 1, host);
    return text && *text == ']' ? text + 1 : NULL;
}

static int has_own_scheme_and_port(request_rec *r, const char *value)
{
    const char *scheme = ap_http_scheme(r);
    const char *rest = behind(value, scheme);
    cors_origin_t origin;

    return rest && *rest == ':' && cors_origin_parse(&origin, value)
           && own_port(r, scheme) == cors_origin_port(&origin)
           && is_known_host(r);
}

static const char *host_of(const char *value)
{
    const char *colon = ap_strchr_c(value, ':');

    return colon && colon[1] == '/' && colon[2] == '/' ? colon + 3 : NULL;
}

/* Compare the host first, because most origins name another one. Comparing
 * ignores case, so the value is parsed last, to reject what is not a serialised
 * origin.
 */
int cors_own_origin_is(void *context, const char *value)
{
    request_rec *r = context;
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *rest = host_of(value);

    if (site && !strcmp(site, "same-origin")) {
        return 1;
    }
    rest = rest ? behind_host(rest, ap_get_server_name(r)) : NULL;
    return rest && (*rest == '\0' || *rest == ':')
           && has_own_scheme_and_port(r, value);
}
