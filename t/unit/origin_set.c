/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* A long list of origins is found in by an index, a short one by looking at
 * each. Without this the two could part, and the 17th origin of a list let in
 * somebody whom the first 16 kept out. A third, naive search, written for
 * this test and knowing nothing of the other two, tells what is right.
 */

#include "given.h"
#include "tap.h"

#include "../../src/origin_set.h"

/* A pattern or an origin, in its parts. */
typedef struct parts_t {
    const char *scheme;
    /** a pattern for the names below the host */
    int below;
    char host[64];
    /** "" for none; "*" in a pattern for any */
    const char *port;
} parts_t;

#define MOST_PATTERNS 1100

static parts_t written[MOST_PATTERNS];
static cors_pattern_t *patterns[MOST_PATTERNS];

/* ---- the naive search ---- */

static int covers(const parts_t *pattern, const parts_t *origin)
{
    size_t all = strlen(origin->host);
    size_t end = strlen(pattern->host);

    if (strcmp(pattern->scheme, origin->scheme) != 0
        || (strcmp(pattern->port, "*") != 0
            && strcmp(pattern->port, origin->port) != 0)) {
        return 0;
    }
    if (!pattern->below) {
        return !strcmp(pattern->host, origin->host);
    }
    return all > end + 1 && origin->host[all - end - 1] == '.'
           && !strcmp(origin->host + all - end, pattern->host);
}

/* An exact host before one above it, that nearer before farther, its port
 * before any.
 */
static int rank(const parts_t *pattern)
{
    return (pattern->below ? 0 : 1000) + 2 * (int)strlen(pattern->host)
           + (strcmp(pattern->port, "*") != 0);
}

static const char *naive_find(int count, const parts_t *origin, int refused)
{
    int best = -1;
    int i;

    for (i = 0; i < count; i++) {
        if (covers(&written[i], origin) && !(patterns[i]->hazards & refused)
            && (best < 0 || rank(&written[i]) > rank(&written[best]))) {
            best = i;
        }
    }
    return best < 0 ? NULL : patterns[best]->text;
}

/* ---- patterns and origins near to each other ---- */

static const char *pick(const char *const *list, int count)
{
    return list[given_random((unsigned)count)];
}

static void random_host(char *host, int least)
{
    static const char *const labels[] = {
        "a", "b", "ab", "a-b", "example", "xexample", "com", "co", "foo",
        "bar", "0", "a0",
    };
    static const char *const ends[] = {
        "com", "co", "example", "localhost", "coma",
    };
    unsigned count = (unsigned)least - 1 + given_random(4 - (unsigned)least);

    host[0] = '\0';
    while (count-- > 0) {
        strcat(host, pick(labels, COUNT(labels)));
        strcat(host, ".");
    }
    strcat(host, pick(ends, COUNT(ends)));
}

static const char *random_scheme(void)
{
    static const char *const schemes[] = {
        "https", "https", "https", "http", "http", "app", "httpx", "xhttps",
    };
    return pick(schemes, COUNT(schemes));
}

static const char *random_port(void)
{
    static const char *const ports[] = { "", "", "8", "80", "8080", "443" };

    return pick(ports, COUNT(ports));
}

/* Without the default port, that neither pattern nor origin is written with. */
static void drop_default_port(parts_t *parts)
{
    if ((!strcmp(parts->scheme, "http") && !strcmp(parts->port, "80"))
        || (!strcmp(parts->scheme, "https") && !strcmp(parts->port, "443"))) {
        parts->port = "";
    }
}

static void random_pattern(parts_t *parts)
{
    static const char *const addresses[] = {
        "127.0.0.1", "10.0.0.1", "[::1]", "[1::2]",
    };

    parts->scheme = random_scheme();
    parts->port = given_random(4) ? random_port() : "*";
    parts->below = given_random(2) == 0;
    random_host(parts->host, parts->below ? 2 : 1);
    if (!parts->below && given_random(10) == 0) {
        strcpy(parts->host, pick(addresses, COUNT(addresses)));
    }
    drop_default_port(parts);
}

/* One of the patterns, with something changed that makes it another origin or
 * the same, or just any origin.
 */
static void random_origin(parts_t *parts, int count)
{
    char host[sizeof(parts->host)];

    *parts = written[given_random((unsigned)count)];
    strcpy(host, parts->host);
    switch (given_random(10)) {
    case 0:
        random_host(parts->host, 1);
        break;
    case 1:
        apr_snprintf(parts->host, sizeof(host), "x%.60s", host);
        break;
    case 2:
        apr_snprintf(parts->host, sizeof(host), "%.60sx", host);
        break;
    case 3:
        strcpy(parts->host, strchr(host, '.') ? strchr(host, '.') + 1 : host);
        break;
    case 4:
        parts->scheme = random_scheme();
        break;
    default:
        break;
    }
    if (parts->host[0] != '[' && given_random(2) == 0) {
        strcpy(host, parts->host);
        apr_snprintf(parts->host, sizeof(host), "%s.%.50s",
                     given_random(2) ? "x" : "b.example", host);
    }
    if (!strcmp(parts->port, "*") || given_random(4) == 0) {
        parts->port = random_port();
    }
    parts->below = 0;
    drop_default_port(parts);
}

static const char *text_of(const parts_t *parts, apr_pool_t *p)
{
    return apr_pstrcat(p, parts->scheme, "://", parts->below ? "*." : "",
                       parts->host, *parts->port ? ":" : "", parts->port,
                       NULL);
}

/* Those of addresses and numbers that are no origin are left out. */
static int is_origin(cors_origin_t *origin, const parts_t *parts,
                     apr_pool_t *p)
{
    return cors_origin_read(origin, text_of(parts, p));
}

static void write_pattern(int i, apr_pool_t *p)
{
    cors_remark_t remark;
    const char *text = text_of(&written[i], p);

    patterns[i] = apr_palloc(p, sizeof(*patterns[i]));
    if (!cors_pattern_read(patterns[i], &remark, text, p)
        || strcmp(patterns[i]->text, text) != 0) {
        diag("%s: %s", text, remark.reason);
        abort();
    }
}

/* ---- the comparison ---- */

/* What was asked, how often something was to be found, how often it was not
 * found or should not have been, and how often it was another pattern that
 * allows as well, but is not the closest.
 */
static int asked;
static int found;
static int wrong_answers;
static int wrong_patterns;

static const char *found_text(const cors_origin_set_t *set,
                              const cors_origin_t *origin, int refused)
{
    const cors_pattern_t *pattern = cors_origin_set_find(set, origin, refused);

    return pattern ? pattern->text : NULL;
}

static int is_same(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

static void compare(const cors_origin_set_t *set, int count,
                    const parts_t *parts, apr_pool_t *p)
{
    static const int refusals[] = {
        0, 0, CORS_HAZARD_INSECURE, CORS_HAZARD_PUBLIC_SUFFIX, CORS_HAZARDS
    };
    int refused = refusals[given_random(COUNT(refusals))];
    cors_origin_t origin;
    const char *expected;
    const char *got;

    if (!is_origin(&origin, parts, p)) {
        return;
    }
    expected = naive_find(count, parts, refused);
    got = found_text(set, &origin, refused);
    asked++;
    found += expected != NULL;
    if (is_same(got, expected)) {
        return;
    }
    wrong_patterns += got && expected;
    wrong_answers += !got || !expected;
    if (wrong_patterns + wrong_answers <= 20) {
        diag("%s among %d, refused 0x%x: got %s, expected %s",
             text_of(parts, p), count, (unsigned)refused, got ? got : "NULL",
             expected ? expected : "NULL");
    }
}

static cors_origin_set_t *make_set(int count, int backwards, apr_pool_t *p)
{
    cors_origin_set_t *set = cors_origin_set_make(p);
    int i;

    for (i = 0; i < count; i++) {
        cors_pattern_t *copy = apr_pmemdup(p, patterns[backwards
                                                           ? count - 1 - i : i],
                                           sizeof(*copy));
        copy->next = NULL;
        cors_origin_set_add(set, copy);
    }
    return set;
}

/* Sets of so many patterns, written in both orders. */
static void compare_sets(int count, int sets, int origins, apr_pool_t *p)
{
    int i;

    while (sets-- > 0) {
        cors_origin_set_t *forwards;
        cors_origin_set_t *backwards;

        for (i = 0; i < count; i++) {
            random_pattern(&written[i]);
            write_pattern(i, p);
        }
        forwards = make_set(count, 0, p);
        backwards = make_set(count, 1, p);
        for (i = 0; i < origins; i++) {
            parts_t parts;

            random_origin(&parts, count);
            compare(forwards, count, &parts, p);
            compare(backwards, count, &parts, p);
        }
        apr_pool_clear(p);
    }
}

static void test_random_sets(apr_pool_t *p)
{
    static const struct {
        int count;
        int sets;
        int origins;
    } rounds[] = {
        { 1, 500, 20 },
        { 2, 500, 20 },
        { 5, 200, 50 },
        { CORS_SET_SHORT, 200, 50 },
        { CORS_SET_SHORT + 1, 200, 50 },
        { 100, 50, 200 },
        { 1000, 5, 2000 },
    };
    int i;

    for (i = 0; i < COUNT(rounds); i++) {
        wrong_answers = wrong_patterns = 0;
        compare_sets(rounds[i].count, rounds[i].sets, rounds[i].origins, p);
        is_number(wrong_answers, 0, "sets of %d, in both orders: allowed or "
                  "not", rounds[i].count);
        is_number(wrong_patterns, 0, "and by the closest pattern");
    }
    ok(asked > 100000, "%d origins were looked for", asked);
    ok(found > asked / 5 && found < asked - asked / 5,
       "%d of them were found", found);
}

/* A short list, and the same with others behind it. */
static void test_short_and_long(apr_pool_t *p)
{
    int wrong = 0;
    int round;
    int i;

    for (round = 0; round < 200; round++) {
        cors_origin_set_t *few;
        cors_origin_set_t *many;

        for (i = 0; i < CORS_SET_SHORT + 200; i++) {
            random_pattern(&written[i]);
            if (i >= CORS_SET_SHORT) {
                written[i].below = 0;
                apr_snprintf(written[i].host, sizeof(written[i].host),
                             "o%d.invalid", i);
            }
            write_pattern(i, p);
        }
        few = make_set(CORS_SET_SHORT, 0, p);
        many = make_set(CORS_SET_SHORT + 200, 0, p);
        for (i = 0; i < 50; i++) {
            parts_t parts;
            cors_origin_t origin;

            random_origin(&parts, CORS_SET_SHORT);
            wrong += is_origin(&origin, &parts, p)
                     && !is_same(found_text(few, &origin, 0),
                                 found_text(many, &origin, 0));
        }
        apr_pool_clear(p);
    }
    is_number(wrong, 0, "a short list, and the same within a long one");
}

static const char *find_in(const char *list, const char *text, int others,
                           apr_pool_t *p)
{
    cors_policy_t *policy = given_policy(p, apr_pstrcat(p, "allow ", list,
                                                        NULL));
    cors_origin_set_t *set = APR_ARRAY_IDX(policy->allow.layers, 0,
                                           cors_origins_t *)->set;
    cors_origin_t origin;

    while (others-- > 0) {
        cors_pattern_t *pattern = apr_palloc(p, sizeof(*pattern));
        cors_remark_t remark;

        cors_pattern_read(pattern, &remark,
                          apr_psprintf(p, "https://o%d.invalid", others), p);
        cors_origin_set_add(set, pattern);
    }
    return cors_origin_read(&origin, text) ? found_text(set, &origin, 0)
                                           : NULL;
}

/* What is found is what the log names: the closest. */
static void test_closest(apr_pool_t *p)
{
    static const char *const rows[][3] = {
        { "https://*.b.c https://a.b.c", "https://a.b.c", "https://a.b.c" },
        { "https://a.b.c https://*.b.c", "https://a.b.c", "https://a.b.c" },
        { "https://*.c.d https://*.b.c.d", "https://a.b.c.d",
          "https://*.b.c.d" },
        { "https://*.b.c.d https://*.c.d", "https://a.b.c.d",
          "https://*.b.c.d" },
        { "https://*.c.d https://*.b.c.d", "https://x.c.d", "https://*.c.d" },
        { "https://a.b:* https://a.b:1", "https://a.b:1", "https://a.b:1" },
        { "https://a.b:* https://a.b:1", "https://a.b:2", "https://a.b:*" },
        { "https://*.a.b:* https://*.a.b:1", "https://x.a.b:1",
          "https://*.a.b:1" },
        { "https://*.a.b:12345 https://*.x.a.b:*", "https://y.x.a.b:12345",
          "https://*.x.a.b:*" },
        { "https://*.a.b:1 https://x.a.b:*", "https://x.a.b:1",
          "https://x.a.b:*" },
        { "https://foo.com https://bar.com", "https://barfoo.com", NULL },
        { "https://bar.com https://foo.com", "https://barfoo.com", NULL },
        { "https://foo.com https://bar.com", "https://foo.bar.com", NULL },
        { "http://a.b https://a.b", "https://a.b", "https://a.b" },
        { "http://*.a.b https://*.a.b", "https://x.a.b", "https://*.a.b" },
        { "https://a.b https://a.b https://a.b", "https://a.b",
          "https://a.b" },
        { "null https://a.b", "https://a.b", "https://a.b" },
        { "null", "https://null", NULL },
        { "*", "https://a.b", NULL },
        { "none", "https://a.b", NULL },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        is(find_in(rows[i][0], rows[i][1], 0, p), rows[i][2], "%s in %s",
           rows[i][1], rows[i][0]);
        is(find_in(rows[i][0], rows[i][1], 1000, p), rows[i][2],
           "and with 1,000 others");
    }
}

static void test_marks(apr_pool_t *p)
{
    static const struct {
        const char *list;
        int any;
        int null;
        int hazards;
    } rows[] = {
        { "none", 0, 0, 0 },
        { "*", 1, 0, 0 },
        { "null https://a.b", 0, 1, CORS_HAZARD_NULL },
        { "https://a.b http://a.b https://*.co.uk", 0, 0,
          CORS_HAZARD_INSECURE | CORS_HAZARD_PUBLIC_SUFFIX },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        cors_policy_t *policy = given_policy(p, apr_pstrcat(p, "allow ",
                                                            rows[i].list,
                                                            NULL));
        const cors_origin_set_t *set = APR_ARRAY_IDX(policy->allow.layers, 0,
                                                     cors_origins_t *)->set;

        ok((set->any != NULL) == rows[i].any
           && (set->null != NULL) == rows[i].null
           && set->hazards == rows[i].hazards, "what %s holds", rows[i].list);
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    test_closest(p);
    test_marks(p);
    test_random_sets(p);
    test_short_and_long(p);
    apr_terminate();
    return done_testing();
}
