package adapter

import (
	"fmt"

	"stepback/adapter/scopes"
	"stepback/adapter/symbols"
	unwind "stepback/adapter/symbols/frame"
	"stepback/replayer/condition"
)

// mostFrames is how deep a stack is followed.
const mostFrames = 1 << 16

// unwound is at least the n innermost of a thread's frames, if it has so many.
func (t *Thread) unwound(n int) *unwind.Stack {
	if len(t.stack.Frames) == 0 || t.stack.More && len(t.stack.Frames) < n {
		read := func(addr uint64, p []byte) (int, error) { return t.Read(addr, p), nil }
		t.stack = unwind.Unwind(t.Space.Code(read), unwind.RegsOf(&t.Regs), n)
	}
	return &t.stack
}

// Frames unwinds the stack. Inlined calls are frames of their own.
func (l *sourceLevel) Frames(t *Thread, yield func(Frame) bool) error {
	for i := 0; i < mostFrames; i++ {
		stack := t.unwound(i + 1)
		if i >= len(stack.Frames) {
			break
		}
		// Unwinding begins at the innermost frame each time.
		if i+1 == len(stack.Frames) && stack.More {
			stack = t.unwound(8 * (i + 1))
		}
		for _, f := range l.machineFrame(t, i, &stack.Frames[i]) {
			if !yield(f) {
				return nil
			}
		}
	}
	why := "there are too many to show"
	if !t.stack.More {
		if t.stack.Err == nil {
			return nil
		}
		why = t.stack.Err.Error()
	}
	regs := t.Regs.General()
	yield(Frame{Position: Position{Function: "… (" + why + ")"}, Hint: "label", Regs: &regs})
	return nil
}

// machineFrame is the frames that share one of the machine's.
func (l *sourceLevel) machineFrame(t *Thread, number int, m *unwind.Frame) (list []Frame) {
	f := Frame{PC: m.PC, CFA: m.CFA, Number: number, Regs: new([17]uint64)}
	for n := range uint64(unwind.NumRegs) {
		if e, err := machineRegister(int(n)); err == nil {
			f.Regs[e.N], _ = m.Regs.Get(n)
		}
	}
	if m.Guess {
		f.Hint = "subtle"
	}
	inlined := t.Space.Frames(m.At())
	if m.Signal || len(inlined) == 0 {
		f.Position = l.elfLevel.Position(t.Space, m.At())
		if m.Signal {
			f.Function, f.Hint = "<signal handler called>", "label"
		}
		return []Frame{f}
	}
	for i, in := range inlined {
		f.Position, f.Inlined, f.Within = l.position(in), in.Inlined, i
		list = append(list, f)
	}
	return list
}

// machineRegister is a register by its number in DWARF, as conditions name it.
func machineRegister(n int) (condition.Expr, error) {
	numbers := [unwind.NumRegs]uint64{0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15, condition.RIP}
	if n < 0 || n >= len(numbers) {
		return condition.Expr{}, fmt.Errorf("register %d is no general one", n)
	}
	return condition.Expr{Op: condition.Register, N: numbers[n]}, nil
}

// threadFrame is a frame of a thread for scopes.
type threadFrame struct {
	thread *Thread
	number int
}

func (f *threadFrame) machine() *unwind.Frame {
	s := f.thread.unwound(f.number + 1)
	if f.number >= len(s.Frames) {
		return &unwind.Frame{}
	}
	return &s.Frames[f.number]
}

func (f *threadFrame) PC() uint64 { return f.machine().At() }

func (f *threadFrame) Register(n int) (uint64, bool) { return f.machine().Regs.Get(uint64(n)) }

func (f *threadFrame) CFA() (uint64, bool) {
	cfa := f.machine().CFA
	return cfa, cfa != 0
}

func (f *threadFrame) Rule() (int, int64, bool) { return cfaRule(f.thread.Space, f.PC()) }

// codeFrame is any frame at a place of the code.
type codeFrame struct {
	space *symbols.Space
	pc    uint64
}

func (f *codeFrame) PC() uint64                  { return f.pc }
func (f *codeFrame) Register(int) (uint64, bool) { return 0, false }
func (f *codeFrame) CFA() (uint64, bool)         { return 0, false }
func (f *codeFrame) Rule() (int, int64, bool)    { return cfaRule(f.space, f.pc) }

var _, _ scopes.Frame = (*threadFrame)(nil), (*codeFrame)(nil)

// cfaRule is how the canonical frame address is computed at a pc: a register by its
// number in DWARF, and what is added.
func cfaRule(s *symbols.Space, pc uint64) (register int, offset int64, ok bool) {
	table, bias, _ := s.Code(nil).Code(pc)
	if table == nil {
		return 0, 0, false
	}
	fde, err := table.Find(pc - bias)
	if err != nil {
		return 0, 0, false
	}
	row, err := fde.Row(pc - bias)
	if err != nil || row.CFA.Kind != unwind.Register {
		return 0, 0, false
	}
	return int(row.CFA.Reg), row.CFA.N, true
}

// inFrame is the condition that at pc the frame is the one with this canonical frame
// address; nil if that cannot be told.
func inFrame(s *symbols.Space, pc, cfa uint64) *condition.Expr {
	n, offset, ok := cfaRule(s, pc)
	if !ok {
		return nil
	}
	e, err := machineRegister(n)
	if err != nil {
		return nil
	}
	return condition.Is(e, cfa-uint64(offset))
}
