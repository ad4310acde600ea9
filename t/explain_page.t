# The explain page is read on a phone as well as on a desktop. If the verdict
# were out of sight, if a long value pushed half of the page off the screen, or
# if the form forgot the question, people would go on guessing. If it ran a
# script that was entered, it would be an attack on them.
use v5.32;
use warnings;
use experimental 'signatures';
use lib 't/lib';
use Test::More;
use Test::Browser;
use Test::Httpd;

my $app = 'https://app.example.com';
my $long = 'a' x 60;
my $many = join ' ', map { "https://$long$_.example.com" } 1 .. 60;
my $httpd = Test::Httpd->config(
    modules => [qw(auth_basic authn_file authz_user)],
    files => { 'htdocs/x.txt' => "x\n" },
    config => <<"EOF")->start;
CorsAllowOrigin $app
<Location /explain>
    CorsExplain On
    CorsEngine Off
</Location>
<Location /full>
    CorsAllowOrigin +https://*.example.org
    CorsAllowOriginMatch +https://$long\[0-9]+[.]example[.]com
    CorsDenyOrigin https://users.example.com
    CorsAllowMethods GET POST PUT DELETE
    CorsAllowHeaders Content-Type X-Token X-$long
    CorsExposeHeaders ETag X-$long X-B$long X-C$long
    CorsAllowCredentials On
    CorsMaxAge 2h
    CorsDebugHeader On
</Location>
<Location /many>
    CorsAllowOrigin $many
</Location>
<Location /any>
    CorsAllowOrigin *
    CorsAllowMethods *
    CorsAllowHeaders *
</Location>
<Location /off>
    CorsEngine Off
</Location>
<Location /pass>
    CorsPreflight Pass
    CorsAllowMethods PUT
</Location>
<Location /login>
    AuthType Basic
    AuthName login
    AuthBasicProvider file
    AuthUserFile /dev/null
    Require valid-user
    CorsPreflightAuth Require
</Location>
EOF
my $script = '<script>window.ran = 1</script>'
    . '"><img src=x onerror="window.ran = 1">';

# Rows of [name, url, origin, method, headers, the verdict, a word of its
# reason]. Without a url there is only the form.
my @rows = (
    ['the form', '', '', '', '', undef],
    ['allowed', '/x.txt', $app, 'GET', '', 'Allowed', 'allows it'],
    ['a preflight', '/full/items', $app, 'PUT', 'x-token', 'Allowed',
        'allows it'],
    ['another origin', '/x.txt', 'http://app.example.com', 'GET', '',
        'Refused', 'scheme'],
    ['another method', '/x.txt', $app, 'PATCH', '', 'Refused', 'PATCH'],
    ['another header', '/full/items', $app, 'PUT', 'x-other', 'Refused',
        'x-other'],
    ['a login', '/login/x', $app, 'PUT', '', 'Refused', '401'],
    ['no policy', '/off/x', $app, 'GET', '', 'Refused', 'CorsEngine is Off'],
    ['another host', 'https://other.example/', $app, 'GET', '',
        'Not answered', 'host'],
    ['many origins', '/many/x', $app, 'GET', '', 'Refused', '60'],
    ['a backend', '/pass/x', $app, 'PUT', '', 'Unknown', 'CorsPreflight'],
    ['long values', '/full/' . 'x' x 200, "https://$long.$long.$long.example",
        'M' x 200, join(',', map { "x-$long$_" } 1 .. 5), 'Refused', 'match'],
    ['without a break', '/full/x', 'x' x 1500, 'GET', 'y' x 1500,
        'Not answered', 'origin'],
    ['markup', "/any/$script", $app, 'GET', '', 'Allowed', ''],
    ['markup in all', $script, $script, $script, $script, 'Not answered',
        'url'],
);
my @fields = qw(url origin method headers);

sub escaped($text)
{
    return $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger;
}

sub address(@values)
{
    return $httpd->url('/explain') if !grep { length } @values;
    return $httpd->url('/explain?' . join '&', map {
        "$fields[$_]=" . escaped($values[$_]) } 0 .. 3);
}

my $browser = Test::Browser->start('chromium');

# What is to be seen: the width of all, what is out of sight or cut off, the
# verdict, the fields of the form, and whether anything was loaded or run.
my $look = <<'EOF';
const width = document.documentElement.clientWidth;
const verdict = document.querySelector('.verdict');
const box = verdict && verdict.getBoundingClientRect();
const everything = [...document.body.querySelectorAll('*')];
const lines = (e) => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return new Set([...range.getClientRects()].map((b) => Math.round(b.top)))
        .size;
};
const cells = (which) => [...document.querySelectorAll(`tr > :${which}`)];
return {
    width, screen: innerWidth, wide: document.documentElement.scrollWidth,
    outside: everything.filter((e) => {
        const b = e.getBoundingClientRect();
        return b.width > 0 && (b.right > width + 1 || b.left < -1);
    }).map((e) => e.outerHTML.slice(0, 80)),
    cut: everything.filter((e) => e.tagName !== 'INPUT'
        && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
        && getComputedStyle(e).display !== 'inline')
        .map((e) => e.outerHTML.slice(0, 80)),
    broken: cells('first-child').filter((e) => lines(e) > 1)
        .map((e) => e.innerText),
    narrow: cells('last-child').filter((e) => lines(e) > 3)
        .map((e) => e.innerText),
    verdict: verdict && verdict.innerText,
    top: box && box.top, bottom: box && box.top + 24,
    height: innerHeight,
    border: verdict && getComputedStyle(verdict).borderLeftColor,
    values: Object.fromEntries([...document.querySelectorAll('input[name]')]
        .filter((e) => e.type === 'text').map((e) => [e.name, e.value])),
    labels: [...document.querySelectorAll('input[name]')]
        .filter((e) => !e.labels[0]?.innerText.trim()).length,
    loaded: performance.getEntriesByType('resource').map((e) => e.name)
        .filter((n) => !n.endsWith('/favicon.ico')),
    scripts: document.scripts.length, images: document.images.length,
    ran: window.ran || 0, title: document.title,
    language: document.documentElement.lang,
    small: everything.filter((e) => e.innerText
        && parseFloat(getComputedStyle(e).fontSize) < 12).length,
};
EOF

my %colour;
for (['a phone', 390, 760], ['a desktop', 1280, 800]) {
    my ($where, $width, $height) = @$_;
    $browser->resize($width, $height);
    for my $row (@rows) {
        my ($name, @values) = @$row;
            my ($said, $reason) = splice @values, 4;
        $browser->go(address(@values));
        my $seen = $browser->run($look);
        $name = "$where, $name";

        is $seen->{screen}, $width, "$name: $width pixels";
        cmp_ok $seen->{wide}, '<=', $seen->{width},
            'nothing to be pushed sideways';
        is_deeply $seen->{outside}, [], 'nothing out of sight';
        is_deeply $seen->{cut}, [], 'nothing cut off';
        is_deeply $seen->{broken}, [], 'no name of a directive broken';
        is_deeply $seen->{narrow}, [], 'no place broken into many lines';
        is $seen->{small}, 0, 'nothing too small to be read';
        is $seen->{labels}, 0, 'each field has its label';
        is_deeply $seen->{loaded}, [], 'nothing is loaded from anywhere';
        is "$seen->{scripts} $seen->{images} $seen->{ran}", '0 0 0',
            'nothing of a stranger is run';
        is $seen->{verdict}, undef, 'no verdict yet' if !defined $said;
        next if !defined $said;
        is_deeply [@{ $seen->{values} }{@fields}], \@values,
            'the form keeps what was asked';
        like $seen->{verdict}, qr/\A\Q$said\E\b.*\Q$reason\E/si,
            'the verdict and its reason are there';
        ok $seen->{top} >= 0 && $seen->{bottom} <= $height,
            'the verdict is seen at once' or diag $seen->{top};
        $colour{$said}{ $seen->{border} } = 1;
    }
}
my %verdict_of;
for my $said (sort keys %colour) {
    is scalar keys %{ $colour{$said} }, 1, "$said has one colour";
    push @{ $verdict_of{ join ' ', keys %{ $colour{$said} } } }, $said;
}
is scalar keys %verdict_of, 3, 'allowed, refused and unknown differ in colour';

# ---- the form is for people ----

$browser->go($httpd->url('/explain'));
$browser->run(<<'EOF', $app);
const [origin] = arguments;
const form = document.forms[0];
const enter = (name, value) => { form.elements[name].value = value; };
enter('url', '/full/a b?c=d&e=%25');
enter('origin', origin);
enter('method', 'DELETE');
enter('headers', 'x-token');
form.querySelector('button').click();
EOF
my $seen;
for (1 .. 100) {
    $seen = eval { $browser->run($look) } // next;
    last if defined $seen->{verdict};
    select undef, undef, undef, 0.1;
}
like $seen->{verdict}, qr/Allowed/, 'the button asks';
is_deeply $seen->{values}, { url => '/full/a b?c=d&e=%25', origin => $app,
    method => 'DELETE', headers => 'x-token' }, 'what was entered';
like $browser->run('return location.pathname'), qr{^/explain$},
    'of the page itself';
is $seen->{language}, 'en', 'the page has a language';
ok length $seen->{title}, 'and a title';

# What is to be read stands out from what is behind it, by day and by night.
my $contrast = <<'EOF';
const level = (c) => { c /= 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const light = ([r, g, b]) => 0.2126 * level(r) + 0.7152 * level(g)
    + 0.0722 * level(b);
const canvas = Object.assign(document.createElement('canvas'),
    { width: 1, height: 1 }).getContext('2d');
const blend = (colours) => {
    for (const colour of colours) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const probe = document.body.appendChild(document.createElement('i'));
probe.style.color = 'Canvas';
const paper = getComputedStyle(probe).color;
const behind = (e) => e ? [...behind(e.parentElement),
    getComputedStyle(e).backgroundColor] : [paper];
const poor = [];
for (const e of document.body.querySelectorAll('*')) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) {
        continue;
    }
    const back = behind(e);
    const a = light(blend(back));
    const b = light(blend([...back, getComputedStyle(e).color]));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) {
        poor.push(`${e.tagName} ${ratio.toFixed(1)}: ${e.innerText}`);
    }
}
return poor;
EOF
for my $scheme (qw(light dark)) {
    $browser->command(POST => '/goog/cdp/execute', {
        cmd => 'Emulation.setEmulatedMedia', params => { features =>
            [{ name => 'prefers-color-scheme', value => $scheme }] } });
    is_deeply $browser->run($contrast), [], "$scheme: all can be read";
}

$browser->stop;
is $httpd->complaints, '', 'nothing unexpected in the error log';
done_testing;
