# A browser hides every response that lacks Access-Control-Allow-Origin, or has
# two of them: a page would see "network error" in place of a 401, a 404 or a
# validation error. And a cache that is told no Vary would hand one origin's
# headers to another. So every status, from every place in httpd that makes one,
# has to leave with the right headers, exactly once.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Cors;
use Test::Httpd;

my %ORIGINS = (allowed => $APP, denied => $EVIL, none => undef);

# Each policy, and what it says to an origin (undef: no Origin was sent).
my %POLICIES = (
    'a list' => {
        config => "CorsAllowOrigin $APP\nCorsAllowCredentials On\n"
            . "CorsExposeHeaders X-One X-Two\n",
        headers => sub {
            my ($origin) = @_;
            return {} if ($origin // '') ne $APP;
            return {
                'access-control-allow-origin' => [$APP],
                'access-control-allow-credentials' => ['true'],
                'access-control-expose-headers' => ['X-One, X-Two'],
            };
        },
        vary => ['origin'],
    },
    '*' => {
        config => "CorsAllowOrigin *\nCorsExposeHeaders *\n",
        headers => sub {
            return {
                'access-control-allow-origin' => ['*'],
                'access-control-expose-headers' => ['*'],
            };
        },
        vary => [],
    },
    '* but one' => {
        config => "CorsAllowOrigin *\nCorsDenyOrigin $EVIL\n",
        headers => sub {
            my ($origin) = @_;
            return {} if ($origin // '') eq $EVIL;
            return { 'access-control-allow-origin' => ['*'] };
        },
        vary => ['origin'],
    },
);

# ---- reading a response ----

sub with_vary
{
    my %names = map { lc $_ => 1 } @_;
    return $names{'*'} ? ['*'] : [sort keys %names];
}

sub with_origin
{
    my ($text, $origin) = @_;
    return defined $origin ? $text =~ s/\n/\nOrigin: $origin\n/r : $text;
}

# ---- the rows: [status, name, request, names that others put into Vary] ----

my @STATUSES = qw(200 204 206 301 304 400 401 403 404 405 412 413 416 500 501);
my %ERROR_DOCUMENTS = (
    none => undef, local => '/error.txt', text => '"no luck"',
    url => 'http://www.example.com/error',
);

# Each status, made in translate_name (Redirect), in fixups (a rewrite in
# .htaccess) and by a handler (CGI), under each kind of ErrorDocument.
sub statuses_of
{
    my ($made_by) = @_;
    return grep { !/^(?:200|206|304)$/ || $made_by eq 'cgi' } @STATUSES;
}

# httpd refuses a URL as ErrorDocument of a 401. A script's errors are its own.
sub status_with_document
{
    my ($made_by, $status, $document) = @_;
    return 302 if $document eq 'url' && $status >= 400 && $status != 401
        && $made_by ne 'cgi';
    return $status;
}

sub rows_of_statuses
{
    my @rows;
    for my $made_by (qw(redirect rewrite cgi)) {
        for my $document (sort keys %ERROR_DOCUMENTS) {
            for my $status (statuses_of($made_by)) {
                my $path = "/$document/$made_by/$status";
                $path = "/$document/status.cgi?$status"
                    if $made_by eq 'cgi';
                next if $status < 400 && $document ne 'none';
                push @rows, [status_with_document($made_by, $status, $document),
                    "$status by $made_by, ErrorDocument $document",
                    "GET $path HTTP/1.1\n"];
            }
        }
    }
    return @rows;
}

# Errors as httpd comes to them by itself, under each kind of ErrorDocument.
my %NATURAL = (
    401 => "GET /%s/private/x.txt HTTP/1.1\n",
    403 => "GET /%s/closed/x.txt HTTP/1.1\n",
    404 => "GET /%s/missing HTTP/1.1\n",
    405 => "PUT /%s/x.txt HTTP/1.1\n\nbody",
    413 => "POST /%s/small/status.cgi?200 HTTP/1.1\n\nmore than is allowed",
    416 => "GET /%s/x.txt HTTP/1.1\nRange: bytes=999-\n",
    500 => "GET /%s/mute.cgi HTTP/1.1\n",
    501 => "FROB /%s/x.txt HTTP/1.1\n",
);

sub natural_rows
{
    my @rows;
    for my $document (sort keys %ERROR_DOCUMENTS) {
        push @rows, map {
            [status_with_document('httpd', $_, $document),
                "$_ by itself, ErrorDocument $document",
                sprintf $NATURAL{$_}, $document]
        } sort keys %NATURAL;
    }
    return @rows;
}

my @ROWS = (
    [200, 'a file', "GET /x.txt HTTP/1.1\n"],
    [200, 'HEAD', "HEAD /x.txt HTTP/1.1\n"],
    [200, 'HTTP/1.0', "GET /x.txt HTTP/1.0\n"],
    [206, 'a part', "GET /x.txt HTTP/1.1\nRange: bytes=0-3\n"],
    [206, 'two parts', "GET /x.txt HTTP/1.1\nRange: bytes=0-1,4-5\n"],
    [412, 'a condition that fails', "GET /x.txt HTTP/1.1\n"
        . "If-Match: \"no\"\n"],
    [304, 'not modified', "GET /x.txt HTTP/1.1\nIf-None-Match: *\n"],
    [400, 'a bad header line', "GET /x.txt HTTP/1.1\nBad Line\n"],
    [400, 'a bad Host', "GET /x.txt HTTP/1.1\nHost: a/b\n"],
    [400, 'a bad Content-Length', "GET /x.txt HTTP/1.1\n"
        . "Content-Length: x\n"],
    [400, 'a bad escape', "GET /%zz HTTP/1.1\n"],
    [400, 'a header field too long', "GET /x.txt HTTP/1.1\nX-Short: x\n"
        . 'X-Long: ' . 'x' x 9000 . "\n"],
    [417, 'an expectation', "GET /x.txt HTTP/1.1\nExpect: wonders\n"],
    [404, 'an encoded slash', "GET /a%2fb HTTP/1.1\n"],
    [405, 'AllowMethods', "DELETE /get-only/x.txt HTTP/1.1\n"],
    [500, 'a broken .htaccess', "GET /broken/y HTTP/1.1\n"],
    [301, 'DirectorySlash', "GET /dir HTTP/1.1\n"],
    [200, 'DirectoryIndex', "GET /dir/ HTTP/1.1\n"],
    [200, 'FallbackResource', "GET /fallback/a/b HTTP/1.1\n"],
    [200, 'MultiViews', "GET /views/page HTTP/1.1\nAccept: text/html\n",
        qw(negotiate accept)],
    [406, 'MultiViews without a variant', "GET /views/page HTTP/1.1\n"
        . "Accept: image/png\n", qw(negotiate accept)],
    [304, 'MultiViews, not modified', "GET /views/page HTTP/1.1\n"
        . "Accept: text/html\nIf-None-Match: *\n", qw(negotiate accept)],
    [200, 'a rewrite in .htaccess', "GET /rewrite/file HTTP/1.1\n"],
    [200, 'a rewrite to a script', "GET /rewrite/script HTTP/1.1\n"],
    [404, 'a rewrite to nothing', "GET /rewrite/nothing HTTP/1.1\n"],
    [301, 'a rewrite to elsewhere', "GET /rewrite/away HTTP/1.1\n"],
    [403, 'a rewrite that forbids', "GET /rewrite/forbidden HTTP/1.1\n"],
    [200, 'a rewrite to a rewrite', "GET /rewrite/twice HTTP/1.1\n"],
    [302, 'a redirect by .htaccess', "GET /rewrite/redirect HTTP/1.1\n"],
    [404, 'a local ErrorDocument that is missing',
        "GET /lost/missing HTTP/1.1\n"],
    [404, 'a script as ErrorDocument', "GET /scripted/missing HTTP/1.1\n",
        'cookie'],
    [200, 'a script', "GET /cgi/status.cgi?200 HTTP/1.1\n"],
    [200, 'POST to a script', "POST /cgi/status.cgi?200 HTTP/1.1\n\nbody"],
    [200, 'a script with headers of its own', "GET /theirs.cgi HTTP/1.1\n"],
    [200, 'a script that leads to a file', "GET /theirs-inward.cgi HTTP/1.1\n"],
    [200, 'Header set Vary', "GET /header-vary/x.txt HTTP/1.1\n", 'cookie'],
    [404, 'Header always set Vary', "GET /header-vary/y HTTP/1.1\n",
        'accept-language'],
    [200, 'a compressed file', "GET /deflate/x.txt HTTP/1.1\n"
        . "Accept-Encoding: gzip\n", 'accept-encoding'],
    [200, 'OPTIONS on a file', "OPTIONS /x.txt HTTP/1.1\n"],
    [200, 'OPTIONS on a script', "OPTIONS /cgi/status.cgi?200 HTTP/1.1\n"],
    [401, 'OPTIONS that needs a login', "OPTIONS /private/x.txt HTTP/1.1\n"],
    [403, 'OPTIONS that is forbidden', "OPTIONS /closed/x.txt HTTP/1.1\n"],
    [404, 'OPTIONS, a script and its 404',
        "OPTIONS /cgi/status.cgi?404 HTTP/1.1\n"],
    [404, 'OPTIONS with a local ErrorDocument',
        "OPTIONS /local/redirect/404 HTTP/1.1\n"],
    [301, 'OPTIONS that is redirected', "OPTIONS /dir HTTP/1.1\n"],
    [200, 'OPTIONS, and a Vary from elsewhere',
        "OPTIONS /cgi/vary-list.cgi HTTP/1.1\n", qw(accept cookie)],
    rows_of_statuses(), natural_rows(),
);

# ---- what others send of their own ----

my $THEIRS = "Access-Control-Allow-Origin: *\n"
    . "Access-Control-Allow-Credentials: true\n"
    . "Access-Control-Allow-Methods: DELETE\n"
    . "Access-Control-Allow-Headers: X-Theirs\n"
    . "Access-Control-Expose-Headers: X-Theirs\n"
    . "Access-Control-Max-Age: 1\n";

my %SCRIPTS = (
    'vary-list' => 'Vary: Accept, Cookie', 'theirs' => $THEIRS,
    'theirs-vary' => "Vary: Cookie\n$THEIRS",
    'theirs-inward' => "${THEIRS}Location: /x.txt",
);

# ---- the server ----

my $RULES = <<'EOF';
Redirect 204 /none/redirect/204
Redirect 301 /none/redirect/301 http://www.example.com/
ScriptAliasMatch /([a-z0-9-]+\.cgi.*) @ROOT@/cgi/$1
AliasMatch /x.txt$ @DOCROOT@/x.txt
<LocationMatch /private/>
    AuthType Basic
    AuthName private
    AuthUserFile /dev/null
    Require valid-user
</LocationMatch>
<LocationMatch /closed/>
    Require all denied
</LocationMatch>
<LocationMatch /small/>
    LimitRequestBody 5
</LocationMatch>
<Location /get-only/>
    AllowMethods GET
</Location>
<Location /deflate/>
    SetOutputFilter DEFLATE
</Location>
<Location /header-vary/>
    Header set Vary Cookie "expr=%{REQUEST_STATUS} == 200"
    Header always set Vary Accept-Language "expr=%{REQUEST_STATUS} != 200"
</Location>
EOF

my %FILES = (
    'htdocs/x.txt' => 'x' x 400,
    'htdocs/error.txt' => "an error\n",
    'htdocs/dir/index.html' => "index\n",
    'htdocs/broken/.htaccess' => "NoSuchDirective\n",
    'htdocs/fallback/.htaccess' => "FallbackResource /fallback/all.html\n",
    'htdocs/fallback/all.html' => "all\n",
    'htdocs/views/.htaccess' => "Options +MultiViews\n",
    'htdocs/views/page.html' => "page\n",
    'htdocs/views/page.txt' => "page\n",
    'htdocs/lost/.htaccess' => "ErrorDocument 404 /nowhere\n",
    'htdocs/scripted/.htaccess' => "ErrorDocument 404 /cgi/theirs-vary.cgi\n",
    'htdocs/rewrite/.htaccess' => <<'EOF',
RewriteEngine On
RewriteRule ^file$ /x.txt
RewriteRule ^script$ /cgi/theirs.cgi
RewriteRule ^nothing$ /missing
RewriteRule ^away$ http://www.example.com/ [R=301]
RewriteRule ^forbidden$ - [F]
RewriteRule ^twice$ /rewrite/file
Redirect 302 /rewrite/redirect http://www.example.com/
EOF
);

sub script
{
    my ($headers) = @_;
    return "#!/bin/sh\ncat <<'EOF'\n" . $headers =~ s/\n*\z/\n/r
        . "Content-Type: text/plain\n\nbody\nEOF\n";
}

sub scripts
{
    my %scripts = map { ("cgi/$_.cgi" => script($SCRIPTS{$_})) }
        keys %SCRIPTS;
    $scripts{'cgi/mute.cgi'} = "#!/bin/sh\n";
    $scripts{'cgi/status.cgi'} = "#!/bin/sh\ncat > /dev/null\n"
        . 'printf "Status: %s\nContent-Type: text/plain\n\nbody\n" '
        . "\"\$QUERY_STRING\"\n";
    return %scripts;
}

sub error_documents
{
    my $config = '';
    for my $name (sort grep { defined $ERROR_DOCUMENTS{$_} }
        keys %ERROR_DOCUMENTS) {
        $config .= "<Location /$name/>\n";
        $config .= "ErrorDocument $_ $ERROR_DOCUMENTS{$name}\n"
            for grep { $_ >= 400 && ($name ne 'url' || $_ != 401) } @STATUSES;
        $config .= "</Location>\n";
    }
    return $config;
}

sub redirects
{
    my $config = '';
    for my $name (sort keys %ERROR_DOCUMENTS) {
        $config .= "Redirect $_ /$name/redirect/$_\n"
            for grep { $_ >= 400 } @STATUSES;
    }
    return $config;
}

sub rewrites
{
    my $rules = "RewriteEngine On\n"
        . "RewriteRule ^301\$ http://www.example.com/ [R=301]\n";
    $rules .= "RewriteRule ^$_\$ - [R=$_]\n"
        for grep { $_ != 301 } statuses_of('rewrite');
    return map { ("htdocs/$_/rewrite/.htaccess" => $rules) }
        keys %ERROR_DOCUMENTS;
}

sub server
{
    my ($policy, %args) = @_;
    my @more = @{ delete $args{modules} // [] };
    my $cgi = ($ENV{TEST_MPM} // '') eq 'prefork' && !@more ? 'cgi' : 'cgid';
    my $httpd = Test::Httpd->config(
        modules => [qw(alias headers dir negotiation mime rewrite deflate
            filter allowmethods authn_core auth_basic authn_file authz_user),
            $cgi, @more],
        files => { %FILES, scripts(), rewrites() },
        config => $RULES . error_documents() . redirects()
            . $POLICIES{$policy}{config}, %args);
    return $httpd->start;
}

# ---- the matrix ----

sub expected
{
    my ($policy, $row, $origin) = @_;
    my ($status, undef, $request, @vary) = @$row;
    my $rule = $POLICIES{$policy};
    push @vary, $request =~ /^OPTIONS / ? @OPTIONS_VARY : @{ $rule->{vary} };
    return { status => $status, cors => $rule->{headers}->($origin),
        vary => with_vary(@vary) };
}

sub check
{
    my ($policy, $row, $ask, $where) = @_;
    for my $kind (sort keys %ORIGINS) {
        my $origin = $ORIGINS{$kind};
        my $r = $ask->(with_origin($row->[2], $origin));
        is_deeply facts($r), expected($policy, $row, $origin),
            "$policy, origin $kind: $row->[0], $row->[1]$where";
    }
    return;
}

my @EXPECTED_ERRORS = (qr/client denied by server configuration/,
    qr/Invalid command 'NoSuchDirective'/, qr/no acceptable variant/,
    qr/End of script output/, qr/Invalid method in request FROB/,
    qr/invalid URI path/, qr/Error reading request entity data/,
    qr/client method denied by server configuration: 'DELETE'/);

# Two Origin lines are no origin, and on a 414 no header was read.
my @NO_ORIGIN = (
    ['200, two', "GET /x.txt HTTP/1.1\nOrigin: $APP\nOrigin: $APP\n"],
    ['404, two', "GET /missing HTTP/1.1\nOrigin: $APP\nOrigin: $EVIL\n"],
    ['403, two', "GET /none/redirect/403 HTTP/1.1\nOrigin: $APP\n"
        . "Origin: $APP\n"],
    ['400, two', "GET /x.txt HTTP/1.1\nOrigin: $APP\nOrigin: $EVIL\n"
        . "Bad Line\n"],
    ['414', 'GET /' . 'x' x 9000 . " HTTP/1.1\nOrigin: $APP\n"],
);
my %TO_NO_ORIGIN = ('a list' => {}, '*' => $POLICIES{'*'}{headers}->());

sub check_no_origin
{
    my ($policy, $httpd) = @_;
    for (@NO_ORIGIN) {
        my ($name, $text) = @$_;
        is_deeply facts($httpd->request($text)),
            { status => substr($name, 0, 3), cors => $TO_NO_ORIGIN{$policy},
                vary => with_vary(@{ $POLICIES{$policy}{vary} }) },
            "$policy: no origin on $name";
    }
    return;
}

# httpd gives no hook for it.
sub check_options_star
{
    my ($policy, $ask) = @_;
    for my $line ('', "Access-Control-Request-Method: PUT\n") {
        my $r = $ask->("OPTIONS * HTTP/1.1\nOrigin: $APP\n$line");
        is_deeply facts($r), { status => 200, cors => {}, vary => [] },
            "$policy: OPTIONS * is left alone";
    }
    return;
}

for my $policy (sort keys %POLICIES) {
    my $httpd = server($policy);
    $httpd->expect(@EXPECTED_ERRORS);
    check($policy, $_, sub { $httpd->request(@_) }, '')
        for @ROWS;

    # The launcher would add a Host.
    check($policy, [400, 'no Host', "GET /x.txt HTTP/1.1\n"], sub {
        my ($r) = $httpd->raw($_[0] =~ s/\n/\r\n/gr . "\r\n");
        return $r;
    }, '');
    check_no_origin($policy, $httpd) if $TO_NO_ORIGIN{$policy};
    check_options_star($policy, sub { $httpd->request(@_) });
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# ---- HTTP/2 ----

sub is_for_http2
{
    my (undef, $name, $request) = @{ $_[0] };
    return $name =~ /^(?:a\ file|a\ part|not\ modified|DirectorySlash|HEAD
        |MultiViews.*|a\ rewrite\ to\ a\ script|POST\ to\ a\ script|OPTIONS.*
        |(?:204|404|500)\ by\ (?:redirect|rewrite|cgi),.*
        |40[134]\ by\ itself.*|a\ script)$/x;
}

for my $policy ('a list') {
    my $httpd = server($policy, modules => ['http2']);
    $httpd->expect(qr/client denied/, qr/no acceptable variant/);
    my $ask = sub { $httpd->h2(@_) };
    check($policy, $_, $ask, ', HTTP/2')
        for grep { is_for_http2($_) } @ROWS;
    if (Test::Httpd->at_least('2.4.71')) {
        check_options_star("$policy, HTTP/2", $ask);
    }
    else {
        is $ask->("OPTIONS * HTTP/1.1\n")->{status}, 400,
            "$policy: httpd before 2.4.71 refuses OPTIONS * over HTTP/2";
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# ---- Header ... early ----

my $httpd = server('a list', main => <<'EOF');
Header set Access-Control-Allow-Origin https://other.example.net early
Header always add Access-Control-Allow-Origin https://other.example.net early
EOF
check('a list', $_, sub { $httpd->request(@_) }, ', Header early') for (
    [200, 'a file', "GET /x.txt HTTP/1.1\n"],
    [404, 'no file', "GET /missing HTTP/1.1\n"],
    [404, 'a redirect', "GET /local/redirect/404 HTTP/1.1\n"],
    [200, 'a script', "GET /theirs.cgi HTTP/1.1\n"],
    [200, 'a rewrite', "GET /rewrite/file HTTP/1.1\n"],
    [304, 'not modified', "GET /x.txt HTTP/1.1\nIf-None-Match: *\n"],
);
$httpd->expect(qr/cors:warn.*Access-Control-Allow-Origin/);
is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
