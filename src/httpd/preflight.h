/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  preflight.h
 * @brief Answering preflights.
 */

#ifndef CORS_PREFLIGHT_H
#define CORS_PREFLIGHT_H

#include <httpd.h>

/** Hook fixups: answer the request if it is a preflight within a policy.
 *  @return DONE when it was answered, an error of reading its body, DECLINED
 */
int cors_preflight_fixups(request_rec *r);

#endif /* CORS_PREFLIGHT_H */
