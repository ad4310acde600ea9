package Bench::Table;

# Figures in columns.

use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(row with_commas more);

sub row
{
    my ($name, @cells) = @_;
    return join('', sprintf('%-26s', $name),
        map { sprintf '%20s', $_ } @cells) . "\n";
}

# Small numbers are ratios, so they have decimals.
sub with_commas
{
    my ($number) = @_;
    my $text = sprintf abs $number < 100 && $number != int $number
        ? '%.2f' : '%.0f', $number;
    1 while $text =~ s/^(-?\d+)(\d{3})/$1,$2/;
    return $text;
}

# A difference.
sub more
{
    my ($number) = @_;
    return ($number < 0 ? '' : '+') . with_commas(sprintf '%.0f', $number);
}

1;
