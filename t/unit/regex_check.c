/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* A regular expression is easily written so that it matches more than it
 * appears to. Without these tests a stranger's page could read responses with
 * the visitor's cookies, or a correct expression would be refused.
 */

#include "given.h"
#include "tap.h"
#include "../../src/origin.h"

#include "../../src/regex_check.h"

typedef struct row_t {
    const char *expression;
    /** tight: the domains, with spaces between; else a part of the clause */
    const char *expected;
    /** what to write instead */
    const char *instead;
} row_t;

static apr_pool_t *pool;

static const row_t tight[] = {
    { "^https:\\/\\/.*\\.example\\.com$", "example.com", NULL },
    { "https://[a-z0-9-]+\\.(dev|stage)\\.example\\.com", "example.com", NULL },
    { "^https?://(.+\\.)?example\\.com(:\\d+)?$", "example.com", NULL },
    { "^https://(www\\.)?(example\\.com|staging\\.example\\.com)$",
      "example.com", NULL },
    { "https://([a-z0-9]+[.])*example[.]com", "example.com", NULL },
    { "(?i)https://(www[.])?example[.]com", "example.com", NULL },
    { "http://(localhost|127\\.0\\.0\\.1):\\d+", "localhost 127.0.0.1", NULL },
    { "^https?://localhost(:\\d+)?$", "localhost", NULL },
    { "https://pr-[0-9]+[.]preview[.]example[.]com", "example.com", NULL },
    { "^(https?://localhost(:\\d+)?|https://example\\.com)$",
      "example.com localhost", NULL },
    /* anchors that are not needed */
    { "^https://a\\.com$|^https://b\\.com$", "a.com b.com", NULL },
    { "\\Ahttps://a\\.com\\z", "a.com", NULL },
    { "(^https://a\\.com$)", "a.com", NULL },
    /* an exact host may have any name */
    { "https://intranet(:8443)?", "intranet", NULL },
    { "https://10\\.0\\.0\\.1", "10.0.0.1", NULL },
    { "http://\\[::1\\]:[0-9]+", "[::1]", NULL },
    { "https://(a|b)\\.github\\.io", "a.github.io b.github.io", NULL },
    { "capacitor://localhost|app://x", "localhost x", NULL },
    /* ways to write the scheme and its end */
    { "http[s]?://(?:a|b)\\.com", "a.com b.com", NULL },
    { "(http|https)(:)//a[.]com", "a.com", NULL },
    { "http(?:s)?\\:\\/\\/a[\\.]com", "a.com", NULL },
    { "(?i)HTTPS://WWW\\.Example\\.COM", "example.com", NULL },
    { "https:(?:)//b[.]com", "b.com", NULL },
    /* fronts */
    { "https://.*[.]corp[.]internal", "corp.internal", NULL },
    { "https://[]a[:alpha:]\\]]+[.]a[.]co[.]uk", "a.co.uk", NULL },
    { "https://([a-z]+[.]|)a[.]com", "a.com", NULL },
    { "https://(\\w+\\.)+?a\\.com", "a.com", NULL },
    { "https://x[0-9]{1,3}y[.]a[.]com:.*", "a.com", NULL },
    { "https?://.+\\.localhost", "localhost", NULL },
    { "https://((a|b)\\.)?(c\\.)?d\\.com", "d.com", NULL },
    /* an alternative that matches nothing allows nobody */
    { "https?:\\/\\/(.*\\.)?a\\.com(:[0-9]+)?\\/?$", "a.com", NULL },
};

static const row_t loose[] = {
    { "(api|web).example.com", "scheme",
      "https://(api|web)[.]example[.]com" },
    { "https//a.com", "scheme", NULL },
    { "https://?example[.]com", "scheme", NULL },
    { "https:/(/)?example[.]com", "scheme", NULL },
    { "https://a\\.com$x", "cannot be checked", NULL },
    { "https://[a-y.]+", "\"[a-y.]+\" at the end", NULL },
    { "https:[/a-z]+\\.com", "scheme", NULL },
    { "https://(e|v|i|l)+\\.com", "before \".com\"", NULL },
    { "https://[a-b]{2}[.]uk", "before \".uk\"", NULL },
    { "https://\\p{L}+example[.]com", "cannot be checked", NULL },
    { "https://foo[.]com?", "\"m?\" at the end", NULL },
    { "https://(www|app)?example[.]com", "\"(www|app)?\" directly before",
      "https://((www|app)[.])?example[.]com" },
    { "https://(a[.]|b[.]|c[.]|d[.]|[a-z]+-)example[.]com",
      "\"[a-z]+\" directly before \"-example.com\"", NULL },
    { "https://([a-z]+|www)([.]|-)example[.]com",
      "\"[a-z]+\" directly before \"-example.com\"", NULL },
    { "https://([a-z]+)?(\\.)?example\\.com", "\"(\\.)?\" directly before",
      NULL },
    { "https://(?i:[a-z-]+)example[.]com", "\"(?", NULL },
    { "https://\\H+example[.]com", "\"\\H+\" directly before",
      "https://\\H+[.]example[.]com" },
    { "https://[a-z0-9-]+app[12][.]com", "before \".com\"", NULL },
    { "https://(?!admin)[b-d]+example[.]com", "\"(?", NULL },
    { "^https://.*\\.github\\.io$", "before \".github.io\"", NULL },
    { "https://deploy-preview-\\d+--mysite\\.netlify\\.app",
      "directly before \"--mysite.netlify.app\"", NULL },
    { "^(https?://)?(\\w+\\.)?example\\.com$", "scheme",
      "^(https?://)(\\w+\\.)?example\\.com$" },
    { ".*\\.example\\.com", "scheme", "https://.*\\.example\\.com" },
    /* neighbours of these */
    { "https://app.example.com", "unescaped '.'",
      "https://app[.]example[.]com" },
    { "https://.*example.com", "unescaped '.'",
      "https://(.*[.])?example[.]com" },
    { "https://.*\\.example.com", "unescaped '.'",
      "https://.*\\.example[.]com" },
    { "https://example\\.com.*", "\".*\" at the end", NULL },
    { "https://localhost:?\\d*", "\"\\d*\" at the end", NULL },
    { "https://foo[a-z]*", "\"[a-z]*\" at the end", NULL },
    { "https://[ab]example\\.com", "directly before", NULL },
    { "https://[a-z]+team\\.vercel\\.app", "directly before", NULL },
    { "https://.+a\\.co\\.uk", "directly before",
      "https://.+[.]a\\.co\\.uk" },
    { "https://.*-team\\.vercel\\.app", "directly before", NULL },
    { "https://10\\.0\\.0\\.[0-9]+", "at the end", NULL },
    { "https://.*\\.co\\.uk", "before \".co.uk\"", NULL },
    { "https://co\\.uk|https://.*\\.co\\.uk", "before \".co.uk\"", NULL },
    { "https://(www\\.)?intranet", "before \"intranet\"", NULL },
    { "https://a\\.com|.*", "scheme", NULL },
    { "https://a(b\\.)?c\\.com", "directly before", NULL },
    { "https://foo(\\.bar)?\\.com", "before \".com\"", NULL },
    { "https://(a)?(b\\.)?c\\.com", "directly before", NULL },
    { "https://[a-z]+\\.?a\\.com", "directly before", NULL },
    { "\\Qhttps://a.com\\E", "\"\\Q\"", NULL },
    { "https://.*\\.a\\.com\\K", "\"\\K\"", NULL },
    { "https://[\\Q]\\E]+[.]a[.]com", "cannot be checked", NULL },
    { "https://[\\c]]+[.]a[.]com]", "cannot be checked", NULL },
    { "https://a\\.com(*ACCEPT)", "\"(*", NULL },
    { "https://a(?#)\\.com", "\"(?", NULL },
    { "https://a{2[.]b[.]com", "\"{\"", NULL },
    { "https://a{2\\.b[.]com", "\"{\"", NULL },
    { "https://a\\x2ecom", "\"\\x\"", NULL },
    { "chrome-extension://[a-p]{32}", "at the end", NULL },
};

static const row_t never[] = {
    { "/^https:\\/\\/[a-z]+\\.example\\.com$/", "enclosed in '/'",
      "^https:\\/\\/[a-z]+\\.example\\.com$" },
    { "https://a[.]example[.]com,", "\",\"", "https://a[.]example[.]com" },
    { "https://app[.]example[.]com/", "'/' after the host",
      "https://app[.]example[.]com" },
    { "https://app[.]example[.]com:443", "default port",
      "https://app[.]example[.]com" },
    { "https://App[.]example[.]com", "browsers send lower case",
      "(?i)https://App[.]example[.]com" },
    { "^https://app.example.com/$", "'/' after the host",
      "^https://app[.]example[.]com$" },
    /* neighbours of these */
    { "/^https:\\/\\/(.*\\.)?example\\.com$/i", "enclosed in '/'",
      "(?i)^https:\\/\\/(.*\\.)?example\\.com$" },
    { "https://[a-z]+[.]a[.]com/path", "'/' after the host",
      "https://[a-z]+[.]a[.]com" },
    { "http://.*[.]a[.]com:80$", "default port", "http://.*[.]a[.]com$" },
    { "HTTPS://a[.]com", "browsers send lower case",
      "(?i)HTTPS://a[.]com" },
    { "a\\.com", "scheme", "https://a\\.com" },
    { "a\\.com|b\\.com", "scheme", NULL },
    { "localhost:3000", "scheme", NULL },
    { "//a\\.com", "scheme", NULL },
    { "https://a\\.com@b\\.com", "\"@\"", NULL },
    { "https://", "valid host name", NULL },
    { "", "scheme", NULL },
};

static cors_regex_check_t check(const char *expression)
{
    char *copy = given_string(expression);
    cors_regex_check_t found;

    cors_regex_check(&found, copy, pool);
    free(copy);
    return found;
}

static const char *domains_text(const cors_regex_check_t *found)
{
    return found->domains ? apr_array_pstrcat(pool, found->domains, ' ') : NULL;
}

static void test_tight(void)
{
    int i;

    for (i = 0; i < COUNT(tight); i++) {
        cors_regex_check_t found = check(tight[i].expression);

        is(found.loose, NULL, "'%s' is tight", tight[i].expression);
        is(found.never, NULL, "it can match");
        is(domains_text(&found), tight[i].expected, "it writes out %s",
           tight[i].expected);
    }
}

static void test_loose(void)
{
    int i;

    for (i = 0; i < COUNT(loose); i++) {
        cors_regex_check_t found = check(loose[i].expression);

        if (!ok(found.loose && strstr(found.loose, loose[i].expected),
                "'%s' is loose: %s", loose[i].expression, loose[i].expected)) {
            diag("got: %s", found.loose ? found.loose : "NULL");
        }
        ok(!found.domains, "it has no list of domains");
        is(found.tighter, loose[i].instead, "what to write instead is right");
    }
}

static void test_never(void)
{
    int i;

    for (i = 0; i < COUNT(never); i++) {
        cors_regex_check_t found = check(never[i].expression);

        if (!ok(found.never && strstr(found.never, never[i].expected),
                "'%s' matches nothing: %s", never[i].expression,
                never[i].expected)) {
            diag("got: %s", found.never ? found.never : "NULL");
        }
        is(found.loose, NULL, "it is not called loose");
        is(found.possible, never[i].instead, "what to write instead is right");
    }
}

static void test_insecure(void)
{
    static const struct {
        const char *expression;
        int insecure;
    } rows[] = {
        { "https?://a\\.com", 1 },
        { "(https|http)://(.*\\.)?a\\.com", 1 },
        { "http://.*", 1 },
        { ".*\\.a\\.com", 1 },
        { "h.*://a\\.com", 1 },
        { "http://(localhost|a\\.com)", 1 },
        { "http://localhost.*", 1 },
        { "http://.*localhost", 1 },
        { "https://a\\.com", 0 },
        { "https.*://a\\.com", 0 },
        { "https://.*", 0 },
        { "https?://(localhost|127\\.0\\.0\\.[1]|\\[::1\\]|a\\.localhost)", 0 },
        { "http://(.*\\.)?localhost(:\\d+)?", 0 },
        { "http://a\\.com/", 0 },
        { "capacitor://a", 0 },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        is_number(check(rows[i].expression).insecure, rows[i].insecure,
                  "'%s' %s http", rows[i].expression,
                  rows[i].insecure ? "can match" : "does not match");
    }
}

/* The work is bounded, whatever is repeated or left open. */
static void test_hostile(void)
{
    static const char *const parts[] = {
        "(|)", "(", "((a|b)", "(?i)", "[", "[[:", "\\", "\\c", "\\p{", "{",
        "a{1}", ")", "|", "^", "$", "a|", "https://", "(a\\.)?", "?", "\xff"
    };
    int i;
    int n;

    for (i = 0; i < COUNT(parts); i++) {
        char *text = apr_pstrdup(pool, "https://");

        for (n = 0; n < 300; n++) {
            text = apr_pstrcat(pool, text, parts[i], NULL);
        }
        check(text);
        check(parts[i]);
        ok(1, "300 times '%s' comes to an end", parts[i]);
    }
    ok(strstr(check("https://(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)"
                    "(a|b)(a|b)(a|b)\\.com").loose,
              "too many combinations") != NULL,
       "4096 combinations are too many to be checked");
}

int main(void)
{
    pool = given_pool();
    cors_suffixes_load(pool);
    test_tight();
    test_loose();
    test_never();
    test_insecure();
    test_hostile();
    apr_terminate();
    return done_testing();
}
