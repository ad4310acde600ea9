/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "dump.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <util_cfgtree.h>

#include "../reason.h"
#include "config_check.h"
#include "context.h"
#include "module.h"
#include "observe.h"

typedef struct dump_t {
    apr_file_t *out;
    apr_pool_t *p;
    server_rec *main_server;
    /** what was printed of the current server */
    const server_rec *s;
    int found;
} dump_t;

static const char *host_name(const dump_t *to, const server_rec *s)
{
    return s->port ? apr_psprintf(to->p, "%s:%u", s->server_hostname, s->port)
                   : s->server_hostname;
}

static const char *server_name(const dump_t *to, const server_rec *s)
{
    return s->defn_name
        ? apr_psprintf(to->p, "virtual host %s (%s:%u)", host_name(to, s),
                       s->defn_name, s->defn_line_number)
        : "server config";
}

/* ", name:port" if the line opens a virtual host. */
static const char *virtual_host(const dump_t *to, const ap_directive_t *line)
{
    const server_rec *s;

    for (s = to->main_server; s; s = s->next) {
        if (s->defn_name && s->defn_line_number == (unsigned)line->line_num
            && !strcmp(s->defn_name, line->filename)) {
            return apr_pstrcat(to->p, ", ", host_name(to, s), NULL);
        }
    }
    return "";
}

static int has_own_line(const ap_directive_t *line)
{
    while (line && !cors_is_own_directive(line)) {
        line = line->next;
    }
    return line != NULL;
}

static void print_lines(const dump_t *to, const ap_directive_t *line,
                        int depth)
{
    for (; line; line = line->next) {
        if (cors_is_own_directive(line)) {
            apr_file_printf(to->out, "%*s%s %s (%s:%d)\n", 4 * depth, "",
                            line->directive, line->args, line->filename,
                            line->line_num);
        }
    }
}

static void print_sections(const dump_t *to, const ap_directive_t *line,
                           int depth)
{
    for (; line; line = line->next) {
        if (!line->first_child || !cors_has_own_directive(line->first_child)) {
            continue;
        }
        apr_file_printf(to->out, "%*s%s %s (%s:%d%s)\n", 4 * depth, "",
                        line->directive, line->args, line->filename,
                        line->line_num, virtual_host(to, line));
        print_lines(to, line->first_child, depth + 1);
        print_sections(to, line->first_child, depth + 1);
    }
}

static void print_configuration(const dump_t *to)
{
    if (!cors_has_own_directive(ap_conftree)) {
        apr_file_puts("    no directive of mod_cors\n", to->out);
        return;
    }
    if (has_own_line(ap_conftree)) {
        apr_file_puts("    server config\n", to->out);
        print_lines(to, ap_conftree, 2);
    }
    print_sections(to, ap_conftree, 1);
}

/* The next section for the path "/", which applies to every URL; NULL if there
 * is none from index *i on.
 */
static const cors_policy_t *next_root(const apr_array_header_t *sections,
                                      int *i)
{
    while (*i < sections->nelts) {
        ap_conf_vector_t *section = APR_ARRAY_IDX(sections, (*i)++,
                                                  ap_conf_vector_t *);
        const core_dir_config *core = ap_get_core_module_config(section);
        const cors_policy_t *policy = ap_get_module_config(section,
                                                           &cors_module);

        if (policy && core->d && !core->d_is_fnmatch && !core->r
            && !strcmp(core->d, "/")) {
            return policy;
        }
    }
    return NULL;
}

/* What the sections for "/" merge to on top of a policy, which may be NULL. */
static cors_policy_t *merge_roots(const dump_t *to, cors_policy_t *policy,
                                  const apr_array_header_t *sections)
{
    const cors_policy_t *section;
    int i = 0;

    while ((section = next_root(sections, &i))) {
        policy = policy ? cors_section_merge(to->p, policy, (void *)section)
                        : (cors_policy_t *)section;
    }
    return policy;
}

/* Every URL of a server has its own directives, those of <Directory "/"> and
 * those of <Location "/">. Other sections meet for some URLs only, and are
 * logged when they do.
 */
static void print_conflicts(dump_t *to)
{
    const core_server_config *core =
        ap_get_core_module_config(to->s->module_config);
    cors_policy_t *policy = ap_get_module_config(to->s->lookup_defaults,
                                                 &cors_module);
    cors_conflict_t conflict;
    int i;

    policy = merge_roots(to, policy, core->sec_dir);
    policy = merge_roots(to, policy, core->sec_url);
    for (i = 0; cors_policy_conflict(&conflict, policy, i); i++) {
        apr_file_printf(to->out, "    %s: %s\n", server_name(to, to->s),
                        cors_conflict_text(&conflict, to->p));
        to->found = 1;
    }
}

static void print_lock(void *context, const cors_line_t *line)
{
    dump_t *to = context;

    apr_file_printf(to->out, "    %s: %s %s (%s)\n", server_name(to, to->s),
                    line->directive, line->args, cors_line_text(line, to->p));
    to->found = 1;
}

/* What <Location "/"> sets overrides every .htaccess file, except for lists
 * that only extend.
 */
static void print_locks(dump_t *to)
{
    const core_server_config *core =
        ap_get_core_module_config(to->s->module_config);
    cors_policy_t *lock = merge_roots(to, NULL, core->sec_url);
    const char *override = cors_override_text(to->s, to->p);

    if (override) {
        apr_file_printf(to->out, "    %s: not available in .htaccess "
                        "(CorsOverride): everything except%s\n",
                        server_name(to, to->s), override);
        to->found = 1;
    }
    if (lock) {
        cors_policy_each_line(cors_policy_fixed(lock, to->p), print_lock, to);
    }
}

static void print_servers(dump_t *to, const char *title,
                          void (*print)(dump_t *to))
{
    apr_file_printf(to->out, "%s:\n", title);
    to->found = 0;
    for (to->s = to->main_server; to->s; to->s = to->s->next) {
        print(to);
    }
    if (!to->found) {
        apr_file_puts("    none\n", to->out);
    }
}

void cors_dump(apr_pool_t *pconf, server_rec *s)
{
    dump_t to = { NULL, pconf, s, NULL, 0 };

    if (!ap_exists_config_define("DUMP_CORS")
        || apr_file_open_stdout(&to.out, pconf) != APR_SUCCESS) {
        return;
    }
    apr_file_puts("CORS configuration:\n", to.out);
    print_configuration(&to);
    print_servers(&to, "Conflicts between sections that apply to every URL",
                  print_conflicts);
    print_servers(&to, "Settings that .htaccess files cannot override",
                  print_locks);
    apr_file_printf(to.out, "Public suffix list: %s\nmod_cors " CORS_VERSION
                    "\n", cors_suffixes_version(pconf));
}
