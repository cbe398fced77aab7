package replayer

import (
	"errors"
	"fmt"
	"io"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
	"stepback/replayer/translator"
)

// Options change how a recording is replayed.
type Options struct {
	// SyscallName names a system call in messages.
	SyscallName func(nr uint64) string
	// Progress is called now and then with the number of events replayed.
	Progress func(done uint64)
	// Native lets the processor run the program's code as it is, instead of
	// translated code. There is no step clock then.
	Native     bool
	Translator translator.Options
	// Stress makes the translated code leave at every chance, so that its
	// state is mapped back to the program's all the time.
	Stress bool
	// Oracle compares one of so many runs of a thread between two events with
	// the processor's own execution, step by step; 0 for none. Seed chooses which.
	Oracle int
	Seed   uint64
	// Observe is called at every event when its thread has arrived there and
	// nothing of it was applied yet. n is the event's number, and read reads the
	// process's memory. A Timeline that goes back passes events again.
	Observe func(n uint64, e *trace.Event, pid int, read func(addr uint64, p []byte) error)
	// Cancelled ends the replay when it returns true. It is called from
	// another goroutine, also while a thread computes.
	Cancelled func() bool
	// Paused stops a computation, at an exact place, when it returns true; the
	// replay then returns ErrPaused and can go on. It is called every few
	// milliseconds, on the replay's goroutine, and must be quick.
	Paused func() bool
}

// ErrPaused reports that Options.Paused stopped the replay.
var ErrPaused = errors.New("paused")

// ErrCancelled reports that Options.Cancelled ended the replay.
var ErrCancelled = errors.New("cancelled")

// Result is what a replay of a whole recording found.
type Result struct {
	Events uint64 // that agreed
	// Steps is the number of steps made, 0 when the processor ran the code natively.
	Steps uint64
	// Checked is how many of them the oracle compared.
	Checked uint64
}

// Run replays the recording from its beginning and compares every event. The
// error is a *Divergence when replay and recording disagree. What it found out
// about steps is kept with the recording.
func Run(rec *trace.Recording, opts Options) (result Result, err error) {
	side := openSide(rec)
	err = retry(side, func() error {
		return do(rec, opts, side, func(p *Pass) error {
			err := p.r.all()
			result = Result{Events: p.r.done, Steps: p.r.total}
			if o, ok := p.r.executor.(*oracle); ok {
				result.Checked = o.steps
			}
			return err
		})
	})
	if err == nil && !opts.Native && !opts.Translator.NoClock {
		side.keep(rec, result.Steps)
	}
	return result, err
}

// replay is one pass through a recording.
type replay struct {
	rec     *trace.Recording
	opts    Options
	s       *tracee.Session
	factory *factory
	cursor  *trace.Cursor
	*world
	in       *vectors
	executor executor
	xstate   tracee.XState
	watch    watchdog
	side     *side
	search   *search // that goes on, nil for none

	event  trace.Event // the next one
	peeked bool        // it was read
	// arrived is the end of the run to the next event, if it was found out before
	// the event is replayed.
	arrived *arrival
}

// thread is a recorded thread: a register file.
type thread struct {
	tid, pid int
	task     *task
	regs     tracee.Regs
	xstate   tracee.XState // while the thread is not in its task
}

func newReplay(s *tracee.Session, rec *trace.Recording, opts Options) (r *replay, err error) {
	r = &replay{
		rec: rec, opts: opts, s: s, side: &side{},
		world: newWorld(), in: &vectors{in: map[*task]*thread{}},
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.cursor, err = rec.Events(0); err != nil {
		return r, err
	}
	if r.factory, err = newFactory(s, rec.Manifest().CPU.Faulting); err != nil {
		return r, err
	}
	if opts.Native {
		r.executor = &native{s: s, watch: &r.watch, in: r.in}
		return r, nil
	}
	x, err := newTranslated(s, &r.watch, r.in, r.factory, opts)
	if err != nil {
		return r, err
	}
	x.world = r.world
	r.executor = x
	if opts.Oracle > 0 {
		r.executor = newOracle(x)
	}
	return r, nil
}

// all replays to the end.
func (r *replay) all() error {
	for {
		if err := r.peek(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := r.one(); err != nil {
			return err
		}
		if r.done%1024 == 0 {
			if r.opts.Progress != nil {
				r.opts.Progress(r.done)
			}
			if err := r.watch.verdict(); err != nil {
				return err
			}
		}
	}
}

// peek reads the next event.
func (r *replay) peek() error {
	if r.peeked {
		return nil
	}
	if err := r.cursor.Next(&r.event); err != nil {
		return err
	}
	r.peeked = true
	return nil
}

// one replays the next event.
func (r *replay) one() error {
	e := &r.event
	r.act(e.TID)
	if err := r.replayEvent(e); err != nil {
		if why := r.watch.verdict(); why != nil {
			return why // the task was killed for it, wherever that was noticed
		}
		var d *Divergence
		if errors.As(err, &d) {
			return d
		}
		return fmt.Errorf("replaying event %d (%s of thread %d): %w", r.cursor.Number(), e.Kind, e.TID, err)
	}
	r.act(e.TID) // it may be new, or have another address space
	r.peeked = false
	r.done++
	r.total += r.steps
	r.steps = 0
	return nil
}

// act notes whose event it is.
func (r *replay) act(tid int) {
	if t := r.threads[tid]; t != nil {
		r.actor = actor{t.pid, t.task.space}
	}
}

func (r *replay) close() error {
	errs := []error{r.end(r.world, r.executor.forget)}
	if r.executor != nil {
		errs = append(errs, r.executor.close())
	}
	if r.factory != nil {
		errs = append(errs, r.factory.close())
	}
	return errors.Join(errs...)
}

// replayEvent runs the event's thread to its place, compares, and applies what
// the event did.
func (r *replay) replayEvent(e *trace.Event) error {
	missing := e.Thread == nil && (e.Kind == trace.Thread || e.Kind == trace.Exec) || e.Exit == nil && e.Kind == trace.Exit ||
		e.Signal == nil && e.Kind == trace.Signal || e.Evidence == nil && e.Kind == trace.Preempt
	if missing {
		return errors.New("the event lacks its description; the recording was not made by a recorder")
	}
	switch e.Kind {
	case trace.Thread:
		return r.newThread(e)
	case trace.Exec:
		return r.exec(e)
	}
	t := r.threads[e.TID]
	if t == nil {
		return r.diverge(e, "the thread does not exist")
	}
	if e.Kind == trace.Exit {
		if !e.Exit.Killed {
			if err := r.arrive(e, t); err != nil {
				return err
			}
		}
		r.observe(e, t.pid, t.task)
		if err := r.apply(e, t.task); err != nil {
			return err
		}
		return r.remove(t)
	}
	if err := r.arrive(e, t); err != nil {
		return err
	}
	r.observe(e, t.pid, t.task)
	if err := r.apply(e, t.task); err != nil {
		return err
	}
	return r.leave(e, t)
}

func (r *replay) observe(e *trace.Event, pid int, k *task) {
	if r.opts.Observe != nil {
		r.opts.Observe(r.done, e, pid, k.stopped.ReadMem)
	}
}

// leave gives the thread the registers with which it goes on.
func (r *replay) leave(e *trace.Event, t *thread) error {
	t.regs = e.After
	if e.XState == nil {
		return nil
	}
	return r.in.set(t, e.XState)
}
