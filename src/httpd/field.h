/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  field.h
 * @brief The field of a policy that the directive at hand sets.
 */

#ifndef CORS_FIELD_H
#define CORS_FIELD_H

#include <httpd.h>
#include <http_config.h>

#include "../policy.h"

/** The field: cmd->info holds its offset in the policy. */
void *cors_field(const cmd_parms *cmd, void *policy);

/** The section's own layer of a list, NULL while it has none. */
void *cors_field_layer(const cors_layers_t *field);

/** Give the section a layer of its own. */
void cors_field_set_layer(cors_layers_t *field, void *layer, apr_pool_t *p);

#endif /* CORS_FIELD_H */
