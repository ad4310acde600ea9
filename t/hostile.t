# Requests and configurations made to break a CORS module: a pattern that takes
# in its neighbours, "*" that meets cookies, a method that is two, a list of
# eight thousand commas, an Origin that is none. Each of them was a published
# weakness of another module, with the number of its entry in the list that
# the cases were taken from. Without these tests one of them could come back
# and read a visitor's data, or stop the server.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Cors;
use Test::Httpd;

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

# ---- entry 1: what ends with "*" takes in longer names ----

for my $origin ('https://example.com*', 'http://localhost:80*') {
    my $c = check("CorsDenyOrigin $origin");
    ok !$c->{ok}, "entry 1: $origin is refused";
    like $c->{output}, qr/^CorsDenyOrigin "\Q$origin\E" /m, 'with its value';
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

for my $section ('', '<Location />', '<If true>') {
    my ($name) = $section =~ /(\w+)/;
    my $c = check($section, $on, 'CorsAllowOrigin *', 'CorsTolerate null-origin'
        . ' insecure-origin loose-regex expression', $name ? "</$name>" : '');
    ok !$c->{ok}, "entry 10: one section cannot have both: $section";
    like $c->{output}, qr/^CorsAllowOrigin "\*" .*CorsAllowCredentials/m,
        'which the message explains';
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
my ($hosts, %files) = ('');
for my $n (0 .. $#meetings) {
    my ($server, $place, $rest) = @{ $meetings[$n] };
    my $text = join "\n", $says{ $rest =~ s/ .*//r },
        $rest =~ /\+/ ? "CorsAllowOrigin +$APP" : (), '';
    my $is_htaccess = $place eq '.htaccess';
    $files{"htdocs/$n/x.txt"} = "x\n";
    $files{"htdocs/$n/.htaccess"} = $text if $is_htaccess;
    $hosts .= "<VirtualHost *:\@PORT\@>\nServerName n$n.example.com\n"
        . "DocumentRoot \"\@DOCROOT\@/$n\"\n$says{$server}\n"
        . ($is_htaccess ? '' : "$open{$place}\n$text</$place>\n")
        . "</VirtualHost>\n";
}
$httpd = Test::Httpd->config(config => $hosts, files => \%files)->start;
for my $n (0 .. $#meetings) {
    my ($server, $place, $rest) = @{ $meetings[$n] };
    my $name = "entry 10: the server has $server, $place has $rest";
    my $host = "Host: n$n.example.com";
    $httpd->clear_log;
    for my $origin ($EVIL, $APP, 'null') {
        is answer($httpd->request(request_text('GET', '/x.txt', $host,
            origin($origin), 'Cookie: secret=1'))), '200 | allow-origin: *',
            "$name: no credentials for $origin";
        is answer($httpd->request(request_text('OPTIONS', '/x.txt', $host,
            origin($origin), acrm('GET')))), '204 | allow-origin: * | '
                . 'allow-methods: GET, HEAD, POST | '
                . 'allow-headers: Content-Type', 'nor for its preflight';
    }
    my %logged;
    $logged{$_}++ for $httpd->error_log
        =~ /\[cors:warn\] \[pid (\d+).*"\*".*apply to the same URL/g;
    is_deeply [sort { $a <=> $b } values %logged],
        [map { 1 } keys %logged], 'a child logs both lines at most once';
    is !%logged, $place eq '.htaccess',
        'and logs them, unless one is in .htaccess';
}
$httpd->expect(qr/\[cors:warn\].*"\*".*apply to the same URL/);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- entry 16: one method that is two ----

my @everything = ('CorsAllowMethods *', 'CorsAllowHeaders *',
    'CorsDebugHeader On');
$httpd = server({
    credentials => ["CorsAllowOrigin $APP", $on, @everything],
    plain => ["CorsAllowOrigin $APP", @everything],
    any => ['CorsAllowOrigin *', @everything],
    listed => ["CorsAllowOrigin $APP", $on, 'CorsAllowMethods PUT DELETE',
        'CorsAllowHeaders X-A', 'CorsDebugHeader On'],
});
# Values of Access-Control-Request-Method that are no method, or none to grant.
my @no_methods = (['GET, DELETE'], ['GET,DELETE'], ['GET DELETE'],
    ['GET', 'DELETE'], ['GET', 'GET'], ['GET', ''], [''], [','], ['GET,'],
    [',GET'], ["GET\tDELETE"], ['GET;DELETE'], ['"GET"'], ['GET/'],
    ["G\xc3\x89T"], ['TRACE'], ['trace'], ['TRACK'], ['CONNECT'], ['Connect']);
my $allowed = "204 | allow-origin: $APP";
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
            origin($APP), map { acrm($_) } @$methods));
        my $name = "entry 16: $place, method "
            . join ' and ', map { shown($_) } @$methods;
        is answer($r), $denied{$place}, $name;
        is decision($r), 'method-denied', 'is denied';
    }
}
for my $method ('REPORT', 'put', 'x-y', "it's", '*') {
    my $r = $httpd->request(request_text('OPTIONS', '/credentials/x.txt',
        origin($APP), acrm($method), acrh('x-a')));
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
    my @headers = (origin($APP), acrm('PUT'), map { acrh($_) } @$names);
    my $name = 'entry 16: headers ' . join ' and ', map { shown($_) } @$names;
    my $r = $httpd->request(request_text('OPTIONS', '/credentials/x.txt',
        @headers));
    my $word = defined $back ? 'preflight-allowed' : 'headers-denied';
    is answer($httpd->request(request_text('OPTIONS', '/credentials/x.txt',
        origin($APP), acrm($_), map { acrh($_) } @$names))), $cookies
        . (defined $back ? " | allow-headers: $back" : ''),
        "the headers are sent back although the method $_ is denied"
        for 'TRACE', 'G T';
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
    list => ["CorsAllowOrigin $APP", 'CorsAllowHeaders A X-A',
        'CorsDebugHeader On'],
    any => ["CorsAllowOrigin $APP", $on, 'CorsAllowHeaders *',
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
                request_text('OPTIONS', "/$place/x.txt", origin($APP),
                    acrm('GET'), map { acrh($_) } @$lines),
                request_text('GET', '/list/x.txt', origin($APP)));
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
    is $httpd->request(request_text('OPTIONS', '/list/x.txt', origin($APP),
        acrm('GET'), map { acrh($_) } @$lines))->{status}, 400,
        'entry 20: more than httpd takes';
}
is answer($httpd->request(request_text('GET', '/list/x.txt', origin($APP)))),
    "200 | allow-origin: $APP", 'and the server goes on';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- the explain page is for its own site only ----

# The page itself is tested elsewhere; here each response of its URL counts.
$httpd = Test::Httpd->config(modules => ['headers'], config => <<"END")->start;
CorsAllowOrigin *
CorsDebugHeader On
<LocationMatch ^/explain>
    CorsExplain On
</LocationMatch>
<Location /explain-list>
    CorsAllowOrigin $APP
    $on
</Location>
<Location /explain-kept>
    CorsBackendHeaders Keep
    Header always set Access-Control-Allow-Origin *
</Location>
<Location /explain-if>
    <If "true">
        CorsAllowOrigin *
    </If>
</Location>
<Location /explain-pass>
    CorsPreflight Pass
</Location>
<Location /explain-detection>
    CorsEngine DetectionOnly
</Location>
<Location /explain-closed>
    Require all denied
    ErrorDocument 403 /x.txt
</Location>
END
for my $path (map { "/explain$_" } '', qw(-list -if -pass -closed -detection
    -kept), '/more', '?url=/x', '/a%2fb') {
    for my $origin ($APP, $EVIL, 'null') {
        for my $text (get($path, $origin), preflight($path, $origin)) {
            my $r = $httpd->request($text);
            my ($method) = $text =~ /^(\w+)/;
            is_deeply cors($r), {},
                "no other site may read $path: $method from $origin";
            isnt $r->{status}, 204, 'its preflight is not granted'
                if $method eq 'OPTIONS';
        }
    }
}
$httpd->expect(qr/client denied by server/, qr/cors:warn.*Header/);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- no spelling of a path leads to another section's policy ----

for my $merge (qw(On Off)) {
    $httpd = Test::Httpd->config(files => { 'htdocs/private/x.txt' => "x\n" },
        modules => ['rewrite'], config => <<"END")->start;
MergeSlashes $merge
<LocationMatch "^/(?!private)">
    CorsAllowOrigin *
</LocationMatch>
<Location /private>
    CorsAllowOrigin none
</Location>
RewriteEngine On
RewriteCond %{REQUEST_URI} ^/private
RewriteRule ^(.*)\$ \$1 [PT]
END
    for my $path (qw(/private/x.txt //private/x.txt /private//x.txt
        /./private/x.txt /a/../private/x.txt /%70rivate/x.txt
        /a/%2e%2e/private/x.txt /private/x.txt?a//b),
        $httpd->url('//private/x.txt')) {
        is answer($httpd->request(get($path, $EVIL))), '200',
            "MergeSlashes $merge: $path has the policy of its section";
        is answer($httpd->request(preflight($path, $EVIL))), '403',
            'and so has its preflight';
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# ---- a trailing dot is another origin of the same host ----

my @rules = ('CorsAllowOriginMatch https?://[a-z.]+(:[0-9]+)?',
    'CorsTolerate loose-regex');
$httpd = server({
    any => ['CorsAllowOrigin *', "CorsDenyOrigin $EVIL"],
    regex => [@rules, "CorsDenyOrigin $EVIL"],
    expr => ['CorsAllowOriginExpr true', "CorsDenyOrigin $EVIL"],
    below => ['CorsAllowOrigin *', 'CorsDenyOrigin https://*.example.net'],
    port => ['CorsAllowOrigin *', 'CorsDenyOrigin https://evil.example.net:*'],
    enforced => [@rules, "CorsDenyOrigin $EVIL", 'CorsEnforce On'],
    listed => ["CorsAllowOrigin $APP"],
}, config => "CorsDebugHeader On\n");
for my $place (qw(any regex expr below port enforced)) {
    my @denied = ($EVIL, "$EVIL.", $place eq 'port' ? "$EVIL.:8443" : ());
    for my $origin (@denied) {
        my $r = $httpd->request(get("/$place/x.txt", $origin));
        is answer($r), $place eq 'enforced' ? '403' : '200',
            "$place: $origin is denied";
        is decision($r), 'origin-denied', 'by the list';
        is answer($httpd->request(preflight("/$place/x.txt", $origin))), '403',
            'and so is its preflight';
    }
    is decision($httpd->request(get("/$place/x.txt", "$EVIL.."))),
        $place =~ /^(?:any|below|port)$/ ? 'allowed' : 'origin-denied',
        'two dots are not an origin, which only "*" allows';
    is decision($httpd->request(get("/$place/x.txt", 'https://good.example.'))),
        'allowed', 'another host with a dot is allowed as without';
}
is decision($httpd->request(get('/listed/x.txt', "$APP."))), 'origin-denied',
    'a listed origin does not allow its host with a dot';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- with credentials: a public suffix below a pattern ----

my $below = 'CorsAllowOrigin https://*.amazonaws.com https://*.fastly.net '
    . 'https://*.example.com';
my $regex = 'CorsAllowOriginMatch '
    . 'https://[a-z0-9.-]+[.](amazonaws[.]com|fastly[.]net'
    . '|example[.]com)';
$httpd = server({
    below => [$below, $on], regex => [$regex, $on],
    'no-credentials' => [$below],
    tolerated => [$below, $on, 'CorsTolerate public-suffix'],
    'regex-tolerated' => [$regex, $on, 'CorsTolerate loose-regex'],
}, config => "CorsDebugHeader On\n");
for my $origin ('https://evil.s3.amazonaws.com',
    'https://x.evil.s3.amazonaws.com', 'https://evil.global.ssl.fastly.net',
    'https://s3.amazonaws.com') {
    for my $place (qw(below regex)) {
        is decision($httpd->request(get("/$place/x.txt", $origin))),
            'origin-denied', "$place: anyone may register $origin";
        is decision($httpd->request(get("/$_/x.txt", $origin))), 'allowed',
            "which $_ allows" for 'no-credentials', 'tolerated',
                'regex-tolerated';
    }
}
for my $origin ('https://console.amazonaws.com', 'https://www.fastly.net',
    'https://a.b.example.com') {
    is decision($httpd->request(get("/$_/x.txt", $origin))), 'allowed',
        "$_: $origin is of the domain that is written" for qw(below regex);
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- a .htaccess file costs no more memory than it is long ----

# 3,000 lines of 256 names took 176 MiB a request once.
for my $directive (qw(CorsAllowHeaders CorsExposeHeaders CorsAllowMethods)) {
    my $lines = join '', map { "$directive X" . $_ % 256 . "\n" } 1 .. 3000;
    $httpd = Test::Httpd->config(files => { 'htdocs/x.txt' => "x\n",
        'htdocs/.htaccess' => "CorsAllowOrigin $APP\n$lines" })->start;
    my ($child) = $httpd->children;
    my $peak = sub { slurp("/proc/$child/status") =~ /VmHWM:\s+(\d+)/ && $1 };
    is $httpd->request(get('/none'))->{status}, 404, "$directive: 256 names";
    my $before = $peak->();
    $httpd->request(get('/x.txt')) for 1 .. 20;
    cmp_ok $peak->() - $before, '<', 8192, 'take less than 8 MiB a thread';
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

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
    'nul', 'null,null', ['', ''], ['null', 'null'], [$APP, $APP],
    's' x 64 . '://', 's' x 65 . '://a', ':' x 8000,
    '/' x 8000, '[' x 8000, '.' x 8000, 'https://' . 'a' x 8000,
    'https://' . 'a.' x 4000, 'https://' . '.' x 8000,
    'https://[' . ':' x 8000,
    'https://a:' . '1' x 8000, 'a' x 8000 . '://a', 'https://' x 1000,
    'https://a.' . 'a' x 64, 'https://' . join('.', ('a' x 63) x 4));
$httpd = server({
    list => ["CorsAllowOrigin $APP null capacitor://localhost"],
    P => ["CorsAllowOrigin $APP", $on],
    below => ['CorsAllowOrigin https://*.example.com https://*.localhost:* '
        . 'http://localhost:* https://[::1]', $on],
    many => [map { "CorsAllowOrigin https://$_.example https://*.$_.example "
        . "https://$_.example:*" } 'a' .. 'zz'],
    rules => ['CorsAllowOriginMatch .*', 'CorsAllowOriginExpr true',
        'CorsTolerate loose-regex'],
    denied => ['CorsAllowOriginMatch .*', 'CorsTolerate loose-regex',
        "CorsDenyOrigin null $APP https://*.example.com http://localhost:*"],
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
is answer($httpd->request(request_text('GET', '/P/x.txt', origin($APP)))),
    "200 | allow-origin: $APP | allow-credentials: true",
    'and the server goes on';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
