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

// trap answers rdtsc, rdtscp and cpuid. done is false when the fault is the
// program's own.
func (r *recorder) trap(t *thread, info *tracee.SigInfo, regs *tracee.Regs) (done bool, err error) {
	const siKernel = 0x80
	if unix.Signal(info.Number()) != unix.SIGSEGV || info.Code() != siKernel {
		return false, nil
	}
	var op [3]byte
	if t.stopped.ReadSome(regs.Rip, op[:]) < 2 {
		return false, nil
	}
	after := *regs
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
		a, b, c, d := cpuid(uint32(regs.Rax), uint32(regs.Rcx))
		after.Rax, after.Rbx, after.Rcx, after.Rdx = uint64(a), uint64(b), uint64(c), uint64(d)
	default:
		return false, nil
	}
	e := r.begin(trace.Trap, t)
	e.Before, e.After = *regs, after
	e.Before.OrigRax = ^uint64(0)
	if e.Vector, r.xstate, err = t.stopped.VectorHash(r.xstate); err != nil {
		return true, err
	}
	if err := t.stopped.SetRegs(&after); err != nil {
		return true, err
	}
	r.append(t)
	return true, nil
}

// hidden are the bits taken out of cpuid, by leaf and register (Intel SDM
// volume 2, CPUID).
var hidden = map[[2]uint32]struct{ ebx, ecx, edx uint32 }{
	{1, 0}: {ecx: 1 << 30}, // RDRAND
	{7, 0}: {
		ebx: 1<<4 | 1<<11 | 1<<18, // HLE, RTM, RDSEED
		ecx: 1<<5 | 1<<7 | 1<<22,  // WAITPKG, CET_SS, RDPID
		edx: 1<<5 | 1<<11 | 1<<16, // UINTR, RTM_ALWAYS_ABORT, TSXLDTRK
	},
}

// cpuid is what the program is told: the truth without the hidden features.
func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32) {
	eax, ebx, ecx, edx = tracee.CPUID(leaf, sub)
	key := [2]uint32{leaf, sub}
	if leaf == 1 {
		key[1] = 0
	}
	h := hidden[key]
	return eax, ebx &^ h.ebx, ecx &^ h.ecx, edx &^ h.edx
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
