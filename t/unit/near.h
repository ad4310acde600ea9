/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  near.h
 * @brief Random policies, and random origins that are near to what they say.
 */

#ifndef CORS_NEAR_H
#define CORS_NEAR_H

#include "given.h"
#include "naive.h"

#define TEXT_MAX 1200

typedef struct host_t {
    const char *name;
    int flags;
} host_t;

static const host_t hosts[] = {
    { "example.com", 0 }, { "app.example.com", 0 }, { "xexample.com", 0 },
    { "ample.com", 0 }, { "example.com.evil.net", 0 }, { "foo.com", 0 },
    { "bar.com", 0 }, { "barfoo.com", 0 }, { "a_b.example.com", 0 },
    { "xn--bcher-kva.example", 0 }, { "x.co.uk", 0 }, { "me.github.io", 0 },
    { "co.uk", SUFFIX }, { "github.io", SUFFIX }, { "intranet", SINGLE },
    { "notlocalhost", SINGLE }, { "localhost", LOOPBACK },
    { "dev.localhost", LOOPBACK }, { "127.0.0.1", LOOPBACK | ADDRESS },
    { "128.0.0.1", ADDRESS }, { "[::1]", LOOPBACK | ADDRESS },
    { "[::11]", ADDRESS }, { "[2001:db8::1]", ADDRESS }
};

static const char *const schemes[] = {
    "https", "https", "https", "http", "http", "capacitor", "app", "a+b-c.9"
};

static const int ports[] = {
    NO_PORT, NO_PORT, ANY_PORT, ANY_PORT, 1, 80, 443, 8080, 65535
};

static int one_in(unsigned n)
{
    return given_random(n) == 0;
}

#define ANY_OF(array) ((array)[given_random(COUNT(array))])

static const char *labels(void)
{
    static const char *const some[] = {
        "a.", "b.", "a.b.", "x.", "_-0.", "www.", "app.", "a.example.com."
    };

    return ANY_OF(some);
}

static item_t random_item(void)
{
    const host_t *host = &ANY_OF(hosts);
    int longer = !(host->flags & ADDRESS) && one_in(3);
    item_t item = { TUPLE, ANY_OF(schemes), 0, "", host->flags, NO_PORT };

    if (one_in(40)) {
        item.form = OPAQUE;
    }
    if (longer) {
        item.flags &= ~(SUFFIX | SINGLE);
    }
    apr_snprintf(item.host, sizeof(item.host), "%s%s",
                 longer ? labels() : "", host->name);
    item.subdomains = !(item.flags & (ADDRESS | SINGLE)) && one_in(2);
    item.port = ANY_OF(ports);
    if (item.port == default_port(item.scheme)) {
        item.port = NO_PORT;
    }
    return item;
}

static void random_list(list_t *list, int outermost)
{
    int i;

    list->count = one_in(8) ? 17 + (int)given_random(ITEMS_MAX - 17)
                            : 1 + (int)given_random(5);
    for (i = 0; i < list->count; i++) {
        list->items[i] = random_item();
    }
    list->said = one_in(2) ? PLUS : PLAIN;
    if (one_in(outermost ? 3 : 2)) {
        list->said = UNSET;
    }
    else if (one_in(10)) {
        list->said = NONE;
    }
    else if (one_in(20)) {
        list->said = PLAIN;
        list->count = 1;
        list->items[0].form = STAR;
    }
    if (list->said == UNSET || list->said == NONE) {
        list->count = 0;
    }
}

static void random_sections(section_t *sections)
{
    int i;

    for (i = 0; i < SECTIONS; i++) {
        do {
            random_list(&sections[i].lists[ALLOW], i == 0);
        } while (i == 0 && sections[i].lists[ALLOW].said == UNSET);
        random_list(&sections[i].lists[DENY], 0);
        if (sections[i].lists[DENY].count > 3) {
            sections[i].lists[DENY].count = 1;
        }
        sections[i].credentials = one_in(2) ? -1 : one_in(3) ? 0 : 1;
        sections[i].tolerate = one_in(2) ? -1 : (int)given_random(8);
    }
}

/* Replace a few bytes of an origin. */
static void put(char *text, size_t at, size_t drop, const char *add)
{
    size_t len = strlen(text);

    if (len + strlen(add) < TEXT_MAX) {
        memmove(text + at + strlen(add), text + at + drop, len - at - drop + 1);
        memcpy(text + at, add, strlen(add));
    }
}

/* Of any section, also of one that another drops; NULL: it lists nothing. */
static const item_t *any_item(const section_t *sections)
{
    const list_t *list;

    do {
        list = &sections[given_random(SECTIONS)].lists[one_in(5) ? DENY
                                                                 : ALLOW];
    } while (list->count == 0 && !one_in(20));
    return list->count ? &list->items[given_random((unsigned)list->count)]
                       : NULL;
}

/* An origin that the item covers. */
static void covered(char *text, const item_t *item)
{
    int port = item->port == ANY_PORT ? ANY_OF(ports) : item->port;

    if (item->form != TUPLE) {
        apr_cpystrn(text, item->form == STAR ? "https://star.example" : "null",
                    TEXT_MAX);
        return;
    }
    apr_snprintf(text, TEXT_MAX, "%s://%s%s", item->scheme,
                 item->subdomains ? labels() : "", item->host);
    if (port > 0 && port != default_port(item->scheme)) {
        apr_snprintf(text + strlen(text), 8, ":%d", port);
    }
}

static const char *const bits[] = {
    ".", "..", "a", "-", "_", "/", ":", "@", "*", "0", "[", "]", "%", " ",
    "A", "\t", "\x80", "?", "#", "x", "e", "localhost", "https://", "+"
};

static const char *const fronts[] = {
    "evil", "a.", ".", "*.", "evil.net/.", "u@", "evil.net#.", "x",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
};

static const char *const ends[] = {
    ".evil.net", ".", "/", ":80", ":443", ":8080", ":08080", ":0", ":65536",
    ":1", ":", "a", " ", ".localhost", ":80.evil.net", "/x", ", https://a"
};

static const char *const wholes[] = {
    OWN, "null", "NULL", "", "*", "https://", "null ", "://", "file://",
    "x", "https://*.example.com"
};

static void mutate(char *text)
{
    size_t len = strlen(text);
    size_t at = given_random((unsigned)len + 1);
    char *host = strstr(text, "://");
    char *port = strrchr(text, ':');

    switch (given_random(9)) {
    case 0:
        put(text, at, at < len, "");
        break;
    case 1:
        put(text, at, 0, ANY_OF(bits));
        break;
    case 2:
        put(text, at, at < len, ANY_OF(bits));
        break;
    case 3:
        put(text, 0, host ? (size_t)(host - text) : 0, ANY_OF(schemes));
        break;
    case 4:
    case 5:
        put(text, host ? (size_t)(host - text) + 3 : 0, 0, ANY_OF(fronts));
        break;
    case 6:
        put(text, len, 0, ANY_OF(ends));
        break;
    case 7:
        if (port && port != host) {
            *port = '\0';
            put(text, strlen(text), 0, ANY_OF(ends));
        }
        break;
    default:
        if (at < len && text[at] >= 'a' && text[at] <= 'z') {
            text[at] = (char)(text[at] - 'a' + 'A');
        }
    }
}

/* Covered or nearly so; once in a while with a host of about 253 bytes. */
static void near_origin(char *text, const item_t *item)
{
    int mutations = one_in(2) ? 0 : 1 + (int)given_random(3);

    apr_cpystrn(text, ANY_OF(wholes), TEXT_MAX);
    if (!item || one_in(50)) {
        return;
    }
    covered(text, item);
    while (mutations-- > 0) {
        mutate(text);
    }
    if (one_in(100)) {
        size_t host = strstr(text, "://") ? (size_t)(strstr(text, "://")
                                                     - text) + 3 : 0;
        size_t fill = 240 + given_random(20);

        while (strlen(text + host) + 2 < fill) {
            put(text, host, 0, "b.");
        }
    }
}

#endif /* CORS_NEAR_H */
