/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "own_origin.h"

#include <httpd.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_vhost.h>

#include "../host.h"

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

int cors_own_origin_is(void *context, const cors_origin_t *origin)
{
    request_rec *r = context;
    const char *site = apr_table_get(r->headers_in, "Sec-Fetch-Site");
    const char *scheme;
    const char *host;
    apr_size_t len;

    if (site && !strcmp(site, "same-origin")) {
        return 1;
    }
    if (!origin) {
        return 0;
    }
    scheme = ap_http_scheme(r);
    host = ap_get_server_name_for_url(r);
    len = strlen(host);
    return strlen(scheme) == origin->scheme_len
           && !strncmp(scheme, origin->text, origin->scheme_len)
           && len == origin->host_end - origin->host
           && !strncasecmp(host, origin->text + origin->host, len)
           && own_port(r, scheme) == cors_origin_port(origin)
           && is_known_host(r);
}
