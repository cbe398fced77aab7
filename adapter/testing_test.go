package adapter_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"stepback/adapter"
	"stepback/dap"
	"stepback/dap/daptest"
	"stepback/internal/tracee/traceetest"
	"stepback/recorder/syscalls"
	"stepback/recorder/trace"
	"stepback/snapshots"
)

// compile compiles a program of testdata without debug information.
func compile(t testing.TB, name string) (path string) { return compileWith(t, name, "-O0") }

func compileWith(t testing.TB, name string, flags ...string) (path string) {
	t.Helper()
	traceetest.NeedPtrace(t)
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("there is no gcc to compile a program with")
	}
	path = filepath.Join(t.TempDir(), name)
	flags = append(flags, "-Wall", "-pthread", "-o", path, "testdata/"+name+".c")
	if out, err := exec.Command(gcc, flags...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// config keeps recordings in a directory of the test.
func config(t testing.TB) *adapter.Config {
	dir := t.TempDir()
	return &adapter.Config{
		Tool:        "stepback test",
		SyscallName: func(nr uint64) string { return syscalls.Lookup(nr).Name },
		FindProgram: exec.LookPath,
		Reserve: func(asked, program string) (string, error) {
			if asked != "" {
				return asked, os.Mkdir(asked, 0o700)
			}
			return os.MkdirTemp(dir, "recording-")
		},
		Discard:       func(place string) { os.RemoveAll(place) },
		OpenRecording: trace.Open,
		ExplainLaunch: error.Error,
		MaxSnapshots:  snapshots.DefaultMax,
	}
}

// connect serves a client, and checks in the end that nothing is left of the session.
func connect(t testing.TB, c *adapter.Config) *daptest.Client {
	t.Helper()
	before := resources()
	here, there := net.Pipe()
	served := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { served <- adapter.Serve(ctx, dap.NewConn(there), c) }()
	client := daptest.New(t, here)
	t.Cleanup(func() {
		here.Close()
		if err := <-served; err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the session ended with: %v", err)
		}
		cancel()
		before.compare(t)
	})
	return client
}

// usage is what a process has that could leak.
type usage struct{ goroutines, files, children int }

func resources() usage {
	files, _ := os.ReadDir("/proc/self/fd")
	return usage{runtime.NumGoroutine(), len(files), children()}
}

// children counts our child processes, those that have ended too.
func children() int {
	n := 0
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		list, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		n += len(strings.Fields(string(list)))
	}
	return n
}

// compare waits until there is no more than before: goroutines end a little later than what they
// did is seen.
func (u usage) compare(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		now := resources()
		if now.goroutines <= u.goroutines && now.files <= u.files && now.children <= u.children {
			return
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Errorf("left behind: %+v, before %+v\n%s", now, u, stacks[:runtime.Stack(stacks, true)])
			return
		}
		runtime.Gosched()
	}
}
