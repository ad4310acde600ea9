# A client chooses what is in Origin, method and headers, and the error log is
# read by people in terminals and by programs. A client whose bytes came there
# as they are could write lines of its own, hide its tracks, or take over a
# terminal; in full they could fill the disk. (flask-cors, CVE-2024-1681.)
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Cors;
use Test::Httpd;

my $BOUND = 4096;
my $PUT = 'Access-Control-Request-Method: PUT';

# The one form of line. What the client sent is printable: no quote and no
# backslash, and "%" stands for a byte.
my $sent = qr/(?:[ !\x23\$&-\[\]-~]|%[0-9a-f]{2})*/;
my $form = qr/^\[[^\]]+\]\ \[cors:(?:info|debug)\]\ \[pid[^\]]+\]
    (?:\ src\/httpd\/observe\.c\(\d+\):)?\ \[client\ [\d.]+:\d+\]
    \ (?<decision>[a-z-]+):\ (?:preflight\ for\ )?
    (?:(?<method>[!#\$%&'*+.^_`|~0-9A-Za-z-]+)|"(?<method>$sent)")
    \ https?:\/\/[^ "]+\ from\ "(?<origin>$sent)"
    (?:\ \(headers:\ "(?<headers>$sent)"\))?
    ,\ policy\ \S+:\d+:\ (?<why>[^\r\n]+)$/x;

# httpd itself refuses control bytes and long lines. Here it is told to let
# them through, so that they come as far as mod_cors.
my $config = <<"EOF";
<Location /list>
    CorsAllowOrigin $APP
    CorsAllowMethods PUT
</Location>
<Location /cookies>
    CorsTolerate loose-regex
    CorsAllowOriginMatch https://[a-z.]+
    CorsAllowCredentials On
    CorsAllowMethods *
    CorsAllowHeaders *
    CorsDebugHeader On
</Location>
<Location /enforced>
    CorsAllowOrigin $APP
    CorsEnforce On
</Location>
EOF
my ($lenient, $strict) = map {
    Test::Httpd->config(main => $_, log_level => 'cors:debug',
        config => $config)->start
} "HttpProtocolOptions Unsafe LenientMethods\nLimitRequestFieldSize 65536\n"
    . "LimitRequestLine 65536\n", '';

# Sends bytes; the new lines of mod_cors, after a test that all new lines are
# printable, bounded, and begin as a line of the log does.
sub lines_of($httpd, $name, $line, @headers)
{
    $httpd->clear_log;
    $httpd->raw(join "\r\n", "$line HTTP/1.1", 'Host: x', 'Connection: close',
        @headers, '', '');
    my @lines = split /\n/, $httpd->error_log;
    my @ours = grep { /\[cors:/ } @lines;
    is_deeply [
        (grep { /[^ -~]/ } @lines), (grep { length > $BOUND } @ours),
        grep { !/^\[\w{3} \w{3} \d\d [\d:.]+ \d{4}\] \[\w*:\w+\] / } @lines,
    ], [], "$name: each line is printable, bounded and whole";
    return @ours;
}

# The log shows the beginning of what was sent.
sub is_beginning($shown, $value)
{
    my $ends = $shown =~ s/\.\.\.\z//;
    my $text = $shown =~ s/%([0-9a-f]{2})/chr hex $1/ger;
    return $text eq $value if !$ends;
    return index($value, $text) == 0 && length $text < length $value;
}

# ---- every byte, in every header ----

my %values = (
    escape => "https://\e[2J\e[31mevil", bell => "a\a\a", delete => "a\x7fb",
    latin => join('', map { chr } 0x80 .. 0xff), tab => "https://a\tb",
    controls => join('', map { chr } 1 .. 8, 14 .. 31) . 'x',
    quotes => q(a"b'c), backslashes => 'a\\nb\\', percent => '%0d%0aFAKE %41',
    html => '<script>alert(1)</script>', format => '%s%n%99999d',
    utf8 => "b\xc3\xbccher\xe2\x80\xae", '16 KiB' => 'x' x 16384,
    '16 KiB of quotes' => '"' x 16384, '16 KiB of bytes' => "\xff" x 16384,
    'a line of its own' => 'x", policy /etc/x.conf:1: the policy allows it',
    'the end of a list' => 'x), policy /etc/x.conf:1: the policy allows it',
    'a URL' => 'GET http://fake.example/ from',
    'a second line' => qq(https://a" [cors:info] origin-denied: origin "b),
    commas => ',' x 300, list => "$APP, $APP",
);

for my $path (qw(list cookies)) {
    for my $name (sort keys %values) {
        my $value = $values{$name};
        for (['method', $APP, $value, undef, "Origin: $APP",
                "Access-Control-Request-Method: $value"],
            ['headers', $APP, 'PUT', $value, "Origin: $APP", $PUT,
                "Access-Control-Request-Headers: $value"],
            ['Origin', $value, 'PUT', undef, "Origin: $value", $PUT]) {
            my ($what, $origin, $method, $headers, @lines) = @$_;
            my $test = "$path, $what, $name";
            my @logged = lines_of($lenient, $test, "OPTIONS /$path/x", @lines);
            my %part = @logged == 1 && $logged[0] =~ $form ? %+ : ();
            ok %part && is_beginning($part{origin}, $origin)
                && is_beginning($part{method}, $method)
                && is_beginning($part{headers} // '', $headers // ''),
                "$test: one line in its form, with what was sent"
                or diag shown($logged[0] // 'no line');
        }
    }
}

# ---- the request line, and lines that are folded or come twice ----

my $evil = "Origin: $EVIL";
my @odd = (
    map({ ["GET $_", $evil] } '/list/x%0d%0aFAKE', '/list/%1b%5b2J',
        '/list/%00',
        '/list/%0d%0a%5bMon%5d%20FAKE', '/list/' . '%ff' x 1000,
        '/list/%22%27%5c', "/list/x\e[2J", "/list/\x80\xff",
        '/list/x?%0d%0aFAKE', '/list/%%0d', '/list/"x', '/enforced/x'),
    map({ ["$_ /list/x", $evil] } "G\"T", "G\e[2JT", "\x80\xff", 'x' x 5000,
        'GET,PUT'),
    ['GET /list/x', 'Origin: https://a.example', 'Origin: https://b.example'],
    ['GET /list/x', "Origin: https://a.example\r\n [cors:info] FAKE"],
    ['GET /list/x', $evil, "Referer: https://e.example/\e[2J\"FAKE"],
    ['GET /list/x', $evil, 'Host: "x'],
);
for (@odd) {
    my $name = shown(join ' | ', @$_);
    my @logged = lines_of($lenient, $name, @$_);
    cmp_ok scalar @logged, '<=', 1, "$name: at most one line";
    is_deeply [grep { $_ !~ $form } @logged], [], "$name: it has its form";
}

# httpd as it is by itself answers most of it with 400.
for my $name (sort keys %values) {
    my @logged = lines_of($strict, "strict, $name", 'OPTIONS /list/x',
        "Origin: $values{$name}", $PUT);
    ok @logged <= 1 && !(grep { $_ !~ $form } @logged),
        "strict, $name: at most one line, in its form";
}

$lenient->clear_log;
my $connection = $lenient->connection;
for my $n (1 .. 50) {
    $connection->send(get('/list/x', "https://n$n.example"));
    $connection->response;
}
$connection->close;
is_deeply [$lenient->error_log =~ /from "([^"]*)"/g],
    [map { "https://n$_.example" } 1 .. 50],
    'fifty requests leave fifty lines in their order';

$lenient->expect(qr/\[core:error\].*AH\d+: invalid URI|Invalid method in/);
is $_->complaints, '', 'nothing unexpected in the error log'
    for $lenient, $strict;
done_testing;
