package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// This file decides what the facts about a machine mean. It looks at nothing
// but its arguments.

// What is needed.
const (
	littleMemory = 256 << 20 // save points would be dropped all the time
	littleDisk   = 1 << 30
	noDisk       = 16 << 20
	fewFiles     = 1024
)

// checks judges a machine.
func checks(m *machine) []check {
	return []check{
		checkKernel(m), checkPtrace(m), checkPagemap(m), checkSeccomp(m), checkReplay(m), checkRdtsc(m), checkCpuid(m),
		checkArea(m), checkPerf(m), checkMemory(m), checkOvercommit(m), checkPlace(m), checkReflink(m), checkFiles(m),
	}
}

func good(name, format string, args ...any) check {
	return check{Name: name, Status: statusOK, Detail: fmt.Sprintf(format, args...)}
}

func bad(name string, status checkStatus, remedy, format string, args ...any) check {
	return check{name, status, fmt.Sprintf(format, args...), remedy}
}

// untried is the answer where nothing can be tried without ptrace.
func untried(name string) check {
	return bad(name, statusProblem, "solve the problem with ptrace first", "%v", errNotTried)
}

// checkKernel wants 4.8, since when seccomp reports a system call before
// ptrace does, and 4.17 for MAP_FIXED_NOREPLACE.
func checkKernel(m *machine) check {
	const name = "kernel"
	major, minor, ok := kernelVersion(m.kernel)
	wsl := strings.Contains(strings.ToLower(m.kernel), "microsoft")
	switch {
	case wsl && (major < 5 || strings.HasSuffix(m.kernel, "-Microsoft")):
		return bad(name, statusProblem, "convert the distribution to WSL 2: wsl --set-version NAME 2", "%s: WSL 1 is not a Linux kernel", m.kernel)
	case !ok:
		return bad(name, statusWarning, "make sure that it is Linux 4.17 or newer", "%q is not a version", m.kernel)
	case major < 4 || major == 4 && minor < 8:
		return bad(name, statusProblem, "use Linux 4.17 or newer", "%s: older than 4.8, which reports system calls in another order", m.kernel)
	case major == 4 && minor < 17:
		return bad(name, statusWarning, "use Linux 4.17 or newer", "%s: older than 4.17, mappings cannot be placed safely", m.kernel)
	case wsl:
		return good(name, "%s (WSL 2)", m.kernel)
	}
	return good(name, "%s (4.17 or newer is needed)", m.kernel)
}

// kernelVersion reads the beginning of a release such as "6.1.0-18-amd64".
func kernelVersion(release string) (major, minor int, ok bool) {
	a, rest, _ := strings.Cut(release, ".")
	b := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		b = rest[:i]
	}
	major, err := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	return major, minor, err == nil && err2 == nil
}

func checkPtrace(m *machine) check {
	const name = "ptrace"
	if m.trials.ptrace == nil {
		return good(name, "a process of our own can be traced")
	}
	detail, _, _ := strings.Cut(m.trials.ptrace.Error(), " (is ptrace forbidden") // the hint to ask the doctor
	return bad(name, statusProblem, ptraceRemedy(m), "%s", detail)
}

// ptraceRemedy says what may allow ptrace, the likeliest first.
func ptraceRemedy(m *machine) string {
	switch {
	case m.tracer != 0:
		return fmt.Sprintf("stepback is itself traced, by process %d: run it without strace or debugger", m.tracer)
	case m.yama == 3:
		return "kernel.yama.ptrace_scope is 3, which holds until the machine restarts: set it to 1 in /etc/sysctl.d and restart"
	case m.yama == 2:
		return "sysctl kernel.yama.ptrace_scope=1, or give stepback the capability: setcap cap_sys_ptrace+ep $(which stepback)"
	case m.container != "":
		return containerRemedy
	case m.filtered:
		return "a seccomp filter of the sandbox that this runs in may forbid ptrace: run stepback outside of it, or allow ptrace there"
	}
	return "a security module (SELinux: setsebool deny_ptrace 0; AppArmor: aa-status) may forbid it; dmesg may say more"
}

const containerRemedy = "start the container with --cap-add=SYS_PTRACE and a seccomp profile that allows ptrace, such as --security-opt seccomp=unconfined"

func checkPagemap(m *machine) check {
	const name = "pagemap"
	switch {
	case m.trials.pagemap == nil:
		return good(name, "/proc/PID/pagemap can be read")
	case errors.Is(m.trials.pagemap, errNotTried):
		return untried(name)
	}
	return bad(name, statusProblem, "mount /proc in full, on a kernel with CONFIG_PROC_PAGE_MONITOR", "%v", m.trials.pagemap)
}

func checkSeccomp(m *machine) check {
	const name = "seccomp"
	switch {
	case m.trials.seccomp == nil:
		return good(name, "the filter that reports system calls can be installed")
	case errors.Is(m.trials.seccomp, errNotTried):
		return untried(name)
	}
	return bad(name, statusProblem, filterRemedy(m, m.trials.seccomp), "%v", m.trials.seccomp)
}

func checkReplay(m *machine) check {
	const name = "sysemu"
	switch {
	case m.trials.replay == nil:
		return good(name, "system calls can be suppressed for replay (PTRACE_SYSEMU)")
	case errors.Is(m.trials.replay, errNotTried):
		return untried(name)
	}
	return bad(name, statusProblem, filterRemedy(m, m.trials.replay), "%v", m.trials.replay)
}

func filterRemedy(m *machine, err error) string {
	switch {
	case m.container != "":
		return containerRemedy
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS):
		return "use a kernel with CONFIG_SECCOMP_FILTER; some sandboxes (gVisor) and emulators lack it"
	}
	return "run stepback outside of sandboxes and emulators"
}

func checkRdtsc(m *machine) check {
	const name = "rdtsc"
	err := m.trials.rdtsc
	switch {
	case err == nil:
		return good(name, "reading the time stamp counter can be trapped")
	case errors.Is(err, errNotTried):
		return untried(name)
	}
	return bad(name, statusProblem, "run stepback on Linux itself: some sandboxes and emulators ignore prctl(PR_SET_TSC)",
		"reading the time stamp counter cannot be trapped: %v", err)
}

func checkCpuid(m *machine) check {
	const name = "cpuid"
	err := m.trials.cpuid
	switch {
	case err == nil:
		return good(name, "the cpuid instruction can be trapped")
	case errors.Is(err, errNotTried):
		return untried(name)
	}
	return bad(name, statusWarning, "none is needed to replay on this machine; another machine may have to be of the same kind",
		"the cpuid instruction cannot be trapped (%v): recorded programs see the real processor, with features that are hidden elsewhere", err)
}

func checkArea(m *machine) check {
	const name = "low memory"
	if m.mmapMin <= tracee.AreaStart {
		return good(name, "memory at %#x can be mapped", uint64(tracee.AreaStart))
	}
	return bad(name, statusProblem, "sysctl vm.mmap_min_addr=65536",
		"vm.mmap_min_addr is %#x, but the engine needs memory at %#x", m.mmapMin, uint64(tracee.AreaStart))
}

func checkPerf(m *machine) check {
	const name = "perf clock"
	if m.perf == nil {
		return good(name, "perf's software clock can be used")
	}
	remedy := "sysctl kernel.perf_event_paranoid=2"
	if m.container != "" {
		remedy += "; in a container also --cap-add=PERFMON"
	}
	return bad(name, statusWarning, remedy, "perf's software clock cannot be used (%v): only a timer can interrupt threads that compute for long", m.perf)
}

func checkMemory(m *machine) check {
	const name = "memory"
	free, total, whose := m.memAvailable, m.memTotal, "this machine"
	if m.cgroup.limit < total {
		total, whose = m.cgroup.limit, "this container or control group"
	}
	free = min(free, m.cgroup.free())
	if total != 0 && free < littleMemory {
		return bad(name, statusWarning, "end other programs, or allow more memory: save points are dropped when it is short",
			"%s of the %s of %s are available", byteSize(int64(free)), byteSize(int64(total)), whose)
	}
	return good(name, "%s of the %s of %s are available", byteSize(int64(free)), byteSize(int64(total)), whose)
}

func checkOvercommit(m *machine) check {
	const name = "overcommit"
	if m.overcommit != 2 {
		return good(name, "vm.overcommit_memory is %d", m.overcommit)
	}
	return bad(name, statusWarning, "sysctl vm.overcommit_memory=0",
		"vm.overcommit_memory is 2: every save point counts as a full copy of the program, and few are possible")
}

func checkPlace(m *machine) check {
	const name = "recordings"
	switch {
	case m.place == "":
		return bad(name, statusWarning, "set HOME or XDG_DATA_HOME", "%v", m.placeErr)
	case m.placeErr != nil:
		return bad(name, statusProblem, "make the place writable, set XDG_DATA_HOME, or record with -o DIR", "cannot write to %s: %v", m.place, m.placeErr)
	case m.placeFree < noDisk:
		return bad(name, statusProblem, "make room, set XDG_DATA_HOME, or record with -o DIR", "%s has only %s free", m.place, byteSize(int64(m.placeFree)))
	case m.placeFree < littleDisk:
		return bad(name, statusWarning, "make room, set XDG_DATA_HOME, or record with -o DIR", "%s has only %s free", m.place, byteSize(int64(m.placeFree)))
	}
	return good(name, "%s can be written and has %s free", m.place, byteSize(int64(m.placeFree)))
}

// checkReflink is for information: recordings are smaller where it works.
func checkReflink(m *machine) check {
	const name = "reflink"
	switch {
	case m.placeErr != nil:
		return good(name, "not tried")
	case m.reflink != nil:
		return good(name, "not supported by the file system: recordings hold copies of programs and libraries")
	}
	return good(name, "recordings share the content of files with the originals")
}

func checkFiles(m *machine) check {
	const name = "open files"
	if m.files >= fewFiles {
		return good(name, "%s are allowed", filesText(m.files))
	}
	return bad(name, statusWarning, "ulimit -Hn 4096, or raise nofile in /etc/security/limits.conf",
		"only %s are allowed: programs with many files may not replay", filesText(m.files))
}

func filesText(n uint64) string {
	if n == unix.RLIM_INFINITY {
		return "any number"
	}
	return strconv.FormatUint(n, 10)
}
