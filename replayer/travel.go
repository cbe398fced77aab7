package replayer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"stepback/snapshots"
)

// travel moves a replay through time, in both directions: forward by replaying,
// back to a save point and forward from there.
type travel struct {
	r      *replay
	pass   *Pass
	policy snapshots.Policy
	points []*savePoint // in the order of their times; the first is the first Time
	from   *savePoint   // that the present was replayed from
	held   *savePoint   // that a search goes back to again, nil for none
	// known is how many steps were made when an event was replayed, for all that
	// were passed.
	known []uint64
	last  *Time // of the recording, nil while unknown
	// repaired: places inside computations were looked for by a pass of their own.
	repaired bool
	// lost: the present is no state of the recording, because replay failed on the way.
	lost bool

	searches  int
	observing bool // memory, even if debug registers could do it
	made      int  // save points
	creation  snapshots.Creation
	threshold int // of memory pressure, in percent
	memory    func() (snapshots.Memory, error)
	changed   func()
	pressed   bool
	looked    time.Time // at the memory
	pace      pace
}

// near is where the nearest save point lies before the user's place. Replaying
// from there costs less than making the copy that is replayed, also where
// a program writes all over its memory. every is the least distance of save points on a
// long way: some 10 ms of replay.
const (
	near  = 250_000
	every = 20_000_000
)

func newTravel(p *Pass, opts TravelOptions) (*travel, error) {
	t := &travel{
		r: p.r, pass: p, threshold: opts.PressureThreshold, memory: opts.Memory, changed: opts.Changed,
		policy: snapshots.Policy{Max: max(opts.MaxSnapshots, snapshots.Fewest), Near: opts.near, Every: opts.every},
	}
	// The first event makes the first process.
	if err := p.r.peek(); err == io.EOF {
		return nil, errors.New("the recording has no events: the program was not started")
	} else if err != nil {
		return nil, err
	}
	if err := t.event(); err != nil {
		return nil, err
	}
	return t, t.save(0)
}

// work is a Time's place on the timeline. ok is false when it was not passed yet.
func (t *travel) work(at Time) (w snapshots.Work, ok bool) {
	if at.Event >= uint64(len(t.known)) {
		return 0, false
	}
	return snapshots.Work(t.known[at.Event]+at.Steps) + snapshots.EventWork*snapshots.Work(at.Event), true
}

// now is the present's place.
func (t *travel) now() snapshots.Work {
	w, _ := t.work(t.pass.Time())
	return w
}

// event replays the next event.
func (t *travel) event() error {
	r := t.r
	if err := r.one(); err != nil {
		return err
	}
	if r.done > uint64(len(t.known)) {
		t.known = append(t.known, r.total)
	}
	if s := r.search; s != nil && s.event(t.pass.Time(), &r.event) {
		return errBreak
	}
	if r.opts.Progress != nil && r.done%1024 == 0 {
		r.opts.Progress(r.done)
	}
	return nil
}

// seek goes to a Time.
func (t *travel) seek(to Time) error {
	i, found := slices.BinarySearchFunc(t.points, to, func(p *savePoint, to Time) int { return p.time.Compare(to) })
	if !found {
		i--
	}
	if i < 0 {
		return fmt.Errorf("there is no time %s: the first is %s", to, t.points[0].time)
	}
	now := t.pass.Time()
	if p := t.points[i]; t.lost || to.Compare(now) < 0 || p.time.Compare(now) > 0 {
		if err := t.restore(p); err != nil {
			return err
		}
	}
	err := t.run(to)
	var beyond *BeyondError
	if errors.As(err, &beyond) && t.r.arrived != nil {
		// The thread has arrived at the event, and its registers are those of
		// the arrival: of a call in the kernel, or of a string instruction half done.
		t.lost = true
		if err := t.seek(beyond.End); err != nil {
			return err
		}
		return beyond
	}
	var d *Divergence
	if errors.As(err, &d) && !t.repaired {
		if t.repair() == nil {
			return t.seek(to)
		}
	}
	return err
}

// repair is for a replay that took the place of an event inside a computation
// for another: a pass of its own finds out the right ones, and travel begins
// anew.
func (t *travel) repair() error {
	t.repaired = true
	opts := t.r.opts
	opts.Cancelled, opts.Paused, opts.Progress = opts.Paused, nil, nil
	ended := make(chan error)
	go func() { // which owns its session's thread
		_, err := Run(t.r.rec, opts)
		ended <- err
	}()
	if err := <-ended; err != nil {
		return err
	}
	t.r.side = openSide(t.r.rec)
	t.known, t.last, t.lost = t.known[:1], nil, true
	return t.drop(1, len(t.points))
}

// run goes on to a Time, and makes save points on the way.
func (t *travel) run(to Time) error {
	t.pace.rest()
	err := t.forward(to)
	var beyond *BeyondError
	if err != nil && !errors.Is(err, ErrPaused) && !errors.Is(err, errBreak) && !errors.As(err, &beyond) {
		t.lost = true
	}
	return err
}

// memorySteps is how many steps may be made before the memory is looked at: some
// 200 ms.
const memorySteps = 300_000_000

func (t *travel) forward(to Time) error {
	r := t.r
	for {
		now := t.pass.Time()
		if now.Compare(to) >= 0 {
			return nil
		}
		if r.opts.Paused() {
			return ErrPaused
		}
		next, user, ok := t.next(to)
		if !ok {
			user = t.now()
		}
		if err := t.relieve(user); err != nil {
			return err
		}
		most := uint64(memorySteps)
		if at := t.now(); ok && next > at {
			most = min(most, uint64(next-at))
		}
		if to.Event == now.Event {
			most = min(most, to.Steps-now.Steps)
		}
		arrived, err := r.within(most)
		switch {
		case err == io.EOF || err == nil && arrived && to.Event == now.Event && r.steps < to.Steps:
			return &BeyondError{to, t.pass.Time()}
		case errors.Is(err, errUnknownPlace), err == nil && arrived && to.Event > now.Event:
			if err := t.event(); err != nil {
				return err
			}
			if to.Event == now.Event {
				return t.seek(to) // behind which the event was found
			}
		case err != nil:
			return err
		}
		if ok && t.now() >= next {
			if err := t.save(user); err != nil {
				return err
			}
		}
	}
}

// next is where to make a save point on the way to a Time, and where the user
// is meant to be then.
func (t *travel) next(to Time) (next, user snapshots.Work, ok bool) {
	now := t.now()
	if t.r.search != nil && uint64(len(t.known)) > t.r.done {
		return 0, 0, false // nobody stays here, and it was passed before
	}
	if goal, known := t.work(to); known {
		next, ok = t.policy.Next(now, goal)
		return next, goal, ok
	}
	latest := t.points[0].work
	for _, p := range t.points {
		if p.work <= now {
			latest = p.work
		}
	}
	return latest + t.pace.distance(t.policy.Every, time.Duration(t.creation.Mean*1e6)), now, true
}

// step goes on by one step, or by an event where the slice ends.
func (t *travel) step() error {
	if t.lost {
		return errLost
	}
	before := t.r.steps
	arrived, err := t.r.within(1)
	if errors.Is(err, errUnknownPlace) {
		at := t.pass.Time()
		at.Steps++
		if err = t.seek(at); errors.As(err, new(*BeyondError)) {
			return t.event()
		}
		return err
	}
	if err == nil && arrived && t.r.steps == before {
		return t.event()
	}
	return err
}

// errLost reports that there is no present after a failure.
var errLost = errors.New("replay failed on the way here; go to another time first")

// back goes back by one step, or an event.
func (t *travel) back() error {
	at := t.pass.Time()
	switch {
	case at == t.points[0].time:
		return io.EOF
	case at.Steps > 0:
		at.Steps--
	default:
		at.Event--
		at.Steps = t.known[at.Event+1] - t.known[at.Event]
	}
	return t.seek(at)
}

// toLast goes to the last Time of the recording.
func (t *travel) toLast() (Time, error) {
	if t.last != nil {
		return *t.last, t.seek(*t.last)
	}
	err := t.seek(Time{Event: t.r.rec.Len()})
	var beyond *BeyondError
	if !errors.As(err, &beyond) {
		return Time{}, err
	}
	last := t.pass.Time()
	t.last = &last
	t.r.side.keep(t.r.rec, t.r.total)
	return last, nil
}

// threads are the threads at the present.
func (t *travel) threads() ([]Thread, error) {
	if t.lost {
		return nil, errLost
	}
	next, _, _ := t.pass.Thread()
	var list []Thread
	for _, id := range slices.Sorted(maps.Keys(t.r.threads)) {
		h := t.r.threads[id]
		regs := h.regs
		regs.Eflags &^= resumeFlag
		list = append(list, Thread{ID: id, PID: h.pid, Next: id == next, Regs: regs})
	}
	return list, nil
}

func (t *travel) readMemory(pid int, addr uint64, p []byte) (int, error) {
	if t.lost {
		return 0, errLost
	}
	k, err := t.taskOf(pid)
	if err != nil {
		return 0, err
	}
	n, err := k.extent(addr, uint64(len(p)))
	return k.stopped.ReadSome(addr, p[:n]), err
}

// taskOf is the task of a process.
func (t *travel) taskOf(pid int) (*task, error) {
	for _, h := range t.r.threads {
		if h.pid == pid {
			return h.task, nil
		}
	}
	return nil, fmt.Errorf("there is no process %d at %s", pid, t.pass.Time())
}

// mappings are what a process has mapped.
func (t *travel) mappings(pid int) ([]Mapping, error) {
	if t.lost {
		return nil, errLost
	}
	k, err := t.taskOf(pid)
	if err != nil {
		return nil, err
	}
	all, err := k.memory()
	list := make([]Mapping, 0, len(all.All()))
	for _, m := range all.All() {
		list = append(list, Mapping{
			Start: m.Start, End: m.End, Prot: m.Prot, Shared: m.Shared, Name: m.Name, Blob: m.Blob, Offset: m.Offset,
		})
	}
	return list, err
}

// statistics describes the save points.
func (t *travel) statistics() (s snapshots.Statistics, err error) {
	s = snapshots.Statistics{
		Snapshots: []snapshots.Snapshot{}, Creation: t.creation, MaxSnapshots: t.policy.Max, MemoryPressureThreshold: t.threshold,
	}
	if s.DebuggerMemory, err = snapshots.PSS(os.Getpid()); err != nil {
		return s, err
	}
	s.TotalMemory = s.DebuggerMemory
	for _, k := range t.r.tasks {
		pss, err := snapshots.PSS(k.stopped.TID())
		if err != nil {
			return s, err
		}
		s.TotalMemory += pss
	}
	for _, p := range t.points {
		d, err := p.describe()
		if err != nil {
			return s, err
		}
		d.Current = p == t.from
		s.TotalMemory += d.PSS
		s.Snapshots = append(s.Snapshots, d)
	}
	return s, nil
}

// close ends the save points.
func (t *travel) close() error { return t.drop(0, len(t.points)) }
