package adapter

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"stepback/dap"
	"stepback/recorder"
)

// recordedProgram is a program that runs and is recorded. It may run in this process's care or
// in a terminal's.
type recordedProgram struct {
	place   string        // of the recording
	pid     int           // of the first process, known when it was started
	stop    func()        // ends it; may be called again and at any time
	stopped bool          // the user wanted it
	ended   chan struct{} // closed when it is over
	summary string        // what the user is told then
	err     error         // of the recording
}

// startProgram runs the program with output to the client, and returns when it was started.
func startProgram(c *Config, conn *dap.Conn, path, place string, a *launchArguments) (*recordedProgram, error) {
	files, err := a.redirections()
	if err != nil {
		return nil, err
	}
	defer closeAll(files[:])
	if files[0] == nil {
		if files[0], err = os.Open(os.DevNull); err != nil {
			return nil, err
		}
	}
	var output sync.WaitGroup
	for i, category := range []string{1: "stdout", 2: "stderr"} {
		if files[i] != nil {
			continue
		}
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		files[i] = w
		output.Go(func() {
			defer r.Close()
			io.Copy(&shower{conn: conn, category: category}, r)
		})
	}
	stop := make(chan struct{})
	p := &recordedProgram{place: place, stop: sync.OnceFunc(func() { close(stop) }), ended: make(chan struct{})}
	started := make(chan int, 1)
	go func() {
		defer close(p.ended)
		result, err := recorder.Record(recorder.Config{
			Path: path, Args: append([]string{a.Program}, a.Args...), Env: a.environment(), Dir: a.Cwd, Files: files[:],
			Out: place, Tool: c.Tool,
			Warn:    func(line string) { console(conn, "%s", line) },
			Started: func(pid int) { started <- pid },
			Stop:    stop,
		})
		closeAll(files[1:]) // our ends: the program is gone
		output.Wait()
		p.err = err
		p.summary = fmt.Sprintf("recorded %d events in %.1f s to %s", result.Events, result.Elapsed.Seconds(), place)
	}()
	select {
	case p.pid = <-started:
		return p, nil
	case <-p.ended:
	}
	select {
	case p.pid = <-started: // and ended at once
		return p, nil
	default:
		return nil, errors.Join(p.err)
	}
}

// console prints a line in the debug console.
func console(conn *dap.Conn, format string, args ...any) {
	say(conn, "console", fmt.Sprintf(format, args...)+"\n")
}
