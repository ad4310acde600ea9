# CorsEngine DetectionOnly is how a policy is tried on a live site: everything
# is decided, logged and counted, and not a byte of any response changes.
# Without this test a trial could break the site that it was meant to spare, or
# say something else than what the policy then does.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $cgi = ($ENV{TEST_MPM} // '') eq 'prefork' ? 'cgi' : 'cgid';
my $app = 'Origin: https://app.example.com';
my $evil = 'Origin: https://evil.example';
my $own = 'Origin: http://www.example.com';
my $put = 'Access-Control-Request-Method: PUT';

# A backend of long standing, with headers of its own.
my $script = <<'EOF';
#!/bin/sh
echo "Access-Control-Allow-Origin: *"
echo "Access-Control-Allow-Methods: GET, PUT"
echo "Vary: Accept"
echo "Content-Type: text/plain"
echo
echo script
EOF
my %files = (
    'htdocs/x.txt' => "some text\n" x 20, 'htdocs/app.cgi' => $script,
    'htdocs/index.html' => "index\n", 'htdocs/error.html' => "error\n",
    'htdocs/login/x.txt' => "x\n", 'htdocs/enforced/x.txt' => "x\n",
    'htdocs/dir/index.html' => "dir\n", 'htdocs/rewrite/to.txt' => "to\n",
    'htdocs/rewrite/.htaccess' => "RewriteEngine On\n"
        . "RewriteCond %{HTTP:Origin} example\nRewriteRule ^from to.txt\n",
    'htdocs/old/x.txt' => "x\n", 'htdocs/if/x.txt' => "x\n",
    'htdocs/expr/x.txt' => "x\n",
    'htdocs/old/.htaccess' => 'Header always set Access-Control-Allow-Origin '
        . "*\nHeader merge Vary Cookie\n",
    'conf/users' => "user:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=\n",
);

sub config($engine)
{
    return <<"EOF";
<IfModule cors_module>
    CorsEngine $engine
    CorsAllowOrigin https://app.example.com
    CorsAllowMethods PUT
    CorsAllowCredentials On
    CorsExposeHeaders ETag
    CorsMaxAge 600
    CorsDebugHeader On
    <Location /enforced>
        CorsEnforce On
    </Location>
    <Location /any>
        CorsAllowOrigin *
        CorsAllowCredentials Off
    </Location>
    <Location /pass>
        CorsPreflight Pass
    </Location>
    <Location /expr>
        CorsAllowOriginExpr "req('X-Tenant') == 'a'"
        CorsAllowCredentials Off
    </Location>
</IfModule>
<Location /if>
    <If "req('Origin') =~ /app/">
        <IfModule cors_module>
            CorsExposeHeaders +X-More
        </IfModule>
    </If>
</Location>
<Directory "\@DOCROOT\@">
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
ErrorDocument 404 /error.html
Redirect 302 /moved https://elsewhere.example/
<Location /login>
    AuthType Basic
    AuthName login
    AuthBasicProvider file
    AuthUserFile "\@ROOT\@/conf/users"
    Require valid-user
</Location>
<Location /closed>
    Require all denied
</Location>
<Location /methods>
    AllowMethods GET
</Location>
<Location /status>
    SetHandler server-status
</Location>
EOF
}

sub server($engine)
{
    my $httpd = Test::Httpd->config(
        modules => [$cgi, qw(alias allowmethods auth_basic authn_file
            authz_user deflate dir headers mime rewrite status)],
        server_name => 'www.example.com', files => \%files,
        config => config($engine // 'Off'), cors => defined $engine,
        log_level => defined $engine ? 'cors:debug' : 'notice');
    utime 1e9, 1e9, $httpd->root . "/$_" for keys %files;
    $httpd->expect(qr/denied by server configuration/);
    return $httpd->start;
}

my $without = server(undef);
my $only = server('DetectionOnly');
my $on = server('On');

# Rows of [request, status, status where the policy is applied].
my @rows = (
    ["GET /x.txt|$app", 200, 200], ["GET /x.txt|$evil", 200, 200],
    ['GET /x.txt', 200, 200], ["HEAD /x.txt|$app", 200, 200],
    ["GET /x.txt|$own", 200, 200], ["GET /x.txt|Origin: null", 200, 200],
    ["GET /x.txt|Origin:", 200, 200], ["POST /x.txt|$evil", 200, 200],
    ["GET /x.txt|$app|Range: bytes=2-5", 206, 206],
    ["GET /x.txt|$app|If-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT",
        304, 304],
    ["PUT /x.txt|$app", 405, 405], ["GET /none|$app", 404, 404],
    ["GET /none|$evil", 404, 404], ["GET /dir|$app", 301, 301],
    ["GET /dir/|$app", 200, 200], ["GET /moved|$app", 302, 302],
    ["GET /rewrite/from|$app", 200, 200], ["GET /app.cgi|$app", 200, 200],
    ["GET /app.cgi|$evil", 200, 200], ["GET /old/x.txt|$app", 200, 200],
    ["GET /old/none|$evil", 404, 404], ["GET /closed/x|$app", 403, 403],
    ["GET /any/x|$evil", 404, 404], ["DELETE /methods/x|$app", 405, 405],
    ["GET /if/x.txt|$app", 200, 200], ["GET /if/none|$evil", 404, 404],
    ["GET /expr/x.txt|$app|X-Tenant: a", 200, 200],
    ["GET /expr/x.txt|$evil|X-Tenant: b", 200, 200],
    ["OPTIONS /expr/x.txt|$app|$put", 200, 403],
    ["GET /enforced/x.txt|$evil", 200, 403],
    ["POST /enforced/x.txt|$evil", 200, 403],
    ["GET /enforced/x.txt|$app", 200, 200], ["GET /login/x.txt|$app", 401, 401],
    ["GET /login/x.txt|$app|Authorization: Basic dXNlcjphZG1pbg==", 200, 200],
    ["OPTIONS /x.txt|$app|$put", 200, 204],
    ["OPTIONS /x.txt|$evil|$put", 200, 403],
    ["OPTIONS /x.txt|$app|Access-Control-Request-Method: PATCH", 200, 204],
    ["OPTIONS /x.txt|$app|$put|Access-Control-Request-Headers: x-a", 200, 204],
    ["OPTIONS /x.txt|$own|$put", 200, 200], ["OPTIONS /x.txt|$app", 200, 200],
    ["OPTIONS /app.cgi|$app|$put", 200, 204],
    ["OPTIONS /login/x.txt|$app|$put", 401, 204],
    ["OPTIONS /dir|$app|$put", 301, 204],
    ["OPTIONS /moved|$app|$put", 302, 302],
    ["OPTIONS /none|$app|$put", 200, 204],
    ["OPTIONS /pass/x|$app|$put", 200, 200],
    ["OPTIONS /closed/x|$app|$put", 403, 403],
    ["OPTIONS /methods/x|$app|$put", 405, 405],
    ["OPTIONS /any/x|$evil|$put", 200, 204],
    ["GET /x.txt|$app|Broken", 400, 400],
    ['GET /' . 'x' x 9000 . "|$app", 414, 414],
);

sub bytes($short)
{
    my ($line, @headers) = split /\|/, $short;
    return join "\r\n", "$line HTTP/1.1", 'Host: www.example.com',
        'Connection: close', @headers, '', '';
}

# The whole response, and the decisions that were logged meanwhile, without the
# time, the process and the client.
sub ask($httpd, $short)
{
    $httpd->clear_log;
    my ($r) = $httpd->raw(bytes($short));
    my @lines = grep { /\[cors:\w+\].*: origin "/ } split /\n/,
        $httpd->error_log;
    my $root = $httpd->root;
    s/^.*\[client [^]]+\] //, s/\Q$root\E//g for @lines;
    return ($r, @lines);
}

# Two things differ from run to run, also without the module: the order of
# methods in Allow, and how a script's answer is framed.
sub without_date($r)
{
    my $raw = $r->{raw} =~ s/^Date: .*\r\n//mr;
    $raw =~ s/^(Allow: )(.*)(?=\r)/$1 . join ',', sort split \/,\/, $2/me;
    return $raw if $r->{body} !~ /^script/;
    my ($head) = split /\r\n\r\n/, $raw;
    $head =~ s/\r\n(?:Content-Length|Transfer-Encoding): [^\r]*//;
    return "$head\r\n\r\n$r->{body}";
}

my ($decided, $refused) = (0, 0);
for (@rows) {
    my ($short, $status, $applied) = @$_;
    my $name = length $short > 200 ? substr($short, 0, 20) . '...' : $short;
    my ($plain) = ask($without, $short);
    my ($same, @said) = ask($only, $short);
    my ($other, @says) = ask($on, $short);
    is $plain->{status}, $status, "$name: $status without the module";
    is without_date($same), without_date($plain), 'the same, byte for byte';
    is $other->{status}, $applied, "$applied where the policy is applied";
    is_deeply \@said, \@says, 'and the same decision is logged';
    $decided += @said;
    $refused += grep { /denied/ } @said;
}
cmp_ok $decided, '>', 35, 'most of them were decided';
cmp_ok $refused, '>', 10, 'and many refused';

sub counters($httpd)
{
    return { $httpd->request("GET /status?auto HTTP/1.1\n")->{body}
        =~ /^(Cors\w+): (\d+)$/mg };
}

my $counted = counters($only);
is_deeply $counted, counters($on), 'all of them are counted';
my $sum = 0;
$sum += $_ for values %$counted;
cmp_ok $sum, '>=', $decided, 'each decision that was logged';

# The other servers differ: what was compared says something.
my ($plain) = ask($without, "GET /x.txt|$app");
my ($other) = ask($on, "GET /x.txt|$app");
isnt without_date($other), without_date($plain), 'On is to be seen';

is $_->complaints, '', 'nothing unexpected in the error log'
    for $without, $only, $on;
done_testing;
