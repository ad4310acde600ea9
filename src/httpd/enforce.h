/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  enforce.h
 * @brief CorsEnforce: refusing requests, not only their readers.
 */

#ifndef CORS_ENFORCE_H
#define CORS_ENFORCE_H

#include <httpd.h>

/** Hooks header_parser and fixups: decide, and with CorsEnforce On refuse an
 *  actual request whose origin is denied.
 *  @return HTTP_FORBIDDEN or DECLINED
 */
int cors_enforce(request_rec *r);

#endif /* CORS_ENFORCE_H */
