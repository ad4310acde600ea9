package Bench::Bounds;

# What mod_cors may cost. The figures are measured by bench/requests and
# bench/growth; their names are the keys.

use strict;
use warnings;
use Exporter qw(import);
use Bench::Table qw(with_commas);

our @EXPORT_OK = qw(show_bounds);

# 1: bench/run fails if a bound of the second table is exceeded.
my $ALL_ARE_ENFORCED = 0;

# Instructions of a request over httpd alone. These are always enforced: a line
# moves here from the second table when it is to stay so.
my @ENFORCED = (
    'server config: allowed'               => 3_500,
    'server config: no Origin'             => 1_650,
    'server config: denied'                => 2_050,
    'server config: preflight, over floor' => 1_100,
);

my @WANTED = (
    (map {
        ("$_: allowed"   => 3_500,
         "$_: no Origin" => 1_650,
         "$_: denied"    => 2_050,
         "$_: preflight" => -250)
    } '<Directory>', '<Location "/">'),
    'server config: allowed'    => 3_200,
    'server config: no Origin'  => 1_350,
    'server config: denied'     => 1_750,
    'no policy: no Origin'      => 350,
    '.htaccess, six lines: allowed'  => 36_000,
    '.htaccess, 16 regexes: allowed' => 600_000,

    # Growth: how many times as much the larger number costs.
    'Origins in the list: most over two'           => 1.2,
    'Credentials, half are http: most over two'    => 1.2,
    '500 names of 500, over 10 of 10'              => 40,
    '+ over 100 <Location> sections, over 10'      => 12,
    '+ over 100 <Directory> sections, over 10'     => 12,

    'microseconds of httpd -t, per origin'         => 1.5,
    'bytes of memory, per origin'                  => 400,
    'bytes of memory, not shared, per origin'      => 20,
    'a logged refusal with 10,000 origins'         => 12_000,
);

# Processors differ in what they count: what a figure may exceed its bound by,
# in per cent of the whole request.
my $TOLERANCE = ($ENV{BENCH_TOLERANCE} || 0) / 100;

# Shows the figures, {name => [value, the whole request or 0]}, beside their
# bounds. Returns how many enforced bounds are exceeded.
sub show_bounds
{
    my ($figures) = @_;
    return show($figures, 1, @ENFORCED)
        + show($figures, $ALL_ARE_ENFORCED, @WANTED);
}

sub show
{
    my ($figures, $is_enforced, @bounds) = @_;
    my $exceeded = 0;
    while (my ($name, $at_most) = splice @bounds, 0, 2) {
        my ($value, $whole) = @{ $figures->{$name} // next };
        my $is_over = $value > $at_most + $TOLERANCE * $whole;
        $exceeded += $is_over;
        printf "%-42s %9s, at most %7s%s\n", $name, with_commas($value),
            with_commas($at_most), !$is_over ? '' : $is_enforced ?
            '  TOO MUCH' : '  too much, not enforced yet';
    }
    return $is_enforced ? $exceeded : 0;
}

1;
