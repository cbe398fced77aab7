package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"stepback/replayer/output"
)

// screen prints the output of a recorded program in its order, and on a
// terminal the progress of the replay where a line is free.
//
// It has a goroutine of its own that prints, because whoever reads the output may
// be slow, or stop reading: ^C must work then, too.
type screen struct {
	passed  atomic.Uint64 // events
	pieces  chan piece
	stopped chan struct{} // closed when nothing more is to be printed
	stop    func()        // closes it
	done    chan struct{} // closed when the goroutine has ended
	failed  chan error    // why printing failed

	// The goroutine's, and everybody's when it has ended.

	stdout, stderr io.Writer
	meter          *meter
	same           bool // both are one file
	midLine        bool // our own lines would begin in the middle of one
	drawing        bool // the program moves the cursor: no place for progress
}

type piece struct {
	to      output.Stream
	content []byte
}

// maxPieces is how many pieces of output may wait to be printed.
const maxPieces = 64

// newScreen makes a screen of our own standard output and standard error.
func newScreen(m *meter) *screen {
	s := &screen{
		pieces: make(chan piece, maxPieces), stopped: make(chan struct{}), done: make(chan struct{}), failed: make(chan error, 1),
		stdout: os.Stdout, stderr: os.Stderr, meter: m,
	}
	s.stop = sync.OnceFunc(func() { close(s.stopped) })
	out, err := os.Stdout.Stat()
	if other, err2 := os.Stderr.Stat(); err == nil && err2 == nil {
		s.same = os.SameFile(out, other)
	}
	go s.run()
	return s
}

// show prints a piece of output, soon.
func (s *screen) show(to output.Stream, content []byte) {
	select {
	case s.pieces <- piece{to, content}:
	case <-s.stopped:
	}
}

func (s *screen) isStopped() bool {
	select {
	case <-s.stopped:
		return true
	default:
		return false
	}
}

func (s *screen) run() {
	defer close(s.done)
	defer s.meter.end()
	tick := time.NewTicker(meterInterval)
	defer tick.Stop()
	for !s.isStopped() {
		select {
		case p, ok := <-s.pieces:
			if !ok {
				return
			}
			if err := s.print(p); err != nil {
				s.failed <- fmt.Errorf("cannot print the output: %w", err)
				s.stop()
				return
			}
		case <-tick.C:
			s.progress()
		case <-s.stopped:
		}
	}
}

func (s *screen) print(p piece) error {
	file := s.stdout
	if p.to == output.Stderr {
		file = s.stderr
	}
	if p.to == output.Stderr || s.same {
		s.meter.end()
		s.midLine = p.content[len(p.content)-1] != '\n'
		s.drawing = s.drawing || movesCursor(p.content)
	}
	_, err := file.Write(p.content)
	return err
}

func (s *screen) progress() {
	if !s.midLine && !s.drawing {
		s.meter.update(s.passed.Load())
	}
}

// end prints what waits, and returns why that was not possible.
func (s *screen) end() error {
	close(s.pieces)
	select {
	case <-s.done:
	case <-s.stopped:
		// If nobody is reading, the goroutine does not end.
		select {
		case <-s.done:
		case <-time.After(meterInterval):
		}
	}
	select {
	case err := <-s.failed:
		return err
	default:
		return nil
	}
}

// say prints a line of our own after the end of the output.
func (s *screen) say(format string, args ...any) {
	s.newLine()
	fmt.Fprintf(s.stderr, "stepback: "+format+"\n", args...)
}

// newLine ends a line that the program left unfinished.
func (s *screen) newLine() {
	select {
	case <-s.done:
		if s.midLine {
			fmt.Fprintln(s.stderr)
			s.midLine = false
		}
	default:
	}
}

// movesCursor reports whether text has control sequences beside those of
// colours (ECMA-48: ESC [ parameters m): it may paint the whole terminal.
func movesCursor(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\033' {
			continue
		}
		if i++; i == len(text) || text[i] != '[' {
			return true
		}
		for i++; i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] == ';' || text[i] == ':'); i++ {
		}
		if i == len(text) || text[i] != 'm' {
			return true
		}
	}
	return false
}
