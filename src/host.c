/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "host.h"

#include <string.h>

#include <arpa/inet.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include <libpsl.h>

#include "origin.h"

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

/* One or more labels, none of them empty. This is what keeps
 * "evil.example/.a.example" from passing for a name below a.example: '/', ':'
 * and '@' are in no label, and ".." holds an empty one. A dot may end a name:
 * browsers keep it, and take "localhost." for another host than "localhost".
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

/* The URL standard takes a host for an IPv4 address when its last label is a
 * decimal or hexadecimal number.
 */
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

/* inet_pton() wants four decimal parts without leading zeros: just the one
 * form in which browsers write an address.
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

static int read_ipv6(const char *host, apr_size_t len,
                     unsigned short words[IPV6_WORDS])
{
    char buffer[INET6_ADDRSTRLEN];
    unsigned char bytes[2 * IPV6_WORDS];
    int i;

    if (len < 4 || host[0] != '[' || host[len - 1] != ']'
        || len - 2 >= sizeof(buffer)) {
        return 0;
    }
    memcpy(buffer, host + 1, len - 2);
    buffer[len - 2] = '\0';
    if (inet_pton(AF_INET6, buffer, bytes) != 1) {
        return 0;
    }
    for (i = 0; i < IPV6_WORDS; i++) {
        words[i] = (unsigned short)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    }
    return 1;
}

/* The first of the longest runs of two or more zero words. */
static int longest_zeros(const unsigned short words[IPV6_WORDS], int *count)
{
    int start = -1;
    int i;
    int j;

    *count = 1;
    for (i = 0; i < IPV6_WORDS; i = j + 1) {
        for (j = i; j < IPV6_WORDS && words[j] == 0; j++) {
        }
        if (j - i > *count) {
            start = i;
            *count = j - i;
        }
    }
    return start;
}

/* inet_ntop() won't do: it writes ::ffff:1.2.3.4 where browsers write
 * ::ffff:102:304.
 */
int cors_host_ipv6(const char *host, apr_size_t len,
                   char text[CORS_IPV6_SIZE])
{
    unsigned short words[IPV6_WORDS];
    char *end = text + CORS_IPV6_SIZE;
    int zeros;
    int start;
    int i;

    if (!read_ipv6(host, len, words)) {
        return 0;
    }
    start = longest_zeros(words, &zeros);
    *text++ = '[';
    for (i = 0; i < IPV6_WORDS; i++) {
        if (i == start) {
            text = apr_cpystrn(text, i == 0 ? "::" : ":",
                               (apr_size_t)(end - text));
            i += zeros - 1;
            continue;
        }
        text += apr_snprintf(text, (apr_size_t)(end - text), "%x%s", words[i],
                             i < IPV6_WORDS - 1 ? ":" : "");
    }
    apr_cpystrn(text, "]", (apr_size_t)(end - text));
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

int cors_host_is_public_suffix(const char *host, apr_size_t len)
{
    char buffer[CORS_HOST_MAX + 1];
    const psl_ctx_t *list = psl_builtin();

    if (!list || len > CORS_HOST_MAX || cors_host_is_loopback(host, len)) {
        return 0;
    }
    memcpy(buffer, host, len);
    buffer[len] = '\0';
    return psl_is_public_suffix(list, buffer);
}
