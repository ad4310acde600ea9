package Random::Requests;

# Random requests near a configuration, and the fixed part of the server: the
# resources that they ask for, and how one URL leads to another.

use strict;
use warnings;
use Exporter 'import';
use Random::Configuration qw(all_sections chance pick some LISTS);

our @EXPORT_OK = qw(random_request at_port request_text fixtures numbering
    FILES);

# path => {is_early: httpd ends it before its directory is known;
#   location: only its server, host and <Location> sections count;
#   is_login, is_denied: access control may stop it;
#   is_foreign: a backend or a script sends its own error documents;
#   via: the URL it leads to; is_lookup: by a subrequest, which is a GET;
#   is_always: mod_headers sets CORS headers on the module's answers, too;
#   alike: a URL with the same sections that httpd does not refuse}
my %PATHS = (
    (map { $_ => {} } qw(/a.html /d1/a.html /d1/b.txt /d1/d2/a.html
        /d1/d2/b.txt /d1/d2/missing.html /missing /d1 /d1/d2/
        )),
    (map { $_ => { is_foreign => 1 } } qw(/back/plain /back/cors /back/error
        /back/missing), map { "/d1/c.cgi?$_" }
        qw(200+plain 200+cors 404+cors 500+plain)),
    '/'              => { is_lookup => 1, via => '/index.html' },
    '/d1/'           => { is_lookup => 1, via => '/d1/index.html' },
    '/pt/a.html'     => { location => 1, via => '/d1/a.html' },
    '/pt/missing'    => { location => 1, via => '/d1/missing' },
    '/d1/old.html'   => { via => '/d1/d2/a.html' },
    '/d1/variants'   => { is_lookup => 1, via => '/d1/variants.html' },
    '/fall/some'     => { is_lookup => 1, via => '/fall/all.html' },
    '/gone'          => { is_early => 1 },
    '/moved/x'       => { is_early => 1 },
    '/d1/d2/a%2fb'   => { is_early => 1, alike => '/d1/d2/a-b' },
    '/bad/a.html'    => { is_early => 1, alike => '/bad2/a.html' },
    '/headers/a.html' => { is_always => 1 },
    '/login/a.html'  => { is_login => 1 },
    '/denied/a.html' => { is_denied => 1 },
);
my @PATHS = sort keys %PATHS;

use constant CGI => <<'END';
#!/bin/sh
cat >/dev/null
echo "Status: ${QUERY_STRING%+*}"
echo "Content-Type: text/plain"
case $QUERY_STRING in *cors)
    echo "Access-Control-Allow-Origin: https://cgi.example.net"
    echo "Access-Control-Allow-Methods: CGI"
    echo "Access-Control-Expose-Headers: X-Cgi"
    echo "Vary: Accept, Origin" ;;
esac
echo
echo text
END

use constant FILES => (
    (map { ("htdocs/$_" => "text\n") } qw(a.html index.html err.html d1/a.html
        d1/b.txt d1/index.html d1/variants.html d1/d2/a.html d1/d2/b.txt
        fall/all.html headers/a.html login/a.html denied/a.html bad/a.html)),
    'htdocs/d1/c.cgi' => CGI,
    'htdocs/bad/.htaccess' => "NoSuchDirective\n",
    'conf/users' => "user:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n",
);

# What maps a URL to a section differently: all that numbering may have.
sub numbering { return "ProxyPass /back/ http://127.0.0.1:$_[0]/back/\n" }

# [paths, where, text]: once, because a section cannot be written twice, or for
# the server and each virtual host.
my @FIXTURES = map { [qr{^/$_->[0]}, @{$_}[1, 2]] } (
    ['pt/', 'each', "RewriteEngine On\nRewriteRule ^/pt/(.*) /d1/\$1 [PT]\n"],
    ['gone', 'each', "Redirect gone /gone\n"],
    ['moved', 'each', "Redirect /moved http://127.0.0.1/elsewhere\n"],
    ['', 'once', <<'END'], ['d1', 'once', <<'END'], ['fall', 'once', <<'END'],
<Directory "@DOCROOT@">
    DirectoryIndex index.html
</Directory>
END
<Directory "@DOCROOT@/d1">
    Options +ExecCGI +MultiViews +FollowSymLinks
    AddHandler cgi-script .cgi
    RewriteEngine On
    RewriteRule ^old\.html$ /d1/d2/a.html
</Directory>
END
<Directory "@DOCROOT@/fall">
    FallbackResource /fall/all.html
</Directory>
END
    ['headers', 'once', <<'END'], ['login', 'once', <<'END'],
<Directory "@DOCROOT@/headers">
    Header always set Access-Control-Allow-Origin "*"
    Header always set Access-Control-Max-Age 1
    Header merge Vary Accept
</Directory>
END
<Directory "@DOCROOT@/login">
    AuthType Basic
    AuthName test
    AuthUserFile "@ROOT@/conf/users"
    Require valid-user
</Directory>
END
    ['denied', 'once', <<'END'],
<Directory "@DOCROOT@/denied">
    Require all denied
</Directory>
END
);

# The configuration of other modules: the lines that the server and each virtual
# host need, and those that must be written once. path: only those for that URL.
sub fixtures
{
    my ($configuration, $backend, $path) = @_;
    my %text = (once => '', each => '');
    $text{ $_->[1] } .= $_->[2]
        for grep { !defined $path || $path =~ $_->[0] } @FIXTURES;
    $text{each} .= numbering($backend) if ($path // '/back') =~ m{^/back};
    $text{each} .= join '', map { "ErrorDocument $_ /err.html\n" }
        @{ $configuration->{error_documents} };
    return @text{qw(each once)};
}

# ---- values ----

sub sample_origin
{
    my ($configuration) = @_;
    my $directive = chance(0.8) ? qr/^CorsAllowOrigin$/ : qr/Origin/;
    my @items = map { @{$_}[2 .. $#$_] } grep { $_->[0] =~ $directive }
        map { @{ $_->{cors} } } all_sections($configuration);
    my $item = @items && chance(0.9) ? pick(@items)
        : pick('https://app.example.com', 'https://other.test', 'null');
    $item = pick('https://app.example.com', 'https://www.example.org',
        'http://localhost:3000', 'https://x.s3.amazonaws.com',
        'https://evil-example.com', 'https://a.example.co.uk')
        if $item =~ /[\\'( ]/ || $item =~ /^(?:none|\*)$/;
    $item =~ s/^\+//;
    $item =~ s/^([^*]*):(?:443|80)$/$1/ || $item =~ s{(?<=[^/])/$}{};
    $item = lc $item;
    $item =~ s/\*\./pick('x.', 'a.b.', 'evil.s3.', '', ('a' x 63) . '.',
        ('a' x 64) . '.', 'a_-9.', '-.')/e;
    $item =~ s/:\*$/pick('', ':8443', ':1', ':65535')/e;
    return $item;
}

# One edit away from it.
my @EDITS = (
    sub { $_[0] =~ s/^https:/http:/r }, sub { $_[0] =~ s/^http:/https:/r },
    sub { "$_[0]:8443" }, sub { $_[0] =~ s/:\d+$//r }, sub { "$_[0]:443" },
    sub { "$_[0]." }, sub { "$_[0]/" }, sub { uc $_[0] }, sub { "$_[0] x" },
    sub { $_[0] =~ s{://}{://evil.}r }, sub { $_[0] =~ s{://}{://evil-}r },
    sub { $_[0] =~ s{://[^.]*\.}{://}r }, sub { "$_[0].evil.net" },
    sub { $_[0] =~ s{((?::\d+)?)$}{.$1}r }, sub { $_[0] =~ s{:\d}{:0}r },
    sub { substr(my $o = $_[0], rand length $_[0], 1) = 'x'; $o },
    sub { substr(my $o = $_[0], rand length $_[0], 1) = ''; $o },
    sub { substr(my $o = $_[0], rand length $_[0], 0) = pick(qw(. - @ /)); $o },
);

sub origin
{
    my ($configuration, $own) = @_;
    return pick('null', '', $own, $own, 'file://') if chance(0.12);
    my $origin = sample_origin($configuration);
    return chance(0.2) ? pick(@EDITS)->($origin) : $origin;
}

# Names of the configuration's lists, and some that they may lack.
sub listed
{
    my ($configuration, $directive) = @_;
    return grep { !/^(?:none|\*)$/ } map { s/^\+//r } map { @{$_}[2 .. $#$_] }
        grep { $_->[0] eq $directive } map { @{ $_->{cors} } }
        all_sections($configuration);
}

sub asked_headers
{
    my @names = map { chance(0.3) ? uc : lc }
        some(3, 'content-type', @_, @_, qw(x-token authorization accept));
    push @names, pick('', 'a b', 'x(y', 'n' x 257, 'h' x 256) if chance(0.1);
    return join pick(',', ', ', ' ,, '), @names;
}

sub preflight_fields
{
    my ($configuration) = @_;
    my @methods = map { /^[a-w]+$/ ? uc : $_ }
        listed($configuration, 'CorsAllowMethods');
    my @headers = listed($configuration, 'CorsAllowHeaders');
    return (['Access-Control-Request-Method', chance(0.7)
        ? pick('GET', 'POST', 'PUT', @methods)
        : pick(qw(DELETE PATCH put TRACE CONNECT PROPFIND x-own), '', 'P UT')],
        map { ['Access-Control-Request-Headers', asked_headers(@headers)] }
            1 .. pick(0, 0, 1, 1, 2));
}

sub random_request
{
    my ($configuration) = @_;
    my @hosts = map { $_->{arg} } grep { $_->{type} eq 'VirtualHost' }
        all_sections($configuration);
    my $host = (@hosts ? pick(@hosts) : '127.0.0.1') . ':@PORT@';
    my $method = pick(('GET') x 8, ('preflight') x 8,
        qw(HEAD POST PUT OPTIONS));
    my @fields = (['Host', $host]);
    push @fields, ['Origin', origin($configuration, "http://$host")]
        if $method eq 'preflight' || chance(0.85);
    push @fields, ['Origin', 'https://second.test'] if chance(0.01);
    push @fields, preflight_fields($configuration)
        if $method eq 'preflight' || chance(0.02);
    push @fields, ['X-Flag', 1] if chance(0.2);
    push @fields, ['Sec-Fetch-Site', pick(qw(cross-site same-origin))]
        if chance(0.05);
    push @fields, ['Sec-Fetch-Mode', pick(qw(cors navigate))] if chance(0.08);
    my $path = pick(@PATHS);
    push @fields, ['Authorization', 'Basic dXNlcjpzZWNyZXQ=']
        if $PATHS{$path}{is_login} && chance(0.5);
    $method = 'OPTIONS' if $method eq 'preflight';
    return request($method, $path, chance(0.05) ? '1.0' : '1.1', @fields);
}

sub request
{
    my ($method, $path, $version, @lines) = @_;
    return { %{ $PATHS{$path} }, method => $method, path => $path,
        version => $version, lines => \@lines };
}

# The request to a server at that port. fields: the values by name in lower
# case, joined as HTTP does.
sub at_port
{
    my ($request, $port) = @_;
    my @lines = map { [$_->[0], $_->[1] =~ s/\@PORT\@/$port/gr] }
        @{ $request->{lines} };
    my %fields;
    for (@lines) {
        my ($name, $value) = (lc $_->[0], $_->[1]);
        $value = "$fields{$name}, $value" if defined $fields{$name};
        $fields{$name} = $value;
    }
    return { %$request, lines => \@lines, fields => \%fields };
}

sub request_text
{
    my ($request, $path) = @_;
    my $text = "$request->{method} " . ($path // $request->{path})
        . " HTTP/$request->{version}\n"
        . join '', map { "$_->[0]: $_->[1]\n" } @{ $request->{lines} };
    return $text . ($request->{method} =~ /^P/ ? "\nbody\n" : '');
}

1;
