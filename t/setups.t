# Set-ups that were found broken in public, or built to be. An administrator who
# asks the explain page or reads the log has to find the cause at once: a cause
# that is not named costs an evening, a wrong one a hole.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Explain qw(explained fetched);
use Test::Httpd;

my $app = 'https://app.example.com';
my $json = 'content-type';
my $dead = Test::Httpd->free_port;
my $login = "AuthType Basic\nAuthName x\nAuthBasicProvider file\n"
    . "AuthUserFile /dev/null\n";

# Rows of [name, configuration of the virtual host, question, verdict, cause on
# the page, what to write (undef: nothing), log line]. "<N>" is the place of
# line N of the configuration.
my @rows = (
    ['another port', 'CorsAllowOrigin http://localhost:3000',
        { origin => 'http://localhost:9090' }, 'refused',
        qr{differs from "http://localhost:3000" in its port},
        qr{^CorsAllowOrigin http://localhost:9090$},
        qr{origin-denied: GET <url> from .*, policy <1>: .* in its port}],
    ['www. in the origin only', 'CorsAllowOrigin https://example.com',
        { origin => 'https://www.example.com' }, 'refused',
        qr{differs from "https://example.com" by "www\."},
        qr{^CorsAllowOrigin https://www\.example\.com$}, qr/by "www\."/],
    ['www. in the policy only', 'CorsAllowOrigin https://www.example.com',
        { origin => 'https://example.com' }, 'refused',
        qr{differs from "https://www\.example\.com" by "www\."},
        qr{^CorsAllowOrigin https://example\.com$}, qr/by "www\."/],
    ['http for https', "CorsAllowOrigin $app",
        { origin => 'http://app.example.com' }, 'refused',
        qr{in its scheme}, qr{^CorsAllowOrigin http://app}, qr/in its scheme/],
    ['<Directory> for a proxied path', "<Directory \"/svc\">\n"
        . "CorsAllowOrigin $app\n</Directory>\n"
        . "ProxyPass /svc http://127.0.0.1:$dead/", { url => '/svc/x' },
        'unknown', qr{<Directory "/svc"> \(<1>\) does not apply, because this
            [ ]URL[ ]is[ ]proxied.*use[ ]<Location>}x,
        qr{^<Location "/svc">\n    CorsAllowOrigin $app\n</Location>$},
        qr{no-policy: GET <url> from "$app"}],
    ['a Header line outside of the policy', "<Location /other>\n"
        . "CorsAllowOrigin $app\n</Location>\n"
        . 'Header set Access-Control-Allow-Origin https://b.example.com', {},
        'unknown', qr{no policy applies.*Header set Access-Control-Allow-Origin
            [ ]https://b[.]example[.]com[ ]\(<4>\)}x, qr{^<Location "/x.txt">},
        qr/no-policy: /],
    ['a rule that answers OPTIONS', "CorsAllowOrigin $app\n"
        . "CorsAllowMethods PUT\nRewriteEngine On\n"
        . "RewriteCond %{REQUEST_METHOD} OPTIONS\nRewriteRule ^ - [R=204,L]",
        { method => 'PUT' }, 'unknown', qr{RewriteRule \^ - \[R=204,L\]
            [ ]\(<5>\)}x, undef, qr{preflight for PUT <url> .*answered by
            [ ]mod_cors,[ ]but[ ]with[ ]status[ ]204:.*remove[ ]the[ ]rule}x],
    ['.htaccess below AllowOverride None', '<Directory "@DOCROOT@/none">'
        . "\nAllowOverride None\n</Directory>", { url => '/none/x.txt' },
        'refused', qr{htdocs/none/\.htaccess:1 is not read, because
            [ ]AllowOverride}x, qr{^<Location "/none">}, qr/no-policy: /],
    ['.htaccess overridden by <Location "/">', "<Location \"/\">\n"
        . "CorsAllowOrigin https://b.example.com\n</Location>",
        { url => '/ht/x.txt' }, 'refused', qr{does not match
            [ ]"https://b[.]example[.]com"}x, qr{^CorsAllowOrigin $app$},
        qr/origin-denied: .*policy <2>/],
    ['* with credentials', 'CorsAllowOrigin *', { credentials => 'on' },
        'refused', qr{"\*" \(<1>\) allows every origin, but without
            [ ]credentials}x,
        qr{^CorsAllowOrigin $app\nCorsAllowCredentials On$}, undef],
    ['a list of headers without Content-Type', "CorsAllowOrigin $app\n"
        . 'CorsAllowHeaders X-Token', { method => 'POST', headers => $json },
        'refused', qr{"content-type" is not in CorsAllowHeaders, which
            [ ]replaced[ ]the[ ]default;[ ]with[ ]'\+'}x,
        qr{^CorsAllowHeaders content-type$},
        qr{headers-denied: .*policy <2>.*replaced the default}],
    ['patch in lower case', "CorsAllowOrigin $app\nCorsAllowMethods PATCH",
        { method => 'patch' }, 'refused', qr{methods are case-sensitive, so the
            [ ]script[ ]must[ ]use[ ]"PATCH"}x, undef,
        qr{method-denied: .*case-sensitive}],
    ['a redirect to https', "CorsAllowOrigin $app\nRewriteEngine On\n"
        . "RewriteCond %{HTTPS} off\nRewriteCond %{REQUEST_URI} !^/explain\n"
        . 'RewriteRule ^ https://%{HTTP_HOST}%{REQUEST_URI} [R=301,L]',
        { method => 'POST', headers => $json }, 'unknown',
        qr{status[ ]301:[ ]RewriteRule[ ]\^[ ]https:.*\(<5>\)}x, undef,
        qr{answered by mod_cors, but with status 301: .*redirect}],
    ['Require ip', "CorsAllowOrigin $app\n<Location /x.txt>\n"
        . "Require ip 192.0.2.1\n</Location>",
        { method => 'POST', headers => $json }, 'refused',
        qr{status[ ]403:.*let[ ]OPTIONS[ ]pass[ ]there,[ ]and[ ]check[ ]that
            [ ]the[ ]request[ ]itself[ ]is[ ]allowed}x, undef,
        qr{with status 403: .*itself is allowed}],
    ['<LimitExcept> without OPTIONS', "CorsAllowOrigin $app\n"
        . "<Location /x.txt>\n<LimitExcept GET POST>\nRequire all denied\n"
        . "</LimitExcept>\n</Location>", { method => 'POST',
        headers => $json }, 'refused', qr{status 403: .*<LimitExcept>}, undef,
        qr{status 403: .*<LimitExcept>}],
    ['CorsEngine Off', "CorsAllowOrigin $app\n<Location />\nCorsEngine Off\n"
        . '</Location>', {}, 'refused', qr{CorsEngine is Off \(<3>\)},
        qr{^CorsEngine On$}, qr{no-policy: .*CorsEngine is Off \(<3>\)}],
    ['an expression that can match nothing',
        'CorsAllowOriginMatch ^https://app.example.com/$', {}, 'refused',
        qr{does not match "\^https://app\.example\.com/\$"},
        qr{^CorsAllowOrigin $app$}, qr/origin-denied: /],
    ['three names of loopback',
        'CorsAllowOrigin http://localhost:* http://127.0.0.1:*',
        { origin => 'http://[::1]:5173' }, 'refused',
        qr{localhost, 127\.0\.0\.1 and \[::1\] are different origins},
        qr{^CorsAllowOrigin http://\[::1\]:5173$}, qr/different origins/],
    ['a sandboxed frame', "CorsAllowOrigin $app", { origin => 'null' },
        'refused', qr{sandboxed frames, by pages from a file.*redirect},
        qr{^CorsAllowOrigin null$}, qr/sandboxed frames/],
    ['a backend that does not know OPTIONS', "CorsAllowOrigin $app\n"
        . 'CorsPreflight Pass', { method => 'POST', headers => $json },
        'unknown', qr{CorsPreflight is Pass \(<2>\).*status 200 to 299},
        qr{^CorsPreflight Answer$}, undef],
    ['a policy below /api/, and /api', "<Location /api/>\n"
        . "CorsAllowOrigin $app\n</Location>", { url => '/api' }, 'refused',
        qr{<Location /api/> \(<1>\) does not apply, because the URL differs
            [ ]from[ ]it[ ]by[ ]its[ ]last[ ]slash}x, undef, qr/no-policy: /],
    ['a redirect to another host', "CorsAllowOrigin $app\n"
        . 'Redirect 302 /moved http://other.example.com/x', { url => '/moved' },
        'unknown', qr{redirected \(status 302, Redirect 302 /moved
            [ ]http://other.*\(<2>\)\)[ ]to[ ]http://other.example.com/x.*let
            [ ]the[ ]page[ ]use[ ]it}x, undef, undef],
    ['an encoded slash', "<Directory \"\@DOCROOT\@\">\n"
        . "CorsAllowOrigin $app\n</Directory>", { url => '/a%2Fb' }, 'refused',
        qr{AllowEncodedSlashes refused the encoded slash}, undef,
        qr{no-policy: }],
    ['DetectionOnly', "CorsAllowOrigin https://b.example.com\n"
        . 'CorsEngine DetectionOnly', {}, 'refused',
        qr{CorsEngine is DetectionOnly \(<2>\), so nothing is changed},
        qr{^CorsAllowOrigin $app|^CorsEngine On$},
        qr{origin-denied \(DetectionOnly\): GET <url> }],

    # ten more
    ['one wrong letter', 'CorsAllowOrigin https://ap.example.com', {},
        'refused', qr{in one letter}, qr{^CorsAllowOrigin $app$},
        qr/in one letter/],
    ['another top-level domain', 'CorsAllowOrigin https://app.example.org', {},
        'refused', qr{in its top-level domain}, qr{^CorsAllowOrigin $app$},
        qr/in its top-level domain/],
    ['a login for preflights', "CorsAllowOrigin $app\n"
        . "CorsPreflightAuth Require\n<Location /x.txt>\n${login}Require "
        . "valid-user\n</Location>", { method => 'POST', headers => $json },
        'refused', qr{status 401: access control asked for a login},
        qr{^CorsPreflightAuth Skip$}, qr/status 401: /],
    ['a login for the request', "CorsAllowOrigin $app\n"
        . "<Location /x.txt>\n${login}Require valid-user\n</Location>",
        { method => 'POST', headers => $json }, 'allowed',
        qr{without a login, access control answers with status 401}, undef,
        undef],
    ['AllowMethods', "CorsAllowOrigin $app\n<Location /x.txt>\n"
        . "AllowMethods GET POST\n</Location>", { method => 'POST',
        headers => $json }, 'refused', qr{status 405: AllowMethods}, undef,
        qr/status 405: AllowMethods/],
    ['a rule with [F]', "CorsAllowOrigin $app\nRewriteEngine On\n"
        . "RewriteCond %{REQUEST_METHOD} OPTIONS\nRewriteRule ^ - [F]",
        { method => 'POST', headers => $json }, 'refused',
        qr{status[ ]403[ ]\(RewriteRule[ ]\^[ ]-[ ]\[F\][ ]\(<4>\)\)}x, undef,
        qr/status 403: .*RewriteRule with \[F\]/],
    ['no credentials', "CorsAllowOrigin $app", { credentials => 'on' },
        'refused', qr{CorsAllowCredentials is not On},
        qr{^CorsAllowCredentials On$}, undef],
    ['* and Authorization', "CorsAllowOrigin *\nCorsAllowHeaders *",
        { headers => 'authorization' }, 'refused', qr{"authorization"},
        qr{^CorsAllowHeaders authorization$}, qr/headers-denied: /],
    ['the server itself', 'CorsAllowOrigin https://b.example.com',
        { origin => 'http://<host>:<port>' }, 'allowed',
        qr{the origin is the server's own}, undef, undef],
    ['a rule that cannot match', "CorsAllowOrigin $app\nRewriteEngine On\n"
        . 'RewriteRule ^/old/ /x.txt [R=301,L]', {}, 'allowed',
        qr{the policy allows it}, undef, undef],
);

my $config = "<VirtualHost *:\@PORT\@>\nServerName default.example.com\n"
    . "<Location /explain>\nCorsExplain On\n</Location>\n</VirtualHost>\n";
my @first;
for my $n (0 .. $#rows) {
    $config .= "<VirtualHost *:\@PORT\@>\nServerName s$n.example.com\n"
        . "<Location /explain>\nCorsExplain On\nCorsEngine On\n</Location>\n";
    $first[$n] = 1 + ($config =~ tr/\n//);
    $config .= "$rows[$n][1]\n</VirtualHost>\n";
}
my $httpd = Test::Httpd->config(log_level => 'cors:debug',
    modules => [qw(alias allowmethods auth_basic authn_file authz_user
        authz_host dir headers proxy_http rewrite)],
    files => { 'htdocs/x.txt' => "x\n", 'htdocs/api/x.txt' => "x\n",
        map { ("htdocs/$_/x.txt" => "x\n",
            "htdocs/$_/.htaccess" => "CorsAllowOrigin $app\n") } qw(none ht) },
    config => $config)->start;
my $place = $httpd->root . '/conf/test.conf';
my $port = $httpd->port;

# "<2>" in a pattern is the place of line 2.
sub placed($pattern, $n, $url)
{
    my $text = "$pattern" =~ s/\(\?\^ux:/(?^u:/r =~ s/\n\s*//gr;
    $text =~ s/<(\d+)>/"\Q$place:" . ($first[$n] + $1 - 1)/ge;
    $text =~ s/<url>/\Q$url\E/g;
    return qr/$text/;
}

for my $n (0 .. $#rows) {
    my ($name, undef, $asked, $verdict, $why, $write, $log) = @{ $rows[$n] };
    my %question = (url => '/x.txt', origin => $app, method => 'GET',
        host => "s$n.example.com:$port", %$asked);
    $question{origin} =~ s/<host>:<port>/s$n.example.com:$port/;
    $httpd->clear_log;
    my $page = explained($httpd, %question);
    is $page->{verdict}, $verdict, "$name: the verdict is $verdict"
        or diag explain($page);
    like join(' ', $page->{why}, $page->{unknown_because} // ''),
        placed($why, $n, ''), "$name: the page names the cause";
    $write ? like($page->{write}, $write, "$name: the page says what to write")
        : is($page->{write}, undef, "$name: the page proposes no directive");
    like $page->{virtual_host}, qr/^s$n\.example\.com:$port \(/,
        "$name: the page names the virtual host";
    unlike $httpd->error_log, qr/\[cors:/, "$name: the page logs nothing";
    fetched($httpd, %question);
    like $httpd->error_log, placed($log, $n,
        "http://s$n.example.com:$port$question{url}"),
        "$name: a log line names the cause" if $log;
}

# The wrong virtual host.
my $page = explained($httpd, url => '/x.txt', origin => $app,
    host => "api.example.com:$port");
like $page->{why}, placed(qr/\Ano policy applies in virtual host
    [ ]default[.]example[.]com.*which[ ]answers[ ]for[ ]names[ ]that[ ]no
    [ ]virtual[ ]host[ ]has.*another[ ]virtual[ ]host[ ]has[ ]a
    [ ]policy/x, 0, ''),
    'a name that no virtual host has: the page names the one that answered';
$page = explained($httpd, url => "http://s1.example.com:$port/x.txt",
    origin => $app, host => "s2.example.com:$port");
like $page->{error}, placed(qr/is answered by virtual host
    [ ]s1\.example\.com:$port
    [ ]\(.*:\d+\);[ ]use[ ]the[ ]explain[ ]page[ ]there/x, 1, ''),
    'a URL of another virtual host: the page names that host';

$httpd->expect(qr/client denied by server configuration/,
    qr/mod_cors replaces this header/, qr/matches no origin, because/,
    qr/AH00957/, qr/AH01114/, qr/AH01623/);
is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
