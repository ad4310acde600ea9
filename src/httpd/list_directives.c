/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "list_directives.h"

#include <apr_strings.h>
#include <http_log.h>

#include "../policy.h"
#include "../regex_check.h"
#include "arguments.h"
#include "config_check.h"
#include "context.h"
#include "message.h"
#include "module.h"
#include "origin_rule.h"

/* The directives of the field "allow", in cors_layer_t.written. */
enum { BY_NAME, BY_REGEX, BY_EXPRESSION };

/* A .htaccess file is parsed for each request, so it is bounded. */
#define HTACCESS_NAMES   256
#define HTACCESS_REGEXES 16

/* What a .htaccess file contains so far, its inner sections included: origins,
 * regular expressions, and names by the field that they belong to.
 */
typedef struct contents_t {
    const ap_configfile_t *file;
    int origins;
    int regexes;
    int names[3];
} contents_t;

/* Kept with the request that the file is parsed for. */
static contents_t *htaccess_contents(cmd_parms *cmd)
{
    static const char key[] = "mod_cors:htaccess";
    void *data = NULL;
    contents_t *contents;

    apr_pool_userdata_get(&data, key, cmd->pool);
    contents = data;
    if (!contents) {
        contents = apr_pcalloc(cmd->pool, sizeof(*contents));
        apr_pool_userdata_setn(contents, key, NULL, cmd->pool);
    }
    if (contents->file != cmd->config_file) {
        memset(contents, 0, sizeof(*contents));
        contents->file = cmd->config_file;
    }
    return contents;
}

static const char *check_cap(cmd_parms *cmd, int *count, int more, int max,
                             const char *what)
{
    *count += more;
    return *count <= max ? NULL
           : cors_refuse(cmd, NULL,
                         apr_psprintf(cmd->pool, "has too many %s: a .htaccess "
                                      "file can contain at most %d; list more "
                                      "in the server's configuration", what,
                                      max), NULL);
}

/* The section's layer of the field, with this line added. */
static cors_layer_t *layer_of(cmd_parms *cmd, void *policy)
{
    cors_layer_t **field =
        (cors_layer_t **)((char *)policy + (apr_size_t)cmd->info);
    cors_line_t *line = cors_context_line(cmd);
    cors_layer_t *layer = *field;

    if (!layer) {
        *field = layer = apr_pcalloc(cmd->pool, sizeof(*layer));
        layer->line = line;
    }
    else {
        layer->last_line->next = line;
    }
    layer->last_line = line;
    return layer;
}

static cors_origin_list_t *origins_of(cmd_parms *cmd, cors_layer_t *layer)
{
    if (!layer->origins) {
        layer->origins = cors_origin_list_make(cmd->pool);
    }
    return layer->origins;
}

/* A "+" item is corrected to another "+" item. */
static const char *as_written(cmd_parms *cmd, const char *item,
                              const char *instead)
{
    return instead && *item == '+' ? apr_pstrcat(cmd->pool, "+", instead, NULL)
                                   : instead;
}

/* The expression as it would be accepted, with its faults corrected where that
 * is possible; NULL if it is not a valid one.
 */
static const char *accepted_regex(cmd_parms *cmd, const char *text)
{
    cors_regex_check_t check;

    if (!text || !ap_pregcomp(cmd->temp_pool, text, 0)) {
        return NULL;
    }
    cors_regex_check(&check, text, cmd->pool);
    return check.tighter ? check.tighter
           : check.possible ? check.possible : text;
}

static const char *refuse_origin(cmd_parms *cmd, const char *item,
                                 const cors_remark_t *remark)
{
    const char *instead = as_written(cmd, item, remark->instead);
    int can_match = strcasecmp(cmd->cmd->name, "CorsDenyOrigin") != 0;
    const char *regex = can_match ? accepted_regex(cmd, remark->expression)
                                  : NULL;

    if (!instead && regex) {
        instead = apr_pstrcat(cmd->pool, "CorsAllowOriginMatch ",
                              as_written(cmd, item, regex), NULL);
    }
    return cors_refuse(cmd, item, remark->reason, instead);
}

static void warn_of_scheme(cmd_parms *cmd, const char *value,
                           const cors_item_t *item)
{
    const char *likely = item->scheme_len ? cors_item_likely_scheme(item)
                                          : NULL;

    if (likely) {
        cors_remark(cmd, APLOG_WARNING, value, "has an unknown scheme",
                    as_written(cmd, value,
                               apr_pstrcat(cmd->temp_pool, likely,
                                           item->text + item->scheme_len,
                                           NULL)));
    }
}

/* "*" must be the only item, in all directives of the field. */
static const char *add_item(cmd_parms *cmd, cors_origin_list_t *origins,
                            cors_item_t *item)
{
    int is_first = origins->items->nelts == 0 && origins->rules->nelts == 0;

    if (!is_first && (origins->any || item->kind == CORS_ITEM_ANY)) {
        return cors_refuse_line(cmd, origins->any ? origins->any->line
                                                  : item->line,
                                "*", "cannot be combined with other origins: "
                                "it already covers every origin", NULL);
    }
    cors_origin_list_add(origins, item);
    return NULL;
}

static const char *add_origin(cmd_parms *cmd, cors_origin_list_t *origins,
                              const char *value, const cors_line_t *line)
{
    cors_item_t *item = apr_palloc(cmd->pool, sizeof(*item));
    cors_remark_t remark;

    if (!cors_item_parse(item, &remark, value + (*value == '+'), cmd->pool)) {
        return refuse_origin(cmd, value, &remark);
    }
    if (remark.reason) {
        cors_remark(cmd, APLOG_NOTICE, value, remark.reason,
                    as_written(cmd, value, remark.instead));
    }
    warn_of_scheme(cmd, value, item);
    item->line = line;
    return add_item(cmd, origins, item);
}

static const char *refuse_minus(cmd_parms *cmd, const char *item)
{
    return cors_refuse(cmd, item, "starts with '-': items cannot be removed; "
                       "list the ones to keep, without '+'", NULL);
}

static const char *add_regex(cmd_parms *cmd, cors_origin_list_t *origins,
                             const char *value, const cors_line_t *line)
{
    cors_item_t *item = apr_pcalloc(cmd->pool, sizeof(*item));
    const char *text = value + (*value == '+');
    const char *reason;
    cors_regex_check_t check;

    if (*text == '-') {
        return refuse_minus(cmd, value);
    }
    cors_regex_check(&check, text, cmd->pool);
    reason = cors_origin_rule_regex(item, cmd, text, check.domains != NULL);
    if (reason) {
        return cors_refuse(cmd, value, reason, NULL);
    }
    if (check.never) {
        cors_remark(cmd, APLOG_WARNING, value, check.never,
                    strcmp(text, "null") == 0
                        ? "CorsAllowOrigin null"
                        : as_written(cmd, value, check.possible));
    }
    if (check.loose) {
        item->risks |= CORS_RISK_LOOSE_REGEX;
    }
    if (check.insecure) {
        item->risks |= CORS_RISK_INSECURE_ORIGIN;
    }
    item->loose = check.loose;
    item->tighter = check.tighter;
    item->domains = check.domains;
    item->line = line;
    return add_item(cmd, origins, item);
}

/* CorsAllowOrigin, -Match and -Expr are one field: a line without "+" starts
 * the list anew, and so does "none". An ap_expr alone has no "+", and extends
 * where the others do.
 */
static void set_extends(cors_layer_t *layer)
{
    const cors_written_e *written = layer->written;

    layer->extends =
        (written[BY_NAME] == CORS_WRITTEN_PLUS
         || written[BY_REGEX] == CORS_WRITTEN_PLUS)
        && (written[BY_NAME] == CORS_WRITTEN_PLUS
            || written[BY_NAME] == CORS_WRITTEN_NOT)
        && (written[BY_REGEX] == CORS_WRITTEN_PLUS
            || written[BY_REGEX] == CORS_WRITTEN_NOT)
        && written[BY_EXPRESSION] != CORS_WRITTEN_NONE;
}

typedef const char *add_t(cmd_parms *cmd, cors_origin_list_t *origins,
                          const char *value, const cors_line_t *line);

static const char *add_items(cmd_parms *cmd, cors_layer_t *layer,
                             const cors_list_t *list, add_t *add)
{
    cors_origin_list_t *origins = origins_of(cmd, layer);
    const char *refusal = NULL;
    int i;

    for (i = 0; i < list->items->nelts && !refusal; i++) {
        refusal = add(cmd, origins, APR_ARRAY_IDX(list->items, i,
                                                  const char *),
                      layer->last_line);
    }
    set_extends(layer);
    return refusal;
}

const char *cors_set_origins(cmd_parms *cmd, void *policy, const char *args)
{
    cors_layer_t *layer = layer_of(cmd, policy);
    const char *refusal = cors_context_check(cmd);
    cors_list_t list;

    if (refusal
        || (refusal = cors_list_read(&list, cmd, args, CORS_SEPARATORS))
        || (refusal = cors_list_agrees(&layer->written[BY_NAME], cmd, &list))
        || (cors_in_htaccess(cmd)
            && (refusal = check_cap(cmd, &htaccess_contents(cmd)->origins,
                                    list.items->nelts, HTACCESS_NAMES,
                                    "origins")))
        || (refusal = add_items(cmd, layer, &list, add_origin))) {
        return refusal;
    }
    return cors_check_section(cmd, policy);
}

const char *cors_set_regexes(cmd_parms *cmd, void *policy, const char *args)
{
    cors_layer_t *layer = layer_of(cmd, policy);
    const char *refusal = cors_context_check(cmd);
    cors_list_t list;

    if (refusal
        || (refusal = cors_list_read(&list, cmd, args, CORS_REGEX_SEPARATORS))
        || (refusal = cors_list_agrees(&layer->written[BY_REGEX], cmd, &list))
        || (cors_in_htaccess(cmd)
            && (refusal = check_cap(cmd, &htaccess_contents(cmd)->regexes,
                                    list.items->nelts, HTACCESS_REGEXES,
                                    "regular expressions")))
        || (refusal = add_items(cmd, layer, &list, add_regex))) {
        return refusal;
    }
    return cors_check_section(cmd, policy);
}

/* In quotes, as "expr=..." of mod_headers, or bare, as Require expr. */
static const char *expression_of(cmd_parms *cmd, const char *args)
{
    const char *rest = args;
    const char *word = ap_getword_conf(cmd->pool, &rest);

    return *rest ? apr_pstrdup(cmd->pool, args) : word;
}

static const char *add_expression(cmd_parms *cmd, cors_layer_t *layer,
                                  const char *text)
{
    cors_item_t *item = apr_pcalloc(cmd->pool, sizeof(*item));
    const char *reason = cors_origin_rule_expression(item, cmd, text);

    if (reason) {
        return cors_refuse(cmd, text, reason, NULL);
    }
    item->line = layer->last_line;
    return add_item(cmd, origins_of(cmd, layer), item);
}

const char *cors_set_expression(cmd_parms *cmd, void *policy,
                                const char *args)
{
    cors_layer_t *layer = layer_of(cmd, policy);
    const char *refusal = cors_context_check(cmd);
    const char *text = expression_of(cmd, args);
    int is_none = !strcasecmp(text, "none");
    cors_list_t line = { NULL, CORS_WRITTEN_PLAIN };

    if (!refusal && !*text) {
        refusal = cors_refuse(cmd, NULL, "needs an expression, or \"none\"",
                              NULL);
    }
    line.items = apr_array_make(cmd->temp_pool, 1, sizeof(const char *));
    APR_ARRAY_PUSH(line.items, const char *) = text;
    line.written = is_none ? CORS_WRITTEN_NONE : CORS_WRITTEN_PLAIN;
    if (refusal
        || (refusal = cors_list_agrees(&layer->written[BY_EXPRESSION], cmd,
                                       &line))
        || (!is_none && (refusal = add_expression(cmd, layer, text)))) {
        return refusal;
    }
    origins_of(cmd, layer);
    set_extends(layer);
    return cors_check_section(cmd, policy);
}

/* "GET|POST" as the list that is meant. */
static const char *split_at_bars(cmd_parms *cmd, const char *item)
{
    const char *separator = *item == '+' ? " +" : " ";
    const char *list = "";
    const char *bar;

    while ((bar = ap_strchr_c(item, '|')) != NULL) {
        list = apr_pstrcat(cmd->temp_pool, list,
                           apr_pstrmemdup(cmd->temp_pool, item,
                                          (apr_size_t)(bar - item)),
                           separator, NULL);
        item = bar + 1;
    }
    return apr_pstrcat(cmd->temp_pool, list, item, NULL);
}

/* A token can be a name, and still surely be meant otherwise. */
static void warn_of_name(cmd_parms *cmd, const char *item, const char *name)
{
    if (!strcasecmp(name, "all") || !strcasecmp(name, "any")) {
        cors_remark(cmd, APLOG_WARNING, item,
                    apr_psprintf(cmd->temp_pool, "is read as a name, so only "
                                 "\"%s\" is allowed", name), "*");
    }
    else if (ap_strchr_c(name, '|')) {
        cors_remark(cmd, APLOG_WARNING, item, "is read as one name, because "
                    "names are separated by spaces or commas",
                    split_at_bars(cmd, item));
    }
}

static int has_non_ascii(const char *s)
{
    while (*s > 0) {
        s++;
    }
    return *s != '\0';
}

/* The name of a method or header. */
static const char *check_name(cmd_parms *cmd, const char *item,
                              const char *reason)
{
    const char *name = item + (*item == '+');
    apr_size_t len = strlen(name);

    if (*name == '-') {
        return refuse_minus(cmd, item);
    }
    if (cors_token_is(name, len)) {
        warn_of_name(cmd, item, name);
        return NULL;
    }
    if (has_non_ascii(name)) {
        return cors_refuse(cmd, item, "contains a non-ASCII character, such as "
                           "a curly quotation mark or a no-break space", NULL);
    }
    /* The name is copied with the colon that follows it in a message. */
    return cors_refuse(cmd, item, reason,
                       len > 1 && name[len - 1] == ':'
                       && cors_token_is(name, len - 1)
                           ? apr_pstrmemdup(cmd->temp_pool, item,
                                            strlen(item) - 1)
                           : NULL);
}

typedef const char *add_name_t(cmd_parms *cmd, cors_names_t *names,
                               const char *item);

static const char *add_method(cmd_parms *cmd, cors_names_t *names,
                              const char *item)
{
    const char *refusal = check_name(cmd, item, "is not a valid method name");
    char *method = apr_pstrdup(cmd->pool, item + (*item == '+'));

    if (refusal) {
        return refusal;
    }
    if (cors_method_is_forbidden(method)) {
        return cors_refuse(cmd, item, "is a method that browsers do not allow "
                           "scripts to use", NULL);
    }
    if (!strcasecmp(method, "PATCH") && strcmp(method, "PATCH") != 0) {
        cors_remark(cmd, APLOG_WARNING, item, "is not the same as PATCH: "
                    "method names are case-sensitive",
                    as_written(cmd, item, "PATCH"));
    }
    if (cors_method_is_normalised(method)) {
        ap_str_toupper(method);
        if (strcmp(method, item + (*item == '+')) != 0) {
            cors_remark(cmd, APLOG_NOTICE, item, "was normalised to the form "
                        "that browsers send", as_written(cmd, item, method));
        }
    }
    cors_names_add(names, method);
    return NULL;
}

static const char *add_header(cmd_parms *cmd, cors_names_t *names,
                              const char *item)
{
    const char *refusal = check_name(cmd, item, "is not a valid header name");
    const char *name = item + (*item == '+');

    if (!refusal && cors_header_is_never_requested(name)) {
        cors_remark(cmd, APLOG_WARNING, item, "is ignored: browsers do not "
                    "let scripts set this header", NULL);
    }
    else if (!refusal) {
        cors_names_add(names, name);
    }
    return refusal;
}

static const char *add_exposed(cmd_parms *cmd, cors_names_t *names,
                               const char *item)
{
    const char *refusal = check_name(cmd, item, "is not a valid header name");
    const char *name = item + (*item == '+');

    if (!refusal && cors_header_is_never_exposed(name)) {
        cors_remark(cmd, APLOG_WARNING, item, "is ignored: browsers never "
                    "expose this header to scripts", NULL);
    }
    else if (!refusal) {
        cors_names_add(names, name);
    }
    return refusal;
}

/* How a field of names is read. */
typedef struct names_field_t {
    add_name_t *add;
    int case_sensitive;
    /** the only name that "*" does not cover, or NULL */
    const char *uncovered;
    /** its place in contents_t.names */
    int index;
} names_field_t;

static const char *add_name(cmd_parms *cmd, const names_field_t *field,
                            cors_names_t *names, const char *item)
{
    if (strcmp(item, "*") != 0) {
        return field->add(cmd, names, item);
    }
    if (names->any) {
        return cors_refuse(cmd, item, "is listed twice; it must be the only "
                           "item", NULL);
    }
    names->any = 1;
    return NULL;
}

static const char *check_any(cmd_parms *cmd, const names_field_t *field,
                             const cors_names_t *names)
{
    int i;

    for (i = 0; names->any && i < names->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names->names, i, cors_span_t).at;

        if (!field->uncovered || strcasecmp(name, field->uncovered) != 0) {
            return cors_refuse(cmd, name, "cannot be combined with \"*\", "
                               "which already covers it", "*");
        }
    }
    return NULL;
}

static const char *set_names(cmd_parms *cmd, void *policy, const char *args,
                             const names_field_t *field)
{
    cors_layer_t *layer = layer_of(cmd, policy);
    const char *refusal = cors_context_check(cmd);
    cors_list_t list;
    int before;
    int i;

    if (!layer->names) {
        layer->names = cors_names_make(cmd->pool, field->case_sensitive);
    }
    if (refusal
        || (refusal = cors_list_read(&list, cmd, args, CORS_SEPARATORS))
        || (refusal = cors_list_agrees(&layer->written[0], cmd, &list))) {
        return refusal;
    }
    before = layer->names->names->nelts;
    for (i = 0; i < list.items->nelts && !refusal; i++) {
        refusal = add_name(cmd, field, layer->names,
                           APR_ARRAY_IDX(list.items, i, const char *));
    }
    if (refusal || (refusal = check_any(cmd, field, layer->names))
        || (cors_in_htaccess(cmd)
            && (refusal = check_cap(cmd,
                                    &htaccess_contents(cmd)
                                         ->names[field->index],
                                    layer->names->names->nelts - before,
                                    HTACCESS_NAMES, "names")))) {
        return refusal;
    }
    layer->extends = list.written == CORS_WRITTEN_PLUS;
    return cors_check_section(cmd, policy);
}

const char *cors_set_methods(cmd_parms *cmd, void *policy, const char *args)
{
    static const names_field_t field = { add_method, 1, NULL, 0 };

    return set_names(cmd, policy, args, &field);
}

const char *cors_set_headers(cmd_parms *cmd, void *policy, const char *args)
{
    static const names_field_t field = { add_header, 0, "Authorization", 1 };

    return set_names(cmd, policy, args, &field);
}

const char *cors_set_expose(cmd_parms *cmd, void *policy, const char *args)
{
    static const names_field_t field = { add_exposed, 0, NULL, 2 };

    return set_names(cmd, policy, args, &field);
}
