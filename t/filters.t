# Compression, includes, substitution and expiry change a response on its way
# out, and some say so in Vary. If the one who comes last wins, a cache hands
# gzip to who cannot read it, or one page's permission to another. And WebDAV,
# whose clients need OPTIONS for themselves, must work from a page as without.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Cors;
use Test::Httpd;


# bare has no policy: what httpd does there by itself has to stay.
my %POLICIES = (
    bare => '',
    list => "CorsAllowOrigin $APP\nCorsAllowCredentials On\n"
        . "CorsExposeHeaders ETag DAV\n",
    star => "CorsAllowOrigin *\n",
);
my @CASES = (['list', $APP], ['list', $EVIL], ['list', undef],
    ['star', $EVIL], ['star', undef]);

sub ours($policy, $origin)
{
    return { 'access-control-allow-origin' => ['*'] } if $policy eq 'star';
    return {} if ($origin // '') ne $APP;
    return {
        'access-control-allow-origin' => [$APP],
        'access-control-allow-credentials' => ['true'],
        'access-control-expose-headers' => ['ETag, DAV'],
    };
}

# ---- what filters: every path is /policy/name/file ----

my $GZIP = "Accept-Encoding: gzip\n";
my $BROTLI = "Accept-Encoding: br\n";

# config of the place; file; header lines of the request; what the response by
# itself looks like; names in its Vary.
my %PLACES = (
    plain => { is => qr/^a text of a text/m },
    deflate => { config => 'SetOutputFilter DEFLATE', more => $GZIP,
        is => qr/^Content-Encoding: gzip/m, vary => ['accept-encoding'] },
    'deflate-not' => { config => 'SetOutputFilter DEFLATE',
        is => qr/^a text of a text/m, vary => ['accept-encoding'] },
    'deflate-type' => {
        config => 'AddOutputFilterByType DEFLATE text/plain', more => $GZIP,
        is => qr/^Content-Encoding: gzip/m, vary => ['accept-encoding'] },
    'deflate-script' => { config => 'SetOutputFilter DEFLATE', more => $GZIP,
        file => 'vary.cgi', is => qr/^Content-Encoding: gzip/m,
        vary => [qw(accept-encoding cookie origin)] },
    'deflate-header' => { config => "SetOutputFilter DEFLATE\n"
            . 'Header merge Vary User-Agent', more => $GZIP,
        is => qr/^Content-Encoding: gzip/m,
        vary => [qw(accept-encoding user-agent)] },
    brotli => { config => 'SetOutputFilter BROTLI_COMPRESS', more => $BROTLI,
        is => qr/^Content-Encoding: br/m, vary => ['accept-encoding'] },
    'brotli-or-gzip' => { config => 'SetOutputFilter BROTLI_COMPRESS;DEFLATE',
        more => $GZIP, is => qr/^Content-Encoding: gzip/m,
        vary => ['accept-encoding'] },
    include => { config => "Options +Includes\nSetOutputFilter INCLUDES",
        file => 'page.txt',
        is => qr/\(included\).*\(a script\).*\[an error.*\]/s },
    'include-all' => { config => "Options +Includes\n"
            . "SetOutputFilter INCLUDES;DEFLATE\n"
            . "ExpiresActive On\nExpiresDefault \"access plus 1 hour\"",
        file => 'page.txt', more => $GZIP,
        is => qr/^Expires:.*^Content-Encoding: gzip/ms,
        vary => ['accept-encoding'] },
    expires => { config => "ExpiresActive On\n"
            . 'ExpiresDefault "access plus 1 hour"',
        is => qr/^Cache-Control: max-age=3600.*^Expires: /ms },
    substitute => { config => "SetOutputFilter SUBSTITUTE\n"
            . 'Substitute s/text/word/', is => qr/^a word of a word/m },
    'substitute-deflate' => { config => "SetOutputFilter SUBSTITUTE;DEFLATE\n"
            . 'Substitute s/text/word/', more => $GZIP,
        is => qr/^Content-Encoding: gzip/m, vary => ['accept-encoding'] },
    'rate-limit' => { config => "SetOutputFilter RATE_LIMIT\n"
            . 'SetEnv rate-limit 4000', is => qr/^a text of a text/m },
    script => { file => 'vary.cgi', is => qr/^\(a script\)/m,
        vary => [qw(cookie origin)] },
);

# The script sends headers of its own, and is included, too.
my $SCRIPT = <<'EOF';
#!/bin/sh
cat <<'END'
Content-Type: text/plain
Access-Control-Allow-Origin: *
Vary: Cookie, origin

(a script) with some more text, so that compressing it is worth the while
END
EOF

my $PAGE = <<'EOF';
<!--#include virtual="/other/x.txt" -->
<!--#include virtual="/other/vary.cgi" -->
<!--#include virtual="/other/missing" -->
EOF

my $config = <<"EOF";
AliasMatch ^/other/x\.txt\$ "\@DOCROOT\@/included.txt"
AliasMatch ^/.*/(x|page)\.txt\$ "\@DOCROOT\@/\$1.txt"
ScriptAliasMatch ^/.*/(vary\.cgi)\$ "\@ROOT\@/cgi/\$1"
DavLockDB "\@ROOT\@/var/locks"
<Location /other/>
    CorsAllowOrigin https://other.example.net
    CorsExposeHeaders X-Other
</Location>
EOF
$config .= "<LocationMatch ^/\\w+/$_/>\n" . ($PLACES{$_}{config} // '') . "\n"
    . "</LocationMatch>\n" for sort keys %PLACES;
for my $policy (sort keys %POLICIES) {
    $config .= "<Location /$policy/>\n$POLICIES{$policy}</Location>\n"
        . "Alias /$policy/dav \"\@ROOT\@/var/$policy\"\n"
        . "<Location /$policy/dav>\nDav On\n"
        . ($policy eq 'bare' ? '' : "CorsAllowMethods PROPFIND PUT MKCOL\n"
            . "CorsAllowHeaders Content-Type Depth\n") . "</Location>\n";
}
$config .= "<Location /list/dav/pass/>\nCorsPreflight Pass\n</Location>\n";

my $httpd = Test::Httpd->config(
    modules => [qw(alias headers mime filter deflate brotli include expires
        substitute ratelimit env dav_fs), $CGI],
    files => {
        'htdocs/x.txt' => 'a text of a text' x 40 . "\n",
        'htdocs/included.txt' => "(included)\n", 'htdocs/page.txt' => $PAGE,
        'cgi/vary.cgi' => $SCRIPT,
    },
    config => $config)->expect(qr/include:error.*unable to include/,
        qr/dav:error.*\[(?:409|423), #0\]/);
for my $directory (map { $httpd->root . "/var/$_" } sort keys %POLICIES) {
    mkdir $directory and chmod 0777, $directory or die "$directory: $!\n";
}
utime 1e9, 1e9, map { $httpd->docroot . "/$_.txt" } qw(x page included);
$httpd->start;

# ---- reading a response ----

sub ask($method, $path, $origin, $more = '')
{
    return $httpd->request("$method $path HTTP/1.1\n"
        . (defined $origin ? "Origin: $origin\n" : '') . $more);
}

# In one line: some caches read no second.
sub vary_of($r)
{
    my ($vary, @more) = @{ $r->{headers}{vary} // [] };
    return [sort map { lc } split(/\s*,\s*/, $vary // ''), @more];
}

sub with_names($names, @more)
{
    my %names = map { $_ => 1 } @$names, @more;
    return [sort keys %names];
}

# ---- filters ----

my %REQUESTS = (GET => '', HEAD => '', part => "Range: bytes=0-5\n",
    unchanged => "If-None-Match: *\n");

sub check_place($name, $kind)
{
    my $place = $PLACES{$name};
    my $method = $kind eq 'HEAD' ? 'HEAD' : 'GET';
    my $path = "$name/" . ($place->{file} // 'x.txt');
    my $more = ($place->{more} // '') . $REQUESTS{$kind};
    my $bare = ask($method, "/bare/$path", $APP, $more);
    if ($kind eq 'GET') {
        like $bare->{raw} =~ s/\r//gr, $place->{is},
            "$name works without a policy";
        is_deeply vary_of($bare), $place->{vary} // [], 'and has its Vary';
    }
    for (@CASES) {
        my ($policy, $origin) = @$_;
        my $r = ask($method, "/$policy/$path", $origin, $more);
        is_deeply cors($r), ours($policy, $origin), join ', ', $name, $kind,
            $r->{status}, $policy, $origin // 'no Origin';
        is_deeply vary_of($r), with_names(vary_of($bare),
            $policy eq 'list' ? 'origin' : ()), 'Vary has each name once';
        is_deeply [$r->@{qw(status body)}], [$bare->@{qw(status body)}],
            'and status and body are as without a policy';
    }
    return;
}

for my $name (sort keys %PLACES) {
    check_place($name, $_) for sort keys %REQUESTS;
}

# That these were parts, and unchanged.
is ask('GET', '/list/plain/x.txt', $APP, $REQUESTS{part})->{status}, 206,
    'a range gets a 206';
is ask('GET', '/list/plain/x.txt', $APP, $REQUESTS{unchanged})->{status}, 304,
    'an unchanged file gets a 304';

# ---- WebDAV ----

my $LOCK = <<'EOF';
Content-Type: application/xml

<?xml version="1.0"?>
<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>
<locktype><write/></locktype></lockinfo>
EOF
my $PROPERTY = <<'EOF';
Content-Type: application/xml

<?xml version="1.0"?>
<propertyupdate xmlns="DAV:"><set><prop><a xmlns="x">1</a></prop></set>
</propertyupdate>
EOF

# One after the other on one tree: [status, method, path, header lines, body].
my @DAV = (
    [207, 'PROPFIND', '/', "Depth: 1\n"],
    [201, 'PUT', '/a.txt', "\na text\n"],
    [204, 'PUT', '/a.txt', "\nanother\n"],
    [207, 'PROPPATCH', '/a.txt', $PROPERTY],
    [201, 'MKCOL', '/d', ''],
    [405, 'MKCOL', '/d', ''],
    [409, 'PUT', '/no/such/b.txt', "\na text\n"],
    [404, 'PROPFIND', '/missing', "Depth: 0\n"],
    [403, 'PROPFIND', '/', "Depth: infinity\n"],
    [201, 'COPY', '/a.txt', "Destination: \@HERE\@/b.txt\n"],
    [201, 'MOVE', '/b.txt', "Destination: \@HERE\@/d/b.txt\n"],
    [412, 'COPY', '/a.txt', "Destination: \@HERE\@/d/b.txt\nOverwrite: F\n"],
    [200, 'LOCK', '/a.txt', $LOCK],
    [423, 'PUT', '/a.txt', "\nlocked\n"],
    [423, 'DELETE', '/a.txt', ''],
    [200, 'GET', '/a.txt', ''],
    [204, 'DELETE', '/d', ''],
    [404, 'GET', '/d/b.txt', ''],
);

# Each client has a tree of its own.
my $tree = 0;

sub check_dav($policy, $origin)
{
    my $here = "/$policy/dav/t" . $tree++;
    ask('MKCOL', $here, undef);
    for (@DAV) {
        my ($status, $method, $path, $more) = @$_;
        my $r = ask($method, "$here$path", $origin,
            $more =~ s/\@HERE\@/$httpd->url($here)/er);
        is $r->{status}, $status, join ' ', $method, $path, $policy,
            $origin // 'no Origin';
        is_deeply cors($r), $policy eq 'bare' ? {}
            : ours($policy, $origin), "a $status has the headers of the policy";
        is_deeply vary_of($r), $policy eq 'list' ? ['origin'] : [],
            'and has its Vary';
    }
    return;
}

# OPTIONS tells a client what the server can do.
sub check_dav_options($policy, $origin)
{
    my $r = ask('OPTIONS', "/$policy/dav/", $origin);
    my $name = join ' ', 'OPTIONS', $policy, $origin // 'no Origin';
    is $r->{status}, 200, "$name is passed on";
    is $r->{headers}{dav}[0], '1,2', 'and has the header DAV';
    like $r->{headers}{allow}[0], qr/\bPROPFIND\b/, 'and its Allow header';
    is_deeply cors($r), $policy eq 'bare' ? {} : ours($policy, $origin),
        'and has the headers of the policy';
    is_deeply vary_of($r), $policy eq 'bare' ? [] : \@OPTIONS_VARY,
        'and has its Vary';
    return;
}

sub check_dav_preflight($policy, $origin)
{
    my $ours = ours($policy, $origin);
    my %expected = map { $_ => $ours->{$_} } grep { !/expose/ } keys %$ours;
    @expected{map { "access-control-allow-$_" } qw(methods headers)} =
        (['PROPFIND, PUT, MKCOL'], ['Content-Type, Depth']) if %$ours;
    my $ask = "Access-Control-Request-Method: PROPFIND\n"
        . "Access-Control-Request-Headers: depth\n";
    my $r = ask('OPTIONS', "/$policy/dav/", $origin, $ask);
    is $r->{status}, %$ours ? 204 : 403,
        "the preflight of PROPFIND, $policy, $origin, is answered";
    is_deeply cors($r), \%expected, 'and has the headers of the policy';
    is_deeply vary_of($r), \@OPTIONS_VARY, 'and has its Vary';
    is $r->{headers}{dav}, undef, 'and WebDAV is not reached';
    return if $policy ne 'list';

    $r = ask('OPTIONS', '/list/dav/pass/', $origin, $ask);
    is $r->{status}, 200, 'with Pass it is passed on';
    is $r->{headers}{dav}[0], '1,2', 'and has the header DAV';
    is_deeply cors($r), \%expected, 'and has the same headers';
    return;
}

for my $case (['bare', $APP], @CASES) {
    check_dav(@$case);
    check_dav_options(@$case);
    check_dav_preflight(@$case) if $case->[0] ne 'bare' && defined $case->[1];
}
is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
