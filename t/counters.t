# The counters are what a graph and an alarm are made of: how often each
# decision was made since the server was started. If a restart forgot them, if a
# child or a thread lost one, or if something was counted twice, the graph would
# show refusals that never were, or hide those that are.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use POSIX ();
use Test::More;
use Test::Httpd;

my $app = 'https://app.example.com';
my $evil = 'https://evil.example';
my $put = "Access-Control-Request-Method: PUT\n";

my $config = <<"EOF";
CorsAllowOrigin $app
CorsAllowMethods PUT
ErrorDocument 404 /error.html
MaxKeepAliveRequests 0
<Location /status>
    SetHandler server-status
</Location>
<Location /open>
    CorsAllowOrigin none
    CorsEnforce On
</Location>
<Location /off>
    CorsEngine Off
</Location>
<Location /detected>
    CorsEngine DetectionOnly
</Location>
EOF
my %files = map { ("htdocs/$_" => "$_\n") } qw(x.txt error.html index.html
    included.html off/x.txt detected/x.txt dir/index.html dir/to.txt);
$files{'htdocs/dir/.htaccess'} = "RewriteEngine On\nRewriteRule ^from to.txt\n"
    . "DirectoryIndex index.html\n";
$files{'htdocs/page.shtml'} = '<!--#include virtual="/included.html" -->' x 3;
$files{'htdocs/.htaccess'} = "Options +Includes\n"
    . "AddOutputFilter INCLUDES .shtml\n";

# prefork with as many children as clients would complain of having too few.
my %more = (prefork => "ServerLimit 24\nMaxRequestWorkers 24\n");

sub server($mpm)
{
    return Test::Httpd->config(mpm => $mpm,
        config => $config . ($more{$mpm} // ''),
        modules => [qw(dir include mime rewrite status)],
        files => \%files)->start;
}

# ---- what is counted: each exchange once ----

my @names = qw(CorsAllowed CorsPreflightAllowed CorsOriginDenied
    CorsMethodDenied CorsHeadersDenied CorsSameOrigin);

# Rows of [request, the counter it is to raise].
sub rows($port)
{
    my $own = "http://127.0.0.1:$port";
    return (
        ["GET /x.txt|Origin: $app", 'CorsAllowed'],
        ["HEAD /x.txt|Origin: $app", 'CorsAllowed'],
        ["GET /missing|Origin: $app", 'CorsAllowed'],
        ["GET /dir/from|Origin: $app", 'CorsAllowed'],
        ["GET /dir/|Origin: $app", 'CorsAllowed'],
        ["GET /dir|Origin: $app", 'CorsAllowed'],
        ["GET /page.shtml|Origin: $app", 'CorsAllowed'],
        ["GET /detected/x.txt|Origin: $app", 'CorsAllowed'],
        ["OPTIONS /x.txt|Origin: $app|$put", 'CorsPreflightAllowed'],
        ["OPTIONS /dir|Origin: $app|$put", 'CorsPreflightAllowed'],
        ["GET /x.txt|Origin: $evil", 'CorsOriginDenied'],
        ["GET /open/x.txt|Origin: $app", 'CorsOriginDenied'],
        ["GET /missing|Origin: $evil", 'CorsOriginDenied'],
        ["GET /x.txt|Origin:", 'CorsOriginDenied'],
        ["OPTIONS /x.txt|Origin: $evil|$put", 'CorsOriginDenied'],
        ["OPTIONS /detected/x.txt|Origin: $evil|$put", 'CorsOriginDenied'],
        ["OPTIONS /x.txt|Origin: $app|Access-Control-Request-Method: PATCH",
            'CorsMethodDenied'],
        ["OPTIONS /x.txt|Origin: $app|${put}Access-Control-Request-Headers: x",
            'CorsHeadersDenied'],
        ["GET /x.txt|Origin: $own", 'CorsSameOrigin'],
        ["OPTIONS /x.txt|Origin: $own|$put", 'CorsSameOrigin'],
        ['GET /x.txt', undef], ["OPTIONS /x.txt|$put", undef],
        ["GET /off/x.txt|Origin: $app", undef], ['GET /missing', undef],
    );
}

sub text($short)
{
    my ($line, @headers) = split /\|/, $short;
    return join "\n", "$line HTTP/1.1", (map { s/\n\z//r } @headers), '';
}

sub counters($httpd)
{
    my $body = $httpd->request("GET /status?auto HTTP/1.1\n")->{body};
    return { $body =~ /^(Cors\w+): (\d+)$/mg };
}

my %zero = map { $_ => 0 } @names;

sub check_each($httpd)
{
    my %expected = %zero;
    is_deeply counters($httpd), \%expected, 'all counters begin at 0';
    for (rows($httpd->port)) {
        my ($short, $name) = @$_;
        $httpd->request(text($short));
        $expected{$name}++ if $name;
        is_deeply counters($httpd), \%expected,
            join ' ', $short =~ s/\n.*//sr, 'counts as', $name // 'nothing';
    }
    return \%expected;
}

# ---- where they are shown ----

sub check_shown($httpd, $expected)
{
    my $body = $httpd->request("GET /status?auto HTTP/1.1\n")->{body};
    is_deeply [$body =~ /^(Cors\w+): /mg], \@names, '?auto has each key once';
    $body = $httpd->request("GET /status HTTP/1.1\n")->{body};
    my ($section) = $body =~ m{<h2>CORS decisions</h2>(.*?</table>)}s;
    my %shown = $section =~
        m{<tr><td>([a-z-]+)</td><td[^>]*>(\d+)</td><td>\w[^<]+</td></tr>}g;
    is_deeply { map { 'cors' . s/-//gr => $shown{$_} } keys %shown },
        { map { lc() => $expected->{$_} } @names },
        'a section of the page shows the same';
    return;
}

# ---- 2,000 requests from 4 connections, over three graceful restarts ----

my $CLIENTS = 4;
my $EACH = 500;
my $SECONDS = 240;    # far more than it takes

# One request on the connection, made anew if there is none. A restart closes
# connections that are idle: then no response comes, and not a byte of it, and
# the request was not read.
sub exchange($httpd, $connection, $text)
{
    $$connection //= $httpd->connection;
    my $r = eval {
        $$connection->send($text);
        $$connection->response;
    };
    my $error = $@;
    undef $$connection if !$r
        || grep { lc eq 'close' } @{ $r->{headers}{connection} // [] };
    die $error if !$r && $error !~ /ended too early; so far: ''$/m;
    return $r;
}

# Tells each hundredth response, and at the end what should have been counted.
sub client($httpd, $first, $out)
{
    my @rows = map { [text($_->[0]), $_->[1]] } rows($httpd->port);
    my ($connection, %count, $failed);
    for (my $n = 0; $n < $EACH;) {
        my ($text, $name) = @{ $rows[($first + $n) % @rows] };
        if (!exchange($httpd, \$connection, $text)) {
            die "connections are closed all the time\n" if $failed++ > 100;
            next;
        }
        $count{$name}++ if $name;
        syswrite $out, "response\n" if ++$n % 100 == 0;
    }
    syswrite $out, join '', map { "$_ $count{$_}\n" } sort keys %count;
    return;
}

sub fork_client($httpd, $first, $out)
{
    my $pid = fork // die "fork: $!\n";
    return $pid if $pid;
    alarm $SECONDS;
    my $done = eval { client($httpd, $first, $out); 1 };
    print STDERR $@ if !$done;
    POSIX::_exit($done ? 0 : 1);
}

# What the clients have counted, while the server is restarted.
sub storm($httpd)
{
    pipe my $in, my $out or die "pipe: $!\n";
    my @clients = map { fork_client($httpd, $_, $out) } 1 .. $CLIENTS;
    close $out;
    my %count = %zero;
    my ($responses, $restarts) = (0, 0);
    while (my $line = <$in>) {
        $count{$1} += $2 if $line =~ /^(\w+) (\d+)$/;
        $responses += 100 if $line =~ /^response$/;
        next if $restarts == 3
            || $responses < $CLIENTS * $EACH / 4 * ($restarts + 1);
        $httpd->restart_gracefully;
        $restarts++;
    }
    is $restarts, 3, 'the server was restarted three times meanwhile';
    my @statuses = map { waitpid $_, 0; $? } @clients;
    is_deeply \@statuses, [(0) x $CLIENTS],
        'all clients ended without an error';
    is $responses, $CLIENTS * $EACH, 'and got all their responses';
    return \%count;
}

for my $mpm (qw(event prefork)) {
    my $httpd = server($mpm);
    my $before = check_each($httpd);
    check_shown($httpd, $before);
    my $count = storm($httpd);
    my %sum = map { $_ => $before->{$_} + $count->{$_} } @names;
    is_deeply counters($httpd), \%sum, "$mpm: the counters add up";
    check_shown($httpd, \%sum);
    $httpd->restart_gracefully;
    is_deeply counters($httpd), \%sum, 'and are kept over one more restart';
    is $httpd->complaints, '', "$mpm: nothing unexpected in the error log";
}

# A server of its own begins anew, and one without mod_status has nothing to
# show: it counts in vain, but starts.
my $fresh = server('event');
is_deeply counters($fresh), \%zero, 'a new server begins at 0';
is $fresh->complaints, '', 'nothing unexpected in the error log';
my $without = Test::Httpd->config(config => "CorsAllowOrigin $app\n",
    files => { 'htdocs/x.txt' => "x\n" })->start;
is $without->request("GET /x.txt HTTP/1.1\nOrigin: $app\n")->{status}, 200,
    'mod_status is not needed';
is $without->complaints, '', 'nothing unexpected in the error log';

done_testing;
