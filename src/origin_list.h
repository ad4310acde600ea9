/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  origin_list.h
 * @brief The origins that one section allows or denies.
 *
 * A short list is searched from end to end. A longer one gets an index when it
 * is built: one look-up for the whole origin, and one for each dot in its host
 * behind which a subdomains item can begin.
 */

#ifndef CORS_ORIGIN_LIST_H
#define CORS_ORIGIN_LIST_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>

#include "origin_item.h"
#include "risk.h"

typedef struct cors_origin_list_t {
    /** cors_item_t * each, in the order in which they were written: items
     *  that are compared, and items that only httpd can evaluate (regular
     *  expressions, ap_expr)
     */
    apr_array_header_t *items;
    apr_array_header_t *rules;
    /** "*" and "null", NULL if not listed */
    const cors_item_t *any;
    const cors_item_t *null;
    /** Some items are compared by parts: subdomains, any port. */
    int has_parts;
    int has_any_port;
    /** A bit for each number of dots in the key of a subdomains item; the last
     *  is for all larger numbers.
     */
    apr_uint64_t depths;
    /** CORS_RISK_* of all items, and the first item with each */
    int risks;
    const cors_item_t *risky[CORS_RISKS];
    /** key -> cors_item_t, chained; NULL while the list is short */
    apr_hash_t *index;
} cors_origin_list_t;

cors_origin_list_t *cors_origin_list_make(apr_pool_t *p);

/** Add an item. It is kept, not copied. */
void cors_origin_list_add(cors_origin_list_t *list, cors_item_t *item);

/** An Origin header's value, parsed at most once, when that is needed. */
typedef struct cors_origin_value_t {
    const char *text;
    apr_size_t len;
    int is_null;
    /** -1 as long as nothing asked for it */
    int is_serialised;
    cors_origin_t origin;
} cors_origin_value_t;

void cors_origin_value_init(cors_origin_value_t *value, const char *text);

/** Whether the value is scheme://host[:port]; value->origin is then set. */
int cors_origin_value_parse(cors_origin_value_t *value);

/** Find the closest item that matches the value: the exact origin, then the
 *  longest suffix, then a port before any port. Rules are not evaluated.
 *  @return NULL if none does
 */
const cors_item_t *cors_origin_list_find(const cors_origin_list_t *list,
                                         cors_origin_value_t *value);

#endif /* CORS_ORIGIN_LIST_H */
