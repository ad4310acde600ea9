/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* What a policy decides about a request. Without this test an origin that no
 * line allows could be allowed, a method or header be granted that no line
 * grants, or a rule be evaluated for a text that is not an origin.
 */

#include "given.h"
#include "tap.h"

#define APP "https://app.example.com"
#define EVIL "https://evil.example"
#define ON "; credentials on"

#define HOST_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." \
    TEN TEN TEN TEN TEN "abcdefg.a.b"
#define X16 "xxxxxxxxxxxxxxxx"
#define X255 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 \
    "xxxxxxxxxxxxxxx"
#define X256 X255 "x"

static const char *word_of(const cors_decision_t *decision)
{
    const char *word = cors_outcome_word(decision->outcome);

    return word ? word : "none";
}

/* ---- origins ---- */

#define ALLOWED  CORS_REASON_ALLOWED
#define UNLISTED CORS_REASON_NOT_LISTED
#define DENIED   CORS_REASON_IN_DENY_LIST
#define OTHERS   CORS_REASON_OTHER_DOMAIN

/* The columns are in the order in which a row is read, so there is padding. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
static const struct {
    const char *policy;
    const char *origin;
    cors_reason_e reason;
    /** the item that decided; NULL: none */
    const char *item;
    /** how often rules were evaluated */
    int rules;
} origins[] = {
    { "allow " APP, NULL, CORS_REASON_NO_ORIGIN, NULL, 0 },
    { "allow " APP, APP, ALLOWED, APP, 0 },
    { "allow " APP, EVIL, UNLISTED, NULL, 0 },
    { "allow " APP, OWN, CORS_REASON_OWN_ORIGIN, NULL, 0 },
    { "allow " APP, "", UNLISTED, NULL, 0 },
    { "allow " APP, "null", UNLISTED, NULL, 0 },
    { "allow " APP, APP "/", UNLISTED, NULL, 0 },
    { "allow " APP, APP ", " APP, UNLISTED, NULL, 0 },
    { "allow " APP, APP ":443", UNLISTED, NULL, 0 },
    { "allow " APP, "HTTPS://app.example.com", UNLISTED, NULL, 0 },
    { "allow " APP " " OWN, OWN, ALLOWED, OWN, 0 },
    { "allow none", APP, UNLISTED, NULL, 0 },
    { "allow none", "null", UNLISTED, NULL, 0 },
    { "allow none", OWN, CORS_REASON_OWN_ORIGIN, NULL, 0 },
    { "allow null", "null", ALLOWED, "null", 0 },
    { "allow null", "NULL", UNLISTED, NULL, 0 },
    { "allow null", APP, UNLISTED, NULL, 0 },
    { "allow null", "null, null", UNLISTED, NULL, 0 },
    { "allow null" ON, "null", ALLOWED, "null", 0 },
    { "allow file://", "file://", ALLOWED, "file://", 0 },
    { "allow app://.", "app://.", ALLOWED, "app://.", 0 },
    { "allow https://*.example.com", "file://", UNLISTED, NULL, 0 },
    { "allow *", APP, ALLOWED, "*", 0 },
    { "allow *", "null", ALLOWED, "*", 0 }, { "allow *", "", ALLOWED, "*", 0 },
    { "allow *", "not, an origin", ALLOWED, "*", 0 },
    { "allow *" ON, EVIL, ALLOWED, "*", 0 },
    { "allow *; deny " EVIL, EVIL, DENIED, EVIL, 0 },
    { "allow *; deny " EVIL, APP, ALLOWED, "*", 0 },
    { "allow *; deny " EVIL, "null", ALLOWED, "*", 0 },
    { "allow *; deny null", "null", DENIED, "null", 0 },
    { "allow *; deny file://", "file://", DENIED, "file://", 0 },
    { "allow *; deny *", APP, DENIED, "*", 0 },
    { "allow *; deny *", "null", DENIED, "*", 0 },
    { "allow *; deny *", "", DENIED, "*", 0 },
    { "allow " APP "; deny https://*.example.com", APP, DENIED,
      "https://*.example.com", 0 },
    { "allow " APP "; deny none", APP, ALLOWED, APP, 0 },
    { "allow " APP "; deny " OWN, OWN, DENIED, OWN, 0 },
    /* A trailing dot is ignored by CorsDenyOrigin, and by nothing else. */
    { "allow *; deny " EVIL, EVIL ".", DENIED, EVIL, 0 },
    { "allow *; deny " EVIL, EVIL ".:8443", ALLOWED, "*", 0 },
    { "allow *; deny " EVIL ":8443", EVIL ".:8443", DENIED, EVIL ":8443", 0 },
    { "allow *; deny " EVIL ":*", EVIL ".:8443", DENIED, EVIL ":*", 0 },
    { "allow *; deny https://*.evil.example", "https://a.evil.example.",
      DENIED, "https://*.evil.example", 0 },
    { "allow *; deny " EVIL, EVIL "..", ALLOWED, "*", 0 },
    { "allow *; deny https://1.2.3.4", "https://1.2.3.4.", DENIED,
      "https://1.2.3.4", 0 },
    { "allow *; deny https://*.a.b", "https://" HOST_253 ".", DENIED,
      "https://*.a.b", 0 },
    { "allow *; deny https://*.a.b", "https://x" HOST_253 ".", ALLOWED, "*", 0
      },
    { "allow *; deny http://[::1]", "http://[::1].", ALLOWED, "*", 0 },
    { "allow *; deny app://.", "app://..", DENIED, "app://.", 0 },
    { "allow *; deny file://", ".://", ALLOWED, "*", 0 },
    { "allow *; deny " EVIL, APP ".", ALLOWED, "*", 0 },
    { "allow ~yes; deny " EVIL, EVIL ".", DENIED, EVIL, 0 },
    { "allow ?yes; deny " EVIL, EVIL ".", DENIED, EVIL, 0 },
    { "allow ~yes", APP ".", ALLOWED, "yes", 1 },
    { "allow " APP, APP ".", UNLISTED, NULL, 0 },
    { "allow https://*.example.com", APP ".", UNLISTED, NULL, 0 },
    /* A risk costs the credentials, not the origin. */
    { "allow http://a.example" ON, "http://a.example", ALLOWED,
      "http://a.example", 0 },
    { "allow https://*.co.uk", "https://a.co.uk", ALLOWED, "https://*.co.uk",
      0 },
    { "allow https://*.co.uk" ON, "https://a.co.uk", ALLOWED,
      "https://*.co.uk", 0 },
    /* With credentials the registrable domain must be written out. */
    { "allow https://*.amazonaws.com", "https://evil.s3.amazonaws.com",
      ALLOWED, "https://*.amazonaws.com", 0 },
    { "allow https://*.amazonaws.com" ON, "https://evil.s3.amazonaws.com",
      OTHERS, "https://*.amazonaws.com", 0 },
    { "allow https://*.amazonaws.com" ON, "https://sts.amazonaws.com",
      ALLOWED, "https://*.amazonaws.com", 0 },
    { "allow https://*.amazonaws.com https://*.evil.s3.amazonaws.com" ON,
      "https://a.evil.s3.amazonaws.com", ALLOWED,
      "https://*.evil.s3.amazonaws.com", 0 },
    { "allow https://*.amazonaws.com https://evil.s3.amazonaws.com" ON,
      "https://evil.s3.amazonaws.com", ALLOWED,
      "https://evil.s3.amazonaws.com", 0 },
    { "allow https://*.amazonaws.com" ON "; tolerate public-suffix",
      "https://evil.s3.amazonaws.com", ALLOWED, "https://*.amazonaws.com", 0
      },
    { "allow https://*.github.io" ON "; tolerate public-suffix",
      "https://me.github.io", ALLOWED, "https://*.github.io", 0 },
    { "allow https://*.amazonaws.com ~amazonaws.com~yes" ON,
      "https://evil.s3.amazonaws.com", OTHERS, "yes", 1 },
    { "allow ~amazonaws.com~yes" ON, "https://sts.amazonaws.com", ALLOWED,
      "yes", 1 },
    { "allow ~amazonaws.com~yes" ON, EVIL, OTHERS, "yes", 1 },
    { "allow ~amazonaws.com~yes ~evil.example~yes" ON, EVIL, ALLOWED, "yes", 2
      },
    { "allow ~amazonaws.com~yes" ON, "http://localhost:3000", ALLOWED, "yes",
      1 },
    { "allow ~amazonaws.com~yes" ON "; tolerate loose-regex", EVIL, ALLOWED,
      "yes", 1 },
    { "allow ?yes" ON "; tolerate expression", EVIL, ALLOWED, "yes", 1 },
    { "allow http://*.localhost:*" ON, "http://a.localhost:3000", ALLOWED,
      "http://*.localhost:*", 0 },
    /* Rules are evaluated after the lists, for serialised origins only. */
    { "allow ~yes", EVIL, ALLOWED, "yes", 1 },
    { "allow " APP " ~yes", APP, ALLOWED, APP, 0 },
    { "allow " APP " ~" OWN, EVIL, UNLISTED, NULL, 1 },
    { "allow " APP " ~" OWN, OWN, ALLOWED, OWN, 1 },
    { "allow ~x ?y ~yes ~z", EVIL, ALLOWED, "yes", 3 },
    { "allow ~yes; deny " EVIL, EVIL, DENIED, EVIL, 0 },
    { "allow ~yes", "null", UNLISTED, NULL, 0 },
    { "allow ~yes", "file://", UNLISTED, NULL, 0 },
    { "allow ~yes", "app://.", UNLISTED, NULL, 0 },
    { "allow ~yes", "", UNLISTED, NULL, 0 },
    { "allow ~yes", "https://a b", UNLISTED, NULL, 0 },
    { "allow ~yes", "https://a, https://b", UNLISTED, NULL, 0 },
    { "allow ~yes", "https://x\tSet-Cookie:y", UNLISTED, NULL, 0 },
    { "allow ~yes", APP "/path", UNLISTED, NULL, 0 },
    { "allow ~yes", "https://[::1", UNLISTED, NULL, 0 },
    { "allow ~yes", "//", UNLISTED, NULL, 0 },
    { "allow ~yes", "*", UNLISTED, NULL, 0 },
    { "allow ~yes", "https://" X256, UNLISTED, NULL, 0 },
};

/* The request and its preflight are decided alike. */
static void test_origins(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(origins); i++) {
        char *origin = given_string(origins[i].origin);
        cors_request_t actual = { origin, 0, NULL, NULL };
        cors_request_t preflight = { origin, 1, "GET", NULL };
        const cors_policy_t *policy = given_policy(p, origins[i].policy);
        given_oracle_t asked;
        cors_decision_t decision = given_decision(policy, &actual, &asked);
        cors_decision_t first = given_decision(policy, &preflight, NULL);
        cors_reason_e reason = origins[i].reason;
        const char *shown = origin ? origin : "no origin";

        is(word_of(&decision),
           reason == ALLOWED ? "allowed"
           : reason == CORS_REASON_OWN_ORIGIN ? "same-origin"
           : origin ? "origin-denied" : "none",
           "'%s' decides about '%.60s'", origins[i].policy, shown);
        is_number(decision.reason, reason, "for the right reason");
        is(decision.item ? decision.item->text : NULL, origins[i].item,
           "it names the item '%s'",
           origins[i].item ? origins[i].item : "none");
        ok(asked.rules == origins[i].rules && !asked.misled,
           "%d rules were evaluated, about origins only", asked.rules);
        ok((decision.line != NULL) == (origin != NULL)
           && decision.line == first.line, "it names a line");
        is(word_of(&first), reason == ALLOWED ? "preflight-allowed"
                                              : word_of(&decision),
           "the preflight of '%.60s' is decided in the same way", shown);
        ok(decision.origin_allowed == (reason == ALLOWED)
           && first.origin_allowed == decision.origin_allowed
           && !decision.is_preflight && first.is_preflight == (origin != NULL),
           "and is a preflight");
        free(origin);
    }
}

static void test_serialised(apr_pool_t *p)
{
    static const struct {
        const char *policy;
        const char *origin;
        int is_serialised;
    } rows[] = {
        { "allow *", APP, 1 }, { "allow *", "null", 1 },
        { "allow *", "a\tb", 0 }, { "allow *", "", 0 },
        { "allow *; deny " EVIL, "a b", 0 }, { "allow " APP, APP, 1 },
        { "allow null", "null", 1 }, { "allow " APP, EVIL, 0 },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_request_t request = { rows[i].origin, 0, NULL, NULL };

        is_number(given_decision(given_policy(p, rows[i].policy), &request,
                                 NULL).origin_is_serialised,
                  rows[i].is_serialised, "'%s' knows '%s' %s serialised",
                  rows[i].policy, rows[i].origin,
                  rows[i].is_serialised ? "to be" : "not to be");
    }
}

/* ---- sections ---- */

static void test_sections(apr_pool_t *p)
{
    static const struct {
        const char *outer;
        const char *inner;
        const char *origin;
        const char *word;
        /** the line that decided */
        const char *line;
    } rows[] = {
        { "allow " APP, "+allow " EVIL, APP, "allowed", "outer.conf:1" },
        { "allow " APP, "+allow " EVIL, EVIL, "allowed", "inner.conf:1" },
        { "allow " APP, "allow " EVIL, APP, "origin-denied", "inner.conf:1" },
        { "allow " APP, "allow none", APP, "origin-denied", "inner.conf:1" },
        { "allow ~yes", "allow " APP, EVIL, "origin-denied", "inner.conf:1" },
        { "allow ~yes", "+allow " APP, EVIL, "allowed", "outer.conf:1" },
        { "allow " APP, "+allow ~yes", EVIL, "allowed", "inner.conf:1" },
        { "allow " APP, "max_age 1", EVIL, "origin-denied", "outer.conf:1" },
        { "allow https://foo.com", "+allow https://bar.com",
          "https://barfoo.com", "origin-denied", "inner.conf:1" },
        { "allow *; deny " EVIL, "+deny " APP, EVIL, "origin-denied",
          "outer.conf:2" },
        { "allow *; deny " EVIL, "+deny " APP, APP, "origin-denied",
          "inner.conf:1" },
        { "allow *; deny " EVIL, "deny " APP, EVIL, "allowed",
          "outer.conf:1" },
        { "allow *; deny " EVIL, "deny none", EVIL, "allowed",
          "outer.conf:1" },
        { "allow null", "+allow " APP, "null", "allowed", "outer.conf:1" },
        { "allow https://evil.s3.amazonaws.com" ON,
          "+allow https://*.amazonaws.com", "https://evil.s3.amazonaws.com",
          "allowed", "outer.conf:1" },
        { "allow https://*.amazonaws.com", "credentials on",
          "https://evil.s3.amazonaws.com", "origin-denied", "outer.conf:1" },
        { "allow " APP, "methods PUT", APP, "allowed", "outer.conf:1" },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_request_t request = { rows[i].origin, 0, NULL, NULL };
        cors_decision_t decision = given_decision(
            given_merged(p, rows[i].outer, rows[i].inner), &request, NULL);

        is(word_of(&decision), rows[i].word, "'%s' with '%s' inside decides "
           "about '%s'", rows[i].outer, rows[i].inner, rows[i].origin);
        is(apr_psprintf(p, "%s:%d", decision.line->file,
                        decision.line->number), rows[i].line,
           "the line that decided is %s", rows[i].line);
    }
}

/* ---- methods and headers ---- */

#define GRANTED CORS_REASON_ALLOWED
#define NO_METHOD CORS_REASON_METHOD_NOT_LISTED
#define FORBIDDEN CORS_REASON_METHOD_FORBIDDEN
#define BAD_METHOD CORS_REASON_METHOD_MALFORMED
#define NO_HEADER CORS_REASON_HEADER_NOT_LISTED
#define BAD_LIST CORS_REASON_HEADERS_MALFORMED

static const struct {
    const char *policy;
    const char *method;
    const char *headers;
    cors_reason_e reason;
    /** the header that is not granted */
    const char *missing;
} preflights[] = {
    { "", "GET", NULL, GRANTED, NULL }, { "", "HEAD", NULL, GRANTED, NULL },
    { "", "POST", NULL, GRANTED, NULL }, { "", "PUT", NULL, NO_METHOD, NULL },
    { "", "get", NULL, NO_METHOD, NULL }, { "", "", NULL, BAD_METHOD, NULL },
    { "methods PUT", "PUT", NULL, GRANTED, NULL },
    { "methods PUT", "put", NULL, NO_METHOD, NULL },
    { "methods PUT", "PU", NULL, NO_METHOD, NULL },
    { "methods PUT", "PUTS", NULL, NO_METHOD, NULL },
    { "methods PUT", "DELETE", NULL, NO_METHOD, NULL },
    { "methods PUT", "GET", NULL, GRANTED, NULL },
    { "methods none", "POST", NULL, GRANTED, NULL },
    { "methods none", "PUT", NULL, NO_METHOD, NULL },
    { "+methods PUT", "PUT", NULL, GRANTED, NULL },
    { "methods *", "PUT", NULL, GRANTED, NULL },
    { "methods *", "x-y.z", NULL, GRANTED, NULL },
    { "methods *", "GET, DELETE", NULL, BAD_METHOD, NULL },
    { "methods *", "PUT,DELETE", NULL, BAD_METHOD, NULL },
    { "methods *", "PUT DELETE", NULL, BAD_METHOD, NULL },
    { "methods *", "", NULL, BAD_METHOD, NULL },
    { "methods *", "CONNECT", NULL, FORBIDDEN, NULL },
    { "methods *", "TRACE", NULL, FORBIDDEN, NULL },
    { "methods *", "track", NULL, FORBIDDEN, NULL },
    { "methods *; credentials on", "PUT", NULL, GRANTED, NULL },
    { "methods *; credentials on", "Trace", NULL, FORBIDDEN, NULL },
    { "methods *; credentials on", "P\xc3\x9cT", NULL, BAD_METHOD, NULL },
    { "", "GET", "", GRANTED, NULL }, { "", "GET", ",, ,\t,", GRANTED, NULL },
    { "", "GET", "content-type", GRANTED, NULL },
    { "", "GET", "x-token", NO_HEADER, "x-token" },
    { "headers X-Token", "GET", "x-token", GRANTED, NULL },
    { "headers X-Token", "GET", "X-TOKEN", GRANTED, NULL },
    { "headers X-Token", "GET", "content-type", NO_HEADER, "content-type" },
    { "+headers X-Token", "GET", "content-type,x-token", GRANTED, NULL },
    { "headers none", "GET", "content-type", NO_HEADER, "content-type" },
    { "headers X-A X-B", "GET", "x-a,x-b", GRANTED, NULL },
    { "headers X-A X-B", "GET", " x-b ,, x-a, ", GRANTED, NULL },
    { "headers X-A X-B", "GET", "x-b,x-b,x-b", GRANTED, NULL },
    { "headers X-A X-B", "GET", "x-a,x-c,x-d", NO_HEADER, "x-c" },
    { "headers X-A X-B", "GET", "x-a x-b", BAD_LIST, NULL },
    { "headers X-A X-B", "GET", "x-c, x-a x-b", BAD_LIST, NULL },
    { "headers X-A X-B", "GET", "x-a;x-b", BAD_LIST, NULL },
    { "headers X-A X-B", "GET", "\"x-a\"", BAD_LIST, NULL },
    { "headers X-A", "GET", "x-aa", NO_HEADER, "x-aa" },
    { "headers X-A", "GET", "x-", NO_HEADER, "x-" },
    { "headers *", "GET", "x-a,x-b", GRANTED, NULL },
    { "headers *", "GET", "x-a,authorization", NO_HEADER, "authorization" },
    { "headers *", "GET", "x-a x-b", BAD_LIST, NULL },
    { "headers *", "GET", "x-a,\x80", BAD_LIST, NULL },
    { "headers *", "GET", "*", GRANTED, NULL },
    { "headers X-A", "GET", "*", NO_HEADER, "*" },
    { "headers *", "GET", "x," X256, GRANTED, NULL },
    { "headers *", "GET", "x," X256 "x", BAD_LIST, NULL },
    { "", "PUT", "x-token", NO_METHOD, NULL },
    { "headers *", "GET", "x-a, b c, x-d", BAD_LIST, NULL },
    { "headers X-A", "GET", "x-c, x-a x-b", BAD_LIST, NULL },
    { "headers *" ON, "GET", "x," X256 "x", BAD_LIST, NULL },
    { "headers " X256, "GET", X256, GRANTED, NULL },
    { "headers " X256 "x", "GET", X256 "x", BAD_LIST, NULL },
    { "", "PATCH", NULL, NO_METHOD, NULL },
    { "methods PATCH", "patch", NULL, NO_METHOD, NULL },
};

static void test_preflights(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(preflights); i++) {
        char *method = given_string(preflights[i].method);
        char *headers = given_string(preflights[i].headers);
        cors_request_t request = { APP, 1, method, headers };
        cors_reason_e reason = preflights[i].reason;
        cors_decision_t decision = given_decision(
            given_policy(p, apr_pstrcat(p, "allow " APP ";",
                                        preflights[i].policy, NULL)),
            &request, NULL);
        const cors_span_t *missing = &decision.missing;

        is(word_of(&decision), reason == GRANTED ? "preflight-allowed"
                               : reason <= BAD_METHOD ? "method-denied"
                                                      : "headers-denied",
           "'%s' decides about '%s' with '%.60s'", preflights[i].policy,
           method, headers ? headers : "no headers");
        is_number(decision.reason, reason, "for the right reason");
        ok(decision.origin_allowed && decision.line != NULL,
           "the origin is allowed nevertheless");
        is(reason == NO_HEADER ? apr_pstrmemdup(p, missing->at, missing->len)
                               : NULL,
           preflights[i].missing, "the first header that is missing is named");
        free(headers);
        free(method);
    }
}

/* At most 4 KiB of header names. */
static void test_longest(apr_pool_t *p)
{
    const cors_policy_t *policy = given_policy(p, "allow " APP "; headers x");
    char *headers = apr_pcalloc(p, CORS_REQUESTED_HEADERS_MAX + 2);
    cors_request_t request = { APP, 1, "GET", headers };
    int i;

    for (i = 0; i < CORS_REQUESTED_HEADERS_MAX; i++) {
        headers[i] = i % 2 ? ',' : 'x';
    }
    is_number(given_decision(policy, &request, NULL).reason, GRANTED,
              "2,048 names in 4,096 bytes are granted");
    headers[i] = ',';
    is_number(given_decision(policy, &request, NULL).reason,
              CORS_REASON_HEADERS_TOO_LONG, "4,097 bytes are too long");
}

/* Where a default decided, the line is the one that makes the policy. */
static void test_lines(apr_pool_t *p)
{
    static const struct {
        const char *policy;
        const char *method;
        int line;
    } rows[] = {
        { "max_age 1; allow " APP, "PUT", 2 },
        { "max_age 1; allow " APP, "GET", 2 },
        { "allow " APP "; methods PUT", "PATCH", 2 },
        { "allow " APP "; +headers X-B; +methods PUT", "PATCH", 3 },
        { "allow " APP "; +headers X-B; +methods PUT", "PUT", 2 },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_request_t request = { APP, 1, rows[i].method, "x-a" };

        is_number(given_decision(given_policy(p, rows[i].policy), &request,
                                 NULL).line->number,
                  rows[i].line, "'%s' refuses %s with x-a in line %d",
                  rows[i].policy, rows[i].method, rows[i].line);
    }
}

static void test_kinds(void)
{
    static const struct {
        cors_request_t request;
        int is_preflight;
        const char *name;
    } rows[] = {
        { { APP, 1, "GET", NULL }, 1, "OPTIONS with both headers" },
        { { "", 1, "", NULL }, 1, "OPTIONS with two empty headers" },
        { { APP, 1, NULL, NULL }, 0, "OPTIONS without a method" },
        { { NULL, 1, "GET", NULL }, 0, "OPTIONS without an origin" },
        { { APP, 0, "GET", NULL }, 0, "another method with both headers" },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        is_number(cors_request_is_preflight(&rows[i].request),
                  rows[i].is_preflight, "%s is %sa preflight", rows[i].name,
                  rows[i].is_preflight ? "" : "not ");
    }
    for (i = 0; i < CORS_OUTCOMES; i++) {
        const char *word = cors_outcome_word((cors_outcome_e)i);

        is_number(cors_outcome_is_refusal((cors_outcome_e)i),
                  word && strstr(word, "-denied") != NULL,
                  "%s is %sa refusal", word ? word : "no decision",
                  word && strstr(word, "-denied") ? "" : "not ");
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    cors_suffixes_load(p);
    test_origins(p);
    test_serialised(p);
    test_sections(p);
    test_preflights(p);
    test_longest(p);
    test_lines(p);
    test_kinds();
    apr_terminate();
    return done_testing();
}
