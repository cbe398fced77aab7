package tracee

import "golang.org/x/sys/unix"

// debugRegister is the offset of u_debugreg in struct user
// (arch/x86/include/asm/user_64.h).
const debugRegister = 848

// SetBreakpoint makes the thread stop with SIGTRAP (code TrapHardware) before
// it executes the instruction at addr; its memory is not changed. 0 takes the
// breakpoint away. It uses debug register 0 (Intel SDM volume 3, 18.2).
func (s Stopped) SetBreakpoint(addr uint64) error {
	const dr0, dr7 = debugRegister, debugRegister + 7*8
	// The kernel refuses to enable a register that holds a bad address, and
	// to give an enabled one such an address.
	e := s.ptrace(unix.PTRACE_POKEUSR, dr7, 0)
	if e == 0 && addr != 0 {
		if e = s.ptrace(unix.PTRACE_POKEUSR, dr0, uintptr(addr)); e == 0 {
			e = s.ptrace(unix.PTRACE_POKEUSR, dr7, 1) // local, execution
		}
	}
	return s.err("setting a breakpoint", e)
}

// TrapHardware is the code of the SIGTRAP of a debug register
// (include/uapi/asm-generic/siginfo.h).
const TrapHardware = 4

// TrapStep is the code of the SIGTRAP after a single step.
const TrapStep = 2
