package x86

// Flow says where an instruction sends control.
type Flow uint8

// The kinds of control flow.
const (
	Next         Flow = iota // to the following instruction, unless it faults
	Jump                     // jmp rel: to Target
	JumpCond                 // jcc rel: to Target or the following instruction, as the flags tell (Cond)
	JumpCount                // loop, loope, loopne, jrcxz, jecxz: 8-bit displacement only
	Call                     // call rel
	Return                   // ret, ret imm16
	JumpIndirect             // jmp r/m64
	CallIndirect             // call r/m64
	SystemCall               // syscall
	Trap                     // leaves for the kernel always: int3, int1, int n, ud0-ud2, sysenter, hlt and other privileged ones
	Far                      // far jump, call and return, iret, sysret, uiret; enclu, which may enter an enclave
	Transaction              // xbegin rel
)

// Encoding is the way an instruction is encoded.
type Encoding uint8

// The encodings.
const (
	Legacy Encoding = iota
	VEX             // 2- or 3-byte prefix
	EVEX
	XOP
)

// Map is an opcode map. VEX and EVEX use the numbers 1 to 7, XOP 8 to 10.
type Map uint8

// The opcode maps of legacy instructions that have names.
const (
	OneByte  Map = 0
	Map0F    Map = 1
	Map0F38  Map = 2
	Map0F3A  Map = 3
	Map3DNow Map = 0x0f // 0F 0F: the opcode is the last byte
)

// Prefixes are the legacy prefixes of an instruction.
type Prefixes uint16

// The prefixes. Of Rep and RepNE, the one that counts is set; segment
// overrides of CS, DS, ES and SS mean nothing in 64-bit mode.
const (
	PrefixOpSize   Prefixes = 1 << iota // 66
	PrefixAddrSize                      // 67
	PrefixRep                           // F3
	PrefixRepNE                         // F2
	PrefixLock                          // F0
	PrefixFS                            // 64
	PrefixGS                            // 65
	PrefixREX                           // 40-4F (Inst.REX), or D5 (never: APX is not known)
)

// Flags is a set of bits of the flags register, in their places there.
type Flags uint32

// The arithmetic flags, the direction flag, and others that popf may change.
const (
	CF Flags = 1 << 0
	PF Flags = 1 << 2
	AF Flags = 1 << 4
	ZF Flags = 1 << 6
	SF Flags = 1 << 7
	TF Flags = 1 << 8
	IF Flags = 1 << 9
	DF Flags = 1 << 10
	OF Flags = 1 << 11
	AC Flags = 1 << 18

	Arithmetic = CF | PF | AF | ZF | SF | OF
)

// Access says what an instruction does with its memory operand: that of ModRM
// if HasMemory, else moffs or what Implicit names.
type Access uint8

// The accesses. An address that is only computed (lea, nop, prefetch) is no access.
const (
	Reads Access = 1 << iota
	Writes
)

// Implicit says which memory an instruction uses that its ModRM does not name.
// An instruction can have both: push [mem] reads its ModRM operand, which
// Access and Size describe, and writes the stack.
type Implicit uint8

// The kinds of implicit memory.
const (
	NoImplicit  Implicit = iota
	StackPush            // writes below rsp: push, call, pushf, enter
	StackPop             // reads at rsp (leave: at rbp): pop, ret, popf, iret
	Source               // reads [rsi]: lods, outs
	Destination          // writes [rdi]: stos, ins; reads it: scas; writes parts of it: maskmovq, maskmovdqu
	Both                 // [rsi] and [rdi]: movs, cmps
	AtRBX                // reads [rbx+al]: xlat
	AtRAX                // writes the cache line at [rax]: clzero
	AtRegister           // writes 64 bytes at the address in the register Reg: movdir64b, enqcmd; they read their ModRM operand
	BitString            // bt, bts, btr, btc with a bit offset in a register: the ModRM operand is moved by the offset, in both directions
)

// Inst is a decoded instruction. Offsets count from its first byte; 0 means
// that there is no such part.
type Inst struct {
	Len      uint8 // 1 to 15
	Encoding Encoding
	Map      Map
	Opcode   uint8
	Prefixes Prefixes
	// REX holds the bits W, R, X, B (8, 4, 2, 1) wherever they come from: REX,
	// or those of VEX, EVEX and XOP in their plain sense, not inverted.
	REX uint8
	// Vector is vvvv of VEX, EVEX and XOP in its plain sense (0 to 31), 0 where
	// unused. With VectorSIB and EVEX, 16 is the high bit of the index.
	Vector uint8

	OpcodeOff uint8 // of the opcode byte itself
	PrefixOff uint8 // of the first byte of REX, VEX, EVEX or XOP; meaningful when there is one
	ModRMOff  uint8
	ModRM     uint8
	SIB       uint8 // meaningful when HasSIB
	HasSIB    bool
	VectorSIB bool // the index of SIB is a vector register: gathers and scatters
	DispOff   uint8
	DispLen   uint8 // 0, 1, 4 (moffs: 8, or 4 with an address-size prefix)
	// Disp is sign-extended, and not scaled: with EVEX, a displacement of one
	// byte counts in units of DispScale bytes. Displacement is the product.
	Disp      int64
	DispScale uint8
	ImmOff    uint8
	ImmLen    uint8 // 0, 1, 2, 3 (enter), 4, 8
	// Imm is sign-extended, also where the instruction takes it as unsigned
	// (ret, enter, whose level is in bits 16 to 23); of branches it is the displacement.
	Imm int64
	// RIPRelative: the memory operand is at the following instruction's
	// address plus Disp. (An address-size prefix cuts the sum to 32 bits.)
	RIPRelative bool

	Flow     Flow
	Cond     uint8 // of JumpCond: the low four bits of the opcode
	Access   Access
	Implicit Implicit
	// Size is the number of bytes of the memory operand, 0 where it depends on
	// registers (xsave, rep, gathers), is not known, or there is none. With a
	// mask it is the number without one.
	Size uint16

	// FlagsRead, FlagsWritten and FlagsUndefined are the flags that the
	// instruction uses, gives a defined value, and leaves undefined.
	// A flag that it writes only sometimes (shift by cl, rep cmps) counts as
	// read and as written; of a shift by cl, OF is undefined too.
	// An undefined flag may keep its value: it is not overwritten.
	FlagsRead, FlagsWritten, FlagsUndefined Flags

	// String: movs, cmps, stos, lods, scas, ins, outs; with PrefixRep or
	// PrefixRepNE it repeats, and can be interrupted half done.
	String bool

	memory bool // ModRM names memory
}

// HasMemory reports whether ModRM names memory.
func (i *Inst) HasMemory() bool { return i.memory }

// Repeats reports whether the instruction is a string instruction that runs
// rcx times.
func (i *Inst) Repeats() bool { return i.String && i.Prefixes&(PrefixRep|PrefixRepNE) != 0 }

// Target is where a relative branch at pc goes.
func (i *Inst) Target(pc uint64) uint64 { return pc + uint64(i.Len) + uint64(i.Imm) }

// Displacement is Disp in bytes.
func (i *Inst) Displacement() int64 { return i.Disp * int64(i.DispScale) }

// Reg is the register field of ModRM with its extension (0 to 15).
func (i *Inst) Reg() uint8 { return i.ModRM>>3&7 | i.REX<<1&8 }

// RM is the r/m field of ModRM with its extension (0 to 15).
func (i *Inst) RM() uint8 { return i.ModRM&7 | i.REX<<3&8 }

// Address is where the memory operand of ModRM or moffs is, without the base
// of the segment, when regs are the general registers in the order of their
// numbers and the following instruction is at next. It knows nothing of vector
// indices, and nothing of the bit offset of BitString.
func (i *Inst) Address(regs *[16]uint64, next uint64) uint64 {
	address := uint64(i.Displacement())
	switch {
	case !i.memory:
	case i.RIPRelative:
		address += next
	case !i.HasSIB:
		address += regs[i.RM()]
	default:
		if i.SIB&7 != 5 || i.ModRM >= 0x40 {
			address += regs[i.SIB&7|i.REX&rexB<<3]
		}
		if index := i.SIB>>3&7 | i.REX&rexX<<2; index != 4 {
			address += regs[index] << (i.SIB >> 6)
		}
	}
	if i.Prefixes&PrefixAddrSize != 0 {
		address &= 1<<32 - 1
	}
	return address
}
