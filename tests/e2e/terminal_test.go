package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	controlC         = "\x03"
	controlBackslash = "\x1c"
)

// TestTerminalShell types into a recorded interactive shell: job control gives the terminal to each
// command, and ^C reaches that command alone.
func TestTerminalShell(t *testing.T) {
	t.Parallel()
	// Prompts differ between shells and users; what is waited for is output, written so that the
	// terminal's echo of the line typed does not look the same.
	s := startOnTerminal(t, systemProgram(t, "dash"), "-i")
	s.send("echo $((6 * 7)) from $(tty | cut -c -8)\n")
	s.expect("42 from /dev/pts")

	s.send("cat\n")
	s.send("typed\n")
	s.expect("typed\r\n") // by the terminal
	s.expect("typed\r\n") // by cat
	s.send(controlC)
	s.expect("^C\r\n") // the line end comes from the shell: it has seen the interrupt
	s.send("echo status $?\n")
	s.expect("status 130")

	// A command in the background is not the terminal's business.
	s.send("sleep 1000 & echo star''ted\n")
	s.expect("started")
	s.send(controlC)
	s.expect("^C\r\n") // the line end comes from the shell: it has seen the interrupt
	s.send("kill $! && wait $!; echo ended $?\n")
	s.expect("ended 143")
	s.send("exit 7\n")
	s.mustEnd(7)
}

// TestTerminalInterrupt presses ^C at a program that shares the terminal's foreground with its recorder: the
// program gets every one, and the recorder goes on.
func TestTerminalInterrupt(t *testing.T) {
	t.Parallel()
	script := filepath.Join(repoDir, "tests/e2e/testdata/programs/interrupts.py")
	s := startOnTerminal(t, systemProgram(t, "python3"), script)
	s.expect("ready on a terminal")
	for i := 1; i <= 3; i++ {
		s.send(controlC)
		s.expect(fmt.Sprintf("interrupt %d\r\n", i))
	}
	s.mustEnd(5)
}

// TestTerminalDeath presses keys that kill the program. The recording is whole: the program's end is in it.
func TestTerminalDeath(t *testing.T) {
	t.Parallel()
	for _, key := range []struct {
		name, press string
		status      int
	}{{"interrupt", controlC, 128 + 2}, {"quit", controlBackslash, 128 + 3}} {
		t.Run(key.name, func(t *testing.T) {
			s := startOnTerminal(t, systemProgram(t, "cat"))
			s.send("typed\n")
			s.expect("typed\r\n") // by the terminal
			s.expect("typed\r\n") // by cat
			s.send(key.press)
			s.mustEnd(key.status)
		})
	}
}

// A session is a program that is being recorded on a terminal of its own, seen from the keyboard's side.
type session struct {
	t        *testing.T
	rec      string
	recorder *running
	keyboard *os.File

	lock   sync.Mutex
	screen bytes.Buffer // what was shown since the last expect
}

func startOnTerminal(t *testing.T, argv ...string) *session {
	t.Helper()
	keyboard, terminal := openTerminal(t)
	s := &session{t: t, rec: filepath.Join(t.TempDir(), "rec"), keyboard: keyboard}
	go func() {
		// Reading fails when the last process has let go of the terminal.
		for buffer := make([]byte, 4096); ; {
			n, err := keyboard.Read(buffer)
			s.lock.Lock()
			s.screen.Write(buffer[:n])
			s.lock.Unlock()
			if err != nil {
				return
			}
		}
	}()
	s.recorder = start(t, command{
		argv: recordCommand(s.rec, argv...), terminal: terminal,
		diagnose: func() string { return lastEvents(s.rec) },
	})
	terminal.Close()
	return s
}

// openTerminal makes a terminal and returns both its ends.
func openTerminal(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("unable to make a terminal here: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatalf("unable to unlock the terminal: %v", err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return keyboard, terminal
}

func (s *session) send(keys string) {
	s.t.Helper()
	if _, err := s.keyboard.WriteString(keys); err != nil {
		s.t.Fatalf("unable to type %q: %v", keys, err)
	}
}

// expect waits until text is on the screen, after what was expected before.
func (s *session) expect(text string) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		s.lock.Lock()
		shown := s.screen.String()
		at := strings.Index(shown, text)
		if at >= 0 {
			s.screen.Next(at + len(text))
		}
		s.lock.Unlock()
		switch {
		case at >= 0:
			return
		case s.recorder.ended():
			s.t.Fatalf("ended with status %d while waiting for %q; the screen: %q\n%s",
				exitStatus(s.recorder.cmd.ProcessState), text, shown, lastEvents(s.rec))
		case time.Now().After(deadline):
			s.t.Fatalf("waited %v in vain for %q; the screen: %q\nprocesses:\n%s", patience, text, shown, describe(marked(s.recorder.mark)))
		}
	}
}

// mustEnd waits for the end and demands the status and a whole recording.
func (s *session) mustEnd(status int) {
	s.t.Helper()
	if out := s.recorder.wait(); out.status != status {
		s.t.Errorf("exit status %d, want %d", out.status, status)
	}
	mustVerify(s.t, s.rec)
}
