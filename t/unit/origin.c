/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* An Origin header is a text that anybody can send. Without this one that is
 * no origin could be compared as if it were, and be sent back.
 */

#include "given.h"
#include "tap.h"

#include <regex.h>

#include "../../src/origin.h"

#define TEN "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define SCHEME_64 SIXTY "abcd"
#define HOST_253 SIXTY "abc." SIXTY "abc." SIXTY "abc." SIXTY "a"

typedef struct good_t {
    const char *text;
    const char *scheme;
    const char *host;
    int port;
} good_t;

static const good_t good[] = {
    { "https://example.com", "https", "example.com", 443 },
    { "http://example.com", "http", "example.com", 80 },
    { "https://example.com:8443", "https", "example.com", 8443 },
    { "https://example.com:80", "https", "example.com", 80 },
    { "http://example.com:443", "http", "example.com", 443 },
    { "http://localhost:1", "http", "localhost", 1 },
    { "http://localhost:65535", "http", "localhost", 65535 },
    { "https://a", "https", "a", 443 },
    { "https://a.b-c._d.e", "https", "a.b-c._d.e", 443 },
    { "https://xn--bcher-kva.example", "https", "xn--bcher-kva.example", 443 },
    { "https://example.com.", "https", "example.com.", 443 },
    { "https://127.0.0.1", "https", "127.0.0.1", 443 },
    { "http://127.0.0.1:8080", "http", "127.0.0.1", 8080 },
    { "http://[::1]", "http", "[::1]", 80 },
    { "http://[::1]:8080", "http", "[::1]", 8080 },
    { "https://[2001:db8::a]:1", "https", "[2001:db8::a]", 1 },
    { "capacitor://localhost", "capacitor", "localhost", 0 },
    { "capacitor://localhost:80", "capacitor", "localhost", 80 },
    { "chrome-extension://abcdefghijklmnop", "chrome-extension",
      "abcdefghijklmnop", 0 },
    { "a+b-c.9://x", "a+b-c.9", "x", 0 },
    { "x://y", "x", "y", 0 },
    { SCHEME_64 "://" HOST_253 ":65535", SCHEME_64, HOST_253, 65535 },
};

static const char *const bad[] = {
    "", "null", "*", ":", "//", "://", "://a", "https", "https:", "https:/",
    "https://", "https:///", "https://:1", "https:a", "https:/a", "//a",
    "HTTPS://a", "Https://a", "1https://a", "-a://a", ".a://a", "+a://a",
    "ht_tp://a", "ht tp://a", " https://a", "https ://a", "https:// a",
    "https://A", "https://a.B", "https://.a", "https://a..b", "https://..",
    "https://a b", "https://a ", "https://a\t", "https://a\n", "https://a\r",
    "https://a/", "https://a/b", "https://a?", "https://a?b", "https://a#",
    "https://a\\", "https://a%", "https://a%00", "https://a*", "https://*",
    "https://*.a", "https://a,b", "https://a, https://b", "https://a;",
    "https://u@a", "https://u:p@a", "https://@a", "https://a@", "https://a:@b",
    "https://a:", "https://a:0", "https://a:00", "https://a:01",
    "https://a:0443", "https://a:443", "http://a:80", "https://a:65536",
    "https://a:99999", "https://a:100000", "https://a:4294967739",
    "https://a:18446744073709551617", "https://a:-1", "https://a:+1",
    "https://a:1a", "https://a:a", "https://a:1 ", "https://a: 1",
    "https://a:1:2", "https://a::1", "https://a:1.", "https://a:1/",
    "https://a:*", "https://1", "https://127.1", "https://0x7f.1",
    "https://01.2.3.4", "https://1.2.3.4.5", "https://1.2.3.256",
    "https://a.1", "https://1.2.3.4.", "https://[", "https://[]",
    "https://[::1", "https://::1", "https://::1]", "https://[::1]a",
    "https://[::1]]", "https://[[::1]]", "https://[::1]1", "https://[::1].a",
    "https://a[::1]", "https://[::1]:", "https://[::1]:0", "https://[::1]:443",
    "https://[::1]@a", "https://[::1]/", "https://[::01]", "https://[::A]",
    "https://[0::1]", "https://[::ffff:1.2.3.4]", "https://[::1%25a]",
    "https://[a]", "https://[1.2.3.4]", "https://[v1.a]",
    "https://b\xc3\xbcrger", "https://b\xfcrger", "\xef\xbb\xbfhttps://a",
    "https://a\x01", "https://a\x7f", "https://a\x80", "https\x80://a",
    "https://" SIXTY "abcd", "https://a." SIXTY "abcd",
    "https://" HOST_253 "a", "https://" HOST_253 ".",
    SCHEME_64 "a://a", SIXTY SIXTY SIXTY "://a",
    "a://b://c", "https://a://b", "blob:https://a", "about:blank", "data:,a",
    "file://", "file:///", "javascript:alert(1)",
};

static void test_good(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(good); i++) {
        char *copy = given_string(good[i].text);
        apr_size_t host_len = strlen(good[i].host);
        apr_size_t host = strlen(good[i].scheme) + 3;
        cors_origin_t o;

        ok(cors_origin_read(&o, copy) && o.text == copy
           && o.len == strlen(copy) && o.scheme_len == host - 3
           && o.host == host && o.host_end == host + host_len
           && o.len <= CORS_ORIGIN_MAX, "%.60s is an origin", good[i].text);
        is(apr_pstrmemdup(p, copy + o.host, o.host_end - o.host), good[i].host,
           "its host");
        is_number(cors_origin_port(&o), good[i].port, "its port");
        free(copy);
    }
}

static int is_origin(const char *text, apr_size_t len)
{
    char *copy = malloc(len + 1);
    cors_origin_t origin;
    int result;

    if (!copy) {
        abort();
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    result = cors_origin_read(&origin, copy);
    free(copy);
    return result;
}

static void test_bad(void)
{
    int i;

    for (i = 0; i < COUNT(bad); i++) {
        ok(!is_origin(bad[i], strlen(bad[i])), "'%.60s' (%d bytes) is none",
           bad[i], (int)strlen(bad[i]));
    }
}

static void test_long(void)
{
    char *text = malloc(8193);

    if (!text) {
        abort();
    }
    memset(text, 'a', 8192);
    text[8192] = '\0';
    ok(!is_origin(text, 8192), "8 KiB of a letter");
    memcpy(text, "https://", 8);
    ok(!is_origin(text, 8192), "8 KiB of host");
    text[100] = ':';
    ok(!is_origin(text, 8192), "8 KiB of port");
    memset(text + 101, '1', 8192 - 101);
    ok(!is_origin(text, 8192), "8 KiB of digits");
    text[8] = '[';
    memset(text + 9, ':', 8192 - 9);
    ok(!is_origin(text, 8192), "8 KiB of colons in a bracket");
    free(text);
}

/* What an origin with a name for host looks like; a host that ends in a number
 * is an address, of which there is none among the texts that are compared.
 */
#define LABEL "[a-z0-9_-]{1,63}"
#define LOOKS_LIKE "^[a-z][a-z0-9+.-]{0,63}://" LABEL "(\\." LABEL ")*\\.?" \
                   "(:[1-9][0-9]{0,4})?$"
#define ENDS_IN_NUMBER "[/.]([0-9]+|0x[0-9a-f]*)\\.?(:[0-9]*)?$"

static int looks_like_origin(const regex_t *regex, const regex_t *number,
                             const char *text)
{
    const char *colon = strrchr(text, ':');
    long port = colon ? strtol(colon + 1, NULL, 10) : 0;

    return regexec(regex, text, 0, NULL, 0) == 0
           && regexec(number, text, 0, NULL, 0) != 0
           && port <= 65535
           && !(port == 443 && !strncmp(text, "https:", 6))
           && !(port == 80 && !strncmp(text, "http:", 5));
}

/* Each origin with each of its bytes replaced by every other, inserted
 * before it, and left out.
 */
static int compare_neighbours(const regex_t *regex, const regex_t *number,
                              const char *base, int *compared)
{
    apr_size_t len = strlen(base);
    int wrong = 0;
    apr_size_t at;
    int c;
    int how;

    for (at = 0; at <= len; at++) {
        for (c = 0; c < 256; c++) {
            for (how = 0; how <= 1; how++) {
                char text[128];
                apr_size_t behind = how || at == len ? at : at + 1;
                apr_size_t size = at + 1 + len - behind;

                memcpy(text, base, at);
                text[at] = (char)c;
                memcpy(text + at + 1, base + behind, len - behind + 1);
                ++*compared;
                if (is_origin(text, size)
                    != looks_like_origin(regex, number, text)) {
                    diag("%s with 0x%02x at %d", base, c, (int)at);
                    wrong++;
                }
            }
        }
    }
    return wrong;
}

static void test_neighbours(void)
{
    static const char *const bases[] = {
        "https://app.example.com:8443", "http://localhost:3000",
        "capacitor://my_app", "https://a.b.c", "http://a.example:8",
        "http://a.example:65535", "https://a.example:44",
    };
    regex_t regex;
    regex_t number;
    int compared = 0;
    int wrong = 0;
    int i;

    if (regcomp(&regex, LOOKS_LIKE, REG_EXTENDED | REG_NOSUB) != 0
        || regcomp(&number, ENDS_IN_NUMBER, REG_EXTENDED | REG_NOSUB) != 0) {
        abort();
    }
    for (i = 0; i < COUNT(bases); i++) {
        wrong += compare_neighbours(&regex, &number, bases[i], &compared);
    }
    regfree(&regex);
    regfree(&number);
    ok(!wrong && compared > 50000, "%d texts that differ in one byte from an "
       "origin, as a regular expression sees them", compared);
}

static void test_insecure(void)
{
    static const struct {
        const char *text;
        int is_insecure;
    } rows[] = {
        { "http://example.com", 1 },
        { "http://example.com:8080", 1 },
        { "http://10.0.0.1", 1 },
        { "http://[2001:db8::1]:80800", -1 },
        { "http://[2001:db8::1]:8080", 1 },
        { "http://localhost.example.com", 1 },
        { "http://localhost:3000", 0 },
        { "http://a.localhost", 0 },
        { "http://127.8.9.10:1", 0 },
        { "http://[::1]:8080", 0 },
        { "https://example.com", 0 },
        { "httpx://example.com", 0 },
        { "app://example.com", 0 },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        char *copy = given_string(rows[i].text);
        cors_origin_t origin;

        is_number(cors_origin_read(&origin, copy)
                      ? cors_origin_is_insecure(&origin) : -1,
                  rows[i].is_insecure, "%s: insecure", rows[i].text);
        free(copy);
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    test_good(p);
    test_bad();
    test_long();
    test_neighbours();
    test_insecure();
    apr_terminate();
    return done_testing();
}
