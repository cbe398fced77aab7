package replayer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"stepback/recorder/trace"
)

// WalkError says that a Time was not the same state when it was reached in
// another way.
type WalkError struct {
	Time Time
	What string // what differs
}

func (e *WalkError) Error() string {
	return fmt.Sprintf("the state at %s is not what it was on the way there in one pass: %s", e.Time, e.What)
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
// one pass from the beginning, and then again in random order. The error is a
// *WalkError when a Time was another state then.
func Walk(rec *trace.Recording, opts TravelOptions, n int) (err error) {
	random := rand.New(rand.NewPCG(opts.Seed, 1))
	side := openSide(rec)
	if side.Steps == 0 && len(side.Places) == 0 {
		// Places inside computations must be known before a Time can be.
		if _, err := Run(rec, opts.Options); err != nil {
			return err
		}
	}
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
			return &WalkError{at, fmt.Sprintf("the threads are %+v, were %+v", s.threads, was.threads)}
		case s.hash != was.hash:
			return &WalkError{at, "memory or vector registers differ"}
		}
	}
	return nil
}
