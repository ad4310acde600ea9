/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  counters.h
 * @brief How often each decision was made, since httpd was started.
 */

#ifndef CORS_COUNTERS_H
#define CORS_COUNTERS_H

#include <httpd.h>
#include <http_config.h>

#include "../decision.h"

/** Count a decision. */
void cors_counters_add(cors_outcome_e outcome);

/** Hook post_config: make the counters, or find those that a restart left. */
int cors_counters_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                              apr_pool_t *ptemp, server_rec *s);

/** Optional hook of mod_status: show them. */
int cors_counters_status(request_rec *r, int flags);

#endif /* CORS_COUNTERS_H */
