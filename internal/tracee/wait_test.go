package tracee

import (
	"testing"

	"golang.org/x/sys/unix"
)

// stopStatus is the wait status of a thread in a stop: the signal's byte, and
// the ptrace event above it.
func stopStatus(sig unix.Signal, event int) unix.WaitStatus {
	return unix.WaitStatus(event<<16 | int(sig)<<8 | 0x7f)
}

func TestDecode(t *testing.T) {
	tests := []struct {
		what   string
		status unix.WaitStatus
		kind   StopKind
		signal unix.Signal
	}{
		{"exit(0)", 0, Exited, 0},
		{"exit(3)", 3 << 8, Exited, 0},
		{"killed by SIGKILL", 9, Exited, 0},
		{"killed by SIGSEGV, core dumped", 11 | 0x80, Exited, 0},
		{"SIGUSR1 about to be delivered", stopStatus(unix.SIGUSR1, 0), SignalStop, unix.SIGUSR1},
		{"SIGTRAP about to be delivered", stopStatus(unix.SIGTRAP, 0), SignalStop, unix.SIGTRAP},
		{"SIGSTOP about to be delivered", stopStatus(unix.SIGSTOP, 0), SignalStop, unix.SIGSTOP},
		{"the last real-time signal", stopStatus(64, 0), SignalStop, 64},
		{"a system call", stopStatus(unix.SIGTRAP|0x80, 0), SyscallStop, 0},
		{"seccomp", stopStatus(unix.SIGTRAP, unix.PTRACE_EVENT_SECCOMP), SeccompStop, 0},
		{"fork", stopStatus(unix.SIGTRAP, unix.PTRACE_EVENT_FORK), ForkStop, 0},
		{"vfork", stopStatus(unix.SIGTRAP, unix.PTRACE_EVENT_VFORK), VforkStop, 0},
		{"clone", stopStatus(unix.SIGTRAP, unix.PTRACE_EVENT_CLONE), CloneStop, 0},
		{"exec", stopStatus(unix.SIGTRAP, unix.PTRACE_EVENT_EXEC), ExecStop, 0},
		{"exit under way", stopStatus(unix.SIGTRAP, unix.PTRACE_EVENT_EXIT), ExitingStop, 0},
		{"an interrupt", stopStatus(unix.SIGTRAP, unix.PTRACE_EVENT_STOP), TrapStop, 0},
		{"job control, SIGSTOP", stopStatus(unix.SIGSTOP, unix.PTRACE_EVENT_STOP), GroupStop, unix.SIGSTOP},
		{"job control, SIGTSTP", stopStatus(unix.SIGTSTP, unix.PTRACE_EVENT_STOP), GroupStop, unix.SIGTSTP},
		{"job control, SIGTTIN", stopStatus(unix.SIGTTIN, unix.PTRACE_EVENT_STOP), GroupStop, unix.SIGTTIN},
	}
	for _, tt := range tests {
		got := decode(1234, tt.status)
		want := Stop{Stopped: Stopped{1234}, Kind: tt.kind, Signal: tt.signal, Status: tt.status}
		if got != want {
			t.Errorf("%s (%#x): %+v, want %+v", tt.what, uint32(tt.status), got, want)
		}
	}
}

// A seized stub reports each kind of stop that it can be brought to.
func TestStopsOfAStub(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		next := func(how How, sig unix.Signal) (Stop, error) {
			if _, err := stub.Resume(how, sig); err != nil {
				return Stop{}, err
			}
			return s.Wait(stub.TID())
		}
		expect := func(what string, how How, sig unix.Signal, kind StopKind, signal unix.Signal) error {
			got, err := next(how, sig)
			if err == nil && (got.Kind != kind || got.Signal != signal || got.TID() != stub.TID()) {
				t.Errorf("%s: %+v, want kind %d, signal %v", what, got, kind, signal)
			}
			return err
		}
		if stop, ok, err := s.Poll(stub.TID()); ok || err != nil {
			t.Errorf("a stopped stub reports again: %+v, %v", stop, err)
		}
		if err := expect("the entry of pause", ToSyscall, 0, SyscallStop, 0); err != nil {
			return err
		}
		unix.Kill(stub.TID(), unix.SIGUSR1)
		if err := expect("pause, interrupted", ToSyscall, 0, SyscallStop, 0); err != nil {
			return err
		}
		if err := expect("the signal", Continue, 0, SignalStop, unix.SIGUSR1); err != nil {
			return err
		}
		// Let it step over the jump behind pause, not make the call again.
		if err := stub.SetRegs(&Regs{Rip: AreaStart + 0x107, OrigRax: ^uint64(0), Cs: 0x33, Ss: 0x2b, Eflags: 0x202}); err != nil {
			return err
		}
		if err := expect("a step", Step, 0, SignalStop, unix.SIGTRAP); err != nil {
			return err
		}
		unix.Kill(stub.TID(), unix.SIGSTOP)
		if err := expect("SIGSTOP", Continue, 0, SignalStop, unix.SIGSTOP); err != nil {
			return err
		}
		if err := expect("the group stop", Continue, unix.SIGSTOP, GroupStop, unix.SIGSTOP); err != nil {
			return err
		}
		unix.Kill(stub.TID(), unix.SIGCONT)
		if err := expect("the end of the group stop", Listen, 0, TrapStop, 0); err != nil {
			return err
		}
		return expect("SIGCONT", Continue, 0, SignalStop, unix.SIGCONT)
	})
}
