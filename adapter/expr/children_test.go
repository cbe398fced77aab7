package expr_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stepback/adapter/expr"
	"stepback/adapter/printers"
	"stepback/adapter/scopes"
	"stepback/adapter/values"
)

// Each line of the tree of variables has the value of its expression.
func TestChildren(t *testing.T) {
	for source, compiler := range map[string]string{"values.c": "gcc", "classes.cc": "g++"} {
		t.Run(source, func(t *testing.T) {
			path := build(t, compiler, source)
			lines := addresses(t, path, source)
			p := record(t, path)
			total := 0
			for _, stop := range stops(t, filepath.Join("testdata", source)) {
				s := p.run(t, lines[stop.line])
				parameters, others := s.Locals()
				for _, l := range append(parameters, others...) {
					if !l.Shadowed {
						total += walk(t, s, l.Name, l.Value, 0)
					}
				}
			}
			if total < 150 {
				t.Errorf("only %d values were looked at", total)
			}
		})
	}
}

// walk looks at the children of a value, and theirs.
func walk(t *testing.T, s *scopes.Scope, text string, v values.Value, depth int) int {
	t.Helper()
	total := 1
	if text == "" {
		t.Fatal("a value has no expression")
	}
	if got, _, err := expr.Eval(text, s); err != nil || got.Format(values.Options{}) != v.Format(values.Options{}) {
		if v.Err() == nil && !strings.Contains(v.Format(values.Options{}), "<error") {
			t.Errorf("%s is %s, not %s; %v", text, got.Format(values.Options{}), v.Format(values.Options{}), err)
		}
	}
	if depth > 3 {
		return total
	}
	named, indexed := v.Count(nil)
	if named > 0 && indexed > 0 {
		t.Errorf("%s has %d and %d children", text, named, indexed)
	}
	list := v.Children(text, 0, 10, nil)
	if want := min(named+indexed, 10); len(list) != want {
		t.Errorf("%s has %d children, not %d", text, len(list), want)
	}
	for _, c := range list {
		switch {
		case c.Value.Err() != nil:
		case c.Expr != "":
			total += walk(t, s, c.Expr, c.Value, depth+1)
		case c.Outer != "":
			for _, c := range c.Value.Children(c.Inside(), 0, 10, nil) {
				total += walk(t, s, c.Expr, c.Value, depth+1)
			}
		}
	}
	return total
}

// Pages of a container's children are parts of all of them, and [Raw] is the last.
func TestPages(t *testing.T) {
	path := build(t, "g++", "containers.cc", "-std=c++17")
	list := stops(t, "testdata/containers.cc")
	s := record(t, path).run(t, addresses(t, path, "containers.cc")[list[0].line])
	for _, name := range []string{"many", "deque", "map", "names", "hash", "tuple", "flags", "set"} {
		v, err := s.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		named, indexed := v.Count(printers.View)
		all := v.Children(name, 0, named+indexed+5, printers.View)
		if len(all) != named+indexed || all[len(all)-1].Name != "[Raw]" {
			t.Errorf("%s has %d children, and the last is not [Raw]", name, len(all))
			continue
		}
		for i := range all {
			page := v.Children(name, i, 1, printers.View)
			if len(page) != 1 || page[0].Name != all[i].Name || page[0].Value.Format(values.Options{}) != all[i].Value.Format(values.Options{}) {
				t.Errorf("%s: child %d alone is %+v", name, i, page)
			}
			if i > 20 {
				break
			}
		}
	}
}

// What the containers of Rust hold.
func TestRustContainers(t *testing.T) {
	if _, err := exec.LookPath("rustc"); err != nil {
		t.Skip("there is no rustc")
	}
	path := buildRust(t)
	list := stops(t, "testdata/shapes.rs")
	p := record(t, path)
	lines := addresses(t, path, "shapes.rs")
	var s *scopes.Scope
	for _, stop := range list {
		s = p.run(t, lines[stop.line])
	}
	mine := locals(s, values.Options{View: printers.View})
	for name, want := range map[string]string{
		"string":       `"owned string"`,
		"empty":        `""`,
		"text":         `"hello"`,
		"vector":       "Vec(size=3) = {10, 20, 30}",
		"points":       "Vec(size=1) = {shapes::Point {x: 1, y: 2}}",
		"strings":      `Vec(size=2) = {"a", "b"}`,
		"slice":        "&[_](size=2) = {2, 3}",
		"maybe_string": `core::option::Option<alloc::string::String>::Some("maybe")`,
		"failed":       `core::result::Result<i32, alloc::string::String>::Err("bad")`,
		"rc":           "Rc(strong=2, weak=0) = {value = 11}",
		"arc":          "Arc(strong=1, weak=0) = {value = shapes::Point {x: 5, y: 6}}",
		"map":          `HashMap(size=1) = {[1] = "one"}`,
	} {
		if got := mine[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}

func buildRust(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	out, err := exec.Command("rustc", "-g", "-C", "opt-level=0", "-C", "relocation-model=static", "-A", "warnings", "-o", path, "testdata/shapes.rs").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}
