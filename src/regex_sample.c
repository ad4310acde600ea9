/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "regex_sample.h"

#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>

#include "regex_atom.h"

#define ALTERNATIVES 4
#define REPEATS_MAX  CORS_LABEL_MAX

/* PCRE takes no groups that are nested deeper, but a comment may hold any
 * number of "(", which would exhaust the stack.
 */
#define DEPTH_MAX 250

static const char *const fillers[] = {
    "evil", "e", "9", "evil-", "-evil", ".evil", "9-e"
};
#define FILLERS ((int)(sizeof(fillers) / sizeof(fillers[0])))

/* What samples may differ in. Where none of it is come to, the next sample
 * would be the same again.
 */
#define SEEN_OPEN        0x1
#define SEEN_ALTERNATIVE 0x2
#define SEEN_SPARE_DOT   0x4
#define SEEN_SPARE       0x8

#define SPARING_END  3      /* all samples were made */
#define WHOLE_FILLER (-1)   /* a class takes the filler as it is */

typedef enum part_kind_e {
    PART_UNREAD,
    /** of an alternative */
    PART_END,
    /** what matches no letter */
    PART_SILENT,
    PART_LETTERS,
    PART_CLASS,
    PART_GROUP
} part_kind_e;

/* Places are counted from the source's begin: there is a part for each of its
 * bytes, though few are used.
 */
typedef struct cors_part_t {
    /** behind the part */
    apr_uint32_t next;
    /** where letters, or a group's alternatives begin */
    apr_uint32_t start;
    /** how many letters there are, or a class wants */
    apr_int32_t count;
    /** where the alternative that begins here ends, plus one; 0: not known */
    apr_uint32_t alternative_end;
    unsigned char kind;
    unsigned char may_be_missing;
    unsigned char is_dot;
    unsigned char is_digits;
    /** one of the letters is in no origin */
    unsigned char is_foreign;
} cors_part_t;

static int may_be_missing(const char *quantifier)
{
    return *quantifier == '?' || *quantifier == '*'
           || !strncmp(quantifier, "{0", 2);
}

static int is_class(const char *s)
{
    return *s == '.' || *s == '['
           || (*s == '\\' && s[1] != '\0' && strchr("dDwWsSNX", s[1]));
}

/* "{n}" and "{n,m}" want n letters; all else takes the filler as it is, one
 * letter if there is no quantifier.
 */
static void read_class(cors_part_t *part, const cors_atom_t *atom)
{
    long count = WHOLE_FILLER;

    part->kind = PART_CLASS;
    part->is_digits = !strncmp(atom->start, "\\d", 2);
    if (*atom->quantifier == '{') {
        count = strtol(atom->quantifier + 1, NULL, 10);
        count = (int)count < 0 ? 0 : (int)count;
    }
    else if (atom->quantifier == atom->end) {
        count = 1;
    }
    part->count = count < REPEATS_MAX ? (int)count : REPEATS_MAX;
}

static int is_foreign(const char *letters, apr_size_t count)
{
    apr_size_t i;

    for (i = 0; i < count; i++) {
        if (!apr_islower(letters[i]) && !apr_isdigit(letters[i])
            && !strchr("+-./:[]_", letters[i])) {
            return 1;
        }
    }
    return 0;
}

static void set_letters(cors_part_t *part, const char *source,
                        const char *start, apr_size_t count)
{
    part->kind = PART_LETTERS;
    part->start = (apr_uint32_t)(start - source);
    part->count = (apr_int32_t)count;
    part->is_foreign = is_foreign(start, count);
}

static void read_atom(cors_part_t *part, const char *source, const char *s)
{
    cors_atom_t atom = cors_atom_read(s);

    part->next = (apr_uint32_t)(atom.end - source);
    part->may_be_missing = may_be_missing(atom.quantifier);
    part->is_dot = cors_atom_dot(s) > 0;
    if (part->is_dot || (*s == '\\' && s[1] != '\0' && !apr_isalnum(s[1]))) {
        set_letters(part, source, s + 1, 1);
    }
    else if (is_class(s)) {
        read_class(part, &atom);
    }
    else if (*s == '\\' && s[1] == 'Q') {
        const char *end = strstr(s, "\\E");

        set_letters(part, source, s + 2,
                    end ? (apr_size_t)(end - s) - 2 : strlen(s + 2));
    }
    else if (*s != '\\' && *s != '^' && *s != '$') {
        set_letters(part, source, s, 1);
    }
    else {
        part->kind = PART_SILENT;
    }
}

static apr_uint32_t alternative_end(const cors_samples_t *samples,
                                    apr_uint32_t at)
{
    cors_part_t *part = samples->parts + at;

    if (part->alternative_end == 0) {
        const char *end = cors_atom_skip_alternative(samples->source + at);

        part->alternative_end = (apr_uint32_t)(end - samples->source) + 1;
    }
    return part->alternative_end - 1;
}

static apr_uint32_t group_end(const cors_samples_t *samples, apr_uint32_t at)
{
    for (;;) {
        at = alternative_end(samples, at);
        if (samples->source[at] != '|') {
            return at;
        }
        at++;
    }
}

/* Assertions and options match no letter. */
static int is_silent(const char *group)
{
    return group[1] == '?' && group[2] != ':' && group[2] != 'P'
           && !(group[2] == '<' && apr_isalpha(group[3]));
}

static void read_group(const cors_samples_t *samples, cors_part_t *part,
                       const char *s)
{
    const char *source = samples->source;
    int silent = is_silent(s);
    const char *inside = silent ? s + 1 : cors_atom_enter_group(s);
    const char *end;

    part->kind = silent ? PART_SILENT : PART_GROUP;
    part->start = (apr_uint32_t)(inside - source);
    end = source + group_end(samples, part->start);
    end += *end == ')' ? 1 : 0;
    part->may_be_missing = may_be_missing(end);
    part->next = (apr_uint32_t)(cors_atom_skip_quantifier(end) - source);
}

/* Letters that mean themselves and have no quantifier. */
static apr_size_t count_plain(const char *s)
{
    apr_size_t count = strcspn(s, "\\[.()|^$?*+{");

    return count > 0 && s[count] != '\0' && strchr("?*+{", s[count])
           ? count - 1 : count;
}

static const cors_part_t *read_part(const cors_samples_t *samples,
                                    apr_uint32_t at)
{
    cors_part_t *part = samples->parts + at;
    const char *s = samples->source + at;
    apr_size_t count;

    if (part->kind != PART_UNREAD) {
        return part;
    }
    if (*s == '\0' || *s == '|' || *s == ')') {
        part->kind = PART_END;
    }
    else if (*s == '(') {
        read_group(samples, part, s);
    }
    else if ((count = count_plain(s)) > 0) {
        set_letters(part, samples->source, s, count);
        part->next = at + (apr_uint32_t)count;
    }
    else {
        read_atom(part, samples->source, s);
    }
    return part;
}

/* Nothing that is put behind it would be part of an origin. */
static int is_over(const cors_samples_t *samples, const cors_sample_t *sample)
{
    return samples->in_vain || sample->len == CORS_ORIGIN_MAX;
}

static void put(cors_sample_t *sample, const char *letters, apr_size_t count,
                int open)
{
    apr_size_t room = CORS_ORIGIN_MAX - sample->len;

    if (count > room) {
        count = room;
    }
    memcpy(sample->text + sample->len, letters, count);
    memset(sample->open + sample->len, open, count);
    sample->len += count;
}

/* Letters that there is no room for are not looked at, be they foreign. */
static void put_letters(cors_samples_t *samples, cors_sample_t *sample,
                        const cors_part_t *part)
{
    samples->in_vain = part->is_foreign
        && (apr_size_t)part->count <= CORS_ORIGIN_MAX - sample->len;
    put(sample, samples->source + part->start, (apr_size_t)part->count, 0);
}

static void fill(cors_samples_t *samples, cors_sample_t *sample,
                 const cors_part_t *part)
{
    const char *filler = part->is_digits ? "9" : fillers[samples->filler];
    int i;

    if (!part->is_digits) {
        samples->seen |= SEEN_OPEN;
    }
    if (part->count == WHOLE_FILLER) {
        put(sample, filler, strlen(filler), 1);
    }
    for (i = 0; i < part->count; i++) {
        put(sample, filler, 1, 1);
    }
}

/* Whether a part that may be missing is. A dot that is missing joins two
 * labels to one that nobody wrote.
 */
static int leave_out(cors_samples_t *samples, cors_sample_t *sample,
                     const cors_part_t *part)
{
    samples->seen |= part->is_dot ? SEEN_SPARE_DOT : SEEN_SPARE;
    if (samples->sparing < (part->is_dot ? 1 : 2)) {
        return 0;
    }
    if (part->is_dot && sample->len > 0) {
        sample->open[sample->len - 1] = 1;
    }
    return 1;
}

static void put_alternative(cors_samples_t *samples, cors_sample_t *sample,
                            apr_uint32_t at);

static void put_group(cors_samples_t *samples, cors_sample_t *sample,
                      const cors_part_t *part)
{
    if (samples->depth == DEPTH_MAX) {
        samples->in_vain = 1;
        return;
    }
    samples->depth++;
    put_alternative(samples, sample, part->start);
    samples->depth--;
}

static void put_part(cors_samples_t *samples, cors_sample_t *sample,
                     const cors_part_t *part)
{
    if (part->may_be_missing && leave_out(samples, sample, part)) {
        return;
    }
    switch (part->kind) {
    case PART_LETTERS:
        put_letters(samples, sample, part);
        break;
    case PART_CLASS:
        fill(samples, sample, part);
        break;
    case PART_GROUP:
        put_group(samples, sample, part);
        break;
    default:
        break;
    }
}

/* One of the alternatives that begin there, the last if they are fewer. */
static void put_alternative(cors_samples_t *samples, cors_sample_t *sample,
                            apr_uint32_t at)
{
    apr_uint32_t end = alternative_end(samples, at);
    const cors_part_t *part;
    int i;

    for (i = 0; i < samples->alternative && samples->source[end] == '|'; i++) {
        at = end + 1;
        end = alternative_end(samples, at);
    }
    if (samples->source[end] == '|') {
        samples->seen |= SEEN_ALTERNATIVE;
    }
    for (part = read_part(samples, at);
         part->kind != PART_END && !is_over(samples, sample);
         part = read_part(samples, part->next)) {
        put_part(samples, sample, part);
    }
}

static void make(cors_samples_t *samples, cors_sample_t *sample)
{
    samples->in_vain = 0;
    sample->len = 0;
    put_alternative(samples, sample, 0);
    sample->text[sample->len] = '\0';
}

/* Go to the next that differs in what was come to. */
static void advance(cors_samples_t *samples)
{
    if ((samples->seen & SEEN_OPEN) && ++samples->filler < FILLERS) {
        return;
    }
    samples->filler = 0;
    if ((samples->seen & SEEN_ALTERNATIVE)
        && ++samples->alternative < ALTERNATIVES) {
        samples->seen &= ~(SEEN_OPEN | SEEN_ALTERNATIVE);
        return;
    }
    samples->alternative = 0;
    if (samples->sparing == 0 && (samples->seen & SEEN_SPARE_DOT)) {
        samples->sparing = 1;
    }
    else if (samples->sparing < 2 && (samples->seen & SEEN_SPARE)) {
        samples->sparing = 2;
    }
    else {
        samples->sparing = SPARING_END;
    }
    samples->seen = 0;
}

void cors_samples_begin(cors_samples_t *samples, const char *source,
                        apr_pool_t *p)
{
    memset(samples, 0, sizeof(*samples));
    samples->source = source;
    samples->parts = apr_pcalloc(p, (strlen(source) + 1)
                                    * sizeof(*samples->parts));
}

int cors_samples_next(cors_samples_t *samples, cors_sample_t *sample)
{
    while (samples->sparing != SPARING_END) {
        make(samples, sample);
        advance(samples);
        if (!samples->in_vain) {
            return 1;
        }
    }
    return 0;
}
