package location

import (
	"errors"
	"fmt"
	"strings"

	"stepback/adapter/symbols/cursor"
)

// op is an operation of expressions (DWARF 5 §2.5, §7.7).
type op struct {
	name string
	// operands are letters: 1, 2, 4, 8 and b, h, i, q are unsigned and signed
	// numbers of 1, 2, 4, 8 bytes; u and s LEB128 numbers; o is of the size of
	// offsets; B is a block with its length as LEB128, and K with a byte for it.
	operands string
	do       func(e *evaluator, a []operand) error
	// afterLocation is set for what may follow an operation that gives a whole
	// location instead of a number.
	afterLocation bool
}

// ops are the operations by their codes.
var ops [256]op

func init() {
	for code, o := range map[int]op{
		0x03: {"DW_OP_addr", "8", func(e *evaluator, a []operand) error { return e.pushed(a[0].n+e.env.Bias, nil) }, false},
		0x06: {"DW_OP_deref", "", func(e *evaluator, a []operand) error { return e.load(generic) }, false},
		0x08: constant("DW_OP_const1u", "1"), 0x09: constant("DW_OP_const1s", "b"),
		0x0a: constant("DW_OP_const2u", "2"), 0x0b: constant("DW_OP_const2s", "h"),
		0x0c: constant("DW_OP_const4u", "4"), 0x0d: constant("DW_OP_const4s", "i"),
		0x0e: constant("DW_OP_const8u", "8"), 0x0f: constant("DW_OP_const8s", "q"),
		0x10: constant("DW_OP_constu", "u"), 0x11: constant("DW_OP_consts", "s"),
		0x12: {"DW_OP_dup", "", func(e *evaluator, a []operand) error { e.push(e.pick(0)); return nil }, false},
		0x13: {"DW_OP_drop", "", func(e *evaluator, a []operand) error { e.pop(); return nil }, false},
		0x14: {"DW_OP_over", "", func(e *evaluator, a []operand) error { e.push(e.pick(1)); return nil }, false},
		0x15: {"DW_OP_pick", "1", func(e *evaluator, a []operand) error { e.push(e.pick(a[0].n)); return nil }, false},
		0x16: {"DW_OP_swap", "", func(e *evaluator, a []operand) error { return e.rotate(2) }, false},
		0x17: {"DW_OP_rot", "", func(e *evaluator, a []operand) error { return e.rotate(3) }, false},
		0x18: refused("DW_OP_xderef", ""),
		0x19: ofOne("DW_OP_abs", arithmetic{func(a, _ value) (uint64, error) {
			if n := a.signed(); n < 0 && a.typ.Encoding != Unsigned {
				return uint64(-n), nil
			}
			return a.bits, nil
		}, func(a, _ float64) float64 { return max(a, -a) }}),
		0x1a: ofTwo("DW_OP_and", arithmetic{bits(func(a, b uint64) uint64 { return a & b }), nil}),
		0x1b: ofTwo("DW_OP_div", arithmetic{
			divide(func(a, b int64) int64 { return a / b }, func(a, b uint64) uint64 { return a / b }, true),
			func(a, b float64) float64 { return a / b },
		}),
		0x1c: ofTwo("DW_OP_minus", arithmetic{bits(func(a, b uint64) uint64 { return a - b }), func(a, b float64) float64 { return a - b }}),
		0x1d: ofTwo("DW_OP_mod", arithmetic{divide(func(a, b int64) int64 { return a % b }, func(a, b uint64) uint64 { return a % b }, false), nil}),
		0x1e: ofTwo("DW_OP_mul", arithmetic{bits(func(a, b uint64) uint64 { return a * b }), func(a, b float64) float64 { return a * b }}),
		0x1f: ofOne("DW_OP_neg", arithmetic{bits(func(a, _ uint64) uint64 { return -a }), func(a, _ float64) float64 { return -a }}),
		0x20: ofOne("DW_OP_not", arithmetic{bits(func(a, _ uint64) uint64 { return ^a }), nil}),
		0x21: ofTwo("DW_OP_or", arithmetic{bits(func(a, b uint64) uint64 { return a | b }), nil}),
		0x22: ofTwo("DW_OP_plus", arithmetic{bits(func(a, b uint64) uint64 { return a + b }), func(a, b float64) float64 { return a + b }}),
		0x23: {"DW_OP_plus_uconst", "u", func(e *evaluator, a []operand) error {
			v := e.pop()
			if v.typ.Encoding == Opaque || v.typ.Encoding == Float {
				return errNoArithmetic
			}
			e.push(v.typ.fit(v.bits + a[0].n))
			return nil
		}, false},
		0x24: shifts("DW_OP_shl", shift(func(a value, n uint64) uint64 { return a.bits << n })),
		0x25: shifts("DW_OP_shr", shift(func(a value, n uint64) uint64 { return a.unsigned() >> n })),
		0x26: shifts("DW_OP_shra", shift(func(a value, n uint64) uint64 { return uint64(a.signed() >> n) })),
		0x27: ofTwo("DW_OP_xor", arithmetic{bits(func(a, b uint64) uint64 { return a ^ b }), nil}),
		0x28: {"DW_OP_bra", "h", func(e *evaluator, a []operand) error {
			if v := e.pop(); e.err != nil || v.bits == 0 {
				return nil
			}
			return e.jump(a[0].n)
		}, false},
		0x29: comparison("DW_OP_eq", func(n int) bool { return n == 0 }),
		0x2a: comparison("DW_OP_ge", func(n int) bool { return n >= 0 }),
		0x2b: comparison("DW_OP_gt", func(n int) bool { return n > 0 }),
		0x2c: comparison("DW_OP_le", func(n int) bool { return n <= 0 }),
		0x2d: comparison("DW_OP_lt", func(n int) bool { return n < 0 }),
		0x2e: comparison("DW_OP_ne", func(n int) bool { return n != 0 }),
		0x2f: {"DW_OP_skip", "h", func(e *evaluator, a []operand) error { return e.jump(a[0].n) }, false},

		0x90: {"DW_OP_regx", "u", func(e *evaluator, a []operand) error { return e.whole(Piece{Kind: Register, N: int64(a[0].n)}) }, false},
		0x91: {"DW_OP_fbreg", "s", func(e *evaluator, a []operand) error {
			base, err := ask("the frame base", e.env.FrameBase)
			return e.pushed(base+a[0].n, err)
		}, false},
		0x92: {"DW_OP_bregx", "us", func(e *evaluator, a []operand) error { return e.register(a[0].n, a[1].n) }, false},
		0x93: {"DW_OP_piece", "u", func(e *evaluator, a []operand) error { return e.piece(min(a[0].n, maxObject+1)*8, 0) }, true},
		0x94: {"DW_OP_deref_size", "1", func(e *evaluator, a []operand) error {
			if a[0].n == 0 || a[0].n > 8 {
				return fmt.Errorf("%d bytes are read for a number", a[0].n)
			}
			err := e.load(BaseType{Unsigned, int(a[0].n)})
			if err == nil && e.err == nil {
				e.push(number(e.pop().bits))
			}
			return err
		}, false},
		0x95: refused("DW_OP_xderef_size", "1"),
		0x96: {"DW_OP_nop", "", func(e *evaluator, a []operand) error { return nil }, true},
		0x97: asked("DW_OP_push_object_address", "the object", func(env *Env) func() (uint64, error) { return env.Object }),
		0x98: {"DW_OP_call2", "2", func(e *evaluator, a []operand) error { return e.call(Ref{a[0].n, true}) }, false},
		0x99: {"DW_OP_call4", "4", func(e *evaluator, a []operand) error { return e.call(Ref{a[0].n, true}) }, false},
		0x9a: {"DW_OP_call_ref", "o", func(e *evaluator, a []operand) error { return e.call(Ref{a[0].n, false}) }, false},
		0x9b: threadLocal("DW_OP_form_tls_address"),
		0x9c: asked("DW_OP_call_frame_cfa", "the canonical frame address", func(env *Env) func() (uint64, error) { return env.CFA }),
		0x9d: {"DW_OP_bit_piece", "uu", func(e *evaluator, a []operand) error { return e.piece(a[0].n, a[1].n) }, true},
		0x9e: {"DW_OP_implicit_value", "B", func(e *evaluator, a []operand) error {
			e.last = cursor.At(a[0].block, 0).Uint(min(len(a[0].block), 8))
			return e.whole(Piece{Kind: Value, Bytes: a[0].block})
		}, false},
		0x9f: {"DW_OP_stack_value", "", func(e *evaluator, a []operand) error {
			v := e.pop()
			e.last = v.bits
			return e.whole(Piece{Kind: Value, Bytes: v.encode()})
		}, false},
		0xa0: implicitPointer("DW_OP_implicit_pointer"),
		0xa1: {"DW_OP_addrx", "u", func(e *evaluator, a []operand) error {
			addr, err := ask("an address of .debug_addr", with(e.env.Address, a[0].n))
			return e.pushed(addr+e.env.Bias, err)
		}, false},
		0xa2: indexed("DW_OP_constx"),
		0xa3: entryValue("DW_OP_entry_value"),
		0xa4: typed("DW_OP_const_type", "uK", 0, func(e *evaluator, t BaseType, a []operand) error {
			if len(a[1].block) != t.Size {
				return fmt.Errorf("%d bytes for a type of %d", len(a[1].block), t.Size)
			}
			e.push(t.decode(a[1].block))
			return nil
		}),
		0xa5: typed("DW_OP_regval_type", "uu", 1, func(e *evaluator, t BaseType, a []operand) error {
			b := make([]byte, t.Size)
			err := e.env.register(a[0].n, b)
			e.push(t.decode(b))
			return err
		}),
		0xa6: typed("DW_OP_deref_type", "1u", 1, func(e *evaluator, t BaseType, a []operand) error {
			if a[0].n != uint64(t.Size) {
				return fmt.Errorf("%d bytes for a type of %d", a[0].n, t.Size)
			}
			return e.load(t)
		}),
		0xa7: refused("DW_OP_xderef_type", "1u"),
		0xa8: typed("DW_OP_convert", "u", 0, func(e *evaluator, t BaseType, a []operand) error {
			v, err := e.pop().convert(t)
			e.push(v)
			return err
		}),
		0xa9: typed("DW_OP_reinterpret", "u", 0, func(e *evaluator, t BaseType, a []operand) error {
			v, err := e.pop().reinterpret(t)
			e.push(v)
			return err
		}),
		0xe0: threadLocal("DW_OP_GNU_push_tls_address"),
		0xf0: {"DW_OP_GNU_uninit", "", func(e *evaluator, a []operand) error { return nil }, true},
		0xfa: {"DW_OP_GNU_parameter_ref", "4", func(e *evaluator, a []operand) error {
			return e.pushed(ask("what a parameter was at the call", with(e.env.Parameter, Ref{a[0].n, true})))
		}, false},
		0xfb: indexed("DW_OP_GNU_addr_index"),
		0xfc: indexed("DW_OP_GNU_const_index"),
		0xfd: {"DW_OP_GNU_variable_value", "o", func(e *evaluator, a []operand) error {
			return e.pushed(ask("the value of a variable", with(e.env.Variable, Ref{a[0].n, false})))
		}, false},
	} {
		ops[code] = o
	}
	for n := range uint64(32) {
		ops[0x30+n] = op{fmt.Sprint("DW_OP_lit", n), "", func(e *evaluator, a []operand) error { return e.pushed(n, nil) }, false}
		ops[0x50+n] = op{fmt.Sprint("DW_OP_reg", n), "", func(e *evaluator, a []operand) error { return e.whole(Piece{Kind: Register, N: int64(n)}) }, false}
		ops[0x70+n] = op{fmt.Sprint("DW_OP_breg", n), "s", func(e *evaluator, a []operand) error { return e.register(n, a[0].n) }, false}
	}
	// GNU's operations of DWARF 4 that became DWARF 5's.
	for gnu, code := range map[int]int{0xf2: 0xa0, 0xf3: 0xa3, 0xf4: 0xa4, 0xf5: 0xa5, 0xf6: 0xa6, 0xf7: 0xa8, 0xf9: 0xa9} {
		ops[gnu] = ops[code]
		ops[gnu].name = strings.Replace(ops[code].name, "DW_OP_", "DW_OP_GNU_", 1)
	}
	ops[0xfb].do = ops[0xa1].do // an address, unlike DW_OP_constx
}

// whole takes a location that is no address.
func (e *evaluator) whole(p Piece) error {
	e.current = &p
	return nil
}

// rotate puts the top of the stack below n-1 others.
func (e *evaluator) rotate(n int) error {
	top := e.pick(0)
	if e.pick(uint64(n) - 1); e.err == nil {
		s := e.stack[len(e.stack)-n:]
		copy(s[1:], s)
		s[0] = top
	}
	return nil
}

func constant(name, letter string) op {
	return op{name, letter, func(e *evaluator, a []operand) error { return e.pushed(a[0].n, nil) }, false}
}

func ofOne(name string, x arithmetic) op {
	return op{name, "", func(e *evaluator, a []operand) error {
		v := e.pop()
		r, err := x.apply(v, value{typ: v.typ})
		e.push(r)
		return err
	}, false}
}

func ofTwo(name string, x arithmetic) op {
	return op{name, "", func(e *evaluator, a []operand) error {
		right, left := e.pop(), e.pop()
		r, err := x.apply(left, right)
		e.push(r)
		return err
	}, false}
}

// shifts is a shift, whose count may have another type.
func shifts(name string, f func(a, b value) (uint64, error)) op {
	return op{name, "", func(e *evaluator, a []operand) error {
		right, left := e.pop(), e.pop()
		whole := func(t BaseType) bool { return t.Encoding != Float && t.Encoding != Opaque }
		if !whole(left.typ) || !whole(right.typ) {
			return errNoArithmetic
		}
		n, err := f(left, right)
		e.push(left.typ.fit(n))
		return err
	}, false}
}

func comparison(name string, is func(order int) bool) op {
	return op{name, "", func(e *evaluator, a []operand) error {
		right, left := e.pop(), e.pop()
		order, err := compare(left, right)
		result := number(0)
		if is(order) {
			result.bits = 1
		}
		e.push(result)
		return err
	}, false}
}

// refused is an operation with several address spaces, which x86-64 has not.
func refused(name, operands string) op {
	return op{name, operands, func(*evaluator, []operand) error { return errors.New("there is one address space only") }, false}
}

// asked pushes what the Env knows.
func asked(name, what string, question func(*Env) func() (uint64, error)) op {
	return op{name, "", func(e *evaluator, a []operand) error { return e.pushed(ask(what, question(e.env))) }, false}
}

func indexed(name string) op {
	return op{name, "u", func(e *evaluator, a []operand) error {
		return e.pushed(ask("a constant of .debug_addr", with(e.env.Address, a[0].n)))
	}, false}
}

func threadLocal(name string) op {
	return op{name, "", func(e *evaluator, a []operand) error {
		offset := e.pop().unsigned()
		if e.err != nil {
			return nil
		}
		return e.pushed(ask("the thread-local storage", with(e.env.TLS, offset)))
	}, false}
}

func implicitPointer(name string) op {
	return op{name, "os", func(e *evaluator, a []operand) error {
		return e.whole(Piece{Kind: Pointer, Ref: Ref{a[0].n, false}, N: int64(a[1].n)})
	}, false}
}

func entryValue(name string) op {
	return op{name, "B", func(e *evaluator, a []operand) error {
		return e.pushed(ask("the value at the function's entry", with(e.env.Entry, a[0].block)))
	}, false}
}

// typed is an operation with the type that operand n names.
func typed(name, operands string, n int, do func(e *evaluator, t BaseType, a []operand) error) op {
	return op{name, operands, func(e *evaluator, a []operand) error {
		t, err := e.typ(a[n].n)
		if err != nil {
			return err
		}
		return do(e, t, a)
	}, false}
}

// readOperands reads the operands that these letters stand for.
func readOperands(c *cursor.Cursor, letters string, offsetSize int) []operand {
	var list []operand
	for _, letter := range letters {
		var o operand
		switch letter {
		case '1', '2', '4', '8':
			o.n = c.Uint(int(letter - '0'))
		case 'b', 'h', 'i', 'q':
			o.n = uint64(c.Int(1 << strings.IndexRune("bhiq", letter)))
		case 'u':
			o.n = c.ULEB()
		case 's':
			o.n = uint64(c.SLEB())
		case 'o':
			if offsetSize != 8 {
				offsetSize = 4
			}
			o.n = c.Uint(offsetSize)
		case 'B':
			o.block = c.Bytes(c.ULEB())
		case 'K':
			o.block = c.Bytes(c.Uint(1))
		}
		list = append(list, o)
	}
	return list
}
