package trace

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// helperEnv makes the test binary a helper process.
const helperEnv = "STEPBACK_TRACE_TEST_HELPER"

func TestMain(m *testing.M) {
	switch role, dir, _ := strings.Cut(os.Getenv(helperEnv), ":"); role {
	case "endless":
		recordEndlessly(dir)
	case "limited":
		recordWithFileLimit(dir)
	}
	os.Exit(m.Run())
}

// helper starts this binary as a helper process.
func helper(t *testing.T, role, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), helperEnv+"="+role+":"+dir)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// endlessEvents are repeated by recordEndlessly.
func endlessEvents() []Event { return randomEvents(21, 500) }

// recordEndlessly says a line for every 20000 events and never ends.
func recordEndlessly(dir string) {
	w, err := Create(dir, testManifest())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	events := endlessEvents()
	for i := 1; ; i++ {
		w.Append(&events[(i-1)%len(events)])
		if i%20000 == 0 {
			if _, err := w.AddBlob(fmt.Append(nil, i)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
			fmt.Println(i)
		}
	}
}

// TestKill kills a recorder with SIGKILL, at several stages.
func TestKill(t *testing.T) {
	for lines := 1; lines <= 5; lines++ {
		dir := filepath.Join(t.TempDir(), "rec")
		cmd := helper(t, "endless", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for range lines {
			var n int
			if _, err := fmt.Fscanln(out, &n); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // was killed

		r := open(t, dir)
		if r.Footer() != nil {
			t.Error("there is a footer")
		}
		// 20000 events make more frames than may wait.
		if r.Len() == 0 || r.Elapsed() == 0 {
			t.Errorf("Len is %d, Elapsed %v", r.Len(), r.Elapsed())
		}
		expectRepeated(t, r, endlessEvents())
	}
}

// expectRepeated checks that the events are the given ones again and again.
func expectRepeated(t *testing.T, r *Recording, events []Event) {
	t.Helper()
	c, err := r.Events(0)
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	var n uint64
	for ; ; n++ {
		err := c.Next(&e)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := diff(events[n%uint64(len(events))], e); d != "" {
			t.Fatalf("event %d differs (-want +got):\n%s", n, d)
		}
	}
	if n != r.Len() {
		t.Errorf("%d events, but Len is %d", n, r.Len())
	}
}

// TestAbort: without a footer, but with all events.
func TestAbort(t *testing.T) {
	events := randomEvents(22, 100)
	dir := filepath.Join(t.TempDir(), "rec")
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		w.Append(&events[i])
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	if r.Footer() != nil || r.Damage() != nil {
		t.Errorf("Footer %v, Damage %v", r.Footer(), r.Damage())
	}
	expect(t, r, events, 0)
}

// recordUntilFull records until the disk is full and checks what the Writer
// says of it. It returns the errors of the checks.
func recordUntilFull(dir string, full error) error {
	w, err := Create(dir, testManifest())
	if err != nil {
		return err
	}
	reported := make(chan error, 2)
	w.OnError(func(err error) { reported <- err })
	events := endlessEvents()
	for i := 0; w.Err() == nil; i++ {
		w.Append(&events[i%len(events)])
	}
	first := w.Err()
	if !errors.Is(first, full) {
		return fmt.Errorf("Err is %v, want %v", first, full)
	}
	if err := <-reported; err != first {
		return fmt.Errorf("OnError was told %v", err)
	}
	for i := range events {
		w.Append(&events[i])
	}
	if _, err := w.AddBlob([]byte("more")); err != first {
		return fmt.Errorf("AddBlob: %v", err)
	}
	if err := w.Close(nil); !errors.Is(err, first) {
		return fmt.Errorf("Close: %v", err)
	}
	if len(reported) != 0 {
		return errors.New("OnError was told twice")
	}
	return nil
}

// expectCleanPrefix checks that the log ends with a whole frame.
func expectCleanPrefix(t *testing.T, dir string) {
	t.Helper()
	r := open(t, dir)
	if r.Damage() != nil || r.Footer() != nil || r.Len() == 0 {
		t.Errorf("Damage %v, Footer %v, Len %d", r.Damage(), r.Footer(), r.Len())
	}
	expectRepeated(t, r, endlessEvents())
	if err := r.Close(); err != nil { // or the disk stays full when the recording is removed
		t.Error(err)
	}
}

func TestFullDisk(t *testing.T) {
	mount := t.TempDir()
	if err := unix.Mount("tmpfs", mount, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount a small file system, TestFileLimit is similar: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(mount, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(mount, "rec")
	if err := recordUntilFull(dir, unix.ENOSPC); err != nil {
		t.Fatal(err)
	}
	expectCleanPrefix(t, dir)

	// A blob that does not fit leaves nothing.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	w, err := Create(dir, testManifest())
	if err != nil {
		t.Fatal(err)
	}
	event := endlessEvents()[0]
	w.Append(&event)
	if _, err := w.AddBlob(make([]byte, 2<<20)); !errors.Is(err, unix.ENOSPC) || w.Err() != err {
		t.Errorf("AddBlob: %v, Err: %v", err, w.Err())
	}
	if err := w.Close(nil); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("Close: %v", err)
	}
	expectCleanPrefix(t, dir)
	if left, err := os.ReadDir(filepath.Join(dir, blobsName)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}

	// Unpack leaves nothing either.
	packed := filepath.Join(t.TempDir(), "packed")
	big := filepath.Join(t.TempDir(), "rec")
	if w, err = Create(big, testManifest()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.AddBlob(make([]byte, 2<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(nil); err != nil {
		t.Fatal(err)
	}
	if err := Pack(big, packed, nil); err != nil {
		t.Fatal(err)
	}
	unpacked := filepath.Join(mount, "unpacked")
	if err := Unpack(packed, unpacked, 0, nil); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("Unpack: %v", err)
	}
	if _, err := os.Lstat(unpacked); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Unpack left something: %v", err)
	}
}

// recordWithFileLimit records in a process whose files cannot grow.
func recordWithFileLimit(dir string) {
	signal.Ignore(unix.SIGXFSZ)
	limit := unix.Rlimit{Cur: 300_000, Max: 300_000}
	err := unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)
	if err == nil {
		err = recordUntilFull(dir, unix.EFBIG)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// TestFileLimit is a full disk for those who are not root. The kernel writes
// a part of the last frame then, which must be cut off.
func TestFileLimit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rec")
	if out, err := helper(t, "limited", dir).Output(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	expectCleanPrefix(t, dir)
}
