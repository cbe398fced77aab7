package translator

// Invalidate is told that the program's memory in [start, end) changed, or may
// not be executed any more. What was translated from it is retired: its
// entries lead out of the cache.
func (c *Cache) Invalidate(start, end uint64) {
	for _, addr := range c.Translated(start, end) {
		c.drop(addr)
	}
}

// Check compares what was translated from with what the space has now, and
// drops what is different. It returns the pages left that the program can write.
func (c *Cache) Check() (writable []uint64) {
	var now [pageSize]byte
	for addr, p := range c.pages {
		ok, can := c.space.ReadCode(addr, &now)
		switch {
		case !ok || can != p.writable || now != *p.content:
			c.drop(addr)
		case can:
			writable = append(writable, addr)
		}
	}
	return writable
}

// Translated returns the pages in [start, end) that were translated from.
func (c *Cache) Translated(start, end uint64) []uint64 {
	var list []uint64
	start &^= pageSize - 1
	if (end-start)/pageSize > uint64(len(c.pages)) {
		for addr := range c.pages {
			if addr >= start && addr < end {
				list = append(list, addr)
			}
		}
		return list
	}
	for addr := start; addr < end; addr += pageSize {
		if _, ok := c.pages[addr]; ok {
			list = append(list, addr)
		}
	}
	return list
}

// drop forgets a page of code.
func (c *Cache) drop(addr uint64) {
	p := c.pages[addr]
	if p == nil {
		return
	}
	delete(c.pages, addr)
	c.latest = nil
	for i := p.blocks; i != 0; {
		on := c.onPages.at(i)
		c.retire(on.block)
		i = on.next
	}
}

// retire makes the entries of a block leave the cache. Branches that lead to
// it need not be known: when there is a new block at its pc, the old entries
// lead there.
func (c *Cache) retire(id uint32) {
	b := c.blocks.at(id)
	if b.retired {
		return
	}
	b.retired = true
	s := c.sites.at(b.pc)
	if s.block == id {
		s.block = 0
	}
	a := c.arenas[b.arena]
	entry := c.entryOf(id)
	leave := c.exits.add(exit{kind: leaveMoved, pc: b.pc, patch: entry + 1, next: s.waiting})
	s.waiting = leave
	stub := a.stub(leave)
	a.at(entry)[0] = 0xe9
	a.patchJump(entry+1, stub)
	if l := c.landings.at(s.landing); s.landing != 0 && l.jump == 0 {
		host, jump := a.rejoin(stub)
		l.jump = jump
		a.at(l.hit)[0] = 0xe9
		a.patchJump(l.hit+1, host)
	}
}
