/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

/* Names of headers are told apart by hand where every request asks. A name that
 * was missed would be a request without Origin, or headers that leave twice.
 */

#include <strings.h>

#include "tap.h"

#include "../../src/header_name.h"

/* A name, with each byte in each place, and each of its beginnings. */
static int count_wrong(const char *name, int (*is_right)(const char *))
{
    char text[64];
    size_t len = strlen(name);
    size_t at;
    int byte;
    int wrong = 0;

    for (at = 0; at <= len; at++) {
        memset(text, 0, sizeof(text));
        memcpy(text, name, len + 1);
        for (byte = 0; byte < 256; byte++) {
            text[at] = (char)byte;
            wrong += !is_right(text);
        }
    }
    return wrong;
}

static int is_origin_as_strcasecmp(const char *name)
{
    return cors_header_is_origin(name) == !strcasecmp(name, "Origin");
}

/* It may say yes for others. */
static int is_access_if_strncasecmp(const char *name)
{
    return cors_header_may_be_access(name)
           || strncasecmp(name, "Access-Control-", 15) != 0;
}

int main(void)
{
    static const char *const others[] = {
        "Accept", "Accept-Ranges", "Age", "Allow", "Authorization", "A", "",
        "Vary"
    };
    size_t i;

    is_number(count_wrong("Origin", is_origin_as_strcasecmp), 0,
              "Origin, byte by byte");
    is_number(count_wrong("oRIGIN", is_origin_as_strcasecmp), 0,
              "in other letters, too");
    is_number(count_wrong("Access-Control-Allow-Origin",
                          is_access_if_strncasecmp), 0,
              "no Access-Control-* is missed");
    is_number(count_wrong("aCCESS-cONTROL-mAX-aGE", is_access_if_strncasecmp),
              0, "in other letters, too");
    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        ok(!cors_header_may_be_access(others[i]), "'%s' is told apart",
           others[i]);
    }
    return done_testing();
}
