/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>

#include "../describe.h"
#include "../why.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<title>CORS: what would happen</title>\n<style>\n"
    ":root{color-scheme:light dark;--line:#8884;--soft:#8881}\n"
    "*{box-sizing:border-box}\n"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:0 auto;"
    "padding:1.5rem 1rem}\n"
    "h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.1rem;margin:1.5rem 0 "
    ".5rem}\n"
    "form{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr))"
    ";gap:.75rem;align-items:end}\n"
    "label{display:block;font-size:.85rem}input{width:100%;font:inherit;"
    "padding:.4rem .5rem;border:1px solid var(--line);border-radius:.4rem}\n"
    "button{font:inherit;padding:.45rem 1rem;border:0;border-radius:.4rem;"
    "background:#2456c9;color:#fff}\n"
    ".verdict{margin:1.25rem 0;padding:.75rem 1rem;border-left:.3rem solid "
    "#b3261e;background:var(--soft);border-radius:.3rem}\n"
    ".verdict.yes{border-color:#1a7f37}.verdict b{font-size:1.1rem}\n"
    ".two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,"
    "24rem),1fr));gap:0 1.5rem}\n"
    "table{border-collapse:collapse;width:100%;font-size:.9rem}\n"
    "td,th{text-align:left;vertical-align:top;padding:.3rem .5rem .3rem 0;"
    "border-bottom:1px solid var(--line);overflow-wrap:anywhere}\n"
    "td:first-child,th{white-space:nowrap;overflow-wrap:normal}\n"
    "td:last-child{min-width:13rem}\n"
    "@media(max-width:44rem){tr:first-child{display:none}tr{display:block;"
    "border-bottom:1px solid var(--line);padding:.4rem 0}td{display:block;"
    "border:0;padding:0}}\n"
    "code,pre{font:.85rem/1.5 ui-monospace,monospace}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);"
    "padding:.6rem .8rem;border-radius:.4rem;margin:.5rem 0}\n"
    "</style></head><body>\n<h1>CORS: what would happen</h1>\n";

/* Bytes beyond ASCII, and control characters, become character references. */
static const char *escaped(request_rec *r, const char *text)
{
    const char *from = ap_escape_html2(r->pool, text ? text : "", 1);
    char *html = apr_palloc(r->pool, 6 * strlen(from) + 1);
    char *to = html;

    for (; *from != '\0'; from++) {
        if (apr_iscntrl(*from)) {
            to += apr_snprintf(to, sizeof("&#127;"), "&#%d;", *from);
        }
        else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return html;
}

static void put_input(request_rec *r, const char *name, const char *label,
                      const char *value, const char *hint)
{
    ap_rprintf(r, "<label>%s<input name=\"%s\" value=\"%s\" "
               "placeholder=\"%s\"></label>\n", label, name,
               escaped(r, value), hint);
}

static void put_form(request_rec *r, const cors_question_t *question)
{
    ap_rputs("<form method=\"get\">\n", r);
    put_input(r, "url", "URL", question->url, "/api/items");
    put_input(r, "origin", "Origin of the page", question->origin,
              "https://app.example.com");
    put_input(r, "method", "Method", question->method, "GET");
    put_input(r, "headers", "Headers that the script sets", question->headers,
              "content-type, x-token");
    ap_rputs("<button>Explain</button>\n</form>\n", r);
}

static void put_field(void *data, const char *directive, const char *value,
                      const cors_place_t *place)
{
    request_rec *r = data;

    ap_rprintf(r, "<tr><td>%s</td><td><code>%s</code></td><td>%s</td></tr>\n",
               directive, escaped(r, value),
               escaped(r, cors_place_text(place, r->pool)));
}

static void put_policy(request_rec *r, const cors_answer_t *answer)
{
    ap_rputs("<h2>The policy in force</h2>\n<table>\n<tr><th>Directive</th>"
             "<th>Value</th><th>Set in</th></tr>\n", r);
    if (answer->policy) {
        cors_policy_describe(answer->policy, put_field, r, r->pool);
    }
    else {
        ap_rputs("<tr><td colspan=\"3\">None.</td></tr>\n", r);
    }
    ap_rputs("</table>\n", r);
}

static int put_header(void *data, const char *name, const char *value)
{
    request_rec *r = data;

    ap_rprintf(r, "%s: %s\n", escaped(r, name), escaped(r, value));
    return 1;
}

static const char *word_of(const cors_answer_t *answer)
{
    const char *word = answer->exchange
        ? cors_outcome_word(answer->exchange->decision.outcome) : NULL;

    return word ? word : "no decision";
}

static void put_answer(request_rec *r, const char *title, const char *note,
                       const cors_answer_t *answer)
{
    ap_rprintf(r, "<section><h2>%s</h2>\n<p>%s <b>%s</b>: %s.</p>\n<pre>",
               title, note, word_of(answer),
               escaped(r, cors_explain_why(r, answer)));
    if (apr_is_empty_table(answer->response)) {
        ap_rputs("No header from mod_cors.", r);
    }
    apr_table_do(put_header, r, answer->response, NULL);
    ap_rputs("</pre></section>\n", r);
}

static int is_yes(const cors_answer_t *answer)
{
    return !answer->stopped && answer->exchange
           && answer->exchange->decision.origin_allowed
           && !cors_outcome_is_refusal(answer->exchange->decision.outcome);
}

static void put_verdict(request_rec *r, const cors_explanation_t *explanation)
{
    const cors_answer_t *decisive = cors_explain_decisive(explanation);

    ap_rprintf(r, "<p class=\"verdict%s\"><b>%s</b><br>%s.",
               is_yes(decisive) ? " yes" : "", word_of(decisive),
               escaped(r, cors_explain_why(r, decisive)));
    if (decisive->exchange && decisive->exchange->decision.place) {
        ap_rprintf(r, "<br>Decided by <code>%s</code>",
                   escaped(r, cors_place_text(
                                  decisive->exchange->decision.place,
                                  r->pool)));
    }
    ap_rputs("</p>\n", r);
}

void cors_explain_html(request_rec *r, const cors_explanation_t *explanation)
{
    ap_rputs(head, r);
    put_form(r, &explanation->question);
    if (explanation->mistake) {
        if (explanation->question.url) {
            ap_rprintf(r, "<p class=\"verdict\">%s.</p>\n",
                       escaped(r, explanation->mistake));
        }
        ap_rputs("</body></html>\n", r);
        return;
    }
    put_verdict(r, explanation);
    put_policy(r, cors_explain_decisive(explanation));
    ap_rputs("<div class=\"two\">\n", r);
    put_answer(r, "Preflight",
               explanation->needs_preflight ? "A browser sends it first."
                   : "A browser needs none for this method and these headers.",
               &explanation->preflight);
    put_answer(r, "Request", "What follows, and every response to it.",
               &explanation->request);
    ap_rputs("</div>\n</body></html>\n", r);
}
