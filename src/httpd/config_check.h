/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  config_check.h
 * @brief What a section must not combine, and what in the configuration as a
 *        whole works against this module.
 */

#ifndef CORS_CONFIG_CHECK_H
#define CORS_CONFIG_CHECK_H

#include <httpd.h>
#include <http_config.h>
#include <util_cfgtree.h>

#include "../policy.h"

/** Whether a line of the configuration is a directive of this module. */
int cors_is_own_directive(const ap_directive_t *line);

/** Whether some line of a tree is, from this line on. Included files,
 *  <IfModule> and macros are already in their places.
 */
int cors_has_own_directive(const ap_directive_t *line);

/** The name that "Header [always|onsuccess] action name ..." sets, or NULL. */
const char *cors_header_set_by(const ap_directive_t *line, apr_pool_t *p);

/**
 * After a directive was read: if it is the last of this module in its section,
 * check the section as a whole and resolve its policy. CorsTolerate counts
 * wherever it is in the section.
 * @return NULL, or a refusal
 */
const char *cors_check_section(cmd_parms *cmd, cors_policy_t *policy);

/** Hook check_config: warn of lines of mod_headers that this module makes
 *  useless, or that hide the Origin header from it.
 */
int cors_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *s);

#endif /* CORS_CONFIG_CHECK_H */
