/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  message.h
 * @brief What is said to whoever wrote the configuration, in one form:
 *        directive, value, reason, right spelling.
 */

#ifndef CORS_MESSAGE_H
#define CORS_MESSAGE_H

#include <httpd.h>
#include <http_config.h>

#include "../place.h"

/**
 * A refusal, to be returned from a directive's setter: the server won't start,
 * a .htaccess file gets 500.
 * @param value   what was written
 * @param reason  a clause that follows the value
 * @param instead what to write, NULL where there is nothing right
 */
const char *cors_refusal(cmd_parms *cmd, const char *value,
                         const char *reason, const char *instead);

/** The same of an earlier line of the section. */
const char *cors_refusal_of(cmd_parms *cmd, const cors_place_t *place,
                            const char *value, const char *reason);

/** Tell that a value was mended: a notice, or debug in .htaccess, which is
 *  read anew for each request.
 */
void cors_notice(cmd_parms *cmd, const char *value, const char *reason,
                 const char *instead);

/** Warn of a value, or debug in .htaccess. */
void cors_warning(cmd_parms *cmd, const char *value, const char *reason,
                  const char *instead);

/** The same of an earlier line of the section. */
void cors_warning_at(cmd_parms *cmd, const cors_place_t *place,
                     const char *value, const char *reason,
                     const char *instead);

/**
 * Say something of the configuration as a whole, once: on standard error when
 * it is only tested, else in the error log, as soon as there is one.
 * @param pconf the configuration's pool
 * @param text  kept until then
 */
void cors_announce(apr_pool_t *pconf, int level, const char *text);

/** Hook post_config: log what was announced while the configuration was read.
 */
int cors_announcements_log(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *s);

/** Whether the directive is in a .htaccess file. */
int cors_in_htaccess(const cmd_parms *cmd);

#endif /* CORS_MESSAGE_H */
