package symbols

import (
	"cmp"
	"debug/dwarf"
	"slices"
	"strings"
)

// naming is what a function is called and where it is declared.
type naming struct {
	name     string // with namespaces and classes, without parameters
	short    string // DW_AT_name
	linkage  string
	declared *unit // whose file numbers file is one of
	file     int
	line     int
	chain    []place // its DIE and those that it completes
}

// maxChain bounds references: a declaration, an abstract and a concrete function are three.
const maxChain = 8

// naming resolves a function's DIE: a concrete function refers to an abstract
// one (DW_AT_abstract_origin), that to its declaration in a class
// (DW_AT_specification), which may lie in other units.
func (u *unit) naming(off int) *naming {
	key := place{u.info, off}
	if n := u.info.functions[key]; n != nil {
		return n
	}
	if len(u.info.functions) > maxInstances {
		clear(u.info.functions)
	}
	n := &naming{}
	u.info.functions[key] = n
	var d die
	scopeUnit, scopeOff := u, off
	for range maxChain {
		if u == nil || !u.at(off, &d) {
			break
		}
		n.chain = append(n.chain, place{u.info, off})
		n.linkage = cmp.Or(n.linkage, string(u.text(&d, atLinkageName)))
		if n.short == "" {
			n.short = string(u.text(&d, atName))
		}
		// A declaration in a class has other lines than the definition.
		if line := int(d.number(atDeclLine)); n.line == 0 && line != 0 {
			n.line = line
			if _, ok := d.value(atDeclFile); ok {
				n.declared, n.file = u, int(d.number(atDeclFile))
			}
		} else if _, ok := d.value(atDeclFile); ok && n.declared == nil {
			n.declared, n.file = u, int(d.number(atDeclFile))
		}
		scopeUnit, scopeOff = u, off
		v, ok := d.value(atOrigin)
		if !ok {
			if v, ok = d.value(atSpecification); !ok {
				break
			}
		}
		u, off = u.refer(v)
	}
	if n.name = demangled(n.linkage); n.name == "" && n.short != "" {
		n.name = scopeUnit.qualify(scopeOff, n.short) + n.short
	}
	n.name = cmp.Or(n.name, n.linkage)
	return n
}

// qualify is the namespaces, classes and functions that the DIE of a function is in, as "a::b::".
func (u *unit) qualify(off int, function string) string {
	nameless := "(anonymous)"
	if function == "operator()" {
		nameless = "{lambda}"
	}
	t := u.functions()
	i, ok := slices.BinarySearch(t.decls, off)
	if !ok {
		return ""
	}
	var d die
	var parts []string
	for s := t.parents[i]; s >= 0; s = t.scopes[s].parent {
		name := ""
		if u.at(t.scopes[s].off, &d) {
			name = string(u.text(&d, atName))
			switch {
			case name != "":
			case d.tag == dwarf.TagNamespace:
				name = "(anonymous namespace)"
			case d.tag == dwarf.TagSubprogram:
				if n := u.info.functions[place{u.info, d.off}]; n == nil || n.name != "" { // not on the way
					name = u.naming(d.off).name
				}
			}
		}
		parts = append(parts, cmp.Or(name, nameless))
	}
	slices.Reverse(parts)
	return strings.Join(append(parts, ""), "::")
}
