package symbols

import (
	"bufio"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"stepback/recorder/trace"
)

// spaceOf is a process with one file.
func spaceOf(t testing.TB, path string, bias uint64) *Space {
	t.Helper()
	s := cacheOf(t, path).Space(load(t, path, bias, trace.Hash{1}))
	if len(s.Modules) != 1 {
		t.Fatalf("%s is %d modules", path, len(s.Modules))
	}
	return s
}

// A frame as addr2line prints it.
type printed struct{ function, file, line string }

// addr2line asks for the inlined frames of addresses.
func addr2line(t *testing.T, file string, addrs []uint64) map[uint64][]printed {
	c := exec.Command(cmp.Or(os.Getenv("ADDR2LINE"), "addr2line"), "-a", "-i", "-f", "-C", "-e", file)
	var in strings.Builder
	for _, a := range addrs {
		fmt.Fprintf(&in, "%#x\n", a)
	}
	c.Stdin = strings.NewReader(in.String())
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	frames := map[uint64][]printed{}
	var at uint64
	for s := bufio.NewScanner(strings.NewReader(string(out))); s.Scan(); {
		line := s.Text()
		if strings.HasPrefix(line, "0x") {
			fmt.Sscanf(line, "0x%x", &at)
			continue
		}
		s.Scan()
		place, _, _ := strings.Cut(s.Text(), " (discriminator")
		i := strings.LastIndexByte(place, ':')
		frames[at] = append(frames[at], printed{line, path.Clean(place[:i]), strings.Replace(place[i+1:], "?", "0", 1)})
	}
	return frames
}

func TestAddr2line(t *testing.T) {
	for _, file := range strings.Fields(os.Getenv("ORACLE")) {
		t.Run(path.Base(file), func(t *testing.T) {
			s := spaceOf(t, file, 0)
			var addrs []uint64
			n, err := s.Modules[0].info()
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 2))
			for range 2000 {
				sp := n.spans[random.IntN(len(n.spans))]
				addrs = append(addrs, sp.Low+random.Uint64N(sp.High-sp.Low))
			}
			slices.Sort(addrs)
			addrs = slices.Compact(addrs)
			bad := 0
			for addr, want := range addr2line(t, file, addrs) {
				var got []printed
				for _, f := range s.Frames(addr) {
					got = append(got, printed{f.Name, f.Position.File, fmt.Sprint(f.Position.Line)})
				}
				if !slices.EqualFunc(got, want, samePrinted) && !(len(got) > 0 && slices.ContainsFunc(rowsAt(n, addr), func(p printed) bool {
					g := slices.Clone(got)
					g[0].file, g[0].line = p.file, p.line
					return slices.EqualFunc(g, want, samePrinted)
				})) {
					if bad++; bad < 12 {
						t.Errorf("%#x:\n got  %v\n want %v", addr, got, want)
					}
				}
			}
			t.Logf("%d of %d differ", bad, len(addrs))
		})
	}
}

// samePrinted: addr2line prints parameters and results too, or does not know how to demangle a name.
func samePrinted(got, want printed) bool {
	return got.file == want.file && got.line == want.line &&
		(strings.Contains(compact(want.function), compact(got.function)) || strings.HasPrefix(want.function, "_Z"))
}

// rowsAt is the lines of all rows with the address of the one for pc. gdb and this package take one that begins
// a statement, addr2line the last.
func rowsAt(n *info, pc uint64) (list []printed) {
	u, _ := n.find(pc)
	if u == nil {
		return nil
	}
	rows := u.table().sequenceAt(pc)
	at, ok := rowAt(rows, pc)
	for i := range rows {
		if ok && rows[i].addr == rows[at].addr {
			p := u.table().position(&rows[i])
			list = append(list, printed{file: p.File, line: fmt.Sprint(p.Line)})
		}
	}
	return list
}
