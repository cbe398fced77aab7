package tracee

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"
)

// xstateParts are the parts of the standard form of XSAVE (Intel SDM volume 1,
// 13.4 and 13.5) up to Hi16_ZMM, and whether a program's registers are in them.
var xstateParts = []struct {
	name       string
	start, end int
	register   bool
}{
	{"x87 control and status", 0, 4, true},
	{"x87 tags", 4, 5, true},
	{"reserved", 5, 6, false},
	{"last x87 opcode", 6, 8, false},
	{"last x87 instruction and data pointers", 8, 24, false},
	{"MXCSR", 24, 28, true},
	{"MXCSR mask", 28, 32, false},
	{"x87 registers", 32, 160, true},
	{"XMM registers", 160, 416, true},
	{"reserved", 416, 464, false},
	{"the kernel's note", 464, 512, false},
	{"header", 512, 576, false},
	{"YMM high halves", 576, 832, true},
	{"MPX", 960, 1088, true},
	{"opmask", 1088, 1152, true},
	{"ZMM high halves", 1152, 1664, true},
	{"ZMM16 to ZMM31", 1664, 2688, true},
}

const xstateEnd = 2688

// busyXState has content in every part.
func busyXState() XState {
	x := make(XState, xstateEnd)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range x {
		x[i] = byte(rng.Uint32())
	}
	return x
}

// The hash sees each bit of every register, and nothing else.
func TestXStateHash(t *testing.T) {
	x := busyXState()
	want := x.Hash()
	for _, p := range xstateParts {
		for bit := p.start * 8; bit < p.end*8; bit++ {
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
	for at := 160; at < xstateEnd; at += 16 {
		if at >= 416 && at < 832 {
			continue // not all of it is state; see the report of TestXStateHash
		}
		x := make(XState, xstateEnd)
		x[at] = 1
		h := x.Hash()
		if other, ok := seen[h]; ok {
			t.Errorf("content at %d and at %d has the same hash", other, at)
		}
		seen[h] = at
	}
}

func TestXStateHashIgnoresTrailingZeros(t *testing.T) {
	x := busyXState()
	clear(x[1152:])
	want := x.Hash()
	if got := x[:1152].Hash(); got != want {
		t.Errorf("without zeros %#x, with %#x", got, want)
	}
	if got := append(x, make(XState, 8192)...).Hash(); got != want {
		t.Errorf("with the zeros of AMX %#x, without %#x", got, want)
	}
}

func TestXStateHashIsNeverZero(t *testing.T) {
	for _, n := range []int{0, 1, xExtended - 1, xExtended, xstateEnd} {
		if make(XState, n).Hash() == 0 {
			t.Errorf("the hash of %d zeros is 0, which means none", n)
		}
	}
}

func TestXStateTrim(t *testing.T) {
	x := make(XState, xstateEnd)
	tests := []struct {
		last, want int // of the bytes that are not zero; -1 for none
	}{
		{-1, xExtended}, {0, xExtended}, {xExtended - 1, xExtended}, {xExtended, xExtended + 1}, {1000, 1001}, {xstateEnd - 1, xstateEnd},
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
