package replayer

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/internal/x86"
)

// oracle is the translated executor with a witness: now and then it lets a
// copy of the task single-step the untranslated program, and compares every
// register, the flags and the vector state.
type oracle struct {
	*translated
	native  *native
	factory *factory
	world   *world
	random  *rand.Rand
	every   int    // one of so many runs has a window
	steps   uint64 // compared so far
	buf     tracee.XState
}

func newOracle(x *translated) *oracle {
	return &oracle{
		translated: x, factory: x.factory, world: x.world, random: rand.New(rand.NewPCG(x.opts.Seed, 0)), every: x.opts.Oracle,
		native: &native{s: x.s, watch: x.watch, in: x.in},
	}
}

// OracleError says where translated code and processor disagree.
type OracleError struct {
	PC       uint64 // where the window began
	Step     uint64 // of the window
	From     uint64 // pc before the last piece
	Register string
	Native   uint64
	Got      uint64
}

func (e *OracleError) Error() string {
	return fmt.Sprintf("translated code disagrees with the processor %d steps behind pc %#x (the last piece began at %#x): %s is %#x, must be %#x",
		e.Step, e.PC, e.From, e.Register, e.Got, e.Native)
}

// state is what the processor has after a step.
type state struct {
	regs   tracee.Regs
	vector uint64
}

func (o *oracle) run(t *thread, g goal) (arrival, error) {
	var done uint64
	for g.place == nil && o.random.IntN(o.every) == 0 {
		n := min(uint64(1+o.random.IntN(2000)), g.steps-done)
		a, err := o.window(t, n)
		done += a.steps
		if a.steps == 0 && err == nil {
			break // it leaves for the kernel at once
		}
		if err != nil || a.why != atGoal || done == g.steps {
			a.steps = done
			return a, err
		}
	}
	if g.steps != unlimited {
		g.steps -= done
	}
	a, err := o.translated.run(t, g)
	a.steps += done
	return a, err
}

// window runs n steps both ways.
func (o *oracle) window(t *thread, n uint64) (arrival, error) {
	states, err := o.witness(t, n)
	if err != nil {
		return arrival{}, err
	}
	start, done := t.regs.Rip, uint64(0)
	single := o.random.IntN(2) == 0
	for done < uint64(len(states)) {
		piece := uint64(1)
		if !single {
			piece = min(uint64(1+o.random.IntN(1000)), uint64(len(states))-done)
		}
		from := t.regs.Rip
		a, err := o.translated.run(t, goal{steps: piece})
		if err != nil {
			return a, err
		}
		done += a.steps
		o.steps += a.steps
		if a.why != atGoal {
			if a.why == atEnd {
				return a, nil
			}
			return a, fmt.Errorf("translated code stopped (reason %d) at pc %#x, %d steps behind pc %#x, where the processor goes on for %d steps",
				a.why, t.regs.Rip, done, start, len(states))
		}
		want := &states[done-1]
		got, vector := t.regs, uint64(0)
		got.OrigRax, want.regs.OrigRax = 0, 0
		if vector, o.buf, err = t.task.stopped.VectorHash(o.buf); err != nil {
			return a, err
		}
		if name, g, w := got.Diff(&want.regs); name != "" {
			return a, &OracleError{start, done, from, name, w, g}
		}
		if vector != want.vector {
			return a, &OracleError{start, done, from, "xstate", want.vector, vector}
		}
	}
	return arrival{why: atGoal, steps: done}, nil
}

// witness single-steps a copy of the thread's task, up to n steps, and returns
// the state after each.
func (o *oracle) witness(t *thread, n uint64) (states []state, err error) {
	if err := o.in.load(t); err != nil {
		return nil, err
	}
	k, err := o.factory.fork(t.task, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.factory.kill(k)) }()
	if err := o.ownMemory(k); err != nil {
		return nil, err
	}
	twin := &thread{task: k, regs: t.regs}
	o.in.in[k] = twin
	defer o.in.forget(twin)
	for uint64(len(states)) < n {
		if inst, ok := instructionAt(k.stopped, twin.regs.Rip); ok && inst.Flow == x86.Far {
			return states, nil // iret ends the stepping
		}
		a, err := o.native.run(twin, goal{steps: 1})
		if err != nil || a.why != atGoal {
			return states, err
		}
		s := state{regs: twin.regs}
		if s.vector, o.buf, err = k.stopped.VectorHash(o.buf); err != nil {
			return nil, err
		}
		states = append(states, s)
	}
	return states, nil
}

// ownMemory gives a copy of a task its own copy of what it shares with others:
// its stores must not be seen.
func (o *oracle) ownMemory(k *task) error {
	for _, m := range k.maps.All() {
		if !m.Shared || m.Object == 0 {
			continue
		}
		if err := o.factory.mapObject(k, m, o.world.objects[m.Object], unix.MAP_PRIVATE); err != nil {
			return err
		}
	}
	return nil
}
