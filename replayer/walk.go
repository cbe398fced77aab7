package replayer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"stepback/recorder/trace"
	"stepback/snapshots"
)

// WalkError says that a Time was not the same state when it was reached in
// another way, or that a search back did not find what one forward had found.
type WalkError struct {
	Time Time
	What string // what differs
}

func (e *WalkError) Error() string {
	return fmt.Sprintf("travel leads astray at %s: %s", e.Time, e.What)
}

// sight is what is compared of a Time.
type sight struct {
	time    Time
	hash    uint64
	threads []Thread
}

func look(l Timeline) (s sight, err error) {
	if s.time, err = l.Time(); err != nil {
		return s, err
	}
	if s.hash, err = l.Hash(); err != nil {
		return s, err
	}
	s.threads, err = l.Threads()
	for i := range s.threads {
		s.threads[i].Regs.OrigRax = 0 // which means nothing outside of calls
	}
	return s, err
}

// Walk is an oracle for travel: it looks at n random Times of a recording in
// one pass from the beginning, and then again in random order; then it searches
// forward and back for what is at these Times. The error is a *WalkError when a
// Time was another state the second time, or another hit was found.
func Walk(rec *trace.Recording, opts TravelOptions, n int) (err error) {
	random := rand.New(rand.NewPCG(opts.Seed, 1))
	side := openSide(rec)
	if side.Steps == 0 && len(side.Places) == 0 {
		// Places inside computations must be known before a Time can be.
		if _, err := Run(rec, opts.Options); err != nil {
			return err
		}
	}
	opts.near, opts.every = 3*snapshots.EventWork, 30*snapshots.EventWork // so that small recordings have save points, too
	l, err := Open(rec, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	var times []Time
	for range n {
		times = append(times, Time{Event: random.Uint64N(rec.Len()), Steps: random.Uint64N(1 << random.IntN(24))})
	}
	slices.SortFunc(times, Time.Compare)
	ctx := context.Background()
	seen := map[Time]sight{}
	for i, at := range times {
		var beyond *BeyondError
		if err := l.Seek(ctx, at); err != nil && !errors.As(err, &beyond) {
			return err
		}
		s, err := look(l)
		if err != nil {
			return err
		}
		times[i], seen[s.time] = s.time, s
	}
	random.Shuffle(len(times), func(i, j int) { times[i], times[j] = times[j], times[i] })
	for _, at := range times {
		if err := l.Seek(ctx, at); err != nil {
			return err
		}
		s, err := look(l)
		if err != nil {
			return err
		}
		was := seen[at]
		switch {
		case s.time != at:
			return &WalkError{at, fmt.Sprintf("the way there led to %s", s.time)}
		case !slices.Equal(s.threads, was.threads):
			return &WalkError{at, fmt.Sprintf("the threads are %+v, in one pass they were %+v", s.threads, was.threads)}
		case s.hash != was.hash:
			return &WalkError{at, "memory or vector registers are not what they were in one pass"}
		}
	}
	for range n / 10 {
		probes := []Probe{{Event: func(e *trace.Event) bool { return e.Kind != trace.Trap && e.TID%2 == 0 }}}
		for range 2 {
			for _, h := range seen[times[random.IntN(len(times))]].threads {
				probes = append(probes, Probe{PC: h.Regs.Rip, TID: h.ID * random.IntN(2)})
			}
		}
		if err := thereAndBack(l, times[random.IntN(len(times))], probes); err != nil {
			return err
		}
	}
	return nil
}

// thereAndBack compares the hits after a Time with those of a search back to it.
func thereAndBack(l Timeline, start Time, probes []Probe) error {
	const most = 25
	ctx := context.Background()
	if err := l.Seek(ctx, start); err != nil {
		return err
	}
	var list []Hit
	for range most {
		h, err := l.FindNext(ctx, probes)
		if err != nil {
			return err
		}
		if h == nil {
			break
		}
		list = append(list, *h)
	}
	now, err := l.Time()
	if err != nil {
		return err
	}
	if n := len(list); n > 0 && list[n-1].Time == now {
		list = list[:n-1] // which is not before the present
	}
	for i := len(list) - 1; i >= 0; i-- {
		h, err := l.FindLast(ctx, probes)
		if err != nil {
			return err
		}
		if h == nil || *h != list[i] {
			return &WalkError{list[i].Time, fmt.Sprintf("the search forward from %s found %+v, back from %s it is %+v", start, list[i], now, h)}
		}
	}
	h, err := l.FindLast(ctx, probes)
	if err == nil && h != nil && h.Time.Compare(start) > 0 {
		err = &WalkError{h.Time, fmt.Sprintf("the search back from %s found %+v, forward from %s not", now, *h, start)}
	}
	return err
}
