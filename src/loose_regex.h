/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  loose_regex.h
 * @brief Regular expressions that match more origins than they look.
 *
 * Nobody can tell in general what a regular expression was meant to match, but
 * the mistakes are few: a dot that was to be a dot, and something that matches
 * anything in front of a name, where "evil-example.com" fits as well as
 * "www.example.com". The first are found in the text. For the others the names
 * in the text are made into such origins, and tried.
 */

#ifndef CORS_LOOSE_REGEX_H
#define CORS_LOOSE_REGEX_H

#include <apr_pools.h>

#include "origin.h"

/** Whether a compiled regular expression matches the whole text. */
typedef int cors_matches_t(const void *regex, const char *text);

/**
 * Look for the mistakes.
 * @param remark  why it is loose, and the text to write where that is clear
 * @param source  a regular expression that compiles
 * @param matches how to ask the compiled one
 * @param regex   its first argument
 * @return 1 if it is loose, else 0
 */
int cors_regex_is_loose(cors_remark_t *remark, const char *source,
                        cors_matches_t *matches, const void *regex,
                        apr_pool_t *p);

#endif /* CORS_LOOSE_REGEX_H */
