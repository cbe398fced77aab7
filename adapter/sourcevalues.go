package adapter

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ianlancetaylor/demangle"

	"stepback/adapter/expr"
	"stepback/adapter/printers"
	"stepback/adapter/scopes"
	"stepback/adapter/symbols"
	"stepback/adapter/types"
	"stepback/adapter/values"
)

// process is a thread's process for scopes.
func (l *sourceLevel) process(t *Thread) *scopes.Process {
	where := &locator{thread: t, modules: map[*scopes.Module]*symbols.Module{}}
	p := &scopes.Process{
		Memory:  func(addr uint64, b []byte) (int, error) { return t.Read(addr, b), nil },
		Address: t.Space.Address,
		Locator: where,
		Symbolize: func(addr uint64) string {
			place := t.Space.Lookup(addr)
			if place.Symbol == "" {
				return ""
			}
			place.Symbol = demangle.Filter(place.Symbol)
			return place.String()
		},
	}
	p.Caller = func(function values.Value, args []values.Value) (values.Value, error) {
		if t.Call == nil {
			return values.Value{}, errors.New("functions cannot be called here")
		}
		c, err := scopes.PrepareCall(function, args)
		if err != nil {
			return values.Value{}, err
		}
		const mostSteps = 1 << 32
		c.TID, c.MaxSteps = t.ID, mostSteps
		r, err := t.Call(c)
		if err != nil {
			return values.Value{}, err
		}
		return p.CallResult(function, r)
	}
	for i := range t.Space.Modules {
		m := &t.Space.Modules[i]
		data := l.typesOf(m.File)
		if data == nil || len(data.Units()) == 0 {
			continue
		}
		addresses, _ := m.Section(".debug_addr")
		s := &scopes.Module{Name: m.Name, Bias: m.Bias, Start: m.Start, End: m.End, Types: data, Addresses: addresses}
		p.Modules = append(p.Modules, s)
		where.modules[s] = m
	}
	return p
}

// scope is what a frame sees.
func (l *sourceLevel) scope(t *Thread, f *Frame) *scopes.Scope {
	return l.process(t).Inlined(&threadFrame{t, f.Number}, f.Within)
}

// group is a scope of variables as clients show it, read when they are asked for.
func group(name string, list []scopes.Local) Value {
	return Value{Name: name, Named: len(list), Parts: func(start, count int) (shown []Value, err error) {
		for _, v := range page(list, start, count) {
			value := show(v.Name, v.Name, v.Name, v.Value, values.Options{}, printers.View)
			if v.Shadowed {
				value.Name, value.Expression = v.Name+" (shadowed)", ""
			}
			shown = append(shown, value)
		}
		return shown, nil
	}}
}

func (l *sourceLevel) Scopes(t *Thread, f *Frame) (list []Value, err error) {
	if f.Hint == "label" {
		return nil, nil
	}
	err = guarded("the variables", func() error {
		s := l.scope(t, f)
		unit := s.Unit()
		if unit == nil {
			return nil
		}
		parameters, locals := s.Locals()
		for _, g := range []Value{group("Arguments", parameters), group("Locals", locals)} {
			if g.Named > 0 {
				list = append(list, g)
			}
		}
		if n := len(unit.Globals()); n > 0 {
			g := Value{Name: "Globals of " + filepath.Base(unit.Name), Named: n, Costly: true}
			g.Parts = func(start, count int) ([]Value, error) { return group("", s.Globals()).Parts(start, count) }
			list = append(list, g)
		}
		return nil
	})
	return list, err
}

// Evaluate evaluates an expression of the program's language, or of elfLevel's.
func (l *sourceLevel) Evaluate(t *Thread, f *Frame, text string) (v Value, err error) {
	text = strings.TrimSpace(text)
	s := l.scope(t, f)
	simple, elfErr := l.elfLevel.Evaluate(t, f, text)
	if s.Unit() == nil && elfErr == nil {
		return simple, nil
	}
	untyped := false
	err = guarded("what the expression names", func() error {
		got, format, err := expr.Eval(text, s)
		if err == nil {
			untyped = got.Type == values.Untyped
			v = show(text, text, text, got, values.Options{Format: format, Top: true}, printers.View)
			v.Address, v.Size = addressed(text, got)
		}
		return err
	})
	switch {
	case err == nil && !untyped:
		return v, nil
	case elfErr == nil:
		return simple, nil
	case s.Unit() == nil && len(s.Modules) == 0:
		return v, elfErr
	}
	return v, err
}

// addressed is the memory that an expression is about: where its value is, or what it
// is itself if it computes an address.
func addressed(text string, v values.Value) (addr, size uint64) {
	v = v.Referred()
	if v.InMemory {
		return v.Addr, uint64(max(v.Type.Bytes(), 0))
	}
	if v.Register != "" && !strings.HasPrefix(text, "$") {
		return 0, 0 // a variable in a register
	}
	if pointer := v.Type.Is(types.Pointer); pointer || v.Type.Integral() {
		addr, _ = v.Uint()
		if pointer && v.Type.Strip().Elem.Bytes() > 0 && !strings.HasPrefix(text, "$") {
			size = uint64(v.Type.Strip().Elem.Bytes())
		}
	}
	return addr, size
}

// mostParts is how many parts a client gets that does not say how many it wants.
const mostParts = 10_000

// show makes a line of a tree of a value. expression evaluates to it, and inside is what the
// expressions of its parts begin with.
func show(name, expression, inside string, v values.Value, o values.Options, view func(values.Value) *values.View) Value {
	o.View = view
	shown := Value{Name: name, Text: v.Format(o), Expression: expression}
	if v.Type != nil {
		shown.Type = v.Type.String()
	}
	if v.Err() != nil && !errors.Is(v.Err(), values.ErrOptimizedOut) && shown.Text == "" {
		shown.Text = fmt.Sprintf("<%v>", v.Err())
	}
	if v.InMemory {
		shown.Address, shown.Size = v.Addr, uint64(max(v.Type.Bytes(), 0))
	}
	shown.Named, shown.Indexed = v.Count(view)
	if shown.Named+shown.Indexed == 0 {
		return shown
	}
	o.Top = false
	shown.Parts = func(start, count int) (list []Value, err error) {
		if count <= 0 {
			count = mostParts
		}
		err = guarded("the parts of "+name, func() error {
			for _, c := range v.Children(inside, start, count, view) {
				how := printers.View
				if c.Name == "[Raw]" {
					how = nil
				}
				list = append(list, show(c.Name, c.Expr, c.Inside(), c.Value, o, how))
			}
			return nil
		})
		return list, err
	}
	return shown
}
