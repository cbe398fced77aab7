package recorder

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// While a thread waits in a call, other threads run, and the kernel may write
// the call's outputs at any moment. Replay can write them only at an event. So
// where somebody else could see the buffers meanwhile, the call is run on
// scratch memory of its thread, and the program's buffers are filled when its
// event is written.

// minScratch is the least scratch memory that a thread gets.
const minScratch = 64 << 10

// needsScratch reports whether somebody else can look at the outputs of the
// call of t while it waits.
func (r *recorder) needsScratch(t *thread) bool {
	if t.space.threads > 1 {
		return true
	}
	for _, b := range t.call.blocks {
		if len(b.Writes) > 0 && t.space.maps.TouchesShared(b.Addr, b.Addr+b.Len) {
			return true
		}
	}
	return false
}

// relocate moves the blocks of the call to scratch memory. again is true when
// the call was taken back to make room and the thread will enter it once more.
func (r *recorder) relocate(t *thread) (again bool, err error) {
	c := &t.call
	var size uint64
	outputs := false
	for _, b := range c.blocks {
		size += (b.Len + 15) &^ 15
		outputs = outputs || len(b.Writes) > 0 && !b.InPlace
	}
	if !outputs {
		return false, nil
	}
	if size > t.scratch.size {
		return true, r.growScratch(t, size)
	}
	regs := c.regs
	next := t.scratch.addr
	c.moved = c.moved[:0]
	for _, b := range c.blocks {
		if b.InPlace {
			c.moved = append(c.moved, b.Addr)
			continue
		}
		c.moved = append(c.moved, next)
		next += (b.Len + 15) &^ 15
	}
	var buf []byte
	for i, b := range c.blocks {
		if b.In && !b.InPlace {
			if uint64(cap(buf)) < b.Len {
				buf = make([]byte, b.Len)
			}
			got := t.stopped.ReadSome(b.Addr, buf[:b.Len])
			if uint64(got) < b.Len && len(b.Writes) == 0 {
				// An input that is not all there: let the kernel find out itself.
				c.moved = c.moved[:0]
				return false, nil
			}
			if err := t.stopped.WriteMem(c.moved[i], buf[:got]); err != nil {
				return false, err
			}
		}
	}
	for i, b := range c.blocks {
		if b.Parent < 0 {
			regs.SetArg(int(b.Slot), c.moved[i])
			continue
		}
		var p [8]byte
		binary.LittleEndian.PutUint64(p[:], c.moved[i])
		if err := t.stopped.WriteMem(c.moved[b.Parent]+b.Slot, p[:]); err != nil {
			return false, err
		}
	}
	return false, t.stopped.SetRegs(&regs)
}

// growScratch gives t scratch memory of at least size bytes. It stands at the
// entry of a call, which it takes back and makes again.
func (r *recorder) growScratch(t *thread, size uint64) error {
	want := uint64(minScratch)
	for want < size {
		want *= 2
	}
	if err := r.takeBack(t); err != nil {
		return err
	}
	for i, f := range t.space.free {
		if f.size >= want {
			t.space.free = append(t.space.free[:i:i], t.space.free[i+1:]...)
			r.releaseScratch(t)
			t.scratch = f
			return r.resumeAndHandle(t, tracee.Continue, 0)
		}
	}
	rc, err := r.remote(t)
	if err != nil {
		return err
	}
	addr, err := rc.Call(unix.SYS_MMAP, 0, want, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE, ^uint64(0), 0)
	if err != nil {
		return fmt.Errorf("mapping %d bytes of scratch memory: %w", want, err)
	}
	if err := rc.Restore(); err != nil {
		return err
	}
	r.releaseScratch(t)
	t.scratch = region{addr, want}
	return r.resumeAndHandle(t, tracee.Continue, 0)
}

// releaseScratch leaves the thread's scratch memory to others of its space.
func (r *recorder) releaseScratch(t *thread) {
	if t.scratch.size > 0 {
		t.space.free = append(t.space.free, t.scratch)
		t.scratch = region{}
	}
}

// takeBack brings a thread from the entry of a call to where it stood before
// the system-call instruction.
func (r *recorder) takeBack(t *thread) error {
	regs := t.call.regs
	regs.OrigRax = ^uint64(0)
	if err := t.stopped.SetRegs(&regs); err != nil {
		return err
	}
	if err := r.resume(t, tracee.ToSyscall, 0); err != nil {
		return err
	}
	stop, err := r.waitFor(t)
	if err != nil {
		return err
	}
	if stop.Kind != tracee.SyscallStop {
		return r.killed(t, stop)
	}
	t.call.open = false
	regs.Rip -= 2
	regs.Rax = t.call.regs.OrigRax
	return t.stopped.SetRegs(&regs)
}

// killed handles a stop where only the thread's death can come.
func (r *recorder) killed(t *thread, stop tracee.Stop) error {
	if stop.Kind != tracee.ExitingStop && stop.Kind != tracee.Exited {
		return fmt.Errorf("unexpected stop %d while the recorder worked in the thread", stop.Kind)
	}
	t.pending = &stop
	r.enqueue(t)
	return tracee.ErrGone
}

// remote prepares remote calls in t; signals that come meanwhile are stashed.
func (r *recorder) remote(t *thread) (*tracee.Remote, error) {
	return r.s.Remote(t.stopped, func(i tracee.SigInfo) { t.stash = append(t.stash, i) })
}
