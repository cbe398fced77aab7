package translator

import "encoding/binary"

// The registers by their numbers in instructions.
const (
	rax = iota
	rcx
	rdx
	rbx
	rsp
	rbp
	rsi
	rdi
	r8
	r9
	r10
	r11
)

// asm appends machine code to a buffer. The code will run at base.
type asm struct {
	buf  []byte
	base uint64
}

func (a *asm) pc() uint64 { return a.base + uint64(len(a.buf)) }

func (a *asm) bytes(b ...byte) { a.buf = append(a.buf, b...) }

// instruction appends an instruction of the program as it is. The buffer has
// room for the longest.
func (a *asm) instruction(d *decoded) {
	n := len(a.buf)
	a.buf = a.buf[:n+maxInst]
	*(*[maxInst]byte)(a.buf[n:]) = [maxInst]byte(d.bytes[:maxInst])
	a.buf = a.buf[:n+int(d.Len)]
}

func (a *asm) imm32(v uint32) { a.buf = binary.LittleEndian.AppendUint32(a.buf, v) }

func (a *asm) imm64(v uint64) { a.buf = binary.LittleEndian.AppendUint64(a.buf, v) }

// rel32 appends the distance from behind it to the target.
func (a *asm) rel32(target uint64) { a.imm32(uint32(target - a.pc() - 4)) }

// absolute appends ModRM, SIB and displacement of an absolute address.
func (a *asm) absolute(reg byte, addr uint64) {
	a.bytes(reg<<3&0x38|4, 0x25)
	a.imm32(uint32(addr))
}

func rexR(reg byte) byte { return 0x48 | reg>>1&4 }

// store is mov [addr], reg.
func (a *asm) store(addr uint64, reg byte) { a.bytes(rexR(reg), 0x89); a.absolute(reg, addr) }

// load is mov reg, [addr].
func (a *asm) load(reg byte, addr uint64) { a.bytes(rexR(reg), 0x8b); a.absolute(reg, addr) }

// constant is mov reg, v, for registers below r8.
func (a *asm) constant(reg byte, v uint64) {
	switch {
	case v>>32 == 0:
		a.bytes(0xb8 | reg)
		a.imm32(uint32(v))
	case uint64(int64(int32(v))) == v:
		a.bytes(0x48, 0xc7, 0xc0|reg)
		a.imm32(uint32(v))
	default:
		a.bytes(0x48, 0xb8|reg)
		a.imm64(v)
	}
}

// storeConstant is mov dword [addr], v.
func (a *asm) storeConstant(addr uint64, v uint32) {
	a.bytes(0xc7)
	a.absolute(0, addr)
	a.imm32(v)
}

// add is add qword [addr], n. It changes the flags.
func (a *asm) add(addr uint64, n int) {
	if n < 128 {
		a.bytes(0x48, 0x83)
		a.absolute(0, addr)
		a.bytes(byte(n))
		return
	}
	a.bytes(0x48, 0x81)
	a.absolute(0, addr)
	a.imm32(uint32(n))
}

// lea is lea reg, [base+d], for registers below r8 but rsp.
func (a *asm) lea(reg, base byte, d int32) {
	if d == int32(int8(d)) {
		a.bytes(0x48, 0x8d, 0x40|reg<<3|base, byte(d))
		return
	}
	a.bytes(0x48, 0x8d, 0x80|reg<<3|base)
	a.imm32(uint32(d))
}

// jump is jmp target.
func (a *asm) jump(target uint64) { a.bytes(0xe9); a.rel32(target) }

// jumpIf is jcc target, for the low four bits of the opcode.
func (a *asm) jumpIf(cond byte, target uint64) { a.bytes(0x0f, 0x80|cond); a.rel32(target) }

// Conditions.
const (
	notSign = 9
	zero    = 4
	notZero = 5
)

// reaches reports whether a 32-bit displacement of an instruction that ends at
// from gets to target.
func reaches(from, target uint64) bool {
	d := int64(target - from)
	return d == int64(int32(d))
}
