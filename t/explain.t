# The page of CorsExplain answers what would happen to a request, and why. If it
# said something else than what really happens, people would change the wrong
# line and trust the wrong page; if it ran what it looks up, or repeated what it
# was sent as it came, the page itself would be the hole.
use v5.36;
use lib 't/lib';
use JSON::PP;
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.example';

sub escaped($text)
{
    return $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger;
}

# The page's query for fields, in the order in which they come.
sub query(@fields)
{
    my @pairs;
    while (my ($name, $value) = splice @fields, 0, 2) {
        push @pairs, "$name=" . escaped($value) if defined $value;
    }
    return join '&', @pairs;
}

# ---- 200 random configurations, three requests to each ----

# Numbers of our own: the same wherever this runs.
my $seed = 6;
sub number($below)
{
    $seed = ($seed * 1103515245 + 12345) % 2**31;
    return int($seed / 2**31 * $below);
}
sub one_of(@list)      { return $list[number(scalar @list)] }
sub one_in($n)         { return number($n) == 0 }
sub sometimes($n, @do) { return one_in($n) ? one_of(@do) : () }

my @origins = ($app, 'https://b.example.com', 'https://*.example.com',
    'http://localhost:*', 'https://users.example.com', 'https://example.org');

# Lines that no section refuses: what can't be used with credentials is not
# written beside them.
sub policy()
{
    my $credentials = one_of('', '', 'On', 'On', 'Off');
    my $plus = one_in(4) ? '+' : '';
    my @allow = (
        (map { join ' ', 'CorsAllowOrigin', map { "$plus$_" }
            one_of(@origins), sometimes(2, @origins) } 1 .. 6),
        'CorsAllowOrigin none',
        "CorsAllowOriginMatch ${plus}https://[a-z]+[.]example[.]com",
    );
    push @allow, 'CorsAllowOrigin *', "CorsAllowOrigin ${plus}null",
        "CorsAllowOrigin ${plus}http://insecure.example.com",
        q(CorsAllowOriginExpr "req('Origin') =~ /example/")
        if $credentials ne 'On';
    return grep { length } (
        one_in(5) ? '' : one_of(@allow),
        $credentials && "CorsAllowCredentials $credentials",
        sometimes(6, 'CorsDenyOrigin https://users.example.com',
            'CorsDenyOrigin +https://b.example.com', 'CorsDenyOrigin none'),
        sometimes(2, 'CorsAllowMethods PUT DELETE', 'CorsAllowMethods *',
            'CorsAllowMethods +PUT', 'CorsAllowMethods none'),
        sometimes(2, 'CorsAllowHeaders X-A, X-B', 'CorsAllowHeaders *',
            'CorsAllowHeaders * Authorization', 'CorsAllowHeaders +X-A',
            'CorsAllowHeaders none'),
        sometimes(3, 'CorsExposeHeaders ETag', 'CorsExposeHeaders +X-C',
            $credentials eq 'On' ? 'CorsExposeHeaders none'
                : 'CorsExposeHeaders *'),
        sometimes(4, 'CorsMaxAge 600', 'CorsMaxAge 0', 'CorsMaxAge none'),
        sometimes(8, map { "CorsEngine $_" } qw(On Off DetectionOnly)),
        sometimes(6, 'CorsPreflight Pass', 'CorsPreflight Answer'),
        sometimes(6, 'CorsPreflightStatus 200'),
        sometimes(6, map { "CorsPreflightAuth $_" } qw(Require Skip)),
        sometimes(6, 'CorsBackendHeaders Keep'),
        sometimes(5, map { "CorsEnforce $_" } qw(On On Off)),
        sometimes(5, 'CorsDebugHeader On'),
        sometimes(6, 'CorsTolerate insecure-origin null-origin',
            'CorsTolerate expression', 'CorsTolerate none'),
    );
}

# A section may look at the request.
sub maybe_if()
{
    return policy() if !one_in(4);
    my $condition = one_of("req('Origin') =~ /app/", "req('Origin') == ''",
        "%{REQUEST_METHOD} == 'OPTIONS'", "%{REQUEST_METHOD} != 'PUT'",
        "req('Access-Control-Request-Method') == 'PUT'",
        "%{QUERY_STRING} =~ /q/");
    my @lines = (sometimes(2, 'CorsMaxAge 7'), "<If \"$condition\">",
        policy(), '</If>');
    push @lines, '<Else>', policy(), '</Else>' if one_in(3);
    return @lines;
}

sub section($name, @lines)
{
    my ($kind) = $name =~ /(\w+)/;
    return @lines ? ("<$name>", @lines, "</$kind>") : ();
}

my @login = ('AuthType Basic', 'AuthName x', 'AuthBasicProvider file',
    'AuthUserFile "@ROOT@/conf/users"');

sub access()
{
    my @kinds = (
        ['Require all denied'], [@login, 'Require valid-user'],
        [@login, 'Require valid-user'], ['Require ip 192.0.2.1'],
        ['Require ip 127.0.0.1'], ['AllowMethods GET POST'],
        ['AllowMethods GET POST OPTIONS'],
        ['<LimitExcept GET>', 'Require all denied', '</LimitExcept>'],
        ['<Limit OPTIONS>', 'Require all denied', '</Limit>'],
        [@login, '<RequireAny>', 'Require valid-user',
            'Require ip 192.0.2.1', '</RequireAny>'],
        [@login, '<RequireAll>', 'Require valid-user',
            'Require ip 192.0.2.1', '</RequireAll>'],
        [@login, 'Satisfy Any', 'Require valid-user', 'Require ip 192.0.2.1'],
    );
    return @{ one_of(@kinds) };
}

# What serves another file than the one that was asked for. A RewriteRule with R
# is not among it: mod_rewrite passes it over when a URL is only looked up.
sub detour($here)
{
    my @kinds = (
        ['RewriteEngine On', 'RewriteRule ^from$ to.txt'],
        ['RewriteEngine On', 'RewriteRule ^from$ in/x.txt'],
        ['RewriteEngine On', "RewriteRule ^from\$ $here/closed/x.txt"],
        ['RewriteEngine On', "RewriteRule ^from\$ $here/private/x.txt"],
        ["Redirect 302 $here/from $here/to.txt"],
        ['RewriteEngine On', 'RewriteRule ^from$ - [F]'],
        ['RewriteEngine On', 'RewriteCond %{HTTP:Origin} app',
            'RewriteRule ^x.txt$ to.txt'],
        ["FallbackResource $here/to.txt"], ['Options +MultiViews'],
        ['DirectoryIndex in/x.txt index.html'], ['DirectorySlash Off'],
    );
    return @{ one_of(@kinds) };
}

# One configuration: {config, files, asked}. Everything is below /sN.
sub configuration($n)
{
    my $here = "/s$n";
    my @sections = (
        ["Directory \"\@DOCROOT\@$here\"", 2], ["Location $here", 2],
        ["LocationMatch \"^$here/(?:in|to|from)\"", 4],
        ["DirectoryMatch \"^\@DOCROOT\@$here/in\"", 5],
        ["Location $here/x.txt", 5],
    );
    my @config = map { one_in($_->[1]) ? section($_->[0], maybe_if()) : () }
        @sections;
    push @config, section("Directory \"\@DOCROOT\@$here\"",
        section(one_of('Files x.txt', 'FilesMatch "[.]txt$"'), policy()))
        if one_in(4);
    push @config, section(one_of("Location $here", "Location $here/in",
        "Directory \"\@DOCROOT\@$here/in\""), access()) if one_in(3);
    push @config, section("Location $here/closed", 'Require all denied',
        sometimes(2, "CorsAllowOrigin $app")),
        section("Location $here/private", @login, 'Require valid-user'),
        "Redirect 301 $here/moved $here/x.txt";
    my %files = map { ("htdocs$here/$_" => "$_\n") } qw(x.txt to.txt page.html
        index.html in/x.txt in/index.html closed/x.txt private/x.txt);
    $files{"htdocs$here/.htaccess"} = join "\n", (one_in(2) ? maybe_if() : ()),
        (one_in(2) ? detour($here) : ()),
        (one_in(5) ? section('Files x.txt', policy()) : ()), '';
    $files{"htdocs$here/in/.htaccess"} = join "\n", policy(), ''
        if one_in(4);
    return { config => join('', map { "$_\n" } @config), files => \%files,
        asked => [map { question($here) } 1 .. 3] };
}

sub question($here)
{
    return {
        url => $here . one_of(qw(/x.txt /x.txt /x.txt / /from /from /page
            /missing /in/x.txt /in/ /in /closed/x.txt /private/x.txt /moved
            /%78.txt /in/../x.txt /x.txt?q=1 /x.txt/more), ''),
        origin => one_of($app, $app, $app, 'https://b.example.com',
            'https://users.example.com', 'http://localhost:3000', $evil,
            'http://insecure.example.com', 'null', 'http://127.0.0.1:@PORT@',
            "$app, $evil", "$app/", 'x', undef),
        method => one_of(qw(GET GET HEAD POST PUT PUT DELETE patch OPTIONS
            REPORT)),
        headers => one_of(undef, undef, 'x-a', 'content-type,x-a',
            'authorization', 'x-a,,x-q', 'x y'),
    };
}

# ---- what the page says, and what happens ----

# Values of Vary with a name that stands there twice.
my @twice;

# {name => value} of our headers, and the names in Vary, in order.
sub ours(@lines)
{
    my (%found, @vary);
    for (@lines) {
        my ($name, $value) = (lc $_->[0], $_->[1]);
        if ($name eq 'vary') {
            push @vary, split /\s*,\s*/, lc $value;
        }
        elsif ($name =~ /^access-control-|^cors-/) {
            $found{$name} = exists $found{$name} ? 'twice' : $value;
        }
    }
    my %names = map { $_ => 1 } @vary;
    push @twice, join ', ', @vary if keys %names < @vary;
    return { %found, vary => [sort keys %names] };
}

sub ask_page($httpd, $question, @lines)
{
    my $query = query(format => 'json', map { ($_ => $question->{$_}) }
        qw(url origin method headers));
    my $r = $httpd->request(join "\n", "GET /explain?$query HTTP/1.1",
        @lines, '');
    return eval { decode_json($r->{body}) } // {};
}

sub ask_really($httpd, $id, $method, $question, $is_preflight, @lines)
{
    push @lines, "X-Id: $id";
    push @lines, "Origin: $question->{origin}" if defined $question->{origin};
    if ($is_preflight) {
        push @lines, "Access-Control-Request-Method: $question->{method}";
        push @lines, "Access-Control-Request-Headers: $question->{headers}"
            if defined $question->{headers};
    }
    return $httpd->request(join "\n", "$method $question->{url} HTTP/1.1",
        @lines, '');
}

# What the page says to one of the two requests, in the form of what happens.
sub predicted($part)
{
    my $headers = $part->{headers} // {};
    return { decision => $part->{decision} // '-', status => $part->{status},
        %{ ours(map { [$_ => $headers->{$_}] } keys %$headers) } };
}

# The page knows a status that access control, mod_cors or what comes before a
# handler makes, and else says 200: then a handler has made it. That is what
# httpd's own one says to the methods asked here.
sub made_by_handler($method, $status)
{
    return 'handler' if $status == 404 || $status == 200;
    return 'handler' if $status == 405 && $method !~ /^(?:GET|HEAD|POST)$/;
    return 'handler' if $status == 501 && $method eq 'patch';
    return $status;
}

sub happened($httpd, $id, $method, $r, $says)
{
    my ($decision) = $httpd->access_log(qr/^$id /m) =~ /^$id (\S+)/m;
    my $is = { decision => $decision, status => $r->{status},
        %{ ours(@{ $r->{order} }) } };
    if ($says->{status} == 200) {
        $_->{status} = made_by_handler($method, $_->{status}) for $is, $says;
    }
    # Where mod_cors changes nothing Vary is httpd's own: the page need not show
    # it, and httpd loses it when a handler makes an error.
    my $is_lost = $says->{status} eq 'handler' && $r->{status} >= 300
        && !grep { $_ eq 'origin' } @{ $is->{vary} };
    delete $_->{vary} for 3 == keys %$says && !@{ $says->{vary} }
        || 3 == keys %$is && $is_lost ? ($is, $says) : ();
    return $is;
}

sub compare($httpd, $id, $question, $config, @lines)
{
    my $page = ask_page($httpd, $question, @lines);
    my $name = join ' ', map { $_ // '-' } $id, @$question{qw(method url
        origin headers)};
    for (['preflight', 'OPTIONS', 1], ['request', $question->{method}, 0]) {
        my ($part, $method, $is_preflight) = @$_;
        my $says = predicted($page->{$part});
        my $r = ask_really($httpd, "$id$part", $method, $question,
            $is_preflight, @lines);
        is_deeply happened($httpd, "$id$part", $method, $r, $says), $says,
            "$name: the $part" or diag $config, $r->{raw}, explain($page);
    }
    return;
}

my $explain = "<Location /explain>\nCorsExplain On\n</Location>\n";
my %server = (
    0 => '',
    1 => "CorsAllowOrigin $app\n",
    2 => "CorsAllowOrigin *\nErrorDocument 404 /error.html\n"
        . "ErrorDocument 403 /error.html\n<Location /error.html>\n"
        . "CorsAllowOrigin $evil\n</Location>\n",
    3 => "<VirtualHost *:\@PORT\@>\nServerName other.example.com\n"
        . "CorsAllowOrigin *\n</VirtualHost>\n<VirtualHost *:\@PORT\@>\n"
        . "ServerName www.example.com\n"
        . "CorsAllowOrigin https://*.example.com\nCorsAllowCredentials On\n"
        . "<Location />\nCorsMaxAge 60\n</Location>\n",
);
my %end = (3 => "</VirtualHost>\n");
my %more = (3 => ['Host: www.example.com']);
my @configurations = map { configuration($_) } 0 .. 199;

for my $n (sort keys %server) {
    my @mine = map { 4 * $_ + $n } 0 .. 49;
    my $httpd = Test::Httpd->config(
        modules => [qw(alias allowmethods auth_basic authn_file authz_user
            authz_host access_compat dir mime negotiation rewrite)],
        log_format => '%{X-Id}i %{CORS_DECISION}e',
        config => join('', $server{$n}, $explain,
            (map { $configurations[$_]{config} } @mine), $end{$n} // ''),
        files => { 'htdocs/error.html' => "error\n", 'conf/users' => "a:b\n",
            map { %{ $configurations[$_]{files} } } @mine })->start;
    for my $m (@mine) {
        my ($config, $files, $asked) =
            @{ $configurations[$m] }{qw(config files asked)};
        my $told = join '', $config, map { "$_:\n$files->{$_}" }
            grep { /\.htaccess$/ } sort keys %$files;
        for (0 .. $#$asked) {
            $asked->[$_]{origin} =~ s/\@PORT\@/$httpd->port/e
                if defined $asked->[$_]{origin};
            compare($httpd, "$m.$_", $asked->[$_], $told, @{ $more{$n} // [] });
        }
    }
    $httpd->expect(qr/\[core:error\].*Invalid method in request patch/,
        qr/\[(?:authz_core|allowmethods):error\].*denied by server config/,
        qr/\[cors:warn\] .* when sections were merged/);
    is_deeply [splice @twice], [], "$n: each name once in Vary";
    is $httpd->complaints, '', "$n: nothing unexpected in the error log";
}

# ---- what the page itself does ----

my $httpd = Test::Httpd->config(
    modules => [qw(auth_basic authn_file authz_user status)],
    log_level => 'cors:debug',
    files => { 'conf/users' => "admin:{SHA}0DPiKuNIrrVmD8IUCuw1hQxNqZc=\n",
        'htdocs/x.txt' => "x\n", 'htdocs/own/.htaccess' => "CorsExplain On\n" },
    config => <<"EOF")->start;
CorsAllowOrigin $app
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
    AuthType Basic
    AuthName login
    AuthBasicProvider file
    AuthUserFile "\@ROOT\@/conf/users"
    Require valid-user
</Location>
<Location /enforced>
    CorsEnforce On
</Location>
<Location /mood>
    <If "req('Cookie') != '' || req('Authorization') != '' || req('X-A') != ''">
        CorsAllowOrigin none
    </If>
</Location>
<Location /any>
    CorsAllowCredentials On
    CorsAllowMethods *
    CorsAllowHeaders *
    CorsDebugHeader On
</Location>
<Location /status>
    SetHandler server-status
</Location>
EOF

sub get($path, @lines)
{
    return $httpd->request(join "\n", "GET $path HTTP/1.1", @lines, '');
}

sub explained($query, @lines) { return get("/explain?$query", @lines) }

sub json_of($r) { return eval { decode_json($r->{body}) } // {} }

sub type($r) { return join ' AND ', @{ $r->{headers}{'content-type'} // [] } }

# No SetHandler is needed.
my $r = explained(query(url => '/x.txt', origin => $app));
is $r->{status}, 200, 'the page is there, without SetHandler';
is type($r), 'text/html; charset=utf-8', 'for people';
is_deeply $r->{headers}{'cache-control'}, ['no-store'], 'not to be stored';
is_deeply $r->{headers}{'x-content-type-options'}, ['nosniff'],
    'nor to be guessed at';
like $r->{body}, qr/<b>allowed<\/b>/, 'it says the decision';
like $r->{body}, qr{conf/test\.conf:1\b}, 'and the place';
$r = explained(query(format => 'json', url => '/x.txt', origin => $app));
is type($r), 'application/json', 'for scripts';
my $page = json_of($r);
is $page->{decision}, 'allowed', 'the same decision';
is_deeply $page->{policy}, [{ directive => 'CorsAllowOrigin', value => $app,
    place => $httpd->root . '/conf/test.conf:1' }], 'and the same place';
is get('/explain/below')->{status}, 200, 'it is there below its section';
is get('/explain/not')->{status}, 404, 'and is not where it is Off';
is get('/x.txt')->{body}, "x\n", 'other URLs are as they were';

# What it does not answer.
$r = explained('');
is $r->{status}, 200, 'without url: a form';
like $r->{body}, qr/<form\b.*\bname="url".*\bname="origin".*\bname="method"
    .*\bname="headers"/xs, 'with its four fields';
unlike $r->{body}, qr/class="verdict/, 'and no verdict';
for (['without url', query(format => 'json')],
    ['an empty url', query(format => 'json', url => '')],
    ['a url that is none', query(format => 'json', url => 'x.txt')],
    ['another host', query(format => 'json', url => 'https://other.example/')],
    ['a method that is none', query(format => 'json', url => '/x.txt',
        method => 'GET, PUT')]) {
    my ($name, $query) = @$_;
    $r = explained($query);
    is $r->{status}, 400, "$name: 400";
    is type($r), 'application/json', 'as JSON';
    my $error = json_of($r);
    is join(' ', keys %$error), 'error', 'with an error';
    like $error->{error}, qr/^(?:url|method) \w/, 'that names the field';
}
for my $url ('http://127.0.0.1:@PORT@/x.txt', 'http://127.0.0.1/x.txt') {
    $r = explained(query(format => 'json', origin => $app,
        url => $url =~ s/\@PORT\@/$httpd->port/er));
    is json_of($r)->{decision}, 'allowed', "a whole URL: $url";
}
for my $method (qw(POST PUT DELETE OPTIONS)) {
    $r = $httpd->request("$method /explain?url=/x.txt HTTP/1.1\n");
    is $r->{status}, 405, "$method of the page: 405";
}
is get('/own/x.txt')->{status}, 500, 'not in .htaccess';
is get('/admin?url=/x.txt')->{status}, 401, 'protected as any URL is';

# Nothing is run, not even what httpd itself answers.
$r = explained(query(format => 'json', url => '/x.txt', origin => $app,
    method => 'TRACE'));
like $r->{body}, qr/\A\{/, 'TRACE is not run';
unlike $r->{body}, qr/"status": (?![1-5]\d\d,)/, 'each status is one of HTTP';
unlike explained(query(format => 'json', url => '*', origin => $app,
    method => 'OPTIONS'))->{body}, qr/HTTP/, 'nor is OPTIONS *';

# ---- who asks does not count ----

my $admin = 'Authorization: Basic YWRtaW46YWRtaW4=';
my @own = ($admin, 'Cookie: session=1', 'X-A: 1', 'Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: navigate', "Origin: $evil",
    'Access-Control-Request-Method: PATCH', 'If-None-Match: *');
for my $question (['/login/x.txt', $app, 'GET'], ['/enforced/x.txt', $evil,
    'GET'], ['/mood/x.txt', $app, 'GET'], ['/x.txt', $evil, 'PUT'],
    ['/x.txt', undef, 'GET']) {
    my ($url, $origin, $method) = @$question;
    my $query = query(format => 'json', url => $url, origin => $origin,
        method => $method);
    my $plain = explained($query)->{body};
    my $name = join ' ', $method, $url, $origin // '';
    is explained($query, $_)->{body}, $plain, "$name: the same with $_"
        for @own;
    is get("/admin?$query", @own)->{body}, $plain,
        "$name: the same with all, behind a login";
}
$page = json_of(get('/admin?' . query(format => 'json', origin => $app,
    url => '/login/x.txt'), $admin));
is $page->{request}{status}, 401, 'a login of ones own is nobody elses';
ok $page->{request}{stopped}, 'so the request is stopped';
$page = json_of(explained(query(format => 'json', origin => $evil,
    url => '/enforced/x.txt'), 'Sec-Fetch-Site: same-origin'));
is $page->{request}{status}, 403, 'nor is the own page';

# ---- what is counted and logged: the page's own request, and no look-up ----

sub counters()
{
    return { get('/status?auto')->{body} =~ /^(Cors\w+): (\d+)$/mg };
}

my $before = counters();
$httpd->clear_log;
explained(query(format => 'json', url => '/x.txt', origin => $evil,
    method => 'PUT', headers => 'x-a')) for 1 .. 3;
is_deeply counters(), $before, 'look-ups are not counted';
is $httpd->error_log, '', 'nor logged';
explained(query(url => '/x.txt', origin => $evil), "Origin: $app");
$before->{CorsAllowed}++;
is_deeply counters(), $before, 'the page itself is counted once';
is scalar(() = $httpd->error_log =~ /\[cors:debug\]/g), 1, 'and logged once';

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

sub is_clean($r, $name)
{
    is $r->{headers}{'x-injected'}, undef, "$name: no header of theirs";
    my %raw = map { sprintf('0x%02x', ord) => 1 } $r->{body} =~ /[^\n -~]/g;
    is join(' ', sort keys %raw), '', "$name: nothing but printable ASCII";
    return;
}

# Strings in JSON are read as Latin-1: bytes need not be UTF-8.
sub check_json($r, $field, $value, $title)
{
    is_clean($r, $title);
    my $page = json_of($r);
    if ($field eq 'method' && $value !~ /\A[!#-'*+.^`|~\w-]+\z/a) {
        is $r->{status}, 400, "$title: no method";
        return;
    }
    my $key = $field eq 'headers' ? 'requested_headers' : $field;
    is $page->{$key}, $value, "$title: repeated as it came";
    cmp_ok length "$page->{why}$page->{preflight}{why}$page->{request}{why}",
        '<', 2500, "$title: the reasons are bounded";
    return;
}

my %entity = (lt => '<', gt => '>', quot => '"', amp => '&');

sub check_html($r, $field, $value, $title)
{
    is_clean($r, $title);
    ok $r->{body} !~ /<script|<!--|<\/style>.*<\/style>|" autofocus/s,
        "$title: no markup of theirs";
    my ($kept) = $r->{body} =~ /name="$field" value="([^"]*)"/;
    $kept =~ s/&(?:#(\d+)|(\w+));/$1 ? chr $1 : $entity{$2}/ge;
    is $kept, $value, "$title: the form keeps it";
    return;
}

for my $name (sort keys %values) {
    for my $field (qw(url origin method headers)) {
        my $value = ($field eq 'url' ? '/any/' : '') . $values{$name};
        my %question = (url => '/any/x', origin => $app, method => 'PUT',
            $field => $value);
        my $query = query(map { ($_ => $question{$_}) } sort keys %question);
        check_json(explained("format=json&$query"), $field, $value,
            "JSON, $field, $name");
        check_html(explained($query), $field, $value, "HTML, $field, $name");
    }
}

$httpd->expect(qr/\[core:alert\].*own\/\.htaccess: CorsExplain not allowed/,
    qr/\[core:error\].*(?:invalid URI path|File name too long)/);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- outside of sections ----

# There it is the page wherever anybody looks.
for (['CorsExplain On', 1], ["<Location /e>\nCorsExplain On\n</Location>", 0],
    ['CorsExplain Off', 0]) {
    my ($config, $warned) = @$_;
    my $check = Test::Httpd->check_config(config => "$config\n");
    ok $check->{ok}, "httpd starts with $config";
    is scalar(() = $check->{output} =~ /CorsExplain "On" makes each URL here /g),
        $warned, $warned ? 'and warns' : 'and says nothing';
}

# ---- behind another URL ----

# The page writes to its exchange; that of the URL is also other requests'.
$httpd = Test::Httpd->config(modules => ['dir'],
    config => "CorsAllowOrigin $app\n"
        . "<Location /explain>\nCorsExplain On\n</Location>\n"
        . "<Directory \"\@DOCROOT\@/d\">\nFallbackResource /explain\n"
        . "</Directory>\n",
    files => { 'htdocs/explain' => '', 'htdocs/x.txt' => "x\n",
        'htdocs/d/x.txt' => "d\n" })->start;
for (1 .. 3) {
    my $query = query(format => 'json', url => '/x.txt', origin => $app);
    is json_of($httpd->request("GET /d/none?$query HTTP/1.1\n"))->{decision},
        'allowed', 'the page that another URL leads to';
    $r = $httpd->request("GET /d/x.txt HTTP/1.1\n");
    is join('|', @{ $r->{headers}{vary} // [] }), 'Origin',
        'and what else is there';
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
