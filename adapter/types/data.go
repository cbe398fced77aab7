// Package types reads the types and names of a file's debug information: what
// the DIEs of DWARF say about C, C++ and Rust. debug/dwarf decodes the DIEs;
// what they mean is told here, since its own types know no references, no
// inheritance and no variants.
//
// A Data is the debug information of one file. Its Units are looked through one
// by one, when a name or an address of them is asked for, and leave a list of
// nodes: what has a name outside of functions' bodies, and what it lies in. A
// Type is read when it is asked for, and its members when those are. So opening a
// large file costs nothing, and looking at a variable the unit that it is in.
//
// Debug information can be damaged, or lie. Then types are Unknown, or something
// that no program has; nothing here panics or goes on for ever.
package types

import (
	"cmp"
	"debug/dwarf"
	"fmt"
	"slices"
)

// Data is the debug information of one file. It is for one goroutine at a time.
type Data struct {
	dwarf *dwarf.Data
	units []*Unit // by offset
	types map[dwarf.Offset]*Type
	funcs map[dwarf.Offset]*Function
}

// Unit is a compilation unit, mostly a source file with what it includes.
type Unit struct {
	*dwarf.Entry
	data    *Data
	Lang    Lang
	Name    string
	ranges  [][2]uint64
	nodes   []node // by offset, once looked through
	names   map[string][]int32
	bodies  []body // by address
	read    bool
	imports []string
}

// node is a DIE that has a name, or that others with names lie in.
type node struct {
	off    dwarf.Offset
	spec   dwarf.Offset // of the declaration that has its name, 0 if it has it
	tag    dwarf.Tag
	parent int32 // -1: the unit
	flags  uint8
	name   string
}

// What is known of a node.
const (
	declared    = 1 << iota // it is defined elsewhere
	transparent             // names in it are names of what it lies in
)

// body is where a function's code is, or a part of it.
type body struct {
	low, high uint64
	off       dwarf.Offset
}

// New reads the headers of the units.
func New(d *dwarf.Data) (*Data, error) {
	data := &Data{dwarf: d, types: map[dwarf.Offset]*Type{}, funcs: map[dwarf.Offset]*Function{}}
	last := dwarf.Offset(0)
	for r := d.Reader(); ; r.SkipChildren() {
		e, err := r.Next()
		if err != nil {
			return nil, fmt.Errorf("reading the units of the debug information: %w", err)
		}
		if e == nil || e.Offset < last { // damaged, it leads back
			return data, nil
		}
		last = e.Offset + 1
		if e.Tag != dwarf.TagCompileUnit && e.Tag != dwarf.TagPartialUnit && e.Tag != dwarf.TagTypeUnit {
			continue
		}
		u := &Unit{Entry: e, data: data}
		u.Name, _ = e.Val(dwarf.AttrName).(string)
		lang, _ := e.Val(dwarf.AttrLanguage).(int64)
		u.Lang = langs[lang]
		data.units = append(data.units, u)
	}
}

// Units are the units, in the order of the file.
func (d *Data) Units() []*Unit { return d.units }

// unitOf is the unit that a DIE is in; nil: there is none.
func (d *Data) unitOf(off dwarf.Offset) *Unit {
	i, found := slices.BinarySearchFunc(d.units, off, func(u *Unit, o dwarf.Offset) int { return cmp.Compare(u.Offset, o) })
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	return d.units[i]
}

// entry reads a DIE; nil: there is none.
func (d *Data) entry(off dwarf.Offset) *dwarf.Entry {
	if d.unitOf(off) == nil {
		return nil
	}
	r := d.dwarf.Reader()
	r.Seek(off)
	e, err := r.Next()
	if err != nil || e == nil || e.Tag == 0 {
		return nil
	}
	return e
}

// children calls f for each child of a DIE.
func (d *Data) children(e *dwarf.Entry, f func(*dwarf.Entry)) {
	if !e.Children {
		return
	}
	r := d.dwarf.Reader()
	r.Seek(e.Offset)
	if _, err := r.Next(); err != nil {
		return
	}
	for last := e.Offset; ; {
		c, err := r.Next()
		if err != nil || c == nil || c.Tag == 0 || c.Offset <= last { // damaged, it leads back
			return
		}
		last = c.Offset
		f(c)
		r.SkipChildren()
	}
}

// UnitAt is the unit with the code at an address of the file; nil: none has.
func (d *Data) UnitAt(pc uint64) *Unit {
	for _, u := range d.units {
		if u.ranges == nil {
			u.ranges, _ = d.dwarf.Ranges(u.Entry)
			if len(u.ranges) == 0 { // it does not say
				u.look()
				for _, b := range u.bodies {
					u.ranges = append(u.ranges, [2]uint64{b.low, b.high})
				}
			}
			if u.ranges == nil {
				u.ranges = [][2]uint64{}
			}
		}
		for _, r := range u.ranges {
			if r[0] <= pc && pc < r[1] {
				return u
			}
		}
	}
	return nil
}

// listed are the tags of nodes: whether they are also listed in bodies of functions.
var listed = map[dwarf.Tag]bool{
	dwarf.TagNamespace: true, dwarf.TagModule: true, dwarf.TagStructType: true, dwarf.TagClassType: true, dwarf.TagUnionType: true,
	dwarf.TagEnumerationType: true, dwarf.TagTypedef: true, dwarf.TagBaseType: true, dwarf.TagSubprogram: true,
	dwarf.TagUnspecifiedType: true, dwarf.TagInterfaceType: true, dwarf.TagEnumerator: false,
	dwarf.TagVariable: false, dwarf.TagMember: false, dwarf.TagConstant: false,
}

// look lists the unit's nodes, once.
func (u *Unit) look() {
	if u.read {
		return
	}
	u.read = true
	u.names = map[string][]int32{}
	r := u.data.dwarf.Reader()
	r.Seek(u.Offset)
	if _, err := r.Next(); err != nil || !u.Children {
		return
	}
	type level struct {
		node int32
		body bool // in a function
	}
	for stack := []level{{node: -1}}; len(stack) > 0; {
		e, err := r.Next()
		if err != nil || e == nil {
			break
		}
		top := stack[len(stack)-1]
		if e.Tag == 0 {
			stack = stack[:len(stack)-1]
			continue
		}
		below := top
		if local, is := listed[e.Tag]; is && (local || !top.body) {
			below.node = int32(len(u.nodes))
			u.add(e, top.node)
		}
		if e.Tag == dwarf.TagSubprogram {
			below.body = true
			ranges, err := u.data.dwarf.Ranges(e)
			for _, r := range ranges {
				if err == nil && r[0] < r[1] && r[0] > 0 {
					u.bodies = append(u.bodies, body{r[0], r[1], e.Offset})
				}
			}
		}
		if e.Children {
			stack = append(stack, below)
		}
	}
	slices.SortStableFunc(u.bodies, func(a, b body) int { return cmp.Compare(a.low, b.low) })
	for i := range u.nodes {
		n := &u.nodes[i]
		for range 4 { // a definition of an abstract function of a declaration
			s := u.node(n.spec)
			if n.spec == 0 || s == nil {
				break
			}
			n.parent, n.spec = s.parent, s.spec
			if s.name != "" {
				n.name = s.name
			}
		}
		if n.name != "" {
			u.names[n.name] = append(u.names[n.name], int32(i))
		}
	}
}

func (u *Unit) add(e *dwarf.Entry, parent int32) {
	n := node{off: e.Offset, tag: e.Tag, parent: parent}
	n.name, _ = e.Val(dwarf.AttrName).(string)
	n.name = u.canonical(n.name)
	for _, a := range []dwarf.Attr{dwarf.AttrSpecification, dwarf.AttrAbstractOrigin} {
		if off, ok := e.Val(a).(dwarf.Offset); ok {
			n.spec = off
		}
	}
	if is, _ := e.Val(dwarf.AttrDeclaration).(bool); is {
		n.flags |= declared
	}
	inline, _ := e.Val(dwarf.AttrExportSymbols).(bool)
	class, _ := e.Val(dwarf.AttrEnumClass).(bool)
	switch e.Tag {
	case dwarf.TagEnumerationType:
		if !class && u.Lang != Rust {
			n.flags |= transparent
		}
	case dwarf.TagNamespace, dwarf.TagStructType, dwarf.TagUnionType:
		if inline || n.name == "" {
			n.flags |= transparent
		}
	}
	u.nodes = append(u.nodes, n)
}

// node finds a listed DIE.
func (u *Unit) node(off dwarf.Offset) *node {
	u.look()
	i, found := slices.BinarySearchFunc(u.nodes, off, func(n node, o dwarf.Offset) int { return cmp.Compare(n.off, o) })
	if !found {
		return nil
	}
	return &u.nodes[i]
}
