# The manual has an entry for each directive, with the context that httpd has;
# manual and examples use no directive that does not exist.
use strict;
use warnings;
use lib 't/lib';
use Test::More;
use Test::Httpd;

sub slurp
{
    my ($file) = @_;
    open my $fh, '<', $file or die "$file: $!";
    local $/;
    return scalar <$fh>;
}

# What httpd itself says of the module's directives: name -> context.
sub known_directives
{
    my $list = Test::Httpd->check_config(args => ['-L'])->{output};
    my %known;
    while ($list =~ /^(Cors\w+) \(mod_cors\.c\)\n((?:\t.*\n)+)/mg) {
        my ($name, $text) = ($1, $2);
        $text =~ s/\s+/ /g;
        $known{$name} = $text;
    }
    return \%known;
}

my %CONTEXT = (
    'server config, virtual host, directory, .htaccess' =>
        qr/Allowed in \*\.conf anywhere and in \.htaccess/,
    'server config, virtual host, directory' =>
        qr/Allowed in \*\.conf anywhere\s*$/,
    'server config, virtual host' =>
        qr/Allowed in \*\.conf only outside <Directory>/,
);

my $known = known_directives();
my $manual = slurp('docs/directives.md');
my %entry;
$entry{$1} = $2 while $manual =~ /^### (Cors\w+)\n(.*?)(?=^##|\z)/msg;

cmp_ok scalar keys %$known, '>=', 19, 'httpd knows the directives';
is_deeply [sort keys %entry], [sort keys %$known],
    'docs/directives.md has an entry for each directive, and for no other';

for my $name (sort keys %$known) {
    my $text = $entry{$name} // '';
    my %field = $text =~ /^    (\w+):\s+(\S.*)$/mg;
    like $text, qr/^\n    Description:/, "$name: the entry begins in form";
    like $field{Syntax} // '', qr/^\Q$name\E /, "$name: Syntax";
    ok $field{Description} && $field{Default}, "$name: Description, Default";
    my $context = $field{Context} // '';
    ok $CONTEXT{$context}, "$name: Context in httpd's words";
    like $known->{$name}, $CONTEXT{$context} // qr/(?!)/,
        "$name: Context as httpd has it";
    my ($override) = $known->{$name} =~ /AllowOverride includes (\w+)/;
    is $field{Override}, $override // "not applicable",
        "$name: Override as httpd has it";
}

my @examples = glob 'conf-examples/*.conf conf-examples/*.htaccess';
my $examples = join '', map { slurp($_) } @examples;
my $tests = join '', map { slurp($_) } grep { !/reference\.t$/ } glob 't/*.t';
for my $name (sort keys %$known) {
    like $examples, qr/^\s*\Q$name\E\s/m, "$name: in an example";
    like $tests, qr/\b\Q$name\E\b/, "$name: in a test";
}
for my $file (@examples, 'README.md', glob 'docs/*.md') {
    my %used = map { $_ => 1 } slurp($file) =~ /\b(Cors[A-Z]\w+)\b/g;
    delete @used{qw(CorsFilter CorsApi)};
    delete @used{grep { /^Cors(Allowed|PreflightAllowed|OriginDenied|MethodDenied|HeadersDenied|SameOrigin)$/ } keys %used};
    is_deeply [grep { !$known->{$_} } sort keys %used], [],
        "$file: names only directives that exist";
    next if $file =~ /[.]md$/;
    like slurp($file), qr/\A# When to use it: /, "$file: begins with its use";
}

done_testing;
