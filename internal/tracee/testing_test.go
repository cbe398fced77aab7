package tracee

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// permitted finds out once whether this machine lets us trace our own children.
var permitted = sync.OnceValue(func() error {
	return Run(func(s *Session) error {
		t, err := s.Spawn(SpawnConfig{})
		if err != nil {
			return err
		}
		return s.Engine(t).Kill()
	})
})

// needPtrace skips the test where ptrace is forbidden, as in some containers.
func needPtrace(t testing.TB) {
	t.Helper()
	err := permitted()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOSYS) {
		t.Skipf("ptrace is not permitted here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// withStub runs f with a fresh stub that has the engine's area, and ends the
// stub behind it.
func withStub(t *testing.T, f func(s *Session, stub Stopped) error) {
	t.Helper()
	needPtrace(t)
	err := Run(func(s *Session) error {
		stub, err := spawnWithArea(s)
		if err != nil {
			return err
		}
		err = f(s, stub)
		if kerr := s.Engine(stub).Kill(); kerr != nil && !errors.Is(kerr, ErrGone) {
			err = errors.Join(err, fmt.Errorf("ending the stub: %w", kerr))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func spawnWithArea(s *Session) (Stopped, error) {
	stub, err := s.Spawn(SpawnConfig{})
	if err != nil {
		return stub, err
	}
	rc, err := s.Remote(stub, nil)
	if err != nil {
		return stub, err
	}
	return stub, errors.Join(rc.MapArea(false), rc.Restore())
}

// exited tells when a process has ended, be it reaped or not.
type exited struct{ pidfd int }

func watchExit(t testing.TB, pid int) exited {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatalf("process %d: %v", pid, err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return exited{fd}
}

func (e exited) wait(t testing.TB) {
	t.Helper()
	fds := []unix.PollFd{{Fd: int32(e.pidfd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, int(patience.Milliseconds()))
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			t.Errorf("the process has not ended (%v)", err)
		}
		return
	}
}

// reap takes the wait status of a child of ours whose tracer is gone.
func reap(t testing.TB, pid int) unix.WaitStatus {
	t.Helper()
	var status unix.WaitStatus
	for {
		got, err := unix.Wait4(pid, &status, 0, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || got != pid {
			t.Errorf("reaping process %d: %d, %v", pid, got, err)
		}
		return status
	}
}
