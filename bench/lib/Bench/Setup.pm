package Bench::Setup;

# What is compared: one policy, put in force in several ways, four kinds of
# request to it, and what the answer has to be before anything is counted.

use v5.36;
use Exporter qw(import);
use File::Temp;
use Test::Httpd;

our @EXPORT_OK = qw(@KINDS @HTACCESS request setup htaccess_setup
    floor_setup answer);

our @KINDS = ('GET, origin allowed', 'GET, no Origin', 'GET, origin denied',
    'preflight');

my $ALLOWED = "Origin: https://app.example.com\n";

my %REQUEST = (
    'GET, origin allowed' => "GET /x.txt HTTP/1.1\n$ALLOWED",
    'GET, no Origin'      => "GET /x.txt HTTP/1.1\n",
    'GET, origin denied'  =>
        "GET /x.txt HTTP/1.1\nOrigin: https://evil.example.net\n",
    'preflight' => "OPTIONS /x.txt HTTP/1.1\n$ALLOWED"
        . "Access-Control-Request-Method: PUT\n"
        . "Access-Control-Request-Headers: content-type,x-token\n",
);

sub request($kind) { return $REQUEST{$kind} // die "what is '$kind'?\n" }

# ---- the policy ----

my $DIRECTIVES = <<'EOF';
CorsAllowOrigin https://app.example.com https://admin.example.com
CorsAllowCredentials On
CorsAllowMethods GET POST PUT DELETE
CorsAllowHeaders Content-Type X-Token
CorsExposeHeaders X-Total X-Page
CorsMaxAge 600
EOF

# The recipe that people paste, mended: both of mod_headers' tables are
# cleaned, errors have the headers, and Vary is merged.
my $ORIGINS = <<'EOF';
SetEnvIf Origin "^https://(app|admin)\.example\.com$" CORS=$0
EOF
my $LINES = <<'EOF';
Header onsuccess unset Access-Control-Allow-Origin
Header always set Access-Control-Allow-Origin "%{CORS}e" env=CORS
Header onsuccess unset Access-Control-Allow-Credentials
Header always set Access-Control-Allow-Credentials true env=CORS
Header onsuccess unset Access-Control-Allow-Methods
Header always set Access-Control-Allow-Methods "GET, POST, PUT, DELETE" env=CORS
Header onsuccess unset Access-Control-Allow-Headers
Header always set Access-Control-Allow-Headers "Content-Type, X-Token" env=CORS
Header onsuccess unset Access-Control-Expose-Headers
Header always set Access-Control-Expose-Headers "X-Total, X-Page" env=CORS
Header onsuccess unset Access-Control-Max-Age
Header always set Access-Control-Max-Age 600 env=CORS
Header always merge Vary Origin
EOF
my $PREFLIGHTS = <<'EOF';
RewriteEngine On
RewriteCond %{REQUEST_METHOD} =OPTIONS
RewriteRule ^ - [R=204,L]
EOF

# ---- ways to put it in force ----

my $TEXT = "Hello, you!\n";

my %SETUP = (
    'httpd alone' => { cors => 0 },
    'recipe'      => {
        cors    => 0,
        modules => [qw(headers setenvif rewrite)],
        config  => $ORIGINS . $LINES . $PREFLIGHTS,
    },
    'mod_cors' => { config => $DIRECTIVES },
);

# In .htaccess the Header lines alone are compared: that the origin is looked
# at elsewhere, and that a preflight gets 200, is to their advantage.
my %HTACCESS = (
    'httpd alone'  => { cors => 0, text => '' },
    'Header lines' => {
        cors    => 0,
        modules => [qw(headers setenvif)],
        config  => $ORIGINS,
        text    => $LINES,
    },
    'mod_cors' => { text => $DIRECTIVES },
);

our @HTACCESS = ('httpd alone', 'Header lines', 'mod_cors');

# What a launcher of httpds takes.
sub complete(%args)
{
    my $override = $args{files} ? 'FileInfo' : 'None';
    return (%args, log_level => 'warn',
        config => "MaxKeepAliveRequests 0\n<Directory \"\@DOCROOT\@\">\n"
            . "AllowOverride $override\n</Directory>\n"
            . ($args{config} // ''),
        files => { 'htdocs/x.txt' => $TEXT, %{ $args{files} // {} } });
}

sub setup($how)
{
    return complete(%{ $SETUP{$how} // die "what is '$how'?\n" });
}

sub htaccess_setup($how)
{
    my %args = %{ $HTACCESS{$how} // die "what is '$how'?\n" };
    my $text = delete $args{text};
    return complete(%args, files => { 'htdocs/.htaccess' => $text });
}

# The floor adds to httpd's own headers those that mod_cors was seen to add.
sub floor_setup($theirs)
{
    my @added = grep { $_->[0] =~ /^(?:Access-Control-.*|Vary)$/ }
        @{ $theirs->{order} };
    return complete(cors => 0,
        main   => 'LoadModule floor_module ' . floor_module(),
        config => join '', map { qq(FloorHeader $_->[0] "$_->[1]"\n) }
            @added);
}

sub floor_module()
{
    state $dir = File::Temp->newdir;
    state $file = build_floor("$dir/floor.so");
    return $file;
}

sub build_floor($file)
{
    my ($apxs, $cc) = ($ENV{APXS} // 'apxs', $ENV{CC} // 'gcc');
    my @flags = map { split ' ', `$apxs -q $_` } qw(CFLAGS CPPFLAGS
        EXTRA_CPPFLAGS);
    my @include = map { "-I$_" } map { split ' ', `$apxs -q $_` }
        qw(INCLUDEDIR APR_INCLUDEDIR APU_INCLUDEDIR);
    system($cc, @flags, '-O2', '-fPIC', '-shared', @include, '-o', $file,
        'bench/floor.c') == 0 or die "bench/floor.c can't be built\n";
    return $file;
}

# ---- answers ----

my %CORS_HEADERS = (
    'GET, origin allowed' => {
        'access-control-allow-origin'      => 'https://app.example.com',
        'access-control-allow-credentials' => 'true',
        'access-control-expose-headers'    => 'X-Total, X-Page',
    },
    'preflight' => {
        'access-control-allow-origin'      => 'https://app.example.com',
        'access-control-allow-credentials' => 'true',
        'access-control-allow-methods'     => 'GET, POST, PUT, DELETE',
        'access-control-allow-headers'     => 'Content-Type, X-Token',
        'access-control-max-age'           => '600',
    },
);

# The recipe sends a preflight's headers to an actual request, too, and the
# other way round.
sub is_surplus($name, $wanted, $how)
{
    return $name =~ /^access-control-/ && !defined $wanted->{$name}
        && !($how =~ /^(?:recipe|Header lines)$/ && %$wanted);
}

sub wrong_headers($headers, $kind, $how)
{
    my $is_alone = $how eq 'httpd alone';
    my $wanted = $is_alone ? {} : $CORS_HEADERS{$kind} // {};
    my $vary = join '|', @{ $headers->{vary} // [] };
    return (
        (grep { join('|', @{ $headers->{$_} // [] }) ne $wanted->{$_} }
            sort keys %$wanted),
        (grep { is_surplus($_, $wanted, $how) } sort keys %$headers),
        ($is_alone ? $vary eq '' : $vary =~ /^Origin(?:,|$)/) ? () : 'vary');
}

# Asks, and dies unless the answer is what it should be.
sub answer($httpd, $kind, $how)
{
    my $r = $httpd->request(request($kind));
    my $is_preflight = $kind eq 'preflight';
    my $status = $is_preflight && $how !~ /^(?:httpd alone|Header lines)$/
        ? 204 : 200;
    my @wrong = wrong_headers($r->{headers}, $kind, $how);
    push @wrong, 'status' if $r->{status} != $status;
    push @wrong, 'body' if $r->{body} ne ($is_preflight ? '' : $TEXT);
    return $r if !@wrong;
    die "$how, $kind: the wrong @wrong in\n$r->{raw}";
}

1;
