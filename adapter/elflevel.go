package adapter

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/adapter/symbols"
	"stepback/replayer/condition"
)

// elfLevel knows the symbols of ELF files: names of functions and variables,
// no lines and no types. Of a stack it knows the innermost frame.
type elfLevel struct{}

func (elfLevel) Function(s *symbols.Space, name string) ([]Location, error) {
	addr, err := s.Address(name)
	if err != nil {
		return nil, err
	}
	l := Location{PC: addr, Position: elfLevel{}.Position(s, addr)}
	l.Function = name
	return []Location{l}, nil
}

var errNoLines = errors.New("lines of source files are not known yet; use a function or instruction breakpoint")

func (elfLevel) Line(*symbols.Space, string, int, int) ([]Location, error) { return nil, errNoLines }

func (elfLevel) Position(s *symbols.Space, pc uint64) Position {
	p := s.Lookup(pc)
	pos := Position{Function: p.Symbol, Module: p.File}
	if p.Symbol != "" {
		pos.Start = pc - p.Offset
	}
	return pos
}

func (l elfLevel) Frames(t *Thread, yield func(Frame) bool) error {
	regs := t.Regs.General()
	yield(Frame{Position: l.Position(t.Space, t.Regs.Rip), PC: t.Regs.Rip, Regs: &regs})
	return nil
}

func (elfLevel) Scopes(*Thread, *Frame) ([]Value, error) { return nil, nil }

func (elfLevel) Breakable(*symbols.Space, string, int, int) []int { return nil }

func (elfLevel) Holds(*Thread, *Frame, string) (bool, error) { return true, nil }

func (elfLevel) Statements(*symbols.Space, uint64) []statement { return nil }

func (elfLevel) Sources(*symbols.Space) []string { return nil }

func (elfLevel) Condition(_ *symbols.Space, _ Location, text string) (*condition.Expr, error) {
	return condition.Parse(text)
}

// conditionState is a thread as package condition sees it.
func conditionState(t *Thread) *condition.State {
	return &condition.State{
		Registers: t.Regs.General(), ThreadID: t.ID, ProcessID: t.PID,
		Read: func(addr uint64, p []byte) error {
			if t.Read(addr, p) < len(p) {
				return unix.EFAULT
			}
			return nil
		},
	}
}

// Evaluate reads a register ($rax), a number, a symbol with an offset (main+4), or an
// expression of package condition (u32[$rsp+8] * 2).
func (elfLevel) Evaluate(t *Thread, f *Frame, text string) (Value, error) {
	text = strings.TrimSpace(text)
	if v, ok := registerValue(t, strings.TrimPrefix(text, "$")); ok && strings.HasPrefix(text, "$") {
		return v, nil
	}
	if addr, ok := symbolAddress(t.Space, text); ok {
		return Value{Name: text, Text: fmt.Sprintf("%#x <%s>", addr, t.Space.Lookup(addr)), Expression: text, Address: addr, Type: "address"}, nil
	}
	x, err := condition.Parse(text)
	if err != nil {
		return Value{}, fmt.Errorf("%q is no expression that can be evaluated without debug information: write a register ($rax), a symbol (main+4), a number, or memory (u32[$rsp+8])", text)
	}
	state := conditionState(t)
	state.Registers = *f.Regs
	n, err := x.Eval(state)
	if err != nil {
		return Value{}, fmt.Errorf("%q has no value here: memory is not there, or something is divided by 0", text)
	}
	return Value{Name: text, Text: numberText(n), Expression: text, Address: n, Type: "long"}, nil
}

// numberText shows a number in hexadecimal and, if it differs, signed.
func numberText(n uint64) string {
	if n < 10 {
		return strconv.FormatUint(n, 10)
	}
	return fmt.Sprintf("%#x (%d)", n, int64(n))
}

// symbolAddress reads a symbol, with a number added or subtracted.
func symbolAddress(s *symbols.Space, text string) (addr uint64, ok bool) {
	if addr, err := s.Address(text); err == nil {
		return addr, true
	}
	i := strings.LastIndexAny(text, "+-")
	if i <= 0 {
		return 0, false
	}
	addr, err := s.Address(strings.TrimSpace(text[:i]))
	n, err2 := strconv.ParseUint(strings.TrimSpace(text[i+1:]), 0, 64)
	if err != nil || err2 != nil {
		return 0, false
	}
	if text[i] == '-' {
		n = -n
	}
	return addr + n, true
}
