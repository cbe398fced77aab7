package replayer

import (
	"fmt"
	"slices"
	"strings"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// instructionSets are the CPU features, as named in /proc/cpuinfo, that a
// program can use and that replay therefore needs.
var instructionSets = []string{
	"cx16", "sse", "sse2", "pni", "ssse3", "sse4_1", "sse4_2", "sse4a", "popcnt", "abm", "movbe", "aes", "pclmulqdq", "sha_ni",
	"avx", "avx2", "fma", "fma4", "xop", "f16c", "bmi1", "bmi2", "adx", "gfni", "vaes", "vpclmulqdq", "avx_vnni",
	"avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl", "avx512ifma", "avx512vbmi", "avx512_vbmi2",
	"avx512_vnni", "avx512_bitalg", "avx512_vpopcntdq", "avx512_bf16", "avx512_fp16", "avx512_vp2intersect",
	"amx_tile", "amx_int8", "amx_bf16", "fsgsbase", "clwb", "clflushopt", "movdiri", "movdir64b", "lahf_lm", "3dnowprefetch",
}

// CPUError reports that this machine lacks CPU features of the recording's.
type CPUError struct{ Missing []string }

func (e *CPUError) Error() string {
	return fmt.Sprintf("this machine's CPU lacks features of the one that made the recording: %s; replay it on a machine that has them",
		strings.Join(e.Missing, ", "))
}

// CheckCPU says whether this machine can execute what was recorded.
func CheckCPU(m *trace.Manifest) error {
	here := trace.ThisCPU()
	var missing []string
	for _, f := range instructionSets {
		if slices.Contains(m.CPU.Features, f) && !slices.Contains(here.Features, f) {
			missing = append(missing, f)
		}
	}
	if lacking := m.CPU.XCR0 &^ tracee.XCR0(); lacking != 0 {
		missing = append(missing, fmt.Sprintf("XSAVE components %#x", lacking))
	}
	if !m.CPU.Faulting && (m.CPU.Vendor != here.Vendor || m.CPU.Model != here.Model) {
		missing = append(missing, "the same model ("+m.CPU.Model+"), for cpuid was not trapped in the recording")
	}
	if missing == nil {
		return nil
	}
	return &CPUError{missing}
}
