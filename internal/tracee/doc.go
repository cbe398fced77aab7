// Package tracee holds the ptrace and remote-memory primitives that the
// recorder and the replayer share. No other package calls ptrace.
//
// # Threads and CPUs
//
// ptrace requests must come from the thread that attached, and a stop costs
// 2.5 µs when tracer and tracee share a CPU but 50 µs when they do not. So all
// work of a session happens inside Run, which locks its goroutine to an OS
// thread and pins that thread to one CPU; every process that the session
// spawns inherits the pin. There is no channel and no second goroutine on the
// way of a stop.
//
// # States
//
// A thread that is traced is either Stopped or Running, and the type says
// which. A Stopped comes from Session.Wait, Poll or Spawn, and only Stopped has
// methods that change the thread or resume it; Resume turns it into a Running,
// which can be waited for, and whose memory can be read. A thread that is killed while it is stopped
// answers every request with ErrGone; its end then arrives through Wait.
//
// # Children
//
// Spawn starts a process that contains nothing but the engine's area (see
// stub.go): a page of code with a system-call gadget. From there
// the recorder installs its seccomp filter and execs the program, and the
// replayer builds a recorded image. Every tracee is seized with
// PTRACE_O_EXITKILL, so none outlives its tracer.
//
// # Remote calls
//
// Remote.Call makes a recorded thread execute a system call at the gadget, and
// Engine.Call a replay task. The recorder's seccomp filter lets the gadget's
// address through without a stop; the replayer's filter lets nothing else
// through.
package tracee
