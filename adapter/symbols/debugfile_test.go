package symbols

import (
	"bytes"
	"debug/elf"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stepback/recorder/trace"
)

// run runs a tool of binutils or dwz.
func run(t testing.TB, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("there is no %s", name)
	}
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// known says whether a file has debug information, with its supplement.
func known(t *testing.T, path string, dirs ...string) bool {
	t.Helper()
	c := cacheOf(t, path)
	c.DebugDirs = dirs
	s := c.Space(load(t, path, bias, trace.Hash{1}))
	list := s.FunctionsNamed("ns::Class::method")
	if len(list) == 1 {
		data, err := s.Modules[0].DWARF()
		if err != nil || list[0].DIE == 0 || list[0].Declared.Line == 0 {
			t.Errorf("%v, %+v", err, list[0])
			return false
		}
		r := data.Reader()
		r.Seek(list[0].DIE)
		if _, err := r.Next(); err != nil {
			t.Error(err)
		}
		return true
	}
	if _, err := s.Modules[0].DWARF(); !errors.Is(err, ErrNoDebugInfo) {
		t.Error(err)
	}
	return false
}

func TestSeparateFiles(t *testing.T) {
	whole := compileLines(t, build{"g++", []string{"-gdwarf-5", "-O1", "-Wl,--build-id"}})
	dir := filepath.Dir(whole)
	f, err := elf.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	id := hex.EncodeToString(buildID(f))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	debug := filepath.Join(dir, "program.debug")
	run(t, "objcopy", "--only-keep-debug", whole, debug)
	stripped := filepath.Join(dir, "bin", "program")
	linked := filepath.Join(dir, "bin", "linked")
	noID := filepath.Join(dir, "bin", "noid")
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	run(t, "strip", "-o", stripped, whole)
	run(t, "objcopy", "--add-gnu-debuglink="+debug, stripped, linked)
	run(t, "objcopy", "--remove-section=.note.gnu.build-id", linked, noID)
	if known(t, stripped, dir) {
		t.Error("there is debug information in a stripped file")
	}
	for _, tt := range []struct {
		place, program string
		dirs           []string
	}{
		{"system/.build-id/" + id[:2] + "/" + id[2:] + ".debug", stripped, []string{filepath.Join(dir, "system")}},
		{"bin/program.debug", linked, nil},
		{"bin/.debug/program.debug", noID, nil},
		{"system" + dir + "/bin/program.debug", linked, []string{"/nowhere", filepath.Join(dir, "system")}},
		{"mine/program.debug", noID, []string{filepath.Join(dir, "mine")}},
	} {
		place := filepath.Join(dir, tt.place)
		if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(debug)
		if err != nil {
			t.Fatal(err)
		}
		for _, right := range []bool{true, false} {
			if !right { // another build: another identification, another checksum
				id, err := hex.DecodeString(id)
				if err != nil {
					t.Fatal(err)
				}
				data[bytes.Index(data, id)] ^= 1
			}
			if err := os.WriteFile(place, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if got := known(t, tt.program, tt.dirs...); got != right {
				t.Errorf("%s for %s: found is %v, right is %v", tt.place, filepath.Base(tt.program), got, right)
			}
		}
		if err := os.Remove(place); err != nil {
			t.Fatal(err)
		}
	}
}

// What dwz has moved to a supplementary file is found there, or named as missing.
func TestSupplement(t *testing.T) {
	one := compileLines(t, build{"g++", []string{"-gdwarf-4", "-O1", "-Wl,--build-id"}})
	two := compileLines(t, build{"g++", []string{"-gdwarf-4", "-O0", "-Wl,--build-id"}})
	common := filepath.Join(t.TempDir(), "common.debug")
	run(t, "dwz", "-m", common, one, two)
	for _, path := range []string{one, two} {
		if !known(t, path) {
			t.Errorf("%s has no debug information", path)
		}
	}
	if err := os.Remove(common); err != nil {
		t.Fatal(err)
	}
	s := spaceOf(t, two, bias)
	n, err := s.Modules[0].info()
	if err != nil || n.altErr == nil || !strings.Contains(n.altErr.Error(), common) {
		t.Errorf("%v, %v", err, n)
	}
	if len(s.Locations("lines.cc", marks(t)["IN PLAIN"])) != 1 {
		t.Error("lines are not known")
	}
	if missing := s.Modules[0].Missing(); len(missing) != 1 {
		t.Errorf("missing is %v", missing)
	}
}

func TestOldCompression(t *testing.T) {
	path := compileLines(t, build{"g++", []string{"-gdwarf-4", "-O0"}})
	run(t, "objcopy", "--compress-debug-sections=zlib-gnu", path)
	if !known(t, path) {
		t.Error("it has no debug information")
	}
}

// use asks all questions.
func use(s *Space) {
	for i := range s.Modules {
		n, err := s.Modules[i].info()
		if err != nil {
			continue
		}
		for _, sp := range n.spans[:min(len(n.spans), 8)] {
			for pc := sp.Low; pc < min(sp.High, sp.Low+200); pc += 7 {
				pc += s.Modules[i].Bias
				s.Line(pc)
				s.Frames(pc)
				s.Function(pc)
				s.LineRange(pc)
				pc -= s.Modules[i].Bias
			}
		}
		_, _ = s.Modules[i].DWARF() // an error is fine, a panic is not
	}
	s.FunctionsNamed("ns::Class::method")
	s.FunctionsNamed("lines.cc:twice<int>")
	for line := range 60 {
		s.Locations("lines.cc", line)
	}
	s.BreakableLines("lines.cc", 1, 100)
	s.Sources()
}

// FuzzDebugInfo damages the debug information: the answers are then wrong, but they come.
func FuzzDebugInfo(f *testing.F) {
	for i := range 40 {
		f.Add(uint64(i), uint8(1+i%7), uint8(i%8))
	}
	type file struct {
		path     string
		data     []byte
		sections []*elf.Section
	}
	var files []file
	for _, b := range builds() {
		if b.optimized() {
			path := compileLines(f, b)
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			e, err := elf.NewFile(bytes.NewReader(data))
			if err != nil {
				f.Fatal(err)
			}
			n := file{path: path, data: data}
			for _, s := range e.Sections {
				if strings.HasPrefix(s.Name, ".debug_") {
					n.sections = append(n.sections, s)
				}
			}
			files = append(files, n)
		}
	}
	if len(files) == 0 {
		f.Skip("there is no compiler")
	}
	f.Fuzz(func(t *testing.T, seed uint64, damage, section uint8) {
		random := rand.New(rand.NewPCG(seed, 0))
		file := files[random.IntN(len(files))]
		data := bytes.Clone(file.data)
		s := file.sections[int(section)%len(file.sections)]
		for range int(damage) + 1 {
			at := s.Offset + random.Uint64N(s.FileSize)
			if random.IntN(2) == 0 { // the beginning, where the headers are
				at = s.Offset + random.Uint64N(min(s.FileSize, 64))
			}
			data[at] = [...]byte{0, 1, 0x7f, 0x80, 0xff, byte(random.Uint32())}[random.IntN(6)]
		}
		c := NewCache(func(trace.Hash) (Content, error) { return damaged{bytes.NewReader(data)}, nil })
		use(c.Space(load(t, file.path, 0, trace.Hash{1})))
	})
}
