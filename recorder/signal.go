package recorder

import (
	"bytes"
	"encoding/binary"
	"errors"
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
	if t.flushing {
		r.unstash(t, &info)
	}
	if info.Synchronous() {
		if done, err := r.trap(t, &info, &regs); done || err != nil {
			return err
		}
		return r.deliver(t, &info, &regs)
	}
	if t.atEvent(&regs) {
		return r.deliver(t, &info, &regs)
	}
	if d, err := dispositionOf(t.tid, unix.Signal(info.Number())); err != nil || d == trace.Fatal {
		// It ends the computation: nothing depends on the place.
		t.settled = false
		return errors.Join(err, r.deliver(t, &info, &regs))
	}
	// The thread computes. Its place cannot be told apart from others yet, so
	// the signal waits for the next system call.
	t.settled = false
	t.stash = append(t.stash, info)
	return nil
}

// unstash replaces the siginfo of a signal that was sent again by that of the
// stashed one.
func (r *recorder) unstash(t *thread, info *tracee.SigInfo) {
	for i := range t.stash {
		if t.stash[i].Number() == info.Number() {
			*info = t.stash[i]
			t.stash = append(t.stash[:i:i], t.stash[i+1:]...)
			t.flushing = false
			t.stopped.SetSigInfo(info)
			return
		}
	}
}

// flush delivers a stashed signal at the entry of a call, which the thread
// makes again afterwards. done is false when all of them are blocked.
func (r *recorder) flush(t *thread) (done bool, err error) {
	mask, err := t.stopped.SigMask()
	if err != nil {
		return false, err
	}
	var sig unix.Signal
	for i := range t.stash {
		if n := t.stash[i].Number(); mask&(1<<(n-1)) == 0 {
			sig = unix.Signal(n)
			break
		}
	}
	if sig == 0 {
		return false, nil
	}
	c := &t.call
	if err := r.takeBack(t); err != nil {
		return true, err
	}
	e := r.begin(trace.Enter, t)
	e.Before, e.Vector, e.After = c.regs, c.vector, c.regs
	e.After.Rip -= 2
	e.After.Rax = c.regs.OrigRax
	r.append(t)
	t.flushing = true
	// Resuming with a signal outside a signal stop sends it.
	return true, r.resumeAndHandle(t, tracee.Continue, sig)
}

// deliver lets the kernel deliver the signal at which t stands, and writes the
// event with what that did.
func (r *recorder) deliver(t *thread, info *tracee.SigInfo, regs *tracee.Regs) error {
	sig := unix.Signal(info.Number())
	disposition, err := dispositionOf(t.tid, sig)
	if err != nil {
		return err
	}
	if disposition == trace.Ignored && !info.Synchronous() {
		// Nothing changes; an interrupted call is made again. A turn of the
		// loop resumes the thread.
		return nil
	}
	e := r.begin(trace.Signal, t)
	e.Before = *regs
	e.Before.OrigRax = ^uint64(0)
	if e.Vector, r.xstate, err = t.stopped.VectorHash(r.xstate); err != nil {
		return err
	}
	e.After = e.Before
	e.Signal = &trace.SignalInfo{Number: info.Number(), Disposition: disposition, Synchronous: info.Synchronous(), Info: info[:]}
	if !info.Synchronous() || t.skip {
		e.Evidence = &trace.Evidence{Exact: t.skip || t.settled}
	}
	t.skip = false
	switch disposition {
	case trace.Handled:
		return r.enterHandler(t, e, sig)
	case trace.Stopped:
		r.append(t)
		t.proc.byTerminal = info.Code() == siKernel
		return r.resumeAndHandle(t, tracee.Continue, sig)
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

// dispositionOf asks the kernel what the signal will do.
func dispositionOf(tid int, sig unix.Signal) (trace.Disposition, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	if err != nil {
		return 0, tracee.ErrGone
	}
	bit := uint64(1) << (sig - 1)
	for _, set := range []struct {
		key         string
		disposition trace.Disposition
	}{{"SigCgt:", trace.Handled}, {"SigIgn:", trace.Ignored}} {
		_, rest, ok := bytes.Cut(status, []byte(set.key))
		if !ok {
			return 0, fmt.Errorf("/proc/%d/status has no %s", tid, set.key)
		}
		word, _, _ := bytes.Cut(bytes.TrimLeft(rest, " \t"), []byte("\n"))
		mask, err := strconv.ParseUint(string(word), 16, 64)
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/status: %w", tid, err)
		}
		if mask&bit != 0 {
			return set.disposition, nil
		}
	}
	if d, ok := defaults[sig]; ok {
		return d, nil
	}
	return trace.Fatal, nil
}

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
