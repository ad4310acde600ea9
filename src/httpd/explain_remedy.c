/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain.h"

#include <apr_strings.h>
#include <http_core.h>

#include "../reason.h"
#include "observe.h"

/* What is being put together, and the policy that it starts from. */
typedef struct remedy_t {
    request_rec *r;
    cors_explanation_t *explanation;
    const cors_question_t *question;
    const cors_policy_t *policy;
    /** the new section, where no policy applies; else NULL */
    const char *block;
    apr_pool_t *p;
} remedy_t;

static void add_note(remedy_t *remedy, const char *note)
{
    const char *before = remedy->explanation->note;

    remedy->explanation->note = before
        ? apr_pstrcat(remedy->p, before, ". ", note, NULL) : note;
}

/* What goes to one place is one text. */
static void add_fix(remedy_t *remedy, const char *write, const char *where,
                    const cors_line_t *line)
{
    apr_array_header_t *fixes = remedy->explanation->fixes;
    const char *text = cors_line_text(line, remedy->p);
    int is_after = !strcmp(where, "after");
    cors_fix_t *fix;
    int i;

    for (i = 0; i < fixes->nelts && is_after; i++) {
        fix = &APR_ARRAY_IDX(fixes, i, cors_fix_t);
        if (!strcmp(ap_strrchr_c(fix->place, ' ') + 1, text)) {
            fix->write = apr_pstrcat(remedy->p, fix->write, "\n", write, NULL);
            return;
        }
    }
    fix = apr_array_push(fixes);
    fix->write = write;
    fix->place = apr_pstrcat(remedy->p, where, " ", text, NULL);
}

/* A line after another one of the same section; in the new section if there is
 * no line yet.
 */
static void add_line(remedy_t *remedy, const char *write,
                     const cors_line_t *line)
{
    if (remedy->block) {
        remedy->block = apr_pstrcat(remedy->p, remedy->block, "    ", write,
                                    "\n", NULL);
    }
    else {
        add_fix(remedy, write, "after", line);
    }
}

static const cors_line_t *last_line(const cors_layer_t *layer)
{
    return layer->last_line ? layer->last_line : layer->line;
}

/* NULL if no policy applies. */
static const cors_line_t *policy_line(const remedy_t *remedy)
{
    return remedy->policy->allow ? last_line(remedy->policy->allow) : NULL;
}

/* Whether the items of the innermost section are written with "+". */
static int is_written(const cors_layer_t *layer, cors_written_e as)
{
    return layer->written[0] == as || layer->written[1] == as
           || layer->written[2] == as;
}

/* Add an item to a list in the way in which its section writes it. */
static void extend(remedy_t *remedy, const char *directive, const char *item,
                   const cors_layer_t *layer)
{
    int in_block = remedy->block != NULL;
    int is_none = layer && is_written(layer, CORS_WRITTEN_NONE);
    int plus = layer ? in_block || is_written(layer, CORS_WRITTEN_PLUS)
                     : strcmp(directive, "CorsAllowOrigin") != 0;
    const char *write = apr_pstrcat(remedy->p, directive, " ",
                                    plus && !is_none ? "+" : "", item, NULL);

    if (is_none && !in_block) {
        add_fix(remedy, write, "instead of", layer->line);
    }
    else {
        add_line(remedy, write, layer ? last_line(layer)
                                      : policy_line(remedy));
    }
}

static void set(remedy_t *remedy, const char *write,
                const cors_setting_t *setting)
{
    if (setting->line && !remedy->block) {
        add_fix(remedy, write, "instead of", setting->line);
    }
    else {
        add_line(remedy, write, policy_line(remedy));
    }
}

/* The line of a list without one item; a comment if nothing is left. */
static const char *line_without(const cors_line_t *line, const char *item,
                                apr_pool_t *p)
{
    const char *args = line->args;
    const char *left = "";

    while (*args) {
        char *word = ap_getword_conf(p, &args);
        char *next;
        char *state = NULL;

        for (next = apr_strtok(word, ", \t", &state); next;
             next = apr_strtok(NULL, ", \t", &state)) {
            const char *bare = *next == '+' ? next + 1 : next;

            if (strncasecmp(bare, item, strlen(item)) != 0) {
                left = apr_pstrcat(p, left, " ", next, NULL);
            }
        }
    }
    return apr_pstrcat(p, *left ? "" : "# ", line->directive,
                       *left ? left : " ", *left ? "" : line->args, NULL);
}

static int decides(const remedy_t *remedy, const cors_policy_t *policy)
{
    cors_request_t request = { remedy->question->origin, 0, NULL, NULL };
    cors_decision_t decision;

    cors_decide(&decision, policy, &request, &cors_oracle,
                remedy->explanation->request.found);
    return decision.origin_allowed;
}

/* The policy with an empty deny list. */
static const cors_policy_t *undenied(const remedy_t *remedy)
{
    cors_policy_t *copy = apr_pmemdup(remedy->p, remedy->policy,
                                      sizeof(*copy));

    memset(&copy->effect, 0, sizeof(copy->effect));
    copy->deny = NULL;
    cors_policy_resolve(copy, remedy->p);
    return copy;
}

static void remove_from_deny_list(remedy_t *remedy)
{
    cors_request_t request = { remedy->question->origin, 0, NULL, NULL };
    cors_decision_t decision;

    if (remedy->block || !remedy->policy->allow) {
        return;
    }
    cors_decide(&decision, remedy->policy, &request, &cors_oracle,
                remedy->explanation->request.found);
    if (decision.reason != CORS_REASON_IN_DENY_LIST) {
        return;
    }
    add_fix(remedy, line_without(decision.item->line, decision.item->text,
                                 remedy->p), "instead of",
            decision.item->line);
    if (decision.item->kind == CORS_ITEM_SUBDOMAINS) {
        add_note(remedy, "Other origins that the item denies are then allowed "
                         "too");
    }
}

static void add_origin(remedy_t *remedy)
{
    const char *origin = remedy->question->origin;

    if (!strcmp(origin, "null")) {
        add_note(remedy, "Every site can send the origin \"null\" from a "
                         "sandboxed frame. After a redirect from another "
                         "origin, let the page use the final URL instead");
    }
    if (remedy->block || !decides(remedy, undenied(remedy))) {
        extend(remedy, "CorsAllowOrigin", origin, remedy->policy->allow);
    }
}

static void add_method(remedy_t *remedy)
{
    const cors_layer_t *layer = remedy->policy->effect.methods;
    const char *method = remedy->question->method;
    cors_span_t name = { method, strlen(method) };
    char *upper = apr_pstrdup(remedy->p, method);

    layer = layer ? layer : &cors_default_methods;
    if (cors_layers_have_name(layer, &name)
        || cors_layers_have_name(&cors_default_methods, &name)
        || cors_layers_have_any(layer)) {
        return;
    }
    ap_str_toupper(upper);
    if (strcmp(upper, method) != 0
        && (!strcmp(upper, "PATCH")
            || cors_layers_have_name(layer, &(cors_span_t){ upper,
                                                            name.len }))) {
        add_note(remedy, apr_psprintf(remedy->p, "Let the script use \"%s\": "
                                      "methods are case-sensitive", upper));
        return;
    }
    extend(remedy, "CorsAllowMethods", method, remedy->policy->methods);
}

static void add_headers(remedy_t *remedy)
{
    const cors_effect_t *effect = &remedy->policy->effect;
    const char *cursor = remedy->question->headers;
    const char *missing = NULL;
    const char *plus = !remedy->policy->headers || remedy->block
                       || is_written(remedy->policy->headers,
                                     CORS_WRITTEN_PLUS) ? "+" : "";
    int any = effect->headers && cors_layers_have_any(effect->headers);
    cors_span_t item;

    while (cursor && cors_list_next(&cursor, &item)) {
        const char *name = apr_pstrmemdup(remedy->p, item.at, item.len);
        int is_default = !effect->headers && !strcmp(name, "content-type");

        if (is_default
            || (effect->headers && cors_layers_have_name(effect->headers,
                                                         &item))
            || (any && (remedy->question->credentials
                        || strcmp(name, "authorization") != 0))) {
            continue;
        }
        missing = missing ? apr_pstrcat(remedy->p, missing, " ", plus, name,
                                        NULL) : name;
    }
    if (missing) {
        extend(remedy, "CorsAllowHeaders", missing, remedy->policy->headers);
    }
}

/* CorsTolerate words for the risks of all origins that will be allowed. */
static const char *tolerate_words(const remedy_t *remedy)
{
    const cors_layer_t *layer;
    const char *words = "";
    cors_item_t item;
    cors_remark_t remark = { NULL, NULL, NULL };
    int risks = 0;
    int bit;

    memset(&item, 0, sizeof(item));
    if (cors_item_parse(&item, &remark, remedy->question->origin,
                        remedy->p)) {
        risks = item.risks;
    }
    for (layer = remedy->policy->allow; layer; layer = layer->outer) {
        risks |= layer->origins->any ? 0 : layer->origins->risks;
    }
    risks &= ~cors_policy_tolerated(remedy->policy);
    for (bit = 1; risks; bit <<= 1) {
        if (risks & bit) {
            words = apr_pstrcat(remedy->p, words, " ",
                                cors_risk_first(bit)->word, NULL);
            risks &= ~bit;
        }
    }
    return words;
}

/* "+" has no place in CorsTolerate, so a line in another section than the first
 * repeats what was tolerated.
 */
static void tolerate(remedy_t *remedy)
{
    const cors_setting_t *tolerated = &remedy->policy->tolerate;
    const char *words = tolerate_words(remedy);

    if (!*words) {
        return;
    }
    add_note(remedy, apr_pstrcat(remedy->p, "This accepts a risk of "
                                 "credentials:", words, NULL));
    if (tolerated->line && tolerated->value == 0 && !remedy->block) {
        add_fix(remedy, apr_pstrcat(remedy->p, "CorsTolerate", words, NULL),
                "instead of", tolerated->line);
    }
    else {
        add_line(remedy, apr_pstrcat(remedy->p, "CorsTolerate", words, NULL),
                 tolerated->line ? tolerated->line
                 : remedy->policy->credentials.line
                     ? remedy->policy->credentials.line
                     : policy_line(remedy));
    }
}

/* "*" is without credentials, so it is replaced by the origin. */
static int replace_any(remedy_t *remedy)
{
    const cors_item_t *any = remedy->policy->effect.any;

    if (!any || remedy->block) {
        return 0;
    }
    add_fix(remedy, apr_pstrcat(remedy->p, "CorsAllowOrigin ",
                                remedy->question->origin, NULL), "instead of",
            any->line);
    add_note(remedy, "With credentials the origins must be listed: add the "
                     "others that use this URL");
    return 1;
}

static void allow_credentials(remedy_t *remedy)
{
    const cors_policy_t *policy = remedy->policy;

    if (policy->expose && cors_layers_have_any(policy->expose)
        && !remedy->block) {
        add_fix(remedy, "CorsExposeHeaders none", "instead of",
                policy->expose->line);
        add_note(remedy, "With credentials \"*\" exposes nothing: list the "
                         "headers in CorsExposeHeaders");
    }
    if (!policy->credentials.value) {
        set(remedy, "CorsAllowCredentials On", &policy->credentials);
    }
}

static void fix_policy(remedy_t *remedy)
{
    int credentials = remedy->question->credentials;

    if (!remedy->block
        && remedy->policy->engine.value != CORS_ENGINE_ON) {
        set(remedy, "CorsEngine On", &remedy->policy->engine);
    }
    remove_from_deny_list(remedy);
    if (!credentials || !replace_any(remedy)) {
        add_origin(remedy);
    }
    if (remedy->explanation->needs_preflight) {
        add_method(remedy);
        add_headers(remedy);
    }
    if (credentials) {
        allow_credentials(remedy);
    }
    if (credentials || remedy->policy->credentials.value) {
        tolerate(remedy);
    }
}

/* The first segment of the path, as far as a section can hold it. */
static const char *section_path(const remedy_t *remedy)
{
    const char *path = remedy->question->path;
    apr_size_t len = 1 + strcspn(path + 1, "/?");
    apr_size_t plain = strcspn(path, "*?[\\\"%$");

    return plain < len ? "/" : apr_pstrmemdup(remedy->p, path, len);
}

static void write_section(remedy_t *remedy)
{
    const server_rec *s = remedy->r->server;
    cors_fix_t *fix;

    remedy->block = apr_pstrcat(remedy->p, "<Location \"",
                                section_path(remedy), "\">\n", NULL);
    fix_policy(remedy);
    if (remedy->policy->engine.value != CORS_ENGINE_ON) {
        add_line(remedy, "CorsEngine On", NULL);
    }
    fix = apr_array_push(remedy->explanation->fixes);
    fix->write = apr_pstrcat(remedy->p, remedy->block, "</Location>", NULL);
    fix->place = s->defn_name
        ? apr_psprintf(remedy->p, "at the end of the virtual host %s:%u",
                       s->defn_name, s->defn_line_number)
        : "at the end of the server config";
}

/* Access control stopped the preflight: nothing that allows an origin helps. */
static int fix_preflight(remedy_t *remedy)
{
    const cors_answer_t *preflight = &remedy->explanation->preflight;
    const cors_setting_t *auth = &remedy->policy->preflight_auth;

    if (remedy->explanation->decisive != preflight
        || !preflight->stopped || !preflight->exchange
        || !preflight->exchange->decision.origin_allowed) {
        return 0;
    }
    if (preflight->status == HTTP_UNAUTHORIZED && auth->line
        && auth->value == CORS_PREFLIGHT_AUTH_REQUIRE) {
        set(remedy, "CorsPreflightAuth Skip", auth);
    }
    else {
        add_note(remedy, "The policy allows the request, so no Cors directive "
                         "helps: change what answers the preflight, and check "
                         "that the request itself is then allowed");
    }
    return 1;
}

void cors_explain_remedy(request_rec *r, cors_explanation_t *explanation)
{
    const cors_answer_t *answer = explanation->decisive;
    remedy_t remedy = { r, explanation, &explanation->question,
                        answer->policy, NULL, r->pool };

    if (explanation->unknown_because
        && answer->exchange && cors_exchange_is_on(answer->exchange)
        && answer->exchange->decision.origin_allowed) {
        if (answer == &explanation->preflight && !answer->stopped
            && answer->policy->preflight.value == CORS_PREFLIGHT_PASS) {
            set(&remedy, "CorsPreflight Answer", &answer->policy->preflight);
            fix_policy(&remedy);
        }
        return;
    }
    if (cors_method_is_forbidden(remedy.question->method)
        || ap_is_HTTP_REDIRECT(answer->status)) {
        return;
    }
    if (!answer->policy->allow) {
        if (answer->status == HTTP_OK) {
            write_section(&remedy);
        }
    }
    else if (!fix_preflight(&remedy)) {
        fix_policy(&remedy);
    }
}
