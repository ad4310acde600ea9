/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "message.h"

#include <apr_strings.h>
#include <ap_mpm.h>
#include <http_core.h>
#include <http_log.h>

#include "module.h"

static const char *message(apr_pool_t *p, const char *directive,
                           const char *value, const char *reason,
                           const char *instead)
{
    return apr_pstrcat(p, directive, value ? " \"" : " ",
                       value ? value : "", value ? "\" " : "", reason,
                       instead ? "; write \"" : NULL, instead, "\"", NULL);
}

int cors_in_htaccess(const cmd_parms *cmd)
{
    return cmd->pool == cmd->temp_pool;
}

const char *cors_refuse(cmd_parms *cmd, const char *value, const char *reason,
                        const char *instead)
{
    return message(cmd->pool, cmd->cmd->name, value, reason, instead);
}

const char *cors_refuse_line(cmd_parms *cmd, const cors_line_t *line,
                             const char *value, const char *reason,
                             const char *instead)
{
    return message(cmd->pool, line->directive, value, reason, instead);
}

typedef struct announcement_t {
    int level;
    const char *text;
} announcement_t;

static apr_array_header_t *announcements(apr_pool_t *pconf)
{
    static const char key[] = "mod_cors:announcements";
    void *list = NULL;

    apr_pool_userdata_get(&list, key, pconf);
    if (!list) {
        list = apr_array_make(pconf, 4, sizeof(announcement_t));
        apr_pool_userdata_setn(list, key, NULL, pconf);
    }
    return list;
}

/* While the configuration is read there is no error log yet, and at a start it
 * is read twice. A test reads it once and ends.
 */
void cors_announce(apr_pool_t *pconf, int level, const char *text)
{
    announcement_t *announcement;
    int mode = ap_state_query(AP_SQ_RUN_MODE);

    if (mode == AP_SQ_RM_CONFIG_TEST || mode == AP_SQ_RM_CONFIG_DUMP) {
        ap_log_error(APLOG_MARK, level, 0, NULL, "%s", text);
        return;
    }
    announcement = apr_array_push(announcements(pconf));
    announcement->level = level;
    announcement->text = text;
}

int cors_log_announcements(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *s)
{
    const apr_array_header_t *list = announcements(pconf);
    int i;

    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    ap_log_error(APLOG_MARK, APLOG_INFO, 0, s, "mod_cors/" CORS_VERSION);
    for (i = 0; i < list->nelts; i++) {
        const announcement_t *it = &APR_ARRAY_IDX(list, i, announcement_t);

        ap_log_error(APLOG_MARK, it->level, 0, s, "%s", it->text);
    }
    return OK;
}

static int is_heard(const cmd_parms *cmd)
{
    return !cors_in_htaccess(cmd) || APLOG_IS_LEVEL(cmd->server, APLOG_DEBUG);
}

static void say(cmd_parms *cmd, int level, const char *file, int line,
                const char *text)
{
    if (cors_in_htaccess(cmd)) {
        ap_log_error(APLOG_MARK, APLOG_DEBUG, 0, cmd->server, "%s:%d: %s",
                     file, line, text);
        return;
    }
    cors_announce(cmd->pool, level, apr_psprintf(cmd->pool, "%s:%d: %s", file,
                                                 line, text));
}

void cors_remark(cmd_parms *cmd, int level, const char *value,
                 const char *reason, const char *instead)
{
    if (is_heard(cmd)) {
        say(cmd, level, cmd->directive->filename, cmd->directive->line_num,
            message(cmd->temp_pool, cmd->cmd->name, value, reason, instead));
    }
}

void cors_warn_line(cmd_parms *cmd, const cors_line_t *line,
                    const char *value, const char *reason,
                    const char *instead)
{
    if (is_heard(cmd)) {
        say(cmd, APLOG_WARNING, line->file, line->number,
            message(cmd->temp_pool, line->directive, value, reason, instead));
    }
}
