package recorder

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/recorder/trace"
)

// inside are the events in the middle of a computation, which are checked.
func inside(t *testing.T, all []trace.Event) (list []trace.Event) {
	t.Helper()
	for i, e := range all {
		if e.Kind != trace.Preempt && (e.Kind != trace.Signal || e.Evidence == nil || e.Evidence.Exact) {
			continue
		}
		list = append(list, e)
		if e.Evidence == nil || len(e.Evidence.Pages) == 0 || e.Vector == 0 || e.Before.OrigRax != ^uint64(0) ||
			e.Before.Eflags&(resumeFlag|trapFlag) != 0 {
			t.Errorf("event %d (%s) is no description of a place: %+v, eflags %#x, orig_rax %#x", i, e.Kind, e.Evidence, e.Before.Eflags, e.Before.OrigRax)
			continue
		}
		seen := map[uint64]bool{}
		for _, p := range e.Evidence.Pages {
			if p.Addr%memmap.PageSize != 0 || seen[p.Addr] {
				t.Errorf("event %d: the page %#x is not aligned, or there twice", i, p.Addr)
			}
			seen[p.Addr] = true
		}
		for _, w := range e.Evidence.Words {
			if w.Addr%8 != 0 || !seen[memmap.PageDown(w.Addr)] {
				t.Errorf("event %d: the word at %#x is not aligned, or in no page of the evidence", i, w.Addr)
			}
		}
	}
	return list
}

// Signals meet a loop whose registers never change; the evidence has the counter.
func TestSignalsInComputation(t *testing.T) {
	r := mustRecord(t, Config{}, program(t, "compute"), "alarm")
	places := inside(t, checkLog(t, r))
	if len(places) < 20 {
		t.Fatalf("%d signals in the loop, want 20", len(places))
	}
	values := map[uint64]bool{}
	for _, e := range places {
		if e.Kind != trace.Signal || e.Signal.Number != int(unix.SIGALRM) || e.Signal.Disposition != trace.Handled {
			t.Fatalf("%s %+v, want SIGALRM handled", e.Kind, e.Signal)
		}
		if len(e.Evidence.Words) == 0 {
			t.Fatalf("at pc %#x: no words", e.Before.Rip)
		}
		values[e.Evidence.Words[0].Value] = true
	}
	// Two signals may meet the loop in the same round.
	if len(values) < len(places)/2 {
		t.Errorf("the counter, which comes first in the evidence, has %d values at %d places", len(values), len(places))
	}
}

// A timer that is faster than the recorder does not stop the program.
func TestFastTimer(t *testing.T) {
	r := mustRecord(t, Config{}, program(t, "compute"), "fast alarm")
	if r.Status != 0 {
		t.Errorf("status %#x", uint32(r.Status))
	}
	inside(t, checkLog(t, r))
}

// Threads that wait for each other without system calls get their turns, and
// one that computes alone is left in peace.
func TestPreempt(t *testing.T) {
	r := mustRecord(t, Config{}, program(t, "compute"), "spin")
	places := inside(t, checkLog(t, r))
	if len(places) < 20 {
		t.Errorf("%d interruptions, want one for each of 40 turns or so", len(places))
	}
	for _, e := range places {
		if e.Kind != trace.Preempt || e.Before != e.After {
			t.Errorf("%s that changes registers", e.Kind)
		}
	}
	r = mustRecord(t, Config{}, "/bin/sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")
	if n := len(inside(t, checkLog(t, r))); n != 0 {
		t.Errorf("a program of one thread was interrupted %d times", n)
	}
}

// No place is in the middle of a rep instruction, and leaving it does not change
// what the program has arranged for SIGTRAP.
func TestRepeatedInstructions(t *testing.T) {
	for _, how := range []string{"", "blocked", "ignored"} {
		for _, with := range []string{"", " alarm"} {
			how := strings.TrimRight("repeat "+how, " ") + with
			t.Run(how, func(t *testing.T) {
				r := mustRecord(t, Config{}, program(t, "compute"), how)
				var fill uint64
				var blocked, ignored bool
				if _, err := fmt.Sscanf(strings.NewReplacer("d 0", "d false", "d 1", "d true").Replace(r.stdout),
					"0x%x\nblocked %t ignored %t\n", &fill, &blocked, &ignored); err != nil {
					t.Fatalf("output %q: %v", r.stdout, err)
				}
				if blocked != strings.Contains(how, "blocked") || ignored != strings.Contains(how, "ignored") {
					t.Errorf("SIGTRAP blocked %v, ignored %v", blocked, ignored)
				}
				for _, e := range inside(t, checkLog(t, r)) {
					if e.Before.Rip == fill && e.Before.Rcx != 8<<20 {
						t.Errorf("%s in the middle of it, with rcx %#x", e.Kind, e.Before.Rcx)
					}
				}
			})
		}
	}
}
