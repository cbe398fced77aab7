package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCgroupDirs(t *testing.T) {
	const (
		v1 = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n" +
			"32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:5 - cgroup cgroup rw,cpu\n"
		v2        = "24 18 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
		container = "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
	)
	for _, c := range []struct {
		what, self, mounts string
		want               []cgroupDir
	}{
		{"version 2", "0::/user.slice/a.scope\n", v2, []cgroupDir{{"/sys/fs/cgroup", "/sys/fs/cgroup/user.slice/a.scope", cgroupV2}}},
		{"version 1", "8:pids:/\n4:cpu,memory:/x/y\n", v1, []cgroupDir{{"/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/x/y", cgroupV1}}},
		{"container", "4:memory:/docker/abc\n", container, []cgroupDir{{"/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory", cgroupV1}}},
		{"container, outside", "4:memory:/\n", container, []cgroupDir{{"/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory", cgroupV1}}},
		{"both", "4:memory:/x\n0::/\n", v1 + v2, []cgroupDir{
			{"/sys/fs/cgroup/memory", "/sys/fs/cgroup/memory/x", cgroupV1}, {"/sys/fs/cgroup", "/sys/fs/cgroup", cgroupV2}}},
		{"nothing", "", "garbage\n\n", nil},
	} {
		got := cgroupDirs(c.self, c.mounts)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(cgroupDir{}, cgroupFiles{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

func TestCgroupRead(t *testing.T) {
	for _, c := range []struct {
		limit, used, stat string
		files             cgroupFiles
		want              cgroupMemory
		ok                bool
	}{
		{"max\n", "5\n", "", cgroupV2, cgroupMemory{}, false},
		{"9223372036854771712\n", "5\n", "", cgroupV1, cgroupMemory{}, false},
		{"1000\n", "600\n", "anon 3\ninactive_file 100\n", cgroupV2, cgroupMemory{1000, 500}, true},
		{"1000\n", "600\n", "inactive_file 100\ntotal_inactive_file 200\n", cgroupV1, cgroupMemory{1000, 400}, true},
	} {
		dir := t.TempDir()
		for name, content := range map[string]string{c.files.limit: c.limit, c.files.used: c.used, "memory.stat": c.stat} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, ok := c.files.read(dir); ok != c.ok || ok && got != c.want {
			t.Errorf("%q: %+v %v, want %+v %v", c.limit, got, ok, c.want, c.ok)
		}
	}
	if free := (cgroupMemory{10, 12}).free(); free != 0 {
		t.Errorf("more used than allowed leaves %d", free)
	}
}
