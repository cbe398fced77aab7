// Package frame finds the callers of a function by the call frame information
// that compilers leave: .eh_frame (LSB Core §10.6) and .debug_frame (DWARF 5
// §6.4).
//
// A Table is what one ELF file has of it. For a pc it gives a Row: how to compute
// the canonical frame address (CFA), which is the stack pointer before the call,
// and what the registers were in the caller. section.go and pointer.go read the
// sections, table.go finds the description of a function (FDE), program.go runs
// its program, ops.go is the table of the program's operations.
//
// Unwind follows the callers of a thread's registers, frame by frame (unwind.go).
// Where there is no description it guesses (guess.go), and says so.
//
// Addresses are those in the file, but in unwind.go and guess.go those in the process.
package frame
