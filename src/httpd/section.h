/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  section.h
 * @brief What the directives of one section must not say together.
 */

#ifndef CORS_SECTION_H
#define CORS_SECTION_H

#include <httpd.h>
#include <http_config.h>

#include "../policy.h"

/**
 * The directive at hand was read: settle the policy, and check the section as a
 * whole if it is the last of this module's in it. A line further down may still
 * say otherwise.
 * @return NULL, or a refusal
 */
const char *cors_section_done(cmd_parms *cmd, cors_policy_t *policy);

/** The place of the directive at hand, kept with the configuration. */
const cors_place_t *cors_section_place(cmd_parms *cmd);

/** Whether the directive may be used here and as it is: not against
 *  CorsOverride, not inside <Limit>, not with a variable left over.
 *  @return NULL, or a refusal
 */
const char *cors_section_context(cmd_parms *cmd);

/** Whether no variable is left over in the line at hand. */
const char *cors_section_variables(cmd_parms *cmd);

#endif /* CORS_SECTION_H */
