/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "directives.h"

#include <stddef.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_log.h>

#include "../policy.h"
#include "arguments.h"
#include "config_check.h"
#include "context.h"
#include "list_directives.h"
#include "message.h"
#include "module.h"

typedef struct word_t {
    const char *word;
    int value;
} word_t;

/* A setting that takes one of some words. */
typedef struct word_setting_t {
    apr_size_t offset;
    const word_t *words;
} word_setting_t;

static const word_t *find_word(const word_t *words, const char *word)
{
    while (words->word && strcasecmp(words->word, word) != 0) {
        words++;
    }
    return words->word ? words : NULL;
}

static const char *refuse_word(cmd_parms *cmd, const word_t *words,
                               const char *word)
{
    const char *list = words->word;

    for (words++; words->word; words++) {
        list = apr_pstrcat(cmd->temp_pool, list, ", ", words->word, NULL);
    }
    return cors_refuse(cmd, word, apr_pstrcat(cmd->temp_pool,
                                              "must be one of ", list, NULL),
                       NULL);
}

static const char *set_value(cmd_parms *cmd, void *policy,
                             cors_setting_t *setting, int value)
{
    setting->value = value;
    setting->line = cors_context_line(cmd);
    return cors_check_section(cmd, policy);
}

static const char *set_word(cmd_parms *cmd, void *policy, const char *args)
{
    const word_setting_t *info = cmd->info;
    const char *refusal = cors_context_check(cmd);
    const word_t *found;
    const char *word;

    if (refusal || (refusal = cors_word_read(&word, cmd, args))) {
        return refusal;
    }
    found = find_word(info->words, word);
    return found ? set_value(cmd, policy,
                             (cors_setting_t *)((char *)policy + info->offset),
                             found->value)
                 : refuse_word(cmd, info->words, word);
}

/* AllowOverrideList would let it into .htaccess files. */
static const char *set_explain(cmd_parms *cmd, void *policy, const char *args)
{
    const char *refusal = ap_check_cmd_context(cmd, NOT_IN_HTACCESS);

    refusal = refusal ? refusal : set_word(cmd, policy, args);
    if (!refusal && ((cors_policy_t *)policy)->explain.value && !cmd->path) {
        cors_remark(cmd, APLOG_WARNING, "On", "turns every URL of this server "
                    "into the explain page; put it into a section such as "
                    "<Location \"/cors-explain\">", NULL);
    }
    return refusal;
}

/* Repeated lines add up. */
static const char *set_tolerate(cmd_parms *cmd, void *policy,
                                const char *args)
{
    static const word_t words[] = {
        { "insecure-origin", CORS_RISK_INSECURE_ORIGIN },
        { "public-suffix", CORS_RISK_PUBLIC_SUFFIX },
        { "null-origin", CORS_RISK_NULL_ORIGIN },
        { "loose-regex", CORS_RISK_LOOSE_REGEX },
        { "expression", CORS_RISK_EXPRESSION },
        { NULL, 0 }
    };
    cors_setting_t *setting = &((cors_policy_t *)policy)->tolerate;
    const char *refusal = cors_context_check(cmd);
    int value = setting->value;
    cors_list_t list;
    int i;

    refusal = refusal ? refusal : cors_list_read(&list, cmd, args,
                                                 CORS_SEPARATORS);
    for (i = 0; !refusal && i < list.items->nelts; i++) {
        const char *word = APR_ARRAY_IDX(list.items, i, const char *);
        const word_t *found = find_word(words, word);

        refusal = found ? NULL : refuse_word(cmd, words, word);
        value |= found ? found->value : 0;
    }
    if (!refusal && setting->line
        && (list.written == CORS_WRITTEN_NONE || !setting->value)) {
        refusal = cors_refuse(cmd, "none", "cannot be combined with other "
                              "items", NULL);
    }
    return refusal ? refusal : set_value(cmd, policy, setting, value);
}

/* Whole seconds, or a number and its unit; -1 if it is neither. */
static apr_int64_t read_seconds(const char *word)
{
    char *unit;
    apr_int64_t number = apr_isdigit(*word) ? apr_strtoi64(word, &unit, 10)
                                            : -1;

    if (number < 0 || number > APR_INT32_MAX) {
        return -1;
    }
    if (!strcasecmp(unit, "min")) {
        number *= 60;
    }
    else if (!strcasecmp(unit, "h")) {
        number *= 60 * 60;
    }
    else if (!strcasecmp(unit, "d")) {
        number *= 24 * 60 * 60;
    }
    else if (*unit && strcasecmp(unit, "s") != 0) {
        return -1;
    }
    return number <= APR_INT32_MAX ? number : -1;
}

static const char *set_max_age(cmd_parms *cmd, void *policy, const char *args)
{
    const char *refusal = cors_context_check(cmd);
    const char *word;
    apr_int64_t seconds;

    if (refusal || (refusal = cors_word_read(&word, cmd, args))) {
        return refusal;
    }
    seconds = read_seconds(word);
    if (seconds < 0 && strcasecmp(word, "none") != 0) {
        return cors_refuse(cmd, word, "is not a valid time; write seconds, or "
                           "a number followed by s, min, h or d", NULL);
    }
    if (seconds > 86400) {
        cors_remark(cmd, APLOG_WARNING, word, "is longer than any browser "
                    "keeps an answer: Firefox 86400 seconds, Chromium 7200",
                    "86400");
    }
    return set_value(cmd, policy, &((cors_policy_t *)policy)->max_age,
                     (int)seconds);
}

static const word_t on_off[] = { { "On", 1 }, { "Off", 0 }, { NULL, 0 } };
static const word_t engine_words[] = {
    { "On", CORS_ENGINE_ON },
    { "Off", CORS_ENGINE_OFF },
    { "DetectionOnly", CORS_ENGINE_DETECTION_ONLY },
    { NULL, 0 }
};
static const word_t preflight_words[] = {
    { "Answer", CORS_PREFLIGHT_ANSWER },
    { "Pass", CORS_PREFLIGHT_PASS },
    { NULL, 0 }
};
static const word_t status_words[] = {
    { "200", 200 }, { "204", 204 }, { NULL, 0 }
};
static const word_t auth_words[] = {
    { "Skip", CORS_PREFLIGHT_AUTH_SKIP },
    { "Require", CORS_PREFLIGHT_AUTH_REQUIRE },
    { NULL, 0 }
};
static const word_t backend_words[] = {
    { "Replace", CORS_BACKEND_HEADERS_REPLACE },
    { "Keep", CORS_BACKEND_HEADERS_KEEP },
    { NULL, 0 }
};

#define OFFSET(field) offsetof(cors_policy_t, field)

static const word_setting_t credentials = { OFFSET(credentials), on_off };
static const word_setting_t engine = { OFFSET(engine), engine_words };
static const word_setting_t preflight = { OFFSET(preflight),
                                          preflight_words };
static const word_setting_t preflight_status = { OFFSET(preflight_status),
                                                 status_words };
static const word_setting_t preflight_auth = { OFFSET(preflight_auth),
                                               auth_words };
static const word_setting_t backend_headers = { OFFSET(backend_headers),
                                                backend_words };
static const word_setting_t enforce = { OFFSET(enforce), on_off };
static const word_setting_t debug_header = { OFFSET(debug_header), on_off };
static const word_setting_t explain = { OFFSET(explain), on_off };

#define LIST(field) ((void *)OFFSET(field))
#define WORD(setting) ((void *)&(setting))

/* Where a directive may be used. Letting requests in or out is for those who
 * may write Require.
 */
#define ANYWHERE (RSRC_CONF | OR_FILEINFO)
#define LOGIN    (RSRC_CONF | OR_AUTHCFG)
#define SECTIONS (RSRC_CONF | ACCESS_CONF)

const command_rec cors_directives[] = {
    AP_INIT_RAW_ARGS("CorsAllowOrigin",
        cors_set_origins, LIST(allow), ANYWHERE,
        "The origins whose pages may read the responses, or none"),
    AP_INIT_RAW_ARGS("CorsAllowOriginMatch",
        cors_set_regexes, LIST(allow), ANYWHERE,
        "Origins by regular expression, matched against the whole origin, or "
        "none"),
    AP_INIT_RAW_ARGS("CorsAllowOriginExpr",
        cors_set_expression, LIST(allow), ANYWHERE,
        "An expression that allows the origin if it is true, or none"),
    AP_INIT_RAW_ARGS("CorsDenyOrigin",
        cors_set_origins, LIST(deny), ANYWHERE,
        "Origins that are never allowed, or none"),
    AP_INIT_RAW_ARGS("CorsAllowMethods",
        cors_set_methods, LIST(methods), ANYWHERE,
        "The methods that a preflight grants, * or none"),
    AP_INIT_RAW_ARGS("CorsAllowHeaders",
        cors_set_headers, LIST(headers), ANYWHERE,
        "The request headers that a preflight grants, * or none"),
    AP_INIT_RAW_ARGS("CorsExposeHeaders",
        cors_set_expose, LIST(expose), ANYWHERE,
        "The response headers that scripts may read, * or none"),
    AP_INIT_RAW_ARGS("CorsAllowCredentials",
        set_word, WORD(credentials), ANYWHERE,
        "Whether cookies and HTTP authentication may be used: On or Off"),
    AP_INIT_RAW_ARGS("CorsMaxAge",
        set_max_age, NULL, ANYWHERE,
        "How long a browser may cache the answer to a preflight, or none"),
    AP_INIT_RAW_ARGS("CorsEngine",
        set_word, WORD(engine), ANYWHERE,
        "Whether the policy is applied: On, Off or DetectionOnly"),
    AP_INIT_RAW_ARGS("CorsPreflight",
        set_word, WORD(preflight), ANYWHERE,
        "Whether preflights are answered or passed on: Answer or Pass"),
    AP_INIT_RAW_ARGS("CorsPreflightStatus",
        set_word, WORD(preflight_status), ANYWHERE,
        "The status of an answered preflight: 200 or 204"),
    AP_INIT_RAW_ARGS("CorsPreflightAuth",
        set_word, WORD(preflight_auth), LOGIN,
        "Whether an answered preflight needs a login: Skip or Require"),
    AP_INIT_RAW_ARGS("CorsBackendHeaders",
        set_word, WORD(backend_headers), ANYWHERE,
        "What happens to CORS headers that the handler or backend sent: "
        "Replace or Keep"),
    AP_INIT_RAW_ARGS("CorsEnforce",
        set_word, WORD(enforce), LOGIN,
        "Whether requests from denied origins get 403: On or Off"),
    AP_INIT_RAW_ARGS("CorsDebugHeader",
        set_word, WORD(debug_header), ANYWHERE,
        "Whether responses carry the decision: On or Off"),
    AP_INIT_RAW_ARGS("CorsTolerate",
        set_tolerate, NULL, ANYWHERE,
        "Risks to accept, by name, or none"),
    AP_INIT_RAW_ARGS("CorsOverride",
        cors_set_override, NULL, RSRC_CONF,
        "Which Cors directives .htaccess files may use: All, None or a list"),
    AP_INIT_RAW_ARGS("CorsExplain",
        set_explain, WORD(explain), SECTIONS,
        "Make this section's URL the explain page: On or Off"),
    { NULL, { NULL }, NULL, 0, NO_ARGS, NULL }
};
