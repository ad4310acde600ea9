/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* CorsAllowMethods, CorsAllowHeaders, CorsExposeHeaders */

#include "directives.h"

#include <apr_strings.h>

#include "../decision.h"
#include "../header_name.h"
#include "../policy.h"
#include "field.h"
#include "list.h"
#include "message.h"
#include "section.h"

/* What a list of names does with each of its items. */
typedef const char *add_name_t(cmd_parms *cmd, cors_names_t *names,
                               const char *item);

static const char *check_name(cmd_parms *cmd, const char *item)
{
    const char *name = NULL;
    apr_size_t len;

    if (item[0] == '-') {
        return cors_refusal(cmd, item, "begins with '-': items are not taken "
                            "away; list those that remain, without '+'",
                            NULL);
    }
    len = strlen(item);
    if (cors_token_is(item, len)) {
        return NULL;
    }
    /* As it stands in a message. */
    if (len > 1 && item[len - 1] == ':' && cors_token_is(item, len - 1)) {
        name = apr_pstrmemdup(cmd->temp_pool, item, len - 1);
    }
    return cors_refusal(cmd, item, "is no token (RFC 9110, section 5.6.2)",
                        name);
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

    if (refusal) {
        return refusal;
    }
    if (cors_method_is_forbidden(item)) {
        return cors_refusal(cmd, item, "is a method that browsers let no "
                            "script use", NULL);
    }
    if (!strcasecmp(item, "PATCH") && strcmp(item, "PATCH") != 0) {
        cors_warning(cmd, item, "is another method than PATCH: browsers do "
                     "not upper-case it", "PATCH");
    }
    if (is_normalised(item)) {
        ap_str_toupper(method);
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
    cors_names_t *names = cors_field_layer(field);

    if (!names) {
        names = cors_names_make(cmd->pool, cors_section_place(cmd));
        cors_field_set_layer(field, names, cmd->pool);
    }
    return names;
}

/* "*" stands alone, but for what it does not cover. */
static const char *check_any(cmd_parms *cmd, const cors_names_t *names,
                             const char *beside)
{
    int i;

    for (i = 0; names->any && i < names->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names->names, i, cors_span_t).at;

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
    cors_layers_t *field = cors_field(cmd, policy);
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
    return cors_section_done(cmd, policy);
}

const char *cors_set_methods(cmd_parms *cmd, void *policy, const char *args)
{
    return set_names(cmd, policy, args, add_method, NULL);
}

const char *cors_set_headers(cmd_parms *cmd, void *policy, const char *args)
{
    return set_names(cmd, policy, args, add_requested, "Authorization");
}

const char *cors_set_expose(cmd_parms *cmd, void *policy, const char *args)
{
    return set_names(cmd, policy, args, add_exposed, NULL);
}
