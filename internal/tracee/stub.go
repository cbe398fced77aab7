package tracee

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// The engine's area in every traced process: the lowest memory that a process
// may map by default (vm.mmap_min_addr). Programs are linked at 2 MiB or above,
// and nothing maps so low unless it asks for the address.
const (
	AreaStart = 0x10000
	AreaSize  = 0x10000
	AreaEnd   = AreaStart + AreaSize

	gadget     = AreaStart + 0x200 // syscall; int3
	touch      = AreaStart + 0x210 // lock orq $0, (rax); int3
	Data       = AreaStart + 0x1000
	DataSize   = AreaSize - 0x1000
	codeSize   = 0x1000
	gadgetNext = gadget + 2 // the instruction pointer that seccomp sees
)

// codePage is the page at AreaStart. As a file it is a static ELF executable:
// its header, one segment that maps the page, and an entry that waits.
var codePage = func() []byte {
	page := make([]byte, codeSize)
	le := binary.LittleEndian
	copy(page, "\x7fELF\x02\x01\x01")
	le.PutUint16(page[16:], 2)               // ET_EXEC
	le.PutUint16(page[18:], 62)              // EM_X86_64
	le.PutUint32(page[20:], 1)               // EV_CURRENT
	le.PutUint64(page[24:], AreaStart+0x100) // entry
	le.PutUint64(page[32:], 64)              // program headers
	le.PutUint16(page[52:], 64)
	le.PutUint16(page[54:], 56)
	le.PutUint16(page[56:], 1)
	ph := page[64:]
	le.PutUint32(ph[0:], 1) // PT_LOAD
	le.PutUint32(ph[4:], 5) // R X
	le.PutUint64(ph[16:], AreaStart)
	le.PutUint64(ph[24:], AreaStart)
	le.PutUint64(ph[32:], codeSize)
	le.PutUint64(ph[40:], codeSize)
	le.PutUint64(ph[48:], 0x1000)
	copy(page[0x100:], "\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7") // 1: mov $SYS_pause, %eax; syscall; jmp 1b
	copy(page[gadget-AreaStart:], "\x0f\x05\xcc")              // syscall; int3
	copy(page[touch-AreaStart:], "\xf0\x48\x83\x08\x00\xcc")   // lock orq $0, (%rax); int3
	return page
}()

// CodePage is the content of the page at AreaStart.
func CodePage() []byte { return codePage }

// SpawnConfig is what a new process inherits.
type SpawnConfig struct {
	Dir   string     // working directory, "" for the caller's
	Files []*os.File // descriptors 0, 1, 2, …
	// Apart puts the process into a session of its own, where no signals of
	// the terminal reach it.
	Apart bool
}

// Spawn starts a process that holds nothing but the engine's area and the
// kernel's own mappings, seized and stopped.
func (s *Session) Spawn(c SpawnConfig) (Stopped, error) {
	fd, err := unix.MemfdCreate("stepback", unix.MFD_CLOEXEC)
	if err != nil {
		return Stopped{}, fmt.Errorf("making the stub: %w", err)
	}
	exe := os.NewFile(uintptr(fd), "stub")
	defer exe.Close()
	if _, err := exe.Write(codePage); err != nil {
		return Stopped{}, fmt.Errorf("writing the stub: %w", err)
	}
	attr := &syscall.ProcAttr{
		Dir: c.Dir,
		Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: c.Apart},
	}
	for _, f := range c.Files {
		attr.Files = append(attr.Files, f.Fd())
	}
	pid, err := syscall.ForkExec(fmt.Sprintf("/proc/self/fd/%d", fd), []string{"stepback"}, attr)
	runtime.KeepAlive(c.Files)
	if err != nil {
		return Stopped{}, fmt.Errorf("starting a process: %w", err)
	}
	if e := seize(pid); e != 0 {
		unix.Kill(pid, unix.SIGKILL)
		unix.Wait4(pid, nil, 0, nil)
		return Stopped{}, fmt.Errorf("tracing a process of our own: %w (is ptrace forbidden here? see stepback doctor)", e)
	}
	for {
		// Any other stop, such as that of the exec which may still be under
		// way, takes a pending interrupt with it.
		if e := interrupt(pid); e != 0 {
			return Stopped{}, fmt.Errorf("stopping process %d: %w", pid, e)
		}
		stop, err := s.Wait(pid)
		if err != nil {
			return Stopped{}, err
		}
		switch stop.Kind {
		case TrapStop:
			return stop.Stopped, nil
		case Exited:
			return Stopped{}, fmt.Errorf("process %d ended before it could be traced", pid)
		}
		if _, err := stop.Resume(Continue, stop.Signal); err != nil {
			return Stopped{}, err
		}
	}
}
