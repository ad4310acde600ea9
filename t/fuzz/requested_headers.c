/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without this target a preflight could crash the server, get text echoed that
 * is not a token, or be granted what no line grants.
 *
 * Input: four bytes that choose a policy and an origin, then
 * Access-Control-Request-Method, a line feed, and -Headers.
 */

#include <strings.h>

#include "../../src/reason.h"
#include "../../src/response.h"
#include "../unit/given.h"

#include "fuzz.h"

/* What one section sets of methods or headers. */
typedef struct said_t {
    int set;
    int plus;
    int any;
    const char *names[3];
} said_t;

static const said_t default_methods = { 1, 0, 0, { "GET", "HEAD", "POST" } };
static const said_t default_headers = { 1, 0, 0, { "Content-Type" } };

static const said_t methods_said[] = {
    { 0, 0, 0, { NULL } },
    { 1, 0, 0, { "PUT", "patch" } },
    { 1, 0, 1, { NULL } },
    { 1, 1, 0, { "DELETE" } },
    { 1, 0, 0, { NULL } }
};

static const said_t headers_said[] = {
    { 0, 0, 0, { NULL } },
    { 1, 0, 0, { "X-One", "x_2" } },
    { 1, 0, 1, { NULL } },
    { 1, 0, 1, { "Authorization" } },
    { 1, 1, 0, { "Authorization", "*!" } },
    { 1, 0, 0, { NULL } }
};

static const char *const senders[] = {
    "https://app.example.com", "https://evil.example", "null", "https://a b"
};

#define HAS_STAR    0x01
#define HAS_NULL    0x02
#define CREDENTIALS 0x04
#define TOLERATES   0x08
#define HAS_AGE     0x10

/* The case that the input describes. */
typedef struct case_t {
    int bits;
    int star;
    int credentials;
    /* What applies, outermost first. */
    const said_t *methods[3];
    const said_t *headers[3];
    cors_request_t request;
    const cors_policy_t *policy;
} case_t;

static const char *text_of(const said_t *said, const char *field)
{
    const char *text = apr_pstrcat(fuzz_pool, said->plus ? "+" : "", field,
                                   said->any ? " *" : "", NULL);
    int i;

    for (i = 0; i < COUNT(said->names) && said->names[i]; i++) {
        text = apr_pstrcat(fuzz_pool, text, " ", said->names[i], NULL);
    }
    return !said->set ? ""
           : apr_pstrcat(fuzz_pool, text,
                         said->any || said->names[0] ? ";" : " none;", NULL);
}

/* Two sections, each of which sets part of every field. */
static void make_policy(case_t *c, const said_t *said[4])
{
    const char *outer = apr_psprintf(
        fuzz_pool, "%s%s%stolerate %s;%s", text_of(said[0], "methods"),
        text_of(said[2], "headers"), c->bits & HAS_STAR ? "allow *;" : "",
        c->bits & TOLERATES ? "null-origin" : "none",
        c->bits & HAS_AGE ? "max_age 600;" : "");
    const char *inner = apr_psprintf(
        fuzz_pool, "%s%s+allow %s%s;debug_header 1;%s",
        text_of(said[1], "methods"),
        text_of(said[3], "headers"), senders[0],
        c->bits & HAS_NULL ? " null" : "",
        c->bits & CREDENTIALS ? "credentials on;" : "");

    c->policy = given_merged(fuzz_pool, outer, inner);
    c->star = (c->bits & HAS_STAR) != 0;
    c->credentials = (c->bits & CREDENTIALS) && !c->star
                     && (!(c->bits & HAS_NULL) || (c->bits & TOLERATES));
}

static void in_force(const said_t *force[3], const said_t *defaults,
                     const said_t *outer, const said_t *inner)
{
    int drops = inner->set && !inner->plus;

    force[0] = !drops && (!outer->set || outer->plus) ? defaults : NULL;
    force[1] = !drops && outer->set ? outer : NULL;
    force[2] = inner->set ? inner : NULL;
}

static int any_in(const said_t *const force[3])
{
    return (force[1] && force[1]->any) || (force[2] && force[2]->any);
}

static int is_in(const said_t *const force[3], const char *name, int by_case)
{
    int i;
    int j;

    for (i = 0; i < 3; i++) {
        for (j = 0; force[i] && j < 3 && force[i]->names[j]; j++) {
            if (by_case ? !strcmp(force[i]->names[j], name)
                        : !strcasecmp(force[i]->names[j], name)) {
                return 1;
            }
        }
    }
    return 0;
}

static int is_token(const char *s)
{
    return *s && s[strspn(s, "!#$%&'*+-.^_`|~0123456789"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

static int origin_granted(const case_t *c)
{
    const char *origin = c->request.origin;

    return c->star || origin == senders[0]
           || (origin == senders[2] && (c->bits & HAS_NULL));
}

static int is_possible(const char *method)
{
    return is_token(method) && strcasecmp(method, "CONNECT") != 0
           && strcasecmp(method, "TRACE") != 0
           && strcasecmp(method, "TRACK") != 0;
}

static int method_granted(const case_t *c)
{
    const said_t *const simple[3] = { &default_methods, NULL, NULL };
    const char *method = c->request.method;

    return is_in(simple, method, 1)
           || (is_possible(method)
               && (any_in(c->methods) || is_in(c->methods, method, 1)));
}

static int header_granted(const case_t *c, const char *name)
{
    return (any_in(c->headers)
            && (c->credentials || strcasecmp(name, "Authorization") != 0))
           || is_in(c->headers, name, 0);
}

/* The requested names, joined; NULL if the list is malformed or too long. */
static const char *requested(const case_t *c, int *granted)
{
    char *rest = apr_pstrdup(fuzz_pool, c->request.headers);
    char *all = apr_palloc(fuzz_pool, rest ? 2 * strlen(rest) + 3 : 1);
    char *to = all;

    *all = '\0';
    *granted = 1;
    if (rest && strlen(rest) > 4096) {
        return NULL;
    }
    while (rest) {
        char *item = rest + strspn(rest, " \t");
        char *end = strchr(item, ',');

        rest = end ? end + 1 : NULL;
        end = end ? end : item + strlen(item);
        while (end > item && (end[-1] == ' ' || end[-1] == '\t')) {
            end--;
        }
        *end = '\0';
        if (*item && (strlen(item) > 256 || !is_token(item))) {
            return NULL;
        }
        if (*item) {
            *granted &= header_granted(c, item);
            to += sprintf(to, "%s%s", to == all ? "" : ", ", item);
        }
    }
    return all;
}

static int headers_granted(const case_t *c)
{
    int granted;

    return requested(c, &granted) && granted;
}

static cors_outcome_e expected(const case_t *c)
{
    if (!origin_granted(c)) {
        return CORS_ORIGIN_DENIED;
    }
    if (!method_granted(c)) {
        return CORS_METHOD_DENIED;
    }
    return headers_granted(c) ? CORS_PREFLIGHT_ALLOWED : CORS_HEADERS_DENIED;
}

/* The one value of a header; none of them may come twice, or in the table
 * that errors are sent from.
 */
static const char *one(cors_response_t *response, const char *name)
{
    const apr_array_header_t *all = apr_table_elts(response->headers);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)all->elts;
    const char *value = NULL;
    int i;

    MUST(apr_is_empty_table(response->error_headers));
    for (i = 0; i < all->nelts; i++) {
        MUST(fuzz_is_line(entry[i].key) && fuzz_is_line(entry[i].val));
        if (!strcasecmp(entry[i].key, name)) {
            MUST(!value);
            value = entry[i].val;
        }
    }
    return value;
}

/* The names that are granted, from the tables above. */
static const char *joined(const said_t *const force[3])
{
    const char *value = "";
    int i;
    int j;

    for (i = 0; i < 3; i++) {
        for (j = 0; force[i] && j < 3 && force[i]->names[j]; j++) {
            value = apr_pstrcat(fuzz_pool, value, *value ? ", " : "",
                                force[i]->names[j], NULL);
        }
    }
    return *value ? value : NULL;
}

static int same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

/* The value for a list: complete, "*", or with credentials what was requested,
 * if it can be echoed.
 */
static void check_list(const case_t *c, const said_t *const force[3],
                       const char *value, const char *echo)
{
    if (!any_in(force)) {
        MUST(same(value, joined(force)));
    }
    else if (!c->credentials) {
        MUST(same(value, is_in(force, "Authorization", 0)
                             ? "*, Authorization" : "*"));
    }
    else {
        MUST(same(value, echo && *echo ? echo : NULL));
    }
}

static void check_allowed(case_t *c, cors_response_t *response)
{
    const char *method = c->request.method;
    int granted;

    MUST(same(one(response, "Access-Control-Allow-Origin"),
              c->star ? "*" : c->request.origin));
    MUST(same(one(response, "Access-Control-Allow-Credentials"),
              c->credentials ? "true" : NULL));
    MUST(same(one(response, "Access-Control-Max-Age"),
              c->bits & HAS_AGE ? "600" : NULL));
    check_list(c, c->methods, one(response, "Access-Control-Allow-Methods"),
               is_possible(method) ? method : NULL);
    check_list(c, c->headers, one(response, "Access-Control-Allow-Headers"),
               requested(c, &granted));
}

static given_oracle_t oracle_asked;

static void check_preflight(case_t *c, const cors_decision_t *decision)
{
    cors_response_t response = { .pool = fuzz_pool, .is_preflight_answer = 1 };
    const char *reason;

    response.headers = apr_table_make(fuzz_pool, 4);
    response.error_headers = apr_table_make(fuzz_pool, 4);
    cors_response_set(&response, c->policy, &c->request, decision);
    if (origin_granted(c)) {
        check_allowed(c, &response);
    }
    else {
        MUST(apr_table_elts(response.headers)->nelts == 2);
    }
    MUST(one(&response, "CORS-Decision"));
    MUST(same(one(&response, "Vary"), "Origin, Access-Control-Request-Method, "
                                      "Access-Control-Request-Headers"));
    reason = cors_reason_text(decision, c->policy, &c->request, &given_oracle,
                              &oracle_asked, fuzz_pool);
    MUST(*reason && fuzz_is_line(reason) && strlen(reason) < 2000);
}

/* A few bytes, repeated, can be more than 4 KiB; not at all is no header. */
static const char *repeat(const char *s, int times)
{
    size_t len = strlen(s);
    char *value = apr_palloc(fuzz_pool, len * (size_t)times + 1);
    int i;

    for (i = 0; i < times; i++) {
        memcpy(value + len * (size_t)i, s, len);
    }
    value[len * (size_t)times] = '\0';
    return times ? value : NULL;
}

/* Two sections that set the same are one. */
static void choose(const said_t *force[3], const said_t *said[2],
                   const said_t *all, int count, int byte)
{
    said[0] = &all[(byte & 15) % count];
    said[1] = &all[(byte >> 4) % count];
    if (said[0] == said[1]) {
        said[0] = &all[0];
    }
    in_force(force, force[0], said[0], said[1]);
}

static void make_request(case_t *c, const char *text, size_t len, int byte)
{
    const char *end = memchr(text, '\n', len);
    size_t method = (size_t)(end - text);

    c->request.is_options = 1;
    c->request.origin = senders[byte & 3];
    c->request.method = apr_pstrmemdup(fuzz_pool, text, method);
    c->request.headers = repeat(apr_pstrmemdup(fuzz_pool, end + 1,
                                               len - method - 1), byte >> 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const said_t *said[4];
    cors_decision_t decision;
    case_t c = { 0, 0, 0, { &default_methods, NULL, NULL },
                 { &default_headers, NULL, NULL }, { NULL, 0, NULL, NULL },
                 NULL };

    if (size < 4 || !memchr(data + 4, '\n', size - 4)) {
        return 0;
    }
    fuzz_begin();
    c.bits = data[0];
    choose(c.methods, said, methods_said, COUNT(methods_said), data[1]);
    choose(c.headers, said + 2, headers_said, COUNT(headers_said), data[2]);
    make_policy(&c, said);
    make_request(&c, (const char *)data + 4, size - 4, data[3]);
    cors_decide(&decision, c.policy, &c.request, &given_oracle, &oracle_asked);
    MUST(decision.outcome == expected(&c));
    check_preflight(&c, &decision);
    return fuzz_end();
}
