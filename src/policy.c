/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "policy.h"

#include <apr_strings.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define LIST_OF(names) \
    { NULL, sizeof(cors_span_t), COUNT(names), COUNT(names), (char *)(names) }
#define NAME(string) { string, sizeof(string) - 1 }

/* The methods that need no preflight (Fetch, "CORS-safelisted method"), and the
 * one header that a JSON request needs.
 */
static cors_span_t method_names[] = { NAME("GET"), NAME("HEAD"), NAME("POST") };
static cors_span_t header_names[] = { NAME("Content-Type") };

static apr_array_header_t method_list = LIST_OF(method_names);
static apr_array_header_t header_list = LIST_OF(header_names);

static const cors_place_t default_place = { NULL, 0, "default", 0 };

const cors_names_t cors_default_methods =
    { &method_list, "GET, HEAD, POST", 0, 0, &default_place };
const cors_names_t cors_default_headers =
    { &header_list, "Content-Type", 0, 0, &default_place };

static const cors_names_t no_names = { NULL, "", 0, 0, NULL };

static void merge_layers(apr_pool_t *p, cors_layers_t *merged,
                         const cors_layers_t *base, const cors_layers_t *add)
{
    if (!add->layers) {
        *merged = *base;
    }
    else if (!add->extends || !base->layers) {
        *merged = *add;
    }
    else {
        merged->layers = apr_array_append(p, base->layers, add->layers);
        merged->extends = base->extends;
    }
}

void cors_policy_merge_into(cors_policy_t *merged, apr_pool_t *p,
                            const cors_policy_t *base,
                            const cors_policy_t *add)
{
#define MERGE_LAYERS(field) \
    merge_layers(p, &merged->field, &base->field, &add->field);
#define MERGE_SETTING(field) \
    merged->field = add->field.place ? add->field : base->field;
    CORS_POLICY_FIELDS(MERGE_LAYERS, MERGE_LAYERS, MERGE_SETTING)
#undef MERGE_LAYERS
#undef MERGE_SETTING
    merged->merged = 1;
}

cors_policy_t *cors_policy_merge(apr_pool_t *p, const cors_policy_t *base,
                                 const cors_policy_t *add)
{
    cors_policy_t *merged = apr_pcalloc(p, sizeof(*merged));

    cors_policy_merge_into(merged, p, base, add);
    return merged;
}

cors_policy_t *cors_policy_locked(apr_pool_t *p, const cors_policy_t *policy)
{
    cors_policy_t *locked = apr_pmemdup(p, policy, sizeof(*policy));

#define UNSET_EXTENSION(field) \
    if (locked->field.extends) { \
        locked->field.layers = NULL; \
    }
#define KEEP_SETTING(field)
    CORS_POLICY_FIELDS(UNSET_EXTENSION, UNSET_EXTENSION, KEEP_SETTING)
#undef UNSET_EXTENSION
#undef KEEP_SETTING
    return locked;
}

int cors_policy_tolerated(const cors_policy_t *policy)
{
    return policy->tolerate.place ? policy->tolerate.value : 0;
}

static const cors_pattern_t *find_any(const apr_array_header_t *layers)
{
    const cors_pattern_t *any = NULL;
    int i;

    for (i = 0; !any && layers && i < layers->nelts; i++) {
        any = APR_ARRAY_IDX(layers, i, cors_origins_t *)->set->any;
    }
    return any;
}

static int has_items(const apr_array_header_t *layers)
{
    int i;

    for (i = 0; layers && i < layers->nelts; i++) {
        if (APR_ARRAY_IDX(layers, i, cors_origins_t *)->set->patterns->nelts) {
            return 1;
        }
    }
    return 0;
}

static int has_rules(const apr_array_header_t *layers)
{
    int i;

    for (i = 0; layers && i < layers->nelts; i++) {
        const cors_origins_t *origins = APR_ARRAY_IDX(layers, i,
                                                      cors_origins_t *);
        if (origins->matches || origins->expressions) {
            return 1;
        }
    }
    return 0;
}

/* The names of one section were joined when they were read. */
static const cors_names_t *only_list(const cors_layers_t *field,
                                     const cors_names_t *defaults)
{
    const cors_names_t *names = cors_policy_names(field, defaults, 0);

    return names && !names->any && !cors_policy_names(field, defaults, 1)
               ? names : NULL;
}

cors_policy_t *cors_policy_settle(cors_policy_t *policy)
{
    cors_effect_t *effect = &policy->effect;

    effect->engine = policy->engine.place
                         ? (cors_engine_e)policy->engine.value
                         : CORS_ENGINE_ON;
    effect->governs = policy->allow.layers
                      || effect->engine == CORS_ENGINE_OFF;
    effect->any = find_any(policy->allow.layers);
    effect->credentials = policy->credentials.place
                          && policy->credentials.value && !effect->any;
    effect->refused = effect->credentials
        ? CORS_HAZARDS & ~cors_policy_tolerated(policy) : 0;
    effect->denies = has_items(policy->deny.layers);
    effect->has_rules = has_rules(policy->allow.layers);
    effect->methods = only_list(&policy->methods, &cors_default_methods);
    effect->headers = only_list(&policy->headers, &cors_default_headers);
    effect->exposed = policy->expose.layers ? only_list(&policy->expose, NULL)
                                            : &no_names;
    return policy;
}

static int find_rule(const apr_array_header_t *rules, int refused,
                     cors_conflict_t *conflict)
{
    int i;

    for (i = 0; rules && i < rules->nelts; i++) {
        const cors_rule_t *rule = APR_ARRAY_IDX(rules, i, cors_rule_t *);

        if (rule->hazards & refused) {
            conflict->place = rule->place;
            conflict->item = rule->source;
            conflict->hazard = rule->hazards & refused;
            return 1;
        }
    }
    return 0;
}

static int find_hazard(const cors_origins_t *origins, int refused,
                       cors_conflict_t *conflict)
{
    const apr_array_header_t *patterns = origins->set->patterns;
    int i;

    for (i = 0; i < patterns->nelts; i++) {
        const cors_pattern_t *pattern = APR_ARRAY_IDX(patterns, i,
                                                      cors_pattern_t *);
        if (pattern->kind == CORS_PATTERN_ANY
            || (pattern->hazards & refused)) {
            conflict->place = pattern->place;
            conflict->item = pattern->text;
            conflict->hazard = pattern->hazards & refused;
            return 1;
        }
    }
    return find_rule(origins->matches, refused, conflict)
           || find_rule(origins->expressions, refused, conflict);
}

int cors_policy_conflicts(const cors_policy_t *policy,
                          cors_conflict_told_t *tell, void *context)
{
    const apr_array_header_t *layers = policy->allow.layers;
    int refused = CORS_HAZARDS & ~cors_policy_tolerated(policy);
    cors_conflict_t conflict = { policy->credentials.place, NULL, NULL, 0 };
    const cors_names_t *names;
    int count = 0;
    int i;

    if (!policy->merged || !policy->credentials.place
        || !policy->credentials.value) {
        return 0;
    }
    for (i = 0; layers && i < layers->nelts; i++) {
        const cors_origins_t *origins = APR_ARRAY_IDX(layers, i,
                                                      cors_origins_t *);
        if ((origins->set->any || (origins->hazards & refused))
            && find_hazard(origins, refused, &conflict)) {
            tell(context, &conflict);
            count++;
        }
    }
    for (i = 0; (names = cors_policy_names(&policy->expose, NULL, i)); i++) {
        if (names->any) {
            conflict.place = names->place;
            conflict.item = "*";
            conflict.hazard = 0;
            tell(context, &conflict);
            count++;
        }
    }
    return count;
}

int cors_policy_preflight_status(const cors_policy_t *policy)
{
    return policy->preflight_status.place ? policy->preflight_status.value
                                          : 204;
}

const cors_names_t *cors_policy_names(const cors_layers_t *field,
                                      const cors_names_t *defaults,
                                      int index)
{
    if (defaults && (!field->layers || field->extends)) {
        if (index == 0) {
            return defaults;
        }
        index--;
    }
    if (!field->layers || index >= field->layers->nelts) {
        return NULL;
    }
    return APR_ARRAY_IDX(field->layers, index, const cors_names_t *);
}

int cors_policy_names_any(const cors_layers_t *field)
{
    const cors_names_t *names;
    int i;

    for (i = 0; (names = cors_policy_names(field, NULL, i)); i++) {
        if (names->any) {
            return 1;
        }
    }
    return 0;
}
