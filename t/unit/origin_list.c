/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* A long list of origins is searched by an index, a short one from end to end.
 * Without this test the two could disagree, or the log could name an item that
 * is not the closest. invariant.c compares both with a plain search.
 */

#include "given.h"
#include "tap.h"

#include "../../src/origin_list.h"

static const char *find_in(apr_pool_t *p, const char *list, const char *text,
                           int others)
{
    char *copy = given_string(text);
    cors_origin_value_t value;
    const cors_item_t *item;

    while (others-- > 0) {
        list = apr_psprintf(p, "%s https://o%d.invalid", list, others);
    }
    cors_origin_value_init(&value, copy);
    item = cors_origin_list_find(given_list(p, list, NULL), &value);
    free(copy);
    return item ? item->text : NULL;
}

/* A list, an origin, and the item that is found. */
static const char *const rows[][3] = {
    { "https://*.b.c https://a.b.c", "https://a.b.c", "https://a.b.c" },
    { "https://a.b.c https://*.b.c", "https://a.b.c", "https://a.b.c" },
    { "https://*.c.d https://*.b.c.d", "https://a.b.c.d", "https://*.b.c.d" },
    { "https://*.b.c.d https://*.c.d", "https://a.b.c.d", "https://*.b.c.d" },
    { "https://*.c.d https://*.b.c.d", "https://x.c.d", "https://*.c.d" },
    { "https://a.b:* https://a.b:1", "https://a.b:1", "https://a.b:1" },
    { "https://a.b:* https://a.b:1", "https://a.b:2", "https://a.b:*" },
    { "https://a.b:* https://a.b", "https://a.b", "https://a.b" },
    { "https://*.a.b:* https://*.a.b:1", "https://x.a.b:1",
      "https://*.a.b:1" },
    { "https://*.a.b:12345 https://*.x.a.b:*", "https://y.x.a.b:12345",
      "https://*.x.a.b:*" },
    { "https://*.a.b:1 https://x.a.b:*", "https://x.a.b:1",
      "https://x.a.b:*" },
    { "https://foo.com https://bar.com", "https://barfoo.com", NULL },
    { "https://foo.com https://bar.com", "https://foo.bar.com", NULL },
    { "http://a.b https://a.b", "https://a.b", "https://a.b" },
    { "http://*.a.b https://*.a.b", "https://x.a.b", "https://*.a.b" },
    { "app://*.a.b https://*.a.b", "app://x.a.b", "app://*.a.b" },
    { "https://a.b https://a.b https://a.b", "https://a.b", "https://a.b" },
    { "https://*.a.b https://*.a.b", "https://x.a.b", "https://*.a.b" },
    { "null https://a.b", "https://a.b", "https://a.b" },
    { "null https://a.b", "null", "null" }, { "https://a.b", "null", NULL },
    { "null", "https://null", NULL }, { "null", "NULL", NULL },
    { "file:// app://.", "file://", "file://" },
    { "file:// app://.", "app://.", "app://." },
    { "file:// app://.", "app://", NULL },
    { "file:// app://*.a.b", "file:///", NULL }, { "*", "https://a.b", "*" },
    { "*", "null", "*" }, { "*", "anything else", "*" },
    { "none", "https://a.b", NULL }, { "~yes ?yes", "https://a.b", NULL },
    { "https://*.a.b:*", "https://x.a.b:0", NULL },
    { "https://*.a.b:*", "https://x.a.b:443", NULL },
    { "https://*.a.b:*", "https://evil.net/.a.b:1", NULL },
    { "https://*.a.b", "https://.a.b", NULL },
    { "https://*.a.b", "https://x.a.b.", NULL },
    { "https://a.b", "https://a.b.", NULL },
    { "https://a.b", "https://a.b/", NULL }, { "https://a.b", "", NULL },
};

static void test_find(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        const char *found = rows[i][2] ? rows[i][2] : "nothing";

        is(find_in(p, rows[i][0], rows[i][1], 0), rows[i][2],
           "'%s' in '%s' finds %s", rows[i][1], rows[i][0], found);
        is(find_in(p, rows[i][0], rows[i][1], 1000), rows[i][2],
           "beside 1,000 others it finds %s", found);
    }
}

/* Each number of labels is a depth of the index; the last stands for more. */
static void test_depths(apr_pool_t *p)
{
    const char *host = "a.b";
    int wrong = 0;
    int depth;

    for (depth = 1; depth < 120; depth++) {
        const char *list = apr_pstrcat(p, "https://*.", host, NULL);
        const char *text = apr_pstrcat(p, "https://x.y.", host, NULL);

        wrong += !find_in(p, list, text, 20);
        wrong += find_in(p, list, apr_pstrcat(p, "https://", host, NULL), 20)
                 != NULL;
        host = apr_pstrcat(p, "c.", host, NULL);
    }
    is_number(wrong, 0, "subdomains of 2 to 120 labels are found in an index");
}

static void test_growth(apr_pool_t *p)
{
    cors_origin_list_t *list = cors_origin_list_make(p);
    int indexed_from = 0;
    int i;

    for (i = 1; i <= 40; i++) {
        cors_origin_list_add(list, given_item(p, "https://a.b"));
        indexed_from = list->index && !indexed_from ? i : indexed_from;
    }
    is_number(indexed_from, 17, "a list of 17 items has an index");
    is_number(list->items->nelts, 40, "it keeps every item in its order");
    ok(!((cors_item_t *)apr_hash_get(list->index, "https://a.b", 11))->next
       || !((cors_item_t *)apr_hash_get(list->index, "https://a.b", 11))
              ->next->next, "an item listed 40 times is indexed once");
}

static void test_marks(apr_pool_t *p)
{
    static const struct {
        const char *list;
        int risks;
        int rules;
        /** the first item with each risk */
        const char *risky[CORS_RISKS];
    } marks[] = {
        { "none", 0, 0, { NULL } }, { "* https://a.b", 0, 0, { NULL } },
        { "https://a.b http://a.b http://c.d https://*.co.uk",
          CORS_RISK_INSECURE_ORIGIN | CORS_RISK_PUBLIC_SUFFIX, 0,
          { NULL, "http://a.b", "https://*.co.uk" } },
        { "null file:// ~x ~a.b~y ?z", CORS_RISK_NULL_ORIGIN
          | CORS_RISK_LOOSE_REGEX | CORS_RISK_EXPRESSION, 3,
          { "x", NULL, NULL, "null", "z" } },
        { "http://*.co.uk", CORS_RISK_INSECURE_ORIGIN
          | CORS_RISK_PUBLIC_SUFFIX, 0,
          { NULL, "http://*.co.uk", "http://*.co.uk" } },
    };
    int i;
    int j;

    for (i = 0; i < COUNT(marks); i++) {
        const cors_origin_list_t *list = given_list(p, marks[i].list, NULL);

        is_number(list->risks, marks[i].risks, "'%s' has its risks",
                  marks[i].list);
        is_number(list->rules->nelts, marks[i].rules, "it has %d rules",
                  marks[i].rules);
        for (j = 0; j < CORS_RISKS; j++) {
            is(list->risky[j] ? list->risky[j]->text : NULL,
               marks[i].risky[j], "the first item with %s is %s",
               cors_risks[j].word,
               marks[i].risky[j] ? marks[i].risky[j] : "unset");
        }
    }
}

static void test_risks(void)
{
    int i;

    for (i = 0; i < CORS_RISKS; i++) {
        ok(cors_risks[i].bit == 1 << i
           && cors_risk_first((0x1f << i) & 0x1f) == &cors_risks[i],
           "%s is the first of the risks from bit %d on", cors_risks[i].word,
           i);
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    cors_suffixes_load(p);
    test_find(p);
    test_depths(p);
    test_growth(p);
    test_marks(p);
    test_risks();
    apr_terminate();
    return done_testing();
}
