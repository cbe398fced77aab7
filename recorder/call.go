package recorder

import (
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/syscalls"
	"stepback/recorder/trace"
)

// ofDescriptor are the calls that never wait when their descriptor is a
// regular file.
var ofDescriptor = map[uint64]bool{
	unix.SYS_READ: true, unix.SYS_PREAD64: true, unix.SYS_READV: true, unix.SYS_PREADV: true, unix.SYS_PREADV2: true,
	unix.SYS_WRITE: true, unix.SYS_PWRITE64: true, unix.SYS_WRITEV: true, unix.SYS_PWRITEV: true, unix.SYS_PWRITEV2: true,
}

// rangeBuffer is working space of exit.
type rangeBuffer []syscalls.Range

// handle deals with a stop of the thread that has the turn.
func (r *recorder) handle(t *thread, stop tracee.Stop) error {
	switch stop.Kind {
	case tracee.SeccompStop:
		return r.entry(t)
	case tracee.SyscallStop:
		return r.exit(t)
	case tracee.SignalStop:
		return r.signalStop(t, stop.Signal)
	case tracee.GroupStop:
		return r.groupStop(t, stop.Signal)
	case tracee.TrapStop:
		return r.interrupted(t)
	case tracee.ForkStop, tracee.VforkStop, tracee.CloneStop:
		return r.newThread(t)
	case tracee.ExecStop:
		return r.execed(t)
	case tracee.ExitingStop:
		return r.exiting(t)
	case tracee.Exited:
		return r.exited(t, stop.Status)
	}
	return fmt.Errorf("unexpected stop %d", stop.Kind)
}

// entry handles the entry of a system call.
func (r *recorder) entry(t *thread) error {
	c := &t.call
	previous := c.desc
	if err := t.stopped.Regs(&c.regs); err != nil {
		return err
	}
	var err error
	if c.vector, r.xstate, err = t.stopped.VectorHash(r.xstate); err != nil {
		return err
	}
	c.open, c.entered, c.memory = true, false, nil
	if r.entries++; checkMemory != 0 && r.entries%checkMemory == 0 {
		if c.memory, err = r.memoryEvidence(t); err != nil {
			return err
		}
	}
	if c.regs.InVsyscall() {
		return r.vsyscall(t)
	}
	if t.restart {
		r.restarted(t, c.regs.OrigRax)
	}
	nr := c.regs.OrigRax
	c.refused, c.edited = false, false
	if nr == unix.SYS_RESTART_SYSCALL && previous != nil {
		// The kernel goes on with the interrupted call, to whose arguments it
		// holds on: the blocks are where they were.
		c.desc = previous
		return r.run(t)
	}
	c.desc, c.moved = syscalls.Lookup(nr), c.moved[:0]
	var refuse unix.Errno
	c.blocks, refuse = c.desc.Outputs(c.blocks[:0], t.stopped, c.regs.Args())
	if c.desc.Class == syscalls.Unsupported {
		refuse = c.desc.Errno
	}
	if refuse != 0 {
		return r.refuse(t, refuse)
	}
	if special := specials[nr]; special != nil {
		if done, err := special(r, t); done || err != nil {
			return err
		}
	}
	c.waits = c.desc.MayBlock(c.regs.Args()) && !(ofDescriptor[nr] && t.proc.files.regular(t.tid, int32(c.regs.Rdi)))
	if t.noScratch {
		t.noScratch, c.waits = false, false
	}
	if len(c.blocks) > 0 && c.waits && r.needsScratch(t) {
		if again, err := r.relocate(t); again || err != nil {
			return err
		}
	}
	return r.run(t)
}

// run lets the kernel execute the call.
func (r *recorder) run(t *thread) error {
	if err := r.resume(t, tracee.ToSyscall, 0); err != nil {
		return err
	}
	c := &t.call
	if isExec(c.regs.OrigRax) && len(t.proc.threads) > 1 {
		// The other threads are about to be killed, and report that.
		return r.letGo(t)
	}
	var stop tracee.Stop
	var err error
	if c.waits || c.desc.Class == syscalls.Process {
		var ok bool
		if stop, ok, err = r.waitCall(t); !ok {
			return err
		}
	} else if c.desc.Class != syscalls.AddressSpace && !r.alone() {
		var ok bool
		if stop, ok, err = r.waitShort(t); !ok {
			return err
		}
	} else if stop, err = r.waitFor(t); err != nil {
		return err
	}
	return r.handle(t, stop)
}

// refuse answers a call that cannot be recorded.
func (r *recorder) refuse(t *thread, errno unix.Errno) error {
	c := &t.call
	c.refused, c.errno = true, errno
	if name := c.desc.Refusal(t.stopped, c.regs.Args()); name != "" {
		r.refused[name]++
		r.warn("the system call %s cannot be recorded; it answers %s to the program", name, unix.ErrnoName(errno))
	}
	return r.answer(t, -int64(errno))
}

// answer skips the call and gives the program a result.
func (r *recorder) answer(t *thread, result int64) error {
	regs := t.call.regs
	regs.OrigRax = ^uint64(0)
	regs.Rax = uint64(result)
	if err := t.stopped.SetRegs(&regs); err != nil {
		return err
	}
	t.call.blocks = t.call.blocks[:0]
	return r.resumeAndHandle(t, tracee.ToSyscall, 0)
}

// resumeAndHandle resumes t and handles its next stop.
func (r *recorder) resumeAndHandle(t *thread, how tracee.How, sig unix.Signal) error {
	if err := r.resume(t, how, sig); err != nil {
		return err
	}
	stop, err := r.waitFor(t)
	if err != nil {
		return err
	}
	return r.handle(t, stop)
}

// toExit lets t run to the exit of the call that it is in.
func (r *recorder) toExit(t *thread) error {
	if err := r.resume(t, tracee.ToSyscall, 0); err != nil {
		return err
	}
	stop, err := r.waitFor(t)
	if err != nil {
		return err
	}
	if stop.Kind != tracee.SyscallStop {
		return r.killed(t, stop)
	}
	return nil
}

// killed handles a stop where only the thread's death can come.
func (r *recorder) killed(t *thread, stop tracee.Stop) error {
	if stop.Kind != tracee.ExitingStop && stop.Kind != tracee.Exited {
		return fmt.Errorf("unexpected stop %d while the recorder worked in the thread", stop.Kind)
	}
	t.pending = &stop
	r.enqueue(t)
	return tracee.ErrGone
}

// exit handles the exit of a system call: it writes the event.
func (r *recorder) exit(t *thread) error {
	c := &t.call
	c.open = false
	var e *trace.Event
	if c.entered {
		e = r.begin(trace.Return, t)
		e.Before = t.after
	} else {
		e = r.begin(trace.Syscall, t)
		e.Before, e.Vector, e.Evidence = c.regs, c.vector, c.memory
	}
	e.Refused = c.refused
	e.After = c.regs
	if err := r.result(t, e); err != nil {
		return err
	}
	result := int64(e.After.Rax)
	if c.desc.Class == syscalls.AddressSpace && !c.refused {
		if err := r.changeSpace(t, e, result); err != nil {
			return err
		}
	}
	if err := r.outputs(t, e, result); err != nil {
		return err
	}
	if err := r.sideEffects(t, e, result); err != nil {
		return err
	}
	t.restart = tracee.IsRestart(result)
	r.append(t)
	if result != tracee.RestartBlock { // restart_syscall goes on with the same memory
		c.moved = c.moved[:0]
	}
	return nil
}

// result reads the registers with which the call returns. For most calls only
// rax changes.
func (r *recorder) result(t *thread, e *trace.Event) error {
	c := &t.call
	if c.desc.Class != syscalls.Process {
		rax, err := t.stopped.Rax()
		if err != nil {
			return err
		}
		e.After.Rax = rax
		if len(c.moved) == 0 && !c.edited && !c.refused {
			return nil
		}
		return t.stopped.SetRegs(&e.After)
	}
	if err := t.stopped.Regs(&e.After); err != nil {
		return err
	}
	if c.desc.Nr != unix.SYS_RT_SIGRETURN {
		e.After.OrigRax = c.regs.OrigRax
		return nil
	}
	// The frame on the stack gave all registers back.
	e.After.OrigRax = ^uint64(0)
	if err := r.takeXState(t.stopped, e); err != nil {
		return err
	}
	return nil
}

// outputs adds what the kernel wrote to memory.
func (r *recorder) outputs(t *thread, e *trace.Event, result int64) error {
	c := &t.call
	if len(c.blocks) == 0 {
		return nil
	}
	r.ranges = c.desc.Written(r.ranges[:0], t.stopped, c.regs.Args(), result, c.blocks, c.place)
	for _, g := range r.ranges {
		b := &c.blocks[g.Block]
		if len(c.moved) > 0 && !b.InPlace {
			if err := r.copyBack(t, e, g); err != nil {
				return err
			}
			continue
		}
		if err := r.addWrite(t, e, b.Addr+g.Off, g.Len); err != nil {
			return err
		}
	}
	return nil
}

// place is where block i is while the call runs.
func (c *call) place(i int) uint64 {
	if len(c.moved) > 0 {
		return c.moved[i]
	}
	return c.blocks[i].Addr
}

// maxWrite is the most content that one Write holds.
const maxWrite = 32 << 20

// addWrite adds [addr, addr+n) as written. What is not accessible was not
// written.
func (r *recorder) addWrite(t *thread, e *trace.Event, addr, n uint64) error {
	for n > 0 {
		part := min(n, maxWrite)
		data := r.room(int(part))
		got := t.stopped.ReadSome(addr, data)
		if got == 0 {
			return nil
		}
		e.Writes = append(e.Writes, trace.Write{Addr: addr, Data: data[:got]})
		if uint64(got) < part {
			return nil
		}
		addr, n = addr+part, n-part
	}
	return nil
}

// room returns n bytes that stay valid until the next event.
func (r *recorder) room(n int) []byte {
	if len(r.arena)+n > cap(r.arena) {
		r.arena = make([]byte, 0, max(64<<10, n)) // earlier parts stay with their owners
	}
	r.arena = r.arena[:len(r.arena)+n]
	return r.arena[len(r.arena)-n : len(r.arena) : len(r.arena)]
}

// enter writes the Enter event of the call that t is in.
func (r *recorder) enter(t *thread) error {
	c := &t.call
	if c.entered {
		return nil
	}
	e := r.begin(trace.Enter, t)
	e.Before, e.Vector, e.Evidence, e.After = c.regs, c.vector, c.memory, c.regs
	if c.desc != nil {
		if err := r.inPlace(t, e); err != nil {
			return err
		}
	}
	c.entered = true
	r.append(t)
	return nil
}

// inPlace adds the words that the kernel changes where they are as soon as it
// blocks in the call (futexes with priority inheritance).
func (r *recorder) inPlace(t *thread, e *trace.Event) error {
	if t.call.desc.Class == syscalls.Process {
		// The ids that clone stores are part of the Thread event: a forked
		// child is copied before they are stored in the parent.
		return nil
	}
	for _, b := range t.call.blocks {
		if !b.InPlace || len(b.Writes) == 0 {
			continue
		}
		for !asleep(t.tid) {
			r.s.Yield()
		}
		data := r.room(int(b.Len))
		if t.running.ReadMem(b.Addr, data) == nil {
			e.Writes = append(e.Writes, trace.Write{Addr: b.Addr, Data: data})
		}
	}
	return nil
}

// restarted writes that the kernel makes the interrupted call again, as number nr.
func (r *recorder) restarted(t *thread, nr uint64) {
	t.restart = false
	e := r.begin(trace.Restart, t)
	e.Before, e.After = t.after, t.after
	e.After.Rip -= 2 // the syscall instruction
	e.After.Rax = nr
	r.append(t)
}

// catchUp is told the registers of a thread that was stopped on its way, and
// writes if the kernel is already making an interrupted call again.
func (r *recorder) catchUp(t *thread, regs *tracee.Regs) {
	regs.Eflags &^= resumeFlag
	if t.restart && regs.Rip == t.after.Rip-2 {
		r.restarted(t, regs.Rax)
	}
}
