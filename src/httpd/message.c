/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "message.h"

#include <apr_strings.h>
#include <http_log.h>

#include "module.h"

static const char *text(cmd_parms *cmd, const char *value, const char *reason,
                        const char *instead)
{
    return apr_pstrcat(cmd->pool, cmd->cmd->name, " \"",
                       ap_escape_logitem(cmd->temp_pool, value), "\" ", reason,
                       instead ? "; write \"" : NULL, instead,
                       instead ? "\"" : NULL, NULL);
}

/* The list of arguments ends at the first NULL, so that a message without a
 * right spelling ends with its reason.
 */
const char *cors_refusal(cmd_parms *cmd, const char *value,
                         const char *reason, const char *instead)
{
    return text(cmd, value, reason, instead);
}

int cors_in_htaccess(const cmd_parms *cmd)
{
    return cmd->pool == cmd->temp_pool;
}

static void say(cmd_parms *cmd, int level, const char *message)
{
    if (cors_in_htaccess(cmd)) {
        ap_log_error(APLOG_MARK, APLOG_DEBUG, 0, cmd->server, "%s:%d: %s",
                     cmd->directive->filename, cmd->directive->line_num,
                     message);
    }
    else {
        ap_log_error(APLOG_MARK, level, 0, NULL, "%s:%d: %s",
                     cmd->directive->filename, cmd->directive->line_num,
                     message);
    }
}

void cors_notice(cmd_parms *cmd, const char *value, const char *reason,
                 const char *instead)
{
    say(cmd, APLOG_NOTICE, text(cmd, value, reason, instead));
}

void cors_warning(cmd_parms *cmd, const char *value, const char *reason,
                  const char *instead)
{
    say(cmd, APLOG_WARNING, text(cmd, value, reason, instead));
}
