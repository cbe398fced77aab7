package translator

// Invalidate is told that the program's memory in [start, end) changed, or may
// not be executed any more. What was translated from it is retired: its
// entries lead out of the cache.
func (c *Cache) Invalidate(start, end uint64) {
	for _, addr := range c.Translated(start, end) {
		c.drop(addr)
	}
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
	for _, b := range p.blocks {
		c.retire(b)
	}
}

// retire makes the entries of a block leave the cache. Branches that lead to
// it need not be known: when there is a new block at its pc, the old entries
// lead there.
func (c *Cache) retire(b *block) {
	if b.retired {
		return
	}
	b.retired = true
	if c.blocks[b.pc] == b {
		delete(c.blocks, b.pc)
	}
	a := b.arena
	id := c.exits.add(exit{kind: leaveMoved, pc: b.pc, patch: b.entry + 1, block: b})
	stub := a.stub(id)
	c.wait(id)
	a.at(b.entry)[0] = 0xe9
	a.patchJump(b.entry+1, stub)
	if l := b.landing; l != nil && l.jump == 0 {
		host, jump := a.rejoin(stub)
		l.jump = jump
		a.at(l.hit)[0] = 0xe9
		a.patchJump(l.hit+1, host)
	}
}
