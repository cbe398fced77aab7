package expr

import (
	"stepback/adapter/printers"
	"stepback/adapter/types"
	"stepback/adapter/values"
)

// What follows is what programs write for what containers and smart pointers hold.
// Their operators are functions, and often inlined everywhere: the printers know
// as well, without calling any.

// smart is the pointer that a unique_ptr or shared_ptr holds.
func smart(v values.Value) (values.Value, bool) {
	if !v.Type.Is(types.Struct) {
		return v, false
	}
	w := printers.View(v)
	if w == nil || w.N != 1 || w.Children == nil {
		return v, false
	}
	held := w.Children(0, 1)[0]
	return held.Value, held.Name == "get()"
}

// element is what a vector, deque or array holds at an index.
func element(n *node, v values.Value, i int64) (values.Value, bool, error) {
	if !v.Type.Is(types.Struct) {
		return v, false, nil
	}
	w := printers.View(v)
	if w == nil || !w.Array {
		return v, false, nil
	}
	if i < 0 || i >= int64(w.N) {
		return v, true, errorAt(n.pos, "there is no element %d: %s has %d", i, v.Type, w.N)
	}
	return w.Children(int(i), int(i)+1)[0].Value, true, nil
}

// length is a call of size, length or empty of a container.
func (e evaluator) length(n *node) (values.Value, bool) {
	f := n.args[0]
	if len(n.args) != 1 || f.kind != field && f.kind != arrow || f.text != "size" && f.text != "length" && f.text != "empty" {
		return values.Value{}, false
	}
	v, err := e.eval(f.args[0])
	if err != nil {
		return v, false
	}
	v = v.Referred()
	if v.Type.Is(types.Pointer) {
		v = v.Deref()
	} else if p, ok := smart(v); ok && f.kind == arrow {
		v = p.Deref()
	}
	if v.Err() != nil || !v.Type.Is(types.Struct) {
		return v, false
	}
	w := printers.View(v)
	if w == nil || !w.Array && !w.Map {
		return v, false
	}
	size := w.N
	if w.Map {
		size /= 2
	}
	if f.text == "empty" {
		return e.boolean(size == 0), true
	}
	return values.Number(e.Target(), values.ULong, uint64(size)), true
}
