/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain_question.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>
#include <http_core.h>
#include <http_main.h>
#include <http_protocol.h>
#include <util_script.h>

#include "../names.h"
#include "../origin.h"
#include "../policy.h"
#include "../reason.h"

const char *cors_explain_host(const server_rec *s, apr_pool_t *p)
{
    const char *name = s->server_hostname ? s->server_hostname : "";
    int port = s->port ? s->port : s->addrs ? s->addrs->host_port : 0;

    if (port) {
        name = apr_psprintf(p, "%s:%d", name, port);
    }
    return s->defn_name
        ? apr_psprintf(p, "%s (%s:%u)", name, s->defn_name,
                       s->defn_line_number)
        : apr_pstrcat(p, name, " (server config)", NULL);
}

static void refuse(cors_question_t *question, request_rec *r,
                   const char *field, const char *value, const char *reason)
{
    if (!question->error) {
        question->error = value
            ? apr_psprintf(r->pool, "%s \"%s\" %s", field,
                           cors_printable(value, CORS_SHOWN_MAX, r->pool),
                           reason)
            : apr_psprintf(r->pool, "%s %s", field, reason);
    }
}

int cors_host_has_name(const server_rec *s, const char *host)
{
    int i;

    if (!host) {
        return 0;
    }
    if (s->server_hostname && !strcasecmp(s->server_hostname, host)) {
        return 1;
    }
    for (i = 0; s->names && i < s->names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(s->names, i, const char *);

        if (name && !strcasecmp(name, host)) {
            return 1;
        }
    }
    for (i = 0; s->wild_names && i < s->wild_names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(s->wild_names, i, const char *);

        if (name && !ap_strcasecmp_match(host, name)) {
            return 1;
        }
    }
    return 0;
}

static int has_port(const server_rec *s, int port)
{
    const server_addr_rec *address;

    for (address = s->addrs; address; address = address->next) {
        if (!address->host_port || address->host_port == port) {
            return 1;
        }
    }
    return 0;
}

/* The virtual host that answers for a name and port; NULL if none has both. */
static const server_rec *find_host(const request_rec *r, const char *host,
                                   int port)
{
    const server_rec *s;

    if (cors_host_has_name(r->server, host) && has_port(r->server, port)) {
        return r->server;
    }
    for (s = ap_server_conf; s; s = s->next) {
        if (s->is_virtual && cors_host_has_name(s, host) && has_port(s, port)) {
            return s;
        }
    }
    return NULL;
}

static void check_host(cors_question_t *question, request_rec *r,
                       const apr_uri_t *uri)
{
    int port = uri->port ? uri->port
               : cors_scheme_port(uri->scheme, strlen(uri->scheme));
    const server_rec *s = find_host(r, uri->hostname, port);

    if (s && s != r->server) {
        refuse(question, r, "url", question->url,
               apr_psprintf(r->pool, "is answered by virtual host %s; use the "
                            "explain page there",
                            cors_explain_host(s, r->pool)));
    }
    else if (!s && !cors_host_has_name(r->server, uri->hostname)
             && (!r->hostname || strcasecmp(r->hostname, uri->hostname) != 0)) {
        refuse(question, r, "url", question->url,
               apr_psprintf(r->pool, "has a host that is not a name of any "
                            "virtual host here; this page covers %s",
                            cors_explain_host(r->server, r->pool)));
    }
}

/* What a browser would percent-encode before it sends it. */
static const char *encoded_path(const char *path, apr_pool_t *p)
{
    char *encoded = apr_palloc(p, 3 * strlen(path) + 1);
    char *to = encoded;

    for (; *path != '\0' && *path != '#'; path++) {
        unsigned char c = (unsigned char)*path;

        if (c <= 0x20 || c > 0x7e || strchr("\"<>\\^`{|}", c)) {
            to += apr_snprintf(to, sizeof("%ff"), "%%%02X", c);
        }
        else {
            *to++ = (char)c;
        }
    }
    *to = '\0';
    return encoded;
}

static void read_url(cors_question_t *question, request_rec *r)
{
    const char *url = question->url;
    apr_uri_t uri;

    if (!url) {
        refuse(question, r, "url", NULL, "is missing: enter a path, or a whole "
               "URL of this virtual host");
    }
    else if (url[0] == '/' && url[1] != '/') {
        question->path = encoded_path(url, r->pool);
    }
    else if (apr_uri_parse(r->pool, url, &uri) != APR_SUCCESS
             || !uri.hostname || !uri.scheme
             || !cors_scheme_port(uri.scheme, strlen(uri.scheme))) {
        refuse(question, r, "url", url, "must be a path such as \"/items\", or "
               "a whole http or https URL");
    }
    else {
        check_host(question, r, &uri);
        question->host = uri.port_str
            ? apr_pstrcat(r->pool, uri.hostname, ":", uri.port_str, NULL)
            : uri.hostname;
        question->path = apr_pstrcat(r->pool,
                                     encoded_path(uri.path ? uri.path : "/",
                                                  r->pool),
                                     uri.query ? "?" : "",
                                     uri.query ? encoded_path(uri.query,
                                                              r->pool) : "",
                                     NULL);
    }
}

/* The origin of a pasted URL; NULL if it has none. */
static const char *origin_of(const char *url, apr_pool_t *p)
{
    cors_origin_t origin;
    apr_uri_t uri;
    char *text;

    if (!strncasecmp(url, "file:", 5)) {
        return "null";
    }
    if (apr_uri_parse(p, url, &uri) != APR_SUCCESS || !uri.scheme
        || !uri.hostname) {
        return NULL;
    }
    ap_str_tolower(uri.scheme);
    text = apr_pstrcat(p, uri.scheme, "://",
                       ap_strchr_c(uri.hostname, ':') ? "[" : "", uri.hostname,
                       ap_strchr_c(uri.hostname, ':') ? "]" : "", NULL);
    if (uri.port && uri.port != cors_scheme_port(uri.scheme,
                                                 strlen(uri.scheme))) {
        text = apr_psprintf(p, "%s:%d", text, uri.port);
    }
    ap_str_tolower(text);
    return cors_origin_parse(&origin, text) ? text : NULL;
}

static void read_origin(cors_question_t *question, request_rec *r)
{
    const char *entered = question->origin;
    const char *found;
    cors_origin_t origin;

    if (!entered) {
        refuse(question, r, "origin", NULL, "is missing: enter the scheme, "
               "host and port of the page, such as https://app.example.com");
        return;
    }
    if (!strcmp(entered, "null") || !strcmp(entered, "file://")
        || !strcmp(entered, "app://.")
        || cors_origin_parse(&origin, entered)) {
        return;
    }
    found = origin_of(entered, r->pool);
    if (!found) {
        refuse(question, r, "origin", entered, "is not an origin: write "
               "scheme://host[:port], or null");
        return;
    }
    question->origin = found;
    question->origin_note =
        apr_psprintf(r->pool, "the origin of \"%s\" is \"%s\"",
                     cors_printable(entered, CORS_SHOWN_MAX, r->pool), found);
}

static void read_method(cors_question_t *question, request_rec *r)
{
    char *method = apr_pstrdup(r->pool, question->method ? question->method
                                                         : "GET");

    if (!cors_token_is(method, strlen(method))) {
        refuse(question, r, "method", method, "is not a valid method name");
    }
    if (cors_method_is_normalised(method)) {
        ap_str_toupper(method);
    }
    question->method = method;
}

/* Headers that every script may set, with usual values (Fetch,
 * "CORS-safelisted request-header"). Content-Type is not one of them for JSON.
 */
static int is_simple_header(const char *name)
{
    return !strcmp(name, "accept") || !strcmp(name, "accept-language")
           || !strcmp(name, "content-language");
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Browsers send each name once, in lower case, in alphabetical order. */
static void read_headers(cors_question_t *question, request_rec *r)
{
    const char *cursor = question->headers ? question->headers : "";
    apr_array_header_t *names = apr_array_make(r->pool, 4, sizeof(char *));
    const char *last = "";
    cors_span_t item;
    int i;

    while (cors_list_next(&cursor, &item)) {
        char *name = apr_pstrmemdup(r->pool, item.at, item.len);

        ap_str_tolower(name);
        if (!cors_token_is(name, item.len)) {
            refuse(question, r, "headers", name, "is not a valid header name; "
                   "separate names with commas");
        }
        else if (!is_simple_header(name)
                 && !cors_header_is_never_requested(name)) {
            APR_ARRAY_PUSH(names, const char *) = name;
        }
    }
    qsort(names->elts, (size_t)names->nelts, sizeof(char *), compare_names);
    if (question->error) {
        return;
    }
    question->headers = NULL;
    for (i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);

        if (strcmp(name, last) != 0) {
            question->headers = question->headers
                ? apr_pstrcat(r->pool, question->headers, ",", name, NULL)
                : name;
        }
        last = name;
    }
}

static const char *field_of(const apr_table_t *query, const char *name)
{
    const char *value = apr_table_get(query, name);

    while (value && apr_isspace(*value)) {
        value++;
    }
    return value && *value ? value : NULL;
}

static int is_on(const char *value)
{
    return value && strcasecmp(value, "off") != 0 && strcmp(value, "0") != 0;
}

/* A form sends a space as "+", which ap_args_to_table() leaves as it is. */
static apr_table_t *read_query(request_rec *r)
{
    char *args = r->args;
    apr_table_t *query;
    char *at;

    r->args = apr_pstrdup(r->pool, args);
    for (at = r->args; at && *at != '\0'; at++) {
        if (*at == '+') {
            *at = ' ';
        }
    }
    ap_args_to_table(r, &query);
    r->args = args;
    return query;
}

void cors_question_read(cors_question_t *question, request_rec *r)
{
    apr_table_t *query = read_query(r);
    const char *format;

    format = field_of(query, "format");
    question->url = field_of(query, "url");
    question->origin = field_of(query, "origin");
    question->method = field_of(query, "method");
    question->headers = field_of(query, "headers");
    question->credentials = is_on(field_of(query, "credentials"));
    question->json = format && !strcmp(format, "json");
    read_url(question, r);
    read_origin(question, r);
    read_method(question, r);
    read_headers(question, r);
}

int cors_question_needs_preflight(const cors_question_t *question)
{
    cors_span_t method = { question->method, strlen(question->method) };

    return question->headers
           || !cors_layers_have_name(&cors_default_methods, &method);
}

const char *cors_question_url(request_rec *r, const cors_question_t *question)
{
    const char *host = question->host ? question->host
                       : apr_table_get(r->headers_in, "Host");
    const char *whole = question->url && question->url[0] != '/'
        ? ap_strstr_c(question->url, "://") : NULL;

    return apr_pstrcat(r->pool,
                       whole ? apr_pstrmemdup(r->pool, question->url,
                                              whole - question->url)
                             : ap_http_scheme(r), "://",
                       host ? host : ap_get_server_name(r), question->path,
                       NULL);
}

/* In single quotes a shell changes nothing but the quote. */
static const char *quoted(const char *text, apr_pool_t *p)
{
    char *shell = apr_palloc(p, 4 * strlen(text) + sizeof("''"));
    char *to = shell;

    *to++ = '\'';
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            *to++ = '\'';
            *to++ = '\\';
            *to++ = '\'';
        }
        *to++ = *text;
    }
    memcpy(to, "'", sizeof("'"));
    return shell;
}

static const char *header_option(const char *command, const char *name,
                                 const char *value, apr_pool_t *p)
{
    return apr_pstrcat(p, command, " -H ",
                       quoted(apr_pstrcat(p, name, ": ", value, NULL), p),
                       NULL);
}

const char *cors_question_curl(request_rec *r,
                               const cors_question_t *question)
{
    int is_preflight = cors_question_needs_preflight(question);
    const char *command = apr_pstrcat(
        r->pool, "curl -i --globoff",
        is_preflight ? " -X OPTIONS"
        : strcmp(question->method, "HEAD") == 0 ? " --head"
        : strcmp(question->method, "GET") == 0 ? "" : " -X POST", NULL);

    command = header_option(command, "Origin", question->origin, r->pool);
    if (is_preflight) {
        command = header_option(command, "Access-Control-Request-Method",
                                question->method, r->pool);
    }
    if (is_preflight && question->headers) {
        command = header_option(command, "Access-Control-Request-Headers",
                                question->headers, r->pool);
    }
    return apr_pstrcat(r->pool, command, " ",
                       quoted(cors_question_url(r, question), r->pool), NULL);
}
