package replayer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"stepback/internal/tracee/traceetest"
	"stepback/recorder"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// buildDir holds what is made once for all tests: the compiled program and its
// recording.
var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "stepback-replayer-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(status)
}

// record records a program in dir.
func record(dir string, args ...string) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	_, err = recorder.Record(recorder.Config{
		Path: args[0], Args: args, Env: []string{"PATH=/usr/bin:/bin"}, Files: []*os.File{null, null, os.Stderr}, Out: dir, Tool: "stepback test",
	})
	return err
}

var errNoCompiler = errors.New("there is no gcc to compile the program with")

// recordScene compiles and records testdata/scene.c.
var recordScene = sync.OnceValues(func() (dir string, err error) {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		return "", errNoCompiler
	}
	program := filepath.Join(buildDir, "scene")
	if out, err := exec.Command(gcc, "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread", "-o", program, "testdata/scene.c").CombinedOutput(); err != nil {
		return "", fmt.Errorf("compiling the scene: %w\n%s", err, out)
	}
	dir = filepath.Join(buildDir, "recording")
	return dir, record(dir, program)
})

// scene is a recording of testdata/scene.c, to change.
type scene struct {
	dir      string
	manifest trace.Manifest
	events   []trace.Event
}

func newScene(t testing.TB) *scene {
	t.Helper()
	traceetest.NeedPtrace(t)
	dir, err := recordScene()
	if errors.Is(err, errNoCompiler) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return openScene(t, dir)
}

func openScene(t testing.TB, dir string) *scene {
	t.Helper()
	rec := open(t, dir)
	s := &scene{dir: dir, manifest: *rec.Manifest()}
	c, err := rec.Events(0)
	if err != nil {
		t.Fatal(err)
	}
	var e trace.Event
	for {
		err := c.Next(&e)
		if err == io.EOF {
			return s
		}
		if err != nil {
			t.Fatal(err)
		}
		s.events = append(s.events, clone(&e))
	}
}

func open(t testing.TB, dir string) *trace.Recording {
	t.Helper()
	rec, err := trace.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rec.Close() })
	return rec
}

// clone is an event that shares nothing with e.
func clone(e *trace.Event) trace.Event {
	c := *e
	c.XState = bytes.Clone(e.XState)
	c.Ops = slices.Clone(e.Ops)
	for i := range c.Ops {
		c.Ops[i].Data = bytes.Clone(c.Ops[i].Data)
	}
	c.Writes = slices.Clone(e.Writes)
	for i := range c.Writes {
		c.Writes[i].Data = bytes.Clone(c.Writes[i].Data)
	}
	if e.Signal != nil {
		s := *e.Signal
		s.Info = bytes.Clone(s.Info)
		c.Signal = &s
	}
	if e.Thread != nil {
		s := *e.Thread
		c.Thread = &s
	}
	if e.Exit != nil {
		s := *e.Exit
		c.Exit = &s
	}
	if e.Evidence != nil {
		s := *e.Evidence
		s.Pages = slices.Clone(s.Pages)
		c.Evidence = &s
	}
	return c
}

// call is the number of the only event at which system call nr is made; any
// event of the call after the start of the program's own code.
func (s *scene) call(t testing.TB, nr uint64) int {
	t.Helper()
	return s.find(t, fmt.Sprintf("system call %d", nr), func(e *trace.Event) bool {
		return (e.Kind == trace.Syscall || e.Kind == trace.Enter) && e.Before.OrigRax == nr
	})
}

// find is the number of the last event that is so.
func (s *scene) find(t testing.TB, what string, is func(*trace.Event) bool) int {
	t.Helper()
	for i := len(s.events) - 1; i >= 0; i-- {
		if is(&s.events[i]) {
			return i
		}
	}
	t.Fatalf("the recording has no %s", what)
	return 0
}

// next is the number of the next event of the same thread.
func (s *scene) next(t testing.TB, i int) int {
	t.Helper()
	for j := i + 1; j < len(s.events); j++ {
		if s.events[j].TID == s.events[i].TID {
			return j
		}
	}
	t.Fatalf("event %d is the last of its thread", i)
	return 0
}

// drop takes an event out.
func (s *scene) drop(i int) { s.events = slices.Delete(s.events, i, i+1) }

// save writes the scene as a recording of its own.
func (s *scene) save(t testing.TB) *trace.Recording {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "changed")
	m := s.manifest
	w, err := trace.Create(dir, &m)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(s.dir, "blobs"), filepath.Join(dir, "blobs")); err != nil {
		t.Fatal(err)
	}
	for i := range s.events {
		w.Append(&s.events[i])
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

// replay replays, and checks that nothing of it is left: no process, no
// descriptor.
func replay(t testing.TB, rec *trace.Recording, opts replayer.Options) (uint64, error) {
	t.Helper()
	traceetest.NeedPtrace(t)
	fds, processes := descriptors(t), children(t)
	result, err := replayer.Run(rec, opts)
	done := result.Events
	if left := children(t); !slices.Equal(left, processes) {
		t.Errorf("the replay leaves the processes %v; there were %v before", left, processes)
	}
	if left := descriptors(t); !slices.Equal(left, fds) {
		t.Errorf("the replay leaves the descriptors %v; there were %v before", left, fds)
	}
	return done, err
}

// descriptors are those that the test has open.
func descriptors(t testing.TB) []string {
	t.Helper()
	_, list, err := replayer.Surroundings()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// children are the processes whose parent is the test, the dead included.
func children(t testing.TB) []int {
	t.Helper()
	list, _, err := replayer.Surroundings()
	if err != nil {
		t.Fatal(err)
	}
	return list
}
