/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Shared by the fuzz targets. Every allocation of a pool is one of malloc(),
 * because APR cuts its allocations out of large blocks, inside which ASan sees
 * no overflow.
 */

#ifndef CORS_FUZZ_H
#define CORS_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>

#include "../../src/origin.h"

/* A promise. If it is broken, libFuzzer keeps the input. */
#define MUST(promise) \
    ((promise) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #promise))

static inline void fuzz_broken(const char *file, int line, const char *promise)
{
    (void)fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
    abort();
}

/* The head of an allocation, in front of exactly the requested bytes. */
typedef struct fuzz_block_t {
    struct fuzz_block_t *next;
    apr_pool_t *pool;
} fuzz_block_t;

static apr_pool_t *fuzz_pool;
static apr_pool_t *fuzz_lasting;
static fuzz_block_t *fuzz_blocks;
/* Allocations of other pools, which are kept. */
static fuzz_block_t *fuzz_kept;

/* Replaces APR's function, inside libapr too. */
void *apr_palloc(apr_pool_t *p, apr_size_t size)
{
    fuzz_block_t **list = p == fuzz_pool ? &fuzz_blocks : &fuzz_kept;
    fuzz_block_t *block = malloc(sizeof(*block) + size);

    MUST(block);
    block->next = *list;
    block->pool = p;
    *list = block;
    return block + 1;
}

/* The pool of this execution. */
static inline apr_pool_t *fuzz_begin(void)
{
    if (!fuzz_pool) {
        MUST(apr_initialize() == APR_SUCCESS);
        MUST(apr_pool_create(&fuzz_lasting, NULL) == APR_SUCCESS);
        MUST(apr_pool_create(&fuzz_pool, NULL) == APR_SUCCESS);
        cors_suffixes_load(fuzz_lasting);
    }
    return fuzz_pool;
}

static inline int fuzz_end(void)
{
    apr_pool_clear(fuzz_pool);
    while (fuzz_blocks) {
        fuzz_block_t *block = fuzz_blocks;

        fuzz_blocks = block->next;
        free(block);
    }
    return 0;
}

/* Whether it can be part of a line or a header: printable ASCII. */
static inline int fuzz_is_line(const char *s)
{
    while (*s >= ' ' && *s <= '~') {
        s++;
    }
    return *s == '\0';
}

#endif /* CORS_FUZZ_H */
