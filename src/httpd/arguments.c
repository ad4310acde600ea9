/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "arguments.h"

#include <apr_strings.h>

#include "message.h"

static int is_none(const char *item)
{
    return (*item | 0x20) == 'n' && !strcasecmp(item, "none");
}

static const char *refuse_mix(cmd_parms *cmd, const char *item)
{
    return cors_refuse(cmd, item, "mixes items with and without '+'; within a "
                       "section put '+' before every item (add to the "
                       "inherited list) or before none (replace it)", NULL);
}

static const char *check_plus(cmd_parms *cmd, const char *item)
{
    if (item[1] == '\0') {
        return cors_refuse(cmd, item, "is a '+' without an item", NULL);
    }
    if (!strcmp(item, "+*") || is_none(item + 1)) {
        return cors_refuse(cmd, item, "cannot have a '+': it must be the only "
                           "item", item + 1);
    }
    return NULL;
}

static const char *check_item(cors_list_t *list, cmd_parms *cmd,
                              const char *item)
{
    cors_written_e written = *item == '+' ? CORS_WRITTEN_PLUS
                             : is_none(item) ? CORS_WRITTEN_NONE
                             : CORS_WRITTEN_PLAIN;

    if (*item == '#') {
        return cors_refuse(cmd, item, "looks like a comment; put comments on "
                           "their own line", NULL);
    }
    if (list->written
        && (list->written != written || written == CORS_WRITTEN_NONE)) {
        return written == CORS_WRITTEN_NONE
               || list->written == CORS_WRITTEN_NONE
                   ? cors_refuse(cmd, "none", "cannot be combined with other "
                                 "items", NULL)
                   : refuse_mix(cmd, item);
    }
    list->written = written;
    return written == CORS_WRITTEN_PLUS ? check_plus(cmd, item) : NULL;
}

/* The line without its quotes, in one copy. */
static char *unquoted(cmd_parms *cmd, const char *args)
{
    char *line = apr_palloc(cmd->pool, strlen(args) + 1);
    char *to = line;

    if (!strpbrk(args, "\"'\\")) {
        strcpy(line, args);
        return line;
    }
    while (*args) {
        const char *word = ap_getword_conf(cmd->temp_pool, &args);
        apr_size_t len = strlen(word);

        memcpy(to, word, len);
        to[len] = ' ';
        to += len + 1;
    }
    *(to > line ? to - 1 : to) = '\0';
    return line;
}

const char *cors_list_read(cors_list_t *list, cmd_parms *cmd,
                           const char *args, const char *separators)
{
    char *s = unquoted(cmd, args);
    const char *refusal = NULL;

    list->items = apr_array_make(cmd->temp_pool, 4, sizeof(const char *));
    list->written = CORS_WRITTEN_NOT;
    for (s += strspn(s, separators); *s && !refusal;
         s += strspn(s, separators)) {
        const char *item = s;

        s += strcspn(s, separators);
        if (*s != '\0') {
            *s++ = '\0';
        }
        refusal = check_item(list, cmd, item);
        APR_ARRAY_PUSH(list->items, const char *) = item;
    }
    if (!refusal && list->items->nelts == 0) {
        refusal = cors_refuse(cmd, NULL, "needs at least one item, or "
                              "\"none\"", NULL);
    }
    if (list->written == CORS_WRITTEN_NONE) {
        list->items->nelts = 0;
    }
    return refusal;
}

const char *cors_list_agrees(cors_written_e *written, cmd_parms *cmd,
                             const cors_list_t *list)
{
    cors_written_e earlier = *written;

    *written = list->written;
    if (!earlier || earlier == list->written) {
        return NULL;
    }
    if (earlier != CORS_WRITTEN_NONE && list->written != CORS_WRITTEN_NONE) {
        return refuse_mix(cmd, APR_ARRAY_IDX(list->items, 0, const char *));
    }
    return cors_refuse(cmd, "none", apr_psprintf(cmd->pool, "contradicts "
                       "another %s line in this section; \"none\" must be the "
                       "only one", cmd->cmd->name), NULL);
}

const char *cors_word_read(const char **word, cmd_parms *cmd,
                           const char *args)
{
    *word = ap_getword_conf(cmd->pool, &args);
    return **word && !*args ? NULL
           : cors_refuse(cmd, NULL, "takes one argument", NULL);
}
