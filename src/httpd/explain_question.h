/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  explain_question.h
 * @brief What the explain page was asked, in the form in which a browser would
 *        send it.
 */

#ifndef CORS_EXPLAIN_QUESTION_H
#define CORS_EXPLAIN_QUESTION_H

#include <httpd.h>

typedef struct cors_question_t {
    const char *url;
    /** the part of url from the path on, and its host; NULL: the page's */
    const char *path;
    const char *host;
    const char *origin;
    /** a remark about the origin, where another one was entered */
    const char *origin_note;
    const char *method;
    /** request headers that need a preflight, as a browser sends them */
    const char *headers;
    int credentials;
    int json;
    /** why the question cannot be answered, or NULL */
    const char *error;
} cors_question_t;

/** Read the query of the page's URL. Values are checked, so method, origin and
 *  headers hold no bytes that need quoting in a header.
 */
void cors_question_read(cors_question_t *question, request_rec *r);

/** Whether a browser would send a preflight. */
int cors_question_needs_preflight(const cors_question_t *question);

/** The whole URL. */
const char *cors_question_url(request_rec *r, const cors_question_t *question);

/** The same question as a curl command for a POSIX shell. */
const char *cors_question_curl(request_rec *r,
                               const cors_question_t *question);

/** Whether a virtual host has a name, which may be NULL. */
int cors_host_has_name(const server_rec *s, const char *name);

/** A virtual host's name, port and place. */
const char *cors_explain_host(const server_rec *s, apr_pool_t *p);

#endif /* CORS_EXPLAIN_QUESTION_H */
