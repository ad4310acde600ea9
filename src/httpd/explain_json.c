/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain.h"

#include <http_protocol.h>

#include "../reason.h"

/* An object or array that is being written. */
typedef struct members_t {
    request_rec *r;
    const char *separator;
} members_t;

/* A string in quotes (RFC 8259, section 7). Other bytes than ASCII are written
 * as the characters of Latin-1: what a client sent need not be UTF-8.
 */
static void put_string(request_rec *r, const char *text)
{
    ap_rputc('"', r);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c > 0x7e || strchr("\"\\<>&", c)) {
            ap_rprintf(r, "\\u%04x", c);
        }
        else {
            ap_rputc(c, r);
        }
    }
    ap_rputc('"', r);
}

static void put_name(members_t *to, const char *name)
{
    ap_rputs(to->separator, to->r);
    to->separator = ", ";
    put_string(to->r, name);
    ap_rputs(": ", to->r);
}

static void put_text(members_t *to, const char *name, const char *value)
{
    put_name(to, name);
    if (value) {
        put_string(to->r, value);
    }
    else {
        ap_rputs("null", to->r);
    }
}

static void put_bool(members_t *to, const char *name, int value)
{
    put_name(to, name);
    ap_rputs(value ? "true" : "false", to->r);
}

static void put_number(members_t *to, const char *name, int value)
{
    put_name(to, name);
    ap_rprintf(to->r, "%d", value);
}

static int put_header(void *context, const char *name, const char *value)
{
    put_text(context, name, value);
    return 1;
}

static void put_line(void *context, const cors_line_t *line)
{
    members_t *to = context;
    members_t member = { to->r, "" };

    ap_rprintf(to->r, "%s\n    {", to->separator);
    to->separator = ",";
    put_text(&member, "directive", line->directive);
    put_text(&member, "value", line->args);
    put_text(&member, "line", cors_line_text(line, to->r->pool));
    ap_rputc('}', to->r);
}

static void put_answer(members_t *to, const char *name,
                       const cors_answer_t *answer)
{
    members_t members = { to->r, "" };
    members_t headers = { to->r, "" };

    put_name(to, name);
    ap_rputc('{', to->r);
    put_text(&members, "decision", cors_explain_decision(answer));
    put_text(&members, "line", cors_explain_line(answer, to->r->pool));
    put_number(&members, "status", answer->status);
    put_bool(&members, "stopped", answer->stopped);
    put_bool(&members, "answered",
             answer->exchange && answer->exchange->answered);
    put_text(&members, "location", answer->location);
    put_name(&members, "headers");
    ap_rputc('{', to->r);
    apr_table_do(put_header, &headers, answer->headers, NULL);
    ap_rputs("}}", to->r);
}

static void put_question(members_t *to, const cors_explanation_t *explanation)
{
    const cors_question_t *question = &explanation->question;

    put_text(to, "url", cors_question_url(to->r, question));
    put_text(to, "virtual_host", explanation->virtual_host);
    put_text(to, "origin", question->origin);
    put_text(to, "origin_note", question->origin_note);
    put_text(to, "method", question->method);
    put_text(to, "headers", question->headers);
    put_bool(to, "credentials", question->credentials);
}

static void put_remedy(members_t *to, const apr_array_header_t *fixes)
{
    const cors_fix_t *first = fixes->nelts
        ? &APR_ARRAY_IDX(fixes, 0, cors_fix_t) : NULL;
    members_t list = { to->r, "" };
    int i;

    put_text(to, "write", first ? first->write : NULL);
    put_text(to, "write_in", first ? first->place : NULL);
    put_name(to, "remedy");
    ap_rputc('[', to->r);
    for (i = 0; i < fixes->nelts; i++) {
        const cors_fix_t *fix = &APR_ARRAY_IDX(fixes, i, cors_fix_t);
        members_t member = { to->r, "" };

        ap_rprintf(to->r, "%s\n    {", list.separator);
        list.separator = ",";
        put_text(&member, "write", fix->write);
        put_text(&member, "write_in", fix->place);
        ap_rputc('}', to->r);
    }
    ap_rputc(']', to->r);
}

static void put_verdict(members_t *to, const cors_explanation_t *explanation)
{
    const cors_answer_t *answer = explanation->decisive;
    members_t policy = { to->r, "" };

    put_text(to, "verdict", cors_explain_verdict(explanation));
    put_text(to, "decision", cors_explain_decision(answer));
    put_number(to, "status", answer->status);
    put_text(to, "why", explanation->why);
    put_text(to, "line", cors_explain_line(answer, to->r->pool));
    put_text(to, "unknown_because", explanation->unknown_because);
    put_remedy(to, explanation->fixes);
    put_text(to, "note", explanation->note);
    put_text(to, "curl", explanation->curl);
    put_bool(to, "needs_preflight", explanation->needs_preflight);
    put_name(to, "policy");
    ap_rputc('[', to->r);
    cors_policy_each_line(answer->policy, put_line, &policy);
    ap_rputc(']', to->r);
}

void cors_explain_json(request_rec *r, const cors_explanation_t *explanation)
{
    members_t all = { r, "\n  " };

    ap_rputc('{', r);
    if (explanation->question.error) {
        put_text(&all, "error", explanation->question.error);
    }
    else {
        put_question(&all, explanation);
        put_verdict(&all, explanation);
        put_answer(&all, "preflight", &explanation->preflight);
        put_answer(&all, "request", &explanation->request);
    }
    ap_rputs("\n}\n", r);
}
