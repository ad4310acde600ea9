package Bench::Table;

# Figures, for people.

use v5.36;
use Exporter qw(import);

our @EXPORT_OK = qw(row with_commas more);

sub row($name, @cells)
{
    return join('', sprintf('%-20s', $name),
        map { sprintf '%13s', $_ } @cells) . "\n";
}

sub with_commas($number)
{
    my $text = sprintf '%.0f', $number;
    1 while $text =~ s/^(-?\d+)(\d{3})/$1,$2/;
    return $text;
}

# A difference.
sub more($number) { return ($number < 0 ? '' : '+') . with_commas($number) }

1;
