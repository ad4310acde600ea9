# Whoever moves to mod_cors has old Header lines that set CORS headers, often
# in a file that somebody else wrote. mod_cors replaces what they send: without
# a warning that names file and line they would edit them, see no effect, and
# never learn why.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $policy = 'CorsAllowOrigin https://app.example.com';
my $allow = 'Access-Control-Allow-Origin';

# The warnings, each as "file:line name", without the root.
sub warnings_in($text)
{
    return [map { m{^\[[^]]*\][ ]\[cors:warn\][ ]\[pid[^]]*\][ ](?:\S*/conf/)?
            (\S.*?):(\d+):[ ]Header\b.*?(access-control-[-\w]+)}xi
        ? "$1:$2 $3" : () } split /\n/, $text];
}

sub check(%args)
{
    return Test::Httpd->check_config(
        modules => [qw(headers setenvif macro version)], %args);
}

# Lines that are warned of, and nothing else is said.
sub is_warned($name, $expected, %args)
{
    my $c = check(%args);
    ok $c->{ok}, "$name: httpd -t is content";
    is_deeply warnings_in($c->{output}), $expected, "$name: what it warns of";
    is scalar(() = $c->{output} =~ /^\[/mg), scalar @$expected,
        "$name: nothing else";
    return;
}

# ---- which lines ----

# [line, the name that the warning gives, or nothing]
my @lines = (
    # the headers
    ["Header set $allow *", $allow],
    (map { ["Header set Access-Control-$_ x", "Access-Control-$_"] }
        qw(Allow-Credentials Allow-Methods Allow-Headers Expose-Headers
        Max-Age)),
    ['Header set access-control-allow-origin *', 'access-control-allow-origin'],
    ["Header set $allow: *", $allow],
    ["Header set \"$allow\" \"*\"", $allow],
    ["Header set '$allow' '*'", $allow],
    ['Header set X-Access-Control-Allow-Origin *'],
    ['Header set Access-Control-Request-Method x'],
    ['Header set Access-Control x'],
    ['Header set Timing-Allow-Origin *'],
    ['Header set Cross-Origin-Resource-Policy same-site'],
    ["Header set X-Note $allow"],
    ['Header merge Vary Origin'],
    ['Header always set Strict-Transport-Security "max-age=300"'],

    # the actions
    (map { ["Header $_ $allow x", $allow] }
        qw(set setifempty add append merge)),
    ["Header edit $allow ^.*\$ x", $allow],
    ["Header edit* $allow a b", $allow],
    ["header SET $allow *", $allow],
    ["Header unset $allow"],
    ["Header always unset $allow"],
    ["Header echo ^Access-Control"],
    ["Header note $allow origin"],

    # the tables, and conditions
    ["Header always set $allow *", $allow],
    ["Header onsuccess set $allow *", $allow],
    ["Header ALWAYS Set $allow *", $allow],
    ["Header always edit $allow a b", $allow],
    ["Header always add $allow *", $allow],
    ["Header set $allow * early", $allow],
    ["Header set $allow %{ORIGIN}e env=ORIGIN", $allow],
    ["Header set $allow \"expr=%{req:Origin}\"", $allow],
    ["Header always set $allow * \"expr=%{REQUEST_STATUS} == 404\"", $allow],

    # other directives
    ["RequestHeader set $allow *"],
    ["SetEnvIf Origin .* $allow"],
    ["ErrorDocument 404 \"Header set $allow *\""],
    ["#Header set $allow *"],
);
for (@lines) {
    my ($line, $name) = @$_;
    is_warned($line, [$name ? "test.conf:2 $name" : ()],
        config => "$policy\n$line\n");
}

# ---- where they are ----

my $header = "Header set $allow *";
my $warning = sub ($line, $file = 'test.conf') { return "$file:$line $allow" };

is_warned('ahead of the Cors directive', [$warning->(1)],
    config => "$header\n$policy\n");
is_warned('several lines, each of them', [map { $warning->($_) } 2, 3, 5],
    config => "$policy\n$header\n$header\nHeader set X y\n$header\n");
for my $section ('Location /x', 'Directory /', 'Files x', 'If true',
    'LocationMatch ^/x', 'VirtualHost *:80', 'IfModule mod_headers.c',
    'IfModule mod_cors.c', 'IfVersion >= 2.4') {
    my ($name) = $section =~ /(\w+)/;
    is_warned("in <$section>", [$warning->(3)],
        config => "$policy\n<$section>\n$header\n</$name>\n");
    is_warned("the Cors directive in <$section>", [$warning->(1)],
        config => "$header\n<$section>\n$policy\n</$name>\n");
}
is_warned('in sections within sections', [$warning->(5)],
    config => "$policy\n<VirtualHost *:80>\n<Location />\n<If true>\n$header\n"
        . "</If>\n</Location>\n</VirtualHost>\n");
is_warned('in a section that is not read', [],
    config => "$policy\n<IfModule !mod_cors.c>\n$header\n</IfModule>\n");
is_warned('behind a condition that is not met', [],
    config => "$policy\n<IfDefine NOT_DEFINED>\n$header\n</IfDefine>\n");

is_warned('in an included file', [$warning->(3, 'old.conf')],
    config => "$policy\nInclude conf/old.conf\n",
    files => { 'conf/old.conf' => "# old\n\n$header\n" });
is_warned('in included files of included files',
    [map { $warning->(1, "old/$_.conf") } qw(a b)],
    config => "IncludeOptional conf/all.conf\n$policy\n",
    files => { 'conf/all.conf' => "Include conf/old/*.conf\n",
        'conf/old/a.conf' => "$header\n", 'conf/old/b.conf' => "$header\n" });
is_warned('included in a section', [$warning->(1, 'old.conf')],
    config => "$policy\n<Location />\nInclude conf/old.conf\n</Location>\n",
    files => { 'conf/old.conf' => "$header\n" });
is_warned('ahead of the rest', [$warning->(1, 'main.conf')],
    main => "$header\n", config => "$policy\n");
is_warned('the Cors directive in an included file', [$warning->(2)],
    config => "Include conf/new.conf\n$header\n",
    files => { 'conf/new.conf' => "$policy\n" });
is_warned('a line that is continued', [$warning->(3)],
    config => "$policy\nHeader set \\\n    $allow *\n");
is_warned('a variable', [$warning->(2)],
    main => "Define ALLOW $allow\n",
    config => "$policy\nHeader set \${ALLOW} *\n");

my $c = check(config => "<Macro Old \$name>\nHeader set \$name *\n</Macro>\n"
    . "$policy\nUse Old $allow\n");
ok $c->{ok}, 'a macro';
is scalar(() = $c->{output} =~ /\[cors:warn\].*Header\b.*\Q$allow\E/g), 1,
    'is looked into';

# A Cors directive of any kind will do, and without one nothing is said.
is_warned('CorsEngine Off', [$warning->(2)],
    config => "CorsEngine Off\n$header\n");
is_warned('CorsOverride', [$warning->(2)],
    config => "CorsOverride None\n$header\n");
is_warned('no Cors directive', [], config => "$header\n");
is_warned('a Cors directive that is not read', [],
    config => "$header\n<IfDefine NOT_DEFINED>\n$policy\n</IfDefine>\n");

# ---- at start ----

# On the terminal and in the error log together.
my $httpd = Test::Httpd->config(modules => ['headers'],
    config => "$policy\n$header\n<Location /x>\n$header\n</Location>\n",
    files => { 'htdocs/.htaccess' => "$header\n", 'htdocs/x.txt' => "x\n" })
    ->start;
$httpd->expect(qr/\[cors:warn\].*Header/);
is_deeply warnings_in($httpd->output), [map { $warning->($_) } 2, 4],
    'at start each line is warned of once';
my $r = $httpd->request(
    "GET /x.txt HTTP/1.1\nOrigin: https://app.example.com\n");
is_deeply $r->{headers}{lc $allow}, ['https://app.example.com'],
    'what the lines send is replaced, indeed';
is_deeply warnings_in($httpd->output), [map { $warning->($_) } 2, 4],
    'and .htaccess is not warned of';
is $httpd->complaints, '', 'nothing unexpected in the error log';

$httpd = Test::Httpd->config(modules => ['headers'], config => "$header\n")
    ->start;
is $httpd->complaints, '', 'nothing is said where mod_cors is not used';

done_testing;
