package main

import (
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/replayer/output"
)

func replayCommand() *cobra.Command {
	var quiet bool
	c := &cobra.Command{
		Use:   "replay [REC]",
		Short: "Replay a recording and show what the program printed",
		Long: `Replay a recording (the latest when REC is left out) to its end, and show what
the program and its children wrote to the standard output and standard error
that they were started with. Nothing of the program's doings happens again: no
file is written, no connection made.

The exit status is 0 when the replay worked, whatever the program's was;
1: replay and recording disagree, 5: the recording is damaged, 130: ended
by ^C.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return replay(args, quiet) },
	}
	c.Flags().BoolVarP(&quiet, "quiet", "q", false, "say nothing but errors beside the program's output")
	return c
}

func replay(args []string, quiet bool) error {
	rec, err := openRecording(args)
	if err != nil {
		return err
	}
	defer rec.Close()
	start := time.Now()
	s := newScreen(progress("replaying", rec.Len(), !quiet))
	interrupt := stopOnSignal(s.stop)
	tracker := output.New(s.show)
	result, err := replayer.Run(rec, replayer.Options{
		SyscallName: syscallName,
		Cancelled:   s.isStopped,
		Observe: func(_ uint64, e *trace.Event, pid int, read func(uint64, []byte) error) {
			tracker.Observe(e, pid, read)
			s.passed.Store(tracker.Events())
		},
	})
	n := result.Events
	failure := s.end()
	sig := interrupt.end()
	switch {
	case failure != nil:
		return failure
	case sig != 0: // whatever else it made go wrong
		if !quiet {
			s.say("stopped at %d %% (event %d of %d)", 100*n/max(rec.Len(), 1), n, rec.Len())
		}
		return &statusError{status: exitSignal + int(sig)}
	case err != nil:
		s.newLine()
		return fmt.Errorf("after %d events: %w", n, err)
	case quiet:
		return nil
	}
	if tracker.Differs() {
		s.say("some of the output above is wrong: a place inside a computation was taken for another at first; it is known now, replay once more")
	}
	if omitted := omittedText(tracker.Omitted()); omitted != "" {
		s.say("%s", omitted)
	}
	took, recorded := time.Since(start).Seconds(), rec.Elapsed().Seconds()
	s.say("replayed %d events in %.2f s (%.2f times the recorded %.2f s); %s", n, took, took/max(recorded, 1e-9), recorded, endText(rec))
	return nil
}

// endText says how the recorded program ended.
func endText(rec *trace.Recording) string {
	if !complete(rec) {
		return "the program's end is not there, the recording is incomplete: " + incompleteReason(rec)
	}
	verb := "ended with "
	if unix.WaitStatus(rec.Footer().Status).Signaled() {
		verb = "was "
	}
	return "the program " + verb + statusText(rec.Footer().Status)
}

// omittedText says how much output is missing, "" if none is.
func omittedText(bytes map[uint64]uint64) string {
	if len(bytes) == 0 {
		return ""
	}
	total, names := uint64(0), []string{}
	for _, nr := range slices.Sorted(maps.Keys(bytes)) {
		total += bytes[nr]
		names = append(names, syscallName(nr))
	}
	return fmt.Sprintf("%d bytes of output are missing above: no recording holds what the kernel copies by itself (%s)", total, strings.Join(names, ", "))
}

// interrupt is a signal that asks to stop.
type interrupt struct {
	signals chan os.Signal
	got     atomic.Int64
}

// stopOnSignal calls stop at the first signal that asks to end. At the second
// one the command ends without more ado.
func stopOnSignal(stop func()) *interrupt {
	i := &interrupt{signals: make(chan os.Signal, 1)}
	var asks []os.Signal
	for _, s := range []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP} {
		if !signal.Ignored(s) {
			asks = append(asks, s)
		}
	}
	if len(asks) == 0 {
		return i
	}
	signal.Notify(i.signals, asks...)
	go func() {
		s, ok := <-i.signals
		if !ok {
			return
		}
		signal.Reset(asks...)
		i.got.Store(int64(s.(unix.Signal)))
		stop()
	}()
	return i
}

// end returns the signal that came, 0 for none.
func (i *interrupt) end() unix.Signal {
	signal.Stop(i.signals)
	return unix.Signal(i.got.Load())
}
