package recorder

import (
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// kill ends every process in the set, and those that come later.
func TestPidSet(t *testing.T) {
	start := func() *exec.Cmd {
		c := exec.Command("sleep", "1000")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Process.Kill(); c.Wait() })
		return c
	}
	killed := func(c *exec.Cmd) bool {
		c.Wait()
		return c.ProcessState.Sys().(syscall.WaitStatus).Signal() == unix.SIGKILL
	}
	var set pidSet
	a, b, removed, late := start(), start(), start(), start()
	for _, c := range []*exec.Cmd{a, b, removed} {
		set.add(c.Process.Pid)
	}
	set.remove(removed.Process.Pid)
	set.kill()
	if !killed(a) || !killed(b) {
		t.Error("a process in the set was not killed")
	}
	set.add(late.Process.Pid)
	if !killed(late) {
		t.Error("a process that came after kill was not killed")
	}
	if err := removed.Process.Signal(unix.Signal(0)); err != nil {
		t.Errorf("a removed process does not run any more: %v", err)
	}
}

func TestTaskState(t *testing.T) {
	withStub(t, func(stub tracee.Stopped) error {
		if got := taskState(stub.TID()); got != 't' {
			t.Errorf("a stopped tracee has state %c, want t", got)
		}
		return nil
	})
	const nobody = 1 << 30 // above any pid_max
	if got := taskState(nobody); got != 'X' || !ended(nobody) || !asleep(nobody) {
		t.Errorf("no process has state %c, want X", got)
	}
}

// A line for the user is said once, however often it happens.
func TestWarnOnce(t *testing.T) {
	var said []string
	r := newRecorder(Config{Warn: func(s string) { said = append(said, s) }}, nil)
	for range 3 {
		r.warn("call %s", "one")
		r.warn("call %s", "two")
	}
	if len(said) != 2 || said[0] != "call one" || said[1] != "call two" {
		t.Errorf("said %q", said)
	}
}
