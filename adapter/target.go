package adapter

import (
	"errors"
	"sync/atomic"

	"stepback/adapter/symbols"
	"stepback/recorder/trace"
	"stepback/replayer"
)

// Target is a program with its history, to travel in.
type Target interface {
	replayer.Timeline
	// History is what was found in the log.
	History() *History
	// Files are the files that the program mapped.
	Files() *symbols.Cache
	// Passed is the number of the event that was replayed latest, for showing progress. It may
	// be called at any time.
	Passed() uint64
}

// recorded is the Target that a recording is.
type recorded struct {
	replayer.Timeline
	rec     *trace.Recording
	history *History
	files   *symbols.Cache
	passed  atomic.Uint64
}

// openRecorded opens a recording. observe is told of events as they are replayed.
func openRecorded(rec *trace.Recording, h *History, o replayer.TravelOptions, observe observer) (*recorded, error) {
	r := &recorded{rec: rec, history: h}
	o.Observe = func(n uint64, e *trace.Event, pid int, read func(uint64, []byte) error) {
		r.passed.Store(n)
		observe(n, e, pid, read)
	}
	var err error
	if r.Timeline, err = replayer.Open(rec, o); err != nil {
		return nil, err
	}
	r.files = symbols.NewCache(func(h trace.Hash) (symbols.Content, error) { return rec.Blob(h) })
	return r, nil
}

type observer = func(n uint64, e *trace.Event, pid int, read func(addr uint64, p []byte) error)

func (r *recorded) History() *History     { return r.history }
func (r *recorded) Files() *symbols.Cache { return r.files }
func (r *recorded) Passed() uint64        { return r.passed.Load() }

// Close ends the timeline and closes the recording.
func (r *recorded) Close() error {
	return errors.Join(r.Timeline.Close(), r.files.Close(), r.rec.Close())
}
