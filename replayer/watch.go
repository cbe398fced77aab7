package replayer

import (
	"cmp"
	"fmt"

	"stepback/internal/tracee"
)

// arm makes the task have the watchpoints of the breaks.
func (x *translated) arm(k *task, b *breaks) error {
	var none breaks
	b = cmp.Or(b, &none)
	if len(b.watch) == 0 {
		b = &none
	}
	if k.watched == b.version {
		return nil
	}
	k.watched = b.version
	return k.stopped.SetWatchpoints(b.watch)
}

// accessed tells the search of an access to a watchpoint, behind whose
// instruction the task stands in the cache.
func (r *run) accessed(stop tracee.Stop, cut bool, clock int64) (stops bool, err error) {
	if _, err := stop.TakeWatched(); err != nil {
		return false, err
	}
	var regs tracee.Regs
	if err := stop.Regs(&regs); err != nil {
		return false, err
	}
	c := r.k.code.cache
	if _, ours := c.Guarded(regs.Rip - 1); ours {
		return false, nil
	}
	undo, ok := c.Before(regs.Rip, cut)
	if !ok {
		return false, fmt.Errorf("an access to watched memory was seen at %#x, which is not in the code cache", regs.Rip)
	}
	return r.tell(r.steps + uint64(r.scratch.Clock()-clock) - uint64(int64(undo))), nil
}

// tell tells the search of an access by the instruction so many steps after the
// run's beginning.
func (r *run) tell(steps uint64) (stops bool) {
	b := r.goal.breaks
	if !b.accessed(b.time(steps), r.t) {
		return false
	}
	r.why = atBreak
	return true
}
