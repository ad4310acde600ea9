'use strict';

/* The calls that the page makes.
 *
 * "run" is shown on the page as it is written here, and it is what runs.
 * "expect" is what has to come of it: a status and perhaps a piece of the
 * body, or "blocked"; and the Access-Control-Allow-Origin that has to be on
 * the wire: "echo" (the page's origin), "*" or "none".
 * "decides" names the lines of policy.conf, and "scope" the section.
 */
const CALLS = [
    {
        name: 'simple-get',
        group: 'granted',
        title: 'A simple GET',
        text: 'Sent at once. The answer says which origin may read it.',
        run: (api) => fetch(api + '/hello.json'),
        expect: {status: 200, body: 'from the other origin', origin: 'echo'},
        decides: [{directive: 'CorsAllowOrigin',
            text: 'names this page’s origin'}],
    },
    {
        name: 'json-post',
        group: 'granted',
        title: 'A POST with JSON',
        text: 'JSON is more than a form could send, so the browser asks ' +
            'first: a preflight.',
        run: (api) => fetch(api + '/app/notes', {
            method: 'POST',
            headers: {'Content-Type': 'application/json'},
            body: JSON.stringify({text: 'buy milk'}),
        }),
        expect: {status: 201, body: 'application/json', origin: 'echo'},
        decides: [{directive: 'CorsAllowHeaders',
            text: 'grants Content-Type; POST needs no grant'}],
    },
    {
        name: 'put-header',
        group: 'granted',
        title: 'A PUT with a header of its own',
        text: 'The preflight asks for both: the method and the header.',
        run: (api) => fetch(api + '/app/notes/1', {
            method: 'PUT',
            headers: {'X-Client': 'demo'},
            body: 'buy bread',
        }),
        expect: {status: 200, body: '"client": "demo"', origin: 'echo'},
        decides: [
            {directive: 'CorsAllowMethods', text: 'grants PUT'},
            {directive: 'CorsAllowHeaders', text: 'grants X-Client'},
            {directive: 'CorsMaxAge', text: 'keeps the browser from asking ' +
                'again for ten minutes'},
        ],
    },
    {
        name: 'cookies',
        group: 'granted',
        title: 'With cookies',
        text: 'The first call gets a cookie, the second one brings it back.',
        run: async (api) => {
            await fetch(api + '/app/session', {
                method: 'POST',
                credentials: 'include',
            });
            return fetch(api + '/app/me', {credentials: 'include'});
        },
        expect: {status: 200, body: 'demo_user=ada', origin: 'echo'},
        decides: [{directive: 'CorsAllowCredentials',
            text: 'lets the page read what came with a cookie'}],
    },
    {
        name: 'exposed-header',
        group: 'granted',
        title: 'Response headers, one exposed and one not',
        text: 'Two headers come over the wire. Scripts see only the one that ' +
            'is exposed.',
        run: (api) => fetch(api + '/app/notes/1'),
        reads: ['X-Request-Id', 'X-Backend'],
        expect: {status: 200, body: 'buy milk', origin: 'echo',
            headers: {'X-Request-Id': 'r-4711', 'X-Backend': null}},
        decides: [{directive: 'CorsExposeHeaders',
            text: 'names X-Request-Id, and not X-Backend'}],
    },
    {
        name: 'error-404',
        group: 'errors',
        title: '404, an answer of httpd itself',
        text: 'No file, no script: httpd answers with an ErrorDocument.',
        run: (api) => fetch(api + '/notes/99'),
        expect: {status: 404, body: 'no such note', origin: 'echo'},
        decides: [{directive: 'CorsAllowOrigin', text: 'holds for errors too'}],
    },
    {
        name: 'error-401',
        group: 'errors',
        title: '401, for want of the cookie',
        text: 'fetch() sends no cookies to another origin unless it is told ' +
            'to. The page can read why it was turned away.',
        run: (api) => fetch(api + '/app/me'),
        expect: {status: 401, body: 'no cookie came', origin: 'echo'},
        decides: [{directive: 'CorsAllowOrigin', text: 'holds for errors too'}],
    },
    {
        name: 'error-500',
        group: 'errors',
        title: '500, from a script that crashed',
        text: 'The script died before it sent a header. The answer has the ' +
            'right ones all the same.',
        run: (api) => fetch(api + '/app/crash'),
        expect: {status: 500, body: 'crashed', origin: 'echo'},
        decides: [{directive: 'CorsAllowOrigin', text: 'holds for errors too'}],
    },
    {
        name: 'method-denied',
        group: 'limits',
        title: 'A method that is not granted',
        text: 'The preflight comes back without DELETE. The browser stops ' +
            'there and sends nothing more.',
        run: (api) => fetch(api + '/app/notes/1', {method: 'DELETE'}),
        expect: {blocked: true, origin: 'echo'},
        decides: [{directive: 'CorsAllowMethods', text: 'has no DELETE'}],
    },
    {
        name: 'header-denied',
        group: 'limits',
        title: 'A request header that is not granted',
        text: 'One header too many, and even a GET is not sent.',
        run: (api) => fetch(api + '/app/notes/1', {
            headers: {'X-Debug': 'yes'},
        }),
        expect: {blocked: true, origin: 'echo'},
        decides: [{directive: 'CorsAllowHeaders', text: 'has no X-Debug'}],
    },
    {
        name: 'wildcard-cookies',
        group: 'limits',
        title: 'Open data, asked for with cookies',
        text: 'Everybody may read it, so browsers insist that nobody asks as ' +
            'somebody.',
        run: (api) => fetch(api + '/public/cities.json', {
            credentials: 'include',
        }),
        expect: {blocked: true, origin: '*'},
        decides: [
            {directive: 'CorsAllowOrigin', scope: '/public/',
                text: 'allows everybody, but never with cookies'},
            {directive: 'CorsAllowCredentials', scope: '/public/',
                text: 'is off here'},
        ],
    },
    {
        name: 'stranger-get',
        group: 'stranger',
        title: 'The simple GET again',
        text: 'The request does reach the API: CORS hides the answer from ' +
            'the page, it does not stop the request.',
        run: (api) => fetch(api + '/hello.json'),
        expect: {blocked: true, origin: 'none'},
        decides: [{directive: 'CorsAllowOrigin',
            text: 'does not name the stranger'}],
    },
    {
        name: 'stranger-post',
        group: 'stranger',
        title: 'The POST with JSON again',
        text: 'The preflight is answered with 403, and the POST is never sent.',
        run: (api) => fetch(api + '/app/notes', {
            method: 'POST',
            headers: {'Content-Type': 'application/json'},
            body: JSON.stringify({text: 'buy milk'}),
        }),
        expect: {blocked: true, origin: 'none'},
        decides: [{directive: 'CorsAllowOrigin',
            text: 'does not name the stranger'}],
    },
    {
        name: 'stranger-public',
        group: 'stranger',
        title: 'Open data',
        text: 'What everybody may read, the stranger may read as well.',
        run: (api) => fetch(api + '/public/cities.json'),
        expect: {status: 200, body: 'Lisbon', origin: '*'},
        decides: [{directive: 'CorsAllowOrigin', scope: '/public/',
            text: 'allows everybody'}],
    },
];

/* Makes one call. What the browser lets the page see comes back as plain data,
 * so that it can be sent from the frame to the page. */
async function perform(call, api) {
    try {
        const response = await call.run(api);
        const headers = {};
        for (const name of call.reads || []) {
            headers[name] = response.headers.get(name);
        }
        const body = await response.text();
        return {status: response.status, reason: response.statusText,
            body: body.trim(), headers};
    } catch (error) {
        return {error: String(error)};
    }
}
