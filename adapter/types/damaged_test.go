package types_test

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"stepback/adapter/scopes"
	"stepback/adapter/types"
	"stepback/adapter/values"
)

// compile makes a program of C++ and reads it.
func compile(t testing.TB) []byte {
	t.Helper()
	gcc, err := exec.LookPath("g++")
	if err != nil {
		t.Skip("there is no g++")
	}
	path := filepath.Join(t.TempDir(), "program.o")
	source := filepath.Join("testdata", "damaged.cc")
	if out, err := exec.Command(gcc, "-g", "-O0", "-no-pie", "-nostdlib", "-Wl,-e,work", "-o", path, source).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// look looks at all that a file says.
func look(f *elf.File) int {
	d, err := f.DWARF()
	if err != nil {
		return 0
	}
	data, err := types.New(d)
	if err != nil {
		return 0
	}
	seen := 0
	p := &scopes.Process{Memory: func(uint64, []byte) (int, error) { return 0, errors.New("no memory") }, Locator: scopes.Simple{}}
	p.Modules = []*scopes.Module{{End: 1 << 40, Types: data}}
	show := func(l scopes.Local) {
		_ = l.Type.String()
		l.Type.Align()
		v := values.Of(p, l.Type, make([]byte, 256), nil)
		v.Format(values.Options{})
		v.Children("x", 0, 20, nil)
		v.Member("value")
		l.Value.Format(values.Options{Limit: 20})
		seen++
	}
	for pc := uint64(0x401000); pc < 0x401200; pc += 7 {
		s := p.Scope(still(pc))
		parameters, locals := s.Locals()
		for _, l := range append(append(parameters, locals...), s.Globals()...) {
			show(l)
		}
		s.Lookup("ns::global")
		s.Type("ns::Node", "")
	}
	return seen
}

// still is a frame without registers.
type still uint64

func (s still) PC() uint64                { return uint64(s) }
func (still) Register(int) (uint64, bool) { return 0x1000, true }
func (still) CFA() (uint64, bool)         { return 0x1000, true }
func (still) Rule() (int, int64, bool)    { return 7, 8, true }

// Damaged debug information is told as far as it goes, without panic or end.
func TestDamaged(t *testing.T) {
	whole := compile(t)
	f, err := elf.NewFile(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if n := look(f); n < 10 {
		t.Fatalf("only %d variables were seen", n)
	}
	for _, name := range []string{".debug_info", ".debug_abbrev"} {
		s := f.Section(name)
		step := max(int(s.Size)/300, 1)
		for i := 0; i < int(s.Size); i += step {
			for _, flip := range []byte{0xff, 1, 0x40} {
				damaged := bytes.Clone(whole)
				damaged[int(s.Offset)+i] ^= flip
				if f, err := elf.NewFile(bytes.NewReader(damaged)); err == nil {
					look(f)
				}
			}
		}
	}
}

// FuzzDWARF reads debug information of any bytes.
func FuzzDWARF(f *testing.F) {
	whole := compile(f)
	file, err := elf.NewFile(bytes.NewReader(whole))
	if err != nil {
		f.Fatal(err)
	}
	info, abbrev := file.Section(".debug_info"), file.Section(".debug_abbrev")
	infoData, _ := info.Data()
	abbrevData, _ := abbrev.Data()
	f.Add(infoData, abbrevData)
	f.Fuzz(func(t *testing.T, i, a []byte) {
		damaged := bytes.Clone(whole)
		copy(damaged[info.Offset:info.Offset+info.Size], i)
		copy(damaged[abbrev.Offset:abbrev.Offset+abbrev.Size], a)
		if file, err := elf.NewFile(bytes.NewReader(damaged)); err == nil {
			look(file)
		}
	})
}
