package frame

import (
	"bufio"
	"debug/elf"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"stepback/adapter/symbols/location"
)

// readelfRow is a row as readelf shows it.
type readelfRow struct {
	loc  uint64
	cfa  string
	regs map[string]string
}

// inRegister is how readelf shows the rule that a value is in another register.
var inRegister = regexp.MustCompile(`r\d+ \((\w+)\)`)

// readelf lists the rows of all functions of a file, by address and end; those
// of a function that are all like the begin's are left out.
func readelf(t testing.TB, path string) map[[2]uint64][]readelfRow {
	t.Helper()
	tool, err := exec.LookPath("readelf")
	if err != nil {
		t.Skip("there is no readelf to compare with")
	}
	c := exec.Command(tool, "--debug-dump=frames-interp,no-follow-links", "--wide", path)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	list := map[[2]uint64][]readelfRow{}
	var now [2]uint64
	var columns []string
	for s := bufio.NewScanner(out); s.Scan(); {
		line := s.Text()
		if _, pcs, ok := strings.Cut(line, " pc="); ok && strings.Contains(line, " FDE ") {
			if _, err := fmt.Sscanf(strings.Replace(pcs, "..", " ", 1), "%x %x", &now[0], &now[1]); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			list[now] = nil
		} else if strings.Contains(line, " CIE ") {
			now = [2]uint64{}
		}
		fields := strings.Fields(inRegister.ReplaceAllString(line, "$1"))
		if len(fields) < 2 || now == [2]uint64{} {
			continue
		}
		if fields[0] == "LOC" {
			columns = fields[2:]
			continue
		}
		var row readelfRow
		if n, _ := fmt.Sscanf(fields[0], "%x", &row.loc); n != 1 || len(fields[0]) != 16 || len(fields) != len(columns)+2 {
			continue
		}
		row.cfa, row.regs = fields[1], map[string]string{}
		for i, name := range columns {
			row.regs[name] = fields[2+i]
		}
		if rows := list[now]; len(rows) > 0 && rows[len(rows)-1].loc == row.loc {
			list[now] = rows[:len(rows)-1]
		}
		list[now] = append(list[now], row)
	}
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	return list
}

// show is a row of ours in readelf's words, for the registers that it shows.
func show(r *Row, regs map[string]string) readelfRow {
	s := readelfRow{r.Start, r.CFA.String(), map[string]string{}}
	if r.CFA.Kind == Register {
		s.cfa = fmt.Sprintf("%s%+d", location.RegisterName(r.CFA.Reg), r.CFA.N)
	}
	for i, rule := range r.Regs {
		name := location.RegisterName(uint64(i))
		if i == RIP {
			name = "ra"
		}
		text := rule.String()
		if rule.Kind == Register {
			text = location.RegisterName(rule.Reg)
		}
		if _, ok := regs[name]; ok || rule.Kind != Unspecified {
			s.regs[name] = text
		}
	}
	return s
}

// library is where a library is, for programs that are linked with it.
func library(t testing.TB, name string) string {
	out, err := exec.Command("gcc", "-print-file-name="+name).Output()
	path := strings.TrimSpace(string(out))
	if err != nil || path == name {
		t.Skipf("there is no %s here", name)
	}
	return path
}

func rustLibrary(t testing.TB) string {
	out, err := exec.Command("rustc", "--print", "sysroot").Output()
	if err != nil {
		t.Skip("there is no rustc here")
	}
	list, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "lib/rustlib/*/lib/libstd-*.so"))
	if len(list) == 0 {
		t.Skip("rustc has no shared library")
	}
	return list[0]
}

// debugFrame makes a program that has .debug_frame and no .eh_frame of its own.
func debugFrame(flags ...string) func(testing.TB) string {
	return func(t testing.TB) string {
		path := filepath.Join(t.TempDir(), "program")
		c := exec.Command("gcc", append(flags, "-O2", "-g", "-fno-asynchronous-unwind-tables", "-x", "c", "-o", path, "-")...)
		c.Stdin = strings.NewReader(`
			#include <stdio.h>
			int twice(int n) { int a[n]; for (int i = 0; i < n; i++) a[i] = getchar(); return a[n / 2] + printf("%d", n); }
			int main(int n, char **v) { return twice(n) + n > 3 ? main(n - 1, v) : 0; }`)
		if out, err := c.CombinedOutput(); err != nil {
			t.Skipf("gcc: %v\n%s", err, out)
		}
		return path
	}
}

func open(t testing.TB, path string) *elf.File {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Every row of every function is as readelf has it.
func TestReadelf(t *testing.T) {
	for what, path := range map[string]func(testing.TB) string{
		"libc":       func(t testing.TB) string { return library(t, "libc.so.6") },
		"the loader": func(t testing.TB) string { return library(t, "ld-linux-x86-64.so.2") },
		"libstdc++":  func(t testing.TB) string { return library(t, "libstdc++.so.6") },
		"libgcc":     func(t testing.TB) string { return library(t, "libgcc_s.so.1") },
		"Rust":       rustLibrary,
		"DWARF 2":    debugFrame("-gdwarf-2"),
		"DWARF 4":    debugFrame("-gdwarf-4"),
		"DWARF 5":    debugFrame("-gdwarf-5"),
		"64 bits":    debugFrame("-gdwarf64"),
		"compressed": debugFrame("-gz"),
	} {
		t.Run(what, func(t *testing.T) {
			path := path(t)
			want := readelf(t, path)
			table := New(open(t, path))
			if err := table.Err(); err != nil {
				t.Fatal(err)
			}
			seen, rows := map[[2]uint64]bool{}, 0
			for f := range table.All {
				key := [2]uint64{f.Start, f.End}
				if seen[key] {
					continue // of two descriptions, the first is found
				}
				seen[key] = true
				theirs, ok := want[key]
				if !ok {
					t.Errorf("readelf has no function at %#x-%#x", f.Start, f.End)
					continue
				}
				i := 0
				err := f.Rows(func(r *Row) bool {
					if rows++; i < len(theirs) {
						w := theirs[i]
						if s := show(r, w.regs); s.loc != w.loc || s.cfa != w.cfa || !maps.Equal(s.regs, w.regs) {
							t.Errorf("the row at %#x is %v, readelf has %v", r.Start, s, w)
						}
					}
					i++
					return !t.Failed()
				})
				if err != nil || i != len(theirs) && len(theirs) > 0 || len(theirs) == 0 && i != 1 {
					t.Errorf("%d rows at %#x, readelf has %d; %v", i, f.Start, len(theirs), err)
				}
				middle := f.Start + (f.End-f.Start)/2
				if found, err := table.Find(middle); f.Start < f.End && (err != nil || found.Start > middle || found.End <= middle) {
					t.Errorf("%#x is found in %v, %v", middle, found, err)
				}
				if t.Failed() {
					return
				}
			}
			if len(seen) != len(want) {
				t.Errorf("%d functions, readelf has %d", len(seen), len(want))
			}
			t.Logf("%d functions with %d rows", len(seen), rows)
		})
	}
}

// The table of .eh_frame_hdr finds what is found without it.
func TestHeader(t *testing.T) {
	f := open(t, library(t, "libc.so.6"))
	with, without := New(f), New(f)
	if with.header == nil {
		t.Fatal("libc's .eh_frame_hdr is not understood")
	}
	without.header = nil
	var pcs []uint64
	for f := range with.All {
		pcs = append(pcs, f.Start-1, f.Start, f.End-1, f.End)
	}
	for _, pc := range slices.Compact(pcs) {
		a, errA := with.Find(pc)
		b, errB := without.Find(pc)
		if errA != errB || a != nil && (a.Start != b.Start || a.End != b.End) {
			t.Fatalf("%#x: %v, %v with, and %v, %v without", pc, a, errA, b, errB)
		}
	}
}

func BenchmarkRow(b *testing.B) {
	table := New(open(b, library(b, "libc.so.6")))
	var pcs []uint64
	for f := range table.All {
		pcs = append(pcs, (f.Start+f.End)/2)
	}
	for i := 0; b.Loop(); i++ {
		f, err := table.Find(pcs[i%len(pcs)])
		if err == nil {
			_, err = f.Row(pcs[i%len(pcs)])
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
