# cors-check is for every server: Express with its "cors", nginx with the lines
# that everybody copies, and PHP by hand, each as it runs. What a browser
# refuses is blocked, what it reads is readable, and the audit finds exactly
# the mistakes of each.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use File::Temp;
use IO::Socket::INET;
use POSIX ();
use Test::Answers;
use Test::Backend;
use Test::Browser;
use Test::CorsCheck;
use Test::Httpd;
use Test::More;
use Time::HiRes qw(sleep);

my $pages = Test::Answers->start(sub ($request) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        . '<!DOCTYPE html><title>page</title>';
});
my $PAGE = $pages->url('') =~ s{/\z}{}r;
$ENV{APP_ORIGIN} = $PAGE;
my $dir = File::Temp->newdir('others-XXXXXX', TMPDIR => 1);
my %pids;
END { kill TERM => values %pids if %pids }

my $node = Test::Backend->node('t/backend/express.js');
my %base = (express => 'http://127.0.0.1:' . $node->port,
    nginx => start_nginx(), php => start_php());

# A server in the foreground, that is up when its port is.
sub start($name, $port, @command)
{
    my $pid = $pids{$name} = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', "$dir/$name.log" and open STDERR, '>&', \*STDOUT;
        exec @command or POSIX::_exit(127);
    }
    for (1 .. 200) {
        return "http://127.0.0.1:$port"
            if IO::Socket::INET->new("127.0.0.1:$port");
        sleep 0.05;
    }
    die "$name does not start\n";
}

sub start_php()
{
    my $port = Test::Httpd->free_port;
    local $ENV{COUNT_FILE} = "$dir/count";
    return start('php', $port, 'php', '-q', '-S', "127.0.0.1:$port",
        't/backend/own_cors.php');
}

# What is usual: the recipe for "*" with its 204, a map with "always", lines
# without "always", and lines in front of a backend that sends its own.
sub start_nginx()
{
    my $port = Test::Httpd->free_port;
    my $page = quotemeta $PAGE;
    my $paths = join "\n", map { "${_}_temp_path $dir/$_;" }
        qw(client_body proxy fastcgi uwsgi scgi);
    open my $out, '>', "$dir/nginx.conf" or die "$dir: $!";
    print $out <<"END";
worker_processes 1;
pid $dir/nginx.pid;
error_log stderr;
events { }
http {
    access_log off;
    $paths
    map \$http_origin \$allowed {
        "~^$page\$" \$http_origin;
    }
    server {
        listen 127.0.0.1:$port;
        root $dir/htdocs;
        location /usual/ {
            if (\$request_method = 'OPTIONS') {
                add_header 'Access-Control-Allow-Origin' '*';
                add_header 'Access-Control-Allow-Methods' 'GET, POST, OPTIONS';
                add_header 'Access-Control-Allow-Headers' 'Content-Type,Range';
                add_header 'Access-Control-Max-Age' 1728000;
                return 204;
            }
            add_header 'Access-Control-Allow-Origin' '*' always;
        }
        location /map/ {
            add_header Access-Control-Allow-Origin \$allowed always;
            add_header Access-Control-Allow-Credentials true always;
            add_header Vary Origin always;
        }
        location /errors/ {
            add_header Access-Control-Allow-Origin \$allowed;
            add_header Vary Origin always;
        }
        location /any/ {
            add_header Access-Control-Allow-Origin \$http_origin always;
            add_header Access-Control-Allow-Credentials true always;
        }
        location /twice/ {
            add_header Access-Control-Allow-Origin * always;
            proxy_pass http://127.0.0.1:@{[ $node->port ]}/any/;
        }
    }
}
END
    close $out;
    for my $path (qw(usual map errors any)) {
        system 'mkdir', '-p', "$dir/htdocs/$path";
        open my $file, '>', "$dir/htdocs/$path/200" or die $!;
        print $file "x\n";
    }
    # sh t/run unpacks it there.
    local $ENV{PATH} = "build/nginx/usr/sbin:$ENV{PATH}";
    return start('nginx', $port, 'nginx', '-e', 'stderr', '-p', "$dir", '-c',
        "$dir/nginx.conf", '-g', 'daemon off; master_process off;');
}

# The requests of a script, as options of fetch() and of cors-check.
my %ASK = (
    get => [{}],
    login => [{ credentials => 'include' }, '--credentials'],
    put => [{ method => 'PUT' }, '--method', 'PUT'],
    json => [{ method => 'POST', body => '{}', headers =>
        { 'Content-Type' => 'application/json' } }, '--method', 'POST',
        '--header', 'Content-Type'],
    token => [{ headers => { 'X-Token' => 1 } }, '--header', 'X-Token'],
    delete => [{ method => 'DELETE', credentials => 'include' }, '--method',
        'DELETE', '--credentials'],
);
my @PATHS = ((map { ("express/$_/200", "express/$_/404", "php/$_/200",
        "php/$_/404") } qw(any app echo list)), 'express/none/200',
    'nginx/twice/200', map { ("nginx/$_/200", "nginx/$_/404") }
        qw(usual map errors any));
my @CASES = map { my $path = $_; map { [$path, $_] } sort keys %ASK } @PATHS;

sub url_of($path) { return $path =~ s{^(\w+)}{$base{$1}}r }

my $script = 'const seen = []; for (const [url, options] of arguments[0])'
    . ' seen.push(await fetch(url, options).then((r) => String(r.status),'
    . ' (e) => "blocked")); return seen;';
my @questions = map { [url_of($_->[0]), $ASK{ $_->[1] }[0]] } @CASES;
my @tool = map {
    my (undef, @arguments) = @{ $ASK{ $_->[1] } };
    my $facts = cors_facts(url_of($_->[0]), '--origin', $PAGE, @arguments);
    $facts->{verdict} eq 'blocked' ? 'blocked' : $facts->{status};
} @CASES;
for my $engine (qw(chromium firefox webkit)) {
    my $browser = Test::Browser->start($engine);
    $browser->go("$PAGE/");
    my @seen = @{ $browser->run($script, \@questions) };
    is $tool[$_], $seen[$_], "$engine and cors-check see the same:"
        . " $CASES[$_][1] $CASES[$_][0]" for 0 .. $#CASES;
    $browser->stop;
}

# Path, arguments, what the audit finds.
my @AUDITS = (
    ['express/any/200', [], ''], ['express/app/200', ['--credentials'], ''],
    ['express/list/200', [], ''],
    ['express/echo/200', ['--credentials'], 'reflection'],
    ['php/any/200', [], ''], ['php/app/200', ['--credentials'], ''],
    ['php/list/200', [], ''],
    ['php/echo/200', ['--credentials'], 'reflection'],
    ['nginx/usual/200', [], ''], ['nginx/map/200', ['--credentials'], ''],
    ['nginx/errors/200', [], 'error, error'],
    ['nginx/any/200', ['--credentials'],
        'reflection, vary, vary, vary'],
    ['nginx/twice/200', [], 'blocked'],
);
for my $case (@AUDITS) {
    my ($path, $arguments, $ids) = @$case;
    my $facts = cors_facts('--audit', url_of($path), '--origin', $PAGE,
        @$arguments);
    is join(', ', sort map { $_->{id} } @{ $facts->{findings} }), $ids,
        "the audit of $path finds exactly its mistakes";
}

kill TERM => $pids{$_} and waitpid delete $pids{$_}, 0 for sort keys %pids;
open my $log, '<', "$dir/nginx.log" or die $!;
is join('', grep { !/ENOENT|No such file|Not a directory|\(20:/ } <$log>), '',
    'nothing unexpected in the error log of nginx';
is $node->log, '', 'and none of Express';
done_testing;
