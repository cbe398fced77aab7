package replayer_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"stepback/internal/tracee"
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
		{"a CPU that tells nothing", &trace.Manifest{}, nil},
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

// A long replay tells how far it is, and can be ended.
func TestProgressAndCancelled(t *testing.T) {
	needPtrace(t)
	dir := filepath.Join(t.TempDir(), "rec")
	if err := record(dir, "/bin/dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=1500", "status=none"); err != nil {
		t.Fatal(err)
	}
	rec := open(t, dir)
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
	told = nil
	done, err = replay(t, rec, replayer.Options{Progress: progress, Cancelled: func() bool { return true }})
	if !errors.Is(err, replayer.ErrCancelled) {
		t.Errorf("the result is %v, want ErrCancelled", err)
	}
	if done == 0 || done >= rec.Len() || len(told) != 1 || told[0] != done {
		t.Errorf("%d events replayed until it was cancelled; told were %v", done, told)
	}
	asked := 0
	second, err := replay(t, rec, replayer.Options{Cancelled: func() bool { asked++; return asked == 2 }})
	if !errors.Is(err, replayer.ErrCancelled) || second <= done {
		t.Errorf("%d events replayed until it was cancelled later, %v", second, err)
	}
}
