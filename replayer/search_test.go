package replayer_test

import (
	"context"
	"debug/elf"
	"slices"
	"testing"

	"stepback/recorder/trace"
	"stepback/replayer"
)

// symbols are the functions of the program that a recording is of.
func symbols(t *testing.T, rec *trace.Recording) map[string]uint64 {
	t.Helper()
	f, err := elf.Open(rec.Manifest().Program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	addrs := map[string]uint64{}
	for _, s := range list {
		addrs[s.Name] = s.Value
	}
	return addrs
}

// hits searches from the present on, at most so many times.
func hits(t *testing.T, l replayer.Timeline, find func(context.Context, []replayer.Probe) (*replayer.Hit, error), probes []replayer.Probe, most int) (list []replayer.Hit) {
	t.Helper()
	for len(list) < most {
		h, err := find(context.Background(), probes)
		if err != nil {
			t.Fatalf("after %d hits: %v", len(list), err)
		}
		if h == nil {
			break
		}
		if now, _ := l.Time(); now != h.Time {
			t.Fatalf("the hit is at %s, the present %s", h.Time, now)
		}
		list = append(list, *h)
	}
	return list
}

// Searching back finds what searching forward finds.
func TestForwardAndBackAgree(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	at := symbols(t, rec)
	isCall := func(e *trace.Event) bool { return e.Kind == trace.Syscall }
	for _, tt := range []struct {
		what   string
		probes []replayer.Probe
		least  int
		most   int
	}{
		{"a function", []replayer.Probe{{PC: at["work"]}}, 2, 400},
		{"two functions and events", []replayer.Probe{{PC: at["work"]}, {PC: at["malloc"]}, {Event: isCall}}, 20, 400},
		{"threads", []replayer.Probe{{Event: func(e *trace.Event) bool { return e.Kind == trace.Thread || e.Kind == trace.Exit }}}, 2, 400},
		{"with a condition", []replayer.Probe{{PC: at["work"], When: func(h replayer.Thread) bool { return h.Regs.Rsp>>4&1 == 0 }}}, 0, 400},
		{"more than are looked at one by one", []replayer.Probe{{PC: at["order"]}}, 1100, 1100},
		{"seldom among many", []replayer.Probe{{PC: at["order"], When: func(h replayer.Thread) bool { return h.Regs.Rax%512 == 0 }}, {Event: isCall}}, 20, 400},
		{"nothing", []replayer.Probe{{PC: 0x1234}}, 0, 400},
	} {
		for _, snapshots := range []int{2, 35} {
			if tt.most > 1000 && snapshots > 2 {
				continue // stretches are short
			}
			l := travel(t, rec, replayer.TravelOptions{MaxSnapshots: snapshots})
			forward := hits(t, l, l.FindNext, tt.probes, tt.most)
			if len(forward) < tt.least {
				t.Errorf("%s: %d hits", tt.what, len(forward))
			}
			now, _ := l.Time()
			const most = 50
			back := hits(t, l, l.FindLast, tt.probes, most)
			slices.Reverse(back)
			if n := len(forward); n > 0 && forward[n-1].Time == now {
				forward = forward[:n-1] // which is not before the present
			}
			forward = forward[max(len(forward)-most, 0):]
			if !slices.Equal(forward, back) {
				t.Errorf("%s, %d save points: %d hits forward, %d back:\n%v\n%v", tt.what, snapshots, len(forward), len(back), forward, back)
			}
		}
	}
}
