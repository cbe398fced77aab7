package replayer

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"

	"golang.org/x/sys/unix"
)

// Call is a function call that the recorded program did not make. What the function
// gets is memory, up to 1 GiB, and little else of a system.
type Call struct {
	// TID is the thread in whose place it is made; 0 for the one that runs next.
	TID  int
	Func uint64
	// Args are integers and pointers, Floats up to eight numbers for vector
	// registers, as the System V ABI passes them.
	Args   []uint64
	Floats []float64
	// MaxSteps ends a call that makes more steps; 0 for no limit.
	MaxSteps uint64
	// Then, if any, is called after the return, to read the copy's memory as far as
	// it is there. It must not call the Timeline.
	Then func(r CallResult, read func(addr uint64, p []byte) (n int))
}

// CallResult is what a call left behind.
type CallResult struct {
	// The registers in which functions return values; of xmm0 and xmm1 the low half.
	Rax, Rdx   uint64
	Xmm0, Xmm1 float64
	// Output is what was written to standard output and standard error, at most
	// 1 MiB of it.
	Output string
	// Refused are the system calls that were answered with ENOSYS, each once.
	Refused []string
	Steps   uint64
}

// CrashError reports that called code got a signal that would have ended it. No
// handler runs.
type CrashError struct {
	Signal   unix.Signal
	Addr, PC uint64
	// NoAddr: the processor did not say at which address.
	NoAddr bool
}

func (e *CrashError) Error() string {
	at := ""
	if !e.NoAddr {
		at = fmt.Sprintf(" at %#x", e.Addr)
	}
	return fmt.Sprintf("%s%s (pc %#x) in the called code", unix.SignalName(e.Signal), at, e.PC)
}

// calling is a call that goes on. While it does, its copy is the replay's world.
type calling struct {
	*replay
	Call
	t      *thread
	k      *task
	result CallResult
	output []byte
	mapped uint64 // bytes of memory that the code took
	looks  uint64 // at the clock
	random *rand.ChaCha8
}

func (l *timeline) Call(ctx context.Context, c Call) (result CallResult, err error) {
	err = l.do(ctx, func(t *travel) error {
		result, err = t.call(c)
		return err
	})
	return result, err
}

// call makes a call in a copy of the thread and its address space. Nothing else
// runs meanwhile, so nothing else is copied.
func (t *travel) call(c Call) (result CallResult, err error) {
	r := t.r
	h, err := t.caller(c)
	if err != nil {
		return result, err
	}
	alone := &world{tasks: map[uint32]*task{h.task.space: h.task}, threads: map[int]*thread{h.tid: h}, objects: r.objects}
	copied, err := r.copyWorld(alone, r.executor.copied, r.executor.forget)
	if err != nil {
		return result, fmt.Errorf("copying process %d for a call: %w", h.pid, err)
	}
	present := *r.world
	*r.world = *copied
	defer func() {
		*r.world = present
		err = errors.Join(err, r.end(copied, r.executor.forget))
	}()
	g := &calling{replay: r, Call: c, t: r.threads[h.tid], k: r.tasks[h.task.space], random: rand.NewChaCha8([32]byte{})}
	err = g.run()
	g.result.Output = string(g.output)
	if err == nil && c.Then != nil {
		c.Then(g.result, func(addr uint64, p []byte) int { return len(g.fetch(addr, p)) })
	}
	return g.result, err
}

// caller is the thread in whose place a call is made.
func (t *travel) caller(c Call) (*thread, error) {
	if t.lost {
		return nil, errLost
	}
	tid := c.TID
	if tid == 0 {
		tid, _, _ = t.pass.Thread()
	}
	h := t.r.threads[tid]
	switch {
	case h == nil && c.TID == 0:
		return nil, fmt.Errorf("no thread runs at %s, so that none can call a function; go back first", t.pass.Time())
	case h == nil:
		return nil, fmt.Errorf("there is no thread %d at %s to call a function in", tid, t.pass.Time())
	case len(c.Floats) > 8:
		return nil, fmt.Errorf("a call takes at most 8 floating-point arguments, not %d", len(c.Floats))
	}
	if m, ok := h.task.maps.Find(c.Func); !ok || m.Prot&unix.PROT_EXEC == 0 {
		return nil, fmt.Errorf("there is no code at %#x in process %d at %s to call", c.Func, h.pid, t.pass.Time())
	}
	return h, nil
}

// returnAddress is where a called function returns to: an address that no code can
// have, so that the thread's arrival there ends the run.
const returnAddress = 1 << 62

// run makes the call, up to its return.
func (c *calling) run() error {
	if err := c.enter(); err != nil {
		return err
	}
	for c.t.regs.Rip != returnAddress {
		if err := c.once(); err != nil {
			return err
		}
	}
	state, err := c.k.stopped.XState(c.xstate)
	if err != nil {
		return err
	}
	c.xstate = state
	c.result.Rax, c.result.Rdx = c.t.regs.Rax, c.t.regs.Rdx
	c.result.Xmm0, c.result.Xmm1 = state.Double(0), state.Double(1)
	return nil
}

// enter puts the thread at the function's beginning, in the state in which the System V ABI
// wants it.
func (c *calling) enter() error {
	const (
		redZone   = 128   // which the interrupted function may use below rsp
		flags     = 0x202 // no more than interrupts on and the bit that is always set
		alignment = 16    // of the stack behind the return address
	)
	regs, args := &c.t.regs, c.Args
	for i, reg := range []*uint64{&regs.Rdi, &regs.Rsi, &regs.Rdx, &regs.Rcx, &regs.R8, &regs.R9} {
		if i < len(c.Args) {
			*reg, args = c.Args[i], c.Args[i+1:]
		}
	}
	frame := binary.LittleEndian.AppendUint64(nil, returnAddress)
	for _, v := range args {
		frame = binary.LittleEndian.AppendUint64(frame, v)
	}
	top := (regs.Rsp-redZone-uint64(8*len(args)))&^(alignment-1) - 8
	if err := c.store(top, frame); errors.Is(err, unix.EFAULT) {
		return fmt.Errorf("thread %d has no stack at %#x to call a function on; try another thread or time", c.t.tid, top)
	} else if err != nil {
		return err
	}
	regs.Rsp, regs.Rip, regs.Eflags = top, c.Func, flags
	regs.Rax = uint64(len(c.Floats))

	if err := c.in.load(c.t); err != nil {
		return err
	}
	state, err := c.k.stopped.XState(c.xstate)
	if err != nil {
		return err
	}
	c.xstate = state
	state.EmptyX87()
	for i, v := range c.Floats {
		state.SetDouble(i, v)
	}
	return c.k.stopped.SetXState(state)
}

// once lets the thread run until something must be answered.
func (c *calling) once() error {
	limit := cmp.Or(c.MaxSteps, unlimited)
	a, err := c.executor.run(c.t, goal{steps: limit - c.result.Steps})
	c.result.Steps += a.steps
	pc := c.t.regs.Rip
	switch {
	case err != nil:
		return fmt.Errorf("running the called code: %w", err)
	case a.why == atPause:
		return ErrPaused
	case a.why == atGoal:
		return fmt.Errorf("the called code has not returned after %d steps, and stands at pc %#x", c.result.Steps, pc)
	case a.why == atCall, a.why == atVsyscall:
		return c.answer(&a)
	case a.why != atFault:
		return errors.New("somebody killed the process in which the called code ran")
	case pc == returnAddress, c.trap(&a):
		return nil
	case a.wild:
		return &CrashError{Signal: unix.Signal(a.info.Number()), Addr: pc, PC: pc}
	}
	return &CrashError{unix.Signal(a.info.Number()), a.info.Address(), pc, a.info.Code() == siKernel}
}
