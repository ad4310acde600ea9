# CorsTolerate, and what only merging brings about. Some lines are refused
# beside CorsAllowCredentials On, and somebody may need them after all: without
# CorsTolerate they would give up on the module, or leave the warnings unread.
# And where the two meet in different sections no start can be refused: then
# the dangerous item must not count, and the log must say so without being
# filled by each request.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $on = 'CorsAllowCredentials On';

# The word that lifts a refusal, the line that is refused, the origin that it
# is about.
my @words = (
    ['insecure-origin', 'CorsAllowOrigin http://app.example.com',
        'http://app.example.com'],
    ['public-suffix', 'CorsAllowOrigin https://*.github.io',
        'https://somebody.github.io'],
    ['null-origin', 'CorsAllowOrigin null', 'null'],
    ['loose-regex', 'CorsAllowOriginMatch https://.*example\.com',
        'https://evilexample.com'],
    ['expression', 'CorsAllowOriginExpr true', 'https://anybody.example'],
);
my @all = map { $_->[0] } @words;

sub check(@lines)
{
    return Test::Httpd->check_config(config => join "\n", @lines, '');
}

sub is_silent($name, @lines)
{
    is check(@lines)->{output}, "Syntax OK\n", $name;
    return;
}

sub is_refused($name, $message, @lines)
{
    my $c = check(@lines);
    ok !$c->{ok}, $name;
    like $c->{output}, $message, 'and the message says why';
    return;
}

# ---- in one section ----

for (@words) {
    my ($word, $line) = @$_;
    my ($directive) = $line =~ /(\w+)/;
    my $told = qr/^$directive ".*"CorsTolerate $word"/m;
    is_refused("$line without CorsTolerate", $told, $line, $on);

    my $tolerate = "CorsTolerate $word";
    is_silent("$word before both", $tolerate, $line, $on);
    is_silent("$word between", $line, $tolerate, $on);
    is_silent("$word behind both", $on, $line, $tolerate);
    is_silent("$word behind both, others between", $on, $line,
        'CorsMaxAge 5', 'LimitRequestBody 0', $tolerate, 'CorsMaxAge 6');
    is_silent("$word among the others", "CorsTolerate @all", $line, $on);
    is_silent("$word with commas", 'CorsTolerate ' . join(',', @all), $line,
        $on);
    is_silent("$word on one line of many",
        (map { "CorsTolerate $_" } reverse @all), $line, $on);
    is_silent("$word without credentials", $tolerate, $line);

    my @others = grep { $_ ne $word } @all;
    is_refused("$line with all words but $word", $told, $line, $on,
        "CorsTolerate @others");
    is_refused("$line with CorsTolerate none", $told, $line, $on,
        'CorsTolerate none');
}

# Two reasons want two words.
my $both = 'CorsAllowOrigin http://*.co.uk';
is_refused('http and a public suffix, one word', qr/CorsTolerate $_->[1]/,
    $both, $on, "CorsTolerate $_->[0]")
    for ['insecure-origin', 'public-suffix'],
        ['public-suffix', 'insecure-origin'];
is_silent('http and a public suffix, two words', $both, $on,
    'CorsTolerate public-suffix insecure-origin');

# Some things no word lifts: browsers would not take them.
is_refused('"*" is tolerated by none', qr/^CorsAllowOrigin "\*"/m,
    'CorsAllowOrigin *', $on, "CorsTolerate @all");
is_refused('nor in CorsExposeHeaders', qr/^CorsExposeHeaders "\*"/m,
    "CorsAllowOrigin $app", 'CorsExposeHeaders *', $on, "CorsTolerate @all");

is_silent('none alone', 'CorsTolerate none');
is_silent('a word whose refusal does not come', "CorsAllowOrigin $app", $on,
    "CorsTolerate @all");
is_silent('words in another case', 'CorsAllowOrigin null', $on,
    'CorsTolerate Null-Origin');
for (['unknown', 'unknown'], ['*', '*'], ['all', 'all'],
    ['null-origin unknown', 'unknown'], ['insecure_origin', 'insecure_origin'],
    ['null', 'null'], ['+null-origin', '+null-origin'],
    ['-null-origin', '-null-origin'], ['none null-origin', 'none'],
    ['null-origin none', 'none']) {
    my ($args, $value) = @$_;
    is_refused("CorsTolerate $args", qr/^CorsTolerate "\Q$value\E"/m,
        "CorsTolerate $args");
}
is_refused('CorsTolerate without a word', qr/^CorsTolerate/m, 'CorsTolerate');

# What is only inherited does not count for a section of its own: there the
# line could be written beside it.
is_refused('tolerated outside only', qr/^CorsAllowOrigin "null"/m,
    'CorsTolerate null-origin', '<Location /x>', 'CorsAllowOrigin null', $on,
    '</Location>');

# ---- across sections ----

my ($config, %files, @asked) = ('');

# Sections in each other, from the outermost on; asked for the innermost.
sub nested($name, $allowed, $origin, @sections)
{
    my $path = '/n' . @asked;
    for my $lines (@sections) {
        $config .= join '', "<Location $path>\n", map({ "    $_\n" } @$lines),
            "</Location>\n";
        $path .= '/in';
    }
    $path =~ s{/in$}{};
    $files{"htdocs$path/x.txt"} = "x\n";
    push @asked, [$name, "$path/x.txt", $origin, $allowed];
    return;
}

sub permuted(@items)
{
    return [] if !@items;
    return map {
        my $n = $_;
        my @rest = @items[grep { $_ != $n } keys @items];
        map { [$items[$n], @$_] } permuted(@rest);
    } keys @items;
}

for (@words) {
    my ($word, $line, $origin) = @$_;
    my $tolerate = "CorsTolerate $word";
    my ($other) = grep { $_ ne $word } @all;

    nested("$word: in one section", 1, $origin, [$line, $on, $tolerate]);
    nested("$word: only merging brings it about", 0, $origin, @$_)
        for [[$line], [$on]], [[$on], [$line]];
    nested("$word: inherited, in three sections", 1, $origin,
        map { [$_] } @$_) for permuted($tolerate, $line, $on);
    nested("$word: inherited, in two sections", 1, $origin, @$_)
        for [[$tolerate, $line], [$on]], [[$tolerate, $on], [$line]],
            [[$line], [$tolerate, $on]], [[$on], [$tolerate, $line]];
    nested("$word: taken back further in", 0, $origin, @$_)
        for [[$tolerate, $line, $on], ['CorsTolerate none']],
            [[$tolerate, $line], [$on], ['CorsTolerate none']],
            [[$tolerate, $line, $on], ["CorsTolerate $other"]];
    nested("$word: given further in", 1, $origin,
        ['CorsTolerate none', $line], [$on], [$tolerate]);
    nested("$word: no credentials in the end", 1, $origin,
        [$on], [$line], ['CorsAllowCredentials Off']);
}

# The item alone is left out, not what stands beside it.
nested('what stands beside it still counts', 1, $app,
    ["CorsAllowOrigin null http://app.example.com $app https://*.github.io"],
    [$on]);
nested('beside a regular expression, too', 1, 'https://www.example.com',
    ['CorsAllowOriginMatch https://.*example\.com https://www\.example\.com'],
    [$on]);

my $httpd = Test::Httpd->config(config => $config, files => \%files)->start;
$httpd->expect(qr/\[cors:warn\].*public suffix/,
    qr/\[cors:warn\].*CorsAllowOriginMatch "https:/,
    qr/\[cors:warn\].*were merged/);
for (@asked) {
    my ($name, $path, $origin, $allowed) = @$_;
    my $r = $httpd->request("GET $path HTTP/1.1\nOrigin: $origin\n");
    my %headers = %{ $r->{headers} };
    my $credentials = $name =~ /no credentials/ ? undef : ['true'];
    is_deeply $headers{'access-control-allow-origin'},
        $allowed ? [$origin] : undef, $name;
    is_deeply $headers{'access-control-allow-credentials'},
        $allowed ? $credentials : undef, 'and its credentials';
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- the log ----

# What is left out, and what it meets.
my @pairs = (
    ['CorsAllowOrigin *', $on],
    ['CorsAllowOrigin null', $on],
    ['CorsAllowOrigin http://app.example.com', $on],
    ['CorsAllowOrigin https://*.co.uk', $on],
    ['CorsAllowOriginMatch .*', $on],
    ['CorsAllowOriginExpr true', $on],
    ['CorsExposeHeaders *', $on],
);

# The lines at warn that tell of sections that met.
sub told($httpd)
{
    return grep { /\[cors:warn\] \[pid \d+.* were merged/ } split /\n/,
        $httpd->error_log;
}

# Whether a line that names these places came once from each child.
sub is_told_once($httpd, $name, @places)
{
    my %by_child;
    for my $line (told($httpd)) {
        my ($pid) = $line =~ /\[pid (\d+)/;
        $by_child{$pid}++ if @places == grep { $line =~ /\Q$_\E\b/ } @places;
    }
    ok scalar(keys %by_child), "$name is told";
    is_deeply [grep { $_ != 1 } values %by_child], [], 'once by each child';
    return;
}

sub ask($httpd, $times, @paths)
{
    my $connection = $httpd->connection;
    for my $path (@paths) {
        my @requests = ("GET $path HTTP/1.1\nOrigin: $app\n") x $times;
        $connection->send(@requests);
        $connection->response for @requests;
    }
    $connection->close;
    return;
}

my @one_child = (mpm => 'event', main => <<'EOF2');
StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
MaxSpareThreads 8
MaxKeepAliveRequests 0
EOF2

# Each pair in two sections: what is left out stands outside, then inside.
my ($lines, @places, @paths) = (0);
$config = '';
for my $pair (map { ($_, [reverse @$_]) } @pairs) {
    my $path = '/p' . @paths;
    my $beside = "@$pair" =~ /Expose/ ? "CorsAllowOrigin $app" : 'CorsMaxAge 5';
    $config .= "<Location $path>\n$beside\n$pair->[0]\n</Location>\n"
        . "<Location $path/in>\n$pair->[1]\n</Location>\n";
    push @places, [map { 'conf/test.conf:' . ($lines + $_) } 3, 6];
    $lines += 7;
    push @paths, "$path/in/x.txt";
}
$httpd = Test::Httpd->config(@one_child, config => $config)->start;
$httpd->expect(qr/\[cors:warn\]/);
$httpd->clear_log;
for my $n (keys @paths) {
    my $pair = join ' and ', map { s/.*://r } @{ $places[$n] };
    $httpd->clear_log;
    ask($httpd, 100, $paths[$n]);
    my @told = told($httpd);
    is scalar @told, 1, "100 requests, one line: lines $pair met";
    like $told[0] // '', qr/\Q$_\E\b/, "it names $_" for @{ $places[$n] };
    my ($directive, $value) = split ' ', $pairs[$n / 2][0];
    like $told[0] // '', qr/$directive "\Q$value\E"/, 'and the item';
}
$httpd->clear_log;
ask($httpd, 3, @paths, map { "$_?again" } reverse @paths);
is scalar(told($httpd)), 0, 'and never again';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# One section meets two: two lines. One pair at two URLs: one line.
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
<Location /c/d>
    CorsMaxAge 5
</Location>
EOF2
$httpd = Test::Httpd->config(@one_child, config => $config)->start;
$httpd->expect(qr/\[cors:warn\]/);
ask($httpd, 50, '/a/b', '/c', '/c/d', '/a/b/other', '/a', '/');
is scalar(told($httpd)), 3, 'three pairs, three lines';
is_told_once($httpd, 'the server and /a/b', map { "test.conf:$_" } 1, 6);
is_told_once($httpd, '/a and /a/b', map { "test.conf:$_" } 3, 6);
is_told_once($httpd, 'the server and /c', map { "test.conf:$_" } 1, 9);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# In every mpm, asked at the same time, each child tells each pair once.
$httpd = Test::Httpd->config(config => $config)->start;
$httpd->expect(qr/\[cors:warn\]/);
my @connections = map { $httpd->connection } 1 .. 6;
$_->send(("GET /c HTTP/1.1\nOrigin: $app\n") x 20) for @connections;
for my $connection (@connections) {
    $connection->response for 1 .. 20;
}
is_told_once($httpd, 'a pair that all meet', map { "test.conf:$_" } 1, 9);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# One connection is one child in prefork.
$httpd = Test::Httpd->config(mpm => 'prefork', config => $config,
    main => "MaxKeepAliveRequests 0\n")->start;
$httpd->expect(qr/\[cors:warn\]/);
ask($httpd, 100, '/c', '/a/b');
is scalar(told($httpd)), 3, 'in prefork, too: one child, one line for a pair';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# The table is of a fixed size: more pairs than it holds do no harm.
$config = join '', map { "<Location /many$_>\n    CorsAllowOrigin "
    . "http://a$_.example $app\n</Location>\n<Location /many$_/in>\n    $on\n"
    . "</Location>\n" } 1 .. 500;
$httpd = Test::Httpd->config(@one_child, config => $config)->start;
$httpd->expect(qr/\[cors:warn\]/);
ask($httpd, 1, map { "/many$_/in" } 1 .. 500, 1 .. 500);
my %seen;
$seen{s/.*?(CorsAllowOrigin)/$1/r}++ for told($httpd);
cmp_ok scalar keys %seen, '>=', 2, '500 pairs: some are told';
is_deeply [grep { $_ > 1 } values %seen], [], 'none is told twice';
my $r = $httpd->request("GET /many500/in HTTP/1.1\nOrigin: "
    . "http://a500.example\n");
is $r->{headers}{'access-control-allow-origin'}, undef,
    'and what is not told is left out all the same';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# Nothing met, nothing told.
$httpd = Test::Httpd->config(config => <<"EOF2")->start;
CorsAllowOrigin http://one.example
<Location /tolerated>
    CorsTolerate insecure-origin
</Location>
<Location /tolerated/in>
    $on
</Location>
<Location /overridden>
    $on
    CorsAllowOrigin $app
</Location>
<Location /off>
    CorsEngine Off
</Location>
<Location /off/in>
    $on
</Location>
<Location /denied>
    CorsAllowOrigin $app
    CorsDenyOrigin null http://one.example https://*.co.uk
</Location>
<Location /denied/in>
    $on
</Location>
EOF2
ask($httpd, 5, '/tolerated/in', '/overridden', '/off/in', '/denied/in', '/');
is $httpd->complaints, '', 'nothing is told where nothing is left out';

# .htaccess is somebody else's, and read for each request: debug only.
my %htaccess = (
    'below' => ['CorsAllowOrigin http://one.example', $on],
    'above' => [$on, 'CorsAllowOrigin http://one.example'],
);
for my $level (qw(cors:info cors:debug)) {
    $httpd = Test::Httpd->config(log_level => $level, config => join('', map {
        "<Directory \"\@DOCROOT\@/$_\">\n$htaccess{$_}[0]\n</Directory>\n"
    } sort keys %htaccess), files => { map {
        ("htdocs/$_/.htaccess" => "$htaccess{$_}[1]\n",
            "htdocs/$_/x.txt" => "x\n")
    } keys %htaccess })->start;
    ask($httpd, 10, map { "/$_/x.txt" } sort keys %htaccess);
    my @lines = grep { /were merged/ } split /\n/, $httpd->error_log;
    is_deeply [grep { !/\[cors:debug\]/ } @lines], [],
        "nothing above debug at $level";
    $level =~ /debug/ ? ok(@lines, 'but at debug it is told')
        : is_deeply(\@lines, [], 'so nothing at all');
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

done_testing;
