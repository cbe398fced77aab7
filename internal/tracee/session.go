package tracee

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Session is the right to trace: it exists only on the locked and pinned
// thread of a Run and must not leave it.
type Session struct {
	cpu int
}

// Run calls f on a locked OS thread that is pinned to one CPU, and returns
// what f returns. Processes that f spawns inherit the pin. When f is done,
// all tracees that it left behind are killed by the end of the thread.
func Run(f func(*Session) error) error {
	done := make(chan error, 1)
	go func() {
		// The goroutine ends without unlocking: the runtime then ends the
		// thread, and with it every tracee (PTRACE_O_EXITKILL) and every
		// affinity change.
		runtime.LockOSThread()
		done <- func() error {
			s, err := newSession()
			if err != nil {
				return err
			}
			return f(s)
		}()
	}()
	return <-done
}

func newSession() (*Session, error) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return nil, fmt.Errorf("reading the CPU affinity: %w", err)
	}
	var cpu uint32
	if _, _, e := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); e != 0 {
		return nil, fmt.Errorf("asking for the current CPU: %w", e)
	}
	var one unix.CPUSet
	one.Set(int(cpu))
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return nil, fmt.Errorf("pinning to CPU %d: %w", cpu, err)
	}
	if err := quietChildren(); err != nil {
		return nil, err
	}
	faultAtCPUID()
	return &Session{cpu: int(cpu)}, nil
}

// faultAtCPUID makes cpuid fault in this thread. Nobody wants that here, but
// the tracees have it too, and the kernel then need not switch the processor's
// setting between tracer and tracee, which costs 10 µs in a virtual machine. A
// processor that cannot do it refuses. Threads that the Go runtime makes do
// not inherit it: they are never made from a locked thread.
func faultAtCPUID() { unix.RawSyscall(unix.SYS_ARCH_PRCTL, ArchSetCPUID, 0, 0) }

// CPU is the processor that the session and its tracees are pinned to.
func (s *Session) CPU() int { return s.cpu }

// Yield lets another runnable thread of this CPU go first.
func (s *Session) Yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }

// kernelSigaction is the kernel's struct sigaction (x86-64).
type kernelSigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// quietChildren keeps the kernel from sending SIGCHLD at every stop of a
// tracee: the Go runtime's handler would cost more than the stop. The end of
// a child still sends it.
func quietChildren() error {
	const saNoCldStop = 1
	return changeAction(unix.SIGCHLD, saNoCldStop, 0)
}

// changeAction changes the flags with which the Go runtime's handler is
// installed for a signal.
func changeAction(sig unix.Signal, add, remove uintptr) error {
	var sa kernelSigaction
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), 0, uintptr(unsafe.Pointer(&sa)), 8, 0, 0); e != 0 {
		return fmt.Errorf("reading the handler of signal %d: %w", sig, e)
	}
	flags := sa.flags&^remove | add
	if flags == sa.flags {
		return nil
	}
	sa.flags = flags
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&sa)), 0, 8, 0, 0); e != 0 {
		return fmt.Errorf("changing the handler of signal %d: %w", sig, e)
	}
	return nil
}
