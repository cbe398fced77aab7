package replayer_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stepback/internal/tracee"
	"stepback/replayer"
)

// What the timeline says is mapped is what the program read in /proc/self/maps.
func TestMappings(t *testing.T) {
	rec := open(t, recordSource(t, "maps", "-no-pie"))
	at := symbols(t, rec)
	l := travel(t, rec, replayer.TravelOptions{})
	probes := []replayer.Probe{{PC: at["looked"]}}
	for _, h := range hits(t, l, l.FindNext, probes, 99) {
		checkMappings(t, l, h.Time, at)
	}
	if _, err := l.Last(context.Background()); err != nil {
		t.Fatal(err)
	}
	back := hits(t, l, l.FindLast, probes, 99)
	if len(back) != 5 {
		t.Errorf("%d looks, want 5", len(back))
	}
	for _, h := range back { // from save points
		checkMappings(t, l, h.Time, at)
	}
}

func checkMappings(t *testing.T, l replayer.Timeline, when replayer.Time, at map[string]uint64) {
	t.Helper()
	if err := l.Seek(context.Background(), when); err != nil {
		t.Fatal(err)
	}
	var pid int
	threads, _ := l.Threads()
	for _, h := range threads {
		if h.Next {
			pid = h.PID
		}
	}
	read := func(name string, n int) []byte {
		p := make([]byte, n)
		if got, err := l.ReadMemory(pid, at[name], p); err != nil || got != n {
			t.Fatalf("reading %s: %d bytes, %v", name, got, err)
		}
		return p
	}
	length := binary.LittleEndian.Uint32(read("length", 4))
	var want []string
	for line := range strings.Lines(string(read("list", int(length)))) {
		var start, end, offset uint64
		var prot, device, name string
		var inode int
		fmt.Sscanf(line, "%x-%x %s %x %s %d", &start, &end, &prot, &offset, &device, &inode)
		if fields := strings.SplitN(strings.TrimSpace(line), " ", 6); len(fields) == 6 {
			name = strings.TrimSpace(fields[5])
		}
		if start >= tracee.AreaStart && end <= tracee.AreaEnd || name == "[vsyscall]" {
			continue
		}
		want = appendPages(want, start, end, prot, offset, name, inode != 0)
	}
	list, err := l.Mappings(pid)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range list {
		prot := []byte("---p")
		for i := range 3 {
			if m.Prot>>i&1 != 0 {
				prot[i] = "rwx"[i]
			}
		}
		if m.Shared {
			prot[3] = 's'
		}
		got = appendPages(got, m.Start, m.End, string(prot), m.Offset, m.Name, !m.Blob.IsZero())
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("at %s (-program +timeline):\n%s", when, d)
	}
	if !slices.ContainsFunc(list, func(m replayer.Mapping) bool { return strings.Contains(m.Name, "libc.so") }) {
		t.Errorf("at %s, no libc", when)
	}
}

// appendPages describes a mapping page by page, as the kernel joins neighbours.
func appendPages(list []string, start, end uint64, prot string, offset uint64, name string, file bool) []string {
	for page := start; page < end; page += 4096 {
		text := fmt.Sprintf("%x %s %s", page, prot, name)
		if file {
			text += fmt.Sprintf(" at %x", offset+page-start)
		}
		list = append(list, text)
	}
	return list
}
