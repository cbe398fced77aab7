package translator

// A block is entered directly, by linked branches and by the engine, or at its
// landing, by indirect branches that come through the table.
//
// A block in which no instruction overwrites the flags counts its steps in its
// entries, without touching the flags. The clock is negative while it runs: its
// top byte is 0xff, and 0 when the block must not be executed any more.

// landing is where the table leads for a pc.
type landing struct {
	hit  uint64 // behind the comparison; rcx and rdx are spilled
	jump uint64 // displacement of the jump to the block, 0 while it is the block's own
}

// entries emits the ways into the block, up to its body.
func (e *emitter) entries(land bool) {
	b := e.b
	b.entry = b.start
	early := e.place == noClock && !e.opts.NoClock && !b.cut
	probed := !b.cut && e.stops(b.pc)
	e.mark(0, b.pc, 0)
	if !land || early || probed {
		e.directly(early, probed)
	}
	if land {
		over := 0
		if early || probed {
			e.bytes(0xe9)
			e.imm32(0)
			over = len(e.buf)
		}
		if early && !probed {
			e.expiry(true)
		}
		l := e.compareTarget(b.pc)
		switch {
		case probed:
			e.reload()
			e.jump(e.base + uint64(b.entry-b.start))
			l.jump = e.pc() - 4
		case early:
			e.countEarly()
			e.reload()
		default:
			e.reload()
			b.entry = e.offset()
		}
		if over != 0 {
			e.retarget(over-4, e.pc())
		}
	}
}

// directly emits the entry for linked branches.
func (e *emitter) directly(early, probed bool) {
	if early && !probed {
		if e.falls {
			e.bytes(0xeb, 13) // over what follows
		}
		e.expiry(false)
	}
	e.b.entry = e.offset()
	if probed {
		if e.atPlace() {
			e.compareState()
		}
		if _, ok := e.breaks[e.b.pc]; ok {
			e.breakHere()
		}
		if early {
			e.bytes(0xeb, 13) // over what follows, which must be near
			e.expiry(false)
		}
	}
	if early {
		e.store(savedRcx, rcx)
		e.countEarly()
		e.load(rcx, savedRcx)
	}
	if early && probed {
		e.b.counted = e.offset() // what comes before is not a state behind the count
	}
}

// expiry emits where count goes when the clock has run out: a short jump away.
func (e *emitter) expiry(both bool) {
	e.load(rcx, savedRcx)
	if both {
		e.load(rdx, savedRdx)
	}
	e.bytes(0xe9)
	e.imm32(0)
	e.toExit(exit{kind: leaveClock, undo: e.undo(0, true), pc: e.b.pc})
	e.expired = e.pc()
	e.expired -= 13
	if both {
		e.expired -= 8
	}
}

// countEarly counts the block's steps without touching the flags; rcx is spilled.
func (e *emitter) countEarly() {
	e.load(rcx, e.clock)
	e.lea(rcx, rcx, int32(len(e.list)))
	e.store(e.clock, rcx)
	e.bytes(0x0f, 0xb6) // movzx ecx, byte [clock+7]
	e.absolute(rcx, e.clock+7)
	e.bytes(0xe3) // jrcxz
	e.bytes(byte(e.expired - (e.pc() + 1)))
}

func (e *emitter) reload() {
	e.load(rcx, savedRcx)
	e.load(rdx, savedRdx)
}

// compareTarget emits the comparison of a landing: rcx is the target of the
// indirect branch, of which the table has compared 16 bits. Without touching
// the flags, the rest is compared by adding the negated key. It is entered
// into the table, before the others of its slot.
func (e *emitter) compareTarget(pc uint64) *landing {
	host := e.pc()
	e.constant(rdx, -pc)
	e.bytes(0x48, 0x8d, 0x0c, 0x11)       // lea rcx, [rcx+rdx]
	e.bytes(0xe3, 13)                     // jrcxz hit
	e.bytes(0x48, 0xf7, 0xd2)             // not rdx
	e.bytes(0x48, 0x8d, 0x4c, 0x11, 0x01) // lea rcx, [rcx+rdx+1]: as it was
	next := e.lookup(pc)
	if next == 0 {
		next = e.arena.miss
	}
	if !reaches(e.pc()+5, next) {
		next = e.arena.far(next)
	}
	e.jump(next)
	e.setLookup(pc, host)
	s := e.sites.at(pc)
	s.landing = e.landings.add(landing{hit: e.pc()})
	return e.landings.at(s.landing)
}

// addLanding gives a block a landing that it was made without.
func (c *Cache) addLanding(pc, entry uint64) error {
	a, err := c.arenaFor(pc)
	if err != nil {
		return err
	}
	e := c.begin(a, c.blocks.at(0))
	l := e.compareTarget(pc)
	e.reload()
	e.bytes(0xe9)
	e.imm32(0)
	l.jump = e.pc() - 4
	a.hot += len(e.buf)
	c.aim(l.jump, entry)
	return nil
}
