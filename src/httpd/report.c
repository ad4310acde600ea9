/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "report.h"

#include <apr_strings.h>
#include <http_log.h>

#include "../nearest.h"
#include "../why.h"
#include "../seldom.h"
#include "counters.h"
#include "module.h"

static const char *shown(request_rec *r, const char *text, apr_size_t max)
{
    return cors_printable(text, strlen(text), max, r->pool);
}

static const char *asked(request_rec *r, const cors_exchange_t *exchange)
{
    const cors_request_t *request = &exchange->request;

    if (!exchange->decision.preflight) {
        return r->method ? shown(r, r->method, CORS_SHOWN_MAX) : "";
    }
    return apr_pstrcat(r->pool, shown(r, request->method, CORS_SHOWN_MAX),
                       request->headers ? " with " : NULL,
                       request->headers ? shown(r, request->headers,
                                                CORS_SHOWN_MAX) : NULL, NULL);
}

/* httpd escapes what it logs, but not quotes: what the client sent comes in
 * printable, so that nobody can make a line that looks like another.
 */
CORS_SELDOM
static void log_decision(request_rec *r, const cors_exchange_t *exchange,
                         int level)
{
    const cors_decision_t *decision = &exchange->decision;

    if (!APLOG_R_IS_LEVEL(r, level)) {
        return;
    }
    ap_log_rerror(APLOG_MARK, level, 0, r, "%s: origin \"%s\", asked \"%s\", "
                  "policy %s, %s",
                  cors_outcome_word(decision->outcome),
                  shown(r, exchange->request.origin, CORS_ORIGIN_MAX),
                  asked(r, exchange),
                  cors_place_text(decision->place, r->pool),
                  cors_why(decision, exchange->policy, &exchange->request,
                           r->pool));
}

void cors_report_decision(request_rec *r, const cors_exchange_t *exchange)
{
    cors_outcome_e outcome = exchange->decision.outcome;

    cors_counters_add(outcome);
    if (APLOG_R_IS_LEVEL(r, APLOG_INFO)) {
        log_decision(r, exchange, cors_outcome_is_refusal(outcome)
                     ? APLOG_INFO : APLOG_DEBUG);
    }
}

void cors_report_environment(request_rec *r, const cors_exchange_t *exchange)
{
    const cors_decision_t *decision = &exchange->decision;
    apr_table_t *env = r->subprocess_env;
    /* Setting compares with what is there, which is seldom anything. */
    void (*put)(apr_table_t *, const char *, const char *) =
        apr_is_empty_table(env) ? apr_table_addn : apr_table_setn;

    put(env, "CORS_DECISION", cors_outcome_word(decision->outcome));
    if (decision->origin_allowed && decision->origin_read) {
        put(env, "CORS_ORIGIN", exchange->request.origin);
    }
}
