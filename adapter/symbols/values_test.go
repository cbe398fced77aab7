package symbols

import (
	"context"
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stepback/adapter/symbols/frame"
	"stepback/adapter/symbols/location"
	"stepback/replayer"
)

// program is the debug information of the program under test.
type program struct {
	*dwarf.Data
	lists     location.Lists
	functions []function
	t         testing.TB
}

// function has two parameters of which we know something.
type function struct {
	name    string
	ranges  [][2]uint64
	base    []byte
	n, twin any // DW_AT_location
	unitLow uint64
}

func readProgram(t testing.TB, f *elf.File, version int) *program {
	t.Helper()
	d, err := f.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Data: d, t: t}
	if s := f.Section(map[int]string{4: ".debug_loc", 5: ".debug_loclists"}[version]); s != nil {
		data, err := s.Data()
		if err != nil {
			t.Fatal(err)
		}
		p.lists = location.Lists{Version: version, Data: data}
	}
	name := func(e *dwarf.Entry) string {
		for {
			if s, ok := e.Val(dwarf.AttrName).(string); ok {
				return s
			}
			origin, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
			if !ok {
				return ""
			}
			r := d.Reader()
			r.Seek(origin)
			if e, err = r.Next(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var now *function
	low := uint64(0)
	for r := d.Reader(); ; {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			return p
		}
		switch e.Tag {
		case dwarf.TagCompileUnit:
			low, _ = e.Val(dwarf.AttrLowpc).(uint64)
		case dwarf.TagSubprogram:
			now = nil
			if ranges, err := d.Ranges(e); err == nil && len(ranges) > 0 {
				base, _ := e.Val(dwarf.AttrFrameBase).([]byte)
				p.functions = append(p.functions, function{name: name(e), ranges: ranges, base: base, unitLow: low})
				now = &p.functions[len(p.functions)-1]
			}
		case dwarf.TagInlinedSubroutine:
			r.SkipChildren()
		case dwarf.TagFormalParameter:
			switch {
			case now == nil:
			case name(e) == "n":
				now.n = e.Val(dwarf.AttrLocation)
			case name(e) == "twin":
				now.twin = e.Val(dwarf.AttrLocation)
			}
		}
	}
}

// at is the function at a pc of the file.
func (p *program) at(pc uint64) *function {
	for i, f := range p.functions {
		for _, r := range f.ranges {
			if r[0] <= pc && pc < r[1] {
				return &p.functions[i]
			}
		}
	}
	return nil
}

// env is that of a frame of the program; nil if it is none.
func (p *program) env(s frame.Stack, i int, bias uint64, read func(uint64, []byte) error) (*location.Env, *function) {
	if i >= len(s.Frames) {
		return nil, nil
	}
	at := s.Frames[i]
	f := p.at(at.At() - bias)
	if f == nil {
		return nil, nil
	}
	env := &location.Env{
		Bias: bias, Read: read, Register: at.Regs.Read,
		CFA: func() (uint64, error) { return at.CFA, nil },
	}
	env.FrameBase = func() (uint64, error) { return env.Value(f.base) }
	env.Entry = func(expr []byte) (uint64, error) {
		caller, _ := p.env(s, i+1, bias, read)
		if caller == nil {
			return 0, location.ErrNoCallSite
		}
		site, err := location.FindCallSite(p.Data, s.Frames[i+1].PC-bias)
		if err != nil {
			return 0, err
		}
		return site.Entry(caller)(expr)
	}
	return env, f
}

// value is a parameter's.
func (p *program) value(env *location.Env, f *function, attr any, pc uint64) (n int64, how string, err error) {
	expr, _ := attr.([]byte)
	if offset, ok := attr.(int64); ok {
		p.lists.Low = f.unitLow
		if expr, err = p.lists.Find(uint64(offset), pc); err != nil {
			return 0, "", err
		}
	}
	l, err := env.Locate(expr)
	how = location.Format(expr, 4)
	if err != nil {
		return 0, how, err
	}
	var b [8]byte
	if err := l.Read(env, b[:]); err != nil {
		return 0, how, err
	}
	for i := range b {
		n |= int64(b[i]) << (8 * i)
	}
	return n, how, nil
}

// calls are probes at the begin of functions, when the program is loaded.
func (r *recorded) calls(names ...string) (probes []replayer.Probe) {
	r.t.Helper()
	for event := r.Len() / 2; len(probes) < len(names); event++ {
		if err := r.Seek(context.Background(), replayer.Time{Event: event}); err != nil {
			r.t.Fatal(err)
		}
		maps, err := r.Mappings(r.thread().PID)
		if err != nil {
			r.t.Fatal(err)
		}
		probes = nil
		for _, name := range names {
			if addr, err := r.Space(maps).Address(name); err == nil {
				probes = append(probes, replayer.Probe{PC: addr})
			}
		}
	}
	return probes
}

// whole reads memory of a thread, or fails.
func (r *recorded) whole(h *replayer.Thread) func(addr uint64, p []byte) error {
	return func(addr uint64, p []byte) error {
		if n, err := r.ReadMemory(h.PID, addr, p); err != nil || n < len(p) {
			return fmt.Errorf("there is no memory at %#x", addr)
		}
		return nil
	}
}

// named is that of a file with this name.
func (s *Space) named(name string) Module {
	for _, m := range s.Modules {
		if filepath.Base(m.Name) == name {
			return m
		}
	}
	return Module{}
}

// Parameters in all frames have values that fit each other.
func TestParameters(t *testing.T) {
	for _, tt := range []struct {
		what    string
		version int
		flags   []string
	}{
		{"DWARF 5", 5, []string{"-O2", "-g", "-gdwarf-5"}},
		{"DWARF 4", 4, []string{"-O2", "-g", "-gdwarf-4"}},
		{"size", 5, []string{"-Os", "-g", "-fno-pie", "-no-pie"}},
		{"not optimized", 5, []string{"-O0", "-g"}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			r := record(t, "values.c", append(tt.flags, "-pthread")...)
			random := rand.New(rand.NewPCG(4, 1))
			good, entry, without := 0, 0, map[string]int{}
			var p *program
			probes, ctx := r.calls("dead", "many", "recurse"), context.Background()
			for range 25 {
				hit, err := r.FindNth(ctx, probes, 1+random.Uint64N(60))
				if err != nil || hit == nil {
					t.Fatal(hit, err)
				}
				at := hit.Time
				at.Steps += random.Uint64N(40)
				var beyond *replayer.BeyondError
				if err := r.Seek(ctx, at); err != nil && !errors.As(err, &beyond) {
					t.Fatal(err)
				}
				h := r.thread()
				if h == nil {
					continue
				}
				s, space := r.stack(h)
				module := space.named("program")
				if p == nil {
					p = readProgram(t, module.elf, tt.version)
				}
				read := r.whole(h)
				for i := range s.Frames {
					env, f := p.env(s, i, module.Bias, read)
					if env == nil || f.n == nil || f.twin == nil || f.name == "main" {
						continue
					}
					pc := s.Frames[i].At() - module.Bias
					n, how, err := p.value(env, f, f.n, pc)
					var twin int64
					var howTwin string
					if err == nil {
						twin, howTwin, err = p.value(env, f, f.twin, pc)
					}
					if err != nil {
						without[fmt.Sprintf("%s: %s, %s: %v", f.name, how, howTwin, err)]++
						continue
					}
					good++
					if strings.Contains(how+howTwin, "entry_value") {
						entry++
					}
					// At -O0, the parameters are where their location says only behind the prologue.
					if twin != 3*n+7 && tt.what != "not optimized" {
						t.Errorf("%s: %s, frame %d: n is %d (%s), twin %d (%s)", at, f.name, i, n, how, twin, howTwin)
					}
				}
			}
			t.Logf("%d pairs, %d of values at entry; not known: %v", good, entry, without)
			if good < 50 {
				t.Error("these are few")
			}
		})
	}
}

// threadLocal is the offset of the variable own or theirs.
func threadLocal(t testing.TB, f *File) uint64 {
	t.Helper()
	list, err := f.elf.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if elf.ST_TYPE(s.Info) == elf.STT_TLS && (s.Name == "own" || s.Name == "theirs") {
			return s.Value
		}
	}
	t.Fatal("the variable has no symbol")
	return 0
}

// Variables of threads are where the program says, in every thread and file.
func TestTLS(t *testing.T) {
	for _, tt := range []struct {
		what           string
		flags, library []string
	}{
		{"loaded late", nil, []string{}},
		{"loaded late, among the first", nil, []string{"-ftls-model=initial-exec"}},
		{"at a fixed address", []string{"-no-pie", "-fno-pie"}, nil},
		{"static", []string{"-static"}, nil},
	} {
		t.Run(tt.what, func(t *testing.T) {
			flags := append(tt.flags, "-O1", "-pthread")
			if tt.library != nil {
				path := filepath.Join(t.TempDir(), "library.so")
				c := exec.Command("gcc", append(tt.library, "-shared", "-fPIC", "-x", "c", "-o", path, "-")...)
				c.Stdin = strings.NewReader("static __thread long first = 1, theirs = 2; void *their(void) { return &theirs + first * 0; }")
				if out, err := c.CombinedOutput(); err != nil {
					t.Skipf("gcc: %v\n%s", err, out)
				}
				flags = append(flags, fmt.Sprintf("-DLIBRARY=%q", path))
			}
			r := record(t, "values.c", flags...)
			probes := r.calls("noted")
			if _, err := r.Last(context.Background()); err != nil {
				t.Fatal(err)
			}
			seen := map[int]bool{}
			for {
				hit, err := r.FindLast(context.Background(), probes)
				if err != nil {
					t.Fatal(err)
				}
				if hit == nil {
					break
				}
				h := r.thread()
				seen[h.ID] = true
				maps, err := r.Mappings(h.PID)
				if err != nil {
					t.Fatal(err)
				}
				space := r.Space(maps)
				for file, want := range map[string]uint64{"program": h.Regs.Rdi, "library.so": h.Regs.Rsi} {
					if want == 0 {
						continue
					}
					m := space.named(file)
					if got, err := m.TLS(h.Regs.FsBase, threadLocal(t, m.File), r.whole(h)); err != nil || got != want {
						t.Errorf("%s of thread %d: %#x, %v, want %#x", file, h.ID, got, err, want)
					}
				}
				if tt.library != nil && len(seen) == 1 && h.Regs.Rsi == 0 {
					t.Error("the library was not loaded")
				}
			}
			if len(seen) != 2 {
				t.Errorf("threads %v", seen)
			}
		})
	}
}
