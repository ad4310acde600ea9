# The same request is the same whatever else it holds: how many headers there
# are, in which order and letters, and what the server adds to them. Otherwise a
# preflight and the request that it is for would be answered apart.
use v5.36;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.example';

my $policy = <<"EOF";
CorsAllowOrigin $app
CorsAllowCredentials On
CorsAllowHeaders *
CorsAllowMethods PUT
EOF

sub start(@lines)
{
    return Test::Httpd->config(modules => ['headers'],
        config => join("\n", @lines, $policy),
        files => { 'htdocs/x.txt' => "x\n" })->start;
}

my $httpd = start();

sub told($r)
{
    return join ' ', $r->{status}, map {
        join '|', @{ $r->{headers}{"access-control-allow-$_"} // ['-'] }
    } qw(origin methods headers);
}

my %ANSWER = (
    "GET $app"      => "200 $app - -",
    "GET $evil"     => '200 - - -',
    "OPTIONS $app"  => "204 $app PUT content-type",
    "OPTIONS $evil" => '403 - - -',
);

sub lines($method, $origin)
{
    return ("Origin: $origin", $method eq 'GET' ? ()
        : ('Access-Control-Request-Method: PUT',
            'Access-Control-Request-Headers: content-type'));
}

for my $method (qw(GET OPTIONS)) {
    for my $origin ($app, $evil) {
        my @lines = lines($method, $origin);
        my $answer = $ANSWER{"$method $origin"};
        for my $count (0 .. 12) {
            my @others = map { ("O$_: x", "Access-Control-$_: x") }
                1 .. $count;
            is told($httpd->request(join "\n", "$method /x.txt HTTP/1.1",
                @others, @lines)), $answer, "$method, $count in front";
            is told($httpd->request(join "\n", "$method /x.txt HTTP/1.1",
                reverse(@lines), @others)), $answer, "$method, $count behind";
        }
        is told($httpd->request(join "\n", "$method /x.txt HTTP/1.1",
            map { s/^([^:]+)/lc $1/er } @lines)), $answer, 'in small letters';
        is told($httpd->request(join "\n", "$method /x.txt HTTP/1.1",
            map { s/^([^:]+)/uc $1/er } @lines)), $answer, 'in capitals';
    }
}

is $httpd->complaints, '', 'nothing unexpected in the error log';

# What the server adds early is behind what the client sent, and does not count:
# for a preflight as little as for the request.
$httpd = start("RequestHeader add Origin $evil early",
    'RequestHeader add Access-Control-Request-Method DELETE early',
    'RequestHeader add Access-Control-Request-Headers x-evil early');
for my $method (qw(GET OPTIONS)) {
    is told($httpd->request(join "\n", "$method /x.txt HTTP/1.1",
        lines($method, $app))), $ANSWER{"$method $app"}, "$method, added to";
}

is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
