/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  names.h
 * @brief A list of method or header names, as one section gives it.
 */

#ifndef CORS_NAMES_H
#define CORS_NAMES_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "place.h"
#include "token.h"

/** Names in the order in which they were written, each once. */
typedef struct cors_names_t {
    /** cors_span_t each, and a 0 behind it */
    apr_array_header_t *names;
    /** All of them as the value of a header, "" for none. */
    const char *joined;
    /** "*" was written. */
    int any;
    /** How its lines were written, CORS_SAID_*. */
    unsigned char said;
    /** Where the list began. */
    const cors_place_t *place;
} cors_names_t;

/** An empty list in p. The place is kept, not copied. */
cors_names_t *cors_names_make(apr_pool_t *p, const cors_place_t *place);

/** Add a name, unless it is there; it is kept, not copied. Comparing goes
 *  by case for methods (RFC 9110, section 9.1), not for header names.
 */
void cors_names_add(cors_names_t *list, const char *name, int by_case);

/** Make list->joined anew, in p. Call it when a line was read. */
void cors_names_join(cors_names_t *list, apr_pool_t *p);

/** Whether the method is listed. "*" is the caller's matter. */
int cors_names_has_method(const cors_names_t *list, const cors_span_t *method);

/** Whether the header name is listed, case aside. */
int cors_names_has_header(const cors_names_t *list, const cors_span_t *header);

#endif /* CORS_NAMES_H */
