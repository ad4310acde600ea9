# Runs the cases in two processes, each with its own servers. See run.

use strict;
use warnings;
use Random::Configuration qw(random_configuration);
use Random::Oracle qw(CORS_HEADERS);
use Random::Requests qw(random_request);
use Random::Servers;
use Random::Shrink qw(shrunk as_test);

use constant { PROCESSES => 2, REQUESTS => 100, SHOWN => 3 };

# The configuration and the requests of a seed. File::Temp draws numbers, too.
sub from_seed
{
    my ($seed) = @_;
    srand $seed;
    my $configuration = random_configuration();
    return ($configuration,
        map { random_request($configuration) } 1 .. REQUESTS);
}

sub show
{
    my ($seed, $configuration, $case, $backend) = @_;
    ($configuration, $case) = shrunk($configuration, $case, $backend);
    print "Seed $seed: the response differs in: $case->{differs}\n\n",
        as_test($configuration, $case), "\n";
}

# What one seed adds to the counts.
sub run_seed
{
    my ($seed, $backend, $count) = @_;
    my ($configuration, @requests) = from_seed($seed);
    my $servers = eval { Random::Servers->start($configuration, $backend) };
    if (!$servers) {
        print "Seed $seed: the configuration is refused:\n$@\n";
        return $count->{differences}++;
    }
    my @cases = eval { $servers->run(@requests) };
    my $trouble = $@ . $servers->stop;
    $count->{cases} += @cases;
    $count->{ $_->{expected}{decision} }++ for @cases;
    if ($trouble) {
        print "Seed $seed: the server broke off: $trouble\n";
        $count->{differences}++;
    }
    for my $case (grep { $_->{differs} } @cases) {
        $count->{differences}++;
        show($seed, $configuration, $case, $backend)
            if !$count->{shown}{ $case->{differs} }++
            && keys %{ $count->{shown} } <= SHOWN;
    }
}

# The seeds of one process. Returns the counts as text.
sub run_process
{
    my ($first, $seeds, $start) = @_;
    my %count = (cases => 0, differences => 0);
    my $backend = Random::Servers::backend();
    for (my $i = $first; $i < $seeds; $i += PROCESSES) {
        run_seed($start + $i, $backend, \%count);
    }
    delete $count{shown};
    return join ' ', %count;
}

sub start_process
{
    my (@arguments) = @_;
    my $pid = open(my $from, '-|') // die "fork: $!\n";
    return $from if $pid;
    open my $to, '>&', \*STDOUT or die "stdout: $!\n";
    open STDOUT, '>&', \*STDERR or die "stdout: $!\n";
    $| = 1;
    print {$to} run_process(@arguments);
    exit 0;
}

my $cases = $ARGV[0] // 20_000;
my $seed = $ARGV[1] // 1;
my $seeds = int(($cases + REQUESTS - 1) / REQUESTS);
my %total = (cases => 0, differences => 0, '-' => 0);
my @processes = map { start_process($_, $seeds, $seed) } 0 .. PROCESSES - 1;
for my $process (@processes) {
    my %count = split / /, <$process> // die "A process ended too early\n";
    $total{$_} += $count{$_} for keys %count;
}
my ($done, $differences) = delete @total{qw(cases differences)};
$total{'no decision'} = delete $total{'-'};
print "$total{$_} $_\n" for sort keys %total;
print "$done cases, $differences differences, seed $seed\n";
exit($differences || $done < $cases ? 1 : 0);
