package Random::Servers;

# Three servers of one configuration: with the module; without it and without
# its directives; and one where each section appends its number to a response
# header, which is how httpd itself names the sections and their order.

use strict;
use warnings;
use Random::Configuration qw(text htaccess_files all_sections);
use Random::Oracle qw(merge has_policy expected list CORS_HEADERS);
use Random::Requests qw(FILES fixtures numbering at_port request_text);
use Test::Httpd;

my $CGI = ($ENV{TEST_MPM} // '') eq 'prefork' ? 'cgi' : 'cgid';
my @MODULES = (qw(alias auth_basic authn_core authn_file authz_user dir
    headers mime negotiation proxy proxy_http rewrite), $CGI);

# A backend, which all configurations share. Idle connections would use up its
# processes.
sub backend
{
    return Test::Httpd->config(cors => 0, modules => ['headers', 'alias'],
        files => { map { ("htdocs/back/$_" => "text\n") } qw(plain cors) },
        config => <<'END')->start;
KeepAlive Off
Redirect 503 /back/error
<LocationMatch "^/back/(?:cors|error)">
    Header always set Access-Control-Allow-Origin "*"
    Header always set Access-Control-Allow-Credentials true
    Header always set Access-Control-Allow-Headers X-Backend
    Header always set Access-Control-Max-Age 7
    Header always merge Vary Origin
</LocationMatch>
END
}

sub modules { return @MODULES }

# The parts of a server's configuration, as Test::Httpd takes them.
sub settings
{
    my ($configuration, $how, $backend) = @_;
    my ($each, $once) = $how eq 'number' ? (numbering($backend), '')
        : fixtures($configuration, $backend);
    return (
        cors => $how eq 'cors', log_level => 'crit core:notice',
        modules => $how eq 'number' ? [qw(headers proxy proxy_http)]
            : \@MODULES,
        log_format => '%{X-Case}i %{CORS_DECISION}e %{CORS_ORIGIN}e',
        files => { FILES(), htaccess_files($configuration, $how) },
        config => "MaxKeepAliveRequests 0\n$once"
            . text($configuration, $how, $each),
    );
}

sub start
{
    my ($class, $configuration, $backend) = @_;
    my $self = bless { configuration => $configuration, backend => $backend,
        case => 0 }, $class;
    $self->{$_} = Test::Httpd->config(
        settings($configuration, $_, $backend->port))->start
        for qw(cors plain number);
    $self->{section} = { map { $_->{id} => $_ } all_sections($configuration) };
    return $self;
}

# Over a connection that is kept as long as httpd keeps it.
sub ask
{
    my ($self, $how, $text) = @_;
    my $connection = delete $self->{connection}{$how}
        // $self->{$how}->connection;
    $connection->send($text);
    my $response = $connection->response;
    $self->{connection}{$how} = $connection
        if $response->{version} eq '1.1' && $text =~ m{ HTTP/1\.1\n}
        && ($response->{headers}{connection}[0] // '') !~ /close/i;
    return $response;
}

# ---- whose policy ----

# The sections of a URL, in the order in which httpd merges them.
sub sections
{
    my ($self, $request, $path) = @_;
    my $response = $self->ask(number => request_text(
        { %$request, version => '1.1' }, $path));
    my ($numbers) = @{ $response->{headers}{'x-sections'} // [''] };
    return map { $self->{section}{$_} } split /, /, $numbers;
}

# Whether httpd evaluated an <If> on Origin to choose the sections.
sub depends_on_origin
{
    return scalar grep { $_->{type} eq 'If' && $_->{arg} =~ /'Origin'/ }
        map { @{ $_->{inner} } } @_;
}

# What applies where httpd has not yet looked for a directory.
sub known_early { return grep { $_->{type} =~ /^(?:[sV]|Location)/ } @_ }

sub sets_policy
{
    return grep { $_->[0] =~ /^CorsAllowOrigin/ } map { @{ $_->{cors} } } @_;
}

# The policy of the requested URL, or if it has none, of those it leads to.
sub policy
{
    my ($self, $request, $plain) = @_;
    my @sections = $self->sections($request, $request->{alike});
    @sections = known_early(@sections)
        if $request->{is_early} || $request->{location};
    my $policy = merge(@sections);
    $request->{varies} = depends_on_origin(@sections) && !$request->{is_early};
    return $policy if has_policy($policy) && (!$request->{location}
        || sets_policy(grep { $_->{type} =~ /^Location/ } @sections));
    if ($request->{via}) {
        my $target = merge($self->sections({ %$request, $request->{is_lookup}
            ? (method => 'GET') : () }, $request->{via}));
        return $target if has_policy($target);
    }
    return $policy if $request->{is_foreign} || !grep {
        $_ == $plain->{status} } @{ $self->{configuration}{error_documents} };
    my $late = merge($self->sections({ %$request, method => 'GET' },
        '/err.html'));
    return has_policy($late) ? { %$late, is_late => 1 } : $policy;
}

# ---- what is compared ----

my %IS_LIST = map { ("access-control-$_" => 1) }
    qw(allow-methods allow-headers expose-headers);

sub facts
{
    my ($response) = @_;
    my $headers = $response->{headers};
    my %values;
    for my $name (grep { $headers->{$_} } CORS_HEADERS) {
        my @values = @{ $headers->{$name} };
        @values = list($name, map { split /\s*,\s*/ } @values)
            if $IS_LIST{$name} && @values == 1;
        $values{$name} = join ' and ', @values;
    }
    my ($debug) = ($headers->{'cors-decision'}[0] // '-') =~ /^([^;]+)/;
    return { status => $response->{status}, headers => \%values,
        debug => $debug,
        vary => join ', ', sort grep { /^(?:origin|access-control-)/ }
            map { split /\s*,\s*/, lc } @{ $headers->{vary} // [] } };
}

# Which fields of a response differ.
sub differences
{
    my ($expected, $got) = @_;
    my @names = grep {
        ($expected->{headers}{$_} // '') ne ($got->{headers}{$_} // '')
    } CORS_HEADERS;
    push @names, grep { ($expected->{$_} // $got->{$_}) ne $got->{$_} }
        qw(status vary decision origin debug);
    return @names;
}

sub run_one
{
    my ($self, $request) = @_;
    my $text = request_text($request);
    my $case = $self->{case}++;
    my $plain = facts($self->ask(plain => $text));
    my $policy = $self->policy($request, $plain);
    my $expected = expected($policy, $request, $plain);
    my $response = $self->ask(
        cors => $text =~ s/^Host:/X-Case: $case\nHost:/mr);
    return { request => $request, expected => $expected, policy => $policy,
        got => facts($response), sections => $policy->{sections} };
}

# The log lines of all cases; httpd writes some after the response has left.
sub logged
{
    my ($self) = @_;
    my %logged;
    for (1 .. 200) {
        my $log = $self->{cors}->access_log;
        %logged = map { /^(\d+) (\S+) (.*)$/ ? ($1 => [$2, $3]) : () }
            split /\n/, $log;
        last if keys %logged == $self->{case};
        select undef, undef, undef, 0.01;
    }
    return %logged;
}

# Where the sections of more than one URL come into question, it is left open
# whose CorsDebugHeader shows that there is no policy, and whether the Vary of an
# <If> that sets nothing stays on an error.
sub is_left_open
{
    my ($case) = @_;
    my ($request, $got) = @{$case}{qw(request got)};
    return 0 if !$request->{is_early} && !$request->{location};
    return $case->{differs} eq 'debug' && ($got->{debug} // '') eq 'no-policy'
        || $case->{differs} eq 'vary' && ($got->{vary} // '') eq 'origin';
}

# The cases, each with the names of what differs.
sub run
{
    my ($self, @requests) = @_;
    my $port = $self->{cors}->port;
    my $first = $self->{case};
    my @cases = map {
        { %{ $self->run_one(at_port($_, $port)) }, original => $_ }
    } @requests;
    my %logged = $self->logged;
    for my $i (0 .. $#cases) {
        @{ $cases[$i]{got} }{qw(decision origin)} =
            @{ $logged{ $first + $i } // ['not logged', 'not logged'] };
        $cases[$i]{differs} = join ' ',
            differences(@{ $cases[$i] }{qw(expected got)});
        $cases[$i]{differs} = '' if is_left_open($cases[$i]);
    }
    return @cases;
}

# '' or what went wrong in the server itself.
sub stop
{
    my ($self) = @_;
    $self->{$_}->stop for qw(cors plain number);
    return join '', map { "$_\n" } grep { /exit signal|Sanitizer|:emerg\]/ }
        split /\n/, $self->{cors}->output;
}

1;
