# Weaknesses that were published of other CORS implementations, each tried on
# this one. Without it a mistake that was made elsewhere before could let a
# stranger's page read responses here. The numbers are those of the list that
# the cases were taken from.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $preflight = "Access-Control-Request-Method: PUT\n";

# The policy that most of the cases are about.
my $P = "CorsAllowOrigin $app\nCorsAllowCredentials On\n"
    . "CorsAllowMethods PUT\n";

my ($config, %files, @asked) = ('');

# A place with its directives. Comes back with its URL.
sub place($directives)
{
    my $name = 'p' . keys %files;
    $files{"htdocs/$name/x.txt"} = "x\n";
    $config .= "<Location /$name>\n$directives</Location>\n";
    return "/$name/x.txt";
}

# What is asked when all places are known: 1 for allowed, 0 for denied.
sub ask($number, $what, $url, %origins)
{
    push @asked, map { [$number, $what, $url, $_, $origins{$_}] }
        sort keys %origins;
}

# ---- entry 2: two hosts joined to a third ----

my @others = map { "https://o$_.example.net" } 1 .. 998;
my ($foo, $bar) = ('https://foo.com', 'https://bar.com');
my %joined = (
    $foo => 1, $bar => 1,
    map({ ("https://$_" => 0) } 'barfoo.com', 'foobar.com', 'bar.foo.com',
        'foo.bar.com', 'foo.combar.com', 'bar.comfoo.com', 'oo.com',
        'rfoo.com', 'com', 'bar', 'foo'),
    'bar.com' => 0, 'https://bar.comhttps://foo.com' => 0,
);
for my $pair ([$foo, $bar], [$bar, $foo]) {
    my $credentials = "CorsAllowCredentials On\n";
    my %lists = (
        'two' => "CorsAllowOrigin @$pair\n",
        'a thousand' => "CorsAllowOrigin $pair->[0] @others $pair->[1]\n",
        'a thousand at the end' => "CorsAllowOrigin @others @$pair\n",
        'two lines' => join('', map { "CorsAllowOrigin $_\n" } @$pair),
        'two below' => "CorsAllowOrigin https://*.foo.com https://*.bar.com "
            . "@$pair\n",
    );
    ask(2, "$_, " . ($pair->[0] eq $foo ? 'foo first' : 'bar first'),
        place($lists{$_} . $credentials), %joined,
        /below/ ? ('https://bar.foo.com' => 1, 'https://foo.bar.com' => 1)
            : ()) for sort keys %lists;

    # A list and what is added to it, in a section further in.
    for my $many (0, 1) {
        my $base = $many ? "@others[0 .. 499] $pair->[0]" : $pair->[0];
        my $more = join ' ', map { "+$_" } $pair->[1],
            $many ? @others[500 .. 997] : ();
        my $url = place("CorsAllowOrigin $base\n$credentials");
        $config .= "<Location $url>\nCorsAllowOrigin $more\n</Location>\n";
        ask(2, "$base extended" =~ s/.* (?=\S+ )/... /r, $url, %joined);
    }
}

# ---- entry 5: a pattern taken for a regular expression ----

ask(5, 'https://*.example.com', place("CorsAllowOrigin https://*.example.com\n"
        . "CorsAllowCredentials On\n"),
    'https://foo.example.com' => 1, 'https://xexample.com' => 0,
    'https://xexample.com.evil.net' => 0, 'https://fooxexample.com' => 0,
    'https://foo.examplexcom' => 0);

# ---- entry 7: empty labels, and origins that are none ----

ask(7, 'https://*.example.com', place("CorsAllowOrigin https://*.example.com\n"
        . "CorsAllowCredentials On\n"),
    'https://a.example.com' => 1, map { ("https://$_" => 0) }
        '.example.com', 'a..example.com', 'evil.net/.example.com',
        'evil.net#.example.com', 'evil.net?.example.com',
        'u@a.example.com', 'u:p@a.example.com', 'a.example.com:0',
        'a.example.com.', 'a.example.com/', '*.example.com');

# ---- entry 8: a test of the end, of the beginning or of a part ----

ask(8, $app, place($P), $app => 1, map { ($_ => 0) }
        'https://evilapp.example.com', 'https://app.example.com.evil.net',
        'https://app.example.comevil.net', 'https://evil.net/?' . $app,
        "https://evil.net/$app", "https://evil.net#$app",
        'https://evil.app.example.com', 'https://app.example.co',
        "x$app", "${app}x");

# ---- entry 9: null let in by another origin ----

ask(9, 'P', place($P), null => 0);
ask(9, 'a list', place("CorsAllowOrigin $_\n"), null => 0)
    for 'https://*.example.com', 'http://localhost:*', 'capacitor://localhost',
        'https://null', 'http://*.localhost:*', 'none',
        join(' ', 'https://null', @others);
ask(9, 'null', place("CorsAllowOrigin null\n"), null => 1, Null => 0,
    'https://null' => 0);
ask(9, 'null among others', place("CorsAllowOrigin @others null\n"),
    null => 1);
ask(9, '*', place("CorsAllowOrigin *\n"), null => 1);
ask(9, '* but for null', place("CorsAllowOrigin *\nCorsDenyOrigin null\n"),
    null => 0, $app => 1);

for my $value ('file://', 'file:///', "$app file://") {
    my $c = Test::Httpd->check_config(config => "CorsAllowOrigin $value\n");
    ok !$c->{ok}, "entry 9: $value is refused";
    like $c->{output}, qr{CorsAllowOrigin "file://}, 'and named';
}

# ---- entry 13: what was meant to narrow widens ----

# The outer section allows partners, the inner one only the administrator.
my %narrow = ('https://admin.example.com' => 1,
    'https://x.partner.example' => 0, null => 0);
my $credentials = "CorsAllowCredentials On\n";
my @outer = (
    ["CorsAllowOrigin https://x.partner.example\n", $credentials],
    ["CorsAllowOrigin https://*.partner.example\n", $credentials],
    ["CorsAllowOrigin https://*.partner.example:*\n", $credentials],
    ["CorsAllowOrigin https://*.partner.example @others\n", $credentials],
    ['CorsAllowOriginMatch https://[a-z]+\.partner\.example' . "\n",
        $credentials],
    ['CorsAllowOriginMatch https://.*\.partner\.example' . "\n", ''],
    ["CorsAllowOriginExpr \"req('Origin') =~ /partner/\"\n", ''],
);
for (@outer) {
    my ($outer, $more) = @$_;
    my $url = place($outer . $more);
    my ($directory) = $url =~ m{^(.*)/};
    my $inner = 'CorsAllowOrigin https://admin.example.com';
    $files{"htdocs$directory/y.txt"} = $files{"htdocs$directory/z.txt"} = "x\n";
    $config .= "<Location $directory/x.txt>\n$inner\n</Location>\n"
        . "<If \"%{REQUEST_URI} == '$directory/y.txt'\">\n$inner\n</If>\n"
        . "<Location $directory/z.txt>\nCorsAllowOrigin none\n</Location>\n";
    my $what = $outer =~ s/\n//r =~ s/ \S+\.net .*/ and 998 more/r;
    ask(13, "$what, Location", $url, %narrow);
    ask(13, "$what, If", "$directory/y.txt", %narrow);
    ask(13, "$what, none", "$directory/z.txt",
        'https://admin.example.com' => 0, 'https://x.partner.example' => 0);

    # And that it was the inner section that denied.
    $url = place($outer . $more);
    $config .= "<Location $url>\nCorsAllowOrigin +https://admin.example.com\n"
        . "</Location>\n";
    ask(13, "$what, extended", $url, 'https://admin.example.com' => 1,
        'https://x.partner.example' => 1, 'https://evil.net' => 0);
}
ask(13, 'the outer section', place("CorsAllowOrigin https://*.partner.example"
    . "\nCorsAllowCredentials On\n"), 'https://x.partner.example' => 1,
    'https://admin.example.com' => 0);

# .htaccess inside a directory that allows more.
$files{'htdocs/outer/x.txt'} = $files{'htdocs/outer/inner/x.txt'} = "x\n";
$files{'htdocs/outer/.htaccess'} = "CorsAllowOrigin https://*.partner.example\n"
    . "CorsAllowCredentials On\n";
$files{'htdocs/outer/inner/.htaccess'} =
    "CorsAllowOrigin https://admin.example.com\n";
ask(13, 'above .htaccess', '/outer/x.txt', 'https://x.partner.example' => 1,
    'https://admin.example.com' => 0);
ask(13, '.htaccess', '/outer/inner/x.txt', %narrow);

# ---- ask ----

my $httpd = Test::Httpd->config(config => $config, files => \%files)->start;

sub allowed_by($r)
{
    return join ' | ', @{ $r->{headers}{'access-control-allow-origin'} // [] };
}

sub credentials_of($r)
{
    return $r->{headers}{'access-control-allow-credentials'};
}

for (@asked) {
    my ($number, $what, $url, $origin, $is_allowed) = @$_;
    my $name = "entry $number ($what): $origin is "
        . ($is_allowed ? 'allowed' : 'denied');
    my $r = $httpd->request("GET $url HTTP/1.1\nOrigin: $origin\n");
    like allowed_by($r), $is_allowed ? qr/^(?:\Q$origin\E|\*)$/ : qr/^$/, $name;
    is credentials_of($r), undef, 'without credentials' if !$is_allowed;
    is $r->{status}, 200, 'the request itself is served';
    $r = $httpd->request("OPTIONS $url HTTP/1.1\nOrigin: $origin\n$preflight");
    like allowed_by($r), $is_allowed ? qr/^(?:\Q$origin\E|\*)$/ : qr/^$/,
        'the same for its preflight';
    is $r->{status}, $is_allowed ? 204 : 403, 'which says so';
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- entry 11: a module that is loaded, and not asked to do anything ----

my @requests = map { my $path = $_; map { [$_->[0], $path, $_->[1]] }
    ['GET', ''], ['GET', "Origin: $app\n"], ['GET', "Origin: null\n"],
    ['HEAD', "Origin: $app\n"], ['POST', "Origin: $app\n"],
    ['OPTIONS', ''], ['OPTIONS', "Origin: $app\n"],
    ['OPTIONS', "Origin: $app\n$preflight"], ['OPTIONS', "Origin: $app\n"
        . $preflight . "Access-Control-Request-Headers: x-token\n"],
    ['PUT', "Origin: $app\n"], ['DELETE', "Origin: $app\n"],
} 'x.txt', 'missing.txt', 'denied.txt', 'login.txt', 'moved';

# Both servers have one name, and files of one age.
sub server($has_module, %directives)
{
    my $server = Test::Httpd->config(
        cors => $has_module, server_name => 'www.example.com',
        modules => [qw(alias auth_basic authn_file authz_user)],
        files => { map { my $place = $_; map { ("htdocs/$place/$_.txt" =>
            "x\n") } qw(x denied login) } keys %directives },
        config => join '', "Options None\nFileETag MTime Size\n",
            map({ <<"EOF" } sort keys %directives),
<Location /$_/denied.txt>
    Require all denied
</Location>
<Location /$_/login.txt>
    AuthType Basic
    AuthName private
    AuthUserFile /dev/null
    Require valid-user
</Location>
Redirect /$_/moved http://www.example.com/$_/x.txt
EOF
            $has_module ? map({ "<Location /$_>\n$directives{$_}</Location>\n" }
                sort keys %directives) : ());
    utime 1e9, 1e9, map { my $place = $_; map {
        $server->docroot . "/$place/$_.txt" } qw(x denied login)
    } keys %directives;
    return $server->start->expect(qr/AH01630: client denied/);
}

# Without the date, and without the order of Allow, which is another in each
# process of httpd.
sub answer($server, $method, $url, $headers)
{
    my $raw = $server->request("$method $url HTTP/1.1\n"
        . "Host: www.example.com\n$headers")->{raw};
    $raw =~ s/^Date: .*\r\n//m;
    return $raw =~ s/^(Allow: )(.*)\r/$1 . join(',', sort split m{,}, $2)/mer;
}

my %idle = (
    'nothing' => '',
    'credentials' => "CorsAllowCredentials On\n",
    'methods' => "CorsAllowMethods PUT\n",
    'all-but-origins' => "CorsAllowCredentials On\nCorsAllowMethods *\n"
        . "CorsAllowHeaders *\nCorsMaxAge 60\nCorsEngine On\n",
    'denied' => "CorsDenyOrigin $app\nCorsExposeHeaders X-Count\n",
);
my $without = server(0, %idle);
my $with = server(1, %idle);
for my $place (sort keys %idle) {
    for (@requests) {
        my ($method, $path, $headers) = @$_;
        my @ask = ($method, "/$place/$path", $headers);
        my $answer = answer($with, @ask);
        is $answer, answer($without, @ask), "entry 11 ($place): $method $path "
            . (join(' ', $headers =~ /^([-\w]+):/mg) || 'alone');
        unlike $answer, qr/^(?:Access-Control|Vary|CORS)/mi,
            'no header of CORS, no Vary';
    }
}
is $_->complaints, '', 'nothing unexpected in the error log'
    for $without, $with;

# ---- entry 12: a path written otherwise than the one that is served ----

# X-Scope tells which section httpd served the request from.
$httpd = Test::Httpd->config(
    modules => ['headers'],
    files => { map { ("htdocs/$_" => "x\n") } 'x', 'public/x', 'private/x',
        'private/y/x', 'private+x', 'private;x', 'privateer/x', 'Private/x' },
    config => <<"EOF")->start;
AllowEncodedSlashes On
<Location />
    CorsAllowOrigin *
    Header always set X-Scope open
</Location>
<Location /private>
    CorsAllowOrigin $app
    CorsAllowCredentials On
    Header always set X-Scope private
</Location>
EOF

my %scope = (
    private => ['/private/x', '/public/../private/x', '/%70rivate/x',
        '/privat%65/x', '//private/x', '/private//x', '///private///x',
        '/./private/x', '/private/./x', '/private/y/../x', '/private%2fx',
        '/private%2Fx', '/public/%2e%2e/private/x', '/private/y/%2e%2e/x',
        '/private?x', '/private/x?/public/x', '/private', '/private/',
        '/private/public/x', '/x/../private/x', '/public//../private/x',
        'http://127.0.0.1/private/x'],
    open => ['/public/x', '/PRIVATE/x', '/Private/x', '/privatE/x',
        '/private+x', '/private;x', '/private%3bx', '/private%20/x',
        '/privateer/x', '/private/../public/x', '/private/%2e%2e/public/x',
        '/private/../x', '/private%2f..%2fpublic/x', '/public/x?/private/x',
        '/public/private/x', '/%2570rivate/x', '/', '/x'],
);
for my $scope (sort keys %scope) {
    for my $url (@{ $scope{$scope} }) {
        for my $origin ($app, 'https://evil.net') {
            my $expected = $scope eq 'open' ? '*'
                : $origin eq $app ? $app : '';
            my $name = "entry 12: $url for $origin";
            my $r = $httpd->request("GET $url HTTP/1.1\nOrigin: $origin\n");
            is_deeply $r->{headers}{'x-scope'}, [$scope], $name;
            is allowed_by($r), $expected, 'its policy is that of what httpd '
                . "served, with $r->{status}";
            is_deeply credentials_of($r), $expected eq $app ? ['true'] : undef,
                'its credentials, too';
            $r = $httpd->request("OPTIONS $url HTTP/1.1\nOrigin: $origin\n"
                . "Access-Control-Request-Method: GET\n");
            is $r->{status} . ' ' . allowed_by($r),
                ($expected eq '' ? '403' : '204') . " $expected",
                'the preflight likewise';
            is_deeply credentials_of($r), $expected eq $app ? ['true'] : undef,
                'its credentials, too';
        }
    }
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
