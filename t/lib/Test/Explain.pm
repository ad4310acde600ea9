package Test::Explain;

# The explain page asked by a script, and the Fetch algorithm for the same
# question, applied to raw responses.
#
#   explained($httpd, url => '/x', origin => $origin, method => 'PUT',
#       headers => 'x-token', credentials => 'on', host => 'www.example.com')
#   fetched($httpd, ...the same...)     'allowed' or 'refused'

use strict;
use warnings;
use Exporter 'import';
use JSON::PP;

our @EXPORT_OK = qw(explained explained_page fetched query);

sub escaped {
    my ($text) = @_;
    $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

sub query {
    my (%field) = @_;
    return join '&', map { "$_=" . escaped($field{$_}) }
        grep { defined $field{$_} } sort keys %field;
}

sub request {
    my ($httpd, $line, $host, @headers) = @_;
    unshift @headers, "Host: $host" if defined $host;
    return $httpd->request(join "\n", "$line HTTP/1.1", @headers, '');
}

# The response of the page; at => another address than /explain.
sub explained_page {
    my ($httpd, %question) = @_;
    my $at = delete $question{at} || '/explain';
    my $host = delete $question{host};
    my $more = delete $question{more} || [];
    return request($httpd, "GET $at?" . query(%question), $host, @$more);
}

sub explained {
    my ($httpd, %question) = @_;
    my $r = explained_page($httpd, format => 'json', %question);
    return eval { decode_json($r->{body}) }
        || { error => "not JSON: $r->{raw}" };
}

# ---- Fetch ----

my %SIMPLE = map { $_ => 1 } qw(GET HEAD POST);
my %NORMALISED = map { $_ => 1 } qw(DELETE GET HEAD OPTIONS POST PUT);
my %UNSAFE = map { $_ => 1 } qw(CONNECT TRACE TRACK);

sub items {
    my ($r, $name) = @_;
    my $values = $r->{headers}{$name} || [];
    return grep { length } map { split /[ \t]*,[ \t]*/ } @$values;
}

# The CORS check: exactly one value, and the right one.
sub passes_check {
    my ($r, $question) = @_;
    my @origins = @{ $r->{headers}{'access-control-allow-origin'} || [] };
    return 0 if @origins != 1;
    return 1 if $origins[0] eq '*' && !$question->{credentials};
    return 0 if $origins[0] ne $question->{origin};
    return 1 if !$question->{credentials};
    my @credentials =
        @{ $r->{headers}{'access-control-allow-credentials'} || [] };
    return @credentials == 1 && $credentials[0] eq 'true';
}

sub grants {
    my ($r, $question, @names) = @_;
    my $star = !$question->{credentials};
    my %method = map { $_ => 1 } items($r, 'access-control-allow-methods');
    my %header = map { lc($_) => 1 } items($r, 'access-control-allow-headers');
    return 0 if !$SIMPLE{ $question->{method} }
        && !$method{ $question->{method} } && !($star && $method{'*'});
    for my $name (@names) {
        next if $header{$name};
        return 0 if !$star || !$header{'*'} || $name eq 'authorization';
    }
    return 1;
}

sub preflight_passes {
    my ($httpd, $question, @names) = @_;
    my $r = request($httpd, "OPTIONS $question->{url}", $question->{host},
        "Origin: $question->{origin}", 'Sec-Fetch-Mode: cors',
        "Access-Control-Request-Method: $question->{method}",
        @names ? 'Access-Control-Request-Headers: ' . join ',', @names : ());
    return passes_check($r, $question) && $r->{status} =~ /^2/
        && grants($r, $question, @names);
}

# A redirect is followed on the same host; to another one it is not tried.
sub fetched {
    my ($httpd, %question) = @_;
    my %seen;
    my $method = $question{method} || 'GET';
    $method = uc $method if $NORMALISED{ uc $method };
    return 'refused' if $UNSAFE{ uc $method };
    $question{method} = $method;
    my @names = grep { !/^(?:accept|accept-language|content-language)$/ }
        grep { !$seen{$_}++ } sort map { lc } split /[\s,]+/,
        $question{headers} || '';
    for (1 .. 20) {
        return 'refused' if (!$SIMPLE{ $question{method} } || @names)
            && !preflight_passes($httpd, \%question, @names);
        my $r = request($httpd, "$question{method} $question{url}",
            $question{host}, "Origin: $question{origin}",
            'Sec-Fetch-Mode: cors');
        return 'refused' if !passes_check($r, \%question);
        my ($target) = @{ $r->{headers}{location} || [] };
        return 'allowed' if $r->{status} !~ /^30[12378]$/ || !$target;
        $target =~ s{^http://127\.0\.0\.1:\d+(?=/)}{};
        return 'elsewhere' if $target !~ m{^/};
        $question{url} = $target;
        $question{method} = 'GET'
            if $r->{status} == 303 || $r->{status} =~ /^30[12]$/
            && $question{method} eq 'POST';
    }
    return 'refused';
}

1;
