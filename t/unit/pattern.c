/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* What people write into CorsAllowOrigin. Without this a mistake could be
 * taken for an origin and let in more than was meant, or a message tell what
 * to write and be wrong itself.
 */

#include "given.h"
#include "tap.h"

#include "../../src/origin.h"

#define TEN "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define SCHEME_64 SIXTY "abcd"
#define LABEL_63 SIXTY "abc"
#define HOST_251 LABEL_63 "." LABEL_63 "." LABEL_63 "." TEN TEN TEN TEN TEN \
    "abcdefghi"
#define HOST_253 HOST_251 "ab"

#define EXACT CORS_PATTERN_EXACT
#define BELOW CORS_PATTERN_SUBDOMAINS
#define HTTP  CORS_HAZARD_INSECURE
#define PSL   CORS_HAZARD_PUBLIC_SUFFIX

/* What can be used. The text is as it is written, unless mended. */
static const struct {
    const char *value;
    cors_pattern_kind_e kind;
    int hazards;
    const char *mended;
} good[] = {
    { "*", CORS_PATTERN_ANY, 0, NULL },
    { "null", CORS_PATTERN_NULL, CORS_HAZARD_NULL, NULL },
    { "https://app.example.com", EXACT, 0, NULL },
    { "https://app.example.com:8443", EXACT, 0, NULL },
    { "https://app.example.com:80", EXACT, 0, NULL },
    { "https://app.example.com:*", EXACT, 0, NULL },
    { "https://my_app.example.com", EXACT, 0, NULL },
    { "https://xn--bcher-kva.example", EXACT, 0, NULL },
    { "https://intranet", EXACT, 0, NULL },
    { "https://co.uk", EXACT, 0, NULL },
    { "https://127.0.0.1:8443", EXACT, 0, NULL },
    { "https://[2001:db8::a]:8443", EXACT, 0, NULL },
    { "capacitor://localhost", EXACT, 0, NULL },
    { "chrome-extension://abcdefghijklmnop", EXACT, 0, NULL },
    { "http://app.example.com", EXACT, HTTP, NULL },
    { "http://app.example.com:443", EXACT, HTTP, NULL },
    { "http://10.0.0.1:8080", EXACT, HTTP, NULL },
    { "http://[2001:db8::a]", EXACT, HTTP, NULL },
    { "http://localhost.example.com", EXACT, HTTP, NULL },
    { "http://localhost", EXACT, 0, NULL },
    { "http://localhost:*", EXACT, 0, NULL },
    { "http://app.localhost:3000", EXACT, 0, NULL },
    { "http://127.8.9.10", EXACT, 0, NULL },
    { "http://[::1]:8080", EXACT, 0, NULL },
    { "https://*.example.com", BELOW, 0, NULL },
    { "https://*.example.com:8443", BELOW, 0, NULL },
    { "https://*.example.com:*", BELOW, 0, NULL },
    { "https://*.a.b.example.com", BELOW, 0, NULL },
    { "https://*.me.github.io", BELOW, 0, NULL },
    { "https://*.localhost", BELOW, 0, NULL },
    { "http://*.localhost:*", BELOW, 0, NULL },
    { "http://*.example.com", BELOW, HTTP, NULL },
    { "https://*.co.uk", BELOW, PSL, NULL },
    { "https://*.github.io:*", BELOW, PSL, NULL },
    { "http://*.co.uk", BELOW, HTTP | PSL, NULL },
    { "app://*.example.com", BELOW, 0, NULL },
    { SCHEME_64 "://" HOST_253 ":65535", EXACT, 0, NULL },
    { "https://" LABEL_63 ".example.com", EXACT, 0, NULL },
    { "https://*." HOST_251, BELOW, 0, NULL },
    { "HTTPS://app.example.com", EXACT, 0, "https://app.example.com" },
    { "https://App.Example.COM", EXACT, 0, "https://app.example.com" },
    { "https://app.example.com:443", EXACT, 0, "https://app.example.com" },
    { "https://app.example.com/", EXACT, 0, "https://app.example.com" },
    { "https://app.example.com:443/", EXACT, 0, "https://app.example.com" },
    { "https://app.example.com:*/", EXACT, 0, "https://app.example.com:*" },
    { "http://LOCALHOST:80", EXACT, 0, "http://localhost" },
    { "http://[2001:DB8::A]", EXACT, HTTP, "http://[2001:db8::a]" },
    { "https://*.EXAMPLE.com:443/", BELOW, 0, "https://*.example.com" },
    { "https://*.CO.uk", BELOW, PSL, "https://*.co.uk" },
    { "Capacitor://LocalHost", EXACT, 0, "capacitor://localhost" },
};

/* What can't, why, and what to write instead. */
static const struct {
    const char *value;
    const char *reason;
    const char *instead;
} bad[] = {
    { "", "scheme", NULL },
    { "app.example.com", "scheme", "https://app.example.com" },
    { "App.Example.com/path", "scheme", "https://app.example.com" },
    { "//app.example.com", "scheme", "https://app.example.com" },
    { "localhost:3000", "scheme", "http://localhost:3000" },
    { "*.example.com", "scheme", "https://*.example.com" },
    { "https:app.example.com", "scheme", NULL },
    { "h*", "scheme", NULL },
    { "https*", "scheme", NULL },
    { "1https://a.b", "scheme", NULL },
    { "ht_tp://a.b", "scheme", NULL },
    { "file://", "file", NULL },
    { "file:///home", "", NULL },
    { "ws://a.b:8080", "WebSocket", "http://a.b:8080" },
    { "wss://a.b", "WebSocket", "https://a.b" },
    { "ftp://a.b", "http", NULL },
    { "*://a.b", "'*'", "https://a.b" },
    { SCHEME_64 "e://a", "64", NULL },
    { "https://a.b/path", "path", "https://a.b" },
    { "https://a.b//", "path", "https://a.b" },
    { "https://a.b:8443/path", "path", "https://a.b:8443" },
    { "https://a.b?x", "query", "https://a.b" },
    { "https://a.b#x", "fragment", "https://a.b" },
    { "https://u:p@a.b:8443", "user", "https://a.b:8443" },
    { "https://a.b:0", "port", "https://a.b" },
    { "https://a.b:08443", "port", "https://a.b:8443" },
    { "https://a.b:65536", "65535", NULL },
    { "https://a.b:18446744073709551617", "65535", NULL },
    { "https://a.b:", "port", "https://a.b" },
    { "https://a.b:x", "port", NULL },
    { "https://a.b:8*", "'*'", "https://a.b:*" },
    { "https://[::0001]", "IPv6", "https://[::1]" },
    { "https://[::ffff:1.2.3.4]:1", "IPv6", "https://[::ffff:102:304]:1" },
    { "https://[fe80::1%25eth0]", "IPv6", NULL },
    { "https://127.1", "IPv4", NULL },
    { "https://1.2.3.256", "IPv4", NULL },
    { "https://a.1", "IPv4", NULL },
    { "https://b\xc3\xbc" "cher.example", "Punycode", NULL },
    { "https://\xff", "Punycode", NULL },
    { "https://a{b", "'{'", NULL },
    { "https://", "host", NULL },
    { "https://:8443", "host", NULL },
    { "https://" HOST_253 "a", "253", NULL },
    { "https://" LABEL_63 "a.b", "63", NULL },
    { "https://a..b", "label", NULL },
    { "https://.a", "label", NULL },
    { "https://a.b.", "", "https://a.b" },
    { "https://a%2eb", "host", NULL },
    { "https://a*.b", "'*'", NULL },
    { "https://a.*.b", "'*'", NULL },
    { "https://*.*.b", "'*'", NULL },
    { "https://*", "'*'", NULL },
    { "https://*.com", "label", NULL },
    { "https://*.127.0.0.1", "address", NULL },
    { "https://a b", "' '", NULL },
    { "https://a\tb", "0x09", NULL },
    { "https://a\x7f", "0x7f", NULL },
    { "https://a;b", "';'", NULL },
    { "https://a{b", "'{'", NULL },
    { "https://a\x7f", "0x7f", NULL },
    { "https://a\\b", "'\\'", NULL },
};

static int read_value(cors_pattern_t *pattern, cors_remark_t *remark,
                      const char *value, apr_pool_t *p)
{
    char *copy = given_string(value);
    char *kept = apr_pstrdup(p, value);
    int rc = cors_pattern_read(pattern, remark, copy, p);

    /* The text may be the value itself, which is the caller's to keep. */
    if (rc && pattern->text == copy) {
        pattern->text = kept;
    }
    if (rc && pattern->key == copy) {
        pattern->key = kept;
    }
    free(copy);
    return rc;
}

static void test_good(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(good); i++) {
        const char *text = good[i].mended ? good[i].mended : good[i].value;
        cors_pattern_t pattern;
        cors_remark_t remark;

        if (!ok(read_value(&pattern, &remark, good[i].value, p),
                "'%.60s' can be used", good[i].value)) {
            diag("%s", remark.reason);
            continue;
        }
        is(pattern.text, text, "its text");
        is_number(pattern.kind, good[i].kind, "its kind");
        is_number(pattern.hazards, good[i].hazards, "its hazards");
        is(remark.instead, good[i].mended, "what was mended");
        ok((remark.reason != NULL) == (good[i].mended != NULL),
           "and whether there is something to say");
    }
}

static void test_bad(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(bad); i++) {
        cors_pattern_t pattern;
        cors_remark_t remark;

        if (!ok(!read_value(&pattern, &remark, bad[i].value, p)
                && remark.reason, "'%.60s' is refused", bad[i].value)) {
            continue;
        }
        ok(strstr(remark.reason, bad[i].reason) != NULL, "because: %s",
           remark.reason);
        if (bad[i].instead) {
            is(remark.instead, bad[i].instead, "and what to write");
        }
    }
}

static int is_silent(const char *text, apr_pool_t *p)
{
    cors_pattern_t again;
    cors_remark_t remark;

    return text && read_value(&again, &remark, text, p) && !remark.reason
           && !strcmp(again.text, text);
}

/* An exact pattern is an origin, and covers itself; the pattern for any port
 * and the one for names below cover the nearest that there is.
 */
static int covers_nearest(const cors_pattern_t *pattern, apr_pool_t *p)
{
    const char *host = strstr(pattern->text, "://") + 3;
    const char *below = pattern->kind == BELOW ? "a" : "";
    const char *text;
    cors_origin_t origin;

    host += pattern->kind == BELOW ? 1 : 0;
    text = apr_pstrcat(p, apr_pstrmemdup(p, pattern->text,
                                         pattern->scheme_len), "://", below,
                       apr_pstrmemdup(p, host, strlen(host)
                                               - (pattern->any_port ? 2 : 0)),
                       NULL);
    return cors_origin_read(&origin, text)
           && cors_pattern_covers(pattern, &origin);
}

/* Of whatever was written, what comes of it is right itself. */
static int is_consistent(const char *value, apr_pool_t *p)
{
    cors_pattern_t pattern;
    cors_remark_t remark;

    if (!read_value(&pattern, &remark, value, p)) {
        return remark.reason
               && (!remark.instead || is_silent(remark.instead, p));
    }
    return is_silent(pattern.text, p)
           && (!remark.reason || !strcmp(remark.instead, pattern.text))
           && (pattern.kind == CORS_PATTERN_ANY
               || pattern.kind == CORS_PATTERN_NULL
               || covers_nearest(&pattern, p));
}

static int check_value(const char *value, apr_pool_t *p)
{
    int rc = is_consistent(value, p);

    if (!rc) {
        cors_pattern_t pattern;
        cors_remark_t remark;

        cors_pattern_read(&pattern, &remark, value, p);
        diag("'%s': %s, %s", value, remark.reason ? remark.reason : "taken",
             remark.instead ? remark.instead : "NULL");
    }
    apr_pool_clear(p);
    return rc;
}

/* A few of those that fail are enough to see why. */
#define SHOWN 20

static int check_neighbours(const char *value, int *checked, apr_pool_t *p)
{
    apr_size_t len = strlen(value);
    char *text = malloc(len + 2);
    apr_size_t at;
    int wrong = 0;
    int c;

    if (!text) {
        abort();
    }
    for (at = 0; at <= len; at++) {
        for (c = 1; c < 256 && wrong < SHOWN; c++) {
            memcpy(text, value, at);
            text[at] = (char)c;
            memcpy(text + at + 1, value + at, len - at + 1);
            wrong += !check_value(text, p);
            if (at < len) {
                memcpy(text + at + 1, value + at + 1, len - at);
                wrong += !check_value(text, p);
            }
            *checked += 2;
        }
        memcpy(text, value, at);
        text[at] = '\0';
        wrong += !check_value(text, p);
    }
    free(text);
    return wrong;
}

static void test_neighbours(apr_pool_t *p)
{
    static const char *const bases[] = {
        "https://*.example.com:8443", "http://localhost:*", "http://[::1]:80",
        "https://127.0.0.1/", "https://u@b.example/x", "capacitor://a.b:0",
        "https://[2001:0db8::a]:1", "*.a.example:1", "wss://a.b", "file:///",
        "https://*.b.co.uk", "null", "ftp://x@a.b:08/x",
    };
    int checked = 0;
    int wrong = 0;
    int i;

    for (i = 0; i < COUNT(bad); i++) {
        wrong += !check_value(bad[i].value, p);
    }
    ok(!wrong, "of what is refused, the advice can be used as it is");
    for (i = 0, wrong = 0; i < COUNT(good); i++) {
        wrong += !check_value(good[i].value, p);
    }
    ok(!wrong, "what can be used is itself what is made of it");
    for (i = 0; i < COUNT(bases); i++) {
        ok(!check_neighbours(bases[i], &checked, p),
           "the same of what differs in a byte from %s", bases[i]);
    }
    ok(checked > 50000, "%d values", checked);
}

static const struct {
    const char *pattern;
    const char *origin;
    int covers;
} pairs[] = {
    { "https://a.b", "https://a.b", 1 },
    { "https://a.b", "https://a.b:1", 0 },
    { "https://a.b", "http://a.b", 0 },
    { "https://a.b", "https://x.a.b", 0 },
    { "https://a.b", "https://a.bc", 0 },
    { "https://a.b", "https://a.b.", 0 },
    { "https://a.b:1", "https://a.b:1", 1 },
    { "https://a.b:1", "https://a.b:11", 0 },
    { "https://a.b:1", "https://a.b", 0 },
    { "https://a.b:*", "https://a.b", 1 },
    { "https://a.b:*", "https://a.b:65535", 1 },
    { "https://a.b:*", "https://a.bc:1", 0 },
    { "https://a.b:*", "https://a.b.c:1", 0 },
    { "https://a.b:*", "https://a.b.", 0 },
    { "https://*.a.b", "https://x.a.b", 1 },
    { "https://*.a.b", "https://x.y.a.b", 1 },
    { "https://*.a.b", "https://a.b.a.b", 1 },
    { "https://*.a.b", "https://a.b", 0 },
    { "https://*.a.b", "https://xa.b", 0 },
    { "https://*.a.b", "https://x.a.bc", 0 },
    { "https://*.a.b", "https://x.a.b:1", 0 },
    { "https://*.a.b", "https://x.a.b.", 0 },
    { "https://*.a.b", "http://x.a.b", 0 },
    { "https://*.a.b", "httpsx://x.a.b", 0 },
    { "https://*.a.b", "httpx://x.a.b", 0 },
    { "https://*.a.b:1", "https://x.a.b:1", 1 },
    { "https://*.a.b:1", "https://x.a.b", 0 },
    { "https://*.a.b:1", "https://x.a.b:11", 0 },
    { "https://*.a.b:*", "https://x.a.b", 1 },
    { "https://*.a.b:*", "https://x.a.b:1", 1 },
    { "https://*.a.b:*", "https://a.b:1", 0 },
    { "http://[::1]:*", "http://[::1]:1", 1 },
    { "http://[::1]:*", "http://[::2]:1", 0 },
    { "http://[::1]:*", "http://[::1:1]:1", 0 },
    { "*", "https://a.b", 0 },
    { "null", "https://null", 0 },
};

static void test_covers(void)
{
    apr_pool_t *p = given_pool();
    int i;

    for (i = 0; i < COUNT(pairs); i++) {
        char *copy = given_string(pairs[i].origin);
        cors_pattern_t pattern;
        cors_remark_t remark;
        cors_origin_t origin;

        ok(cors_pattern_read(&pattern, &remark, pairs[i].pattern, p)
           && cors_origin_read(&origin, copy)
           && cors_pattern_covers(&pattern, &origin) == pairs[i].covers,
           "%s %s %s", pairs[i].pattern,
           pairs[i].covers ? "covers" : "does not cover", pairs[i].origin);
        free(copy);
    }
    apr_pool_destroy(p);
}

int main(void)
{
    apr_pool_t *p = given_pool();

    test_good(p);
    test_bad(p);
    test_covers();
    test_neighbours(p);
    apr_terminate();
    return done_testing();
}
