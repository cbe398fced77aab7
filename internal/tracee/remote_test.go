package tracee

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// programRegs are registers that tell one another apart and can be loaded.
func programRegs() Regs {
	r := Regs{Cs: 0x33, Ss: 0x2b, Eflags: 0x202, OrigRax: ^uint64(0), FsBase: 0x7000, GsBase: 0x8000}
	for i, p := range []*uint64{
		&r.R15, &r.R14, &r.R13, &r.R12, &r.Rbp, &r.Rbx, &r.R11, &r.R10, &r.R9, &r.R8, &r.Rax, &r.Rcx, &r.Rdx, &r.Rsi, &r.Rdi,
	} {
		*p = 0x1111111111111111 * uint64(i)
	}
	r.Rip, r.Rsp = AreaStart+0x109, AreaEnd-0x100
	return r
}

func TestRemoteKeepsRegisters(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		want := programRegs()
		if err := stub.SetRegs(&want); err != nil {
			return err
		}
		rc, err := s.Remote(stub, nil)
		if err != nil {
			return err
		}
		if *rc.Saved() != want {
			t.Errorf("saved are %+v, want %+v", *rc.Saved(), want)
		}
		for range 3 {
			if pid, err := rc.Call(unix.SYS_GETPID); err != nil || int(pid) != stub.TID() {
				t.Errorf("getpid = %d, %v; want %d", pid, err, stub.TID())
			}
		}
		if _, err := rc.Call(unix.SYS_CLOSE, ^uint64(0)); err != unix.EBADF {
			t.Errorf("close(-1): %v, want EBADF", err)
		}
		if at, err := rc.Call(unix.SYS_MMAP, 0x20000000, 0x1000, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED, ^uint64(0), 0); err != nil || at != 0x20000000 {
			t.Errorf("mmap with six arguments = %#x, %v", at, err)
		}
		if err := rc.Restore(); err != nil {
			return err
		}
		var got Regs
		if err := stub.Regs(&got); err != nil {
			return err
		}
		if name, g, w := got.Diff(&want); name != "" {
			t.Errorf("afterwards %s is %#x, was %#x", name, g, w)
		}
		return nil
	})
}

// Where the gadget is not mapped, the instruction at the thread's own pc lends
// its place.
func TestRemoteBootstrap(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		regs := programRegs()
		if err := stub.SetRegs(&regs); err != nil {
			return err
		}
		rc, err := s.Remote(stub, nil)
		if err != nil {
			return err
		}
		if pid, err := rc.Bootstrap(unix.SYS_GETPID); err != nil || int(pid) != stub.TID() {
			t.Errorf("getpid = %d, %v; want %d", pid, err, stub.TID())
		}
		if _, err := rc.Bootstrap(unix.SYS_CLOSE, ^uint64(0)); err != unix.EBADF {
			t.Errorf("close(-1): %v, want EBADF", err)
		}
		if err := rc.Restore(); err != nil {
			return err
		}
		page := make([]byte, len(codePage))
		if err := stub.ReadMem(AreaStart, page); err != nil {
			return err
		}
		if !bytes.Equal(page, codePage) {
			t.Error("the borrowed instruction was not put back")
		}
		return nil
	})
}

// Signals that come while the engine uses the thread are kept, in their order.
func TestRemoteKeepsSignals(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		var got []int
		rc, err := s.Remote(stub, func(i SigInfo) { got = append(got, i.Number()) })
		if err != nil {
			return err
		}
		unix.Kill(stub.TID(), unix.SIGUSR1)
		unix.Kill(stub.TID(), unix.SIGWINCH) // would be ignored, but a tracer sees it
		unix.Kill(stub.TID(), unix.SIGUSR2)
		if pid, err := rc.Call(unix.SYS_GETPID); err != nil || int(pid) != stub.TID() {
			t.Errorf("getpid = %d, %v; want %d", pid, err, stub.TID())
		}
		want := []int{int(unix.SIGUSR1), int(unix.SIGUSR2), int(unix.SIGWINCH)} // the kernel's order is by number
		if !slices.Equal(got, want) {
			t.Errorf("kept %v, want %v", got, want)
		}
		unix.Kill(stub.TID(), unix.SIGUSR1)
		if rc, err = s.Remote(stub, nil); err != nil {
			return err
		}
		if _, err := rc.Call(unix.SYS_GETPID); err == nil || !strings.Contains(err.Error(), "unexpected signal") {
			t.Errorf("a signal that nobody takes: %v", err)
		}
		return nil
	})
}

func TestRemoteExec(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		path := uint64(Data)
		if err := stub.WriteMem(path, []byte("/proc/self/exe\x00")); err != nil {
			return err
		}
		rc, err := s.Remote(stub, nil)
		if err != nil {
			return err
		}
		if _, err := rc.Call(unix.SYS_EXECVE, path, 0, 0); err != ErrReplaced {
			t.Errorf("execve: %v, want ErrReplaced", err)
		}
		return nil
	})
}

func TestMapArea(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		rc, err := s.Remote(stub, nil)
		if err != nil {
			return err
		}
		err = rc.MapArea(false)
		if !errors.Is(err, unix.EEXIST) || !strings.Contains(err.Error(), fmt.Sprintf("%#x", uint64(Data))) {
			t.Errorf("mapping the area twice: %v; want EEXIST with the address", err)
		}
		// A program that has nothing there, as behind an exec.
		if _, err := rc.Call(unix.SYS_MUNMAP, Data, DataSize); err != nil {
			return err
		}
		return rc.MapArea(false)
	})
}

func TestEngineTouch(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		const page, at = 0x1000, 0x20000000
		g := s.Engine(stub)
		if _, err := g.Call(unix.SYS_MMAP, at, page, unix.PROT_READ|unix.PROT_WRITE,
			unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED|unix.MAP_GROWSDOWN, ^uint64(0), 0); err != nil {
			return err
		}
		if err := stub.WriteMem(at, []byte("content!")); err != nil {
			return err
		}
		if _, err := g.Call(unix.SYS_MMAP, at+page, page, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED, ^uint64(0), 0); err != nil {
			return err
		}
		start := func() uint64 {
			maps, err := ReadMaps(stub.TID())
			if err != nil {
				t.Error(err)
			}
			for _, m := range maps {
				if m.Start <= at && m.End > at {
					return m.Start
				}
			}
			return 0
		}
		for _, tt := range []struct {
			what  string
			addr  uint64
			ok    bool
			start uint64
		}{
			{"a page that is there", at, true, at},
			{"the page below it", at - page, true, at - page},
			{"a page further down", at - 5*page, true, at - 5*page},
			{"a page that may only be read", at + page, false, at - 5*page},
			{"nothing", at + 2*page, false, at - 5*page},
		} {
			ok, err := g.Touch(tt.addr)
			if err != nil || ok != tt.ok {
				t.Errorf("touching %s: %v, %v; want %v", tt.what, ok, err, tt.ok)
			}
			if got := start(); got != tt.start {
				t.Errorf("having touched %s, the mapping starts at %#x, want %#x", tt.what, got, tt.start)
			}
		}
		var got [8]byte
		if err := stub.ReadMem(at, got[:]); err != nil || string(got[:]) != "content!" {
			t.Errorf("touching changed the content to %q, %v", got, err)
		}
		return nil
	})
}

func TestEngineFork(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		const private, shared = Data, 0x20000000
		g := s.Engine(stub)
		if _, err := g.Call(unix.SYS_MMAP, shared, 0x1000, unix.PROT_READ|unix.PROT_WRITE,
			unix.MAP_SHARED|unix.MAP_ANONYMOUS|unix.MAP_FIXED, ^uint64(0), 0); err != nil {
			return err
		}
		write := func(who Stopped, v uint64) error {
			p := binary.LittleEndian.AppendUint64(nil, v)
			return errors.Join(who.WriteMem(private, p), who.WriteMem(shared, p))
		}
		read := func(who Stopped, addr uint64) uint64 {
			var p [8]byte
			if err := who.ReadMem(addr, p[:]); err != nil {
				t.Error(err)
			}
			return binary.LittleEndian.Uint64(p[:])
		}
		if err := write(stub, 1); err != nil {
			return err
		}
		c, err := g.Fork()
		if err != nil {
			return err
		}
		if p := parentOf(t, c.TID()); p != os.Getpid() {
			t.Errorf("the copy's parent is %d; want its tracer, %d", p, os.Getpid())
		}
		if got := read(c, private); got != 1 {
			t.Errorf("the copy's memory has %d, want 1", got)
		}
		if err := write(c, 2); err != nil {
			return err
		}
		if got := read(stub, private); got != 1 {
			t.Errorf("a write to the copy changed private memory to %d", got)
		}
		if got := read(stub, shared); got != 2 {
			t.Errorf("a write to the copy left shared memory at %d", got)
		}
		// Both work for the engine, and so does a copy of the copy.
		if _, err := s.Engine(c).Call(unix.SYS_MUNMAP, shared, 0x1000); err != nil {
			t.Errorf("a call of the copy: %v", err)
		}
		if got := read(stub, shared); got != 2 {
			t.Errorf("a mapping of the copy is the original's: %d", got)
		}
		cc, err := s.Engine(c).Fork()
		if err != nil {
			return err
		}
		if err := s.Engine(c).Kill(); err != nil {
			return err
		}
		if got := read(cc, private); got != 2 {
			t.Errorf("the copy's copy has %d, want 2", got)
		}
		if _, err := g.Call(unix.SYS_MUNMAP, shared, 0x1000); err != nil {
			t.Errorf("a call of the original: %v", err)
		}
		return s.Engine(cc).Kill()
	})
}

// parentOf is field 4 of /proc/PID/stat.
func parentOf(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Error(err)
		return 0
	}
	var state string
	var ppid int
	if _, err := fmt.Sscan(string(b[bytes.LastIndexByte(b, ')')+1:]), &state, &ppid); err != nil {
		t.Error(err)
	}
	return ppid
}

func TestEngineKill(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		c, err := s.Engine(stub).Fork()
		if err != nil {
			return err
		}
		if err := s.Engine(c).Kill(); err != nil {
			return err
		}
		if err := unix.Kill(c.TID(), 0); err != unix.ESRCH {
			t.Errorf("the killed task still answers: %v", err)
		}
		if err := s.Engine(c).Kill(); err != ErrGone {
			t.Errorf("killing it again: %v, want ErrGone", err)
		}
		return nil
	})
}

// A task that somebody killed, or that its filter did, can be ended in the
// usual way, wherever it stands by then.
func TestEngineKillOfTheDying(t *testing.T) {
	needPtrace(t)
	for what, die := range map[string]func(*Session, Stopped) error{
		"killed while it is stopped": func(s *Session, stub Stopped) error { return unix.Kill(stub.TID(), unix.SIGKILL) },
		"killed, and asked to work": func(s *Session, stub Stopped) error {
			unix.Kill(stub.TID(), unix.SIGKILL)
			_, err := s.Engine(stub).Call(unix.SYS_MUNMAP, 0x10000000, 0x1000)
			if err == nil {
				t.Error("a call of a killed task succeeds")
			}
			return nil
		},
		"killed by its filter": func(s *Session, stub Stopped) error {
			rc, err := s.Remote(stub, nil)
			if err != nil {
				return err
			}
			if err := rc.FilterReplay(); err != nil {
				return err
			}
			if _, err := s.Engine(stub).Call(unix.SYS_GETPID); err == nil {
				t.Error("a call that the filter forbids succeeds")
			}
			return nil
		},
	} {
		err := Run(func(s *Session) error {
			stub, err := spawnWithArea(s)
			if err != nil {
				return err
			}
			if err := die(s, stub); err != nil {
				return err
			}
			return s.Engine(stub).Kill()
		})
		if err != nil && err != ErrGone {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A thread that somebody kills while it is stopped answers ErrGone to every
// request; that it ended arrives through Wait.
func TestGone(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		x, err := stub.XState(nil)
		if err != nil {
			return err
		}
		end := watchExit(t, stub.TID())
		unix.Kill(stub.TID(), unix.SIGKILL)
		stop, err := s.Wait(stub.TID())
		if err != nil {
			return err
		}
		if stop.Kind == ExitingStop { // not every kernel stops there
			if status, err := stop.EventMessage(); err != nil || status != uint64(unix.SIGKILL) {
				t.Errorf("it ends with status %#x, %v; want SIGKILL", status, err)
			}
			if _, err := stop.Resume(Continue, 0); err != nil {
				return err
			}
			end.wait(t)
		}
		var r Regs
		var info SigInfo
		var p [8]byte
		for name, f := range map[string]func() error{
			"Regs":         func() error { return stub.Regs(&r) },
			"SetRegs":      func() error { return stub.SetRegs(&r) },
			"Rax":          func() error { _, err := stub.Rax(); return err },
			"SetRax":       func() error { return stub.SetRax(1) },
			"EventMessage": func() error { _, err := stub.EventMessage(); return err },
			"SigInfo":      func() error { return stub.SigInfo(&info) },
			"SetSigInfo":   func() error { return stub.SetSigInfo(&info) },
			"SigMask":      func() error { _, err := stub.SigMask(); return err },
			"XState":       func() error { _, err := stub.XState(nil); return err },
			"VectorHash":   func() error { _, _, err := stub.VectorHash(x); return err },
			"SetXState":    func() error { return stub.SetXState(x) },
			"ReadMem":      func() error { return stub.ReadMem(Data, p[:]) },
			"WriteMem":     func() error { return stub.WriteMem(Data, p[:]) },
			"Resume":       func() error { _, err := stub.Resume(Continue, 0); return err },
			"Remote":       func() error { _, err := s.Remote(stub, nil); return err },
			"Engine.Call":  func() error { _, err := s.Engine(stub).Call(unix.SYS_GETPID); return err },
			"Engine.Touch": func() error { _, err := s.Engine(stub).Touch(Data); return err },
		} {
			if err := f(); !errors.Is(err, ErrGone) {
				t.Errorf("%s: %v, want ErrGone", name, err)
			}
		}
		if n := stub.ReadSome(Data, p[:]); n != 0 {
			t.Errorf("ReadSome read %d bytes", n)
		}
		if stop.Kind == Exited {
			return nil
		}
		if stop, err = s.Wait(stub.TID()); err == nil && (stop.Kind != Exited || stop.Status.Signal() != unix.SIGKILL) {
			t.Errorf("it ended as %+v, want by SIGKILL", stop)
		}
		return err
	})
}
