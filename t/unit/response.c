/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* The headers of a response. Without this test a header of a backend could
 * remain beside ours, which browsers refuse, a name could be echoed that nobody
 * checked, or a cache give one origin's response to another.
 */

#include "given.h"
#include "tap.h"

#include "../../src/response.h"

#define APP "https://app.example.com"
#define EVIL "https://evil.example"
#define ACAO "Access-Control-Allow-Origin"
#define ACAC "Access-Control-Allow-Credentials: true\n"
#define ACAM "Access-Control-Allow-Methods"
#define ACAH "Access-Control-Allow-Headers"
#define ACEH "Access-Control-Expose-Headers"
#define ACMA "Access-Control-Max-Age"
#define FOR_APP ACAO ": " APP "\n"
#define FOR_ALL ACAO ": *\n"
#define DEFAULTS ACAM ": GET, HEAD, POST\n" ACAH ": Content-Type\n"
#define ALL "; methods *; headers *; credentials on"

#define X16 "xxxxxxxxxxxxxxxx"
#define X256 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16

/* ---- tables as text: lines "Name: value" ---- */

static void fill(apr_table_t *table, const char *text, apr_pool_t *p)
{
    char *copy = apr_pstrdup(p, text);
    char *last;
    char *line;

    for (line = apr_strtok(copy, "\n", &last); line;
         line = apr_strtok(NULL, "\n", &last)) {
        char *value = strstr(line, ": ");

        if (!value) {
            abort();
        }
        *value = '\0';
        apr_table_addn(table, line, value + 2);
    }
}

static const char *text_of(apr_pool_t *p, const apr_table_t *table)
{
    const apr_array_header_t *lines = apr_table_elts(table);
    const char *text = "";
    int i;

    for (i = 0; i < lines->nelts; i++) {
        const apr_table_entry_t *line = &APR_ARRAY_IDX(lines, i,
                                                       apr_table_entry_t);
        text = apr_pstrcat(p, text, line->key, ": ", line->val, "\n", NULL);
    }
    return text;
}

static cors_response_t response_of(apr_pool_t *p, const char *headers,
                                   const char *error_headers)
{
    cors_response_t response = { .pool = p };

    response.headers = apr_table_make(p, 2);
    response.error_headers = apr_table_make(p, 2);
    fill(response.headers, headers, p);
    fill(response.error_headers, error_headers, p);
    return response;
}

/* Decide about the request and set the response's headers. */
static void respond(cors_response_t *response, const cors_policy_t *policy,
                    const cors_request_t *request)
{
    cors_decision_t decision = given_decision(policy, request, NULL);

    response->is_preflight_answer = decision.is_preflight;
    cors_response_set(response, policy, request, &decision);
}

/* All headers that are added, without Vary, which test_vary() checks. */
static const char *added(apr_pool_t *p, cors_response_t *response)
{
    apr_table_unset(response->headers, "Vary");
    return text_of(p, response->headers);
}

/* ---- preflights ---- */

static const struct {
    const char *policy;
    const char *origin;
    const char *method;
    const char *headers;
    const char *added;
} preflights[] = {
    { "allow " APP, APP, "GET", NULL, FOR_APP DEFAULTS },
    { "allow " APP, EVIL, "GET", NULL, "" },
    { "allow " APP, "null", "GET", NULL, "" },
    { "allow none", APP, "GET", NULL, "" },
    { "allow " APP, "https://own.example", "GET", NULL, "" },
    { "allow null", "null", "GET", NULL, ACAO ": null\n" DEFAULTS },
    { "allow https://*.example.com", APP, "GET", NULL, FOR_APP DEFAULTS },
    { "allow " APP "; credentials on; max_age 60", APP, "GET", NULL, FOR_APP
      ACAC DEFAULTS ACMA ": 60\n" },
    { "allow " APP "; max_age 0", APP, "GET", NULL, FOR_APP DEFAULTS ACMA
      ": 0\n" },
    { "allow " APP "; max_age -1", APP, "GET", NULL, FOR_APP DEFAULTS },
    { "allow " APP "; methods PUT; headers X-A X-B; expose X-C", APP, "GET",
      NULL, FOR_APP ACAM ": PUT\n" ACAH ": X-A, X-B\n" },
    { "allow " APP "; +methods PUT; +headers X-A", APP, "GET", NULL, FOR_APP
      ACAM ": GET, HEAD, POST, PUT\n" ACAH ": Content-Type, X-A\n" },
    { "allow " APP "; methods none; headers none", APP, "GET", NULL, FOR_APP
      },
    /* The complete lists, also where something is denied. */
    { "allow " APP "; methods PUT; headers X-A", APP, "DELETE", "x-b", FOR_APP
      ACAM ": PUT\n" ACAH ": X-A\n" },
    { "allow " APP "; methods PUT; headers X-A", APP, "PUT", "x-b", FOR_APP
      ACAM ": PUT\n" ACAH ": X-A\n" },
    /* Without credentials "*" is sent as it is. */
    { "allow *", APP, "GET", NULL, FOR_ALL DEFAULTS },
    { "allow *", "null", "GET", NULL, FOR_ALL DEFAULTS },
    { "allow *; credentials on", APP, "GET", NULL, FOR_ALL DEFAULTS },
    { "allow *; deny " EVIL, APP, "GET", NULL, FOR_ALL DEFAULTS },
    { "allow *; deny " EVIL, EVIL, "GET", NULL, "" },
    { "allow " APP "; methods *; headers *", APP, "PUT", "x-a", FOR_APP ACAM
      ": *\n" ACAH ": *\n" },
    { "allow " APP "; methods *; headers *", APP, "GET, PUT", "x a", FOR_APP
      ACAM ": *\n" ACAH ": *\n" },
    { "allow " APP "; headers * Authorization", APP, "GET", "authorization",
      FOR_APP ACAM ": GET, HEAD, POST\n" ACAH ": *, Authorization\n" },
    { "allow *; methods *; headers *; credentials on", APP, "PUT", "x-a",
      FOR_ALL ACAM ": *\n" ACAH ": *\n" },
    /* With credentials the requested names are echoed, each checked. */
    { "allow " APP ALL, APP, "PUT", "x-b,x-a", FOR_APP ACAC ACAM ": PUT\n"
      ACAH ": x-b, x-a\n" },
    { "allow " APP ALL, APP, "PUT", ",x-b,,\tx-a, ", FOR_APP ACAC ACAM
      ": PUT\n" ACAH ": x-b, x-a\n" },
    { "allow " APP ALL, APP, "PUT", NULL, FOR_APP ACAC ACAM ": PUT\n" },
    { "allow " APP ALL, APP, "PUT", ",,", FOR_APP ACAC ACAM ": PUT\n" },
    { "allow " APP "; headers * Authorization; credentials on", APP, "GET",
      "x-a,authorization", FOR_APP ACAC ACAM ": GET, HEAD, POST\n" ACAH
      ": x-a, authorization\n" },
    { "allow " APP ALL, APP, "GET, DELETE", "x-a", FOR_APP ACAC ACAH ": x-a\n"
      },
    { "allow " APP "; methods *; credentials on; headers X-A", APP, "TRACE",
      "x-a", FOR_APP ACAC ACAH ": X-A\n" },
    { "allow " APP ALL, APP, "PUT", "x a", FOR_APP ACAC ACAM ": PUT\n" },
    { "allow " APP ALL, EVIL, "PUT", "x-a", "" },
    { "allow " APP ALL, APP, "TRACE", "x-a, X-B", FOR_APP ACAC ACAH
      ": x-a, X-B\n" },
    { "allow " APP ALL, APP, "connect", "x-a,a b", FOR_APP ACAC },
    { "allow " APP ALL, APP, "P\r\nX: y", "x-a", FOR_APP ACAC ACAH ": x-a\n"
      },
    { "allow " APP ALL, APP, "PUT", X256 ",x", FOR_APP ACAC ACAM ": PUT\n"
      ACAH ": " X256 ", x\n" },
    { "allow " APP ALL, APP, "PUT", X256 "x,x", FOR_APP ACAC ACAM ": PUT\n" },
    { "allow " APP "; methods PUT; headers *; credentials on", APP, "DELETE",
      "x-a", FOR_APP ACAC ACAM ": PUT\n" ACAH ": x-a\n" },
    /* A risk that is not tolerated costs the credentials. */
    { "allow " APP " null" ALL, APP, "PUT", "x-a", FOR_APP ACAM ": *\n" ACAH
      ": *\n" },
    { "allow " APP "; preflight_status 200", APP, "GET", NULL, FOR_APP
      DEFAULTS },
};

static void test_preflights(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(preflights); i++) {
        cors_response_t response = response_of(p, "", "X-A: 1\n");
        char *method = given_string(preflights[i].method);
        char *headers = given_string(preflights[i].headers);
        cors_request_t request = { preflights[i].origin, 1, method, headers };

        respond(&response, given_policy(p, preflights[i].policy), &request);
        is(added(p, &response), preflights[i].added,
           "'%s' answers %s with %s from %s", preflights[i].policy, method,
           headers ? headers : "no headers", preflights[i].origin);
        is(text_of(p, response.error_headers), "X-A: 1\n",
           "nothing is set in the second table");
        free(headers);
        free(method);
    }
}

/* 4 KiB of names are echoed, and not a byte more. */
static void test_longest(apr_pool_t *p)
{
    const cors_policy_t *policy = given_policy(p, "allow " APP ALL);
    char *names = apr_pcalloc(p, CORS_REQUESTED_HEADERS_MAX + 2);
    cors_request_t request = { APP, 1, "PUT", names };
    cors_response_t response = response_of(p, "", "");
    int i;

    for (i = 0; i < CORS_REQUESTED_HEADERS_MAX; i++) {
        names[i] = i % 2 ? ',' : 'x';
    }
    respond(&response, policy, &request);
    is_number((long)strlen(apr_table_get(response.headers, ACAH)), 3 * 2048 - 2,
              "2,048 names in 4,096 bytes are echoed");
    names[i] = 'x';
    response = response_of(p, "", "");
    respond(&response, policy, &request);
    is(apr_table_get(response.headers, ACAH), NULL,
       "4,097 bytes are not echoed");
}

/* ---- other responses ---- */

static const struct {
    const char *policy;
    const char *origin;
    const char *added;
} actual[] = {
    { "allow " APP, APP, FOR_APP }, { "allow " APP, NULL, "" },
    { "allow " APP, EVIL, "" }, { "allow " APP, "", "" },
    { "allow none", APP, "" }, { "allow null", "null", ACAO ": null\n" },
    { "allow " APP, "https://own.example", "" },
    { "allow " APP "; credentials on; expose X-A X-B; methods PUT; max_age 1",
      APP, FOR_APP ACAC ACEH ": X-A, X-B\n" },
    { "allow " APP "; credentials on; expose X-A", EVIL, "" },
    { "allow " APP "; credentials on; expose X-A", NULL, "" },
    { "allow " APP "; expose *", APP, FOR_APP ACEH ": *\n" },
    { "allow " APP "; expose none", APP, FOR_APP },
    /* With credentials "*" would be the name of a header. */
    { "allow " APP "; expose *; credentials on", APP, FOR_APP ACAC },
    { "allow *", NULL, FOR_ALL }, { "allow *", APP, FOR_ALL },
    { "allow *", "null", FOR_ALL }, { "allow *", "no, origin", FOR_ALL },
    { "allow *; expose X-A", NULL, FOR_ALL ACEH ": X-A\n" },
    { "allow *; credentials on; expose *", APP, FOR_ALL ACEH ": *\n" },
    { "allow *; deny " EVIL, APP, FOR_ALL },
    { "allow *; deny " EVIL, NULL, FOR_ALL },
    { "allow *; deny " EVIL, EVIL, "" },
    { "allow " APP "; expose * X-A; credentials on", APP, FOR_APP ACAC ACEH
      ": X-A\n" },
    { "allow " APP " http://a.b; credentials on", APP, FOR_APP },
    { "allow https://*.amazonaws.com; credentials on",
      "https://evil.s3.amazonaws.com", "" },
    { "allow file://", "file://", ACAO ": file://\n" },
    { "allow app://.", "app://.", ACAO ": app://.\n" },
    { "allow *; deny " EVIL, EVIL ".", "" }, { "allow *", OWN, FOR_ALL },
};

static void test_actual(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(actual); i++) {
        cors_response_t response = response_of(p, "", "");
        cors_request_t request = { actual[i].origin, 0, NULL, NULL };

        respond(&response, given_policy(p, actual[i].policy), &request);
        is(added(p, &response), actual[i].added, "'%s' answers %s",
           actual[i].policy, request.origin ? request.origin : "no origin");
        is(text_of(p, response.error_headers), "",
           "nothing is set in the second table");
    }
}

/* A preflight that is not answered here, nor by a backend, is a request. */
static void test_unanswered(apr_pool_t *p)
{
    const cors_policy_t *policy = given_policy(p, "allow " APP
                                                  "; expose X-A");
    cors_request_t request = { APP, 1, "PUT", "x-b" };
    cors_decision_t decision = given_decision(policy, &request, NULL);
    cors_response_t response = response_of(p, "", "");

    cors_response_set(&response, policy, &request, &decision);
    is(added(p, &response), FOR_APP ACEH ": X-A\n",
       "an OPTIONS response that answers no preflight exposes headers");
}

/* ---- headers of a backend ---- */

static const struct {
    const char *policy;
    const char *origin;
    const char *headers;
    const char *error_headers;
    int is_own;
    /** what both tables contain then */
    const char *left;
} backends[] = {
    { "allow " APP, APP, "X-A: 1\n" FOR_ALL ACMA ": 1\n", FOR_ALL ACAC, 0,
      "X-A: 1\n" ACAO ": " APP "\nVary: Origin\n" },
    { "allow " APP, EVIL, "X-A: 1\n" FOR_ALL, FOR_ALL ACAC, 0,
      "X-A: 1\nVary: Origin\n" },
    { "allow " APP, NULL, FOR_ALL FOR_ALL, ACAM ": *\n" ACAH ": *\n" ACEH
      ": *\n", 0, "Vary: Origin\n" },
    { "allow *", NULL, ACAO ": https://a.b\n" ACAC, "", 0, FOR_ALL },
    { "allow " APP, EVIL, "access-control-allow-origin: *\n"
      "ACCESS-CONTROL-MAX-AGE: 1\n", "", 0, "Vary: Origin\n" },
    { "allow " APP, EVIL, "Access-Control-Allow-Private-Network: true\n"
      "Access-Control-Allow-Origins: *\nX-" FOR_ALL, "Allow: GET\nAge: 1\n",
      0, "Access-Control-Allow-Private-Network: true\n"
      "Access-Control-Allow-Origins: *\nX-" ACAO ": *\nVary: Origin\n"
      "Allow: GET\nAge: 1\n" },
    /* CorsBackendHeaders Keep */
    { "allow " APP "; backend_headers 1", APP, FOR_ALL ACMA ": 1\n", "", 0,
      FOR_ALL ACMA ": 1\nVary: Origin\n" },
    { "allow " APP "; backend_headers 1", EVIL, "", FOR_ALL, 0,
      "Vary: Origin\n" FOR_ALL },
    { "allow *; backend_headers 1", APP, ACAO ": https://a.b\n", "", 0, ACAO
      ": https://a.b\nVary: Origin\n" },
    { "allow " APP "; backend_headers 1", APP, ACMA ": 1\n", ACAC, 0, ACAO
      ": " APP "\nVary: Origin\n" },
    { "allow " APP "; backend_headers 1", APP, "X-A: 1\n", "", 0, "X-A: 1\n"
      ACAO ": " APP "\nVary: Origin\n" },
    { "allow " APP "; backend_headers 1", APP, FOR_ALL, "", 1, ACAO ": " APP
      "\nVary: Origin\n" },
};

static void test_backends(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(backends); i++) {
        cors_response_t response = response_of(p, backends[i].headers,
                                               backends[i].error_headers);
        cors_request_t request = { backends[i].origin, 0, NULL, NULL };

        response.is_own = backends[i].is_own;
        respond(&response, given_policy(p, backends[i].policy), &request);
        is(apr_pstrcat(p, text_of(p, response.headers),
                       text_of(p, response.error_headers), NULL),
           backends[i].left, "'%s' for %s beside headers of %s",
           backends[i].policy, request.origin ? request.origin : "no origin",
           backends[i].is_own ? "another module" : "a backend");
    }
}

/* ---- Vary ---- */

#define METHOD "Access-Control-Request-Method"
#define HEADERS "Access-Control-Request-Headers"

static const struct {
    const char *policy;
    int is_options;
    const char *brought;
    const char *headers;
    const char *error_headers;
    const char *vary;
} varying[] = {
    { "allow " APP, 0, NULL, "", "", "Origin" },
    { "allow none", 0, NULL, "", "", "Origin" },
    { "allow null", 0, NULL, "", "", "Origin" },
    { "allow " APP, 1, NULL, "", "", "Origin, " METHOD ", " HEADERS },
    { "allow *", 0, NULL, "", "", "" },
    { "allow *", 1, NULL, "", "", "Origin, " METHOD ", " HEADERS },
    { "allow *; deny " EVIL, 0, NULL, "", "", "Origin" },
    { "allow *; deny none", 0, NULL, "", "", "" },
    { "allow *", 0, "Origin", "", "", "Origin" },
    /* It is merged with what is there, in either table. */
    { "allow " APP, 0, NULL, "Vary: Accept\n", "", "Accept, Origin" },
    { "allow " APP, 0, NULL, "", "Vary: Accept\n", "Accept, Origin" },
    { "allow " APP, 0, NULL, "Vary: Accept\n", "Vary: Cookie\n",
      "Accept, Cookie, Origin" },
    { "allow " APP, 0, NULL, "Vary: Accept\nVary: Cookie\n", "",
      "Accept, Cookie, Origin" },
    { "allow " APP, 0, NULL, "Vary: Origin\n", "", "Origin" },
    { "allow " APP, 0, NULL, "", "Vary: Origin\n", "Origin" },
    { "allow " APP, 0, NULL, "Vary: origin\n", "", "origin" },
    { "allow " APP, 0, NULL, "Vary: Accept, Origin\n", "Vary: Accept\n",
      "Accept, Origin" },
    { "allow " APP, 0, NULL, "Vary: Origins, X-Origin\n", "",
      "Origins, X-Origin, Origin" },
    { "allow " APP, 0, "Origin, Accept", "", "", "Origin, Accept" },
    { "allow " APP, 1, NULL, "Vary: " METHOD "\n", "", METHOD ", Origin, "
      HEADERS },
    /* "*" covers every name. */
    { "allow " APP, 0, NULL, "Vary: *\n", "", "*" },
    { "allow " APP, 0, NULL, "", "Vary: *\n", "*" },
    { "allow " APP, 0, NULL, "Vary: Accept, *\n", "", "*" },
    { "allow " APP, 1, NULL, "Vary: *\n", "Vary: Accept\n", "*" },
    { "allow " APP, 0, NULL, "Vary: *-x\n", "", "*-x, Origin" },
    /* "*" as origin neither adds nor removes a name. */
    { "allow *", 0, NULL, "Vary: Accept\n", "", "Accept" },
    { "allow *", 0, NULL, "Vary: Origin\n", "", "Origin" },
};

/* Each name once: httpd removes the others when it sends the response. */
static const char *vary_of(apr_pool_t *p, const apr_table_t *table)
{
    const char *vary = apr_table_getm(p, table, "Vary");
    cors_names_t *names = cors_names_make(p, 0);
    cors_span_t item;

    while (vary && cors_list_next(&vary, &item)) {
        cors_names_add(names, apr_pstrmemdup(p, item.at, item.len));
    }
    cors_names_join(names, p);
    return names->joined;
}

static int count_line(void *count, const char *name, const char *value)
{
    (void)name;
    (void)value;
    ++*(int *)count;
    return 1;
}

static void test_vary(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(varying); i++) {
        cors_response_t response = response_of(p, varying[i].headers,
                                               varying[i].error_headers);
        cors_request_t request = { APP, varying[i].is_options, NULL, NULL };
        int lines = 0;

        response.vary = varying[i].brought;
        respond(&response, given_policy(p, varying[i].policy), &request);
        is(vary_of(p, response.headers), varying[i].vary,
           "'%s' merges '%s' and '%s' into the Vary of %s",
           varying[i].policy, varying[i].headers,
           varying[i].error_headers, request.is_options ? "OPTIONS" : "GET");
        apr_table_do(count_line, &lines, response.headers, "Vary", NULL);
        apr_table_do(count_line, &lines, response.error_headers, "Vary",
                     NULL);
        is_number(lines, *varying[i].vary ? 1 : 0, "in one line at most");
    }
}

/* ---- CORS-Decision ---- */

static const struct {
    cors_request_t request;
    const char *value;
} debugged[] = {
    { { NULL, 0, NULL, NULL }, NULL }, { { APP, 0, NULL, NULL }, "allowed" },
    { { APP, 1, "GET", NULL }, "preflight-allowed" },
    { { OWN, 0, NULL, NULL }, "same-origin" },
    { { EVIL, 0, NULL, NULL }, "origin-denied; origin=" EVIL },
    { { "null", 0, NULL, NULL }, "origin-denied; origin=null" },
    { { "a\r\nX: b", 0, NULL, NULL }, "origin-denied" },
    { { "", 0, NULL, NULL }, "origin-denied" },
    { { APP, 1, "PUT", NULL }, "method-denied; method=PUT" },
    { { APP, 1, "P T", NULL }, "method-denied" },
    { { APP, 1, X256 "x", NULL }, "method-denied" },
    { { APP, 1, "GET", "x-a, X-B" }, "headers-denied; header=x-a" },
    { { APP, 1, "GET", "a\tb" }, "headers-denied" },
};

static void test_debug(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(debugged); i++) {
        cors_response_t on = response_of(p, "", "CORS-Decision: old\n");
        cors_response_t off = response_of(p, "", "");

        respond(&on, given_policy(p, "allow " APP "; debug_header on"),
                &debugged[i].request);
        respond(&off, given_policy(p, "allow " APP), &debugged[i].request);
        is(apr_table_get(on.headers, "CORS-Decision"), debugged[i].value,
           "CORS-Decision is '%s'",
           debugged[i].value ? debugged[i].value : "not sent");
        ok(!debugged[i].value
           || !apr_table_get(on.error_headers, "CORS-Decision"), "once");
        is(apr_table_get(off.headers, "CORS-Decision"), NULL,
           "with CorsDebugHeader Off it is not sent");
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    cors_suffixes_load(p);
    test_preflights(p);
    test_longest(p);
    test_actual(p);
    test_unanswered(p);
    test_backends(p);
    test_vary(p);
    test_debug(p);
    apr_terminate();
    return done_testing();
}
