# Requests and configurations made to break a CORS module: a pattern that takes
# in its neighbours, "*" that meets cookies, a method that is two, a list of
# eight thousand commas, an Origin that is none. Each of them was a published
# weakness of another module, with the number of its entry in the list that
# the cases were taken from. Without these tests one of them could come back
# and read a visitor's data, or stop the server.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.net';
my $on = 'CorsAllowCredentials On';

sub check(@lines)
{
    return Test::Httpd->check_config(config => join "\n", @lines, '');
}

# A server with a place for each name.
sub server($sections, %args)
{
    my $config = join '', map { "<Location /$_>\n"
        . join('', map { "    $_\n" } @{ $sections->{$_} }) . "</Location>\n"
    } sort keys %$sections;
    my %files = map { ("htdocs/$_/x.txt" => "x\n") } keys %$sections;
    return Test::Httpd->config(%args, files => \%files,
        config => ($args{config} // '') . $config)->start;
}

sub request_text($method, $path, @headers)
{
    return "$method $path HTTP/1.1\n" . join '', map { "$_\n" } @headers;
}

sub origin($origin) { return "Origin: $origin" }
sub acrm($method)   { return "Access-Control-Request-Method: $method" }
sub acrh($names)    { return "Access-Control-Request-Headers: $names" }

# What matters of a response, one line. A header that came twice shows.
sub answer($r)
{
    my %headers = %{ $r->{headers} };
    return join ' | ', $r->{status}, map {
        my $name = "access-control-$_";
        $headers{$name} ? "$_: " . join(' AND ', @{ $headers{$name} }) : ();
    } qw(allow-origin allow-credentials allow-methods allow-headers);
}

sub decision($r)
{
    return join ' AND ', map { s/;.*//r } @{ $r->{headers}{'cors-decision'}
        // ['none'] };
}

sub shown($text)
{
    $text =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    return length $text < 70 ? "\"$text\""
        : sprintf '"%.40s..." (%d bytes)', $text, length $text;
}

# ---- entry 1: what ends with "*" takes in longer names ----

for my $origin ('https://example.com*', 'https://example.com/*',
    'https://example.com:8443*', 'https://*.example.com*',
    'https://*.example.com/*', 'http://localhost*', 'http://localhost:80*',
    'http://localhost:*0', 'http://localhost:**') {
    for my $directive (qw(CorsAllowOrigin CorsDenyOrigin)) {
        my $c = check("$directive $origin");
        ok !$c->{ok}, "entry 1: $directive $origin is refused";
        like $c->{output}, qr/^$directive "\Q$origin\E" /m, 'with its value';
    }
}

my $httpd = server({
    port => ['CorsAllowOrigin http://localhost:*', $on],
    both => ['CorsAllowOrigin https://*.example.com:*', $on],
});
my %entry1 = (
    port => {
        allowed => ['http://localhost', 'http://localhost:1',
            'http://localhost:3000', 'http://localhost:65535'],
        denied => ['http://localhost.evil.net:80', 'http://localhostx:80',
            'http://localhost.evil.net:81', 'http://localhostx:81',
            'http://localhost.evil.net', 'http://localhostx',
            'http://localhost.:81', 'http://xlocalhost:81',
            'http://x.localhost:81', 'http://localhost:80.evil.net',
            'http://localhost:81:81', 'http://localhost:', 'http://localhost:*',
            'http://localhost:81@evil.net', 'http://localhost:x',
            'http://localhos:81', 'https://localhost:81'],
    },
    both => {
        allowed => ['https://a.example.com', 'https://a.b.example.com:81'],
        denied => ['https://example.com:81', 'https://a.example.comx:81',
            'https://a.example.com.evil.net:81', 'https://axexample.com:81',
            'https://a.example.com:81.evil.net', 'https://.example.com:81'],
    },
);
for my $place (sort keys %entry1) {
    for my $is_allowed (0, 1) {
        my $word = $is_allowed ? 'allowed' : 'denied';
        for my $origin (@{ $entry1{$place}{$word} }) {
            my $yes = "allow-origin: $origin | allow-credentials: true";
            is answer($httpd->request(request_text('GET', "/$place/x.txt",
                origin($origin)))), $is_allowed ? "200 | $yes" : '200',
                "entry 1: $origin is $word";
        }
    }
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- entry 10: "*" meets cookies ----

for my $lines (['CorsAllowOrigin *', $on], [$on, 'CorsAllowOrigin *'],
    [$on, 'CorsMaxAge 5', 'CorsAllowOrigin *', 'CorsMaxAge 5'],
    ['CorsAllowOrigin *', $on,
        'CorsTolerate null-origin insecure-origin loose-regex expression']) {
    for my $section ('', '<Location />', '<Directory />', '<If true>') {
        my ($name) = $section =~ /(\w+)/;
        my $c = check($section, @$lines, $name ? "</$name>" : '');
        ok !$c->{ok}, "entry 10: one section is refused: $section @$lines";
        like $c->{output}, qr/^CorsAllowOrigin "\*" .*CorsAllowCredentials/m,
            'with the reason';
    }
}

my %says = ('*' => 'CorsAllowOrigin *', On => $on);
my @meetings = (
    # [the server says, where the rest stands, the rest]
    ['*', 'Location', 'On'], ['On', 'Location', '*'],
    ['*', 'Directory', 'On'], ['On', 'Directory', '*'],
    ['*', 'If', 'On'], ['On', 'If', '*'],
    ['*', '.htaccess', 'On'], ['On', '.htaccess', '*'],
    ['*', 'Location', 'On +'], ['*', 'If', 'On +'], ['*', '.htaccess', 'On +'],
);
my %open = (Location => '<Location /x.txt>', If => '<If "true">',
    Directory => '<Directory "@DOCROOT@">');
for (@meetings) {
    my ($server, $place, $rest) = @$_;
    my $name = "entry 10: the server says $server, $place says $rest";
    my $text = join "\n", $says{ $rest =~ s/ .*//r },
        $rest =~ /\+/ ? "CorsAllowOrigin +$app" : (), '';
    my $close = $place eq '.htaccess' ? '' : "</$place>\n";
    $httpd = Test::Httpd->config(
        config => "$says{$server}\n"
            . ($close ? "$open{$place}\n$text$close" : ''),
        files => { 'htdocs/x.txt' => "x\n", $close ? ()
            : ('htdocs/.htaccess' => $text) })->start;
    for my $origin ($evil, $app, 'null') {
        is answer($httpd->request(request_text('GET', '/x.txt',
            origin($origin), 'Cookie: secret=1'))), '200 | allow-origin: *',
            "$name: $origin";
        is answer($httpd->request(request_text('OPTIONS', '/x.txt',
            origin($origin), acrm('GET')))), '204 | allow-origin: * | '
                . 'allow-methods: GET, HEAD, POST | '
                . 'allow-headers: Content-Type', 'and its preflight';
    }
    my $log = $httpd->error_log;
    my $told = () = $log =~ /\[cors:warn\].*CorsAllowOrigin "\*".*merged/g;
    $close ? cmp_ok($told, '>=', 1, 'the log says who met')
        : is($told, 0, 'the log does not tell of .htaccess');
    $httpd->expect(qr/\[cors:warn\].*"\*".*merged/) if $close;
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# ---- entry 16: one method that is two ----

my @everything = ('CorsAllowMethods *', 'CorsAllowHeaders *',
    'CorsDebugHeader On');
$httpd = server({
    credentials => ["CorsAllowOrigin $app", $on, @everything],
    plain => ["CorsAllowOrigin $app", @everything],
    any => ['CorsAllowOrigin *', @everything],
    listed => ["CorsAllowOrigin $app", $on, 'CorsAllowMethods PUT DELETE',
        'CorsAllowHeaders X-A', 'CorsDebugHeader On'],
});
# Values of Access-Control-Request-Method that are no method, or none to grant.
my @no_methods = (['GET, DELETE'], ['GET,DELETE'], ['GET DELETE'],
    ['GET', 'DELETE'], ['GET', 'GET'], ['GET', ''], [''], [','], ['GET,'],
    [',GET'], ["GET\tDELETE"], ['GET;DELETE'], ['"GET"'], ['GET/'],
    ["G\xc3\x89T"], ['TRACE'], ['trace'], ['TRACK'], ['CONNECT'], ['Connect']);
my $allowed = "204 | allow-origin: $app";
my $cookies = "$allowed | allow-credentials: true";
# What comes back when the method was denied.
my %denied = (
    credentials => $cookies,
    plain => "$allowed | allow-methods: * | allow-headers: *",
    any => '204 | allow-origin: * | allow-methods: * | allow-headers: *',
    listed => "$cookies | allow-methods: PUT, DELETE | allow-headers: X-A",
);
for my $methods (@no_methods) {
    for my $place (sort keys %denied) {
        my $r = $httpd->request(request_text('OPTIONS', "/$place/x.txt",
            origin($app), map { acrm($_) } @$methods));
        my $name = "entry 16: $place, method "
            . join ' and ', map { shown($_) } @$methods;
        is answer($r), $denied{$place}, $name;
        is decision($r), 'method-denied', 'is denied';
    }
}
for my $method ('REPORT', 'put', 'x-y', "it's", '*') {
    my $r = $httpd->request(request_text('OPTIONS', '/credentials/x.txt',
        origin($app), acrm($method), acrh('x-a')));
    is answer($r), "$cookies | allow-methods: $method | allow-headers: x-a",
        "entry 16: the one method $method is sent back";
    is decision($r), 'preflight-allowed', 'and allowed';
}

# Lists of headers: [lines, what is sent back with credentials]
for (
    [['x, *'], 'x, *'], [['*'], '*'], [['x', '*'], 'x, *'],
    [[' x ,, *,'], 'x, *'], [['x:y'], undef], [['x, y z'], undef],
    [["x\ty"], undef], [['x;y'], undef], [["x\x80"], undef],
    [['"x"'], undef], [['x, <y>'], undef], [['x' x 257], undef],
) {
    my ($names, $back) = @$_;
    my @headers = (origin($app), acrm('PUT'), map { acrh($_) } @$names);
    my $name = 'entry 16: headers ' . join ' and ', map { shown($_) } @$names;
    my $r = $httpd->request(request_text('OPTIONS', '/credentials/x.txt',
        @headers));
    my $word = defined $back ? 'preflight-allowed' : 'headers-denied';
    is answer($r), "$cookies | allow-methods: PUT"
        . (defined $back ? " | allow-headers: $back" : ''), $name;
    is decision($r), $word, 'with credentials';
    for my $place (qw(plain any)) {
        $r = $httpd->request(request_text('OPTIONS', "/$place/x.txt",
            @headers));
        is answer($r), $denied{$place}, "$place: nothing of it is sent back";
        is decision($r), $word, "and it is $word";
    }
    $r = $httpd->request(request_text('OPTIONS', '/listed/x.txt', @headers));
    is answer($r), $denied{listed}, 'a list is sent as it is written';
    is decision($r), 'headers-denied', 'and "*" is not in it';
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- entry 20: a list of commas ----

# Under the limits of httpd, and with limits raised so that all arrives.
my $sections = {
    list => ["CorsAllowOrigin $app", 'CorsAllowHeaders A X-A',
        'CorsDebugHeader On'],
    any => ["CorsAllowOrigin $app", $on, 'CorsAllowHeaders *',
        'CorsDebugHeader On'],
};
# [name, lines, decision (both places, or list and any)]
my @lists = (
    ['no value', [''], 'preflight-allowed'],
    ['4,096 commas', [',' x 4096], 'preflight-allowed'],
    ['4,097 commas', [',' x 4097], 'headers-denied'],
    ['8,000 commas', [',' x 8000], 'headers-denied'],
    ['4,096 bytes of "a,"', ['a,' x 2048], 'preflight-allowed'],
    ['8,000 bytes of "a,"', ['a,' x 4000], 'headers-denied'],
    ['one name 1,000 times', [join ',', ('x-a') x 1000], 'preflight-allowed'],
    ['one name 2,000 times', [join ',', ('x-a') x 2000], 'headers-denied'],
    ['another name behind 4,000 commas', [',' x 4000 . 'x-b'],
        'headers-denied', 'preflight-allowed'],
    ['blanks and commas', [', ' x 1000 . 'a' . ' ,' x 1000],
        'preflight-allowed'],
    ['forty lines of commas', [(',' x 99) x 40], 'preflight-allowed'],
    ['forty lines of more', [(',' x 200) x 40], 'headers-denied'],
    ['forty empty lines', [('') x 40], 'preflight-allowed'],
    ['one name of 4,000 bytes', ['x' x 4000], 'headers-denied'],
    ['one name of 256 bytes', ['x' x 256], 'headers-denied',
        'preflight-allowed'],
);
my @more_lists = (
    ['8,190 commas', [',' x 8190], 'headers-denied'],
    ['a hundred lines of 8,000 bytes', [(',' x 8000) x 100],
        'headers-denied'],
    ['a hundred lines of "a,"', [('a,' x 4000) x 100], 'headers-denied'],
    ['50,000 names', [join ',', map { "x$_" } 1 .. 50_000],
        'headers-denied'],
);
my $raised = "LimitRequestFields 1000\nLimitRequestFieldSize 1000000\n"
    . "LimitRequestLine 100000\n";
for my $limits ('', $raised) {
    $httpd = server($sections, main => $limits);
    my $name = 'entry 20, ' . ($limits ? 'limits raised' : "httpd's limits");
    for (@lists, $limits ? @more_lists : ()) {
        my ($what, $lines, @decisions) = @$_;
        for my $place (qw(list any)) {
            my ($r, $next) = $httpd->pipeline(
                request_text('OPTIONS', "/$place/x.txt", origin($app),
                    acrm('GET'), map { acrh($_) } @$lines),
                request_text('GET', '/list/x.txt', origin($app)));
            is $r->{status}, 204, "$name: $what, $place";
            is decision($r), $place eq 'any' ? $decisions[-1] : $decisions[0],
                'the decision';
            is $next->{status}, 200, 'and the connection goes on';
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}
# More than httpd takes is its own 400, and does no harm either.
$httpd = server($sections);
for my $lines ([',' x 8190], [(',' x 8000) x 90], [(',') x 150]) {
    is $httpd->request(request_text('OPTIONS', '/list/x.txt', origin($app),
        acrm('GET'), map { acrh($_) } @$lines))->{status}, 400,
        'entry 20: more than httpd takes';
}
is answer($httpd->request(request_text('GET', '/list/x.txt', origin($app)))),
    "200 | allow-origin: $app", 'and the server goes on';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- entry 21: an Origin that is none ----

my @odd = ('', ' ', ':', '//', '://', 'https', 'https:', 'https:/', 'https://',
    'https:///', 'https://[', 'https://]', 'https://[]', 'https://[:',
    'https://[::', 'https://[::1', 'https://[::1]]', 'https://[::1]:',
    'https://[::1]x', 'https://[[::1]]', 'https://[::ffff:1.2.3.4%25eth0]',
    'https://[::ffff:1.2.3.4]', 'https://[:::::::::::::]',
    'https://[' . ':' x 200 . ']', 'https://[' . '1' x 200 . ']',
    'https://.', 'https://..', 'https://:', 'https://:0',
    'https://:80', 'https://a:', 'https://a:99999999999999999999',
    'https://a:-1', 'https://@', 'https://a@b', 'https://?', 'https://#',
    'https://%', 'https://%00', 'https://\\', 'https://*', 'https://*.a',
    'https://1', 'https://1.', 'https://0x', 'https://0x.', 'https://1.2.3.',
    'https://256.256.256.256', 'https://4294967296', '*', '**', ',', ', ,',
    ';', '?', '#', '%', '\\', '"', "'", '<', '[', ']', '[::1]', '.', '-', '+',
    '1://a', '+://a', '.://a', "\t", "\x80", "\xff" x 100, 'null null',
    'nul', 'null,null', ['', ''], ['null', 'null'], [$app, $app],
    's' x 64 . '://', 's' x 65 . '://a', ':' x 8000,
    '/' x 8000, '[' x 8000, '.' x 8000, 'https://' . 'a' x 8000,
    'https://' . 'a.' x 4000, 'https://' . '.' x 8000,
    'https://[' . ':' x 8000,
    'https://a:' . '1' x 8000, 'a' x 8000 . '://a', 'https://' x 1000,
    'https://a.' . 'a' x 64, 'https://' . join('.', ('a' x 63) x 4));
$httpd = server({
    list => ["CorsAllowOrigin $app null capacitor://localhost"],
    P => ["CorsAllowOrigin $app", $on],
    below => ['CorsAllowOrigin https://*.example.com https://*.localhost:* '
        . 'http://localhost:* https://[::1]', $on],
    many => [map { "CorsAllowOrigin https://$_.example https://*.$_.example "
        . "https://$_.example:*" } 'a' .. 'zz'],
    rules => ['CorsAllowOriginMatch .*', 'CorsAllowOriginExpr true',
        'CorsTolerate loose-regex'],
    denied => ['CorsAllowOriginMatch .*', 'CorsTolerate loose-regex',
        "CorsDenyOrigin null $app https://*.example.com http://localhost:*"],
    nobody => ['CorsAllowOrigin none'],
});
for my $origin (@odd) {
    my @lines = map { origin($_) } ref $origin ? @$origin : $origin;
    my $name = 'entry 21: ' . join ' and ',
        map { shown($_) } ref $origin ? @$origin : $origin;
    my @places = qw(list P below many rules denied nobody);
    my @responses = $httpd->pipeline(map {
        (request_text('GET', "/$_/x.txt", @lines),
            request_text('OPTIONS', "/$_/x.txt", @lines, acrm('GET')))
    } @places);
    is join("\n", map { answer($_) } @responses),
        join("\n", ('200', '403') x @places), $name;
}
# One byte more than httpd takes is its own 400.
is answer($httpd->request(request_text('GET', '/P/x.txt',
    origin('x' x 8200)))), '400', 'entry 21: more than 8 KiB';
is answer($httpd->request(request_text('GET', '/P/x.txt', origin($app)))),
    "200 | allow-origin: $app | allow-credentials: true",
    'and the server goes on';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
