/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "policy.h"

#include <string.h>

#include <apr_strings.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define LIST_OF(names) \
    { NULL, sizeof(cors_span_t), COUNT(names), COUNT(names), (char *)(names) }
#define NAME(string) { string, sizeof(string) - 1 }

static cors_span_t method_names[] = { NAME("GET"), NAME("HEAD"), NAME("POST") };
static apr_array_header_t method_list = LIST_OF(method_names);
static cors_names_t methods = { 1, &method_list, NULL, 0, "GET, HEAD, POST" };

/* The one header that a JSON request needs. */
static cors_span_t header_names[] = { NAME("Content-Type") };
static apr_array_header_t header_list = LIST_OF(header_names);
static cors_names_t headers = { 0, &header_list, NULL, 0, "Content-Type" };

const cors_layer_t cors_default_methods =
    { NULL, 0, NULL, NULL, { 0 }, NULL, &methods };
static const cors_layer_t default_headers =
    { NULL, 0, NULL, NULL, { 0 }, NULL, &headers };

static int extends(const cors_layer_t *layer)
{
    while (layer->outer) {
        layer = layer->outer;
    }
    return layer->extends;
}

/* The list with an outer one behind it. Only its own layers are copied, so
 * merging section by section takes linear time.
 */
static const cors_layer_t *append(apr_pool_t *p, const cors_layer_t *layer,
                                  const cors_layer_t *outer)
{
    const cors_layer_t *first = NULL;
    const cors_layer_t **next = &first;
    cors_layer_t *copy;

    for (; layer; layer = layer->outer) {
        copy = apr_pmemdup(p, layer, sizeof(*layer));
        *next = copy;
        next = &copy->outer;
        if (!layer->outer) {
            copy->extends = 0;
        }
    }
    *next = outer;
    return first;
}

static const cors_layer_t *merge_lists(apr_pool_t *p,
                                       const cors_layer_t *base,
                                       const cors_layer_t *add)
{
    return !add ? base
           : !base || !extends(add) ? add
           : append(p, add, base);
}

/* Whether nothing of base remains when add is merged onto it. */
static int hides(const cors_policy_t *add, const cors_policy_t *base)
{
#define HIDES_LIST(field) \
    && (!base->field || (add->field && !extends(add->field)))
#define HIDES_SETTING(field) && (!base->field.line || add->field.line)
    return 1 CORS_POLICY_FIELDS(HIDES_LIST, HIDES_SETTING);
#undef HIDES_LIST
#undef HIDES_SETTING
}

static int sets_nothing(const cors_policy_t *policy)
{
#define UNSET_LIST(field)    && !policy->field
#define UNSET_SETTING(field) && !policy->field.line
    return 1 CORS_POLICY_FIELDS(UNSET_LIST, UNSET_SETTING);
#undef UNSET_LIST
#undef UNSET_SETTING
}

const cors_policy_t *cors_policy_remaining(const cors_policy_t *base,
                                           const cors_policy_t *add)
{
    return sets_nothing(add) ? base : hides(add, base) ? add : NULL;
}

void cors_policy_merge(cors_policy_t *merged, apr_pool_t *p,
                       const cors_policy_t *base, const cors_policy_t *add)
{
#define MERGE_LIST(field) \
    merged->field = merge_lists(p, base->field, add->field);
#define MERGE_SETTING(field) \
    merged->field = add->field.line ? add->field : base->field;
    CORS_POLICY_FIELDS(MERGE_LIST, MERGE_SETTING)
#undef MERGE_LIST
#undef MERGE_SETTING
    merged->merged = 1;
}

const cors_policy_t *cors_policy_fixed(const cors_policy_t *policy,
                                       apr_pool_t *p)
{
    cors_policy_t *fixed = apr_pmemdup(p, policy, sizeof(*policy));

#define UNSET_EXTENSION(field) \
    if (fixed->field && extends(fixed->field)) { \
        fixed->field = NULL; \
    }
#define KEEP_SETTING(field)
    CORS_POLICY_FIELDS(UNSET_EXTENSION, KEEP_SETTING)
#undef UNSET_EXTENSION
#undef KEEP_SETTING
    return fixed;
}

static void each_list_line(const cors_layer_t *layer, cors_line_seen_t *seen,
                           void *context)
{
    const cors_line_t *line;

    if (layer) {
        each_list_line(layer->outer, seen, context);
        for (line = layer->line; line; line = line->next) {
            seen(context, line);
        }
    }
}

void cors_policy_each_line(const cors_policy_t *policy,
                           cors_line_seen_t *seen, void *context)
{
#define EACH_LIST_LINE(field) each_list_line(policy->field, seen, context);
#define SETTING_LINE(field) \
    if (policy->field.line) { \
        seen(context, policy->field.line); \
    }
    CORS_POLICY_FIELDS(EACH_LIST_LINE, SETTING_LINE)
#undef EACH_LIST_LINE
#undef SETTING_LINE
}

int cors_policy_tolerated(const cors_policy_t *policy)
{
    return policy->tolerate.line ? policy->tolerate.value : 0;
}

int cors_layers_have_any(const cors_layer_t *layer)
{
    while (layer && !layer->names->any) {
        layer = layer->outer;
    }
    return layer != NULL;
}

int cors_layers_have_name(const cors_layer_t *layer, const cors_span_t *name)
{
    while (layer && !cors_names_has(layer->names, name)) {
        layer = layer->outer;
    }
    return layer != NULL;
}

static const cors_layer_t *with_default(apr_pool_t *p,
                                        const cors_layer_t *layer,
                                        const cors_layer_t *defaults)
{
    return layer ? merge_lists(p, defaults, layer) : defaults;
}

/* The outermost section's names first. */
static void add_names(cors_names_t *all, const cors_layer_t *layer)
{
    int i;

    if (layer->outer) {
        add_names(all, layer->outer);
    }
    for (i = 0; i < layer->names->names->nelts; i++) {
        cors_names_add(all, APR_ARRAY_IDX(layer->names->names, i,
                                          cors_span_t).at);
    }
}

/* All names but "*". */
static const char *join_layers(apr_pool_t *p, const cors_layer_t *layer)
{
    cors_names_t *all = cors_names_make(p, layer->names->case_sensitive);

    add_names(all, layer);
    cors_names_join(all, p);
    return all->joined;
}

/* The names of one section were joined when they were read, unless its last
 * line was not allowed.
 */
static const char *join(apr_pool_t *p, const cors_layer_t *layer)
{
    return !layer ? ""
           : !layer->outer && layer->names->joined ? layer->names->joined
           : join_layers(p, layer);
}

static void resolve_origins(cors_effect_t *effect, const cors_policy_t *policy)
{
    const cors_layer_t *layer;
    int tolerated = cors_policy_tolerated(policy);
    int risks = 0;

    for (layer = policy->allow; layer; layer = layer->outer) {
        effect->any = effect->any ? effect->any : layer->origins->any;
        effect->has_rules |= layer->origins->rules->nelts > 0;
        risks |= layer->origins->risks;
    }
    for (layer = policy->deny; layer; layer = layer->outer) {
        effect->denies |= layer->origins->items->nelts > 0;
    }
    effect->credentials = policy->credentials.value && !effect->any
                          && !(risks & ~tolerated);
    effect->subdomains_write_domain =
        effect->credentials && !(tolerated & CORS_RISK_PUBLIC_SUFFIX);
    effect->regexes_write_domain =
        effect->credentials && !(tolerated & CORS_RISK_LOOSE_REGEX);
}

/* With "*" a value depends on the request, except that of exposed headers. */
static void resolve_names(cors_effect_t *effect, const cors_policy_t *policy,
                          apr_pool_t *p)
{
    effect->methods = with_default(p, policy->methods, &cors_default_methods);
    effect->headers = with_default(p, policy->headers, &default_headers);
    effect->expose = policy->expose;
    if (!cors_layers_have_any(effect->methods)) {
        effect->allow_methods = join(p, effect->methods);
    }
    if (!cors_layers_have_any(effect->headers)) {
        effect->allow_headers = join(p, effect->headers);
    }
    effect->expose_headers = !cors_layers_have_any(effect->expose)
                                 ? join(p, effect->expose)
                             : effect->credentials
                                 ? join_layers(p, effect->expose) : "*";
}

void cors_policy_resolve(cors_policy_t *policy, apr_pool_t *p)
{
    static const cors_effect_t nothing;
    cors_effect_t *effect = &policy->effect;

    *effect = nothing;
    effect->is_resolved = 1;
    effect->is_relevant = cors_policy_applies(policy)
                          || policy->engine.value == CORS_ENGINE_OFF
                          || policy->explain.value;
    if (!cors_policy_applies(policy)) {
        return;
    }
    resolve_origins(effect, policy);
    resolve_names(effect, policy, p);
    effect->has_conflict = policy->merged && policy->credentials.value
                           && (!effect->credentials
                               || cors_layers_have_any(policy->expose));
    effect->preflight_status = policy->preflight_status.line
                                   ? policy->preflight_status.value : 204;
    if (policy->max_age.line && policy->max_age.value >= 0) {
        effect->max_age = apr_itoa(p, policy->max_age.value);
    }
}

static int find_risk(cors_conflict_t *conflict, const cors_layer_t *layer,
                     int tolerated)
{
    const cors_origin_list_t *origins = layer->origins;
    const cors_item_t *item = origins->any;
    int i;

    for (i = 0; !item && i < CORS_RISKS; i++) {
        if (cors_risks[i].bit & origins->risks & ~tolerated) {
            item = origins->risky[i];
            conflict->risk = &cors_risks[i];
        }
    }
    if (item) {
        conflict->line = item->line;
        conflict->item = item->text;
    }
    return item != NULL;
}

int cors_policy_conflict(cors_conflict_t *conflict,
                         const cors_policy_t *policy, int index)
{
    const cors_layer_t *layer;

    memset(conflict, 0, sizeof(*conflict));
    if (!policy->effect.has_conflict) {
        return 0;
    }
    conflict->credentials = policy->credentials.line;
    for (layer = policy->allow; layer; layer = layer->outer) {
        if (find_risk(conflict, layer, cors_policy_tolerated(policy))
            && index-- == 0) {
            return 1;
        }
    }
    conflict->risk = NULL;
    conflict->is_expose = 1;
    for (layer = policy->expose; layer; layer = layer->outer) {
        if (layer->names->any && index-- == 0) {
            conflict->line = layer->line;
            conflict->item = "*";
            return 1;
        }
    }
    return 0;
}
