package tracee

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"
)

// xstatePart is a part of the standard form of XSAVE (Intel SDM volume 1, 13.4
// and 13.5), and whether a program's registers are in it.
type xstatePart struct {
	name       string
	start, end int
	register   bool
}

func xstateParts() []xstatePart {
	parts := []xstatePart{
		{"x87 control and status", 0, 4, true},
		{"x87 tags", 4, 5, true},
		{"reserved byte", 5, 6, false},
		{"last x87 opcode", 6, 8, false},
		{"last x87 instruction and data pointers", 8, 24, false},
		{"MXCSR", 24, 28, true},
		{"MXCSR mask", 28, 32, false},
		{"x87 registers", 32, 160, true},
		{"XMM registers", 160, 416, true},
		{"reserved bytes", 416, 464, false},
		{"the kernel's note", 464, 512, false},
		{"XCOMP_BV", 520, 528, false},
		{"rest of the header", 528, 576, false},
	}
	end := xExtended
	for _, c := range components() {
		if c.offset > end {
			parts = append(parts, xstatePart{"gap", end, c.offset, false})
		}
		end = c.offset + c.size
		parts = append(parts, xstatePart{fmt.Sprintf("component %d", bits.TrailingZeros64(c.bit)), c.offset, end, true})
	}
	return parts
}

// emptyXState has room for all components of this processor, and says that
// they are in use.
func emptyXState() XState {
	end, used := xExtended, uint64(3)
	for _, c := range components() {
		end, used = max(end, c.offset+c.size), used|c.bit
	}
	x := make(XState, end)
	binary.LittleEndian.PutUint64(x[xFeatures:], used)
	return x
}

// busyXState has content in every part.
func busyXState() XState {
	x := emptyXState()
	used := x.Features()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range x {
		x[i] = byte(rng.Uint32())
	}
	binary.LittleEndian.PutUint64(x[xFeatures:], used)
	return x
}

// The hash sees every register, and nothing else.
func TestXStateHash(t *testing.T) {
	x := busyXState()
	want := x.Hash()
	for _, p := range xstateParts() {
		step := 1 // all bits of the registers that all processors have, one of each other byte
		if p.start >= xExtended {
			step = 7
		}
		for bit := p.start * 8; bit < p.end*8; bit += step {
			x[bit/8] ^= 1 << (bit % 8)
			if got := x.Hash(); got != want != p.register {
				t.Errorf("%s, byte %d, bit %d: the hash changes: %v, want %v", p.name, bit/8, bit%8, got != want, p.register)
			}
			x[bit/8] ^= 1 << (bit % 8)
		}
	}
	if x.Hash() != want {
		t.Error("the same state has two hashes")
	}
}

// A state in which a single register is not zero differs from all other such.
func TestXStateHashKnowsPlaces(t *testing.T) {
	seen := map[uint64]int{}
	for _, p := range xstateParts() {
		if !p.register || p.start < xRegisters {
			continue
		}
		for at := p.start; at < p.end; at += 8 {
			x := emptyXState()
			x[at] = 1
			h := x.Hash()
			if other, ok := seen[h]; ok {
				t.Errorf("content at %d and at %d has the same hash", other, at)
			}
			seen[h] = at
		}
	}
}

// Whether the processor notes a register with its initial value as used or
// not, is nothing that a program sees.
func TestXStateHashIgnoresTracking(t *testing.T) {
	x := emptyXState()
	copy(x[160:], "some content of xmm0")
	want := x.Hash()
	all := x.Features()
	for _, c := range components() {
		binary.LittleEndian.PutUint64(x[xFeatures:], all&^c.bit)
		if got := x.Hash(); got != want {
			t.Errorf("without component %d, which is zero, the hash is %#x instead of %#x", bits.TrailingZeros64(c.bit), got, want)
		}
	}
}

func TestXStateHashIgnoresTrailingZeros(t *testing.T) {
	for _, c := range components() {
		x := busyXState()
		clear(x[c.offset:])
		want := x.Hash()
		if got := x[:c.offset].Hash(); got != want {
			t.Errorf("without the zeros from %d on %#x, with them %#x", c.offset, got, want)
		}
		if got := x.Trim().Hash(); got != want {
			t.Errorf("trimmed %#x, before %#x", got, want)
		}
		if got := append(x, make(XState, 8192)...).Hash(); got != want {
			t.Errorf("with more zeros %#x, without %#x", got, want)
		}
	}
}

func TestXStateHashIsNeverZero(t *testing.T) {
	for _, n := range []int{0, 1, xExtended - 1, xExtended, 2688} {
		if make(XState, n).Hash() == 0 {
			t.Errorf("the hash of %d zeros is 0, which means none", n)
		}
	}
}

func TestXStateTrim(t *testing.T) {
	const end = 2688
	x := make(XState, end)
	tests := []struct {
		last, want int // of the bytes that are not zero; -1 for none
	}{
		{-1, xExtended}, {0, xExtended}, {xExtended - 1, xExtended}, {xExtended, xExtended + 1}, {1000, 1001}, {end - 1, end},
	}
	for _, tt := range tests {
		clear(x)
		if tt.last >= 0 {
			x[tt.last] = 1
		}
		if got := len(x.Trim()); got != tt.want {
			t.Errorf("last content at %d: %d bytes remain, want %d", tt.last, got, tt.want)
		}
	}
	if got := len(make(XState, 100).Trim()); got != 100 {
		t.Errorf("what is shorter than the header became %d bytes", got)
	}
}

func TestXStateFeatures(t *testing.T) {
	x := make(XState, xExtended)
	binary.LittleEndian.PutUint64(x[512:], 0xe7)
	if got := x.Features(); got != 0xe7 {
		t.Errorf("Features() = %#x, want 0xe7", got)
	}
	if got := x[:xExtended-1].Features(); got != 0 {
		t.Errorf("Features() of half a header = %#x", got)
	}
}

// What is written to a thread is what it has, whether all of it is read or
// only what comes before the tiles of AMX.
func TestXStateOfAThread(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		x, err := stub.XState(nil)
		if err != nil {
			return err
		}
		fresh := x.Hash()
		binary.LittleEndian.PutUint64(x[512:], x.Features()|3) // x87 and SSE are in use
		binary.LittleEndian.PutUint16(x[0:], 0x37f)
		binary.LittleEndian.PutUint32(x[24:], 0x1f80)
		copy(x[160:], "sixteen bytes in")
		wrote := append(XState(nil), x...)
		if err := stub.SetXState(wrote.Trim()); err != nil {
			return err
		}
		if wrote.Hash() == fresh {
			t.Error("the hash does not see xmm0")
		}
		hash, buf, err := stub.VectorHash(nil)
		if err != nil || hash != wrote.Hash() {
			t.Errorf("a full read has hash %#x, %v; want %#x", hash, err, wrote.Hash())
		}
		if hash, _, err = stub.VectorHash(buf); err != nil || hash != wrote.Hash() {
			t.Errorf("a short read has hash %#x, %v; want %#x", hash, err, wrote.Hash())
		}
		got, err := stub.XState(x)
		if err != nil {
			return err
		}
		if !bytes.Equal(got[xRegisters:xLegacyEnd], wrote[xRegisters:xLegacyEnd]) || !bytes.Equal(got[xExtended:], wrote[xExtended:]) {
			t.Error("the thread has other registers than were written")
		}
		if err := s.withCopy(stub, func(c Stopped) error {
			h, _, err := c.VectorHash(buf)
			if h != hash {
				t.Errorf("a forked copy has hash %#x, want %#x", h, hash)
			}
			return err
		}); err != nil {
			return err
		}
		// A processor cannot load a header with unknown components.
		binary.LittleEndian.PutUint64(wrote[520:], 1<<62)
		if err := stub.SetXState(wrote); err == nil {
			t.Error("an impossible header is accepted")
		}
		return nil
	})
}

// withCopy runs f with a fork of the stub.
func (s *Session) withCopy(stub Stopped, f func(Stopped) error) error {
	c, err := s.Engine(stub).Fork()
	if err != nil {
		return err
	}
	if err := f(c); err != nil {
		return err
	}
	return s.Engine(c).Kill()
}

// In a session cpuid faults, yet the session can ask.
func TestCPUIDInASession(t *testing.T) {
	needPtrace(t)
	_, b, c, d := CPUID(0, 0)
	err := Run(func(*Session) error {
		if _, b2, c2, d2 := CPUID(0, 0); b != b2 || c != c2 || d != d2 {
			t.Errorf("CPUID(0) is %x %x %x in a session, %x %x %x outside", b2, c2, d2, b, c, d)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if XCR0()&3 != 3 {
		t.Errorf("XCR0 = %#x lacks x87 or SSE", XCR0())
	}
	if first, second := TSC(), TSC(); second < first {
		t.Errorf("time goes back from %d to %d", first, second)
	}
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) == nil && set.Count() == 0 {
		t.Error("the session left its affinity behind")
	}
}
