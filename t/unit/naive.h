/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  naive.h
 * @brief The plainest matcher that says what the README says, from its words.
 *        Nothing in it is fast, and nothing in it is the module's.
 */

#ifndef CORS_NAIVE_H
#define CORS_NAIVE_H

#include <stdlib.h>
#include <string.h>

/* What is known of a host. */
#define LOOPBACK 1  /* this machine */
#define SUFFIX   2  /* anybody can register names below it */
#define ADDRESS  4
#define SINGLE   8  /* takes no "*." */

#define ANY_PORT (-1)
#define NO_PORT  0

#define ITEMS_MAX 40
#define SECTIONS  3

/* The server's own origin. */
#define OWN "https://own.example"

typedef enum form_e { TUPLE, STAR, OPAQUE } form_e;

/* An item of CorsAllowOrigin or CorsDenyOrigin. */
typedef struct item_t {
    form_e form;
    const char *scheme;
    int subdomains;
    char host[80];
    int flags;
    int port;
} item_t;

typedef enum said_e { UNSET, PLAIN, PLUS, NONE } said_e;

typedef struct list_t {
    said_e said;
    int count;
    item_t items[ITEMS_MAX];
} list_t;

typedef enum field_e { ALLOW, DENY, FIELDS } field_e;

typedef struct section_t {
    list_t lists[FIELDS];
    /* -1: unset */
    int credentials;
    int tolerate;
} section_t;

/* Words of CorsTolerate, and what they lift. */
#define INSECURE      1
#define PUBLIC_SUFFIX 2
#define NULL_ORIGIN   4

static int default_port(const char *scheme)
{
    return !strcmp(scheme, "http") ? 80 : !strcmp(scheme, "https") ? 443 : 0;
}

static int is_port(const char *s, const char *scheme)
{
    size_t digits = strspn(s, "0123456789");

    return digits > 0 && digits <= 5 && s[digits] == '\0' && *s != '0'
           && atoi(s) <= 65535 && atoi(s) != default_port(scheme);
}

static int port_fits(const item_t *item, const char *rest)
{
    if (item->port == NO_PORT || *rest == '\0') {
        return *rest == '\0' && item->port <= 0;
    }
    return *rest == ':' && is_port(rest + 1, item->scheme)
           && (item->port == ANY_PORT || atoi(rest + 1) == item->port);
}

/* One or more labels with a dot behind each. */
static int are_labels(const char *s, const char *end)
{
    int count = 0;

    while (s < end) {
        size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_");

        if (len < 1 || len > 63 || s[len] != '.') {
            return 0;
        }
        s += len + 1;
        count++;
    }
    return count > 0 && s == end;
}

static int covers(const item_t *item, const char *origin)
{
    size_t scheme = strlen(item->scheme);
    size_t name = strlen(item->host);
    const char *host = origin + scheme + 3;
    const char *end;

    if (item->form != TUPLE) {
        return item->form == STAR || !strcmp(origin, "null");
    }
    if (strncmp(origin, item->scheme, scheme) != 0
        || strncmp(origin + scheme, "://", 3) != 0) {
        return 0;
    }
    if (!item->subdomains) {
        return !strncmp(host, item->host, name)
               && port_fits(item, host + name);
    }
    end = host + strcspn(host, ":");
    return (size_t)(end - host) > name && end - host <= 253
           && !strncmp(end - name, item->host, name)
           && are_labels(host, end - name) && port_fits(item, end);
}

/* What credentials do not go together with. */
static int hazards_of(const item_t *item)
{
    if (item->form != TUPLE) {
        return item->form == OPAQUE ? NULL_ORIGIN : 0;
    }
    return (!strcmp(item->scheme, "http") && !(item->flags & LOOPBACK)
                ? INSECURE : 0)
           | (item->subdomains && (item->flags & SUFFIX)
                ? PUBLIC_SUFFIX : 0);
}

/* The section that is merged last and sets a list wins; "+" adds to what is
 * inherited.
 */
static int first_section(const section_t *sections, field_e field)
{
    int i = SECTIONS - 1;

    while (i > 0 && sections[i].lists[field].said != PLAIN
           && sections[i].lists[field].said != NONE) {
        i--;
    }
    return i;
}

static int holds_star(const section_t *sections)
{
    int i = first_section(sections, ALLOW);

    return sections[i].lists[ALLOW].count > 0
           && sections[i].lists[ALLOW].items[0].form == STAR;
}

static int is_listed(const section_t *sections, field_e field,
                     const char *origin, int refused)
{
    int i = first_section(sections, field);
    int j;

    for (; i < SECTIONS; i++) {
        const list_t *list = &sections[i].lists[field];

        for (j = 0; j < list->count; j++) {
            if (!(hazards_of(&list->items[j]) & refused)
                && covers(&list->items[j], origin)) {
                return 1;
            }
        }
    }
    return 0;
}

static const char *expected(const section_t *sections, const char *origin,
                            int preflight)
{
    int credentials = 0;
    int tolerate = 0;
    int i;

    for (i = 0; i < SECTIONS; i++) {
        credentials = sections[i].credentials < 0 ? credentials
                                                  : sections[i].credentials;
        tolerate = sections[i].tolerate < 0 ? tolerate : sections[i].tolerate;
    }
    if (is_listed(sections, DENY, origin, 0)) {
        return "origin-denied";
    }
    credentials = credentials && !holds_star(sections);
    if (is_listed(sections, ALLOW, origin, credentials ? ~tolerate : 0)) {
        return preflight ? "preflight-allowed" : "allowed";
    }
    return !strcmp(origin, OWN) ? "same-origin" : "origin-denied";
}

#endif /* CORS_NAIVE_H */
