# If the explain page said "allowed" where a browser blocks, people would trust
# the wrong page; if it said "refused" where a browser allows, they would change
# the wrong line. So each answer is compared with what the Fetch algorithm makes
# of the raw responses to the same question, for 500 random configurations.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Explain qw(explained fetched);
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.example';

# Numbers of our own: the same wherever this runs.
my $seed = 6;
sub number($below)
{
    $seed = ($seed * 1103515245 + 12345) % 2**31;
    return int($seed / 2**31 * $below);
}
sub one_of(@list)      { return $list[number(scalar @list)] }
sub one_in($n)         { return number($n) == 0 }
sub sometimes($n, @do) { return one_in($n) ? one_of(@do) : () }

my @origins = ($app, 'https://b.example.com', 'https://*.example.com',
    'http://localhost:*', 'https://users.example.com', 'https://example.org');

# Lines that no section refuses: what can't be used with credentials is not
# written beside them.
sub policy()
{
    my $credentials = one_of('', '', 'On', 'On', 'Off');
    my $plus = one_in(4) ? '+' : '';
    my @allow = (
        (map { join ' ', 'CorsAllowOrigin', map { "$plus$_" }
            one_of(@origins), sometimes(2, @origins) } 1 .. 6),
        'CorsAllowOrigin none',
        "CorsAllowOriginMatch ${plus}https://[a-z]+[.]example[.]com",
    );
    push @allow, 'CorsAllowOrigin *', "CorsAllowOrigin ${plus}null",
        "CorsAllowOrigin ${plus}http://insecure.example.com",
        q(CorsAllowOriginExpr "req('Origin') =~ /example/")
        if $credentials ne 'On';
    return grep { length } (
        one_in(8) ? '' : one_of(@allow),
        $credentials && "CorsAllowCredentials $credentials",
        sometimes(6, 'CorsDenyOrigin https://users.example.com',
            'CorsDenyOrigin +https://b.example.com', 'CorsDenyOrigin none'),
        sometimes(2, 'CorsAllowMethods PUT DELETE', 'CorsAllowMethods *',
            'CorsAllowMethods +PUT', 'CorsAllowMethods none'),
        sometimes(2, 'CorsAllowHeaders X-A, X-B', 'CorsAllowHeaders *',
            'CorsAllowHeaders * Authorization', 'CorsAllowHeaders +X-A',
            'CorsAllowHeaders none'),
        sometimes(3, 'CorsExposeHeaders ETag', 'CorsExposeHeaders +X-C',
            $credentials eq 'On' ? 'CorsExposeHeaders none'
                : 'CorsExposeHeaders *'),
        sometimes(4, 'CorsMaxAge 600', 'CorsMaxAge 0', 'CorsMaxAge none'),
        sometimes(8, map { "CorsEngine $_" } qw(On Off DetectionOnly)),
        sometimes(16, 'CorsPreflight Pass', 'CorsPreflight Answer'),
        sometimes(6, 'CorsPreflightStatus 200'),
        sometimes(6, map { "CorsPreflightAuth $_" } qw(Require Skip)),
        sometimes(6, 'CorsBackendHeaders Keep'),
        sometimes(5, map { "CorsEnforce $_" } qw(On On Off)),
        sometimes(5, 'CorsDebugHeader On'),
        sometimes(6, 'CorsTolerate insecure-origin null-origin',
            'CorsTolerate expression', 'CorsTolerate none'),
    );
}

# A section may look at the request.
sub maybe_if()
{
    return policy() if !one_in(4);
    my $condition = one_of("req('Origin') =~ /app/", "req('Origin') == ''",
        "%{REQUEST_METHOD} == 'OPTIONS'", "%{REQUEST_METHOD} != 'PUT'",
        "req('Access-Control-Request-Method') == 'PUT'",
        "%{QUERY_STRING} =~ /q/");
    my @lines = (sometimes(2, 'CorsMaxAge 7'), "<If \"$condition\">",
        policy(), '</If>');
    push @lines, '<Else>', policy(), '</Else>' if one_in(3);
    return @lines;
}

sub section($name, @lines)
{
    my ($kind) = $name =~ /(\w+)/;
    return @lines ? ("<$name>", @lines, "</$kind>") : ();
}

my @login = ('AuthType Basic', 'AuthName x', 'AuthBasicProvider file',
    'AuthUserFile "@ROOT@/conf/users"');

sub access()
{
    my @kinds = (
        ['Require all denied'], [@login, 'Require valid-user'],
        [@login, 'Require valid-user'], ['Require ip 192.0.2.1'],
        ['Require ip 127.0.0.1'], ['AllowMethods GET POST'],
        ['AllowMethods GET POST OPTIONS'],
        ['<LimitExcept GET>', 'Require all denied', '</LimitExcept>'],
        ['<Limit OPTIONS>', 'Require all denied', '</Limit>'],
        [@login, '<RequireAny>', 'Require valid-user',
            'Require ip 192.0.2.1', '</RequireAny>'],
        [@login, '<RequireAll>', 'Require valid-user',
            'Require ip 192.0.2.1', '</RequireAll>'],
        [@login, 'Satisfy Any', 'Require valid-user', 'Require ip 192.0.2.1'],
    );
    return @{ one_of(@kinds) };
}

# What serves another file than the one that was asked for, or answers first.
sub detour($here)
{
    my @kinds = (
        ['RewriteEngine On', 'RewriteRule ^from$ to.txt'],
        ['RewriteEngine On', 'RewriteRule ^from$ in/x.txt'],
        ['RewriteEngine On', "RewriteRule ^from\$ $here/closed/x.txt"],
        ['RewriteEngine On', "RewriteRule ^from\$ $here/private/x.txt"],
        ["Redirect 302 $here/from $here/to.txt"],
        ['RewriteEngine On', 'RewriteRule ^from$ - [F]'],
        ['RewriteEngine On', 'RewriteCond %{HTTP:Origin} app',
            'RewriteRule ^x.txt$ to.txt'],
        ['RewriteEngine On', 'RewriteRule ^from$ to.txt [R=302,L]'],
        ['RewriteEngine On', 'RewriteRule ^x[.]txt$ - [G]'],
        ['RewriteEngine On', 'RewriteCond %{REQUEST_METHOD} OPTIONS',
            'RewriteRule ^ - [R=204,L]'],
        ["FallbackResource $here/to.txt"], ['Options +MultiViews'],
        ['DirectoryIndex in/x.txt index.html'], ['DirectorySlash Off'],
    );
    return @{ one_of(@kinds) };
}

# Rules of the server that nobody remembers.
sub leftover($here)
{
    return 'RewriteEngine On', one_of(
        "RewriteCond %{REQUEST_METHOD} OPTIONS\nRewriteRule ^$here - "
            . '[R=204,L]',
        "RewriteCond %{REQUEST_METHOD} !^(GET|POST|PUT)\$\n"
            . "RewriteRule ^$here - [F]",
        "RewriteRule ^$here/from\$ $here/x.txt [R=301,L]",
        "RewriteRule ^$here/in/ - [G]",
        "RewriteCond %{HTTPS} on\nRewriteRule ^$here $here/x.txt [R,L]",
        "RewriteRule ^$here/x[.]txt\$ $here/to.txt [PT]");
}

# One configuration: {config, files, asked}. Everything is below /sN.
sub configuration($n)
{
    my $here = "/s$n";
    my @sections = (
        ["Directory \"\@DOCROOT\@$here\"", 2], ["Location $here", 2],
        ["LocationMatch \"^$here/(?:in|to|from)\"", 4],
        ["DirectoryMatch \"^\@DOCROOT\@$here/in\"", 5],
        ["Location $here/x.txt", 5],
    );
    my @config = map { one_in($_->[1]) ? section($_->[0], maybe_if()) : () }
        @sections;
    push @config, section("Directory \"\@DOCROOT\@$here\"",
        section(one_of('Files x.txt', 'FilesMatch "[.]txt$"'), policy()))
        if one_in(4);
    push @config, section(one_of("Location $here", "Location $here/in",
        "Directory \"\@DOCROOT\@$here/in\""), access()) if one_in(3);
    push @config, section("Location $here/closed", 'Require all denied',
        sometimes(2, "CorsAllowOrigin $app")),
        section("Location $here/private", @login, 'Require valid-user'),
        "Redirect 301 $here/moved $here/x.txt",
        (one_in(10) ? leftover($here) : ());
    my %files = map { ("htdocs$here/$_" => "$_\n") } qw(x.txt to.txt page.html
        index.html in/x.txt in/index.html closed/x.txt private/x.txt);
    $files{"htdocs$here/.htaccess"} = join "\n", (one_in(2) ? maybe_if() : ()),
        (one_in(2) ? detour($here) : ()),
        (one_in(5) ? section('Files x.txt', policy()) : ()), '';
    $files{"htdocs$here/in/.htaccess"} = join "\n", policy(), ''
        if one_in(4);
    return { config => join('', map { "$_\n" } @config), files => \%files,
        asked => [map { question($here) } 1 .. 2] };
}

sub question($here)
{
    return {
        url => $here . one_of(qw(/x.txt /x.txt /x.txt / /from /from /page
            /missing /in/x.txt /in/ /in /closed/x.txt /private/x.txt /moved
            /%78.txt /in/../x.txt /x.txt?q=1 /x.txt/more), ''),
        origin => one_of(($app) x 12, 'https://b.example.com',
            'https://users.example.com', 'http://localhost:3000', $evil,
            'http://insecure.example.com', 'null'),
        credentials => one_in(4) ? 'on' : undef,
        method => one_of((qw(GET POST PUT)) x 3, qw(HEAD DELETE PATCH
            OPTIONS REPORT TRACE)),
        headers => one_of((undef) x 8, 'x-a', 'content-type,x-a',
            'authorization', 'accept', 'x-a,,x-q'),
    };
}

# ---- what the page says, and what a browser would make of it ----

my %server = (
    0 => '',
    1 => "CorsAllowOrigin $app\n",
    2 => "CorsAllowOrigin *\nErrorDocument 404 /error.html\n",
    3 => "CorsAllowOrigin https://*.example.com\nCorsAllowCredentials On\n"
        . "<Location />\nCorsMaxAge 60\n</Location>\n",
);
my $count = $ENV{CONFIGURATIONS} || 500;
my @configurations = map { configuration($_) } 0 .. $count - 1;
my %verdicts;

sub compare($httpd, $question, $config)
{
    my $page = explained($httpd, %$question);
    my $verdict = $page->{verdict} // 'none';
    my $browser = fetched($httpd, %$question);
    my $name = join ' ', map { $_ // '-' } @$question{qw(method url origin
        headers credentials)};
    $verdicts{$verdict}++;
    return pass("$name: unknown, because $page->{unknown_because}")
        if $verdict eq 'unknown';
    is $verdict, $browser, "$name: the page says what a browser does"
        or diag $config, explain($page);
    return;
}

for my $n (sort keys %server) {
    my @mine = grep { $_ % 4 == $n } 0 .. $#configurations;
    my $httpd = Test::Httpd->config(
        modules => [qw(alias allowmethods auth_basic authn_file authz_user
            authz_host access_compat dir mime negotiation rewrite)],
        config => join('', $server{$n},
            "<Location /explain>\nCorsExplain On\n</Location>\n",
            map { $configurations[$_]{config} } @mine),
        files => { 'htdocs/error.html' => "error\n", 'conf/users' => "a:b\n",
            map { %{ $configurations[$_]{files} } } @mine })->start;
    for my $m (@mine) {
        my $files = $configurations[$m]{files};
        my $shown = join '', $server{$n}, $configurations[$m]{config},
            map { "$_:\n$files->{$_}" } grep { /htaccess$/ } sort keys %$files;
        compare($httpd, $_, $shown) for @{ $configurations[$m]{asked} };
    }
    $httpd->expect(
        qr/\[(?:authz_core|allowmethods):error\].*denied by server config/,
        qr/\[cors:warn\] .* apply to the same URL/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}
my $asked = 0;
$asked += $_ for values %verdicts;
cmp_ok $verdicts{unknown}, '<=', 0.05 * $asked,
    'at most 5 of 100 verdicts are "unknown"';
diag join ', ', map { "$verdicts{$_} $_" } sort keys %verdicts;
done_testing;
