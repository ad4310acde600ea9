/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  before_handler.h
 * @brief The hooks before the handler: enforce, skip the login, answer a
 *        preflight.
 */

#ifndef CORS_BEFORE_HANDLER_H
#define CORS_BEFORE_HANDLER_H

#include <httpd.h>

#include "exchange.h"

/** Hook header_parser: decide, and with CorsEnforce On refuse an actual request
 *  whose origin is denied.
 *  @return HTTP_FORBIDDEN or DECLINED
 */
int cors_hook_enforce(request_rec *r);

/** Hook access_checker_ex, after mod_authz_core: let a preflight that will be
 *  answered here pass without a login, and remember that.
 *  @return OK or DECLINED
 */
int cors_hook_skip_login(request_rec *r);

/** Hook type_checker: answer a preflight.
 *  @return DONE if it was answered, an error of reading its body,
 *          HTTP_FORBIDDEN for any other request whose login was skipped,
 *          DECLINED
 */
int cors_hook_answer(request_rec *r);

/** Hook fixups: do both where no policy was known before, because the URL has
 *  none and MultiViews or FallbackResource led to one that has.
 */
int cors_hook_late(request_rec *r);

/** Whether CorsEnforce refuses the request. */
int cors_enforce_refuses(const request_rec *r,
                         const cors_exchange_t *exchange);

#endif /* CORS_BEFORE_HANDLER_H */
