package types

import (
	"cmp"
	"debug/dwarf"
	"slices"
)

// Function is a function with what is declared in it.
type Function struct {
	*Block
	Unit *Unit
	Name string // qualified
}

// Block is a part of a function with variables of its own: the function itself,
// a block of its code, or a function inlined into it.
type Block struct {
	*dwarf.Entry
	Function  *Function
	Parent    *Block
	Inlined   bool
	Name      string // of an inlined function, qualified
	Variables []Variable
	Blocks    []*Block
	Imports   []string   // namespaces whose names are visible
	Templates []Template // of a function made of a template
	ranges    [][2]uint64
}

// Variable is a variable, parameter or constant.
type Variable struct {
	*dwarf.Entry
	// Origin is the DIE with the name and type of an inlined instance's variable.
	Origin     *dwarf.Entry
	Name       string
	Type       *Type
	Parameter  bool
	Artificial bool
	Line       int64
	Unit       *Unit
}

// FunctionAt is the function with the code at an address of the file; nil: none is
// known.
func (d *Data) FunctionAt(pc uint64) *Function {
	u := d.UnitAt(pc)
	if u == nil {
		return nil
	}
	u.look()
	i, _ := slices.BinarySearchFunc(u.bodies, pc+1, func(b body, a uint64) int { return cmp.Compare(b.low, a) })
	for i--; i >= 0; i-- {
		if pc < u.bodies[i].high {
			return u.function(u.bodies[i].off)
		}
	}
	return nil
}

func (u *Unit) function(off dwarf.Offset) *Function {
	if f := u.data.funcs[off]; f != nil {
		return f
	}
	f := &Function{Unit: u}
	u.data.funcs[off] = f
	e := u.data.entry(off)
	if e == nil {
		e = &dwarf.Entry{Offset: off, Tag: dwarf.TagSubprogram}
	}
	if n := u.node(off); n != nil {
		f.Name = u.prefix(n) + n.name
	}
	f.Block = u.block(f, nil, e, 0)
	return f
}

// maxNesting bounds how deeply blocks lie in each other.
const maxNesting = 200

func (u *Unit) block(f *Function, parent *Block, e *dwarf.Entry, depth int) *Block {
	d := u.data
	b := &Block{Entry: e, Function: f, Parent: parent, Inlined: e.Tag == dwarf.TagInlinedSubroutine}
	b.ranges, _ = d.dwarf.Ranges(e)
	if b.Inlined {
		if off, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset); ok {
			b.Name = d.NameAt(off)
		}
	}
	if depth > maxNesting {
		return b
	}
	d.children(e, func(c *dwarf.Entry) {
		switch c.Tag {
		case dwarf.TagFormalParameter, dwarf.TagVariable, dwarf.TagConstant:
			if v := u.Variable(c); v.Name != "" {
				b.Variables = append(b.Variables, v)
			}
		case dwarf.TagLexDwarfBlock, dwarf.TagInlinedSubroutine, dwarf.TagTryDwarfBlock, dwarf.TagCatchDwarfBlock:
			b.Blocks = append(b.Blocks, u.block(f, b, c, depth+1))
		case dwarf.TagTemplateTypeParameter, dwarf.TagTemplateValueParameter:
			b.Templates = append(b.Templates, d.template(c))
		case dwarf.TagImportedModule:
			if off, ok := c.Val(dwarf.AttrImport).(dwarf.Offset); ok {
				b.Imports = append(b.Imports, d.NameAt(off))
			}
		}
	})
	return b
}

// NameAt is the qualified name of a listed DIE.
func (d *Data) NameAt(off dwarf.Offset) string {
	u := d.unitOf(off)
	if u == nil {
		return ""
	}
	n := u.node(off)
	if n == nil {
		return ""
	}
	return u.prefix(n) + n.name
}

// Variable reads a variable's DIE.
func (u *Unit) Variable(e *dwarf.Entry) Variable {
	v := Variable{Entry: e, Origin: e, Unit: u, Parameter: e.Tag == dwarf.TagFormalParameter}
	for range 4 {
		off, ok := v.Origin.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
		if !ok {
			off, ok = v.Origin.Val(dwarf.AttrSpecification).(dwarf.Offset)
		}
		if !ok {
			break
		}
		o := u.data.entry(off)
		if o == nil {
			break
		}
		v.Origin = o
	}
	for _, at := range []*dwarf.Entry{v.Origin, e} {
		if name, ok := at.Val(dwarf.AttrName).(string); ok {
			v.Name = name
		}
		if is, ok := at.Val(dwarf.AttrArtificial).(bool); ok {
			v.Artificial = is
		}
		if line, ok := at.Val(dwarf.AttrDeclLine).(int64); ok {
			v.Line = line
		}
	}
	v.Type = u.data.typeOf(v.Origin)
	if e.Val(dwarf.AttrType) != nil { // a definition says more: the bounds of an array
		v.Type = u.data.typeOf(e)
	}
	return v
}

func (b *Block) holds(pc uint64) bool {
	for _, r := range b.ranges {
		if r[0] <= pc && pc < r[1] {
			return true
		}
	}
	return false
}

// Chain is the blocks of the function that hold an address, the innermost first. The
// first skip inlined functions are left out with what is in them, for the frames of those they
// are inlined into.
func (f *Function) Chain(pc uint64, skip int) (list []*Block) {
	b := f.Block
	for b != nil {
		list = append([]*Block{b}, list...)
		i := slices.IndexFunc(b.Blocks, func(c *Block) bool { return c.holds(pc) })
		if i < 0 {
			break
		}
		b = b.Blocks[i]
	}
	for ; skip > 0; skip-- {
		i := slices.IndexFunc(list, func(b *Block) bool { return b.Inlined })
		if i < 0 {
			break
		}
		list = list[i+1:]
	}
	return list
}

// Globals are the variables of a unit that lie outside of functions.
func (u *Unit) Globals() (list []Variable) {
	u.look()
	for i := range u.nodes {
		n := &u.nodes[i]
		if n.tag != dwarf.TagVariable && n.tag != dwarf.TagConstant || n.flags&declared != 0 || n.name == "" {
			continue
		}
		if e := u.data.entry(n.off); e != nil {
			v := u.Variable(e)
			v.Name = u.prefix(n) + n.name
			list = append(list, v)
		}
	}
	return list
}

// Variable reads the DIE of a variable at an offset; nil: there is none.
func (d *Data) Variable(off dwarf.Offset) *Variable {
	e, u := d.entry(off), d.unitOf(off)
	if e == nil {
		return nil
	}
	v := u.Variable(e)
	return &v
}

// UnitOf is the unit that a DIE is in; nil: there is none.
func (d *Data) UnitOf(off dwarf.Offset) *Unit { return d.unitOf(off) }

// NameOf is the qualified name of a DIE, "" if it is not listed.
func (u *Unit) NameOf(e *dwarf.Entry) string { return u.data.NameAt(e.Offset) }

// Static finds a variable in a function that lies at one place; nil: none.
func (u *Unit) Static(function *dwarf.Entry, name string) *Variable {
	var find func(b *Block) *Variable
	find = func(b *Block) *Variable {
		for i := range b.Variables {
			if v := &b.Variables[i]; v.Name == name && !v.Parameter {
				if at, ok := v.Val(dwarf.AttrLocation).([]byte); ok && len(at) > 0 && (at[0] == 0x03 || at[0] == 0xa1) || v.Val(dwarf.AttrConstValue) != nil {
					return v
				}
			}
		}
		for _, c := range b.Blocks {
			if v := find(c); v != nil && !c.Inlined {
				return v
			}
		}
		return nil
	}
	return find(u.function(function.Offset).Block)
}

// Imports are the namespaces that the unit uses as a whole.
func (u *Unit) Imports() (list []string) {
	if u.imports == nil {
		u.imports = []string{}
		u.data.children(u.Entry, func(c *dwarf.Entry) {
			if off, ok := c.Val(dwarf.AttrImport).(dwarf.Offset); ok && c.Tag == dwarf.TagImportedModule {
				u.imports = append(u.imports, u.data.NameAt(off))
			}
		})
	}
	return u.imports
}
