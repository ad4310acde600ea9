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

# What differs between browsers: the command that listens on a port, the
# capabilities that ask for a browser with an empty profile, what has to be
# there before, another protocol than WebDriver, and the way to set the size of
# the viewport.
my %BROWSERS = (
    chromium => {
        driver       => sub { ('chromedriver', "--port=$_[0]") },
        capabilities => \&chromium_capabilities,
        resize       => \&chromium_resize,
        console      => \&chromium_console,
    },
    # Firefox has its own protocol built in, Marionette: no driver is needed.
    firefox => {
        driver => sub { ('firefox-esr', qw(--headless --no-remote --marionette
            --remote-allow-system-access --profile), "$_[1]/profile") },
        prepare      => \&firefox_profile,
        connect      => \&marionette_connect,
        command      => \&marionette_command,
        console      => \&firefox_console,
        capabilities => sub { {} },
        quit         => ['Marionette:Quit', { flags => ['eForceQuit'] }],
    },
    # MiniBrowser has no mode without a window, so it gets a screen of its own.
    webkit => {
        driver       => sub { ('WebKitWebDriver', "--port=$_[0]") },
        prepare      => \&webkit_screen,
        capabilities => \&webkit_capabilities,
    },
);

my %MARIONETTE = (
    '/session' => 'WebDriver:NewSession', '/url' => 'WebDriver:Navigate',
    '/execute/async' => 'WebDriver:ExecuteAsyncScript',
    '/screenshot' => 'WebDriver:TakeScreenshot',
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

# The texts that the console has got since the last call.
# WebKit writes its console only without a driver: see webkit_console.
sub console {
    my ($self) = @_;

    return $self->{browser}{console}->($self);
}

# Loads a page in WebKit without a driver and gives back what its console
# has got, when $is_done returns true.
sub webkit_console {
    my ($class, $url, $is_done) = @_;
    my ($program) = glob '/usr/lib/*/webkit2gtk-4.1/MiniBrowser';
    my $self = bless { name => 'webkit',
        home => File::Temp->newdir('browser-XXXXXX', TMPDIR => 1) }, $class;
    my $file = "$self->{home}/console";

    webkit_screen($self, free_port());
    $self->{pid} = spawn("$self->{home}", 'sh', '-c', 'exec "$@" 2>"$0"',
        $file, $program // die("webkit is not installed\n"),
        '--enable-write-console-messages-to-stdout=true', $url);
    my $end = time + SCRIPT_SECONDS;
    until ($is_done->()) {
        die "webkit does not finish $url\n" if time > $end;
        sleep 0.1;
    }
    $self->stop;
    open my $in, '<:utf8', $file or die "$file: $!\n";
    return <$in>;
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
        my $quit = $self->{browser}{quit};
        eval { $quit ? $self->marionette(@$quit)
            : $self->{http}->delete($self->{session_url}) };
    }
    for my $process ($pid, delete $self->{screen} // ()) {
        end_process($process);
    }
    return;
}

sub end_process {
    my ($pid) = @_;

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
    my $browser = $self->{browser};
    my ($program, @arguments) = $browser->{driver}->($port, $self->{home});

    grep { -x "$_/$program" } split /:/, $ENV{PATH}
        or die "$self->{name} can't be started: $program is not installed\n";
    $self->{base} = "http://127.0.0.1:$port";
    $browser->{prepare}->($self, $port) if $browser->{prepare};
    $self->{pid}  = spawn("$self->{home}", $program, @arguments);
    my $end = time + START_SECONDS;
    until (IO::Socket::INET->new("127.0.0.1:$port")) {
        die "$program does not start\n"
            if time > $end || wait_for($self->{pid}, 0);
        sleep 0.1;
    }
    $browser->{connect}->($self, $port) if $browser->{connect};
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

    if (my $other = $self->{browser}{command}) {
        return $other->($self, $path, $parameters);
    }
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
    $ENV{GIO_USE_VFS} = 'local';
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

    return { 'goog:loggingPrefs' => { browser => 'ALL' },
        'goog:chromeOptions' => { args => ["--user-data-dir=$home/profile",
            map { "--$_" } @flags] } };
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

sub chromium_console {
    my ($self) = @_;

    return map { $_->{message} }
        @{ $self->command(POST => '/se/log', { type => 'browser' }) };
}

sub firefox_console {
    my ($self) = @_;

    $self->marionette('Marionette:SetContext', { value => 'chrome' });
    my $result = $self->marionette('WebDriver:ExecuteScript', { args => [],
        script => 'const texts = Services.console.getMessageArray()'
            . '.map((message) => message.message);'
            . ' Services.console.reset(); return texts;' });
    $self->marionette('Marionette:SetContext', { value => 'content' });
    return @{ $result->{value} };
}

sub firefox_profile {
    my ($self, $port) = @_;
    my $profile = "$self->{home}/profile";

    mkdir $profile or die "$profile: $!\n";
    open my $out, '>', "$profile/user.js" or die "$profile: $!\n";
    print $out qq{user_pref("marionette.port", $port);\n};
    close $out or die "$profile: $!\n";
    return;
}

sub marionette_connect {
    my ($self, $port) = @_;

    $self->{marionette} = IO::Socket::INET->new("127.0.0.1:$port")
        or die "firefox: no connection: $!\n";
    marionette_answer($self);
    return;
}

# LENGTH:JSON, both ways.
sub marionette_answer {
    my ($self) = @_;
    my ($length, $text) = ('', '');

    while (read $self->{marionette}, my $c, 1) {
        last if $c eq ':';
        $length .= $c;
    }
    length $length or die "firefox: the connection ended\n";
    read $self->{marionette}, $text, $length;
    return $json->decode($text);
}

sub marionette {
    my ($self, $command, $parameters) = @_;
    my $text = $json->encode([0, ++$self->{count}, $command, $parameters]);

    $self->{marionette}->print(length $text, ":$text");
    my (undef, undef, $error, $result) = @{ marionette_answer($self) };
    die "firefox: $command: $error->{message}\n" if $error;
    return $result;
}

sub marionette_command {
    my ($self, $path, $parameters) = @_;
    my $result = $self->marionette($MARIONETTE{$path} // die($path),
        $path eq '/session' ? {} : $parameters // {});

    $self->marionette('WebDriver:SetTimeouts',
        { script => SCRIPT_SECONDS * 1000 }) if $path eq '/session';
    return exists $result->{value} ? $result->{value} : $result;
}

sub webkit_screen {
    my ($self, $port) = @_;

    $self->{screen} = spawn("$self->{home}", 'Xvfb', ":$port",
        qw(-nolisten tcp -screen 0 1280x900x24));
    $ENV{DISPLAY} = ":$port";
    my $end = time + START_SECONDS;
    until (-S "/tmp/.X11-unix/X$port") {
        die "Xvfb does not start\n" if time > $end;
        sleep 0.1;
    }
    return;
}

sub webkit_capabilities {
    my ($binary) = map { glob "/usr/lib/*/$_/MiniBrowser" }
        'webkit2gtk-4.1', 'webkit*gtk-*';

    return { 'webkitgtk:browserOptions' =>
        { binary => $binary, args => ['--automation'] } };
}

1;
