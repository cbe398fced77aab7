package replayer

import (
	"stepback/internal/tracee"
	"stepback/internal/x86"
	"stepback/replayer/condition"
	"stepback/replayer/translator"
)

// breaks are addresses at which runs may end, before the instruction there. The
// native executor knows none.
type breaks struct {
	// at are the conditions at each address, of which one must hold. nil does always.
	at      map[uint64][]*condition.Expr
	version int // of at, not 0
	// pass is how many more may be passed before hit is told of any. The runs
	// count it down.
	pass uint64
	// hit is told when a thread is about to execute the instruction at one of
	// them; stop ends the run.
	hit func(at Time, t *thread, regs *tracee.Regs) (stop bool)

	// watch are watchpoints. accessed is told behind an instruction that accessed
	// some, with the Time before it and their bits; stop ends the run, which is then no state
	// to go on from.
	watch    []tracee.Watchpoint
	accessed func(at Time, t *thread, seen uint) (stop bool)

	// observe is memory that the code observes, instead of watchpoints. matches reports
	// whether an access to some spans of memory is a hit, which is counted as those of breaks are;
	// touched is told of one for which none is left to be passed; stop ends the run.
	observe []translator.Access
	matches func(t *thread, regs *tracee.Regs, spans []x86.Span) bool
	touched func(at Time, t *thread, regs *tracee.Regs, spans []x86.Span) (stop bool)
	told    Time // the latest at which an access was looked at
	// outside, if any, reports that no hits of a task's threads are counted.
	outside func(*task) bool

	from Time // where the run began
	seen Time // the latest at which a break was looked at
}

// time is the Time so many steps after the run's beginning.
func (b *breaks) time(steps uint64) Time { return Time{b.from.Event, b.from.Steps + steps} }

// touch is told that a thread is about to access memory, and reports whether the
// run ends. counted: the code has counted it, and left for this one.
func (b *breaks) touch(t *thread, regs *tracee.Regs, spans []x86.Span, steps uint64, counted bool) (stop bool) {
	at := b.time(steps)
	b.told = at
	if !counted {
		if !b.matches(t, regs, spans) {
			return false
		}
		if b.pass > 0 {
			b.pass--
			return false
		}
	}
	return b.touched(at, t, regs, spans)
}

// look looks at the break at which a thread stands, if there is one and the
// translated code has not looked at it, and reports whether the run ends.
func (b *breaks) look(t *thread, steps uint64) (stop bool) {
	list, ok := b.at[t.regs.Rip]
	at := b.time(steps)
	if !ok || b.seen == at {
		return false
	}
	b.seen = at
	if !anyHolds(list, t, &t.regs) {
		return false
	}
	if b.pass > 0 {
		b.pass--
		return false
	}
	return b.hit(at, t, &t.regs)
}

func anyHolds(list []*condition.Expr, t *thread, regs *tracee.Regs) bool {
	var s *condition.State
	for _, x := range list {
		if x == nil {
			return true
		}
		if s == nil {
			s = conditionState(t, regs)
		}
		if x.Holds(s) {
			return true
		}
	}
	return false
}

// conditionState is a thread as conditions see it, with these registers.
func conditionState(t *thread, r *tracee.Regs) *condition.State {
	return &condition.State{Registers: r.General(), ThreadID: t.tid, ProcessID: t.pid, Read: t.task.stopped.ReadMem}
}
