/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* The reason of a decision in words. Without this test the log could send an
 * administrator in a wrong direction, a client could forge part of a line, or
 * a long list make each refused request expensive.
 */

#include "given.h"
#include "tap.h"

#include "../../src/reason.h"

#define APP "https://app.example.com"
#define X16 "xxxxxxxxxxxxxxxx"
#define X255 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 \
    "xxxxxxxxxxxxxxx"
#define X256 X255 "x"

static int rules_asked;

static const char *reason_of(apr_pool_t *p, const cors_policy_t *policy,
                             const cors_request_t *request)
{
    given_oracle_t asked;
    cors_decision_t decision = given_decision(policy, request, &asked);
    const char *text;

    asked.rules = 0;
    text = cors_reason_text(&decision, policy, request, &given_oracle, &asked,
                            p);
    rules_asked = asked.rules;
    return text;
}

/* ---- the nearest miss ---- */

#define NULL_TEXT "is \"null\", which is not in the list; it is sent by " \
    "sandboxed frames, by pages from a file or a data: URL, and after a " \
    "redirect from another origin: then let the page use the final URL"

/* The text follows "the origin ". */
static const struct {
    const char *allowed;
    const char *origin;
    const char *text;
    /** the text if the item is behind 10,000 others; NULL: not tried */
    const char *behind;
} misses[] = {
    { "https://a.example.com", "https://a.example.com:8443",
      "differs from \"https://a.example.com\" in its port",
      "differs in its port from what \"https://a.example.com\" allows" },
    { "https://a.example.com:8443", "https://a.example.com",
      "differs from \"https://a.example.com:8443\" in its port",
      "does not match any of the 10001 allowed origins" },
    { "https://a.example.com:8443", "https://a.example.com:9443",
      "differs from \"https://a.example.com:8443\" in its port",
      "does not match any of the 10001 allowed origins" },
    { "https://*.example.com", "https://a.example.com:8443",
      "differs from \"https://*.example.com\" in its port",
      "differs in its port from what \"https://*.example.com\" allows" },
    { "https://a.example.com", "http://a.example.com",
      "differs from \"https://a.example.com\" in its scheme",
      "differs in its scheme from what \"https://a.example.com\" allows" },
    { "http://a.example.com", "https://a.example.com",
      "differs from \"http://a.example.com\" in its scheme",
      "differs in its scheme from what \"http://a.example.com\" allows" },
    { "https://*.example.com", "http://a.example.com",
      "differs from \"https://*.example.com\" in its scheme",
      "differs in its scheme from what \"https://*.example.com\" allows" },
    { "https://example.com", "https://www.example.com",
      "differs from \"https://example.com\" by \"www.\"",
      "does not match any of the 10001 allowed origins" },
    { "https://www.example.com", "https://example.com",
      "differs from \"https://www.example.com\" by \"www.\"",
      "does not match any of the 10001 allowed origins" },
    { "https://example.com:8443", "https://www.example.com:8443",
      "differs from \"https://example.com:8443\" by \"www.\"", NULL },
    { "https://*.example.com", "https://example.com",
      "is example.com itself; \"https://*.example.com\" allows only names "
      "below it", "does not match any of the 10001 allowed origins" },
    { "https://example.com", "https://a.b.example.com",
      "is a subdomain; \"https://example.com\" allows only that exact host",
      "does not match any of the 10001 allowed origins" },
    { "http://localhost:3000", "http://127.0.0.1:3000",
      "is not \"http://localhost:3000\": localhost, 127.0.0.1 and [::1] are "
      "different origins", "does not match any of the 10001 allowed origins" },
    { "http://127.0.0.1:3000", "http://[::1]:3000",
      "is not \"http://127.0.0.1:3000\": localhost, 127.0.0.1 and [::1] are "
      "different origins", NULL },
    { "https://example.com", "https://exampl.com",
      "differs from \"https://example.com\" in one letter",
      "does not match any of the 10001 allowed origins" },
    { "https://example.com", "https://exammple.com",
      "differs from \"https://example.com\" in one letter", NULL },
    { "https://example.com", "https://example.org",
      "differs from \"https://example.com\" in its top-level domain",
      "does not match any of the 10001 allowed origins" },
    { "https://a.example.com", "https://a.example.de",
      "differs from \"https://a.example.com\" in its top-level domain", NULL },
    { "https://a.example.com", "https://a.example.com.",
      "has a trailing dot, so it is a different host",
      "has a trailing dot, so it is a different host" },
    { "https://*.example.com:*", "https://a.example.com.:8443",
      "has a trailing dot, so it is a different host",
      "has a trailing dot, so it is a different host" },
    { "https://a.example.com", "https://A.Example.com",
      "differs only in case from what \"https://a.example.com\" allows; "
      "browsers send lower case",
      "differs only in case from what \"https://a.example.com\" allows; "
      "browsers send lower case" },
    { "https://a.example.com", "HTTPS://a.example.com",
      "differs only in case from what \"https://a.example.com\" allows; "
      "browsers send lower case",
      "differs only in case from what \"https://a.example.com\" allows; "
      "browsers send lower case" },
    { "https://*.example.com", "https://B.example.com",
      "differs only in case from what \"https://*.example.com\" allows; "
      "browsers send lower case",
      "differs only in case from what \"https://*.example.com\" allows; "
      "browsers send lower case" },
    { "~https://a.example.com", "https://a.example.com:8443",
      "differs in its port from what \"https://a.example.com\" allows", NULL },
    { "~https://a.example.com", "http://a.example.com",
      "differs in its scheme from what \"https://a.example.com\" allows",
      NULL },
    { "~https://a.example.com", "https://A.example.com",
      "differs only in case from what \"https://a.example.com\" allows; "
      "browsers send lower case", NULL },
    { "~https://a.example.com", "https://a.example.com.",
      "has a trailing dot, so it is a different host", NULL },
    { "?https://a.example.com", "http://a.example.com",
      "does not match \"https://a.example.com\"", NULL },
    { "https://a.example.com", "https://evil.example",
      "does not match \"https://a.example.com\"", NULL },
    { "https://a.example.com ~x ?y", "https://evil.example",
      "does not match \"https://a.example.com\", \"x\", \"y\"", NULL },
    { "https://a.b https://c.d https://e.f https://g.h", "https://evil.example",
      "does not match any of the 4 allowed origins", NULL },
    { "none", "https://evil.example",
      "is not allowed: this policy allows no origin", NULL },
    { "none", "null", NULL_TEXT, NULL },
    { "https://a.example.com", "null", NULL_TEXT, NULL_TEXT },
    { "https://a.example.com", "", "is empty", "is empty" },
    { "https://a.example.com", "https://a.example.com, https://a.example.com",
      "has more than one value", "has more than one value" },
    { "https://a.example.com", "https://a.example.com/",
      "is not a valid origin", "is not a valid origin" },
    { "https://a.example.com", "evil", "is not a valid origin", NULL },
    { "null file:// app://.", "https://evil.example",
      "does not match \"null\", \"file://\", \"app://.\"", NULL },
    { "https://a.example.com", "file://",
      "does not match \"https://a.example.com\"", NULL },
    { "file://", "https://evil.example", "does not match \"file://\"", NULL },
    { "https://a.example.com https://example.com", "https://a.example.com:1",
      "differs from \"https://a.example.com\" in its port", NULL },
    { "https://b.example.com:1 https://*.example.com", "https://example.com:1",
      "is example.com itself; \"https://*.example.com\" allows only names "
      "below it", NULL },
};

static const char *with_others(apr_pool_t *p, const char *first,
                               const char *last)
{
    char *text = apr_palloc(p, 400000);
    char *to = text + apr_snprintf(text, 1000, "allow %s", first);
    int i;

    for (i = 0; i < 10000; i++) {
        to += apr_snprintf(to, 40, " https://other-%d.invalid", i);
    }
    apr_snprintf(to, 1000, " %s", last);
    return text;
}

static void test_misses(apr_pool_t *parent)
{
    apr_pool_t *p;
    int i;

    apr_pool_create(&p, parent);
    for (i = 0; i < COUNT(misses); i++) {
        const char *origin = misses[i].origin;
        const char *text = apr_pstrcat(p, "the origin ", misses[i].text, NULL);
        const char *list = misses[i].allowed;
        cors_request_t request = { origin, 0, NULL, NULL };

        is(reason_of(p, given_policy(p, apr_pstrcat(p, "allow ", list, NULL)),
                     &request), text, "'%.40s', where '%s' is allowed, %.99s",
           origin, list, misses[i].text);
        if (misses[i].behind) {
            is(reason_of(p, given_policy(p, with_others(p, list, "")),
                         &request), text,
               "the same in front of 10,000 others");
            is(reason_of(p, given_policy(p, with_others(p, "", list)),
                         &request),
               apr_pstrcat(p, "the origin ", misses[i].behind, NULL),
               "behind 10,000 others, %.99s", misses[i].behind);
        }
        apr_pool_clear(p);
    }
}

/* ---- every other reason ---- */

static const struct {
    const char *policy;
    cors_request_t request;
    const char *text;
} others[] = {
    { "", { NULL, 0, NULL, NULL }, "the request has no Origin header" },
    { "", { APP, 0, NULL, NULL }, "the policy allows it" },
    { "", { APP, 1, "GET", "content-type" }, "the policy allows it" },
    { "", { OWN, 0, NULL, NULL }, "the origin is the server's own" },
    { "deny " APP, { APP, 0, NULL, NULL },
      "the origin is denied by CorsDenyOrigin" },
    { "deny " APP, { APP ".", 0, NULL, NULL },
      "the origin is denied by CorsDenyOrigin" },
    { "+allow https://*.amazonaws.com; credentials on",
      { "https://a.evil.s3.amazonaws.com", 0, NULL, NULL },
      "the origin belongs to another site than \"https://*.amazonaws.com\": "
      "anyone can register a name like \"evil.s3.amazonaws.com\"" },
    { "+allow ~a.b~yes; credentials on", { "https://1.2.3.4", 0, NULL, NULL },
      "the origin belongs to another site than \"yes\": anyone can register a "
      "name like \"1.2.3.4\"" },
    { "", { APP, 1, "PUT", NULL },
      "the method \"PUT\" is not in CorsAllowMethods" },
    { "methods PATCH", { APP, 1, "patch", NULL },
      "the method \"patch\" is not \"PATCH\": methods are case-sensitive, so "
      "the script must use \"PATCH\"" },
    { "", { APP, 1, "get", NULL },
      "the method \"get\" is not \"GET\": methods are case-sensitive, so the "
      "script must use \"GET\"" },
    { "", { APP, 1, X256 "x", NULL },
      "the method \"" X256 "...\" is not in CorsAllowMethods" },
    { "methods *", { APP, 1, "TRACE", NULL },
      "scripts may never use the method \"TRACE\"" },
    { "methods *", { APP, 1, "P\r\n\"\\%\x80", NULL },
      "\"P%0d%0a%22%5c%25%80\" is not a valid method name" },
    { "methods *", { APP, 1, "", NULL }, "\"\" is not a valid method name" },
    { "", { APP, 1, "GET", "x-a" },
      "the header \"x-a\" is not in CorsAllowHeaders" },
    { "headers X-A", { APP, 1, "GET", "x-a, content-type" },
      "the header \"content-type\" is not in CorsAllowHeaders, which replaced "
      "the default; with '+' before its items it would keep Content-Type" },
    { "headers *", { APP, 1, "GET", "authorization" },
      "the header \"authorization\" is not in CorsAllowHeaders" },
    { "", { APP, 1, "GET", "x-a%%, y" },
      "the header \"x-a%25%25\" is not in CorsAllowHeaders" },
    { "", { APP, 1, "GET", "x a" },
      "Access-Control-Request-Headers is malformed" },
    { "", { APP, 1, "GET", X256 "x" },
      "Access-Control-Request-Headers is malformed" },
};

static void test_others(apr_pool_t *p)
{
    cors_request_t request = { APP, 1, "GET", NULL };
    char *headers = apr_pcalloc(p, CORS_REQUESTED_HEADERS_MAX + 2);
    int i;

    for (i = 0; i < COUNT(others); i++) {
        const char *policy = apr_pstrcat(p, "allow " APP ";",
                                         others[i].policy, NULL);

        if (others[i].policy[0] == '+') {
            policy = apr_pstrcat(p, "allow " APP, others[i].policy + 6, NULL);
        }
        is(reason_of(p, given_policy(p, policy), &others[i].request),
           others[i].text, "'%s': %s", policy, others[i].text);
    }
    memset(headers, ',', CORS_REQUESTED_HEADERS_MAX + 1);
    request.headers = headers;
    is(reason_of(p, given_policy(p, "allow " APP), &request),
       "Access-Control-Request-Headers is longer than 4096 bytes",
       "4,097 bytes of header names are too long");
}

/* ---- the cost, and what is shown ---- */

/* At most as many rules are asked for each similar origin. */
static void test_many_rules(apr_pool_t *p)
{
    cors_request_t request = { "https://x.example.com:8443", 0, NULL, NULL };
    const char *text = "allow";
    int i;

    for (i = 0; i < 1000; i++) {
        text = apr_psprintf(p, "%s ~rule-%d", text, i);
    }
    is(reason_of(p, given_policy(p, text), &request), "the origin does not "
       "match any of the 1000 allowed origins", "1,000 rules are counted");
    ok(rules_asked <= 3 * 64, "%d of them are asked about similar origins",
       rules_asked);
}

static void test_printable(apr_pool_t *p)
{
    static const struct {
        const char *text;
        apr_size_t max;
        const char *printable;
    } rows[] = {
        { "", 9, "" }, { "a b", 9, "a b" }, { "abc", 3, "abc" },
        { "abcd", 3, "abc..." }, { "a\nb", 9, "a%0ab" },
        { "\x1b[31m", 9, "%1b[31m" }, { "a\"b\\c%d", 9, "a%22b%5cc%25d" },
        { "\x7f\x80\xff", 9, "%7f%80%ff" }, { "\xff\xff", 1, "%ff..." },
    };
    const cors_line_t line = { .file = "a.conf", .number = 7 };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        char *copy = given_string(rows[i].text);

        is(cors_printable(copy, rows[i].max, p), rows[i].printable,
           "'%s' is shown as '%s'", rows[i].text, rows[i].printable);
        free(copy);
    }
    is(cors_line_text(&line, p), "a.conf:7", "a line is shown as a.conf:7");
}

int main(void)
{
    apr_pool_t *p = given_pool();

    cors_suffixes_load(p);
    test_misses(p);
    test_others(p);
    test_many_rules(p);
    test_printable(p);
    apr_terminate();
    return done_testing();
}
