/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "regex_check.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "origin.h"

/* Bounds the work on an expression, and the depth of its groups. */
#define TOKENS_MAX 8192
#define DEPTH_MAX  32

/* One expression can contain several mistakes; so many are repaired in turn. */
#define MISTAKES 4

/* An expression is expanded into sequences of tokens without alternatives. A
 * sequence matches everything that the alternative matches, or more: WILD is
 * any string. GAP is where something optional is missing.
 */
typedef enum kind_e { LITERAL, WILD, GAP, BEGIN, END } kind_e;

typedef struct token_t {
    kind_e kind;
    char c;
    /** part of something with a quantifier, so it may be missing */
    int optional;
    /** where in the expression: the atom, and its quantifier up to end */
    int start, quantifier, end;
} token_t;

typedef enum problem_e {
    FINE, UNREADABLE, TOO_MANY, ANY_CHARACTER, WILD_SCHEME, BEFORE_NAME,
    AT_END, SUFFIX,
    /* from here on a sequence can match nothing */
    DEAD, DELIMITERS = DEAD, NO_SCHEME, SLASH, UPPER_CASE, CHARACTER,
    DEFAULT_PORT, NO_HOST
} problem_e;

typedef struct reader_t {
    const char *text;
    const char *at;
    apr_pool_t *p;
    int ignores_case;
    int tokens;
    int depth;
    int has_alternatives;
    /** hosts without a registrable domain, as strings */
    apr_array_header_t *hosts;
    problem_e problem;
    /** the part that is the problem; name is what follows it */
    token_t part;
    const char *name;
} reader_t;

/* apr_array_header_t * of token_t each */
typedef apr_array_header_t sequences_t;

static sequences_t *alternatives(reader_t *in);

static sequences_t *make_sequences(reader_t *in)
{
    return apr_array_make(in->p, 1, sizeof(apr_array_header_t *));
}

static apr_array_header_t *sequence(const sequences_t *set, int i)
{
    return APR_ARRAY_IDX(set, i, apr_array_header_t *);
}

static token_t *token_at(const apr_array_header_t *tokens, int i)
{
    return &APR_ARRAY_IDX(tokens, i, token_t);
}

static void fail(reader_t *in, problem_e problem, const token_t *part)
{
    if (!in->problem) {
        in->problem = problem;
        in->part = *part;
    }
}

static void set_token(reader_t *in, token_t *token, kind_e kind, char c,
                      const char *start)
{
    token->kind = kind;
    token->c = c;
    if (in->ignores_case) {
        token->c = (char)apr_tolower(c);
    }
    token->optional = 0;
    token->start = (int)(start - in->text);
    token->quantifier = token->end = (int)(in->at - in->text);
}

static void unreadable(reader_t *in, token_t *token, const char *start,
                       int len)
{
    in->at = start + len;
    set_token(in, token, WILD, 0, start);
    fail(in, UNREADABLE, token);
    in->at = start + strlen(start);
}

static void escape(reader_t *in, token_t *token)
{
    const char *start = in->at++;
    char c = *in->at;

    in->at += c != '\0';

    if (!apr_isalnum(c) && c != '\0' && (unsigned char)c < 0x80) {
        set_token(in, token, LITERAL, c, start);
    }
    else if (c == 'A' || c == 'z' || c == 'Z') {
        set_token(in, token, c == 'A' ? BEGIN : END, 0, start);
    }
    else if (c != '\0' && strchr("dDwWsShHvVN", c)) {
        set_token(in, token, WILD, 0, start);
    }
    else {
        unreadable(in, token, start, c ? 2 : 1);
    }
}

/* A class of one character is that character. */
static void character_class(reader_t *in, token_t *token)
{
    const char *start = in->at++;
    int negated = *in->at == '^';
    int count = 0;
    char only = 0;

    in->at += negated;
    do {
        if (in->at[0] == '[' && in->at[1] == ':' && strstr(in->at, ":]")) {
            in->at = strstr(in->at, ":]") + 1;
            count++;
        }
        else if (*in->at == '\\') {
            in->at++;
            if (*in->at && strchr("dDwWsShHvV", *in->at)) {
                count++;
            }
            else if (apr_isalnum(*in->at)) {
                unreadable(in, token, start, (int)(in->at - start) + 1);
                return;
            }
        }
        only = *in->at;
        count++;
    } while (*in->at && *++in->at && *in->at != ']');
    if (*in->at != ']') {
        unreadable(in, token, start, 1);
        return;
    }
    in->at++;
    set_token(in, token, negated || count > 1 ? WILD : LITERAL, only, start);
}

/* Anything but a group is one token. */
static void atom(reader_t *in, token_t *token)
{
    const char *start = in->at;

    switch (*start) {
    case '\\':
        escape(in, token);
        break;
    case '[':
        character_class(in, token);
        break;
    case '{': case '*': case '+': case '?':
        unreadable(in, token, start, 1);
        break;
    default:
        in->at++;
        set_token(in, token, *start == '.' ? WILD
                             : *start == '^' ? BEGIN
                             : *start == '$' ? END : LITERAL, *start, start);
    }
}

static sequences_t *one_token(reader_t *in, const token_t *only)
{
    sequences_t *set = make_sequences(in);
    apr_array_header_t *tokens = apr_array_make(in->p, 1, sizeof(token_t));

    APR_ARRAY_PUSH(tokens, token_t) = *only;
    APR_ARRAY_PUSH(set, apr_array_header_t *) = tokens;
    return set;
}

static sequences_t *group(reader_t *in)
{
    const char *start = in->at++;
    sequences_t *set = NULL;
    token_t token;
    int len = *in->at == '*' || (*in->at == '?' && in->at[1] != ':') ? 2
              : ++in->depth > DEPTH_MAX;

    if (!len) {
        in->at += *in->at == '?' ? 2 : 0;
        set = alternatives(in);
        in->depth--;
    }
    if (!set || *in->at != ')') {
        unreadable(in, &token, start, len ? len : 1);
        return one_token(in, &token);
    }
    in->at++;
    return set;
}

/* Read a quantifier: the fewest and the most times, 2 for more. */
static int read_quantifier(reader_t *in, int *min, int *max)
{
    const char *start = in->at;
    char *end;

    *min = *in->at == '+';
    *max = *in->at == '?' ? 1 : 2;
    if (*in->at == '{' && apr_isdigit(in->at[1])) {
        *min = *max = (int)apr_strtoi64(in->at + 1, &end, 10);
        if (*end == ',') {
            *max = apr_isdigit(end[1])
                       ? (int)apr_strtoi64(end + 1, &end, 10) : (end++, 2);
        }
        in->at = *end == '}' ? end + 1 : in->at;
    }
    else if (*in->at && strchr("*+?", *in->at)) {
        in->at++;
    }
    if (in->at > start && (*in->at == '?' || *in->at == '+')) {
        in->at++;
    }
    return in->at > start;
}

/* The tokens of one sequence behind those of another. */
static apr_array_header_t *join(reader_t *in, const apr_array_header_t *a,
                                const apr_array_header_t *b)
{
    in->tokens += a->nelts + b->nelts + 1;
    return apr_array_append(in->p, a, b);
}

/* What is quantified may be missing, or be repeated: then only its last
 * repetition counts, and anything may precede it.
 */
static sequences_t *quantified(reader_t *in, const sequences_t *set,
                               const token_t *part, int min, int max)
{
    sequences_t *result = make_sequences(in);
    token_t extra = *part;
    int i;
    int j;

    if (min == 0) {
        extra.kind = GAP;
        result = one_token(in, &extra);
    }
    extra.kind = WILD;
    for (i = 0; i < set->nelts && max > 0; i++) {
        apr_array_header_t *tokens =
            join(in, sequence(one_token(in, &extra), 0), sequence(set, i));

        for (j = 0; j < tokens->nelts; j++) {
            token_at(tokens, j)->optional = 1;
            token_at(tokens, j)->start = part->start;
            token_at(tokens, j)->quantifier = part->quantifier;
            token_at(tokens, j)->end = part->end;
        }
        if (max == 1 && min <= 1) {
            token_at(tokens, 0)->kind = GAP;
        }
        APR_ARRAY_PUSH(result, apr_array_header_t *) = tokens;
    }
    return result;
}

static sequences_t *product(reader_t *in, sequences_t *set,
                            const sequences_t *next)
{
    sequences_t *result;
    int i;
    int j;

    if (set->nelts == 1 && next->nelts == 1) {
        apr_array_cat(sequence(set, 0), sequence(next, 0));
        return set;
    }
    result = make_sequences(in);
    for (i = 0; i < set->nelts; i++) {
        for (j = 0; j < next->nelts && in->tokens < TOKENS_MAX; j++) {
            APR_ARRAY_PUSH(result, apr_array_header_t *) =
                join(in, sequence(set, i), sequence(next, j));
        }
    }
    return result;
}

static sequences_t *add_token(reader_t *in, sequences_t *set,
                              const token_t *next)
{
    int i;

    in->tokens += set->nelts;
    for (i = 0; i < set->nelts; i++) {
        APR_ARRAY_PUSH(sequence(set, i), token_t) = *next;
    }
    return set;
}

/* A token or a group, with its quantifier. A character that is repeated is any
 * string.
 */
static sequences_t *next_part(reader_t *in, sequences_t *set)
{
    const char *start = in->at;
    sequences_t *next = NULL;
    token_t part;
    int min;
    int max;

    if (*start == '(') {
        next = group(in);
        set_token(in, &part, WILD, 0, start);
    }
    else {
        atom(in, &part);
    }
    if (read_quantifier(in, &min, &max) && (min != 1 || max != 1)) {
        part.end = (int)(in->at - in->text);
        if (!next && (max > 1 || part.kind == WILD)) {
            part.kind = WILD;
            part.optional = 1;
            return add_token(in, set, &part);
        }
        next = quantified(in, next ? next : one_token(in, &part), &part, min,
                          max);
    }
    return next ? product(in, set, next) : add_token(in, set, &part);
}

static sequences_t *concatenation(reader_t *in)
{
    sequences_t *set = make_sequences(in);

    APR_ARRAY_PUSH(set, apr_array_header_t *) =
        apr_array_make(in->p, 64, sizeof(token_t));
    while (*in->at && *in->at != '|' && *in->at != ')'
           && in->tokens < TOKENS_MAX) {
        set = next_part(in, set);
    }
    return set;
}

static sequences_t *alternatives(reader_t *in)
{
    sequences_t *set = concatenation(in);

    while (*in->at == '|') {
        in->at++;
        in->has_alternatives |= in->depth == 0;
        apr_array_cat(set, concatenation(in));
    }
    return set;
}

/* A sequence without its anchors, and what is found in it. */
typedef struct host_t {
    const apr_array_header_t *tokens;
    int from, to;
    int is_http;
    char scheme[CORS_SCHEME_MAX + 1];
} host_t;

static int is_literal(const host_t *host, int i, char c)
{
    return i < host->to && token_at(host->tokens, i)->kind == LITERAL
           && token_at(host->tokens, i)->c == c;
}

/* The literal characters from one token to another. */
static const char *literals(reader_t *in, const apr_array_header_t *tokens,
                            int from, int to)
{
    char *text = apr_pcalloc(in->p, (apr_size_t)(to - from) + 1);
    char *end = text;

    for (; from < to; from++) {
        if (token_at(tokens, from)->kind == LITERAL) {
            *end++ = token_at(tokens, from)->c;
        }
    }
    return text;
}

static problem_e strip_anchors(reader_t *in, host_t *host)
{
    int i;

    while (host->from < host->to
           && token_at(host->tokens, host->from)->kind == BEGIN) {
        host->from++;
    }
    while (host->from < host->to
           && token_at(host->tokens, host->to - 1)->kind == END) {
        host->to--;
    }
    for (i = host->from; i < host->to; i++) {
        if (token_at(host->tokens, i)->kind >= BEGIN) {
            in->part = *token_at(host->tokens, i);
            return UNREADABLE;
        }
    }
    return FINE;
}

/* The scheme must be written out, up to "://". */
static problem_e find_scheme(reader_t *in, host_t *host)
{
    const char *end = "://";
    int len = 0;
    int i;

    for (i = host->from; *end != '\0'; i++) {
        if (i >= host->to || len == CORS_SCHEME_MAX) {
            return NO_SCHEME;
        }
        in->part = *token_at(host->tokens, i);
        if (in->part.kind == WILD) {
            host->is_http = !strncmp("http", host->scheme, (apr_size_t)len);
            return WILD_SCHEME;
        }
        if (in->part.kind == LITERAL && in->part.c == *end) {
            end++;
        }
        else if (in->part.kind == LITERAL) {
            if (*end != ':') {
                return NO_SCHEME;
            }
            host->scheme[len++] = in->part.c;
        }
    }
    if (apr_isupper(host->scheme[0])) {
        return UPPER_CASE;
    }
    host->is_http = !strcmp(host->scheme, "http");
    host->from = i;
    return FINE;
}

/* Characters that occur in no origin, and the default port. */
static problem_e find_dead(reader_t *in, const host_t *host)
{
    int port = cors_scheme_port(host->scheme, strlen(host->scheme));
    int i;

    for (i = host->from; i < host->to; i++) {
        const token_t *at = token_at(host->tokens, i);

        in->part = *at;
        if (at->kind != LITERAL || apr_islower(at->c) || apr_isdigit(at->c)
            || strchr("-_.[]", at->c)) {
            continue;
        }
        if (at->c != ':') {
            return at->c == '/' ? SLASH
                   : apr_isupper(at->c) ? UPPER_CASE : CHARACTER;
        }
        if (host->to - i <= 4 && port > 0
            && port == cors_port_number(literals(in, host->tokens, i + 1,
                                                 host->to))) {
            return DEFAULT_PORT;
        }
    }
    return FINE;
}

static void end_host(host_t *host)
{
    int i = host->from;

    while (i < host->to && is_literal(host, host->from, '[')
           && !is_literal(host, i, ']')) {
        i++;
    }
    while (i < host->to && !is_literal(host, i, ':')) {
        i++;
    }
    host->to = i;
    while (host->to > host->from
           && token_at(host->tokens, host->to - 1)->kind == GAP) {
        host->to--;
    }
}

/* Where the name begins: behind all that is wild or may be missing. */
static int find_name(const host_t *host)
{
    int i = host->to;

    while (i > host->from && token_at(host->tokens, i - 1)->kind == LITERAL
           && !token_at(host->tokens, i - 1)->optional) {
        i--;
    }
    return i;
}

/* Whether the host begins there, or a dot that is not missing precedes. */
static int is_boundary(const host_t *host, int i)
{
    while (i > host->from && token_at(host->tokens, i - 1)->kind == GAP) {
        i--;
    }
    return i == host->from || is_literal(host, i - 1, '.');
}

/* Whether a name ends in a domain that was found before: looking one up costs
 * more than all else.
 */
static int is_known(const apr_array_header_t *domains, const char *name)
{
    apr_size_t len = strlen(name);
    int i;

    for (i = 0; i < domains->nelts; i++) {
        const char *domain = APR_ARRAY_IDX(domains, i, const char *);
        apr_size_t n = strlen(domain);

        if (n <= len && !strcmp(name + len - n, domain)
            && (n == len || name[len - n - 1] == '.')) {
            return 1;
        }
    }
    return 0;
}

/* Note the registrable domain of a name.
 * @return 0 if it has none
 */
static int add_domain(apr_array_header_t *domains, const char *name)
{
    apr_size_t len = strlen(name);
    apr_size_t domain;

    if (len == 0 || is_known(domains, name)) {
        return len > 0;
    }
    domain = cors_host_domain(name, len);
    if (domain > 0) {
        APR_ARRAY_PUSH(domains, const char *) = name + len - domain;
    }
    return domain > 0;
}

static problem_e check_name(reader_t *in, host_t *host, const char *name,
                            int is_whole, apr_array_header_t *domains)
{
    apr_size_t len = strlen(name);

    if (len > 0 && cors_host_is_loopback(name, len)) {
        host->is_http = 0;
    }
    else if (add_domain(domains, name)) {
        return FINE;
    }
    else if (!is_whole) {
        return cors_host_domain(in->name, strlen(in->name)) ? BEFORE_NAME
                                                            : SUFFIX;
    }
    else if (cors_host_kind(name, len) > CORS_HOST_IPV6) {
        return NO_HOST;
    }
    if (!is_known(in->hosts, name)) {
        APR_ARRAY_PUSH(in->hosts, const char *) = name;
    }
    return FINE;
}

static problem_e check_host(reader_t *in, host_t *host,
                            apr_array_header_t *domains)
{
    int start = find_name(host);
    const char *name = literals(in, host->tokens, start, host->to);

    if (start == host->from) {
        return check_name(in, host, name, 1, domains);
    }
    in->part = *token_at(host->tokens, start - 1);
    in->name = name;
    if (*name == '\0') {
        return AT_END;
    }
    if (!is_boundary(host, start) || *name == '.') {
        name = strchr(name, '.') ? strchr(name, '.') + 1 : "";
    }
    return check_name(in, host, name, 0, domains);
}

/* "/.../" or "/.../i", as in other languages. */
static int is_delimited(const char *text)
{
    const char *end = strrchr(text, '/');

    return *text == '/' && end > text && (!end[1] || !strcmp(end + 1, "i"));
}

static problem_e check_sequence(reader_t *in, host_t *host,
                                apr_array_header_t *domains)
{
    problem_e problem = is_delimited(in->text) ? DELIMITERS
                                               : strip_anchors(in, host);

    problem = problem ? problem : find_scheme(in, host);
    problem = problem ? problem : find_dead(in, host);
    if (!problem) {
        end_host(host);
        problem = check_host(in, host, domains);
    }
    return problem;
}

/* A single '.' that was meant as a dot explains more than what follows. */
static problem_e explain(reader_t *in, problem_e problem)
{
    const token_t *part = &in->part;

    return (problem == BEFORE_NAME || problem == AT_END || problem == SUFFIX)
           && part->kind == WILD && !part->optional
           && in->text[part->start] == '.' ? ANY_CHARACTER : problem;
}

/* A problem of one alternative is one of the whole, but those that can match
 * nothing are ignored as long as another can; one without a scheme is not.
 */
static void read_expression(reader_t *in, cors_regex_check_t *check)
{
    apr_array_header_t *domains = apr_array_make(in->p, 2,
                                                 sizeof(const char *));
    problem_e dead = FINE;
    token_t dead_part;
    int alive = 0;
    sequences_t *set;
    int i;

    in->hosts = apr_array_make(in->p, 0, sizeof(const char *));
    set = alternatives(in);
    if (in->tokens >= TOKENS_MAX || *in->at) {
        in->problem = in->problem ? in->problem : TOO_MANY;
    }
    check->insecure = in->problem && strncmp(in->text, "https://", 8) != 0;
    for (i = 0; i < set->nelts && !in->problem; i++) {
        host_t host = { NULL, 0, 0, 0, "" };
        problem_e problem;

        host.tokens = sequence(set, i);
        host.to = host.tokens->nelts;
        problem = check_sequence(in, &host, domains);
        if (problem >= DEAD) {
            dead_part = in->part;
            dead = dead == NO_SCHEME ? dead : problem;
            continue;
        }
        alive = 1;
        check->insecure |= host.is_http;
        in->problem = explain(in, problem);
    }
    if (!in->problem && dead && (!alive || dead == NO_SCHEME)) {
        in->problem = alive ? WILD_SCHEME : dead;
        in->part = dead_part;
    }
    apr_array_cat(domains, in->hosts);
    check->domains = in->problem ? NULL : domains;
}

static const char *cut(reader_t *in, int from, const char *with, int to)
{
    return apr_pstrcat(in->p, apr_pstrndup(in->p, in->text, (apr_size_t)from),
                       with, in->text + to, NULL);
}

/* ".*" before a name becomes "(.*[.])?", and ".+" becomes ".+[.]". A class such
 * as "[a-z]+" can be meant as part of a label.
 */
static const char *add_boundary(reader_t *in)
{
    const token_t *part = &in->part;
    char quantifier = in->text[part->quantifier];
    int end = quantifier == '?' ? part->quantifier : part->end;

    if (in->text[part->start] == '[' || !apr_isalnum(in->name[0])) {
        return NULL;
    }
    if (quantifier != '*' && quantifier != '?') {
        return cut(in, end, "[.]", end);
    }
    return apr_psprintf(in->p, "%.*s(%.*s[.])?%s", part->start, in->text,
                        end - part->start, in->text + part->start,
                        in->text + part->end);
}

/* Behind "^" and "(?i)"; or what makes a scheme optional goes. */
static const char *add_scheme(reader_t *in)
{
    const char *optional = strstr(in->text, "://)?");
    int start = in->ignores_case ? 4 : 0;

    if (optional) {
        return cut(in, (int)(optional - in->text) + 4, "",
                   (int)(optional - in->text) + 5);
    }
    start += in->text[start] == '^';
    return in->has_alternatives || strpbrk(in->text + start, ":/") ? NULL
           : cut(in, start, "https://", start);
}

static const char *without_delimiters(reader_t *in)
{
    const char *end = strrchr(in->text, '/');

    return apr_pstrcat(in->p, end[1] == 'i' ? "(?i)" : "",
                       apr_pstrmemdup(in->p, in->text + 1,
                                      (apr_size_t)(end - in->text) - 1), NULL);
}

/* Up to the problem; a closing "$" is kept. */
static const char *without_rest(reader_t *in)
{
    int len = (int)strlen(in->text);

    return cut(in, in->part.start, "",
               len - (len > 0 && in->text[len - 1] == '$'));
}

/* The spelling that the author meant, itself unchecked; NULL if unknown. */
static const char *repair(reader_t *in)
{
    switch (in->problem) {
    case ANY_CHARACTER:
        return cut(in, in->part.start, "[.]", in->part.end);
    case WILD_SCHEME: case NO_SCHEME:
        return add_scheme(in);
    case BEFORE_NAME:
        return add_boundary(in);
    case DELIMITERS:
        return without_delimiters(in);
    case CHARACTER:
        return in->text[in->part.end] ? NULL : without_rest(in);
    case SLASH: case DEFAULT_PORT:
        return without_rest(in);
    case UPPER_CASE:
        return apr_pstrcat(in->p, "(?i)", in->text, NULL);
    default:
        return NULL;
    }
}

static void read_from(reader_t *in, const char *text, apr_pool_t *p,
                      cors_regex_check_t *check)
{
    memset(in, 0, sizeof(*in));
    memset(check, 0, sizeof(*check));
    in->text = in->at = text;
    in->p = p;
    if (!strncmp(text, "(?i)", 4)) {
        in->ignores_case = 1;
        in->at += 4;
    }
    read_expression(in, check);
}

static const char *repaired(const reader_t *in)
{
    reader_t next = *in;
    cors_regex_check_t check;
    int tries;

    for (tries = 0; tries < MISTAKES; tries++) {
        const char *text = repair(&next);

        if (!text) {
            return NULL;
        }
        read_from(&next, text, in->p, &check);
        if (!next.problem) {
            return text;
        }
    }
    return NULL;
}

/* The first "%s" is the part, the second the name that follows it. */
static const char *const clauses[] = {
    [UNREADABLE] = "contains \"%s\", which cannot be checked",
    [TOO_MANY] = "contains too many combinations to be checked",
    [ANY_CHARACTER] = "contains an unescaped '.', which matches any character",
    [WILD_SCHEME] = "must begin with a scheme that is written out, such as "
                    "\"https://\"",
    [BEFORE_NAME] = "has \"%s\" directly before \"%s\", so it also matches "
                    "look-alike hosts",
    [AT_END] = "has \"%s\" at the end of the host, so it also matches other "
               "sites",
    [SUFFIX] = "has \"%s\" before \"%s\", and anyone can register a name "
               "there",
    [DELIMITERS] = "matches no origin, because it is enclosed in '/'",
    [NO_SCHEME] = "matches no origin, because it does not begin with a scheme "
                  "such as \"https://\"",
    [SLASH] = "matches no origin, because it has '/' after the host",
    [UPPER_CASE] = "matches no origin, because browsers send lower case",
    [CHARACTER] = "matches no origin, because it contains \"%s\"",
    [DEFAULT_PORT] = "matches no origin, because browsers do not send a "
                     "default port",
    [NO_HOST] = "matches no origin, because it has no valid host name"
};

static const char *clause(const reader_t *in)
{
    const char *part = apr_pstrndup(in->p, in->text + in->part.start,
                                    (apr_size_t)(in->part.end
                                                 - in->part.start));

    if (in->problem == CHARACTER && *part < 0) {
        return "matches no origin, because it contains a non-ASCII character";
    }
    return apr_pstrcat(in->p,
                       apr_psprintf(in->p, clauses[in->problem], part,
                                    in->name),
                       in->problem == CHARACTER && strpbrk(part, ",;|")
                           ? "; separate expressions with spaces" : NULL,
                       NULL);
}

/* The proposal, unless it cannot match anything either. */
static const char *possible_repair(const reader_t *in)
{
    const char *text = repaired(in);
    cors_regex_check_t check;
    reader_t again;

    if (!text) {
        return NULL;
    }
    read_from(&again, text, in->p, &check);
    return again.problem < DEAD && again.problem != WILD_SCHEME ? text : NULL;
}

void cors_regex_check(cors_regex_check_t *check, const char *expression,
                      apr_pool_t *p)
{
    reader_t in;

    read_from(&in, expression, p, check);
    if (in.problem >= DEAD) {
        check->never = clause(&in);
        check->possible = possible_repair(&in);
    }
    else if (in.problem) {
        check->loose = clause(&in);
        check->tighter = repaired(&in);
    }
}
