package tracee

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParseMapping(t *testing.T) {
	const r, w, x = unix.PROT_READ, unix.PROT_WRITE, unix.PROT_EXEC
	tests := []struct {
		line string
		want Mapping
	}{
		{"00100000-00101000 r-xp 00000000 00:01 2049                               /memfd:stepback (deleted)",
			Mapping{Start: 0x100000, End: 0x101000, Prot: r | x, Dev: unix.Mkdev(0, 1), Ino: 2049, Name: "/memfd:stepback (deleted)"}},
		{"7f3d5a8f1000-7f3d5a917000 r--p 00028000 fe:01 131110                     /usr/lib/x86_64-linux-gnu/libc.so.6",
			Mapping{Start: 0x7f3d5a8f1000, End: 0x7f3d5a917000, Prot: r, Offset: 0x28000, Dev: unix.Mkdev(0xfe, 1), Ino: 131110, Name: "/usr/lib/x86_64-linux-gnu/libc.so.6"}},
		{"7ffd8c39e000-7ffd8c3bf000 rw-p 00000000 00:00 0                          [stack]",
			Mapping{Start: 0x7ffd8c39e000, End: 0x7ffd8c3bf000, Prot: r | w, Name: "[stack]"}},
		{"7f0000000000-7f0000001000 ---p 00000000 00:00 0 ",
			Mapping{Start: 0x7f0000000000, End: 0x7f0000001000}},
		{"7f0000000000-7f0000001000 rwxs 00000000 00:00 0",
			Mapping{Start: 0x7f0000000000, End: 0x7f0000001000, Prot: r | w | x, Shared: true}},
		{"7f0000000000-7f0000001000 rw-s 00001000 00:05 12 /SYSV00000000 (deleted)",
			Mapping{Start: 0x7f0000000000, End: 0x7f0000001000, Prot: r | w, Shared: true, Offset: 0x1000, Dev: unix.Mkdev(0, 5), Ino: 12, Name: "/SYSV00000000 (deleted)"}},
		{"7f0000000000-7f0000001000 r--p 00000000 08:02 77 /a path  with spaces ",
			Mapping{Start: 0x7f0000000000, End: 0x7f0000001000, Prot: r, Dev: unix.Mkdev(8, 2), Ino: 77, Name: "/a path  with spaces "}},
		{"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
			Mapping{Start: 0xffffffffff600000, End: 0xffffffffff601000, Prot: x, Name: "[vsyscall]"}},
	}
	for _, tt := range tests {
		if got, err := parseMapping(tt.line); err != nil || got != tt.want {
			t.Errorf("%q:\n got %+v, %v\nwant %+v", tt.line, got, err, tt.want)
		}
	}
	for _, line := range []string{
		"",
		"7f0000000000",
		"7f0000000000-7f0000001000",
		"7f0000000000-7f0000001000 rw-",
		"7f0000000000 7f0000001000 rw-p 00000000 00:00 0",
		"7f000000000g-7f0000001000 rw-p 00000000 00:00 0",
		"17f000000000000000-7f0000001000 rw-p 00000000 00:00 0",
		"7f0000000000-7f0000001000 rw-p zero 00:00 0",
		"7f0000000000-7f0000001000 rw-p 00000000 0000 0",
		"7f0000000000-7f0000001000 rw-p 00000000 00:00 0x10",
		"7f0000000000-7f0000001000 rw-p 00000000 00:00",
	} {
		if got, err := parseMapping(line); err == nil {
			t.Errorf("%q is accepted: %+v", line, got)
		}
	}
}

// A line that is accepted means what it says: written as the kernel does, it
// is read the same.
func FuzzParseMapping(f *testing.F) {
	f.Add("7f3d5a8f1000-7f3d5a917000 r--p 00028000 fe:01 131110   /usr/lib/x86_64-linux-gnu/libc.so.6")
	f.Add("7ffd8c39e000-7ffd8c3bf000 rw-p 00000000 00:00 0        [stack]")
	f.Add("7f0000000000-7f0000001000 ---s 00000000 00:00 0 ")
	f.Fuzz(func(t *testing.T, line string) {
		m, err := parseMapping(line)
		if err != nil {
			return
		}
		perms := []byte("---p")
		for i, c := range "rwx" {
			if m.Prot&[]uint32{unix.PROT_READ, unix.PROT_WRITE, unix.PROT_EXEC}[i] != 0 {
				perms[i] = byte(c)
			}
		}
		if m.Shared {
			perms[3] = 's'
		}
		again := fmt.Sprintf("%08x-%08x %s %08x %02x:%02x %d %s", m.Start, m.End, perms, m.Offset, unix.Major(m.Dev), unix.Minor(m.Dev), m.Ino, m.Name)
		if got, err := parseMapping(again); err != nil || got != m {
			t.Errorf("%q is %+v, but %q is %+v, %v", line, m, again, got, err)
		}
	})
}

func TestReadMaps(t *testing.T) {
	maps, err := ReadMaps(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(maps, func(a, b Mapping) int { return int(int64(a.Start>>12) - int64(b.Start>>12)) }) {
		t.Error("the mappings are not sorted")
	}
	if !slices.ContainsFunc(maps, func(m Mapping) bool { return m.Name == "[stack]" }) {
		t.Error("there is no stack")
	}
	const nobody = 1 << 30 // above any pid_max
	if _, err := ReadMaps(nobody); err != ErrGone {
		t.Errorf("ReadMaps of no process: %v, want ErrGone", err)
	}
}
