# CorsTolerate, and risks that only merging brings together. Some lines are
# refused with CorsAllowCredentials On: without CorsTolerate those who need them
# would give up on the module. Where the two meet in different sections no
# start can be refused: then the policy has no credentials, and the log names
# the two lines without being filled by each request.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $on = 'CorsAllowCredentials On';

# The word, the line that is refused, an origin that it allows.
my @words = (
    ['insecure-origin', 'CorsAllowOrigin http://app.example.com',
        'http://app.example.com'],
    ['insecure-origin', 'CorsAllowOriginMatch https?://app[.]example[.]com',
        'http://app.example.com'],
    ['public-suffix', 'CorsAllowOrigin https://*.github.io',
        'https://somebody.github.io'],
    ['null-origin', 'CorsAllowOrigin null', 'null'],
    ['null-origin', 'CorsAllowOrigin file://', 'file://'],
    ['loose-regex', 'CorsAllowOriginMatch https://.*example[.]com',
        'https://evilexample.com'],
    ['expression', 'CorsAllowOriginExpr true', 'https://anybody.example'],
);
my @all = qw(insecure-origin public-suffix null-origin loose-regex expression);

# Sections, one directive list each, and the origin to ask for.
my ($config, %files, @asked) = ('');

sub add
{
    my ($name, $origin, $expected, @sections) = @_;
    my $path = '/n' . @asked;
    for my $lines (@sections) {
        $config .= join "\n", "<Location $path>", @$lines, "</Location>\n";
        $path .= '/in';
    }
    $path =~ s{/in$}{};
    $files{"htdocs$path/x.txt"} = "x\n";
    push @asked, [$name, "$path/x.txt", $origin, $expected];
    return;
}

# ---- in one section ----

sub is_refused
{
    my ($name, $message, @lines) = @_;
    my $checked = Test::Httpd->check_config(config => join "\n", @lines, '');
    like $checked->{output}, qr/^AH00526.*\n$message/m, "$name is refused";
    return;
}

for (@words) {
    my ($word, $line, $origin) = @$_;
    my $tolerate = "CorsTolerate $word";
    my @others = grep { $_ ne $word } @all;
    is_refused("$line with every word but $word", qr/.*"$tolerate"/, $line, $on,
        "CorsTolerate @others");
    my @with = ($origin, 'true');
    add("$line: $word before both", @with, [$tolerate, $line, $on]);
    add("$line: $word between", @with, [$line, $tolerate, $on]);
    add("$line: $word at the end", @with,
        [$on, $line, 'CorsMaxAge 5', $tolerate, 'LimitRequestBody 0']);
    add("$line: $word with others", @with,
        ['CorsTolerate ' . join(',', @all), $line, $on]);
    add("$line: $word on a line of its own", @with,
        [(map { "CorsTolerate $_" } @others, $word), $line, $on]);
    add("$line: without credentials", $origin, '-', [$line]);
}

my $both = 'CorsAllowOrigin http://*.co.uk';
is_refused('an item with two risks and one word', qr/.*CorsTolerate $_->[1]/,
    $both, $on, "CorsTolerate $_->[0]")
    for ['insecure-origin', 'public-suffix'],
        ['public-suffix', 'insecure-origin'];
add('two risks, two words', 'http://a.co.uk', 'true',
    [$both, $on, 'CorsTolerate public-suffix insecure-origin']);
is_refused('"*" with credentials and every word', qr/CorsAllowOrigin "\*"/,
    'CorsAllowOrigin *', $on, "CorsTolerate @all");
is_refused('CorsExposeHeaders "*" with credentials and every word',
    qr/CorsExposeHeaders "\*"/, "CorsAllowOrigin $app", 'CorsExposeHeaders *',
    $on, "CorsTolerate @all");
is_refused('a risk with CorsTolerate none', qr/CorsAllowOrigin "null"/,
    'CorsAllowOrigin null', $on, 'CorsTolerate none');
is_refused('a risk that only the outer section tolerates',
    qr/CorsAllowOrigin "null"/, 'CorsTolerate null-origin', '<Location /x>',
    'CorsAllowOrigin null', $on, '</Location>');

# ---- across sections ----

for (@words) {
    my ($word, $line, $origin) = @$_;
    my $tolerate = "CorsTolerate $word";
    my ($other) = grep { $_ ne $word } @all;
    add("$line, $_->[2]", $origin, '-', $_->[0], $_->[1])
        for [[$line], [$on], 'then credentials'],
            [[$on], [$line], 'after credentials'];
    add("$line: $word inherited, $_->[0]", $origin, 'true',
        map { [$_] } @{ $_->[1] })
        for ['first', [$tolerate, $line, $on]],
            ['last', [$on, $line, $tolerate]],
            ['between', [$line, $tolerate, $on]];
    add("$line: $word in either section", $origin, 'true', @$_)
        for [[$tolerate, $line], [$on]], [[$line], [$tolerate, $on]];
    add("$line: $word taken back", $origin, '-', [$tolerate, $line, $on], $_)
        for ['CorsTolerate none'], ["CorsTolerate $other"];
    add("$line: credentials off again", $origin, '-', [$on], [$line],
        ['CorsAllowCredentials Off']);
}

# The policy as a whole has no credentials: other origins are allowed.
add('an origin beside one with a risk', $app, '-',
    ["CorsAllowOrigin null $app"], [$on]);
add('a risky origin that a section replaces', $app, 'true',
    ['CorsAllowOrigin null'], [$on], ["CorsAllowOrigin $app"]);
add('an http origin added to credentials', 'http://a.example', '-',
    ["CorsAllowOrigin $app", $on], ['CorsAllowOrigin +http://a.example']);
add('loopback added to credentials', 'http://localhost:3000', 'true',
    ["CorsAllowOrigin $app", $on], ['CorsAllowOrigin +http://localhost:*']);
add('a denied http origin', $app, 'true',
    ["CorsAllowOrigin $app", 'CorsDenyOrigin null http://a.example'], [$on]);
add('"*" and credentials', '*', '-', ['CorsAllowOrigin *'], [$on]);
add('CorsExposeHeaders "*" and credentials', $app, 'true',
    ["CorsAllowOrigin $app", 'CorsExposeHeaders *'], [$on]);

my $httpd = Test::Httpd->config(config => $config, files => \%files)->start;
$httpd->expect(qr/\[cors:warn\].*public suffix/,
    qr/\[cors:warn\].*CorsAllowOriginMatch "https:/,
    qr/\[cors:warn\].*apply to the same URL/);
for (@asked) {
    my ($name, $path, $origin, $credentials) = @$_;
    my $r = $httpd->request("GET $path HTTP/1.1\nOrigin: "
        . ($origin eq '*' ? $app : $origin) . "\n");
    is join(' ', map { @{ $r->{headers}{"access-control-$_"} // ['-'] } }
            qw(allow-origin allow-credentials expose-headers)),
        "$origin $credentials -", "$name: Allow-Origin, Allow-Credentials";
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- the log ----

my @one_child = (mpm => 'event', main => <<'EOF2');
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
MaxSpareThreads 8
MaxKeepAliveRequests 0
EOF2

sub told
{
    my ($httpd) = @_;
    return grep { /apply to the same URL/ } split /\n/, $httpd->error_log;
}

sub ask
{
    my ($httpd, $times, @paths) = @_;
    my $connection = $httpd->connection;
    my @requests = map { ("GET $_ HTTP/1.1\nOrigin: $app\n") x $times } @paths;
    $connection->send(@requests);
    $connection->response for @requests;
    $connection->close;
    return;
}

# Each item in two sections with credentials, outside and inside.
my @items = ('CorsAllowOrigin *', 'CorsAllowOrigin null',
    'CorsAllowOrigin http://app.example.com', 'CorsAllowOrigin https://*.co.uk',
    'CorsAllowOriginMatch .*', 'CorsAllowOriginExpr true',
    'CorsExposeHeaders *');
my ($line, @expected, @paths) = (0);
$config = '';
for my $pair (map { ([$_, $on], [$on, $_]) } @items) {
    my $path = '/p' . @paths;
    my ($item) = grep { $_ ne $on } @$pair;
    my $beside = $item =~ /Expose/ ? "CorsAllowOrigin $app" : 'CorsMaxAge 5';
    $config .= "<Location $path>\n$beside\n$pair->[0]\n</Location>\n"
        . "<Location $path/in>\n$pair->[1]\n</Location>\n";
    my ($item_at, $on_at) = map { 'test.conf:' . ($line + $_) }
        $pair->[0] eq $item ? (3, 6) : (6, 3);
    push @expected, $item =~ s/ (.*)/ "$1" ($item_at)/r . " and $on ($on_at)";
    $line += 7;
    push @paths, "$path/in/x.txt";
}
$httpd = Test::Httpd->config(@one_child, config => $config)->start;
$httpd->expect(qr/\[cors:warn\]/);
ask($httpd, 20, @paths);
is_deeply [map { s/.*?(?=Cors)//r =~ s/ apply.*//r =~ s{\(\S+/}{(}gr }
        told($httpd)], \@expected,
    'each two lines that meet are logged once, with item, file and line';
is scalar(grep { !/\[cors:warn\]/ } told($httpd)), 0, 'each at warn';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# Other URLs where two lines meet are not logged again; another item is.
$config = <<"EOF2";
CorsAllowOrigin http://one.example
<Location /a>
    CorsAllowOrigin +http://two.example
</Location>
<Location /a/b>
    $on
</Location>
<Location /c>
    $on
</Location>
EOF2
for my $mpm (qw(event prefork)) {
    $httpd = Test::Httpd->config($mpm eq 'event' ? @one_child
        : (mpm => $mpm, main => "MaxKeepAliveRequests 0\n"),
        config => $config)->start;
    $httpd->expect(qr/\[cors:warn\]/);
    ask($httpd, 20, '/a/b', '/c', '/c/d', '/a/b/other', '/a', '/');
    my %seen;
    $seen{"@{[ /test\.conf:(\d+)/g ]}"}++ for told($httpd);
    is_deeply \%seen, { map { ($_ => 1) } '1 6', '3 6', '1 9' },
        "$mpm: each two lines are logged once by a child";
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# A child remembers a limited number: more pairs than that do no harm.
$config = join '', map { "<Location /m$_>\nCorsAllowOrigin http://a$_.example\n"
    . "</Location>\n<Location /m$_/in>\n$on\n</Location>\n" } 1 .. 500;
$httpd = Test::Httpd->config(@one_child, config => $config)->start;
$httpd->expect(qr/\[cors:warn\]/);
ask($httpd, 2, map { "/m$_/in" } 1 .. 500);
my %seen;
$seen{s/.*?(CorsAllowOrigin)/$1/r}++ for told($httpd);
cmp_ok scalar keys %seen, '>=', 2, 'of 500 pairs some are logged';
is_deeply [grep { $_ > 1 } values %seen], [], 'no pair is logged twice';
my $r = $httpd->request(
    "GET /m500/in HTTP/1.1\nOrigin: http://a500.example\n");
is $r->{headers}{'access-control-allow-credentials'}, undef,
    'a pair that is not logged has no credentials either';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# Where a policy keeps its credentials nothing is logged.
$httpd = Test::Httpd->config(config => <<"EOF2")->start;
CorsAllowOrigin http://one.example
<Location /tolerated>
    CorsTolerate insecure-origin
    $on
</Location>
<Location /overridden>
    $on
    CorsAllowOrigin $app
</Location>
<Location /off>
    CorsEngine Off
    $on
</Location>
EOF2
ask($httpd, 5, '/tolerated', '/overridden', '/off', '/');
is $httpd->complaints, '', 'nothing is logged where no risk is in force';

# .htaccess is read for each request: only at debug.
my %htaccess = (below => ['CorsAllowOrigin http://one.example', $on],
    above => [$on, 'CorsAllowOrigin http://one.example']);
for my $level (qw(cors:info cors:debug)) {
    $httpd = Test::Httpd->config(log_level => $level, config => join('', map {
        "<Directory \"\@DOCROOT\@/$_\">\n$htaccess{$_}[0]\n</Directory>\n"
    } sort keys %htaccess), files => { map {
        ("htdocs/$_/.htaccess" => "$htaccess{$_}[1]\n",
            "htdocs/$_/x.txt" => "x\n")
    } keys %htaccess })->start;
    ask($httpd, 10, map { "/$_/x.txt" } sort keys %htaccess);
    my %levels = map { /\[cors:(\w+)\]/ ? ($1 => 1) : () } told($httpd);
    is_deeply [keys %levels], [$level =~ /debug/ ? 'debug' : ()],
        "what meets in .htaccess is logged at debug only ($level)";
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

done_testing;
