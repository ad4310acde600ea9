# The same policy under each of httpd's three process models, before and after
# a graceful restart. Without this a server with threads, or one that is told
# to read its configuration anew, could answer by a policy of yesterday.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $APP = 'https://app.example';
my $OTHER = 'https://other.example';
my @VARY = ('Access-Control-Request-Headers', 'Access-Control-Request-Method',
    'Origin');

sub policy($origin, $methods)
{
    return <<"EOF";
CorsAllowOrigin $origin
CorsAllowMethods $methods
CorsAllowCredentials On
EOF
}

# Status, Access-Control-* headers and Vary, each line of them.
sub seen($r)
{
    my @lines = map { [lc $_->[0], $_->[1]] } @{ $r->{order} };
    return [$r->{status},
        (sort map { "$_->[0]: $_->[1]" } grep { $_->[0] =~ /^access-/ } @lines),
        sort map { split /,\s*/, $_->[1] } grep { $_->[0] eq 'vary' } @lines];
}

# Each round on connections of its own, so that more than one child answers.
sub check($httpd, $name, $allowed, $denied, $methods)
{
    my @ours = ('access-control-allow-credentials: true',
        "access-control-allow-origin: $allowed");
    my @table = (
        ['GET', '/x.txt', $allowed, [200, @ours, 'Origin']],
        ['GET', '/x.txt', $denied, [200, 'Origin']],
        ['GET', '/no.txt', $allowed, [404, @ours, 'Origin']],
        ['GET', '/no.txt', $denied, [404, 'Origin']],
        ['OPTIONS', '/x.txt', $allowed, [204, $ours[0],
            'access-control-allow-headers: Content-Type',
            "access-control-allow-methods: $methods", $ours[1], @VARY]],
        ['OPTIONS', '/no.txt', $denied, [403, @VARY]],
    );
    for my $round (1 .. 3) {
        for (@table) {
            my ($method, $path, $origin, $expected) = @$_;
            my $r = $httpd->request("$method $path HTTP/1.1\n"
                . "Origin: $origin\nAccess-Control-Request-Method: PUT\n");
            is_deeply seen($r), $expected,
                "$name, round $round: $method $path from $origin is right";
        }
    }
    return;
}

for my $mpm (qw(prefork worker event)) {
    my $httpd = Test::Httpd->config(mpm => $mpm, config => policy($APP, 'PUT'),
        files => { 'htdocs/x.txt' => "x\n" })->start;
    my $notice = qr/\[mpm_$mpm:notice\]/;
    like $httpd->error_log($notice), $notice, "the server runs $mpm";
    check($httpd, "$mpm, at first", $APP, $OTHER, 'PUT');

    for (['restarted', $OTHER, $APP, 'PUT, DELETE'],
        ['restarted again', $APP, $OTHER, 'PATCH']) {
        my ($name, $allowed, $denied, $methods) = @$_;
        $httpd->write_file('conf/test.conf', policy($allowed, $methods));
        $httpd->restart_gracefully;
        check($httpd, "$mpm, $name", $allowed, $denied, $methods);
    }
    is $httpd->complaints, '', "$mpm: nothing unexpected in the error log";
}

done_testing;
