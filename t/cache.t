# A cache that keeps no origins apart hands one page's permission to another:
# with the usual mod_headers lines and mod_cache, whoever comes after an allowed
# page is allowed as well, and who comes after a stranger is not. So what the
# cache of httpd itself hands out has to be right for each client, whoever came
# first, and a hit has to keep the policy of its own URL.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Backend;
use Test::Cors qw(cors);
use Test::Httpd;

my %CLIENTS = (
    app => 'https://app.example.com', other => 'https://other.example.com',
    evil => 'https://evil.example.net', none => undef,
);

# What each policy allows to a client: the value of ACAO; and whether the
# response depends on who asks.
my %POLICIES = (
    list => {
        config => "CorsAllowOrigin $CLIENTS{app} $CLIENTS{other}\n"
            . "CorsAllowCredentials On\nCorsExposeHeaders X-One\n",
        allows => sub ($client) {
            return $client =~ /^(?:app|other)$/ ? $CLIENTS{$client} : undef;
        },
        credentials => 'true', expose => 'X-One', varies => 1,
    },
    star => {
        config => "CorsAllowOrigin *\nCorsExposeHeaders *\n",
        allows => sub ($client) { '*' }, expose => '*',
    },
    'star-but' => {
        config => "CorsAllowOrigin *\nCorsDenyOrigin $CLIENTS{evil}\n"
            . "CorsExposeHeaders none\n",
        allows => sub ($client) { $client eq 'evil' ? undef : '*' },
        varies => 1,
    },
    nobody => {
        config => "CorsAllowOrigin none\n", allows => sub ($client) { undef },
        varies => 1,
    },
);

sub expected($policy, $client, $source)
{
    my $says = $POLICIES{$policy};
    my $value = $says->{allows}->($client);
    my %value = ('allow-origin' => $value);
    @value{qw(allow-credentials expose-headers)} =
        @$says{qw(credentials expose)} if defined $value;
    return {
        cors => { map { ("access-control-$_" => [$value{$_}]) }
            grep { defined $value{$_} } keys %value },
        vary => [sort $source eq 'file' ? () : 'accept-encoding',
            $says->{varies} ? 'origin' : ()],
    };
}

# ---- the server: every path is /policy/age/source/status ----

# The applications send CORS headers of their own, with a 304 as well.
my $fpm = Test::Backend->php_fpm;
my $PHP = <<'EOT';
<?php
preg_match('{/(fresh|stale)/php/(\d+)}', $_SERVER['REQUEST_URI'], $found);
[, $age, $status] = $found;
header('Access-Control-Allow-Origin: *');
header('Access-Control-Allow-Credentials: true');
header('Vary: Accept-Encoding');
header('ETag: "one"');
header('Cache-Control: max-age=' . ($age == 'fresh' ? 3600 : 0));
if (isset($_SERVER['HTTP_IF_NONE_MATCH'])) {
    http_response_code(304);
    exit;
}
if ($status == 301) {
    header('Location: http://www.example.com/');
}
http_response_code((int)$status);
echo "php\n";
EOT

# It asks itself.
sub url_of_origin() { return 'http://127.0.0.1:@PORT@/origin' }

sub config($quick, $server_level)
{
    my $config = <<"EOT";
CacheRoot "\@ROOT\@/var"
CacheEnable disk /
CacheDisable /origin
CacheQuickHandler $quick
CacheHeader On
CacheStoreExpired On
$server_level
ProxyPassMatch ^/[\\w-]+(/.*)/http(/.*)\$ @{[ url_of_origin() ]}\$1\$2
AliasMatch /(file|origin/.*)/200\$ "\@DOCROOT\@/x.txt"
AliasMatch ^/.*/php/ "\@DOCROOT\@/cached.php"
<LocationMatch /php/>
    SetHandler "proxy:@{[ $fpm->url ]}"
</LocationMatch>
<LocationMatch ^/.*/fresh/file/>
    Header set Cache-Control max-age=3600
</LocationMatch>
<LocationMatch ^/.*/stale/file/>
    Header set Cache-Control max-age=0
</LocationMatch>
<Location /origin/>
    CorsEngine Off
    Header always set Vary Accept-Encoding
    Header always set Access-Control-Allow-Origin *
</Location>
<Location /origin/fresh/>
    Header always set Cache-Control max-age=3600
</Location>
<Location /origin/stale/>
    Header always set Cache-Control max-age=0
</Location>
EOT
    $config .= "<Location /$_/>\n$POLICIES{$_}{config}</Location>\n"
        for sort keys %POLICIES;
    return $config;
}

# A file of another day has a strong ETag from the start.
sub server($quick, $server_level, $more = '', %args)
{
    my $httpd = Test::Httpd->config(%args,
        modules => [qw(alias headers cache_disk setenvif proxy_http
            proxy_fcgi)],
        files => { 'htdocs/x.txt' => "a text\n", 'htdocs/cached.php' => $PHP },
        config => config($quick, $server_level) . $more);
    utime 1e9, 1e9, $httpd->docroot . '/x.txt';
    return $httpd->expect(qr/cors:warn.*Access-Control-Allow-Origin/)->start;
}

sub get($httpd, $path, $client, $more = '', $method = 'GET')
{
    my $origin = $CLIENTS{$client};
    return $httpd->request("$method $path HTTP/1.1\n"
        . (defined $origin ? "Origin: $origin\n" : '') . $more);
}

# Vary is one line, because mod_cache reads no second.
sub facts($r)
{
    my ($vary, @more) = @{ $r->{headers}{vary} // [] };
    my ($cache) = ($r->{headers}{'x-cache'}[0] // '') =~ /^(\w+)/;
    return { status => $r->{status}, cors => cors($r), cache => $cache,
        vary => [sort map { lc } split(/\s*,\s*/, $vary // ''), @more] };
}

# ---- every order of the four ----

sub orders_of(@clients)
{
    return [] if !@clients;
    return map {
        my $first = $_;
        map { [$first, @$_] } orders_of(grep { $_ ne $first } @clients);
    } @clients;
}

my @ORDERS = orders_of(sort keys %CLIENTS);
my $url_number = 0;

# Each order has a URL of its own. The first round fills the cache, the second
# is served from it, the third asks whether it is still the same.
sub check_order($httpd, $where, $path, @order)
{
    my ($policy, $age, $source, $status) = $path =~ m{^/(.*)/(.*)/(.*)/(\d+)$};
    my $url = "$path?" . $url_number++;
    my $again = $age eq 'fresh' ? 'HIT' : 'REVALIDATE';
    my (%seen, $etag);
    my $check = sub ($client, $status, $cache, $more, $name) {
        my $r = get($httpd, $url, $client, $more);
        $etag //= $r->{headers}{etag}[0];
        is_deeply facts($r), { %{ expected($policy, $client, $source) },
                status => $status, cache => $cache },
            "$where, $path, $client of @order: $name";
    };
    for my $client (@order) {
        my $variant = $POLICIES{$policy}{varies} ? $client : 'all';
        $check->($client, $status, $seen{$variant}++ ? $again : 'MISS', '',
            'first');
    }
    $check->($_, $status, $again, '', 'again') for @order;
    return if !defined $etag;
    $check->($_, 304, $again, "If-None-Match: $etag\n", 'not modified')
        for @order;
    return;
}

# Each client first, once before and once after each other; fewer orders for
# what comes beside the list.
sub check_orders($httpd, $where)
{
    for my $source (qw(file http php)) {
        for my $age (qw(fresh stale)) {
            for my $policy (sort keys %POLICIES) {
                my @some = @ORDERS[$policy eq 'list' ? (0, 4, 9, 14, 20, 23)
                    : (9, 20)];
                check_order($httpd, $where, "/$policy/$age/$source/200", @$_)
                    for @some;
            }
        }
    }
    for my $path ('fresh/http/404', 'fresh/php/404', 'fresh/php/301') {
        for my $policy (sort keys %POLICIES) {
            check_order($httpd, $where, "/$policy/$path", @$_)
                for $ORDERS[11];
        }
    }
    return;
}

# ---- other requests for what is cached ----

sub check_others($httpd, $where)
{
    my $url = '/list/fresh/file/200?others';
    get($httpd, $url, $_) for sort keys %CLIENTS;
    for my $client (sort keys %CLIENTS) {
        my %expected = (%{ expected('list', $client, 'file') }, cache => 'HIT');
        is_deeply facts(get($httpd, $url, $client, '', 'HEAD')),
            { %expected, status => 200 }, "$where, HEAD, $client";
        is_deeply facts(get($httpd, $url, $client, "Range: bytes=0-1\n")),
            { %expected, status => 206 }, "$where, a part, $client";
        next if $client eq 'none';
        my $r = get($httpd, $url, $client,
            "Access-Control-Request-Method: GET\n", 'OPTIONS');
        my $allowed = $POLICIES{list}{allows}->($client);
        is $r->{status}, $allowed ? 204 : 403, "$where, a preflight, $client";
        is_deeply $r->{headers}{'access-control-allow-origin'},
            $allowed && [$allowed], 'and does not come from the cache';
        is_deeply facts(get($httpd, $url, $client)),
            { %expected, status => 200 },
                'and the cache still has the response';
    }
    return;
}

# The server's own policy would let the stranger in: a hit that was rewritten
# with it would show.
my %SERVER_LEVEL = (
    'no policy of the server' => '',
    "the server's allows evil" => "CorsAllowOrigin $CLIENTS{evil}\n"
        . "CorsExposeHeaders X-Server\n",
    "the server's allows all" => "CorsAllowOrigin *\n",
);

for my $quick (qw(On Off)) {
    for my $name (sort keys %SERVER_LEVEL) {
        my $httpd = server($quick, $SERVER_LEVEL{$name});
        my $where = "CacheQuickHandler $quick, $name";
        if ($name =~ /evil/) {
            check_orders($httpd, $where);
        }
        else {
            for my $policy (sort keys %POLICIES) {
                check_order($httpd, $where, "/$policy/fresh/$_/200",
                    @{ $ORDERS[5] }) for qw(file http php);
            }
        }
        check_others($httpd, $where);
        is $httpd->complaints, '', 'nothing unexpected in the error log';
    }
}

# ---- two sections, one text ----

# Each hit keeps the policy of its own URL.
my %SECTIONS = (
    a => ["CorsAllowOrigin $CLIENTS{app}\n", 'app'],
    b => ["CorsAllowOrigin $CLIENTS{other}\n", 'other'],
    c => ["CorsEngine Off\n", ''],
);
for my $quick (qw(On Off)) {
    my $httpd = server($quick, "CorsAllowOrigin $CLIENTS{evil}\n", join '',
        map { "<Location /$_/>\n$SECTIONS{$_}[0]</Location>\n" }
            sort keys %SECTIONS);
    for my $round ('MISS', 'HIT', 'HIT') {
        for my $client (sort keys %CLIENTS) {
            for my $section (sort keys %SECTIONS) {
                my $r = get($httpd, "/$section/fresh/file/200", $client);
                my $varies = $section ne 'c';
                my $cache = $varies || $client eq 'app' ? $round : 'HIT';
                is_deeply facts($r), { status => 200, cache => $cache,
                        vary => $varies ? ['origin'] : [],
                        cors => $SECTIONS{$section}[1] ne $client ? {}
                        : { 'access-control-allow-origin' =>
                            [$CLIENTS{$client}] } },
                    "CacheQuickHandler $quick, section $section, $client, "
                    . $cache;
            }
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# ---- what a hit knows ----

# The quick handler answers before any section was read: no decision is better
# than one by the policy of another place.
for my $quick (qw(On Off)) {
    my $httpd = server($quick, "CorsAllowOrigin $CLIENTS{evil}\n", '',
        log_level => 'cors:debug',
        log_format => '%{X-Cache}o %{CORS_DECISION}e');
    for my $client (qw(app evil)) {
        my $word = $client eq 'app' ? 'allowed' : 'origin-denied';
        for my $cache (qw(MISS HIT)) {
            $httpd->clear_log;
            is_deeply facts(get($httpd, '/list/fresh/file/200', $client)),
                { %{ expected('list', $client, 'file') }, status => 200,
                    cache => $cache },
                "CacheQuickHandler $quick, $client, $cache";
            my $known = $quick eq 'On' && $cache eq 'HIT' ? '-' : $word;
            like $httpd->access_log(qr/\n/), qr/^$cache from \S+ $known$/,
                "the access log has the decision $known";
            my @lines = $httpd->error_log =~ /\[cors:(?:debug|info)\]/g;
            is @lines, $known eq '-' ? 0 : 1,
                'and the error log has as many lines';
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

done_testing;
