package types

import (
	"debug/dwarf"
	"strings"
)

// void is what a missing DW_AT_type says.
var void = &Type{Kind: Void, Name: "void", Size: 1}

// encodings are the DW_ATE_* of base types.
var encodings = map[int64]struct {
	kind   Kind
	signed bool
}{
	0x01: {Pointer, false}, 0x02: {Bool, false}, 0x03: {Complex, false}, 0x04: {Float, true}, 0x05: {Int, true}, 0x06: {Char, true},
	0x07: {Int, false}, 0x08: {Char, false}, 0x10: {Char, false}, 0x11: {Char, false}, 0x12: {Char, false},
}

// kinds are the tags of types made of others, and of those with members.
var kinds = map[dwarf.Tag]struct {
	kind Kind
	word string // qualifier or tag
}{
	dwarf.TagPointerType:         {Pointer, ""},
	dwarf.TagReferenceType:       {Reference, ""},
	dwarf.TagRvalueReferenceType: {RvalueReference, ""},
	dwarf.TagPtrToMemberType:     {MemberPointer, ""},
	dwarf.TagTypedef:             {Typedef, ""},
	dwarf.TagTemplateAlias:       {Typedef, ""},
	dwarf.TagConstType:           {Qualified, "const"},
	dwarf.TagVolatileType:        {Qualified, "volatile"},
	dwarf.TagRestrictType:        {Qualified, "restrict"},
	dwarf.TagAtomicType:          {Qualified, "_Atomic"},
	dwarf.TagStructType:          {Struct, "struct"},
	dwarf.TagClassType:           {Struct, "class"},
	dwarf.TagInterfaceType:       {Struct, "class"},
	dwarf.TagUnionType:           {Union, "union"},
	dwarf.TagEnumerationType:     {Enum, "enum"},
	dwarf.TagArrayType:           {Array, ""},
	dwarf.TagSubroutineType:      {Func, ""},
	dwarf.TagSubprogram:          {Func, ""},
	dwarf.TagUnspecifiedType:     {Void, ""},
	dwarf.TagSubrangeType:        {Typedef, ""},
}

// TypeAt is the type of a DIE that is a type or a function.
func (d *Data) TypeAt(off dwarf.Offset) *Type {
	if t := d.types[off]; t != nil {
		return t
	}
	e := d.entry(off)
	if e == nil {
		return unknown
	}
	t := &Type{Elem: unknown, Size: -1, Count: -1, data: d, off: off, Lang: d.unitOf(off).Lang}
	d.types[off] = t // now, since it may be made of itself
	if e.Tag == dwarf.TagBaseType {
		t.base(e)
		return t
	}
	k, ok := kinds[e.Tag]
	if !ok {
		*t = *unknown
		return t
	}
	t.Kind = k.kind
	t.declared, _ = e.Val(dwarf.AttrDeclaration).(bool)
	if size, ok := e.Val(dwarf.AttrByteSize).(int64); ok && size >= 0 {
		t.Size = size
	}
	switch t.Kind {
	case Struct, Union, Enum:
		t.Tag = k.word
	case Qualified:
		t.Qualifier = k.word
	}
	if t.Kind != Func && t.Kind != Array && t.Kind != Qualified {
		t.Name = d.qualified(e)
	}
	switch t.Kind {
	case Struct, Union, Void:
		if t.Kind == Void {
			t.Size = 1
			if strings.Contains(t.Name, "nullptr") {
				t.Kind, t.Size = Int, 8
			}
		}
		return t // Elem is of no use
	case Pointer, Reference, RvalueReference:
		t.Size = 8
		if t.Lang != Rust {
			t.Name = ""
		}
	case Typedef, Qualified:
		t.Size = -1
	}
	t.Elem = d.typeOf(e)
	switch t.Kind {
	case Array:
		return d.array(t, e)
	case Func:
		t.Size = 1
		t.function(e)
	case MemberPointer:
		t.Class = unknown
		if off, ok := e.Val(dwarf.AttrContainingType).(dwarf.Offset); ok {
			t.Class = d.TypeAt(off)
		}
		if t.Size < 0 {
			t.Size = 8
			if t.Elem.Is(Func) {
				t.Size = 16
			}
		}
	case Enum:
		t.EnumClass, _ = e.Val(dwarf.AttrEnumClass).(bool)
	}
	return t
}

// TypeOf is the type that a DIE says it has; void if it says none.
func (d *Data) TypeOf(e *dwarf.Entry) *Type { return d.typeOf(e) }

func (d *Data) typeOf(e *dwarf.Entry) *Type {
	switch off := e.Val(dwarf.AttrType).(type) {
	case dwarf.Offset:
		return d.TypeAt(off)
	case nil:
		return void
	}
	return unknown // the signature of a type unit
}

func (t *Type) base(e *dwarf.Entry) {
	t.Name, _ = e.Val(dwarf.AttrName).(string)
	t.Size, _ = e.Val(dwarf.AttrByteSize).(int64)
	encoding, _ := e.Val(dwarf.AttrEncoding).(int64)
	k, ok := encodings[encoding]
	if !ok || t.Size < 0 || t.Size > 64 {
		*t = *unknown
		return
	}
	t.Kind, t.Signed = k.kind, k.signed
	switch t.Kind {
	case Pointer: // DW_ATE_address
		t.Elem = void
	case Char:
		// Rust's bytes are numbers; only char is a character.
		if t.Lang == Rust && t.Name != "char" {
			t.Kind = Int
		}
	}
	if t.Size == 0 {
		t.Kind = Void
		t.Size = 0
	}
}

// array reads the dimensions. Those behind the first are types of their own.
func (d *Data) array(t *Type, e *dwarf.Entry) *Type {
	var dims []*dwarf.Entry
	d.children(e, func(c *dwarf.Entry) {
		if (c.Tag == dwarf.TagSubrangeType || c.Tag == dwarf.TagEnumerationType) && len(dims) < maxChain {
			dims = append(dims, c)
		}
	})
	t.Vector, _ = e.Val(attrGNUVector).(bool)
	elem := t.Elem
	size := t.Size
	for i := len(dims) - 1; i >= 0; i-- {
		a := t
		if i > 0 {
			a = &Type{Kind: Array, Lang: t.Lang, Vector: t.Vector}
		}
		a.Elem, a.Size = elem, -1
		a.Count, a.Lower = count(dims[i])
		if a.Count < 0 && (dims[i].Val(dwarf.AttrUpperBound) != nil || dims[i].Val(dwarf.AttrCount) != nil) {
			a.Bound = dims[i]
		}
		elem = a
	}
	if len(dims) == 1 && t.Count < 0 && size > 0 && t.Bound == nil {
		if each := t.Elem.Bytes(); each > 0 {
			t.Count = size / each
		}
	}
	return t
}

const attrGNUVector dwarf.Attr = 0x2107

// count is how many elements a dimension has; -1: that is not constant.
func count(e *dwarf.Entry) (n, lower int64) {
	lower, _ = e.Val(dwarf.AttrLowerBound).(int64)
	if n, ok := e.Val(dwarf.AttrCount).(int64); ok {
		return max(n, -1), lower
	}
	if upper, ok := e.Val(dwarf.AttrUpperBound).(int64); ok && upper >= lower-1 && upper-lower < 1<<46 {
		return upper - lower + 1, lower
	}
	return -1, lower
}

// function reads the parameters of a function, or of a type of functions.
func (t *Type) function(e *dwarf.Entry) {
	t.Prototyped, _ = e.Val(dwarf.AttrPrototyped).(bool)
	t.Prototyped = t.Prototyped || t.Lang != C
	if e.Val(dwarf.AttrType) == nil {
		for _, a := range []dwarf.Attr{dwarf.AttrSpecification, dwarf.AttrAbstractOrigin} {
			if off, ok := e.Val(a).(dwarf.Offset); ok {
				if s := t.data.entry(off); s != nil {
					t.Elem = t.data.typeOf(s)
					if off, ok := s.Val(dwarf.AttrSpecification).(dwarf.Offset); ok && t.Elem == void {
						if s := t.data.entry(off); s != nil {
							t.Elem = t.data.typeOf(s)
						}
					}
				}
			}
		}
	}
	t.data.children(e, func(c *dwarf.Entry) {
		switch c.Tag {
		case dwarf.TagFormalParameter:
			p := c
			if off, ok := c.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset); ok && c.Val(dwarf.AttrType) == nil {
				if o := t.data.entry(off); o != nil {
					p = o
				}
			}
			typ := t.data.typeOf(p)
			if is, _ := c.Val(dwarf.AttrArtificial).(bool); is && typ.Kind == Pointer { // this
				typ = &Type{Kind: Qualified, Qualifier: "const", Elem: typ, Size: -1, Lang: t.Lang}
			}
			t.Params = append(t.Params, typ)
		case dwarf.TagUnspecifiedParameters:
			t.Variadic = true
		}
	})
}

// qualified is the name of a DIE with those of what it lies in.
func (d *Data) qualified(e *dwarf.Entry) string {
	name, _ := e.Val(dwarf.AttrName).(string)
	u := d.unitOf(e.Offset)
	if u == nil || u.Lang == C {
		return name
	}
	name = u.canonical(name)
	n := u.node(e.Offset)
	if n == nil || n.name == "" { // the name of a definition is that of its declaration
		return name
	}
	return u.prefix(n) + n.name
}

// prefix is what stands before the name of a node.
func (u *Unit) prefix(n *node) string {
	var parts []string
	for p := n.parent; p >= 0 && len(parts) < maxChain; p = u.nodes[p].parent {
		parent := &u.nodes[p]
		name := parent.name
		switch {
		case parent.tag == dwarf.TagSubprogram && u.Lang == CPlusPlus:
			if args := u.data.TypeAt(parent.off).parameters(); args != "(void)" {
				name += args
			} else {
				name += "()"
			}
		case parent.tag == dwarf.TagNamespace && name == "":
			name = "(anonymous namespace)"
		case name == "":
			if u.Lang == CPlusPlus && parent.flags&transparent == 0 {
				name = "{unnamed type#1}"
			}
		}
		if name != "" {
			parts = append(parts, name)
		}
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
		b.WriteString("::")
	}
	return b.String()
}
