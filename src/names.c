/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "names.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

cors_names_t *cors_names_make(apr_pool_t *p, const cors_place_t *place)
{
    cors_names_t *list = apr_palloc(p, sizeof(*list));

    list->names = apr_array_make(p, 4, sizeof(cors_span_t));
    list->joined = "";
    list->any = 0;
    list->said = 0;
    list->place = place;
    return list;
}

static const cors_span_t *end_of(const cors_names_t *list)
{
    return (const cors_span_t *)list->names->elts + list->names->nelts;
}

int cors_names_has_method(const cors_names_t *list, const cors_span_t *method)
{
    const cors_span_t *name = (const cors_span_t *)list->names->elts;

    while (name < end_of(list)
           && (name->len != method->len || *name->at != *method->at
               || memcmp(name->at, method->at, name->len) != 0)) {
        name++;
    }
    return name < end_of(list);
}

int cors_names_has_header(const cors_names_t *list, const cors_span_t *header)
{
    const cors_span_t *name = (const cors_span_t *)list->names->elts;

    while (name < end_of(list)
           && (name->len != header->len
               || strncasecmp(name->at, header->at, name->len) != 0)) {
        name++;
    }
    return name < end_of(list);
}

void cors_names_add(cors_names_t *list, const char *name, int by_case)
{
    cors_span_t span;

    span.at = name;
    span.len = strlen(name);
    if (by_case ? cors_names_has_method(list, &span)
                : cors_names_has_header(list, &span)) {
        return;
    }
    APR_ARRAY_PUSH(list->names, cors_span_t) = span;
}

void cors_names_join(cors_names_t *list, apr_pool_t *p)
{
    static const char separator[] = ", ";
    const cors_span_t *names = (const cors_span_t *)list->names->elts;
    int count = list->names->nelts;
    struct iovec *parts = apr_palloc(p, sizeof(*parts) * (2 * count + 1));
    int used = 0;
    int i;

    if (list->any) {
        parts[used].iov_base = (void *)"*";
        parts[used++].iov_len = 1;
    }
    for (i = 0; i < count; i++) {
        if (used > 0) {
            parts[used].iov_base = (void *)separator;
            parts[used++].iov_len = sizeof(separator) - 1;
        }
        parts[used].iov_base = (void *)names[i].at;
        parts[used++].iov_len = names[i].len;
    }
    list->joined = apr_pstrcatv(p, parts, (apr_size_t)used, NULL);
}
