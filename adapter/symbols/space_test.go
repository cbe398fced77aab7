package symbols

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/recorder/trace"
	"stepback/replayer"
)

const source = `
long counter = 7;
static int zeroed[100];
__attribute__((noinline)) int work(int n) { counter += n; zeroed[n % 100] += n; return n * 2; }
__attribute__((weak)) int weak(void) { return zeroed[1]; }
__asm__(".text; label: nop; nop; nop; .size label, 0");
int main(void) { return work(3) + weak(); }
`

// compile compiles the source with these flags.
func compile(t testing.TB, flags ...string) (path string) {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("there is no gcc to compile a program with")
	}
	path = filepath.Join(t.TempDir(), "program")
	c := exec.Command(gcc, append(flags, "-O1", "-x", "c", "-o", path, "-")...)
	c.Stdin = strings.NewReader(source)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// load is what a loader maps of a file.
func load(t testing.TB, path string, bias uint64, content trace.Hash) (list []replayer.Mapping) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type != elf.PT_LOAD {
			continue
		}
		m := replayer.Mapping{
			Start: bias + memmap.PageDown(p.Vaddr), End: bias + memmap.PageUp(p.Vaddr+p.Filesz),
			Prot: unix.PROT_READ, Name: path, Blob: content, Offset: memmap.PageDown(p.Off),
		}
		if p.Flags&elf.PF_X != 0 {
			m.Prot |= unix.PROT_EXEC
		}
		list = append(list, m)
		if end := bias + memmap.PageUp(p.Vaddr+p.Memsz); end > m.End {
			list = append(list, replayer.Mapping{Start: m.End, End: end, Prot: unix.PROT_READ | unix.PROT_WRITE})
		}
	}
	return list
}

// cacheOf has files with the contents 1, 2, ….
func cacheOf(t testing.TB, paths ...string) *Cache {
	c := NewCache(func(h trace.Hash) (Content, error) {
		if h[0] == 0 || int(h[0]) > len(paths) {
			return nil, errors.New("it is missing")
		}
		return os.Open(paths[h[0]-1])
	})
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestSpace(t *testing.T) {
	for _, tt := range []struct {
		what  string
		flags []string
		bias  uint64
		lacks string // names without symbols
	}{
		{"position-independent", []string{"-pie", "-fPIE"}, 0x555555554000, ""},
		{"at a fixed address", []string{"-no-pie"}, 0, ""},
		{"static", []string{"-static"}, 0, ""},
		{"large pages", []string{"-pie", "-Wl,-z,max-page-size=0x200000"}, 0x7f0000200000, ""},
		{"code beside constants", []string{"-no-pie", "-Wl,-z,noseparate-code"}, 0, ""},
		{"a library", []string{"-shared", "-fPIC"}, 0x7f1234567000, ""},
		{"a stripped library", []string{"-shared", "-fPIC", "-s"}, 0x7f1234567000, "zeroed label"},
		{"stripped", []string{"-s"}, 0x555555554000, "counter zeroed work weak label main"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			path := compile(t, tt.flags...)
			s := cacheOf(t, path).Space(load(t, path, tt.bias, trace.Hash{1}))
			if len(s.Modules) != 1 || s.Modules[0].Bias != tt.bias || s.Modules[0].Name != path {
				t.Fatalf("modules %+v", s.Modules)
			}
			for _, name := range []string{"counter", "zeroed", "work", "weak", "label", "main"} {
				addr, err := s.Address(name)
				if strings.Contains(tt.lacks, name) {
					if err == nil {
						t.Errorf("%s is at %#x", name, addr)
					}
					continue
				}
				if err != nil {
					t.Error(err)
					continue
				}
				for offset, want := range []string{name, name + "+1"} {
					p := s.Lookup(addr + uint64(offset))
					if p.String() != want || p.File != path || !p.Mapped {
						t.Errorf("%#x is %+v, want %s", addr, p, want)
					}
				}
			}
			if p := s.Lookup(tt.bias + 1); p.Symbol != "" {
				t.Errorf("the file's header is %s", p)
			}
			if p := s.Lookup(0x7fffffff0000); p != (Place{}) {
				t.Errorf("nothing is %+v", p)
			}
		})
	}
}

// Mappings that are no modules have names only.
func TestOtherMappings(t *testing.T) {
	path := compile(t, "-shared", "-fPIC")
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, bytes.Repeat([]byte("text "), 2000), 0o600); err != nil {
		t.Fatal(err)
	}
	const rx = unix.PROT_READ | unix.PROT_EXEC
	maps := []replayer.Mapping{
		{Start: 0x10000, End: 0x11000, Prot: unix.PROT_READ, Name: path, Blob: trace.Hash{1}}, // to read it
		{Start: 0x20000, End: 0x21000, Prot: rx, Name: text, Blob: trace.Hash{2}},
		{Start: 0x30000, End: 0x31000, Prot: rx, Blob: trace.Hash{3}}, // missing, in an old recording
		{Start: 0x40000, End: 0x41000, Prot: rx},                      // made at run time
		{Start: 0x50000, End: 0x51000, Prot: unix.PROT_READ, Name: "[stack]"},
	}
	maps = append(maps, load(t, path, 0x100000, trace.Hash{1})...)
	maps = append(maps, load(t, path, 0x200000, trace.Hash{1})...) // loaded twice
	s := cacheOf(t, path, text).Space(maps)
	if len(s.Modules) != 2 || s.Modules[0].Bias != 0x100000 || s.Modules[1].Bias != 0x200000 {
		t.Fatalf("modules %+v", s.Modules)
	}
	for addr, want := range map[uint64]Place{
		0x10123: {Mapped: true, File: path},
		0x20123: {Mapped: true, File: text},
		0x30123: {Mapped: true, File: "file 03000000"},
		0x40123: {Mapped: true},
		0x50123: {Mapped: true, File: "[stack]"},
		0x60123: {},
	} {
		if got := s.Lookup(addr); got != want {
			t.Errorf("%#x is %+v, want %+v", addr, got, want)
		}
	}
	first, err := s.Address("work")
	if p := s.Lookup(first + 0x100000); err != nil || first > 0x200000 || p.String() != "work" {
		t.Errorf("work is at %#x and %+v, %v", first, p, err)
	}
	if _, err := s.Address("nowhere"); err == nil || !strings.Contains(err.Error(), `symbol "nowhere"`) {
		t.Error(err)
	}
}

// Of several symbols, the one that tells most is shown.
func TestLookup(t *testing.T) {
	f := &elf.File{Sections: []*elf.Section{{}, {SectionHeader: elf.SectionHeader{Addr: 0x1000, Size: 0x1000}}}}
	table := &Table{names: map[string]symbol{}}
	symbol := func(name string, addr, size uint64, binding elf.SymBind, typ elf.SymType) {
		table.add(f, elf.Symbol{Name: name, Value: addr, Size: size, Section: 1, Info: elf.ST_INFO(binding, typ)})
	}
	symbol("outer", 0x1000, 0x100, elf.STB_GLOBAL, elf.STT_FUNC)
	symbol("inner", 0x1010, 0x10, elf.STB_LOCAL, elf.STT_FUNC)
	symbol("label", 0x1030, 0, elf.STB_LOCAL, elf.STT_NOTYPE)
	symbol("__alias", 0x1200, 0x10, elf.STB_GLOBAL, elf.STT_FUNC)
	symbol("alias", 0x1200, 0x10, elf.STB_WEAK, elf.STT_FUNC)
	symbol("free", 0x1300, 0, elf.STB_LOCAL, elf.STT_NOTYPE)
	symbol("endless", 0x1f00, ^uint64(0), elf.STB_LOCAL, elf.STT_OBJECT)
	symbol("twice", 0x1400, 8, elf.STB_LOCAL, elf.STT_FUNC)
	symbol("twice", 0x1500, 8, elf.STB_GLOBAL, elf.STT_FUNC)
	symbol("thread", 0x1600, 8, elf.STB_GLOBAL, elf.STT_TLS)
	table.finish()
	for addr, want := range map[uint64]string{
		0xfff: "", 0x1000: "outer", 0x1008: "outer+8", 0x1010: "inner", 0x101f: "inner+15", 0x1020: "outer+32", 0x1034: "outer+52",
		0x1100: "", 0x1200: "alias", 0x1210: "", 0x1310: "free+16", 0x1408: "", 0x1600: "", 0x1f10: "endless+16", 1 << 63: "endless+9223372036854767872",
	} {
		name, offset, ok := table.Lookup(addr)
		got := Place{Symbol: name, Offset: offset}.String()
		if got != want || ok != (want != "") {
			t.Errorf("%#x is %q, %v, want %q", addr, got, ok, want)
		}
	}
	if addr, ok := table.Address("twice"); addr != 0x1500 || !ok {
		t.Errorf("twice is at %#x, %v", addr, ok)
	}
}

// FuzzFile reads damaged ELF files: they have no names, or wrong ones.
func FuzzFile(f *testing.F) {
	whole, err := os.ReadFile(compile(f, "-shared", "-fPIC", "-nostdlib"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(whole[:64])
	f.Add([]byte("\x7fELF"))
	for i := range 64 { // the header, of which every byte matters
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0xff
		f.Add(damaged)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := newFile(bytes.NewReader(data))
		if err != nil {
			return
		}
		file.extent()
		file.bias(0x400000, 0x1000)
		if table, err := file.Table(); err == nil {
			table.Lookup(0x1000)
			table.Address("work")
		}
	})
}

type damaged struct{ io.ReaderAt }

func (damaged) Close() error { return nil }

// A file whose symbols are damaged says so when a name is looked for.
func TestDamagedSymbols(t *testing.T) {
	path := compile(t, "-no-pie")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range f.Sections {
		if s.Type == elf.SHT_SYMTAB { // its header: a size that is no multiple of an entry's
			header := data[len(data)-64*(len(f.Sections)-i):]
			header[32]++
		}
	}
	c := NewCache(func(trace.Hash) (Content, error) { return damaged{bytes.NewReader(data)}, nil })
	s := c.Space(load(t, path, 0, trace.Hash{1}))
	if _, err := s.Address("work"); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%s: reading the symbols: ", path)) {
		t.Error(err)
	}
	if p := s.Lookup(s.Modules[0].Start + 0x1100); p.Symbol != "" || p.File != path {
		t.Errorf("%+v", p)
	}
}
