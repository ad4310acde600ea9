/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "header_lines.h"

#include <apr_strings.h>
#include <http_log.h>
#include <util_cfgtree.h>

#include "../header_name.h"
#include "directives.h"
#include "message.h"

typedef void visit_t(const ap_directive_t *line, void *data);

/* Included files, <IfModule> and macros are already in their places. */
static void walk(const ap_directive_t *line, visit_t *visit, void *data)
{
    for (; line; line = line->next) {
        visit(line, data);
        walk(line->first_child, visit, data);
    }
}

static void find_ours(const ap_directive_t *line, void *found)
{
    if (ap_find_command(line->directive, cors_directives)) {
        *(int *)found = 1;
    }
}

/* Header [always|onsuccess] action name ... */
static const char *set_by(const ap_directive_t *line, apr_pool_t *p)
{
    static const char *const setting[] = {
        "set", "setifempty", "add", "append", "merge", "edit", "edit*", NULL
    };
    const char *args = line->args;
    const char *word = ap_getword_conf(p, &args);
    int i;

    if (!strcasecmp(word, "always") || !strcasecmp(word, "onsuccess")) {
        word = ap_getword_conf(p, &args);
    }
    for (i = 0; setting[i] && strcasecmp(word, setting[i]) != 0; i++) {
    }
    return setting[i] ? ap_getword_conf(p, &args) : NULL;
}

static void warn(const ap_directive_t *line, void *pconf)
{
    char *name;

    if (strcasecmp(line->directive, "Header") != 0
        || !(name = (char *)set_by(line, pconf))) {
        return;
    }
    if (*name && name[strlen(name) - 1] == ':') {
        name[strlen(name) - 1] = '\0';
    }
    if (cors_header_is_ours(name)) {
        cors_announce(pconf, APLOG_WARNING,
                      apr_psprintf(pconf, "%s:%d: Header \"%s\" is set, but "
                                   "mod_cors replaces it where a policy is in "
                                   "force; remove the line", line->filename,
                                   line->line_num, name));
    }
}

int cors_header_lines_check(apr_pool_t *pconf, apr_pool_t *plog,
                            apr_pool_t *ptemp, server_rec *s)
{
    int found = 0;

    (void)plog;
    (void)ptemp;
    (void)s;
    walk(ap_conftree, find_ours, &found);
    if (found) {
        walk(ap_conftree, warn, pconf);
    }
    return OK;
}
