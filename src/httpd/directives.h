/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  directives.h
 * @brief What an administrator types.
 */

#ifndef CORS_DIRECTIVES_H
#define CORS_DIRECTIVES_H

#include <httpd.h>
#include <http_config.h>

extern const command_rec cors_directives[];

/** create_dir_config: a policy in which nothing is set. */
void *cors_create_policy(apr_pool_t *p, char *directory);

/** merge_dir_config */
void *cors_merge_policies(apr_pool_t *p, void *base, void *add);

#endif /* CORS_DIRECTIVES_H */
