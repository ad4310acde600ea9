# Whoever sends a request chooses what stands in Origin and its like, and the
# error log is read by people in terminals and by programs that act on it. If
# his bytes came there as they are he could write lines of his own, hide his
# tracks, or take over a terminal; if they came in full he could fill the disk.
# (flask-cors < 4.0.1, CVE-2024-1681.)
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $BOUND = 4096;

# The one form of line, and how it ends when a Referer was sent.
my $sent = qr/(?:[ !\x23\$&-\[\]-~]|%[0-9a-f]{2})*/;
my $form = qr/^\[[^\]]+\]\ \[cors:(?:info|debug)\]\ \[pid[^\]]+\]
    (?:\ src\/httpd\/report\.c\(\d+\):)?\ \[client\ [\d.]+:\d+\]
    \ (?<decision>[a-z-]+):\ origin\ "(?<origin>$sent)"
    ,\ asked\ "(?<asked>$sent)",\ policy\ \S+,\ (?<why>[^\r\n]+)$/x;

# httpd itself refuses control bytes and long lines. Here it is told to let
# them through, so that they come as far as mod_cors.
my %sections = (
    list => "CorsAllowOrigin $app\nCorsAllowMethods PUT\n",
    any => "CorsAllowOrigin *\nCorsAllowMethods *\nCorsAllowHeaders *\n",
    cookies => "CorsAllowOriginMatch https://[a-z.]+\n"
        . "CorsTolerate loose-regex\nCorsAllowCredentials On\n"
        . "CorsAllowMethods *\nCorsAllowHeaders *\nCorsDebugHeader On\n",
    expr => "CorsAllowOriginExpr true\n",
    deny => "CorsAllowOrigin *\nCorsDenyOrigin https://*.evil.example\n",
    enforced => "CorsAllowOrigin $app\nCorsEnforce On\n",
);
my $config = join '', map { "<Location /$_>\n$sections{$_}</Location>\n" }
    sort keys %sections;
sub server($main)
{
    return Test::Httpd->config(main => $main, log_level => 'cors:debug',
        config => $config)->start;
}
my $lenient = server("HttpProtocolOptions Unsafe LenientMethods\n"
    . "LimitRequestFieldSize 65536\nLimitRequestLine 65536\n");
my $strict = server('');

sub shown($text)
{
    $text =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    return length $text < 60 ? $text
        : sprintf '%.30s... (%d bytes)', $text, length $text;
}

# Sends bytes, and gives the lines that came of it: of mod_cors, and others.
sub lines_of($httpd, $line, @headers)
{
    $httpd->clear_log;
    $httpd->raw(join "\r\n", "$line HTTP/1.1", 'Host: x', 'Connection: close',
        @headers, '', '');
    my @lines = split /\n/, $httpd->error_log;
    return [grep { /\[cors:/ } @lines], [grep { !/\[cors:/ } @lines];
}

# All that came is printable and begins as a line of the log does; what mod_cors
# says is bounded.
sub is_whole($name, @lines)
{
    is scalar(grep { /[^ -~]/ } @lines), 0, "$name: printable";
    is scalar(grep { /\[cors:/ && length > $BOUND } @lines), 0, 'bounded';
    is scalar(grep { !/^\[\w{3} \w{3} \d\d [\d:.]+ \d{4}\] \[\w*:\w+\] / }
        @lines), 0, 'and nothing begins a line of its own';
    return;
}

sub decoded($text) { return $text =~ s/%([0-9a-f]{2})/chr hex $1/ger }

# The log tells the truth: it shows the beginning of what was sent.
sub is_beginning($shown, $value, $name)
{
    my $ends = $shown =~ s/\.\.\.\z//;
    my $text = decoded($shown);
    return is $text, $value, $name if !$ends;
    return ok index($value, $text) == 0 && length $text < length $value, $name;
}

# ---- every byte, every header ----

my %values = (
    escape => "https://\e[2J\e[31mevil", bell => "a\a\a", delete => "a\x7fb",
    latin => join('', map { chr } 0x80 .. 0xff), tab => "https://a\tb",
    controls => join('', map { chr } 1 .. 8, 14 .. 31) . 'x',
    quotes => q(a"b'c), backslashes => 'a\\nb\\', percent => '%0d%0aFAKE %41',
    html => '<script>alert(1)</script>', format => '%s%n%99999d',
    utf8 => "b\xc3\xbccher\xe2\x80\xae", '16 KiB' => 'x' x 16384,
    '16 KiB of quotes' => '"' x 16384, '16 KiB of bytes' => "\xff" x 16384,
    line => 'x", asked "GET", policy /etc/x.conf:1, the policy allows it',
    second => qq(https://a.example" [cors:info] origin-denied: origin "b),
    commas => ',' x 300, list => "$app, $app",
);

# One line in its form; the parts of it.
sub parts_of($lines, $name)
{
    is @$lines, 1, "$name: one line";
    my %part = ($lines->[0] // '') =~ $form ? %+ : ();
    ok %part, 'in its form' or diag shown($lines->[0] // 'no line');
    return \%part;
}

my $put = 'Access-Control-Request-Method: PUT';
for my $path (sort keys %sections) {
    for my $name (sort keys %values) {
        my $value = $values{$name};
        my @requests = (
            ['Origin', 'GET', $value, 'GET', "Origin: $value"],
            ['method', 'OPTIONS', $app, $value, "Origin: $app",
                "Access-Control-Request-Method: $value"],
            ['headers', 'OPTIONS', $app, "PUT with $value", "Origin: $app",
                $put, "Access-Control-Request-Headers: $value"],
        );
        for (@requests) {
            my ($what, $method, $origin, $asked, @headers) = @$_;
            my ($ours, $others) = lines_of($lenient, "$method /$path/x",
                @headers);
            my $part = parts_of($ours, "$path, $what, $name");
            is_beginning($part->{origin} // '', $origin, 'with the origin');
            is_beginning($part->{asked} // '', $asked, 'and what was asked');
            is_whole("$path, $what, $name", @$ours, @$others);
        }
    }
}

# ---- the request line ----

for my $path ('/list/x%0d%0aFAKE', '/list/%0d%0a%5bMon%5d%20FAKE',
    '/list/%1b%5b2J', '/list/%00', '/list/' . '%ff' x 1000, '/list/%22%27%5c',
    "/list/x\e[2J", "/list/\x80\xff", '/list/x?%0d%0aFAKE', '/list/%%0d') {
    my ($ours, $others) = lines_of($lenient, "GET $path",
        'Origin: https://evil.example');
    my $name = 'path ' . shown($path);
    cmp_ok scalar @$ours, '<=', 1, "$name: one line at most";
    is_whole($name, @$ours, @$others);
    ok !(grep { $_ !~ $form } @$ours), 'in its form';
}
for my $method ("G\"T", "G\e[2JT", "\x80\xff", 'x' x 5000, 'GET,PUT') {
    my ($ours, $others) = lines_of($lenient, "$method /list/x",
        'Origin: https://evil.example');
    my $name = 'method ' . shown($method);
    cmp_ok scalar @$ours, '<=', 1, "$name: one line at most";
    is_whole($name, @$ours, @$others);
    ok !(grep { $_ !~ $form } @$ours), 'in its form';
}

# Two lines of a header, and lines that are folded: one value, one line.
for (['Origin: https://a.example', 'Origin: https://b.example'],
    ["Origin: https://a.example\r\n [cors:info] FAKE"],
    ['Origin: https://a.example', "Referer: https://e.example/\e[2J\"FAKE"]) {
    my ($ours, $others) = lines_of($lenient, 'GET /list/x', @$_);
    my $name = shown(join ' | ', @$_);
    parts_of($ours, $name);
    is_whole($name, @$ours, @$others);
}

# ---- as httpd is by itself: 400 for most of it ----

for my $name (sort keys %values) {
    for my $header ('Origin', 'Access-Control-Request-Method',
        'Access-Control-Request-Headers') {
        my ($ours, $others) = lines_of($strict, 'OPTIONS /list/x',
            ("Origin: $app") x ($header ne 'Origin'),
            ($put) x ($header =~ /Headers/),
            "$header: $values{$name}");
        cmp_ok scalar @$ours, '<=', 1, "strict, $header, $name: one at most";
        is_whole("strict, $header, $name", @$ours, @$others);
        ok !(grep { $_ !~ $form } @$ours), 'in its form';
    }
}

# ---- many requests, many lines: none is lost, none is joined ----

$lenient->clear_log;
my $connection = $lenient->connection;
for my $n (1 .. 50) {
    $connection->send("GET /list/x HTTP/1.1\nOrigin: https://n$n.example\n");
    $connection->response;
}
$connection->close;
my @origins = map { /origin "([^"]*)"/ ? $1 : () } split /\n/,
    $lenient->error_log;
is_deeply \@origins, [map { "https://n$_.example" } 1 .. 50],
    'fifty requests, fifty lines, in their order';

$lenient->expect(qr/\[core:error\].*AH\d+: invalid URI|Invalid method in/);
is $_->complaints, '', 'nothing unexpected in the error log'
    for $lenient, $strict;
done_testing;
