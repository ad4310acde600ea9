/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "output_filter.h"

#include <util_filter.h>

#include "../response.h"
#include "exchange.h"

/* Written each time the module is loaded, before there are threads. */
static ap_filter_rec_t *filter_handle;

/* httpd sends both tables, and an internal redirect hands on the second: so
 * clean both, and set in the first.
 */
static void set_headers(request_rec *r, const cors_exchange_t *exchange)
{
    cors_response_t response;

    response.pool = r->pool;
    response.headers = r->headers_out;
    response.error_headers = r->err_headers_out;
    cors_response_clear(&response);
    cors_response_vary(&response, exchange->policy, &exchange->request,
                       exchange->vary);
    (exchange->answered ? cors_response_preflight : cors_response_actual)(
        &response, exchange->policy, &exchange->request,
        &exchange->decision);
    if (exchange->policy->debug_header.value) {
        cors_response_debug(&response, &exchange->request,
                            &exchange->decision);
    }
}

/* The first brigade is the last moment at which a header can be set. Buckets
 * that are no data are let through: they may be an error to be made of it.
 */
static apr_status_t output_filter(ap_filter_t *f, apr_bucket_brigade *brigade)
{
    const cors_exchange_t *exchange = f->ctx;

    if (!APR_BRIGADE_EMPTY(brigade)) {
        set_headers(f->r, exchange);
        ap_remove_output_filter(f);
    }
    return ap_pass_brigade(f->next, brigade);
}

void cors_output_filter_register(void)
{
    filter_handle = ap_register_output_filter("CORS", output_filter, NULL,
                                              AP_FTYPE_CONTENT_SET);
}

void cors_output_filter_insert(request_rec *r)
{
    cors_exchange_t *exchange = cors_exchange_get(r);

    if (exchange
        && cors_policy_engine(exchange->policy) == CORS_ENGINE_ON) {
        ap_add_output_filter_handle(filter_handle, exchange, r,
                                    r->connection);
    }
}
