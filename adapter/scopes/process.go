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
