package replayer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"stepback/snapshots"
)

// savePoint is a Time to which the replay can go back at once: a copy of the
// world, made by fork and kept stopped.
type savePoint struct {
	*world
	number  int
	time    Time
	work    snapshots.Work
	pc      uint64 // of the thread that runs next
	alive   bool   // there is one
	pinned  bool
	created time.Time
}

// save makes a save point of the present, unless there is one or memory is
// short. user is where the user is meant to be, for choosing what to drop.
func (t *travel) save(user snapshots.Work) error {
	if t.r.arrived != nil {
		return nil
	}
	if err := t.relieve(user); err != nil {
		return err
	}
	now := t.pass.Time()
	at, found := slices.BinarySearchFunc(t.points, now, func(p *savePoint, now Time) int { return p.time.Compare(now) })
	if found || t.pressed && len(t.points) >= snapshots.Fewest {
		return nil
	}
	began := time.Now()
	w, err := t.r.copyWorld(t.r.world, func(k, saved *task) error {
		t.r.executor.saved(k, saved)
		return nil
	}, t.r.executor.dropped)
	if err != nil {
		return fmt.Errorf("making a save point at %s: %w", now, err)
	}
	t.made++
	p := &savePoint{world: w, number: t.made, time: now, work: t.now(), created: began}
	if _, regs, ok := t.pass.Thread(); ok {
		p.pc, p.alive = regs.Rip, true
	}
	t.points = slices.Insert(t.points, at, p)
	t.from = p
	t.creation.Took(time.Since(began))
	t.changed()
	for len(t.points) > t.policy.Max {
		if dropped, err := t.dropOne(user, false); err != nil || !dropped {
			return err
		}
	}
	t.pace.saved(p.work, time.Now())
	return nil
}

// restore makes a save point the present.
func (t *travel) restore(p *savePoint) error {
	r := t.r
	t.lost = true
	w, err := r.copyWorld(p.world, r.executor.resumed, r.executor.forget)
	if err != nil {
		return fmt.Errorf("going back to the save point at %s: %w", p.time, err)
	}
	if err := r.end(r.world, r.executor.forget); err != nil {
		return err
	}
	*r.world = *w // which others know, too
	r.arrived, r.peeked = nil, false
	if err := r.cursor.Seek(r.done); err != nil {
		return err
	}
	t.from, t.lost = p, false
	return nil
}

// pin makes a save point of the present, or takes the one there is, and keeps it
// as long as memory allows; or no longer.
func (t *travel) pin(pinned bool) error {
	if t.lost {
		return errLost
	}
	now := t.pass.Time()
	i := slices.IndexFunc(t.points, func(p *savePoint) bool { return p.time == now })
	if i < 0 && pinned {
		if err := t.save(t.now()); err != nil {
			return err
		}
		i = slices.IndexFunc(t.points, func(p *savePoint) bool { return p.time == now })
	}
	if i >= 0 {
		t.points[i].pinned = pinned
		t.changed()
	}
	return nil // without one, the way to the present is longer
}

// dropOne drops the save point that is missed least. pins: a pinned one if there
// is no other.
func (t *travel) dropOne(user snapshots.Work, pins bool) (dropped bool, err error) {
	points := make([]snapshots.Point, len(t.points))
	for i, p := range t.points {
		points[i] = snapshots.Point{At: p.work, Pinned: p.pinned || p == t.held}
	}
	i := t.policy.Victim(points, user)
	if i < 0 && pins {
		for i, p := range t.points {
			points[i].Pinned = p == t.held
		}
		i = t.policy.Victim(points, user)
	}
	if i < 0 {
		return false, nil
	}
	if t.from == t.points[i] {
		t.from = t.points[i-1]
	}
	return true, t.drop(i, i+1)
}

// drop drops the save points from number i on up to j.
func (t *travel) drop(i, j int) error {
	var errs []error
	for _, p := range t.points[i:j] {
		errs = append(errs, t.r.end(p.world, t.r.executor.dropped))
	}
	t.points = slices.Delete(t.points, i, j)
	t.changed()
	return errors.Join(errs...)
}

// memoryTick is how often the memory is looked at.
const memoryTick = 100 * time.Millisecond

// relieve drops save points while memory is short, and says so in t.pressed.
func (t *travel) relieve(user snapshots.Work) error {
	if t.threshold == 0 || time.Since(t.looked) < memoryTick {
		return nil
	}
	for {
		m, err := t.memory()
		if err != nil {
			return err
		}
		t.looked = time.Now()
		if t.pressed = m.Pressed(t.threshold); !t.pressed || len(t.points) <= snapshots.Fewest {
			return nil
		}
		if dropped, err := t.dropOne(user, true); err != nil || !dropped {
			return err
		}
	}
}

// describe tells the user about the save point.
func (p *savePoint) describe() (d snapshots.Snapshot, err error) {
	d = snapshots.Snapshot{Pinned: p.pinned, Number: p.number, Time: p.time.String(), Created: p.created}
	if p.alive {
		d.PC = fmt.Sprintf("%#x", p.pc)
	}
	for _, space := range slices.Sorted(maps.Keys(p.tasks)) {
		pid := p.tasks[space].stopped.TID()
		if d.PID == 0 {
			d.PID = pid
		}
		pss, err := snapshots.PSS(pid)
		if err != nil {
			return d, err
		}
		d.PSS += pss
	}
	return d, nil
}
