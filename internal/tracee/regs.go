package tracee

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Regs are the general registers of a thread, laid out as the kernel's
// struct user_regs_struct (arch/x86/include/asm/user_64.h), so that ptrace
// reads and writes them in place.
type Regs struct {
	R15, R14, R13, R12 uint64
	Rbp, Rbx           uint64
	R11, R10, R9, R8   uint64
	Rax, Rcx, Rdx      uint64
	Rsi, Rdi           uint64
	OrigRax            uint64
	Rip, Cs, Eflags    uint64
	Rsp, Ss            uint64
	FsBase, GsBase     uint64
	Ds, Es, Fs, Gs     uint64
}

// NumRegs is the number of 64-bit words in Regs.
const NumRegs = int(unsafe.Sizeof(Regs{}) / 8)

// RegNames are the names of the words of Regs, in their order.
var RegNames = [NumRegs]string{
	"r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8",
	"rax", "rcx", "rdx", "rsi", "rdi", "orig_rax", "rip", "cs", "eflags",
	"rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
}

// Words views the registers as an array, in the order of RegNames.
func (r *Regs) Words() *[NumRegs]uint64 {
	return (*[NumRegs]uint64)(unsafe.Pointer(r))
}

// General are the general registers in the order of their numbers in
// instructions, and rip.
func (r *Regs) General() [17]uint64 {
	return [17]uint64{
		r.Rax, r.Rcx, r.Rdx, r.Rbx, r.Rsp, r.Rbp, r.Rsi, r.Rdi, r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15, r.Rip,
	}
}

// Args returns the arguments of the system call that the registers hold.
func (r *Regs) Args() [6]uint64 {
	return [6]uint64{r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9}
}

// SetArg changes argument i (0 to 5) of a system call.
func (r *Regs) SetArg(i int, v uint64) {
	*[6]*uint64{&r.Rdi, &r.Rsi, &r.Rdx, &r.R10, &r.R8, &r.R9}[i] = v
}

// RestartBlock is ERESTART_RESTARTBLOCK, the last of the results with which the
// kernel asks itself to make an interrupted call again
// (include/linux/errno.h). A tracer sees them, the program never does.
const RestartBlock = -516

// IsRestart reports whether a call's result is one of these; the first is
// ERESTARTSYS.
func IsRestart(result int64) bool { return result >= RestartBlock && result <= -512 }

// Diff names the first register that differs, with both values. It returns
// "" when the registers are equal.
func (r *Regs) Diff(want *Regs) (name string, got, wanted uint64) {
	if *r == *want {
		return "", 0, 0
	}
	g, w := r.Words(), want.Words()
	for i := range g {
		if g[i] != w[i] {
			return RegNames[i], g[i], w[i]
		}
	}
	return "", 0, 0
}

// String shows the registers that matter most in a message.
func (r *Regs) String() string {
	return fmt.Sprintf("rip=%#x rsp=%#x rax=%#x orig_rax=%d", r.Rip, r.Rsp, r.Rax, int64(r.OrigRax))
}

// The kernel's layout and ours must be the same.
var _ [unsafe.Sizeof(unix.PtraceRegs{}) - unsafe.Sizeof(Regs{})]struct{}
var _ [unsafe.Sizeof(Regs{}) - unsafe.Sizeof(unix.PtraceRegs{})]struct{}
