package replayer

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// Options change how a recording is replayed.
type Options struct {
	// SyscallName names a system call in messages.
	SyscallName func(nr uint64) string
	// Progress is called now and then with the number of events replayed.
	Progress func(done uint64)
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
	rec     *trace.Recording
	opts    Options
	s       *tracee.Session
	factory *factory
	cursor  *trace.Cursor
	tasks   map[uint32]*task
	threads map[int]*thread
	objects map[uint32]*os.File
	in      map[*task]*thread // whose vector state the task holds
	xstate  tracee.XState
	done    uint64
	watch   watchdog
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
			tasks: map[uint32]*task{}, threads: map[int]*thread{}, objects: map[uint32]*os.File{}, in: map[*task]*thread{},
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
		errs = append(errs, r.factory.kill(t))
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
	if missing := e.Thread == nil && (e.Kind == trace.Thread || e.Kind == trace.Exec) || e.Exit == nil && e.Kind == trace.Exit || e.Signal == nil && e.Kind == trace.Signal; missing {
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
		if err := r.apply(e, t.task); err != nil {
			return err
		}
		return r.remove(t)
	}
	if err := r.arrive(e, t); err != nil {
		return err
	}
	if err := r.apply(e, t.task); err != nil {
		return err
	}
	return r.leave(e, t)
}

// arrive brings the thread to the event's place and compares.
func (r *replay) arrive(e *trace.Event, t *thread) error {
	var want tracee.StopKind
	switch {
	case e.Kind == trace.Signal && e.Evidence != nil && !e.Evidence.Exact && e.Signal.Disposition == trace.Fatal:
		// Somewhere in a computation that never ends otherwise. Where it was
		// matters to nobody: the thread does nothing more.
		return nil
	case e.Kind == trace.Return, e.Kind == trace.Restart, e.Kind == trace.Exit, e.Evidence != nil && e.Evidence.Exact:
		// The thread is there already.
		now, then := t.regs, e.Before
		now.OrigRax, then.OrigRax = 0, 0
		return r.compare(e, &now, &then)
	case e.Kind == trace.Syscall, e.Kind == trace.Enter:
		want = tracee.SyscallStop
	case e.Kind == trace.Signal, e.Kind == trace.Trap:
		want = tracee.SignalStop
	default:
		return fmt.Errorf("events of kind %s cannot be replayed natively", e.Kind)
	}
	if err := r.load(t); err != nil {
		return err
	}
	stop, err := r.advance(t.task)
	if err != nil {
		return err
	}
	var regs tracee.Regs
	if stop.Kind != tracee.Exited {
		if err := stop.Regs(&regs); err != nil {
			return err
		}
	}
	t.regs = regs
	emulated := stop.Kind == tracee.SeccompStop && regs.InVsyscall()
	if e.Kind == trace.Trap && e.Refused && stop.Kind == tracee.SyscallStop {
		// A call through the 32-bit gate: in the recording it was a signal,
		// for which the kernel had put rax back.
		regs.Rax, regs.OrigRax = regs.OrigRax, e.Before.OrigRax
		t.regs, t.task.loaded = regs, nil
		return r.compare(e, &regs, &e.Before)
	}
	if stop.Kind != want && !(emulated && want == tracee.SyscallStop) {
		return r.wrongStop(e, t, stop, &regs)
	}
	if want == tracee.SignalStop {
		if err := r.compareSignal(e, t, stop, &regs); err != nil {
			return err
		}
	}
	if err := r.compare(e, &regs, &e.Before); err != nil {
		return err
	}
	if err := r.compareVector(e, stop, &regs); err != nil {
		return err
	}
	if e.Evidence != nil {
		if err := r.comparePages(e, stop.Stopped); err != nil {
			return err
		}
	}
	if emulated {
		return r.s.LeaveVsyscall(stop.Stopped, &t.regs, e.After.Rax)
	}
	return nil
}

// advance runs the task to its next stop. Signals that somebody sent to the
// task are dropped.
func (r *replay) advance(k *task) (tracee.Stop, error) {
	tid := k.stopped.TID()
	r.watch.begin(tid)
	defer r.watch.end()
	for {
		if _, err := k.stopped.Resume(tracee.EmulateCall, 0); err != nil {
			return tracee.Stop{}, err
		}
		stop, err := r.s.Wait(tid)
		if err != nil {
			return stop, err
		}
		if stop.Kind == tracee.Exited || stop.Kind == tracee.ExitingStop {
			if err := r.watch.verdict(); err != nil {
				return stop, err
			}
		}
		if stop.Kind != tracee.SignalStop {
			return stop, nil
		}
		var info tracee.SigInfo
		if err := stop.SigInfo(&info); err != nil || info.Synchronous() {
			return stop, err
		}
	}
}

func (r *replay) compareVector(e *trace.Event, stop tracee.Stop, regs *tracee.Regs) error {
	if e.Vector == 0 {
		return nil
	}
	hash, buf, err := stop.VectorHash(r.xstate)
	r.xstate = buf
	if err != nil {
		return err
	}
	if hash != e.Vector {
		d := r.diverge(e, "the vector registers differ (hash %#x recorded, %#x replayed)", e.Vector, hash)
		d.Register, d.Recorded, d.Replayed, d.PC = "xstate", e.Vector, hash, regs.Rip
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

// compareSignal checks that the fault is the recorded one. The fault's registers are
// compared without orig_rax, which means nothing there.
func (r *replay) compareSignal(e *trace.Event, t *thread, stop tracee.Stop, regs *tracee.Regs) error {
	regs.OrigRax = e.Before.OrigRax
	var info tracee.SigInfo
	if err := stop.SigInfo(&info); err != nil {
		return err
	}
	signal, addr := int(unix.SIGSEGV), uint64(0)
	if e.Signal != nil {
		signal = e.Signal.Number
		if len(e.Signal.Info) == len(info) {
			addr = (*tracee.SigInfo)(e.Signal.Info).Address()
		}
	}
	if info.Number() != signal || e.Signal != nil && info.Synchronous() && info.Address() != addr {
		d := r.diverge(e, "replay got %s at address %#x, recorded was %s at %#x",
			unix.SignalName(stop.Signal), info.Address(), unix.SignalName(unix.Signal(signal)), addr)
		d.PC = regs.Rip
		return d
	}
	return nil
}

// wrongStop describes that the thread stopped for another reason than recorded.
func (r *replay) wrongStop(e *trace.Event, t *thread, stop tracee.Stop, regs *tracee.Regs) error {
	var what string
	switch stop.Kind {
	case tracee.SyscallStop:
		what = fmt.Sprintf("makes system call %d", regs.OrigRax)
		if r.opts.SyscallName != nil {
			what = "makes the system call " + r.opts.SyscallName(regs.OrigRax)
		}
	case tracee.SignalStop:
		what = "gets " + unix.SignalName(stop.Signal)
	case tracee.Exited, tracee.ExitingStop:
		what = "was killed by somebody"
	default:
		what = fmt.Sprintf("stops for reason %d", stop.Kind)
	}
	d := r.diverge(e, "the replayed thread %s at pc %#x, recorded was another event at pc %#x", what, regs.Rip, e.Before.Rip)
	d.Register, d.Recorded, d.Replayed, d.PC = "rip", e.Before.Rip, regs.Rip, regs.Rip
	return d
}

// leave gives the thread the registers with which it goes on.
func (r *replay) leave(e *trace.Event, t *thread) error {
	now := t.regs
	now.Rax = e.After.Rax
	if t.task.loaded == t && now == e.After && !tracee.IsRestart(int64(e.After.Rax)) {
		// By far the most events change rax only.
		t.regs = e.After
		if err := t.task.stopped.SetRax(e.After.Rax); err != nil {
			return err
		}
	} else {
		t.regs = e.After
		t.task.loaded = nil
	}
	if e.XState == nil {
		return nil
	}
	return r.setXState(t, e.XState)
}

// setXState gives the thread a vector state.
func (r *replay) setXState(t *thread, x tracee.XState) error {
	if r.in[t.task] == t {
		return t.task.stopped.SetXState(x)
	}
	t.xstate = append(t.xstate[:0], x...)
	return nil
}

// load puts the thread's registers into its task.
func (r *replay) load(t *thread) error {
	k := t.task
	if in := r.in[k]; in != t {
		if in != nil {
			x, err := k.stopped.XState(in.xstate)
			if err != nil {
				return err
			}
			in.xstate = x
		}
		if err := k.stopped.SetXState(t.xstate); err != nil {
			return err
		}
		r.in[k] = t
	}
	if k.loaded == t {
		return nil
	}
	regs := t.regs
	regs.OrigRax = ^uint64(0) // nothing for the kernel to restart
	if err := k.stopped.SetRegs(&regs); err != nil {
		return err
	}
	k.loaded = t
	return nil
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
		if r.tasks[k.space] != nil {
			return errors.Join(fmt.Errorf("address space %d exists already", k.space), r.factory.kill(k))
		}
		r.tasks[k.space] = k
	}
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
	return r.setXState(t, e.XState)
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
	if r.in[k] == t {
		delete(r.in, k)
	}
	if k.loaded == t {
		k.loaded = nil
	}
	k.threads--
	if k.threads > 0 {
		return nil
	}
	delete(r.tasks, k.space)
	delete(r.in, k)
	return r.factory.kill(k)
}
