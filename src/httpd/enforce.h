/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  enforce.h
 * @brief CorsEnforce: refusing requests, not only their readers.
 */

#ifndef CORS_ENFORCE_H
#define CORS_ENFORCE_H

#include <httpd.h>

#include "exchange.h"

/** Hook header_parser: decide, and with CorsEnforce On refuse an
 *  actual request whose origin is denied.
 *  @return HTTP_FORBIDDEN or DECLINED
 */
int cors_enforce(request_rec *r);

/** Hook fixups: answer a preflight, and do the same, where no policy was known
 *  before: that of a FallbackResource.
 */
int cors_enforce_late(request_rec *r);

/** Whether CorsEnforce refuses the request. */
int cors_enforce_refuses(const request_rec *r,
                         const cors_exchange_t *exchange);

#endif /* CORS_ENFORCE_H */
