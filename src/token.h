/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  token.h
 * @brief Tokens and comma-separated lists (RFC 9110, sections 5.6.1, 5.6.2).
 */

#ifndef CORS_TOKEN_H
#define CORS_TOKEN_H

#include <apr.h>

/** A stretch of somebody else's string: not terminated, not owned. */
typedef struct cors_span_t {
    const char *at;
    apr_size_t len;
} cors_span_t;

/** Whether len bytes at s are one token: at least one, and tchars only. */
int cors_token_is(const char *s, apr_size_t len);

/**
 * The next item of a comma-separated list. Blanks around items and empty
 * items are passed over, as section 5.6.1.2 asks of a recipient; what an
 * item holds is not looked at.
 * @param cursor where to go on; moved behind the item
 * @param item   the item, inside the list
 * @return 0 at the end of the list
 */
int cors_list_next(const char **cursor, cors_span_t *item);

/** Whether the span is the string, case aside. */
int cors_span_is(const cors_span_t *span, const char *string);

#endif /* CORS_TOKEN_H */
