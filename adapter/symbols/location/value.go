package location

import (
	"debug/dwarf"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Encoding says how the bytes of a BaseType are a number.
type Encoding uint8

// The encodings. Generic is that of addresses and of all numbers before DWARF 5:
// 64 bits, signed or not as the operation takes it (DWARF 5 §2.5.1).
const (
	Generic Encoding = iota
	Unsigned
	Signed
	Float
	Opaque // bytes that nobody calculates with
)

// BaseType is a type that the numbers of an expression can have.
type BaseType struct {
	Encoding Encoding
	Size     int // in bytes
}

var generic = BaseType{Generic, 8}

// encodings are those of DW_ATE_* (DWARF 5 §7.8).
var encodings = map[int64]Encoding{
	1: Unsigned, 2: Unsigned, 4: Float, 5: Signed, 6: Signed, 7: Unsigned, 8: Unsigned, 0x10: Unsigned, 0x11: Unsigned, 0x12: Unsigned,
}

// BaseTypeOf is the type of a DW_TAG_base_type.
func BaseTypeOf(e *dwarf.Entry) (BaseType, error) {
	size, ok := e.Val(dwarf.AttrByteSize).(int64)
	if e.Tag != dwarf.TagBaseType || !ok || size <= 0 || size > maxValue {
		return BaseType{}, fmt.Errorf("the entry at %#x is no base type of 1 to %d bytes", e.Offset, maxValue)
	}
	code, _ := e.Val(dwarf.AttrEncoding).(int64)
	t := BaseType{encodings[code], int(size)}
	if t.Encoding == Generic || size > 8 || t.Encoding == Float && size != 4 && size != 8 {
		t.Encoding = Opaque
	}
	return t, nil
}

// maxValue is the size in bytes of the largest value on the stack: a vector register.
const maxValue = 64

// value is a number on the stack.
type value struct {
	typ BaseType
	// bits are extended to 64 as the type's sign tells; those of a float are as
	// in memory.
	bits  uint64
	bytes []byte // of Opaque, instead of bits
}

func number(n uint64) value { return value{typ: generic, bits: n} }

// decode makes a value of bytes, of which there are as many as the type has.
func (t BaseType) decode(b []byte) value {
	if t.Encoding == Opaque {
		return value{typ: t, bytes: b}
	}
	var word [8]byte
	copy(word[:], b)
	return t.fit(binary.LittleEndian.Uint64(word[:]))
}

// fit cuts a number to the size of the type, and extends it.
func (t BaseType) fit(n uint64) value {
	shift := 64 - 8*t.Size
	if t.Encoding == Signed {
		n = uint64(int64(n) << shift >> shift)
	} else {
		n = n << shift >> shift
	}
	return value{typ: t, bits: n}
}

// encode is the value as in memory.
func (v value) encode() []byte {
	if v.typ.Encoding == Opaque {
		return v.bytes
	}
	return binary.LittleEndian.AppendUint64(nil, v.bits)[:v.typ.Size]
}

func (v value) float() float64 {
	if v.typ.Size == 4 {
		return float64(math.Float32frombits(uint32(v.bits)))
	}
	return math.Float64frombits(v.bits)
}

func (t BaseType) ofFloat(f float64) value {
	if t.Size == 4 {
		return value{typ: t, bits: uint64(math.Float32bits(float32(f)))}
	}
	return value{typ: t, bits: math.Float64bits(f)}
}

var errNoArithmetic = errors.New("arithmetic with this type is not supported")

// convert gives a value another type, with the same number as far as it fits.
func (v value) convert(t BaseType) (value, error) {
	from, to := v.typ.Encoding, t.Encoding
	switch {
	case v.typ == t:
		return v, nil
	case from == Opaque || to == Opaque:
		return v, errNoArithmetic
	case from == Float && to == Float:
		return t.ofFloat(v.float()), nil
	case from == Float && to == Signed:
		return t.fit(uint64(int64(v.float()))), nil
	case from == Float:
		if f := v.float(); f < 0 {
			return t.fit(uint64(int64(f))), nil
		}
		return t.fit(uint64(v.float())), nil
	case to == Float && from == Signed:
		return t.ofFloat(float64(int64(v.bits))), nil
	case to == Float:
		return t.ofFloat(float64(v.bits)), nil
	}
	return t.fit(v.bits), nil
}

// reinterpret gives the bytes of a value another type.
func (v value) reinterpret(t BaseType) (value, error) {
	if v.typ.Size != t.Size {
		return v, fmt.Errorf("%d bytes are taken for a type of %d", v.typ.Size, t.Size)
	}
	return t.decode(v.encode()), nil
}

// unsigned is the number without sign, of the type's size.
func (v value) unsigned() uint64 {
	shift := 64 - 8*v.typ.Size
	return v.bits << shift >> shift
}

// signed is the number with the sign of its highest bit.
func (v value) signed() int64 {
	shift := 64 - 8*v.typ.Size
	return int64(v.bits) << shift >> shift
}

var errDivision = errors.New("division by zero")

// arithmetic is an operation with one or two numbers of the same type. whole
// takes them as the type tells: generic is signed where the sign matters.
type arithmetic struct {
	whole func(a, b value) (uint64, error)
	float func(a, b float64) float64 // nil: not with floats
}

// apply calculates; of one number, b is zero of the same type.
func (x arithmetic) apply(a, b value) (value, error) {
	switch {
	case a.typ != b.typ:
		return a, errors.New("two numbers have different types")
	case a.typ.Encoding == Opaque || a.typ.Encoding == Float && x.float == nil:
		return a, errNoArithmetic
	case a.typ.Encoding == Float:
		return a.typ.ofFloat(x.float(a.float(), b.float())), nil
	}
	n, err := x.whole(a, b)
	return a.typ.fit(n), err
}

// bits makes whole of what is the same with and without sign.
func bits(f func(a, b uint64) uint64) func(a, b value) (uint64, error) {
	return func(a, b value) (uint64, error) { return f(a.bits, b.bits), nil }
}

// divide makes whole of division or remainder.
func divide(signed func(a, b int64) int64, unsigned func(a, b uint64) uint64, genericSigned bool) func(a, b value) (uint64, error) {
	return func(a, b value) (uint64, error) {
		if b.bits == 0 {
			return 0, errDivision
		}
		if e := a.typ.Encoding; e == Signed || e == Generic && genericSigned {
			return uint64(signed(a.signed(), b.signed())), nil
		}
		return unsigned(a.unsigned(), b.unsigned()), nil
	}
}

// shift makes whole of a shift by any number of bits.
func shift(f func(a value, n uint64) uint64) func(a, b value) (uint64, error) {
	return func(a, b value) (uint64, error) { return f(a, b.unsigned()), nil }
}

// compare orders two values of the same type.
func compare(a, b value) (int, error) {
	order := func(less, more bool) (int, error) {
		switch {
		case less:
			return -1, nil
		case more:
			return 1, nil
		}
		return 0, nil
	}
	switch {
	case a.typ != b.typ:
		return 0, errors.New("two numbers of different types are compared")
	case a.typ.Encoding == Opaque:
		return 0, errNoArithmetic
	case a.typ.Encoding == Float:
		return order(a.float() < b.float(), a.float() > b.float())
	case a.typ.Encoding == Unsigned:
		return order(a.bits < b.bits, a.bits > b.bits)
	}
	return order(a.signed() < b.signed(), a.signed() > b.signed())
}
