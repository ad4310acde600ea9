/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "field.h"

void *cors_field(const cmd_parms *cmd, void *policy)
{
    return (char *)policy + (apr_size_t)cmd->info;
}

void *cors_field_layer(const cors_layers_t *field)
{
    return field->layers ? APR_ARRAY_IDX(field->layers, 0, void *) : NULL;
}

void cors_field_set_layer(cors_layers_t *field, void *layer, apr_pool_t *p)
{
    apr_array_header_t *layers = apr_array_make(p, 1, sizeof(void *));

    APR_ARRAY_PUSH(layers, void *) = layer;
    field->layers = layers;
}
