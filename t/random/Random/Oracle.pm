package Random::Oracle;

# Computes the response from the ordered list of sections, the request, and the
# response of the same server without the module. Written from the module's
# specification and the Fetch standard, independently of its code.

use strict;
use warnings;
use Exporter 'import';
use List::Util qw(any none uniq);
use Random::Origins qw(parse_item is_listed is_serialised risks_of);

our @EXPORT_OK = qw(merge has_policy expected list CORS_HEADERS);

use constant CORS_HEADERS => map { "access-control-$_" }
    qw(allow-origin allow-credentials allow-methods allow-headers
    expose-headers max-age);

my @SAFE_METHODS = qw(GET HEAD POST);
my @FORBIDDEN_METHODS = qw(CONNECT TRACE TRACK);
my $TOKEN = qr/[!#\$%&'*+.^_`|~0-9A-Za-z-]+/;
my %SECONDS = (s => 1, min => 60, h => 3600, d => 86400);
my @PREFLIGHT_VARY = qw(origin access-control-request-method
    access-control-request-headers);

# ---- merging ----

my %FIELD = (
    CorsAllowOrigin => 'origins', CorsAllowOriginMatch => 'origins',
    CorsAllowOriginExpr => 'origins', CorsDenyOrigin => 'denied',
    map { $_ => $_ }
        qw(CorsAllowMethods CorsAllowHeaders CorsExposeHeaders CorsTolerate),
);
my %INHERITED = (CorsAllowHeaders => ['Content-Type']);

sub items
{
    my ($directive, @texts) = @_;
    return map { s/^\+//r } @texts if $FIELD{$directive} !~ /^(?:or|de)/;
    return map { parse_item($directive, s/^\+//r) } @texts;
}

# What one section sets: field => [starts a new list, items] or a word.
sub fields
{
    my ($section) = @_;
    my (%set, %plus);
    for my $line (@{ $section->{cors} }) {
        my ($directive, undef, @texts) = @$line;
        my $field = $FIELD{$directive};
        if (!$field) {
            $set{$directive} = $texts[0];
            next;
        }
        my $list = $set{$field} //= [0];
        my $is_plus = $texts[0] =~ /^\+/;
        $plus{$field} ||= $is_plus;
        $list->[0] = 1 if $texts[0] eq 'none'
            || !$is_plus && $directive !~ /Expr$/;
        push @$list, items($directive, @texts) if $texts[0] ne 'none';
    }
    $set{origins}[0] ||= !$plus{origins} if $set{origins};
    return \%set;
}

# The sections in the order in which httpd merges them.
sub merge
{
    my %merged;
    for my $set (map { fields($_) } @_) {
        for my $name (keys %$set) {
            my $value = $set->{$name};
            if (ref $value) {
                my ($is_new, @items) = @$value;
                $value = [$is_new ? () :
                    @{ $merged{$name} // $INHERITED{$name} // [] }, @items];
            }
            $merged{$name} = $value;
        }
    }
    return { %{ resolve(\%merged) }, sections => [@_] };
}

sub has_policy { return defined $_[0]{origins} }

sub seconds
{
    my ($time) = @_;
    return undef if !defined $time || $time eq 'none';
    my ($number, $unit) = $time =~ /^(\d+)(\w*)$/;
    return $number * ($SECONDS{ $unit || 's' });
}

sub resolve
{
    my ($merged) = @_;
    my $origins = $merged->{origins};
    my %tolerated = map { $_ => 1 } @{ $merged->{CorsTolerate} // [] };
    my $is_any = any { $_->{kind} eq 'any' } @{ $origins // [] };
    my $wanted = ($merged->{CorsAllowCredentials} // 'Off') eq 'On';
    my $risky = $is_any || any { !$tolerated{$_} }
        map { risks_of($_) } @{ $origins // [] };
    my @methods = map { /^(?:delete|get|head|options|post|put)$/i ? uc : $_ }
        @{ $merged->{CorsAllowMethods} // [] };
    return {
        %$merged, any => $is_any, denied => $merged->{denied} // [],
        credentials => $wanted && !$risky, tolerated => \%tolerated,
        met => $wanted && $risky, engine => $merged->{CorsEngine} // 'On',
        methods => [uniq @SAFE_METHODS, @methods],
        headers => [grep { lc ne 'origin' }
            @{ $merged->{CorsAllowHeaders} // ['Content-Type'] }],
        expose => [grep { lc ne 'set-cookie' }
            @{ $merged->{CorsExposeHeaders} // [] }],
        max_age => seconds($merged->{CorsMaxAge}),
        passes => ($merged->{CorsPreflight} // 'Answer') eq 'Pass',
        keeps => ($merged->{CorsBackendHeaders} // 'Replace') eq 'Keep',
    };
}

# ---- deciding ----

sub names_asked
{
    my ($request) = @_;
    my $list = $request->{fields}{'access-control-request-headers'} // '';
    return undef if length $list > 4096;
    my @names = grep { length } map { s/^[ \t]+|[ \t]+$//gr } split /,/, $list;
    return undef if any { !/^$TOKEN$/ || length > 256 } @names;
    return \@names;
}

sub grants_method
{
    my ($policy, $method) = @_;
    return 0 if any { $_ eq $method } @FORBIDDEN_METHODS;
    return $method =~ /^$TOKEN$/
        && any { $_ eq $method || $_ eq '*' } @{ $policy->{methods} };
}

sub grants_headers
{
    my ($policy, $names) = @_;
    return 0 if !$names;
    my %listed = map { lc $_ => 1 } @{ $policy->{headers} };
    return none {
        !$listed{ lc $_ } && (!$listed{'*'}
            || lc $_ eq 'authorization' && !$policy->{credentials})
    } @$names;
}

sub is_own
{
    my ($request, $origin) = @_;
    return ($request->{fields}{'sec-fetch-site'} // '') eq 'same-origin'
        || $origin eq "http://$request->{fields}{host}";
}

# A trailing dot is another host for browsers, but does not pass a denial.
sub is_denied
{
    my ($policy, $origin, $request) = @_;
    return any { is_listed($policy->{denied}, $_, $request->{fields}) }
        $origin, $origin =~ s{\.(?=(?::\d+)?\z)}{}r;
}

sub decide
{
    my ($policy, $request) = @_;
    my $origin = $request->{fields}{origin};
    return '' if !defined $origin;
    return 'origin-denied' if is_denied($policy, $origin, $request);
    my $is_allowed = is_listed($policy->{origins}, $origin,
        $request->{fields}, $policy->{credentials} && $policy->{tolerated});
    return is_own($request, $origin) ? 'same-origin' : 'origin-denied'
        if !$is_allowed;
    return 'allowed' if !is_preflight($request);
    return 'method-denied' if !grants_method($policy,
        $request->{fields}{'access-control-request-method'});
    return grants_headers($policy, names_asked($request))
        ? 'preflight-allowed' : 'headers-denied';
}

sub is_preflight
{
    my ($request) = @_;
    return $request->{method} eq 'OPTIONS'
        && defined $request->{fields}{origin}
        && defined $request->{fields}{'access-control-request-method'};
}

# ---- the response ----

# Lists are compared as sets. Methods differ by case, and those that browsers
# never ask for need not be sent.
sub list
{
    my ($header, @names) = @_;
    @names = $header =~ /methods$/ ? grep { !/^(?:GET|HEAD|POST)$/ } @names
        : map { lc } @names;
    return join ', ', uniq sort @names;
}

# The value of a header that grants a list. With credentials browsers read "*"
# as a name, so the requested names are sent instead.
sub granted
{
    my ($policy, $header, $list, $requested) = @_;
    return list($header, @$list) if none { $_ eq '*' } @$list;
    return list($header, @$requested) if $policy->{credentials};
    return list($header, '*', grep { lc eq 'authorization' } @$list);
}

sub preflight_headers
{
    my ($policy, $request) = @_;
    my $method = $request->{fields}{'access-control-request-method'};
    my $is_echoed = $method =~ /^$TOKEN$/
        && none { $_ eq $method } @FORBIDDEN_METHODS;
    my %headers = (
        'access-control-allow-methods' => granted($policy, 'methods',
            $policy->{methods}, [$is_echoed ? $method : ()]),
        'access-control-allow-headers' => granted($policy, 'headers',
            $policy->{headers}, names_asked($request) // []),
        'access-control-max-age' => $policy->{max_age},
    );
    return map { length($headers{$_} // '') ? ($_ => $headers{$_}) : () }
        keys %headers;
}

# Plain "*": the same for every origin, and for none.
sub is_plain { return $_[0]{any} && !@{ $_[0]{denied} } }

# A preflight that somebody else answered is like any other response, unless
# it was passed on to that on purpose.
sub allowed_headers
{
    my ($policy, $request, $status) = @_;
    my $lists = is_preflight($request) && ($status || $policy->{passes});
    my $expose = $policy->{credentials}
        ? [grep { $_ ne '*' } @{ $policy->{expose} }] : $policy->{expose};
    return (
        'access-control-allow-origin' =>
            $policy->{any} ? '*' : $request->{fields}{origin},
        $policy->{credentials}
            ? ('access-control-allow-credentials' => 'true') : (),
        $lists ? preflight_headers($policy, $request)
            : @$expose ? ('access-control-expose-headers' =>
                granted($policy, 'expose', $expose)) : (),
    );
}

sub vary
{
    my ($policy, $request) = @_;
    return @PREFLIGHT_VARY if $request->{method} eq 'OPTIONS';
    return is_plain($policy) ? () : ('origin');
}

# A top-level navigation passes. So does the server's own origin, which has
# another decision, unless it is denied by name.
sub is_enforced
{
    my ($policy, $request, $decision) = @_;
    return ($policy->{CorsEnforce} // 'Off') eq 'On'
        && $decision eq 'origin-denied' && !is_preflight($request)
        && !(($request->{fields}{'sec-fetch-mode'} // '') eq 'navigate'
            && $request->{method} =~ /^(?:GET|HEAD)$/);
}

# The status that the module itself gives, or undef. Access control comes
# first, unless the login is skipped. Nothing is left to answer where httpd ends
# the request before its directory is known, or sends an error document.
sub own_status
{
    my ($policy, $request, $decision, $plain) = @_;
    return undef if $request->{is_early} || $policy->{is_late};
    return 403 if is_enforced($policy, $request, $decision);
    return undef if !is_preflight($request) || $policy->{passes}
        || $decision eq 'same-origin';
    my $is_allowed = $decision ne 'origin-denied';
    my $skips = $is_allowed
        && ($policy->{CorsPreflightAuth} // 'Skip') eq 'Skip';
    return undef if $request->{is_denied} && $plain->{status} == 403
        || $request->{is_login} && $plain->{status} == 401 && !$skips;
    return $is_allowed ? $policy->{CorsPreflightStatus} // 204 : 403;
}

# "*" allows what is not an origin, too; the environment does not show that.
sub is_printable
{
    my ($origin) = @_;
    return is_serialised($origin) || $origin =~ m{^(?:null|file://|app://\.)$};
}

# plain: the response without the module, as facts() shows it. debug is undef
# where it is not specified which URL's CorsDebugHeader applies.
sub expected
{
    my ($policy, $request, $plain) = @_;
    my %result = (%$plain, decision => '-', origin => '-', debug => '-');
    my $origin = $request->{fields}{origin};
    my $shows = defined $origin && $policy->{engine} eq 'On'
        && ($policy->{CorsDebugHeader} // 'Off') eq 'On';
    $result{debug} = $request->{via} || $plain->{status} >= 400 ? undef
        : 'no-policy' if $shows;
    return \%result if !has_policy($policy) || $policy->{engine} eq 'Off';
    my $decision = decide($policy, $request);
    $result{decision} = $decision || '-';
    $result{debug} = $decision if $shows;
    my $is_allowed = $decision !~ /^(?:origin-denied|same-origin)?$/;
    $result{origin} = $origin if $is_allowed && is_printable($origin);
    return \%result if $policy->{engine} eq 'DetectionOnly';
    my $status = own_status($policy, $request, $decision, $plain);
    my $theirs = $plain->{headers};
    my $is_kept = $policy->{keeps}
        && (!$status || $request->{is_always} && !is_preflight($request))
        && $theirs->{'access-control-allow-origin'};
    return { %result, status => $status // $plain->{status},
        headers => $is_kept ? $theirs
            : $is_allowed || $policy->{any} && !$decision
            ? { allowed_headers($policy, $request, $status) } : {},
        vary => list('vary', grep { length } split(/, /, $plain->{vary}),
            vary($policy, $request),
            $is_kept || $request->{varies} ? 'origin' : ()) };
}

1;
