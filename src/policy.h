/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  policy.h
 * @brief What the configuration sets for one scope, and how scopes merge.
 *
 * A field is unset, set, or an extension of what is inherited. Defaults are
 * applied when a policy is resolved, never when it is merged: httpd merges
 * sections among themselves first, so merging has to be associative.
 */

#ifndef CORS_POLICY_H
#define CORS_POLICY_H

#include <apr_pools.h>

#include "line.h"
#include "names.h"
#include "origin_list.h"

/** A field that holds one value. */
typedef struct cors_setting_t {
    /** where it was set; NULL while it is unset */
    const cors_line_t *line;
    int value;
} cors_setting_t;

/** How the items of a directive were written in one section. */
typedef enum cors_written_e {
    CORS_WRITTEN_NOT,
    CORS_WRITTEN_PLAIN,
    /** with a leading "+" */
    CORS_WRITTEN_PLUS,
    /** "none" */
    CORS_WRITTEN_NONE
} cors_written_e;

/** A field that holds a list, as one section sets it; NULL while it is unset.
 *  Lists are read-only once their section was read, so merging shares them.
 */
typedef struct cors_layer_t {
    /** the list of an outer section that this one is added to, or NULL */
    const struct cors_layer_t *outer;
    /** It is still to be added to an outer section's. */
    int extends;
    /** the section's lines of the field: the first and, to add one, the last;
     *  NULL for a default
     */
    const cors_line_t *line;
    cors_line_t *last_line;
    /** for CorsAllowOrigin, -Match and -Expr; the first for any other field */
    cors_written_e written[3];
    /** one of the two, by the field's type */
    cors_origin_list_t *origins;
    cors_names_t *names;
} cors_layer_t;

typedef enum cors_engine_e {
    CORS_ENGINE_ON,
    CORS_ENGINE_OFF,
    /** decide, log and count, but change nothing */
    CORS_ENGINE_DETECTION_ONLY
} cors_engine_e;

typedef enum cors_preflight_e {
    CORS_PREFLIGHT_ANSWER,
    CORS_PREFLIGHT_PASS
} cors_preflight_e;

typedef enum cors_preflight_auth_e {
    CORS_PREFLIGHT_AUTH_SKIP,
    CORS_PREFLIGHT_AUTH_REQUIRE
} cors_preflight_auth_e;

typedef enum cors_backend_headers_e {
    CORS_BACKEND_HEADERS_REPLACE,
    CORS_BACKEND_HEADERS_KEEP
} cors_backend_headers_e;

/**
 * Every field of a policy, once: this list makes the struct, merges it and
 * shows it. The default of a setting is 0, unless cors_policy_resolve() applies
 * another.
 */
#define CORS_POLICY_FIELDS(LIST, SETTING) \
    LIST(allow)               \
    LIST(deny)                \
    LIST(methods)             \
    LIST(headers)             \
    LIST(expose)              \
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

/** What the fields amount to together. Read-only once resolved. */
typedef struct cors_effect_t {
    /** The rest is known. */
    int is_resolved;
    /** The scope has a policy, is switched off, or is the explain page. */
    int is_relevant;
    /** the "*" that allows every origin, or NULL */
    const cors_item_t *any;
    /** Whether credentials may be used: never together with a risk that is
     *  not tolerated, whichever sections brought the two together.
     */
    int credentials;
    /** With credentials: an origin must have a registrable domain that the
     *  subdomains item, or the regular expression, writes out.
     */
    int subdomains_write_domain;
    int regexes_write_domain;
    /** Merging brought together what a section alone may not combine. */
    int has_conflict;
    /** Some origins are denied; some are allowed by a rule. */
    int denies;
    int has_rules;
    /** The lists with their defaults, innermost section first. */
    const cors_layer_t *methods;
    const cors_layer_t *headers;
    const cors_layer_t *expose;
    /** The values of the response headers; NULL: they depend on the request. */
    const char *allow_methods;
    const char *allow_headers;
    const char *expose_headers;
    const char *max_age;
    int preflight_status;
} cors_effect_t;

#define CORS_DECLARE_LIST(field)    const cors_layer_t *field;
#define CORS_DECLARE_SETTING(field) cors_setting_t field;

/** A policy. All zeros: nothing is set. */
typedef struct cors_policy_t {
    CORS_POLICY_FIELDS(CORS_DECLARE_LIST, CORS_DECLARE_SETTING)
    /** as of the last cors_policy_resolve() */
    cors_effect_t effect;
    /** It comes from more than one section. */
    int merged;
} cors_policy_t;

#undef CORS_DECLARE_LIST
#undef CORS_DECLARE_SETTING

/** Which of two scopes is what they merge to, where that is one of them: add
 *  sets nothing, or nothing of base remains.
 *  @return NULL if they have to be merged
 */
const cors_policy_t *cors_policy_remaining(const cors_policy_t *base,
                                           const cors_policy_t *add);

/** Merge two scopes; base is what is inherited, add what wins. Layers and lines
 *  are shared.
 *  @param merged the result, to be resolved
 */
void cors_policy_merge(cors_policy_t *merged, apr_pool_t *p,
                       const cors_policy_t *base, const cors_policy_t *add);

/** Work out the effect, when all fields of a scope are known. */
void cors_policy_resolve(cors_policy_t *policy, apr_pool_t *p);

/** Whether a policy applies: it names allowed origins, even none. */
#define cors_policy_applies(policy) ((policy)->allow != NULL)

typedef void cors_line_seen_t(void *context, const cors_line_t *line);

/** Call seen for each line that set something of the policy, field by field,
 *  the outermost section's lines of a list first.
 */
void cors_policy_each_line(const cors_policy_t *policy,
                           cors_line_seen_t *seen, void *context);

/** The policy without the lists that only extend an inherited one: what it
 *  sets whatever it inherits. A copy in p.
 */
const cors_policy_t *cors_policy_fixed(const cors_policy_t *policy,
                                       apr_pool_t *p);

/** The risks that CorsTolerate accepts. */
int cors_policy_tolerated(const cors_policy_t *policy);

/** Whether the list has "*" in some layer. */
int cors_layers_have_any(const cors_layer_t *layer);

/** Whether the list has the name in some layer. */
int cors_layers_have_name(const cors_layer_t *layer, const cors_span_t *name);

/** GET, HEAD and POST (Fetch, "CORS-safelisted method"). */
extern const cors_layer_t cors_default_methods;

/** Two lines that only merging brought together. */
typedef struct cors_conflict_t {
    /** the line of CorsAllowCredentials On */
    const cors_line_t *credentials;
    /** the line of the item, and the item as written */
    const cors_line_t *line;
    const char *item;
    /** the risk; NULL for "*", which browsers refuse with credentials */
    const cors_risk_t *risk;
    /** "*" is in CorsExposeHeaders: the credentials stay in force. */
    int is_expose;
} cors_conflict_t;

/** Find the index-th conflict of a merged policy.
 *  @return 0 if there are not so many
 */
int cors_policy_conflict(cors_conflict_t *conflict,
                         const cors_policy_t *policy, int index);

#endif /* CORS_POLICY_H */
