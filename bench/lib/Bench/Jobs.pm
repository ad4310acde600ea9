package Bench::Jobs;

# Some jobs at a time, each in a process of its own.

use v5.36;
use Exporter qw(import);

our @EXPORT_OK = qw(in_parallel);

my $WIDTH = 2;

# Jobs are [name => sub that returns a string]. done is called with a name
# and what its job returned, in the order of the jobs.
sub in_parallel($done, @jobs)
{
    my @running;
    while (@jobs || @running) {
        push @running, start(shift @jobs) while @jobs && @running < $WIDTH;
        my ($name, $out) = @{ shift @running };
        my $text = do { local $/; <$out> } // '';
        close $out or die "$name failed\n";
        $done->($name, $text);
    }
    return;
}

sub start($job)
{
    my ($name, $work) = @$job;
    my $pid = open(my $out, '-|') // die "fork: $!\n";
    return [$name, $out] if $pid;
    print $work->();
    exit 0;
}

1;
