# What each form of CorsAllowOrigin allows on a real server, alone and among
# 1,000 other origins, where an index takes the place of the search. Every
# origin near to an allowed one is tried in t/unit/origin_list.c; here are those
# that a request can spoil on its way: blanks, several lines, bytes, lengths.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $host253 = join '.', 'z' x 37, ('y' x 49) x 4, 'example.com' . 'm' x 3;
$host253 = ('z' x (253 - length $host253)) . $host253;
my $longest = 's' x 64 . "://$host253:65535";
is length $longest, 326, 'the longest origin has 326 bytes';

# What no origin leads to, on account of an allowed one.
sub near
{
    my ($origin) = @_;
    my ($scheme, $host) = $origin =~ m{^(.*?)://([^:]+)};
    return (
        map({ $origin . $_ } '/', '?', '#', '\\', ',', ' x', ', null', "\xff",
            '.evil.net', '@evil.net', ':80:80', 'x' x 7800),
        map({ $_ . $origin } ',', 'x', '"', 'null, ', 'https://evil.net, ',
            'blob:', "\xef\xbb\xbf"),
        map({ "$_://$host" } uc $scheme, 'ws', "${scheme}x", 's' x 65, ''),
        map({ "$scheme://$_" } uc $host, "$host.", ".$host", "a..$host",
            "user\@$host", "$host%00", "evil.net/$host", "evil.net/.$host",
            "evil.net#.$host", 'x' x 64 . ".$host", ('a.' x 3900) . $host,
            "$host:0", "$host:080", "$host:65536", "$host:80a", '*', ''),
        [$origin, $origin], [$origin, ''], ['', $origin],
        [$origin, 'https://evil.net'], ['https://evil.net', $origin]);
}

my @nobody = ('', '*', ':', '//', 'https:', 'https://', 'https://[', 'none',
    'NULL', 'self', 'about:blank', 'file:///', 'x' x 8000, 'a,' x 4000);

# Each form: what is written, what it allows, and what it does not.
my @forms = (
    ["https://app.example.com https://xn--bcher-kva.example https://$host253",
        ['https://app.example.com', 'https://xn--bcher-kva.example',
            "https://$host253"],
        ['http://app.example.com', 'https://app.example.com:8443',
            'https://evil.app.example.com', 'https://appxexample.com',
            "https://b\xc3\xbccher.example", "https://a$host253", 'null']],
    ['http://app.example.com:3000 http://127.0.0.1:8080',
        ['http://app.example.com:3000', 'http://127.0.0.1:8080'],
        ['http://app.example.com', 'http://app.example.com:30000',
            'http://127.0.0.1', 'http://127.1:8080', 'http://0177.0.0.1:8080',
            'http://2130706433:8080', 'http://[::ffff:7f00:1]:8080', 'null']],
    ["capacitor://localhost file:// app://. $longest",
        ['capacitor://localhost', 'file://', 'app://.', $longest],
        ['ionic://localhost', 'capacitor://localhost:80', 'file:', 'file:///',
            'File://', 'app://', 'app://..', 'app://./', "${longest}0",
            "s$longest", 'null']],
    ['http://[::1]:8080 https://[2001:db8::a]',
        ['http://[::1]:8080', 'https://[2001:db8::a]'],
        ['http://[::1]', 'http://[0::1]:8080', 'https://[2001:db8::A]',
            'https://[2001:db8:0::a]', 'https://[2001:db8::0.0.0.10]',
            'https://[2001:db8::a%25eth0]', 'https://2001:db8::a',
            'https://[2001:db8::a', 'http://127.0.0.1:8080', 'null']],
    ['https://*.example.com',
        ['https://a.example.com', 'https://a.b.c.example.com',
            'https://_a-.example.com', 'https://' . 'a.' x 120 . 'example.com',
            'https://' . 'x' x 63 . '.example.com',
            'https://www.example.com.example.com'],
        ['https://example.com', 'https://xexample.com',
            'https://.example.com', 'https://a..example.com',
            'https://a.example.com:8443', 'https://a.example.com.evil.net',
            'https://' . 'a.' x 122 . 'example.com',
            'https://evil.net/.example.com', 'null']],
    ['http://localhost:* https://*.example.com:*',
        ['http://localhost', 'http://localhost:1', 'http://localhost:65535',
            'https://a.b.example.com', 'https://a.example.com:8443'],
        ['https://localhost', 'http://localhost:80', 'http://localhost.:1',
            'http://app.localhost:3000', 'http://localhost:3000@evil.net',
            'https://example.com:8443', 'https://a.example.com:443',
            'https://a:8443.example.com:8443', 'null']],
    ['null', ['null', "\t null "],
        ['NULL', 'null, null', ['null', 'null'], ['null', ''], 'null,',
            'https://null', 'null://', '%6eull', "null\xa0", 'file://']],
);

# None of them allows anything above.
my @others = map {
    ("https://app$_.example.net", "https://*.sub$_.example.net",
        "http://app.example.com:1$_", "https://app$_.example.com.example.net")
} 1000 .. 1249;

my ($config, %files) = ('');
for my $n (0 .. $#forms) {
    my @sizes = ($forms[$n][0], join ' ', @others[0 .. 499], $forms[$n][0],
        @others[500 .. 999]);
    for my $size (0 .. $#sizes) {
        $files{"htdocs/$n/$size/x.txt"} = "x\n";
        $config .= "<Location /$n/$size>\n"
            . join('', map { "CorsAllowOrigin $_\n" } split ' ', $sizes[$size])
            . "</Location>\n";
    }
}
$files{'htdocs/any/x.txt'} = "x\n";
$config .= "<Location /any>\nCorsAllowOrigin *\n</Location>\n";
my $httpd = Test::Httpd->config(config => $config, files => \%files)->start;

sub lines
{
    my ($origin) = @_;
    return join '', map { "Origin: $_\n" } ref $origin ? @$origin : $origin;
}

# What is answered to a GET and a preflight of each origin.
sub answers
{
    my ($path, @origins) = @_;
    my @answers;
    while (my @some = splice @origins, 0, 20) {
        push @answers, map {
            join ' ', $_->{status},
                @{ $_->{headers}{'access-control-allow-origin'} // [] }
        } $httpd->pipeline(map { ("GET $path HTTP/1.1\n" . lines($_),
            "OPTIONS $path HTTP/1.1\n" . lines($_)
                . "Access-Control-Request-Method: GET\n") } @some);
    }
    return @answers;
}

my @denied_somewhere;
for my $n (0 .. $#forms) {
    my ($form, $allowed, $denied) = @{ $forms[$n] };
    my %is_allowed = map { $_ => 1 } @$allowed;
    my @denied = grep { !$is_allowed{$_} } @$denied, @nobody,
        map { near($_) } grep { m{://\w} && length $_ < 100 } @$allowed;
    push @denied_somewhere, @denied;
    for my $size (0, 1) {
        my $name = substr($form, 0, 40) . ($size ? ' among 1,000' : ' alone');
        is_deeply [answers("/$n/$size/x.txt", @$allowed)],
            [map { my $sent = s/^\s+|\s+$//gr; ("200 $sent", "204 $sent") }
                @$allowed], "$name: what is listed is allowed";
        is_deeply [answers("/$n/$size/x.txt", @denied)],
            [(200, 403) x @denied], "$name: what is near to it is denied";
    }
}
is_deeply [answers('/any/x.txt', @denied_somewhere)],
    [('200 *', '204 *') x @denied_somewhere], '"*" allows whatever was sent';

# httpd itself refuses control bytes and lines over 8,190 bytes.
for my $origin (map({ "https://app.example.com$_" } "\x01", "\x1f", "\x7f",
    "\x0c", "\0.evil.net"), 'x' x 8185) {
    my $shown = $origin =~ s/([^ -~])/sprintf '\x%02x', ord $1/ger;
    $shown = substr $shown, 0, 40;
    is $httpd->request("GET $_->[0]/x.txt HTTP/1.1\n" . lines($origin))
        ->{headers}{'access-control-allow-origin'}[0], $_->[1],
        "$shown is a bad request with the headers of $_->[0]"
        for ['/0/0', undef], ['/any', '*'];
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
