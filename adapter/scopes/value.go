package scopes

import (
	"debug/dwarf"
	"encoding/binary"
	"fmt"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// Value is a variable's value.
func (s *Scope) Value(v *types.Variable) values.Value {
	t := s.concrete(v.Type, 0)
	if c := v.Val(dwarf.AttrConstValue); c != nil {
		return s.constant(t, c)
	}
	if v.Val(dwarf.AttrLocation) == nil {
		if c := v.Origin.Val(dwarf.AttrConstValue); c != nil {
			return s.constant(t, c)
		}
		if declared, _ := v.Origin.Val(dwarf.AttrDeclaration).(bool); declared {
			return s.elsewhere(v, t)
		}
		return values.Missing(t, values.ErrOptimizedOut)
	}
	if s.module == nil || s.Locator == nil {
		return values.Missing(t, values.ErrOptimizedOut)
	}
	pieces, err := s.Locator.Locate(s.module, v.Entry, dwarf.AttrLocation, s)
	if err != nil {
		return values.Missing(t, err)
	}
	return s.assemble(t, pieces)
}

// elsewhere finds the definition of a variable that is declared only.
func (s *Scope) elsewhere(v *types.Variable, t *types.Type) values.Value {
	name := v.Unit.NameOf(v.Origin)
	if name == "" {
		name = v.Name
	}
	for _, m := range s.ordered() {
		f := m.Types.Find(name, types.VariableTags, nil)
		if f != nil && f.Val(dwarf.AttrLocation) != nil {
			return s.found(m, f)
		}
	}
	if s.Address != nil {
		if addr, err := s.Address(v.Name); err == nil {
			return values.At(s.Process, t, addr)
		}
	}
	return values.Missing(t, values.ErrOptimizedOut)
}

func (s *Scope) constant(t *types.Type, c any) values.Value {
	switch c := c.(type) {
	case int64:
		return values.Number(s.Process, t, uint64(c))
	case uint64:
		return values.Number(s.Process, t, c)
	case []byte:
		return values.Of(s.Process, t, c, nil)
	case string:
		return values.Of(s.Process, t, append([]byte(c), 0), nil)
	}
	return values.Missing(t, fmt.Errorf("its constant has an unknown form"))
}

// Registers are the processor's, in the order of their numbers in DWARF. The last is
// the return address.
var Registers = []string{
	"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip",
}

// assemble makes a value of the pieces that it is in.
func (s *Scope) assemble(t *types.Type, pieces []Piece) values.Value {
	size, known := t.Sized()
	if len(pieces) == 0 {
		return values.Missing(t, values.ErrOptimizedOut)
	}
	if len(pieces) == 1 && (pieces[0].Size == 0 || pieces[0].Size >= size) {
		switch p := pieces[0]; p.Kind {
		case Memory:
			return values.At(s.Process, t, p.Addr)
		case Nowhere:
			return values.Missing(t, values.ErrOptimizedOut)
		}
	}
	if !known {
		size = 8
	}
	var data []byte
	var have []bool
	for _, p := range pieces {
		n := p.Size
		if n <= 0 {
			n = size - int64(len(data))
		}
		n = min(n, size-int64(len(data)))
		if n <= 0 {
			break
		}
		part, got := make([]byte, n), 0
		switch p.Kind {
		case Memory:
			got, _ = s.Memory(p.Addr, part)
		case Register:
			if s.Frame != nil {
				if v, ok := s.Frame.Register(p.Register); ok {
					got = copy(part, binary.LittleEndian.AppendUint64(nil, v))
				}
			}
		case Literal:
			got = copy(part, p.Data)
		}
		data = append(data, part...)
		for i := range n {
			have = append(have, i < int64(got))
		}
	}
	for int64(len(data)) < size && size < 1<<20 {
		data, have = append(data, 0), append(have, false)
	}
	none, all := true, true
	for _, h := range have {
		none, all = none && !h, all && h
	}
	if none && size > 0 {
		return values.Missing(t, values.ErrOptimizedOut)
	}
	if all {
		have = nil
	}
	v := values.Of(s.Process, t, data, have)
	if p := pieces[0]; len(pieces) == 1 && p.Kind == Register && p.Register >= 0 && p.Register < len(Registers) {
		v.Register = Registers[p.Register]
	}
	return v
}

// concrete computes the bounds of arrays that depend on variables.
func (s *Scope) concrete(t *types.Type, depth int) *types.Type {
	if depth > 32 {
		return t
	}
	switch t.Kind {
	case types.Typedef, types.Qualified, types.Pointer, types.Array, types.Reference:
	default:
		return t
	}
	elem := s.concrete(t.Elem, depth+1)
	n := t.Count
	if t.Kind == types.Array && t.Bound != nil {
		if got, ok := s.bound(t); ok {
			n = got
		}
	}
	if elem == t.Elem && n == t.Count {
		return t
	}
	c := *t
	c.Elem, c.Count = elem, n
	return &c
}

func (s *Scope) bound(t *types.Type) (int64, bool) {
	for _, attr := range []dwarf.Attr{dwarf.AttrCount, dwarf.AttrUpperBound} {
		var v values.Value
		switch at := t.Bound.Val(attr).(type) {
		case nil:
			continue
		case dwarf.Offset:
			e := t.Data().Variable(at)
			if e == nil {
				return 0, false
			}
			v = s.Value(e)
		case []byte:
			if s.Locator == nil || s.module == nil {
				return 0, false
			}
			pieces, err := s.Locator.Locate(s.module, t.Bound, attr, s)
			if err != nil || len(pieces) != 1 {
				return 0, false
			}
			// The expression computes the bound itself, not where it lies.
			switch p := pieces[0]; p.Kind {
			case Memory:
				v = values.Number(s.Process, values.Long, p.Addr)
			default:
				v = s.assemble(values.Long, pieces)
			}
		}
		n, err := v.Int()
		if err != nil || n < -1 || n > 1<<40 {
			return 0, false
		}
		if attr == dwarf.AttrUpperBound {
			n += 1 - t.Lower
		}
		return n, true
	}
	return 0, false
}
