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

/* The setters, in the order of the table. Each sets the field that cmd->info
 * names in the policy, and returns NULL or a refusal.
 */
const char *cors_set_origins(cmd_parms *cmd, void *policy, const char *args);
const char *cors_set_regexes(cmd_parms *cmd, void *policy, const char *args);
const char *cors_set_expression(cmd_parms *cmd, void *policy,
                                const char *args);
const char *cors_set_methods(cmd_parms *cmd, void *policy, const char *args);
const char *cors_set_headers(cmd_parms *cmd, void *policy, const char *args);
const char *cors_set_expose(cmd_parms *cmd, void *policy, const char *args);
const char *cors_set_flag(cmd_parms *cmd, void *policy, int on);
const char *cors_set_explain(cmd_parms *cmd, void *policy, int on);
const char *cors_set_max_age(cmd_parms *cmd, void *policy, const char *word);
const char *cors_set_engine(cmd_parms *cmd, void *policy, const char *word);
const char *cors_set_preflight(cmd_parms *cmd, void *policy, const char *word);
const char *cors_set_preflight_status(cmd_parms *cmd, void *policy,
                                      const char *word);
const char *cors_set_preflight_auth(cmd_parms *cmd, void *policy,
                                    const char *word);
const char *cors_set_backend_headers(cmd_parms *cmd, void *policy,
                                     const char *word);
const char *cors_set_tolerate(cmd_parms *cmd, void *policy, const char *args);

#endif /* CORS_DIRECTIVES_H */
