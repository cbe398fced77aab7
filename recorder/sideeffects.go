package recorder

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
	"stepback/recorder/trace"
)

// effect is what a successful call does beside writing its outputs.
type effect func(r *recorder, t *thread, e *trace.Event, result int64) error

var effects map[uint64]effect

func init() {
	effects = map[uint64]effect{
		unix.SYS_SET_TID_ADDRESS: func(_ *recorder, t *thread, _ *trace.Event, _ int64) error {
			t.clearTID = t.call.regs.Rdi
			return nil
		},
		unix.SYS_SCHED_YIELD: func(_ *recorder, t *thread, _ *trace.Event, _ int64) error {
			t.slice = sliceEvents // its turn is over
			return nil
		},
		unix.SYS_SETRLIMIT: limitChanged,
		unix.SYS_PRLIMIT64: limitChanged,

		unix.SYS_CLOSE:       forgets(func(a [6]uint64) int32 { return int32(a[0]) }),
		unix.SYS_DUP2:        forgets(func(a [6]uint64) int32 { return int32(a[1]) }),
		unix.SYS_DUP3:        forgets(func(a [6]uint64) int32 { return int32(a[1]) }),
		unix.SYS_CLOSE_RANGE: forgets(func([6]uint64) int32 { return -1 }),
		unix.SYS_UNSHARE:     forgets(func([6]uint64) int32 { return -1 }),

		unix.SYS_WRITE:           fileWritten(0, -1),
		unix.SYS_WRITEV:          fileWritten(0, -1),
		unix.SYS_PWRITE64:        fileWritten(0, 3),
		unix.SYS_PWRITEV:         fileWritten(0, 3),
		unix.SYS_PWRITEV2:        fileWritten(0, 3),
		unix.SYS_SENDFILE:        fileChanged(0),
		unix.SYS_SPLICE:          fileChanged(2),
		unix.SYS_COPY_FILE_RANGE: fileChanged(2),
		unix.SYS_FALLOCATE:       fileChanged(0),
		unix.SYS_FTRUNCATE:       fileChanged(0),
		unix.SYS_IOCTL:           fileChanged(0), // FICLONE and its like
		unix.SYS_TRUNCATE:        pathChanged,
		unix.SYS_OPEN:            pathChanged, // O_TRUNC
		unix.SYS_OPENAT:          pathChanged,
		unix.SYS_OPENAT2:         pathChanged,
		unix.SYS_CREAT:           pathChanged,
	}
}

// sideEffects does the effect of the call that t is leaving.
func (r *recorder) sideEffects(t *thread, e *trace.Event, result int64) error {
	if result < 0 && result > -4096 && t.call.regs.OrigRax != unix.SYS_CLOSE || t.call.refused {
		return nil
	}
	if f := effects[t.call.regs.OrigRax]; f != nil {
		return f(r, t, e, result)
	}
	return nil
}

func forgets(fd func(args [6]uint64) int32) effect {
	return func(_ *recorder, t *thread, _ *trace.Event, _ int64) error {
		t.proc.files.forget(fd(t.call.regs.Args()))
		return nil
	}
}

// limitChanged keeps the limit to which the stack grows by itself.
func limitChanged(r *recorder, t *thread, e *trace.Event, _ int64) error {
	resource := t.call.regs.Rdi
	if t.call.regs.OrigRax == unix.SYS_PRLIMIT64 {
		resource = t.call.regs.Rsi
	}
	if resource != unix.RLIMIT_STACK {
		return nil
	}
	limit, err := stackLimit(t.tid)
	e.Ops = append(e.Ops, trace.Op{Kind: trace.OpLimit, Len: limit})
	return err
}

// A file that is mapped changes when it is written by a system call. All its
// mappings, also the private ones, get the new content by way of its object.

// fileWritten is the effect of a write of result bytes to the file behind
// argument fd, at the offset in argument off, or at the file's position for
// -1.
func fileWritten(fd, off int) effect {
	return func(r *recorder, t *thread, e *trace.Event, result int64) error {
		a := t.call.regs.Args()
		file := r.mappedFile(t, int32(a[fd]))
		if file == (memmap.FileID{}) || result <= 0 {
			return nil
		}
		path, n := fdPath(t.tid, int32(a[fd])), uint64(result)
		flags, err := fdInfo(t.tid, int32(a[fd]), "flags", 8)
		if err != nil {
			return err
		}
		appends := flags&unix.O_APPEND != 0 || t.call.regs.OrigRax == unix.SYS_PWRITEV2 && a[5]&rwfAppend != 0
		if off >= 0 && int64(a[off]) >= 0 && appends {
			// It went to the end, whatever the offset says.
			return r.refresh(t, e, path, file, 0, ^uint64(0))
		}
		if off >= 0 && int64(a[off]) >= 0 {
			return r.refresh(t, e, path, file, a[off], n)
		}
		pos, err := fdInfo(t.tid, int32(a[fd]), "pos", 10)
		if err != nil {
			return err
		}
		return r.refresh(t, e, path, file, pos-n, n)
	}
}

// rwfAppend is RWF_APPEND (include/uapi/linux/fs.h).
const rwfAppend = 0x10

// fileChanged is the effect of a call that changes the file behind argument fd
// somewhere.
func fileChanged(fd int) effect {
	return func(r *recorder, t *thread, e *trace.Event, _ int64) error {
		a := t.call.regs.Args()
		file := r.mappedFile(t, int32(a[fd]))
		if file == (memmap.FileID{}) {
			return nil
		}
		return r.refresh(t, e, fdPath(t.tid, int32(a[fd])), file, 0, ^uint64(0))
	}
}

// pathChanged is the effect of a call that may truncate the file that a path
// names.
func pathChanged(r *recorder, t *thread, e *trace.Event, result int64) error {
	a := t.call.regs.Args()
	switch t.call.regs.OrigRax {
	case unix.SYS_OPEN:
		if a[1]&unix.O_TRUNC == 0 {
			return nil
		}
	case unix.SYS_OPENAT:
		if a[2]&unix.O_TRUNC == 0 {
			return nil
		}
	case unix.SYS_TRUNCATE:
		path := readString(t.stopped, a[0])
		if path == "" {
			return nil
		}
		if path[0] != '/' {
			path = fmt.Sprintf("/proc/%d/cwd/%s", t.tid, path)
		}
		var st unix.Stat_t
		if unix.Stat(path, &st) != nil {
			return nil
		}
		file := memmap.FileID{Dev: st.Dev, Ino: st.Ino}
		if !r.isMapped(file) {
			return nil
		}
		return r.refresh(t, e, path, file, 0, ^uint64(0))
	}
	file := r.mappedFile(t, int32(result))
	if file == (memmap.FileID{}) {
		return nil
	}
	return r.refresh(t, e, fdPath(t.tid, int32(result)), file, 0, ^uint64(0))
}

// mappedFile is the regular file behind a descriptor when some address space
// maps it, else zero.
func (r *recorder) mappedFile(t *thread, fd int32) memmap.FileID {
	file := t.proc.files.lookup(t.tid, fd).id
	if file == (memmap.FileID{}) || !r.isMapped(file) {
		return memmap.FileID{}
	}
	return file
}

func (r *recorder) isMapped(file memmap.FileID) bool {
	for s := range r.spaces {
		for _, m := range s.maps.All() {
			if m.File == file {
				return true
			}
		}
	}
	return false
}

// refresh adds [from, from+n) of a mapped file as changed.
func (r *recorder) refresh(t *thread, e *trace.Event, path string, file memmap.FileID, from, n uint64) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening a mapped file that was written: %w", err)
	}
	defer f.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return fmt.Errorf("looking at a mapped file that was written: %w", err)
	}
	size := uint64(st.Size)
	end := size
	if n < size && from+n < size {
		end = from + n
	}
	o := r.live(objectKey{file: file})
	if o == nil {
		// Only mapped privately until now, as it was: it is an object from now on.
		_, err := r.fileObject(t, e, f, &st)
		return err
	}
	if o.size != size {
		e.Ops = append(e.Ops, trace.Op{Kind: trace.OpResize, Object: o.id, Len: size})
		o.size = size
	}
	if from < end {
		return r.store(e, o, f, from, end-from)
	}
	return nil
}
