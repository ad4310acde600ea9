/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  regex_atom.h
 * @brief The text of a regular expression, atom by atom: as much as is needed
 *        to see which parts are letters and which are open.
 */

#ifndef CORS_REGEX_ATOM_H
#define CORS_REGEX_ATOM_H

#include <apr.h>

/** One atom with its quantifier. */
typedef struct cors_atom_t {
    const char *start;
    /** where the quantifier begins, and behind it */
    const char *quantifier;
    const char *end;
    /** it matches what no name was written for: ".", "[^/]", "\\S" */
    int wide;
} cors_atom_t;

/** The atom at s, which is no end of a string; "(" and ")" are atoms. */
cors_atom_t cors_atom_read(const char *s);

/** Behind a quantifier at s, s itself if there is none. */
const char *cors_atom_skip_quantifier(const char *s);

/** How long a dot that means a dot is at s: "\\." or "[.]"; 0: there is none */
apr_size_t cors_atom_dot(const char *s);

/** Behind a group's opening at s: "(", "(?:", "(?<name>". */
const char *cors_atom_enter_group(const char *s);

/** Where the alternative at s ends: at "|", at ")" or at the end. */
const char *cors_atom_skip_alternative(const char *s);

#endif /* CORS_REGEX_ATOM_H */
