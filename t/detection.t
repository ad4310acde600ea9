# CorsEngine DetectionOnly is how a policy is tried on a live site: everything
# is decided, logged and counted as if the policy were applied, and nothing
# changes (t/untouched.t). Without this test a trial could report other decisions
# than those that follow.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Cors;
use Test::Httpd;

my $POLICY = <<"EOF";
    CorsAllowOrigin $APP
    CorsAllowMethods PUT
    CorsAllowCredentials On
    CorsDebugHeader On
    <Location /enforced>
        CorsEnforce On
    </Location>
    <Location /any>
        CorsAllowCredentials Off
        CorsAllowOrigin *
    </Location>
    <Location /expr>
        CorsAllowCredentials Off
        CorsAllowOriginExpr "req('X-Tenant') == 'a'"
    </Location>
EOF
my $httpd = Test::Httpd->config(log_level => 'cors:debug',
    modules => [qw(alias auth_basic authn_file authz_user dir rewrite status)],
    files => { 'htdocs/x.txt' => "x\n", 'htdocs/dir/index.html' => "x\n",
        'htdocs/rewrite/.htaccess' => "RewriteEngine On\n"
            . "RewriteRule ^from /x.txt\n" },
    config => <<"EOF")->expect(qr/client denied by server config/)->start;
Redirect 302 /moved https://elsewhere.example/
<Location /login>
    AuthType Basic
    AuthName login
    AuthUserFile /dev/null
    Require valid-user
</Location>
<Location /closed>
    Require all denied
</Location>
<VirtualHost *:\@PORT\@>
    ServerName on.example.com
$POLICY
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName only.example.com
    CorsEngine DetectionOnly
$POLICY
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName status.example.com
    <Location /status>
        SetHandler server-status
    </Location>
</VirtualHost>
EOF

sub counters()
{
    return { $httpd->request("GET /status?auto HTTP/1.1\n"
        . "Host: status.example.com\n")->{body} =~ /^(Cors\w+): (\d+)$/mg };
}

# Status, decisions in the log, and the counters that rose.
sub outcome($host, $text)
{
    my $before = counters();
    $httpd->clear_log;
    my $r = $httpd->request($text =~ s/HOST/$host.example.com/gr
        =~ s/\n/\nHost: $host.example.com\n/r);
    my @lines = $httpd->error_log
        =~ /\[cors:\w+\].*\[client [^]]+\] (\S.* from .*)/g;
    s/$host\.example/HOST.example/g, s/test\.conf:\d+/test.conf/g for @lines;
    my $after = counters();
    return ($r, \@lines,
        [grep { $after->{$_} > $before->{$_} } sort keys %$after]);
}

for ([200, 200, get('/x.txt')], [200, 200, get('/x.txt', $EVIL)],
    [200, 200, get('/x.txt', 'null')], [200, 200, get('/x.txt', '')],
    [200, 200, get('/x.txt', 'http://HOST')], [404, 404, get('/none')],
    [301, 301, get('/dir')], [200, 200, get('/dir/')],
    [302, 302, get('/moved')], [200, 200, get('/rewrite/from')],
    [403, 403, get('/closed/x')], [404, 404, get('/any/x', $EVIL)],
    [404, 404, get('/expr/x', $EVIL, "X-Tenant: a\n")],
    [404, 404, get('/expr/x', $EVIL, "X-Tenant: b\n")],
    [403, 404, get('/enforced/x', $EVIL)], [404, 404, get('/enforced/x')],
    [401, 401, get('/login/x')],
    [204, 200, preflight('/x.txt')], [403, 200, preflight('/x.txt', $EVIL)],
    [204, 401, preflight('/login/x')], [204, 301, preflight('/dir')],
    [204, 200, preflight('/x.txt', $APP,
        "Access-Control-Request-Method: PATCH\n")],
    [204, 200, preflight('/x.txt', $APP,
        "Access-Control-Request-Headers: x-a\n")],
    [200, 200, preflight('/x.txt', 'http://HOST')],
    [204, 200, preflight('/any/x', $EVIL,
        "Access-Control-Request-Method: GET\n")]) {
    my ($applied, $unchanged, $text) = @$_;
    my $name = join ' ', $text =~ /^(\S+ \S+) .*(?:Origin: (.*))/s
        ? map { s/\n.*//sr } $1, $2 : $text;
    my ($r, $logged, $counted) = outcome('on', $text);
    my ($same, $only, $also) = outcome('only', $text);
    is_deeply [$r->{status}, $same->{status}], [$applied, $unchanged],
        "$name: only an applied policy changes the response";
    is_deeply [map { s/ \(DetectionOnly\)//r } @$only], $logged,
        'both log the same decision';
    is scalar(grep { !/\(DetectionOnly\)/ } @$only), 0,
        'one of them as DetectionOnly';
    is scalar @$logged, 1, 'in one line';
    is_deeply $also, $counted, 'and count it';
    is scalar @$counted, 1, 'once';
}
is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
