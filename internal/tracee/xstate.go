package tracee

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// XState is the vector state of a thread in the layout of the regset
// NT_X86_XSTATE: the standard, non-compacted form of XSAVE (Intel SDM volume
// 1, 13.4), with the kernel's note of the enabled components in the bytes
// reserved for software.
type XState []byte

// Offsets in an XState.
const (
	xStatus     = 2   // of the x87 unit, 2 bytes, then its tags, 1 byte
	xMxcsr      = 24  // MXCSR, 4 bytes
	xRegisters  = 32  // x87 and XMM registers, up to 416
	xXMM        = 160 // XMM registers, 16 bytes each
	xLegacyEnd  = 416 // the rest of the legacy area is not state
	xXCR0       = 464 // kernel's note: enabled components
	xFeatures   = 512 // XSTATE_BV: components not in their initial configuration
	xExtended   = 576 // first extended component
	ntX86XState = 0x202
)

// featureSSE is the component of the XMM registers in XSTATE_BV.
const featureSSE = 1 << 1

// amxMask are the components of AMX: 17 XTILECFG and 18 XTILEDATA.
const amxMask = 1<<17 | 1<<18

// Features is XSTATE_BV: the components that are not in their initial configuration.
func (x XState) Features() uint64 {
	if len(x) < xExtended {
		return 0
	}
	return le64(x[xFeatures:])
}

// Vector is vector register i, 0 to 31, and Mask mask register i, as far as the processor
// has them (Intel SDM volume 1, 13.5).
func (x XState) Vector(i int) (v [64]byte) {
	if i < 16 {
		copy(v[:16], x.part(featureSSE, xXMM+16*i, 16))
		copy(v[16:32], x.component(2, 16*i, 16))
		copy(v[32:], x.component(6, 32*i, 32))
	} else {
		copy(v[:], x.component(7, 64*(i-16), 64))
	}
	return v
}

func (x XState) Mask(i int) (v uint64) {
	if b := x.component(5, 8*i, 8); b != nil {
		v = le64(b)
	}
	return v
}

// component is a part of extended component number n, nil when that is in its
// initial configuration: zeros.
func (x XState) component(n, from, size int) []byte {
	for _, c := range components() {
		if c.bit == 1<<n {
			return x.part(c.bit, c.offset+from, size)
		}
	}
	return nil
}

func (x XState) part(feature uint64, from, size int) []byte {
	if x.Features()&feature == 0 || from+size > len(x) {
		return nil
	}
	return x[from : from+size]
}

// Double is the number in the low half of XMM register i.
func (x XState) Double(i int) float64 { return math.Float64frombits(le64(x[xXMM+16*i:])) }

// SetDouble changes it.
func (x XState) SetDouble(i int, v float64) {
	binary.LittleEndian.PutUint64(x[xXMM+16*i:], math.Float64bits(v))
	x[xFeatures] |= featureSSE
}

// EmptyX87 makes the stack of the x87 unit empty, as a function expects it.
func (x XState) EmptyX87() { clear(x[xStatus : xStatus+3]) }

// Hash is a hash of the state that a program can see change: the values of
// all registers, whichever components the processor happens to track as
// modified, without the last x87 instruction and data pointers (in translated
// code they are the translator's). It is never 0.
//
// Components in their initial configuration are zeros, which leave no trace in
// the hash, so they are skipped.
func (x XState) Hash() uint64 {
	if len(x) < xExtended {
		return 1
	}
	h := uint64(le32(x[0:]))<<32 | uint64(le32(x[xMxcsr:]))
	h = h*0x9e3779b97f4a7c15 + uint64(x[4]) // the tag word
	h = hashWords(h, x, xRegisters, xLegacyEnd)
	features := x.Features()
	for _, c := range components() {
		if features&c.bit != 0 {
			h = hashWords(h, x, c.offset, min(c.offset+c.size, len(x)))
		}
	}
	if h == 0 {
		return 1
	}
	return h
}

// component is an extended component of the state.
type component struct {
	bit          uint64
	offset, size int
}

// components are the extended components that this processor's state has, in
// the order of their places (Intel SDM volume 1, 13.5: CPUID leaf 0DH). The
// layout is the same on all processors of a maker.
var components = sync.OnceValue(func() []component {
	var list []component
	for i := uint32(2); i < 63; i++ {
		if size, offset, _, _ := CPUID(0xd, i); size != 0 && offset >= xExtended {
			list = append(list, component{1 << i, int(offset), int(size)})
		}
	}
	slices.SortFunc(list, func(a, b component) int { return a.offset - b.offset })
	return list
})

// hashWords folds x[from:to] into h in blocks of 32 bytes. Blocks of zeros
// leave no trace but in the position of what follows them. A last part of a
// block (PKRU has 8 bytes) is folded alone.
func hashWords(h uint64, x XState, from, to int) uint64 {
	const k0, k1 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	for i := from; i < to; i += 32 {
		var w *[4]uint64
		if i+32 <= to {
			w = (*[4]uint64)(unsafe.Pointer(&x[i]))
		} else {
			var last [32]byte
			copy(last[:], x[i:to])
			w = (*[4]uint64)(unsafe.Pointer(&last))
		}
		if w[0]|w[1]|w[2]|w[3] == 0 {
			continue
		}
		hi, lo := bits.Mul64(w[0]^h^uint64(i), w[1]^k0)
		hi2, lo2 := bits.Mul64(w[2]^k1, w[3]^h^k0)
		h = (hi ^ lo) + bits.RotateLeft64(hi2^lo2, 29) + k1
	}
	return h
}

// Trim cuts trailing zero bytes, keeping the header, for storing.
func (x XState) Trim() XState {
	n := len(x)
	for n >= xExtended+8 && le64(x[n-8:]) == 0 {
		n -= 8
	}
	for n > xExtended && x[n-1] == 0 {
		n--
	}
	return x[:n]
}

// xstateSize is the size of the state with all components that the system
// enabled, and xstateShort that without the AMX tiles, 8 KB, which come last
// and are seldom in use.
var (
	xstateSize = sync.OnceValue(func() int {
		_, size, _, _ := CPUID(0xd, 0)
		return max(int(size), xExtended)
	})
	xstateShort = sync.OnceValue(func() int {
		short := xstateSize()
		for _, c := range components() {
			if c.bit&amxMask != 0 {
				short = min(short, c.offset)
			}
		}
		return short
	})
)

func (s Stopped) xstate(buf []byte) (int, unix.Errno) {
	iov := unix.Iovec{Base: &buf[0], Len: uint64(len(buf))}
	e := s.ptrace(unix.PTRACE_GETREGSET, ntX86XState, uintptr(unsafe.Pointer(&iov)))
	return int(iov.Len), e
}

// XState reads the whole vector state into buf, which grows as needed.
func (s Stopped) XState(buf XState) (XState, error) {
	if size := xstateSize(); cap(buf) < size {
		buf = make(XState, size)
	}
	n, e := s.xstate(buf[:xstateSize()])
	return buf[:n], s.err("reading the vector state", e)
}

// VectorHash is the Hash of the thread's vector state. buf is working space
// from an earlier call.
func (s Stopped) VectorHash(buf XState) (uint64, XState, error) {
	if cap(buf) < xstateSize() {
		buf = make(XState, xstateSize())
	}
	buf = buf[:xstateShort()]
	n, e := s.xstate(buf)
	if e != 0 {
		return 0, buf, s.err("reading the vector state", e)
	}
	if buf.Features()&amxMask == 0 {
		return buf[:n].Hash(), buf, nil
	}
	full, err := s.XState(buf)
	if err != nil {
		return 0, buf, err
	}
	return full.Hash(), full, nil
}

// SetXState writes the vector state; x may have been trimmed.
func (s Stopped) SetXState(x XState) error {
	full := make(XState, xstateSize())
	if len(x) > len(full) {
		full = make(XState, len(x))
	}
	copy(full, x)
	iov := unix.Iovec{Base: &full[0], Len: uint64(len(full))}
	return s.err("writing the vector state", s.ptrace(unix.PTRACE_SETREGSET, ntX86XState, uintptr(unsafe.Pointer(&iov))))
}
