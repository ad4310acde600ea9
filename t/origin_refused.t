# A wrong origin is refused when the configuration is read, with a message that
# says what to write instead. Without this a typing mistake would start a
# server that lets in more than was meant, or one whose pages wonder why they
# are kept out.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

sub label($length) { return 'x' x $length }

# A host of just this length.
sub host($length)
{
    my $end = join '.', ('y' x 49) x 4, 'example.com';
    return 'z' x ($length - 1 - length $end) . ".$end";
}

my $good = 'https://app.example.com';
my @refused;

# Rows of [arguments, what the message is about, right spelling, the value it
# names if that is not all of the arguments].
sub refused($directive, @rows)
{
    push @refused, map { {
        name => "$directive $_->[0]", lines => ["$directive $_->[0]"],
        directive => $directive, value => $_->[3] // $_->[0],
        reason => $_->[1], instead => $_->[2],
    } } @rows;
}

# ---- by itself ----

refused CorsAllowOrigin =>
    # an origin without scheme
    ['app.example.com', qr/scheme/, $good],
    ['//app.example.com', qr/scheme/, $good],
    ['://app.example.com', qr/scheme/],
    ['app.example.com/path', qr/scheme/, $good],
    ['app.example.com:8443', qr/scheme/, "$good:8443"],
    ['*.example.com', qr/scheme/, 'https://*.example.com'],
    ['localhost', qr/scheme/, 'http://localhost'],
    ['localhost:3000', qr/scheme/, 'http://localhost:3000'],
    ['localhost:*', qr/scheme/, 'http://localhost:*'],
    ['127.0.0.1:8080', qr/scheme/, 'http://127.0.0.1:8080'],
    ['[::1]:8080', qr/scheme/, 'http://[::1]:8080'],
    ['https:app.example.com', qr/scheme|:\/\//],
    ['https:/app.example.com', qr/scheme|:\/\//],
    ['data:text/html', qr/scheme/],
    ['mailto:user@example.com', qr/scheme/],
    ['self', qr/scheme/],
    ['1https://app.example.com', qr/scheme/],
    ['-https://app.example.com', qr/scheme|'-'/],
    ['ht_tp://app.example.com', qr/scheme/],
    ['blob:https://app.example.com', qr/scheme/],
    ['NULL', qr/./, 'null'],

    # with path, query, fragment or userinfo
    ["$good/path", qr/path/, $good],
    ["$good//", qr/path/, $good],
    ["$good/.", qr/path/, $good],
    ["$good/*", qr/path/, $good],
    ["$good/?x", qr/path|query/, $good],
    ["$good?x=y", qr/query/, $good],
    ["$good?", qr/query/, $good],
    ["$good#x", qr/fragment/, $good],
    ["$good#", qr/fragment/, $good],
    ["$good:8443/x", qr/path/, "$good:8443"],
    ['https://*.example.com/x', qr/path/, 'https://*.example.com'],
    ['http://[::1]:8080/x', qr/path/, 'http://[::1]:8080'],
    ['https://user@app.example.com', qr/user/, $good],
    ['https://user:password@app.example.com', qr/user/, $good],
    ['https://@app.example.com', qr/user/, $good],
    ['https://user@app.example.com/path', qr/user|path/, $good],
    ['https://user@app.example.com:0', qr/user|port/],
    ['https://user@', qr/user|host/],
    ['http://user@127.1', qr/user|IPv4/],
    ["https://$good", qr/path|host/],
    ['https://?x', qr/query|host/],
    ['https://a*/x', qr/path|\*/],

    # a "*" anywhere but as the whole value, the first label or the port
    ['h*', qr/scheme|\*/],
    ['https*', qr/scheme|\*/],
    ['**', qr/scheme|\*/],
    ['https://*', qr/\*/],
    ['https://*:8443', qr/\*/],
    ['https://*mysite.example.org', qr/\*/, 'https://*.mysite.example.org'],
    ['https://**.example.org', qr/\*/],
    ['https://*.*.example.org', qr/\*/],
    ['https://app.*.example.org', qr/\*/],
    ['https://app*.example.org', qr/\*/],
    ['https://a*b.example.org', qr/\*/],
    ['https://app.example.*', qr/\*/],
    ['https://app.example.org*', qr/\*/],
    ['https://*.example.org*', qr/\*/],
    ['https://[*]', qr/./],
    ['*://app.example.com', qr/\*/, $good],
    ['http*://app.example.com', qr/\*/, $good],
    ["$good:8*", qr/\*/, "$good:*"],
    ["$good:*8", qr/\*/, "$good:*"],
    ["$good:**", qr/\*/, "$good:*"],

    # "*." in front of an address or of a single label
    ['https://*.127.0.0.1', qr/address/],
    ['https://*.[::1]', qr/address/],
    ['https://*.1', qr/address|label/],
    ['https://*.com', qr/label/],
    ['https://*.intranet', qr/label/],
    ['https://*.com:*', qr/label/],
    ['https://*.', qr/label|host/],

    # ports
    ["$good:0", qr/port/, $good],
    ["$good:00", qr/port/, $good],
    ["$good:08443", qr/port/, "$good:8443"],
    ["$good:00443", qr/port/, $good],
    ['http://app.example.com:080', qr/port/, 'http://app.example.com'],
    ["$good:65536", qr/port.*65535/],
    ["$good:100000", qr/port.*65535/],
    ["$good:18446744073709560059", qr/port.*65535/],
    ["$good:", qr/port/, $good],
    ["$good:-1", qr/port/],
    ["$good:https", qr/port/],
    ["$good:80:80", qr/port/],
    ['http://[::1]:0', qr/port/, 'http://[::1]'],
    ['http://*.localhost:0', qr/port/, 'http://*.localhost'],

    # IPv4 that is not a dotted quad
    ['http://127.1', qr/IPv4/, 'http://127.0.0.1'],
    ['http://127.0.1:8080', qr/IPv4/, 'http://127.0.0.1:8080'],
    ['http://2130706433', qr/IPv4/, 'http://127.0.0.1'],
    ['http://0x7f000001', qr/IPv4/, 'http://127.0.0.1'],
    ['http://0x7F.0.0.1', qr/IPv4/, 'http://127.0.0.1'],
    ['http://127.0.0.01', qr/IPv4/],
    ['http://0177.0.0.1', qr/IPv4/],
    ['http://127.0.0.256', qr/IPv4/],
    ['http://1.2.3.4.5', qr/IPv4/],
    ['http://1.2.3.0x', qr/IPv4/],
    ['http://4294967296', qr/IPv4/],
    ['http://example.1', qr/IPv4/],
    ['http://app.08', qr/IPv4/],

    # IPv6 not as the URL standard serialises it
    ['http://[0:0:0:0:0:0:0:1]', qr/IPv6/, 'http://[::1]'],
    ['http://[::0001]:8080', qr/IPv6/, 'http://[::1]:8080'],
    ['http://[0::1]', qr/IPv6/, 'http://[::1]'],
    ['http://[2001:db8:0:0:1:0:0:1]', qr/IPv6/, 'http://[2001:db8::1:0:0:1]'],
    ['http://[2001:db8::1:1:1:1:1]', qr/IPv6/,
        'http://[2001:db8:0:1:1:1:1:1]'],
    ['http://[2001:0DB8::A]', qr/IPv6/, 'http://[2001:db8::a]'],
    ['http://[1::2:0:0:0:3]', qr/IPv6/, 'http://[1:0:0:2::3]'],
    ['http://[::ffff:1.2.3.4]', qr/IPv6/, 'http://[::ffff:102:304]'],
    ['http://[::1.2.3.4]', qr/IPv6/, 'http://[::102:304]'],
    ['http://[fe80::1%25eth0]', qr/IPv6/],
    ['http://[1:2:3:4:5:6:7:8:9]', qr/IPv6/],
    ['http://[12345::]', qr/IPv6/],
    ['http://[1:2]', qr/IPv6/],
    ['http://[:::1]', qr/IPv6/],
    ['http://[]', qr/IPv6/],
    ['http://[::1', qr/IPv6|host/],
    ['http://[::1]x', qr/IPv6|host/],
    ['http://[v1.x]', qr/IPv6|host/],
    ['http://::1', qr/IPv6|port|host/],

    # letters beyond ASCII
    ["https://b\xc3\xbccher.example", qr/Punycode/],
    ["https://*.b\xc3\xbccher.example", qr/Punycode/],
    ["https://b\xfccher.example", qr/Punycode/],
    ["https://app.example\xe3\x80\x82com", qr/Punycode/],

    # schemes that no page's origin has
    ['file://', qr/file/],
    ['file:///', qr/file/],
    ['FILE:///home', qr/file/],
    ['ws://app.example.com', qr/http/, 'http://app.example.com'],
    ['wss://app.example.com', qr/http/, $good],
    ['wss://app.example.com:8443', qr/http/, "$good:8443"],
    ['ftp://app.example.com', qr/http/],

    # too long, or empty
    ['s' x 65 . '://app.example.com', qr/scheme.*64/],
    ['https://' . host(254), qr/host.*253/],
    ['https://' . label(64) . '.example.com', qr/label.*63/],
    ['https://*.' . label(64) . '.example.com', qr/label.*63/],
    ['https://*.' . host(254), qr/host.*253/],
    ['https://*.' . host(252), qr/host.*253/],
    ['https://', qr/host/],
    ['https:///', qr/host/],
    ['https://:8443', qr/host/],
    ['https://.example.com', qr/label/],
    ['https://a..example.com', qr/label/],
    ['https://*..example.com', qr/label/],
    ['https://.', qr/label|host/],
    ['https://app.example.com.', qr/dot|label/, $good],

    # what no host holds
    ["$good;", qr/./],
    ["<$good>", qr/./],
    ['https://app.example.com%00', qr/host/],
    ['https://a%2eexample.com', qr/host/],
    ['https://app+.example.com', qr/host/],

    # a variable that is not defined
    ['${ORIGINS}', qr/ORIGINS is not defined/],
    ['https://${NAME}', qr/NAME is not defined/],
    ['https://${NAME}:8443', qr/NAME is not defined/],
    ['+${ORIGINS}', qr/ORIGINS is not defined/, undef,
        qr/"\+?\$\{ORIGINS\}"/],
    ["$good \${MORE}", qr/MORE is not defined/, undef, qr/"[^"]*\$\{MORE\}"/],

    # "*" and "none" stand alone
    ["* $good", qr/alone/, undef, qr/"(?:\*|\Q$good\E)"/],
    ["$good *", qr/alone/, undef, qr/"(?:\*|\Q$good\E)"/],
    ["$good,*", qr/alone/, undef, qr/"(?:\*|\Q$good\E)"/],
    ['* null', qr/alone/, undef, qr/"(?:\*|null)"/],
    ["none $good", qr/alone/, undef, 'none'],
    ["$good none", qr/alone/, undef, 'none'],
    ['* none', qr/alone/, undef, qr/"(?:\*|none)"/],
    ["+$good none", qr/alone|'\+'/, undef, qr/"(?:\+?\Q$good\E|none)"/],

    # "+" before all items or before none
    ["+$good https://b.example", qr/'\+'/, undef, 'https://b.example'],
    ["$good +https://b.example", qr/'\+'/, undef, '+https://b.example'],

    # the wrong one among right ones is named
    ["$good http://b.example:0, https://c.example", qr/port/, undef,
        'http://b.example:0'],
    ["+$good, +b.example",
        qr{"(\+?)b\.example".*scheme.*"\1https://b\.example"}, undef,
        qr/"\+?b\.example"/];

# The same reading for CorsDenyOrigin.
refused CorsDenyOrigin =>
    ['app.example.com', qr/scheme/, $good],
    ["$good/path", qr/path/, $good],
    ['https://*evil.example', qr/\*/, 'https://*.evil.example'],
    ["$good:0", qr/port/, $good],
    ['http://[::0001]', qr/IPv6/, 'http://[::1]'],
    ["https://b\xc3\xbccher.example", qr/Punycode/],
    ['file://', qr/file/],
    ['${ORIGINS}', qr/ORIGINS is not defined/],
    ["* $good", qr/alone/, undef, qr/"(?:\*|\Q$good\E)"/],
    ["none $good", qr/alone/, undef, 'none'],
    ["+$good https://b.example", qr/'\+'/, undef, 'https://b.example'];

# Several lines of one section add up, so they are one list.
sub refused_lines(@rows)
{
    push @refused, map { {
        name => join(' + ', @{ $_->[0] }), lines => $_->[0],
        directive => 'CorsAllowOrigin', value => $_->[2], reason => $_->[1],
    } } @rows;
}

refused_lines
    [['CorsAllowOrigin *', "CorsAllowOrigin $good"], qr/alone/,
        qr/"(?:\*|\Q$good\E)"/],
    [["CorsAllowOrigin $good", 'CorsAllowOrigin *'], qr/alone/,
        qr/"(?:\*|\Q$good\E)"/],
    [['CorsAllowOrigin none', "CorsAllowOrigin $good"], qr/alone/,
        qr/"(?:none|\Q$good\E)"/],
    [["CorsAllowOrigin $good", 'CorsAllowOrigin none'], qr/alone/,
        qr/"(?:none|\Q$good\E)"/],
    [["CorsAllowOrigin $good", 'CorsAllowOrigin +https://b.example'],
        qr/'\+'/, qr{"\+?https://b\.example"}],
    [["CorsAllowOrigin +$good", 'CorsAllowOrigin https://b.example'],
        qr/'\+'/, qr{"https://b\.example"}];

# ---- with credentials, in whatever order the lines are ----

# The lines, written in four orders, among others and on their own.
sub orders(@lines)
{
    my $on = 'CorsAllowCredentials On';
    return (
        ['after', @lines, $on],
        ['before', $on, @lines],
        ['before, with more behind', $on, @lines, 'CorsMaxAge 60',
            'LimitRequestBody 0'],
        ['after, with more between', 'CorsAllowMethods PUT', @lines,
            'LimitRequestBody 0', 'CorsMaxAge 60', $on, 'LimitRequestBody 1'],
    );
}

sub refused_with_credentials($directive, @rows)
{
    for my $row (@rows) {
        my ($args, $reason, $instead, $value) = @$row;
        my @lines = ("$directive $args", $directive eq 'CorsAllowOrigin' ? ()
            : "CorsAllowOrigin $good");
        push @refused, map {
            my ($order, @all) = @$_;
            { name => "$directive $args (credentials $order)",
                lines => \@all, directive => $directive,
                value => $value // $args, reason => $reason,
                instead => $instead };
        } orders(@lines);
    }
}

refused_with_credentials CorsAllowOrigin =>
    ['*', qr/CorsAllowCredentials/],
    ['null', qr/CorsAllowCredentials/],
    ['http://app.example.com', qr/http\b.*CorsAllowCredentials/, $good],
    ['http://app.example.com:8080', qr/http\b.*CorsAllowCredentials/],
    ['http://app.example.com:*', qr/http\b.*CorsAllowCredentials/],
    ['http://*.example.com', qr/http\b.*CorsAllowCredentials/,
        'https://*.example.com'],
    ['http://intranet', qr/http\b.*CorsAllowCredentials/, 'https://intranet'],
    ['http://10.0.0.1', qr/http\b.*CorsAllowCredentials/, 'https://10.0.0.1'],
    ['http://128.0.0.1', qr/http\b.*CorsAllowCredentials/],
    ['http://127.0.0.1.example.com', qr/http\b.*CorsAllowCredentials/],
    ['http://localhost.example.com', qr/http\b.*CorsAllowCredentials/],
    ['http://notlocalhost', qr/http\b.*CorsAllowCredentials/],
    ['http://[2001:db8::1]', qr/http\b.*CorsAllowCredentials/],
    ['http://[::2]', qr/http\b.*CorsAllowCredentials/],
    ['http://[::ffff:7f00:1]', qr/http\b.*CorsAllowCredentials/],
    ['https://*.co.uk', qr/public suffix.*CorsAllowCredentials/],
    ['https://*.co.uk:*', qr/public suffix.*CorsAllowCredentials/],
    ['https://*.github.io', qr/public suffix.*CorsAllowCredentials/],
    ['https://*.anything.ck', qr/public suffix.*CorsAllowCredentials/],
    ['http://*.co.uk', qr/CorsAllowCredentials/],
    ['+http://app.example.com', qr/http\b.*CorsAllowCredentials/, $good,
        qr{"\+?http://app\.example\.com"}],
    ["$good null", qr/CorsAllowCredentials/, undef, 'null'],
    ["$good https://b.example http://c.example",
        qr/http\b.*CorsAllowCredentials/, 'https://c.example',
        'http://c.example'];
refused_with_credentials CorsExposeHeaders =>
    ['*', qr/CorsAllowCredentials/];

# ---- run them ----

my $indent = '    ';

sub shown($text)
{
    return length $text < 200 ? $text
        : sprintf '%.60s... (%d bytes)', $text, length $text;
}

sub section($open, @lines)
{
    my $close = $open =~ /^<(\w+)/ ? "</$1>\n" : '';
    return join '', $open ? "$open\n" : '', map({ "$indent$_\n" } @lines),
        $close;
}

# The lines of a message are those that name the directive and the value.
sub messages($case, $text)
{
    my $value = $case->{value};
    my $escaped = $value =~ s/([\x80-\xff])/sprintf '\\x%02x', ord $1/ger;
    my $named = ref $value ? $value : qr/"(?:\Q$value\E|\Q$escaped\E)"/;
    $text =~ s/\\\\x/\\x/g;
    return grep { /\b$case->{directive} $named/ } split /\n/, $text;
}

sub is_explained($case, $text)
{
    my @messages = messages($case, $text);
    is scalar @messages, 1, 'one message names directive and value'
        or diag $text;
    like $messages[0] // '', $case->{reason}, 'and the reason';
    like $messages[0] // '', qr/"\Q$case->{instead}\E"/,
        'and the right spelling' if defined $case->{instead};
    return $messages[0] // '';
}

my %advice;
for my $case (@refused) {
    my $name = shown($case->{name});
    subtest $name => sub {
        my $c = Test::Httpd->check_config(
            config => section('<Location />', @{ $case->{lines} }));
        ok !$c->{ok}, 'does not start';
        my $message = is_explained($case, $c->{output});
        $advice{$1} //= $name if $message =~ /\bwrite "([^"]*)"/;
    };
}

# What a message says to write is right itself, and nothing more is said.
for my $origin (sort keys %advice) {
    my $c = Test::Httpd->check_config(
        config => section('', "CorsAllowOrigin $origin"));
    is $c->{output}, "Syntax OK\n",
        "\"$origin\", the advice for $advice{$origin}, is taken";
}

# Wherever a section stands.
for (['', 'the main server'], ['<VirtualHost *:80>', 'a virtual host'],
    ['<Directory />', 'Directory'], ['<Files x>', 'Files'],
    ['<If "true">', 'If'], ['<Proxy *>', 'Proxy']) {
    my ($open, $where) = @$_;
    for my $lines (["CorsAllowOrigin $good/path"],
        ['CorsAllowOrigin *', 'CorsAllowCredentials On']) {
        my $c = Test::Httpd->check_config(modules => ['proxy'],
            config => section($open, @$lines));
        ok !$c->{ok}, "$lines->[0] in $where";
        my ($directive, $value) = split / /, $lines->[0];
        like $c->{output}, qr/$directive "\Q$value\E"/, 'it is named';
    }
}

# ---- in .htaccess a wrong line has no effect but 500 ----

my $htaccess = Test::Httpd->config(files => { map {
    ("htdocs/$_/x.txt" => "x\n", "htdocs/$_/.htaccess" => join "\n",
        @{ $refused[$_]{lines} }, '')
} 0 .. $#refused })->start;
$htaccess->expect(qr/\.htaccess: /, qr/AH00111: Config variable \$\{/);
for my $n (0 .. $#refused) {
    my $case = $refused[$n];
    $htaccess->clear_log;
    my $r = $htaccess->request("GET /$n/x.txt HTTP/1.1\nOrigin: $good\n");
    is $r->{status}, 500, "500 in .htaccess: line " . ($n + 1) . ' of the '
        . 'list above';
    is $r->{headers}{'access-control-allow-origin'}, undef, 'nobody allowed';
    is scalar messages($case, $htaccess->error_log(qr/\.htaccess: /)), 1,
        'the log tells why';
}
is $htaccess->complaints, '', 'nothing unexpected in the error log';

# ---- what is right is taken, and nothing is said ----

my @right = ($good, "$good:8443", 'http://app.example.com',
    'http://localhost:3000', 'capacitor://localhost', 'http://[::1]:8080',
    'http://127.0.0.1', 'https://xn--bcher-kva.example', 'http://intranet',
    'https://*.example.com', 'http://localhost:*', 'http://*.localhost',
    'https://*.localhost:*', 'https://*.example.com:*', '*', 'null', 'none',
    'NONE', "+$good", "+$good +https://b.example", "$good,https://b.example",
    "$good , https://b.example", "\"$good https://b.example\"",
    "$good null https://*.example.com", 'chrome-extension://abcdef',
    "https://my_app.example.com", 'https://-a-.example.com',
    "$good:1", "$good:65535", 'https://1.2.3.4.example.com',
    's' x 64 . '://app.example.com', 'https://' . host(253),
    'https://' . label(63) . '.example.com', 'https://*.' . host(251));
my @right_with_credentials = ('http://localhost', 'http://localhost:3000',
    'http://localhost:*', 'http://app.localhost', 'http://*.localhost',
    'http://*.localhost:*', 'https://*.localhost', 'http://127.0.0.1:8080',
    'http://127.8.9.10', 'http://[::1]', 'http://[::1]:*', $good,
    'capacitor://localhost', 'https://*.example.com', 'https://*.example.co.uk',
    'https://*.me.github.io', 'https://*.www.ck', 'https://github.io',
    'https://*.corp.intranet', 'none');

my @silent = (
    (map { ["CorsAllowOrigin $_"] } @right),
    (map { ["CorsDenyOrigin $_"] } @right),
    ["CorsAllowOrigin $good", 'CorsAllowOrigin https://b.example'],
    ["CorsAllowOrigin +$good", 'CorsAllowOrigin +https://b.example'],
    (map { my $lines = $_; map { [@$_[1 .. $#$_]] } orders(@$lines) }
        (map { ["CorsAllowOrigin $_"] } @right_with_credentials),
        # denying is no danger, and a list is exposed as ever
        (map { ["CorsAllowOrigin $good", "CorsDenyOrigin $_"] } '*', 'null',
            'http://b.example', 'https://*.co.uk'),
        ["CorsAllowOrigin $good", 'CorsExposeHeaders X-Count']),
    # without credentials nothing of this is refused
    (map { ["CorsAllowOrigin $_", 'CorsAllowCredentials Off'] } '*', 'null',
        'http://app.example.com'),
    ["CorsAllowOrigin $good", 'CorsExposeHeaders *'],
);
for (@silent) {
    my $c = Test::Httpd->check_config(config => section('<Location />', @$_));
    is $c->{output}, "Syntax OK\n", shown(join ' + ', @$_);
}

# A variable that is defined is its words.
my $c = Test::Httpd->check_config(main => 'Define ORIGINS "'
        . "$good https://b.example\"",
    config => section('<Location />', 'CorsAllowOrigin ${ORIGINS}'));
is $c->{output}, "Syntax OK\n", 'a variable';

# What only merging brings about starts.
for (['CorsAllowOrigin *', 'CorsAllowCredentials On'],
    ['CorsAllowOrigin null', 'CorsAllowCredentials On'],
    ['CorsAllowOrigin http://app.example.com', 'CorsAllowCredentials On'],
    ['CorsExposeHeaders *', 'CorsAllowCredentials On']) {
    my ($one, $other) = @$_;
    for ([$one, $other], [$other, $one]) {
        $c = Test::Httpd->check_config(
            config => "$_->[0]\n" . section('<Location /x>', $_->[1]));
        ok $c->{ok}, "$_->[0], $_->[1] in different sections";
    }
}

# ---- what is mended is told, once, and allows what was meant ----

my @mended = (
    ['HTTPS://app.example.com', $good],
    ['https://APP.Example.COM', $good],
    ["$good:443", $good],
    ['http://app.example.com:80', 'http://app.example.com'],
    ["$good/", $good],
    ['HTTPS://App.example.com:443/', $good],
    ["$good:8443/", "$good:8443"],
    ['Capacitor://LocalHost', 'capacitor://localhost'],
    ['http://[2001:DB8::A]', 'http://[2001:db8::a]'],
    ['http://[::1]:80/', 'http://[::1]'],
    ['https://*.EXAMPLE.com', 'https://*.example.com', 'https://a.example.com'],
    ['https://*.example.com:443/', 'https://*.example.com',
        'https://a.example.com'],
    ['http://LOCALHOST:*/', 'http://localhost:*', 'http://localhost:3000'],
);
my $httpd = Test::Httpd->config(
    config => join('', map {
        section("<Location /$_>", "CorsAllowOrigin $mended[$_][0]")
    } 0 .. $#mended))->start;
$httpd->expect(qr/\[cors:notice\]/);
for my $n (0 .. $#mended) {
    my ($written, $meant, $origin) = @{ $mended[$n] };
    $c = Test::Httpd->check_config(
        config => section('', "CorsAllowOrigin $written"));
    ok $c->{ok}, "$written is mended";
    is scalar(() = $c->{output}
        =~ /cors:notice.*CorsAllowOrigin "\Q$written\E".*"\Q$meant\E"/g), 1,
        'with one notice, that names what was made of it';
    is scalar(() = $c->{output} =~ /^\[/gm), 1, 'and nothing else';

    $origin //= $meant;
    my $r = $httpd->request("GET /$n HTTP/1.1\nOrigin: $origin\n");
    is_deeply $r->{headers}{'access-control-allow-origin'}, [$origin],
        "it allows $origin";
    $r = $httpd->request("GET /$n HTTP/1.1\nOrigin: $written\n");
    is $r->{headers}{'access-control-allow-origin'}, undef,
        'and not what was written';
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# In .htaccess, which is read for each request, that would fill the log.
$httpd = Test::Httpd->config(files => { map {
    ("htdocs/$_/x.txt" => "x\n",
        "htdocs/$_/.htaccess" => "CorsAllowOrigin $mended[$_][0]\n")
} 0 .. $#mended })->start;
for my $n (0 .. $#mended) {
    my ($written, $meant, $origin) = @{ $mended[$n] };
    $origin //= $meant;
    my $r = $httpd->request("GET /$n/x.txt HTTP/1.1\nOrigin: $origin\n");
    is_deeply $r->{headers}{'access-control-allow-origin'}, [$origin],
        "$written in .htaccess allows $origin";
}
unlike $httpd->error_log, qr/CorsAllowOrigin/, 'and .htaccess says nothing';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
