package replayer

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/internal/x86"
	"stepback/recorder/trace"
)

// arrive brings the thread to the event's place and compares.
func (r *replay) arrive(e *trace.Event, t *thread) error {
	g := goal{steps: unlimited}
	var want reason
	inside := inside(e)
	switch {
	case inside && e.Kind == trace.Signal && e.Signal.Disposition == trace.Fatal && e.Evidence.Pages == nil:
		// Somewhere in a computation that never ends otherwise. Where it was
		// matters to nobody: the thread does nothing more.
		return nil
	case inside:
		want = atGoal
		n, known := r.side.steps(r.done)
		if known && !r.opts.Native && !r.opts.Translator.NoClock {
			g.steps = n - r.steps
			break
		}
		skip := r.side.skip[r.done]
		g.place = &place{regs: e.Before, words: e.Evidence.Words, matches: func(s tracee.Stopped) (bool, error) {
			ok, err := r.matches(e, s)
			if ok && skip > 0 {
				skip--
				return false, err
			}
			return ok, err
		}}
	case e.Kind == trace.Return, e.Kind == trace.Restart, e.Kind == trace.Exit, e.Evidence != nil && e.Evidence.Exact:
		// The thread is there already.
		now, then := t.regs, e.Before
		now.OrigRax, then.OrigRax = 0, 0
		return r.compare(e, &now, &then)
	case e.Kind == trace.Syscall, e.Kind == trace.Enter:
		want = atCall
	case e.Kind == trace.Signal, e.Kind == trace.Trap:
		want = atFault
	default:
		return fmt.Errorf("events of kind %s cannot be replayed", e.Kind)
	}
	var a arrival
	if r.arrived != nil {
		a, r.arrived = *r.arrived, nil
		if err := r.in.load(t); err != nil {
			return err
		}
	} else {
		var err error
		g.breaks = r.breaksHere()
		a, err = r.executor.run(t, g)
		r.steps += a.steps
		if err != nil {
			return err
		}
		switch a.why {
		case atPause:
			return ErrPaused
		case atBreak:
			return errBreak
		}
	}
	if a.why == atGoal && g.place != nil && !r.opts.Native && !r.opts.Translator.NoClock {
		r.side.resolve(r.done, r.steps)
	}
	if a.ahead {
		enterCall(&t.regs)
	}
	if e.Kind == trace.Trap && e.Refused && a.why == atCall {
		// A call through the 32-bit gate: in the recording it was a signal,
		// for which the kernel had put rax back.
		t.regs.Rax, t.regs.OrigRax = t.regs.OrigRax, e.Before.OrigRax
		t.task.loaded = false
		return r.compare(e, &t.regs, &e.Before)
	}
	if a.why != want && !(a.why == atVsyscall && want == atCall) {
		return r.wrongStop(e, t, &a)
	}
	if want == atFault {
		if err := r.compareSignal(e, t, &a); err != nil {
			return err
		}
	}
	if a.wild {
		if err := r.undoBranch(e, t); err != nil {
			return err
		}
	}
	if a.lostFlags {
		const arithmetic = uint64(x86.Arithmetic)
		t.regs.Eflags = t.regs.Eflags&^arithmetic | e.Before.Eflags&arithmetic
	}
	if want != atCall {
		t.regs.OrigRax = e.Before.OrigRax // which means nothing there
	}
	if err := r.compare(e, &t.regs, &e.Before); err != nil {
		return err
	}
	if err := r.compareVector(e, t); err != nil {
		return err
	}
	if e.Evidence != nil {
		if err := r.comparePages(e, t.task.stopped); err != nil {
			return err
		}
	}
	if a.why == atVsyscall {
		return r.s.LeaveVsyscall(t.task.stopped, &t.regs, e.After.Rax)
	}
	return nil
}

// undoBranch takes back the branch that led the thread to no address. The
// recording says which it was.
func (r *replay) undoBranch(e *trace.Event, t *thread) error {
	inst, ok := instructionAt(t.task.stopped, e.Before.Rip)
	branches := inst.Flow == x86.Return || inst.Flow == x86.JumpIndirect || inst.Flow == x86.CallIndirect || inst.Flow == x86.Far
	if !ok || !branches {
		d := r.diverge(e, "the replayed thread is at pc %#x, which is no address, recorded was a fault at pc %#x", t.regs.Rip, e.Before.Rip)
		d.Register, d.Recorded, d.Replayed, d.PC = "rip", e.Before.Rip, t.regs.Rip, t.regs.Rip
		return d
	}
	t.regs.Eflags |= resumeFlag
	switch t.regs.Rip = e.Before.Rip; inst.Flow {
	case x86.Return:
		t.regs.Rsp -= 8 + uint64(uint16(inst.Imm))
	case x86.CallIndirect:
		t.regs.Rsp += 8 // Intel's processors have pushed already when they look
	}
	r.steps--
	return nil
}

// inside reports whether the event lies in the middle of a computation.
func inside(e *trace.Event) bool {
	return e.Kind == trace.Preempt || e.Kind == trace.Signal && !e.Signal.Synchronous && e.Evidence != nil && !e.Evidence.Exact
}

// moves reports whether the event's thread may run before it arrives there.
func (r *replay) moves(e *trace.Event) bool {
	switch e.Kind {
	case trace.Syscall, trace.Enter, trace.Trap, trace.Preempt, trace.Signal:
		return e.Evidence == nil || !e.Evidence.Exact
	}
	return false
}

// matches reports whether a task at the event's registers has its vector state
// and its pages as well.
func (r *replay) matches(e *trace.Event, s tracee.Stopped) (bool, error) {
	if hash, err := r.vectorHash(s); err != nil || hash != e.Vector {
		return false, err
	}
	var word [8]byte
	for _, w := range e.Evidence.Words {
		if s.ReadMem(w.Addr, word[:]) != nil || binary.LittleEndian.Uint64(word[:]) != w.Value {
			return false, nil
		}
	}
	page := make([]byte, memmap.PageSize)
	for _, p := range e.Evidence.Pages {
		if s.ReadMem(p.Addr, page) != nil || memmap.Hash(page) != p.Hash {
			return false, nil
		}
	}
	return true, nil
}

func (r *replay) vectorHash(s tracee.Stopped) (hash uint64, err error) {
	hash, r.xstate, err = s.VectorHash(r.xstate)
	return hash, err
}

func (r *replay) compareVector(e *trace.Event, t *thread) error {
	if e.Vector == 0 {
		return nil
	}
	hash, err := r.vectorHash(t.task.stopped)
	if err != nil {
		return err
	}
	if hash != e.Vector {
		d := r.diverge(e, "the vector registers differ (hash %#x recorded, %#x replayed)", e.Vector, hash)
		d.Register, d.Recorded, d.Replayed, d.PC = "xstate", e.Vector, hash, t.regs.Rip
		return d
	}
	return nil
}

// comparePages compares memory with the evidence of the event.
func (r *replay) comparePages(e *trace.Event, s tracee.Stopped) error {
	page := make([]byte, memmap.PageSize)
	for _, p := range e.Evidence.Pages {
		if err := s.ReadMem(p.Addr, page); err != nil {
			return r.diverge(e, "the page at %#x of the recording is not there: %v", p.Addr, err)
		}
		if hash := memmap.Hash(page); hash != p.Hash {
			d := r.diverge(e, "the memory in the page at %#x differs (hash %#x recorded, %#x replayed)", p.Addr, p.Hash, hash)
			d.Register, d.Recorded, d.Replayed = "memory", p.Hash, hash
			return d
		}
	}
	return nil
}

func (r *replay) compare(e *trace.Event, got, want *tracee.Regs) error {
	name, g, w := got.Diff(want)
	if name == "" {
		return nil
	}
	d := r.diverge(e, "%s is %#x, recorded was %#x, at pc %#x (recorded %#x)", name, g, w, got.Rip, want.Rip)
	d.Register, d.Recorded, d.Replayed, d.PC = name, w, g, got.Rip
	return d
}

// compareSignal checks that the fault is the recorded one.
func (r *replay) compareSignal(e *trace.Event, t *thread, a *arrival) error {
	signal, addr := int(unix.SIGSEGV), uint64(0)
	if e.Signal != nil {
		signal = e.Signal.Number
		if len(e.Signal.Info) == len(a.info) {
			addr = (*tracee.SigInfo)(e.Signal.Info).Address()
		}
	}
	if a.info.Number() != signal || e.Signal != nil && a.info.Address() != addr {
		d := r.diverge(e, "replay got %s at address %#x, recorded was %s at %#x",
			unix.SignalName(unix.Signal(a.info.Number())), a.info.Address(), unix.SignalName(unix.Signal(signal)), addr)
		d.PC = t.regs.Rip
		return d
	}
	return nil
}

// wrongStop describes that the thread stopped for another reason than recorded.
func (r *replay) wrongStop(e *trace.Event, t *thread, a *arrival) error {
	var what string
	switch a.why {
	case atCall, atVsyscall:
		what = fmt.Sprintf("makes system call %d", t.regs.OrigRax)
		if r.opts.SyscallName != nil {
			what = "makes the system call " + r.opts.SyscallName(t.regs.OrigRax)
		}
	case atFault:
		what = "gets " + unix.SignalName(unix.Signal(a.info.Number()))
	case atEnd:
		what = "was killed by somebody"
	default:
		what = "did not stop"
	}
	d := r.diverge(e, "the replayed thread %s at pc %#x, recorded was another event at pc %#x", what, t.regs.Rip, e.Before.Rip)
	d.Register, d.Recorded, d.Replayed, d.PC = "rip", e.Before.Rip, t.regs.Rip, t.regs.Rip
	return d
}
