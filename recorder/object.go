package recorder

import (
	"fmt"
	"io"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// objectKey names what is behind shared memory: a file, or a System V segment.
type objectKey struct {
	file memmap.FileID
	shm  int
}

// object is memory that several address spaces share. In replay it is a file
// in memory; recorder and replayer number them alike.
type object struct {
	id   uint32
	size uint64
}

// shmExec is SHM_EXEC (include/uapi/linux/shm.h).
const shmExec = 0100000

var devZero = unix.Mkdev(1, 5)

func fdPath(tid int, fd int32) string { return fmt.Sprintf("/proc/%d/fd/%d", tid, fd) }

func (r *recorder) newObject(e *trace.Event, size uint64, content trace.Hash) uint32 {
	r.nextObject++
	e.Ops = append(e.Ops, trace.Op{Kind: trace.OpObject, Object: r.nextObject, Len: size, Blob: content})
	return r.nextObject
}

// live returns the object behind a file or segment while some address space
// maps it. An inode's number is its own for that long.
func (r *recorder) live(key objectKey) *object {
	o := r.objects[key]
	if o == nil {
		return nil
	}
	for s := range r.spaces {
		for _, m := range s.maps.All() {
			if m.Object == o.id {
				return o
			}
		}
	}
	delete(r.objects, key)
	return nil
}

// mapFile adds the mapping of a file.
func (r *recorder) mapFile(t *thread, e *trace.Event, op trace.Op, m memmap.Mapping, fd int32) error {
	m.Name, _ = os.Readlink(fdPath(t.tid, fd)) // for people only
	// What can be written through the descriptor may change under a private
	// mapping, which then shows it: it shares the object.
	changes := m.Shared || t.proc.files.lookup(t.tid, fd).writable
	if !changes && r.mapKnown(t, e, op, m, fdPath(t.tid, fd)) {
		return nil
	}
	f, err := os.Open(fdPath(t.tid, fd))
	if err != nil {
		// The descriptor may be gone or unreadable (write-only files cannot be
		// mapped): what was mapped is in memory.
		return r.mapContent(t, e, op, m)
	}
	defer f.Close()
	return r.mapOpen(t, e, op, m, f, changes)
}

// mapKnown adds the private mapping of a file whose content is in the
// recording already, and reports whether it is: so it is with most libraries.
func (r *recorder) mapKnown(t *thread, e *trace.Event, op trace.Op, m memmap.Mapping, path string) bool {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG || m.File.Ino != 0 && m.File.Ino != st.Ino {
		return false
	}
	m.File = memmap.FileID{Dev: st.Dev, Ino: st.Ino}
	blob, ok := r.captured(versionOf(&st, m.Offset, m.End-m.Start))
	if !ok || r.objects[objectKey{file: m.File}] != nil {
		return false
	}
	op.Blob, op.Offset = blob.hash, m.Offset-blob.from
	t.space.add(e, op, m)
	return true
}

// mapOpen adds the mapping of an open file: of an object when others may change
// it, else of the content that the file has.
func (r *recorder) mapOpen(t *thread, e *trace.Event, op trace.Op, m memmap.Mapping, f *os.File, changes bool) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return fmt.Errorf("looking at a file that is mapped: %w", err)
	}
	if st.Mode&unix.S_IFMT == unix.S_IFCHR { // /dev/zero
		if m.Shared {
			m.Object = r.newObject(e, m.End-m.Start, trace.Hash{})
		}
		m.Offset = 0
		t.space.add(e, op, m)
		return nil
	}
	m.File = memmap.FileID{Dev: st.Dev, Ino: st.Ino}
	key := objectKey{file: m.File}
	o := r.live(key)
	if o == nil && !changes {
		blob, err := r.capture(f, versionOf(&st, m.Offset, m.End-m.Start))
		if err != nil {
			return err
		}
		op.Blob, op.Offset = blob.hash, m.Offset-blob.from
		t.space.add(e, op, m)
		return nil
	}
	if o == nil {
		var err error
		if o, err = r.fileObject(t, e, f, &st); err != nil {
			return err
		}
	} else if err := r.sync(e, o, f, uint64(st.Size)); err != nil {
		return err
	}
	m.Object = o.id
	t.space.add(e, op, m)
	return nil
}

// fileObject makes the object of a file: all of it, since other parts may be
// mapped later.
func (r *recorder) fileObject(t *thread, e *trace.Event, f *os.File, st *unix.Stat_t) (*object, error) {
	file := memmap.FileID{Dev: st.Dev, Ino: st.Ino}
	whole := fileVersion{file, st.Size, st.Mtim, st.Ctim, 0, uint64(st.Size)}
	blob, err := r.capture(f, whole)
	if err != nil {
		return nil, err
	}
	r.unsettled[file] = true // from now on its times do not tell its content
	o := &object{id: r.newObject(e, uint64(st.Size), blob.hash), size: uint64(st.Size)}
	r.objects[objectKey{file: file}] = o
	r.adopt(e, t, o, file)
	return o, nil
}

// adopt maps the object where its file has been mapped privately before, in any
// address space: what others write to the object shows there, in the pages
// that the program has not made its own.
func (r *recorder) adopt(e *trace.Event, self *thread, o *object, file memmap.FileID) {
	for s := range r.spaces {
		for _, m := range slices.Clone(s.maps.All()) {
			if m.File != file || m.Object != 0 || m.Shared {
				continue
			}
			m.Object = o.id
			s.maps.Add(m)
			op := trace.Op{
				Kind: trace.OpMap, Addr: m.Start, Len: m.End - m.Start, Prot: m.Prot,
				Flags: unix.MAP_PRIVATE | unix.MAP_NORESERVE, Object: o.id, Offset: m.Offset, Name: m.Name,
			}
			if s != self.space {
				op.Space = s.id
			}
			e.Ops = append(e.Ops, op)
			r.ownPages(e, s, m)
		}
	}
}

// ownPages adds the pages of a private mapping that are the process's own.
func (r *recorder) ownPages(e *trace.Event, s *space, m memmap.Mapping) {
	for _, t := range r.threads {
		if t.space != s {
			continue
		}
		own, err := tracee.PrivatePages(t.tid, m.Start, m.End)
		if err != nil {
			continue // the thread is ending; ask another one
		}
		for i, is := range own {
			data := r.room(memmap.PageSize)
			addr := m.Start + uint64(i)*memmap.PageSize
			if is && t.readSome(addr, data) == len(data) {
				e.Writes = append(e.Writes, trace.Write{Space: s.id, Addr: addr, Data: data})
			}
		}
		return
	}
}

// sync brings an object to its file's present size.
func (r *recorder) sync(e *trace.Event, o *object, f *os.File, size uint64) error {
	if size == o.size {
		return nil
	}
	old := o.size
	o.size = size
	e.Ops = append(e.Ops, trace.Op{Kind: trace.OpResize, Object: o.id, Len: size})
	if size > old {
		return r.store(e, o, f, old, size-old)
	}
	return nil
}

// store adds [off, off+n) of a file as changed by the kernel.
func (r *recorder) store(e *trace.Event, o *object, f *os.File, off, n uint64) error {
	for n > 0 {
		part := min(n, maxWrite)
		data := r.room(int(part))
		got, err := f.ReadAt(data, int64(off))
		if err != nil && err != io.EOF {
			return fmt.Errorf("reading a mapped file: %w", err)
		}
		if got > 0 {
			e.Ops = append(e.Ops, trace.Op{Kind: trace.OpStore, Object: o.id, Offset: off, Data: data[:got]})
		}
		if uint64(got) < part {
			return nil
		}
		off, n = off+part, n-part
	}
	return nil
}

// mapContent adds a mapping with the content that its memory has.
func (r *recorder) mapContent(t *thread, e *trace.Event, op trace.Op, m memmap.Mapping) error {
	hash, n, err := r.captureMemory(t, m.Start, m.End-m.Start)
	if err != nil {
		return err
	}
	if m.Shared {
		m.Object, m.Offset = r.newObject(e, n, hash), 0
	} else {
		op.Blob, op.Offset = hash, 0
	}
	t.space.add(e, op, m)
	return nil
}

// attached adds a System V shared memory segment.
func (r *recorder) attached(t *thread, e *trace.Event, id int, addr, flags uint64) error {
	var ds [112]byte // struct shmid64_ds (include/uapi/asm-generic/shmbuf.h)
	if _, _, errno := unix.Syscall(unix.SYS_SHMCTL, uintptr(id), unix.IPC_STAT, uintptr(unsafe.Pointer(&ds))); errno != 0 {
		return fmt.Errorf("asking for the size of shared memory segment %d: %w", id, errno)
	}
	size := *(*uint64)(unsafe.Pointer(&ds[48])) // shm_segsz, behind struct ipc64_perm
	m := memmap.Mapping{Start: addr, End: addr + memmap.PageUp(size), Prot: unix.PROT_READ | unix.PROT_WRITE, Shared: true}
	if flags&unix.SHM_RDONLY != 0 {
		m.Prot = unix.PROT_READ
	}
	if flags&shmExec != 0 {
		m.Prot |= unix.PROT_EXEC
	}
	key := objectKey{shm: id + 1}
	o := r.live(key)
	if o == nil {
		hash, n, err := r.captureMemory(t, addr, m.End-m.Start)
		if err != nil {
			return err
		}
		o = &object{id: r.newObject(e, n, hash), size: n}
		r.objects[key] = o
	}
	m.Object = o.id
	t.space.add(e, trace.Op{Flags: unix.MAP_SHARED}, m)
	return nil
}

// detached removes the segment at addr, which may have holes by now.
func (r *recorder) detached(t *thread, e *trace.Event, addr uint64) {
	first, ok := t.space.maps.Find(addr)
	if !ok || first.Object == 0 {
		return
	}
	type hole struct{ addr, size uint64 }
	var gone []hole
	for _, m := range t.space.maps.Overlapping(addr, ^uint64(0)) {
		if m.Object == first.Object && m.Start-addr == m.Offset {
			gone = append(gone, hole{m.Start, m.End - m.Start})
		}
	}
	for _, h := range gone {
		t.space.unmap(e, h.addr, h.size)
	}
}
