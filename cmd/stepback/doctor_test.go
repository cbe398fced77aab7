package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// fit is a machine without any fault.
func fit() *machine {
	return &machine{
		kernel: "6.1.0-18-amd64", memTotal: 8 << 30, memAvailable: 4 << 30, cgroup: cgroupMemory{limit: noLimit},
		mmapMin: 65536, files: 4096, place: "/home/me/.local/share/stepback", placeFree: 100 << 30,
	}
}

func TestChecks(t *testing.T) {
	forbidden := fmt.Errorf("tracing a process of our own: %w (is ptrace forbidden here? see stepback doctor)", unix.EPERM)
	noPtrace := trials{forbidden, errNotTried, errNotTried, errNotTried, errNotTried, errNotTried}
	for _, c := range []struct {
		what   string
		change func(m *machine)
		name   string // the check that is not ok
		status checkStatus
		say    string // in detail or remedy
	}{
		{"nothing", func(m *machine) {}, "", "", ""},
		{"old kernel", func(m *machine) { m.kernel = "4.4.0-210" }, "kernel", statusProblem, "4.8"},
		{"older kernel", func(m *machine) { m.kernel = "4.14.336" }, "kernel", statusWarning, "4.17"},
		{"strange kernel", func(m *machine) { m.kernel = "custom" }, "kernel", statusWarning, "custom"},
		{"WSL 1", func(m *machine) { m.kernel = "4.4.0-19041-Microsoft" }, "kernel", statusProblem, "WSL 2"},
		{"WSL 2", func(m *machine) { m.kernel = "5.15.90.1-microsoft-standard-WSL2" }, "", "", ""},
		{"ptrace", func(m *machine) { m.trials = noPtrace }, "ptrace", statusProblem, "security module"},
		{"ptrace, traced", func(m *machine) { m.trials, m.tracer = noPtrace, 7 }, "ptrace", statusProblem, "process 7"},
		{"ptrace, Yama 2", func(m *machine) { m.trials, m.yama = noPtrace, 2 }, "ptrace", statusProblem, "sysctl kernel.yama.ptrace_scope=1"},
		{"ptrace, Yama 3", func(m *machine) { m.trials, m.yama = noPtrace, 3 }, "ptrace", statusProblem, "restart"},
		{"ptrace, container", func(m *machine) { m.trials, m.container = noPtrace, "Docker" }, "ptrace", statusProblem, "--cap-add=SYS_PTRACE"},
		{"ptrace, sandbox", func(m *machine) { m.trials, m.filtered = noPtrace, true }, "ptrace", statusProblem, "sandbox"},
		{"no pagemap", func(m *machine) { m.trials.pagemap = unix.ENOENT }, "pagemap", statusProblem, "CONFIG_PROC_PAGE_MONITOR"},
		{"no seccomp", func(m *machine) { m.trials.seccomp = unix.EINVAL }, "seccomp", statusProblem, "CONFIG_SECCOMP_FILTER"},
		{"no sysemu", func(m *machine) { m.trials.replay = errNoAnswer }, "sysemu", statusProblem, "no answer"},
		{"no rdtsc", func(m *machine) { m.trials.rdtsc = errNotTrapped }, "rdtsc", statusProblem, "PR_SET_TSC"},
		{"no cpuid", func(m *machine) { m.trials.cpuid = unix.ENODEV }, "cpuid", statusWarning, "real processor"},
		{"low memory", func(m *machine) { m.mmapMin = 1 << 21 }, "low memory", statusProblem, "mmap_min_addr=65536"},
		{"perf", func(m *machine) { m.perf = unix.EACCES }, "perf clock", statusWarning, "perf_event_paranoid"},
		{"memory", func(m *machine) { m.memAvailable = 100 << 20 }, "memory", statusWarning, "100.0 MiB of the 8.0 GiB of this machine"},
		{"cgroup", func(m *machine) { m.cgroup = cgroupMemory{512 << 20, 500 << 20} }, "memory", statusWarning, "12.0 MiB of the 512.0 MiB of this container"},
		{"overcommit", func(m *machine) { m.overcommit = 2 }, "overcommit", statusWarning, "overcommit_memory=0"},
		{"no home", func(m *machine) { m.place, m.placeErr = "", errors.New("no place") }, "recordings", statusWarning, "HOME"},
		{"unwritable", func(m *machine) { m.placeErr = unix.EACCES }, "recordings", statusProblem, "permission denied"},
		{"full", func(m *machine) { m.placeFree = 1 << 20 }, "recordings", statusProblem, "1.0 MiB"},
		{"nearly full", func(m *machine) { m.placeFree = 100 << 20 }, "recordings", statusWarning, "100.0 MiB"},
		{"no reflink", func(m *machine) { m.reflink = unix.EOPNOTSUPP }, "", "", ""},
		{"files", func(m *machine) { m.files = 256 }, "open files", statusWarning, "256"},
		{"any files", func(m *machine) { m.files = unix.RLIM_INFINITY }, "", "", ""},
	} {
		m := fit()
		c.change(m)
		var found *check
		for _, k := range checks(m) {
			if (k.Status == statusOK) != (k.Remedy == "") || k.Name == "" || k.Detail == "" || strings.Contains(k.Detail, "doctor") {
				t.Errorf("%s: %+v", c.what, k)
			}
			if k.Status != statusOK && found == nil {
				found = &k
			}
		}
		switch {
		case c.name == "" && found != nil:
			t.Errorf("%s: %+v", c.what, *found)
		case c.name != "" && (found == nil || found.Name != c.name || found.Status != c.status ||
			!strings.Contains(found.Detail+found.Remedy, c.say)):
			t.Errorf("%s: %+v, want %s of %s with %q", c.what, found, c.status, c.name, c.say)
		}
	}
}

// The doctor finds nothing wrong where the tests of the recorder pass, and
// leaves nothing behind.
func TestExamine(t *testing.T) {
	place := t.TempDir()
	t.Setenv("XDG_DATA_HOME", place)
	m := examine()
	if m.trials.ptrace != nil || m.trials.pagemap != nil || m.trials.seccomp != nil || m.trials.replay != nil || m.trials.rdtsc != nil {
		t.Errorf("trials: %+v", m.trials)
	}
	if m.memTotal == 0 || m.memAvailable == 0 || m.files == 0 || m.placeErr != nil || m.kernel == "" {
		t.Errorf("machine: %+v", m)
	}
	if left, err := os.ReadDir(place); len(left) != 0 || err != nil {
		t.Errorf("left in the place for recordings: %v, %v", left, err)
	}
	children, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range children {
		if pids, err := os.ReadFile(c); err == nil && len(pids) > 0 {
			t.Errorf("processes are left: %s", pids)
		}
	}
}

func TestDiagnosisText(t *testing.T) {
	d := diagnosis{Checks: []check{good("a", "is %d", 1), bad("b", statusProblem, "do", "is bad")}}
	var b strings.Builder
	d.print(&b)
	want := `ok       a            is 1
problem  b            is bad
                      → do
This machine cannot record and replay before the problems above are solved.
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("diagnosis (-want +got):\n%s", diff)
	}
}
