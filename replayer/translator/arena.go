package translator

import (
	"encoding/binary"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Region is memory of the cache that every task of the code image must map,
// shared, at the same address.
type Region struct {
	Base, Size uint64
	File       *os.File
	Code       bool // executable; else only readable

	mem []byte // the engine's view, writable
}

// arenaSize is the room for translated code in one arena. Memory is used as it
// is written.
const arenaSize = 32 << 20

// An arena holds translated code. Blocks grow from the start, what is seldom
// executed from the end.
type arena struct {
	*Region
	free
	index  int
	blocks []uint32 // in the order of their places

	exit, enter, miss uint64 // addresses of the common code
}

// free is the free room of an arena, between hot and cold.
type free struct{ hot, cold int }

func newRegion(base, size uint64, code bool) (*Region, error) {
	fd, err := unix.MemfdCreate("code", unix.MFD_CLOEXEC|mfdExec)
	if err == unix.EINVAL { // before Linux 6.3
		fd, err = unix.MemfdCreate("code", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return nil, fmt.Errorf("making the code cache: %w", err)
	}
	r := &Region{Base: base, Size: size, File: os.NewFile(uintptr(fd), "code"), Code: code}
	if err := r.File.Truncate(int64(size)); err != nil {
		r.File.Close()
		return nil, fmt.Errorf("making the code cache: %w", err)
	}
	if r.mem, err = unix.Mmap(fd, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		r.File.Close()
		return nil, fmt.Errorf("mapping the code cache: %w", err)
	}
	return r, nil
}

// mfdExec asks for a file that can be executed (MFD_EXEC, include/uapi/linux/memfd.h).
const mfdExec = 0x10

func (r *Region) close() {
	unix.Munmap(r.mem)
	r.File.Close()
}

// newArena makes an arena with the common code:
//
//	exit: spill what a system call destroys, and leave. The engine goes on
//	      behind it.
//	enter: the same back, and to where the engine says.
//	miss: an indirect branch to rcx whose rcx and rdx are spilled found nothing.
func newArena(base uint64) (*arena, error) {
	r, err := newRegion(base, arenaSize, true)
	if err != nil {
		return nil, err
	}
	a := &arena{Region: r, free: free{cold: arenaSize}}
	c := asm{base: base}
	a.exit = c.pc()
	c.store(savedRax, rax)
	c.store(savedRcx, rcx)
	c.store(savedR11, r11)
	c.bytes(0x0f, 0x05)
	a.enter = c.pc()
	c.load(rax, savedRax)
	c.load(rcx, savedRcx)
	c.load(r11, savedR11)
	c.bytes(0xff, 0x24, 0x25)
	c.imm32(targetAt)
	a.miss = c.pc()
	c.store(missingAt, rcx)
	c.load(rcx, savedRcx)
	c.load(rdx, savedRdx)
	c.storeConstant(exitAt, exitMiss)
	c.jump(a.exit)
	a.hot = copy(a.mem, c.buf)
	return a, nil
}

// room reports whether n bytes are free, beside what retiring all blocks and
// linking them to others far away would take.
func (a *arena) room(n int) bool {
	const block = 96
	return a.cold-a.hot >= n+block*len(a.blocks)
}

// at is the engine's view of the code at an address of the arena.
func (a *arena) at(host uint64) []byte { return a.mem[host-a.Base:] }

// holds reports whether the address is in the arena.
func (a *arena) holds(host uint64) bool { return host-a.Base < a.Size }

// patchJump makes the four bytes at host, the displacement of a branch, lead to target.
func (a *arena) patchJump(host, target uint64) {
	binary.LittleEndian.PutUint32(a.at(host), uint32(target-host-4))
}

// What follows takes room from the arena's end and returns its address.

// stub makes the way out for exit number id.
func (a *arena) stub(id uint32) uint64 {
	const size = 16
	a.cold -= size
	s := asm{buf: a.mem[a.cold:a.cold], base: a.Base + uint64(a.cold)}
	at := s.pc()
	s.storeConstant(exitAt, id)
	s.jump(a.exit)
	return at
}

// constant makes an eight-byte constant.
func (a *arena) constant(v uint64) uint64 {
	a.cold = (a.cold - 8) &^ 7
	binary.LittleEndian.PutUint64(a.mem[a.cold:], v)
	return a.Base + uint64(a.cold)
}

// far makes a jump to code out of reach.
func (a *arena) far(target uint64) uint64 {
	const size = 16
	a.cold -= size
	copy(a.mem[a.cold:], "\xff\x25\x00\x00\x00\x00") // jmp [rip+0]
	binary.LittleEndian.PutUint64(a.mem[a.cold+6:], target)
	return a.Base + uint64(a.cold)
}

// rejoin makes the way from a landing, whose block is retired, to another; it
// returns also the address of the displacement of its jump.
func (a *arena) rejoin(target uint64) (host, jump uint64) {
	const size = 24
	a.cold -= size
	s := asm{buf: a.mem[a.cold:a.cold], base: a.Base + uint64(a.cold)}
	host = s.pc()
	s.load(rcx, savedRcx)
	s.load(rdx, savedRdx)
	s.jump(target)
	return host, s.pc() - 4
}
