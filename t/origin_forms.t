# What a line of CorsAllowOrigin allows, origin by origin. Without this a form
# of origin could let in a look-alike (another port, another host that ends
# alike, a text that is no origin at all), or keep out a page that was meant.
# Every form is asked twice: alone, and among 1,000 other origins, where an
# index takes the place of the search from end to end.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

# Names, and a host, of just a length: label(63), host(253, '.example.com').
sub label($length) { return 'x' x $length }

sub host($length, $end)
{
    my $left = $length - length $end;
    my $labels = join '.', ('y' x 49) x int($left / 50);
    my $rest = $left - length $labels;
    return 'z' x ($rest - 1) . ".$labels$end";
}

# What is never allowed on account of an allowed origin, with or without a
# port: everything here is no serialised origin, or the origin of others.
sub near($scheme, $host, $port = '')
{
    my $origin = "$scheme://$host$port";
    my $default = $scheme eq 'http' ? 80 : 443;
    my %other = (https => 'http', http => 'https');
    my $utf8 = "\xc3\xa9";
    return (
        # another scheme
        map({ "$_://$host$port" } $other{$scheme} // 'https', 'ws', 'wss',
            'ftp', 'file', "${scheme}x", "x$scheme", "$scheme+x", '',
            's' x 65, '1https', '-', uc $scheme, ucfirst $scheme),
        "$scheme:$host$port", "$scheme:/$host$port", "$scheme:///$host$port",
        "$scheme//$host$port", "//$host$port", "$host$port",
        # another host
        "$scheme://" . uc($host) . $port, "$scheme://$host.$port",
        "$scheme://$host..$port", "$scheme://.$host$port",
        "$scheme://a..$host$port", "$scheme://$host.evil.net$port",
        "$scheme://$host-evil.net$port", "$scheme://evil.net$port",
        "$scheme://*.$host$port", "$scheme://*$port", "$scheme://$port",
        "$scheme://%61.$host$port", "$scheme://$host%00$port",
        "$scheme://$host%2eevil.net$port",
        "$scheme://" . label(64) . ".$host$port",
        "$scheme://" . host(254, ".$host") . $port,
        "$scheme://$utf8.$host$port", "$scheme://$host$utf8$port",
        # another port
        map({ "$scheme://$host:$_" } '', 0, '00', '080', '08443', $default,
            65536, 99999, '18446744073709551696', -1, '+80', '8a', '0x50',
            '*', '80:80', '8443.', "8443$utf8"),
        # something behind it, or around it
        map({ $origin . $_ } '/', '//', '/path', '/..', '?', '?query', '#',
            '#fragment', '\\', '%', '*', ',', ';', ' x', "\t$origin",
            " $origin", ",$origin", ", $origin", ', null', ';x', "$utf8",
            "\xa0", "\xff", 'x' x 7900, '/' x 7900),
        map({ sprintf $_, $origin } '"%s"', "'%s'", '<%s>', '(%s)', '=%s',
            ':%s', '/%s', ',%s', '*%s', 'null, %s', "\xef\xbb\xbf%s",
            'https://evil.net, %s'),
        "$scheme://$host :80", "$scheme://$host\t:80",
        "$scheme:// $host$port", "$scheme ://$host$port",
        # a user
        map({ "$scheme://$_\@$host$port" } '', 'user', 'user:password', ':',
            'evil.net', 'https://evil.net'),
        "$scheme://$host$port\@evil.net", "$scheme://$host:x\@evil.net",
        # a URL that holds it
        map({ "$scheme://evil.net$_" } "/$host$port", "/.$host$port",
            "/$origin", "?$origin", "#$origin", "\\.$host$port",
            "/?x=.$host$port", "#.$host$port", ":$origin"),
        "blob:$origin", "filesystem:$origin/", "javascript://$host$port/",
        # the name behind 8,000 bytes of labels
        "$scheme://" . ('a.' x 3950) . "$host$port",
        # two headers
        [$origin, $origin], [$origin, ''], ['', $origin],
        [$origin, 'https://evil.net'], ['https://evil.net', $origin],
        # httpd itself answers these with 400
        map({ "$origin$_" } "\x01", "\x1f", "\x7f", "\x0b", "\x0c", "\x1b[1m",
            "\0", "\0.evil.net"),
        "$scheme://\x7f.$host$port", 'x' x 8185,
    );
}

# No origin of anybody.
my @nobody = ('', '*', '-', ':', '/', '//', '://', 'https:', 'https://',
    'https://[', 'https://[::1', 'https://[]', 'none', 'true', 'undefined',
    'self', 'origin', 'about:blank', 'data:,x', 'file://', 'file:///',
    'a b', 'x' x 8000, ',' x 8000, ('a,' x 4000));

my @not_null = map { [$_ => 0] } 'null', 'NULL', ['null', 'null'];

my $longest = 's' x 64 . '://' . host(253, '.example.com') . ':65535';
die if length $longest != 326;

# Each form: what is written, what other lines say, and what becomes of
# origins, 1 for those that are allowed.
my %form = (
    exact => {
        says => 'https://app.example.com https://xn--bcher-kva.example'
            . ' https://' . label(63) . '.example.com'
            . ' https://' . host(253, '.example.com'),
        near => [near('https', 'app.example.com')],
        origins => [
            ['https://app.example.com' => 1],
            ["  \t https://app.example.com" => 1],
            ["https://app.example.com \t  " => 1],
            ['https://xn--bcher-kva.example' => 1],
            ['https://' . label(63) . '.example.com' => 1],
            ['https://' . label(62) . '.example.com' => 0],
            ['https://' . host(253, '.example.com') => 1],
            ['https://' . host(252, '.example.com') => 0],
            ['https://' . host(253, '.example.com') . ':8443' => 0],
            ['https://xn--bcher-kva.example.com' => 0],
            ["https://b\xc3\xbccher.example" => 0],
            ["https://b\xfccher.example" => 0],
            ['https://app.example.com:8443' => 0],
            ['https://app.example.com:80' => 0],
            ['https://evilapp.example.com' => 0],
            ['https://evil.app.example.com' => 0],
            ['https://app-example.com' => 0],
            ['https://appxexample.com' => 0],
            ['https://app.example.co' => 0],
            ['https://app.example.comm' => 0],
            ['https://pp.example.com' => 0],
            ['https://example.com' => 0],
            ['https://app.example' => 0],
            ['https://app' => 0],
            @not_null,
        ],
    },
    port => {
        says => 'http://app.example.com:3000 http://127.0.0.1:8080',
        near => [near('http', 'app.example.com', ':3000'),
            near('http', '127.0.0.1', ':8080')],
        origins => [
            ['http://app.example.com:3000' => 1],
            ['http://127.0.0.1:8080' => 1],
            ['http://app.example.com' => 0],
            ['http://app.example.com:300' => 0],
            ['http://app.example.com:30000' => 0],
            ['http://app.example.com:03000' => 0],
            ['http://app.example.com:3001' => 0],
            ['http://app.example.com:8080' => 0],
            ['https://app.example.com:3000' => 0],
            ['http://evilapp.example.com:3000' => 0],
            ['http://127.0.0.1' => 0],
            ['http://127.0.0.1:3000' => 0],
            ['http://127.0.0.2:8080' => 0],
            ['http://127.0.0.11:8080' => 0],
            ['http://1127.0.0.1:8080' => 0],
            ['http://a.127.0.0.1:8080' => 0],
            ['http://127.0.0.01:8080' => 0],
            ['http://127.0.0.0x1:8080' => 0],
            ['http://0177.0.0.1:8080' => 0],
            ['http://127.1:8080' => 0],
            ['http://127.0.1:8080' => 0],
            ['http://2130706433:8080' => 0],
            ['http://0x7f000001:8080' => 0],
            ['http://0x7f.0.0.1:8080' => 0],
            ['http://127.0.0.256:8080' => 0],
            ['http://127.0.0.1.:8080' => 0],
            ['http://[::ffff:7f00:1]:8080' => 0],
            ['http://[::ffff:127.0.0.1]:8080' => 0],
            ['http://localhost:8080' => 0],
            @not_null,
        ],
    },
    scheme => {
        says => "capacitor://localhost $longest",
        near => [near('capacitor', 'localhost')],
        origins => [
            ['capacitor://localhost' => 1],
            [$longest => 1],
            ["s$longest" => 0],
            [substr($longest, 1) => 0],
            [substr($longest, 0, -1) => 0],
            ["${longest}0" => 0],
            ['http://localhost' => 0],
            ['https://localhost' => 0],
            ['ionic://localhost' => 0],
            ['capacitor-electron://localhost' => 0],
            ['apacitor://localhost' => 0],
            ['capacitor://localhost:80' => 0],
            ['capacitor://localhost:443' => 0],
            ['capacitor://localhost:8100' => 0],
            ['capacitor://localhosts' => 0],
            ['capacitor://ocalhost' => 0],
            ['capacitor://local' => 0],
            ['capacitor://app.localhost' => 0],
            ['capacitor://127.0.0.1' => 0],
            ['capacitor://' => 0],
            ['capacitor:' => 0],
            ['capacitor' => 0],
            @not_null,
        ],
    },
    ipv6 => {
        says => 'http://[::1]:8080 https://[2001:db8::a]',
        near => [near('https', '[2001:db8::a]'), near('http', '[::1]',
            ':8080')],
        origins => [
            ['http://[::1]:8080' => 1],
            ['https://[2001:db8::a]' => 1],
            ['https://[2001:db8::A]' => 0],
            ['https://[2001:db8:0::a]' => 0],
            ['https://[2001:db8:0:0:0:0:0:a]' => 0],
            ['https://[2001:0db8::a]' => 0],
            ['https://[2001:db8::000a]' => 0],
            ['https://[2001:db8::0.0.0.10]' => 0],
            ['https://[2001:db8::a%25eth0]' => 0],
            ['https://[2001:db8::a%eth0]' => 0],
            ['https://[2001:db8::a]:443' => 0],
            ['https://[2001:db8::a]:8443' => 0],
            ['https://[2001:db8::a' => 0],
            ['https://2001:db8::a]' => 0],
            ['https://2001:db8::a' => 0],
            ['https://[[2001:db8::a]]' => 0],
            ['https://[2001:db8::a]x' => 0],
            ['https://x[2001:db8::a]' => 0],
            ['https://[2001:db8::a]]' => 0],
            ['https://[2001:db8::b]' => 0],
            ['https://[2001:db8::1:a]' => 0],
            ['https://[2001:db8:::a]' => 0],
            ['https://[1:2:3:4:5:6:7:8:9]' => 0],
            ['https://[2001:db8::g]' => 0],
            ['https://[]' => 0],
            ['http://[::1]' => 0],
            ['http://[::1]:80' => 0],
            ['http://[::1]:808' => 0],
            ['http://[::1]8080' => 0],
            ['http://[::1]:8081' => 0],
            ['http://[::2]:8080' => 0],
            ['http://[::]:8080' => 0],
            ['http://[0::1]:8080' => 0],
            ['http://[::0001]:8080' => 0],
            ['http://[0:0:0:0:0:0:0:1]:8080' => 0],
            ['http://[::127.0.0.1]:8080' => 0],
            ['http://[::ffff:7f00:1]:8080' => 0],
            ['http://127.0.0.1:8080' => 0],
            ['http://localhost:8080' => 0],
            @not_null,
        ],
    },
    subdomains => {
        says => 'https://*.example.com',
        near => [near('https', 'a.example.com')],
        origins => [
            ['https://a.example.com' => 1],
            ['https://a.b.c.example.com' => 1],
            ['https://' . ('a.' x 120) . 'example.com' => 1],
            ['https://xn--bcher-kva.example.com' => 1],
            ['https://www.example.com.example.com' => 1],
            ['https://evil.net.example.com' => 1],
            ['https://-.example.com' => 1],
            ['https://_a_.example.com' => 1],
            ['https://-a-.example.com' => 1],
            ['https://0.example.com' => 1],
            ['https://1.2.3.4.example.com' => 1],
            ['https://0x7f.example.com' => 1],
            ['https://' . label(63) . '.example.com' => 1],
            ['https://' . host(253, '.example.com') => 1],
            ['https://' . label(64) . '.a.example.com' => 0],
            ['https://a.' . label(64) . '.example.com' => 0],
            ['https://' . host(254, '.example.com') => 0],
            ['https://example.com' => 0],
            ['https://.example.com' => 0],
            ['https://..example.com' => 0],
            ['https://a..example.com' => 0],
            ['https://a...example.com' => 0],
            ['https://a..b.example.com' => 0],
            ['https://xexample.com' => 0],
            ['https://x-example.com' => 0],
            ['https://a.xexample.com' => 0],
            ['https://a.example.com.evil.net' => 0],
            ['https://xexample.com.evil.net' => 0],
            ['https://a.example.co' => 0],
            ['https://a.example.comm' => 0],
            ['https://a.example.org' => 0],
            ['https://a.examplexcom' => 0],
            ['https://a.example.com:8443' => 0],
            ['https://A.example.com' => 0],
            ['https://a.EXAMPLE.com' => 0],
            ['https://a+b.example.com' => 0],
            ['https://a b.example.com' => 0],
            ['https://a@example.com' => 0],
            ['https://a:.example.com' => 0],
            ['https://a:80.example.com' => 0],
            ['https://[::1].example.com' => 0],
            ['https://evil.net/.example.com' => 0],
            ['https://evil.net:80/.example.com' => 0],
            ['https://evil.net:1#.example.com' => 0],
            @not_null,
        ],
    },
    any_port => {
        says => 'http://localhost:*',
        near => [near('http', 'localhost')],
        origins => [
            ['http://localhost' => 1],
            ['http://localhost:1' => 1],
            ['http://localhost:443' => 1],
            ['http://localhost:3000' => 1],
            ['http://localhost:65535' => 1],
            ['http://localhost:80' => 0],
            ['http://localhost:65540' => 0],
            ['http://localhost:655350' => 0],
            ['http://localhost:3000/' => 0],
            ['http://localhost:3000x' => 0],
            ['http://localhost:3000, http://localhost:3000' => 0],
            ['http://localhost:3000:3000' => 0],
            ['http://localhost::3000' => 0],
            ['http://localhost:3 000' => 0],
            ['http://localhost: 3000' => 0],
            ['http://localhost:3000@evil.net' => 0],
            ['http://localhost.:3000' => 0],
            ['http://localhost.evil.net' => 0],
            ['http://localhost.evil.net:80' => 0],
            ['http://localhost.evil.net:3000' => 0],
            ['http://localhostx:80' => 0],
            ['http://localhostx:3000' => 0],
            ['http://xlocalhost:3000' => 0],
            ['http://app.localhost:3000' => 0],
            ['http://LOCALHOST:3000' => 0],
            ['http://127.0.0.1:3000' => 0],
            ['http://[::1]:3000' => 0],
            ['https://localhost' => 0],
            ['https://localhost:3000' => 0],
            @not_null,
        ],
    },
    any_port_below => {
        says => 'https://*.example.com:*',
        near => [near('https', 'a.example.com')],
        origins => [
            ['https://a.example.com' => 1],
            ['https://a.b.example.com' => 1],
            ['https://a.example.com:80' => 1],
            ['https://a.example.com:8443' => 1],
            ['https://a.b.example.com:1' => 1],
            ['https://a.example.com:65535' => 1],
            ['https://' . label(63) . '.example.com:8443' => 1],
            ['https://' . host(253, '.example.com') . ':65535' => 1],
            ['https://' . host(254, '.example.com') . ':65535' => 0],
            ['https://' . label(64) . '.example.com:8443' => 0],
            ['https://a.example.com:443' => 0],
            ['https://a.example.com:65536' => 0],
            ['https://a.example.com:08443' => 0],
            ['https://example.com' => 0],
            ['https://example.com:8443' => 0],
            ['https://.example.com:8443' => 0],
            ['https://a..example.com:8443' => 0],
            ['https://a.example.com.:8443' => 0],
            ['https://xexample.com:8443' => 0],
            ['https://a.example.com.evil.net:8443' => 0],
            ['https://a.example.com:8443.evil.net' => 0],
            ['https://evil.net:8443.example.com' => 0],
            ['https://evil.net:8443/.example.com:8443' => 0],
            ['https://a:8443.example.com:8443' => 0],
            ['https://a.example.com:8443:8443' => 0],
            ['http://a.example.com:8443' => 0],
            @not_null,
        ],
    },
    null => {
        says => 'null',
        near => [near('https', 'null')],
        origins => [
            ['null' => 1],
            ["\t null " => 1],
            map({ [$_ => 0] } 'NULL', 'Null', 'nul', 'nulll', 'ull', 'xnull',
                'null null', 'null,null', 'null, null', ['null', 'null'],
                ['null', ''], ['', 'null'], ['null', 'https://a.example.com'],
                'null, https://a.example.com', "null\tnull", 'null,', ',null',
                'null;', 'null.', '.null', 'null:', 'null:80', 'null/',
                'null//', 'null?', 'null#', 'null@', '@null', 'null://',
                'null://null', '//null', 'https://null', 'http://null:80',
                '"null"', "'null'", '(null)', '[null]', '%6eull', 'null%00',
                "nu\xc3\xaell", "null\xa0", "\xef\xbb\xbfnull", "null\x01",
                "null\x7f", "null\0", 'null' x 1900, 'opaque', 'nil',
                'about:srcdoc', 'blob:null', 'https://a.example.com',
                'http://localhost', 'capacitor://localhost',
                'http://[::1]:8080'),
        ],
    },
);

# "*" allows whatever was sent: all that is in any of the tables.
my %seen;
$form{any} = {
    says => '*',
    near => [],
    origins => [map { [$_ => 1] } grep { !$seen{ref ? "@$_" : $_}++ }
        map { (@{ $_->{near} }, map { $_->[0] } @{ $_->{origins} }) }
        map { $form{$_} } sort keys %form],
};

# Origins of others, 1,000 of them; none of them allows anything above. "*"
# stands alone, so it is asked once only.
my @others = map {
    ("https://app$_.example.net", "https://*.sub$_.example.net",
        "http://app.example.com:1$_", "https://app$_.example.com.example.net")
} 1000 .. 1249;

my @cases = map {
    ([$_, 'alone', $form{$_}{says}], $_ eq 'any' ? ()
        : [$_, 'among 1,000', @others[0 .. 499], $form{$_}{says},
            @others[500 .. 999]])
} sort keys %form;

my ($config, %files) = ('');
for (@cases) {
    my ($name, $size, @origins) = @$_;
    my $place = "$name/" . ($size =~ s/\W/_/gr);
    $files{"htdocs/$place/x.txt"} = "x\n";
    $config .= join "\n", "<Location /$place>",
        map({ "    CorsAllowOrigin $_" } @origins), "</Location>\n";
}
my $httpd = Test::Httpd->config(config => $config, files => \%files)->start;

sub lines($origin)
{
    return join '', map { "Origin: $_\n" } ref $origin ? @$origin : $origin;
}

# What httpd itself does not take: control bytes, lines over 8,190 bytes.
sub is_refused_by_httpd($origin)
{
    return grep { /[\0-\x08\x0b-\x1f\x7f]/ || length > 8182 }
        ref $origin ? @$origin : $origin;
}

sub shown($origin)
{
    my $text = lines($origin) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
    return length $text < 100 ? $text
        : sprintf '%.60s... (%d bytes)', $text, length $text;
}

# The status, and every Access-Control-Allow-Origin that came.
sub answer($request)
{
    my $r = $httpd->request($request);
    my $allowed = $r->{headers}{'access-control-allow-origin'} // [];
    return join ' | ', $r->{status}, @$allowed;
}

# In an answer "*" stands for itself, and an origin for itself, trimmed.
sub expected($name, $origin, $is_allowed, $yes, $no)
{
    return '400' if is_refused_by_httpd($origin);
    return $no if !$is_allowed;
    return "$yes | " . ($name eq 'any' ? '*' : $origin =~ s/^\s+|\s+$//gr);
}

for (@cases) {
    my ($name, $size) = @$_;
    my $path = "/$name/" . ($size =~ s/\W/_/gr) . '/x.txt';
    my %table = %{ $form{$name} };
    my %is_good = map { $_->[0] => $_->[1] } @{ $table{origins} };
    my @rows = (@{ $table{origins} }, map { [$_ => 0] }
        grep { !$is_good{$_} } @{ $table{near} },
        $name eq 'any' ? () : @nobody);
    subtest "$name, $size" => sub {
        cmp_ok scalar @rows, '>=', 40, 'a table of 40 origins at least';
        for (@rows) {
            my ($origin, $is_allowed) = @$_;
            my $word = $is_allowed ? 'allowed' : 'denied';
            is answer("GET $path HTTP/1.1\n" . lines($origin)),
                expected($name, $origin, $is_allowed, 200, 200),
                "$word: " . shown($origin);
            is answer("OPTIONS $path HTTP/1.1\n" . lines($origin)
                    . "Access-Control-Request-Method: GET\n"),
                expected($name, $origin, $is_allowed, 204, 403),
                'and its preflight';
        }
    };
}

is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
