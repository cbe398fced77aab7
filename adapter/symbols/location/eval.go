package location

import (
	"errors"
	"fmt"

	"stepback/adapter/symbols/cursor"
)

// The bounds of an expression.
const (
	maxSteps = 100_000 // operations, with those of the expressions that it calls
	maxStack = 1024    // numbers
	maxDepth = 32      // calls
)

// Locate evaluates a location description (DWARF 5 §2.6). An empty one is an
// object that was optimized out: a Location without pieces.
func (env *Env) Locate(expr []byte) (Location, error) {
	e := evaluator{env: env}
	if err := e.run(expr); err != nil {
		return nil, err
	}
	return e.location()
}

// Value evaluates an expression that gives a number: a frame base, an address, a
// bound, the rule of a register. initial is what is on the stack before. If the
// expression is a location, the value is the address, or what the register has.
func (env *Env) Value(expr []byte, initial ...uint64) (uint64, error) {
	e := evaluator{env: env}
	for _, n := range initial {
		e.push(number(n))
	}
	if err := e.run(expr); err != nil {
		return 0, err
	}
	l, err := e.location()
	if err != nil {
		return 0, err
	}
	if addr, ok := l.Address(); ok {
		return addr, nil
	}
	if len(l) == 1 && l[0].Kind == Value && len(l[0].Bytes) < 8 {
		return e.last, nil // extended to its sign
	}
	var word [8]byte
	if err := l.Read(env, word[:]); err != nil {
		return 0, err
	}
	return cursor.At(word[:], 0).Uint(8), nil
}

// evaluator is an expression being evaluated.
type evaluator struct {
	env    *Env
	cursor *cursor.Cursor
	stack  []value
	// current is the location description that the last operation gave, which
	// is no number on the stack.
	current *Piece
	pieces  Location
	last    uint64 // the number of the last Piece of kind Value
	steps   int
	depth   int
	err     error
}

// operand is a number, signed ones extended, or a block of bytes.
type operand struct {
	n     uint64
	block []byte
}

// run executes an expression, and those that it calls.
func (e *evaluator) run(expr []byte) error {
	caller := e.cursor
	e.cursor = &cursor.Cursor{Data: expr}
	if e.depth++; e.depth > maxDepth {
		return fmt.Errorf("expressions call each other more than %d deep", maxDepth)
	}
	for e.cursor.More() {
		if e.steps++; e.steps > maxSteps {
			return fmt.Errorf("the expression does not end within %d operations", maxSteps)
		}
		at := e.cursor.Pos
		code := byte(e.cursor.Uint(1))
		o := &ops[code]
		if o.do == nil {
			return fmt.Errorf("the expression has an unknown operation %#02x at byte %d", code, at)
		}
		args := readOperands(e.cursor, o.operands, e.env.OffsetSize)
		if e.cursor.Err != nil {
			return fmt.Errorf("%s at byte %d of the expression: %w", o.name, at, e.cursor.Err)
		}
		if e.current != nil && !o.afterLocation {
			return fmt.Errorf("%s at byte %d follows a whole location", o.name, at)
		}
		err := o.do(e, args)
		if err == nil {
			err = e.err
		}
		if err != nil {
			return fmt.Errorf("%s at byte %d of the expression: %w", o.name, at, err)
		}
	}
	e.depth--
	e.cursor = caller
	return nil
}

// location is the result.
func (e *evaluator) location() (Location, error) {
	if e.pieces != nil {
		if e.current != nil {
			return nil, errors.New("the expression ends with a piece that has no size")
		}
		return e.pieces, nil
	}
	if p, ok := e.take(); ok {
		return Location{p}, e.err
	}
	return nil, nil
}

// take takes what a piece is made of: a location, or an address on the stack.
func (e *evaluator) take() (p Piece, ok bool) {
	switch {
	case e.current != nil:
		p = *e.current
		e.current = nil
	case len(e.stack) > 0:
		p = Piece{Kind: Memory, Addr: e.pop().unsigned()}
	default:
		return p, false
	}
	return p, true
}

// piece ends a piece of so many bits, from a bit of what it is made of.
func (e *evaluator) piece(bits, from uint64) error {
	if bits == 0 || bits > maxObject*8 || from > maxObject*8 {
		return fmt.Errorf("a piece of %d bits at bit %d", bits, from)
	}
	p, _ := e.take()
	p.Bits, p.Bit = bits, p.Bit+from
	e.pieces = append(e.pieces, p)
	return nil
}

func (e *evaluator) push(v value) {
	if len(e.stack) == maxStack {
		e.err = errors.New("the stack is full")
		return
	}
	e.stack = append(e.stack, v)
}

// pop takes a number; if there is none, e.err says so.
func (e *evaluator) pop() value {
	v := e.pick(0)
	if e.err == nil {
		e.stack = e.stack[:len(e.stack)-1]
	}
	return v
}

// pick is the n-th number from the top.
func (e *evaluator) pick(n uint64) value {
	if n >= uint64(len(e.stack)) {
		e.err = fmt.Errorf("the stack has %d numbers only", len(e.stack))
		return number(0)
	}
	return e.stack[uint64(len(e.stack))-1-n]
}

// pushed pushes the answer to a question.
func (e *evaluator) pushed(n uint64, err error) error {
	if err == nil {
		e.push(number(n))
	}
	return err
}

// jump goes to an offset from here.
func (e *evaluator) jump(offset uint64) error {
	to := int64(e.cursor.Pos) + int64(offset)
	if to < 0 || to > int64(len(e.cursor.Data)) {
		return fmt.Errorf("a jump to byte %d of %d", to, len(e.cursor.Data))
	}
	e.cursor.Pos = int(to)
	return nil
}

// load pushes what is in memory.
func (e *evaluator) load(t BaseType) error {
	addr := e.pop().unsigned()
	if e.err != nil {
		return nil
	}
	b := make([]byte, t.Size)
	if err := e.env.memory(addr, b); err != nil {
		return err
	}
	e.push(t.decode(b))
	return nil
}

// register pushes what is in a register, plus an offset.
func (e *evaluator) register(n, offset uint64) error {
	var word [8]byte
	if err := e.env.register(n, word[:]); err != nil {
		return err
	}
	e.push(number(cursor.At(word[:], 0).Uint(8) + offset))
	return nil
}

// typ is the type of an entry of the unit. 0 is the generic type.
func (e *evaluator) typ(offset uint64) (BaseType, error) {
	if offset == 0 {
		return generic, nil
	}
	if e.env.Type == nil {
		return generic, unknown("the type of a number")
	}
	t, err := e.env.Type(offset)
	if err == nil && (t.Size <= 0 || t.Size > maxValue || t.Encoding != Opaque && t.Size > 8 || t.Encoding == Float && t.Size < 4) {
		err = fmt.Errorf("a number of %d bytes", t.Size)
	}
	return t, err
}

// call goes through the expression of another entry, which uses the same stack.
func (e *evaluator) call(ref Ref) error {
	if e.env.Expression == nil {
		return unknown("the location of another entry")
	}
	expr, err := e.env.Expression(ref)
	if err != nil {
		return fmt.Errorf("%s: %w", ref, err)
	}
	return e.run(expr)
}
