package x86

// A row is what the tables know about one instruction. Sizes are ready for
// use: by width, they are those with 32-bit, 16-bit and 64-bit operands, or
// with vectors of 128, 256 and 512 bits; by mod, those of the form with memory
// and of the form with registers.
type row struct {
	attr     attr
	flow     Flow
	cond     uint8
	implicit Implicit
	access   [2]Access    // by mod
	size     [2][3]uint16 // by mod and width
	imm      [3]uint8     // bytes of the immediate, by width
	unit     uint8        // EVEX: what a displacement of one byte counts in, if not in size
	broad    uint8        // EVEX: bytes of the element that a broadcast reads, 0 without broadcast
	flags    effect
}

// An attr is a set of properties of a row.
type attr uint32

const (
	undefined attr = 1 << iota // no such instruction
	hasModRM
	moffs     // an address follows the opcode
	lockable  // with a memory operand
	isString  // F2 and F3 repeat it
	registers // ModRM has no memory form: mov to and from cr and dr
	needsSIB  // r/m must be 100 (AMX)
	vectorSIB // the same, and the index is a vector register

	// VEX, EVEX and XOP.
	usesVector // vvvv names a register; otherwise it must be 1111
	distinct   // the registers must be different ones

	// EVEX.
	masked   // aaa may be other than 0
	mustMask // and must be
	zeroing  // z may be 1
	rounding // b may be 1 with registers: L'L is a rounding mode, or means 512

	// Registers that do not exist.
	kRegister // ModRM.reg (and vvvv of VEX) names a mask register or a tile: 0 to 7 only
	tile      // and so does r/m, when it is a register
	gpr       // ModRM.reg of EVEX names a general register: 0 to 15 only

	// Flags that depend on more than the opcode.
	countShift  // shl, shr, sar by an immediate
	countRotate // rol, ror, rcl, rcr by an immediate
	countDouble // shld, shrd by an immediate
	repeatFlags // cmps, scas: with rep the flags may stay as they are

	anyCount = countShift | countRotate | countDouble | repeatFlags
)

// An effect is what an instruction does with flags.
type effect struct{ read, written, undefined Flags }

// A node is a place in the trees that lead from an opcode to a row. At a leaf,
// index is a row; elsewhere it is the first of the children, of which one is
// picked by the dimension.
type node struct {
	by    dimension
	modRM modRM // of a root
	index uint16
}

// A modRM says whether ModRM follows the opcode.
type modRM uint8

const (
	noModRM modRM = iota
	plainModRM
	registersModRM // it names registers whatever its mod is
)

// A dimension is something besides the opcode that tells instructions apart.
type dimension uint8

const (
	byPrefix dimension = iota // 0 none, 1 66, 2 F3, 3 F2: as pp of VEX has it
	byW
	byLength // L or L'L
	byMod    // 0 memory, 1 registers
	byReg
	byRM
	leaf // also the number of dimensions
)

// dimensionSize is the number of values of each dimension.
var dimensionSize = [leaf]int{4, 2, 4, 2, 8, 8}
