package translator

import "stepback/internal/x86"

// translate makes the block at pc, and those that direct branches lead to from
// there, as far as Options.Ahead allows. landing: an indirect branch goes to pc.
func (c *Cache) translate(pc uint64, landing bool) (*block, error) {
	first, err := c.make(pc, landing)
	if err != nil {
		return nil, err
	}
	// What follows is guessed: a failure is found again when the program
	// really gets there.
	for budget := c.opts.Ahead; budget > 0 && len(c.ahead) > 0; budget-- {
		next := c.ahead[len(c.ahead)-1]
		c.ahead = c.ahead[:len(c.ahead)-1]
		if c.blocks[next.pc] == nil {
			c.make(next.pc, next.landing)
		}
	}
	c.ahead = c.ahead[:0]
	return first, nil
}

// successor is code that may be executed soon.
type successor struct {
	pc      uint64
	landing bool // it is where a call returns to
}

// make translates the block at pc, and those that it falls through to, which
// lie behind it without a jump.
func (c *Cache) make(pc uint64, landing bool) (*block, error) {
	list, err := c.read(pc, MaxSteps, c.stopAt())
	if err != nil {
		return nil, err
	}
	a, err := c.arenaFor(pc)
	if err != nil {
		return nil, err
	}
	first, next := c.emit(a, list, landing, false)
	for next != 0 {
		// The block fell through to next, and its code ends without a jump.
		if c.blocks[next] == nil && a.room(maxBlock) {
			if list, err = c.read(next, MaxSteps, c.stopAt()); err == nil {
				if _, after := c.emit(a, list, false, true); after != 0 {
					next = after
					continue
				}
				break
			}
		}
		c.emitJump(a, next)
		break
	}
	return first, nil
}

// emit makes one block in the arena. When it can go on to the instruction
// behind it, that is returned, and the code must be continued there.
func (c *Cache) emit(a *arena, list []decoded, landing, falls bool) (b *block, next uint64) {
	if len(c.spareBlocks) == 0 {
		c.spareBlocks = make([]block, 256)
	}
	b, c.spareBlocks = &c.spareBlocks[0], c.spareBlocks[1:]
	*b = block{pc: list[0].pc, n: len(list), arena: a, start: a.Base + uint64(a.hot)}
	b.clock = clocksAt + 8*(c.made%clocks)
	c.made++
	e := &c.emitter
	*e = emitter{Cache: c, asm: asm{buf: c.spare[:0], base: b.start}, b: b, list: list, marks: c.marked[:0], falls: falls}
	e.place = clockPlace(list)
	if c.opts.NoClock {
		e.place = noClock
	}
	former := c.landings[b.pc]
	e.entries(landing && former == nil)
	c.blocks[b.pc] = b
	e.instructions()
	c.finish(e)
	if former != nil {
		b.landing = former
		c.aim(former.jump, b.entry)
	}
	c.resolve(b)
	c.foresee(list)
	if e.fall == 0 {
		return b, 0
	}
	return b, e.fall
}

// finish copies the code to its place.
func (c *Cache) finish(e *emitter) {
	b := e.b
	for e.pc() < b.entry+5 {
		e.bytes(0x90) // room for the jump that retires the block
	}
	copy(b.arena.mem[b.arena.hot:], e.buf)
	b.arena.hot += len(e.buf)
	b.end = b.start + uint64(len(e.buf))
	b.marks = c.keepMarks(e.marks)
	c.spare, c.marked = e.buf, e.marks
	b.arena.blocks = append(b.arena.blocks, b)
	for i, before := 0, uint64(1); i < len(e.list); i++ {
		c.size += uint64(e.list[i].Len)
		first, last := e.list[i].pc&^(pageSize-1), (e.list[i].end()-1)&^(pageSize-1)
		for _, p := range [2]uint64{first, last} {
			if p != before { // a page may have the block twice
				before = p
				c.pages[p].blocks = append(c.pages[p].blocks, b)
			}
		}
	}
}

// keepMarks copies marks to memory that is taken in large pieces.
func (c *Cache) keepMarks(list []mark) []mark {
	if cap(c.slab)-len(c.slab) < len(list) {
		c.slab = make([]mark, 0, 1<<14)
	}
	n := len(c.slab)
	c.slab = append(c.slab, list...)
	return c.slab[n:len(c.slab):len(c.slab)]
}

// wait makes an exit one that waits for a block at its pc.
func (c *Cache) wait(id uint32) {
	x := c.exits.at(id)
	x.next = c.waiting[x.pc]
	c.waiting[x.pc] = id
}

// resolve links the branches that wait for the block.
func (c *Cache) resolve(b *block) {
	id, ok := c.waiting[b.pc]
	if !ok {
		return
	}
	delete(c.waiting, b.pc)
	for id != 0 {
		x := c.exits.at(id)
		c.link(x, b)
		id = x.next
	}
}

// link makes a branch that left at exit x go to block b.
func (c *Cache) link(x *exit, b *block) { c.aim(x.patch, b.entry) }

// aim makes the branch with its displacement at host lead to target.
func (c *Cache) aim(host, target uint64) {
	a := c.arenaOf(host)
	if !reaches(host+4, target) {
		target = a.far(target)
	}
	a.patchJump(host, target)
}

// foresee notes the code that will be needed soon after a block.
func (c *Cache) foresee(list []decoded) {
	for i := range list {
		d := &list[i]
		switch d.Flow {
		case x86.Call, x86.CallIndirect:
			c.foreseeAt(d.end(), true)
		}
	}
	last := &list[len(list)-1]
	switch last.Flow {
	case x86.Jump, x86.JumpCond, x86.JumpCount, x86.Call:
		c.foreseeAt(last.Target(last.pc), false)
	}
}

func (c *Cache) foreseeAt(pc uint64, landing bool) {
	if c.blocks[pc] == nil {
		c.ahead = append(c.ahead, successor{pc, landing})
	}
}

// emitJump ends the code at the arena's end with a jump to pc.
func (c *Cache) emitJump(a *arena, pc uint64) {
	last := a.blocks[len(a.blocks)-1]
	e := &c.emitter
	*e = emitter{Cache: c, asm: asm{buf: c.spare[:0], base: a.Base + uint64(a.hot)}, b: last}
	e.bytes(0xe9)
	e.branch(pc, last.n)
	copy(a.mem[a.hot:], e.buf)
	a.hot += len(e.buf)
	c.spare = e.buf
}
