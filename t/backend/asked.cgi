#!/usr/bin/perl
# Sends what the query string says: see t/lib/Test/Backend.pm.
use v5.32;
use warnings;
use experimental 'signatures';
$| = 1;

my $text = $ENV{QUERY_STRING} =~ s/%(..)/chr hex $1/ger;
open my $count, '>>', '@ROOT@/var/count' or die "count: $!\n";
print {$count} '.';
close $count;
for my $part (split /(<wait [^>]+>)/, $text) {
    if ($part =~ /^<wait (.+)>$/) {
        open my $pipe, '<', $1 or die "$1: $!\n";
        readline $pipe;
        next;
    }
    print $part;
}
