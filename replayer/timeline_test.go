package replayer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/snapshots"
)

// travel opens a recording for travel, and looks at the end that nothing is left behind.
func travel(t *testing.T, rec *trace.Recording, opts replayer.TravelOptions) replayer.Timeline {
	t.Helper()
	processes, files := children(t), descriptors(t)
	l, err := replayer.Open(rec, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		if left := children(t); !slices.Equal(left, processes) {
			t.Errorf("processes left: %v, there were %v", left, processes)
		}
		if left := descriptors(t); !slices.Equal(left, files) {
			t.Errorf("descriptors left: %v, there were %v", left, files)
		}
	})
	return l
}

// seeAt is what is seen at the present.
func seeAt(t *testing.T, l replayer.Timeline) (s look) {
	t.Helper()
	at, err := l.Time()
	if err != nil {
		t.Fatal(err)
	}
	hash, err := l.Hash()
	if err != nil {
		t.Fatal(err)
	}
	threads, err := l.Threads()
	if err != nil {
		t.Fatal(err)
	}
	s = look{time: at, hash: hash}
	for _, h := range threads {
		if h.Next {
			s.tid, s.pc = h.ID, h.Regs.Rip
		}
	}
	return s
}

// goTo goes to a time, or the last before it.
func goTo(t *testing.T, l replayer.Timeline, at replayer.Time) {
	t.Helper()
	var beyond *replayer.BeyondError
	if err := l.Seek(context.Background(), at); err != nil && !errors.As(err, &beyond) {
		t.Fatalf("to %s: %v", at, err)
	}
}

// Whatever the way to a Time, and however few save points there are, it is the same
// state.
func TestRandomWalk(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	for _, tt := range []struct {
		what string
		opts replayer.TravelOptions
	}{
		{"a recording that nobody has passed", replayer.TravelOptions{}},
		{"two save points", replayer.TravelOptions{MaxSnapshots: 2}},
		{"under memory pressure", replayer.TravelOptions{PressureThreshold: 10, Memory: memoryInTurns()}},
	} {
		t.Run(tt.what, func(t *testing.T) {
			l := travel(t, rec, tt.opts)
			random := rand.New(rand.NewPCG(4, 1))
			seen := map[replayer.Time]look{}
			check := func(how string) {
				t.Helper()
				now := seeAt(t, l)
				if was, ok := seen[now.time]; ok && was != now {
					t.Fatalf("%s to %s: %+v, was %+v", how, now.time, now, was)
				}
				seen[now.time] = now
			}
			var times []replayer.Time
			for range 60 {
				times = append(times, replayer.Time{Event: random.Uint64N(rec.Len()), Steps: random.Uint64N(1 << random.IntN(14))})
			}
			for _, at := range slices.SortedFunc(slices.Values(times), replayer.Time.Compare) {
				goTo(t, l, at)
				check("straight")
			}
			known := len(seen)
			for range 2 {
				random.Shuffle(len(times), func(i, j int) { times[i], times[j] = times[j], times[i] })
				for _, at := range times {
					goTo(t, l, at)
					check("seek")
				}
			}
			if len(seen) != known || known < 30 {
				t.Errorf("%d distinct times on the way there, %d after", known, len(seen))
			}
			for range 20 {
				goTo(t, l, times[random.IntN(len(times))])
				check("seek")
				n := 1 + random.IntN(5)
				for _, move := range []struct {
					how  string
					step func(context.Context) error
				}{{"forward", l.Step}, {"back", l.Back}, {"back", l.Back}, {"forward", l.Step}} {
					for range n {
						if err := move.step(context.Background()); err != nil && err != io.EOF {
							t.Fatal(err)
						}
						check(move.how)
					}
				}
			}
		})
	}
}

// n steps forward and n back end where they began, at both ends of history too.
func TestStepsBack(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	l := travel(t, rec, replayer.TravelOptions{})
	ctx := context.Background()
	first, _ := l.Time()
	if err := l.Back(ctx); err != io.EOF {
		t.Errorf("back from the first time: %v", err)
	}
	last, err := l.Last(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if at, _ := l.Time(); at != last || last.Event != rec.Len()-1 {
		t.Errorf("the last time is %s, the present %s", last, at)
	}
	if err := l.Step(ctx); err != io.EOF {
		t.Errorf("on from the last time: %v", err)
	}
	for _, from := range []replayer.Time{first, {Event: 10}, {Event: 40, Steps: 3}, last} {
		goTo(t, l, from)
		at, _ := l.Time()
		var path []replayer.Time
		for range 30 {
			now, _ := l.Time()
			path = append(path, now)
			if err := l.Back(ctx); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		for i := len(path) - 1; i >= 0; i-- {
			if now, _ := l.Time(); now != path[i] {
				if err := l.Step(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if now, _ := l.Time(); now != path[i] {
				t.Fatalf("from %s, %d steps back: forward leads to %s, not %s", at, i, now, path[i])
			}
		}
	}
}

func TestTravelRefuses(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	if _, err := replayer.Open(rec, replayer.TravelOptions{PressureThreshold: 76}); err == nil {
		t.Error("a threshold of 76 % is taken")
	}
	l := travel(t, rec, replayer.TravelOptions{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Seek(ctx, replayer.Time{Event: 9}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	var beyond *replayer.BeyondError
	if err := l.Seek(context.Background(), replayer.Time{Event: rec.Len()}); !errors.As(err, &beyond) {
		t.Errorf("beyond the end: %v", err)
	}
	if _, err := l.ReadMemory(1, 0, make([]byte, 8)); err == nil {
		t.Error("memory of no process")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Seek(context.Background(), replayer.Time{}); err == nil {
		t.Error("a closed timeline moves")
	}
}

// A search that is given up stops at an exact place, and history goes on from there.
func TestSearchGivenUp(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	l := travel(t, rec, replayer.TravelOptions{})
	last, err := l.Last(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := seeAt(t, l)
	for n := range 10 {
		goTo(t, l, replayer.Time{Event: 1})
		ctx, cancel := context.WithCancelCause(context.Background())
		why := fmt.Errorf("given up")
		go cancel(why)
		if err := l.Seek(ctx, last); err != nil && err != why {
			t.Fatal(err)
		}
		goTo(t, l, last)
		if now := seeAt(t, l); now != want {
			t.Fatalf("after %d cancelled moves: %+v, want %+v", n+1, now, want)
		}
		cancel(nil)
	}
}

// A search back that is given up leaves the present where it was.
func TestSearchBackGivenUp(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	l := travel(t, rec, replayer.TravelOptions{})
	if _, err := l.Last(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := seeAt(t, l)
	given := 0
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		// The search gets on, and then is given up.
		probe := replayer.Probe{PC: want.pc, When: func(replayer.Thread) bool { return false }}
		event := replayer.Probe{Event: func(e *trace.Event) bool {
			if e.Kind == trace.Syscall {
				cancel()
			}
			return false
		}}
		if _, err := l.FindLast(ctx, []replayer.Probe{probe, event}); errors.Is(err, context.Canceled) {
			given++
		} else if err != nil {
			t.Fatal(err)
		} else {
			goTo(t, l, want.time)
		}
		if now := seeAt(t, l); now != want {
			t.Fatalf("the present is %+v, it was %+v", now, want)
		}
	}
	if given == 0 {
		t.Error("no search was given up")
	}
}

// pinned are the times of the pinned save points.
func pinned(t *testing.T, l replayer.Timeline) (list []string) {
	t.Helper()
	s, err := l.Statistics()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Snapshots {
		if p.Pinned {
			list = append(list, p.Time)
		}
	}
	return list
}

func TestPins(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	l := travel(t, rec, replayer.TravelOptions{MaxSnapshots: 4})
	if _, err := l.Last(context.Background()); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(2, 2))
	wander := func() {
		for range 40 {
			goTo(t, l, replayer.Time{Event: random.Uint64N(rec.Len())})
		}
	}
	goTo(t, l, replayer.Time{Event: 60, Steps: 7})
	here := seeAt(t, l)
	if err := l.Pin(true); err != nil {
		t.Fatal(err)
	}
	wander()
	if got := pinned(t, l); !slices.Equal(got, []string{here.time.String()}) {
		t.Errorf("pinned: %v, want %s", got, here.time)
	}
	goTo(t, l, here.time)
	if now := seeAt(t, l); now != here {
		t.Errorf("at the pin: %+v, was %+v", now, here)
	}
	if err := l.Pin(false); err != nil {
		t.Fatal(err)
	}
	wander()
	if got := pinned(t, l); len(got) > 0 {
		t.Errorf("pinned: %v, want none", got)
	}
}

// Memory that gets short while nobody asks for anything is given back.
func TestPressureWhileIdle(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	var short atomic.Bool
	fewer := make(chan struct{}, 1000)
	l := travel(t, rec, replayer.TravelOptions{
		PressureThreshold: 10,
		Memory: func() (snapshots.Memory, error) {
			if short.Load() {
				return snapshots.Memory{Available: 1, Total: 1000}, nil
			}
			return snapshots.Memory{Available: 500, Total: 1000}, nil
		},
		Changed: func() {
			select {
			case fewer <- struct{}{}:
			default:
			}
		},
	})
	if _, err := l.Last(context.Background()); err != nil {
		t.Fatal(err)
	}
	count := func() int {
		s, err := l.Statistics()
		if err != nil {
			t.Fatal(err)
		}
		return len(s.Snapshots)
	}
	for n := range uint64(5) {
		goTo(t, l, replayer.Time{Event: 20 * n})
		if err := l.Pin(true); err != nil { // pins do not hold it up
			t.Fatal(err)
		}
	}
	if count() <= snapshots.Fewest {
		t.Fatalf("there are %d save points only", count())
	}
	short.Store(true)
	for count() > snapshots.Fewest {
		<-fewer
	}
}
