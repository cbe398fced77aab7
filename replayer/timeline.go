package replayer

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"time"

	"stepback/internal/tracee"
	"stepback/recorder/trace"
	"stepback/snapshots"
)

// Timeline is a recording opened for travel: it can be at any Time. Its methods
// may be called by one goroutine at a time.
type Timeline interface {
	// Time is the present.
	Time() (Time, error)
	// Seek goes to a Time. When ctx ends before, the present is a Time on the way
	// there, exact like any other, and the error is ctx's. A *BeyondError says
	// that there is no such Time; the present is then the last before it.
	Seek(ctx context.Context, t Time) error
	// Step goes on by one step, or by an event where the slice ends, and Back
	// back by one. io.EOF: there is no further Time.
	Step(ctx context.Context) error
	Back(ctx context.Context) error
	// Last is the last Time of the recording. The first call passes through what
	// was not passed yet, and leaves the present there.
	Last(ctx context.Context) (Time, error)
	// FindNext goes to the first hit of the probes behind the present; hit is nil
	// when there is none, and the present the last Time.
	FindNext(ctx context.Context, probes []Probe) (hit *Hit, err error)
	// FindLast goes to the last hit before the present; hit is nil when there is
	// none, and the present the first Time. When ctx ends before, the present is
	// where it was.
	FindLast(ctx context.Context, probes []Probe) (hit *Hit, err error)
	// FindNth goes to a hit by its number from the beginning of history, the first
	// is 1; hit is nil when there are fewer, and the present the last Time.
	FindNth(ctx context.Context, probes []Probe, n uint64) (hit *Hit, err error)
	// Count is how many hits there are from the beginning of history up to the
	// present, included. So a hit has the same number from both sides.
	Count(ctx context.Context, probes []Probe) (n uint64, err error)
	// Threads are the threads at the present, in the order of their ids.
	Threads() ([]Thread, error)
	// ReadMemory reads memory of a process as far as it is there.
	ReadMemory(pid int, addr uint64, p []byte) (n int, err error)
	// Mappings are what a process has mapped at the present, in the order of
	// addresses.
	Mappings(pid int) ([]Mapping, error)
	// Call runs a function in a copy of the present, which stays as it is. The
	// result says what was printed and refused even if there is an error. When ctx
	// ends, so does the call, with ctx's error.
	Call(ctx context.Context, c Call) (CallResult, error)
	// Hash is a hash of everything that the recorded processes have.
	Hash() (uint64, error)
	// Pin keeps a save point of the present, as long as memory allows, so that
	// it can be gone back to at once; or no longer.
	Pin(pinned bool) error
	// Statistics describes the save points.
	Statistics() (snapshots.Statistics, error)
	// Close ends all processes of the timeline.
	Close() error
}

// Thread is a recorded thread at some Time.
type Thread struct {
	ID, PID int
	// Next is set for the thread that runs from here on to the next event.
	Next bool
	Regs tracee.Regs
}

// Mapping is a range of a process's memory with one source.
type Mapping struct {
	Start, End uint64 // End is the first address behind it
	Prot       uint32 // PROT_*
	Shared     bool
	// Name is what /proc/PID/maps called it when it was recorded: the path of its
	// file, [stack], [heap]. Recordings before format version 3 have none.
	Name string
	// Blob is the content of the file, in the recording, from the time when it was
	// mapped; zero for memory of no file. Programs may have changed since what
	// they map shared.
	Blob   trace.Hash
	Offset uint64 // of Start in Blob
}

// TravelOptions are options of a Timeline.
type TravelOptions struct {
	Options
	// MaxSnapshots is how many save points are kept, at least
	// snapshots.Fewest; 0 for snapshots.DefaultMax.
	MaxSnapshots int
	// PressureThreshold is the percentage of memory below which save points are
	// dropped, 0 for never.
	PressureThreshold int
	// Memory tells how much memory there is; nil for the machine's and the
	// control group's.
	Memory func() (snapshots.Memory, error)

	// Changed is called when the save points are others than before. It must be
	// quick, and not call the Timeline.
	Changed func()

	near, every snapshots.Work // of snapshots.Policy; 0 for the usual
}

// timeline is a Timeline in this process. All that touches the replay is done
// by one goroutine, which owns the session's thread.
type timeline struct {
	requests chan request
	ended    chan error
	paused   atomic.Bool
}

type request struct {
	f    func(*travel) error
	done chan error
}

// Open opens a recording for travel. The present is the first Time.
func Open(rec *trace.Recording, opts TravelOptions) (Timeline, error) {
	if err := snapshots.CheckThreshold(opts.PressureThreshold); err != nil {
		return nil, err
	}
	if opts.MaxSnapshots == 0 {
		opts.MaxSnapshots = snapshots.DefaultMax
	}
	if opts.near == 0 {
		opts.near, opts.every = near, every
	}
	if opts.Memory == nil {
		opts.Memory = func() (snapshots.Memory, error) { return snapshots.ReadMemory(os.DirFS("/")) }
	}
	if opts.Changed == nil {
		opts.Changed = func() {}
	}
	l := &timeline{requests: make(chan request), ended: make(chan error, 1)}
	opts.Paused = l.paused.Load
	ready, requests := make(chan struct{}), l.requests
	go func() {
		l.ended <- Do(rec, opts.Options, func(p *Pass) error {
			t, err := newTravel(p, opts)
			if err != nil {
				return err
			}
			close(ready)
			return errors.Join(serve(t, requests), t.close())
		})
	}()
	select {
	case <-ready:
		return l, nil
	case err := <-l.ended:
		return nil, err
	}
}

// idleTick is how often the memory is looked at while nobody asks for anything.
const idleTick = time.Second

// serve executes requests until there are no more.
func serve(t *travel, requests <-chan request) error {
	tick := time.NewTicker(idleTick)
	defer tick.Stop()
	for {
		select {
		case r, ok := <-requests:
			if !ok {
				return nil
			}
			r.done <- r.f(t)
		case <-tick.C:
			if err := t.relieve(t.now()); err != nil {
				return err
			}
		}
	}
}

// errClosed reports a call of a Timeline behind its Close.
var errClosed = errors.New("the timeline is closed")

// do lets the session's goroutine execute f. When ctx ends, the replay stops
// where it is, within milliseconds.
func (l *timeline) do(ctx context.Context, f func(*travel) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if l.requests == nil {
		return errClosed
	}
	stop := context.AfterFunc(ctx, func() { l.paused.Store(true) })
	r := request{f, make(chan error, 1)}
	select {
	case l.requests <- r:
	case err := <-l.ended: // it failed while nobody asked
		l.ended <- err
		return err
	}
	err := <-r.done
	stop()
	l.paused.Store(false)
	if errors.Is(err, ErrPaused) {
		return context.Cause(ctx)
	}
	return err
}

func (l *timeline) Seek(ctx context.Context, to Time) error {
	return l.do(ctx, func(t *travel) error { return t.seek(to) })
}

func (l *timeline) Step(ctx context.Context) error { return l.do(ctx, (*travel).step) }
func (l *timeline) Back(ctx context.Context) error { return l.do(ctx, (*travel).back) }

func (l *timeline) Time() (at Time, err error) {
	err = l.do(context.Background(), func(t *travel) error {
		at = t.pass.Time()
		return nil
	})
	return at, err
}

func (l *timeline) Last(ctx context.Context) (last Time, err error) {
	err = l.do(ctx, func(t *travel) error {
		last, err = t.toLast()
		return err
	})
	return last, err
}

func (l *timeline) Threads() (list []Thread, err error) {
	err = l.do(context.Background(), func(t *travel) error {
		list, err = t.threads()
		return err
	})
	return list, err
}

func (l *timeline) ReadMemory(pid int, addr uint64, p []byte) (n int, err error) {
	err = l.do(context.Background(), func(t *travel) error {
		n, err = t.readMemory(pid, addr, p)
		return err
	})
	return n, err
}

func (l *timeline) Mappings(pid int) (list []Mapping, err error) {
	err = l.do(context.Background(), func(t *travel) error {
		list, err = t.mappings(pid)
		return err
	})
	return list, err
}

func (l *timeline) Hash() (hash uint64, err error) {
	err = l.do(context.Background(), func(t *travel) error {
		if t.lost {
			return errLost
		}
		hash, err = t.pass.Hash()
		return err
	})
	return hash, err
}

func (l *timeline) Pin(pinned bool) error {
	return l.do(context.Background(), func(t *travel) error { return t.pin(pinned) })
}

func (l *timeline) Statistics() (s snapshots.Statistics, err error) {
	err = l.do(context.Background(), func(t *travel) error {
		s, err = t.statistics()
		return err
	})
	return s, err
}

func (l *timeline) Close() error {
	if l.requests == nil {
		return nil
	}
	close(l.requests)
	l.requests = nil
	return <-l.ended
}
