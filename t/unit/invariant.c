/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without it a look-alike could be allowed, or an origin that is listed be
 * refused, because the index joins what does not belong together or merging
 * mixes lists up. A million origins, each near to what one of the sections
 * says, are decided three times: with an index, without, and by the plain
 * comparisons of naive.h, which know the README's words and not the source.
 */

#include "given.h"
#include "naive.h"
#include "near.h"
#include "tap.h"

#include "../../src/decision.h"

#define POLICIES 20000
#define ORIGINS  50

/* As people write it: upper case, a default port and a slash are mended. */
static const char *written(const item_t *item, apr_pool_t *p)
{
    char *text;

    if (item->form != TUPLE) {
        return item->form == STAR ? "*" : "null";
    }
    text = apr_pstrcat(p, item->scheme, "://", item->subdomains ? "*." : "",
                       item->host,
                       item->port == ANY_PORT ? ":*"
                       : item->port == NO_PORT
                           ? one_in(20) && default_port(item->scheme)
                               ? apr_psprintf(p, ":%d",
                                              default_port(item->scheme))
                               : ""
                           : apr_psprintf(p, ":%d", item->port),
                       one_in(20) ? "/" : "", NULL);
    if (one_in(20)) {
        text[0] = (char)(text[0] - 'a' + 'A');
    }
    return text;
}

/* Enough that no origin is near to for a list to get its index. */
static const char *fillers(apr_pool_t *p)
{
    const char *text = "";
    int i;

    for (i = 0; i <= CORS_SET_SHORT; i++) {
        text = apr_psprintf(p, "%s x://filler-%d", text, i);
    }
    return text;
}

static const char *list_text(const list_t *list, const char *name,
                             const char *more, apr_pool_t *p)
{
    const char *text = name;
    int i;

    if (list->said == UNSET || list->said == NONE) {
        return list->said == NONE ? apr_pstrcat(p, name, " none;", NULL) : "";
    }
    for (i = 0; i < list->count; i++) {
        text = apr_pstrcat(p, text, " ", written(&list->items[i], p), NULL);
    }
    return apr_pstrcat(p, list->said == PLUS ? "+" : "", text, more, ";",
                       NULL);
}

static int hazards_to_tolerate(const section_t *section)
{
    return (section->tolerate & INSECURE ? CORS_HAZARD_INSECURE : 0)
           | (section->tolerate & PUBLIC_SUFFIX ? CORS_HAZARD_PUBLIC_SUFFIX : 0)
           | (section->tolerate & NULL_ORIGIN ? CORS_HAZARD_NULL : 0);
}

static const char *section_text(const section_t *section, const char *more,
                                apr_pool_t *p)
{
    return apr_pstrcat(p, list_text(&section->lists[ALLOW], "allow", more, p),
                       list_text(&section->lists[DENY], "deny", more, p),
                       section->credentials < 0 ? ""
                       : section->credentials ? "credentials on;"
                                              : "credentials 0;",
                       section->tolerate < 0 ? ""
                       : apr_psprintf(p, "tolerate %d;",
                                      hazards_to_tolerate(section)),
                       NULL);
}

static void set_index(const cors_layers_t *field, int indexed)
{
    cors_origin_set_t *set;

    if (!field->layers) {
        return;
    }
    set = APR_ARRAY_IDX(field->layers, 0, cors_origins_t *)->set;
    if (!indexed) {
        set->index = NULL;
    }
    else if (set->patterns->nelts > 0 && !set->index) {
        /* Then nothing is compared with anything. */
        abort();
    }
}

/* The policy with an index everywhere, or nowhere. Sections are merged from
 * the outside or from the inside: it must not matter.
 */
static cors_policy_t *make_policy(const section_t *sections, int indexed,
                                  apr_pool_t *p)
{
    const char *more = indexed ? fillers(p) : "";
    cors_policy_t *made[SECTIONS];
    int i;

    for (i = 0; i < SECTIONS; i++) {
        made[i] = given_policy(p, section_text(&sections[i], more, p));
        set_index(&made[i]->allow, indexed);
        set_index(&made[i]->deny, indexed);
    }
    return cors_policy_settle(one_in(2)
        ? cors_policy_merge(p, cors_policy_merge(p, made[0], made[1]), made[2])
        : cors_policy_merge(p, made[0],
                            cors_policy_merge(p, made[1], made[2])));
}

/* What the counts are kept for: the kind of item that an origin is near to. */
static const char *const classes[] = {
    "an exact origin", "subdomains", "any port", "subdomains, any port",
    "an address", "an application's scheme", "null", "*",
    "an empty list"
};

static int class_of(const item_t *item)
{
    if (!item || item->form != TUPLE) {
        return !item ? 8 : item->form == STAR ? 7 : 6;
    }
    if (item->flags & ADDRESS) {
        return 4;
    }
    if (strncmp(item->scheme, "http", 4) != 0) {
        return 5;
    }
    return item->subdomains + (item->port == ANY_PORT ? 2 : 0);
}

typedef struct count_t {
    int pairs;
    int wrong;
    int allowed;
    int denied;
} count_t;

static int is_own(void *context, const char *origin)
{
    (void)context;
    return !strcmp(origin, OWN);
}

static const char *decided(const cors_policy_t *policy, const char *origin,
                           int preflight)
{
    static const cors_oracle_t oracle = { NULL, is_own };
    cors_request_t request = { origin, preflight, "GET", NULL };
    char *copy = given_string(origin);
    cors_decision_t decision;

    request.origin = copy;
    cors_decide(&decision, policy, &request, &oracle, NULL);
    free(copy);
    return cors_outcome_word(decision.outcome);
}

static void explain(const section_t *sections, const char *origin,
                    const char *words, const char *index, const char *linear,
                    apr_pool_t *p)
{
    static int explained;
    int i;

    if (explained++ >= 5) {
        return;
    }
    diag("%s: %s; with index %s, without %s", origin, words, index, linear);
    for (i = 0; i < SECTIONS; i++) {
        diag("section %d: %s", i, section_text(&sections[i], "", p));
    }
}

static void compare(const section_t *sections, count_t *counts, apr_pool_t *p)
{
    const cors_policy_t *with = make_policy(sections, 1, p);
    const cors_policy_t *without = make_policy(sections, 0, p);
    char origin[TEXT_MAX];
    int i;

    for (i = 0; i < ORIGINS; i++) {
        const item_t *item = any_item(sections);
        count_t *count = &counts[class_of(item)];
        int preflight = one_in(2);
        const char *words;
        const char *index;
        const char *linear;

        near_origin(origin, item);
        words = expected(sections, origin, preflight);
        index = decided(with, origin, preflight);
        linear = decided(without, origin, preflight);
        count->pairs++;
        count->allowed += strstr(words, "allowed") != NULL;
        count->denied += !strcmp(words, "origin-denied");
        if (strcmp(words, index) != 0 || strcmp(words, linear) != 0) {
            count->wrong++;
            explain(sections, origin, words, index, linear, p);
        }
    }
}

int main(void)
{
    static section_t sections[SECTIONS];
    static count_t counts[COUNT(classes)];
    apr_pool_t *parent = given_pool();
    apr_pool_t *p;
    int i;

    for (i = 0; i < POLICIES; i++) {
        if (apr_pool_create(&p, parent) != APR_SUCCESS) {
            return 1;
        }
        random_sections(sections);
        compare(sections, counts, p);
        apr_pool_destroy(p);
    }
    for (i = 0; i < COUNT(classes); i++) {
        const count_t *count = &counts[i];

        is_number(count->wrong, 0, "%d origins near to %s, all agree",
                  count->pairs, classes[i]);
        ok(count->allowed > count->pairs / 50
           && count->denied > count->pairs / 50,
           "%d of them allowed, %d denied", count->allowed, count->denied);
    }
    return done_testing();
}
