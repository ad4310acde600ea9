package Bench::Jobs;

# Two jobs at a time, each in a process of its own.

use strict;
use warnings;
use Exporter qw(import);
use IO::Select;

our @EXPORT_OK = qw(in_parallel);

# A job is a function that returns numbers. Returns a list of numbers for each
# job, in the order of the jobs.
sub in_parallel
{
    my @jobs = @_;
    my $running = IO::Select->new;
    my (%number, @results);
    for my $number (0 .. $#jobs) {
        finish($running, \%number, \@results) if $running->count == 2;
        my $out = start($jobs[$number]);
        $running->add($out);
        $number{$out} = $number;
    }
    finish($running, \%number, \@results) while $running->count;
    return @results;
}

sub start
{
    my ($job) = @_;
    my $pid = open(my $out, '-|') // die "fork: $!\n";
    return $out if $pid;
    print join ' ', $job->();
    exit 0;
}

# Waits for one of the jobs.
sub finish
{
    my ($running, $number, $results) = @_;
    my ($out) = $running->can_read;
    $running->remove($out);
    $results->[$number->{$out}] = [split ' ', do { local $/; <$out> } // ''];
    close $out or die "a job failed\n";
    return;
}

1;
