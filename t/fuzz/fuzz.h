/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* What the fuzz targets share. Without it an overflow inside a pool would go
 * unseen: APR cuts allocations out of large blocks, and ASan sees the blocks.
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

/* A promise. When it is broken libFuzzer keeps the input. */
#define MUST(promise) \
    ((promise) ? (void)0 : fuzz_broken(__FILE__, __LINE__, #promise))

static inline void fuzz_broken(const char *file, int line, const char *promise)
{
    (void)fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
    abort();
}

/* The head of an allocation; the rest is what was asked for, to the byte. */
typedef struct fuzz_block_t {
    struct fuzz_block_t *next;
    apr_pool_t *pool;
} fuzz_block_t;

static apr_pool_t *fuzz_pool;
static fuzz_block_t *fuzz_blocks;
/* Those of APR's own pools stay. */
static fuzz_block_t *fuzz_kept;

/* Takes the place of APR's, inside libapr too. */
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
        MUST(apr_pool_create(&fuzz_pool, NULL) == APR_SUCCESS);
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

/* Whether a line of text, or of a header, may hold it: printable ASCII. */
static inline int fuzz_is_line(const char *s)
{
    while (*s >= ' ' && *s <= '~') {
        s++;
    }
    return *s == '\0';
}

#endif /* CORS_FUZZ_H */
