package Random::Configuration;

# Random configurations of mod_cors, as a tree of sections:
#
#   {id, type, arg, cors => [[directive, separator, item ...]],
#    inner => [sections], other => [lines of other modules]}
#
# type is server, VirtualHost, htaccess or the name of an httpd section. The
# tree is written in three ways, see text().

use strict;
use warnings;
use Exporter 'import';
use List::Util qw(shuffle);
use Random::Origins qw(risks_of REGEX EXPRESSION);

our @EXPORT_OK = qw(random_configuration text htaccess_files all_sections
    chance pick some LISTS);

sub chance { return rand() < $_[0] }
sub pick   { return $_[rand @_] }

# Between one item and max of them, each at most once.
sub some
{
    my ($max, @from) = @_;
    my %seen;
    return grep { !$seen{$_}++ } map { pick(@from) } 1 .. 1 + int rand $max;
}

use constant LISTS => {
    CorsAllowMethods => [qw(PUT DELETE PATCH PROPFIND put delete GET x-own)],
    CorsAllowHeaders =>
        [qw(X-Token x-other Content-Type Authorization Range X-TOKEN Origin)],
    CorsExposeHeaders => [qw(X-Total ETag Link x-total Set-Cookie)],
};

my %WORDS = (
    CorsAllowCredentials => [qw(On On On Off)],
    CorsMaxAge           => [qw(600 0 90s 10min 2h 1d none)],
    CorsEngine           => [qw(On On On Off DetectionOnly)],
    CorsPreflight        => [qw(Answer Pass Pass)],
    CorsPreflightStatus  => [qw(200 204)],
    CorsPreflightAuth    => [qw(Skip Require)],
    CorsBackendHeaders   => [qw(Replace Keep Keep)],
    CorsEnforce          => [qw(On On Off)],
    CorsDebugHeader      => [qw(On On Off)],
);

my @HOSTS = qw(app.example.com www.example.com example.com a.b.example.com
    api.example.org example.co.uk shop.example.co.uk user.github.io
    s3.amazonaws.com evil.s3.amazonaws.com x.amazonaws.com localhost
    127.0.0.1 [::1]);
my @PARENTS = qw(example.com example.com b.example.com example.org
    example.co.uk co.uk github.io amazonaws.com s3.amazonaws.com localhost);
my @OTHER_ORIGINS = ('null', 'null', 'file://', 'app://.',
    'capacitor://localhost', 'ionic://localhost');

# ---- items ----

# Browsers never send some spellings; the module corrects them.
sub respelled
{
    my ($origin) = @_;
    return $origin if !chance(0.06) || $origin !~ m{^https?://};
    return uc $origin if chance(0.3);
    return "$origin/" if chance(0.5) || $origin =~ /:(?:\d+|\*)$/;
    return $origin . ($origin =~ /^https/ ? ':443' : ':80');
}

# Few different origins in one configuration, so that its lists meet.
my @POOL;

sub origin_item { return @POOL && chance(0.8) ? pick(@POOL) : any_origin() }

sub any_origin
{
    return pick(@OTHER_ORIGINS) if chance(0.12);
    my $scheme = chance(0.8) ? 'https' : 'http';
    my $host = chance(0.35) ? '*.' . pick(@PARENTS) : pick(@HOSTS);
    my $port = pick(('') x 6, ':8443', ':*');
    return respelled("$scheme://$host$port");
}

# One line, or the same items on two.
sub lines
{
    my ($directive, @items) = @_;
    my $separator = $directive =~ /Match$/ ? ' ' : pick(' ', ' ', ', ', ',');
    return [$directive, $separator, @items] if @items < 2 || chance(0.7);
    my $first = 1 + int rand(@items - 1);
    return [$directive, $separator, @items[0 .. $first - 1]],
        [$directive, ' ', @items[$first .. $#items]];
}

sub list
{
    my ($directive, $plus, @items) = @_;
    return [$directive, ' ', 'none'] if chance(0.06);
    return lines($directive, map { $plus . $_ } @items);
}

# So many that a list is looked up by an index.
sub many_origins
{
    return map {
        pick("https://m$_.example.net", "https://*.m$_.example.net",
            "https://*.a.m$_.example.net", "https://*.localhost:$_")
    } 1 .. 20;
}

# An expression cannot have a '+'. It extends the inherited list if the other
# items of its section have one.
sub allowed_origins
{
    return ['CorsAllowOrigin', ' ', '*'] if chance(0.12);
    my $plus = chance(0.35) ? '+' : '';
    my @lines = chance(0.85)
        ? list('CorsAllowOrigin', $plus, some(4, map { origin_item() } 1 .. 4),
            chance(0.15) ? many_origins() : ())
        : ();
    push @lines, list('CorsAllowOriginMatch', chance(0.9) ? $plus : '',
        some(2, sort keys %{ +REGEX })) if chance(0.2);
    push @lines, ['CorsAllowOriginExpr', ' ',
        chance(0.1) ? 'none' : pick(sort keys %{ +EXPRESSION })]
        if chance(0.08) || !@lines;
    return @lines;
}

sub denied_origins
{
    return list('CorsDenyOrigin', chance(0.4) ? '+' : '',
        some(3, map { origin_item() } 1 .. 3));
}

sub names
{
    my ($directive) = @_;
    return [$directive, ' ', '*', $directive eq 'CorsAllowHeaders'
        && chance(0.4) ? 'Authorization' : ()] if chance(0.15);
    return list($directive, chance(0.5) ? '+' : '',
        some(4, @{ LISTS->{$directive} }));
}

# The risks that CorsAllowCredentials On requires a section to tolerate.
sub untolerated
{
    my (@lines) = @_;
    my @items = map { @{$_}[2 .. $#$_] } grep { $_->[0] =~ /^CorsAllowOrigin/ }
        @lines;
    my %risk = map { $_ => 1 } map { risks_of($_) } @items;
    return sort keys %risk;
}

# The Cors lines of one section, which must be legal together.
sub cors_lines
{
    my ($wish) = @_;
    my @lines;
    push @lines, allowed_origins() if chance($wish);
    push @lines, denied_origins() if chance(0.1);
    chance(0.25) and push @lines, names($_) for sort keys %{ +LISTS };
    for my $directive (sort keys %WORDS) {
        push @lines, [$directive, ' ', pick(@{ $WORDS{$directive} })]
            if chance($directive eq 'CorsAllowCredentials' ? 0.3 : 0.1);
    }
    my ($star) = grep { "@{$_}[0, 2]" =~ /(?:AllowOrigin|Headers) \*/
        && $_->[0] ne 'CorsAllowHeaders' } @lines;
    @lines = grep { $_->[0] ne 'CorsAllowCredentials' } @lines if $star;
    my @risks = untolerated(@lines);
    my $is_on = grep { "@{$_}[0, 2]" eq 'CorsAllowCredentials On' } @lines;
    push @lines, ['CorsTolerate', ' ', @risks]
        if @risks && ($is_on || chance(0.15));
    push @lines, ['CorsTolerate', ' ', 'none'] if !@risks && chance(0.04);
    return [shuffle(@lines)];
}

# ---- sections ----

my %ARGUMENTS = (
    Directory      => ['"@DOCROOT@"', '"@DOCROOT@/d1"', '"@DOCROOT@/d1/d2"',
        '"@DOCROOT@/*/d2"'],
    DirectoryMatch => ['"/d1/"', '"/d[12]$"'],
    Location       => ['"/"', '"/d1"', '"/d1/d2/"', '"/back"', '"/pt"',
        '"/d*/d2"', '"/gone"', '"/err.html"'],
    LocationMatch  => ['"^/d1/d2/"', '"\.html$"', '"/(?:back|pt|auth)/"'],
    Files          => ['"a.html"', '"*.html"', '"c.cgi"'],
    FilesMatch     => ['"\.(?:html|cgi)$"'],
    If             => [map { "\"$_\"" }
        q{-n req('X-Flag')}, q{%{REQUEST_METHOD} == 'OPTIONS'},
        q{req('Origin') == 'https://app.example.com'},
        q{%{REQUEST_URI} =~ m#/d2/#}],
    Proxy          => ['"*"'],
);
my %INNER = (
    Directory => [qw(Files FilesMatch If)], Location => ['If'],
    DirectoryMatch => ['Files'], LocationMatch => ['If'], Files => ['If'],
    htaccess => [qw(Files Files If FilesMatch)],
    If => ['If'],
);
my @OUTER = qw(Directory Directory DirectoryMatch Location Location Location
    LocationMatch Files FilesMatch If If Proxy);

my $next_id;

sub section
{
    my ($type, $depth, $arg) = @_;
    my $section = { id => ++$next_id, type => $type, other => [],
        arg => $arg // ($ARGUMENTS{$type} ? pick(@{ $ARGUMENTS{$type} }) : ''),
        cors => cors_lines($type eq 'VirtualHost' ? 0.9 : 0.5), inner => [] };
    my $inner = $INNER{$type};
    push @{ $section->{inner} }, section(pick(@$inner), $depth + 1)
        if $inner && $depth < 2 && chance(0.35);
    return $section;
}

sub random_configuration
{
    $next_id = 0;
    @POOL = ();
    @POOL = map { any_origin() } 1 .. 4;
    my $server = section('server', 0);
    $server->{cors} = [] if chance(0.5);
    push @{ $server->{inner} }, map { section(pick(@OUTER), 0) }
        1 .. rand 4;
    for my $name (chance(0.7) ? qw(one.test two.test) : ()) {
        my $host = section('VirtualHost', 0, $name);
        push @{ $host->{inner} }, map { section(pick(@OUTER), 0) }
            1 .. rand 4;
        push @{ $server->{inner} }, $host;
    }
    my @htaccess = map { chance(0.5) ? section('htaccess', 0, $_) : () }
        '', 'd1/', 'd1/d2/';
    push @{ $server->{cors} }, overridable(@htaccess) if chance(0.1);
    return { server => $server, htaccess => \@htaccess,
        error_documents => chance(0.4) ? [401, 404, 410, 500] : [] };
}

# What CorsOverride has to let the .htaccess files use.
sub overridable
{
    my %used = map { $_->[0] => 1 } map { @{ $_->{cors} } } inner_sections(@_);
    return ['CorsOverride', ' ', %used ? sort keys %used : pick(qw(All None))];
}

sub inner_sections { return map { ($_, inner_sections(@{ $_->{inner} })) } @_ }

sub all_sections
{
    my ($configuration) = @_;
    return inner_sections($configuration->{server},
        @{ $configuration->{htaccess} });
}

# ---- as text ----

sub quoted
{
    my ($directive, @items) = @_;
    return qq{"$items[0]"} if $directive eq 'CorsAllowOriginExpr';
    return @items if $directive ne 'CorsAllowOriginMatch'
        || $items[0] eq 'none';
    return map { qq{"$_"} } @items;
}

sub cors_line
{
    my ($directive, $separator, @items) = @{ $_[0] };
    return "$directive " . join $separator, quoted($directive, @items);
}

# how is cors: the module's directives; number: a line that appends the
# section's number to a response header; plain: neither.
sub own_lines
{
    my ($section, $how) = @_;
    return map { cors_line($_) } @{ $section->{cors} } if $how eq 'cors';
    return "Header always append X-Sections $section->{id}"
        if $how eq 'number';
    return ();
}

sub body_lines
{
    my ($section, $how, @each) = @_;
    return own_lines($section, $how), @each,
        map { section_lines($_, $how, @each) } @{ $section->{inner} };
}

sub section_lines
{
    my ($section, $how, @each) = @_;
    my ($type, $arg) = @{$section}{qw(type arg)};
    my $is_host = $type eq 'VirtualHost';
    my @lines = body_lines($section, $how, $is_host ? @each : ());
    unshift @lines, "ServerName $arg" if $is_host;
    $arg = '*:@PORT@' if $is_host;
    return "<$type $arg>", (map { "    $_" } @lines), "</$type>";
}

# The server's configuration; each: the lines of other modules that the server
# and each virtual host has.
sub text
{
    my ($configuration, $how, $each) = @_;
    return join '', map { "$_\n" } body_lines($configuration->{server}, $how,
        split /\n/, $each // '');
}

sub htaccess_files
{
    my ($configuration, $how) = @_;
    return map {
        ("htdocs/$_->{arg}.htaccess" =>
            join '', map { "$_\n" } body_lines($_, $how))
    } @{ $configuration->{htaccess} };
}

1;
