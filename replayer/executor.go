package replayer

import (
	"math"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/internal/x86"
	"stepback/recorder/trace"
)

// executor runs the user code of recorded threads. There is one that runs it
// as it is (native.go) and one that translates it (translated.go).
type executor interface {
	// run lets thread t, whose registers are t.regs, run its own code until
	// it leaves for the kernel or reaches the goal. t.regs become its
	// registers there.
	run(t *thread, g goal) (arrival, error)

	// What follows tells the executor what happens to memory and tasks.

	// remap: the mappings in [start, end) are about to change; exec: to some
	// that can be executed.
	remap(k *task, start, end uint64, exec bool) error
	// rewrite: the engine is about to write to memory in [start, end).
	rewrite(k *task, start, end uint64) error
	// restored: a shared object changes, or is about to get another mapping.
	restored(object uint32) error
	// forked: the child is a copy of the parent.
	forked(parent, child *task)
	// copied: the copy of a task is about to run while the task stands still, and
	// is then forgotten; shared memory that it can write was mapped anew.
	copied(k, c *task) error
	// forget: the task ends.
	forget(k *task)
	// saved: the copy of a task is kept, and does not run.
	saved(k, saved *task)
	// resumed: the copy of a saved task is about to run; memory that it shares
	// was mapped anew.
	resumed(saved, k *task) error
	// dropped: a saved task ends.
	dropped(saved *task)
	close() error
}

// goal is where a run ends if the thread does not leave for the kernel before.
type goal struct {
	// steps is the number of steps, unlimited for no end.
	steps uint64
	// place ends the run at the first state that matches; nil for none.
	place *place
	// breaks, if any, ends it before instructions.
	breaks *breaks
}

const unlimited = math.MaxUint64

// place describes a state in the middle of a computation.
type place struct {
	// regs are the registers; orig_rax does not count.
	regs tracee.Regs
	// words are memory that tells most other visits of the pc apart, for a
	// cheap comparison; matches looks at them again.
	words []trace.Word
	// matches looks at the rest of the state, in the task that holds it.
	matches func(tracee.Stopped) (bool, error)
}

// reason says why a run ended.
type reason uint8

const (
	atCall     reason = iota + 1 // in a system call: registers as the kernel shows them at its entry
	atVsyscall                   // in a call of the legacy vsyscall page, which the kernel emulates
	atFault                      // an instruction faulted
	atGoal
	atPause // Options.Paused
	atBreak // goal.breaks
	atEnd   // the task was killed
)

// arrival is the end of a run.
type arrival struct {
	why  reason
	info tracee.SigInfo // atFault
	// steps is how many steps the thread made. A native run does not know
	// unless the goal was a number of them.
	steps uint64
	// ahead: t.regs are those before the system-call instruction.
	ahead bool
	// wild: the thread branched to what is no address of any kind. The fault is
	// the branch's, but which one it was is not known; t.regs are those behind it.
	wild bool
	// lostFlags: the arithmetic flags at the fault are not known.
	lostFlags bool
}

// instructionAt decodes the instruction at pc in a task. ok is false when there
// is none.
func instructionAt(s tracee.Stopped, pc uint64) (inst x86.Inst, ok bool) {
	var code [15]byte
	err := x86.Decode(code[:s.ReadSome(pc, code[:])], &inst)
	return inst, err == nil
}

// enterCall makes registers before a system-call instruction those that the
// kernel shows at the entry of the call.
func enterCall(regs *tracee.Regs) {
	const enosys = ^uint64(unix.ENOSYS) + 1
	regs.Rip += 2
	regs.OrigRax, regs.Rax = regs.Rax, enosys
	regs.Rcx, regs.R11 = regs.Rip, regs.Eflags
}

// vectors knows whose vector state each task holds; that of other threads is
// kept with them.
type vectors struct {
	in map[*task]*thread
	// leave, if any, puts the vector state right before it is kept.
	leave func(*task, tracee.XState)
}

// load puts the thread's vector state into its task.
func (v *vectors) load(t *thread) error {
	k := t.task
	in := v.in[k]
	if in == t {
		return nil
	}
	if in != nil {
		x, err := k.stopped.XState(in.xstate)
		if err != nil {
			return err
		}
		if v.leave != nil {
			v.leave(k, x)
		}
		in.xstate = x
	}
	v.in[k] = t
	return k.stopped.SetXState(t.xstate)
}

// set gives the thread a vector state.
func (v *vectors) set(t *thread, x tracee.XState) error {
	if v.in[t.task] == t {
		return t.task.stopped.SetXState(x)
	}
	t.xstate = append(t.xstate[:0], x...)
	return nil
}

// forget is told that the thread is gone.
func (v *vectors) forget(t *thread) {
	if v.in[t.task] == t {
		delete(v.in, t.task)
	}
}
