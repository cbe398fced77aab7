package replayer_test

import (
	"context"
	"debug/elf"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/replayer/condition"
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

// randomExpr makes a condition; most of its memory operands are there.
func randomExpr(r *rand.Rand, depth int) condition.Expr {
	if depth == 0 || r.IntN(6) == 0 {
		switch r.IntN(8) {
		case 0:
			return condition.Expr{N: r.Uint64() >> r.IntN(64)}
		case 1:
			return condition.Expr{N: -r.Uint64N(9)}
		case 2:
			return condition.Expr{Op: condition.ThreadID}
		case 3:
			return condition.Expr{Op: condition.ProcessID}
		}
		return condition.Expr{Op: condition.Register, N: r.Uint64N(17)}
	}
	op := condition.LoadU8 + condition.Op(r.IntN(int(condition.OrElse-condition.LoadU8)+1))
	e := condition.Expr{Op: op}
	if n, _ := op.Width(); n > 0 && r.IntN(8) > 0 {
		e.Args = []condition.Expr{{Op: condition.Add, Args: []condition.Expr{{Op: condition.Register, N: condition.RSP}, {N: r.Uint64N(64)}}}}
		return e
	}
	e.Args = []condition.Expr{randomExpr(r, depth-1)}
	if op >= condition.Add {
		e.Args = append(e.Args, randomExpr(r, depth-1))
	}
	return e
}

// stateAt is the present's thread as conditions see it.
func stateAt(t *testing.T, l replayer.Timeline, tid int) *condition.State {
	t.Helper()
	threads, err := l.Threads()
	if err != nil {
		t.Fatal(err)
	}
	h := threads[slices.IndexFunc(threads, func(h replayer.Thread) bool { return h.ID == tid })]
	return &condition.State{
		Registers: h.Regs.General(), ThreadID: h.ID, ProcessID: h.PID,
		Read: func(addr uint64, p []byte) error {
			if n, err := l.ReadMemory(h.PID, addr, p); err != nil || n < len(p) {
				return errors.New("no memory")
			}
			return nil
		},
	}
}

// What compiled conditions let through is what they say when they are interpreted,
// from both sides; and the program does not notice that they are evaluated.
func TestConditions(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	at := symbols(t, rec)
	l := travel(t, rec, replayer.TravelOptions{})
	const seen, conditions = 20, 24
	random := rand.New(rand.NewPCG(7, 1))
	var list []condition.Expr
	for range conditions {
		list = append(list, randomExpr(random, 1+random.IntN(4)))
	}
	plain := []replayer.Probe{{PC: at["order"]}, {PC: at["work"]}, {PC: at["malloc"]}}
	want := make([][]replayer.Hit, conditions)
	var last replayer.Hit
	for range seen {
		h, err := l.FindNext(context.Background(), plain)
		if err != nil || h == nil {
			t.Fatal(h, err)
		}
		last = *h
		s := stateAt(t, l, h.TID)
		for i := range list {
			if list[i].Holds(s) {
				want[i] = append(want[i], *h)
			}
		}
	}
	then := seeAt(t, l)
	some := 0
	for i, x := range list {
		probes := slices.Clone(plain)
		for j := range probes {
			probes[j].If = &x
		}
		if n := len(want[i]); n > 0 && n < seen {
			some++
		}
		goTo(t, l, last.Time)
		if n, err := l.Count(context.Background(), probes); err != nil || n != uint64(len(want[i])) {
			t.Errorf("%+v: %d hits are counted up to %s (%v), want %d", x, n, last.Time, err, len(want[i]))
		}
		if now := seeAt(t, l); now != then {
			t.Fatalf("%+v: after counting, %s is another state", x, now.time)
		}
		if err := l.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
		back := hits(t, l, l.FindLast, probes, seen)
		slices.Reverse(back)
		if !slices.Equal(back, want[i]) {
			t.Errorf("%+v: back %v, want %v", x, back, want[i])
		}
		goTo(t, l, replayer.Time{})
		if forward := hits(t, l, l.FindNext, probes, len(want[i])); !slices.Equal(forward, want[i]) {
			t.Errorf("%+v: forward %v, want %v", x, forward, want[i])
		}
		if n := len(want[i]); n > 0 {
			nth := 1 + random.IntN(n)
			h, err := l.FindNth(context.Background(), probes, uint64(nth))
			if err != nil || h == nil || *h != want[i][nth-1] {
				t.Errorf("%+v: hit number %d is %v (%v), want %v", x, nth, h, err, want[i][nth-1])
			}
		}
	}
	if some < conditions/10 {
		t.Errorf("only %d of the conditions let some hits through", some)
	}
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
			const most = 20
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

// A hit whose number is too great is none, whatever was hit on the way.
func TestTooFewHits(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	l := travel(t, rec, replayer.TravelOptions{})
	for what, probes := range map[string][]replayer.Probe{
		"code":            {{PC: symbols(t, rec)["work"]}},
		"events":          {{Event: func(e *trace.Event) bool { return e.Kind == trace.Thread }}},
		"code and events": {{PC: symbols(t, rec)["work"]}, {Event: func(e *trace.Event) bool { return e.Kind == trace.Thread }}},
	} {
		last, err := l.Last(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		n, err := l.Count(context.Background(), probes)
		if err != nil || n == 0 {
			t.Fatalf("%s: %d hits, %v", what, n, err)
		}
		if h, err := l.FindNth(context.Background(), probes, n); err != nil || h == nil {
			t.Errorf("%s: of %d hits, the last is %v, %v", what, n, h, err)
		}
		if h, err := l.FindNth(context.Background(), probes, n+1); err != nil || h != nil {
			t.Errorf("%s: of %d hits, one more is %v, %v", what, n, h, err)
		}
		if now, err := l.Time(); err != nil || now != last {
			t.Errorf("%s: a search for one hit more ends at %s, %v", what, now, err)
		}
	}
}
