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
	c.Faulting = slices.Contains(c.Features, "cpuid_fault")
	return c
}
