/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  response.h
 * @brief The headers of a response (Fetch, "HTTP responses"; RFC 9110,
 *        section 12.5.5, for Vary).
 */

#ifndef CORS_RESPONSE_H
#define CORS_RESPONSE_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "decision.h"

typedef struct cors_response_t {
    apr_pool_t *pool;
    /** httpd sends both tables. A script's headers are in the second, a
     *  proxied backend's in the first.
     */
    apr_table_t *headers;
    apr_table_t *error_headers;
    /** The response answers a preflight: here, or by a backend. */
    int is_preflight_answer;
    /** It was answered here, so no header is a backend's. */
    int is_own;
    /** The value of Vary that the choice of the policy caused, or NULL. */
    const char *vary;
} cors_response_t;

/** Set the headers of a response within a policy, exactly one of each, and
 *  merge Vary.
 */
void cors_response_set(cors_response_t *response, const cors_policy_t *policy,
                       const cors_request_t *request,
                       const cors_decision_t *decision);

#endif /* CORS_RESPONSE_H */
