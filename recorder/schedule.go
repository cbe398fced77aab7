package recorder

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

const (
	// sliceEvents is the number of events after which another ready thread
	// gets the turn.
	sliceEvents = 100
	// patience is how many times the recorder lets a thread's system call run
	// on before it gives the turn to another ready thread.
	patience = 3
)

// loop gives the turn to one thread after the other until none is left.
func (r *recorder) loop() error {
	for len(r.threads) > 0 {
		if r.log.Err() != nil || r.stopped.Load() {
			return nil
		}
		if len(r.queue) == 0 {
			stop, err := r.s.Wait(-1)
			if errors.Is(err, tracee.ErrGone) {
				return nil // all that is left are leaders without threads
			}
			if err != nil {
				return err
			}
			r.park(stop)
			continue
		}
		r.collect()
		t := r.queue[0]
		r.queue = r.queue[1:]
		if t.state != ready {
			continue
		}
		t.state, t.slice, t.ticks = active, 0, 0
		if t.busy {
			t.ticks = sliceTicks - 1
		}
		if err := r.turn(t); err != nil && !errors.Is(err, tracee.ErrGone) {
			return fmt.Errorf("recording thread %d: %w", t.tid, err)
		} else if err != nil && t.state == active {
			t.state = blocked // killed; its end will be reported
		}
	}
	return nil
}

// turn lets thread t run until it ends, blocks, or has had its share.
func (r *recorder) turn(t *thread) error {
	for t.state == active {
		stop := t.pending
		t.pending = nil
		if stop == nil {
			if (t.slice >= sliceEvents || t.ticks >= sliceTicks) && len(r.queue) > 0 && t.settled {
				r.enqueue(t)
				return nil
			}
			got, err := r.compute(t, t.postponed)
			if err != nil {
				return err
			}
			stop = &got
		}
		if err := r.handle(t, *stop); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) resume(t *thread, how tracee.How, sig unix.Signal) error {
	r.resumes++
	running, err := t.stopped.Resume(how, sig)
	t.running = running
	return err
}

// waitFor waits for thread t, which has the turn; what others report
// meanwhile waits for theirs.
func (r *recorder) waitFor(t *thread) (tracee.Stop, error) {
	for {
		stop, err := r.next(t)
		if err != nil {
			return stop, err
		}
		if stop.TID() == t.tid {
			t.stopped = stop.Stopped
			return stop, nil
		}
		r.park(stop)
	}
}

// waitCall waits for thread t to leave the kernel. When the call may wait for
// something, the turn goes to another ready thread after a while; ok is then
// false and t is let go.
func (r *recorder) waitCall(t *thread) (stop tracee.Stop, ok bool, err error) {
	for tries := 0; ; {
		if len(r.queue) == 0 {
			stop, err = r.next(t)
		} else {
			if tries == patience {
				return stop, false, r.letGo(t)
			}
			tries++
			r.s.Yield()
			var any bool
			if stop, any, err = r.s.Poll(-1); err == nil && !any {
				continue
			}
		}
		if err != nil {
			return stop, false, err
		}
		if stop.TID() == t.tid {
			t.stopped = stop.Stopped
			return stop, true, nil
		}
		r.park(stop)
	}
}

// waitShort waits for thread t to leave a call that does not wait for others,
// as a rule. But a file may be served by a recorded process, or leased to one:
// a thread that sleeps for long is let go after all.
func (r *recorder) waitShort(t *thread) (stop tracee.Stop, ok bool, err error) {
	const yields, naps = 100, 100
	for i := 0; ; i++ {
		stop, any, err := r.s.Poll(-1)
		switch {
		case err != nil:
			return stop, false, err
		case any && stop.TID() == t.tid:
			t.stopped = stop.Stopped
			return stop, true, nil
		case any:
			r.park(stop)
		case i < yields:
			r.s.Yield()
		case i > yields+naps && asleep(t.tid):
			return stop, false, r.letGo(t)
		default:
			time.Sleep(nap)
		}
	}
}

// next waits for the next stop while t has the turn.
func (r *recorder) next(t *thread) (tracee.Stop, error) {
	for {
		if stop, ticked, err := r.nextOrTick(t); !ticked {
			return stop, err
		}
	}
}

// nextOrTick is next that ends at a tick as well.
func (r *recorder) nextOrTick(t *thread) (stop tracee.Stop, ticked bool, err error) {
	if r.alone() {
		return r.s.WaitOrTick(t.tid) // faster than waiting for anybody
	}
	if len(r.queue) == 0 || !t.killedSilently() {
		return r.s.WaitOrTick(-1)
	}
	for range tick / nap {
		stop, any, err := r.s.Poll(-1)
		if any || err != nil {
			return stop, false, err
		}
		if ended(t.tid) {
			return tracee.Stop{Stopped: t.stopped, Kind: tracee.Exited, Status: unix.WaitStatus(unix.SIGKILL)}, false, nil
		}
		time.Sleep(nap)
	}
	return stop, true, nil
}

// nap is how long the recorder sleeps between two looks at a thread that
// reports nothing.
const nap = 200 * time.Microsecond

// killedSilently reports whether t may have been killed without a report: a
// leader reports its end only after its threads', and these wait to be sent to
// their ends by the recorder.
func (t *thread) killedSilently() bool {
	if t.tid != t.proc.pid {
		return false
	}
	for _, other := range t.proc.threads {
		if p := other.pending; p != nil && (p.Kind == tracee.ExitingStop || p.Kind == tracee.Exited) {
			return true
		}
	}
	return false
}

// alone reports whether only one thread is left that can report anything.
// Leaders that ended before their threads must be reaped, for their parents
// wait for them.
func (r *recorder) alone() bool {
	return len(r.threads) == 1 && len(r.leaders) == 0 && len(r.early) == 0
}

// letGo writes that t entered its call, and leaves it there.
func (r *recorder) letGo(t *thread) error {
	if err := r.enter(t); err != nil {
		return err
	}
	t.state = blocked
	return nil
}

// collect takes what blocked threads report, without waiting.
func (r *recorder) collect() {
	if r.alone() {
		return
	}
	for {
		stop, any, err := r.s.Poll(-1)
		if err != nil || !any {
			return
		}
		r.park(stop)
	}
}

// park keeps a stop for the turn of its thread.
func (r *recorder) park(stop tracee.Stop) {
	t := r.threads[stop.TID()]
	if t == nil && stop.Kind == tracee.ExecStop {
		t = r.rename(stop)
	}
	if t == nil {
		r.unknown(stop)
		return
	}
	// A thread that has a stop to handle already was killed in it.
	t.pending, t.stopped = &stop, stop.Stopped
	if t.state != ready {
		r.enqueue(t)
	}
}

// unknown keeps the first stop of a thread whose parent did not report it yet,
// and notes the end of a leader that was waiting for its threads.
func (r *recorder) unknown(stop tracee.Stop) {
	if stop.Kind == tracee.ExitingStop {
		// Killed before its parent could report it: it never ran.
		stop.Resume(tracee.Continue, 0)
	}
	if stop.Kind != tracee.Exited {
		r.early[stop.TID()] = &stop
		return
	}
	delete(r.early, stop.TID())
	if p := r.leaders[stop.TID()]; p != nil {
		p.status = stop.Status
		delete(r.leaders, stop.TID())
	}
}

func (r *recorder) enqueue(t *thread) {
	t.state = ready
	r.queue = append(r.queue, t)
}
