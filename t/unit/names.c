/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Names of methods and headers come from clients and are sent back to them.
 * Without this test a byte that is not allowed in a name could get into a
 * response, or a listed name be overlooked in a long list.
 */

#include <strings.h>

#include "given.h"
#include "tap.h"

#include "../../src/names.h"

/* ---- tokens and comma-separated lists ---- */

static void test_bytes(void)
{
    static const char tchars[] = "!#$%&'*+-.^_`|~0123456789"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    int wrong = 0;
    int c;

    for (c = 0; c < 256; c++) {
        char byte = (char)c;
        char inside[3] = { 'a', (char)c, 'b' };
        char *copy = given_bytes(&byte, 1);
        int expected = memchr(tchars, c, sizeof(tchars) - 1) != NULL;

        if (cors_token_is(copy, 1) != expected
            || cors_token_is(inside, sizeof(inside)) != expected) {
            diag("byte 0x%02x", c);
            wrong++;
        }
        free(copy);
    }
    is_number(wrong, 0, "77 of 256 bytes are allowed in a token");
}

static void test_tokens(void)
{
    char *long_name = malloc(10000);

    if (!long_name) {
        abort();
    }
    memset(long_name, 'x', 10000);
    ok(!cors_token_is("", 0), "the empty string is not a token");
    ok(!cors_token_is("abc", 0), "no bytes of a string are not a token");
    ok(cors_token_is(long_name, 10000), "a token may have 10,000 bytes");
    long_name[9999] = ' ';
    ok(!cors_token_is(long_name, 10000), "a blank as its last byte counts");
    ok(cors_token_is(long_name, 9999), "a byte behind the token is not read");
    free(long_name);
}

/* The items with bars between them. */
static const char *items_of(apr_pool_t *p, const char *list)
{
    char *copy = given_string(list);
    const char *cursor = copy;
    const char *result = "";
    cors_span_t item;

    while (cors_list_next(&cursor, &item)) {
        result = apr_pstrcat(p, result, *result ? "|" : "",
                             apr_pstrmemdup(p, item.at, item.len), NULL);
    }
    if (cors_list_next(&cursor, &item)) {
        result = "an item behind the end";
    }
    free(copy);
    return result;
}

static void test_lists(apr_pool_t *p)
{
    static const char *const lists[][2] = {
        { "", "" }, { ",", "" }, { " ", "" }, { " , ,\t,, ", "" },
        { "a", "a" }, { "a,b", "a|b" }, { "a, b", "a|b" },
        { "  a\t,\tb  ", "a|b" }, { ",a,,b,", "a|b" },
        { " , a , , b , ", "a|b" }, { "a b,c", "a b|c" }, { "a\tb", "a\tb" },
        { "\"a,b\"", "\"a|b\"" }, { "a;b,c=d", "a;b|c=d" }, { "a,a", "a|a" },
        { "a\r\n,b", "a\r\n|b" }, { "*", "*" }, { "\x80,\xff", "\x80|\xff" },
    };
    int i;

    for (i = 0; i < COUNT(lists); i++) {
        is(items_of(p, lists[i][0]), lists[i][1], "the items of '%s' are '%s'",
           lists[i][0], lists[i][1]);
    }
}

static void test_long_list(apr_pool_t *p)
{
    char *list = apr_pcalloc(p, 100001);
    const char *cursor = list;
    cors_span_t item;
    int count;

    memset(list, ',', 100000);
    ok(!cors_list_next(&cursor, &item), "100,000 commas are an empty list");
    for (count = 0; count < 100000; count += 2) {
        list[count] = 'x';
    }
    for (cursor = list, count = 0; cors_list_next(&cursor, &item); count++) {
    }
    is_number(count, 50000, "a list of 50,000 items is read to its end");
}

/* ---- lists of names, short and indexed ---- */

#define X16 "xxxxxxxxxxxxxxxx"
#define X255 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 \
    "xxxxxxxxxxxxxxx"

static int has(const cors_names_t *names, const char *name)
{
    cors_span_t span;
    char *copy = given_bytes(name, strlen(name));
    int result;

    span.at = copy;
    span.len = strlen(name);
    result = cors_names_has(names, &span);
    free(copy);
    return result;
}

static const struct {
    const char *listed;
    const char *name;
    /** in a list of header names, and of methods */
    int is_header;
    int is_method;
} pairs[] = {
    { "x-token", "x-token", 1, 1 }, { "X-Token", "x-tOKEN", 1, 0 },
    { "x-token", "x-toke", 0, 0 }, { "x-token", "x-tokens", 0, 0 },
    { "x-token", "y-token", 0, 0 }, { "x-token", "", 0, 0 },
    { "a b", "b", 1, 1 }, { "a b", "a b", 0, 0 },
    { "x-[", "x-{", 0, 0 },
    { "x-@", "x-`", 0, 0 }, { "x-^", "x-~", 0, 0 }, { "* a", "*", 0, 0 },
    { "none", "none", 0, 0 }, { X255 "A", X255 "A", 1, 1 },
    { X255 "A", X255 "a", 1, 0 }, { X255, X255 "a", 0, 0 },
    { X255 "A", X255 "Aa", 0, 0 }, { X255 "A", X255, 0, 0 },
};

/* So many names that none of the rows contains. */
static const char *with_others(apr_pool_t *p, const char *text, int count)
{
    while (count-- > 0) {
        text = apr_psprintf(p, "%s other-%d", text, count);
    }
    return text;
}

static void test_has(apr_pool_t *p, int others)
{
    const char *where = others ? "beside 1,000 others" : "in a short list";
    int i;

    for (i = 0; i < COUNT(pairs); i++) {
        const char *listed = with_others(p, pairs[i].listed, others);

        is_number(has(given_names(p, listed, 0), pairs[i].name),
                  pairs[i].is_header,
                  "%s, the header name '%.20s' is %s '%.20s'", where,
                  pairs[i].name,
                  pairs[i].is_header ? "found as" : "not found as",
                  pairs[i].listed);
        is_number(has(given_names(p, listed, 1), pairs[i].name),
                  pairs[i].is_method, "%s, the method '%.20s' is %s '%.20s'",
                  where, pairs[i].name,
                  pairs[i].is_method ? "found as" : "not found as",
                  pairs[i].listed);
    }
}

/* Names are added one by one, and every one is found at every length. */
static void test_growth(apr_pool_t *p)
{
    cors_names_t *names = cors_names_make(p, 0);
    int indexed_from = 0;
    int wrong = 0;
    int i;
    int j;

    for (i = 0; i < 100; i++) {
        wrong += has(names, apr_psprintf(p, "x-%d", i));
        cors_names_add(names, apr_psprintf(p, "X-%d", i));
        cors_names_add(names, apr_psprintf(p, "x-%d", i));
        indexed_from = names->index && !indexed_from ? i + 1 : indexed_from;
        wrong += names->names->nelts != i + 1;
        for (j = 0; j <= i; j++) {
            wrong += !has(names, apr_psprintf(p, "x-%d", j));
        }
    }
    is_number(wrong, 0, "100 names are found while the list grows, each once");
    is_number(indexed_from, 17, "a list of 17 names has an index");
}

static void test_joined(apr_pool_t *p)
{
    static const char *const rows[][2] = {
        { "none", "" }, { "PUT", "PUT" }, { "PUT PATCH", "PUT, PATCH" },
        { "*", "*" }, { "* Authorization", "*, Authorization" },
        { "X-A x-a X-B", "X-A, X-B" }, { X255 "A b", X255 "A, b" },
    };
    int i;

    is(cors_names_make(p, 0)->joined, NULL, "a new list is not joined");
    for (i = 0; i < COUNT(rows); i++) {
        is(given_names(p, rows[i][0], 0)->joined, rows[i][1],
           "'%.20s' is joined to '%.20s'", rows[i][0], rows[i][1]);
    }
}

/* ---- names that mean something ---- */

static const struct {
    const char *name;
    int is_forbidden;
    int is_normalised;
    int is_never_requested;
    int is_never_exposed;
    const char *directive;
} known[] = {
    { "CONNECT", 1, 0, 0, 0, NULL }, { "trace", 1, 0, 0, 0, NULL },
    { "Track", 1, 0, 0, 0, NULL }, { "put", 0, 1, 0, 0, NULL },
    { "OPTIONS", 0, 1, 0, 0, NULL }, { "delete", 0, 1, 0, 0, NULL },
    { "patch", 0, 0, 0, 0, NULL }, { "PUTS", 0, 0, 0, 0, NULL },
    { "origin", 0, 0, 1, 0, NULL }, { "Cookie", 0, 0, 1, 0, NULL },
    { "sec-", 0, 0, 1, 0, NULL }, { "Sec-Fetch-Mode", 0, 0, 1, 0, NULL },
    { "proxy-x", 0, 0, 1, 0, NULL }, { "Sec", 0, 0, 0, 0, NULL },
    { "X-Sec-A", 0, 0, 0, 0, NULL }, { "Authorization", 0, 0, 0, 0, NULL },
    { "User-Agent", 0, 0, 0, 0, NULL }, { "Set-Cookie", 0, 0, 1, 1, NULL },
    { "set-cookie2", 0, 0, 0, 1, NULL }, { "", 0, 0, 0, 0, NULL },
    { "access-control-allow-ORIGIN", 0, 0, 0, 0, "CorsAllowOrigin" },
    { "Access-Control-Allow-Credentials", 0, 0, 0, 0,
      "CorsAllowCredentials" },
    { "Access-Control-Allow-Methods", 0, 0, 0, 0, "CorsAllowMethods" },
    { "Access-Control-Allow-Headers", 0, 0, 0, 0, "CorsAllowHeaders" },
    { "Access-Control-Expose-Headers", 0, 0, 0, 0, "CorsExposeHeaders" },
    { "Access-Control-Max-Age", 0, 0, 0, 0, "CorsMaxAge" },
    { "Access-Control-Request-Method", 0, 0, 1, 0, NULL },
    { "Access-Control-Allow-Private-Network", 0, 0, 0, 0, NULL },
};

static void test_known(void)
{
    int i;

    for (i = 0; i < COUNT(known); i++) {
        const char *name = known[i].name;

        is_number(cors_method_is_forbidden(name), known[i].is_forbidden,
                  "'%s' is %sa method that no script may use", name,
                  known[i].is_forbidden ? "" : "not ");
        is_number(cors_method_is_normalised(name), known[i].is_normalised,
                  "'%s' is %sa method that fetch() upper-cases", name,
                  known[i].is_normalised ? "" : "not ");
        is_number(cors_header_is_never_requested(name),
                  known[i].is_never_requested,
                  "'%s' is a header that %s script may set", name,
                  known[i].is_never_requested ? "no" : "a");
        is_number(cors_header_is_never_exposed(name),
                  known[i].is_never_exposed,
                  "'%s' is a header that %s script may read", name,
                  known[i].is_never_exposed ? "no" : "a");
        is(cors_header_directive(name), known[i].directive,
           "'%s' is sent by %s", name,
           known[i].directive ? known[i].directive : "no directive");
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    test_bytes();
    test_tokens();
    test_lists(p);
    test_long_list(p);
    test_has(p, 0);
    test_has(p, 1000);
    test_growth(p);
    test_joined(p);
    test_known();
    apr_terminate();
    return done_testing();
}
