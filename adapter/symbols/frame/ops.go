package frame

import "stepback/adapter/symbols/cursor"

// operand is a number, or an expression.
type operand struct {
	n    uint64
	expr []byte
}

// ops are the operations of programs, DW_CFA_* (DWARF 5 §6.4.2, §7.24). operands
// are letters, for operand below. Those of the first three are in the operation's
// own byte.
var ops [256]struct {
	name     string
	operands string
	do       func(m *machine, a, b operand)
}

func init() {
	type op = struct {
		name     string
		operands string
		do       func(m *machine, a, b operand)
	}
	nothing := func(*machine, operand, operand) {}
	advance := func(m *machine, a, _ operand) { m.advance(m.row.Start + a.n*m.cie.codeAlign) }
	restore := func(m *machine, a, _ operand) { m.restore(a.n) }
	defineCFA := func(m *machine, a, b operand) { m.row.CFA = Rule{Kind: Register, Reg: a.n, N: int64(b.n)} }
	offsetCFA := func(m *machine, a, _ operand) { m.offsetCFA(int64(a.n)) }
	// rule sets a register to a rule with a number, or an expression.
	rule := func(kind RuleKind) func(*machine, operand, operand) {
		return func(m *machine, a, b operand) { m.set(a.n, Rule{Kind: kind, N: int64(b.n), Expr: b.expr}) }
	}
	for code, o := range map[int]op{
		0x40: {"DW_CFA_advance_loc", "", advance},
		0x80: {"DW_CFA_offset", "f", rule(Offset)},
		0xc0: {"DW_CFA_restore", "", restore},

		0x00: {"DW_CFA_nop", "", nothing},
		0x01: {"DW_CFA_set_loc", "a", func(m *machine, a, _ operand) { m.advance(a.n) }},
		0x02: {"DW_CFA_advance_loc1", "1", advance},
		0x03: {"DW_CFA_advance_loc2", "2", advance},
		0x04: {"DW_CFA_advance_loc4", "4", advance},
		0x05: {"DW_CFA_offset_extended", "uf", rule(Offset)},
		0x06: {"DW_CFA_restore_extended", "u", restore},
		0x07: {"DW_CFA_undefined", "u", rule(Undefined)},
		0x08: {"DW_CFA_same_value", "u", rule(SameValue)},
		0x09: {"DW_CFA_register", "uu", func(m *machine, a, b operand) { m.set(a.n, Rule{Kind: Register, Reg: b.n}) }},
		0x0a: {"DW_CFA_remember_state", "", func(m *machine, _, _ operand) { m.remember() }},
		0x0b: {"DW_CFA_restore_state", "", func(m *machine, _, _ operand) { m.recall() }},
		0x0c: {"DW_CFA_def_cfa", "uu", defineCFA},
		0x0d: {"DW_CFA_def_cfa_register", "u", func(m *machine, a, _ operand) {
			m.offsetCFA(m.row.CFA.N)
			m.row.CFA.Reg = a.n
		}},
		0x0e: {"DW_CFA_def_cfa_offset", "u", offsetCFA},
		0x0f: {"DW_CFA_def_cfa_expression", "B", func(m *machine, a, _ operand) { m.row.CFA = Rule{Kind: Expression, Expr: a.expr} }},
		0x10: {"DW_CFA_expression", "uB", rule(Expression)},
		0x11: {"DW_CFA_offset_extended_sf", "ug", rule(Offset)},
		0x12: {"DW_CFA_def_cfa_sf", "ug", defineCFA},
		0x13: {"DW_CFA_def_cfa_offset_sf", "g", offsetCFA},
		0x14: {"DW_CFA_val_offset", "uf", rule(ValOffset)},
		0x15: {"DW_CFA_val_offset_sf", "ug", rule(ValOffset)},
		0x16: {"DW_CFA_val_expression", "uB", rule(ValExpression)},
		0x1d: {"DW_CFA_MIPS_advance_loc8", "8", advance},
		0x2e: {"DW_CFA_GNU_args_size", "u", func(m *machine, a, _ operand) { m.row.ArgsSize = a.n }},
		0x2f: {"DW_CFA_GNU_negative_offset_extended", "uf", func(m *machine, a, b operand) { m.set(a.n, Rule{Kind: Offset, N: -int64(b.n)}) }},
	} {
		ops[code] = o
	}
}

// operand reads the operand that a letter stands for: a number of 1, 2, 4, 8
// bytes, u an unsigned one, f one in units of the data alignment, g the same
// signed, a an address, B an expression.
func (m *machine) operand(c *cursor.Cursor, letter rune) (o operand) {
	switch letter {
	case '1', '2', '4', '8':
		o.n = c.Uint(int(letter - '0'))
	case 'u':
		o.n = c.ULEB()
	case 'f':
		o.n = c.ULEB() * uint64(m.cie.dataAlign)
	case 'g':
		o.n = uint64(c.SLEB() * m.cie.dataAlign)
	case 'a':
		o.n, _ = m.section.pointer(c, m.cie.encoding, m.at)
	case 'B':
		o.expr = c.Bytes(c.ULEB())
	}
	return o
}
