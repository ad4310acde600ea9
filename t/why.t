# Whoever sees "blocked by CORS policy" in a browser sees no cause. Without this
# test the log line that names the cause, and the file and line to change, could
# go missing for one of the usual mistakes, name another cause, or be drowned
# by lines about requests with which all is well.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Backend;
use Test::Cors;
use Test::Httpd;

my $ON = 'CorsAllowCredentials On';
my $SUBDOMAINS = 'CorsAllowOrigin https://*.example.com';
my $REGEX = 'CorsAllowOriginMatch';

# ---- one line for each decision, each policy in a section of its own ----

# Rows of [name, lines of the section, request, decision, line that decides,
# why]. A request is "GET" or what a preflight asks for, then the Origin lines.
# "inner" begins a section below the first, which is then requested.
my @rows = (
    ['another origin', ["CorsAllowOrigin $APP https://b.example.com"],
        ['GET', $EVIL], 'origin-denied', 0, 'the origin does not match '
            . qq("$APP", "https://b.example.com")],
    ['another origin than four', [join ' ', 'CorsAllowOrigin',
        map { "https://$_.example.com" } 'a' .. 'd'], ['GET', $EVIL],
        'origin-denied', 0,
        'the origin does not match any of the 4 allowed origins'],
    ['http for https', ["CorsAllowOrigin $APP"],
        ['GET', 'http://app.example.com'], 'origin-denied', 0,
        qq(the origin differs from "$APP" in its scheme)],
    ['https for http', ['CorsMaxAge 5', 'CorsAllowOrigin http://localhost:*'],
        ['GET', 'https://localhost:3000'], 'origin-denied', 1,
        'the origin differs from "http://localhost:*" in its scheme'],
    ['http for https by a regex', ["$REGEX https://[a-z]+[.]example[.]com"],
        ['GET', 'http://app.example.com'], 'origin-denied', 0,
        'the origin differs in its scheme from what '
            . '"https://[a-z]+[.]example[.]com" allows'],
    ['another port', ["CorsAllowOrigin $APP"], ['GET', "$APP:8443"],
        'origin-denied', 0, qq(the origin differs from "$APP" in its port)],
    ['no port, but listed with one', ['CorsAllowOrigin http://localhost:3000'],
        ['GET', 'http://localhost'], 'origin-denied', 0,
        'the origin differs from "http://localhost:3000" in its port'],
    ['another port, below a pattern', [$SUBDOMAINS], ['GET', "$APP:8443"],
        'origin-denied', 0,
        'the origin differs from "https://*.example.com" in its port'],
    ['another port than a regex', ["$REGEX https://[a-z]+[.]example[.]com"],
        ['GET', "$APP:8443"], 'origin-denied', 0, 'the origin differs in its '
            . 'port from what "https://[a-z]+[.]example[.]com" allows'],
    ['the name itself against a pattern', [$SUBDOMAINS],
        ['GET', 'https://example.com'], 'origin-denied', 0, 'the origin is '
            . 'example.com itself; "https://*.example.com" allows only names '
            . 'below it'],
    ['www against the bare name', ['CorsAllowOrigin https://example.com'],
        ['GET', 'https://www.example.com'], 'origin-denied', 0,
        'the origin differs from "https://example.com" by "www."'],
    ['the bare name against www', ['CorsAllowOrigin https://www.example.com'],
        ['GET', 'https://example.com'], 'origin-denied', 0,
        'the origin differs from "https://www.example.com" by "www."'],
    ['a subdomain', ['CorsAllowOrigin https://example.com'],
        ['GET', $APP], 'origin-denied', 0, 'the origin is a subdomain; '
            . '"https://example.com" allows only that exact host'],
    ['one wrong letter', ["CorsAllowOrigin $APP"],
        ['GET', 'https://app.exemple.com'], 'origin-denied', 0,
        qq(the origin differs from "$APP" in one letter)],
    ['one letter too many', ["CorsAllowOrigin $APP"],
        ['GET', 'https://apps.example.com'], 'origin-denied', 0,
        qq(the origin differs from "$APP" in one letter)],
    ['another top-level domain', ["CorsAllowOrigin $APP"],
        ['GET', 'https://app.example.org'], 'origin-denied', 0,
        qq(the origin differs from "$APP" in its top-level domain)],
    ['another loopback name', ['CorsAllowOrigin http://localhost:5173'],
        ['GET', 'http://[::1]:5173'], 'origin-denied', 0,
        'the origin is not "http://localhost:5173": localhost, 127.0.0.1 and '
            . '[::1] are different origins'],
    ['a name that only ends alike', ["CorsAllowOrigin $APP"],
        ['GET', 'https://evilapp.example.com'], 'origin-denied', 0,
        qq(the origin does not match "$APP")],
    ['a trailing dot', ["CorsAllowOrigin $APP"], ['GET', "$APP."],
        'origin-denied', 0,
        'the origin has a trailing dot, so it is a different host'],
    ['upper case', ["CorsAllowOrigin $APP"],
        ['GET', 'https://App.Example.com'], 'origin-denied', 0,
        qq(the origin differs only in case from what "$APP" allows; browsers )
            . 'send lower case'],
    (map { ["not an origin: $_", ["CorsAllowOrigin $APP"], ['GET', $_],
        'origin-denied', 0, 'the origin is not a valid origin'] }
        "$APP/app", "$APP/", 'app.example.com', 'https://u@app.example.com'),
    ['null', ["CorsAllowOrigin $APP"], ['GET', 'null'], 'origin-denied', 0,
        'the origin is "null", which is not in the list; it is sent by '
            . 'sandboxed frames, by pages from a file or a data: URL, and '
            . 'after a redirect from another origin: then let the page use '
            . 'the final URL'],
    ['two origins in a line', ["CorsAllowOrigin $APP"], ['GET', "$APP, $OTHER"],
        'origin-denied', 0, 'the origin has more than one value'],
    ['two lines of Origin', ["CorsAllowOrigin $APP"], ['GET', $APP, $APP],
        'origin-denied', 0, 'the origin has more than one value'],
    ['an empty Origin', ["CorsAllowOrigin $APP"], ['GET', ''],
        'origin-denied', 0, 'the origin is empty'],
    ['a preflight of another origin', ["CorsAllowOrigin $APP"], ['PUT', $EVIL],
        'origin-denied', 0, qq(the origin does not match "$APP")],
    ['the deny list', [$SUBDOMAINS, "CorsDenyOrigin $APP"], ['GET', $APP],
        'origin-denied', 1, 'the origin is denied by CorsDenyOrigin'],
    ['the deny list and a trailing dot', ['CorsAllowOrigin *',
        "CorsDenyOrigin $APP"], ['PUT', "$APP."], 'origin-denied', 1,
        'the origin is denied by CorsDenyOrigin'],
    ['an expression that is false',
        ["CorsAllowOriginExpr \"req('X-Tenant') == 'a'\""], ['GET', $APP],
        'origin-denied', 0,
        qq(the origin does not match "req('X-Tenant') == 'a'")],
    ['nobody', ['CorsAllowOrigin none'], ['GET', $APP], 'origin-denied', 0,
        'the origin is not allowed: this policy allows no origin'],
    ['replaced in an inner section', ["CorsAllowOrigin $APP", 'inner',
        'CorsAllowOrigin https://b.example.com'], ['GET', $APP],
        'origin-denied', 2,
        'the origin does not match "https://b.example.com"'],
    ['extended in an inner section', ["CorsAllowOrigin $APP:8443", 'inner',
        'CorsAllowOrigin +https://b.example.com'], ['GET', $APP],
        'origin-denied', 2,
        qq(the origin differs from "$APP:8443" in its port)],
    ['the site of somebody else, with credentials',
        ['CorsAllowOrigin https://*.amazonaws.com', $ON],
        ['GET', 'https://evil.s3.amazonaws.com'], 'origin-denied', 0,
        'the origin belongs to another site than "https://*.amazonaws.com": '
            . 'anyone can register a name like "evil.s3.amazonaws.com"'],

    # methods
    ['a method, by default', ["CorsAllowOrigin $APP"], ['PUT', $APP],
        'method-denied', 0, 'the method "PUT" is not in CorsAllowMethods'],
    ['a method, of a list', ["CorsAllowOrigin $APP", 'CorsAllowMethods PUT'],
        ['DELETE', $APP], 'method-denied', 1,
        'the method "DELETE" is not in CorsAllowMethods'],
    ['patch in lower case', ["CorsAllowOrigin $APP",
        'CorsAllowMethods PUT PATCH'], ['patch', $APP], 'method-denied', 1,
        'the method "patch" is not "PATCH": methods are case-sensitive, so '
            . 'the script must use "PATCH"'],
    ['a method of no script', ["CorsAllowOrigin $APP", 'CorsAllowMethods *'],
        ['TRACE', $APP], 'method-denied', 1,
        'scripts may never use the method "TRACE"'],
    ['two methods', ["CorsAllowOrigin $APP", 'CorsAllowMethods *'],
        ['GET, DELETE', $APP], 'method-denied', 1,
        '"GET, DELETE" is not a valid method name'],

    # headers
    ['a header, by default', ["CorsAllowOrigin $APP"],
        ['POST x-token', $APP], 'headers-denied', 0,
        'the header "x-token" is not in CorsAllowHeaders'],
    ['a header, of a list', ["CorsAllowOrigin $APP", 'CorsAllowHeaders X-A',
        'CorsAllowHeaders X-B'], ['POST x-b,x-c,x-d', $APP], 'headers-denied',
        1, 'the header "x-c" is not in CorsAllowHeaders'],
    ['a list that replaced Content-Type', ["CorsAllowOrigin $APP",
        'CorsAllowHeaders X-A'], ['POST content-type', $APP],
        'headers-denied', 1, 'the header "content-type" is not in '
            . q(CorsAllowHeaders, which replaced the default; with '+' before )
            . 'its items it would keep Content-Type'],
    ['Authorization with *', ["CorsAllowOrigin $APP", 'CorsAllowHeaders *'],
        ['GET authorization', $APP], 'headers-denied', 1,
        'the header "authorization" is not in CorsAllowHeaders'],
    (map { ["a malformed list: $_->[0]", ["CorsAllowOrigin $APP",
        'CorsAllowHeaders X-A'], ["GET $_->[1]", $APP], 'headers-denied', 1,
        'Access-Control-Request-Headers is malformed'] }
        ['a blank', 'x-a, x b'], ['a long name', 'x' x 257]),
    ['a list that is too long', ["CorsAllowOrigin $APP",
        'CorsAllowHeaders X-A'], ['GET ' . 'x-a,' x 1025, $APP],
        'headers-denied', 1,
        'Access-Control-Request-Headers is longer than 4096 bytes'],

    # enforced, and only detected
    ['stopped by CorsEnforce', ["CorsAllowOrigin $APP", 'CorsEnforce On'],
        ['GET', "$APP:1"], 'origin-denied', 0,
        qq(the origin differs from "$APP" in its port)],
    ['only detected', ["CorsAllowOrigin $APP", 'CorsEngine DetectionOnly'],
        ['GET', "$APP:1"], 'origin-denied (DetectionOnly)', 0,
        qq(the origin differs from "$APP" in its port)],
    ['allowed and only detected', ["CorsAllowOrigin $APP",
        'CorsEngine DetectionOnly'], ['GET', $APP], 'allowed (DetectionOnly)',
        0, 'the policy allows it'],

    # no mistake at all
    ['allowed', ["CorsAllowOrigin $APP"], ['GET', $APP], 'allowed', 0,
        'the policy allows it'],
    ['allowed by the second line', ['CorsAllowOrigin https://b.example.com',
        "CorsAllowOrigin $APP"], ['GET', $APP], 'allowed', 1,
        'the policy allows it'],
    ['allowed by *', ['CorsAllowOrigin *'], ['GET', $APP], 'allowed', 0,
        'the policy allows it'],
    ['allowed by a regex', ['CorsAllowOrigin https://b.example.com',
        "$REGEX https://[a-z]+[.]example[.]com"], ['GET', $APP],
        'allowed', 1, 'the policy allows it'],
    ['a preflight, allowed', ["CorsAllowOrigin $APP", 'CorsAllowMethods PUT'],
        ['PUT content-type', $APP], 'preflight-allowed', 0,
        'the policy allows it'],
    ["the server's own origin", ["CorsAllowOrigin $APP"],
        ['GET', 'http://www.example.com:@PORT@'], 'same-origin', 0,
        "the origin is the server's own"],
);

my $config = '';
my @placed;    # of each row the numbers of its lines in the file

sub add($text)
{
    $config .= "$text\n";
    return $config =~ tr/\n//;
}

for my $n (0 .. $#rows) {
    my $path = "/r$n";
    add("<Location $path>");
    for my $line (@{ $rows[$n][1] }) {
        add("</Location>\n<Location $path/inner>"), $path .= '/inner'
            if $line eq 'inner';
        push @{ $placed[$n] }, $line eq 'inner' ? 0 : add($line);
    }
    add('</Location>');
    push @{ $rows[$n] }, $path;
}

# Without its time, process and client, which are not the module's.
sub lines_of($httpd, $text)
{
    $httpd->clear_log;
    my $host = 'Host: www.example.com:' . $httpd->port;
    $httpd->request($text =~ s/\n/\n$host\n/r);
    my $root = $httpd->root;
    return map { s/\Q$root\E//gr }
        map { /\[cors:(\w+)\].*? \[client [^\]]+\] (.*)/ ? "$1 $2" : () }
        split /\n/, $httpd->error_log;
}

# The request of a row, and how its line shows it.
sub request_of($row, $port)
{
    my (undef, undef, $request, $decision) = @$row;
    my ($what, @origins) = @$request;
    my ($asked, $headers) = $what =~ /^[A-Z]+, / ? $what : split / /, $what, 2;
    s/\@PORT\@/$port/ for @origins;
    my $is_preflight = $decision =~ /^(?:method|headers|preflight)/
        || $asked ne 'GET';
    my $text = join "\n", ($is_preflight ? 'OPTIONS' : 'GET')
        . " $row->[-1]/x.txt?secret=1 HTTP/1.1", map({ "Origin: $_" } @origins),
        $is_preflight ? "Access-Control-Request-Method: $asked" : (),
        defined $headers ? "Access-Control-Request-Headers: $headers" : (), '';
    $headers = substr($headers, 0, 256) . '...' if length($headers // '') > 256;
    $asked = qq("$asked") if $asked =~ / /;
    return ($text, ($is_preflight ? 'preflight for ' : '') . "$asked "
        . "http://www.example.com:$port$row->[-1]/x.txt from \""
        . join(', ', @origins) . '"'
        . (defined $headers ? qq( (headers: "$headers")) : ''));
}

for my $level (qw(info debug)) {
    my $httpd = Test::Httpd->config(config => $config, modules => ['setenvif'],
        server_name => 'www.example.com', log_level => "cors:$level",
        main => 'LimitRequestLine 16000')->start;
    for my $n (0 .. $#rows) {
        my ($name, undef, undef, $decision, $line, $why) = @{ $rows[$n] };
        my ($text, $question) = request_of($rows[$n], $httpd->port);
        my $is_refusal = $decision =~ /denied/;
        is_deeply [lines_of($httpd, $text)], $is_refusal || $level eq 'debug'
            ? [($is_refusal ? 'info' : 'debug') . " $decision: $question, "
                . "policy /conf/test.conf:$placed[$n][$line]: $why"] : [],
            "$level: the log names the cause: $name";
    }
    for my $text ("GET /r0/x HTTP/1.1\n", "OPTIONS /r0/x HTTP/1.1\n"
        . "Access-Control-Request-Method: PUT\n", "GET /nowhere HTTP/1.1\n") {
        is_deeply [lines_of($httpd, $text)], [],
            "$level: without Origin there is nothing to log";
    }
    is $httpd->complaints, '', "$level: nothing unexpected in the error log";
}

# ---- a request with Origin outside any policy, and who answered in its place

my $dead = Test::Httpd->free_port;
my $backend = Test::Backend->http;
my $answer_405 = Test::Backend::asked("Status: 405\n\n");
my $httpd = Test::Httpd->config(log_level => 'cors:debug',
    server_name => 'main.example.com',
    modules => [qw(proxy_http alias rewrite allowmethods auth_basic authn_file
        authz_user), $CGI],
    files => { 'htdocs/over/.htaccess' => "$ON\n", 'cgi/x.cgi' =>
        "#!/bin/sh\nprintf 'Status: 405\\nContent-Type: text/plain\\n\\n'\n" },
    config => <<"EOF")->start;
CorsDebugHeader On
CorsOverride CorsAllowOrigin
<Directory "\@DOCROOT\@/proxied">
    CorsAllowOrigin $APP
</Directory>
ProxyPass /proxied http://127.0.0.1:$dead/
ProxyPass /pass/ http://127.0.0.1:@{[ $backend->port ]}/
<Location /slash/>
    CorsAllowOrigin $APP
</Location>
<Location /off>
    CorsAllowOrigin $APP
    CorsEngine Off
</Location>
<Location /pass>
    CorsAllowOrigin $APP
    CorsPreflight Pass
</Location>
<LocationMatch "^/(?!pass/|slash|off|proxied|elsewhere|over|x)">
    CorsAllowOrigin $APP
</LocationMatch>
<LocationMatch ^/pass->
    CorsPreflight Pass
    ErrorDocument 401 /none
    ErrorDocument 405 /none
</LocationMatch>
ScriptAlias /pass-document/ \@ROOT\@/cgi/
RewriteEngine On
RewriteRule ^/forbidden - [F]
RewriteCond %{REQUEST_METHOD} OPTIONS
RewriteRule ^/answered - [R=204]
Redirect 301 /moved https://www.example.com/
<LocationMatch ^/(?:pass-)?closed>
    Require all denied
</LocationMatch>
<Location /limit>
    <LimitExcept GET POST>
        Require all denied
    </LimitExcept>
</Location>
<Location /methods>
    AllowMethods GET POST
</Location>
<Location /skipped>
    AuthType Basic
    AuthName x
    AuthUserFile /dev/null
    Require valid-user
</Location>
<LocationMatch ^/(?:pass-)?login>
    AuthType Basic
    AuthName x
    AuthUserFile /dev/null
    Require valid-user
    CorsPreflightAuth Require
</LocationMatch>
<VirtualHost *:\@PORT\@>
    ServerName first.example.com
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName www.example.com
    RewriteEngine On
    RewriteOptions Inherit
    ProxyPass /proxied http://127.0.0.1:$dead/
    ProxyPass /pass/ http://127.0.0.1:@{[ $backend->port ]}/
    Redirect 301 /moved https://www.example.com/
</VirtualHost>
EOF
my @config = split /\n/, $httpd->slurp('conf/test.conf');
my ($first, $second) = grep { $config[$_ - 1] =~ /<VirtualHost/ }
    1 .. @config;
my ($off) = grep { $config[$_ - 1] =~ /CorsEngine Off/ } 1 .. @config;
my $none = 'no CorsAllowOrigin, CorsAllowOriginMatch or CorsAllowOriginExpr '
    . 'applies to this URL in virtual host www.example.com, '
    . "/conf/test.conf:$second";
my $url = 'http://www.example.com:' . $httpd->port;

for (['/proxied/x', '<Directory> does not apply to a proxied path', $none],
    ['/slash', 'the path differs by its last slash', $none],
    ['/elsewhere', 'another section was meant', $none],
    ['/off/x', 'the section is switched off',
        "CorsEngine is Off (/conf/test.conf:$off)"]) {
    my ($path, $name, $why) = @$_;
    is_deeply [lines_of($httpd, get($path))],
        ["debug no-policy: GET $url$path from \"$APP\": $why"],
        "no policy is logged at debug: $name";
}

# A name that no virtual host has is answered by the first.
for (['/slash/', $EVIL,
        qr{info\] .*: GET http://unknown\.example\.com:\d+/slash/ from}],
    ['/x', $APP,
        qr{no-policy: .*unknown.* host first\.example\.com, \S+:$first$}m]) {
    my ($path, $origin, $line) = @$_;
    $httpd->clear_log;
    $httpd->request(get($path, $origin, "Host: unknown.example.com:"
        . $httpd->port . "\n"));
    like $httpd->error_log($line), $line,
        "the log names the host of $path as the client sent it";
}

# Rows of [path, status, what to change].
my $access = qr/Require, <Limit>, <LimitExcept>, a RewriteRule with \[F\],/;
for (['closed', 403, $access], ['limit', 403, $access],
    ['forbidden', 403, $access],
    ['login', 401, qr/a login; set CorsPreflightAuth Skip$/],
    ['methods', 405, qr/add OPTIONS to AllowMethods$/],
    ['moved', 301, qr/use the redirect's target URL in the page$/],
    ['answered', 204, qr/a RewriteRule with \[R=204\]$/],
    ['a%2fb', 404, qr/AllowEncodedSlashes refused the encoded slash/],
    ['broken', 400, qr/the request itself is malformed or too large$/,
        "Transfer-Encoding: chunked\n\nno size\r\n"],
    ["pass/?$answer_405", 405, qr/the handler or backend answered, and/],
    ['pass-document/x.cgi', 405, qr/the handler or backend answered, and/],
    ['pass-login', 401, qr/cannot skip; set CorsPreflight Answer$/],
    ['pass-closed', 403, $access]) {
    my ($path, $status, $advice, $more) = @$_;
    my @lines = lines_of($httpd, preflight("/$path", $APP,
        "Access-Control-Request-Method: POST\n" . ($more // '')));
    my $shown = $path =~ s/%.*|\?.*//r;
    is scalar(grep { /^info/ } @lines), 1, "$path: one line at info";
    like join("\n", @lines), qr/^info\ preflight\ for\ POST\ \Q$url\/$shown\E.*
        \ status\ $status\b.*$advice/mx,
        "$path: the log names status $status and what to change";
}
for (['skipped', $APP, 204, ['debug preflight-allowed']],
    ['closed', $EVIL, 403, ['info origin-denied']],
    ['off', $APP, 200, ['debug no-policy']]) {
    my ($path, $origin, $status, $words) = @$_;
    is_deeply [map { s/:.*//r } lines_of($httpd, preflight("/$path", $origin,
        "Access-Control-Request-Method: POST\n"))], $words,
        "$path: only the decision is logged, because browsers accept $status "
            . 'or the origin was denied';
}
is $httpd->request(get('/over/x'))->{status}, 500,
    'a directive that CorsOverride closed is an error in .htaccess';

$httpd->expect(qr/\[authz_core:error\].*client denied by server config/,
    qr/\[allowmethods:error\].*denied by server configuration/,
    qr/\[proxy(?:_http)?:error\]/,
    qr/CorsAllowCredentials is not allowed in .htaccess files of this server/);
is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
