/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  arguments.h
 * @brief The arguments of a directive: one word, or a list with "+" and "none".
 */

#ifndef CORS_ARGUMENTS_H
#define CORS_ARGUMENTS_H

#include <apr_tables.h>
#include <httpd.h>
#include <http_config.h>

#include "../policy.h"

#define CORS_SEPARATORS       ", \t"
/** Commas occur in regular expressions. */
#define CORS_REGEX_SEPARATORS " \t"

/** One line of a directive that takes a list. */
typedef struct cors_list_t {
    /** const char * each, as written; empty for "none" */
    apr_array_header_t *items;
    cors_written_e written;
} cors_list_t;

/** Split a line into its items. Quotes group nothing: items are split inside
 *  them too.
 *  @return NULL, or a refusal
 */
const char *cors_list_read(cors_list_t *list, cmd_parms *cmd,
                           const char *args, const char *separators);

/** Whether the line agrees with earlier lines of its directive in this section.
 *  @param written how those were written; set to the line's
 *  @return NULL, or a refusal
 */
const char *cors_list_agrees(cors_written_e *written, cmd_parms *cmd,
                             const cors_list_t *list);

/** The only word of a line.
 *  @return NULL, or a refusal
 */
const char *cors_word_read(const char **word, cmd_parms *cmd,
                           const char *args);

#endif /* CORS_ARGUMENTS_H */
