package Test::Answers;

# A server on loopback that answers with what a function of the test returns:
#
#   my $server = Test::Answers->start(sub ($request) {
#       return "HTTP/1.1 200 OK\r\n\r\n";    # or writes to $request->{client}
#   });
#   $server->url('/x'), $server->stop
#
# $request is {method, target, headers => {name => value}, client}. Each
# connection is served by a new process, for one request, so the function cannot
# remember anything.

use v5.32;
use warnings;
use experimental 'signatures';
use IO::Socket::INET;
use POSIX ();

sub start($class, $answer)
{
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        Listen => 64, ReuseAddr => 1) or die "no free port: $!\n";
    my $pid = fork // die "fork: $!\n";
    return bless { pid => $pid, port => $listener->sockport, owner => $$ },
        $class if $pid;
    # A reader of the test's output waits until nobody has it open.
    open STDOUT, '>', '/dev/null';
    $SIG{$_} = 'DEFAULT' for qw(TERM INT);
    $SIG{CHLD} = $SIG{PIPE} = 'IGNORE';
    while (1) {
        my $client = $listener->accept or next;
        next if fork // die "fork: $!\n";
        alarm 60;
        serve($client, $answer);
        POSIX::_exit(0);
    }
}

sub serve($client, $answer)
{
    my ($method, $target) = (readline($client) // '') =~ /^(\S+) (\S+)/
        or return;
    my %headers;
    while (defined(my $line = readline $client)) {
        last if $line =~ /^\r?\n$/;
        $headers{lc $1} = $2 if $line =~ /^([^:]+): *(.*?)\r?\n$/;
    }
    $client->autoflush;
    print {$client} $answer->({ method => $method, target => $target,
        headers => \%headers, client => $client }) // '';
    shutdown $client, 1;
    return;
}

sub port($self) { return $self->{port} }

sub url($self, $path = '/') { return "http://127.0.0.1:$self->{port}$path" }

sub stop($self)
{
    return if $self->{owner} != $$;
    my $pid = delete $self->{pid} or return;
    local ($?, $!);
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

sub DESTROY($self) { $self->stop; return }

1;
