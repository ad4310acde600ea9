/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "loose_regex.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "host.h"

/* One atom of a regular expression with its quantifier. */
typedef struct atom_t {
    const char *start;
    /** behind the quantifier */
    const char *end;
    /** it matches what no name was written for: ".", "[^/]", "\S" */
    int wide;
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
    atom_t atom = { s, s + 1, 0 };

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
    atom.end = skip_quantifier(atom.end);
    return atom;
}

/* How long a dot that means a dot is at s: "\." or "[.]", 0 if there is none. */
static apr_size_t dot_length(const char *s)
{
    return !strncmp(s, "\\.", 2) ? 2 : !strncmp(s, "[.]", 3) ? 3 : 0;
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


/* Behind a group's opening: "(", "(?:", "(?<name>". */
static const char *enter_group(const char *s)
{
    if (s[1] != '?') {
        return s + 1;
    }
    s += strcspn(s, ":>)");
    return *s != '\0' ? s + 1 : s;
}

/* Where the alternative at s ends: at "|", or at the group's end. */
static const char *skip_alternative(const char *s)
{
    int depth = 0;

    while (*s != '\0' && (depth > 0 || (*s != '|' && *s != ')'))) {
        depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
        s = *s == '(' ? enter_group(s) : read_atom(s).end;
    }
    return s;
}

/* Steps that are taken to find out what follows: "(|)(|)(|)" has more ways
 * through than anybody can go.
 */
#define STEPS_MAX 1000

/* Whether a dot is matched next, whatever the way through the expression: then
 * what stands in front is labels of its own.
 */
static int dot_follows(const char *s, int *steps)
{
    int in_all = 1;

    while ((*steps)-- > 0) {
        while (*s == ')' || *s == '|') {
            s = *s == ')' ? skip_quantifier(s + 1) : skip_alternative(s + 1);
        }
        if (*s != '(') {
            return dot_length(s) > 0
                   && skip_quantifier(s + dot_length(s)) == s + dot_length(s);
        }
        for (s = enter_group(s); in_all; s++) {
            in_all = dot_follows(s, steps);
            s = skip_alternative(s);
            if (*s != '|') {
                break;
            }
        }
        if (!in_all || *s != ')' || skip_quantifier(s + 1) == s + 1) {
            return in_all;
        }
        /* The group may match nothing. */
        s = skip_quantifier(s + 1);
    }
    return 0;
}

static int boundary_follows(const char *s)
{
    int steps = STEPS_MAX;

    return dot_follows(s, &steps);
}

/* In a port there is nothing but digits, whatever the expression says. */
static int is_port(const char *source, const atom_t *atom)
{
    const char *s = atom->end;

    while (*s == ')') {
        s = skip_quantifier(s + 1);
    }
    return atom->start > source && atom->start[-1] == ':'
           && (*s == '\0' || !strcmp(s, "$"));
}

static int is_end(const char *s)
{
    while (*s == ')') {
        s = skip_quantifier(s + 1);
    }
    return *s == '\0' || *s == '$';
}

static int find_in_text(cors_remark_t *remark, const char *source,
                        apr_pool_t *p)
{
    const char *s;
    atom_t atom;

    for (s = source; *s != '\0'; s = atom.end) {
        atom = read_atom(s);
        if (*s == '.' && atom.end == s + 1) {
            remark->reason = "has an unescaped '.', which matches any "
                             "character";
            remark->instead = escape_dots(source, p);
            return 1;
        }
        if (!atom.wide || is_port(source, &atom)
            || boundary_follows(atom.end)) {
            continue;
        }
        remark->reason = is_end(atom.end)
            ? "matches anything at its end, \".evil.example\" too"
            : "matches anything in front of a name, \"evil-\" too; put "
              "\"[.]\" between them";
        return 1;
    }
    return 0;
}

/* The origins that are tried, and what they are tried on. */
typedef struct probe_t {
    cors_remark_t *remark;
    cors_matches_t *matches;
    const void *regex;
    apr_pool_t *p;
} probe_t;

static int try_host(const probe_t *probe, const char *host)
{
    static const char *const schemes[] = { "https://", "http://" };
    apr_size_t i;

    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const char *origin = apr_pstrcat(probe->p, schemes[i], host, NULL);
        cors_origin_t read;

        if (cors_origin_read(&read, origin)
            && probe->matches(probe->regex, origin)) {
            probe->remark->reason = apr_psprintf(probe->p, "matches \"%s\", "
                                                 "which nobody means",
                                                 origin);
            return 1;
        }
    }
    return 0;
}

/* Whether anybody can register the name: what is behind its first label is a
 * public suffix.
 */
static int is_registrable(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot && cors_host_is_public_suffix(dot + 1, strlen(dot + 1));
}

/* Another name in which a dot of this one is missing. */
static int try_without_dots(const probe_t *probe, const char *name)
{
    const char *dot;

    for (dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
        const char *joined = apr_pstrcat(probe->p,
                                         apr_pstrmemdup(probe->p, name,
                                             (apr_size_t)(dot - name)),
                                         dot + 1, NULL);
        if (is_registrable(joined) && try_host(probe, joined)) {
            return 1;
        }
    }
    return 0;
}

/* What may stand for the part that is open. */
static const char *const fillers[] = { "evil-", "evil", "9", NULL };

/* A name that goes on where it should end. */
static int try_longer(const probe_t *probe, const char *name)
{
    static const char *const behind[] = {
        "evil", ".evil", ".cors-probe.net", NULL
    };
    int i;

    for (i = 0; behind[i]; i++) {
        if (try_host(probe, apr_pstrcat(probe->p, name, behind[i], NULL))) {
            return 1;
        }
    }
    return 0;
}

/* A name of which the part in front of a public suffix is open. */
static int try_between(const probe_t *probe, const char *last,
                       const char *name)
{
    int i;

    for (i = 0; fillers[i]; i++) {
        if (try_host(probe, apr_pstrcat(probe->p, last, fillers[i], ".", name,
                                        NULL))) {
            return 1;
        }
    }
    return 0;
}

static int try_name(const probe_t *probe, const char *last, const char *name)
{
    int i;

    if (name[strlen(name) - 1] != '.'
        && cors_host_is_public_suffix(name, strlen(name))) {
        return try_host(probe, apr_pstrcat(probe->p, "cors-probe.", name,
                                           NULL))
               || try_between(probe, last, name);
    }
    for (i = 0; fillers[i] && is_registrable(name); i++) {
        if (try_host(probe, apr_pstrcat(probe->p, fillers[i], name, NULL))) {
            return 1;
        }
    }
    return try_without_dots(probe, name) || try_longer(probe, name);
}

/* The next name in the text: letters, and dots that mean a dot. A "?" behind
 * a dot is passed over.
 */
static const char *next_name(const char **source, apr_pool_t *p)
{
    const char *s = *source;
    char *name;
    char *to;

    while (*s != '\0' && !apr_isalnum(*s) && dot_length(s) == 0) {
        s = *s == '[' ? skip_class(s) : *s == '\\' ? skip_escape(s) : s + 1;
    }
    name = apr_palloc(p, strlen(s) + 1);
    to = name;
    for (;;) {
        if (dot_length(s) > 0) {
            s += dot_length(s);
            s += *s == '?' && to > name;
            *to++ = '.';
        }
        else if (apr_isalnum(*s) || *s == '-') {
            *to++ = (char)apr_tolower(*s++);
        }
        else {
            break;
        }
    }
    *to = '\0';
    *source = s;
    return to > name ? name + strspn(name, ".") : NULL;
}

static int find_by_trying(const probe_t *probe, const char *source)
{
    static const char *const nobodys[] = {
        "cors-probe.invalid", "cors-probe.invalid:8443", "www.cors-probe.com",
        "cors-probe.net", "cors-probe.github.io", "corsprobe.invalid",
        "corsprobe.com", "www.corsprobe.net", NULL
    };
    const char *last = "";
    const char *name;
    int i;

    for (i = 0; nobodys[i]; i++) {
        if (try_host(probe, nobodys[i])) {
            return 1;
        }
    }
    while ((name = next_name(&source, probe->p))) {
        if (*name && try_name(probe, last, name)) {
            return 1;
        }
        last = name;
    }
    return 0;
}

int cors_regex_is_loose(cors_remark_t *remark, const char *source,
                        cors_matches_t *matches, const void *regex,
                        apr_pool_t *p)
{
    probe_t probe = { remark, matches, regex, p };

    remark->reason = NULL;
    remark->instead = NULL;
    return find_in_text(remark, source, p) || find_by_trying(&probe, source);
}
