/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without it an Origin header that nobody thought of could crash a server, be
 * echoed though it is no origin, or be allowed by a pattern that does not
 * cover it.
 *
 * Input: the value of an Origin header, then one pattern a line.
 */

#include "../../src/nearest.h"

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

/* What was accepted is an origin, whole, and can go into a header. */
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

    MUST(cors_origin_read(&again, apr_pstrdup(fuzz_pool, text)));
    MUST(again.len == origin->len && again.scheme_len == origin->scheme_len
         && again.host == origin->host && again.host_end == origin->host_end);
}

/* What the table of forms says, with strings alone. */
static int covers_in_words(const char *pattern, const char *text)
{
    char *origin = apr_pstrdup(fuzz_pool, text);
    const char *star = strstr(pattern, "://*.");
    size_t len = strlen(pattern);
    size_t scheme;
    size_t name;

    if (!strcmp(pattern + len - 2, ":*")) {
        char *port = strrchr(origin, ':');

        len -= 2;
        if (port[1] != '/' && !strchr(port, ']')) {
            *port = '\0';
        }
    }
    if (!star) {
        return strlen(origin) == len && !memcmp(origin, pattern, len);
    }
    scheme = (size_t)(star - pattern) + 3;
    name = len - scheme - 1;
    return strlen(origin) > scheme + name
           && !memcmp(origin, pattern, scheme)
           && !memcmp(origin + strlen(origin) - name,
                      pattern + scheme + 1, name);
}

/* A pattern that no browser's origin can fit would be a mistake unseen. */
static void check_fits_something(const cors_pattern_t *pattern)
{
    char *text = apr_pstrdup(fuzz_pool, pattern->text);
    char *star = strstr(text, "://*.");
    size_t len = strlen(text);
    cors_origin_t origin;

    if (star) {
        star[3] = 'a';
    }
    if (pattern->any_port) {
        text[len - 2] = '\0';
    }
    if (!star || pattern->key_len <= 250) {
        MUST(cors_origin_read(&origin, text));
        MUST(cors_pattern_covers(pattern, &origin));
    }
}

/* Enough for an index, read once; a set keeps and chains what it is given. */
static void fill(cors_origin_set_t *set)
{
    static cors_pattern_t fillers[CORS_SET_SHORT + 1];
    static char texts[CORS_SET_SHORT + 1][16];
    static apr_pool_t *p;
    cors_remark_t remark;
    int i;

    if (!p) {
        MUST(apr_pool_create(&p, NULL) == APR_SUCCESS);
    }
    for (i = 0; i <= CORS_SET_SHORT; i++) {
        if (!fillers[i].text) {
            apr_snprintf(texts[i], sizeof(texts[i]), "x://filler-%d", i);
            MUST(cors_pattern_read(&fillers[i], &remark, texts[i], p));
        }
        cors_origin_set_add(set, apr_pmemdup(fuzz_pool, &fillers[i],
                                             sizeof(fillers[i])));
    }
    MUST(set->index);
}

/* What the log says of an origin that is not allowed is one line. */
static void check_miss(cors_origin_set_t *set, const char *text)
{
    cors_origins_t layer = { .set = set };
    apr_array_header_t *layers = apr_array_make(fuzz_pool, 1, sizeof(void *));
    cors_policy_t policy = { .allow = { layers, 0 } };
    const cors_place_t *place;
    const char *miss;

    APR_ARRAY_PUSH(layers, cors_origins_t *) = &layer;
    miss = cors_nearest_miss(&policy, text, &place, fuzz_pool);
    MUST(miss && fuzz_is_line(miss));
}

static void check_patterns(const cors_origin_t *origin, const char *text,
                           char *lines)
{
    cors_origin_set_t *set = cors_origin_set_make(fuzz_pool);
    cors_remark_t remark;
    char *last = NULL;
    int covered = 0;
    char *line;

    fill(set);
    for (line = apr_strtok(lines, "\n", &last); line;
         line = apr_strtok(NULL, "\n", &last)) {
        cors_pattern_t *pattern = apr_palloc(fuzz_pool, sizeof(*pattern));

        if (!cors_pattern_read(pattern, &remark, line, fuzz_pool)) {
            continue;
        }
        cors_origin_set_add(set, pattern);
        if (!pattern->key) {
            continue;
        }
        check_fits_something(pattern);
        if (origin) {
            MUST(cors_pattern_covers(pattern, origin)
                 == covers_in_words(pattern->text, text));
            covered |= cors_pattern_covers(pattern, origin);
        }
    }
    if (origin && !strstr(text, "filler-")) {
        MUST((cors_origin_set_find(set, origin, 0) != NULL) == covered);
    }
    if (!covered) {
        check_miss(set, text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t len = end ? (size_t)(end - data) : size;
    apr_pool_t *p = fuzz_begin();
    char *text = apr_pstrmemdup(p, (const char *)data, len);
    char *lines = apr_pstrmemdup(p, (const char *)data + len, size - len);
    cors_origin_t origin;
    int accepted = cors_origin_read(&origin, text);

    if (accepted) {
        check_accepted(&origin, text);
    }
    check_patterns(accepted ? &origin : NULL, text, lines);
    return fuzz_end();
}
