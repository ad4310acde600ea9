package Test::Httpd::Log;

# What in an error log a test has to answer for.

use v5.32;
use warnings;
use experimental 'signatures';

my $FORM = qr/^\[[^\]]+\] \[(?<module>\w*):(?<level>\w+)\] \[pid /;
my $SERIOUS = qr/^(?:emerg|alert|crit|error|warn)$/;

sub is_suspect($line)
{
    return 1 if $line =~ /exit signal|AddressSanitizer|runtime error:/;
    return $line =~ /\S/ if $line !~ $FORM;
    my ($module, $level) = @+{qw(module level)};
    return 1 if $level =~ $SERIOUS;
    return $level eq 'notice'
        && ($module eq 'cors' || $line =~ /\bCors[A-Z]/);
}

# Debian's mpm_event (2.4.71) itself crashes now and then when it is stopped,
# also without mod_cors: a race in a child that closes its sockets. Such a line
# is passed over, once, if the child was still alive when the stop was asked
# for. Every other crash counts.
sub without_crash_of_event($text, @alive)
{
    my $pids = join '|', @alive or return $text;
    return $text =~ s/^.*\[core:notice\].*[ ]child[ ]pid[ ](?:$pids)[ ]exit
        [ ]signal[ ]Segmentation[ ]fault[ ]\(11\).*\n//mxr;
}

# mod_proxy_uwsgi names no module in its AH10101 (seen in 2.4.62, not in
# 2.4.71).
sub with_module($text)
{
    return $text =~ s/ \[:error\](?= .* AH10101: )/ [proxy_uwsgi:error]/gr;
}

# before: what httpd said until it opened its log; log: the error log; alive:
# the children when the stop was asked for; mpm; expected: a list of patterns.
# Returns '' or the unexpected lines, and the patterns that nothing matched.
sub complaints(%args)
{
    my $log = with_module($args{log});
    $log = without_crash_of_event($log, @{ $args{alive} })
        if $args{mpm} eq 'event';
    my @lines = split /\n/, $args{before} . $log;
    my (%seen, @found);
    for my $line (@lines) {
        my @matched = grep { $line =~ $_ } @{ $args{expected} };
        $seen{$_} = 1 for @matched;
        push @found, $line if !@matched && is_suspect($line);
    }
    push @found, map { "expected but not seen: $_" }
        grep { !$seen{$_} } @{ $args{expected} };
    return join "\n", @found;
}

1;
