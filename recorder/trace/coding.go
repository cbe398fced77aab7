package trace

import "stepback/internal/tracee"

// An event in a frame is its kind, its flags, and the parts that the flags
// announce, in the order of the flags below.
const (
	flagSameThread uint16 = 1 << iota // TID is that of the event before; else a delta
	flagVector                        // Vector is not zero
	flagNewVector                     // ... and not the thread's latest one: 8 bytes
	flagAtCall                        // Before has what the syscall instruction makes of it
	flagAfterRax                      // After is Before but for Rax
	flagAfter                         // After differs otherwise
	flagXState
	flagOps
	flagWrites
	flagSignal
	flagThread
	flagExit
	flagEvidence
	flagRefused // has no part

	flagsEnd
)

// Limits that the writer keeps and the reader enforces, so that no damaged or
// hostile log makes the reader allocate much more than the log's own size.
const (
	maxItems        = 1 << 20 // ops or writes of an event, pages, arguments
	maxFrameThreads = 4096    // threads with events in one frame
	maxEventSize    = maxRaw - frameCut
)

// enosys is what Rax holds on arrival at a system call: -ENOSYS.
const enosys = ^uint64(38) + 1

// The words of tracee.Regs that the syscall instruction and the kernel's
// entry code determine: Rcx is the return address, R11 the flags.
const (
	wordR11 = 6
	wordRax = 10
	wordRcx = 11
)

// atCall reports whether Rax, Rcx and R11 follow from the other registers.
func atCall(r *tracee.Regs) bool {
	return r.Rax == enosys && r.Rcx == r.Rip && r.R11 == r.Eflags
}

// The fields of an Op, as bits of a mask of those that are not zero.
const (
	opAddr uint64 = 1 << iota // delta to the end of the range of the op before
	opLen
	opProt
	opFlags
	opObject
	opOffset
	opNewAddr // delta to Addr
	opNewLen
	opBlob
	opData
	opSpace
	opName // since version 3

	opMaskEnd
)

// The head byte of a Write: what its address is a delta to, and what follows.
const (
	writeBaseMask = 1<<4 - 1
	writeDelta    = 1 << 4 // the address is not the base itself
	writeSpace    = 1 << 5
	writeBlob     = 1 << 6
	writeUnused   = 1 << 7
)

// numWriteBases is the number of places that addresses of writes are near to.
const numWriteBases = 8

// writeBase is place i: the thread's latest write or a register that may
// point to the buffer. Most system calls write where an argument points.
func writeBase(i int, t *threadState, r *tracee.Regs) uint64 {
	switch i {
	case 0:
		return r.Rsi
	case 1:
		return r.Rdi
	case 2:
		return r.Rdx
	case 3:
		return r.R10
	case 4:
		return r.R8
	case 5:
		return r.R9
	case 6:
		return t.write
	default:
		return r.Rsp
	}
}

// The bits of SignalInfo, ThreadInfo, ExitInfo and Evidence.
const (
	bitSynchronous = 1
	bitFork        = 1
	bitKilled      = 1
	bitLast        = 2
	bitExact       = 1
	bitWords       = 2
)

// zigzag maps small negative and positive deltas to small numbers.
func zigzag(d uint64) uint64   { return d<<1 ^ uint64(int64(d)>>63) }
func unzigzag(z uint64) uint64 { return z>>1 ^ -(z & 1) }
