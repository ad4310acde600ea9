/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* What a response is given, and what is taken from it. Without this a header
 * of a backend could stay beside ours, which browsers take for none, or a
 * cache give one origin's response to another.
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
#define DEFAULTS ACAM ": GET, HEAD, POST\n" ACAH ": Content-Type\n"

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
    cors_response_t response;

    response.pool = p;
    response.headers = apr_table_make(p, 2);
    response.error_headers = apr_table_make(p, 2);
    fill(response.headers, headers, p);
    fill(response.error_headers, error_headers, p);
    cors_response_look(&response);
    return response;
}

/* ---- a decision, with a server that allows nothing itself ---- */

static const cors_rule_t *allows(void *context, const cors_origins_t *layer,
                                 const cors_origin_t *origin, int refused)
{
    (void)context;
    (void)layer;
    (void)origin;
    (void)refused;
    return NULL;
}

static int is_own(void *context, const char *origin)
{
    (void)context;
    return !strcmp(origin, "https://own.example");
}

static cors_decision_t decide(const cors_policy_t *policy,
                              const cors_request_t *request)
{
    static const cors_oracle_t oracle = { allows, is_own };
    cors_decision_t decision;

    cors_decide(&decision, policy, request, &oracle, NULL);
    return decision;
}

/* ---- clearing ---- */

static void test_clear(apr_pool_t *p)
{
    static const char *const rows[][2] = {
        { "", "" },
        { "X-A: 1\n", "X-A: 1\n" },
        { ACAO ": *\n", "" },
        { ACAO ": *\nX-A: 1\n" ACAO ": https://a.b\n", "X-A: 1\n" },
        { "access-control-allow-origin: *\nACCESS-CONTROL-MAX-AGE: 1\n", "" },
        { ACAO ": *\n" ACAC ACAM ": *\n" ACAH ": *\n" ACEH ": *\n" ACMA
          ": 1\nVary: Origin\n", "Vary: Origin\n" },
        { "Access-Control-Allow-Private-Network: true\n",
          "Access-Control-Allow-Private-Network: true\n" },
        { "Access-Control-Allow-Origins: *\n",
          "Access-Control-Allow-Origins: *\n" },
        { "Allow: GET\nAccept-Ranges: bytes\nAge: 1\n",
          "Allow: GET\nAccept-Ranges: bytes\nAge: 1\n" },
        { "X-" ACAO ": *\n", "X-" ACAO ": *\n" },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_response_t both = response_of(p, rows[i][0], rows[i][0]);

        cors_response_clear(&both);
        is(text_of(p, both.headers), rows[i][1], "cleared: %.60s", rows[i][0]);
        is(text_of(p, both.error_headers), rows[i][1], "the second table, too");
    }
}

/* ---- preflights ---- */

static const struct {
    const char *policy;
    const char *origin;
    const char *method;
    const char *headers;
    const char *added;
} preflights[] = {
    { "allow " APP, APP, "GET", NULL, ACAO ": " APP "\n" DEFAULTS },
    { "allow " APP, EVIL, "GET", NULL, "" },
    { "allow " APP, "null", "GET", NULL, "" },
    { "allow none", APP, "GET", NULL, "" },
    { "allow " APP, "https://own.example", "GET", NULL, "" },
    { "allow null", "null", "GET", NULL, ACAO ": null\n" DEFAULTS },
    { "allow https://*.example.com", APP, "GET", NULL,
      ACAO ": " APP "\n" DEFAULTS },
    { "allow " APP "; credentials on; max_age 60", APP, "GET", NULL,
      ACAO ": " APP "\n" ACAC DEFAULTS ACMA ": 60\n" },
    { "allow " APP "; max_age 0", APP, "GET", NULL,
      ACAO ": " APP "\n" DEFAULTS ACMA ": 0\n" },
    { "allow " APP "; max_age -1", APP, "GET", NULL,
      ACAO ": " APP "\n" DEFAULTS },
    { "allow " APP "; methods PUT; headers X-A X-B; expose X-C", APP, "GET",
      NULL, ACAO ": " APP "\n" ACAM ": PUT\n" ACAH ": X-A, X-B\n" },
    { "allow " APP "; +methods PUT; +headers X-A", APP, "GET", NULL,
      ACAO ": " APP "\n" ACAM ": GET, HEAD, POST, PUT\n" ACAH
      ": Content-Type, X-A\n" },
    { "allow " APP "; methods none; headers none", APP, "GET", NULL,
      ACAO ": " APP "\n" },
    /* the whole lists, also where the answer is no */
    { "allow " APP "; methods PUT; headers X-A", APP, "DELETE", "x-b",
      ACAO ": " APP "\n" ACAM ": PUT\n" ACAH ": X-A\n" },
    { "allow " APP "; methods PUT; headers X-A", APP, "PUT", "x-b",
      ACAO ": " APP "\n" ACAM ": PUT\n" ACAH ": X-A\n" },
    /* "*" without credentials is sent as it is */
    { "allow *", APP, "GET", NULL, ACAO ": *\n" DEFAULTS },
    { "allow *", "null", "GET", NULL, ACAO ": *\n" DEFAULTS },
    { "allow *; credentials on", APP, "GET", NULL, ACAO ": *\n" DEFAULTS },
    { "allow *; deny " EVIL, APP, "GET", NULL, ACAO ": *\n" DEFAULTS },
    { "allow *; deny " EVIL, EVIL, "GET", NULL, "" },
    { "allow " APP "; methods *; headers *", APP, "PUT", "x-a",
      ACAO ": " APP "\n" ACAM ": *\n" ACAH ": *\n" },
    { "allow " APP "; methods *; headers *", APP, "GET, PUT", "x a",
      ACAO ": " APP "\n" ACAM ": *\n" ACAH ": *\n" },
    { "allow " APP "; headers * Authorization", APP, "GET", "authorization",
      ACAO ": " APP "\n" ACAM ": GET, HEAD, POST\n" ACAH
      ": *, Authorization\n" },
    { "allow *; methods *; headers *; credentials on", APP, "PUT", "x-a",
      ACAO ": *\n" ACAM ": *\n" ACAH ": *\n" },
    /* with credentials what was asked for, when it was checked */
    { "allow " APP "; methods *; headers *; credentials on", APP, "PUT",
      "x-b,x-a", ACAO ": " APP "\n" ACAC ACAM ": PUT\n" ACAH
      ": x-b, x-a\n" },
    { "allow " APP "; methods *; headers *; credentials on", APP, "PUT",
      " ,x-b,,\tx-a , ", ACAO ": " APP "\n" ACAC ACAM ": PUT\n" ACAH
      ": x-b, x-a\n" },
    { "allow " APP "; methods *; headers *; credentials on", APP, "PUT",
      NULL, ACAO ": " APP "\n" ACAC ACAM ": PUT\n" },
    { "allow " APP "; methods *; headers *; credentials on", APP, "PUT", ",,",
      ACAO ": " APP "\n" ACAC ACAM ": PUT\n" },
    { "allow " APP "; headers * Authorization; credentials on", APP, "GET",
      "x-a,authorization", ACAO ": " APP "\n" ACAC ACAM
      ": GET, HEAD, POST\n" ACAH ": x-a, authorization\n" },
    { "allow " APP "; methods *; headers *; credentials on", APP,
      "GET, DELETE", "x-a", ACAO ": " APP "\n" ACAC },
    { "allow " APP "; methods *; credentials on; headers X-A", APP, "TRACE",
      "x-a", ACAO ": " APP "\n" ACAC ACAH ": X-A\n" },
    { "allow " APP "; methods *; headers *; credentials on", APP, "PUT",
      "x a", ACAO ": " APP "\n" ACAC ACAM ": PUT\n" },
    { "allow " APP "; methods *; headers *; credentials on", EVIL, "PUT",
      "x-a", "" },
};

static void test_preflights(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(preflights); i++) {
        const cors_policy_t *policy = given_policy(p, preflights[i].policy);
        cors_response_t response = response_of(p, "", "X-A: 1\n");
        char *method = given_string(preflights[i].method);
        cors_request_t request = { preflights[i].origin, 1, method,
                                   preflights[i].headers };
        cors_decision_t decision = decide(policy, &request);

        cors_response_preflight(&response, policy, &request, &decision);
        is(text_of(p, response.headers), preflights[i].added,
           "'%s': %s asks for %s", preflights[i].policy, request.origin,
           request.method);
        is(text_of(p, response.error_headers), "X-A: 1\n",
           "nothing is set in the second table");
        free(method);
    }
}

/* ---- other responses ---- */

static const struct {
    const char *policy;
    const char *origin;
    const char *added;
} actual[] = {
    { "allow " APP, APP, ACAO ": " APP "\n" },
    { "allow " APP, NULL, "" },
    { "allow " APP, EVIL, "" },
    { "allow " APP, "", "" },
    { "allow none", APP, "" },
    { "allow null", "null", ACAO ": null\n" },
    { "allow " APP, "https://own.example", "" },
    { "allow " APP "; credentials on; expose X-A X-B; methods PUT; max_age 1",
      APP, ACAO ": " APP "\n" ACAC ACEH ": X-A, X-B\n" },
    { "allow " APP "; credentials on; expose X-A", EVIL, "" },
    { "allow " APP "; credentials on; expose X-A", NULL, "" },
    { "allow " APP "; expose *", APP, ACAO ": " APP "\n" ACEH ": *\n" },
    { "allow " APP "; expose none", APP, ACAO ": " APP "\n" },
    /* it would be a header of that name */
    { "allow " APP "; expose *; credentials on", APP,
      ACAO ": " APP "\n" ACAC },
    { "allow *", NULL, ACAO ": *\n" },
    { "allow *", APP, ACAO ": *\n" },
    { "allow *", "null", ACAO ": *\n" },
    { "allow *", "no, origin", ACAO ": *\n" },
    { "allow *; expose X-A", NULL, ACAO ": *\n" ACEH ": X-A\n" },
    { "allow *; credentials on; expose *", APP, ACAO ": *\n" ACEH ": *\n" },
    { "allow *; deny " EVIL, APP, ACAO ": *\n" },
    { "allow *; deny " EVIL, NULL, ACAO ": *\n" },
    { "allow *; deny " EVIL, EVIL, "" },
};

static void test_actual(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(actual); i++) {
        const cors_policy_t *policy = given_policy(p, actual[i].policy);
        cors_response_t response = response_of(p, "", "");
        cors_request_t request = { actual[i].origin, 0, NULL, NULL };
        cors_decision_t decision = decide(policy, &request);

        cors_response_actual(&response, policy, &request, &decision);
        is(text_of(p, response.headers), actual[i].added, "'%s': %s",
           actual[i].policy, request.origin ? request.origin : "no origin");
        is(text_of(p, response.error_headers), "",
           "nothing is set in the second table");
    }
}

/* What was there from a backend is replaced, whichever table it is in. */
static void test_replace(apr_pool_t *p)
{
    static const char *const origins[] = { APP, EVIL };
    int i;

    for (i = 0; i < COUNT(origins); i++) {
        const cors_policy_t *policy = given_policy(p, "allow " APP);
        cors_response_t response = response_of(
            p, "X-A: 1\n" ACAO ": *\n" ACMA ": 1\n", ACAO ": *\n" ACAC);
        cors_request_t request = { origins[i], 0, NULL, NULL };
        cors_decision_t decision = decide(policy, &request);

        cors_response_clear(&response);
        cors_response_actual(&response, policy, &request, &decision);
        is(text_of(p, response.headers), i == 0 ? "X-A: 1\n" ACAO ": " APP "\n"
                                             : "X-A: 1\n",
           "of a backend's headers none stays for %s", origins[i]);
        is(text_of(p, response.error_headers), "", "nor in the second table");
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
    /* merged with what is there, in either table */
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
    { "allow " APP, 1, NULL, "Vary: " METHOD "\n", "",
      METHOD ", Origin, " HEADERS },
    /* "*" says all */
    { "allow " APP, 0, NULL, "Vary: *\n", "", "*" },
    { "allow " APP, 0, NULL, "", "Vary: *\n", "*" },
    { "allow " APP, 0, NULL, "Vary: Accept, *\n", "", "*" },
    { "allow " APP, 1, NULL, "Vary: *\n", "Vary: Accept\n", "*" },
    { "allow " APP, 0, NULL, "Vary: *-x\n", "", "*-x, Origin" },
    /* and "*" as origin neither adds nor takes away */
    { "allow *", 0, NULL, "Vary: Accept\n", "", "Accept" },
    { "allow *", 0, NULL, "Vary: Origin\n", "", "Origin" },
};

/* The names of all lines, each once. httpd itself sends them so. */
static const char *vary_of(apr_pool_t *p, const apr_table_t *table)
{
    const char *all = apr_table_getm(p, table, "Vary");
    const char *text = "";
    cors_span_t item;

    while (all && cors_list_next(&all, &item)) {
        const char *name = apr_pstrmemdup(p, item.at, item.len);
        const char *cursor = text;
        cors_span_t other;
        int seen = 0;

        while (cors_list_next(&cursor, &other)) {
            seen |= cors_span_is(&other, name);
        }
        text = seen ? text : apr_pstrcat(p, text, *text ? ", " : "", name,
                                         NULL);
    }
    return text;
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
        const cors_policy_t *policy = given_policy(p, varying[i].policy);
        cors_response_t response = response_of(p, varying[i].headers,
                                               varying[i].error_headers);
        cors_request_t request = { APP, varying[i].is_options, NULL, NULL };
        int lines = 0;

        cors_response_vary(&response, policy, &request, varying[i].brought);
        is(vary_of(p, response.headers), varying[i].vary,
           "'%s' %s: Vary of '%s' and '%s'", varying[i].policy,
           request.is_options ? "OPTIONS" : "GET", varying[i].headers,
           varying[i].error_headers);
        apr_table_do(count_line, &lines, response.headers, "Vary", NULL);
        apr_table_do(count_line, &lines, response.error_headers, "Vary",
                     NULL);
        is_number(lines, *varying[i].vary ? 1 : 0, "in one line");
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    test_clear(p);
    test_preflights(p);
    test_actual(p);
    test_replace(p);
    test_vary(p);
    apr_terminate();
    return done_testing();
}
