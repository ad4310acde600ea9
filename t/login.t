# Pages call APIs that need a login. A browser asks first, with a preflight that
# carries none: it has to pass, the request behind it has to be challenged all
# the same, and the page has to be able to read that challenge. Without these
# tests "Require valid-user" could close an API to its own pages, and nobody
# would find in the log why.
use v5.36;
use lib 't/lib';
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha1_base64);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Httpd;

my $APP = 'https://app.example.com';
my $EVIL = 'https://evil.example.net';
my @OPTIONS_VARY = qw(access-control-request-headers
    access-control-request-method origin);

sub preflight($path, $origin, $more = '')
{
    return "OPTIONS $path HTTP/1.1\nOrigin: $origin\n"
        . "Access-Control-Request-Method: PUT\n$more";
}

sub vary($r)
{
    return [sort map { lc } map { split /[\s,]+/ }
        @{ $r->{headers}{vary} // [] }];
}

# What a script of the page would get to see of a response.
sub facts($r)
{
    my $headers = $r->{headers};
    return { status => $r->{status}, vary => vary($r),
        origin => $headers->{'access-control-allow-origin'} // [],
        credentials => $headers->{'access-control-allow-credentials'} // [] };
}

sub readable($status, @vary)
{
    return { status => $status, vary => [sort @vary], origin => [$APP],
        credentials => ['true'] };
}

sub hidden($status, @vary)
{
    return { status => $status, vary => [sort @vary], origin => [],
        credentials => [] };
}

# ---- logging in ----

sub basic($httpd, $method, $path)
{
    return 'Authorization: Basic ' . encode_base64('ann:secret', '') . "\n";
}

# RFC 7616, with MD5, as httpd has it.
sub digest($httpd, $method, $path)
{
    my $r = $httpd->request("GET $path HTTP/1.1\n");
    my ($nonce) = $r->{headers}{'www-authenticate'}[0] =~ /nonce="([^"]+)"/;
    my @shared = ($nonce, '00000001', 'abc', 'auth');
    my $response = md5_hex(join ':', md5_hex('ann:private:secret'), @shared,
        md5_hex("$method:$path"));
    return 'Authorization: Digest username="ann", realm="private", '
        . "nonce=\"$nonce\", uri=\"$path\", algorithm=MD5, nc=00000001, "
        . "cnonce=\"abc\", qop=auth, response=\"$response\"\n";
}

sub form($httpd, $method, $path)
{
    my $r = $httpd->request("POST $path HTTP/1.1\n"
        . "Content-Type: application/x-www-form-urlencoded\n\n"
        . 'httpd_username=ann&httpd_password=secret');
    my ($cookie) = $r->{headers}{'set-cookie'}[0] =~ /^([^;]+)/;
    return "Cookie: $cookie\n";
}

# How one logs in, what the challenge is, and the configuration.
my %KINDS = (
    basic => [\&basic, 401, qr/^Basic realm="private"/, <<'EOF'],
AuthType Basic
AuthUserFile @ROOT@/conf/users
EOF
    digest => [\&digest, 401, qr/^Digest realm="private", nonce=/, <<'EOF'],
AuthType Digest
AuthDigestProvider file
AuthUserFile @ROOT@/conf/digest
EOF
    form => [\&form, 401, undef, <<'EOF'],
AuthType Form
AuthFormProvider file
AuthUserFile @ROOT@/conf/users
Session On
SessionCookieName session path=/
EOF
    'form-page' => [\&form, 302, undef, <<'EOF'],
AuthType Form
AuthFormProvider file
AuthUserFile @ROOT@/conf/users
AuthFormLoginRequiredLocation /login.html
Session On
SessionCookieName session path=/
EOF
);

my %USERS = (
    'conf/users' => 'ann:{SHA}' . sha1_base64('secret') . "=\n",
    'conf/digest' => 'ann:private:' . md5_hex('ann:private:secret') . "\n",
);
my @MODULES = qw(authn_core auth_basic auth_digest auth_form session
    session_cookie request authn_file authz_user);

sub section($name, $config, $more = '')
{
    return <<"EOF";
<Location /$name/>
    AuthName private
    $config
    Require valid-user
    CorsAllowOrigin $APP
    CorsAllowCredentials On
    CorsAllowMethods PUT
    $more
</Location>
EOF
}

sub check_kind($httpd, $kind)
{
    my ($login, $challenge, $authenticate) = @{ $KINDS{$kind} };
    my $path = "/$kind/x.txt";
    is_deeply facts($httpd->request(preflight($path, $APP))),
        readable(204, @OPTIONS_VARY), "$kind: a preflight needs no login";
    is_deeply facts($httpd->request(preflight($path, $EVIL))),
        hidden($challenge, @OPTIONS_VARY),
        'the preflight of another origin does';
    is_deeply facts($httpd->request(preflight($path, $httpd->url('')))),
        hidden($challenge, @OPTIONS_VARY), 'that of the own origin, too';
    is_deeply facts($httpd->request(preflight($path, $httpd->url(''),
            $login->($httpd, 'OPTIONS', $path)))),
        hidden(200, @OPTIONS_VARY), 'which with a login is passed on';
    is_deeply facts($httpd->request("OPTIONS $path HTTP/1.1\n"
            . "Origin: $APP\n")), readable($challenge, @OPTIONS_VARY),
        'and OPTIONS that is no preflight';
    is_deeply facts($httpd->request(preflight("/required$path", $APP))),
        readable($challenge, @OPTIONS_VARY),
        'CorsPreflightAuth Require asks for it';

    my $r = $httpd->request("GET $path HTTP/1.1\nOrigin: $APP\n");
    is_deeply facts($r), readable($challenge, 'origin'),
        'the request is challenged, and the page may read that';
    like $r->{headers}{'www-authenticate'}[0], $authenticate, 'as usual'
        if $authenticate;
    is_deeply facts($httpd->request("GET $path HTTP/1.1\nOrigin: $EVIL\n")),
        hidden($challenge, 'origin'), 'another page may not';

    $r = $httpd->request("GET $path HTTP/1.1\nOrigin: $APP\n"
        . $login->($httpd, 'GET', $path));
    is_deeply facts($r), readable(200, 'origin'), 'with a login it is served';
    is $r->{body}, "behind the login\n", 'whole';
    $r = $httpd->request("OPTIONS $path HTTP/1.1\n");
    is $r->{status}, $challenge, 'after all that OPTIONS needs its login still';
    return;
}

sub check_kinds()
{
    my %files = map { ("htdocs/$_/x.txt" => "behind the login\n",
        "htdocs/required/$_/x.txt" => "behind the login\n") } keys %KINDS;
    my $config = join '', map {
        section($_, $KINDS{$_}[3])
            . section("required/$_", $KINDS{$_}[3],
                'CorsPreflightAuth Require')
    } sort keys %KINDS;
    my $httpd = Test::Httpd->config(modules => \@MODULES,
        files => { %USERS, %files }, config => $config)->start;
    check_kind($httpd, $_) for sort keys %KINDS;
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- who may say so in .htaccess ----

# A directive, a request, and its status without and with the directive.
my %HTACCESS = (
    CorsAllowOrigin => ["CorsAllowOrigin $EVIL", \&preflight_of_app, 204, 401],
    CorsPreflightAuth => ['CorsPreflightAuth Require', \&preflight_of_app,
        204, 401],
    CorsEnforce => ['CorsEnforce On', \&get_of_evil, 401, 403],
);
my %NEEDS = (CorsAllowOrigin => 'FileInfo', CorsPreflightAuth => 'AuthConfig',
    CorsEnforce => 'AuthConfig');
my %OVERRIDES = (
    'none' => "AllowOverride None\n", 'fileinfo' => "AllowOverride FileInfo\n",
    'authconfig' => "AllowOverride AuthConfig\n",
    'both' => "AllowOverride FileInfo AuthConfig\n",
    'all' => "AllowOverride All\n",
    'others' => "AllowOverride Limit Indexes Options\n",
    'listed' => "AllowOverride None\nAllowOverrideList CorsPreflightAuth "
        . "CorsEnforce CorsAllowOrigin\n",
    'unlisted' => "AllowOverride None\nAllowOverrideList CorsMaxAge\n",
);

sub preflight_of_app($path) { return preflight($path, $APP) }

sub get_of_evil($path) { return "GET $path HTTP/1.1\nOrigin: $EVIL\n" }

# Whether a directive is taken; undef if .htaccess is not read at all.
sub is_taken($override, $directive)
{
    return undef if $override eq 'none';
    return 1 if $override =~ /^(?:all|both|listed)$/;
    return $override eq lc $NEEDS{$directive};
}

sub check_htaccess()
{
    my ($config, %files) = ('');
    for my $override (sort keys %OVERRIDES) {
        $config .= "<Directory \"\@DOCROOT\@/$override\">\n"
            . "$OVERRIDES{$override}</Directory>\n";
        for my $directive (sort keys %HTACCESS) {
            $files{"htdocs/$override/$directive/.htaccess"} =
                "$HTACCESS{$directive}[0]\n";
            $files{"htdocs/$override/$directive/x.txt"} = "x\n";
        }
    }
    my $httpd = Test::Httpd->config(modules => \@MODULES,
        files => { %USERS, %files }, config => <<"EOF")->start;
<Directory "\@DOCROOT\@">
    AuthType Basic
    AuthName private
    AuthUserFile \@ROOT\@/conf/users
    Require valid-user
    CorsAllowOrigin $APP
</Directory>
$config
EOF
    for my $override (sort keys %OVERRIDES) {
        for my $directive (sort keys %HTACCESS) {
            my (undef, $request, $without, $with) = @{ $HTACCESS{$directive} };
            my $is_taken = is_taken($override, $directive);
            my $expected = !defined $is_taken ? $without
                : $is_taken ? $with : 500;
            my $r = $httpd->request($request->("/$override/$directive/x.txt"));
            is $r->{status}, $expected, "$directive, AllowOverride $override";
        }
    }
    $httpd->expect(qr/CorsPreflightAuth not allowed here/,
        qr/CorsEnforce not allowed here/, qr/CorsAllowOrigin not allowed here/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- a preflight that left with somebody else's answer ----

# name => [status, what the line says to change, request, the section]
my %MISSED = (
    'denied' => [403, qr/let OPTIONS pass Require/, undef,
        'Require all denied'],
    'address' => [403, qr/let OPTIONS pass Require/, undef,
        'Require ip 192.0.2.1'],
    'limit' => [403, qr/<LimitExcept>/, undef, '<LimitExcept GET POST>',
        'Require all denied', '</LimitExcept>'],
    'methods' => [405, qr/add OPTIONS to AllowMethods/, undef,
        'AllowMethods GET POST'],
    'login' => [401, qr/CorsPreflightAuth Skip/, undef,
        'Require valid-user', 'CorsPreflightAuth Require'],
    'moved' => [301, qr/URL that it leads to/, undef],
    'rewritten' => [307, qr/URL that it leads to/, undef],
    'forbidden' => [403, qr/\S/, undef],
    'page' => [403, qr/let OPTIONS pass Require/, undef, 'Require all denied',
        'ErrorDocument 403 /x.txt'],
    'text' => [405, qr/AllowMethods/, undef, 'AllowMethods GET',
        'ErrorDocument 405 "no"'],
    'broken' => [400, qr/\S/, "Transfer-Encoding: chunked\n\nno size\r\n"],
);

# Those of which there is nothing to tell: they were answered, refused, or are
# none of ours.
my %NOT_MISSED = (
    'answered' => [204, $APP, ''],
    'answered-200' => [200, $APP, '', 'CorsPreflightStatus 200'],
    'skipped' => [204, $APP, '', 'Require valid-user'],
    'method-denied' => [204, $APP, '', 'CorsAllowMethods GET'],
    'other-origin' => [403, $EVIL, ''],
    'other-origin-denied' => [403, $EVIL, '', 'Require all denied'],
    'passed' => [401, $APP, '', 'CorsPreflight Pass', 'Require valid-user'],
    'off' => [403, $APP, '', 'CorsEngine Off', 'Require all denied'],
);

# Each starts with a policy; what follows in the section may change it.
sub missed_section($name, @lines)
{
    return join "\n", "<Location /$name>", "CorsAllowOrigin $APP",
        'CorsAllowMethods PUT', @lines, "</Location>\n";
}

sub lines_of_missed($httpd)
{
    return grep { /preflight of an allowed origin/ }
        split /\n/, $httpd->error_log;
}

sub check_log()
{
    my $config = join '', map({
        my (undef, undef, undef, @lines) = @{ $MISSED{$_} };
        missed_section($_, @lines);
    } sort keys %MISSED), map {
        my (undef, undef, undef, @lines) = @{ $NOT_MISSED{$_} };
        missed_section($_, @lines);
    } sort keys %NOT_MISSED;
    my $httpd = Test::Httpd->config(log_level => 'cors:info',
        modules => [@MODULES, qw(alias rewrite allowmethods authz_host)],
        files => { %USERS, 'htdocs/x.txt' => "x\n" }, config => <<"EOF")->start;
<Location />
    AuthType Basic
    AuthName private
    AuthUserFile \@ROOT\@/conf/users
</Location>
Redirect permanent /moved https://www.example.com/
RewriteEngine On
RewriteRule ^/rewritten https://www.example.com/ [R=307]
RewriteRule ^/forbidden - [F]
$config
EOF
    for my $name (sort keys %MISSED) {
        my ($status, $what, $more) = @{ $MISSED{$name} };
        $httpd->clear_log;
        my $r = $httpd->request(preflight("/$name", $APP, $more // ''));
        is $r->{status}, $status, "$name: somebody else's answer";
        my @lines = lines_of_missed($httpd);
        is @lines, 1, 'one line';
        like $lines[0], qr/\[cors:info\].* status $status\b/,
            'at info, with the status';
        like $lines[0], qr/ status $status\b.*$what/, 'and what to change';
    }
    for my $name (sort keys %NOT_MISSED) {
        my ($status, $origin, $more) = @{ $NOT_MISSED{$name} };
        $httpd->clear_log;
        my $r = $httpd->request(preflight("/$name", $origin, $more));
        is $r->{status}, $status, "$name: its answer";
        is_deeply [lines_of_missed($httpd)], [], 'and no such line';
    }
    $httpd->expect(qr/AH01630: client denied/, qr/AH01623: client method/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

check_kinds();
check_htaccess();
check_log();
done_testing;
