package translator

import (
	"cmp"
	"slices"

	"stepback/internal/tracee"
)

// Kind says what the engine must do about an exit.
type Kind uint8

// The kinds of exit.
const (
	Follow  Kind = iota + 1 // code is missing: Cache.Follow makes it
	Expired                 // the clock ran out
	Call                    // the program is at a system call
	Native                  // the processor must execute the instruction at PC itself
	Place                   // the program may be at the place that Watch named
)

// Leave describes an exit that the code took.
type Leave struct {
	Kind Kind
	PC   uint64 // where the program is
	Undo int    // steps that the clock has counted and that were not made
}

var kinds = [...]Kind{
	leaveLink: Follow, leaveMoved: Follow, leaveClock: Expired, leaveCall: Call, leaveNative: Native, leavePlace: Place, leaveTarget: Follow,
}

// Exit describes the exit with a number from Scratch.TakeExit.
func (c *Cache) Exit(id uint32, s Scratch) Leave {
	if id == exitMiss {
		return Leave{Kind: Follow, PC: s.Missing()}
	}
	x := c.exit(id)
	l := Leave{Kind: kinds[x.kind], PC: x.pc}
	if x.kind == leaveTarget {
		l.PC = s.Missing()
	}
	if x.block.cut {
		l.Undo = -int(x.steps)
	} else if x.count {
		l.Undo = x.block.n - int(x.steps)
	}
	return l
}

func (c *Cache) exit(id uint32) *exit {
	if id&cutBit != 0 {
		return &c.cutExits[id&^cutBit]
	}
	return &c.exits[id]
}

// Follow makes the code that the exit lacks and returns where the task goes on.
func (c *Cache) Follow(id uint32, s Scratch) (uint64, error) {
	if id == exitMiss {
		return c.Landing(s.Missing())
	}
	b, err := c.find(c.exits[id].pc, false)
	if err != nil {
		return 0, err
	}
	c.link(&c.exits[id], b)
	return b.entry, nil
}

// Beyond is where a task goes on that left at the Place of exit id, which was
// not the one.
func (c *Cache) Beyond(id uint32) uint64 { return c.exits[id].block.beyond }

// State turns the registers of a task that stopped in the cache into the
// program's. ok is false when the pc is not in the cache. undo is as in Leave.
// cut: it runs what Cut made. lost: the arithmetic flags are not known.
func (c *Cache) State(r *tracee.Regs, s Scratch, cut bool) (undo int, lost, ok bool) {
	a := c.arenaOf(r.Rip)
	if a == nil {
		return 0, false, false
	}
	b := c.cutBlock
	if !cut {
		// The last block that begins at or before the address. An address
		// right behind a block is the state after its last instruction.
		i, found := slices.BinarySearchFunc(a.blocks, r.Rip, func(b *block, host uint64) int { return cmp.Compare(b.start, host) })
		if !found {
			i--
		}
		if i < 0 || r.Rip > a.blocks[i].end {
			return 0, false, false
		}
		b = a.blocks[i]
	}
	off := uint16(r.Rip - b.start)
	var m mark
	for _, next := range b.marks {
		if next.off > off {
			break
		}
		m = next
	}
	for _, f := range []struct {
		bit  spill
		reg  *uint64
		addr uint64
	}{
		{spilledRcx, &r.Rcx, savedRcx}, {spilledRdx, &r.Rdx, savedRdx},
		{spilledRsi, &r.Rsi, savedTmp}, {spilledRdi, &r.Rdi, savedTmp}, {spilledRbx, &r.Rbx, savedTmp},
	} {
		if m.state&f.bit != 0 {
			*f.reg = s.get(f.addr)
		}
	}
	host := r.Rip
	r.Rip = m.pc
	switch {
	case b.cut:
		undo = -int(m.index)
	case b.counted == 0 || host >= b.counted:
		undo = b.n - int(m.index)
	default:
		undo = -int(m.index)
	}
	return undo, m.state&lostFlags != 0, true
}

// Cut makes code for the first n instructions at pc, or fewer when a branch
// comes before, and returns where it begins. It counts no steps: its exits tell how many
// were made, negative, in Leave.Undo. The next Cut replaces it.
func (c *Cache) Cut(pc uint64, n int) (uint64, error) {
	list, err := c.read(pc, min(n, MaxSteps), nil)
	if err != nil {
		return 0, err
	}
	a, err := c.arenaFor(pc)
	if err != nil {
		return 0, err
	}
	if c.cutBlock != nil && c.cutBlock.arena == a && a.hot == c.cutHot {
		// Nothing was made since: its room can be used again.
		a.hot, a.cold = int(c.cutBlock.start-a.Base), c.cutCold
	}
	c.cutExits = c.cutExits[:0]
	b := &block{pc: pc, n: len(list), arena: a, start: a.Base + uint64(a.hot), cut: true}
	c.cutBlock, c.cutCold = b, a.cold
	e := &c.emitter
	*e = emitter{Cache: c, asm: asm{buf: c.spare[:0], base: b.start}, b: b, list: list, marks: c.marked[:0], place: noClock}
	e.instructions()
	if e.fall != 0 {
		e.bytes(0xe9)
		e.branch(e.fall, len(list))
	}
	copy(a.mem[a.hot:], e.buf)
	a.hot += len(e.buf)
	c.cutHot = a.hot
	b.entry, b.end = b.start, a.Base+uint64(a.hot)
	b.marks = slices.Clone(e.marks)
	c.spare, c.marked = e.buf, e.marks
	return b.entry, nil
}
