package Bench::Setup;

# The servers that are compared: a policy in several places, httpd alone, and
# what else sends the same headers; the requests, and the right answers.

use strict;
use warnings;
use Exporter qw(import);
use Test::Httpd;

our @EXPORT_OK = qw(@KINDS @ROWS request directory server check);

our @KINDS = ('allowed', 'no Origin', 'denied', 'preflight');

my $ORIGIN = "Origin: https://app.example.com\n";
my %HEADERS = (
    'allowed'   => $ORIGIN,
    'no Origin' => '',
    'denied'    => "Origin: https://evil.example.net\n",
    'preflight' => $ORIGIN . "Access-Control-Request-Method: PUT\n"
        . "Access-Control-Request-Headers: content-type,x-token\n",
);

sub request
{
    my ($kind, $path) = @_;
    my $method = $kind eq 'preflight' ? 'OPTIONS' : 'GET';
    return "$method $path HTTP/1.1\n$HEADERS{$kind}";
}

# ---- the policy, and what people write without the module ----

my $POLICY = <<'EOF';
CorsAllowOrigin https://app.example.com https://admin.example.com
CorsAllowCredentials On
CorsAllowMethods GET POST PUT DELETE
CorsAllowHeaders Content-Type X-Token
CorsExposeHeaders X-Total X-Page
CorsMaxAge 600
EOF

# Errors have the headers too, and there is one of each.
my $SETENVIF = <<'EOF';
SetEnvIf Origin "^https://(app|admin)\.example\.com$" CORS=$0
EOF
my $HEADER_LINES = join('', map {
    "Header onsuccess unset Access-Control-$_->[0]\n"
        . "Header always set Access-Control-$_->[0] \"$_->[1]\" env=CORS\n"
} ['Allow-Origin' => '%{CORS}e'], ['Allow-Credentials' => 'true'],
    ['Allow-Methods' => 'GET, POST, PUT, DELETE'],
    ['Allow-Headers' => 'Content-Type, X-Token'],
    ['Expose-Headers' => 'X-Total, X-Page'], ['Max-Age' => '600'])
    . "Header always merge Vary Origin\n";
my $RECIPE = $SETENVIF . $HEADER_LINES . <<'EOF';
RewriteEngine On
RewriteCond %{REQUEST_METHOD} =OPTIONS
RewriteRule ^ - [R=204,L]
EOF

my @REGEXES = map { "https://$_\[0-9]*[.]example[.]com" }
    (map { "app-$_-" } 1 .. 15), 'app';
my %HTACCESS = (
    empty    => '',
    header   => $HEADER_LINES,
    setenvif => join('', map { "SetEnvIf Origin ^$_\$ CORS=\$0\n" } @REGEXES),
    six      => $POLICY,
    one      => "CorsAllowOrigin https://app.example.com\n",
    regexes  => join('', map { "CorsAllowOriginMatch $_\n" } @REGEXES),
    origins  => join(' ', 'CorsAllowOrigin', 'https://app.example.com',
        map { "https://app-$_.example.com" } 2 .. 256) . "\n",
);

# ---- servers ----

sub directory
{
    my ($lines) = @_;
    return "<Directory \"\@DOCROOT\@\">\nRequire all granted\n"
        . "AllowOverride None\n$lines</Directory>\n";
}

sub section
{
    my ($section, $lines) = @_;
    return directory('') . "<$section>\n$lines</"
        . $section =~ s/ .*//r . ">\n";
}

# A path that needs a login, and one of a backend.
my $MORE = <<'EOF';
<Location "/login">
AuthType Basic
AuthName private
AuthUserFile /dev/null
Require valid-user
</Location>
ProxyPass "/proxied/" "http://127.0.0.1:@BACKEND@/"
EOF

my ($HOST, $LOCATION) = ('VirtualHost *:@PORT@', 'Location "/"');
my $HTACCESS = directory('') =~ s/None/FileInfo/r;

# Whether mod_cors is loaded, and the configuration.
my %SERVER = (
    'alone'              => [0, directory('')],
    'alone, host'        => [0, section($HOST, '')],
    'alone, location'    => [0, section($LOCATION, '')],
    'alone, more'        => [0, section($LOCATION, '') . $MORE],
    'alone, .htaccess'   => [0, $HTACCESS],
    'recipe'             => [0, directory($RECIPE)],
    'recipe, .htaccess'  => [0, $HTACCESS . $SETENVIF],
    'server'             => [1, directory('') . $POLICY],
    'host'               => [1, section($HOST, $POLICY)],
    'directory'          => [1, directory($POLICY)],
    'location'           => [1, section($LOCATION, $POLICY)],
    'more'               => [1, section($LOCATION, $POLICY) . $MORE],
    'no policy'          => [1, directory('')],
    '.htaccess'          => [1, $HTACCESS],
);

# What Test::Httpd takes.
sub server
{
    my ($name) = @_;
    my ($has_cors, $config) = @{ $SERVER{$name} };
    my @more = $name =~ /more/ ? qw(auth_basic authn_file authz_user
        proxy_http) : ();
    return (cors => $has_cors, config => $config, log_level => 'warn',
        modules => [qw(dir mime headers setenvif rewrite alias env), @more],
        files   => { 'htdocs/x.txt' => "Hello, you!\n", map {
            ("htdocs/$_/x.txt" => "Hello, you!\n",
                "htdocs/$_/.htaccess" => $HTACCESS{$_}) } keys %HTACCESS });
}

# A row of the table: its name, its server, the path, the row that it is
# compared with, the status of a GET and of a preflight, and whether an allowed
# origin is told so.
our @ROWS = (
    ['httpd alone', 'alone', '/x.txt', '', 200, 200, 0],
    ['usual recipe', 'recipe', '/x.txt', 'httpd alone', 200, 204, 1],
    ['floor', 'floor', '/x.txt', 'httpd alone', 200, 204, 1],
    ['server config', 'server', '/x.txt', 'httpd alone', 200, 204, 1],
    ['<Directory>', 'directory', '/x.txt', 'httpd alone', 200, 204, 1],
    ['no policy', 'no policy', '/x.txt', 'httpd alone', 200, 200, 0],
    ['httpd with a host', 'alone, host', '/x.txt', '', 200, 200, 0],
    ['virtual host', 'host', '/x.txt', 'httpd with a host', 200, 204, 1],
    ['httpd with a <Location>', 'alone, location', '/x.txt', '', 200, 200, 0],
    ['<Location "/">', 'location', '/x.txt', 'httpd with a <Location>',
        200, 204, 1],
    ['httpd, 404', 'alone', '/none.txt', '', 404, 200, 0],
    ['404', 'directory', '/none.txt', 'httpd, 404', 404, 204, 1],
    ['httpd, 401', 'alone, more', '/login', '', 401, 401, 0],
    ['401', 'more', '/login', 'httpd, 401', 401, 204, 1],
    ['httpd, proxied', 'alone, more', '/proxied/x.txt', '', 200, 200, 0],
    ['proxied', 'more', '/proxied/x.txt', 'httpd, proxied', 200, 204, 1],
    ['httpd, empty .htaccess', 'alone, .htaccess', '/empty/x.txt', '',
        200, 200, 0],
    (map { [".htaccess, $_->[0]", $_->[1], "/$_->[2]/x.txt",
        'httpd, empty .htaccess', 200, $_->[3], $_->[4]] }
        ['Header lines', 'recipe, .htaccess', 'header', 200, 1],
        ['16 SetEnvIf', 'alone, .htaccess', 'setenvif', 200, 0],
        ['six lines',   '.htaccess', 'six', 204, 1],
        ['one line',    '.htaccess', 'one', 204, 1],
        ['16 regexes',  '.htaccess', 'regexes', 204, 1],
        ['256 origins', '.htaccess', 'origins', 204, 1]),
);

# Dies unless the answer is right. Returns it.
sub check
{
    my ($httpd, $row, $kind) = @_;
    my ($name, undef, $path, undef, $get, $preflight, $is_sent) = @$row;
    my $r = $httpd->request(request($kind, $path));
    my $status = $kind eq 'preflight' ? $preflight : $get;
    my $allowed = $is_sent && $HEADERS{$kind} =~ /app/
        ? 'https://app.example.com' : '';
    my $sent = join '|',
        @{ $r->{headers}{'access-control-allow-origin'} || [] };
    die "$name, $kind: the wrong answer\n$r->{raw}"
        if $r->{status} != $status || $sent ne $allowed;
    return $r;
}

1;
