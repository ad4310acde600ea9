package Test::Httpd;

# A private httpd for one test: its own root, port, modules and logs.
#
#   my $httpd = Test::Httpd->config(
#       modules => [qw(headers)],       # without mod_ and .so
#       config  => 'Header set X y',    # the end of the main server
#       main    => 'Define NAME value', # ahead of everything but LoadModule
#       files   => {'htdocs/x.txt' => 'text', 'htdocs/y.cgi' => "#!..."},
#       mpm => 'event', log_level => 'cors:debug', log_format => '%>s',
#       server_name => 'www.example.com', cors => 1)->start;
#
# @ROOT@, @DOCROOT@ and @PORT@ are replaced in config, main and files.
# @ROOT@/var belongs to the server's user. Line n of config is line n of
# conf/test.conf.
#
#   request, raw, pipeline, connection, h2      see Test::Httpd::Client
#   expect, complaints                          see Test::Httpd::Log
#   error_log, access_log, clear_log, restart_gracefully, stop
#   port, root, docroot, url, free_port, user, check_config
#   at_least, longest_for_scripts               what this httpd can
#
# Any httpd can be tested. APXS=/usr/local/apache2/bin/apxs names one; HTTPD,
# the program, and HTTPD_MODULES, the directory of its modules, name one that
# has no apxs. MOD_CORS, TEST_MPM, TEST_ASAN (the libasan.so that a module
# built with ASan needs) and TEST_KEEP=1 (leave the root) change how it runs.

use v5.32;
use warnings;
use experimental 'signatures';
use parent 'Test::Httpd::Config';
use File::Glob qw(bsd_glob);
use IO::Socket::INET;
use POSIX qw(WNOHANG);
use Scalar::Util qw(weaken);
use Time::HiRes qw(sleep time);

use Test::Httpd::Client;
use Test::Httpd::Log;

my $START_SECONDS = $ENV{TEST_ASAN} ? 60 : 15;
my %running;

# What httpd -t says of a configuration: {ok, output}. Takes what config()
# takes, and args => ['-D', 'NAME'].
sub check_config($class, %args)
{
    my @args = @{ delete $args{args} // [] };
    my $self = $class->config(%args);
    waitpid $self->spawn('-t', @args), 0;
    return { ok => $? == 0, output => $self->slurp('logs/stderr') };
}

# ---- start and stop ----

# httpd stays in the foreground as a child of the test: its end can be
# waited for, and nothing but it is ever signalled. It gets a process group of
# its own, because it ends its whole group when it stops.
sub spawn($self, @args)
{
    my $root = $self->{root};
    my @command = ($self->binary, '-d', $root,
        '-f', "$root/conf/httpd.conf", @args);
    my $pid = fork // die "fork: $!\n";
    return $pid if $pid;
    POSIX::setsid();
    if ($ENV{TEST_ASAN}) {
        $ENV{LD_PRELOAD} = $ENV{TEST_ASAN};
        $ENV{ASAN_OPTIONS} //= 'detect_leaks=0:abort_on_error=0';
    }
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', "$root/logs/stderr" and open STDERR, '>&', \*STDOUT;
    { no warnings 'exec'; exec { $command[0] } @command }
    POSIX::_exit(127);
}

# Somebody else may take the port between its choice and httpd's bind().
sub start($self)
{
    for (1 .. 5) {
        $self->{pid} = $self->spawn('-DFOREGROUND');
        return $self->started if $self->wait_until_up;
        last if $self->output !~ /Address already in use/;
        $self->{port} = $self->free_port;
        $self->write_files;
    }
    die "httpd did not start:\n", $self->output;
}

sub started($self)
{
    weaken($running{ $self->{pid} } = $self);
    return $self;
}

# The last line of a start, so that none of it comes later. httpd listens a
# moment before it is written.
sub has_said_so($self)
{
    open my $log, '<', "$self->{root}/logs/error_log" or return 0;
    return scalar grep { /AH00094/ } <$log>;
}

sub wait_until_up($self)
{
    my $deadline = time + $START_SECONDS;
    while (!$self->has_ended) {
        return 1 if $self->is_listening && $self->has_said_so
            && $self->has_script_socket;
        last if time > $deadline;
        sleep 0.005;
    }
    $self->kill_group if $self->{pid};
    return 0;
}

# httpd writes its pid file only when it has its port.
sub is_listening($self)
{
    my $pid = $self->slurp('run/httpd.pid');
    return $pid =~ /^$self->{pid}$/ && IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $self->{port});
}

# mod_cgid's daemon creates its socket as root, and then gives it to the server's
# user. A request in between gets 503.
sub has_script_socket($self)
{
    return 1 if !grep { $_ eq 'cgid' } @{ $self->{modules} };
    my ($socket) = bsd_glob("$self->{root}/run/cgisock*") or return 0;
    my $owner = (stat $socket)[4] // return 0;
    return $> != 0 || $owner == getpwnam $self->user;
}

# An exit is told once only, so it is remembered.
sub has_ended($self)
{
    return 1 if !$self->{pid};
    return 0 if waitpid($self->{pid}, WNOHANG) == 0;
    delete $running{ delete $self->{pid} };
    return 1;
}

# The last resort.
sub kill_group($self)
{
    kill 'KILL', -$self->{pid}, $self->{pid};
    waitpid $self->{pid}, 0;
    delete $running{ delete $self->{pid} };
    return;
}

# mpm_event may crash when SIGTERM comes right behind a request, so the server
# rests for a moment. Who was alive when the stop was asked for is noted: a
# crash that came earlier may be logged only now.
sub stop($self)
{
    return if !$self->{pid} || $self->{owner} != $$;
    local ($?, $!);
    sleep 0.05;
    $self->{alive} = [grep { is_alive($_) } $self->children];
    kill 'TERM', $self->{pid};
    my $deadline = time + 20;
    while (!$self->has_ended) {
        return $self->kill_group if time > $deadline;
        sleep 0.005;
    }
    return;
}

sub DESTROY($self) { $self->stop; return }

END { $_ && $_->stop for values %running }

# Comes back when the new generation has logged that it is up and the old
# children have gone, or a second later when connections hold them.
sub restart_gracefully($self)
{
    my @old = $self->children;
    my $ups = $self->ups;
    kill 'USR1', $self->{pid};
    wait_for($START_SECONDS, sub {
        return $self->has_ended || $self->ups > $ups;
    }) && $self->{pid} or die "httpd did not restart:\n", $self->output;
    wait_for(1, sub { !grep { is_alive($_) } @old });
    return $self;
}

# How often this server has come up.
sub ups($self)
{
    return scalar(() = $self->output =~ /resuming normal operations/g);
}

sub children($self)
{
    my $file = "/proc/$self->{pid}/task/$self->{pid}/children";
    open my $in, '<', $file or return;
    return split ' ', <$in> // '';
}

# The dead whom their parent has not yet noticed have no exe any more.
sub is_alive($pid) { return defined readlink "/proc/$pid/exe" }

sub wait_for($seconds, $condition)
{
    my $deadline = time + $seconds;
    while (!$condition->()) {
        return 0 if time > $deadline;
        sleep 0.01;
    }
    return 1;
}

# ---- the logs ----

sub slurp($self, $path)
{
    open my $in, '<:raw', "$self->{root}/$path" or return '';
    local $/;
    return <$in> // '';
}

# All that httpd said, before it opened its log and after.
sub output($self)
{
    return $self->slurp('logs/stderr') . $self->slurp('logs/error_log');
}

# The text since the last clear_log. httpd writes some lines after the
# response has left, so with a pattern this waits for a match, 2 s at most.
sub error_log($self, $pattern = undef)
{
    return $self->log_text('logs/error_log', $pattern);
}

sub access_log($self, $pattern = undef)
{
    return $self->log_text('logs/access_log', $pattern);
}

sub log_text($self, $path, $pattern)
{
    my $text = '';
    wait_for(2, sub {
        $text = substr $self->slurp($path), $self->{log_from}{$path} // 0;
        return !defined $pattern || $text =~ $pattern;
    });
    return $text;
}

# complaints() still sees what was cleared.
sub clear_log($self)
{
    $self->{log_from}{$_} = -s "$self->{root}/$_"
        for qw(logs/error_log logs/access_log);
    return;
}

# Lines of the error log that this test provokes on purpose.
sub expect($self, @patterns)
{
    push @{ $self->{expected} }, @patterns;
    return $self;
}

# '' or what is wrong with the error log; stops the server first, so that
# what happens on stopping is seen too.
sub complaints($self)
{
    $self->stop;
    return Test::Httpd::Log::complaints(
        before   => $self->slurp('logs/stderr'),
        log      => $self->slurp('logs/error_log'),
        alive    => $self->{alive} // [],
        mpm      => $self->{mpm},
        expected => $self->{expected});
}

# ---- requests ----

sub connection($self, %options)
{
    return Test::Httpd::Client->new($self->{port}, %options);
}

# One request on a connection of its own.
sub request($self, $text, %options)
{
    my $connection = $self->connection(%options);
    $connection->send($text);
    return $connection->response;
}

# Several requests, sent at once on one connection; the list of responses.
sub pipeline($self, @texts)
{
    my $connection = $self->connection;
    $connection->send(@texts);
    return map { $connection->response } @texts;
}

# Bytes as they are; the list of responses until httpd closes, or until there
# are as many as asked for: responses => 2, methods => ['HEAD', 'GET'].
sub raw($self, $bytes, %options)
{
    my @methods = @{ delete $options{methods} // [] };
    my $wanted = delete $options{responses};
    my $connection = $self->connection(%options);
    $connection->send_raw($bytes);
    my @responses;
    until (defined $wanted ? @responses == $wanted : $connection->at_end) {
        my ($method) = shift(@methods) // $bytes =~ /\A(\S+) /;
        push @responses, $connection->response(method => $method);
    }
    return @responses;
}

# One request over HTTP/2; modules has to name http2.
sub h2($self, $text, %options)
{
    return Test::Httpd::Client::h2($self->{port}, $text,
        dir => $self->{root}, %options);
}

1;
