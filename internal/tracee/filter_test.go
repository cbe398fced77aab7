package tracee

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// action interprets a filter as the kernel does, for one system call with its
// first argument.
func (f filter) action(t *testing.T, arch, nr uint32, ip, arg uint64) uint32 {
	t.Helper()
	data := make([]byte, 64) // struct seccomp_data
	le := binary.LittleEndian
	le.PutUint32(data[0:], nr)
	le.PutUint32(data[4:], arch)
	le.PutUint64(data[8:], ip)
	le.PutUint64(data[16:], arg)
	var acc uint32
	for pc := 0; pc < len(f); pc++ { // jumps only go forward
		switch in := f[pc]; in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			acc = le.Uint32(data[in.K:])
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			if acc == in.K {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		case unix.BPF_RET | unix.BPF_K:
			return in.K
		default:
			t.Fatalf("instruction %d has code %#x", pc, in.Code)
		}
	}
	t.Fatal("the filter ends without an answer")
	return 0
}

var actionNames = map[uint32]string{
	unix.SECCOMP_RET_ALLOW: "allow", unix.SECCOMP_RET_TRACE: "trace", unix.SECCOMP_RET_TRAP: "trap", unix.SECCOMP_RET_KILL_PROCESS: "kill",
}

// Places from which a system call may come. seccomp sees the address behind
// the instruction.
var callers = []struct {
	name string
	ip   uint64
}{
	{"gadget", gadgetNext},
	{"before the gadget", gadgetNext - 2},
	{"behind the gadget", gadgetNext + 1},
	{"gadget with a high half", gadgetNext | 1<<32},
	{"gadget with the vsyscall's high half", gadgetNext | 0xffffffff<<32},
	{"program", 0x401234},
	{"library", 0x7f3d5a91a7e2},
	{"vsyscall", vsyscallStart},
	{"nowhere", 0},
}

const (
	x86    = unix.AUDIT_ARCH_X86_64
	i386   = unix.AUDIT_ARCH_I386
	x32Bit = 0x40000000 // __X32_SYSCALL_BIT
)

// The recorder is told of every call of the program. Its own go through, and
// only they; the 32-bit gate is closed.
func TestRecordFilter(t *testing.T) {
	f := recordFilter()
	for nr := range uint32(600) {
		for _, c := range callers {
			want := uint32(unix.SECCOMP_RET_TRACE)
			if c.name == "gadget" {
				want = unix.SECCOMP_RET_ALLOW
			}
			for _, row := range []struct{ arch, nr, want uint32 }{
				{x86, nr, want},
				{x86, nr | x32Bit, want},
				{i386, nr, unix.SECCOMP_RET_TRAP},
				{0, nr, unix.SECCOMP_RET_TRAP},
			} {
				if got := f.action(t, row.arch, row.nr, c.ip, 0); got != row.want {
					t.Errorf("call %#x of architecture %#x from %s: %s, want %s", row.nr, row.arch, c.name, actionNames[got], actionNames[row.want])
				}
			}
		}
	}
}

// Replay touches nothing: but for the engine's own calls at the gadget, which
// all concern memory, every call kills the task.
func TestReplayFilter(t *testing.T) {
	allowed := []uint32{
		unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MREMAP, unix.SYS_MADVISE,
		unix.SYS_RECVMSG, unix.SYS_CLOSE,
	}
	f := replayFilter()
	for nr := range uint32(600) {
		for _, c := range callers {
			want := uint32(unix.SECCOMP_RET_KILL_PROCESS)
			switch {
			case c.ip>>32 == 0xffffffff: // only the vsyscall page lies there
				want = unix.SECCOMP_RET_TRACE
			case c.name == "gadget" && slices.Contains(allowed, nr):
				want = unix.SECCOMP_RET_ALLOW
			}
			x32 := want
			if want == unix.SECCOMP_RET_ALLOW {
				x32 = unix.SECCOMP_RET_KILL_PROCESS
			}
			for _, row := range []struct{ arch, nr, want uint32 }{
				{x86, nr, want},
				{x86, nr | x32Bit, x32},
				{i386, nr, unix.SECCOMP_RET_KILL_PROCESS},
				{0, nr, unix.SECCOMP_RET_KILL_PROCESS},
			} {
				if got := f.action(t, row.arch, row.nr, c.ip, 0); got != row.want {
					t.Errorf("call %#x of architecture %#x from %s: %s, want %s", row.nr, row.arch, c.name, actionNames[got], actionNames[row.want])
				}
			}
		}
	}
}

// The one more call is a plain fork. No other flag of clone passes, least of
// all those with which a child would share memory or escape the tracer.
func TestReplayFilterForks(t *testing.T) {
	f := replayFilter()
	const fork = uint64(unix.CLONE_PARENT) | uint64(unix.SIGCHLD)
	rows := map[uint64]uint32{
		fork: unix.SECCOMP_RET_ALLOW,
		0:    unix.SECCOMP_RET_KILL_PROCESS, uint64(unix.SIGCHLD): unix.SECCOMP_RET_KILL_PROCESS, unix.CLONE_PARENT: unix.SECCOMP_RET_KILL_PROCESS,
	}
	for bit := range 64 {
		rows[fork^1<<bit] = unix.SECCOMP_RET_KILL_PROCESS
	}
	for flags, want := range rows {
		if got := f.action(t, x86, unix.SYS_CLONE, gadgetNext, flags); got != want {
			t.Errorf("clone with flags %#x at the gadget: %s, want %s", flags, actionNames[got], actionNames[want])
		}
		if got := f.action(t, x86, unix.SYS_CLONE, 0x401234, flags); got != unix.SECCOMP_RET_KILL_PROCESS {
			t.Errorf("clone with flags %#x of the program: %s, want kill", flags, actionNames[got])
		}
	}
}

// elsewhere is a place in the engine's data pages for code of a test.
const elsewhere = Data + 0x1000

// place puts code there, followed by a breakpoint.
func place(s *Session, stub Stopped, code string) error {
	if err := stub.WriteMem(elsewhere, []byte(code+"\xcc")); err != nil {
		return err
	}
	_, err := s.Engine(stub).Call(unix.SYS_MPROTECT, elsewhere, 0x1000, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC)
	return err
}

// runAt lets the stub run at pc, with a call's number in rax, to its next stop.
func runAt(s *Session, stub Stopped, pc, nr uint64) (Stop, error) {
	var r Regs
	if err := stub.Regs(&r); err != nil {
		return Stop{}, err
	}
	r.Rip, r.Rax, r.OrigRax = pc, nr, ^uint64(0)
	if err := stub.SetRegs(&r); err != nil {
		return Stop{}, err
	}
	if _, err := stub.Resume(Continue, 0); err != nil {
		return Stop{}, err
	}
	return s.Wait(stub.TID())
}

const (
	codeSyscall = "\x0f\x05"
	codeInt80   = "\xcd\x80"
)

func TestReplayFilterOfAStub(t *testing.T) {
	filtered := func(s *Session, stub Stopped) error {
		rc, err := s.Remote(stub, nil)
		if err != nil {
			return err
		}
		return rc.FilterReplay()
	}
	t.Run("lets the engine map memory", func(t *testing.T) {
		withStub(t, func(s *Session, stub Stopped) error {
			if err := filtered(s, stub); err != nil {
				return err
			}
			g := s.Engine(stub)
			at, err := g.Call(unix.SYS_MMAP, 0x10000000, 0x3000, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED, ^uint64(0), 0)
			if err != nil || at != 0x10000000 {
				t.Errorf("mmap = %#x, %v", at, err)
			}
			if _, err := g.Call(unix.SYS_MUNMAP, 0x10000001, 0x1000); err != unix.EINVAL {
				t.Errorf("munmap of no page: %v, want EINVAL", err)
			}
			if _, err = g.Call(unix.SYS_MUNMAP, 0x10000000, 0x3000); err != nil {
				return err
			}
			return s.withCopy(stub, func(c Stopped) error {
				_, err := s.Engine(c).Call(unix.SYS_MADVISE, Data, 0x1000, unix.MADV_DONTNEED)
				return err
			})
		})
	})
	tests := []struct {
		name string
		code string // "" for the gadget
		nr   uint64
	}{
		{"getpid at the gadget", "", unix.SYS_GETPID},
		{"execve at the gadget", "", unix.SYS_EXECVE},
		{"openat at the gadget", "", unix.SYS_OPENAT},
		{"write at the gadget", "", unix.SYS_WRITE},
		{"exit at the gadget", "", unix.SYS_EXIT_GROUP},
		{"clone3 at the gadget", "", unix.SYS_CLONE3},
		{"mmap, x32", "", unix.SYS_MMAP | x32Bit},
		{"munmap from elsewhere", codeSyscall, unix.SYS_MUNMAP},
		{"clone from elsewhere", codeSyscall, unix.SYS_CLONE},
		{"getpid from elsewhere", codeSyscall, unix.SYS_GETPID},
		{"getpid through the 32-bit gate", codeInt80, 20},
	}
	for _, tt := range tests {
		t.Run("kills at "+tt.name, func(t *testing.T) {
			withStub(t, func(s *Session, stub Stopped) error {
				pc := uint64(gadget)
				if tt.code != "" {
					if err := place(s, stub, tt.code); err != nil {
						return err
					}
					pc = elsewhere
				}
				if err := filtered(s, stub); err != nil {
					return err
				}
				stop, err := runAt(s, stub, pc, tt.nr)
				if err != nil {
					return err
				}
				if stop.Kind != ExitingStop {
					t.Errorf("stopped for reason %d, signal %v; want the end", stop.Kind, stop.Signal)
					return nil
				}
				if _, err := stop.Resume(Continue, 0); err != nil {
					return err
				}
				if stop, err = s.Wait(stub.TID()); err == nil && (stop.Kind != Exited || stop.Status.Signal() != unix.SIGSYS) {
					t.Errorf("it ended with status %#x, want SIGSYS", uint32(stop.Status))
				}
				return err
			})
		})
	}
}

func TestRecordFilterOfAStub(t *testing.T) {
	withStub(t, func(s *Session, stub Stopped) error {
		if err := place(s, stub, codeSyscall); err != nil {
			return err
		}
		rc, err := s.Remote(stub, nil)
		if err != nil {
			return err
		}
		if err := errors.Join(rc.FilterRecord(), rc.Restore()); err != nil {
			return err
		}
		stop, err := runAt(s, stub, gadget, unix.SYS_GETPID)
		if err != nil {
			return err
		}
		pid, err := stub.Rax()
		if stop.Kind != SignalStop || stop.Signal != unix.SIGTRAP || int(pid) != stub.TID() {
			t.Errorf("at the gadget: stop %d with result %d, %v; want the breakpoint behind it and %d", stop.Kind, pid, err, stub.TID())
		}
		stop, err = runAt(s, stub, elsewhere, unix.SYS_GETPID)
		if err != nil {
			return err
		}
		var r Regs
		if err := stub.Regs(&r); err != nil {
			return err
		}
		if stop.Kind != SeccompStop || r.OrigRax != unix.SYS_GETPID || r.Rip != elsewhere+2 {
			return fmt.Errorf("elsewhere: stop %d with %v; want the entry of getpid", stop.Kind, &r)
		}
		// Skip the call, as the recorder answers one.
		r.OrigRax, r.Rax = ^uint64(0), 4321
		if err := stub.SetRegs(&r); err != nil {
			return err
		}
		if _, err := stub.Resume(Continue, 0); err != nil {
			return err
		}
		if stop, err = s.Wait(stub.TID()); err != nil {
			return err
		}
		if rax, err := stub.Rax(); stop.Kind != SignalStop || rax != 4321 {
			t.Errorf("behind the skipped call: stop %d, rax %d, %v; want the answer 4321", stop.Kind, rax, err)
		}
		if err := stub.WriteMem(elsewhere, []byte(codeInt80)); err != nil {
			return err
		}
		if stop, err = runAt(s, stub, elsewhere, 20); err != nil {
			return err
		}
		if stop.Kind != SignalStop || stop.Signal != unix.SIGSYS {
			t.Errorf("the 32-bit gate: stop %d, signal %v; want SIGSYS", stop.Kind, stop.Signal)
		}
		return nil
	})
}
