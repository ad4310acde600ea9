/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Names of methods and headers come from clients and are sent back to them.
 * Without this a byte that is no part of a name could slip into a response,
 * or an allowed name be overlooked in a list.
 */

#include "given.h"
#include "tap.h"

#include "../../src/token.h"

static void test_bytes(void)
{
    static const char tchars[] = "!#$%&'*+-.^_`|~0123456789"
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    int c;

    for (c = 0; c < 256; c++) {
        char byte = (char)c;
        char inside[3] = { 'a', (char)c, 'b' };
        char *copy = given_bytes(&byte, 1);
        int expected = memchr(tchars, c, sizeof(tchars) - 1) != NULL;

        ok(cors_token_is(copy, 1) == expected
           && cors_token_is(inside, sizeof(inside)) == expected,
           "byte 0x%02x is %s a token", c, expected ? "in" : "not in");
        free(copy);
    }
}

static void test_tokens(void)
{
    char *long_name = malloc(10000);

    if (!long_name) {
        abort();
    }
    memset(long_name, 'x', 10000);
    ok(!cors_token_is("", 0), "nothing is no token");
    ok(!cors_token_is("abc", 0), "nor is nothing of something");
    ok(cors_token_is(long_name, 10000), "a token may be long");
    long_name[9999] = ' ';
    ok(!cors_token_is(long_name, 10000), "the last byte counts");
    ok(cors_token_is(long_name, 9999), "no byte behind it counts");
    free(long_name);
}

/* The items with bars between them, and how often an end was told. */
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
        result = "went on behind the end";
    }
    free(copy);
    return result;
}

static void test_lists(apr_pool_t *p)
{
    static const char *const lists[][2] = {
        { "", "" },
        { ",", "" },
        { " ", "" },
        { " , ,\t,, ", "" },
        { "a", "a" },
        { "a,b", "a|b" },
        { "a, b", "a|b" },
        { "  a\t,\tb  ", "a|b" },
        { ",a,,b,", "a|b" },
        { " , a , , b , ", "a|b" },
        { "a b,c", "a b|c" },
        { "a\tb", "a\tb" },
        { "\"a,b\"", "\"a|b\"" },
        { "a;b,c=d", "a;b|c=d" },
        { "a,a", "a|a" },
        { "a\r\n,b", "a\r\n|b" },
        { "*", "*" },
        { "\x80,\xff", "\x80|\xff" },
    };
    int i;

    for (i = 0; i < COUNT(lists); i++) {
        is(items_of(p, lists[i][0]), lists[i][1], "items of '%s'",
           lists[i][0]);
    }
}

static void test_long_list(void)
{
    char *list = malloc(100001);
    const char *cursor = list;
    cors_span_t item;
    int count = 0;

    if (!list) {
        abort();
    }
    memset(list, ',', 100000);
    list[100000] = '\0';
    ok(!cors_list_next(&cursor, &item), "100,000 commas hold no item");
    for (count = 0; count < 100000; count += 2) {
        list[count] = 'x';
    }
    for (cursor = list, count = 0; cors_list_next(&cursor, &item); count++) {
    }
    is_number(count, 50000, "50,000 items");
    free(list);
}

static void test_spans(void)
{
    static const struct {
        const char *span;
        const char *string;
        int equal;
    } rows[] = {
        { "x-token", "x-token", 1 },
        { "x-token", "X-Token", 1 },
        { "X-TOKEN", "x-token", 1 },
        { "x-token", "x-toke", 0 },
        { "x-token", "x-tokens", 0 },
        { "x-token", "y-token", 0 },
        { "x-token", "", 0 },
        { "", "x-token", 0 },
        { "", "", 1 },
        { "x-[", "x-{", 0 },
        { "x-@", "x-`", 0 },
        { "x-^", "x-~", 0 },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_size_t len = strlen(rows[i].span);
        char *copy = given_bytes(rows[i].span, len);
        cors_span_t span;

        span.at = copy;
        span.len = len;
        is_number(cors_span_is(&span, rows[i].string), rows[i].equal,
                  "'%s' and '%s'", rows[i].span, rows[i].string);
        free(copy);
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    test_bytes();
    test_tokens();
    test_lists(p);
    test_long_list();
    test_spans();
    apr_terminate();
    return done_testing();
}
