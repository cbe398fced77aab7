package adapter

import (
	"stepback/adapter/symbols"
	unwind "stepback/adapter/symbols/frame"
	"stepback/replayer"
	"stepback/replayer/condition"
)

// A Level is what is known about programs beyond their machine code. Its methods are
// called by one goroutine at a time.
type Level interface {
	// Function and Line find the places for breakpoints in what a process has loaded.
	// There may be several; none is an error that says why.
	Function(s *symbols.Space, name string) ([]Location, error)
	Line(s *symbols.Space, path string, line, column int) ([]Location, error)
	// Breakable are the lines of a source, from first to last, that have code.
	Breakable(s *symbols.Space, path string, first, last int) []int
	// Position describes an address of code.
	Position(s *symbols.Space, pc uint64) Position
	// Frames gives the frames of a thread, the innermost first, until yield returns false.
	Frames(t *Thread, yield func(Frame) bool) error
	// Scopes are the groups of variables of a frame, without registers.
	Scopes(t *Thread, f *Frame) ([]Value, error)
	// Evaluate computes an expression in a frame.
	Evaluate(t *Thread, f *Frame, text string) (Value, error)
	// Condition compiles the condition of a breakpoint. A Level that can only evaluate
	// it at each hit returns nil and no error; Holds does that.
	Condition(s *symbols.Space, at Location, text string) (*condition.Expr, error)
	Holds(t *Thread, f *Frame, text string) (bool, error)
	// Statements are the addresses at which a step over lines can end, in the function
	// of a frame; none if its lines are not known.
	Statements(s *symbols.Space, pc uint64) []statement
	// Sources are the paths of all sources of what a process has loaded.
	Sources(s *symbols.Space) []string
}

// Location is where a breakpoint is.
type Location struct {
	PC uint64
	Position
}

// Position is what an address of code belongs to. What is not known is zero.
type Position struct {
	Function     string
	Start        uint64 // of the function
	Module       string // path of the file
	Path         string // of the source
	Line, Column int
}

// Thread is a thread at the present, with what is around it.
type Thread struct {
	replayer.Thread
	Space *symbols.Space
	// Read reads memory of its process as far as it is there.
	Read func(addr uint64, p []byte) (n int)
	// Call calls a function in a copy of the process, in the thread's place.
	Call func(replayer.Call) (replayer.CallResult, error)

	stack unwind.Stack // as far as it was asked for
}

// Frame is the call of a function.
type Frame struct {
	Position
	PC uint64
	// CFA is the canonical frame address, 0 if it is not known.
	CFA uint64
	// Hint is how the protocol wants it to be shown: "", "label" or "subtle".
	Hint string
	// Inlined: it has no frame of its own. Within is how many functions are inlined
	// into it here, each into the next.
	Inlined bool
	Within  int
	// Number is that of its machine's frame, 0 for the innermost.
	Number int
	// Regs are the registers there, as far as they were saved.
	Regs *[17]uint64
}

// Value is a variable, a part of one, or the value of an expression.
type Value struct {
	Name, Text, Type string
	// Expression evaluates to the value again.
	Expression string
	// Address and Size are of memory that holds it; 0 if none does.
	Address, Size uint64
	// Parts are its parts from number start on, count at most, 0 for all; nil if it has none.
	Parts          func(start, count int) ([]Value, error)
	Named, Indexed int
	// Costly: its parts are many, and seldom wanted.
	Costly bool
}
