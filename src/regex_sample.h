/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  regex_sample.h
 * @brief Texts that a regular expression may match, made from its own text.
 */

#ifndef CORS_REGEX_SAMPLE_H
#define CORS_REGEX_SAMPLE_H

#include "origin.h"

/** A text, and for each of its letters whether it is open: not written in the
 *  expression, but chosen for a class, a dot, or what may repeat.
 */
typedef struct cors_sample_t {
    char text[CORS_ORIGIN_MAX + 1];
    unsigned char open[CORS_ORIGIN_MAX + 1];
    apr_size_t len;
    /** How it is made: what open parts are filled with, which alternative is
     *  taken, and which of the parts that may be missing are: 0 none, 1 dots,
     *  2 all.
     */
    const char *filler;
    int alternative;
    int sparing;
} cors_sample_t;

/**
 * Make the n-th sample. Whether the expression matches it is to be tried: a
 * class takes what fills it or not.
 * @return 0 if there are no more
 */
int cors_sample_make(cors_sample_t *sample, const char *source, int n);

#endif /* CORS_REGEX_SAMPLE_H */
