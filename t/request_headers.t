# The same request gets the same answer whatever else it contains: how many
# headers, in which order and in which letters. Otherwise a preflight and the
# request that it is for could be answered differently.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.example';

my %ANSWER = (
    "GET $app"      => "200 $app - -",
    "GET $evil"     => '200 - - -',
    "OPTIONS $app"  => "204 $app PUT content-type",
    "OPTIONS $evil" => '403 - - -',
);

sub start
{
    return Test::Httpd->config(modules => ['headers'],
        config => join("\n", @_, "CorsAllowOrigin $app",
            'CorsAllowCredentials On', 'CorsAllowHeaders *',
            'CorsAllowMethods PUT', ''),
        files => { 'htdocs/x.txt' => "x\n" })->start;
}

sub answer
{
    my ($r) = @_;
    return join ' ', $r->{status}, map {
        join '|', @{ $r->{headers}{"access-control-allow-$_"} // ['-'] }
    } qw(origin methods headers);
}

sub lines
{
    my ($method, $origin) = @_;
    return ("Origin: $origin", $method eq 'GET' ? ()
        : ('Access-Control-Request-Method: PUT',
            'Access-Control-Request-Headers: content-type'));
}

# How many other headers are before the ones that matter, or after them.
my $httpd = start();
for my $ask (sort keys %ANSWER) {
    my ($method) = split ' ', $ask;
    my @lines = lines(split ' ', $ask);
    my @others = map { ("O$_: x", "Access-Control-$_: x") } 1 .. 12;
    my @requests = (map({ ([@others[0 .. 2 * $_ - 1], @lines],
            [reverse(@lines), @others[0 .. 2 * $_ - 1]]) } 0 .. 12),
        [map { s/^([^:]+)/lc $1/er } @lines],
        [map { s/^([^:]+)/uc $1/er } @lines]);
    my @responses = $httpd->pipeline(map {
        join "\n", "$method /x.txt HTTP/1.1", @$_, ''
    } @requests);
    is_deeply [map { answer($_) } @responses],
        [map { $ANSWER{$ask} } @requests],
        "$ask: the same answer with any other headers and any case";
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

# What the server adds early to the list of headers counts, as if the client
# had sent it: two Origin lines are denied.
$httpd = start("RequestHeader add Origin $evil early",
    'RequestHeader add Access-Control-Request-Headers x-evil early');
$httpd->expect(qr/\[cors:warn\].*RequestHeader "add Origin"/);
for my $method (qw(GET OPTIONS)) {
    is answer($httpd->request(join "\n", "$method /x.txt HTTP/1.1",
        lines($method, $app))), $ANSWER{"$method $evil"},
        "$method: an Origin that the server adds makes two, which are denied";
}
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
