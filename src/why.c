/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "why.h"

#include <string.h>

#include <apr_strings.h>

#include "nearest.h"

const char *cors_place_text(const cors_place_t *place, apr_pool_t *p)
{
    return !place || !place->file ? "default"
        : apr_psprintf(p, "%s:%d", place->file, place->line);
}

static const char *why_origin(const cors_decision_t *decision,
                              const cors_policy_t *policy,
                              const cors_request_t *request, apr_pool_t *p)
{
    const cors_place_t *place;
    const char *miss;

    if (decision->place && decision->place->directive
        && !strcmp(decision->place->directive, "CorsDenyOrigin")) {
        return "the origin is denied by CorsDenyOrigin";
    }
    miss = cors_nearest_miss(policy, request->origin, &place, p);
    return place ? apr_psprintf(p, "the origin %s (%s)", miss,
                                cors_place_text(place, p))
                 : apr_psprintf(p, "the origin %s", miss);
}

static const char *why_method(const cors_request_t *request, apr_pool_t *p)
{
    const char *method = cors_printable(request->method,
                                        strlen(request->method),
                                        CORS_SHOWN_MAX, p);

    if (!cors_token_is(request->method, strlen(request->method))) {
        return apr_psprintf(p, "\"%s\" is no method", method);
    }
    return apr_psprintf(p, cors_method_is_forbidden(request->method)
                               ? "the method \"%s\" is open to no script"
                               : "the method \"%s\" is not in "
                                 "CorsAllowMethods", method);
}

static const char *why_headers(const cors_decision_t *decision, apr_pool_t *p)
{
    const cors_span_t *missing = &decision->missing;

    if (missing->len > CORS_REQUESTED_HEADERS_MAX) {
        return "the list of headers is too long";
    }
    if (missing->len > CORS_NAME_MAX
        || !cors_token_is(missing->at, missing->len)) {
        return "what was asked for is no list of header names";
    }
    return apr_psprintf(p, "the header \"%s\" is not in CorsAllowHeaders",
                        cors_printable(missing->at, missing->len,
                                       CORS_SHOWN_MAX, p));
}

const char *cors_why(const cors_decision_t *decision,
                     const cors_policy_t *policy,
                     const cors_request_t *request, apr_pool_t *p)
{
    switch (decision->outcome) {
    case CORS_NONE:
        return "the request has no Origin";
    case CORS_ORIGIN_DENIED:
        return why_origin(decision, policy, request, p);
    case CORS_METHOD_DENIED:
        return why_method(request, p);
    case CORS_HEADERS_DENIED:
        return why_headers(decision, p);
    case CORS_SAME_ORIGIN:
        return "the origin is the server's own";
    default:
        return "the policy allows it";
    }
}
