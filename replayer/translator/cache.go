package translator

import (
	"encoding/binary"
	"fmt"

	"stepback/internal/memmap"
	"stepback/replayer/condition"
)

const pageSize = memmap.PageSize

// Space is what the cache needs to know of the address space whose code it holds.
type Space interface {
	// ReadCode reads the page at addr. ok is false when the program cannot
	// execute it. writable: the program may change it.
	ReadCode(addr uint64, page *[pageSize]byte) (ok, writable bool)
	// Place finds size bytes of address space where nothing is mapped and
	// nothing will be soon, as near as possible to an address.
	Place(near, size uint64) (addr uint64, err error)
	// PlaceLow is Place below 2 GiB.
	PlaceLow(size uint64) (addr uint64, err error)
}

// Options change what is translated.
type Options struct {
	// NoClock leaves the counting out, to measure what it costs. No place in
	// time can be reached then.
	NoClock bool
	// Ahead is how many blocks are translated at once at most, along direct
	// branches; 0 for the default.
	Ahead int
}

// page is a page of the program's code.
type page struct {
	content  *[pageSize]byte
	writable bool
	blocks   uint32 // the latest that has instructions on it, in Cache.onPages
}

// onPage is a block that has instructions on a page.
type onPage struct{ block, next uint32 }

// Cache holds the translated code of one code image.
type Cache struct {
	opts                Options
	space               Space
	table               *Region
	arenas              []*arena
	pages               map[uint64]*page
	sites               sites
	blocks              list[block]
	landings            list[landing]
	marks               list[mark]
	exits               list[exit]
	onPages             list[onPage]
	probe               *probe
	cutExits            list[exit] // of the cut block
	cutMarks            []mark
	breaks              map[uint64][]*condition.Expr
	cutGuards           []guard            // of the cut block
	guards              map[uint64][]guard // by the pc of their block
	beyond              map[uint64]uint64  // host addresses behind breaks, by pc
	observed            []Access
	extra               int // room that the conditions of a break take
	cutBlock            *block
	cutBefore, cutAfter free     // of its arena, without it and with it
	fresh               []uint64 // writable pages that were translated from and are to be protected

	// What follows serves the making of blocks.
	emitter emitter
	latest  *page // and its address
	at      uint64
	size    uint64 // bytes of the program's code in blocks
	ahead   []successor
	list    []decoded
	marked  []mark
	room    [][pageSize]byte // for the content of pages
}

// New makes an empty cache for a space.
func New(space Space, opts Options) (*Cache, error) {
	if opts.Ahead == 0 {
		opts.Ahead = 8
	}
	base, err := space.PlaceLow(tableSize)
	if err != nil {
		return nil, fmt.Errorf("placing the table of indirect branches: %w", err)
	}
	table, err := newRegion(base, tableSize, false)
	if err != nil {
		return nil, err
	}
	c := &Cache{
		opts: opts, space: space, table: table, pages: map[uint64]*page{}, list: make([]decoded, MaxSteps),
		guards: map[uint64][]guard{}, beyond: map[uint64]uint64{},
	}
	for range firstExit {
		c.exits.add(exit{})
	}
	// 0 is none.
	c.blocks.add(block{})
	c.landings.add(landing{})
	c.onPages.add(onPage{})
	return c, nil
}

// Close gives the cache's memory back.
func (c *Cache) Close() {
	c.table.close()
	for _, a := range c.arenas {
		a.close()
	}
}

// Regions are the memory of the cache, in the order in which it was added.
func (c *Cache) Regions() []*Region {
	list := []*Region{c.table}
	for _, a := range c.arenas {
		list = append(list, a.Region)
	}
	return list
}

// Touches reports whether the range touches the cache's own memory.
func (c *Cache) Touches(start, end uint64) bool {
	for _, r := range c.Regions() {
		if start < r.Base+r.Size && r.Base < end {
			return true
		}
	}
	return false
}

// page returns the page of code at addr, nil when it cannot be executed.
func (c *Cache) page(addr uint64) *page {
	if c.latest != nil && c.at == addr {
		return c.latest
	}
	if p, ok := c.pages[addr]; ok {
		c.latest, c.at = p, addr
		return p
	}
	if len(c.room) == 0 {
		c.room = make([][pageSize]byte, 16)
	}
	ok, writable := c.space.ReadCode(addr, &c.room[0])
	if !ok {
		return nil
	}
	p := &page{content: &c.room[0], writable: writable}
	c.room = c.room[1:]
	c.pages[addr] = p
	if writable {
		c.fresh = append(c.fresh, addr)
	}
	return p
}

// Pending reports whether Regions or Fresh have something new: more than
// mapped regions, or any pages.
func (c *Cache) Pending(mapped int) bool { return mapped <= len(c.arenas) || len(c.fresh) > 0 }

// Fresh returns the writable pages that were translated from since the last
// call. The program must not change them unnoticed.
func (c *Cache) Fresh() []uint64 {
	list := c.fresh
	c.fresh = nil
	return list
}

// Entry returns where the translated code of pc begins. ErrNoCode: it cannot
// be translated, and the processor would fault there.
func (c *Cache) Entry(pc uint64) (uint64, error) { return c.find(pc, false) }

// Landing is Entry for an indirect branch, which finds the code itself from now on.
func (c *Cache) Landing(pc uint64) (uint64, error) { return c.find(pc, true) }

// find returns the entry of the block at pc, which it translates when it must.
// landing: an indirect branch goes there.
func (c *Cache) find(pc uint64, landing bool) (entry uint64, err error) {
	s := c.sites.at(pc)
	if s.block != 0 {
		entry = c.entryOf(s.block)
	} else if entry, err = c.translate(s, pc, landing); err != nil {
		return 0, err
	}
	if landing && s.landing == 0 {
		err = c.addLanding(pc, entry)
	}
	return entry, err
}

// entryOf is where direct branches enter a block.
func (c *Cache) entryOf(id uint32) uint64 {
	b := c.blocks.at(id)
	return c.arenas[b.arena].Base + uint64(b.entry)
}

// arenaFor returns an arena with room near the code at pc.
func (c *Cache) arenaFor(pc uint64) (*arena, error) {
	const reach = 1 << 31 * 15 / 16
	for i := len(c.arenas) - 1; i >= 0; i-- {
		a := c.arenas[i]
		if d := int64(pc - a.Base); d > -reach && d < reach && a.room(c.roomFor()) {
			return a, nil
		}
	}
	base, err := c.space.Place(pc, arenaSize)
	if err != nil {
		return nil, fmt.Errorf("placing a code cache near %#x: %w", pc, err)
	}
	a, err := newArena(base)
	if err != nil {
		return nil, err
	}
	a.index = len(c.arenas)
	c.arenas = append(c.arenas, a)
	return a, nil
}

// arenaOf returns the arena that holds a host address.
func (c *Cache) arenaOf(host uint64) *arena {
	for _, a := range c.arenas {
		if a.holds(host) {
			return a
		}
	}
	return nil
}

// slot is the entry of the table for a target.
func (c *Cache) slot(pc uint64) []byte { return c.table.mem[pc&(tableEntries-1)*8:] }

func (c *Cache) lookup(pc uint64) uint64       { return binary.LittleEndian.Uint64(c.slot(pc)) }
func (c *Cache) setLookup(pc uint64, h uint64) { binary.LittleEndian.PutUint64(c.slot(pc), h) }
