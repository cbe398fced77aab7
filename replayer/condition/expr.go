// Package condition has the expressions that say whether a probe counts: over
// the registers and the memory of a thread, and constants. The translator
// compiles them into its code; Eval is the same in Go, and the oracle.
//
// All values are 64-bit words. What cannot be computed, because memory is
// missing or something is divided by zero, makes the whole condition false.
package condition

import (
	"errors"
	"fmt"
)

// Expr is an expression. The zero value is the constant 0.
type Expr struct {
	Op   Op
	N    uint64 // of a Constant, or the number of a Register
	Args []Expr // as many as the operation takes
}

// Op is what an Expr does.
type Op uint8

// The operations. Comparisons and the logical ones give 1 or 0. Shifts use
// the low six bits of the distance.
const (
	Constant Op = iota
	Register    // a general register in the order of the instruction set, or RIP
	ThreadID
	ProcessID
	Address // of the memory that an instruction is about to access, in the translator's own conditions

	LoadU8 // memory at the address that the argument is
	LoadU16
	LoadU32
	Load64
	LoadS8
	LoadS16
	LoadS32

	Negate
	Complement
	IsZero

	Add
	Sub
	Mul
	DivU
	DivS
	ModU
	ModS
	And
	Or
	Xor
	Shl
	ShrU
	ShrS

	Equal
	NotEqual
	LessU
	LessEqualU
	LessS
	LessEqualS

	AndThen // the second argument is looked at only if the first is not 0
	OrElse  // only if it is 0

	ops
)

// The registers that an Expr names by numbers of its own.
const (
	RSP = 4
	RBP = 5
	RIP = 16

	registers = 17
)

// arity is how many arguments an operation takes.
func (o Op) arity() int {
	switch {
	case o < LoadU8:
		return 0
	case o < Add:
		return 1
	}
	return 2
}

// Width is how many bytes a load reads; 0: the operation is none. signed: it
// extends the sign.
func (o Op) Width() (n int, signed bool) {
	if o < LoadU8 || o > LoadS32 {
		return 0, false
	}
	return [...]int{1, 2, 4, 8, 1, 2, 4}[o-LoadU8], o >= LoadS8
}

// MaxDepth and MaxSize are how deeply an expression may be nested, and of how
// many operations it may be made.
const (
	MaxDepth = 32
	MaxSize  = 256
)

// Check reports what is wrong with an expression that was not made by Parse.
func (e *Expr) Check() error {
	size, err := e.check(MaxDepth)
	if err == nil && size > MaxSize {
		err = fmt.Errorf("the condition has %d operations; %d are the most", size, MaxSize)
	}
	return err
}

func (e *Expr) check(depth int) (size int, err error) {
	switch {
	case e.Op >= ops:
		return 0, fmt.Errorf("the condition has an unknown operation, %d", e.Op)
	case len(e.Args) != e.Op.arity():
		return 0, fmt.Errorf("operation %d of the condition has %d arguments, not %d", e.Op, len(e.Args), e.Op.arity())
	case e.Op == Address:
		return 0, errors.New("the condition names an address that only the translator knows")
	case e.Op == Register && e.N >= registers:
		return 0, fmt.Errorf("the condition names a register %d", e.N)
	case depth == 0:
		return 0, fmt.Errorf("the condition is nested deeper than %d", MaxDepth)
	}
	size = 1
	for i := range e.Args {
		n, err := e.Args[i].check(depth - 1)
		if err != nil {
			return 0, err
		}
		size += n
	}
	return size, nil
}

// Size is how many operations the expression is made of.
func (e *Expr) Size() int {
	n := 1
	for i := range e.Args {
		n += e.Args[i].Size()
	}
	return n
}

// Both is the condition that holds when all of the given do. nil holds always.
func Both(a, b *Expr) *Expr {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return &Expr{Op: AndThen, Args: []Expr{*a, *b}}
}

// Is is the condition that an operation without arguments has a value.
func Is(e Expr, value uint64) *Expr {
	return &Expr{Op: Equal, Args: []Expr{e, {N: value}}}
}

// State is what an expression is evaluated in.
type State struct {
	Registers           [registers]uint64
	ThreadID, ProcessID int
	// Read reads all of p, or fails.
	Read func(addr uint64, p []byte) error
}

// errNone reports a value that there is not.
var errNone = errors.New("no value")

// Holds reports whether the expression has a value that is not 0.
func (e *Expr) Holds(s *State) bool {
	v, err := e.Eval(s)
	return err == nil && v != 0
}

// Eval computes the expression's value. It fails when there is none.
func (e *Expr) Eval(s *State) (uint64, error) {
	switch e.Op {
	case Constant:
		return e.N, nil
	case Register:
		return s.Registers[e.N], nil
	case ThreadID:
		return uint64(s.ThreadID), nil
	case ProcessID:
		return uint64(s.ProcessID), nil
	}
	a, err := e.Args[0].Eval(s)
	if err != nil {
		return 0, err
	}
	switch e.Op {
	case Negate:
		return -a, nil
	case Complement:
		return ^a, nil
	case IsZero:
		return word(a == 0), nil
	case AndThen:
		if a == 0 {
			return 0, nil
		}
	case OrElse:
		if a != 0 {
			return 1, nil
		}
	}
	if n, signed := e.Op.Width(); n > 0 {
		return load(s, a, n, signed)
	}
	b, err := e.Args[1].Eval(s)
	if err != nil {
		return 0, err
	}
	if e.Op >= DivU && e.Op <= ModS {
		return divide(e.Op, a, b)
	}
	return binary(e.Op, a, b), nil
}

func load(s *State, addr uint64, n int, signed bool) (v uint64, err error) {
	var buf [8]byte
	if err := s.Read(addr, buf[:n]); err != nil {
		return 0, errNone
	}
	for i := range n {
		v |= uint64(buf[i]) << (8 * i)
	}
	if unused := 64 - 8*n; signed {
		v = uint64(int64(v<<unused) >> unused)
	}
	return v, nil
}

// divide divides as the processor does, which refuses results that do not fit.
func divide(op Op, a, b uint64) (uint64, error) {
	if b == 0 || (op == DivS || op == ModS) && a == 1<<63 && b == ^uint64(0) {
		return 0, errNone
	}
	switch op {
	case DivU:
		return a / b, nil
	case ModU:
		return a % b, nil
	case DivS:
		return uint64(int64(a) / int64(b)), nil
	}
	return uint64(int64(a) % int64(b)), nil
}

func binary(op Op, a, b uint64) uint64 {
	switch op {
	case Add:
		return a + b
	case Sub:
		return a - b
	case Mul:
		return a * b
	case And:
		return a & b
	case Or:
		return a | b
	case Xor:
		return a ^ b
	case Shl:
		return a << (b & 63)
	case ShrU:
		return a >> (b & 63)
	case ShrS:
		return uint64(int64(a) >> (b & 63))
	case Equal:
		return word(a == b)
	case NotEqual:
		return word(a != b)
	case LessU:
		return word(a < b)
	case LessEqualU:
		return word(a <= b)
	case LessS:
		return word(int64(a) < int64(b))
	case LessEqualS:
		return word(int64(a) <= int64(b))
	}
	return word(b != 0) // AndThen and OrElse, whose first argument did not decide
}

func word(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
