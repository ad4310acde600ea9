/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* What administrators write into CorsAllowOrigin and CorsDenyOrigin. Without
 * this test a mistake could be accepted and allow more than was meant, or a
 * message propose a spelling that is refused, or that means something else.
 * Every refusal of an origin is in this file, and only here.
 */

#include "given.h"
#include "tap.h"

#include <regex.h>

#define SCHEME_64 SIXTY "abcd"
#define HOST_252 LABEL_63 "." LABEL_63 "." LABEL_63 "." SIXTY
#define HOST_253 HOST_252 "a"
#define HOST_251 LABEL_63 "." LABEL_63 "." LABEL_63 "." \
    TEN TEN TEN TEN TEN "abcdefghi"

#define APP "https://app.example.com"

#define EXACT CORS_ITEM_EXACT
#define BELOW CORS_ITEM_SUBDOMAINS
#define HTTP  CORS_RISK_INSECURE_ORIGIN
#define PSL   CORS_RISK_PUBLIC_SUFFIX
#define OPAQUE CORS_RISK_NULL_ORIGIN

/* ---- what is accepted ---- */

/* Values of one kind and with the same risks, accepted as they are written. */
static const struct {
    cors_item_kind_e kind;
    int risks;
    const char *values[28];
} accepted[] = {
    { CORS_ITEM_ANY, 0, {
        "*"
    } },
    { CORS_ITEM_NULL, OPAQUE, {
        "null"
    } },
    { EXACT, OPAQUE, {
        "file://"
    } },
    { EXACT, 0, {
        "app://.", "https://app.example.com", "https://app.example.com:8443",
        "https://app.example.com:80", "https://app.example.com:*",
        "https://my_app.example.com", "https://xn--bcher-kva.example",
        "https://intranet", "https://co.uk", "https://127.0.0.1:8443",
        "https://[2001:db8::a]:8443", "capacitor://localhost",
        "chrome-extension://abcdefghijklmnop", "http://localhost",
        "http://localhost:*", "http://app.localhost:3000", "http://127.8.9.10",
        "http://[::1]:8080", SCHEME_64 "://" HOST_253 ":65535",
        "https://" LABEL_63 ".example.com", "https://app.example.com:1",
        "https://app.example.com:65535", "https://1.2.3.4.example.com",
        "https://-a-.example.com", "http://[::1]:*", "https://github.io",
        "htps://app.example.com"
    } },
    { EXACT, HTTP, {
        "http://app.example.com", "http://app.example.com:443",
        "http://10.0.0.1:8080", "http://[2001:db8::a]",
        "http://localhost.example.com", "http://intranet", "http://128.0.0.1",
        "http://127.0.0.1.example.com", "http://notlocalhost", "http://[::2]",
        "http://[::ffff:7f00:1]"
    } },
    { BELOW, 0, {
        "https://*.example.com", "https://*.example.com:8443",
        "https://*.example.com:*", "https://*.a.b.example.com",
        "https://*.me.github.io", "https://*.localhost",
        "http://*.localhost:*", "app://*.example.com", "https://*." HOST_251,
        "https://*.corp.intranet", "https://*.example.co.uk",
        "https://*.www.ck", "https://*.amazonaws.com"
    } },
    { BELOW, HTTP, {
        "http://*.example.com"
    } },
    { BELOW, PSL, {
        "https://*.co.uk", "https://*.github.io:*", "https://*.anything.ck",
        "https://*.s3.amazonaws.com"
    } },
    { BELOW, HTTP | PSL, {
        "http://*.co.uk"
    } },
};

/* Values, and how browsers write them. */
static const char *const corrected[][2] = {
    { "HTTPS://app.example.com", "https://app.example.com" },
    { "https://App.Example.COM", "https://app.example.com" },
    { "https://app.example.com:443", "https://app.example.com" },
    { "https://app.example.com/", "https://app.example.com" },
    { "https://app.example.com:443/", "https://app.example.com" },
    { "https://app.example.com:*/", "https://app.example.com:*" },
    { "http://LOCALHOST:80", "http://localhost" },
    { "http://[2001:DB8::A]", "http://[2001:db8::a]" },
    { "https://*.EXAMPLE.com:443/", "https://*.example.com" },
    { "https://*.CO.uk", "https://*.co.uk" },
    { "Capacitor://LocalHost", "capacitor://localhost" },
    { "http://app.example.com:80", "http://app.example.com" },
    { "http://[::1]:80/", "http://[::1]" },
    { "http://LOCALHOST:*/", "http://localhost:*" },
};

static int parse(cors_item_t *item, cors_remark_t *remark, const char *value,
                 apr_pool_t *p)
{
    return cors_item_parse(item, remark, apr_pstrdup(p, value), p);
}

static void test_accepted(apr_pool_t *p)
{
    cors_item_t item;
    cors_remark_t remark;
    int i;
    int j;

    for (i = 0; i < COUNT(accepted); i++) {
        for (j = 0; accepted[i].values[j]; j++) {
            const char *value = accepted[i].values[j];

            ok(parse(&item, &remark, value, p) && !remark.reason
               && !strcmp(item.text, value), "'%.60s' is accepted as it is",
               value);
            ok(item.kind == accepted[i].kind
               && item.risks == accepted[i].risks,
               "it has its kind and the risks 0x%x", accepted[i].risks);
        }
    }
    for (i = 0; i < COUNT(corrected); i++) {
        ok(parse(&item, &remark, corrected[i][0], p)
           && !strcmp(item.text, corrected[i][1]),
           "'%s' is corrected to '%s'", corrected[i][0], corrected[i][1]);
        is(remark.reason, "was normalised to the form that browsers send",
           "which is remarked upon");
        is(remark.instead, corrected[i][1], "with the right spelling");
    }
}

/* ---- what is refused ---- */

/* Values with the reason, each with the right spelling and with the regular
 * expression that mean the same, if there are any.
 */
static const struct {
    const char *reason;
    const char *rows[37][3];
} refused[] = {
    { "has no scheme", {
        { "app.example.com", APP }, { "App.Example.com:8443", APP ":8443" },
        { "app.example.com/path", APP }, { "//app.example.com", APP },
        { "*.example.com", "https://*.example.com" },
        { "*.example.com:*", "https://*.example.com:*" },
        { "localhost", "http://localhost" },
        { "localhost:3000", "http://localhost:3000" },
        { "localhost:*", "http://localhost:*" },
        { "LOCALHOST:80", "http://localhost" },
        { "app.localhost", "http://app.localhost" },
        { "127.0.0.1:8080", "http://127.0.0.1:8080" },
        { "127.1", "https://127.0.0.1" },
        { "[::1]:8080", "http://[::1]:8080" }, { "::1", "https://[::1]" },
        { "2001:db8::1", "https://[2001:db8::1]" },
        { "https:app.example.com", APP }, { "HTTPS:app.example.com", APP },
        { "https:/app.example.com", APP }, { "https//app.example.com", APP },
        { "http:/localhost", "http://localhost" },
        { "http//localhost:3000", "http://localhost:3000" },
        { "app.example.com:443", APP }, { "::1:80" },
        { ".example.com" }, { "mailto:user@example.com" },
        { "user@example.com" }, { "self" }, { "none" }, { "h*" }, { "https*" },
        { "**" }, { "*:443" }, { "example.*" }, { "tel:0" }, { "" },
    } },
    { "does not start with a valid scheme such as \"https://\"", {
        { "://app.example.com" }, { "1https://app.example.com" },
        { "ht_tp://app.example.com" }, { "blob:https://app.example.com" },
        { "view-source:https://app.example.com" },
        { "[https://app.example.com]" }, { "+https://app.example.com" },
    } },
    { "starts with '-': items cannot be removed; list the ones to keep, "
      "without '+'", {
        { "-https://app.example.com" }, { "-app.example.com" }, { "-" },
    } },
    { "is not an origin, because it is not in lower case", {
        { "NULL", "null" }, { "Null", "null" },
    } },
    { "is not an origin; every origin is allowed by \"*\"", {
        { "All", "*" }, { "ANY", "*" },
    } },
    { "cannot be used: pages from data: URLs have the origin \"null\"", {
        { "data:text/html" }, { "DATA:,x" },
    } },
    { "cannot be used: about: pages have the origin of the page that opened "
      "them", {
        { "about:blank" }, { "About:srcdoc" },
    } },
    { "cannot be used: browsers send \"null\" for pages opened from a file, "
      "and some app shells send \"file://\"", {
        { "file:///", "file://" }, { "FILE://", "file://" },
        { "FILE:///home", "file://" }, { "file:/home", "file://" },
        { "file://localhost", "file://" },
    } },
    { "is not in the form that app shells send", {
        { "APP://.", "app://." }, { "app://./", "app://." },
    } },
    { "is a WebSocket URL; list the origin of the page that opens the "
      "connection", {
        { "ws://app.example.com" }, { "wss://app.example.com:8443" },
        { "WSS://app.example.com/socket" },
    } },
    { "is not an origin that a page can have; list the http or https origin "
      "of the page", {
        { "ftp://app.example.com" }, { "FTP://user@app.example.com/x" },
    } },
    { "has a scheme of more than 64 bytes", {
        { SIXTY "abcde://app.example.com" },
    } },
    { "has a path; an origin ends with the host and port", {
        { APP "/path", APP }, { APP "//", APP }, { APP "/.", APP },
        { APP "/*", APP }, { APP "/?x#y", APP },
        { APP ":8443/x", APP ":8443" },
        { "https://*.example.com/x", "https://*.example.com" },
        { APP ":*/x", APP ":*" },
        { "http://[::1]:8080/x", "http://[::1]:8080" },
        { "https://https://app.example.com" },
        { "https://http://app.example.com" }, { "https:///app.example.com" },
        { "https://a*/x" },
    } },
    { "has a query; an origin ends with the host and port", {
        { APP "?x=y", APP }, { APP "?", APP }, { APP "?x/y", APP },
        { "https://?x" },
    } },
    { "has a fragment; an origin ends with the host and port", {
        { APP "#x", APP }, { APP "#", APP }, { "https://#" },
    } },
    { "contains a user name; an origin is only scheme, host and port", {
        { "https://user@app.example.com", APP },
        { "https://user:password@app.example.com", APP },
        { "https://@app.example.com", APP },
        { "https://user@app.example.com/path", APP },
        { "https://user@*.example.com/x", "https://*.example.com" },
        { "http://user@127.1", "http://127.0.0.1" },
        { "https://a@b@app.example.com", APP },
        { "https://user@app.example.com:0" }, { "https://user@" },
    } },
    { "has '*' in a place where it has no meaning; possible are \"*\" alone, "
      "\"https://*.example.com\" and \"https://example.com:*\"", {
        { "https://*", NULL, "https://[a-z0-9.-]+" },
        { "https://*:8443", NULL, "https://[a-z0-9.-]+:8443" },
        { "https://*:*", NULL, "https://[a-z0-9.-]+(:[0-9]+)?" },
        { "https://**", NULL, "https://[a-z0-9.-]+" },
        { "moz-extension://*", NULL, "moz-extension://[a-z0-9.-]+" },
        { "chrome-extension://*", NULL, "chrome-extension://[a-z0-9.-]+" },
        { "https://*mysite.example.org", NULL,
          "https://[a-z0-9-]+mysite[.]example[.]org" },
        { "https://*-team.vercel.app", NULL,
          "https://[a-z0-9-]+-team[.]vercel[.]app" },
        { "https://Preview-*.example.app", NULL,
          "https://preview-[a-z0-9-]+[.]example[.]app" },
        { "https://preview-*.example.app:*", NULL,
          "https://preview-[a-z0-9-]+[.]example[.]app(:[0-9]+)?" },
        { "https://preview-*.example.app:443", NULL,
          "https://preview-[a-z0-9-]+[.]example[.]app" },
        { "http://preview-*.example.app:443", NULL,
          "http://preview-[a-z0-9-]+[.]example[.]app:443" },
        { "https://**.example.org", NULL,
          "https://[a-z0-9-]+[.]example[.]org" },
        { "https://*.*.example.org", NULL,
          "https://([a-z0-9-]+[.])+[a-z0-9-]+[.]example[.]org" },
        { "https://app.*.example.org", NULL,
          "https://app[.][a-z0-9-]+[.]example[.]org" },
        { "https://a*b.example.org", NULL,
          "https://a[a-z0-9-]+b[.]example[.]org" },
        { "https://example.*", NULL, "https://example[.][a-z0-9-]+" },
        { "https://app.example.org*", NULL,
          "https://app[.]example[.]org[a-z0-9-]+" },
        { "https://*.example.org*", NULL,
          "https://([a-z0-9-]+[.])+example[.]org[a-z0-9-]+" },
        { "a+b://x-*.example" }, { "a.b://x-*.example" },
        { "https://a%*.example.org" }, { "https://[*]" },
    } },
    { "has '*' in the scheme; list one origin per scheme", {
        { "*://app.example.com", NULL, "https?://app[.]example[.]com" },
        { "*://*.example.com", NULL, "https?://([a-z0-9-]+[.])+example[.]com" },
        { "*://*", NULL, "https?://[a-z0-9.-]+" },
        { "*://app.example.com/*", NULL, "https?://app[.]example[.]com" },
        { "*://app.example.com:8080", NULL,
          "https?://app[.]example[.]com:8080" },
        { "*://app.example.com:443" }, { "*://app.example.com:0" },
        { "http*://app.example.com", NULL, "https?://app[.]example[.]com" },
        { "h*ttps://app.example.com" },
    } },
    { "has '*' inside the port; use \":*\" for any port", {
        { APP ":8*", NULL, "https://app[.]example[.]com:8[0-9]*" },
        { APP ":*8", NULL, "https://app[.]example[.]com:[0-9]*8" },
        { APP ":**", NULL, "https://app[.]example[.]com:[0-9]*" },
        { "https://*.example.com:80*", NULL,
          "https://([a-z0-9-]+[.])+example[.]com:80[0-9]*" },
        { APP ":0*" }, { "https://[::1]:8*" },
    } },
    { "has \"*.\" before an IP address", {
        { "https://*.127.0.0.1" }, { "https://*.127.1" },
        { "https://*.[::1]" }, { "https://*.[0::1]" }, { "https://*.1" },
    } },
    { "has \"*.\" before a top-level domain, which would allow every site "
      "under it", {
        { "https://*.com" }, { "https://*.test" }, { "https://*.TEST" },
        { "https://*.intranet" }, { "https://*.com:*" },
    } },
    { "has a port that is not a number", {
        { APP ":3000-3010" }, { APP ":https" }, { APP ":-1" },
        { APP ":80:80" }, { APP "::443" }, { "https://a:b:c" },
    } },
    { "has port 0, which does not exist", {
        { APP ":0" }, { APP ":00" },
        { "http://[::1]:0" }, { "http://*.localhost:0" },
    } },
    { "has a port with a leading zero", {
        { APP ":08443", APP ":8443" }, { APP ":00443", APP },
        { "http://app.example.com:080/", "http://app.example.com" },
        { "https://[::FFFF:1.2.3.4]:0443", "https://[::ffff:102:304]" },
        { APP ":065536" },
    } },
    { "has a port above 65535", {
        { APP ":65536" }, { APP ":100000" }, { APP ":18446744073709560059" },
    } },
    { "has an empty port", {
        { APP ":", APP }, { APP ":/", APP },
    } },
    { "has an IPv4 address that is not four decimal numbers", {
        { "http://127.1", "http://127.0.0.1" },
        { "http://127.0.1:8080", "http://127.0.0.1:8080" },
        { "http://2130706433", "http://127.0.0.1" },
        { "http://0x7f000001", "http://127.0.0.1" },
        { "http://0x7F.0.0.1", "http://127.0.0.1" },
        { "http://127.0.0.01", "http://127.0.0.1" },
        { "http://0177.0.0.1", "http://127.0.0.1" }, { "http://127.0.0.256" },
        { "http://1.2.3.4.5" }, { "http://1.2.3.0x" }, { "http://4294967296" },
        { "http://example.1" }, { "http://app.08" },
    } },
    { "has an IPv6 address that is not in the form browsers send", {
        { "http://[0:0:0:0:0:0:0:1]", "http://[::1]" },
        { "http://[::0001]:8080", "http://[::1]:8080" },
        { "http://[2001:db8:0:0:1:0:0:1]", "http://[2001:db8::1:0:0:1]" },
        { "http://[2001:db8::1:1:1:1:1]", "http://[2001:db8:0:1:1:1:1:1]" },
        { "http://[1::2:0:0:0:3]", "http://[1:0:0:2::3]" },
        { "http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]" },
        { "http://[::1.2.3.4]", "http://[::102:304]" },
    } },
    { "has an invalid IPv6 address", {
        { "http://[fe80::1%25eth0]" }, { "http://[1:2:3:4:5:6:7:8:9]" },
        { "http://[12345::]" }, { "http://[1:2]" }, { "http://[:::1]" },
        { "http://[]" }, { "http://[::1" }, { "http://[::1]x" },
        { "http://[v1.x]" },
    } },
    { "has an IPv6 address without brackets", {
        { "http://::1", "http://[::1]" },
        { "https://2001:db8:0:0::1", "https://[2001:db8::1]" },
        { "https://2001:db8::1/", "https://[2001:db8::1]" },
        { "https://::", "https://[::]" }, { "https://::1:80" },
        { "https://2001:db8::1:8080" },
    } },
    { "contains a non-ASCII character; write the host name in Punycode "
      "(xn--...)", {
        { "https://b\xc3\xbc" "cher.example" },
        { "https://*.b\xc3\xbc" "cher.example" },
        { "https://b\xfc" "cher.example" },
        { "https://app.example\xe3\x80\x82" "com" },
        { "https://app\xe2\x80\x94x.example" },
    } },
    { "contains a curly quotation mark; use a straight one", {
        { "\xe2\x80\x9c" APP "\xe2\x80\x9d", APP },
        { "\xe2\x80\x9c" "https://App.example.com/\xe2\x80\x9d", APP },
        { "\xe2\x80\x9c" "*.example.com\xe2\x80\x9d", "https://*.example.com" },
        { "\xe2\x80\x9c" "*\xe2\x80\x9d", "*" },
        { "\xe2\x80\x98" APP "\xe2\x80\x99", APP }, { APP "\xe2\x80\x99" "s" },
    } },
    { "contains a no-break space; use an ordinary space", {
        { APP "\xc2\xa0", APP }, { APP "\xc2\xa0" "https://b.example" },
    } },
    { "has a label of more than 63 bytes", {
        { "https://" LABEL_63 "d.example.com" },
        { "https://*." LABEL_63 "d.example.com" },
    } },
    { "has a host of more than 253 bytes", {
        { "https://" HOST_253 "a" }, { "https://*." HOST_252 },
    } },
    { "has no host", {
        { "https://" }, { "https:///" }, { "https://:8443" }, { "https://*." },
    } },
    { "has two dots in a row or starts with a dot", {
        { "https://." }, { "https://.example.com" },
        { "https://a..example.com" }, { "https://*..example.com" },
        { APP ".." }, { "app://.." },
    } },
    { "ends in a dot; browsers treat that as a different host", {
        { APP ".", APP },
        { "https://*.example.com.", "https://*.example.com" },
        { APP ".:8443", APP ":8443" },
        { "https://127.0.0.1.", "https://127.0.0.1" },
    } },
    { "has an invalid host name", {
        { APP "%00" }, { "https://a%2eexample.com" },
        { "https://app+.example.com" }, { APP "," }, { "https://a]" },
    } },
    { "contains ';'; separate origins with spaces or commas", {
        { APP ";", APP }, { APP ";https://b.example" },
    } },
    { "contains a quotation mark inside the origin", {
        { "'self'" }, { "\"" APP "\"", APP },
        { "'https://app.example.com:*'", APP ":*" },
    } },
    { "contains '<', which is not allowed in an origin", {
        { "<https://app.example.com>" },
    } },
    { "contains '{', which is not allowed in an origin", {
        { APP "{1,3}" }, { "%{HTTP_ORIGIN}e" },
    } },
    { "contains ' ', which is not allowed in an origin", {
        { "https://a b" },
    } },
    { "contains the byte 0x09, which is not allowed in an origin", {
        { "https://a\tb" },
    } },
    { "contains the byte 0x7f, which is not allowed in an origin", {
        { "https://a\x7f" "b" },
    } },
    { "is a regular expression, not an origin", {
        { "^https?://(www\\.)?example\\.com$", NULL,
          "^https?://(www\\.)?example\\.com$" },
        { "https?://app.example.com", NULL, "https?://app.example.com" },
        { "http[s]?://app.example.com", NULL, "http[s]?://app.example.com" },
        { "https://www?.example.com", NULL, "https://www?.example.com" },
        { "https://.*.example.com", NULL, "https://.*.example.com" },
        { "https://.+[.]example[.]com", NULL, "https://.+[.]example[.]com" },
        { "https://[a-z]+.example.com", NULL, "https://[a-z]+.example.com" },
        { "https://[0-9]+.example.com", NULL, "https://[0-9]+.example.com" },
        { "https://app[0-9].example.com", NULL,
          "https://app[0-9].example.com" },
        { "https://app-.*.example.com", NULL, "https://app-.*.example.com" },
        { "https://(a|b).example.com", NULL, "https://(a|b).example.com" },
        { "https://a.example.com|https://b.example.com", NULL,
          "https://a.example.com|https://b.example.com" },
        { "/^https:\\/\\/app\\.example\\.com$/" }, { "(api|web).example.com" },
        { "$http_origin" }, { "https:\\app.example.com" },
        { "javascript:alert(1)" },
    } },
};

static void test_refused(apr_pool_t *p)
{
    int i;
    int j;

    for (i = 0; i < COUNT(refused); i++) {
        for (j = 0; refused[i].rows[j][0]; j++) {
            const char *const *row = refused[i].rows[j];
            cors_item_t item;
            cors_remark_t remark;

            if (!ok(!parse(&item, &remark, row[0], p), "'%.60s' is refused",
                    row[0])) {
                continue;
            }
            is(remark.reason, refused[i].reason, "because it %s",
               refused[i].reason);
            is(remark.instead, row[1], "the right spelling is '%.60s'",
               row[1] ? row[1] : "unknown");
            is(remark.expression, row[2], "the expression is '%.60s'",
               row[2] ? row[2] : "unknown");
        }
    }
}

/* ---- what is proposed ---- */

/* What an expression that stands for a '*' has to match, and must not. */
static const struct {
    const char *value;
    const char *matched[3];
    const char *others[4];
} meant[] = {
    { "https://*", { "https://a.b", "https://localhost" },
      { "http://a.b", "https://a.b:1", "https://a/b" } },
    { "moz-extension://*", { "moz-extension://3c0b1-9" },
      { "https://3c0b1-9", "moz-extension://" } },
    { "https://*-team.vercel.app", { "https://x-team.vercel.app" },
      { "https://-team.vercel.app", "https://a.x-team.vercel.app",
        "https://x-team-vercel.app" } },
    { "https://preview-*.example.app:*",
      { "https://preview-1.example.app", "https://preview-1.example.app:8" },
      { "https://preview-.example.app", "https://preview-1.example.app:",
        "https://preview-1.a.example.app" } },
    { "https://app.*.example.org", { "https://app.x.example.org" },
      { "https://app.example.org", "https://app.x.y.example.org",
        "https://appxexample.org" } },
    { "https://*.*.example.org",
      { "https://a.b.example.org", "https://a.b.c.example.org" },
      { "https://a.example.org", "https://example.org" } },
    { "*://*.example.com",
      { "https://a.example.com", "http://a.b.example.com" },
      { "https://example.com", "ftp://a.example.com",
        "https://aexample.com" } },
    { "http*://app.example.com:8080",
      { "https://app.example.com:8080", "http://app.example.com:8080" },
      { "https://app.example.com", "httpx://app.example.com:8080" } },
    { "https://app.example.com:80*",
      { "https://app.example.com:8080", "https://app.example.com:80" },
      { "https://app.example.com", "https://app.example.com:18080",
        "https://app.example.com:80x" } },
    { "https://*-a.example.com:443", { "https://x-a.example.com" },
      { "https://x-a.example.com:443" } },
};

static int matches(const char *expression, const char *text, apr_pool_t *p)
{
    regex_t regex;
    int result;

    if (regcomp(&regex, apr_pstrcat(p, "^(", expression, ")$", NULL),
                REG_EXTENDED | REG_NOSUB) != 0) {
        abort();
    }
    result = regexec(&regex, text, 0, NULL, 0) == 0;
    regfree(&regex);
    return result;
}

static void test_expressions(apr_pool_t *p)
{
    int i;
    int j;

    for (i = 0; i < COUNT(meant); i++) {
        cors_item_t item;
        cors_remark_t remark;

        parse(&item, &remark, meant[i].value, p);
        for (j = 0; meant[i].matched[j]; j++) {
            ok(matches(remark.expression, meant[i].matched[j], p),
               "the expression for %s matches %s", meant[i].value,
               meant[i].matched[j]);
        }
        for (j = 0; meant[i].others[j]; j++) {
            ok(!matches(remark.expression, meant[i].others[j], p),
               "the expression for %s does not match %s", meant[i].value,
               meant[i].others[j]);
        }
    }
}

static int is_silent(const char *text, apr_pool_t *p)
{
    cors_item_t again;
    cors_remark_t remark;

    return parse(&again, &remark, text, p) && !remark.reason
           && !remark.instead && !remark.expression
           && !strcmp(again.text, text);
}

/* An item matches the nearest origin that there is for it. */
static int matches_nearest(const cors_item_t *item, apr_pool_t *p)
{
    cors_origin_t origin;
    apr_size_t len;
    const char *host = cors_item_host(item, &len);
    const char *text = apr_pstrcat(
        p, apr_pstrmemdup(p, item->text, item->scheme_len + 3),
        item->kind == BELOW ? "a." : "", apr_pstrmemdup(p, host, len),
        item->any_port ? "" : host + len, NULL);

    return !strcmp(text, "file://") || !strcmp(text, "app://.")
           || (cors_origin_parse(&origin, text)
               && cors_item_matches(item, &origin));
}

/* Whatever was written: what is proposed is accepted without a remark, and
 * what is accepted is itself written so, and matches something.
 */
static int is_consistent(const char *value, apr_pool_t *p)
{
    cors_item_t item;
    cors_remark_t remark;

    if (!parse(&item, &remark, value, p)) {
        return remark.reason && (!remark.instead || !remark.expression)
               && (!remark.instead || is_silent(remark.instead, p));
    }
    return is_silent(item.text, p)
           && (!remark.reason || !strcmp(remark.instead, item.text))
           && (!item.key || matches_nearest(&item, p));
}

static int check_value(const char *value, apr_pool_t *p)
{
    int result = is_consistent(value, p);
    cors_item_t item;
    cors_remark_t remark;

    if (!result) {
        parse(&item, &remark, value, p);
        diag("'%s': %s, %s", value, remark.reason ? remark.reason : "accepted",
             remark.instead ? remark.instead : "NULL");
    }
    apr_pool_clear(p);
    return result;
}

/* Every byte before, and in place of, each byte of the value. */
static int check_neighbours(const char *value, int *checked, apr_pool_t *p)
{
    apr_size_t len = strlen(value);
    char text[64];
    apr_size_t at;
    int wrong = 0;
    int c;

    for (at = 0; at <= len; at++) {
        for (c = 1; c < 256; c++) {
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
    return wrong;
}

static void test_consistency(apr_pool_t *parent)
{
    static const char *const bases[] = {
        "https://*.example.com:8443", "http://localhost:*", "http://[::1]:80",
        "https://127.0.0.1/", "https://u@b.example/x", "capacitor://a.b:0",
        "https://[2001:0db8::a]:1", "*.a.example:1", "wss://a.b", "file:///",
        "https://*.b.co.uk", "null", "ftp://x@a.b:08/x", "app://.", "::1",
        "*://a-*.b:8*/x"
    };
    apr_pool_t *p;
    int checked = 0;
    int wrong = 0;
    int i;
    int j;

    apr_pool_create(&p, parent);
    for (i = 0; i < COUNT(refused); i++) {
        for (j = 0; refused[i].rows[j][0]; j++) {
            wrong += !check_value(refused[i].rows[j][0], p);
        }
    }
    is_number(wrong, 0, "every right spelling is accepted without a remark");
    for (i = 0, wrong = 0; i < COUNT(corrected); i++) {
        wrong += !check_value(corrected[i][0], p);
    }
    is_number(wrong, 0, "every corrected value is accepted without a remark");
    for (i = 0; i < COUNT(bases); i++) {
        is_number(check_neighbours(bases[i], &checked, p), 0,
                  "both is true of all values that differ from %s in a byte",
                  bases[i]);
    }
    ok(checked > 50000, "%d values were parsed", checked);
}

/* ---- which origins an item matches ---- */

/* Items, with origins that they match and origins that they do not match. */
static const struct {
    const char *item;
    const char *origins[2][9];
} pairs[] = {
    { "https://a.b", { { "https://a.b" },
      { "https://a.b:1", "http://a.b", "https://x.a.b", "https://a.bc",
        "https://a.b." } } },
    { "https://a.b:1", { { "https://a.b:1" },
      { "https://a.b:11", "https://a.b" } } },
    { "https://a.b:*", { { "https://a.b", "https://a.b:65535" },
      { "https://a.bc:1", "https://a.b.c:1", "https://a.b." } } },
    { "https://*.a.b",
      { { "https://x.a.b", "https://x.y.a.b", "https://a.b.a.b" },
      { "https://a.b", "https://xa.b", "https://x.a.bc", "https://x.a.b:1",
        "https://x.a.b.", "http://x.a.b", "httpsx://x.a.b",
        "httpx://x.a.b" } } },
    { "https://*.a.b:1", { { "https://x.a.b:1" },
      { "https://x.a.b", "https://x.a.b:11" } } },
    { "https://*.a.b:*", { { "https://x.a.b", "https://x.a.b:1" },
      { "https://a.b:1" } } },
    { "http://[::1]:*", { { "http://[::1]:1" },
      { "http://[::2]:1", "http://[::1:1]:1" } } },
    { "*", { { NULL },
      { "https://a.b" } } },
    { "null", { { NULL },
      { "https://null" } } },
};

static void test_matches(apr_pool_t *p)
{
    int i;
    int j;
    int k;

    for (i = 0; i < COUNT(pairs); i++) {
        const cors_item_t *item = given_item(p, pairs[i].item);

        for (j = 0; j < 2; j++) {
            for (k = 0; pairs[i].origins[j][k]; k++) {
                char *copy = given_string(pairs[i].origins[j][k]);
                cors_origin_t origin;

                ok(cors_origin_parse(&origin, copy)
                   && cors_item_matches(item, &origin) == !j, "%s %s %s",
                   item->text, j ? "does not match" : "matches", copy);
                free(copy);
            }
        }
    }
}

/* ---- whose registrable domain it is ---- */

static const struct {
    const char *item;
    const char *origin;
    int writes_domain;
} owners[] = {
    { "https://*.example.com", "https://a.b.example.com", 1 },
    { "https://*.app.example.com", "https://a.app.example.com", 1 },
    { "https://*.amazonaws.com", "https://console.amazonaws.com", 1 },
    { "https://*.amazonaws.com", "https://evil.s3.amazonaws.com", 0 },
    { "https://*.amazonaws.com", "https://s3.amazonaws.com", 0 },
    { "https://*.amazonaws.com", "https://a.evil.s3.amazonaws.com", 0 },
    { "https://*.evil.s3.amazonaws.com", "https://a.evil.s3.amazonaws.com",
      1 },
    { "https://*.github.io", "https://me.github.io", 0 },
    { "https://*.me.github.io", "https://a.me.github.io", 1 },
    { "https://*.co.uk", "https://a.co.uk", 0 },
    { "https://*.a.co.uk:*", "https://x.a.co.uk:1", 1 },
    { "https://*.corp.intranet", "https://a.corp.intranet", 1 },
    { "http://*.localhost", "http://a.localhost", 1 },
    { "~example.com~x", "https://a.example.com", 1 },
    { "~example.com~x", "https://example.com:8443", 1 },
    { "~example.com~x", "https://xexample.com", 0 },
    { "~example.com~x", "https://example.org", 0 },
    { "~amazonaws.com~x", "https://evil.s3.amazonaws.com", 0 },
    { "~example.com~x", "http://127.0.0.1:1", 1 },
    { "~example.com~x", "http://[::1]", 1 },
    { "~example.com~x", "https://10.0.0.1", 0 },
    { "~x", "https://a.example.com", 0 }, { "~x", "http://localhost:3000", 1 },
};

static void test_writes_domain(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(owners); i++) {
        cors_origin_t origin;

        ok(cors_origin_parse(&origin, owners[i].origin)
           && cors_item_writes_domain(given_item(p, owners[i].item), &origin)
              == owners[i].writes_domain,
           "%s %s the registrable domain of %s", owners[i].item,
           owners[i].writes_domain ? "writes out" : "does not write out",
           owners[i].origin);
    }
}

/* ---- schemes that are nearly known ---- */

static void test_schemes(apr_pool_t *p)
{
    static const char *const rows[][2] = {
        { "https://a.b", NULL }, { "http://a.b", NULL },
        { "capacitor://localhost", NULL }, { "app://a.b", NULL },
        { "tauri://localhost", NULL }, { "foo://a.b", NULL },
        { "x://a.b", NULL }, { "httpsss://a.b", NULL },
        { "htps://a.b", "https" }, { "httpx://a.b", "https" },
        { "httpss://a.b", "https" }, { "hhttp://a.b", "http" },
        { "capacitr://localhost", "capacitor" },
        { "chrome-extention://a", "chrome-extension" },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        is(cors_item_likely_scheme(given_item(p, rows[i][0])), rows[i][1],
           "the scheme of %s is %s", rows[i][0],
           rows[i][1] ? "mistyped" : "known, or like none that is");
    }
}

static void test_differs_in_one(void)
{
    static const struct {
        const char *a;
        const char *b;
        int differs;
    } rows[] = {
        { "abc", "abd", 1 }, { "abc", "ab", 1 }, { "abc", "xabc", 1 },
        { "abc", "axbc", 1 }, { "aa", "a", 1 }, { "a", "", 1 },
        { "abc", "acb", 0 }, { "abc", "a", 0 }, { "abc", "xyz", 0 },
        { "abab", "ab", 0 }, { "ab", "xaby", 0 },
    };
    int i;

    for (i = 0; i < COUNT(rows); i++) {
        apr_size_t a = strlen(rows[i].a);
        apr_size_t b = strlen(rows[i].b);

        ok(cors_differs_in_one(rows[i].a, a, rows[i].b, b) == rows[i].differs
           && cors_differs_in_one(rows[i].b, b, rows[i].a, a)
              == rows[i].differs,
           "'%s' and '%s' differ in %s", rows[i].a, rows[i].b,
           rows[i].differs ? "one letter" : "more than one letter");
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    cors_suffixes_load(p);
    test_accepted(p);
    test_refused(p);
    test_expressions(p);
    test_consistency(p);
    test_matches(p);
    test_writes_domain(p);
    test_schemes(p);
    test_differs_in_one();
    apr_terminate();
    return done_testing();
}
