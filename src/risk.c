/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "risk.h"

const cors_risk_t cors_risks[CORS_RISKS] = {
    { CORS_RISK_LOOSE_REGEX, "loose-regex",
      "other sites can match the expression and use your visitors' logins",
      "correct the expression" },
    { CORS_RISK_INSECURE_ORIGIN, "insecure-origin",
      "over http anyone on the network can alter the page and use your "
      "visitors' logins", "use https" },
    { CORS_RISK_PUBLIC_SUFFIX, "public-suffix",
      "anyone can register a name below this suffix and use your visitors' "
      "logins", "list the names that you need" },
    { CORS_RISK_NULL_ORIGIN, "null-origin",
      "any page can send this origin, for example from a sandboxed frame, and "
      "use your visitors' logins", "list the page's real origin" },
    { CORS_RISK_EXPRESSION, "expression",
      "the origins that an expression allows cannot be checked in advance",
      "list the origins" }
};

const cors_risk_t *cors_risk_first(int risks)
{
    const cors_risk_t *risk = cors_risks;

    while (!(risk->bit & risks)) {
        risk++;
    }
    return risk;
}
