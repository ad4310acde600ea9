package Random::Origins;

# Which origins an item of a list allows, and which risks it has. Written from
# the module's specification and the Fetch and URL standards, independently of
# its code.

use strict;
use warnings;
use Exporter 'import';
use Socket qw(AF_INET6 inet_ntop inet_pton);

our @EXPORT_OK = qw(parse_item is_serialised item_matches is_listed risks_of
    registrable REGEX EXPRESSION);

# Each with its risks and the registrable domains that it writes out, according
# to the rule for tight expressions, as applied by hand.
use constant REGEX => {
    'https://([a-z0-9-]+\.)*example\.com' => [[], 'example.com'],
    'https://app\.example\.com(:\d+)?' => [[], 'example.com'],
    'https?://(www\.|api\.)example\.org' =>
        [['insecure-origin'], 'example.org'],
    'http://localhost(:[0-9]+)?' => [[]],
    'https://.*\.example\.co\.uk' => [[], 'example.co.uk'],
    'https://example\.(com|org)' => [[], 'example.com', 'example.org'],
    'https://.*\.amazonaws\.com' => [[], 'amazonaws.com'],
    '(?i)https://app\.example\.com' => [[], 'example.com'],
    'https://.*example\.com' => [['loose-regex']],
    'https://app.example.com' => [['loose-regex']],
    'https://[a-z]+\.github\.io' => [['loose-regex']],
};

# Each with the same in Perl, of the origin and the request's other headers.
use constant EXPRESSION => {
    q{req('Origin') =~ m#^https?://[^/]*[.]example[.]org#} =>
        sub { $_[0] =~ m{^https?://[^/]*[.]example[.]org} },
    q{-n req('X-Flag')} => sub { length($_[1]{'x-flag'} // '') },
    q{req('Origin') == 'http://app.example.com'} =>
        sub { $_[0] eq 'http://app.example.com' },
};

my %DEFAULT_PORT = (http => 80, https => 443);
my %SUFFIX = map { $_ => 1 } qw(com org net uk co.uk io github.io
    s3.amazonaws.com test localhost);
my $OCTET = qr/(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])/;
my $LABEL = qr/[a-z0-9_-]{1,63}/;

# The domain below a public suffix that host belongs to, or ''.
sub registrable
{
    my ($host) = @_;
    my @labels = split /\./, $host;
    for my $i (0 .. $#labels) {
        my $suffix = join '.', @labels[$i .. $#labels];
        next if !$SUFFIX{$suffix} && $i < $#labels;
        return $i ? "$labels[$i - 1].$suffix" : '';
    }
    return '';
}

sub is_loopback
{
    my ($host) = @_;
    return $host =~ /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
}

# (scheme, host, port) of scheme://host[:port], or nothing.
sub parts
{
    return $_[0] =~ m{\A([a-z][a-z0-9+.-]*)://(\[[0-9a-f:]+\]|[^\[\]:/?#@]+)
        (?::([1-9]\d{0,4}))?\z}x;
}

sub is_ipv6
{
    my $bytes = inet_pton(AF_INET6, $_[0]) // return 0;
    return inet_ntop(AF_INET6, $bytes) eq $_[0];
}

# scheme://host[:port] as a browser sends it; null and the like are not meant.
sub is_serialised
{
    my ($origin) = @_;
    my ($scheme, $host, $port) = parts($origin) or return 0;
    return 0 if length $scheme > 64 || length $host > 253;
    return 0 if $port && ($port > 65535
        || $port == ($DEFAULT_PORT{$scheme} // 0));
    return is_ipv6($1) if $host =~ /^\[(.*)\]$/;
    return 0 if $host !~ /\A$LABEL(?:\.$LABEL)*\.?\z/;
    return 1 if $host !~ /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/;
    return $host =~ /\A$OCTET(?:\.$OCTET){3}\z/;
}

# Parses an item, with the spelling corrected as the module must.
sub parse_item
{
    my ($directive, $text) = @_;
    return { kind => 'regex', text => $text } if $directive =~ /Match$/;
    return { kind => 'expression', text => $text } if $directive =~ /Expr$/;
    return { kind => 'any', text => $text } if $text eq '*';
    return { kind => 'exact', text => $text }
        if $text =~ m{\A(?:null|file://|app://\.)\z};
    $text = lc $text =~ s{/\z}{}r;
    $text =~ s/:(?:443)\z// if $text =~ /^https:/;
    $text =~ s/:(?:80)\z// if $text =~ /^http:/;
    return { kind => 'exact', text => $text } if $text !~ /\*/;
    my ($scheme, $below, $host, $port) =
        $text =~ m{^([^:]+)://(\*\.)?(.+?)(?::(\d+|\*))?$};
    return { kind => 'pattern', text => $text, scheme => $scheme,
        below => $below, host => $host, port => $port // '' };
}

sub pattern_matches
{
    my ($item, $origin) = @_;
    my ($scheme, $host, $port) = parts($origin) or return 0;
    return 0 if $scheme ne $item->{scheme} || !is_serialised($origin);
    return 0 if $item->{port} ne '*' && $item->{port} ne ($port // '');
    return $host eq $item->{host} if !$item->{below};
    return $host =~ /\A(?:$LABEL\.)+\Q$item->{host}\E\z/;
}

# request: its headers, by name in lower case.
sub item_matches
{
    my ($item, $origin, $request) = @_;
    my ($kind, $text) = @{$item}{qw(kind text)};
    return 1 if $kind eq 'any';
    return $origin eq $text if $kind eq 'exact';
    return pattern_matches($item, $origin) if $kind eq 'pattern';
    return 0 if !is_serialised($origin);
    return $origin =~ /\A(?:$text)\z/ if $kind eq 'regex';
    return EXPRESSION->{$text}->($origin, $request);
}

# The domains that an item writes out, where credentials need one.
sub domains
{
    my ($item) = @_;
    my (undef, @domains) = @{ REGEX->{ $item->{text} } // [] };
    return @domains if $item->{kind} eq 'regex';
    return registrable($item->{host});
}

# With credentials, a pattern does not reach below another public suffix.
sub reaches
{
    my ($item, $origin, $tolerated) = @_;
    return 1 if $item->{kind} !~ /^(?:pattern|regex)$/
        || $item->{kind} eq 'pattern' && !$item->{below}
        || $tolerated->{ $item->{kind} eq 'regex' ? 'loose-regex'
            : 'public-suffix' };
    my $host = (parts($origin))[1];
    my $own = registrable($host);
    return is_loopback($host) || grep { $own eq $_ } domains($item);
}

# Whether the list allows the origin; tolerated only with credentials.
sub is_listed
{
    my ($list, $origin, $request, $tolerated) = @_;
    return scalar grep {
        item_matches($_, $origin, $request)
            && (!$tolerated || reaches($_, $origin, $tolerated))
    } @$list;
}

sub risks_of
{
    my $item = ref $_[0] ? $_[0]
        : parse_item(REGEX->{ $_[0] =~ s/^\+//r } ? 'Match'
            : EXPRESSION->{ $_[0] } ? 'Expr' : '', $_[0] =~ s/^\+//r);
    my ($kind, $text) = @{$item}{qw(kind text)};
    return @{ REGEX->{$text}[0] } if $kind eq 'regex';
    return 'expression' if $kind eq 'expression';
    return 'null-origin' if $text =~ m{^(?:null|file://)$};
    my ($scheme, $below, $host) =
        $text =~ m{^([^:]+)://(\*\.)?(.+?)(?::[\d*]+)?$} or return ();
    my @risks;
    push @risks, 'insecure-origin' if $scheme eq 'http' && !is_loopback($host);
    push @risks, 'public-suffix' if $below && $scheme =~ /^https?$/
        && $host ne 'localhost' && registrable($host) eq '';
    return @risks;
}

1;
