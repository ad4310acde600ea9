/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain_config.h"

#include <apr_strings.h>
#include <http_core.h>

#include "../reason.h"
#include "observe.h"

/* One of the two requests, as the Fetch algorithm sees it. */
typedef struct view_t {
    request_rec *r;
    const cors_explanation_t *explanation;
    const cors_answer_t *answer;
    const char *why;
    const char *unknown_because;
} view_t;

static const char *const verdicts[] = { "allowed", "refused", "unknown" };

const char *cors_explain_verdict(const cors_explanation_t *explanation)
{
    return verdicts[explanation->verdict];
}

static const cors_setting_t *engine(const cors_answer_t *answer)
{
    return &answer->policy->engine;
}

const char *cors_explain_decision(const cors_answer_t *answer)
{
    const char *word = answer->exchange
        ? cors_outcome_word(answer->exchange->decision.outcome) : NULL;

    return word ? word
           : engine(answer)->line && engine(answer)->value == CORS_ENGINE_OFF
               ? "off" : "no-policy";
}

const char *cors_explain_line(const cors_answer_t *answer, apr_pool_t *p)
{
    const cors_line_t *line = answer->exchange
        ? answer->exchange->decision.line : engine(answer)->line;

    return line ? cors_line_text(line, p) : NULL;
}

/* A handler that may send headers itself. */
static int has_backend(const request_rec *r)
{
    return r->proxyreq
           || (r->filename && !strncmp(r->filename, "proxy:", 6))
           || (r->handler && strcmp(r->handler, DIR_MAGIC_TYPE) != 0
               && strcmp(r->handler, "default-handler") != 0
               && strcmp(r->handler, "type-map") != 0);
}

static int is_on(const cors_answer_t *answer)
{
    return answer->exchange && cors_exchange_is_on(answer->exchange);
}

/* Whether a backend's or another module's headers may leave the server. */
static const char *foreign_headers(const view_t *view)
{
    const cors_answer_t *answer = view->answer;
    apr_pool_t *p = view->r->pool;
    int keeps = answer->policy->backend_headers.value
                == CORS_BACKEND_HEADERS_KEEP;
    const char *line;

    if (is_on(answer) && !keeps) {
        return NULL;
    }
    line = cors_explain_header_line(view->r, view->explanation);
    if (line) {
        return apr_psprintf(p, "%s, and mod_cors does not replace it here",
                            line);
    }
    if (answer->stopped || !has_backend(answer->found)) {
        return NULL;
    }
    return is_on(answer)
        ? "CorsBackendHeaders is Keep, so the backend's own CORS headers count"
        : "the response comes from a backend or script, which may send CORS "
          "headers itself";
}

static const char *prefix(const view_t *view)
{
    return engine(view->answer)->value == CORS_ENGINE_DETECTION_ONLY
           && view->answer->exchange
        ? apr_psprintf(view->r->pool, "CorsEngine is DetectionOnly (%s), so "
                       "nothing is changed; ",
                       cors_line_text(engine(view->answer)->line,
                                      view->r->pool))
        : "";
}

static const char *reason(const view_t *view)
{
    const cors_exchange_t *exchange = view->answer->exchange;

    if (!exchange && engine(view->answer)->line
        && engine(view->answer)->value == CORS_ENGINE_OFF) {
        return apr_psprintf(view->r->pool, "CorsEngine is Off (%s)",
                            cors_explain_line(view->answer, view->r->pool));
    }
    if (!exchange) {
        return cors_explain_no_policy(view->r, view->explanation);
    }
    return apr_pstrcat(view->r->pool, prefix(view),
                       cors_reason_text(&exchange->decision, exchange->policy,
                                        &exchange->request, &cors_oracle,
                                        view->answer->found, view->r->pool),
                       NULL);
}

static cors_verdict_e refuse(view_t *view, const char *why)
{
    view->why = why;
    return CORS_VERDICT_REFUSED;
}

static cors_verdict_e doubt(view_t *view, const char *because)
{
    view->unknown_because = because;
    view->why = reason(view);
    return CORS_VERDICT_UNKNOWN;
}

static const char *header(const view_t *view, const char *name)
{
    const char *value = apr_table_get(view->answer->headers, name);

    return value ? value : "";
}

static const char *credentials_reason(const view_t *view)
{
    const cors_policy_t *policy = view->answer->policy;
    cors_conflict_t conflict;
    int i;

    for (i = 0; cors_policy_conflict(&conflict, policy, i); i++) {
        if (!conflict.is_expose) {
            return cors_conflict_text(&conflict, view->r->pool);
        }
    }
    return policy->effect.any
        ? apr_psprintf(view->r->pool, "\"*\" (%s) allows every origin, but "
                       "without credentials: browsers refuse the two together",
                       cors_line_text(policy->effect.any->line,
                                      view->r->pool))
        : policy->credentials.line
        ? apr_psprintf(view->r->pool, "CorsAllowCredentials is Off (%s)",
                       cors_line_text(policy->credentials.line,
                                      view->r->pool))
        : "the request has credentials, and CorsAllowCredentials is not On";
}

/* Fetch, "CORS check". */
static cors_verdict_e check_origin(view_t *view)
{
    const cors_question_t *question = &view->explanation->question;
    const char *allowed = header(view, "Access-Control-Allow-Origin");
    const char *foreign = foreign_headers(view);

    if (foreign) {
        return doubt(view, foreign);
    }
    if (!strcmp(allowed, "*") ? question->credentials
        : strcmp(allowed, question->origin) != 0) {
        return refuse(view, !strcmp(allowed, "*") ? credentials_reason(view)
                                                  : reason(view));
    }
    return question->credentials
           && strcmp(header(view, "Access-Control-Allow-Credentials"),
                     "true") != 0
        ? refuse(view, credentials_reason(view)) : CORS_VERDICT_ALLOWED;
}

static int lists(const char *list, const char *name, int is_method, int star)
{
    cors_span_t item;

    while (cors_list_next(&list, &item)) {
        if ((item.len == strlen(name)
             && !(is_method ? strncmp : strncasecmp)(item.at, name, item.len))
            || (star && item.len == 1 && *item.at == '*')) {
            return 1;
        }
    }
    return 0;
}

/* Fetch, "CORS-preflight fetch", step 7. */
static int grants(const view_t *view)
{
    const cors_question_t *question = &view->explanation->question;
    cors_span_t method = { question->method, strlen(question->method) };
    const char *names = question->headers ? question->headers : "";
    int star = !question->credentials;
    cors_span_t item;

    if (!cors_layers_have_name(&cors_default_methods, &method)
        && !lists(header(view, "Access-Control-Allow-Methods"),
                  question->method, 1, star)) {
        return 0;
    }
    while (cors_list_next(&names, &item)) {
        const char *name = apr_pstrmemdup(view->r->pool, item.at, item.len);

        if (!lists(header(view, "Access-Control-Allow-Headers"), name, 0,
                   star && strcmp(name, "authorization") != 0)) {
            return 0;
        }
    }
    return 1;
}

static cors_verdict_e judge_preflight(view_t *view)
{
    const cors_answer_t *answer = view->answer;
    apr_pool_t *p = view->r->pool;
    cors_verdict_e verdict;

    if (cors_method_is_forbidden(view->explanation->question.method)) {
        return refuse(view, apr_psprintf(p, "scripts may never use the method "
                                         "\"%s\"",
                                         view->explanation->question.method));
    }
    verdict = check_origin(view);
    if (verdict != CORS_VERDICT_ALLOWED) {
        return verdict;
    }
    if (answer->stopped) {
        if (answer->status < 200 || answer->status > 299 || !grants(view)) {
            const char *rule = cors_explain_rule(view->r, view->explanation,
                                                 answer);

            return refuse(view, apr_psprintf(
                p, "the preflight was not answered by mod_cors, but with "
                "status %d%s%s%s: %s", answer->status, rule ? " (" : "",
                rule ? rule : "", rule ? ")" : "",
                cors_observe_advice(answer->found, answer->status)));
        }
    }
    else if (!answer->exchange->answered) {
        return doubt(view, apr_psprintf(p, "CorsPreflight is Pass (%s), so the "
                                        "handler or backend answers the "
                                        "preflight, and browsers accept only "
                                        "status 200 to 299",
                                        cors_line_text(
                                            answer->policy->preflight.line,
                                            p)));
    }
    return grants(view) ? CORS_VERDICT_ALLOWED : refuse(view, reason(view));
}

static cors_verdict_e judge_status(view_t *view)
{
    const cors_answer_t *answer = view->answer;

    view->why = reason(view);
    if (ap_is_HTTP_REDIRECT(answer->status)) {
        const char *rule = cors_explain_rule(view->r, view->explanation,
                                             answer);

        view->unknown_because = apr_psprintf(
            view->r->pool, "the request is redirected (status %d%s%s) to %s; "
            "ask for that URL, and let the page use it", answer->status,
            rule ? ", " : "", rule ? rule : "",
            answer->location ? answer->location : "another URL");
        return CORS_VERDICT_UNKNOWN;
    }
    if (answer->stopped) {
        view->why = apr_psprintf(view->r->pool, "%s; the page can read the "
                                 "response, but %s answers with status %d",
                                 view->why,
                                 answer->status == HTTP_UNAUTHORIZED
                                     ? "without a login, access control"
                                     : "access control or another module",
                                 answer->status);
    }
    return CORS_VERDICT_ALLOWED;
}

static int is_own_origin(const cors_explanation_t *explanation)
{
    return cors_oracle.is_own(explanation->request.found,
                              explanation->question.origin);
}

static void keep(cors_explanation_t *explanation, const view_t *view,
                 cors_verdict_e verdict)
{
    explanation->decisive = view->answer;
    explanation->verdict = verdict;
    explanation->why = view->why;
    explanation->unknown_because = view->unknown_because;
}

static void judge_both(request_rec *r, cors_explanation_t *explanation)
{
    view_t view = { r, explanation, &explanation->preflight, NULL, NULL };
    cors_verdict_e verdict = CORS_VERDICT_ALLOWED;

    if (explanation->needs_preflight) {
        verdict = judge_preflight(&view);
    }
    if (verdict == CORS_VERDICT_ALLOWED) {
        view.answer = &explanation->request;
        verdict = check_origin(&view);
    }
    if (verdict == CORS_VERDICT_ALLOWED) {
        verdict = judge_status(&view);
    }
    keep(explanation, &view, verdict);
}

void cors_explain_judge(request_rec *r, cors_explanation_t *explanation)
{
    view_t view = { r, explanation, &explanation->request, NULL, NULL };

    if (is_own_origin(explanation)) {
        cors_verdict_e verdict = judge_status(&view);

        view.why = "the origin is the server's own, so browsers need no CORS "
                   "headers";
        keep(explanation, &view, verdict);
    }
    else {
        explanation->needs_preflight =
            cors_question_needs_preflight(&explanation->question);
        judge_both(r, explanation);
    }
    if (explanation->verdict == CORS_VERDICT_ALLOWED) {
        explanation->unknown_because = cors_explain_blind_spot(r, explanation);
        if (explanation->unknown_because) {
            explanation->verdict = CORS_VERDICT_UNKNOWN;
        }
    }
}
