package Random::Shrink;

# A case that differs, with everything left out that makes no difference to
# that, and as a test to paste.

use strict;
use warnings;
use Exporter 'import';
use Storable qw(dclone);
use Random::Configuration qw(all_sections text htaccess_files);
use Random::Requests qw(request_text fixtures);
use Random::Servers;

our @EXPORT_OK = qw(shrunk as_test);

use constant TRIES => 300;

# ---- what can be left out ----

# Each place is a list and an index in it: a section, a line, an item of a
# line, a header of the request.
sub places
{
    my ($configuration, $request) = @_;
    my @lists = (@{$configuration}{qw(error_documents htaccess)},
        map { $_->{inner} } all_sections($configuration));
    push @lists, map { $_->{cors} } all_sections($configuration);
    my @lines = map { @{ $_->{cors} } } all_sections($configuration);
    return (map({ my $list = $_; map { [$list, $_] } 0 .. $#$list } @lists),
        map({ my $list = $_; map { [$list, $_] } 2 .. $#$list }
            grep { @$_ > 3 } @lines),
        map { [$request->{lines}, $_] } 1 .. $#{ $request->{lines} });
}

# The case again, if it differs in the same, and not because what was left out
# has made a .htaccess file illegal.
sub still
{
    my ($configuration, $request, $was, $backend) = @_;
    my $servers = eval { Random::Servers->start($configuration, $backend) }
        or return;
    my ($case) = eval { $servers->run($request) };
    $servers->stop;
    return undef if !$case || $case->{differs} ne $was->{differs};
    return $case->{got}{status} == 500 && $was->{got}{status} != 500 ? undef
        : $case;
}

sub shrunk
{
    my ($configuration, $case, $backend) = @_;
    my ($at, $tries) = (0, 0);
    my $request = $case->{original};
    while ($tries++ < TRIES) {
        my ($smaller, $less) = @{ dclone([$configuration, $request]) };
        my @places = places($smaller, $less);
        last if $at >= @places;
        my ($list, $index) = @{ $places[$at] };
        splice @$list, $index, 1;
        my $same = still($smaller, $less, $case, $backend);
        $at++ if !$same;
        ($configuration, $request, $case) = ($smaller, $less, $same) if $same;
    }
    return ($configuration, $case);
}

# ---- as a test ----

sub lines_of
{
    my ($facts) = @_;
    my $headers = $facts->{headers};
    return join '', map({ "#   $_: @{[ $facts->{$_} // '' ]}\n" }
        qw(status vary decision origin debug)),
        map { "#   $_: $headers->{$_}\n" } sort keys %$headers;
}

sub as_test
{
    my ($configuration, $case) = @_;
    my %files = htaccess_files($configuration, 'cors');
    my ($each, $once) = fixtures($configuration, '@BACKEND@',
        $case->{request}{path});
    my $files = join '', map { "    '$_' => <<'END',\n$files{$_}END\n" }
        sort keys %files;
    return <<"EOF";
my \$httpd = Test::Httpd->config(modules => [qw(
    @{[ Random::Servers::modules() ]})], files => {
$files}, config => <<'END')->start;
$once@{[ text($configuration, 'cors', $each) ]}END
my \$r = \$httpd->request(<<'END');
@{[ request_text($case->{original}) ]}END
# expected:
@{[ lines_of($case->{expected}) ]}# received:
@{[ lines_of($case->{got}) ]}# httpd merges the sections: @{[
    join ', ', map { "$_->{type} $_->{arg}" } @{ $case->{sections} } ]}
EOF
}

1;
