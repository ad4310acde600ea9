# The explain page is read by people whose site does not work, and by their
# scripts. If it ran what it looks up, set a cookie of a look-up, could be read
# by other sites, or repeated what it was sent as it came, the page itself would
# be the hole.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use JSON::PP;
use Test::More;
use Test::Explain qw(explained explained_page);
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.example';
my $httpd = Test::Httpd->config(
    modules => [qw(alias auth_basic authn_file authz_user headers rewrite
        status)],
    log_level => 'cors:debug',
    files => { 'conf/users' => "admin:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=\n",
        'htdocs/x.txt' => "x\n", 'htdocs/own/.htaccess' => "CorsExplain On\n" },
    config => <<"EOF")->start;
CorsAllowOrigin *
RewriteEngine On
RewriteRule ^/cookie - [CO=rule:value:.example.com,E=of_look_up:1]
<Location /x.txt>
    CorsAllowOrigin $app
    CorsEnforce On
</Location>
<Location /explain>
    CorsExplain On
</Location>
<Location /explain/not>
    CorsExplain Off
</Location>
<Location /admin>
    CorsExplain On
    AuthType Basic
    AuthName admin
    AuthBasicProvider file
    AuthUserFile "\@ROOT\@/conf/users"
    Require valid-user
</Location>
<Location /login>
    CorsAllowOrigin $app
    AuthType Basic
    AuthName login
    AuthBasicProvider file
    AuthUserFile "\@ROOT\@/conf/users"
    Require valid-user
</Location>
<Location /mood>
    <If "req('Cookie') != '' || req('Authorization') != '' || req('X-A') != ''">
        CorsAllowOrigin none
    </If>
</Location>
<Location /cookie>
    Header always set X-Of-Look-Up 1
    CorsAllowOrigin $app
    CorsDebugHeader On
</Location>
<Location /status>
    SetHandler server-status
</Location>
EOF

sub page { return explained_page($httpd, url => '/x.txt', origin => $app, @_) }
sub json { return explained($httpd, url => '/x.txt', origin => $app, @_) }
sub header($r, $name) { return join ' AND ', @{ $r->{headers}{$name} // [] } }
sub head_of($r) { return $r->{raw} =~ s/\r?\n\r?\n.*//sr }
sub get($path, @lines)
{
    return $httpd->request(join "\n", "GET $path HTTP/1.1", @lines, '');
}

# ---- the page ----

my $r = page();
is $r->{status}, 200, 'the page needs no SetHandler';
is header($r, 'content-type'), 'text/html; charset=utf-8', 'it is HTML';
is header($r, 'cache-control'), 'no-store', 'it is not stored';
is header($r, 'x-content-type-options'), 'nosniff', 'its type is not guessed';
like header($r, 'content-security-policy'), qr/^default-src 'none';/,
    'it can load and run nothing';
like $r->{body}, qr/<section class="verdict allowed"><p><b>Allowed</,
    'it has a verdict';
like $r->{body}, qr{conf/test\.conf:5\b}, 'it has the line that decided';
is header(page(format => 'json'), 'content-type'), 'application/json',
    'scripts get JSON';
my $page = json();
is $page->{decision}, 'allowed', 'JSON has the decision';
is_deeply $page->{policy}[0], { directive => 'CorsAllowOrigin', value => $app,
    line => $httpd->root . '/conf/test.conf:5' },
    'JSON has each line of the policy, with its place';
is_deeply [sort keys %$page], [sort qw(url virtual_host origin origin_note
    method headers credentials verdict decision status why line
    unknown_because write write_in remedy note curl needs_preflight policy
    preflight request)], 'JSON has all members';
is get('/explain/below')->{status}, 200, 'it is there below its section';
is get('/explain/not')->{status}, 404, 'it is not there where it is Off';
is get('/x.txt')->{body}, "x\n", 'other URLs are not the page';
is $httpd->request("$_ /explain HTTP/1.1\n")->{status}, 405,
    "$_ of the page has status 405" for qw(POST PUT DELETE OPTIONS);
is get('/own/x.txt')->{status}, 500, 'CorsExplain is refused in .htaccess';
is get('/admin?url=/x.txt')->{status}, 401, 'the page can need a login';

$r = get('/explain');
is $r->{status}, 200, 'without a question there is a form';
like $r->{body}, qr/<form\b.*"url".*"origin".*"method".*"headers".*
    "credentials"/xs, 'the form has five fields';
unlike $r->{body}, qr/class="verdict/, 'without a question there is no verdict';
my ($example) = $r->{body} =~ /<a href="\?([^"]*)">an example/;
like get('/explain?' . $example =~ s/&amp;/&/gr)->{body},
    qr/class="verdict \w+"/, 'its example has an answer';

# ---- the question ----

for (['no url', { url => undef }, qr/^url is missing: /],
    ['a url without a slash', { url => 'x.txt' }, qr/^url "x\.txt" must be a /],
    ['a ws URL', { url => 'ws://127.0.0.1/' }, qr/^url .* must be a path/],
    ['another host', { url => 'https://other.example/' },
        qr/^url .* is not a name of any virtual host here; this page covers /],
    ['no origin', { origin => undef }, qr/^origin is missing: /],
    ['not an origin', { origin => 'app.example.com' },
        qr/^origin "app\.example\.com" is not an origin: write scheme/],
    ['a bad method', { method => 'GET, PUT' },
        qr/^method "GET, PUT" is not a valid method name/],
    ['a bad header', { headers => 'x-a, x b' },
        qr/^headers "x b" is not a valid header name/]) {
    my ($name, $question, $error) = @$_;
    is page(%$question, format => 'json')->{status}, 400,
        "$name has status 400";
    $page = json(%$question);
    is join(' ', keys %$page), 'error', "$name results in an error only";
    like $page->{error}, $error, "$name is named in the error";
    is page(%$question)->{status}, 200, "$name results in a page";
}
for (['https://app.example.com/', $app], ["$app/path?query#x", $app],
    ['HTTPS://App.Example.com:443/x', $app],
    ['http://localhost:3000/a b', 'http://localhost:3000'],
    ['file:///home/me/x.html', 'null'], ['http://[::1]:80/', 'http://[::1]']) {
    $page = json(origin => $_->[0]);
    is $page->{origin}, $_->[1], "$_->[0] is shortened to its origin";
    like $page->{origin_note}, qr/ is "\Q$_->[1]\E"$/, 'the page says so';
}
for my $origin ($app, 'null', 'file://', 'app://.', 'http://localhost:3000') {
    is json(origin => $origin)->{origin_note}, undef, "$origin is an origin";
}
for my $url ('http://127.0.0.1:' . $httpd->port . '/x.txt',
    'http://127.0.0.1/x.txt', '/x.txt?a=b', '/x.txt#fragment') {
    is json(url => $url)->{verdict}, 'allowed', "$url is understood";
}
is json(method => 'post')->{method}, 'POST', 'fetch() upper-cases post';
is json(method => 'patch')->{method}, 'patch', 'fetch() leaves patch alone';
is json(headers => 'X-B, Accept, x-a, X-A, Cookie')->{headers}, 'x-a,x-b',
    'headers are those that a browser asks for';
$page = json(method => 'TRACE');
like $page->{why}, qr/scripts may never use the method "TRACE"/,
    'a method that no script may use is named';
is $page->{verdict}, 'refused', 'such a method is refused';
for my $at ("'", q('; rm -rf x), '$(id)`id`', "\nb", '"') {
    my $curl = json(url => "/x.txt/$at", method => "P'$at" =~ s/[^A-Z']//gr)
        ->{curl};
    unlike $curl =~ s/\\'//gr =~ s/'[^']*'//gr, qr/[;\$`\n()"]/,
        'the curl command quotes everything that was entered';
}
my $run = json(method => 'PUT', headers => 'x-a')->{curl};
like qx($run -s), qr/^HTTP\S* 204.*Access-Control-Allow-Methods: GET/s,
    'the curl command asks the same question';

# ---- other sites, and what a look-up leaves behind ----

for my $at ('/explain', '/explain/below', '/admin') {
    for my $origin ($app, $evil, 'null') {
        $r = get("$at?url=/x.txt&origin=$app", "Origin: $origin");
        unlike head_of($r), qr/^(?:access-control|cors)-/im,
            "$at has no CORS header for $origin";
        $r = $httpd->request("OPTIONS $at HTTP/1.1\nOrigin: $origin\n"
            . "Access-Control-Request-Method: GET\n");
        like $r->{status}, qr/^40[13]$/, 
            "a preflight of $at from $origin is refused";
    }
}
for my $at ('/explain', '/admin') {
    $r = page(at => $at, url => '/cookie/x', method => 'PUT', more =>
        ['Authorization: Basic YWRtaW46YWRtaW4=']);
    is $r->{status}, 200, "$at answers";
    unlike head_of($r), 
        qr/^(?:set-cookie|x-of-look-up|access-control-|cors-)/im,
        "$at has no cookie and no header of a look-up";
}

# ---- the page's own request is not the one that is explained ----

my @own = ('Authorization: Basic YWRtaW46YWRtaW4=', 'Cookie: session=1',
    'X-A: 1', 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate',
    "Origin: $evil", 'Access-Control-Request-Method: PATCH',
    'If-None-Match: *');
for my $question ({ url => '/login/x.txt' }, { origin => $evil },
    { url => '/mood/x.txt' }, { url => '/x.txt', method => 'PUT' }) {
    my $plain = page(format => 'json', %$question)->{body};
    is page(format => 'json', %$question, more => [$_])->{body}, $plain,
        "$_ changes nothing" for @own;
    is page(at => '/admin', format => 'json', %$question, more => \@own)
        ->{body}, $plain, 'all of them change nothing on a page with a login';
}
is json(url => '/login/x.txt')->{request}{status}, 401,
    'a login for the page is not a login for the request';
is json(origin => $evil)->{request}{status}, 403, 'CorsEnforce is shown';
like get("/status")->{body}, qr{<a href="/explain">Explain a request</a>},
    "the status page links to the explain page";

sub counters()
{
    return { get('/status?auto')->{body} =~ /^(Cors\w+): (\d+)$/mg };
}
my $before = counters();
$httpd->clear_log;
json(origin => $evil, method => 'PUT', headers => 'x-a') for 1 .. 3;
is_deeply counters(), $before, 'look-ups are not counted';
is $httpd->error_log, '', 'look-ups are not logged';

# ---- bytes of strangers ----

my %values = (
    'each byte' => join('', map { chr } 1 .. 255),
    'two colours' => "\e[31mred\e[0m", delete => "a\x7fb",
    latin => join('', map { chr } 0x80 .. 0xff), quotes => q(a"b'c`d\\e),
    script => '<script>alert(1)</script>',
    attribute => '" onfocus=alert(1) autofocus x="',
    comment => '--></style></title><!--', entity => '&lt;&#60;&amp;',
    lines => "a\r\nX-Injected: 1\r\n\r\nb", percent => '%0d%0aX-Injected:%201',
    format => '%s%n%d%%', direction => "\xe2\x80\xa8\xe2\x80\xae",
    long => 'x' x 7000, 'long quotes' => '"' x 2500, 'long bytes' =>
        "\xff" x 2500,
);
for my $name (sort keys %values) {
    for my $field (qw(url origin method headers credentials)) {
        my $value = ($field eq 'url' ? '/any/' : '') . $values{$name};
        for my $format ('html', 'json') {
            my $title = "$format, $field, $name";
            $r = page(method => 'PUT', format => $format, $field => $value);
            is $r->{headers}{'x-injected'}, undef,
                "$title: no header is injected";
            unlike $r->{body}, qr/[^\n -~]/,
                "$title: the body is printable ASCII";
            unlike $r->{body}, qr/<script|<!--|<\/style>.*<\/style>|"
                [ ]autofocus/xs, "$title: no markup is injected";
            ok eval { decode_json($r->{body}) }, "$title: it is valid JSON"
                if $format eq 'json';
        }
    }
}

$httpd->expect(qr/\[core:alert\].*own\/\.htaccess: CorsExplain not allowed/,
    qr/\[core:error\].*(?:invalid URI path|File name too long)/);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- outside of sections ----

for (['CorsExplain On', 1], ["<Location /e>\nCorsExplain On\n</Location>", 0],
    ['CorsExplain Off', 0]) {
    my ($config, $warned) = @$_;
    my $check = Test::Httpd->check_config(config => "$config\n");
    ok $check->{ok}, "httpd starts with $config";
    is scalar(() = $check->{output} =~ /CorsExplain "On" turns every URL/g),
        $warned, "$config is warned of $warned times";
}
done_testing;
