/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "enforce.h"

#include "../seldom.h"
#include "preflight.h"

/* A link or an address typed in: the page that is left reads nothing of it.
 * Browsers tell apart what is loaded into a frame.
 */
static int is_navigation(const request_rec *r)
{
    const char *mode = apr_table_get(r->headers_in, "Sec-Fetch-Mode");
    const char *into = apr_table_get(r->headers_in, "Sec-Fetch-Dest");

    return r->method_number == M_GET && mode && !strcmp(mode, "navigate")
           && (!into || !strcmp(into, "document"));
}

int cors_enforce_refuses(const request_rec *r, const cors_exchange_t *exchange)
{
    return exchange->policy->enforce.value
           && exchange->decision.outcome == CORS_ORIGIN_DENIED
           && !exchange->decision.preflight && cors_exchange_applies(exchange)
           && !is_navigation(r);
}

/* Once: an ErrorDocument of the refusal is a request of the same exchange. */
CORS_SELDOM
static int enforce(const request_rec *r, cors_exchange_t *exchange)
{
    if (exchange->enforced || exchange->explained
        || !cors_enforce_refuses(r, exchange)) {
        return DECLINED;
    }
    exchange->enforced = 1;
    return HTTP_FORBIDDEN;
}

int cors_enforce(request_rec *r)
{
    cors_exchange_t *exchange = cors_exchange_get(r);

    return exchange && !exchange->idle && exchange->policy->enforce.value
               ? enforce(r, exchange) : DECLINED;
}

CORS_SELDOM
static int enforce_late(request_rec *r)
{
    int rc = cors_preflight_answer(r);

    return rc != DECLINED ? rc : cors_enforce(r);
}

/* Most policies were known early, and so was what they say. */
int cors_enforce_late(request_rec *r)
{
    return cors_exchange_is_idle(r) ? DECLINED : enforce_late(r);
}
