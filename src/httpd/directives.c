/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "directives.h"

#include <stddef.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "../decision.h"
#include "../header_name.h"
#include "../policy.h"
#include "list.h"
#include "message.h"
#include "section.h"

void *cors_create_policy(apr_pool_t *p, char *directory)
{
    (void)directory;
    return apr_pcalloc(p, sizeof(cors_policy_t));
}

void *cors_merge_policies(apr_pool_t *p, void *base, void *add)
{
    return cors_policy_merge(p, base, add);
}

/* The field that a directive sets: cmd->info holds its offset. */
static void *field_of(const cmd_parms *cmd, void *policy)
{
    return (char *)policy + (apr_size_t)cmd->info;
}

/* The section's own layer of a list, NULL while it has none. */
static void *own_layer(const cors_layers_t *field)
{
    return field->layers ? APR_ARRAY_IDX(field->layers, 0, void *) : NULL;
}

static void set_own_layer(cors_layers_t *field, void *layer, apr_pool_t *p)
{
    apr_array_header_t *layers = apr_array_make(p, 1, sizeof(void *));

    APR_ARRAY_PUSH(layers, void *) = layer;
    field->layers = layers;
}

static cors_origins_t *origins_of(cmd_parms *cmd, cors_layers_t *field)
{
    cors_origins_t *origins = own_layer(field);

    if (!origins) {
        origins = apr_pcalloc(cmd->pool, sizeof(*origins));
        origins->set = cors_origin_set_make(cmd->pool);
        origins->place = cors_section_place(cmd);
        set_own_layer(field, origins, cmd->pool);
    }
    return origins;
}

/* The three directives of allow are one field: one of them that is set, or
 * emptied, starts it anew. An expression alone has no "+" and goes along with
 * those that have.
 */
static void set_extends(cors_layers_t *field, const cors_origins_t *origins)
{
    int said = origins->said[CORS_BY_NAME] | origins->said[CORS_BY_REGEX];

    field->extends = said == CORS_SAID_PLUS
        && !(origins->said[CORS_BY_EXPRESSION] & CORS_SAID_NONE);
}

static const char *add_origin(cmd_parms *cmd, cors_origins_t *origins,
                              const char *value, const cors_place_t *place)
{
    cors_pattern_t *pattern = apr_palloc(cmd->pool, sizeof(*pattern));
    cors_remark_t remark;

    if (!cors_pattern_read(pattern, &remark, value, cmd->pool)) {
        return cors_refusal(cmd, value, remark.reason, remark.instead);
    }
    if (remark.reason) {
        cors_notice(cmd, value, remark.reason, remark.instead);
    }
    if (origins->set->any
        || (pattern->kind == CORS_PATTERN_ANY
            && origins->set->patterns->nelts > 0)) {
        return cors_refusal(cmd, value, "stands beside another origin; \"*\" "
                            "is every origin already and stands alone", NULL);
    }
    pattern->place = place;
    cors_origin_set_add(origins->set, pattern);
    origins->hazards |= pattern->hazards;
    return NULL;
}

static const char *set_origins(cmd_parms *cmd, void *policy, const char *args)
{
    cors_layers_t *field = field_of(cmd, policy);
    const cors_place_t *place = cors_section_place(cmd);
    const char *refusal = cors_section_context(cmd);
    cors_origins_t *origins = origins_of(cmd, field);
    cors_list_t list;
    int i;

    if (refusal || (refusal = cors_list_read(&list, cmd, args))
        || (refusal = cors_list_join(&origins->said[CORS_BY_NAME], cmd,
                                     &list))) {
        return refusal;
    }
    for (i = 0; i < list.items->nelts; i++) {
        refusal = add_origin(cmd, origins,
                             APR_ARRAY_IDX(list.items, i, const char *),
                             place);
        if (refusal) {
            return refusal;
        }
    }
    set_extends(field, origins);
    return cors_section_check(cmd, policy);
}

/* What a list of names does with each of its items. */
typedef const char *add_name_t(cmd_parms *cmd, cors_names_t *names,
                               const char *item);

static const char *check_name(cmd_parms *cmd, const char *item)
{
    if (item[0] == '-') {
        return cors_refusal(cmd, item, "begins with '-': items are not taken "
                            "away; list those that remain, without '+'",
                            NULL);
    }
    if (!strncmp(item, "${", 2)) {
        return cors_refusal(cmd, item, apr_psprintf(cmd->pool,
                            "holds a variable: %s is not defined",
                            apr_pstrndup(cmd->pool, item + 2,
                                         strcspn(item + 2, "}"))), NULL);
    }
    if (!cors_token_is(item, strlen(item))) {
        return cors_refusal(cmd, item, "is no token (RFC 9110, section "
                            "5.6.2)", NULL);
    }
    return NULL;
}

/* Those that fetch() upper-cases itself (Fetch, "normalize a method"). */
static int is_normalised(const char *method)
{
    static const char *const methods[] = {
        "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", NULL
    };
    int i;

    for (i = 0; methods[i] && strcasecmp(method, methods[i]) != 0; i++) {
    }
    return methods[i] != NULL;
}

static const char *add_method(cmd_parms *cmd, cors_names_t *names,
                              const char *item)
{
    const char *refusal = check_name(cmd, item);
    char *method = apr_pstrdup(cmd->pool, item);
    char *s;

    if (refusal) {
        return refusal;
    }
    if (cors_method_is_forbidden(item)) {
        return cors_refusal(cmd, item, "is a method that browsers let no "
                            "script use", NULL);
    }
    if (is_normalised(item)) {
        for (s = method; *s; s++) {
            *s = (char)apr_toupper(*s);
        }
        if (strcmp(method, item) != 0) {
            cors_notice(cmd, item, "is taken as browsers send it", method);
        }
    }
    cors_names_add(names, method, 1);
    return NULL;
}

static const char *add_requested(cmd_parms *cmd, cors_names_t *names,
                                 const char *item)
{
    const char *refusal = check_name(cmd, item);

    if (!refusal && cors_header_is_never_asked(item)) {
        cors_warning(cmd, item, "is left out: no browser lets a script set "
                     "it, so none asks for it", NULL);
    }
    else if (!refusal) {
        cors_names_add(names, item, 0);
    }
    return refusal;
}

static const char *add_exposed(cmd_parms *cmd, cors_names_t *names,
                               const char *item)
{
    const char *refusal = check_name(cmd, item);

    if (!refusal && cors_header_is_never_exposed(item)) {
        cors_warning(cmd, item, "is left out: browsers show it to no script",
                     NULL);
    }
    else if (!refusal) {
        cors_names_add(names, item, 0);
    }
    return refusal;
}

static cors_names_t *names_of(cmd_parms *cmd, cors_layers_t *field)
{
    cors_names_t *names = own_layer(field);

    if (!names) {
        names = cors_names_make(cmd->pool, cors_section_place(cmd));
        set_own_layer(field, names, cmd->pool);
    }
    return names;
}

/* "*" stands alone, but for what it does not cover. */
static const char *check_any(cmd_parms *cmd, const cors_names_t *names,
                             const char *beside)
{
    int i;

    for (i = 0; names->any && i < names->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names->names, i, const char *);

        if (!beside || strcasecmp(name, beside) != 0) {
            return cors_refusal(cmd, name, "stands beside \"*\", which "
                                "stands for all", "*");
        }
    }
    return NULL;
}

static const char *set_names(cmd_parms *cmd, void *policy, const char *args,
                             add_name_t *add, const char *beside)
{
    cors_layers_t *field = field_of(cmd, policy);
    const char *refusal = cors_section_context(cmd);
    cors_names_t *names = names_of(cmd, field);
    cors_list_t list;
    int i;

    if (refusal || (refusal = cors_list_read(&list, cmd, args))
        || (refusal = cors_list_join(&names->said, cmd, &list))) {
        return refusal;
    }
    for (i = 0; !refusal && i < list.items->nelts; i++) {
        const char *item = APR_ARRAY_IDX(list.items, i, const char *);

        if (!strcmp(item, "*")) {
            names->any = 1;
        }
        else {
            refusal = add(cmd, names, item);
        }
    }
    if (refusal || (refusal = check_any(cmd, names, beside))) {
        return refusal;
    }
    field->extends = list.plus;
    cors_names_join(names, cmd->pool);
    return cors_section_check(cmd, policy);
}

static const char *set_methods(cmd_parms *cmd, void *policy, const char *args)
{
    return set_names(cmd, policy, args, add_method, NULL);
}

static const char *set_headers(cmd_parms *cmd, void *policy, const char *args)
{
    return set_names(cmd, policy, args, add_requested, "Authorization");
}

static const char *set_expose(cmd_parms *cmd, void *policy, const char *args)
{
    return set_names(cmd, policy, args, add_exposed, NULL);
}

static const char *set_value(cmd_parms *cmd, void *policy, int value)
{
    cors_setting_t *setting = field_of(cmd, policy);
    const char *refusal = cors_section_context(cmd);

    if (refusal) {
        return refusal;
    }
    setting->value = value;
    setting->place = cors_section_place(cmd);
    return cors_section_check(cmd, policy);
}

static const char *set_flag(cmd_parms *cmd, void *policy, int on)
{
    return set_value(cmd, policy, on);
}

static const char *set_engine(cmd_parms *cmd, void *policy, const char *word)
{
    if (!strcasecmp(word, "On")) {
        return set_value(cmd, policy, CORS_ENGINE_ON);
    }
    if (!strcasecmp(word, "Off")) {
        return set_value(cmd, policy, CORS_ENGINE_OFF);
    }
    if (!strcasecmp(word, "DetectionOnly")) {
        return set_value(cmd, policy, CORS_ENGINE_DETECTION_ONLY);
    }
    return cors_refusal(cmd, word, "is none of On, Off, DetectionOnly", NULL);
}

/* Whole seconds, or a number and its unit. */
static int read_seconds(const char *word, apr_int64_t *seconds)
{
    char *unit;

    if (!apr_isdigit(word[0])) {
        return 0;
    }
    *seconds = apr_strtoi64(word, &unit, 10);
    if (*seconds < 0 || *seconds > APR_INT32_MAX) {
        return 0;
    }
    if (!strcasecmp(unit, "min")) {
        *seconds *= 60;
    }
    else if (!strcasecmp(unit, "h")) {
        *seconds *= 60 * 60;
    }
    else if (!strcasecmp(unit, "d")) {
        *seconds *= 24 * 60 * 60;
    }
    else if (*unit && strcasecmp(unit, "s") != 0) {
        return 0;
    }
    return *seconds <= APR_INT32_MAX;
}

static const char *set_max_age(cmd_parms *cmd, void *policy, const char *word)
{
    apr_int64_t seconds = -1;

    if (strcasecmp(word, "none") != 0 && !read_seconds(word, &seconds)) {
        return cors_refusal(cmd, word, "is no time: write whole seconds, or a "
                            "number with s, min, h or d", NULL);
    }
    if (seconds > 86400) {
        cors_warning(cmd, word, "is longer than any browser keeps an answer: "
                     "Firefox 86400 seconds, Chromium 7200", "86400");
    }
    return set_value(cmd, policy, (int)seconds);
}

#define FIELD(name) ((void *)offsetof(cors_policy_t, name))
#define ANYWHERE (RSRC_CONF | OR_FILEINFO)

const command_rec cors_directives[] = {
    AP_INIT_RAW_ARGS("CorsAllowOrigin", set_origins, FIELD(allow), ANYWHERE,
        "The origins whose pages may read the responses, or none"),
    AP_INIT_RAW_ARGS("CorsDenyOrigin", set_origins, FIELD(deny), ANYWHERE,
        "Origins that are never allowed, or none"),
    AP_INIT_RAW_ARGS("CorsAllowMethods", set_methods, FIELD(methods), ANYWHERE,
        "The methods that a preflight grants, * or none"),
    AP_INIT_RAW_ARGS("CorsAllowHeaders", set_headers, FIELD(headers), ANYWHERE,
        "The request headers that a preflight grants, * or none"),
    AP_INIT_RAW_ARGS("CorsExposeHeaders", set_expose, FIELD(expose), ANYWHERE,
        "The response headers that scripts may read, * or none"),
    AP_INIT_FLAG("CorsAllowCredentials", set_flag, FIELD(credentials),
        ANYWHERE, "Whether cookies and HTTP authentication may be used"),
    AP_INIT_TAKE1("CorsMaxAge", set_max_age, FIELD(max_age), ANYWHERE,
        "How long a browser may keep a preflight's answer, or none"),
    AP_INIT_TAKE1("CorsEngine", set_engine, FIELD(engine), ANYWHERE,
        "On, Off or DetectionOnly: decide and log, but change nothing"),
    { NULL, { NULL }, NULL, 0, NO_ARGS, NULL }
};
