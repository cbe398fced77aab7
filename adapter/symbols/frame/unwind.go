package frame

import (
	"encoding/binary"
	"errors"
	"fmt"

	"stepback/adapter/symbols/location"
	"stepback/internal/memmap"
)

// Process is what Unwind asks about a process.
type Process interface {
	// Code is the call frame information of the file that a pc belongs to, nil if
	// there is none, and what is added to the file's addresses. executable is
	// whether there is code at all.
	Code(pc uint64) (t *Table, bias uint64, executable bool)
	// Read reads memory as far as it is there.
	Read(addr uint64, p []byte) (n int, err error)
}

// Frame is a call of a function that has not returned.
type Frame struct {
	PC uint64
	// CFA is the canonical frame address: the stack pointer before the call. 0:
	// not known.
	CFA  uint64
	Regs Regs
	// Exact is set where PC is about to be executed: in the first frame, and where
	// a signal interrupted. Else it is behind a call, and what is going on is
	// at PC-1.
	Exact bool
	// Signal is set for the kernel's call of a signal handler.
	Signal bool
	// Guess is set for a frame that was found without call frame information.
	Guess bool
}

// At is an address of the instruction that the frame is at, to look it up.
func (f *Frame) At() uint64 {
	if f.Exact || f.Signal {
		return f.PC
	}
	return f.PC - 1
}

// Stack is the frames of a thread, innermost first.
type Stack struct {
	Frames []Frame
	// More is set when there are more, but not so many were asked for.
	More bool
	// Err says why the callers of the last frame are not known; nil if it is the
	// thread's first function.
	Err error
}

// Unwind finds the frames of a thread with these registers, at most max.
func Unwind(p Process, regs Regs, max int) (s Stack) {
	u := unwinder{process: p, pages: map[uint64][]byte{}}
	seen := map[[2]uint64]bool{}
	pc, _ := regs.Get(RIP)
	for f := (Frame{PC: pc, Regs: regs, Exact: true}); len(s.Frames) < max; {
		next, err := u.caller(&f)
		s.Frames = append(s.Frames, f)
		sp, _ := f.Regs.Get(RSP)
		switch place := [2]uint64{f.PC, sp}; {
		case errors.Is(err, errOutermost):
			return s
		case err != nil:
			s.Err = fmt.Errorf("the caller of %#x: %w", f.PC, err)
			return s
		case seen[place]:
			s.Err = fmt.Errorf("the stack is a loop: %#x is among its own callers", f.PC)
			s.Frames = s.Frames[:len(s.Frames)-1]
			return s
		default:
			seen[place] = true
		}
		f = next
	}
	s.More = true
	return s
}

var (
	errOutermost = errors.New("it is the first function")
	errNoCode    = errors.New("the return address is no code")
)

// unwinder keeps what was read of memory.
type unwinder struct {
	process Process
	pages   map[uint64][]byte // by their addresses, as far as they are there
}

// caller finds the frame that called f, and what is not known yet of f.
func (u *unwinder) caller(f *Frame) (Frame, error) {
	table, bias, executable := u.process.Code(f.PC)
	if !executable {
		return u.fromNowhere(f)
	}
	if table == nil {
		return u.guess(f)
	}
	fde, err := table.Find(f.At() - bias)
	if !f.Exact && (err != nil || f.PC-bias >= fde.End) {
		// What a handler returns to is called by nobody: it may begin at PC.
		if behind, e := table.Find(f.PC - bias); e == nil && behind.Signal() {
			fde, err, f.Signal = behind, nil, true
		}
	}
	if err != nil {
		return u.guess(f)
	}
	row, err := fde.Row(f.At() - bias)
	if err != nil {
		return Frame{}, err
	}
	f.Signal = fde.Signal()
	return u.follow(f, fde, row, bias)
}

// follow applies the rules of a row.
func (u *unwinder) follow(f *Frame, fde *FDE, row *Row, bias uint64) (next Frame, err error) {
	env := &location.Env{Bias: bias, Read: u.read, Register: f.Regs.Read, OffsetSize: fde.cie.offsetSize}
	switch row.CFA.Kind {
	case Register:
		base, ok := f.Regs.Get(row.CFA.Reg)
		if !ok {
			return next, fmt.Errorf("the register %s, on which its frame is based, is not known", location.RegisterName(row.CFA.Reg))
		}
		f.CFA = base + uint64(row.CFA.N)
	case Expression:
		if f.CFA, err = env.Value(row.CFA.Expr); err != nil {
			return next, fmt.Errorf("its canonical frame address: %w", err)
		}
	default:
		return next, errors.New("nothing is said about its canonical frame address")
	}
	next.Exact = f.Signal
	returns := fde.cie.returns
	for i, rule := range row.Regs {
		n := uint64(i)
		value, ok, err := u.value(f, env, n, rule)
		switch {
		case ok:
			next.Regs.Set(n, value)
		case n != returns: // it is not known
		case rule.Kind == Undefined:
			return next, errOutermost
		case err == nil:
			return next, errors.New("nothing is said about the return address")
		default:
			return next, fmt.Errorf("the return address: %w", err)
		}
	}
	next.PC, _ = next.Regs.Get(returns)
	next.Regs.Set(RIP, next.PC)
	if next.PC == 0 && !next.Exact {
		return next, errOutermost
	}
	return next, nil
}

// value is what register n was in the caller of f; ok is false if that is not
// known.
func (u *unwinder) value(f *Frame, env *location.Env, n uint64, r Rule) (value uint64, ok bool, err error) {
	switch r.Kind {
	case Unspecified:
		if n == RSP {
			return f.CFA, true, nil
		}
		value, ok = f.Regs.Get(n)
		return value, ok && preserved>>n&1 != 0, nil
	case SameValue:
		value, ok = f.Regs.Get(n)
	case Register:
		value, ok = f.Regs.Get(r.Reg)
	case Offset:
		value, err = u.word(f.CFA + uint64(r.N))
		ok = err == nil
	case ValOffset:
		value, ok = f.CFA+uint64(r.N), true
	case Expression, ValExpression:
		value, err = env.Value(r.Expr, f.CFA)
		if r.Kind == Expression && err == nil {
			value, err = u.word(value)
		}
		ok = err == nil
	}
	return value, ok, err
}

// word reads 8 bytes.
func (u *unwinder) word(addr uint64) (uint64, error) {
	var b [8]byte
	if err := u.read(addr, b[:]); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// read reads all of p from memory, by pages, since a stack is read again and again.
func (u *unwinder) read(addr uint64, p []byte) error {
	for len(p) > 0 {
		start := memmap.PageDown(addr)
		page, ok := u.pages[start]
		if !ok {
			page = make([]byte, memmap.PageSize)
			n, err := u.process.Read(start, page)
			if err != nil {
				n = 0
			}
			page = page[:n]
			u.pages[start] = page
		}
		if addr-start >= uint64(len(page)) {
			return fmt.Errorf("there is no memory at %#x", addr)
		}
		n := copy(p, page[addr-start:])
		p, addr = p[n:], addr+uint64(n)
	}
	return nil
}
