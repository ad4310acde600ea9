# A server that sends what the query string says: see t/lib/Test/Backend.pm.
# It speaks HTTP, uwsgi and SCGI, and answers FastCGI with garbage. Argument:
# the file that counts the requests. It writes its port.
use v5.32;
use warnings;
use experimental 'signatures';
use IO::Socket::INET;

my ($count_file) = @ARGV;
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';

sub count_one()
{
    open my $count, '>>', $count_file or die "count: $!\n";
    print {$count} '.';
    close $count;
    return;
}

# ---- how the request comes: each returns the query string ----

# The request's body is read, too: a close that leaves some of it unread would
# be a reset.
sub read_http($client, $first)
{
    my $line = $first . readline $client;
    my ($query) = $line =~ /^\S+ [^? ]*\??(\S*)/;
    my $length = 0;
    while (defined(my $header = readline $client)) {
        last if $header =~ /^\r?\n$/;
        $length = $1 if $header =~ /^Content-Length: *(\d+)/i;
    }
    read $client, my $body, $length if $length;
    return $query;
}

sub read_uwsgi($client, $first)
{
    read $client, my $head, 3;
    read $client, my $packet, unpack 'v', $head;
    my %variables = unpack '(v/a v/a)*', $packet;
    return $variables{QUERY_STRING};
}

sub read_scgi($client, $first)
{
    local $/ = ':';
    read $client, my $packet, $first . readline($client) =~ s/:$//r;
    getc $client;
    my %variables = split /\0/, $packet, -1;
    read $client, my $body, $variables{CONTENT_LENGTH};
    return $variables{QUERY_STRING};
}

# ---- how the response goes ----

# The status is the first line, or none.
sub to_http($text)
{
    my ($head, $body) = split /\n\n/, $text, 2;
    my $status = $head =~ s/^Status: (\d+)\n?// ? $1 : 200;
    my @lines = ("HTTP/1.1 $status Reason", split(/\n/, $head),
        'Connection: close');
    return join("\r\n", @lines, '', '') . ($body // '');
}

sub send_text($client, $text)
{
    for my $part (split /(<wait [^>]+>)/, $text) {
        if ($part =~ /^<wait (.+)>$/) {
            open my $pipe, '<', $1 or die "$1: $!\n";
            readline $pipe;
            next;
        }
        print {$client} $part;
    }
    shutdown $client, 1;
    return;
}

# The first byte tells the protocol.
sub serve($client)
{
    $client->autoflush;
    my $first = getc $client // exit;
    return print {$client} 'garbage' if $first eq "\1";
    my $is_scgi = $first =~ /\d/;
    my $query = $is_scgi ? read_scgi($client, $first)
        : $first eq "\0" ? read_uwsgi($client, $first)
        : read_http($client, $first);
    count_one();
    my $text = $query =~ s/%(..)/chr hex $1/ger;
    $text = to_http($text) if $text !~ s/^raw:// && !$is_scgi;
    return send_text($client, $text);
}

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 64)
    or die "no free port: $!\n";
STDOUT->autoflush;
say $listener->sockport;
while (1) {
    my $client = $listener->accept or next;
    next if fork // die "fork: $!\n";
    serve($client);
    exit;
}
