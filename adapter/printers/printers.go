// Package printers shows what the containers of C++ (libstdc++) and Rust hold,
// instead of the pointers that they are made of.
//
// A table names the types. Each printer looks at a value and returns a view of
// it, or nil if the value is not as it should be: a variable before its
// initialization has any bytes. Then it is shown as it is. What a view holds is
// read when it is asked for, and no more of it, so that damaged lengths cost
// nothing and damaged links end.
package printers

import (
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// printer makes a view of a value of a type with a name; nil: it is none.
type printer func(v values.Value, name string) *values.View

// table are the printers by the names of types without the arguments of
// templates and without inline namespaces.
var table map[string]printer

func init() { // some of them look at what they hold
	table = map[string]printer{
		"std::basic_string":       cxxString,
		"std::basic_string_view":  stringView,
		"std::vector":             vector,
		"std::deque":              deque,
		"std::list":               list,
		"std::forward_list":       forwardList,
		"std::map":                tree,
		"std::multimap":           tree,
		"std::set":                tree,
		"std::multiset":           tree,
		"std::unordered_map":      hashTable,
		"std::unordered_multimap": hashTable,
		"std::unordered_set":      hashTable,
		"std::unordered_multiset": hashTable,
		"std::pair":               pair,
		"std::tuple":              tuple,
		"std::optional":           optional,
		"std::variant":            variant,
		"std::unique_ptr":         uniquePtr,
		"std::shared_ptr":         sharedPtr,
		"std::weak_ptr":           sharedPtr,
		"std::array":              array,
		"std::span":               span,
		"std::initializer_list":   initializerList,

		"alloc::string::String":                rustString,
		"alloc::vec::Vec":                      rustVec,
		"alloc::rc::Rc":                        rustShared,
		"alloc::sync::Arc":                     rustShared,
		"std::collections::hash::map::HashMap": rustMap,
		"std::collections::hash::set::HashSet": rustMap,
	}
}

// View is how a value is shown; nil: as it is.
func View(v values.Value) *values.View {
	t := v.Type.Strip()
	if t.Kind != types.Struct || v.Err() != nil {
		return nil
	}
	name, _, _ := strings.Cut(t.Name, "<")
	key := strings.NewReplacer("std::__cxx11::", "std::", "std::__1::", "std::").Replace(name)
	if p := table[key]; p != nil {
		return p(v, name)
	}
	if t.Lang == types.Rust && strings.HasPrefix(t.Name, "&") && strings.Contains(t.Name, "[") {
		return rustSlice(v)
	}
	return nil
}

// at follows the names of members.
func at(v values.Value, path ...string) (values.Value, bool) {
	for _, name := range path {
		f, ok := v.Member(name)
		if !ok || f.Err() != nil {
			return v, false
		}
		v = f
	}
	return v, true
}

// word is a number or pointer at the end of a path.
func word(v values.Value, path ...string) (uint64, bool) {
	f, ok := at(v, path...)
	if !ok || !f.Type.Integral() && !f.Type.Is(types.Pointer) {
		return 0, false
	}
	n, err := f.Uint()
	return n, err == nil
}

// read reads a word of memory.
func read(v values.Value, addr uint64) (uint64, bool) {
	n, err := values.At(v.Target(), values.ULong, addr).Uint()
	return n, err == nil
}

// argument is a type that a template was given.
func argument(v values.Value, i int) *types.Type {
	list := v.Type.Strip().Templates()
	if i >= len(list) || list[i].Type == nil {
		return nil
	}
	return list[i].Type
}

// most is the largest container that is believed.
const most = 1 << 40

// sequence is a view of elements that lie one behind the other.
func sequence(v values.Value, text string, elem *types.Type, start, n uint64) *values.View {
	size := elem.Bytes()
	if n > most || size <= 0 {
		return nil
	}
	return &values.View{Text: text, Array: true, N: int(n), Children: func(from, to int) (list []values.Child) {
		for i := from; i < to; i++ {
			list = append(list, values.Child{Name: number(i), Value: values.At(v.Target(), elem, start+uint64(int64(i)*size))})
		}
		return list
	}}
}
