package translator

import (
	"errors"

	"stepback/internal/x86"
)

// MaxSteps is the most instructions that a block has.
const MaxSteps = 64

// decoded is an instruction at its place.
type decoded struct {
	x86.Inst
	pc    uint64
	bytes []byte // of the instruction, of maxInst that can be read; valid while its block is being made
	copy  [maxInst]byte
	ends  bool // a block ends with it
}

// maxInst is more than an instruction can be long.
const maxInst = 16

// end is the address behind the instruction.
func (d *decoded) end() uint64 { return d.pc + uint64(d.Len) }

// ErrNoCode reports that there is nothing at a pc that could be translated:
// the processor faults there.
var ErrNoCode = errors.New("no code")

// read decodes the instructions of the block at pc, at most n, and stops
// before stop. It goes on where a direct jump or call leads, a few times: the
// block then needs no clock of its own there. Otherwise it ends at the first
// instruction that may not go to the next one.
func (c *Cache) read(pc uint64, n int, stop func(uint64) bool) ([]decoded, error) {
	list := c.list[:0]
	follows := 0
	for len(list) < n {
		if len(list) > 0 && stop != nil && stop(pc) {
			break
		}
		list = list[:len(list)+1]
		d := &list[len(list)-1]
		code := c.code(pc, &d.copy)
		if err := x86.Decode(code, &d.Inst); err != nil {
			list = list[:len(list)-1]
			break
		}
		d.pc, d.bytes = pc, code[:d.Len]
		pc = d.end()
		if d.ends = ends(&d.Inst); !d.ends {
			continue
		}
		if follows >= maxFollow || d.Flow != x86.Jump && d.Flow != x86.Call {
			break
		}
		if pc = d.Target(d.pc); contains(list, pc) || !near(pc, list[0].pc) {
			break
		}
		follows++
	}
	if len(list) == 0 {
		return nil, ErrNoCode
	}
	return list, nil
}

// near reports whether marks can name both addresses in one block.
func near(a, b uint64) bool {
	const most = 1 << 30
	return a-b+most < 2*most
}

// maxFollow is how many direct jumps and calls a block goes through.
const maxFollow = 2

func contains(list []decoded, pc uint64) bool {
	for i := range list {
		if list[i].pc == pc {
			return true
		}
	}
	return false
}

// ends reports whether a block ends with the instruction.
func ends(i *x86.Inst) bool { return i.Flow != x86.Next || storesPointer(i) || isRandom(i) }

// code is the executable memory at pc, at least up to the length of an
// instruction. It is put together in joint where it goes across two pages.
func (c *Cache) code(pc uint64, joint *[maxInst]byte) []byte {
	page, off := pc&^(pageSize-1), pc&(pageSize-1)
	p := c.page(page)
	if p == nil {
		return nil
	}
	if off+maxInst <= pageSize {
		return p.content[off:]
	}
	n := copy(joint[:], p.content[off:])
	if next := c.page(page + pageSize); next != nil {
		n += copy(joint[n:], next.content[:])
	}
	return joint[:n]
}
