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
// another way, that searches do not agree, or that something is left behind.
type WalkError struct {
	Time Time
	What string // what differs
}

func (e *WalkError) Error() string {
	return fmt.Sprintf("travel leads astray at %s: %s", e.Time, e.What)
}

// Walked is what a walk did.
type Walked struct {
	Seeks    int       `json:"seeks"`
	Searches int       `json:"searches"`
	States   int       `json:"states"`  // that were compared
	Hits     int       `json:"hits"`    // that were compared
	GivenUp  int       `json:"givenUp"` // sets of probes, searches with which took too long
	Before   Footprint `json:"before"`  // after the first fifth of the walk
	After    Footprint `json:"after"`
}

// Walk is an oracle for travel: it looks at n random Times of a recording in
// one pass from the beginning, and then makes n random moves: to these Times, a few steps back and
// on, and searches with random probes, forward and back. At last it compares whole
// lists of hits from both ends. The error is a *WalkError when a state or a hit was another one
// the second time, or when processes, descriptors or memory are left.
func Walk(rec *trace.Recording, opts TravelOptions, n int, progress func(done, all int)) (done Walked, err error) {
	side := openSide(rec)
	if side.Steps == 0 && len(side.Places) == 0 {
		// Places inside computations must be known before a Time can be.
		if _, err := Run(rec, opts.Options); err != nil {
			return done, err
		}
	}
	opts.near, opts.every = 3*snapshots.EventWork, 30*snapshots.EventWork // so that small recordings have save points, too
	before, err := lookAround()
	if err != nil {
		return done, err
	}
	l, err := Open(rec, opts)
	if err != nil {
		return done, err
	}
	w := &walker{
		Timeline: l, random: rand.New(rand.NewPCG(opts.Seed, 1)), events: rec.Len(), name: opts.SyscallName, around: before, seen: map[Time]sight{},
	}
	err = w.walk(n, progress)
	if err = errors.Join(err, l.Close()); err == nil {
		err = before.left()
	}
	return w.done, err
}

// walker is who walks.
type walker struct {
	Timeline
	random *rand.Rand
	events uint64
	name   func(nr uint64) string // of a system call
	around surroundings           // before the timeline was opened
	times  []Time                 // that were seen in the first pass, in their order
	seen   map[Time]sight
	done   Walked
}

// moves are what a walk is made of, and how often.
var moves = []struct {
	share int
	move  func(*walker) error
}{
	{16, func(w *walker) error { return w.goTo(w.anyTime()) }},
	{2, (*walker).stepsBackAndOn},
	{2, (*walker).thereAndBack},
}

func (w *walker) walk(n int, progress func(done, all int)) error {
	if err := w.pass(n); err != nil {
		return err
	}
	var deck []func(*walker) error
	for _, m := range moves {
		deck = append(deck, slices.Repeat([]func(*walker) error{m.move}, m.share)...)
	}
	lists := n / 20
	for i := range n + lists {
		move := (*walker).wholeLists
		if i < n {
			move = deck[w.random.IntN(len(deck))]
		}
		if err := move(w); err != nil {
			return err
		}
		if err := w.count(); err != nil {
			return err
		}
		if i == n/5 {
			var err error
			if w.done.Before, err = w.rest(); err != nil {
				return err
			}
		}
		progress(i+1, n+lists)
	}
	var err error
	if w.done.After, err = w.rest(); err != nil {
		return err
	}
	return w.done.After.check(w.done.Before)
}

// pass looks at n random Times on one way.
func (w *walker) pass(n int) error {
	for range n {
		w.times = append(w.times, Time{Event: w.random.Uint64N(w.events), Steps: w.random.Uint64N(1 << w.random.IntN(24))})
	}
	slices.SortFunc(w.times, Time.Compare)
	for i, at := range w.times {
		var beyond *BeyondError
		if err := w.seek(at); err != nil && !errors.As(err, &beyond) {
			return err
		}
		s, err := w.look(true)
		if err != nil {
			return err
		}
		w.times[i], w.seen[s.time] = s.time, s
		if i%searched == 0 {
			if err := w.backFromNews(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// searched is at one of how many Times the pass searches back, too.
const searched = 10

func (w *walker) anyTime() Time { return w.times[w.random.IntN(len(w.times))] }

func (w *walker) seek(at Time) error {
	w.done.Seeks++
	return w.Seek(context.Background(), at)
}

// goTo goes to a Time that was seen, which must be the same.
func (w *walker) goTo(at Time) error {
	if err := w.seek(at); err != nil {
		return err
	}
	s, err := w.look(true)
	if err != nil {
		return err
	}
	return w.same(s, w.seen[at])
}

// stepsBackAndOn makes some steps back and as many on.
func (w *walker) stepsBackAndOn() error {
	at := w.anyTime()
	if err := w.seek(at); err != nil {
		return err
	}
	var path []sight
	for range 1 + w.random.IntN(6) {
		s, err := w.look(false)
		if err != nil {
			return err
		}
		if s.time == (Time{}) {
			break
		}
		path = append(path, s)
		w.done.Seeks++
		if err := w.Back(context.Background()); err != nil {
			return err
		}
	}
	for _, was := range slices.Backward(path) {
		w.done.Seeks++
		if err := w.Step(context.Background()); err != nil {
			return err
		}
		s, err := w.look(false)
		if err == nil {
			err = w.same(s, was)
		}
		if err != nil {
			return err
		}
	}
	s, err := w.look(true)
	if err != nil {
		return err
	}
	return w.same(s, w.seen[at])
}

// sight is what is compared of a Time.
type sight struct {
	time    Time
	hash    uint64 // 0: not looked at
	threads []Thread
}

// look looks at the present, at memory only if everything is wanted: that takes
// milliseconds.
func (w *walker) look(everything bool) (s sight, err error) {
	if s.time, err = w.Time(); err != nil {
		return s, err
	}
	if everything {
		if s.hash, err = w.Hash(); err != nil {
			return s, err
		}
	}
	s.threads, err = w.Threads()
	for i := range s.threads {
		s.threads[i].Regs.OrigRax = 0 // which means nothing outside of calls
	}
	return s, err
}

// same compares what was seen with what was seen before.
func (w *walker) same(s, was sight) error {
	w.done.States++
	switch {
	case s.time != was.time:
		return &WalkError{was.time, fmt.Sprintf("the way there led to %s", s.time)}
	case !slices.Equal(s.threads, was.threads):
		return &WalkError{s.time, fmt.Sprintf("the threads are %+v, before they were %+v", s.threads, was.threads)}
	case s.hash != was.hash && s.hash != 0 && was.hash != 0:
		return &WalkError{s.time, "memory or vector registers are not what they were before"}
	}
	return nil
}
