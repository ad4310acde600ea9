/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "config_check.h"

#include <apr_strings.h>
#include <http_log.h>

#include "message.h"
#include "module.h"

/* Asked for each line of a .htaccess file that follows one of this module's, so
 * names are told apart by their fifth letter first: all begin with "Cors".
 */
int cors_is_own_directive(const ap_directive_t *line)
{
    const char *name = line->directive;
    const command_rec *own;

    if (strncasecmp(name, "Cors", 4) != 0) {
        return 0;
    }
    for (own = cors_module.cmds; own->name; own++) {
        if (!((own->name[4] ^ name[4]) & 0xdf)
            && !strcasecmp(own->name + 4, name + 4)) {
            return 1;
        }
    }
    return 0;
}

int cors_has_own_directive(const ap_directive_t *line)
{
    for (; line; line = line->next) {
        if (cors_is_own_directive(line)
            || cors_has_own_directive(line->first_child)) {
            return 1;
        }
    }
    return 0;
}

static int is_last(const cmd_parms *cmd)
{
    const ap_directive_t *next = cmd->directive->next;

    while (next && !cors_is_own_directive(next)) {
        next = next->next;
    }
    return next == NULL;
}

/* A section, at its last line. */
typedef struct section_t {
    cmd_parms *cmd;
    /** the line of CorsAllowCredentials On; NULL without */
    const cors_line_t *credentials;
    int tolerated;
} section_t;

/* What can be written instead of an item with this risk. */
static const char *remedy_of(const cors_item_t *item, const cors_risk_t *risk,
                             apr_pool_t *p)
{
    if (risk->bit == CORS_RISK_LOOSE_REGEX && item->tighter) {
        return apr_psprintf(p, "write \"%s\"", item->tighter);
    }
    if (risk->bit == CORS_RISK_INSECURE_ORIGIN
        && item->kind <= CORS_ITEM_SUBDOMAINS) {
        return apr_psprintf(p, "write \"https%s\"",
                            item->text + item->scheme_len);
    }
    return risk->remedy;
}

static const char *refuse_risk(const section_t *section,
                               const cors_item_t *item,
                               const cors_risk_t *risk)
{
    apr_pool_t *p = section->cmd->pool;
    int is_loose = risk->bit == CORS_RISK_LOOSE_REGEX;

    return cors_refuse_line(
        section->cmd, item->line, item->text,
        apr_psprintf(p, "is not allowed with CorsAllowCredentials On (line "
                     "%d)%s%s: %s; %s, or accept the risk with \"CorsTolerate "
                     "%s\"", section->credentials->number,
                     is_loose ? " because it " : "",
                     is_loose ? item->loose : "", risk->danger,
                     remedy_of(item, risk, p), risk->word), NULL);
}

/* Without credentials, some risks are still more than anyone means to allow. */
static void warn_of_risk(const section_t *section, const cors_item_t *item,
                         const cors_risk_t *risk)
{
    int is_loose = risk->bit == CORS_RISK_LOOSE_REGEX;

    cors_warn_line(section->cmd, item->line, item->text,
                   is_loose ? item->loose
                            : "allows everyone who can register a name below "
                              "this public suffix",
                   is_loose ? item->tighter : NULL);
}

static const char *check_items(const section_t *section,
                               const apr_array_header_t *items)
{
    int i;

    for (i = 0; i < items->nelts; i++) {
        const cors_item_t *item = APR_ARRAY_IDX(items, i, cors_item_t *);
        int risks = item->risks & ~section->tolerated;

        if (section->credentials && risks) {
            return refuse_risk(section, item, cors_risk_first(risks));
        }
        if (risks & CORS_RISK_WARNED) {
            warn_of_risk(section, item,
                         cors_risk_first(risks & CORS_RISK_WARNED));
        }
    }
    return NULL;
}

static const char *refuse_star(const section_t *section,
                               const cors_line_t *line, const char *reason)
{
    return cors_refuse_line(section->cmd, line, "*",
                            apr_psprintf(section->cmd->pool, reason,
                                         section->credentials->number), NULL);
}

static const char *check_origins(const section_t *section,
                                 const cors_origin_list_t *origins)
{
    const char *refusal = NULL;

    if (section->credentials && origins->any) {
        return refuse_star(section, origins->any->line,
                           "cannot be used with CorsAllowCredentials On (line "
                           "%d): browsers refuse the two together; list the "
                           "origins");
    }
    if (origins->risks & ~section->tolerated) {
        refusal = check_items(section, origins->items);
        refusal = refusal ? refusal : check_items(section, origins->rules);
    }
    return refusal;
}

static void join_names(const cors_layer_t *layer, apr_pool_t *p)
{
    if (layer) {
        cors_names_join(layer->names, p);
    }
}

const char *cors_check_section(cmd_parms *cmd, cors_policy_t *policy)
{
    section_t section = { cmd, NULL, 0 };
    const char *refusal = NULL;

    if (!is_last(cmd)) {
        return NULL;
    }
    section.tolerated = cors_policy_tolerated(policy);
    if (policy->credentials.value) {
        section.credentials = policy->credentials.line;
    }
    if (policy->allow) {
        refusal = check_origins(&section, policy->allow->origins);
    }
    if (!refusal && section.credentials && policy->expose
        && policy->expose->names->any) {
        refusal = refuse_star(&section, policy->expose->line,
                              "has no effect with CorsAllowCredentials On "
                              "(line %d): browsers then read \"*\" as the name "
                              "of a header; list the headers");
    }
    join_names(policy->methods, cmd->pool);
    join_names(policy->headers, cmd->pool);
    join_names(policy->expose, cmd->pool);
    cors_policy_resolve(policy, cmd->pool);
    return refusal;
}

static int is_one_of(const char *word, const char *const *words)
{
    while (*words && strcasecmp(word, *words) != 0) {
        words++;
    }
    return *words != NULL;
}

const char *cors_header_set_by(const ap_directive_t *line, apr_pool_t *p)
{
    static const char *const conditions[] = { "always", "onsuccess", NULL };
    static const char *const actions[] = {
        "set", "setifempty", "add", "append", "merge", "edit", "edit*", NULL
    };
    const char *args = line->args;
    const char *word = ap_getword_conf(p, &args);
    char *name;

    if (is_one_of(word, conditions)) {
        word = ap_getword_conf(p, &args);
    }
    if (!is_one_of(word, actions)) {
        return NULL;
    }
    name = ap_getword_conf(p, &args);
    if (*name && name[strlen(name) - 1] == ':') {
        name[strlen(name) - 1] = '\0';
    }
    return name;
}

static void check_header(const ap_directive_t *line, apr_pool_t *pconf)
{
    const char *name = cors_header_set_by(line, pconf);
    const char *directive = name ? cors_header_directive(name) : NULL;

    if (directive) {
        cors_announce(pconf, APLOG_WARNING,
                      apr_psprintf(pconf, "%s:%d: Header \"%s\": mod_cors "
                                   "replaces this header wherever a CORS "
                                   "policy applies; remove the line and use "
                                   "%s", line->filename, line->line_num, name,
                                   directive));
    }
}

/* "early" lines run before this module reads the request. */
static void check_request_header(const ap_directive_t *line,
                                 apr_pool_t *pconf)
{
    const char *args = line->args;
    const char *action = ap_getword_conf(pconf, &args);
    const char *name = ap_getword_conf(pconf, &args);
    const char *last = name;

    while (*args) {
        last = ap_getword_conf(pconf, &args);
    }
    if ((!strcasecmp(name, "Origin") || !strcasecmp(name, "Origin:"))
        && !strcasecmp(last, "early")) {
        cors_announce(pconf, APLOG_WARNING,
                      apr_psprintf(pconf, "%s:%d: RequestHeader \"%s %s\": "
                                   "mod_cors does not see the browser's Origin "
                                   "header, because this line changes it "
                                   "first; remove the line", line->filename,
                                   line->line_num, action, name));
    }
}

static void check_lines(const ap_directive_t *line, apr_pool_t *pconf)
{
    for (; line; line = line->next) {
        if (!strcasecmp(line->directive, "Header")) {
            check_header(line, pconf);
        }
        else if (!strcasecmp(line->directive, "RequestHeader")) {
            check_request_header(line, pconf);
        }
        check_lines(line->first_child, pconf);
    }
}

int cors_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *s)
{
    (void)plog;
    (void)ptemp;
    (void)s;
    if (cors_has_own_directive(ap_conftree)) {
        check_lines(ap_conftree, pconf);
    }
    return OK;
}
