package trace

import "stepback/internal/tracee"

// Kind says what happened at an event.
type Kind uint8

// The kinds of event.
const (
	// Syscall: a system call was entered and returned, and no other thread
	// ran in between.
	Syscall Kind = iota + 1
	// Enter: a system call was entered, and other threads ran (or a new
	// thread, an exec or the exit of the thread follows) before it returned.
	Enter
	// Return: the return of the call of the thread's latest Enter.
	Return
	// Restart: the kernel makes an interrupted call again.
	Restart
	// Signal: a signal was delivered; Event.Signal says how it went on.
	Signal
	// Trap: rdtsc, rdtscp or cpuid was answered by the recorder, or a system
	// call through the 32-bit gate was refused.
	Trap
	// Thread: a thread or a process began; TID is the new one.
	Thread
	// Exec: the thread's address space was replaced by a new program.
	Exec
	// Exit: the thread is gone.
	Exit
	// Preempt: the thread was interrupted in pure computation, to let
	// another one run; Event.Evidence says where.
	Preempt

	numKinds
)

// KindNames are the names of the kinds, as shown to people and in JSON.
var KindNames = [numKinds]string{
	"", "syscall", "enter", "return", "restart", "signal", "trap", "thread", "exec", "exit", "preempt",
}

func (k Kind) String() string {
	if k < numKinds {
		return KindNames[k]
	}
	return "unknown"
}

// Event is one entry of the log: a point at which the outside world changed
// a recorded process. To replay it, run thread TID until it stops, compare
// its registers with Before (and the hash of its vector state with Vector),
// then apply Ops in order, then Writes in order, then After and XState.
//
// Slices of an event that a Cursor returned are valid until its next call.
type Event struct {
	Kind Kind
	TID  int
	// Before are the registers with which the thread arrived. Not compared
	// for Thread and Exec (those of the new thread are in After) and not for
	// Exit when Exit.Killed.
	Before tracee.Regs
	// Vector is the hash of the vector state on arrival (tracee.XState.Hash),
	// 0 where none was taken.
	Vector uint64
	// After are the registers with which the thread goes on.
	After tracee.Regs
	// XState is the vector state with which the thread goes on, in the layout
	// of NT_X86_XSTATE, trailing zero bytes cut off; nil where the event does
	// not change it.
	XState []byte
	// Ops change address spaces.
	Ops []Op
	// Writes are what the kernel wrote to memory.
	Writes []Write
	// Refused marks a call that the recorder answered with an error because
	// it cannot be recorded.
	Refused bool

	// What follows is set for the kinds named in the comment, nil otherwise.

	Signal   *SignalInfo // Signal
	Thread   *ThreadInfo // Thread, Exec
	Exit     *ExitInfo   // Exit
	Evidence *Evidence   // Preempt; Signal when asynchronous; others as a check of memory
}

// Write is a piece of memory as the kernel left it.
type Write struct {
	// Space is the address space, 0 for that of the event's thread.
	Space uint32
	Addr  uint64
	// Data is the content. When it is nil and Blob is set, the content is
	// the blob (large writes).
	Data []byte
	Blob Hash
}

// OpKind is the kind of a change of an address space.
type OpKind uint8

// The kinds of Op and the fields each uses beside Kind.
const (
	OpMap     OpKind = iota + 1 // Addr Len Prot Flags and a source: Object or Blob with Offset, or neither: anonymous; Name
	OpUnmap                     // Addr Len
	OpProtect                   // Addr Len Prot
	OpRemap                     // Addr Len (old) NewAddr NewLen Flags
	OpAdvise                    // Addr Len Flags (the advice)
	OpObject                    // Object Len (size): create; its content is Blob when set, zero otherwise
	OpResize                    // Object Len (new size)
	OpStore                     // Object Offset and Data, or Blob when large: content of a shared object was changed by the kernel
	OpLimit                     // Len: new soft limit of the stack's size (RLIMIT_STACK); all ones: unlimited

	numOpKinds
)

// OpNames are the names of the kinds of Op, as shown to people.
var OpNames = [numOpKinds]string{"", "map", "unmap", "protect", "remap", "advise", "object", "resize", "store", "limit"}

// Op is a change of an address space, as data: the replayer needs to know
// nothing of system calls.
type Op struct {
	Kind OpKind
	// Space is the address space, 0 for that of the event's thread.
	Space   uint32
	Addr    uint64
	Len     uint64
	Prot    uint32
	Flags   uint32 // MAP_* (shared, private, growsdown, noreserve), MREMAP_*, or an advice
	Object  uint32 // shared object, from 1
	Offset  uint64
	NewAddr uint64
	NewLen  uint64
	Blob    Hash
	Data    []byte
	Name    string // what /proc/PID/maps calls a mapping: its file's path, [stack], [heap]; since version 3
}

// Disposition says what became of a signal.
type Disposition uint8

// The dispositions.
const (
	Handled Disposition = iota + 1 // a handler runs
	Ignored                        // nothing happened
	Fatal                          // the process dies of it
	Stopped                        // job control: the process stopped until continued

	numDispositions
)

// DispositionNames are the names of the dispositions.
var DispositionNames = [numDispositions]string{"", "handled", "ignored", "fatal", "stopped"}

// SignalInfo describes a delivered signal.
type SignalInfo struct {
	Number      int
	Disposition Disposition
	// Synchronous: the signal is the program's own doing at this place (a fault).
	Synchronous bool
	// Info is the kernel's siginfo_t, 128 bytes.
	Info []byte
}

// ThreadInfo describes a new thread or process (Thread), or a new program (Exec).
type ThreadInfo struct {
	Parent int    // thread that made it; for Exec the thread that called it (its own id for the first)
	PID    int    // its process (thread group)
	Space  uint32 // its address space, numbered from 1
	// Fork: Space is new, a copy of the parent's.
	Fork bool
	// Name is the program's path as the kernel resolved it (Exec only).
	Name string
	// Args are the program's arguments (Exec only).
	Args []string
}

// ExitInfo describes the end of a thread.
type ExitInfo struct {
	// Status is the wait status of the thread: as wait4 reports it.
	Status uint32
	// Killed: the thread did not arrive here by itself (it was killed, or its
	// process ended), so Before says only where the kernel found it.
	Killed bool
	// Last: no thread of the process remains.
	Last bool
}

// Evidence tells the place of an asynchronous event. Replay finds it as the
// first state since the thread's event before with these registers
// (Event.Before), vector state (Event.Vector), words and pages whose
// continuation agrees with the next event.
type Evidence struct {
	// Exact: the place is the thread's previous event itself; no instruction
	// ran in between. Words and Pages are empty.
	Exact bool
	// Words are those that the code around the place changes, as far as the
	// recorder can tell: a few comparisons tell most other visits of the
	// place apart. All lie in Pages.
	Words []Word
	// Pages begin with those that are most likely to differ at another visit.
	Pages []PageHash
}

// Word is an aligned word of memory.
type Word struct {
	Addr  uint64
	Value uint64
}

// PageHash is the hash of a page's content (memmap.Hash).
type PageHash struct {
	Addr uint64
	Hash uint64
}
