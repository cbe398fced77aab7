package main

import (
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// noResult is what rax holds at the entry of a call: -ENOSYS.
const noResult = ^uint64(unix.ENOSYS) + 1

// inCall are registers at the entry of a system call.
func inCall(nr int, args ...uint64) tracee.Regs {
	r := tracee.Regs{Rip: 0x401002, Rcx: 0x401002, Eflags: 0x246, R11: 0x246, Rsp: 0x7ffd0000, Cs: 0x33, Ss: 0x2b,
		OrigRax: uint64(nr), Rax: noResult}
	for i, a := range args {
		r.SetArg(i, a)
	}
	return r
}

// returning are the registers after a call.
func returning(r tracee.Regs, result int64) tracee.Regs {
	r.Rax = uint64(result)
	return r
}

func called(kind trace.Kind, tid int, r tracee.Regs, result int64) trace.Event {
	return trace.Event{Kind: kind, TID: tid, Before: r, After: returning(r, result)}
}

// outside is a place in no system call.
func outside(pc uint64) tracee.Regs { return tracee.Regs{Rip: pc, OrigRax: noCall} }

// writeRecording makes a recording in a new directory. Without a footer it is
// incomplete.
func writeRecording(t *testing.T, events []trace.Event, footer *trace.Footer) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "rec")
	w, err := trace.Create(dir, &trace.Manifest{
		Tool: "stepback test", Started: time.Date(2025, 3, 14, 15, 9, 26, 0, time.UTC), Program: "/bin/sh",
		Args: []string{"sh", "-c", "a b"}, Dir: "/tmp", TID: 100, Kernel: "6.1.0", Hostname: "here",
		CPU: trace.CPU{Vendor: "V", Model: "Model T", Features: []string{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		w.Append(&events[i])
	}
	if footer == nil {
		err = w.Abort()
	} else {
		err = w.Close(footer)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func openTest(t *testing.T, dir string) *trace.Recording {
	t.Helper()
	rec, err := trace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rec.Close() })
	return rec
}

// sampleEvents has an event of every kind: a shell forks, the child execs a
// program with two threads that crashes.
func sampleEvents() []trace.Event {
	siginfo := make([]byte, 128)
	siginfo[0], siginfo[8], siginfo[16] = byte(unix.SIGSEGV), 1, 0x10
	sent := make([]byte, 128)
	sent[0], sent[16] = byte(unix.SIGUSR1), 100
	fork := inCall(unix.SYS_FORK)
	read := inCall(unix.SYS_READ, 3, 0x7000, 4096)
	read2 := called(trace.Syscall, 100, read, 30)
	read2.Writes = []trace.Write{{Addr: 0x7000, Data: []byte("the quick brown fox jumps\nover")}}
	mmap := called(trace.Syscall, 101, inCall(unix.SYS_MMAP, 0, 8192, 5, 2, 3, 0), 0x7f0000000000)
	mmap.Ops = []trace.Op{{Kind: trace.OpMap, Addr: 0x7f0000000000, Len: 0x2000, Prot: 5, Flags: unix.MAP_PRIVATE,
		Blob: trace.Hash{0x12, 0x34, 0xab, 0xcd}, Offset: 0x1000}}
	refused := called(trace.Syscall, 101, inCall(unix.SYS_BPF, 0, 0x7000, 120), -int64(unix.ENOSYS))
	refused.Refused = true
	wait := inCall(unix.SYS_WAIT4, 0xffffffff, 0, 0, 0)
	restart := trace.Event{Kind: trace.Restart, TID: 100, Before: returning(wait, -512), After: wait}
	restart.After.Rax = unix.SYS_WAIT4
	sigreturn := called(trace.Syscall, 100, inCall(unix.SYS_RT_SIGRETURN), 7)
	sigreturn.After.Rip, sigreturn.After.OrigRax = 0x401002, noCall
	tsc, cpuid := outside(0x5000), outside(0x5002)
	tsc2, cpuid2 := outside(0x5002), outside(0x5004)
	tsc2.Rax, tsc2.Rdx = 5, 1
	cpuid.Rax = 7
	cpuid2.Rax, cpuid2.Rbx, cpuid2.Rcx, cpuid2.Rdx = 1, 2, 3, 4
	return []trace.Event{
		{Kind: trace.Exec, TID: 100, After: outside(0x1000), Thread: &trace.ThreadInfo{Parent: 100, PID: 100, Space: 1,
			Name: "/bin/sh", Args: []string{"sh", "-c", "a b"}},
			Ops:    []trace.Op{{Kind: trace.OpLimit, Len: 0x800000}, {Kind: trace.OpMap, Addr: 0x1000, Len: 0x1000, Prot: 3, Flags: unix.MAP_PRIVATE}},
			Writes: []trace.Write{{Addr: 0x1000, Data: []byte{0, 1, 2}}}},
		{Kind: trace.Trap, TID: 100, Before: tsc, After: tsc2},
		{Kind: trace.Trap, TID: 100, Before: cpuid, After: cpuid2},
		called(trace.Enter, 100, fork, -int64(unix.ENOSYS)),
		{Kind: trace.Thread, TID: 101, After: outside(0x401002), Thread: &trace.ThreadInfo{Parent: 100, PID: 101, Space: 2, Fork: true}},
		called(trace.Return, 100, fork, 101),
		{Kind: trace.Exec, TID: 101, After: outside(0x2000), Thread: &trace.ThreadInfo{Parent: 101, PID: 101, Space: 3,
			Name: "/bin/bad\x1bname", Args: []string{"bad"}}},
		{Kind: trace.Thread, TID: 102, After: outside(0x3000), Thread: &trace.ThreadInfo{Parent: 101, PID: 101, Space: 3}},
		read2,
		mmap,
		refused,
		called(trace.Syscall, 101, inCall(unix.SYS_OPENAT, 0xffffff9c, 0x7000, 0x80000, 0o644), -int64(unix.ENOENT)),
		called(trace.Enter, 100, wait, -int64(unix.ENOSYS)),
		called(trace.Return, 100, wait, -512),
		restart,
		{Kind: trace.Signal, TID: 100, Before: outside(0x401002), After: outside(0x9000),
			Signal: &trace.SignalInfo{Number: int(unix.SIGUSR1), Disposition: trace.Handled, Info: sent}, Evidence: &trace.Evidence{Exact: true}},
		sigreturn,
		{Kind: trace.Preempt, TID: 102, Before: outside(0x3010), After: outside(0x3010), Evidence: &trace.Evidence{Pages: make([]trace.PageHash, 2)}},
		{Kind: trace.Signal, TID: 101, Before: outside(0x2010), After: outside(0x2010),
			Signal: &trace.SignalInfo{Number: int(unix.SIGSEGV), Disposition: trace.Fatal, Synchronous: true, Info: siginfo}},
		{Kind: trace.Exit, TID: 102, Exit: &trace.ExitInfo{Status: uint32(unix.SIGSEGV), Killed: true}},
		{Kind: trace.Exit, TID: 101, Exit: &trace.ExitInfo{Status: uint32(unix.SIGSEGV), Killed: true, Last: true}},
		called(trace.Enter, 100, inCall(unix.SYS_EXIT_GROUP, 3), -int64(unix.ENOSYS)),
		{Kind: trace.Exit, TID: 100, Exit: &trace.ExitInfo{Status: 3 << 8, Last: true}},
	}
}
