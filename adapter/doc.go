// Package adapter is the debugger behind the Debug Adapter Protocol: it turns
// requests into probes, searches and seeks of a replayer.Timeline, and what it finds
// there into frames, variables and stops.
//
// # A session
//
// A session is one client and one program (session.go). It is in one of these states:
//
//	fresh      nothing but initialize is answered
//	ready      waits for launch
//	recording  the program runs and is recorded
//	opening    the recording is opened, and gone through to where the user begins
//	stopped    the present stands still: the only state in which it can be looked at
//	moving     a search or a seek is under way
//	over       the program is gone; disconnect is all that is left
//
// One goroutine, the loop, owns the session. It answers what needs no Timeline at once.
// All else is a job: a goroutine that alone may use the Timeline, and the handles that
// clients have for frames and variables, until it is done. There is one at a time. Requests that
// come while a job answers a question wait their turn; while one moves, what needs a standing
// present is refused. pause and cancel end a job by its context, within milliseconds.
//
// The table of requests (requests.go) says for each in which states it is allowed, and
// which of these kinds it is. A move is answered before it begins, and ends with exactly one
// stopped event.
//
// # What is behind it
//
// A Target is a program with its history: today a recording that was opened, later
// also one that still runs. A Level is what is known about its code beyond the machine's
// view: functions, lines, frames, variables. sourceLevel has them from debug information
// (sourcelevel.go, sourceframes.go, sourcevalues.go, locator.go); without, it is elfLevel, which
// has ELF symbols alone. Steps are by lines (linestep.go, linestepback.go) or by instructions (step.go).
//
// History is looked through once, without replaying it, when it is opened (history.go):
// which files were loaded where and when decides where breakpoints are, so none waits
// for a library to be loaded.
package adapter
