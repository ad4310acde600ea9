/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  output_filter.h
 * @brief The headers on the way out.
 */

#ifndef CORS_OUTPUT_FILTER_H
#define CORS_OUTPUT_FILTER_H

#include <httpd.h>

#include "exchange.h"

/** Register the filter, once each time the module is loaded. */
void cors_output_filter_register(void);

/** Hook insert_filter: every response within a policy gets the filter. */
void cors_output_filter_insert(request_rec *r);

/** Hook insert_error_filter: responses that httpd makes itself, too. */
void cors_output_filter_insert_error(request_rec *r);

/** Set the headers of a response in its two tables. */
void cors_output_set_headers(const cors_exchange_t *exchange, apr_pool_t *p,
                             apr_table_t *headers,
                             apr_table_t *error_headers);

#endif /* CORS_OUTPUT_FILTER_H */
