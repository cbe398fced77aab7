package recorder

import (
	"debug/elf"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// specials are looked at before the call is run. done means that the special
// dealt with the call.
var specials map[uint64]func(*recorder, *thread) (done bool, err error)

func init() {
	specials = map[uint64]func(*recorder, *thread) (bool, error){
		unix.SYS_SCHED_SETAFFINITY: (*recorder).keepAffinity,
		unix.SYS_MADVISE:           (*recorder).noLazyFree,
		unix.SYS_PRCTL:             (*recorder).stayDumpable,
		unix.SYS_EXECVE:            (*recorder).checkProgram,
		unix.SYS_EXECVEAT:          (*recorder).checkProgram,
		unix.SYS_MMAP:              (*recorder).checkMapping,
		unix.SYS_CLONE:             (*recorder).checkClone,
		unix.SYS_BRK:               (*recorder).learnBrk,
		unix.SYS_OPEN:              checkOpen(0, 1),
		unix.SYS_OPENAT:            checkOpen(1, 2),
		unix.SYS_FCNTL:             noDirect(2),
		unix.SYS_MUNMAP:            (*recorder).guardArea,
		unix.SYS_MPROTECT:          (*recorder).guardArea,
		unix.SYS_MREMAP:            (*recorder).guardArea,
	}
}

func isExec(nr uint64) bool { return nr == unix.SYS_EXECVE || nr == unix.SYS_EXECVEAT }

// keepAffinity answers sched_setaffinity without moving the thread from the
// CPU on which all are recorded.
func (r *recorder) keepAffinity(t *thread) (bool, error) { return true, r.answer(t, 0) }

// noLazyFree turns MADV_FREE, which lets the kernel take pages at any later
// time, into MADV_DONTNEED, which takes them now: the program has to reckon
// with that.
func (r *recorder) noLazyFree(t *thread) (bool, error) {
	if t.call.regs.Rdx != unix.MADV_FREE {
		return r.guardArea(t)
	}
	return false, t.edit(2, unix.MADV_DONTNEED)
}

// edit changes an argument of the call for the kernel only.
func (t *thread) edit(arg int, v uint64) error {
	t.call.edited = true
	regs := t.call.regs
	regs.SetArg(arg, v)
	return t.stopped.SetRegs(&regs)
}

// checkOpen refuses to open the memory of a process for writing: what is
// written there is written by no system call that the recorder follows.
func checkOpen(path, flags int) func(*recorder, *thread) (bool, error) {
	direct := noDirect(flags)
	return func(r *recorder, t *thread) (bool, error) {
		a := t.call.regs.Args()
		if a[flags]&unix.O_ACCMODE != unix.O_RDONLY {
			name := readString(t.stopped, a[path])
			if strings.HasPrefix(name, "/proc/") && strings.HasSuffix(name, "/mem") {
				r.warn("%s cannot be opened for writing while it is recorded; it answers EACCES to the program", name)
				r.refused["open of /proc/PID/mem for writing"]++
				t.call.refused = true
				return true, r.answer(t, -int64(unix.EACCES))
			}
		}
		return direct(r, t)
	}
}

// noDirect takes O_DIRECT from the flags of an open file: a direct read may
// write more of the buffer than it says.
func noDirect(arg int) func(*recorder, *thread) (bool, error) {
	return func(_ *recorder, t *thread) (bool, error) {
		a := t.call.regs.Args()
		if a[arg]&unix.O_DIRECT == 0 || t.call.regs.OrigRax == unix.SYS_FCNTL && a[1] != unix.F_SETFL {
			return false, nil
		}
		return false, t.edit(arg, a[arg]&^uint64(unix.O_DIRECT))
	}
}

// stayDumpable answers PR_SET_DUMPABLE without doing it: the memory of a
// process that is not dumpable is closed to its tracer.
func (r *recorder) stayDumpable(t *thread) (bool, error) {
	if t.call.regs.Rdi != unix.PR_SET_DUMPABLE || t.call.regs.Rsi > 1 {
		return false, nil
	}
	return true, r.answer(t, 0)
}

// checkClone refuses the one flag with which a child would escape.
func (r *recorder) checkClone(t *thread) (bool, error) {
	if t.call.regs.Rdi&unix.CLONE_UNTRACED == 0 {
		return false, nil
	}
	return true, r.refuse(t, unix.EINVAL)
}

// learnBrk finds out where the heap ends before it changes for the first time.
func (r *recorder) learnBrk(t *thread) (bool, error) {
	if t.space.brk != 0 || t.call.regs.Rdi == 0 {
		return false, nil
	}
	brk, err := startBrk(t.tid)
	t.space.brk = brk
	return false, err
}

// checkProgram refuses a 32-bit program by name, and warns of one that would
// have gained privileges.
func (r *recorder) checkProgram(t *thread) (bool, error) {
	t.execWrites = nil
	if t.space.threads > 1 {
		t.execWrites = r.exitWrites(t) // the kernel's farewell to the old memory
	}
	regs := &t.call.regs
	dir, path := int64(unix.AT_FDCWD), regs.Rdi
	if regs.OrigRax == unix.SYS_EXECVEAT {
		dir, path = int64(int32(regs.Rdi)), regs.Rsi
	}
	name := readString(t.stopped, path)
	if name == "" {
		return false, nil
	}
	base := fmt.Sprintf("/proc/%d/cwd/", t.tid)
	if dir != unix.AT_FDCWD {
		base = fmt.Sprintf("/proc/%d/fd/%d/", t.tid, dir)
	}
	file := base + name
	if name[0] == '/' {
		file = fmt.Sprintf("/proc/%d/root%s", t.tid, name)
	}
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return false, nil // the kernel will say so
	}
	if Is32Bit(file) {
		r.warn("%s is a 32-bit program, which cannot be recorded; it answers ENOEXEC to the program", name)
		r.refused["execve of a 32-bit program"]++
		t.call.refused = true
		return true, r.answer(t, -int64(unix.ENOEXEC))
	}
	if unix.Access(file, unix.R_OK) != nil {
		r.warn("%s can be executed but not read, and so not be recorded; it answers EACCES to the program", name)
		r.refused["execve of an unreadable program"]++
		t.call.refused = true
		return true, r.answer(t, -int64(unix.EACCES))
	}
	if info.Mode()&(os.ModeSetuid|os.ModeSetgid) != 0 && os.Geteuid() != 0 {
		r.warn("%s is set-user-ID or set-group-ID; while it is recorded it runs without these privileges", name)
	}
	return false, nil
}

// Is32Bit reports whether the file is an ELF program that is not for x86-64: a
// 32-bit one, or one for another machine.
func Is32Bit(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [20]byte
	if _, err := f.ReadAt(head[:], 0); err != nil || string(head[:4]) != elf.ELFMAG {
		return false
	}
	return elf.Class(head[elf.EI_CLASS]) != elf.ELFCLASS64 || elf.Machine(head[18])|elf.Machine(head[19])<<8 != elf.EM_X86_64
}

// readString reads a path of the program, "" when there is none.
func readString(s tracee.Stopped, addr uint64) string {
	buf := make([]byte, unix.PathMax)
	n := s.ReadSome(addr, buf)
	for i, c := range buf[:n] {
		if c == 0 {
			return string(buf[:i])
		}
	}
	return ""
}
