package expr_test

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"stepback/adapter/expr"
	"stepback/adapter/scopes"
	"stepback/adapter/types"
	"stepback/adapter/values"

	"stepback/replayer"
	"stepback/replayer/condition"
)

// machine are the numbers that conditions have for DWARF's registers.
var machine = []int{0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15, condition.RIP}

func state(s *scopes.Scope) *condition.State {
	c := &condition.State{Read: func(addr uint64, p []byte) error {
		if n, _ := s.Memory(addr, p); n < len(p) {
			return errors.New("no memory")
		}
		return nil
	}}
	for i, n := range machine {
		c.Registers[n], _ = s.Frame.Register(i)
	}
	return c
}

// build compiles a source of the tests.
func build(t testing.TB, compiler, source string, flags ...string) string {
	t.Helper()
	if _, err := exec.LookPath(compiler); err != nil {
		t.Skipf("there is no %s", compiler)
	}
	path := filepath.Join(t.TempDir(), "program")
	args := append([]string{"-g", "-O0", "-no-pie", "-w", "-o", path, filepath.Join("testdata", source)}, flags...)
	if out, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// What is compiled has the same value as what is evaluated.
func TestCompile(t *testing.T) {
	for source, compiler := range map[string]string{"values.c": "gcc", "classes.cc": "g++"} {
		t.Run(source, func(t *testing.T) {
			path := build(t, compiler, source)
			lines := addresses(t, path, source)
			p := record(t, path)
			compiled, all := 0, 0
			for _, stop := range stops(t, filepath.Join("testdata", source)) {
				s := p.run(t, lines[stop.line])
				for _, text := range stop.exprs {
					e, err := expr.Parse(text, s)
					if err != nil {
						continue
					}
					all++
					v, err := e.Eval(s)
					c, refused := e.Compile(s)
					if refused != nil {
						if !errors.Is(refused, expr.ErrNotCompiled) && err == nil {
							t.Errorf("%s: %v", text, refused)
						}
						continue
					}
					compiled++
					got, failed := c.Eval(state(s))
					v = v.Referred()
					var want uint64
					if err == nil && v.Type.Is(types.Array, types.Func) {
						want = v.Addr
					} else if err == nil {
						want, err = v.Uint()
					}
					if (err == nil) != (failed == nil) || got != want {
						t.Errorf("%s: compiled %#x, %v; evaluated %#x, %v", text, got, failed, want, err)
					}
				}
			}
			t.Logf("%d of %d are compiled", compiled, all)
			if compiled < all/4 {
				t.Errorf("only %d of %d are compiled", compiled, all)
			}
		})
	}
}

// A condition from source finds the time when it holds.
func TestCondition(t *testing.T) {
	path := build(t, "gcc", "loop.c")
	list := stops(t, "testdata/loop.c")
	pc := addresses(t, path, "loop.c")[list[0].line]
	p := record(t, path)
	s := p.run(t, pc)
	for text, want := range map[string]string{
		"i == 57":                      "57",
		"p->kind == LAST && i > 10":    "99",
		"p->value * 2 > 170":           "86",
		"list[i].value + total > 1000": "45",
		"shared.kind == LAST":          "99",
	} {
		if err := p.Seek(context.Background(), replayer.Time{}); err != nil {
			t.Fatal(err)
		}
		e, err := expr.Parse(text, s)
		if err != nil {
			t.Fatal(err)
		}
		c, err := e.Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		hit, err := p.FindNext(context.Background(), []replayer.Probe{{PC: pc, If: c}})
		if err != nil || hit == nil {
			t.Fatalf("%s: %v, %v", text, hit, err)
		}
		threads, _ := p.Threads()
		v, _, err := expr.Eval("i", p.process(t, threads[0].PID).Scope(frame{threads[0].Regs}))
		if got := v.Format(valuesOptions); err != nil || got != want {
			t.Errorf("%s holds at i = %s, not %s; %v", text, got, want, err)
		}
	}
}

// Functions are called in a copy of the process.
func TestCall(t *testing.T) {
	path := build(t, "gcc", "values.c")
	lines := addresses(t, path, "values.c")
	p := record(t, path)
	list := stops(t, "testdata/values.c")
	s := p.run(t, lines[list[0].line])
	s.Caller = func(function values.Value, args []values.Value) (values.Value, error) {
		c, err := scopes.PrepareCall(function, args)
		if err != nil {
			return values.Value{}, err
		}
		r, err := p.Call(context.Background(), c)
		if err != nil {
			return values.Value{}, err
		}
		return s.CallResult(function, r)
	}
	for text, want := range map[string]string{
		"add(2, 3)":             "5",
		"add(n, 'a') * 2":       "196",
		"function(40, 2) == 42": "1",
		"(*function)(-1, 0)":    "-1",
	} {
		v, _, err := expr.Eval(text, s)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := v.Format(values.Options{}); got != want {
			t.Errorf("%s is %s, not %s", text, got, want)
		}
	}
	if _, _, err := expr.Eval("add(1)", s); err == nil {
		t.Error("a call with too few arguments is made")
	}
}
