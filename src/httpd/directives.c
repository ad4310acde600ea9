/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "directives.h"

#include <stddef.h>

#include "../policy.h"
#include "exchange.h"
#include "override.h"

void *cors_create_policy(apr_pool_t *p, char *directory)
{
    (void)directory;
    return cors_policy_settle(&cors_scope_make(p)->policy);
}

void *cors_merge_policies(apr_pool_t *p, void *base, void *add)
{
    cors_policy_t *merged = &cors_scope_make(p)->policy;

    cors_policy_merge_into(merged, p, base, add);
    return cors_policy_settle(merged);
}

#define FIELD(name) ((void *)offsetof(cors_policy_t, name))
#define ANYWHERE (RSRC_CONF | OR_FILEINFO)
/* What lets requests in or out is for those who may write Require. */
#define LOGIN    (RSRC_CONF | OR_AUTHCFG)
#define SECTIONS (RSRC_CONF | ACCESS_CONF)

const command_rec cors_directives[] = {
    AP_INIT_RAW_ARGS("CorsAllowOrigin",
        cors_set_origins, FIELD(allow), ANYWHERE,
        "The origins whose pages may read the responses, or none"),
    AP_INIT_RAW_ARGS("CorsAllowOriginMatch",
        cors_set_regexes, FIELD(allow), ANYWHERE,
        "Origins by regular expression, or none"),
    AP_INIT_RAW_ARGS("CorsAllowOriginExpr",
        cors_set_expression, FIELD(allow), ANYWHERE,
        "An expression that allows the origin when true, or none"),
    AP_INIT_RAW_ARGS("CorsDenyOrigin",
        cors_set_origins, FIELD(deny), ANYWHERE,
        "Origins that are never allowed, or none"),
    AP_INIT_RAW_ARGS("CorsAllowMethods",
        cors_set_methods, FIELD(methods), ANYWHERE,
        "The methods that a preflight grants, * or none"),
    AP_INIT_RAW_ARGS("CorsAllowHeaders",
        cors_set_headers, FIELD(headers), ANYWHERE,
        "The request headers that a preflight grants, * or none"),
    AP_INIT_RAW_ARGS("CorsExposeHeaders",
        cors_set_expose, FIELD(expose), ANYWHERE,
        "The response headers that scripts may read, * or none"),
    AP_INIT_FLAG("CorsAllowCredentials",
        cors_set_flag, FIELD(credentials), ANYWHERE,
        "Whether cookies and HTTP authentication may be used"),
    AP_INIT_TAKE1("CorsMaxAge",
        cors_set_max_age, FIELD(max_age), ANYWHERE,
        "How long a browser may keep a preflight's answer, or none"),
    AP_INIT_TAKE1("CorsEngine",
        cors_set_engine, FIELD(engine), ANYWHERE,
        "On, Off or DetectionOnly: decide and log, but change nothing"),
    AP_INIT_TAKE1("CorsPreflight",
        cors_set_preflight, FIELD(preflight), ANYWHERE,
        "Answer preflights, or Pass them to the handler"),
    AP_INIT_TAKE1("CorsPreflightStatus",
        cors_set_preflight_status, FIELD(preflight_status), ANYWHERE,
        "The status of an answered preflight: 200 or 204"),
    AP_INIT_TAKE1("CorsPreflightAuth",
        cors_set_preflight_auth, FIELD(preflight_auth), LOGIN,
        "Skip or Require the login for preflights that are answered"),
    AP_INIT_TAKE1("CorsBackendHeaders",
        cors_set_backend_headers, FIELD(backend_headers), ANYWHERE,
        "Replace or Keep the CORS headers that a backend sent"),
    AP_INIT_FLAG("CorsEnforce",
        cors_set_flag, FIELD(enforce), LOGIN,
        "Whether requests of denied origins get 403"),
    AP_INIT_FLAG("CorsDebugHeader",
        cors_set_flag, FIELD(debug_header), ANYWHERE,
        "Whether responses say what was decided"),
    AP_INIT_RAW_ARGS("CorsTolerate",
        cors_set_tolerate, FIELD(tolerate), ANYWHERE,
        "Refusals to lift, by their words, or none"),
    AP_INIT_RAW_ARGS("CorsOverride",
        cors_set_override, NULL, RSRC_CONF,
        "The Cors directives that .htaccess files may use: All, None, list"),
    AP_INIT_FLAG("CorsExplain",
        cors_set_explain, FIELD(explain), SECTIONS,
        "Whether this section's URL is the page that explains decisions"),
    { NULL, { NULL }, NULL, 0, NO_ARGS, NULL }
};
