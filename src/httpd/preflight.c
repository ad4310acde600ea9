/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "preflight.h"

#include <http_protocol.h>
#include <util_filter.h>

#include "exchange.h"

/* Nothing of what the URL's file or handler would have said. */
static void forget_content(request_rec *r)
{
    r->output_filters = r->proto_output_filters;
    r->content_encoding = NULL;
    r->content_languages = NULL;
    ap_set_content_type(r, NULL);
}

/* Neither a status nor a handler will do: a returned 403 is sent as HTML, or
 * as an ErrorDocument, and a handler can be overtaken by later fixups. So the
 * response is made here, with the filters of an error response, which are what
 * mod_headers' "always" lines and our own filter hang on.
 */
static int answer(request_rec *r, cors_exchange_t *exchange, int status,
                  const char *body)
{
    int rc;

    r->status = status;
    rc = ap_discard_request_body(r);
    if (rc != OK) {
        return rc;
    }
    exchange->answered = 1;
    forget_content(r);
    ap_run_insert_error_filter(r);
    if (body) {
        ap_set_content_type(r, "text/plain");
        ap_rputs(body, r);
    }
    else {
        ap_set_content_length(r, 0);
    }
    return DONE;
}

int cors_preflight_fixups(request_rec *r)
{
    cors_exchange_t *exchange = cors_exchange_get(r);

    /* The method is no longer OPTIONS where an ErrorDocument is made. */
    if (!exchange || !exchange->decision.preflight
        || r->method_number != M_OPTIONS
        || cors_policy_engine(exchange->policy) != CORS_ENGINE_ON
        || exchange->decision.outcome == CORS_SAME_ORIGIN) {
        return DECLINED;
    }
    return exchange->decision.origin_allowed
        ? answer(r, exchange, HTTP_NO_CONTENT, NULL)
        : answer(r, exchange, HTTP_FORBIDDEN,
                 "CORS: this origin is not allowed.\n");
}
