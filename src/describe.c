/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "describe.h"

#include <string.h>

#include <apr_strings.h>

#include "hazard.h"

typedef struct describe_t {
    cors_describe_t *line;
    void *context;
    apr_pool_t *p;
} describe_t;

static const char *append(const describe_t *to, const char *list,
                          const char *item)
{
    return apr_pstrcat(to->p, list, *list ? " " : "", item, NULL);
}

/* "+" in front of what adds to an outer section's. */
static const char *with_plus(const describe_t *to, const char *item, int plus)
{
    return plus ? apr_pstrcat(to->p, "+", item, NULL) : item;
}

static const char *end_list(const describe_t *to, const char *list, int count)
{
    if (count > CORS_DESCRIBED_MAX) {
        return apr_psprintf(to->p, "%s and %d more", list,
                            count - CORS_DESCRIBED_MAX);
    }
    return *list ? list : "none";
}

static void describe_rules(const describe_t *to,
                           const apr_array_header_t *rules, int plus)
{
    int i;

    for (i = 0; rules && i < rules->nelts && i < CORS_DESCRIBED_MAX; i++) {
        const cors_rule_t *rule = APR_ARRAY_IDX(rules, i, cors_rule_t *);

        to->line(to->context, rule->place->directive,
                 with_plus(to, rule->source, plus), rule->place);
    }
}

static void describe_origins(const describe_t *to,
                             const cors_origins_t *origins, int plus)
{
    const apr_array_header_t *patterns = origins->set->patterns;
    const char *list = "";
    int i;

    for (i = 0; i < patterns->nelts && i < CORS_DESCRIBED_MAX; i++) {
        list = append(to, list,
                      with_plus(to, APR_ARRAY_IDX(patterns, i,
                                                  cors_pattern_t *)->text,
                                plus));
    }
    if (patterns->nelts > 0) {
        to->line(to->context, APR_ARRAY_IDX(patterns, 0, cors_pattern_t *)
                                  ->place->directive,
                 end_list(to, list, patterns->nelts),
                 APR_ARRAY_IDX(patterns, 0, cors_pattern_t *)->place);
    }
    describe_rules(to, origins->matches, plus);
    describe_rules(to, origins->expressions, 0);
    if (patterns->nelts == 0 && !origins->matches && !origins->expressions) {
        to->line(to->context, origins->place->directive, "none",
                 origins->place);
    }
}

static void describe_names(const describe_t *to, const cors_names_t *names,
                           int plus)
{
    const char *list = names->any ? "*" : "";
    int i;

    for (i = 0; i < names->names->nelts && i < CORS_DESCRIBED_MAX; i++) {
        list = append(to, list,
                      with_plus(to, APR_ARRAY_IDX(names->names, i,
                                                  cors_span_t).at, plus));
    }
    to->line(to->context, names->place->directive,
             end_list(to, list, names->names->nelts), names->place);
}

/* Layers behind the first, and the first of an extension, were added. */
static int is_added(const cors_layers_t *field, int i)
{
    return i > 0 || field->extends;
}

static void describe_origins_field(const describe_t *to,
                                   const cors_layers_t *field)
{
    int i;

    for (i = 0; field->layers && i < field->layers->nelts; i++) {
        describe_origins(to, APR_ARRAY_IDX(field->layers, i,
                                           cors_origins_t *),
                         is_added(field, i));
    }
}

static void describe_names_field(const describe_t *to,
                                 const cors_layers_t *field)
{
    int i;

    for (i = 0; field->layers && i < field->layers->nelts; i++) {
        describe_names(to, APR_ARRAY_IDX(field->layers, i, cors_names_t *),
                       is_added(field, i));
    }
}

static const char *tolerated(const describe_t *to, int value)
{
    const char *list = "";
    int bit;

    for (bit = 1; bit & CORS_HAZARDS; bit <<= 1) {
        if (value & bit) {
            list = append(to, list, cors_hazard_word(bit));
        }
    }
    return *list ? list : "none";
}

static const char *number(const describe_t *to, int value)
{
    return value < 0 ? "none" : apr_itoa(to->p, value);
}

static void describe_setting(const describe_t *to,
                             const cors_setting_t *setting, const char *value)
{
    if (setting->place) {
        to->line(to->context, setting->place->directive, value,
                 setting->place);
    }
}

static const char *flag(const describe_t *to, int value)
{
    (void)to;
    return value ? "On" : "Off";
}

static const char *engine(const describe_t *to, int value)
{
    return value == CORS_ENGINE_DETECTION_ONLY ? "DetectionOnly"
                                               : flag(to, value);
}

static const char *preflight(const describe_t *to, int value)
{
    (void)to;
    return value == CORS_PREFLIGHT_PASS ? "Pass" : "Answer";
}

static const char *preflight_auth(const describe_t *to, int value)
{
    (void)to;
    return value == CORS_PREFLIGHT_AUTH_REQUIRE ? "Require" : "Skip";
}

static const char *backend_headers(const describe_t *to, int value)
{
    (void)to;
    return value == CORS_BACKEND_HEADERS_KEEP ? "Keep" : "Replace";
}

/* How the value of each setting is written. */
#define show_credentials      flag
#define show_max_age          number
#define show_engine           engine
#define show_preflight        preflight
#define show_preflight_status number
#define show_preflight_auth   preflight_auth
#define show_backend_headers  backend_headers
#define show_enforce          flag
#define show_debug_header     flag
#define show_tolerate         tolerated
#define show_explain          flag

void cors_policy_describe(const cors_policy_t *policy, cors_describe_t *line,
                          void *context, apr_pool_t *p)
{
    describe_t to = { line, context, p };

#define DESCRIBE_ORIGINS(field) describe_origins_field(&to, &policy->field);
#define DESCRIBE_NAMES(field)   describe_names_field(&to, &policy->field);
#define DESCRIBE_SETTING(field)                   \
    describe_setting(&to, &policy->field,         \
                     show_##field(&to, policy->field.value));
    CORS_POLICY_FIELDS(DESCRIBE_ORIGINS, DESCRIBE_NAMES, DESCRIBE_SETTING)
#undef DESCRIBE_ORIGINS
#undef DESCRIBE_NAMES
#undef DESCRIBE_SETTING
}
