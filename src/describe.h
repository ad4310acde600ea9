/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  describe.h
 * @brief A policy as directives, for people.
 */

#ifndef CORS_DESCRIBE_H
#define CORS_DESCRIBE_H

#include <apr_pools.h>

#include "policy.h"

/** As many items of a list are shown; the others are counted. */
#define CORS_DESCRIBED_MAX 50

/**
 * What is done with a line of the description.
 * @param directive the directive that set the field
 * @param value     what it said, normalised
 * @param place     where
 */
typedef void cors_describe_t(void *context, const char *directive,
                             const char *value, const cors_place_t *place);

/** Describe what is set in a policy, field by field, layer by layer. What is
 *  said lives in p.
 */
void cors_policy_describe(const cors_policy_t *policy, cors_describe_t *line,
                          void *context, apr_pool_t *p);

#endif /* CORS_DESCRIBE_H */
