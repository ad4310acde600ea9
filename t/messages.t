# The author of a wrong line has only the message. These tests check every
# form of message to its text: with the directive, the value and the reason,
# once for each reading of the file, at the right level and line, and with
# advice that is itself accepted. The rows are at the end of this file.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

my %LEVEL = (warned => 'warn', corrected => 'notice');
my $SAID = qr{^\[[^]]*\][ ]\[cors:(\w+)\][ ]\[pid[^]]*\][ ]
    (?:\S+\(\d+\):[ ])?\S*/(\S+?):(\d+):[ ](.*)}xm;

# A row is one or more lines, and indented below them the level and message.
sub row
{
    my ($lines, $said) = $_[0] =~ /\A((?:\S.*\n)+)((?: .*\n?)+)\z/
        or die "not a row:\n$_[0]";
    my ($level, $only, $message) = join(' ', split ' ', $said)
        =~ /^(refused|warned|corrected)(, server only)?: (.*)/
        or die "not a message:\n$said";
    my ($directive, $value) = $message =~ /^(\w+)(?: "(.*?)" )?/;
    s/\@NBSP@/\xc2\xa0/g for $lines, $value // ();
    return { lines => $lines, level => $level, only => $only,
        message => logged($message), directive => $directive,
        value => $value, name => $lines =~ s/\n\z//r =~ s/\n/ + /gr };
}

# httpd escapes what it logs.
sub logged
{
    my ($text) = @_;
    $text =~ s/\@NBSP@/\xc2\xa0/g;
    $text =~ s/\\/\\\\/g;
    return $text =~ s/([^ -~])/sprintf '\x%02x', ord $1/ger;
}

my @rows = do {
    local $/;
    map { row("$_\n") } grep { !/^#/ } split /\n{2,}/, <DATA> =~ s/\n+\z//r;
};
my @refused = grep { $_->{level} eq 'refused' } @rows;
my @accepted = grep { $_->{level} ne 'refused' } @rows;

sub check
{
    my ($config) = @_;
    return Test::Httpd->check_config(config => $config);
}

# Each text in a section of its own.
sub sections
{
    return join '', map { "<Location /s$_>\n$_[$_]</Location>\n" } 0 .. $#_;
}

# Directories, each with its .htaccess.
sub directories
{
    return map { ("htdocs/r$_/.htaccess" => $_[$_]{lines},
        "htdocs/r$_/x.txt" => "x\n") } 0 .. $#_;
}

sub get
{
    my ($httpd, $n) = @_;
    return $httpd->request("GET /r$n/x.txt HTTP/1.1\n")->{status};
}

# ---- accepted, with a message ----

my ($config, @expected) = (sections(map { $_->{lines} } @accepted));
my $at = 1;
for my $row (@accepted) {
    my @lines = split /\n/, $row->{lines};
    my ($line) = grep { $lines[$_] =~ /^$row->{directive}\b/
        && index($lines[$_], $row->{value}) >= 0 } 0 .. $#lines;
    push @expected, "$LEVEL{ $row->{level} } test.conf:" . ($at + 1 + $line)
        . ": $row->{message}";
    $at += @lines + 2;
}

sub told
{
    my ($text) = @_;
    my @told;
    push @told, "$1 $2:$3: $4" while $text =~ /$SAID/g;
    return \@told;
}

my $checked = check($config);
ok $checked->{ok}, 'httpd -t accepts lines that it warns of or corrects';
is_deeply told($checked->{output}), \@expected,
    'httpd -t reports each line once, with file, line and level';

my $httpd = Test::Httpd->config(config => $config)->start;
$httpd->expect(qr/\[cors:(?:warn|notice)\].*test\.conf:\d+: Cors/);
is_deeply [sort @{ told($httpd->output) }], [sort @expected],
    'a start reports each line once';
is $httpd->complaints, '', 'nothing unexpected in the error log';

my @htaccess = grep { !$_->{only} } @accepted;
for my $level ('notice', 'cors:debug') {
    $httpd = Test::Httpd->config(log_level => $level,
        files => { directories(@htaccess) })->start;
    $httpd->clear_log;
    is_deeply [map { get($httpd, $_) } 0 .. $#htaccess],
        [map { 200 } @htaccess], ".htaccess may contain such lines, $level";
    my @told = grep { / \.htaccess:/ } @{ told($httpd->error_log) };
    s/ \S+?:\d+: / / for @told;
    is_deeply \@told, $level eq 'notice' ? []
        : [map { "debug $_->{message}" } @htaccess],
        "what is logged for .htaccess at $level";
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# ---- refused ----

@htaccess = grep { !$_->{only} } @refused;
$httpd = Test::Httpd->config(files => { directories(@htaccess) })->start;
$httpd->expect(qr/\[core:alert\].*\.htaccess: Cors/,
    qr/AH00111: Config variable/);
$httpd->clear_log;
is get($httpd, $_), 500, "$htaccess[$_]{name} in .htaccess leads to a 500"
    for 0 .. $#htaccess;
my ($log, %logged) = ($httpd->error_log);
push @{ $logged{$1} }, $2 while $log =~ m{/r(\d+)/\.htaccess: (.*)}g;
is_deeply $logged{$_}, [$htaccess[$_]{message}],
    "$htaccess[$_]{name}: the message is logged once" for 0 .. $#htaccess;
is $httpd->complaints, '', 'nothing unexpected in the error log';

# The server's configuration is read by the same functions.
for my $row (grep { $_->{only} || $_->{lines} =~ /\n./ } @refused) {
    $checked = check($row->{lines});
    ok !$checked->{ok}, "$row->{name}: httpd -t fails";
    my ($line, $text) = $checked->{output}
        =~ m{^AH00526: Syntax error on line (\d+) of \S+/test\.conf:\n(.*)}m;
    is $text, $row->{message}, "$row->{name}: httpd -t prints the message";
    my $lines = () = $row->{lines} =~ /^Cors/mg;
    is $line, $lines, "$row->{name}: httpd -t names the last line"
        if $row->{lines} =~ /^Cors/;
}

# ---- the form of a message, and its advice ----

my (@advised, @tolerated);
for my $row (@rows) {
    my ($directive, $value) = @{$row}{qw(directive value)};
    ok $row->{lines} =~ /^$directive\b/m
        && index(lc $row->{lines}, lc($value // '')) >= 0,
        "$row->{name}: the message names directive and value";
    if ($row->{message} =~ /\bwrite "([^"]+)"/) {
        my $advice = $1 =~ s/\\\\/\\/gr;
        my $lines = $row->{lines};
        if ($advice =~ /^(?:\*|none|CorsAllowOrigin(?:Match)? .*)\z/) {
            $lines = $advice =~ /^Cors/ ? "$advice\n"
                : "$directive $advice\n";
        }
        elsif (index($lines, ", $directive") < 0) {
            $lines =~ s/^($directive\b.*?)\Q$value\E/$1$advice/m;
        }
        push @advised, $lines;
    }
    next if $row->{lines} =~ /^CorsAllowOriginMatch \.\*\n/;
    push @tolerated, "$row->{lines}$1\n"
        if $row->{message} =~ /"(CorsTolerate [-\w]+)"/;
}
cmp_ok scalar @advised, '>', 40, 'most messages contain the right spelling';
$checked = check(sections(@advised));
ok $checked->{ok}, 'what messages propose to write is accepted'
    or diag $checked->{output};
is_deeply [grep { !/so it also matches/ } @{ told($checked->{output}) }],
    [], 'and is warned of only where a wildcard had no boundary';
$checked = check(sections(@tolerated));
ok $checked->{ok}, 'what messages propose to tolerate is accepted'
    or diag $checked->{output};

# ---- right lines ----

my @right = (<<'EOF', <<'EOF', <<'EOF', <<'EOF', <<'EOF', <<'EOF', <<'EOF');
CorsAllowOrigin https://app.example.com,https://admin.example.com , http://[::1]
CorsAllowOrigin capacitor://localhost https://*.example.org http://localhost:*
CorsAllowOriginMatch "https://(www[.])?example[.]com https://b[.]example[.]com"
CorsAllowOriginMatch ^https://[a-z0-9-]+\.example\.com$
CorsDenyOrigin http://old.example.com null
CorsAllowCredentials On
CorsAllowMethods *
CorsAllowHeaders *
CorsExposeHeaders Content-Range ETag
EOF
CorsAllowOrigin +https://app.example.com +http://a.example
CorsAllowOrigin +app://.
CorsAllowMethods +PUT +QUERY
CorsAllowHeaders +X-Token +User-Agent
CorsExposeHeaders +X-Count
CorsMaxAge 10min
EOF
CorsAllowOrigin *
CorsDenyOrigin https://evil.example http://*.evil.example null
CorsAllowMethods *
CorsAllowHeaders *, Authorization
CorsExposeHeaders *
CorsMaxAge 1D
EOF
CorsAllowOrigin none
CorsAllowOriginMatch none
CorsAllowOriginExpr none
CorsDenyOrigin none
CorsAllowMethods none
CorsAllowHeaders none
CorsExposeHeaders none
CorsMaxAge none
CorsTolerate none
EOF
CorsAllowOriginExpr %{HTTP:Origin} == 'https://%{HTTP_HOST}'
CorsAllowOrigin null file://
CORSENGINE detectiononly
CorsPreflight pass
CorsPreflightStatus 200
CorsPreflightAuth "Require"
CorsBackendHeaders Keep
CorsEnforce On
CorsDebugHeader On
CorsMaxAge 0
EOF
CorsTolerate insecure-origin, NULL-ORIGIN
CorsTolerate public-suffix
CorsAllowOrigin http://old.example.com null https://*.github.io
CorsAllowCredentials On
CorsMaxAge 86400
EOF
CorsExplain On
CorsMaxAge 24h
CorsMaxAge 600s
EOF
$config = "CorsOverride CorsAllowOrigin, CorsMaxAge\n" . sections(@right);
is check($config)->{output}, "Syntax OK\n", 'right lines lead to no message';
$httpd = Test::Httpd->config(log_level => 'cors:info', config => $config)
    ->start;
is_deeply told($httpd->output), [], 'a start with right lines logs nothing';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;

__DATA__
# Origins. Every reason for a wrong one is in t/unit/origin_item.c.

CorsAllowOrigin app.example.com
    refused: CorsAllowOrigin "app.example.com" has no scheme; write
        "https://app.example.com"

CorsAllowOrigin HTTPS://APP.example.com:443/
    corrected: CorsAllowOrigin "HTTPS://APP.example.com:443/" was normalised to
        the form that browsers send; write "https://app.example.com"

CorsAllowOrigin +https://App.example.com
    corrected: CorsAllowOrigin "+https://App.example.com" was normalised to the
        form that browsers send; write "+https://app.example.com"

CorsDenyOrigin https://evil.example.com/
    corrected: CorsDenyOrigin "https://evil.example.com/" was normalised to the
        form that browsers send; write "https://evil.example.com"

CorsDenyOrigin https://evil.example.com/path
    refused: CorsDenyOrigin "https://evil.example.com/path" has a path; an
        origin ends with the host and port; write "https://evil.example.com"

CorsAllowOrigin https://b\"cher.example
    refused: CorsAllowOrigin "https://b\"cher.example" contains a quotation
        mark inside the origin

CorsAllowOrigin https://bücher.example
    refused: CorsAllowOrigin "https://bücher.example" contains a non-ASCII
        character; write the host name in Punycode (xn--...)

CorsAllowOrigin “https://app.example.com”
    refused: CorsAllowOrigin "“https://app.example.com”" contains a curly
        quotation mark; use a straight one; write "https://app.example.com"

CorsAllowOrigin “https://a.example.com
    refused: CorsAllowOrigin "“https://a.example.com" contains a curly
        quotation mark; use a straight one; write "https://a.example.com"

CorsAllowOrigin ‘https://app.example.com’
    refused: CorsAllowOrigin "‘https://app.example.com’" contains a curly
        quotation mark; use a straight one; write "https://app.example.com"

CorsAllowOrigin „https://app.example.com“
    refused: CorsAllowOrigin "„https://app.example.com“" contains a curly
        quotation mark; use a straight one; write "https://app.example.com"

CorsAllowOrigin https://app.example.com@NBSP@
    refused: CorsAllowOrigin "https://app.example.com@NBSP@" contains a
        no-break space; use an ordinary space; write "https://app.example.com"

CorsAllowOrigin htps://app.example.com
    warned: CorsAllowOrigin "htps://app.example.com" has an unknown scheme;
        write "https://app.example.com"

CorsAllowOrigin +capacitr://localhost
    warned: CorsAllowOrigin "+capacitr://localhost" has an unknown scheme;
        write "+capacitor://localhost"

CorsAllowOrigin -https://app.example.com
    refused: CorsAllowOrigin "-https://app.example.com" starts with '-': items
        cannot be removed; list the ones to keep, without '+'

CorsAllowOrigin +-https://app.example.com
    refused: CorsAllowOrigin "+-https://app.example.com" starts with '-': items
        cannot be removed; list the ones to keep, without '+'

CorsDenyOrigin -https://app.example.com
    refused: CorsDenyOrigin "-https://app.example.com" starts with '-': items
        cannot be removed; list the ones to keep, without '+'

CorsAllowOriginMatch -https://app[.]example[.]com
    refused: CorsAllowOriginMatch "-https://app[.]example[.]com" starts with
        '-': items cannot be removed; list the ones to keep, without '+'

# A wildcard or a regular expression: which directive accepts it.

CorsAllowOrigin ^https?://(www\.)?example[.]com$
    refused: CorsAllowOrigin "^https?://(www\.)?example[.]com$" is a regular
        expression, not an origin; write "CorsAllowOriginMatch
        ^https?://(www\.)?example[.]com$"

CorsAllowOrigin moz-extension://*
    refused: CorsAllowOrigin "moz-extension://*" has '*' in a place where it
        has no meaning; possible are "*" alone, "https://*.example.com" and
        "https://example.com:*"; write "CorsAllowOriginMatch
        moz-extension://[a-z0-9.-]+"

CorsAllowOrigin https://preview-*.example.app
    refused: CorsAllowOrigin "https://preview-*.example.app" has '*' in a place
        where it has no meaning; possible are "*" alone,
        "https://*.example.com" and "https://example.com:*"; write
        "CorsAllowOriginMatch https://preview-[a-z0-9-]+[.]example[.]app"

CorsAllowOrigin https://*-team.vercel.app
    refused: CorsAllowOrigin "https://*-team.vercel.app" has '*' in a place
        where it has no meaning; possible are "*" alone,
        "https://*.example.com" and "https://example.com:*"; write
        "CorsAllowOriginMatch https://[a-z0-9-]+-team[.]vercel[.]app"

CorsAllowOrigin +https://(a|b).example.com
    refused: CorsAllowOrigin "+https://(a|b).example.com" is a regular
        expression, not an origin; write "CorsAllowOriginMatch
        +https://(a|b)[.]example[.]com"

CorsAllowOrigin https://app.*.example.com
    refused: CorsAllowOrigin "https://app.*.example.com" has '*' in a place
        where it has no meaning; possible are "*" alone,
        "https://*.example.com" and "https://example.com:*"; write
        "CorsAllowOriginMatch https://app[.][a-z0-9-]+[.]example[.]com"

CorsAllowOrigin http*://app.example.com
    refused: CorsAllowOrigin "http*://app.example.com" has '*' in the scheme;
        list one origin per scheme; write "CorsAllowOriginMatch
        https?://app[.]example[.]com"

CorsAllowOrigin https://app.example.com:3*
    refused: CorsAllowOrigin "https://app.example.com:3*" has '*' inside the
        port; use ":*" for any port; write "CorsAllowOriginMatch
        https://app[.]example[.]com:3[0-9]*"

CorsAllowOrigin https://(a.example.com
    refused: CorsAllowOrigin "https://(a.example.com" is a regular expression,
        not an origin

CorsDenyOrigin https://evil-*.example.com
    refused: CorsDenyOrigin "https://evil-*.example.com" has '*' in a place
        where it has no meaning; possible are "*" alone,
        "https://*.example.com" and "https://example.com:*"

# A proposal means the same, or is not made.

CorsAllowOrigin https://*.test
    refused: CorsAllowOrigin "https://*.test" has "*." before a top-level
        domain, which would allow every site under it

CorsAllowOrigin https://app.example.com:3000-3010
    refused: CorsAllowOrigin "https://app.example.com:3000-3010" has a port
        that is not a number

CorsAllowOrigin about:blank
    refused: CorsAllowOrigin "about:blank" cannot be used: about: pages have
        the origin of the page that opened them

CorsAllowOrigin data:text/html
    refused: CorsAllowOrigin "data:text/html" cannot be used: pages from data:
        URLs have the origin "null"

CorsAllowOrigin mailto:x@example.com
    refused: CorsAllowOrigin "mailto:x@example.com" has no scheme

CorsAllowOrigin ws://app.example.com
    refused: CorsAllowOrigin "ws://app.example.com" is a WebSocket URL; list
        the origin of the page that opens the connection

CorsAllowOrigin https://*.127.0.0.1
    refused: CorsAllowOrigin "https://*.127.0.0.1" has "*." before an IP
        address

CorsAllowOrigin file:///home/app
    refused: CorsAllowOrigin "file:///home/app" cannot be used: browsers send
        "null" for pages opened from a file, and some app shells send
        "file://"; write "file://"

# Lists.

CorsAllowOrigin *, https://app.example.com
    refused: CorsAllowOrigin "*" cannot be combined with other origins: it
        already covers every origin

CorsAllowOrigin https://app.example.com
CorsAllowOrigin *
    refused: CorsAllowOrigin "*" cannot be combined with other origins: it
        already covers every origin

CorsAllowOrigin *
CorsAllowOriginMatch https://app[.]example[.]com
    refused: CorsAllowOrigin "*" cannot be combined with other origins: it
        already covers every origin

CorsAllowOrigin *
CorsAllowOriginExpr true
    refused: CorsAllowOrigin "*" cannot be combined with other origins: it
        already covers every origin

CorsAllowOrigin * *
    refused: CorsAllowOrigin "*" cannot be combined with other origins: it
        already covers every origin

CorsDenyOrigin https://evil.example.com *
    refused: CorsDenyOrigin "*" cannot be combined with other origins: it
        already covers every origin

CorsAllowOrigin * none
    refused: CorsAllowOrigin "none" cannot be combined with other items

CorsAllowOrigin none none
    refused: CorsAllowOrigin "none" cannot be combined with other items

CorsAllowOrigin https://app.example.com
CorsAllowOrigin none
    refused: CorsAllowOrigin "none" contradicts another CorsAllowOrigin line in
        this section; "none" must be the only one

CorsAllowOrigin +*
    refused: CorsAllowOrigin "+*" cannot have a '+': it must be the only item;
        write "*"

CorsAllowOrigin +none
    refused: CorsAllowOrigin "+none" cannot have a '+': it must be the only
        item; write "none"

CorsAllowOrigin +
    refused: CorsAllowOrigin "+" is a '+' without an item

CorsAllowOrigin https://a.example.com +https://b.example.com
    refused: CorsAllowOrigin "+https://b.example.com" mixes items with and
        without '+'; within a section put '+' before every item (add to the
        inherited list) or before none (replace it)

CorsAllowOrigin +https://a.example.com
CorsAllowOrigin https://b.example.com
    refused: CorsAllowOrigin "https://b.example.com" mixes items with and
        without '+'; within a section put '+' before every item (add to the
        inherited list) or before none (replace it)

CorsAllowOrigin https://app.example.com # the app
    refused: CorsAllowOrigin "#" looks like a comment; put comments on their
        own line

CorsAllowOrigin
    refused: CorsAllowOrigin needs at least one item, or "none"

CorsAllowOrigin , ,
    refused: CorsAllowOrigin needs at least one item, or "none"

# Regular expressions.

CorsAllowOriginMatch )(
    refused: CorsAllowOriginMatch ")(" is not a valid regular expression

CorsAllowOriginMatch "a)|(b"
    refused: CorsAllowOriginMatch "a)|(b" is not a valid regular expression

CorsAllowOriginMatch *.example.com
    refused: CorsAllowOriginMatch "*.example.com" is a wildcard pattern, not a
        regular expression; use CorsAllowOrigin

CorsAllowOriginMatch https://*.example.com
    refused: CorsAllowOriginMatch "https://*.example.com" is a wildcard
        pattern, not a regular expression; use CorsAllowOrigin

CorsAllowOriginMatch (*UTF)https://app[.]example[.]com
    refused: CorsAllowOriginMatch "(*UTF)https://app[.]example[.]com" cannot be
        anchored to the whole origin (as \A(?:...)\z)

CorsAllowOriginMatch none https://app[.]example[.]com
    refused: CorsAllowOriginMatch "none" cannot be combined with other items

CorsAllowOriginMatch "https://a[.]example[.]com )("
    refused: CorsAllowOriginMatch ")(" is not a valid regular expression

CorsAllowOriginMatch 'https://a[.]example[.]com +https://b[.]example[.]com'
    refused: CorsAllowOriginMatch "+https://b[.]example[.]com" mixes items with
        and without '+'; within a section put '+' before every item (add to the
        inherited list) or before none (replace it)

CorsAllowOriginMatch "https://a[.]example[.]com http://b[.]example[.]com/"
    warned: CorsAllowOriginMatch "http://b[.]example[.]com/" matches no origin,
        because it has '/' after the host; write "http://b[.]example[.]com"

CorsAllowOriginMatch /^https:[/][/][a-z]+[.]example[.]com$/
    warned: CorsAllowOriginMatch "/^https:[/][/][a-z]+[.]example[.]com$/"
        matches no origin, because it is enclosed in '/'; write
        "^https:[/][/][a-z]+[.]example[.]com$"

CorsAllowOriginMatch /https:[/][/]app[.]example[.]com/i
    warned: CorsAllowOriginMatch "/https:[/][/]app[.]example[.]com/i" matches
        no origin, because it is enclosed in '/'; write
        "(?i)https:[/][/]app[.]example[.]com"

CorsAllowOriginMatch https://a[.]example[.]com, https://b[.]example[.]com
    warned: CorsAllowOriginMatch "https://a[.]example[.]com," matches no
        origin, because it contains ","; separate expressions with spaces;
        write "https://a[.]example[.]com"

CorsAllowOriginMatch https://a[.]example[.]com,https://b[.]example[.]com
    warned: CorsAllowOriginMatch
        "https://a[.]example[.]com,https://b[.]example[.]com" matches no
        origin, because it contains ","; separate expressions with spaces

CorsAllowOriginMatch https://a[.]example[.]com;https://b[.]example[.]com
    warned: CorsAllowOriginMatch
        "https://a[.]example[.]com;https://b[.]example[.]com" matches no
        origin, because it contains ";"; separate expressions with spaces

CorsAllowOriginMatch null
    warned: CorsAllowOriginMatch "null" matches no origin, because it does not
        begin with a scheme such as "https://"; write "CorsAllowOrigin null"

CorsAllowOriginMatch “https://app[.]example[.]com”
    warned: CorsAllowOriginMatch "“https://app[.]example[.]com”" matches no
        origin, because it contains a non-ASCII character

CorsAllowOriginMatch (api|web).example.com
    warned: CorsAllowOriginMatch "(api|web).example.com" must begin with a
        scheme that is written out, such as "https://"; write
        "https://(api|web)[.]example[.]com"

CorsAllowOriginMatch //app[.]example[.]com
    warned: CorsAllowOriginMatch "//app[.]example[.]com" matches no origin,
        because it does not begin with a scheme such as "https://"

CorsAllowOriginMatch https://app[.]example[.]com/
    warned: CorsAllowOriginMatch "https://app[.]example[.]com/" matches no
        origin, because it has '/' after the host; write
        "https://app[.]example[.]com"

CorsAllowOriginMatch ^https://app.example.com/$
    warned: CorsAllowOriginMatch "^https://app.example.com/$" matches no
        origin, because it has '/' after the host; write
        "^https://app[.]example[.]com$"

CorsAllowOriginMatch https://app[.]example[.]com/.*
    warned: CorsAllowOriginMatch "https://app[.]example[.]com/.*" matches no
        origin, because it has '/' after the host; write
        "https://app[.]example[.]com"

CorsAllowOriginMatch https://app[.]example[.]com:443
    warned: CorsAllowOriginMatch "https://app[.]example[.]com:443" matches no
        origin, because browsers do not send a default port; write
        "https://app[.]example[.]com"

CorsAllowOriginMatch http://app[.]example[.]com:80
    warned: CorsAllowOriginMatch "http://app[.]example[.]com:80" matches no
        origin, because browsers do not send a default port; write
        "http://app[.]example[.]com"

CorsAllowOriginMatch https://App[.]example[.]com
    warned: CorsAllowOriginMatch "https://App[.]example[.]com" matches no
        origin, because browsers send lower case; write
        "(?i)https://App[.]example[.]com"

CorsAllowOriginMatch HTTPS://app[.]example[.]com
    warned: CorsAllowOriginMatch "HTTPS://app[.]example[.]com" matches no
        origin, because browsers send lower case; write
        "(?i)HTTPS://app[.]example[.]com"

CorsAllowOriginMatch https://.*example[.]com
    warned: CorsAllowOriginMatch "https://.*example[.]com" has ".*" directly
        before "example.com", so it also matches look-alike hosts; write
        "https://(.*[.])?example[.]com"

CorsAllowOriginMatch https://app[.]example[.]com.*
    warned: CorsAllowOriginMatch "https://app[.]example[.]com.*" has ".*" at
        the end of the host, so it also matches other sites

CorsAllowOriginMatch https://[a-z]+[.]github[.]io
    warned: CorsAllowOriginMatch "https://[a-z]+[.]github[.]io" has "[a-z]+"
        before ".github.io", and anyone can register a name there

CorsAllowOriginMatch \Qhttps://app.example.com
    warned: CorsAllowOriginMatch "\Qhttps://app.example.com" contains "\Q",
        which cannot be checked

CorsAllowOriginMatch .*
    warned: CorsAllowOriginMatch ".*" must begin with a scheme that is written
        out, such as "https://"

# ap_expr.

CorsAllowOriginExpr
    refused: CorsAllowOriginExpr needs an expression, or "none"

CorsAllowOriginExpr ""
    refused: CorsAllowOriginExpr needs an expression, or "none"

CorsAllowOriginExpr +true
    refused: CorsAllowOriginExpr "+true" is not a valid expression: Parse error
        near '+'

CorsAllowOriginExpr "%{HTTP:Origin"
    refused: CorsAllowOriginExpr "%{HTTP:Origin" is not a valid expression:
        Unterminated string or variable

CorsAllowOriginExpr true
CorsAllowOriginExpr none
    refused: CorsAllowOriginExpr "none" contradicts another CorsAllowOriginExpr
        line in this section; "none" must be the only one

# Methods and headers.

CorsAllowMethods put Post +DELETE
    refused: CorsAllowMethods "+DELETE" mixes items with and without '+';
        within a section put '+' before every item (add to the inherited list)
        or before none (replace it)

CorsAllowMethods put
    corrected: CorsAllowMethods "put" was normalised to the form that browsers
        send; write "PUT"

CorsAllowMethods +delete
    corrected: CorsAllowMethods "+delete" was normalised to the form that
        browsers send; write "+DELETE"

CorsAllowMethods patch
    warned: CorsAllowMethods "patch" is not the same as PATCH: method names are
        case-sensitive; write "PATCH"

CorsAllowMethods +Patch
    warned: CorsAllowMethods "+Patch" is not the same as PATCH: method names
        are case-sensitive; write "+PATCH"

CorsAllowMethods GET CONNECT
    refused: CorsAllowMethods "CONNECT" is a method that browsers do not allow
        scripts to use

CorsAllowMethods trace
    refused: CorsAllowMethods "trace" is a method that browsers do not allow
        scripts to use

CorsAllowMethods +TRACK
    refused: CorsAllowMethods "+TRACK" is a method that browsers do not allow
        scripts to use

CorsAllowMethods P@T
    refused: CorsAllowMethods "P@T" is not a valid method name

CorsAllowMethods GET:
    refused: CorsAllowMethods "GET:" is not a valid method name; write "GET"

CorsAllowMethods -PUT
    refused: CorsAllowMethods "-PUT" starts with '-': items cannot be removed;
        list the ones to keep, without '+'

CorsAllowMethods +-PUT
    refused: CorsAllowMethods "+-PUT" starts with '-': items cannot be removed;
        list the ones to keep, without '+'

CorsAllowMethods “PUT”
    refused: CorsAllowMethods "“PUT”" contains a non-ASCII character, such
        as a curly quotation mark or a no-break space

CorsAllowMethods * *
    refused: CorsAllowMethods "*" is listed twice; it must be the only item

CorsAllowMethods *
CorsAllowMethods *
    refused: CorsAllowMethods "*" is listed twice; it must be the only item

CorsAllowHeaders *, *
    refused: CorsAllowHeaders "*" is listed twice; it must be the only item

CorsExposeHeaders * *
    refused: CorsExposeHeaders "*" is listed twice; it must be the only item

CorsAllowMethods PUT *
    refused: CorsAllowMethods "PUT" cannot be combined with "*", which already
        covers it; write "*"

CorsAllowHeaders * X-Token
    refused: CorsAllowHeaders "X-Token" cannot be combined with "*", which
        already covers it; write "*"

CorsExposeHeaders *
CorsExposeHeaders X-Count
    refused: CorsExposeHeaders "X-Count" cannot be combined with "*", which
        already covers it; write "*"

CorsAllowHeaders none X-Token
    refused: CorsAllowHeaders "none" cannot be combined with other items

CorsAllowMethods "GET|POST|PUT"
    warned: CorsAllowMethods "GET|POST|PUT" is read as one name, because names
        are separated by spaces or commas; write "GET POST PUT"

CorsAllowMethods +PUT|DELETE
    warned: CorsAllowMethods "+PUT|DELETE" is read as one name, because names
        are separated by spaces or commas; write "+PUT +DELETE"

CorsAllowMethods all
    warned: CorsAllowMethods "all" is read as a name, so only "all" is allowed;
        write "*"

CorsAllowHeaders any
    warned: CorsAllowHeaders "any" is read as a name, so only "any" is allowed;
        write "*"

CorsAllowHeaders X-A|X-B
    warned: CorsAllowHeaders "X-A|X-B" is read as one name, because names are
        separated by spaces or commas; write "X-A X-B"

CorsExposeHeaders ALL
    warned: CorsExposeHeaders "ALL" is read as a name, so only "ALL" is
        allowed; write "*"

CorsAllowHeaders X-Token:
    refused: CorsAllowHeaders "X-Token:" is not a valid header name; write
        "X-Token"

CorsAllowHeaders "X-Token: abc"
    refused: CorsAllowHeaders "X-Token:" is not a valid header name; write
        "X-Token"

CorsAllowHeaders X-A@NBSP@X-B
    refused: CorsAllowHeaders "X-A@NBSP@X-B" contains a non-ASCII character,
        such as a curly quotation mark or a no-break space

CorsExposeHeaders X-Count=1
    refused: CorsExposeHeaders "X-Count=1" is not a valid header name

CorsAllowHeaders X-A Origin
    warned: CorsAllowHeaders "Origin" is ignored: browsers do not let scripts
        set this header

CorsAllowHeaders sec-fetch-mode
    warned: CorsAllowHeaders "sec-fetch-mode" is ignored: browsers do not let
        scripts set this header

CorsAllowHeaders +Proxy-Authorization
    warned: CorsAllowHeaders "+Proxy-Authorization" is ignored: browsers do not
        let scripts set this header

CorsExposeHeaders Set-Cookie
    warned: CorsExposeHeaders "Set-Cookie" is ignored: browsers never expose
        this header to scripts

# One word.

CorsMaxAge -1
    refused: CorsMaxAge "-1" is not a valid time; write seconds, or a number
        followed by s, min, h or d

CorsMaxAge soon
    refused: CorsMaxAge "soon" is not a valid time; write seconds, or a number
        followed by s, min, h or d

CorsMaxAge 10m
    refused: CorsMaxAge "10m" is not a valid time; write seconds, or a number
        followed by s, min, h or d

CorsMaxAge 99999999999
    refused: CorsMaxAge "99999999999" is not a valid time; write seconds, or a
        number followed by s, min, h or d

CorsMaxAge 86401
    warned: CorsMaxAge "86401" is longer than any browser keeps an answer:
        Firefox 86400 seconds, Chromium 7200; write "86400"

CorsMaxAge 2d
    warned: CorsMaxAge "2d" is longer than any browser keeps an answer: Firefox
        86400 seconds, Chromium 7200; write "86400"

CorsMaxAge 1 h
    refused: CorsMaxAge takes one argument

CorsMaxAge
    refused: CorsMaxAge takes one argument

CorsEngine Maybe
    refused: CorsEngine "Maybe" must be one of On, Off, DetectionOnly

CorsPreflight Ignore
    refused: CorsPreflight "Ignore" must be one of Answer, Pass

CorsPreflightStatus 201
    refused: CorsPreflightStatus "201" must be one of 200, 204

CorsPreflightAuth no
    refused: CorsPreflightAuth "no" must be one of Skip, Require

CorsBackendHeaders Merge
    refused: CorsBackendHeaders "Merge" must be one of Replace, Keep

CorsAllowCredentials true
    refused: CorsAllowCredentials "true" must be one of On, Off

CorsAllowCredentials On nonsense
    refused: CorsAllowCredentials takes one argument

CorsEnforce On Off
    refused: CorsEnforce takes one argument

CorsDebugHeader 1
    refused: CorsDebugHeader "1" must be one of On, Off

CorsEngine On DetectionOnly
    refused: CorsEngine takes one argument

CorsTolerate everything
    refused: CorsTolerate "everything" must be one of insecure-origin,
        public-suffix, null-origin, loose-regex, expression

CorsTolerate +null-origin
    refused: CorsTolerate "+null-origin" must be one of insecure-origin,
        public-suffix, null-origin, loose-regex, expression

CorsTolerate null-origin none
    refused: CorsTolerate "none" cannot be combined with other items

CorsTolerate null-origin
CorsTolerate none
    refused: CorsTolerate "none" cannot be combined with other items

CorsTolerate
    refused: CorsTolerate needs at least one item, or "none"

# CorsOverride and CorsExplain.

CorsOverride All CorsMaxAge
    refused, server only: CorsOverride "All" cannot be combined with other
        items

CorsOverride CorsMaxAge, All
    refused, server only: CorsOverride "All" cannot be combined with other
        items

CorsOverride All
CorsOverride CorsMaxAge
    refused, server only: CorsOverride "All" cannot be combined with other
        items

CorsOverride CorsMaxAge
CorsOverride All
    refused, server only: CorsOverride "All" cannot be combined with other
        items

CorsOverride None
CorsOverride CorsMaxAge
    refused, server only: CorsOverride "None" cannot be combined with other
        items

CorsOverride CorsMaxAge None
    refused, server only: CorsOverride "none" cannot be combined with other
        items

CorsOverride FileInfo
    refused, server only: CorsOverride "FileInfo" is not a mod_cors directive,
        All or None

CorsOverride +CorsMaxAge
    refused, server only: CorsOverride "+CorsMaxAge" must not have a '+';
        repeated lines add up

CorsOverride
    refused, server only: CorsOverride needs at least one item, or "none"

CorsExplain Maybe
    refused, server only: CorsExplain "Maybe" must be one of On, Off

# Undefined variables.

CorsAllowOrigin ${ORIGINS}
    refused: CorsAllowOrigin "${ORIGINS}" uses the undefined variable ORIGINS

CorsAllowOriginMatch https://${HOST}
    refused: CorsAllowOriginMatch "https://${HOST}" uses the undefined variable
        HOST

CorsAllowOriginExpr "%{HTTP:Origin} == '${ORIGIN}'"
    refused: CorsAllowOriginExpr "%{HTTP:Origin} == '${ORIGIN}'" uses the
        undefined variable ORIGIN

CorsAllowHeaders X-A ${NAMES}
    refused: CorsAllowHeaders "${NAMES}" uses the undefined variable NAMES

CorsMaxAge ${TIME}
    refused: CorsMaxAge "${TIME}" uses the undefined variable TIME

CorsEngine ${ENGINE}
    refused: CorsEngine "${ENGINE}" uses the undefined variable ENGINE

CorsOverride ${WORDS}
    refused, server only: CorsOverride "${WORDS}" uses the undefined variable
        WORDS

# With credentials, in either order.

CorsAllowOrigin *
CorsAllowCredentials On
    refused: CorsAllowOrigin "*" cannot be used with CorsAllowCredentials On
        (line 2): browsers refuse the two together; list the origins

CorsAllowCredentials On
CorsAllowOrigin null
    refused: CorsAllowOrigin "null" is not allowed with CorsAllowCredentials On
        (line 1): any page can send this origin, for example from a sandboxed
        frame, and use your visitors' logins; list the page's real origin, or
        accept the risk with "CorsTolerate null-origin"

CorsAllowOrigin file://
CorsAllowCredentials On
    refused: CorsAllowOrigin "file://" is not allowed with CorsAllowCredentials
        On (line 2): any page can send this origin, for example from a
        sandboxed frame, and use your visitors' logins; list the page's real
        origin, or accept the risk with "CorsTolerate null-origin"

CorsAllowOrigin http://app.example.com
CorsAllowCredentials On
    refused: CorsAllowOrigin "http://app.example.com" is not allowed with
        CorsAllowCredentials On (line 2): over http anyone on the network can
        alter the page and use your visitors' logins; write
        "https://app.example.com", or accept the risk with "CorsTolerate
        insecure-origin"

CorsAllowCredentials On
CorsAllowOrigin https://app.example.com, http://*.example.com:8080
    refused: CorsAllowOrigin "http://*.example.com:8080" is not allowed with
        CorsAllowCredentials On (line 1): over http anyone on the network can
        alter the page and use your visitors' logins; write
        "https://*.example.com:8080", or accept the risk with "CorsTolerate
        insecure-origin"

CorsAllowOrigin https://*.co.uk
CorsAllowCredentials On
    refused: CorsAllowOrigin "https://*.co.uk" is not allowed with
        CorsAllowCredentials On (line 2): anyone can register a name below this
        suffix and use your visitors' logins; list the names that you need, or
        accept the risk with "CorsTolerate public-suffix"

CorsAllowOriginMatch https?://app[.]example[.]com
CorsAllowCredentials On
    refused: CorsAllowOriginMatch "https?://app[.]example[.]com" is not allowed
        with CorsAllowCredentials On (line 2): over http anyone on the network
        can alter the page and use your visitors' logins; use https, or accept
        the risk with "CorsTolerate insecure-origin"

CorsAllowOriginMatch https://app.example.com
CorsAllowCredentials On
    refused: CorsAllowOriginMatch "https://app.example.com" is not allowed with
        CorsAllowCredentials On (line 2) because it contains an unescaped '.',
        which matches any character: other sites can match the expression and
        use your visitors' logins; write "https://app[.]example[.]com", or
        accept the risk with "CorsTolerate loose-regex"

CorsAllowOriginMatch https://.*example[.]com
CorsAllowCredentials On
    refused: CorsAllowOriginMatch "https://.*example[.]com" is not allowed with
        CorsAllowCredentials On (line 2) because it has ".*" directly before
        "example.com", so it also matches look-alike hosts: other sites can
        match the expression and use your visitors' logins; write
        "https://(.*[.])?example[.]com", or accept the risk with "CorsTolerate
        loose-regex"

CorsAllowOriginMatch .*
CorsAllowCredentials On
    refused: CorsAllowOriginMatch ".*" is not allowed with CorsAllowCredentials
        On (line 2) because it must begin with a scheme that is written out,
        such as "https://": other sites can match the expression and use your
        visitors' logins; correct the expression, or accept the risk with
        "CorsTolerate loose-regex"

CorsAllowOriginExpr true
CorsAllowCredentials On
    refused: CorsAllowOriginExpr "true" is not allowed with
        CorsAllowCredentials On (line 2): the origins that an expression allows
        cannot be checked in advance; list the origins, or accept the risk with
        "CorsTolerate expression"

CorsAllowOrigin https://app.example.com
CorsAllowCredentials On
CorsExposeHeaders *
    refused: CorsExposeHeaders "*" has no effect with CorsAllowCredentials On
        (line 2): browsers then read "*" as the name of a header; list the
        headers

# Without credentials.

CorsAllowOrigin https://*.github.io
    warned: CorsAllowOrigin "https://*.github.io" allows everyone who can
        register a name below this public suffix

# Places.

<Files x.txt>
<Limit GET>
CorsAllowOrigin https://app.example.com
</Limit>
</Files>
    refused: CorsAllowOrigin cannot be used inside <Limit> or <LimitExcept>; to
        restrict methods use CorsAllowMethods

<Files x.txt>
<LimitExcept GET>
CorsAllowMethods PUT
</LimitExcept>
</Files>
    refused: CorsAllowMethods cannot be used inside <Limit> or <LimitExcept>;
        to restrict methods use CorsAllowMethods
