/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  explain.h
 * @brief CorsExplain: the page that explains what would happen, and why.
 *
 * Preflight and request are looked up in httpd as subrequests, which run every
 * hook but no handler. What a browser makes of the two is decided by the Fetch
 * algorithm.
 */

#ifndef CORS_EXPLAIN_H
#define CORS_EXPLAIN_H

#include <httpd.h>

#include "exchange.h"
#include "explain_question.h"

/** What would become of one request. */
typedef struct cors_answer_t {
    /** the look-up, or its last one after rewrites */
    request_rec *found;
    /** what httpd merged, even if it is switched off; never NULL */
    const cors_policy_t *policy;
    /** NULL: no policy applies, or CorsEngine is Off */
    cors_exchange_t *exchange;
    /** 200 if a handler would be reached */
    int status;
    /** It ends before its handler. */
    int stopped;
    /** the target of a redirect, or NULL */
    const char *location;
    /** the headers that mod_cors sends */
    apr_table_t *headers;
} cors_answer_t;

typedef enum cors_verdict_e {
    CORS_VERDICT_ALLOWED,
    CORS_VERDICT_REFUSED,
    CORS_VERDICT_UNKNOWN
} cors_verdict_e;

/** A change of the configuration. */
typedef struct cors_fix_t {
    const char *write;
    const char *place;
} cors_fix_t;

typedef struct cors_explanation_t {
    cors_question_t question;
    const char *virtual_host;
    int needs_preflight;
    cors_answer_t preflight;
    cors_answer_t request;
    /** the one of the two that decides */
    const cors_answer_t *decisive;
    cors_verdict_e verdict;
    const char *why;
    /** NULL unless the verdict is unknown */
    const char *unknown_because;
    /** cors_fix_t each: all of them together allow the request */
    apr_array_header_t *fixes;
    /** what else to know about them, or to do instead; NULL: nothing */
    const char *note;
    const char *curl;
} cors_explanation_t;

/** Hook handler: be the page, where CorsExplain is On.
 *  @return OK, HTTP_METHOD_NOT_ALLOWED, DECLINED
 */
int cors_explain_handler(request_rec *r);

/** Set verdict, why and what belongs to them, from the two look-ups. */
void cors_explain_judge(request_rec *r, cors_explanation_t *explanation);

/** Set fixes and note of an explanation whose verdict is not "allowed". */
void cors_explain_remedy(request_rec *r, cors_explanation_t *explanation);

/** The decision's word, "no-policy" or "off". */
const char *cors_explain_decision(const cors_answer_t *answer);

/** The line that decided, as file:line; NULL if there is none. */
const char *cors_explain_line(const cors_answer_t *answer, apr_pool_t *p);

/** The verdict's word. */
const char *cors_explain_verdict(const cors_explanation_t *explanation);

void cors_explain_json(request_rec *r, const cors_explanation_t *explanation);
void cors_explain_html(request_rec *r, const cors_explanation_t *explanation);

#endif /* CORS_EXPLAIN_H */
