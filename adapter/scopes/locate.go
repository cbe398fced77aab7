package scopes

import (
	"debug/dwarf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"stepback/adapter/types"
	"stepback/adapter/values"
	"stepback/replayer/condition"
)

// Simple is a Locator for unoptimized code: it knows no location lists.
type Simple struct{}

// Place is where a value is, as an expression of the registers of its frame:
// its address, or the value itself.
type Place struct {
	Expr  condition.Expr
	Value bool
}

// Locate evaluates an expression.
func (Simple) Locate(m *Module, e *dwarf.Entry, attr dwarf.Attr, s *Scope) ([]Piece, error) {
	expr, ok := e.Val(attr).([]byte)
	if !ok {
		return nil, errors.New("location lists are not understood")
	}
	if len(expr) == 0 {
		return nil, nil
	}
	if n, rest := int(expr[0])-opReg0, expr[1:]; n >= 0 && n < 32 && len(rest) == 0 {
		return []Piece{{Kind: Register, Register: n}}, nil
	}
	p, err := s.symbolic(m, m.Types.UnitOf(e.Offset), expr, 0)
	if err != nil {
		return nil, err
	}
	state := condition.State{Read: func(addr uint64, b []byte) error {
		if n, _ := s.Memory(addr, b); n < len(b) {
			return &values.MemoryError{Addr: addr}
		}
		return nil
	}}
	if s.Frame != nil {
		for i := range Registers {
			if v, ok := s.Frame.Register(i); ok {
				state.Registers[machine[i]] = v
			}
		}
	}
	v, err := p.Expr.Eval(&state)
	if err != nil {
		return nil, values.ErrOptimizedOut
	}
	if p.Value {
		data := make([]byte, 8)
		for i := range data {
			data[i] = byte(v >> (8 * i))
		}
		return []Piece{{Kind: Literal, Data: data}}, nil
	}
	return []Piece{{Kind: Memory, Addr: v}}, nil
}

// machine are the numbers that the processor's instructions have for DWARF's
// registers.
var machine = []uint64{0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15, condition.RIP}

// The operations of expressions that are known here.
const (
	opAddr      = 0x03
	opDeref     = 0x06
	opConst1u   = 0x08
	opConsts    = 0x11
	opConstu    = 0x10
	opPlus      = 0x22
	opMinus     = 0x1c
	opAnd       = 0x1a
	opMul       = 0x1e
	opPlusConst = 0x23
	opLit0      = 0x30
	opReg0      = 0x50
	opBreg0     = 0x70
	opFbreg     = 0x91
	opCFA       = 0x9c
	opAddrx     = 0xa1
	opStack     = 0x9f
)

var binaryOps = map[byte]condition.Op{opPlus: condition.Add, opMinus: condition.Sub, opAnd: condition.And, opMul: condition.Mul}

// ErrNotSimple reports a location that no expression of registers can tell.
var ErrNotSimple = errors.New("it lies where no expression of registers can tell")

// Place tells where a variable is, for conditions that are computed in other
// frames of the same code.
func (s *Scope) Place(v *types.Variable) (Place, error) {
	if s.module == nil {
		return Place{}, ErrNotSimple
	}
	expr, ok := v.Val(dwarf.AttrLocation).([]byte)
	if !ok || len(expr) == 0 {
		return Place{}, ErrNotSimple
	}
	return s.symbolic(s.module, v.Unit, expr, 0)
}

func register(n int) (condition.Expr, error) {
	if n < 0 || n >= len(machine) {
		return condition.Expr{}, fmt.Errorf("register %d is no general one", n)
	}
	return condition.Expr{Op: condition.Register, N: machine[n]}, nil
}

// plus adds a constant.
func plus(e condition.Expr, n uint64) condition.Expr {
	switch {
	case n == 0:
		return e
	case e.Op == condition.Constant:
		return condition.Expr{N: e.N + n}
	case e.Op == condition.Add && e.Args[1].Op == condition.Constant:
		return condition.Expr{Op: condition.Add, Args: []condition.Expr{e.Args[0], {N: e.Args[1].N + n}}}
	}
	return condition.Expr{Op: condition.Add, Args: []condition.Expr{e, {N: n}}}
}

// symbolic evaluates an expression with registers that are not known yet.
func (s *Scope) symbolic(m *Module, unit *types.Unit, expr []byte, depth int) (Place, error) {
	r := reader{data: expr}
	var stack []condition.Expr
	push := func(e condition.Expr) { stack = append(stack, e) }
	isValue := false
	for len(r.data) > 0 && !r.short {
		op := r.byte()
		need := 0
		if _, ok := binaryOps[op]; ok {
			need = 2
		} else if op == opDeref || op == opPlusConst || op == opStack {
			need = 1
		}
		if len(stack) < need || len(stack) > 16 || depth > 2 {
			return Place{}, ErrNotSimple
		}
		top := len(stack) - 1
		switch {
		case op == opAddr:
			push(condition.Expr{N: r.word() + m.Bias})
		case op == opAddrx:
			addr, ok := m.address(unit, r.uleb())
			if !ok {
				return Place{}, ErrNotSimple
			}
			push(condition.Expr{N: addr + m.Bias})
		case op == opDeref:
			stack[top] = condition.Expr{Op: condition.Load64, Args: []condition.Expr{stack[top]}}
		case op == opConstu:
			push(condition.Expr{N: r.uleb()})
		case op == opConsts:
			push(condition.Expr{N: uint64(r.sleb())})
		case op == opConst1u:
			push(condition.Expr{N: uint64(r.byte())})
		case need == 2:
			stack = append(stack[:top-1], condition.Expr{Op: binaryOps[op], Args: []condition.Expr{stack[top-1], stack[top]}})
		case op == opPlusConst:
			stack[top] = plus(stack[top], r.uleb())
		case op >= opLit0 && op < opReg0:
			push(condition.Expr{N: uint64(op - opLit0)})
		case op >= opReg0 && op < opBreg0 && len(expr) == 1:
			e, err := register(int(op - opReg0))
			return Place{e, true}, err
		case op >= opBreg0 && op < opBreg0+32:
			e, err := register(int(op - opBreg0))
			if err != nil {
				return Place{}, err
			}
			push(plus(e, uint64(r.sleb())))
		case op == opFbreg:
			base, err := s.frameBase(m, depth)
			if err != nil {
				return Place{}, err
			}
			push(plus(base, uint64(r.sleb())))
		case op == opCFA:
			e, err := s.cfa()
			if err != nil {
				return Place{}, err
			}
			push(e)
		case op == opStack && len(r.data) == 0:
			isValue = true
		default:
			return Place{}, ErrNotSimple
		}
	}
	if r.short || len(stack) == 0 {
		return Place{}, ErrNotSimple
	}
	e := stack[len(stack)-1]
	if e.Size() > condition.MaxSize {
		return Place{}, ErrNotSimple
	}
	return Place{e, isValue}, nil
}

// address is one of those that a unit names by numbers.
func (m *Module) address(u *types.Unit, i uint64) (uint64, bool) {
	if u == nil {
		return 0, false
	}
	base, _ := u.Val(dwarf.AttrAddrBase).(int64)
	at := uint64(base) + 8*i
	if i > 1<<32 || at+8 > uint64(len(m.Addresses)) {
		return 0, false
	}
	return binary.LittleEndian.Uint64(m.Addresses[at:]), true
}

func (s *Scope) frameBase(m *Module, depth int) (condition.Expr, error) {
	if s.function == nil {
		return condition.Expr{}, ErrNotSimple
	}
	expr, ok := s.function.Val(dwarf.AttrFrameBase).([]byte)
	if !ok || slices.Contains(expr[:min(1, len(expr))], opFbreg) {
		return condition.Expr{}, ErrNotSimple
	}
	p, err := s.symbolic(m, s.function.Unit, expr, depth+1)
	return p.Expr, err
}

func (s *Scope) cfa() (condition.Expr, error) {
	if s.Frame == nil {
		return condition.Expr{}, ErrNotSimple
	}
	n, offset, ok := s.Frame.Rule()
	if !ok {
		return condition.Expr{}, ErrNotSimple
	}
	e, err := register(n)
	return plus(e, uint64(offset)), err
}

// reader reads the operands of an expression.
type reader struct {
	data  []byte
	short bool // something was missing
}

func (r *reader) byte() byte {
	if len(r.data) == 0 {
		r.short = true
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

func (r *reader) word() (n uint64) {
	for i := range 8 {
		n |= uint64(r.byte()) << (8 * i)
	}
	return n
}

func (r *reader) uleb() (n uint64) {
	for shift := 0; ; shift += 7 {
		b := r.byte()
		n |= uint64(b&0x7f) << min(shift, 63)
		if b < 0x80 {
			return n
		}
	}
}

func (r *reader) sleb() int64 {
	n := uint64(0)
	for shift := 0; ; shift += 7 {
		b := r.byte()
		n |= uint64(b&0x7f) << min(shift, 63)
		if b < 0x80 {
			if b&0x40 != 0 && shift < 57 {
				n |= ^uint64(0) << (shift + 7)
			}
			return int64(n)
		}
	}
}
