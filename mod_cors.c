/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/*
 * mod_cors: Cross-Origin Resource Sharing for the Apache HTTP Server.
 *
 * Usage:
 *
 *     LoadModule cors_module modules/mod_cors.so
 *
 *     <Location "/api">
 *         # Pages of these origins may read the responses.
 *         CorsAllowOrigin https://app.example.com https://www.example.com
 *         # They may use cookies, and methods and headers that need a
 *         # preflight, which mod_cors answers.
 *         CorsAllowCredentials On
 *         CorsAllowMethods +PUT +DELETE
 *         CorsAllowHeaders +X-Token
 *         CorsMaxAge 1h
 *     </Location>
 *
 * This file registers the hooks and says why each is where it is. What they do
 * is in src/httpd/, what CORS is in src/.
 */

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>

#include "src/origin.h"
#include "src/httpd/before_handler.h"
#include "src/httpd/config_check.h"
#include "src/httpd/context.h"
#include "src/httpd/directives.h"
#include "src/httpd/dump.h"
#include "src/httpd/exchange.h"
#include "src/httpd/explain.h"
#include "src/httpd/message.h"
#include "src/httpd/module.h"
#include "src/httpd/observe.h"
#include "src/httpd/output_filter.h"

/* Directives ask for the public suffix list while they are read. */
static int load_suffixes(apr_pool_t *pconf, apr_pool_t *plog,
                         apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    cors_suffixes_load(pconf);
    return OK;
}

static void hook_start(void)
{
    ap_hook_pre_config(load_suffixes, NULL, NULL, APR_HOOK_MIDDLE);

    /* "httpd -t" calls it too, and the whole configuration was read. */
    ap_hook_check_config(cors_check_config, NULL, NULL, APR_HOOK_MIDDLE);

    /* "httpd -t -D DUMP_CORS" */
    ap_hook_test_config(cors_dump, NULL, NULL, APR_HOOK_MIDDLE);

    /* The first hook with an error log. */
    ap_hook_post_config(cors_log_announcements, NULL, NULL, APR_HOOK_MIDDLE);

    /* In the parent process, before there are children. */
    ap_hook_post_config(cors_counters_create, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(cors_observe_child_init, NULL, NULL, APR_HOOK_MIDDLE);

    /* Optional, because mod_status may not be loaded. */
    APR_OPTIONAL_HOOK(ap, status_hook, cors_counters_show, NULL, NULL,
                      APR_HOOK_MIDDLE);
}

static void hook_requests(void)
{
    static const char *const authz_core[] = { "mod_authz_core.c", NULL };

    /* Last, because SetEnvIf of a directory runs here too. This is the first
     * hook that knows all sections of a URL, and the last one before
     * MultiViews, DirectoryIndex, FallbackResource and rewrites put another
     * URL in its place. A refusal here comes before Satisfy Any counts.
     */
    ap_hook_header_parser(cors_hook_enforce, NULL, NULL, APR_HOOK_REALLY_LAST);

    /* After mod_authz_core, which declines if all that is missing is a user:
     * "Require all denied" and "Require ip" are still obeyed.
     */
    ap_hook_access_checker_ex(cors_hook_skip_login, authz_core, NULL,
                              APR_HOOK_LAST);

    /* After access control, and before MultiViews, which asks for the login of
     * each variant and finds none for a preflight. All rewrites in directories
     * and the redirect of DirectorySlash come later, in fixups.
     */
    ap_hook_type_checker(cors_hook_answer, NULL, NULL,
                         APR_HOOK_REALLY_FIRST - 1);

    /* After mod_dir: where the URL itself has no policy, that of its
     * FallbackResource applies.
     */
    ap_hook_fixups(cors_hook_late, NULL, NULL, APR_HOOK_REALLY_LAST);

    /* First, because the section makes the page, not a handler's name. */
    ap_hook_handler(cors_explain_handler, NULL, NULL, APR_HOOK_REALLY_FIRST);
}

static void hook_responses(void)
{
    /* A response goes through one of the two; errors through the second. The
     * filter runs after those of mod_headers, which have the same type and are
     * inserted at APR_HOOK_LAST, and before the one that mod_cache saves with.
     */
    ap_hook_insert_filter(cors_output_filter_insert, NULL, NULL,
                          APR_HOOK_REALLY_LAST);
    ap_hook_insert_error_filter(cors_output_filter_insert_error, NULL, NULL,
                                APR_HOOK_REALLY_LAST);
}

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    cors_output_filter_register();
    hook_start();
    hook_requests();
    hook_responses();
}

module AP_MODULE_DECLARE_DATA cors_module = {
    STANDARD20_MODULE_STUFF,
    cors_section_create,
    cors_section_merge,
    cors_override_create, /* a server's policy is that of its directories */
    cors_override_merge,
    cors_directives,
    register_hooks,
    AP_MODULE_FLAG_NONE
};
