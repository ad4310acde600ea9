# CorsAllowOriginMatch and CorsAllowOriginExpr. A regular expression is easily
# written so that it matches more than it looks: without these tests a missing
# backslash, a "|" or a "#" would let a stranger's page in, with the visitor's
# cookies; and an administrator whose expression is right would be told that it
# is wrong. The numbers are those of the list of published weaknesses that the
# cases were taken from.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my ($config, %files, @asked) = ('');

# A place with its directives. Comes back with its path.
sub place(@lines)
{
    my $path = '/p' . keys %files;
    $files{"htdocs$path/x.txt"} = "x\n";
    $config .= join '', "<Location $path>\n", map({ "    $_\n" } @lines),
        "</Location>\n";
    return "$path/x.txt";
}

# What is asked when all places are known.
sub ask($name, $path, $allowed, $denied)
{
    push @asked, { name => $name, path => $path, allowed => $allowed,
        denied => $denied };
}

sub quoted($regex) { return $regex =~ /["\s]/ ? qq("$regex") : $regex }

# ---- anchoring: nothing in an expression undoes it ----

my $app = 'https://a.com';
my $other = 'https://b.com';
# What a match that is held at one end only would let in. "evil+https" is a
# scheme, too.
my @near_a = ('https://a.com.evil.net', 'https://a.com:8443', "evil+$app",
    'https://a.comb.com', 'http://a.com', 'https://axcom', 'https://xa.com',
    'https://x.a.com', 'https://a.co', 'https://a.com.');
my @near_b = ('https://b.com.evil.net', 'https://b.com:8443', "evil+$other",
    'https://xb.com', 'https://x.b.com');

# Rows of [expression, what it allows, what it denies beside the above].
my @anchored = (
    ['https://a\.com', [$app]],
    ['^https://a\.com$', [$app]],
    ['\Ahttps://a\.com\z', [$app]],
    ['\Ahttps://a\.com\Z', [$app]],
    ['^^https://a\.com$$', [$app]],
    ['\bhttps://a\.com\b', [$app]],
    ['https?://a\.com', [$app, 'http://a.com']],
    ['https:\/\/a\.com', [$app]],
    ['https://a[.]com', [$app]],
    ['https://a\x2ecom', [$app]],

    # alternatives
    ['https://a\.com|https://b\.com', [$app, $other]],
    ['^https://a\.com|https://b\.com$', [$app, $other]],
    ['^https://a\.com$|^https://b\.com$', [$app, $other]],
    ['(https://a\.com)|(https://b\.com)', [$app, $other]],
    ['https://a\.com|', [$app]],
    ['|https://a\.com', [$app]],
    ['https://(?:a|b)\.com', [$app, $other]],

    # a shorter alternative that matches first
    ['https://a\.com|https://a\.com:8443', [$app, 'https://a.com:8443']],
    ['https://a\.com:8443|https://a\.com', [$app, 'https://a.com:8443']],
    ['https://(?:x|xa|xab)\.com', ['https://xab.com', 'https://xa.com']],
    ['https://x(?:a|ab)(?:c|bcd)(?:d)?\.com',
        ['https://xacd.com', 'https://xabcdd.com'], ['https://xab.com']],
    ['https://a\.com(?:|:8443)', [$app, 'https://a.com:8443'],
        ['https://a.com:844', 'https://a.com:84430']],
    ['https://a\.com(?::8443)??', [$app, 'https://a.com:8443']],

    # \Q, ended and not
    ['\Qhttps://a.com\E', [$app]],
    ['\Qhttps://a.com', [$app]],
    ['https://\Qa.com', [$app]],
    ['https://\Qa.com\E|\Qhttps://b.com', [$app, $other]],
    ['\Qhttps://a.com|https://b.com', [], [$app, $other]],
    ['\Qabc', [], ['https://abc']],
    ['\Q', [], [$app]],

    # comments of (?x), the last one open
    ['(?x) https://a\.com', [$app]],
    ['(?x) https://a\.com # the app', [$app]],
    ['(?x)https://a\.com#', [$app]],
    ['(?x) https://a\.com | https://b\.com # both', [$app, $other]],
    ['(?x) https://a\.com # )', [$app]],
    ['(?x) https://a\.com # \Q', [$app]],
    ['(?x: https://a\.com )', [$app]],
    ['https://a\.com(?#)', [$app]],
    ['https://a\.com(?#any)', [$app]],

    # verbs and \K move the ends of a match
    ['(*ACCEPT)', [], [$app]],
    ['https://a\.com(*ACCEPT)', [$app]],
    ['https://a\.com(*ACCEPT)|https://b\.com', [$app, $other]],
    ['https://a\.com(*ACCEPT)nothing', [$app]],
    ['(?:https://a\.com(*ACCEPT)|x)', [$app]],
    ['\Khttps://a\.com', [$app]],
    ['.*\Khttps://a\.com', [$app]],
    ['https://a\.com\K', [], [$app]],
    ['https://a\.com\K.*', [], [$app]],
    ['https://a\.com(*COMMIT)|https://b\.com', [$app, $other]],
    ['https://a\.com(*SKIP)(*FAIL)|https://b\.com', [$other], [$app]],

    # looking around
    ['(?=https://a\.com)', [], [$app]],
    ['(?=.*)https://a\.com(?!.)', [$app]],
    ['https://a\.com(?=.|$)', [$app]],
    ['(?<!x)https://a\.com', [$app]],

    # options
    ['(?i)https://a\.com', [$app], ['HTTPS://A.COM', 'https://A.com']],
    ['(?i)https://A\.COM', [$app], ['HTTPS://A.COM']],
    ['(?i:HTTPS)://a\.com', [$app]],
    ['https://A\.com', [], [$app, 'https://A.com']],
    ['(?m)^https://a\.com$', [$app]],
    ['(?m)^https://a\.com$|^https://b\.com$', [$app, $other]],
    ['(?s)https://a\.com', [$app]],
    ['(?U)https://a\.com(?::8443)?', [$app, 'https://a.com:8443'],
        ['https://a.com:84433']],
    ['(?J)https://a\.com', [$app]],
    ['(?xi) HTTPS://A\.COM # any case', [$app]],

    # a newline is in no origin
    ['https://a\.com\n', [], [$app]],
    ['https://a\.com\n?', [$app]],
    ['https://a\.com\R?', [$app]],

    # groups keep their numbers
    ['https://(a)\.\1\.com', ['https://a.a.com'], [$app]],
    ['(?<n>https)://a\.com|\k<n>', [$app]],
    ['(?|(https)://a|(https)://b)\.com', [$app, $other]],

    # one that can run away ends as a "no"
    ['https://(?:a+)+\.com', [$app, 'https://aaa.com'],
        ['https://' . 'a' x 60 . '.comx']],

    # what is no origin matches none
    ['a\.com', [], [$app]],
    ['//a\.com', [], [$app]],
    ['https://a\.com,https://b\.com', [], [$app, $other]],
    ['https://a\.com/', [], [$app]],
    ['https://a\.com:443', [], [$app]],
);

for (@anchored) {
    my ($regex, $allowed, $denied) = @$_;
    my %allowed = map { $_ => 1 } @$allowed;
    ask("\"$regex\"", place('CorsTolerate loose-regex',
            'CorsAllowOriginMatch ' . quoted($regex)),
        $allowed, [grep { !$allowed{$_} } @{ $denied // [] }, @near_a,
            @near_b]);
}

# Entry 3: anchored at the start only.
ask('entry 3', place('CorsAllowCredentials On',
        'CorsAllowOriginMatch https://trusted\.example'),
    ['https://trusted.example'],
    ['https://trusted.example.evil.net', 'https://trusted.example:8080',
        'http://trusted.example', 'evil+https://trusted.example']);

# Entry 4: "$" belonged to the last alternative only.
for my $regex ('https://a\.com|https://b\.com',
    '^https://a\.com|https://b\.com$',
    '(?i)https://a\.com|https://b\.com',
    '(?x)https://a\.com|https://b\.com # both') {
    ask("entry 4: \"$regex\"", place('CorsAllowCredentials On',
        'CorsAllowOriginMatch ' . quoted($regex)), [$app, $other],
        [@near_a, @near_b]);
}

# Entry 6, its last row: a regex that matches all is refused with credentials,
# or tolerated; and then, too, "null" and http are not let in.
ask('entry 6: everybody, tolerated',
    place('CorsAllowCredentials On', 'CorsTolerate loose-regex',
        'CorsAllowOriginMatch .*'),
    [$app, $other, 'https://evil.net:1', 'http://localhost:3000',
        'capacitor://x'],
    ['null', 'http://a.com']);

# ---- several expressions, and beside other directives ----

ask('several on a line', place(
        'CorsAllowOriginMatch https://a\.com   https://b\.com'),
    [$app, $other], [@near_a, @near_b]);
ask('several lines', place('CorsAllowOriginMatch https://a\.com',
        'CorsAllowOriginMatch https://b\.com'),
    [$app, $other], [@near_a, @near_b]);
ask('beside a list', place('CorsAllowOrigin https://b.com',
        'CorsAllowOriginMatch https://a\.com'),
    [$app, $other], [@near_a, @near_b]);
ask('an expression', place(
        q(CorsAllowOriginExpr "%{HTTP:Origin} == 'https://a.com'")),
    [$app], [@near_a, $other]);
ask('an expression without quotes', place(
        q(CorsAllowOriginExpr %{HTTP:Origin} == 'https://a.com')),
    [$app], [@near_a, $other]);
ask('several expressions', place(
        q(CorsAllowOriginExpr "%{HTTP:Origin} == 'https://a.com'"),
        q(CorsAllowOriginExpr "%{HTTP:Origin} == 'https://b.com'")),
    [$app, $other], [@near_a, @near_b]);
ask('all three', place(
        q(CorsAllowOriginExpr "%{HTTP:Origin} == 'https://c.com'"),
        'CorsAllowOriginMatch https://a\.com', "CorsAllowOrigin $other"),
    [$app, $other, 'https://c.com'], [@near_a, @near_b]);
ask('a false expression', place('CorsAllowOriginExpr false'), [], [$app]);

# Origins that are denied are denied to all three.
ask('CorsDenyOrigin', place('CorsTolerate loose-regex',
        'CorsAllowOriginMatch .*', 'CorsAllowOriginExpr true',
        "CorsAllowOrigin $app $other", "CorsDenyOrigin $app"),
    [$other, 'https://c.com'], [$app]);

# null is let in by its name, and by nothing else.
for my $rule ('CorsAllowOriginMatch .*', 'CorsAllowOriginMatch null',
    'CorsAllowOriginMatch ^null$', 'CorsAllowOriginMatch (?i)null|.{4}',
    'CorsAllowOriginExpr true',
    q(CorsAllowOriginExpr "%{HTTP:Origin} == 'null'")) {
    my @lines = ('CorsTolerate loose-regex', $rule);
    ask("null by $rule", place(@lines), [], ['null']);
    ask("null by name beside $rule", place(@lines, 'CorsAllowOrigin null'),
        ['null'], []);
}

# ---- only what is a serialised origin is seen (entry 15) ----

my @malformed = ('https://a b', 'a, b', "https://x\tSet-Cookie:y", '',
    "$app, $other", "$app $other", "$app,$other", [$app, $other],
    [$app, $app], [$app, ''], ['', $app],
    'https://a.com/', 'https://a.com/x', 'https://a.com?', 'https://a.com#x',
    'HTTPS://a.com', 'https://A.com', 'https://a.com:443', 'http://a.com:80',
    'https://a.com:0', 'https://a.com:08', 'https://a.com:65536',
    'https://a.com:', 'https://', 'https:', 'https://.a.com', 'https://a..com',
    'https://u@a.com', 'https://u:p@a.com', 'https://[', 'https://[::1',
    'https://[0::1]', 'https://1.2.3', 'https://*.a.com', '*', 'none', 'x',
    'NULL', '://a.com', '//a.com', 'https://a.com"', 'https://a.com<script>',
    "https://b\xc3\xbc.com", 'https://a.com%00', 'https://a.com\\',
    's' x 65 . '://a.com', 'https://' . 'a' x 64 . '.com',
    'https://' . join('.', ('a' x 50) x 5, 'com'), 'https://' . 'a.' x 3000);
for my $rule (['CorsAllowOriginMatch .*'], ['CorsAllowOriginMatch (?s).*|'],
    ['CorsAllowOriginExpr true'], ['CorsAllowOriginMatch .*',
        'CorsAllowOriginExpr true', "CorsAllowOrigin $app $other"]) {
    ask("entry 15: @$rule", place('CorsTolerate loose-regex', @$rule),
        [$app, 'https://a.com:8443', 'http://[::1]:80' =~ s/:80$//r,
            'capacitor://localhost'], \@malformed);
}

# ---- merging: the three are one field (entry 13) ----

my $admin = 'https://admin.example.com';
my $partner = 'https://x.partner.example';
my $match = 'CorsAllowOriginMatch https://.*\.partner\.example';
my $expr = q(CorsAllowOriginExpr "%{HTTP:Origin} =~ /partner/");
for my $outer ($match, $expr) {
    my ($word) = $outer =~ /(\w+)/;
    my $merged = sub ($name, $inner, $allowed, $denied) {
        my $path = place($outer);
        my ($parent) = $path =~ m{^(/\w+)};
        $files{"htdocs$parent/inner/x.txt"} = "x\n";
        $config .= "<Location $parent/inner>\n"
            . join('', map { "    $_\n" } @$inner) . "</Location>\n";
        ask("outer $word, $name, outside", $path, [$partner], [$admin]);
        ask("outer $word, $name", "$parent/inner/x.txt", $allowed, $denied);
    };
    $merged->('entry 13: inner list', ["CorsAllowOrigin $admin"],
        [$admin], [$partner]);
    $merged->('inner list none', ['CorsAllowOrigin none'],
        [], [$admin, $partner]);
    $merged->('inner Match none', ['CorsAllowOriginMatch none'],
        [], [$admin, $partner]);
    $merged->('inner Expr none', ['CorsAllowOriginExpr none'],
        [], [$admin, $partner]);
    $merged->('inner Match',
        ['CorsAllowOriginMatch https://admin\.example\.com'],
        [$admin], [$partner]);
    $merged->('inner Expr', [
        q(CorsAllowOriginExpr "%{HTTP:Origin} -strmatch '*admin*'")],
        [$admin], [$partner]);
    $merged->('inner list with +', ["CorsAllowOrigin +$admin"],
        [$admin, $partner], [$app]);
    $merged->('inner Match with +',
        ['CorsAllowOriginMatch +https://admin\.example\.com +https://a\.com'],
        [$admin, $partner, $app], [$other]);
    $merged->('inner Expr beside +', ["CorsAllowOrigin +$app",
        q(CorsAllowOriginExpr "%{HTTP:Origin} -strmatch '*admin*'")],
        [$admin, $partner, $app], [$other]);
    $merged->('inner list with +, Match without', ["CorsAllowOrigin +$admin",
        'CorsAllowOriginMatch https://a\.com'], [$admin, $app], [$partner]);
    $merged->('inner Match with +, list without', ["CorsAllowOrigin $admin",
        'CorsAllowOriginMatch +https://a\.com'], [$admin, $app], [$partner]);
    $merged->('inner Match none beside a list', ["CorsAllowOrigin $admin",
        'CorsAllowOriginMatch none'], [$admin], [$partner]);
    $merged->('inner Expr none beside +', ["CorsAllowOrigin +$admin",
        'CorsAllowOriginExpr none'], [$admin], [$partner]);
    $merged->('inner section about something else',
        ['CorsMaxAge 5'], [$partner], [$admin]);
}

# ---- http is not let in with credentials, whatever a rule says ----

my @secure = ('https://a.com', 'http://localhost', 'http://localhost:3000',
    'http://app.localhost', 'http://127.0.0.1:8080', 'http://[::1]:8080');
my @insecure = ('http://a.com', 'http://a.com:8080', 'http://10.0.0.1',
    'http://localhost.evil.net', 'http://127.0.0.1.evil.net',
    'http://notlocalhost');
for my $rule ('CorsAllowOriginMatch https?://[^/]*',
    'CorsAllowOriginExpr true') {
    my $tolerated = 'CorsTolerate loose-regex expression';
    ask("$rule without credentials", place($tolerated, $rule),
        [@secure, @insecure], []);
    ask("$rule with credentials", place($tolerated, $rule,
        'CorsAllowCredentials On'), \@secure, \@insecure);
    ask("$rule, http tolerated", place("$tolerated insecure-origin", $rule,
        'CorsAllowCredentials On'), [@secure, @insecure], []);
}
ask('https? that is right, with credentials', place(
        'CorsAllowOriginMatch https?://a\.com', 'CorsAllowCredentials On'),
    [$app], ['http://a.com']);
ask('an http origin of a list stays', place('CorsTolerate insecure-origin',
        'CorsAllowOrigin http://b.com', 'CorsAllowCredentials On',
        'CorsAllowOriginMatch https?://a\.com'),
    [$app, 'http://a.com', 'http://b.com'], ['http://c.com']);

# ---- an expression that can't be evaluated ----

# It is not even looked at when a list or a regular expression says yes.
my $broken = q(CorsAllowOriginExpr "file('/no/such/file') == 'x'");
my $listed = place("CorsAllowOrigin $app",
    'CorsAllowOriginMatch https://b\.com',
    'CorsDenyOrigin https://denied.example', $broken);
my $expected_error = qr/\[cors:error\].*CorsAllowOriginExpr/;

# ---- regular expressions that people use today ----

# Each with a look-alike that its writer did not mean. It is refused with
# credentials, or it is harmless here: taken, and the look-alike denied.
my @circulating = (
    ['^http(s)?://(.+\.)?(domain1.com|domain2.com)$', 'refused',
        'https://domain1xcom'],
    ['^http(s)?://(.+\.)?(api.domain.com|domain2.com)$', 'refused',
        'https://apixdomain.com'],
    ['http(s)?://.*(my-other-domain1.com|my-domain2.com)(:[0-9]+)?$',
        'refused', 'https://evil-my-other-domain1.com'],
    ['http(s)?://.*(my-other-domain1\.com|my-domain2\.com)(:[0-9]+)?$',
        'refused', 'https://evil-my-other-domain1.com'],
    ['http(s)?://(www.mywebsite.com|localhost:8080)$', 'refused',
        'https://wwwxmywebsite.com'],
    ['^https?://[^/]*(pr|dev|www)\.permaplant\.net', 'refused',
        'https://evilpr.permaplant.net'],
    ['^https?://[^/]*(pr|dev|www)\.permaplant\.net$', 'refused',
        'https://evilpr.permaplant.net'],
    ['.+', 'refused', 'https://evil.net'],
    ['(.+)', 'refused', 'https://evil.net'],
    ['^https://.*\.domain1\.com', 'harmless',
        'https://a.domain1.com.evil.net', 'https://x.domain1.com'],
    ['domain1\.com', 'harmless', 'https://domain1.com.evil.net'],
    ['http(s)?://(localhost:.*)$', 'harmless', 'http://localhost.evil.net:80',
        'http://localhost:3000'],
);
for (@circulating) {
    my ($regex, $fate, $look_alike, $meant) = @$_;
    my @lines = ('CorsAllowCredentials On', "CorsAllowOriginMatch $regex");
    if ($fate eq 'harmless') {
        ask("$regex is harmless", place(@lines), [$meant // ()],
            [$look_alike]);
        next;
    }
    my $c = Test::Httpd->check_config(config => join "\n", @lines, '');
    ok !$c->{ok}, "$regex is refused with credentials";
    like $c->{output}, qr/^CorsAllowOriginMatch ".*CorsAllowCredentials On/m,
        'and says that it is for them';
    ask("$regex would let in $look_alike", place('CorsTolerate loose-regex',
        $lines[1]), [$look_alike], []);
}

# ---- right ones are not called loose ----

# Each with an origin that it is for.
my @right = (
    # one origin
    ['https://app\.example\.com', 'https://app.example.com'],
    ['^https://app\.example\.com$', 'https://app.example.com'],
    ['^https:\/\/app\.example\.com$', 'https://app.example.com'],
    ['https://app[.]example[.]com', 'https://app.example.com'],
    ['\Qhttps://app.example.com\E', 'https://app.example.com'],
    ['(?i)https://app\.example\.com', 'https://app.example.com'],
    # optional www, optional port
    ['https://(www\.)?example\.com', 'https://example.com'],
    ['^https?://(?:www\.)?example\.com$', 'https://www.example.com'],
    ['https://app\.example\.com(:\d+)?', 'https://app.example.com:8443'],
    ['https://app\.example\.com(:[0-9]{1,5})?', 'https://app.example.com'],
    ['^https?://(www\.)?example\.com(:[0-9]+)?$', 'https://example.com:8443'],
    ['https://app\.example\.com(?::(?:8443|9443))?',
        'https://app.example.com:9443'],
    ['https?://localhost(:\d+)?', 'http://localhost:5173'],
    ['^http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?$',
        'http://[::1]:3000'],
    ['http://localhost:.*', 'http://localhost:3000'],
    ['http://localhost:[^/]+', 'http://localhost:3000'],
    ['https://192\.168\.\d{1,3}\.\d{1,3}', 'https://192.168.1.2'],
    ['https?://10(\.\d{1,3}){3}(:\d+)?', 'https://10.0.0.1:8443'],
    # subdomains
    ['https://[a-z0-9-]+\.example\.com', 'https://a.example.com'],
    ['https://[^.]+\.example\.com', 'https://a.example.com'],
    ['https://[^./]+\.example\.com', 'https://a.example.com'],
    ['https://([a-z0-9-]+\.)+example\.com', 'https://a.b.example.com'],
    ['https://([a-z0-9-]+\.)*example\.com', 'https://example.com'],
    ['https://(.+\.)?example\.com', 'https://a.b.example.com'],
    ['https://.*\.example\.com', 'https://a.b.example.com'],
    ['https://(.*)\.example\.com', 'https://a.b.example.com'],
    ['^https:\/\/([\w-]+\.)*example\.co\.uk$', 'https://a.b.example.co.uk'],
    ['https://[[:alnum:].-]+[.]example[.]com', 'https://a-b.c.example.com'],
    ['https://[[:^punct:]-]+[.]example[.]com', 'https://a-b.example.com'],
    ['https://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+example\.com',
        'https://a.b.example.com'],
    ['https://[[:alnum:]-]+\.example\.com', 'https://a-b.example.com'],
    # preview deployments
    ['https://pr-[0-9]+\.preview\.example\.com',
        'https://pr-12.preview.example.com'],
    ['https://[0-9a-f]{8}\.preview\.example\.com',
        'https://0123abcd.preview.example.com'],
    ['https://feature-[\w-]+\.dev\.example\.com:8443',
        'https://feature-x_1.dev.example.com:8443'],
    ['https://([a-z0-9-]+-)?app\.example\.com',
        'https://branch-7-app.example.com'],
    ['https://[a-z0-9-]+\.my-project\.pages\.dev',
        'https://abc123.my-project.pages.dev'],
    ['https://app[0-9]{1,3}\.example\.com', 'https://app12.example.com'],
    # several domains
    ['https://(app|admin|api)\.example\.com', 'https://admin.example.com'],
    ['https://(?<env>dev|stage)\.example\.com', 'https://stage.example.com'],
    ['https://(example\.com|example\.org|example\.net)',
        'https://example.net'],
    ['https://(app|www)\.example\.(com|org|co\.uk)',
        'https://www.example.co.uk'],
    ['^https://a\.com$|^https://b\.com$', 'https://b.com'],
    ['https://(?:.+\.)?(?:example\.com|example\.org)',
        'https://x.example.org'],
    ['https://[a-z0-9-]+\.example\.(com|org)', 'https://a.example.org'],
    ['https://([a-z0-9-]+\.)?example\.(?:com|co\.uk)',
        'https://a.example.co.uk'],
    ['https://.*(\.example\.com|\.example\.org)$', 'https://a.example.org'],
    ['https://[^.]+(\.dev|\.stage)?\.example\.com',
        'https://a.stage.example.com'],
    # apps
    ['(capacitor|ionic)://localhost', 'ionic://localhost'],
    ['chrome-extension://abcdefghijklmnopabcdefghijklmnop',
        'chrome-extension://abcdefghijklmnopabcdefghijklmnop'],
    ['(?x) https://app\.example\.com  (?: :8443 )?',
        'https://app.example.com:8443'],
);
cmp_ok scalar @right, '>=', 25, 'enough expressions that are right';
for (@right) {
    my ($regex, $origin) = @$_;
    my $line = 'CorsAllowOriginMatch ' . quoted($regex);
    for my $credentials ('Off', 'On') {
        my $c = Test::Httpd->check_config(
            config => "$line\nCorsAllowCredentials $credentials\n");
        is $c->{output}, "Syntax OK\n",
            "$regex is right, credentials $credentials";
    }
    ask("$regex is right", place($line, 'CorsAllowCredentials On',
        'CorsTolerate loose-regex'), [$origin],
        ['https://evil.net', 'https://example.com.evil.net',
            'https://appxexample.com', 'https://evilexample.com',
            'https://evil-example.com', 'null']);
}

# ---- loose ones are found ----

# Each with an origin that its writer did not mean.
my @loose = (
    # an unescaped dot
    ['https://app.example.com', 'https://appxexample.com'],
    ['https://app.example\.com', 'https://appxexample.com'],
    ['^https://www\.example.com$', 'https://www.examplexcom'],
    ['https://(www.)?example\.com', 'https://wwwxexample.com'],
    ['https://([a-z0-9-]+.)?example\.com', 'https://evil-example.com'],
    ['https://(app|www)\.(example.com|example.org)',
        'https://app.examplexcom'],
    ['https://app\.example\.com|https://b.example\.com',
        'https://bxexample.com'],
    ['(?x) https://app.example\.com # the app', 'https://appxexample.com'],
    ['\Qhttps://\Eapp.example\.com', 'https://appxexample.com'],
    ['https://.example\.com', 'https://xexample.com'],
    # anything in front of a name
    ['https://.*example\.com', 'https://evilexample.com'],
    ['https?://.*example\.com$', 'https://evil-example.com'],
    ['https://.+example\.com', 'https://evilexample.com'],
    ['https://(.*)example\.com', 'https://evilexample.com'],
    ['https://(.*\.|.*)example\.com', 'https://evilexample.com'],
    ['https://.{0,20}example\.com', 'https://evilexample.com'],
    ['https://.*?example\.com', 'https://evilexample.com'],
    ['https://[^/]*example\.com', 'https://evilexample.com'],
    ['https://[^.]*example\.com', 'https://evilexample.com'],
    ['https://\S+example\.com', 'https://evilexample.com'],
    ['https://[\s\S]*example\.com', 'https://evilexample.com'],
    ['https://\w+example\.com', 'https://evilexample.com'],
    ['https://[a-z0-9-]*example\.com', 'https://evil-example.com'],
    ['https://[a-z0-9.-]+example\.com', 'https://evil-example.com'],
    ['https://([a-z]+)example\.com', 'https://evilexample.com'],
    ['https://.*\.?example\.com', 'https://evilexample.com'],
    ['https://(.*\.?)example\.com', 'https://evilexample.com'],
    ['https://.*(\.|-)example\.com', 'https://evil-example.com'],
    ['https://[a-z0-9-]*\.?example\.com', 'https://evilexample.com'],
    ['https://([a-z0-9-]+-)?example\.com', 'https://evil-example.com'],
    ['https://www\.?example\.com', 'https://wwwexample.com'],
    ['https://www\.[a-z-]*example\.com', 'https://www.evil-example.com'],
    ['https://.*\.\w*example\.com', 'https://www.evilexample.com'],
    ['https://(?:www|.+)(?:example\.com)', 'https://evilexample.com'],
    ['.*example\.com', 'https://evilexample.com'],
    # anything behind it
    ['https://app\.example\.com.*', 'https://app.example.com.evil.net'],
    ['https://app\.example.*', 'https://app.example.evil.net'],
    ['https://localhost.*', 'https://localhost.evil.net'],
    ['https://app\.example\.com[\w.:-]*', 'https://app.example.com.evil.net'],
    ['https://app\.example\.com(\.[a-z]+)?', 'https://app.example.com.ai'],
    ['https://example\.[a-z]+', 'https://example.club'],
    ['https://(app|www)\.example\.[a-z]+', 'https://app.example.club'],
    ['https://[a-z]+\.example\.com[\w.]*', 'https://app.example.com.evil.net'],
    ['(?=https://app\.example\.com).*', 'https://app.example.com.evil.net'],
    # anybody
    ['.*', 'https://evil.net'],
    ['.+', 'https://evil.net'],
    ['^.*$', 'https://evil.net'],
    ['https?://.*', 'https://evil.net'],
    ['^https://.+$', 'https://evil.net'],
    ['https?://[^/]+', 'https://evil.net'],
    ['https://[a-z0-9.-]+', 'https://evil.net'],
    ['https://[\w.-]+(:\d+)?', 'https://evil.net'],
    ['https://([a-z0-9-]+\.)+[a-z]+', 'https://evil.net'],
    ['https://[a-z]+\.[a-z]+', 'https://evil.net'],
    ['https://[a-z]+\.[a-z]+:3000', 'https://evil.net:3000'],
    ['https?://(\w+\.)*\w+:\d+', 'https://evil.net:8443'],
    ['https://(www\.)?\w+\.(com|net)', 'https://evil.net'],
    ['https://([a-z0-9-]+\.)+(com|net|org)', 'https://evil.net'],
    ['[\s\S]*', 'https://evil.net'],
    ['(?s).*', 'https://evil.net'],
    ['https://app\.example\.com|.*', 'https://evil.net'],
    ['|.*|', 'https://evil.net'],
    ['(?i)HTTPS://.*', 'https://evil.net'],
    # names that anybody can register
    ['https://[a-z0-9-]+\.github\.io', 'https://evil.github.io'],
    ['https://my-app-[a-z0-9]+\.vercel\.app', 'https://my-app-evil.vercel.app'],
    ['https://[a-z0-9-]+-my-team\.vercel\.app',
        'https://evil-my-team.vercel.app'],
    ['https://.*\.co\.uk', 'https://evil.co.uk'],
    ['https://[a-z]+\.com', 'https://evil.com'],
    ['https://([a-z0-9-]+-)?my-app\.vercel\.app',
        'https://evil-my-app.vercel.app'],
    ['https://my-app(-[a-z0-9]+)?\.vercel\.app',
        'https://my-app-evil.vercel.app'],
    ['https://my-app-git-[a-z0-9-]+-my-team\.vercel\.app',
        'https://my-app-git-evil-my-team.vercel.app'],
    ['https://[0-9a-f]{8}-my-app\.vercel\.app',
        'https://00000000-my-app.vercel.app'],
    ['https://app[0-9]*\.com', 'https://app666.com'],
);
cmp_ok scalar @loose, '>=', 25, 'enough expressions that are loose';
for (@loose) {
    my ($regex, $meant_not) = @$_;
    my $line = 'CorsAllowOriginMatch ' . quoted($regex);
    my $named = quotemeta 'CorsAllowOriginMatch "' . $regex =~ s/\\/\\\\/gr
        . '" ';
    subtest "$regex is loose" => sub {
        my $c = Test::Httpd->check_config(
            config => "$line\nCorsAllowCredentials On\n");
        ok !$c->{ok}, 'it is refused with credentials';
        like $c->{output}, qr/^$named.*loose-regex/m,
            'the message says what tolerates it';
        $c = Test::Httpd->check_config(config => "$line\n");
        ok $c->{ok}, 'it is taken without';
        is scalar(() = $c->{output} =~ /\[cors:warn\].* $named/g), 1,
            'with one warning';
        is scalar(() = $c->{output} =~ /\[cors:/g), 1, 'and no more';
    };
    ask("$regex would let in $meant_not", place('CorsTolerate loose-regex',
        $line), [$meant_not], []);
}

# ---- what does not compile ----

for my $regex (')(', '(', ')', '[', 'https://a\.com)', '(https://a\.com',
    'a{2,1}', '*', '+', '?', '(?<a', '\\', '(?z)', '(*NO_SUCH)', '(?P>x)',
    'https://a\.com)|(?:https://b\.com', '[a-\d', '(?x)(#)', ')|(') {
    my $line = 'CorsAllowOriginMatch ' . ($regex eq '\\' ? '"\\\\"'
        : quoted($regex));
    my $c = Test::Httpd->check_config(config => "$line\n");
    ok !$c->{ok}, "$regex is refused";
    like $c->{output}, qr/^CorsAllowOriginMatch "/m, 'by us';
}
my $c = Test::Httpd->check_config(config => 'CorsAllowOriginMatch .*'
    . "\nCorsAllowCredentials On\n");
ok !$c->{ok}, 'entry 6: a regex for everybody is refused with credentials';
for my $expression ('foo bar', '%{HTTP:Origin', "'a' ==", '== 1', '(true',
    'true true', 'nosuch(x)', '%{HTTP:Origin} =~ /(/') {
    $c = Test::Httpd->check_config(
        config => qq(CorsAllowOriginExpr "$expression"\n));
    ok !$c->{ok}, "the expression $expression is refused";
    like $c->{output}, qr/^CorsAllowOriginExpr "\Q$expression\E" /m, 'by us';
}

# ---- ask ----

my $httpd = Test::Httpd->config(config => $config, files => \%files)->start;

sub lines($origin)
{
    return join '', map { "Origin: $_\n" } ref $origin ? @$origin : $origin;
}

sub allow_origin($request)
{
    my $r = $httpd->request($request);
    return join ' | ', $r->{status},
        @{ $r->{headers}{'access-control-allow-origin'} // [] };
}

sub shown($origin)
{
    my $text = join ' and ', ref $origin ? @$origin : $origin;
    $text =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    return length $text < 80 ? "\"$text\""
        : sprintf '"%.40s..." (%d bytes)', $text, length $text;
}

sub is_answered($path, $origin, $is_allowed)
{
    my $word = $is_allowed ? 'allowed' : 'denied';
    is allow_origin("GET $path HTTP/1.1\n" . lines($origin)),
        $is_allowed ? "200 | $origin" : '200', "$word: " . shown($origin);
    is allow_origin("OPTIONS $path HTTP/1.1\n" . lines($origin)
        . "Access-Control-Request-Method: GET\n"),
        $is_allowed ? "204 | $origin" : '403', 'and its preflight';
    return;
}

for my $case (@asked) {
    subtest $case->{name} => sub {
        is_answered($case->{path}, $_, 1) for @{ $case->{allowed} };
        is_answered($case->{path}, $_, 0) for @{ $case->{denied} };
    };
}

$httpd->clear_log;
is_answered($listed, $_, 1) for $app, $other;
is_answered($listed, $_, 0) for 'https://denied.example', 'null', 'https://';
is $httpd->error_log, '', 'no expression is asked when the answer is known';
is_answered($listed, 'https://c.com', 0);
like $httpd->error_log($expected_error), $expected_error,
    'an expression that fails allows nobody, and says so';
$httpd->expect(qr/\[cors:error\].*CorsAllowOriginExpr/, qr/no.such.file/);
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
