# CorsAllowOriginMatch and CorsAllowOriginExpr on a real server. A regular
# expression is easily written so that it matches more than it appears to:
# these tests check that nothing in one undoes its anchors, and that expressions
# see serialised origins only. Which expressions are tight is tested in
# t/unit/regex_check.c, their messages in t/messages.t.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my ($config, %files, @asked) = ('');

# Sections within each other, one list of directives each.
sub ask
{
    my ($name, $allowed, $denied, @sections) = @_;
    my $path = '/p' . @asked;
    for my $lines (@sections) {
        $config .= join "\n", "<Location $path>", @$lines, "</Location>\n";
        $path .= '/in';
    }
    $path =~ s{/in$}{};
    $files{"htdocs$path/x.txt"} = "x\n";
    push @asked, [$name, "$path/x.txt", $allowed, $denied];
    return;
}

# ---- anchoring: nothing in an expression undoes it ----

my $app = 'https://a.com';
my $other = 'https://b.com';
# What a match that is anchored at one end only would allow. "evil+https" is a
# scheme, too.
my @near = ('https://a.com.evil.net', 'https://a.com:8443', "evil+$app",
    'https://a.comb.com', 'http://a.com', 'https://axcom', 'https://x.a.com',
    'https://a.co', 'https://a.com.', 'https://b.com.evil.net',
    'https://x.b.com', "evil+$other", "$app$other");

# [expression, what it allows, what it denies in addition to the above]
for (
    ['https://a[.]com', [$app]],
    ['^^https://a[.]com$$', [$app]],
    ['\Ahttps://a\.com\Z', [$app]],
    ['\bhttps:\/\/a\x2ecom\b', [$app]],

    # alternatives, and a shorter one that matches first
    ['https://a\.com|https://b\.com', [$app, $other]],
    ['^https://a\.com|https://b\.com$', [$app, $other]],
    ['(https://a\.com)|(https://b\.com)|', [$app, $other]],
    ['https://a\.com|https://a\.com:8443', [$app, 'https://a.com:8443']],
    ['https://a\.com(?::8443)??', [$app, 'https://a.com:8443']],
    ['https://x(?:a|ab)(?:c|bcd)(?:d)?\.com',
        ['https://xacd.com', 'https://xabcdd.com'], ['https://xab.com']],

    # \Q, ended and not
    ['\Qhttps://a.com', [$app]],
    ['https://\Qa.com\E|\Qhttps://b.com', [$app, $other]],
    ['\Qhttps://a.com|https://b.com', [], [$app, $other]],
    ['\Q', [], [$app]],

    # comments of (?x), the last one open
    ['(?x)https://a\.com#', [$app]],
    ['(?x)https://a\.com#)', [$app]],
    ['(?x)https://a\.com#\Q', [$app]],
    ['https://a\.com(?#any)', [$app]],

    # verbs and \K move the ends of a match
    ['(*ACCEPT)', [], [$app]],
    ['https://a\.com(*ACCEPT)', [$app]],
    ['https://a\.com(*ACCEPT)nothing|https://b\.com', [$app, $other]],
    ['.*\Khttps://a\.com', [$app]],
    ['https://a\.com\K.*', [], [$app]],
    ['https://a\.com(*SKIP)(*FAIL)|https://b\.com', [$other], [$app]],

    # looking around, and options
    ['(?=https://a\.com)', [], [$app]],
    ['(?=.*)https://a\.com(?!.)', [$app]],
    ['(?i)https://A\.com', [$app], ['HTTPS://A.COM']],
    ['https://A\.com', [], [$app, 'https://A.com']],
    ['(?m)^https://a\.com$|^https://b\.com$', [$app, $other]],
    ['(?U)https://a\.com(?::8443)?', [$app, 'https://a.com:8443']],

    # groups keep their numbers
    ['https://(a)\.\1\.com', ['https://a.a.com'], [$app]],
    ['(?|(https)://a|(https)://b)\.com', [$app, $other]],

    # what exceeds the match limit allows nobody
    ['https://(?:a+)+\.com', [$app], ['https://' . 'a' x 60 . '.comx']],
    ['https://([a-z0-9-]+[.]?)+[.]a[.]com', ['https://x.a.com'],
        ['https://' . 'a.' x 100 . 'evil.net']],

    # what is not in any origin matches nothing
    ['a\.com', [], [$app]],
    ['https://a\.com/', [], [$app]],
    ['https://a\.com:443', [], [$app]],
) {
    my ($regex, $allowed, $denied) = @$_;
    my %allowed = map { $_ => 1 } @$allowed;
    ask($regex, $allowed, [@{ $denied // [] }, grep { !$allowed{$_} } @near],
        ['CorsTolerate loose-regex', "CorsAllowOriginMatch $regex"]);
}

# ---- several expressions, and with other directives ----

my $match = 'CorsAllowOriginMatch https://a\.com';
my $expr = q(CorsAllowOriginExpr "%{HTTP:Origin} == 'https://b.com'");
ask("$_->[0]", [$app, $other], \@near, [@{ $_->[1] }]) for (
    ['several on a line', [$match . ' https://b\.com']],
    ['several in quotes', ['CorsAllowOriginMatch '
        . '"https://a\.com  https://b\.com"']],
    ['several from a variable', ['CorsAllowOriginMatch "${BOTH}"']],
    ['several from a variable without quotes',
        ['CorsAllowOriginMatch ${BOTH}']],
    ['several lines', [$match, 'CorsAllowOriginMatch https://b\.com']],
    ['a list and a regular expression', ["CorsAllowOrigin $other", $match]],
    ['a regular expression and an ap_expr', [$match, $expr]],
    ['an ap_expr without quotes', [$match, $expr =~ tr/"//dr]],
);
ask('an ap_expr that is false', [], [$app], ['CorsAllowOriginExpr false']);
ask('a denied origin', [$other, 'https://c.com'], [$app],
    ['CorsAllowOriginMatch .*', 'CorsAllowOriginExpr true',
        "CorsAllowOrigin $app $other", "CorsDenyOrigin $app"]);

# null and file:// are allowed by their names only.
for my $rule ('CorsAllowOriginMatch .*', 'CorsAllowOriginMatch null',
    'CorsAllowOriginExpr true') {
    ask("null and $rule", [], ['null', 'file://', 'app://.'], [$rule]);
    ask("null by its name and $rule", ['null'], ['file://', 'app://.'],
        [$rule, 'CorsAllowOrigin null']);
}

# ---- only serialised origins are seen ----

my @malformed = ('https://a b', "https://x\tSet-Cookie:y", '',
    "$app, $other", "$app,$other", [$app, $other], [$app, $app], [$app, ''],
    'https://a.com/', 'https://a.com?', 'https://a.com#x', 'HTTPS://a.com',
    'https://A.com', 'https://a.com:443', 'https://a.com:0',
    'https://a.com:08', 'https://a.com:65536', 'https://a.com:', 'https://',
    'https://a..com', 'https://u@a.com', 'https://[::1', 'https://[0::1]',
    'https://1.2.3', 'https://*.a.com', '*', 'none', 'NULL', '//a.com',
    'https://a.com<script>', "https://b\xc3\xbc.com", 'https://a.com%00',
    's' x 65 . '://a.com', 'https://' . 'a' x 64 . '.com',
    'https://' . 'a.' x 3000);
ask("$_ sees serialised origins only",
    [$app, 'https://a.com:8443', 'http://[::1]', 'capacitor://localhost'],
    \@malformed, [$_])
    for 'CorsAllowOriginMatch (?s).*|', 'CorsAllowOriginExpr true';

# ---- merging: the three are one field ----

my $partner = 'https://x.partner.example';
for my $outer ('CorsAllowOriginMatch https://.*\.partner\.example',
    q(CorsAllowOriginExpr "%{HTTP:Origin} =~ /partner/")) {
    my ($name) = $outer =~ /^(\w+)/;
    ask("$name outside, inside: @{ $_->[0] }", $_->[1], $_->[2],
        [$outer], $_->[0]) for (
        [["CorsAllowOrigin $app"], [$app], [$partner]],
        [[$match], [$app], [$partner]],
        [[$expr], [$other], [$partner]],
        [["CorsAllowOrigin +$app"], [$app, $partner], [$other]],
        [['CorsAllowOriginMatch +https://a\.com'], [$app, $partner], [$other]],
        [["CorsAllowOrigin +$app", $expr], [$app, $other, $partner], []],
        [["CorsAllowOrigin +$other", $match], [$app, $other], [$partner]],
        [["CorsAllowOrigin $app", 'CorsAllowOriginMatch none'], [$app],
            [$partner]],
        [["CorsAllowOrigin +$app", 'CorsAllowOriginExpr none'], [$app],
            [$partner]],
        [['CorsMaxAge 5'], [$partner], [$app]],
        map({ [["CorsAllowOrigin$_ none"], [], [$app, $partner]] }
            '', 'Match', 'Expr'));
}

# ---- with credentials ----

my $on = 'CorsAllowCredentials On';
my @secure = ($app, 'http://localhost:3000', 'http://127.0.0.1:8080');
ask('a tolerated ap_expr, which may allow http, too',
    [@secure, 'http://a.com'], ['null'],
    [$on, 'CorsTolerate expression', 'CorsAllowOriginExpr true']);
ask('an expression for loopback', ['http://localhost:3000'],
    ['http://localhost.evil.net:80'],
    [$on, 'CorsAllowOriginMatch http://localhost:.*']);

# The registrable domain must be written out, unless the risk is tolerated.
my $suffix = 'CorsAllowOriginMatch https://.*\.amazonaws\.com';
my $bucket = 'https://evil.s3.amazonaws.com';
ask('a public suffix below a tight expression', ['https://www.amazonaws.com'],
    [$bucket], [$on, $suffix]);
ask('a public suffix below a pattern', ['https://www.amazonaws.com'],
    [$bucket], [$on, 'CorsAllowOrigin https://*.amazonaws.com']);
ask('a public suffix, loose-regex tolerated', [$bucket], [],
    [$on, 'CorsTolerate loose-regex', $suffix]);
ask('a public suffix without credentials', [$bucket], [], [$suffix]);

# ---- ask ----

my $httpd = Test::Httpd->config(config => $config . <<'EOF', files => \%files,
<Location /broken>
    CorsAllowOrigin https://a.com
    CorsAllowOriginMatch https://b\.com
    CorsDenyOrigin https://denied.example
    CorsAllowOriginExpr "file('/no/such/file') == 'x'"
</Location>
<Location /broken>
    CorsAllowOrigin https://a.com
    CorsAllowOriginMatch https://b\.com
    CorsDenyOrigin https://denied.example
    CorsAllowOriginExpr "file('/no/such/file') == 'x'"
</Location>
EOF
    main => 'Define BOTH "https://a\.com https://b\.com"')->start;
$httpd->expect(qr/\[cors:warn\].*CorsAllowOriginMatch/);

sub lines
{
    my ($origin) = @_;
    return join '', map { "Origin: $_\n" } ref $origin ? @$origin : $origin;
}

# What is answered to a GET and a preflight of each origin.
sub answers
{
    my ($path, @origins) = @_;
    return map {
        join ' ', $_->{status},
            @{ $_->{headers}{'access-control-allow-origin'} // [] };
    } $httpd->pipeline(map { ("GET $path HTTP/1.1\n" . lines($_),
        "OPTIONS $path HTTP/1.1\n" . lines($_)
            . "Access-Control-Request-Method: GET\n") } @origins);
}

for (@asked) {
    my ($name, $path, $allowed, $denied) = @$_;
    is_deeply [answers($path, @$allowed, @$denied)],
        [map({ ("200 $_", "204 $_") } @$allowed), map({ (200, 403) } @$denied)],
        "$name: allows " . (join(' ', @$allowed) || 'nobody') . ' only';
}

# An ap_expr is evaluated only when the lists have not decided.
$httpd->clear_log;
is_deeply [answers('/broken', $app, $other, 'https://denied.example', 'null')],
    ["404 $app", "204 $app", "404 $other", "204 $other", 404, 403, 404, 403],
    'with an ap_expr that fails, lists and regular expressions still decide';
is $httpd->error_log, '', 'a list that decides leaves an ap_expr unevaluated';
is_deeply [answers('/broken', 'https://c.com')], [404, 403],
    'an ap_expr that fails allows nobody';
my $failure = qr/\[cors:error\].*CorsAllowOriginExpr.* failed, so no origin/;
like $httpd->error_log($failure), $failure, 'a failed ap_expr is logged';
$httpd->expect($failure, qr/no.such.file/);
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
