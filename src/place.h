/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  place.h
 * @brief Where in the configuration something was written.
 */

#ifndef CORS_PLACE_H
#define CORS_PLACE_H

/** A line of the configuration. Lives as long as the configuration does. A
 *  default has no file.
 */
typedef struct cors_place_t {
    const char *file;
    int line;
    /** The directive as it is spelled in the reference. */
    const char *directive;
    /** It is in a .htaccess file, which is read anew for each request. */
    int in_htaccess;
} cors_place_t;

/** How the items of a list were written in one section. */
#define CORS_SAID_PLAIN 0x1
#define CORS_SAID_PLUS  0x2
#define CORS_SAID_NONE  0x4

#endif /* CORS_PLACE_H */
