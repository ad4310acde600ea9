# The audit of cors-check finds each of these mistakes, and nothing in
# configurations that are correct: a tool that cries wolf is not run twice.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use File::Temp;
use Test::Answers;
use Test::CorsCheck;
use Test::More;

my $APP = 'https://app.example.com';
my $AC = 'Access-Control-Allow';

# An answer: a status, header lines, and what every response has.
sub respond($status, @lines)
{
    return join "\r\n", "HTTP/1.1 $status x", @lines, 'Content-Length: 0',
        '', '';
}

sub echo($origin, @more)
{
    return ("$AC-Origin: $origin", 'Vary: Origin', @more);
}

# A server that allows what is_allowed accepts, and is right in all else.
sub allowing($is_allowed, @more)
{
    return sub ($r) {
        my $origin = $r->{headers}{origin} // '';
        return respond(status($r), $is_allowed->($origin)
            ? echo($origin, @more) : 'Vary: Origin');
    };
}

# 404 for a path that does not exist, 405 for methods other than four.
sub status($r)
{
    return $r->{target} =~ /cors-check-404/ ? 404
        : $r->{headers}{authorization} ? 401
        : $r->{method} =~ /^(GET|HEAD|POST|PUT|OPTIONS)$/ ? 200 : 405;
}

sub only_app($origin) { return $origin eq $APP }

# A correct server whose lines are changed for some requests.
sub except($when, @lines)
{
    my $right = allowing(\&only_app, "$AC-Methods: PUT");
    return sub ($r) {
        return $when->($r) ? respond(status($r), @lines) : $right->($r) };
}

my $MATCH = sub ($regex) { allowing(sub ($origin) { $origin =~ $regex }) };
my $CREDENTIALS = "$AC-Credentials: true";
my $is_app = sub ($r) { ($r->{headers}{origin} // '') eq $APP };
my $is_preflight = sub ($r) { $r->{method} eq 'OPTIONS' };

# A cache in front that forgets Vary: one file for each target.
my $stored = File::Temp->newdir;
my $cached = sub ($answer) {
    return sub ($r) {
        my $file = "$stored/" . $r->{target} =~ s/\W/_/gr;
        if (open my $in, '<', $file) {
            local $/;
            return <$in>;
        }
        my $text = $answer->($r);
        open my $out, '>', $file or die "$file: $!";
        print $out $text;
        return $text;
    };
};

# What is wrong, the server, arguments, the findings.
my @MISTAKES = (
    ['every origin is echoed with credentials',
        allowing(sub ($o) { $o ne '' }, $CREDENTIALS), ['--credentials'],
        'reflection'],
    ['every origin is echoed', allowing(sub ($o) { $o ne '' }), [],
        'reflection'],
    ['null is allowed',
        allowing(sub ($o) { $o eq $APP || $o eq 'null' }), [], 'null'],
    ['the comparison is open at the end',
        $MATCH->(qr/^https:\/\/app\.example\.com/), [], 'suffix'],
    ['the comparison is open at the start of the host',
        $MATCH->(qr/^https:\/\/.*app\.example\.com$/), [], 'prefix'],
    ['the comparison is open at the start of the domain',
        $MATCH->(qr/^https:\/\/.*example\.com$/), [], 'dot, prefix'],
    ['a dot is not escaped',
        $MATCH->(qr/^https:\/\/app.example\.com$/), [], 'dot'],
    ['the last dot is not escaped',
        $MATCH->(qr/^https:\/\/app\.example.com$/), [], 'dot'],
    ['http is allowed, too', $MATCH->(qr/^https?:\/\/app\.example\.com$/), [],
        'http'],
    ['Vary is missing for the allowed origin',
        except($is_app, "$AC-Origin: $APP"), [], 'vary allowed origin'],
    ['Vary is missing for other origins', except(sub ($r) {
        ($r->{headers}{origin} // $APP) ne $APP }), [], 'vary other origin'],
    ['Vary is missing without Origin',
        except(sub ($r) { !$r->{headers}{origin} }), [], 'vary no origin'],
    ['a 404 has no headers', except(sub ($r) { status($r) == 404 }), [],
        'error 404'],
    ['a 405 has no headers', except(sub ($r) { status($r) == 405 }), [],
        'error 405'],
    ['a 401 has no headers', except(sub ($r) { status($r) == 401 }), [],
        'error 401'],
    ['Access-Control-Allow-Origin is sent twice',
        except($is_app, echo($APP), "$AC-Origin: $APP"), [], 'blocked'],
    ['Access-Control-Allow-Origin is a list',
        except($is_app, echo("$APP, https://b.example.com")), [], 'blocked'],
    ['the origin has a slash at its end', except($is_app, echo("$APP/")), [],
        'blocked'],
    ['"*" is sent with credentials', sub ($r) { respond(status($r),
        "$AC-Origin: *", $CREDENTIALS) }, [], 'wildcard'],
    ['"*" is sent for a request with credentials', sub ($r) {
        respond(status($r), "$AC-Origin: *") }, ['--credentials'], 'blocked'],
    ['Access-Control-Allow-Credentials is "True"',
        allowing(\&only_app, "$AC-Credentials: True"), [], 'credentials'],
    ['Access-Control-Allow-Credentials is sent twice',
        allowing(\&only_app, $CREDENTIALS, $CREDENTIALS), [], 'credentials'],
    ['"*" is exposed with credentials', allowing(\&only_app, $CREDENTIALS,
        'Access-Control-Expose-Headers: *'), ['--credentials'],
        'star Access-Control-Expose-Headers'],
    ['"*" is sent for methods with credentials', allowing(\&only_app,
        $CREDENTIALS, "$AC-Methods: PUT, *"), ['--credentials', '--method',
        'PUT'], 'star Access-Control-Allow-Methods'],
    ['the preflight needs a login', sub ($r) { respond($is_preflight->($r)
        ? 401 : status($r), $is_app->($r) ? "$AC-Origin: $APP" : (),
        'Vary: Origin') }, ['--method', 'PUT'], 'blocked'],
    ['the preflight does not allow the method', allowing(\&only_app),
        ['--method', 'PUT'], 'blocked'],
    ['the preflight allows every origin', except(sub ($r) {
        $is_preflight->($r) && !$is_app->($r) }, "$AC-Methods: PUT",
        "$AC-Origin: https://cors-check.example"), ['--method', 'PUT'],
        'preflight reflection'],
    ['a cache ignores Vary', $cached->(allowing(\&only_app)), [], 'cache'],
);

my @CORRECT = (
    ['one origin', allowing(\&only_app), []],
    ['one origin with credentials', allowing(\&only_app, $CREDENTIALS),
        ['--credentials']],
    ['"*"', sub ($r) { respond(status($r), "$AC-Origin: *") }, []],
    ['one origin, always sent', sub ($r) { respond(status($r),
        "$AC-Origin: $APP") }, []],
    ['subdomains by a tight expression',
        $MATCH->(qr/^https:\/\/[\w-]+\.example\.com$/), []],
    ['subdomains at every depth',
        $MATCH->(qr/^https:\/\/([\w-]+\.)+example\.com$/), []],
    ['two origins', allowing(sub ($o) { $o eq $APP
        || $o eq 'https://b.example.com' }), []],
    ['a preflight with credentials', allowing(\&only_app, $CREDENTIALS,
        "$AC-Methods: PUT", "$AC-Headers: x-token"), ['--credentials',
        '--method', 'PUT', '--header', 'X-Token']],
    ['"*" for methods and headers', sub ($r) { respond(status($r),
        "$AC-Origin: *", "$AC-Methods: *", "$AC-Headers: *") }, ['--method',
        'PUT', '--header', 'X-Token']],
    ['no Vary where nothing is stored', sub ($r) { respond(status($r),
        'Cache-Control: no-store', $is_app->($r) ? "$AC-Origin: $APP" : ())
        }, []],
    ['Vary with other names', sub ($r) { respond(status($r),
        'Vary: Accept-Encoding, ORIGIN', $is_app->($r)
        ? "$AC-Origin: $APP" : ()) }, []],
    ['a resource that needs a login', sub ($r) { respond(401,
        'WWW-Authenticate: Basic realm="x"', 'Vary: Origin',
        $is_app->($r) ? "$AC-Origin: $APP" : ()) }, []],
);

my $requests = File::Temp->new;

sub findings($answer, @arguments)
{
    truncate "$requests", 0;
    my $server = Test::Answers->start(sub ($r) {
        open my $count, '>>', "$requests";
        syswrite $count, "$r->{headers}{host}\n";
        return $answer->($r);
    });
    my $facts = cors_facts('--audit', $server->url('/api/items'), '--origin',
        $APP, @arguments);
    $server->stop;
    cmp_ok -s "$requests", '<', 30 * length("127.0.0.1:65535\n"),
        'and at most 30 requests were sent';
    return { ids => join(', ', map {
        $_->{id} =~ /^(vary|error|star)$/ ? "$_->{id} $_->{detail}" : $_->{id} }
        @{ $facts->{findings} }),
        exit => $facts->{exit} };
}

for my $case (@MISTAKES) {
    my ($what, $answer, $arguments, $ids) = @$case;
    my $got = findings($answer, @$arguments);
    is_deeply $got, { ids => $ids, exit => 1 },
        "the audit finds this and nothing else: $what";
}
for my $case (@CORRECT) {
    my ($what, $answer, $arguments) = @$case;
    is_deeply findings($answer, @$arguments), { ids => '', exit => 0 },
        "the audit finds no mistake in this configuration: $what";
}

my $server = Test::Answers->start(allowing(\&only_app));
my $r = cors_check('--audit', $server->url, '--origin', $APP);
is $r->{err}, 'Sending at most 30 requests to http://127.0.0.1:'
    . $server->port . "\n", 'the audit announces its requests beforehand';
like $r->{out}, qr/^good +no problem found$/m,
    'and prints that it found no problem';
done_testing;
