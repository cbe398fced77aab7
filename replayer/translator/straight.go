package translator

import "stepback/internal/x86"

// straight emits an instruction that goes on to the next one: as it is, unless
// it names an address relative to itself.
func (e *emitter) straight(i int, d *decoded) {
	code := d.bytes
	switch {
	case isPopf(&d.Inst):
		e.popFlags(i, d, code)
	case storesPointer(&d.Inst) && !e.plain:
		e.leave(leavePointer, i, d)
	case isRandom(&d.Inst):
		e.leave(leaveRandom, i, d)
	case d.RIPRelative:
		e.relative(i, d, code)
	case d.Repeats():
		// A debug register may stop it at its own address, half done: that must not be
		// where the instruction before it ends.
		e.bytes(0x90)
		e.instruction(d)
	default:
		e.instruction(d)
	}
	if e.plain {
		e.fall = d.end()
	}
}

func isPopf(i *x86.Inst) bool {
	return i.Encoding == x86.Legacy && i.Map == x86.OneByte && i.Opcode == 0x9d
}

// storesPointer reports whether the instruction stores the address of the
// last x87 instruction, which is that of its translation: fxsave, the xsave
// family, fnstenv and fnsave.
func storesPointer(i *x86.Inst) bool {
	if i.Encoding != x86.Legacy || !i.HasMemory() {
		return false
	}
	group := i.ModRM >> 3 & 7
	switch i.Map {
	case x86.OneByte:
		return (i.Opcode == 0xd9 || i.Opcode == 0xdd) && group == 6
	case x86.Map0F:
		return i.Opcode == 0xae && (group == 0 || group == 4 || group == 6) && i.Prefixes&(x86.PrefixOpSize|x86.PrefixRep|x86.PrefixRepNE) == 0 ||
			i.Opcode == 0xc7 && (group == 4 || group == 5)
	}
	return false
}

// isRandom reports whether the instruction has a result that no recording
// holds: rdrand, rdseed, rdpid. Programs are told that the processor has none
// of them.
func isRandom(i *x86.Inst) bool {
	return i.Encoding == x86.Legacy && i.Map == x86.Map0F && i.Opcode == 0xc7 && i.ModRM >= 0xf0
}

// popFlags lets the processor itself execute a popf that sets the trap flag:
// in the translated code, the trap would come at the wrong place.
func (e *emitter) popFlags(i int, d *decoded, code []byte) {
	e.mark(i, d.pc, lostFlags)
	e.bytes(0xf7, 0x04, 0x24) // test dword [rsp], trap flag
	e.imm32(uint32(x86.TF))
	e.bytes(0x0f, 0x80|notZero)
	e.imm32(0)
	e.toExit(exit{kind: leaveNative, undo: e.undo(i, e.place == noClock || i >= e.place), pc: d.pc})
	e.bytes(code...)
}

// relative emits an instruction whose memory operand is relative to rip.
func (e *emitter) relative(i int, d *decoded, code []byte) {
	target := d.end() + uint64(d.Disp)
	short := d.Prefixes&x86.PrefixAddrSize != 0
	if short {
		target = uint64(uint32(target))
	}
	if !short && reaches(e.pc()+uint64(d.Len), target) {
		at := len(e.buf) + int(d.DispOff)
		end := e.pc() + uint64(d.Len)
		e.bytes(code...)
		v := uint32(target - end)
		e.buf[at], e.buf[at+1], e.buf[at+2], e.buf[at+3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
		return
	}
	// Out of reach: a register that the instruction does not use stands in for
	// the address. Instructions with such an operand use at most two registers
	// beside fixed ones, of which rsi and rdi are none.
	reg, s := byte(rsi), spilledRsi
	uses := func(r byte) bool { return d.Reg() == r || d.Vector == r }
	if uses(reg) {
		reg, s = rdi, spilledRdi
	}
	if uses(reg) {
		reg, s = rbx, spilledRbx
	}
	state := s
	if i == e.place {
		state |= lostFlags
	}
	e.store(savedTmp, reg)
	e.mark(i, d.pc, state)
	e.constant(reg, target)
	e.bytes(standIn(d, code, reg)...)
	e.mark(i+1, d.end(), s)
	e.load(reg, savedTmp)
}

// standIn is the instruction with [reg] in the place of [rip+displacement].
func standIn(d *decoded, code []byte, reg byte) []byte {
	out := append(make([]byte, 0, 15), code[:d.DispOff]...)
	out[d.ModRMOff] = d.ModRM&^0xc7 | reg // mod 00: no displacement
	// The extension of the base register, which was ignored, must be off.
	switch d.Encoding {
	case x86.Legacy:
		if d.Prefixes&x86.PrefixREX != 0 {
			out[d.PrefixOff] &^= 1
		}
	case x86.VEX:
		if out[d.PrefixOff] == 0xc4 {
			out[d.PrefixOff+1] |= 1 << 5 // inverted
		}
	case x86.EVEX, x86.XOP:
		out[d.PrefixOff+1] |= 1 << 5
	}
	return append(out, code[d.DispOff+d.DispLen:]...)
}
