package translator

import "stepback/internal/x86"

// block is the translation of straight code with one way in.
type block struct {
	pc      uint64
	start   uint32 // host code: [start, end), from the arena's base
	end     uint32
	entry   uint32 // where direct branches enter
	counted uint32 // from here on the clock has the block's steps, 0: from before the body
	marks   uint32 // the first in Cache.marks
	nmarks  uint16
	arena   uint16
	n       uint8 // instructions
	cut     bool  // made to run once, without a clock
	retired bool
}

// mark says how to get the program's state at a host instruction, and at all
// that follow up to the next mark.
type mark struct {
	pc    int32  // from the block's
	off   uint16 // from the block's start
	index uint8  // instructions done
	state spill
}

// spill says what of the program's registers is elsewhere at a host instruction.
type spill uint8

const (
	spilledRcx spill = 1 << iota
	spilledRdx
	lostFlags // overwritten next, unless there is a fault
	spilledRsi
	spilledRdi
	spilledRbx
	evaluating // a condition: rax, rcx, rdx and the flags are elsewhere
	told       // an access by the instruction was counted, if there is one
)

// exitKind says why the translated code leaves.
type exitKind uint8

const (
	leaveLink    exitKind = iota + 1 // a direct branch to code that is not linked
	leaveMoved                       // the block was retired
	leaveClock                       // the clock ran out
	leaveCall                        // at a system call
	leaveNative                      // at an instruction for the processor itself
	leavePlace                       // at the probe's place
	leaveBreak                       // at a break
	leaveData                        // before an access to observed memory
	leaveAsk                         // before an access that may be one
	leavePointer                     // at an instruction that stores the x87 instruction pointer
	leaveRandom                      // at an instruction whose result is not recorded
	leaveTarget                      // a cut block ends with an indirect branch
)

// exit is a way out of the translated code.
type exit struct {
	pc    uint64 // where the program is
	patch uint64 // host address of the displacement that leads here, 0 for none; of a break, where the code goes on
	next  uint32 // exit that waits for the same pc, 0 for none
	kind  exitKind
	told  bool // an access by the instruction at pc was counted, if there is one
	undo  int8 // steps that the clock has counted and that were not made
}

// Numbers of exits with a meaning of their own; 0 is none.
const (
	exitMiss  = 1
	firstExit = 2
	cutBit    = 1 << 31 // exits of the cut block have this bit
)

// maxBlock is the room that a block may take, hot and cold.
const maxBlock = MaxSteps*80 + 2048

// emitter makes the host code of one block.
type emitter struct {
	*Cache
	asm
	arena *arena
	b     *block
	clock uint64 // the word of it that counts the block's steps
	list  []decoded
	marks []mark
	place int  // of the clock
	falls bool // the code in front goes on here
	plain bool // storesPointer is no reason to leave
	// expired is where the code goes that finds the clock at its end.
	expired uint64
	fall    uint64 // where the block goes on when nothing branches; 0 when it does not
	tails   []tail // of the block's observers
	here    uint64 // pc of the condition that is evaluated
	skip    bool   // the first instruction's accesses were counted
	told    spill  // of the instruction that is being emitted
}

func (e *emitter) mark(index int, pc uint64, s spill) {
	if len(e.list) > index && e.list[index].pc == pc {
		s |= e.told
	}
	e.marks = append(e.marks, mark{int32(pc - e.b.pc), uint16(len(e.buf)), uint8(index), s})
}

// offset is where the emitter is in its arena.
func (e *emitter) offset() uint32 { return e.b.start + uint32(len(e.buf)) }

// instructions emits the body.
func (e *emitter) instructions() {
	for i := range e.list {
		d := &e.list[i]
		e.told = 0
		if len(e.observed) > 0 {
			if i > 0 || !e.skip {
				e.observe(i, d)
			}
			e.told = told
		}
		if i == e.place {
			e.count(i, d)
		} else {
			e.mark(i, d.pc, 0)
		}
		e.one(i, d)
	}
	last := &e.list[len(e.list)-1]
	e.told = 0
	e.mark(len(e.list), last.end(), 0)
	if !last.ends {
		e.fall = last.end()
	}
	e.finishTails()
}

// count counts the block's steps before instruction d, which overwrites the
// flags.
func (e *emitter) count(i int, d *decoded) {
	e.mark(i, d.pc, 0)
	e.add(e.clock, len(e.list))
	e.b.counted = e.offset()
	e.mark(i, d.pc, lostFlags)
	e.jumpIf(notSign, 0)
	e.toExit(exit{kind: leaveClock, undo: e.undo(i, true), pc: d.pc})
}

// undo is exit.undo with so many instructions of the block done. counted: the
// clock has counted the block's.
func (e *emitter) undo(done int, counted bool) int8 {
	switch {
	case e.b.cut:
		return int8(-done)
	case counted:
		return int8(len(e.list) - done)
	}
	return 0
}

// toExit makes the displacement that was just emitted lead to a new exit.
func (e *emitter) toExit(x exit) {
	x.patch = e.pc() - 4
	x.told = e.told != 0 && x.kind != leaveLink && x.kind != leaveTarget
	e.retarget(len(e.buf)-4, e.newExit(x))
}

// retarget makes the displacement at off lead to target.
func (e *emitter) retarget(off int, target uint64) {
	v := uint32(target - (e.base + uint64(off) + 4))
	e.buf[off], e.buf[off+1], e.buf[off+2], e.buf[off+3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
}

// newExit makes the stub of an exit and returns its address.
func (e *emitter) newExit(x exit) uint64 {
	list, bit := &e.exits, uint32(0)
	if e.b.cut {
		list, bit = &e.cutExits, cutBit
	}
	return e.arena.stub(list.add(x) | bit)
}

// branch emits a direct branch to pc behind the opcode that was just emitted.
func (e *emitter) branch(pc uint64, done int) {
	e.imm32(0)
	x := exit{kind: leaveLink, undo: e.undo(done, true), pc: pc}
	if e.b.cut {
		e.toExit(x)
		return
	}
	s := e.sites.at(pc)
	if s.block != 0 {
		if entry := e.entryOf(s.block); reaches(e.pc(), entry) {
			e.retarget(len(e.buf)-4, entry)
			return
		}
	}
	x.next = s.waiting
	e.toExit(x)
	s.waiting = e.exits.n - 1
	if s.block == 0 {
		e.ahead = append(e.ahead, successor{pc, false})
	}
}

// one emits instruction i.
func (e *emitter) one(i int, d *decoded) {
	switch d.Flow {
	case x86.Next:
		e.straight(i, d)
	case x86.Jump:
		if i+1 < len(e.list) {
			return // the block goes on there
		}
		e.bytes(0xe9)
		e.branch(d.Target(d.pc), i+1)
	case x86.JumpCond:
		e.bytes(0x0f, 0x80|d.Cond)
		e.branch(d.Target(d.pc), i+1)
		e.fall = d.end()
	case x86.JumpCount:
		// The displacement has 8 bits: over a jump to what follows.
		if d.Prefixes&x86.PrefixAddrSize != 0 {
			e.bytes(0x67)
		}
		e.bytes(d.Opcode, 5, 0xe9)
		e.branch(d.end(), i+1)
		e.bytes(0xe9)
		e.branch(d.Target(d.pc), i+1)
	case x86.Call:
		e.pushReturn(d)
		if i+1 < len(e.list) {
			return
		}
		e.bytes(0xe9)
		e.branch(d.Target(d.pc), i+1)
	case x86.Return:
		e.spillRcx(i, d)
		e.bytes(0x59) // pop rcx
		e.mark(i+1, d.end(), spilledRcx)
		if n := uint16(d.Imm); d.ImmLen != 0 && n != 0 {
			e.bytes(0x48, 0x8d, 0xa4, 0x24) // lea rsp, [rsp+n]
			e.imm32(uint32(n))
		}
		e.dispatch(i, d)
	case x86.JumpIndirect, x86.CallIndirect:
		e.spillRcx(i, d)
		e.loadTarget(d)
		if d.Flow == x86.CallIndirect {
			e.pushReturn(d)
		}
		e.dispatch(i, d)
	case x86.SystemCall:
		e.leave(leaveCall, i, d)
	case x86.Trap:
		// It faults here as it does there.
		e.bytes(d.bytes...)
		e.mark(i+1, d.end(), 0)
		e.fall = d.end()
	default: // far branches
		e.leave(leaveNative, i, d)
	}
}

// leave emits the way out, with i instructions done.
func (e *emitter) leave(k exitKind, i int, d *decoded) {
	e.bytes(0xe9)
	e.imm32(0)
	e.toExit(exit{kind: k, undo: e.undo(i, e.place == noClock || i >= e.place), pc: d.pc})
}

// spillRcx saves rcx at instruction i.
func (e *emitter) spillRcx(i int, d *decoded) {
	e.store(savedRcx, rcx)
	e.mark(i, d.pc, spilledRcx)
}

// dispatch goes to the translation of the program's pc that is in rcx, which is
// spilled.
func (e *emitter) dispatch(i int, d *decoded) {
	e.store(savedRdx, rdx)
	if e.b.cut {
		e.store(missingAt, rcx)
		e.reload()
		e.leave(leaveTarget, i+1, d)
		return
	}
	e.bytes(0x0f, 0xb7, 0xd1) // movzx edx, cx
	e.bytes(0xff, 0x24, 0xd5) // jmp [table+rdx*8]
	e.imm32(uint32(e.table.Base))
}

// pushReturn pushes the address behind the call.
func (e *emitter) pushReturn(d *decoded) {
	ret := d.end()
	if uint64(int64(int32(ret))) == ret {
		e.bytes(0x68) // push imm32, sign-extended
		e.imm32(uint32(ret))
		return
	}
	e.bytes(0xff, 0x35) // push [rip+constant]
	e.rel32(e.arena.constant(ret))
}

// loadTarget puts the operand of an indirect branch into rcx.
func (e *emitter) loadTarget(d *decoded) {
	if !d.HasMemory() {
		// mov rcx, reg
		reg := d.RM()
		e.bytes(0x48|reg>>1&4, 0x89, 0xc0|reg<<3&0x38|rcx)
		return
	}
	if d.RIPRelative {
		target := d.end() + uint64(d.Disp)
		if d.Prefixes&x86.PrefixAddrSize != 0 {
			target = uint64(uint32(target))
		}
		if d.Prefixes&(x86.PrefixFS|x86.PrefixGS) == 0 && reaches(e.pc()+7, target) {
			e.bytes(0x48, 0x8b, 0x0d)
			e.rel32(target)
			return
		}
		e.constant(rcx, target)
		e.segment(d)
		e.bytes(0x48, 0x8b, 0x09) // mov rcx, [rcx]
		return
	}
	e.segment(d)
	if d.Prefixes&x86.PrefixAddrSize != 0 {
		e.bytes(0x67)
	}
	e.bytes(0x48|d.REX&3, 0x8b, d.ModRM&0xc7|rcx<<3)
	from := d.ModRMOff + 1
	e.bytes(d.bytes[from:]...) // SIB and displacement
}

func (e *emitter) segment(d *decoded) {
	switch {
	case d.Prefixes&x86.PrefixFS != 0:
		e.bytes(0x64)
	case d.Prefixes&x86.PrefixGS != 0:
		e.bytes(0x65)
	}
}
