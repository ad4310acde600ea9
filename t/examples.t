# People copy examples. Each one here is loaded as it is, says nothing, and is
# asked by an origin that it allows and by one that it does not.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::CorsCheck;
use Test::Httpd;

$ENV{CORS_ORIGINS} = 'https://app.example.com https://www.example.com';

my $EVIL = 'https://evil.example.org';
my $APP = 'https://app.example.com';

# file => requests: path, origin, the method that a preflight asks for, and
# what the preflight's answer grants of it (undef: it gets 403). A third
# element is what Access-Control-Allow-Origin is, if not the origin.
my %REQUESTS = (
    'public-api.conf' => [
        ['/open-data/x', $APP, 'GET', '*'], ['/open-data/x', $EVIL, 'GET', '*'],
    ],
    'several-origins.conf' => [
        ['/api/x', $APP, 'DELETE', $APP],
        ['/api/x', 'https://monitor.example.com', 'GET', undef],
        ['/api/status', 'https://monitor.example.com', 'GET',
            'https://monitor.example.com'],
    ],
    'cookies.conf' => [['/api/x', $APP, 'PUT', $APP]],
    'basic-auth.conf' => [['/api/x', $APP, 'GET', $APP]],
    'openid-connect.conf' => [['/api/x', $APP, 'GET', $APP]],
    'node.conf' => [
        ['/api/x', $APP, 'PATCH', $APP],
        ['/api/x', 'http://localhost:3000', 'GET', 'http://localhost:3000'],
    ],
    'tomcat.conf' => [
        ['/app/x', 'https://portal.example.com', 'GET',
            'https://portal.example.com', 'passes'],
    ],
    'php-fpm.conf' => [['/x.php', $APP, 'DELETE', $APP]],
    'wordpress.conf' => [['/wp-json/wp/v2/posts', $APP, 'PUT', $APP]],
    'static-assets.htaccess' => [
        ['/font.woff2', $APP, 'GET', '*'], ['/font.woff2', $EVIL, 'GET', '*'],
        ['/index.html', $APP, 'GET', undef, 'none'],
    ],
    'cdn-fonts.conf' => [
        ['/fonts/font.woff2', 'https://shop.example.com', 'GET',
            'https://shop.example.com'],
    ],
    'webdav.conf' => [
        ['/dav/', 'https://notes.example.com', 'PROPFIND',
            'https://notes.example.com'],
    ],
    'graphql.conf' => [['/graphql', $APP, 'POST', $APP]],
    'environments.conf' => [
        ['/api/x', $APP, 'POST', $APP],
        ['/api/x', 'http://localhost:3000', 'POST', undef],
    ],
    'environment-variable.conf' => [['/api/x', $APP, 'POST', $APP]],
    'container.conf' => [['/x', $APP, 'PUT', $APP]],
    'macro.conf' => [
        ['/orders', 'https://shop.example.com', 'PUT',
            'https://shop.example.com'],
        ['/reports', 'https://admin.example.com', 'GET',
            'https://admin.example.com'],
        ['/orders', 'https://admin.example.com', 'GET', undef],
    ],
    'per-origin.conf' => [
        ['/api/x', $APP, 'PUT', $APP],
        ['/api/x', 'https://partner.example.net', 'GET',
            'https://partner.example.net'],
    ],
    'subdomains.conf' => [
        ['/api/x', 'https://example.com', 'GET', 'https://example.com'],
        ['/api/x', 'https://a.b.example.com', 'GET',
            'https://a.b.example.com'],
        ['/api/x', 'https://me.users.example.com', 'GET', undef],
        ['/api/x', 'https://users.example.com', 'GET', undef],
    ],
    'previews.conf' => [
        ['/api/x', 'https://pr-12.preview.example.com', 'GET',
            'https://pr-12.preview.example.com'],
        ['/api/x', 'https://pr-12.preview.example.com.evil.net', 'GET',
            undef],
        ['/tenants/x', $APP, 'GET', undef],
    ],
    'shared-hosting.conf' => [['/site/x.txt', $APP, 'GET', $APP]],
    'roll-out.conf' => [['/api/x', $APP, 'GET', undef, 'none']],
    'websocket.conf' => [['/socket', $APP, 'GET', $APP]],
    'explain.conf' => [['/api/x', $APP, 'GET', $APP]],
    'intranet.conf' => [
        ['/api/x', 'http://portal.intranet.example.com', 'GET',
            'http://portal.intranet.example.com'],
    ],
    'from-mod-headers.conf' => [
        ['/x', $APP, 'PUT', $APP],
        ['/x', 'https://admin.example.com', 'PUT',
            'https://admin.example.com'],
    ],
    'ranges.conf' => [['/tiles/x', $APP, 'GET', $APP]],
    'tenants-file.conf' => [
        ['/api/x', 'https://t1.example.com', 'GET', 'https://t1.example.com'],
        ['/api/x', 'https://t2.example.net', 'GET', 'https://t2.example.net'],
    ],
    'tenants-map.conf' => [
        ['/api/x', 'https://t1.example.com', 'GET', 'https://t1.example.com'],
        ['/api/x', 'https://t3.example.com', 'GET', undef],
    ],
    'openid-session.conf' => [['/api/x', $APP, 'PUT', $APP]],
    'wordpress-plain.conf' => [
        ['/index.php?rest_route=/wp/v2/posts', $APP, 'PUT', $APP],
        ['/?rest_route=/wp/v2/posts', $APP, 'PUT', $APP],
        ['/index.html', $APP, 'GET', undef, 'none'],
    ],
    'development.conf' => [
        map { ['/api/x', $_, 'POST', $_] } qw(http://localhost
            http://localhost:5173 http://app.localhost:3000
            http://127.0.0.1:8080 http://[::1]:3000 http://192.168.1.20:5173)
    ],
    'shells.conf' => [
        map { ['/api/x', $_, 'PUT', $_] } qw(capacitor://localhost
            https://localhost app://.
            chrome-extension://abcdefghijklmnopabcdefghijklmnop)
    ],
    'event-stream.conf' => [['/events', $APP, 'GET', $APP]],
    'client-certificates.conf' => [['/api/x', $APP, 'PUT', $APP]],
    'override-list.conf' => [['/site/x.txt', $APP, 'GET', $APP]],
    'no-cors-in-htaccess.conf' => [['/header/x', $APP, 'GET', undef]],
);

# Those that allow everybody, and those that change nothing, have no denied
# origin; elsewhere this one is asked at the first path, too.
my %NOBODY_DENIED = map { $_ => 1 }
    qw(public-api.conf static-assets.htaccess roll-out.conf tomcat.conf);

# What an example can't have here: other machines, and paths of a real one.
my @INSTEAD = (
    [qr{/var/www/html}, '@DOCROOT@'], [qr{/var/www\b}, '@DOCROOT@'],
    [qr{/etc/apache2/api\.htpasswd}, '/dev/null'],
    [qr{/etc/apache2/(cors-tenants\.\w+)}, '@ROOT@/cors-tenants'],
    [qr{/var/cache/apache2/mod_cache_disk}, '@ROOT@/var'],
    [qr{/var/lib/dav/lockdb}, '@ROOT@/var/lockdb'],
    [qr{/run/php/php-fpm\.sock}, '@ROOT@/no-such.sock'],
    [qr{127\.0\.0\.1:(3000|3001|8080)}, '127.0.0.1:@DEAD@'],
);

my $WORDPRESS = <<'END';
RewriteEngine On
RewriteBase /
RewriteRule ^index\.php$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.php [L]
END

my %FILES = (
    'htdocs/index.html' => 'page', 'htdocs/index.php' => 'php',
    'htdocs/x.php' => 'php', 'htdocs/x' => 'x', 'htdocs/api/x' => 'x',
    'htdocs/api/status' => 'x', 'htdocs/font.woff2' => 'font',
    'htdocs/fonts/font.woff2' => 'font', 'htdocs/dav/x' => 'x',
    'htdocs/site/x.txt' => 'x', 'htdocs/open-data/x' => 'x',
    'htdocs/graphql' => 'x', 'htdocs/orders' => 'x', 'htdocs/reports' => 'x',
    'htdocs/tenants/x' => 'x', 'htdocs/socket' => 'x',
    'htdocs/tiles/x' => 'x', 'htdocs/header/x' => 'x',
    'htdocs/site/.htaccess' => "CorsAllowOrigin $APP\n",
);

my @LOG = (qr/AH00957|AH01114|AH01079|AH02454|AH00898|AH01144/,
    qr/AH01618|AH01617|AH00128|AH01276|AH01882|AH01873|AH01630/);

sub example
{
    my ($file) = @_;
    open my $fh, '<', "conf-examples/$file" or die "$file: $!";
    my $text = do { local $/; <$fh> };
    my ($modules) = $text =~ /^# Modules: (.*)$/m;
    my $dead = Test::Httpd->free_port;
    $text =~ s/$_->[0]/$_->[1]/g for @INSTEAD;
    $text =~ s/\@DEAD\@/$dead/g;
    return ($text, [grep { !/^(cors|auth_openidc)$/ } split ' ', $modules]);
}

sub configuration
{
    my ($file) = @_;
    my ($text, $modules) = example($file);
    my %files = %FILES;
    my $is_htaccess = $file =~ /\.htaccess$/;
    $files{'htdocs/.htaccess'} = $text if $is_htaccess;
    $files{'htdocs/header/.htaccess'} =
        qq(Header always set Access-Control-Allow-Origin "*"\n)
        if $file eq 'no-cors-in-htaccess.conf';
    $files{'cors-tenants'} = $file eq 'tenants-map.conf'
        ? "https://t1.example.com yes\n"
        : join '', map { "CorsAllowOrigin $_\n" }
            qw(https://t1.example.com https://t2.example.net);
    $files{'htdocs/.htaccess'} = $WORDPRESS if $file eq 'wordpress.conf';
    return (modules => [@$modules, qw(authz_host)], files => \%files,
        config => $is_htaccess ? '' : $text);
}

sub ask
{
    my ($httpd, $file, $path, $origin, $method, $allowed, $how) = @_;
    my $name = "$file: $path from $origin";
    $how //= 'answers';
    my $r = $httpd->request("OPTIONS $path HTTP/1.1\nOrigin: $origin\n"
        . "Access-Control-Request-Method: $method\n");
    my $acao = $r->{headers}{'access-control-allow-origin'};
    is_deeply $acao, defined $allowed ? [$allowed] : undef,
        "$name, preflight: Access-Control-Allow-Origin";
    like $r->{status}, defined $allowed ? qr/^20[04]$/ : qr/^40[13]$/,
        "$name, preflight: answered" if $how eq 'answers';
    my ($granted) = @{ $r->{headers}{'access-control-allow-methods'} // [] };
    ok grep({ $_ eq $method } split /, /, $granted // ''),
        "$name, preflight: grants $method" if defined $allowed;

    $r = $httpd->request("GET $path HTTP/1.1\nOrigin: $origin\n");
    is_deeply $r->{headers}{'access-control-allow-origin'},
        defined $allowed ? [$allowed] : undef,
        "$name, GET ($r->{status}): Access-Control-Allow-Origin";
    return;
}

for my $path (sort glob 'conf-examples/*.conf conf-examples/*.htaccess') {
    my ($file) = $path =~ m{([^/]+)$};
    my $requests = $REQUESTS{$file};
    ok $requests, "$file has requests" or next;
    my %config = configuration($file);
    my $check = Test::Httpd->check_config(%config);
    is $check->{output}, "Syntax OK\n", "$file: httpd -t says nothing";
    my $httpd = Test::Httpd->config(%config)->start;
    ask($httpd, $file, @$_) for @$requests;
    ask($httpd, $file, $requests->[0][0], $EVIL, 'GET', undef)
        if !$NOBODY_DENIED{$file};
    my @complaints = grep { my $line = $_; !grep { $line =~ $_ } @LOG }
        split /\n/, $httpd->complaints;
    is_deeply \@complaints, [], "$file: nothing unexpected in the error log";
}
is_deeply [grep { !-f "conf-examples/$_" } sort keys %REQUESTS], [],
    'every table has its file';

# Expectations are examples, too.
for my $path (sort glob 'conf-examples/*.expect') {
    my ($file) = $path =~ m{([^/]+)\.expect$};
    my $httpd = Test::Httpd->config(configuration("$file.conf"))->start;
    my $r = cors_check('--expect', $path, '--base', $httpd->url(''));
    unlike $r->{out}, qr/^not ok/m, "$file.expect: all expectations are met";
    like $r->{out}, qr/^1\.\.[1-9]/, "$file.expect: has expectations";
    is $r->{status}, 0, "$file.expect: the exit status is 0";
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# What an example is for, where that is not seen above.
{
    my $httpd = Test::Httpd->config(configuration('websocket.conf'))->start;
    my $r = $httpd->request("GET /socket HTTP/1.1\nOrigin: $EVIL\n"
        . "Connection: Upgrade\nUpgrade: websocket\n"
        . "Sec-WebSocket-Version: 13\n"
        . "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n");
    is $r->{status}, 403, 'websocket.conf: a stranger\'s handshake is refused';
    is $httpd->complaints, '', 'nothing unexpected in the error log';

    $httpd = Test::Httpd->config(configuration('basic-auth.conf'))->start;
    $r = $httpd->request("GET /api/x HTTP/1.1\nOrigin: $APP\n");
    is $r->{status}, 401, 'basic-auth.conf: the request is challenged';

    $httpd->stop;
    $httpd = Test::Httpd->config(configuration('previews.conf'))->start;
    for my $asked ('GET', 'OPTIONS') {
        $r = $httpd->request("$asked /tenants/x HTTP/1.1\n"
            . "Host: acme.example.com\n"
            . "Origin: https://app.acme.example.com\n"
            . "Access-Control-Request-Method: PUT\n");
        is_deeply $r->{headers}{'access-control-allow-origin'},
            ['https://app.acme.example.com'],
            "previews.conf, $asked: the tenant's own page is allowed";
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';

    $httpd = Test::Httpd->config(configuration('tenants-map.conf'))->start;
    open my $map, '>', $httpd->root . '/cors-tenants' or die $!;
    print $map "https://second.example.com yes\n# a file of another size\n";
    close $map;
    utime time + 9, time + 9, $httpd->root . '/cors-tenants';
    $r = $httpd->request("GET /api/x HTTP/1.1\n"
        . "Origin: https://second.example.com\n");
    is_deeply $r->{headers}{'access-control-allow-origin'},
        ['https://second.example.com'],
        'tenants-map.conf: a new tenant is allowed without a reload';
    is $httpd->complaints, '', 'nothing unexpected in the error log';

    $httpd = Test::Httpd->config(configuration('explain.conf'))->start;
    $r = $httpd->request("GET /cors-explain?format=json&url=/api/x"
        . "&origin=$EVIL HTTP/1.1\n");
    like $r->{body}, qr/"decision": "origin-denied"/,
        'explain.conf: the page explains';
    $r = $httpd->request("GET /api/x HTTP/1.1\nOrigin: $EVIL\n");
    is_deeply $r->{headers}{'cors-decision'},
        ["origin-denied; origin=$EVIL"], 'explain.conf: the debug header';
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

done_testing;
