/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "preflight.h"

#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <mod_core.h>
#include <util_filter.h>

#include "../seldom.h"
#include "module.h"

/* Nothing of what the URL's file or handler would have said. */
static void forget_content(request_rec *r)
{
    r->output_filters = r->proto_output_filters;
    r->content_type = r->content_encoding = NULL;
    r->content_languages = NULL;
}

/* A 204 has no length, and no part of it is asked for. httpd would count its
 * length, write it down and take it out again, which costs as much as sending
 * three headers. What counts stands behind what looks for ranges, which is
 * first of all, as long as nobody else is.
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

/* Neither a status nor a handler will do: a returned 403 is sent as HTML, or
 * as an ErrorDocument, and a handler can be overtaken by later fixups. So the
 * response is made here, with the filters of an error response, which are what
 * mod_headers' "always" lines hang on. Our own headers are set there, too.
 *
 * The body is read while the status is still 200: with another, httpd closes
 * the connection of a client that waits for 100 Continue.
 */
static int answer(request_rec *r, cors_exchange_t *exchange, int status,
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

/* Asked behind mod_authz_core, and only if that wants a user: what denies
 * everybody, or an address, was obeyed before.
 */
int cors_preflight_access(request_rec *r)
{
    cors_exchange_t *exchange = cors_exchange_get(r);

    if (!exchange || !exchange->answers || !exchange->decision.origin_allowed
        || r->method_number != M_OPTIONS
        || exchange->policy->preflight_auth.value
               != CORS_PREFLIGHT_AUTH_SKIP) {
        return DECLINED;
    }
    exchange->login_skipped = 1;
    return OK;
}

/* Where an ErrorDocument is made of a preflight the method is GET. If its
 * login was skipped, httpd does not ask for it again where the sections are
 * the same, so it ends here.
 */
CORS_OFTEN
static int act(request_rec *r)
{
    cors_exchange_t *exchange;

    if (r->method_number != M_OPTIONS && !r->prev && !r->main) {
        return DECLINED;
    }
    exchange = cors_exchange_get(r);
    if (!exchange) {
        return DECLINED;
    }
    if (exchange->explained) {
        exchange->passed_access = 1;
        return exchange->answers ? DONE : DECLINED;
    }
    if (!exchange->answers || exchange->answered
        || r->method_number != M_OPTIONS) {
        return exchange->login_skipped ? HTTP_FORBIDDEN : DECLINED;
    }
    return exchange->decision.origin_allowed
        ? answer(r, exchange, cors_policy_preflight_status(exchange->policy),
                 NULL)
        : answer(r, exchange, HTTP_FORBIDDEN,
                 "CORS: this origin is not allowed.\n");
}

int cors_preflight_answer(request_rec *r)
{
    return cors_exchange_is_idle(r) ? DECLINED : act(r);
}

static const char *what_to_change(int status)
{
    switch (status) {
    case HTTP_UNAUTHORIZED:
        return "let it pass the login with CorsPreflightAuth Skip";
    case HTTP_FORBIDDEN:
        return "let OPTIONS pass Require, <Limit> and <LimitExcept>";
    case HTTP_METHOD_NOT_ALLOWED:
        return "add OPTIONS to AllowMethods";
    case HTTP_OK:
    case HTTP_NO_CONTENT:
        return "take out what answers OPTIONS, a RewriteRule with [R=204] say";
    default:
        return ap_is_HTTP_REDIRECT(status)
                   ? "let the page use the URL that it leads to"
                   : "see which module ended the request before its handler";
    }
}

void cors_preflight_log_missed(request_rec *r, const cors_exchange_t *exchange)
{
    if (!exchange->answers || exchange->answered
        || !exchange->decision.origin_allowed) {
        return;
    }
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "preflight of an allowed "
                  "origin left with status %d, which is not mod_cors' answer: "
                  "%s", r->status, what_to_change(r->status));
}
