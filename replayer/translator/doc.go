// Package translator turns x86-64 code into x86-64 code that does the same,
// counts its steps, and leaves at the places that the engine names.
//
// # What the program sees
//
// The program must not notice. Its registers are in the registers, its memory
// where it was, the return addresses on its stack are its own. Most
// instructions are copied byte for byte (straight.go). Changed are branches
// (block.go), operands relative to rip, and the few instructions that must not
// run there. Code of ours needs registers: it spills rcx and rdx to the scratch page (layout.go),
// whose address is a constant, and it computes without the flags, by lea, not
// and jrcxz. The translated code lies in arenas (arena.go) near the code that it
// stands for, so that operands relative to rip need another displacement only.
//
// # Blocks
//
// A block is straight code with one way in, up to an instruction that may
// branch (decode.go); it goes on through a few direct jumps and calls. It ends
// in direct branches, which are linked to other blocks as these get made
// (translate.go), or in an indirect branch, which goes through a table indexed
// by the low 16 bits of its target. The table leads to the landing of a block
// (entry.go), which compares the whole address and passes on what is not its
// own to the next landing of the same index, and in the end to the engine. So
// returns, virtual calls and jump tables cost about ten instructions and never
// leave the cache once they are known.
//
// # The clock
//
// A block adds the number of its instructions to a word of the clock and leaves
// when the word is not negative any more. An addition changes the flags, so
// it stands before an instruction that overwrites all of them (flags.go). If
// the block has none, the addition is made with lea in the block's entries.
// The clock has several words, each for some of the blocks: additions to the same word wait
// for each other. Before the last steps of a run the code leaves, and the rest is
// a block cut to that many instructions (Cut in state.go).
//
// # Where it stopped
//
// Each block has marks: for its host instructions, how many of the program's
// are done, at which pc it is, and what is spilled. With them, State turns the
// registers of a task that faulted in the cache into the program's. Between the
// clock's addition and the instruction that overwrites the flags there are
// none; if just that instruction faults, State says that they are lost.
//
// # Change
//
// Code changes: libraries come and go, compilers write new code. The cache
// keeps a copy of each page that it translated from. Who changes the page calls
// Invalidate; stores by the program itself must be made to fault (Fresh tells
// the pages). Retiring a block overwrites its entries with a way out, which is
// linked to the new block at its pc when there is one (retire.go). Branches to
// it need not be found.
//
// Only one task runs at a time, and all that is written to the cache is
// written while it is stopped: there are no locks.
package translator
