package recorder

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// faults are the signals that an instruction can raise. The kernel resets the
// handler of one that is blocked then.
var faults = bit(unix.SIGSEGV) | bit(unix.SIGBUS) | bit(unix.SIGFPE) | bit(unix.SIGILL) | bit(unix.SIGTRAP) | bit(unix.SIGSYS)

// hold keeps signals from a thread for the recorder's own work in it: they wait
// in the kernel. The signals in let come through, those in also do not, whatever
// they are. SIGSTOP cannot be kept away: whoever gets it sends it again. The
// result undoes it all.
func hold(s tracee.Stopped, let, also uint64) (release func() error, err error) {
	mask, err := s.SigMask()
	if err != nil {
		return nil, err
	}
	return func() error { return s.SetSigMask(mask) }, s.SetSigMask((mask|^faults)&^let | also)
}

// runOn lets t, which was interrupted where no event can be, run on to the
// breakpoint at address to; 0 is for the next stop whatever it is. It stands at
// signal sig, which comes again afterwards, or at none (0). If it stops for
// another reason, that is handled, and reached is false.
//
// A blocked or ignored SIGTRAP must not happen: the kernel would reset what the
// program arranged for it. While it is blocked, it is let through. If the
// program ignores it, or one waits, the thread is looked at now and then
// instead.
func (r *recorder) runOn(t *thread, to uint64, sig unix.Signal) (reached bool, err error) {
	sets, err := signalSetsOf(t.tid)
	if err != nil {
		return false, err
	}
	trap := to != 0 && sig != unix.SIGTRAP && (sets.ignored|sets.pending)&bit(unix.SIGTRAP) == 0
	if trap && t.stopped.SetBreakpoint(to) != nil {
		trap = false // no debug register is free
	}
	var let, also uint64
	if trap {
		let = bit(unix.SIGTRAP)
	}
	stopped := sig == unix.SIGSTOP
	if stopped {
		sig = 0
	} else if sig != 0 {
		also = bit(sig)
	}
	release, err := hold(t.stopped, let, also)
	if err != nil {
		return false, err
	}
	// Resumed with a signal that is blocked by now, the kernel queues it again.
	var stop tracee.Stop
	if trap || to == 0 {
		stop, reached, err = r.toBreakpoint(t, sig)
	} else {
		stop, reached, err = r.lookAgain(t, sig)
	}
	if err != nil {
		return false, err
	}
	if stop.Kind == tracee.Exited || stop.Kind == tracee.ExitingStop {
		return false, r.handle(t, stop)
	}
	if trap {
		if err := t.stopped.SetBreakpoint(0); err != nil {
			return false, err
		}
	}
	if err := release(); err != nil {
		return false, err
	}
	if stopped {
		unix.Tgkill(t.proc.pid, t.tid, unix.SIGSTOP)
	}
	if reached {
		return true, nil
	}
	return false, r.handle(t, stop)
}

// toBreakpoint resumes t with a signal, to its next stop.
func (r *recorder) toBreakpoint(t *thread, sig unix.Signal) (stop tracee.Stop, reached bool, err error) {
	if err := r.resume(t, tracee.Continue, sig); err != nil {
		return stop, false, err
	}
	stop, err = r.waitFor(t)
	if err != nil || stop.Kind != tracee.SignalStop || stop.Signal != unix.SIGTRAP {
		return stop, false, err
	}
	var info tracee.SigInfo
	err = t.stopped.SigInfo(&info)
	return stop, info.Code() == tracee.TrapHardware, err
}

// lookAgain resumes t with a signal and interrupts it, until it is where an
// event can be.
func (r *recorder) lookAgain(t *thread, sig unix.Signal) (stop tracee.Stop, reached bool, err error) {
	for {
		if err := r.resume(t, tracee.Continue, sig); err != nil {
			return stop, false, err
		}
		sig = 0
		time.Sleep(nap)
		if err := t.running.Interrupt(); err != nil {
			return stop, false, err
		}
		if stop, err = r.waitFor(t); err != nil || stop.Kind != tracee.TrapStop {
			return stop, false, err
		}
		var regs tracee.Regs
		if err := t.stopped.Regs(&regs); err != nil {
			return stop, false, err
		}
		if _, mid := r.midway(t, &regs); !mid {
			return stop, true, nil
		}
	}
}

// remoteCalls are remote calls in a recorded thread, meanwhile without signals.
type remoteCalls struct {
	*tracee.Remote
	t       *thread
	release func() error
	stopped bool // by SIGSTOP
}

func (r *recorder) remote(t *thread) (*remoteCalls, error) {
	release, err := hold(t.stopped, 0, faults) // the gadget raises none
	if err != nil {
		return nil, err
	}
	c := &remoteCalls{t: t, release: release}
	c.Remote, err = r.s.Remote(t.stopped, func(tracee.SigInfo) { c.stopped = true })
	return c, err
}

// Restore ends the calls.
func (c *remoteCalls) Restore() error {
	if c.stopped {
		unix.Tgkill(c.t.proc.pid, c.t.tid, unix.SIGSTOP)
	}
	return errors.Join(c.Remote.Restore(), c.release())
}

// postpone keeps the signal of a timer, at which t stands, waiting for a tick:
// resumed with it while it is blocked, the kernel queues it again.
//
// Recording a signal takes longer than its handler, as a rule: with a fast timer
// the next one would be there whenever a handler returns, or begins, and the
// program would get nowhere.
func (r *recorder) postpone(t *thread, sig unix.Signal) error {
	mask, err := t.stopped.SigMask()
	if err != nil {
		return err
	}
	t.postponed, t.mask = sig, mask
	return t.stopped.SetSigMask(mask | bit(sig))
}

// comeBack ends the postponement of a signal when t has stopped.
func (t *thread) comeBack(stop tracee.Stop) error {
	if t.postponed == 0 {
		return nil
	}
	t.postponed, t.signalled = 0, false // once
	if stop.Kind == tracee.Exited || stop.Kind == tracee.ExitingStop {
		return nil
	}
	return t.stopped.SetSigMask(t.mask)
}

// ofTimer reports whether the signal comes from a timer.
func ofTimer(info *tracee.SigInfo) bool {
	const siTimer = -2 // SI_TIMER
	switch unix.Signal(info.Number()) {
	case unix.SIGALRM, unix.SIGVTALRM, unix.SIGPROF:
		return info.Code() == siKernel || info.Code() == siTimer
	}
	return info.Code() == siTimer && bit(unix.Signal(info.Number()))&faults == 0
}
