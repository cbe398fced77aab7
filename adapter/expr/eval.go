package expr

import (
	"stepback/adapter/types"
	"stepback/adapter/values"
)

// evaluator evaluates a tree in a scope.
type evaluator struct {
	Scope
}

// Eval evaluates the expression.
func (e *Expr) Eval(s Scope) (values.Value, error) {
	return evaluator{s}.eval(e.root)
}

// maxSlice is how many elements a slice may have.
const maxSlice = 1 << 24

func (e evaluator) eval(n *node) (values.Value, error) {
	switch n.kind {
	case literal:
		return n.lit, nil
	case name:
		v, err := e.Lookup(n.text)
		if err != nil {
			return v, errorAt(n.pos, "").unwrapped(err)
		}
		return v, nil
	case register:
		v, err := e.Register(n.text)
		if err != nil {
			return v, errorAt(n.pos, "").unwrapped(err)
		}
		return v, nil
	case unary:
		return e.unary(n)
	case infix:
		return e.binary(n)
	case conditional:
		return e.conditional(n)
	case index:
		return e.index(n)
	case field, arrow:
		return e.member(n)
	case cast:
		v, err := e.eval(n.args[0])
		if err != nil {
			return v, err
		}
		return e.cast(n, v, n.typ)
	case sizeOf:
		return e.sizeof(n)
	case call:
		return e.call(n)
	}
	return values.Value{}, errorAt(n.pos, "this cannot be evaluated")
}

// unwrapped takes an error's text as its own.
func (e *Error) unwrapped(err error) *Error {
	e.Msg, e.Err = err.Error(), err
	return e
}

// fetch is an operand: a reference is what it refers to, an array or function
// the pointer to it.
func (e evaluator) fetch(n *node) (values.Value, error) {
	v, err := e.eval(n)
	if err != nil {
		return v, err
	}
	v = v.Referred()
	if v.Err() != nil {
		return v, errorAt(n.pos, "").unwrapped(v.Err())
	}
	return e.decay(n, v)
}

// decay makes pointers of arrays and functions.
func (e evaluator) decay(n *node, v values.Value) (values.Value, error) {
	switch t := v.Type.Strip(); t.Kind {
	case types.Array:
		if t.Vector || t.Lang == types.Rust {
			return v, nil
		}
		if !v.InMemory {
			return v, errorAt(n.pos, "the array is not in memory, so it has no address")
		}
		return values.Number(e.Target(), types.PointerTo(t.Elem), v.Addr), nil
	case types.Func:
		return values.Number(e.Target(), types.PointerTo(v.Type), v.Addr), nil
	}
	return v, nil
}

func (e evaluator) unary(n *node) (values.Value, error) {
	if n.text == "&" {
		return e.address(n)
	}
	v, err := e.fetch(n.args[0])
	if err != nil {
		return v, err
	}
	switch n.text {
	case "*":
		if p, ok := smart(v); ok {
			v = p
		}
		t := v.Type.Strip()
		if t.Kind != types.Pointer {
			if t.Integral() && t.Bytes() == 8 { // gdb takes it as the address of a long
				return values.Missing(t, errorAt(n.pos, "%s is no pointer; cast it, as in *(int *)x", v.Type)), errorAt(n.pos, "%s is no pointer; cast it, as in *(int *)x", v.Type)
			}
			return v, errorAt(n.pos, "%s is no pointer", v.Type)
		}
		if t.Elem.Is(types.Void) {
			return v, errorAt(n.pos, "it is not known what a %s points to; cast it, as in *(int *)p", v.Type)
		}
		return v.Deref(), nil
	case "!":
		truth, err := e.truth(n.args[0], v)
		return e.boolean(!truth), err
	}
	return e.negate(n, v)
}

func (e evaluator) address(n *node) (values.Value, error) {
	v, err := e.eval(n.args[0])
	if err != nil {
		return v, err
	}
	v = v.Referred()
	switch {
	case v.Err() != nil:
		return v, errorAt(n.args[0].pos, "").unwrapped(v.Err())
	case v.BitSize > 0:
		return v, errorAt(n.pos, "a bit-field has no address")
	case v.InMemory || v.Type.Is(types.Func):
		return values.Number(e.Target(), types.PointerTo(v.Type), v.Addr), nil
	case v.Register != "":
		return v, errorAt(n.pos, "it is in register %s and has no address", v.Register)
	}
	return v, errorAt(n.pos, "what is not in memory has no address")
}

// boolean is what comparisons give.
func (e evaluator) boolean(b bool) values.Value {
	n := uint64(0)
	if b {
		n = 1
	}
	if e.Lang() == types.C {
		return values.Number(e.Target(), values.Int, n)
	}
	return values.Number(e.Target(), values.Bool, n)
}

// truth reports whether a value is not zero.
func (e evaluator) truth(n *node, v values.Value) (bool, error) {
	switch t := v.Type.Strip(); t.Kind {
	case types.Float:
		f, err := v.Float()
		return f != 0, wrap(n, err)
	case types.Int, types.Char, types.Bool, types.Enum, types.Pointer:
		x, err := v.Uint()
		return x != 0, wrap(n, err)
	}
	return false, errorAt(n.pos, "a value of type %s is neither true nor false", v.Type)
}

func wrap(n *node, err error) error {
	if err == nil {
		return nil
	}
	return errorAt(n.pos, "").unwrapped(err)
}

func (e evaluator) condition(n *node) (bool, error) {
	v, err := e.fetch(n)
	if err != nil {
		return false, err
	}
	return e.truth(n, v)
}

func (e evaluator) conditional(n *node) (values.Value, error) {
	yes, err := e.condition(n.args[0])
	if err != nil {
		return values.Value{}, err
	}
	if yes {
		return e.eval(n.args[1])
	}
	return e.eval(n.args[2])
}

func (e evaluator) index(n *node) (values.Value, error) {
	v, err := e.eval(n.args[0])
	if err != nil {
		return v, err
	}
	i, err := e.fetch(n.args[1])
	if err != nil {
		return i, err
	}
	v = v.Referred()
	if !v.Type.Is(types.Array, types.Pointer) && i.Type.Is(types.Pointer) {
		v, i = i, v // 2[a]
	}
	if v.Err() != nil {
		return v, wrap(n.args[0], v.Err())
	}
	if !i.Type.Integral() {
		return v, errorAt(n.args[1].pos, "%s is no type of an index", i.Type)
	}
	at, err := i.Int()
	if err != nil {
		return v, wrap(n.args[1], err)
	}
	t := v.Type.Strip()
	switch t.Kind {
	case types.Array:
		if !v.InMemory && (at-t.Lower < 0 || at-t.Lower >= max(t.Count, 0)) {
			return v, errorAt(n.pos, "there is no element %d: the array has %d", at, t.Count)
		}
		return v.Index(at - t.Lower), nil
	case types.Pointer:
		return e.offset(n, v, at)
	}
	if s, ok := slice(v); ok {
		return e.offset(n, s, at)
	}
	if held, ok, err := element(n, v, at); ok {
		return held, err
	}
	return v, errorAt(n.pos, "%s is neither array nor pointer", v.Type)
}

// slice is the pointer to the first element of a Rust slice.
func slice(v values.Value) (values.Value, bool) {
	if v.Type.Lang != types.Rust {
		return v, false
	}
	if _, ok := v.Member("length"); !ok {
		return v, false
	}
	return v.Member("data_ptr")
}

// offset is the element that a pointer with a number added points to.
func (e evaluator) offset(n *node, p values.Value, i int64) (values.Value, error) {
	addr, err := p.Uint()
	if err != nil {
		return p, wrap(n, err)
	}
	elem := p.Type.Strip().Elem
	size, ok := elem.Sized()
	if elem.Is(types.Void, types.Func) {
		size, ok = 1, true
	}
	if !ok {
		return p, errorAt(n.pos, "the size of %s is not known", elem)
	}
	return values.At(e.Target(), elem, addr+uint64(i*size)), nil
}

func (e evaluator) member(n *node) (values.Value, error) {
	v, err := e.eval(n.args[0])
	if err != nil {
		return v, err
	}
	v = v.Referred()
	if p, ok := smart(v); ok && n.kind == arrow {
		v = p
	}
	if v.Type.Is(types.Pointer) { // gdb takes . and -> as the same
		v = v.Deref()
	} else if v.Type.Is(types.Array) && n.kind == arrow {
		v = v.Index(0)
	}
	for range 8 { // Rust looks through pointers
		if v.Type.Lang != types.Rust || !v.Type.Is(types.Pointer) {
			break
		}
		v = v.Deref()
	}
	if v.Err() != nil {
		return v, wrap(n.args[0], v.Err())
	}
	if !v.Type.Is(types.Struct, types.Union) {
		return v, errorAt(n.pos, "%s has no members", v.Type)
	}
	if v.Type.Incomplete() {
		return v, errorAt(n.pos, "%s is declared only: no file that is loaded has its definition", v.Type)
	}
	f, ok := v.Member(n.text)
	if one := v.Variant(); !ok && one != nil {
		f, ok = v.Field(one.Member).Member(n.text)
	}
	if path := types.SplitPath(n.text); !ok && len(path) > 1 {
		f, ok = qualifiedMember(v, n.text, path[len(path)-1])
	}
	if !ok {
		return v, errorAt(n.pos, "%s has no member %s", v.Type, member(n.text))
	}
	return f, nil
}

// qualifiedMember finds x.Base::member.
func qualifiedMember(v values.Value, full, last string) (values.Value, bool) {
	base := full[:len(full)-len(last)-2]
	if b, ok := v.Base(&types.Type{Kind: types.Struct, Name: base}, 0); ok {
		return b.Member(last)
	}
	if v.Type.Strip().Name == base {
		return v.Member(last)
	}
	return v, false
}

// member is a member's name as the user wrote it.
func member(name string) string {
	if len(name) > 2 && name[:2] == "__" && name[2] >= '0' && name[2] <= '9' {
		return name[2:]
	}
	return name
}

func (e evaluator) sizeof(n *node) (values.Value, error) {
	t := n.typ
	if t == nil {
		v, err := e.eval(n.args[0])
		if err != nil {
			return v, err
		}
		t = v.Type
	}
	if t.Is(types.Reference, types.RvalueReference) {
		t = t.Strip().Elem
	}
	size, ok := t.Sized()
	if !ok {
		return values.Value{}, errorAt(n.pos, "the size of %s is not known", t)
	}
	return values.Number(e.Target(), values.ULong, uint64(size)), nil
}

func (e evaluator) call(n *node) (values.Value, error) {
	if v, ok := e.length(n); ok {
		return v, nil
	}
	f, err := e.eval(n.args[0])
	if err != nil {
		return f, err
	}
	f = f.Referred()
	if f.Type.Is(types.Pointer) && f.Type.Strip().Elem.Is(types.Func) {
		f = f.Deref()
	}
	if f.Err() != nil {
		return f, wrap(n.args[0], f.Err())
	}
	t := f.Type.Strip()
	if t.Kind != types.Func {
		return f, errorAt(n.args[0].pos, "%s is no function", f.Type)
	}
	args := n.args[1:]
	if t.Prototyped && (len(args) < len(t.Params) || len(args) > len(t.Params) && !t.Variadic) {
		return f, errorAt(n.pos, "the function takes %d arguments, not %d", len(t.Params), len(args))
	}
	var list []values.Value
	for i, a := range args {
		v, err := e.fetch(a)
		if err != nil {
			return v, err
		}
		if i < len(t.Params) && !v.Type.Is(types.Struct, types.Union) {
			if v, err = e.cast(a, v, t.Params[i]); err != nil {
				return v, err
			}
		}
		list = append(list, v)
	}
	v, err := e.Call(f, list)
	return v, wrap(n, err)
}
