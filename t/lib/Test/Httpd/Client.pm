package Test::Httpd::Client;

# A connection to httpd that shows responses as they came: header lines as
# lists, nothing merged, so that "exactly one" can be asserted.
#
#   $c->send("GET / HTTP/1.1\nOrigin: x\n"); $c->response; $c->is_open;
#
# A request's text has plain line ends and maybe a body behind a blank line.
# Host (on HTTP/1.1) and Content-Length (with a body) are added when missing.
#
# A response is {status, reason, version, headers => {name => [values]},
# order => [[Name, value]], body, raw, interim => [1xx responses], rest}; rest
# holds bytes that came behind it and belong to no response read so far.

use v5.32;
use warnings;
use experimental 'signatures';
use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time);

my $SECONDS = $ENV{TEST_ASAN} ? 30 : 10;

sub new($class, $port, %options)
{
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $port, Timeout => $SECONDS)
        or die "cannot connect to port $port: $@\n";
    $socket->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    $socket->blocking(0);
    return bless {
        socket => $socket, port => $port, buffer => '', taken => '',
        timeout => $options{timeout} // $SECONDS, methods => [],
    }, $class;
}

sub close($self) { return $self->{socket}->close }

# ---- sending ----

# A request's text as it goes over the wire.
sub to_wire($text, $port)
{
    my ($head, $body) = split /\r?\n\r?\n/, $text, 2;
    my ($line, @headers) = split /\r?\n/, $head;
    unshift @headers, "Host: 127.0.0.1:$port"
        if $line =~ m{ HTTP/1\.1$} && !grep { /^Host:/i } @headers;
    push @headers, 'Content-Length: ' . length $body
        if length($body // '')
        && !grep { /^(?:Content-Length|Transfer-Encoding):/i } @headers;
    return join("\r\n", $line, @headers, '', '') . ($body // '');
}

# The methods are remembered: the response to HEAD has no body.
sub send($self, @texts)
{
    push @{ $self->{methods} }, map { /\A(\S+)/ ? $1 : 'GET' } @texts;
    return $self->send_raw(join '', map { to_wire($_, $self->{port}) } @texts);
}

# Reads meanwhile: httpd stops reading when nobody takes its responses. A
# server that closes early is no failure here; its response tells.
sub send_raw($self, $bytes)
{
    local $SIG{PIPE} = 'IGNORE';
    my $select = IO::Select->new($self->{socket});
    my $deadline = time + $self->{timeout};
    while (length $bytes) {
        my ($readable, $writable) = IO::Select->select(
            $self->{closed} ? undef : $select, $select, undef,
            $deadline - time) or die "httpd took only a part of the request\n";
        $self->read_some if @$readable;
        next if !@$writable;
        my $count = syswrite $self->{socket}, $bytes;
        next if !defined $count && $!{EAGAIN};
        return $self if !defined $count;
        substr $bytes, 0, $count, '';
    }
    return $self;
}

# ---- receiving ----

# What has come in goes to the buffer; the peer's end is remembered.
sub read_some($self)
{
    my $count = sysread $self->{socket}, $self->{buffer}, 65536,
        length $self->{buffer};
    $self->{closed} = 1
        if defined $count ? $count == 0 : !$!{EAGAIN} && !$!{EINTR};
    return;
}

# Waits for more bytes; false at the end of the connection.
sub fill($self)
{
    my $had = length $self->{buffer};
    while (!$self->{closed} && length $self->{buffer} == $had) {
        my $left = $self->{deadline} - time;
        $left > 0 && IO::Select->new($self->{socket})->can_read($left)
            or $self->fail("no whole response in $self->{timeout} s");
        $self->read_some;
    }
    return length $self->{buffer} > $had;
}

sub fail($self, $why)
{
    die "$why; so far: '$self->{taken}$self->{buffer}'\n";
}

sub take($self, $count)
{
    while (length $self->{buffer} < $count) {
        $self->fill or $self->fail('the connection ended too early');
    }
    my $bytes = substr $self->{buffer}, 0, $count, '';
    $self->{taken} .= $bytes;
    return $bytes;
}

# Up to and with what ends it, which is left out of what comes back.
sub take_until($self, $end)
{
    my $at;
    while (($at = index $self->{buffer}, $end) < 0) {
        $self->fill or $self->fail('the connection ended too early');
    }
    return substr $self->take($at + length $end), 0, $at;
}

sub response($self, %options)
{
    my $sent = shift @{ $self->{methods} };
    my $method = $options{method} // $sent // 'GET';
    $self->{deadline} = time + $self->{timeout};
    $self->{taken} = '';
    my @interim;
    my $r = parse_head($self->take_until("\r\n\r\n"));
    while ($r->{status} =~ /^1/ && $r->{status} != 101) {
        push @interim, $r;
        $r = parse_head($self->take_until("\r\n\r\n"));
    }
    $r->{body} = $self->body($r, $method);
    return { %$r, interim => \@interim, raw => $self->{taken},
        rest => $self->{buffer} };
}

sub parse_head($head)
{
    my ($line, @lines) = split /\r\n/, $head;
    my ($version, $status, $reason) =
        ($line // '') =~ m{^HTTP/(1\.[01]|2) ([1-5]\d\d)(?: (.*))?$}
        or die "this is no HTTP response: '$head'\n";
    my (%headers, @order);
    for (@lines) {
        my ($name, $value) = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/
            or die "this is no header line: '$_'\n";
        push @{ $headers{lc $name} }, $value;
        push @order, [$name, $value];
    }
    return { version => $version, status => $status, reason => $reason // '',
        headers => \%headers, order => \@order };
}

# RFC 9112, section 6.3.
sub body($self, $r, $method)
{
    return '' if $method eq 'HEAD' || $r->{status} =~ /^(?:1..|204|304)$/;
    my ($coding) = reverse @{ $r->{headers}{'transfer-encoding'} // [] };
    return $self->chunks if ($coding // '') =~ /\bchunked$/i;
    my @lengths = @{ $r->{headers}{'content-length'} // [] };
    $self->fail('more than one Content-Length') if @lengths > 1;
    return $self->take($lengths[0]) if @lengths;
    1 while $self->fill;
    return $self->take(length $self->{buffer});
}

sub chunks($self)
{
    my $body = '';
    while (my $size = hex $self->take_until("\r\n") =~ s/;.*//r) {
        $body .= $self->take($size);
        $self->take_until("\r\n");
    }
    1 while $self->take_until("\r\n") ne '';
    return $body;
}

# Waits for the next response or for the end.
sub at_end($self)
{
    $self->{deadline} = time + $self->{timeout};
    $self->{taken} = '';
    return $self->{buffer} eq '' && !$self->fill;
}

# Whether httpd has left the connection open; it is given a moment to close.
sub is_open($self, $seconds = 0.2)
{
    my $deadline = time + $seconds;
    while (!$self->{closed} && (my $left = $deadline - time) > 0) {
        $self->read_some if IO::Select->new($self->{socket})->can_read($left);
    }
    return !$self->{closed};
}

# ---- HTTP/2 ----

# The same through curl, which speaks HTTP/2 for us.
sub h2($port, $text, %options)
{
    my $errors = "$options{dir}/curl.stderr";
    my @command = ('curl', '-sSi', '--http2-prior-knowledge', '--max-time',
        $options{timeout} // $SECONDS, '--stderr', $errors,
        curl_arguments($text, $options{dir}), "http://127.0.0.1:$port/");
    open my $in, '-|', @command or die "curl: $!\n";
    binmode $in;
    my $raw = do { local $/; <$in> } // '';
    return parse_stream($raw) if CORE::close $in;
    open my $said, '<', $errors or die "curl failed: $?\n";
    die 'curl failed: ', <$said>;
}

# The lines that curl adds by itself are taken away, and one with an empty
# value needs a form of its own.
sub curl_arguments($text, $dir)
{
    my ($head, $body) = split /\n\n/, $text, 2;
    my ($line, @headers) = split /\n/, $head;
    my ($method, $target) = split / /, $line;
    my %given = map { /^([^:]+):/ ? (lc $1 => 1) : () } @headers;
    push @headers, map { "$_:" } grep { !$given{lc $_} }
        qw(User-Agent Accept Content-Type);
    my @arguments = ('--request-target', $target,
        $method eq 'HEAD' ? '--head' : ('-X', $method), map { ('-H', $_) }
        @headers);
    return @arguments if !length($body // '');
    open my $out, '>:raw', "$dir/curl.body" or die "$dir/curl.body: $!\n";
    print {$out} $body;
    CORE::close $out or die "$dir/curl.body: $!\n";
    return (@arguments, '--data-binary', "\@$dir/curl.body");
}

sub parse_stream($raw)
{
    my ($head, $rest) = split /\r\n\r\n/, $raw, 2;
    my $r = parse_head($head // '');
    my @interim;
    while ($r->{status} =~ /^1/) {
        push @interim, $r;
        ($head, $rest) = split /\r\n\r\n/, $rest // '', 2;
        $r = parse_head($head // '');
    }
    return { %$r, body => $rest // '', raw => $raw, rest => '',
        interim => \@interim };
}

1;
