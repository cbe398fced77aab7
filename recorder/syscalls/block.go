package syscalls

import (
	"encoding/binary"
	"math"

	"golang.org/x/sys/unix"
)

// Memory is the memory of the program that makes the call.
type Memory interface {
	// ReadMem reads all of p from addr, or fails.
	ReadMem(addr uint64, p []byte) error
}

// Block is memory that the kernel reaches through one pointer: memory that it may write, or memory
// that holds pointers to such memory.
type Block struct {
	Addr, Len uint64
	Parent    int    // index of the block that holds the pointer to this one; -1: an argument
	Slot      uint64 // byte offset of the pointer in the parent, or the index of the argument
	In        bool   // to be copied in when moved. False only for buffers filled from their start
	InPlace   bool   // must not be moved
	Writes    []Span // parts the kernel may write; none for a block that only holds pointers
}

// Span is a part of a block that the kernel may write.
type Span struct {
	Off, Len uint64
	OnError  bool // written when the call fails, too
	Trim     Trim
}

// TrimKind says where the number of bytes written is found after the call.
type TrimKind uint8

const (
	Whole    TrimKind = iota // nowhere: the whole span
	ByResult                 // in the result
	ByField                  // in memory that the kernel wrote
)

// Trim says how much of a span is written: of count·Elem bytes, those after the first Skip.
type Trim struct {
	Kind  TrimKind
	Width uint8  // ByField: the count is 4 or 8 bytes wide …
	Block int    // … in this block …
	Off   uint64 // … at this offset
	Elem  uint64 // bytes per unit of the count
	Skip  uint64 // bytes that went to earlier buffers of a scatter list
	Min   int64  // nothing is written when the result is smaller (message i needs i+1)
}

// Range is memory that the kernel may have written: a part of a block.
type Range struct {
	Block    int
	Off, Len uint64
}

// Error results as seen by a tracer: -4095 … -1. The kernel's own restart codes (-512 … -516) are
// among them.
const lowestError = -4095

// torn reports whether a failed call may have written some of its outputs before it failed.
func torn(result int64) bool {
	switch unix.Errno(-result) {
	case unix.EFAULT, unix.EIO, unix.EBADMSG:
		return true
	}
	return false
}

// Outputs appends to dst the blocks of a call with these arguments. Parent and Trim.Block count from the
// first block appended. A refusal means that this use of the call cannot be recorded: it must
// not run, and the program gets that error.
//
// The capacity of dst and of the Writes in it is reused, so that a recorder that passes the same slice
// again allocates nothing; a copy of a Block shares its Writes.
func (c *Call) Outputs(dst []Block, m Memory, args [6]uint64) (blocks []Block, refuse unix.Errno) {
	effects := c.outs
	switch {
	case c.Class == Unsupported:
		return dst, c.Errno
	case c.commands != nil:
		cmd := c.commands.find(args)
		if cmd.errno != 0 {
			return dst, cmd.errno
		}
		effects = cmd.outs
	}
	if len(effects) == 0 {
		return dst, 0
	}
	u := uses.Get().(*use)
	u.args, u.memory, u.blocks, u.base, u.refuse = args, m, dst, len(dst), 0
	for i := range effects {
		u.apply(&effects[i])
	}
	blocks, refuse = u.blocks, u.refuse
	u.memory, u.blocks = nil, nil
	uses.Put(u)
	if refuse != 0 {
		return blocks[:len(dst)], refuse
	}
	return blocks, 0
}

// Written appends the ranges that the call may have written, given its result. blocks are what Outputs
// appended for it. m is the memory after the call, and at tells where a block is now; a nil at means that
// no block was moved.
func (c *Call) Written(dst []Range, m Memory, args [6]uint64, result int64, blocks []Block, at func(i int) uint64) []Range {
	failed := result >= lowestError && result < 0
	all := failed && torn(result)
	for i := range blocks {
		b := &blocks[i]
		if all && !b.In && at != nil && at(i) != b.Addr {
			continue // its content is unknown
		}
		for j := range b.Writes {
			s := &b.Writes[j]
			n := s.Len
			switch {
			case all:
			case failed && !s.OnError:
				continue
			default:
				n = s.Trim.apply(n, m, result, failed, blocks, at)
			}
			if n > 0 {
				dst = append(dst, Range{i, s.Off, n})
			}
		}
	}
	return dst
}

// apply returns how many of n bytes are written.
func (t *Trim) apply(n uint64, m Memory, result int64, failed bool, blocks []Block, at func(i int) uint64) uint64 {
	if result < t.Min && !failed {
		return 0
	}
	var count uint64
	switch t.Kind {
	case Whole:
		return n
	case ByResult:
		if failed {
			return n
		}
		count = uint64(result)
	case ByField:
		addr := blocks[t.Block].Addr
		if at != nil {
			addr = at(t.Block)
		}
		var ok bool
		if count, ok = readField(m, addr+t.Off, t.Width); !ok {
			return n
		}
	}
	count = mul(count, max(t.Elem, 1))
	if count <= t.Skip {
		return 0
	}
	return min(n, count-t.Skip)
}

// readField reads an unsigned number of 4 or 8 bytes.
func readField(m Memory, addr uint64, width uint8) (v uint64, ok bool) {
	u := uses.Get().(*use)
	defer uses.Put(u)
	p := u.buf[:8]
	clear(p)
	if m.ReadMem(addr, p[:width]) != nil {
		return 0, false
	}
	return binary.LittleEndian.Uint64(p), true
}

// mul multiplies and saturates.
func mul(a, b uint64) uint64 {
	if b != 0 && a > math.MaxUint64/b {
		return math.MaxUint64
	}
	return a * b
}
