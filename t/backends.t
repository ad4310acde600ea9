# An application often sends CORS headers of its own, and no single line of
# mod_headers is right for all: scripts and PHP-FPM hand them over in one table,
# HTTP backends in another, and errors lose the one or the other. A browser
# rejects a response with two Access-Control-Allow-Origin, so a page would fail
# on that one status, behind that one backend, where nobody has looked.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use IO::Select;
use IO::Socket::INET;
use POSIX qw(mkfifo);
use Test::More;
use Test::Backend;
use Test::Cors qw($APP $EVIL $CGI cors slurp);
use Test::Httpd;

my $OTHER = 'https://other.example.net';
my @STATUSES = qw(200 201 204 206 301 304 400 401 403 404 405 413 500 502 503);

# ---- the policies, and what they say ----

# bare has none: there the backend's headers have to be seen, so that what is
# said of the others means something.
my %POLICIES = (
    bare => '',
    list => "CorsAllowOrigin $APP\nCorsAllowCredentials On\n"
        . "CorsExposeHeaders X-One\n",
    star => "CorsAllowOrigin *\n",
);

# [policy, CorsBackendHeaders, Origin]
my @CASES = (
    ['bare', 'Replace', $APP],
    map { my $how = $_; map { [$_->[0], $how, $_->[1]] }
        ['list', $APP], ['list', $EVIL], ['list', undef],
        ['star', $APP], ['star', undef] } qw(Replace Keep),
);

sub ours($policy, $origin)
{
    return { 'access-control-allow-origin' => ['*'] } if $policy eq 'star';
    return {} if ($origin // '') ne $APP;
    return {
        'access-control-allow-origin' => [$APP],
        'access-control-allow-credentials' => ['true'],
        'access-control-expose-headers' => ['X-One'],
    };
}

sub with_vary(@names)
{
    my %names = map { lc $_ => 1 } map { split /\s*,\s*/ } @names;
    return $names{'*'} ? ['*'] : [sort keys %names];
}

# theirs: what is in httpd's tables when the response leaves.
sub expected($case, $theirs)
{
    my ($policy, $how, $origin) = @$case;
    my %cors = %$theirs;
    my @vary = @{ delete $cors{vary} // [] };
    return { cors => \%cors, vary => with_vary(@vary) } if $policy eq 'bare';
    return { cors => \%cors, vary => with_vary(@vary, 'Origin') }
        if $how eq 'Keep' && $cors{'access-control-allow-origin'};
    push @vary, 'Origin' if $policy ne 'star';
    return { cors => ours($policy, $origin), vary => with_vary(@vary) };
}

# ---- what the backends send ----

my %SENDS = (
    none => [],
    same => ["Access-Control-Allow-Origin: $APP",
        'Access-Control-Allow-Credentials: true',
        'Access-Control-Expose-Headers: X-One'],
    another => ["Access-Control-Allow-Origin: $OTHER",
        map { "Access-Control-$_" } 'Allow-Credentials: true',
            'Allow-Methods: DELETE', 'Allow-Headers: X-Theirs',
            'Expose-Headers: X-Theirs', 'Max-Age: 1'],
    two => ["Access-Control-Allow-Origin: $APP",
        "Access-Control-Allow-Origin: $OTHER"],
);
my @SENDS = sort keys %SENDS;

# What an application may say about caches, alone and beside CORS headers.
my @VARY = (['Accept'], ['Accept', 'Accept'], ['Accept, accept'], ['*'],
    ['origin'], ['Origin, Origin'], ['Accept', 'ORIGIN'], ['X-Origin'],
    ['Origin-Trial, Cookie', 'cookie']);
for my $n (0 .. $#VARY) {
    $SENDS{"vary$n"} = [map { "Vary: $_" } @{ $VARY[$n] }];
    $SENDS{"vary$n-cors"} = [@{ $SENDS{"vary$n"} }, @{ $SENDS{another} }];
}

sub fields(@lines)
{
    my %fields;
    for (@lines) {
        my ($name, $value) = split /: /;
        push @{ $fields{lc $name} }, $value;
    }
    return \%fields;
}

# The two tables, and who fills them: headers_out by "Header" and by backends
# of HTTP and uwsgi, err_headers_out by "Header always", scripts, PHP-FPM and
# SCGI.
my @SOURCES = qw(core-set core-always cgi fpm http uwsgi scgi);

# Which of a source's headers httpd itself lets through. It drops headers_out
# when it makes an error response, and mod_headers then adds "always" lines
# only, those of the ErrorDocument's own URL. What scripts send twice is one
# line.
sub reaches($source, $status, $document, $lines)
{
    return {} if $source eq 'core-set' && $status !~ /^(?:200|206|304)$/
        || $source eq 'core-always' && $document eq 'local'
        || $source =~ /^(?:http|uwsgi)$/ && $document ne 'none';
    my $fields = fields(@$lines);
    return $fields if $source !~ /^(?:cgi|fpm|scgi)$/;
    return { map { $_ => [join ', ', @{ $fields->{$_} }] } keys %$fields };
}

# ---- the server ----

# Every path is /policy/how/document/source/..., and an ErrorDocument replaces
# a backend's errors, too.
my %DOCUMENTS = (none => undef, local => '/error.txt', text => '"no luck"',
    url => 'http://www.example.com/error');

sub sections()
{
    my $config = '';
    $config .= "<Location /$_/>\n$POLICIES{$_}</Location>\n"
        for sort keys %POLICIES;
    $config .= "<LocationMatch ^/\\w+/$_/>\nCorsBackendHeaders $_\n"
        . "</LocationMatch>\n" for qw(Replace Keep);
    for my $name (grep { defined $DOCUMENTS{$_} } sort keys %DOCUMENTS) {
        $config .= "<LocationMatch ^/\\w+/\\w+/$name/>\nProxyErrorOverride On\n"
            . join('', map { "ErrorDocument $_ $DOCUMENTS{$name}\n" }
                grep { $_ >= 400 && ($name ne 'url' || $_ != 401) } @STATUSES)
            . "</LocationMatch>\n";
    }
    for my $name (sort keys %SENDS) {
        for my $line (@{ $SENDS{$name} }) {
            my ($field, $value) = split /: /, $line;
            $config .= "<LocationMatch /core-$_->[0]/$name/>\n"
                . "Header $_->[1] $field \"$value\"\n</LocationMatch>\n"
                for ['set', 'add'], ['always', 'always add'];
        }
    }
    return $config;
}

# What httpd makes itself: a file for 200, 206 and 304.
sub redirects()
{
    return join '', map {
        "RedirectMatch $_ ^/.*/core-.*/$_\$"
            . ($_ == 301 ? " http://www.example.com/\n" : "\n")
    } grep { !/^(?:200|206|304)$/ } @STATUSES;
}

my %BROKEN_PHP = (
    'htdocs/fatal.php' => '<?php no_such_function();',
    'htdocs/killed.php' => "<?php exec('kill -9 ' . getmypid());",
);

my ($http, $fpm) = (Test::Backend->http, Test::Backend->php_fpm);

sub server($config, %args)
{
    my @more = @{ delete $args{modules} // [] };
    return Test::Httpd->config(%args,
        modules => [qw(alias headers proxy_http proxy_fcgi proxy_uwsgi
            proxy_scgi), $CGI, @more],
        files => {
            'htdocs/x.txt' => "x\n", 'htdocs/error.txt' => "an error\n",
            'cgi/asked.cgi' => slurp('t/backend/asked.cgi'),
            'htdocs/asked.php' => slurp('t/backend/asked.php'),
            %BROKEN_PHP,
        },
        config => <<"EOT" . $config);
ScriptAliasMatch ^/.*/cgi/ "\@ROOT\@/cgi/asked.cgi"
AliasMatch ^/.*/fpm/ "\@DOCROOT\@/asked.php"
AliasMatch ^/.*/core-.* "\@DOCROOT\@/x.txt"
ProxyPassMatch ^/.*/http/ "http://127.0.0.1:@{[ $http->port ]}"
ProxyPassMatch ^/.*/uwsgi/ "uwsgi://127.0.0.1:@{[ $http->port ]}/"
ProxyPassMatch ^/.*/scgi/ "scgi://127.0.0.1:@{[ $http->port ]}/"
<LocationMatch /fpm/>
    SetHandler "proxy:@{[ $fpm->url ]}"
</LocationMatch>
EOT
}

# ---- reading a response ----

# Vary is one line, because some caches read no second.
sub facts($r)
{
    my ($vary, @more) = @{ $r->{headers}{vary} // [] };
    return { status => $r->{status}, cors => cors($r),
        vary => [sort map { lc } split(/\s*,\s*/, $vary // ''), @more] };
}

sub origin_line($origin)
{
    return "Vary: X-Request\n" . (defined $origin ? "Origin: $origin\n" : '');
}

# ---- asking ----

my %open;

# On one connection as long as httpd says that it keeps it.
sub ask($httpd, $text)
{
    my $connection = delete $open{$httpd} // $httpd->connection;
    $connection->send($text);
    my $r = $connection->response;
    $open{$httpd} = $connection if !$r->{headers}{connection};
    return $r;
}

sub ask_http2($httpd, $text) { return $httpd->h2($text) }

sub check_log($httpd)
{
    %open = ();
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- the matrix ----

my %CONDITION = (206 => "Range: bytes=0-0\n", 304 => "If-None-Match: *\n");

sub request_for($case, $document, $source, $status, $send)
{
    my ($policy, $how, $origin) = @$case;
    my $path = "/$policy/$how/$document/$source";
    my $headers = origin_line($origin);
    return "GET $path/$send/$status HTTP/1.1\n$headers"
        . ($CONDITION{$status} // '') if $source =~ /^core/;
    my @head = ("Status: $status", $status == 301
            ? 'Location: http://www.example.com/' : (), @{ $SENDS{$send} });
    push @head, 'Content-Type: text/plain' if $status !~ /^(?:204|304)$/;
    return "GET $path/?" . Test::Backend::asked(join("\n", @head) . "\n\n"
        . ($status =~ /^(?:204|304)$/ ? '' : "body\n")) . " HTTP/1.1\n$headers";
}

sub name_of($case, @what)
{
    my ($policy, $how, $origin) = @$case;
    return join ', ', $policy, $how, $origin // 'no Origin', @what;
}

sub check($ask, $httpd, $cell, @cases)
{
    my ($document, $source, $status, $send) = @$cell;
    my $theirs = reaches($source, $status, $document, $SENDS{$send});
    my $leaves = $document eq 'url' && $status != 401 ? 302 : $status;
    for my $case (@cases) {
        my $r = $ask->($httpd, request_for($case, @$cell));
        is_deeply facts($r),
            { status => $leaves, %{ expected($case, $theirs) } },
            name_of($case, "$status by $source, sends $send",
                $document eq 'none' ? () : "ErrorDocument $document");
    }
    return;
}

# Each status of each source with everything that it may send.
my @CELLS;
for my $status (@STATUSES) {
    for my $source (@SOURCES) {
        push @CELLS, map { ['none', $source, $status, $_] } @SENDS;
    }
}

# Each error of each source under each ErrorDocument, with what is sent in
# turn. The errors of scripts and of SCGI stay their own.
my @ERROR_CELLS;
for my $source (grep { !/^s?cgi$/ } @SOURCES) {
    for my $document (qw(local text url)) {
        push @ERROR_CELLS, map { [$document, $source, $_,
            $SENDS[@ERROR_CELLS % @SENDS]] } grep { $_ >= 400 } @STATUSES;
    }
}

# What the application says about caches stays, whatever the request says.
my @VARY_CELLS;
for my $source (@SOURCES) {
    push @VARY_CELLS, map {
        ['none', $source, (200, 304, 404)[int(@VARY_CELLS / 18) % 3], "vary$_"],
        ['none', $source, (404, 200, 304)[$_ % 3], "vary$_-cors"]
    } 0 .. $#VARY;
}

sub check_matrix()
{
    my $httpd = server(redirects() . sections())
        ->expect(qr/cors:warn.*Access-Control-/)->start;
    my $n = 0;
    for my $cell (@CELLS, @ERROR_CELLS, @VARY_CELLS) {
        check(\&ask, $httpd, $cell, map { $CASES[$n++ % @CASES] } 1 .. 4);
    }
    check_log($httpd);
    return;
}

# Every eighth cell, with the cases in turn.
sub check_http2()
{
    my $httpd = server(redirects() . sections(), modules => ['http2'])
        ->expect(qr/cors:warn.*Access-Control-/)->start;
    my @cells = (@CELLS, @ERROR_CELLS);
    for my $n (grep { $_ % 8 == int($_ / 8) % 8 } 0 .. $#cells) {
        check(\&ask_http2, $httpd, $cells[$n], $CASES[int($n / 8) % @CASES]);
    }
    check_log($httpd);
    return;
}

# ---- backends that are dead, or out of their mind ----

# [name, source, what it sends, status]; nothing of theirs gets through.
my $STAR = 'Access-Control-Allow-Origin: *';
my $OK = "HTTP/1.1 200 OK\r\n$STAR\r\n";
my @GARBAGE = (
    ['no word', 'http', '', 502],
    ['TLS', 'http', "\x16\x03\x01\x00\x02\x02\x28", 502],
    ['half a header', 'http', $OK =~ s/\*\r\n//r, 502],
    ['no end of the headers', 'http', $OK, 502],
    ['a bad header', 'http', "${OK}Bad Header\r\n\r\nbody", 502],
    ['a bad length', 'http', "${OK}Content-Length: x\r\n\r\nbody", 502],
    ['bad chunks', 'http', "${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        502],
    ['no status line', 'http', "$STAR\r\n\r\n", 200],
    ['no number as status', 'http', "HTTP/1.1 abc OK\r\n$STAR\r\n\r\n", 200],
    ['no word', 'uwsgi', '', 500],
    ['no status line', 'uwsgi', "$STAR\r\n\r\n", 502],
    ['a control character', 'uwsgi', $OK =~ s/\r\n$/\x01\r\n\r\n/r, 502],
    ['no word', 'scgi', '', 500],
    ['a bad header', 'scgi', "$STAR\nbad\n\nbody", 500],
    ['no FastCGI', 'fcgi', '', 503],
    ['no word', 'cgi', '', 500],
    ['a bad header', 'cgi', "$STAR\nbad\n\nbody", 500],
    ['a fatal error', 'fatal', '', 500],
    ['a crash', 'killed', '', 503],
    ['no script', 'no-script', '', 404],
    map { ['nobody', "dead-$_", '', 503] } qw(http fcgi socket uwsgi scgi),
);

sub dead_backends()
{
    my $port = Test::Httpd->free_port;
    return join('', map {
        "ProxyPassMatch ^/.*/dead-$_/ $_://127.0.0.1:$port/\n"
    } qw(http fcgi uwsgi scgi)) . <<"EOT";
ProxyPassMatch ^/.*/fcgi/ "fcgi://127.0.0.1:@{[ $http->port ]}/"
AliasMatch ^/.*/(fatal|killed|no-script)/ "\@DOCROOT\@/\$1.php"
<LocationMatch /(fatal|killed|no-script)/>
    SetHandler "proxy:@{[ $fpm->url ]}"
</LocationMatch>
<LocationMatch /dead-socket/>
    SetHandler "proxy:unix:\@ROOT\@/no-socket|fcgi://localhost"
</LocationMatch>
EOT
}

sub check_garbage($httpd, $document, $row)
{
    my ($name, $source, $text, $status) = @$row;
    my $query = Test::Backend::asked($source eq 'cgi' ? $text : "raw:$text");
    my $leaves = $document eq 'url' && $status >= 400 ? 302 : $status;
    state $n = 0;
    for my $case (map { $CASES[$n++ % @CASES] } 1 .. 4) {
        my ($policy, $how, $origin) = @$case;
        my $r = $httpd->request("GET /$policy/$how/$document/$source/?$query "
            . "HTTP/1.1\n" . origin_line($origin));
        is_deeply facts($r), { %{ expected($case, {}) }, status => $leaves },
            name_of($case, "$name from $source, ErrorDocument $document");
    }
    return;
}

# What httpd itself refuses to send is no reason to lose ours.
sub check_control_character($httpd)
{
    my $query = Test::Backend::asked('raw:' . $OK =~ s/\r\n$/\x01\r\n\r\n/r);
    for my $case (@CASES) {
        my ($policy, $how, $origin) = @$case;
        my $r = $httpd->request("GET /$policy/$how/none/http/?$query "
            . "HTTP/1.1\n" . origin_line($origin));
        my $is_theirs = $policy eq 'bare' || $how eq 'Keep';
        is_deeply facts($r),
            { %{ expected($case, {}) }, status => $is_theirs ? 500 : 200 },
            name_of($case, 'a control character in their header');
    }
    return;
}

# A preflight is answered, whoever is dead.
sub check_preflight_of_dead($httpd)
{
    for my $source (map { "dead-$_" } qw(http fcgi socket uwsgi scgi)) {
        my $r = ask($httpd, "OPTIONS /list/Keep/none/$source/ HTTP/1.1\n"
            . "Origin: $APP\nAccess-Control-Request-Method: POST\n");
        is $r->{status}, 204, "the preflight for $source is answered";
        is_deeply $r->{headers}{'access-control-allow-origin'}, [$APP],
            'with one Access-Control-Allow-Origin';
    }
    return;
}

sub check_broken()
{
    my $httpd = server(dead_backends() . sections())->expect(
        qr/cors:warn.*Access-Control-/,
        qr/\[(?:proxy\w*|cgid?|http):(?:error|warn)\]/)->start;
    for my $document (sort keys %DOCUMENTS) {
        check_garbage($httpd, $document, $_) for @GARBAGE;
    }
    check_control_character($httpd);
    check_preflight_of_dead($httpd);
    check_log($httpd);
    return;
}

# ---- responses that come in parts ----

# What has come in when it matches.
sub read_until($socket, $text, $pattern)
{
    while ($text !~ $pattern) {
        IO::Select->new($socket)->can_read(10) or last;
        sysread $socket, $text, 4096, length $text or last;
    }
    return $text;
}

# The backend ends only after its first part has been seen here.
sub check_stream($httpd, $source, $case)
{
    my ($policy, $how, $origin) = @$case;
    my $pipe = $httpd->root . '/var/pipe';
    open my $go, '+<', $pipe or die "$pipe: $!\n";
    my $query = Test::Backend::asked("$STAR\nContent-Type: text/plain\n\n"
        . "first\n<wait $pipe>second\n");
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $httpd->port) or die "connect: $!\n";
    syswrite $socket, "GET /$policy/$how/none/$source/?$query HTTP/1.1\r\n"
        . "Host: 127.0.0.1\r\nConnection: close\r\n"
        . origin_line($origin) =~ s/\n/\r\n/gr . "\r\n";
    my $text = read_until($socket, '', qr/\r\n\r\n.*first\n/s);
    my $name = name_of($case, $source);
    my $came = like $text, qr/first\n/, "$name: the first part comes by itself";
    my ($head) = split /\r\n\r\n/, $text;
    is_deeply $came && facts(Test::Httpd::Client::parse_head($head)),
        { status => 200,
            %{ expected($case, reaches($source, 200, 'none', [$STAR])) } },
        'and with all headers';
    syswrite $go, "go\n";
    like read_until($socket, $text, qr/second\n/), qr/second\n/,
        'and the second when the backend goes on';
    return;
}

sub check_streams()
{
    my $httpd = server("<Proxy fcgi://localhost>\nProxySet flushpackets=on\n"
        . "</Proxy>\n" . sections())
        ->expect(qr/cors:warn.*Access-Control-/)->start;
    my $pipe = $httpd->root . '/var/pipe';
    mkfifo($pipe, 0666) && chmod 0666, $pipe or die "$pipe: $!\n";
    for my $source (qw(cgi fpm http uwsgi scgi)) {
        check_stream($httpd, $source, $_) for @CASES;
    }
    check_log($httpd);
    return;
}

# An interim response is httpd's to pass on; the final one has our headers.
sub check_interim($ask, $more, @modules)
{
    my $query = Test::Backend::asked("raw:HTTP/1.1 103 Early Hints\r\n"
        . "Link: </x.css>; rel=preload\r\n$STAR\r\nVary: Accept\r\n\r\n"
        . "HTTP/1.1 200 OK\r\n$STAR\r\nConnection: close\r\n\r\nbody\n");
    my $httpd = server($more . sections(), modules => \@modules)
        ->expect(qr/cors:warn.*Access-Control-/)->start;
    for my $case (@CASES) {
        my ($policy, $how, $origin) = @$case;
        my $r = $ask->($httpd, "GET /$policy/$how/none/http/?$query HTTP/1.1\n"
            . origin_line($origin));
        is_deeply [map { ($_->{status}, @{ $_->{headers}{link} }) }
            @{ $r->{interim} }], [103, '</x.css>; rel=preload'],
            name_of($case, '103 from http is passed on', @modules);
        is_deeply facts($r),
            { status => 200, %{ expected($case, fields($STAR)) } },
            'and what follows is as without it';
    }
    check_log($httpd);
    return;
}

check_matrix();
check_http2();
check_broken();
check_streams();
check_interim(\&ask, '');
check_interim(\&ask_http2, "H2EarlyHints On\n", 'http2');
done_testing;
