package replayer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"stepback/internal/x86"
)

// What called code asks of the kernel and of the processor is answered here. Nothing of it
// reaches the world: memory is the copy's own, and the rest is made up.

// answer is what a system call does and returns. An error that is an Errno is the call's
// result; any other ends the called code.
type answer func(c *calling, args [6]uint64) (uint64, error)

// answers are those to the calls that code such as malloc and printf makes. All
// others are refused.
var answers = map[uint64]answer{
	unix.SYS_WRITE:      (*calling).print,
	unix.SYS_WRITEV:     (*calling).printAll,
	unix.SYS_FSTAT:      func(c *calling, a [6]uint64) (uint64, error) { return c.status(a[0], a[1]) },
	unix.SYS_NEWFSTATAT: (*calling).statusAt,

	unix.SYS_MMAP:     (*calling).mapMemory,
	unix.SYS_MUNMAP:   (*calling).unmap,
	unix.SYS_MPROTECT: (*calling).protect,
	unix.SYS_MADVISE:  (*calling).advise,
	unix.SYS_BRK:      always(0), // it fails: nobody knows where the break is; allocators take mmap then

	unix.SYS_FUTEX:           (*calling).futex,
	unix.SYS_SCHED_YIELD:     always(0),
	unix.SYS_NANOSLEEP:       always(0),
	unix.SYS_CLOCK_NANOSLEEP: always(0),

	unix.SYS_CLOCK_GETTIME: func(c *calling, a [6]uint64) (uint64, error) { return c.tell(a[1], 1) },
	unix.SYS_GETTIMEOFDAY:  func(c *calling, a [6]uint64) (uint64, error) { return c.tell(a[0], 1000) },
	unix.SYS_TIME:          (*calling).seconds,
	unix.SYS_GETRANDOM:     (*calling).getRandom,

	unix.SYS_RT_SIGPROCMASK: zeros(2, 8),
	unix.SYS_RT_SIGACTION:   zeros(2, 32),
	unix.SYS_SIGALTSTACK:    zeros(1, 24),
	unix.SYS_KILL:           raise(0, 1),
	unix.SYS_TKILL:          raise(0, 1),
	unix.SYS_TGKILL:         raise(1, 2),
	unix.SYS_EXIT:           (*calling).exit,
	unix.SYS_EXIT_GROUP:     (*calling).exit,

	unix.SYS_GETPID:  func(c *calling, _ [6]uint64) (uint64, error) { return uint64(c.t.pid), nil },
	unix.SYS_GETTID:  func(c *calling, _ [6]uint64) (uint64, error) { return uint64(c.t.tid), nil },
	unix.SYS_GETPPID: always(0), // as for a parent outside of the pid namespace
	unix.SYS_GETUID:  always(overflowID),
	unix.SYS_GETEUID: always(overflowID),
	unix.SYS_GETGID:  always(overflowID),
	unix.SYS_GETEGID: always(overflowID),
}

// overflowID is the kernel's answer for users and groups that it cannot name
// (DEFAULT_OVERFLOWUID, include/linux/highuid.h).
const overflowID = 65534

// always answers with a value, and does nothing.
func always(v uint64) answer {
	return func(*calling, [6]uint64) (uint64, error) { return v, nil }
}

// zeros answers 0 and, if the argument is a pointer, makes the n bytes there zeros.
func zeros(arg, n int) answer {
	return func(c *calling, a [6]uint64) (uint64, error) {
		if a[arg] == 0 {
			return 0, nil
		}
		return 0, c.store(a[arg], make([]byte, n))
	}
}

// raise ends code that sends itself a signal; target and signal are arguments.
func raise(target, signal int) answer {
	return func(c *calling, a [6]uint64) (uint64, error) {
		if to := int(a[target]); to != c.t.tid && to != c.t.pid {
			return 0, unix.ENOSYS
		}
		if a[signal] == 0 {
			return 0, nil
		}
		name := cmp.Or(unix.SignalName(unix.Signal(a[signal])), fmt.Sprintf("signal %d", a[signal]))
		return 0, fmt.Errorf("the called code sent itself %s", name)
	}
}

func (c *calling) exit(a [6]uint64) (uint64, error) {
	return 0, fmt.Errorf("the called code called exit(%d)", uint8(a[0]))
}

// answer answers the system call at which the thread stands.
func (c *calling) answer(a *arrival) error {
	regs := &c.t.regs
	if a.ahead {
		enterCall(regs)
	}
	nr, args := regs.OrigRax, regs.Args()
	name := fmt.Sprintf("system call %d", nr)
	if c.opts.SyscallName != nil {
		name = c.opts.SyscallName(nr)
	}
	do := answers[nr]
	switch {
	case a.why == atVsyscall:
		if err := c.s.LeaveVsyscall(c.k.stopped, regs, 0); err != nil {
			return err
		}
	case !a.ahead: // through the 32-bit gate, where the numbers are others
		do, name = nil, "int 0x80"
	}
	result, err := uint64(0), error(unix.ENOSYS)
	if do != nil {
		result, err = do(c, args)
	}
	var errno unix.Errno
	if err != nil && !errors.As(err, &errno) {
		return err
	}
	if errno != 0 {
		result = -uint64(errno)
	}
	if errno == unix.ENOSYS && !slices.Contains(c.result.Refused, name) {
		c.result.Refused = append(c.result.Refused, name)
	}
	regs.Rax, regs.OrigRax = result, ^uint64(0)
	return nil
}

// trap answers the instructions that the recorder had trapped, as a processor
// without any features: for it, code takes its plainest way.
func (c *calling) trap(a *arrival) bool {
	if a.wild || unix.Signal(a.info.Number()) != unix.SIGSEGV || a.info.Code() != siKernel {
		return false
	}
	regs := &c.t.regs
	inst, ok := instructionAt(c.k.stopped, regs.Rip)
	if !ok || inst.Encoding != x86.Legacy || inst.Map != x86.Map0F {
		return false
	}
	const rdtsc, cpuid, group7, rdtscp = 0x31, 0xa2, 0x01, 0xf9 // rdtscp is the ModRM byte
	switch {
	case inst.Opcode == cpuid:
		regs.Rax, regs.Rbx, regs.Rcx, regs.Rdx = 0, 0, 0, 0
	case inst.Opcode == rdtsc, inst.Opcode == group7 && inst.ModRM == rdtscp:
		now := c.now()
		regs.Rax, regs.Rdx = now&0xffffffff, now>>32
		if inst.Opcode == group7 {
			regs.Rcx = 0 // the first CPU
		}
	default:
		return false
	}
	regs.Rip += uint64(inst.Len)
	regs.Eflags &^= resumeFlag
	return true
}
