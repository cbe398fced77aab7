// Package replayer replays a recording.
//
// # Tasks and threads
//
// There is one kernel task per recorded address space (task.go). It starts as
// a copy of a template that holds nothing but the engine's area, and is filled
// with the recorded mappings; a recorded fork forks it. Recorded threads are
// register files (thread in replay.go) that are loaded into the task of their
// address space in turn.
//
// # Replay touches nothing
//
// The program's system calls are never executed: tasks run under
// PTRACE_SYSEMU, and their seccomp filter kills whatever else than the
// engine's own calls (mapping memory, forking) would come through. Content to map reaches a task
// as a descriptor through a socket that the template inherited, so that no
// task can name a file.
//
// # Events
//
// For each event of the log, in order, the thread of the event runs until it
// stops, its registers are compared with the recorded ones, and the event's
// operations on address spaces, writes to memory and registers are applied
// (replay.go, apply.go). A difference is a Divergence, which ends the replay.
package replayer
