/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "token.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

static int is_tchar(char c)
{
    return apr_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
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
    for (end = s; *end != '\0' && *end != ','; end++) {
    }
    *cursor = end;
    while (end > s && is_gap(end[-1])) {
        end--;
    }
    item->at = s;
    item->len = (apr_size_t)(end - s);
    return item->len > 0;
}

int cors_span_is(const cors_span_t *span, const char *string)
{
    return strlen(string) == span->len
           && strncasecmp(span->at, string, span->len) == 0;
}
