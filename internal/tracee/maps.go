package tracee

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Mapping is a line of /proc/PID/maps (proc_pid_maps(5)).
type Mapping struct {
	Start, End uint64
	Prot       uint32 // PROT_*
	Shared     bool
	Offset     uint64
	Dev, Ino   uint64 // of the file; zero for anonymous memory
	Name       string // path of the file, or a name in brackets
}

// ReadMaps reads the mappings of a process.
func ReadMaps(tid int) ([]Mapping, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", tid))
	if err != nil {
		return nil, ErrGone
	}
	var list []Mapping
	for line := range strings.Lines(string(b)) {
		m, err := parseMapping(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("/proc/%d/maps: %q: %w", tid, line, err)
		}
		list = append(list, m)
	}
	return list, nil
}

// parseMapping parses "START-END PERMS OFFSET MAJOR:MINOR INODE  NAME".
func parseMapping(line string) (m Mapping, err error) {
	next := func() string {
		line = strings.TrimLeft(line, " ")
		word, rest, _ := strings.Cut(line, " ")
		line = rest
		return word
	}
	number := func(s string, base int) uint64 {
		v, e := strconv.ParseUint(s, base, 64)
		if e != nil && err == nil {
			err = e
		}
		return v
	}
	start, end, _ := strings.Cut(next(), "-")
	m.Start, m.End = number(start, 16), number(end, 16)
	perms := next()
	if len(perms) != 4 {
		return m, fmt.Errorf("permissions %q", perms)
	}
	for i, bit := range []uint32{unix.PROT_READ, unix.PROT_WRITE, unix.PROT_EXEC} {
		if perms[i] != '-' {
			m.Prot |= bit
		}
	}
	m.Shared = perms[3] == 's'
	m.Offset = number(next(), 16)
	major, minor, _ := strings.Cut(next(), ":")
	dev := unix.Mkdev(uint32(number(major, 16)), uint32(number(minor, 16)))
	if m.Ino = number(next(), 10); m.Ino != 0 {
		m.Dev = dev
	}
	m.Name = strings.TrimLeft(line, " ")
	return m, err
}
