package recorder

import (
	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/syscalls"
	"stepback/recorder/trace"
)

// state says what a recorded thread is doing. Exactly one thread at a time
// has the turn: it runs user code, or the recorder works for it.
type state uint8

const (
	ready   state = iota // stopped; waits for its turn, with a stop to handle or none
	active               // has the turn
	blocked              // let go in a system call, or in a job-control stop
	zombie               // ended
)

// thread is a recorded thread.
type thread struct {
	tid    int
	former int // the id before an exec by another thread than the leader, 0 for none
	proc   *process
	space  *space
	state  state

	stopped tracee.Stopped // valid while ready or active
	running tracee.Running // valid while blocked
	pending *tracee.Stop   // the stop to handle when the turn comes

	call      call        // the system call that it is in
	after     tracee.Regs // registers at the end of its latest event
	settled   bool        // no user instruction ran since that event
	signalled bool        // that event was a signal, or the return from its handler
	restart   bool        // its latest call ended to be restarted
	skip      bool        // the signal being delivered could not be put on the stack

	postponed unix.Signal // is kept from the thread until its next stop, 0 for none
	mask      uint64      // the signals that it blocks itself, meanwhile

	clearTID   uint64        // where the kernel writes 0 when the thread ends, 0 for nowhere
	execWrites []trace.Write // what the kernel writes to the old memory at the exec that t makes
	scratch    region        // memory for outputs of blocking calls
	noScratch  bool          // there was none for the call that t makes again

	slice int   // events in this turn
	ticks int   // in this turn, that found it computing
	poked bool  // interrupted since it was resumed
	busy  bool  // its latest time was over before it was seen to wait
	seen  sight // at the latest tick
}

// call is a system call between its entry and its exit.
type call struct {
	desc    *syscalls.Call
	regs    tracee.Regs // at the entry, as the program made it
	vector  uint64
	memory  *trace.Evidence // of all memory at the entry; mostly nil
	blocks  []syscalls.Block
	waits   bool     // it may wait for others
	moved   []uint64 // where each block is, when they were moved to scratch memory
	inputs  [][]byte // what moved blocks held at first, nil for pure outputs
	open    bool     // the thread is between entry and exit
	entered bool     // the Enter event is written
	refused bool
	errno   unix.Errno // the answer to a refused call
	edited  bool       // the recorder changed an argument
}

// process is a recorded process: a thread group.
type process struct {
	pid     int
	threads map[int]*thread
	files   *fileTable
	status  unix.WaitStatus
	// byTerminal: its latest job-control stop came from the terminal.
	byTerminal bool
}

// space is an address space, shared by the threads of a process and by a
// vfork child until it execs.
type space struct {
	id      uint32
	threads int
	maps    memmap.Map
	brk     uint64 // current program break, 0 until known
	free    []region
}

// region is a range of memory.
type region struct{ addr, size uint64 }

// readSome reads memory of the thread, whatever it is doing, and returns how
// much of it was readable.
func (t *thread) readSome(addr uint64, p []byte) int {
	if t.state == blocked {
		return t.running.ReadSome(addr, p)
	}
	return t.stopped.ReadSome(addr, p)
}

// settle notes where an event leaves the thread.
func (t *thread) settle(e *trace.Event) {
	t.after = e.After
	t.settled = true
	t.signalled = e.Kind == trace.Signal || e.Kind == trace.Syscall && e.Before.OrigRax == unix.SYS_RT_SIGRETURN
}

// sameRegs reports whether the thread's latest event left it with these registers.
func (t *thread) sameRegs(regs *tracee.Regs) bool {
	now, then := *regs, t.after
	now.OrigRax, then.OrigRax = 0, 0
	then.Eflags &^= resumeFlag
	return now == then
}
