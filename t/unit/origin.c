/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Anybody can send any text as Origin. Without this test a text that is not an
 * origin could be compared as if it were one and be echoed, an address in
 * another form could pass for a host, or a stranger's name for loopback.
 */

#include "given.h"
#include "tap.h"

#include "../../src/origin.h"

#define SCHEME_64 SIXTY "abcd"
#define LABEL_64 SIXTY "abcd"
#define HOST_252 LABEL_63 "." LABEL_63 "." LABEL_63 "." SIXTY
#define HOST_253 HOST_252 "a"

/* ---- origins ---- */

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
    { "a+b-c.9://x", "a+b-c.9", "x", 0 }, { "x://y", "x", "y", 0 },
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

        ok(cors_origin_parse(&o, copy) && o.text == copy
           && o.len == strlen(copy) && o.scheme_len == host - 3
           && o.host == host && o.host_end == host + host_len
           && o.len <= CORS_ORIGIN_MAX, "'%.60s' is an origin", good[i].text);
        is(apr_pstrmemdup(p, copy + o.host, o.host_end - o.host), good[i].host,
           "its host is '%.20s'", good[i].host);
        is_number(cors_origin_port(&o), good[i].port, "its port is %d",
                  good[i].port);
        free(copy);
    }
}

static int is_origin(const char *text)
{
    char *copy = given_string(text);
    cors_origin_t origin;
    int result = cors_origin_parse(&origin, copy);

    free(copy);
    return result;
}

static void test_bad(void)
{
    int i;

    for (i = 0; i < COUNT(bad); i++) {
        ok(!is_origin(bad[i]), "'%.60s' (%d bytes) is not an origin", bad[i],
           (int)strlen(bad[i]));
    }
}

/* Each text that begins like one of the rows and is filled up to 8 KiB. */
static void test_long(void)
{
    static const char *const rows[][2] = {
        { "a", "a" }, { "https://", "a" }, { "https://", "a." },
        { "https://a:", "1" }, { "https://[", ":" }, { "https://a", "." },
        { "https://a:1", "," }, { "https://[::1]", "]" },
    };
    char text[8193];
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_size_t len = strlen(rows[i][0]);
        apr_size_t fill = strlen(rows[i][1]);
        apr_size_t at;

        memcpy(text, rows[i][0], len);
        for (at = len; at < sizeof(text) - 1; at++) {
            text[at] = rows[i][1][(at - len) % fill];
        }
        text[at] = '\0';
        ok(!is_origin(text), "8 KiB of '%s' behind '%s' are not an origin",
           rows[i][1], rows[i][0]);
    }
}

/* ---- hosts ---- */

static const char *const words[] = {
    "a name", "an IPv4 address", "an IPv6 address", "a bad IPv4 address",
    "a bad IPv6 address", "not a host"
};

static const char *const kinds[][26] = {
    [CORS_HOST_NAME] = {
        "example.com", "localhost", "a", "-", "_a-b_.c",
        "xn--bcher-kva.example", "1.2.3.4.example", "0x7f.example", "1a",
        "0xg", "x0", "example.com.", LABEL_63 ".com", HOST_252 ".",
        HOST_252 "a"
    },
    [CORS_HOST_IPV4] = {
        "127.0.0.1", "0.0.0.0", "255.255.255.255"
    },
    [CORS_HOST_IPV6] = {
        "[::1]", "[::]", "[1:2:3:4:5:6:7:8]", "[2001:db8::a]",
        "[::ffff:102:304]"
    },
    [CORS_HOST_BAD_IPV4] = {
        "127.1", "1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x",
        "1.2.3.0x", "01.2.3.4", "1.2.3.04", "1.2.3.256", "1.2.3", "1.2.3.4.5",
        "1.2.3.4.", "a.1", "example.09", "999999999999999999999"
    },
    [CORS_HOST_BAD_IPV6] = {
        "[2001:DB8::a]", "[2001:0db8::a]", "[0:0:0:0:0:0:0:1]",
        "[::ffff:1.2.3.4]", "[1::2:3:4:5:6:7]", "[fe80::1%eth0]",
        "[fe80::1%25eth0]", "[", "[]", "[:]", "[::1", "[::1]]", "[::1]a",
        "[1:2]", "[127.0.0.1]", "[a]", "[" SIXTY "]"
    },
    [CORS_HOST_BAD] = {
        LABEL_64 ".com", "com." LABEL_64, HOST_252 "ab", HOST_252 "a.", "",
        ".", "..", ".a", "a..b", "a..", "A", "example.Com", "a b", "a/b",
        "a:b", "a@b", "a?b", "a#b", "a%2eb", "a*b", "*.a",
        "b\303\274cher.example", "a\x7f", "a]", "1..4"
    },
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
    int kind;
    int i;

    for (kind = 0; kind < COUNT(kinds); kind++) {
        for (i = 0; kinds[kind][i]; i++) {
            const char *host = kinds[kind][i];

            is(words[kind_of(host, strlen(host))], words[kind],
               "'%.40s' (%d bytes) is %s", host, (int)strlen(host),
               words[kind]);
        }
    }
    is(words[kind_of(nul, sizeof(nul) - 1)], words[CORS_HOST_BAD],
       "a name with a NUL byte is not a host");
    is(words[kind_of("example.com", 7)], words[CORS_HOST_NAME],
       "no byte behind the host is read");
}

/* Every byte, in a name of which it is the middle. */
static void test_bytes(void)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
    int wrong = 0;
    int c;

    for (c = 0; c < 256; c++) {
        char host[4] = { 'a', 'b', (char)c, 'd' };
        int expected = memchr(allowed, c, sizeof(allowed) - 1) != NULL;

        if ((kind_of(host, sizeof(host)) == CORS_HOST_NAME) != expected) {
            diag("byte 0x%02x", c);
            wrong++;
        }
    }
    is_number(wrong, 0, "39 of 256 bytes are allowed in a name");
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
        { "[1:0:0:0:0:0:0:0]", "[1::]" }, { "[1::2:0:0:0:3]", "[1:0:0:2::3]" },
        { "[1:0:0:2:0:0:3:4]", "[1::2:0:0:3:4]" },
        { "[1::2:3:4:5:6:7]", "[1:0:2:3:4:5:6:7]" },
        { "[::ffff:1.2.3.4]", "[::ffff:102:304]" },
        { "[::1.2.3.4]", "[::102:304]" }, { "[::ffff:0:0]", "[::ffff:0:0]" },
        { "[64:ff9b::192.0.2.33]", "[64:ff9b::c000:221]" },
        { "[ABCD:EF01::]", "[abcd:ef01::]" },
        { "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]",
          "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]" },
        { "[::1", NULL }, { "::1]", NULL }, { "[::1%lo]", NULL },
        { "[::g]", NULL }, { "[1:2:3:4:5:6:7]", NULL },
        { "[1:2:3:4:5:6:7:8:9]", NULL }, { "[1::2::3]", NULL },
        { "[00000::1]", NULL },
        { "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]",
          "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]" },
        { "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2555]", NULL },
        { "example.com", NULL }, { "", NULL },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        is(ipv6_of(rows[i][0]), rows[i][1], "'%s' is written as %s", rows[i][0],
           rows[i][1] ? rows[i][1] : "nothing");
    }
}

static void test_loopback(void)
{
    static const char *const hosts[2][21] = { {
        "alocalhost", "localhosts", "localhos", "localhost.example.com",
        ".localhost", "a..localhost", "example.com", "128.0.0.1", "12.7.0.1",
        "10.0.0.1", "0.0.0.0", "127.1", "127.0.0.1.example.com",
        "127.example.com", "[::2]", "[::]", "[::1", "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]", ""
    }, {
        "localhost", "a.localhost", "a.b.localhost", "127.0.0.1",
        "127.255.255.254", "[::1]"
    } };
    int is_loopback;
    int i;

    for (is_loopback = 0; is_loopback < 2; is_loopback++) {
        for (i = 0; hosts[is_loopback][i]; i++) {
            const char *host = hosts[is_loopback][i];
            char *copy = given_bytes(host, strlen(host));

            is_number(cors_host_is_loopback(copy, strlen(host)), is_loopback,
                      "'%s' is %sloopback", host, is_loopback ? "" : "not ");
            free(copy);
        }
    }
}

/* ---- the public suffix list ---- */

static const struct {
    const char *host;
    int is_suffix;
    const char *domain;
} suffixes[] = {
    { "com", 1, "" }, { "co.uk", 1, "" }, { "github.io", 1, "" },
    { "s3.amazonaws.com", 1, "" }, { "anything.ck", 1, "" },
    { "xn--p1ai", 1, "" }, { "amazonaws.com", 0, "amazonaws.com" },
    { "evil.s3.amazonaws.com", 0, "evil.s3.amazonaws.com" },
    { "a.evil.s3.amazonaws.com", 0, "evil.s3.amazonaws.com" },
    { "example.com", 0, "example.com" },
    { "a.b.example.com", 0, "example.com" },
    { "example.co.uk", 0, "example.co.uk" },
    { "me.github.io", 0, "me.github.io" },
    { "a.me.github.io", 0, "me.github.io" }, { "www.ck", 0, "www.ck" },
    { "a.anything.ck", 0, "a.anything.ck" },
    { "a_b.-c.example.com", 0, "example.com" },
    /* No rule names these: the last label counts as the suffix. */
    { "localhost", 0, "" }, { "intranet", 0, "" },
    { "app.corp.intranet", 0, "corp.intranet" }, { "127.0.0.1", 0, "" },
    { "[::1]", 0, "" }, { HOST_253 "b", 0, "" },
};

static void test_domains(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(suffixes); i++) {
        apr_size_t len = strlen(suffixes[i].host);
        char *copy = given_bytes(suffixes[i].host, len);
        apr_size_t domain = cors_host_domain(copy, len);

        is_number(cors_host_is_public_suffix(copy, len), suffixes[i].is_suffix,
                  "'%.40s' is %sa public suffix", suffixes[i].host,
                  suffixes[i].is_suffix ? "" : "not ");
        is(apr_pstrmemdup(p, copy + len - domain, domain), suffixes[i].domain,
           "its registrable domain is '%s'", suffixes[i].domain);
        free(copy);
    }
}

/* However long the name is: libpsl has limits of its own. */
static void test_long_names(void)
{
    static const char *const names[] = {
        "evil.s3.amazonaws.com", "example.co.uk", "me.github.io", "a.b.ck"
    };
    char host[CORS_HOST_MAX + 1];
    int wrong = 0;
    int i;

    for (i = 0; i < COUNT(names); i++) {
        apr_size_t len = strlen(names[i]);
        apr_size_t at = CORS_HOST_MAX - len;

        memcpy(host + at, names[i], len + 1);
        while (at >= 2) {
            at -= 2;
            host[at] = 'x';
            host[at + 1] = '.';
            wrong += cors_host_domain(host + at, CORS_HOST_MAX - at) != len;
        }
    }
    is_number(wrong, 0, "labels in front do not change the registrable domain");
}

/* Without a list every name counts as registrable by itself. */
static void test_no_list(void)
{
    is_number(cors_host_is_public_suffix("co.uk", 5), 0,
              "without a list no name is a public suffix");
    is_number((long)cors_host_domain("a.co.uk", 7), 7,
              "and every name is a registrable domain");
}

static void test_version(apr_pool_t *p)
{
    const char *version = cors_suffixes_version(p);

    ok(strspn(version, "0123456789-") == 10 && !strncmp(version + 10, " (", 2)
       && version[strlen(version) - 1] == ')',
       "the list has a date and a place: %s", version);
}

int main(void)
{
    apr_pool_t *p = given_pool();

    test_no_list();
    cors_suffixes_load(p);
    test_good(p);
    test_bad();
    test_long();
    test_kinds();
    test_bytes();
    test_ipv6();
    test_loopback();
    test_domains(p);
    test_long_names();
    test_version(p);
    apr_terminate();
    return done_testing();
}
