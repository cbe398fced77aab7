package expr

import (
	"errors"
	"fmt"

	"stepback/adapter/scopes"
	"stepback/adapter/types"
	"stepback/adapter/values"
	"stepback/replayer/condition"
)

// StaticScope tells what names mean in all executions of a piece of code.
type StaticScope interface {
	Scope
	Static(name string) (scopes.Static, error)
}

// ErrNotCompiled reports an expression that the replay engine cannot evaluate: it
// must be evaluated at each stop.
var ErrNotCompiled = errors.New("it cannot be compiled")

// compiler makes a condition of a tree. The types are those that evaluation has.
type compiler struct {
	StaticScope
}

// place is a value or where it lies, as an expression of registers.
type place struct {
	e                  condition.Expr
	t                  *types.Type
	inMemory           bool // e is its address
	bitOffset, bitSize int64
}

// Compile makes a condition of the expression: of integers, pointers, enums and
// what lies behind pointers. It holds when the expression is not 0. The error is
// ErrNotCompiled if there is anything else in it.
func (e *Expr) Compile(s StaticScope) (*condition.Expr, error) {
	c := compiler{s}
	p, err := c.rvalue(e.root)
	if err != nil {
		return nil, err
	}
	if err := p.e.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotCompiled, err)
	}
	return &p.e, nil
}

func refuse(n *node, format string, args ...any) error {
	e := errorAt(n.pos, format, args...)
	e.Err = ErrNotCompiled
	return e
}

func constant(n uint64) condition.Expr { return condition.Expr{N: n} }

func apply(op condition.Op, args ...condition.Expr) condition.Expr {
	return condition.Expr{Op: op, Args: args}
}

func plus(e condition.Expr, n uint64) condition.Expr {
	switch {
	case n == 0:
		return e
	case e.Op == condition.Constant:
		return constant(e.N + n)
	}
	return apply(condition.Add, e, constant(n))
}

// fit makes a word what a number of the type is as a word: with its sign or
// zeros above.
func fit(e condition.Expr, t *types.Type) condition.Expr {
	bits := uint64(t.Bytes()) * 8
	if bits >= 64 || bits == 0 {
		return e
	}
	if t.IsSigned() {
		return apply(condition.ShrS, apply(condition.Shl, e, constant(64-bits)), constant(64-bits))
	}
	return apply(condition.And, e, constant(1<<bits-1))
}

// loads are the operations that read a number, by its size.
var loads = map[bool]map[int64]condition.Op{
	false: {1: condition.LoadU8, 2: condition.LoadU16, 4: condition.LoadU32, 8: condition.Load64},
	true:  {1: condition.LoadS8, 2: condition.LoadS16, 4: condition.LoadS32, 8: condition.Load64},
}

// rvalue is the value of a tree: a number or pointer.
func (c compiler) rvalue(n *node) (place, error) {
	p, err := c.lvalue(n)
	if err != nil {
		return p, err
	}
	for range 4 {
		if !p.t.Is(types.Reference, types.RvalueReference) {
			break
		}
		elem := p.t.Strip().Elem
		if p.inMemory {
			p.e = apply(condition.Load64, p.e)
		}
		p = place{e: p.e, t: elem, inMemory: true}
	}
	switch t := p.t.Strip(); {
	case t.Kind == types.Array && p.inMemory && t.Lang != types.Rust:
		return place{e: p.e, t: types.PointerTo(t.Elem)}, nil
	case t.Kind == types.Func:
		return place{e: p.e, t: types.PointerTo(p.t)}, nil
	case !t.Integral() && t.Kind != types.Pointer:
		return p, refuse(n, "a %s cannot be computed by the replay engine", p.t)
	}
	size := p.t.Bytes()
	if p.inMemory {
		if p.bitSize > 0 {
			return c.bits(n, p)
		}
		op, ok := loads[p.t.IsSigned()][size]
		if !ok {
			return p, refuse(n, "a %s is too large for the replay engine", p.t)
		}
		return place{e: apply(op, p.e), t: p.t}, nil
	}
	return p, nil
}

// bits reads a bit-field.
func (c compiler) bits(n *node, p place) (place, error) {
	size := int64(1)
	for size*8 < p.bitOffset+p.bitSize {
		size *= 2
	}
	op, ok := loads[false][size]
	if !ok {
		return p, refuse(n, "the bit-field reaches over more than 8 bytes")
	}
	shift := condition.ShrU
	if p.t.IsSigned() {
		shift = condition.ShrS
	}
	e := apply(condition.Shl, apply(op, p.e), constant(uint64(64-p.bitOffset-p.bitSize)))
	return place{e: apply(shift, e, constant(uint64(64-p.bitSize))), t: p.t}, nil
}

// lvalue is the value of a tree, or where it lies.
func (c compiler) lvalue(n *node) (place, error) {
	switch n.kind {
	case literal:
		if !n.lit.Type.Integral() && !n.lit.Type.Is(types.Pointer) || n.lit.Type.Bytes() > 8 {
			return place{}, refuse(n, "a %s cannot be computed by the replay engine", n.lit.Type)
		}
		v, err := n.lit.Uint()
		return place{e: constant(v), t: n.lit.Type}, wrap(n, err)
	case name:
		s, err := c.Static(n.text)
		if err != nil {
			return place{}, refuse(n, "%s: %v", n.text, err)
		}
		if s.Value && !s.Type.Is(types.Func) {
			return place{e: fit(s.Expr, s.Type), t: s.Type}, nil
		}
		return place{e: s.Expr, t: s.Type, inMemory: !s.Value}, nil
	case register:
		e, err := condition.Parse("$" + n.text)
		v, known := c.Register(n.text)
		if err != nil || known != nil || v.Type.Bytes() != 8 {
			return place{}, refuse(n, "register %s cannot be read by the replay engine", n.text)
		}
		return place{e: *e, t: v.Type}, nil
	case unary:
		return c.unary(n)
	case infix:
		return c.infix(n)
	case index:
		return c.index(n)
	case field, arrow:
		return c.member(n)
	case cast:
		return c.cast(n)
	case sizeOf:
		t := n.typ
		if t == nil {
			p, err := c.lvalue(n.args[0])
			if err != nil {
				return p, err
			}
			t = p.t
		}
		if t.Is(types.Reference, types.RvalueReference) {
			t = t.Strip().Elem
		}
		size, ok := t.Sized()
		if !ok {
			return place{}, refuse(n, "the size of %s is not known", t)
		}
		return place{e: constant(uint64(size)), t: values.ULong}, nil
	}
	return place{}, refuse(n, "calls and ?: cannot be computed by the replay engine")
}

func (c compiler) unary(n *node) (place, error) {
	if n.text == "&" {
		p, err := c.lvalue(n.args[0])
		if err != nil {
			return p, err
		}
		if p.t.Is(types.Reference, types.RvalueReference) && p.inMemory {
			return place{e: apply(condition.Load64, p.e), t: types.PointerTo(p.t.Strip().Elem)}, nil
		}
		if !p.inMemory && !p.t.Is(types.Func) || p.bitSize > 0 {
			return p, refuse(n, "it has no address")
		}
		return place{e: p.e, t: types.PointerTo(p.t)}, nil
	}
	p, err := c.rvalue(n.args[0])
	if err != nil {
		return p, err
	}
	if n.text == "!" {
		return place{e: apply(condition.IsZero, p.e), t: c.truth()}, nil
	}
	if n.text == "*" {
		t := p.t.Strip()
		if t.Kind != types.Pointer || t.Elem.Is(types.Void) {
			return p, refuse(n, "%s is no pointer to something known", p.t)
		}
		return place{e: p.e, t: t.Elem, inMemory: !t.Elem.Is(types.Func)}, nil
	}
	if !p.t.Integral() {
		return p, refuse(n, "%s of a %s means nothing", n.text, p.t)
	}
	t := common(p.t, p.t)
	e := fit(p.e, t)
	switch n.text {
	case "-":
		e = fit(apply(condition.Negate, e), t)
	case "~":
		e = fit(apply(condition.Complement, e), t)
	}
	return place{e: e, t: t}, nil
}

// truth is the type of comparisons.
func (c compiler) truth() *types.Type {
	if c.Lang() == types.C {
		return values.Int
	}
	return values.Bool
}

// arithmetic are the operations of the signs, for numbers without and with sign.
var arithmetic = map[string][2]condition.Op{
	"+": {condition.Add, condition.Add}, "-": {condition.Sub, condition.Sub}, "*": {condition.Mul, condition.Mul},
	"/": {condition.DivU, condition.DivS}, "%": {condition.ModU, condition.ModS},
	"&": {condition.And, condition.And}, "|": {condition.Or, condition.Or}, "^": {condition.Xor, condition.Xor},
	"<<": {condition.Shl, condition.Shl}, ">>": {condition.ShrU, condition.ShrS},
}

// comparisons are likewise; swap: with the operands exchanged.
var comparisons = map[string]struct {
	ops  [2]condition.Op
	swap bool
}{
	"==": {[2]condition.Op{condition.Equal, condition.Equal}, false}, "!=": {[2]condition.Op{condition.NotEqual, condition.NotEqual}, false},
	"<": {[2]condition.Op{condition.LessU, condition.LessS}, false}, "<=": {[2]condition.Op{condition.LessEqualU, condition.LessEqualS}, false},
	">": {[2]condition.Op{condition.LessU, condition.LessS}, true}, ">=": {[2]condition.Op{condition.LessEqualU, condition.LessEqualS}, true},
}

func (c compiler) infix(n *node) (place, error) {
	a, err := c.rvalue(n.args[0])
	if err != nil {
		return a, err
	}
	b, err := c.rvalue(n.args[1])
	if err != nil {
		return b, err
	}
	switch n.text {
	case "&&":
		return place{e: apply(condition.AndThen, a.e, b.e), t: c.truth()}, nil
	case "||":
		return place{e: apply(condition.OrElse, a.e, b.e), t: c.truth()}, nil
	case "@":
		return a, refuse(n, "an array cannot be computed by the replay engine")
	}
	signed := 0
	t := values.ULong
	shift := n.text == "<<" || n.text == ">>"
	switch {
	case pointer(a.t) || pointer(b.t):
		if _, ok := comparisons[n.text]; !ok {
			return c.pointers(n, a, b)
		}
	default:
		t = common(a.t, b.t)
		if shift {
			t = common(a.t, a.t)
			if b.e.Op != condition.Constant || b.e.N >= uint64(t.Bytes())*8 {
				return a, refuse(n, "only shifts by a constant can be computed by the replay engine")
			}
		}
		if t.Bytes() > 8 {
			return a, refuse(n, "numbers of 128 bits cannot be computed by the replay engine")
		}
		if t.Signed {
			signed = 1
		}
		a.e = convert(a, t)
		if !shift {
			b.e = convert(b, t)
		}
	}
	if cmp, ok := comparisons[n.text]; ok {
		if cmp.swap {
			a, b = b, a
		}
		return place{e: apply(cmp.ops[signed], a.e, b.e), t: c.truth()}, nil
	}
	return place{e: fit(apply(arithmetic[n.text][signed], a.e, b.e), t), t: t}, nil
}
