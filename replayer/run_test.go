package replayer_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
	"stepback/internal/tracee/traceetest"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// A CPU that lacks what the recording's had is named feature by feature,
// before anything is replayed.
func TestCheckCPU(t *testing.T) {
	here := trace.ThisCPU()
	var lacks []string
	for _, f := range []string{"fma4", "xop", "sse4a", "avx512_vp2intersect"} { // no CPU has all of them
		if !slices.Contains(here.Features, f) {
			lacks = append(lacks, f)
		}
	}
	slices.Sort(lacks)
	with := func(features []string, xcr0 uint64) *trace.Manifest {
		cpu := here
		cpu.Features = append(slices.Clone(here.Features), features...)
		cpu.XCR0 |= xcr0
		return &trace.Manifest{CPU: cpu}
	}
	tests := []struct {
		what     string
		manifest *trace.Manifest
		missing  []string
	}{
		{"this very CPU", with(nil, 0), nil},
		{"a CPU with fewer features", &trace.Manifest{CPU: trace.CPU{Features: []string{"sse2"}, XCR0: 3, Faulting: true}}, nil},
		{"another model, whose cpuid was not trapped", &trace.Manifest{CPU: trace.CPU{Vendor: "Nobody", Model: "Model T"}},
			[]string{"the same model (Model T), for cpuid was not trapped in the recording"}},
		{"one feature", with(lacks[:1], 0), lacks[:1]},
		{"all of them", with(lacks, 0), lacks},
		{"features that no program can use", with([]string{"vmx", "smep", "invented"}, 0), nil},
		{"XSAVE components", with(nil, 1<<61), []string{"XSAVE components 0x2000000000000000"}},
		{"both", with(lacks[:1], 1<<61), append(slices.Clone(lacks[:1]), "XSAVE components 0x2000000000000000")},
	}
	for _, tt := range tests {
		err := replayer.CheckCPU(tt.manifest)
		var c *replayer.CPUError
		if tt.missing == nil {
			if err != nil {
				t.Errorf("%s: %v", tt.what, err)
			}
			continue
		}
		if !errors.As(err, &c) {
			t.Errorf("%s: %v, want a CPUError", tt.what, err)
			continue
		}
		got := slices.Sorted(slices.Values(c.Missing))
		if want := slices.Sorted(slices.Values(tt.missing)); !slices.Equal(got, want) {
			t.Errorf("%s: missing are %q, want %q", tt.what, got, want)
		}
		for _, name := range tt.missing {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%s: the message %q does not say %s", tt.what, err, name)
			}
		}
	}
	if tracee.XCR0()&^here.XCR0 != 0 {
		t.Errorf("ThisCPU tells XCR0 %#x, the processor %#x", here.XCR0, tracee.XCR0())
	}
}

func TestRunChecksTheCPU(t *testing.T) {
	s := newScene(t)
	s.manifest.CPU.XCR0 |= 1 << 61
	done, err := replay(t, s.save(t), replayer.Options{})
	var c *replayer.CPUError
	if done != 0 || !errors.As(err, &c) {
		t.Errorf("%d events, %v; want a CPUError", done, err)
	}
}

// recordDD records 3000 events and some.
func recordDD(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "rec")
	if err := record(dir, "/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=1500", "status=none"); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A long replay tells how far it is.
func TestProgress(t *testing.T) {
	traceetest.NeedPtrace(t)
	rec := open(t, recordDD(t))
	if rec.Len() < 3000 {
		t.Fatalf("%d events, want at least 3000", rec.Len())
	}
	var told []uint64
	progress := func(done uint64) { told = append(told, done) }
	done, err := replay(t, rec, replayer.Options{Progress: progress, Cancelled: func() bool { return false }})
	if err != nil || done != rec.Len() {
		t.Errorf("%d of %d events agree, %v", done, rec.Len(), err)
	}
	if len(told) < 2 || !slices.IsSorted(told) || told[len(told)-1] > done {
		t.Errorf("told were %v of %d", told, done)
	}
}

// waitForCancel returns Options with which a replay is cancelled behind its
// first 1024 events.
func waitForCancel() replayer.Options {
	heard := make(chan struct{})
	var waiting atomic.Bool
	asked := 0
	return replayer.Options{
		Progress: func(uint64) {
			waiting.Store(true)
			<-heard
		},
		Cancelled: func() bool {
			if !waiting.Load() {
				return false
			}
			if asked++; asked == 2 { // the first answer has arrived
				close(heard)
			}
			return true
		},
	}
}

func TestCancelled(t *testing.T) {
	traceetest.NeedPtrace(t)
	rec := open(t, recordDD(t))
	done, err := replay(t, rec, waitForCancel())
	if !errors.Is(err, replayer.ErrCancelled) || done != 1024 {
		t.Errorf("%d events, %v; want ErrCancelled behind 1024", done, err)
	}
}

// A replay that a recording leads into an endless loop can be ended too.
func TestCancelledWhileComputing(t *testing.T) {
	s := newScene(t)
	const at, loop = 3, 0x20000000
	e := &s.events[at]
	e.Ops = append(e.Ops, trace.Op{Kind: trace.OpMap, Addr: loop, Len: 4096, Prot: 7, Flags: private})
	e.Writes = append(e.Writes, trace.Write{Addr: loop, Data: []byte{0xeb, 0xfe}}) // jmp .
	e.After.Rip = loop
	done, err := replay(t, s.save(t), replayer.Options{Cancelled: func() bool { return true }})
	if !errors.Is(err, replayer.ErrCancelled) || done > at+1 {
		t.Errorf("%d events, %v; want ErrCancelled", done, err)
	}
}

// When somebody kills the tasks of a replay, it ends with an error.
func TestKilledTask(t *testing.T) {
	traceetest.NeedPtrace(t)
	rec := open(t, recordDD(t))
	before := children(t)
	_, err := replay(t, rec, replayer.Options{Progress: func(uint64) {
		for _, pid := range children(t) {
			if !slices.Contains(before, pid) {
				unix.Kill(pid, unix.SIGKILL)
			}
		}
	}})
	if err == nil {
		t.Error("it ends well")
	}
}
