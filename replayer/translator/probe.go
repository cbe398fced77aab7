package translator

import (
	"reflect"

	"stepback/internal/tracee"
	"stepback/replayer/condition"
)

// probe watches for a state at a pc.
type probe struct {
	pc     uint64
	regs   tracee.Regs
	words  []Word
	beyond uint64 // behind the latest comparison
}

// Word is an aligned word of the program's memory.
type Word struct{ Addr, Value uint64 }

// Watch makes the code leave, with Leave.Place, whenever it is about to execute
// the instruction at regs.Rip with these general registers and these words in
// memory. The flags are not compared.
func (c *Cache) Watch(regs *tracee.Regs, words []Word) {
	c.probe = &probe{pc: regs.Rip, regs: *regs, words: words}
	c.retireAt(regs.Rip)
}

// Watching reports whether a Watch is in force.
func (c *Cache) Watching() bool { return c.probe != nil }

// Unwatch ends Watch.
func (c *Cache) Unwatch() {
	if b := c.sites.at(c.probe.pc).block; b != 0 {
		c.retire(b)
	}
	delete(c.guards, c.probe.pc)
	c.probe = nil
}

// Break makes the code leave, with Leave.Break, when it is about to execute the
// instruction at one of these addresses, one of the conditions there holds (nil
// does always), and Scratch.SetPass has no pass for it. They take the place of
// those before.
func (c *Cache) Break(at map[uint64][]*condition.Expr) {
	if reflect.DeepEqual(c.breaks, at) {
		return
	}
	for pc := range c.breaks {
		c.retireAt(pc)
		delete(c.guards, pc)
	}
	clear(c.beyond)
	c.breaks, c.extra = at, 0
	for pc, list := range at {
		c.retireAt(pc)
		room := 0
		for _, x := range list {
			if x != nil {
				room += perCondition + perOperation*x.Size()
			}
		}
		c.extra = max(c.extra, room)
	}
}

// EntryBeyond is Entry behind the break at pc.
func (c *Cache) EntryBeyond(pc uint64) (uint64, error) {
	entry, err := c.Entry(pc)
	if beyond, ok := c.beyond[pc]; ok && err == nil {
		return beyond, nil
	}
	return entry, err
}

// retireAt retires the blocks that have the instruction at pc.
func (c *Cache) retireAt(pc uint64) {
	p := c.pages[pc&^(pageSize-1)]
	if p == nil {
		return
	}
	for i := p.blocks; i != 0; {
		on := c.onPages.at(i)
		b := c.blocks.at(on.block)
		for _, m := range c.marksOf(b) {
			if b.pc+uint64(int64(m.pc)) == pc {
				c.retire(on.block)
				break
			}
		}
		i = on.next
	}
}

// stops reports whether code must be able to stop before the instruction at pc:
// a block begins there.
func (c *Cache) stops(pc uint64) bool {
	_, ok := c.breaks[pc]
	return ok || c.probe != nil && c.probe.pc == pc
}

// stopAt is where blocks must end, nil for nowhere.
func (c *Cache) stopAt() func(uint64) bool {
	if c.probe == nil && len(c.breaks) == 0 {
		return nil
	}
	return c.stops
}

// atPlace reports whether the block is at the probe's place.
func (e *emitter) atPlace() bool { return e.probe != nil && e.probe.pc == e.b.pc }

// breakHere emits the break's conditions, the count of breaks passed, the way
// out, and where the engine goes on.
func (e *emitter) breakHere() {
	no := 0
	if list := e.conditionsAt(e.b.pc); list != nil {
		no = e.unlessHolds(0, e.b.pc, list)
	}
	e.pass(exit{kind: leaveBreak, pc: e.b.pc}, 0)
	if no != 0 {
		e.retarget(no, e.pc())
	}
	e.beyond[e.b.pc] = e.pc()
}

// pass emits the count of hits passed, and the way out for the one at which the
// code leaves; the engine goes on behind it. i is the instruction.
func (e *emitter) pass(x exit, i int) {
	e.store(savedRcx, rcx)
	e.mark(i, x.pc, spilledRcx)
	e.load(rcx, passAt)
	e.lea(rcx, rcx, -1)
	e.store(passAt, rcx)
	e.bytes(0xe3, 10) // jrcxz over the way on
	e.load(rcx, savedRcx)
	e.bytes(0xeb, 13) // over the way out
	e.load(rcx, savedRcx)
	e.wayOut(x)
	e.mark(i, x.pc, 0)
}

// wayOut emits an exit behind which the engine goes on.
func (e *emitter) wayOut(x exit) {
	e.bytes(0xe9)
	e.imm32(0)
	e.toExit(x)
	list := &e.exits
	if e.b.cut {
		list = &e.cutExits
	}
	list.at(list.n - 1).patch = e.pc() // nothing is to be linked
}

// compareState emits the comparison of the general registers and memory with
// the probe's. It uses no flags: a register is compared by adding the negated
// value, and jrcxz. Words come last, for they may not be there at other visits
// of the place; then Beyond is where a fault goes.
func (e *emitter) compareState() {
	e.store(savedRcx, rcx)
	e.store(savedRdx, rdx)
	e.mark(0, e.b.pc, spilledRcx|spilledRdx)
	want := e.probe.regs.General()
	var differs []int // displacements that lead to the block
	// rcx and rdx first: the comparison uses them.
	for _, reg := range [...]byte{rcx, rdx, rax, rsi, rdi, r8, r9, r10, r11, rbx, rbp, rsp, 12, 13, 14, 15} {
		switch reg {
		case rcx:
			e.constant(rdx, -want[reg])
			e.bytes(0x48, 0x8d, 0x0c, 0x11) // lea rcx, [rcx+rdx]
		case rdx:
			e.load(rcx, savedRdx)
			e.constant(rdx, -want[reg])
			e.bytes(0x48, 0x8d, 0x0c, 0x11)
		case rsp:
			e.constant(rdx, -want[reg])
			e.bytes(0x48, 0x8d, 0x0c, 0x14) // lea rcx, [rsp+rdx]
		default:
			e.constant(rdx, -want[reg])
			e.bytes(0x48|reg>>2&2, 0x8d, 0x0c, 0x02|reg<<3&0x38) // lea rcx, [rdx+reg]
		}
		differs = append(differs, e.unlessZero())
	}
	g := guard{from: e.pc()}
	for _, w := range e.probe.words {
		e.constant(rdx, w.Addr)
		e.bytes(0x48, 0x8b, 0x0a) // mov rcx, [rdx]
		e.constant(rdx, -w.Value)
		e.bytes(0x48, 0x8d, 0x0c, 0x11) // lea rcx, [rcx+rdx]
		differs = append(differs, e.unlessZero())
	}
	e.reload()
	e.bytes(0xe9)
	e.imm32(0)
	e.toExit(exit{kind: leavePlace, pc: e.b.pc})
	for _, at := range differs {
		e.retarget(at, e.pc())
	}
	e.reload()
	e.mark(0, e.b.pc, 0)
	e.probe.beyond = e.pc()
	g.to, g.beyond = e.pc(), e.pc()
	e.guard(g)
}

// unlessZero emits a jump that is taken unless rcx is zero. It returns where
// its displacement is.
func (e *emitter) unlessZero() int {
	e.bytes(0xe3, 5) // jrcxz over the jump
	e.bytes(0xe9)
	e.imm32(0)
	return len(e.buf) - 4
}
