package Test::Backend;

# A backend for one test, that runs until the test ends.
#
#   my $http = Test::Backend->http;     # says over HTTP what it is asked for
#   my $php = Test::Backend->php_fpm;   # runs PHP scripts
#   my $node = Test::Backend->node('t/backend/express.js');
#
#   $http->url      what ProxyPass or SetHandler takes
#   $http->count    how many requests have reached it
#   $http->port     of http and node
#   $http->log      what it complained of
#   $http->stop
#
# http, t/backend/asked.cgi and t/backend/asked.php send what the query string
# says: header lines as a script writes them ("Status: 404"), a blank line, the
# body. asked() makes such a query string. Where the body has "<wait FILE>"
# what is in front of it is sent, and the rest only when a line was read from
# FILE, a named pipe. http sends what begins with "raw:" as it is.

use v5.32;
use warnings;
use experimental 'signatures';
use Cwd qw(abs_path);
use File::Temp;
use IO::Select;
use IO::Socket::UNIX;
use POSIX qw(WNOHANG);
use Scalar::Util qw(weaken);
use Time::HiRes qw(sleep time);

use Test::Httpd;

my $SECONDS = 30;
my %running;

sub asked($text)
{
    return $text =~ s/([^\w.-])/sprintf '%%%02x', ord $1/ger;
}

# ---- kinds ----

sub http($class)
{
    my $self = $class->make;
    return $self->start($^X, 't/backend/asked.pl', $self->count_file)
        ->read_port;
}

# sh t/run installs what package.json names.
sub node($class, $script)
{
    -f 'build/node/installed' or die "$script needs packages of npm's"
        . " registry, which sh t/run could not install:\n", npm_log();
    my $modules = abs_path('build/node') . '/node_modules';
    my $self = $class->make;
    local $ENV{NODE_PATH} = $modules;
    return $self->start('node', $script, $self->count_file)->read_port;
}

sub npm_log()
{
    open my $in, '<', 'build/node/npm.log' or return "sh t/run was not run\n";
    return map { "  $_" } <$in>;
}

sub php_fpm($class)
{
    my $self = $class->make;
    $self->write('fpm.conf', $self->fpm_config);
    $self->start(php_fpm_binary(), '--nodaemonize', '--no-php-ini',
        '--fpm-config', $self->path('fpm.conf'));
    $self->wait_for(sub {
        return IO::Socket::UNIX->new(Peer => $self->path('socket'));
    });
    $self->{url} = 'unix:' . $self->path('socket') . '|fcgi://localhost';
    return $self;
}

# Debian writes the version into the name.
sub php_fpm_binary()
{
    my ($found) = grep { -x } map { glob "$_/php-fpm*" }
        split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';
    return $found // die "php-fpm is not there; sh t/run installs it\n";
}

# Only root may choose whom the workers belong to.
sub fpm_config($self)
{
    my $user = $> == 0 ? 'user = ' . Test::Httpd->user . "\ngroup = "
        . getgrgid((getpwnam Test::Httpd->user)[3]) . "\n" : '';
    return <<"EOT" . $user;
[global]
error_log = @{[ $self->path('log') ]}
log_level = warning
[test]
listen = @{[ $self->path('socket') ]}
listen.mode = 0666
pm = static
pm.max_children = 4
env[COUNT_FILE] = @{[ $self->count_file ]}
php_admin_flag[output_buffering] = off
php_admin_flag[display_errors] = off
EOT
}

# ---- life ----

sub make($class)
{
    my $self = bless { owner => $$ }, $class;
    $SIG{$_} //= sub { exit 1 } for qw(INT TERM HUP PIPE);
    $self->{temp} = File::Temp->newdir('backend-XXXXXXXX', TMPDIR => 1);
    chmod 0755, "$self->{temp}";
    $self->write('count', '');
    chmod 0666, $self->count_file;
    return $self;
}

sub path($self, $name) { return "$self->{temp}/$name" }
sub count_file($self)  { return $self->path('count') }
sub count($self)       { return -s $self->count_file }
sub url($self)         { return $self->{url} }
sub port($self)        { return $self->{port} }

sub write($self, $name, $content)
{
    my $file = $self->path($name);
    open my $out, '>:raw', $file or die "$file: $!\n";
    print {$out} $content;
    close $out or die "$file: $!\n";
    return;
}

sub log($self)
{
    open my $in, '<:raw', $self->path('log') or return '';
    local $/;
    return <$in> // '';
}

# A process group of its own: some have children.
sub start($self, @command)
{
    pipe $self->{out}, my $in or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        POSIX::setsid();
        open STDIN, '<', '/dev/null';
        open STDOUT, '>&', $in;
        open STDERR, '>>', $self->path('log');
        { no warnings 'exec'; exec { $command[0] } @command }
        POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    weaken($running{$pid} = $self);
    return $self;
}

# The first line that it writes says that it is ready, and where.
sub read_port($self)
{
    IO::Select->new($self->{out})->can_read($SECONDS)
        && (readline($self->{out}) // '') =~ /^(\d+)$/
        or die "a backend did not start:\n", $self->log;
    $self->{port} = $1;
    $self->{url} = "http://127.0.0.1:$1";
    return $self;
}

sub wait_for($self, $condition)
{
    my $deadline = time + $SECONDS;
    until ($condition->()) {
        if (time > $deadline || waitpid $self->{pid}, WNOHANG) {
            die "a backend did not start:\n", $self->log;
        }
        sleep 0.01;
    }
    return;
}

sub stop($self)
{
    my $pid = $self->{pid};
    return if !$pid || $self->{owner} != $$;
    local ($?, $!);
    delete $running{ delete $self->{pid} };
    kill 'TERM', -$pid;
    my $deadline = time + 5;
    while (waitpid($pid, WNOHANG) == 0) {
        kill 'KILL', -$pid if time > $deadline;
        sleep 0.005;
    }
    return;
}

sub DESTROY($self) { $self->stop; return }

END { $_ && $_->stop for values %running }

1;
