package output

import (
	"hash/maphash"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// Tracker follows the replay of one recording from its beginning.
type Tracker struct {
	show func(to Stream, content []byte)

	// Of the pass that is made:

	threads map[int]*thread
	omitted map[uint64]uint64
	events  uint64
	content maphash.Hash // of all output

	// Of the pass that came furthest:

	shown     uint64 // events whose output was shown
	shownHash uint64
	differs   bool // from the same part of a later pass
}

// New makes a Tracker that gives all output to show, which may keep the
// content.
func New(show func(to Stream, content []byte)) *Tracker {
	t := &Tracker{show: show}
	t.begin()
	return t
}

// begin begins a pass.
func (t *Tracker) begin() {
	t.threads, t.omitted, t.events = map[int]*thread{}, map[uint64]uint64{}, 0
	t.content.Reset()
}

// Events is how many events the pass has observed.
func (t *Tracker) Events() uint64 { return t.events }

// Differs reports that a pass had other output than one before it, which was shown.
func (t *Tracker) Differs() bool { return t.differs }

// Omitted are the bytes of output that the recording does not hold, by the
// number of the system call that wrote them.
func (t *Tracker) Omitted() map[uint64]uint64 { return t.omitted }

// thread is a recorded thread.
type thread struct {
	process *process
	files   files
	call    call // that it is in
}

type process struct {
	pid   int
	apart bool // in a session that a recorded process began
}

// Observe is for replayer.Options.
func (t *Tracker) Observe(e *trace.Event, _ int, read func(addr uint64, p []byte) error) {
	if e.Kind == trace.Exec && e.Thread.Space == firstSpace {
		t.begin()
	}
	t.events++
	t.observe(e, memory(read))
	switch {
	case t.events > t.shown:
		t.shown, t.shownHash = t.events, t.content.Sum64()
	case t.events == t.shown:
		t.differs = t.differs || t.content.Sum64() != t.shownHash
	}
}

// firstSpace is the number of the address space with which a recording begins.
const firstSpace = 1

func (t *Tracker) observe(e *trace.Event, m memory) {
	switch e.Kind {
	case trace.Exec:
		t.exec(e.TID, e.Thread)
		return
	case trace.Thread:
		t.thread(e.TID, e.Thread)
		return
	case trace.Exit:
		delete(t.threads, e.TID)
		return
	}
	th := t.threads[e.TID]
	if th == nil {
		return
	}
	switch e.Kind {
	case trace.Syscall:
		t.enter(th, &e.Before, m)
		t.leave(th, int64(e.After.Rax), m)
	case trace.Enter:
		if e.After.Rip != e.Before.Rip { // taken back: the thread will make the call again
			th.call = call{}
			return
		}
		t.enter(th, &e.Before, m)
		th.call.keep(m)
	case trace.Return:
		t.leave(th, int64(e.After.Rax), m)
	}
}

// exec follows a thread into its new program.
func (t *Tracker) exec(tid int, i *trace.ThreadInfo) {
	old := t.threads[i.Parent]
	if old == nil {
		t.threads[tid] = &thread{process: &process{pid: i.PID}, files: standard()}
		return
	}
	delete(t.threads, i.Parent)
	t.threads[tid] = &thread{process: old.process, files: old.files.afterExec()}
}

// thread follows a new thread, whose parent is in the call that makes it.
func (t *Tracker) thread(tid int, i *trace.ThreadInfo) {
	parent := t.threads[i.Parent]
	if parent == nil {
		return
	}
	n := &thread{process: parent.process, files: parent.files}
	if parent.call.flags&unix.CLONE_FILES == 0 {
		n.files = parent.files.clone()
	}
	if i.PID != parent.process.pid {
		n.process = &process{pid: i.PID, apart: parent.process.apart}
	}
	t.threads[tid] = n
}

// enter notes the call that the thread makes.
func (t *Tracker) enter(th *thread, r *tracee.Regs, m memory) {
	th.call = call{nr: r.OrigRax, args: r.Args()}
	c := &th.call
	if w, ok := writes[c.nr]; ok {
		c.to = th.files[int32(c.args[w.fd])].stream
		if c.to != 0 && w.content != nil {
			c.spans = w.content(m, c.args)
		}
		return
	}
	if prepare := preparations[c.nr]; prepare != nil {
		prepare(t, th, c, m)
	}
}

// leave does what the thread's call did.
func (t *Tracker) leave(th *thread, result int64, m memory) {
	c := th.call
	th.call = call{}
	const maxErrno = 4095 // MAX_ERRNO, include/linux/err.h
	if result < 0 && result >= -maxErrno {
		return
	}
	if c.to != 0 {
		t.written(&c, uint64(result), m)
	} else if change := changes[c.nr]; change != nil {
		change(th, &c, int32(result))
	}
}

// written shows the first n bytes of what the call was to write.
func (t *Tracker) written(c *call, n uint64, m memory) {
	for _, p := range c.kept {
		p = p[:min(n, uint64(len(p)))]
		t.emit(c.to, p)
		n -= uint64(len(p))
	}
	for n > 0 {
		p := m.next(&c.spans, n)
		if len(p) == 0 {
			t.omitted[c.nr] += n
			return
		}
		t.emit(c.to, p)
		n -= uint64(len(p))
	}
}

func (t *Tracker) emit(to Stream, p []byte) {
	if len(p) == 0 {
		return
	}
	t.content.WriteByte(byte(to))
	t.content.Write(p)
	if t.events > t.shown {
		t.show(to, p)
	}
}
