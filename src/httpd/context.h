/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  context.h
 * @brief Whether a directive may be used where it is, and the line it is on.
 */

#ifndef CORS_CONTEXT_H
#define CORS_CONTEXT_H

#include <httpd.h>
#include <http_config.h>

#include "../line.h"

/** The line of the directive, kept with the configuration. */
cors_line_t *cors_context_line(cmd_parms *cmd);

/** Whether the directive may be used here: CorsOverride allows it, it is not
 *  inside <Limit>, and no variable is left over in it.
 *  @return NULL, or a refusal
 */
const char *cors_context_check(cmd_parms *cmd);

/** create_server_config and merge_server_config: what CorsOverride allows. */
void *cors_override_create(apr_pool_t *p, server_rec *s);
void *cors_override_merge(apr_pool_t *p, void *base, void *add);

/** CorsOverride */
const char *cors_set_override(cmd_parms *cmd, void *policy, const char *args);

/** The directives that .htaccess files of a server may use, each with a space
 *  before it; NULL if they may use all.
 */
const char *cors_override_text(const server_rec *s, apr_pool_t *p);

#endif /* CORS_CONTEXT_H */
