/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  loose_regex.h
 * @brief Regular expressions that match more origins than they look.
 *
 * Nobody can tell in general what a regular expression was meant to match, but
 * the mistakes are few: a dot that was to be a dot, and something that matches
 * anything in front of a name, where "evil-example.com" fits as well as
 * "www.example.com".
 */

#ifndef CORS_LOOSE_REGEX_H
#define CORS_LOOSE_REGEX_H

#include <apr_pools.h>

#include "origin.h"

/**
 * Look for the mistakes in the text of a regular expression.
 * @param remark why it is loose, and the text to write where that is clear
 * @param source a regular expression that compiles
 * @return 1 if it is loose, else 0
 */
int cors_regex_is_loose(cors_remark_t *remark, const char *source,
                        apr_pool_t *p);

/** Origins that nobody means: one that matches any of them is loose. NULL
 *  ends the list.
 */
extern const char *const cors_probe_origins[];

#endif /* CORS_LOOSE_REGEX_H */
