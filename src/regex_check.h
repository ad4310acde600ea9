/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  regex_check.h
 * @brief What a regular expression for origins can match, by its text alone.
 *
 * An expression is tight if every alternative reads
 * scheme "://" [front boundary] name [":" anything]: then the host is name, or
 * ends in "." name, whatever front matches.
 */

#ifndef CORS_REGEX_CHECK_H
#define CORS_REGEX_CHECK_H

#include <apr_pools.h>
#include <apr_tables.h>

/** What was found. The clauses follow the quoted expression. */
typedef struct cors_regex_check_t {
    /** Why the expression is not tight; NULL if it is, or matches nothing. */
    const char *loose;
    /** A tight expression to write instead, NULL if none is known. */
    const char *tighter;
    /** Why it can match no origin; NULL if it can. */
    const char *never;
    /** What to write to match something, NULL if nothing is known. */
    const char *possible;
    /** It can match an http origin that is not loopback. */
    int insecure;
    /** const char *: the registrable domain of each host that is written out,
     *  or the host itself where it has none; NULL if the expression is loose.
     */
    apr_array_header_t *domains;
} cors_regex_check_t;

/** Read an expression that compiles and is matched against whole origins;
 *  its own memory, and that of the answer, is in p.
 */
void cors_regex_check(cors_regex_check_t *check, const char *expression,
                      apr_pool_t *p);

#endif /* CORS_REGEX_CHECK_H */
