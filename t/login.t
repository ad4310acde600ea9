# Pages call APIs that need a login. A browser asks first, with a preflight that
# carries none: it has to pass, the request behind it has to be challenged all
# the same, and the page has to be able to read that challenge. Without these
# tests "Require valid-user" could close an API to its own pages, and nobody
# would find in the log why.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha1_base64);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Cors;
use Test::Httpd;

# What a script of the page would get to see of a response.
sub seen($r)
{
    my $cors = cors($r);
    return { status => $r->{status}, vary => vary($r),
        origin => $cors->{'access-control-allow-origin'} // [],
        credentials => $cors->{'access-control-allow-credentials'} // [] };
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
    is_deeply seen($httpd->request(preflight($path, $APP))),
        readable(204, @OPTIONS_VARY), "$kind: a preflight needs no login";
    is_deeply seen($httpd->request(preflight($path, $EVIL))),
        hidden($challenge, @OPTIONS_VARY),
        'the preflight of another origin needs one';
    is_deeply seen($httpd->request(preflight($path, $httpd->url('')))),
        hidden($challenge, @OPTIONS_VARY),
            'the preflight of the own origin needs one';
    is_deeply seen($httpd->request(preflight($path, $httpd->url(''),
            $login->($httpd, 'OPTIONS', $path)))),
        hidden(200, @OPTIONS_VARY), 'and is passed on with a login';
    is_deeply seen($httpd->request("OPTIONS $path HTTP/1.1\n"
            . "Origin: $APP\n")), readable($challenge, @OPTIONS_VARY),
        'OPTIONS without a requested method needs one';
    is_deeply seen($httpd->request(preflight("/required$path", $APP))),
        readable($challenge, @OPTIONS_VARY),
        'with CorsPreflightAuth Require every preflight needs one';

    my $r = $httpd->request(get($path));
    is_deeply seen($r), readable($challenge, 'origin'),
        'the request is challenged, and the page may read that';
    like $r->{headers}{'www-authenticate'}[0], $authenticate,
        'and has its WWW-Authenticate'
        if $authenticate;
    is_deeply seen($httpd->request(get($path, $EVIL))),
        hidden($challenge, 'origin'),
            'a page of another origin may not read it';

    $r = $httpd->request(get($path)
        . $login->($httpd, 'GET', $path));
    is_deeply seen($r), readable(200, 'origin'), 'with a login it is served';
    is $r->{body}, "behind the login\n", 'and its body is complete';
    $r = $httpd->request("OPTIONS $path HTTP/1.1\n");
    is $r->{status}, $challenge, 'an answered preflight does not open OPTIONS';
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
    CorsAllowOrigin => ["CorsAllowOrigin $EVIL", \&preflight, 204, 401],
    CorsPreflightAuth => ['CorsPreflightAuth Require', \&preflight,
        204, 401],
    CorsEnforce => ['CorsEnforce On', sub ($path) { get($path, $EVIL) }, 401,
        403],
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
            is $r->{status}, $expected,
                "AllowOverride $override decides on $directive";
        }
    }
    $httpd->expect(qr/CorsPreflightAuth not allowed here/,
        qr/CorsEnforce not allowed here/, qr/CorsAllowOrigin not allowed here/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- a preflight whose login was skipped, and that failed behind it ----

# httpd makes a GET for the ErrorDocument, and does not ask for a login again if
# it merges the same sections: those of the same URL.
sub check_failed_preflights()
{
    my @documents = qw(x.txt index.html page.shtml rewritten);
    my ($config, %files) = ('');
    for my $name (@documents) {
        $config .= section($name, $KINDS{basic}[3], join "\n",
            'LimitRequestBody 5', map { "ErrorDocument $_ /$name/$name" }
                400, 403, 413);
        $files{"htdocs/$name/$_"} = 'secret' for qw(x.txt index.html);
        $files{"htdocs/$name/page.shtml"} = '<!--#include file="x.txt" -->';
        $files{"htdocs/$name/.htaccess"} = "RewriteEngine On\n"
            . "RewriteRule ^rewritten\$ x.txt\nOptions +Includes\n"
            . "AddOutputFilter INCLUDES .shtml\n";
    }
    my $httpd = Test::Httpd->config(files => { %USERS, %files },
        modules => [@MODULES, qw(rewrite include mime)],
        config => $config)->start;
    for my $name (@documents) {
        for (["Content-Length: 9\n", 'too large', 413],
            ["Transfer-Encoding: chunked\n", "zz\r\n", 400]) {
            my ($line, $body, $status) = @$_;
            my ($r) = $httpd->raw((preflight("/$name/$name") . "Host: x\n$line")
                =~ s/\n/\r\n/gr . "\r\n$body", responses => 1);
            is $r->{status}, $status, "the body of a preflight fails: $status";
            unlike $r->{body}, qr/secret/,
                "and nobody reads $name without a login";
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

check_kinds();
check_htaccess();
check_failed_preflights();
done_testing;
