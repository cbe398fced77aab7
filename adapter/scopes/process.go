// Package scopes finds the variables that a program's code can see at a place,
// and their values.
//
// A Process is what is known of a process at some Time: its Modules with their
// debug information, and its memory. A Scope is a place in it: a frame, or nothing
// but the process. Where a variable lies is computed by a Locator; a simple one
// is here, which knows what unoptimized code needs, and tells the place as an
// expression of registers, so that conditions can be made of it.
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

// Module is a file with debug information that a process has loaded.
type Module struct {
	Name       string
	Bias       uint64 // what is added to the addresses in the file
	Start, End uint64 // where it lies
	Types      *types.Data
	// Addresses is the section .debug_addr, nil if there is none.
	Addresses []byte
}

// Process is a process at some Time.
type Process struct {
	Modules []*Module
	// Memory reads memory as far as it is there.
	Memory func(addr uint64, p []byte) (n int, err error)
	// Symbolize describes an address, "" for nothing known; Address finds a symbol.
	Symbolize func(addr uint64) string
	Address   func(name string) (uint64, error)
	Locator   Locator
	// Caller calls a function in a copy of the process; nil: none can be called.
	Caller func(function values.Value, args []values.Value) (values.Value, error)
}

// Frame is a function that is being executed.
type Frame interface {
	// PC is an address of the instruction that is executed: in a frame that has
	// called another, one of the call.
	PC() uint64
	// Register is a register by its number in DWARF, as the frame has it; false:
	// it is not known any more.
	Register(n int) (uint64, bool)
	// CFA is the canonical frame address, and Rule how it is computed there: as a
	// register and what is added.
	CFA() (uint64, bool)
	Rule() (register int, offset int64, ok bool)
}

// Locator finds out where variables lie.
type Locator interface {
	// Locate evaluates an attribute with an expression or a location list, of a
	// DIE of a module. f is nil for what needs no frame. No piece: it is nowhere.
	Locate(m *Module, e *dwarf.Entry, attr dwarf.Attr, s *Scope) ([]Piece, error)
}

// Piece is where a part of a value is.
type Piece struct {
	Kind     PieceKind
	Addr     uint64 // of Memory
	Register int    // DWARF's number
	Data     []byte // of Literal
	Size     int64  // in bytes; 0: all that there is
}

// PieceKind says what a Piece is.
type PieceKind uint8

// The kinds of pieces. Of Nowhere nothing was kept.
const (
	Nowhere PieceKind = iota
	Memory
	Register
	Literal
)

func (p *Process) Read(addr uint64, b []byte) (int, error) { return p.Memory(addr, b) }

// Symbol describes an address.
func (p *Process) Symbol(addr uint64) string {
	if p.Symbolize == nil {
		return ""
	}
	return p.Symbolize(addr)
}

// Static finds the variable that a class's static member declares.
func (p *Process) Static(m *types.Member) (values.Value, error) {
	data := m.Owner.Data()
	if data == nil {
		return values.Value{}, values.ErrOptimizedOut
	}
	s := p.Scope(nil)
	for _, mod := range p.Modules {
		if mod.Types == data {
			s.module = mod
		}
	}
	if s.module == nil {
		return values.Value{}, values.ErrOptimizedOut
	}
	if m.DIE.Val(dwarf.AttrConstValue) != nil {
		v := data.UnitOf(m.DIE.Offset).Variable(m.DIE)
		return s.Value(&v), nil
	}
	f := data.Find(data.NameAt(m.DIE.Offset), types.VariableTags, data.UnitOf(m.DIE.Offset))
	if f == nil {
		return values.Value{}, values.ErrOptimizedOut
	}
	v := f.Unit.Variable(f.Entry)
	return s.Value(&v), nil
}

// ModuleAt is the module that an address is in; nil: none.
func (p *Process) ModuleAt(addr uint64) *Module {
	for _, m := range p.Modules {
		if m.Start <= addr && addr < m.End {
			return m
		}
	}
	return nil
}

// Scope is what is visible to a frame, nil for none.
type Scope struct {
	*Process
	Frame    Frame
	module   *Module
	function *types.Function
	blocks   []*types.Block // the innermost first
}

// Scope is what a frame sees.
func (p *Process) Scope(f Frame) *Scope { return p.Inlined(f, 0) }

// Inlined is what a function sees that skip functions are inlined into at the
// frame's place, each into the next.
func (p *Process) Inlined(f Frame, skip int) *Scope {
	s := &Scope{Process: p, Frame: f}
	if f == nil {
		if len(p.Modules) > 0 {
			s.module = p.Modules[0]
		}
		return s
	}
	if s.module = p.ModuleAt(f.PC()); s.module == nil {
		return s
	}
	pc := f.PC() - s.module.Bias
	if s.function = s.module.Types.FunctionAt(pc); s.function != nil {
		s.blocks = s.function.Chain(pc, skip)
	}
	return s
}

// Unit is that of the frame's function, nil if it is not known.
func (s *Scope) Unit() *types.Unit {
	if s.function == nil {
		return nil
	}
	return s.function.Unit
}

// Lang is the language of the frame's function.
func (s *Scope) Lang() types.Lang {
	if u := s.Unit(); u != nil {
		return u.Lang
	}
	if s.module != nil {
		for _, u := range s.module.Types.Units() {
			return u.Lang
		}
	}
	return types.C
}

// Function is the qualified name of the scope's function, "" if it is not known.
func (s *Scope) Function() string {
	for _, b := range s.blocks {
		if b.Inlined {
			return b.Name
		}
	}
	if s.function != nil {
		return s.function.Name
	}
	return ""
}

// Local is a variable that a frame has.
type Local struct {
	*types.Variable
	Value values.Value
	// Shadowed: another variable of the name lies further in.
	Shadowed bool
}

// Locals are the parameters of the scope's function and its variables that are
// visible, the innermost first.
func (s *Scope) Locals() (parameters, locals []Local) {
	seen := map[string]bool{}
	for _, b := range s.blocks {
		for i := range b.Variables {
			v := &b.Variables[i]
			if external, _ := v.Val(dwarf.AttrExternal).(bool); external && v.Val(dwarf.AttrLocation) == nil {
				continue // a declaration of a global
			}
			l := Local{v, s.Value(v), seen[v.Name]}
			if v.Parameter {
				parameters = append(parameters, l)
			} else {
				locals = append(locals, l)
			}
		}
		for i := range b.Variables {
			seen[b.Variables[i].Name] = true
		}
		if b.Inlined {
			break
		}
	}
	return parameters, locals
}

// Globals are the variables outside of functions of the scope's unit.
func (s *Scope) Globals() (list []Local) {
	u := s.Unit()
	if u == nil {
		return nil
	}
	for _, v := range u.Globals() {
		list = append(list, Local{&v, s.Value(&v), false})
	}
	return list
}

// errNoName reports a name that nothing has.
func errNoName(name string) error {
	return fmt.Errorf("there is no variable, function or enumerator %q here", name)
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
	return values.Value{}, errNoName(name)
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
	for _, b := range s.blocks {
		for _, p := range b.Templates {
			if p.Name == name && p.Value == nil {
				return p.Type
			}
		}
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
