package syscalls

import (
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"
)

// Limits of the kernel, or bounds on what a hostile program may make us do.
const (
	maxTransfer = 0x7ffff000 // MAX_RW_COUNT, linux/fs.h: no transfer is longer
	maxIovecs   = 1024       // UIO_MAXIOV, linux/uio.h: longer arrays are refused or cut
	maxName     = 128        // struct sockaddr_storage: no socket address is longer
	maxHandle   = 128        // MAX_HANDLE_SZ, linux/exportfs.h: no file handle is longer
	maxNodes    = 4096       // bytes of a node mask: one page, mm/mempolicy.c
	maxFDs      = 1 << 24    // descriptors in a select(2) set: fs.nr_open is 1<<20 by default
	maxMemory   = 1 << 31    // any other output
	maxBlocks   = 1 << 16    // blocks of one call: 1024 messages of 64 buffers
)

// use is one use of a call, while its blocks are found.
type use struct {
	memory Memory
	args   [6]uint64
	blocks []Block
	base   int // blocks before it belong to the caller
	refuse unix.Errno
	buf    [maxIovecs * sizeofIovec]byte
}

var uses = sync.Pool{New: func() any { return new(use) }}

func (u *use) apply(e *effect) {
	if e.walk != nil {
		e.walk(u)
		return
	}
	n := e.size.of(&u.args)
	i := u.add(Block{Addr: u.args[e.arg], Len: n, Parent: -1, Slot: uint64(e.arg), In: e.in, InPlace: e.inPlace})
	if i >= 0 {
		u.write(i, Span{Len: n, OnError: e.onError, Trim: e.trim})
	}
}

// add adds a block without writes and returns its index, or -1 when there is no such memory: NULL
// pointers and empty blocks.
func (u *use) add(b Block) int {
	if b.Addr == 0 || b.Len == 0 {
		return -1
	}
	if len(u.blocks)-u.base >= maxBlocks {
		u.refuse = unix.ENOMEM
		return -1
	}
	b.Len = min(b.Len, -b.Addr) // not past the end of the address space
	n := len(u.blocks)
	if n < cap(u.blocks) {
		u.blocks = u.blocks[:n+1]
		b.Writes = u.blocks[n].Writes[:0]
		u.blocks[n] = b
	} else {
		u.blocks = append(u.blocks, b)
	}
	return n - u.base
}

// arg adds the block that an argument points to. The kernel may read it, too.
func (u *use) arg(arg int, size uint64) int {
	return u.add(Block{Addr: u.args[arg], Len: size, Parent: -1, Slot: uint64(arg), In: true})
}

// pointee adds the block that a pointer in another block points to.
func (u *use) pointee(parent int, slot, addr, size uint64) int {
	return u.add(Block{Addr: addr, Len: size, Parent: parent, Slot: slot, In: true})
}

// write says that the kernel may write a part of block i. Without a block (-1) it does nothing.
func (u *use) write(i int, s Span) {
	if i < 0 {
		return
	}
	b := &u.blocks[u.base+i]
	if s.Off >= b.Len {
		return
	}
	s.Len = min(s.Len, b.Len-s.Off)
	b.Writes = append(b.Writes, s)
}

// read reads memory of the program into the buffer of u; it is valid until the next read. It is nil when the
// memory cannot be read: then the kernel cannot read it either.
func (u *use) read(addr, n uint64) []byte {
	p := u.buf[:n]
	if addr == 0 || u.memory.ReadMem(addr, p) != nil {
		return nil
	}
	return p
}

// u32 reads a number of four bytes.
func (u *use) u32(addr uint64) (v uint32, ok bool) {
	p := u.read(addr, 4)
	if p == nil {
		return 0, false
	}
	return binary.LittleEndian.Uint32(p), true
}
