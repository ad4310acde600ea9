/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  conflict.h
 * @brief Telling what only merging brought about.
 */

#ifndef CORS_CONFLICT_H
#define CORS_CONFLICT_H

#include <httpd.h>

#include "../policy.h"

/** Hook child_init: a table of what this child has told already. */
void cors_conflict_child_init(apr_pool_t *p, server_rec *s);

/** Warn that an item was left out, once for each child and pair of places; at
 *  debug if one of them is in a .htaccess file, which is read for each request.
 *  @param request the request_rec
 */
void cors_conflict_log(void *request, const cors_conflict_t *conflict);

/** A conflict in words, in p. */
const char *cors_conflict_text(const cors_conflict_t *conflict, apr_pool_t *p);

#endif /* CORS_CONFLICT_H */
