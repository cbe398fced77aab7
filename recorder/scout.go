package recorder

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/internal/x86"
)

// A scout reads ahead in the code of a stopped thread, without running it, to
// find the memory that the code uses: where two visits of the same place with the
// same registers differ, they differ there. It goes both ways at conditional
// branches, into and past calls, and back to callers, and follows what it can
// tell of the registers: moves, loads, constants. What it believes may be wrong
// further on; then the evidence has a page too many or too few.
type scout struct {
	stopped tracee.Stopped
	maps    *memmap.Map

	queue []scoutState
	seen  pcSet
	pages [16]scoutPage

	moment        uint64      // of the latest walk
	from          tracee.Regs // where it began
	back          bool        // the code came back to there
	changed, used []uint64    // addresses of words that it writes, and reads
}

// scoutState is a thread as the scout believes it to be.
type scoutState struct {
	pc    uint64
	regs  [16]uint64 // by their numbers in instructions
	calls int        // that the scout went into
}

// scoutPage is a page of memory that was read, as far as it was readable.
type scoutPage struct {
	addr uint64
	n    int
	exec bool
	data [memmap.PageSize]byte
}

// pcSet is a set of at most scoutSteps addresses of instructions.
type pcSet [2 * scoutSteps]uint64

// add adds pc, and reports whether it is new.
func (s *pcSet) add(pc uint64) bool {
	i := pc * 0x9e3779b97f4a7c15 >> 32
	for {
		switch at := &s[i%uint64(len(s))]; *at {
		case pc:
			return false
		case 0:
			*at = pc
			return true
		}
		i++
	}
}

const (
	// scoutSteps is the most instructions that a scout looks at.
	scoutSteps = 256
	// scoutWords is the most words that it notes of each kind.
	scoutWords = 64

	rsp, rbp, rsi, rdi = 4, 5, 6, 7
)

// walk reads ahead from the thread's registers. moment is the number of times
// that any thread was resumed: nothing has changed since a walk at the same one.
func (s *scout) walk(t *thread, regs *tracee.Regs, moment uint64, steps int) {
	if s.moment == moment && s.from == *regs {
		return
	}
	s.stopped, s.maps, s.from, s.moment = t.stopped, &t.space.maps, *regs, moment
	s.back, s.changed, s.used = false, s.changed[:0], s.used[:0]
	clear(s.seen[:])
	for i := range s.pages {
		s.pages[i].n = 0
	}
	general := regs.General()
	s.queue = append(s.queue[:0], scoutState{pc: regs.Rip, regs: [16]uint64(general[:])})
	for head := 0; head < len(s.queue) && steps > 0; head++ {
		now := s.queue[head]
		for known := len(s.queue); steps > 0; steps-- {
			if !s.seen.add(now.pc) {
				s.back = s.back || now.pc == regs.Rip
				break
			}
			if !s.step(&now) {
				break
			}
			if len(s.queue) > known {
				// Another way begins here: both go on later, to get equally far on all.
				s.queue = append(s.queue, now)
				break
			}
		}
	}
}

// step goes on by one instruction, and notes other ways to go from there. It
// returns false where this way ends.
func (s *scout) step(now *scoutState) bool {
	var in x86.Inst
	if x86.Decode(s.fetch(now.pc), &in) != nil {
		return false
	}
	s.noteOperands(now, &in)
	next := now.pc + uint64(in.Len)
	branch := func(to uint64, calls int) {
		other := *now
		other.pc, other.calls = to, calls
		if calls > now.calls {
			other.regs[rsp] -= 8
		}
		s.queue = append(s.queue, other)
	}
	switch in.Flow {
	case x86.Next:
		s.follow(now, &in)
	case x86.Jump:
		next = in.Target(now.pc)
	case x86.JumpCond, x86.JumpCount:
		branch(in.Target(now.pc), now.calls)
	case x86.Call:
		branch(in.Target(now.pc), now.calls+1)
	case x86.CallIndirect:
		if to, ok := s.target(now, &in); ok {
			branch(to, now.calls+1)
		}
	case x86.JumpIndirect:
		to, ok := s.target(now, &in)
		if !ok {
			return false
		}
		next = to
	case x86.Return:
		if now.calls > 0 {
			return false // it went on past the call, too
		}
		to, ok := s.load(now.regs[rsp])
		if !ok {
			return false
		}
		now.regs[rsp] += 8
		next = to
	default:
		return false
	}
	now.pc = next
	return true
}

// fetch returns the code at pc, as far as it is readable and executable.
func (s *scout) fetch(pc uint64) []byte {
	const longest = 15
	code, exec := s.read(pc)
	if !exec {
		return nil
	}
	if len(code) < longest && pc%memmap.PageSize > memmap.PageSize-longest {
		rest, _ := s.read(memmap.PageDown(pc) + memmap.PageSize)
		code = append(slices.Clone(code), rest...)
	}
	return code
}

// read returns the memory from addr to the end of its page, and whether it is
// executable.
func (s *scout) read(addr uint64) (data []byte, exec bool) {
	page := memmap.PageDown(addr)
	c := &s.pages[page/memmap.PageSize%uint64(len(s.pages))]
	if c.n == 0 || c.addr != page {
		m, ok := s.maps.Find(page)
		c.addr, c.n, c.exec = page, s.stopped.ReadSome(page, c.data[:]), ok && m.Prot&unix.PROT_EXEC != 0
	}
	return c.data[min(addr-page, uint64(c.n)):c.n], c.exec
}

// load reads a word of memory, which must not go across a page's end.
func (s *scout) load(addr uint64) (uint64, bool) {
	p, _ := s.read(addr)
	if len(p) < 8 {
		return 0, false
	}
	return binary.LittleEndian.Uint64(p), true
}

// address is the address of the instruction's operand in memory.
func (s *scout) address(now *scoutState, in *x86.Inst) uint64 {
	a := uint64(in.Displacement())
	switch {
	case !in.HasMemory(): // moffs
	case in.RIPRelative:
		a += now.pc + uint64(in.Len)
	case in.HasSIB:
		if in.ModRM >= 0x40 || in.SIB&7 != 5 {
			a += now.regs[in.SIB&7|in.REX<<3&8]
		}
		if index := in.SIB>>3&7 | in.REX<<2&8; index != rsp {
			a += now.regs[index] << (in.SIB >> 6)
		}
	default:
		a += now.regs[in.RM()]
	}
	if in.Prefixes&x86.PrefixAddrSize != 0 {
		a = uint64(uint32(a))
	}
	switch {
	case in.Prefixes&x86.PrefixFS != 0:
		a += s.from.FsBase
	case in.Prefixes&x86.PrefixGS != 0:
		a += s.from.GsBase
	}
	return a
}

// noteOperands notes the memory that the instruction uses. The stack at rsp
// need not be noted.
func (s *scout) noteOperands(now *scoutState, in *x86.Inst) {
	if in.Access != 0 && (in.HasMemory() || in.DispLen == 8) {
		a := s.address(now, in)
		s.note(a, in.Access)
		if in.Size > 8 {
			s.note(a+uint64(in.Size)-1, in.Access)
		}
	}
	switch in.Implicit {
	case x86.Source:
		s.note(now.regs[rsi], x86.Reads)
	case x86.Destination:
		s.note(now.regs[rdi], x86.Writes)
	case x86.Both:
		s.note(now.regs[rsi], x86.Reads)
		s.note(now.regs[rdi], x86.Writes)
	case x86.AtRegister:
		s.note(now.regs[in.Reg()], x86.Writes)
	}
}

func (s *scout) note(addr uint64, access x86.Access) {
	list := &s.used
	if access&x86.Writes != 0 {
		list = &s.changed
	}
	if addr &^= 7; len(*list) < scoutWords && !slices.Contains(*list, addr) {
		*list = append(*list, addr)
	}
}

// target is where an indirect jump or call goes whose address is in memory, as
// those to other libraries do.
func (s *scout) target(now *scoutState, in *x86.Inst) (uint64, bool) {
	if !in.HasMemory() {
		return 0, false
	}
	return s.load(s.address(now, in))
}

// follow keeps the registers up to date over instructions that hand addresses
// around (Intel SDM volume 2).
func (s *scout) follow(now *scoutState, in *x86.Inst) {
	if in.Encoding != x86.Legacy || in.Map != x86.OneByte || in.Prefixes&x86.PrefixOpSize != 0 {
		return
	}
	wide := in.REX&8 != 0
	set := func(reg uint8, v uint64) {
		if !wide {
			v = uint64(uint32(v))
		}
		now.regs[reg] = v
	}
	low := in.Opcode&7 | in.REX<<3&8 // the register in the opcode
	switch op := in.Opcode; {
	case op == 0x8b && in.HasMemory(): // mov reg, [mem]
		if v, ok := s.load(s.address(now, in)); ok {
			set(in.Reg(), v)
		}
	case op == 0x8b: // mov reg, reg
		set(in.Reg(), now.regs[in.RM()])
	case op == 0x89 && !in.HasMemory():
		set(in.RM(), now.regs[in.Reg()])
	case op == 0x8d: // lea
		set(in.Reg(), s.address(now, in))
	case op == 0xc7 && !in.HasMemory(), op&^7 == 0xb8: // mov reg, imm
		if op != 0xc7 {
			set(low, uint64(in.Imm))
		} else {
			set(in.RM(), uint64(in.Imm))
		}
	case (op == 0x81 || op == 0x83) && !in.HasMemory() && in.ModRM>>3&7 == 0: // add reg, imm
		set(in.RM(), now.regs[in.RM()]+uint64(in.Imm))
	case (op == 0x81 || op == 0x83) && !in.HasMemory() && in.ModRM>>3&7 == 5: // sub reg, imm
		set(in.RM(), now.regs[in.RM()]-uint64(in.Imm))
	case op&^7 == 0x50: // push
		now.regs[rsp] -= 8
	case op&^7 == 0x58: // pop
		if v, ok := s.load(now.regs[rsp]); ok {
			now.regs[low] = v
		}
		now.regs[rsp] += 8
	case op == 0xc9: // leave
		now.regs[rsp] = now.regs[rbp] + 8
		if v, ok := s.load(now.regs[rbp]); ok {
			now.regs[rbp] = v
		}
	}
}
