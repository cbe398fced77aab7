package expr

import (
	"stepback/adapter/types"
	"stepback/adapter/values"
	"stepback/replayer/condition"
)

// convert makes a number one of another type.
func convert(p place, t *types.Type) condition.Expr {
	if p.e.Op == condition.Constant {
		v, _ := values.Number(nil, t, p.e.N).Uint()
		return constant(v)
	}
	if t.Bytes() == 8 || p.t.Bytes() < t.Bytes() && (t.IsSigned() || !p.t.IsSigned()) || p.t.Bytes() == t.Bytes() && p.t.IsSigned() == t.IsSigned() {
		return p.e
	}
	return fit(p.e, t)
}

// pointers is arithmetic with a pointer.
func (c compiler) pointers(n *node, a, b place) (place, error) {
	if pointer(b.t) && !pointer(a.t) && n.text == "+" {
		a, b = b, a
	}
	size := step(a.t)
	switch {
	case size <= 0 || n.text != "+" && n.text != "-" || !pointer(a.t):
	case pointer(b.t) && n.text == "-" && step(b.t) == size:
		return place{e: apply(condition.DivS, apply(condition.Sub, a.e, b.e), constant(uint64(size))), t: values.Long}, nil
	case b.t.Integral():
		by := apply(condition.Mul, b.e, constant(uint64(size)))
		if b.e.Op == condition.Constant {
			by = constant(b.e.N * uint64(size))
		}
		return place{e: apply(arithmetic[n.text][0], a.e, by), t: a.t}, nil
	}
	return a, refuse(n, "%s of a %s and a %s means nothing", n.text, a.t, b.t)
}

func (c compiler) index(n *node) (place, error) {
	a, err := c.rvalue(n.args[0])
	if err != nil {
		return a, err
	}
	i, err := c.rvalue(n.args[1])
	if err != nil {
		return i, err
	}
	p, err := c.pointers(&node{pos: n.pos, text: "+"}, a, i)
	if err != nil {
		return p, err
	}
	return place{e: p.e, t: p.t.Strip().Elem, inMemory: true}, nil
}

func (c compiler) member(n *node) (place, error) {
	p, err := c.lvalue(n.args[0])
	if err != nil {
		return p, err
	}
	for range 4 {
		if !p.t.Is(types.Pointer, types.Reference, types.RvalueReference) {
			break
		}
		if p.inMemory {
			p.e = apply(condition.Load64, p.e)
		}
		p = place{e: p.e, t: p.t.Strip().Elem, inMemory: true}
	}
	if !p.inMemory || !p.t.Is(types.Struct, types.Union) {
		return p, refuse(n, "%s has no members in memory", p.t)
	}
	// In an object at 0, the address of a member is its offset.
	f, ok := values.At(nil, p.t, 0).Member(n.text)
	if !ok || f.Err() != nil || !f.InMemory {
		return p, refuse(n, "%s has no member %s at a fixed place", p.t, n.text)
	}
	return place{e: plus(p.e, f.Addr), t: f.Type, inMemory: true, bitOffset: f.BitOffset, bitSize: f.BitSize}, nil
}

func (c compiler) cast(n *node) (place, error) {
	p, err := c.rvalue(n.args[0])
	if err != nil {
		return p, err
	}
	t := n.typ.Strip()
	size := t.Bytes()
	switch {
	case t.Kind == types.Bool:
		return place{e: apply(condition.IsZero, apply(condition.IsZero, p.e)), t: n.typ}, nil
	case t.Kind == types.Pointer && pointer(p.t):
		to, from := t.Elem.Strip(), p.t.Strip().Elem.Strip()
		if to.Kind == types.Struct && from.Kind == types.Struct && to.Name != from.Name && len(to.Members())+len(from.Members()) > 0 && c.Lang() == types.CPlusPlus {
			return p, refuse(n, "a cast between classes cannot be computed by the replay engine")
		}
		return place{e: p.e, t: n.typ}, nil
	case (t.Integral() || t.Kind == types.Pointer) && size <= 8:
		return place{e: convert(p, n.typ), t: n.typ}, nil
	}
	return p, refuse(n, "a cast to %s cannot be computed by the replay engine", n.typ)
}
