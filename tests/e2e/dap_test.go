package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"stepback/dap/daptest"
)

// pipes are a server's standard input and output.
type pipes struct {
	io.Reader
	io.WriteCloser
}

// startServer starts the server with pipes.
func startServer(t *testing.T, args ...string) (cmd *exec.Cmd, stream pipes, mark string) {
	t.Helper()
	mark = newMark()
	cmd = exec.Command(stepback, append([]string{"dap"}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(baseEnv(cmd.Dir), markName+"="+mark)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		killMarked(mark)
	})
	return cmd, pipes{out, in}, mark
}

// mustBeGone waits until processes are gone.
func mustBeGone(t *testing.T, mark string, pids []int) {
	t.Helper()
	await(t, "the end of all processes of the debugger", func() bool {
		return len(marked(mark)) == 0 && !slices.ContainsFunc(pids, func(pid int) bool { return unix.Kill(pid, 0) == nil })
	})
}

type A = daptest.A

func launchDAP(c *daptest.Client, launch A) daptest.Stopped {
	daptest.Do[A](c, "initialize", A{"adapterID": "stepback", "supportsRunInTerminalRequest": true})
	daptest.Do[A](c, "launch", launch)
	daptest.Do[A](c, "configurationDone", nil)
	return c.Stopped()
}

func crashProgram(t *testing.T) string {
	return compile(t, "gcc", filepath.Join(repoDir, "tests/debuggees/crash/null.c"), []string{"-g", "-I", filepath.Join(repoDir, "tests/debuggees")})
}

// However the server ends, nothing of it is left.
func TestDAPEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*exec.Cmd, *daptest.Client, pipes){
		"disconnect":   func(_ *exec.Cmd, c *daptest.Client, _ pipes) { daptest.Do[A](c, "disconnect", nil) },
		"end of input": func(_ *exec.Cmd, _ *daptest.Client, p pipes) { p.Close() },
		"closed output": func(_ *exec.Cmd, c *daptest.Client, p pipes) {
			p.Reader.(io.Closer).Close()
			c.Send("threads", nil)
		},
		"SIGTERM": func(cmd *exec.Cmd, _ *daptest.Client, _ pipes) { cmd.Process.Signal(syscall.SIGTERM) },
		"SIGKILL": func(cmd *exec.Cmd, _ *daptest.Client, _ pipes) { cmd.Process.Kill() },
	} {
		t.Run(name, func(t *testing.T) {
			cmd, p, mark := startServer(t)
			c := daptest.New(t, p)
			s := launchDAP(c, A{"program": crashProgram(t)})
			if s.Reason != "exception" || !strings.Contains(s.Text, "SIGSEGV") {
				t.Errorf("stopped: %+v", s)
			}
			replaying := processesBelow(cmd.Process.Pid)
			if len(replaying) == 0 {
				t.Error("there are no snapshots")
			}
			end(cmd, c, p)
			cmd.Wait()
			mustBeGone(t, mark, replaying)
		})
		t.Run(name+" while recording", func(t *testing.T) {
			cmd, p, mark := startServer(t)
			c := daptest.New(t, p)
			daptest.Do[A](c, "initialize", A{"adapterID": "stepback"})
			daptest.Do[A](c, "launch", A{"program": "/bin/sh", "args": []string{"-c", "echo up; sleep 1000 & sleep 1000"}})
			c.Event("output")
			end(cmd, c, p)
			cmd.Wait()
			mustBeGone(t, mark, nil)
		})
	}
}

// Several clients of one server have sessions of their own, at the same time.
func TestDAPListen(t *testing.T) {
	t.Parallel()
	program := crashProgram(t)
	cmd, p, mark := startServer(t, "--listen", "127.0.0.1:0")
	line, err := bufio.NewReader(p).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(line[strings.LastIndex(line, " ")+1:])
	var clients []*daptest.Client
	for range 3 {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c := daptest.New(t, conn)
		daptest.Do[A](c, "initialize", A{"adapterID": "stepback"})
		daptest.Do[A](c, "launch", A{"program": program})
		clients = append(clients, c)
	}
	for _, c := range clients {
		daptest.Do[A](c, "configurationDone", nil)
	}
	for _, c := range clients {
		s := c.Stopped()
		c.Move("stepBack", A{"threadId": s.ThreadID})
	}
	daptest.Do[A](clients[0], "disconnect", nil)
	clients[0].End()
	daptest.Do[A](clients[1], "threads", nil)
	cmd.Process.Signal(syscall.SIGTERM)
	clients[1].End()
	clients[2].End()
	cmd.Wait()
	mustBeGone(t, mark, nil)

	for _, flags := range [][]string{{"--listen", "0.0.0.0:0"}, {"--listen", "nowhere"}} {
		if o := run(t, command{argv: append([]string{stepback, "dap"}, flags...)}); o.status != 2 {
			t.Errorf("%v: status %d: %s", flags, o.status, o.stderr)
		}
	}
}

// In the client's terminal, a program has the terminal's input and output.
func TestDAPTerminal(t *testing.T) {
	t.Parallel()
	_, p, mark := startServer(t)
	c := daptest.New(t, p)
	daptest.Do[A](c, "initialize", A{"adapterID": "stepback", "supportsRunInTerminalRequest": true})
	launched := c.Send("launch", A{"program": "/bin/sh", "args": []string{"-c", `read line; echo "got $line"; kill -SEGV $$`}, "console": "integratedTerminal"})
	m := c.Request("runInTerminal")
	var asked struct{ Args []string }
	json.Unmarshal(m.Arguments, &asked)
	terminal := exec.Command(asked.Args[0], asked.Args[1:]...)
	terminal.Env = append(baseEnv(t.TempDir()), markName+"="+mark)
	terminal.Stdin = strings.NewReader("typed\n")
	var shown strings.Builder
	terminal.Stdout = &shown
	if err := terminal.Start(); err != nil {
		t.Fatal(err)
	}
	c.Respond(m, A{})
	if r := c.Response(launched); !r.Success {
		t.Fatal(r.Message)
	}
	daptest.Do[A](c, "configurationDone", nil)
	s := c.Stopped()
	terminal.Wait()
	if s.Description != "End of history: killed by SIGSEGV" || shown.String() != "got typed\n" {
		t.Errorf("stopped %+v, shown %q", s, shown.String())
	}
	daptest.Do[A](c, "disconnect", nil)
	c.End()
}
