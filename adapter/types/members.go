package types

import (
	"debug/dwarf"
	"strings"
)

// Member is a field of a struct, class or union, or one of its bases.
type Member struct {
	Name   string // "" for an anonymous struct or union
	Type   *Type
	Offset int64 // in bytes, from the beginning of the whole
	// BitSize is how many bits a bit-field has, from bit BitOffset of the byte at
	// Offset on; 0 for no bit-field.
	BitOffset, BitSize int64
	// Base says that it is what the class inherits. Virtual is the expression
	// that computes where a virtual base lies, from the address of the whole.
	Base    bool
	Virtual []byte
	// Static says that it lies elsewhere: in the variable that DIE declares.
	Static     bool
	Artificial bool // made by the compiler
	DIE        *dwarf.Entry
	Owner      *Type
}

// Enumerator is a name for a value of an enum.
type Enumerator struct {
	Name  string // with that of the enum where the language wants it
	Value int64
}

// Variants are the shapes that a value of an enum with payload can have.
type Variants struct {
	Discriminant *Member // nil: there is only one
	List         []Variant
}

// Variant is one of them.
type Variant struct {
	Member  *Member
	Values  [][2]uint64 // ranges of the discriminant that tell it
	Default bool        // it is this one if it is no other
}

// Template is an argument of a template.
type Template struct {
	Name  string
	Type  *Type
	Value *int64 // of one that is a value
}

// content is what is in a type.
type content struct {
	members     []Member
	enumerators []Enumerator
	templates   []Template
	variants    *Variants
	virtual     map[int64]dwarf.Offset
}

// Members are the fields and bases of a struct, class or union, in the order of
// their declaration.
func (t *Type) Members() []Member { return t.read().members }

// Enumerators are the names of an enum's values.
func (t *Type) Enumerators() []Enumerator { return t.read().enumerators }

// Templates are the arguments of a class made of a template.
func (t *Type) Templates() []Template { return t.read().templates }

// Variants are those of a Rust enum; nil for all other types.
func (t *Type) Variants() *Variants { return t.read().variants }

// read reads what is in the type, once.
func (t *Type) read() *content {
	if t.content != nil {
		return t.content
	}
	t.content = &content{}
	if t.data == nil || t.Kind != Struct && t.Kind != Union && t.Kind != Enum {
		return t.content
	}
	e := t.data.entry(t.off)
	if e == nil {
		return t.content
	}
	t.data.children(e, func(c *dwarf.Entry) {
		switch c.Tag {
		case dwarf.TagMember, dwarf.TagInheritance, dwarf.TagVariable:
			if m := t.member(c); m != nil {
				t.content.members = append(t.content.members, *m)
			}
		case dwarf.TagEnumerator:
			t.content.enumerators = append(t.content.enumerators, t.enumerator(c))
		case dwarf.TagTemplateTypeParameter, dwarf.TagTemplateValueParameter:
			t.content.templates = append(t.content.templates, t.data.template(c))
		case dwarf.TagSubprogram:
			if at, ok := c.Val(dwarf.AttrVtableElemLoc).([]byte); ok && len(at) > 1 && at[0] == opConstu {
				if t.content.virtual == nil {
					t.content.virtual = map[int64]dwarf.Offset{}
				}
				n, _ := uleb(at[1:])
				t.content.virtual[n] = c.Offset
			}
		case tagTemplatePack:
			t.data.children(c, func(c *dwarf.Entry) {
				t.content.templates = append(t.content.templates, t.data.template(c))
			})
		case dwarf.TagVariantPart:
			t.content.variants = t.variants(c)
		}
	})
	return t.content
}

const tagTemplatePack dwarf.Tag = 0x4107

func (d *Data) template(e *dwarf.Entry) Template {
	p := Template{Type: d.typeOf(e)}
	p.Name, _ = e.Val(dwarf.AttrName).(string)
	if v, ok := e.Val(dwarf.AttrConstValue).(int64); ok {
		p.Value = &v
	}
	return p
}

func (t *Type) enumerator(e *dwarf.Entry) (n Enumerator) {
	n.Name, _ = e.Val(dwarf.AttrName).(string)
	n.Value, _ = e.Val(dwarf.AttrConstValue).(int64)
	if t.Lang == C {
		return n
	}
	if t.EnumClass || t.Lang == Rust {
		if t.Name != "" {
			n.Name = t.Name + "::" + n.Name
		}
	} else if u := t.data.unitOf(t.off); u != nil {
		if at := u.node(t.off); at != nil {
			n.Name = u.prefix(at) + n.Name
		}
	}
	return n
}

// member reads a field; nil: it is none.
func (t *Type) member(e *dwarf.Entry) *Member {
	m := &Member{Type: t.data.typeOf(e), Base: e.Tag == dwarf.TagInheritance, DIE: e, Owner: t}
	m.Name, _ = e.Val(dwarf.AttrName).(string)
	m.Artificial, _ = e.Val(dwarf.AttrArtificial).(bool)
	external, _ := e.Val(dwarf.AttrExternal).(bool)
	declaration, _ := e.Val(dwarf.AttrDeclaration).(bool)
	m.Static = e.Tag == dwarf.TagVariable || external && declaration
	if m.Base {
		m.Name = m.Type.Strip().Name
	}
	switch at := e.Val(dwarf.AttrDataMemberLoc).(type) {
	case int64:
		m.Offset = at
	case []byte:
		if n, ok := plusConstant(at); ok {
			m.Offset = n
		} else {
			m.Virtual = at
		}
	}
	t.bitField(m, e)
	return m
}

// bitField reads where a bit-field lies. The old form counts from the most
// significant bit of the unit that it is stored in.
func (t *Type) bitField(m *Member, e *dwarf.Entry) {
	size, ok := e.Val(dwarf.AttrBitSize).(int64)
	if !ok || size <= 0 || size > 128 {
		return
	}
	m.BitSize = size
	var first int64
	if at, ok := e.Val(dwarf.AttrDataBitOffset).(int64); ok {
		first = at
	} else if fromTop, ok := e.Val(dwarf.AttrBitOffset).(int64); ok {
		storage, ok := e.Val(dwarf.AttrByteSize).(int64)
		if !ok {
			storage = m.Type.Bytes()
		}
		first = storage*8 - fromTop - size
	}
	m.Offset += first >> 3
	m.BitOffset = first & 7
}

// plusConstant reads the expression that old compilers gave for an offset.
func plusConstant(expr []byte) (n int64, ok bool) {
	if len(expr) < 2 || expr[0] != opPlusUconst {
		return 0, false
	}
	n, rest := uleb(expr[1:])
	return n, rest == 0
}

// The operations of the expressions that are looked at here.
const (
	opConstu     = 0x10
	opPlusUconst = 0x23
)

// uleb reads a number, and tells how many bytes are left.
func uleb(data []byte) (n int64, rest int) {
	for i, b := range data {
		n |= int64(b&0x7f) << (7 * min(i, 8))
		if b < 0x80 {
			return n, len(data) - i - 1
		}
	}
	return n, -1
}

// Virtual is the virtual function with a number in the table of a class, with
// its parameters; "" if there is none.
func (t *Type) Virtual(n int64) string {
	off, ok := t.read().virtual[n]
	if !ok {
		return ""
	}
	f := t.data.TypeAt(off)
	list := f.Params
	if len(list) > 0 {
		list = list[1:] // this
	}
	c := *f
	c.Params = list
	return t.data.NameAt(off) + strings.Replace(c.parameters(), "(void)", "()", 1)
}

// variants reads the shapes of a Rust enum.
func (t *Type) variants(e *dwarf.Entry) *Variants {
	v := &Variants{}
	discriminant, _ := e.Val(dwarf.AttrDiscr).(dwarf.Offset)
	t.data.children(e, func(c *dwarf.Entry) {
		switch c.Tag {
		case dwarf.TagMember:
			if c.Offset == discriminant {
				v.Discriminant = t.member(c)
			}
		case dwarf.TagVariant:
			one := Variant{Default: true}
			switch value := c.Val(dwarf.AttrDiscrValue).(type) {
			case int64:
				one.Default, one.Values = false, [][2]uint64{{uint64(value), uint64(value)}}
			case []byte: // a block, of enums with 128 bits
				n := uint64(0)
				for i, b := range value[:min(len(value), 8)] {
					n |= uint64(b) << (8 * i)
				}
				one.Default, one.Values = false, [][2]uint64{{n, n}}
			}
			t.data.children(c, func(c *dwarf.Entry) {
				if c.Tag == dwarf.TagMember && one.Member == nil {
					one.Member = t.member(c)
				}
			})
			if one.Member != nil {
				v.List = append(v.List, one)
			}
		}
	})
	return v
}

// Choose is the variant that a discriminant tells; nil: none.
func (v *Variants) Choose(discriminant uint64) *Variant {
	var otherwise *Variant
	for i := range v.List {
		one := &v.List[i]
		if one.Default {
			otherwise = one
		}
		for _, r := range one.Values {
			if r[0] <= discriminant && discriminant <= r[1] {
				return one
			}
		}
	}
	return otherwise
}
