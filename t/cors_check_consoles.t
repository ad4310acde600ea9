# cors-check prints what browsers write to their consoles. Those texts are the
# engines' own, so each is compared with what the engine writes in this run.
use v5.32;
use warnings;
use experimental 'signatures';
use utf8;
use lib 't/lib';
use Test::Answers;
use Test::Browser;
use Test::CorsCheck;
use Test::More;
use Time::HiRes qw(sleep);
use File::Temp;
use JSON::PP;

binmode $_, ':utf8' for *STDOUT, *STDERR, Test::More->builder->output,
    Test::More->builder->failure_output;

my $AC = 'Access-Control-Allow';
my $ok = "200 OK\n$AC-Origin: PAGE\n";
my $full = "$ok$AC-Credentials: true\n$AC-Methods: PUT\n$AC-Headers: X-A\n";
my @PUT = ({ method => 'PUT' }, '--method', 'PUT');
my @INCLUDE = ({ credentials => 'include' }, '--credentials');
my @XB = ({ headers => { 'X-B' => 1 } }, '--header', 'X-B: 1');

# Name, preflight's response, response, options of fetch() and of cors-check.
my @CASES = (
    ['readable', '', $ok, {}],
    ['preflight-ok', $full, $full, @PUT],
    ['missing', '', "404 No\n", {}],
    ['missing-put', "404 No\n", '', @PUT],
    ['missing-403', "403 No\n", '', @PUT],
    ['other', '', "200 OK\n$AC-Origin: https://other.example\n", {}],
    ['other-put', "200 OK\n$AC-Origin: https://other.example\n", '', @PUT],
    ['other-put-403', "403 No\n$AC-Origin: https://other.example\n", '', @PUT],
    ['slash', '', "200 OK\n$AC-Origin: PAGE/\n", {}],
    ['null', '', "200 OK\n$AC-Origin: null\n", {}],
    ['empty', '', "200 OK\n$AC-Origin:\n", {}],
    ['bare', '', "200 OK\n$AC-Origin: 127.0.0.1\n", {}],
    ['port', '', "200 OK\n$AC-Origin: http://127.0.0.1:*\n", {}],
    ['pattern', '', "200 OK\n$AC-Origin: http://*.example.com\n", {}],
    ['upper', '', "200 OK\n$AC-Origin: HTTP://127.0.0.1\n", {}],
    ['word', '', "200 OK\n$AC-Origin: x:y\n", {}],
    ['list', '', "200 OK\n$AC-Origin: PAGE, https://other.example\n", {}],
    ['blanks', '', "200 OK\n$AC-Origin: PAGE https://other.example\n", {}],
    ['twice', '', "$ok$AC-Origin: PAGE\n", {}],
    ['twice-star', '', "$ok$AC-Origin: *\n", {}],
    ['twice-put', "$ok$AC-Origin: PAGE\n", '', @PUT],
    ['star', '', "200 OK\n$AC-Origin: *\n", @INCLUDE],
    ['star-put', "200 OK\n$AC-Origin: *\n", '', { method => 'PUT',
        credentials => 'include' }, '--method', 'PUT', '--credentials'],
    ['credentials', '', $ok, @INCLUDE],
    ['credentials-true', '', "$ok$AC-Credentials: True\n", @INCLUDE],
    ['credentials-twice', '', "$ok$AC-Credentials: true\n"
        . "$AC-Credentials: true\n", @INCLUDE],
    ['method', $full, '', { method => 'DELETE' }, '--method', 'DELETE'],
    ['method-patch', "$ok$AC-Methods: PATCH\n", '', { method => 'patch' },
        '--method', 'patch'],
    ['star-method', "$ok$AC-Methods: *\n", $ok, @PUT],
    ['star-method-login', "$ok$AC-Methods: *\n$AC-Credentials: true\n", '',
        { method => 'PUT', credentials => 'include' }, '--method', 'PUT',
        '--credentials'],
    ['header', $full, '', @XB],
    ['status', "404 No\n$AC-Origin: PAGE\n$AC-Methods: PUT\n", '', @PUT],
    ['status-500', "500 No\n$AC-Origin: PAGE\n", '', @PUT],
    ['redirect', "302 No\n$AC-Origin: PAGE\nLocation: /ok\n", '', @PUT],
    ['not-modified', "304 No\n$AC-Origin: PAGE\n", '', @PUT],
    ['redirect-missing', "302 No\nLocation: /ok\n", '', @PUT],
    ['methods-invalid', "$ok$AC-Methods: PUT, \@foo\n", '', @PUT],
    ['headers-invalid', "$ok$AC-Headers: X-B, a b\n", '', @XB],
    ['moved', '', "302 No\n$AC-Origin: PAGE\n"
        . "Location: /readable\n", {}],
    ['moved-missing', '', "302 No\n${AC}-Origin: PAGE\nLocation: /missing\n",
        {}],
    ['moved-here', '', "302 No\nLocation: /readable\n", {}],
    ['moved-other', '', "302 No\n$AC-Origin: PAGE\n"
        . "Location: http://localhost:PORT/readable\n", {}],
    ['moved-data', '', "302 No\n$AC-Origin: PAGE\nLocation: data:,x\n", {}],
    ['moved-login', '', "302 No\n$AC-Origin: PAGE\n"
        . "Location: http://u:p\@127.0.0.1:PORT/readable\n", {}],
    ['moved-round', '', "302 No\n$AC-Origin: PAGE\nLocation: /moved-round\n",
        {}],
    ['null-put', "200 OK\n$AC-Origin: null\n$AC-Methods: PUT\n",
        "200 OK\n$AC-Origin: null\n", @PUT],
    ['moved-null-put', $full, "307 No\n$AC-Origin: PAGE\n"
        . "Location: http://localhost:PORT/null-put\n", @PUT],
    ['user-agent', "200 OK\n$AC-Origin: PAGE\n", $ok, { headers =>
        { 'User-Agent' => 'x' } }, '--header', 'User-Agent: x'],
    ['star-authorization', "200 OK\n$AC-Origin: *\n$AC-Headers: *\n",
        "200 OK\n$AC-Origin: *\n", { headers => { Authorization => 'x' } },
        '--header', 'Authorization: x'],
);
# Where one engine differs from the standard, and so from cors-check.
my %DIFFERS = (
    Firefox => { 'moved-null-put' => ['blocked',
        'After this redirect Firefox sends the preflight with the origin of'
        . ' the page, not with "null".'] },
    Chromium => { 'user-agent' => ['readable',
        'Chromium does not need a preflight for user-agent.'] },
);
my %case = map { $_->[0] => $_ } @CASES;

my $done = File::Temp->new;
my $pages = Test::Answers->start(\&page);
my $PAGE = $pages->url('') =~ s{/\z}{}r;
my $api = Test::Answers->start(\&answer);

sub answer($request)
{
    my ($name) = $request->{target} =~ m{/([\w-]+)};
    my $case = $case{ $name // '' } // return "HTTP/1.1 404 No\r\n\r\n";
    my $head = $case->[$request->{method} eq 'OPTIONS' ? 1 : 2];
    my ($port) = $request->{headers}{host} =~ /:(\d+)/;
    return "HTTP/1.1 $head\n" =~ s/PAGE/$PAGE/gr =~ s/PORT/$port/gr
        =~ s/\n/\r\n/gr;
}

# WebKit has no driver here, so its page runs all cases and reports at the end.
sub page($request)
{
    if ($request->{target} =~ /^\/done/) {
        open my $out, '>', "$done";
        print $out $request->{target};
    }
    my ($port) = $request->{target} =~ /all=(\d+)/ or return
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html>x";
    my $cases = encode_json([map { [@$_[0, 3]] } @CASES]);
    return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<script>"
        . "(async () => { const seen = []; for (const [name, options] of"
        . " $cases) seen.push(await fetch('http://127.0.0.1:$port/' + name,"
        . " options).then((r) => 'readable', (e) => 'blocked'));"
        . " await fetch('/done?' + seen.join('+')); })()</script>";
}

my %tool = map { my ($name, undef, undef, undef, @arguments) = @$_;
    $name => cors_facts($api->url("/$name"), '--origin', $PAGE, @arguments) }
    @CASES;

sub compare($engine, $name, $seen, @console)
{
    if (my $differs = $DIFFERS{$engine}{$name}) {
        is $seen, $differs->[0], "$engine differs: $name is $differs->[0]";
        is $tool{$name}{notes}[0], $differs->[1],
            'and a note of cors-check names the difference';
        return;
    }
    is $tool{$name}{verdict}, $seen, "$engine: the verdict on $name is the"
        . " engine's";
    my $text = $tool{$name}{console}{$engine} // return;
    ok scalar(grep { $_ eq $text } @console),
        "$engine writes what cors-check prints for $name"
        or diag "cors-check: $text\n", map { "$engine: $_\n" } @console;
    return;
}

# Chromium puts its place in front: "http://page/ - 0:0 ". Firefox adds a
# category and a flag around: [JavaScript Warning: "..." ...].
sub clean($text)
{
    return $text =~ s/\A\S+ (?:\d+:\d+|-) //r
        =~ s/\A\[JavaScript \w+: "(.*)"(?: \{.*\})?\]\s*\z/$1/sr;
}

# The console until it has the text, which may be on its way yet.
sub console_with($browser, $text)
{
    my @console = map { clean($_) } $browser->console;
    for (1 .. 60) {
        last if !$text || grep { $_ eq $text } @console;
        sleep 0.05;
        push @console, map { clean($_) } $browser->console;
    }
    return @console;
}

for my $engine (qw(Chromium Firefox)) {
    my $browser = Test::Browser->start(lc $engine);
    $browser->go("$PAGE/");
    for my $case (@CASES) {
        my ($name, undef, undef, $options) = @$case;
        my $url = $api->url("/$name");
        my $seen = $browser->run('return fetch(arguments[0], arguments[1])'
            . '.then((r) => "readable", (e) => "blocked")', $url, $options);
        compare($engine, $name, $seen, console_with($browser,
            $seen eq 'blocked' && $tool{$name}{console}{$engine}));
    }
    $browser->stop;
}

sub webkit()
{
    my @lines = Test::Browser->webkit_console("$PAGE/?all=" . $api->port,
        sub { -s "$done" });
    open my $in, '<', "$done" or die $!;
    my @seen = split /\+/, <$in> =~ s{.*\?}{}r;
    my @texts = map { s/\A.*?CONSOLE \w+ \w+ //r =~ s/\s+\z//r }
        map { $lines[$_ - 1] } grep { $lines[$_] =~ /due to access control/ }
        1 .. $#lines;
    for my $case (@CASES) {
        my $seen = shift @seen;
        compare('WebKit', $case->[0], $seen,
            $seen eq 'blocked' ? shift @texts : ());
    }
    is "@texts", '', 'each text of WebKit belongs to one case';
    return;
}
webkit();
done_testing;
