package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFullDisk records onto a file system that fills up. The recorder says so and ends with the exit
// status for a failed recording; no process survives; what was written verifies as incomplete.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "24m")

	dir := t.TempDir()
	rec := filepath.Join(disk, "rec")
	// Random bytes can't be compressed: every read of them goes to the disk as it is.
	noise := "while :; do head -c 100000 /dev/urandom | wc -c; done"
	r := start(t, command{argv: recordCommand(rec, "/bin/bash", "-c", noise), dir: dir})
	out := r.wait()
	if out.status != 120 {
		t.Errorf("exit status %d, want 120", out.status)
	}
	if strings.Count(out.stderr, "\n") != 1 || !strings.Contains(strings.ToLower(out.stderr), "no space left") {
		t.Errorf("stderr is not one line about the full disk: %q", out.stderr)
	}
	mustVanish(t, r)
	if f := mustBePrefix(t, rec); f.Events < 100 {
		t.Errorf("only %d events were kept", f.Events)
	}
}

// TestFullDiskAtOnce records where not even the program's image fits.
func TestFullDiskAtOnce(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "128k")
	r := start(t, command{argv: recordCommand(filepath.Join(disk, "rec"), "/bin/bash", "-c", "while :; do :; done")})
	out := r.wait()
	if out.status != 120 || strings.Count(out.stderr, "\n") != 1 || !strings.Contains(strings.ToLower(out.stderr), "no space left") {
		t.Errorf("exit status %d, want 120; stderr: %q", out.status, out.stderr)
	}
	mustVanish(t, r)
}

// smallDisk mounts a file system of the given size. Only root can; others skip the test.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a small file system needs root")
	}
	dir := t.TempDir()
	if err := unix.Mount("stepback-e2e", dir, "tmpfs", 0, "mode=700,size="+size); err != nil {
		t.Skipf("unable to mount a small file system here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unable to unmount %s: %v", dir, err)
		}
	})
	return dir
}
