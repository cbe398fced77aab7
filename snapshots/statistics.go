package snapshots

import (
	"fmt"
	"os"
	"time"
)

// Statistics is what the user is told about the save points, as a table or,
// over the protocol, as JSON.
type Statistics struct {
	Snapshots []Snapshot `json:"snapshots"`
	// DebuggerMemory is the debugger's own memory, TotalMemory that and the
	// save points', in bytes (PSS).
	DebuggerMemory uint64   `json:"debuggerMemory"`
	TotalMemory    uint64   `json:"totalMemory"`
	Creation       Creation `json:"creation"`
	MaxSnapshots   int      `json:"maxSnapshots"`
	// MemoryPressureThreshold is in percent, 0 for off.
	MemoryPressureThreshold int `json:"memoryPressureThreshold"`
}

// Snapshot describes one save point.
type Snapshot struct {
	Number  int       `json:"number"` // in the order in which they were made
	Time    string    `json:"time"`   // EVENT+STEPS
	PC      string    `json:"pc"`     // of the thread that runs next, hexadecimal; "" at the end
	PID     int       `json:"pid"`    // of the first of its processes on this machine
	PSS     uint64    `json:"pss"`    // bytes, of all of them
	Created time.Time `json:"created"`
	Pinned  bool      `json:"pinned,omitempty"` // kept for the user
	Current bool      `json:"current"`          // the present was replayed from here
}

// Creation tells how long it took to make the save points, in milliseconds.
type Creation struct {
	Mean     float64 `json:"mean"`
	Max      float64 `json:"max"`
	Previous float64 `json:"previous"`

	count int
}

// Took adds the making of one.
func (c *Creation) Took(d time.Duration) {
	ms := float64(d.Microseconds()) / 1000
	c.Mean = (c.Mean*float64(c.count) + ms) / float64(c.count+1)
	c.count++
	c.Max = max(c.Max, ms)
	c.Previous = ms
}

// PSS is the memory of a process in bytes: what it shares counts in proportion
// (smaps_rollup in Documentation/filesystems/proc.rst).
func PSS(pid int) (uint64, error) {
	fields, err := readFields(os.DirFS("/proc"), fmt.Sprintf("%d/smaps_rollup", pid))
	if err != nil {
		return 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	return fields["Pss:"] << 10, nil
}
