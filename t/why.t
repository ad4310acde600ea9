# Whoever sees "blocked by CORS policy" in a browser sees no cause. Without this
# test the log line that names the cause, and the file and line to change, could
# go missing for one of the usual mistakes, say something else than the page of
# CorsExplain, or be drowned by lines about requests with which all is well.
use v5.36;
use lib 't/lib';
use JSON::PP;
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $on = 'CorsAllowCredentials On';

# ---- mistakes of a policy, each in a section of its own ----

# Rows of [name, lines of the section, request, decision, line that decides,
# why]. A request is "GET" or what a preflight asks for, then the Origin lines.
# "inner" begins a section below the first, which is then asked. In a why
# <line> stands for its place; the words that matter are tested where the
# sentence is free.
my @rows = (
    ['another origin', ["CorsAllowOrigin $app https://b.example.com"],
        ['GET', 'https://other.example'], 'origin-denied', 0,
        'the origin is like none of the 2 that are allowed'],
    ['http for https', ["CorsAllowOrigin $app"],
        ['GET', 'http://app.example.com'], 'origin-denied', 0,
        qq(the origin differs in scheme from "$app" (<0>))],
    ['https for http', ['CorsMaxAge 5', 'CorsAllowOrigin http://localhost:*'],
        ['GET', 'https://localhost:3000'], 'origin-denied', 1,
        'the origin differs in scheme from "http://localhost:*" (<1>)'],
    ['another port', ["CorsAllowOrigin $app"],
        ['GET', "$app:8443"], 'origin-denied', 0,
        qq(the origin differs in port from "$app" (<0>))],
    ['no port, but listed with one', ['CorsAllowOrigin http://localhost:3000'],
        ['GET', 'http://localhost'], 'origin-denied', 0,
        'the origin differs in port from "http://localhost:3000" (<0>)'],
    ['another port, below a pattern', ['CorsAllowOrigin https://*.example.com'],
        ['GET', "$app:8443"], 'origin-denied', 0,
        'the origin differs in port from "https://*.example.com" (<0>)'],
    ['the apex, but the pattern listed',
        ['CorsAllowOrigin https://*.example.com'],
        ['GET', 'https://example.com'], 'origin-denied', 0,
        qr{https://\*\.example\.com"? does not cover:? example\.com itself}],
    ['www, but the apex listed', ['CorsAllowOrigin https://example.com'],
        ['GET', 'https://www.example.com'], 'origin-denied', 0,
        'the origin is below "https://example.com", which covers that name '
            . 'only (<0>)'],
    ['a name that only ends alike', ["CorsAllowOrigin $app"],
        ['GET', 'https://evilapp.example.com'], 'origin-denied', 0,
        'the origin is like none of the 1 that are allowed'],
    ['a dot at the end', ["CorsAllowOrigin $app"], ['GET', "$app."],
        'origin-denied', 0, qr/^the origin (?!is like none)/],
    ['upper case', ["CorsAllowOrigin $app"],
        ['GET', 'https://App.Example.com'], 'origin-denied', 0,
        'the origin differs in case: browsers send lower case'],
    ['a path', ["CorsAllowOrigin $app"], ['GET', "$app/app"],
        'origin-denied', 0, 'the origin is no serialised origin'],
    ['a slash at the end', ["CorsAllowOrigin $app"], ['GET', "$app/"],
        'origin-denied', 0, 'the origin is no serialised origin'],
    ['no scheme', ["CorsAllowOrigin $app"], ['GET', 'app.example.com'],
        'origin-denied', 0, 'the origin is no serialised origin'],
    ['null', ["CorsAllowOrigin $app"], ['GET', 'null'], 'origin-denied', 0,
        'the origin is the opaque origin of sandboxed frames and files, which '
            . 'is not listed'],
    ['two origins in a line', ["CorsAllowOrigin $app"],
        ['GET', "$app, https://b.example.com"], 'origin-denied', 0,
        'the origin is more than one'],
    ['two lines of Origin', ["CorsAllowOrigin $app"], ['GET', $app, $app],
        'origin-denied', 0, 'the origin is more than one'],
    ['an empty Origin', ["CorsAllowOrigin $app"], ['GET', ''],
        'origin-denied', 0, 'the origin is empty'],
    ['a preflight of another origin', ["CorsAllowOrigin $app"],
        ['PUT', 'https://app.example.org'], 'origin-denied', 0,
        'the origin is like none of the 1 that are allowed'],
    ['the deny list', ['CorsAllowOrigin https://*.example.com',
        'CorsDenyOrigin https://users.example.com'],
        ['GET', 'https://users.example.com'], 'origin-denied', 1,
        'the origin is denied by CorsDenyOrigin'],
    ['the deny list, beside *', ['CorsAllowOrigin *',
        'CorsDenyOrigin https://*.example.com'], ['PUT', $app],
        'origin-denied', 1, 'the origin is denied by CorsDenyOrigin'],
    ['a regex that does not match',
        ['CorsAllowOriginMatch https://pr-[0-9]+[.]example[.]com'],
        ['GET', 'https://pr-x.example.com'], 'origin-denied', 0,
        'the origin is like none of the 1 that are allowed'],
    ['an expression that is false',
        ["CorsAllowOriginExpr \"req('X-Tenant') == 'a'\""], ['GET', $app],
        'origin-denied', 0, 'the origin is like none of the 1 that are '
            . 'allowed'],
    ['nobody', ['CorsAllowOrigin none'], ['GET', $app], 'origin-denied', 0,
        'the origin is not allowed, as none is'],
    ['replaced in an inner section', ["CorsAllowOrigin $app", 'inner',
        'CorsAllowOrigin https://b.example.com'], ['GET', $app],
        'origin-denied', 2, 'the origin is like none of the 1 that are '
            . 'allowed'],
    ['extended in an inner section', ["CorsAllowOrigin $app:8443", 'inner',
        'CorsAllowOrigin +https://b.example.com'], ['GET', $app],
        'origin-denied', 2,
        qq(the origin differs in port from "$app:8443" (<0>))],

    # what may not be used with credentials, where merging brings them together
    ['http, left out', ['CorsAllowOrigin http://app.example.com', 'inner', $on],
        ['GET', 'http://app.example.com'], 'origin-denied', 0,
        'the origin is covered by "http://app.example.com", which is left out: '
            . 'it is http: whoever is on the way can change its pages (<0>)'],
    ['a public suffix, left out', ['CorsTolerate public-suffix',
        'CorsAllowOrigin https://*.github.io', 'inner', 'CorsTolerate none',
        $on], ['GET', 'https://me.github.io'], 'origin-denied', 1,
        'the origin is covered by "https://*.github.io", which is left out: it '
            . 'covers a public suffix, where anybody can register a name '
            . '(<1>)'],
    ['null, left out', ['CorsAllowOrigin null', 'inner', $on],
        ['GET', 'null'], 'origin-denied', 0, qr/\bleft out\b/],
    ['a loose regex, left out', ['CorsTolerate loose-regex',
        'CorsAllowOriginMatch https://.*example[.]com', 'inner',
        'CorsTolerate none', $on], ['GET', $app], 'origin-denied', 1,
        qr/\bleft out\b/],
    ['an expression, left out', ['CorsAllowOriginExpr true', 'inner', $on],
        ['GET', $app], 'origin-denied', 0, qr/\bleft out\b/],

    # methods
    ['a method, by default', ["CorsAllowOrigin $app"], ['PUT', $app],
        'method-denied', 'default',
        'the method "PUT" is not in CorsAllowMethods'],
    ['a method, of a list', ["CorsAllowOrigin $app", 'CorsAllowMethods PUT'],
        ['DELETE', $app], 'method-denied', 1,
        'the method "DELETE" is not in CorsAllowMethods'],
    ['patch in lower case', ["CorsAllowOrigin $app",
        'CorsAllowMethods PUT PATCH'], ['patch', $app], 'method-denied', 1,
        qr/^the method "patch" is not in CorsAllowMethods/],
    ['a method of no script', ["CorsAllowOrigin $app", 'CorsAllowMethods *'],
        ['TRACE', $app], 'method-denied', 1,
        'the method "TRACE" is open to no script'],
    ['two methods', ["CorsAllowOrigin $app", 'CorsAllowMethods *'],
        ['GET, DELETE', $app], 'method-denied', 1,
        '"GET, DELETE" is no method'],

    # headers
    ['a header, by default', ["CorsAllowOrigin $app"],
        ['POST x-token', $app], 'headers-denied', 'default',
        'the header "x-token" is not in CorsAllowHeaders'],
    ['a header, of a list', ["CorsAllowOrigin $app",
        'CorsAllowHeaders X-A', 'CorsAllowHeaders X-B'],
        ['POST x-b,x-c,x-d', $app], 'headers-denied', 1,
        'the header "x-c" is not in CorsAllowHeaders'],
    ['Content-Type, lost by a list of ones own', ["CorsAllowOrigin $app",
        'CorsAllowHeaders X-A'], ['POST content-type', $app],
        'headers-denied', 1,
        'the header "content-type" is not in CorsAllowHeaders'],
    ['Authorization with *', ["CorsAllowOrigin $app", 'CorsAllowHeaders *'],
        ['GET authorization', $app], 'headers-denied', 1,
        'the header "authorization" is not in CorsAllowHeaders'],
    ['a list that is none', ["CorsAllowOrigin $app",
        'CorsAllowHeaders X-A'], ['GET x-a, x b', $app], 'headers-denied', 1,
        'what was asked for is no list of header names'],
    ['a list that is too long', ["CorsAllowOrigin $app",
        'CorsAllowHeaders X-A'], ['GET ' . 'x-a,' x 1025, $app],
        'headers-denied', 1, 'the list of headers is too long'],
    ['a name that is too long', ["CorsAllowOrigin $app",
        'CorsAllowHeaders X-A'], ['GET ' . 'x' x 257, $app],
        'headers-denied', 1, 'what was asked for is no list of header names'],

    # enforced
    ['stopped by CorsEnforce', ["CorsAllowOrigin $app", 'CorsEnforce On'],
        ['GET', "$app:1"], 'origin-denied', 0,
        qq(the origin differs in port from "$app" (<0>))],
    ['only detected', ["CorsAllowOrigin $app", 'CorsEngine DetectionOnly'],
        ['GET', "$app:1"], 'origin-denied', 0,
        qq(the origin differs in port from "$app" (<0>))],

    # no mistake at all
    ['allowed', ["CorsAllowOrigin $app"], ['GET', $app], 'allowed', 0,
        'the policy allows it'],
    ['allowed by the second line', ['CorsAllowOrigin https://b.example.com',
        "CorsAllowOrigin $app"], ['GET', $app], 'allowed', 1,
        'the policy allows it'],
    ['allowed by *', ['CorsAllowOrigin *'], ['GET', $app], 'allowed', 0,
        'the policy allows it'],
    ['allowed by a regex', ['CorsAllowOrigin https://b.example.com',
        'CorsAllowOriginMatch https://[a-z]+[.]example[.]com'], ['GET', $app],
        'allowed', 1, 'the policy allows it'],
    ['a preflight, allowed', ["CorsAllowOrigin $app", 'CorsAllowMethods PUT'],
        ['PUT content-type', $app], 'preflight-allowed', 0,
        'the policy allows it'],
    ['the servers own origin', ["CorsAllowOrigin $app"],
        ['GET', 'http://127.0.0.1:@PORT@'], 'same-origin', 0,
        q(the origin is the server's own)],
);

# What can't be asked of the page: a field that is left empty is no Origin, and
# no script can send such a method.
my %not_asked = ('an empty Origin' => 1, 'two methods' => 1);

# ---- the servers: the same configuration, at info and at debug ----

my $config = '';
my @placed;    # of each row the numbers of its lines in the file

sub add($text)
{
    $config .= "$text\n";
    return $config =~ tr/\n//;
}

add('<Location /explain>');
add('CorsExplain On');
add('</Location>');
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

sub start($level)
{
    my $httpd = Test::Httpd->config(config => $config, log_level => $level,
        main => 'LimitRequestLine 16000')->start;
    $httpd->expect(qr/\[cors:warn\] .* when sections were merged/);
    return $httpd;
}

# ---- the one form of line ----

# What the client sent is printable: no quote, no backslash, and no "%" that
# does not stand for a byte.
my $sent = qr/(?:[ !\x23\$&-\[\]-~]|%[0-9a-f]{2})*/;
my $place = qr{/\S+/conf/test\.conf:[1-9]\d*|default};
my $decisions = qr/allowed|preflight-allowed|same-origin
    |(?:origin|method|headers)-denied/x;
my $form = qr/^\[[^\]]+\]\ \[cors:(?<level>info|debug)\]\ \[pid[^\]]+\]
    (?:\ src\/httpd\/report\.c\(\d+\):)?\ \[client\ [\d.]+:\d+\]
    \ (?<decision>$decisions):\ origin\ "(?<origin>$sent)",
    \ asked\ "(?<asked>$sent)",\ policy\ (?<place>$place),
    \ (?<why>[ -~]+)$/x;

# Asks, and gives the lines of mod_cors that came of it.
sub lines_of($httpd, $text)
{
    $httpd->clear_log;
    $httpd->request($text);
    return grep { /\[cors:(?:info|debug)\]/ } split /\n/, $httpd->error_log;
}

sub text_of($row, $port)
{
    my ($ask, @origins) = @{ $row->[2] };
    my ($method, $headers) = split / /, $ask, 2;
    # "GET, DELETE" is a method for once.
    ($method, $headers) = ($ask, undef) if $ask =~ /^[A-Z]+, /;
    my $path = $row->[-1];
    my @lines = map { "Origin: $_" =~ s/\@PORT\@/$port/r } @origins;
    return ($method, $headers, @lines) if !defined $port;
    my $is_preflight = $row->[3] =~ /^(?:method|headers|preflight)/
        || $method ne 'GET';
    push @lines, "Access-Control-Request-Method: $method" if $is_preflight;
    push @lines, "Access-Control-Request-Headers: $headers"
        if defined $headers;
    return join "\n", ($is_preflight ? 'OPTIONS' : 'GET')
        . " $path/x.txt HTTP/1.1", @lines, '';
}

sub escaped($text)
{
    return $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger;
}

# What the page of CorsExplain says.
sub explained($httpd, %question)
{
    my $query = join '&', 'format=json', map {
        "$_=" . escaped($question{$_} // '') } sort keys %question;
    my $r = $httpd->request("GET /explain?$query HTTP/1.1\n");
    return eval { decode_json($r->{body}) } // do {
        fail 'the page answers in JSON';
        diag $r->{body};
        {};
    };
}

# What the page says to the same.
sub page_of($httpd, $row)
{
    my ($ask, @origins) = @{ $row->[2] };
    my ($method, $headers) = $ask =~ /^[A-Z]+, / ? ($ask) : split / /, $ask, 2;
    my $origin = join(', ', @origins) =~ s/\@PORT\@/$httpd->port/er;
    return explained($httpd, url => "$row->[-1]/x.txt", origin => $origin,
        method => $method, headers => $headers);
}

# The place of a line of a row, as it is logged.
sub place($httpd, $n, $line)
{
    return $line eq 'default' ? $line
        : $httpd->root . "/conf/test.conf:$placed[$n][$line]";
}

sub is_or_like($is, $wanted, $name)
{
    return ref $wanted ? like $is, $wanted, $name : is $is, $wanted, $name;
}

for my $level (qw(info debug)) {
    my $httpd = start("cors:$level");
    for my $n (0 .. $#rows) {
        my ($name, $section, $request, $decision, $line, $why) = @{ $rows[$n] };
        my @lines = lines_of($httpd, text_of($rows[$n], $httpd->port));
        my $is_refusal = $decision =~ /denied/;
        if (!$is_refusal && $level eq 'info') {
            is_deeply \@lines, [], "$name: no line";
            next;
        }
        is @lines, 1, "$level: $name: one line";
        ok $lines[0] =~ $form, 'in the one form' or diag $lines[0];
        my %said = %+;
        is $said{level}, $is_refusal ? 'info' : 'debug', 'at its level';
        is $said{decision}, $decision, $decision;
        is $said{place}, place($httpd, $n, $line), 'decided by this line';
        $why = $why =~ s/<(\d)>/place($httpd, $n, $1)/ger if !ref $why;
        is_or_like($said{why}, $why, "$name: why");

        next if $level eq 'debug' || $not_asked{$name};
        my $page = page_of($httpd, $rows[$n]);
        is $page->{decision}, $decision, 'the page says the same decision';
        like $page->{why}, qr/^\Q$said{why}\E(?:$|; )/, 'and the same why';
        my $part = $decision =~ /^origin/ && $request->[0] eq 'GET'
            ? 'request' : 'preflight';
        is $page->{$part}{place},
            $line eq 'default' ? 'default' : $said{place}, 'and place';
    }

    # What nobody decides is not logged.
    for my $text ("GET /r0/x.txt HTTP/1.1\n", "OPTIONS /r0/x.txt HTTP/1.1\n"
        . "Access-Control-Request-Method: PUT\n",
        "GET /nowhere HTTP/1.1\nOrigin: $app\n") {
        is_deeply [lines_of($httpd, $text)], [], "$level: no decision, no line";
    }
    is $httpd->complaints, '', "$level: nothing unexpected in the error log";
}

# ---- who stops an allowed preflight before it is answered ----

# Rows of [name, lines, status, what is to be changed].
my @stops = (
    ['login', "CorsPreflightAuth Require\nAuthType Basic\nAuthName x\n"
        . "AuthBasicProvider file\nAuthUserFile /dev/null\nRequire valid-user",
        401, 'let it pass the login with CorsPreflightAuth Skip'],
    ['closed', 'Require all denied', 403,
        'let OPTIONS pass Require, <Limit> and <LimitExcept>'],
    ['limit', "<LimitExcept GET POST>\nRequire all denied\n</LimitExcept>",
        403, 'let OPTIONS pass Require, <Limit> and <LimitExcept>'],
    ['methods', 'AllowMethods GET POST', 405, 'add OPTIONS to AllowMethods'],
    ['moved', 'Redirect 301 https://www.example.com/moved', 301,
        'let the page use the URL that it leads to'],
);
my $stops = "CorsAllowOrigin $app\nCorsAllowMethods PUT\n"
    . "<Location /explain>\nCorsExplain On\n</Location>\n"
    . join '', map { "<Location /$_->[0]>\n$_->[1]\n</Location>\n" } @stops;
my $httpd = Test::Httpd->config(config => $stops, log_level => 'cors:info',
    modules => [qw(auth_basic authn_file authz_user allowmethods alias)])
    ->start;
$httpd->expect(qr/\[authz_core:error\].*client denied by server config/,
    qr/\[allowmethods:error\].*denied by server configuration/);
for (@stops) {
    my ($name, undef, $status, $advice) = @$_;
    my @lines = lines_of($httpd, "OPTIONS /$name/x.txt HTTP/1.1\n"
        . "Origin: $app\nAccess-Control-Request-Method: PUT\n");
    is @lines, 1, "$name: one line at info";
    like $lines[0], qr/\[cors:info\].* preflight of an allowed origin left /,
        'about the preflight';
    like $lines[0], qr/ status $status, .*: \Q$advice\E$/,
        "that says $status and what to change";
    my $page = explained($httpd, url => "/$name/x", method => 'PUT',
        origin => $app);
    is $page->{decision}, 'preflight-allowed', 'the page says the decision';
    ok $page->{preflight}{stopped}, 'that the preflight is stopped';
    is $page->{preflight}{status}, $status, 'its status';
    like $page->{why}, qr/ status $status$/, 'and why it fails';
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- mistakes after which no policy is in force, or not all of it ----

my $dead = Test::Httpd->free_port;
my $none = <<"CONF";
<Location /explain>
    CorsExplain On
</Location>
CorsOverride CorsAllowOrigin
<Directory "\@DOCROOT\@/proxied">
    CorsAllowOrigin $app
</Directory>
ProxyPass /proxied http://127.0.0.1:$dead/
<Location /here>
    CorsAllowOrigin $app
</Location>
<Location /methods>
    CorsAllowMethods PUT
</Location>
<Location /off>
    CorsAllowOrigin $app https://off.example.com
    CorsEngine Off
</Location>
<Location /any>
    CorsAllowOrigin *
</Location>
<Location /any/cookies>
    $on
</Location>
CONF

# The number of a line in it.
sub line_of($text)
{
    return 1 + ($none =~ s/^\s*\Q$text\E\n.*//msr =~ tr/\n//);
}

my ($any, $cookies) = map { 'test\.conf:' . line_of($_) }
    'CorsAllowOrigin *', $on;
$httpd = Test::Httpd->config(config => $none, log_level => 'cors:info',
    modules => [qw(proxy_http)],
    files => { 'htdocs/over/.htaccess' => "CorsAllowOrigin $app\n$on\n" })
    ->start;
my $not_allowed = '/over/\.htaccess: CorsAllowCredentials is not allowed in '
    . '\.htaccess files of this server \(CorsOverride\)';
$httpd->expect(qr/\[proxy(?:_http)?:error\]/,
    qr/\[core:alert\].*$not_allowed/,
    qr/\[cors:warn\].* "\*" \(\S+$any\) met .* On \(\S+$cookies\)/);

sub ask_page($path)
{
    return explained($httpd, url => $path, origin => $app);
}

sub fields($page)
{
    return [map { join ' ', $_->{directive}, $_->{value},
        $_->{place} =~ s/.*://r } @{ $page->{policy} }];
}

for (['proxied', '<Directory> for a path that is proxied'],
    ['elsewhere', 'another section than the one meant'],
    ['methods', 'CorsAllowMethods without an origin'],
    ['off', 'CorsEngine Off']) {
    my ($path, $name) = @$_;
    is_deeply [lines_of($httpd, "GET /$path/x HTTP/1.1\nOrigin: $app\n")], [],
        "$name: no line, since nothing is decided";
    my $page = ask_page("/$path/x");
    is $page->{decision}, undef, 'the page says so, too';
    is_deeply $page->{request}{headers}, {}, 'and that no header is sent';
}
like ask_page('/proxied/x')->{why}, qr/no policy is in force/, 'why';
is_deeply fields(ask_page('/off/x')),
    ["CorsAllowOrigin $app https://off.example.com "
        . line_of("CorsAllowOrigin $app https://off.example.com"),
        'CorsEngine Off ' . line_of('CorsEngine Off')],
    'the page shows the line that switches it off';
like ask_page('/off/x')->{why}, qr/CorsEngine/, 'and says it';

# The visitor's cookies were to be used, but "*" came with them.
is_deeply [lines_of($httpd, "GET /any/cookies/x HTTP/1.1\nOrigin: $app\n")],
    [], '* and credentials: nothing is refused';
my $page = ask_page('/any/cookies/x');
is $page->{decision}, 'allowed', 'says the page';
is_deeply fields($page), ['CorsAllowOrigin * ' . line_of('CorsAllowOrigin *'),
        "$on " . line_of($on)],
    'and shows the two lines that met';
is_deeply $page->{request}{headers}, { 'Access-Control-Allow-Origin' => '*' },
    'and the header without credentials';

# A .htaccess file with what it may not say.
my $r = $httpd->request("GET /over/x HTTP/1.1\nOrigin: $app\n");
is $r->{status}, 500, 'CorsOverride: 500';
$page = ask_page('/over/x');
ok $page->{request}{stopped}, 'the page sees that it is stopped';
is $page->{request}{status}, 500, 'and how';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
