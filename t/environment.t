# CORS_DECISION and CORS_ORIGIN carry the decision to everything that reads the
# environment: LogFormat, CGI, includes, "env=", Require. Without them a log
# analysis, an alarm or an application has to guess at what was decided; and if
# they held what any stranger sends, his bytes would stand in logs and scripts.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.example';
my $cgi = ($ENV{TEST_MPM} // '') eq 'prefork' ? 'cgi' : 'cgid';

my $script = <<'EOF';
#!/bin/sh
echo "Status: ${REDIRECT_STATUS:-200}"
echo "Content-Type: text/plain"
echo
echo "decision=${CORS_DECISION--} origin=${CORS_ORIGIN--}"
EOF
my $httpd = Test::Httpd->config(
    modules => [$cgi, qw(alias allowmethods auth_basic authn_file authz_user
        dir env headers include mime negotiation proxy_http rewrite)],
    log_format => '%{X-Id}i %r %>s %{CORS_DECISION}e %{CORS_ORIGIN}e',
    files => {
        'htdocs/x.txt' => "x\n", 'htdocs/behind/x.txt' => "x\n",
        'htdocs/env.cgi' => $script,
        'htdocs/dir/index.cgi' => $script,
        'htdocs/echo.shtml' => 'decision=<!--#echo var="CORS_DECISION" -->'
            . ' origin=<!--#echo var="CORS_ORIGIN" -->' . "\n",
        'htdocs/include.shtml' => '<!--#include virtual="/env.cgi" -->',
        'htdocs/rewrite/.htaccess' => "RewriteEngine On\n"
            . "RewriteRule ^from\$ /env.cgi\n",
        'htdocs/fallback/.htaccess' => "FallbackResource /env.cgi\n",
        'htdocs/variant/page.cgi' => $script,
        'htdocs/variant/.htaccess' => "Options +MultiViews +ExecCGI\n"
            . "MultiviewsMatch Handlers\n",
    },
    config => <<"EOF")->start;
CorsAllowOrigin $app
CorsAllowMethods PUT
Header always set X-Decision "%{CORS_DECISION}e" env=CORS_DECISION
Header always set X-Origin "%{CORS_ORIGIN}e" env=CORS_ORIGIN
CustomLog logs/denied "%{X-Id}i" env=!CORS_ORIGIN
ErrorDocument 404 /env.cgi
Redirect 301 /moved /x.txt
Redirect gone /gone
@{[ map { my ($name, $target) = @$_; "<Location /failing-$name>\n"
    . "ErrorDocument 404 $target\n</Location>\n" } ['gone', '/gone'],
    ['slash', '/a%2fb'], ['long', '/' . 'x' x 300],
    ['missing', '/failing-missing'], ['text', '"text"'] ]}
ProxyPass /proxied http://127.0.0.1:\@PORT\@/behind
<Location /proxied>
    RequestHeader set X-Seen "%{CORS_DECISION}e %{CORS_ORIGIN}e"
</Location>
<Location /behind>
    CorsEngine Off
    Header always set X-Seen "expr=%{req:X-Seen}"
</Location>
<Directory "\@DOCROOT\@">
    Options +ExecCGI +Includes
    AddHandler cgi-script .cgi
    AddOutputFilter INCLUDES .shtml
    DirectoryIndex index.cgi
</Directory>
<Location /login>
    AuthType Basic
    AuthName login
    AuthBasicProvider file
    AuthUserFile /dev/null
    Require valid-user
</Location>
<Location /closed>
    Require all denied
</Location>
<Location /methods>
    AllowMethods POST
</Location>
<Location /known>
    Require env CORS_ORIGIN
</Location>
<Location /any>
    CorsAllowOrigin *
</Location>
<Location /detected>
    CorsEngine DetectionOnly
</Location>
<Location /enforced>
    CorsEnforce On
</Location>
<Location /off>
    CorsEngine Off
</Location>
EOF
$httpd->expect(qr/client denied by server configuration/,
    qr/client method denied by server configuration/, qr/File name too long/);

my ($id, $asked) = (0, '');
sub ask($method, $path, @lines)
{
    $id++;
    $asked = "$method $path";
    return $httpd->request(join "\n", "$method $path HTTP/1.1", @lines,
        "X-Id: $id", '');
}

sub logged()
{
    my $line = qr/^$id \Q$asked\E HTTP\/1\.1 (.*)/m;
    return ($httpd->access_log($line) =~ $line)[0];
}

sub put() { return 'Access-Control-Request-Method: PUT' }

# ---- each decision, wherever the response comes from ----

my %decisions = (
    allowed => ['GET', [], "Origin: $app"],
    'preflight-allowed' => ['OPTIONS', ['PUT'], "Origin: $app", put()],
    'origin-denied' => ['GET', [], "Origin: $evil"],
    'method-denied' => ['OPTIONS', ['PATCH'], "Origin: $app",
        'Access-Control-Request-Method: PATCH'],
    'headers-denied' => ['OPTIONS', ['PUT'], "Origin: $app", put(),
        'Access-Control-Request-Headers: x-token'],
    'same-origin' => ['GET', [], 'Origin: http://127.0.0.1:@PORT@'],
);

# Rows of [path, status of a GET, of a preflight]; 204 is our own answer.
my @places = (
    ['/x.txt', 200, 204], ['/dir/', 200, 204], ['/dir', 301, 204],
    ['/missing', 404, 204], ['/moved', 301, 301], ['/login/x.txt', 401, 204],
    ['/closed/x.txt', 403, 403], ['/methods/x.txt', 405, 405],
    ['/rewrite/from', 200, 204], ['/fallback/no/file', 200, 204],
    ['/variant/page', 200, 204], ['/env.cgi', 200, 204],
    ['/echo.shtml', 200, 204], ['/include.shtml', 200, 204],
    ['/proxied/x.txt', 200, 204], ['/detected/none.txt', 404, 200],
);
my %prints = map { $_ => 1 } qw(/dir/ /missing /rewrite/from /fallback/no/file
    /variant/page /env.cgi /echo.shtml /include.shtml);

for my $decision (sort keys %decisions) {
    my ($method, undef, @lines) = @{ $decisions{$decision} };
    s/\@PORT\@/$httpd->port/e for @lines;
    my ($origin) = $lines[0] =~ /: (.*)/;
    $origin = '-' if $decision =~ /^(?:origin-denied|same-origin)$/;
    for (@places) {
        my ($path, $get, $preflight) = @$_;
        my $status = $method eq 'GET' ? $get : $preflight;
        my $r = ask($method, $path, @lines);
        my $name = "$decision, $path";
        is logged(), "$status $decision $origin",
            "$name: the access log has decision and origin";
        is_deeply $r->{headers}{'x-decision'}, [$decision],
            'env= sees the decision once';
        is_deeply $r->{headers}{'x-origin'}, $origin eq '-' ? undef : [$origin],
            'and the origin only if it is allowed';
        is_deeply $r->{headers}{'x-seen'}, ["$decision "
            . ($origin eq '-' ? '(null)' : $origin)],
                'and the backend gets both'
            if $path =~ /proxied/ && $status != 204;
        next if !$prints{$path} || $status == 204;
        my $none = $path =~ /echo/ ? '(none)' : '-';
        is $r->{body}, "decision=$decision origin="
            . ($origin eq '-' ? $none : $origin) . "\n",
                'and the script sees both';
    }
}

# ---- nothing decided, nothing set ----

for (['GET', '/x.txt'], ['OPTIONS', '/x.txt', put()], ['GET', '/missing'],
    ['GET', '/off/x.txt', "Origin: $app"], ['OPTIONS', '/off/x.txt',
    "Origin: $app", put()], ['GET', '/env.cgi', 'CORS_DECISION: allowed',
    'CORS-Decision: allowed', "CORS-Origin: $evil"]) {
    my $r = ask(@$_);
    my $name = join ' ', @$_;
    like logged(), qr/^\d+ - -$/, "$name: the access log has no decision";
    is $r->{headers}{'x-decision'}, undef, 'env= sees no decision';
    is $r->{body}, "decision=- origin=-\n", 'and a script sees none'
        if $r->{body} =~ /decision/;
}

# ---- an ErrorDocument that fails itself, before any hook of the module ----

for my $failed ('gone', 'slash', 'long', 'missing', 'text') {
    for (["Origin: $app", "allowed $app"],
        ["Origin: $evil", 'origin-denied -']) {
        my ($origin, $words) = @$_;
        my $r = ask('GET', "/failing-$failed", $origin);
        is $r->{status}, 404, "the ErrorDocument of a 404 fails: $failed";
        like logged(), qr/^\d+ \Q$words\E$/, 'the access log has the decision';
    }
}

# ---- what it is good for ----

is ask('GET', '/known/x.txt', "Origin: $app")->{status}, 404,
    'Require env CORS_ORIGIN: the allowed origin passes';
is ask('GET', '/known/x.txt', "Origin: $evil")->{status}, 403,
    'and another origin is refused';
is ask('GET', '/known/x.txt')->{status}, 403,
    'and so is a request without Origin';

ask('GET', '/enforced/x.txt', "Origin: $evil");
is logged(), '403 origin-denied -', 'a request that CorsEnforce stops';
ask('GET', '/any/x', "Origin: $evil");
is logged(), "404 allowed $evil", '*: the origin that asked';
ask('GET', '/any/x', 'Origin: null');
is logged(), '404 allowed null', '*: null';

my ($seen, $denied) = ($id + 1, $id + 2);
ask('GET', '/x.txt', "Origin: $app");
ask('GET', '/x.txt', "Origin: $evil");
logged();
my $list = $httpd->slurp('logs/denied');
unlike $list, qr/^$seen$/m, 'env=! in CustomLog: without what is allowed';
like $list, qr/^$denied$/m, 'with what is not';

# ---- bytes of strangers are in no variable ----

my $long = Test::Httpd->longest_for_scripts;
my @odd = ('', ' ', 'x', "\x80\xff", "https://b\xc3\xbccher.example", "a\tb",
    "$app, $evil", "$app/", "https://e.example/<script>alert(1)</script>",
    '"quoted"', '$(id)', '`id`', 'https://e.example%0d%0aX:y', '() { :;}; id',
    'https://' . 'x' x $long, 'https://' . 'a.' x ($long / 3) . 'example',
    'https://user@e.example', '*');
for my $odd (@odd) {
    my $name = length $odd > 60 ? length($odd) . ' bytes' : $odd;
    $name =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    for (['/any/env', 'allowed'], ['/missing', 'origin-denied']) {
        my ($path, $decision) = @$_;
        my $r = ask('GET', $path, "Origin: $odd");
        is logged(), "404 $decision -",
            "$path, Origin '$name': only the decision is in the log";
        is_deeply $r->{headers}{'x-decision'}, [$decision],
            'env= sees the decision';
        is $r->{headers}{'x-origin'}, undef, 'and no origin';
        is $r->{body}, "decision=$decision origin=-\n",
            'and a script sees no origin';
    }
}
my $longest = 'a' x 60 . '://' . join '.', ('b' x 62) x 4;
ask('GET', '/any/x', "Origin: $longest");
is logged(), "404 allowed $longest", 'the longest origins are whole';

is $httpd->complaints, '', 'nothing unexpected in the error log';

# What an administrator takes from the request must not pass for a decision.
$httpd = Test::Httpd->config(modules => ["setenvif"],
    log_format => "%{CORS_DECISION}e", config => "CorsAllowOrigin $app\n"
        . "SetEnvIf Origin \"(.*)\" CORS_DECISION=\$1\n")->start;
$httpd->request("GET / HTTP/1.1\nOrigin: $evil\n");
is_deeply [$httpd->access_log(qr{\S})], ["origin-denied\n"],
    "SetEnvIf does not forge the decision";
is $httpd->complaints, q{}, "nothing unexpected in the error log";
done_testing;
