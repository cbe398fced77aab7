package replayer

import (
	"context"
	"errors"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// Probe is what a search looks for: that an instruction is about to be
// executed, or that an event happens. The zero value of a field restricts nothing.
type Probe struct {
	// PC is the address of an instruction; 0 for none.
	PC uint64
	// Event looks at an event of any thread, nil for none. It must not keep it.
	Event func(e *trace.Event) bool
	// TID and PID are the thread and the process in which it must happen.
	TID, PID int
	// When, if any, is what must hold besides.
	When func(Thread) bool
}

// Hit is where a probe was hit: an instruction at the Time before it is
// executed, an event at the Time when it has happened.
type Hit struct {
	Time  Time
	Probe int // index of the probe; of several, the first
	TID   int
}

// search looks for hits while the replay goes on.
type search struct {
	probes []Probe
	breaks breaks
	after  Time // hits up to there do not count
	before *Time
	stop   bool   // at the first
	hit    *Hit   // the latest
	pass   uint64 // instructions that may be passed without a look
	seen   int    // instructions that were looked at
	enough int    // so many are seen, if it is not 0, and the others are only counted
	inside bool   // an instruction was a hit
}

// A stretch of history is searched back for its last hit by looking at all of
// them in their order. If there are many, that is only done with those at its end.
const (
	manyHits  = 1000
	lastHits  = 64
	countOnly = 1 << 60
)

// errBreak reports that a search ends here.
var errBreak = errors.New("a probe was hit")

// breaksHere are the breaks of the search that goes on, for a run from here.
func (r *replay) breaksHere() *breaks {
	s := r.search
	if s == nil || len(s.breaks.pcs) == 0 {
		return nil
	}
	base := r.steps
	return &breaks{pcs: s.breaks.pcs, version: s.breaks.version, pass: &s.pass, hit: func(t *thread, regs *tracee.Regs, steps uint64) bool {
		return s.instruction(Time{r.done - 1, base + steps}, t, regs)
	}}
}

// counts reports whether a hit at a Time counts.
func (s *search) counts(at Time) bool {
	return at.Compare(s.after) > 0 && (s.before == nil || at.Compare(*s.before) < 0)
}

// found notes a hit, and reports whether the search ends.
func (s *search) found(h Hit) bool {
	s.hit, s.after = &h, h.Time
	return s.stop
}

// instruction is told that a thread is about to execute an instruction.
func (s *search) instruction(at Time, t *thread, regs *tracee.Regs) bool {
	if s.seen++; s.seen == s.enough {
		s.pass = countOnly
	}
	if !s.counts(at) {
		return false
	}
	h := Thread{ID: t.tid, PID: t.pid, Next: true, Regs: *regs}
	h.Regs.Eflags &^= resumeFlag
	for i := range s.probes {
		if p := &s.probes[i]; p.PC != 0 && p.PC == regs.Rip && p.admits(h) {
			s.inside = true
			return s.found(Hit{at, i, t.tid})
		}
	}
	return false
}

// event is told that an event has happened.
func (s *search) event(at Time, e *trace.Event, pid int) bool {
	if !s.counts(at) {
		return false
	}
	h := Thread{ID: e.TID, PID: pid, Regs: e.After}
	for i := range s.probes {
		if p := &s.probes[i]; p.Event != nil && p.admits(h) && p.Event(e) {
			return s.found(Hit{at, i, e.TID})
		}
	}
	return false
}

func (p *Probe) admits(h Thread) bool {
	return (p.TID == 0 || p.TID == h.ID) && (p.PID == 0 || p.PID == h.PID) && (p.When == nil || p.When(h))
}

// newSearch readies a search.
func (t *travel) newSearch(probes []Probe, after Time) *search {
	t.searches++
	s := &search{probes: probes, after: after, breaks: breaks{pcs: map[uint64]struct{}{}, version: t.searches}}
	for _, p := range probes {
		if p.PC != 0 {
			s.breaks.pcs[p.PC] = struct{}{}
		}
	}
	return s
}

// findNext goes to the first hit behind the present, or to the end.
func (t *travel) findNext(probes []Probe) (*Hit, error) {
	if t.lost {
		return nil, errLost
	}
	s := t.newSearch(probes, t.pass.Time())
	s.stop = true
	err := t.searching(s, func() error { return t.run(Time{Event: t.r.rec.Len()}) })
	var beyond *BeyondError
	if errors.As(err, &beyond) {
		last := t.pass.Time()
		t.last = &last
		err = nil
	}
	return s.hit, err
}

// findLast goes to the last hit before the present, or to the beginning. It
// looks through what lies behind the nearest save point, then behind the one
// before it, and so on.
func (t *travel) findLast(probes []Probe) (*Hit, error) {
	origin := t.pass.Time()
	for end := origin; end.Compare(t.points[0].time) > 0; {
		p := t.points[0]
		for _, other := range t.points {
			if other.time.Compare(end) < 0 {
				p = other
			}
		}
		hit, err := t.lastIn(p, end, probes)
		if err != nil {
			return nil, err
		}
		if hit != nil {
			return hit, t.seek(hit.Time)
		}
		end = p.time
	}
	return nil, t.seek(t.points[0].time)
}

// lastIn returns the last hit between a save point and a Time behind it.
func (t *travel) lastIn(p *savePoint, end Time, probes []Probe) (*Hit, error) {
	s := t.newSearch(probes, p.time.before())
	s.enough = manyHits
	if err := t.searchFrom(p, end, s); err != nil || s.pass == 0 {
		return s.hit, err
	}
	// The last hits have not been looked at.
	hits := uint64(manyHits) + countOnly - s.pass
	s = t.newSearch(probes, p.time.before())
	s.pass = hits - lastHits
	if err := t.searchFrom(p, end, s); err != nil || s.inside {
		return s.hit, err
	}
	// None of them counts, for it was another thread, or a condition did not hold.
	s = t.newSearch(probes, p.time.before())
	err := t.searchFrom(p, end, s)
	return s.hit, err
}

// searchFrom searches what lies between a save point, included, and a Time behind it.
func (t *travel) searchFrom(p *savePoint, end Time, s *search) error {
	if err := t.restore(p); err != nil {
		return err
	}
	s.before = &end
	if err := t.atPoint(s, p); err != nil {
		return err
	}
	return t.searching(s, func() error { return t.run(end) })
}

// atPoint tells a search of the event that a save point, which is the present,
// comes right after.
func (t *travel) atPoint(s *search, p *savePoint) error {
	r := t.r
	if p.time.Steps > 0 {
		return nil
	}
	if err := r.cursor.Seek(r.done - 1); err != nil {
		return err
	}
	if err := r.cursor.Next(&r.event); err != nil {
		return err
	}
	r.peeked = false
	s.event(p.time, &r.event, t.pidOf(r.event.TID))
	return nil
}

// pidOf is the process of a thread at the present, 0 when it is gone.
func (t *travel) pidOf(tid int) int {
	if h := t.r.threads[tid]; h != nil {
		return h.pid
	}
	return 0
}

// searching lets a search go on while f runs. Save points are not made on the
// way: the user does not stay there.
func (t *travel) searching(s *search, f func() error) error {
	t.r.search = s
	err := f()
	t.r.search = nil
	if errors.Is(err, errBreak) {
		return nil
	}
	return err
}

// before is less than a Time and no less than any before it.
func (t Time) before() Time {
	if t.Steps > 0 {
		return Time{t.Event, t.Steps - 1}
	}
	if t.Event > 0 {
		return Time{t.Event - 1, unlimited}
	}
	return Time{}
}

func (l *timeline) FindNext(ctx context.Context, probes []Probe) (hit *Hit, err error) {
	err = l.do(ctx, func(t *travel) error {
		hit, err = t.findNext(probes)
		return err
	})
	return hit, err
}

func (l *timeline) FindLast(ctx context.Context, probes []Probe) (hit *Hit, err error) {
	err = l.do(ctx, func(t *travel) error {
		hit, err = t.findLast(probes)
		return err
	})
	return hit, err
}
