/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  why.h
 * @brief A decision in words: the same in the log and on the page that
 *        explains.
 */

#ifndef CORS_WHY_H
#define CORS_WHY_H

#include <apr_pools.h>

#include "decision.h"

/** The longest stretch of a request that is repeated. */
#define CORS_SHOWN_MAX 256

/** Why a request was decided as it was, in one clause. What it repeats of the
 *  request is printable and bounded.
 */
const char *cors_why(const cors_decision_t *decision,
                     const cors_policy_t *policy,
                     const cors_request_t *request, apr_pool_t *p);

/** A place as "file:line", or "default". */
const char *cors_place_text(const cors_place_t *place, apr_pool_t *p);

#endif /* CORS_WHY_H */
