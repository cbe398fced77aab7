package translator

import (
	"cmp"
	"slices"

	"stepback/internal/tracee"
	"stepback/internal/x86"
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
	Break                   // the program is at an address that Break named
	Pointer                 // at an instruction that stores the x87 instruction pointer
	Random                  // at an instruction whose result is not recorded
	Data                    // the instruction at PC is about to access memory that Observe named
	Ask                     // it may be
)

// Leave describes an exit that the code took.
type Leave struct {
	Kind Kind
	PC   uint64 // where the program is
	Undo int    // steps that the clock has counted and that were not made
	Told bool   // an access to observed memory by the instruction at PC was counted, if there is one
}

var kinds = [...]Kind{
	leaveLink: Follow, leaveMoved: Follow, leaveClock: Expired, leaveCall: Call, leaveNative: Native, leavePlace: Place, leaveBreak: Break, leaveTarget: Follow, leavePointer: Pointer, leaveRandom: Random, leaveData: Data, leaveAsk: Ask,
}

// Exit describes the exit with a number from Scratch.TakeExit.
func (c *Cache) Exit(id uint32, s Scratch) Leave {
	if id == exitMiss {
		return Leave{Kind: Follow, PC: s.Missing()}
	}
	x := c.exit(id)
	l := Leave{Kind: kinds[x.kind], PC: x.pc, Undo: int(x.undo), Told: x.told}
	if x.kind == leaveTarget {
		l.PC = s.Missing()
	}
	return l
}

func (c *Cache) exit(id uint32) *exit {
	if id&cutBit != 0 {
		return c.cutExits.at(id &^ cutBit)
	}
	return c.exits.at(id)
}

// Follow makes the code that the exit lacks and returns where the task goes on.
func (c *Cache) Follow(id uint32, s Scratch) (uint64, error) {
	if id == exitMiss {
		return c.Landing(s.Missing())
	}
	x := c.exits.at(id)
	entry, err := c.find(x.pc, false)
	if err != nil {
		return 0, err
	}
	c.aim(x.patch, entry)
	return entry, nil
}

// Beyond is where a task goes on that left at a Place which was not the one, or
// at a Break.
func (c *Cache) Beyond(id uint32) uint64 {
	if x := c.exit(id); x.kind == leaveBreak || x.kind == leaveData || x.kind == leaveAsk {
		return x.patch
	}
	return c.probe.beyond
}

// State turns the registers of a task that stopped in the cache into the
// program's. ok is false when the pc is not in the cache. undo is as in Leave.
// cut: it runs what Cut made. lost: the arithmetic flags are not known. known:
// as Leave.Told.
func (c *Cache) State(r *tracee.Regs, s Scratch, cut bool) (undo int, lost, known, ok bool) {
	a := c.arenaOf(r.Rip)
	if a == nil {
		return 0, false, false, false
	}
	b := c.cutBlock
	if !cut {
		b = c.blockAt(a, r.Rip)
	}
	if b == nil {
		return 0, false, false, false
	}
	host := uint32(r.Rip - a.Base)
	m := c.markAt(b, host)
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
	if m.state&evaluating != 0 {
		s.restoreAll(r)
	}
	r.Rip = b.pc + uint64(int64(m.pc))
	switch {
	case b.cut:
		undo = -int(m.index)
	case b.counted == 0 || host >= b.counted:
		undo = int(b.n) - int(m.index)
	default:
		undo = -int(m.index)
	}
	return undo, m.state&lostFlags != 0, m.state&told != 0, true
}

// Before is State for the instruction that a task has just executed, as far as
// undo goes.
func (c *Cache) Before(host uint64, cut bool) (undo int, ok bool) {
	var r tracee.Regs
	r.Rip = host - 1
	undo, _, _, ok = c.State(&r, make(Scratch, ScratchSize), cut)
	return undo, ok
}

// blockAt returns the block that an address of the arena belongs to: the last
// that begins at or before it. An address right behind a block is the state
// after its last instruction.
func (c *Cache) blockAt(a *arena, host uint64) *block {
	off := uint32(host - a.Base)
	i, found := slices.BinarySearchFunc(a.blocks, off, func(id, off uint32) int { return cmp.Compare(c.blocks.at(id).start, off) })
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	if b := c.blocks.at(a.blocks[i]); off <= b.end {
		return b
	}
	return nil
}

func (c *Cache) marksOf(b *block) []mark {
	if b == c.cutBlock {
		return c.cutMarks
	}
	return c.marks.slice(b.marks, int(b.nmarks))
}

// markAt is the mark that holds at a host instruction of the block, an offset
// in its arena.
func (c *Cache) markAt(b *block, host uint32) (m mark) {
	for _, next := range c.marksOf(b) {
		if uint32(next.off) > host-b.start {
			break
		}
		m = next
	}
	return m
}

// Origin is the program's instruction whose translation begins at host. ok is
// false when host is not in the cache.
func (c *Cache) Origin(host uint64) (pc uint64, ok bool) {
	a := c.arenaOf(host)
	if a == nil {
		return 0, false
	}
	b := c.blockAt(a, host)
	if b == nil {
		return 0, false
	}
	return b.pc + uint64(int64(c.markAt(b, uint32(host-a.Base)).pc)), true
}

// isX87 reports whether the instruction belongs to the x87 unit.
func isX87(i *x86.Inst) bool {
	return i.Encoding == x86.Legacy && i.Map == x86.OneByte && i.Opcode&0xf8 == 0xd8
}

// Cut makes code for the first n instructions at pc, or fewer when a branch
// comes before, and returns where it begins. skip: accesses of the first to observed
// memory were counted. It counts no steps: its exits tell how many
// were made, negative, in Leave.Undo. The next Cut replaces it.
func (c *Cache) Cut(pc uint64, n int, skip bool) (uint64, error) { return c.cut(pc, n, false, skip) }

// Plain is Cut for one instruction that may store the x87 instruction pointer:
// the engine has made that the program's.
func (c *Cache) Plain(pc uint64, skip bool) (uint64, error) { return c.cut(pc, 1, true, skip) }

func (c *Cache) cut(pc uint64, n int, plain, skip bool) (uint64, error) {
	list, err := c.read(pc, min(n, c.longest()), c.stopAt())
	if err != nil {
		return 0, err
	}
	a, err := c.arenaFor(pc)
	if err != nil {
		return 0, err
	}
	if c.cutBlock != nil && int(c.cutBlock.arena) == a.index && c.cutAfter == a.free {
		// Nothing was made since: its room can be used again.
		a.free = c.cutBefore
	}
	c.cutExits.reset()
	c.cutGuards = c.cutGuards[:0]
	c.cutBefore = a.free
	c.cutBlock = &block{pc: pc, n: uint8(len(list)), arena: uint16(a.index), start: uint32(a.hot), cut: true}
	e := c.begin(a, c.cutBlock)
	e.list, e.place, e.plain, e.skip = list, noClock, plain, skip
	e.instructions()
	if e.fall != 0 {
		e.bytes(0xe9)
		e.branch(e.fall, len(list))
	}
	e.finish()
	c.cutMarks, c.cutAfter = append(c.cutMarks[:0], e.marks...), a.free
	for i := range list {
		if isX87(&list[i].Inst) {
			// The x87 instruction pointer may lead here for long.
			c.cutAfter = free{}
			kept := *e.b
			kept.marks = c.marks.addAll(e.marks)
			a.blocks = append(a.blocks, c.blocks.add(kept))
			break
		}
	}
	return e.base, nil
}
