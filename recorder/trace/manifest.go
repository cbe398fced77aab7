package trace

import "time"

// Version is the format version that this package writes. It reads this one
// and the older ones down to MinVersion.
const (
	Version    = 3
	MinVersion = 1
)

// Manifest describes a recording. It is written when the recording begins.
type Manifest struct {
	Version  int       `json:"version"`
	Tool     string    `json:"tool"`
	Started  time.Time `json:"started"`
	Program  string    `json:"program"` // absolute path
	Args     []string  `json:"args"`    // with argument 0
	Env      []string  `json:"env"`
	Dir      string    `json:"dir"` // working directory
	TID      int       `json:"tid"` // of the first thread
	CPU      CPU       `json:"cpu"`
	Kernel   string    `json:"kernel"` // release
	Hostname string    `json:"hostname"`
}

// CPU holds what replay must know of the processor.
type CPU struct {
	Vendor     string   `json:"vendor"`
	Model      string   `json:"model"`
	Features   []string `json:"features"` // as named in /proc/cpuinfo
	XCR0       uint64   `json:"xcr0"`     // enabled XSAVE components
	XStateSize int      `json:"xstateSize"`
	Faulting   bool     `json:"cpuidFaulting"` // cpuid was trapped
	// Leaves are the answers of cpuid, where it could not be trapped: leaf,
	// subleaf, eax, ebx, ecx, edx.
	Leaves [][6]uint32 `json:"leaves,omitempty"`
}

// Footer closes a complete recording.
type Footer struct {
	// Status is the wait status of the first process.
	Status  uint32        `json:"status"`
	Elapsed time.Duration `json:"elapsed"` // wall time in nanoseconds
	// Reason is set when the recorder stopped before the program's end.
	Reason string `json:"reason,omitempty"`
	// Refused counts the calls that were answered with an error, by name.
	Refused   map[string]uint64 `json:"refused,omitempty"`
	Kinds     map[string]uint64 `json:"kinds"` // events by kind
	Events    uint64            `json:"events"`
	Threads   uint64            `json:"threads"`
	Processes uint64            `json:"processes"`
}
