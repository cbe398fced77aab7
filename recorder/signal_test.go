package recorder

import (
	"encoding/binary"
	"errors"
	"os"
	"os/signal"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
)

// A frame ends with the vector state, whose length is in the legacy area's
// bytes for software.
func TestFrameSize(t *testing.T) {
	const (
		sp         = tracee.Data + 0x100
		fpstate    = 232 // offsetof(struct rt_sigframe, uc.uc_mcontext.fpstate)
		rtSigframe = 440 // sizeof(struct rt_sigframe)
	)
	tests := []struct {
		what   string
		fp     uint64 // behind sp; 0 for none
		magic  uint32
		length uint32
		want   uint64
	}{
		{"no vector state", 0, 0, 0, rtSigframe},
		{"the legacy area only", 0x200, 0, 0, 0x200 + 512},
		{"another magic number", 0x200, 0x46505854, 2700, 0x200 + 512},
		{"AVX", 0x200, 0x46505853, 832 + 4, 0x200 + 836},
		{"AVX-512", 0x1c0, 0x46505853, 2696 + 4, 0x1c0 + 2700},
		{"AMX", 0x1c0, 0x46505853, 11008 + 4, 0x1c0 + 11012},
	}
	withStub(t, func(stub tracee.Stopped) error {
		put := func(at, v uint64) {
			if err := stub.WriteMem(at, binary.LittleEndian.AppendUint64(nil, v)); err != nil {
				t.Error(err)
			}
		}
		for _, tt := range tests {
			fp := uint64(0)
			if tt.fp != 0 {
				fp = sp + tt.fp
				put(fp+464, uint64(tt.length)<<32|uint64(tt.magic))
			}
			put(sp+fpstate, fp)
			if got, err := frameSize(stub, sp); err != nil || got != tt.want {
				t.Errorf("%s: %d, %v; want %d", tt.what, got, err, tt.want)
			}
		}
		var m *tracee.MemoryError
		if _, err := frameSize(stub, tracee.AreaEnd); !errors.As(err, &m) {
			t.Errorf("a frame outside memory: %v", err)
		}
		put(sp+fpstate, tracee.AreaEnd)
		if _, err := frameSize(stub, sp); !errors.As(err, &m) {
			t.Errorf("a vector state outside memory: %v", err)
		}
		return nil
	})
}

func dispositionOf(tid int, sig unix.Signal) (trace.Disposition, error) {
	sets, err := signalSetsOf(tid)
	return sets.disposition(sig), err
}

func TestDispositionOf(t *testing.T) {
	// The test itself handles and ignores signals; a stub has the defaults.
	got := make(chan os.Signal, 1)
	signal.Notify(got, unix.SIGUSR2)
	defer signal.Stop(got)
	signal.Ignore(unix.SIGUSR1)
	defer signal.Reset(unix.SIGUSR1)
	for sig, want := range map[unix.Signal]trace.Disposition{
		unix.SIGUSR2: trace.Handled, unix.SIGUSR1: trace.Ignored, unix.SIGKILL: trace.Fatal, unix.SIGSTOP: trace.Stopped,
	} {
		if got, err := dispositionOf(os.Getpid(), sig); err != nil || got != want {
			t.Errorf("%v of this process: %s, %v; want %s", sig, trace.DispositionNames[got], err, trace.DispositionNames[want])
		}
	}
	withStub(t, func(stub tracee.Stopped) error {
		for sig, want := range map[unix.Signal]trace.Disposition{
			unix.SIGTERM: trace.Fatal, unix.SIGKILL: trace.Fatal, unix.SIGSEGV: trace.Fatal, unix.SIGUSR2: trace.Fatal,
			34: trace.Fatal, 64: trace.Fatal, // real-time signals
			unix.SIGCHLD: trace.Ignored, unix.SIGCONT: trace.Ignored, unix.SIGURG: trace.Ignored, unix.SIGWINCH: trace.Ignored,
			unix.SIGSTOP: trace.Stopped, unix.SIGTSTP: trace.Stopped, unix.SIGTTIN: trace.Stopped, unix.SIGTTOU: trace.Stopped,
		} {
			if got, err := dispositionOf(stub.TID(), sig); err != nil || got != want {
				t.Errorf("%v by default: %s, %v; want %s", sig, trace.DispositionNames[got], err, trace.DispositionNames[want])
			}
		}
		return nil
	})
	const nobody = 1 << 30 // above any pid_max
	if _, err := dispositionOf(nobody, unix.SIGTERM); err != tracee.ErrGone {
		t.Errorf("no process: %v, want ErrGone", err)
	}
}
