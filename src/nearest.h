/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  nearest.h
 * @brief Why an origin is not allowed: the allowed one that it nearly is.
 */

#ifndef CORS_NEAREST_H
#define CORS_NEAREST_H

#include <apr_pools.h>

#include "policy.h"

/**
 * Say in one clause what is between an origin and being allowed.
 * @param text  the Origin header's value
 * @param place where the nearest item stands, NULL if there is none
 * @return a clause that follows the origin, in p; what it repeats of the
 *         request is printable
 */
const char *cors_nearest_miss(const cors_policy_t *policy, const char *text,
                              const cors_place_t **place, apr_pool_t *p);

/** At most max bytes of a string, in printable ASCII: whatever else there is
 *  of it, and quotes, and '%', are percent-encoded.
 */
const char *cors_printable(const char *text, apr_size_t len, apr_size_t max,
                           apr_pool_t *p);

#endif /* CORS_NEAREST_H */
