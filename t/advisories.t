# Weaknesses that were published of other CORS implementations, each tried on
# this one. Without it a mistake that was made elsewhere before could let a
# stranger's page read responses here. The numbers are those of the list that
# the cases were taken from.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $preflight = "Access-Control-Request-Method: PUT\n";

my ($config, %files, @asked) = ('');

# A place with its directives. Comes back with its URL.
sub place
{
    my ($directives) = @_;
    my $name = 'p' . keys %files;
    $files{"htdocs/$name/x.txt"} = "x\n";
    $config .= "<Location /$name>\n$directives</Location>\n";
    return "/$name/x.txt";
}

# What is asked when all places are known: 1 for allowed, 0 for denied.
sub ask
{
    my ($number, $what, $url, %origins) = @_;
    push @asked, [$number, $what, $url, \%origins];
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

# ---- ask ----

my $httpd = Test::Httpd->config(config => $config, files => \%files)->start;

sub allowed_by
{
    my ($r) = @_;
    return join ' | ', @{ $r->{headers}{'access-control-allow-origin'} // [] };
}

sub credentials_of
{
    my ($r) = @_;
    return $r->{headers}{'access-control-allow-credentials'};
}

for (@asked) {
    my ($number, $what, $url, $origins) = @$_;
    my @origins = sort keys %$origins;
    my @responses = $httpd->pipeline(map { ("GET $url HTTP/1.1\nOrigin: $_\n",
        "OPTIONS $url HTTP/1.1\nOrigin: $_\n$preflight") } @origins);
    is_deeply [map { join ' ', $_->{status}, allowed_by($_),
            @{ credentials_of($_) // [] } } @responses],
        [map { $origins->{$_} ? ("200 $_ true", "204 $_ true")
            : ('200 ', '403 ') } @origins],
        "entry $number ($what): only what is listed is allowed";
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
sub server
{
    my ($has_module, %directives) = @_;
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
sub answer
{
    my ($server, $method, $url, $headers) = @_;
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

# X-Scope names the section that httpd served the request from.
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
        my @origins = ($app, 'https://evil.net');
        my @responses = $httpd->pipeline(map { ("GET $url HTTP/1.1\nOrigin: "
            . "$_\n", "OPTIONS $url HTTP/1.1\nOrigin: $_\n$preflight") }
            @origins);
        is_deeply $responses[0]{headers}{'x-scope'}, [$scope],
            "entry 12: httpd serves $url from $scope";
        is_deeply [map { join ' ', allowed_by($_),
                @{ credentials_of($_) // [] } } @responses],
            $scope eq 'open' ? [('*') x 4]
                : ["$app true", "$app true", '', ''],
            "entry 12: $url has the policy of what httpd serves";
    }
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
