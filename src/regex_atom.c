/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "regex_atom.h"

#include <string.h>

#include <apr_lib.h>

/* The end of "[:alpha:]" within a class; s if there is none. */
static const char *skip_posix(const char *s)
{
    const char *end;

    if (s[0] != '[' || s[1] != ':') {
        return s;
    }
    end = s + 2 + strspn(s + 2, "^abcdefghijklmnopqrstuvwxyz");
    return end[0] == ':' && end[1] == ']' ? end + 1 : s;
}

static const char *skip_class(const char *s)
{
    s += s[1] == '^' ? 2 : 1;
    if (*s == ']') {
        s++;
    }
    for (; *s != '\0' && *s != ']'; s++) {
        s = *s == '\\' && s[1] != '\0' ? s + 1 : skip_posix(s);
    }
    return *s == ']' ? s + 1 : s;
}

/* \Q...\E holds no atoms but letters. */
static const char *skip_escape(const char *s)
{
    if (s[1] == 'Q') {
        const char *end = strstr(s, "\\E");

        return end ? end + 2 : s + strlen(s);
    }
    return s[1] != '\0' ? s + 2 : s + 1;
}

const char *cors_atom_skip_quantifier(const char *s)
{
    const char *end = s;

    if (*s == '*' || *s == '+' || *s == '?') {
        end++;
    }
    else if (*s == '{' && apr_isdigit(s[1]) && strchr(s, '}')) {
        end += strcspn(s, "}") + 1;
    }
    if (end > s && (*end == '?' || *end == '+')) {
        end++;
    }
    return end;
}

cors_atom_t cors_atom_read(const char *s)
{
    cors_atom_t atom = { s, NULL, s + 1, 0 };

    if (*s == '\\') {
        atom.end = skip_escape(s);
        atom.wide = s[1] != '\0' && strchr("SWDNXC", s[1]) != NULL;
    }
    else if (*s == '[') {
        atom.end = skip_class(s);
        atom.wide = s[1] == '^';
    }
    else {
        atom.wide = *s == '.';
    }
    atom.quantifier = atom.end;
    atom.end = cors_atom_skip_quantifier(atom.quantifier);
    return atom;
}

apr_size_t cors_atom_dot(const char *s)
{
    return !strncmp(s, "\\.", 2) ? 2 : !strncmp(s, "[.]", 3) ? 3 : 0;
}

const char *cors_atom_enter_group(const char *s)
{
    if (s[1] != '?') {
        return s + 1;
    }
    s += strcspn(s, ":>)");
    return *s != '\0' ? s + 1 : s;
}

const char *cors_atom_skip_alternative(const char *s)
{
    int depth = 0;

    while (*s != '\0' && (depth > 0 || (*s != '|' && *s != ')'))) {
        depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
        s = *s == '(' ? cors_atom_enter_group(s) : cors_atom_read(s).end;
    }
    return s;
}
