# CorsDebugHeader says in the response what was decided, for those who see the
# browser's console but no error log. Without it they would guess; and if it
# repeated whatever it was sent, it would carry a stranger's text into pages,
# logs and caches.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.example';

my %sections = (
    list => "CorsAllowOrigin $app\nCorsAllowMethods PUT\n"
        . "CorsAllowHeaders X-One X-Two\nCorsDebugHeader On\n",
    any => "CorsAllowOrigin *\nCorsAllowMethods *\nCorsAllowHeaders *\n"
        . "CorsDebugHeader On\n",
    rule => "CorsAllowOriginMatch https://[a-z]+\\.example\\.com\n"
        . "CorsDenyOrigin https://no.example.com\nCorsDebugHeader On\n",
    credentials => "CorsAllowOrigin $app null\nCorsAllowCredentials On\n"
        . "CorsTolerate null-origin\nCorsAllowMethods *\nCorsAllowHeaders *\n"
        . "CorsDebugHeader On\n",
    nobody => "CorsAllowOrigin none\nCorsDebugHeader On\n",
    'list/inherited' => "CorsMaxAge 5\n",
    'list/off' => "CorsDebugHeader Off\n",
    'list/off/on' => "CorsDebugHeader On\n",
    'list/engine-off' => "CorsEngine Off\n",
    'list/detection-only' => "CorsEngine DetectionOnly\n",
    'list/closed' => "Require all denied\n",
    'list/moved' => "Redirect 301 http://www.example.com/\n",
    unset => "CorsAllowOrigin $app\n",
    'no-policy' => "CorsDebugHeader On\n",
    'no-policy/methods' => "CorsAllowMethods PUT\n",
    'no-policy/closed' => "Require all denied\n",
    'no-policy/off' => "CorsEngine Off\n",
    'no-policy/detection' => "CorsEngine DetectionOnly\n",
);
my $config = "ErrorDocument 404 /list/x.txt\n";
my %files;
for my $path (sort keys %sections) {
    $config .= "<Location /$path>\n$sections{$path}</Location>\n";
    $files{"htdocs/$path/x.txt"} = "x\n";
}
$files{'htdocs/htaccess/.htaccess'} = $sections{list};
$files{'htdocs/htaccess/x.txt'} = "x\n";
my $httpd = Test::Httpd->config(modules => ['alias'], config => $config,
    files => \%files)->start;
$httpd->expect(qr/client denied by server configuration/);

# A request in short: "GET /path", and its headers.
sub ask($what, @headers)
{
    my ($method, $path) = split ' ', $what;
    return $httpd->request("$method $path HTTP/1.1\n"
        . join '', map { "$_\n" } @headers);
}

sub decision($r) { return $r->{headers}{'cors-decision'} }

sub shown($text)
{
    $text =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    return length $text < 100 ? $text
        : sprintf '%.60s... (%d bytes)', $text, length $text;
}

# ---- each decision ----

my $put = 'Access-Control-Request-Method: PUT';
sub acrm($method) { return "Access-Control-Request-Method: $method" }
sub acrh($names) { return "Access-Control-Request-Headers: $names" }
sub origin($origin) { return "Origin: $origin" }

# Rows of [request, status, what the header says or undef, headers].
my @rows = (
    # actual requests
    ['GET /list/x.txt', 200, 'allowed', origin($app)],
    ['HEAD /list/x.txt', 200, 'allowed', origin($app)],
    ['POST /list/x.txt', 200, 'allowed', origin($app)],
    ['GET /list/x.txt', 200, "origin-denied; origin=$evil", origin($evil)],
    ['GET /list/x.txt', 200, 'origin-denied; origin=http://[::1]:8080',
        origin('http://[::1]:8080')],
    ['GET /list/x.txt', 200, 'origin-denied; origin=null', origin('null')],
    ['GET /nobody/x.txt', 200, "origin-denied; origin=$app", origin($app)],
    ['GET /any/x.txt', 200, 'allowed', origin($evil)],
    ['GET /any/x.txt', 200, 'allowed', origin('null')],
    ['GET /any/x.txt', 200, 'allowed', origin('no origin at all')],
    ['GET /rule/x.txt', 200, 'allowed', origin('https://a.example.com')],
    ['GET /rule/x.txt', 200, 'origin-denied; origin=https://no.example.com',
        origin('https://no.example.com')],
    ['GET /credentials/x.txt', 200, 'allowed', origin('null')],
    ['GET /htaccess/x.txt', 200, 'allowed', origin($app)],

    # the server's own origin
    ['GET /list/x.txt', 200, 'same-origin', origin('http://127.0.0.1:@PORT@')],
    ['GET /list/x.txt', 200, 'same-origin', origin($evil),
        'Sec-Fetch-Site: same-origin'],
    ['OPTIONS /list/x.txt', 200, 'same-origin',
        origin('http://127.0.0.1:@PORT@'), $put],

    # preflights
    ['OPTIONS /list/x.txt', 204, 'preflight-allowed', origin($app), $put],
    ['OPTIONS /list/x.txt', 204, 'preflight-allowed', origin($app), $put,
        acrh('x-one, x-two')],
    ['OPTIONS /list/x.txt', 403, "origin-denied; origin=$evil", origin($evil),
        $put],
    ['OPTIONS /list/x.txt', 403, "origin-denied; origin=$evil", origin($evil),
        acrm('DELETE'), acrh('x-token')],
    ['OPTIONS /list/x.txt', 204, 'method-denied; method=DELETE', origin($app),
        acrm('DELETE')],
    ['OPTIONS /list/x.txt', 204, 'method-denied; method=put', origin($app),
        acrm('put')],
    ['OPTIONS /list/x.txt', 204, 'method-denied; method=DELETE', origin($app),
        acrm('DELETE'), acrh('x-token')],
    ['OPTIONS /list/x.txt', 204, 'headers-denied; header=x-token',
        origin($app), $put, acrh('x-token')],
    ['OPTIONS /list/x.txt', 204, 'headers-denied; header=X-Token',
        origin($app), $put, acrh('X-Token')],
    ['OPTIONS /list/x.txt', 204, 'headers-denied; header=x-token',
        origin($app), $put, acrh('x-one,x-token , x-three, x-two')],
    ['OPTIONS /list/x.txt', 204, 'headers-denied; header=x-token',
        origin($app), $put, acrh('x-one'), acrh('x-token')],
    ['OPTIONS /list/x.txt', 204, 'headers-denied; header=content-type',
        origin($app), $put, acrh('content-type')],
    ['OPTIONS /any/x.txt', 204, 'preflight-allowed', origin($evil),
        acrm('REPORT'), acrh('x-any')],
    ['OPTIONS /any/x.txt', 204, 'headers-denied; header=authorization',
        origin($evil), acrm('REPORT'), acrh('x-any, authorization')],
    ['OPTIONS /any/x.txt', 204, 'method-denied; method=TRACE', origin($evil),
        acrm('TRACE')],

    # no preflight: an OPTIONS request like any other
    ['OPTIONS /list/x.txt', 200, 'allowed', origin($app)],
    ['OPTIONS /list/x.txt', 200, "origin-denied; origin=$evil",
        origin($evil)],

    # errors, redirects and error documents
    ['GET /list/none.txt', 404, 'allowed', origin($app)],
    ['GET /list/none.txt', 404, "origin-denied; origin=$evil",
        origin($evil)],
    ['GET /list/closed/x.txt', 403, 'allowed', origin($app)],
    ['GET /list/moved/x.txt', 301, 'allowed', origin($app)],
    ['GET /none.txt', 404, 'allowed', origin($app)],

    # merging
    ['GET /list/inherited/x.txt', 200, 'allowed', origin($app)],
    ['GET /list/off/x.txt', 200, undef, origin($app)],
    ['OPTIONS /list/off/x.txt', 204, undef, origin($app), $put],
    ['OPTIONS /list/off/x.txt', 403, undef, origin($evil), $put],
    ['GET /list/off/on/x.txt', 200, 'allowed', origin($app)],

    # without Origin nothing was decided
    ['GET /list/x.txt', 200, undef],
    ['GET /any/x.txt', 200, undef],
    ['OPTIONS /list/x.txt', 200, undef, $put, acrh('x-token')],
    ['GET /list/none.txt', 404, undef],

    # where mod_cors changes nothing
    ['GET /unset/x.txt', 200, undef, origin($app)],
    ['GET /unset/x.txt', 200, undef, origin($evil)],
    ['GET /list/engine-off/x.txt', 200, undef, origin($app)],
    ['GET /list/detection-only/x.txt', 200, undef, origin($app)],
    ['OPTIONS /list/detection-only/x.txt', 200, undef, origin($app), $put],

    # no policy applies
    ['GET /no-policy/x.txt', 200, 'no-policy', origin($app)],
    ['GET /no-policy/methods/x.txt', 200, 'no-policy', origin($app)],
    ['OPTIONS /no-policy/x.txt', 200, 'no-policy', origin($app), $put],
    ['GET /no-policy/closed/x.txt', 403, 'no-policy', origin($app)],
    ['GET /no-policy/x.txt', 200, 'no-policy', origin('no origin')],
    ['GET /no-policy/x.txt', 200, undef],
    ['GET /no-policy/off/x.txt', 200, undef, origin($app)],
    ['GET /no-policy/detection/x.txt', 200, undef, origin($app)],
);
for (@rows) {
    my ($what, $status, $said, @headers) = @$_;
    s/\@PORT\@/$httpd->port/e for @headers;
    my $r = ask($what, @headers);
    is $r->{status}, $status, shown(join ' | ', $what, @headers);
    is_deeply decision($r), defined $said ? [$said] : undef,
        'CORS-Decision is ' . ($said // 'not sent');
}

# ---- what is not well-formed never comes back ----

my $long = 'x' x 7000;
# What is in no origin: the word alone is said.
my @origins = ('', 'x', 'NULL', "$app, $evil", 'https://evil.example/',
    "https://evil.example/<script>alert(1)</script>",
    'https://<script>', '"https://evil.example"', "'https://evil.example'",
    'https://evil.example"', "https://evil.example'", 'https://evil.example;x',
    "https://evil\t.example", "https://evil.example\tX: y", "\x80\xff",
    "https://b\xc3\xbccher.example", 'https://evil.example%0d%0aX:y',
    'https://evil.example\\', 'https://u:p@evil.example',
    'HTTPS://evil.example', 'https://evil.example:443',
    'https://evil.example:0', 'https://evil..example',
    "https://$long", "https://$long.example", $long, "$long://x", '<' x 7000,
    'https://' . 'a.' x 3500 . 'example');
for my $origin (@origins) {
    for my $request (['GET /list/x.txt'], ['OPTIONS /list/x.txt', $put]) {
        my ($what, @more) = @$request;
        my $r = ask($what, origin($origin), @more);
        is_deeply decision($r), ['origin-denied'],
            shown("$what, Origin: $origin");
        is index($r->{raw}, substr($origin, 0, 200)), -1, 'it is not sent back'
            if length $origin > 4;
    }
}

# The same of the other two headers. The name of a method or header is a token.
my @names = ('', ',', 'x y', 'x"y"', 'x<script>', '<script>alert(1)</script>',
    "x\ty", "x\x80", "\xff", 'x:y', 'x;y', 'x/y', 'x=y', '(x)', 'x@y', '[x]',
    'x\\y', '{x}', '?x', $long, "x, y z");
for my $name (@names) {
    my $r = ask('OPTIONS /list/x.txt', origin($app), acrm($name));
    is $r->{status}, 204, shown("method $name");
    is_deeply decision($r), ['method-denied'], 'is denied, and is not repeated';
    is index($r->{raw}, substr($name, 0, 200)), -1, 'it is not sent back'
        if length $name > 2;
}
# A list with nothing in it asks for nothing, so it is left out here.
for my $name (grep { /[^,]/ } @names, "x-one, x\"y\"", "x-token, x\"y\"",
    'x' x 257, 'x-one, ' . 'x' x 257, 'x-token,' x 600) {
    my $r = ask('OPTIONS /list/x.txt', origin($app), $put, acrh($name));
    is $r->{status}, 204, shown("headers $name");
    is_deeply decision($r), ['headers-denied'],
        'are denied, and are not repeated';
    is index($r->{raw}, substr($name, 0, 200)), -1, 'they are not sent back'
        if length $name > 2;
}
my $r = ask('OPTIONS /list/x.txt', origin($app), $put, acrh('y' x 256));
is_deeply decision($r), ['headers-denied; header=' . 'y' x 256],
    'a name of 256 bytes is repeated';

# Control bytes: httpd itself refuses what is not a tab.
for my $byte (0x01, 0x08, 0x0b, 0x1b, 0x7f) {
    my $text = sprintf 'https://evil%c.example', $byte;
    $r = ask('GET /list/x.txt', origin($text));
    is $r->{status}, 400, sprintf 'byte 0x%02x', $byte;
    is index($r->{raw}, $text), -1, 'is not sent back';
}

is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
