# The launcher that every other test stands on: responses are read as they
# were sent, and what goes wrong in a server is told.
use strict;
use warnings;
use lib 't/lib';
use File::Temp;
use Test::More;
use Test::Httpd;

my %page = ('htdocs/x.txt' => "0123456789\n");

my $httpd = Test::Httpd->config(
    cors => 0, modules => [qw(headers cgid http2 alias)],
    files => {
        %page,
        'htdocs/where.txt' => '@ROOT@ @PORT@ @DOCROOT@',
        'cgi/stream.cgi' => "#!/usr/bin/perl\n\$| = 1;\n"
            . 'print "Content-Type: text/plain\n\none"; print "two";',
        'cgi/echo.cgi' => "#!/usr/bin/perl\n"
            . 'print "Content-Type: text/plain\n\n", $ENV{REQUEST_METHOD},'
            . '" $ENV{HTTP_X_A} [", (join "", <STDIN>), "]";',
    },
    config => <<'EOF')->start;
<Location /x.txt>
    Header add X-Twice "one"
    Header add X-Twice "two, three"
</Location>
ScriptAlias /cgi/ @ROOT@/cgi/
Redirect 204 /empty
Redirect 301 /moved http://127.0.0.1:@PORT@/x.txt
EOF

my $r = $httpd->request("GET /x.txt HTTP/1.1\nOrigin: https://a.example\n");
is "$r->{version} $r->{status} $r->{reason}", '1.1 200 OK', 'a response';
is $r->{body}, "0123456789\n", 'with its body';
is_deeply $r->{headers}{'x-twice'}, ['one', 'two, three'],
    'header lines of one name are told apart, not merged';
is_deeply [grep { $_->[0] eq 'X-Twice' } @{ $r->{order} }],
    [['X-Twice', 'one'], ['X-Twice', 'two, three']], 'and keep their order';
like $r->{raw}, qr{\AHTTP/1.1 200 OK\r\n.*\r\n\r\n0123456789\n\z}s, 'raw';
is $r->{rest}, '', 'nothing comes behind it';

$r = $httpd->request("GET /where.txt HTTP/1.1\n");
is $r->{body}, join(' ', $httpd->root, $httpd->port, $httpd->docroot),
    'places are filled in';
is $httpd->url('/x'), 'http://127.0.0.1:' . $httpd->port . '/x', 'url';

$r = $httpd->request("GET /x.txt HTTP/1.0\n");
like $r->{headers}{connection}[0], qr/close$/, 'HTTP/1.0 ends by closing';
is $r->{body}, "0123456789\n", 'with a body';

$r = $httpd->request("HEAD /x.txt HTTP/1.1\n");
is $r->{headers}{'content-length'}[0], 11, 'HEAD tells a length';
is $r->{body}, '', 'and has no body';

$r = $httpd->request("GET /empty HTTP/1.1\n");
is "$r->{status} [$r->{body}]", '204 []', '204 has no body';

$r = $httpd->request("POST /cgi/echo.cgi HTTP/1.1\nX-A: b\n\nbody");
is $r->{body}, 'POST b [body]', 'a body gets its length';
$r = $httpd->request("POST /cgi/echo.cgi HTTP/1.1\nExpect: 100-continue\n"
    . "Transfer-Encoding: chunked\n\n4\r\nbody\r\n0\r\n\r\n");
is $r->{body}, 'POST  [body]', 'a chunked body is sent as it is';

$r = $httpd->request("GET /cgi/stream.cgi HTTP/1.1\n");
is $r->{body}, 'onetwo', 'a stream is put together';

# An interim response comes only while the body has not.
my $connection = $httpd->connection;
$connection->send("POST /cgi/echo.cgi HTTP/1.1\nExpect: 100-continue\n"
    . "Content-Length: 4\n");
select undef, undef, undef, 0.1;
$r = $connection->send_raw('body')->response;
is_deeply [map { $_->{status} } @{ $r->{interim} }], [100],
    'an interim response is kept apart';
is $r->{body}, 'POST  [body]', 'from the response itself';

my @all = $httpd->pipeline(
    "OPTIONS /x.txt HTTP/1.1\n\nskip me", "HEAD /x.txt HTTP/1.1\n",
    "GET /moved HTTP/1.1\n", "GET /x.txt HTTP/1.1\nConnection: close\n");
is join(' ', map { $_->{status} } @all), '200 200 301 200',
    'a pipeline is answered in order';
is $all[3]{body}, "0123456789\n", 'and read in step';

my $long = "OPTIONS /x.txt HTTP/1.1\nX-Filler: " . 'x' x 4000 . "\n";
@all = $httpd->pipeline(($long) x 90);
is scalar(grep { $_->{status} == 200 } @all), 90, 'a long one, too';

my $host = 'Host: 127.0.0.1';
@all = $httpd->raw("HEAD /x.txt HTTP/1.1\r\n$host\r\n\r\n"
    . "GET /x.txt HTTP/1.1\r\n$host\r\nConnection: close\r\n\r\n",
    methods => ['HEAD', 'GET']);
is join(' ', map { length $_->{body} } @all), '0 11',
    'raw bytes, responses until the end';
($r) = $httpd->raw("GET / HTTP/1.1\r\nBad Line\r\n\r\n");
is $r->{status}, 400, 'what is broken goes out as it is';
($r) = $httpd->raw("GET /x.txt HTTP/1.1\r\n$host\r\n\r\n", responses => 1);
is $r->{status}, 200, 'or as many responses as asked for';

$connection = $httpd->connection;
for my $method (qw(OPTIONS HEAD GET)) {
    $connection->send("$method /x.txt HTTP/1.1\n");
    is $connection->response->{status}, 200, "$method on a kept connection";
}
ok $connection->is_open, 'which is open';
$connection->send_raw("GET /x.txt HTTP/1.1\r\n$host\r\n"
    . "Connection: close\r\n\r\n");
is $connection->response(method => 'GET')->{status}, 200, 'the last one';
ok !$connection->is_open, 'and then it is closed';

ok !eval { $httpd->raw("GET / HTTP/1.1\r\n", timeout => 0.2); 1 },
    'a server that does not answer';
like $@, qr/no whole response in 0.2 s/, 'is told of';

$r = $httpd->h2("GET /x.txt HTTP/1.1\nOrigin: https://a.example\n");
is "$r->{version} $r->{status}", '2 200', 'HTTP/2';
is $r->{body}, "0123456789\n", 'with its body';
is_deeply $r->{headers}{'x-twice'}, ['one', 'two, three'],
    'header lines are told apart there too';
$r = $httpd->h2("HEAD /x.txt HTTP/1.1\n");
is "$r->{status} [$r->{body}]", '200 []', 'HEAD over HTTP/2';
$r = $httpd->h2("OPTIONS /empty HTTP/1.1\n");
is "$r->{status} [$r->{body}]", '204 []', 'OPTIONS over HTTP/2';
$r = $httpd->h2("OPTIONS * HTTP/1.1\n");
is $r->{status}, Test::Httpd->at_least('2.4.71') ? 200 : 400,
    'OPTIONS * over HTTP/2 is known from 2.4.71 on';
$r = $httpd->h2("PUT /cgi/echo.cgi HTTP/1.1\nX-A: 1\nX-A: 2\n\nbody\n");
is $r->{body}, "PUT 1, 2 [body\n]", 'a body, and a header twice';

like $httpd->access_log(qr/PUT/), qr{^PUT /cgi/echo.cgi HTTP/2.0 200$}m,
    'the access log';
$httpd->clear_log;
is $httpd->access_log, '', 'which can be cleared';

$httpd->request("GET /x.txt HTTP/1.1\n");
is $httpd->restart_gracefully->request("GET /x.txt HTTP/1.1\n")->{status},
    200, 'a graceful restart';
like $httpd->error_log, qr/resuming normal operations/, 'is in the error log';
is $httpd->complaints, '', 'nothing unexpected in the error log';
ok !eval { $httpd->request("GET / HTTP/1.1\n"); 1 }, 'and it has stopped';

for my $mpm (qw(event worker prefork)) {
    $httpd = Test::Httpd->config(cors => 0, mpm => $mpm, files => \%page)
        ->start;
    is $httpd->request("GET /x.txt HTTP/1.1\n")->{status}, 200, $mpm;
    is $httpd->restart_gracefully->complaints, '',
        "$mpm has nothing to complain of";
}

# Complaints.
$httpd = Test::Httpd->config(
    cors => 0, files => { 'htdocs/.htaccess' => "NoSuchDirective\n" })->start;
is $httpd->request("GET / HTTP/1.1\n")->{status}, 500, 'a bad .htaccess';
like $httpd->complaints, qr/^\[.*core:alert.*NoSuchDirective/,
    'an unexpected line is shown';
$httpd->expect(qr/NoSuchDirective/);
is $httpd->complaints, '', 'an expected one is not';
$httpd->expect(qr/never logged/);
like $httpd->complaints, qr/\Aexpected but not seen: .*never logged.*\z/,
    'and one that did not come is';

my $crash = '[Mon Jan 01 00:00:00 2026] [core:notice] [pid 1:tid 1] AH00052: '
    . "child pid 2 exit signal Segmentation fault (11)\n";
my $notice = $crash =~ s/child.*/x/r;
my %args = (before => '', expected => [], mpm => 'event', alive => [2, 3]);
sub complaints { return Test::Httpd::Log::complaints(%args, @_) }
is complaints(log => $crash), '',
    'the crash that mpm_event has while it stops is passed over';
isnt complaints(log => $crash x 2), '', 'but not two of them';
isnt complaints(log => $crash, alive => [3]), '', 'nor one from before';
isnt complaints(log => $crash, mpm => 'worker'), '', 'nor one in worker';
isnt complaints(log => "free text\n"), '', 'text without form is suspect';
isnt complaints(log => "x.c:1:2: runtime error: x\n"), '', 'so is UBSan';
isnt complaints(log => $notice =~ s/core/cors/r), '', 'so is our own notice';
is complaints(log => $notice), '', 'but not one of the core';

# httpd may log a crash only when it stops.
$httpd = Test::Httpd->config(cors => 0, mpm => 'event')->start;
select undef, undef, undef, 0.1;
kill 'SEGV', $httpd->children;
like $httpd->complaints, qr/exit signal Segmentation fault/,
    'a crash just before the stop counts';

ok(Test::Httpd->at_least('2.4.33'), 'this httpd is 2.4.33 or later');
ok !Test::Httpd->at_least('2.100.0'), 'and not later than it is';

# A path with a space.
{
    my $dir = File::Temp->newdir('a b-XXXXXXXX', TMPDIR => 1);
    chmod 0755, "$dir";
    local $ENV{TMPDIR} = "$dir";
    $httpd = Test::Httpd->config(files => \%page)->start;
    like $httpd->root, qr{/a b-}, 'a server in a path with a space';
    is $httpd->request("GET /x.txt HTTP/1.1\n")->{status}, 200, 'answers';
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# Configurations that are refused.
my $checked = Test::Httpd->check_config(cors => 0, config => "Foo bar\n");
ok !$checked->{ok}, 'a wrong configuration is refused';
like $checked->{output}, qr{line 1 of \S+/conf/test.conf.*'Foo'}s,
    'with the line as the test counts it';
$checked = Test::Httpd->check_config(cors => 0, args => ['-D', 'X'],
    main => 'Define Y', config => "<IfDefine !X>\nFoo\n</IfDefine>\n"
        . "<IfDefine !Y>\nFoo\n</IfDefine>\n");
ok $checked->{ok}, 'a right one is not';
like $checked->{output}, qr/Syntax OK/, 'and its output can be seen';
ok !eval { Test::Httpd->config(cors => 0, config => 'Foo')->start; 1 },
    'such a server does not start';
like $@, qr/did not start:.*'Foo'/s, 'and says why';

ok !eval { Test::Httpd->config(module => ['x']) }, 'a misspelt argument';
like $@, qr/does not know: module$/, 'is refused';

# The port is somebody else's.
$httpd = Test::Httpd->config(cors => 0, files => \%page);
my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1,
    LocalPort => $httpd->port);
is $httpd->start->request("GET /x.txt HTTP/1.1\n")->{status}, 200,
    'another port is taken when the first one is in use';
isnt $httpd->port, $taken->sockport, 'indeed another';

done_testing;
