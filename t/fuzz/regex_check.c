/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without it an expression that is called tight could match a stranger's
 * origin, or one that works could be reported as useless.
 *
 * Input: bytes that choose parts of an expression, or the expression itself;
 * then bytes that choose origins near to what it matches.
 */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <apr_lib.h>

#include "../../src/origin.h"
#include "../../src/origin.h"
#include "../../src/regex_check.h"

#include "fuzz.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array) ((array)[next_byte() % COUNT(array)])
#define ORIGINS 48

static const uint8_t *input;
static size_t left;
/* Goes on where the input ends. */
static unsigned state;

static const char *expression;

/* A promise about the expression, which is shown when it is broken. */
#define HOLDS(promise, text) \
    ((promise) ? (void)0 \
     : ((void)fprintf(stderr, "%s\n%s\n", expression, text), MUST(promise)))

static unsigned next_byte(void)
{
    state = state * 1103515245u + 12345u;
    if (left > 0) {
        left--;
        return *input++;
    }
    return state >> 16 & 255;
}

static const char *const rows[] = {
    "^https:\\/\\/.*\\.example\\.com$",
    "https://[a-z0-9-]+\\.(dev|stage)\\.example\\.com",
    "^https?://(.+\\.)?example\\.com(:\\d+)?$",
    "^https://(www\\.)?(example\\.com|staging\\.example\\.com)$",
    "https://([a-z0-9]+[.])*example[.]com",
    "(?i)https://(www[.])?example[.]com",
    "http://(localhost|127\\.0\\.0\\.1):\\d+", "^https?://localhost(:\\d+)?$",
    "https://pr-[0-9]+[.]preview[.]example[.]com",
    "^(https?://localhost(:\\d+)?|https://example\\.com)$", "https://[a-y.]+",
    "https:[/a-z]+\\.com", "https://(e|v|i|l)+\\.com", "https://[a-b]{2}[.]uk",
    "https://\\p{L}+example[.]com", "https://foo[.]com?",
    "https://(www|app)?example[.]com",
    "https://(a[.]|b[.]|c[.]|d[.]|[a-z]+-)example[.]com",
    "https://([a-z]+|www)([.]|-)example[.]com",
    "https://([a-z]+)?(\\.)?example\\.com", "https://\\H+example[.]com",
    "https://(?i:[a-z-]+)example[.]com", "https://[a-z0-9-]+app[12][.]com",
    "https://(?!admin)[b-d]+example[.]com", "^https://.*\\.github\\.io$",
    "https://deploy-preview-\\d+--mysite\\.netlify\\.app",
    "^(https?://)?(\\w+\\.)?example\\.com$", ".*\\.example\\.com",
    "/^https:\\/\\/[a-z]+\\.example\\.com$/", "https://a[.]example[.]com,",
    "(api|web).example.com", "https://app[.]example[.]com/",
    "https://app[.]example[.]com:443", "https://App[.]example[.]com",
    "^https://app.example.com/$", "https://a[.]com, https://b[.]com"
};

static const char *const atoms[] = {
    "a", "b", "example", "com", "[.]", "\\.", ".", "-", "www", "evil", "uk",
    "co", "[a-z]", "[.a-z-]", "[^/]", "\\w", "\\d", "\\S", "\\D", "[ab]", "e",
    "[-]", "[\\.]", "[]a]", "\\p{L}", "\\b", "localhost", "127\\.0\\.0\\.1",
    "\\[::1\\]", "example\\.com", "example[.]com", "github[.]io", "[.]com",
    "\\.com", ":", "/", "\\/", "://", ":\\d+", ",", "^", "$", "\\1", "\\R",
    "(?:", "(", ")", "|", "A", "[[:alpha:].]", "\\Q", "\\E", "\\K", "(?i)",
    "(?=", "_", "\\z", "\\A", "\\-", "443", ":443", "https", "@", " ", "\\x2e",
    "{", "}", "]", "\\c", "#", "[:]", "\\N", "\\h", "\\X", "[\\w.]"
};

static const char *const quantifiers[] = {
    "", "", "", "", "", "", "?", "*", "+", "{2}", "{0,1}", "{1,3}", "??", "+?",
    "*+", "{0}", "{2,}", "{,2}"
};

static const char *const schemes[] = {
    "https://", "https://", "https://", "https?://", "http://", "^https://",
    "(https|http)://", "http(s)?://", "(?i)https://", "https?:\\/\\/", "",
    "(https?://)?", "h.*://", "[a-z]+://", ".*", "^", "capacitor://"
};

static const char *add(const char *text, const char *part)
{
    return apr_pstrcat(fuzz_pool, text, part, NULL);
}

static const char *make_sequence(int depth);

static const char *make_group(int depth)
{
    const char *text = next_byte() % 2 ? "(" : "(?:";
    unsigned n;

    for (n = next_byte() % 3; n > 0; n--) {
        text = add(add(text, make_sequence(depth - 1)), "|");
    }
    text = add(text, make_sequence(depth - 1));
    return add(text, next_byte() % 3 ? ")" : "[.])");
}

static const char *make_sequence(int depth)
{
    const char *text = "";
    unsigned n;

    for (n = next_byte() % 5; n > 0; n--) {
        text = add(text, depth > 0 && next_byte() % 3 == 0
                             ? make_group(depth) : PICK(atoms));
        text = add(text, PICK(quantifiers));
    }
    return text;
}

static const char *make_expression(void)
{
    const char *text = "";
    unsigned n;

    for (n = next_byte() % 6 == 0; ; n--) {
        text = add(text, PICK(schemes));
        text = add(text, make_sequence(2));
        if (next_byte() % 2) {
            text = add(text, "[.]example[.]com");
        }
        if (n == 0) {
            return next_byte() % 4 ? text : add(text, "(:\\d+)?$");
        }
        text = add(text, "|");
    }
}

/* Replace, insert and remove a few parts. */
static const char *mutate(const char *text)
{
    unsigned n;

    for (n = next_byte() % 4; n > 0; n--) {
        size_t at = next_byte() % (strlen(text) + 1);
        size_t drop = next_byte() % 3;
        const char *part = next_byte() % 2 ? PICK(atoms) : PICK(quantifiers);
        size_t rest = strlen(text) - at;

        text = apr_psprintf(fuzz_pool, "%.*s%s%s", (int)at, text, part,
                            text + at + (drop < rest ? drop : rest));
    }
    return text;
}

static pcre2_code *compile(const char *text, const char *before,
                           const char *after)
{
    const char *whole = apr_pstrcat(fuzz_pool, before, text, after, NULL);
    int error;
    PCRE2_SIZE where;

    return pcre2_compile((PCRE2_SPTR)whole, PCRE2_ZERO_TERMINATED, 0, &error,
                         &where, NULL);
}

static pcre2_code *anchored(const char *text)
{
    pcre2_code *alone = compile(text, "", "");
    pcre2_code *code = alone ? compile(text, "(*LIMIT_MATCH=20000)\\A(?:",
                                       ")\\z") : NULL;

    pcre2_code_free(alone);
    return code;
}

static int matches(const pcre2_code *code, const char *text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int rc = pcre2_match(code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0,
                         data, NULL);
    PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data);
    int spans = rc >= 0 && ends[0] == 0 && ends[1] == strlen(text);

    pcre2_match_data_free(data);
    return spans;
}

/* An expression's own text without its signs is mostly near an origin. */
static const char *make_host(const char *expression)
{
    static const char *const hosts[] = {
        "example.com", "evil.com", "evil.co.uk", "evil.github.io", "localhost",
        "a", "b", "[::1]", "127.0.0.1", "10.0.0.1", "www.example.com", "com",
        "evil-example.com", "evilexample.com", "example.com.evil.net", "e.uk",
        "wwwexample.com", "aexample.com", "a.b.example.com", "dev.example.com",
        "evil.dev.example.com", "mysite.netlify.app", "evil.netlify.app",
        "e.com", "evil.localhost", "examplecom", "xexample.com", "example.co",
        "deploy-preview-1--mysite.netlify.app", "app1.com", "aaapp2.com",
        "evil", "ab.uk", "ba.uk", "co.uk", "github.io", "1.1", "bexample.com"
    };
    char *host = apr_pstrdup(fuzz_pool, expression);
    const char *from = strstr(expression, "//");
    char *to = host;

    if (next_byte() % 3) {
        return PICK(hosts);
    }
    for (from = from ? from + 2 : expression; *from != '\0'; from++) {
        if (apr_isalnum(*from) || strchr(".-_", *from)) {
            *to++ = (char)apr_tolower(*from);
        }
        else if (strchr("|", *from) && next_byte() % 2) {
            break;
        }
    }
    *to = '\0';
    return host;
}

static const char *make_origin(const char *expression)
{
    static const char *const fronts[] = {
        "", "", "", "evil-", "evil", "evil.", "a.", "www.", "a.b.", "x", "-",
        "b", "ab", "1", "com.", "ab."
    };
    static const char *const ends[] = {
        "", "", "", "", ".evil.net", ".com", ".uk", "m", "evil", ".",
        ".example",
        ".evil.com", "mm", "com"
    };
    static const char *const ports[] = { "", "", "", ":8443", ":3000", ":1" };
    static const char *const sent[] = { "https", "https", "http", "capacitor" };
    char *host = apr_pstrcat(fuzz_pool, PICK(fronts), make_host(expression),
                             PICK(ends), NULL);
    size_t len = strlen(host);

    if (len > 0 && next_byte() % 3 == 0) {
        host[next_byte() % len] = PICK("abcdeilvmow1-.");
    }
    return apr_pstrcat(fuzz_pool, PICK(sent), "://", host, PICK(ports), NULL);
}

static int is_listed(const apr_array_header_t *domains, const char *host,
                     size_t len)
{
    size_t domain = cors_host_domain(host, len);
    int i;

    for (i = 0; i < domains->nelts; i++) {
        const char *name = APR_ARRAY_IDX(domains, i, const char *);
        size_t n = strlen(name);

        if ((n == len && !memcmp(name, host, n))
            || (n == domain && !memcmp(name, host + len - n, n))
            || (n < len && host[len - n - 1] == '.'
                && !memcmp(name, host + len - n, n))) {
            return 1;
        }
    }
    return 0;
}

static void check_origin(const cors_regex_check_t *found,
                         const pcre2_code *code, const char *text)
{
    cors_origin_t origin;
    size_t len;

    if (!cors_origin_parse(&origin, text) || !matches(code, text)) {
        return;
    }
    len = origin.host_end - origin.host;
    HOLDS(!found->never, text);
    HOLDS(found->insecure || found->loose
          || !cors_origin_is_insecure(&origin), text);
    HOLDS(found->loose || cors_host_is_loopback(text + origin.host, len)
          || is_listed(found->domains, text + origin.host, len), text);
}

static void check_advice(const cors_regex_check_t *found)
{
    cors_regex_check_t again;

    if (found->tighter) {
        cors_regex_check(&again, found->tighter, fuzz_pool);
        HOLDS(found->loose && !again.loose && !again.never, found->tighter);
    }
    if (found->possible) {
        cors_regex_check(&again, found->possible, fuzz_pool);
        HOLDS(found->never && !again.never, found->possible);
    }
    if (found->tighter || found->possible) {
        pcre2_code *code = anchored(found->tighter ? found->tighter
                                                   : found->possible);

        HOLDS(code, found->loose ? found->tighter : found->possible);
        pcre2_code_free(code);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cors_regex_check_t found;
    const char *text;
    pcre2_code *code;
    int i;

    fuzz_begin();
    input = data;
    left = size;
    state = (unsigned)size;
    for (i = 0; i < (int)size; i++) {
        state = state * 31 + data[i];
    }
    switch (next_byte() % 4) {
    case 0:
        text = mutate(PICK(rows));
        break;
    case 1:
        text = apr_pstrmemdup(fuzz_pool, (const char *)input, left);
        left = 0;
        break;
    default:
        text = make_expression();
    }
    expression = text;
    cors_regex_check(&found, text, fuzz_pool);
    MUST((!found.loose && !found.never) == !!found.domains);
    code = anchored(text);
    if (code) {
        check_advice(&found);
        for (i = 0; i < ORIGINS; i++) {
            check_origin(&found, code, make_origin(text));
        }
    }
    pcre2_code_free(code);
    return fuzz_end();
}
