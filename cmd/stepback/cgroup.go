package main

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// noLimit stands for an amount of memory that is not limited.
const noLimit = math.MaxUint64

// cgroupMemory is what a memory cgroup allows and has in use.
type cgroupMemory struct {
	limit uint64 // noLimit for none
	used  uint64 // without what the kernel can drop
}

// free is what may still be used.
func (c cgroupMemory) free() uint64 {
	if c.limit == noLimit {
		return noLimit
	}
	return c.limit - min(c.used, c.limit)
}

// cgroupFiles are the names of a cgroup version's files, and where its own
// directory is.
type cgroupFiles struct {
	limit, used, inactive string
}

var (
	cgroupV1 = cgroupFiles{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
	cgroupV2 = cgroupFiles{"memory.max", "memory.current", "inactive_file"}
)

// memoryLimit returns the tightest limit of the process's memory cgroup and
// those above it, of both versions.
func memoryLimit() cgroupMemory {
	self, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return cgroupMemory{limit: noLimit}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return cgroupMemory{limit: noLimit}
	}
	tightest := cgroupMemory{limit: noLimit}
	for _, d := range cgroupDirs(string(self), string(mounts)) {
		for dir := d.dir; ; dir = filepath.Dir(dir) {
			if m, ok := d.files.read(dir); ok && m.free() < tightest.free() {
				tightest = m
			}
			if dir == d.mount || len(dir) <= len(d.mount) {
				break
			}
		}
	}
	return tightest
}

// cgroupDir is the directory of a memory cgroup, below the mount point.
type cgroupDir struct {
	mount, dir string
	files      cgroupFiles
}

// cgroupDirs finds the memory cgroups of the process whose /proc/PID/cgroup
// and /proc/PID/mountinfo are given (cgroups(7), proc_pid_mountinfo(5)).
func cgroupDirs(self, mounts string) []cgroupDir {
	var dirs []cgroupDir
	for line := range strings.Lines(self) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		kind, files := "cgroup", cgroupV1
		switch {
		case fields[0] == "0" && fields[1] == "":
			kind, files = "cgroup2", cgroupV2
		case !hasWord(fields[1], "memory"):
			continue
		}
		for mount := range strings.Lines(mounts) {
			before, after, _ := strings.Cut(strings.TrimSpace(mount), " - ")
			where, what := strings.Fields(before), strings.Fields(after)
			if len(where) < 5 || len(what) < 3 || what[0] != kind || kind == "cgroup" && !hasWord(what[2], "memory") {
				continue
			}
			// Where only a part of the hierarchy is mounted, as in a
			// container, the path is relative to that part, or outside of it.
			root, point := where[3], where[4]
			rel, err := filepath.Rel(root, fields[2])
			if err != nil || strings.HasPrefix(rel, "..") {
				rel = "."
			}
			dirs = append(dirs, cgroupDir{point, filepath.Join(point, rel), files})
		}
	}
	return dirs
}

func hasWord(list, word string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}

// read reads the limit and the use of a cgroup; ok is false when it has none.
func (f cgroupFiles) read(dir string) (m cgroupMemory, ok bool) {
	m.limit, ok = readNumber(filepath.Join(dir, f.limit))
	const unlimited = 1 << 62 // version 1 says so by a number near 1<<63
	if !ok || m.limit >= unlimited {
		return m, false
	}
	m.used, _ = readNumber(filepath.Join(dir, f.used))
	stat, _ := os.ReadFile(filepath.Join(dir, "memory.stat"))
	for line := range strings.Lines(string(stat)) {
		if value, ok := strings.CutPrefix(line, f.inactive+" "); ok {
			n, _ := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
			m.used -= min(n, m.used)
		}
	}
	return m, true
}

// readNumber reads a file of /proc or /sys that holds one number.
func readNumber(name string) (uint64, bool) {
	b, err := os.ReadFile(name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}
