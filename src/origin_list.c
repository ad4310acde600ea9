/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "origin_list.h"

#include <string.h>

/* A longer list gets an index. In .htaccess files, which are parsed for each
 * request, building one costs more than it saves.
 */
#define SHORT_LIST 16

cors_origin_list_t *cors_origin_list_make(apr_pool_t *p)
{
    cors_origin_list_t *list = apr_pcalloc(p, sizeof(*list));

    list->items = apr_array_make(p, 2, sizeof(cors_item_t *));
    list->rules = apr_array_make(p, 0, sizeof(cors_item_t *));
    return list;
}

static int count_dots(const char *s, const char *end)
{
    int dots = 0;

    while ((s = memchr(s, '.', (apr_size_t)(end - s))) != NULL) {
        dots++;
        s++;
    }
    return dots;
}

static apr_uint64_t depth_bit(int dots)
{
    return (apr_uint64_t)1 << (dots < 63 ? dots : 63);
}

/* Different items with one key differ in scheme, kind or port, so a chain is
 * short as long as no item is in it twice.
 */
static void index_item(cors_origin_list_t *list, cors_item_t *item)
{
    const cors_item_t *twin;

    item->next = apr_hash_get(list->index, item->key,
                              (apr_ssize_t)item->key_len);
    for (twin = item->next; twin; twin = twin->next) {
        if (!strcmp(twin->text, item->text)) {
            return;
        }
    }
    apr_hash_set(list->index, item->key, (apr_ssize_t)item->key_len, item);
}

static void index_items(cors_origin_list_t *list)
{
    int i;

    list->index = apr_hash_make(list->items->pool);
    for (i = 0; i < list->items->nelts; i++) {
        cors_item_t *item = APR_ARRAY_IDX(list->items, i, cors_item_t *);

        if (item->key) {
            index_item(list, item);
        }
    }
}

static void note_risks(cors_origin_list_t *list, const cors_item_t *item)
{
    int i;

    for (i = 0; i < CORS_RISKS; i++) {
        if ((item->risks & cors_risks[i].bit) && !list->risky[i]) {
            list->risky[i] = item;
        }
    }
    list->risks |= item->risks;
}

static void add_compared(cors_origin_list_t *list, cors_item_t *item)
{
    APR_ARRAY_PUSH(list->items, cors_item_t *) = item;
    list->has_any_port |= item->any_port;
    list->has_parts |= item->any_port || item->kind == CORS_ITEM_SUBDOMAINS;
    if (item->kind == CORS_ITEM_SUBDOMAINS) {
        list->depths |= depth_bit(count_dots(item->key,
                                             item->key + item->key_len));
    }
    if (list->index && item->key) {
        index_item(list, item);
    }
    else if (!list->index && list->items->nelts > SHORT_LIST) {
        index_items(list);
    }
}

void cors_origin_list_add(cors_origin_list_t *list, cors_item_t *item)
{
    if (item->risks) {
        note_risks(list, item);
    }
    switch (item->kind) {
    case CORS_ITEM_REGEX:
    case CORS_ITEM_EXPRESSION:
        APR_ARRAY_PUSH(list->rules, cors_item_t *) = item;
        return;
    case CORS_ITEM_ANY:
        list->any = item;
        break;
    case CORS_ITEM_NULL:
        list->null = item;
        break;
    default:
        break;
    }
    add_compared(list, item);
}

void cors_origin_value_init(cors_origin_value_t *value, const char *text)
{
    value->text = text;
    value->len = strlen(text);
    value->is_null = value->len == 4 && memcmp(text, "null", 4) == 0;
    value->is_serialised = -1;
}

int cors_origin_value_parse(cors_origin_value_t *value)
{
    if (value->is_serialised < 0) {
        value->is_serialised = cors_origin_parse(&value->origin, value->text);
    }
    return value->is_serialised;
}

static apr_size_t host_length(const cors_item_t *item)
{
    const char *port = memchr(item->key, ':', item->key_len);

    return port ? (apr_size_t)(port - item->key) : item->key_len;
}

static int is_closer(const cors_item_t *a, const cors_item_t *b)
{
    if (a->kind != b->kind) {
        return a->kind == CORS_ITEM_EXACT;
    }
    if (a->kind == CORS_ITEM_SUBDOMAINS && host_length(a) != host_length(b)) {
        return host_length(a) > host_length(b);
    }
    return b->any_port && !a->any_port;
}

static const cors_item_t *search(const cors_origin_list_t *list,
                                 const cors_origin_t *origin)
{
    const cors_item_t *found = NULL;
    int i;

    for (i = 0; i < list->items->nelts; i++) {
        const cors_item_t *item = APR_ARRAY_IDX(list->items, i,
                                                cors_item_t *);
        if (cors_item_matches(item, origin)
            && (!found || is_closer(item, found))) {
            found = item;
        }
    }
    return found;
}

static const cors_item_t *look_up(const cors_origin_list_t *list,
                                  const cors_origin_t *origin,
                                  apr_size_t from, apr_size_t to)
{
    const cors_item_t *found = NULL;
    const cors_item_t *item;

    for (item = apr_hash_get(list->index, origin->text + from,
                             (apr_ssize_t)(to - from));
         item; item = item->next) {
        if (cors_item_matches(item, origin)
            && (!found || is_closer(item, found))) {
            found = item;
        }
    }
    return found;
}

/* With the origin's port, then without it, for items of any port. */
static const cors_item_t *look_up_from(const cors_origin_list_t *list,
                                       const cors_origin_t *origin,
                                       apr_size_t from)
{
    const cors_item_t *found = look_up(list, origin, from, origin->len);

    if (!found && list->has_any_port && origin->len != origin->host_end) {
        found = look_up(list, origin, from, origin->host_end);
    }
    return found;
}

static const cors_item_t *look_up_parts(const cors_origin_list_t *list,
                                        const cors_origin_t *origin)
{
    const cors_item_t *found = look_up_from(list, origin, 0);
    const char *dot = origin->text + origin->host;
    const char *end = origin->text + origin->host_end;
    int dots = count_dots(dot, end);

    for (; dots > 0 && !found; dots--, dot++) {
        dot = memchr(dot, '.', (apr_size_t)(end - dot));
        if (list->depths & depth_bit(dots)) {
            found = look_up_from(list, origin,
                                 (apr_size_t)(dot - origin->text));
        }
    }
    return found;
}

static int is_text(const cors_item_t *item, const char *text, apr_size_t len)
{
    return item->key_len == len && item->kind == CORS_ITEM_EXACT
           && !item->any_port && memcmp(item->key, text, len) == 0;
}

/* Most origins are listed literally, and need not be parsed: items are
 * serialised origins.
 */
static const cors_item_t *find_text(const cors_origin_list_t *list,
                                    const char *text, apr_size_t len)
{
    cors_item_t **item = (cors_item_t **)list->items->elts;
    cors_item_t **end = item + list->items->nelts;
    const cors_item_t *found;

    if (list->index) {
        found = apr_hash_get(list->index, text, (apr_ssize_t)len);
        while (found && !is_text(found, text, len)) {
            found = found->next;
        }
        return found;
    }
    while (item < end && !is_text(*item, text, len)) {
        item++;
    }
    return item < end ? *item : NULL;
}

const cors_item_t *cors_origin_list_find(const cors_origin_list_t *list,
                                         cors_origin_value_t *value)
{
    const cors_item_t *found;

    if (list->any) {
        return list->any;
    }
    if (value->is_null) {
        return list->null;
    }
    found = find_text(list, value->text, value->len);
    if (!found && list->has_parts && cors_origin_value_parse(value)) {
        found = list->index ? look_up_parts(list, &value->origin)
                            : search(list, &value->origin);
    }
    return found;
}
