/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "origin.h"

#include <string.h>

#include <arpa/inet.h>

#include <apr_file_info.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_time.h>

#include <libpsl.h>

#define PORT_MAX   65535
#define IPV6_WORDS 8

/* A bit for each byte: a-z 0-9 - _ */
static const apr_uint32_t label_chars[8] = {
    0, 0x03ff2000, 0x80000000, 0x07fffffe, 0, 0, 0, 0
};

static int is_label_char(char c)
{
    unsigned char byte = (unsigned char)c;

    return (label_chars[byte >> 5] >> (byte & 31) & 1) != 0;
}

/* One or more DNS labels, none of them empty. This is what keeps
 * "evil.example/.a.example" from passing for a name below a.example: a label
 * contains no '/', ':' or '@', and ".." has an empty one. A single dot may end
 * a name: to browsers "localhost." is another host than "localhost".
 */
static int is_labels(const char *s, const char *end)
{
    int label = 0;

    if (end - s > 1 && end[-1] == '.') {
        end--;
    }
    for (; s < end; s++) {
        if (*s == '.' ? label == 0 : !is_label_char(*s)) {
            return 0;
        }
        label = *s == '.' ? 0 : label + 1;
        if (label > CORS_LABEL_MAX) {
            return 0;
        }
    }
    return label > 0;
}

/* The last label is a decimal or hexadecimal number. */
static int ends_in_number(const char *s, const char *end)
{
    const char *last;

    if (end[-1] == '.') {
        end--;
    }
    if (!apr_isxdigit(end[-1]) && end[-1] != 'x') {
        return 0;
    }
    for (last = end; last > s && last[-1] != '.'; last--) {
    }
    if (end - last >= 2 && last[0] == '0' && last[1] == 'x') {
        for (last += 2; last < end && apr_isxdigit(*last); last++) {
        }
    }
    else {
        for (; last < end && apr_isdigit(*last); last++) {
        }
    }
    return last == end;
}

/* inet_pton() accepts exactly what browsers send: four decimal parts without
 * leading zeros.
 */
static int is_dotted_quad(const char *s, apr_size_t len)
{
    char buffer[INET_ADDRSTRLEN];
    struct in_addr address;

    if (len >= sizeof(buffer)) {
        return 0;
    }
    memcpy(buffer, s, len);
    buffer[len] = '\0';
    return inet_pton(AF_INET, buffer, &address) == 1;
}

/* The words of a mapped or compatible address (::ffff:102:304), which
 * inet_ntop() would write with a dotted quad.
 */
static void put_mapped(const unsigned char *bytes, char *text, apr_size_t size)
{
    int last = bytes[14] << 8 | bytes[15];

    if (bytes[10]) {
        apr_snprintf(text, size, "::ffff:%x:%x", bytes[12] << 8 | bytes[13],
                     last);
    }
    else {
        apr_snprintf(text, size, "::%x:%x", bytes[12] << 8 | bytes[13], last);
    }
}

int cors_host_ipv6(const char *host, apr_size_t len,
                   char text[CORS_IPV6_SIZE])
{
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[2 * IPV6_WORDS];

    if (len < 4 || host[0] != '[' || host[len - 1] != ']'
        || len - 2 >= sizeof(address)) {
        return 0;
    }
    memcpy(address, host + 1, len - 2);
    address[len - 2] = '\0';
    if (inet_pton(AF_INET6, address, bytes) != 1) {
        return 0;
    }
    inet_ntop(AF_INET6, bytes, address, sizeof(address));
    if (strchr(address, '.')) {
        put_mapped(bytes, address, sizeof(address));
    }
    apr_snprintf(text, CORS_IPV6_SIZE, "[%s]", address);
    return 1;
}

static int is_canonical_ipv6(const char *host, apr_size_t len)
{
    char text[CORS_IPV6_SIZE];

    return cors_host_ipv6(host, len, text) && strlen(text) == len
           && memcmp(text, host, len) == 0;
}

cors_host_e cors_host_kind(const char *host, apr_size_t len)
{
    if (len == 0 || len > CORS_HOST_MAX) {
        return CORS_HOST_BAD;
    }
    if (host[0] == '[') {
        return is_canonical_ipv6(host, len) ? CORS_HOST_IPV6
                                            : CORS_HOST_BAD_IPV6;
    }
    if (!is_labels(host, host + len)) {
        return CORS_HOST_BAD;
    }
    if (!ends_in_number(host, host + len)) {
        return CORS_HOST_NAME;
    }
    return is_dotted_quad(host, len) ? CORS_HOST_IPV4 : CORS_HOST_BAD_IPV4;
}

static int ends_with(const char *s, apr_size_t len, const char *end)
{
    apr_size_t end_len = strlen(end);

    return len >= end_len && memcmp(s + len - end_len, end, end_len) == 0;
}

int cors_host_is_loopback(const char *host, apr_size_t len)
{
    switch (cors_host_kind(host, len)) {
    case CORS_HOST_NAME:
        return (len == 9 && memcmp(host, "localhost", 9) == 0)
               || ends_with(host, len, ".localhost");
    case CORS_HOST_IPV4:
        return memcmp(host, "127.", 4) == 0;
    case CORS_HOST_IPV6:
        return len == 5 && memcmp(host, "[::1]", 5) == 0;
    default:
        return 0;
    }
}

/* RFC 3986, section 3.1, in lower case. */
static apr_size_t scheme_length(const char *s)
{
    apr_size_t len = 0;

    if (s[0] < 'a' || s[0] > 'z') {
        return 0;
    }
    while ((s[len] >= 'a' && s[len] <= 'z') || apr_isdigit(s[len])
           || s[len] == '+' || s[len] == '-' || s[len] == '.') {
        len++;
    }
    return len <= CORS_SCHEME_MAX ? len : 0;
}

int cors_scheme_port(const char *scheme, apr_size_t len)
{
    if (len == 4 && memcmp(scheme, "http", 4) == 0) {
        return 80;
    }
    if (len == 5 && memcmp(scheme, "https", 5) == 0) {
        return 443;
    }
    return 0;
}

/* A port as browsers serialise it: no leading zero, not the default. */
static int is_port(const char *s, int default_port)
{
    int port = 0;
    int digits = 0;

    if (*s == '0') {
        return 0;
    }
    for (; apr_isdigit(*s) && digits < 6; s++, digits++) {
        port = 10 * port + (*s - '0');
    }
    return digits > 0 && *s == '\0' && port <= PORT_MAX
           && port != default_port;
}

int cors_origin_parse(cors_origin_t *origin, const char *text)
{
    const char *host;
    const char *end;

    origin->scheme_len = scheme_length(text);
    host = text + origin->scheme_len;
    if (origin->scheme_len == 0 || host[0] != ':' || host[1] != '/'
        || host[2] != '/') {
        return 0;
    }
    host += 3;
    end = host;
    while (*end != '\0' && *end != (*host == '[' ? ']' : ':')) {
        end++;
    }
    if (*host == '[' && *end == ']') {
        end++;
    }
    switch (cors_host_kind(host, (apr_size_t)(end - host))) {
    case CORS_HOST_NAME:
    case CORS_HOST_IPV4:
    case CORS_HOST_IPV6:
        break;
    default:
        return 0;
    }
    origin->text = text;
    origin->host = (apr_size_t)(host - text);
    origin->host_end = (apr_size_t)(end - text);
    origin->len = origin->host_end + strlen(end);
    return *end == '\0'
           || (*end == ':'
               && is_port(end + 1,
                          cors_scheme_port(text, origin->scheme_len)));
}

int cors_origin_is_serialised(const char *text)
{
    cors_origin_t origin;

    return cors_origin_parse(&origin, text) || !strcmp(text, "null")
           || !strcmp(text, "file://") || !strcmp(text, "app://.");
}

int cors_origin_port(const cors_origin_t *origin)
{
    const char *s = origin->text + origin->host_end;
    int port = 0;

    if (*s != ':') {
        return cors_scheme_port(origin->text, origin->scheme_len);
    }
    for (s++; *s != '\0'; s++) {
        port = 10 * port + (*s - '0');
    }
    return port;
}

int cors_origin_is_insecure(const cors_origin_t *origin)
{
    return origin->scheme_len == 4 && memcmp(origin->text, "http", 4) == 0
           && !cors_host_is_loopback(origin->text + origin->host,
                                     origin->host_end - origin->host);
}

int cors_port_number(const char *digits)
{
    apr_int64_t port = apr_strtoi64(digits, NULL, 10);

    return port > PORT_MAX ? PORT_MAX + 1 : (int)port;
}

/* Set before there are threads, read-only afterwards. */
static psl_ctx_t *suffixes;

static apr_status_t free_suffixes(void *data)
{
    (void)data;
    psl_free(suffixes);
    suffixes = NULL;
    return APR_SUCCESS;
}

void cors_suffixes_load(apr_pool_t *p)
{
    suffixes = psl_latest(NULL);
    apr_pool_cleanup_register(p, NULL, free_suffixes, apr_pool_cleanup_null);
}

/* psl_latest() takes the system's file if it is newer than what libpsl was
 * built with.
 */
const char *cors_suffixes_version(apr_pool_t *p)
{
    const char *file = psl_dist_filename();
    apr_time_t time = apr_time_from_sec(psl_builtin_file_time());
    apr_time_exp_t date;
    apr_finfo_t info;

    if (file && apr_stat(&info, file, APR_FINFO_MTIME, p) == APR_SUCCESS
        && info.mtime > time) {
        time = info.mtime;
    }
    else {
        file = "built into libpsl";
    }
    apr_time_exp_gmt(&date, time);
    return apr_psprintf(p, "%d-%02d-%02d (%s)", date.tm_year + 1900,
                        date.tm_mon + 1, date.tm_mday, file);
}

static int copy_name(char buffer[CORS_HOST_MAX + 1], const char *host,
                     apr_size_t len)
{
    if (!suffixes || cors_host_kind(host, len) != CORS_HOST_NAME) {
        return 0;
    }
    memcpy(buffer, host, len);
    buffer[len] = '\0';
    return 1;
}

/* Not by libpsl's default rule "*": nobody registers names below localhost. */
int cors_host_is_public_suffix(const char *host, apr_size_t len)
{
    char name[CORS_HOST_MAX + 1];

    return copy_name(name, host, len)
           && psl_is_public_suffix2(suffixes, name,
                                    PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

apr_size_t cors_host_domain(const char *host, apr_size_t len)
{
    char name[CORS_HOST_MAX + 1];
    const char *domain;

    if (!copy_name(name, host, len)) {
        return suffixes ? 0 : len;
    }
    domain = psl_registrable_domain(suffixes, name);
    return domain ? strlen(domain) : 0;
}
