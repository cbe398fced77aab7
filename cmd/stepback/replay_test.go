package main

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
)

// TestReplayDiverges replays a program without memory that made a call.
func TestReplayDiverges(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rec")
	manifest := &trace.Manifest{Program: "/bin/sh", TID: 100, CPU: trace.ThisCPU()}
	manifest.CPU.Leaves = trace.CPUIDLeaves()
	w, err := trace.Create(dir, manifest)
	if err != nil {
		t.Fatal(err)
	}
	call := called(trace.Syscall, 100, inCall(unix.SYS_GETPID), 100)
	w.Append(&trace.Event{Kind: trace.Exec, TID: 100, After: call.After, Thread: &trace.ThreadInfo{Parent: 100, PID: 100, Space: 1}})
	w.Append(&call)
	if err := w.Close(&trace.Footer{}); err != nil {
		t.Fatal(err)
	}
	err = replay([]string{dir}, true)
	if err == nil {
		t.Fatal("no error")
	}
	if status, message := explain(err); status != exitDiverged {
		t.Errorf("exit status %d, want %d: %s", status, exitDiverged, message)
	}
}

func TestEndText(t *testing.T) {
	for _, c := range []struct {
		footer *trace.Footer
		want   string
	}{
		{&trace.Footer{Status: 3 << 8}, "the program ended with exit status 3"},
		{&trace.Footer{Status: uint32(unix.SIGSEGV) | 0x80}, "the program was killed by SIGSEGV (core dumped)"},
		{&trace.Footer{Reason: "the disk is full"}, "the program's end is not there, the recording is incomplete: the disk is full"},
		{nil, "the program's end is not there, the recording is incomplete: the recorder did not end it; it was killed, or is still running"},
	} {
		rec := openTest(t, writeRecording(t, nil, c.footer))
		if got := endText(rec); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestOmittedText(t *testing.T) {
	if got := omittedText(nil); got != "" {
		t.Errorf("%q for nothing", got)
	}
	got := omittedText(map[uint64]uint64{unix.SYS_SPLICE: 5, unix.SYS_SENDFILE: 10})
	if want := "15 bytes of output are missing above: no recording holds what the kernel copies by itself (sendfile, splice)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
