package recorder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// addThread begins to keep a new thread.
func (r *recorder) addThread(tid int, p *process, s *space, stopped tracee.Stopped) *thread {
	t := &thread{tid: tid, proc: p, space: s, stopped: stopped}
	p.threads[tid] = t
	s.threads++
	r.threads[tid] = t
	r.tasks++
	return t
}

func (r *recorder) addProcess(pid int, files *fileTable) *process {
	r.processes++
	r.alive.add(pid)
	return &process{pid: pid, threads: map[int]*thread{}, files: files}
}

func (r *recorder) addSpace() *space {
	r.nextSpace++
	s := &space{id: r.nextSpace}
	r.spaces[s] = true
	return s
}

// leave takes a thread out of its address space.
func (r *recorder) leave(s *space) {
	s.threads--
	if s.threads == 0 {
		delete(r.spaces, s)
	}
}

// cloneArgs are the arguments of clone, fork, vfork and clone3 that matter here.
type cloneArgs struct{ flags, parentTID, childTID, pidfd uint64 }

func (r *recorder) cloneArgs(t *thread) (a cloneArgs, err error) {
	regs := &t.call.regs
	switch regs.OrigRax {
	case unix.SYS_CLONE:
		a = cloneArgs{regs.Rdi, regs.Rdx, regs.R10, regs.Rdx}
	case unix.SYS_VFORK:
		a.flags = unix.CLONE_VM | unix.CLONE_VFORK
	case unix.SYS_CLONE3: // struct clone_args: flags, pidfd, child_tid, parent_tid
		var p [32]byte
		if err := t.stopped.ReadMem(regs.Rdi, p[:]); err != nil {
			return a, err
		}
		le := binary.LittleEndian
		a = cloneArgs{flags: le.Uint64(p[0:]), pidfd: le.Uint64(p[8:]), childTID: le.Uint64(p[16:]), parentTID: le.Uint64(p[24:])}
	}
	return a, nil
}

// newThread handles the stop at which t has made a thread or process.
func (r *recorder) newThread(t *thread) error {
	id, err := t.stopped.EventMessage()
	if err != nil {
		return err
	}
	tid := int(id)
	args, err := r.cloneArgs(t)
	if err != nil {
		return err
	}
	if err := r.enter(t); err != nil {
		return err
	}
	stop, err := r.firstStop(tid)
	if err != nil {
		return err
	}
	if stop.Kind == tracee.TrapStop {
		if err := r.addChild(t, tid, args, stop); err != nil {
			return err
		}
	}
	if args.flags&unix.CLONE_VFORK != 0 {
		// The parent waits for the child.
		if err := r.resume(t, tracee.ToSyscall, 0); err != nil {
			return err
		}
		t.state = blocked
		return nil
	}
	return r.resumeAndHandle(t, tracee.ToSyscall, 0)
}

// firstStop waits for the first stop of a new thread, which may have come
// before its parent's.
func (r *recorder) firstStop(tid int) (tracee.Stop, error) {
	if stop := r.early[tid]; stop != nil {
		if stop.Kind == tracee.TrapStop {
			delete(r.early, tid)
		}
		return *stop, nil
	}
	stop, err := r.s.Wait(tid)
	if errors.Is(err, tracee.ErrGone) {
		return tracee.Stop{Kind: tracee.Exited}, nil // killed, and reaped by now
	}
	if err == nil && stop.Kind == tracee.ExitingStop {
		r.unknown(stop)
	}
	return stop, err
}

// adoptChildren writes that the children began which t made in a call at whose
// end it was killed, before it could report them.
func (r *recorder) adoptChildren(t *thread) error {
	switch t.call.regs.OrigRax {
	case unix.SYS_CLONE, unix.SYS_CLONE3, unix.SYS_FORK, unix.SYS_VFORK:
	default:
		return nil
	}
	args, err := r.cloneArgs(t)
	if err != nil {
		return err
	}
	for _, pid := range childrenOf(t.tid) {
		if r.threads[pid] != nil {
			continue
		}
		stop, err := r.firstStop(pid)
		if err != nil {
			return err
		}
		if stop.Kind == tracee.TrapStop {
			if err := r.addChild(t, pid, args, stop); err != nil {
				return err
			}
		}
	}
	return nil
}

// addChild writes that thread tid of parent t began.
func (r *recorder) addChild(t *thread, tid int, args cloneArgs, stop tracee.Stop) error {
	var regs tracee.Regs
	err := stop.Regs(&regs)
	var x tracee.XState
	if err == nil {
		x, err = stop.XState(nil)
	}
	if errors.Is(err, tracee.ErrGone) {
		// Killed before it ran. Its end is still to be reaped.
		stop.Kind = tracee.ExitingStop
		r.early[tid] = &stop
		return nil
	}
	if err != nil {
		return err
	}
	p, s := t.proc, t.space
	info := &trace.ThreadInfo{Parent: t.tid}
	if args.flags&unix.CLONE_VM == 0 {
		s = r.forkSpace(t.space)
		info.Fork = true
	}
	if args.flags&unix.CLONE_THREAD == 0 {
		files := t.proc.files
		if args.flags&unix.CLONE_FILES == 0 {
			files = files.clone()
		}
		p = r.addProcess(tid, files)
	}
	child := r.addThread(tid, p, s, stop.Stopped)
	if args.flags&unix.CLONE_CHILD_CLEARTID != 0 {
		child.clearTID = args.childTID
	}
	info.PID, info.Space = p.pid, s.id
	e := r.begin(trace.Thread, child)
	e.Thread = info
	e.After = regs
	e.After.OrigRax = ^uint64(0)
	e.XState = x.Trim()
	// The kernel has stored ids for the parent and in the child.
	if args.flags&unix.CLONE_PARENT_SETTID != 0 {
		r.idWrite(e, t.stopped, t.space.id, args.parentTID)
	}
	if args.flags&unix.CLONE_PIDFD != 0 {
		r.idWrite(e, t.stopped, t.space.id, args.pidfd)
	}
	if args.flags&unix.CLONE_CHILD_SETTID != 0 {
		r.idWrite(e, stop.Stopped, s.id, args.childTID)
	}
	r.append(child)
	child.slice = 0
	r.enqueue(child)
	return nil
}

// idWrite adds the 4 bytes at addr as written by the kernel.
func (r *recorder) idWrite(e *trace.Event, s tracee.Stopped, space uint32, addr uint64) {
	data := r.room(4)
	if s.ReadMem(addr, data) == nil {
		e.Writes = append(e.Writes, trace.Write{Space: space, Addr: addr, Data: data})
	}
}

// forkSpace is the copy of an address space that a fork makes. The scratch
// memory of the parent's threads is free in the copy.
func (r *recorder) forkSpace(s *space) *space {
	n := r.addSpace()
	n.maps, n.brk = s.maps.Clone(), s.brk
	n.free = append(n.free, s.free...)
	for _, t := range r.threads {
		if t.space == s && t.scratch.size > 0 {
			n.free = append(n.free, t.scratch)
		}
	}
	return n
}

// rename gives a thread that called exec the id of its process, under which
// the kernel reports it from then on. All other threads of the process are
// gone by now.
func (r *recorder) rename(stop tracee.Stop) *thread {
	former, err := stop.EventMessage()
	if err != nil {
		return nil
	}
	t := r.threads[int(former)]
	if t == nil {
		return nil
	}
	delete(r.threads, t.tid)
	delete(t.proc.threads, t.tid)
	t.former, t.tid = t.tid, stop.TID()
	r.threads[t.tid], t.proc.threads[t.tid] = t, t
	return t
}

// execed handles the stop at which a new program is in place.
func (r *recorder) execed(t *thread) error {
	if err := r.enter(t); err != nil {
		return err
	}
	// The rest of the kernel's work is done when the call exits.
	if err := r.toExit(t); err != nil {
		return err
	}
	old := t.space
	r.releaseScratch(t)
	r.leave(old)
	t.space = r.addSpace()
	t.space.threads = 1
	t.clearTID, t.restart, t.call.open = 0, false, false
	t.proc.files = newFileTable()
	caller := t.tid
	if t.former != 0 {
		caller, t.former = t.former, 0
	}
	e := r.begin(trace.Exec, t)
	e.Thread = &trace.ThreadInfo{Parent: caller, PID: t.proc.pid, Space: t.space.id}
	if err := r.image(t, e); err != nil {
		return err
	}
	if old.threads > 0 {
		e.Writes = append(e.Writes, t.execWrites...)
	}
	t.execWrites = nil
	r.append(t)
	return nil
}

// dropThread forgets a thread.
func (r *recorder) dropThread(t *thread) {
	if r.threads[t.tid] != t {
		return
	}
	delete(r.threads, t.tid)
	delete(t.proc.threads, t.tid)
	if len(t.proc.threads) == 0 {
		r.alive.remove(t.proc.pid)
		if t.proc == r.root {
			r.tellOfOthers()
		}
	}
	r.releaseScratch(t)
	r.leave(t.space)
}

// exiting handles the stop of a thread that is about to end, and waits for
// what the kernel does then.
func (r *recorder) exiting(t *thread) error {
	status, err := t.stopped.EventMessage()
	if err != nil {
		return err
	}
	if t.call.open {
		if err := r.enter(t); err != nil {
			return err
		}
		if err := r.adoptChildren(t); err != nil {
			return err
		}
	}
	e := r.begin(trace.Exit, t)
	e.Before, e.After = t.after, t.after
	e.Exit = &trace.ExitInfo{Status: uint32(status), Killed: !t.call.open, Last: len(t.proc.threads) == 1}
	writes := r.exitWrites(t)
	if err := r.resume(t, tracee.Continue, 0); err != nil {
		return err
	}
	leader := t.tid == t.proc.pid
	if leader && !e.Exit.Last {
		for !ended(t.tid) {
			r.s.Yield()
		}
		r.leaders[t.tid] = t.proc
	} else if stop, err := r.waitFor(t); err != nil {
		return err
	} else if stop.Kind != tracee.Exited {
		return fmt.Errorf("unexpected stop %d of an ending thread", stop.Kind)
	}
	e.Writes = append(e.Writes, writes...)
	r.append(t)
	if leader {
		t.proc.status = unix.WaitStatus(status)
	}
	r.dropThread(t)
	t.state = zombie
	return nil
}

// tellOfOthers tells the user, if it lasts, that processes outlive the
// program, for the recording goes on with them.
func (r *recorder) tellOfOthers() {
	time.AfterFunc(2*time.Second, func() {
		if n := r.alive.count(); n > 0 && !r.over.Load() {
			r.cfg.Warn(fmt.Sprintf("the program has ended; processes that it left (%d) go on and are recorded; interrupt to end them", n))
		}
	})
}

// exited handles the end of a thread that was killed without a stop before.
func (r *recorder) exited(t *thread, status unix.WaitStatus) error {
	if t.call.open {
		if err := r.enter(t); err != nil {
			return err
		}
	}
	e := r.begin(trace.Exit, t)
	e.Before, e.After = t.after, t.after
	e.Exit = &trace.ExitInfo{Status: uint32(status), Killed: true, Last: len(t.proc.threads) == 1}
	r.append(t)
	if t.tid == t.proc.pid {
		t.proc.status = status
		if !e.Exit.Last {
			r.leaders[t.tid] = t.proc
		}
	}
	r.dropThread(t)
	t.state = zombie
	return nil
}
