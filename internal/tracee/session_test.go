package tracee

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestSpawn(t *testing.T) {
	needPtrace(t)
	dir := t.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	err = Run(func(s *Session) error {
		stub, err := s.Spawn(SpawnConfig{Dir: dir, Files: []*os.File{w}})
		if err != nil {
			return err
		}
		defer func() {
			if err := s.Engine(stub).Kill(); err != nil {
				t.Error(err)
			}
		}()
		proc := fmt.Sprintf("/proc/%d/", stub.TID())
		if cwd, err := os.Readlink(proc + "cwd"); err != nil || cwd != dir {
			t.Errorf("it is in %q, %v; want %q", cwd, err, dir)
		}
		for fd, want := range []bool{true, false, false} {
			if _, err := os.Stat(fmt.Sprintf("%sfd/%d", proc, fd)); (err == nil) != want {
				t.Errorf("descriptor %d: %v; want it there: %v", fd, err, want)
			}
		}
		maps, err := ReadMaps(stub.TID())
		if err != nil {
			return err
		}
		for _, m := range maps {
			inArea := m.Start == AreaStart && m.End == AreaStart+codeSize && m.Prot == unix.PROT_READ|unix.PROT_EXEC
			if !inArea && !strings.HasPrefix(m.Name, "[") {
				t.Errorf("it has a mapping of its own: %+v", m)
			}
		}
		page := make([]byte, codeSize)
		if err := stub.ReadMem(AreaStart, page); err != nil {
			return err
		}
		if string(page) != string(CodePage()) {
			t.Error("the page at AreaStart is not CodePage")
		}
		var set unix.CPUSet
		if err := unix.SchedGetaffinity(stub.TID(), &set); err != nil || set.Count() != 1 || !set.IsSet(s.CPU()) {
			t.Errorf("it may run on %d CPUs (%v); want only CPU %d", set.Count(), err, s.CPU())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestSpawnErrors(t *testing.T) {
	needPtrace(t)
	err := Run(func(s *Session) error {
		_, err := s.Spawn(SpawnConfig{Dir: filepath.Join(t.TempDir(), "missing")})
		return err
	})
	if !errors.Is(err, unix.ENOENT) || !strings.Contains(err.Error(), "starting a process") {
		t.Errorf("a missing directory: %v", err)
	}
}

// What f leaves behind is killed with the session's thread, whatever f returns.
func TestRunEndsItsTracees(t *testing.T) {
	needPtrace(t)
	failed := errors.New("failed")
	for _, want := range []error{nil, failed} {
		var pids []int
		err := Run(func(s *Session) error {
			stub, err := spawnWithArea(s)
			if err != nil {
				return err
			}
			c, err := s.Engine(stub).Fork()
			if err != nil {
				return err
			}
			pids = append(pids, stub.TID(), c.TID())
			// One that runs, and one that is stopped.
			if _, err := c.Resume(Continue, 0); err != nil {
				return err
			}
			return want
		})
		if err != want {
			t.Errorf("Run returned %v, want what f returned: %v", err, want)
		}
		for _, pid := range pids {
			if status := reap(t, pid); status.Signal() != unix.SIGKILL {
				t.Errorf("process %d ended with status %#x, want SIGKILL", pid, uint32(status))
			}
		}
	}
}

// helperMode in the environment makes this test binary spawn a stub, print its
// process id, and come to the end that the value tells when it is told to.
const helperMode = "STEPBACK_TRACEE_HELPER"

func TestHelperProcess(t *testing.T) {
	mode := os.Getenv(helperMode)
	if mode == "" {
		t.Skip("it is the other half of TestTraceesDieWithTheirTracer")
	}
	err := Run(func(s *Session) error {
		stub, err := s.Spawn(SpawnConfig{})
		if err != nil {
			return err
		}
		fmt.Println("pid", stub.TID())
		io.Copy(io.Discard, os.Stdin)
		switch mode {
		case "panic":
			panic("as the test wants")
		case "exit":
			os.Exit(1)
		case "kill":
			unix.Kill(os.Getpid(), unix.SIGKILL)
		}
		return errors.New("no such mode")
	})
	t.Fatal(err)
}

func TestTraceesDieWithTheirTracer(t *testing.T) {
	needPtrace(t)
	for _, mode := range []string{"panic", "exit", "kill"} {
		t.Run(mode, func(t *testing.T) {
			helper := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$", "-test.v")
			helper.Env = append(os.Environ(), helperMode+"="+mode)
			in, err := helper.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := helper.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := helper.Start(); err != nil {
				t.Fatal(err)
			}
			pid := 0
			lines := bufio.NewScanner(out)
			for pid == 0 && lines.Scan() {
				fmt.Sscanf(lines.Text(), "pid %d", &pid)
			}
			if pid == 0 {
				t.Fatal("the helper did not start a stub")
			}
			end := watchExit(t, pid)
			in.Close()
			io.Copy(io.Discard, out)
			if err := helper.Wait(); err == nil {
				t.Error("the helper ended well")
			}
			end.wait(t)
		})
	}
}

// Sessions do not disturb one another: each has its thread.
func TestManySessions(t *testing.T) {
	needPtrace(t)
	const sessions = 300
	var all sync.WaitGroup
	for range sessions {
		all.Go(func() {
			err := Run(func(s *Session) error {
				stub, err := s.Spawn(SpawnConfig{})
				if err != nil {
					return err
				}
				rc, err := s.Remote(stub, nil)
				if err != nil {
					return err
				}
				if pid, err := rc.Call(unix.SYS_GETPID); err != nil || int(pid) != stub.TID() {
					t.Errorf("getpid = %d, %v; want %d", pid, err, stub.TID())
				}
				return s.Engine(stub).Kill()
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		all.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%d sessions are not done after %v", sessions, patience)
	}
}
