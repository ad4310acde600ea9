/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  module.h
 * @brief The module's record, under which httpd keeps what belongs to it.
 */

#ifndef CORS_MODULE_H
#define CORS_MODULE_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

APLOG_USE_MODULE(cors);

#endif /* CORS_MODULE_H */
