package tracee

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The offset of u_debugreg in struct user (arch/x86/include/asm/user_64.h),
// and those of the registers that control and report.
const (
	debugRegister = 848
	dr6           = debugRegister + 6*8
	dr7           = debugRegister + 7*8
)

// SetBreakpoint makes the thread stop with SIGTRAP (code TrapHardware) before
// it executes the instruction at addr; its memory is not changed. 0 takes the
// breakpoint away. It uses debug register 0 (Intel SDM volume 3, 18.2).
func (s Stopped) SetBreakpoint(addr uint64) error {
	// The kernel refuses to enable a register that holds a bad address, and
	// to give an enabled one such an address.
	e := s.ptrace(unix.PTRACE_POKEUSR, dr7, 0)
	if e == 0 && addr != 0 {
		if e = s.ptrace(unix.PTRACE_POKEUSR, debugRegister, uintptr(addr)); e == 0 {
			e = s.ptrace(unix.PTRACE_POKEUSR, dr7, 1) // local, execution
		}
	}
	return s.err("setting a breakpoint", e)
}

// Watchpoint is memory whose accesses stop a thread behind the instruction that
// made them, with SIGTRAP (code TrapHardware).
type Watchpoint struct {
	Addr  uint64 // a multiple of Len
	Len   int    // 1, 2, 4 or 8
	Reads bool   // reads as well as writes
}

// Watchpoints is how many a thread can have.
const Watchpoints = 4

// SetWatchpoints gives the thread these watchpoints, at most Watchpoints, in the place of
// those before (Intel SDM volume 3, 18.2.4). It has no breakpoint then.
func (s Stopped) SetWatchpoints(list []Watchpoint) error {
	const writes, both = 1, 3
	lengths := map[int]uintptr{1: 0, 2: 1, 4: 3, 8: 2}
	e := s.ptrace(unix.PTRACE_POKEUSR, dr7, 0)
	control := uintptr(0)
	for i, w := range list {
		if e == 0 {
			e = s.ptrace(unix.PTRACE_POKEUSR, debugRegister+uintptr(i)*8, uintptr(w.Addr))
		}
		kind := uintptr(writes)
		if w.Reads {
			kind = both
		}
		control |= 1<<(2*i) | (kind|lengths[w.Len]<<2)<<(16+4*i)
	}
	if e == 0 && control != 0 {
		e = s.ptrace(unix.PTRACE_POKEUSR, dr7, control)
	}
	return s.err(fmt.Sprintf("setting %d watchpoints", len(list)), e)
}

// TakeWatched tells which watchpoints were accessed since the last call, a bit for each.
func (s Stopped) TakeWatched() (uint, error) {
	var status uintptr
	e := s.ptrace(unix.PTRACE_PEEKUSR, dr6, uintptr(unsafe.Pointer(&status)))
	if e == 0 {
		e = s.ptrace(unix.PTRACE_POKEUSR, dr6, 0)
	}
	return uint(status & 0xf), s.err("reading the watchpoints' status", e)
}

// TrapHardware is the code of the SIGTRAP of a debug register
// (include/uapi/asm-generic/siginfo.h).
const TrapHardware = 4

// TrapStep is the code of the SIGTRAP after a single step.
const TrapStep = 2
