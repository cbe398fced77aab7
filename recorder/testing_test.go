package recorder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"stepback/internal/tracee"
	"stepback/internal/tracee/traceetest"
	"stepback/recorder/trace"
)

// withStub runs f with a stub whose memory from tracee.Data on can be used.
func withStub(t *testing.T, f func(stub tracee.Stopped) error) {
	t.Helper()
	traceetest.NeedPtrace(t)
	err := tracee.Run(func(s *tracee.Session) error {
		stub, err := s.Spawn(tracee.SpawnConfig{})
		if err != nil {
			return err
		}
		rc, err := s.Remote(stub, nil)
		if err != nil {
			return err
		}
		if err := errors.Join(rc.MapArea(false), rc.Restore()); err != nil {
			return err
		}
		return errors.Join(f(stub), s.Engine(stub).Kill())
	})
	if err != nil {
		t.Error(err)
	}
}

// program compiles testdata/NAME.c.
func program(t *testing.T, name string) string {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("there is no gcc to compile the program with")
	}
	path := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command(gcc, "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", path, "testdata/"+name+".c").CombinedOutput(); err != nil {
		t.Fatalf("compiling %s: %v\n%s", name, err, out)
	}
	return path
}

// run is a program recorded in the test.
type run struct {
	Config
	Result
	err    error
	stdout string
	warned []string
}

// record records a program, whose standard output it takes. It checks that
// no process is left.
func record(t *testing.T, c Config, args ...string) *run {
	t.Helper()
	traceetest.NeedPtrace(t)
	r := &run{Config: c}
	r.Path, r.Args, r.Tool = args[0], args, "stepback test"
	if r.Out == "" {
		r.Out = filepath.Join(t.TempDir(), "rec")
	}
	if r.Env == nil {
		r.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}
	}
	r.Warn = func(line string) { r.warned = append(r.warned, line) }
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	out, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if r.Files == nil {
		r.Files = []*os.File{null, w, os.Stderr}
	}
	var text bytes.Buffer
	copied := make(chan struct{})
	go func() {
		io.Copy(&text, out)
		close(copied)
	}()
	before := children(t)
	r.Result, r.err = Record(r.Config)
	w.Close()
	<-copied
	r.stdout = text.String()
	for pid := range children(t) {
		if !before[pid] {
			t.Errorf("process %d is left", pid)
		}
	}
	return r
}

// mustRecord is record for programs that come to their end.
func mustRecord(t *testing.T, c Config, args ...string) *run {
	t.Helper()
	r := record(t, c, args...)
	if r.err != nil {
		t.Fatal(r.err)
	}
	return r
}

// open opens what was recorded.
func (r *run) open(t *testing.T) *trace.Recording {
	t.Helper()
	rec, err := trace.Open(r.Out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rec.Close() })
	return rec
}

// events reads all events. Their bytes are not kept; see trace.Cursor.
func events(t *testing.T, rec *trace.Recording) []trace.Event {
	t.Helper()
	c, err := rec.Events(0)
	if err != nil {
		t.Fatal(err)
	}
	var list []trace.Event
	for {
		var e trace.Event // with Ops and Writes of its own
		err := c.Next(&e)
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
}

// children are the processes whose parent is the test, the dead included.
func children(t *testing.T) map[int]bool {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	list := map[int]bool{}
	for _, path := range stats {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // gone by now
		}
		var state string
		var parent int
		if _, err := fmt.Sscan(string(b[bytes.LastIndexByte(b, ')')+1:]), &state, &parent); err == nil && parent == os.Getpid() {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			list[pid] = true
		}
	}
	return list
}
