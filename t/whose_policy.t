# One URL can be served by another: by a rewrite, an index, a variant, an error
# page. If the policy were looked up where the response comes from, a preflight
# (answered before that is known) and its request would follow different
# policies: a page of the right origin would be let through by the one and
# stopped by the other, or a page of the wrong one would be let through.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Cors qw($CGI @OPTIONS_VARY vary);
use Test::Httpd;

my %ORIGIN = map { $_ => "https://$_.example.com" } qw(asked target);

sub facts
{
    my ($r) = @_;
    my $headers = $r->{headers};
    return {
        status => $r->{status},
        origin => $headers->{'access-control-allow-origin'} // [],
        vary => vary($r),
    };
}

sub get
{
    my ($httpd, $path, $origin, $more) = @_;
    return $httpd->request("GET $path HTTP/1.1\nOrigin: $origin\n"
        . ($more // ''));
}

sub preflight
{
    my ($httpd, $path, $origin, $more) = @_;
    return $httpd->request("OPTIONS $path HTTP/1.1\nOrigin: $origin\n"
        . "Access-Control-Request-Method: PUT\n" . ($more // ''));
}

# ---- every way to another URL, every pair of policies ----

# Both names are below /way/pair/. get and options are the statuses there, 200
# if not given, where no preflight is answered; vary is what others put there.
# options_of: whose policy an OPTIONS follows, where it takes another way.
my %WAYS = (
    rewrite => {
        asked => 'from', target => 'to.txt',
        htaccess => "RewriteEngine On\nRewriteRule ^from\$ to.txt\n",
    },
    index => {
        asked => '', target => 'index.html',
        htaccess => "DirectoryIndex index.html\n",
    },
    fallback => {
        asked => 'some/where', target => 'all.html',
        htaccess => "FallbackResource \@HERE\@/all.html\n",
    },
    variant => {
        asked => 'page', target => 'page.html', vary => [qw(accept negotiate)],
        options_vary => ['accept'],
        htaccess => "Options +MultiViews\n", more => "Accept: text/html\n",
        files => { 'page.txt' => 'text' },
    },
    error => {
        asked => 'missing', target => 'error.html', get => 404,
        htaccess => "ErrorDocument 404 \@HERE\@/error.html\n",
        # OPTIONS of a file that is not there is no error in httpd.
        options_of => 'asked',
    },
    'error-script' => {
        asked => 'missing', target => 'error.cgi', get => 404,
        htaccess => "ErrorDocument 404 \@HERE\@/error.cgi\n"
            . "Options +ExecCGI\nAddHandler cgi-script .cgi\n",
        options_of => 'asked',
    },
    # No other hook has seen the URL by then.
    'error-early' => {
        asked => 'gone', target => 'error.html', get => 404, options => 404,
        config => "Redirect 404 \@HERE\@/gone\n<Location \@HERE\@/gone>\n"
            . "ErrorDocument 404 \@HERE\@/error.html\n</Location>\n",
    },
    forbidden => {
        asked => 'closed', target => 'error.html', get => 403, options => 403,
        htaccess => "ErrorDocument 403 \@HERE\@/error.html\n"
            . "<Files closed>\nRequire all denied\n</Files>\n",
    },
);

# What a section says of its URL. "off" leaves the URL alone, whatever else
# is said of it.
my %SAYS = (
    policy => "CorsAllowOrigin \@ORIGIN\@\nCorsAllowMethods PUT\n",
    nothing => '',
    off => "CorsEngine Off\nCorsAllowOrigin \@ORIGIN\@\n",
    'bare-off' => "CorsEngine Off\n",
);

# Whose policy that is: asked, target or nobody's.
sub whose
{
    my ($asked, $target) = @_;
    return 'asked' if $asked eq 'policy';
    return 'target' if $asked eq 'nothing' && $target eq 'policy';
    return 'nobody';
}

sub section
{
    my ($path, $whose, $says) = @_;
    my $directives = $SAYS{$says} =~ s/\@ORIGIN\@/$ORIGIN{$whose}/gr;
    return $directives && "<LocationMatch ^$path\$>\n$directives"
        . "</LocationMatch>\n";
}

sub each_pair
{
    my ($do) = @_;
    for my $way (sort keys %WAYS) {
        for my $asked (sort keys %SAYS) {
            $do->($way, $asked, $_) for sort keys %SAYS;
        }
    }
    return;
}

sub files_of
{
    my ($way, $here) = @_;
    my $target = $way->{target};
    my $content = $target =~ /cgi$/
        ? "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n$target\\n'\n"
        : "$target\n";
    my $htaccess = ($way->{htaccess} // '') =~ s/\@HERE\@/$here/gr;
    my %files = ('.htaccess' => $htaccess,
        $target => $content, %{ $way->{files} // {} });
    return map { ("htdocs$here/$_" => $files{$_}) } keys %files;
}

sub expected_of_get
{
    my ($way, $whose, $from) = @_;
    my @vary = @{ $way->{vary} // [] };
    push @vary, 'origin' if $whose ne 'nobody';
    return { status => $way->{get} // 200, vary => [sort @vary],
        origin => $whose eq $from ? [$ORIGIN{$from}] : [] };
}

sub expected_of_preflight
{
    my ($way, $whose, $from) = @_;
    # MultiViews comes to nothing where the URL's own policy answers.
    my @vary = $whose eq 'asked' ? () : @{ $way->{options_vary} // [] };
    if ($whose eq 'nobody' || ($way->{options_of} // $whose) ne $whose) {
        return { status => $way->{options} // 200, origin => [],
            vary => \@vary };
    }
    return {
        status => $way->{options} // ($whose eq $from ? 204 : 403),
        origin => $whose eq $from ? [$ORIGIN{$from}] : [],
        vary => [sort @vary, @OPTIONS_VARY],
    };
}

sub check_pairs
{
    my ($config, %files) = ('');
    each_pair(sub {
        my ($name, $asked, $target) = @_;
        my $way = $WAYS{$name};
        my $here = "/$name/$asked-$target";
        %files = (%files, files_of($way, $here));
        $config .= ($way->{config} // '') =~ s/\@HERE\@/$here/gr;
        $config .= section("$here/$way->{asked}", 'asked', $asked)
            . section("$here/$way->{target}", 'target', $target);
    });
    my $httpd = Test::Httpd->config(config => $config, files => \%files,
        modules => [qw(alias rewrite dir negotiation mime), $CGI])->start;
    each_pair(sub { check_pair($httpd, @_) });
    $httpd->expect(qr/client denied/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

sub check_pair
{
    my ($httpd, $name, $asked, $target) = @_;
    my $way = $WAYS{$name};
    my $path = "/$name/$asked-$target/$way->{asked}";
    my $whose = whose($asked, $target);
    for my $from (sort keys %ORIGIN) {
        my $what = "$name, asked URL: $asked, target: $target, from $from";
        my $r = get($httpd, $path, $ORIGIN{$from}, $way->{more});
        is_deeply facts($r), expected_of_get($way, $whose, $from),
            "GET $what";
        like $r->{body}, qr/^\Q$way->{target}\E$/, 'the target answered';
        $r = facts(preflight($httpd, $path, $ORIGIN{$from}, $way->{more}));
        my $expected = expected_of_preflight($way, $whose, $from);
        is_deeply $r, $expected, "preflight $what";
    }
    return;
}

# ---- [PT] in a virtual host ----

# The target's <Location> sections replace those of the URL asked for; that URL
# governs all the same if its own set a policy. The sections' captures belong to
# the target.
sub check_pass_through
{
    my @hosts = (
        ['both', 'asked', 'asked', 'target'],
        ['asked-only', 'asked', 'asked', undef],
        ['target-only', 'target', undef, 'target'],
        ['server-and-target', 'target', undef, 'target',
            "CorsAllowOrigin https://server.example.com\n"],
        ['asked-by-match', 'asked', 'match', 'target'],
        ['asked-off', 'nobody', 'off', 'target'],
        ['neither', 'nobody', undef, undef],
    );
    my %section = (
        asked => "<Location /v1>\n%s</Location>\n",
        match => "<LocationMatch \"^/(?<what>v1)/\">\n%s</LocationMatch>\n",
        off => "<Location /v1>\n%sCorsEngine Off\n</Location>\n",
        target => "<LocationMatch \"^/(?<what>x)\">\n%s</LocationMatch>\n",
    );
    my $config = "ScriptAlias /x \@ROOT\@/cgi/x.cgi\n";
    for (@hosts) {
        my ($host, undef, $asked, $target, $server) = @$_;
        my ($of_asked, $of_target) = map {
            "CorsAllowOrigin $ORIGIN{$_}\nCorsAllowMethods PUT\n"
        } qw(asked target);
        $config .= "<VirtualHost *:\@PORT\@>\nServerName $host.example.com\n"
            . ($server // '') . "RewriteEngine On\n"
            . "RewriteRule ^/v1/(.*)\$ /\$1 [PT]\n"
            . (defined $asked ? sprintf $section{$asked}, $of_asked : '')
            . (defined $target ? sprintf $section{$target}, $of_target : '')
            . "</VirtualHost>\n";
    }
    my $httpd = Test::Httpd->config(modules => [qw(alias rewrite), $CGI],
        files => { 'cgi/x.cgi' => "#!/bin/sh\nprintf 'Content-Type: "
            . "text/plain\\n\\n%s\\n' \"\$MATCH_WHAT\"\n" },
        config => $config)->start;
    for (@hosts) {
        my ($host, $whose, undef, $target) = @$_;
        my $more = "Host: $host.example.com\n";
        for my $from (sort keys %ORIGIN) {
            my $allowed = $from eq $whose ? [$ORIGIN{$from}] : [];
            my $r = get($httpd, '/v1/x', $ORIGIN{$from}, $more);
            is_deeply facts($r), { status => 200, origin => $allowed,
                vary => $whose eq 'nobody' ? [] : ['origin'] },
                "[PT], $host: a GET from $from has the policy of $whose";
            is $r->{body}, defined $target ? "x\n" : "\n",
                'and the script the captures of its own section';
            is_deeply facts(preflight($httpd, '/v1/x', $ORIGIN{$from}, $more)),
                $whose eq 'nobody'
                ? { status => 200, origin => [], vary => [] }
                : { status => @$allowed ? 204 : 403, origin => $allowed,
                    vary => [@OPTIONS_VARY] }, 'and a preflight, too';
        }
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- chains ----

# asked -> middle -> last, all by rewrites and an index.
sub check_chains
{
    my %sections = (
        'first' => ['/first/from' => 'asked', '/first/last/' => 'target'],
        'second' => ['/second/middle' => 'asked', '/second/last/' => 'target',
            '/second/last/index.html' => 'target'],
        'last' => ['/last/last/index.html' => 'asked'],
    );
    my ($config, %files) = ('');
    for my $chain (sort keys %sections) {
        my @pairs = @{ $sections{$chain} };
        while (my ($path, $whose) = splice @pairs, 0, 2) {
            $config .= section($path, $whose, 'policy');
        }
        $files{"htdocs/$chain/.htaccess"} = "RewriteEngine On\n"
            . "RewriteRule ^from\$ middle [L]\n"
            . "RewriteRule ^middle\$ last/ [L]\n";
        $files{"htdocs/$chain/last/index.html"} = 'last';
    }
    my $httpd = Test::Httpd->config(config => $config, files => \%files,
        modules => [qw(rewrite dir)])->start;
    for my $chain (sort keys %sections) {
        my $what = "a chain whose $chain URL is the first with a policy";
        is_deeply facts(get($httpd, "/$chain/from", $ORIGIN{asked})),
            { status => 200, origin => [$ORIGIN{asked}], vary => ['origin'] },
            "GET, $what";
        is_deeply facts(preflight($httpd, "/$chain/from", $ORIGIN{asked})),
            { status => 204, origin => [$ORIGIN{asked}],
                vary => [@OPTIONS_VARY] }, "preflight, $what";
        is_deeply facts(get($httpd, "/$chain/from", $ORIGIN{target})),
            { status => 200, origin => [], vary => ['origin'] },
            "GET of another origin, $what";
        is preflight($httpd, "/$chain/from", $ORIGIN{target})->{status}, 403,
            "preflight of another origin, $what";
    }
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- subrequests ----

# How many were logged until the access log told of the request.
sub decisions
{
    my ($httpd, $path) = @_;
    $httpd->access_log(qr/$path/);
    return scalar(() = $httpd->error_log
        =~ /\[cors:\w+\](?!.* no-policy: )/g);
}

# A page that includes a URL with another policy has its own.
sub check_subrequests
{
    my %included = (
        file => '/other/x.txt', script => '/other/x.cgi',
        rewritten => '/rewritten/from', off => '/off/x.txt',
        missing => '/other/missing',
    );
    my %pages = map { ("page-$_.shtml"
        => "<!--#include virtual=\"$included{$_}\" -->\n") } keys %included;
    my $httpd = Test::Httpd->config(
        modules => [qw(include rewrite dir autoindex mime filter negotiation),
            $CGI],
        log_level => 'cors:debug',
        files => {
            (map { ("htdocs/own/$_" => $pages{$_},
                "htdocs/none/$_" => $pages{$_}) } keys %pages),
            'htdocs/other/x.txt' => 'included',
            'htdocs/off/x.txt' => 'included',
            'htdocs/own/list/x.txt' => 'x', 'htdocs/none/list/x.txt' => 'x',
            'htdocs/other/x.cgi' => "#!/bin/sh\nprintf '%s\\n' "
                . "'Access-Control-Allow-Origin: *' 'Vary: X-Other' "
                . "'Content-Type: text/plain' '' included\n",
            'htdocs/rewritten/.htaccess' => "RewriteEngine On\n"
                . "RewriteRule ^from\$ /other/x.txt\n",
        },
        config => <<"EOF")->start;
<Directory "\@DOCROOT\@">
    Options +Includes +Indexes +ExecCGI
    AddOutputFilter INCLUDES .shtml
    AddHandler cgi-script .cgi
</Directory>
<Location /own/>
    CorsAllowOrigin $ORIGIN{asked}
</Location>
<LocationMatch ^/(?:other|rewritten)/>
    CorsAllowOrigin $ORIGIN{target}
</LocationMatch>
<Files x.txt>
    CorsAllowMethods PUT
</Files>
<Location /off/>
    CorsEngine Off
</Location>
EOF
    for my $name (sort keys %included) {
        $httpd->clear_log;
        my $r = get($httpd, "/own/page-$name.shtml", $ORIGIN{asked});
        is decisions($httpd, "own/page-$name"), 1, 'one decision';
        like $r->{body}, $name eq 'missing' ? qr/error/ : qr/included/,
            "$name was included";
        is_deeply facts($r), { status => 200, origin => [$ORIGIN{asked}],
            vary => ['origin'] }, 'in a page that keeps its policy';
        is_deeply facts(get($httpd, "/own/page-$name.shtml", $ORIGIN{target})),
            { status => 200, origin => [], vary => ['origin'] },
            'and is not for the origin of what was included';
        $httpd->clear_log;
        is_deeply facts(get($httpd, "/none/page-$name.shtml",
            $ORIGIN{target})), { status => 200, origin => [], vary => [] },
            "$name gives its policy to no page that has none";
        is decisions($httpd, "none/page-$name"), 0, 'nothing to decide';
    }
    for my $page ('list/', 'page-file.shtml') {
        is_deeply facts(preflight($httpd, "/own/$page", $ORIGIN{asked})),
            { status => 204, origin => [$ORIGIN{asked}],
                vary => [@OPTIONS_VARY] }, "preflight of $page";
        is_deeply facts(get($httpd, "/own/$page", $ORIGIN{asked}))->{origin},
            [$ORIGIN{asked}], "GET of $page";
        is_deeply facts(get($httpd, "/none/$page", $ORIGIN{asked})),
            { status => 200, origin => [], vary => [] },
            "GET of $page without a policy";
    }
    $httpd->expect(qr/unable to include "\/other\/missing"/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

# ---- requests that httpd refuses before their directory is known ----

# Their policy is what server, virtual host and <Location> merge to; a request
# without a URL has the virtual host's.
my $EARLY = <<'EOF';
    CorsAllowOrigin https://first.example.com
    <Location />
        CorsAllowOrigin https://location.example.com
        CorsAllowMethods PUT
    </Location>
    <LocationMatch "^/(?<where>in)/">
        CorsAllowOrigin https://inner.example.com
    </LocationMatch>
    <Directory "@DOCROOT@">
        CorsAllowOrigin https://directory.example.com
    </Directory>
    <If "true">
        CorsExposeHeaders X-If
    </If>
    RewriteEngine On
    RewriteCond %{QUERY_STRING} refuse
    RewriteRule ^ - [F]
EOF

sub check_early_error
{
    my ($httpd, $name, $path, $status, $whose, $host, $more) = @_;
    $more = "Host: $host.example.com\n$more";
    for my $from (qw(inner location first directory main)) {
        my $origin = "https://$from.example.com";
        my $allowed = $from eq $whose ? [$origin] : [];
        my $r = get($httpd, $path, $origin, $more);
        is_deeply facts($r), { status => $status, origin => $allowed,
            vary => ['origin'] }, "$name has the policy of its <Location>: "
            . "GET from $from to $host";
        is $r->{body}, 'page', 'and its ErrorDocument' if $host ne 'first';
        $httpd->clear_log;
        $r = preflight($httpd, $path, $origin, $more);
        is_deeply facts($r), { status => $status, origin => $allowed,
            vary => [@OPTIONS_VARY] }, "and a preflight from $from";
        my $line = @$allowed ? $name =~ /slash/ ? qr/AllowEncodedSlashes/
            : qr/\[cors:info\] .*not answered by mod_cors/
            : qr/\[cors:info\] .*origin-denied/;
        like $httpd->error_log($line), $line, 'and the log names the cause';
    }
    return;
}

sub check_early_errors
{
    my $httpd = Test::Httpd->config(
        modules => [qw(rewrite mime)], log_level => 'cors:info',
        files => { 'htdocs/broken/.htaccess' => "NoSuchDirective\n",
            'htdocs/unreadable/.htaccess' => '', 'htdocs/in/x.txt' => 'x',
            'htdocs/page.html' => 'page' },
        config => <<'EOF' =~ s/\@HOST\@/$EARLY/gr);
CorsAllowOrigin https://main.example.com
<VirtualHost *:@PORT@>
    ServerName first.example.com
@HOST@</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName documented.example.com
    ErrorDocument 403 /page.html
    ErrorDocument 404 /page.html
    ErrorDocument 417 /page.html
    ErrorDocument 500 /page.html
@HOST@</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName any.example.com
    CorsAllowOrigin *
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName heir.example.com
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName off.example.com
    CorsEngine Off
</VirtualHost>
EOF
    chmod 0, $httpd->docroot . '/unreadable/.htaccess';
    chmod 0, $httpd->docroot . '/unreadable';
    $httpd->start;
    my $segment = 'x' x 300;
    for (
        ['an encoded slash', '/a%2fb', 404],
        ['an encoded slash below a section', '/in/a%2fb', 404],
        ['a name that is too long', "/$segment", 403],
        ['a name that is too long below a section', "/in/$segment", 403],
        ['an error in .htaccess', '/broken/x', 500],
        ['an unreadable directory', '/unreadable/x', 403],
        ['a rewrite in the virtual host', '/in/x.txt?refuse', 403],
        ['an expectation', '/in/x.txt', 417, "Expect: wonders\n"],
        ['a header line that is none', '/in/x.txt', 400, "Bad Line\n"],
    ) {
        my ($name, $path, $status, $more) = @$_;
        my $whose = $path =~ m{^/in/} ? 'inner' : 'location';
        check_early_error($httpd, $name, $path, $status, $whose, $_,
            $more // '') for 'first', $status == 400 ? () : 'documented';
    }
    for (
        ['first', 'location', ['https://location.example.com'], ['origin']],
        ['any', 'first', ['*'], []],
        ['heir', 'main', ['https://main.example.com'], ['origin']],
        ['heir', 'first', [], ['origin']],
        ['off', 'main', [], []],
    ) {
        my ($host, $from, $origin, $vary) = @$_;
        is_deeply facts(get($httpd, '/', "https://$from.example.com",
            "Expect: wonders\nHost: $host.example.com\n")),
            { status => 417, origin => $origin, vary => $vary },
            "the host's own policy applies to a 417: $host, from $from";
    }
    my $long = 'GET /' . 'x' x 9000 . " HTTP/1.1\n"
        . "Origin: https://first.example.com\n";
    is_deeply facts($httpd->request($long)),
        { status => 414, origin => [], vary => ['origin'] },
        'a list cannot allow anybody on a 414, because no header was read';
    $httpd->expect(qr/AH\d+: /, qr/Invalid command 'NoSuchDirective'/);
    is $httpd->complaints, '', 'nothing unexpected in the error log';

    for (
        ['CorsAllowOrigin *', ['*'], []],
        ['CorsAllowOrigin none', [], ['origin']], ['', [], []],
        ["CorsAllowOrigin *\nCorsEngine Off", [], []],
    ) {
        my ($policy, $origin, $vary) = @$_;
        my $one = Test::Httpd->config(config => "$policy\n")->start;
        is_deeply facts($one->request($long)),
            { status => 414, origin => $origin, vary => $vary },
            "a 414 has the server's policy: " . $policy =~ s/\n/, /gr;
        is $one->complaints, '', 'nothing unexpected in the error log';
    }
    return;
}

# ---- a policy that depends on Origin ----

# Inside <If> httpd itself says Vary: Origin, but forgets it on errors; a cache
# would then keep one origin's answer for all.
my @RESPONSES = (
    ['/x.txt', 200], ['/missing', 404], ['/private/x', 401],
    ['/closed/x', 403], ['/dir', 301], ['/dir/', 200], ['/from', 200],
    ['/x.txt', 304, "If-None-Match: *\n"], ['/documented/missing', 404],
    ['/gone', 410], ['/x.cgi', 200, '', 'cookie'],
    ['/404.cgi', 404, '', 'cookie'],
);

sub server_with_if
{
    my (%sections) = @_;
    my $hosts = join '', map { "<VirtualHost *:\@PORT\@>\n"
        . "ServerName $_.example.com\n$sections{$_}</VirtualHost>\n"
    } sort keys %sections;
    my $script = "printf '%s\\n' 'Vary: Cookie' "
        . "'Content-Type: text/plain' '' body\n";
    return Test::Httpd->config(
        modules => [qw(alias rewrite dir mime authn_core auth_basic authn_file
            authz_user), $CGI],
        files => {
            'htdocs/x.txt' => 'x', 'htdocs/dir/index.html' => 'x',
            'htdocs/.htaccess' => "RewriteEngine On\n"
                . "RewriteRule ^from\$ x.txt\n",
            'htdocs/x.cgi' => "#!/bin/sh\n$script",
            'htdocs/404.cgi' => "#!/bin/sh\necho 'Status: 404'\n$script",
        },
        config => <<"EOF")->expect(qr/client denied/)->start;
<Directory "\@DOCROOT\@">
    Options +ExecCGI
    AddHandler cgi-script .cgi
</Directory>
<Location /private/>
    AuthType Basic
    AuthName private
    AuthUserFile /dev/null
    Require valid-user
</Location>
<Location /closed/>
    Require all denied
</Location>
<Location /documented/>
    ErrorDocument 404 /x.txt
</Location>
Redirect gone /gone
<Location /gone>
    ErrorDocument 410 /x.txt
</Location>
$hosts
EOF
}

sub check_if
{
    my %condition = (
        req => "req('Origin') == '$ORIGIN{asked}'",
        http => "%{HTTP:Origin} == '$ORIGIN{asked}'",
        lower => "req('origin') == '$ORIGIN{asked}'",
        novary => "req_novary('Origin') == '$ORIGIN{asked}'",
    );
    my %policy = (any => '*', list => $ORIGIN{asked});
    my %sections = (
        else => "<If \"req('Origin') == '$ORIGIN{asked}'\">\n"
            . "CorsAllowOrigin *\nCorsExposeHeaders X-Asked\n</If>\n"
            . "<Else>\nCorsAllowOrigin *\nCorsExposeHeaders X-Else\n"
            . "</Else>\n",
    );
    for my $by (keys %condition) {
        $sections{"$by-$_"} = "<If \"$condition{$by}\">\n"
            . "CorsAllowOrigin $policy{$_}\n</If>\n" for keys %policy;
    }
    my $httpd = server_with_if(%sections);
    for my $by (sort keys %condition) {
        check_if_host($httpd, "$by-$_", $policy{$_},
            $by eq 'novary' && $_ eq 'any') for sort keys %policy;
    }
    check_else($httpd);
    is $httpd->complaints, '', 'nothing unexpected in the error log';
    return;
}

sub check_if_host
{
    my ($httpd, $host, $allowed, $is_without_vary) = @_;
    for (@RESPONSES) {
        my ($path, $status, $more, @vary) = @$_;
        $more = "Host: $host.example.com\n" . ($more // '');
        push @vary, 'origin' if !$is_without_vary;
        is_deeply facts(get($httpd, $path, $ORIGIN{asked}, $more)),
            { status => $status, origin => [$allowed], vary => [sort @vary] },
            "an If by $host reaches $path, $status";
        is_deeply facts(get($httpd, $path, $ORIGIN{target}, $more))->{origin},
            [], 'and nothing is allowed outside of it';
    }
    is_deeply facts(preflight($httpd, '/x.txt', $ORIGIN{asked},
        "Host: $host.example.com\n")), { status => 204, origin => [$allowed],
        vary => [@OPTIONS_VARY] }, "and an If by $host a preflight";
    return;
}

# Two policies, "*" both of them: the responses still differ by Origin.
sub check_else
{
    my ($httpd) = @_;
    for (@RESPONSES) {
        my ($path, $status, $more, @vary) = @$_;
        $more = "Host: else.example.com\n" . ($more // '');
        for my $from (sort keys %ORIGIN) {
            my $r = get($httpd, $path, $ORIGIN{$from}, $more);
            is_deeply facts($r), { status => $status, origin => ['*'],
                vary => [sort @vary, 'origin'] },
                "If and Else reach $path, $status, from $from";
            is_deeply $r->{headers}{'access-control-expose-headers'},
                [$from eq 'asked' ? 'X-Asked' : 'X-Else'],
                'each with its own policy';
        }
        is_deeply facts($httpd->request("GET $path HTTP/1.1\n$more")),
            { status => $status, origin => ['*'],
                vary => [sort @vary, 'origin'] },
            'and a cache learns of it without an Origin, too';
    }
    return;
}

check_pairs();
check_pass_through();
check_chains();
check_subrequests();
check_early_errors();
check_if();
done_testing;
