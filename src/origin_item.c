/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "origin_item.h"

#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "risk.h"

/* One value can contain several mistakes; so many are repaired in turn. */
#define MISTAKES 5

#define SCHEME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789+-."
#define HOST_CHARS   "abcdefghijklmnopqrstuvwxyz0123456789-_."
#define DIGITS       "0123456789"

/* What can be wrong with an item, in the order in which it is looked for. */
typedef enum problem_e {
    FINE, MINUS, CURLY_QUOTE, NO_BREAK_SPACE, NON_ASCII, IS_REGEX, SEMICOLON,
    QUOTE, CHARACTER, NULL_CASE, ANY_WORD, DATA_URL, ABOUT_URL, FILE_URL,
    APP_URL, NO_SCHEME, STAR_SCHEME, BAD_SCHEME, LONG_SCHEME, WEBSOCKET, FTP,
    USER, PATH, QUERY, FRAGMENT, BARE_IPV6, NO_PORT, STAR_PORT, BAD_PORT,
    PORT_ZERO,
    ZERO_PADDED, LARGE_PORT, NO_HOST, LONG_HOST, STAR_ADDRESS, STAR_LABEL,
    STAR_INSIDE, LAST_DOT, NO_LABEL, LONG_LABEL, BAD_IPV4, OTHER_IPV6,
    BAD_IPV6, BAD_HOST
} problem_e;

static const char *const reasons[] = {
    [MINUS] = "starts with '-': items cannot be removed; list the ones to "
              "keep, without '+'",
    [CURLY_QUOTE] = "contains a curly quotation mark; use a straight one",
    [NO_BREAK_SPACE] = "contains a no-break space; use an ordinary space",
    [NON_ASCII] = "contains a non-ASCII character; write the host name in "
                  "Punycode (xn--...)",
    [IS_REGEX] = "is a regular expression, not an origin",
    [SEMICOLON] = "contains ';'; separate origins with spaces or commas",
    [QUOTE] = "contains a quotation mark inside the origin",
    [NULL_CASE] = "is not an origin, because it is not in lower case",
    [ANY_WORD] = "is not an origin; every origin is allowed by \"*\"",
    [DATA_URL] = "cannot be used: pages from data: URLs have the origin "
                 "\"null\"",
    [ABOUT_URL] = "cannot be used: about: pages have the origin of the page "
                  "that opened them",
    [FILE_URL] = "cannot be used: browsers send \"null\" for pages opened "
                 "from a file, and some app shells send \"file://\"",
    [APP_URL] = "is not in the form that app shells send",
    [NO_SCHEME] = "has no scheme",
    [STAR_SCHEME] = "has '*' in the scheme; list one origin per scheme",
    [BAD_SCHEME] = "does not start with a valid scheme such as \"https://\"",
    [LONG_SCHEME] = "has a scheme of more than 64 bytes",
    [WEBSOCKET] = "is a WebSocket URL; list the origin of the page that opens "
                  "the connection",
    [FTP] = "is not an origin that a page can have; list the http or https "
            "origin of the page",
    [USER] = "contains a user name; an origin is only scheme, host and port",
    [PATH] = "has a path; an origin ends with the host and port",
    [QUERY] = "has a query; an origin ends with the host and port",
    [FRAGMENT] = "has a fragment; an origin ends with the host and port",
    [BARE_IPV6] = "has an IPv6 address without brackets",
    [NO_PORT] = "has an empty port",
    [STAR_PORT] = "has '*' inside the port; use \":*\" for any port",
    [BAD_PORT] = "has a port that is not a number",
    [PORT_ZERO] = "has port 0, which does not exist",
    [ZERO_PADDED] = "has a port with a leading zero",
    [LARGE_PORT] = "has a port above 65535",
    [NO_HOST] = "has no host",
    [LONG_HOST] = "has a host of more than 253 bytes",
    [STAR_ADDRESS] = "has \"*.\" before an IP address",
    [STAR_LABEL] = "has \"*.\" before a top-level domain, which would allow "
                   "every site under it",
    [STAR_INSIDE] = "has '*' in a place where it has no meaning; possible are "
                    "\"*\" alone, \"https://*.example.com\" and "
                    "\"https://example.com:*\"",
    [LAST_DOT] = "ends in a dot; browsers treat that as a different host",
    [NO_LABEL] = "has two dots in a row or starts with a dot",
    [LONG_LABEL] = "has a label of more than 63 bytes",
    [BAD_IPV4] = "has an IPv4 address that is not four decimal numbers",
    [OTHER_IPV6] = "has an IPv6 address that is not in the form browsers send",
    [BAD_IPV6] = "has an invalid IPv6 address",
    [BAD_HOST] = "has an invalid host name"
};

/* The parts of a value with "://", in lower case, unchecked. */
typedef struct parts_t {
    const char *scheme;
    const char *host;
    /** NULL: none */
    const char *port;
    const char *user;
    /** from the path, query or fragment on */
    const char *rest;
} parts_t;

static const char *lower_case(const char *value, apr_pool_t *p)
{
    char *lower = apr_pstrdup(p, value);
    char *s;

    for (s = lower; *s != '\0'; s++) {
        *s = (char)apr_tolower(*s);
    }
    return lower;
}

static void split(parts_t *parts, const char *value, apr_pool_t *p)
{
    const char *lower = lower_case(value, p);
    const char *host = strstr(lower, "://");
    apr_size_t len = strcspn(host + 3, "/?#");
    char *port;

    parts->scheme = apr_pstrndup(p, lower, (apr_size_t)(host - lower));
    host += 3;
    parts->rest = host + len;
    parts->user = memchr(host, '@', len) ? host : NULL;
    if (parts->user) {
        host = strchr(host, '@') + 1;
    }
    parts->host = port = apr_pstrndup(p, host,
                                      (apr_size_t)(parts->rest - host));
    port = strchr(port + (strchr(port, '[') ? strcspn(port, "]") : 0), ':');
    parts->port = port ? port + 1 : NULL;
    if (port) {
        *port = '\0';
    }
}

static const char *join(const parts_t *parts, apr_pool_t *p)
{
    return apr_pstrcat(p, parts->scheme, "://", parts->host,
                       parts->port ? ":" : NULL, parts->port, NULL);
}

static int is_below_star(const parts_t *parts)
{
    return !strncmp(parts->host, "*.", 2);
}

static int is_scheme(const parts_t *parts, const char *scheme)
{
    return !strcmp(parts->scheme, scheme);
}

/* A character class. An IPv6 address begins the host and contains no '-'. */
static int has_class(const char *value)
{
    const char *s = value;

    while ((s = strchr(s, '[')) != NULL) {
        if ((s > value && !strchr("/@.", s[-1])) || s[1] == '.'
            || (s[1] != '\0' && s[2] == '-')) {
            return 1;
        }
        s++;
    }
    return 0;
}

/* Behind a label ".*" is a wildcard, as in "https://app.*.example.com". */
static int has_any(const char *value)
{
    const char *s = value;

    while ((s = strstr(s, ".*")) != NULL) {
        if (s == value || (!apr_isalnum(s[-1]) && s[-1] != '*')) {
            return 1;
        }
        s += 2;
    }
    return 0;
}

/* Characters that occur in regular expressions, and in no origin. */
static int looks_like_regex(const char *value)
{
    return strpbrk(value, "\\()^$|") || strstr(value, ".+")
           || strstr(value, "?:") || strstr(value, "?.") || has_any(value)
           || has_class(value);
}

static problem_e check_bytes(const char *value)
{
    const char *s = value;

    while (*s > ' ' && *s < 0x7f && !strchr("\"'<>`{};", *s)) {
        s++;
    }
    switch ((unsigned char)*s) {
    case '\0':
        return looks_like_regex(value) ? IS_REGEX : FINE;
    case ';':
        return SEMICOLON;
    case '"': case '\'':
        return QUOTE;
    case 0xe2:
        return (unsigned char)s[1] == 0x80 && (unsigned char)s[2] >= 0x98
               && (unsigned char)s[2] <= 0x9f ? CURLY_QUOTE : NON_ASCII;
    case 0xc2:
        return (unsigned char)s[1] == 0xa0 ? NO_BREAK_SPACE : NON_ASCII;
    default:
        return (unsigned char)*s >= 0x80 ? NON_ASCII
               : looks_like_regex(value) ? IS_REGEX : CHARACTER;
    }
}

/* What can be told of a value before it is split into parts. */
static problem_e check_whole(const char *value)
{
    problem_e problem = *value == '-' ? MINUS : check_bytes(value);

    if (problem != FINE) {
        return problem;
    }
    if (!strcasecmp(value, "null")) {
        return NULL_CASE;
    }
    if (!strcasecmp(value, "all") || !strcasecmp(value, "any")) {
        return ANY_WORD;
    }
    if (!strncasecmp(value, "data:", 5)) {
        return DATA_URL;
    }
    if (!strncasecmp(value, "about:", 6)) {
        return ABOUT_URL;
    }
    if (!strncasecmp(value, "file:", 5)) {
        return FILE_URL;
    }
    if (!strcasecmp(value, "app://.") || !strcasecmp(value, "app://./")) {
        return APP_URL;
    }
    return strstr(value, "://") ? FINE : NO_SCHEME;
}

static problem_e check_scheme(const parts_t *parts)
{
    apr_size_t len = strspn(parts->scheme, SCHEME_CHARS);

    if (strchr(parts->scheme, '*')) {
        return STAR_SCHEME;
    }
    if (!apr_isalpha(parts->scheme[0]) || parts->scheme[len] != '\0') {
        return BAD_SCHEME;
    }
    if (is_scheme(parts, "ws") || is_scheme(parts, "wss")) {
        return WEBSOCKET;
    }
    return len > CORS_SCHEME_MAX ? LONG_SCHEME
           : is_scheme(parts, "ftp") ? FTP : FINE;
}

/* One slash at the end is what an address bar shows, and is corrected. */
static problem_e check_rest(const parts_t *parts)
{
    if (parts->user) {
        return USER;
    }
    switch (parts->rest[0]) {
    case '?':
        return QUERY;
    case '#':
        return FRAGMENT;
    case '/':
        return parts->rest[1] ? PATH : FINE;
    default:
        return FINE;
    }
}

/* Its first colon was taken for the one before a port. */
static int is_bare_ipv6(const char *host, const char *port)
{
    char text[CORS_IPV6_SIZE];
    char ipv6[CORS_IPV6_SIZE];

    apr_snprintf(text, sizeof(text), "[%s:%s]", host, port);
    return cors_host_ipv6(text, strlen(text), ipv6);
}

static problem_e check_port(const parts_t *parts)
{
    const char *port = parts->port;

    if (!port || !strcmp(port, "*")) {
        return FINE;
    }
    if (is_bare_ipv6(parts->host, port)) {
        return BARE_IPV6;
    }
    if (*port == '\0') {
        return NO_PORT;
    }
    if (strchr(port, '*')) {
        return STAR_PORT;
    }
    if (port[strspn(port, DIGITS)] != '\0') {
        return BAD_PORT;
    }
    if (*port == '0') {
        return port[strspn(port, "0")] ? ZERO_PADDED : PORT_ZERO;
    }
    return cors_port_number(port) > 65535 ? LARGE_PORT : FINE;
}

static problem_e check_name(const char *host, apr_size_t len)
{
    if (len == 0) {
        return NO_HOST;
    }
    if (len > CORS_HOST_MAX) {
        return LONG_HOST;
    }
    if (host[0] == '.' || strstr(host, "..")) {
        return NO_LABEL;
    }
    return host[strspn(host, HOST_CHARS)] == '\0' ? LONG_LABEL : BAD_HOST;
}

/* "*." may precede a name of two labels or more, or localhost: the owner of
 * that name owns the names below it.
 */
static problem_e check_below_star(const char *host, cors_host_e kind)
{
    if (kind != CORS_HOST_NAME) {
        return STAR_ADDRESS;
    }
    return strchr(host, '.') || !strcmp(host, "localhost") ? FINE
                                                           : STAR_LABEL;
}

static problem_e check_host(const parts_t *parts)
{
    const char *host = parts->host + (is_below_star(parts) ? 2 : 0);
    apr_size_t len = strlen(host);
    cors_host_e kind = cors_host_kind(host, len);
    char ipv6[CORS_IPV6_SIZE];

    if (strchr(host, '*')) {
        return STAR_INSIDE;
    }
    if (len > 1 && host[len - 1] == '.' && host[len - 2] != '.') {
        return LAST_DOT;
    }
    if (is_below_star(parts) && kind != CORS_HOST_BAD) {
        return strlen(parts->host) > CORS_HOST_MAX
                   ? LONG_HOST : check_below_star(host, kind);
    }
    switch (kind) {
    case CORS_HOST_BAD_IPV4:
        return BAD_IPV4;
    case CORS_HOST_BAD_IPV6:
        return cors_host_ipv6(host, len, ipv6) ? OTHER_IPV6 : BAD_IPV6;
    case CORS_HOST_BAD:
        return check_name(host, len);
    default:
        return FINE;
    }
}

static problem_e check_parts(const parts_t *parts)
{
    problem_e problem = check_scheme(parts);

    problem = problem ? problem : check_rest(parts);
    problem = problem ? problem : check_port(parts);
    return problem ? problem : check_host(parts);
}

static void set_key(cors_item_t *item)
{
    item->key = item->kind == CORS_ITEM_SUBDOMAINS
                    ? item->text + item->scheme_len + 4 : item->text;
    item->key_len = strlen(item->key) - (item->any_port ? 2 : 0);
}

static void set_risks(cors_item_t *item)
{
    cors_origin_t origin = { item->text, 0, item->scheme_len, 0, 0 };
    apr_size_t len;
    const char *host = cors_item_host(item, &len);

    origin.host = (apr_size_t)(host - item->text);
    origin.host_end = origin.host + len;
    if (cors_origin_is_insecure(&origin)) {
        item->risks |= CORS_RISK_INSECURE_ORIGIN;
    }
    if (item->kind == CORS_ITEM_SUBDOMAINS
        && cors_host_is_public_suffix(host, len)) {
        item->risks |= CORS_RISK_PUBLIC_SUFFIX;
    }
}

static void set_item(cors_item_t *item, parts_t *parts, apr_pool_t *p)
{
    item->kind = is_below_star(parts) ? CORS_ITEM_SUBDOMAINS
                                      : CORS_ITEM_EXACT;
    item->scheme_len = strlen(parts->scheme);
    item->any_port = parts->port && !strcmp(parts->port, "*");
    if (parts->port && !item->any_port
        && cors_port_number(parts->port)
               == cors_scheme_port(parts->scheme, item->scheme_len)) {
        parts->port = NULL;
    }
    item->text = join(parts, p);
    set_key(item);
    set_risks(item);
}

/* Values that are not scheme://host[:port]. */
static int is_special(cors_item_t *item, const char *value)
{
    item->text = value;
    if (!strcmp(value, "*")) {
        item->kind = CORS_ITEM_ANY;
        return 1;
    }
    if (!strcmp(value, "null")) {
        item->kind = CORS_ITEM_NULL;
        item->risks = CORS_RISK_NULL_ORIGIN;
        return 1;
    }
    if (!strcmp(value, "file://") || !strcmp(value, "app://.")) {
        item->kind = CORS_ITEM_EXACT;
        item->risks = *value == 'f' ? CORS_RISK_NULL_ORIGIN : 0;
        item->scheme_len = strcspn(value, ":");
        set_key(item);
        return 1;
    }
    return 0;
}

/* Most items are written as browsers send them. To accept those without taking
 * them apart saves 1,500 instructions of an origin in a .htaccess file.
 */
static int is_serialised(cors_item_t *item, const char *value)
{
    cors_origin_t origin;

    if (*value != 'h' || !cors_origin_parse(&origin, value)
        || value[origin.host_end - 1] == '.') {
        return 0;
    }
    item->kind = CORS_ITEM_EXACT;
    item->text = value;
    item->scheme_len = origin.scheme_len;
    item->risks = cors_origin_is_insecure(&origin) ? CORS_RISK_INSECURE_ORIGIN
                                                   : 0;
    set_key(item);
    return 1;
}

static problem_e parse(cors_item_t *item, parts_t *parts, const char *value,
                       apr_pool_t *p)
{
    problem_e problem;

    memset(item, 0, sizeof(*item));
    memset(parts, 0, sizeof(*parts));
    if (is_special(item, value) || is_serialised(item, value)) {
        return FINE;
    }
    problem = check_whole(value);
    if (problem != FINE) {
        return problem;
    }
    split(parts, value, p);
    problem = check_parts(parts);
    if (problem == FINE) {
        set_item(item, parts, p);
    }
    return problem;
}

/* The value without bytes that cannot begin or end it. */
static const char *trim(const char *value, apr_pool_t *p)
{
    const char *end = value + strlen(value);

    while (value < end && !apr_isalnum(*value) && !strchr("[*", *value)) {
        value++;
    }
    while (end > value && !apr_isalnum(end[-1]) && !strchr("]*/", end[-1])) {
        end--;
    }
    return apr_pstrndup(p, value, (apr_size_t)(end - value));
}

/* A value without "://" is repaired only if it can be a host. Loopback is
 * served over http.
 */
static const char *add_scheme(const char *value, apr_pool_t *p)
{
    int https = !strncasecmp(value, "https:", 6)
                || !strncasecmp(value, "https/", 6);
    int http = !https && (!strncasecmp(value, "http:", 5)
                          || !strncasecmp(value, "http/", 5));
    const char *host = value + (https ? 5 : http ? 4 : 0);
    apr_size_t len;

    if (strchr(value, '@')
        || (!strpbrk(value, ".:/") && strcasecmp(value, "localhost") != 0)) {
        return NULL;
    }
    host += strspn(host, https || http ? ":/" : "/");
    len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    if (!https && cors_host_is_loopback(lower_case(host, p), len)) {
        http = 1;
    }
    return apr_pstrcat(p, http ? "http://" : "https://", host, NULL);
}

static const char *repair_address(const char *host, apr_pool_t *p)
{
    char ipv6[CORS_IPV6_SIZE];
    struct in_addr ipv4;

    if (cors_host_ipv6(host, strlen(host), ipv6)) {
        return apr_pstrdup(p, ipv6);
    }
    return inet_aton(host, &ipv4)
               ? inet_ntop(AF_INET, &ipv4, apr_palloc(p, INET_ADDRSTRLEN),
                           INET_ADDRSTRLEN)
               : NULL;
}

/* "https://https://app.example.com" */
static int is_scheme_twice(const parts_t *parts)
{
    return parts->port && *parts->port == '\0'
           && !strncmp(parts->rest, "//", 2);
}

/* In "::1:80" the last number can be a port, so nothing is proposed. */
static const char *add_brackets(const parts_t *parts, apr_pool_t *p)
{
    const char *colon = parts->port ? strrchr(parts->port, ':') : NULL;

    if (colon && is_bare_ipv6(parts->host,
                              apr_pstrmemdup(p, parts->port,
                                             (apr_size_t)(colon
                                                          - parts->port)))) {
        return NULL;
    }
    return apr_pstrcat(p, "[", parts->host, ":", parts->port, "]", NULL);
}

/* The parts with one problem repaired. */
static const char *repair_parts(problem_e problem, const parts_t *parts,
                                apr_pool_t *p)
{
    parts_t right = *parts;

    switch (problem) {
    case USER: case QUERY: case FRAGMENT:
        break;
    case PATH:
        right.host = is_scheme_twice(parts) ? NULL : parts->host;
        break;
    case BARE_IPV6:
        right.host = add_brackets(parts, p);
        right.port = NULL;
        break;
    case NO_PORT:
        right.port = NULL;
        break;
    case ZERO_PADDED:
        right.port = parts->port ? parts->port + strspn(parts->port, "0")
                                 : NULL;
        break;
    case LAST_DOT:
        right.host = apr_pstrndup(p, parts->host, strlen(parts->host) - 1);
        break;
    case BAD_IPV4: case OTHER_IPV6:
        right.host = repair_address(parts->host, p);
        break;
    default:
        return NULL;
    }
    return right.host ? join(&right, p) : NULL;
}

/* The spelling that the author meant, itself unchecked; NULL if unknown. */
static const char *repair(problem_e problem, const parts_t *parts,
                          const char *value, apr_pool_t *p)
{
    switch (problem) {
    case CURLY_QUOTE: case NO_BREAK_SPACE: case QUOTE: case SEMICOLON:
        return trim(value, p);
    case NULL_CASE:
        return "null";
    case ANY_WORD:
        return "*";
    case FILE_URL:
        return "file://";
    case APP_URL:
        return "app://.";
    case NO_SCHEME:
        return add_scheme(value, p);
    default:
        return parts->scheme ? repair_parts(problem, parts, p) : NULL;
    }
}

/* Text in which each '*' matches what it is written for. */
static const char *expand(const char *text, const char *star, apr_pool_t *p)
{
    apr_size_t longest = sizeof("[a-z0-9-]+");
    char *regex = apr_palloc(p, longest * strlen(text) + 1);
    char *to = regex;

    for (; *text != '\0'; text++) {
        if (*text == '*') {
            to = apr_cpystrn(to, text[1] == '*' ? "" : star, longest);
        }
        else {
            to = apr_cpystrn(to, *text == '.' ? "[.]" : text,
                             *text == '.' ? longest : 2);
        }
    }
    *to = '\0';
    return regex;
}

static const char *scheme_as_regex(const char *scheme)
{
    return !strcmp(scheme, "*") || !strcmp(scheme, "http*") ? "https?"
           : strpbrk(scheme, "*+.") ? NULL : scheme;
}

/* "*." at the beginning is any number of labels. */
static const char *host_as_regex(const char *host, apr_pool_t *p)
{
    const char *front = "";

    if (host[strspn(host, HOST_CHARS "*")] != '\0' || *host == '.'
        || *host == '\0' || strstr(host, "..")
        || host[strlen(host) - 1] == '.') {
        return NULL;
    }
    if (host[strspn(host, "*")] == '\0') {
        return "[a-z0-9.-]+";
    }
    if (!strncmp(host, "*.", 2)) {
        front = "([a-z0-9-]+[.])+";
        host += 2;
    }
    return apr_pstrcat(p, front, expand(host, "[a-z0-9-]+", p), NULL);
}

/* Browsers do not send a default port, and "https?" has two of them. */
static const char *port_as_regex(const parts_t *parts, apr_pool_t *p)
{
    const char *port = parts->port;
    problem_e problem = check_port(parts);
    int number;

    if (!port || !strcmp(port, "*")) {
        return port ? "(:[0-9]+)?" : "";
    }
    if ((problem != FINE && problem != STAR_PORT)
        || port[strspn(port, DIGITS "*")] != '\0' || *port == '0') {
        return NULL;
    }
    number = cors_port_number(port);
    if (problem == FINE && (number == 80 || number == 443)) {
        return number == cors_scheme_port(parts->scheme,
                                          strlen(parts->scheme)) ? ""
               : strchr(parts->scheme, '*') ? NULL
               : apr_pstrcat(p, ":", port, NULL);
    }
    return apr_pstrcat(p, ":", expand(port, "[0-9]*", p), NULL);
}

/* The regular expression that means what the value means with a '*' that is
 * not possible; one that was written as an item as it is, unchecked.
 */
static const char *as_regex(problem_e problem, const parts_t *parts,
                            const char *value, apr_pool_t *p)
{
    const char *scheme;
    const char *host;
    const char *port;

    if (problem == IS_REGEX) {
        return strstr(value, "://") ? value : NULL;
    }
    if (problem != STAR_SCHEME && problem != STAR_INSIDE
        && problem != STAR_PORT) {
        return NULL;
    }
    scheme = scheme_as_regex(parts->scheme);
    host = host_as_regex(parts->host, p);
    port = port_as_regex(parts, p);
    return scheme && host && port
               ? apr_pstrcat(p, scheme, "://", host, port, NULL) : NULL;
}

static const char *reason_of(problem_e problem, const char *value,
                             apr_pool_t *p)
{
    const char *s = value;

    if (problem != CHARACTER) {
        return reasons[problem];
    }
    while (*s > ' ' && *s < 0x7f && !strchr("<>`{}", *s)) {
        s++;
    }
    return apr_psprintf(p, apr_isprint(*s)
                               ? "contains '%c', which is not allowed in an "
                                 "origin"
                               : "contains the byte 0x%02x, which is not "
                                 "allowed in an origin", (unsigned char)*s);
}

/* What is proposed must itself be accepted, or lead to what is. */
static const char *right_spelling(problem_e problem, const parts_t *parts,
                                  const char *value, apr_pool_t *p)
{
    cors_item_t item;
    parts_t next = *parts;
    int tries;

    for (tries = 0; tries < MISTAKES; tries++) {
        value = repair(problem, &next, value, p);
        if (!value) {
            return NULL;
        }
        problem = parse(&item, &next, value, p);
        if (problem == FINE) {
            return item.text;
        }
    }
    return NULL;
}

int cors_item_parse(cors_item_t *item, cors_remark_t *remark,
                    const char *value, apr_pool_t *p)
{
    parts_t parts;
    problem_e problem = parse(item, &parts, value, p);

    memset(remark, 0, sizeof(*remark));
    if (problem == FINE) {
        if (strcmp(item->text, value) != 0) {
            remark->reason = "was normalised to the form that browsers send";
            remark->instead = item->text;
        }
        return 1;
    }
    remark->reason = reason_of(problem, value, p);
    remark->instead = right_spelling(problem, &parts, value, p);
    remark->expression = as_regex(problem, &parts, value, p);
    return 0;
}

int cors_differs_in_one(const char *a, apr_size_t a_len, const char *b,
                        apr_size_t b_len)
{
    apr_size_t front = 0;

    while (front < a_len && front < b_len && a[front] == b[front]) {
        front++;
    }
    while (a_len > front && b_len > front && a[a_len - 1] == b[b_len - 1]) {
        a_len--;
        b_len--;
    }
    return a_len - front <= 1 && b_len - front <= 1;
}

const char *cors_item_likely_scheme(const cors_item_t *item)
{
    static const char *const known[] = {
        "https", "http", "capacitor", "ionic", "tauri", "chrome-extension",
        "moz-extension", "safari-web-extension", "vscode-webview", "app", NULL
    };
    const char *likely = NULL;
    int i;

    for (i = 0; known[i]; i++) {
        if (strlen(known[i]) == item->scheme_len
            && !strncmp(known[i], item->text, item->scheme_len)) {
            return NULL;
        }
        if (!likely && cors_differs_in_one(item->text, item->scheme_len,
                                           known[i], strlen(known[i]))) {
            likely = known[i];
        }
    }
    return likely;
}

const char *cors_item_host(const cors_item_t *item, apr_size_t *len)
{
    const char *host = item->text + item->scheme_len + 3;

    if (item->kind == CORS_ITEM_SUBDOMAINS) {
        host += 2;
    }
    *len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    return host;
}

/* The labels before a subdomains item's key need no check: every label of a
 * parsed origin was checked.
 */
int cors_item_matches(const cors_item_t *item, const cors_origin_t *origin)
{
    apr_size_t end = item->any_port ? origin->host_end : origin->len;

    if (item->kind == CORS_ITEM_EXACT) {
        return end == item->key_len
               && memcmp(origin->text, item->key, end) == 0;
    }
    return item->kind == CORS_ITEM_SUBDOMAINS
           && origin->scheme_len == item->scheme_len
           && end > origin->host + item->key_len
           && memcmp(origin->text + end - item->key_len, item->key,
                     item->key_len) == 0
           && memcmp(origin->text, item->text, item->scheme_len) == 0;
}

static int is_listed(const apr_array_header_t *domains, const char *domain,
                     apr_size_t len)
{
    int i;

    for (i = 0; domains && i < domains->nelts; i++) {
        const char *listed = APR_ARRAY_IDX(domains, i, const char *);

        if (strlen(listed) == len && memcmp(listed, domain, len) == 0) {
            return 1;
        }
    }
    return 0;
}

int cors_item_writes_domain(const cors_item_t *item,
                            const cors_origin_t *origin)
{
    const char *host = origin->text + origin->host;
    apr_size_t len = origin->host_end - origin->host;
    apr_size_t domain = cors_host_domain(host, len);
    apr_size_t written;

    if (cors_host_is_loopback(host, len)) {
        return 1;
    }
    if (item->kind == CORS_ITEM_SUBDOMAINS) {
        cors_item_host(item, &written);
        return domain > 0 && domain <= written;
    }
    return is_listed(item->domains, host + len - domain, domain);
}
