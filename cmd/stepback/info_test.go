package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stepback/recorder/trace"
)

func infoOf(t *testing.T, dir string) *recordingInfo {
	t.Helper()
	i, err := newRecordingInfo(openTest(t, dir), func(uint64) {})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestInfoText(t *testing.T) {
	dir := writeRecording(t, sampleEvents(), &trace.Footer{
		Status: 3 << 8, Elapsed: 1500 * time.Millisecond, Refused: map[string]uint64{"bpf": 1, "ioctl TIOCSTI": 7, "": 2},
	})
	i := infoOf(t, dir)
	i.Recording, i.Size, i.Started = "/rec", trace.Sizes{Log: 1 << 20, Blobs: 2 << 20, Total: 3 << 20}, i.Started.UTC()
	i.CPU.XCR0, i.Obstacle = 0, ""
	var b strings.Builder
	i.print(&b, fewProcesses)
	want := `recording    /rec (3.0 MiB: events 1.0 MiB, contents 2.0 MiB)
program      /bin/sh
arguments    sh -c "a b"
directory    /tmp
started      ` + i.Started.Local().Format("2006-01-02 15:04:05 MST") + `, 1.50 s
recorded by  stepback test, format 3
machine      here, Linux 6.1.0, Model T (cpuid not trapped)
complete     yes
result       exit status 3
events       23: 5 syscall, 3 enter, 3 exit, 2 exec, 2 return, 2 signal, 2 thread, 2 trap, 1 preempt, 1 restart
unsupported  7 ioctl TIOCSTI, 1 bpf
processes    2 (threads: 3)
  100 sh: exit status 3
    101 sh → "bad\x1bname", 2 threads: killed by SIGSEGV
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("info (-want +got):\n%s", diff)
	}
}

// Without a footer, the facts come from the events.
func TestInfoIncomplete(t *testing.T) {
	whole := infoOf(t, writeRecording(t, sampleEvents(), &trace.Footer{Status: 3 << 8, Refused: map[string]uint64{"bpf": 1}}))
	cut := infoOf(t, writeRecording(t, sampleEvents(), nil))
	if cut.Complete || cut.Reason == "" || !whole.Complete || whole.Reason != "" {
		t.Errorf("complete: %v (%s), %v (%s)", whole.Complete, whole.Reason, cut.Complete, cut.Reason)
	}
	if cut.Status == nil || *cut.Status != 3 {
		t.Errorf("the end of the first process is there, but the status is %v", cut.Status)
	}
	if diff := cmp.Diff(whole.Kinds, cut.Kinds); diff != "" {
		t.Errorf("kinds: %s", diff)
	}
	if diff := cmp.Diff(whole.Unsupported, cut.Unsupported); diff != "" {
		t.Errorf("unsupported: %s", diff)
	}
	part := infoOf(t, writeRecording(t, sampleEvents()[:10], nil))
	if part.Status != nil || part.resultText() == "" || len(part.Processes) != 2 || part.Processes[1].Ended {
		t.Errorf("a part: %+v", part)
	}
	stopped := infoOf(t, writeRecording(t, sampleEvents()[:10], &trace.Footer{Reason: "told to"}))
	if stopped.Complete || stopped.Reason != "told to" || stopped.Status != nil {
		t.Errorf("stopped: %+v", stopped)
	}
}

func TestInfoJSON(t *testing.T) {
	b, err := json.Marshal(infoOf(t, writeRecording(t, sampleEvents(), &trace.Footer{Status: 9})))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"program", "args", "events", "kinds", "processes", "threads", "seconds", "size", "cpu", "kernel", "unsupported", "complete", "reason", "status"} {
		if _, ok := got[key]; !ok {
			t.Errorf("there is no %s", key)
		}
	}
	if got["status"] != 137. || got["signal"] != "SIGKILL" {
		t.Errorf("status %v, signal %v", got["status"], got["signal"])
	}
}

// An exec by another thread than the first ends all others; ids are used
// again.
func TestProcessTree(t *testing.T) {
	s := &summary{current: map[int]*processInfo{}}
	thread := func(tid, pid, parent int) {
		s.add(&trace.Event{Kind: trace.Thread, TID: tid, Thread: &trace.ThreadInfo{PID: pid, Parent: parent}})
	}
	exec := func(tid, caller int, name string) {
		s.add(&trace.Event{Kind: trace.Exec, TID: tid, Thread: &trace.ThreadInfo{PID: tid, Parent: caller, Name: name}})
	}
	exit := func(tid int, status uint32, last bool) {
		s.add(&trace.Event{Kind: trace.Exit, TID: tid, Exit: &trace.ExitInfo{Status: status, Last: last}})
	}
	exec(1, 1, "/a")
	thread(2, 1, 1)
	exit(1, 9, false)
	exec(1, 2, "/b")
	thread(2, 2, 1)
	exit(2, 1<<8, true)
	thread(2, 2, 1)
	thread(3, 3, 2)
	want := []string{
		"1 a → b, 2 threads: its end is not in the recording",
		"  2 b: exit status 1",
		"  2 b: its end is not in the recording",
		"… 1 more; --full shows all",
	}
	if diff := cmp.Diff(want, s.treeLines(3)); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{"/bin/ls": "/bin/ls", "a b": "a b", "\x1b[2J": `"\x1b[2J"`, "ä": "ä", "\xff": `"\xff"`} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) is %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"": `""`, "a b": `"a b"`, "-c": "-c"} {
		if got := word(in); got != want {
			t.Errorf("word(%q) is %s, want %s", in, got, want)
		}
	}
}
