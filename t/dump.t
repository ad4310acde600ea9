# "httpd -t -D DUMP_CORS" shows, before anything is started, every section that
# sets something about CORS, which sections contradict each other, and what
# .htaccess files can't change. Without it that has to be found by reading all
# files that are included; and a section that is left out of the list is the one
# that is looked for.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

# What httpd prints for a configuration, with @ROOT@ in place of its root.
sub dump_of
{
    my (%args) = @_;
    my $c = Test::Httpd->check_config(args => ['-D', 'DUMP_CORS'], %args);
    ok $c->{ok}, 'the configuration is right' or diag $c->{output};
    return $c->{output} =~ s{/\S*?/httpd-\w+(?=/)}{\@ROOT\@}gr;
}

# The parts of it by their titles.
sub parts_of
{
    my ($output) = @_;
    my ($title, %parts);
    for (split /\n/, $output) {
        $title = $1, next if /^(\S.*):$/;
        push @{ $parts{$title} }, $_ if defined $title && /^ /;
    }
    return \%parts;
}

my ($CONFIGURATION, $CONFLICTS, $LOCKED) = ('CORS configuration',
    'Conflicts between sections that apply to every URL',
    'Settings that .htaccess files cannot override');

# Where the nth line of conf/test.conf is, or of another file.
sub at
{
    my ($line, $file) = (@_, 'test.conf');
    return "(\@ROOT\@/conf/$file:$line)";
}

# ---- every section, with place and values ----

# Lines of a configuration, each with the depth at which it is to be shown; the
# name of a directive is shown as the module spells it.
my @lines = (
    ['CorsAllowOrigin https://app.example.com, https://b.example.com', 2],
    ['CorsAllowOriginMatch "https://[a-z]+[.]example[.]com"', 2],
    ['CorsOverride CorsAllowOrigin CorsMaxAge', 2],
    ['CorsMaxAge 1h', 2],
    ['<Directory "/srv">', 1],
    ['    CorsAllowCredentials Off', 2],
    ['    <Limit GET>'],
    ['        Require all granted'],
    ['    </Limit>'],
    ['    <Files "x.txt">', 2],
    ['        CorsEngine Off', 3],
    ['    </Files>'],
    ['    <If "req(\'Origin\') =~ /app/">', 2],
    ['        CorsDebugHeader On', 3],
    ['        corsmaxage 5', 3, 'CorsMaxAge 5'],
    ['    </If>'],
    ['</Directory>'],
    ['<Location "/none">'],
    ['    Require all granted'],
    ['</Location>'],
    ['<LocationMatch "^/v[0-9]/">', 1],
    ['    CorsAllowOrigin +https://c.example.com', 2],
    ['    CorsAllowOriginExpr "req(\'X-A\') == \'%s\'"', 2],
    ['</LocationMatch>'],
    ['<Proxy "http://127.0.0.1/">', 1],
    ['    CorsBackendHeaders Keep', 2],
    ['</Proxy>'],
    ['<VirtualHost 127.0.0.1:1>', 1],
    ['    ServerName one.example.com'],
    ['    CorsAllowMethods *', 2],
    ['    <Location "/cors">', 2],
    ['        CorsExplain On', 3],
    ['    </Location>'],
    ['</VirtualHost>'],
);
my $config = join '', map { "$_->[0]\n" } @lines;
my @expected = ('    server config');
for my $line (1 .. @lines) {
    my ($text, $depth, $name) = @{ $lines[$line - 1] };
    my $place = at($line);
    $place =~ s/\)\z/, one.example.com)/ if $text =~ /^<VirtualHost/;
    push @expected, '    ' x $depth . ($name // $text =~ s/^\s+//r) . " $place"
        if $depth;
}
my %args = (modules => ['proxy'], config => $config);
my $output = dump_of(%args);
my $parts = parts_of($output);
is_deeply $parts->{$CONFIGURATION}, \@expected,
    'each section with its place, each directive with value and place';
is_deeply $parts->{$CONFLICTS}, ['    none'], 'no conflicts';
is_deeply [map { s/ \(\@\S+\)//r } @{ $parts->{$LOCKED} }],
    [map { "    $_: not available in .htaccess (CorsOverride): everything "
        . 'except CorsAllowOrigin CorsMaxAge' }
        'server config', 'virtual host one.example.com'],
    'what CorsOverride does not name is locked';
like $output, qr{^Public suffix list: \d{4}-\d\d-\d\d \((?:/.+|built into libpsl)\)$}m,
    'the date of the public suffix list is shown';
like $output, qr/^mod_cors \d+\.\d+\.\d+$/m, 'the version is shown';
like $output, qr/^Syntax OK$/m, 'httpd reports that the syntax is right';

# ---- files that are included, and macros ----

my %files = (
    'conf/one.conf' => "<Location /one>\n    CorsMaxAge 1\n</Location>\n"
        . "Include conf/two.conf\n",
    'conf/two.conf' => "# nothing\n<IfModule cors_module>\n"
        . "    CorsAllowOrigin https://two.example.com\n</IfModule>\n"
        . "<IfDefine NOT>\n    CorsAllowMethods NOT\n</IfDefine>\n",
);
$parts = parts_of(dump_of(modules => ['macro'], files => \%files,
    config => <<'EOF'));
Include conf/one.conf
Define NAME https://by-name.example.com
CorsAllowOrigin ${NAME}
<Macro Api $path>
    <Location $path>
        CorsAllowMethods PUT
    </Location>
</Macro>
Use Api /first
Use Api /second
EOF
my @shown = @{ $parts->{$CONFIGURATION} };
is_deeply [grep { !/macro/ } @shown], ['    server config',
    '        CorsAllowOrigin https://two.example.com ' . at(3, 'two.conf'),
    '        CorsAllowOrigin https://by-name.example.com ' . at(3),
    '    <Location /one> ' . at(1, 'one.conf'),
    '        CorsMaxAge 1 ' . at(2, 'one.conf')],
    'each line has the file that contains it';
for my $path ('/first', '/second') {
    my ($n) = grep { $shown[$_] =~ /<Location \Q$path\E> \(macro 'api' / }
        0 .. $#shown;
    ok defined $n, "the section that a macro makes: $path";
    like $shown[$n + 1], qr/CorsAllowMethods PUT \(macro 'api' .*test\.conf/,
        "$path: with its directives";
}

# ---- conflicts between sections that apply to every URL ----

my $on = 'CorsAllowCredentials On';

# Rows of [name, configuration, conflicts]: of each the server or virtual host,
# the item, its line, and the line of CorsAllowCredentials.
my @conflicts = (
    ['the server and <Directory />', "CorsAllowOrigin *\n<Directory />\n$on\n"
        . "</Directory>\n", ['server config', '*', 1, 3]],
    ['the server and <Location />', "$on\n<Location />\n"
        . "CorsAllowOrigin http://a.example.com\n</Location>\n",
        ['server config', 'http://a.example.com', 3, 1]],
    ['<Directory /> and <Location />', "<Directory />\n$on\n</Directory>\n"
        . "<Location />\nCorsAllowOrigin null\n</Location>\n",
        ['server config', 'null', 5, 2]],
    ['the server and a virtual host', "$on\n<VirtualHost 127.0.0.1:1>\n"
        . "ServerName one.example.com\nCorsExposeHeaders *\n"
        . "CorsAllowOrigin https://a.example.com\n</VirtualHost>\n",
        ['one.example.com', '*', 4, 1]],
    ['several at once', "$on\n<Location />\nCorsAllowOrigin *\n"
        . "CorsExposeHeaders *\n</Location>\n",
        ['server config', '*', 3, 1], ['server config', '*', 4, 1]],
    ['one in an outer pair, one in an inner', "$on\n"
        . "<VirtualHost 127.0.0.1:1>\nServerName one.example.com\n"
        . "CorsAllowOrigin http://a.example.com\n<Location />\n"
        . "CorsExposeHeaders *\n</Location>\n</VirtualHost>\n",
        ['one.example.com', 'http://a.example.com', 4, 1],
        ['one.example.com', '*', 6, 1]],
    ['the second section of a name', "$on\n<Location />\nCorsMaxAge 1\n"
        . "</Location>\n<Location />\nCorsAllowOrigin *\n</Location>\n",
        ['server config', '*', 6, 1]],
    ['one that a later section resolves',
        "CorsAllowOrigin *\n<Directory />\n$on\n"
        . "</Directory>\n<Location />\nCorsAllowOrigin https://a.example.com\n"
        . "</Location>\n"],
    ['one that is tolerated', "CorsAllowOrigin null\n<Location />\n$on\n"
        . "CorsTolerate null-origin\n</Location>\n"],
    ['sections that meet for some URLs only', "CorsAllowOrigin *\n"
        . "<Location /some>\n$on\n</Location>\n"],
);
for (@conflicts) {
    my ($name, $text, @wanted) = @$_;
    my @found = @{ parts_of(dump_of(config => $text))->{$CONFLICTS} };
    # A conflict of outer sections is printed for each virtual host.
    for my $row (@wanted) {
        my ($server, $item, $line, $credentials) = @$row;
        my ($place, $met) = map { quotemeta at($_) } $line, $credentials;
        is scalar(grep { /^[ ]{4}(?:virtual[ ]host[ ])?\Q$server\E\b.*
            [ ]"\Q$item\E"[ ]$place[ ]and[ ]\Q$on\E[ ]$met[ ]apply/x }
            @found), 1, "$name: $item, line $line" or diag join "\n", @found;
    }
    is_deeply \@found, ['    none'], "$name: no conflict" if !@wanted;
}

# ---- what .htaccess files can't change ----

# Rows of [name, configuration, what is locked: lines without their place].
my @locks = (
    ['<Location />', "<Location />\nCorsAllowOrigin https://a.example.com\n"
        . "CorsEngine On\n</Location>\n", 'server config',
        'CorsAllowOrigin https://a.example.com', 'CorsEngine On'],
    ['<Location "/"> of a virtual host', "<VirtualHost 127.0.0.1:1>\n"
        . "ServerName one.example.com\n<Location \"/\">\nCorsMaxAge none\n"
        . "</Location>\n</VirtualHost>\n", 'virtual host one.example.com',
        'CorsMaxAge none'],
    ['two of a name', "<Location />\nCorsMaxAge 1\n</Location>\n"
        . "<Location />\nCorsEnforce On\n</Location>\n", 'server config',
        'CorsMaxAge 1', 'CorsEnforce On'],
    ['the server, <Directory /> and <Location /x> lock nothing',
        "CorsMaxAge 1\n<Directory />\nCorsMaxAge 2\n</Directory>\n"
        . "<Location /x>\nCorsMaxAge 3\n</Location>\n"],
    ['what is added is no lock', "<Location />\n"
        . "CorsAllowOrigin +https://a.example.com\n</Location>\n"],
    ['a section without a line of ours', "<Location />\nRequire all granted\n"
        . "</Location>\n"],
);
for (@locks) {
    my ($name, $text, $server, @wanted) = @$_;
    my @found = map { s/ \(\S+:\d+\)//gr }
        @{ parts_of(dump_of(config => $text))->{$LOCKED} };
    is_deeply [sort @found], [sort @wanted
        ? map({ "    $server: $_" } @wanted) : '    none'], $name;
}

# ---- and else nothing ----

$parts = parts_of(dump_of(config => "Define X y\n"));
is_deeply $parts->{$CONFIGURATION}, ['    no directive of mod_cors'],
    'nothing is set';
for (['', []], ['DUMP_VHOSTS', ['-D', 'DUMP_VHOSTS']],
    ['DUMP_CORSE', ['-D', 'DUMP_CORSE']]) {
    my ($name, $define) = @$_;
    my $c = Test::Httpd->check_config(%args, args => $define);
    unlike $c->{output}, qr/CORS configuration|CorsAllowOrigin/,
        "-D '$name': no dump";
}
my $c = Test::Httpd->check_config(config => "CorsMaxAge x\n",
    args => ['-D', 'DUMP_CORS']);
ok !$c->{ok}, 'a configuration that is wrong is none that could be shown';
unlike $c->{output}, qr/CORS configuration/, 'so it is not';

# A server that runs is not asked.
my $httpd = Test::Httpd->config(main => 'Define DUMP_CORS',
    config => "CorsAllowOrigin *\n")->start;
unlike $httpd->slurp('logs/stderr'), qr/CORS configuration/,
    'nothing is shown on a start';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
