# The manual is consistent with the code, and what it shows works.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my @PAGES = ('README.md', glob('docs/*.md'), glob('conf-examples/README.md'));
my @MODULES = qw(headers setenvif rewrite alias dir mime proxy proxy_http
    auth_basic authn_file authz_user authz_host status macro);

# Paths and machines that a test does not have.
my @INSTEAD = (
    [qr{/var/www/\w+}, '@DOCROOT@'],
    [qr{/etc/apache2/api\.htpasswd}, '/dev/null'],
    [qr{127\.0\.0\.1:3000}, '127.0.0.1:@DEAD@'],
    [qr{^\s*(SSL\w+File|SSLEngine) .*$}m, ''],
    [qr{<VirtualHost \*:443>}, '<VirtualHost *:@PORT@>'],
);

sub slurp
{
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}

# GitHub's anchor of a heading.
sub anchor
{
    my ($heading) = @_;
    $heading = lc $heading;
    $heading =~ s/[^\w\- ]//g;
    $heading =~ tr/ /-/;
    return $heading;
}

sub anchors
{
    my $text = slurp(shift);
    $text =~ s/^```.*?^```$//gms;
    return { map { anchor($_) => 1 } $text =~ /^#+ (.*)$/gm };
}

# Where a page's links lead to nothing.
sub broken_links
{
    my ($page) = @_;
    my ($dir) = $page =~ m{^(.*/)};
    my @broken;
    my $text = slurp($page);
    $text =~ s/^```.*?^```$//gms;
    for my $link ($text =~ /\]\(([^)\s]+)\)/g) {
        next if $link =~ /^https?:/;
        my ($path, $anchor) = $link =~ /^([^#]*)#?(.*)$/;
        my $file = length $path ? ($dir // '') . $path : $page;
        1 while $file =~ s{[^/]+/\.\./}{};
        push @broken, $link
            if !-e $file || length $anchor && !anchors($file)->{$anchor};
    }
    return @broken;
}

# [line, configuration, the request and response under it or undef]
sub blocks
{
    my ($page) = @_;
    my ($text, @blocks) = slurp($page);
    while ($text =~ /^```apache\n(.*?)^```\n(?:```http\n(.*?)^```\n)?/gms) {
        my ($config, $http, $at) = ($1, $2, $-[0]);
        my $line = 1 + (substr($text, 0, $at) =~ tr/\n//);
        my $dead = Test::Httpd->free_port;
        $config =~ s/$_->[0]/$_->[1]/g for @INSTEAD;
        $config =~ s/\@DEAD\@/$dead/g;
        push @blocks, ["$page:$line", $config, $http];
    }
    return @blocks;
}

sub is_answered
{
    my ($httpd, $name, $http) = @_;
    my ($request, $response) = split /\n\n/, $http;
    my ($first, $headers) = split /\n/, $request, 2;
    my ($status, @wanted) = split /\n/, $response;
    my $r = $httpd->request("$first HTTP/1.1\n$headers\n");
    is $r->{status}, $status, "$name: the status is $status";
    for my $header (@wanted) {
        my ($field, $value) = split /: /, $header, 2;
        is_deeply $r->{headers}{lc $field}, [$value],
            "$name: the response has $field: $value";
    }
    return;
}

my %in_code = map { $_ => 1 }
    slurp('src/httpd/directives.c') =~ /AP_INIT_\w+\("(\w+)"/g;
my %in_manual = map { $_ => 1 } slurp('docs/directives.md') =~ /^### (\w+)$/gm;
is_deeply \%in_manual, \%in_code,
    'docs/directives.md has a heading for each directive, and no other';

# The help text that httpd -L prints begins with the manual's description.
my %help = slurp('src/httpd/directives.c')
    =~ /AP_INIT_\w+\("(\w+)",\n.*\n\s+((?:"[^"]*"\s*)+)\),/g;
my %description = slurp('docs/directives.md')
    =~ /^### (\w+)\n\n\s+Description:\s+(.*)$/gm;
for my $name (sort keys %help) {
    my $text = join '', $help{$name} =~ /"([^"]*)"/g;
    like $text, qr/^\Q$description{$name}\E/,
        "$name: httpd -L and the manual use the same words";
}

is_deeply [broken_links($_)], [], "$_: every link leads somewhere" for @PAGES;

# Words that are hard to read for those who learnt English late.
my $WORDS = join '|', qw(says stands tells holds taken mended whoever beside),
    'comes to', 'none that', 'but for', 'of its own', 'is to be';

for my $page (@PAGES) {
    my $text = slurp($page);
    utf8::decode($text);
    $text =~ s/^```.*?^```$//gms;
    my @lines = grep { !/^(\||    )/ } split /\n/, $text;
    is_deeply [grep { length > 100 } @lines], [],
        "$page: no line of prose has more than 100 columns";
    is_deeply [grep { /\b(?:$WORDS)\b/i } @lines], [],
        "$page: is in plain words";
}

my %listed = map { $_ => 1 } slurp('conf-examples/README.md')
    =~ /\]\(([^)\/]+\.(?:conf|htaccess))\)/g;
is_deeply \%listed,
    { map { s{.*/}{}r => 1 }
        glob('conf-examples/*.conf conf-examples/*.htaccess') },
    'conf-examples/README.md lists each example, and no other';

for (map { blocks($_) } @PAGES) {
    my ($name, $config, $http) = @$_;
    my @ssl = $config =~ /SSL/ ? 'ssl' : ();
    my %config = (modules => [@MODULES, @ssl], config => $config,
        files => { 'htdocs/x' => 'x', 'htdocs/api/x' => 'x' });
    my $check = Test::Httpd->check_config(%config);
    ok $check->{ok}, "$name: httpd accepts the configuration"
        or diag $check->{output};
    next if !defined $http;
    my $httpd = Test::Httpd->config(%config)->start;
    is_answered($httpd, $name, $http);
    $httpd->expect(qr/mod_cors replaces this header/) if $config =~ /^Header /m;
    # mod_ssl comments on the machine's OpenSSL, or does not.
    my @complaints = grep { !/AH01873|AH01882/ } split /\n/, $httpd->complaints;
    is_deeply \@complaints, [], "$name: nothing unexpected in the error log";
}

# The quick start of README, with the command and the response it shows, and
# the log line below.
{
    my $readme = slurp('README.md');
    my ($config) = map { $_->[1] } grep { $_->[1] =~ /<VirtualHost/ }
        blocks('README.md');
    my ($options) = $readme =~ /^    curl -i (.*) https:\S+$/m;
    my ($shown) = $readme =~ /The response contains:\n\n((?:    .*\n)+)/;
    my ($line) = $readme =~ /^(    origin-denied: (?:.*\n)+?)\n/m;
    my $httpd = Test::Httpd->config(config => $config, log_level => 'cors:info',
        files => { 'htdocs/index.html' => 'x', 'htdocs/items' => 'x' })->start;
    my $url = $httpd->url('');
    my $answer = `curl -s -i $options $url/index.html`;
    like $answer, qr/^\Q$_\E\r$/m, "README.md: curl prints $_"
        for $shown =~ /^    (.*)$/gm;
    my ($origin) = $line =~ /from "(\S+)"/;
    $httpd->request("GET /items HTTP/1.1\nHost: api.example.com\n"
        . "Origin: $origin\n");
    $line =~ s/\s+/ /g;
    my ($start, $end) = $line
        =~ m{(origin-denied: GET) .* (from "\S+", policy) \S+: the};
    my ($reason) = $line =~ /:\d+: (.*?) ?$/;
    like $httpd->error_log(qr/origin-denied/),
        qr{\Q$start\E https?://\S+/items \Q$end\E \S+:\d+: \Q$reason\E$}m,
        'README.md: the log line is what httpd logs';
    $httpd->expect(qr/origin-denied: GET/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

done_testing;
