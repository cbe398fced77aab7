// Package traceetest serves the tests of packages that trace processes.
package traceetest

import (
	"errors"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// permitted finds out once whether this machine lets us trace our own children.
var permitted = sync.OnceValue(func() error {
	return tracee.Run(func(s *tracee.Session) error {
		t, err := s.Spawn(tracee.SpawnConfig{})
		if err != nil {
			return err
		}
		return s.Engine(t).Kill()
	})
})

// NeedPtrace skips the test where ptrace is forbidden, as in some containers.
func NeedPtrace(t testing.TB) {
	t.Helper()
	err := permitted()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOSYS) {
		t.Skipf("ptrace is not permitted here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
