/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/*
 * mod_cors: Cross-Origin Resource Sharing for the Apache HTTP Server.
 *
 * This file is the module's face. It says which hooks are used and why each
 * stands where it stands; what is done there is in src/httpd/, what CORS is
 * in src/.
 */

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_status.h>

#include "src/httpd/conflict.h"
#include "src/httpd/counters.h"
#include "src/httpd/directives.h"
#include "src/httpd/dump.h"
#include "src/httpd/enforce.h"
#include "src/httpd/exchange.h"
#include "src/httpd/explain.h"
#include "src/httpd/header_lines.h"
#include "src/httpd/message.h"
#include "src/httpd/module.h"
#include "src/httpd/output_filter.h"
#include "src/httpd/override.h"
#include "src/httpd/preflight.h"

/* While httpd starts, and in each child. */
static void hook_start(void)
{
    /* Where "httpd -t" comes by too, and the whole tree was read. */
    ap_hook_check_config(cors_header_lines_check, NULL, NULL,
                         APR_HOOK_MIDDLE);

    /* "httpd -t -D DUMP_CORS". */
    ap_hook_test_config(cors_dump, NULL, NULL, APR_HOOK_MIDDLE);

    /* The first moment with an error log. */
    ap_hook_post_config(cors_announcements_log, NULL, NULL, APR_HOOK_MIDDLE);

    /* Once for the life of the parent process; before there are children. */
    ap_hook_post_config(cors_counters_post_config, NULL, NULL,
                        APR_HOOK_MIDDLE);

    /* mod_status asks, if it is there. */
    APR_OPTIONAL_HOOK(ap, status_hook, cors_counters_status, NULL, NULL,
                      APR_HOOK_MIDDLE);

    /* Each child tells once what merging leaves out. */
    ap_hook_child_init(cors_conflict_child_init, NULL, NULL, APR_HOOK_MIDDLE);
}

/* From the sections of a URL to its handler. */
static void hook_requests(void)
{
    static const char *const authz_core[] = { "mod_authz_core.c", NULL };

    /* Last: SetEnvIf of a directory runs here too. It is the first hook that
     * knows all sections of a URL and the last before anything (MultiViews,
     * DirectoryIndex, FallbackResource, rewrites) puts another URL's in their
     * place. What is refused is refused before Satisfy Any has a say.
     */
    ap_hook_header_parser(cors_enforce, NULL, NULL, APR_HOOK_REALLY_LAST);

    /* Behind mod_authz_core, which declines if all that is missing is a user:
     * only then it is asked, and "Require all denied" and "Require ip" keep
     * their say.
     */
    ap_hook_access_checker_ex(cors_preflight_access, authz_core, NULL,
                              APR_HOOK_LAST);

    /* Behind authentication and access control, and ahead of MultiViews, which
     * asks for the login of each variant and finds none for a preflight.
     */
    ap_hook_type_checker(cors_preflight_answer, NULL, NULL,
                         APR_HOOK_REALLY_FIRST - 1);

    /* Where MultiViews led to a policy: ahead of every other fixup.
     * Per-directory rewrites and the redirect of DirectorySlash are fixups,
     * and no browser follows a redirect with a preflight.
     */
    ap_hook_fixups(cors_preflight_answer, NULL, NULL,
                   APR_HOOK_REALLY_FIRST - 1);

    /* Once more behind mod_dir: where the URL itself had no policy, that of
     * its FallbackResource counts.
     */
    ap_hook_fixups(cors_enforce_late, NULL, NULL, APR_HOOK_REALLY_LAST);
}

/* From its handler to the client. */
static void hook_responses(void)
{
    /* A response goes through one of the two, errors through the second. The
     * filter is to run behind mod_headers', which are of the same type and
     * inserted at APR_HOOK_LAST, and in front of the one that mod_cache saves
     * with.
     */
    ap_hook_insert_filter(cors_output_filter_insert, NULL, NULL,
                          APR_HOOK_REALLY_LAST);
    ap_hook_insert_error_filter(cors_output_filter_insert_error, NULL,
                                NULL, APR_HOOK_REALLY_LAST);
}

/* The page that explains. httpd sorts its hooks once more when directives have
 * been read.
 */
void cors_hook_explain(apr_pool_t *pconf)
{
    static const char key[] = "mod_cors:explain";
    void *hooked = NULL;

    apr_pool_userdata_get(&hooked, key, pconf);
    if (hooked) {
        return;
    }
    apr_pool_userdata_setn(key, key, NULL, pconf);

    /* Its look-ups reach no header_parser. */
    ap_hook_post_perdir_config(cors_exchange_post_perdir_config, NULL, NULL,
                               APR_HOOK_REALLY_LAST);

    /* First: the section says that it is the page, not a handler's name. */
    ap_hook_handler(cors_explain_handler, NULL, NULL, APR_HOOK_REALLY_FIRST);
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
    cors_create_policy,
    cors_merge_policies,
    cors_override_create, /* the policy of a server is a directory's */
    cors_override_merge,
    cors_directives,
    register_hooks,
    AP_MODULE_FLAG_NONE
};
