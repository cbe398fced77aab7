package replayer_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"stepback/replayer"
	"stepback/snapshots"
)

// memoryInTurns says that memory is short, and not, in turns.
func memoryInTurns() func() (snapshots.Memory, error) {
	asked := uint64(0)
	return func() (snapshots.Memory, error) {
		asked++
		return snapshots.Memory{Available: 50 + 100*(asked/5%2), Total: 1000}, nil
	}
}

// What a search finds is the same from both sides, and nothing is left behind,
// however few save points there are.
func TestWalk(t *testing.T) {
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
			tt.opts.SyscallName = func(nr uint64) string { return fmt.Sprint(nr) }
			walked, err := replayer.Walk(rec, tt.opts, 40, func(done, all int) {})
			if err != nil {
				t.Fatal(err)
			}
			if walked.States < 60 || walked.Hits < 20 {
				t.Errorf("little was compared: %+v", walked)
			}
		})
	}
}

// When memory becomes short, save points are dropped while others are made.
func TestSavePointsAreDropped(t *testing.T) {
	rec := open(t, recordSource(t, "times"))
	short := false
	l := travel(t, rec, replayer.TravelOptions{PressureThreshold: 10, Memory: func() (snapshots.Memory, error) {
		if short {
			return snapshots.Memory{Available: 50, Total: 1000}, nil
		}
		return snapshots.Memory{Available: 500, Total: 1000}, nil
	}}.Near())
	count := func() int {
		s, err := l.Statistics()
		if err != nil {
			t.Fatal(err)
		}
		return len(s.Snapshots)
	}
	last, err := l.Last(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := seeAt(t, l)
	for i := uint64(1); i <= 16; i++ {
		goTo(t, l, replayer.Time{Event: rec.Len() * i / 16})
	}
	many := count()
	short = true
	for i, until := uint64(0), time.Now().Add(time.Minute); count() > snapshots.Fewest; i++ {
		if time.Now().After(until) {
			t.Fatalf("of %d save points, %d are left after a minute without memory", many, count())
		}
		goTo(t, l, replayer.Time{Event: rec.Len() * (i * 7 % 16) / 16})
	}
	if many < 5 {
		t.Errorf("there were only %d save points", many)
	}
	goTo(t, l, last)
	if now := seeAt(t, l); now != want {
		t.Errorf("the end is %+v, was %+v", now, want)
	}
}
