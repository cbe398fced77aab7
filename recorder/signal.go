package recorder

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// signalStop handles a signal that is about to be delivered to t.
func (r *recorder) signalStop(t *thread, sig unix.Signal) error {
	var info tracee.SigInfo
	if err := t.stopped.SigInfo(&info); err != nil {
		return err
	}
	if info.Number() != int(sig) || info.Code() == atExit {
		// Killed meanwhile: it stands at its end, which is still to be reported.
		return tracee.ErrGone
	}
	var regs tracee.Regs
	if err := t.stopped.Regs(&regs); err != nil {
		return err
	}
	if info.Synchronous() {
		if done, err := r.trap(t, &info, &regs); done || err != nil {
			return err
		}
	} else {
		r.catchUp(t, &regs)
	}
	sets, err := signalSetsOf(t.tid)
	if err != nil {
		return err
	}
	disposition := sets.disposition(sig)
	switch {
	case info.Synchronous() && t.skip:
		return r.deliver(t, &info, &regs, disposition, &trace.Evidence{Exact: true})
	case info.Synchronous():
		return r.deliver(t, &info, &regs, disposition, nil)
	}
	t.settled = false
	if disposition == trace.Ignored {
		// Nothing changes; an interrupted call is made again. A turn of the
		// loop resumes the thread.
		return nil
	}
	t.settled = r.atEvent(t, &regs)
	switch {
	case t.signalled && t.sameRegs(&regs) && ofTimer(&info) && disposition == trace.Handled:
		return r.postpone(t, sig)
	case t.settled:
		return r.deliver(t, &info, &t.after, disposition, &trace.Evidence{Exact: true})
	}
	if to, mid := r.midway(t, &regs); mid {
		// The signal comes again when the thread is out of there.
		_, err := r.runOn(t, to, sig)
		return err
	}
	evidence, err := r.place(t, &regs)
	if err != nil {
		return err
	}
	return r.deliver(t, &info, &regs, disposition, evidence)
}

// deliver lets the kernel deliver the signal at which t stands, and writes the
// event with what that did. evidence is nil for a fault.
func (r *recorder) deliver(t *thread, info *tracee.SigInfo, regs *tracee.Regs, d trace.Disposition, evidence *trace.Evidence) (err error) {
	sig := unix.Signal(info.Number())
	e := r.begin(trace.Signal, t)
	e.Before, e.Evidence = *regs, evidence
	e.Before.OrigRax = ^uint64(0)
	if e.Vector, r.xstate, err = t.stopped.VectorHash(r.xstate); err != nil {
		return err
	}
	e.After = e.Before
	e.Signal = &trace.SignalInfo{Number: info.Number(), Disposition: d, Synchronous: info.Synchronous(), Info: info[:]}
	t.skip = false
	switch d {
	case trace.Handled:
		return r.enterHandler(t, e, sig)
	case trace.Stopped:
		r.append(t)
		t.proc.byTerminal = info.Code() == siKernel
		stop, err := r.compute(t, sig) // which it may do, if its group has no parent
		if err != nil {
			return err
		}
		return r.handle(t, stop)
	}
	r.append(t)
	// Fatal: the threads of the process end in whatever order the kernel likes.
	if err := r.resume(t, tracee.Continue, sig); err != nil {
		return err
	}
	t.state = blocked
	return nil
}

// enterHandler lets the kernel push the frame of the signal's handler, and
// stops at the handler's first instruction.
func (r *recorder) enterHandler(t *thread, e *trace.Event, sig unix.Signal) error {
	if err := r.resume(t, tracee.Step, sig); err != nil {
		return err
	}
	stop, err := r.waitFor(t)
	if err != nil {
		return err
	}
	if stop.Kind != tracee.SignalStop {
		return r.killed(t, stop)
	}
	if stop.Signal != unix.SIGTRAP {
		// The frame could not be written: the kernel sends SIGSEGV instead.
		e.Signal.Disposition = trace.Ignored
		r.append(t)
		t.skip = true
		return r.signalStop(t, stop.Signal)
	}
	t.restart = false
	if err := t.stopped.Regs(&e.After); err != nil {
		return err
	}
	e.After.OrigRax = ^uint64(0)
	if err := r.takeXState(t.stopped, e); err != nil {
		return err
	}
	size, err := frameSize(t.stopped, e.After.Rsp)
	if err != nil {
		return err
	}
	if err := r.addWrite(t, e, e.After.Rsp, size); err != nil {
		return err
	}
	r.append(t)
	return nil
}

// frameSize is the size of the signal frame at sp: struct rt_sigframe
// (arch/x86/include/asm/sigframe.h), behind which lies the vector state.
func frameSize(s tracee.Stopped, sp uint64) (uint64, error) {
	const (
		fpstate    = 8 + 40 + 23*8 // pretcode, then uc_mcontext.fpstate in struct ucontext
		swReserved = 464
		magic1     = 0x46505853
		legacy     = 512
		siginfoEnd = 8 + 304 + 128
	)
	var p [8]byte
	if err := s.ReadMem(sp+fpstate, p[:]); err != nil {
		return 0, err
	}
	fp := binary.LittleEndian.Uint64(p[:])
	if fp < sp {
		return siginfoEnd, nil
	}
	if err := s.ReadMem(fp+swReserved, p[:]); err != nil {
		return 0, err
	}
	if binary.LittleEndian.Uint32(p[:]) != magic1 {
		return fp + legacy - sp, nil
	}
	return fp + uint64(binary.LittleEndian.Uint32(p[4:])) - sp, nil
}

// defaults are the signals whose default is not to end the process (signal(7)).
var defaults = map[unix.Signal]trace.Disposition{
	unix.SIGCHLD: trace.Ignored, unix.SIGCONT: trace.Ignored, unix.SIGURG: trace.Ignored, unix.SIGWINCH: trace.Ignored,
	unix.SIGSTOP: trace.Stopped, unix.SIGTSTP: trace.Stopped, unix.SIGTTIN: trace.Stopped, unix.SIGTTOU: trace.Stopped,
}

// signalSets are sets of signals of a thread, bit n-1 for signal n.
type signalSets struct{ pending, ignored, caught uint64 }

// signalSetsOf asks the kernel.
func signalSetsOf(tid int) (sets signalSets, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	if err != nil {
		return sets, tracee.ErrGone
	}
	for _, s := range []struct {
		key string
		set *uint64
	}{{"SigPnd:", &sets.pending}, {"ShdPnd:", &sets.pending}, {"SigIgn:", &sets.ignored}, {"SigCgt:", &sets.caught}} {
		_, rest, ok := bytes.Cut(status, []byte(s.key))
		if !ok {
			return sets, fmt.Errorf("/proc/%d/status has no %s", tid, s.key)
		}
		word, _, _ := bytes.Cut(bytes.TrimLeft(rest, " \t"), []byte("\n"))
		mask, err := strconv.ParseUint(string(word), 16, 64)
		if err != nil {
			return sets, fmt.Errorf("/proc/%d/status: %w", tid, err)
		}
		*s.set |= mask
	}
	return sets, nil
}

// disposition is what the signal will do.
func (s *signalSets) disposition(sig unix.Signal) trace.Disposition {
	switch {
	case s.caught&bit(sig) != 0:
		return trace.Handled
	case s.ignored&bit(sig) != 0:
		return trace.Ignored
	}
	if d, ok := defaults[sig]; ok {
		return d
	}
	return trace.Fatal
}

// bit is the signal in a set.
func bit(sig unix.Signal) uint64 { return 1 << (sig - 1) }

// groupStop leaves t in the stop that job control put it in.
func (r *recorder) groupStop(t *thread, sig unix.Signal) error {
	if err := r.resume(t, tracee.Listen, 0); err != nil {
		return err
	}
	t.state = blocked
	if t.proc == r.root && t.proc.byTerminal && r.cfg.Suspended != nil {
		r.cfg.Suspended(sig)
	}
	return nil
}
