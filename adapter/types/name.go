package types

import (
	"fmt"
	"strings"
)

// String is the type as gdb writes it: "const char *", "int (*)(int)".
func (t *Type) String() string { return t.Declare("") }

// Declare is a declaration of a name with the type. Without a name it is the
// type alone.
func (t *Type) Declare(name string) string {
	base, declarator := t.declare(name, maxChain)
	if declarator == "" {
		return base
	}
	return base + " " + declarator
}

// declare splits a type, as C does, into what begins the declaration and what
// stands around the name.
func (t *Type) declare(name string, depth int) (base, declarator string) {
	if depth == 0 {
		return "...", name
	}
	if t.Name != "" && t.Lang == Rust {
		return t.Name, name
	}
	switch t.Kind {
	case Pointer, Reference, RvalueReference, MemberPointer:
		sign := signs[t.Kind]
		if t.Kind == MemberPointer {
			sign = t.Class.tagged() + "::*"
		}
		switch e := t.Elem.StripQualifiers(); e.Kind {
		case Func, Array:
			return t.Elem.declare("("+sign+name+")", depth-1)
		}
		return t.Elem.declare(sign+name, depth-1)
	case Qualified:
		return t.qualify(name, depth)
	case Array:
		n := ""
		if t.Count >= 0 {
			n = fmt.Sprint(t.Count)
		}
		if t.Vector {
			base, declarator = t.Elem.declare(name, depth-1)
			return base, strings.TrimSpace(declarator + " __attribute__ ((vector_size(" + n + ")))")
		}
		if strings.HasSuffix(name, "]") || strings.HasSuffix(name, ")") {
			return t.Elem.declare(name+"["+n+"]", depth-1)
		}
		return t.Elem.declare(strings.TrimSpace(name+" ")+"["+n+"]", depth-1)
	case Func:
		return t.Elem.declare(name+t.parameters(), depth-1)
	}
	return t.tagged(), name
}

var signs = map[Kind]string{Pointer: "*", Reference: "&", RvalueReference: "&&"}

// qualify writes qualifiers before what they are put to, and behind the star of a
// pointer.
func (t *Type) qualify(name string, depth int) (base, declarator string) {
	var words []string
	e := t
	for range maxChain {
		if e.Kind != Qualified {
			break
		}
		words = append(words, e.Qualifier)
		e = e.Elem
	}
	// gdb has an order of its own.
	text := ""
	for _, w := range []string{"const", "volatile", "restrict", "_Atomic"} {
		for _, have := range words {
			if have == w {
				text = strings.TrimSpace(text + " " + w)
				break
			}
		}
	}
	if e.Kind == Pointer || e.Kind == Reference || e.Kind == RvalueReference || e.Kind == MemberPointer {
		if name != "" {
			text += " " + name
		}
		return e.declare(" "+text, depth-1)
	}
	base, declarator = e.declare(name, depth-1)
	return text + " " + base, declarator
}

// parameters are the parameters of a function, in parentheses.
func (t *Type) parameters() string {
	var list []string
	for _, p := range t.Params {
		list = append(list, p.String())
	}
	if t.Variadic && len(list) > 0 {
		list = append(list, "...")
	}
	if len(list) == 0 && t.Prototyped && t.Lang != Rust {
		list = []string{"void"}
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// tagged is the name of a type that has one, with its tag in C.
func (t *Type) tagged() string {
	if t.Tag == "" {
		if t.Name == "" {
			return "<unknown type>"
		}
		return t.Name
	}
	switch {
	case t.Name == "":
		return t.Tag + " {...}"
	case t.Lang == C:
		return t.Tag + " " + t.Name
	}
	return t.Name
}
