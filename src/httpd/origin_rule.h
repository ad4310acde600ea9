/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  origin_rule.h
 * @brief Regular expressions and ap_exprs that allow origins.
 */

#ifndef CORS_ORIGIN_RULE_H
#define CORS_ORIGIN_RULE_H

#include <httpd.h>
#include <http_config.h>

#include "../origin_item.h"

/**
 * Compile a regular expression so that it matches only whole origins, with a
 * match limit.
 * @param item     kind, text and compiled are set, in cmd->pool
 * @param is_tight its groups are known to be closed
 * @return NULL, or why it cannot be used: a clause that follows the text
 */
const char *cors_origin_rule_regex(cors_item_t *item, cmd_parms *cmd,
                                   const char *text, int is_tight);

/** Parse an ap_expr, with the restricted syntax in .htaccess.
 *  @return as above
 */
const char *cors_origin_rule_expression(cors_item_t *item, cmd_parms *cmd,
                                        const char *text);

/** Whether a rule allows an origin.
 *  @param context the request_rec
 */
int cors_origin_rule_allows(void *context, const cors_item_t *rule,
                            const cors_origin_t *origin);

#endif /* CORS_ORIGIN_RULE_H */
