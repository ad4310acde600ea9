/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "loose_regex.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "host.h"

const char *const cors_probe_origins[] = {
    "https://cors-probe.invalid", "http://cors-probe.invalid",
    "https://cors-probe.invalid:8443", "https://www.cors-probe.com",
    "https://cors-probe.net", "https://cors-probe.github.io", NULL
};

/* One atom of a regular expression with its quantifier. */
typedef struct atom_t {
    const char *start;
    /** behind the quantifier */
    const char *end;
    /** it matches what no name was written for: ".", "[^/]", "\S" */
    int wide;
    /** how often it matches is open */
    int repeats;
} atom_t;

static const char *skip_class(const char *s)
{
    s += s[1] == '^' ? 2 : 1;
    if (*s == ']') {
        s++;
    }
    for (; *s != '\0' && *s != ']'; s++) {
        if (*s == '\\' && s[1] != '\0') {
            s++;
        }
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

static const char *skip_quantifier(const char *s)
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

static atom_t read_atom(const char *s)
{
    atom_t atom = { s, s + 1, 0, 0 };

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
    s = atom.end;
    atom.end = skip_quantifier(s);
    atom.repeats = atom.end > s && *s != '?';
    return atom;
}

static const char *skip_group(const char *s)
{
    int depth = 1;

    while (*s != '\0' && depth > 0) {
        depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
        s = depth == 0 ? s : read_atom(s).end;
    }
    return s;
}

/* What is matched behind an atom: groups that end are left, alternatives to
 * what holds the atom are passed over.
 */
static const char *what_follows(const char *s)
{
    for (;;) {
        if (*s == '|') {
            s = skip_group(s + 1);
        }
        if (*s != ')') {
            return s;
        }
        s = skip_quantifier(s + 1);
    }
}

/* How long a dot that means a dot is at s: "\\." or "[.]", 0 if there is none.
 */
static apr_size_t dot_length(const char *s)
{
    return !strncmp(s, "\\.", 2) ? 2 : !strncmp(s, "[.]", 3) ? 3 : 0;
}

/* The letters that follow, up to what is no letter. */
static apr_size_t read_letters(const char *s, char letters[CORS_HOST_MAX + 1],
                               const char **end)
{
    apr_size_t len = 0;

    while (len < CORS_HOST_MAX) {
        if (dot_length(s) > 0) {
            s += dot_length(s);
            letters[len++] = '.';
            continue;
        }
        if (s[0] == '\\' && s[1] == '-') {
            s++;
        }
        else if (!apr_isalnum(*s) && *s != '-' && *s != '_') {
            break;
        }
        letters[len++] = (char)apr_tolower(*s++);
    }
    letters[len] = '\0';
    *end = s;
    return len;
}

/* Whether what follows is the end of a label right in front of a public
 * suffix: then the part that is open is in a name that anybody can register.
 */
static int is_registrable(const char *follows)
{
    char letters[CORS_HOST_MAX + 1];
    const char *end;
    const char *dot;

    read_letters(follows, letters, &end);
    dot = strchr(letters, '.');
    return dot && dot[1] != '\0' && strchr("$:()|", *end)
           && cors_host_is_public_suffix(dot + 1, strlen(dot + 1));
}

/* In a port there is nothing but digits, whatever the expression says. */
static int is_port(const char *source, const atom_t *atom, const char *follows)
{
    return atom->start > source && atom->start[-1] == ':'
           && (*follows == '\0' || !strcmp(follows, "$"));
}

/* As "[.]": a log doubles backslashes, and "\\\\." would be copied from it. */
static const char *escape_dots(const char *source, apr_pool_t *p)
{
    char *escaped = apr_palloc(p, 3 * strlen(source) + 1);
    char *to = escaped;

    while (*source != '\0') {
        atom_t atom = read_atom(source);

        if ((*source == '.' && atom.end == source + 1)
            || dot_length(source) == 2) {
            to = apr_cpystrn(to, "[.]", sizeof("[.]"));
            source += *source == '.' ? 1 : 2;
        }
        memcpy(to, source, (apr_size_t)(atom.end - source));
        to += atom.end - source;
        source = atom.end;
    }
    *to = '\0';
    return escaped;
}

/* Whether it matches letters that were not written: a class, or a group that
 * does not end with a dot.
 */
static int is_open(const char *source, const atom_t *atom)
{
    return atom->repeats && !apr_isalnum(*atom->start)
           && !(*atom->start == ')' && atom->start - source >= 3
                && (dot_length(atom->start - 2) == 2
                    || dot_length(atom->start - 3) == 3));
}

static const char *why_loose(const char *source, const atom_t *atom)
{
    const char *follows = what_follows(atom->end);

    if (atom->wide && !is_port(source, atom, follows)
        && !dot_length(follows)) {
        return *follows == '\0' || *follows == '$'
            ? "matches anything at its end, \".evil.example\" too"
            : "matches anything in front of a name, \"evil-\" too; put \"[.]\" "
              "between them";
    }
    if ((atom->wide || is_open(source, atom)) && is_registrable(follows)) {
        return "matches names that anybody can register under a public "
               "suffix";
    }
    return NULL;
}

int cors_regex_is_loose(cors_remark_t *remark, const char *source,
                        apr_pool_t *p)
{
    const char *s;
    atom_t atom;

    remark->instead = NULL;
    for (s = source; *s != '\0'; s = atom.end) {
        atom = read_atom(s);
        if (*s == '.' && atom.end == s + 1) {
            remark->reason = "has an unescaped '.', which matches any "
                             "character";
            remark->instead = escape_dots(source, p);
            return 1;
        }
        remark->reason = why_loose(source, &atom);
        if (remark->reason) {
            return 1;
        }
    }
    return 0;
}
