package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"stepback/recorder"
)

func recordCommand() *cobra.Command {
	var out, socket string
	var quiet bool
	c := &cobra.Command{
		Use:   "record [-o DIR] [--] PROGRAM [ARG…]",
		Short: "Run a program and record it",
		Long: `Run a program, with the processes that it starts, and record it.

The program runs at its native speed with its own standard input and output.
The recording goes to DIR, or to a new directory PROGRAM-N below
$XDG_DATA_HOME/stepback (~/.local/share/stepback), where the link "latest"
points to the newest. The exit status is the program's, 128+n when signal n
ended it. A recording holds what the program read and wrote, secrets included:
it is readable by its owner only.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return record(args, out, socket, quiet) },
	}
	c.Flags().StringVarP(&out, "output", "o", "", "directory for the recording; must not exist, or be empty")
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "say nothing but errors")
	c.Flags().StringVar(&socket, "report", "", "report to the debugger at this socket")
	c.Flags().MarkHidden("report")
	c.Flags().SetInterspersed(false)
	return c
}

// findProgram resolves the program like a shell would, and makes sure that
// the kernel has a chance to run it.
func findProgram(name string) (string, error) {
	path := name
	if !strings.Contains(name, "/") {
		found, err := exec.LookPath(name)
		if err != nil && !errors.Is(err, exec.ErrDot) {
			return "", fail(exitNotFound, "cannot run %s: no such program in PATH", name)
		}
		path = found
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fail(exitNotFound, "cannot run %s: %w", name, err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fail(exitNotFound, "cannot run %s: no such file", path)
	case err != nil:
		return "", fail(exitNotExec, "cannot run %s: %w", path, err)
	case info.IsDir():
		return "", fail(exitNotExec, "cannot run %s: it is a directory", path)
	case unix.Access(path, unix.X_OK) != nil:
		return "", fail(exitNotExec, "cannot run %s: it is not executable; chmod +x may help", path)
	case unix.Access(path, unix.R_OK) != nil:
		return "", fail(exitNotExec, "cannot record %s: it can be executed but not read; chmod +r may help", path)
	case recorder.Is32Bit(path):
		return "", fail(exit32Bit, "cannot record %s: it is not an x86-64 program (32-bit, or for another machine); record a 64-bit build of it", path)
	}
	return path, nil
}

func record(args []string, out, socket string, quiet bool) error {
	path, err := findProgram(args[0])
	if err != nil {
		return err
	}
	place, made, err := reserve(out, path)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	stop := sync.OnceFunc(func() { close(ended) })
	var child atomic.Int64
	defer passSignals(&child, stop)()
	result, err := reporting(socket, recorder.Config{
		Path: path, Args: args, Env: os.Environ(), Out: place,
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		Tool:  "stepback " + version,
		Warn: func(line string) {
			if !quiet {
				fmt.Fprintln(os.Stderr, "stepback:", line)
			}
		},
		Started: func(pid int) {
			child.Store(int64(pid))
			if out == "" {
				if err := setLatest(place); err != nil {
					fmt.Fprintln(os.Stderr, "stepback: cannot set the link to the latest recording:", err)
				}
			}
		},
		Suspended: suspend,
		Stop:      ended,
	}, stop)
	var launch *recorder.LaunchError
	if errors.As(err, &launch) {
		discard(place, made)
		return err
	}
	if err != nil {
		return fail(exitRecorder, "the recording stopped: %w; what was recorded until then is in %s", err, place)
	}
	if !quiet {
		fmt.Fprintf(os.Stderr, "stepback: recorded %d events in %.1f s to %s (%s)\n",
			result.Events, result.Elapsed.Seconds(), place, byteSize(result.Size))
	}
	return programStatus(result.Status)
}

// reserve makes the place for the recording.
func reserve(out, path string) (place string, made bool, err error) {
	if out != "" {
		if place, err = filepath.Abs(out); err != nil {
			return "", false, err
		}
		made, err = givenPlace(place)
		return place, made, err
	}
	dir, err := dataDir()
	if err != nil {
		return "", false, err
	}
	place, err = newPlace(dir, path)
	return place, true, err
}

// discard removes a recording that never began, and its directory if it is ours.
func discard(place string, made bool) {
	if made {
		os.RemoveAll(place)
		return
	}
	entries, _ := os.ReadDir(place)
	for _, e := range entries {
		os.RemoveAll(filepath.Join(place, e.Name()))
	}
}

// programStatus is the program's end as an exit status.
func programStatus(w unix.WaitStatus) error {
	status := shellStatus(uint32(w))
	if status == 0 {
		return nil
	}
	return &statusError{status: status}
}

// shellStatus turns a wait status into an exit status as shells do.
func shellStatus(status uint32) int {
	w := unix.WaitStatus(status)
	if w.Signaled() {
		return 128 + int(w.Signal())
	}
	return w.ExitStatus()
}

// passSignals keeps the terminal's signals from ending the recorder: they
// reach the program by themselves. Those that somebody sends to the recorder
// are passed on. When the program is gone, or at the second one, they end the
// recording.
func passSignals(child *atomic.Int64, stop func()) (end func()) {
	fromTerminal := []os.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP}
	toProgram := []os.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2}
	c := make(chan os.Signal, 16)
	signal.Notify(c, append(fromTerminal, toProgram...)...)
	terminal := hasTerminal()
	done := make(chan struct{})
	go func() {
		defer close(done)
		ends := 0
		for s := range c {
			pid, sig := int(child.Load()), s.(unix.Signal)
			switch {
			case sig == unix.SIGTERM || sig == unix.SIGHUP:
				ends++
			case sig == unix.SIGINT && terminal:
				sig = 0 // the program has got it already; only see whether it is there
			case sig == unix.SIGINT || sig == unix.SIGQUIT && !terminal: // sent to the recorder alone
			case !slices.Contains(toProgram, s):
				continue
			}
			passed := pid != 0 && unix.Kill(pid, sig) == nil
			if !passed || ends > 1 {
				stop()
			}
		}
	}()
	return func() {
		signal.Stop(c)
		close(c)
		<-done
	}
}

// hasTerminal reports whether signals can come from a terminal's keys.
func hasTerminal() bool {
	f, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// suspend stops the recorder with the program, so that the shell takes the
// terminal back; the shell's SIGCONT reaches both.
func suspend(sig unix.Signal) {
	if sig != unix.SIGSTOP {
		unix.Kill(os.Getpid(), unix.SIGSTOP)
	}
}

func byteSize(n int64) string {
	const unit = 1024
	if n < unit {
		return fmt.Sprintf("%d bytes", n)
	}
	value, i := float64(n), -1
	for value >= unit && i < 3 {
		value /= unit
		i++
	}
	return fmt.Sprintf("%.1f %ciB", value, "KMGT"[i])
}
