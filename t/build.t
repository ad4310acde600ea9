# What a newcomer types first: make, make install, make uninstall, make dist.
use v5.32;
use warnings;
use experimental 'signatures';
use File::Temp;
use Test::More;

my $dir = File::Temp->newdir('build-XXXXXXXX', TMPDIR => 1);

# Command, exit status, and what it printed.
sub run($command)
{
    my $output = `umask 077; exec 2>&1; $command`;
    return ($? >> 8, $output);
}

sub write_file($path, $text)
{
    open my $out, '>', $path or die "$path: $!\n";
    print {$out} $text;
    close $out or die "$path: $!\n";
    return $path;
}

sub read_file($path)
{
    open my $in, '<:raw', $path or die "$path: $!\n";
    local $/;
    return <$in>;
}

# ---- what stops a build ----

my ($status, $output) = run(q{make BUILD='a b'});
is $status, 2, 'a BUILD path with a space is refused';
like $output, qr/\AMakefile:\d+: \Q*** BUILD cannot contain a space: 'a b'/,
    'in one sentence';

my $apxs = write_file("$dir/apxs", "#!/bin/sh\necho $dir\n");
chmod 0755, $apxs;
for (['4', '32', '2.4.32'], ['2', '34', '2.2.34']) {
    my ($minor, $patch, $version) = @$_;
    write_file("$dir/ap_release.h", <<"EOF");
#define AP_SERVER_MINORVERSION_NUMBER $minor
#define AP_SERVER_PATCHLEVEL_NUMBER   $patch
EOF
    ($status, $output) = run("make APXS=$apxs");
    is $status, 2, "httpd $version is refused";
    like $output, qr/needs httpd 2\.4\.33 or later; \S+ belongs to \Q$version\E/,
        'in one sentence, with its version';
}
($status, $output) = run("make APXS=$dir/missing");
like $output, qr{\*\*\* \S+/missing is missing\. On Debian: apt-get install},
    'where apxs is missing, the message contains the command that installs it';

# ---- make help ----

my ($makefile, $changes) = map { read_file($_) } qw(Makefile CHANGES.md);
($status, $output) = run('make help');
for my $goal (qw(install uninstall dist deb rpm check clean)) {
    like $output, qr/^make $goal\s+\w/m, "make help describes $goal";
}
my ($version) = $makefile =~ /^VERSION := (\d+\.\d+\.\d+)$/m;
like $changes, qr/^## \Q$version\E, \d{4}-\d\d-\d\d$/m,
    'CHANGES.md has a dated section for the version of the Makefile';

# ---- make install ----

my $root = "$dir/a root";
($status, $output) = run("make install DESTDIR='$root'");
is $status, 0, 'make install works in a path with a space' or diag $output;
my @found = split /\n/, `find '$root' -printf '%m %y %P\n'`;
my ($module) = grep { m{/mod_cors\.so$} } @found;
like $module, qr/^644 f /, 'the module has mode 644, whatever the umask';
is_deeply [grep { !/^(?:755 d|644 f|755 f bin)/ && !/\bbin\// } @found], [],
    'and each directory 755';
($status, $output) = run("make uninstall DESTDIR='$root'");
is $status, 0, 'make uninstall works' or diag $output;
is `find '$root' -type f`, '', 'and leaves no file';

# ---- make dist ----

my @archives;
for my $umask ('022', '077') {
    ($status, $output) = run("umask $umask; make dist BUILD=$dir/$umask");
    is $status, 0, "make dist works with umask $umask" or diag $output;
    push @archives, read_file("$dir/$umask/mod_cors-$version.tar.gz");
}
ok $archives[0] eq $archives[1], 'and gives the same bytes each time';
mkdir "$dir/unpacked";
run("tar -xzf $dir/022/mod_cors-$version.tar.gz -C $dir/unpacked");
($status, $output) = run("make -C $dir/unpacked/mod_cors-$version dist");
is $status, 0, 'the archive can be packed without git' or diag $output;
ok read_file("$dir/unpacked/mod_cors-$version/build/mod_cors-$version.tar.gz")
    eq $archives[0], 'and gives itself';

done_testing;
