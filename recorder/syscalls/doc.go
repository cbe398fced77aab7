// Package syscalls is the table of x86-64 Linux system calls: for each call, which of the program's
// memory the kernel may write, and how the call behaves.
//
// The recorder asks it three questions. At the entry stop of a call, [Call.Outputs] gives the blocks
// of memory that the kernel may write, with the pointers that lead to them: argument → msghdr →
// iovec array → buffer. A call that may block ([Call.MayBlock]) is let go while other threads run, so
// the recorder moves its blocks to scratch memory first; that is what the parents and slots are for.
// After the call, [Call.Written] says which parts of the blocks the kernel may really have written,
// given the result: ten bytes of the megabyte buffer when read(2) returned 10.
//
//	call := syscalls.Lookup(nr)
//	blocks, refuse := call.Outputs(blocks[:0], mem, args)
//	… refuse != 0: answer it to the program, name it once: call.Refusal(mem, args)
//	… move the blocks if call.MayBlock(args), run the call …
//	ranges = call.Written(ranges[:0], mem, args, result, blocks, at)
//
// # The law
//
// Reporting too much is correct: memory is read after the call and recorded as it is then. Reporting
// too little is a silent divergence of the replay. So whatever is in doubt is reported, and whatever the
// table does not know is refused by name: unknown calls, and unknown commands of ioctl, fcntl, prctl,
// arch_prctl, keyctl and the like. Precision is only a matter of size.
//
// # Order of knowledge
//
// A row of the table (table_*.go) gives number, name, behaviour, parameters and effects. The behaviour
// holds the [Class] and when the call may block. Effects are built from a small vocabulary
// (vocabulary.go): out, filled, inout for plain memory, and the walkers of nested.go for structures
// that hold pointers. Calls that are many calls in one choose their effects by command (commands_*.go).
// The rows are turned into an array once, when the program starts; a use of the table changes nothing,
// so it may be shared by any number of goroutines.
//
// # What the user of this package must know
//
// Ask Outputs for every call, whatever its class: setsockopt has no effect on memory, but some options are
// refused, and calls that change the address space or control processes may have outputs, too.
//
// A block may reach past mapped memory: programs pass select(2) a count larger than their sets, or
// read(2) a length larger than their buffer. Copy and record what is there, up to the first hole.
//
// The block of a call that may block holds all that the kernel reads through its pointer, so it can be moved as it is;
// what the kernel only reads is no block. A moved block with In set must be filled before the call. When it is copied back, copy only the bytes
// that differ from what was copied in: the other bytes of a reported range may have been changed by
// another thread while the call waited, and the kernel would not have touched them.
//
// After -EFAULT, -EIO and -EBADMSG the kernel may have written any part of the outputs, so Written
// reports all of them. Such content is unknown for a moved block that was not copied in, so that one
// is left out: nothing is to be copied back.
//
// A block with InPlace set must not be moved: the kernel uses its address as a name (futex words) or
// keeps its pages (vmsplice). A priority-inheritance futex word also changes while its waiter goes to sleep,
// when another thread may look at it; the recorder has to record it at that time as well.
//
// Direct I/O (O_DIRECT) may write up to a whole block although the result says less, as no table
// can know from the arguments. The recorder should strip O_DIRECT where files are opened.
package syscalls
