# Sections merge field by field, in httpd's own order. Without this a
# <Location> would forget what the directories around it set, a .htaccess file
# could pick the administrator's lock, and "*" could meet cookies.
use strict;
use warnings;
use lib 't/lib';
use List::Util qw(uniq);
use Test::More;
use Test::Httpd;

# ---- a model of the merge, independent of the module ----

# A section is {directive => [how, items]}, how being set, plus or none. What
# it does not contain is unset there.

my @STATES = qw(unset set plus none);
my %STATES = (
    CorsMaxAge => [qw(unset set none)],
    CorsAllowCredentials => [qw(unset On Off)],
    CorsEngine => [qw(unset On Off)],
);

# What the outer, the middle and the inner section set. One item of a list is
# in all three, to show that it is sent once.
my @ORIGINS = map { ["https://$_.example", 'https://every.example'] }
    qw(one two three);
my @HEADERS = map { ["X-$_", 'X-Every'] } qw(One Two Three);
my %ITEMS = (
    CorsAllowOrigin => \@ORIGINS,
    CorsDenyOrigin => \@ORIGINS,
    CorsAllowMethods => [map { [$_, 'REPORT'] } qw(PUT DELETE PATCH)],
    CorsAllowHeaders => \@HEADERS,
    CorsExposeHeaders => \@HEADERS,
    CorsMaxAge => [[11], [22], [33]],
);
my @LISTS = grep { !$STATES{$_} } sort keys %ITEMS;
my @FIELDS = (@LISTS, sort keys %STATES);

sub states
{
    my ($field) = @_;
    return @{ $STATES{$field} // \@STATES };
}

sub entry
{
    my ($field, $state, $level) = @_;
    return () if $state eq 'unset';
    return ($field => ['set', $state]) if $state =~ /^O/;
    return ($field => [$state, @{ $ITEMS{$field}[$level] }]);
}

sub line
{
    my ($field, $how, @items) = @_;
    return "$field none\n" if $how eq 'none';
    return join(' ', $field, map { $how eq 'plus' ? "+$_" : $_ } @items) . "\n";
}

sub text
{
    my ($section) = @_;
    return join '', map { line($_, @{ $section->{$_} }) } sort keys %$section;
}

my %DEFAULT = (
    CorsAllowMethods => [qw(GET HEAD POST)],
    CorsAllowHeaders => ['Content-Type'],
);

sub merged
{
    my (@sections) = @_;
    my %policy;
    for my $section (@sections) {
        for my $field (keys %$section) {
            my ($how, @items) = @{ $section->{$field} };
            my $inherited = $policy{$field} // $DEFAULT{$field} // [];
            $policy{$field} = $how eq 'none' ? []
                : $how eq 'set' ? [uniq @items]
                : [uniq @$inherited, @items];
        }
    }
    return \%policy;
}

# A response as far as it matters here.
sub answer
{
    my ($status, %headers) = @_;
    my @shown = grep { length($headers{$_} // '') } sort keys %headers;
    return join "\n  ", $status, map { "$_: $headers{$_}" } @shown;
}

my @VARY = (vary => 'Access-Control-Request-Headers, '
    . 'Access-Control-Request-Method, Origin');

sub expected
{
    my ($policy, $method, $origin) = @_;
    my $allow = $policy->{CorsAllowOrigin};
    my $value = sub {
        my ($field) = @_;
        return join ', ', @{ $policy->{$field} // $DEFAULT{$field} // [] };
    };
    return answer(200) if $value->('CorsEngine') eq 'Off' || !$allow;
    my @vary = $method eq 'GET' ? (vary => 'Origin') : @VARY;
    if (!grep({ $_ eq $origin } @$allow)
        || grep { $_ eq $origin } @{ $policy->{CorsDenyOrigin} // [] }) {
        return answer($method eq 'GET' ? 200 : 403, @vary);
    }
    my @both = (@vary, 'allow-origin' => $origin, 'allow-credentials' =>
        $value->('CorsAllowCredentials') eq 'On' ? 'true' : '');
    return answer(200, @both, 'expose-headers' => $value->('CorsExposeHeaders'))
        if $method eq 'GET';
    return answer(204, @both, 'allow-methods' => $value->('CorsAllowMethods'),
        'allow-headers' => $value->('CorsAllowHeaders'),
        'max-age' => $value->('CorsMaxAge'));
}

# ---- asking ----

# "GET https://a.example ?query"; no origin, no Origin header.
sub request
{
    my ($ask, $path, $host) = @_;
    my $query = $ask =~ s/ (\?.*)// ? $1 : '';
    my ($method, $origin) = split ' ', $ask;
    my $preflight = "Access-Control-Request-Method: REPORT\n"
        . "Access-Control-Request-Headers: x-asked\n";
    return "$method $path$query HTTP/1.1\nHost: $host\n"
        . ($origin ? "Origin: $origin\n" : '')
        . ($method eq 'OPTIONS' ? $preflight : '');
}

# A header that came twice differs from one that came once.
sub seen
{
    my ($r) = @_;
    my %values;
    for my $name (keys %{ $r->{headers} }) {
        my @lines = @{ $r->{headers}{$name} };
        $values{$1} = join ' AND ', @lines if $name =~ /^access-control-(.+)/;
        $values{vary} = join ', ', sort map { split /\s*,\s*/ } @lines
            if $name eq 'vary';
    }
    return answer($r->{status}, %values);
}

# A case: {name, path, host, asks => [ask => answer, ...]}.
sub check
{
    my ($httpd, @cases) = @_;
    my $connection = $httpd->connection;
    for my $case (@cases) {
        my @asks = @{ $case->{asks} };
        my @questions = @asks[grep { $_ % 2 == 0 } keys @asks];
        $connection->send(map { request($_, $case->{path},
            $case->{host} // '127.0.0.1') } @questions);
        my @responses = map { $connection->response } @questions;
        my @found = map { ($questions[$_] => seen($responses[$_])) }
            keys @questions;
        is join("\n", @found), join("\n", @asks), $case->{name};
        # httpd closes after a 500.
        $connection = $httpd->connection if $responses[-1]{status} == 500;
    }
    return;
}

# ---- places ----

# The file ('' for the server's configuration), what opens the section, and
# what closes it.
my %PLACE = (
    '<Directory>' => ['', '<Directory "@DOCROOT@/ID">', '</Directory>'],
    '<Directory> below' =>
        ['', '<Directory "@DOCROOT@/ID/below">', '</Directory>'],
    '<Files>' => ['', "<Directory \"\@DOCROOT\@/ID\">\n<Files page.txt>",
        "</Files>\n</Directory>"],
    '<If>' => ['', "<Directory \"\@DOCROOT\@/ID\">\n<If true>",
        "</If>\n</Directory>"],
    '<If> on a query' => ['', "<Directory \"\@DOCROOT\@/ID\">\n"
        . '<If "%{QUERY_STRING} == \'inside\'">', "</If>\n</Directory>"],
    '<Location>' => ['', '<Location "/ID">', '</Location>'],
    '<Location> below' => ['', '<Location "/ID/below">', '</Location>'],
    '<LocationMatch>' => ['', '<LocationMatch "^/ID/">', '</LocationMatch>'],
    '.htaccess' => ['ID/.htaccess', '', ''],
    '.htaccess below' => ['ID/below/.htaccess', '', ''],
    '<Files> in .htaccess' => ['ID/.htaccess', '<Files page.txt>', '</Files>'],
    '<If> in .htaccess' => ['ID/.htaccess', '<If true>', '</If>'],
);

# The configuration of a server whose cases each have a directory of their own.
sub builder
{
    my (%more) = @_;
    return { config => "MaxKeepAliveRequests 0\n", files => {}, cases => [],
        %more };
}

# sections: [place => text, ...], the outermost first. Returns the line in the
# server's configuration on which each ends, undef in .htaccess.
sub add_case
{
    my ($builder, $name, $sections, $asks, $page) = (@_, "page\n");
    my $id = 'case' . @{ $builder->{cases} };
    my @rest = @$sections;
    my @lines;
    while (my ($place, $text) = splice @rest, 0, 2) {
        my ($file, $open, $close) =
            map { s/\bID\b/$id/gr } @{ $PLACE{$place} };
        my $target = $file ? \$builder->{files}{"htdocs/$file"}
            : \$builder->{config};
        $$target .= "$open\n$text";
        push @lines, $file ? undef : $$target =~ tr/\n//;
        $$target .= "$close\n";
    }
    my $path = "/$id/below/page.txt";
    $builder->{files}{"htdocs$path"} = $page;
    push @{ $builder->{cases} }, { name => $name, path => $path,
        host => $builder->{host}, asks => $asks };
    return @lines;
}

# ---- every field, every state, three deep ----

sub combinations
{
    my ($depth, @states) = @_;
    return [] if !$depth;
    return map { my $outer = $_; map { [@$outer, $_] } @states }
        combinations($depth - 1, @states);
}

# What the outermost section sets for the other fields, so that one that takes
# after its neighbour is found out.
my %BACKGROUND = (
    CorsAllowOrigin => ['set', map { "https://$_.example" }
        qw(one two three every denied)],
    CorsDenyOrigin => ['set', 'https://denied.example'],
    CorsAllowMethods => ['set', 'PUT'],
    CorsAllowHeaders => ['set', 'X-Background'],
    CorsExposeHeaders => ['set', 'X-Background'],
    CorsAllowCredentials => ['set', 'On'],
    CorsMaxAge => ['set', 99],
    CorsEngine => ['set', 'On'],
);

sub asks_of
{
    my ($field, @sections) = @_;
    my $policy = merged(@sections);
    my @names = $field =~ /Origin/ ? qw(one two three every denied) : 'every';
    return [map { ("$_->[0] $_->[1]" => expected($policy, @$_)) }
        (map { ['GET', "https://$_.example"] } @names),
        ['OPTIONS', 'https://every.example']];
}

my @CHAINS = (
    ['<Directory>', '<Directory> below', '.htaccess below'],
    ['<Directory>', '.htaccess', '<Location>'],
    ['<Directory>', '<Files>', '<If>'],
    ['.htaccess', '<Files> in .htaccess', '<If> in .htaccess'],
    # httpd merges these with each other first, then with what is outside.
    ['<Location>', '<LocationMatch>', '<Location> below'],
    # One place, three times.
    ['<Directory>', '<Directory>', '<Directory>'],
);

my $tree = builder();
for my $chain (@CHAINS) {
    for my $field (@FIELDS) {
        for my $states (combinations(3, states($field))) {
            my @sections = map { { entry($field, $states->[$_], $_) } } 0 .. 2;
            my %others = %BACKGROUND;
            delete $others{$field};
            $sections[0] = { %others, %{ $sections[0] } };
            add_case($tree, "$field @$states in @$chain",
                [map { ($chain->[$_] => text($sections[$_])) } 0 .. 2],
                asks_of($field, @sections));
        }
    }
}

# Server, virtual host, <Directory>. The server sets all fields
# at once; a virtual host that is about another field opens the doors.
for my $turn (0 .. 3) {
    my %server = map {
        my @states = states($_);
        entry($_, $states[$turn % @states], 0)
    } @FIELDS;
    my $config = text(\%server) . "MaxKeepAliveRequests 0\n";
    my @cases;
    for my $field (@FIELDS) {
        my ($said) = text(\%server) =~ /^($field .*)/m;
        my %doors = map { ($_ => $BACKGROUND{$_}) } grep { $_ ne $field }
            qw(CorsAllowOrigin CorsDenyOrigin CorsEngine);
        for my $states (combinations(2, states($field))) {
            my @sections = (\%server,
                { %doors, entry($field, $states->[0], 1) },
                { entry($field, $states->[1], 2) });
            my $host = 'host' . @cases . '.example';
            $config .= "<VirtualHost 127.0.0.1:\@PORT\@>\nServerName $host\n"
                . text($sections[1]) . "<Directory \"\@DOCROOT\@\">\n"
                . text($sections[2]) . "</Directory>\n</VirtualHost>\n";
            push @cases, { path => '/page.txt', host => $host,
                asks => asks_of($field, @sections),
                name => "$field @$states in <VirtualHost>, <Directory>; "
                    . 'the server has ' . ($said // 'nothing') };
        }
    }
    my $httpd = Test::Httpd->config(config => $config,
        files => { 'htdocs/page.txt' => "page\n" })->start;
    check($httpd, @cases);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
}

# ---- single cases ----

my $APP = 'https://app.example';
my $ADMIN = 'https://admin.example';
my $BAD = 'https://bad.example';
my $PLAIN = 'http://plain.example';
my $LOCAL = 'http://localhost:3000';
my @NO = (vary => 'Origin');
my @ANY = ('allow-origin' => '*');
my @COOKIES = ('allow-credentials' => 'true');
my @METHODS = ('allow-methods' => 'GET, HEAD, POST');
my @ASKED = ('allow-headers' => 'Content-Type');
my @LISTED = (@METHODS, @ASKED);

sub ok_for
{
    my ($origin, @more) = @_;
    return ("GET $origin" =>
        answer(200, 'allow-origin' => $origin, @NO, @more));
}

sub not_for
{
    my ($origin) = @_;
    return ("GET $origin" => answer(200, @NO),
        "OPTIONS $origin" => answer(403, @VARY));
}

sub preflight_of
{
    my ($origin, @more) = @_;
    return ("OPTIONS $origin" => answer(204, 'allow-origin' => $origin, @VARY,
        @more));
}

# Several lines of one section are one list.
for my $field (@LISTS) {
    for my $how (qw(set plus)) {
        my @sections = ({ %BACKGROUND }, { $field => [$how,
            map { @$_ } @{ $ITEMS{$field} }] });
        add_case($tree, "$field: lines of one section add up ($how)",
            ['<Directory>' => text($sections[0]), '.htaccess' => join('',
                map { line($field, $how, @$_) } @{ $ITEMS{$field} })],
            asks_of($field, @sections));
    }
}

my $OPEN = "CorsAllowOrigin $APP\n";
add_case($tree, @$_) for (
    ['of two lines with one value the last one counts',
        ['<Directory>' => "${OPEN}CorsMaxAge 11\nCorsMaxAge 22\n"],
        [preflight_of($APP, @LISTED, 'max-age' => 22)]],
    ['"+" does not repeat what is in a default',
        ['<Directory>' => "${OPEN}CorsAllowMethods +GET +PUT\n"
            . "CorsAllowHeaders +content-type +X-One\n"],
        [preflight_of($APP, 'allow-methods' => 'GET, HEAD, POST, PUT',
            'allow-headers' => 'Content-Type, X-One')]],
    ['names of headers compare without case',
        ['<Directory>' => "${OPEN}CorsAllowHeaders X-One\n"
            . "CorsExposeHeaders X-One\n",
         '.htaccess' => "CorsAllowHeaders +x-one +X-Two\n"
            . "CorsExposeHeaders +x-one +X-Two\n"],
        [ok_for($APP, 'expose-headers' => 'X-One, X-Two'),
         preflight_of($APP, @METHODS, 'allow-headers' => 'X-One, X-Two')]],
    ['names of methods compare with case',
        ['<Directory>' => "${OPEN}CorsAllowMethods REPORT\n",
         '.htaccess' => "CorsAllowMethods +report\n"],
        [preflight_of($APP, @ASKED, 'allow-methods' => 'REPORT, report')]],
    ['an <If> counts when it is true, and only then',
        ['<Directory>' => $OPEN, '<If> on a query' => line(
            'CorsAllowOrigin', 'plus', $ADMIN) . "CorsExposeHeaders X-One\n"],
        [not_for($ADMIN), ok_for($APP),
         "GET $ADMIN ?inside" => answer(200, 'allow-origin' => $ADMIN,
            'expose-headers' => 'X-One', @NO),
         "GET $APP ?inside" => answer(200, 'allow-origin' => $APP,
            'expose-headers' => 'X-One', @NO)]],

    # ADVISORIES 13
    ['an inner list narrows an outer pattern',
        ['<Directory>' => "CorsAllowOrigin https://*.partner.example $APP\n",
         '<Location>' => "CorsAllowOrigin $ADMIN\n"],
        [not_for('https://x.partner.example'), not_for($APP), ok_for($ADMIN)]],
    ['an inner list narrows "*"',
        ['<Directory>' => "CorsAllowOrigin *\n",
         '.htaccess' => "CorsAllowOrigin $ADMIN\n"],
        [not_for($APP), ok_for($ADMIN), 'GET' => answer(200, @NO)]],
    ['"*" widens an outer list',
        ['<Directory>' => $OPEN, '.htaccess' => "CorsAllowOrigin *\n"],
        ["GET $BAD" => answer(200, @ANY), 'GET' => answer(200, @ANY)]],
    ['"+" added to an outer "*" leaves "*"',
        ['<Directory>' => "CorsAllowOrigin *\n",
         '.htaccess' => "CorsAllowOrigin +$APP\n"],
        ["GET $BAD" => answer(200, @ANY), "GET $APP" => answer(200, @ANY)]],

    # CorsDenyOrigin
    ['with "*", "*" goes to those who are not denied',
        ['<Directory>' => "CorsAllowOrigin *\n",
         '.htaccess' => "CorsDenyOrigin $BAD\n"],
        ["GET $APP" => answer(200, @ANY, @NO), 'GET' => answer(200, @ANY, @NO),
         "OPTIONS $APP" => answer(204, @ANY, @VARY, @LISTED), not_for($BAD)]],
    ['an emptied list of the denied leaves "*" alone',
        ['<Directory>' => "CorsAllowOrigin *\nCorsDenyOrigin $BAD\n",
         '.htaccess' => "CorsDenyOrigin none\n"],
        ["GET $BAD" => answer(200, @ANY), 'GET' => answer(200, @ANY)]],
    ['what is denied further out stays denied',
        ['<Directory>' => "CorsDenyOrigin $BAD\n",
         '.htaccess' => "CorsAllowOrigin $APP $BAD\nCorsDenyOrigin +$ADMIN\n",
         '<Location>' => "CorsAllowOrigin +$ADMIN\n"],
        [not_for($BAD), not_for($ADMIN), ok_for($APP)]],

    # "*" for methods and headers
    ['"+" added to "*" leaves "*"',
        ['<Directory>' => "${OPEN}CorsAllowMethods *\nCorsAllowHeaders *\n"
            . "CorsExposeHeaders *\n",
         '.htaccess' => "CorsAllowMethods +PUT\nCorsAllowHeaders +X-One\n"
            . "CorsExposeHeaders +X-One\n"],
        [preflight_of($APP, 'allow-methods' => '*', 'allow-headers' => '*'),
         ok_for($APP, 'expose-headers' => '*')]],
    ['but Authorization has to be named',
        ['<Directory>' => "${OPEN}CorsAllowHeaders *\n",
         '.htaccess' => "CorsAllowHeaders +Authorization\n"],
        [preflight_of($APP, @METHODS, 'allow-headers' => '*, Authorization')]],
    ['a plain list drops "*"',
        ['<Directory>' => "${OPEN}CorsAllowMethods *\nCorsAllowHeaders *\n"
            . "CorsExposeHeaders *\n",
         '.htaccess' => "CorsAllowMethods PUT\nCorsAllowHeaders X-One\n"
            . "CorsExposeHeaders X-One\n"],
        [preflight_of($APP, 'allow-methods' => 'PUT',
            'allow-headers' => 'X-One'),
         ok_for($APP, 'expose-headers' => 'X-One')]],
    ['"*" with credentials from elsewhere: what was asked for',
        ['<Directory>' => "${OPEN}CorsAllowMethods *\nCorsAllowHeaders *\n",
         '.htaccess' => "CorsAllowMethods +PUT\nCorsAllowHeaders +X-One\n",
         '<Location>' => "CorsAllowCredentials On\n"],
        [preflight_of($APP, @COOKIES, 'allow-methods' => 'REPORT',
            'allow-headers' => 'x-asked')]],

    # A backend of an inner section that allows nobody.
    ['CorsAllowOrigin none: nobody, and nothing of what a script sends',
        ['<Directory>' => "CorsAllowOrigin *\nCorsExposeHeaders X-One\n"
            . "Options +ExecCGI\nSetHandler cgi-script\n",
         '.htaccess' => "CorsAllowOrigin none\n"],
        [not_for($APP), not_for('null'), 'GET' => answer(200, @NO)],
        <<'CGI'],
#!/usr/bin/perl
print map { "$_\n" } 'Content-Type: text/plain',
    'Access-Control-Allow-Origin: *', 'Access-Control-Allow-Credentials: true',
    'Access-Control-Allow-Methods: PUT', 'Access-Control-Allow-Headers: X-One',
    'Access-Control-Expose-Headers: X-One', 'Access-Control-Max-Age: 5',
    '', 'page';
CGI
);

# What would be refused in one section is brought together by two: the policy
# has no credentials, and the log names the two lines; but not those of
# .htaccess, which is read for each request.
my @PAIRS = (['<Directory>', '.htaccess'], ['<Directory>', '<Location>'],
    ['<Directory>', '<If>'], ['.htaccess', '<Location>'],
    ['<Location>', '<Location> below'], ['<Directory>', '<Directory>']);
my $CREDENTIALS = "CorsAllowCredentials On\n";
my @CONFLICTS = (
    ['"*" and credentials: "*" without', "CorsAllowOrigin *\n",
        ["GET $APP" => answer(200, @ANY), 'GET' => answer(200, @ANY),
         "OPTIONS $APP" => answer(204, @ANY, @VARY, @LISTED)]],
    ['http: and credentials: no credentials',
        "CorsAllowOrigin $PLAIN $APP $LOCAL\n",
        [map { (ok_for($_), preflight_of($_, @LISTED)) } $PLAIN, $APP,
            $LOCAL]],
    ['null and credentials: no credentials', "CorsAllowOrigin null $APP\n",
        [ok_for('null'), ok_for($APP)]],
    ['CorsExposeHeaders * and credentials: nothing exposed',
        "${OPEN}CorsExposeHeaders *\n", [ok_for($APP, @COOKIES)]],
);
my @met;
for my $pair (@PAIRS) {
    for (@CONFLICTS) {
        my ($name, $text, $asks) = @$_;
        push @met, [add_case($tree, "$name; @$pair",
            [$pair->[0] => $text, $pair->[1] => $CREDENTIALS], $asks)];
        push @met, [add_case($tree, "$name; @$pair, reversed",
            [$pair->[0] => $CREDENTIALS, $pair->[1] => $text], $asks)];
    }
}
push @met, [(add_case($tree,
    'of CorsExposeHeaders "*" alone is left out, what was added stays',
    ['<Directory>' => "${OPEN}CorsExposeHeaders *\n",
     '<Files>' => "CorsExposeHeaders +X-One\n",
     '<Location>' => $CREDENTIALS],
    [ok_for($APP, @COOKIES, 'expose-headers' => 'X-One')]))[0, 2]];
add_case($tree, @$_) for (
    ['"+" added to "*", and credentials: "*" without',
        ['<Directory>' => "CorsAllowOrigin *\n",
         '.htaccess' => "CorsAllowOrigin +$APP\n$CREDENTIALS"],
        ["GET $APP" => answer(200, @ANY), "GET $BAD" => answer(200, @ANY)]],
    ['"+" brings an http: origin to credentials: no credentials',
        ['<Directory>' => "$OPEN$CREDENTIALS",
         '.htaccess' => "CorsAllowOrigin +$PLAIN\n"],
        [ok_for($PLAIN), ok_for($APP)]],
    ['an http: origin stays when credentials are off again',
        ['<Directory>' => "CorsAllowOrigin $PLAIN\n",
         '.htaccess' => $CREDENTIALS,
         '<Location>' => "CorsAllowCredentials Off\n"],
        [ok_for($PLAIN), preflight_of($PLAIN, @LISTED)]],
);

# All on one connection, so of one child.
my $CONFLICT = qr/\[cors:warn\].*\btest\.conf:\d+.*\btest\.conf:\d+/;
my $httpd = Test::Httpd->config(modules => [qw(cgid)], files => $tree->{files},
    config => $tree->{config})->start->expect($CONFLICT);
check($httpd, @{ $tree->{cases} });
my @told = map { [/test\.conf:(\d+)/g] } $httpd->error_log =~ /$CONFLICT.*/g;
@met = grep { !grep { !defined } @$_ } @met;
my ($told, $met) = map { join ', ', sort map { join '+', sort @$_ } @$_ }
    \@told, \@met;
is $told, $met, 'two lines that meet are logged once';
is $httpd->complaints, '', 'nothing unexpected in the error log';

# ---- the lock, and what .htaccess cannot override ----

my $lock = { map { ($_ => $BACKGROUND{$_}) } @FIELDS };
my $locked = builder(host => 'locked.example');
for my $field (@FIELDS) {
    for my $state (grep { $_ ne 'unset' } states($field)) {
        my $text = text({ entry($field, $state, 1) });
        add_case($locked, "<Location \"/\"> locks $field against $state",
            ['.htaccess' => $text, '.htaccess below' => $text,
             '<Files> in .htaccess' => $text],
            asks_of($field, $lock));
    }
}

# In httpd's order an <If> comes last, and .htaccess may hold one: the lock is
# none against that.
add_case($locked, 'an <If> in .htaccess is not locked out',
    ['<If> in .htaccess' => "CorsAllowOrigin $APP\n"],
    [ok_for($APP, @COOKIES, 'expose-headers' => 'X-Background')]);

# With 500 for a .htaccess httpd does not know the directory: the policy is that
# of the <Location> sections of the URL, even for a request without Origin.
add_case($locked, "a refused .htaccess: the lock's policy, $_->[0]",
    ['.htaccess' => "CorsAllowMethods -PUT\n"], $_->[1])
    for ['an Origin', ["GET https://every.example" => answer(500, @COOKIES, @NO,
        'allow-origin' => 'https://every.example',
        'expose-headers' => 'X-Background')]],
        ['no Origin', ['GET' => answer(500, @NO)]];

# Server and <Location>, virtual host and .htaccess: "*" and credentials.
my @STAR = ("GET $APP" => answer(200, @ANY), 'GET' => answer(200, @ANY));
push @{ $locked->{cases} },
    { name => '"*" in the server, credentials in <Location>',
      host => 'star.example', path => '/page.txt', asks => \@STAR },
    { name => 'credentials in a virtual host, "*" in .htaccess',
      host => 'cookies.example', path => '/star/page.txt', asks => \@STAR };
$locked->{files}{'htdocs/page.txt'} = "page\n";
$locked->{files}{'htdocs/star/page.txt'} = "page\n";
$locked->{files}{'htdocs/star/.htaccess'} = "CorsAllowOrigin *\n";
my $lock_text = text($lock);

$httpd = Test::Httpd->config(files => $locked->{files},
    config => <<"EOF")->start;
CorsAllowOrigin *
$locked->{config}
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName locked.example
    <Location "/">
        $lock_text
    </Location>
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName star.example
    <Location "/">
        CorsAllowCredentials On
    </Location>
</VirtualHost>
<VirtualHost 127.0.0.1:\@PORT\@>
    ServerName cookies.example
    CorsAllowOrigin $APP
    CorsAllowCredentials On
</VirtualHost>
EOF
$httpd->expect($CONFLICT, qr/\[core:alert\].*\.htaccess: CorsAllowMethods /);
check($httpd, @{ $locked->{cases} });
is scalar(() = $httpd->error_log =~ /$CONFLICT/g), 1,
    '"*" and credentials that meet in a virtual host are logged once';
is $httpd->complaints, '', 'nothing unexpected in the error log';

done_testing;
