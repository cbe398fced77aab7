package replayer

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/internal/x86"
)

// native is the executor that lets the processor run the program's own code in
// the replay tasks. It cannot count steps but by single-stepping, and finds a
// place by a breakpoint at its pc. It is the oracle for the translator.
type native struct {
	s     *tracee.Session
	watch *watchdog
	in    *vectors
}

func (n *native) remap(*task, uint64, uint64, bool) error { return nil }
func (n *native) rewrite(*task, uint64, uint64) error     { return nil }
func (n *native) restored(uint32) error                   { return nil }
func (n *native) forked(_, _ *task)                       {}
func (n *native) copied(_, _ *task) error                 { return nil }
func (n *native) forget(*task)                            {}
func (n *native) saved(_, _ *task)                        {}
func (n *native) resumed(_, _ *task) error                { return nil }
func (n *native) dropped(*task)                           {}
func (n *native) close() error                            { return nil }

func (n *native) run(t *thread, g goal) (arrival, error) {
	if err := n.load(t); err != nil {
		return arrival{}, err
	}
	k := t.task
	if g.place != nil {
		if here, err := g.reached(t); here || err != nil {
			return arrival{why: atGoal}, err
		}
		if err := k.stopped.SetBreakpoint(g.place.regs.Rip); err != nil {
			return arrival{}, err
		}
		defer k.stopped.SetBreakpoint(0)
	}
	how := tracee.EmulateCall
	if g.steps != unlimited {
		how = tracee.StepEmulateCall
	}
	for a := (arrival{}); ; {
		if g.steps != unlimited && a.steps >= g.steps {
			a.why = atGoal
			return a, nil
		}
		before := t.regs
		stop, err := n.advance(t, how, &a)
		if err != nil || a.why != 0 {
			return a, err
		}
		switch code := a.info.Code(); {
		case stop.Signal == unix.SIGTRAP && code == tracee.TrapHardware && g.place != nil:
			if here, err := g.reached(t); here || err != nil {
				a.why = atGoal
				return a, err
			}
		case stop.Signal == unix.SIGTRAP && code == tracee.TrapStep && g.steps != unlimited:
			t.regs.Eflags &^= resumeFlag
			if n.stepped(t, &before) {
				a.steps++
			}
		default:
			a.why = atFault
			return a, nil
		}
	}
}

// stepped reports whether a whole step was made: a repeating string
// instruction is one, however often it repeats.
func (n *native) stepped(t *thread, before *tracee.Regs) bool {
	s := t.task.stopped
	inst, ok := instructionAt(s, before.Rip)
	if !ok {
		return true
	}
	// After popf and iret, the kernel does not hide the flag any more by which
	// it steps.
	trap := before.Eflags & trapFlag
	if isPushf(&inst) && trap == 0 {
		hideTrapFlag(s, t.regs.Rsp)
	}
	if inst.FlagsWritten&x86.TF != 0 {
		at := before.Rsp
		if inst.Flow == x86.Far {
			at += 16
		}
		var flags [8]byte
		if s.ReadMem(at, flags[:]) == nil {
			trap = binary.LittleEndian.Uint64(flags[:]) & trapFlag
		}
	}
	t.regs.Eflags = t.regs.Eflags&^trapFlag | trap
	return t.regs.Rip != before.Rip || !inst.Repeats()
}

// isPushf reports whether the instruction stores the flags.
func isPushf(i *x86.Inst) bool {
	return i.Encoding == x86.Legacy && i.Map == x86.OneByte && i.Opcode == 0x9c
}

// hideTrapFlag clears the trap flag in the flags at addr, which were pushed
// while the kernel stepped.
func hideTrapFlag(s tracee.Stopped, addr uint64) {
	var second [1]byte // byte of the flags
	if s.ReadMem(addr+1, second[:]) == nil {
		second[0] &^= trapFlag >> 8
		// What the program could push there, the engine can write.
		_ = s.WriteMem(addr+1, second[:])
	}
}

// reached reports whether the state is that of the goal's place.
func (g *goal) reached(t *thread) (bool, error) {
	t.regs.Eflags &^= resumeFlag
	now := t.regs
	now.OrigRax = g.place.regs.OrigRax
	if now != g.place.regs {
		return false, nil
	}
	return g.place.matches(t.task.stopped)
}

// resumeFlag is the flag RF, which the kernel sets to leave a breakpoint.
const resumeFlag = 1 << 16

// load puts the thread's registers into its task.
func (n *native) load(t *thread) error {
	k := t.task
	if err := n.in.load(t); err != nil {
		return err
	}
	if k.loaded {
		// By far the most events change rax only.
		want := t.regs
		want.Rax = k.held.Rax
		if want == k.held && !tracee.IsRestart(int64(t.regs.Rax)) {
			return k.stopped.SetRax(t.regs.Rax)
		}
	}
	regs := t.regs
	regs.OrigRax = ^uint64(0) // nothing for the kernel to restart
	if err := k.stopped.SetRegs(&regs); err != nil {
		return err
	}
	k.loaded = true
	return nil
}

// advance runs the task to its next stop. Signals that somebody sent to the
// task are dropped.
func (n *native) advance(t *thread, how tracee.How, a *arrival) (tracee.Stop, error) {
	k := t.task
	stop, err := n.watch.advance(n.s, k.stopped, how, &a.info)
	if err != nil {
		return stop, err
	}
	if stop.Kind == tracee.Exited || stop.Kind == tracee.ExitingStop {
		k.loaded = false
		a.why = atEnd
		return stop, nil
	}
	if err := stop.Regs(&t.regs); err != nil {
		return stop, err
	}
	k.held = t.regs
	switch {
	case stop.Kind == tracee.SyscallStop:
		a.why = atCall
	case stop.Kind == tracee.SeccompStop && t.regs.InVsyscall():
		a.why = atVsyscall
		k.loaded = false
	case stop.Kind == tracee.SignalStop:
	default:
		return stop, errors.New("unexpected stop of a replay task")
	}
	return stop, nil
}
