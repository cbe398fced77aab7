package recorder

import (
	"fmt"
	"testing"

	"stepback/internal/tracee"
)

// The program sees the processor without what cannot be replayed.
func TestCPUIDHides(t *testing.T) {
	const eax, ebx, ecx, edx = 0, 1, 2, 3
	tests := []struct {
		feature   string
		leaf, sub uint32
		register  int
		bit       uint
	}{
		{"RDRAND", 1, 0, ecx, 30},
		{"HLE", 7, 0, ebx, 4},
		{"RTM", 7, 0, ebx, 11},
		{"RDSEED", 7, 0, ebx, 18},
		{"WAITPKG", 7, 0, ecx, 5},
		{"CET_SS", 7, 0, ecx, 7},
		{"RDPID", 7, 0, ecx, 22},
		{"UINTR", 7, 0, edx, 5},
		{"RTM_ALWAYS_ABORT", 7, 0, edx, 11},
		{"TSXLDTRK", 7, 0, edx, 16},
	}
	type word struct {
		leaf, sub uint32
		register  int
	}
	hides := map[word]uint32{}
	r := newRecorder(Config{}, nil)
	for _, tt := range tests {
		hides[word{tt.leaf, tt.sub, tt.register}] |= 1 << tt.bit
		if got := r.cpuid(tt.leaf, tt.sub)[tt.register]; got>>tt.bit&1 != 0 {
			t.Errorf("%s is shown", tt.feature)
		}
	}
	// All else is the truth; but not what depends on the CPU that asks.
	volatile := map[word]uint32{{1, 0, ebx}: 0xff << 24, {1, 0, ecx}: 1 << 27}
	for _, leaf := range []uint32{0, 1, 2, 4, 7, 0x80000000, 0x80000001, 0x80000002} {
		for sub := range uint32(2) {
			a, b, c, d := tracee.CPUID(leaf, sub)
			got := r.cpuid(leaf, sub)
			for reg, want := range [4]uint32{a, b, c, d} {
				w := word{leaf, sub, reg}
				if leaf == 1 {
					w.sub = 0 // it has no subleaves
				}
				if ignore := volatile[w]; got[reg]&^ignore != want&^hides[w]&^ignore {
					t.Errorf("leaf %#x, subleaf %d, register %d is %#x, want %#x without %#x", leaf, sub, reg, got[reg], want, hides[w])
				}
			}
		}
	}
}

// A leaf is asked for once: later answers come from memory.
func TestCPUIDAsksOnce(t *testing.T) {
	r := newRecorder(Config{}, nil)
	r.leaves[[2]uint32{7, 0}] = [4]uint32{1, 2, 3, 4}
	if got := fmt.Sprint(r.cpuid(7, 0)); got != "[1 2 3 4]" {
		t.Errorf("the second answer is %s", got)
	}
	first := r.cpuid(0, 0)
	if r.leaves[[2]uint32{0, 0}] != first {
		t.Error("an answer is not kept")
	}
}
