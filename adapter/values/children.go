package values

import (
	"fmt"
	"strings"

	"stepback/adapter/types"
)

// Child is a part of a value, as a line in a tree.
type Child struct {
	Name  string
	Value Value
	// Expr is an expression that has the same value, "" if there is none.
	Expr string
	// Outer is, for an anonymous struct or union, the expression of what it lies
	// in: its members are named as that one's.
	Outer string
}

// Inside is the expression that the names of the child's own children begin with.
func (c Child) Inside() string {
	if c.Outer != "" {
		return c.Outer
	}
	return c.Expr
}

// View is another way to show a value than by its members: what a container
// holds.
type View struct {
	Text  string // "std::vector of length 3, capacity 4", or all there is to say
	Plain bool   // the text is all
	Map   bool   // the children are keys and values in turn
	Array bool   // the children are numbered
	N     int
	// Children are some of the children, in order.
	Children func(from, to int) []Child
}

// view writes a view as gdb's pretty-printers do.
func (p *printer) view(w *View, depth int) {
	p.WriteString(w.Text)
	if w.Plain || w.N == 0 && w.Text != "" {
		return
	}
	if w.Text != "" {
		p.WriteString(" = ")
	}
	if depth > p.o.depth() {
		p.WriteString("{...}")
		return
	}
	p.WriteString("{")
	limit := p.o.limit()
	if w.Map {
		limit *= 2
	}
	n := min(w.N, limit)
	list := w.Children(0, n)
	for i, c := range list {
		if p.Len() > maxText {
			break
		}
		switch {
		case w.Map && i%2 == 1:
			p.WriteString("] = ")
		case w.Map:
			if i > 0 {
				p.WriteString(", ")
			}
			p.WriteString("[")
		default:
			if i > 0 {
				p.WriteString(", ")
			}
			if !w.Array && c.Name != "" {
				p.WriteString(c.Name + " = ")
			}
		}
		p.value(c.Value, depth+1)
	}
	if n < w.N {
		p.WriteString("...")
	}
	p.WriteString("}")
}

// Count is how many children a value has: with names, and with numbers.
func (v Value) Count(view func(Value) *View) (named, indexed int) {
	if v.why != nil {
		return 0, 0
	}
	if view != nil {
		if w := view(v); w != nil {
			if w.Array {
				return 1, w.N // [Raw]
			}
			if w.Map {
				return 1 + w.N/2, 0
			}
			return 1 + w.N, 0
		}
	}
	t := v.Type.Strip()
	switch t.Kind {
	case types.Array:
		return 0, int(max(t.Count, 0))
	case types.Struct, types.Union:
		if one := v.Variant(); one != nil {
			return v.Field(one.Member).Count(nil)
		}
		return len(t.Members()), 0
	case types.Reference, types.RvalueReference:
		return v.Deref().Count(view)
	case types.Pointer:
		n, err := v.Uint()
		if err != nil || n == 0 || t.Elem.Is(types.Void, types.Func, types.Unknown) || t.Elem.Incomplete() {
			return 0, 0
		}
		if t.Elem.Is(types.Struct, types.Union) {
			return v.Deref().Count(view)
		}
		return 1, 0
	}
	return 0, 0
}

// Children are the value's parts from number from on, at most n. expr is the
// expression that the value was, for those of the children. The last child of a
// view is the value without it.
func (v Value) Children(expr string, from, n int, view func(Value) *View) []Child {
	named, indexed := v.Count(view)
	to := min(from+n, named+indexed)
	if from < 0 || from >= to {
		return nil
	}
	if view != nil {
		if w := view(v); w != nil {
			return v.viewed(w, expr, from, to)
		}
	}
	t := v.Type.Strip()
	switch t.Kind {
	case types.Array:
		var list []Child
		for i := from; i < to; i++ {
			list = append(list, Child{Name: fmt.Sprintf("[%d]", int64(i)+t.Lower), Value: v.Index(int64(i)), Expr: index(expr, int64(i)+t.Lower)})
		}
		return list
	case types.Struct, types.Union:
		return v.members(t, expr, from, to)
	case types.Reference, types.RvalueReference:
		return v.Deref().Children(expr, from, n, view)
	case types.Pointer:
		if t.Elem.Is(types.Struct, types.Union) {
			return v.Deref().Children(star(expr), from, n, view)
		}
		name := "*" + expr
		if expr == "" {
			name = "*"
		}
		return []Child{{Name: name, Value: v.Deref(), Expr: star(expr)}}
	}
	return nil
}

func (v Value) viewed(w *View, expr string, from, to int) (list []Child) {
	end := w.N
	if w.Map {
		end /= 2
	}
	if w.Map {
		pairs := w.Children(2*from, min(2*to, w.N))
		for i := 0; i+1 < len(pairs); i += 2 {
			key := pairs[i].Value.Format(Options{Limit: 40, Depth: 2})
			list = append(list, Child{Name: "[" + key + "]", Value: pairs[i+1].Value, Expr: pairs[i+1].Expr})
		}
	} else if from < end {
		list = w.Children(from, min(to, end))
	}
	if to > end {
		list = append(list, Child{Name: "[Raw]", Value: v, Expr: expr})
	}
	return list
}

func (v Value) members(t *types.Type, expr string, from, to int) (list []Child) {
	if one := v.Variant(); one != nil {
		inner := v.Field(one.Member)
		return inner.members(inner.Type.Strip(), expr, from, to)
	}
	members := t.Members()
	for i := from; i < min(to, len(members)); i++ {
		m := &members[i]
		c := Child{Name: m.Name, Value: v.Field(m), Expr: dot(expr, m.Name)}
		switch {
		case m.Base:
			c.Expr = ""
			if expr != "" {
				c.Expr = fmt.Sprintf("(%s)(%s)", m.Type, expr)
			}
		case m.Name == "":
			c.Name, c.Expr, c.Outer = fmt.Sprintf("<anonymous %s>", m.Type.Strip().Tag), "", expr
		case t.Lang == types.Rust && strings.HasPrefix(m.Name, "__"):
			c.Name = m.Name[2:]
		}
		list = append(list, c)
	}
	return list
}

func star(expr string) string {
	if expr == "" {
		return ""
	}
	return "*(" + expr + ")"
}

func index(expr string, i int64) string {
	if expr == "" {
		return ""
	}
	return fmt.Sprintf("%s[%d]", operand(expr), i)
}

func dot(expr, name string) string {
	if expr == "" {
		return ""
	}
	if inner, ok := strings.CutPrefix(expr, "*("); ok && balanced(inner) {
		return operand(inner[:len(inner)-1]) + "->" + name
	}
	return operand(expr) + "." + name
}

// balanced reports whether the text up to its last parenthesis is what the
// parenthesis before it opened.
func balanced(inner string) bool {
	depth := 1
	for i, c := range inner {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			return i == len(inner)-1
		}
	}
	return false
}

// operand puts an expression in parentheses if what follows would bind to a part
// of it.
func operand(expr string) string {
	if strings.ContainsAny(expr[:1], "*&-+!~(") {
		return "(" + expr + ")"
	}
	return expr
}
