/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "observe.h"

#include <apr_atomic.h>
#include <apr_lib.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "../names.h"
#include "../reason.h"
#include "explain_config.h"
#include "module.h"

/* A child logs no more conflicts than this: the log has said enough. */
#define CONFLICTS_MAX 64

/* A number for each conflict that this child has logged, in the child's own
 * pool.
 */
static volatile apr_uint32_t *logged;

/* In shared memory that belongs to the parent process, so that neither a
 * restart nor the end of a child loses them.
 */
static apr_uint64_t *counters;

void cors_observe_child_init(apr_pool_t *p, server_rec *s)
{
    (void)s;
    logged = apr_pcalloc(p, CONFLICTS_MAX * sizeof(*logged));
}

int cors_counters_create(apr_pool_t *pconf, apr_pool_t *plog,
                         apr_pool_t *ptemp, server_rec *s)
{
    apr_pool_t *process = s->process->pool;
    apr_shm_t *memory = NULL;
    /* Another version of the module may count other decisions. */
    const char *key = apr_psprintf(ptemp, "mod_cors:counters:%d",
                                   CORS_OUTCOMES);
    void *found = NULL;
    apr_status_t rv;

    (void)pconf;
    (void)plog;
    apr_pool_userdata_get(&found, key, process);
    if (!found) {
        rv = apr_shm_create(&memory, CORS_OUTCOMES * sizeof(*counters), NULL,
                            process);
        if (rv != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, rv, s, "cannot create "
                         "shared memory; CORS decisions will not be counted "
                         "in mod_status");
            return OK;
        }
        found = apr_shm_baseaddr_get(memory);
        memset(found, 0, CORS_OUTCOMES * sizeof(*counters));
        /* The key is copied: a restart unloads the module's memory. */
        apr_pool_userdata_set(found, key, NULL, process);
    }
    counters = found;
    return OK;
}

static apr_uint64_t count_of(int outcome)
{
    return counters ? __atomic_load_n(&counters[outcome], __ATOMIC_RELAXED)
                    : 0;
}

/* The key in ?auto: "CorsOriginDenied" for "origin-denied". */
static const char *status_key(const char *word, apr_pool_t *p)
{
    char *name = apr_pstrcat(p, "Cors-", word, NULL);
    char *from = name;
    char *to = name;

    for (; *from != '\0'; from++) {
        if (*from == '-') {
            from++;
            *to++ = (char)apr_toupper(*from);
        }
        else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return name;
}

static const char *const meanings[CORS_OUTCOMES] = {
    [CORS_ALLOWED] = "the origin may read the response",
    [CORS_PREFLIGHT_ALLOWED] = "the browser may send the request",
    [CORS_ORIGIN_DENIED] = "the origin is not in the policy, or denied",
    [CORS_METHOD_DENIED] = "the method is not in CorsAllowMethods",
    [CORS_HEADERS_DENIED] = "a request header is not in CorsAllowHeaders",
    [CORS_SAME_ORIGIN] = "the request comes from the server's own pages"
};

static void show_html(request_rec *r)
{
    const char *page = cors_explain_page(r);
    int i;

    ap_rputs("<hr>\n<h2>CORS decisions</h2>\n<table border=\"0\">\n"
             "<tr><th>Decision</th><th>Requests</th><th>Meaning</th></tr>\n",
             r);
    for (i = CORS_NONE + 1; i < CORS_OUTCOMES; i++) {
        ap_rprintf(r, "<tr><td>%s</td><td align=\"right\">%" APR_UINT64_T_FMT
                   "</td><td>%s</td></tr>\n",
                   cors_outcome_word((cors_outcome_e)i), count_of(i),
                   meanings[i]);
    }
    ap_rputs("</table>\n", r);
    if (page) {
        ap_rprintf(r, "<p><a href=\"%s\">Explain a request</a></p>\n",
                   ap_escape_html(r->pool, page));
    }
}

int cors_counters_show(request_rec *r, int flags)
{
    int i;

    if (!(flags & AP_STATUS_SHORT)) {
        show_html(r);
        return OK;
    }
    for (i = CORS_NONE + 1; i < CORS_OUTCOMES; i++) {
        ap_rprintf(r, "%s: %" APR_UINT64_T_FMT "\n",
                   status_key(cors_outcome_word((cors_outcome_e)i), r->pool),
                   count_of(i));
    }
    return OK;
}

/* A path of the client, which httpd keeps decoded. */
static const char *path_text(const char *path, apr_pool_t *p)
{
    const char *start = apr_pstrndup(p, path, CORS_SHOWN_MAX);

    return apr_pstrcat(p, ap_escape_uri(p, start),
                       strlen(path) > CORS_SHOWN_MAX ? "..." : "", NULL);
}

/* Without the query, which may be secret, and without a blank, so that nothing
 * of it can read like the rest of a line.
 */
const char *cors_request_url(request_rec *r)
{
    const request_rec *first = cors_exchange_first(r);
    const char *scheme = ap_http_scheme(r);
    const char *host = r->hostname ? r->hostname : ap_get_server_name(r);
    const char *path = first->parsed_uri.path ? first->parsed_uri.path
                       : first->uri ? first->uri : "";
    int port = ap_get_server_port(r);

    host = cors_printable(apr_pstrndup(r->pool, host, strcspn(host, " ")),
                          CORS_SHOWN_MAX, r->pool);
    if (port != cors_scheme_port(scheme, strlen(scheme))) {
        host = apr_psprintf(r->pool, "%s:%d", host, port);
    }
    return apr_pstrcat(r->pool, scheme, "://", host,
                       path_text(path, r->pool), NULL);
}

static const char *shown(request_rec *r, const char *text)
{
    return cors_printable(text, CORS_SHOWN_MAX, r->pool);
}

/* A method that is not a token could read like the rest of the line. */
static const char *method_shown(request_rec *r, const char *method)
{
    return cors_token_is(method, strlen(method))
               ? shown(r, method)
               : apr_pstrcat(r->pool, "\"", shown(r, method), "\"", NULL);
}

/* preflight for PUT URL from "ORIGIN" (headers: "x-token") */
static const char *question_text(request_rec *r,
                                 const cors_exchange_t *exchange)
{
    const cors_request_t *request = &exchange->request;
    int is_preflight = exchange->decision.is_preflight;
    const char *asked = cors_exchange_first(r)->method;
    const char *method = is_preflight ? request->method
                         : asked ? asked : "-";
    const char *headers = is_preflight ? request->headers : NULL;

    return apr_pstrcat(r->pool, is_preflight ? "preflight for " : "",
                       method_shown(r, method), " ", cors_request_url(r),
                       " from \"", cors_printable(request->origin,
                                                  CORS_ORIGIN_MAX, r->pool),
                       headers ? "\" (headers: \"" : "\"",
                       headers ? shown(r, headers) : NULL, "\")", NULL);
}

/* httpd escapes control characters in its log, but not quotes: values of the
 * client are made printable so that no line can look like another.
 */
static void log_decision(request_rec *r, const cors_exchange_t *exchange)
{
    const cors_decision_t *decision = &exchange->decision;
    int level = cors_outcome_is_refusal(decision->outcome) ? APLOG_INFO
                                                           : APLOG_DEBUG;

    if (!APLOG_R_IS_LEVEL(r, level)) {
        return;
    }
    ap_log_rerror(APLOG_MARK, level, 0, r, "%s%s: %s, policy %s: %s",
                  cors_outcome_word(decision->outcome),
                  cors_exchange_is_on(exchange) ? "" : " (DetectionOnly)",
                  question_text(r, exchange),
                  cors_line_text(decision->line, r->pool),
                  cors_reason_text(decision, exchange->policy,
                                   &exchange->request, &cors_oracle, r,
                                   r->pool));
}

const char *cors_conflict_text(const cors_conflict_t *conflict, apr_pool_t *p)
{
    const char *both = apr_psprintf(p, "%s \"%s\" (%s) and "
                                    "CorsAllowCredentials On (%s) apply to "
                                    "the same URL",
                                    conflict->line->directive, conflict->item,
                                    cors_line_text(conflict->line, p),
                                    cors_line_text(conflict->credentials, p));

    if (conflict->is_expose) {
        return apr_pstrcat(p, both, "; \"*\" is ignored, because browsers then "
                           "read it as the name of a header", NULL);
    }
    if (!conflict->risk) {
        return apr_pstrcat(p, both, "; the policy has no credentials, because "
                           "browsers refuse the two together", NULL);
    }
    return apr_psprintf(p, "%s; the policy has no credentials, because %s; "
                        "\"CorsTolerate %s\" would keep them", both,
                        conflict->risk->danger, conflict->risk->word);
}

/* Lines live as long as the configuration, so two pointers identify a
 * conflict. A collision only suppresses one warning.
 */
static apr_uint32_t conflict_number(const cors_conflict_t *conflict)
{
    apr_uint64_t a = (apr_uint64_t)(apr_uintptr_t)conflict->credentials;
    apr_uint64_t b = (apr_uint64_t)(apr_uintptr_t)conflict->line;
    apr_uint64_t mixed = a * APR_UINT64_C(0x9e3779b97f4a7c15);

    mixed = ((mixed >> 32) ^ mixed ^ b) * APR_UINT64_C(0x9e3779b97f4a7c15);
    return (apr_uint32_t)(mixed >> 32) | 1;
}

static int is_logged_first(const cors_conflict_t *conflict)
{
    apr_uint32_t number = conflict_number(conflict);
    apr_uint32_t was;
    int i;

    for (i = 0; logged && i < CONFLICTS_MAX; i++) {
        was = apr_atomic_cas32(&logged[i], number, 0);
        if (was == 0 || was == number) {
            return was == 0;
        }
    }
    return 0;
}

/* .htaccess is parsed for each request, so log its conflicts at debug only. */
static void log_conflicts(request_rec *r, const cors_policy_t *policy)
{
    cors_conflict_t conflict;
    int i;

    for (i = 0; cors_policy_conflict(&conflict, policy, i); i++) {
        int in_htaccess = conflict.line->in_htaccess
                          || conflict.credentials->in_htaccess;

        if (in_htaccess ? APLOGrdebug(r) : is_logged_first(&conflict)) {
            ap_log_rerror(APLOG_MARK, in_htaccess ? APLOG_DEBUG
                                                  : APLOG_WARNING, 0, r, "%s",
                          cors_conflict_text(&conflict, r->pool));
        }
    }
}

/* Nothing depends on the order in which others see counters change. */
static void log_and_count(request_rec *r, cors_exchange_t *exchange)
{
    cors_outcome_e outcome = exchange->decision.outcome;

    exchange->observed = 1;
    if (exchange->policy->effect.has_conflict) {
        log_conflicts(r, exchange->policy);
    }
    if (outcome == CORS_NONE) {
        return;
    }
    if (counters) {
        __atomic_fetch_add(&counters[outcome], 1, __ATOMIC_RELAXED);
    }
    log_decision(r, exchange);
}

/* Adding to an empty table saves 100 instructions of an allowed GET. */
static void set_environment(request_rec *r, const cors_exchange_t *exchange)
{
    const cors_decision_t *decision = &exchange->decision;
    apr_table_t *env = r->subprocess_env;
    void (*set)(apr_table_t *, const char *, const char *) =
        apr_is_empty_table(env) ? apr_table_addn : apr_table_setn;

    if (decision->outcome != CORS_NONE) {
        set(env, "CORS_DECISION", cors_outcome_word(decision->outcome));
    }
    if (decision->origin_allowed && decision->origin_is_serialised) {
        set(env, "CORS_ORIGIN", exchange->request.origin);
    }
}

cors_exchange_t *cors_observe(request_rec *r, cors_exchange_t *exchange)
{
    if (!exchange || exchange->shared || exchange->explained) {
        return exchange;
    }
    if (!exchange->observed) {
        log_and_count(r, exchange);
    }
    if (exchange->in_environment != r) {
        exchange->in_environment = r;
        set_environment(r, exchange);
    }
    return exchange;
}

static const char *no_policy_text(request_rec *r, const cors_policy_t *policy)
{
    const server_rec *s = r->server;

    if (policy->engine.line && policy->engine.value == CORS_ENGINE_OFF) {
        return apr_psprintf(r->pool, "CorsEngine is Off (%s)",
                            cors_line_text(policy->engine.line, r->pool));
    }
    return apr_psprintf(r->pool, "no CorsAllowOrigin, CorsAllowOriginMatch or "
                        "CorsAllowOriginExpr applies to this URL in virtual "
                        "host %s%s%s", s->server_hostname,
                        s->defn_name ? ", " : "",
                        s->defn_name ? apr_psprintf(r->pool, "%s:%u",
                                                    s->defn_name,
                                                    s->defn_line_number)
                                     : "");
}

void cors_observe_no_policy(request_rec *r)
{
    const cors_policy_t *policy = cors_section_policy(r);
    int shows = policy->debug_header.value
                && policy->engine.value == CORS_ENGINE_ON;
    const cors_exchange_t *kept = cors_exchange_kept(r);
    const char *origin;

    shows = shows && !(kept && kept->is_off);
    if (r->main || (!shows && !APLOGrdebug(r))) {
        return;
    }
    origin = apr_table_get(r->headers_in, "Origin");
    if (!origin) {
        return;
    }
    if (shows) {
        apr_table_unset(r->headers_out, "CORS-Decision");
        apr_table_setn(r->err_headers_out, "CORS-Decision", "no-policy");
    }
    if (!apr_table_get(r->notes, "cors-no-policy")) {
        apr_table_setn(r->notes, "cors-no-policy", "");
        ap_log_rerror(APLOG_MARK, APLOG_DEBUG, 0, r, "no-policy: %s %s from "
                      "\"%s\": %s",
                      r->method ? method_shown(r, r->method) : "-",
                      cors_request_url(r),
                      cors_printable(origin, CORS_ORIGIN_MAX, r->pool),
                      no_policy_text(r, policy));
    }
}

const char *cors_observe_advice(const request_rec *r, int status)
{
    const char *uri;

    switch (status) {
    case HTTP_BAD_REQUEST:
    case HTTP_REQUEST_ENTITY_TOO_LARGE:
    case HTTP_REQUEST_URI_TOO_LARGE:
        return "the request itself is malformed or too large";
    case HTTP_UNAUTHORIZED:
        return "access control asked for a login; set CorsPreflightAuth Skip";
    case HTTP_FORBIDDEN:
        return "Require, <Limit>, <LimitExcept>, a RewriteRule with [F], "
               "SSLVerifyClient or another module refused it; let OPTIONS "
               "pass there, and check that the request itself is allowed";
    case HTTP_METHOD_NOT_ALLOWED:
        return "AllowMethods or the handler refused it; add OPTIONS to "
               "AllowMethods";
    case HTTP_NOT_FOUND:
        uri = cors_exchange_first(r)->unparsed_uri;
        if (uri && ap_strcasestr(uri, "%2f")) {
            return "AllowEncodedSlashes refused the encoded slash in the URL";
        }
        break;
    default:
        break;
    }
    if (status < 300) {
        return "remove the rule that answers OPTIONS, for example a "
               "RewriteRule with [R=204]";
    }
    return ap_is_HTTP_REDIRECT(status)
        ? "browsers do not follow a redirect of a preflight; use the "
          "redirect's target URL in the page"
        : "find the module that ended the request before its handler";
}

static int is_accepted(int status)
{
    return status >= 200 && status <= 299;
}

/* The answer of a backend is its own, unless something refused the request
 * before.
 */
static const char *answer_text(const request_rec *r,
                               const cors_exchange_t *exchange)
{
    if (exchange->answers) {
        return cors_observe_advice(r, r->status);
    }
    if (is_accepted(r->status)) {
        return NULL;
    }
    return exchange->handled
               ? "the handler or backend answered, and browsers accept only "
                 "200 to 299; let it answer OPTIONS, or set CorsPreflight "
                 "Answer"
           : r->status == HTTP_UNAUTHORIZED
               ? "access control asked for a login, which CorsPreflight Pass "
                 "cannot skip; set CorsPreflight Answer"
               : cors_observe_advice(r, r->status);
}

void cors_observe_answer(request_rec *r, const cors_exchange_t *exchange)
{
    const char *text;

    if (exchange->answered || !exchange->decision.origin_allowed) {
        return;
    }
    text = answer_text(r, exchange);
    if (text) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "%s was not answered by "
                      "mod_cors, but with status %d: %s",
                      question_text(r, exchange), r->status, text);
    }
}
