package replayer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
	"stepback/replayer/condition"
	"stepback/replayer/translator"
)

// Probe is what a search looks for: that an instruction is about to be
// executed, or that an event happens. The zero value of a field restricts nothing.
type Probe struct {
	// PC is the address of an instruction; 0 for none.
	PC uint64
	// Data is memory that is accessed by an instruction, or written by the kernel.
	Data Data
	// Event looks at an event of any thread, nil for none. It must not keep it.
	Event func(e *trace.Event) bool
	// TID and PID are the thread and the process in which it must happen.
	TID, PID int
	// If, if any, must hold besides. At instructions, it is compiled into the
	// translated code: it costs some nanoseconds. For an event, it is that of the
	// thread when it has happened.
	If *condition.Expr
	// When, if any, must hold besides. It costs some microseconds at each
	// instruction.
	When func(Thread) bool
}

// AtFrame is the condition that a frame is the one with this canonical frame
// address, at an instruction where that is so many bytes above the stack
// pointer: at a function's first it is 8, behind the return from it 0.
func AtFrame(cfa, above uint64) *condition.Expr {
	return condition.Is(condition.Expr{Op: condition.Register, N: condition.RSP}, cfa-above)
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
	r      *replay
	probes []Probe
	breaks breaks
	asks   bool   // the translated code alone cannot tell whether instructions are hit
	only   bool   // instructions, no events
	after  Time   // hits up to there do not count
	before *Time  // nor do those from there on
	stop   bool   // at the first
	skip   uint64 // so many before, of those that were not only counted
	hit    *Hit   // the latest
	left   uint64 // breaks.pass at that
	found  uint64 // hits, without those that were only counted
	astray bool   // it ended behind an access, where the state is none to go on from
	gaveUp bool   // so did it, since the user has no patience
	err    error
}

// countAll is more hits than there are.
const countAll = 1 << 60

// countOnly lets the translated code count the hits of instructions, and never
// leave, if it can.
func (s *search) countOnly() {
	if !s.asks {
		s.breaks.pass = countAll
	}
}

// counted is how many hits it has counted since.
func (s *search) counted() uint64 {
	if s.asks {
		return 0
	}
	return countAll - s.breaks.pass
}

// errBreak reports that a search ends here.
var errBreak = errors.New("a probe was hit")

// breaksHere are the breaks of the search that goes on, for a run from here.
func (r *replay) breaksHere() *breaks {
	s := r.search
	if s == nil || len(s.breaks.at) == 0 && len(s.breaks.watch) == 0 {
		return nil
	}
	s.breaks.from = Time{r.done - 1, r.steps}
	return &s.breaks
}

// counts reports whether a hit at a Time counts.
func (s *search) counts(at Time) bool {
	return at.Compare(s.after) > 0 && (s.before == nil || at.Compare(*s.before) < 0)
}

// take takes a hit, and reports whether the search ends.
func (s *search) take(h Hit) bool {
	s.hit, s.after, s.left = &h, h.Time, s.breaks.pass
	s.found++
	return s.stop && s.found > s.skip
}

// instruction is told that a thread is about to execute an instruction.
func (s *search) instruction(at Time, t *thread, regs *tracee.Regs) bool {
	if !s.counts(at) {
		return false
	}
	for i := range s.probes {
		p := &s.probes[i]
		if p.PC == 0 || p.PC != regs.Rip {
			continue
		}
		if (p.TID == 0 || p.TID == t.tid) && (p.PID == 0 || p.PID == t.pid) && p.holds(t.tid, t.pid, t, regs) {
			return s.take(Hit{at, i, t.tid})
		}
	}
	if !s.asks {
		s.err = fmt.Errorf("a condition held at %s when compiled, and does not when interpreted", at)
		return true
	}
	return false
}

// accessed is told that the instruction of a thread at a Time accesses data that is watched.
func (s *search) accessed(at Time, t *thread) bool {
	if s.r.opts.Paused() { // which is not asked between accesses
		s.gaveUp = true
		return true
	}
	if s.only || !s.counts(at) {
		return false
	}
	for i := range s.probes {
		if p := &s.probes[i]; p.Data.Size != 0 && (p.TID == 0 || p.TID == t.tid) && (p.PID == 0 || s.r.has(t.task.space, p.PID)) {
			s.astray = s.take(Hit{at, i, t.tid})
			return s.astray
		}
	}
	return false
}

// event is told that an event has happened.
func (s *search) event(at Time, e *trace.Event) bool {
	if s.only || !s.counts(at) {
		return false
	}
	for i := range s.probes {
		p := &s.probes[i]
		is := p.Event != nil && (p.PID == 0 || p.PID == s.r.actor.pid) && p.Event(e) || s.r.touchedBy(e, p)
		if is && (p.TID == 0 || p.TID == e.TID) && p.holds(e.TID, s.r.actor.pid, s.r.threads[e.TID], &e.After) {
			return s.take(Hit{at, i, e.TID})
		}
	}
	return false
}

// conditional reports whether the probe depends on the state of the thread.
func (p *Probe) conditional() bool { return p.If != nil || p.When != nil }

// holds reports whether the probe's conditions hold in a thread with these
// registers, which is nil when it is gone.
func (p *Probe) holds(tid, pid int, t *thread, regs *tracee.Regs) bool {
	if p.If != nil && (t == nil || !p.If.Holds(conditionState(t, regs))) {
		return false
	}
	if p.When == nil {
		return true
	}
	h := Thread{ID: tid, PID: pid, Next: true, Regs: *regs}
	h.Regs.Eflags &^= resumeFlag
	return p.When(h)
}

// compiled is the condition for the translated code, nil for none.
func (p *Probe) compiled() *condition.Expr {
	x := p.If
	if p.TID != 0 {
		x = condition.Both(condition.Is(condition.Expr{Op: condition.ThreadID}, uint64(p.TID)), x)
	}
	if p.PID != 0 {
		x = condition.Both(condition.Is(condition.Expr{Op: condition.ProcessID}, uint64(p.PID)), x)
	}
	return x
}

// checkProbes reports what is wrong with probes.
func checkProbes(probes []Probe) error {
	for i := range probes {
		p := &probes[i]
		var err error
		if p.If != nil {
			err = p.If.Check()
		}
		if err == nil && p.Data != (Data{}) {
			err = p.Data.check()
		}
		if err != nil {
			return fmt.Errorf("probe %d: %w", i, err)
		}
	}
	return nil
}

// newSearch readies a search.
func (t *travel) newSearch(probes []Probe, after Time) *search {
	t.searches++
	s := &search{r: t.r, probes: probes, after: after, breaks: breaks{at: map[uint64][]*condition.Expr{}, version: t.searches}}
	s.breaks.hit = s.instruction
	size := map[uint64]int{}
	for i := range probes {
		p := &probes[i]
		if p.PC == 0 {
			continue
		}
		x := p.compiled()
		s.asks = s.asks || p.When != nil
		if x != nil {
			size[p.PC] += x.Size()
		}
		s.breaks.at[p.PC] = append(s.breaks.at[p.PC], x)
	}
	s.breaks.accessed = s.accessed
	if slices.ContainsFunc(probes, func(p Probe) bool { return p.Data.Size != 0 }) && len(s.breaks.at) > 0 {
		s.asks = true // an instruction may be hit that accesses the data, which is one hit
	}
	s.breaks.watch, _ = watchpoints(probes)
	for pc, n := range size {
		if n > translator.MaxCondition {
			s.breaks.at[pc], s.asks = nil, true
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
	err := t.toEnd(s)
	return s.hit, err
}

// toEnd lets a search go on to the end of history.
func (t *travel) toEnd(s *search) error {
	err := t.searching(s, func() error { return t.run(Time{Event: t.r.rec.Len()}) })
	if s.astray {
		t.lost = true
		return t.seek(s.hit.Time)
	}
	var beyond *BeyondError
	if errors.As(err, &beyond) {
		last := t.pass.Time()
		t.last = &last
		err = nil
	}
	return err
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

// lastIn returns the last hit between a save point and a Time behind it. The hits of
// instructions are counted first, at the speed of translated code; then the
// last of them is gone to by its number.
func (t *travel) lastIn(p *savePoint, end Time, probes []Probe) (*Hit, error) {
	s := t.newSearch(probes, p.time.before())
	s.countOnly()
	if err := t.searchFrom(p, end, s); err != nil {
		return nil, err
	}
	n := s.counted()
	if n == 0 || s.hit != nil && s.left == s.breaks.pass {
		return s.hit, nil // no instruction was hit behind that
	}
	last := t.newSearch(probes, p.time.before())
	last.breaks.pass, last.only, last.stop = n-1, true, true
	err := t.searchFrom(p, end, last)
	if err == nil && last.hit == nil {
		err = fmt.Errorf("%d hits were counted behind %s, and the last was not found again", n, p.time)
	}
	if err == nil && s.hit != nil && s.hit.Time == last.hit.Time {
		return s.hit, nil // an event, behind which the instruction comes at once
	}
	return last.hit, err
}

// onlyCode reports whether all probes are at instructions.
func onlyCode(probes []Probe) bool {
	return !slices.ContainsFunc(probes, func(p Probe) bool { return p.PC == 0 })
}

// count counts the hits from the beginning of history up to the present, included.
func (t *travel) count(probes []Probe) (uint64, error) {
	now := t.pass.Time()
	s := t.newSearch(probes, Time{})
	s.asks = s.asks || !onlyCode(probes) // for what is hit twice at a Time is one hit
	s.countOnly()
	// The hit of the present itself is found by looking one step further.
	end := Time{now.Event, now.Steps + 1}
	err := t.searchFrom(t.points[0], end, s)
	var beyond *BeyondError
	if err != nil && !errors.As(err, &beyond) {
		return 0, err
	}
	return s.found + s.counted(), t.seek(now)
}

// findNth goes to a hit by its number, from the beginning of history: the first
// is 1. If there is none, it goes to the end.
func (t *travel) findNth(probes []Probe, n uint64) (*Hit, error) {
	if n == 0 {
		return nil, errors.New("there is no hit number 0; the first is 1")
	}
	s := t.newSearch(probes, Time{})
	s.stop, s.skip = true, n-1
	if !s.asks && onlyCode(probes) {
		s.breaks.pass, s.skip = n-1, 0
	}
	if err := t.restore(t.points[0]); err != nil {
		return nil, err
	}
	err := t.toEnd(s)
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
	s.event(p.time, &r.event)
	return nil
}

// searching lets a search go on while f runs. Save points are not made on the
// way: the user does not stay there.
func (t *travel) searching(s *search, f func() error) error {
	t.r.search = s
	err := f()
	t.r.search = nil
	if s.gaveUp {
		t.lost = true
		if err := t.seek(t.from.time); err != nil {
			return err
		}
		return ErrPaused
	}
	if errors.Is(err, errBreak) {
		return s.err
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

func (l *timeline) FindNext(ctx context.Context, probes []Probe) (*Hit, error) {
	return l.find(ctx, probes, (*travel).findNext)
}

func (l *timeline) FindLast(ctx context.Context, probes []Probe) (*Hit, error) {
	return l.find(ctx, probes, (*travel).findLast)
}

func (l *timeline) FindNth(ctx context.Context, probes []Probe, n uint64) (*Hit, error) {
	return l.find(ctx, probes, func(t *travel, probes []Probe) (*Hit, error) { return t.findNth(probes, n) })
}

func (l *timeline) find(ctx context.Context, probes []Probe, f func(*travel, []Probe) (*Hit, error)) (hit *Hit, err error) {
	if err := checkProbes(probes); err != nil {
		return nil, err
	}
	err = l.do(ctx, func(t *travel) error {
		hit, err = f(t, probes)
		return err
	})
	return hit, err
}

func (l *timeline) Count(ctx context.Context, probes []Probe) (n uint64, err error) {
	if err := checkProbes(probes); err != nil {
		return 0, err
	}
	err = l.do(ctx, func(t *travel) error {
		n, err = t.count(probes)
		return err
	})
	return n, err
}
