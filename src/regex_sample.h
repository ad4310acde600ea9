/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  regex_sample.h
 * @brief Texts that a regular expression may match, made from its own text.
 */

#ifndef CORS_REGEX_SAMPLE_H
#define CORS_REGEX_SAMPLE_H

#include <apr_pools.h>

#include "origin.h"

/** A text, and for each of its letters whether it is open: not written in the
 *  expression, but chosen for a class, a dot, or what may repeat.
 */
typedef struct cors_sample_t {
    char text[CORS_ORIGIN_MAX + 1];
    unsigned char open[CORS_ORIGIN_MAX + 1];
    apr_size_t len;
} cors_sample_t;

/** All samples of an expression: how the next one is made, and what those
 *  before it came to.
 */
typedef struct cors_samples_t {
    const char *source;
    /** What stands at each place of the source, as far as it was read. */
    struct cors_part_t *parts;
    /** What open parts are filled with, which alternative is taken, and which
     *  of the parts that may be missing are: 0 none, 1 dots, 2 all.
     */
    int filler;
    int alternative;
    int sparing;
    /** Which of these made a difference. */
    int seen;
    /** Of the sample that is being made: how many groups it is in, and whether
     *  it can't be an origin.
     */
    int depth;
    int in_vain;
} cors_samples_t;

/** Set out to make samples; source and p outlive them. */
void cors_samples_begin(cors_samples_t *samples, const char *source,
                        apr_pool_t *p);

/**
 * Make the next sample that may be an origin; where a choice makes no
 * difference there is one sample for all that could be chosen. Whether the
 * expression matches it is to be tried: a class takes what fills it or not.
 * @return 0 if there are no more
 */
int cors_samples_next(cors_samples_t *samples, cors_sample_t *sample);

#endif /* CORS_REGEX_SAMPLE_H */
