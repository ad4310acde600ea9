/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "token.h"

#include <string.h>

#include <apr_strings.h>

/* A bit for each byte: letters, digits and !#$%&'*+-.^_`|~ */
static const apr_uint32_t tchars[8] = {
    0x00000000, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff, 0, 0, 0, 0
};

static int is_tchar(char c)
{
    unsigned char byte = (unsigned char)c;

    return (tchars[byte >> 5] >> (byte & 31) & 1) != 0;
}

int cors_token_is(const char *s, apr_size_t len)
{
    apr_size_t i;

    for (i = 0; i < len && is_tchar(s[i]); i++) {
    }
    return len > 0 && i == len;
}

static int is_gap(char c)
{
    return c == ',' || c == ' ' || c == '\t';
}

int cors_list_next(const char **cursor, cors_span_t *item)
{
    const char *s = *cursor;
    const char *end;

    while (is_gap(*s)) {
        s++;
    }
    if (*s == '\0') {
        *cursor = s;
        return 0;
    }
    end = strchr(s, ',');
    if (!end) {
        end = s + strlen(s);
    }
    *cursor = end;
    while (is_gap(end[-1])) {
        end--;
    }
    item->at = s;
    item->len = (apr_size_t)(end - s);
    return 1;
}

int cors_span_is(const cors_span_t *span, const char *string)
{
    if (span->len == 0) {
        return *string == '\0';
    }
    return (*span->at | 0x20) == (*string | 0x20)
           && strncasecmp(span->at, string, span->len) == 0
           && string[span->len] == '\0';
}
