package types

import "debug/dwarf"

// Kind says what values of a type are.
type Kind uint8

// The kinds of types.
const (
	Unknown Kind = iota // the debug information is damaged, or says what we do not know
	Void
	Bool
	Int
	Char
	Float
	Complex
	Pointer
	Reference
	RvalueReference
	MemberPointer
	Array
	Struct // also a class
	Union
	Enum
	Func
	Typedef
	Qualified
)

// Type is a type. Its members are read when they are asked for.
type Type struct {
	Kind Kind
	// Name is the name that it was declared with, and the namespaces and classes
	// it lies in; "" for types made of others, and those without a name.
	Name string
	// Tag is "struct", "class", "union" or "enum" of a type declared with it.
	Tag string
	// Size is in bytes; -1 if it is not known here: the type is declared only, or
	// its size depends on a variable.
	Size   int64
	Signed bool // of an Int or Char
	Lang   Lang
	// Elem is what the type is made of: what a pointer, reference or member
	// pointer points to, the element of an array, what a function returns, a
	// typedef stands for, a qualifier is put to; the integer of an enum.
	Elem *Type
	// Class is what a MemberPointer points into.
	Class *Type
	// Qualifier is const, volatile, restrict or _Atomic.
	Qualifier string
	// Count is how many elements an array has; -1: unknown. Bound tells how it is
	// computed then, if it is.
	Count  int64
	Lower  int64
	Stride int64 // from an element to the next; 0: their size
	Vector bool  // it is a vector of the processor's
	Bound  *dwarf.Entry
	// Params are those of a function.
	Params     []*Type
	Variadic   bool
	Prototyped bool
	// EnumClass: the names of an enum's values begin with its own.
	EnumClass bool

	data     *Data
	off      dwarf.Offset
	declared bool
	defined  *Type // what was found for a declared one
	looked   bool
	content  *content
}

// maxChain bounds how many typedefs and qualifiers are looked through: damaged
// debug information may have circles.
const maxChain = 64

// Strip looks through typedefs and qualifiers, and finds the definition of what is
// declared only.
func (t *Type) Strip() *Type {
	for range maxChain {
		if t.Kind != Typedef && t.Kind != Qualified {
			return t.Definition()
		}
		t = t.Elem
	}
	return unknown
}

// StripQualifiers looks through const and the like.
func (t *Type) StripQualifiers() *Type {
	for range maxChain {
		if t.Kind != Qualified {
			return t
		}
		t = t.Elem
	}
	return unknown
}

// unknown is a type of which nothing is known.
var unknown = &Type{Kind: Unknown, Name: "<unknown type>", Size: -1}

// Definition is the definition of a type that is declared only, if the file has
// one; all other types are their own.
func (t *Type) Definition() *Type {
	if !t.declared || t.data == nil {
		return t
	}
	if !t.looked {
		t.looked = true
		t.defined = t.data.definition(t)
	}
	if t.defined != nil {
		return t.defined
	}
	return t
}

// Incomplete reports whether the type has no definition.
func (t *Type) Incomplete() bool { return t.Strip().declared }

// Bytes is the size of the type, looking through typedefs; 0 if there is none.
func (t *Type) Bytes() int64 {
	n, _ := t.bytes(maxChain)
	return n
}

// Sized is like Bytes, and reports whether the size is known.
func (t *Type) Sized() (int64, bool) { return t.bytes(maxChain) }

func (t *Type) bytes(depth int) (int64, bool) {
	t = t.Strip()
	if t.Size >= 0 {
		return t.Size, true
	}
	if t.Kind != Array || depth == 0 || t.Count < 0 {
		return 0, false
	}
	each, ok := t.step(depth - 1)
	const most = 1 << 46
	if each > 0 && t.Count > most/each {
		return 0, false
	}
	return each * t.Count, ok
}

// Step is the distance between an array's elements.
func (t *Type) Step() int64 {
	n, _ := t.step(maxChain)
	return n
}

func (t *Type) step(depth int) (int64, bool) {
	if t.Stride > 0 {
		return t.Stride, true
	}
	return t.Elem.bytes(depth)
}

// Is reports whether the type, looked through typedefs, is of one of the kinds.
func (t *Type) Is(kinds ...Kind) bool {
	s := t.Strip()
	for _, k := range kinds {
		if s.Kind == k {
			return true
		}
	}
	return false
}

// Integral reports whether the values are whole numbers to C: also bool,
// characters and enums.
func (t *Type) Integral() bool { return t.Is(Int, Char, Bool, Enum) }

// IsSigned reports whether numbers of the type can be negative.
func (t *Type) IsSigned() bool {
	s := t.Strip()
	if s.Kind != Enum {
		return s.Signed
	}
	if s.Elem != nil && s.Elem.Kind != Void {
		return s.Elem.IsSigned()
	}
	for _, e := range s.Enumerators() {
		if e.Value < 0 {
			return true
		}
	}
	return false
}

// PointerTo is the type of pointers to t.
func PointerTo(t *Type) *Type {
	return &Type{Kind: Pointer, Size: 8, Elem: t, Lang: t.Lang}
}

// ArrayOf is the type of arrays of t.
func ArrayOf(t *Type, n int64) *Type {
	return &Type{Kind: Array, Size: -1, Elem: t, Count: n, Lang: t.Lang}
}

// Base makes a type of the language itself.
func Base(kind Kind, name string, size int64, signed bool) *Type {
	return &Type{Kind: kind, Name: name, Size: size, Signed: signed}
}

// DIE is the offset of the type's DIE; 0 if it has none.
func (t *Type) DIE() dwarf.Offset { return t.off }

// Data is the debug information that the type is from; nil: it is not from any.
func (t *Type) Data() *Data { return t.data }

// Align is how the language aligns values of the type.
func (t *Type) Align() int64 { return t.align(maxChain) }

func (t *Type) align(depth int) int64 {
	s := t.Strip()
	most := int64(1)
	switch {
	case depth == 0:
	case s.Kind == Array:
		return s.Elem.align(depth - 1)
	case s.Kind == Struct || s.Kind == Union:
		for i := range s.Members() {
			if m := &s.Members()[i]; !m.Static {
				most = max(most, m.Type.align(depth-1))
			}
		}
	case s.Kind == MemberPointer:
		return 8
	default:
		for most < min(s.Bytes(), 16) {
			most *= 2
		}
	}
	return most
}
