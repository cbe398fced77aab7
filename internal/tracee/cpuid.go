package tracee

func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)
func xgetbv0() uint64
func rdtsc() uint64

// CPUID asks this processor (Intel SDM volume 2, CPUID). In a session's thread
// cpuid faults as it does in the tracees, so another thread asks.
func CPUID(leaf, sub uint32) (eax, ebx, ecx, edx uint32) {
	done := make(chan struct{})
	go func() {
		eax, ebx, ecx, edx = cpuid(leaf, sub)
		close(done)
	}()
	<-done
	return eax, ebx, ecx, edx
}

// XCR0 are the XSAVE components that the operating system enabled.
func XCR0() uint64 {
	if _, _, ecx, _ := CPUID(1, 0); ecx&(1<<27) == 0 { // OSXSAVE
		return 3
	}
	return xgetbv0()
}

// ArchSetCPUID is the arch_prctl that makes cpuid fault, ARCH_SET_CPUID
// (arch/x86/include/uapi/asm/prctl.h).
const ArchSetCPUID = 0x1012

// TSC reads the time stamp counter.
func TSC() uint64 { return rdtsc() }
