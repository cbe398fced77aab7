package tracee

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ErrGone reports that the thread was killed while it was stopped.
var ErrGone = errors.New("the thread is gone")

// Stopped is a thread in a ptrace stop.
type Stopped struct{ tid int }

// Running is a thread that was resumed; Session.Wait tells when it stops.
type Running struct{ tid int }

// TID is the thread's id.
func (s Stopped) TID() int { return s.tid }

// TID is the thread's id.
func (r Running) TID() int { return r.tid }

// How says how a thread is resumed.
type How int

// The ways to resume; see ptrace(2).
const (
	Continue    How = unix.PTRACE_CONT       // until a signal, a seccomp stop or an event
	ToSyscall   How = unix.PTRACE_SYSCALL    // the same, and entry and exit of a system call
	Step        How = unix.PTRACE_SINGLESTEP // one instruction
	EmulateCall How = unix.PTRACE_SYSEMU     // the same, and entry of a system call, which is not executed
	// StepEmulateCall is EmulateCall for one instruction.
	StepEmulateCall How = unix.PTRACE_SYSEMU_SINGLESTEP
	Listen          How = unix.PTRACE_LISTEN // stay in a group stop until SIGCONT
)

// errno of a ptrace request, with the request and the thread in its text.
// ESRCH means that the thread is not in a stop any more: somebody killed it.
func (s Stopped) err(what string, e unix.Errno) error {
	if e == 0 {
		return nil
	}
	if e == unix.ESRCH {
		return ErrGone
	}
	return fmt.Errorf("%s of thread %d: %w", what, s.tid, e)
}

func (s Stopped) ptrace(req int, addr, data uintptr) unix.Errno {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(s.tid), addr, data, 0, 0)
	return e
}

// Resume lets the thread go on, delivering signal sig (0 for none).
func (s Stopped) Resume(how How, sig unix.Signal) (Running, error) {
	if e := s.ptrace(int(how), 0, uintptr(sig)); e != 0 {
		return Running(s), s.err("resuming", e)
	}
	return Running(s), nil
}

// Regs reads the general registers.
func (s Stopped) Regs(r *Regs) error {
	return s.err("reading the registers", s.ptrace(unix.PTRACE_GETREGS, 0, uintptr(unsafe.Pointer(r))))
}

// SetRegs writes the general registers.
func (s Stopped) SetRegs(r *Regs) error {
	return s.err("writing the registers", s.ptrace(unix.PTRACE_SETREGS, 0, uintptr(unsafe.Pointer(r))))
}

// Rax reads the register rax only: the result at the exit of a system call.
func (s Stopped) Rax() (uint64, error) {
	var v uint64
	e := s.ptrace(unix.PTRACE_PEEKUSR, unsafe.Offsetof(Regs{}.Rax), uintptr(unsafe.Pointer(&v)))
	return v, s.err("reading rax", e)
}

// SetRax writes the register rax only.
func (s Stopped) SetRax(v uint64) error {
	return s.err("writing rax", s.ptrace(unix.PTRACE_POKEUSR, unsafe.Offsetof(Regs{}.Rax), uintptr(v)))
}

// EventMessage is the message of the ptrace event at which the thread stands:
// the new thread's id for Clone, Fork and Vfork, the former thread id for
// Exec, the wait status for Exiting.
func (s Stopped) EventMessage() (uint64, error) {
	var v uint64
	e := s.ptrace(unix.PTRACE_GETEVENTMSG, 0, uintptr(unsafe.Pointer(&v)))
	return v, s.err("reading the event", e)
}

// SigInfo is the kernel's siginfo_t.
type SigInfo [128]byte

// FaultInfo is the siginfo of a fault that the kernel did not send itself.
func FaultInfo(sig unix.Signal, code int, addr uint64) (i SigInfo) {
	binary.LittleEndian.PutUint32(i[0:], uint32(sig))
	binary.LittleEndian.PutUint32(i[8:], uint32(code))
	i.SetAddress(addr)
	return i
}

// Number is si_signo.
func (i *SigInfo) Number() int { return int(int32(le32(i[0:]))) }

// Code is si_code: positive for faults of the program itself.
func (i *SigInfo) Code() int { return int(int32(le32(i[8:]))) }

// Address is si_addr of a fault.
func (i *SigInfo) Address() uint64 { return le64(i[16:]) }

// SetAddress changes si_addr.
func (i *SigInfo) SetAddress(addr uint64) { binary.LittleEndian.PutUint64(i[16:], addr) }

// Synchronous reports whether the signal is a fault that the thread's own
// instruction raised.
func (i *SigInfo) Synchronous() bool {
	switch unix.Signal(i.Number()) {
	case unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSYS:
		return i.Code() > 0
	}
	return false
}

// SigInfo reads the siginfo of the signal-delivery stop.
func (s Stopped) SigInfo(i *SigInfo) error {
	return s.err("reading the signal", s.ptrace(unix.PTRACE_GETSIGINFO, 0, uintptr(unsafe.Pointer(i))))
}

// SetSigInfo changes the siginfo of the signal-delivery stop.
func (s Stopped) SetSigInfo(i *SigInfo) error {
	return s.err("writing the signal", s.ptrace(unix.PTRACE_SETSIGINFO, 0, uintptr(unsafe.Pointer(i))))
}

// Requests and options that x/sys/unix does not name (include/uapi/linux/ptrace.h).
const (
	ptraceGetSigMask = 0x420a
	ptraceSetSigMask = 0x420b
)

// SigMask reads the set of blocked signals: bit n-1 for signal n.
func (s Stopped) SigMask() (uint64, error) {
	var m uint64
	e := s.ptrace(ptraceGetSigMask, 8, uintptr(unsafe.Pointer(&m)))
	return m, s.err("reading the signal mask", e)
}

// SetSigMask changes the set of blocked signals.
func (s Stopped) SetSigMask(m uint64) error {
	return s.err("writing the signal mask", s.ptrace(ptraceSetSigMask, 8, uintptr(unsafe.Pointer(&m))))
}

// The legacy vsyscall page. The kernel emulates its three calls when the
// program jumps there (arch/x86/entry/vsyscall/vsyscall_64.c).
const (
	vsyscallStart = 0xffffffffff600000
	vsyscallEnd   = vsyscallStart + 0x1000
)

// InVsyscall reports whether the thread stands at an emulated call.
func (r *Regs) InVsyscall() bool { return r.Rip >= vsyscallStart && r.Rip < vsyscallEnd }

// LeaveVsyscall makes the kernel skip the emulated call at whose seccomp stop
// the thread stands, and return from it with the given result. regs become the
// registers behind it.
func (s *Session) LeaveVsyscall(t Stopped, regs *Regs, result uint64) error {
	regs.OrigRax, regs.Rax = ^uint64(0), result
	if err := t.SetRegs(regs); err != nil {
		return err
	}
	// The interrupt stops the thread before its next instruction.
	if e := interrupt(t.tid); e != 0 {
		return t.err("interrupting", e)
	}
	if _, err := t.Resume(Continue, 0); err != nil {
		return err
	}
	stop, err := s.Wait(t.tid)
	if err != nil {
		return err
	}
	switch stop.Kind {
	case TrapStop:
	case ExitingStop:
		stop.Resume(Continue, 0)
		return ErrGone
	case Exited:
		return ErrGone
	default:
		return fmt.Errorf("leaving the vsyscall page in thread %d: unexpected stop %d", t.tid, stop.Kind)
	}
	return t.Regs(regs)
}

// seizeOptions are the options of every tracee.
const seizeOptions = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE |
	unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC |
	unix.PTRACE_O_TRACEEXIT | unix.PTRACE_O_TRACESECCOMP

func seize(tid int) unix.Errno {
	return Stopped{tid}.ptrace(unix.PTRACE_SEIZE, 0, seizeOptions)
}

func interrupt(tid int) unix.Errno {
	return Stopped{tid}.ptrace(unix.PTRACE_INTERRUPT, 0, 0)
}
