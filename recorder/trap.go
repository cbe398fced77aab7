package recorder

import (
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// Instructions that are made to fault so that the recorder answers them.
var (
	opRdtsc  = [3]byte{0x0f, 0x31}
	opRdtscp = [3]byte{0x0f, 0x01, 0xf9}
	opCpuid  = [3]byte{0x0f, 0xa2}
)

// Values of si_code (include/uapi/asm-generic/siginfo.h).
const (
	siKernel   = 0x80 // SI_KERNEL
	sysSeccomp = 1    // SYS_SECCOMP
	// atExit is what the kernel tells at the stop of a thread that ends.
	atExit = unix.PTRACE_EVENT_EXIT<<8 | int(unix.SIGTRAP)
)

// trap answers rdtsc, rdtscp and cpuid. done is false when the fault is the
// program's own.
func (r *recorder) trap(t *thread, info *tracee.SigInfo, regs *tracee.Regs) (done bool, err error) {
	if unix.Signal(info.Number()) == unix.SIGSYS && info.Code() == sysSeccomp {
		return true, r.gate32(t, regs)
	}
	if unix.Signal(info.Number()) != unix.SIGSEGV || info.Code() != siKernel {
		return false, nil
	}
	var code [15]byte // the longest instruction
	n := t.stopped.ReadSome(regs.Rip, code[:])
	prefixes := 0
	for prefixes < n && isPrefix(code[prefixes]) {
		prefixes++
	}
	var op [3]byte
	if copy(op[:], code[prefixes:n]) < 2 {
		return false, nil
	}
	after := *regs
	after.Rip += uint64(prefixes)
	after.OrigRax = ^uint64(0)
	two := [3]byte{op[0], op[1]}
	switch {
	case two == opRdtsc, op == opRdtscp:
		after.Rip += 2
		tsc := tracee.TSC()
		after.Rax, after.Rdx = tsc&0xffffffff, tsc>>32
		if op == opRdtscp {
			after.Rip++
			after.Rcx = uint64(r.s.CPU())
		}
	case two == opCpuid:
		after.Rip += 2
		a := r.cpuid(uint32(regs.Rax), uint32(regs.Rcx))
		after.Rax, after.Rbx, after.Rcx, after.Rdx = uint64(a[0]), uint64(a[1]), uint64(a[2]), uint64(a[3])
	default:
		return false, nil
	}
	return true, r.trapped(t, regs, &after, false)
}

// isPrefix reports whether the byte is a legacy or REX prefix, which means
// nothing before these instructions.
func isPrefix(b byte) bool {
	switch b {
	case 0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65:
		return true
	}
	return b&0xf0 == 0x40
}

// gate32 answers a system call through the 32-bit gate (int 0x80), which the
// filter has turned into a signal.
func (r *recorder) gate32(t *thread, regs *tracee.Regs) error {
	const name = "int 0x80 (a 32-bit system call)"
	r.refused[name]++
	r.warn("%s cannot be recorded; it answers ENOSYS to the program", name)
	after := *regs
	after.OrigRax = ^uint64(0)
	after.Rax = ^uint64(unix.ENOSYS) + 1
	return r.trapped(t, regs, &after, true)
}

// trapped writes the event of an instruction that the recorder has answered.
func (r *recorder) trapped(t *thread, before, after *tracee.Regs, refused bool) (err error) {
	e := r.begin(trace.Trap, t)
	after.Eflags &^= resumeFlag // which the fault has set
	e.Before, e.After, e.Refused = *before, *after, refused
	e.Before.OrigRax = ^uint64(0)
	if e.Vector, r.xstate, err = t.stopped.VectorHash(r.xstate); err != nil {
		return err
	}
	if err := t.stopped.SetRegs(after); err != nil {
		return err
	}
	r.append(t)
	if after.Eflags&trapFlag != 0 {
		return r.stepTrap(t, after)
	}
	return nil
}

// trapFlag is TF: the program single-steps itself.
const trapFlag = 1 << 8

// stepTrap delivers the SIGTRAP that follows an instruction under the trap
// flag. t stands at the signal of the instruction that the recorder answered.
func (r *recorder) stepTrap(t *thread, regs *tracee.Regs) error {
	info := tracee.FaultInfo(unix.SIGTRAP, tracee.TrapStep, regs.Rip)
	if err := t.stopped.SetSigInfo(&info); err != nil {
		return err
	}
	sets, err := signalSetsOf(t.tid)
	if err != nil {
		return err
	}
	return r.deliver(t, &info, regs, sets.disposition(unix.SIGTRAP), &trace.Evidence{Exact: true})
}

type hiddenBits struct{ ebx, ecx, edx uint32 }

// hidden are the bits taken out of cpuid, by leaf and register (Intel SDM
// volume 2, CPUID); leaf 7 in its subleaf 0.
var hidden = map[uint32]hiddenBits{
	1: {ecx: 1 << 30}, // RDRAND
	7: {
		ebx: 1<<4 | 1<<11 | 1<<18, // HLE, RTM, RDSEED
		ecx: 1<<5 | 1<<7 | 1<<22,  // WAITPKG, CET_SS, RDPID
		edx: 1<<5 | 1<<11 | 1<<16, // UINTR, RTM_ALWAYS_ABORT, TSXLDTRK
	},
}

// cpuid is what the program is told: the truth without the hidden features. A
// leaf is asked for once: in a virtual machine the answer takes long.
func (r *recorder) cpuid(leaf, sub uint32) [4]uint32 {
	key := [2]uint32{leaf, sub}
	if a, ok := r.leaves[key]; ok {
		return a
	}
	eax, ebx, ecx, edx := tracee.CPUID(leaf, sub)
	h := hidden[leaf]
	if leaf == 7 && sub != 0 {
		h = hiddenBits{}
	}
	a := [4]uint32{eax, ebx &^ h.ebx, ecx &^ h.ecx, edx &^ h.edx}
	r.leaves[key] = a
	return a
}

// trapInstructions makes rdtsc and cpuid fault in the process. A processor
// that cannot trap cpuid keeps showing its real features.
func (r *recorder) trapInstructions(rc *tracee.Remote) error {
	if _, err := rc.Call(unix.SYS_PRCTL, unix.PR_SET_TSC, unix.PR_TSC_SIGSEGV); err != nil {
		return fmt.Errorf("trapping rdtsc: %w", err)
	}
	_, err := rc.Call(unix.SYS_ARCH_PRCTL, tracee.ArchSetCPUID, 0)
	if err == unix.ENODEV {
		return nil
	}
	if err != nil {
		return fmt.Errorf("trapping cpuid: %w", err)
	}
	return nil
}
