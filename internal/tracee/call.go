package tracee

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Remote makes a stopped thread execute system calls at the gadget. Begin
// with Stopped.Remote, end with Restore.
type Remote struct {
	s       *Session
	t       Stopped
	saved   Regs
	deliver func(SigInfo)
}

// Remote prepares remote calls in thread t, which stands at the exit of a
// system call, at a signal or at a trap, but not at the entry of a call.
// Signals that arrive meanwhile are taken from the thread and given to
// deliver.
func (s *Session) Remote(t Stopped, deliver func(SigInfo)) (*Remote, error) {
	r := &Remote{s: s, t: t, deliver: deliver}
	return r, t.Regs(&r.saved)
}

// Saved are the registers that Restore will write.
func (r *Remote) Saved() *Regs { return &r.saved }

// Restore gives the thread back the registers that it had.
func (r *Remote) Restore() error {
	regs := r.saved
	regs.OrigRax = ^uint64(0) // nothing to restart
	return r.t.SetRegs(&regs)
}

// Call executes one system call and returns its result; err is an Errno when
// the kernel refused the call.
func (r *Remote) Call(nr uint64, args ...uint64) (uint64, error) {
	ret, err := r.run(gadget, nr, args)
	if err != nil {
		return 0, err
	}
	if e := -int64(ret); e > 0 && e < 4096 {
		return ret, unix.Errno(e)
	}
	return ret, nil
}

// Bootstrap is Call where the gadget is not mapped: it puts the instruction
// at the thread's own pc for the time of the call. The recorder's filter stops
// it once more.
func (r *Remote) Bootstrap(nr uint64, args ...uint64) (uint64, error) {
	pc := r.saved.Rip
	var old [2]byte
	if err := r.t.ReadMem(pc, old[:]); err != nil {
		return 0, err
	}
	if err := r.t.ForceMem(pc, []byte{0x0f, 0x05}); err != nil {
		return 0, err
	}
	ret, err := r.run(pc, nr, args)
	if err != nil {
		return 0, err
	}
	if err := r.t.ForceMem(pc, old[:]); err != nil {
		return 0, err
	}
	if e := -int64(ret); e > 0 && e < 4096 {
		return ret, unix.Errno(e)
	}
	return ret, nil
}

// Engine makes a stopped replay task work for the engine: it executes system
// calls at the gadget, whatever stop the task stands at. The gadget ends in a
// breakpoint, so that each call costs one stop: nobody minds the signal.
type Engine struct {
	s *Session
	t Stopped
}

// Engine returns the engine's side of task t. The task's registers are lost.
func (s *Session) Engine(t Stopped) Engine { return Engine{s, t} }

// Call executes one system call; err is an Errno when the kernel refused it.
func (g Engine) Call(nr uint64, args ...uint64) (uint64, error) {
	ret, ok, err := g.run(gadget, nr, args)
	if err == nil && !ok {
		err = fmt.Errorf("engine call %d in task %d: the gadget faulted", nr, g.t.tid)
	}
	if e := -int64(ret); err == nil && e > 0 && e < 4096 {
		return ret, unix.Errno(e)
	}
	return ret, err
}

// The selectors of 64-bit user code (arch/x86/include/asm/segment.h).
const userCS, userSS = 0x33, 0x2b

// Touch writes to the page at addr without changing it, as the program would
// do, so that a stack grows. It returns false when the page cannot be written.
func (g Engine) Touch(addr uint64) (bool, error) {
	_, ok, err := g.run(touch, addr, nil)
	return ok, err
}

// Fork makes a copy of the task, stopped.
func (g Engine) Fork() (Stopped, error) {
	tid, err := g.Call(unix.SYS_CLONE, uint64(forkFlags))
	if err != nil {
		return Stopped{}, fmt.Errorf("forking task %d: %w", g.t.tid, err)
	}
	stop, err := g.s.Wait(int(tid))
	if err != nil {
		return Stopped{}, err
	}
	if stop.Kind != TrapStop {
		return Stopped{}, fmt.Errorf("forking task %d: unexpected stop %d of the copy", g.t.tid, stop.Kind)
	}
	return stop.Stopped, nil
}

// Kill ends the task and reaps it.
func (g Engine) Kill() error {
	unix.Kill(g.t.tid, unix.SIGKILL)
	g.t.Resume(Continue, 0) // in case it stands at its end already
	for {
		stop, err := g.s.Wait(g.t.tid)
		if err != nil {
			return err
		}
		if stop.Kind == Exited {
			return nil
		}
		if _, err := stop.Resume(Continue, 0); err != nil && !errors.Is(err, ErrGone) {
			return err
		}
	}
}

// run executes the code at pc, up to its breakpoint; ok is false when it
// faulted.
func (g Engine) run(pc, rax uint64, args []uint64) (result uint64, ok bool, err error) {
	var regs Regs
	if err := g.t.Regs(&regs); err != nil {
		return 0, false, err
	}
	regs.Rip, regs.Rax, regs.OrigRax, regs.Eflags = pc, rax, ^uint64(0), 2
	regs.Cs, regs.Ss = userCS, userSS
	for i, a := range args {
		regs.SetArg(i, a)
	}
	if err := g.t.SetRegs(&regs); err != nil {
		return 0, false, err
	}
	for {
		if _, err := g.t.Resume(Continue, 0); err != nil {
			return 0, false, err
		}
		stop, err := g.s.Wait(g.t.tid)
		switch {
		case err != nil:
			return 0, false, err
		case stop.Kind == ForkStop || stop.Kind == CloneStop:
		case stop.Kind == SignalStop && stop.Signal == unix.SIGTRAP:
			result, err = g.t.Rax()
			return result, true, err
		case stop.Kind == SignalStop:
			var info SigInfo
			if err := g.t.SigInfo(&info); err != nil {
				return 0, false, err
			}
			if info.Synchronous() {
				return 0, false, nil
			}
			// Somebody sent it; a replay task gets no signals.
		default:
			return 0, false, fmt.Errorf("engine call in task %d: unexpected stop %d (signal %v)", g.t.tid, stop.Kind, stop.Status.Signal())
		}
	}
}

// ErrReplaced reports that the remote call was an exec that succeeded.
var ErrReplaced = errors.New("the process has a new program")

func (r *Remote) run(pc, nr uint64, args []uint64) (uint64, error) {
	regs := r.saved
	regs.Rip, regs.Rax, regs.OrigRax = pc, nr, ^uint64(0)
	for i, a := range args {
		regs.SetArg(i, a)
	}
	if err := r.t.SetRegs(&regs); err != nil {
		return 0, err
	}
	// Two stops without a signal: SIGTRAP from a breakpoint would undo the
	// program's mask and handler when it blocks or ignores SIGTRAP.
	for entered := false; ; {
		if _, err := r.t.Resume(ToSyscall, 0); err != nil {
			return 0, err
		}
		stop, err := r.s.Wait(r.t.tid)
		if err != nil {
			return 0, err
		}
		switch stop.Kind {
		case SyscallStop:
			if entered {
				return r.t.Rax()
			}
			entered = true
		case SeccompStop, TrapStop, GroupStop:
		case ExecStop:
			return 0, ErrReplaced
		case SignalStop:
			var info SigInfo
			if err := r.t.SigInfo(&info); err != nil {
				return 0, err
			}
			if info.Synchronous() || r.deliver == nil {
				return 0, fmt.Errorf("remote system call %d in thread %d: unexpected signal %v", nr, r.t.tid, stop.Signal)
			}
			r.deliver(info)
		case ExitingStop:
			stop.Resume(Continue, 0) // its end arrives through Wait
			return 0, ErrGone
		case Exited:
			return 0, ErrGone
		default:
			return 0, fmt.Errorf("remote system call %d in thread %d: unexpected stop %d", nr, r.t.tid, stop.Kind)
		}
	}
}
