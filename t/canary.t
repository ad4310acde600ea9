# A preflight carries no login, so mod_cors lets it past "Require valid-user".
# Were that a way to the handler, whoever sends OPTIONS with two more headers
# could run scripts and reach backends that are behind a login. So each section
# here has a canary behind it, a script or a proxied server, that counts who
# comes by.
use strict;
use warnings;
use lib 't/lib';
use Digest::SHA qw(sha1_base64);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Backend;
use Test::Httpd;

my $APP = 'https://app.example.com';
my $EVIL = 'https://evil.example.net';
my $CGI = ($ENV{TEST_MPM} // '') eq 'prefork' ? 'cgi' : 'cgid';
my $LOGIN = 'Authorization: Basic ' . encode_base64('ann:secret', '') . "\n";

my $backend = Test::Backend->http;

# ---- what is combined ----

# What is between a request without a login and the handler, for OPTIONS
# and for GET: "login" (401, and a login opens), "open", or a status.
my %ACCESS = (
    'valid-user' => ['login', 'login', 'Require valid-user'],
    'any' => ['login', 'login', '<RequireAny>', 'Require valid-user',
        'Require ip 192.0.2.1', '</RequireAny>'],
    'any-from-here' => ['open', 'open', '<RequireAny>', 'Require valid-user',
        'Require ip 127.0.0.1', '</RequireAny>'],
    'all' => ['login', 'login', '<RequireAll>', 'Require valid-user',
        'Require ip 127.0.0.1', '</RequireAll>'],
    'all-from-there' => [403, 403, '<RequireAll>', 'Require valid-user',
        'Require ip 192.0.2.1', '</RequireAll>'],
    'all-not-from-here' => [403, 403, '<RequireAll>', 'Require valid-user',
        'Require not ip 127.0.0.1', '</RequireAll>'],
    'denied' => [403, 403, 'Require all denied'],
    'from-here' => ['open', 'open', 'Require ip 127.0.0.1'],
    'from-there' => [403, 403, 'Require ip 192.0.2.1'],
    'allow-methods' => [405, 'open', 'AllowMethods GET',
        'Require all granted'],
    'allow-methods-login' => [405, 'login', 'AllowMethods GET',
        'Require valid-user'],
    'limit-denied' => [403, 'login', '<LimitExcept GET POST>',
        'Require all denied', '</LimitExcept>', '<Limit GET POST>',
        'Require valid-user', '</Limit>'],
    'limit-login' => ['login', 'open', '<LimitExcept GET POST>',
        'Require valid-user', '</LimitExcept>'],
    'limit-open' => ['open', 'login', '<LimitExcept OPTIONS>',
        'Require valid-user', '</LimitExcept>'],
    'satisfy-any' => ['login', 'login', 'Order deny,allow', 'Deny from all',
        'Satisfy Any', 'Require valid-user'],
    'satisfy-any-from-here' => ['open', 'open', 'Order deny,allow',
        'Deny from all', 'Allow from 127.0.0.1', 'Satisfy Any',
        'Require valid-user'],
    'satisfy-all' => [403, 403, 'Order deny,allow', 'Deny from all',
        'Satisfy All', 'Require valid-user'],
    'satisfy-any-denied' => [403, 403, 'Order deny,allow', 'Deny from all',
        'Satisfy Any', 'Require all denied'],
);

# The last part of the URL chooses how the canary is come to.
my @WAYS = qw(canary.cgi variant fallback rewritten proxied backend);

# CorsPreflight, CorsPreflightAuth, CorsEngine: one of them at a time, and for
# one kind of access all combinations.
my @SETTINGS = ([qw(Answer Skip On)], [qw(Answer Require On)],
    [qw(Pass Skip On)], [qw(Answer Skip DetectionOnly)],
    [qw(Answer Skip Off)]);
my @COMBINATIONS = ([qw(Pass Require On)], map { ([qw(Answer Require), $_],
    [qw(Pass Skip), $_], [qw(Pass Require), $_]) } qw(DetectionOnly Off));

sub each_place
{
    my ($do) = @_;
    for my $access (sort keys %ACCESS) {
        $do->($access, @$_) for @SETTINGS,
            $access eq 'valid-user' ? @COMBINATIONS : ();
    }
    return;
}

sub place
{
    my (@names) = @_;
    return lc join '_', @names;
}

# ---- the server ----

my $AUTHENTICATION = <<'EOF';
AuthType Basic
AuthName private
AuthUserFile @ROOT@/conf/users
EOF

sub section
{
    my ($access, $mode, $auth, $engine) = @_;
    my $name = place($access, $mode, $auth, $engine);
    my (undef, undef, @lines) = @{ $ACCESS{$access} };
    return join "\n", "<Location /$name/>", @lines, <<"EOF";
CorsAllowOrigin $APP
CorsAllowMethods PUT
CorsPreflight $mode
CorsPreflightAuth $auth
CorsEngine $engine
FallbackResource /$name/canary.cgi
</Location>
EOF
}

my $CANARY = <<'EOF';
#!/bin/sh
printf . >> @ROOT@/var/count
test "$REQUEST_METHOD" = GET || cat > /dev/null
printf 'Content-Type: text/plain\n\ncanary\n'
EOF

# One directory, that every place is mapped to.
my $CONFIG = <<"EOF";
AliasMatch ^/[^/]+/([^/]+)\$ \@ROOT\@/canary/\$1
ProxyPassMatch ^/[^/]+/backend\$ http://127.0.0.1:@{[ $backend->port ]}/
<Directory "\@ROOT\@/canary">
    $AUTHENTICATION
    Options +ExecCGI +MultiViews
    MultiviewsMatch Handlers
    AddHandler cgi-script .cgi
    RewriteEngine On
    RewriteCond %{REQUEST_URI} ^(/[^/]+/)rewritten\$
    RewriteRule ^ %1canary.cgi [L]
    RewriteCond %{REQUEST_URI} ^/[^/]+/proxied\$
    RewriteRule ^ http://127.0.0.1:@{[ $backend->port ]}/ [P]
</Directory>
<LocationMatch ^/[^/]+/backend\$>
    $AUTHENTICATION
</LocationMatch>
EOF

sub server
{
    my ($sections, %files) = @_;
    return Test::Httpd->config(
        modules => [qw(alias rewrite dir negotiation mime proxy_http
            allowmethods access_compat auth_basic authn_file authz_user
            authz_host), $CGI],
        files => {
            'conf/users' => 'ann:{SHA}' . sha1_base64('secret') . "=\n",
            'canary/canary.cgi' => $CANARY, 'canary/variant.cgi' => $CANARY,
            'canary/rewritten' => '', 'canary/proxied' => '', %files,
        },
        config => $CONFIG . $sections)->start;
}

# How many requests have reached a canary.
sub reached
{
    my ($httpd) = @_;
    my $file = $httpd->root . '/var/count';
    return $backend->count + (-s $file // 0);
}

# Where the query string goes to the backend it says what that is to send.
my $QUERY = Test::Backend::asked("\n\ncanary\n");

# ---- what has to come ----

# httpd looks for these with subrequests that are GET, so that where only
# OPTIONS is open they find nothing, or somebody who asks for a login.
my %GET_SUBREQUEST = (variant => 404, fallback => 401);

# The status of a preflight, and whether that comes from the canary. A login
# is skipped only for a preflight that is answered here.
sub preflight_outcome
{
    my ($is_allowed, $way, $access, $mode, $auth, $engine) = @_;
    my $barrier = $ACCESS{$access}[0];
    my $is_ours = $mode eq 'Answer' && $engine eq 'On';
    if ($barrier eq 'login') {
        return 401 if !$is_ours || $auth eq 'Require' || !$is_allowed;
    }
    elsif ($barrier ne 'open') {
        return $barrier;
    }
    return $is_allowed ? 204 : 403 if $is_ours;
    return $access eq 'limit-open' && $GET_SUBREQUEST{$way} || '200 canary';
}

sub outcome
{
    my ($r) = @_;
    return $r->{status} . ($r->{body} =~ /canary/ ? ' canary' : '');
}

sub expected_canaries
{
    my (@outcomes) = @_;
    return scalar grep { $_ eq '200 canary' } @outcomes;
}

sub origins
{
    my ($r) = @_;
    return $r->{headers}{'access-control-allow-origin'} // [];
}

# ---- preflights ----

# [origin, body]
my @PREFLIGHTS = ([$APP, ''], [$APP, 'some body'], [$EVIL, ''],
    [$EVIL, 'some body']);

sub check_preflights
{
    my ($httpd, $way, @place) = @_;
    my $name = place(@place);
    my @expected = map {
        preflight_outcome($_->[0] eq $APP, $way, @place)
    } @PREFLIGHTS;
    my $before = reached($httpd);
    my @responses = $httpd->pipeline(map { <<"EOF" . $_->[1] } @PREFLIGHTS);
OPTIONS /$name/$way?$QUERY HTTP/1.1
Origin: $_->[0]
Access-Control-Request-Method: PUT

EOF
    is_deeply [map { outcome($_) } @responses], \@expected,
        "preflights, @place, $way";
    is reached($httpd) - $before, expected_canaries(@expected),
        "preflights, @place, $way: no other reaches the canary";
    my @readable = $place[3] eq 'On' ? ([$APP], [$APP], [], [])
        : map { [] } @PREFLIGHTS;
    is_deeply [map { origins($_) } @responses], \@readable,
        "preflights, @place, $way: only an allowed origin may read";
    return;
}

# ---- the requests that follow them ----

sub get
{
    my ($name, $way, $more) = (@_, '');
    return "GET /$name/$way?$QUERY HTTP/1.1\nOrigin: $APP\n$more";
}

sub check_requests
{
    my ($httpd, $way, @place) = @_;
    my $name = place(@place);
    my $barrier = $ACCESS{ $place[0] }[1];
    my @expected = $barrier eq 'login' ? (401, '200 canary')
        : $barrier eq 'open' ? ('200 canary', '200 canary')
        : ($barrier, $barrier);
    my $before = reached($httpd);
    my @responses = $httpd->pipeline(get($name, $way),
        get($name, $way, $LOGIN));
    is_deeply [map { outcome($_) } @responses], \@expected,
        "requests without and with a login, @place, $way";
    is reached($httpd) - $before, expected_canaries(@expected),
        "requests, @place, $way: no other reaches the canary";
    return;
}

# ---- a place and its target with two policies ----

my %REQUIRE = (open => 'Require all granted', login => 'Require valid-user');
my %POLICY = (none => '', policy => "CorsAllowOrigin $APP\n",
    off => "CorsAllowOrigin $APP\nCorsEngine Off\n");

sub each_pair
{
    my ($do) = @_;
    for my $asked (sort keys %POLICY) {
        for my $asked_login (sort keys %REQUIRE) {
            for my $target (sort keys %POLICY) {
                $do->($asked, $asked_login, $target, $_)
                    for sort keys %REQUIRE;
            }
        }
    }
    return;
}

sub pair_section
{
    my ($asked, $asked_login, $target, $target_login) = @_;
    my $name = place($asked, $asked_login, $target, $target_login);
    return <<"EOF";
<Location /$name/>
FallbackResource /$name/canary.cgi
</Location>
<LocationMatch ^/$name/[a-z]+\$>
$REQUIRE{$asked_login}
$POLICY{$asked}
</LocationMatch>
<LocationMatch ^/$name/[a-z]+\\.cgi\$>
$REQUIRE{$target_login}
$POLICY{$target}
</LocationMatch>
EOF
}

# A rewrite is a request of its own, whose login is asked for by itself; the
# policy of a place without one is that of its target.
sub pair_outcome
{
    my ($asked, $asked_login, $target, $target_login) = @_;
    return 204 if $asked eq 'policy';
    return 401 if $asked_login eq 'login';
    return 204 if $asked eq 'none' && $target eq 'policy';
    return $target_login eq 'login' ? 401 : '200 canary';
}

sub check_pair
{
    my ($httpd, @pair) = @_;
    my $name = place(@pair);
    my ($asked, $asked_login, $target, $target_login) = @pair;
    for my $way (qw(variant fallback rewritten)) {
        my $before = reached($httpd);
        my $r = $httpd->request("OPTIONS /$name/$way HTTP/1.1\n"
            . "Origin: $APP\nAccess-Control-Request-Method: PUT\n");
        my $what = "$way, asked: $asked, $asked_login, "
            . "target: $target, $target_login";
        is outcome($r), pair_outcome(@pair), "preflight, $what"
            if $way eq 'rewritten' || $asked eq 'policy';
        my $reached = reached($httpd) - $before;
        ok !$reached || "$asked_login $target_login" eq 'open open',
            "no login is passed over, $what";
        is $reached, expected_canaries(outcome($r)),
            "the canary is reached only if it answers, $what";
    }
    return;
}

# ---- error pages ----

# A preflight whose login was skipped, and that fails before it is answered:
# its error page may be behind the same login. (If httpd gets as far as to
# choose a variant, it finds none for a 406.)
my %FAILURES = (
    400 => ['canary.cgi', "Transfer-Encoding: chunked\n\nno size\r\n"],
    413 => ['canary.cgi', "\nmore than is allowed"],
    406 => ['page', "Accept: image/png\n"],
);
my %PAGES = (script => 'canary.cgi', file => 'canary.txt');

sub error_place
{
    my ($page, $where, $of) = @_;
    return "error_${page}_${where}_$of";
}

sub each_error_place
{
    my ($do) = @_;
    for my $page (sort keys %PAGES) {
        for my $where (sort keys %REQUIRE) {
            $do->($page, $where, $_) for sort keys %REQUIRE;
        }
    }
    return;
}

# $where: the place; $of: that of its error pages.
sub error_section
{
    my ($page, $where, $of) = @_;
    my $there = '/' . error_place($page, $of, $of) . "/$PAGES{$page}";
    return join "\n", '<Location /' . error_place($page, $where, $of) . '/>',
        $REQUIRE{$where}, "CorsAllowOrigin $APP", 'CorsAllowMethods PUT',
        'LimitRequestBody 5',
        map({ "ErrorDocument $_ $there" } sort keys %FAILURES),
        "</Location>\n";
}

# What a failed preflight may show of its error page.
sub check_error_page
{
    my ($httpd, $page, $where, $of) = @_;
    my $name = error_place($page, $where, $of);
    for my $status (sort keys %FAILURES) {
        my ($path, $more) = @{ $FAILURES{$status} };
        my $before = reached($httpd);
        my $r = $httpd->request("OPTIONS /$name/$path HTTP/1.1\n"
            . "Origin: $APP\nAccess-Control-Request-Method: PUT\n$more");
        my $what = "error page of a $status, a $page, $where to $of";
        my $is_open = $where eq 'open' && $of eq 'open';
        is outcome($r), $status . ($is_open ? ' canary' : ''), $what
            if $status != 406;
        unlike outcome($r), qr/canary/, $what if !$is_open;
        is reached($httpd) - $before,
            $page eq 'script' && $r->{body} =~ /canary/ ? 1 : 0,
            "a script runs only if it answers, $what";
    }
    return;
}

# With a login, or where none is needed, the page is shown.
sub check_that_error_pages_work
{
    my ($httpd) = @_;
    for my $page (sort keys %PAGES) {
        for my $where (sort keys %REQUIRE) {
            my $name = error_place($page, $where, 'login');
            my $r = $httpd->request("GET /$name/page HTTP/1.1\n"
                . "Origin: $APP\nAccept: image/png\n$LOGIN");
            is outcome($r), '406 canary', "a GET with a login, $name";
        }
    }
    return;
}

# ---- all of it on one server ----

my $sections = '';
each_place(sub { my (@place) = @_; $sections .= section(@place) });
each_pair(sub { my (@pair) = @_; $sections .= pair_section(@pair) });
each_error_place(sub { my (@place) = @_; $sections .= error_section(@place) });
my $httpd = server($sections, map { ("canary/$_" => "canary\n") }
    qw(page.html page.txt canary.txt));
each_place(sub {
    my (@place) = @_;
    for my $way (@WAYS) {
        check_preflights($httpd, $way, @place);
        check_requests($httpd, $way, @place);
    }
});
each_pair(sub { my (@pair) = @_; check_pair($httpd, @pair) });
each_error_place(sub { my (@place) = @_; check_error_page($httpd, @place) });
check_that_error_pages_work($httpd);

$httpd->expect(qr/AH01630: client denied/, qr/AH01797: client denied/,
    qr/AH01623: client method denied/, qr/AH00690: no acceptable variant/,
    qr/AH00687: Negotiation: discovered file/);
is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
