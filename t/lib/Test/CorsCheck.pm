package Test::CorsCheck;

# Runs bin/cors-check as a user does.
#
#   my $r = cors_check($url, '--origin', $origin);     # {status, out, err}
#   my $facts = cors_facts($url, '--origin', $origin); # of --json, and exit

use v5.32;
use warnings;
use experimental 'signatures';
use Exporter 'import';
use File::Temp;
use JSON::PP;

our @EXPORT = qw(cors_check cors_facts);

# No proxy of the environment may come between the tool and loopback.
delete @ENV{grep { /_proxy\z/i } keys %ENV};

sub cors_check(@arguments)
{
    my $err = File::Temp->new;
    my $pid = open(my $out, '-|') // die "fork: $!\n";
    if (!$pid) {
        open STDERR, '>', "$err" or die "$err: $!\n";
        exec $^X, 'bin/cors-check', @arguments;
    }
    local $/;
    my $text = <$out> // '';
    close $out;
    return { status => $? >> 8, out => $text, err => scalar <$err> // '' };
}

sub cors_facts(@arguments)
{
    my $r = cors_check('--json', @arguments);
    my $facts = eval { decode_json($r->{out}) } // { error => $r->{err} };
    return { %$facts, exit => $r->{status} };
}

1;
