package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// walkers are the programs of TestWalks: real ones with so little to do that a move takes
// milliseconds, several processes or threads in most. Debuggees are added by name.
var walkers = []subject{
	{name: "sh", argv: shellCommand(`for i in 1 2 3 4 5 6; do echo $i | tr 1-9 a-i | wc -c; done; (exit 3); ls / | sort | head -3`)},
	{name: "python-threads", argv: systemCommand("python3", "-c", `
import threading
def sum_up(n): print(sum(i * n for i in range(3000)))
threads = [threading.Thread(target=sum_up, args=(i,)) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()`)},
	{name: "perl", argv: systemCommand("perl", "-e", `$h{$_ % 97} += $_ for 1 .. 20000; print join(",", sort keys %h), "\n", `+"`date +%Y`")},
	{name: "sqlite", argv: shellCommand(`sqlite3 t.db "create table t(id integer primary key, name text);
		with recursive n(i) as (select 1 union all select i + 1 from n where i < 300) insert into t select i, 'n' || (i * 7919 % 311) from n;
		create index b on t(name); select count(*), min(name) from t; delete from t where id % 3 = 0; pragma integrity_check"`)},
	{name: "xz-T2", argv: func(t *testing.T) []string {
		return append(shellCommand(`xz -1 -T2 -c < "$0" | xz -dc | sha256sum`)(t), mixedFile(t, 300_000))
	}},
	{name: "zstd", argv: func(t *testing.T) []string {
		return append(shellCommand(`zstd -q -3 -T2 -c < "$0" | zstd -dc | sha256sum`)(t), mixedFile(t, 300_000))
	}},
	{name: "git", argv: shellCommand(`git init -q; echo a > a; git add a; git -c user.name=a -c user.email=b commit -qm c; git log --stat`)},
	{name: "gcc", argv: shellCommand(`echo 'int main(void) { return 0; }' > a.c; gcc -O1 a.c -o a; ./a`)},
	{name: "node", argv: systemCommand("node", "-e", `
		console.log(require("crypto").createHash("sha256").update("x").digest("hex"));
		setTimeout(() => { let s = 0; for (let i = 0; i < 1e5; i++) s += i; console.log(s) }, 5)`)},
	{name: "awk", argv: systemCommand("awk", `BEGIN { for (i = 0; i < 20000; i++) a[i % 311] += i; for (k in a) n += a[k]; print n }`)},
	{name: "tar", argv: shellCommand(`tar cz /etc/passwd /etc/group | tar tz`)},
}

var walkingDebuggees = []string{
	"threads/locks", "threads/fork_in_threads", "threads/exec_from_thread", "processes/pipeline", "processes/exec_chain",
	"memory/shared_anon_futex", "memory/memfd_fork", "memory/write_into_mapping", "translate/smc_threads", "signals/fast_timer",
	"signals/sigchld", "async/lockfree", "control/cxx_threads", "go/netgc",
}

func systemCommand(name string, args ...string) func(t *testing.T) []string {
	return func(t *testing.T) []string { return append([]string{systemProgram(t, name)}, args...) }
}

// walkWays are how each of them is walked through.
var walkWays = []struct {
	name  string
	flags []string
	group bool // in a control group with little memory
}{
	{name: "as usual"},
	{name: "two snapshots", flags: []string{"--max-snapshots=2"}},
	{name: "memory short in turns", flags: []string{"--walk-short"}},
	{name: "memory of a group", flags: []string{"--memory-pressure-threshold=75"}, group: true},
}

// walked is what `stepback verify --walk --json` says of its walk.
type walked struct {
	Seeks, Searches, States, Hits, GivenUp int
	Before, After                          struct{ PSS uint64 }
}

// TestWalks travels at random through recordings of all the walkers, STEPBACK_WALK moves in each way, each of some seeks and
// searches: `make walk`. It is too long for every day; programs and debuggees make a few moves each.
func TestWalks(t *testing.T) {
	moves := os.Getenv("STEPBACK_WALK")
	if moves == "" {
		t.Skip("long: make walk, or set STEPBACK_WALK to a number of moves")
	}
	all := slices.Clone(walkers)
	for _, d := range debuggees(t) {
		if slices.Contains(walkingDebuggees, d.Name) {
			all = append(all, subject{name: d.Name, argv: d.argv, stdin: d.Stdin, status: d.Status})
		}
	}
	var mu sync.Mutex
	sums := make([]walked, len(walkWays))
	t.Cleanup(func() {
		for i, way := range walkWays {
			t.Logf("%-22s %6d seeks, %6d searches, %6d states and %6d hits compared", way.name, sums[i].Seeks, sums[i].Searches, sums[i].States, sums[i].Hits)
		}
	})
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			rec := filepath.Join(t.TempDir(), "rec")
			if out := run(t, command{argv: recordCommand(rec, s.argv(t)...), stdin: s.stdin}); out.status != s.status {
				t.Fatalf("recorded, it exits %d, want %d: %s", out.status, s.status, out.stderr)
			}
			for i, way := range walkWays {
				t.Run(way.name, func(t *testing.T) {
					began := time.Now()
					w := walk(t, rec, moves, way.flags, way.group)
					t.Logf("%6.1f s, %5d seeks, %5d searches (%d given up), %5d states and %5d hits compared; %.1f MB of memory at rest, then %.1f MB",
						time.Since(began).Seconds(), w.Seeks, w.Searches, w.GivenUp, w.States, w.Hits, float64(w.Before.PSS)/1e6, float64(w.After.PSS)/1e6)
					mu.Lock()
					defer mu.Unlock()
					sums[i].Seeks += w.Seeks
					sums[i].Searches += w.Searches
					sums[i].States += w.States
					sums[i].Hits += w.Hits
				})
			}
		})
	}
}

// walk makes moves through a recording, all of which must be right.
func walk(t *testing.T, rec, moves string, flags []string, group bool) walked {
	t.Helper()
	argv := append([]string{stepback, "verify", "--json", "--walk=" + moves, rec}, flags...)
	if group {
		argv = append([]string{"sh", "-c", `echo $$ > "$0"/cgroup.procs && exec "$@"`, memoryGroup(t, 100<<20)}, argv...)
	}
	out := run(t, command{argv: argv, patience: time.Hour})
	var v struct {
		OK    bool
		Error string
		Walk  walked
	}
	if err := json.Unmarshal([]byte(out.stdout), &v); err != nil || !v.OK || out.status != 0 {
		t.Fatalf("%s: exit status %d, %s (%v)\nstderr: %s", strings.Join(argv, " "), out.status, v.Error, err, tail(out.stderr, 4000))
	}
	return v.Walk
}

// memoryGroup makes a control group (version 2) with so much memory, beside the test's own or below the root.
func memoryGroup(t *testing.T, limit int) (dir string) {
	t.Helper()
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skip(err)
	}
	_, path, _ := strings.Cut("\n"+string(own), "\n0::")
	path, _, _ = strings.Cut(path, "\n")
	parent := filepath.Join("/sys/fs/cgroup", filepath.Dir(path))
	if has, err := os.ReadFile(filepath.Join(parent, "cgroup.subtree_control")); !slices.Contains(strings.Fields(string(has)), "memory") {
		t.Skipf("there is no control group of version 2 with memory groups in it: %s has %q (%v)", parent, has, err)
	}
	if dir, err = os.MkdirTemp(parent, "stepback-walk-"); err != nil {
		t.Skipf("no control group can be made: %v", err)
	}
	t.Cleanup(func() { // once its processes are gone
		await(t, "removing "+dir, func() bool { return os.Remove(dir) == nil })
	})
	if err := os.WriteFile(filepath.Join(dir, "memory.max"), []byte(strconv.Itoa(limit)), 0); err != nil {
		t.Fatal(err)
	}
	return dir
}
