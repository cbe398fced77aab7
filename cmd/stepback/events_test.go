package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
)

// sampleText is how sampleEvents are shown.
const sampleText = ` 0 100 exec    execve("/bin/sh", ["sh", "-c", "a b"]), process 100, space 1 [stack limit 0x800000] [map 0x1000+0x1000 rw- private] [3 bytes written at 0x1000: 000102]
 1 100 trap    rdtsc = 4294967301
 2 100 trap    cpuid(0x7, 0) = 0x1 0x2 0x3 0x4
 3 100 enter   fork() …
 4 101 thread  process 101, parent 100, space 2 (forked)
 5 100 return  fork() = 101
 6 101 exec    execve("/bin/bad\x1bname", ["bad"]), process 101, space 3
 7 102 thread  thread 102 of process 101, parent 101, space 3
 8 100 syscall read(3, 0x7000, 4096) = 30 [30 bytes written at 0x7000: "the quick brown fox jump"…]
 9 101 syscall mmap(0, 8192, 0x5, 0x2, 3, 0) = 0x7f0000000000 [map 0x7f0000000000+0x2000 r-x private blob 1234abcd offset 0x1000]
10 101 syscall bpf(0, 0x7000, 120) = -1 ENOSYS (refused)
11 101 syscall openat(AT_FDCWD, 0x7000, 0x80000, 0644) = -1 ENOENT
12 100 enter   wait4(-1, 0, 0, 0) …
13 100 return  wait4(-1, 0, 0, 0) = -1 ERESTARTSYS
14 100 restart wait4(-1, 0, 0, 0) again
15 100 signal  SIGUSR1 from 100, handled by 0x9000, pc 0x401002
16 100 syscall rt_sigreturn() to 0x401002
17 102 preempt at 0x3010 (evidence: 2 pages)
18 101 signal  SIGSEGV at 0x10, fatal, pc 0x2010
19 102 exit    killed by SIGSEGV, not by itself
20 101 exit    killed by SIGSEGV, not by itself, last of its process
21 100 enter   exit_group(3) …
22 100 exit    exit status 3, last of its process
`

// everything is all events, as text.
var everything = eventOptions{to: math.MaxUint64}

// shown returns what printEvents prints.
func shown(t *testing.T, dir string, o eventOptions) (string, error) {
	t.Helper()
	var b strings.Builder
	err := printEvents(&b, openTest(t, dir), o)
	return b.String(), err
}

func TestEventsText(t *testing.T) {
	dir := writeRecording(t, sampleEvents(), &trace.Footer{Status: 3 << 8})
	got, err := shown(t, dir, everything)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleText, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestEventsRange(t *testing.T) {
	dir := writeRecording(t, sampleEvents(), &trace.Footer{})
	all := strings.SplitAfter(sampleText, "\n")
	for _, c := range []struct{ from, to, first, after uint64 }{
		{3, 5, 3, 6}, {7, 7, 7, 8}, {22, 99, 22, 23}, {23, 99, 0, 0}, {1 << 40, 1 << 50, 0, 0},
	} {
		got, err := shown(t, dir, eventOptions{from: c.from, to: c.to})
		if want := strings.Join(all[c.first:c.after], ""); err != nil || got != want {
			t.Errorf("from %d to %d (%v):\n%swant:\n%s", c.from, c.to, err, got, want)
		}
	}
}

func TestEventsRegs(t *testing.T) {
	dir := writeRecording(t, sampleEvents(), &trace.Footer{})
	got, err := shown(t, dir, eventOptions{from: 1, to: 1, regs: true})
	lines := strings.Split(got, "\n")
	if err != nil || len(lines) != 4 || !strings.Contains(lines[1], "before r15=0 ") || !strings.Contains(lines[1], " rip=5000 ") ||
		lines[2] != "       after  rax=5 rdx=1 rip=5002" {
		t.Errorf("%v: %q", err, lines)
	}
}

// Events with many parts are cut in text, and only there.
func TestEventsManyParts(t *testing.T) {
	e := called(trace.Syscall, 1, inCall(unix.SYS_READV, 3, 0x1000, 20), 20)
	for i := range 20 {
		e.Writes = append(e.Writes, trace.Write{Addr: uint64(i), Data: []byte("a")})
	}
	dir := writeRecording(t, []trace.Event{e}, &trace.Footer{})
	short, _ := shown(t, dir, everything)
	if !strings.Contains(short, "[… 14 more]") || strings.Count(short, "[") != fewParts+1 {
		t.Error(short)
	}
	full, _ := shown(t, dir, eventOptions{to: 1, full: true})
	if strings.Count(full, "written at") != 20 {
		t.Error(full)
	}
}

func TestEventsJSON(t *testing.T) {
	dir := writeRecording(t, sampleEvents(), &trace.Footer{})
	text, err := shown(t, dir, eventOptions{to: math.MaxUint64, json: true})
	if err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	var events []object
	for d := json.NewDecoder(strings.NewReader(text)); d.More(); {
		var e object
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		if before, ok := e["before"].(object); !ok || len(before) != 27 {
			t.Errorf("before: %v", e["before"])
		}
		delete(e, "before")
		delete(e, "after")
		events = append(events, e)
	}
	if len(events) != len(sampleEvents()) || strings.Count(text, "\n") != len(events) {
		t.Fatalf("%d events in %d lines", len(events), strings.Count(text, "\n"))
	}
	for n, want := range map[int]object{
		8: {"event": 8., "tid": 100., "kind": "syscall", "text": "read(3, 0x7000, 4096) = 30",
			"syscall": object{"number": 0., "name": "read", "args": []any{"3", "0x7000", "4096"}, "result": 30.},
			"writes":  []any{object{"addr": "0x7000", "length": 30., "data": fmt.Sprintf("%x", "the quick brown fox jumps\nover")}}},
		20: {"event": 20., "tid": 101., "kind": "exit", "text": "killed by SIGSEGV, not by itself, last of its process",
			"exit": object{"status": 11., "signal": "SIGSEGV", "killed": true, "last": true}},
		22: {"event": 22., "tid": 100., "kind": "exit", "text": "exit status 3, last of its process",
			"exit": object{"status": 768., "code": 3., "killed": false, "last": true}},
		7: {"event": 7., "tid": 102., "kind": "thread", "text": "thread 102 of process 101, parent 101, space 3",
			"thread": object{"parent": 101., "pid": 101., "space": 3., "fork": false}},
	} {
		if diff := cmp.Diff(want, events[n]); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", n, diff)
		}
	}
	if got := events[18]["signal"].(object); got["address"] != "0x10" || got["disposition"] != "fatal" || got["synchronous"] != true {
		t.Errorf("signal: %v", got)
	}
	if got := events[9]["ops"].([]any)[0].(object); got["prot"] != "r-x" || got["length"] != "0x2000" || !strings.HasPrefix(got["blob"].(string), "1234abcd00") {
		t.Errorf("op: %v", got)
	}
	if got := events[11]["syscall"].(object); got["error"] != "ENOENT" || got["result"] != -2. {
		t.Errorf("failed call: %v", got)
	}
}

// A recording that was cut off is shown up to there without an error; damage
// is one.
func TestEventsDamaged(t *testing.T) {
	var many []trace.Event
	for range 200 {
		e := called(trace.Syscall, 100, inCall(unix.SYS_READ, 3, 0x7000, 4096), 4096)
		e.Writes = []trace.Write{{Addr: 0x7000, Data: make([]byte, 4096)}} // three frames
		many = append(many, e)
	}
	dir := writeRecording(t, many, &trace.Footer{})
	log := filepath.Join(dir, "events.log")
	whole, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	try := func(damaged []byte) (lines int, err error) {
		if err := os.WriteFile(log, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := shown(t, dir, everything)
		return strings.Count(text, "\n"), err
	}
	if n, err := try(whole[:len(whole)-40]); n != 200 || err != nil {
		t.Errorf("without its trailer: %d lines, %v", n, err)
	}
	const firstPayload = 16 + 44 + 8
	flipped := append([]byte(nil), whole...)
	flipped[firstPayload] ^= 0xff
	n, err := try(flipped)
	if status, _ := explain(err); n != 0 || status != exitDamaged {
		t.Errorf("with damage in the first frame: %d lines, %v", n, err)
	}
}

func TestEventsBrokenOutput(t *testing.T) {
	rec := openTest(t, writeRecording(t, sampleEvents(), &trace.Footer{}))
	r, w := io.Pipe()
	gone := errors.New("gone")
	r.CloseWithError(gone)
	if err := printEvents(w, rec, everything); !errors.Is(err, gone) {
		t.Errorf("the error is %v", err)
	}
}
