package snapshots

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Memory is what the machine, or the control group that the debugger is in,
// has of memory, in bytes.
type Memory struct{ Available, Total uint64 }

// DefaultThreshold is the memory pressure threshold unless the user says
// otherwise, and MaxThreshold the greatest.
const (
	DefaultThreshold = 10
	MaxThreshold     = 75
)

// CheckThreshold refuses a memory pressure threshold that makes no sense.
func CheckThreshold(percent int) error {
	if percent < 0 || percent > MaxThreshold {
		return fmt.Errorf("a memory pressure threshold of %d %% makes no sense: give 1 to %d, or 0 to drop no snapshot whatever memory is left", percent, MaxThreshold)
	}
	return nil
}

// Pressed reports whether less than so many percent are available; 0 is never.
func (m Memory) Pressed(percent int) bool {
	return percent > 0 && m.Available < m.Total/100*uint64(percent)
}

// ReadMemory reads how much memory there is. root is the file system with proc
// and sys/fs/cgroup: os.DirFS("/"). The least that a control group above
// the debugger has counts: its limit is the total there, and page cache that
// can be given up counts as available (Documentation/admin-guide/cgroup-v2.rst,
// and cgroup-v1/memory.rst).
func ReadMemory(root fs.FS) (Memory, error) {
	info, err := readFields(root, "proc/meminfo")
	if err != nil {
		return Memory{}, fmt.Errorf("reading how much memory there is: %w", err)
	}
	m := Memory{Available: info["MemAvailable:"] << 10, Total: info["MemTotal:"] << 10}
	groups, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return m, nil // a kernel without control groups
	}
	for line := range strings.Lines(string(groups)) {
		// hierarchy:controllers:path
		part := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(part) != 3 {
			continue
		}
		switch {
		case part[1] == "":
			m.limit(root, "sys/fs/cgroup", part[2], groupFiles{"memory.max", "memory.current", "inactive_file"})
		case strings.Contains(","+part[1]+",", ",memory,"):
			m.limit(root, "sys/fs/cgroup/memory", part[2], groupFiles{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"})
		}
	}
	return m, nil
}

// groupFiles are the names of a control group's files and of a line of its memory.stat.
type groupFiles struct{ limit, usage, cache string }

// limit takes the limits of a control group and those above it into account.
// What cannot be read, as in a container that does not see the groups above,
// limits nothing.
func (m *Memory) limit(root fs.FS, mount, group string, names groupFiles) {
	// A group outside of what the container sees is "/../…".
	for dir := path.Join(mount, path.Clean("/"+group)); ; dir = path.Dir(dir) {
		limit, ok := readNumber(root, path.Join(dir, names.limit))
		usage, ok2 := readNumber(root, path.Join(dir, names.usage))
		if ok && ok2 && limit < m.Total {
			stat, _ := readFields(root, path.Join(dir, "memory.stat"))
			used := usage - min(usage, stat[names.cache])
			m.Total = limit
			m.Available = min(m.Available, limit-min(limit, used))
		}
		if dir == mount {
			return
		}
	}
}

// readNumber reads a file that holds a number; "max" is none.
func readNumber(root fs.FS, name string) (uint64, bool) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}

// readFields reads lines of a name and a number.
func readFields(root fs.FS, name string) (map[string]uint64, error) {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	fields := map[string]uint64{}
	for line := range strings.Lines(string(b)) {
		if part := strings.Fields(line); len(part) >= 2 {
			if n, err := strconv.ParseUint(part[1], 10, 64); err == nil {
				fields[part[0]] = n
			}
		}
	}
	return fields, nil
}
