package e2e

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a command may take: far more than it needs on a slow, busy machine, so that
// only a hang runs into it.
const patience = 3 * time.Minute

// markName is the environment variable by which a command's processes are found again.
const markName = "STEPBACK_E2E_MARK"

// A command is one thing to run.
type command struct {
	argv  []string
	dir   string   // working directory; the test's own if empty
	env   []string // added to baseEnv
	stdin string
	// terminal becomes the controlling terminal and all three standard streams, if it is given.
	terminal *os.File
	// patience is how long it may take; 0 for the usual.
	patience time.Duration
	// diagnose adds to the report when the command does not end in time.
	diagnose func() string
}

// An outcome is what a command left behind.
type outcome struct {
	stdout, stderr string
	status         int // as a shell gives it: 128+n for death by signal n
	took           time.Duration
}

// baseEnv is the environment of every command: the same on each machine and in each run.
func baseEnv(dir string) []string {
	return []string{
		"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
		"HOME=" + dir, "LC_ALL=C.UTF-8", "TZ=UTC", "TERM=dumb", "SHELL=/bin/sh",
	}
}

// A running is a command that was started.
type running struct {
	t       *testing.T
	cmd     *exec.Cmd
	command command
	mark    string
	started time.Time
	stdout  *os.File
	stderr  *os.File
	done    chan struct{} // closed when the command itself has ended
}

// start runs c in a session of its own, its output going to files: a process that it leaves behind
// can't hold up the test by an open pipe. The test's end kills whatever still carries its mark.
func start(t *testing.T, c command) *running {
	t.Helper()
	r := &running{t: t, command: c, mark: newMark(), done: make(chan struct{})}
	if c.dir == "" {
		c.dir = t.TempDir()
	}
	out := t.TempDir()
	r.stdout, r.stderr = create(t, filepath.Join(out, "stdout")), create(t, filepath.Join(out, "stderr"))

	r.cmd = exec.Command(c.argv[0], c.argv[1:]...)
	r.cmd.Dir = c.dir
	r.cmd.Env = append(append(baseEnv(c.dir), c.env...), markName+"="+r.mark)
	r.cmd.Stdin = strings.NewReader(c.stdin)
	r.cmd.Stdout, r.cmd.Stderr = r.stdout, r.stderr
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if c.terminal != nil {
		r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = c.terminal, c.terminal, c.terminal
		r.cmd.SysProcAttr.Setctty = true
	}
	// The program may exit without reading its input; its leavings may keep the pipe open.
	r.cmd.WaitDelay = time.Second

	r.started = time.Now()
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("unable to start %s: %v", strings.Join(c.argv, " "), err)
	}
	go func() {
		r.cmd.Wait() // its result is in r.cmd.ProcessState
		close(r.done)
	}()
	t.Cleanup(func() { killMarked(r.mark) })
	return r
}

// wait returns the outcome. When the command does not end in time, everything of it is killed and the
// test fails with what is known.
func (r *running) wait() outcome {
	r.t.Helper()
	patience := cmp.Or(r.command.patience, patience)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-r.done:
	case <-timer.C:
		processes := describe(marked(r.mark))
		killMarked(r.mark)
		<-r.done
		var extra string
		if r.command.diagnose != nil {
			extra = r.command.diagnose()
		}
		r.t.Fatalf("%s did not end within %v\nprocesses:\n%s\nstdout ends: %s\nstderr ends: %s\n%s",
			strings.Join(r.command.argv, " "), patience, processes, tail(r.out(), 2000), tail(r.err(), 2000), extra)
	}
	return outcome{stdout: r.out(), stderr: r.err(), status: exitStatus(r.cmd.ProcessState), took: time.Since(r.started)}
}

func (r *running) out() string { return content(r.t, r.stdout.Name()) }
func (r *running) err() string { return content(r.t, r.stderr.Name()) }

// ended says whether the command itself has ended.
func (r *running) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// run starts c and waits for it.
func run(t *testing.T, c command) outcome {
	t.Helper()
	return start(t, c).wait()
}

// runTree runs c and waits for all its processes, those too that the first one leaves behind: the recorder
// waits for them, and what they print belongs to the run.
func runTree(t *testing.T, c command) outcome {
	t.Helper()
	r := start(t, c)
	out := r.wait()
	await(t, "the processes left behind by "+strings.Join(c.argv, " "), func() bool {
		for range 2 {
			if len(marked(r.mark)) > 0 {
				return false
			}
		}
		return true
	})
	out.stdout, out.stderr = r.out(), r.err()
	return out
}

func exitStatus(state *os.ProcessState) int {
	status := state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// await returns when condition holds and fails the test when it does not in time.
func await(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
		// Only a pause between two looks, not a guess at how long the thing takes.
		time.Sleep(2 * time.Millisecond)
	}
}

func newMark() string {
	raw := make([]byte, 12)
	rand.Read(raw)
	return hex.EncodeToString(raw)
}

// marked returns the living processes whose environment holds the mark. A process in the middle of an
// exec shows no environment, so only a repeated look is sure to find everything.
func marked(mark string) []int {
	needle := []byte(markName + "=" + mark)
	var found []int
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if environ, err := os.ReadFile("/proc/" + entry.Name() + "/environ"); err == nil && bytes.Contains(environ, needle) {
			found = append(found, pid)
		}
	}
	return found
}

// killMarked kills processes with the mark until none is left.
func killMarked(mark string) {
	for clean := 0; clean < 2; {
		pids := marked(mark)
		for _, pid := range pids {
			unix.Kill(pid, unix.SIGKILL)
		}
		if len(pids) == 0 {
			clean++
		} else {
			clean = 0
			time.Sleep(time.Millisecond)
		}
	}
}

// describe shows processes for a failure's report: state, place in the kernel, command line.
func describe(pids []int) string {
	var text strings.Builder
	for _, pid := range pids {
		dir := fmt.Sprintf("/proc/%d/", pid)
		stat, _ := os.ReadFile(dir + "stat")
		wchan, _ := os.ReadFile(dir + "wchan")
		syscall, _ := os.ReadFile(dir + "syscall")
		cmdline, _ := os.ReadFile(dir + "cmdline")
		var state string
		if end := bytes.LastIndexByte(stat, ')'); end >= 0 && end+2 < len(stat) {
			state = string(stat[end+2])
		}
		fmt.Fprintf(&text, "  %d %s in %s, system call %s: %s\n", pid, state, wchan,
			strings.TrimSpace(string(syscall)), strings.ReplaceAll(tail(string(cmdline), 200), "\x00", " "))
	}
	return text.String()
}

func create(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// tail returns the last n bytes of text, saying so when that is not all.
func tail(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return "…" + text[len(text)-n:]
}
