/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  origin_set.h
 * @brief The origins that one section allows or denies by name.
 *
 * A short list is searched from end to end. A longer one gets an index when
 * it is built, so that finding takes the same time however many origins there
 * are: a look-up for the whole origin, and one for each dot in its host behind
 * which a pattern may begin.
 */

#ifndef CORS_ORIGIN_SET_H
#define CORS_ORIGIN_SET_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>

#include "origin.h"

/** Up to this many patterns are searched without an index: .htaccess files
 *  are read anew for each request, and building one costs more than it saves.
 */
#define CORS_SET_SHORT 16

typedef struct cors_origin_set_t {
    /** cors_pattern_t * each, in the order in which they were written */
    apr_array_header_t *patterns;
    /** "*" and "null", NULL if not listed */
    const cors_pattern_t *any;
    const cors_pattern_t *null;
    /** There are patterns that have to be compared by parts: subdomains, any
     *  port.
     */
    int has_parts;
    /** There are patterns of any port. */
    int any_port;
    /** A bit for each number of dots in an indexed key of subdomains, the last
     *  for all that are more: only there is anything to be found.
     */
    apr_uint64_t depths;
    /** All hazards of all patterns. */
    int hazards;
    /** key -> cors_pattern_t, chained; NULL while the list is short */
    apr_hash_t *index;
} cors_origin_set_t;

/** An empty set in p. */
cors_origin_set_t *cors_origin_set_make(apr_pool_t *p);

/** Add a pattern; it is kept, not copied. */
void cors_origin_set_add(cors_origin_set_t *set, cors_pattern_t *pattern);

/** Find the pattern that is the text, letter by letter. Whatever is found is a
 *  serialised origin, since patterns are.
 */
const cors_pattern_t *cors_origin_set_find_exact(const cors_origin_set_t *set,
                                                 const char *text,
                                                 apr_size_t len, int refused);

/**
 * Find what covers an origin.
 * @param refused hazards that keep a pattern from counting
 * @return the pattern, the closest one first: exact before subdomains, a
 *         longer suffix before a shorter; NULL if none does. "*" and "null"
 *         are the caller's matter.
 */
const cors_pattern_t *cors_origin_set_find(const cors_origin_set_t *set,
                                           const cors_origin_t *origin,
                                           int refused);

#endif /* CORS_ORIGIN_SET_H */
