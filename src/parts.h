/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  parts.h
 * @brief An origin as people write it, taken apart, and what is wrong with it.
 */

#ifndef CORS_PARTS_H
#define CORS_PARTS_H

#include "origin.h"

/** The parts of a value, before anything was checked; in lower case. */
typedef struct cors_parts_t {
    const char *scheme;
    const char *host;
    /** NULL: none */
    const char *port;
    const char *user;
    /** from the path, query or fragment on */
    const char *rest;
} cors_parts_t;

/** Take a value with "://" apart; it is changed, and kept. */
void cors_parts_read(cors_parts_t *parts, char *value, apr_pool_t *p);

/** The origin that scheme, host and port make, in p. */
const char *cors_parts_origin(const cors_parts_t *parts, apr_pool_t *p);

/** Whether the host begins with "*.". */
int cors_parts_has_subdomains(const cors_parts_t *parts);

/** The number of a port of digits; above 65535 if it is no port. */
int cors_parts_port_number(const char *digits);

/** Whether every part is right.
 *  @param remark if not, why, and what may be meant: itself unchecked
 */
int cors_parts_check(cors_remark_t *remark, const cors_parts_t *parts,
                     apr_pool_t *p);

/** Fill a remark in; always 0, so that a check can return it. */
int cors_refuse(cors_remark_t *remark, const char *reason,
                const char *instead);

#endif /* CORS_PARTS_H */
