package recorder

import (
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// A thread that computes makes no stops. While others are ready, a timer
// wakes the recorder, which interrupts the thread and looks at it: twice soon,
// to find one that waits for another by spinning (but not if it was busy last
// time), and when its time is over. Then it is preempted: where it stands
// becomes an event, whose place must be described (place.go). While nobody else is
// ready there is no timer.
//
// All threads are equal: neither nice values nor scheduling policies count.

const (
	tick       = time.Millisecond     // until the first looks
	lastTick   = 8 * time.Millisecond // until the last
	sliceTicks = 3
)

// compute lets thread t, which has the turn, run its own code to its next stop,
// beginning with a signal (0 for none).
func (r *recorder) compute(t *thread, sig unix.Signal) (tracee.Stop, error) {
	t.settled, t.poked = false, false
	if err := r.resume(t, tracee.Continue, sig); err != nil {
		return tracee.Stop{}, err
	}
	for {
		idle := len(r.queue) == 0 && t.postponed == 0
		switch {
		case idle: // the next tick turns it off
		case t.postponed != 0 || t.ticks < sliceTicks-1:
			r.ticker.Set(tick)
		default:
			r.ticker.Set(lastTick)
		}
		stop, ticked, err := r.nextOrTick(t)
		switch {
		case err != nil:
			return stop, err
		case ticked && idle:
			r.ticker.Set(0)
		case ticked:
			// If the thread has just stopped for another reason, this makes a
			// call that it is about to wait in return early, as a signal
			// would. It is rare: the thread cannot run while we do.
			t.ticks++
			t.poked = true
			if err := t.running.Interrupt(); err != nil {
				return stop, err
			}
		case stop.TID() == t.tid:
			t.stopped = stop.Stopped
			return stop, t.comeBack(stop)
		default:
			r.park(stop)
		}
	}
}

// interrupted handles a stop that has no meaning to the program. Most come from
// the recorder; the others say that job control has changed something, or tell
// the end of a group stop, and the thread must go on.
func (r *recorder) interrupted(t *thread) error {
	if len(r.queue) == 0 || !t.poked {
		return nil
	}
	var regs tracee.Regs
	if err := t.stopped.Regs(&regs); err != nil {
		return err
	}
	waits := r.look(t, &regs)
	if t.ticks < sliceTicks && !waits {
		return nil
	}
	t.busy = !waits
	return r.preempt(t, &regs)
}

// sight is what a look at a computing thread has shown.
type sight struct {
	regs  tracee.Regs
	stack uint64 // hash of the page at the stack pointer
}

// look looks at a thread at a tick, and reports whether it seems to wait for
// another thread: since the latest look its registers are the same but for its
// place in the code and for a counter, and so is the top of its stack. Such a
// thread keeps its turn for a tick or two. It is a guess: a thread that does
// useful work all the same gets its turns, but short ones.
func (r *recorder) look(t *thread, regs *tracee.Regs) (waits bool) {
	now := sight{regs: *regs}
	now.regs.Rip, now.regs.Eflags, now.regs.OrigRax = 0, 0, 0
	var page [memmap.PageSize]byte
	if t.stopped.ReadMem(memmap.PageDown(regs.Rsp), page[:]) == nil {
		now.stack = memmap.Hash(page[:])
	}
	changed := 0
	then := t.seen.regs.Words()
	for i, v := range now.regs.Words() {
		if v != then[i] {
			changed++
		}
	}
	waits = changed <= 1 && now.stack == t.seen.stack
	t.seen = now
	return waits
}

// preempt takes the turn from t, which was interrupted with these registers.
func (r *recorder) preempt(t *thread, regs *tracee.Regs) error {
	for {
		r.catchUp(t, regs)
		if r.atEvent(t, regs) {
			t.settled = true
			r.enqueue(t)
			return nil
		}
		to, mid := r.midway(t, regs)
		if !mid {
			break
		}
		if reached, err := r.runOn(t, to, 0); !reached || err != nil {
			return err
		}
		if err := t.stopped.Regs(regs); err != nil {
			return err
		}
	}
	evidence, err := r.place(t, regs)
	if err != nil {
		return err
	}
	regs.OrigRax = ^uint64(0)
	e := r.begin(trace.Preempt, t)
	e.Before, e.After, e.Evidence = *regs, *regs, evidence
	if e.Vector, r.xstate, err = t.stopped.VectorHash(r.xstate); err != nil {
		return err
	}
	r.append(t)
	r.enqueue(t)
	return nil
}
