package adapter

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	godap "github.com/google/go-dap"
)

// A program in the client's terminal is recorded by a process of its own, stepback record, which
// reports over a socket, a line of JSON each. When we close the socket, it ends the program.

// report is what the recorder in the terminal says.
type report struct {
	PID     int    `json:"pid,omitempty"`     // the program was started
	Error   string `json:"error,omitempty"`   // it was not, or its recording failed
	Summary string `json:"summary,omitempty"` // the recording is complete
}

// Reporter is the recorder's side.
type Reporter struct{ conn net.Conn }

// Report connects to who has asked for a recording. stop is closed when it wants its end.
func Report(socket string) (r *Reporter, stop <-chan struct{}, err error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, nil, fmt.Errorf("whoever asked for this recording is gone: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		conn.Read(make([]byte, 1)) // it says nothing
		close(ended)
	}()
	return &Reporter{conn}, ended, nil
}

// Started reports the program's first process.
func (r *Reporter) Started(pid int) { r.say(report{PID: pid}) }

// Ended reports the end of the recording, and what went wrong, "" if nothing did.
func (r *Reporter) Ended(summary, problem string) {
	r.say(report{Summary: summary, Error: problem})
	r.conn.Close()
}

func (r *Reporter) say(e report) {
	line, _ := json.Marshal(e)
	r.conn.Write(append(line, '\n'))
}

// terminalPatience is how long a client may take to start a terminal.
const terminalPatience = 30 * time.Second

// startInTerminal asks the client to record the program in its terminal.
func (s *session) startInTerminal(ctx context.Context, path, place string) (*recordedProgram, error) {
	if !s.client.SupportsRunInTerminalRequest || s.config.Terminal == nil {
		return nil, errors.New(`this client has no terminal for programs; use "console": "internalConsole"`)
	}
	dir, err := os.MkdirTemp("", "stepback-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "recorder")
	l, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, terminalPatience, errors.New("the terminal did not start the program in time"))
	defer cancel()
	defer context.AfterFunc(ctx, func() { l.Close() })()

	a := s.launch
	arguments := godap.RunInTerminalRequestArguments{
		Kind: "integrated", Title: filepath.Base(path), Cwd: a.Cwd, Env: map[string]any{},
		Args: s.config.Terminal(socket, place, path, append([]string{a.Program}, a.Args...)),
	}
	for name, value := range a.Env {
		arguments.Env[name] = value
	}
	wait := s.conn.Request("runInTerminal", arguments)
	refused := make(chan error, 1)
	go func() {
		if _, err := wait(); err != nil {
			refused <- fmt.Errorf("the client's terminal: %w", err)
			l.Close()
		}
	}()
	conn, err := l.Accept()
	if err != nil {
		select {
		case err = <-refused:
		default:
			err = errors.Join(context.Cause(ctx), err)
		}
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	return follow(conn, place)
}

// follow follows the reports of a recorder.
func follow(conn net.Conn, place string) (*recordedProgram, error) {
	lines := bufio.NewScanner(conn)
	next := func() (r report, err error) {
		if !lines.Scan() {
			return r, errors.New("the recorder in the terminal was killed")
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return r, err
		}
		if r.Error != "" {
			err = errors.New(r.Error)
		}
		return r, err
	}
	first, err := next()
	if err != nil {
		conn.Close()
		return nil, err
	}
	p := &recordedProgram{place: place, pid: first.PID, ended: make(chan struct{})}
	p.stop = sync.OnceFunc(func() { conn.(*net.UnixConn).CloseWrite() })
	go func() {
		defer close(p.ended)
		defer conn.Close()
		var last report
		last, p.err = next()
		p.summary = last.Summary
	}()
	return p, nil
}
