package scopes

import (
	"debug/dwarf"

	"stepback/adapter/types"
	"stepback/adapter/values"
	"stepback/replayer/condition"
)

// Static is what a name means in all executions of a piece of code, as an
// expression of registers: its address, or if Value is set the value itself.
type Static struct {
	Place
	Type *types.Type
}

// Static finds what a name means, for conditions. The frame of the scope need not
// be one of those in which the condition is computed; only its PC matters.
func (s *Scope) Static(name string) (Static, error) {
	for _, b := range s.blocks {
		for i := range b.Variables {
			v := &b.Variables[i]
			if v.Name != name {
				continue
			}
			if c := s.Value(v); c.Err() == nil && !c.InMemory && c.Register == "" && c.Type.Integral() { // a constant
				n, err := c.Uint()
				if _, is := v.Val(dwarf.AttrConstValue).(int64); is && err == nil {
					return Static{Place{condition.Expr{N: n}, true}, v.Type}, nil
				}
			}
			p, err := s.Place(v)
			return Static{p, v.Type}, err
		}
		if b.Inlined {
			break
		}
	}
	if m, ok := s.staticMember(name); ok {
		return m, nil
	}
	v, err := s.Lookup(name)
	switch {
	case err != nil:
		return Static{}, err
	case v.Err() != nil:
		return Static{}, v.Err()
	case v.InMemory: // nothing of the frame: a global
		return Static{Place{condition.Expr{N: v.Addr}, v.Type.Is(types.Func)}, v.Type}, nil
	case !v.Type.Integral():
		return Static{}, ErrNotSimple
	}
	n, err := v.Uint()
	return Static{Place{condition.Expr{N: n}, true}, v.Type}, err
}

// staticMember finds a member of the function's object.
func (s *Scope) staticMember(name string) (Static, bool) {
	if name == "this" {
		return Static{}, false
	}
	this, err := s.Static("this")
	if err != nil || !this.Type.Is(types.Pointer) {
		return Static{}, false
	}
	f, ok := values.At(s.Process, this.Type.Strip().Elem, 0).Member(name)
	if !ok || f.Err() != nil || !f.InMemory || f.Addr > 1<<20 || f.BitSize > 0 {
		return Static{}, false
	}
	base := this.Expr
	if !this.Value {
		base = condition.Expr{Op: condition.Load64, Args: []condition.Expr{base}}
	}
	return Static{Place{plus(base, f.Addr), false}, f.Type}, true
}
