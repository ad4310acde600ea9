package Test::BrowserCases;

# What pages do with CORS, done by a real browser against a real httpd: what the
# page's script saw, what the server decided and what cors-check says have to
# agree.
#
#   Test::BrowserCases::run('firefox');
#
# Each case has a URL path of its own, so that the server's decisions about it
# can be read from the access log.

use v5.32;
use warnings;
use experimental 'signatures';
use Digest::SHA 'sha1_base64';
use Exporter ();
use IO::Socket::INET;
use MIME::Base64 'decode_base64';
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);

use Test::Browser;
use Test::CorsCheck;
use Test::Httpd;

my $PNG = decode_base64('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQV'
    . 'R42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==');

# The functions that the cases call: each gives back a word or two.
my $SCRIPT = <<'END';
const api = document.querySelector('meta[name=api]').content;
async function get(path, options) {
    try {
        const response = await fetch(api + path, options);
        return String(response.status);
    } catch (error) {
        return error.name;
    }
}
function put(path, headers, more) {
    return get(path, {method: 'PUT', headers, ...more});
}
async function exposed(path) {
    const response = await fetch(api + path);
    return response.headers.get('X-Shown') + ' ' + response.headers.get('X-Kept');
}
function socket(path) {
    return new Promise((done) => {
        const ws = new WebSocket(api.replace('http', 'ws') + path);
        ws.onmessage = (event) => { done(event.data); ws.close(); };
        ws.onerror = () => done('error');
    });
}
function events(path) {
    return new Promise((done) => {
        const source = new EventSource(api + path);
        source.onmessage = (event) => { done(event.data); source.close(); };
        source.onerror = () => { done('error'); source.close(); };
    });
}
async function font(path) {
    try {
        await new FontFace('f', 'url(' + api + path + ')').load();
        return 'loaded';
    } catch (error) {
        return error.name;
    }
}
function picture(path, crossorigin) {
    return new Promise((done) => {
        const image = new Image();
        if (crossorigin) image.crossOrigin = crossorigin;
        image.onerror = () => done('error');
        image.onload = () => {
            const canvas = document.createElement('canvas');
            canvas.getContext('2d').drawImage(image, 0, 0);
            try {
                canvas.toDataURL();
                done('readable');
            } catch (error) {
                done(error.name);
            }
        };
        image.src = api + path;
    });
}
function module(path) {
    return new Promise((done) => {
        const script = document.createElement('script');
        script.type = 'module';
        script.onload = () => done(window.loaded || 'nothing');
        script.onerror = () => done('error');
        script.src = api + path;
        document.head.append(script);
    });
}
function sandboxed(path) {
    return new Promise((done) => {
        const frame = document.createElement('iframe');
        frame.sandbox = 'allow-scripts';
        frame.srcdoc = '<script>fetch("' + api + path + '").then('
            + 'r => parent.postMessage(String(r.status), "*"),'
            + 'e => parent.postMessage(e.name, "*"))<\/script>';
        window.addEventListener('message', (event) => done(event.data),
            {once: true});
        document.body.append(frame);
    });
}
async function twice(path) {
    await put(path, {'X-A': '1'});
    return put(path, {'X-A': '1'});
}
async function pictureThenFetch(path) {
    await picture(path);
    return get(path);
}
END

# A case: what it is, the call, what the script sees, what the server decided
# for each request that it saw. A hash differs by browser.
my $NONE = '-';
my @CASES = (
    ['a simple GET', q{get('/app/get')}, '200', 'allowed'],
    ['a GET of an origin that is not listed', q{get('/other/get')},
        'TypeError', 'origin-denied'],
    ['a policy of "*"', q{get('/open/get')}, '200', 'allowed'],
    ['no policy', q{get('/none/get')}, 'TypeError', $NONE],
    ['"*" and a request with credentials',
        q{get('/open/credentials', {credentials: 'include'})}, 'TypeError',
        'allowed'],
    ['credentials', q{get('/login/get', {credentials: 'include'})}, '200',
        'allowed'],
    ['credentials where the policy has none',
        q{get('/app/credentials', {credentials: 'include'})}, 'TypeError',
        'allowed'],
    ['a JSON POST, by the default', q{get('/app/json', {method: 'POST',
        headers: {'Content-Type': 'application/json'}, body: '{}'})}, '200',
        'preflight-allowed allowed'],
    ['a PUT that is granted, and its 405 readable', q{put('/app/put')},
        '405', 'preflight-allowed allowed'],
    ['a DELETE that is not granted',
        q{get('/app/delete', {method: 'DELETE'})}, 'TypeError',
        'method-denied'],
    ['"patch" where PATCH is granted',
        q{get('/app/patch', {method: 'patch'})}, 'TypeError',
        'method-denied'],
    ['"put" in lower case, which browsers mend',
        q{get('/app/lower', {method: 'put'})}, '405',
        'preflight-allowed allowed'],
    ['a header that is granted', q{get('/app/header',
        {headers: {'X-A': '1', 'Content-Type': 'application/json'}})}, '200',
        'preflight-allowed allowed'],
    ['a header that is not granted',
        q{get('/app/unknown', {headers: {'X-B': '1'}})}, 'TypeError',
        'headers-denied'],
    ['a preflight of an origin that is not listed', q{put('/other/put')},
        'TypeError', 'origin-denied'],
    ['"*" for methods and headers',
        q{put('/open/star', {'X-Any': '1'})}, '405',
        'preflight-allowed allowed'],
    ['"*" for methods and headers with credentials', q{put('/every/star',
        {'X-Any': '1', 'X-Other': '2'}, {credentials: 'include'})}, '405',
        'preflight-allowed allowed'],
    # Fetch says that "*" does not cover Authorization; browsers still let it
    # pass, Firefox with a warning. What is sent is "*" either way.
    ['Authorization beside "*"',
        q{get('/open/authorization', {headers: {Authorization: 'x'}})}, '200',
        'headers-denied allowed'],
    ['an exposed header, and one that is not', q{exposed('/app/expose')},
        'yes null', 'allowed'],
    ['a 404 readable', q{get('/app/missing')}, '404', 'allowed'],
    ['a 401 readable', q{get('/private/get')}, '401', 'allowed'],
    ['a preflight past a login', q{put('/private/put')}, '401',
        'preflight-allowed allowed'],
    ['a 403 readable', q{get('/forbidden/get')}, '403', 'allowed'],
    ['a redirect within the policy', q{get('/app/moved')}, '200',
        'allowed allowed'],
    ['a redirect without a policy', q{get('/none/moved')}, 'TypeError',
        $NONE],
    ['a WebSocket', q{socket('/socket/allowed')}, 'hello', 'allowed'],
    ['a WebSocket of an origin that is not listed',
        q{socket('/socket-other/denied')}, 'error', 'origin-denied'],
    ['an EventSource', q{events('/app/stream.events')}, 'tick', 'allowed'],
    ['an EventSource of an origin that is not listed',
        q{events('/other/stream.events')}, 'error', 'origin-denied'],
    ['a font', q{font('/app/font.ttf')}, 'loaded',
        { webkit => $NONE, '' => 'allowed' }],
    ['a font of an origin that is not listed', q{font('/other/font.ttf')},
        { webkit => 'loaded', '' => 'NetworkError' },
        { webkit => $NONE, '' => 'origin-denied' }],
    ['a picture into a canvas', q{picture('/app/a.png', 'anonymous')},
        'readable', 'allowed'],
    ['a picture of an origin that is not listed',
        q{picture('/other/a.png', 'anonymous')}, 'error', 'origin-denied'],
    ['a picture without crossorigin', q{picture('/app/b.png')},
        'SecurityError', $NONE],
    ['a module script', q{module('/app/m.js')}, 'app', 'allowed'],
    ['a module script of an origin that is not listed',
        q{module('/other/m.js')}, 'error', 'origin-denied'],
    ['a sandboxed frame where null is listed', q{sandboxed('/null/get')},
        '200', 'allowed'],
    ['a sandboxed frame', q{sandboxed('/app/null')}, 'TypeError',
        'origin-denied'],
    # Firefox may repeat a preflight early.
    ['max-age', q{twice('/app/twice')}, '405', {
        firefox => qr/^preflight-allowed allowed (preflight-allowed )?allowed$/,
        '' => 'preflight-allowed allowed allowed' }],
    ['a cached picture, then a fetch', q{pictureThenFetch('/app/c.png')},
        '200', qr/^$NONE allowed$/],
);

my @FILES = qw(app/get app/credentials app/json app/put app/delete app/patch
    app/lower app/header app/unknown app/expose app/end app/null app/twice
    other/get other/put open/get open/credentials open/star
    open/authorization none/get login/get every/star private/get private/put
    forbidden/get null/get null/file);

# Fonts are nobody's to ship here; every machine with a browser has one.
sub a_font()
{
    my ($file) = glob '/usr/share/fonts/truetype/*/*.ttf';
    open my $in, '<:raw', $file // die "no font is installed\n"
        or die "$file: $!";
    local $/;
    return scalar <$in>;
}

sub files($api)
{
    my $page = "<!DOCTYPE html><title>page</title>"
        . qq{<meta name="api" content="$api"><body>};
    return {
        'page/index.html' => $page, 'htdocs/file.html' => $page,
        (map { ("htdocs/$_" => "x\n") } @FILES),
        (map { ("htdocs/$_/stream.events" => "data: tick\n\n",
            "htdocs/$_/font.ttf" => a_font(), "htdocs/$_/a.png" => $PNG,
            "htdocs/$_/b.png" => $PNG, "htdocs/$_/c.png" => $PNG,
            "htdocs/$_/m.js" => "window.loaded = '$_';\n") } qw(app other)),
    };
}

# A WebSocket backend that says hello and waits for the end.
sub start_sockets()
{
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
        or die "no free port: $!";
    my $pid = fork // die "fork: $!";
    return ($pid, $listener->sockport) if $pid;
    # Whoever reads the test's output waits until nobody has it open.
    open STDOUT, '>', '/dev/null';
    open STDERR, '>&', \*STDOUT;
    local $SIG{TERM} = sub { POSIX::_exit(0) };
    while (my $client = $listener->accept) {
        my $head = '';
        while ($head !~ /\r\n\r\n/) {
            sysread $client, $head, 4096, length $head or last;
        }
        my ($key) = $head =~ /^Sec-WebSocket-Key: (\S+)/mi or next;
        my $accept = sha1_base64(
            $key . '258EAFA5-E914-47DA-95CA-C5AB0DC85B11') . '=';
        print $client "HTTP/1.1 101 Switching Protocols\r\n"
            . "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            . "Sec-WebSocket-Accept: $accept\r\n\r\n\x81\x05hello";
        $client->flush;
        sysread $client, my $end, 1024;
    }
    POSIX::_exit(0);
}

sub configuration($page_port, $socket_port)
{
    my $origin = "http://127.0.0.1:$page_port";
    return <<"END";
Listen 127.0.0.1:$page_port
AddType text/event-stream .events
AddType image/png .png
AddType text/javascript .js
<Directory \@ROOT\@/page>
    Require all granted
</Directory>
<VirtualHost 127.0.0.1:$page_port>
    ServerName 127.0.0.1:$page_port
    DocumentRoot \@ROOT\@/page
    DirectoryIndex index.html
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName 127.0.0.1:\@PORT\@
    Redirect "/app/moved" "/app/end"
    Redirect "/none/moved" "/none/get"
    ProxyPass "/socket" "ws://127.0.0.1:$socket_port/"
    ProxyPass "/socket-other" "ws://127.0.0.1:$socket_port/"
    <LocationMatch "^/(app|private|forbidden|socket/|login|every)">
        CorsAllowOrigin  $origin
    </LocationMatch>
    <LocationMatch "^/(app|private)/">
        CorsAllowMethods  PUT PATCH
        CorsAllowHeaders  Content-Type X-A
        CorsExposeHeaders X-Shown
        CorsMaxAge        600
    </LocationMatch>
    <Location "/app/">
        Header set X-Shown yes
        Header set X-Kept yes
        Header set Cache-Control max-age=600
    </Location>
    <LocationMatch "^/(other/|socket-other)">
        CorsAllowOrigin https://elsewhere.example
        CorsEnforce     On
    </LocationMatch>
    <LocationMatch "^/(open|every)/">
        CorsAllowMethods *
        CorsAllowHeaders *
    </LocationMatch>
    <Location "/open/">
        CorsAllowOrigin *
    </Location>
    <LocationMatch "^/(login|every)/">
        CorsAllowCredentials On
    </LocationMatch>
    <Location "/null/">
        CorsAllowOrigin null
    </Location>
    <Location "/private/">
        AuthType Basic
        AuthName x
        AuthUserFile /dev/null
        Require valid-user
    </Location>
    <Location "/forbidden/">
        Require all denied
    </Location>
</VirtualHost>
END
}

# What the server decided for a path, in the order of the requests.
sub decisions($httpd, $path)
{
    return join ' ', map { (split / /)[1] }
        grep { /^\Q$path\E / } split /\n/, $httpd->access_log;
}

sub of($value, $name)
{
    return ref $value ne 'HASH' ? $value : $value->{$name} // $value->{''};
}

# Whether the decisions are what is wanted; a line may be on its way yet.
sub comes_to($httpd, $wanted, @paths)
{
    my $got = '';
    for (1 .. 60) {
        $got = join ' ', map { decisions($httpd, $_) } @paths;
        last if ref $wanted ? $got =~ $wanted : $got eq $wanted;
        sleep 0.05;
    }
    return $got;
}

# What to ask cors-check for a call of the page's script. Nothing for a
# WebSocket and a picture without crossorigin, to which CORS does not apply.
sub arguments_of($call, $origin)
{
    return if $call =~ /^socket|^picture\('[^']*'\)/;
    my ($method) = $call =~ /method: '(\w+)'/;
    my ($headers) = $call =~ /(?:headers: |^put\('[^']*', )\{([^}]*)\}/;
    $method //= 'PUT' if $call =~ /^(put|twice)/;
    $headers //= q{'X-A': '1'} if $call =~ /^twice/;
    return ('--origin', $call =~ /^sandboxed/ ? 'null' : $origin,
        $method ? ('--method', $method) : (),
        $call =~ /credentials: 'include'/ ? '--credentials' : (),
        map { ('--header', s/'//gr) }
        ($headers // '') =~ /(['\w-]+: '[^']*')/g);
}

# WebKit loads a font without CORS, so cors-check has another verdict there.
sub check_tool($httpd, $origin, $name, $case)
{
    my ($what, $call, $sees) = @$case;
    my ($path) = $call =~ /'(\/[^']+)'/;
    my @arguments = arguments_of($call, $origin) or return;
    my $seen = of($sees, $call =~ /^font/ ? 'chromium' : $name);
    my $verdict = $seen =~ /Error$|^error$/ ? 'blocked' : 'readable';
    my $facts = cors_facts($httpd->url($path), @arguments);
    is $facts->{verdict}, $verdict, "$what: cors-check has the same verdict";
    is $facts->{status}, $seen, "$what: and reads the same status"
        if $seen =~ /^\d+$/;
    return;
}

sub check($httpd, $browser, $name, $case)
{
    my ($what, $call, $sees, $decided) = @$case;
    my ($path) = $call =~ /'(\/[^']+)'/;
    is $browser->run("$SCRIPT\nreturn $call;"), of($sees, $name),
        "$what: what the script sees";
    my $wanted = of($decided, $name);
    my $got = comes_to($httpd, $wanted, $path,
        $path eq '/app/moved' ? '/app/end' : ());
    my $message = "$what: what the server decided";
    ref $wanted ? like($got, $wanted, $message) : is($got, $wanted, $message);
    return;
}

my $socket_pid;
END { kill TERM => $socket_pid if $socket_pid }

sub run($name)
{
    ($socket_pid, my $socket_port) = start_sockets();
    my $page_port = Test::Httpd->free_port;
    my $httpd = Test::Httpd->config(
        modules => [qw(alias auth_basic authn_file authz_user dir headers mime
            proxy proxy_wstunnel)],
        log_format => '%U %{CORS_DECISION}e %m %>s',
        files => files('http://127.0.0.1:@PORT@'),
        config => configuration($page_port, $socket_port))->start;
    $httpd->expect(qr/client denied by server configuration/);
    my $browser = Test::Browser->start($name);
    $browser->go("http://127.0.0.1:$page_port/");
    for my $case (@CASES) {
        check($httpd, $browser, $name, $case);
        check_tool($httpd, "http://127.0.0.1:$page_port", $name, $case);
    }

    $browser->go('file://' . $httpd->root . '/htdocs/file.html');
    is $browser->run("$SCRIPT\nreturn get('/null/file');"), '200',
        'a file where null is listed: what the script sees';
    is comes_to($httpd, 'allowed', '/null/file'), 'allowed',
        'a file where null is listed: what the server decided';
    is cors_facts($httpd->url('/null/file'), '--origin', 'null')->{verdict},
        'readable', 'a file where null is listed: cors-check agrees';

    $browser->stop;
    kill TERM => $socket_pid;
    waitpid $socket_pid, 0;
    undef $socket_pid;
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    done_testing;
    return;
}

1;
