package tracee

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// MemoryError says which part of a thread's memory could not be read or
// written, and why.
type MemoryError struct {
	TID   int
	Write bool
	Addr  uint64
	Len   int
	Err   error
}

func (e *MemoryError) Error() string {
	what := "reading"
	if e.Write {
		what = "writing"
	}
	return fmt.Sprintf("%s %d bytes at %#x of thread %d: %v", what, e.Len, e.Addr, e.TID, e.Err)
}

func (e *MemoryError) Unwrap() error { return e.Err }

// vm moves len(p) bytes between p and the memory at addr, and returns how
// many were moved when the rest is not accessible.
func vm(call uintptr, tid int, addr uint64, p []byte) (int, unix.Errno) {
	done := 0
	for done < len(p) {
		local := unix.Iovec{Base: &p[done], Len: uint64(len(p) - done)}
		remote := unix.RemoteIovec{Base: uintptr(addr) + uintptr(done), Len: len(p) - done}
		n, _, e := unix.RawSyscall6(call, uintptr(tid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
		if e != 0 {
			return done, e
		}
		done += int(n)
		if n == 0 {
			return done, unix.EFAULT
		}
	}
	return done, 0
}

// ReadSome reads memory and returns how much of it was readable.
func (s Stopped) ReadSome(addr uint64, p []byte) int {
	n, _ := vm(unix.SYS_PROCESS_VM_READV, s.tid, addr, p)
	return n
}

// ReadPages reads pages of memory, of the size len(p)/len(addrs) each, into p.
// Those that are not readable are taken out of addrs, and p is filled with the
// others, in their order.
func (s Stopped) ReadPages(addrs []uint64, p []byte) []uint64 {
	if len(addrs) == 0 {
		return nil
	}
	const most = 512 // IOV_MAX is 1024
	size := len(p) / len(addrs)
	var remote [most]unix.RemoteIovec
	done := 0 // pages read, which are the first of addrs
	for next := 0; next < len(addrs); {
		n := min(len(addrs)-next, most)
		for i, a := range addrs[next : next+n] {
			remote[i] = unix.RemoteIovec{Base: uintptr(a), Len: size}
		}
		local := unix.Iovec{Base: &p[done*size], Len: uint64(n * size)}
		got, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(s.tid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), uintptr(n), 0)
		read := 0
		if e == 0 {
			read = int(got) / size
		}
		copy(addrs[done:], addrs[next:next+read])
		done, next = done+read, next+read
		if read < n {
			next++ // not readable
		}
	}
	return addrs[:done]
}

// ReadMem reads len(p) bytes of memory at addr.
func (s Stopped) ReadMem(addr uint64, p []byte) error {
	if n, e := vm(unix.SYS_PROCESS_VM_READV, s.tid, addr, p); e != 0 {
		return s.memErr(false, addr, p, n, e)
	}
	return nil
}

// ReadMem reads len(p) bytes of memory at addr of a thread that is in the kernel.
func (r Running) ReadMem(addr uint64, p []byte) error { return Stopped(r).ReadMem(addr, p) }

// ReadSome is ReadMem that returns how much was readable.
func (r Running) ReadSome(addr uint64, p []byte) int { return Stopped(r).ReadSome(addr, p) }

// WriteMem writes p to memory at addr, which the program could write itself.
func (s Stopped) WriteMem(addr uint64, p []byte) error {
	if n, e := vm(unix.SYS_PROCESS_VM_WRITEV, s.tid, addr, p); e != 0 {
		return s.memErr(true, addr, p, n, e)
	}
	return nil
}

func (s Stopped) memErr(write bool, addr uint64, p []byte, n int, e unix.Errno) error {
	if e == unix.ESRCH {
		return ErrGone
	}
	return &MemoryError{TID: s.tid, Write: write, Addr: addr + uint64(n), Len: len(p) - n, Err: e}
}

// ForceMem writes p to memory at addr whatever its protection, as a debugger
// does: a private page that the thread may only read becomes its own copy.
func (s Stopped) ForceMem(addr uint64, p []byte) error {
	return s.force(os.O_WRONLY, (*os.File).WriteAt, addr, p)
}

// PeekMem reads memory at addr into p whatever its protection.
func (s Stopped) PeekMem(addr uint64, p []byte) error {
	return s.force(os.O_RDONLY, (*os.File).ReadAt, addr, p)
}

func (s Stopped) force(mode int, do func(*os.File, []byte, int64) (int, error), addr uint64, p []byte) error {
	f, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", s.tid), mode, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("opening the memory of thread %d: %w", s.tid, err)
	}
	defer f.Close()
	if _, err := do(f, p, int64(addr)); err != nil {
		return &MemoryError{TID: s.tid, Write: mode == os.O_WRONLY, Addr: addr, Len: len(p), Err: err}
	}
	return nil
}
