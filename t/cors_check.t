# cors-check as its users call it: verdict, exit status, escaped output,
# expectations, the remedy of mod_cors, and servers that want it to hang.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use File::Temp;
use JSON::PP;
use Test::Answers;
use Test::CorsCheck;
use Test::Httpd;
use Test::More;

my $APP = 'https://app.example.com';
my $AC = 'Access-Control-Allow';

sub respond($status, @lines)
{
    return join "\r\n", "HTTP/1.1 $status x", @lines, '', '';
}

# Runs cors-check against one answer; what the server got is in @got.
sub against($answer, @arguments)
{
    my $server = Test::Answers->start(ref $answer ? $answer
        : sub ($r) { return $answer });
    my $r = cors_check($server->url, '--origin', $APP, @arguments);
    $server->stop;
    return $r;
}

sub facts_against($answer, @arguments)
{
    my $r = against($answer, '--json', @arguments);
    return { %{ decode_json($r->{out}) }, exit => $r->{status} };
}

# ---- verdict and exit status ----

my $right = respond(200, "$AC-Origin: $APP", "$AC-Methods: PUT",
    "$AC-Headers: x-token, x-empty", 'Access-Control-Expose-Headers: X-Total',
    'Access-Control-Max-Age: 90000', 'X-Total: 1', 'X-Other: 2',
    'Content-Type: text/plain', 'Set-Cookie: a=b');
my $r = against($right, '--method', 'PUT', '--header', 'X-Token: 1');
is $r->{status}, 0, 'the exit status of a readable answer is 0';
like $r->{out}, qr/^readable +.*status 200 and .*: content-type, x-total$/m,
    'it names the headers that a script can read';
like $r->{out}, qr/7200 seconds \(Chromium\), 86400 seconds \(Firefox\), 600/,
    'and how long each engine keeps the preflight';
unlike $r->{out}, qr/\e/, 'output to a pipe has no colour';

my $facts = facts_against($right, '--method', 'PUT', '--preflight-only');
is_deeply [map { $_->{method} } @{ $facts->{requests} }], ['OPTIONS'],
    '--preflight-only sends the preflight only';
is $facts->{verdict}, 'preflight passes', 'and the verdict is that it passes';

$facts = facts_against(respond(200), '--method', 'PUT');
is $facts->{exit}, 1, 'the exit status of a blocked answer is 1';
is $facts->{step}, 'CORS check, step 2', 'the step of the standard is named';
is $facts->{change},
    "send \"$AC-Origin: $APP\" on this response, exactly once",
    'the remedy names the header where the server is not mod_cors';

$r = cors_check('http://127.0.0.1:1/', '--origin', $APP);
is $r->{status}, 2, 'the exit status is 2 if the server does not answer';
like $r->{err}, qr/^cors-check: Failed to connect/,
    'and prints the reason that curl gives';
is $r->{out}, '', 'without a verdict';

for my $bad (['--origin', "$APP/"], ['--origin', 'HTTPS://app.example.com'],
    ['--origin', 'app.example.com'], ['--origin', "$APP:443"],
    ['--method', 'TRACE'], ['--header', 'Cookie: a=b'],
    ['--header', "X-A: 1\nX-B: 2"], ['--no-such-option'], ['http://b/']) {
    $r = against($right, @$bad);
    is $r->{status}, 2, "these arguments are refused: @$bad" =~ s/\n/\\n/r;
    is $r->{out}, '', 'and a refusal prints no verdict';
}
is cors_check('--help')->{status}, 0, '--help exits with 0';
like cors_check('--help')->{out}, qr/^Usage: cors-check/, 'and prints usage';

open my $manual, '<', 'docs/cors-check.md' or die $!;
my $text = do { local $/; <$manual> };
my %in_help = map { $_ => 1 } cors_check('--help')->{out} =~ /(--[a-z][\w-]+)/g;
my %in_manual = map { $_ => 1 } map { /`(--[a-z][\w-]+)/g }
    grep { /^`/ && !/^`-- / } split /\n/, $text;
is_deeply [sort keys %in_manual], [sort keys %in_help],
    'the manual page and --help name the same options';

# ---- what is sent ----

my $got = File::Temp->new;
sub record($r)
{
    open my $out, '>>', "$got" or die "$got: $!";
    print $out encode_json({ %$r, client => undef }), "\n";
    return $right;
}
against(\&record, qw(--method PUT --header), 'X-Token: 1', '--header',
    'X-Empty:', '--', '--user', 'a:b', '--cookie', 'c=d', '--header',
    'X-Curl: 1');
my ($preflight, $request) = map { decode_json($_) } <$got>;
is $preflight->{headers}{'access-control-request-headers'},
    'x-empty,x-token', 'the preflight names the headers of the request';
is $preflight->{headers}{authorization}, undef,
    'the preflight has no user name that was given to curl';
is $preflight->{headers}{cookie}, undef, 'and no cookie';
is $request->{headers}{'x-empty'}, '', 'an empty header is sent';
like $request->{headers}{authorization}, qr/^Basic /,
    'the request itself has the user name';
is $request->{headers}{'x-curl'}, 1, 'and each header that was given to curl';

# ---- differences of the engines ----

$facts = facts_against(respond(200, "$AC-Origin: *", "$AC-Headers: *"),
    '--header', 'Authorization: x');
is $facts->{verdict}, 'readable',
    '"*" covers Authorization, as in all three engines';
like $facts->{notes}[0], qr/Fetch does not let "\*" cover Authorization/,
    'and the difference from the standard is noted';
$facts = facts_against($right, '--header', 'User-Agent: x');
like $facts->{notes}[0], qr/Chromium does not need a preflight/,
    'that Chromium sends no preflight for User-Agent is noted';

# ---- expectations ----

my $server = Test::Answers->start(sub ($r) { return $r->{target} eq '/open'
    ? respond(200, "$AC-Origin: *") : $right });
my $file = File::Temp->new;
print $file <<"END";
# comment

allowed GET /open $APP
allowed PUT @{[ $server->url('/x') ]} $APP X-Token
blocked GET /open $APP credentials
blocked PUT /x $APP X-Other
END
$file->flush;
my $base = $server->url('');
$r = cors_check('--expect', "$file", '--base', $base);
is $r->{out}, <<"END" =~ s/URL/$base/r, 'expectations are answered as TAP';
1..4
ok 1 - allowed GET /open $APP
ok 2 - allowed PUT URL/x $APP X-Token
ok 3 - blocked GET /open $APP credentials
ok 4 - blocked PUT /x $APP X-Other
END
is $r->{status}, 0, 'and the exit status is 0 if all are met';

print $file "allowed GET /x https://other.example\nblocked GET /open $APP\n";
$file->flush;
$r = cors_check('--expect', "$file", '--base', $base);
like $r->{out}, qr/^not ok 5 .*\n# blocked: the response has $AC-Origin/m,
    'an expectation that is not met has its reason behind it';
like $r->{out}, qr/^not ok 6 .*\n# readable$/m, 'also if it is readable';
is $r->{status}, 1, 'and the exit status is 1';

print $file "allowed GET http://127.0.0.1:1/ $APP\nallow GET / x\n";
$file->flush;
$r = cors_check('--expect', "$file", '--base', $base);
like $r->{out}, qr/^not ok 7 .*\n# Failed to connect/m,
    'a server that does not answer does not meet an expectation';
like $r->{out}, qr/^not ok 8 .*\n# write: allowed\|blocked /m,
    'a line that is not an expectation does not pass';
is $r->{status}, 2, 'and the exit status is 2';
is cors_check('--expect', '/nowhere')->{status}, 2,
    'the exit status is 2 if the file cannot be read';

# ---- mod_cors ----

my $httpd = Test::Httpd->config(config => <<"END",
CorsAllowOrigin $APP
CorsDebugHeader On
<Location "/quiet">
    CorsDebugHeader Off
</Location>
END
    files => { 'htdocs/x' => "x\n", 'htdocs/quiet' => "x\n" })->start;

sub change($path, @arguments)
{
    return cors_facts($httpd->url($path), @arguments)->{change};
}
is change('/x', '--origin', 'https://b.example'),
    'CorsAllowOrigin +https://b.example',
    'the remedy is a directive where the server has mod_cors';
is change('/x', '--origin', $APP, '--method', 'PUT'), 'CorsAllowMethods +PUT',
    'also for a method';
is change('/x', '--origin', $APP, '--header', 'X-Token'),
    'CorsAllowHeaders +x-token', 'and for a header';
is change('/x', '--origin', $APP, '--credentials'), 'CorsAllowCredentials On',
    'and for credentials';
like change('/quiet', '--origin', 'https://b.example'), qr/^send /,
    'without CORS-Decision the remedy is a general one';

my $explain = Test::Answers->start(sub ($r) {
    return respond(200) . encode_json({ verdict => 'refused', write =>
        "CorsAllowOrigin +https://b.example\e[31m", decision => $r->{target} });
});
is change('/quiet', '--origin', 'https://b.example', '--explain',
    $explain->url), 'CorsAllowOrigin +https://b.example\\x1b[31m',
    'the remedy is the one of the explain page, escaped';
my $silent = Test::Answers->start(sub ($r) {
    return respond(200) . '{"write": null}' });
like change('/quiet', '--origin', 'https://b.example', '--explain',
    $silent->url), qr/^send /, 'unless that page has none';

# ---- hostile servers ----

# Sends forever; its child ends when cors-check hangs up.
sub endless($head, $piece)
{
    return sub ($r) {
        my $client = $r->{client};
        print {$client} $head or return '';
        1 while print {$client} $piece;
        return '';
    };
}
my $allow = "HTTP/1.1 200 x\r\n$AC-Origin: $APP\r\n";
$r = against(endless($allow, "X-A: b\r\n" x 100));
is $r->{status}, 2, 'endless headers end in exit status 2';
like $r->{err}, qr/^cors-check: the head of the response is larger than 262144/,
    'with the reason';
$r = against(endless($allow . 'X-A: ', 'b' x 8192));
is $r->{status}, 2, 'so does an endless header line';
$r = against(endless("$allow\r\n", 'b' x 65536));
is $r->{status}, 0, 'an endless body is not read';
my $sent = File::Temp->new;
$r = against(sub ($r) {
    my ($client, $total) = ($r->{client}, 0);
    print {$client} "${allow}Content-Length: 1073741824\r\n\r\n";
    while ($total < 2**30) {
        my $n = syswrite $client, 'b' x 65536 or last;
        $total += $n;
    }
    open my $out, '>', "$sent";
    print $out $total;
    close $out;
    return '';
});
is $r->{status}, 0, 'a body of 1 GiB is not read';
for (1 .. 100) { last if -s "$sent"; select undef, undef, undef, 0.05 }
cmp_ok <$sent> // 2**30, '<', 2**26, 'and most of it is not even sent';
$r = against(endless('HTTP/1.1 100 Continue' . "\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\n\r\n" x 50));
is $r->{status}, 2, 'endless interim responses end in exit status 2';
like $r->{err}, qr/head of the response is larger/, 'with the same reason';

my $bytes = join '', map { chr } grep { $_ != 0 && $_ != 10 && $_ != 13 }
    1 .. 255;
for my $lines (["$AC-Origin: $bytes"], ["$AC-Origin: $APP", "X$bytes: $bytes",
    "Access-Control-Expose-Headers: *"], ["$AC-Origin: $APP",
    "$AC-Methods: $bytes"], ["Location: http://$bytes"]) {
    for my $status (200, 302) {
        for my $json ('--json', '--credentials') {
            $r = against(respond($status, @$lines), '--method', 'PUT', $json);
            unlike $r->{out} . $r->{err} =~ s/[‘’]//gr,
                qr/[^\x20-\x7e\n\x{80}\x{98}\x{99}\x{e2}]/,
                'bytes of every kind are escaped in the output';
            unlike $r->{out} . $r->{err}, qr/\x80(?![\x98\x99])/,
                'but for the quotes of Firefox';
        }
    }
}
for my $garbage ('', "\0" x 100, "garbage\r\n\r\n", "HTTP/1.1 2x0\r\n\r\n",
    "HTTP/1.1 200 x\r\nX-A: \0\r\n\r\n", "\e[31mcurl: (1) x\n\n") {
    $r = against($garbage);
    is $r->{status}, 2, 'an answer that is not HTTP ends in exit status 2';
    unlike $r->{err}, qr/[^\x20-\x7e\n]/, 'and the reason is printable';
}
$r = against(respond(200, "$AC-Origin: " . 'x' x 9000));
cmp_ok length $r->{out}, '<', 4000, 'a long value is cut';

$facts = facts_against(respond(302, "$AC-Origin: $APP", 'Location: /'));
is $facts->{why}, 'the response is one redirect too many',
    'circular redirects end';
is scalar @{ $facts->{requests} }, 21, 'after 20 of them';
for my $url ('file:///etc/passwd', 'ftp://127.0.0.1/', 'javascript:x',
    '//', 'http://', 'http://[', '-o/tmp/x', "http://u:p\@127.0.0.1:1/") {
    $facts = facts_against(sub ($r) { $r->{target} eq '/'
        ? respond(302, "$AC-Origin: $APP", "Location: $url")
        : respond(404) });
    is $facts->{verdict}, 'blocked', "a redirect to $url is not readable";
}

is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
