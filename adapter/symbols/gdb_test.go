package symbols

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// gdbScript prints the places of breakpoints.
const gdbScript = `
import gdb
for spec in open(%q).read().split("\n"):
    try:
        b = gdb.Breakpoint(spec)
        print("BREAK", spec, *sorted(set("%%x" %% l.address for l in b.locations)))
        b.delete()
    except Exception as e:
        print("BREAK", spec)
`

// gdbBreaks is where gdb puts breakpoints, by what they are asked for.
func gdbBreaks(t *testing.T, file string, specs []string) map[string][]uint64 {
	dir := t.TempDir()
	list, script := filepath.Join(dir, "specs"), filepath.Join(dir, "breaks.py")
	for name, text := range map[string]string{list: strings.Join(specs, "\n"), script: fmt.Sprintf(gdbScript, list)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gdb, err := exec.LookPath("gdb")
	if err != nil {
		t.Skip("there is no gdb to compare with")
	}
	out, err := exec.Command(gdb, "-q", "-nx", "-batch", "-iex", "set breakpoint pending off", "-iex", "set debuginfod enabled off", "-x", script, file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	places := map[string][]uint64{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "BREAK" {
			continue
		}
		places[words[1]] = nil
		for _, w := range words[2:] {
			var addr uint64
			fmt.Sscanf(w, "%x", &addr)
			places[words[1]] = append(places[words[1]], addr)
		}
		slices.Sort(places[words[1]])
	}
	return places
}

// TestGDB compares breakpoints with gdb's, in code that is not optimized. In optimized code the places differ by intent:
//   - gdb leaves out lines without instructions before a change of the file; here they have a place.
//   - gdb before version 14 ignores where clang says that a prologue ends, and DW_AT_entry_pc.
//   - For a line without code gdb takes the next one of any function.
func TestGDB(t *testing.T) {
	text, err := os.ReadFile("testdata/lines.cc")
	if err != nil {
		t.Fatal(err)
	}
	functions := []string{"main", "ns::Class::method", "method", "hidden", "plain", "ns::twice", "twice<int>", "ns::inner", "Class"}
	for _, b := range builds() {
		if b.optimized() {
			continue
		}
		t.Run(b.String(), func(t *testing.T) {
			path := compileLines(t, b)
			s := spaceOf(t, path, 0)
			got := map[string][]uint64{}
			for _, name := range functions {
				for _, f := range s.FunctionsNamed(name) {
					got[name] = append(got[name], f.Body)
				}
			}
			specs := slices.Clone(functions)
			for i := range strings.Count(string(text), "\n") {
				spec := fmt.Sprintf("lines.cc:%d", i+1)
				for _, l := range s.Locations("lines.cc", i+1) {
					if l.Position.Line == i+1 {
						got[spec] = append(got[spec], l.Addr)
					}
				}
				if len(got[spec]) > 0 {
					specs = append(specs, spec)
				}
			}
			want := gdbBreaks(t, path, specs)
			for _, spec := range specs {
				slices.Sort(got[spec])
				if !slices.Equal(got[spec], want[spec]) {
					t.Errorf("%s is at %x, gdb says %x", spec, got[spec], want[spec])
				}
			}
		})
	}
}
