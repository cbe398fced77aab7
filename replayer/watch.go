package replayer

import (
	"cmp"
	"fmt"
	"sync"

	"stepback/internal/tracee"
	"stepback/internal/x86"
	"stepback/replayer/translator"
)

// arm makes the task have the watchpoints of the breaks.
func (x *translated) arm(k *task, b *breaks) error {
	var none breaks
	b = cmp.Or(b, &none)
	if len(b.watch) == 0 {
		b = &none
	}
	if k.watched == b.version {
		return nil
	}
	k.watched = b.version
	return k.stopped.SetWatchpoints(b.watch)
}

// accessed tells the search of an access to a watchpoint, behind whose
// instruction the task stands in the cache.
func (r *run) accessed(stop tracee.Stop, cut bool, clock int64) (stops bool, err error) {
	seen, err := stop.TakeWatched()
	if err != nil {
		return false, err
	}
	var regs tracee.Regs
	if err := stop.Regs(&regs); err != nil {
		return false, err
	}
	c := r.k.code.cache
	if _, ours := c.Guarded(regs.Rip - 1); ours {
		return false, nil
	}
	undo, ok := c.Before(regs.Rip, cut)
	if !ok {
		return false, fmt.Errorf("an access to watched memory was seen at %#x, which is not in the code cache", regs.Rip)
	}
	r.takePass()
	stops = r.tell(r.steps+uint64(r.scratch.Clock()-clock)-uint64(int64(undo)), seen)
	r.setPass()
	return stops, nil
}

// atAccess reports whether the run ends before an instruction that is about to
// access memory, at which the task left the cache.
func (r *run) atAccess(leave translator.Leave, clock int64) (stops bool, err error) {
	b := r.goal.breaks
	if b == nil || len(b.observe) == 0 {
		return false, nil // code that is left from an earlier search
	}
	var regs tracee.Regs
	if err := r.k.stopped.Regs(&regs); err != nil {
		return false, err
	}
	r.scratch.Restore(&regs)
	regs.Rip, regs.OrigRax = leave.PC, ^uint64(0)
	spans, err := r.spans(&regs)
	if err != nil {
		return false, err
	}
	r.takePass()
	counted := leave.Kind == translator.Data
	if counted {
		b.pass = 0
	}
	stops = b.touch(r.t, &regs, spans, r.steps+uint64(r.scratch.Clock()-clock)-uint64(int64(leave.Undo)), counted)
	r.setPass()
	return stops, nil
}

// tellBehind notes that an access by the instruction here was looked at.
func (r *run) tellBehind() {
	if b := r.goal.breaks; b != nil {
		b.told = b.time(r.steps)
	}
}

// spans is the memory that the instruction is about to access, in the task.
func (r *run) spans(regs *tracee.Regs) ([]x86.Span, error) {
	var code [15]byte
	n := r.k.stopped.ReadSome(regs.Rip, code[:])
	var inst x86.Inst
	if x86.Decode(code[:n], &inst) != nil {
		return nil, nil // it faults
	}
	general := regs.General()
	m := x86.Machine{
		Regs: [16]uint64(general[:]), FS: regs.FsBase, GS: regs.GsBase, Next: regs.Rip + uint64(inst.Len),
		Down: regs.Eflags&uint64(x86.DF) != 0, Read: r.k.stopped.ReadMem,
	}
	var err error
	state := sync.OnceValue(func() (x tracee.XState) {
		x, err = r.k.stopped.XState(nil)
		return x
	})
	m.Mask = func(i int) uint64 { return state().Mask(i) }
	m.Vector = func(i int) [64]byte { return state().Vector(i) }
	return inst.Spans(code[:n], &m), err
}

// tell tells the search of an access by the instruction so many steps after the
// run's beginning.
func (r *run) tell(steps uint64, seen uint) (stops bool) {
	b := r.goal.breaks
	if !b.accessed(b.time(steps), r.t, seen) {
		return false
	}
	r.why = atBreak
	return true
}
