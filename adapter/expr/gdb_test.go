package expr_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stepback/adapter/expr"
	"stepback/adapter/printers"
	"stepback/adapter/scopes"
	"stepback/adapter/values"
)

// builds are the compilers and options that programs are built with.
var builds = []struct {
	compiler string
	flags    []string
}{
	{"gcc", []string{"-gdwarf-5"}},
	{"gcc", []string{"-gdwarf-4"}},
	{"clang", []string{"-gdwarf-5", "-fstandalone-debug"}},
	{"clang", []string{"-gdwarf-4", "-fstandalone-debug"}},
}

var valuesOptions = values.Options{}

var sources = []struct {
	file     string
	compiler map[string]string
}{
	{"values.c", map[string]string{"gcc": "gcc", "clang": "clang"}},
	{"classes.cc", map[string]string{"gcc": "g++", "clang": "clang++"}},
}

// What is shown differs from gdb in these, with the reason.
var differ = map[string]string{
	"vla local a":            "clang makes a location list for it, which scopes.Simple does not know",
	"vla local s":            "likewise",
	"vla: a[2]":              "likewise",
	"vla: s[1]":              "likewise",
	"main local map":         "a Rust HashMap has keys that differ from run to run",
	"main local accent":      "gdb writes the number of a letter that is no ASCII",
	"main: reference":        "gdb takes all Rust pointers as *mut",
	"containers local array": "there is a printer for it, which gdb has not",
	"containers: deque[3]":   "libstdc++'s xmethod does not count from where the first node begins: it is -1",
	"main: /x derived":       "gdb shows the symbol of a pointer to a virtual table in all formats",
}

// Both debuggers show the same at the same places of the same programs.
func TestLikeGDB(t *testing.T) {
	for _, source := range sources {
		for _, b := range builds {
			t.Run(source.file+"/"+b.compiler+b.flags[0], func(t *testing.T) {
				compiler := source.compiler[b.compiler]
				if _, err := exec.LookPath(compiler); err != nil {
					t.Skipf("there is no %s", compiler)
				}
				path := filepath.Join(t.TempDir(), "program")
				file := filepath.Join("testdata", source.file)
				args := append([]string{"-O0", "-no-pie", "-w", "-o", path, file}, b.flags...)
				if out, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				compare(t, path, file, false, values.Options{})
			})
		}
	}
}

func compare(t *testing.T, path, source string, pretty bool, o values.Options) {
	t.Helper()
	list := stops(t, source)
	lines := addresses(t, path, source)
	var at []uint64
	for _, s := range list {
		if lines[s.line] == 0 {
			t.Fatalf("line %d has no code", s.line)
		}
		at = append(at, lines[s.line])
	}
	want := askGDB(t, path, at, list, pretty)
	p := record(t, path)
	end := programEnd(t, path)
	total, same, more := 0, 0, 0
	check := func(what, got, want string) {
		total++
		got, want = normal(got, end), normal(want, end)
		if got == want || strings.HasPrefix(got, "error: ") && strings.HasPrefix(want, "error: ") {
			same++
			return
		}
		if strings.HasPrefix(want, "error: ") {
			more++ // gdb does not know this syntax, or no such name
			return
		}
		if differ[what] == "" {
			t.Errorf("%s\n is %s\ngdb %s", what, got, want)
		}
	}
	for i, s := range list {
		scope := p.run(t, at[i])
		mine := locals(scope, o)
		for _, line := range want[i].locals {
			name, value, _ := strings.Cut(line, " = ")
			got := mine[name]
			if len(got) == 0 {
				check(s.name+" local "+name, "nothing", value)
				continue
			}
			mine[name] = got[1:]
			check(s.name+" local "+name, got[0], value)
		}
		for _, e := range s.exprs {
			check(s.name+": "+e, evaluate(e, scope, o), want[i].values[e])
		}
	}
	t.Logf("%d of %d are the same, %d gdb cannot evaluate", same, total, more)
}

// locals are what a scope shows, by name, the innermost first.
func locals(s *scopes.Scope, o values.Options) map[string][]string {
	shown := map[string][]string{}
	parameters, others := s.Locals()
	for _, l := range append(parameters, others...) {
		shown[l.Name] = append(shown[l.Name], l.Value.Format(o))
	}
	return shown
}

func evaluate(text string, s *scopes.Scope, o values.Options) string {
	o.Top = true
	if format, rest, ok := strings.Cut(text, " "); ok && strings.HasPrefix(format, "/") {
		o.Format, text = format[1], rest
	}
	v, _, err := expr.Eval(text, s)
	if err != nil {
		return fmt.Sprint("error: ", err)
	}
	return v.Format(o)
}

// standalone are the options with which a compiler describes the types of
// libraries too.
var standalone = map[string][]string{"clang++": {"-fstandalone-debug"}}

// Containers are shown as the printers show them that come with libstdc++.
func TestContainersLikeGDB(t *testing.T) {
	for _, flag := range []string{"-gdwarf-5", "-gdwarf-4"} {
		for _, compiler := range []string{"g++", "clang++"} {
			t.Run(compiler+flag, func(t *testing.T) {
				path := build(t, compiler, "containers.cc", append(standalone[compiler], "-std=c++17", flag)...)
				compare(t, path, filepath.Join("testdata", "containers.cc"), true, values.Options{View: printers.View})
			})
		}
	}
}

// Rust's values are shown as gdb shows them, without printers.
func TestRustLikeGDB(t *testing.T) {
	if _, err := exec.LookPath("rustc"); err != nil {
		t.Skip("there is no rustc")
	}
	source := filepath.Join("testdata", "shapes.rs")
	path := buildRust(t)
	compare(t, path, source, false, values.Options{})
}
