/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  origin.h
 * @brief Origins as browsers send them, origin patterns as people write them.
 *
 * An origin is compared as it is serialised (HTML, "ASCII serialisation of
 * an origin"): scheme, host and port, in lower case, without default port.
 */

#ifndef CORS_ORIGIN_H
#define CORS_ORIGIN_H

#include <apr_pools.h>

#include "place.h"

/** The longest scheme, host and label, and what they come to with a port. */
#define CORS_SCHEME_MAX 64
#define CORS_HOST_MAX   253
#define CORS_LABEL_MAX  63
#define CORS_ORIGIN_MAX (CORS_SCHEME_MAX + 3 + CORS_HOST_MAX + 6)

/** A serialised origin other than "null", seen inside its string. */
typedef struct cors_origin_t {
    const char *text;
    apr_size_t len;
    apr_size_t scheme_len;
    /** Where the host begins, and where it ends: at the port, if any. */
    apr_size_t host;
    apr_size_t host_end;
} cors_origin_t;

/**
 * Read an Origin header's value.
 * @param origin what was found; points into text, which stays the caller's
 * @param text   the value, terminated
 * @return 1 if it is a serialised origin other than "null", else 0
 */
int cors_origin_read(cors_origin_t *origin, const char *text);

/** The port of an origin: the one it names, or its scheme's default, or 0. */
int cors_origin_port(const cors_origin_t *origin);

/** The port that http and https leave out, 0 for any other scheme. */
int cors_scheme_port(const char *scheme, apr_size_t len);

/** Whether whoever is on the way can change the pages of an origin: its scheme
 *  is http, and its host is not this machine.
 */
int cors_origin_is_insecure(const cors_origin_t *origin);

/** What an item of CorsAllowOrigin or CorsDenyOrigin stands for. */
typedef enum cors_pattern_kind_e {
    CORS_PATTERN_EXACT,
    /** every name below a domain */
    CORS_PATTERN_SUBDOMAINS,
    /** the opaque origin, "null" */
    CORS_PATTERN_NULL,
    /** "*" */
    CORS_PATTERN_ANY
} cors_pattern_kind_e;

/** What makes an item too dangerous to be used with credentials. */
#define CORS_HAZARD_PUBLIC_SUFFIX 0x01  /* names that anybody can register */
#define CORS_HAZARD_INSECURE      0x02  /* http, and not loopback */
#define CORS_HAZARD_NULL          0x04  /* any sandboxed frame is "null" */
#define CORS_HAZARD_LOOSE_REGEX   0x08  /* matches more than it looks */
#define CORS_HAZARD_EXPRESSION    0x10  /* nobody can say what it allows */
#define CORS_HAZARDS              0x1f

/** An item of a list of origins. */
typedef struct cors_pattern_t {
    cors_pattern_kind_e kind;
    /** As it is shown: normalised. Owned by the pool it was read into. */
    const char *text;
    apr_size_t scheme_len;
    /** What an origin's text is compared with: for an exact origin its
     *  whole, for subdomains what follows the first label, from its dot on;
     *  without the port if any port will do.
     */
    const char *key;
    apr_size_t key_len;
    int any_port;
    int hazards;
    const cors_place_t *place;
    /** Another pattern with an equal key, in an index. */
    struct cors_pattern_t *next;
} cors_pattern_t;

/** Why an item was refused, or what was mended. */
typedef struct cors_remark_t {
    /** A clause that follows the value, NULL when there is nothing to say. */
    const char *reason;
    /** The right spelling, NULL where there is none. */
    const char *instead;
} cors_remark_t;

/**
 * Read an item of a list of origins.
 * @param pattern what was read; its strings are in p. The place is not set.
 * @param remark  on failure the refusal; on success what was mended
 * @return 1 if the item can be used, else 0
 */
int cors_pattern_read(cors_pattern_t *pattern, cors_remark_t *remark,
                      const char *value, apr_pool_t *p);

/** The scheme that was probably meant: a known one that differs in one letter
 *  from the pattern's; NULL if that is known itself, or like none.
 */
const char *cors_pattern_likely_scheme(const cors_pattern_t *pattern);

/** Whether an exact or subdomain pattern covers the origin. */
int cors_pattern_covers(const cors_pattern_t *pattern,
                        const cors_origin_t *origin);

#endif /* CORS_ORIGIN_H */
