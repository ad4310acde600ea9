/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  explain.h
 * @brief CorsExplain: the page that answers what would happen, and why.
 */

#ifndef CORS_EXPLAIN_H
#define CORS_EXPLAIN_H

#include <httpd.h>

#include "exchange.h"

/** What was asked of the page. */
typedef struct cors_question_t {
    const char *url;
    /** NULL: a request without Origin */
    const char *origin;
    const char *method;
    /** NULL: none */
    const char *headers;
    int json;
} cors_question_t;

/** What would become of one request. */
typedef struct cors_answer_t {
    /** The policy in force, NULL: none */
    const cors_policy_t *policy;
    /** NULL: no policy governs it, or it is switched off */
    const cors_exchange_t *exchange;
    /** What is in front of the handler says this; 200: nothing. */
    int status;
    /** Access control stops it. */
    int stopped;
    /** It is CorsEnforce that does. */
    int enforced;
    /** The headers that mod_cors sends or merges. */
    apr_table_t *response;
} cors_answer_t;

/** The whole answer. */
typedef struct cors_explanation_t {
    cors_question_t question;
    /** Why there is no answer, NULL if there is one. */
    const char *mistake;
    /** A browser asks before it sends the request. */
    int needs_preflight;
    cors_answer_t preflight;
    cors_answer_t request;
} cors_explanation_t;

/** Hook handler: be the page, where CorsExplain is On.
 *  @return OK, HTTP_METHOD_NOT_ALLOWED, DECLINED
 */
int cors_explain_handler(request_rec *r);

/** Write the explanation. */
void cors_explain_json(request_rec *r, const cors_explanation_t *explanation);
void cors_explain_html(request_rec *r, const cors_explanation_t *explanation);

/** The one of the two answers that a browser would stumble over first. */
const cors_answer_t *cors_explain_decisive(
    const cors_explanation_t *explanation);

/** An answer in words: the decision's, and what stops the request. */
const char *cors_explain_why(request_rec *r, const cors_answer_t *answer);

#endif /* CORS_EXPLAIN_H */
