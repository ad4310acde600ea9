/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  response.h
 * @brief The headers of a response (Fetch, section 3.2.3; RFC 9110, 12.5.5).
 *
 * httpd keeps two tables for each response. What a script sends is in the
 * second, what a proxied backend sends in the first; both are sent.
 */

#ifndef CORS_RESPONSE_H
#define CORS_RESPONSE_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "decision.h"
#include "policy.h"

/** The headers of a response, and what they are made in. */
typedef struct cors_response_t {
    apr_pool_t *pool;
    apr_table_t *headers;
    apr_table_t *error_headers;
    /** What of this is in the tables: cors_response_look(). */
    int holds;
} cors_response_t;

/** See what the tables hold. Call it first: one walk finds out whether there is
 *  anything to remove or to merge, which is seldom.
 */
void cors_response_look(cors_response_t *response);

/** Remove Access-Control-Allow-Origin, -Allow-Credentials, -Allow-Methods,
 *  -Allow-Headers, -Expose-Headers and -Max-Age, whoever sent them.
 */
void cors_response_clear(cors_response_t *response);

/** Add the headers of an answered preflight; nothing unless its origin is
 *  allowed.
 */
void cors_response_preflight(cors_response_t *response,
                             const cors_policy_t *policy,
                             const cors_request_t *request,
                             const cors_decision_t *decision);

/** Add the headers of any other response. */
void cors_response_actual(cors_response_t *response,
                          const cors_policy_t *policy,
                          const cors_request_t *request,
                          const cors_decision_t *decision);

/** Say the decision in CORS-Decision, and what was missing: only names that
 *  the request sent, and only those that were found to be well-formed.
 */
void cors_response_debug(cors_response_t *response,
                         const cors_request_t *request,
                         const cors_decision_t *decision);

/** Merge what the response depends on into Vary, each name once.
 *  @param brought what the choice of the policy depended on; NULL: nothing
 */
void cors_response_vary(cors_response_t *response,
                        const cors_policy_t *policy,
                        const cors_request_t *request,
                        const char *brought);

#endif /* CORS_RESPONSE_H */
