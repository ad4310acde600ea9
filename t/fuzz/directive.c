/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without it a value in a .htaccess file, which whoever may upload can write,
 * could crash the server, and a message could tell an administrator to write
 * what is refused as well.
 *
 * Input: the value of a directive.
 */

#include "../../src/hazard.h"
#include "../../src/loose_regex.h"

#include "fuzz.h"

static void check_remark(const cors_remark_t *remark)
{
    MUST(!remark->reason || fuzz_is_line(remark->reason));
    MUST(!remark->instead || fuzz_is_line(remark->instead));
    MUST(!remark->instead || remark->reason);
}

/* What is shown is what is meant, so it reads as itself, unremarked. */
static void check_fixed(const cors_pattern_t *pattern,
                        const cors_remark_t *remark)
{
    cors_pattern_t again;
    cors_remark_t nothing;

    MUST(cors_pattern_read(&again, &nothing, pattern->text, fuzz_pool));
    MUST(!nothing.reason && !nothing.instead);
    MUST(!strcmp(again.text, pattern->text));
    MUST(again.kind == pattern->kind && again.hazards == pattern->hazards
         && again.any_port == pattern->any_port
         && again.key_len == pattern->key_len);
    MUST(!remark->instead || !strcmp(remark->instead, pattern->text));
}

static void check_hazards(const cors_pattern_t *pattern)
{
    int hazards = pattern->hazards;

    while (hazards) {
        int hazard = cors_hazard_first(hazards);
        cors_remark_t remark = cors_hazard_remark(hazard, pattern->text,
                                                  fuzz_pool);

        MUST(remark.reason && cors_hazard_word(hazard));
        check_remark(&remark);
        hazards &= ~hazard;
    }
}

/* The right spelling must be right. */
static void check_advice(const cors_remark_t *remark)
{
    cors_pattern_t pattern;
    cors_remark_t nothing;

    if (remark->instead) {
        MUST(cors_pattern_read(&pattern, &nothing, remark->instead,
                               fuzz_pool));
        MUST(!nothing.reason);
    }
}

static void check_scheme(const cors_pattern_t *pattern)
{
    const char *likely = pattern->key ? cors_pattern_likely_scheme(pattern)
                                      : NULL;

    MUST(!likely || strncmp(likely, pattern->text, pattern->scheme_len) != 0
         || likely[pattern->scheme_len] != '\0');
}

static void check_pattern(const char *value)
{
    cors_pattern_t pattern;
    cors_remark_t remark;
    int accepted = cors_pattern_read(&pattern, &remark, value, fuzz_pool);

    check_remark(&remark);
    check_advice(&remark);
    MUST(accepted || remark.reason);
    if (accepted) {
        MUST(fuzz_is_line(pattern.text));
        check_fixed(&pattern, &remark);
        check_hazards(&pattern);
        check_scheme(&pattern);
    }
}

/* Stands in for the compiled expression, which is httpd's: it matches the
 * origin that it is asked about at one time, which the input chooses.
 */
typedef struct answer_t {
    unsigned time;
    unsigned asked;
} answer_t;

static int matches(const void *regex, const char *text)
{
    answer_t *answer = *(answer_t *const *)regex;
    cors_origin_t origin;

    MUST(cors_origin_read(&origin, text));
    return answer->asked++ == answer->time;
}

/* The dots that are put in order must not be found again. */
static void check_regex(const char *value)
{
    answer_t answer = { 0, 0 };
    answer_t *regex = &answer;
    cors_remark_t remark = { NULL, NULL };
    cors_remark_t again;
    const char *s;

    for (s = value; *s != '\0'; s++) {
        answer.time = (answer.time + (unsigned char)*s) % 256;
    }
    if (cors_regex_is_loose(&remark, value, matches, &regex, fuzz_pool)) {
        MUST(remark.reason && fuzz_is_line(remark.reason));
        if (remark.instead) {
            MUST(strlen(remark.instead) <= 3 * strlen(value));
            MUST(!cors_regex_is_loose(&again, remark.instead, matches, &regex,
                                      fuzz_pool)
                 || !again.instead);
        }
    }
    MUST(answer.asked <= 20 * (strlen(value) + 2));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_begin();
    const char *value = apr_pstrmemdup(p, (const char *)data, size);

    check_pattern(value);
    check_regex(value);
    return fuzz_end();
}
