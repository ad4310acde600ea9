'use strict';

/* Shows the policy, makes the calls of calls.js one after the other, and
 * fills in a card for each. */

const $ = (id) => document.getElementById(id);

/* Where the page has room for everything at once; see style.css. */
const WIDE = matchMedia('(min-width: 44rem)');

/* Response headers that say nothing about CORS. */
const NOISE = /^(accept-ranges|cache-control|connection|content-length|date|etag|keep-alive|last-modified|server|transfer-encoding|upgrade):/i;
const CORS = /^(access-control-|vary:|origin:)/i;
const ACCESS = /^access-control-/i;

function element(name, className, text) {
    const node = document.createElement(name);
    if (className) {
        node.className = className;
    }
    if (text !== undefined) {
        node.textContent = text;
    }
    return node;
}

/* ---- the policy ---- */

/* The lines of policy.conf with the section that each stands in. */
function parsePolicy(text) {
    let scope;
    return text.trimEnd().split('\n').map((line, i) => {
        const [, open] = line.match(/^<Location "(.*)">/) || [];
        scope = open || (/^<\//.test(line) ? undefined : scope);
        const [directive] = line.trim().split(/\s+/);
        return {id: 'policy-' + (i + 1), number: i + 1, line, scope, directive};
    });
}

function showPolicy(lines) {
    for (const {id, line} of lines) {
        const item = element('li', /^\s*#/.test(line) ? 'comment' : '');
        const [, indent, first, blanks, rest] =
            line.match(/^(\s*)(#.*|\S*)(\s*)(.*)$/);
        const code = element('code');
        item.id = id;
        code.append(indent, element('b', '', first), blanks.slice(0, 1),
            element('span', 'pad', blanks.slice(1)), rest || '\n');
        item.append(code);
        $('policy').append(item);
    }
}

function findLine(lines, {directive, scope}) {
    return lines.find((line) =>
        line.directive === directive && line.scope === scope);
}

/* ---- a card ---- */

function showCard(call, lines) {
    const card = $('card').content.cloneNode(true).firstElementChild;
    const title = card.querySelector('h3');
    card.dataset.name = call.name;
    title.textContent = call.title;
    title.id = call.name;
    card.setAttribute('aria-labelledby', call.name);
    card.querySelector('details').open = WIDE.matches;
    card.querySelector('.text').textContent = call.text;
    card.querySelector('.code').textContent = sourceOf(call.run);
    for (const reason of call.decides) {
        showReason(card, reason, findLine(lines, reason));
    }
    document.querySelector(`[data-group=${call.group}]`).append(card);
    return card;
}

/* The source of a call: without its wrapping, and moved to the left. */
function sourceOf(run) {
    const source = run.toString()
        .replace(/^async \(api\) => \{\n([^]*)\}$/, '$1')
        .replace(/^\(api\) => /, '');
    const indents = source.trimEnd().split('\n').slice(1)
        .map((line) => line.match(/^ */)[0].length);
    const least = indents.length ? Math.min(...indents) : 0;
    return source.replaceAll('\n' + ' '.repeat(least), '\n').trim();
}

/* A directive that decides, as a link to its line. */
function showReason(card, reason, line) {
    const item = element('li');
    const link = element('a', '', reason.directive);
    const target = $(line.id);
    link.href = '#' + line.id;
    item.append(link, ` ${reason.text} `,
        element('span', 'line', `line ${line.number}`));
    card.querySelector('.decides').append(item);
    card.addEventListener('pointerenter', () => target.classList.add('lit'));
    card.addEventListener('pointerleave', () => target.classList.remove('lit'));
}

function showOutcome(card, outcome) {
    const said = card.querySelector('.said');
    if (outcome.error) {
        said.replaceChildren(element('p', 'status', outcome.error));
        return;
    }
    said.replaceChildren(
        element('p', 'status', `${outcome.status} ${outcome.reason}`),
        element('pre', 'body', outcome.body));
    for (const [name, value] of Object.entries(outcome.headers)) {
        said.append(element('pre', 'read',
            `response.headers.get('${name}')\n// ${JSON.stringify(value)}`));
    }
}

function showWire(card, call, exchanges) {
    const wire = card.querySelector('.wire');
    wire.replaceChildren();
    for (const {request, response} of exchanges) {
        const block = element('div', 'exchange');
        const isPreflight = request[0].startsWith('OPTIONS');
        block.append(
            element('p', 'kind', isPreflight ? 'Preflight' : 'Request'),
            message('request', request), message('response', response));
        wire.append(block);
    }
    if (call.expect.blocked && exchanges.at(-1).request[0].startsWith('OPT')) {
        wire.append(element('p', 'unsent', 'The request itself is not sent.'));
    }
}

/* The head of a message, its CORS headers in bold. */
function message(kind, [first, ...headers]) {
    const block = element('pre', kind);
    block.append(element('span', '', first));
    for (const header of headers.filter((line) => !NOISE.test(line))) {
        block.append(element(CORS.test(header) ? 'b' : 'span', '', header));
    }
    if (kind === 'response' && !headers.some((line) => ACCESS.test(line))) {
        block.append(element('i', '', 'no Access-Control header'));
    }
    return block;
}

function showVerdict(card, call, outcome, ok) {
    const verdict = card.querySelector('.verdict');
    const word = outcome.error ? 'blocked' : 'readable';
    card.dataset.state = word;
    card.dataset.ok = ok;
    verdict.textContent = ok ? `${word}, as it should be`
        : `${word}: not what was expected`;
}

/* ---- was it right? ---- */

function isExpected({expect}, outcome) {
    if (expect.blocked) {
        return 'error' in outcome;
    }
    return outcome.status === expect.status &&
        outcome.body.includes(expect.body) &&
        Object.entries(expect.headers || {}).every(([name, value]) =>
            outcome.headers[name] === value);
}

/* Every answer has exactly the Access-Control-Allow-Origin that it should. */
function isWireExpected({expect}, exchanges) {
    return exchanges.length > 0 && exchanges.every(({request, response}) => {
        const origin = request.find((line) => line.startsWith('Origin: '));
        const value = expect.origin === 'echo' ? origin.slice(8) : '*';
        const wanted = expect.origin === 'none' ? []
            : ['Access-Control-Allow-Origin: ' + value];
        const found = response.filter((line) =>
            /^access-control-allow-origin:/i.test(line));
        return found.join('\n') === wanted.join('\n');
    });
}

/* ---- making the calls ---- */

async function getJson(url) {
    const response = await fetch(url, {cache: 'no-store'});
    if (!response.ok) {
        throw new Error(`${url}: ${response.status}`);
    }
    return response.json();
}

/* Loads the stranger's page into the frame; what comes back makes a call
 * there and waits for its outcome. */
async function loadStranger(origins) {
    const frame = $('stranger');
    await new Promise((resolve) => {
        frame.addEventListener('load', resolve, {once: true});
        frame.src = origins.stranger + '/stranger.html';
    });
    return (call) => new Promise((resolve) => {
        addEventListener('message', function receive({origin, data}) {
            if (origin === origins.stranger && data.name === call.name) {
                removeEventListener('message', receive);
                resolve(data.outcome);
            }
        });
        frame.contentWindow.postMessage({name: call.name, api: origins.api},
            origins.stranger);
    });
}

async function runCall(call, card, makeCall) {
    card.dataset.state = 'running';
    card.querySelector('.verdict').textContent = 'calling …';
    const outcome = await makeCall(call);
    showOutcome(card, outcome);
    const exchanges = await getJson('headers?' + call.name);
    showWire(card, call, exchanges);
    const ok = isExpected(call, outcome) && isWireExpected(call, exchanges);
    showVerdict(card, call, outcome, ok);
    return ok;
}

async function main() {
    const origins = await getJson('headers');
    const policy = await (await fetch('policy.conf')).text();
    const lines = parsePolicy(policy.replaceAll('${PAGE_PORT}', location.port));

    $('page-origin').textContent = origins.page;
    $('api-origin').textContent = origins.api;
    $('stranger-origin').textContent = origins.stranger;
    $('api-value').textContent = `'${origins.api}'`;
    showPolicy(lines);
    const cards = CALLS.map((call) => showCard(call, lines));
    const here = (call) => perform(call, origins.api);
    const there = await loadStranger(origins);

    $('summary').textContent = 'Calling the API …';
    let good = 0;
    for (const [i, call] of CALLS.entries()) {
        good += await runCall(call, cards[i],
            call.group === 'stranger' ? there : here);
    }
    $('summary').textContent =
        `${good} of ${CALLS.length} calls came out as they should.`;
    document.body.dataset.ok = good === CALLS.length;
}

main().catch((error) => {
    $('summary').textContent = `The demonstration has failed: ${error.message}`;
    document.body.dataset.ok = false;
}).finally(() => {
    document.body.dataset.done = true;
});
