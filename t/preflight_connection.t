# A browser asks before it sends a PUT, a cookie or a header of its own. If that
# question is answered by a redirect, a login page, a 404 or a dead backend, the
# request itself is never sent; if it reaches the application, something may be
# done that nobody has allowed yet. And a question that comes with a body must
# not put the connection out of step: the body would be taken for a request.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Cors;
use Test::Httpd;

my $POLICY = <<"EOF";
CorsAllowOrigin $APP
CorsAllowCredentials On
CorsAllowMethods GET HEAD POST PUT DELETE
CorsAllowHeaders Content-Type X-Token
CorsExposeHeaders X-Exposed
CorsMaxAge 10min
EOF

# What it answers, whatever was asked.
my %GRANTED = (
    origin => [$APP], credentials => ['true'],
    methods => ['GET, HEAD, POST, PUT, DELETE'],
    headers => ['Content-Type, X-Token'], 'max-age' => ['600'],
);

# Access-Control-Allow-Origin is "origin" here, and so on.
sub granted
{
    my ($r) = @_;
    return { map { s/^access-control-(?:allow-)?//r => $r->{headers}{$_} }
        grep { /^access-control-/ } keys %{ $r->{headers} } };
}

sub is_answered
{
    my ($r, $name, $granted) = @_;
    is $r->{status}, 204, "$name: the preflight is answered";
    is_deeply granted($r), $granted // \%GRANTED,
        'with all headers of the policy';
    is_deeply vary($r), \@OPTIONS_VARY, 'with each name of Vary once';
    is_deeply [grep { exists $r->{headers}{$_} } qw(content-type
        content-length transfer-encoding content-encoding content-language)],
        [], 'without a header that describes a body';
    is $r->{body}, '', 'and without a body';
    return;
}

sub is_refused
{
    my ($r, $name) = @_;
    is $r->{status}, 403, "$name: the preflight is refused";
    is_deeply granted($r), {}, 'without an Access-Control header';
    is_deeply vary($r), \@OPTIONS_VARY, 'with each name of Vary once';
    like $r->{headers}{'content-type'}[0], qr{^text/plain(?:;|$)},
        'as plain text';
    like $r->{body}, qr/^[^\n]{5,70}\n?\z/, 'of one short line';
    unlike $r->{body}, qr/\Q$EVIL\E|example|PUT/,
        'which repeats nothing of request or policy';
    return;
}

my %ANSWER = ($APP => \&is_answered, $EVIL => \&is_refused);

# ---- a body, and what comes behind it on the connection ----

# It would be seen if it were taken for a request.
my $BODY = "GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

sub chunked
{
    my ($body, $extension, $trailer) = @_;
    my @parts = $body =~ /(.{1,7})/gs;
    return join('', map { sprintf "%x%s\r\n%s\r\n", length,
        $extension // '', $_ } @parts) . "0\r\n" . ($trailer // '') . "\r\n";
}

my $LENGTH = 'Content-Length: ' . length($BODY) . "\n";
my $CHUNKED = "Transfer-Encoding: chunked\n";
my $EXPECT = "Expect: 100-continue\n";
my $KEEP = "Connection: keep-alive\n";

# [name, version, header lines, body, whether to wait before the body]
my @BODIES = (
    ['no body', '1.1', '', ''],
    ['an empty body', '1.1', "Content-Length: 0\n", ''],
    ['a length', '1.1', $LENGTH, $BODY],
    ['chunks', '1.1', $CHUNKED, chunked($BODY)],
    ['chunks with a trailer', '1.1', $CHUNKED,
        chunked($BODY, ';a=b', "X-Trailer: x\r\n")],
    ['a long body', '1.1', "Content-Length: 300000\n", 'x' x 300_000],
    ['Expect and a length, sent at once', '1.1', "$EXPECT$LENGTH", $BODY],
    ['Expect and a length, waiting', '1.1', "$EXPECT$LENGTH", $BODY, 1],
    ['Expect and chunks, sent at once', '1.1', "$EXPECT$CHUNKED",
        chunked($BODY)],
    ['Expect and chunks, waiting', '1.1', "$EXPECT$CHUNKED",
        chunked($BODY), 1],
    ['HTTP/1.0, no body', '1.0', $KEEP, ''],
    ['HTTP/1.0, a length', '1.0', "$KEEP$LENGTH", $BODY],
);

# The lines of a request as they go over the wire.
sub wire { return $_[0] =~ s/\n/\r\n/gr . "\r\n" }

sub check_body
{
    my ($httpd, $origin, $case) = @_;
    my ($name, $version, $lines, $body, $waits) = @$case;
    my $get = wire("GET /x.txt HTTP/$version\nHost: 127.0.0.1\n"
        . ($version eq '1.0' ? $KEEP : ''));
    my $c = $httpd->connection;
    $c->send_raw(wire(preflight('/x.txt', $origin) =~ s/1\.1/$version/r
        . "Host: 127.0.0.1\n$lines"));
    $c->at_end if $waits;
    $c->send_raw($body . $get);
    $ANSWER{$origin}->($c->response(method => 'OPTIONS'), $name);
    is after($c), '200 x', "$name from $origin: the GET behind it is answered";
    is after($c->send_raw($get)), '200 x',
        'and so is another on the connection';
    return;
}

# The next response, or why there is none.
sub after
{
    my ($c) = @_;
    my $r = eval { $c->response(method => 'GET') };
    return $r ? "$r->{status} $r->{body}" : $@;
}

sub check_bodies
{
    my $httpd = Test::Httpd->config(config => $POLICY,
        files => { 'htdocs/x.txt' => 'x' })->start;
    for my $case (@BODIES) {
        check_body($httpd, $_, $case) for $APP, $EVIL;
    }
    check_pipeline($httpd);
    unlike $httpd->access_log(qr/x\.txt/), qr/smuggled/,
        'no body was taken for a request';
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

sub check_pipeline
{
    my ($httpd) = @_;
    my @texts = (
        preflight('/x.txt', $APP), "GET /x.txt HTTP/1.1\n",
        preflight('/x.txt', $EVIL) . "\nbody", preflight('/x.txt', $EVIL),
        "GET /missing HTTP/1.1\n", preflight('/x.txt', $APP) . "\nbody",
        "HEAD /x.txt HTTP/1.1\n",
    );
    is join(' ', map { $_->{status} } $httpd->pipeline((@texts) x 8)),
        join(' ', ('204 200 403 403 404 204 200') x 8),
            'each request of a long pipeline is answered in turn';
    my $r = $httpd->request(preflight('/x.txt', $APP) =~ s/1\.1/1.0/r);
    is_answered($r, 'HTTP/1.0 without keep-alive');
    return;
}

# httpd gives up such a connection; what is behind is no request any more.
sub check_bad_bodies
{
    my $httpd = Test::Httpd->config(config => <<"EOF",
$POLICY
ErrorDocument 400 /bad.txt
ErrorDocument 413 /big.txt
<Location /small/>
    LimitRequestBody 5
</Location>
EOF
        files => { 'htdocs/x.txt' => 'x', 'htdocs/small/x.txt' => 'x',
            'htdocs/bad.txt' => 'bad', 'htdocs/big.txt' => 'big' })->start;
    my $get = wire("GET /x.txt HTTP/1.1\nHost: 127.0.0.1\n");
    for (
        ['a bad chunk', '/x.txt', $CHUNKED, "zz\r\n$BODY", '400 bad'],
        ['a chunk too long for its size', '/x.txt', $CHUNKED,
            "1\r\nabc\r\n0\r\n\r\n", '400 bad'],
        ['too long', '/small/x.txt', $LENGTH, $BODY, '413 big'],
        ['chunks, too long', '/small/x.txt', $CHUNKED, chunked($BODY),
            '413 big'],
        ['Expect, too long', '/small/x.txt', "$EXPECT$LENGTH", $BODY,
            '413 big'],
    ) {
        my ($name, $path, $lines, $body, $expected) = @$_;
        for my $origin ($APP, $EVIL) {
            my @all = $httpd->raw(wire(preflight($path, $origin)
                . "Host: 127.0.0.1\n$lines") . $body . $get,
                methods => ['OPTIONS', 'GET', 'GET']);
            is join(', ', map { "$_->{status} $_->{body}" } @all), $expected,
                "a body, $name, from $origin: one response and the end";
            is_deeply $all[0]{headers}{'access-control-allow-origin'},
                $origin eq $APP ? [$APP] : undef,
                'which a page may read if its origin is allowed';
            is_deeply vary($all[0]), \@OPTIONS_VARY, 'and Vary is complete';
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- HTTP/2 ----

# httpd may answer a request before its body has come, and then resets the
# stream, which is right (RFC 9113, 8.1) but an error for curl. So this speaks
# for itself: a frame is nine bytes and a payload, a header field (RFC 7541,
# 6.2.2) two strings.
sub frame
{
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1)
        . pack('CCN', $type, $flags, $stream) . $payload;
}

my ($DATA, $HEADERS, $SETTINGS) = (0, 1, 4);
my ($END_STREAM, $END_HEADERS) = (1, 4);

sub header_block
{
    return join '', map { pack 'C C/a* C/a*', 0, @$_ } @_;
}

# Reads until the stream has ended; the status is the first of its headers: a
# number of the static table, or three digits.
sub status_of_stream
{
    my ($c, $wanted) = @_;
    my $status = 'none';
    while (!$c->at_end) {
        my ($high, $low, $type, $flags, $stream) =
            unpack 'C n C C N', $c->take(9);
        my $payload = $c->take($high << 16 | $low);
        next if $stream != $wanted;
        if ($type == $HEADERS) {
            my $first = ord $payload;
            $status = $first == 0x88 ? 200 : $first == 0x89 ? 204
                : substr $payload, 2, 3;
        }
        return $status if $flags & $END_STREAM;
    }
    return 'the connection ended';
}

# A preflight with a body on stream 1, then a GET on stream 3.
sub two_over_http2
{
    my ($httpd, $origin) = @_;
    my $c = $httpd->connection;
    my @to = ([':scheme', 'http'], [':authority', '127.0.0.1'],
        [':path', '/x.txt']);
    $c->send_raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame($SETTINGS, 0, 0, '')
        . frame($HEADERS, $END_HEADERS, 1, header_block([':method', 'OPTIONS'],
            @to, ['origin', $origin], ['access-control-request-method', 'PUT']))
        . frame($DATA, $END_STREAM, 1, $BODY));
    my $first = status_of_stream($c, 1);
    $c->send_raw(frame($HEADERS, $END_HEADERS | $END_STREAM, 3,
        header_block([':method', 'GET'], @to)));
    return $first . ' ' . status_of_stream($c, 3);
}

sub check_http2
{
    my $httpd = Test::Httpd->config(config => $POLICY, modules => ['http2'],
        files => { 'htdocs/x.txt' => 'x' })->start;
    for my $origin ($APP, $EVIL) {
        $ANSWER{$origin}->($httpd->h2(preflight('/x.txt', $origin)), 'HTTP/2');
        is two_over_http2($httpd, $origin),
            ($origin eq $APP ? '204' : '403') . ' 200',
            'HTTP/2: a GET follows a preflight with a body on one connection';
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- nothing comes in between ----

my $MARK = "#!/bin/sh\ncat > /dev/null\n"
    . "echo \"\$REQUEST_METHOD\" >> \@ROOT\@/var/mark\n"
    . "printf '%s\\n' 'Content-Type: text/plain' '' \"\$REQUEST_METHOD\"\n";

my %IN_BETWEEN = (
    'a file' => ['/x.txt', 200],
    'no file' => ['/missing', 404],
    'a directory without its slash' => ['/dir', 301],
    'a directory' => ['/dir/', 200],
    'FallbackResource' => ['/fallback/a/b', 200],
    'MultiViews' => ['/views/page', 200],
    'a rewrite' => ['/rewrite/inward', 200],
    'a rewrite to a script' => ['/rewrite/script', 200],
    'a redirecting rewrite' => ['/rewrite/away', 302],
    'a forbidding rewrite' => ['/rewrite/no', 403],
    'a rewrite of OPTIONS to 200' => ['/rewrite/recipe', 404],
    'a redirect in .htaccess' => ['/rewrite/redirect', 301],
    'a script' => ['/cgi/mark.cgi', 200],
    'a script and its path' => ['/cgi/mark.cgi/more/path', 200],
    'a dead backend' => ['/dead/x', 503],
    'a dead backend by a rewrite' => ['/rewrite/dead', 503],
    'a dead backend by SetHandler' => ['/handler/x.txt', 503],
    'a handler that is not there' => ['/nobody/x.txt', 200],
    'a filter' => ['/deflate/x.txt', 200],
    'an include' => ['/page.shtml', 200],
    'a language and an encoding' => ['/y.html.en.gz', 200],
);

my $IN_BETWEEN = <<'EOF';
AddLanguage en .en
AddEncoding x-gzip .gz
AddDefaultCharset utf-8
AddOutputFilter INCLUDES .shtml
<Directory "@DOCROOT@">
    Options +Includes +MultiViews
</Directory>
ScriptAlias /cgi/ @ROOT@/cgi/
ProxyPass /dead/ http://127.0.0.1:1/
Alias /handler/ @DOCROOT@/
Alias /nobody/ @DOCROOT@/
Alias /deflate/ @DOCROOT@/
<Location /handler/>
    SetHandler proxy:http://127.0.0.1:1/
</Location>
<Location /nobody/>
    SetHandler nobody
</Location>
<Location /deflate/>
    SetOutputFilter DEFLATE
</Location>
EOF

my %IN_BETWEEN_FILES = (
    'htdocs/x.txt' => 'x', 'htdocs/dir/index.html' => 'x',
    'htdocs/page.shtml' => 'x', 'htdocs/y.html.en.gz' => 'x',
    'htdocs/fallback/.htaccess' => "FallbackResource /fallback/all.html\n",
    'htdocs/fallback/all.html' => 'x', 'htdocs/views/page.txt' => 'x',
    'htdocs/views/page.html' => 'x', 'cgi/mark.cgi' => $MARK,
    'htdocs/rewrite/.htaccess' => <<'EOF',
Redirect 301 /rewrite/redirect http://www.example.com/
RewriteEngine On
RewriteCond %{REQUEST_METHOD} OPTIONS
RewriteRule ^recipe$ - [R=200,L]
RewriteRule ^inward$ /x.txt
RewriteRule ^script$ /cgi/mark.cgi
RewriteRule ^away$ http://www.example.com/ [R]
RewriteRule ^no$ - [F]
RewriteRule ^dead$ http://127.0.0.1:1/ [P]
EOF
);

sub check_in_between
{
    my $httpd = Test::Httpd->config(
        modules => [qw(alias dir mime negotiation rewrite include deflate
            filter proxy_http), $CGI],
        config => $POLICY . $IN_BETWEEN, files => \%IN_BETWEEN_FILES)->start;
    for my $name (sort keys %IN_BETWEEN) {
        my ($path) = @{ $IN_BETWEEN{$name} };
        my $more = "Access-Control-Request-Method: PUT\n"
            . "Accept-Encoding: gzip\n";
        my $r = $httpd->request(preflight($path, $APP, $more));
        # MultiViews and mod_deflate have a say in Vary themselves.
        $r->{headers}{vary} = [grep { !/^accept/ } @{ vary($r) }];
        is_answered($r, $name);
        $r = $httpd->request(preflight($path, $EVIL, $more));
        $r->{headers}{vary} = [grep { !/^accept/ } @{ vary($r) }];
        is_refused($r, $name);
    }
    is $httpd->slurp('var/mark'), '', 'a preflight runs no script';
    for my $name (sort keys %IN_BETWEEN) {
        my ($path, $status) = @{ $IN_BETWEEN{$name} };
        is $httpd->request("GET $path HTTP/1.1\nOrigin: $APP\n")->{status},
            $status, "a GET gets the resource itself: $name";
    }
    isnt $httpd->slurp('var/mark'), '', 'and scripts run for it';
    $httpd->expect(qr/proxy:error/, qr/proxy_http:error/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- what else the answer carries ----

sub check_always
{
    my $httpd = Test::Httpd->config(
        modules => ['headers'], files => { 'htdocs/x.txt' => 'x' },
        config => <<"EOF")->start;
$POLICY
Header always set Strict-Transport-Security "max-age=63072000"
Header always merge Vary X-Other
Header always set Access-Control-Allow-Origin https://other.example.net
Header always add Access-Control-Max-Age 1
ErrorDocument 403 /x.txt
<Location /text>
    ErrorDocument 403 "another text"
</Location>
<Location /url>
    ErrorDocument 403 http://www.example.com/
</Location>
EOF
    for my $path (qw(/x.txt /text /url)) {
        for my $origin ($APP, $EVIL) {
            my $r = $httpd->request(preflight($path, $origin));
            is_deeply $r->{headers}{'strict-transport-security'},
                ['max-age=63072000'],
                    "Strict-Transport-Security of Header always is on $path";
            is_deeply [grep { $_ eq 'x-other' } @{ vary($r) }], ['x-other'],
                'and so is its Vary';
            $r->{headers}{vary} = [grep { $_ ne 'x-other' } @{ vary($r) }];
            $ANSWER{$origin}->($r, "$path, with an ErrorDocument");
            unlike $r->{body}, qr/^x$|another/, 'an ErrorDocument is not used';
        }
    }
    $httpd->expect(qr/cors:warn.*Access-Control-Allow-Origin/,
        qr/cors:warn.*Access-Control-Max-Age/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

check_bodies();
check_bad_bodies();
check_http2();
check_in_between();
check_always();
done_testing;
