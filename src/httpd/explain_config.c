/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain_config.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_main.h>
#include <util_cfgtree.h>

#include "config_check.h"

/* No more of a .htaccess file is read, and no more causes are named. */
#define HTACCESS_MAX 65536
#define CAUSES_MAX 4

int cors_line_is(const ap_directive_t *line, const char *name)
{
    return !strcasecmp(line->directive, name);
}

static int is_host(const ap_directive_t *line, const server_rec *s)
{
    return s->defn_name && s->defn_line_number == (unsigned)line->line_num
           && !strcmp(s->defn_name, line->filename);
}

/* Visit the lines of this host, and of the server config, until one is what is
 * searched for.
 */
int cors_lines_walk(cors_search_t *search, const ap_directive_t *line,
                    cors_visit_t *visit)
{
    for (; line; line = line->next) {
        if (cors_line_is(line, "<VirtualHost")
            && !is_host(line, search->r->server)) {
            continue;
        }
        if (visit(search, line)
            || cors_lines_walk(search, line->first_child, visit)) {
            return 1;
        }
    }
    return 0;
}

const char *cors_line_place(const cors_search_t *search,
                            const ap_directive_t *line)
{
    return apr_psprintf(search->r->pool, "%s %s (%s:%d)", line->directive,
                        line->args, line->filename, line->line_num);
}

const char *cors_search_path(const cors_search_t *search)
{
    const char *path = search->explanation->question.path;
    char *decoded = apr_pstrmemdup(search->r->pool, path, strcspn(path, "?"));

    ap_unescape_url(decoded);
    return decoded;
}

/* The first argument of a section, without quotes and ">". */
static const char *argument(const cors_search_t *search,
                            const ap_directive_t *line)
{
    apr_pool_t *p = search->r->pool;
    apr_size_t len = strlen(line->args);
    const char *args = apr_pstrmemdup(p, line->args, len && line->args[len - 1]
                                                     == '>' ? len - 1 : len);

    return ap_getword_conf(p, &args);
}

int cors_path_is_below(const char *path, const char *section)
{
    apr_size_t len = strlen(section);

    while (len && section[len - 1] == '/') {
        len--;
    }
    return !strncmp(path, section, len)
           && (path[len] == '/' || path[len] == '\0');
}

/* Whether the sections around a line plainly do not apply. Sections with
 * patterns and conditions may.
 */
int cors_line_may_apply(const cors_search_t *search, const ap_directive_t *line)
{
    const request_rec *found = search->answer->found;
    const char *file = found->filename ? found->filename : "";

    for (line = line->parent; line; line = line->parent) {
        const char *section = argument(search, line);

        if (strpbrk(section, "*?[~")) {
            continue;
        }
        if ((cors_line_is(line, "<Location")
             && !cors_path_is_below(cors_search_path(search), section))
            || (cors_line_is(line, "<Directory")
                && !cors_path_is_below(file, section))) {
            return 0;
        }
    }
    return 1;
}

static int visit_header(cors_search_t *search, const ap_directive_t *line)
{
    const char *name = cors_line_is(line, "Header")
        ? cors_header_set_by(line, search->r->pool) : NULL;

    if (name && !strcasecmp(name, "Access-Control-Allow-Origin")
        && cors_line_may_apply(search, line)) {
        search->text = apr_pstrcat(search->r->pool,
                                   cors_line_place(search, line),
                                   " sets the header", NULL);
    }
    return search->text != NULL;
}

/* Up to HTACCESS_MAX bytes of a file; NULL if it cannot be read. */
static char *read_file(const char *name, apr_pool_t *p)
{
    apr_file_t *file;
    char *text = NULL;
    apr_size_t len = HTACCESS_MAX;

    if (apr_file_open(&file, name, APR_READ, APR_OS_DEFAULT, p)
        != APR_SUCCESS) {
        return NULL;
    }
    text = apr_palloc(p, len + 1);
    if (apr_file_read_full(file, text, len, &len) != APR_SUCCESS && !len) {
        text = NULL;
    }
    else {
        text[len] = '\0';
    }
    apr_file_close(file);
    return text;
}

/* Visit the lines of a .htaccess file as if they were a section's. */
static int visit_file(cors_search_t *search, const char *name,
                      cors_visit_t *visit)
{
    ap_directive_t section = { .directive = "<Directory", .args = "*" };
    ap_directive_t line = { .parent = &section, .filename = name };
    char *text = read_file(name, search->r->pool);
    char *end;

    for (line.line_num = 1; text && *text; text = end, line.line_num++) {
        end = strchr(text, '\n');
        if (end) {
            *end++ = '\0';
        }
        line.args = text;
        line.directive = ap_getword_conf(search->r->pool, &line.args);
        if (visit(search, &line)) {
            return 1;
        }
    }
    return 0;
}

int cors_htaccess_walk(cors_search_t *search, cors_visit_t *visit)
{
    request_rec *found = search->answer->found;
    const core_server_config *core =
        ap_get_core_module_config(found->server->module_config);
    const char *name = core->access_name ? core->access_name : ".htaccess";
    const char *root = ap_document_root(found);
    char *file = apr_pstrcat(found->pool, found->filename ? found->filename
                                                          : "",
                             found->path_info, NULL);
    char *dir = apr_pstrdup(found->pool, file);

    while (root && cors_path_is_below(dir, root)) {
        char *slash = strrchr(dir, '/');

        search->rest = file + strlen(dir) + (file[strlen(dir)] == '/');
        if (visit_file(search, apr_pstrcat(found->pool, dir, "/", name, NULL),
                       visit)) {
            return 1;
        }
        if (!slash) {
            break;
        }
        *slash = '\0';
    }
    return 0;
}

int cors_reads_htaccess(const request_rec *found)
{
    const core_dir_config *core =
        ap_get_core_module_config(found->per_dir_config);

    return (core->override & OR_FILEINFO) != 0;
}

const char *cors_explain_header_line(request_rec *r,
                                     const cors_explanation_t *explanation)
{
    cors_search_t search = { .r = r, .explanation = explanation,
                             .answer = &explanation->request };

    if (!cors_lines_walk(&search, ap_conftree, visit_header)
        && cors_reads_htaccess(search.answer->found)) {
        cors_htaccess_walk(&search, visit_header);
    }
    return search.text;
}

static int visit_own(cors_search_t *search, const ap_directive_t *line)
{
    if (!strncasecmp(line->directive, "Cors", 4)) {
        search->line = apr_psprintf(search->r->pool, "%s:%d", line->filename,
                                    line->line_num);
    }
    return search->line != NULL;
}

static void add_cause(cors_search_t *search, const char *cause)
{
    if (search->count++ < CAUSES_MAX) {
        search->text = apr_pstrcat(search->r->pool, search->text, "; ", cause,
                                   NULL);
    }
}

static int sets_origins(const ap_directive_t *line)
{
    while (line && strncasecmp(line->directive, "CorsAllowOrigin", 15) != 0) {
        line = line->next;
    }
    return line != NULL;
}

static const char *location_reason(const cors_search_t *search,
                                   const char *section)
{
    const char *path = cors_search_path(search);
    apr_size_t len = strlen(path);
    apr_size_t other = strlen(section);

    return other == len + 1 && !strncmp(path, section, len)
           && section[len] == '/'
        ? "does not apply, because the URL differs from it by its last slash"
        : "does not match this URL";
}

static int is_proxied(const request_rec *found)
{
    return found->proxyreq
           || (found->filename && !strncmp(found->filename, "proxy:", 6));
}

static const char *section_reason(const cors_search_t *search,
                                  const ap_directive_t *line)
{
    const request_rec *found = search->answer->found;

    if (cors_line_is(line, "<Location")) {
        return location_reason(search, argument(search, line));
    }
    if (cors_line_is(line, "<Directory")
        || cors_line_is(line, "<DirectoryMatch")
        || cors_line_is(line, "<Files") || cors_line_is(line, "<FilesMatch")) {
        return is_proxied(found)
            ? "does not apply, because this URL is proxied and has no file; "
              "use <Location>"
            : apr_psprintf(search->r->pool, "does not apply to the file %s",
                           found->filename ? found->filename : "");
    }
    return "does not match this request";
}

static int visit_section(cors_search_t *search, const ap_directive_t *line)
{
    if (line->first_child && sets_origins(line->first_child)
        && !cors_line_is(line, "<VirtualHost")) {
        add_cause(search, apr_pstrcat(search->r->pool,
                                      cors_line_place(search, line),
                                      " ", section_reason(search, line),
                                      NULL));
    }
    return 0;
}

static int has_origins(const ap_directive_t *line)
{
    for (; line; line = line->next) {
        if (!strncasecmp(line->directive, "CorsAllowOrigin", 15)
            || has_origins(line->first_child)) {
            return 1;
        }
    }
    return 0;
}

static void add_other_hosts(cors_search_t *search)
{
    const ap_directive_t *line;
    const server_rec *s;

    for (line = ap_conftree; line; line = line->next) {
        if (!cors_line_is(line, "<VirtualHost")
            || is_host(line, search->r->server)
            || !has_origins(line->first_child)) {
            continue;
        }
        for (s = ap_server_conf; s && !is_host(line, s); s = s->next) {
        }
        add_cause(search, apr_pstrcat(search->r->pool, "another virtual host "
                                      "has a policy: ",
                                      s ? cors_explain_host(s, search->r->pool)
                                        : cors_line_place(search, line), NULL));
    }
}

static void add_file_causes(cors_search_t *search)
{
    const request_rec *found = search->answer->found;
    const char *line;

    cors_htaccess_walk(search, visit_own);
    line = search->line;
    if (found->status == HTTP_NOT_FOUND
        && ap_strcasestr(search->explanation->question.path, "%2f")) {
        add_cause(search, "AllowEncodedSlashes refused the encoded slash in "
                          "the URL");
    }
    if (line) {
        add_cause(search, apr_pstrcat(search->r->pool, line,
                                      cors_reads_htaccess(found)
                                          ? " has Cors lines that make no "
                                            "policy for this request"
                                          : " is not read, because "
                                            "AllowOverride does not include "
                                            "FileInfo", NULL));
    }
}

const char *cors_explain_no_policy(request_rec *r,
                                   const cors_explanation_t *explanation)
{
    cors_search_t search = { .r = r, .explanation = explanation,
                             .answer = &explanation->request };
    const char *header;

    search.text = apr_psprintf(
        r->pool, "no policy applies in virtual host %s%s",
        cors_explain_host(r->server, r->pool),
        cors_host_has_name(r->server, search.answer->found->hostname)
            ? "" : ", which answers for names that no virtual host has");
    add_file_causes(&search);
    cors_lines_walk(&search, ap_conftree, visit_section);
    if (!search.count) {
        add_other_hosts(&search);
    }
    header = cors_explain_header_line(r, explanation);
    if (header) {
        add_cause(&search, header);
    }
    if (!search.count) {
        add_cause(&search, "no CorsAllowOrigin line is in its configuration");
    }
    return search.text;
}

static int visit_page(cors_search_t *search, const ap_directive_t *line)
{
    if (cors_line_is(line, "CorsExplain") && !strcasecmp(line->args, "On")
        && line->parent && cors_line_is(line->parent, "<Location")) {
        const char *path = argument(search, line->parent);

        search->text = *path == '/' && !strpbrk(path, "*?[") ? path : NULL;
    }
    return search->text != NULL;
}

const char *cors_explain_page(request_rec *r)
{
    cors_search_t search = { .r = r };

    cors_lines_walk(&search, ap_conftree, visit_page);
    return search.text;
}
