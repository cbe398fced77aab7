package recorder

import (
	"slices"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// mapFlags are the mmap flags that matter in replay.
const mapFlags = unix.MAP_SHARED | unix.MAP_PRIVATE | unix.MAP_GROWSDOWN | unix.MAP_NORESERVE

// changeSpace adds to the event what a successful system call did to the
// address space, and keeps the recorder's own list of mappings.
func (r *recorder) changeSpace(t *thread, e *trace.Event, result int64) error {
	a := t.call.regs.Args()
	s := t.space
	if t.call.regs.OrigRax == unix.SYS_BRK {
		s.setBrk(e, uint64(result))
		return nil
	}
	if result < 0 && result > -4096 {
		return r.failedChange(t, e)
	}
	addr := uint64(result)
	switch t.call.regs.OrigRax {
	case unix.SYS_MMAP:
		return r.addMapping(t, e, addr)
	case unix.SYS_MUNMAP:
		s.unmap(e, a[0], memmap.PageUp(a[1]))
	case unix.SYS_MPROTECT:
		s.protect(e, a[0], memmap.PageUp(a[1]), uint32(a[2]))
	case unix.SYS_MREMAP:
		oldLen, newLen, keep := memmap.PageUp(a[1]), memmap.PageUp(a[2]), a[3]&unix.MREMAP_DONTUNMAP != 0
		e.Ops = append(e.Ops, trace.Op{
			Kind: trace.OpRemap, Addr: a[0], Len: oldLen, NewAddr: addr, NewLen: newLen,
			Flags: uint32(a[3]) & unix.MREMAP_DONTUNMAP,
		})
		s.maps.Move(a[0], oldLen, addr, newLen, keep)
	case unix.SYS_MADVISE:
		r.advised(t, e, a[0], memmap.PageUp(a[1]), a[2])
	case unix.SYS_SHMAT:
		return r.attached(t, e, int(int32(a[0])), addr, a[2])
	case unix.SYS_SHMDT:
		r.detached(t, e, a[0])
	}
	return nil
}

// heapName is what the kernel calls the heap.
const heapName = "[heap]"

// setBrk adds the change of the heap's end to what the kernel answered.
func (s *space) setBrk(e *trace.Event, brk uint64) {
	old, now := memmap.PageUp(s.brk), memmap.PageUp(brk)
	switch {
	case s.brk == 0: // only asked for
	case now > old:
		e.Ops = append(e.Ops, trace.Op{
			Kind: trace.OpMap, Addr: old, Len: now - old,
			Prot: unix.PROT_READ | unix.PROT_WRITE, Flags: unix.MAP_PRIVATE | unix.MAP_NORESERVE, Name: heapName,
		})
		s.maps.Add(memmap.Mapping{Start: old, End: now, Prot: unix.PROT_READ | unix.PROT_WRITE, Name: heapName})
	case now < old:
		s.unmap(e, now, old-now)
	}
	s.brk = brk
}

func (s *space) unmap(e *trace.Event, addr, n uint64) {
	e.Ops = append(e.Ops, trace.Op{Kind: trace.OpUnmap, Addr: addr, Len: n})
	s.maps.Remove(addr, addr+n)
}

// advice are the madvise values that change what the program sees, now or at
// a fork; the others only concern speed.
var advice = map[uint64]bool{
	unix.MADV_DONTNEED: true, unix.MADV_REMOVE: true, unix.MADV_DONTNEED_LOCKED: true,
	unix.MADV_DONTFORK: true, unix.MADV_DOFORK: true,
	unix.MADV_WIPEONFORK: true, unix.MADV_KEEPONFORK: true,
	madvGuardInstall: true, madvGuardRemove: true,
}

// include/uapi/asm-generic/mman-common.h, Linux 6.13
const (
	madvGuardInstall = 102
	madvGuardRemove  = 103
)

func (r *recorder) advised(t *thread, e *trace.Event, addr, n, what uint64) {
	if t.call.edited {
		what = unix.MADV_DONTNEED
	}
	if advice[what] {
		e.Ops = append(e.Ops, trace.Op{Kind: trace.OpAdvise, Addr: addr, Len: n, Flags: uint32(what)})
	}
}

// failedChange adds what a call did before it failed: at a hole, for example,
// mprotect fails having changed what lies before the hole.
func (r *recorder) failedChange(t *thread, e *trace.Event) error {
	a := t.call.regs.Args()
	start, end := memmap.PageDown(a[0]), memmap.PageUp(a[0]+a[1])
	switch t.call.regs.OrigRax {
	case unix.SYS_MADVISE:
		for _, m := range t.space.maps.Overlapping(start, end) {
			from, to := max(start, m.Start), min(end, m.End)
			r.advised(t, e, from, to-from, a[2])
		}
	case unix.SYS_MPROTECT, unix.SYS_MUNMAP, unix.SYS_MREMAP:
		return r.resync(t, e, start, end)
	}
	return nil
}

// resync compares the list of mappings in [start, end) with the kernel's, and
// adds where they differ.
func (r *recorder) resync(t *thread, e *trace.Event, start, end uint64) error {
	real, err := tracee.ReadMaps(t.tid)
	if err != nil {
		return err
	}
	for _, m := range slices.Clone(t.space.maps.Overlapping(start, end)) {
		next, last := max(start, m.Start), min(end, m.End)
		for _, v := range real {
			if v.End <= next || v.Start >= last {
				continue
			}
			if v.Start > next {
				t.space.unmap(e, next, v.Start-next)
			}
			from, to := max(next, v.Start), min(last, v.End)
			if v.Prot != m.Prot {
				t.space.protect(e, from, to-from, v.Prot)
			}
			next = to
		}
		if next < last {
			t.space.unmap(e, next, last-next)
		}
	}
	return nil
}

// protect changes the protection of a range.
func (s *space) protect(e *trace.Event, addr, n uint64, prot uint32) {
	e.Ops = append(e.Ops, trace.Op{Kind: trace.OpProtect, Addr: addr, Len: n, Prot: prot})
	s.maps.Protect(addr, addr+n, prot&7)
}

// add writes a mapping of the event and keeps it.
func (s *space) add(e *trace.Event, op trace.Op, m memmap.Mapping) {
	op.Kind, op.Addr, op.Len = trace.OpMap, m.Start, m.End-m.Start
	op.Prot, op.Object, op.Name = m.Prot, m.Object, m.Name
	if m.Object != 0 {
		op.Offset = m.Offset
	}
	e.Ops = append(e.Ops, op)
	s.maps.Add(m)
}

// addMapping adds a new mapping that mmap made at addr.
func (r *recorder) addMapping(t *thread, e *trace.Event, addr uint64) error {
	a := t.call.regs.Args()
	flags := uint32(a[3])
	m := memmap.Mapping{
		Start: addr, End: addr + memmap.PageUp(a[1]), Prot: uint32(a[2]) & 7,
		Shared: isShared(flags),
	}
	if flags&unix.MAP_HUGETLB != 0 {
		m.End = addr + (a[1]+hugePage-1)&^(hugePage-1)
	}
	op := trace.Op{Flags: flags & mapFlags}
	op.Flags &^= unix.MAP_TYPE
	if m.Shared {
		op.Flags |= unix.MAP_SHARED
	} else {
		op.Flags |= unix.MAP_PRIVATE // also for MAP_DROPPABLE
	}
	if flags&unix.MAP_ANONYMOUS != 0 {
		if m.Shared {
			m.Object = r.newObject(e, m.End-m.Start, trace.Hash{})
		}
		t.space.add(e, op, m)
		return nil
	}
	m.Offset = a[5]
	return r.mapFile(t, e, op, m, int32(a[4]))
}

func isShared(mapFlags uint32) bool {
	kind := mapFlags & unix.MAP_TYPE
	return kind == unix.MAP_SHARED || kind == unix.MAP_SHARED_VALIDATE
}

// hugePage is the only size of huge pages that a program gets without asking
// for another.
const hugePage = 2 << 20

// checkMapping refuses mappings whose memory others than the program change.
func (r *recorder) checkMapping(t *thread) (bool, error) {
	a := t.call.regs.Args()
	if a[3]&(unix.MAP_FIXED|unix.MAP_FIXED_NOREPLACE) != 0 && inArea(a[0], a[1]) {
		return true, r.refuse(t, unix.ENOMEM)
	}
	if a[3]&unix.MAP_ANONYMOUS != 0 {
		return false, nil
	}
	var st unix.Stat_t
	if unix.Stat(fdPath(t.tid, int32(a[4])), &st) != nil {
		return false, nil
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		return false, nil
	case unix.S_IFCHR:
		if st.Rdev == devZero {
			return false, nil
		}
	}
	return true, r.refuse(t, unix.ENODEV)
}

// inArea reports whether the range touches the engine's area.
func inArea(addr, n uint64) bool {
	return addr < tracee.AreaEnd && memmap.PageUp(addr+n) > tracee.AreaStart
}

// guardArea refuses changes of the engine's area, which the program does not
// have.
func (r *recorder) guardArea(t *thread) (bool, error) {
	a := t.call.regs.Args()
	touched := inArea(a[0], a[1])
	if t.call.regs.OrigRax == unix.SYS_MREMAP && a[3]&unix.MREMAP_FIXED != 0 {
		touched = touched || inArea(a[4], a[2])
	}
	if !touched {
		return false, nil
	}
	return true, r.answer(t, -int64(unix.ENOMEM))
}
