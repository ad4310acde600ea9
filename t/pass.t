# Who answers a preflight is the administrator's choice. Answered by the server,
# it must never trouble the application, whose OPTIONS may be slow, dead or
# wrong; passed on, the application must get it, and its answer must leave with
# the right headers whatever its status. Some old proxies take only 200 for an
# answer, and a 200 that brings a page along is none.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Backend;
use Test::Cors qw($APP $EVIL $CGI @OPTIONS_VARY facts slurp);
use Test::Httpd;

my $OTHER = 'https://other.example.net';

# ---- policies, and what they say to a preflight whose origin is allowed ----

# Of "given" what the preflight asks for is sent back.
my %POLICIES = (
    list => {
        config => "CorsAllowOrigin $APP\nCorsAllowCredentials On\n"
            . "CorsAllowMethods PUT PATCH\nCorsAllowHeaders X-Token X-Two\n"
            . "CorsExposeHeaders X-One\nCorsMaxAge 10min\n",
        origin => $APP, credentials => 'true', methods => 'PUT, PATCH',
        headers => 'X-Token, X-Two', max_age => 600,
    },
    short => {
        config => "CorsAllowOrigin $APP\n",
        origin => $APP, methods => 'GET, HEAD, POST', headers => 'Content-Type',
    },
    star => {
        config => "CorsAllowOrigin *\nCorsAllowMethods *\n"
            . "CorsAllowHeaders Authorization *\nCorsMaxAge 0\n",
        origin => '*', methods => '*', headers => '*, Authorization',
        max_age => 0,
    },
    given => {
        config => "CorsAllowOrigin $APP\nCorsAllowCredentials On\n"
            . "CorsAllowMethods *\nCorsAllowHeaders *\n",
        origin => $APP, credentials => 'true',
    },
    nobody => { config => "CorsAllowOrigin none\n" },
);

# [origin, method, headers]: allowed and denied, and denied by method or header,
# which the browser finds out itself.
my @PREFLIGHTS = (
    [$APP, 'PUT', 'x-token'], [$APP, 'GET', undef], [$APP, 'DELETE', undef],
    [$APP, 'PUT', 'x-other, authorization'], [$EVIL, 'PUT', 'x-token'],
    ['null', 'PUT', undef], ["$APP/", 'PUT', undef],
);

sub preflight($path, $row, $version = '1.1')
{
    my ($origin, $method, $headers) = @$row;
    return "OPTIONS $path HTTP/$version\nOrigin: $origin\n"
        . "Access-Control-Request-Method: $method\n"
        . (defined $headers ? "Access-Control-Request-Headers: $headers\n"
            : '');
}

sub is_allowed($policy, $row)
{
    my $origin = $POLICIES{$policy}{origin} // return 0;
    return $origin eq '*' || $origin eq $row->[0];
}

sub ours($policy, $row)
{
    return {} if !is_allowed($policy, $row);
    my %says = %{ $POLICIES{$policy} };
    @says{qw(methods headers)} = @$row[1, 2] if $policy eq 'given';
    my %value = ('allow-origin' => $says{origin}, 'max-age' => $says{max_age},
        map { ("allow-$_" => $says{$_}) } qw(credentials methods headers));
    return { map { ("access-control-$_" => [$value{$_}]) }
        grep { defined $value{$_} } keys %value };
}

# ---- the server: every path is /policy/preflight/status/how/source/... ----

my ($http, $fpm) = (Test::Backend->http, Test::Backend->php_fpm);

sub config()
{
    my $config = '';
    $config .= "<Location /$_/>\n$POLICIES{$_}{config}</Location>\n"
        for sort keys %POLICIES;
    my @choices = (
        ['', 'CorsPreflight', qw(Answer Pass)],
        ['/\w+', 'CorsPreflightStatus', qw(200 204)],
        ['/\w+/\w+', 'CorsBackendHeaders', qw(Replace Keep)],
        ['/\w+/\w+/\w+', 'CorsEngine', qw(Off DetectionOnly)],
    );
    for (@choices) {
        my ($depth, $directive, @values) = @$_;
        $config .= "<LocationMatch ^/\\w+$depth/$_/>\n$directive $_\n"
            . "</LocationMatch>\n" for @values;
    }
    return $config . <<"EOT";
ScriptAliasMatch ^/.*/cgi/ "\@ROOT\@/cgi/asked.cgi"
AliasMatch ^/.*/fpm/ "\@DOCROOT\@/asked.php"
AliasMatch ^/.*/file/x\.txt\$ "\@DOCROOT\@/x.txt"
ProxyPassMatch ^/.*/http/ "http://127.0.0.1:@{[ $http->port ]}"
<LocationMatch /fpm/>
    SetHandler "proxy:@{[ $fpm->url ]}"
</LocationMatch>
Header always set X-Always yes
EOT
}

sub server(@modules)
{
    return Test::Httpd->config(
        modules => [qw(alias headers dir mime proxy_http proxy_fcgi), $CGI,
            @modules],
        files => {
            'htdocs/x.txt' => "x\n",
            'cgi/asked.cgi' => slurp('t/backend/asked.cgi'),
            'htdocs/asked.php' => slurp('t/backend/asked.php'),
        },
        config => config());
}

my $httpd = server()->start;

# How many requests have reached an application.
sub reached()
{
    my $cgi = -s $httpd->root . '/var/count';
    return $http->count + $fpm->count + ($cgi // 0);
}

my %SENDS = (
    none => [],
    same => ["Access-Control-Allow-Origin: $APP"],
    another => ["Access-Control-Allow-Origin: $OTHER",
        map { "Access-Control-$_" } 'Allow-Credentials: true',
            'Allow-Methods: DELETE', 'Allow-Headers: X-Theirs',
            'Expose-Headers: X-Theirs', 'Max-Age: 1'],
    rest => ['Access-Control-Allow-Methods: DELETE',
        'Access-Control-Max-Age: 1'],
);

sub fields(@lines)
{
    return { map { my ($name, $value) = split /: /; (lc $name => [$value]) }
        @lines };
}

sub url($place, $source, $status, $send)
{
    return "$place/file/x.txt" if $source eq 'file';
    my $is_bare = $status == 204 || $status == 304;
    return "$place/$source/?" . Test::Backend::asked(join("\n",
        "Status: $status", @{ $SENDS{$send} },
        $is_bare ? () : 'Content-Type: text/plain') . "\n\n"
        . ($is_bare ? '' : "theirs\n"));
}

# ---- Answer ----

# The whole answer is ours, whatever is behind it.
sub check_answer($r, $policy, $row, $status, $name)
{
    my $allowed = is_allowed($policy, $row);
    my $headers = $r->{headers};
    is_deeply facts($r), { status => $allowed ? $status : 403,
            vary => \@OPTIONS_VARY, cors => ours($policy, $row) },
                "$name is answered";
    is_deeply $headers->{'x-always'}, ['yes'],
        'with the headers of Header always';
    if (!$allowed) {
        is_deeply $headers->{'content-type'}, ['text/plain'], 'as plain text';
        is $r->{body}, "CORS: this origin is not allowed.\n",
            'that gives the reason';
        return;
    }
    is $r->{body}, '', 'without a body';
    is $headers->{'content-type'}, undef, 'without a Content-Type';
    is_deeply $headers->{'content-length'}, $status == 200 ? ['0'] : undef,
        'with Content-Length 0 on a 200 only';
    return;
}

sub name_of($policy, $row, @more)
{
    return join ', ', "preflight for $row->[0]", $row->[1],
        $row->[2] // 'no header', $policy, @more;
}

sub check_answers()
{
    for my $policy (sort keys %POLICIES) {
        for my $row (@PREFLIGHTS) {
            for my $status (200, 204) {
                for my $source (qw(file cgi fpm http)) {
                    my $before = reached();
                    my $r = $httpd->request(preflight(url("/$policy/Answer/"
                        . "$status/Replace", $source, 200, 'another'), $row));
                    check_answer($r, $policy, $row, $status,
                        name_of($policy, $row, $source));
                    is reached(), $before, 'and no application is reached';
                }
            }
        }
    }
    return;
}

# What has no say in it: Keep, what is not there, the version of HTTP, and that
# no directive says anything.
sub check_answers_elsewhere()
{
    for my $path ('/list/Answer/200/Keep/file/x.txt',
        '/list/Answer/200/Keep/no/such/file', '/list/Answer/200/Keep/',
        url('/list/Answer/200/Keep', 'http', 500, 'another')) {
        my $r = $httpd->request(preflight($path, $PREFLIGHTS[0]));
        check_answer($r, 'list', $PREFLIGHTS[0], 200, $path =~ s/\?.*//r);
    }
    for my $row (@PREFLIGHTS) {
        my $r = $httpd->request(preflight('/list/x.txt', $row));
        check_answer($r, 'list', $row, 204, name_of('by default', $row));
        $r = $httpd->request(preflight('/list/Answer/200/', $row, '1.0'));
        check_answer($r, 'list', $row, 200, name_of('HTTP/1.0', $row));
    }
    return;
}

# ---- Pass ----

# Without ACAO of its own nothing is kept.
sub expected_of_pass($policy, $row, $how, $send)
{
    my $theirs = fields(@{ $SENDS{$send} });
    return $theirs
        if $how eq 'Keep' && $theirs->{'access-control-allow-origin'};
    return ours($policy, $row);
}

sub check_pass($place, $row, $source, $status, $send)
{
    my ($policy, $how) = $place =~ m{^/(\w+).*/(\w+)$};
    my $before = reached();
    my $r = $httpd->request(preflight(url($place, $source, $status, $send),
        $row));
    is_deeply facts($r), { status => $status, vary => \@OPTIONS_VARY,
            cors => expected_of_pass($policy, $row, $how, $send) },
        name_of($policy, $row, $how, "$status by $source, sends $send",
            'is passed on');
    is reached(), $before + 1, 'and reaches the application';
    is $r->{body}, $status == 204 || $status == 304 ? '' : "theirs\n",
        'and the body is its own';
    return;
}

sub check_passes()
{
    my @statuses = (200, 204, 301, 304, 400, 401, 403, 404, 405, 500, 501, 502,
        503);
    my @sends = sort keys %SENDS;
    my $n = 0;
    for my $source (qw(cgi fpm http)) {
        for my $policy (sort keys %POLICIES) {
            for my $row (@PREFLIGHTS) {
                check_pass("/$policy/Pass/200/$_", $row, $source,
                    $statuses[$n % @statuses], $sends[$n++ % @sends])
                    for qw(Replace Keep);
            }
        }
        for my $status (@statuses) {
            check_pass("/list/Pass/200/$_", $PREFLIGHTS[0], $source, $status,
                'same') for qw(Replace Keep);
        }
    }
    return;
}

# The core's own answer says what a file can do.
sub check_passes_to_core()
{
    for my $policy (sort keys %POLICIES) {
        for my $row (@PREFLIGHTS) {
            my $r = $httpd->request(preflight(
                "/$policy/Pass/204/Replace/file/x.txt", $row));
            is_deeply facts($r), { status => 200, vary => \@OPTIONS_VARY,
                    cors => ours($policy, $row) },
                name_of($policy, $row, 'is passed on to the core');
            like $r->{headers}{allow}[0], qr/\bGET\b/,
                'and the body is its own';
        }
    }
    return;
}

# ---- what is no preflight, or none of ours ----

# Passed on under Answer, too: WebDAV and applications need it.
my @NO_PREFLIGHTS = (
    ['no Origin', "OPTIONS %s HTTP/1.1\n"
        . "Access-Control-Request-Method: PUT\n", {}],
    ['no method asked for', "OPTIONS %s HTTP/1.1\nOrigin: $APP\n",
        { 'access-control-allow-origin' => [$APP],
            'access-control-allow-credentials' => ['true'],
            'access-control-expose-headers' => ['X-One'] }],
    ['neither', "OPTIONS %s HTTP/1.1\n", {}],
    ['another origin, no method asked for',
        "OPTIONS %s HTTP/1.1\nOrigin: $EVIL\n", {}],
    ["the server's own origin", "OPTIONS %s HTTP/1.1\n"
        . 'Origin: http://127.0.0.1:' . $httpd->port . "\n"
        . "Access-Control-Request-Method: PUT\n", {}],
    ['GET', "GET %s HTTP/1.1\nOrigin: $APP\n"
        . "Access-Control-Request-Method: PUT\n",
        { 'access-control-allow-origin' => [$APP],
            'access-control-allow-credentials' => ['true'],
            'access-control-expose-headers' => ['X-One'] }],
);

sub check_others()
{
    for (@NO_PREFLIGHTS) {
        my ($name, $request, $cors) = @$_;
        for my $preflight (qw(Answer Pass)) {
            for my $source (qw(cgi fpm http)) {
                my $before = reached();
                my $r = $httpd->request(sprintf $request, url(
                    "/list/$preflight/200/Replace", $source, 200, 'another'));
                is_deeply facts($r), { status => 200, cors => $cors,
                        vary => $name eq 'GET' ? ['origin'] : \@OPTIONS_VARY },
                    "$name, $preflight, $source: not answered";
                is reached(), $before + 1, 'but reaches the application';
            }
        }
    }
    return;
}

# Off and DetectionOnly change nothing.
sub check_engine()
{
    for my $engine (qw(Off DetectionOnly)) {
        for my $preflight (qw(Answer Pass)) {
            for my $row (@PREFLIGHTS) {
                my $before = reached();
                my $r = $httpd->request(preflight(url(
                    "/list/$preflight/200/Replace/$engine", 'http', 404,
                    'another'), $row));
                is_deeply facts($r), { status => 404, vary => [],
                        cors => fields(@{ $SENDS{another} }) },
                    name_of($engine, $row, $preflight);
                is reached(), $before + 1,
                    'and the request reaches the backend';
            }
        }
    }
    return;
}

check_answers();
check_answers_elsewhere();
check_passes();
check_passes_to_core();
check_others();
check_engine();
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- HTTP/2 ----

my $h2 = server('http2')->start;
for my $row (@PREFLIGHTS) {
    for my $status (200, 204) {
        my $r = $h2->h2(preflight("/list/Answer/$status/Replace/file/x.txt",
            $row));
        check_answer($r, 'list', $row, $status, name_of('HTTP/2', $row));
    }
    my $r = $h2->h2(preflight(url('/list/Pass/200/Replace', 'http', 404,
        'another'), $row));
    is_deeply facts($r), { status => 404, vary => \@OPTIONS_VARY,
        cors => ours('list', $row) }, name_of('HTTP/2', $row, 'is passed on');
}
is $h2->complaints, '', 'nothing unexpected in the error log';

# ---- what is no choice ----

for my $line ('CorsPreflight Maybe', 'CorsPreflightStatus 201',
    'CorsPreflightStatus 403', 'CorsPreflightStatus "200 OK"') {
    my ($directive, $value) = $line =~ /(\w+) "?([^"]+)/;
    my $c = Test::Httpd->check_config(config => "$line\n");
    ok !$c->{ok}, "$line is refused";
    like $c->{output}, qr/$directive "\Q$value\E"/,
        'and the message names its value';
}
done_testing;
