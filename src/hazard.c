/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "hazard.h"

#include <apr_strings.h>

int cors_hazard_first(int hazards)
{
    return hazards & -hazards;
}

const char *cors_hazard_word(int hazard)
{
    switch (hazard) {
    case CORS_HAZARD_INSECURE:
        return "insecure-origin";
    case CORS_HAZARD_PUBLIC_SUFFIX:
        return "public-suffix";
    case CORS_HAZARD_NULL:
        return "null-origin";
    case CORS_HAZARD_LOOSE_REGEX:
        return "loose-regex";
    default:
        return "expression";
    }
}

cors_remark_t cors_hazard_remark(int hazard, const char *text, apr_pool_t *p)
{
    cors_remark_t remark = { NULL, NULL };

    switch (hazard) {
    case CORS_HAZARD_INSECURE:
        remark.reason = "is http: whoever is on the way can change its pages";
        remark.instead = apr_pstrcat(p, "https", text + 4, NULL);
        break;
    case CORS_HAZARD_PUBLIC_SUFFIX:
        remark.reason = "covers a public suffix, where anybody can register a "
                        "name";
        break;
    case CORS_HAZARD_NULL:
        remark.reason = "is the origin of every sandboxed frame, so any page "
                        "can have it";
        break;
    case CORS_HAZARD_LOOSE_REGEX:
        remark.reason = "matches more origins than it looks";
        break;
    default:
        remark.reason = "is an expression: nobody can say which origins it "
                        "allows";
    }
    return remark;
}
