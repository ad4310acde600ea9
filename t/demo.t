# The demonstration, as a person sees it: its servers are started by its own
# script, its page is opened in a real browser, and every call on it has to
# show what the policy makes of it.
use strict;
use warnings;
use lib 't/lib';
use File::Temp 'tempdir';
use IO::Socket::INET;
use Test::More;
use Test::Browser;

use constant START_SECONDS => 300;    # it may have to build the module

my ($page_port, $api_port) = free_ports(2);
my $page     = "http://127.0.0.1:$page_port";
my $api      = "http://127.0.0.1:$api_port";
my $stranger = "http://localhost:$page_port";

my %demo = start_demo(PAGE_PORT => $page_port, API_PORT => $api_port);
like $demo{says}, qr{\Q$page/\E$}m, 'the script says where the page is';
like $demo{says}, qr{\Q$api/\E}, 'and the API';
like $demo{says}, qr/Ctrl-C/, 'and how to stop';

my $browser = Test::Browser->start('chromium');
$browser->resize(1280, 900);
open_page();
is $browser->run(<<'EOF_JS'), '14 of 14 calls came out as they should.',
return document.getElementById('summary').textContent;
EOF_JS
    'all calls came out as they should';
is_deeply $browser->run(<<'EOF_JS'), [],
const {calls} = await (await fetch('headers')).json();
return calls.filter((name) => !document.getElementById(name));
EOF_JS
    'the page shows every call that it can show the headers of';

# What each row has to show. The header lines stand for themselves: each has
# to be there, and with "no" in front must not.
my $readable  = "Access-Control-Allow-Origin: $page";
my $with      = 'Access-Control-Allow-Credentials: true';
my $methods   = qr/^Access-Control-Allow-Methods: .*\bPUT\b/m;
my $headers   = qr/^Access-Control-Allow-Headers: Content-Type, ?X-Client$/m;
my $no_origin = qr/\A(?!.*^Access-Control-Allow-Origin:)/ms;
my @rows = (
    'simple-get' => {
        verdict => 'readable, as it should be',
        said    => ['200 OK', 'from the other origin'],
        wire    => ['GET /hello.json', 'HTTP/1.1 200 OK', $readable,
            'Vary: Origin'],
        decides => ['CorsAllowOrigin', 'line 3'],
    },
    'json-post' => {
        verdict => 'readable, as it should be',
        said    => ['201 Created', 'application/json', '"bytes": 19'],
        wire    => ['OPTIONS /app/notes', 'HTTP/1.1 204 No Content', $headers,
            'POST /app/notes', 'HTTP/1.1 201 Created', $readable],
        decides => ['CorsAllowHeaders', 'line 5'],
    },
    'put-header' => {
        verdict => 'readable, as it should be',
        said    => ['200 OK', '"client": "demo"'],
        wire    => ['OPTIONS /app/notes/1', 'HTTP/1.1 204 No Content',
            $methods, $headers, 'Access-Control-Max-Age: 600',
            'PUT /app/notes/1', 'HTTP/1.1 200 OK', $readable],
        decides => ['CorsAllowMethods', 'line 4', 'CorsAllowHeaders',
            'line 5', 'CorsMaxAge', 'line 8'],
    },
    'cookies' => {
        verdict => 'readable, as it should be',
        said    => ['200 OK', '"cookie": "demo_user=ada"'],
        wire    => ['POST /app/session', 'Set-Cookie: demo_user=ada',
            'GET /app/me', 'Cookie: demo_user=ada', $readable, $with],
        decides => ['CorsAllowCredentials', 'line 7'],
    },
    'exposed-header' => {
        verdict => 'readable, as it should be',
        said    => ['200 OK', q{get('X-Request-Id')} . qq(\n// "r-4711"),
            q{get('X-Backend')} . "\n// null"],
        wire    => ['X-Request-Id: r-4711', 'X-Backend: node-7',
            'Access-Control-Expose-Headers: X-Request-Id'],
        decides => ['CorsExposeHeaders', 'line 6'],
    },
    'error-404' => {
        verdict => 'readable, as it should be',
        said    => ['404 Not Found', 'There is no such note.'],
        wire    => ['HTTP/1.1 404 Not Found', $readable, 'Vary: Origin'],
        decides => ['CorsAllowOrigin', 'line 3'],
    },
    'error-401' => {
        verdict => 'readable, as it should be',
        said    => ['401 Unauthorized', 'no cookie came'],
        wire    => ['HTTP/1.1 401 Unauthorized', $readable, 'Vary: Origin'],
        decides => ['CorsAllowOrigin', 'line 3'],
    },
    'error-500' => {
        verdict => 'readable, as it should be',
        said    => ['500 Internal Server Error', 'the script has crashed'],
        wire    => ['HTTP/1.1 500 Internal Server Error', $readable,
            'Vary: Origin'],
        decides => ['CorsAllowOrigin', 'line 3'],
    },
    'method-denied' => {
        verdict => 'blocked, as it should be',
        said    => ['TypeError: Failed to fetch'],
        wire    => ['OPTIONS /app/notes/1',
            'Access-Control-Request-Method: DELETE', $methods,
            qr/\A(?!.*Access-Control-Allow-Methods: [^\n]*DELETE)/s,
            'The request itself is not sent.'],
        decides => ['CorsAllowMethods', 'line 4'],
    },
    'header-denied' => {
        verdict => 'blocked, as it should be',
        said    => ['TypeError: Failed to fetch'],
        wire    => ['OPTIONS /app/notes/1',
            'Access-Control-Request-Headers: x-debug', $headers,
            'The request itself is not sent.'],
        decides => ['CorsAllowHeaders', 'line 5'],
    },
    'wildcard-cookies' => {
        verdict => 'blocked, as it should be',
        said    => ['TypeError: Failed to fetch'],
        wire    => ['GET /public/cities.json', 'HTTP/1.1 200 OK',
            'Access-Control-Allow-Origin: *',
            qr/\A(?!.*Access-Control-Allow-Credentials)/s],
        decides => ['CorsAllowOrigin', 'line 12', 'CorsAllowCredentials',
            'line 13'],
    },
    'stranger-get' => {
        verdict => 'blocked, as it should be',
        said    => ['TypeError: Failed to fetch'],
        wire    => ["Origin: $stranger", 'HTTP/1.1 200 OK', $no_origin,
            'Vary: Origin', 'no Access-Control header'],
        decides => ['CorsAllowOrigin', 'line 3'],
    },
    'stranger-post' => {
        verdict => 'blocked, as it should be',
        said    => ['TypeError: Failed to fetch'],
        wire    => ["Origin: $stranger", 'HTTP/1.1 403 Forbidden', $no_origin,
            'no Access-Control header', 'The request itself is not sent.'],
        decides => ['CorsAllowOrigin', 'line 3'],
    },
    'stranger-public' => {
        verdict => 'readable, as it should be',
        said    => ['200 OK', 'Lisbon'],
        wire    => ["Origin: $stranger", 'HTTP/1.1 200 OK',
            'Access-Control-Allow-Origin: *'],
        decides => ['CorsAllowOrigin', 'line 12'],
    },
);

my %seen = map { $_->{name} => $_ } @{ $browser->run(<<'EOF_JS') };
const text = (node) => node.textContent;
const lines = (nodes) => [...nodes].map(text).join('\n');
return [...document.querySelectorAll('.card')].map((card) => ({
    name: card.dataset.name,
    ok: card.dataset.ok,
    code: text(card.querySelector('.code')),
    verdict: text(card.querySelector('.verdict')),
    said: text(card.querySelector('.said')),
    wire: lines(card.querySelectorAll('.wire pre > *, .unsent')),
    decides: text(card.querySelector('.decides')),
}));
EOF_JS

while (my ($name, $row) = splice @rows, 0, 2) {
    my $shown = delete $seen{$name};
    subtest "the row $name" => sub {
        ok $shown, 'is there' or return;
        is $shown->{ok}, 'true', 'is as expected';
        is $shown->{verdict}, $row->{verdict}, 'has the right verdict';
        like $shown->{code}, qr/^(?:await )?fetch\(api \+ '/,
            'shows the code of the call';
        shows($shown, $row, $_) for qw(said wire decides);
    };
}
is_deeply [keys %seen], [], 'there is no row but these';

# A preflight's answer is the browser's for ten minutes now; the page has to
# stand being opened again.
$browser->resize(360, 800);
open_page();
is $browser->run('return document.body.dataset.ok'), 'true',
    'on a phone all calls come out right too';
is $browser->run('return innerWidth'), 360, 'which is 360 pixels wide';
unfold();
cmp_ok $browser->run('return document.documentElement.scrollWidth'), '<=', 360,
    'and nothing sticks out to the right';
$browser->go("$stranger/");
is $browser->run('return location.origin'), $page,
    'the page by the other name leads to the right one';
$browser->stop;

stop_demo();
is $?, 0, 'the script stops when it is told to';
is_deeply [glob "$demo{tmp}/*"], [], 'and leaves no file behind';
ok !IO::Socket::INET->new("127.0.0.1:$_"), "and nothing listens on port $_"
    for $page_port, $api_port;

my $held = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
%demo = start_demo(PAGE_PORT => $held->sockport);
waitpid delete $demo{pid}, 0;
isnt $?, 0, 'a port that is taken stops the script';
like $demo{says}, qr/Address already in use/, 'which says why';
is_deeply [glob "$demo{tmp}/*"], [], 'and leaves no file behind';
done_testing;

# Every piece of text that the row has to show in this place.
sub shows {
    my ($shown, $row, $place) = @_;

    for my $piece (@{ $row->{$place} }) {
        like $shown->{$place}, ref $piece ? $piece : qr/\Q$piece\E/,
            "$place shows it: $piece";
    }
    return;
}

# Opens the page and waits until it has made all its calls.
sub open_page {
    $browser->go("$page/");
    $browser->run(<<'EOF_JS');
while (!document.body.dataset.done) {
    await new Promise((resolve) => setTimeout(resolve, 50));
}
EOF_JS
    return;
}

# Opens what is folded up on a phone.
sub unfold {
    $browser->run(<<'EOF_JS');
document.querySelectorAll('details').forEach((node) => { node.open = true; });
EOF_JS
    return;
}

# Starts the script and reads what it says, until it says how to stop it, or
# stops by itself. Its temporary files are in a directory of their own.
sub start_demo {
    my (%environment) = @_;
    my $tmp  = tempdir(CLEANUP => 1);
    my $says = '';

    chmod 0755, $tmp;
    local @ENV{ 'TMPDIR', keys %environment } = ($tmp, values %environment);
    my $pid = open my $out, '-|', 'exec sh conf-examples/demo/serve 2>&1'
        or die "sh: $!\n";
    local $SIG{ALRM} = sub { kill TERM => $pid; die "no start: $says\n" };
    alarm START_SECONDS;
    while (defined(my $line = <$out>)) {
        $says .= $line;
        last if $line =~ /Ctrl-C/;
    }
    alarm 0;
    return (pid => $pid, says => $says, tmp => $tmp, out => $out);
}

# Leaves its exit status in $?.
sub stop_demo {
    my $pid = delete $demo{pid} or return;

    kill TERM => $pid;
    waitpid $pid, 0;
    return;
}

# A test that dies leaves no server behind.
END {
    local $?;
    stop_demo();
}

sub free_ports {
    my ($number) = @_;
    my @held = map { IO::Socket::INET->new(Listen => 1,
        LocalAddr => '127.0.0.1') or die "$!\n" } 1 .. $number;

    return map { $_->sockport } @held;
}
