/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* A directive is inherited until a section sets, extends or empties it.
 * Without this a field that somebody adds could be forgotten in merging, or
 * depend on the order in which httpd merges sections among themselves; then a
 * child section would lose what its parent allowed, or keep what it took away.
 */

#include "given.h"
#include "tap.h"

#include "../../src/policy.h"

/* ---- every field that there is, whatever it is called ---- */

#define FIELD_NUMBER(field) FIELD_##field,
enum { CORS_POLICY_FIELDS(FIELD_NUMBER, FIELD_NUMBER, FIELD_NUMBER) FIELDS };

#define FIELD_NAME(field) #field,
static const char *const field_names[] = {
    CORS_POLICY_FIELDS(FIELD_NAME, FIELD_NAME, FIELD_NAME)
};

#define IS_LIST(field) 1,
#define IS_SETTING(field) 0,
static const int is_list[] = {
    CORS_POLICY_FIELDS(IS_LIST, IS_LIST, IS_SETTING)
};

/* What a section says of a field. A setting can't be extended, it is set then;
 * emptied it has no value, as after "none".
 */
typedef enum state_e { UNSET, SET, EXTENDED, EMPTIED, STATES } state_e;

static const char *const state_names[] = { "-", "set", "+", "none" };

/* Sections are numbered. What section n says is &marks[n], the same for all
 * fields: merging looks at no layer.
 */
#define SECTIONS 4
static char marks[SECTIONS];
static cors_place_t *places;

static void set_list(apr_pool_t *p, cors_layers_t *field, state_e state, int n)
{
    if (state != UNSET) {
        given_layer(p, field, &marks[n], state == EXTENDED);
    }
}

static void set_setting(apr_pool_t *p, cors_setting_t *field, state_e state,
                        int n)
{
    (void)p;
    if (state != UNSET) {
        field->place = &places[n];
        field->value = state == EMPTIED ? -1 : n;
    }
}

static void set_field(apr_pool_t *p, cors_policy_t *policy, int field,
                      state_e state, int n)
{
    switch (field) {
#define SET_LIST(name) \
    case FIELD_##name: \
        set_list(p, &policy->name, state, n); \
        break;
#define SET_SETTING(name) \
    case FIELD_##name: \
        set_setting(p, &policy->name, state, n); \
        break;
    CORS_POLICY_FIELDS(SET_LIST, SET_LIST, SET_SETTING)
#undef SET_LIST
#undef SET_SETTING
    default:
        abort();
    }
}

/* The sections whose layers are in force, "+" in front of an extension. */
static const char *show_list(apr_pool_t *p, const cors_layers_t *field)
{
    const char *text = field->layers && field->extends ? "+" : "";
    int i;

    for (i = 0; field->layers && i < field->layers->nelts; i++) {
        text = apr_psprintf(p, "%s%d", text,
                            (int)(APR_ARRAY_IDX(field->layers, i, char *)
                                  - marks));
    }
    return field->layers ? text : "unset";
}

static const char *show_setting(apr_pool_t *p, const cors_setting_t *field)
{
    return !field->place ? "unset"
        : apr_psprintf(p, "%d of %d", field->value,
                       (int)(field->place - places));
}

static const char *show_field(apr_pool_t *p, const cors_policy_t *policy,
                              int field)
{
    switch (field) {
#define SHOW_LIST(name) \
    case FIELD_##name: \
        return show_list(p, &policy->name);
#define SHOW_SETTING(name) \
    case FIELD_##name: \
        return show_setting(p, &policy->name);
    CORS_POLICY_FIELDS(SHOW_LIST, SHOW_LIST, SHOW_SETTING)
#undef SHOW_LIST
#undef SHOW_SETTING
    default:
        abort();
    }
}

/* ---- what merging should come to, told by going through the sections ---- */

static const char *expected_list(apr_pool_t *p, const state_e *states,
                                 int count)
{
    const char *text = "unset";
    int i;

    for (i = 0; i < count; i++) {
        if (states[i] == EXTENDED) {
            text = apr_psprintf(p, "%s%d", strcmp(text, "unset") ? text : "+",
                                i);
        }
        else if (states[i] != UNSET) {
            text = apr_itoa(p, i);
        }
    }
    return text;
}

static const char *expected_setting(apr_pool_t *p, const state_e *states,
                                    int count)
{
    const char *text = "unset";
    int i;

    for (i = 0; i < count; i++) {
        if (states[i] != UNSET) {
            text = apr_psprintf(p, "%d of %d", states[i] == EMPTIED ? -1 : i,
                                i);
        }
    }
    return text;
}

static const char *expected_field(apr_pool_t *p, int field,
                                  const state_e *states, int count)
{
    return is_list[field] ? expected_list(p, states, count)
                          : expected_setting(p, states, count);
}

/* ---- one field, all combinations ---- */

static cors_policy_t *section_of(apr_pool_t *p, int field, state_e state,
                                 int n)
{
    cors_policy_t *policy = apr_pcalloc(p, sizeof(*policy));

    set_field(p, policy, field, state, n);
    return policy;
}

static int others_are_unset(apr_pool_t *p, const cors_policy_t *policy,
                            int field)
{
    int i;

    for (i = 0; i < FIELDS; i++) {
        if (i != field && strcmp(show_field(p, policy, i), "unset") != 0) {
            return 0;
        }
    }
    return 1;
}

static void test_pair(apr_pool_t *p, int field, state_e outer, state_e inner)
{
    state_e states[2] = { outer, inner };
    const cors_policy_t *merged = cors_policy_merge(
        p, section_of(p, field, outer, 0), section_of(p, field, inner, 1));

    is(show_field(p, merged, field), expected_field(p, field, states, 2),
       "%s: %s, then %s", field_names[field], state_names[outer],
       state_names[inner]);
    ok(others_are_unset(p, merged, field), "and no other field is set");
}

/* Some combination of states: the number's digits. */
static void states_of(int number, state_e *states, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        states[i] = (state_e)(number % STATES);
        number /= STATES;
    }
}

static void test_triples(apr_pool_t *p, int field)
{
    int wrong = 0;
    int number;

    for (number = 0; number < STATES * STATES * STATES; number++) {
        state_e states[3];
        cors_policy_t *s[3];
        const char *expected;
        const char *left;
        const char *right;
        int i;

        states_of(number, states, 3);
        for (i = 0; i < 3; i++) {
            s[i] = section_of(p, field, states[i], i);
        }
        expected = expected_field(p, field, states, 3);
        left = show_field(p, cors_policy_merge(
            p, cors_policy_merge(p, s[0], s[1]), s[2]), field);
        right = show_field(p, cors_policy_merge(
            p, s[0], cors_policy_merge(p, s[1], s[2])), field);
        if (strcmp(left, expected) != 0 || strcmp(right, expected) != 0) {
            diag("%s, %s, %s: (a+b)+c is %s, a+(b+c) is %s, expected %s",
                 state_names[states[0]], state_names[states[1]],
                 state_names[states[2]], left, right, expected);
            wrong++;
        }
    }
    is_number(wrong, 0, "%s: 64 threes of sections, merged from either end",
              field_names[field]);
}

static void test_each_field(apr_pool_t *p)
{
    int field;

    for (field = 0; field < FIELDS; field++) {
        int number;

        for (number = 0; number < STATES * STATES; number++) {
            test_pair(p, field, (state_e)(number / STATES),
                      (state_e)(number % STATES));
        }
        test_triples(p, field);
    }
}

/* ---- all fields at once ---- */

static int check_all_fields(apr_pool_t *p)
{
    state_e states[FIELDS][SECTIONS];
    const char *before[FIELDS][SECTIONS];
    cors_policy_t *s[SECTIONS];
    const cors_policy_t *ends[3];
    int wrong = 0;
    int i;
    int n;

    for (n = 0; n < SECTIONS; n++) {
        s[n] = apr_pcalloc(p, sizeof(*s[n]));
        for (i = 0; i < FIELDS; i++) {
            states[i][n] = (state_e)given_random(STATES);
            set_field(p, s[n], i, states[i][n], n);
            before[i][n] = show_field(p, s[n], i);
        }
    }
    ends[0] = cors_policy_merge(p, cors_policy_merge(
        p, cors_policy_merge(p, s[0], s[1]), s[2]), s[3]);
    ends[1] = cors_policy_merge(p, s[0], cors_policy_merge(
        p, s[1], cors_policy_merge(p, s[2], s[3])));
    ends[2] = cors_policy_merge(p, cors_policy_merge(p, s[0], s[1]),
                                cors_policy_merge(p, s[2], s[3]));
    for (i = 0; i < FIELDS; i++) {
        const char *expected = expected_field(p, i, states[i], SECTIONS);

        for (n = 0; n < COUNT(ends); n++) {
            wrong += strcmp(show_field(p, ends[n], i), expected) != 0;
        }
        /* Sections are shared by all requests: none was changed. */
        for (n = 0; n < SECTIONS; n++) {
            wrong += strcmp(show_field(p, s[n], i), before[i][n]) != 0;
        }
    }
    return wrong;
}

static void test_all_fields(apr_pool_t *parent)
{
    apr_pool_t *p;
    int wrong = 0;
    int round;

    apr_pool_create(&p, parent);
    for (round = 0; round < 3000; round++) {
        wrong += check_all_fields(p);
        apr_pool_clear(p);
    }
    is_number(wrong, 0, "3,000 times four sections that say something of all "
              "%d fields, merged in three orders", (int)FIELDS);
    apr_pool_destroy(p);
}

/* ---- what a policy is read as ---- */

static const char *names_of(apr_pool_t *p, const cors_layers_t *field,
                            const cors_names_t *defaults)
{
    const cors_names_t *names;
    const char *text = "";
    int i;

    for (i = 0; (names = cors_policy_names(field, defaults, i)); i++) {
        text = apr_pstrcat(p, text, *text && *names->joined ? ", " : "",
                           names->joined, NULL);
    }
    return text;
}

static const struct {
    const char *outer;
    const char *inner;
    const char *methods;
    const char *headers;
    const char *expose;
} lists[] = {
    { "", "", "GET, HEAD, POST", "Content-Type", "" },
    { "methods PUT; headers X-A; expose X-B", "", "PUT", "X-A", "X-B" },
    { "", "methods PUT; headers X-A; expose X-B", "PUT", "X-A", "X-B" },
    { "methods PUT; headers X-A; expose X-B",
      "methods PATCH; headers X-C; expose X-D", "PATCH", "X-C", "X-D" },
    { "methods PUT; headers X-A; expose X-B",
      "+methods PATCH; +headers X-C; +expose X-D", "PUT, PATCH", "X-A, X-C",
      "X-B, X-D" },
    { "", "+methods PUT DELETE; +headers X-A; +expose X-B",
      "GET, HEAD, POST, PUT, DELETE", "Content-Type, X-A", "X-B" },
    { "+methods PUT; +headers X-A; +expose X-B",
      "+methods PATCH; +headers X-C; +expose X-D",
      "GET, HEAD, POST, PUT, PATCH", "Content-Type, X-A, X-C", "X-B, X-D" },
    { "methods PUT; headers X-A; expose X-B",
      "methods none; headers none; expose none", "", "", "" },
    { "methods none; headers none; expose none",
      "+methods PATCH; +headers X-C; +expose X-D", "PATCH", "X-C", "X-D" },
    { "methods *; headers * Authorization; expose *", "", "*",
      "*, Authorization", "*" },
    { "methods *; headers *; expose *",
      "+methods PUT; +headers X-A; +expose X-B", "*, PUT", "*, X-A",
      "*, X-B" },
};

static void test_lists(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(lists); i++) {
        const cors_policy_t *policy = given_merged(p, lists[i].outer,
                                                   lists[i].inner);

        is(names_of(p, &policy->methods, &cors_default_methods),
           lists[i].methods, "methods of '%s' and '%s'", lists[i].outer,
           lists[i].inner);
        is(names_of(p, &policy->headers, &cors_default_headers),
           lists[i].headers, "headers");
        is(names_of(p, &policy->expose, NULL), lists[i].expose, "exposed");
        is_number(cors_policy_names_any(&policy->methods),
                  strchr(lists[i].methods, '*') != NULL, "'*' among methods");
    }
}

static const struct {
    const char *outer;
    const char *inner;
    int governs;
    int any;
    int credentials;
    int denies;
    const char *max_age;
} settings[] = {
    { "", "", 0, 0, 0, 0, NULL },
    { "methods PUT; credentials on; deny https://a.b", "", 0, 0, 1, 1, NULL },
    { "allow https://a.b", "", 1, 0, 0, 0, NULL },
    { "", "allow https://a.b", 1, 0, 0, 0, NULL },
    { "allow none", "", 1, 0, 0, 0, NULL },
    { "allow ~x", "", 1, 0, 0, 0, NULL },
    { "+allow https://a.b", "", 1, 0, 0, 0, NULL },
    { "engine 0", "", 1, 0, 0, 0, NULL },
    { "allow https://a.b", "credentials on; max_age 60", 1, 0, 1, 0, "60" },
    { "allow https://a.b; credentials on; max_age 60",
      "credentials 0; max_age 0", 1, 0, 0, 0, "0" },
    { "max_age 60", "max_age -1", 0, 0, 0, 0, NULL },
    /* never credentials for everybody, whatever brought the two together */
    { "allow *", "", 1, 1, 0, 0, NULL },
    { "allow *; credentials on", "", 1, 1, 0, 0, NULL },
    { "allow *", "credentials on", 1, 1, 0, 0, NULL },
    { "credentials on", "allow *", 1, 1, 0, 0, NULL },
    { "allow *; credentials on", "+allow https://a.b", 1, 1, 0, 0, NULL },
    { "allow https://a.b; credentials on", "+allow *", 1, 1, 0, 0, NULL },
    { "allow *; credentials on", "allow https://a.b", 1, 0, 1, 0, NULL },
    { "allow *; credentials on", "allow none", 1, 0, 1, 0, NULL },
    { "allow *", "deny https://a.b", 1, 1, 0, 1, NULL },
    { "allow *; deny https://a.b", "deny none", 1, 1, 0, 0, NULL },
    { "allow *; deny https://a.b", "+deny https://c.d", 1, 1, 0, 1, NULL },
    { "deny none", "+deny https://c.d", 0, 0, 0, 1, NULL },
    { "allow https://a.b; deny *", "", 1, 0, 0, 1, NULL },
};

static void test_settings(apr_pool_t *p)
{
    int i;

    for (i = 0; i < COUNT(settings); i++) {
        const cors_policy_t *policy = given_merged(p, settings[i].outer,
                                                   settings[i].inner);

        is_number(policy->effect.governs, settings[i].governs,
                  "'%s' and '%s' are a policy", settings[i].outer,
                  settings[i].inner);
        is_number(policy->effect.any != NULL, settings[i].any, "'*'");
        is_number(policy->effect.credentials, settings[i].credentials,
                  "credentials");
        is_number(policy->effect.denies, settings[i].denies, "denied");
        is(policy->max_age.text, settings[i].max_age, "max-age");
    }
}

static void test_engine(apr_pool_t *p)
{
    is_number(given_policy(p, "")->effect.engine, CORS_ENGINE_ON,
              "the engine is on unless set");
    is_number(given_policy(p, "engine 0")->effect.engine,
              CORS_ENGINE_OFF, "off");
    is_number(given_policy(p, "engine 2")->effect.engine,
              CORS_ENGINE_DETECTION_ONLY, "only to detect");
}

int main(void)
{
    apr_pool_t *p = given_pool();

    places = apr_pcalloc(p, SECTIONS * sizeof(*places));
    test_each_field(p);
    test_all_fields(p);
    test_lists(p);
    test_settings(p);
    test_engine(p);
    apr_terminate();
    return done_testing();
}
