/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  header_lines.h
 * @brief Lines of mod_headers that mod_cors makes useless.
 */

#ifndef CORS_HEADER_LINES_H
#define CORS_HEADER_LINES_H

#include <httpd.h>
#include <http_config.h>

/** Hook check_config: warn of each Header line that sets one of our headers,
 *  if the configuration has a directive of ours.
 */
int cors_header_lines_check(apr_pool_t *pconf, apr_pool_t *plog,
                            apr_pool_t *ptemp, server_rec *s);

#endif /* CORS_HEADER_LINES_H */
