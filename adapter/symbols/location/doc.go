// Package location finds where a variable is, by what the compiler wrote about
// it: DWARF expressions (DWARF 5 §2.5, §2.6) and lists of them by pc (§2.6.2), in
// DWARF 2 to 5 with GNU's extensions.
//
// An Env is what an expression may ask about: the registers of a frame, the
// memory of its process, other expressions. Env.Locate evaluates an expression
// to a Location, which is a list of pieces: memory, registers, or bytes that are
// nowhere but in the debug information. Location.Read reads them. Env.Value
// evaluates expressions that are only numbers, such as a frame base.
//
// ops.go is the table of operations, and says what each does; eval.go goes
// through an expression; value.go has the typed numbers of the stack;
// location.go reads and cuts pieces; list.go has the lists; callsite.go finds
// what a function was called with, and tls.go variables of threads.
//
// Damaged or hostile expressions are errors: nothing here panics, and a loop
// ends after maxSteps operations.
package location
