# The examples are what people copy: ten of them and more, as they are but for
# the page's origin, with a page in Chromium that does what they are for.
# cors-check has to give the same verdict.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::Browser;
use Test::CorsCheck;
use Test::Httpd;
use Test::More;

my $page_port = Test::Httpd->free_port;
my $ORIGIN = "http://127.0.0.1:$page_port";
$ENV{CORS_ORIGINS} = $ORIGIN;

# Example, path, what fetch() is told, and what the page's script sees.
my @CASES = (
    ['public-api.conf', '/open-data/x', '{}', '200'],
    ['public-api.conf', '/open-data/x', '{credentials: "include"}',
        'TypeError'],
    ['several-origins.conf', '/api/x', '{method: "DELETE"}', '405'],
    ['several-origins.conf', '/api/x', '{method: "PATCH"}', 'TypeError'],
    ['cookies.conf', '/api/x', '{credentials: "include", method: "PUT",'
        . ' headers: {"X-CSRF-Token": "1"}}', '405'],
    ['basic-auth.conf', '/api/x',
        '{headers: {Authorization: "Basic eDp4"}}',
        '401'],
    ['node.conf', '/api/x', '{method: "PATCH"}', '503'],
    ['graphql.conf', '/graphql', '{method: "POST", body: "{}",'
        . ' headers: {"Content-Type": "application/json"}}', '200'],
    ['webdav.conf', '/elsewhere', '{}', 'TypeError'],
    ['environment-variable.conf', '/api/x', '{}', '200'],
    ['container.conf', '/api/x', '{method: "PUT"}', '405'],
    ['per-origin.conf', '/api/x', '{method: "PUT", credentials: "include"}',
        '405'],
    ['explain.conf', '/api/x', '{}', '200'],
    ['from-mod-headers.conf', '/api/x',
        '{method: "DELETE", headers: {Authorization: "x"}}', '405'],
    ['wordpress.conf', '/wp-json/posts', '{method: "PUT",'
        . ' headers: {"X-WP-Nonce": "1"}}', '405'],
    ['roll-out.conf', '/api/x', '{}', 'TypeError'],
);

my $pages = Test::Httpd->config(modules => ['dir'], cors => 0,
    config => "Listen 127.0.0.1:$page_port\nDirectoryIndex index.html\n",
    files => { 'htdocs/index.html' => '<!DOCTYPE html><title>page</title>' })
    ->start;
my $browser = Test::Browser->start('chromium');
$browser->go("$ORIGIN/");

sub example($file)
{
    open my $in, '<', "conf-examples/$file" or die "$file: $!";
    my $text = do { local $/; <$in> };
    my ($modules) = $text =~ /^# Modules: (.*)$/m;
    my $dead = Test::Httpd->free_port;
    $text =~ s{https://app\.example\.com}{$ORIGIN}g;
    $text =~ s{127\.0\.0\.1:(3000|3001|8080)}{127.0.0.1:$dead}g;
    $text =~ s{/etc/apache2/api\.htpasswd}{/dev/null};
    $text =~ s{/var/lib/dav/lockdb}{\@ROOT\@/var/lockdb};
    return ($text, [grep { $_ ne 'cors' } split ' ', $modules]);
}

# The options of fetch() as those of cors-check.
sub arguments_of($options)
{
    my ($method) = $options =~ /method: "(\w+)"/;
    my ($headers) = $options =~ /headers: \{([^}]*)\}/;
    return ($method ? ('--method', $method) : (),
        $options =~ /credentials/ ? '--credentials' : (),
        map { ('--header', s/"//gr) } ($headers // '') =~ /(\S+: "[^"]*")/g);
}

for my $case (@CASES) {
    my ($file, $path, $options, $sees) = @$case;
    my ($config, $modules) = example($file);
    my $httpd = Test::Httpd->config(config => $config,
        modules => [@$modules, 'authz_host'], files => {
            map { ("htdocs/$_" => "x\n") } qw(api/x open-data/x graphql) })
        ->start;
    my $url = $httpd->url($path);
    is $browser->run("try { const r = await fetch('$url', $options);"
        . ' return String(r.status); } catch (e) { return e.name; }'), $sees,
        "$file: fetch('$path', $options)";
    my $facts = cors_facts($url, '--origin', $ORIGIN, arguments_of($options));
    is $facts->{status} // 'TypeError', $sees,
        "$file: cors-check agrees on fetch('$path', $options)";
    $httpd->expect(qr/AH00957|AH01114/) if $file eq 'node.conf';
    $httpd->expect(qr/AH01618/) if $file eq 'basic-auth.conf';
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

$browser->stop;
is $pages->complaints, '', 'nothing unexpected in the error log';
done_testing;
