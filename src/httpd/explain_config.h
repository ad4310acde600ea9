/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  explain_config.h
 * @brief What the lines of the configuration show that a look-up does not.
 */

#ifndef CORS_EXPLAIN_CONFIG_H
#define CORS_EXPLAIN_CONFIG_H

#include <util_cfgtree.h>

#include "explain.h"

/** A search through the lines of this host and of the server config. */
typedef struct cors_search_t {
    request_rec *r;
    const cors_explanation_t *explanation;
    const cors_answer_t *answer;
    /** what was found */
    const char *text;
    const char *line;
    int count;
    /** the path of the look-up below the current .htaccess file */
    const char *rest;
    /** of the conditions of the next RewriteRule: one depends on what a look-up
     *  does not have, or is false for the preflight or the request
     */
    int is_unseen;
    int is_false[2];
} cors_search_t;

/** @return 1 to end the search */
typedef int cors_visit_t(cors_search_t *search, const ap_directive_t *line);

int cors_lines_walk(cors_search_t *search, const ap_directive_t *line,
                    cors_visit_t *visit);

/** The same for the .htaccess files of a look-up, the deepest first, whether
 *  httpd reads them or not.
 */
int cors_htaccess_walk(cors_search_t *search, cors_visit_t *visit);

/** Whether httpd reads .htaccess files there, for the Cors directives. */
int cors_reads_htaccess(const request_rec *found);

int cors_line_is(const ap_directive_t *line, const char *name);

/** Whether the sections around a line may apply: those that plainly do not are
 *  recognised, patterns and conditions are not evaluated.
 */
int cors_line_may_apply(const cors_search_t *search,
                        const ap_directive_t *line);

/** The line as it was written, with its place. */
const char *cors_line_place(const cors_search_t *search,
                            const ap_directive_t *line);

/** The decoded path of the URL. */
const char *cors_search_path(const cors_search_t *search);

/** Why no policy applies: sections and files that look as if they should, and
 *  the reason why they do not.
 */
const char *cors_explain_no_policy(request_rec *r,
                                   const cors_explanation_t *explanation);

/** A line that may answer first, unseen by a look-up; NULL if there is none. */
const char *cors_explain_blind_spot(request_rec *r,
                                    const cors_explanation_t *explanation);

/** The RewriteRule or Redirect line that may have answered; NULL if none is
 *  found.
 */
const char *cors_explain_rule(request_rec *r,
                              const cors_explanation_t *explanation,
                              const cors_answer_t *answer);

/** The Header line that sets Access-Control-Allow-Origin, or NULL. */
const char *cors_explain_header_line(request_rec *r,
                                     const cors_explanation_t *explanation);

/** The path of this host's explain page; NULL if a <Location> names none. */
const char *cors_explain_page(request_rec *r);

#endif /* CORS_EXPLAIN_CONFIG_H */
