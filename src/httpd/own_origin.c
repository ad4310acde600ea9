/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "own_origin.h"

#include <httpd.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_vhost.h>

#include "../host.h"
#include "../seldom.h"

static int is_local_address(const char *host, const conn_rec *c)
{
    int local = !strncmp(c->local_ip, "127.", 4) || !strcmp(c->local_ip, "::1");

    return !strcmp(host, c->local_ip)
           || (local && cors_host_is_loopback(host, strlen(host)));
}

/* Whoever can make a name resolve to this server could put it into Host: a
 * name counts if the configuration knows it, or if it can't be rebound. Nobody
 * asks Host where UseCanonicalName is On.
 */
static int is_known_host(request_rec *r)
{
    return ap_get_server_name(r) != r->hostname
           || ap_matches_request_vhost(r, r->hostname, r->server->port)
           || is_local_address(r->hostname, r->connection);
}

/* ap_get_server_port() knows the default of the connection, not of the scheme
 * that ServerName gives.
 */
static int own_port(request_rec *r, const char *scheme)
{
    if (!r->parsed_uri.port_str && !r->server->port
        && ap_get_server_port(r) == ap_default_port(r)) {
        return cors_scheme_port(scheme, strlen(scheme));
    }
    return ap_get_server_port(r);
}

/* Behind the prefix, NULL if the text does not begin with it, case aside. */
static const char *behind(const char *text, const char *prefix)
{
    apr_size_t len;

    if ((*text | 0x20) != (*prefix | 0x20)) {
        return NULL;
    }
    len = strlen(prefix);
    return strncasecmp(text, prefix, len) ? NULL : text + len;
}

/* An address of version 6 stands in brackets in an origin, and bare with
 * httpd.
 */
static const char *behind_host(const char *text, const char *host)
{
    if (*text != '[' || *host == '[') {
        return behind(text, host);
    }
    text = behind(text + 1, host);
    return text && *text == ']' ? text + 1 : NULL;
}

CORS_SELDOM
static int has_own_scheme_and_port(request_rec *r, const char *value)
{
    const char *scheme = ap_http_scheme(r);
    const char *rest = behind(value, scheme);
    cors_origin_t origin;

    return rest && *rest == ':' && cors_origin_read(&origin, value)
           && own_port(r, scheme) == cors_origin_port(&origin)
           && is_known_host(r);
}

/* Where the host begins, NULL if nothing that could be one does. Nearly all
 * begin with http or https, and nothing has to be searched for.
 */
static const char *host_of(const char *value)
{
    const char *colon = value;

    if (value[0] == 'h' && value[1] == 't' && value[2] == 't'
        && value[3] == 'p') {
        colon += value[4] == 's' ? 5 : 4;
    }
    if (*colon != ':') {
        colon = ap_strchr_c(value, ':');
    }
    return colon && colon[1] == '/' && colon[2] == '/' ? colon + 3 : NULL;
}

/* The value is compared part by part with what it would be, the host first:
 * most name another. Only what is serialised can pass: the parts that are not
 * are compared with case aside, and so it is read once all the rest is right.
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
