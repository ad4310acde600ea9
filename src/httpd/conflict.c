/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "conflict.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <http_log.h>

#include "../hazard.h"
#include "../why.h"
#include "module.h"

/* More pairs of sections than this are told no more: the log has said enough
 * by then.
 */
#define SLOTS 64

/* What this child has told: a number for each pair. Made anew by each child,
 * in its own pool.
 */
static volatile apr_uint32_t *told;

void cors_conflict_child_init(apr_pool_t *p, server_rec *s)
{
    (void)s;
    told = apr_pcalloc(p, SLOTS * sizeof(*told));
}

/* Places live as long as the configuration, so the two pointers are a pair's
 * name. Two pairs with one number would be told as one: of no account.
 */
static apr_uint32_t number_of(const cors_conflict_t *conflict)
{
    apr_uint64_t a = (apr_uint64_t)(apr_uintptr_t)conflict->credentials;
    apr_uint64_t b = (apr_uint64_t)(apr_uintptr_t)conflict->place;
    apr_uint64_t mixed = a * APR_UINT64_C(0x9e3779b97f4a7c15);

    mixed = ((mixed >> 32) ^ mixed ^ b) * APR_UINT64_C(0x9e3779b97f4a7c15);
    return (apr_uint32_t)(mixed >> 32) | 1;
}

/* Take a slot for the pair: 1 the first time, 0 if it was told before or the
 * table is full.
 */
static int is_first(const cors_conflict_t *conflict)
{
    apr_uint32_t number = number_of(conflict);
    apr_uint32_t was;
    int i;

    for (i = 0; told && i < SLOTS; i++) {
        was = apr_atomic_cas32(&told[i], number, 0);
        if (was == 0 || was == number) {
            return was == 0;
        }
    }
    return 0;
}

const char *cors_conflict_text(const cors_conflict_t *conflict, apr_pool_t *p)
{
    int hazard = cors_hazard_first(conflict->hazard);
    const char *item = apr_psprintf(p, "%s \"%s\" (%s)",
                                    conflict->place->directive, conflict->item,
                                    cors_place_text(conflict->place, p));
    const char *met = apr_psprintf(p, "CorsAllowCredentials On (%s)",
                                   cors_place_text(conflict->credentials, p));

    if (!strcmp(conflict->place->directive, "CorsExposeHeaders")) {
        return apr_psprintf(p, "%s met %s when sections were merged: browsers "
                            "take it for the name of a header, so it is left "
                            "out", item, met);
    }
    if (!hazard) {
        return apr_psprintf(p, "%s met %s when sections were merged: browsers "
                            "refuse the two together, so it is used without "
                            "credentials", item, met);
    }
    return apr_psprintf(p, "%s met %s when sections were merged: it %s, and is "
                        "left out; \"CorsTolerate %s\" would keep it", item,
                        met, cors_hazard_remark(hazard, conflict->item,
                                                p).reason,
                        cors_hazard_word(hazard));
}

void cors_conflict_log(void *request, const cors_conflict_t *conflict)
{
    request_rec *r = request;
    int in_htaccess = conflict->place->in_htaccess
                      || conflict->credentials->in_htaccess;

    if (in_htaccess ? !APLOGrdebug(r) : !is_first(conflict)) {
        return;
    }
    ap_log_rerror(APLOG_MARK, in_htaccess ? APLOG_DEBUG : APLOG_WARNING, 0, r,
                  "%s", cors_conflict_text(conflict, r->pool));
}
