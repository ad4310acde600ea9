/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  decision.h
 * @brief What a policy says to a request (Fetch, "HTTP-CORS protocol").
 */

#ifndef CORS_DECISION_H
#define CORS_DECISION_H

#include "origin.h"
#include "policy.h"
#include "token.h"

/** The longest Access-Control-Request-Headers, and name in it, looked at. */
#define CORS_REQUESTED_HEADERS_MAX 4096
#define CORS_NAME_MAX              256

/** The facts of a request. Strings are the request's own; NULL: no header. */
typedef struct cors_request_t {
    const char *origin;
    /** The method is OPTIONS. */
    int is_options;
    /** Access-Control-Request-Method, -Headers */
    const char *method;
    const char *headers;
} cors_request_t;

/** The outcome, in the order in which words are counted and shown. */
typedef enum cors_outcome_e {
    CORS_NONE,
    CORS_ALLOWED,
    CORS_PREFLIGHT_ALLOWED,
    CORS_ORIGIN_DENIED,
    CORS_METHOD_DENIED,
    CORS_HEADERS_DENIED,
    CORS_SAME_ORIGIN
} cors_outcome_e;

typedef struct cors_decision_t {
    cors_outcome_e outcome;
    /** The request was a preflight. */
    int preflight;
    /** The Origin header is known to hold one, serialised or "null". */
    int origin_read;
    /** The origin was allowed, whatever became of method and headers. */
    int origin_allowed;
    /** The first header name that is not granted; the whole value if that is
     *  no list of tokens, or too long.
     */
    cors_span_t missing;
    /** The line of the configuration that decided: of the item that allows or
     *  denies the origin, or of the list in which something is missing.
     */
    const cors_place_t *place;
} cors_decision_t;

/** What only the server can tell. It is asked only if the lists have said no:
 *  once for each layer, and once for the request.
 */
typedef struct cors_oracle_t {
    /** The regular expression or expression of the layer, without the refused
     *  hazards, that allows the origin; NULL if none does.
     */
    const cors_rule_t *(*allows)(void *context, const cors_origins_t *layer,
                                 const cors_origin_t *origin, int refused);
    /** Whether the Origin header's value is the server's own. */
    int (*is_own)(void *context, const char *origin);
} cors_oracle_t;

/** Decide. The same policy, request and answers give the same decision.
 *  @param decision the result; its spans point into the request
 *  @param context  the oracle's
 */
void cors_decide(cors_decision_t *decision, const cors_policy_t *policy,
                 const cors_request_t *request, const cors_oracle_t *oracle,
                 void *context);

/** How many outcomes there are. */
#define CORS_OUTCOMES (CORS_SAME_ORIGIN + 1)

/** Whether the outcome is a refusal. */
int cors_outcome_is_refusal(cors_outcome_e outcome);

/** The outcome's word, as it is logged, counted and shown; NULL for none. */
const char *cors_outcome_word(cors_outcome_e outcome);

/** Whether it is a preflight (Fetch, section 3.2.2). */
int cors_request_is_preflight(const cors_request_t *request);

/** Methods that fetch() refuses, whatever the case (Fetch, "forbidden
 *  method").
 */
int cors_method_is_forbidden(const char *method);

#endif /* CORS_DECISION_H */
