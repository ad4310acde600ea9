# What people suffer from: each recipe of today is run on a server without
# mod_cors and shown to be wrong, and the same request is asked of a server with
# it. Without this file mod_cors could be well tested and solve no problem that
# anybody has.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Digest::SHA qw(sha1_base64);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Backend;
use Test::Cors;
use Test::Httpd;

my $LOGIN = 'Authorization: Basic ' . encode_base64('ann:secret', '') . "\n";

my $backend = Test::Backend->http;
my $dead = Test::Httpd->free_port;

# ---- the places: what people write, and what they write with mod_cors ----

my %PLACES = (
    # 1: a preflight meets a login
    'login' => ["Header always set Access-Control-Allow-Origin $APP\n"
        . "Header always set Access-Control-Allow-Methods PUT\n"
        . "Require valid-user\n",
        "CorsAllowMethods PUT\nRequire valid-user\n"],
    'login-rewrite' => ["Require valid-user\n", "Require valid-user\n"],
    'login-limit' => [<<"EOF", "Require valid-user\n"],
Header always set Access-Control-Allow-Origin $APP
<LimitExcept OPTIONS>
    Require valid-user
</LimitExcept>
EOF

    # 4: headers are missing on errors
    'errors' => ["Header set Access-Control-Allow-Origin $APP\n", ''],
    'files' => ['', ''],

    # 5: the application sends some, too
    'set' => ["Header set Access-Control-Allow-Origin $APP\n", ''],
    'always-set' => ["Header always set Access-Control-Allow-Origin $APP\n",
        ''],
    'both' => ["Header set Access-Control-Allow-Origin $APP\n"
        . "Header always set Access-Control-Allow-Origin $APP\n", ''],

    # 6: Vary and caches
    'no-vary' => [<<'EOF', "CorsAllowOrigin +https://other.example.com\n"],
SetEnvIf Origin "^https://(?:app|other)\.example\.com$" ORIGIN=$0
Header set Access-Control-Allow-Origin %{ORIGIN}e env=ORIGIN
EOF
    'vary-if' => [<<'EOF', "CorsAllowOrigin +https://other.example.com\n"],
SetEnvIf Origin "^https://(?:app|other)\.example\.com$" ORIGIN=$0
Header set Access-Control-Allow-Origin %{ORIGIN}e env=ORIGIN
Header merge Vary Origin env=ORIGIN
EOF
    'is-cors' => [<<'EOF', "CorsAllowOrigin *\n"],
SetEnvIf Origin ":" IS_CORS
Header set Access-Control-Allow-Origin "*" env=IS_CORS
EOF
    'vary-set' => [<<"EOF", "SetOutputFilter DEFLATE\n"],
SetOutputFilter DEFLATE
Header set Access-Control-Allow-Origin $APP
Header set Vary Origin
EOF
    'vary-merge' => [<<"EOF", ''],
Header always set Access-Control-Allow-Origin $APP
Header merge Vary Origin
EOF

    # 12: proxies
    'proxied' => ['', ''],
    'dead' => ["Header always set Access-Control-Allow-Origin $APP\n"
        . "Header always set Access-Control-Allow-Methods PUT\n",
        "CorsAllowMethods PUT\n"],

    # 13: OPTIONS is not always a preflight
    'dav' => [<<"EOF", <<'EOT'],
Dav On
Header always set Access-Control-Allow-Origin $APP
Header always set Access-Control-Allow-Methods "PROPFIND, MOVE"
Header always set Access-Control-Allow-Headers "Depth, Destination"
EOF
Dav On
CorsAllowMethods PROPFIND MOVE
CorsAllowHeaders Depth Destination
CorsExposeHeaders DAV
EOT
    'application' => ["Header always set Access-Control-Allow-Origin $APP\n",
        ''],
);

# Rewrites of OPTIONS, in .htaccess and at server level.
my $REWRITE = <<'EOF';
RewriteEngine On
RewriteCond %{REQUEST_METHOD} OPTIONS
RewriteRule ^ - [R=204,L]
EOF

# ---- the servers: without mod_cors, and with it ----

my %FILES = (
    'x.txt' => 'x' x 300, 'dir/index.html' => "index\n",
    'mute.cgi' => "#!/bin/sh\n",
    'star.cgi' => "#!/bin/sh\nprintf 'Access-Control-Allow-Origin: *\\n"
        . "Content-Type: text/plain\\n\\nbody\\n'\n",
    'cached.cgi' => "#!/bin/sh\nprintf 'Cache-Control: max-age=600\\n"
        . "ETag: \"one\"\\nContent-Type: text/plain\\n\\nbody\\n'\n",
    'canary.cgi' => "#!/bin/sh\ncat > /dev/null\n"
        . "printf . >> \@ROOT\@/var/count\nprintf 'Allow: GET, OPTIONS\\n"
        . "Content-Type: text/plain\\n\\ncanary\\n'\n",
);

sub files()
{
    my %files;
    for my $place (keys %PLACES) {
        $files{"htdocs/$place/$_"} = $FILES{$_} for keys %FILES;
    }
    return ('conf/users' => 'ann:{SHA}' . sha1_base64('secret') . "=\n",
        %files);
}

my $COMMON = <<"EOF";
<Directory "\@DOCROOT\@">
    Options +ExecCGI
    AddHandler cgi-script .cgi
    AuthType Basic
    AuthName private
    AuthUserFile \@ROOT\@/conf/users
</Directory>
ProxyPassMatch ^/[a-z-]+/backend\$ http://127.0.0.1:@{[ $backend->port ]}/
ProxyPassMatch ^/[a-z-]+/dead\$ http://127.0.0.1:$dead/
DavLockDB \@ROOT\@/var/lock
CacheRoot \@ROOT\@/var
CacheEnable disk /no-vary/
CacheEnable disk /vary-if/
CacheEnable disk /is-cors/
CacheHeader On
Redirect /errors/moved http://www.example.com/
<Location /errors/private>
    Require valid-user
</Location>
<Location /errors/closed>
    Require all denied
</Location>
<Location /errors/small>
    LimitRequestBody 5
</Location>
<Location /errors/local>
    ErrorDocument 404 /errors/x.txt
</Location>
<Location /errors/elsewhere>
    ErrorDocument 404 http://www.example.com/
</Location>
EOF

sub sections($column)
{
    return join '', map { "<Location /$_/>\n$PLACES{$_}[$column]</Location>\n" }
        sort keys %PLACES;
}

sub server($cors, $config, %files)
{
    return Test::Httpd->config(cors => $cors,
        $cors ? (log_level => 'cors:info') : (),
        modules => [qw(alias headers setenvif rewrite dir mime deflate filter
            proxy_http auth_basic authn_file authz_user
            cache_disk dav_fs), $CGI],
        files => { files(), %files }, config => $COMMON . $config)->start;
}

my $recipe = server(0, <<"EOF" . sections(0),
RewriteEngine On
RewriteCond %{REQUEST_METHOD} OPTIONS
RewriteRule ^/(?:dav|application)/ - [R=204,L]
<Directory "\@DOCROOT\@/proxied">
    Header always set Access-Control-Allow-Origin $APP
</Directory>
<Directory "\@DOCROOT\@/files">
    <FilesMatch "\\.txt\$">
        Header always set Access-Control-Allow-Origin $APP
    </FilesMatch>
</Directory>
EOF
    'htdocs/login-rewrite/.htaccess' => $REWRITE
        . "Header always set Access-Control-Allow-Origin $APP\n");

my $module = server(1, "CorsAllowOrigin $APP\n" . sections(1));

# ---- asking ----

sub reached($httpd)
{
    my $file = $httpd->root . '/var/count';
    return -s $file // 0;
}

# What both servers make of a request.
sub compare($what, $text, $wrong, $right)
{
    is origins($recipe->request($text)), $wrong, "$what: the recipe is wrong";
    is origins($module->request($text)), $right, "$what: mod_cors is right";
    return;
}

# The same for whether a script was run.
sub compare_reached($what, $text, $wrong, $right)
{
    for ([$recipe, $wrong, 'the recipe'], [$module, $right, 'mod_cors']) {
        my ($httpd, $expected, $who) = @$_;
        my $before = reached($httpd);
        my $r = $httpd->request($text);
        is "$r->{status} " . (reached($httpd) - $before), $expected,
            "$what: $who";
    }
    return;
}

# ---- 1: a preflight meets a login ----

sub check_login()
{
    compare('Require valid-user', preflight('/login/x.txt'),
        "401 $APP", "204 $APP");
    compare('R=204 in .htaccess', preflight('/login-rewrite/x.txt'),
        "401 $APP", "204 $APP");
    is $module->request(get("/$_/x.txt"))->{status}, 401,
        "$_: the request needs its login"
        for qw(login login-rewrite login-limit);
    is $module->request(get("/$_/x.txt", $APP, $LOGIN))->{status}, 200,
        "$_: and is served with it"
        for qw(login login-rewrite login-limit);

    # <LimitExcept OPTIONS> lets everybody's OPTIONS through to the script.
    my $path = '/login-limit/canary.cgi';
    compare_reached('a preflight', preflight($path), '200 1', '204 0');
    compare_reached('a preflight with a body', preflight($path, $APP, "\nx"),
        '200 1', '204 0');
    compare_reached('a stranger\'s preflight', preflight($path, $EVIL),
        '200 1', '401 0');
    compare_reached('OPTIONS', "OPTIONS $path HTTP/1.1\n", '200 1', '401 0');
    return;
}

# ---- 4: headers are missing on errors ----

# [status, request]: what "Header set" does not reach.
my @ERRORS = (
    [301, get('/errors/dir')], [302, get('/errors/moved')],
    [302, get('/errors/elsewhere')], [401, get('/errors/private')],
    [403, get('/errors/closed')], [404, get('/errors/missing')],
    [405, "PUT /errors/x.txt HTTP/1.1\nOrigin: $APP\n\nbody"],
    [413, "POST /errors/small/star.cgi HTTP/1.1\nOrigin: $APP\n\ntoo much"],
    [500, get('/errors/mute.cgi')], [503, get('/errors/dead')],
    [502, get('/errors/backend?' . Test::Backend::asked('raw:no HTTP'))],
    [400, "GET /errors/x.txt HTTP/1.1\nOrigin: $APP\nBad Line\n"],
);

sub check_errors()
{
    for (@ERRORS) {
        my ($status, $text) = @$_;
        my ($what) = $text =~ /^(\S+ \S{1,20})/;
        compare("$status, $what", $text, $status, "$status $APP");
    }
    # A section for files needs their directory.
    is origins($recipe->request(get('/files/missing.txt'))), "404 $APP",
        '<FilesMatch>: the recipe reaches a missing file';
    compare('<FilesMatch>, no such directory', get('/files/no/missing.txt'),
        '404', "404 $APP");
    return;
}

# ---- 5: two headers, from the application and from httpd ----

# The origins that leave: with a script's *, and with an HTTP backend's.
my %DOUBLED = (
    'set' => ["$APP *", $APP],
    'always-set' => [$APP, "$APP *"],
    'both' => ["$APP $APP", "$APP $APP"],
);

sub sorted($r)
{
    return join ' ', sort { $b cmp $a }
        @{ $r->{headers}{'access-control-allow-origin'} // [] };
}

sub check_doubled()
{
    for my $place (sort keys %DOUBLED) {
        my @urls = ("/$place/star.cgi", "/$place/backend?"
            . Test::Backend::asked("Access-Control-Allow-Origin: *\n\nbody"));
        for my $i (0, 1) {
            my $what = "$place, " . ($i ? 'a backend' : 'a script');
            is sorted($recipe->request(get($urls[$i]))), $DOUBLED{$place}[$i],
                "$what: with the recipe";
            is sorted($module->request(get($urls[$i]))), $APP,
                'exactly one with mod_cors';
            is origins($module->request(get($urls[$i], $EVIL))), 200,
                'and a denied origin gets none';
        }
    }
    return;
}

# ---- 6: Vary and caches ----

# Who asks in turn, and whose header comes: from the recipe, and as it should.
my @TURNS = (
    ['no-vary', [$OTHER, $OTHER, $OTHER], [$APP, $OTHER, $APP],
        [$EVIL, $OTHER, ''], [undef, $OTHER, '']],
    ['vary-if', [undef, '', ''], [$APP, '', $APP], [$OTHER, '', $OTHER]],
    ['is-cors', [undef, '', '*'], [$APP, '', '*'], [$EVIL, '', '*']],
);

sub check_caches()
{
    for (@TURNS) {
        my ($place, @turns) = @$_;
        for (@turns) {
            my ($origin, $wrong, $right) = @$_;
            my $text = get("/$place/cached.cgi", $origin);
            compare("$place, " . ($origin // 'no origin'), $text,
                "200 $wrong" =~ s/ $//r, "200 $right" =~ s/ $//r);
        }

        # And once more, when all are in the cache.
        for (@turns) {
            my ($origin, undef, $right) = @$_;
            my $r = $module->request(get("/$place/cached.cgi", $origin));
            is origins($r), "200 $right" =~ s/ $//r, 'and the same again';
            like $r->{headers}{'x-cache'}[0], qr/^HIT/, 'from the cache';
        }
        like $recipe->request(get("/$place/cached.cgi"))
            ->{headers}{'x-cache'}[0], qr/^HIT/,
                'the recipe fills the same cache';
    }
    return;
}

sub check_vary()
{
    for (
        ['Header set Vary', get('/vary-set/x.txt', $APP,
            "Accept-Encoding: gzip\n"), ['origin'],
            ['accept-encoding', 'origin']],
        ['Header merge Vary', get('/vary-merge/missing'), [], ['origin']],
    ) {
        my ($what, $text, $wrong, $right) = @$_;
        is_deeply vary($recipe->request($text)), $wrong,
            "$what: the recipe is wrong";
        is_deeply vary($module->request($text)), $right, 'mod_cors is right';
    }
    return;
}

# ---- 12: proxies ----

sub check_proxies()
{
    my $query = Test::Backend::asked("\n\nbody");
    compare('<Directory> and a proxied path', get("/proxied/backend?$query"),
        '200', "200 $APP");
    compare('a preflight and a dead backend', preflight('/dead/dead'),
        "503 $APP", "204 $APP");
    my $before = $backend->count;
    $recipe->request(preflight("/dead/backend?$query"));
    is $backend->count - $before, 1, 'a preflight reaches the backend';
    is origins($module->request(preflight("/dead/backend?$query"))),
        "204 $APP", 'mod_cors answers it';
    is $backend->count - $before, 1, 'and the backend is not reached';
    return;
}

# ---- 13: OPTIONS is not always a preflight ----

sub check_options()
{
    for my $more ('', "Origin: $APP\n",
        "Access-Control-Request-Method: PROPFIND\n") {
        my $text = "OPTIONS /dav/ HTTP/1.1\n$more";
        my $what = 'OPTIONS ' . ($more =~ /^([^:]+)/ ? "with $1" : 'alone');
        my $r = $recipe->request($text);
        is $r->{status}, 204, "$what: the recipe answers it";
        is $r->{headers}{dav}, undef, 'and a client does not find WebDAV';
        $r = $module->request($text);
        is $r->{status}, 200, 'mod_cors passes it on';
        like $r->{headers}{dav}[0], qr/^1,2/, 'and WebDAV is found';
    }
    my $r = $module->request("OPTIONS /dav/ HTTP/1.1\nOrigin: $APP\n"
        . "Access-Control-Request-Method: PROPFIND\n"
        . "Access-Control-Request-Headers: depth\n");
    is origins($r), "204 $APP", 'a preflight of PROPFIND is answered';
    like $r->{headers}{'access-control-allow-methods'}[0], qr/\bPROPFIND\b/,
        'which names the method';
    like $r->{headers}{'access-control-allow-headers'}[0], qr/\bDepth\b/,
        'and its header';
    $r = $module->request("PROPFIND /dav/ HTTP/1.1\nOrigin: $APP\nDepth: 0\n");
    is origins($r), "207 $APP", 'and PROPFIND itself is answered';
    is_deeply $r->{headers}{'access-control-expose-headers'}, ['DAV'],
        'and it exposes the header DAV';
    compare_reached('OPTIONS of an application',
        "OPTIONS /application/canary.cgi HTTP/1.1\nOrigin: $APP\n",
        '204 0', '200 1');
    return;
}

check_login();
check_errors();
check_doubled();
check_caches();
check_vary();
check_proxies();
check_options();

# ---- a private network is opened by no policy (advisory 22) ----

sub check_private_network()
{
    my %policies = (
        list => "CorsAllowOrigin $APP\nCorsAllowCredentials On\n",
        star => "CorsAllowOrigin *\nCorsAllowMethods *\nCorsAllowHeaders *\n",
        mirror => "CorsAllowOrigin $APP\nCorsAllowCredentials On\n"
            . "CorsAllowMethods *\nCorsAllowHeaders *\n",
        pass => "CorsAllowOrigin $APP\nCorsPreflight Pass\n",
        none => '',
    );
    my $httpd = Test::Httpd->config(
        files => { map { ("htdocs/$_/x.txt" => "x\n") } keys %policies },
        config => join '', map {
            "<Location /$_>\n$policies{$_}</Location>\n"
        } sort keys %policies)->start;
    my $asked = "Access-Control-Request-Private-Network: true\n"
        . "Access-Control-Request-Local-Network: true\n";
    for my $place (sort keys %policies) {
        for my $text (preflight("/$place/x.txt", $APP, $asked),
            preflight("/$place/x.txt", $EVIL, $asked),
            get("/$place/x.txt", $APP, $asked)) {
            my $r = $httpd->request($text);
            is_deeply [grep { /network/ } map { lc } $r->{raw} =~ /(.*)/g], [],
                "$place, $r->{status}: no header permits a private network";
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

check_private_network();

my @denied = (qr/AH01630: client denied/,
    qr/End of script output before headers: mute.cgi/,
    qr/AH00957: .*127\.0\.0\.1:$dead\b.* failed/,
    qr/AH01114: HTTP: failed to make connection/,
    qr/AH01102: error reading status line/,
    qr/AH00898: Error reading from remote server/);
for my $httpd ($recipe, $module) {
    $httpd->expect(@denied);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}
done_testing;
