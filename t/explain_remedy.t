# The explain page says what to write, and where. People paste it without
# thinking twice, so each remedy is pasted where the page says, and the same
# question is asked again: of the page, and of the Fetch algorithm.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Explain qw(explained fetched);
use Test::Httpd;

my $app = 'https://app.example.com';
my $other = 'https://b.example.com';
my $on = 'CorsAllowCredentials On';

# Rows of [name, lines of the section, question, what to write].
my @rows = (
    ['a list without the origin', ["CorsAllowOrigin $other"], {},
        "CorsAllowOrigin $app"],
    ['a list in two lines', ["CorsAllowOrigin $other", 'CorsMaxAge 5',
        'CorsAllowOrigin https://c.example.com'], {}, "CorsAllowOrigin $app"],
    ['a list that extends', ["CorsAllowOrigin +$other"], {},
        "CorsAllowOrigin +$app"],
    ['a list that allows nobody', ['CorsAllowOrigin none'], {},
        "CorsAllowOrigin $app"],
    ['only a regular expression', ['CorsAllowOriginMatch https://b[.]org'], {},
        "CorsAllowOrigin $app"],
    ['only an expression', ['CorsAllowOriginExpr false'], {},
        "CorsAllowOrigin $app"],
    ['the name itself, below a pattern', ['CorsAllowOrigin '
        . 'https://*.app.example.com'], {}, "CorsAllowOrigin $app"],
    ['another port', ["CorsAllowOrigin $app"], { origin => "$app:8443" },
        "CorsAllowOrigin $app:8443"],
    ['http', ["CorsAllowOrigin $app"], { origin => 'http://app.example.com' },
        'CorsAllowOrigin http://app.example.com'],
    ['http, with credentials', ["CorsAllowOrigin $app", $on],
        { origin => 'http://app.example.com', credentials => 'on' },
        "CorsAllowOrigin http://app.example.com"],
    ['null', ["CorsAllowOrigin $app"], { origin => 'null' },
        'CorsAllowOrigin null'],
    ['null, with credentials', ["CorsAllowOrigin $app", $on],
        { origin => 'null', credentials => 'on' }, 'CorsAllowOrigin null'],
    ['file://', ["CorsAllowOrigin $app"], { origin => 'file://' },
        'CorsAllowOrigin file://'],
    ['app://.', ["CorsAllowOrigin $app"], { origin => 'app://.' },
        'CorsAllowOrigin app://.'],
    ['localhost', ["CorsAllowOrigin http://localhost:3000", $on],
        { origin => 'http://[::1]:5173', credentials => 'on' },
        'CorsAllowOrigin http://[::1]:5173'],
    ['another site below a pattern', ['CorsAllowOrigin '
        . 'https://*.amazonaws.com', $on],
        { origin => 'https://evil.s3.amazonaws.com' },
        'CorsAllowOrigin https://evil.s3.amazonaws.com'],
    ['a method that is not granted', ["CorsAllowOrigin $app"],
        { method => 'PUT' }, 'CorsAllowMethods +PUT'],
    ['a method that is not in a list', ["CorsAllowOrigin $app",
        'CorsAllowMethods DELETE'], { method => 'PUT' },
        'CorsAllowMethods PUT'],
    ['a list of methods that extends', ["CorsAllowOrigin $app",
        'CorsAllowMethods +DELETE'], { method => 'PUT' },
        'CorsAllowMethods +PUT'],
    ['no method', ["CorsAllowOrigin $app", 'CorsAllowMethods none'],
        { method => 'PUT' }, 'CorsAllowMethods PUT'],
    ['a header that is not granted', ["CorsAllowOrigin $app"],
        { headers => 'x-token' }, 'CorsAllowHeaders +x-token'],
    ['two headers', ["CorsAllowOrigin $app"],
        { headers => 'x-a, content-type, x-b' }, 'CorsAllowHeaders +x-a +x-b'],
    ['a list of headers that replaced the default', ["CorsAllowOrigin $app",
        'CorsAllowHeaders X-A'], { headers => 'content-type' },
        'CorsAllowHeaders content-type'],
    ['no header', ["CorsAllowOrigin $app", 'CorsAllowHeaders none'],
        { headers => 'x-a,x-b' }, 'CorsAllowHeaders x-a x-b'],
    ['Authorization, which * does not cover', ["CorsAllowOrigin $app",
        'CorsAllowHeaders *'], { headers => 'authorization' },
        'CorsAllowHeaders authorization'],
    ['* and credentials', ['CorsAllowOrigin *', 'CorsExposeHeaders *'],
        { credentials => 'on' }, "CorsAllowOrigin $app\n$on"],
    ['* and credentials, with a preflight', ['CorsAllowOrigin *',
        'CorsAllowMethods *', 'CorsAllowHeaders *'], { credentials => 'on',
        method => 'PUT', headers => 'x-a' }, "CorsAllowOrigin $app\n$on"],
    ['no credentials', ["CorsAllowOrigin $app"], { credentials => 'on' }, $on],
    ['credentials that are Off', ["CorsAllowOrigin $app",
        'CorsAllowCredentials Off'], { credentials => 'on' }, $on],
    ['credentials for a public suffix', ['CorsAllowOrigin '
        . 'https://*.github.io'], { credentials => 'on',
        origin => 'https://me.github.io' }, qr/\ACorsAllowOrigin|$on/],
    ['credentials and a loose regex', ['CorsAllowOriginMatch '
        . 'https://.*example[.]com'], { credentials => 'on' },
        "$on\nCorsTolerate loose-regex"],
    ['credentials and an expression', ['CorsAllowOriginExpr true'],
        { credentials => 'on' }, "$on\nCorsTolerate expression"],
    ['all at once', ["CorsAllowOrigin $other", 'CorsAllowMethods DELETE'],
        { method => 'PUT', headers => 'x-a,content-type',
        credentials => 'on' }, "CorsAllowOrigin $app\nCorsAllowHeaders +x-a\n"
        . $on],
    ['a deny list', ['CorsAllowOrigin *', "CorsDenyOrigin $other $app"], {},
        "CorsDenyOrigin $other"],
    ['a deny list of one', ['CorsAllowOrigin *', "CorsDenyOrigin $app"], {},
        "# CorsDenyOrigin $app"],
    ['a pattern that denies', ['CorsAllowOrigin *',
        'CorsDenyOrigin https://*.example.com'], {},
        '# CorsDenyOrigin https://*.example.com'],
    ['a deny list, and not allowed', ["CorsAllowOrigin $other",
        "CorsDenyOrigin $app"], {}, "# CorsDenyOrigin $app"],
    ['switched off', ["CorsAllowOrigin $app", 'CorsEngine Off'], {},
        'CorsEngine On'],
    ['only detected', ["CorsAllowOrigin $app", 'CorsEngine DetectionOnly'], {},
        'CorsEngine On'],
    ['switched off, without a policy', ['CorsEngine Off'], {},
        qr{\A<Location "/s\d+">\n    CorsAllowOrigin .*\n    CorsEngine On\n}],
    ['no policy', ['CorsMaxAge 5'], {},
        qr{\A<Location "/s\d+">\n    CorsAllowOrigin .*\n</Location>\z}],
    ['no policy, and all at once', ['CorsMaxAge 5'], { method => 'PUT',
        headers => 'x-a', credentials => 'on' },
        qr{\A<Location[ ]"/s\d+">\n[ ]*CorsAllowOrigin .*
            CorsAllowMethods[ ]\+PUT
            .*CorsAllowHeaders[ ]\+x-a .*CorsAllowCredentials[ ]On}xs],
    ['no policy, http and credentials', ['CorsMaxAge 5'], {
        origin => 'http://app.example.com', credentials => 'on' },
        qr/CorsTolerate insecure-origin/],
    ['a backend answers', ["CorsAllowOrigin $app", 'CorsPreflight Pass'],
        { headers => 'x-a' },
        'CorsPreflight Answer'],
    ['a login for preflights', ["CorsAllowOrigin $app",
        'CorsPreflightAuth Require', 'AuthType Basic', 'AuthName x',
        'AuthBasicProvider file', 'AuthUserFile /dev/null',
        'Require valid-user'], { headers => 'content-type' },
        'CorsPreflightAuth Skip'],
    ['an outer and an inner list', ["CorsAllowOrigin $other", 'inner',
        'CorsAllowOrigin +https://c.example.com'], {}, "CorsAllowOrigin +$app"],
    ['an inner list that replaced the outer', ["CorsAllowOrigin $app", 'inner',
        "CorsAllowOrigin $other"], {}, "CorsAllowOrigin $app"],
    ['nobody, in an inner section', ["CorsAllowOrigin $app", 'inner',
        'CorsAllowOrigin none'], {}, "CorsAllowOrigin $app"],
    ['methods outside, the origin inside', ['CorsAllowMethods DELETE', 'inner',
        "CorsAllowOrigin $other"], { method => 'PUT' },
        "CorsAllowOrigin $app"],
    ['methods inside, the origin outside', ["CorsAllowOrigin $other", 'inner',
        'CorsAllowMethods DELETE'], { method => 'PUT' },
        "CorsAllowOrigin $app"],
    ['* outside, credentials inside', ['CorsAllowOrigin *', 'inner', $on],
        { credentials => 'on' }, "CorsAllowOrigin $app"],
    ['http outside, credentials inside', ['CorsAllowOrigin '
        . 'http://app.example.com', 'inner', $on], { credentials => 'on',
        origin => 'http://app.example.com' }, 'CorsTolerate insecure-origin'],
    ['a risk that is not tolerated any more', ['CorsTolerate loose-regex',
        'CorsAllowOriginMatch https://.*example[.]com', 'inner',
        'CorsTolerate none', $on], { credentials => 'on' },
        'CorsTolerate loose-regex'],
    ['credentials that are Off inside', ["CorsAllowOrigin $app", $on, 'inner',
        'CorsAllowCredentials Off'], { credentials => 'on' }, $on],
    ['switched off inside', ["CorsAllowOrigin $other", 'inner',
        'CorsEngine Off'], { method => 'PUT' }, 'CorsEngine On'],
    ['denied outside', ["CorsDenyOrigin $app $other", 'inner',
        'CorsAllowOrigin *'], {}, "CorsDenyOrigin $other"],
    ['denied inside', ['CorsAllowOrigin *', 'inner', "CorsDenyOrigin +$app"],
        {}, "# CorsDenyOrigin +$app"],
    ['enforced', ["CorsAllowOrigin $other", 'CorsEnforce On'], {},
        "CorsAllowOrigin $app"],
);

my @config = ('<Location /explain>', 'CorsExplain On', '</Location>');
for my $n (0 .. $#rows) {
    push @config, "<Location /s$n>", (map { $_ eq 'inner'
        ? ('</Location>', "<Location /s$n/in>") : $_ } @{ $rows[$n][1] }),
        '</Location>';
}

# The file: what the page says is pasted into it, from its end to its beginning,
# so that no place moves before its turn.
sub paste($config, $fixes)
{
    my @lines = @$config;
    my @at = map { [$_->{write_in} =~ /^(\D.*?)(?:[ ]\S*:(\d+))?$/x,
        $_->{write}] } @$fixes;
    for my $fix (sort { ($b->[1] // 0) <=> ($a->[1] // 0)
        || $a->[0] cmp $b->[0] } grep { defined $_->[1] } @at) {
        my ($where, $line, $text) = @$fix;
        splice @lines, $line - ($where eq 'after' ? 0 : 1),
            $where eq 'after' ? 0 : 1, split /\n/, $text, -1;
    }
    return @lines, map { split /\n/, $_->[2] } grep { !defined $_->[1] } @at;
}

sub server(@lines)
{
    return Test::Httpd->config(
        modules => [qw(auth_basic authn_file authz_user)],
        config => join("\n", @lines, ''))->start;
}

my $httpd = server(@config);
my (%question, @fixes);
for my $n (0 .. $#rows) {
    my ($name, $lines, $question, $write) = @{ $rows[$n] };
    $question{$n} = { origin => $app, method => 'GET', %$question,
        url => "/s$n/in/x" };
    my $page = explained($httpd, %{ $question{$n} });
    isnt $page->{verdict}, 'allowed', "$name: it is not allowed yet";
    ref $write ? like($page->{write}, $write, "$name: the page says what to "
            . 'write')
        : like($page->{write}, qr/\A\Q$write\E/, "$name: the page says what "
            . 'to write');
    isnt fetched($httpd, %{ $question{$n} }), 'allowed',
        "$name: a browser does not allow it yet"
        if $page->{verdict} eq 'refused';
    push @fixes, @{ $page->{remedy} // [] };
}
$httpd->expect(qr/allows everyone who can register/,
    qr/also matches look-alike hosts/, qr/apply to the same URL/);
is $httpd->complaints, '', 'nothing unexpected in the error log';

$httpd = server(paste(\@config, \@fixes));
for my $n (0 .. $#rows) {
    my $page = explained($httpd, %{ $question{$n} });
    is $page->{verdict}, 'allowed', "$rows[$n][0]: it is allowed after the "
        . 'remedy was pasted' or diag explain($page);
    is fetched($httpd, %{ $question{$n} }), 'allowed',
        "$rows[$n][0]: a browser allows it, too";
}
is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
