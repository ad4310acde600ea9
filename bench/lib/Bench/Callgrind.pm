package Bench::Callgrind;

# A private httpd whose instructions are counted, as callgrind counts them.
#
#   my $httpd = Bench::Callgrind->config(...)->start;   # as Test::Httpd's
#   $httpd->instructions("GET / HTTP/1.1\n");           # for one request
#
# callgrind writes down what it has counted whenever httpd takes a new
# connection, so what lies between two of them is one connection's cost.

use v5.36;
use parent 'Test::Httpd';
use Time::HiRes qw(sleep time);

# Between these two numbers of requests lies the slope: what a start, a
# connection and a first request cost cancels out.
my ($FEW, $MANY) = (500, 1500);

my $START_SECONDS = 300;

# -X: one process, no children. Only what Test::Httpd would have started, too,
# can be stopped by it, so valgrind becomes httpd by exec.
sub spawn($self, @)
{
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

sub wait_until_up($self)
{
    my $deadline = time + $START_SECONDS;
    while (time < $deadline && !$self->has_ended) {
        return 1 if $self->is_listening;
        sleep 0.05;
    }
    return 0;
}

# The slope, in instructions per request.
sub instructions($self, $text)
{
    my ($few, $many) = map { $self->connection_cost($text, $_) }
        $FEW, $MANY;
    return ($many - $few) / ($MANY - $FEW);
}

# Something else may connect just then, and so divide the count: once more.
sub connection_cost($self, $text, $requests)
{
    for (1 .. 5) {
        my $count = $self->counted_connection($text, $requests);
        return $count if defined $count;
    }
    die "callgrind wrote no counts\n";
}

# A request that is there before the last one was tidied up is read without a
# detour over the listener; whether it is depends on the machine's mood. So
# the client rests as long as the response took.
sub counted_connection($self, $text, $requests)
{
    my $connection = $self->connection(timeout => 60);
    my $from = $self->accepted($connection, $text);
    for (2 .. $requests) {
        my $start = time;
        $connection->send($text);
        $connection->response;
        sleep(time - $start + 0.001);
    }
    $connection->close;
    my $next = $self->connection(timeout => 60);
    my $to = $self->accepted($next, $text);
    $next->close;
    return $to == $from + 1 ? $self->counted($to) : undef;
}

# The number of callgrind's last file once the connection was taken.
sub accepted($self, $connection, $text)
{
    $connection->send($text);
    $connection->response;
    my @numbers = map { /\.(\d+)\z/ ? $1 : () }
        glob $self->root . '/var/counts.*';
    my ($last) = sort { $b <=> $a } @numbers;
    return $last // die "callgrind wrote no counts\n";
}

sub counted($self, $number)
{
    my ($total) = $self->slurp("var/counts.$number") =~ /^totals: (\d+)$/m;
    return $total // die "callgrind's counts can't be read\n";
}

1;
