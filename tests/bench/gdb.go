package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// gdbScript lets the program compute for $DELAY seconds, records $STEPS instructions from there and says how many it
// recorded in how many seconds, and where it stopped if it was too early.
//
//go:embed testdata/gdb.py
var gdbScript []byte

// gdbSteps is what gdb records of a program: it takes about 0.2 ms for each.
const gdbSteps = 20_000

// gdbRecord compares the time that gdb's `record full` takes for an instruction in the middle of the program with the
// program's own: native seconds for all of its steps.
func gdbRecord(run runner, argv []string, native float64, steps uint64) cell {
	script := filepath.Join(run.dir, "gdb.py")
	if err := os.WriteFile(script, gdbScript, 0o644); err != nil {
		return cell{cannot: "cannot: " + err.Error()}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "gdb", append([]string{"-q", "-nx", "-batch", "-x", script, "--args"}, argv...)...)
	cmd.Dir = run.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "DELAY=0.3", fmt.Sprintf("STEPS=%d", gdbSteps))
	// Of its own group: what it sends to the program must not come here.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return cell{cannot: "cannot: it hangs"}
	}
	_, said, found := strings.Cut(string(out), "\nRECORDED ")
	if !found {
		return cell{cannot: fmt.Sprintf("cannot: gdb did not record (%v)", err)}
	}
	said, _, _ = strings.Cut(said, "\n")
	var seconds float64
	var n uint64
	var why string
	if _, err := fmt.Sscanf(said, "%d %f", &n, &seconds); err != nil {
		return cell{cannot: "cannot: " + err.Error()}
	}
	if _, why, _ = strings.Cut(said, ": "); why != "" {
		return cell{cannot: fmt.Sprintf("cannot: %s after %d instructions", why, n)}
	}
	if steps == 0 {
		return cell{cannot: fmt.Sprintf("%.0f µs a step; verify does not tell the steps", seconds/float64(n)*1e6)}
	}
	return cell{ratios: []float64{seconds / float64(n) / (native / float64(steps))}}
}
