# Whoever writes a wrong line has nothing but the message. Without this test a
# message could lose the value it is about or the spelling that is right, come
# twice, come for each request in a log that nobody emptied, or give advice that
# is refused in its turn. The messages are in t/lib/Messages.pm.
use v5.36;
use lib 't/lib';
use Test::More;
use Messages;
use Test::Httpd;

my %LEVEL = (warned => 'warn', mended => 'notice');
my @rows = Messages::all();
my @of_server = grep { !defined $_->{server} } @rows;

sub check($config, @more)
{
    return Test::Httpd->check_config(modules => ['headers'],
        config => $config, @more);
}

# A row in short: its lines, joined.
sub name_of($row)
{
    my $name = $row->{config} =~ s/\n\z//r =~ s/\n/ + /gr;
    return length $name < 100 ? $name : substr($name, 0, 60) . '...';
}

# What httpd itself says of a variable is no concern of ours.
sub without_httpd($text) { return $text =~ s/^.*\bAH00111:.*\n//mgr }

# ---- the form of a message ----

# "Directive "value" reason", with directive and value as they were written.
# What is about a whole line has no value.
for my $row (@rows) {
    my ($directive, $value) = $row->{message} =~ /^(\w+)(?: "(.*?)" )?/;
    my ($line) = grep { /^$directive\b/ && index($_, $value // '') >= 0 }
        split /\n/, $row->{config};
    ok $line, name_of($row) . ': the message names what was written';
}

# ---- httpd -t ----

# Whether the text holds a message, once, and nothing else.
for my $row (@of_server) {
    my ($message, $level) = @{$row}{qw(message level)};
    my $c = check($row->{config});
    my $output = without_httpd($c->{output});
    if ($level eq 'refused') {
        ok !$c->{ok}, name_of($row) . ': httpd -t fails';
        is $output =~ s/^AH00526: Syntax error on line \d+ of .*\n//r,
            Messages::logged($message) . "\n", 'the message, once';
        next;
    }
    ok $c->{ok}, name_of($row) . ': httpd -t is content';
    my ($seen, $line, $text) = $output
        =~ m{^\[[^]]*\][ ]\[cors:(\w+)\][ ]\[pid[^]]*\][ ]
            \S+/test\.conf:(\d+):[ ](.*)}x;
    is $text, Messages::logged($message), 'the message';
    is $seen, $LEVEL{$level}, "is a $LEVEL{$level}";
    my ($directive) = $message =~ /^(\w+)/;
    like((split /\n/, $row->{config})[($line // 1) - 1] // '',
        qr/^$directive\b/, 'with the line that it is about');
    is scalar(() = $output =~ /\n/g), 2, 'and nothing but "Syntax OK" else';
}

# What is said of .htaccess alone, the server may say.
for my $row (grep { defined $_->{server} } @rows) {
    is check("$row->{server}\n$row->{config}")->{output}, "Syntax OK\n",
        name_of($row) . ': taken in the server config';
}

# ---- the advice ----

# A line is right once the value has been replaced by what the message says,
# and tolerated what it says can be tolerated.
for my $row (@of_server) {
    my ($directive, $value) = $row->{message} =~ /^(\w+) "(.*?)" / or next;
    if ($row->{message} =~ /\bwrite "([^"]+)"/) {
        my $advice = $1;
        my $mended = $row->{config};
        $mended =~ s/^($directive\b.*?)\Q$value\E/$1$advice/m;
        is check($mended)->{output}, "Syntax OK\n",
            name_of($row) . ": \"$advice\" is right";
    }
    if ($row->{message} =~ /"(CorsTolerate [-\w]+)"/) {
        is check("$row->{config}$1\n")->{output}, "Syntax OK\n",
            name_of($row) . ": $1";
    }
}

# ---- at start ----

# All of them in one server, on the terminal and in the error log together.
my ($config, $number, @expected) = ('', 0);
for my $row (grep { $_->{level} ne 'refused' } @of_server) {
    my @lines = ('<Location /' . @expected . '>',
        split(/\n/, $row->{config}), '</Location>');
    my ($directive) = $row->{message} =~ /^(\w+)/;
    my ($at) = grep { $lines[$_] =~ /^$directive\b/ } keys @lines;
    push @expected, "$LEVEL{ $row->{level} } " . ($number + $at + 1) . ': '
        . Messages::logged($row->{message});
    $config .= join '', map { "$_\n" } @lines;
    $number += @lines;
}
my $httpd = Test::Httpd->config(modules => ['headers'], config => $config)
    ->start;
my $output = $httpd->output;
is_deeply [sort map { m{^\[[^]]*\][ ]\[cors:(\w+)\][ ]\[pid[^]]*\][ ]
    \S+/test\.conf:(.*)}x ? "$1 $2" : () } split /\n/, $output],
    [sort @expected], 'at start each of ' . @expected . ' comes once';
is scalar(() = $output =~ /\[cors:/g), scalar @expected, 'and no others';
$httpd->expect(qr/\[cors:(?:warn|notice)\].*test\.conf:\d+: (?:Cors|Header)/);
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- .htaccess ----

# A directory for each row, and a server for each thing that a server says.
sub server_of($said, $log_level, @rows)
{
    return Test::Httpd->config(config => "$said\n", log_level => $log_level,
        files => { map {
            ("htdocs/r$_/.htaccess" => $rows[$_]{config},
                "htdocs/r$_/x.txt" => "x\n")
        } keys @rows })->start;
}

sub status_of($httpd, $n)
{
    my $r = $httpd->request("GET /r$n/x.txt HTTP/1.1\n");
    return join ' ', $r->{status},
        @{ $r->{headers}{'access-control-allow-origin'} // [] };
}

my @in_htaccess = grep { $_->{htaccess} } @rows;
my %by_server;
push @{ $by_server{ $_->{server} // '' } }, $_
    for grep { $_->{level} eq 'refused' } @in_htaccess;
for my $said (sort keys %by_server) {
    my @refused = @{ $by_server{$said} };
    $httpd = server_of($said, 'warn', @refused);
    $httpd->expect(qr/\[core:alert\].*\.htaccess: /);
    $httpd->expect(qr/AH00111/) if $said eq '';
    for my $n (keys @refused) {
        my $row = $refused[$n];
        $httpd->clear_log;
        is status_of($httpd, $n), 500, name_of($row) . ': 500 in .htaccess';
        my @lines = split /\n/, without_httpd($httpd->error_log);
        is scalar @lines, 1, 'one line in the log';
        like $lines[0] // '',
            qr{/r$n/\.htaccess: \Q@{[ Messages::logged($row->{message}) ]}\E$},
            'with the message';
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# Notices and warnings would come for each request.
my @taken = grep { $_->{level} ne 'refused' } @in_htaccess;
for my $level ('warn', 'cors:debug') {
    $httpd = server_of('', $level, @taken);
    for my $n (keys @taken) {
        $httpd->clear_log;
        is status_of($httpd, $n) =~ s/ .*//r, 200,
            name_of($taken[$n]) . ": taken in .htaccess at $level";
        my $text = $httpd->error_log;
        if ($level eq 'warn') {
            is $text, '', 'nothing is said';
            next;
        }
        my $message = Messages::logged($taken[$n]{message});
        is scalar(() = $text =~ m{^\[[^]]*\][ ]\[cors:debug\][ ].*
            /r$n/\.htaccess:\d+:[ ]\Q$message\E$}mgx), 1,
            'the message is for those who ask for it';
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# ---- what is right says nothing ----

my $app = 'https://app.example.com';
my $on = 'CorsAllowCredentials On';
my @right = (
    ["CorsAllowOrigin $app"],
    ['CorsAllowOrigin *'],
    ['CorsAllowOrigin none'],
    ['CorsAllowOrigin null'],
    ["CorsAllowOrigin $app https://*.example.org http://localhost:*", $on],
    ["CorsAllowOrigin $app,https://admin.example.com , capacitor://localhost",
        'CorsAllowOrigin http://[::1]:8080', $on],
    ["CorsAllowOrigin +$app", 'CorsAllowMethods +PUT +DELETE',
        'CorsAllowHeaders +X-Token', 'CorsExposeHeaders +X-Count', $on],
    ['CorsAllowOrigin *', 'CorsAllowMethods *', 'CorsAllowHeaders *',
        'CorsExposeHeaders *'],
    ['CorsAllowOrigin *', 'CorsAllowHeaders * Authorization',
        'CorsDenyOrigin https://evil.example http://*.evil.example null'],
    ["CorsAllowOrigin $app", $on, 'CorsAllowMethods *', 'CorsAllowHeaders *',
        'CorsExposeHeaders Content-Range ETag'],
    ["CorsAllowOrigin $app", $on, 'CorsAllowMethods GET, PUT, DELETE, PATCH',
        'CorsAllowHeaders Content-Type, Authorization, X-Requested-With',
        'CorsMaxAge 10min'],
    ["CorsAllowOrigin $app", 'CorsAllowMethods PROPFIND MOVE COPY MKCOL REPORT',
        'CorsAllowHeaders Depth Destination Overwrite If', 'CorsMaxAge 1d'],
    ['CorsAllowOriginMatch https://(www\.)?example\.com', $on],
    ['CorsAllowOriginMatch ^https://[a-z0-9-]+\.example\.com$ '
        . 'https://pr-\d+\.preview\.example\.org', "CorsAllowOrigin $app",
        $on],
    ["CorsAllowOriginExpr \"%{HTTP:Origin} == 'https://%{HTTP_HOST}'\""],
    ['CorsAllowOriginMatch none', 'CorsAllowOriginExpr none',
        'CorsDenyOrigin none', 'CorsAllowMethods none',
        'CorsAllowHeaders none', 'CorsExposeHeaders none', 'CorsMaxAge none',
        'CorsTolerate none'],
    ['CorsAllowOrigin http://old.example.com', $on,
        'CorsTolerate insecure-origin'],
    ["CorsAllowOrigin $app", 'CorsAllowCredentials Off',
        'CorsExposeHeaders *'],
    ["CorsAllowOrigin $app http://app.example.com:8080 null"],
    ['CorsEngine Off'], ['CorsEngine DetectionOnly', "CorsAllowOrigin $app"],
    ["CorsAllowOrigin $app", 'CorsEngine On', 'CorsPreflight Pass',
        'CorsPreflightStatus 200', 'CorsPreflightAuth Require',
        'CorsBackendHeaders Keep', 'CorsEnforce On', 'CorsDebugHeader On'],
    ['CorsMaxAge 0'], ['CorsMaxAge 86400'], ['CorsMaxAge 600s'],
    ['CorsMaxAge 24h'], ['CorsMaxAge 1440min'], ['corsmaxage 1D'],
    ['CORSENGINE on', 'corspreflight pass', 'CorsTolerate NULL-ORIGIN'],
    ['CorsAllowMethods QUERY', 'CorsAllowMethods x-Custom'],
    ['CorsAllowHeaders User-Agent', 'CorsAllowHeaders Accept If-Match Range'],
    ['CorsExposeHeaders Location Link X-Total-Count Set-Cookies'],
);
for my $lines (@right) {
    is check(join "\n", @$lines, '')->{output}, "Syntax OK\n",
        "right: @$lines";
}
my $right = join '', map {
    join "\n", "<Location /$_>", @{ $right[$_] }, "</Location>\n"
} keys @right;
is check("CorsOverride CorsAllowOrigin, CorsMaxAge\n$right")->{output},
    "Syntax OK\n", 'all of them in one file';
$httpd = Test::Httpd->config(log_level => 'cors:info',
    config => "CorsOverride All\n$right")->start;
is scalar(() = $httpd->output =~ /\[cors:/g), 0, 'and at start, too';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
