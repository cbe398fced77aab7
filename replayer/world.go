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

// world is everything that the recorded processes have at a Time: their tasks,
// threads and shared memory. There is that of the present, and a copy of it in
// each save point.
type world struct {
	tasks   map[uint32]*task   // by address space
	threads map[int]*thread    // by id
	objects map[uint32]*object // shared memory

	done  uint64 // events that were replayed
	steps uint64 // steps made since the latest
	total uint64 // steps made up to the latest
	actor actor  // of the latest event
}

func newWorld() *world {
	return &world{tasks: map[uint32]*task{}, threads: map[int]*thread{}, objects: map[uint32]*object{}}
}

// copyWorld makes a copy that shares nothing with the original. copied is told of
// each task's copy, and forget when that ends because something failed.
func (r *replay) copyWorld(w *world, copied func(from, to *task) error, forget func(*task)) (c *world, err error) {
	c = newWorld()
	c.done, c.steps, c.total, c.actor = w.done, w.steps, w.total, w.actor
	defer func() {
		if err != nil {
			err = errors.Join(err, r.end(c, forget))
		}
	}()
	var anew []uint32 // objects that the copy has of its own
	for id, o := range w.objects {
		written := w.writes(id)
		if c.objects[id], err = o.forCopy(written); err != nil {
			return nil, err
		}
		if written {
			anew = append(anew, id)
		}
	}
	for space, k := range w.tasks {
		n, err := r.factory.fork(k, space)
		if err != nil {
			return nil, err
		}
		n.threads = k.threads
		c.tasks[space] = n
		for _, id := range anew {
			if err := r.factory.mapAnew(n, id, c.objects[id]); err != nil {
				return nil, err
			}
		}
	}
	for id, t := range w.threads {
		n := &thread{tid: t.tid, pid: t.pid, task: c.tasks[t.task.space], regs: t.regs}
		c.threads[id] = n
		if r.in.in[t.task] == t {
			r.in.in[n.task] = n // the task's copy holds it
		} else {
			n.xstate = slices.Clone(t.xstate)
		}
	}
	for space, k := range w.tasks {
		if err := copied(k, c.tasks[space]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// mapAnew puts another file, with the same content, in the place of a shared
// object in all its mappings.
func (f *factory) mapAnew(k *task, id uint32, o *object) error {
	of := source{object: id}
	if fd, ok := k.fds[of]; ok {
		if _, err := f.call(k, unix.SYS_CLOSE, fd); err != nil {
			return fmt.Errorf("closing a descriptor: %w", err)
		}
		delete(k.fds, of)
	}
	for _, m := range k.maps.All() {
		if m.Object != id {
			continue
		}
		var err error
		if m.Shared {
			err = f.mapObject(k, m, o, unix.MAP_SHARED)
		} else {
			err = f.mapPrivate(k, m, o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// mapPrivate is mapObject for a private mapping, which keeps the pages that the
// program has made its own.
func (f *factory) mapPrivate(k *task, m memmap.Mapping, o *object) error {
	own, err := tracee.PrivatePages(k.stopped.TID(), m.Start, m.End)
	if err != nil {
		return err
	}
	pages := map[uint64][]byte{}
	for i, is := range own {
		if addr := m.Start + uint64(i)*memmap.PageSize; is {
			pages[addr] = make([]byte, memmap.PageSize)
			if err := k.stopped.PeekMem(addr, pages[addr]); err != nil {
				return err
			}
		}
	}
	if err := f.mapObject(k, m, o, unix.MAP_PRIVATE); err != nil {
		return err
	}
	for addr, page := range pages {
		if err := k.stopped.ForceMem(addr, page); err != nil {
			return err
		}
	}
	return nil
}

// mapObject maps a shared object over a mapping of it.
func (f *factory) mapObject(k *task, m memmap.Mapping, o *object, flags uint64) error {
	fd, err := f.descriptor(k, source{object: m.Object}, o.File)
	if err == nil {
		_, err = f.call(k, unix.SYS_MMAP, m.Start, m.End-m.Start, uint64(m.Prot), flags|unix.MAP_FIXED|unix.MAP_NORESERVE, fd, m.Offset)
	}
	if err != nil {
		return fmt.Errorf("mapping a copy of shared memory: %w", err)
	}
	return nil
}

// end ends all of a world. forget is told of its tasks.
func (r *replay) end(w *world, forget func(*task)) error {
	var errs []error
	for _, t := range w.threads {
		r.in.forget(t)
	}
	for _, k := range w.tasks {
		forget(k)
		errs = append(errs, r.factory.kill(k))
	}
	for _, o := range w.objects {
		if o != nil {
			errs = append(errs, o.leave())
		}
	}
	return errors.Join(errs...)
}

// object is shared memory: a file in memory. Worlds share one as long as none can
// change it.
type object struct {
	*os.File
	worlds *int       // that have the file
	blob   trace.Hash // its first content
}

func newObject(f *os.File, blob trace.Hash) *object {
	one := 1
	return &object{f, &one, blob}
}

// writes reports whether a task of the world can change an object.
func (w *world) writes(id uint32) bool {
	for _, k := range w.tasks {
		for _, m := range k.maps.All() {
			if m.Shared && m.Object == id && m.Prot&unix.PROT_WRITE != 0 {
				return true
			}
		}
	}
	return false
}

// forCopy is the object for a copy of a world.
func (o *object) forCopy(written bool) (*object, error) {
	if !written {
		*o.worlds++
		return &object{o.File, o.worlds, o.blob}, nil
	}
	f, err := copyFile(o.File)
	if err != nil {
		return nil, fmt.Errorf("copying shared memory: %w", err)
	}
	return newObject(f, o.blob), nil
}

// leave ends a world's part in the object.
func (o *object) leave() error {
	if *o.worlds--; *o.worlds > 0 {
		return nil
	}
	return o.Close()
}

// own makes an object the present's own, before it changes or can be changed.
func (r *replay) own(id uint32) error {
	o := r.objects[id]
	if o == nil || *o.worlds == 1 {
		return nil
	}
	own, err := o.forCopy(true)
	if err != nil {
		return err
	}
	if err := o.leave(); err != nil {
		return err
	}
	r.objects[id] = own
	for _, k := range r.tasks {
		if err := r.factory.mapAnew(k, id, own); err != nil {
			return err
		}
	}
	return r.executor.restored(id)
}

// copyFile copies a file in memory, of which only what was written is there.
func copyFile(f *os.File) (*os.File, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	fd, err := unix.MemfdCreate("object", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	c := os.NewFile(uintptr(fd), "object")
	if err := c.Truncate(size); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	buf := make([]byte, min(size, 1<<20))
	for at := int64(0); at < size; {
		start, err := unix.Seek(int(f.Fd()), at, unix.SEEK_DATA)
		if err == unix.ENXIO {
			break // nothing more
		}
		var end int64
		if err == nil {
			end, err = unix.Seek(int(f.Fd()), start, unix.SEEK_HOLE)
		}
		for at = start; err == nil && at < end; {
			var n int
			if n, err = f.ReadAt(buf[:min(end-at, int64(len(buf)))], at); err == nil {
				_, err = c.WriteAt(buf[:n], at)
			}
			at += int64(n)
		}
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	if err := copyTail(c, f, size); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// copyTail copies what lies in the last page of a file beyond its end: programs
// that map it can write there and read it again.
func copyTail(to, from *os.File, size int64) error {
	inside := size % memmap.PageSize
	if inside == 0 {
		return nil
	}
	var pages [2][]byte
	for i, f := range []*os.File{to, from} {
		page, err := unix.Mmap(int(f.Fd()), size-inside, memmap.PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			return fmt.Errorf("mapping the last page: %w", err)
		}
		defer unix.Munmap(page)
		pages[i] = page
	}
	copy(pages[0][inside:], pages[1][inside:])
	return nil
}
