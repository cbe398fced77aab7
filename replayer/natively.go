package replayer

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/internal/x86"
)

// natively lets the processor itself execute what it cannot execute
// translated: an instruction that faults where it is, one with the trap flag set, or a
// far branch.
func (r *run) natively(how tracee.How) error {
	regs := r.t.regs
	regs.OrigRax = ^uint64(0)
	if err := r.k.stopped.SetRegs(&regs); err != nil {
		return err
	}
	steps := r.steps
	if b := r.goal.breaks; b != nil && len(b.observe) > 0 && b.told != b.time(steps) {
		spans, err := r.spans(&regs)
		if err != nil {
			return err
		}
		if !r.outside() && b.touch(r.t, &regs, spans, steps, false) {
			r.why = atBreak
			return nil
		}
	}
	stop, err := r.watch.advance(r.s, r.k.stopped, how, &r.info)
	if err != nil {
		return err
	}
	if stop.Kind == tracee.Exited || stop.Kind == tracee.ExitingStop {
		r.why = atEnd
		return nil
	}
	if err := stop.Regs(&r.t.regs); err != nil {
		return err
	}
	if r.k.watched != 0 {
		if seen, err := stop.TakeWatched(); err != nil || seen != 0 && r.tell(steps, seen) {
			return err
		}
	}
	switch {
	case stop.Kind == tracee.SyscallStop:
		r.why = atCall
	case stop.Kind == tracee.SeccompStop && r.t.regs.InVsyscall():
		r.why = atVsyscall
	case stop.Kind != tracee.SignalStop:
		return fmt.Errorf("unexpected stop %d of a replay task", stop.Kind)
	case r.info.Number() != int(unix.SIGTRAP):
		// The flag by which the kernel steps may show.
		r.t.regs.Eflags = r.t.regs.Eflags&^trapFlag | regs.Eflags&trapFlag
		r.why = atFault
	case how == tracee.StepEmulateCall && r.info.Code() == tracee.TrapStep:
		r.steps++
	default:
		r.steps++
		r.why = atFault
	}
	return nil
}

// interruptReturn executes the iretq at which the thread stands, if it returns
// to 64-bit user code. The processor must not be made to single-step it: the flags that
// it loads end the stepping, and the code behind it would run untranslated.
func (r *run) interruptReturn() bool {
	const (
		frame = 5 * 8 // rip, cs, flags, rsp, ss
		// The flags that it loads at user level (Intel SDM volume 2, IRET).
		loaded = uint64(x86.Arithmetic|x86.TF|x86.DF|x86.AC) | 1<<14 | resumeFlag | 1<<21
		cs, ss = 0x33, 0x2b
	)
	regs := &r.t.regs
	inst, ok := instructionAt(r.k.stopped, regs.Rip)
	if !ok || inst.Map != x86.OneByte || inst.Opcode != 0xcf || inst.REX&8 == 0 {
		return false
	}
	var b [frame]byte
	if r.k.stopped.ReadMem(regs.Rsp, b[:]) != nil {
		return false
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	if word(1)&0xffff != cs || word(4)&0xffff != ss || wild(word(0)) {
		return false
	}
	regs.Rip, regs.Rsp = word(0), word(3)
	regs.Eflags = regs.Eflags&^loaded | word(2)&loaded
	r.steps++
	return true
}
