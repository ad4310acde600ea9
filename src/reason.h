/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  reason.h
 * @brief The reason of a decision in words, the same in the log and on the
 *        explain page.
 */

#ifndef CORS_REASON_H
#define CORS_REASON_H

#include <apr_pools.h>

#include "decision.h"

/** The most bytes of one value of a request that are shown. */
#define CORS_SHOWN_MAX 256

/** Up to max bytes of a string in printable ASCII. Other bytes, '"', '\' and
 *  '%' are percent-encoded, so no client can forge part of a line.
 */
const char *cors_printable(const char *text, apr_size_t max, apr_pool_t *p);

/** Why the request was decided as it was: one clause, in which values of the
 *  request are printable and bounded. A long list is searched for the nearest
 *  item only at its beginning.
 *  @param oracle, context ask whether a rule would allow a similar origin
 */
const char *cors_reason_text(const cors_decision_t *decision,
                             const cors_policy_t *policy,
                             const cors_request_t *request,
                             const cors_oracle_t *oracle, void *context,
                             apr_pool_t *p);

/** "file:line" */
const char *cors_line_text(const cors_line_t *line, apr_pool_t *p);

#endif /* CORS_REASON_H */
