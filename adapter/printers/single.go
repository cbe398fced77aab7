package printers

import (
	"fmt"
	"regexp"
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// some is a view with the children that it is given.
func some(text string, list ...values.Child) *values.View {
	return &values.View{Text: text, N: len(list), Children: func(from, to int) []values.Child { return list[from:to] }}
}

func pair(v values.Value, _ string) *values.View {
	first, a := v.Member("first")
	second, b := v.Member("second")
	if !a || !b {
		return nil
	}
	return some("", values.Child{Name: "first", Value: first}, values.Child{Name: "second", Value: second})
}

// maxTuple is how many elements of a tuple are shown. Its own number is not
// known: gcc leaves the arguments of its template out.
const maxTuple = 256

// tuple walks through the bases that a tuple is made of.
func tuple(v values.Value, name string) *values.View {
	var list []values.Child
	node := v
	for range maxTuple {
		var next, head *values.Value
		for i := range node.Type.Strip().Members() {
			m := &node.Type.Strip().Members()[i]
			if !m.Base {
				continue
			}
			f := node.Field(m)
			if strings.HasPrefix(m.Name, "std::_Tuple_impl<") {
				next = &f
			} else if strings.HasPrefix(m.Name, "std::_Head_base<") {
				head = &f
			}
		}
		if head != nil {
			f, ok := head.Member("_M_head_impl")
			if !ok {
				f = *head
			}
			list = append(list, values.Child{Name: number(len(list) + 1), Value: f})
		}
		if next == nil {
			break
		}
		node = *next
	}
	if len(list) == 0 {
		return &values.View{Text: "empty " + name}
	}
	return some(name+" containing", list...)
}

// within is a view of what holds one value or none.
func within(text string, inner values.Value) *values.View {
	if w := View(inner); w != nil && !w.Plain {
		c := *w
		c.Text = text + " containing " + w.Text
		return &c
	}
	return some(text, values.Child{Name: "[contained value]", Value: inner})
}

// defaults are the arguments of templates that are seldom written.
var defaults = regexp.MustCompile(`, std::(?:allocator|char_traits|less|hash|equal_to|default_delete)<[^<>]*(?:<[^<>]*>)? ?>`)

// recognize writes the type of an argument as the printers of gdb do.
func recognize(t *types.Type) string {
	name := t.String()
	for short := ""; short != name; {
		short, name = name, defaults.ReplaceAllString(name, "")
	}
	name = strings.ReplaceAll(name, " >", ">")
	return strings.NewReplacer("std::__cxx11::basic_string<char>", "std::string", "std::basic_string_view<char>", "std::string_view").Replace(name)
}

func optional(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	engaged, ok := word(v, "_M_payload", "_M_engaged")
	payload, found := at(v, "_M_payload", "_M_payload")
	if elem == nil || !ok || !found || engaged > 1 {
		return nil
	}
	text := fmt.Sprintf("%s<%s>", name, recognize(elem))
	if engaged == 0 {
		return &values.View{Text: text + " [no contained value]", Plain: true}
	}
	return within(text, payload.FieldAt(elem, 0))
}

func variant(v values.Value, name string) *values.View {
	var names []string
	list := v.Type.Strip().Templates()
	for _, a := range list {
		names = append(names, recognize(a.Type))
	}
	text := fmt.Sprintf("%s<%s>", name, strings.Join(names, ", "))
	index, ok := word(v, "_M_index")
	union, found := at(v, "_M_u")
	if !ok || !found {
		return nil
	}
	if index >= uint64(len(list)) {
		return &values.View{Text: text + " [no contained value]", Plain: true}
	}
	w := within(fmt.Sprintf("%s [index %d]", text, index), union.FieldAt(list[index].Type, 0))
	w.Array = !w.Map
	return w
}

func uniquePtr(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	p, ok := v.Member("_M_head_impl")
	if inner, found := at(v, "_M_t", "_M_t"); found {
		p, ok = inner.Member("_M_head_impl")
		// The deleter's part, if it has one, comes first.
		if w := tuple(inner, ""); w.N > 0 {
			p, ok = w.Children(0, 1)[0].Value, true
		}
	}
	if elem == nil || !ok {
		return nil
	}
	return some(fmt.Sprintf("%s<%s>", name, elem), values.Child{Name: "get()", Value: p})
}

func sharedPtr(v values.Value, name string) *values.View {
	elem := argument(v, 0)
	p, ok := at(v, "_M_ptr")
	counts, found := at(v, "_M_refcount", "_M_pi")
	if elem == nil || !ok || !found {
		return nil
	}
	state := "empty"
	if addr, err := counts.Uint(); err != nil || addr != 0 {
		used, a := word(counts.Deref(), "_M_use_count")
		weak, b := word(counts.Deref(), "_M_weak_count")
		switch {
		case !a || !b:
			return nil
		case used == 0:
			state = fmt.Sprintf("expired, weak count %d", int32(weak))
		default:
			state = fmt.Sprintf("use count %d, weak count %d", int32(used), int32(weak)-1)
		}
	}
	return some(fmt.Sprintf("%s<%s> (%s)", name, elem, state), values.Child{Name: "get()", Value: p})
}
