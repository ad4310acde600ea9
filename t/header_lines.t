# Whoever moves to mod_cors has old Header lines that set CORS headers, often
# in a file that others wrote. mod_cors replaces what they send: without
# a warning with file and line their authors would edit them and see no effect.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $policy = 'CorsAllowOrigin https://app.example.com';
my $allow = 'Access-Control-Allow-Origin';

# The warnings, each as "file:line name", sorted by line.
sub warnings_in
{
    my ($text) = @_;
    return [map { m{^\[[^]]*\][ ]\[cors:warn\][ ]\[pid[^]]*\][ ](?:\S*/conf/)?
            (\S.*?):(\d+):[ ](?:Request)?Header[ ]"(.*?)"}x
        ? "$1:$2 $3" : () } split /\n/, $text];
}

sub is_warned
{
    my ($name, $expected, %args) = @_;
    my $checked = Test::Httpd->check_config(
        modules => [qw(headers setenvif macro version)], %args);
    ok $checked->{ok}, "$name: httpd -t accepts it";
    is_deeply warnings_in($checked->{output}), $expected,
        "$name: the warnings of httpd -t";
    return;
}

# ---- which lines ----

# [line, what the warning names, or nothing]
my @lines = (
    # the headers
    (map { ["Header set Access-Control-$_ x", "Access-Control-$_"] }
        qw(Allow-Origin Allow-Credentials Allow-Methods Allow-Headers
        Expose-Headers Max-Age)),
    ['Header set access-control-allow-origin *', 'access-control-allow-origin'],
    ["Header set $allow: *", $allow],
    ["Header set '$allow' \"*\"", $allow],
    ['Header set X-Access-Control-Allow-Origin *'],
    ['Header set Access-Control-Request-Method x'],
    ['Header set Timing-Allow-Origin *'],
    ["Header set X-Note $allow"],
    ['Header merge Vary Origin'],

    # the actions
    (map { ["Header $_ $allow x", $allow] }
        qw(setifempty add append merge)),
    ["Header edit $allow ^.*\$ x", $allow],
    ["Header edit* $allow a b", $allow],
    ["header SET $allow *", $allow],
    ["Header unset $allow"],
    ["Header always unset $allow"],
    ['Header echo ^Access-Control'],
    ["Header note $allow origin"],

    # the tables, and conditions
    ["Header always set $allow *", $allow],
    ["Header OnSuccess set $allow *", $allow],
    ["Header set $allow * early", $allow],
    ["Header set $allow %{ORIGIN}e env=ORIGIN", $allow],
    ["Header always set $allow * \"expr=%{REQUEST_STATUS} == 404\"", $allow],

    # what hides the browser's Origin from the module
    ['RequestHeader unset Origin early', 'unset Origin'],
    ['RequestHeader set origin https://x.example early', 'set origin'],
    ['RequestHeader edit Origin: a b "early"', 'edit Origin:'],
    ['RequestHeader append Origin x EARLY', 'append Origin'],
    ['RequestHeader unset Origin'],
    ['RequestHeader set X-Origin x early'],
    ['RequestHeader unset Referer early'],

    # other directives
    ["RequestHeader set $allow *"],
    ["SetEnvIf Origin .* $allow"],
    ["ErrorDocument 404 \"Header set $allow *\""],
);
is_warned('every kind of line', [map { defined $lines[$_][1]
        ? 'test.conf:' . ($_ + 2) . " $lines[$_][1]" : () } 0 .. $#lines],
    config => join "\n", $policy, map({ $_->[0] } @lines), '');

# ---- where they are ----

my $header = "Header set $allow *";
sub at { return map { "test.conf:$_ $allow" } @_ }

my $config = "$header\n$policy\n";
for my $section ('Location /x', 'Directory /', 'Files x', 'If true',
    'LocationMatch ^/x', 'VirtualHost *:80', 'IfModule mod_headers.c',
    'IfVersion >= 2.4') {
    $config .= "<$section>\n$header\n</" . ($section =~ /(\w+)/)[0] . ">\n";
}
is_warned('in every section', [at(1, map { 4 + 3 * $_ } 0 .. 7)],
    config => $config);
is_warned('in sections within sections, and not in sections that are not read',
    [at(5)], config => "$policy\n<VirtualHost *:80>\n<Location />\n<If true>\n"
    . "$header\n</If>\n</Location>\n</VirtualHost>\n"
    . "<IfModule !mod_cors.c>\n$header\n</IfModule>\n"
    . "<IfDefine NOT_DEFINED>\n$header\n</IfDefine>\n");
is_warned('in included files', ["main.conf:2 $allow", "old/a.conf:3 $allow",
        "old/b.conf:1 $allow", at(5, 8)],
    main => "Define ALLOW $allow\n$header\n",
    config => "<Location />\nInclude conf/new.conf\nInclude conf/old/*.conf\n"
        . "</Location>\n$header\n\nHeader set \\\n    \${ALLOW} *\n",
    files => { 'conf/new.conf' => "$policy\n",
        'conf/old/a.conf' => "# old\n\n$header\n",
        'conf/old/b.conf' => "$header\n" });
my $checked = Test::Httpd->check_config(modules => [qw(headers macro)],
    config => "<Macro Old \$name>\nHeader set \$name *\n</Macro>\n"
    . "$policy\nUse Old $allow\n");
is scalar(() = $checked->{output} =~ /\[cors:warn\].*Header "\Q$allow\E"/g), 1,
    'in a macro: one warning';

# Any Cors directive will do, in any section; without one nothing is warned of.
is_warned("with $_ alone", [at(4)], config => "<Location /x>\n"
    . "$_\n</Location>\n$header\n") for 'CorsEngine Off', 'CorsMaxAge 5';
is_warned('with CorsOverride alone', [at(2)],
    config => "CorsOverride None\n$header\n");
is_warned('without a Cors directive that is read', [],
    config => "$header\n<IfDefine NOT_DEFINED>\n$policy\n</IfDefine>\n");

# ---- at start ----

my $httpd = Test::Httpd->config(modules => ['headers'],
    config => "$policy\n$header\n<Location /x>\n$header\n</Location>\n",
    files => { 'htdocs/.htaccess' => "$header\n", 'htdocs/x.txt' => "x\n" })
    ->start;
$httpd->expect(qr/\[cors:warn\].*Header/);
my $r = $httpd->request(
    "GET /x.txt HTTP/1.1\nOrigin: https://app.example.com\n");
is_deeply $r->{headers}{lc $allow}, ['https://app.example.com'],
    'what the lines send is replaced';
like $httpd->output, qr/use CorsAllowOrigin$/m,
    'the warning names the directive that replaces the line';
is_deeply warnings_in($httpd->output), [at(2, 4)],
    'a start warns of each line once, and .htaccess is not warned of';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
