# CORS stops no request, only its reader: a page of any site can post to an
# intranet's server or open a WebSocket with the visitor's cookies. CorsEnforce
# refuses those requests. If it refused too much, the site's own forms and the
# links to it would break; too little, and it would be a lock that is not shut.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Digest::SHA qw(sha1_base64);
use File::Temp;
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Backend;
use Test::Cors qw($APP $EVIL $CGI slurp);
use Test::Httpd;

my $LOGIN = 'Authorization: Basic ' . encode_base64('ann:secret', '') . "\n";

my $POLICY = "CorsAllowOrigin $APP\nCorsEnforce On\nCorsDebugHeader On\n";

# The decision and the status of a response.
sub outcome($r)
{
    return join ' ', $r->{headers}{'cors-decision'}[0] =~ /^([\w-]+)/,
        $r->{status} if $r->{headers}{'cors-decision'};
    return "none $r->{status}";
}

my $DENIED = 'origin-denied 403';
my $OWN = 'same-origin 200';

sub is_refused($r, $what)
{
    is outcome($r), $DENIED, $what;
    is_deeply $r->{headers}{'vary'}, ['Origin'], 'and has Vary: Origin';
    is_deeply [grep { /^access-control-/ } keys %{ $r->{headers} }], [],
        'and has no Access-Control header';
    return;
}

# ---- which requests ----

my $CANARY = <<'EOF';
#!/bin/sh
printf . >> @ROOT@/var/count
cat > /dev/null
printf 'Access-Control-Allow-Origin: *\nContent-Type: text/plain\n\ncanary\n'
EOF

sub reached($httpd)
{
    my $file = $httpd->root . '/var/count';
    return -s $file // 0;
}

# [what, Origin lines, expected]; the request is what the method says.
my @ORIGINS = (
    ['no origin', '', 'none 200'],
    ['an allowed origin', "Origin: $APP\n", 'allowed 200'],
    ['a denied origin', "Origin: $EVIL\n", $DENIED],
    ['null', "Origin: null\n", $DENIED],
    ['an empty origin', "Origin:\n", $DENIED],
    ['no serialised origin', "Origin: evil\n", $DENIED],
    ['another scheme', "Origin: http://app.example.com\n", $DENIED],
    ['two origins', "Origin: $APP\nOrigin: $APP\n", $DENIED],
    ['a list', "Origin: $APP $EVIL\n", $DENIED],
);

sub check_methods($httpd)
{
    for my $method (qw(GET HEAD POST PUT DELETE PATCH OPTIONS PROPFIND)) {
        for (@ORIGINS) {
            my ($what, $lines, $expected) = @$_;
            my $before = reached($httpd);
            my $r = $httpd->request("$method /canary.cgi HTTP/1.1\n$lines"
                . ($method =~ /^P/ ? "\nbody" : ''));
            is outcome($r), $expected,
                "$method with $what has the right outcome";
            is reached($httpd) - $before, $expected =~ /200$/ ? 1 : 0,
                'and runs the script only if it was not refused';
        }
    }
    for my $method (qw(GET POST)) {
        is_refused($httpd->request("$method /canary.cgi HTTP/1.1\n"
                . "Origin: $EVIL\n"), "$method of a denied origin");
        is_refused($httpd->request("$method /missing HTTP/1.1\n"
                . "Origin: $EVIL\n"), "$method for what is not there");
    }
    return;
}

# A preflight is answered as ever: 403 by itself.
sub check_preflights($httpd)
{
    my $line = "Access-Control-Request-Method: GET\n";
    for (['allowed', $APP, 204], ['denied', $EVIL, 403]) {
        my ($what, $origin, $status) = @$_;
        my $r = $httpd->request("OPTIONS /canary.cgi HTTP/1.1\n"
            . "Origin: $origin\n$line");
        is $r->{status}, $status, "a preflight that is $what gets its answer";
        my $passed = $httpd->request("OPTIONS /pass/canary.cgi HTTP/1.1\n"
            . "Origin: $origin\n$line");
        is $passed->{status}, 200,
            'and with CorsPreflight Pass it reaches the handler';
    }
    return;
}

# ---- navigations ----

# Method, Sec-Fetch-Mode, Sec-Fetch-Dest, whether that passes.
my @NAVIGATIONS = (
    ['GET', 'navigate', 'document', 1], ['HEAD', 'navigate', 'document', 1],
    ['GET', 'navigate', undef, 1], ['HEAD', 'navigate', undef, 1],
    (map { [$_, 'navigate', 'document', 0] } qw(POST PUT DELETE OPTIONS)),
    (map { ['GET', 'navigate', $_, 0] } qw(iframe frame embed object
        fencedframe), ''),
    (map { ['GET', $_, 'document', 0] } qw(no-cors cors same-origin websocket
        nested-navigate Navigate), 'navigate, cors', ''),
    ['GET', undef, 'document', 0],
);

sub check_navigations($httpd)
{
    for (@NAVIGATIONS) {
        my ($method, $mode, $dest, $passes) = @$_;
        for my $origin ($EVIL, 'null') {
            my $r = $httpd->request("$method /canary.cgi HTTP/1.1\n"
                . "Origin: $origin\n"
                . (defined $mode ? "Sec-Fetch-Mode: $mode\n" : '')
                . (defined $dest ? "Sec-Fetch-Dest: $dest\n" : ''));
            is outcome($r), 'origin-denied ' . ($passes ? 200 : 403),
                join ' ', $method, $mode // 'no mode', $dest // 'no dest',
                $origin;
            ok !$r->{headers}{'access-control-allow-origin'},
                'and no Access-Control-Allow-Origin is sent';
        }
    }
    return;
}

# ---- in which sections ----

# name => [what a denied origin gets, what an allowed one gets, directives]
my %SECTIONS = (
    'satisfy-any' => [$DENIED, 'allowed 200', 'Require all denied',
        'Order allow,deny', 'Allow from all', 'Satisfy Any'],
    'satisfy-any-denied' => [$DENIED, 'allowed 401', 'Require valid-user',
        'Order deny,allow', 'Deny from all', 'Satisfy Any'],
    'satisfy-any-login' => [$DENIED, 'allowed 200', 'Require valid-user',
        'Order allow,deny', 'Allow from all', 'Satisfy Any'],
    'login' => [$DENIED, 'allowed 401', 'Require valid-user'],
    'detection' => ['none 200', 'none 200', 'CorsEngine DetectionOnly'],
    'engine-off' => ['none 200', 'none 200', 'CorsEngine Off'],
    'exempted' => ['origin-denied 200', 'allowed 200', 'CorsEnforce Off'],
    'nobody' => [$DENIED, 'origin-denied 403', 'CorsAllowOrigin none'],
    'anybody' => ['allowed 200', 'allowed 200', 'CorsAllowOrigin *'],
    'all-but-one' => [$DENIED, 'allowed 200', 'CorsAllowOrigin *',
        "CorsDenyOrigin $EVIL"],
    'rewritten' => [$DENIED, 'allowed 200'],
    # These have none but that of .htaccess, or of what they lead to.
    'htaccess' => [$DENIED, 'allowed 200'],
    'target' => [$DENIED, 'allowed 200'],
    'target-fallback' => [$DENIED, 'allowed 200',
        'FallbackResource /target-fallback/x.txt'],
    'target-index' => [$DENIED, 'allowed 200', 'DirectoryIndex x.txt'],
    'target-variant' => [$DENIED, 'allowed 200'],
);
my %PATHS = (rewritten => 'from', target => 'from', htaccess => 'y.txt',
    'target-fallback' => 'missing', 'target-index' => '',
    'target-variant' => 'y');

sub sections()
{
    my $config = '';
    for my $name (sort keys %SECTIONS) {
        my (undef, undef, @lines) = @{ $SECTIONS{$name} };
        $config .= join "\n", "<Location /$name/>", @lines, "</Location>\n";
    }
    return $config;
}

sub check_sections($httpd)
{
    for my $name (sort keys %SECTIONS) {
        my ($denied, $allowed) = @{ $SECTIONS{$name} };
        my $path = "/$name/" . ($PATHS{$name} // 'x.txt');
        for my $method (qw(GET POST)) {
            is outcome($httpd->request("$method $path HTTP/1.1\n"
                    . "Origin: $EVIL\n")), $denied, "$method, $name, denied";
            is outcome($httpd->request("$method $path HTTP/1.1\n"
                    . "Origin: $APP\n")), $allowed, "$method, $name, allowed";
        }
        my $r = $httpd->request("GET $path HTTP/1.1\nOrigin: $EVIL\n$LOGIN");
        is outcome($r), $denied, 'a login does not undo it';
        is outcome($httpd->request("OPTIONS $path HTTP/1.1\n"
                . "Origin: $EVIL\n$LOGIN")), $denied,
            'and OPTIONS without a requested method is treated alike';
    }
    return;
}

# ---- error pages ----

my %PAGES = (
    'local' => ['/error.txt', "our page\n"],
    'local-here' => ['/page-local-here/x.txt', "x\n"],
    'script' => ['/error.cgi', "our script\n"],
    'text' => ['"our text"', 'our text'],
);

sub check_pages($httpd)
{
    for my $name (sort keys %PAGES) {
        my (undef, $body) = @{ $PAGES{$name} };
        for my $method (qw(GET POST)) {
            my $r = $httpd->request("$method /page-$name/x.txt HTTP/1.1\n"
                . "Origin: $EVIL\n");
            is_refused($r, "$method, ErrorDocument $name");
            is $r->{body}, $body, 'the ErrorDocument is served';
        }
    }
    my $r = $httpd->request("GET /x.txt HTTP/1.1\nOrigin: $EVIL\n");
    like $r->{body}, qr/Forbidden/, 'without one it is httpd\'s';
    return;
}

sub check_requests()
{
    my $httpd = Test::Httpd->config(
        modules => [qw(alias dir mime negotiation rewrite access_compat
            auth_basic authn_file authz_user), $CGI],
        files => {
            'conf/users' => 'ann:{SHA}' . sha1_base64('secret') . "=\n",
            'htdocs/x.txt' => "x\n", 'htdocs/error.txt' => "our page\n",
            'htdocs/canary.cgi' => $CANARY,
            'htdocs/error.cgi' => "#!/bin/sh\nprintf 'Status: 403\\n"
                . "Access-Control-Allow-Origin: *\\n"
                . "Content-Type: text/plain\\n\\nour script\\n'\n",
            'htdocs/rewritten/.htaccess' => "RewriteEngine On\n"
                . "RewriteRule ^from\$ /x.txt\n",
            'htdocs/target/.htaccess' => "RewriteEngine On\n"
                . "RewriteRule ^from\$ /x.txt\n",
            'htdocs/htaccess/.htaccess' => $POLICY,
            'htdocs/htaccess/y.txt' => "y\n",
            'htdocs/target-index/x.txt' => "x\n",
            'htdocs/target-variant/.htaccess' => "Options +MultiViews\n",
            'htdocs/target-variant/y.txt' => "y\n",
        },
        config => <<"EOF" . sections())->start;
AliasMatch ^/[a-z-]+/(x\\.txt|canary\\.cgi)\$ \@DOCROOT\@/\$1
<Directory "\@DOCROOT\@">
    Options +ExecCGI
    AddHandler cgi-script .cgi
    AuthType Basic
    AuthName private
    AuthUserFile \@ROOT\@/conf/users
</Directory>
<LocationMatch ^/(?!target[a-z-]*/[a-z]*\$|htaccess/)>
    $POLICY
</LocationMatch>
<Location /pass/>
    CorsPreflight Pass
</Location>
@{[ map { "<Location /page-$_/>\nErrorDocument 403 $PAGES{$_}[0]\n"
    . "</Location>\n" } sort keys %PAGES ]}
EOF
    check_methods($httpd);
    check_preflights($httpd);
    check_navigations($httpd);
    check_sections($httpd);
    check_pages($httpd);
    $httpd->expect(qr/AH01797: client denied/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- the server's own origin ----

my $VHOSTS = <<"EOF";
$POLICY
<VirtualHost *:\@PORT\@>
    ServerName default.example.com
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName https://www.example.com
    ServerAlias api.example.com *.wild.example.com
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName port.example.com:8080
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName https://tls.example.com:8443
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName https://canon.example.com
    ServerAlias alias.example.com
    UseCanonicalName On
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName canon-port.example.com:8080
    UseCanonicalName On
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName phys.example.com
    UseCanonicalPhysicalPort On
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName plain.example.com
    ServerAlias second.example.com
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName listed.example.com
    CorsAllowOrigin http://listed.example.com
</VirtualHost>
<VirtualHost *:\@PORT\@>
    ServerName banned.example.com
    CorsDenyOrigin http://banned.example.com
</VirtualHost>
EOF

# [what, Host, {Origin => expected}]; PORT is that of the server.
my @OWN = (
    ['a TLS terminator in front', 'www.example.com',
        'https://www.example.com' => $OWN,
        'http://www.example.com' => $DENIED,
        'https://www.example.com:8443' => $DENIED,
        'https://www.example.com:PORT' => $DENIED,
        'https://www.example.com:80' => $DENIED,
        'https://api.example.com' => $DENIED,
        'https://example.com' => $DENIED,
        'https://www.example.com.evil.net' => $DENIED],
    ['a name in capitals', 'WWW.Example.COM',
        'https://www.example.com' => $OWN],
    ['a TLS terminator with a port', 'tls.example.com:8443',
        'https://tls.example.com:8443' => $OWN,
        'https://tls.example.com' => $DENIED,
        'http://tls.example.com:8443' => $DENIED],
    ['the port of ServerName', 'tls.example.com',
        'https://tls.example.com:8443' => $OWN,
        'https://tls.example.com' => $DENIED],
    ['an alias', 'api.example.com',
        'https://api.example.com' => $OWN,
        'http://api.example.com' => $DENIED,
        'https://www.example.com' => $DENIED],
    ['an alias with *', 'a.b.wild.example.com',
        'https://a.b.wild.example.com' => $OWN,
        'https://c.wild.example.com' => $DENIED],
    ['an alias over http', 'second.example.com',
        'http://second.example.com' => $OWN,
        'https://second.example.com' => $DENIED,
        'http://plain.example.com' => $DENIED],
    ['the port of the request', 'plain.example.com:PORT',
        'http://plain.example.com:PORT' => $OWN,
        'http://plain.example.com' => $DENIED,
        'http://plain.example.com:8080' => $DENIED,
        'https://plain.example.com:PORT' => $DENIED],
    ['no port at all', 'plain.example.com',
        'http://plain.example.com' => $OWN,
        'http://plain.example.com:PORT' => $DENIED,
        'http://plain.example.com:80' => $DENIED],
    ['a port in ServerName', 'port.example.com',
        'http://port.example.com:8080' => $OWN,
        'http://port.example.com' => $DENIED],
    ['a port in ServerName and another in Host', 'port.example.com:9090',
        'http://port.example.com:9090' => $OWN,
        'http://port.example.com:8080' => $DENIED],
    ['UseCanonicalName On', 'canon.example.com',
        'https://canon.example.com' => $OWN,
        'http://canon.example.com' => $DENIED],
    ['UseCanonicalName On and a port in Host', 'canon.example.com:9090',
        'https://canon.example.com' => $OWN,
        'https://canon.example.com:9090' => $DENIED],
    ['UseCanonicalName On and an alias', 'alias.example.com',
        'https://canon.example.com' => $OWN,
        'https://alias.example.com' => $DENIED],
    ['UseCanonicalName On and a port in ServerName', 'canon-port.example.com',
        'http://canon-port.example.com:8080' => $OWN,
        'http://canon-port.example.com' => $DENIED],
    ['UseCanonicalPhysicalPort On', 'phys.example.com',
        'http://phys.example.com:PORT' => $OWN,
        'http://phys.example.com' => $DENIED],
    ['the own address', '127.0.0.1:PORT',
        'http://127.0.0.1:PORT' => $OWN,
        'https://127.0.0.1:PORT' => $DENIED,
        'http://127.0.0.1' => $DENIED,
        'http://127.0.0.2:PORT' => $DENIED],
    ['localhost', 'localhost:PORT',
        'http://localhost:PORT' => $OWN,
        'http://localhost' => $DENIED,
        'http://127.0.0.1:PORT' => $DENIED],
    ['a name that only Host knows', 'evil.example.net',
        'http://evil.example.net' => $DENIED,
        'http://default.example.com' => $DENIED],
    ['such a name with a port', 'evil.example.net:PORT',
        'http://evil.example.net:PORT' => $DENIED],
    ['the name of another virtual host', 'plain.example.com',
        'https://www.example.com' => $DENIED],
    ['an own origin that is listed', 'listed.example.com',
        'http://listed.example.com' => 'allowed 200'],
    ['an own origin that is banned', 'banned.example.com',
        'http://banned.example.com' => $DENIED],
);

# Headers beside "Origin: $EVIL" or another, to a Host.
my @CLAIMS = (
    (map { ["Sec-Fetch-Site: same-origin", $_, 'plain.example.com', $OWN] }
        $EVIL, 'null', '', 'http://plain.example.com'),
    (map { ["Sec-Fetch-Site: $_", $EVIL, 'plain.example.com', $DENIED] }
        qw(same-site cross-site none Same-Origin), '', '"same-origin"',
        'same-origin, cross-site'),
    ['Sec-Fetch-Site: cross-site', 'null', 'plain.example.com', $DENIED],
    (map { [$_, 'https://plain.example.com', 'plain.example.com', $DENIED] }
        'X-Forwarded-Proto: https', 'X-Forwarded-Ssl: on',
        'Front-End-Https: on', 'X-Url-Scheme: https', 'X-Forwarded-Port: 443',
        'Forwarded: proto=https;host=plain.example.com'),
    (map { [$_, 'http://evil.example.net', 'plain.example.com', $DENIED] }
        'X-Forwarded-Host: evil.example.net', 'X-Host: evil.example.net',
        'X-Forwarded-Server: evil.example.net',
        'Forwarded: host=evil.example.net',
        'Referer: http://plain.example.com/'),
);

sub check_own()
{
    my $httpd = Test::Httpd->config(config => $VHOSTS,
        files => { 'htdocs/x.txt' => "x\n" })->start;
    my $port = $httpd->port;
    my $ask = sub ($method, $host, $lines) {
        return $httpd->request("$method /x.txt HTTP/1.1\nHost: $host\n$lines");
    };
    for (@OWN) {
        my ($what, $host, %origins) = @$_;
        for my $origin (sort keys %origins) {
            my ($h, $o) = map { s/PORT/$port/r } $host, $origin;
            is outcome($ask->($_, $h, "Origin: $o\n")), $origins{$origin},
                "$what: $_ to $host from $origin is judged right"
                    for qw(GET POST);
        }
    }
    for (@CLAIMS) {
        my ($claim, $origin, $host, $expected) = @$_;
        is outcome($ask->($_, $host, "$claim\nOrigin: $origin\n")), $expected,
            "$_: the claim $claim of $origin is judged right" for qw(GET POST);
    }

    # HTTP/1.0 has no Host; a whole URL counts more than Host.
    for (
        ["GET /x.txt HTTP/1.0\n", 'http://default.example.com', $OWN],
        ["GET /x.txt HTTP/1.0\n", 'https://default.example.com', $DENIED],
        ["GET /x.txt HTTP/1.0\n", "http://default.example.com:$port", $DENIED],
        ["GET /x.txt HTTP/1.0\n", $EVIL, $DENIED],
        ["GET http://plain.example.com/x.txt HTTP/1.1\n"
            . "Host: evil.example.net\n", 'http://plain.example.com', $OWN],
        ["GET http://plain.example.com/x.txt HTTP/1.1\n"
            . "Host: evil.example.net\n", 'http://evil.example.net', $DENIED],
    ) {
        my ($text, $origin, $expected) = @$_;
        is outcome($httpd->request("${text}Origin: $origin\n")), $expected,
            $text =~ s/\n/, /gr . $origin;
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- over TLS ----

# PORT is that of the server. Where a page of the same host but of another
# scheme or port asks, only the browser's word makes it the own origin.
my @TLS = (
    ['with the port', ['-H', 'Host: tls.example.com:PORT'],
        'https://tls.example.com:PORT' => $OWN,
        'http://tls.example.com:PORT' => $DENIED,
        'http://tls.example.com' => $DENIED,
        'https://tls.example.com' => $DENIED,
        'https://tls.example.com:8443' => $DENIED],
    ['without a port', ['-H', 'Host: tls.example.com'],
        'https://tls.example.com' => $OWN,
        'http://tls.example.com' => $DENIED,
        'http://tls.example.com:443' => $DENIED,
        'https://tls.example.com:80' => $DENIED,
        'https://tls.example.com:PORT' => $DENIED],
    ['the address', [],
        'https://127.0.0.1:PORT' => $OWN,
        'http://127.0.0.1:PORT' => $DENIED],
    ['a Host that is forged', ['-H', 'Host: evil.example.net'],
        'https://evil.example.net' => $DENIED,
        'http://evil.example.net' => $DENIED,
        'https://tls.example.com' => $DENIED],
    ['no Host', ['--http1.0', '-H', 'Host:'],
        'https://tls.example.com' => $OWN,
        'http://tls.example.com' => $DENIED,
        'https://evil.example.net' => $DENIED],
);

sub certificate()
{
    my $dir = File::Temp->newdir;
    my $said = qx(openssl req -x509 -batch -nodes -days 2 \\
        -subj /CN=tls.example.com -newkey ec -pkeyopt ec_paramgen_curve:P-256 \\
        -keyout $dir/key -out $dir/certificate 2>&1);
    die "openssl: $said\n" if $?;
    return map { ("conf/$_.pem" => slurp("$dir/$_")) }
        qw(key certificate);
}

# The launcher's client speaks no TLS.
sub over_tls($httpd, @arguments)
{
    open my $in, '-|', 'curl', '-sSik', '--no-alpn', '--max-time', 30,
        @arguments,
        'https://127.0.0.1:' . $httpd->port . '/x.txt' or die "curl: $!\n";
    my $raw = do { local $/; <$in> } // '';
    close $in or die "curl failed: $?\n";
    return Test::Httpd::Client::parse_stream($raw);
}

sub check_tls()
{
    # mod_ssl warns of the machine's libraries and of such a certificate.
    my $httpd = Test::Httpd->config(modules => ['ssl'],
        log_level => 'ssl:error',
        files => { certificate(), 'htdocs/x.txt' => "x\n" },
        server_name => 'tls.example.com', config => <<"EOF")->start;
$POLICY
SSLEngine On
SSLCertificateFile conf/certificate.pem
SSLCertificateKeyFile conf/key.pem
EOF
    my $port = $httpd->port;
    for (@TLS) {
        my ($what, $arguments, %origins) = @$_;
        my @arguments = map { s/PORT/$port/r } @$arguments;
        for my $name (sort keys %origins) {
            my $origin = $name =~ s/PORT/$port/r;
            my @sent = (@arguments, '-H', "Origin: $origin");
            is outcome(over_tls($httpd, @sent)), $origins{$name},
                "over TLS, $what: $name is judged right";
            is outcome(over_tls($httpd, @sent, '-H',
                'Sec-Fetch-Site: same-origin')), $OWN,
                'Sec-Fetch-Site: same-origin makes it the own origin'
                    if $origins{$name} ne $OWN;
            is outcome(over_tls($httpd, @sent, '-H',
                'Sec-Fetch-Site: same-site')), $origins{$name},
                'Sec-Fetch-Site: same-site does not make it the own origin';
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- WebSockets ----

# Sends back each frame, of up to 125 bytes, that it gets.
my $ECHO = <<'EOF';
use v5.32;
use warnings;
use experimental 'signatures';
use Digest::SHA qw(sha1_base64);
use IO::Socket::INET;
$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
    or die "no free port: $!\n";
STDOUT->autoflush;
say $listener->sockport;
while (1) {
    my $client = $listener->accept or next;
    next if fork // die "fork: $!\n";
    open my $count, '>>', $ARGV[0] or die "count: $!\n";
    print {$count} '.';
    close $count;
    my $key = '';
    while (defined(my $line = readline $client)) {
        last if $line =~ /^\r?\n$/;
        $key = $1 if $line =~ /^Sec-WebSocket-Key: *(\S+)/i;
    }
    $client->autoflush;
    print {$client} join "\r\n", 'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Accept: '
        . sha1_base64($key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11') . '=',
        '', '';
    while (read $client, my $head, 2) {
        my $length = ord(substr $head, 1) & 0x7f;
        read $client, my $mask, 4;
        read $client, my $text, $length;
        print {$client} chr(0x81) . chr($length)
            . ($text ^. substr $mask x $length, 0, $length);
    }
    exit;
}
EOF

my $KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
my $ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

sub handshake($httpd, $path, $lines)
{
    my $connection = $httpd->connection;
    $connection->send("GET $path HTTP/1.1\nUpgrade: websocket\n"
        . "Connection: Upgrade\nSec-WebSocket-Version: 13\n"
        . "Sec-WebSocket-Key: $KEY\nSec-Fetch-Mode: websocket\n"
        . "Sec-Fetch-Dest: websocket\n$lines");
    return ($connection, $connection->response);
}

sub echo($connection, $text)
{
    my $mask = 'mask';
    $connection->send_raw(chr(0x81) . chr(0x80 | length $text) . $mask
        . ($text ^. substr $mask x length $text, 0, length $text));
    return $connection->take(2 + length $text);
}

sub check_websockets()
{
    my $backend = Test::Backend->make;
    $backend->start($^X, '-e', $ECHO, $backend->count_file)->read_port;
    my $at = '127.0.0.1:' . $backend->port;
    my $httpd = Test::Httpd->config(
        modules => [qw(proxy_http proxy_wstunnel)], config => <<"EOF")->start;
ProxyPass /tunnel ws://$at/
ProxyPass /http http://$at/ upgrade=websocket
<Location />
    $POLICY
</Location>
EOF
    my @cases = (
        ['an allowed origin', "Origin: $APP\n", 1],
        ['no origin', '', 1],
        ['the own origin', 'Origin: ' . $httpd->url('') . "\n", 1],
        ['what the browser calls the same origin', "Origin: $EVIL\n"
            . "Sec-Fetch-Site: same-origin\n", 1],
        ['a denied origin', "Origin: $EVIL\n", 0],
        ['a denied origin of the same site', "Origin: $EVIL\n"
            . "Sec-Fetch-Site: same-site\n", 0],
        ['null', "Origin: null\n", 0],
        ['an empty origin', "Origin:\n", 0],
    );
    for my $path (qw(/tunnel /http)) {
        for (@cases) {
            my ($what, $lines, $passes) = @$_;
            my $before = $backend->count;
            my ($connection, $r) = handshake($httpd, $path, $lines);
            is $backend->count - $before, $passes,
                "a WebSocket of $what at $path reaches the backend only
                    if allowed";
            if (!$passes) {
                is_refused($r, 'is refused');
                next;
            }
            is $r->{status}, 101, 'an allowed WebSocket is opened';
            is_deeply $r->{headers}{'sec-websocket-accept'}, [$ACCEPT],
                'and answered by the backend';
            is echo($connection, $_), "\x81" . chr(length) . $_,
                'and the backend sends back each frame' for 'hello', 'x' x 125;
            $connection->close;
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

check_requests();
check_own();
check_tls();
check_websockets();
done_testing;
