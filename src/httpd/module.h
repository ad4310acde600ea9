/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  module.h
 * @brief The module's record, for those who keep something under its name.
 */

#ifndef CORS_MODULE_H
#define CORS_MODULE_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

APLOG_USE_MODULE(cors);

/** Hook the page that explains, once for each time the configuration is read:
 *  a server without one does not pay for it at each request.
 *  @param pconf the configuration's pool
 */
void cors_hook_explain(apr_pool_t *pconf);

#endif /* CORS_MODULE_H */
