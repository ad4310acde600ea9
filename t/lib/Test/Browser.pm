package Test::Browser;

# A real browser without a window, driven by its WebDriver:
#
#   my $browser = Test::Browser->start('chromium');
#   $browser->resize(360, 800);
#   $browser->go('http://127.0.0.1:8080/');
#   my $title = $browser->run('return document.title');
#   $browser->screenshot('/tmp/page.png');
#   $browser->stop;
#
# Whatever goes wrong dies, a browser that is not installed included: a test
# that needs one can't pass without it.

use strict;
use warnings;
use Carp 'croak';
use File::Temp;
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64 'decode_base64';
use POSIX ();
use Time::HiRes qw(sleep time);

use constant { START_SECONDS => 30, STOP_SECONDS => 10,
    SCRIPT_SECONDS => 60 };

my $json = JSON::PP->new->utf8->allow_nonref;

# What differs between browsers: the command that listens on a port for
# WebDriver, the capabilities that ask it for a browser with an empty profile,
# and the way to set the size of the viewport.
my %BROWSERS = (
    chromium => {
        driver       => sub { ('chromedriver', "--port=$_[0]") },
        capabilities => \&chromium_capabilities,
        resize       => \&chromium_resize,
    },
);

# Starts a browser with a home and a profile of its own.
sub start {
    my ($class, $name) = @_;
    my $browser = $BROWSERS{$name} or croak "no such browser: $name";
    my $self = bless {
        name    => $name,
        browser => $browser,
        home    => File::Temp->newdir('browser-XXXXXX', TMPDIR => 1),
        http    => HTTP::Tiny->new(timeout => SCRIPT_SECONDS + 30),
    }, $class;

    $self->start_driver;
    $self->open_session;
    return $self;
}

# Loads a page; comes back when it is loaded.
sub go {
    my ($self, $url) = @_;

    $self->command(POST => '/url', { url => $url });
    return;
}

# Runs the body of an async function in the page, with @arguments as its
# "arguments", and gives back what it returns. Dies of what it throws.
sub run {
    my ($self, $body, @arguments) = @_;
    my $result = $self->command(POST => '/execute/async', {
        args   => \@arguments,
        script => <<"END" });
const done = arguments[arguments.length - 1];
(async () => {
$body
})().then((value) => done({value}), (error) => done({error: String(error)}));
END

    die "$self->{name}: $result->{error}\n" if exists $result->{error};
    return $result->{value};
}

# Sets the size of the viewport, in CSS pixels.
sub resize {
    my ($self, $width, $height) = @_;

    $self->{browser}{resize}->($self, $width, $height);
    return;
}

# Writes a picture of the viewport to a file, as PNG.
sub screenshot {
    my ($self, $file) = @_;

    open my $out, '>:raw', $file or die "$file: $!\n";
    print $out decode_base64($self->command(GET => '/screenshot'));
    close $out or die "$file: $!\n";
    return;
}

# Ends the session first, so that the browser goes away by itself; then the
# driver.
sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    if (delete $self->{session}) {
        eval { $self->{http}->delete($self->{session_url}) };
    }
    for my $signal (qw(TERM KILL)) {
        kill $signal, -$pid;
        return if wait_for($pid, STOP_SECONDS);
    }
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $@, $!);

    $self->stop;
    return;
}

sub start_driver {
    my ($self) = @_;
    my $port = free_port();
    my ($program, @arguments) = $self->{browser}{driver}->($port);

    grep { -x "$_/$program" } split /:/, $ENV{PATH}
        or die "$self->{name} can't be started: $program is not installed\n";
    $self->{base} = "http://127.0.0.1:$port";
    $self->{pid}  = spawn("$self->{home}", $program, @arguments);
    my $end = time + START_SECONDS;
    until (IO::Socket::INET->new("127.0.0.1:$port")) {
        die "$program does not start\n"
            if time > $end || wait_for($self->{pid}, 0);
        sleep 0.1;
    }
    return;
}

sub open_session {
    my ($self) = @_;
    my $wanted = {
        %{ $self->{browser}{capabilities}->("$self->{home}") },
        timeouts => { script => SCRIPT_SECONDS * 1000 },
    };
    my $session = $self->command(POST => '/session',
        { capabilities => { alwaysMatch => $wanted } });

    $self->{session} = $session->{sessionId};
    $self->{session_url} = "$self->{base}/session/$self->{session}";
    return;
}

# One WebDriver command; a path within the session once there is one.
sub command {
    my ($self, $method, $path, $parameters) = @_;
    my $url = ($self->{session_url} // $self->{base}) . $path;
    my $response = $self->{http}->request($method, $url, $parameters ? {
        headers => { 'Content-Type' => 'application/json' },
        content => $json->encode($parameters),
    } : {});
    my $answer = eval { $json->decode($response->{content}) };

    return $answer->{value} if $response->{success} && $answer;
    my $why = ref $answer->{value} eq 'HASH' && $answer->{value}{message};
    die "$self->{name}: $method $path: ", $why || $response->{content}, "\n";
}

# A process group of its own, so that what the driver started goes with it.
sub spawn {
    my ($home, @command) = @_;
    my $pid = fork // die "fork: $!\n";

    return $pid if $pid;
    setpgrp;
    $ENV{HOME} = $home;
    open STDOUT, '>', '/dev/null';
    open STDERR, '>&', \*STDOUT;
    { no warnings 'exec'; exec @command }
    POSIX::_exit(127);
}

# True once the process has ended.
sub wait_for {
    my ($pid, $seconds) = @_;
    my $end = time + $seconds;

    until (waitpid $pid, POSIX::WNOHANG()) {
        return 0 if time >= $end;
        sleep 0.05;
    }
    return 1;
}

sub free_port {
    my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
        or die "no free port: $!\n";

    return $socket->sockport;
}

sub chromium_capabilities {
    my ($home) = @_;
    my @flags = qw(headless no-sandbox disable-gpu disable-quic no-first-run
        disable-background-networking disable-component-update disable-sync);

    return { 'goog:chromeOptions' =>
        { args => ["--user-data-dir=$home/profile", map { "--$_" } @flags] } };
}

# A window can't be as narrow as a phone, so the viewport is made so.
sub chromium_resize {
    my ($self, $width, $height) = @_;

    $self->command(POST => '/goog/cdp/execute', {
        cmd    => 'Emulation.setDeviceMetricsOverride',
        params => { width => $width, height => $height,
            deviceScaleFactor => 1, mobile => JSON::PP::false },
    });
    return;
}

1;
