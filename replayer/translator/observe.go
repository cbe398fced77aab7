package translator

import (
	"reflect"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"stepback/internal/x86"
	"stepback/replayer/condition"
)

// Access is memory to be observed, and the accesses that count.
type Access struct {
	Addr, Size uint64
	Kinds      x86.Access
	If         *condition.Expr // that must hold besides, nil for nothing
	Ask        bool            // leave with Leave.Ask
}

// Observe makes the code leave, with Leave.Data, before an instruction that is
// about to access some memory, for which Scratch.SetPass has no pass; and with
// Leave.Ask, always, before one that may be. They take the place of those
// before. It is for more memory, and more accesses, than debug registers can do:
// each instruction compares the addresses of its operands.
func (c *Cache) Observe(list []Access) {
	if reflect.DeepEqual(c.observed, list) {
		return
	}
	for id := range c.blocks.n {
		if b := c.blocks.at(id); id > 0 && !b.cut {
			c.retire(id)
		}
	}
	clear(c.guards)
	clear(c.beyond)
	c.observed = list
}

// Observing reports whether memory is observed.
func (c *Cache) Observing() bool { return len(c.observed) > 0 }

// The room that an observer takes in a block beside its condition, and all of
// them may.
const (
	perObserver  = 420
	allObservers = 40 << 10 // offsets in a block have 16 bits
)

// MaxObserved is how much may be observed, in terms of MaxCondition.
const MaxObserved = 20

// observers is how much room the observers of an instruction take, at most.
func (c *Cache) observers() (room int) {
	for i := range c.observed {
		room += perObserver
		if x := c.observed[i].If; x != nil {
			room += perOperation * x.Size()
		}
	}
	return 3 * room // operands
}

// longest is how many instructions a block may have.
func (c *Cache) longest() int {
	if !c.Observing() {
		return MaxSteps
	}
	return min(max(allObservers/c.observers(), 1), MaxSteps)
}

// roomFor is the room that a block may take.
func (c *Cache) roomFor() int {
	n := maxBlock + c.extra
	if c.Observing() {
		n += c.longest() * c.observers()
	}
	return n
}

// A tail is the part of an observer that is seldom executed, behind the block.
type tail struct {
	i     int     // instruction
	from  int     // displacement of the jump to it
	back  uint64  // where it goes on
	done  *uint64 // and where if the instruction was told or counted: it is one hit
	which *Access
	size  uint64
	exact bool
}

// observe emits the comparison of the operands of instruction i with what is
// observed. It uses no flags.
func (e *emitter) observe(i int, d *decoded) {
	operands, n := d.Operands(d.bytes)
	done := new(uint64)
	for k := range n {
		o := &operands[k]
		for w := range e.observed {
			if a := &e.observed[w]; a.Kinds&o.Access != 0 {
				if o.Size == 0 || a.Size+o.Size > 1<<32 {
					e.mark(i, d.pc, 0)
					e.wayOut(exit{kind: leaveAsk, pc: d.pc, undo: e.before(i)})
					*done = e.pc()
					return // the engine looks at all operands
				}
				e.compare(i, d, o, a, done)
			}
		}
	}
	*done = e.pc()
}

// before is exit.undo before instruction i.
func (e *emitter) before(i int) int8 {
	if counted := e.place == noClock || i > e.place; counted {
		return e.undo(i, true)
	}
	return int8(-i)
}

// compare emits a comparison of an operand's address with some memory: the
// distance from its begin, less what the low bits of that say, is 0 when it is small.
func (e *emitter) compare(i int, d *decoded, o *x86.Operand, a *Access, done *uint64) {
	e.store(savedRcx, rcx)
	e.store(savedRdx, rdx)
	e.mark(i, d.pc, spilledRcx|spilledRdx)
	e.operandAddress(d, o)
	e.store(addressAt, rcx)
	e.constant(rdx, -(a.Addr - o.Size + 1))
	e.bytes(0x48, 0x8d, 0x0c, 0x11) // lea rcx, [rcx+rdx]
	switch size := a.Size + o.Size; {
	case size <= 1<<8:
		e.bytes(0x0f, 0xb6, 0xd1) // movzx edx, cl
	case size <= 1<<16:
		e.bytes(0x0f, 0xb7, 0xd1) // movzx edx, cx
	default:
		e.bytes(0x89, 0xca) // mov edx, ecx
	}
	e.bytes(0x48, 0xf7, 0xd2)             // not rdx
	e.bytes(0x48, 0x8d, 0x4c, 0x11, 0x01) // lea rcx, [rcx+rdx+1]
	e.bytes(0xe3, 2)                      // jrcxz to the jump behind the next
	e.bytes(0xeb, 5)
	e.bytes(0xe9)
	e.imm32(0)
	t := tail{i: i, done: done, from: len(e.buf) - 4, which: a, size: o.Size, exact: o.Exact && !a.Ask}
	e.reload()
	e.mark(i, d.pc, 0)
	t.back = e.pc()
	e.tails = append(e.tails, t)
}

// finishTails emits the tails behind the block.
func (e *emitter) finishTails() {
	if len(e.tails) == 0 {
		return
	}
	over := 0
	if e.fall != 0 {
		e.bytes(0xe9)
		e.imm32(0)
		over = len(e.buf)
	}
	for n := range e.tails {
		t := &e.tails[n]
		d := &e.list[t.i]
		e.mark(t.i, d.pc, spilledRcx|spilledRdx)
		e.retarget(t.from, e.pc())
		e.reload()
		e.mark(t.i, d.pc, 0)
		within := condition.Expr{Op: condition.LessU, Args: []condition.Expr{
			{Op: condition.Sub, Args: []condition.Expr{{Op: condition.Address}, {N: t.which.Addr - t.size + 1}}},
			{N: t.which.Size + t.size - 1},
		}}
		x := exit{kind: leaveData, pc: d.pc, undo: e.before(t.i)}
		cond := condition.Both(&within, t.which.If)
		if !t.exact {
			x.kind, cond = leaveAsk, &within
		}
		no := e.unlessHolds(t.i, d.pc, []*condition.Expr{cond})
		if t.exact {
			e.pass(x, t.i)
		} else {
			e.wayOut(x)
		}
		e.jump(*t.done)
		e.retarget(no, e.pc())
		e.jump(t.back)
	}
	if over != 0 {
		e.retarget(over-4, e.pc())
	}
	if e.fall != 0 {
		last := &e.list[len(e.list)-1]
		e.mark(len(e.list), last.end(), 0)
	}
}

// operandAddress puts the address of an operand into rcx. The program's registers
// are as they are, rcx and rdx are saved as well.
func (e *emitter) operandAddress(d *decoded, o *x86.Operand) {
	short := d.Prefixes&x86.PrefixAddrSize != 0
	switch o.In {
	case x86.StackPush:
		e.bytes(0x48, 0x8d, 0x4c, 0x24, byte(-o.Size)) // lea rcx, [rsp-size]
		return
	case x86.StackPop:
		if d.Opcode == 0xc9 && d.Map == x86.OneByte { // leave
			e.bytes(0x48, 0x8d, 0x4d, 0x00) // lea rcx, [rbp]
			return
		}
		e.bytes(0x48, 0x8d, 0x0c, 0x24) // lea rcx, [rsp]
		return
	}
	if short {
		e.bytes(0x67)
	}
	switch o.In {
	case x86.Source:
		e.bytes(0x48, 0x8d, 0x0e) // lea rcx, [rsi]
	case x86.Destination:
		e.bytes(0x48, 0x8d, 0x0f) // lea rcx, [rdi]
	case x86.AtRBX:
		if short {
			e.buf = e.buf[:len(e.buf)-1]
		}
		e.bytes(0x0f, 0xb6, 0xc8) // movzx ecx, al
		if short {
			e.bytes(0x67)
		}
		e.bytes(0x48, 0x8d, 0x0c, 0x0b) // lea rcx, [rbx+rcx]
	default:
		e.modRMAddress(d, short)
	}
	if o.In != x86.Destination || !d.String {
		e.addBase(d)
	}
}

// modRMAddress is lea rcx, of what ModRM or moffs name.
func (e *emitter) modRMAddress(d *decoded, short bool) {
	disp := d.Displacement()
	if !d.HasMemory() || d.RIPRelative {
		if short {
			e.buf = e.buf[:len(e.buf)-1]
		}
		target := uint64(disp)
		if d.RIPRelative {
			target += d.end()
		}
		if short {
			target = uint64(uint32(target))
		}
		e.constant(rcx, target)
		return
	}
	e.bytes(0x48|d.REX&3, 0x8d)
	switch {
	case !d.HasSIB:
		e.bytes(0x80 | rcx<<3 | d.ModRM&7)
	case d.SIB&7 == 5 && d.ModRM < 0x40: // no base
		e.bytes(rcx<<3|4, d.SIB)
	default:
		e.bytes(0x80|rcx<<3|4, d.SIB)
	}
	e.imm32(uint32(disp))
}

// haveFSGSBASE reports whether programs can change the bases of their segments
// without the kernel, and read them (HWCAP2_FSGSBASE, arch/x86/include/uapi/asm/hwcap2.h).
var haveFSGSBASE = sync.OnceValue(func() bool {
	const hwcap2, fsgsbase = 26, 1 << 1
	list, err := unix.Auxv()
	return err == nil && slices.ContainsFunc(list, func(v [2]uintptr) bool { return v[0] == hwcap2 && v[1]&fsgsbase != 0 })
})

// addBase adds the base of the operand's segment to rcx.
func (e *emitter) addBase(d *decoded) {
	at := uint64(fsAt)
	instruction := byte(0xc2) // rdfsbase rdx
	switch {
	case d.Prefixes&x86.PrefixFS != 0:
	case d.Prefixes&x86.PrefixGS != 0:
		at, instruction = gsAt, 0xca // rdgsbase rdx
	default:
		return
	}
	if haveFSGSBASE() {
		e.bytes(0xf3, 0x48, 0x0f, 0xae, instruction)
	} else {
		e.load(rdx, at) // which only the kernel can change
	}
	e.bytes(0x48, 0x8d, 0x0c, 0x11) // lea rcx, [rcx+rdx]
}
