/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "regex_sample.h"

#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>

#include "regex_atom.h"

#define ALTERNATIVES 4
#define REPEATS_MAX  CORS_LABEL_MAX

static void put(cors_sample_t *sample, char c, unsigned char open)
{
    if (sample->len < CORS_ORIGIN_MAX) {
        sample->text[sample->len] = c;
        sample->open[sample->len++] = open;
    }
}

/* "{n}" and "{n,m}" want n letters; all else takes the filler as it is, one
 * letter if there is no quantifier.
 */
static void fill(cors_sample_t *sample, const cors_atom_t *atom)
{
    const char *filler = strncmp(atom->start, "\\d", 2) ? sample->filler : "9";
    int count = (int)strlen(filler);
    int i;

    if (*atom->quantifier == '{') {
        count = (int)strtol(atom->quantifier + 1, NULL, 10);
    }
    else if (atom->quantifier == atom->end) {
        count = 1;
    }
    for (i = 0; i < count && i < REPEATS_MAX; i++) {
        char c = filler[*atom->quantifier == '{' ? 0 : i % strlen(filler)];

        put(sample, c, 1);
    }
}

static int may_be_missing(const char *quantifier)
{
    return *quantifier == '?' || *quantifier == '*'
           || !strncmp(quantifier, "{0", 2);
}

/* A dot that is missing joins two labels to one that nobody wrote. */
static void leave_out(cors_sample_t *sample, const cors_atom_t *atom)
{
    if (cors_atom_dot(atom->start) > 0 && sample->len > 0) {
        sample->open[sample->len - 1] = 1;
    }
}

static int is_class(const char *s)
{
    return *s == '.' || *s == '['
           || (*s == '\\' && s[1] != '\0' && strchr("dDwWsSNX", s[1]));
}

static void put_atom(cors_sample_t *sample, const cors_atom_t *atom)
{
    const char *s = atom->start;

    if (may_be_missing(atom->quantifier)
        && (sample->sparing == 2
            || (sample->sparing == 1 && cors_atom_dot(s) > 0))) {
        leave_out(sample, atom);
    }
    else if (cors_atom_dot(s) > 0) {
        put(sample, '.', 0);
    }
    else if (is_class(s)) {
        fill(sample, atom);
    }
    else if (*s == '\\' && s[1] == 'Q') {
        for (s += 2; s < atom->quantifier && strncmp(s, "\\E", 2) != 0; s++) {
            put(sample, *s, 0);
        }
    }
    else if (*s == '\\' && s[1] != '\0' && !apr_isalnum(s[1])) {
        put(sample, s[1], 0);
    }
    else if (*s != '\\' && *s != '^' && *s != '$') {
        put(sample, *s, 0);
    }
}

static const char *skip_group(const char *s)
{
    for (;;) {
        s = cors_atom_skip_alternative(s);
        if (*s != '|') {
            return s;
        }
        s++;
    }
}

/* Assertions and options match no letter. */
static int is_silent(const char *group)
{
    return group[1] == '?' && group[2] != ':' && group[2] != 'P'
           && !(group[2] == '<' && apr_isalpha(group[3]));
}

static const char *put_alternatives(cors_sample_t *sample, const char *s);

static const char *put_group(cors_sample_t *sample, const char *s)
{
    const char *inside = cors_atom_enter_group(s);
    const char *end = skip_group(is_silent(s) ? s + 1 : inside);
    const char *quantifier = *end == ')' ? end + 1 : end;

    if (!is_silent(s)
        && !(sample->sparing == 2 && may_be_missing(quantifier))) {
        put_alternatives(sample, inside);
    }
    return cors_atom_skip_quantifier(quantifier);
}

/* One of the alternatives at s, up to the end of their group. */
static const char *put_alternatives(cors_sample_t *sample, const char *s)
{
    const char *next;
    int i;

    for (i = 0; i < sample->alternative; i++) {
        next = cors_atom_skip_alternative(s);
        if (*next != '|') {
            break;
        }
        s = next + 1;
    }
    while (*s != '\0' && *s != '|' && *s != ')') {
        if (*s == '(') {
            s = put_group(sample, s);
        }
        else {
            cors_atom_t atom = cors_atom_read(s);

            put_atom(sample, &atom);
            s = atom.end;
        }
    }
    return s;
}

int cors_sample_make(cors_sample_t *sample, const char *source, int n)
{
    static const char *const fillers[] = {
        "evil", "e", "9", "evil-", "-evil", ".evil", "9-e", NULL
    };
    int fillers_count = (int)(sizeof(fillers) / sizeof(fillers[0])) - 1;

    if (n >= fillers_count * ALTERNATIVES * 3) {
        return 0;
    }
    memset(sample, 0, sizeof(*sample));
    sample->filler = fillers[n % fillers_count];
    sample->alternative = n / fillers_count % ALTERNATIVES;
    sample->sparing = n / fillers_count / ALTERNATIVES;
    put_alternatives(sample, source);
    return 1;
}
