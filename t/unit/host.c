/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Browsers write each host in one way only. Without this an address in
 * another form, or a name that is none, could be taken for a host, or a
 * stranger's name for this very machine.
 */

#include "given.h"
#include "tap.h"

#include <arpa/inet.h>

#include "../../src/host.h"
#include "../../src/origin.h"

#define TEN "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define LABEL_63 SIXTY "abc"
#define LABEL_64 SIXTY "abcd"
#define HOST_252 LABEL_63 "." LABEL_63 "." LABEL_63 "." SIXTY

static const char *const words[] = {
    "a name", "an IPv4 address", "an IPv6 address", "a bad IPv4 address",
    "a bad IPv6 address", "no host"
};

typedef struct kind_row_t {
    const char *host;
    cors_host_e kind;
} kind_row_t;

static const kind_row_t kinds[] = {
    { "example.com", CORS_HOST_NAME },
    { "localhost", CORS_HOST_NAME },
    { "a", CORS_HOST_NAME },
    { "-", CORS_HOST_NAME },
    { "_a-b_.c", CORS_HOST_NAME },
    { "xn--bcher-kva.example", CORS_HOST_NAME },
    { "1.2.3.4.example", CORS_HOST_NAME },
    { "0x7f.example", CORS_HOST_NAME },
    { "1a", CORS_HOST_NAME },
    { "0xg", CORS_HOST_NAME },
    { "x0", CORS_HOST_NAME },
    { "example.com.", CORS_HOST_NAME },
    { LABEL_63 ".com", CORS_HOST_NAME },
    { HOST_252 ".", CORS_HOST_NAME },
    { HOST_252 "a", CORS_HOST_NAME },
    { LABEL_64 ".com", CORS_HOST_BAD },
    { "com." LABEL_64, CORS_HOST_BAD },
    { HOST_252 "ab", CORS_HOST_BAD },
    { HOST_252 "a.", CORS_HOST_BAD },
    { "", CORS_HOST_BAD },
    { ".", CORS_HOST_BAD },
    { "..", CORS_HOST_BAD },
    { ".a", CORS_HOST_BAD },
    { "a..b", CORS_HOST_BAD },
    { "a..", CORS_HOST_BAD },
    { "A", CORS_HOST_BAD },
    { "example.Com", CORS_HOST_BAD },
    { "a b", CORS_HOST_BAD },
    { "a/b", CORS_HOST_BAD },
    { "a:b", CORS_HOST_BAD },
    { "a@b", CORS_HOST_BAD },
    { "a?b", CORS_HOST_BAD },
    { "a#b", CORS_HOST_BAD },
    { "a%2eb", CORS_HOST_BAD },
    { "a*b", CORS_HOST_BAD },
    { "*.a", CORS_HOST_BAD },
    { "b\xc3\xbc" "cher.example", CORS_HOST_BAD },
    { "a\x7f", CORS_HOST_BAD },
    { "a]", CORS_HOST_BAD },
    { "127.0.0.1", CORS_HOST_IPV4 },
    { "0.0.0.0", CORS_HOST_IPV4 },
    { "255.255.255.255", CORS_HOST_IPV4 },
    { "127.1", CORS_HOST_BAD_IPV4 },
    { "1", CORS_HOST_BAD_IPV4 },
    { "2130706433", CORS_HOST_BAD_IPV4 },
    { "0x7f000001", CORS_HOST_BAD_IPV4 },
    { "0x7f.0.0.1", CORS_HOST_BAD_IPV4 },
    { "0x", CORS_HOST_BAD_IPV4 },
    { "1.2.3.0x", CORS_HOST_BAD_IPV4 },
    { "01.2.3.4", CORS_HOST_BAD_IPV4 },
    { "1.2.3.04", CORS_HOST_BAD_IPV4 },
    { "1.2.3.256", CORS_HOST_BAD_IPV4 },
    { "1.2.3", CORS_HOST_BAD_IPV4 },
    { "1.2.3.4.5", CORS_HOST_BAD_IPV4 },
    { "1.2.3.4.", CORS_HOST_BAD_IPV4 },
    { "a.1", CORS_HOST_BAD_IPV4 },
    { "example.09", CORS_HOST_BAD_IPV4 },
    { "999999999999999999999", CORS_HOST_BAD_IPV4 },
    { "1..4", CORS_HOST_BAD },
    { "[::1]", CORS_HOST_IPV6 },
    { "[::]", CORS_HOST_IPV6 },
    { "[1:2:3:4:5:6:7:8]", CORS_HOST_IPV6 },
    { "[2001:db8::a]", CORS_HOST_IPV6 },
    { "[::ffff:102:304]", CORS_HOST_IPV6 },
    { "[2001:DB8::a]", CORS_HOST_BAD_IPV6 },
    { "[2001:0db8::a]", CORS_HOST_BAD_IPV6 },
    { "[0:0:0:0:0:0:0:1]", CORS_HOST_BAD_IPV6 },
    { "[::ffff:1.2.3.4]", CORS_HOST_BAD_IPV6 },
    { "[1::2:3:4:5:6:7]", CORS_HOST_BAD_IPV6 },
    { "[fe80::1%eth0]", CORS_HOST_BAD_IPV6 },
    { "[fe80::1%25eth0]", CORS_HOST_BAD_IPV6 },
    { "[", CORS_HOST_BAD_IPV6 },
    { "[]", CORS_HOST_BAD_IPV6 },
    { "[:]", CORS_HOST_BAD_IPV6 },
    { "[::1", CORS_HOST_BAD_IPV6 },
    { "[::1]]", CORS_HOST_BAD_IPV6 },
    { "[::1]a", CORS_HOST_BAD_IPV6 },
    { "[1:2]", CORS_HOST_BAD_IPV6 },
    { "[127.0.0.1]", CORS_HOST_BAD_IPV6 },
    { "[a]", CORS_HOST_BAD_IPV6 },
    { "[" SIXTY "]", CORS_HOST_BAD_IPV6 },
};

static cors_host_e kind_of(const char *host, apr_size_t len)
{
    char *copy = given_bytes(host, len);
    cors_host_e kind = cors_host_kind(copy, len);

    free(copy);
    return kind;
}

static void test_kinds(void)
{
    static const char nul[] = "a\0b.example";
    int i;

    for (i = 0; i < COUNT(kinds); i++) {
        is(words[kind_of(kinds[i].host, strlen(kinds[i].host))],
           words[kinds[i].kind], "'%.40s' (%d bytes)", kinds[i].host,
           (int)strlen(kinds[i].host));
    }
    is(words[kind_of(nul, sizeof(nul) - 1)], words[CORS_HOST_BAD],
       "a NUL is in no name");
    is(words[kind_of("example.com", 7)], words[CORS_HOST_NAME],
       "no byte behind it counts");
}

/* Every byte, in a name of which it is the middle. */
static void test_bytes(void)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    int wrong = 0;
    int c;

    for (c = 0; c < 256; c++) {
        char host[4] = { 'a', 'b', (char)c, 'd' };
        int expected = memchr(good, c, sizeof(good) - 1) != NULL;

        if ((kind_of(host, sizeof(host)) == CORS_HOST_NAME) != expected) {
            diag("byte 0x%02x", c);
            wrong++;
        }
    }
    is_number(wrong, 0, "256 bytes, 39 of which are in names");
}

static const char *ipv6_of(const char *host)
{
    static char text[CORS_IPV6_SIZE];
    apr_size_t len = strlen(host);
    char *copy = given_bytes(host, len);
    int rc = cors_host_ipv6(copy, len, text);

    free(copy);
    return rc ? text : NULL;
}

static void test_ipv6(void)
{
    static const char *const rows[][2] = {
        { "[0:0:0:0:0:0:0:0]", "[::]" },
        { "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::1]" },
        { "[1:0:0:0:0:0:0:0]", "[1::]" },
        { "[1::2:0:0:0:3]", "[1:0:0:2::3]" },
        { "[1:0:0:2:0:0:3:4]", "[1::2:0:0:3:4]" },
        { "[1::2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]" },
        { "[::ffff:1.2.3.4]", "[::ffff:102:304]" },
        { "[::1.2.3.4]", "[::102:304]" },
        { "[::ffff:0:0]", "[::ffff:0:0]" },
        { "[64:ff9b::192.0.2.33]", "[64:ff9b::c000:221]" },
        { "[ABCD:EF01::]", "[abcd:ef01::]" },
        { "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
          "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]" },
        { "[::1", NULL },
        { "::1]", NULL },
        { "[::1%lo]", NULL },
        { "[::g]", NULL },
        { "[1:2:3:4:5:6:7]", NULL },
        { "[1:2:3:4:5:6:7:8:9]", NULL },
        { "[1::2::3]", NULL },
        { "[00000::1]", NULL },
        { "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]",
          "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]" },
        { "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555]", NULL },
        { "example.com", NULL },
        { "", NULL },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        is(ipv6_of(rows[i][0]), rows[i][1], "IPv6 '%s'", rows[i][0]);
    }
}

/* Each way in which words of an address can be zero, as the C library writes
 * it, but for those that it ends with an IPv4 address.
 */
static void test_ipv6_zeros(void)
{
    int compared = 0;
    int wrong = 0;
    int mask;

    for (mask = 0; mask < 256; mask++) {
        char expected[INET6_ADDRSTRLEN + 2] = "[";
        unsigned char bytes[16] = { 0 };
        const char *got;
        int i;

        for (i = 0; i < 8; i++) {
            if ((mask & 1 << i) != 0) {
                bytes[2 * i + 1] = (unsigned char)(i + 1);
            }
        }
        if (!inet_ntop(AF_INET6, bytes, expected + 1, INET6_ADDRSTRLEN)
            || strchr(expected, '.')) {
            continue;
        }
        strcat(expected, "]");
        got = ipv6_of(expected);
        compared++;
        if (!got || strcmp(got, expected) != 0) {
            diag("got %s for %s", got ? got : "NULL", expected);
            wrong++;
        }
    }
    ok(compared > 250 && !wrong, "%d addresses with zeros here and there",
       compared);
}

static void test_loopback(void)
{
    static const struct {
        const char *host;
        int is_loopback;
    } rows[] = {
        { "localhost", 1 },
        { "a.localhost", 1 },
        { "a.b.localhost", 1 },
        { "127.0.0.1", 1 },
        { "127.255.255.254", 1 },
        { "[::1]", 1 },
        { "alocalhost", 0 },
        { "localhosts", 0 },
        { "localhos", 0 },
        { "localhost.example.com", 0 },
        { ".localhost", 0 },
        { "a..localhost", 0 },
        { "example.com", 0 },
        { "128.0.0.1", 0 },
        { "12.7.0.1", 0 },
        { "10.0.0.1", 0 },
        { "0.0.0.0", 0 },
        { "127.1", 0 },
        { "127.0.0.1.example.com", 0 },
        { "127.example.com", 0 },
        { "[::2]", 0 },
        { "[::]", 0 },
        { "[::1", 0 },
        { "[::ffff:7f00:1]", 0 },
        { "[0:0:0:0:0:0:0:1]", 0 },
        { "", 0 },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_size_t len = strlen(rows[i].host);
        char *copy = given_bytes(rows[i].host, len);

        is_number(cors_host_is_loopback(copy, len), rows[i].is_loopback,
                  "'%s' is %sloopback", rows[i].host,
                  rows[i].is_loopback ? "" : "not ");
        free(copy);
    }
}

static void test_public_suffixes(void)
{
    static const struct {
        const char *host;
        int is_suffix;
    } rows[] = {
        { "com", 1 },
        { "co.uk", 1 },
        { "github.io", 1 },
        { "anything.ck", 1 },
        { "xn--p1ai", 1 },
        { "example.com", 0 },
        { "example.co.uk", 0 },
        { "me.github.io", 0 },
        { "www.ck", 0 },
        { "a.anything.ck", 0 },
        /* nobody can register a name below it */
        { "localhost", 0 },
        { HOST_252 "ab", 0 },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_size_t len = strlen(rows[i].host);
        char *copy = given_bytes(rows[i].host, len);

        is_number(cors_host_is_public_suffix(copy, len), rows[i].is_suffix,
                  "'%.40s' is %s public suffix", rows[i].host,
                  rows[i].is_suffix ? "a" : "no");
        free(copy);
    }
}

int main(void)
{
    given_pool();
    test_kinds();
    test_bytes();
    test_ipv6();
    test_ipv6_zeros();
    test_loopback();
    test_public_suffixes();
    apr_terminate();
    return done_testing();
}
