/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "output_filter.h"

#include <apr_strings.h>
#include <util_filter.h>

#include "../seldom.h"
#include "preflight.h"

/* Written each time the module is loaded, before there are threads. */
static ap_filter_rec_t *filter_handle;

/* CorsBackendHeaders Keep: they sent the header, so all of theirs stay. */
static int is_theirs(const cors_response_t *response,
                     const cors_exchange_t *exchange)
{
    return !exchange->answered
           && exchange->policy->backend_headers.value
                  == CORS_BACKEND_HEADERS_KEEP
           && (apr_table_get(response->headers, "Access-Control-Allow-Origin")
               || apr_table_get(response->error_headers,
                                "Access-Control-Allow-Origin"));
}

/* A preflight that was passed on is one still; one that somebody else ended,
 * before it was answered here, is a response like any other.
 */
static int is_preflight(const cors_exchange_t *exchange)
{
    return exchange->answered
           || (exchange->decision.preflight
               && exchange->policy->preflight.value == CORS_PREFLIGHT_PASS);
}

/* httpd sends both tables, and an internal redirect hands on the second: so
 * clean both, and set in the first.
 */
void cors_output_set_headers(cors_response_t *response,
                             const cors_exchange_t *exchange)
{
    int theirs = is_theirs(response, exchange);
    const char *brought = exchange->vary;

    cors_response_look(response);
    if (theirs) {
        brought = brought ? apr_pstrcat(response->pool, "Origin, ", brought,
                                        NULL) : "Origin";
    }
    else {
        cors_response_clear(response);
    }
    if (!theirs && is_preflight(exchange)) {
        cors_response_preflight(response, exchange->policy,
                                &exchange->request, &exchange->decision);
    }
    else if (!theirs) {
        cors_response_actual(response, exchange->policy, &exchange->request,
                             &exchange->decision);
    }
    cors_response_vary(response, exchange->policy, &exchange->request,
                       brought);
    if (exchange->policy->debug_header.value) {
        cors_response_debug(response, &exchange->request,
                            &exchange->decision);
    }
}

static void set_headers(request_rec *r, const cors_exchange_t *exchange)
{
    cors_response_t response = { r->pool, r->headers_out, r->err_headers_out,
                                 0 };

    cors_output_set_headers(&response, exchange);
    cors_preflight_log_missed(r, exchange);
}

/* The first brigade is the last moment at which a header can be set. What is in
 * it is let through: an error bucket is made into another response, which
 * gets a filter of its own. Then it has nothing more to do, and stays: most
 * responses are one brigade.
 */
CORS_OFTEN
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

/* For the answer to a preflight, which needs no filter. */
CORS_OFTEN
static void set_headers_now(request_rec *r, const cors_exchange_t *exchange)
{
    set_headers(r, exchange);
}

/* What is answered here is not changed by anybody if nobody put a filter in,
 * as mod_headers does.
 */
static APR_INLINE void insert(request_rec *r, cors_exchange_t *exchange)
{
    if (!exchange || !cors_exchange_applies(exchange)) {
        return;
    }
    if (exchange->answered && r->output_filters == r->proto_output_filters) {
        set_headers_now(r, exchange);
    }
    else {
        ap_add_output_filter_handle(filter_handle, exchange, r,
                                    r->connection);
    }
}

/* mod_cache's quick handler comes by before any section was walked. What it
 * sends was stored with its own section's headers.
 */
void cors_output_filter_insert(request_rec *r)
{
    cors_exchange_t *exchange = cors_exchange_told(r);

    if (exchange || cors_exchange_kept(r)) {
        insert(r, exchange ? exchange : cors_exchange_find(r));
    }
}

/* A 304 before any section was walked is mod_cache's, too: nothing else knows
 * a validator by then.
 */
void cors_output_filter_insert_error(request_rec *r)
{
    if (r->status != HTTP_NOT_MODIFIED || cors_exchange_kept(r)) {
        insert(r, cors_exchange_get(r));
    }
}
