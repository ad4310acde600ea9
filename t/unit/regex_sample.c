/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without the right samples a loose expression would pass for a tight one. And
 * an expression in a .htaccess file is judged for each request: samples that
 * tell nothing new, or a comment full of "(", would make that dear.
 */

#include "given.h"
#include "tap.h"

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/regex_sample.h"

static apr_pool_t *pool;

/* Samples as one string; open letters are shown in upper case, or as "#". */
static const char *samples_of(const char *source)
{
    cors_samples_t samples;
    cors_sample_t sample;
    const char *all = "";
    apr_size_t i;

    cors_samples_begin(&samples, source, pool);
    while (cors_samples_next(&samples, &sample)) {
        for (i = 0; i < sample.len; i++) {
            char c = sample.text[i];

            if (sample.open[i]) {
                sample.text[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : '#');
            }
        }
        all = apr_pstrcat(pool, all, *all == '\0' ? "" : " ", sample.text,
                          NULL);
    }
    return all;
}

static const char *const rows[][2] = {
    { "https://a[.]b", "https://a.b" },
    { "^https:\\/\\/a\\.b$", "https://a.b" },
    { "\\Qa.b\\E", "a.b" },
    { "[a-z]", "E E # E # # #" },
    { "[a-z]+", "EVIL E # EVIL# #EVIL #EVIL ##E" },
    { "a\\d{3}", "a###" },
    { "a[b]{0}c", "ac ac ac ac ac ac ac ac" },
    { "https?://a", "https://a http://a" },
    { "a\\.?b", "a.b Ab" },
    { "a\\.?b?", "a.b Ab A" },
    { "(a|b)c", "ac bc" },
    { "(a|b|c|d|e)(f|g)", "af bg cg dg" },
    { "(?:a|b)?c", "ac bc c" },
    { "(?i)a(?=b)(?<n>c)", "ac" },
    { "(A|b)c", "bc" },
    { "a b[c]+(d|e)", "" },
};

static void test_rows(void)
{
    unsigned i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        is(samples_of(rows[i][0]), rows[i][1], "%s", rows[i][0]);
    }
}

static const char *repeat(const char *what, int times)
{
    char *all = apr_palloc(pool, strlen(what) * (apr_size_t)times + 1);
    char *end = all;

    *end = '\0';
    while (times-- > 0) {
        end = apr_cpystrn(end, what, strlen(what) + 1);
    }
    return all;
}

static void test_long(void)
{
    const char *full = repeat("a", CORS_ORIGIN_MAX);

    is(samples_of(repeat("a", 1000)), full, "no more letters than fit");
    is(samples_of(repeat("\\/", 1000)), repeat("/", CORS_ORIGIN_MAX),
       "one by one, too");
    is(samples_of(apr_pstrcat(pool, full, "A", NULL)), full,
       "what is behind them does not count");
    is(samples_of(apr_pstrcat(pool, repeat("(", 250), "a", NULL)), "a",
       "groups as deep as they go");
    is(samples_of(repeat("(", 1000000)), "", "a comment full of \"(\"");
}

int main(void)
{
    pool = given_pool();
    test_rows();
    test_long();
    apr_terminate();
    return done_testing();
}
