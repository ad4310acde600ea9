/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  exchange.h
 * @brief One exchange with a client: whose policy, the facts, one decision.
 *
 * httpd makes several requests of one exchange (internal redirects,
 * ErrorDocument) and changes others in place (DirectoryIndex, FallbackResource,
 * MultiViews). What was decided is kept with the first of them.
 */

#ifndef CORS_EXCHANGE_H
#define CORS_EXCHANGE_H

#include <httpd.h>
#include <http_config.h>

#include "../decision.h"
#include "module.h"

/** Inline all that a function calls: of the two that most requests run, this
 *  saves 100 instructions of an allowed GET, 96 of a denied one, 224 of a
 *  preflight.
 */
#define CORS_FLATTEN __attribute__((flatten))

typedef struct cors_exchange_t {
    /** The policy of the URL that the client asked for, or else of the first
     *  target that has one.
     */
    const cors_policy_t *policy;
    cors_request_t request;
    cors_decision_t decision;
    /** The value of Vary that the choice of the policy or an expression caused,
     *  which httpd forgets when it makes an error response.
     */
    const char *vary;
    /** It is a preflight that is answered here, and not passed on. */
    unsigned char answers;
    /** Its login was skipped for that reason: it must reach no handler. */
    unsigned char login_skipped;
    /** It was answered. */
    unsigned char answered;
    /** A preflight that was passed on reached the handler. */
    unsigned char handled;
    /** It was refused by CorsEnforce. */
    unsigned char enforced;
    /** It was logged and counted. */
    unsigned char observed;
    /** The hooks before the handler have nothing to do with it. */
    unsigned char idle;
    /** CorsEngine is Off for it, whatever it leads to. */
    unsigned char is_off;
    /** Shared by all requests without Origin in this section: read-only. */
    unsigned char shared;
    /** The explain page makes look-ups at the moment. */
    unsigned char explains;
    /** It is such a look-up: nothing is logged, counted or answered. */
    unsigned char explained;
    /** All hooks before fixups let the look-up through. */
    unsigned char passed_access;
    /** The request whose environment was set last. */
    const request_rec *in_environment;
} cors_exchange_t;

/** What httpd keeps for a section: its policy, and the exchange of every
 *  request without Origin, in which there is nothing to decide.
 */
typedef struct cors_section_t {
    /** first, so that a pointer to the policy is a pointer to the section */
    cors_policy_t policy;
    cors_exchange_t silent;
} cors_section_t;

/** create_dir_config: a section in which nothing is set. */
void *cors_section_create(apr_pool_t *p, char *directory);

/** merge_dir_config */
void *cors_section_merge(apr_pool_t *p, void *base, void *add);

/** The policy of the sections that httpd merged for a request. */
static APR_INLINE const cors_policy_t *cors_section_policy(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &cors_module);
}

/** The first request of an exchange, which the others were made of. */
static APR_INLINE request_rec *cors_exchange_first(const request_rec *r)
{
    while (r->prev) {
        r = r->prev;
    }
    return (request_rec *)r;
}

/** What was found for the first request of an exchange; NULL if nothing was. */
static APR_INLINE cors_exchange_t *cors_exchange_kept(const request_rec *r)
{
    return ap_get_module_config(cors_exchange_first(r)->request_config,
                                &cors_module);
}

/** Whether there can be no exchange: neither is there a policy, nor an earlier
 *  request of it, nor another URL that the client asked for.
 */
static APR_INLINE int cors_exchange_is_impossible(const request_rec *r)
{
    return !cors_section_policy(r)->effect.is_relevant && !r->prev
           && r->uri == r->parsed_uri.path;
}

/**
 * The exchange that a request belongs to, decided.
 * @param r any request of it
 * @return NULL if no policy applies, if CorsEngine is Off, or if r is a
 *         subrequest: those decide nothing
 */
cors_exchange_t *cors_exchange_get(request_rec *r);

/** The same for a request that httpd refuses before its directory is known: by
 *  its server and <Location> sections.
 */
cors_exchange_t *cors_exchange_get_early(request_rec *r);

/** Begin or end the look-ups of the explain page. */
void cors_exchange_explain(request_rec *r, int explains);

/** Whether responses are changed: CorsEngine is On. */
#define cors_exchange_is_on(exchange) \
    ((exchange)->policy->engine.value == CORS_ENGINE_ON)

/** What decisions ask of httpd, for the reason in words. */
extern const cors_oracle_t cors_oracle;

#endif /* CORS_EXCHANGE_H */
