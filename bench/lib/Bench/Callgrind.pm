package Bench::Callgrind;

# A private httpd whose instructions callgrind counts, over all threads.
#
#   my $httpd = Bench::Callgrind->config(...)->start;   # as Test::Httpd's
#   $httpd->rounds("GET / HTTP/1.1\n", 5, 20, 120);     # five slopes
#
# callgrind writes its counts to a new file before httpd creates a connection,
# so each file has the cost of one connection of the client. The cost of one
# request is the slope over the number of requests: it leaves out the cost of
# the connection.

use strict;
use warnings;
use parent 'Test::Httpd';
use POSIX ();
use Time::HiRes qw(sleep time);

my $START_SECONDS = 900;

# No access log, and a single <Directory> section, which is the caller's.
sub main_config
{
    my ($self) = @_;
    my $config = $self->SUPER::main_config;
    $config =~ s/^CustomLog .*\n//m
        && $config =~ s{^<Directory.*?</Directory>\n}{}ms
        or die "the launcher's configuration has changed\n";
    return "MaxKeepAliveRequests 0\n$config";
}

# -X: a single process. Test::Httpd stops the process that it has started, so
# valgrind replaces it by exec.
sub spawn
{
    my ($self) = @_;
    my $root = $self->root;
    my @command = (qw(valgrind --tool=callgrind --vgdb=no --quiet),
        "--callgrind-out-file=$root/var/counts",
        '--dump-before=ap_run_create_connection',
        $self->binary, '-X', '-d', $root, '-f', "$root/conf/httpd.conf");
    my $pid = fork // die "fork: $!\n";
    return $pid if $pid;
    POSIX::setsid();
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', "$root/logs/stderr" and open STDERR, '>&', \*STDOUT;
    { no warnings 'exec'; exec { $command[0] } @command }
    print "valgrind: $!\n";
    POSIX::_exit(127);
}

sub wait_until_up
{
    my ($self) = @_;
    my $deadline = time + $START_SECONDS;
    while (time < $deadline && !$self->has_ended) {
        return 1 if $self->is_listening;
        sleep 0.05;
    }
    return 0;
}

# ---- rest ----

# Returns when every thread of the server sleeps. If the next request comes
# earlier, httpd may read it without a detour over its listener: the rounds of a
# GET then differ by 480 instructions, and by 4 to 15 with this rest.
#
# A thread that sleeps in both of two looks, with as many context switches, has
# slept in between. So there was a moment when all of them slept, and only the
# client can wake them.
sub rest
{
    my ($self) = @_;
    my $before = '';
    my $deadline = time + 60;
    while (time < $deadline) {
        my $now = $self->sleepers;
        return if $now ne '' && $now eq $before;
        $before = $now;
        sleep 0.0002;
    }
    die "httpd does not come to rest\n";
}

# The context switches of all threads, or '' if one does not sleep.
sub sleepers
{
    my ($self) = @_;
    $self->{tasks} ||= [map { open my $task, '<', $_ or die "$_: $!\n"; $task }
        glob "/proc/$self->{pid}/task/*/status"];
    my $switches = '';
    for my $task (@{ $self->{tasks} }) {
        sysseek $task, 0, 0;
        sysread $task, my $status, 4096 or die "a thread of httpd ended\n";
        $status =~ /^State:\tS.*^voluntary_ctxt_switches:(\t\d+)/ms
            or return '';
        $switches .= $1;
    }
    return $switches;
}

# ---- counts ----

# Instructions for one request, in each of some rounds. The first round is left
# out, because httpd's pools grow in it.
sub rounds
{
    my ($self, $text, $rounds, $few, $many) = @_;
    my @counts = map {
        my ($less, $more) = map { $self->connection_cost($text, $_) }
            $few, $many;
        ($more - $less) / ($many - $few)
    } 0 .. $rounds;
    return @counts[1 .. $rounds];
}

# httpd connects to itself or to a backend at times. That divides the counts,
# so such a connection is counted once more.
sub connection_cost
{
    my ($self, $text, $requests) = @_;
    for (1 .. 5) {
        my $from = $self->on_connection($text, $requests);
        my $to = $self->on_connection($text, 1);
        return $self->counted($to) if $to == $from + 1;
    }
    die "httpd creates more connections than the client\n";
}

# Returns the number of the last file when the connection was created.
sub on_connection
{
    my ($self, $text, $requests) = @_;
    my $connection = $self->connection(timeout => 60);
    my $file;
    for (1 .. $requests) {
        $connection->send($text);
        $connection->response;
        $self->rest;
        $file //= $self->last_file;
    }
    $connection->close;
    $self->rest;
    return $file;
}

sub last_file
{
    my ($self) = @_;
    my ($last) = sort { $b <=> $a } map { /\.(\d+)\z/ ? $1 : () }
        glob $self->root . '/var/counts.*';
    return $last // die "callgrind wrote no counts\n";
}

sub counted
{
    my ($self, $file) = @_;
    my ($total) = $self->slurp("var/counts.$file") =~ /^totals: (\d+)$/m;
    return $total // die "callgrind's counts cannot be read\n";
}

1;
