package symbols

import (
	"bufio"
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
func addr2line(t *testing.T, tool, file string, addrs []uint64) map[uint64][]printed {
	c := exec.Command(tool, "-a", "-i", "-f", "-C", "-e", file)
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

// TestAddr2line compares the frames of random addresses with those that addr2line prints. They are the same but for these:
//   - Several rows may have an address; addr2line takes the last.
//   - Functions without a linker's name have no scope there, and lambdas another name.
//   - Between functions is padding, which is of no function here.
//
// For clang it is LLVM's: that of binutils 2.40 does not read all of clang's DWARF 5. ORACLE names more programs.
func TestAddr2line(t *testing.T) {
	tools := map[string]string{"g++": "addr2line", "clang++": "llvm-addr2line"}
	for _, b := range builds() {
		t.Run(b.String(), func(t *testing.T) { compareAddr2line(t, tools[b.compiler], compileLines(t, b)) })
	}
	for _, file := range strings.Fields(os.Getenv("ORACLE")) {
		t.Run(path.Base(file), func(t *testing.T) { compareAddr2line(t, "llvm-addr2line", file) })
	}
}

func compareAddr2line(t *testing.T, tool, file string) {
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("there is no %s to compare with", tool)
	}
	s := spaceOf(t, file, 0)
	n, err := s.Modules[0].info()
	if err != nil {
		t.Fatal(err)
	}
	var addrs []uint64
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		sp := n.spans[random.IntN(len(n.spans))]
		addrs = append(addrs, sp.Low+random.Uint64N(sp.High-sp.Low))
	}
	slices.Sort(addrs)
	addrs = slices.Compact(addrs)
	different := 0
	for addr, want := range addr2line(t, tool, file, addrs) {
		var got []printed
		for _, f := range s.Frames(addr) {
			got = append(got, printed{f.Name, f.Position.File, fmt.Sprint(f.Position.Line)})
		}
		if len(got) == 0 {
			continue // padding
		}
		same := slices.EqualFunc(got, want, samePrinted)
		for _, p := range rowsAt(n, addr) {
			got[0].file, got[0].line = p.file, p.line
			same = same || slices.EqualFunc(got, want, samePrinted)
		}
		if !same {
			if different++; different <= 10 {
				t.Errorf("%#x:\n got  %v\n want %v", addr, got, want)
			}
		}
	}
	if different > 0 {
		t.Errorf("%d of %d differ", different, len(addrs))
	}
}

// samePrinted: addr2line prints parameters and results too, or only the end of a name, or does not know how to demangle it.
func samePrinted(got, want printed) bool {
	name, other := compact(got.function), compact(want.function)
	return got.file == want.file && got.line == want.line &&
		(strings.Contains(other, name) || within(other, name) || strings.Contains(name, "{lambda}") || strings.HasPrefix(other, "_Z"))
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
