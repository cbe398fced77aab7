package recorder

import (
	"golang.org/x/sys/unix"

	"stepback/internal/memmap"
)

// fileTable remembers what is behind the descriptors of a process: whether a
// write goes to a file that is mapped, and whether a read can wait, is then
// known without a system call.
type fileTable struct {
	known map[int32]openFile
}

// openFile is a descriptor's file; the zero value stands for anything but a
// regular file.
type openFile struct {
	id       memmap.FileID
	writable bool
}

func newFileTable() *fileTable { return &fileTable{known: map[int32]openFile{}} }

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
func (f *fileTable) lookup(tid int, fd int32) openFile {
	if k, ok := f.known[fd]; ok {
		return k
	}
	var st unix.Stat_t
	k := openFile{}
	if unix.Stat(fdPath(tid, fd), &st) != nil {
		return k // not open: the number may be given to any file later
	}
	if st.Mode&unix.S_IFMT == unix.S_IFREG {
		k.id = memmap.FileID{Dev: st.Dev, Ino: st.Ino}
		// The link's own mode tells how the file was opened (proc_pid_fd(5)).
		var link unix.Stat_t
		k.writable = unix.Lstat(fdPath(tid, fd), &link) != nil || link.Mode&unix.S_IWUSR != 0
	}
	f.known[fd] = k
	return k
}

// regular reports whether the descriptor is a regular file.
func (f *fileTable) regular(tid int, fd int32) bool {
	return f.lookup(tid, fd) != openFile{}
}
