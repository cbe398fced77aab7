package expr_test

import (
	"context"
	"debug/dwarf"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ianlancetaylor/demangle"

	"stepback/adapter/scopes"
	"stepback/adapter/symbols"
	"stepback/adapter/types"
	"stepback/internal/tracee"
	"stepback/internal/tracee/traceetest"
	"stepback/recorder"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// frame is the innermost one, of unoptimized code behind its prologue.
type frame struct{ regs tracee.Regs }

func (f frame) PC() uint64               { return f.regs.Rip }
func (f frame) CFA() (uint64, bool)      { return f.regs.Rbp + 16, true }
func (f frame) Rule() (int, int64, bool) { return 6, 16, true }

func (f frame) Register(n int) (uint64, bool) {
	r := &f.regs
	all := []uint64{r.Rax, r.Rdx, r.Rcx, r.Rbx, r.Rsi, r.Rdi, r.Rbp, r.Rsp, r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15, r.Rip}
	if n < 0 || n >= len(all) {
		return 0, false
	}
	return all[n], true
}

// program is a recording, and what is known of its program.
type program struct {
	path string
	replayer.Timeline
	files *symbols.Cache
	types map[string]*types.Data
}

func record(t testing.TB, path string) *program {
	t.Helper()
	traceetest.NeedPtrace(t)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	dir := filepath.Join(t.TempDir(), "recording")
	_, err = recorder.Record(recorder.Config{
		Path: path, Args: []string{path}, Env: []string{"PATH=/usr/bin:/bin"}, Files: []*os.File{null, null, os.Stderr}, Out: dir, Tool: "stepback test",
	})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := trace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := replayer.Open(rec, replayer.TravelOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{path: path, Timeline: l, types: map[string]*types.Data{}}
	p.files = symbols.NewCache(func(h trace.Hash) (symbols.Content, error) { return rec.Blob(h) })
	t.Cleanup(func() {
		p.files.Close()
		if err := errors.Join(l.Close(), rec.Close()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// run goes to the next time that an instruction is executed.
func (p *program) run(t testing.TB, pc uint64) *scopes.Scope {
	t.Helper()
	hit, err := p.FindNext(context.Background(), []replayer.Probe{{PC: pc}})
	if err != nil || hit == nil {
		t.Fatalf("%#x is not reached: %v", pc, err)
	}
	threads, err := p.Threads()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range threads {
		if h.ID == hit.TID {
			return p.process(t, h.PID).Scope(frame{h.Regs})
		}
	}
	t.Fatalf("thread %d is missing", hit.TID)
	return nil
}

func (p *program) process(t testing.TB, pid int) *scopes.Process {
	t.Helper()
	maps, err := p.Mappings(pid)
	if err != nil {
		t.Fatal(err)
	}
	space := p.files.Space(maps)
	s := &scopes.Process{
		Memory:  func(addr uint64, b []byte) (int, error) { return p.ReadMemory(pid, addr, b) },
		Address: space.Address,
		Locator: scopes.Simple{},
		Symbolize: func(addr uint64) string {
			place := space.Lookup(addr)
			if place.Symbol == "" {
				return ""
			}
			place.Symbol = demangle.Filter(place.Symbol)
			return place.String()
		},
	}
	for _, m := range space.Modules {
		data := p.types[m.Name]
		if data == nil {
			d, err := m.DWARF()
			if err != nil {
				continue
			}
			if data, err = types.New(d); err != nil {
				t.Fatal(err)
			}
			p.types[m.Name] = data
		}
		if len(data.Units()) > 0 {
			s.Modules = append(s.Modules, &scopes.Module{Name: m.Name, Bias: m.Bias, Start: m.Start, End: m.End, Types: data, Addresses: debugAddr(m.Name)})
		}
	}
	return s
}

// A stop is a line of a source at which both debuggers stop.
type stop struct {
	line  int
	name  string
	exprs []string
}

// stops are the lines of a source with STOP, and the expressions behind them.
func stops(t testing.TB, source string) (list []stop) {
	t.Helper()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if _, name, ok := strings.Cut(line, "// STOP"); ok {
			list = append(list, stop{line: i + 1, name: strings.TrimSpace(name)})
		}
		if _, text, ok := strings.Cut(line, "//= "); ok && len(list) > 0 {
			s := &list[len(list)-1]
			s.exprs = append(s.exprs, text)
		}
	}
	return list
}

// addresses finds the first statement of lines.
func addresses(t testing.TB, path, source string) map[int]uint64 {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d, err := f.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]uint64{}
	for r := d.Reader(); ; r.SkipChildren() {
		e, err := r.Next()
		if err != nil || e == nil {
			return found
		}
		lines, err := d.LineReader(e)
		if err != nil || lines == nil {
			continue
		}
		var l dwarf.LineEntry
		for lines.Next(&l) == nil {
			if l.EndSequence || !l.IsStmt || filepath.Base(l.File.Name) != filepath.Base(source) {
				continue
			}
			if at, ok := found[l.Line]; !ok || l.Address < at {
				found[l.Line] = l.Address
			}
		}
	}
}

// gdb's answers at a stop.
type answers struct {
	locals []string // "name = value"
	values map[string]string
}

// askGDB lets gdb run a program and answer at stops.
func askGDB(t testing.TB, path string, at []uint64, list []stop, pretty bool) []answers {
	t.Helper()
	gdb, err := exec.LookPath("gdb")
	if err != nil {
		t.Skip("there is no gdb to compare with")
	}
	var script strings.Builder
	script.WriteString("set confirm off\nset width 0\nset height 0\nset print pretty off\nset debuginfod enabled off\nset startup-with-shell off\nset python print-stack none\n")
	if !pretty {
		script.WriteString("python gdb.pretty_printers.clear()\npython\nfor o in gdb.objfiles(): o.pretty_printers.clear()\nend\n")
	}
	for _, pc := range at {
		fmt.Fprintf(&script, "break *%#x\n", pc)
	}
	script.WriteString("run\n")
	if !pretty {
		script.WriteString("disable pretty-printer\n")
	}
	for i, s := range list {
		fmt.Fprintf(&script, "echo \\n@stop %d\\n\ninfo args\necho \\n@@\\n\ninfo locals\n", i)
		for n, e := range s.exprs {
			verb := "print "
			if format, rest, ok := strings.Cut(e, " "); ok && strings.HasPrefix(format, "/") {
				verb, e = "print"+format+" ", rest
			}
			fmt.Fprintf(&script, "echo \\n@expr %d %d\\n\n%s%s\n", i, n, verb, e)
		}
		fmt.Fprintf(&script, "echo \\n@end\\n\ndelete %d\ncontinue\n", i+1)
	}
	file := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(file, []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	// gdb ends a script at an error, so each line is a command.
	cmd := exec.Command(gdb, "-q", "-nx", "-batch", path)
	cmd.Args = append([]string{gdb, "-q", "-nx"}, path)
	cmd.Stdin = strings.NewReader(script.String() + "quit\n")
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=dumb", "INPUTRC=/dev/null")
	var warnings strings.Builder
	cmd.Stderr = &warnings
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("gdb: %v\n%s%s", err, out, warnings.String())
	}
	if os.Getenv("GDB_LOG") != "" {
		os.WriteFile(os.Getenv("GDB_LOG"), out, 0o600)
	}
	got := make([]answers, len(list))
	for _, part := range regexp.MustCompile(`(?m)^@stop `).Split(strings.ReplaceAll(string(out), "(gdb) ", ""), -1)[1:] {
		var i int
		fmt.Sscan(part, &i)
		part, _, _ = strings.Cut(part, "\n@end")
		sections := regexp.MustCompile(`(?m)^@expr \d+ (\d+)\n`).Split(part, -1)
		for _, line := range strings.Split(sections[0], "\n")[1:] {
			if strings.Contains(line, " = ") {
				got[i].locals = append(got[i].locals, line)
			}
		}
		got[i].values = map[string]string{}
		for n, section := range sections[1:] {
			value := strings.TrimSpace(section)
			if value == "" {
				value = "error"
			}
			if m := regexp.MustCompile(`(?s)^\$\d+ = (.*)$`).FindStringSubmatch(value); m != nil {
				value = m[1]
			} else {
				value = "error: " + value
			}
			got[i].values[list[i].exprs[n]] = value
		}
	}
	return got
}

var (
	address = regexp.MustCompile(`0x[0-9a-f]+\b`)
	numbers = regexp.MustCompile(`<(?:\w+\.)?([A-Za-z_]\w*)(?:\.\d+)?>`) // of static variables of functions, to the linker
)

// normal leaves out addresses that differ from run to run: those behind the end
// of the program.
func normal(s string, end uint64) string {
	s = strings.ReplaceAll(numbers.ReplaceAllString(s, "<$1>"), "<shadow[calls]>", "<calls>")
	const heap = 1<<30 + 1<<28 // it begins at most 1 GiB behind a program
	return address.ReplaceAllStringFunc(s, func(a string) string {
		n, err := strconv.ParseUint(a[2:], 16, 64)
		if err == nil && (n < end || n>>32 == 0 && n > end+heap) {
			return a
		}
		return "ADDR"
	})
}

// programEnd is the end of a program's static data.
func programEnd(t testing.TB, path string) (end uint64) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		end = max(end, p.Vaddr+p.Memsz)
	}
	return end
}

// debugAddr is the section .debug_addr of a file.
func debugAddr(path string) []byte {
	f, err := elf.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	s := f.Section(".debug_addr")
	if s == nil {
		return nil
	}
	data, _ := s.Data()
	return data
}
