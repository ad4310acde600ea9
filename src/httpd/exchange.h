/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/**
 * @file  exchange.h
 * @brief One exchange with a client: whose policy, its facts, its decision.
 *
 * httpd makes several requests of one exchange (rewrites, ErrorDocument) and
 * changes others in place (DirectoryIndex, FallbackResource, MultiViews). What
 * was decided is kept with the first of them.
 */

#ifndef CORS_EXCHANGE_H
#define CORS_EXCHANGE_H

#include <httpd.h>
#include <http_config.h>

#include "../decision.h"
#include "../policy.h"
#include "module.h"

typedef struct cors_exchange_t {
    /** The policy of the URL that the client asked for, or of the first
     *  target that has one; NULL while there is none.
     */
    const cors_policy_t *policy;
    cors_request_t request;
    cors_decision_t decision;
    /** What an <If> or an expression looked at to choose or decide: the value
     *  of Vary, which httpd forgets when it makes an error response.
     */
    const char *vary;
    /** It is a preflight that is to be answered here, and not passed on. */
    unsigned char answers;
    /** Its login was skipped, because of that: it must reach no handler. */
    unsigned char login_skipped;
    /** It was answered. */
    unsigned char answered;
    /** It was refused by CorsEnforce. */
    unsigned char enforced;
    /** The request is the page that explains: look-ups that it makes are
     *  decided like requests of their own.
     */
    unsigned char explains;
    /** It is such a look-up: nothing is logged, counted or answered. */
    unsigned char explained;
    /** All its sections were walked: it got as far as CorsEnforce. */
    unsigned char walked;
    /** Access control, and all else in front of fixups, let it through. */
    unsigned char passed_access;
    /** No hook ahead of the handler has anything more to do with it. */
    unsigned char idle;
    /** It is that of all requests of a scope that ask for nothing: several
     *  threads read it, so nothing is ever written to it.
     */
    unsigned char shared;
    /** The request of it that was last told of it: where something was
     *  decided, its environment says so.
     */
    const request_rec *told;
} cors_exchange_t;

/** What httpd keeps for a section: its policy, and the exchange of a request
 *  without Origin, in which there is nothing to be decided.
 */
typedef struct cors_scope_t {
    /** First: a pointer to either is a pointer to both. */
    cors_policy_t policy;
    cors_exchange_t unasked;
} cors_scope_t;

/** A scope whose policy says nothing, in p. */
cors_scope_t *cors_scope_make(apr_pool_t *p);

/**
 * Find the exchange that a request belongs to, and decide if need be.
 * @param r any request of it
 * @return NULL if no policy governs it, if it is switched off, or if r is a
 *         subrequest: those decide nothing
 */
cors_exchange_t *cors_exchange_find(request_rec *r);

/** What was found for the request before, NULL if it was not asked for. */
static APR_INLINE cors_exchange_t *cors_exchange_told(const request_rec *r)
{
    cors_exchange_t *kept = ap_get_module_config(r->request_config,
                                                 &cors_module);

    return kept && (kept->told == r || kept->shared) ? kept : NULL;
}

/** The same, found if need be. Hooks ask, and most get what the one before
 *  them got.
 */
static APR_INLINE cors_exchange_t *cors_exchange_get(request_rec *r)
{
    cors_exchange_t *told = cors_exchange_told(r);

    return told ? told : cors_exchange_find(r);
}

/** Whether the hooks ahead of the handler may pass over a request: its exchange
 *  is known, and idle.
 */
static APR_INLINE int cors_exchange_is_idle(const request_rec *r)
{
    const cors_exchange_t *kept = ap_get_module_config(r->request_config,
                                                       &cors_module);

    return kept && kept->idle;
}

/** The exchange as it was left, whether a policy governs it or not. NULL while
 *  nothing of it was looked at: before the sections of a URL are known that is
 *  so only for errors, and for mod_cache's quick handler.
 */
static APR_INLINE cors_exchange_t *cors_exchange_kept(const request_rec *r)
{
    while (r->prev) {
        r = r->prev;
    }
    return ap_get_module_config(r->request_config, &cors_module);
}

/** The exchange of the page that explains, which is written to: another URL may
 *  have led to the page, and its exchange may be that of other requests, too.
 */
cors_exchange_t *cors_exchange_own(request_rec *r);

/** Hook post_perdir_config: begin the exchange of a look-up that is explained,
 *  since look-ups reach no header_parser.
 */
int cors_exchange_post_perdir_config(request_rec *r);

/** Whether the policy is to be applied, and not only to be told. */
int cors_exchange_applies(const cors_exchange_t *exchange);

#endif /* CORS_EXCHANGE_H */
