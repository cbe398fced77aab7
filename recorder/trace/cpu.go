package trace

import (
	"bufio"
	"os"
	"slices"
	"strings"

	"stepback/internal/tracee"
)

// ThisCPU describes the processor that this runs on.
func ThisCPU() CPU {
	c := CPU{XCR0: tracee.XCR0()}
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return c
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() && lines.Text() != "" { // the first processor; all are alike
		key, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "vendor_id":
			c.Vendor = value
		case "model name":
			c.Model = value
		case "flags":
			c.Features = strings.Fields(value)
		}
	}
	_, enabled, _, _ := tracee.CPUID(0xd, 0) // size for the components in XCR0
	c.XStateSize = int(enabled)
	return c
}

// CPUIDLeaves asks for all that cpuid tells here (Intel SDM volume 2, CPUID).
func CPUIDLeaves() [][6]uint32 {
	const maxLeaves, maxSubleaves = 64, 32
	// The leaves whose answer depends on the subleaf in ecx.
	indexed := []uint32{4, 7, 0xb, 0xd, 0xf, 0x10, 0x12, 0x14, 0x17, 0x18, 0x1d, 0x1e, 0x1f, 0x20, 0x24, 0x8000001d, 0x80000026}
	var list [][6]uint32
	for _, first := range []uint32{0, 0x80000000} {
		last, _, _, _ := tracee.CPUID(first, 0)
		for leaf := first; leaf <= last && leaf < first+maxLeaves; leaf++ {
			subleaves := uint32(1)
			if slices.Contains(indexed, leaf) {
				subleaves = maxSubleaves
			}
			for sub := range subleaves {
				a, b, c, d := tracee.CPUID(leaf, sub)
				list = append(list, [6]uint32{leaf, sub, a, b, c, d})
			}
		}
	}
	return list
}
