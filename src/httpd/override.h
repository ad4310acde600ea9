/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  override.h
 * @brief CorsOverride: what .htaccess files may use.
 */

#ifndef CORS_OVERRIDE_H
#define CORS_OVERRIDE_H

#include <httpd.h>
#include <http_config.h>

/** create_server_config, merge_server_config */
void *cors_override_create(apr_pool_t *p, server_rec *s);
void *cors_override_merge(apr_pool_t *p, void *base, void *add);

/** The setter of CorsOverride. */
const char *cors_set_override(cmd_parms *cmd, void *policy, const char *args);

/** Whether the directive at hand may be used in .htaccess files. */
int cors_override_allows(const cmd_parms *cmd);

/** The directives that .htaccess files of a server may use, each with a blank
 *  in front; NULL if they may use all.
 */
const char *cors_override_text(const server_rec *s, apr_pool_t *p);

#endif /* CORS_OVERRIDE_H */
