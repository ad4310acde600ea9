package Test::Cors;

# What the tests of behaviour share: origins, requests in short, and what
# matters of a response.
#
#   $APP, $OTHER, $EVIL    an allowed origin, another, one that is denied
#   @OPTIONS_VARY          the names in Vary of each OPTIONS response
#   $CGI                   the CGI module that the MPM needs
#   get(path, origin, header lines), preflight(the same): a request's text; an
#                          undefined origin sends none
#   vary(response)         the names in Vary, sorted, in lower case
#   cors(response)         the Access-Control headers as {name => [values]}
#   facts(response)        {status, cors, vary}
#   origins(response)      status and values of Access-Control-Allow-Origin
#   shown(bytes)           printable and short, for a test's name
#   slurp(path)            a file's content

use v5.32;
use warnings;
use experimental 'signatures';
use parent 'Exporter';

our $APP = 'https://app.example.com';
our $OTHER = 'https://other.example.com';
our $EVIL = 'https://evil.example.net';
our $CGI = ($ENV{TEST_MPM} // '') eq 'prefork' ? 'cgi' : 'cgid';
our @OPTIONS_VARY = qw(access-control-request-headers
    access-control-request-method origin);

our @EXPORT = qw($APP $OTHER $EVIL $CGI @OPTIONS_VARY get preflight vary cors
    facts origins shown slurp);

sub origin_line($origin) { return defined $origin ? "Origin: $origin\n" : '' }

sub get($path, $origin = $APP, $more = '')
{
    return "GET $path HTTP/1.1\n" . origin_line($origin) . $more;
}

sub preflight($path, $origin = $APP, $more = '')
{
    return "OPTIONS $path HTTP/1.1\n" . origin_line($origin)
        . ($more =~ /^Access-Control-Request-Method:/m ? ''
            : "Access-Control-Request-Method: PUT\n") . $more;
}

sub vary($r)
{
    return [sort map { lc } grep { length } map { split /[\s,]+/ }
        @{ $r->{headers}{vary} // [] }];
}

sub cors($r)
{
    return { map { $_ => $r->{headers}{$_} }
        grep { /^access-control-/ } keys %{ $r->{headers} } };
}

sub facts($r)
{
    return { status => $r->{status}, cors => cors($r), vary => vary($r) };
}

sub origins($r)
{
    return join ' ', $r->{status},
        @{ $r->{headers}{'access-control-allow-origin'} // [] };
}

sub shown($text)
{
    $text =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    return length $text < 70 ? $text
        : sprintf '%.40s... (%d bytes)', $text, length $text;
}

sub slurp($path)
{
    open my $in, '<:raw', $path or die "$path: $!\n";
    local $/;
    return <$in>;
}

1;
