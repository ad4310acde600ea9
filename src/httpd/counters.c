/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "counters.h"

#include <apr_lib.h>
#include <apr_shm.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>
#include <mod_status.h>

#include "module.h"

/* In shared memory that belongs to the parent process, so that neither a
 * restart nor the end of a child forgets them. Each load of the module finds
 * it by name.
 */
static apr_uint64_t *counters;

int cors_counters_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                              apr_pool_t *ptemp, server_rec *s)
{
    apr_pool_t *process = s->process->pool;
    apr_shm_t *memory = NULL;
    /* Another version may count other decisions. */
    const char *key = apr_psprintf(ptemp, "mod_cors:counters:%d",
                                   CORS_OUTCOMES);
    void *found = NULL;
    apr_status_t rv;

    (void)pconf;
    (void)plog;
    apr_pool_userdata_get(&found, key, process);
    if (!found) {
        rv = apr_shm_create(&memory, CORS_OUTCOMES * sizeof(*counters), NULL,
                            process);
        if (rv != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_WARNING, rv, s, "no shared memory: "
                         "decisions are not counted");
            return OK;
        }
        found = apr_shm_baseaddr_get(memory);
        memset(found, 0, CORS_OUTCOMES * sizeof(*counters));
        /* The key is copied: the module's memory goes with a restart. */
        apr_pool_userdata_set(found, key, NULL, process);
    }
    counters = found;
    return OK;
}

/* Nothing else depends on the order in which counters are seen to change. */
void cors_counters_add(cors_outcome_e outcome)
{
    if (counters) {
        __atomic_fetch_add(&counters[outcome], 1, __ATOMIC_RELAXED);
    }
}

static apr_uint64_t count_of(int outcome)
{
    return counters ? __atomic_load_n(&counters[outcome], __ATOMIC_RELAXED)
                    : 0;
}

/* "origin-denied" as ?auto has its keys: "CorsOriginDenied". */
static const char *key_of(const char *word, apr_pool_t *p)
{
    char *name = apr_palloc(p, strlen(word) + sizeof("Cors"));
    char *to = apr_cpystrn(name, "Cors", sizeof("Cors"));
    int upper = 1;

    for (; *word != '\0'; word++) {
        if (*word == '-') {
            upper = 1;
            continue;
        }
        *to++ = (char)(upper ? apr_toupper(*word) : *word);
        upper = 0;
    }
    *to = '\0';
    return name;
}

static void show(request_rec *r, int flags, int outcome)
{
    const char *word = cors_outcome_word((cors_outcome_e)outcome);

    if (flags & AP_STATUS_SHORT) {
        ap_rprintf(r, "%s: %" APR_UINT64_T_FMT "\n", key_of(word, r->pool),
                   count_of(outcome));
    }
    else {
        ap_rprintf(r, "<tr><td>%s</td><td align=\"right\">%" APR_UINT64_T_FMT
                   "</td></tr>\n", word, count_of(outcome));
    }
}

int cors_counters_status(request_rec *r, int flags)
{
    int outcome;

    if (!(flags & AP_STATUS_SHORT)) {
        ap_rputs("<hr>\n<h2>CORS decisions</h2>\n<table border=\"0\">\n"
                 "<tr><th>Decision</th><th>Requests</th></tr>\n", r);
    }
    for (outcome = CORS_NONE + 1; outcome < CORS_OUTCOMES; outcome++) {
        show(r, flags, outcome);
    }
    if (!(flags & AP_STATUS_SHORT)) {
        ap_rputs("</table>\n", r);
    }
    return OK;
}
