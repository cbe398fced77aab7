package replayer_test

import (
	"context"
	"slices"
	"testing"

	"stepback/recorder/trace"
	"stepback/replayer"
)

// crowd is more than debug registers can watch: beside it, all is observed by
// the translated code.
func crowd() (list []replayer.Probe) {
	for i := range uint64(5) {
		list = append(list, replayer.Probe{Data: replayer.Data{Addr: 0x10000 + 64*i, Size: 8, Writes: true}})
	}
	return list
}

// allHits are the hits from the beginning to the end, found forward, back and by
// their numbers.
func allHits(t *testing.T, l replayer.Timeline, what string, probes []replayer.Probe, most int) []replayer.Hit {
	t.Helper()
	ctx := context.Background()
	goTo(t, l, replayer.Time{})
	forward := hits(t, l, l.FindNext, probes, 100000)
	if _, err := l.Last(ctx); err != nil {
		t.Fatal(err)
	}
	n, err := l.Count(ctx, probes)
	if err != nil || n != uint64(len(forward)) {
		t.Errorf("%s: %d hits are counted (%v), %d found", what, n, err, len(forward))
	}
	back := hits(t, l, l.FindLast, probes, most)
	slices.Reverse(back)
	if !slices.Equal(back, forward[max(len(forward)-most, 0):]) {
		t.Errorf("%s: forward %v\nback %v", what, forward[max(len(forward)-most, 0):], back)
	}
	for _, i := range []int{0, len(forward) / 2, len(forward) - 1} {
		if i < 0 || i >= len(forward) {
			continue
		}
		h, err := l.FindNth(ctx, probes, uint64(i+1))
		if err != nil || h == nil || *h != forward[i] {
			t.Errorf("%s: hit number %d is %v (%v), want %v", what, i+1, h, err, forward[i])
		}
	}
	return forward
}

// The translated code observes the accesses that debug registers see.
func TestDataProbes(t *testing.T) {
	rec := open(t, recordSource(t, "accesses"))
	at := symbols(t, rec)
	l := travel(t, rec, replayer.TravelOptions{})
	value := at["area"] + 64
	for _, tt := range []struct {
		what  string
		data  replayer.Data
		least int
	}{
		{"a variable", replayer.Data{Addr: value, Size: 8}, 80},
		{"across two words", replayer.Data{Addr: value - 3, Size: 5}, 40},
		{"the word behind it", replayer.Data{Addr: value + 8, Size: 8}, 10},
		{"what strings end in", replayer.Data{Addr: at["area"] + 61, Size: 2}, 5},
		{"what is behind", replayer.Data{Addr: value + 48, Size: 4}, 3},
	} {
		for _, reads := range []bool{false, true} {
			data := tt.data
			data.Writes, data.Reads = true, reads
			what := tt.what
			if reads {
				what += ", reads too"
			}
			probe := replayer.Probe{Data: data}
			watched := allHits(t, l, what, []replayer.Probe{probe}, 6)
			observed := allHits(t, l, what+", observed", append([]replayer.Probe{probe}, crowd()...), 6)
			if len(watched) < tt.least {
				t.Errorf("%s: %d hits", what, len(watched))
			}
			if !slices.Equal(watched, observed) {
				t.Errorf("%s: %d hits by debug registers, %d observed", what, len(watched), len(observed))
				explain(t, l, watched, observed)
			}
		}
	}
}

// explain says where two lists differ.
func explain(t *testing.T, l replayer.Timeline, watched, observed []replayer.Hit) {
	t.Helper()
	n := 0
	for _, list := range []struct {
		who          string
		these, those []replayer.Hit
	}{{"only by debug registers", watched, observed}, {"only observed", observed, watched}} {
		for _, h := range list.these {
			if !slices.Contains(list.those, h) && n < 8 {
				n++
				goTo(t, l, h.Time)
				s := seeAt(t, l)
				code := make([]byte, 12)
				threads, _ := l.Threads()
				l.ReadMemory(threads[0].PID, s.pc, code)
				t.Logf("%s: %+v at %#x: % x", list.who, h, s.pc, code)
			}
		}
	}
}

func TestDataProbesRestricted(t *testing.T) {
	rec := open(t, recordSource(t, "accesses"))
	at := symbols(t, rec)
	l := travel(t, rec, replayer.TravelOptions{})
	data := replayer.Data{Addr: at["area"] + 64, Size: 8, Writes: true}
	all := allHits(t, l, "all", []replayer.Probe{{Data: data}}, 10)
	var tids, pids []int
	for i := range all {
		goTo(t, l, all[i].Time)
		threads, err := l.Threads()
		if err != nil {
			t.Fatal(err)
		}
		pid := 0
		for _, h := range threads {
			if h.ID == all[i].TID {
				pid = h.PID
			}
		}
		tids, pids = append(tids, all[i].TID), append(pids, pid)
	}
	only := func(keep func(i int) bool) (list []replayer.Hit) {
		for i, h := range all {
			if keep(i) {
				list = append(list, h)
			}
		}
		return list
	}
	for _, tt := range []struct {
		what  string
		probe replayer.Probe
		want  []replayer.Hit
	}{
		{"a thread", replayer.Probe{Data: data, TID: tids[0]}, only(func(i int) bool { return tids[i] == tids[0] })},
		{"a process", replayer.Probe{Data: data, PID: pids[0]}, only(func(i int) bool { return pids[i] == pids[0] })},
	} {
		for _, more := range [][]replayer.Probe{nil, crowd()} {
			got := allHits(t, l, tt.what, append([]replayer.Probe{tt.probe}, more...), 10)
			if !slices.Equal(got, tt.want) || len(got) == len(all) || len(got) == 0 {
				t.Errorf("%s, %d more probes: %d hits of %d, want %d", tt.what, len(more), len(got), len(all), len(tt.want))
			}
		}
	}
	reads := allHits(t, l, "reads", []replayer.Probe{{Data: replayer.Data{Addr: data.Addr, Size: 8, Reads: true}}}, 10)
	both := allHits(t, l, "both", []replayer.Probe{{Data: replayer.Data{Addr: data.Addr, Size: 8, Reads: true, Writes: true}}}, 10)
	if len(reads) == 0 || len(reads) >= len(both) {
		t.Errorf("%d reads, %d writes, %d of both", len(reads), len(all), len(both))
	}
	wide := allHits(t, l, "wide", []replayer.Probe{{Data: replayer.Data{Addr: at["other"], Size: 256, Writes: true}}}, 10)
	if len(wide) < 3000 {
		t.Errorf("%d writes to 256 bytes", len(wide))
	}
	mixed := allHits(t, l, "mixed", []replayer.Probe{{PC: at["integers"]}, {Data: data}, {Event: func(e *trace.Event) bool { return e.Kind == trace.Thread }}}, 30)
	if len(mixed) < len(all)+3 {
		t.Errorf("%d hits of several kinds, %d of data", len(mixed), len(all))
	}
}
