package frame

import (
	"errors"
	"fmt"

	"stepback/adapter/symbols/cursor"
)

// maxRemembered is how many rows a program may remember at a time.
const maxRemembered = 256

// Row is what holds at a pc of the function.
func (f *FDE) Row(pc uint64) (*Row, error) {
	var found *Row
	err := f.Rows(func(r *Row) bool {
		if pc < r.End {
			found = r
		}
		return found == nil
	})
	if found == nil && err == nil {
		err = ErrNone
	}
	return found, err
}

// Rows goes through the rows of the function in the order of their addresses,
// until yield is false. yield may not keep a row if it goes on.
func (f *FDE) Rows(yield func(*Row) bool) error {
	initial, err := f.cie.row(f.section)
	if err != nil {
		return err
	}
	m := machine{cie: f.cie, section: f.section, at: f.at, row: *initial, yield: yield}
	m.row.Start = f.Start
	err = m.run(f.program)
	if errors.Is(err, errDone) {
		return nil
	}
	if m.row.End = f.End; m.row.Start < f.End && err == nil {
		yield(&m.row)
	}
	return err
}

// row is what holds at the begin of the functions.
func (k *cie) row(s *section) (*Row, error) {
	if k.initial == nil {
		m := machine{cie: k, section: s}
		if err := m.run(k.program); err != nil {
			return nil, err
		}
		k.initial = &m.row
	}
	return k.initial, nil
}

// machine runs a program (DWARF 5 §6.4.2).
type machine struct {
	cie        *cie
	section    *section
	at         uint64 // where the program is in the section
	row        Row
	remembered []Row
	yield      func(*Row) bool // nil: the program may not go on to another address
	err        error
}

var errDone = errors.New("no more rows are wanted")

// run runs a program from the first instruction to the last.
func (m *machine) run(program []byte) error {
	c := &cursor.Cursor{Data: program}
	for c.More() {
		at := c.Pos
		code := byte(c.Uint(1))
		var args [2]operand
		n := 0
		// The high two bits may be the operation, and the others its operand.
		if code&0xc0 != 0 {
			args[0].n, n = uint64(code&0x3f), 1
			code &= 0xc0
		}
		o := &ops[code]
		if o.do == nil {
			return fmt.Errorf("the program of frames at %#x has an unknown operation %#02x", m.row.Start, code)
		}
		for _, letter := range o.operands {
			args[n] = m.operand(c, letter)
			n++
		}
		if err := c.Err; err != nil {
			return fmt.Errorf("%s at byte %d of the program of frames at %#x: %w", o.name, at, m.row.Start, err)
		}
		if o.do(m, args[0], args[1]); m.err != nil {
			if errors.Is(m.err, errDone) {
				return errDone
			}
			return fmt.Errorf("%s at byte %d of the program of frames at %#x: %w", o.name, at, m.row.Start, m.err)
		}
	}
	return nil
}

// advance ends the row at an address.
func (m *machine) advance(to uint64) {
	switch {
	case m.yield == nil:
		m.err = errors.New("an address before the function is known")
	case to > m.row.Start:
		m.row.End = to
		if !m.yield(&m.row) {
			m.err = errDone
			return
		}
		m.row.Start = to
	case to < m.row.Start:
		m.err = fmt.Errorf("it goes back to %#x", to)
	}
}

// set sets the rule of a register. Those that are not followed have none.
func (m *machine) set(reg uint64, r Rule) {
	if reg < NumRegs {
		m.row.Regs[reg] = r
	}
}

// restore gives a register the rule that it had at the function's begin.
func (m *machine) restore(reg uint64) {
	if m.cie.initial == nil {
		m.err = errors.New("there are no rules to restore yet")
	} else if reg < NumRegs {
		m.row.Regs[reg] = m.cie.initial.Regs[reg]
	}
}

// offsetCFA changes the offset of a CFA that is one from a register.
func (m *machine) offsetCFA(n int64) {
	if m.row.CFA.Kind != Register {
		m.err = errors.New("the CFA is no register with an offset")
		return
	}
	m.row.CFA.N = n
}

func (m *machine) remember() {
	if len(m.remembered) == maxRemembered {
		m.err = fmt.Errorf("more than %d rows are remembered", maxRemembered)
		return
	}
	m.remembered = append(m.remembered, m.row)
}

// recall takes the rules of the row that was remembered last.
func (m *machine) recall() {
	n := len(m.remembered) - 1
	if n < 0 {
		m.err = errors.New("nothing was remembered")
		return
	}
	start := m.row.Start
	m.row, m.remembered = m.remembered[n], m.remembered[:n]
	m.row.Start = start
}
