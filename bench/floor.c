/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* What httpd itself needs to send a policy's headers: this adds the same ones
 * to every response and decides nothing.
 */

#include <httpd.h>
#include <http_config.h>
#include <http_request.h>

module AP_MODULE_DECLARE_DATA floor_module;

static void *create(apr_pool_t *p, server_rec *s)
{
    (void)s;
    return apr_table_make(p, 8);
}

static const char *add(cmd_parms *cmd, void *unused, const char *name,
                       const char *value)
{
    (void)unused;
    apr_table_addn(ap_get_module_config(cmd->server->module_config,
                                        &floor_module), name, value);
    return NULL;
}

static int send_headers(request_rec *r)
{
    const apr_array_header_t *list = apr_table_elts(
        ap_get_module_config(r->server->module_config, &floor_module));
    const apr_table_entry_t *entry = (const apr_table_entry_t *)list->elts;
    int i;

    for (i = 0; i < list->nelts; i++) {
        apr_table_addn(r->headers_out, entry[i].key, entry[i].val);
    }
    if (r->method_number != M_OPTIONS) {
        return DECLINED;
    }
    r->status = HTTP_NO_CONTENT;
    return DONE;
}

static const command_rec directives[] = {
    AP_INIT_TAKE2("FloorHeader", add, NULL, RSRC_CONF, "A name and a value"),
    { NULL, { NULL }, NULL, 0, NO_ARGS, NULL }
};

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_fixups(send_headers, NULL, NULL, APR_HOOK_REALLY_FIRST - 1);
}

module AP_MODULE_DECLARE_DATA floor_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, create, NULL, directives,
    register_hooks, AP_MODULE_FLAG_NONE
};
