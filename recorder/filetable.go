package recorder

import (
	"fmt"

	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
)

// fileTable remembers which regular file is behind a descriptor of a process,
// to see without a system call whether a write goes to a file that is mapped.
// The zero key stands for anything but a regular file.
type fileTable struct {
	known map[int32]memmap.FileID
}

func newFileTable() *fileTable { return &fileTable{known: map[int32]memmap.FileID{}} }

// clone is the table of a forked process. It starts empty: looking again is
// cheap, and most children exec.
func (f *fileTable) clone() *fileTable { return newFileTable() }

// forget drops what is known of a descriptor, all of it for -1.
func (f *fileTable) forget(fd int32) {
	if fd < 0 {
		clear(f.known)
		return
	}
	delete(f.known, fd)
}

// lookup finds the regular file behind descriptor fd of thread tid.
func (f *fileTable) lookup(tid int, fd int32) memmap.FileID {
	if k, ok := f.known[fd]; ok {
		return k
	}
	var st unix.Stat_t
	k := memmap.FileID{}
	if unix.Stat(fmt.Sprintf("/proc/%d/fd/%d", tid, fd), &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG {
		k = memmap.FileID{Dev: st.Dev, Ino: st.Ino}
	}
	f.known[fd] = k
	return k
}
