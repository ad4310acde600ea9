# Frameworks bring CORS of their own: Express its middleware, PHP a few lines
# that are copied from each other. Put mod_headers in front and the browser gets
# two Access-Control-Allow-Origin and rejects both; which line is right depends
# on how the application is connected. Whoever moves the policy into httpd must
# not have to touch the application first.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Backend;
use Test::Cors qw($APP $EVIL @OPTIONS_VARY facts slurp);
use Test::Httpd;

my $ORG = 'https://a.example.org';

my %backend = (express => Test::Backend->node('t/backend/express.js'),
    php => Test::Backend->php_fpm);

# What each of their policies sends to an origin: Access-Control-Allow-Origin
# (undef: none), Vary, and another of its headers.
my %THEIRS = (
    any  => [sub { '*' }, undef],
    app  => [sub { $APP }, 'Origin', 'allow-credentials' => 'true'],
    echo => [sub { shift }, 'Origin', 'allow-credentials' => 'true',
        'expose-headers' => 'X-Theirs'],
    list => [sub ($origin) {
        return (grep { $_ eq ($origin // '') } $APP, $ORG)[0];
    }, 'Origin'],
    none => [sub { undef }, undef],
);

# Express sends the rest of its headers also where it allows nobody.
sub theirs($name, $backend, $origin)
{
    my ($allows, $vary, %more) = @{ $THEIRS{$name} };
    my $value = $allows->($origin);
    delete $more{'expose-headers'} if $backend eq 'php' && !defined $value;
    return { vary => [map { lc } $vary // ()], cors => {
        defined $value ? ('access-control-allow-origin' => [$value]) : (),
        map { ("access-control-$_" => [$more{$_}]) } keys %more } };
}

# ---- the server: every path is /policy/how/preflight/backend/name/status ----

my %POLICIES = (
    bare => '',
    list => "CorsAllowOrigin $APP\nCorsAllowCredentials On\n"
        . "CorsAllowMethods PUT\nCorsExposeHeaders X-One\nCorsMaxAge 60\n",
    star => "CorsAllowOrigin *\nCorsAllowMethods PUT\n",
);

# recipe is what the manuals of applications say today.
sub config()
{
    my $port = $backend{express}->port;
    my $config = <<"EOT";
ProxyPassMatch ^/.*/express(/.*)\$ http://127.0.0.1:$port\$1
AliasMatch ^/.*/php/ "\@DOCROOT\@/own_cors.php"
<LocationMatch /php/>
    SetHandler "proxy:@{[ $backend{php}->url ]}"
</LocationMatch>
<Location /recipe/set/>
    Header set Access-Control-Allow-Origin $APP
</Location>
<Location /recipe/always/>
    Header always set Access-Control-Allow-Origin $APP
</Location>
EOT
    $config .= "<Location /$_/>\n$POLICIES{$_}</Location>\n"
        for sort keys %POLICIES;
    for my $value (qw(Replace Keep)) {
        $config .= "<LocationMatch ^/\\w+/$value/>\n"
            . "CorsBackendHeaders $value\n</LocationMatch>\n";
    }
    return $config . "<LocationMatch ^/\\w+/\\w+/Pass/>\nCorsPreflight Pass\n"
        . "</LocationMatch>\n";
}

my $httpd = Test::Httpd->config(
    modules => [qw(alias headers proxy_http proxy_fcgi)],
    files => { 'htdocs/own_cors.php' => slurp('t/backend/own_cors.php') },
    config => config())->expect(qr/cors:warn.*Access-Control-Allow-Origin/)
    ->start;

sub lines($method, $path, $origin, $more = '')
{
    return "$method $path HTTP/1.1\n"
        . (defined $origin ? "Origin: $origin\n" : '') . $more;
}

my @CASES;
for my $how (qw(Replace Keep)) {
    push @CASES, map { [@$_, $how] } ['list', $APP], ['list', $EVIL],
        ['list', $ORG], ['list', undef], ['star', $EVIL], ['star', undef];
}
unshift @CASES, map { ['bare', $_, 'Replace'] } $APP, $EVIL, undef;

# ---- requests ----

my %OURS = ('access-control-allow-origin' => [$APP],
    'access-control-allow-credentials' => ['true'],
    'access-control-expose-headers' => ['X-One']);

sub expected($case, $theirs)
{
    my ($policy, $origin, $how) = @$case;
    return $theirs if $policy eq 'bare';
    return { %$theirs, vary => ['origin'] }
        if $how eq 'Keep' && $theirs->{cors}{'access-control-allow-origin'};
    return { vary => $theirs->{vary},
        cors => { 'access-control-allow-origin' => ['*'] } }
        if $policy eq 'star';
    return { vary => ['origin'],
        cors => ($origin // '') eq $APP ? \%OURS : {} };
}

sub check_requests($kind, $name)
{
    for my $case (@CASES) {
        my ($policy, $origin, $how) = @$case;
        my $expected = expected($case, theirs($name, $kind, $origin));
        for my $status (200, 404, 'throw') {
            my $r = $httpd->request(lines($status eq '404' ? 'POST' : 'GET',
                "/$policy/$how/Answer/$kind/$name/$status", $origin));
            is_deeply facts($r), { %$expected,
                    status => $status eq 'throw' ? 500 : $status },
                join ', ', "$status by $kind, its own policy $name", $policy,
                $how, $origin // 'no Origin';
        }
    }
    return;
}

# ---- preflights ----

my $ASK = "Access-Control-Request-Method: PUT\n"
    . "Access-Control-Request-Headers: content-type\n";
sub answer_of($policy, $origin)
{
    return {} if $policy eq 'list' && $origin ne $APP;
    return {
        'access-control-allow-methods' => ['PUT'],
        'access-control-allow-headers' => ['Content-Type'],
        $policy eq 'star' ? ('access-control-allow-origin' => ['*'])
        : ('access-control-allow-origin' => [$APP],
            'access-control-allow-credentials' => ['true'],
            'access-control-max-age' => ['60']),
    };
}

# Passed on: the application's own status, and its headers or ours.
sub check_passed($kind, $name, $case)
{
    my ($policy, $origin, $how) = @$case;
    my $own = $httpd->request(lines('OPTIONS',
        "/bare/Replace/Pass/$kind/$name/200", $origin, $ASK));
    my $before = $backend{$kind}->count;
    my $r = $httpd->request(lines('OPTIONS',
        "/$policy/$how/Pass/$kind/$name/200", $origin, $ASK));
    is $backend{$kind}->count, $before + 1,
        "preflight for $kind, $name, is passed on: $policy, $how, $origin";
    my $keeps = $how eq 'Keep'
        && $own->{headers}{'access-control-allow-origin'};
    my $expected = $keeps ? facts($own)->{cors}
        : answer_of($policy, $origin);
    is_deeply facts($r), { vary => \@OPTIONS_VARY,
            status => $own->{status}, cors => $expected },
        $keeps ? 'with its headers' : 'with ours and none of its own';
    return;
}

# That there is something to keep or to replace.
sub check_own($kind)
{
    for my $name (qw(any app echo)) {
        my $r = $httpd->request(lines('OPTIONS',
            "/bare/Replace/Pass/$kind/$name/200", $APP, $ASK));
        my $allows = $THEIRS{$name}[0]->($APP);
        is_deeply $r->{headers}{'access-control-allow-origin'}, [$allows],
            "$kind by itself, $name, answers with $allows";
        like $r->{headers}{'access-control-allow-methods'}[0], qr/DELETE/,
            'and with its own methods';
    }
    return;
}

# ---- the recipe: the line that is right for one is wrong for the other ----

sub check_recipe($how, $kind, @expected)
{
    my $r = $httpd->request(lines('GET', "/recipe/$how/x/$kind/any/200", $APP));
    is_deeply $r->{headers}{'access-control-allow-origin'}, \@expected,
        "without mod_cors: Header $how, $kind";
    return;
}

for my $kind (sort keys %backend) {
    check_own($kind);
    for my $name (sort keys %THEIRS) {
        check_requests($kind, $name);
        for my $case (grep { $_->[0] ne 'bare' && defined $_->[1] } @CASES) {
            check_passed($kind, $name, $case);
        }
    }
}
check_recipe('set', 'express', $APP);
check_recipe('set', 'php', '*', $APP);
check_recipe('always', 'express', $APP, '*');
check_recipe('always', 'php', $APP);
is $httpd->complaints, '', 'nothing unexpected in the error log';
is $backend{$_}->log, '', "and none of $_" for sort keys %backend;
done_testing;
