/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Without this target an item in a .htaccess file, which a customer of a host
 * can write, could crash the server, or a message could propose a spelling that
 * is itself refused.
 *
 * Input: an item of CorsAllowOrigin.
 */

#include <regex.h>

#include "../../src/origin_item.h"
#include "../../src/risk.h"

#include "fuzz.h"

static int is_same(const cors_item_t *a, const cors_item_t *b)
{
    return !strcmp(a->text, b->text) && a->kind == b->kind
           && a->risks == b->risks && a->any_port == b->any_port
           && a->key_len == b->key_len;
}

/* What a message shows is accepted as it is, without a remark. */
static void check_fixed(const char *text, const cors_item_t *expected)
{
    cors_item_t again;
    cors_remark_t remark;

    MUST(fuzz_is_line(text));
    MUST(cors_item_parse(&again, &remark, text, fuzz_pool));
    MUST(!remark.reason && !remark.instead && !remark.expression);
    MUST(!strcmp(again.text, text));
    MUST(!expected || is_same(&again, expected));
}

/* An expression that was made from a '*' compiles, is about no more than
 * one scheme, and cannot contain what no origin contains.
 */
static void check_expression(const char *expression, const char *value)
{
    regex_t regex;

    if (!strcmp(expression, value)) {
        return;
    }
    MUST(fuzz_is_line(expression));
    MUST(strlen(expression) <= 12 * strlen(value) + 20);
    MUST(strspn(expression, "abcdefghijklmnopqrstuvwxyz0123456789-_.+*?()[]:/")
         == strlen(expression));
    MUST(strcspn(expression, "+.") > strcspn(expression, ":"));
    MUST(!regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB));
    regfree(&regex);
}

static void check_remark(const cors_remark_t *remark, const char *value)
{
    MUST(!remark->reason || fuzz_is_line(remark->reason));
    MUST(remark->reason || (!remark->instead && !remark->expression));
    MUST(!remark->instead || !remark->expression);
    if (remark->instead) {
        check_fixed(remark->instead, NULL);
    }
    if (remark->expression) {
        check_expression(remark->expression, value);
    }
}

static void check_accepted(const cors_item_t *item)
{
    check_fixed(item->text, item);
    MUST(item->risks >= 0 && item->risks < 1 << CORS_RISKS);
    MUST((item->key == NULL) == (item->kind == CORS_ITEM_ANY
                                 || item->kind == CORS_ITEM_NULL));
    if (item->key) {
        const char *likely = cors_item_likely_scheme(item);
        apr_size_t len;
        const char *host = cors_item_host(item, &len);

        MUST(host + len <= item->text + strlen(item->text));
        MUST(item->key + item->key_len <= item->text + strlen(item->text));
        MUST(!likely || strncmp(likely, item->text, item->scheme_len) != 0
             || likely[item->scheme_len] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = fuzz_begin();
    const char *value = apr_pstrmemdup(p, (const char *)data, size);
    cors_item_t item;
    cors_remark_t remark;

    if (cors_item_parse(&item, &remark, value, p)) {
        MUST(!remark.instead || !strcmp(remark.instead, item.text));
        check_accepted(&item);
    }
    else {
        MUST(remark.reason);
    }
    check_remark(&remark, value);
    return fuzz_end();
}
