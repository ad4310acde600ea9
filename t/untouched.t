# Whoever loads the module has said nothing yet: until an origin is allowed
# somewhere, and outside of that place, each response has to stay as it is, byte
# for byte. A header more would change what caches keep; credentials allowed
# "by default" have been a hole in other software.
use strict;
use warnings;
use lib 't/lib';
use File::Basename qw(dirname);
use Test::More;
use Test::Httpd;

my $ORIGIN = "Origin: https://app.example.com\n";
my $PREFLIGHT = "${ORIGIN}Access-Control-Request-Method: PUT\n"
    . "Access-Control-Request-Headers: x-token\n";

# Ports and times are the same everywhere, so that nothing differs but what
# the module does.
my $HOST = "Host: www.example.com\n";
my $LONG_AGO = 1_700_000_000;

my @ANSWERED = (
    ['a file', "GET /x.txt HTTP/1.1\n$ORIGIN"],
    ['a file, no Origin', "GET /x.txt HTTP/1.1\n"],
    ['a file, two Origins', "GET /x.txt HTTP/1.1\n$ORIGIN$ORIGIN"],
    ['a file, another Origin',
        "GET /x.txt HTTP/1.1\nOrigin: https://evil.example.net\n"],
    ['a preflight of another Origin', "OPTIONS /x.txt HTTP/1.1\n"
        . $PREFLIGHT =~ s/app/evil/r],
    ['HEAD', "HEAD /x.txt HTTP/1.1\n$ORIGIN"],
    ['HTTP/1.0', "GET /x.txt HTTP/1.0\n$ORIGIN"],
    ['POST', "POST /x.txt HTTP/1.1\n$ORIGIN\nbody"],
    ['PUT', "PUT /x.txt HTTP/1.1\n$ORIGIN\nbody"],
    ['a part', "GET /x.txt HTTP/1.1\n${ORIGIN}Range: bytes=0-3\n"],
    ['a part that is not there',
        "GET /x.txt HTTP/1.1\n${ORIGIN}Range: bytes=999-\n"],
    ['not modified', "GET /x.txt HTTP/1.1\n${ORIGIN}If-None-Match: *\n"],
    ['a failed condition', "GET /x.txt HTTP/1.1\n${ORIGIN}If-Match: \"n\"\n"],
    ['no file', "GET /missing HTTP/1.1\n$ORIGIN"],
    ['a preflight', "OPTIONS /x.txt HTTP/1.1\n$PREFLIGHT"],
    ['a preflight with a body', "OPTIONS /x.txt HTTP/1.1\n$PREFLIGHT\nbody"],
    ['a preflight of nothing', "OPTIONS /missing HTTP/1.1\n$PREFLIGHT"],
    ['a preflight of a directory', "OPTIONS /dir HTTP/1.1\n$PREFLIGHT"],
    ['a preflight that needs a login',
        "OPTIONS /private/x.txt HTTP/1.1\n$PREFLIGHT"],
    ['OPTIONS', "OPTIONS /x.txt HTTP/1.1\n$ORIGIN"],
    ['OPTIONS *', "OPTIONS * HTTP/1.1\n$PREFLIGHT"],
    ['a redirect', "GET /moved HTTP/1.1\n$ORIGIN"],
    ['204', "GET /empty HTTP/1.1\n$ORIGIN"],
    ['DirectorySlash', "GET /dir HTTP/1.1\n$ORIGIN"],
    ['DirectoryIndex', "GET /dir/ HTTP/1.1\n$ORIGIN"],
    ['MultiViews', "GET /views/page HTTP/1.1\n${ORIGIN}Accept: text/html\n"],
    ['a rewrite', "GET /rewrite/from HTTP/1.1\n$ORIGIN"],
    ['FallbackResource', "GET /fallback/a HTTP/1.1\n$ORIGIN"],
    ['an error document', "GET /documented/missing HTTP/1.1\n$ORIGIN"],
    ['401', "GET /private/x.txt HTTP/1.1\n$ORIGIN"],
    ['403', "GET /closed/x.txt HTTP/1.1\n$ORIGIN"],
    ['an unknown method', "FROB /x.txt HTTP/1.1\n$ORIGIN"],
    ['400', "GET /x.txt HTTP/1.1\n${ORIGIN}Bad Line\n"],
    ['414', 'GET /' . 'x' x 9000 . " HTTP/1.1\n$ORIGIN"],
    ['headers of mod_headers', "GET /own/x.txt HTTP/1.1\n$ORIGIN"],
    ['headers of mod_headers on an error', "GET /own/missing HTTP/1.1\n$ORIGIN"],
    ['an If on Origin', "GET /if/x.txt HTTP/1.1\n$ORIGIN"],
    ['an If on Origin on an error', "GET /if/missing HTTP/1.1\n$ORIGIN"],
    ['a compressed file',
        "GET /deflate/x.txt HTTP/1.1\n${ORIGIN}Accept-Encoding: gzip\n"],
    ['a script', "GET /own.cgi HTTP/1.1\n$ORIGIN", 'script'],
    ['a preflight of a script', "OPTIONS /own.cgi HTTP/1.1\n$PREFLIGHT",
        'script'],
    ['an error of a script', "GET /404.cgi HTTP/1.1\n$ORIGIN", 'script'],
);

my $CONFIG = <<'EOF';
UseCanonicalName On
UseCanonicalPhysicalPort Off
ServerSignature On
Redirect 301 /moved http://www.example.com/
Redirect 204 /empty
AliasMatch ^/(?:private|closed|if|deflate)/x.txt$ @DOCROOT@/x.txt
AddHandler cgi-script .cgi
<Directory "@DOCROOT@">
    Options +ExecCGI
</Directory>
<Location /private/>
    AuthType Basic
    AuthName private
    AuthUserFile /dev/null
    Require valid-user
</Location>
<Location /closed/>
    Require all denied
</Location>
<Location /documented/>
    ErrorDocument 404 /x.txt
</Location>
<Location /if/>
    <If "req('Origin') == 'https://app.example.com'">
        Header always set X-If yes
    </If>
</Location>
<Location /deflate/>
    SetOutputFilter DEFLATE
</Location>
EOF

sub script
{
    my ($status) = @_;
    return "#!/bin/sh\nprintf '%s\\n' 'Status: $status' 'Vary: Cookie' "
        . "'Access-Control-Allow-Origin: *' 'Access-Control-Max-Age: 5' "
        . "'Content-Type: text/plain' '' body\n";
}

my %FILES = (
    'htdocs/x.txt' => 'x' x 400, 'htdocs/dir/index.html' => "index\n",
    'htdocs/views/.htaccess' => "Options +MultiViews\n",
    'htdocs/views/page.html' => "page\n", 'htdocs/views/page.txt' => "page\n",
    'htdocs/rewrite/.htaccess' => "RewriteEngine On\n"
        . "RewriteRule ^from\$ /x.txt\n",
    'htdocs/own/.htaccess' =>
        "Header always set Access-Control-Allow-Origin *\n"
        . "Header set Access-Control-Allow-Credentials true\n"
        . "Header merge Vary Origin\n",
    'htdocs/own/x.txt' => "own\n",
    'htdocs/fallback/.htaccess' => "FallbackResource /fallback/all.html\n",
    'htdocs/fallback/all.html' => "all\n",
    'htdocs/own.cgi' => script(200), 'htdocs/404.cgi' => script(404),
);

# Each says something to the module, but allows no origin at the URLs asked for.
my %SAID = (
    'nothing' => '',
    'CorsAllowCredentials On only' => "CorsAllowCredentials On\n",
    'CorsAllowMethods PUT only' => "CorsAllowMethods PUT\n",
    'everything but an origin' => <<'EOF',
CorsAllowMethods +PUT
CorsAllowHeaders *
CorsExposeHeaders X-One
CorsAllowCredentials On
CorsMaxAge 1h
CorsDenyOrigin https://app.example.com
CorsEngine On
EOF
    'CorsEngine Off beside a policy' => <<'EOF',
CorsEngine Off
CorsAllowOrigin https://app.example.com
CorsAllowMethods PUT
CorsAllowHeaders X-Token
EOF
    'CorsEngine Off further in' => <<'EOF',
<Location />
    CorsAllowOrigin *
</Location>
<LocationMatch .>
    CorsEngine Off
</LocationMatch>
EOF
    'a policy in another Location' => <<'EOF',
<Location /elsewhere/>
    CorsAllowOrigin https://app.example.com
    CorsAllowMethods PUT
</Location>
<Files other.txt>
    CorsAllowOrigin *
</Files>
EOF
    'a policy in another virtual host' => <<'EOF',
<VirtualHost *:@PORT@>
    ServerName www.example.com
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName other.example.com
    CorsAllowOrigin *
</VirtualHost>
EOF
);

# A policy that is tried on a live site decides, logs and counts, but changes
# nothing. Each section has something that an applied policy would change.
$SAID{'CorsEngine DetectionOnly'} = <<'EOF';
CorsEngine DetectionOnly
CorsAllowOrigin https://app.example.com
CorsAllowMethods PUT
CorsAllowCredentials On
CorsExposeHeaders ETag
CorsMaxAge 600
CorsDebugHeader On
CorsEnforce On
<Location /documented/>
    CorsAllowOrigin *
    CorsAllowCredentials Off
</Location>
<Location /dir>
    CorsPreflight Pass
</Location>
<Location /views/>
    CorsAllowCredentials Off
    CorsAllowOriginExpr "req('X-Tenant') == 'a'"
</Location>
<Location /rewrite/>
    CorsAllowOrigin none
</Location>
<Location /if/>
    <If "req('Origin') =~ /app/">
        CorsExposeHeaders +X-More
    </If>
</Location>
EOF

# Virtual hosts change what httpd says of itself, so both servers have them.
sub in_both
{
    my ($said) = @_;
    return $said =~ s/^ *Cors.*\n//gmr;
}

sub server
{
    my ($said, $cors) = @_;
    my $cgi = ($ENV{TEST_MPM} // '') eq 'prefork' ? 'cgi' : 'cgid';
    my $httpd = Test::Httpd->config(cors => $cors, files => \%FILES,
        modules => [qw(alias authn_core auth_basic authn_file authz_user
            deflate dir filter headers mime negotiation rewrite), $cgi],
        server_name => 'www.example.com:80', config => $CONFIG . $said);
    utime $LONG_AGO, $LONG_AGO, map { my $file = $httpd->root . "/$_";
        ($file, dirname($file)) } keys %FILES;
    $httpd->expect(qr/client denied/, qr/Invalid method/);
    return $httpd->start;
}

# A script's answer is framed in one way or another, from run to run.
sub without_framing
{
    my ($r) = @_;
    my @lines = map { "$_->[0]: $_->[1]" }
        grep { $_->[0] !~ /^(?:Content-Length|Transfer-Encoding|Date)$/ }
        @{ $r->{order} };
    return join "\n", "$r->{version} $r->{status} $r->{reason}", @lines, '',
        $r->{body};
}

sub answer
{
    my ($httpd, $case) = @_;
    my (undef, $text, $is_script) = @$case;
    my $r = $httpd->request($text =~ s/\n/\n$HOST/r);
    return without_framing($r) if $is_script;
    # The methods are in the order of a hash that is seeded at each start.
    return $r->{raw} =~ s/^Date: [^\r\n]*/Date: now/mr
        =~ s/^Allow: \K([^\r\n]*)/join ',', sort split m{,}, $1/mer;
}

# Where each of %SAID that allows an origin elsewhere does so.
my %ELSEWHERE = (
    'a policy in another Location' =>
        "GET /elsewhere/ HTTP/1.1\n$HOST$ORIGIN",
    'a policy in another virtual host' =>
        "GET / HTTP/1.1\nHost: other.example.com\n$ORIGIN",
);

sub answers
{
    my ($name, $cors) = @_;
    my $httpd = server($cors ? $SAID{$name} : in_both($SAID{$name}), $cors);
    my @answers = map { answer($httpd, $_) } @ANSWERED;
    if ($ELSEWHERE{$name}) {
        my $headers = $httpd->request($ELSEWHERE{$name})->{headers};
        is scalar @{ $headers->{'access-control-allow-origin'} // [] }, $cors,
            "$name: it applies there";
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return @answers;
}

for my $name (sort keys %SAID) {
    my @without = answers($name, 0);
    my @with = answers($name, 1);
    is $with[$_], $without[$_], "$name: nothing changes for $ANSWERED[$_][0]"
        for 0 .. $#ANSWERED;
}
done_testing;
