package translator

import "stepback/internal/x86"

// translate makes the block at pc, and those that direct branches lead to from
// there, as far as Options.Ahead allows. landing: an indirect branch goes to pc.
func (c *Cache) translate(s *site, pc uint64, landing bool) (entry uint64, err error) {
	entry, err = c.make(s, pc, landing)
	if err != nil {
		return 0, err
	}
	// What follows is guessed: a failure is found again when the program
	// really gets there.
	for budget := c.opts.Ahead; budget > 0 && len(c.ahead) > 0; budget-- {
		next := c.ahead[len(c.ahead)-1]
		c.ahead = c.ahead[:len(c.ahead)-1]
		if s := c.sites.at(next.pc); s.block == 0 {
			c.make(s, next.pc, next.landing)
		}
	}
	c.ahead = c.ahead[:0]
	return entry, nil
}

// successor is code that may be executed soon.
type successor struct {
	pc      uint64
	landing bool // it is where a call returns to
}

// make translates the block at pc, and those that it falls through to, which
// lie behind it without a jump. It returns where direct branches enter.
func (c *Cache) make(s *site, pc uint64, landing bool) (entry uint64, err error) {
	list, err := c.read(pc, c.longest(), c.stopAt())
	if err != nil {
		return 0, err
	}
	a, err := c.arenaFor(pc)
	if err != nil {
		return 0, err
	}
	id, next := c.emit(a, s, list, landing, false)
	for next != 0 {
		// The block fell through to next, and its code ends without a jump.
		if s := c.sites.at(next); s.block == 0 && a.room(c.roomFor()) {
			if list, err = c.read(next, c.longest(), c.stopAt()); err == nil {
				if _, after := c.emit(a, s, list, false, true); after != 0 {
					next = after
					continue
				}
				break
			}
		}
		e := c.begin(a, c.blocks.at(0))
		e.bytes(0xe9)
		e.branch(next, 0)
		a.hot += len(e.buf)
		break
	}
	return c.entryOf(id), nil
}

// begin readies the emitter for code of a block in the arena's free room.
func (c *Cache) begin(a *arena, b *block) *emitter {
	e := &c.emitter
	*e = emitter{Cache: c, tails: e.tails[:0], asm: asm{buf: a.mem[a.hot:a.hot:a.cold], base: a.Base + uint64(a.hot)}, arena: a, b: b, marks: c.marked[:0]}
	return e
}

// emit makes one block in the arena. When it can go on to the instruction
// behind it, that is returned, and the code must be continued there.
func (c *Cache) emit(a *arena, s *site, list []decoded, landing, falls bool) (id uint32, next uint64) {
	pc := list[0].pc
	id = c.blocks.add(block{pc: pc, n: uint8(len(list)), arena: uint16(a.index), start: uint32(a.hot)})
	e := c.begin(a, c.blocks.at(id))
	e.list, e.falls = list, falls
	e.clock = clocksAt + 8*uint64(id%clocks)
	e.place = clockPlace(list)
	if c.opts.NoClock {
		e.place = noClock
	}
	former := s.landing
	delete(c.guards, pc) // of a block that was retired
	s.block = id
	e.entries(landing && former == 0)
	e.instructions()
	e.finish()
	e.b.marks = c.marks.addAll(e.marks)
	a.blocks = append(a.blocks, id)
	c.onto(id, list)
	entry := c.entryOf(id)
	if former != 0 {
		c.aim(c.landings.at(former).jump, entry)
	}
	for wait := s.waiting; wait != 0; {
		x := c.exits.at(wait)
		c.aim(x.patch, entry)
		wait = x.next
	}
	s.waiting = 0
	c.foreseeReturns(list)
	return id, e.fall
}

// finish ends the block that the emitter makes.
func (e *emitter) finish() {
	for e.offset() < e.b.entry+5 {
		e.bytes(0x90) // room for the jump that retires the block
	}
	e.arena.hot += len(e.buf)
	e.b.end = uint32(e.arena.hot)
	e.b.nmarks = uint16(len(e.marks))
	e.marked = e.marks
}

// onto notes the block with the pages that it has instructions on.
func (c *Cache) onto(id uint32, list []decoded) {
	before := uint64(1)
	for i := range list {
		d := &list[i]
		c.size += uint64(d.Len)
		for _, addr := range [2]uint64{d.pc &^ (pageSize - 1), (d.end() - 1) &^ (pageSize - 1)} {
			if addr != before { // a page may have the block twice
				before = addr
				p := c.page(addr)
				p.blocks = c.onPages.add(onPage{id, p.blocks})
			}
		}
	}
}

// aim makes the branch with its displacement at host lead to target.
func (c *Cache) aim(host, target uint64) {
	a := c.arenaOf(host)
	if !reaches(host+4, target) {
		target = a.far(target)
	}
	a.patchJump(host, target)
}

// foreseeReturns notes where calls of a block return to: that code will be
// needed soon, as will where its branches lead to.
func (c *Cache) foreseeReturns(list []decoded) {
	for i := range list {
		if d := &list[i]; d.Flow == x86.Call || d.Flow == x86.CallIndirect {
			c.ahead = append(c.ahead, successor{d.end(), true})
		}
	}
}
