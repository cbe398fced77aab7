package snapshots

import (
	"os"
	"testing"
	"testing/fstest"
)

func TestReadMemory(t *testing.T) {
	const meminfo = "MemTotal: 8000 kB\nMemFree: 100 kB\nMemAvailable: 4000 kB\n"
	for _, tt := range []struct {
		what  string
		files map[string]string
		want  Memory
	}{
		{"no control groups", nil, Memory{4000 << 10, 8000 << 10}},
		{"version 2 without a limit", map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/b/memory.current": "5\n",
		}, Memory{4000 << 10, 8000 << 10}},
		{"version 2 with a limit", map[string]string{
			"proc/self/cgroup":                  "0::/a/b\n",
			"sys/fs/cgroup/a/b/memory.max":      "1000000\n",
			"sys/fs/cgroup/a/b/memory.current":  "900000\n",
			"sys/fs/cgroup/a/b/memory.stat":     "anon 1\ninactive_file 300000\n",
			"sys/fs/cgroup/a/memory.max":        "5000000\n",
			"sys/fs/cgroup/a/memory.current":    "900000\n",
			"sys/fs/cgroup/memory.unrelated":    "1\n",
			"sys/fs/cgroup/system/memory.max":   "1\n",
			"sys/fs/cgroup/a/b/memory.swap.max": "0\n",
		}, Memory{400000, 1000000}},
		{"version 2, the limit is above, in a container's own mount", map[string]string{
			"proc/self/cgroup": "0::/../..\n", "sys/fs/cgroup/memory.max": "2000000\n", "sys/fs/cgroup/memory.current": "1500000\n",
		}, Memory{500000, 2000000}},
		{"a limit on the group above", map[string]string{
			"proc/self/cgroup":           "0::/a/b\n",
			"sys/fs/cgroup/a/memory.max": "1000000\n", "sys/fs/cgroup/a/memory.current": "2000000\n",
		}, Memory{0, 1000000}},
		{"version 1", map[string]string{
			"proc/self/cgroup": "3:cpu,cpuacct:/x\n2:memory:/x\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "600000\n",
			"sys/fs/cgroup/memory/x/memory.usage_in_bytes": "500000\n",
			"sys/fs/cgroup/memory/x/memory.stat":           "total_inactive_file 100000\n",
		}, Memory{200000, 600000}},
		{"nonsense", map[string]string{"proc/self/cgroup": "what\n:::::\n"}, Memory{4000 << 10, 8000 << 10}},
	} {
		root := fstest.MapFS{"proc/meminfo": {Data: []byte(meminfo)}}
		for name, data := range tt.files {
			root[name] = &fstest.MapFile{Data: []byte(data)}
		}
		if got, err := ReadMemory(root); err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.what, got, err, tt.want)
		}
	}
	if m, err := ReadMemory(os.DirFS("/")); err != nil || m.Available == 0 || m.Available > m.Total {
		t.Errorf("here: %+v, %v", m, err)
	}
	if _, err := ReadMemory(fstest.MapFS{}); err == nil {
		t.Error("no error without meminfo")
	}
}

func TestThreshold(t *testing.T) {
	for percent, ok := range map[int]bool{0: true, 1: true, 10: true, 75: true, 76: false, -1: false, 100: false} {
		if err := CheckThreshold(percent); (err == nil) != ok {
			t.Errorf("%d %%: %v", percent, err)
		}
	}
	m := Memory{Available: 99, Total: 1000}
	for percent, want := range map[int]bool{0: false, 9: false, 10: true, 75: true} {
		if got := m.Pressed(percent); got != want {
			t.Errorf("%d %% of %+v: %v", percent, m, got)
		}
	}
}
