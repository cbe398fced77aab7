package syscalls

import (
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// This file asks the kernel whether the table is right. It runs real calls of this process on an arena of
// memory filled with a pattern, with holes on both sides. Every byte that the kernel changed must lie in
// a range that Written reports. Each call is made with two patterns, so that a byte written with the value that it had
// is seen, and once more with its blocks moved to scratch memory, as the recorder does: then the kernel may
// change nothing in the arena, which checks parents and slots.

const arenaSize = 1 << 18

// arena is memory that a call under test works on.
type arena struct {
	t    *testing.T
	mem  []byte
	base uint64
	next uint64
}

func newArena(t *testing.T) *arena {
	const hole = 1 << 16
	all, err := unix.Mmap(-1, 0, arenaSize+2*hole, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(all) })
	mem := all[hole : hole+arenaSize]
	if err := unix.Mprotect(mem, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		t.Fatal(err)
	}
	return &arena{t: t, mem: mem, base: uint64(uintptr(unsafe.Pointer(&mem[0])))}
}

func (a *arena) reset(seed byte) {
	for i := range a.mem {
		a.mem[i] = byte(i*7>>3) ^ seed
	}
	a.next = 0
}

// alloc gives n bytes of the arena. Its result is right behind the one before, but for alignment, so that
// writing too far shows.
func (a *arena) alloc(n uint64) uint64 {
	addr := a.base + a.next
	a.next += (n + 7) &^ 7
	if a.next > arenaSize {
		a.t.Fatal("arena is full")
	}
	return addr
}

func (a *arena) at(addr, n uint64) []byte { return a.mem[addr-a.base:][:n] }

func (a *arena) ReadMem(addr uint64, p []byte) error {
	return (&fake{a.base, a.mem}).ReadMem(addr, p)
}

// u64s, u32s and str put values into new memory.
func (a *arena) u64s(vs ...uint64) uint64 {
	addr := a.alloc(8 * uint64(len(vs)))
	for i, v := range vs {
		le.PutUint64(a.at(addr+8*uint64(i), 8), v)
	}
	return addr
}

func (a *arena) u32s(vs ...uint32) uint64 {
	addr := a.alloc(4 * uint64(len(vs)))
	for i, v := range vs {
		le.PutUint32(a.at(addr+4*uint64(i), 4), v)
	}
	return addr
}

func (a *arena) str(s string) uint64 {
	addr := a.alloc(uint64(len(s)) + 1)
	copy(a.at(addr, uint64(len(s))+1), s+"\x00")
	return addr
}

func (a *arena) zeros(n uint64) uint64 {
	addr := a.alloc(n)
	clear(a.at(addr, n))
	return addr
}

// both is memory in two arenas.
type both struct{ arena, scratch *arena }

func (b both) ReadMem(addr uint64, p []byte) error {
	if b.arena.ReadMem(addr, p) == nil {
		return nil
	}
	return b.scratch.ReadMem(addr, p)
}

// kernelCase is one use of a call. The setup makes what it needs and gives the arguments.
type kernelCase struct {
	name  string
	nr    uint64
	setup func(a *arena) [6]uint64
	errno unix.Errno // expected; 0 is success
	quiet bool       // need not change anything
	stays bool       // would not fail when moved
}

// fails says that the call fails, and that it may change nothing then.
func (c *kernelCase) fails(errno unix.Errno) *kernelCase {
	c.errno, c.quiet = errno, true
	return c
}

func TestKernelWritesNothingElse(t *testing.T) {
	a, scratch := newArena(t), newArena(t)
	for _, test := range kernelCases(t) {
		t.Run(test.name, func(t *testing.T) {
			for _, move := range []bool{false, true} {
				if move && test.stays {
					continue
				}
				changed := 0
				for _, seed := range []byte{0x00, 0xff} {
					a.t, scratch.t = t, t
					a.reset(seed)
					scratch.reset(seed ^ 0x55)
					n, supported := runOnKernel(t, a, scratch, &test, move)
					if !supported {
						t.Skip("not on this kernel")
					}
					changed += n
				}
				if changed == 0 && !test.quiet {
					t.Errorf("moved %v: the kernel changed nothing; the test proves nothing", move)
				}
			}
		})
	}
}

func runOnKernel(t *testing.T, a, scratch *arena, test *kernelCase, move bool) (changed int, supported bool) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var all, old unix.Sigset_t // Go's own signals would interrupt the calls that wait
	for i := range all.Val {
		all.Val[i] = 1<<64 - 1
	}
	unix.PthreadSigmask(unix.SIG_SETMASK, &all, &old)
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil)
	args := test.setup(a)
	call := Lookup(test.nr)
	blocks, refuse := call.Outputs(nil, a, args)
	if refuse != 0 {
		t.Fatalf("refused: %v", refuse)
	}
	where := make([]uint64, len(blocks))
	for i, b := range blocks {
		where[i] = b.Addr
		if !move || b.InPlace {
			continue
		}
		where[i] = scratch.alloc(b.Len)
		if b.In {
			copy(scratch.at(where[i], b.Len), a.mem[b.Addr-a.base:])
		}
		if b.Parent < 0 {
			args[b.Slot] = where[i]
		} else {
			le.PutUint64(scratch.at(where[b.Parent]+b.Slot, 8), where[i])
		}
	}
	before, scratchBefore := slices.Clone(a.mem), slices.Clone(scratch.mem)
	r, _, errno := unix.RawSyscall6(uintptr(test.nr), uintptr(args[0]), uintptr(args[1]), uintptr(args[2]), uintptr(args[3]), uintptr(args[4]), uintptr(args[5]))
	result := int64(r)
	if errno != 0 {
		result = -int64(errno)
	}
	switch errno {
	case test.errno:
	case unix.ENOSYS, unix.EPERM, unix.EOPNOTSUPP, unix.ENOTTY:
		return 0, false
	default:
		t.Fatalf("moved %v: errno is %v, want %v", move, errno, test.errno)
	}
	may := map[uint64]bool{}
	for _, r := range call.Written(nil, both{a, scratch}, args, result, blocks, func(i int) uint64 { return where[i] }) {
		for i := range r.Len {
			may[where[r.Block]+r.Off+i] = true
		}
	}
	for _, x := range []struct {
		*arena
		before []byte
	}{{a, before}, {scratch, scratchBefore}} {
		for i := range x.mem {
			if x.mem[i] == x.before[i] {
				continue
			}
			changed++
			if !may[x.base+uint64(i)] {
				t.Fatalf("moved %v: %s(%x) = %d changed byte %#x, which is in no range; blocks %s",
					move, call.Name, args, result, x.base+uint64(i), describe(blocks))
			}
		}
	}
	return changed, true
}

// must is the value of a call in a setup.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
