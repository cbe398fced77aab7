package replayer

import (
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"stepback/internal/tracee"
)

// watchdog ends a task that does not stop: one that the replay has led astray
// computes for ever, and the replaying thread waits for it. It also brings
// cancellation to a replay that waits.
type watchdog struct {
	mu    sync.Mutex
	tid   int // the task that runs, 0 for none
	ticks int // for which it has run; they stop when we are suspended
	why   error
}

// errAstray reports that a thread ran far longer than the whole recording.
var errAstray = errors.New("the replayed thread does not arrive at the next event; it computes without end")

// patience is how long a thread may run between two events of a recording
// that took so long altogether.
func patience(recorded time.Duration) time.Duration { return time.Minute + 10*recorded }

// watchTick is how often the watchdog looks.
const watchTick = 50 * time.Millisecond

// start begins to watch; stop ends it.
func (w *watchdog) start(cancelled func() bool, limit time.Duration) (stop func()) {
	done := make(chan struct{})
	tick := time.NewTicker(watchTick)
	go func() {
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				w.look(cancelled != nil && cancelled(), limit)
			}
		}
	}()
	return func() {
		tick.Stop()
		close(done)
	}
}

func (w *watchdog) look(cancelled bool, limit time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case cancelled:
		w.why = ErrCancelled
	case w.tid != 0:
		w.ticks++
		if time.Duration(w.ticks)*watchTick > limit {
			w.why = errAstray
		}
	}
	if w.why != nil && w.tid != 0 {
		unix.Kill(w.tid, unix.SIGKILL)
	}
}

// advance runs a task to its next stop, with its siginfo if it is a signal's.
// Signals that somebody sent to the task are dropped.
func (w *watchdog) advance(s *tracee.Session, k tracee.Stopped, how tracee.How, info *tracee.SigInfo) (tracee.Stop, error) {
	tid := k.TID()
	w.begin(tid)
	defer w.end()
	for {
		if _, err := k.Resume(how, 0); err != nil {
			return tracee.Stop{}, err
		}
		stop, err := s.Wait(tid)
		if err != nil {
			return stop, err
		}
		if stop.Kind == tracee.Exited || stop.Kind == tracee.ExitingStop {
			if err := w.verdict(); err != nil {
				return stop, err
			}
		}
		if stop.Kind != tracee.SignalStop {
			return stop, nil
		}
		if err := stop.SigInfo(info); err != nil || info.Synchronous() {
			return stop, err
		}
	}
}

// begin and end enclose the run of a task.
func (w *watchdog) begin(tid int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tid, w.ticks = tid, 0
}

func (w *watchdog) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tid = 0
}

// verdict is why the replay must end, nil if it need not.
func (w *watchdog) verdict() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.why
}
