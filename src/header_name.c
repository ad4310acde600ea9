/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "header_name.h"

#include <string.h>
#include <strings.h>

static const char *const never_asked[] = {
    "Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers",
    "Access-Control-Request-Method", "Access-Control-Request-Private-Network",
    "Connection", "Content-Length", "Cookie", "Cookie2", "Date", "DNT",
    "Expect", "Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE",
    "Trailer", "Transfer-Encoding", "Upgrade", "Via", NULL
};

static const char *const never_exposed[] = {
    "Set-Cookie", "Set-Cookie2", NULL
};

const char *const cors_header_ours[] = {
    "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials",
    "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
    "Access-Control-Expose-Headers", "Access-Control-Max-Age", NULL
};

static int is_in(const char *const *list, const char *name)
{
    while (*list && strcasecmp(*list, name) != 0) {
        list++;
    }
    return *list != NULL;
}

int cors_header_is_never_asked(const char *name)
{
    return is_in(never_asked, name) || !strncasecmp(name, "Sec-", 4)
           || !strncasecmp(name, "Proxy-", 6);
}

int cors_header_is_never_exposed(const char *name)
{
    return is_in(never_exposed, name);
}

int cors_header_is_ours(const char *name)
{
    return is_in(cors_header_ours, name);
}
