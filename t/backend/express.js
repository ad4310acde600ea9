// Express with its own "cors", as many applications have it: see
// t/express.t. Argument: the file that counts the requests. It writes its
// port.
'use strict';

// Express 5 needs node 18, which Debian 11 does not have.
const major = parseInt(process.versions.node, 10);
const cors = require('cors');
const express = require(major < 18 ? 'express4' : 'express');
const fs = require('fs');

const app = express();
const page = process.env.APP_ORIGIN || 'https://app.example.com';
const policies = {
    app: { origin: page, credentials: true },
    any: {},
    echo: { origin: true, credentials: true, exposedHeaders: ['X-Theirs'],
        maxAge: 1 },
    list: { origin: [page, /^https:\/\/a\.example\.org$/] },
    none: { origin: false },
};

app.disable('x-powered-by');
app.use((request, response, next) => {
    fs.appendFileSync(process.argv[2], '.');
    next();
});
for (const [name, policy] of Object.entries(policies)) {
    app.use('/' + name, cors(policy));
    app.all('/' + name + '/throw', () => { throw new Error('as asked'); });
    app.all('/' + name + '/:status', (request, response) => {
        response.status(Number(request.params.status)).send('express\n');
    });
}
app.use((error, request, response, next) => {
    response.status(500).send('caught\n');
});

// httpd keeps connections to it, and must not meet one that was just closed.
const server = app.listen(0, '127.0.0.1', () => {
    console.log(server.address().port);
});
server.keepAliveTimeout = 0;
