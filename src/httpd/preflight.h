/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  preflight.h
 * @brief Answering preflights.
 */

#ifndef CORS_PREFLIGHT_H
#define CORS_PREFLIGHT_H

#include <httpd.h>

#include "exchange.h"

/** Hook access_checker_ex, behind mod_authz_core: let a preflight that is to be
 *  answered here pass without a login, and remember that.
 *  @return OK or DECLINED
 */
int cors_preflight_access(request_rec *r);

/** Hooks type_checker and fixups: answer the request if it is a preflight in
 *  a policy.
 *  @return DONE when it was answered, an error of reading its body,
 *          HTTP_FORBIDDEN for any other request whose login was skipped,
 *          DECLINED
 */
int cors_preflight_answer(request_rec *r);

/** Tell of a preflight of an allowed origin that leaves with the answer of
 *  somebody else, and what to change.
 */
void cors_preflight_log_missed(request_rec *r,
                               const cors_exchange_t *exchange);

#endif /* CORS_PREFLIGHT_H */
