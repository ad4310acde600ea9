/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  own_origin.h
 * @brief Whether an origin is the server's own.
 */

#ifndef CORS_OWN_ORIGIN_H
#define CORS_OWN_ORIGIN_H

/**
 * Whether an Origin header's value is the server's own origin: the browser says
 * so in Sec-Fetch-Site, which no page can forge, or the origin equals scheme,
 * host and port as httpd sees them. A ServerName with a scheme, behind a TLS
 * terminator, is used; X-Forwarded-* is not. A Host header is used only if it
 * names this virtual host.
 * @param context the request_rec
 */
int cors_own_origin_is(void *context, const char *origin);

#endif /* CORS_OWN_ORIGIN_H */
