// Package x86 decodes the instructions of x86-64, in 64-bit mode.
//
// It is no disassembler: it has no names and prints nothing. It says what
// somebody needs to know who translates code or records what it does: how long
// an instruction is and where its parts are (to copy it, changed), where it
// sends control, which memory it uses and how, and which flags it reads,
// writes and leaves undefined.
//
// # What counts as an instruction
//
// The tables have every extension that a processor has had in 64-bit mode up
// to AVX-512 with FP16 and AMX, those of AMD alone too (3DNow, XOP, FMA4, TBM,
// LWP, SSE4a). They do not know APX (REX2, and EVEX map 4), AVX10.2, PadLock,
// and the parts of AMX after COMPLEX: all that is undefined.
//
// ErrUndefined means that the processor raises #UD. This is exact as far as
// encodings go: also reserved bits of EVEX, lock prefixes, registers that must
// be different. It does not depend on which extensions this machine's
// processor has, on its mode or on its privileges: instructions that only a
// kernel may use are instructions, of flow Trap.
//
// Where Intel's and AMD's processors differ, this is Intel: near branches
// ignore an operand-size prefix (to AMD, 66 E9 has a displacement of 16 bits),
// and far jumps through memory obey REX.W. The last of several F2 and F3
// counts, as does the last of several segment prefixes with a meaning.
//
// # Tables
//
// A table (table_*.go) is the text of one opcode map: of legacy instructions
// by the escape bytes, of VEX, EVEX and XOP by the number in the prefix. The
// order of the lines does not matter. A line has opcodes, a name for the
// reader, and words:
//
//	00,28   add,sub   /r rw1 lock f:add
//
// Words that say where the line applies; another line of the same opcode has
// the rest, or the rest is undefined:
//
//	np 66 f3 f2     with no prefix, or that one (of VEX: pp); several: np,66
//	W0 W1           with that W
//	l0 l1 l2 l12    with that vector length: 128, 256, 512; 256 or 512
//	/2  /0,4-7      with these values of ModRM.reg
//	mem reg         with memory, with registers, in ModRM.rm
//	=c1  =e8-ee     with these values of ModRM
//
// Words that say what the instruction does:
//
//	/r              it has ModRM; mem, reg, /2, =c1 and others imply it
//	r4 w4 rw4       it reads, writes, reads and writes 4 bytes of memory; 0 is
//	                not known, letters are in sizeWords
//	ib iw id iz iv  it has an immediate: immWords
//	moffs           it has an address without ModRM
//	lock            it may be locked, with memory
//	f:name          its flags, as in effects; f:cc those of the condition
//	jump call trap  and others of flowWords: its control flow
//	push source     and others of implicitWords: memory that ModRM does not name
//	v               vvvv names a register
//	k kz k!         EVEX: it can have a mask; that and zeroing; it must
//	bc4             EVEX: its memory operand can be a broadcast of 4 bytes
//	er sae          EVEX: b is allowed with registers
//	n4              EVEX: displacements of one byte are in units of 4, not of the size
//	sib vsib        SIB must be there; and its index is a vector
//	kreg tile gpr   ModRM.reg is a mask register, a tile, a general register: R or R' must be 0
//	distinct        registers must be different
//	registers       ModRM names registers whatever its mod
//
// A word of families stands for several lines: ps/pd for "np W0" and "66 W1".
//
// The texts become trees when an instruction is decoded for the first time
// (parse.go, build.go): from the opcode by prefix, W, length and ModRM to a row
// (row.go), with branches only where lines differ. Decode (decode.go,
// prefix.go) reads prefixes and opcode, then ModRM, walks the tree, and fills
// Inst from the row. It looks at 32 bytes, if need be of zeros, so that it has
// to ask only once, at the end, whether it looked too far.
//
// # Sources and checks
//
// The tables follow the opcode maps of Intel's Software Developer's Manual,
// volume 2, appendix A, and of AMD's Architecture Programmer's Manual, volume
// 3; the flags the pages of the instructions and the cross-reference in
// Intel's volume 1, appendix A.
//
// They are not believed: the tests compare them with objdump, on libraries and
// on random instructions, and with the processor, on which testdata/cpu.c
// executes one instruction at a time. TestProcessorDefined asks it what is an
// instruction and how long, TestProcessorFlags which flags matter and change,
// TestProcessorMemory which bytes of memory are read and written. With
// -samples, -seed and -every-legacy they go on for as long as one likes.
package x86
