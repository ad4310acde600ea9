/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  dump.h
 * @brief httpd -t -D DUMP_CORS
 */

#ifndef CORS_DUMP_H
#define CORS_DUMP_H

#include <httpd.h>

/** Hook test_config: print every section that sets a directive of ours, what
 *  sections that always merge say against each other, and what is locked.
 */
void cors_dump(apr_pool_t *pconf, server_rec *s);

#endif /* CORS_DUMP_H */
