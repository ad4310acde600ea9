# .htaccess files: written by customers who see no error log, and read anew for
# each request. Without these tests a customer's typing mistake would fill the
# host's log, a list of ten thousand origins would slow every request, and the
# administrator's CorsOverride and AllowOverride would be words without effect.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';

# One right line of each directive.
my %right = (
    CorsAllowOrigin => "CorsAllowOrigin $app",
    CorsAllowOriginMatch => 'CorsAllowOriginMatch https://app\.example\.com',
    CorsAllowOriginExpr => 'CorsAllowOriginExpr true',
    CorsDenyOrigin => 'CorsDenyOrigin https://evil.example',
    CorsAllowMethods => 'CorsAllowMethods PUT',
    CorsAllowHeaders => 'CorsAllowHeaders X-Token',
    CorsExposeHeaders => 'CorsExposeHeaders X-Count',
    CorsAllowCredentials => 'CorsAllowCredentials Off',
    CorsMaxAge => 'CorsMaxAge 60',
    CorsEngine => 'CorsEngine On',
    CorsPreflight => 'CorsPreflight Answer',
    CorsPreflightStatus => 'CorsPreflightStatus 200',
    CorsPreflightAuth => 'CorsPreflightAuth Require',
    CorsBackendHeaders => 'CorsBackendHeaders Keep',
    CorsEnforce => 'CorsEnforce Off',
    CorsDebugHeader => 'CorsDebugHeader Off',
    CorsTolerate => 'CorsTolerate none',
);
my @directives = sort keys %right;

sub get
{
    my ($httpd, $path, $origin, $host) = @_;
    $origin //= $app;
    return $httpd->request("GET $path HTTP/1.1\n"
        . ($host ? "Host: $host\n" : '') . "Origin: $origin\n");
}

sub allowed
{
    my ($r) = @_;
    return join ' | ', $r->{status},
        @{ $r->{headers}{'access-control-allow-origin'} // [] };
}

sub check
{
    my (@lines) = @_;
    return Test::Httpd->check_config(config => join "\n", @lines, '');
}

# Directories, each with its .htaccess.
sub directories
{
    my (%htaccess) = @_;
    return map { ("htdocs/$_/.htaccess" => $htaccess{$_},
        "htdocs/$_/x.txt" => "x\n") } keys %htaccess;
}

# ---- nothing but refusals is logged ----

# Each line is warned of, or corrected with a notice.
my @told = (
    'CorsAllowOrigin HTTPS://APP.example.com:443/ https://*.github.io',
    'CorsAllowOrigin htps://app.example.com capacitr://localhost',
    'CorsAllowOriginMatch https://www.example\.com https://.*example\.org',
    'CorsDenyOrigin HTTPS://EVIL.example',
    'CorsAllowMethods put patch', 'CorsAllowHeaders Origin Sec-Fetch-Mode X-A',
    'CorsExposeHeaders Set-Cookie X-B', 'CorsMaxAge 2d',
);
my $c = check(@told);
ok $c->{ok}, 'the server configuration accepts lines that it warns of';
is scalar(() = $c->{output} =~ /\[cors:(?:warn|notice)\]/g), 13,
    'with notices and warnings';

# And by merging what is left out.
my %talkative = (
    config => "<Directory \"\@DOCROOT\@/x\">\nCorsAllowCredentials On\n"
        . "</Directory>\nMaxKeepAliveRequests 0\n",
    files => { directories(x => join "\n", @told, '') },
);
my $httpd = Test::Httpd->config(%talkative, log_level => 'warn')->start;
$httpd->clear_log;
my $right = 0;
my $connection = $httpd->connection;
for (1 .. 2) {
    my @requests = ("GET /x/x.txt HTTP/1.1\nOrigin: $app\n") x 500;
    $connection->send(@requests);
    $right += allowed($connection->response) eq "200 | $app" for @requests;
}
is $right, 1_000, '1,000 requests are answered by the corrected lines';
is $httpd->error_log, '', 'none of them is logged at warn';
is $httpd->complaints, '', 'nothing unexpected in the error log';

for my $level (qw(notice info)) {
    $httpd = Test::Httpd->config(%talkative, log_level => $level)->start;
    is allowed(get($httpd, '/x/x.txt')), "200 | $app", "at $level";
    unlike $httpd->error_log, qr/\[cors:(?!info\] .*mod_cors\/)/,
        'none of them is logged';
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}
$httpd = Test::Httpd->config(%talkative, log_level => 'cors:debug')->start;
get($httpd, '/x/x.txt');
my $log = $httpd->error_log;
cmp_ok scalar(() = $log
    =~ m{^\[[^]]*\] \[cors:debug\] .*/x/\.htaccess:[1-8]: Cors}mg), '>=', 13,
    'at cors:debug all is there, with file and line';
like $log, qr/\[cors:info\] .*mod_cors\/\d+\.\d+\.\d+$/m,
    'the version is logged at the start';
unlike $log, qr/\[cors:(?!debug|info\] .*mod_cors\/)/, 'and at debug only';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- bounds ----

sub many
{
    my ($directive, $prefix, $count, $each) = @_;
    my @items = map { "$prefix" . sprintf $each, $_ } 1 .. $count;
    return "$directive @items\n";
}

my @origin = ('https://o%d.example');
my @regex = ('https://o%d\.example');
my $one = "CorsAllowOrigin https://last.example\n";
my $expr = "CorsAllowOriginExpr false\n";
# Rows of [name, text, status].
my @bounds = (
    ['256 origins', many('CorsAllowOrigin', '', 256, @origin), 200],
    ['257 origins', many('CorsAllowOrigin', '', 257, @origin), 500],
    ['10,000 origins', many('CorsAllowOrigin', '', 100, @origin) x 100, 500],
    ['256 origins on 256 lines', many('CorsAllowOrigin', '', 256, @origin)
        =~ s/ (?=h)/\nCorsAllowOrigin /gr =~ s/^.*\n//r, 200],
    ['257 origins on two lines',
        many('CorsAllowOrigin', '', 256, @origin) . $one, 500],
    ['256 origins to add', many('CorsAllowOrigin', '+', 256, @origin), 200],
    ['257 origins to add', many('CorsAllowOrigin', '+', 257, @origin), 500],
    ['256 denied', "CorsAllowOrigin none\n"
        . many('CorsDenyOrigin', '', 256, @origin), 200],
    ['257 denied', "CorsAllowOrigin none\n"
        . many('CorsDenyOrigin', '', 257, @origin), 500],
    ['200 allowed and 57 denied', many('CorsAllowOrigin', '', 200, @origin)
        . many('CorsDenyOrigin', '', 57, @origin), 500],
    ['257 origins in one section of the file', "<Files x.txt>\n"
        . many('CorsAllowOrigin', '', 257, @origin) . "</Files>\n", 500],
    ['257 origins in two sections of the file',
        many('CorsAllowOrigin', '', 200, @origin) . "<Files x.txt>\n"
        . many('CorsAllowOrigin', '+', 57, @origin) . "</Files>\n", 500],
    ['16 regexes', many('CorsAllowOriginMatch', '', 16, @regex), 200],
    ['17 regexes', many('CorsAllowOriginMatch', '', 17, @regex), 500],
    ['17 regexes on 17 lines', many('CorsAllowOriginMatch', '', 17, @regex)
        =~ s/ (?=h)/\nCorsAllowOriginMatch /gr =~ s/^.*\n//r, 500],
    ['17 regexes to add', many('CorsAllowOriginMatch', '+', 17, @regex), 500],
    ['17 regexes in two sections of the file',
        many('CorsAllowOriginMatch', '', 10, @regex) . "<Files x.txt>\n"
        . many('CorsAllowOriginMatch', '+', 7, @regex) . "</Files>\n", 500],
    (map { my ($directive, $what) = @$_;
        (["256 $what", many($directive, '', 256, 'N%d'), 200],
        ["257 $what", many($directive, '', 257, 'N%d'), 500],
        ["257 $what on two lines", many($directive, '+', 200, 'N%d')
            . many($directive, '+M', 57, 'N%d'), 500],
        ["one of $what 300 times", "$directive @{[ ('N') x 300 ]}\n", 200],
        ["257 $what in two sections", many($directive, '', 200, 'N%d')
            . "<Files x.txt>\n" . many($directive, '', 57, 'N%d')
            . "</Files>\n", 500])
    } ['CorsAllowMethods', 'methods'], ['CorsAllowHeaders', 'request headers'],
        ['CorsExposeHeaders', 'exposed headers']),
    ['256 names of each of three directives', many('CorsAllowMethods', '', 256,
        'N%d') . many('CorsAllowHeaders', '', 256, 'N%d')
        . many('CorsExposeHeaders', '', 256, 'N%d'), 200],
    ['256 origins and 16 regexes', many('CorsAllowOrigin', '', 256, @origin)
        . many('CorsAllowOriginMatch', '', 16, @regex), 200],
);
$httpd = Test::Httpd->config(files => { directories(
    map { ("b$_" => $bounds[$_][1]) } keys @bounds) })->start;
my $bound = qr/has too many (?:origins|regular expressions|names)/;
my $most = qr/a .htaccess file can contain at most (?:256|16)/;
$httpd->expect(
    qr/Cors\w+ $bound: $most; list more in the server's configuration/);
for my $n (keys @bounds) {
    my ($name, $text, $status) = @{ $bounds[$n] };
    my $r = get($httpd, "/b$n/x.txt", 'https://o7.example');
    is $r->{status}, $status, "$name in .htaccess: $status";
}
is check(map { "<Directory /b$_>\n$bounds[$_][1]</Directory>" } keys @bounds)
    ->{output}, "Syntax OK\n", 'the server configuration has no bounds';
is allowed(get($httpd, '/b0/x.txt', 'https://o256.example')),
    '200 | https://o256.example', 'the last of 256 counts';
is allowed(get($httpd, '/b0/x.txt', 'https://o257.example')), '200',
    'and no other';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# Each file has bounds of its own.
$httpd = Test::Httpd->config(files => {
    directories(x => many('CorsAllowOrigin', '', 256, 'https://x%d.example')),
    directories('x/y' => many('CorsAllowOrigin', '+', 256, @origin)),
})->start;
is allowed(get($httpd, '/x/y/x.txt', $_)), "200 | $_", "two files: $_"
    for 'https://x256.example', 'https://o256.example';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- CorsOverride ----

# Each .htaccess has one line; so it is seen for each directive whether it may
# be used.
my %each = map { ($_ => "$right{$_}\n") } @directives;

# CorsOverride of the server, of the virtual host, and what may be used.
my @overrides = (
    ['', '', 'all'],
    ['CorsOverride All', '', 'all'],
    ['CorsOverride None', '', ''],
    ['CorsOverride none', '', ''],
    ['CorsOverride CorsMaxAge', '', 'CorsMaxAge'],
    ['CorsOverride corsmaxage CORSENGINE', '', 'CorsMaxAge CorsEngine'],
    ['CorsOverride CorsMaxAge, CorsEngine,CorsTolerate', '',
        'CorsMaxAge CorsEngine CorsTolerate'],
    ["CorsOverride CorsMaxAge\nCorsOverride CorsEngine", '',
        'CorsMaxAge CorsEngine'],
    ['', 'CorsOverride None', ''],
    ['', 'CorsOverride CorsMaxAge', 'CorsMaxAge'],
    ['CorsOverride None', 'CorsOverride All', 'all'],
    ['CorsOverride None', 'CorsOverride CorsMaxAge', 'CorsMaxAge'],
    ['CorsOverride CorsMaxAge', 'CorsOverride CorsEngine', 'CorsEngine'],
    ['CorsOverride CorsMaxAge', 'CorsOverride None', ''],
    ['CorsOverride CorsMaxAge', 'CorsMaxAge 5', 'CorsMaxAge'],
    ['CorsOverride CorsMaxAge',
        "CorsOverride CorsEngine\nCorsOverride CorsTolerate",
        'CorsEngine CorsTolerate'],
);
my %by_server;
push @{ $by_server{ $_->[0] } }, $_ for @overrides;
for my $server (sort keys %by_server) {
    my @hosts = @{ $by_server{$server} };
    my $config = "$server\n" . join '', map {
        "<VirtualHost 127.0.0.1:\@PORT\@>\nServerName h$_.example\n"
            . "$hosts[$_][1]\n</VirtualHost>\n"
    } keys @hosts;
    my $said = $server =~ s/\n/ + /gr || 'nothing';
    $httpd = Test::Httpd->config(config => $config,
        files => { directories(%each) })->start;
    $httpd->expect(qr/\.htaccess: Cors\w+ is not allowed in \.htaccess/)
        if grep { $_->[2] ne 'all' } @hosts;
    for my $n (keys @hosts) {
        my (undef, $host, $may) = @{ $hosts[$n] };
        $may = join ' ', @directives if $may eq 'all';
        my @may = grep { get($httpd, "/$_/x.txt", $app, "h$n.example")
            ->{status} == 200 } @directives;
        is_deeply \@may, [sort split ' ', $may],
            "the server has $said, the virtual host "
                . ($host =~ s/\n/ + /gr || 'nothing');
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# It caps .htaccess alone, and all of it.
$httpd = Test::Httpd->config(config => <<"EOF2", files => {
CorsOverride None
CorsAllowOrigin $app
<Directory "\@DOCROOT\@/plain">
    CorsMaxAge 5
</Directory>
EOF2
    'htdocs/plain/x.txt' => "x\n",
    directories(
        files => "<Files x.txt>\n$right{CorsMaxAge}\n</Files>\n",
        if => "<If true>\n$right{CorsMaxAge}\n</If>\n",
        ifmodule => "<IfModule mod_cors.c>\n$right{CorsMaxAge}\n</IfModule>\n",
        other => "FileETag None\n"),
})->start;
$httpd->expect(qr/\.htaccess: CorsMaxAge is not allowed in \.htaccess/);
is allowed(get($httpd, "/$_/x.txt")), "200 | $app", "CorsOverride None: $_"
    for qw(plain other);
is get($httpd, "/$_/x.txt")->{status}, 500,
    "CorsOverride None: $_ in .htaccess"
    for qw(files if ifmodule);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- AllowOverride ----

# Two that let in or keep out are of another class than the rest.
my @auth_config = qw(CorsEnforce CorsPreflightAuth);
my @file_info = grep { my $name = $_; !grep { $_ eq $name } @auth_config }
    @directives;
# AllowOverride, and what may be used.
my @allow_override = (
    ['AllowOverride All', \@directives],
    ['AllowOverride FileInfo', \@file_info],
    ['AllowOverride AuthConfig FileInfo', \@directives],
    ['AllowOverride AuthConfig', \@auth_config],
    ['AllowOverride Indexes Limit Options', []],
    ["AllowOverride None\n    AllowOverrideList CorsMaxAge",
        ['CorsMaxAge']],
    ["AllowOverride None\n    AllowOverrideList CorsMaxAge CorsAllowOrigin",
        ['CorsAllowOrigin', 'CorsMaxAge']],
    ["AllowOverride AuthConfig\n    AllowOverrideList CorsEngine",
        [sort 'CorsEngine', @auth_config]],
    ["AllowOverride FileInfo\n    AllowOverrideList CorsEngine",
        \@file_info],
);
$httpd = Test::Httpd->config(
    config => join('', map { "<Directory \"\@DOCROOT\@/o$_\">\n"
        . "    $allow_override[$_][0]\n</Directory>\n" } keys @allow_override),
    files => { map { my $n = $_; directories(
        map { ("o$n/$_" => "$right{$_}\n") } @directives) }
        keys @allow_override },
)->start;
$httpd->expect(qr/\.htaccess: Cors\w+ not allowed here/);
for my $n (keys @allow_override) {
    my ($text, $may) = @{ $allow_override[$n] };
    is_deeply [grep { get($httpd, "/o$n/$_/x.txt")->{status} == 200 }
        @directives], $may, $text =~ s/\n\s*/, /r;
}
is allowed(get($httpd, '/o5/CorsAllowOrigin/x.txt')), '500',
    'what AllowOverrideList does not name has no effect';
is allowed(get($httpd, '/o6/CorsAllowOrigin/x.txt')), "200 | $app",
    'what it names has';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# Two directives are the administrator's, whatever AllowOverride contains.
$httpd = Test::Httpd->config(files => { directories(
    CorsExplain => "CorsExplain On\n", CorsOverride => "CorsOverride All\n") })
    ->start;
$httpd->expect(qr/\.htaccess: Cors\w+ not allowed here/);
is get($httpd, "/$_/x.txt")->{status}, 500, "$_ in .htaccess"
    for qw(CorsExplain CorsOverride);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# Without AllowOverride the file is not read at all.
$httpd = Test::Httpd->config(config => "<Directory \"\@DOCROOT\@/x\">\n"
        . "AllowOverride None\n</Directory>\n",
    files => { directories(x => "$right{CorsAllowOrigin}\nNonsense\n") })
    ->start;
is allowed(get($httpd, '/x/x.txt')), '200', 'AllowOverride None';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# Nor does AllowOverrideList let in what is the server's. Each request reads the
# file, and none may leave anything behind.
$httpd = Test::Httpd->config(config => "<Directory \"\@DOCROOT\@\">\n"
    . "AllowOverride None\nAllowOverrideList CorsExplain\n</Directory>\n",
    files => { directories(x => "CorsExplain On\n",
        off => "CorsExplain Off\n") })->start;
$httpd->expect(qr/CorsExplain cannot occur within \.?htaccess files/);
for my $name (qw(x off) x 5) {
    is get($httpd, "/$name/x.txt")->{status}, 500,
        "CorsExplain in AllowOverrideList, /$name";
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# Nonfatal leaves out what is not allowed; what is wrong stays wrong.
my $last = "CorsAllowOrigin *\nCorsAllowCredentials On\nCorsMaxAge 5\n";
$httpd = Test::Httpd->config(config => <<'EOF2', files => {
<Directory "@DOCROOT@">
    AllowOverride AuthConfig Nonfatal=Override
    AllowOverrideList CorsMaxAge
</Directory>
<Directory "@DOCROOT@/wrong">
    AllowOverride FileInfo Nonfatal=All
</Directory>
<Directory "@DOCROOT@/last">
    AllowOverride Nonfatal=Override
    AllowOverrideList CorsAllowOrigin CorsAllowCredentials
</Directory>
EOF2
    directories(out => join('', map { "$right{$_}\n" } @directives),
        right => $right{CorsMaxAge}, wrong => "CorsAllowOrigin x\n",
        last => $last),
})->start;
$httpd->expect(qr/AH02295: Cors\w+ in \.htaccess forbidden by AllowOverride/,
    qr/\.htaccess: CorsAllowOrigin "x"/);
is allowed(get($httpd, '/out/x.txt')), '200',
    'Nonfatal=Override leaves out what is not allowed';
is allowed(get($httpd, '/right/x.txt')), '200', 'and takes what is';
is allowed(get($httpd, '/wrong/x.txt')), '500',
    'a wrong value is fatal for all that';
my $r = get($httpd, '/last/x.txt');
is_deeply $r->{headers}{'access-control-allow-credentials'}, undef,
    'when the last line is left out, "*" still has no credentials';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- <Limit>, <LimitExcept> ----

my @limits = map { my $limit = $_; map { [$limit, $_,
    "<$limit GET>\n$right{$_}\n</$limit>"] } @directives }
    qw(Limit LimitExcept);
$httpd = Test::Httpd->config(files => { directories(
    map { ("l$_" => "$limits[$_][2]\n") } keys @limits) })->start;
$httpd->expect(qr/\.htaccess: Cors\w+ .*<Limit/);
for my $n (keys @limits) {
    my ($limit, $directive, $text) = @{ $limits[$n] };
    $httpd->clear_log;
    is get($httpd, "/l$n/x.txt")->{status}, 500,
        "$directive in <$limit> is refused";
    like $httpd->error_log, qr/\.htaccess: $directive .*<Limit/,
        "$directive in <$limit>: the log contains the reason";
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- an expression of .htaccess can't read files ----

# What is refused in .htaccess, and accepted in the server config.
my @restricted = map { "CorsAllowOriginExpr \"$_\"" }
    "file('/etc/hostname') == 'x'", "filesize('/etc/hostname') == '1'",
    "-f '/etc/hostname'", "-d '/etc'", "-e '/etc'", "-s '/etc'",
    "-L '/etc'", "-h '/etc'", "-x '/etc'",
    "true || file('/etc/hostname') == 'x'";
my @unrestricted = map { "CorsAllowOriginExpr \"$_\"" }
    'true', "%{HTTP:Origin} == '$app'", "req('Origin') =~ /app/",
    "%{REQUEST_URI} -strmatch '/*' && reqenv('X') == ''",
    "%{REMOTE_ADDR} -ipmatch '127.0.0.0/8'";
my %expression = map { ("r$_" => "$restricted[$_]\n") } keys @restricted;
$expression{"u$_"} = "$unrestricted[$_]\n" for keys @unrestricted;
$httpd = Test::Httpd->config(files => { directories(%expression) })->start;
$httpd->expect(qr/\.htaccess: CorsAllowOriginExpr "/);
for my $n (keys @restricted) {
    is allowed(get($httpd, "/r$n/x.txt")), '500',
        "$restricted[$n] is refused in .htaccess";
}
is check(@restricted)->{output}, "Syntax OK\n",
    'the server configuration may read files in an expression';
is allowed(get($httpd, "/u$_/x.txt")), "200 | $app",
    "$unrestricted[$_] in .htaccess" for keys @unrestricted;
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- a last line that sets nothing ----

# A section is checked at its last line of this module. One that is CorsOverride,
# or that httpd ignores, must not leave the policy unfinished.
$httpd = Test::Httpd->config(files => {
    'htdocs/x/x.txt'     => "page\n",
    'htdocs/x/.htaccess' => "CorsAllowOrigin $app\nCorsAllowMethods PUT\n"
        . "CorsAllowHeaders X-A X-B\nCorsEnforce On\n",
}, config => <<"EOF")->start;
CorsAllowOrigin $app
CorsOverride All
<Directory "\@DOCROOT\@/x">
    AllowOverride Nonfatal=All FileInfo
</Directory>
EOF
$httpd->expect(qr/CorsEnforce.*\.htaccess/);
my $answer = $httpd->request(<<"EOF");
OPTIONS /x/x.txt HTTP/1.1
Origin: $app
Access-Control-Request-Method: PUT
Access-Control-Request-Headers: x-b
EOF
is $answer->{status}, 204, 'an ignored last line leaves a working policy';
is_deeply $answer->{headers}{'access-control-allow-headers'}, ['X-A, X-B'],
    'which sends its names';
$answer = $httpd->request(<<"EOF");
OPTIONS / HTTP/1.1
Origin: $app
Access-Control-Request-Method: GET
EOF
is $answer->{status}, 204, 'and so does a last line that is CorsOverride';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
