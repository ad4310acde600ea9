/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  line.h
 * @brief A line of the configuration, for messages, logs and pages.
 */

#ifndef CORS_LINE_H
#define CORS_LINE_H

/** A directive as it was written. Lives as long as the configuration. */
typedef struct cors_line_t {
    const char *file;
    /** the directive's name, in its documented spelling */
    const char *directive;
    const char *args;
    /** the next line of the same field in this section, or NULL */
    struct cors_line_t *next;
    int number;
    /** it is in a .htaccess file, which is parsed for each request */
    int in_htaccess;
} cors_line_t;

#endif /* CORS_LINE_H */
