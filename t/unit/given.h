/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  given.h
 * @brief What a test program is given: strings that ASan watches, random
 *        numbers that are the same each time, policies written in one line.
 */

#ifndef CORS_GIVEN_H
#define CORS_GIVEN_H

#include <stdlib.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "../../src/decision.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#define TEN "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define LABEL_63 SIXTY "abc"

/** The pool of the program. Ends the program if there is none. */
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

/** The same of a string, with its terminator; NULL of NULL. To be freed. */
static inline char *given_string(const char *s)
{
    return s ? given_bytes(s, strlen(s) + 1) : NULL;
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

/** What a section sets, and the line that is being read. */
typedef struct given_t {
    apr_pool_t *pool;
    cors_policy_t *policy;
    cors_line_t *line;
    int extends;
} given_t;

/** An item "~regex", "~domain~regex" for one that writes a domain out, or
 *  "?expression"; only the test's own oracle evaluates them.
 */
static inline cors_item_t *given_rule(apr_pool_t *p, const char *text)
{
    cors_item_t *item = apr_pcalloc(p, sizeof(*item));
    const char *end = *text == '~' ? strchr(text + 1, '~') : NULL;
    apr_array_header_t *domains;

    item->kind = *text == '~' ? CORS_ITEM_REGEX : CORS_ITEM_EXPRESSION;
    item->risks = *text == '?' ? CORS_RISK_EXPRESSION
                  : end ? 0 : CORS_RISK_LOOSE_REGEX;
    item->text = text + 1;
    if (end) {
        domains = apr_array_make(p, 1, sizeof(const char *));
        APR_ARRAY_PUSH(domains, const char *) =
            apr_pstrmemdup(p, text + 1, (apr_size_t)(end - text) - 1);
        item->domains = domains;
        item->text = end + 1;
    }
    return item;
}

/** An item of CorsAllowOrigin. Ends the program if it is refused. */
static inline cors_item_t *given_item(apr_pool_t *p, const char *text)
{
    cors_item_t *item = apr_palloc(p, sizeof(*item));
    cors_remark_t remark;

    if (*text == '~' || *text == '?') {
        return given_rule(p, text);
    }
    if (!cors_item_parse(item, &remark, text, p)) {
        abort();
    }
    return item;
}

/** A list, written as items with spaces between them, or "none". */
static inline cors_origin_list_t *given_list(apr_pool_t *p, const char *items,
                                             const cors_line_t *line)
{
    cors_origin_list_t *list = cors_origin_list_make(p);
    char *last;
    char *text;

    for (text = apr_strtok(apr_pstrdup(p, items), " ", &last); text;
         text = apr_strtok(NULL, " ", &last)) {
        if (strcmp(text, "none") != 0) {
            cors_item_t *item = given_item(p, text);

            item->line = line;
            cors_origin_list_add(list, item);
        }
    }
    return list;
}

static inline cors_names_t *given_names(apr_pool_t *p, const char *items,
                                        int case_sensitive)
{
    cors_names_t *names = cors_names_make(p, case_sensitive);
    char *last;
    char *name;

    for (name = apr_strtok(apr_pstrdup(p, items), " ", &last); name;
         name = apr_strtok(NULL, " ", &last)) {
        if (!strcmp(name, "*")) {
            names->any = 1;
        }
        else if (strcmp(name, "none") != 0) {
            cors_names_add(names, name);
        }
    }
    cors_names_join(names, p);
    return names;
}

static inline const cors_layer_t *given_layer(const given_t *given,
                                              const char *field,
                                              const char *items)
{
    cors_layer_t *layer = apr_pcalloc(given->pool, sizeof(*layer));

    layer->extends = given->extends;
    layer->line = given->line;
    if (!strcmp(field, "allow") || !strcmp(field, "deny")) {
        layer->origins = given_list(given->pool, items, given->line);
    }
    else {
        layer->names = given_names(given->pool, items,
                                   !strcmp(field, "methods"));
    }
    return layer;
}

/* Words of CorsTolerate, "on", "none" for -1, or a number. */
static inline int given_value(const char *field, const char *text)
{
    int value = 0;
    int i;

    for (i = 0; i < CORS_RISKS; i++) {
        value |= strstr(text, cors_risks[i].word) ? cors_risks[i].bit : 0;
    }
    return !strcmp(field, "tolerate") ? value
           : !strcmp(text, "on") ? 1
           : !strcmp(text, "none") ? -1 : (int)strtol(text, NULL, 10);
}

static inline void given_field(given_t *given, const char *field,
                               const char *items)
{
#define GIVEN_LIST(name) \
    if (!strcmp(field, #name)) { \
        given->policy->name = given_layer(given, field, items); \
        return; \
    }
#define GIVEN_SETTING(name) \
    if (!strcmp(field, #name)) { \
        given->policy->name.line = given->line; \
        given->policy->name.value = given_value(field, items); \
        return; \
    }
    CORS_POLICY_FIELDS(GIVEN_LIST, GIVEN_SETTING)
#undef GIVEN_LIST
#undef GIVEN_SETTING
    abort();
}

/** A section, written as "allow ORIGIN ...; +methods NAME ...; credentials on".
 *  "+" extends what is inherited. Its fields are the lines 1, 2 ... of the
 *  file. Ends the program if it cannot be read.
 */
static inline cors_policy_t *given_section(apr_pool_t *p, const char *text,
                                           const char *file)
{
    given_t given = { p, apr_pcalloc(p, sizeof(cors_policy_t)), NULL, 0 };
    char *last;
    char *field;
    int number = 0;

    for (field = apr_strtok(apr_pstrdup(p, text), ";", &last); field;
         field = apr_strtok(NULL, ";", &last)) {
        char *items;

        field += strspn(field, " ");
        items = strchr(field, ' ');
        if (!items) {
            abort();
        }
        *items++ = '\0';
        given.line = apr_pcalloc(p, sizeof(*given.line));
        given.line->file = file;
        given.line->number = ++number;
        given.line->directive = field;
        given.line->args = items;
        given.extends = *field == '+';
        given_field(&given, field + given.extends, items);
    }
    cors_policy_resolve(given.policy, p);
    return given.policy;
}

static inline const cors_policy_t *given_policy(apr_pool_t *p,
                                                const char *text)
{
    return given_section(p, text, "test.conf");
}

/** Merge two scopes as httpd does; the result is not resolved. */
static inline const cors_policy_t *given_merge(apr_pool_t *p,
                                               const cors_policy_t *base,
                                               const cors_policy_t *add)
{
    const cors_policy_t *remaining = cors_policy_remaining(base, add);
    cors_policy_t *merged;

    if (remaining) {
        return remaining;
    }
    merged = apr_palloc(p, sizeof(*merged));
    cors_policy_merge(merged, p, base, add);
    return merged;
}

/** A copy of a policy, resolved. */
static inline const cors_policy_t *given_resolved(apr_pool_t *p,
                                                  const cors_policy_t *policy)
{
    cors_policy_t *copy = apr_pmemdup(p, policy, sizeof(*policy));

    cors_policy_resolve(copy, p);
    return copy;
}

/** Two sections, merged and resolved. */
static inline const cors_policy_t *given_merged(apr_pool_t *p,
                                                const char *outer,
                                                const char *inner)
{
    return given_resolved(p, given_merge(
        p, given_section(p, outer, "outer.conf"),
        given_section(p, inner, "inner.conf")));
}

/** The server's own origin, and an oracle that says so. A rule "yes" allows
 *  every origin, any other rule allows the origin that it spells out.
 */
#define OWN "https://own.example"

/** What the oracle was asked. */
typedef struct given_oracle_t {
    int rules;
    int own;
    /** It was asked about something that is not an origin. */
    int misled;
} given_oracle_t;

static inline int given_allows(void *context, const cors_item_t *rule,
                               const cors_origin_t *origin)
{
    given_oracle_t *asked = context;
    cors_origin_t again;

    asked->rules++;
    asked->misled |= !cors_origin_parse(&again, origin->text);
    return !strcmp(rule->text, "yes") || !strcmp(rule->text, origin->text);
}

static inline int given_is_own(void *context, const char *origin)
{
    given_oracle_t *asked = context;

    asked->own++;
    return !strcmp(origin, OWN);
}

static const cors_oracle_t given_oracle = { given_allows, given_is_own };

/** What the policy decides about the request, whose strings ASan watches. */
static inline cors_decision_t given_decision(const cors_policy_t *policy,
                                             const cors_request_t *request,
                                             given_oracle_t *asked)
{
    given_oracle_t ignored = { 0, 0, 0 };
    cors_decision_t decision;

    asked = asked ? asked : &ignored;
    memset(asked, 0, sizeof(*asked));
    cors_decide(&decision, policy, request, &given_oracle, asked);
    return decision;
}

#endif /* CORS_GIVEN_H */
