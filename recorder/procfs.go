package recorder

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"stepback/internal/tracee"
)

// taskState is the letter for the state of a thread in /proc/TID/stat, 'X'
// when it is gone.
func taskState(tid int) byte {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", tid))
	if err != nil {
		return 'X'
	}
	i := bytes.LastIndexByte(b, ')') // the name before may hold anything
	if i < 0 || i+2 >= len(b) {
		return 'X'
	}
	return b[i+2]
}

// asleep reports whether the thread sleeps in the kernel, or has ended.
func asleep(tid int) bool { return taskState(tid) != 'R' }

// ended reports whether an ending thread is a zombie or gone. A thread that
// stands in a stop (t) is another one: an exec gave it the leader's id.
func ended(tid int) bool {
	s := taskState(tid)
	return s == 'Z' || s == 'X' || s == 't'
}

// startBrk is where the heap of the process begins (field 47 of /proc/PID/stat).
func startBrk(tid int) (uint64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", tid))
	if err != nil {
		return 0, tracee.ErrGone
	}
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]) // from field 3 on
	if len(fields) < 45 {
		return 0, fmt.Errorf("/proc/%d/stat has no start of the heap", tid)
	}
	var v uint64
	_, err = fmt.Sscan(string(fields[44]), &v)
	return v, err
}

// fdInfo is a number that the kernel tells of a descriptor: "pos", the offset at
// which it reads and writes next (decimal), or "flags" (octal).
func fdInfo(tid int, fd int32, key string, base int) (uint64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/fdinfo/%d", tid, fd))
	if err != nil {
		return 0, fmt.Errorf("looking at a descriptor: %w", err)
	}
	_, rest, _ := bytes.Cut(b, []byte(key+":"))
	word, _, _ := bytes.Cut(bytes.TrimLeft(rest, " \t"), []byte("\n"))
	return strconv.ParseUint(string(word), base, 64)
}

// childrenOf are the processes whose parent is the thread (proc_tid_children(5)).
func childrenOf(tid int) []int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", tid, tid))
	if err != nil {
		return nil
	}
	var list []int
	for _, word := range bytes.Fields(b) {
		if pid, err := strconv.Atoi(string(word)); err == nil {
			list = append(list, pid)
		}
	}
	return list
}

// stackLimit is the soft limit of the stack's size, all ones for none. It is
// read from /proc/TID/limits, since prlimit of a process that changed its user
// needs a capability.
func stackLimit(tid int) (uint64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", tid))
	if err != nil {
		return 0, tracee.ErrGone
	}
	_, rest, _ := bytes.Cut(b, []byte("Max stack size"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0, fmt.Errorf("/proc/%d/limits has no stack size", tid)
	}
	if string(fields[0]) == "unlimited" {
		return ^uint64(0), nil
	}
	return strconv.ParseUint(string(fields[0]), 10, 64)
}
