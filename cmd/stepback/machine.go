package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// machine is what the doctor knows of the machine.
type machine struct {
	kernel    string // release, as uname says
	container string // "" for none
	tracer    int    // process that traces this one, 0 for none
	filtered  bool   // a seccomp filter of somebody else's is on us
	yama      int    // kernel.yama.ptrace_scope, 0 where there is no Yama
	trials    trials

	memTotal, memAvailable uint64
	cgroup                 cgroupMemory
	overcommit             uint64 // vm.overcommit_memory
	mmapMin                uint64 // vm.mmap_min_addr
	files                  uint64 // limit of open files

	place     string // where recordings go
	placeErr  error  // it cannot be written
	placeFree uint64
	reflink   error

	perf error // perf's software clock
}

// examine looks and tries.
func examine() *machine {
	m := &machine{cgroup: memoryLimit(), trials: try(), perf: tryPerf()}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		m.kernel = unix.ByteSliceToString(u.Release[:])
	}
	m.container = container()
	status := colonFile("/proc/self/status")
	m.tracer, _ = strconv.Atoi(status["TracerPid"])
	m.filtered = status["Seccomp"] == "2"
	if scope, ok := readNumber("/proc/sys/kernel/yama/ptrace_scope"); ok {
		m.yama = int(scope)
	}
	memory := colonFile("/proc/meminfo")
	m.memTotal, m.memAvailable = kibibytes(memory["MemTotal"]), kibibytes(memory["MemAvailable"])
	m.overcommit, _ = readNumber("/proc/sys/vm/overcommit_memory")
	m.mmapMin, _ = readNumber("/proc/sys/vm/mmap_min_addr")
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		m.files = limit.Max // to which the Go runtime raises ours
	}
	m.examinePlace()
	return m
}

// container names the kind of container that this runs in.
func container() string {
	for file, name := range map[string]string{"/.dockerenv": "Docker", "/run/.containerenv": "Podman"} {
		if _, err := os.Stat(file); err == nil {
			return name
		}
	}
	if os.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		return "Kubernetes"
	}
	return os.Getenv("container") // systemd-nspawn, LXC
}

// colonFile reads a file of lines "key: value".
func colonFile(name string) map[string]string {
	values := map[string]string{}
	b, _ := os.ReadFile(name)
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok {
			values[key] = strings.TrimSpace(value)
		}
	}
	return values
}

// kibibytes reads a number like "123 kB" of /proc/meminfo.
func kibibytes(s string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimSuffix(s, " kB"), 10, 64)
	return n << 10
}

// examinePlace tries to write where recordings go, or would go.
func (m *machine) examinePlace() {
	if m.place, m.placeErr = dataDir(); m.placeErr != nil {
		return
	}
	dir := m.place
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == "/" {
			break
		}
		dir = filepath.Dir(dir)
	}
	var st unix.Statfs_t
	if m.placeErr = unix.Statfs(dir, &st); m.placeErr != nil {
		return
	}
	m.placeFree = st.Bavail * uint64(st.Bsize)
	temp, err := os.MkdirTemp(dir, "stepback-doctor-*")
	if err != nil {
		m.placeErr = cause(err)
		return
	}
	defer os.RemoveAll(temp)
	m.placeErr, m.reflink = tryReflink(temp)
}

// cause is an error without the name of the file, which is one of our own.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// tryReflink writes a file in dir, and makes a copy of it that shares its
// blocks.
func tryReflink(dir string) (write, reflink error) {
	from, err := os.Create(filepath.Join(dir, "from"))
	if err != nil {
		return cause(err), nil
	}
	defer from.Close()
	if _, err := from.Write(make([]byte, 1<<16)); err != nil {
		return cause(err), nil
	}
	to, err := os.Create(filepath.Join(dir, "to"))
	if err != nil {
		return cause(err), nil
	}
	defer to.Close()
	return nil, unix.IoctlFileClone(int(to.Fd()), int(from.Fd()))
}

// tryPerf opens the clock of this thread's computing time.
func tryPerf() error {
	fd, err := unix.PerfEventOpen(&unix.PerfEventAttr{
		Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_TASK_CLOCK, Size: unix.PERF_ATTR_SIZE_VER0,
		Sample: 1_000_000, Bits: unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv | unix.PerfBitDisabled,
	}, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}
