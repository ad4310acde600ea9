/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "dump.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <util_cfgtree.h>

#include "../describe.h"
#include "../why.h"
#include "conflict.h"
#include "directives.h"
#include "module.h"
#include "override.h"

typedef struct dump_t {
    apr_file_t *out;
    apr_pool_t *p;
} dump_t;

static int is_ours(const ap_directive_t *line)
{
    return ap_find_command(line->directive, cors_directives) != NULL;
}

/* Whether a section sets a directive of ours itself. */
static int sets_ours(const ap_directive_t *line)
{
    while (line && !is_ours(line)) {
        line = line->next;
    }
    return line != NULL;
}

static int holds_ours(const ap_directive_t *line)
{
    for (; line; line = line->next) {
        if (is_ours(line) || holds_ours(line->first_child)) {
            return 1;
        }
    }
    return 0;
}

static void print_lines(const dump_t *to, const ap_directive_t *line,
                        int depth)
{
    for (; line; line = line->next) {
        if (is_ours(line)) {
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
        if (!line->first_child || !holds_ours(line->first_child)) {
            continue;
        }
        apr_file_printf(to->out, "%*s%s %s (%s:%d)\n", 4 * depth, "",
                        line->directive, line->args, line->filename,
                        line->line_num);
        print_lines(to, line->first_child, depth + 1);
        print_sections(to, line->first_child, depth + 1);
    }
}

static void print_configuration(const dump_t *to)
{
    if (!holds_ours(ap_conftree)) {
        apr_file_puts("    no directive of mod_cors\n", to->out);
        return;
    }
    if (sets_ours(ap_conftree)) {
        apr_file_puts("    server config\n", to->out);
        print_lines(to, ap_conftree, 2);
    }
    print_sections(to, ap_conftree, 1);
}

static const char *name_of(const dump_t *to, const server_rec *s)
{
    return s->defn_name
        ? apr_psprintf(to->p, "%s (%s:%u)", s->server_hostname, s->defn_name,
                       s->defn_line_number)
        : "server config";
}

/* What merges, while it is looked at. */
typedef struct merging_t {
    const dump_t *to;
    const server_rec *s;
    /** The last section that was merged, "" for the server's own. */
    const char *with;
    /** how many conflicts */
    int found;
} merging_t;

static void print_conflict(void *context, const cors_conflict_t *conflict)
{
    const merging_t *merging = context;
    const dump_t *to = merging->to;

    apr_file_printf(to->out, "    %s%s: %s\n", name_of(to, merging->s),
                    merging->with, cors_conflict_text(conflict, to->p));
}

/* The next section of the path "/", of those that are walked for every URL;
 * NULL if there is none from index i on.
 */
static const cors_policy_t *next_root(const apr_array_header_t *sections,
                                      int *i)
{
    while (*i < sections->nelts) {
        ap_conf_vector_t *section = APR_ARRAY_IDX(sections, *i,
                                                  ap_conf_vector_t *);
        const core_dir_config *core = ap_get_core_module_config(section);
        const cors_policy_t *policy = ap_get_module_config(section,
                                                           &cors_module);

        (*i)++;
        if (policy && core->d && !core->d_is_fnmatch && !core->r
            && !strcmp(core->d, "/")) {
            return policy;
        }
    }
    return NULL;
}

/* Merge the sections of "/" on top, and print what each brings together. */
static const cors_policy_t *print_roots(merging_t *merging,
                                        const cors_policy_t *policy,
                                        const apr_array_header_t *sections,
                                        const char *with)
{
    const cors_policy_t *section;
    int i = 0;

    merging->with = with;
    while ((section = next_root(sections, &i))) {
        policy = policy ? cors_policy_merge(merging->to->p, policy, section)
                        : section;
        merging->found += cors_policy_conflicts(policy, print_conflict,
                                                merging);
    }
    return policy;
}

/* What every URL of a server merges: its own directives, <Directory "/">,
 * <Location "/">. Others meet for some URLs only, and are told of then.
 */
static int print_conflicts_of(const dump_t *to, const server_rec *s)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    const cors_policy_t *policy = ap_get_module_config(s->lookup_defaults,
                                                       &cors_module);
    merging_t merging = { to, s, "", 0 };

    if (policy) {
        merging.found = cors_policy_conflicts(policy, print_conflict,
                                              &merging);
    }
    policy = print_roots(&merging, policy, core->sec_dir,
                         ", <Directory \"/\">");
    print_roots(&merging, policy, core->sec_url, ", <Location \"/\">");
    return merging.found;
}

static void print_locked(void *context, const char *directive,
                         const char *value, const cors_place_t *place)
{
    const dump_t *to = context;

    apr_file_printf(to->out, "        %s %s (%s)\n", directive, value,
                    cors_place_text(place, to->p));
}

static void mark(void *found, const char *directive, const char *value,
                 const cors_place_t *place)
{
    (void)directive;
    (void)value;
    (void)place;
    *(int *)found = 1;
}

static int print_locks_of(const dump_t *to, const server_rec *s)
{
    const core_server_config *core =
        ap_get_core_module_config(s->module_config);
    const cors_policy_t *section;
    const cors_policy_t *lock = NULL;
    const char *override = cors_override_text(s, to->p);
    int found = 0;
    int i = 0;

    if (override) {
        apr_file_printf(to->out, "    %s, by CorsOverride: all but%s\n",
                        name_of(to, s), override);
    }
    while ((section = next_root(core->sec_url, &i))) {
        lock = lock ? cors_policy_merge(to->p, lock, section) : section;
    }
    if (lock) {
        lock = cors_policy_locked(to->p, lock);
        cors_policy_describe(lock, mark, &found, to->p);
    }
    if (found) {
        apr_file_printf(to->out, "    %s, by <Location \"/\">:\n",
                        name_of(to, s));
        cors_policy_describe(lock, print_locked, (void *)to, to->p);
    }
    return found || override;
}

typedef int print_t(const dump_t *to, const server_rec *s);

static void print_servers(const dump_t *to, const server_rec *s,
                          const char *title, print_t *print)
{
    int found = 0;

    apr_file_printf(to->out, "%s:\n", title);
    for (; s; s = s->next) {
        found |= print(to, s);
    }
    if (!found) {
        apr_file_puts("    none\n", to->out);
    }
}

void cors_dump(apr_pool_t *pconf, server_rec *s)
{
    dump_t to = { NULL, pconf };

    if (!ap_exists_config_define("DUMP_CORS")
        || apr_file_open_stdout(&to.out, pconf) != APR_SUCCESS) {
        return;
    }
    apr_file_puts("CORS configuration:\n", to.out);
    print_configuration(&to);
    print_servers(&to, s, "Conflicts of sections that always merge",
                  print_conflicts_of);
    print_servers(&to, s, "Locked against .htaccess", print_locks_of);
}
