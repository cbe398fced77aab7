package replayer_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee/traceetest"
	"stepback/recorder"
	"stepback/replayer"
)

// Processes killed from outside at any moment, be it in the middle of a fork,
// of an exec, or with a signal on its way, neither stop the recorder nor make
// a recording that differs from its replay.
func TestKilledAtAnyMoment(t *testing.T) {
	traceetest.NeedPtrace(t)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	const rounds = 60
	script := fmt.Sprintf("i=0; while [ $i -lt %d ]; do i=$((i+1)); sh -c 'while :; do /bin/true; (:); done'; done; exit 7", rounds)
	dir := filepath.Join(t.TempDir(), "rec")
	over := make(chan struct{})
	killed := make(chan int, 1)
	result, err := recorder.Record(recorder.Config{
		Path: "/bin/sh", Args: []string{"sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin"},
		Files: []*os.File{null, null, null}, Out: dir, Tool: "stepback test",
		Started: func(pid int) { go func() { killed <- killChildren(pid, over) }() },
	})
	close(over)
	if n := <-killed; n < rounds {
		t.Errorf("%d processes were killed, want %d at least", n, rounds)
	}
	if err != nil || result.Status.ExitStatus() != 7 {
		t.Fatalf("status %#x, error %v", uint32(result.Status), err)
	}
	if _, err := replay(t, open(t, dir), replayer.Options{}); err != nil {
		t.Error(err)
	}
}

// killChildren kills the children of a process, each after a while of random
// length, until over, and returns how many it killed.
func killChildren(pid int, over <-chan struct{}) (killed int) {
	last, wait := 0, 0
	for {
		select {
		case <-over:
			return killed
		default:
		}
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		child, err := strconv.Atoi(string(bytes.TrimSpace(b)))
		switch {
		case err != nil:
		case child != last:
			last, wait = child, rand.IntN(1500) // readings of this file, 10 µs each or more
		case wait > 0:
			wait--
		default:
			if unix.Kill(child, unix.SIGKILL) == nil && wait == 0 {
				killed++
				wait = -1 // once
			}
		}
	}
}
