/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Directives with one value: flags, words, times. */

#include "directives.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "../policy.h"
#include "field.h"
#include "list.h"
#include "message.h"
#include "module.h"
#include "section.h"

static const char *set_value(cmd_parms *cmd, void *policy, int value)
{
    cors_setting_t *setting = cors_field(cmd, policy);

    setting->value = value;
    setting->place = cors_section_place(cmd);
    return cors_section_done(cmd, policy);
}

const char *cors_set_flag(cmd_parms *cmd, void *policy, int on)
{
    const char *refusal = cors_section_context(cmd);

    return refusal ? refusal : set_value(cmd, policy, on);
}

/* AllowOverrideList would let it into .htaccess files, where its pool is that
 * of a request.
 */
const char *cors_set_explain(cmd_parms *cmd, void *policy, int on)
{
    const char *refusal = ap_check_cmd_context(cmd, NOT_IN_HTACCESS);

    if (!refusal) {
        refusal = cors_set_flag(cmd, policy, on);
    }
    if (!refusal && on) {
        cors_hook_explain(cmd->pool);
        if (!cmd->path) {
            cors_warning(cmd, "On", "makes each URL here the page that "
                         "explains; write it in a section, <Location "
                         "\"/cors-explain\"> say", NULL);
        }
    }
    return refusal;
}

/* A word of a table, and its value. */
typedef struct word_t {
    const char *word;
    int value;
} word_t;

static const word_t *find_word(const word_t *words, const char *word)
{
    while (words->word && strcasecmp(words->word, word) != 0) {
        words++;
    }
    return words->word ? words : NULL;
}

static const char *no_word(cmd_parms *cmd, const word_t *words,
                           const char *word)
{
    const char *list = words->word;

    for (words++; words->word; words++) {
        list = apr_pstrcat(cmd->temp_pool, list, ", ", words->word, NULL);
    }
    return cors_refusal(cmd, word, apr_pstrcat(cmd->temp_pool, "is none of ",
                                               list, NULL), NULL);
}

static const char *set_word(cmd_parms *cmd, void *policy, const word_t *words,
                            const char *word)
{
    const char *refusal = cors_section_context(cmd);
    const word_t *found = find_word(words, word);

    return refusal ? refusal
        : found ? set_value(cmd, policy, found->value)
                : no_word(cmd, words, word);
}

const char *cors_set_engine(cmd_parms *cmd, void *policy, const char *word)
{
    static const word_t words[] = {
        { "On", CORS_ENGINE_ON },
        { "Off", CORS_ENGINE_OFF },
        { "DetectionOnly", CORS_ENGINE_DETECTION_ONLY },
        { NULL, 0 }
    };

    return set_word(cmd, policy, words, word);
}

const char *cors_set_preflight(cmd_parms *cmd, void *policy, const char *word)
{
    static const word_t words[] = {
        { "Answer", CORS_PREFLIGHT_ANSWER },
        { "Pass", CORS_PREFLIGHT_PASS },
        { NULL, 0 }
    };

    return set_word(cmd, policy, words, word);
}

const char *cors_set_preflight_status(cmd_parms *cmd, void *policy,
                                      const char *word)
{
    static const word_t words[] = {
        { "200", 200 }, { "204", 204 }, { NULL, 0 }
    };

    return set_word(cmd, policy, words, word);
}

const char *cors_set_preflight_auth(cmd_parms *cmd, void *policy,
                                    const char *word)
{
    static const word_t words[] = {
        { "Skip", CORS_PREFLIGHT_AUTH_SKIP },
        { "Require", CORS_PREFLIGHT_AUTH_REQUIRE },
        { NULL, 0 }
    };

    return set_word(cmd, policy, words, word);
}

const char *cors_set_backend_headers(cmd_parms *cmd, void *policy,
                                     const char *word)
{
    static const word_t words[] = {
        { "Replace", CORS_BACKEND_HEADERS_REPLACE },
        { "Keep", CORS_BACKEND_HEADERS_KEEP },
        { NULL, 0 }
    };

    return set_word(cmd, policy, words, word);
}

/* Several lines add up. */
const char *cors_set_tolerate(cmd_parms *cmd, void *policy, const char *args)
{
    static const word_t words[] = {
        { "insecure-origin", CORS_HAZARD_INSECURE },
        { "public-suffix", CORS_HAZARD_PUBLIC_SUFFIX },
        { "null-origin", CORS_HAZARD_NULL },
        { "loose-regex", CORS_HAZARD_LOOSE_REGEX },
        { "expression", CORS_HAZARD_EXPRESSION },
        { NULL, 0 }
    };
    cors_setting_t *setting = cors_field(cmd, policy);
    int value = setting->place ? setting->value : 0;
    cors_list_t list;
    const char *refusal = cors_section_context(cmd);
    int i;

    refusal = refusal ? refusal : cors_list_read(&list, cmd, args);
    for (i = 0; !refusal && i < list.items->nelts; i++) {
        const char *word = APR_ARRAY_IDX(list.items, i, const char *);
        const word_t *found = find_word(words, word);

        if (!found || list.plus) {
            return no_word(cmd, words, word);
        }
        value |= found->value;
    }
    if (!refusal && setting->place && (list.none || !setting->value)) {
        refusal = cors_refusal(cmd, "none", "stands beside other items; it "
                               "stands alone", NULL);
    }
    return refusal ? refusal : set_value(cmd, policy, value);
}

/* Whole seconds, or a number and its unit. */
static int read_seconds(const char *word, apr_int64_t *seconds)
{
    char *unit;

    if (!apr_isdigit(word[0])) {
        return 0;
    }
    *seconds = apr_strtoi64(word, &unit, 10);
    if (*seconds < 0 || *seconds > APR_INT32_MAX) {
        return 0;
    }
    if (!strcasecmp(unit, "min")) {
        *seconds *= 60;
    }
    else if (!strcasecmp(unit, "h")) {
        *seconds *= 60 * 60;
    }
    else if (!strcasecmp(unit, "d")) {
        *seconds *= 24 * 60 * 60;
    }
    else if (*unit && strcasecmp(unit, "s") != 0) {
        return 0;
    }
    return *seconds <= APR_INT32_MAX;
}

const char *cors_set_max_age(cmd_parms *cmd, void *policy, const char *word)
{
    cors_setting_t *setting = cors_field(cmd, policy);
    const char *refusal = cors_section_context(cmd);
    apr_int64_t seconds = -1;

    if (refusal) {
        return refusal;
    }
    if (strcasecmp(word, "none") != 0 && !read_seconds(word, &seconds)) {
        return cors_refusal(cmd, word, "is no time: write whole seconds, or a "
                            "number with s, min, h or d", NULL);
    }
    if (seconds > 86400) {
        cors_warning(cmd, word, "is longer than any browser keeps an answer: "
                     "Firefox 86400 seconds, Chromium 7200", "86400");
    }
    setting->text = seconds < 0 ? NULL : apr_itoa(cmd->pool, (int)seconds);
    return set_value(cmd, policy, (int)seconds);
}
