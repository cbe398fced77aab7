package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A subject is a program that runs natively and recorded, and is to behave the same.
type subject struct {
	name  string
	argv  func(t *testing.T) []string
	env   []string
	stdin string
	// setUp fills the empty working directory before each of the two runs.
	setUp func(t *testing.T, dir string)
	// status that the program ends with, in both runs.
	status int
	// says is what standard output must contain for the run to have done its work.
	says string
	// blur removes from an output what may differ from run to run. Each use says why.
	blur func(output string) string
	// recordedOnly is set for a program that shows what only the recorder makes true: its native run fails,
	// and there is nothing to compare.
	recordedOnly bool
	// travel is at how many random times the recording is looked at, in order and at random.
	travel int
}

var subjects = []subject{
	{name: "pipelines", argv: shell("bash", "pipelines.sh"), says: "TOTAL IS"},
	{name: "xz", argv: compress("xz", "1"), says: "came back"},
	{name: "xz-T2", argv: compress("xz", "2"), says: "came back"},
	{name: "zstd", argv: compress("zstd", "1"), says: "came back"},
	{name: "zstd-T2", argv: compress("zstd", "2"), says: "came back"},
	{name: "sqlite-journal", argv: shell("bash", "sqlite.sh", "delete"), says: "ok"},
	{name: "sqlite-wal", argv: shell("bash", "sqlite.sh", "wal"), says: "wal", travel: 10},
	{name: "python-compute", argv: shell("python3", "compute.py"), says: "time goes on True True 16"},
	{name: "python-threads", argv: shell("python3", "threads.py"), says: "True", travel: 10},
	{name: "python-subprocess", argv: shell("python3", "subprocesses.py"), says: "timed out"},
	{name: "python-sockets", argv: shell("python3", "sockets.py"), says: "asyncio True"},
	{name: "perl", argv: shell("perl", "report.pl"), says: "alarm"},
	{name: "git", argv: shell("bash", "git.sh"), says: "merge"},
	{name: "make-sqlite", argv: shellCommand("make -s && ./app"), setUp: copyProject, says: "total = 500500"},
	{name: "make-j2", argv: shell("bash", "small-project.sh"), says: "up to date"},
	{name: "go", argv: compiled("server.go"), status: 3, says: "answers 200 wrong 0", travel: 10},
	{name: "c++", argv: compiled("exceptions.cc"), status: 128 + 6, says: "17 kinds, 0 guards left", travel: 10},
	{name: "crash", argv: compiled("crash.c"), status: 128 + 11, says: "signal 10", travel: 10},
	{name: "node", argv: shell("node", "work.js"), status: 6, says: "worker 9592", travel: 10},
}

// TestPrograms runs each subject natively and recorded, compares all that can be seen from outside, and
// verifies the recording three times.
func TestPrograms(t *testing.T) {
	for _, s := range subjects {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.test(t)
		})
	}
}

func (s subject) test(t *testing.T) {
	argv := s.argv(t)
	// Both runs have the same path to work in: it may appear in their output.
	dir := filepath.Join(t.TempDir(), "work")
	prepare := func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if s.setUp != nil {
			s.setUp(t, dir)
		}
	}

	var native outcome
	if !s.recordedOnly {
		prepare()
		native = runTree(t, command{argv: argv, dir: dir, env: s.env, stdin: s.stdin})
		if native.status != s.status || !strings.Contains(native.stdout, s.says) {
			t.Fatalf("the native run did not do its work: exit status %d, want %d\nstdout: %s\nstderr: %s",
				native.status, s.status, tail(native.stdout, 2000), tail(native.stderr, 2000))
		}
	}

	prepare()
	rec := filepath.Join(t.TempDir(), "rec")
	recorded := run(t, command{
		argv: recordCommand(rec, argv...), dir: dir, env: s.env, stdin: s.stdin,
		diagnose: func() string { return lastEvents(rec) },
	})
	t.Logf("native %.2f s, recorded %.2f s", native.took.Seconds(), recorded.took.Seconds())
	if s.recordedOnly {
		native = outcome{status: s.status, stdout: recorded.stdout, stderr: recorded.stderr}
	}
	s.compare(t, rec, native, recorded)

	mustVerify(t, rec)
	mustShow(t, rec, recorded)
	if s.travel > 0 {
		mustTravel(t, rec, s.travel)
	}
}

// compare demands the same standard output, standard error and exit status of both runs.
func (s subject) compare(t *testing.T, rec string, native, recorded outcome) {
	t.Helper()
	blur := s.blur
	if blur == nil {
		blur = func(output string) string { return output }
	}
	failed := false
	if recorded.status != native.status {
		t.Errorf("exit status %d recorded, %d native", recorded.status, native.status)
		failed = true
	}
	for _, stream := range []struct{ name, native, recorded string }{
		{"stdout", native.stdout, recorded.stdout},
		{"stderr", native.stderr, recorded.stderr},
	} {
		if diff := cmp.Diff(blur(stream.native), blur(stream.recorded)); diff != "" {
			t.Errorf("%s differs (- native, + recorded):\n%s", stream.name, tail(diff, 4000))
			failed = true
		}
	}
	if failed {
		t.Fatal(lastEvents(rec))
	}
}

// shell runs a script of testdata/programs with an interpreter of the system.
func shell(interpreter, script string, args ...string) func(t *testing.T) []string {
	return func(t *testing.T) []string {
		path := filepath.Join(repoDir, "tests/e2e/testdata/programs", script)
		return append([]string{systemProgram(t, interpreter), path}, args...)
	}
}

func shellCommand(line string) func(t *testing.T) []string {
	return func(t *testing.T) []string { return []string{systemProgram(t, "sh"), "-c", line} }
}

// compress takes a file of 20 MB through a compressor and back.
func compress(tool, threads string) func(t *testing.T) []string {
	return func(t *testing.T) []string {
		return shell("bash", "compress.sh", tool, threads, mixedFile(t, 20_000_000))(t)
	}
}

// compiled is a program of testdata/programs that is compiled first.
func compiled(source string) func(t *testing.T) []string {
	return func(t *testing.T) []string { return []string{program(t, source)} }
}

func copyProject(t *testing.T, dir string) {
	t.Helper()
	if out, err := exec.Command("cp", "-r", cProject(t)+"/.", dir).CombinedOutput(); err != nil {
		t.Fatalf("unable to copy the C project: %v\n%s", err, out)
	}
}
