package printers

import (
	"fmt"
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

func number(i int) string { return fmt.Sprintf("[%d]", i) }

// elements counts as gdb does.
func elements(n uint64) string {
	if n == 1 {
		return "1 element"
	}
	return fmt.Sprintf("%d elements", n)
}

func cxxString(v values.Value, _ string) *values.View {
	p, ok := word(v, "_M_dataplus", "_M_p")
	if hider, found := v.Member("_M_dataplus"); !ok && found { // its type is declared only, as by clang
		var err error
		p, err = hider.As(values.ULong).Uint()
		ok = err == nil
	}
	n, sized := word(v, "_M_string_length")
	return text(v, p, n, ok && sized)
}

func stringView(v values.Value, _ string) *values.View {
	p, ok := word(v, "_M_str")
	n, sized := word(v, "_M_len")
	return text(v, p, n, ok && sized)
}

// text is a view of a string of n characters.
func text(v values.Value, addr, n uint64, ok bool) *values.View {
	elem := argument(v, 0)
	if !ok || elem == nil || n > most {
		return nil
	}
	return &values.View{Text: values.Quote(v.Target(), elem, addr, n, values.Options{}), Plain: true}
}

func vector(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	if elem == nil {
		return nil
	}
	if elem.Is(types.Bool) {
		return bits(v, name)
	}
	start, a := word(v, "_M_impl", "_M_start")
	finish, b := word(v, "_M_impl", "_M_finish")
	end, c := word(v, "_M_impl", "_M_end_of_storage")
	size := uint64(elem.Bytes())
	if !a || !b || !c || size == 0 || start > finish || finish > end || (finish-start)%size != 0 {
		return nil
	}
	n := (finish - start) / size
	return sequence(v, fmt.Sprintf("%s of length %d, capacity %d", name, n, (end-start)/size), elem, start, n)
}

// bits is a vector<bool>.
func bits(v values.Value, name string) *values.View {
	start, a := word(v, "_M_impl", "_M_start", "_M_p")
	finish, b := word(v, "_M_impl", "_M_finish", "_M_p")
	offset, c := word(v, "_M_impl", "_M_finish", "_M_offset")
	end, d := word(v, "_M_impl", "_M_end_of_storage")
	if !a || !b || !c || !d || start > finish || finish > end || offset > 63 || (finish-start)*8 > most {
		return nil
	}
	n := (finish-start)*8 + offset
	return &values.View{
		Text: fmt.Sprintf("%s<bool> of length %d, capacity %d", name, n, (end-start)*8), Array: true, N: int(n),
		Children: func(from, to int) (list []values.Child) {
			for i := from; i < to; i++ {
				word, ok := read(v, start+uint64(i)/64*8)
				bit := values.Number(v.Target(), values.Bool, word>>(i%64)&1)
				if !ok {
					bit = values.Missing(values.Bool, &values.MemoryError{Addr: start + uint64(i)/64*8})
				}
				list = append(list, values.Child{Name: number(i), Value: bit})
			}
			return list
		},
	}
}

func deque(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	if elem == nil || elem.Bytes() <= 0 {
		return nil
	}
	size := uint64(elem.Bytes())
	each := max(512/size, 1)
	part := func(which, field string) uint64 {
		n, _ := word(v, "_M_impl", which, field)
		return n
	}
	first, cur, node := part("_M_start", "_M_first"), part("_M_start", "_M_cur"), part("_M_start", "_M_node")
	lastFirst, lastCur, lastNode := part("_M_finish", "_M_first"), part("_M_finish", "_M_cur"), part("_M_finish", "_M_node")
	if node == 0 || lastNode < node || cur < first || lastCur < lastFirst || (cur-first)/size > each || (lastCur-lastFirst)/size > each {
		return nil
	}
	skip := (cur - first) / size
	n := (lastNode-node)/8*each + (lastCur-lastFirst)/size - skip
	if n > most {
		return nil
	}
	return &values.View{Text: fmt.Sprintf("%s with %s", name, elements(n)), Array: true, N: int(n), Children: func(from, to int) (list []values.Child) {
		for i := from; i < to; i++ {
			at := uint64(i) + skip
			buffer, ok := read(v, node+at/each*8)
			e := values.At(v.Target(), elem, buffer+at%each*size)
			if !ok {
				e = values.Missing(elem, &values.MemoryError{Addr: node + at/each*8})
			}
			list = append(list, values.Child{Name: number(i), Value: e})
		}
		return list
	}}
}

// linked is a view of nodes that are walked through: next finds the one behind
// a node, data the place of its element.
func linked(v values.Value, text string, elem *types.Type, first, n, data uint64, next func(node uint64) (uint64, bool)) *values.View {
	return &values.View{Text: text, N: int(n), Children: func(from, to int) (list []values.Child) {
		node, ok := first, true
		for i := 0; i < to && ok; i++ {
			if i >= from {
				list = append(list, values.Child{Name: number(i), Value: values.At(v.Target(), elem, node+data)})
			}
			node, ok = next(node)
		}
		return list
	}}
}

// The places of elements in nodes, behind the links.
const (
	listData = 16
	treeData = 32
)

func list(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	head, ok := at(v, "_M_impl", "_M_node")
	n, sized := word(v, "_M_impl", "_M_node", "_M_size")
	if !sized && ok { // of old
		n, sized = word(v, "_M_impl", "_M_node", "_M_storage", "_M_storage")
	}
	if elem == nil || !ok || !head.InMemory || !sized || n > most {
		return nil
	}
	first, _ := read(v, head.Addr)
	if n == 0 || first == head.Addr {
		return &values.View{Text: "empty " + name}
	}
	return linked(v, name, elem, first, n, listData, func(node uint64) (uint64, bool) {
		next, ok := read(v, node)
		return next, ok && next != head.Addr
	})
}

// maxWalk is how many nodes of a list are counted that does not know its length.
const maxWalk = 1 << 16

func forwardList(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	first, ok := word(v, "_M_impl", "_M_head", "_M_next")
	if elem == nil || !ok {
		return nil
	}
	n := uint64(0)
	for node, ok := first, true; node != 0 && ok && n < maxWalk; n++ {
		node, ok = read(v, node)
	}
	if n == 0 {
		return &values.View{Text: "empty " + name}
	}
	return linked(v, name, elem, first, n, uint64(max(elem.Align(), 8)), func(node uint64) (uint64, bool) {
		next, ok := read(v, node)
		return next, ok && next != 0
	})
}

// pairs are keys and values for the elements of a map.
func pairs(w *values.View, key, value *types.Type) *values.View {
	elements := w.Children
	align := max(value.Align(), 1)
	second := (key.Bytes() + align - 1) / align * align
	return &values.View{Text: w.Text, Map: true, N: 2 * w.N, Children: func(from, to int) (list []values.Child) {
		for i, c := range elements(from/2, (to+1)/2) {
			for half, part := range []values.Value{c.Value.FieldAt(key, 0), c.Value.FieldAt(value, second)} {
				if n := from/2*2 + 2*i + half; n >= from && n < to {
					list = append(list, values.Child{Name: c.Name, Value: part})
				}
			}
		}
		return list
	}}
}

// tree is a set or map that is a red-black tree.
func tree(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	n, ok := word(v, "_M_t", "_M_impl", "_M_node_count")
	head, found := at(v, "_M_t", "_M_impl", "_M_header")
	if elem == nil || !ok || !found || !head.InMemory || n > most {
		return nil
	}
	// A node is its color, and its parent, left and right.
	first, _ := read(v, head.Addr+16)
	w := linked(v, fmt.Sprintf("%s with %s", name, elements(n)), elem, first, n, treeData, func(node uint64) (uint64, bool) {
		next, ok := successor(v, node)
		return next, ok && next != head.Addr
	})
	if value := argument(v, 1); strings.HasSuffix(name, "map") && value != nil {
		return pairs(w, elem, value)
	}
	return w
}

// maxDepth is deeper than any tree is.
const maxDepth = 128

// successor is the next node in order.
func successor(v values.Value, node uint64) (uint64, bool) {
	const parent, left, right = 8, 16, 24
	next, ok := read(v, node+right)
	if ok && next != 0 {
		for range maxDepth {
			l, ok := read(v, next+left)
			if !ok || l == 0 {
				return next, ok
			}
			next = l
		}
		return 0, false
	}
	for range maxDepth {
		up, ok := read(v, node+parent)
		if !ok {
			return 0, false
		}
		r, ok := read(v, up+right)
		if !ok || r != node {
			return up, ok
		}
		node = up
	}
	return 0, false
}

// hashTable is an unordered set or map.
func hashTable(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	n, ok := word(v, "_M_h", "_M_element_count")
	first, found := word(v, "_M_h", "_M_before_begin", "_M_nxt")
	if elem == nil || !ok || !found || n > most {
		return nil
	}
	value := argument(v, 1)
	isMap := strings.HasSuffix(name, "map") && value != nil
	align := elem.Align()
	if isMap {
		align = max(align, value.Align())
	}
	w := linked(v, fmt.Sprintf("%s with %s", name, elements(n)), elem, first, n, uint64(max(align, 8)), func(node uint64) (uint64, bool) {
		next, ok := read(v, node)
		return next, ok && next != 0
	})
	if isMap {
		return pairs(w, elem, value)
	}
	return w
}

func array(v values.Value, name string) *values.View {
	elems, ok := at(v, "_M_elems")
	if !ok || !elems.Type.Is(types.Array) {
		return nil
	}
	n := elems.Type.Strip().Count
	return &values.View{Text: fmt.Sprintf("%s of length %d", name, n), Array: true, N: int(max(n, 0)), Children: func(from, to int) (list []values.Child) {
		for i := from; i < to; i++ {
			list = append(list, values.Child{Name: number(i), Value: elems.Index(int64(i))})
		}
		return list
	}}
}

func span(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	start, ok := word(v, "_M_ptr")
	n, dynamic := word(v, "_M_extent", "_M_extent_value")
	if list := v.Type.Strip().Templates(); !dynamic && len(list) > 1 && list[1].Value != nil {
		n = uint64(*list[1].Value)
	}
	if elem == nil || !ok {
		return nil
	}
	return sequence(v, fmt.Sprintf("%s of length %d", name, n), elem, start, n)
}

func initializerList(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	start, ok := word(v, "_M_array")
	n, sized := word(v, "_M_len")
	if elem == nil || !ok || !sized {
		return nil
	}
	return sequence(v, fmt.Sprintf("%s of length %d", name, n), elem, start, n)
}
