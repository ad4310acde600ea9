/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  decision.h
 * @brief What a policy decides about a request (Fetch, "HTTP-CORS protocol").
 */

#ifndef CORS_DECISION_H
#define CORS_DECISION_H

#include "policy.h"

/** The facts of a request. Strings are the request's own; NULL: no header. */
typedef struct cors_request_t {
    const char *origin;
    /** The method is OPTIONS. */
    int is_options;
    /** Access-Control-Request-Method and -Headers of an OPTIONS request */
    const char *method;
    const char *headers;
} cors_request_t;

/** The decisions, in the order in which they are counted and shown. */
typedef enum cors_outcome_e {
    CORS_NONE,
    CORS_ALLOWED,
    CORS_PREFLIGHT_ALLOWED,
    CORS_ORIGIN_DENIED,
    CORS_METHOD_DENIED,
    CORS_HEADERS_DENIED,
    CORS_SAME_ORIGIN
} cors_outcome_e;

#define CORS_OUTCOMES (CORS_SAME_ORIGIN + 1)

/** Why: each has its words in reason.c. */
typedef enum cors_reason_e {
    CORS_REASON_NO_ORIGIN,
    CORS_REASON_ALLOWED,
    CORS_REASON_OWN_ORIGIN,
    CORS_REASON_IN_DENY_LIST,
    CORS_REASON_NOT_LISTED,
    CORS_REASON_OTHER_DOMAIN,
    CORS_REASON_METHOD_NOT_LISTED,
    CORS_REASON_METHOD_FORBIDDEN,
    CORS_REASON_METHOD_MALFORMED,
    CORS_REASON_HEADER_NOT_LISTED,
    CORS_REASON_HEADERS_MALFORMED,
    CORS_REASON_HEADERS_TOO_LONG
} cors_reason_e;

typedef struct cors_decision_t {
    cors_outcome_e outcome;
    cors_reason_e reason;
    int is_preflight;
    /** The origin was allowed, whatever became of method and headers. */
    int origin_allowed;
    /** The Origin header is known to hold a serialised origin. */
    int origin_is_serialised;
    /** the first header name that is not granted; empty if the list of names
     *  is malformed or too long
     */
    cors_span_t missing;
    /** The item that allowed or denied the origin, or whose registrable
     *  domain is not the origin's; else NULL.
     */
    const cors_item_t *item;
    /** The line that decided: of that item, or of the list in which something
     *  is missing; for a default the line that makes the policy.
     */
    const cors_line_t *line;
} cors_decision_t;

/** What only the server can tell. It is asked if the lists have said no. */
typedef struct cors_oracle_t {
    /** Whether the regular expression or ap_expr allows the origin. */
    int (*allows)(void *context, const cors_item_t *rule,
                  const cors_origin_t *origin);
    /** Whether the Origin header's value is the server's own origin. */
    int (*is_own)(void *context, const char *origin);
} cors_oracle_t;

/** Decide. The result depends on nothing but the parameters.
 *  @param decision its spans point into the request
 *  @param policy   applies, and is resolved
 *  @param context  the oracle's
 */
void cors_decide(cors_decision_t *decision, const cors_policy_t *policy,
                 const cors_request_t *request, const cors_oracle_t *oracle,
                 void *context);

/** Whether the outcome is a refusal. */
int cors_outcome_is_refusal(cors_outcome_e outcome);

/** The outcome's word, as it is logged, counted and shown; NULL for none. */
const char *cors_outcome_word(cors_outcome_e outcome);

/** Whether it is a preflight (Fetch, "CORS-preflight request"). */
int cors_request_is_preflight(const cors_request_t *request);

#endif /* CORS_DECISION_H */
