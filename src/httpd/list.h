/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  list.h
 * @brief The list that follows a directive: items, "+", "*" and "none".
 */

#ifndef CORS_LIST_H
#define CORS_LIST_H

#include <apr_tables.h>
#include <httpd.h>
#include <http_config.h>

/** One line of a directive that takes a list. */
typedef struct cors_list_t {
    /** const char * each, without "+"; none for "none" */
    apr_array_header_t *items;
    /** every item has a leading "+" */
    int plus;
    /** the line says "none" */
    int none;
} cors_list_t;

/** Items are separated by blanks, by commas or both. */
const char *cors_list_read(cors_list_t *list, cmd_parms *cmd,
                           const char *args);

/** Items are separated by blanks only, as regular expressions are. */
const char *cors_list_read_words(cors_list_t *list, cmd_parms *cmd,
                                 const char *args);

/**
 * Whether the line may stand beside earlier lines of its directive.
 * @param said CORS_SAID_* of the earlier lines; the line's own is added
 * @return NULL, or a refusal
 */
const char *cors_list_join(unsigned char *said, cmd_parms *cmd,
                           const cors_list_t *list);

/** The same for a line that is one item. */
const char *cors_list_join_line(unsigned char *said, cmd_parms *cmd,
                                const cors_list_t *list, const char *item);

#endif /* CORS_LIST_H */
