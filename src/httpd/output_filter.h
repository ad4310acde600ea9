/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  output_filter.h
 * @brief The headers on the way out.
 */

#ifndef CORS_OUTPUT_FILTER_H
#define CORS_OUTPUT_FILTER_H

#include <httpd.h>

#include "../response.h"
#include "exchange.h"

/** Make the filter known, once for each process. */
void cors_output_filter_register(void);

/** Hook insert_filter: every response within a policy gets the filter. */
void cors_output_filter_insert(request_rec *r);

/** Hook insert_error_filter: those that httpd makes itself, too. */
void cors_output_filter_insert_error(request_rec *r);

/** What the filter does to the headers of a response of the exchange. */
void cors_output_set_headers(cors_response_t *response,
                             const cors_exchange_t *exchange);

#endif /* CORS_OUTPUT_FILTER_H */
