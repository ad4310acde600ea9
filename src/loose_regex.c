/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "loose_regex.h"

#include <string.h>

#include <apr_strings.h>

#include "host.h"
#include "regex_atom.h"
#include "regex_sample.h"

/* As "[.]": a log doubles backslashes, and "\\\\." would be copied from it. */
static const char *escape_dots(const char *source, apr_pool_t *p)
{
    char *escaped = apr_palloc(p, 3 * strlen(source) + 1);
    char *to = escaped;

    while (*source != '\0') {
        cors_atom_t atom = cors_atom_read(source);

        if ((*source == '.' && atom.end == source + 1)
            || cors_atom_dot(source) == 2) {
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
            s = *s == ')' ? cors_atom_skip_quantifier(s + 1)
                          : cors_atom_skip_alternative(s + 1);
        }
        if (*s != '(') {
            return cors_atom_dot(s) > 0
                   && cors_atom_skip_quantifier(s + cors_atom_dot(s))
                      == s + cors_atom_dot(s);
        }
        for (s = cors_atom_enter_group(s); in_all; s++) {
            in_all = dot_follows(s, steps);
            s = cors_atom_skip_alternative(s);
            if (*s != '|') {
                break;
            }
        }
        if (!in_all || *s != ')' || cors_atom_skip_quantifier(s + 1) == s + 1) {
            return in_all;
        }
        /* The group may match nothing. */
        s = cors_atom_skip_quantifier(s + 1);
    }
    return 0;
}

static int boundary_follows(const char *s)
{
    int steps = STEPS_MAX;

    return dot_follows(s, &steps);
}

/* In a port there is nothing but digits, whatever the expression says. */
static int is_port(const char *source, const cors_atom_t *atom)
{
    const char *s = atom->end;

    while (*s == ')') {
        s = cors_atom_skip_quantifier(s + 1);
    }
    return atom->start > source && atom->start[-1] == ':'
           && (*s == '\0' || !strcmp(s, "$"));
}

static int is_end(const char *s)
{
    while (*s == ')') {
        s = cors_atom_skip_quantifier(s + 1);
    }
    return *s == '\0' || *s == '$';
}

static int find_in_text(cors_remark_t *remark, const char *source,
                        apr_pool_t *p)
{
    const char *s;
    cors_atom_t atom;

    for (s = source; *s != '\0'; s = atom.end) {
        atom = cors_atom_read(s);
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

static int try_origin(const probe_t *probe, const char *text,
                      const char *what)
{
    if (!probe->matches(probe->regex, text)) {
        return 0;
    }
    probe->remark->reason = apr_psprintf(probe->p, "matches \"%s\", %s", text,
                                         what);
    return 1;
}

/* Whether a sample is an origin, and the part of its host that somebody has to
 * register holds an open letter: its last label in front of a public suffix,
 * or that suffix. An address, and a name of one label, is nothing to register.
 */
static int is_open_to_strangers(const cors_sample_t *sample)
{
    cors_origin_t origin;
    const char *label;
    const char *end;
    const char *dot;

    if (!cors_origin_read(&origin, sample->text)) {
        return 0;
    }
    label = sample->text + origin.host;
    end = sample->text + origin.host_end;
    if (!memchr(sample->open + origin.host, 1, (apr_size_t)(end - label))
        || cors_host_kind(label, (apr_size_t)(end - label))
               != CORS_HOST_NAME) {
        return 0;
    }
    for (dot = memchr(label, '.', (apr_size_t)(end - label));
         dot && !cors_host_is_public_suffix(dot + 1,
                                            (apr_size_t)(end - dot - 1));
         dot = memchr(label, '.', (apr_size_t)(end - label))) {
        label = dot + 1;
    }
    return dot && memchr(sample->open + (label - sample->text), 1,
                         (apr_size_t)(end - label));
}

static int find_by_trying(const probe_t *probe, const char *source)
{
    static const char *const nobodys[] = {
        "https://cors-probe.invalid", "http://cors-probe.invalid",
        "https://cors-probe.invalid:8443", "https://www.cors-probe.com",
        "https://cors-probe.github.io", NULL
    };
    cors_samples_t samples;
    cors_sample_t sample;
    int i;

    for (i = 0; nobodys[i]; i++) {
        if (try_origin(probe, nobodys[i], "which nobody means")) {
            return 1;
        }
    }
    cors_samples_begin(&samples, source, probe->p);
    while (cors_samples_next(&samples, &sample)) {
        if (is_open_to_strangers(&sample)
            && try_origin(probe, sample.text,
                          "a name that anybody can register")) {
            return 1;
        }
    }
    return 0;
}

int cors_regex_is_loose(cors_remark_t *remark, const char *source,
                        cors_matches_t *matches, const void *regex,
                        apr_pool_t *p)
{
    probe_t probe = { remark, matches, regex, p };

    memset(remark, 0, sizeof(*remark));
    return find_in_text(remark, source, p) || find_by_trying(&probe, source);
}
