package adapter

import (
	"debug/dwarf"
	"encoding/binary"
	"errors"
	"fmt"

	"stepback/adapter/scopes"
	"stepback/adapter/symbols"
	"stepback/adapter/symbols/location"
	"stepback/adapter/types"
	"stepback/adapter/values"
)

// locator finds out where variables are, by DWARF's expressions and lists, in the
// frames of a thread.
type locator struct {
	thread  *Thread
	modules map[*scopes.Module]*symbols.Module
}

// Locate evaluates an attribute that is an expression or a list of them.
func (l *locator) Locate(m *scopes.Module, e *dwarf.Entry, attr dwarf.Attr, s *scopes.Scope) (list []scopes.Piece, err error) {
	err = guarded("where a variable is", func() error {
		c := l.code(m, m.Types.UnitOf(e.Offset), s.Frame)
		expr, err := c.expression(e.Val(attr))
		if err != nil {
			return err
		}
		env := c.env()
		where, err := env.Locate(expr)
		if err != nil {
			return err
		}
		for _, p := range where {
			list = append(list, piece(env, p))
		}
		return nil
	})
	if errors.Is(err, location.ErrOptimizedOut) {
		err = values.ErrOptimizedOut
	}
	return list, err
}

// piece is a piece as scopes knows them.
func piece(env *location.Env, p location.Piece) scopes.Piece {
	whole := p.Bit == 0 && p.Bits%8 == 0
	size := int64(p.Bits / 8)
	switch {
	case p.Kind == location.Memory && whole:
		return scopes.Piece{Kind: scopes.Memory, Addr: p.Addr, Size: size}
	case p.Kind == location.Register && whole && size <= 8 && p.N < int64(len(scopes.Registers)):
		return scopes.Piece{Kind: scopes.Register, Register: int(p.N), Size: size}
	case p.Kind == location.Value && whole:
		return scopes.Piece{Kind: scopes.Literal, Data: p.Bytes, Size: size}
	}
	data := make([]byte, (p.Bits+7)/8)
	if len(data) == 0 || (location.Location{p}).Read(env, data) != nil {
		return scopes.Piece{Kind: scopes.Nowhere, Size: size}
	}
	return scopes.Piece{Kind: scopes.Literal, Data: data, Size: int64(len(data))}
}

// codeOf is what expressions of a unit mean in a frame, which is nil for none.
type codeOf struct {
	*locator
	module *scopes.Module
	file   *symbols.Module
	unit   *types.Unit
	format symbols.Format
	frame  scopes.Frame
}

func (l *locator) code(m *scopes.Module, u *types.Unit, f scopes.Frame) *codeOf {
	c := &codeOf{locator: l, module: m, file: l.modules[m], unit: u, frame: f}
	if u != nil {
		c.format, _ = c.file.Format(u.Offset)
	}
	return c
}

// expression is that of an attribute, for the pc of the frame.
func (c *codeOf) expression(attr any) ([]byte, error) {
	if expr, ok := attr.([]byte); ok {
		return expr, nil
	}
	if attr == nil || c.frame == nil || c.unit == nil {
		return nil, location.ErrOptimizedOut
	}
	name := ".debug_loc"
	if c.format.Version >= 5 {
		name += "lists"
	}
	data, err := c.file.Section(name)
	if err != nil {
		return nil, err
	}
	lists := location.Lists{Version: c.format.Version, Data: data, OffsetSize: c.format.OffsetSize, Address: c.address}
	lists.Low, _ = c.unit.Val(dwarf.AttrLowpc).(uint64)
	base, _ := c.unit.Val(dwarf.AttrLoclistsBase).(int64)
	lists.Base = uint64(base)
	var offset uint64
	switch at := attr.(type) {
	case int64:
		offset = uint64(at)
	case uint64: // a number of the unit's lists
		if offset, err = lists.Offset(at); err != nil {
			return nil, err
		}
	default:
		return nil, location.ErrOptimizedOut
	}
	return lists.Find(offset, c.frame.PC()-c.module.Bias)
}

// address is one of those that the unit names by numbers.
func (c *codeOf) address(index uint64) (uint64, error) {
	base, _ := c.unit.Val(dwarf.AttrAddrBase).(int64)
	at := uint64(base) + 8*index
	if index > 1<<32 || at+8 > uint64(len(c.module.Addresses)) {
		return 0, fmt.Errorf("the debug information has no address number %d", index)
	}
	return binary.LittleEndian.Uint64(c.module.Addresses[at:]), nil
}

func (c *codeOf) read(addr uint64, p []byte) error {
	if c.thread.Read(addr, p) < len(p) {
		return &values.MemoryError{Addr: addr}
	}
	return nil
}

// env is what expressions can ask about.
func (c *codeOf) env() *location.Env {
	env := &location.Env{
		Bias: c.module.Bias, OffsetSize: c.format.OffsetSize, Read: c.read, Address: c.address, Type: c.baseType,
		TLS: func(offset uint64) (uint64, error) { return c.file.TLS(c.thread.Regs.FsBase, offset, c.read) },
		Expression: func(ref location.Ref) ([]byte, error) {
			v := c.variable(ref)
			if v == nil {
				return nil, location.ErrOptimizedOut
			}
			return c.expression(v.Val(dwarf.AttrLocation))
		},
	}
	f, ok := c.frame.(*threadFrame)
	if !ok {
		return env
	}
	env.Register = func(n uint64, p []byte) error { return f.machine().Regs.Read(n, p) }
	env.CFA = func() (uint64, error) {
		if cfa, ok := f.CFA(); ok {
			return cfa, nil
		}
		return 0, errors.New("it is not known where the frame begins")
	}
	env.FrameBase = func() (uint64, error) {
		function := c.module.Types.FunctionAt(f.PC() - c.module.Bias)
		if function == nil {
			return 0, errors.New("the function is not known")
		}
		base := c.locator.code(c.module, function.Unit, f)
		expr, err := base.expression(function.Val(dwarf.AttrFrameBase))
		if err != nil {
			return 0, err
		}
		return base.env().Value(expr)
	}
	env.Variable = func(ref location.Ref) (uint64, error) {
		v := c.variable(ref)
		if v == nil {
			return 0, location.ErrOptimizedOut
		}
		expr, err := c.expression(v.Val(dwarf.AttrLocation))
		if err != nil {
			return 0, err
		}
		where, err := env.Locate(expr)
		if err != nil {
			return 0, err
		}
		word := make([]byte, 8)
		size := min(max(v.Type.Bytes(), 0), 8)
		err = where.Read(env, word[:size])
		return binary.LittleEndian.Uint64(word), err
	}
	env.Entry = func(expr []byte) (uint64, error) {
		site, caller, err := c.call(f)
		if err != nil {
			return 0, err
		}
		return site.Entry(caller)(expr)
	}
	env.Parameter = func(ref location.Ref) (uint64, error) {
		site, caller, err := c.call(f)
		if err != nil {
			return 0, err
		}
		return site.Parameter(caller, c.offset(ref))
	}
	return env
}

// call is the call of a frame's function, and what its expressions can ask about.
func (c *codeOf) call(f *threadFrame) (*location.CallSite, *location.Env, error) {
	caller := &threadFrame{f.thread, f.number + 1}
	if m := caller.machine(); m.PC == 0 || m.Exact {
		return nil, nil, location.ErrNoCallSite
	}
	for m, file := range c.modules {
		if pc := caller.PC(); pc < m.Start || pc >= m.End {
			continue
		}
		d, err := file.DWARF()
		if err != nil {
			return nil, nil, err
		}
		site, err := location.FindCallSite(d, caller.machine().PC-m.Bias)
		if err != nil {
			return nil, nil, err
		}
		return site, c.locator.code(m, m.Types.UnitAt(caller.PC()-m.Bias), caller).env(), nil
	}
	return nil, nil, location.ErrNoCallSite
}

// offset is that of an entry in .debug_info.
func (c *codeOf) offset(ref location.Ref) dwarf.Offset {
	if ref.InUnit {
		return dwarf.Offset(c.format.Start + ref.Offset)
	}
	return dwarf.Offset(ref.Offset)
}

func (c *codeOf) variable(ref location.Ref) *types.Variable {
	return c.module.Types.Variable(c.offset(ref))
}

func (c *codeOf) baseType(offset uint64) (location.BaseType, error) {
	d, err := c.file.DWARF()
	if err != nil {
		return location.BaseType{}, err
	}
	r := d.Reader()
	r.Seek(dwarf.Offset(c.format.Start + offset))
	e, err := r.Next()
	if err != nil || e == nil {
		return location.BaseType{}, fmt.Errorf("there is no type at %#x: %w", offset, err)
	}
	return location.BaseTypeOf(e)
}
