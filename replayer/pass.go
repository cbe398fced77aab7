package replayer

import (
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// Time names one state of everything that was recorded: so many steps after an
// event. The steps are those of the thread that the next event belongs to. It
// is the same in every replay.
type Time struct {
	Event uint64 `json:"event"`
	Steps uint64 `json:"steps"`
}

// Compare orders times.
func (t Time) Compare(u Time) int {
	return cmp.Or(cmp.Compare(t.Event, u.Event), cmp.Compare(t.Steps, u.Steps))
}

// String is EVENT+STEPS.
func (t Time) String() string { return fmt.Sprintf("%d+%d", t.Event, t.Steps) }

// ParseTime reads what String writes; the steps may be left out.
func ParseTime(s string) (t Time, err error) {
	event, steps, some := strings.Cut(s, "+")
	if t.Event, err = strconv.ParseUint(event, 10, 64); err == nil && some {
		t.Steps, err = strconv.ParseUint(steps, 10, 64)
	}
	if err != nil {
		return Time{}, fmt.Errorf("%q is no time: write EVENT or EVENT+STEPS, such as 1200+35", s)
	}
	return t, nil
}

// Pass is one pass through a recording, from its beginning. It can only go forward.
type Pass struct{ r *replay }

// Do replays a recording as far as f lets it. The Pass is f's own: it must not
// leave it, nor f's goroutine.
func Do(rec *trace.Recording, opts Options, f func(*Pass) error) error {
	return do(rec, opts, openSide(rec), f)
}

func do(rec *trace.Recording, opts Options, side *side, f func(*Pass) error) error {
	if err := CheckCPU(rec.Manifest()); err != nil {
		return err
	}
	return tracee.Run(func(s *tracee.Session) error {
		r, err := newReplay(s, rec, opts)
		if err != nil {
			return err
		}
		r.side = side
		stop := r.watch.start(opts.Cancelled, patience(rec.Elapsed()))
		err = f(&Pass{r})
		stop()
		return errors.Join(err, r.close())
	})
}

// Time is where the pass is.
func (p *Pass) Time() Time { return Time{Event: max(p.r.done, 1) - 1, Steps: p.r.steps} }

// BeyondError reports a Time that does not exist.
type BeyondError struct {
	Time Time
	End  Time // of the slice, or of the recording
}

func (e *BeyondError) Error() string {
	return fmt.Sprintf("there is no time %s: the last before the next event is %s", e.Time, e.End)
}

// RunTo goes on to a Time, which must not lie before the pass's.
func (p *Pass) RunTo(t Time) error {
	r := p.r
	if t.Compare(p.Time()) < 0 {
		return fmt.Errorf("a pass cannot go back from %s to %s", p.Time(), t)
	}
	for r.done <= t.Event {
		if err := r.peek(); err == io.EOF {
			return &BeyondError{t, p.Time()}
		} else if err != nil {
			return err
		}
		if err := r.one(); err != nil {
			return err
		}
	}
	for r.steps < t.Steps {
		arrived, err := r.within(t.Steps - r.steps)
		switch {
		case err == io.EOF || err == nil && arrived && r.steps < t.Steps:
			return &BeyondError{t, p.Time()}
		case err != nil:
			return fmt.Errorf("going to %s: %w", t, err)
		}
	}
	return nil
}

// errUnknownPlace reports that a slice ends inside a computation, nobody knows where.
var errUnknownPlace = errors.New("where the next event is, inside a computation, is known only when the recording was replayed once")

// within makes at most n steps of the slice that the replay is in; arrived: the
// next event comes now. io.EOF: there is none.
func (r *replay) within(n uint64) (arrived bool, err error) {
	if err := r.peek(); err != nil {
		return false, err
	}
	thread := r.threads[r.event.TID]
	if thread == nil || !r.moves(&r.event) || r.arrived != nil {
		return true, nil
	}
	if inside(&r.event) {
		// Nothing would stop the thread at the end of the slice.
		end, ok := r.side.steps(r.done)
		if !ok {
			return false, errUnknownPlace
		}
		n = min(n, end-r.steps)
		arrived = r.steps+n == end
	}
	if n == 0 {
		return arrived, nil
	}
	a, err := r.executor.run(thread, goal{steps: n, breaks: r.breaksHere()})
	r.steps += a.steps
	switch {
	case err != nil:
		return false, err
	case a.why == atPause:
		return false, ErrPaused
	case a.why == atBreak:
		return false, errBreak
	case a.why != atGoal:
		r.arrived = &a
		return true, nil
	}
	return arrived, nil
}

// Thread returns the thread that runs next, and its registers; ok is false
// behind the last event.
func (p *Pass) Thread() (tid int, regs tracee.Regs, ok bool) {
	if p.r.peek() != nil {
		return 0, regs, false
	}
	t := p.r.threads[p.r.event.TID]
	if t == nil {
		return p.r.event.TID, regs, false
	}
	regs = t.regs
	regs.Eflags &^= resumeFlag
	return t.tid, regs, true
}

// Hash is a hash of everything that the recorded processes have: the registers
// and vector states of all threads, and all memory.
func (p *Pass) Hash() (uint64, error) {
	h := fnv.New64a()
	r := p.r
	for _, tid := range slices.Sorted(maps.Keys(r.threads)) {
		t := r.threads[tid]
		if err := r.in.load(t); err != nil {
			return 0, err
		}
		vector, err := r.vectorHash(t.task.stopped)
		if err != nil {
			return 0, err
		}
		regs := t.regs
		regs.OrigRax, regs.Eflags = 0, regs.Eflags&^resumeFlag
		fmt.Fprintln(h, tid, regs, vector)
	}
	for _, space := range slices.Sorted(maps.Keys(r.tasks)) {
		k := r.tasks[space]
		buf := make([]byte, 64*memmap.PageSize)
		all, err := k.memory()
		if err != nil {
			return 0, err
		}
		for _, m := range all.All() {
			fmt.Fprintln(h, space, m.Start, m.End, m.Prot)
			if m.Prot == 0 {
				continue // cannot be read; allocators reserve much of it
			}
			for addr := m.Start; addr < m.End; {
				n := k.stopped.ReadSome(addr, buf[:min(m.End-addr, uint64(len(buf)))])
				n -= n % memmap.PageSize
				fmt.Fprintln(h, addr, memmap.Hash(buf[:n]))
				addr += uint64(max(n, memmap.PageSize))
			}
		}
	}
	return h.Sum64(), nil
}
