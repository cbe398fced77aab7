// Package recorder runs a program and its children under ptrace and writes a
// recording of everything that reached them from outside.
//
// # Stops
//
// A seccomp filter stops a thread at the entry of each system call
// (entry in call.go). The table of package syscalls tells which memory the kernel may
// write; the call is run, and at its exit (exit) the registers, the result
// and that memory become an event. What a call does to the address space is
// written as mapping operations (space.go, object.go, capture.go), so that the
// replayer needs to know no system calls. Faults, rdtsc and cpuid, signals,
// new threads, execs and ends are the other events (trap.go, signal.go,
// process.go, image.go, exitwrites.go).
//
// # One at a time
//
// Exactly one thread of all recorded processes runs user code; it has the
// turn (schedule.go). Events are written only in the turn of a thread, for it or for a child that it makes, so
// their order is the order in which memory changed. A thread that waits in a
// system call is let go: that it entered becomes an event (Enter), another
// ready thread gets the turn, and the return is written in a later turn of
// its own. If somebody else can see the call's buffers meanwhile, the call
// runs on scratch memory (scratch.go).
//
// The states of a thread and who changes them:
//
//	ready    stopped; in the queue, or about to be put there      park, turn
//	active   has the turn: runs, or the recorder works for it      loop
//	blocked  in the kernel, stopped by job control, or dying       letGo, groupStop, newThread, deliver
//	zombie   ended                                                 exiting, exited
//
// # Computing
//
// A thread that computes is interrupted when others have waited long enough
// (preempt.go). A signal from outside is delivered where it meets the thread.
// In both cases the event may be in the middle of a computation, where only a
// description can tell replay the place: registers and evidence of memory
// (place.go), chosen by reading ahead in the code (scout.go). Signals at an event
// (most are: they end a wait, or were sent by the program itself) need none.
//
// # Signals
//
// The frame that the kernel builds for a handler is data of the event
// (signal.go). Signals that would disturb the recorder's own work in a thread wait
// in the kernel (hold.go).
package recorder
