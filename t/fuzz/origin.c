/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without this target an Origin header could crash the server, be echoed though
 * it is not an origin, or be allowed by an item that does not match it.
 *
 * Input: the value of an Origin header, then one item a line.
 */

#include "../../src/reason.h"
#include "../unit/given.h"

#include "fuzz.h"

static void check_port(const char *port, const cors_origin_t *origin)
{
    int number = cors_origin_port(origin);
    int fallback = cors_scheme_port(origin->text, origin->scheme_len);

    MUST(number >= 0 && number <= 65535);
    if (*port == '\0') {
        MUST(number == fallback);
        return;
    }
    MUST(*port == ':' && number > 0 && number != fallback);
    MUST(!strcmp(port + 1, apr_itoa(fuzz_pool, number)));
}

static void check_host(const char *host, apr_size_t len)
{
    MUST(len > 0 && len <= 253);
    if (*host == '[') {
        MUST(host[len - 1] == ']');
        MUST(strspn(host + 1, "0123456789abcdef:") == len - 2);
        return;
    }
    MUST(strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == len);
    MUST(*host != '.' && !strstr(host, ".."));
}

/* What was accepted can go into a header. */
static void check_accepted(const cors_origin_t *origin, const char *text)
{
    cors_origin_t again;

    MUST(origin->text == text && origin->len == strlen(text));
    MUST(origin->len <= 326);
    MUST(origin->scheme_len > 0 && origin->scheme_len <= 64);
    MUST(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+-.")
         == origin->scheme_len);
    MUST(origin->host == origin->scheme_len + 3);
    MUST(!strncmp(text + origin->scheme_len, "://", 3));
    MUST(origin->host_end <= origin->len);
    check_host(text + origin->host, origin->host_end - origin->host);
    check_port(text + origin->host_end, origin);

    MUST(cors_origin_parse(&again, apr_pstrdup(fuzz_pool, text)));
    MUST(again.len == origin->len && again.scheme_len == origin->scheme_len
         && again.host == origin->host && again.host_end == origin->host_end);
}

/* What the documentation says, with strings alone. */
static int matches_in_words(const char *item, const char *text)
{
    char *origin = apr_pstrdup(fuzz_pool, text);
    const char *star = strstr(item, "://*.");
    size_t len = strlen(item);
    size_t scheme;
    size_t name;

    if (!strcmp(item + len - 2, ":*")) {
        char *port = strrchr(origin, ':');

        len -= 2;
        if (port[1] != '/' && !strchr(port, ']')) {
            *port = '\0';
        }
    }
    if (!star) {
        return strlen(origin) == len && !memcmp(origin, item, len);
    }
    scheme = (size_t)(star - item) + 3;
    name = len - scheme - 1;
    return strlen(origin) > scheme + name
           && !memcmp(origin, item, scheme)
           && !memcmp(origin + strlen(origin) - name,
                      item + scheme + 1, name);
}

/* The items of all lines; with fillers, which no origin is near to, the list
 * gets an index. A list keeps and chains its items, so each has its own.
 */
static cors_origin_list_t *make_list(const char *text, int fillers)
{
    cors_origin_list_t *list = cors_origin_list_make(fuzz_pool);
    char *lines = apr_pstrdup(fuzz_pool, text);
    cors_remark_t remark;
    char *last = NULL;
    char *line;

    while (fillers-- > 0) {
        cors_item_t *item = apr_palloc(fuzz_pool, sizeof(*item));

        MUST(cors_item_parse(item, &remark,
                             apr_psprintf(fuzz_pool, "x://filler-%d", fillers),
                             fuzz_pool));
        cors_origin_list_add(list, item);
    }
    for (line = apr_strtok(lines, "\n", &last); line;
         line = apr_strtok(NULL, "\n", &last)) {
        cors_item_t *item = apr_palloc(fuzz_pool, sizeof(*item));

        if (cors_item_parse(item, &remark, line, fuzz_pool)) {
            cors_origin_list_add(list, item);
        }
    }
    return list;
}

/* Whether some item matches, and each as it is documented. */
static int is_matched(const cors_origin_list_t *list, const char *text,
                      const cors_origin_t *origin)
{
    int matched = list->any || (list->null && !strcmp(text, "null"));
    int i;

    for (i = 0; i < list->items->nelts; i++) {
        const cors_item_t *item = APR_ARRAY_IDX(list->items, i, cors_item_t *);

        if (!item->key) {
            continue;
        }
        if (origin) {
            MUST(cors_item_matches(item, origin)
                 == matches_in_words(item->text, text));
            matched |= cors_item_matches(item, origin);
        }
        matched |= !item->any_port && item->kind == CORS_ITEM_EXACT
                   && !strcmp(item->text, text);
    }
    return matched;
}

static const char *find(const cors_origin_list_t *list, const char *text)
{
    cors_origin_value_t value;
    const cors_item_t *item;

    cors_origin_value_init(&value, text);
    item = cors_origin_list_find(list, &value);
    return item ? item->text : NULL;
}

/* The index, the search from end to end, and the words agree. */
static void check_lists(const cors_origin_list_t *list,
                        const cors_origin_list_t *indexed, const char *text,
                        const cors_origin_t *origin)
{
    const char *found = find(list, text);
    const char *by_index = find(indexed, text);

    MUST(!list->index && indexed->index);
    if (strstr(text, "filler-")) {
        return;
    }
    MUST((found != NULL) == is_matched(list, text, origin));
    MUST(found == by_index || (found && by_index && !strcmp(found, by_index)));
}

/* A decision names its line, echoes nothing unprintable, and has a reason. */
static void check_decision(cors_origin_list_t *list, const char *text)
{
    static const cors_line_t line = { .file = "fuzz.conf" };
    cors_layer_t allow = { .line = &line, .origins = list };
    cors_policy_t policy = { .allow = &allow, .credentials = { &line, 1 } };
    cors_request_t request = { text, 0, NULL, NULL };
    given_oracle_t asked;
    cors_decision_t decision;
    const char *reason;
    int i;

    for (i = 0; i < list->items->nelts; i++) {
        APR_ARRAY_IDX(list->items, i, cors_item_t *)->line = &line;
    }
    cors_policy_resolve(&policy, fuzz_pool);
    cors_decide(&decision, &policy, &request, &given_oracle, &asked);
    MUST(decision.line == &line);
    MUST(!decision.origin_allowed || find(list, text));
    MUST(!decision.origin_allowed || policy.effect.any
         || fuzz_is_line(text));
    reason = cors_reason_text(&decision, &policy, &request, &given_oracle,
                              &asked, fuzz_pool);
    MUST(*reason && fuzz_is_line(reason));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - data) : size;
    apr_pool_t *p = fuzz_begin();
    char *text = apr_pstrmemdup(p, (const char *)data, len);
    char *lines = apr_pstrmemdup(p, (const char *)data + len, size - len);
    cors_origin_t origin;
    int accepted = cors_origin_parse(&origin, text);
    cors_origin_list_t *list = make_list(lines, 0);

    if (accepted) {
        check_accepted(&origin, text);
    }
    if (list->items->nelts <= 16) {
        check_lists(list, make_list(lines, 17), text,
                    accepted ? &origin : NULL);
    }
    check_decision(list, text);
    return fuzz_end();
}
