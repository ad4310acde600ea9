/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without this test a look-alike could be allowed, or a listed origin refused,
 * because the index joins what does not belong together, or merging mixes
 * lists up. A million origins, each near to an item of some section, are
 * decided three times: with an index, without, and by the plain comparisons
 * below, which follow the documentation and not the source.
 */

#include "given.h"
#include "tap.h"

#define POLICIES  20000
#define ORIGINS   50
#define SECTIONS  3
#define ITEMS_MAX 40
#define TEXT_MAX  1200

typedef enum written_e { UNSET, PLAIN, PLUS, NONE } written_e;

typedef struct list_t {
    written_e written;
    int count;
    const char *items[ITEMS_MAX];
} list_t;

/* Allowed and denied origins; -1 is unset. */
typedef struct section_t {
    list_t lists[2];
    int credentials;
    int tolerate;
} section_t;

/* ---- what the documentation says ---- */

static size_t host_length(const char *host)
{
    return *host == '[' && strchr(host, ']') ? strcspn(host, "]") + 1
                                             : strcspn(host, ":");
}

static int is_port(const char *s, const char *item)
{
    size_t digits = strspn(s, "0123456789");

    return digits > 0 && digits <= 5 && s[digits] == '\0' && *s != '0'
           && apr_strtoi64(s, NULL, 10) <= 65535
           && apr_strtoi64(s, NULL, 10) != (!strncmp(item, "http:", 5) ? 80
                          : !strncmp(item, "https:", 6) ? 443 : 0);
}

/* One or more labels with a dot behind each. */
static int are_labels(const char *s, const char *end)
{
    int count = 0;

    for (; s < end; count++) {
        size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_");

        if (len < 1 || len > 63 || s[len] != '.') {
            return 0;
        }
        s += len + 1;
    }
    return count > 0 && s == end;
}

static int matches(const char *item, const char *origin)
{
    size_t scheme = strcspn(item, ":") + 3;
    const char *name;
    const char *host;
    const char *end;
    size_t len;
    int below;

    if (!strcmp(item, "*") || !strcmp(item, "null")) {
        return *item == '*' || !strcmp(origin, "null");
    }
    if (strncmp(item, origin, scheme) != 0) {
        return 0;
    }
    below = !strncmp(item + scheme, "*.", 2);
    name = item + scheme + (below ? 2 : 0);
    len = host_length(name);
    host = origin + scheme;
    end = host + host_length(host);
    if (strcmp(name + len, ":*") != 0 ? strcmp(name + len, end) != 0
        : *end != '\0' && (*end != ':' || !is_port(end + 1, item))) {
        return 0;
    }
    return below ? (size_t)(end - host) > len && end - host <= 253
                   && !strncmp(end - len, name, len)
                   && are_labels(host, end - len)
           : (size_t)(end - host) == len && !strncmp(host, name, len);
}

static int ends_in(const char *host, size_t len, const char *end)
{
    size_t end_len = strlen(end);

    return len > end_len && !strncmp(host + len - end_len, end, end_len)
           && host[len - end_len - 1] == '.';
}

static int is_name(const char *host, size_t len, const char *name)
{
    return strlen(name) == len && !strncmp(host, name, len);
}

static int is_loopback(const char *host)
{
    size_t len = host_length(host);

    return is_name(host, len, "localhost") || ends_in(host, len, "localhost")
           || is_name(host, len, "127.0.0.1") || is_name(host, len, "[::1]");
}

/* The public suffixes among the hosts below; of other names it is a label. */
static const char *const suffixes[] = {
    "co.uk", "github.io", "s3.amazonaws.com"
};

static int risks_of(const char *item)
{
    const char *host = strstr(item, "://");
    int below = host && !strncmp(host + 3, "*.", 2);
    int risks = 0;
    int i;

    if (!host) {
        return strcmp(item, "null") ? 0 : CORS_RISK_NULL_ORIGIN;
    }
    host += below ? 5 : 3;
    if (!strncmp(item, "http:", 5) && !is_loopback(host)) {
        risks = CORS_RISK_INSECURE_ORIGIN;
    }
    for (i = 0; below && i < COUNT(suffixes); i++) {
        if (is_name(host, host_length(host), suffixes[i])) {
            risks |= CORS_RISK_PUBLIC_SUFFIX;
        }
    }
    return risks;
}

/* The registrable domain, a suffix and a label, is within the item's name. */
static int writes_domain(const char *item, const char *origin)
{
    const char *name = strstr(item, "://*.");
    const char *host;
    const char *s;
    size_t len;
    size_t suffix;
    int i;

    if (!name || is_loopback(name + 5)) {
        return 1;
    }
    host = strstr(origin, "://") + 3;
    len = host_length(host);
    for (s = host + len; s[-1] != '.'; s--) {
    }
    suffix = (size_t)(host + len - s);
    for (i = 0; i < COUNT(suffixes); i++) {
        if (is_name(host, len, suffixes[i])) {
            return 0;
        }
        if (ends_in(host, len, suffixes[i])) {
            suffix = strlen(suffixes[i]);
        }
    }
    for (s = host + len - suffix - 1; s > host && s[-1] != '.'; s--) {
    }
    return (size_t)(host + len - s) <= host_length(name + 5);
}

/* The section that is merged last and sets a list wins; "+" adds to what is
 * inherited.
 */
static int first_section(const section_t *sections, int field)
{
    int i = SECTIONS - 1;

    while (i > 0 && sections[i].lists[field].written != PLAIN
           && sections[i].lists[field].written != NONE) {
        i--;
    }
    return i;
}

static int is_listed(const section_t *sections, int field, const char *origin,
                     int needs_domain)
{
    int i = first_section(sections, field);
    int j;

    for (; i < SECTIONS; i++) {
        const list_t *list = &sections[i].lists[field];

        for (j = 0; j < list->count; j++) {
            if (matches(list->items[j], origin)
                && (!needs_domain || writes_domain(list->items[j], origin))) {
                return 1;
            }
        }
    }
    return 0;
}

/* The origin without a dot that ends its host is denied as well. */
static int is_denied(const section_t *sections, const char *origin)
{
    const char *host = strstr(origin, "://");
    char text[TEXT_MAX];
    size_t end;

    if (!host || is_listed(sections, 1, origin, 0)) {
        return is_listed(sections, 1, origin, 0);
    }
    end = (size_t)(host - origin) + 3 + strcspn(host + 3, ":");
    if (origin[end - 1] != '.') {
        return 0;
    }
    memcpy(text, origin, end - 1);
    strcpy(text + end - 1, origin + end);
    return is_listed(sections, 1, text, 0);
}

static const char *expected(const section_t *sections, const char *origin,
                            int preflight)
{
    int credentials = 0;
    int tolerate = 0;
    int risks = 0;
    int i;
    int j;

    for (i = 0; i < SECTIONS; i++) {
        credentials = sections[i].credentials < 0 ? credentials
                                                  : sections[i].credentials;
        tolerate = sections[i].tolerate < 0 ? tolerate : sections[i].tolerate;
    }
    for (i = first_section(sections, 0); i < SECTIONS; i++) {
        for (j = 0; j < sections[i].lists[0].count; j++) {
            risks |= risks_of(sections[i].lists[0].items[j]);
            credentials = credentials
                          && strcmp(sections[i].lists[0].items[j], "*") != 0;
        }
    }
    credentials = credentials && !(risks & ~tolerate);
    if (is_denied(sections, origin)) {
        return "origin-denied";
    }
    if (is_listed(sections, 0, origin,
                  credentials && !(tolerate & CORS_RISK_PUBLIC_SUFFIX))) {
        return preflight ? "preflight-allowed" : "allowed";
    }
    return !strcmp(origin, OWN) ? "same-origin" : "origin-denied";
}

/* ---- random sections, and origins that nearly match them ---- */

#define ANY_OF(array) ((array)[given_random(COUNT(array))])

static int one_in(unsigned n)
{
    return given_random(n) == 0;
}

static const char *const hosts[] = {
    "example.com", "app.example.com", "xexample.com", "ample.com", "foo.com",
    "example.com.evil.net", "bar.com", "barfoo.com", "a_b.example.com",
    "xn--bcher-kva.example", "x.co.uk", "me.github.io", "co.uk", "github.io",
    "intranet", "notlocalhost", "amazonaws.com", "s3.amazonaws.com",
    "evil.s3.amazonaws.com", "localhost", "dev.localhost", "127.0.0.1",
    "128.0.0.1", "[::1]", "[::11]", "[2001:db8::1]"
};

static const char *const schemes[] = {
    "https", "https", "https", "http", "http", "capacitor", "app", "a+b-c.9"
};

static const char *const ports[] = {
    "", "", ":*", ":*", ":1", ":80", ":443", ":8080", ":65535"
};

static const char *const labels[] = {
    "a.", "b.", "a.b.", "x.", "_-0.", "www.", "app.", "a.example.com.",
    "evil.s3."
};

static const char *random_item(apr_pool_t *p)
{
    const char *host = ANY_OF(hosts);
    const char *scheme = ANY_OF(schemes);
    const char *port = ANY_OF(ports);
    int is_address = strchr("1[", *host) != NULL;

    if (one_in(40)) {
        return "null";
    }
    if (!is_address && one_in(3)) {
        host = apr_pstrcat(p, ANY_OF(labels), host, NULL);
    }
    if ((!strcmp(scheme, "http") && !strcmp(port, ":80"))
        || (!strcmp(scheme, "https") && !strcmp(port, ":443"))) {
        port = "";
    }
    return apr_pstrcat(p, scheme, "://",
                       !is_address && one_in(2)
                       && (strchr(host, '.') || !strcmp(host, "localhost"))
                           ? "*." : "", host, port, NULL);
}

static void random_list(list_t *list, int must_be_set, apr_pool_t *p)
{
    int i;

    list->count = one_in(8) ? 17 + (int)given_random(ITEMS_MAX - 17)
                            : 1 + (int)given_random(5);
    list->written = one_in(2) ? PLUS : PLAIN;
    for (i = 0; i < list->count; i++) {
        list->items[i] = random_item(p);
    }
    if (!must_be_set && one_in(2)) {
        list->written = UNSET;
    }
    else if (one_in(10)) {
        list->written = NONE;
    }
    else if (one_in(20)) {
        list->written = PLAIN;
        list->count = 1;
        list->items[0] = "*";
    }
    if (list->written == UNSET || list->written == NONE) {
        list->count = 0;
    }
}

static void random_sections(section_t *sections, apr_pool_t *p)
{
    int i;

    for (i = 0; i < SECTIONS; i++) {
        random_list(&sections[i].lists[0], i == 0, p);
        random_list(&sections[i].lists[1], 0, p);
        if (sections[i].lists[1].count > 3) {
            sections[i].lists[1].count = 1;
        }
        sections[i].credentials = one_in(2) ? -1 : one_in(3) ? 0 : 1;
        sections[i].tolerate = one_in(2) ? -1 : (int)given_random(8);
    }
}

/* An item of any section, also of one that another replaces. */
static const char *any_item(const section_t *sections)
{
    const list_t *list;

    do {
        list = &sections[given_random(SECTIONS)].lists[one_in(5)];
    } while (list->count == 0 && !one_in(20));
    return list->count ? list->items[given_random((unsigned)list->count)]
                       : "https://a.example.com";
}

/* Replace a few bytes. */
static void put(char *text, size_t at, size_t drop, const char *add)
{
    size_t len = strlen(text);

    if (len + strlen(add) < TEXT_MAX) {
        memmove(text + at + strlen(add), text + at + drop,
                len - at - drop + 1);
        for (; *add != '\0'; add++) {
            text[at++] = *add;
        }
    }
}

static const char *const bits[] = {
    ".", "..", "a", "-", "_", "/", ":", "@", "*", "0", "[", "]", "%", " ",
    "A", "\t", "\x80", "?", "#", "x", "e", "localhost", "https://", "+"
};

static const char *const fronts[] = {
    "evil", "a.", ".", "*.", "evil.net/.", "u@", "evil.net#.", "x",
    LABEL_63 ".", LABEL_63 "a."
};

static const char *const ends[] = {
    ".evil.net", ".", "/", ":80", ":443", ":8080", ":08080", ":0", ":65536",
    ":1", ":", "a", " ", ".localhost", ":80.evil.net", "/x", ", https://a"
};

static const char *const wholes[] = {
    OWN, "null", "NULL", "", "*", "https://", "null ", "://", "file://", "x",
    "https://*.example.com"
};

static void mutate(char *text)
{
    size_t len = strlen(text);
    size_t at = given_random((unsigned)len + 1);
    char *host = strstr(text, "://");
    char *port = strrchr(text, ':');

    switch (given_random(6)) {
    case 0:
        put(text, at, at < len && one_in(2), ANY_OF(bits));
        break;
    case 1:
        put(text, 0, host ? (size_t)(host - text) : 0, ANY_OF(schemes));
        break;
    case 2:
        put(text, host ? (size_t)(host - text) + 3 : 0, 0, ANY_OF(fronts));
        break;
    case 3:
        put(text, len, 0, ANY_OF(ends));
        break;
    case 4:
        put(text, port && port != host ? (size_t)(port - text) : len, 0,
            ANY_OF(ends));
        break;
    default:
        if (at < len && text[at] >= 'a' && text[at] <= 'z') {
            text[at] = (char)(text[at] - 'a' + 'A');
        }
    }
}

/* Matched, or nearly so; sometimes with a host of about 253 bytes. */
static void near_origin(char *text, const char *item)
{
    char *host;
    int mutations = one_in(2) ? 0 : 1 + (int)given_random(3);

    apr_cpystrn(text, strlen(item) < 5 ? "null" : item, TEXT_MAX);
    if (one_in(50)) {
        apr_cpystrn(text, ANY_OF(wholes), TEXT_MAX);
    }
    host = strstr(text, "://*.");
    if (host) {
        put(text, (size_t)(host - text) + 3, 2, ANY_OF(labels));
    }
    if (strlen(text) > 2 && !strcmp(text + strlen(text) - 2, ":*")) {
        text[strlen(text) - 2] = '\0';
        put(text, strlen(text), 0, one_in(2) ? "" : ":8080");
    }
    while (mutations-- > 0) {
        mutate(text);
    }
    host = strstr(text, "://");
    if (host && one_in(100)) {
        size_t fill = 240 + given_random(20);

        while (strlen(host + 3) + 2 < fill) {
            put(text, (size_t)(host - text) + 3, 0, "b.");
        }
    }
}

/* ---- the comparison ---- */

/* Items that no origin is near to, so that the list gets an index. */
static const char *list_text(const list_t *list, const char *name, int indexed,
                             apr_pool_t *p)
{
    const char *text = name;
    int i;

    if (list->written == UNSET || list->written == NONE) {
        return list->written == NONE ? apr_pstrcat(p, name, " none;", NULL)
                                     : "";
    }
    for (i = 0; i < list->count; i++) {
        text = apr_pstrcat(p, text, " ", list->items[i], NULL);
    }
    for (i = 0; indexed && i < 17; i++) {
        text = apr_psprintf(p, "%s x://filler-%d", text, i);
    }
    return apr_pstrcat(p, list->written == PLUS ? "+" : "", text, ";", NULL);
}

static const char *section_text(const section_t *section, int indexed,
                                apr_pool_t *p)
{
    const char *text = apr_pstrcat(
        p, list_text(&section->lists[0], "allow", indexed, p),
        list_text(&section->lists[1], "deny", indexed, p),
        section->credentials < 0 ? ""
        : section->credentials ? "credentials on;" : "credentials 0;",
        section->tolerate < 0 ? "" : "tolerate ", NULL);
    int i;

    for (i = 0; section->tolerate >= 0 && i < 3; i++) {
        text = apr_pstrcat(p, text, (section->tolerate & cors_risks[i].bit)
                                        ? cors_risks[i].word : "none", NULL);
    }
    return text;
}

static void set_index(const cors_layer_t *layer, int indexed)
{
    if (layer && !indexed) {
        layer->origins->index = NULL;
    }
    else if (layer && layer->origins->items->nelts > 0
             && !layer->origins->index) {
        abort();
    }
}

/* Sections are merged from the outside or the inside: it must not matter. */
static const cors_policy_t *make_policy(const section_t *sections, int indexed,
                                        apr_pool_t *p)
{
    cors_policy_t *made[SECTIONS];
    int i;

    for (i = 0; i < SECTIONS; i++) {
        made[i] = given_section(p, section_text(&sections[i], indexed, p), "");
        set_index(made[i]->allow, indexed);
        set_index(made[i]->deny, indexed);
    }
    return given_resolved(p, one_in(2)
        ? given_merge(p, given_merge(p, made[0], made[1]), made[2])
        : given_merge(p, made[0], given_merge(p, made[1], made[2])));
}

static const char *decided(const cors_policy_t *policy, const char *origin,
                           int preflight)
{
    char *copy = given_string(origin);
    cors_request_t request = { copy, preflight, "GET", NULL };
    cors_decision_t decision = given_decision(policy, &request, NULL);

    free(copy);
    return cors_outcome_word(decision.outcome);
}

static int allowed;
static int wrong;

static void compare(const section_t *sections, apr_pool_t *p)
{
    const cors_policy_t *with = make_policy(sections, 1, p);
    const cors_policy_t *without = make_policy(sections, 0, p);
    char origin[TEXT_MAX];
    int i;
    int j;

    for (i = 0; i < ORIGINS; i++) {
        int preflight = one_in(2);
        const char *words;
        const char *index;
        const char *linear;

        near_origin(origin, any_item(sections));
        words = expected(sections, origin, preflight);
        index = decided(with, origin, preflight);
        linear = decided(without, origin, preflight);
        allowed += strstr(words, "allowed") != NULL;
        if ((strcmp(words, index) != 0 || strcmp(words, linear) != 0)
            && wrong++ < 5) {
            diag("%s: %s; with index %s, without %s", origin, words, index,
                 linear);
            for (j = 0; j < SECTIONS; j++) {
                diag("%s", section_text(&sections[j], 0, p));
            }
        }
    }
}

int main(void)
{
    static section_t sections[SECTIONS];
    apr_pool_t *parent = given_pool();
    apr_pool_t *p;
    int i;

    cors_suffixes_load(parent);
    apr_pool_create(&p, parent);
    for (i = 0; i < POLICIES; i++) {
        random_sections(sections, p);
        compare(sections, p);
        apr_pool_clear(p);
    }
    is_number(wrong, 0, "%d origins are decided as documented",
              POLICIES * ORIGINS);
    ok(allowed > POLICIES * ORIGINS / 5 && allowed < POLICIES * ORIGINS / 2,
       "%d of them are allowed", allowed);
    return done_testing();
}
