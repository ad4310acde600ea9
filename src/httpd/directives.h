/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  directives.h
 * @brief The directives, with the setters of those that take one word.
 */

#ifndef CORS_DIRECTIVES_H
#define CORS_DIRECTIVES_H

#include <httpd.h>
#include <http_config.h>

extern const command_rec cors_directives[];

#endif /* CORS_DIRECTIVES_H */
