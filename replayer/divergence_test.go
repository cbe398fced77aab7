package replayer_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// anyRegister stands for the register that the compiler chose.
const anyRegister = "any"

// expectDivergence replays the scene, which must disagree at the event, with
// the register ("" for none).
func (s *scene) expectDivergence(t *testing.T, event int, register string) *replayer.Divergence {
	t.Helper()
	done, err := replay(t, s.save(t), replayer.Options{SyscallName: func(nr uint64) string { return fmt.Sprintf("call-%d", nr) }})
	var d *replayer.Divergence
	if !errors.As(err, &d) {
		t.Errorf("the result is %v, want a divergence at event %d", err, event)
		return &replayer.Divergence{}
	}
	e := &s.events[event]
	if register == anyRegister && d.Register != "" {
		register = d.Register
	}
	if d.Event != uint64(event) || d.Register != register || d.TID != e.TID || d.Kind != e.Kind.String() {
		t.Errorf("divergence at event %d (%s) of thread %d, register %q; want event %d (%s) of thread %d, register %q:\n%v",
			d.Event, d.Kind, d.TID, d.Register, event, e.Kind, e.TID, register, d)
	}
	if done != uint64(event) {
		t.Errorf("%d events agreed, want %d", done, event)
	}
	for _, want := range []string{fmt.Sprintf("event %d", event), e.Kind.String(), fmt.Sprintf("thread %d", e.TID)} {
		if !strings.Contains(d.Error(), want) {
			t.Errorf("the message %q does not tell the %s", d.Error(), want)
		}
	}
	return d
}

func TestUnchanged(t *testing.T) {
	s := newScene(t)
	for range 2 {
		if n, err := replay(t, s.save(t), replayer.Options{}); err != nil || n != uint64(len(s.events)) {
			t.Errorf("%d of %d events agree, %v", n, len(s.events), err)
		}
	}
}

// A recording that ends early, as a killed recorder leaves it, agrees as far
// as it goes.
func TestPrefix(t *testing.T) {
	s := newScene(t)
	all := s.events
	for _, n := range []int{0, 1, 2, s.call(t, unix.SYS_GETEUID), s.call(t, unix.SYS_GETPGID), len(all) - 1} {
		s.events = all[:n]
		if done, err := replay(t, s.save(t), replayer.Options{}); err != nil || done != uint64(n) {
			t.Errorf("the first %d events: %d agree, %v", n, done, err)
		}
	}
}

// Each register is compared on arrival.
func TestRegisterOnArrival(t *testing.T) {
	for i, name := range tracee.RegNames {
		s := newScene(t)
		at := s.call(t, unix.SYS_GETEUID)
		was := s.events[at].Before.Words()[i]
		s.events[at].Before.Words()[i] ^= 4
		d := s.expectDivergence(t, at, name)
		if d.Recorded != was^4 || d.Replayed != was || d.Syscall == "" {
			t.Errorf("%s: %+v; want recorded %#x, replayed %#x", name, d, was^4, was)
		}
	}
}

// Registers are compared at every kind of event.
func TestRegisterOnArrivalByKind(t *testing.T) {
	tests := []struct {
		what string
		is   func(*trace.Event) bool
	}{
		{"system call", func(e *trace.Event) bool { return e.Kind == trace.Syscall }},
		{"entry of a call", func(e *trace.Event) bool { return e.Kind == trace.Enter }},
		{"return of a call", func(e *trace.Event) bool { return e.Kind == trace.Return }},
		{"trapped instruction", func(e *trace.Event) bool { return e.Kind == trace.Trap }},
		{"fault", func(e *trace.Event) bool { return e.Kind == trace.Signal && e.Signal.Synchronous }},
		{"signal at an event", func(e *trace.Event) bool { return e.Kind == trace.Signal && !e.Signal.Synchronous }},
	}
	for _, tt := range tests {
		s := newScene(t)
		at := s.find(t, tt.what, tt.is)
		s.events[at].Before.R12 ^= 1
		s.expectDivergence(t, at, "r12")
	}
}

// A register with which a thread goes on shows at its next event.
func TestRegisterOnLeaving(t *testing.T) {
	for i, name := range tracee.RegNames {
		switch name {
		case "rax", "rcx", "r11", "orig_rax": // the next call changes them
			continue
		case "rip", "eflags", "cs", "ss", "ds", "es", "fs", "gs": // other code, or no code
			continue
		}
		s := newScene(t)
		at := s.call(t, unix.SYS_GETEUID)
		s.events[at].After.Words()[i] ^= 0x1000
		s.expectDivergence(t, s.next(t, at), name)
	}
}

// Each of these mistakes shows at the first event that it can reach.
func TestSabotage(t *testing.T) {
	tests := []struct {
		what string
		do   func(*testing.T, *scene) (event int, register string)
	}{
		{"the first byte that a read brought", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETUID)
			s.events[at-1].Writes[0].Data[0] ^= 1
			return at, "xstate"
		}},
		{"the last byte that a read brought", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETUID)
			s.events[at-1].Writes[0].Data[15] ^= 1
			return at, "xstate"
		}},
		{"the same byte, and the hash that it had in the vector register", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETUID)
			s.events[at-1].Writes[0].Data[15] ^= 1
			s.events[at].Vector = 0 // none was taken
			return s.call(t, unix.SYS_GETSID), "rdi"
		}},
		{"a write that is missing", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETUID)
			s.events[at-1].Writes = nil
			return at, "xstate"
		}},
		{"a write to another place", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETUID)
			s.events[at-1].Writes[0].Addr -= 1
			return at, "xstate"
		}},
		{"the hash of the vector state", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETEUID)
			s.events[at].Vector ^= 1 << 40
			return at, "xstate"
		}},
		{"the hash of the vector state at a fault", func(t *testing.T, s *scene) (int, string) {
			at := s.find(t, "fault", func(e *trace.Event) bool { return e.Kind == trace.Signal && e.Signal.Synchronous })
			s.events[at].Vector ^= 1 << 40
			return at, "xstate"
		}},
		{"the vector state that a signal's end gives back", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_RT_SIGRETURN)
			x := s.events[at].XState
			binary.LittleEndian.PutUint64(x[512:], binary.LittleEndian.Uint64(x[512:])|2) // SSE is in use
			x[160] ^= 1
			return s.next(t, at), "xstate"
		}},
		{"the time that rdtsc told", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETPRIORITY)
			s.events[at-1].After.Rax++
			return at, "rsi"
		}},
		{"a system call that is missing", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETEUID)
			s.drop(at)
			return at, "rcx" // the address behind the call
		}},
		{"a trapped instruction that is missing", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETPRIORITY) - 1
			s.drop(at)
			return at, "rip"
		}},
		{"a fault that is missing", func(t *testing.T, s *scene) (int, string) {
			at := s.find(t, "fault", func(e *trace.Event) bool { return e.Kind == trace.Signal && e.Signal.Synchronous })
			s.drop(at)
			return at, "rip"
		}},
		{"a system call too many", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETGID)
			s.events[at+1] = clone(&s.events[at])
			return at + 1, anyRegister // the next call, mmap, comes here
		}},
		{"two calls of a thread in the wrong order", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETEUID)
			s.events[at], s.events[at+1] = s.events[at+1], s.events[at]
			return at, "rcx"
		}},
		{"another signal than the fault's", func(t *testing.T, s *scene) (int, string) {
			at := s.find(t, "fault", func(e *trace.Event) bool { return e.Kind == trace.Signal && e.Signal.Synchronous })
			s.events[at].Signal.Number = int(unix.SIGBUS)
			return at, ""
		}},
		{"another address than the fault's", func(t *testing.T, s *scene) (int, string) {
			at := s.find(t, "fault", func(e *trace.Event) bool { return e.Kind == trace.Signal && e.Signal.Synchronous })
			binary.LittleEndian.PutUint64(s.events[at].Signal.Info[16:], 0x124)
			return at, ""
		}},
		{"what a child wrote to shared memory", func(t *testing.T, s *scene) (int, string) {
			// Without its last events the child's last slice does not run.
			child := s.find(t, "end of a child process", func(e *trace.Event) bool { return e.Kind == trace.Exit && e.TID != s.manifest.TID && e.Exit.Last })
			s.drop(child)
			s.drop(child - 1)
			return s.find(t, "getpgid of the parent", func(e *trace.Event) bool {
				return e.TID == s.manifest.TID && e.Before.OrigRax == unix.SYS_GETPGID
			}), "rdi"
		}},
		{"two threads in the wrong order", func(t *testing.T, s *scene) (int, string) {
			// The thread reads what main has not written yet.
			look := s.find(t, "getpgid of the thread", func(e *trace.Event) bool {
				return e.TID != s.manifest.TID && e.Before.OrigRax == unix.SYS_GETPGID
			})
			tid := s.events[look].TID
			tell := look
			for e := &s.events[tell]; e.TID != s.manifest.TID || e.Before.OrigRax != unix.SYS_WRITE; e = &s.events[tell] {
				tell--
			}
			var early, late []trace.Event
			for _, e := range s.events[tell : look+1] {
				if e.TID == tid {
					early = append(early, e)
				} else {
					late = append(late, e)
				}
			}
			copy(s.events[tell:], append(early, late...))
			return tell + len(early) - 1, "rdi"
		}},
		{"an event of a thread that does not live yet", func(t *testing.T, s *scene) (int, string) {
			at := s.find(t, "thread", func(e *trace.Event) bool { return e.Kind == trace.Thread && !e.Thread.Fork })
			first := s.next(t, at)
			s.drop(at)
			return first - 1, ""
		}},
		{"an event of a thread that has ended", func(t *testing.T, s *scene) (int, string) {
			at := s.find(t, "end of a thread", func(e *trace.Event) bool { return e.Kind == trace.Exit && !e.Exit.Last })
			s.events[at+1].TID = s.events[at].TID
			return at + 1, ""
		}},
		{"an event of another thread", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETEUID)
			s.events[at].TID++
			return at, ""
		}},
		{"a thread of unknown parents", func(t *testing.T, s *scene) (int, string) {
			at := s.find(t, "thread", func(e *trace.Event) bool { return e.Kind == trace.Thread })
			s.events[at].Thread.Parent = 1 << 30
			return at, ""
		}},
		{"the hash of a page", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETEUID)
			s.events[at].Evidence = &trace.Evidence{Pages: []trace.PageHash{{Addr: s.events[at].Before.Rsp &^ 4095, Hash: 1}}}
			return at, "memory"
		}},
		{"a page that is not there", func(t *testing.T, s *scene) (int, string) {
			at := s.call(t, unix.SYS_GETEUID)
			s.events[at].Evidence = &trace.Evidence{Pages: []trace.PageHash{{Addr: 0x5000, Hash: 1}}}
			return at, ""
		}},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			s := newScene(t)
			event, register := tt.do(t, s)
			s.expectDivergence(t, event, register)
		})
	}
}

// Signals are told by name.
func TestSignalDivergenceMessage(t *testing.T) {
	s := newScene(t)
	at := s.find(t, "fault", func(e *trace.Event) bool { return e.Kind == trace.Signal && e.Signal.Synchronous })
	s.events[at].Signal.Number = int(unix.SIGBUS)
	d := s.expectDivergence(t, at, "")
	for _, want := range []string{"SIGSEGV", "SIGBUS", "0x123"} {
		if !strings.Contains(d.Message, want) {
			t.Errorf("the message %q does not say %s", d.Message, want)
		}
	}
}
