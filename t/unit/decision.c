/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* What a policy says to a request. Without this an origin could be allowed
 * that no line names, a method or header granted that none lists, or a rule
 * be asked about a text that is no origin.
 */

#include "given.h"
#include "tap.h"

#include "../../src/decision.h"

#define APP "https://app.example.com"
#define EVIL "https://evil.example"
#define OWN "https://own.example"

#define SIXTEEN "x,x,x,x,x,x,x,x,"
#define KIB SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN \
    SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN \
    SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN \
    SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN \
    SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN \
    SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN \
    SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN \
    SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN SIXTEEN
#define X16 "xxxxxxxxxxxxxxxx"
#define X256 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16

/* ---- the server's part, and what it was asked ---- */

typedef struct server_t {
    int rules_asked;
    int own_asked;
    /** asked about a text that is no origin */
    int misled;
    int refused;
} server_t;

/* A rule "~x" allows x, "~yes" allows everything. */
static const cors_rule_t *allows(void *context, const cors_origins_t *layer,
                                 const cors_origin_t *origin, int refused)
{
    server_t *asked = context;
    cors_origin_t again;
    int i;

    asked->rules_asked++;
    asked->refused = refused;
    asked->misled |= !cors_origin_read(&again, origin->text);
    for (i = 0; i < layer->matches->nelts; i++) {
        const cors_rule_t *rule = APR_ARRAY_IDX(layer->matches, i,
                                                cors_rule_t *);
        if (!strcmp(rule->source, "yes")
            || !strcmp(rule->source, origin->text)) {
            return rule;
        }
    }
    return NULL;
}

static int is_own(void *context, const char *origin)
{
    server_t *asked = context;

    asked->own_asked++;
    return !strcmp(origin, OWN);
}

static cors_request_t request_of(const char *origin, const char *method,
                                 const char *headers)
{
    cors_request_t request;

    request.origin = origin;
    request.is_options = method != NULL;
    request.method = method;
    request.headers = headers;
    return request;
}

static server_t server;

static cors_decision_t decide(apr_pool_t *p, const char *policy,
                              const cors_request_t *request)
{
    const cors_oracle_t oracle = { allows, is_own };
    cors_decision_t decision;

    memset(&server, 0, sizeof(server));
    cors_decide(&decision, given_policy(p, policy), request, &oracle, &server);
    return decision;
}

static const char *word_of(const cors_decision_t *decision)
{
    const char *word = cors_outcome_word(decision->outcome);

    return word ? word : "none";
}

/* ---- origins ---- */

typedef struct origin_row_t {
    const char *policy;
    const char *origin;
    const char *word;
    /** whether rules, and whether the server's own name, were asked for */
    int rules_asked;
    int own_asked;
} origin_row_t;

static const origin_row_t origins[] = {
    { "allow " APP, NULL, "none", 0, 0 },
    { "allow " APP, APP, "allowed", 0, 0 },
    { "allow " APP, EVIL, "origin-denied", 0, 1 },
    { "allow " APP, OWN, "same-origin", 0, 1 },
    { "allow " APP, "", "origin-denied", 0, 1 },
    { "allow " APP, "null", "origin-denied", 0, 1 },
    { "allow " APP, APP "/", "origin-denied", 0, 1 },
    { "allow " APP, APP ", " APP, "origin-denied", 0, 1 },
    { "allow " APP, APP ":443", "origin-denied", 0, 1 },
    { "allow " APP, "HTTPS://app.example.com", "origin-denied", 0, 1 },
    { "allow " APP " " OWN, OWN, "allowed", 0, 0 },
    { "allow none", APP, "origin-denied", 0, 1 },
    { "allow none", "null", "origin-denied", 0, 1 },
    { "allow none", OWN, "same-origin", 0, 1 },
    { "allow null", "null", "allowed", 0, 0 },
    { "allow null", "NULL", "origin-denied", 0, 1 },
    { "allow null", APP, "origin-denied", 0, 1 },
    { "allow null", "null, null", "origin-denied", 0, 1 },
    { "allow null; credentials on", "null", "origin-denied", 0, 1 },
    { "allow *", APP, "allowed", 0, 0 },
    { "allow *", "null", "allowed", 0, 0 },
    { "allow *", "", "allowed", 0, 0 },
    { "allow *", "no origin, at all", "allowed", 0, 0 },
    { "allow *; credentials on", EVIL, "allowed", 0, 0 },
    { "allow *; deny " EVIL, EVIL, "origin-denied", 0, 0 },
    { "allow *; deny " EVIL, APP, "allowed", 0, 0 },
    { "allow *; deny " EVIL, "null", "allowed", 0, 0 },
    { "allow *; deny null", "null", "origin-denied", 0, 0 },
    { "allow *; deny *", APP, "origin-denied", 0, 0 },
    { "allow *; deny *", "null", "origin-denied", 0, 0 },
    { "allow *; deny *", "", "origin-denied", 0, 0 },
    { "allow " APP "; deny https://*.example.com", APP, "origin-denied", 0, 0 },
    { "allow " APP "; deny " APP, APP, "origin-denied", 0, 0 },
    { "allow " APP "; deny none", APP, "allowed", 0, 0 },
    { "allow " APP "; deny " OWN, OWN, "origin-denied", 0, 0 },
    /* http, null and public suffixes count for nothing with credentials */
    { "allow http://a.example", "http://a.example", "allowed", 0, 0 },
    { "allow http://a.example; credentials on", "http://a.example",
      "origin-denied", 0, 1 },
    { "allow http://localhost:*; credentials on", "http://localhost:3000",
      "allowed", 0, 0 },
    { "allow https://*.co.uk", "https://a.co.uk", "allowed", 0, 0 },
    { "allow https://*.co.uk; credentials on", "https://a.co.uk",
      "origin-denied", 0, 1 },
    { "allow https://*.co.uk https://a.co.uk; credentials on",
      "https://a.co.uk", "allowed", 0, 0 },
    { "allow https://*.a.co.uk https://*.co.uk; credentials on",
      "https://x.a.co.uk", "allowed", 0, 0 },
    /* a rule is asked when the lists have said no, about origins only */
    { "allow ~yes", EVIL, "allowed", 1, 0 },
    { "allow " APP " ~yes", APP, "allowed", 0, 0 },
    { "allow " APP " ~yes", EVIL, "allowed", 1, 0 },
    { "allow " APP " ~" OWN, EVIL, "origin-denied", 1, 1 },
    { "allow " APP " ~" OWN, OWN, "allowed", 1, 0 },
    { "allow ~yes; deny " EVIL, EVIL, "origin-denied", 0, 0 },
    { "allow ~yes", "null", "origin-denied", 0, 1 },
    { "allow ~yes", "", "origin-denied", 0, 1 },
    { "allow ~yes", "https://a b", "origin-denied", 0, 1 },
    { "allow ~yes", "https://a, https://b", "origin-denied", 0, 1 },
    { "allow ~yes", "https://x\tSet-Cookie:y", "origin-denied", 0, 1 },
    { "allow ~yes", APP "/path", "origin-denied", 0, 1 },
    { "allow ~yes", "https://[", "origin-denied", 0, 1 },
    { "allow ~yes", "https://[::1", "origin-denied", 0, 1 },
    { "allow ~yes", ":", "origin-denied", 0, 1 },
    { "allow ~yes", "//", "origin-denied", 0, 1 },
    { "allow ~yes", "*", "origin-denied", 0, 1 },
    { "allow ~yes", "https://" X256, "origin-denied", 0, 1 },
};

static void test_origins(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(origins); i++) {
        const origin_row_t *row = &origins[i];
        char *copy = row->origin ? given_string(row->origin) : NULL;
        cors_request_t request = request_of(copy, NULL, NULL);
        cors_decision_t decision = decide(p, row->policy, &request);

        is(word_of(&decision), row->word, "'%s' to '%.60s'", row->policy,
           row->origin ? row->origin : "no origin");
        ok(decision.origin_allowed == !strcmp(row->word, "allowed")
           && !decision.preflight, "and it is no preflight");
        ok(server.rules_asked == row->rules_asked
           && server.own_asked == row->own_asked && !server.misled,
           "the server was asked for what only it can tell");
        free(copy);
    }
}

/* The same origins, asked for by a preflight. */
static void test_preflights(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(origins); i++) {
        const origin_row_t *row = &origins[i];
        cors_request_t request = request_of(row->origin, "GET", NULL);
        cors_decision_t decision = decide(p, row->policy, &request);
        int is_allowed = !strcmp(row->word, "allowed");

        is(word_of(&decision), is_allowed ? "preflight-allowed" : row->word,
           "the preflight of '%s' to '%.60s'", row->policy,
           row->origin ? row->origin : "no origin");
        ok(decision.origin_allowed == is_allowed
           && decision.preflight == (row->origin != NULL),
           "is one when it has an origin");
    }
}

/* ---- layers: what sections add to each other ---- */

static void test_layers(apr_pool_t *p)
{
    static const struct {
        const char *outer;
        const char *inner;
        const char *origin;
        const char *word;
    } rows[] = {
        { "allow " APP, "+allow " EVIL, APP, "allowed" },
        { "allow " APP, "+allow " EVIL, EVIL, "allowed" },
        { "allow " APP, "allow " EVIL, APP, "origin-denied" },
        { "allow " APP, "allow none", APP, "origin-denied" },
        { "allow ~yes", "allow " APP, EVIL, "origin-denied" },
        { "allow ~yes", "+allow " APP, EVIL, "allowed" },
        { "allow " APP, "+allow ~yes", EVIL, "allowed" },
        { "allow " APP " ~x", "+allow ~" EVIL, EVIL, "allowed" },
        { "allow https://foo.com", "+allow https://bar.com",
          "https://barfoo.com", "origin-denied" },
        { "allow *; deny " EVIL, "+deny " APP, EVIL, "origin-denied" },
        { "allow *; deny " EVIL, "+deny " APP, APP, "origin-denied" },
        { "allow *; deny " EVIL, "deny " APP, EVIL, "allowed" },
        { "allow *; deny " EVIL, "deny none", EVIL, "allowed" },
        { "allow null", "+allow " APP, "null", "allowed" },
        { "allow " APP, "+allow null", "null", "allowed" },
    };
    const cors_oracle_t oracle = { allows, is_own };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_request_t request = request_of(rows[i].origin, NULL, NULL);
        cors_decision_t decision;

        cors_decide(&decision, given_merged(p, rows[i].outer, rows[i].inner),
                    &request, &oracle, &server);
        is(word_of(&decision), rows[i].word, "'%s', then '%s', to '%s'",
           rows[i].outer, rows[i].inner, rows[i].origin);
    }
}

/* ---- methods and headers ---- */

static const struct {
    const char *policy;
    const char *method;
    const char *headers;
    const char *word;
    /** NULL: nothing is */
    const char *missing;
} requests[] = {
    { "", "GET", NULL, "preflight-allowed", NULL },
    { "", "HEAD", NULL, "preflight-allowed", NULL },
    { "", "POST", NULL, "preflight-allowed", NULL },
    { "", "PUT", NULL, "method-denied", NULL },
    { "", "get", NULL, "method-denied", NULL },
    { "", "", NULL, "method-denied", NULL },
    { "methods PUT", "PUT", NULL, "preflight-allowed", NULL },
    { "methods PUT", "put", NULL, "method-denied", NULL },
    { "methods PUT", "PU", NULL, "method-denied", NULL },
    { "methods PUT", "PUTS", NULL, "method-denied", NULL },
    { "methods PUT", "DELETE", NULL, "method-denied", NULL },
    /* these three are always granted */
    { "methods PUT", "GET", NULL, "preflight-allowed", NULL },
    { "methods none", "POST", NULL, "preflight-allowed", NULL },
    { "methods none", "PUT", NULL, "method-denied", NULL },
    { "+methods PUT", "PUT", NULL, "preflight-allowed", NULL },
    { "methods *", "PUT", NULL, "preflight-allowed", NULL },
    { "methods *", "x-y.z", NULL, "preflight-allowed", NULL },
    { "methods *", "GET, DELETE", NULL, "method-denied", NULL },
    { "methods *", "PUT,DELETE", NULL, "method-denied", NULL },
    { "methods *", "PUT DELETE", NULL, "method-denied", NULL },
    { "methods *", "", NULL, "method-denied", NULL },
    { "methods *", "CONNECT", NULL, "method-denied", NULL },
    { "methods *", "TRACE", NULL, "method-denied", NULL },
    { "methods *", "track", NULL, "method-denied", NULL },
    { "methods *; credentials on", "PUT", NULL, "preflight-allowed", NULL },
    { "methods *; credentials on", "Trace", NULL, "method-denied", NULL },
    { "methods *; credentials on", "P\xc3\x9cT", NULL, "method-denied",
      NULL },
    { "", "GET", "", "preflight-allowed", NULL },
    { "", "GET", ",, ,\t,", "preflight-allowed", NULL },
    { "", "GET", "content-type", "preflight-allowed", NULL },
    { "", "GET", "x-token", "headers-denied", "x-token" },
    { "headers X-Token", "GET", "x-token", "preflight-allowed", NULL },
    { "headers X-Token", "GET", "X-TOKEN", "preflight-allowed", NULL },
    { "headers X-Token", "GET", "content-type", "headers-denied",
      "content-type" },
    { "+headers X-Token", "GET", "content-type,x-token", "preflight-allowed",
      NULL },
    { "headers none", "GET", "content-type", "headers-denied",
      "content-type" },
    { "headers X-A X-B", "GET", "x-a,x-b", "preflight-allowed", NULL },
    { "headers X-A X-B", "GET", " x-b ,, x-a, ", "preflight-allowed", NULL },
    { "headers X-A X-B", "GET", "x-b,x-b,x-b", "preflight-allowed", NULL },
    { "headers X-A X-B", "GET", "x-a,x-c,x-d", "headers-denied", "x-c" },
    { "headers X-A X-B", "GET", "x-a x-b", "headers-denied", "x-a x-b" },
    { "headers X-A X-B", "GET", "x-c, x-a x-b", "headers-denied",
      "x-c, x-a x-b" },
    { "headers X-A X-B", "GET", "x-a;x-b", "headers-denied", "x-a;x-b" },
    { "headers X-A X-B", "GET", "\"x-a\"", "headers-denied", "\"x-a\"" },
    { "headers X-A", "GET", "x-aa", "headers-denied", "x-aa" },
    { "headers X-A", "GET", "x-", "headers-denied", "x-" },
    { "headers *", "GET", "x-a,x-b", "preflight-allowed", NULL },
    { "headers *", "GET", "x-a,authorization", "headers-denied",
      "authorization" },
    { "headers * Authorization", "GET", "x-a,AUTHORIZATION",
      "preflight-allowed", NULL },
    { "headers *; credentials on", "GET", "x-a,authorization",
      "preflight-allowed", NULL },
    { "headers *", "GET", "x-a x-b", "headers-denied", "x-a x-b" },
    { "headers *", "GET", "x-a,\x80", "headers-denied", "x-a,\x80" },
    { "headers *", "GET", "*", "preflight-allowed", NULL },
    { "headers X-A", "GET", "*", "headers-denied", "*" },
    /* at most 4 KiB in all, and 256 bytes for a name */
    { "headers x", "GET", KIB KIB KIB KIB, "preflight-allowed", NULL },
    { "headers x", "GET", KIB KIB KIB KIB ",", "headers-denied",
      KIB KIB KIB KIB "," },
    { "headers *", "GET", "x," X256, "preflight-allowed", NULL },
    { "headers *", "GET", "x," X256 "x", "headers-denied", "x," X256 "x" },
    /* the method first */
    { "", "PUT", "x-token", "method-denied", NULL },
};

static void test_asked(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(requests); i++) {
        char *method = given_string(requests[i].method);
        char *headers = requests[i].headers ? given_string(requests[i].headers)
                                         : NULL;
        cors_request_t request = request_of(APP, method, headers);
        cors_decision_t decision = decide(
            p, apr_pstrcat(p, "allow " APP ";", requests[i].policy, NULL),
            &request);

        is(word_of(&decision), requests[i].word, "'%s' to %s with %.60s",
           requests[i].policy, requests[i].method,
           requests[i].headers ? requests[i].headers : "nothing");
        ok(decision.origin_allowed && decision.preflight,
           "the origin is allowed all the same");
        if (requests[i].missing) {
            is(apr_pstrmemdup(p, decision.missing.at, decision.missing.len),
               requests[i].missing, "and what is missing");
        }
        free(headers);
        free(method);
    }
}

/* Every order and part of a list of 200 names is granted, nothing else. */
static void test_many_names(apr_pool_t *p)
{
    const char *policy = "allow " APP "; headers";
    int wrong = 0;
    int round;
    int i;

    for (i = 0; i < 200; i++) {
        policy = apr_psprintf(p, "%s x-%d", policy, i);
    }
    for (round = 0; round < 500; round++) {
        const char *list = "";
        cors_request_t request;
        cors_decision_t decision;

        for (i = (int)given_random(100); i >= 0; i--) {
            list = apr_psprintf(p, "%sx-%u,", list, given_random(200));
        }
        request = request_of(APP, "GET", list);
        decision = decide(p, policy, &request);
        wrong += decision.outcome != CORS_PREFLIGHT_ALLOWED;
        request.headers = apr_pstrcat(p, list, "x-200", NULL);
        decision = decide(p, policy, &request);
        wrong += decision.outcome != CORS_HEADERS_DENIED;
    }
    is_number(wrong, 0, "500 lists of 200 names, and one name more");
}

/* ---- the rest ---- */

static void test_kinds(void)
{
    cors_request_t request = request_of(APP, "GET", NULL);

    ok(cors_request_is_preflight(&request), "OPTIONS with both headers");
    request.method = "";
    ok(cors_request_is_preflight(&request), "even if one is empty");
    request.method = NULL;
    ok(!cors_request_is_preflight(&request), "not without the method");
    request = request_of(NULL, "GET", NULL);
    ok(!cors_request_is_preflight(&request), "not without the origin");
    request = request_of(APP, "GET", NULL);
    request.is_options = 0;
    ok(!cors_request_is_preflight(&request), "not for another method");
}

static void test_refused(apr_pool_t *p)
{
    cors_request_t request = request_of(EVIL, NULL, NULL);

    decide(p, "allow ~no", &request);
    is_number(server.refused, 0, "without credentials a rule may be loose");
    decide(p, "allow ~no; credentials on", &request);
    is_number(server.refused, CORS_HAZARDS, "with credentials it may not");
    is(cors_outcome_word(CORS_NONE), NULL, "no decision has no word");
}

int main(void)
{
    apr_pool_t *p = given_pool();

    test_origins(p);
    test_preflights(p);
    test_layers(p);
    test_asked(p);
    test_many_names(p);
    test_kinds();
    test_refused(p);
    apr_terminate();
    return done_testing();
}
