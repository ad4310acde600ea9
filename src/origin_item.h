/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  origin_item.h
 * @brief One item of a list of origins, as an administrator writes it.
 */

#ifndef CORS_ORIGIN_ITEM_H
#define CORS_ORIGIN_ITEM_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "line.h"
#include "origin.h"

typedef enum cors_item_kind_e {
    /** one origin, such as "file://" too */
    CORS_ITEM_EXACT,
    /** every name below a domain */
    CORS_ITEM_SUBDOMAINS,
    /** "null", the opaque origin */
    CORS_ITEM_NULL,
    /** "*" */
    CORS_ITEM_ANY,
    /** a regular expression */
    CORS_ITEM_REGEX,
    /** an ap_expr */
    CORS_ITEM_EXPRESSION
} cors_item_kind_e;

typedef struct cors_item_t {
    cors_item_kind_e kind;
    /** Any port matches, and none. */
    int any_port;
    /** CORS_RISK_* */
    int risks;
    /** As browsers send it; a regular expression or ap_expr as written. */
    const char *text;
    apr_size_t scheme_len;
    /** What an origin's text is compared with: the whole origin, or for
     *  subdomains the part from the dot behind "*" on; without the port where
     *  any port matches. NULL for "*" and "null".
     */
    const char *key;
    apr_size_t key_len;
    const cors_line_t *line;
    /** httpd's compiled form of a regular expression or ap_expr */
    void *compiled;
    /** const char * each: the registrable domains that a regular expression
     *  writes out; NULL if it is loose, and for other kinds
     */
    const apr_array_header_t *domains;
    /** What is loose about a regular expression, and what to write. */
    const char *loose;
    const char *tighter;
    /** another item with an equal key, in an index */
    struct cors_item_t *next;
} cors_item_t;

/** Why an item was refused, or what was corrected. */
typedef struct cors_remark_t {
    /** A clause that follows the value; NULL if there is nothing to say. */
    const char *reason;
    /** The right spelling, which is itself accepted; NULL if there is none. */
    const char *instead;
    /** The regular expression for CorsAllowOriginMatch that means the same;
     *  NULL if there is none.
     */
    const char *expression;
} cors_remark_t;

/**
 * Parse an item of CorsAllowOrigin or CorsDenyOrigin.
 * @param item   its strings are in p, or value itself; the line is not set
 * @param remark on failure the reason; on success what was corrected
 * @return 1 if the item can be used, else 0
 */
int cors_item_parse(cors_item_t *item, cors_remark_t *remark,
                    const char *value, apr_pool_t *p);

/** The known scheme that differs from an item's in one letter; NULL if the
 *  item's scheme is known, or differs from all.
 */
const char *cors_item_likely_scheme(const cors_item_t *item);

/** Whether two strings differ in one letter: more, less, or another. */
int cors_differs_in_one(const char *a, apr_size_t a_len, const char *b,
                        apr_size_t b_len);

/** The host in an item's text, without "*." and port. */
const char *cors_item_host(const cors_item_t *item, apr_size_t *len);

/** Whether an exact item or a subdomains item matches the origin. */
int cors_item_matches(const cors_item_t *item, const cors_origin_t *origin);

/** Whether the origin's registrable domain is one that a subdomains item or a
 *  regular expression writes out, or the origin is loopback.
 */
int cors_item_writes_domain(const cors_item_t *item,
                            const cors_origin_t *origin);

#endif /* CORS_ORIGIN_ITEM_H */
