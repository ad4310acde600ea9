/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  report.h
 * @brief Telling a decision: environment, log, counters.
 */

#ifndef CORS_REPORT_H
#define CORS_REPORT_H

#include <httpd.h>

#include "exchange.h"

/** Log and count the decision of an exchange: once. */
void cors_report_decision(request_rec *r, const cors_exchange_t *exchange);

/** Set CORS_DECISION and CORS_ORIGIN for a request of the exchange. */
void cors_report_environment(request_rec *r, const cors_exchange_t *exchange);

#endif /* CORS_REPORT_H */
