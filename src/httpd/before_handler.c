/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "before_handler.h"

#include <http_core.h>
#include <http_protocol.h>
#include <mod_core.h>
#include <util_filter.h>

#include "observe.h"

/* A link or a typed address: the page that the visitor leaves reads nothing of
 * it. A frame is another destination.
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
           && !exchange->decision.is_preflight && cors_exchange_is_on(exchange)
           && !is_navigation(r);
}

/* Once, because an ErrorDocument of the refusal is a request of the same
 * exchange.
 */
static int enforce(request_rec *r, cors_exchange_t *exchange)
{
    if (exchange->idle || exchange->enforced || exchange->explained
        || !cors_enforce_refuses(r, exchange)) {
        return DECLINED;
    }
    exchange->enforced = 1;
    return HTTP_FORBIDDEN;
}

CORS_FLATTEN
int cors_hook_enforce(request_rec *r)
{
    cors_exchange_t *exchange = cors_observed(r);

    return exchange ? enforce(r, exchange) : DECLINED;
}

/* Called after mod_authz_core, and only if all that authorization lacks is a
 * user: "Require all denied" and "Require ip" were obeyed before.
 */
int cors_hook_skip_login(request_rec *r)
{
    cors_exchange_t *exchange;

    if (r->method_number != M_OPTIONS) {
        return DECLINED;
    }
    exchange = cors_observed(r);
    if (!exchange || !exchange->answers || !exchange->decision.origin_allowed
        || exchange->policy->preflight_auth.value
               != CORS_PREFLIGHT_AUTH_SKIP) {
        return DECLINED;
    }
    exchange->login_skipped = 1;
    return OK;
}

/* Forget what the URL's file or handler would have sent. */
static void forget_content(request_rec *r)
{
    r->output_filters = r->proto_output_filters;
    r->content_type = r->content_encoding = NULL;
    r->content_languages = NULL;
}

/* A 204 has no length. httpd would count it, write the header and remove it
 * again, which costs 690 instructions. The filter that counts follows the one
 * for ranges, which is the first unless another module inserted one.
 */
static void forget_length(request_rec *r)
{
    ap_filter_t *f = r->output_filters;

    if (f && f->frec == ap_byterange_filter_handle) {
        ap_remove_output_filter(f);
        f = f->next;
    }
    while (f && f->frec != ap_content_length_filter_handle) {
        f = f->next;
    }
    if (f) {
        ap_remove_output_filter(f);
    }
}

/* Neither a status nor a handler will do: a returned 403 is sent as HTML or as
 * an ErrorDocument, and later fixups can replace a handler. So the response is
 * made here, with the filters of an error response, on which the "always"
 * lines of mod_headers depend, and this module's own.
 *
 * The body is read while the status is still 200: with another status httpd
 * closes the connection of a client that waits for 100 Continue.
 */
static int send_answer(request_rec *r, cors_exchange_t *exchange, int status,
                       const char *body)
{
    int rc = ap_request_has_body(r) ? ap_discard_request_body(r) : OK;

    if (rc != OK) {
        return rc;
    }
    r->status = status;
    exchange->answered = 1;
    forget_content(r);
    ap_run_insert_error_filter(r);
    if (body) {
        ap_set_content_type(r, "text/plain");
        ap_rputs(body, r);
    }
    else if (status == HTTP_NO_CONTENT) {
        forget_length(r);
    }
    else {
        ap_set_content_length(r, 0);
    }
    return DONE;
}

/* For an ErrorDocument of a preflight the method is GET. httpd does not ask for
 * a login again where the sections are the same, so one that was skipped ends
 * the request here.
 */
static int answer(request_rec *r, cors_exchange_t *exchange)
{
    if (exchange->explained) {
        exchange->passed_access = 1;
        return exchange->answers ? DONE : DECLINED;
    }
    if (!exchange->answers || exchange->answered
        || r->method_number != M_OPTIONS) {
        return exchange->login_skipped ? HTTP_FORBIDDEN : DECLINED;
    }
    return exchange->decision.origin_allowed
        ? send_answer(r, exchange, exchange->policy->effect.preflight_status,
                      NULL)
        : send_answer(r, exchange, HTTP_FORBIDDEN,
                      "CORS: this origin is not allowed.\n");
}

int cors_hook_answer(request_rec *r)
{
    cors_exchange_t *exchange;

    if (r->method_number != M_OPTIONS && !r->prev && !r->main) {
        return DECLINED;
    }
    exchange = cors_observed(r);
    return exchange && !exchange->idle ? answer(r, exchange) : DECLINED;
}

int cors_hook_late(request_rec *r)
{
    cors_exchange_t *exchange = cors_observed(r);
    int rc;

    if (!exchange || exchange->idle) {
        return DECLINED;
    }
    rc = answer(r, exchange);
    return rc != DECLINED ? rc : enforce(r, exchange);
}
