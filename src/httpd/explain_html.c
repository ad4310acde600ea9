/* Licensed under the Apache License, Version 2.0; see the file LICENSE. */

#include "explain.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_protocol.h>

#include "../reason.h"

static const char style[] =
    ":root{color-scheme:light dark;--ground:#f4f5f7;--surface:#fff;"
    "--sunken:#f0f2f6;--line:#dde1e8;--ink:#1c2430;--soft:#566073;"
    "--accent:#2552b8;--on-accent:#fff;--good:#11683f;--good-ground:#e2f3e9;"
    "--held:#7d4a00;--held-ground:#fcefd6;--bad:#a4161a;--bad-ground:#fde4e3;"
    "--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\","
    "monospace}\n"
    "@media(prefers-color-scheme:dark){:root{--ground:#12161d;"
    "--surface:#1a2029;--sunken:#12171f;--line:#2e3744;--ink:#e4e8ee;"
    "--soft:#9fabbc;--accent:#8db4ff;--on-accent:#10203f;--good:#7fdcab;"
    "--good-ground:#143425;--held:#f1c27a;--held-ground:#3a2b11;"
    "--bad:#ff9d98;--bad-ground:#451a1b}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:72rem;padding:0 1rem 4rem;"
    "background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,"
    "-apple-system,\"Segoe UI\",Roboto,\"Liberation Sans\",sans-serif;"
    "overflow-wrap:anywhere}\n"
    "h1,h2,p,pre,dl,dd,ol{margin:0;padding:0}ol{list-style:none}\n"
    "header{padding:2rem 0 1.25rem}.brand{color:var(--accent);"
    "font-size:.875rem;font-weight:600}\n"
    "h1{font-size:clamp(1.5rem,4vw,2.125rem);letter-spacing:-.02em;"
    "line-height:1.2}\n"
    "h2{font-size:1.0625rem;line-height:1.35;margin-bottom:.75rem}\n"
    "code,pre{font-family:var(--mono);font-size:.8125rem}"
    "pre{line-height:1.5;white-space:pre-wrap;background:var(--sunken);"
    "border-left:2px solid var(--line);padding:.5rem .75rem;margin-top:.375rem}"
    "\n"
    "a{color:var(--accent)}:focus-visible{outline:2px solid var(--accent);"
    "outline-offset:2px}\n"
    "form,section{background:var(--surface);border:1px solid var(--line);"
    "border-radius:.5rem;padding:1rem;margin-top:1rem}\n"
    "form{display:grid;gap:.875rem}label{display:block;font-size:.8125rem;"
    "font-weight:600;color:var(--soft)}\n"
    "input[name]:not([type]){display:block;width:100%;margin-top:.25rem;"
    "padding:.5rem .625rem;border:1px solid var(--line);border-radius:.375rem;"
    "background:var(--sunken);color:var(--ink);font:.875rem var(--mono)}\n"
    ".check{display:flex;gap:.5rem;align-items:center;min-height:2.25rem}\n"
    "button{padding:.5625rem 1.25rem;border:0;border-radius:.375rem;"
    "background:var(--accent);color:var(--on-accent);font:600 .9375rem inherit;"
    "font-family:inherit;cursor:pointer}\n"
    ".verdict{border-left:4px solid var(--bad);background:var(--bad-ground)}"
    ".verdict b{font-size:1.25rem;color:var(--bad)}\n"
    ".verdict.allowed{border-color:var(--good);background:var(--good-ground)}"
    ".allowed b{color:var(--good)}\n"
    ".verdict.unknown{border-color:var(--held);background:var(--held-ground)}"
    ".unknown b{color:var(--held)}\n"
    ".verdict p+p{margin-top:.5rem}.soft{color:var(--soft);font-size:.875rem}\n"
    "dl{display:grid;gap:.125rem .75rem;font-size:.9375rem}"
    "dt{color:var(--soft);font-size:.8125rem;font-weight:600}"
    "dd+dt{margin-top:.5rem}\n"
    "ol li+li{margin-top:.75rem}dl+p{margin-top:.75rem}"
    ".verdict p::first-letter,.first::first-letter"
    "{text-transform:uppercase}\n"
    "@media(min-width:44rem){body{padding:0 2rem 4rem}"
    "form{grid-template-columns:2fr 2fr;align-items:end}"
    ".two{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem}"
    "dl{grid-template-columns:9rem 1fr;gap:.375rem .75rem}"
    "dd+dt{margin:0}}\n";

/* Text for an element or attribute: other bytes than printable ASCII become
 * character references.
 */
static const char *escaped(request_rec *r, const char *text)
{
    const char *from = ap_escape_html2(r->pool, text ? text : "", 1);
    char *html = apr_palloc(r->pool, 6 * strlen(from) + 1);
    char *to = html;

    for (; *from != '\0'; from++) {
        if (apr_iscntrl(*from) && *from != '\n') {
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
    ap_rprintf(r, "<label>%s<input name=\"%s\" value=\"%s\" placeholder=\"%s\" "
               "autocomplete=\"off\" autocapitalize=\"off\" "
               "spellcheck=\"false\"></label>\n", label, name,
               escaped(r, value), hint);
}

static void put_form(request_rec *r, const cors_question_t *question)
{
    ap_rputs("<form method=\"get\">\n", r);
    put_input(r, "url", "URL of the request", question->url, "/api/items");
    put_input(r, "origin", "Origin, or URL, of the page", question->origin,
              "https://app.example.com");
    put_input(r, "method", "Method", question->method, "GET");
    put_input(r, "headers", "Request headers that the script sets",
              question->headers, "content-type, x-token");
    ap_rprintf(r, "<label class=\"check\"><input type=\"checkbox\" "
               "name=\"credentials\" value=\"on\"%s>With credentials: cookies "
               "or a login</label>\n<div><button>Explain</button></div>\n"
               "</form>\n", question->credentials ? " checked" : "");
}

static void put_example(request_rec *r)
{
    ap_rputs("<section><p>Enter a request that a browser blocks, or try "
             "<a href=\"?url=/&amp;origin=https://app.example.com&amp;"
             "method=PUT&amp;headers=content-type\">an example: PUT / from "
             "https://app.example.com</a>.</p></section>\n", r);
}

static void put_verdict(request_rec *r, const cors_explanation_t *explanation)
{
    const char *line = cors_explain_line(explanation->decisive, r->pool);

    ap_rprintf(r, "<section class=\"verdict %s\"><p><b>%s</b></p>\n"
               "<p>%s.</p>\n", cors_explain_verdict(explanation),
               explanation->verdict == CORS_VERDICT_ALLOWED ? "Allowed"
               : explanation->verdict == CORS_VERDICT_REFUSED ? "Refused"
                                                              : "Unknown",
               escaped(r, explanation->why));
    if (explanation->unknown_because) {
        ap_rprintf(r, "<p>It is unknown what a browser gets, because %s.</p>\n",
                   escaped(r, explanation->unknown_because));
    }
    if (line) {
        ap_rprintf(r, "<p>Decided by <code>%s</code></p>\n",
                   escaped(r, line));
    }
    ap_rputs("</section>\n", r);
}

static void put_remedy(request_rec *r, const cors_explanation_t *explanation)
{
    int i;

    if (!explanation->fixes->nelts && !explanation->note) {
        return;
    }
    ap_rputs("<section><h2>What to write</h2>\n<ol>\n", r);
    for (i = 0; i < explanation->fixes->nelts; i++) {
        const cors_fix_t *fix = &APR_ARRAY_IDX(explanation->fixes, i,
                                               cors_fix_t);

        ap_rprintf(r, "<li class=\"first\">%s <pre>%s</pre></li>\n",
                   escaped(r, fix->place), escaped(r, fix->write));
    }
    ap_rputs("</ol>\n", r);
    if (explanation->note) {
        ap_rprintf(r, "<p class=\"soft\">%s.</p>\n",
                   escaped(r, explanation->note));
    }
    ap_rputs("</section>\n", r);
}

static void put_term(request_rec *r, const char *term, const char *text)
{
    ap_rprintf(r, "<dt>%s</dt><dd>%s</dd>\n", term, escaped(r, text));
}

static void put_facts(request_rec *r, const cors_explanation_t *explanation)
{
    const cors_answer_t *answer = explanation->decisive;
    const cors_question_t *question = &explanation->question;

    ap_rputs("<section><h2>The request</h2>\n<dl>\n", r);
    put_term(r, "Request", apr_pstrcat(r->pool, question->method, " ",
                                       cors_question_url(r, question), NULL));
    put_term(r, "Virtual host", explanation->virtual_host);
    if (question->origin_note) {
        put_term(r, "Origin", question->origin_note);
    }
    put_term(r, "Decision", cors_explain_decision(answer));
    put_term(r, "Status", answer->stopped || answer->status != HTTP_OK
                              ? apr_itoa(r->pool, answer->status)
                              : "that of the handler");
    put_term(r, "Preflight", explanation->needs_preflight
                                 ? "sent by the browser first"
                                 : "not needed for this request");
    put_term(r, "Client address", apr_pstrcat(r->pool, r->useragent_ip, ", for "
                                              "access control by address",
                                              NULL));
    ap_rprintf(r, "</dl>\n<p class=\"soft\">The same question for curl:</p>"
               "<pre>%s</pre></section>\n", escaped(r, explanation->curl));
}

static void put_line(void *context, const cors_line_t *line)
{
    request_rec *r = context;

    ap_rprintf(r, "<li><code>%s %s</code><br><span class=\"soft\">%s</span>"
               "</li>\n", line->directive, escaped(r, line->args),
               escaped(r, cors_line_text(line, r->pool)));
}

static void put_policy(request_rec *r, const cors_answer_t *answer)
{
    if (!answer->policy->effect.is_relevant) {
        return;
    }
    ap_rputs("<section><h2>Its policy</h2>\n<ol>\n", r);
    cors_policy_each_line(answer->policy, put_line, r);
    ap_rputs("</ol></section>\n", r);
}

static int put_header(void *context, const char *name, const char *value)
{
    request_rec *r = context;

    ap_rprintf(r, "%s: %s\n", escaped(r, name), escaped(r, value));
    return 1;
}

static void put_answer(request_rec *r, const char *title,
                       const cors_answer_t *answer)
{
    ap_rprintf(r, "<section><h2>%s: %s</h2>\n<p class=\"soft\">", title,
               cors_explain_decision(answer));
    if (answer->exchange && answer->exchange->answered) {
        ap_rprintf(r, "Answered by mod_cors with status %d.", answer->status);
    }
    else if (answer->stopped) {
        ap_rprintf(r, "Stopped before its handler, with status %d.",
                   answer->status);
    }
    else {
        ap_rputs("Passed on to its handler.", r);
    }
    ap_rputs("</p>\n<pre>", r);
    if (apr_is_empty_table(answer->headers)) {
        ap_rputs("no header from mod_cors", r);
    }
    apr_table_do(put_header, r, answer->headers, NULL);
    ap_rputs("</pre></section>\n", r);
}

static void put_explanation(request_rec *r,
                            const cors_explanation_t *explanation)
{
    put_verdict(r, explanation);
    put_remedy(r, explanation);
    put_facts(r, explanation);
    put_policy(r, explanation->decisive);
    ap_rputs("<div class=\"two\">\n", r);
    if (explanation->needs_preflight) {
        put_answer(r, "Preflight", &explanation->preflight);
    }
    put_answer(r, "Request", &explanation->request);
    ap_rputs("</div>\n", r);
}

void cors_explain_html(request_rec *r, const cors_explanation_t *explanation)
{
    const cors_question_t *question = &explanation->question;

    ap_rvputs(r, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
              "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
              "content=\"width=device-width,initial-scale=1\">\n"
              "<title>CORS: what would happen</title>\n<style>\n", style,
              "</style></head><body>\n<header><p class=\"brand\">mod_cors</p>"
              "<h1>What would happen, and why</h1></header>\n<main>\n", NULL);
    put_form(r, question);
    if (!question->error) {
        put_explanation(r, explanation);
    }
    else if (question->url || question->origin) {
        ap_rprintf(r, "<section class=\"verdict\"><p><b>Not answered</b></p>"
                   "<p>%s.</p></section>\n", escaped(r, question->error));
    }
    else {
        put_example(r);
    }
    ap_rputs("</main></body></html>\n", r);
}
