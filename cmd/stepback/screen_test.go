package main

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"stepback/replayer/output"
)

// newTestScreen is a screen without its goroutine, on a terminal that shows
// progress whenever it is asked to.
func newTestScreen(stdout, stderr io.Writer) *screen {
	s := &screen{
		pieces: make(chan piece, maxPieces), stopped: make(chan struct{}), done: make(chan struct{}), failed: make(chan error, 1),
		stdout: stdout, stderr: stderr, meter: &meter{to: stderr, what: "at", total: 100, on: true},
	}
	s.stop = func() { close(s.stopped) }
	return s
}

// tick lets the progress be shown if there is a place for it.
func (s *screen) tick(events uint64) {
	s.meter.last = time.Time{}
	s.passed.Store(events)
	s.progress()
}

func mustPrint(t *testing.T, s *screen, to output.Stream, text string) {
	t.Helper()
	if err := s.print(piece{to, []byte(text)}); err != nil {
		t.Fatal(err)
	}
}

// TestProgressBetween has output and progress on one terminal.
func TestProgressBetween(t *testing.T) {
	const erase = "\r\033[K"
	var terminal bytes.Buffer
	s := newTestScreen(&terminal, &terminal)
	s.same = true
	expect := func(want string) {
		t.Helper()
		if got := terminal.String(); got != want {
			t.Errorf("terminal got %q, want %q", got, want)
		}
		terminal.Reset()
	}
	s.tick(5)
	expect("\rat   5 %")
	mustPrint(t, s, output.Stdout, "a line\n")
	expect(erase + "a line\n")
	mustPrint(t, s, output.Stderr, "question? ")
	s.tick(6)
	expect("question? ")
	mustPrint(t, s, output.Stdout, "\033[1;32myes\033[m\n")
	expect("\033[1;32myes\033[m\n")
	s.tick(7)
	s.tick(8)
	expect("\rat   7 %\rat   8 %")
	mustPrint(t, s, output.Stdout, "\033[2Ja picture\n")
	expect(erase + "\033[2Ja picture\n")
	s.tick(9)
	expect("")
	mustPrint(t, s, output.Stdout, "the end")
	close(s.done)
	s.say("%d events", 9)
	expect("the end\nstepback: 9 events\n")
	s.say("more")
	expect("stepback: more\n")
}

// TestProgressBeside has the standard output elsewhere: the progress need not
// make place for it.
func TestProgressBeside(t *testing.T) {
	var file, terminal bytes.Buffer
	s := newTestScreen(&file, &terminal)
	mustPrint(t, s, output.Stdout, "half")
	s.tick(50)
	mustPrint(t, s, output.Stdout, " a line")
	go s.run()
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
	s.say("the end")
	if got, want := terminal.String(), "\rat  50 %\r\033[Kstepback: the end\n"; got != want {
		t.Errorf("terminal got %q, want %q", got, want)
	}
	if got := file.String(); got != "half a line" {
		t.Errorf("file got %q", got)
	}
}

func TestMovesCursor(t *testing.T) {
	for text, want := range map[string]bool{
		"plain\r\n":              false,
		"\033[m":                 false,
		"\033[38;5;9mred\033[0m": false,
		"\033[38:2::1:2:3mred":   false,
		"\033[K":                 true,
		"\033[2J":                true,
		"\033[?25l":              true,
		"\033[31mred\033[1A":     true,
		"\033c":                  true,
		"\033":                   true,
		"\033[3":                 true,
	} {
		if got := movesCursor([]byte(text)); got != want {
			t.Errorf("movesCursor(%q) = %v", text, got)
		}
	}
}

// stuck is a file whose reader does not read.
type stuck struct{ release chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.release
	return len(p), nil
}

// TestStopWhileStuck stops a screen that cannot print.
func TestStopWhileStuck(t *testing.T) {
	release := make(chan struct{})
	s := newTestScreen(stuck{release}, io.Discard)
	go s.run()
	full := make(chan struct{})
	go func() {
		for i := range 2 * maxPieces {
			s.show(output.Stdout, []byte("text\n"))
			if i == maxPieces {
				close(full)
			}
		}
		if err := s.end(); err != nil {
			t.Error(err)
		}
		close(release)
	}()
	<-full
	s.stop()
	<-s.done
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// TestPrintFails ends the replay, with that error.
func TestPrintFails(t *testing.T) {
	s := newTestScreen(broken{}, io.Discard)
	go s.run()
	s.show(output.Stdout, []byte("text\n"))
	<-s.stopped
	if err := s.end(); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
}
