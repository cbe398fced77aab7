package replayer

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
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
	// Oracle compares one of so many runs of a thread between two events with
	// the processor's own execution, step by step; 0 for none. Seed chooses which.
	Oracle int
	Seed   uint64
	// Observe is called at every event when its thread has arrived there and
	// nothing of it was applied yet. read reads the process's memory.
	Observe func(e *trace.Event, pid int, read func(addr uint64, p []byte) error)
	// Cancelled ends the replay when it returns true. It is called from
	// another goroutine, also while a thread computes.
	Cancelled func() bool
}

// ErrCancelled reports that Options.Cancelled ended the replay.
var ErrCancelled = errors.New("cancelled")

// thread is a recorded thread: a register file.
type thread struct {
	tid, pid int
	task     *task
	regs     tracee.Regs
	xstate   tracee.XState // while the thread is not in its task
}

// replay is one pass through a recording.
type replay struct {
	rec      *trace.Recording
	opts     Options
	s        *tracee.Session
	factory  *factory
	cursor   *trace.Cursor
	tasks    map[uint32]*task
	threads  map[int]*thread
	objects  map[uint32]*os.File
	in       vectors
	executor executor
	xstate   tracee.XState
	done     uint64
	watch    watchdog
}

// Run replays the recording from its beginning, natively, and compares every
// event. It returns the number of events that agreed. The error is a
// *Divergence when replay and recording disagree.
func Run(rec *trace.Recording, opts Options) (uint64, error) {
	if err := CheckCPU(rec.Manifest()); err != nil {
		return 0, err
	}
	var done uint64
	err := tracee.Run(func(s *tracee.Session) error {
		r := &replay{
			rec: rec, opts: opts, s: s,
			tasks: map[uint32]*task{}, threads: map[int]*thread{}, objects: map[uint32]*os.File{}, in: vectors{},
		}
		stop := r.watch.start(opts.Cancelled, patience(rec.Elapsed()))
		err := r.run()
		stop()
		done = r.done
		return errors.Join(err, r.close())
	})
	return done, err
}

func (r *replay) run() (err error) {
	if r.cursor, err = r.rec.Events(0); err != nil {
		return err
	}
	if r.factory, err = newFactory(r.s, r.rec.Manifest().CPU.Faulting); err != nil {
		return err
	}
	if r.opts.Native {
		r.executor = &native{s: r.s, watch: &r.watch, in: r.in}
	} else {
		x, err := newTranslated(r.s, &r.watch, r.in, r.factory, r.opts.Translator)
		if err != nil {
			return err
		}
		r.executor = x
		if n := r.opts.Oracle; n > 0 {
			r.executor = &oracle{
				translated: x, factory: r.factory, random: rand.New(rand.NewPCG(r.opts.Seed, 0)), every: n,
				native: &native{s: r.s, watch: &r.watch, in: r.in},
			}
		}
	}
	var e trace.Event
	for {
		if err := r.cursor.Next(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := r.event(&e); err != nil {
			var d *Divergence
			if errors.As(err, &d) {
				return d
			}
			return fmt.Errorf("replaying event %d (%s of thread %d): %w", r.cursor.Number(), e.Kind, e.TID, err)
		}
		r.done++
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

func (r *replay) close() error {
	var errs []error
	for _, t := range r.tasks {
		r.executor.forget(t)
		errs = append(errs, r.factory.kill(t))
	}
	if r.executor != nil {
		errs = append(errs, r.executor.close())
	}
	if r.factory != nil {
		errs = append(errs, r.factory.close())
	}
	for _, f := range r.objects {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// event replays one event.
func (r *replay) event(e *trace.Event) error {
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
		r.opts.Observe(e, pid, k.stopped.ReadMem)
	}
}

// arrive brings the thread to the event's place and compares.
func (r *replay) arrive(e *trace.Event, t *thread) error {
	g := goal{steps: unlimited}
	var want reason
	inside := e.Evidence != nil && !e.Evidence.Exact // of a computation
	switch {
	case e.Kind == trace.Signal && !e.Signal.Synchronous && inside && e.Signal.Disposition == trace.Fatal && e.Evidence.Pages == nil:
		// Somewhere in a computation that never ends otherwise. Where it was
		// matters to nobody: the thread does nothing more.
		return nil
	case e.Kind == trace.Preempt, e.Kind == trace.Signal && !e.Signal.Synchronous && inside:
		want = atGoal
		g.place = &place{regs: e.Before, matches: func(s tracee.Stopped) (bool, error) { return r.matches(e, s) }}
	case e.Kind == trace.Return, e.Kind == trace.Restart, e.Kind == trace.Exit, e.Evidence != nil && e.Evidence.Exact:
		// The thread is there already.
		now, then := t.regs, e.Before
		now.OrigRax, then.OrigRax = 0, 0
		return r.compare(e, &now, &then)
	case e.Kind == trace.Syscall, e.Kind == trace.Enter:
		want = atCall
	case e.Kind == trace.Signal, e.Kind == trace.Trap:
		want = atFault
	default:
		return fmt.Errorf("events of kind %s cannot be replayed", e.Kind)
	}
	a, err := r.executor.run(t, g)
	if err != nil {
		return err
	}
	if e.Kind == trace.Trap && e.Refused && a.why == atCall {
		// A call through the 32-bit gate: in the recording it was a signal,
		// for which the kernel had put rax back.
		t.regs.Rax, t.regs.OrigRax = t.regs.OrigRax, e.Before.OrigRax
		t.task.loaded = false
		return r.compare(e, &t.regs, &e.Before)
	}
	if a.why != want && !(a.why == atVsyscall && want == atCall) {
		return r.wrongStop(e, t, &a)
	}
	if want == atFault {
		if err := r.compareSignal(e, t, &a); err != nil {
			return err
		}
	}
	if a.lostFlags {
		const arithmetic = 0x8d5
		t.regs.Eflags = t.regs.Eflags&^arithmetic | e.Before.Eflags&arithmetic
	}
	if want != atCall {
		t.regs.OrigRax = e.Before.OrigRax // which means nothing there
	}
	if err := r.compare(e, &t.regs, &e.Before); err != nil {
		return err
	}
	if err := r.compareVector(e, t); err != nil {
		return err
	}
	if e.Evidence != nil {
		if err := r.comparePages(e, t.task.stopped); err != nil {
			return err
		}
	}
	if a.why == atVsyscall {
		return r.s.LeaveVsyscall(t.task.stopped, &t.regs, e.After.Rax)
	}
	return nil
}

// matches reports whether a task at the event's registers has its vector state
// and its pages as well.
func (r *replay) matches(e *trace.Event, s tracee.Stopped) (bool, error) {
	if hash, err := r.vectorHash(s); err != nil || hash != e.Vector {
		return false, err
	}
	page := make([]byte, memmap.PageSize)
	for _, p := range e.Evidence.Pages {
		if s.ReadMem(p.Addr, page) != nil || memmap.Hash(page) != p.Hash {
			return false, nil
		}
	}
	return true, nil
}

func (r *replay) vectorHash(s tracee.Stopped) (hash uint64, err error) {
	hash, r.xstate, err = s.VectorHash(r.xstate)
	return hash, err
}

func (r *replay) compareVector(e *trace.Event, t *thread) error {
	if e.Vector == 0 {
		return nil
	}
	hash, err := r.vectorHash(t.task.stopped)
	if err != nil {
		return err
	}
	if hash != e.Vector {
		d := r.diverge(e, "the vector registers differ (hash %#x recorded, %#x replayed)", e.Vector, hash)
		d.Register, d.Recorded, d.Replayed, d.PC = "xstate", e.Vector, hash, t.regs.Rip
		return d
	}
	return nil
}

// comparePages compares memory with the evidence of the event.
func (r *replay) comparePages(e *trace.Event, s tracee.Stopped) error {
	page := make([]byte, memmap.PageSize)
	for _, p := range e.Evidence.Pages {
		if err := s.ReadMem(p.Addr, page); err != nil {
			return r.diverge(e, "the page at %#x of the recording is not there: %v", p.Addr, err)
		}
		if hash := memmap.Hash(page); hash != p.Hash {
			d := r.diverge(e, "the memory in the page at %#x differs (hash %#x recorded, %#x replayed)", p.Addr, p.Hash, hash)
			d.Register, d.Recorded, d.Replayed = "memory", p.Hash, hash
			return d
		}
	}
	return nil
}

func (r *replay) compare(e *trace.Event, got, want *tracee.Regs) error {
	name, g, w := got.Diff(want)
	if name == "" {
		return nil
	}
	d := r.diverge(e, "%s is %#x, recorded was %#x, at pc %#x (recorded %#x)", name, g, w, got.Rip, want.Rip)
	d.Register, d.Recorded, d.Replayed, d.PC = name, w, g, got.Rip
	return d
}

// compareSignal checks that the fault is the recorded one.
func (r *replay) compareSignal(e *trace.Event, t *thread, a *arrival) error {
	signal, addr := int(unix.SIGSEGV), uint64(0)
	if e.Signal != nil {
		signal = e.Signal.Number
		if len(e.Signal.Info) == len(a.info) {
			addr = (*tracee.SigInfo)(e.Signal.Info).Address()
		}
	}
	if a.info.Number() != signal || e.Signal != nil && a.info.Address() != addr {
		d := r.diverge(e, "replay got %s at address %#x, recorded was %s at %#x",
			unix.SignalName(unix.Signal(a.info.Number())), a.info.Address(), unix.SignalName(unix.Signal(signal)), addr)
		d.PC = t.regs.Rip
		return d
	}
	return nil
}

// wrongStop describes that the thread stopped for another reason than recorded.
func (r *replay) wrongStop(e *trace.Event, t *thread, a *arrival) error {
	var what string
	switch a.why {
	case atCall, atVsyscall:
		what = fmt.Sprintf("makes system call %d", t.regs.OrigRax)
		if r.opts.SyscallName != nil {
			what = "makes the system call " + r.opts.SyscallName(t.regs.OrigRax)
		}
	case atFault:
		what = "gets " + unix.SignalName(unix.Signal(a.info.Number()))
	case atEnd:
		what = "was killed by somebody"
	default:
		what = "did not stop"
	}
	d := r.diverge(e, "the replayed thread %s at pc %#x, recorded was another event at pc %#x", what, t.regs.Rip, e.Before.Rip)
	d.Register, d.Recorded, d.Replayed, d.PC = "rip", e.Before.Rip, t.regs.Rip, t.regs.Rip
	return d
}

// leave gives the thread the registers with which it goes on.
func (r *replay) leave(e *trace.Event, t *thread) error {
	t.regs = e.After
	if e.XState == nil {
		return nil
	}
	return r.in.set(t, e.XState)
}

// newThread replays the beginning of a thread or process.
func (r *replay) newThread(e *trace.Event) error {
	parent := r.threads[e.Thread.Parent]
	if parent == nil {
		return r.diverge(e, "its parent, thread %d, does not exist", e.Thread.Parent)
	}
	k := parent.task
	if e.Thread.Fork {
		// The engine's registers stay in the copy: nothing is loaded there.
		var err error
		if k, err = r.factory.fork(parent.task, e.Thread.Space); err != nil {
			return err
		}
		r.executor.forked(parent.task, k)
		if r.tasks[k.space] != nil {
			return errors.Join(fmt.Errorf("address space %d exists already", k.space), r.factory.kill(k))
		}
		r.tasks[k.space] = k
	}
	r.observe(e, e.Thread.PID, parent.task)
	if err := r.apply(e, parent.task); err != nil {
		return err
	}
	return r.begin(e, k)
}

// begin adds the thread of the event, in task k.
func (r *replay) begin(e *trace.Event, k *task) error {
	if r.threads[e.TID] != nil {
		return fmt.Errorf("thread %d exists already", e.TID)
	}
	t := &thread{tid: e.TID, pid: e.Thread.PID, task: k, regs: e.After}
	r.threads[t.tid] = t
	k.threads++
	return r.in.set(t, e.XState)
}

// exec replays that a thread got a new program.
func (r *replay) exec(e *trace.Event) error {
	k, err := r.factory.fork(r.factory.template, e.Thread.Space)
	if err != nil {
		return err
	}
	if r.tasks[k.space] != nil {
		return errors.Join(fmt.Errorf("address space %d exists already", k.space), r.factory.kill(k))
	}
	r.tasks[k.space] = k
	r.observe(e, e.Thread.PID, k)
	// The event may also write to the space that is left, if others use it.
	if err := r.apply(e, k); err != nil {
		return err
	}
	if old := r.threads[e.Thread.Parent]; old != nil {
		if err := r.remove(old); err != nil {
			return err
		}
	}
	return r.begin(e, k)
}

// remove forgets a thread, and its task with the last one.
func (r *replay) remove(t *thread) error {
	k := t.task
	delete(r.threads, t.tid)
	r.in.forget(t)
	k.threads--
	if k.threads > 0 {
		return nil
	}
	delete(r.tasks, k.space)
	r.executor.forget(k)
	return r.factory.kill(k)
}
