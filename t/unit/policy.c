/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* A directive is inherited until a section sets, extends or empties it. Without
 * this test a new field could be forgotten in merging, or depend on the order
 * in which httpd merges sections among themselves; then a section would lose
 * what an outer one allowed, or keep what it removed.
 */

#include "given.h"
#include "tap.h"

/* ---- every field, whatever its name ---- */

#define FIELD_NUMBER(field) FIELD_##field,
enum { CORS_POLICY_FIELDS(FIELD_NUMBER, FIELD_NUMBER) FIELDS };

#define FIELD_NAME(field) #field,
static const char *const field_names[] = {
    CORS_POLICY_FIELDS(FIELD_NAME, FIELD_NAME)
};

/* What a section sets of a field. A setting cannot be extended, so it is set
 * then; emptied its value is -1, as after "none".
 */
typedef enum state_e { UNSET, SET, EXTENDED, EMPTIED, STATES } state_e;

#define SECTIONS 4
static cors_line_t lines[SECTIONS] = {
    { .number = 0 }, { .number = 1 }, { .number = 2 }, { .number = 3 }
};

static void set_field(apr_pool_t *p, cors_policy_t *policy, int field,
                      state_e state, int section)
{
    cors_layer_t *layer = apr_pcalloc(p, sizeof(*layer));
    cors_setting_t setting = { &lines[section],
                               state == EMPTIED ? -1 : section };

    layer->extends = state == EXTENDED;
    layer->line = &lines[section];
    if (state == UNSET) {
        return;
    }
    switch (field) {
#define SET_LIST(name)    case FIELD_##name: policy->name = layer; break;
#define SET_SETTING(name) case FIELD_##name: policy->name = setting; break;
    CORS_POLICY_FIELDS(SET_LIST, SET_SETTING)
#undef SET_LIST
#undef SET_SETTING
    }
}

/* The sections whose layers apply, innermost first, "+" behind the last if it
 * extends what is not there yet.
 */
static const char *show_list(apr_pool_t *p, const cors_layer_t *layer)
{
    const char *text = layer ? "" : "unset";

    for (; layer; layer = layer->outer) {
        text = apr_psprintf(p, "%s%d%s", text, layer->line->number,
                            layer->extends ? "+" : "");
    }
    return text;
}

static const char *show_field(apr_pool_t *p, const cors_policy_t *policy,
                              int field)
{
    switch (field) {
#define SHOW_LIST(name) \
    case FIELD_##name: \
        return show_list(p, policy->name);
#define SHOW_SETTING(name) \
    case FIELD_##name: \
        return !policy->name.line ? "unset" \
            : apr_psprintf(p, "%d of %d", policy->name.value, \
                           policy->name.line->number);
    CORS_POLICY_FIELDS(SHOW_LIST, SHOW_SETTING)
#undef SHOW_LIST
#undef SHOW_SETTING
    default:
        abort();
    }
}

/* ---- what merging should result in, found by walking the sections ---- */

static const char *expected_field(apr_pool_t *p, int field,
                                  const state_e *states, int count)
{
    int is_list = field <= FIELD_expose;
    const char *text = "unset";
    int i;

    for (i = 0; i < count; i++) {
        if (states[i] == UNSET) {
            continue;
        }
        if (!is_list) {
            text = apr_psprintf(p, "%d of %d", states[i] == EMPTIED ? -1 : i,
                                i);
        }
        else if (states[i] != EXTENDED) {
            text = apr_itoa(p, i);
        }
        else {
            text = !strcmp(text, "unset") ? apr_psprintf(p, "%d+", i)
                                          : apr_psprintf(p, "%d%s", i, text);
        }
    }
    return text;
}

/* All ways to merge four sections; the names are merged first. */
static const cors_policy_t *merge(apr_pool_t *p, int way, cors_policy_t **s)
{
#define MERGE(base, add) given_merge(p, base, add)
    switch (way) {
    case 0:
        return MERGE(MERGE(MERGE(s[0], s[1]), s[2]), s[3]);
    case 1:
        return MERGE(s[0], MERGE(s[1], MERGE(s[2], s[3])));
    case 2:
        return MERGE(MERGE(s[0], s[1]), MERGE(s[2], s[3]));
    case 3:
        return MERGE(MERGE(s[0], MERGE(s[1], s[2])), s[3]);
    default:
        return MERGE(s[0], MERGE(MERGE(s[1], s[2]), s[3]));
    }
}

static int check_merged(apr_pool_t *p, cors_policy_t **s,
                        state_e states[FIELDS][SECTIONS])
{
    int wrong = 0;
    int way;
    int i;
    int n;

    for (way = 0; way < 5; way++) {
        const cors_policy_t *merged = merge(p, way, s);

        for (i = 0; i < FIELDS; i++) {
            wrong += strcmp(show_field(p, merged, i),
                            expected_field(p, i, states[i], SECTIONS)) != 0;
        }
    }
    /* Sections are shared by all requests, so none must change. */
    for (i = 0; i < FIELDS; i++) {
        for (n = 0; n < SECTIONS; n++) {
            cors_policy_t again;

            memset(&again, 0, sizeof(again));
            set_field(p, &again, i, states[i][n], n);
            wrong += strcmp(show_field(p, s[n], i),
                            show_field(p, &again, i)) != 0;
        }
    }
    return wrong;
}

static void make_sections(apr_pool_t *p, cors_policy_t **s,
                          state_e states[FIELDS][SECTIONS])
{
    int i;
    int n;

    for (n = 0; n < SECTIONS; n++) {
        s[n] = apr_pcalloc(p, sizeof(*s[n]));
        for (i = 0; i < FIELDS; i++) {
            set_field(p, s[n], i, states[i][n], n);
        }
    }
}

/* Each field alone, in all 256 combinations of four sections. */
static void test_each_field(apr_pool_t *parent)
{
    state_e states[FIELDS][SECTIONS];
    cors_policy_t *s[SECTIONS];
    apr_pool_t *p;
    int field;
    int number;

    apr_pool_create(&p, parent);
    for (field = 0; field < FIELDS; field++) {
        int wrong = 0;

        memset(states, 0, sizeof(states));
        for (number = 0; number < 256; number++) {
            int n;

            for (n = 0; n < SECTIONS; n++) {
                states[field][n] = (state_e)(number >> 2 * n & 3);
            }
            make_sections(p, s, states);
            wrong += check_merged(p, s, states);
            apr_pool_clear(p);
        }
        is_number(wrong, 0, "%s is merged alike in every order, and alone",
                  field_names[field]);
    }
}

/* ---- what is shared, and not built anew ---- */

static void test_shared(apr_pool_t *p)
{
    int field;
    int number;

    for (field = 0; field < FIELDS; field++) {
        int wrong = 0;

        for (number = 0; number < STATES * STATES; number++) {
            state_e outer = (state_e)(number / STATES);
            state_e inner = (state_e)(number % STATES);
            cors_policy_t base = { 0 };
            cors_policy_t add = { 0 };
            const cors_policy_t *merged;
            int extends = field <= FIELD_expose && inner == EXTENDED;

            set_field(p, &base, field, outer, 0);
            set_field(p, &add, field, inner, 1);
            merged = given_merge(p, &base, &add);
            wrong += merged != (inner == UNSET ? &base
                                : outer == UNSET || !extends ? &add : merged);
            wrong += merged == &base && inner != UNSET;
            if (outer != UNSET && extends) {
                wrong += merged == &add || !merged->merged;
            }
        }
        is_number(wrong, 0, "a section that sets nothing, or hides the outer "
                  "one in %s, is not merged", field_names[field]);
    }
}

static void test_linear(apr_pool_t *p)
{
    const cors_policy_t *all = given_policy(p, "methods GET");
    int wrong = 0;
    int i;

    for (i = 0; i < 1000; i++) {
        const cors_policy_t *next = given_merge(
            p, all, given_policy(p, "+methods PUT; +allow https://a.b"));

        wrong += next->methods->outer != all->methods
                 || (i > 0 && next->allow->outer != all->allow);
        all = next;
    }
    is_number(wrong, 0, "1,000 nested sections share the outer ones' lists");
}

/* Without its extensions a policy can be shown as if nothing were outside. */
static void test_fixed(apr_pool_t *p)
{
    const cors_policy_t *fixed = cors_policy_fixed(
        given_policy(p, "+allow https://a.b; deny null; max_age 1"), p);

    ok(!fixed->allow && fixed->deny && fixed->max_age.line,
       "a fixed policy keeps every field that extends nothing");
}

static void add_line(void *context, const cors_line_t *line)
{
    char *text = context;

    apr_snprintf(text + strlen(text), 80, "%s:%d ", line->file, line->number);
}

static void test_each_line(apr_pool_t *p)
{
    char text[400] = "";

    cors_policy_each_line(given_merged(p, "deny null; max_age 1; allow *",
                                       "+allow null; expose X-A; max_age 2"),
                          add_line, text);
    is(text, "outer.conf:3 inner.conf:1 outer.conf:1 inner.conf:2 "
       "inner.conf:3 ", "each line that set something is seen once, field by "
       "field");
}

/* ---- what a policy amounts to ---- */

static const char *or_null(const char *text)
{
    return text ? text : "NULL";
}

/* The headers' values: methods, request headers, exposed headers. */
static const struct {
    const char *outer;
    const char *inner;
    const char *values;
} lists[] = {
    { "", "", "GET, HEAD, POST; Content-Type; " },
    { "methods PUT; headers X-A; expose X-B", "", "PUT; X-A; X-B" },
    { "", "methods PUT; headers X-A; expose X-B", "PUT; X-A; X-B" },
    { "methods PUT; headers X-A; expose X-B",
      "methods PATCH; headers X-C; expose X-D", "PATCH; X-C; X-D" },
    { "methods PUT; headers X-A; expose X-B",
      "+methods PATCH; +headers X-C; +expose X-D",
      "PUT, PATCH; X-A, X-C; X-B, X-D" },
    { "", "+methods PUT DELETE; +headers X-A; +expose X-B",
      "GET, HEAD, POST, PUT, DELETE; Content-Type, X-A; X-B" },
    { "+methods PUT; +headers X-A; +expose X-B",
      "+methods PATCH; +headers X-C; +expose X-D",
      "GET, HEAD, POST, PUT, PATCH; Content-Type, X-A, X-C; X-B, X-D" },
    { "+methods PUT GET; +headers content-type X-A",
      "+methods PUT put; +headers x-a",
      "GET, HEAD, POST, PUT, put; Content-Type, X-A; " },
    { "methods PUT; headers X-A; expose X-B",
      "methods none; headers none; expose none", "; ; " },
    { "methods none; headers none; expose none",
      "+methods PATCH; +headers X-C; +expose X-D", "PATCH; X-C; X-D" },
    /* With "*" it depends on the request, except for exposed headers. */
    { "methods *; headers *; expose *", "", "NULL; NULL; *" },
    { "methods *; headers *; expose *",
      "+methods PUT; +headers X-A; +expose X-B", "NULL; NULL; *" },
    { "methods *; headers *; expose *",
      "methods PUT; headers X-A; expose X-B", "PUT; X-A; X-B" },
    { "expose * X-B; credentials on", "+expose X-A",
      "GET, HEAD, POST; Content-Type; X-B, X-A" },
    { "expose *; credentials on", "", "GET, HEAD, POST; Content-Type; " },
};

static void test_lists(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(lists); i++) {
        const cors_policy_t *policy = given_merged(
            p, apr_pstrcat(p, "allow https://a.b;", lists[i].outer, NULL),
            lists[i].inner);

        is(apr_psprintf(p, "%s; %s; %s", or_null(policy->effect.allow_methods),
                        or_null(policy->effect.allow_headers),
                        or_null(policy->effect.expose_headers)),
           lists[i].values, "'%s' with '%s' inside sends '%s'", lists[i].outer,
           lists[i].inner, lists[i].values);
    }
}

/* ---- credentials, by one rule ---- */

#define ON "; credentials on"

/* 1: credentials may be used. 2, 4: an origin's registrable domain must be one
 * that the subdomains item, or the regular expression, writes out.
 */
static const struct {
    const char *outer;
    const char *inner;
    int credentials;
} rules[] = {
    { "allow https://a.b" ON, "", 7 }, { "allow https://a.b", "", 0 },
    { "allow https://a.b" ON, "credentials 0", 0 },
    { "credentials on", "", 0 }, { "allow none" ON, "", 7 },
    { "allow http://localhost:* https://*.a.b ~a.b~x" ON, "", 7 },
    /* whichever sections bring them together */
    { "allow http://a.b" ON, "", 0 },
    { "allow http://a.b", "credentials on", 0 },
    { "credentials on", "allow http://a.b", 0 },
    { "allow https://a.b" ON, "+allow http://a.b", 0 },
    { "allow http://a.b" ON, "+allow https://a.b", 0 },
    { "allow http://a.b" ON, "allow https://a.b", 7 },
    { "allow null" ON, "", 0 }, { "allow file://" ON, "", 0 },
    { "allow https://*.co.uk" ON, "", 0 }, { "allow ~x" ON, "", 0 },
    { "allow ?x" ON, "", 0 }, { "allow *" ON, "", 0 },
    { "allow *", "credentials on", 0 },
    { "allow https://a.b" ON, "+allow *", 0 },
    { "allow *" ON, "allow https://a.b", 7 },
    { "allow https://a.b" ON, "deny http://a.b null https://*.co.uk", 7 },
    /* CorsTolerate counts wherever it is */
    { "allow http://a.b" ON "; tolerate insecure-origin", "", 7 },
    { "tolerate insecure-origin", "allow http://a.b" ON, 7 },
    { "allow http://a.b" ON, "tolerate insecure-origin", 7 },
    { "allow http://a.b" ON "; tolerate insecure-origin", "tolerate none", 0 },
    { "allow http://a.b null" ON "; tolerate insecure-origin", "", 0 },
    { "allow http://a.b null" ON "; tolerate insecure-origin null-origin", "",
      7 },
    { "allow *" ON "; tolerate insecure-origin public-suffix null-origin "
      "loose-regex expression", "", 0 },
    { "allow ?x" ON "; tolerate expression", "", 7 },
    { "allow https://*.co.uk" ON "; tolerate public-suffix", "", 5 },
    { "allow ~x" ON "; tolerate loose-regex", "", 3 },
    { "allow ~x" ON "; tolerate loose-regex public-suffix", "", 1 },
};

static void test_credentials(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(rules); i++) {
        const cors_policy_t *policy = given_merged(p, rules[i].outer,
                                                   rules[i].inner);
        const cors_effect_t *effect = &policy->effect;

        is_number(effect->credentials + 2 * effect->subdomains_write_domain
                  + 4 * effect->regexes_write_domain, rules[i].credentials,
                  "'%s' with '%s' inside has %scredentials", rules[i].outer,
                  rules[i].inner, rules[i].credentials ? "" : "no ");
    }
}

/* ---- the rest of the effect ---- */

static const struct {
    const char *outer;
    const char *inner;
    /** is_relevant, applies, any, denies, has_rules; status, max-age */
    const char *effect;
} effects[] = {
    { "engine 1", "", "10000 0 NULL" }, { "explain 1", "", "10000 0 NULL" },
    { "engine 2", "", "00000 0 NULL" },
    { "", "", "00000 0 NULL" },
    { "methods PUT; deny https://a.b; max_age 1", "", "00000 0 NULL" },
    { "allow https://a.b", "", "11000 204 NULL" },
    { "", "allow none", "11000 204 NULL" },
    { "+allow https://a.b", "", "11000 204 NULL" },
    { "allow ~x", "", "11001 204 NULL" },
    { "allow ?x", "+allow https://a.b", "11001 204 NULL" },
    { "allow *", "", "11100 204 NULL" },
    { "allow https://a.b", "+allow *", "11100 204 NULL" },
    { "allow *", "allow none", "11000 204 NULL" },
    { "allow *", "deny https://a.b", "11110 204 NULL" },
    { "allow *; deny https://a.b", "deny none", "11100 204 NULL" },
    { "allow *; deny https://a.b", "+deny https://c.d", "11110 204 NULL" },
    { "allow *; deny none", "+deny null", "11110 204 NULL" },
    { "allow *; max_age 60; preflight_status 200", "", "11100 200 60" },
    { "allow *; max_age 60; preflight_status 200",
      "max_age 0; preflight_status 204", "11100 204 0" },
    { "allow *; max_age 60", "max_age none", "11100 204 NULL" },
};

static void test_effects(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(effects); i++) {
        const cors_policy_t *policy = given_merged(p, effects[i].outer,
                                                   effects[i].inner);
        const cors_effect_t *effect = &policy->effect;

        is(apr_psprintf(p, "%d%d%d%d%d %d %s", effect->is_relevant,
                        cors_policy_applies(policy),
                        effect->any != NULL, effect->denies,
                        effect->has_rules, effect->preflight_status,
                        or_null(effect->max_age)),
           effects[i].effect, "the effect of '%s' with '%s' inside is %s",
           effects[i].outer, effects[i].inner, effects[i].effect);
    }
}

/* ---- conflicts: which two lines met ---- */

static const struct {
    const char *outer;
    const char *inner;
    /** lines and items of all of them */
    const char *conflicts;
} met[] = {
    { "allow https://a.b", "credentials on", "" },
    { "allow http://a.b", "engine 0", "" }, { "allow http://a.b" ON, "", "" },
    { "allow http://a.b", "credentials on",
      "outer.conf:1 http://a.b insecure-origin, inner.conf:1; " },
    { "max_age 1; credentials on", "max_age 1; allow https://x.y null",
      "inner.conf:2 null null-origin, outer.conf:2; " },
    { "allow https://*.co.uk; tolerate public-suffix", "credentials on", "" },
    { "allow https://*.co.uk null; tolerate public-suffix", "credentials on",
      "outer.conf:1 null null-origin, inner.conf:1; " },
    { "allow *", "credentials on", "outer.conf:1 *, inner.conf:1; " },
    { "allow ~x; expose *", "+allow ?y; credentials on",
      "inner.conf:1 y expression, inner.conf:2; "
      "outer.conf:1 x loose-regex, inner.conf:2; "
      "outer.conf:2 * exposed, inner.conf:2; " },
    { "allow https://a.b; expose *", "+expose X-A; credentials on",
      "outer.conf:2 * exposed, inner.conf:2; " },
    { "allow https://a.b; expose X-A", "+expose X-B; credentials on", "" },
};

static const char *conflicts_of(apr_pool_t *p, const cors_policy_t *policy)
{
    const char *text = "";
    cors_conflict_t met_here;
    int i;

    for (i = 0; cors_policy_conflict(&met_here, policy, i); i++) {
        text = apr_psprintf(p, "%s%s:%d %s%s%s, %s:%d; ", text,
                            met_here.line->file, met_here.line->number,
                            met_here.item, met_here.risk ? " "
                            : met_here.is_expose ? " exposed" : "",
                            met_here.risk ? met_here.risk->word : "",
                            met_here.credentials->file,
                            met_here.credentials->number);
    }
    return text;
}

static void test_conflicts(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(met); i++) {
        is(conflicts_of(p, given_merged(p, met[i].outer, met[i].inner)),
           met[i].conflicts, "'%s' with '%s' inside conflict in '%s'",
           met[i].outer, met[i].inner, met[i].conflicts);
    }
}

int main(void)
{
    apr_pool_t *p = given_pool();

    cors_suffixes_load(p);
    test_each_field(p);
    test_shared(p);
    test_linear(p);
    test_fixed(p);
    test_each_line(p);
    test_lists(p);
    test_credentials(p);
    test_effects(p);
    test_conflicts(p);
    apr_terminate();
    return done_testing();
}
