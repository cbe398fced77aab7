// Package values has the values of a program's variables: bytes in memory or
// registers, with a type. They are read when they are looked at, shown as gdb
// shows them by default, and taken apart into the children of a tree.
//
// What a value's bytes are was found out by others (package scopes); what they
// mean is told by package types.
package values

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"stepback/adapter/types"
)

// Target is the process whose values they are.
type Target interface {
	// Read reads memory as far as it is there.
	Read(addr uint64, p []byte) (n int, err error)
	// Symbol describes what lies at an address of the program's code and static
	// data: "main+4"; "" for nothing known.
	Symbol(addr uint64) string
	// Static finds the variable of a class that a member declares.
	Static(m *types.Member) (Value, error)
}

// Value is a value of the program, or of an expression.
type Value struct {
	Type *types.Type
	// Addr is where it lies, if it is InMemory: then it has an address in C.
	Addr     uint64
	InMemory bool
	// Register is the name of the register that it is in, "" if it is in none.
	Register string
	// BitSize is how many bits a bit-field has, from bit BitOffset of its first
	// byte on; 0 for no bit-field.
	BitOffset, BitSize int64

	target Target
	data   []byte // if it is not in memory
	known  []bool // which bytes of data are; nil: all
	why    error  // there is no value
}

// ErrOptimizedOut reports that the compiler kept a value nowhere.
var ErrOptimizedOut = errors.New("optimized out")

// MemoryError reports memory that is not there.
type MemoryError struct{ Addr uint64 }

func (e *MemoryError) Error() string {
	return fmt.Sprintf("Cannot access memory at address %#x", e.Addr)
}

// At is the value at an address.
func At(target Target, t *types.Type, addr uint64) Value {
	return Value{Type: t, Addr: addr, InMemory: true, target: target}
}

// Of is a value that is not in memory. known tells which bytes there are, nil
// for all.
func Of(target Target, t *types.Type, data []byte, known []bool) Value {
	return Value{Type: t, target: target, data: data, known: known}
}

// Missing is a value that there is not, because of why.
func Missing(t *types.Type, why error) Value { return Value{Type: t, why: why} }

// Number is a whole number of a type.
func Number(target Target, t *types.Type, n uint64) Value {
	data := make([]byte, max(t.Bytes(), 1))
	for i := range data {
		if i < 8 {
			data[i] = byte(n >> (8 * i))
		} else if t.IsSigned() && int64(n) < 0 {
			data[i] = 0xff
		}
	}
	return Of(target, t, data, nil)
}

// Target is the process that the value is of.
func (v Value) Target() Target { return v.target }

// Err is why there is no value.
func (v Value) Err() error { return v.why }

// maxBytes is the largest value that is read as a whole.
const maxBytes = 1 << 24

// Bytes are the value's, as they lie in memory.
func (v Value) Bytes() ([]byte, error) {
	size, ok := v.Type.Sized()
	switch {
	case v.why != nil:
		return nil, v.why
	case !ok:
		return nil, fmt.Errorf("the size of %s is not known", v.Type)
	case size > maxBytes:
		return nil, fmt.Errorf("a value of %d bytes is too large to be read as a whole", size)
	}
	if v.BitSize > 0 {
		size = (v.BitOffset + v.BitSize + 7) / 8
	}
	if !v.InMemory {
		if int64(len(v.data)) < size {
			return nil, ErrOptimizedOut
		}
		if v.known != nil && slices.Contains(v.known[:size], false) {
			return nil, ErrOptimizedOut
		}
		return v.data[:size], nil
	}
	return v.read(v.Addr, size)
}

func (v Value) read(addr uint64, size int64) ([]byte, error) {
	if size <= 0 {
		return nil, nil
	}
	if v.target == nil {
		return nil, &MemoryError{addr}
	}
	data := make([]byte, size)
	n, _ := v.target.Read(addr, data)
	if n < len(data) {
		return nil, &MemoryError{addr + uint64(max(n, 0))}
	}
	return data, nil
}

// Uint is the value as a whole number, with the sign extended if its type has one.
func (v Value) Uint() (uint64, error) {
	data, err := v.Bytes()
	if err != nil {
		return 0, err
	}
	var all [24]byte
	copy(all[:], data)
	n := binary.LittleEndian.Uint64(all[:])
	bits := min(int64(len(data))*8, 64)
	if v.BitSize > 0 {
		n >>= v.BitOffset
		if v.BitOffset > 0 {
			n |= uint64(all[8]) << (64 - v.BitOffset)
		}
		bits = min(v.BitSize, 64)
	}
	if unused := 64 - bits; unused == 64 {
		n = 0
	} else if v.Type.IsSigned() {
		n = uint64(int64(n<<unused) >> unused)
	} else {
		n = n << unused >> unused
	}
	return n, nil
}

// Int is Uint as a signed number.
func (v Value) Int() (int64, error) {
	n, err := v.Uint()
	return int64(n), err
}

// part is what lies at an offset in the value.
func (v Value) part(t *types.Type, offset int64) Value {
	p := Value{Type: t, target: v.target, why: v.why}
	if v.why != nil {
		return p
	}
	if v.InMemory {
		p.InMemory, p.Addr = true, v.Addr+uint64(offset)
		return p
	}
	if offset < 0 || offset > int64(len(v.data)) {
		p.why = ErrOptimizedOut
		return p
	}
	p.data = v.data[offset:]
	if v.known != nil {
		p.known = v.known[min(offset, int64(len(v.known))):]
	}
	return p
}

// Field is the value of a member.
func (v Value) Field(m *types.Member) Value {
	if m.Static {
		if v.target == nil {
			return Missing(m.Type, ErrOptimizedOut)
		}
		s, err := v.target.Static(m)
		if err != nil {
			return Missing(m.Type, err)
		}
		return s
	}
	offset := m.Offset
	if m.Virtual != nil {
		at, err := v.virtualBase(m.Virtual)
		if err != nil {
			return Missing(m.Type, err)
		}
		offset = at
	}
	f := v.part(m.Type, offset)
	f.BitOffset, f.BitSize = m.BitOffset, m.BitSize
	return f
}

// FieldAt is a part of the value with a type of its own.
func (v Value) FieldAt(t *types.Type, offset int64) Value { return v.part(t, offset) }

// Index is an element of an array, counted from 0.
func (v Value) Index(i int64) Value {
	a := v.Type.Strip()
	return v.part(a.Elem, i*a.Step())
}

// Deref is what a pointer or reference points to.
func (v Value) Deref() Value {
	t := v.Type.Strip()
	addr, err := v.Uint()
	if err != nil {
		return Missing(t.Elem, err)
	}
	return At(v.target, t.Elem, addr)
}

// Referred looks through references: in expressions they are what they refer to.
func (v Value) Referred() Value {
	for range 8 {
		if !v.Type.Is(types.Reference, types.RvalueReference) || v.why != nil {
			break
		}
		v = v.Deref()
	}
	return v
}

// As is the same bytes with another type.
func (v Value) As(t *types.Type) Value {
	v.Type, v.BitOffset, v.BitSize = t, 0, 0
	return v
}

// Member finds a member by its name, in anonymous structs and in bases too.
func (v Value) Member(name string) (Value, bool) {
	f, ok := v.member(name, 0)
	return f, ok
}

func (v Value) member(name string, depth int) (Value, bool) {
	if depth > 32 {
		return Value{}, false
	}
	members := v.Type.Strip().Members()
	for i := range members {
		if m := &members[i]; m.Name == name && !m.Base {
			return v.Field(m), true
		}
	}
	for i := range members {
		m := &members[i]
		if m.Base || m.Name == "" && !m.Static && m.Type.Is(types.Struct, types.Union) {
			if f, ok := v.Field(m).member(name, depth+1); ok {
				return f, true
			}
		}
	}
	return Value{}, false
}

// Base finds a base class by its type, at any depth.
func (v Value) Base(t *types.Type, depth int) (Value, bool) {
	members := v.Type.Strip().Members()
	for i := range members {
		m := &members[i]
		if !m.Base || depth > 32 {
			continue
		}
		b := v.Field(m)
		if b.Type.Strip().Name == t.Strip().Name {
			return b, true
		}
		if b, ok := b.Base(t, depth+1); ok {
			return b, true
		}
	}
	return Value{}, false
}

// virtualBase computes where a virtual base lies in the object.
func (v Value) virtualBase(expr []byte) (int64, error) {
	if !v.InMemory {
		return 0, ErrOptimizedOut
	}
	errExpr := errors.New("the place of the virtual base cannot be computed")
	stack := []uint64{v.Addr}
	for i := 0; i < len(expr); {
		op := expr[i]
		i++
		n := len(stack)
		var arg uint64
		switch op {
		case 0x08, 0x09: // DW_OP_const1u, const1s
			if i >= len(expr) {
				return 0, errExpr
			}
			arg = uint64(expr[i])
			if op == 0x09 {
				arg = uint64(int8(expr[i]))
			}
			i++
		case 0x10, 0x23, 0x11: // constu, plus_uconst, consts
			shift := 0
			for ; ; i++ {
				if i >= len(expr) || shift > 63 {
					return 0, errExpr
				}
				arg |= uint64(expr[i]&0x7f) << shift
				shift += 7
				if expr[i] < 0x80 {
					break
				}
			}
			if op == 0x11 && expr[i]&0x40 != 0 && shift < 64 {
				arg |= ^uint64(0) << shift
			}
			i++
		}
		binary2 := op == 0x1c || op == 0x22 || op == 0x14
		if n == 0 || binary2 && n < 2 || n > 16 {
			return 0, errExpr
		}
		switch {
		case op == 0x12: // dup
			stack = append(stack, stack[n-1])
		case op == 0x06: // deref
			word, err := v.read(stack[n-1], 8)
			if err != nil {
				return 0, err
			}
			stack[n-1] = binary.LittleEndian.Uint64(word)
		case op == 0x08, op == 0x09, op == 0x10, op == 0x11:
			stack = append(stack, arg)
		case op >= 0x30 && op <= 0x4f: // lit
			stack = append(stack, uint64(op-0x30))
		case op == 0x23:
			stack[n-1] += arg
		case op == 0x1c: // minus
			stack = append(stack[:n-2], stack[n-2]-stack[n-1])
		case op == 0x22: // plus
			stack = append(stack[:n-2], stack[n-2]+stack[n-1])
		default:
			return 0, errExpr
		}
	}
	if len(stack) == 0 {
		return 0, errExpr
	}
	return int64(stack[len(stack)-1] - v.Addr), nil
}
