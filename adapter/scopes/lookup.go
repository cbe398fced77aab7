package scopes

import (
	"debug/dwarf"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"stepback/adapter/types"
	"stepback/adapter/values"
)

// UnknownError reports a name that nothing has.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no variable, function or enumerator %q here", e.Name)
}

// Lookup finds what a name means. It may be qualified: ns::Class::x, ::x for
// what lies outside of functions, file.c::x for what is in a file, function::x
// for its static variables.
func (s *Scope) Lookup(name string) (values.Value, error) {
	path := types.SplitPath(name)
	if len(path) == 1 {
		if v, ok := s.local(name); ok {
			return v, nil
		}
		if s.parameter(name) != nil { // which hides what lies outside
			return values.Value{}, &UnknownError{name}
		}
	}
	if v, ok := s.static(path); ok {
		return v, nil
	}
	for _, prefix := range s.prefixes(name) {
		if v, ok := s.global(prefix + name); ok {
			return v, nil
		}
	}
	if s.Address != nil && len(path) == 1 {
		if addr, err := s.Address(name); err == nil {
			return values.Missing(values.Untyped, fmt.Errorf("%q is at %#x, but its type is not known: cast it, as in *(int *)%#x", name, addr, addr)), nil
		}
	}
	return values.Value{}, &UnknownError{name}
}

// local finds a variable of the function, or a member of its object.
func (s *Scope) local(name string) (values.Value, bool) {
	for _, b := range s.blocks {
		for i := range b.Variables {
			if v := &b.Variables[i]; v.Name == name {
				return s.Value(v), true
			}
		}
		if b.Inlined {
			break
		}
	}
	if name == "this" {
		return values.Value{}, false
	}
	if this, ok := s.local("this"); ok && this.Type.Is(types.Pointer) {
		return this.Deref().Member(name)
	}
	return values.Value{}, false
}

// prefixes are those that a name may lack here: of the namespaces and classes
// around the function, the innermost first, and of what it uses.
func (s *Scope) prefixes(name string) (list []string) {
	if strings.HasPrefix(name, "::") {
		return []string{""}
	}
	path := types.SplitPath(s.Function())
	for n := len(path) - 1; n > 0; n-- {
		list = append(list, strings.Join(path[:n], "::")+"::")
	}
	list = append(list, "")
	for _, b := range s.blocks {
		for _, used := range b.Imports {
			list = append(list, used+"::")
		}
	}
	if u := s.Unit(); u != nil {
		for _, used := range u.Imports() {
			list = append(list, used+"::")
		}
	}
	return list
}

// static finds file.c::x and function::x.
func (s *Scope) static(path []string) (values.Value, bool) {
	if len(path) < 2 {
		return values.Value{}, false
	}
	first := strings.Trim(path[0], "'")
	last := path[len(path)-1]
	for _, m := range s.Modules {
		for _, u := range m.Types.Units() {
			if u.Name != first && filepath.Base(u.Name) != first {
				continue
			}
			for _, f := range u.Find(path[1:], valueTags) {
				return s.found(m, &f), true
			}
		}
		f := m.Types.Find(strings.Join(path[:len(path)-1], "::"), types.FunctionTags, s.unitIn(m))
		if f == nil {
			continue
		}
		if v := f.Unit.Static(f.Entry, last); v != nil {
			return s.in(m).Value(v), true
		}
	}
	return values.Value{}, false
}

var valueTags = append(append(append([]dwarf.Tag{}, types.VariableTags...), types.FunctionTags...), types.EnumeratorTags...)

// global finds what lies outside of functions: first in the scope's own module.
func (s *Scope) global(name string) (values.Value, bool) {
	for _, m := range s.ordered() {
		f := m.Types.Find(name, valueTags, s.unitIn(m))
		if f != nil {
			return s.found(m, f), true
		}
	}
	return values.Value{}, false
}

// ordered are the modules, the scope's own first.
func (s *Scope) ordered() []*Module {
	list := s.Modules
	if s.module != nil {
		list = append([]*Module{s.module}, list...)
	}
	return list
}

func (s *Scope) unitIn(m *Module) *types.Unit {
	if m == s.module {
		return s.Unit()
	}
	return nil
}

// in is the scope with the frame, in another module.
func (s *Scope) in(m *Module) *Scope {
	c := *s
	c.module = m
	return &c
}

// found is the value of a DIE that was found by its name.
func (s *Scope) found(m *Module, f *types.Found) values.Value {
	switch f.Tag {
	case dwarf.TagEnumerator:
		t, n := m.Types.Enumerator(f)
		return values.Number(s.Process, t, uint64(n))
	case dwarf.TagSubprogram:
		t := m.Types.TypeAt(f.Offset)
		low, ok := f.Val(dwarf.AttrLowpc).(uint64)
		if !ok {
			if s.Address != nil {
				linkage, _ := f.Val(dwarf.AttrLinkageName).(string)
				if linkage == "" {
					linkage = f.Name
				}
				if addr, err := s.Address(linkage); err == nil {
					return values.At(s.Process, t, addr)
				}
			}
			return values.Missing(t, errors.New("the function was inlined everywhere, so it has no address"))
		}
		return values.At(s.Process, t, low+m.Bias)
	}
	v := f.Unit.Variable(f.Entry)
	return s.in(m).Value(&v)
}

// Type finds a type by its name, as it would be found here. tag is as in
// types.Data.Type.
func (s *Scope) Type(name, tag string) *types.Type {
	if t := s.parameter(name); t != nil {
		return t
	}
	for _, prefix := range s.prefixes(name) {
		for _, m := range s.ordered() {
			if t := m.Types.Type(prefix+name, tag, s.unitIn(m)); t != nil {
				return t
			}
		}
	}
	return nil
}

// parameter is the type that a template's parameter stands for here, nil for none.
func (s *Scope) parameter(name string) *types.Type {
	for _, b := range s.blocks {
		for _, p := range b.Templates {
			if p.Name == name && p.Value == nil {
				return p.Type
			}
		}
	}
	return nil
}
