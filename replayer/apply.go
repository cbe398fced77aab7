package replayer

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// apply does what the event did to address spaces and memory. t is the task
// of the event's thread.
func (r *replay) apply(e *trace.Event, t *task) error {
	for i := range e.Ops {
		to, err := r.taskOf(e.Ops[i].Space, t)
		if err == nil {
			err = r.op(&e.Ops[i], to)
		}
		if err != nil {
			return fmt.Errorf("%s of %#x+%#x: %w", trace.OpNames[e.Ops[i].Kind], e.Ops[i].Addr, e.Ops[i].Len, err)
		}
	}
	for i := range e.Writes {
		w := &e.Writes[i]
		to, err := r.taskOf(w.Space, t)
		if err != nil {
			return err
		}
		if err := r.write(to, w); err != nil {
			return err
		}
	}
	return nil
}

// taskOf is the task of an address space, own for 0.
func (r *replay) taskOf(space uint32, own *task) (*task, error) {
	if space == 0 {
		return own, nil
	}
	if t := r.tasks[space]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("a change of address space %d, which does not exist", space)
}

func (r *replay) write(t *task, w *trace.Write) error {
	data, err := r.content(w.Data, w.Blob)
	if err != nil {
		return err
	}
	if err := r.executor.rewrite(t, w.Addr, w.Addr+uint64(len(data))); err != nil {
		return err
	}
	return r.factory.write(t, w.Addr, data)
}

// content is what a write or store holds: large content is in a blob.
func (r *replay) content(data []byte, blob trace.Hash) ([]byte, error) {
	if blob.IsZero() {
		return data, nil
	}
	f, err := r.rec.Blob(blob)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err = io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("reading the content of a write: %w", err)
	}
	return data, nil
}

// ops are the changes of an address space by their kind.
var ops = map[trace.OpKind]func(*replay, *trace.Op, *task) error{
	trace.OpMap: (*replay).mmap,
	trace.OpUnmap: func(r *replay, o *trace.Op, t *task) error {
		if err := r.memoryCall(t, unix.SYS_MUNMAP, o.Addr, o.Len); err != nil {
			return err
		}
		t.maps.Remove(o.Addr, memmap.PageUp(o.Addr+o.Len))
		return nil
	},
	trace.OpProtect: func(r *replay, o *trace.Op, t *task) error {
		if o.Prot&unix.PROT_EXEC != 0 {
			if err := r.executor.remap(t, o.Addr, o.Addr+o.Len, true); err != nil {
				return err
			}
		}
		for _, m := range slices.Clone(t.maps.Overlapping(o.Addr, o.Addr+o.Len)) {
			if m.Shared && o.Prot&unix.PROT_WRITE != 0 {
				if err := r.own(m.Object); err != nil {
					return err
				}
				if err := r.executor.restored(m.Object); err != nil {
					return err
				}
			}
		}
		if err := r.memoryCall(t, unix.SYS_MPROTECT, o.Addr, o.Len, uint64(o.Prot)); err != nil {
			return err
		}
		t.maps.Protect(o.Addr, memmap.PageUp(o.Addr+o.Len), o.Prot)
		return nil
	},
	trace.OpRemap: func(r *replay, o *trace.Op, t *task) error {
		if touchesArea(o.NewAddr, o.NewLen) {
			return errEngineArea
		}
		flags := uint64(o.Flags) & mremapFlags
		if o.NewAddr != o.Addr {
			flags |= unix.MREMAP_MAYMOVE | unix.MREMAP_FIXED
		}
		if err := r.executor.remap(t, o.NewAddr, o.NewAddr+o.NewLen, true); err != nil {
			return err
		}
		if err := r.memoryCall(t, unix.SYS_MREMAP, o.Addr, o.Len, o.NewLen, flags, o.NewAddr); err != nil {
			return err
		}
		t.maps.Move(o.Addr, memmap.PageUp(o.Len), o.NewAddr, memmap.PageUp(o.NewLen), flags&unix.MREMAP_DONTUNMAP != 0)
		return nil
	},
	trace.OpAdvise: func(r *replay, o *trace.Op, t *task) error {
		if atFork, ok := atFork[o.Flags]; ok {
			// The kernel must not know: save points are forks, too.
			if touchesArea(o.Addr, o.Len) {
				return errEngineArea
			}
			t.maps.SetAtFork(o.Addr, memmap.PageUp(o.Addr+o.Len), atFork)
			return nil
		}
		if err := r.executor.rewrite(t, o.Addr, o.Addr+o.Len); err != nil {
			return err
		}
		return r.memoryCall(t, unix.SYS_MADVISE, o.Addr, o.Len, uint64(o.Flags))
	},
	trace.OpObject: func(r *replay, o *trace.Op, _ *task) error { return r.newObject(o) },
	trace.OpResize: func(r *replay, o *trace.Op, _ *task) error {
		if err := r.own(o.Object); err != nil {
			return err
		}
		f, err := r.object(o.Object)
		if err != nil {
			return err
		}
		return f.Truncate(int64(o.Len))
	},
	trace.OpStore: func(r *replay, o *trace.Op, _ *task) error {
		if err := r.own(o.Object); err != nil {
			return err
		}
		f, err := r.object(o.Object)
		if err != nil {
			return err
		}
		data, err := r.content(o.Data, o.Blob)
		if err != nil {
			return err
		}
		if err := r.executor.restored(o.Object); err != nil {
			return err
		}
		_, err = f.WriteAt(data, int64(o.Offset))
		return err
	},
	trace.OpLimit: func(r *replay, o *trace.Op, t *task) error {
		var limit unix.Rlimit
		tid := t.stopped.TID()
		if err := unix.Prlimit(tid, unix.RLIMIT_STACK, nil, &limit); err != nil {
			return err
		}
		limit.Cur = o.Len
		limit.Max = max(limit.Max, limit.Cur)
		if err := unix.Prlimit(tid, unix.RLIMIT_STACK, &limit, nil); err != unix.EPERM {
			return err
		}
		// Nobody but root can raise the hard limit. The limit matters to a
		// program that grows its stack as far as it can, and that diverges.
		limit.Cur, limit.Max = 0, 0
		if err := unix.Prlimit(tid, unix.RLIMIT_STACK, nil, &limit); err != nil {
			return err
		}
		limit.Cur = limit.Max
		return unix.Prlimit(tid, unix.RLIMIT_STACK, &limit, nil)
	},
}

// atFork is what the advice about forks makes of memmap.Mapping.AtFork.
var atFork = map[uint32]uint32{
	unix.MADV_DONTFORK: unix.MADV_DONTFORK, unix.MADV_DOFORK: 0,
	unix.MADV_WIPEONFORK: unix.MADV_WIPEONFORK, unix.MADV_KEEPONFORK: 0,
}

// leaveBehind makes a copy of a task what the program's fork is: without what it
// had advised not to copy.
func (r *replay) leaveBehind(k *task) error {
	for _, m := range slices.Clone(k.maps.All()) {
		var err error
		switch n := m.End - m.Start; m.AtFork {
		case unix.MADV_DONTFORK:
			err = r.memoryCall(k, unix.SYS_MUNMAP, m.Start, n)
			k.maps.Remove(m.Start, m.End)
		case unix.MADV_WIPEONFORK: // private memory of no file
			flags := uint64(unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_FIXED | unix.MAP_NORESERVE)
			err = r.memoryCall(k, unix.SYS_MMAP, m.Start, n, uint64(m.Prot), flags, ^uint64(0), 0)
		}
		if err != nil {
			return fmt.Errorf("leaving memory at %#x out of a fork: %w", m.Start, err)
		}
	}
	return nil
}

func (r *replay) op(o *trace.Op, t *task) error {
	f := ops[o.Kind]
	if f == nil {
		return fmt.Errorf("an operation of unknown kind %d", o.Kind)
	}
	return f(r, o, t)
}

// errEngineArea refuses a recording that would map over the engine.
var errEngineArea = errors.New("the recording uses the engine's own memory, or addresses that no program has")

// userEnd is the end of user memory with four levels of page tables.
const userEnd = 1 << 47

// touchesArea reports whether the range, rounded to pages, touches the
// engine's area or is none of user memory.
func touchesArea(addr, n uint64) bool {
	if addr > userEnd || n > userEnd-addr {
		return true
	}
	return memmap.PageDown(addr) < tracee.AreaEnd && memmap.PageUp(addr+n) > tracee.AreaStart
}

// The flags and advice that a recording may hold.
const (
	mmapFlags   = unix.MAP_SHARED | unix.MAP_PRIVATE | unix.MAP_GROWSDOWN | unix.MAP_NORESERVE
	mremapFlags = unix.MREMAP_DONTUNMAP
)

// memoryCall makes the task execute a system call on its memory at addr.
func (r *replay) memoryCall(t *task, nr, addr, n uint64, more ...uint64) error {
	if touchesArea(addr, n) {
		return errEngineArea
	}
	if nr != unix.SYS_MADVISE {
		if err := r.executor.remap(t, addr, addr+n, false); err != nil {
			return err
		}
	}
	_, err := r.factory.call(t, nr, append([]uint64{addr, n}, more...)...)
	return err
}

// mmap maps memory of any source at its recorded address.
func (r *replay) mmap(o *trace.Op, t *task) error {
	flags := uint64(o.Flags)&mmapFlags | unix.MAP_FIXED | unix.MAP_NORESERVE
	fd, offset, content := ^uint64(0), uint64(0), o.Blob
	var err error
	switch {
	case o.Object != 0:
		if flags&unix.MAP_SHARED != 0 && o.Prot&unix.PROT_WRITE != 0 {
			if err := r.own(o.Object); err != nil {
				return err
			}
		}
		if err := r.executor.restored(o.Object); err != nil {
			return err
		}
		var f *object
		if f, err = r.object(o.Object); err == nil {
			fd, err = r.factory.descriptor(t, source{object: o.Object}, f.File)
			content = f.blob
		}
		offset = o.Offset
	case !o.Blob.IsZero():
		fd, err = r.blobDescriptor(t, o.Blob)
		offset = o.Offset
	default:
		flags |= unix.MAP_ANONYMOUS
	}
	if err != nil {
		return err
	}
	if o.Prot&unix.PROT_EXEC != 0 {
		if err := r.executor.remap(t, o.Addr, o.Addr+o.Len, true); err != nil {
			return err
		}
	}
	if err := r.memoryCall(t, unix.SYS_MMAP, o.Addr, o.Len, uint64(o.Prot), flags, fd, offset); err != nil {
		return err
	}
	t.maps.Add(memmap.Mapping{
		Start: o.Addr, End: memmap.PageUp(o.Addr + o.Len), Prot: o.Prot, Shared: flags&unix.MAP_SHARED != 0, Object: o.Object, Offset: o.Offset,
		Name: o.Name, Blob: content,
	})
	return nil
}

// blobDescriptor gives the task a descriptor of a blob. The template gets it
// too when it is asked for first: most programs map the same libraries.
func (r *replay) blobDescriptor(t *task, blob trace.Hash) (uint64, error) {
	of := source{blob: blob}
	if fd, ok := t.fds[of]; ok {
		return fd, nil
	}
	f, err := r.rec.Blob(blob)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if len(r.factory.template.fds) < maxFDs/2 {
		if _, err := r.factory.descriptor(r.factory.template, of, f); err != nil {
			return 0, err
		}
	}
	return r.factory.descriptor(t, of, f)
}

// newObject makes a shared object: a file in memory.
func (r *replay) newObject(o *trace.Op) error {
	if r.objects[o.Object] != nil {
		return fmt.Errorf("shared object %d exists already", o.Object)
	}
	fd, err := unix.MemfdCreate("object", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), "object")
	r.objects[o.Object] = newObject(f, o.Blob)
	if !o.Blob.IsZero() {
		from, err := r.rec.Blob(o.Blob)
		if err != nil {
			return err
		}
		defer from.Close()
		if _, err := io.Copy(f, from); err != nil {
			return err
		}
	}
	return f.Truncate(int64(o.Len))
}

func (r *replay) object(id uint32) (*object, error) {
	f := r.objects[id]
	if f == nil {
		return nil, fmt.Errorf("shared object %d does not exist", id)
	}
	return f, nil
}
