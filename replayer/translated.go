package replayer

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/replayer/translator"
)

// translated is the executor that runs translated code, which counts its steps
// and stops where it is told to.
type translated struct {
	s       *tracee.Session
	watch   *watchdog
	in      *vectors
	factory *factory
	opts    Options
	world   *world   // the present
	page    *os.File // behind the scratch page
	scratch translator.Scratch
	buf     tracee.XState
}

// image is the translated code that address spaces share which came from one
// by fork and still have the same code.
type image struct {
	cache *translator.Cache
	space *codeSpace
	tasks int // of the present
	saved int // in save points
	// changes counts what can make translations wrong for a save point: code
	// that changed, or that the program can write and that was translated.
	changes uint64
	breaks  int    // version of those that the cache has
	idle    uint64 // steps for which it observed memory in vain
}

// view is what the executor knows of a task.
type view struct {
	*image
	mapped    int                 // regions of the cache that the task has
	protected map[uint64]struct{} // pages that the program could write, but for us
	changes   uint64              // of the image when the task was saved
}

func newView() *view { return &view{protected: map[uint64]struct{}{}} }

// margin is how many steps before a goal the code leaves: no block has more, and the
// rest is executed exactly.
const margin = 2 * translator.MaxSteps

func newTranslated(s *tracee.Session, w *watchdog, in *vectors, f *factory, opts Options) (*translated, error) {
	fd, err := unix.MemfdCreate("scratch", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("making the scratch page: %w", err)
	}
	x := &translated{s: s, watch: w, in: in, factory: f, opts: opts, page: os.NewFile(uintptr(fd), "scratch")}
	if err := x.page.Truncate(translator.ScratchSize); err != nil {
		x.page.Close()
		return nil, fmt.Errorf("making the scratch page: %w", err)
	}
	if x.scratch, err = unix.Mmap(fd, 0, translator.ScratchSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		x.page.Close()
		return nil, fmt.Errorf("mapping the scratch page: %w", err)
	}
	in.leave = x.ownPointer
	return x, x.mapShared(f.template, x.page, translator.ScratchAddr, translator.ScratchSize, unix.PROT_READ|unix.PROT_WRITE)
}

// close gives back what the executor holds.
func (x *translated) close() error {
	return errors.Join(unix.Munmap(x.scratch), x.page.Close())
}

func (x *translated) run(t *thread, g goal) (a arrival, err error) {
	if err := x.in.load(t); err != nil {
		return a, err
	}
	k := t.task
	if err := x.arm(k, g.breaks); err != nil {
		return a, err
	}
	r := run{translated: x, t: t, k: k, goal: g}
	for r.why == 0 {
		if r.steps >= g.steps {
			r.why = atGoal
			break
		}
		if r.pause() {
			break
		}
		if err := r.once(); err != nil {
			return r.arrival, err
		}
	}
	if v := k.code; v != nil && v.image != nil {
		v.image.idle += r.steps
	}
	if g.place != nil && k.code.image != nil && k.code.cache.Watching() {
		k.code.cache.Unwatch()
	}
	return r.arrival, nil
}

// run is one run of a thread.
type run struct {
	*translated
	arrival
	t    *thread
	k    *task
	goal goal
	// single makes the next piece of code one instruction; open are the pages
	// with code that it may write to.
	single bool
	open   []uint64
	// beyond is where the code goes on behind a comparison or condition that
	// faulted, 0 for nowhere.
	beyond uint64
	// plain makes it one that stores the x87 instruction pointer.
	plain bool
}

const trapFlag = 1 << 8

// pauseSteps is how many steps may be made before Options.Paused is asked: some
// 20 ms.
const pauseSteps = 20_000_000

// once runs the thread from t.regs until the engine has something to do, and
// brings t.regs up to date.
func (r *run) once() error {
	pc, left := r.t.regs.Rip, r.goal.steps-r.steps
	if wild(pc) {
		// The processor refuses to go there: the branch itself faults.
		r.why, r.wild, r.info = atFault, true, tracee.FaultInfo(unix.SIGSEGV, siKernel, 0)
		return nil
	}
	// The break here, and the access that the instruction makes, were looked at.
	var broken, told bool
	if b := r.goal.breaks; b != nil && r.beyond == 0 {
		if b.look(r.t, r.steps) {
			r.why = atBreak
			return nil
		}
		_, broken = b.at[pc]
		told = len(b.observe) > 0 && b.told == b.time(r.steps)
	}
	if r.t.regs.Eflags&trapFlag != 0 || inVsyscall(pc) {
		return r.natively(tracee.EmulateCall)
	}
	if err := r.prepare(r.k); err != nil {
		return err
	}
	var host uint64
	var err error
	cut := true
	c := r.k.code.cache
	r.setBreaks(r.k.code)
	if r.goal.place != nil && !c.Watching() {
		words := make([]translator.Word, len(r.goal.place.words))
		for i, w := range r.goal.place.words {
			words[i] = translator.Word(w)
		}
		c.Watch(&r.goal.place.regs, words)
	}
	switch {
	case r.beyond != 0:
		cut, host, r.beyond = false, r.beyond, 0
	case r.plain:
		host, err = c.Plain(pc, told)
	case r.single, told:
		host, err = c.Cut(pc, 1, told)
	case left < margin+translator.MinSteps:
		host, err = c.Cut(pc, int(left), false)
	case broken:
		cut = false
		host, err = c.EntryBeyond(pc)
	default:
		cut = false
		host, err = c.Entry(pc)
	}
	stressed := r.opts.Stress && !cut
	r.single, r.plain = false, false
	switch {
	case errors.Is(err, translator.ErrNoCode) && r.k.code.space.refused:
		return r.separate(r.k)
	case errors.Is(err, translator.ErrNoCode):
		return r.natively(tracee.StepEmulateCall)
	}
	if err != nil {
		return err
	}
	budget := max(left, margin) - margin
	if r.opts.Paused != nil {
		budget = min(budget, pauseSteps)
		if c.Observing() {
			budget = min(budget, pauseSteps/8) // which are slower
		}
	}
	if stressed {
		budget = 1
	}
	clock := r.scratch.SetClock(budget)
	for _, page := range r.open {
		c.Invalidate(page, page+memmap.PageSize) // it is about to change
	}
	if err := r.sync(r.k); err != nil {
		return err
	}
	regs := r.t.regs
	regs.Rip, regs.OrigRax = host, ^uint64(0)
	if err := r.k.stopped.SetRegs(&regs); err != nil {
		return err
	}
	r.setPass()
	r.scratch.SetThread(r.t.tid, r.t.pid, regs.FsBase, regs.GsBase)
	stop, id, err := r.inside(cut, clock)
	if err != nil {
		return err
	}
	r.takePass()
	if r.why == atBreak {
		return nil // behind an access
	}
	before := r.steps
	r.steps += uint64(r.scratch.Clock() - clock)
	entered, err := r.state(stop, id, cut)
	if b := r.goal.breaks; b != nil && entered && !cut {
		b.seen = b.time(r.steps) // by the block here
	}
	if r.opts.Translator.NoClock && !cut {
		r.steps = before // what was not counted is not to be taken back
	}
	if r.steps != before {
		r.open = r.open[:0]
	}
	if stressed && r.steps == before {
		r.single = true // the block counts before its first instruction
	}
	return err
}

// inside lets the task run in the cache until it stops for more than code
// that must be made.
func (r *run) inside(cut bool, clock int64) (tracee.Stop, uint32, error) {
	c := r.k.code.cache
	for {
		stop, err := r.watch.advance(r.s, r.k.stopped, tracee.EmulateCall, &r.info)
		if err != nil {
			return stop, 0, err
		}
		if r.k.watched != 0 && stop.Kind == tracee.SignalStop && r.info.Number() == int(unix.SIGTRAP) && r.info.Code() == tracee.TrapHardware {
			if stops, err := r.accessed(stop, cut, clock); stops || err != nil {
				return stop, 0, err
			}
			continue
		}
		id := r.scratch.TakeExit()
		if stop.Kind != tracee.SyscallStop || id == 0 {
			return stop, id, nil
		}
		var host uint64
		leave := c.Exit(id, r.scratch)
		switch {
		case leave.Kind == translator.Data, leave.Kind == translator.Ask:
			stops, err := r.atAccess(leave, clock)
			if stops || err != nil || r.pause() {
				return stop, id, err
			}
			r.scratch.SetTarget(c.Beyond(id))
			continue
		case cut:
			return stop, id, nil
		}
		switch leave.Kind {
		case translator.Follow:
			if host, err = c.Follow(id, r.scratch); errors.Is(err, translator.ErrNoCode) {
				return stop, id, nil
			}
		case translator.Place:
			here, perr := r.place()
			if here || perr != nil {
				return stop, id, perr
			}
			host = c.Beyond(id)
		case translator.Break:
			r.goal.breaks.pass = 0
			stops, perr := r.atBreak(leave.PC, r.steps+uint64(r.scratch.Clock()-clock))
			if stops || perr != nil || r.pause() {
				return stop, id, perr
			}
			r.setPass()
			host = c.Beyond(id)
		default:
			return stop, id, nil
		}
		if err != nil {
			return stop, id, err
		}
		if c.Pending(r.k.code.mapped) {
			return stop, id, nil // which costs the task its registers
		}
		r.scratch.SetTarget(host)
	}
}

// pause ends the run if Options.Paused says so.
func (r *run) pause() bool {
	if r.opts.Paused == nil || !r.opts.Paused() {
		return false
	}
	r.why = atPause
	return true
}

// place reports whether the task, which stands at an exit, is at the goal's place.
func (r *run) place() (bool, error) {
	want := &r.goal.place.regs
	var regs tracee.Regs
	if err := r.k.stopped.Regs(&regs); err != nil {
		return false, err
	}
	if (regs.Eflags^want.Eflags)&^resumeFlag != 0 {
		return false, nil
	}
	return r.goal.place.matches(r.k.stopped)
}

// setBreaks makes the image have the goal's breaks.
func (r *run) setBreaks(v *view) {
	var none breaks
	want := cmp.Or(r.goal.breaks, &none)
	if want.version != v.image.breaks {
		v.image.breaks = want.version
		v.cache.Break(want.at)
		if len(want.observe) > 0 {
			v.cache.Observe(want.observe)
			v.image.idle = 0
		}
	}
	if len(want.observe) > 0 || !v.cache.Observing() {
		return
	}
	if v.image.idle > maxIdle || want.version != 0 { // or it would count for another search
		v.cache.Observe(nil)
	}
}

// maxIdle is how many steps code that observes memory is kept when nobody wants
// to know: it is slow, but making the code anew is slow, too.
const maxIdle = 100_000_000

// setPass tells the code how many hits to pass, and takePass how many are left.
func (r *run) setPass() {
	n := uint64(countAll)
	if b := r.goal.breaks; b != nil && !r.outside() {
		n = b.pass
	}
	r.scratch.SetPass(n)
}

func (r *run) takePass() {
	if b := r.goal.breaks; b != nil && !r.outside() {
		b.pass = r.scratch.Pass()
	}
}

// outside reports whether hits here do not count.
func (r *run) outside() bool {
	b := r.goal.breaks
	return b.outside != nil && b.outside(r.k)
}

// atBreak reports whether the run ends at a break, at which the task left the cache.
func (r *run) atBreak(pc, steps uint64) (bool, error) {
	var regs tracee.Regs
	if err := r.k.stopped.Regs(&regs); err != nil {
		return false, err
	}
	r.scratch.Restore(&regs)
	regs.Rip, regs.OrigRax = pc, ^uint64(0)
	b := r.goal.breaks
	b.seen = b.time(steps)
	return b.hit(b.seen, r.t, &regs), nil
}

// state makes t.regs the program's registers at a stop. entered: the program
// is in the block with the instruction at its pc.
func (r *run) state(stop tracee.Stop, id uint32, cut bool) (entered bool, err error) {
	if stop.Kind == tracee.Exited || stop.Kind == tracee.ExitingStop {
		r.why = atEnd
		return false, nil
	}
	regs := &r.t.regs
	if err := stop.Regs(regs); err != nil {
		return false, err
	}
	c := r.k.code.cache
	if id != 0 {
		leave := c.Exit(id, r.scratch)
		r.scratch.Restore(regs)
		regs.Rip, regs.OrigRax = leave.PC, ^uint64(0)
		r.steps -= uint64(int64(leave.Undo))
		if leave.Told {
			r.tellBehind()
		}
		switch leave.Kind {
		case translator.Expired:
			return true, nil
		case translator.Call:
			r.why, r.ahead = atCall, true
		case translator.Native:
			if r.interruptReturn() {
				return false, nil
			}
			return false, r.natively(tracee.StepEmulateCall)
		case translator.Place:
			r.why = atGoal
		case translator.Break, translator.Data, translator.Ask:
			if r.why == 0 { // else it is a pause
				r.why = atBreak
			}
		case translator.Pointer:
			r.plain = true
			return true, r.storePointer()
		case translator.Random:
			return false, fmt.Errorf("the program at pc %#x uses rdrand, rdseed or rdpid, which the processor was said not to have; their results are not in the recording", leave.PC)
		}
		return false, nil
	}
	if regs.Rip == 0 && stop.Kind == tracee.SignalStop {
		// An indirect branch through an empty slot of the table.
		regs.Rip = regs.Rcx
		r.scratch.RestoreBranch(regs)
		if _, err := c.Landing(regs.Rip); err != nil && !errors.Is(err, translator.ErrNoCode) {
			return false, err
		}
		return false, nil
	}
	host := regs.Rip
	beyond, guarded := c.Guarded(host)
	undo, lost, told, ok := c.State(regs, r.scratch, cut)
	if !ok {
		return false, fmt.Errorf("the task stopped at %#x, which is not in the code cache", host)
	}
	r.steps -= uint64(int64(undo))
	r.lostFlags = lost
	if told {
		r.tellBehind()
	}
	switch {
	case guarded && stop.Kind == tracee.SignalStop:
		r.beyond = beyond
	case stop.Kind == tracee.SyscallStop: // through the 32-bit gate
		r.why = atCall
	case stop.Kind != tracee.SignalStop:
		return false, fmt.Errorf("unexpected stop %d of a replay task", stop.Kind)
	case r.info.Number() == int(unix.SIGSEGV):
		// Perhaps a store to code that the engine protects.
		page := memmap.PageDown(r.info.Address())
		if r.single, err = r.unprotect(r.k, page); r.single {
			r.open = append(r.open, page)
		} else {
			r.why = atFault
		}
		return true, err
	default:
		if r.info.Address() == host { // of the instruction, as for SIGILL and SIGFPE
			r.info.SetAddress(regs.Rip)
		}
		r.why = atFault
	}
	return true, nil
}

// wild reports whether the processor cannot even try to fetch an instruction
// there: the address is not canonical.
func wild(pc uint64) bool { return pc>>47 != 0 && pc>>47 != 1<<17-1 }

// siKernel is SI_KERNEL (include/uapi/asm-generic/siginfo.h).
const siKernel = 0x80 // sent for #GP

func inVsyscall(pc uint64) bool {
	r := tracee.Regs{Rip: pc}
	return r.InVsyscall()
}
