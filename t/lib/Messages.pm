package Messages;

# Every message of mod_cors about a configuration, as a table: what refuses a
# line, mends it, leaves a part of it out or warns of it. messages.t holds the
# module to it; README.md's reference can be held to it too.
#
#   for my $row (Messages::all()) { ... }
#
# A row is {config, message, level, htaccess, server}:
#
#   config    the lines
#   message   the whole text, from the name of the directive on
#   level     refused, warned or mended
#   htaccess  1 if the lines may be written in a .htaccess file, too
#   server    only where the message comes in a .htaccess file alone: what the
#             server's configuration says
#
# Messages::logged($message) is the message as httpd writes it into a log.

use v5.36;

# Too long to be written out.
my %LONG = (
    LABEL64 => 'x' x 64,
    SCHEME65 => 's' x 65,
    HOST254 => join('.', 'z' x 42, ('y' x 49) x 4, 'example.com'),
);

# The block of a row: its lines, then the message, indented.
sub row($block)
{
    $block =~ s/\@([A-Z]+\d+)\@/$LONG{$1}/g;
    my ($config, $said) = $block =~ /\A((?:\S.*\n)+)((?:[ ].*\n)+)\z/
        or die "this is no row:\n$block";
    my ($level, $but, $message) = join(' ', split ' ', $said)
        =~ /^(refused|warned|mended)(, not in \.htaccess)?: (.*)/
        or die "this is no message:\n$said";
    return { config => $config, message => $message, level => $level,
        htaccess => $but ? 0 : 1 };
}

sub many($directive, $count, $form)
{
    return join ' ', $directive, map { sprintf $form, $_ } 1 .. $count;
}

# What a .htaccess file may not say, and the server's configuration may.
sub of_htaccess()
{
    my $more = "list more in the server's configuration";
    my @rows = (
        [many('CorsAllowOrigin', 257, 'https://o%d.example'), '',
            "CorsAllowOrigin: a .htaccess file holds at most 256 "
                . "origins and 16 regular expressions; "
                . $more],
        [many('CorsDenyOrigin', 257, 'https://o%d.example'), '',
            "CorsDenyOrigin: a .htaccess file holds at most 256 "
                . "origins and 16 regular expressions; "
                . $more],
        [many('CorsAllowOriginMatch', 17, 'https://o%d\.example'), '',
            'CorsAllowOriginMatch: a .htaccess file holds at most 256 '
                . 'origins and 16 regular expressions; '
                . $more],
        ['CorsMaxAge 60', 'CorsOverride None', 'CorsMaxAge is not allowed in '
            . '.htaccess files of this server (CorsOverride)'],
        [q(CorsAllowOriginExpr "file('/etc/hostname') == 'x'"), '',
            q(CorsAllowOriginExpr "file('/etc/hostname') == 'x'" is no )
                . 'expression: file not available in restricted context'],
    );
    return map { { config => "$_->[0]\n", server => $_->[1],
        message => $_->[2], level => 'refused', htaccess => 1 } } @rows;
}

sub all()
{
    state @rows;
    if (!@rows) {
        local $/;
        my $text = <DATA> =~ s/^# .*\n//mgr;
        @rows = (map { row("$_\n") } grep { /\S/ } split /\n{2,}/,
            $text =~ s/\A\n+|\n+\z//gr);
        push @rows, of_htaccess();
    }
    return @rows;
}

# httpd escapes what it logs.
sub logged($message)
{
    $message =~ s/\\/\\\\/g;
    return $message =~ s/([^ -~])/sprintf '\x%02x', ord $1/ger;
}

1;

__DATA__
# An origin without scheme.

CorsAllowOrigin app.example.com
    refused: CorsAllowOrigin "app.example.com" has no scheme; write
        "https://app.example.com"

CorsAllowOrigin //app.example.com
    refused: CorsAllowOrigin "//app.example.com" has no scheme; write
        "https://app.example.com"

CorsAllowOrigin localhost:3000
    refused: CorsAllowOrigin "localhost:3000" has no scheme; write
        "http://localhost:3000"

CorsAllowOrigin *.example.com
    refused: CorsAllowOrigin "*.example.com" has no scheme; write
        "https://*.example.com"

CorsAllowOrigin NULL
    refused: CorsAllowOrigin "NULL" is no origin; the opaque one is in lower
        case; write "null"

CorsAllowOrigin ://app.example.com
    refused: CorsAllowOrigin "://app.example.com" has no valid scheme

CorsAllowOrigin 1https://app.example.com
    refused: CorsAllowOrigin "1https://app.example.com" has no valid scheme

# An origin with path, query, fragment or user name.

CorsAllowOrigin https://app.example.com/path
    refused: CorsAllowOrigin "https://app.example.com/path" has a path; an
        origin ends with the host and port; write "https://app.example.com"

CorsAllowOrigin https://app.example.com?query
    refused: CorsAllowOrigin "https://app.example.com?query" has a query; an
        origin ends with the host and port; write "https://app.example.com"

CorsAllowOrigin https://app.example.com#fragment
    refused: CorsAllowOrigin "https://app.example.com#fragment" has a
        fragment; an origin ends with the host and port; write
        "https://app.example.com"

CorsAllowOrigin https://user:password@app.example.com
    refused: CorsAllowOrigin "https://user:password@app.example.com" has a
        user name; an origin has none; write "https://app.example.com"

# A "*" where it does not belong.

CorsAllowOrigin https://*mysite.example
    refused: CorsAllowOrigin "https://*mysite.example" has a '*' that is
        neither the whole value, nor the first label, nor the port; write
        "https://*.mysite.example"

CorsAllowOrigin https://app.*.example.com
    refused: CorsAllowOrigin "https://app.*.example.com" has a '*' that is
        neither the whole value, nor the first label, nor the port

CorsAllowOrigin https://example.*
    refused: CorsAllowOrigin "https://example.*" has a '*' that is neither the
        whole value, nor the first label, nor the port

CorsAllowOrigin https://*
    refused: CorsAllowOrigin "https://*" has a '*' that is neither the whole
        value, nor the first label, nor the port

CorsAllowOrigin http*://app.example.com
    refused: CorsAllowOrigin "http*://app.example.com" has a '*' in the
        scheme; list each scheme; write "https://app.example.com"

CorsAllowOrigin https://app.example.com:8*
    refused: CorsAllowOrigin "https://app.example.com:8*" has a '*' within the
        port; '*' stands for any port, or none; write
        "https://app.example.com:*"

CorsAllowOrigin https://*.127.0.0.1
    refused: CorsAllowOrigin "https://*.127.0.0.1" has "*." in front of an
        address; write "https://127.0.0.1"

CorsAllowOrigin https://*.[::1]
    refused: CorsAllowOrigin "https://*.[::1]" has "*." in front of an
        address; write "https://[::1]"

CorsAllowOrigin https://*.com
    refused: CorsAllowOrigin "https://*.com" has "*." in front of a single
        label, so anybody's name would do; write "https://*.example.com"

# Ports.

CorsAllowOrigin https://app.example.com:0
    refused: CorsAllowOrigin "https://app.example.com:0" has the port 0; write
        "https://app.example.com"

CorsAllowOrigin https://app.example.com:08443
    refused: CorsAllowOrigin "https://app.example.com:08443" has a port with a
        zero in front; write "https://app.example.com:8443"

CorsAllowOrigin https://app.example.com:65536
    refused: CorsAllowOrigin "https://app.example.com:65536" has a port above
        65535

CorsAllowOrigin https://app.example.com:https
    refused: CorsAllowOrigin "https://app.example.com:https" has a port that
        is no number; write "https://app.example.com"

CorsAllowOrigin https://app.example.com:
    refused: CorsAllowOrigin "https://app.example.com:" has an empty port;
        write "https://app.example.com"

# Hosts.

CorsAllowOrigin http://127.1
    refused: CorsAllowOrigin "http://127.1" has an IPv4 address that is not
        four decimal numbers, as browsers write it; write "http://127.0.0.1"

CorsAllowOrigin http://127.0.0.256
    refused: CorsAllowOrigin "http://127.0.0.256" has an IPv4 address that is
        not four decimal numbers, as browsers write it

CorsAllowOrigin http://[0::1]
    refused: CorsAllowOrigin "http://[0::1]" has an IPv6 address that browsers
        write otherwise; write "http://[::1]"

CorsAllowOrigin http://[::1
    refused: CorsAllowOrigin "http://[::1" has an IPv6 address that is none

CorsAllowOrigin http://::1
    refused: CorsAllowOrigin "http://::1" has a port that is no number

CorsAllowOrigin https://bücher.example
    refused: CorsAllowOrigin "https://bücher.example" holds a character
        beyond ASCII; browsers send such names in Punycode (xn--...)

CorsAllowOrigin https://app.example.com.
    refused: CorsAllowOrigin "https://app.example.com." has a dot at the end,
        which makes it another host for browsers; write
        "https://app.example.com"

CorsAllowOrigin https://app..example.com
    refused: CorsAllowOrigin "https://app..example.com" has an empty label

CorsAllowOrigin https://.example.com
    refused: CorsAllowOrigin "https://.example.com" has an empty label

CorsAllowOrigin https://
    refused: CorsAllowOrigin "https://" has no host

CorsAllowOrigin https://a%20b.example.com
    refused: CorsAllowOrigin "https://a%20b.example.com" has a host that is no
        name and no address

CorsAllowOrigin https://app.example.com;
    refused: CorsAllowOrigin "https://app.example.com;" holds ';': blanks or
        commas stand between items

CorsAllowOrigin self
    refused: CorsAllowOrigin "self" has no scheme

CorsAllowOrigin %{HTTP_ORIGIN}e
    refused: CorsAllowOrigin "%{HTTP_ORIGIN}e" holds '{', which is in no origin

CorsAllowOrigin https://app.example.com # the app
    refused: CorsAllowOrigin "#" begins with '#': a comment stands on a line of
        its own

CorsAllowOrigin https://@LABEL64@.example.com
    refused: CorsAllowOrigin "https://@LABEL64@.example.com" has a label of
        more than 63 bytes

CorsAllowOrigin https://@HOST254@
    refused: CorsAllowOrigin "https://@HOST254@" has a host of more than 253
        bytes

# Schemes.

CorsAllowOrigin file://
    refused: CorsAllowOrigin "file://" is no origin: pages from files send
        "null"

CorsAllowOrigin ws://app.example.com
    refused: CorsAllowOrigin "ws://app.example.com" is a WebSocket's address;
        the origin is that of the page that opens it; write
        "http://app.example.com"

CorsAllowOrigin wss://app.example.com
    refused: CorsAllowOrigin "wss://app.example.com" is a WebSocket's address;
        the origin is that of the page that opens it; write
        "https://app.example.com"

CorsAllowOrigin ftp://app.example.com
    refused: CorsAllowOrigin "ftp://app.example.com" is no origin of pages;
        those are http or https; write "https://app.example.com"

CorsAllowOrigin @SCHEME65@://app.example.com
    refused: CorsAllowOrigin "@SCHEME65@://app.example.com" has a scheme of
        more than 64 bytes

CorsAllowOrigin htps://app.example.com
    warned: CorsAllowOrigin "htps://app.example.com" has a scheme that no
        browser is known to use, but for one letter; write
        "https://app.example.com"

CorsAllowOrigin capacitr://localhost
    warned: CorsAllowOrigin "capacitr://localhost" has a scheme that no
        browser is known to use, but for one letter; write
        "capacitor://localhost"

# Lists.

CorsAllowOrigin
    refused: CorsAllowOrigin needs at least one item, or "none"

CorsAllowOrigin +
    refused: CorsAllowOrigin "+" adds nothing

CorsAllowOrigin +*
    refused: CorsAllowOrigin "+*" stands alone, so there is nothing to add it
        to; write "*"

CorsAllowOrigin +none
    refused: CorsAllowOrigin "+none" stands alone, so there is nothing to add
        it to; write "none"

CorsAllowOrigin * https://app.example.com
    refused: CorsAllowOrigin "*" stands beside other origins; it is every
        origin already and stands alone

CorsAllowOrigin *
CorsAllowOrigin https://app.example.com
    refused: CorsAllowOrigin "*" stands beside other origins; it is every
        origin already and stands alone

CorsAllowOrigin none https://app.example.com
    refused: CorsAllowOrigin "none" stands beside other items; it stands alone

CorsAllowOrigin https://app.example.com
CorsAllowOrigin none
    refused: CorsAllowOrigin "none" stands in one section with another line
        that says otherwise; "none" stands alone

CorsAllowOrigin none
CorsAllowOrigin https://app.example.com
    refused: CorsAllowOrigin "https://app.example.com" stands in one section
        with another line that says otherwise; "none" stands alone

CorsAllowOrigin https://app.example.com +https://b.example
    refused: CorsAllowOrigin "+https://b.example" stands beside items that
        differ in '+'; in one section write '+' before all of them, to add to
        what is inherited, or before none

CorsAllowOrigin https://app.example.com
CorsAllowOrigin +https://b.example
    refused: CorsAllowOrigin "+https://b.example" stands beside items that
        differ in '+'; in one section write '+' before all of them, to add to
        what is inherited, or before none

CorsAllowOrigin +https://app.example.com
CorsAllowOrigin https://b.example
    refused: CorsAllowOrigin "https://b.example" stands beside items that
        differ in '+'; in one section write '+' before all of them, to add to
        what is inherited, or before none

CorsAllowOrigin *
CorsAllowOriginMatch https://app\.example\.com
    refused: CorsAllowOrigin "*" stands beside other origins; it is every
        origin already and stands alone

CorsAllowOrigin *
CorsAllowOriginExpr true
    refused: CorsAllowOrigin "*" stands beside other origins; it is every
        origin already and stands alone

# Origins that are mended.

CorsAllowOrigin HTTPS://app.example.com
    mended: CorsAllowOrigin "HTTPS://app.example.com" is taken as browsers
        send it; write "https://app.example.com"

CorsAllowOrigin https://App.Example.com
    mended: CorsAllowOrigin "https://App.Example.com" is taken as browsers
        send it; write "https://app.example.com"

CorsAllowOrigin https://app.example.com:443
    mended: CorsAllowOrigin "https://app.example.com:443" is taken as browsers
        send it; write "https://app.example.com"

CorsAllowOrigin https://app.example.com/
    mended: CorsAllowOrigin "https://app.example.com/" is taken as browsers
        send it; write "https://app.example.com"

CorsDenyOrigin HTTPS://APP.example.com:443/
    mended: CorsDenyOrigin "HTTPS://APP.example.com:443/" is taken as browsers
        send it; write "https://app.example.com"

# The same of origins that are denied.

CorsDenyOrigin app.example.com
    refused: CorsDenyOrigin "app.example.com" has no scheme; write
        "https://app.example.com"

CorsDenyOrigin https://app.example.com/path
    refused: CorsDenyOrigin "https://app.example.com/path" has a path; an
        origin ends with the host and port; write "https://app.example.com"

# Regular expressions and expressions.

CorsAllowOriginMatch https://(app\.example\.com
    refused: CorsAllowOriginMatch "https://(app\.example\.com" is no regular
        expression: it does not compile

CorsAllowOriginMatch )(
    refused: CorsAllowOriginMatch ")(" is no regular expression: it does not
        compile

CorsAllowOriginMatch *
    refused: CorsAllowOriginMatch "*" is a pattern and no regular
        expression: write it with CorsAllowOrigin

CorsAllowOriginMatch (*UTF)https://app\.example\.com
    refused: CorsAllowOriginMatch "(*UTF)https://app\.example\.com" can't be
        held to the whole origin: it does not compile as \A(?:...)\z

CorsAllowOriginMatch
    refused: CorsAllowOriginMatch needs at least one item, or "none"

CorsAllowOriginMatch https://app\.example\.com none
    refused: CorsAllowOriginMatch "none" stands beside other items; it stands
        alone

CorsAllowOriginMatch https://app.example\.com
    warned: CorsAllowOriginMatch "https://app.example\.com" has an unescaped
        '.', which matches any character; write "https://app[.]example[.]com"

CorsAllowOriginMatch https://.*example\.com
    warned: CorsAllowOriginMatch "https://.*example\.com" matches anything in
        front of a name, "evil-" too; put "[.]" between them

CorsAllowOriginMatch https://app\.example\.com.*
    warned: CorsAllowOriginMatch "https://app\.example\.com.*" matches
        anything at its end, ".evil.example" too

CorsAllowOriginMatch https://[a-z0-9-]+\.github\.io
    warned: CorsAllowOriginMatch "https://[a-z0-9-]+\.github\.io" matches
        "https://cors-probe.github.io", which nobody means

CorsAllowOriginMatch https://[a-z0-9-]+(\.[a-z0-9-]+)*
    warned: CorsAllowOriginMatch "https://[a-z0-9-]+(\.[a-z0-9-]+)*" matches
        "https://cors-probe.invalid", which nobody means

CorsAllowOriginExpr
    refused: CorsAllowOriginExpr "" is no expression

CorsAllowOriginExpr +true
    refused: CorsAllowOriginExpr "+true" is no expression: Parse error near
        '+'

CorsAllowOriginExpr "%{HTTP:Origin"
    refused: CorsAllowOriginExpr "%{HTTP:Origin" is no expression:
        Unterminated string or variable

CorsAllowOriginExpr true
CorsAllowOriginExpr none
    refused: CorsAllowOriginExpr "none" stands in one section with another
        line that says otherwise; "none" stands alone

# With credentials.

CorsAllowOrigin *
CorsAllowCredentials On
    refused: CorsAllowOrigin "*" can't be used with CorsAllowCredentials On
        (line 2): browsers refuse the two together; list the origins

CorsAllowOrigin null
CorsAllowCredentials On
    refused: CorsAllowOrigin "null" is the origin of every sandboxed frame, so
        any page can have it, and could read responses in the visitor's name
        (CorsAllowCredentials On, line 2); remove it, or "CorsTolerate
        null-origin"

CorsAllowOrigin http://app.example.com
CorsAllowCredentials On
    refused: CorsAllowOrigin "http://app.example.com" is http: whoever is on
        the way can change its pages, and could read responses in the
        visitor's name (CorsAllowCredentials On, line 2); write
        "https://app.example.com", or "CorsTolerate insecure-origin"

CorsAllowCredentials On
CorsAllowOrigin https://app.example.com, http://*.example.com:8080
    refused: CorsAllowOrigin "http://*.example.com:8080" is http: whoever is
        on the way can change its pages, and could read responses in the
        visitor's name (CorsAllowCredentials On, line 1); write
        "https://*.example.com:8080", or "CorsTolerate insecure-origin"

CorsAllowOrigin https://*.co.uk
CorsAllowCredentials On
    refused: CorsAllowOrigin "https://*.co.uk" covers a public suffix, where
        anybody can register a name, and could read responses in the visitor's
        name (CorsAllowCredentials On, line 2); remove it, or "CorsTolerate
        public-suffix"

CorsAllowOriginMatch https://app.example\.com
CorsAllowCredentials On
    refused: CorsAllowOriginMatch "https://app.example\.com" has an unescaped
        '.', which matches any character, and could read responses in the
        visitor's name (CorsAllowCredentials On, line 2); write
        "https://app[.]example[.]com", or "CorsTolerate loose-regex"

CorsAllowOriginMatch https://.*example\.com
CorsAllowCredentials On
    refused: CorsAllowOriginMatch "https://.*example\.com" matches anything in
        front of a name, "evil-" too; put "[.]" between them, and could read
        responses in the visitor's name (CorsAllowCredentials On, line 2);
        mend it, or "CorsTolerate loose-regex"

CorsAllowOriginMatch https://app\.example\.com.*
CorsAllowCredentials On
    refused: CorsAllowOriginMatch "https://app\.example\.com.*" matches
        anything at its end, ".evil.example" too, and could read responses in
        the visitor's name (CorsAllowCredentials On, line 2); mend it, or "CorsTolerate loose-regex"

CorsAllowOriginMatch https://[a-z0-9-]+\.github\.io
CorsAllowCredentials On
    refused: CorsAllowOriginMatch "https://[a-z0-9-]+\.github\.io" matches
        "https://cors-probe.github.io", which nobody means, and could read
        responses in the visitor's name (CorsAllowCredentials On, line 2);
        mend it, or "CorsTolerate loose-regex"

CorsAllowOriginMatch https://[a-z0-9-]+(\.[a-z0-9-]+)*
CorsAllowCredentials On
    refused: CorsAllowOriginMatch "https://[a-z0-9-]+(\.[a-z0-9-]+)*" matches
        "https://cors-probe.invalid", which nobody means, and
        could read responses in the visitor's name (CorsAllowCredentials On,
        line 2); mend it, or "CorsTolerate loose-regex"

CorsAllowOriginExpr true
CorsAllowCredentials On
    refused: CorsAllowOriginExpr "true" is an expression: nobody can say which
        origins it allows, and could read responses in the visitor's name
        (CorsAllowCredentials On, line 2); remove it, or "CorsTolerate
        expression"

CorsAllowOrigin https://app.example.com
CorsAllowCredentials On
CorsExposeHeaders *
    refused: CorsExposeHeaders "*" exposes nothing with CorsAllowCredentials
        On (line 2): browsers take it for the name of a header; list the
        headers

# Without them.

CorsAllowOrigin https://*.co.uk
    warned: CorsAllowOrigin "https://*.co.uk" covers a public suffix, where
        anybody can register a name

# Methods.

CorsAllowMethods put
    mended: CorsAllowMethods "put" is taken as browsers send it; write "PUT"

CorsAllowMethods Get
    mended: CorsAllowMethods "Get" is taken as browsers send it; write "GET"

CorsAllowMethods head
    mended: CorsAllowMethods "head" is taken as browsers send it; write "HEAD"

CorsAllowMethods post
    mended: CorsAllowMethods "post" is taken as browsers send it; write "POST"

CorsAllowMethods delete
    mended: CorsAllowMethods "delete" is taken as browsers send it; write
        "DELETE"

CorsAllowMethods options
    mended: CorsAllowMethods "options" is taken as browsers send it; write
        "OPTIONS"

CorsAllowMethods patch
    warned: CorsAllowMethods "patch" is another method than PATCH: browsers do
        not upper-case it; write "PATCH"

CorsAllowMethods TRACE
    refused: CorsAllowMethods "TRACE" is a method that browsers let no script
        use

CorsAllowMethods TRACK
    refused: CorsAllowMethods "TRACK" is a method that browsers let no script
        use

CorsAllowMethods connect
    refused: CorsAllowMethods "connect" is a method that browsers let no
        script use

CorsAllowMethods P@T
    refused: CorsAllowMethods "P@T" is no token (RFC 9110, section 5.6.2)

CorsAllowMethods -PUT
    refused: CorsAllowMethods "-PUT" begins with '-': items are not taken
        away; list those that remain, without '+'

CorsAllowMethods * PUT
    refused: CorsAllowMethods "PUT" stands beside "*", which stands for all;
        write "*"

CorsAllowMethods PUT none
    refused: CorsAllowMethods "none" stands beside other items; it stands
        alone

CorsAllowMethods PUT +DELETE
    refused: CorsAllowMethods "+DELETE" stands beside items that differ in
        '+'; in one section write '+' before all of them, to add to what is
        inherited, or before none

CorsAllowMethods
    refused: CorsAllowMethods needs at least one item, or "none"

# Request headers.

CorsAllowHeaders X-Token:
    refused: CorsAllowHeaders "X-Token:" is no token (RFC 9110, section 5.6.2);
        write "X-Token"

CorsAllowHeaders X-Token #comment
    refused: CorsAllowHeaders "#comment" begins with '#': a comment stands on a
        line of its own

CorsAllowHeaders -X-Token
    refused: CorsAllowHeaders "-X-Token" begins with '-': items are not taken
        away; list those that remain, without '+'

CorsAllowHeaders +-X-Token
    refused: CorsAllowHeaders "+-X-Token" begins with '-': items are not taken
        away; list those that remain, without '+'

CorsAllowHeaders * X-Token
    refused: CorsAllowHeaders "X-Token" stands beside "*", which stands for
        all; write "*"

CorsAllowHeaders +*
    refused: CorsAllowHeaders "+*" stands alone, so there is nothing to add it
        to; write "*"

CorsAllowHeaders Origin
    warned: CorsAllowHeaders "Origin" is left out: no browser lets a script
        set it, so none asks for it

CorsAllowHeaders accept-encoding
    warned: CorsAllowHeaders "accept-encoding" is left out: no browser lets a
        script set it, so none asks for it

CorsAllowHeaders Sec-Fetch-Mode
    warned: CorsAllowHeaders "Sec-Fetch-Mode" is left out: no browser lets a
        script set it, so none asks for it

CorsAllowHeaders Proxy-Authorization
    warned: CorsAllowHeaders "Proxy-Authorization" is left out: no browser
        lets a script set it, so none asks for it

# Response headers.

CorsExposeHeaders Set-Cookie
    warned: CorsExposeHeaders "Set-Cookie" is left out: browsers show it to no
        script

CorsExposeHeaders X-Count=1
    refused: CorsExposeHeaders "X-Count=1" is no token (RFC 9110, section
        5.6.2)

CorsExposeHeaders * X-Count
    refused: CorsExposeHeaders "X-Count" stands beside "*", which stands for
        all; write "*"

CorsExposeHeaders none X-Count
    refused: CorsExposeHeaders "none" stands beside other items; it stands
        alone

# Times and words.

CorsMaxAge -1
    refused: CorsMaxAge "-1" is no time: write whole seconds, or a number with
        s, min, h or d

CorsMaxAge soon
    refused: CorsMaxAge "soon" is no time: write whole seconds, or a number
        with s, min, h or d

CorsMaxAge 10m
    refused: CorsMaxAge "10m" is no time: write whole seconds, or a number
        with s, min, h or d

CorsMaxAge 99999999999
    refused: CorsMaxAge "99999999999" is no time: write whole seconds, or a
        number with s, min, h or d

CorsMaxAge 2d
    warned: CorsMaxAge "2d" is longer than any browser keeps an answer:
        Firefox 86400 seconds, Chromium 7200; write "86400"

CorsMaxAge
    refused: CorsMaxAge takes one argument, How long a browser may keep a
        preflight's answer, or none

CorsEngine Maybe
    refused: CorsEngine "Maybe" is none of On, Off, DetectionOnly

CorsPreflight Ignore
    refused: CorsPreflight "Ignore" is none of Answer, Pass

CorsPreflightStatus 201
    refused: CorsPreflightStatus "201" is none of 200, 204

CorsPreflightAuth Maybe
    refused: CorsPreflightAuth "Maybe" is none of Skip, Require

CorsBackendHeaders Merge
    refused: CorsBackendHeaders "Merge" is none of Replace, Keep

CorsAllowCredentials Maybe
    refused: CorsAllowCredentials must be On or Off

CorsEnforce Maybe
    refused: CorsEnforce must be On or Off

CorsDebugHeader Maybe
    refused: CorsDebugHeader must be On or Off

CorsExplain Maybe
    refused, not in .htaccess: CorsExplain must be On or Off

CorsTolerate everything
    refused: CorsTolerate "everything" is none of insecure-origin,
        public-suffix, null-origin, loose-regex, expression

CorsTolerate +null-origin
    refused: CorsTolerate "+null-origin" is none of insecure-origin,
        public-suffix, null-origin, loose-regex, expression

CorsTolerate none null-origin
    refused: CorsTolerate "none" stands beside other items; it stands alone

CorsTolerate null-origin
CorsTolerate none
    refused: CorsTolerate "none" stands beside other items; it stands alone

CorsTolerate
    refused: CorsTolerate needs at least one item, or "none"

CorsOverride CorsAllowEverything
    refused, not in .htaccess: CorsOverride "CorsAllowEverything" is no
        directive of mod_cors, nor All or None

CorsOverride All None
    refused, not in .htaccess: CorsOverride "None" stands beside other items;
        it stands alone

CorsOverride CorsMaxAge
CorsOverride None
    refused, not in .htaccess: CorsOverride "None" stands beside other items;
        it stands alone

CorsOverride
    refused, not in .htaccess: CorsOverride needs at least one item, or "none"

# Variables that are not defined.

CorsAllowOrigin ${ORIGINS}
    refused: CorsAllowOrigin "${ORIGINS}" holds a variable: ORIGINS is not
        defined

CorsAllowOrigin https://${HOST}:8443
    refused: CorsAllowOrigin "https://${HOST}:8443" holds a variable: HOST is
        not defined

CorsAllowOriginMatch https://${HOST}
    refused: CorsAllowOriginMatch "https://${HOST}" holds a variable: HOST is
        not defined

CorsAllowOriginExpr "%{HTTP:Origin} == '${ORIGIN}'"
    refused: CorsAllowOriginExpr "%{HTTP:Origin} == '${ORIGIN}'" holds a
        variable: ORIGIN is not defined

CorsAllowHeaders ${NAMES}
    refused: CorsAllowHeaders "${NAMES}" holds a variable: NAMES is not
        defined

CorsMaxAge ${TIME}
    refused: CorsMaxAge "${TIME}" holds a variable: TIME is not defined

CorsTolerate ${WORDS}
    refused: CorsTolerate "${WORDS}" holds a variable: WORDS is not defined

CorsOverride ${WORDS}
    refused, not in .htaccess: CorsOverride "${WORDS}" holds a variable: WORDS
        is not defined

# Places.

<Files x.txt>
<Limit GET>
CorsAllowOrigin https://app.example.com
</Limit>
</Files>
    refused: CorsAllowOrigin is not allowed within <Limit> or <LimitExcept>: a
        preflight is an OPTIONS request for another method; see
        CorsAllowMethods

<Files x.txt>
<LimitExcept GET>
CorsAllowMethods PUT
</LimitExcept>
</Files>
    refused: CorsAllowMethods is not allowed within <Limit> or <LimitExcept>:
        a preflight is an OPTIONS request for another method; see
        CorsAllowMethods

# Lines of mod_headers.

CorsAllowOrigin https://app.example.com
Header set Access-Control-Allow-Origin *
    warned, not in .htaccess: Header "Access-Control-Allow-Origin" is set, but
        mod_cors replaces it where a policy is in force; remove the line

CorsAllowOrigin https://app.example.com
Header always edit Access-Control-Max-Age ^ 1
    warned, not in .htaccess: Header "Access-Control-Max-Age" is set, but
        mod_cors replaces it where a policy is in force; remove the line
