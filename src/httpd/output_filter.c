/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "output_filter.h"

#include <util_filter.h>

#include "../response.h"
#include "observe.h"

/* Written each time the module is loaded, before there are threads. */
static ap_filter_rec_t *filter_handle;

/* A preflight that a backend answered is one still. One that another module
 * ended before it was answered is a response like any other.
 */
static int is_preflight_answer(const cors_exchange_t *exchange)
{
    return exchange->answered
           || (exchange->decision.is_preflight
               && exchange->policy->preflight.value == CORS_PREFLIGHT_PASS);
}

void cors_output_set_headers(const cors_exchange_t *exchange, apr_pool_t *p,
                             apr_table_t *headers, apr_table_t *error_headers)
{
    cors_response_t response;

    response.pool = p;
    response.headers = headers;
    response.error_headers = error_headers;
    response.is_preflight_answer = is_preflight_answer(exchange);
    response.is_own = exchange->answered;
    response.vary = exchange->vary;
    cors_response_set(&response, exchange->policy, &exchange->request,
                      &exchange->decision);
}

static void set_headers(request_rec *r, const cors_exchange_t *exchange)
{
    cors_output_set_headers(exchange, r->pool, r->headers_out,
                            r->err_headers_out);
    if (exchange->decision.is_preflight) {
        cors_observe_answer(r, exchange);
    }
}

/* The first brigade is the last moment at which a header can be set. An error
 * bucket is passed on: httpd makes another response of it, which gets another
 * filter. The filter stays, because most responses are one brigade.
 */
CORS_FLATTEN
static apr_status_t output_filter(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    if (f->ctx && !APR_BRIGADE_EMPTY(brigade)) {
        set_headers(f->r, f->ctx);
        f->ctx = NULL;
    }
    return ap_pass_brigade(f->next, brigade);
}

void cors_output_filter_register(void)
{
    filter_handle = ap_register_output_filter("CORS", output_filter, NULL,
                                              AP_FTYPE_CONTENT_SET);
}

/* An answer that is made here is changed by nobody unless somebody inserted a
 * filter, as mod_headers does: so it needs none.
 */
static void insert(request_rec *r, cors_exchange_t *exchange)
{
    if (!exchange) {
        cors_observe_no_policy(r);
    }
    else if (!cors_exchange_is_on(exchange)) {
        return;
    }
    else if (exchange->answered
             && r->output_filters == r->proto_output_filters) {
        set_headers(r, exchange);
    }
    else {
        ap_add_output_filter_handle(filter_handle, exchange, r,
                                    r->connection);
    }
}

/* mod_cache's quick handler gets here before the URL was mapped. It stored its
 * response with the headers of the right section.
 */
void cors_output_filter_insert(request_rec *r)
{
    cors_exchange_t *exchange;

    if (!r->filename) {
        return;
    }
    exchange = cors_observed(r);
    /* The page of an ErrorDocument already has the status of the error. */
    if (exchange && exchange->decision.is_preflight
        && r->status == HTTP_OK) {
        exchange->handled = 1;
    }
    insert(r, exchange);
}

/* A 304 before the URL was mapped is mod_cache's, too: nothing else knows a
 * validator by then. If an ErrorDocument fails, httpd answers the request of
 * the first error, but logs that of the last.
 */
void cors_output_filter_insert_error(request_rec *r)
{
    cors_exchange_t *exchange;
    request_rec *next;

    if (!r->filename && r->status == HTTP_NOT_MODIFIED) {
        return;
    }
    exchange = cors_observe(r, cors_exchange_get_early(r));
    for (next = r->next; next; next = next->next) {
        cors_observe(next, exchange);
    }
    insert(r, exchange);
}
