package recorder

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/syscalls"
	"stepback/recorder/trace"
)

// While a thread waits in a call, other threads run, and the kernel may write
// the call's outputs at any moment. Replay can write them only at an event. So
// where somebody else could see the buffers meanwhile, the call is run on
// scratch memory of its thread, and the program's buffers are filled when its
// event is written.

const (
	// minScratch is the least scratch memory that a thread gets.
	minScratch = 64 << 10
	// scratchStart is where scratch memory begins: far from where the kernel
	// and the run-times of languages and sanitizers place anything, so that no
	// later mapping of the program, which believes the place free, falls on it.
	scratchStart = 0x3b0000000000
)

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
	c.moved, c.inputs = c.moved[:0], c.inputs[:0]
	for _, b := range c.blocks {
		at := b.Addr
		if !b.InPlace {
			at = next
			next += (b.Len + 15) &^ 15
		}
		c.moved, c.inputs = append(c.moved, at), append(c.inputs, nil)
	}
	for i, b := range c.blocks {
		if b.InPlace || b.Len == 0 {
			continue
		}
		if !b.In {
			if !accessible(t.stopped, b) {
				// Let the kernel find out itself, as without a recorder.
				c.moved = c.moved[:0]
				return false, nil
			}
			continue
		}
		old := make([]byte, b.Len)
		old = old[:t.stopped.ReadSome(b.Addr, old)]
		if uint64(len(old)) < b.Len && len(b.Writes) == 0 {
			c.moved = c.moved[:0]
			return false, nil
		}
		if err := t.stopped.WriteMem(c.moved[i], old); err != nil {
			return false, err
		}
		c.inputs[i] = old
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

// accessible reports whether both ends of the block are mapped.
func accessible(s tracee.Stopped, b syscalls.Block) bool {
	var p [1]byte
	return s.ReadSome(b.Addr, p[:]) == 1 && s.ReadSome(b.Addr+b.Len-1, p[:]) == 1
}

// copyBack puts the range of a moved block that the call has written into the
// program's memory, and adds it to the event. Of a block that was copied to the
// scratch memory only the bytes that the kernel changed are taken: others may
// have been changed by the program meanwhile.
func (r *recorder) copyBack(t *thread, e *trace.Event, g syscalls.Range) error {
	c := &t.call
	addr, from := c.blocks[g.Block].Addr+g.Off, c.moved[g.Block]+g.Off
	old := c.inputs[g.Block]
	old = old[min(g.Off, uint64(len(old))):]
	for n := g.Len; n > 0; {
		data := r.room(int(min(n, maxWrite)))
		if err := t.stopped.ReadMem(from, data); err != nil {
			return err
		}
		for at := 0; at < len(data); {
			run := data[at:]
			if c.inputs[g.Block] != nil {
				run = changed(run, old[min(at, len(old)):], &at)
			}
			if len(run) == 0 {
				break
			}
			err := t.stopped.WriteMem(addr+uint64(at), run)
			var m *tracee.MemoryError
			if errors.As(err, &m) {
				run = run[:m.Addr-addr-uint64(at)]
				if len(run) > 0 {
					e.Writes = append(e.Writes, trace.Write{Addr: addr + uint64(at), Data: run})
				}
				return r.badBuffer(t, e, m.Addr-c.blocks[g.Block].Addr)
			}
			if err != nil {
				return err
			}
			e.Writes = append(e.Writes, trace.Write{Addr: addr + uint64(at), Data: run})
			at += len(run)
		}
		old = old[min(len(data), len(old)):]
		addr, from, n = addr+uint64(len(data)), from+uint64(len(data)), n-uint64(len(data))
	}
	return nil
}

// changed returns the first run of bytes that differ from old, having added
// its offset to at. What lies beyond old differs.
func changed(data, old []byte, at *int) []byte {
	i := 0
	for i < len(data) && i < len(old) && data[i] == old[i] {
		i++
	}
	j := i
	for j < len(data) && (j >= len(old) || data[j] != old[j]) {
		j++
	}
	*at += i
	return data[i:j]
}

// badBuffer gives a call whose result cannot all be put into the program's
// memory the result that the kernel would have given: a read is short by what did not
// fit, the others fail.
func (r *recorder) badBuffer(t *thread, e *trace.Event, done uint64) error {
	if done > 0 && ofDescriptor[t.call.regs.OrigRax] && len(t.call.blocks) == 1 {
		e.After.Rax = done
	} else {
		e.After.Rax = ^uint64(unix.EFAULT) + 1
	}
	return t.stopped.SetRegs(&e.After)
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
			return nil
		}
	}
	rc, err := r.remote(t)
	if err != nil {
		return err
	}
	at := r.nextScratch
	r.nextScratch += want + memmap.PageSize
	addr, err := rc.Call(unix.SYS_MMAP, at, want, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE|unix.MAP_FIXED_NOREPLACE, ^uint64(0), 0)
	var errno unix.Errno
	if errors.As(err, &errno) {
		// No memory, or not there: the others must wait for this call.
		t.noScratch = true
	} else if err != nil {
		return fmt.Errorf("mapping %d bytes of scratch memory: %w", want, err)
	}
	if err := rc.Restore(); err != nil {
		return err
	}
	if !t.noScratch {
		r.releaseScratch(t)
		t.scratch = region{addr, want}
	}
	return nil
}

// releaseScratch leaves the thread's scratch memory to others of its space.
func (r *recorder) releaseScratch(t *thread) {
	if t.scratch.size > 0 {
		t.space.free = append(t.space.free, t.scratch)
		t.scratch = region{}
	}
}

// takeBack brings a thread from the entry of a call to where it stood before
// the system-call instruction, and writes that. The instruction has changed rcx
// and r11 already, so without the event nothing could happen there.
func (r *recorder) takeBack(t *thread) error {
	c := &t.call
	regs := c.regs
	regs.OrigRax = ^uint64(0)
	if err := t.stopped.SetRegs(&regs); err != nil {
		return err
	}
	if err := r.toExit(t); err != nil {
		return err
	}
	c.open = false
	regs.Rip -= 2
	regs.Rax = c.regs.OrigRax
	if err := t.stopped.SetRegs(&regs); err != nil {
		return err
	}
	e := r.begin(trace.Enter, t)
	e.Before, e.Vector, e.Evidence, e.After = c.regs, c.vector, c.memory, regs
	r.append(t)
	return nil
}
