/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  list_directives.h
 * @brief The directives that take lists. Each sets the field whose offset in
 *        the policy is in cmd->info, and returns NULL or a refusal.
 */

#ifndef CORS_LIST_DIRECTIVES_H
#define CORS_LIST_DIRECTIVES_H

#include <httpd.h>
#include <http_config.h>

/** CorsAllowOrigin, CorsDenyOrigin */
const char *cors_set_origins(cmd_parms *cmd, void *policy, const char *args);

/** CorsAllowOriginMatch */
const char *cors_set_regexes(cmd_parms *cmd, void *policy, const char *args);

/** CorsAllowOriginExpr */
const char *cors_set_expression(cmd_parms *cmd, void *policy,
                                const char *args);

/** CorsAllowMethods, CorsAllowHeaders, CorsExposeHeaders */
const char *cors_set_methods(cmd_parms *cmd, void *policy, const char *args);
const char *cors_set_headers(cmd_parms *cmd, void *policy, const char *args);
const char *cors_set_expose(cmd_parms *cmd, void *policy, const char *args);

#endif /* CORS_LIST_DIRECTIVES_H */
