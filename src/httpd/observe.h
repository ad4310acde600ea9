/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  observe.h
 * @brief What follows a decision: log line, environment, counters, status page.
 */

#ifndef CORS_OBSERVE_H
#define CORS_OBSERVE_H

#include <httpd.h>
#include <http_config.h>

#include "exchange.h"

/** Log and count an exchange once, and set the environment of each of its
 *  requests.
 *  @param exchange NULL: nothing to do
 *  @return exchange
 */
cors_exchange_t *cors_observe(request_rec *r, cors_exchange_t *exchange);

/** The observed exchange that a request belongs to. The first lines save 100
 *  instructions of a request without a policy, and of one whose exchange an
 *  earlier hook found.
 */
static APR_INLINE cors_exchange_t *cors_observed(request_rec *r)
{
    cors_exchange_t *kept = ap_get_module_config(r->request_config,
                                                 &cors_module);

    if (kept ? kept->in_environment == r || kept->shared
             : cors_exchange_is_impossible(r)) {
        return kept;
    }
    return cors_observe(r, cors_exchange_get(r));
}

/** Log and show that no policy applies to a request with Origin. */
void cors_observe_no_policy(request_rec *r);

/** Log a preflight from an allowed origin that gets an answer which no browser
 *  accepts, or the answer of another module.
 */
void cors_observe_answer(request_rec *r, const cors_exchange_t *exchange);

/** What may have answered a preflight with this status, and what to change. */
const char *cors_observe_advice(const request_rec *r, int status);

/** The scheme, host, port and path that the client asked for, printable. */
const char *cors_request_url(request_rec *r);

/** A conflict in words, in p. */
const char *cors_conflict_text(const cors_conflict_t *conflict, apr_pool_t *p);

/** Hook post_config: create the counters, or find those that a restart left. */
int cors_counters_create(apr_pool_t *pconf, apr_pool_t *plog,
                         apr_pool_t *ptemp, server_rec *s);

/** Optional hook of mod_status: show the counters. */
int cors_counters_show(request_rec *r, int flags);

/** Hook child_init: a table of the conflicts that this child has logged. */
void cors_observe_child_init(apr_pool_t *p, server_rec *s);

#endif /* CORS_OBSERVE_H */
