/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "message.h"

#include <apr_strings.h>
#include <ap_mpm.h>
#include <http_core.h>
#include <http_log.h>

#include "module.h"

static const char *text(apr_pool_t *p, const char *directive,
                        const char *value, const char *reason,
                        const char *instead)
{
    return apr_pstrcat(p, directive, " \"", value, "\" ", reason,
                       instead ? "; write \"" : NULL, instead, "\"", NULL);
}

/* Items are read without their "+", but looked for with it. */
static const char *as_written(cmd_parms *cmd, const char *value)
{
    const char *plus = apr_pstrcat(cmd->temp_pool, "+", value, NULL);

    return *value && ap_strstr_c(cmd->directive->args, plus) ? plus : value;
}

const char *cors_refusal(cmd_parms *cmd, const char *value,
                         const char *reason, const char *instead)
{
    const char *written = as_written(cmd, value);

    if (instead && written != value) {
        instead = apr_pstrcat(cmd->pool, "+", instead, NULL);
    }
    return text(cmd->pool, cmd->cmd->name, written, reason, instead);
}

const char *cors_refusal_of(cmd_parms *cmd, const cors_place_t *place,
                            const char *value, const char *reason)
{
    return text(cmd->pool, place->directive, value, reason, NULL);
}

int cors_in_htaccess(const cmd_parms *cmd)
{
    return cmd->pool == cmd->temp_pool;
}

typedef struct announcement_t {
    int level;
    const char *text;
} announcement_t;

static const char key[] = "mod_cors:announcements";

static apr_array_header_t *announcements(apr_pool_t *pconf)
{
    void *list = NULL;

    apr_pool_userdata_get(&list, key, pconf);
    if (!list) {
        list = apr_array_make(pconf, 4, sizeof(announcement_t));
        apr_pool_userdata_setn(list, key, NULL, pconf);
    }
    return list;
}

/* While the configuration is read there is no error log yet, and it is read
 * twice on a start. A test reads it once and ends.
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

int cors_announcements_log(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *s)
{
    const apr_array_header_t *list = announcements(pconf);
    int i;

    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    for (i = 0; i < list->nelts; i++) {
        const announcement_t *it = &APR_ARRAY_IDX(list, i, announcement_t);

        ap_log_error(APLOG_MARK, it->level, 0, s, "%s", it->text);
    }
    return OK;
}

/* A .htaccess file is read for each request: nobody wants to hear it each
 * time.
 */
static void say(cmd_parms *cmd, int level, const cors_place_t *place,
                const char *message)
{
    if (cors_in_htaccess(cmd)) {
        ap_log_error(APLOG_MARK, APLOG_DEBUG, 0, cmd->server, "%s:%d: %s",
                     place->file, place->line, message);
        return;
    }
    cors_announce(cmd->pool, level, apr_psprintf(cmd->pool, "%s:%d: %s",
                                                 place->file, place->line,
                                                 message));
}

static void say_here(cmd_parms *cmd, int level, const char *value,
                     const char *reason, const char *instead)
{
    cors_place_t here = { cmd->directive->filename, cmd->directive->line_num,
                          cmd->cmd->name, 0 };

    say(cmd, level, &here, text(cmd->temp_pool, here.directive, value, reason,
                                instead));
}

void cors_notice(cmd_parms *cmd, const char *value, const char *reason,
                 const char *instead)
{
    say_here(cmd, APLOG_NOTICE, value, reason, instead);
}

void cors_warning(cmd_parms *cmd, const char *value, const char *reason,
                  const char *instead)
{
    say_here(cmd, APLOG_WARNING, value, reason, instead);
}

void cors_warning_at(cmd_parms *cmd, const cors_place_t *place,
                     const char *value, const char *reason,
                     const char *instead)
{
    say(cmd, APLOG_WARNING, place, text(cmd->temp_pool, place->directive,
                                        value, reason, instead));
}
