package Test::Httpd::Config;

# The part of Test::Httpd that chooses and writes what a private httpd reads.

use v5.32;
use warnings;
use experimental 'signatures';
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp;
use IO::Socket::INET;
use version;

my @USUAL = qw(unixd log_config logio version watchdog);

# What a module cannot be loaded without.
my %NEEDS = (
    auth_basic     => [qw(authn_core)],
    auth_digest    => [qw(authn_core)],
    cache_disk     => [qw(cache)],
    cache_socache  => [qw(cache)],
    dav_fs         => [qw(dav)],
    dav_lock       => [qw(dav)],
    proxy_balancer => [qw(slotmem_shm)],
    session_cookie => [qw(session)],
    ssl            => [qw(socache_shmcb)],
);

# prefork is given more than one child, because a proxy that asks its own
# server needs two.
my %MPM = (
    event   => "StartServers 1\nServerLimit 2\nThreadLimit 8\n"
        . "ThreadsPerChild 8\nMaxRequestWorkers 16\n"
        . "MinSpareThreads 1\nMaxSpareThreads 16\n",
    prefork => "StartServers 3\nMinSpareServers 2\nMaxSpareServers 8\n"
        . "ServerLimit 8\nMaxRequestWorkers 8\n",
);
$MPM{worker} = $MPM{event};

my %DEFAULTS = (
    modules => [], config => '', main => '', files => {}, cors => 1,
    mpm => undef, server_name => '127.0.0.1:@PORT@',
    log_level => 'notice', log_format => '%m %U%q %H %>s',
);

# A test that a signal interrupts cleans up, too.
sub config($class, %args)
{
    my @unknown = grep { !exists $DEFAULTS{$_} } sort keys %args;
    die "config() does not know: @unknown\n" if @unknown;
    $SIG{$_} //= sub { exit 1 } for qw(INT TERM HUP);
    my $self = bless { %DEFAULTS, %args,
        owner => $$, log_from => {}, expected => [] }, $class;
    $self->{mpm} //= $self->default_mpm;
    $self->{temp} = File::Temp->newdir('httpd-XXXXXXXX', TMPDIR => 1,
        CLEANUP => !$ENV{TEST_KEEP});
    $self->{root} = abs_path("$self->{temp}");
    $self->{port} = $class->free_port;
    $self->write_files;
    return $self;
}

# HTTP/2 does not work in prefork, so a test of it stays with event.
sub default_mpm($self)
{
    my $mpm = $ENV{TEST_MPM} || 'event';
    my $is_h2 = grep { $_ eq 'http2' } @{ $self->{modules} };
    return $mpm eq 'prefork' && $is_h2 ? 'event' : $mpm;
}

sub port($self)         { return $self->{port} }
sub root($self)         { return $self->{root} }
sub docroot($self)      { return "$self->{root}/htdocs" }
sub url($self, $path)   { return "http://127.0.0.1:$self->{port}$path" }

# A port that nobody listens on: for a server, or for a backend that is dead.
sub free_port($class)
{
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "no free port: $!\n";
    return $socket->sockport;
}

# ---- the configuration ----

# HTTPD, else the httpd that APXS belongs to, else the first one in PATH.
sub binary(@)
{
    state $found = (grep { defined && -x } $ENV{HTTPD},
        $ENV{APXS} ? apxs('SBINDIR') . '/' . apxs('progname') : undef,
        map { ("$_/apache2", "$_/httpd") }
        split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin')[0]
        // die "no apache2 or httpd found; set HTTPD\n";
    return $found;
}

sub apxs($name)
{
    my $apxs = $ENV{APXS} || 'apxs';
    my $value = `$apxs -q $name`;
    chomp $value;
    return $value;
}

sub module_dir()
{
    state $dir = $ENV{HTTPD_MODULES} || apxs('LIBEXECDIR');
    return $dir || die "where are httpd's modules? set HTTPD_MODULES\n";
}

# Test::Httpd->at_least('2.4.71') is true for that version of httpd and later
# ones. A test uses it where httpd's behaviour has changed.
sub at_least($class, $wanted)
{
    my $binary = binary();
    state $version = `"$binary" -v` =~ m{Apache/([\d.]+)} ? $1
        : die "$binary -v names no version\n";
    return version->parse("v$version") >= version->parse("v$wanted");
}

# A header of this length, in bytes, reaches a script. mod_cgid of httpd 2.4.69
# refuses longer ones with 500 or 503.
sub longest_for_scripts($class)
{
    return $class->at_least('2.4.69') && !$class->at_least('2.4.70')
        ? 3000 : 7000;
}

sub built_in()
{
    my $binary = binary();
    state %static = map { $_ => 1 } `"$binary" -l` =~ /^\s*mod_(\w+)\.c$/mg;
    return \%static;
}

sub has_module($name)
{
    return built_in()->{$name} || -f module_dir() . "/mod_$name.so";
}

# Debian links the modules of @USUAL into httpd. Others load them or do without.
sub load_modules($self)
{
    my %seen = %{ built_in() };
    my @wanted = map { (/^proxy_/ ? 'proxy' : (), @{ $NEEDS{$_} // [] }, $_) }
        @{ $self->{modules} };
    my @load = grep { !$seen{$_}++ } (grep { has_module($_) } @USUAL),
        "mpm_$self->{mpm}", 'authz_core', @wanted;
    my @lines = map {
        "LoadModule ${_}_module \"" . module_dir() . "/mod_$_.so\""
    } @load;
    push @lines, 'LoadModule cors_module "' . module_under_test() . '"'
        if $self->{cors};
    return join "\n", @lines;
}

sub module_under_test()
{
    my $file = $ENV{MOD_CORS} || 'build/mod_cors.so';
    -f $file or die "$file is not there; build it with make\n";
    return abs_path($file);
}

# The user that httpd runs as when root starts it.
sub user($class)
{
    state $user = (grep { defined getpwnam $_ } qw(www-data apache daemon
        nobody))[0] // die "no user to run httpd as\n";
    return $user;
}

sub main_config($self)
{
    my %loaded = map { $_ => 1 } @{ $self->{modules} };
    my $user = $> == 0 ? 'User ' . $self->user . "\nGroup #"
        . (getpwnam $self->user)[3] : '';
    my $types = $loaded{mime} ? 'TypesConfig conf/mime.types' : '';
    my $protocols = $loaded{http2} ? 'Protocols h2c http/1.1' : '';
    my $socket = $loaded{cgid} ? 'ScriptSock "@ROOT@/run/cgisock"' : '';
    my $format = $self->{log_format} =~ s/(["\\])/\\$1/gr;
    return <<"EOF";
ServerRoot "\@ROOT\@"
DefaultRuntimeDir "\@ROOT\@/run"
PidFile "\@ROOT\@/run/httpd.pid"
Mutex "file:\@ROOT\@/run"
@{[ $self->load_modules ]}
$user
$MPM{ $self->{mpm} }
Listen 127.0.0.1:\@PORT\@
ServerName $self->{server_name}
ErrorLog "\@ROOT\@/logs/error_log"
LogLevel notice $self->{log_level}
CustomLog "\@ROOT\@/logs/access_log" "$format"
Timeout 10
KeepAlive On
KeepAliveTimeout 5
GracefulShutdownTimeout 2
$types
$protocols
$socket
Include conf/main.conf
DocumentRoot "\@DOCROOT\@"
<Directory "\@DOCROOT\@">
    Require all granted
    AllowOverride All
</Directory>
Include conf/test.conf
EOF
}

sub write_files($self)
{
    my $root = $self->{root};
    chmod 0755, $root;
    make_path(map { "$root/$_" } qw(conf htdocs logs run var));
    chown((getpwnam $self->user)[2, 3], "$root/var") if $> == 0;
    $self->write_file('conf/httpd.conf', $self->main_config);
    $self->write_file('conf/main.conf', $self->{main});
    $self->write_file('conf/test.conf', $self->{config});
    $self->write_file('conf/mime.types', "text/html html\ntext/plain txt\n"
        . "text/css css\ntext/javascript js\napplication/json json\n");
    $self->write_file($_, $self->{files}{$_})
        for sort keys %{ $self->{files} };
    return;
}

sub write_file($self, $path, $content)
{
    my %value = (ROOT => $self->root, PORT => $self->port,
        DOCROOT => $self->docroot);
    $content =~ s/\@(ROOT|PORT|DOCROOT)\@/$value{$1}/g;
    my $file = "$self->{root}/$path";
    make_path(dirname($file));
    open my $out, '>:raw', $file or die "$file: $!\n";
    print {$out} $content;
    close $out or die "$file: $!\n";
    my $is_script = $content =~ /\A#!/ || $path =~ /\.(?:cgi|pl)\z/;
    chmod $is_script ? 0755 : 0644, $file;
    return;
}

1;
