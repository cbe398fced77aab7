package adapter

import (
	"cmp"
	"debug/dwarf"
	"errors"
	"fmt"
	"slices"
	"strings"

	"stepback/adapter/expr"
	"stepback/adapter/scopes"
	"stepback/adapter/symbols"
	"stepback/adapter/types"
	"stepback/replayer/condition"
)

// sourceLevel knows what debug information says: lines, callers, variables. Where there
// is none, it knows what elfLevel does.
type sourceLevel struct {
	elfLevel
	sources sourceMap
	types   map[*symbols.File]*types.Data // nil: none can be had
	steps   map[stepsKey][]statement
}

func newSourceLevel(paths map[string]string) *sourceLevel {
	return &sourceLevel{
		sources: newSourceMap(paths), types: map[*symbols.File]*types.Data{}, steps: map[stepsKey][]statement{},
	}
}

// guarded calls f, and makes an error of a panic: debug/dwarf has them for damaged files.
func guarded(what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s cannot be read: the debug information is damaged (%v)", what, p)
		}
	}()
	return f()
}

// typesOf is the types of a file, nil if it has no debug information.
func (l *sourceLevel) typesOf(f *symbols.File) *types.Data {
	data, known := l.types[f]
	if !known {
		_ = guarded("the types", func() error { // modules tells the reason
			d, err := f.DWARF()
			if err == nil {
				data, err = types.New(d)
			}
			return err
		})
		l.types[f] = data
	}
	return data
}

// Function finds the places behind the prologues of the functions with a name.
func (l *sourceLevel) Function(s *symbols.Space, name string) (list []Location, err error) {
	for _, f := range s.FunctionsNamed(name) {
		list = append(list, Location{f.Body, l.Position(s, f.Body)})
	}
	if list == nil {
		return l.elfLevel.Function(s, name)
	}
	return list, nil
}

func (l *sourceLevel) Line(s *symbols.Space, path string, line, _ int) (list []Location, err error) {
	for _, at := range s.Locations(l.sources.compiled(path), line) {
		list = append(list, Location{at.Addr, Position{Function: at.Function, Path: l.sources.here(at.Position.File), Line: at.Position.Line, Column: at.Position.Column}})
	}
	if list == nil {
		err = fmt.Errorf("no code belongs to line %d of %s or to those behind it: it is not of this program, or that was compiled without -g", line, path)
	}
	return list, err
}

func (l *sourceLevel) Breakable(s *symbols.Space, path string, first, last int) []int {
	return s.BreakableLines(l.sources.compiled(path), first, last)
}

func (l *sourceLevel) Position(s *symbols.Space, pc uint64) Position {
	if list := s.Frames(pc); len(list) > 0 {
		return l.position(list[0])
	}
	return l.elfLevel.Position(s, pc)
}

func (l *sourceLevel) position(f symbols.Inline) Position {
	p := Position{Function: f.Name, Start: f.Entry, Line: f.Position.Line, Column: f.Position.Column}
	if f.Position.File != "" && f.Position.Line != 0 {
		p.Path = l.sources.here(f.Position.File)
	}
	if f.Module != nil {
		p.Module = f.Module.Name
	}
	return p
}

func (l *sourceLevel) Sources(s *symbols.Space) (list []string) {
	for _, path := range s.Sources() {
		list = append(list, l.sources.here(path))
	}
	return list
}

// Condition compiles a condition in the program's language, or in that of package condition.
func (l *sourceLevel) Condition(s *symbols.Space, at Location, text string) (x *condition.Expr, err error) {
	scope := l.process(&Thread{Space: s, Read: func(uint64, []byte) int { return 0 }}).Scope(&codeFrame{s, at.PC})
	err = guarded("what the condition names", func() error {
		e, err := expr.Parse(text, scope)
		if err != nil {
			return err
		}
		if x, err = e.Compile(scope); err == nil {
			return nil
		}
		if _, unknown := e.Eval(scope); errors.As(unknown, new(*scopes.UnknownError)) {
			return unknown
		}
		return nil // it is evaluated at each hit
	})
	if err != nil || x == nil {
		if simple, e := condition.Parse(text); e == nil {
			return simple, nil
		}
	}
	return x, err
}

func (l *sourceLevel) Holds(t *Thread, f *Frame, text string) (holds bool, err error) {
	err = guarded("what the condition names", func() error {
		v, _, err := expr.Eval(text, l.scope(t, f))
		if err != nil {
			return err
		}
		if v.Type.Is(types.Float) {
			x, err := v.Float()
			holds = x != 0
			return err
		}
		n, err := v.Uint()
		holds = n != 0
		return err
	})
	return holds, err
}

// statement is an address at which a statement begins, with the lines that it is in: of
// the function, and of the calls that are inlined there, the innermost last.
type statement struct {
	addr  uint64
	lines []lineOf
	body  bool // not in the function's prologue
}

// lineOf is a line of a function or of an inlined call.
type lineOf struct {
	instance dwarf.Offset
	file     string
	line     int
}

type stepsKey struct {
	file *symbols.File
	bias uint64
	die  dwarf.Offset
}

func (l *sourceLevel) Statements(s *symbols.Space, pc uint64) []statement {
	f := s.Function(pc)
	if f == nil || f.DIE == 0 {
		return nil
	}
	key := stepsKey{f.Module.File, f.Module.Bias, f.DIE}
	list, known := l.steps[key]
	if !known {
		for _, addr := range s.Statements(pc) {
			list = append(list, statement{addr, linesAt(s, addr), addr < f.Entry || addr >= f.Body})
		}
		l.steps[key] = list
	}
	return list
}

// linesAt are the lines that an address is in, as statement has them.
func linesAt(s *symbols.Space, pc uint64) (list []lineOf) {
	for _, f := range s.Frames(pc) {
		list = append(list, lineOf{f.DIE, f.Position.File, f.Position.Line})
	}
	slices.Reverse(list)
	return list
}

// sourceMap tells where sources are that were compiled elsewhere: beginnings of paths,
// the longest first.
type sourceMap [][2]string

func newSourceMap(paths map[string]string) (m sourceMap) {
	for from, to := range paths {
		m = append(m, [2]string{from, to})
	}
	slices.SortFunc(m, func(a, b [2]string) int { return cmp.Or(cmp.Compare(len(b[0]), len(a[0])), cmp.Compare(a[0], b[0])) })
	return m
}

func (m sourceMap) here(path string) string     { return m.replaced(path, 0, 1) }
func (m sourceMap) compiled(path string) string { return m.replaced(path, 1, 0) }

func (m sourceMap) replaced(path string, from, to int) string {
	for _, p := range m {
		if rest, ok := strings.CutPrefix(path, p[from]); ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(p[from], "/")) {
			return p[to] + rest
		}
	}
	return path
}
