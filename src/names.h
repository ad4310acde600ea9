/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  names.h
 * @brief Tokens, comma-separated lists (RFC 9110, sections 5.6.1 and 5.6.2),
 *        and lists of method or header names.
 */

#ifndef CORS_NAMES_H
#define CORS_NAMES_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>

/** Part of another string: neither terminated nor owned. */
typedef struct cors_span_t {
    const char *at;
    apr_size_t len;
} cors_span_t;

/** The longest Access-Control-Request-Headers, and name in it, accepted. */
#define CORS_REQUESTED_HEADERS_MAX 4096
#define CORS_NAME_MAX              256

/** Whether len bytes at s are one token. */
int cors_token_is(const char *s, apr_size_t len);

/**
 * The next item of a comma-separated list. Blanks around items and empty
 * items are skipped (RFC 9110, section 5.6.1.2); the item is not checked.
 * @param cursor moved behind the item
 * @return 0 at the end of the list
 */
int cors_list_next(const char **cursor, cors_span_t *item);

/** Names in the order in which they were written, each once. */
typedef struct cors_names_t {
    /** Names that differ in case are different: methods, not header names
     *  (RFC 9110, sections 9.1 and 5.1).
     */
    int case_sensitive;
    /** cors_span_t each; every name is terminated */
    apr_array_header_t *names;
    /** what is compared of each name, for a long list; else NULL */
    apr_hash_t *index;
    /** "*" is in the list. */
    int any;
    /** All of them as the value of a header, "" for none; NULL until they are
     *  joined.
     */
    const char *joined;
} cors_names_t;

cors_names_t *cors_names_make(apr_pool_t *p, int case_sensitive);

/** Add a name, unless it is there. It is kept, not copied. */
void cors_names_add(cors_names_t *list, const char *name);

/** Set list->joined, in p, after names were added. */
void cors_names_join(cors_names_t *list, apr_pool_t *p);

int cors_names_has(const cors_names_t *list, const cors_span_t *name);

/** Whether browsers never let a script use the method (Fetch, "forbidden
 *  method").
 */
int cors_method_is_forbidden(const char *method);

/** Whether fetch() upper-cases the method (Fetch, "normalize a method"). */
int cors_method_is_normalised(const char *method);

/** Whether browsers never let a script set the request header (Fetch,
 *  "forbidden request-header").
 */
int cors_header_is_never_requested(const char *name);

/** Whether scripts never see the response header (Fetch, "forbidden
 *  response-header name").
 */
int cors_header_is_never_exposed(const char *name);

/** The response headers that this module sends; NULL ends the list. */
extern const char *const cors_header_own[];

/** The directive that sends one of them; NULL if it is another header. */
const char *cors_header_directive(const char *name);

#endif /* CORS_NAMES_H */
