package types

import (
	"debug/dwarf"
	"slices"
	"strings"
)

// Found is a DIE that has a name that was looked for.
type Found struct {
	*dwarf.Entry
	Unit *Unit
	Name string // qualified
}

// What names can be looked for.
var (
	TypeTags = []dwarf.Tag{
		dwarf.TagStructType, dwarf.TagClassType, dwarf.TagUnionType, dwarf.TagEnumerationType, dwarf.TagTypedef, dwarf.TagBaseType,
		dwarf.TagInterfaceType, dwarf.TagUnspecifiedType,
	}
	VariableTags   = []dwarf.Tag{dwarf.TagVariable, dwarf.TagMember, dwarf.TagConstant}
	FunctionTags   = []dwarf.Tag{dwarf.TagSubprogram}
	EnumeratorTags = []dwarf.Tag{dwarf.TagEnumerator}
)

// SplitPath splits a qualified name at the "::" outside of templates' arguments.
func SplitPath(name string) []string {
	var parts []string
	depth, from := 0, 0
	for i := 0; i < len(name); i++ {
		switch name[i] {
		case '<', '(', '{':
			depth++
		case '>', ')', '}':
			depth--
		case ':':
			if depth <= 0 && strings.HasPrefix(name[i:], "::") {
				parts = append(parts, name[from:i])
				from = i + 2
				i++
			}
		}
	}
	return append(parts, name[from:])
}

// Find finds what has a qualified name and one of the tags, in one unit.
// Definitions come before declarations.
func (u *Unit) Find(path []string, tags []dwarf.Tag) (list []Found) {
	u.look()
	for _, i := range u.names[path[len(path)-1]] {
		n := &u.nodes[i]
		if !slices.Contains(tags, n.tag) || !u.matches(n.parent, path[:len(path)-1]) {
			continue
		}
		if n.tag == dwarf.TagMember && n.flags&declared == 0 {
			continue // no static one
		}
		if e := u.data.entry(n.off); e != nil {
			list = append(list, Found{e, u, u.prefix(n) + n.name})
		}
	}
	slices.SortStableFunc(list, func(a, b Found) int { return rank(a) - rank(b) })
	return list
}

func rank(f Found) int {
	if is, _ := f.Val(dwarf.AttrDeclaration).(bool); is {
		return 1
	}
	return 0
}

// matches reports whether a node and those around it have the names of a path,
// which may leave out inline and anonymous namespaces and plain enums.
func (u *Unit) matches(i int32, path []string) bool {
	for range maxChain {
		if i < 0 {
			return len(path) == 0
		}
		n := &u.nodes[i]
		if len(path) > 0 && n.name == path[len(path)-1] {
			path = path[:len(path)-1]
		} else if n.flags&transparent == 0 {
			return false
		}
		i = n.parent
	}
	return false
}

// Find finds what has a qualified name in any unit, those of first before the
// others. It stops at the first unit with a definition.
func (d *Data) Find(name string, tags []dwarf.Tag, first *Unit) *Found {
	name = strings.TrimPrefix(name, "::")
	path, closed := SplitPath(name), SplitPath(closeTemplates(name))
	var other *Found
	units := d.units
	if first != nil {
		units = append([]*Unit{first}, units...)
	}
	for _, u := range units {
		path := path
		if u.Lang == CPlusPlus {
			path = closed
		}
		for _, f := range u.Find(path, tags) {
			if rank(f) == 0 {
				return &f
			}
			if other == nil {
				other = &f
			}
		}
	}
	return other
}

// definition finds the definition of a declared type, in any unit.
func (d *Data) definition(t *Type) *Type {
	if t.Name == "" {
		return nil
	}
	f := d.Find(t.Name, TypeTags, d.unitOf(t.off))
	if f == nil || rank(*f) > 0 {
		return nil
	}
	found := d.TypeAt(f.Offset)
	if found.Kind != t.Kind {
		return nil
	}
	return found
}

// Type finds a type by its name; nil: there is none. tag is "struct", "union",
// "enum" or "class" if only such a type is meant.
func (d *Data) Type(name, tag string, first *Unit) *Type {
	tags := TypeTags
	if tag != "" {
		tags = TypeTags[:4]
	}
	f := d.Find(name, tags, first)
	if f == nil {
		return nil
	}
	return d.TypeAt(f.Offset)
}

// Enumerator finds the enum and the value of a name.
func (d *Data) Enumerator(f *Found) (*Type, int64) {
	u := f.Unit
	n := u.node(f.Offset)
	if n == nil || n.parent < 0 {
		return unknown, 0
	}
	v, _ := f.Val(dwarf.AttrConstValue).(int64)
	return d.TypeAt(u.nodes[n.parent].off), v
}
