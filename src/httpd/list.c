/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "list.h"

#include <apr_strings.h>

#include "../policy.h"
#include "message.h"

static const char *mixed(cmd_parms *cmd, const char *item)
{
    return cors_refusal(cmd, item, "stands beside items that differ in '+'; "
                        "in one section write '+' before all of them, to add "
                        "to what is inherited, or before none", NULL);
}

static const char *add_item(cors_list_t *list, cmd_parms *cmd,
                            const char *item)
{
    int plus = item[0] == '+';

    if (item[0] == '#') {
        return cors_refusal(cmd, item, "begins with '#': a comment stands on "
                            "a line of its own", NULL);
    }
    if (list->items->nelts > 0 && plus != list->plus) {
        return mixed(cmd, item);
    }
    list->plus = plus;
    if (plus && (!item[1] || !strcmp(item + 1, "*")
                 || !strcasecmp(item + 1, "none"))) {
        return cors_refusal(cmd, item, item[1] ? "stands alone, so there is "
                            "nothing to add it to" : "adds nothing",
                            item[1] ? item + 1 : NULL);
    }
    APR_ARRAY_PUSH(list->items, const char *) = item + plus;
    return NULL;
}

/* "none" is no item: it leaves an empty list. */
static const char *take_none(cors_list_t *list, cmd_parms *cmd)
{
    int i;

    for (i = 0; i < list->items->nelts; i++) {
        const char *item = APR_ARRAY_IDX(list->items, i, const char *);

        if (strcasecmp(item, "none") != 0) {
            continue;
        }
        if (list->items->nelts > 1) {
            return cors_refusal(cmd, item, "stands beside other items; it "
                                "stands alone", NULL);
        }
        list->none = 1;
        list->items->nelts = 0;
    }
    return list->none || list->items->nelts > 0
               ? NULL : apr_pstrcat(cmd->pool, cmd->cmd->name,
                                    " needs at least one item, or \"none\"",
                                    NULL);
}

static void start(cors_list_t *list, cmd_parms *cmd)
{
    memset(list, 0, sizeof(*list));
    list->items = apr_array_make(cmd->temp_pool, 4, sizeof(const char *));
}

const char *cors_list_read(cors_list_t *list, cmd_parms *cmd,
                           const char *args)
{
    start(list, cmd);
    while (*args) {
        char *word = ap_getword_conf(cmd->pool, &args);
        char *last = NULL;
        char *item;

        for (item = apr_strtok(word, ", \t", &last); item;
             item = apr_strtok(NULL, ", \t", &last)) {
            const char *refusal = add_item(list, cmd, item);

            if (refusal) {
                return refusal;
            }
        }
    }
    return take_none(list, cmd);
}

const char *cors_list_read_words(cors_list_t *list, cmd_parms *cmd,
                                 const char *args)
{
    start(list, cmd);
    while (*args) {
        const char *word = ap_getword_conf(cmd->pool, &args);
        const char *refusal = *word ? add_item(list, cmd, word) : NULL;

        if (refusal) {
            return refusal;
        }
    }
    return take_none(list, cmd);
}

const char *cors_list_join_line(unsigned char *said, cmd_parms *cmd,
                                const cors_list_t *list, const char *item)
{
    int says = list->none ? CORS_SAID_NONE
                          : list->plus ? CORS_SAID_PLUS : CORS_SAID_PLAIN;

    if (*said && (*said != says)) {
        return (*said | says) & CORS_SAID_NONE
            ? cors_refusal(cmd, item, "stands in one section with another "
                           "line that says otherwise; \"none\" stands alone",
                           NULL)
            : mixed(cmd, item);
    }
    *said |= (unsigned char)says;
    return NULL;
}

const char *cors_list_join(unsigned char *said, cmd_parms *cmd,
                           const cors_list_t *list)
{
    return cors_list_join_line(said, cmd, list,
                               list->none ? "none"
                                          : APR_ARRAY_IDX(list->items, 0,
                                                          const char *));
}
