/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  given.h
 * @brief What a test program is given: strings that ASan watches, random
 *        numbers that are the same each time, policies written in a line.
 */

#ifndef CORS_GIVEN_H
#define CORS_GIVEN_H

#include <stdlib.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/policy.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/** A pool to begin with. Ends the program if there is none. */
static inline apr_pool_t *given_pool(void)
{
    apr_pool_t *p;

    if (apr_initialize() != APR_SUCCESS
        || apr_pool_create(&p, NULL) != APR_SUCCESS) {
        abort();
    }
    return p;
}

/** A copy that ends where its memory ends. To be freed. */
static inline char *given_bytes(const char *s, apr_size_t len)
{
    char *copy = malloc(len ? len : 1);

    if (!copy) {
        abort();
    }
    memcpy(copy, s, len);
    return copy;
}

/** The same of a string, with its terminator. To be freed. */
static inline char *given_string(const char *s)
{
    return given_bytes(s, strlen(s) + 1);
}

/** A number below the limit; the same sequence in each run (xorshift). */
static inline unsigned given_random(unsigned limit)
{
    static unsigned state = 2463534242u;

    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % limit;
}

static const cors_place_t given_place = {
    .file = "test.conf", .line = 1, .directive = "CorsTest"
};

static inline void given_layer(apr_pool_t *p, cors_layers_t *field,
                               void *layer, int extends)
{
    apr_array_header_t *layers = apr_array_make(p, 1, sizeof(void *));

    APR_ARRAY_PUSH(layers, void *) = layer;
    field->layers = layers;
    field->extends = extends;
}

static inline void given_rule(apr_pool_t *p, cors_origins_t *origins,
                              const char *source)
{
    cors_rule_t *rule = apr_pcalloc(p, sizeof(*rule));

    rule->source = source;
    rule->place = &given_place;
    if (!origins->matches) {
        origins->matches = apr_array_make(p, 1, sizeof(cors_rule_t *));
    }
    APR_ARRAY_PUSH(origins->matches, cors_rule_t *) = rule;
}

static inline void given_origins(apr_pool_t *p, cors_layers_t *field,
                                 char *items, int extends)
{
    cors_origins_t *layer = apr_pcalloc(p, sizeof(*layer));
    char *last;
    char *item;

    layer->set = cors_origin_set_make(p);
    layer->place = &given_place;
    for (item = apr_strtok(items, " ", &last); item;
         item = apr_strtok(NULL, " ", &last)) {
        cors_pattern_t *pattern = apr_palloc(p, sizeof(*pattern));
        cors_remark_t remark;

        if (item[0] == '~') {
            given_rule(p, layer, item + 1);
        }
        else if (strcmp(item, "none") != 0) {
            if (!cors_pattern_read(pattern, &remark, item, p)) {
                abort();
            }
            pattern->place = &given_place;
            cors_origin_set_add(layer->set, pattern);
            layer->hazards |= pattern->hazards;
        }
    }
    given_layer(p, field, layer, extends);
}

static inline void given_names(apr_pool_t *p, cors_layers_t *field,
                               char *items, int extends, int by_case)
{
    cors_names_t *names = cors_names_make(p, &given_place);
    char *last;
    char *item;

    for (item = apr_strtok(items, " ", &last); item;
         item = apr_strtok(NULL, " ", &last)) {
        if (!strcmp(item, "*")) {
            names->any = 1;
        }
        else if (strcmp(item, "none") != 0) {
            cors_names_add(names, item, by_case);
        }
    }
    cors_names_join(names, p);
    given_layer(p, field, names, extends);
}

static inline void given_setting(cors_setting_t *setting, const char *value)
{
    setting->place = &given_place;
    setting->value = !strcmp(value, "on") ? 1
                                           : (int)strtol(value, NULL, 10);
    setting->text = setting->value < 0 ? NULL : value;
}

/* Whatever fields there are. */
static inline void given_field(apr_pool_t *p, cors_policy_t *policy,
                               const char *field, char *items)
{
    int extends = field[0] == '+';

    field += extends;
#define GIVEN_ORIGINS(name) \
    if (!strcmp(field, #name)) { \
        given_origins(p, &policy->name, items, extends); \
        return; \
    }
#define GIVEN_NAMES(name) \
    if (!strcmp(field, #name)) { \
        given_names(p, &policy->name, items, extends, \
                    !strcmp(field, "methods")); \
        return; \
    }
#define GIVEN_SETTING(name) \
    if (!strcmp(field, #name)) { \
        given_setting(&policy->name, items); \
        return; \
    }
    CORS_POLICY_FIELDS(GIVEN_ORIGINS, GIVEN_NAMES, GIVEN_SETTING)
#undef GIVEN_ORIGINS
#undef GIVEN_NAMES
#undef GIVEN_SETTING
    abort();
}

/** A policy, written as "allow ORIGIN ...; +methods NAME ...; credentials on".
 *  "+" extends what is inherited; "~x" among origins is a rule that only the
 *  server can evaluate. Ends the program if it can't be read.
 */
static inline cors_policy_t *given_policy(apr_pool_t *p, const char *text)
{
    cors_policy_t *policy = apr_pcalloc(p, sizeof(*policy));
    char *copy = apr_pstrdup(p, text);
    char *last;
    char *field;

    for (field = apr_strtok(copy, ";", &last); field;
         field = apr_strtok(NULL, ";", &last)) {
        char *items;

        field += strspn(field, " ");
        items = strchr(field, ' ');
        if (!items) {
            abort();
        }
        *items++ = '\0';
        given_field(p, policy, field, items);
    }
    return cors_policy_settle(policy);
}

/** Two of them, merged as httpd has it done. */
static inline cors_policy_t *given_merged(apr_pool_t *p, const char *outer,
                                          const char *inner)
{
    return cors_policy_settle(cors_policy_merge(p, given_policy(p, outer),
                                                given_policy(p, inner)));
}

#endif /* CORS_GIVEN_H */
