/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain.h"

#include <http_protocol.h>

#include "../describe.h"
#include "../why.h"

/* A string in quotes (RFC 8259, section 7). Bytes beyond ASCII are written as
 * the characters of Latin-1: what a client sent need not be UTF-8.
 */
static void put_string(request_rec *r, const char *text)
{
    ap_rputc('"', r);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            ap_rprintf(r, "\\%c", c);
        }
        else if (c < 0x20 || c > 0x7e || c == '<' || c == '>' || c == '&') {
            ap_rprintf(r, "\\u%04x", c);
        }
        else {
            ap_rputc(c, r);
        }
    }
    ap_rputc('"', r);
}

/* A member of an object, with the comma behind the one before it. */
static void put_member(request_rec *r, const char *before, const char *name,
                       const char *value)
{
    ap_rprintf(r, "%s\"%s\": ", before, name);
    if (value) {
        put_string(r, value);
    }
    else {
        ap_rputs("null", r);
    }
}

/* Members of an object or an array that is being written. */
typedef struct members_t {
    request_rec *r;
    /** What stands in front of the next one. */
    const char *separator;
} members_t;

static int put_header(void *data, const char *name, const char *value)
{
    members_t *to = data;

    ap_rputs(to->separator, to->r);
    put_string(to->r, name);
    ap_rputs(": ", to->r);
    put_string(to->r, value);
    to->separator = ", ";
    return 1;
}

static void put_field(void *data, const char *directive, const char *value,
                      const cors_place_t *place)
{
    members_t *to = data;

    ap_rputs(to->separator, to->r);
    put_member(to->r, "{", "directive", directive);
    put_member(to->r, ", ", "value", value);
    put_member(to->r, ", ", "place", cors_place_text(place, to->r->pool));
    ap_rputc('}', to->r);
    to->separator = ",\n    ";
}

static void put_answer(request_rec *r, const char *name,
                       const cors_answer_t *answer)
{
    const cors_exchange_t *exchange = answer->exchange;
    members_t headers = { r, "" };

    ap_rprintf(r, ",\n  \"%s\": {\n", name);
    put_member(r, "    ", "decision",
               exchange ? cors_outcome_word(exchange->decision.outcome)
                        : NULL);
    put_member(r, ",\n    ", "why", cors_explain_why(r, answer));
    put_member(r, ",\n    ", "place",
               exchange && exchange->decision.place
                   ? cors_place_text(exchange->decision.place, r->pool)
                   : NULL);
    ap_rprintf(r, ",\n    \"status\": %d,\n    \"stopped\": %s,\n"
               "    \"answered\": %s,\n    \"headers\": {", answer->status,
               answer->stopped ? "true" : "false",
               exchange && exchange->answered ? "true" : "false");
    apr_table_do(put_header, &headers, answer->response, NULL);
    ap_rputs("}\n  }", r);
}

void cors_explain_json(request_rec *r, const cors_explanation_t *explanation)
{
    const cors_question_t *question = &explanation->question;
    const cors_answer_t *decisive = cors_explain_decisive(explanation);
    members_t fields = { r, "" };

    if (explanation->mistake) {
        put_member(r, "{", "error", explanation->mistake);
        ap_rputs("}\n", r);
        return;
    }
    put_member(r, "{\n  ", "url", question->url);
    put_member(r, ",\n  ", "origin", question->origin);
    put_member(r, ",\n  ", "method", question->method);
    put_member(r, ",\n  ", "requested_headers", question->headers);
    put_member(r, ",\n  ", "decision",
               decisive->exchange
                   ? cors_outcome_word(decisive->exchange->decision.outcome)
                   : NULL);
    put_member(r, ",\n  ", "why", cors_explain_why(r, decisive));
    ap_rprintf(r, ",\n  \"needs_preflight\": %s,\n  \"policy\": [",
               explanation->needs_preflight ? "true" : "false");
    if (decisive->policy) {
        cors_policy_describe(decisive->policy, put_field, &fields,
                             r->pool);
    }
    ap_rputc(']', r);
    put_answer(r, "preflight", &explanation->preflight);
    put_answer(r, "request", &explanation->request);
    ap_rputs("\n}\n", r);
}
