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

func TestGDBBreaks(t *testing.T) {
	for _, file := range strings.Fields(os.Getenv("ORACLE")) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s := spaceOf(t, file, 0)
			specs := strings.Fields("main ns::Class::method method hidden work ns::twice twice in1 ns::in2 stat Class prog.cc:work std::vector<int>::push_back ns::twice<int>")
			functions := len(specs)
			for line := range 60 {
				specs = append(specs, fmt.Sprintf("prog.cc:%d", line+1))
			}
			want := gdbBreaks(t, file, specs)
			for i, spec := range specs {
				var got []uint64
				note := ""
				if i < functions {
					for _, f := range s.FunctionsNamed(spec) {
						got = append(got, f.Body)
					}
				} else {
					for _, l := range s.Locations("prog.cc", i-functions+1) {
						got = append(got, l.Addr)
						note = fmt.Sprint(" line ", l.Position.Line)
					}
				}
				slices.Sort(got)
				got = slices.Compact(got)
				if !slices.Equal(got, want[spec]) {
					t.Errorf("%s: got %x%s, gdb has %x", spec, got, note, want[spec])
				}
			}
		})
	}
}
