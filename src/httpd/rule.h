/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  rule.h
 * @brief Regular expressions and expressions that allow origins.
 */

#ifndef CORS_RULE_H
#define CORS_RULE_H

#include <httpd.h>
#include <http_config.h>

#include "../policy.h"

/**
 * Compile a regular expression so that it matches whole origins only.
 * @param rule    what was compiled, in cmd->pool; the place is not set
 * @param source  as it was written, kept
 * @return NULL, or a refusal
 */
const char *cors_rule_regex(cors_rule_t *rule, cmd_parms *cmd,
                            const char *source);

/** Compile an expression; a restricted one in .htaccess.
 *  @return NULL, or a refusal
 */
const char *cors_rule_expression(cors_rule_t *rule, cmd_parms *cmd,
                                 const char *source);

/** The rule of the layer, without the refused hazards, that allows the origin;
 *  NULL if none does. With insecure origins refused none that is http is
 *  allowed.
 *  @param context the request_rec
 */
const cors_rule_t *cors_rule_find(void *context, const cors_origins_t *layer,
                                  const cors_origin_t *origin, int refused);

#endif /* CORS_RULE_H */
