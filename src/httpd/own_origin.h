/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  own_origin.h
 * @brief Whether an origin is the server's own.
 */

#ifndef CORS_OWN_ORIGIN_H
#define CORS_OWN_ORIGIN_H

#include "../origin.h"

/**
 * Whether a request comes from a page of this server: the browser says so
 * (Sec-Fetch-Site, which no page can forge), or the origin equals scheme, host
 * and port as httpd sees them. A ServerName with a scheme is believed, behind
 * a TLS terminator; X-Forwarded-* is not. A Host header is believed only if it
 * names this virtual host.
 * @param context the request_rec
 * @param value   of the Origin header, whatever it holds
 */
int cors_own_origin_is(void *context, const char *value);

#endif /* CORS_OWN_ORIGIN_H */
