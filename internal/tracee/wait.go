package tracee

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// StopKind says why a thread stopped, or that it ended.
type StopKind uint8

// The kinds of stop; see ptrace(2).
const (
	SignalStop  StopKind = iota + 1 // a signal is about to be delivered: Stop.Signal
	SyscallStop                     // entry or exit of a system call (ToSyscall, EmulateCall)
	SeccompStop                     // entry of a system call, from the seccomp filter
	ForkStop                        // fork
	VforkStop                       // vfork
	CloneStop                       // clone, of a thread or a process
	ExecStop                        // a new program is in place
	ExitingStop                     // the thread is about to end
	GroupStop                       // job control stopped the process: Stop.Signal
	TrapStop                        // PTRACE_INTERRUPT, the first stop of a new thread, or the end of a group stop
	Exited                          // the thread ended: Stop.Status
)

// Stop is what Wait reports. Stopped is meaningless for Exited.
type Stop struct {
	Stopped
	Kind   StopKind
	Signal unix.Signal
	Status unix.WaitStatus
}

// Wait waits for a change of thread tid, or of any tracee when tid is -1.
func (s *Session) Wait(tid int) (Stop, error) {
	stop, _, err := wait(tid, 0)
	return stop, err
}

// Poll is Wait that does not block; ok is false when nothing happened.
func (s *Session) Poll(tid int) (stop Stop, ok bool, err error) {
	return wait(tid, unix.WNOHANG)
}

// untilTick is a flag of wait beside those of wait4: a signal ends the waiting.
const untilTick = 1 << 20

func wait(tid, flags int) (Stop, bool, error) {
	var status uint32
	interruptible := flags&untilTick != 0
	flags = flags&^untilTick | unix.WALL | unix.WNOTHREAD // other sessions of this process have tracees of their own
	for {
		var pid uintptr
		var e unix.Errno
		if flags&unix.WNOHANG != 0 {
			pid, _, e = unix.RawSyscall6(unix.SYS_WAIT4, uintptr(tid), uintptr(unsafe.Pointer(&status)), uintptr(flags), 0, 0, 0)
		} else {
			pid, _, e = unix.Syscall6(unix.SYS_WAIT4, uintptr(tid), uintptr(unsafe.Pointer(&status)), uintptr(flags), 0, 0, 0)
		}
		switch {
		case e == unix.EINTR && interruptible:
			return Stop{}, false, nil
		case e == unix.EINTR:
			continue
		case e == unix.ECHILD:
			return Stop{}, false, ErrGone
		case e != 0:
			return Stop{}, false, fmt.Errorf("waiting for thread %d: %w", tid, e)
		case pid == 0:
			return Stop{}, false, nil
		}
		return decode(int(pid), unix.WaitStatus(status)), true, nil
	}
}

// events maps the ptrace event in a wait status to its kind.
var events = map[int]StopKind{
	unix.PTRACE_EVENT_FORK:    ForkStop,
	unix.PTRACE_EVENT_VFORK:   VforkStop,
	unix.PTRACE_EVENT_CLONE:   CloneStop,
	unix.PTRACE_EVENT_EXEC:    ExecStop,
	unix.PTRACE_EVENT_EXIT:    ExitingStop,
	unix.PTRACE_EVENT_SECCOMP: SeccompStop,
}

func decode(tid int, w unix.WaitStatus) Stop {
	stop := Stop{Stopped: Stopped{tid}, Status: w}
	if !w.Stopped() {
		stop.Kind = Exited
		return stop
	}
	sig := w.StopSignal()
	switch event := int(w) >> 16; {
	case sig == unix.SIGTRAP|0x80:
		stop.Kind = SyscallStop
	case event == unix.PTRACE_EVENT_SECCOMP:
		stop.Kind = SeccompStop
	case event == unix.PTRACE_EVENT_STOP && sig != unix.SIGTRAP:
		stop.Kind, stop.Signal = GroupStop, sig
	case event == unix.PTRACE_EVENT_STOP:
		stop.Kind = TrapStop
	case event != 0:
		stop.Kind = events[event]
	default:
		stop.Kind, stop.Signal = SignalStop, sig
	}
	return stop
}
