package frame

import "stepback/internal/x86"

// maxAhead is how many instructions are looked at on the way to a return.
const maxAhead = 500

// dwarfRegs are the numbers in DWARF of the processor's general registers.
var dwarfRegs = [16]uint64{0, 2, 1, RBX, RSP, RBP, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15}

// lookout follows the stack pointer, and the registers that are pushed and
// popped, through code that is about to run.
type lookout struct {
	u      *unwinder
	regs   Regs
	pushed map[uint64]Regs // by address: the register 0 of Regs, as far as it is known
}

// ahead finds the caller by reading on to the function's return: what the code
// pops is what was pushed. It takes no conditional branch.
func (u *unwinder) ahead(f *Frame) (next Frame, ok bool) {
	l := lookout{u, f.Regs, map[uint64]Regs{}}
	pc := f.PC
	for range maxAhead {
		inst, code, ok := u.decode(pc)
		if !ok {
			return next, false
		}
		pc += uint64(inst.Len)
		switch inst.Flow {
		case x86.Jump:
			pc = inst.Target(pc - uint64(inst.Len))
		case x86.Return, x86.JumpIndirect: // as a call in place of a return
			return u.returnsWith(f, &l)
		case x86.Trap, x86.Far, x86.Transaction:
			return next, false
		case x86.Next:
			if !l.do(&inst, code) {
				return next, false
			}
		}
	}
	return next, false
}

// returnsWith is the caller when the return address is at the stack pointer, and
// the registers that functions preserve have their values again.
func (u *unwinder) returnsWith(f *Frame, l *lookout) (next Frame, ok bool) {
	sp, known := l.regs.Get(RSP)
	if old, _ := f.Regs.Get(RSP); !known || sp < old || len(l.pushed) > 0 && l.isPushed(sp) {
		return next, false
	}
	if next, ok = u.returning(f, sp); !ok {
		return next, false
	}
	next.Regs = l.regs
	next.Regs.known &= preserved
	next.Regs.Set(RSP, sp+8)
	next.Regs.Set(RIP, next.PC)
	return next, true
}

func (l *lookout) isPushed(addr uint64) bool {
	_, ok := l.pushed[addr]
	return ok
}

// decode decodes the instruction at pc.
func (u *unwinder) decode(pc uint64) (inst x86.Inst, code []byte, ok bool) {
	code = make([]byte, 15)
	for len(code) > 0 && u.read(pc, code) != nil { // the last ones before memory that is not there
		code = code[:len(code)-1]
	}
	return inst, code, x86.Decode(code, &inst) == nil
}

// stackOps are what one-byte and other legacy instructions do to the stack
// pointer, by their opcodes.
var stackOps = map[uint8]func(l *lookout, i *x86.Inst) bool{
	0x68: func(l *lookout, i *x86.Inst) bool { l.push(RIP, false); return true }, // push number
	0x6a: func(l *lookout, i *x86.Inst) bool { l.push(RIP, false); return true },
	0x9c: func(l *lookout, i *x86.Inst) bool { l.push(RIP, false); return true }, // pushf
	0x9d: func(l *lookout, i *x86.Inst) bool { return l.move(RSP, RSP, 8) },      // popf
	0xc9: func(l *lookout, i *x86.Inst) bool { return l.move(RSP, RBP, 0) && l.pop(RBP) },
	0x81: (*lookout).add, 0x83: (*lookout).add,
	0x89: func(l *lookout, i *x86.Inst) bool { return l.copy(i, i.RM(), i.Reg()) },
	0x8b: func(l *lookout, i *x86.Inst) bool { return l.copy(i, i.Reg(), i.RM()) },
	0x8d: func(l *lookout, i *x86.Inst) bool { // lea
		if to := dwarfRegs[i.Reg()]; to == RSP {
			base := i.RM()
			if i.HasSIB {
				base = i.SIB&7 | i.REX&1<<3
			}
			if i.RIPRelative || i.HasSIB && i.SIB>>3&7 != 4 {
				return false
			}
			return l.move(to, dwarfRegs[base], uint64(i.Disp))
		}
		return true
	},
}

// do does what an instruction does to the stack. ok is false when the stack
// pointer is lost.
func (l *lookout) do(i *x86.Inst, code []byte) (ok bool) {
	if i.Encoding != x86.Legacy || i.Map != x86.OneByte {
		return true
	}
	low := dwarfRegs[i.Opcode&7|i.REX&1<<3]
	switch i.Opcode &^ 7 {
	case 0x50:
		l.push(low, true)
		return true
	case 0x58:
		return l.pop(low)
	}
	if do := stackOps[i.Opcode]; do != nil {
		return do(l, i)
	}
	return true
}

// push pushes a register, or something else.
func (l *lookout) push(reg uint64, known bool) {
	sp, _ := l.regs.Get(RSP)
	value, ok := l.regs.Get(reg)
	var saved Regs
	if known && ok {
		saved.Set(0, value)
	}
	l.pushed[sp-8] = saved
	l.regs.Set(RSP, sp-8)
}

// pop pops a register.
func (l *lookout) pop(reg uint64) bool {
	sp, ok := l.regs.Get(RSP)
	if !ok {
		return false
	}
	l.regs.known &^= 1 << reg
	if saved, ok := l.pushed[sp]; ok {
		if value, ok := saved.Get(0); ok {
			l.regs.Set(reg, value)
		}
	} else if value, err := l.u.word(sp); err == nil {
		l.regs.Set(reg, value)
	}
	delete(l.pushed, sp)
	l.regs.Set(RSP, sp+8)
	return true
}

// move sets a register to another plus an offset.
func (l *lookout) move(to, from, offset uint64) bool {
	value, ok := l.regs.Get(from)
	if ok {
		l.regs.Set(to, value+offset)
	}
	return ok
}

// copy is a move between registers, of which those with the stack pointer matter.
func (l *lookout) copy(i *x86.Inst, to, from uint8) bool {
	t, f := dwarfRegs[to], dwarfRegs[from]
	if i.HasMemory() {
		return i.Opcode == 0x89 || t != RSP // what a store changes, nobody pops
	}
	if t != RSP && (t != RBP || f != RSP) {
		return true
	}
	return l.move(t, f, 0)
}

// add is an addition to the stack pointer, or a subtraction.
func (l *lookout) add(i *x86.Inst) bool {
	if i.HasMemory() || dwarfRegs[i.RM()] != RSP {
		return true
	}
	switch i.ModRM >> 3 & 7 {
	case 0:
		return l.move(RSP, RSP, uint64(i.Imm))
	case 5:
		return l.move(RSP, RSP, -uint64(i.Imm))
	case 4: // and: the base pointer will restore it
		return true
	}
	return false
}
