/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  message.h
 * @brief Messages about the configuration, in one form: directive "value"
 *        reason; write "right spelling".
 */

#ifndef CORS_MESSAGE_H
#define CORS_MESSAGE_H

#include <httpd.h>
#include <http_config.h>

#include "../line.h"

/** Whether the directive is in a .htaccess file. */
int cors_in_htaccess(const cmd_parms *cmd);

/**
 * A refusal, to be returned from a directive: the server does not start, or the
 * .htaccess file results in status 500.
 * @param value   as it was written; NULL: the reason follows the directive
 * @param reason  a clause that follows the value
 * @param instead what to write, or NULL
 */
const char *cors_refuse(cmd_parms *cmd, const char *value, const char *reason,
                        const char *instead);

/** The same about an earlier line of the section. */
const char *cors_refuse_line(cmd_parms *cmd, const cors_line_t *line,
                             const char *value, const char *reason,
                             const char *instead);

/** A notice (APLOG_NOTICE) or a warning (APLOG_WARNING); at debug in .htaccess,
 *  which is parsed for each request.
 */
void cors_remark(cmd_parms *cmd, int level, const char *value,
                 const char *reason, const char *instead);

/** A warning about an earlier line of the section. */
void cors_warn_line(cmd_parms *cmd, const cors_line_t *line,
                    const char *value, const char *reason,
                    const char *instead);

/**
 * Say something about the configuration, once: at once if it is only tested,
 * else when there is an error log.
 * @param pconf the configuration's pool
 * @param text  kept until then
 */
void cors_announce(apr_pool_t *pconf, int level, const char *text);

/** Hook post_config: log the version, and what was announced. */
int cors_log_announcements(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *s);

#endif /* CORS_MESSAGE_H */
