/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  policy.h
 * @brief What the configuration says for one scope, and how scopes merge.
 *
 * A field is unset, set, or an extension of what is inherited. Defaults are
 * applied when a field is read, never when it is merged: merging is
 * associative, since httpd merges sections among themselves first.
 */

#ifndef CORS_POLICY_H
#define CORS_POLICY_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "names.h"
#include "origin_set.h"
#include "place.h"

/** A field that holds one value. */
typedef struct cors_setting_t {
    /** Where it was set; NULL while it is unset. */
    const cors_place_t *place;
    int value;
    /** The value as a header has it, if there is one: of max_age. */
    const char *text;
} cors_setting_t;

/** A field that holds a list: what one section says is a layer, and sections
 *  that extend put theirs on top. Layers are never changed once read, so
 *  merging shares them.
 */
typedef struct cors_layers_t {
    /** The outermost section's first; NULL while the field is unset. */
    const apr_array_header_t *layers;
    /** To be added to what is inherited. */
    int extends;
} cors_layers_t;

/** A regular expression or an expression that only httpd can evaluate. */
typedef struct cors_rule_t {
    /** As it was written. */
    const char *source;
    /** httpd's compiled form. */
    void *compiled;
    int hazards;
    /** What is loose about it, if it is a loose regular expression. */
    cors_remark_t loose;
    const cors_place_t *place;
} cors_rule_t;

/** The directives that fill a layer of origins. */
enum { CORS_BY_NAME, CORS_BY_REGEX, CORS_BY_EXPRESSION,
       CORS_ORIGIN_DIRECTIVES };

/** A layer of the fields allow and deny. */
typedef struct cors_origins_t {
    cors_origin_set_t *set;
    /** cors_rule_t * each: regular expressions, then expressions; NULL while
     *  there are none.
     */
    apr_array_header_t *matches;
    apr_array_header_t *expressions;
    /** All hazards of all its items. */
    int hazards;
    /** How each of its directives was written, CORS_SAID_*. */
    unsigned char said[CORS_ORIGIN_DIRECTIVES];
    /** Where the list began. */
    const cors_place_t *place;
} cors_origins_t;

/** Values of the field engine. */
typedef enum cors_engine_e {
    CORS_ENGINE_OFF,
    CORS_ENGINE_ON,
    /** decide, say so, change nothing */
    CORS_ENGINE_DETECTION_ONLY
} cors_engine_e;

/** Values of the field preflight. */
typedef enum cors_preflight_e {
    CORS_PREFLIGHT_ANSWER,
    /** it goes on to the handler or backend */
    CORS_PREFLIGHT_PASS
} cors_preflight_e;

/** Values of the field preflight_auth. */
typedef enum cors_preflight_auth_e {
    CORS_PREFLIGHT_AUTH_SKIP,
    CORS_PREFLIGHT_AUTH_REQUIRE
} cors_preflight_auth_e;

/** Values of the field backend_headers. */
typedef enum cors_backend_headers_e {
    CORS_BACKEND_HEADERS_REPLACE,
    CORS_BACKEND_HEADERS_KEEP
} cors_backend_headers_e;

/**
 * Every field of a policy, once. This list makes the struct, merges it and
 * shows it, so that no field can be forgotten in one of these.
 *
 * ORIGINS: layers of cors_origins_t; NAMES: layers of cors_names_t;
 * SETTING: one int. Where 0 is the default of a setting, its value is read as
 * it is; the others have a function below.
 */
#define CORS_POLICY_FIELDS(ORIGINS, NAMES, SETTING) \
    ORIGINS(allow)            \
    ORIGINS(deny)             \
    NAMES(methods)            \
    NAMES(headers)            \
    NAMES(expose)             \
    SETTING(credentials)      \
    SETTING(max_age)          \
    SETTING(engine)           \
    SETTING(preflight)        \
    SETTING(preflight_status) \
    SETTING(preflight_auth)   \
    SETTING(backend_headers)  \
    SETTING(enforce)          \
    SETTING(debug_header)     \
    SETTING(tolerate)         \
    SETTING(explain)

#define CORS_DECLARE_LAYERS(field)  cors_layers_t field;
#define CORS_DECLARE_SETTING(field) cors_setting_t field;

/** What the fields come to together. Every request asks, so it is worked out
 *  when they are set.
 */
typedef struct cors_effect_t {
    /** Whether it says anything about an exchange: it names the origins that
     *  are allowed (none of them, too), or is switched off.
     */
    int governs;
    cors_engine_e engine;
    /** "*", or NULL if it is not in force. */
    const cors_pattern_t *any;
    /** Whether credentials may be used: never with "*", whatever brought the
     *  two together.
     */
    int credentials;
    /** The hazards that keep an item from counting. */
    int refused;
    /** Whether any origin is denied by name. */
    int denies;
    /** Whether any is allowed by a rule that only httpd can evaluate. */
    int has_rules;
    /** The lists as they are in force. NULL: names of several sections have to
     *  be joined, or "*" is among them, which takes longer.
     */
    const cors_names_t *methods;
    const cors_names_t *headers;
    const cors_names_t *exposed;
} cors_effect_t;

/** A policy. All zeros: nothing is set, or settled. */
typedef struct cors_policy_t {
    CORS_POLICY_FIELDS(CORS_DECLARE_LAYERS, CORS_DECLARE_LAYERS,
                       CORS_DECLARE_SETTING)
    /** As of the last cors_policy_settle(). */
    cors_effect_t effect;
    /** It is of more than one section: only then can there be conflicts. */
    int merged;
} cors_policy_t;

/**
 * Merge two scopes. What they come to is not settled yet.
 * @param p    owns the result; layers and places are shared
 * @param base what is inherited
 * @param add  what is said further in, and wins
 */
cors_policy_t *cors_policy_merge(apr_pool_t *p, const cors_policy_t *base,
                                 const cors_policy_t *add);

/** The same, into a policy of the caller's. */
void cors_policy_merge_into(cors_policy_t *merged, apr_pool_t *p,
                            const cors_policy_t *base,
                            const cors_policy_t *add);

/** What a scope says whatever it inherits: a copy in p, without what it only
 *  adds.
 */
cors_policy_t *cors_policy_locked(apr_pool_t *p, const cors_policy_t *policy);

/** Work the effect out. Call it when a field was set, or policies were merged.
 *  @return policy
 */
cors_policy_t *cors_policy_settle(cors_policy_t *policy);

/** The hazards that a section lifts, or inherits lifted. */
int cors_policy_tolerated(const cors_policy_t *policy);

/** Two sections that say what no section may say alone. */
typedef struct cors_conflict_t {
    /** Where CorsAllowCredentials On stands. */
    const cors_place_t *credentials;
    /** Where the item stands that is left out. */
    const cors_place_t *place;
    /** The item, as it is shown. */
    const char *item;
    /** Why it is left out; 0 for "*", which browsers refuse. */
    int hazard;
} cors_conflict_t;

typedef void cors_conflict_told_t(void *context,
                                  const cors_conflict_t *conflict);

/** Tell what merging brought together that a section may not say: the first
 *  such item of each layer.
 *  @return how many there are
 */
int cors_policy_conflicts(const cors_policy_t *policy,
                          cors_conflict_told_t *tell, void *context);

/** The status of an answered preflight. */
int cors_policy_preflight_status(const cors_policy_t *policy);

/** What methods and headers are while nobody sets them; an extension of
 *  nothing extends them.
 */
extern const cors_names_t cors_default_methods;
extern const cors_names_t cors_default_headers;

/**
 * A list of names, layer by layer.
 * @param defaults what stands in for an unset field, NULL: nothing
 * @param index    0, 1, ...
 * @return NULL behind the last layer
 */
const cors_names_t *cors_policy_names(const cors_layers_t *field,
                                      const cors_names_t *defaults,
                                      int index);

/** Whether "*" is in a list of names. */
int cors_policy_names_any(const cors_layers_t *field);

#endif /* CORS_POLICY_H */
