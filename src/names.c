/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "names.h"

#include <string.h>

#include <apr_strings.h>

cors_names_t *cors_names_make(apr_pool_t *p, const cors_place_t *place)
{
    cors_names_t *list = apr_palloc(p, sizeof(*list));

    list->names = apr_array_make(p, 4, sizeof(const char *));
    list->joined = "";
    list->any = 0;
    list->said = 0;
    list->place = place;
    return list;
}

int cors_names_has_method(const cors_names_t *list, const char *method)
{
    int i;

    for (i = 0; i < list->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(list->names, i, const char *);

        if (*name == *method && !strcmp(name, method)) {
            return 1;
        }
    }
    return 0;
}

int cors_names_has_header(const cors_names_t *list, const cors_span_t *name)
{
    int i;

    for (i = 0; i < list->names->nelts; i++) {
        if (cors_span_is(name, APR_ARRAY_IDX(list->names, i, const char *))) {
            return 1;
        }
    }
    return 0;
}

void cors_names_add(cors_names_t *list, const char *name, int by_case)
{
    cors_span_t span;

    span.at = name;
    span.len = strlen(name);
    if (by_case ? cors_names_has_method(list, name)
                : cors_names_has_header(list, &span)) {
        return;
    }
    APR_ARRAY_PUSH(list->names, const char *) = name;
}

void cors_names_join(cors_names_t *list, apr_pool_t *p)
{
    static const char separator[] = ", ";
    const char *const *names = (const char *const *)list->names->elts;
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
        parts[used].iov_base = (void *)names[i];
        parts[used++].iov_len = strlen(names[i]);
    }
    list->joined = apr_pstrcatv(p, parts, (apr_size_t)used, NULL);
}
