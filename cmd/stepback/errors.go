package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"stepback/recorder"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// The exit statuses. `stepback record` otherwise exits with the status of the
// program; like other commands that run a command (env, timeout, docker) it
// keeps to the range below 128 for its own.
const (
	exitDiverged    = 1   // replay and recording disagree
	exitUnfit       = 1   // doctor: this machine cannot record and replay
	exitUsage       = 2   // the command line is wrong
	exitNoRecording = 3   // there is no such recording, or it is none
	exitNewer       = 4   // the recording's format is newer than this program
	exitDamaged     = 5   // the recording is damaged
	exitFailed      = 6   // anything else
	exitRecorder    = 120 // the recording failed, not the program
	exitUnwritable  = 121 // the place for the recording cannot be written
	exitExists      = 122 // the place for the recording is taken
	exitFormat      = 123 // not an executable format, or a script without interpreter
	exit32Bit       = 124 // a 32-bit program
	exitNotExec     = 126 // the program must not be executed
	exitNotFound    = 127 // there is no such program
	exitSignal      = 128 // and n: signal n ended the program, or replay
)

// statusError is an error with its exit status. A message of "" means that the
// user has been told already.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

func fail(status int, format string, args ...any) error {
	return &statusError{status, fmt.Errorf(format, args...)}
}

func usageError(c *cobra.Command, err error) error {
	return fail(exitUsage, "%w (see %s --help)", err, c.CommandPath())
}

// explain turns an error into the exit status and the one line that the user
// reads.
func explain(err error) (status int, message string) {
	status = exitFailed
	var (
		known   *statusError
		version *trace.VersionError
		damage  *trace.DamageError
		diverge *replayer.Divergence
		launch  *recorder.LaunchError
	)
	switch {
	case errors.As(err, &known):
		status = known.status
	case errors.As(err, &diverge):
		status = exitDiverged
	case errors.As(err, &version):
		status = exitNewer
	case errors.As(err, &damage):
		status = exitDamaged
	case errors.Is(err, trace.ErrNotRecording):
		status = exitNoRecording
	case errors.Is(err, trace.ErrExists):
		status = exitExists
	case errors.As(err, &launch):
		return explainLaunch(launch)
	case strings.HasPrefix(err.Error(), "unknown command"), strings.HasPrefix(err.Error(), "accepts "), strings.HasPrefix(err.Error(), "requires "):
		status, err = exitUsage, fmt.Errorf("%w (see stepback --help)", err)
	}
	return status, strings.ReplaceAll(err.Error(), "\n", "; ")
}

// explainLaunch says why a program could not be started, and what to do.
func explainLaunch(e *recorder.LaunchError) (int, string) {
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		return exitFormat, fmt.Sprintf("cannot run %s: its interpreter (the #! line, or the ELF loader) does not exist; install it or correct the path", e.Path)
	case errors.Is(e.Err, unix.ENOEXEC):
		return exitFormat, fmt.Sprintf("cannot run %s: it is not a program, nor a script with a #! line", e.Path)
	case errors.Is(e.Err, fs.ErrPermission):
		return exitNotExec, fmt.Sprintf("cannot run %s: permission denied; is it marked executable (chmod +x), on a file system that allows it?", e.Path)
	}
	return exitNotExec, e.Error()
}
