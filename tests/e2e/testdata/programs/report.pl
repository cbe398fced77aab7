# Hashes, regular expressions, sorting, files, a pipe and a forked child.
use strict;
use warnings;

my (%count, %length);
open(my $out, '>', 'words.txt') or die $!;
for my $i (1 .. 20000) {
    print $out join(' ', map { 'w' . (($i * $_ * 7919) % 1009) } 1 .. 5), "\n";
}
close $out;
open(my $in, '<', 'words.txt') or die $!;
while (<$in>) {
    $count{$_}++ for /\bw(\d+)\b/g;
}
close $in;
my @top = (sort { $count{$b} <=> $count{$a} || $a <=> $b } keys %count)[0 .. 4];
printf "%s: %d\n", $_, $count{$_} for @top;
my $text = join '', map { chr(97 + $_ % 26) } 1 .. 5000;
(my $other = $text) =~ s/([aeiou])(.)/$2$1/g;
print length($other), ' ', unpack('%32C*', $other), "\n";
open(my $pipe, '-|', 'sort', '-u', 'words.txt') or die $!;
my $lines = () = <$pipe>;
close $pipe;
print "lines $lines\n";
my $pid = fork;
exit 4 unless $pid;
waitpid $pid, 0;
print 'child ', $? >> 8, "\n";
local $SIG{ALRM} = sub { print "alarm\n" };
alarm 1;
select undef, undef, undef, 5;
printf STDERR "done\n";
