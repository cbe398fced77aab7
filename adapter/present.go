package adapter

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	godap "github.com/google/go-dap"

	"stepback/adapter/symbols"
	"stepback/dap"
	"stepback/replayer"
)

// present is what clients see at the Time at which the session stands. Handles of
// frames and variables are valid there only; their numbers are not used again.
type present struct {
	at      replayer.Time
	last    *replayer.Time // the end of history, once somebody was there
	threads []replayer.Thread
	current int // thread that the user looks at
	spaces  map[int]*symbols.Space
	frames  handles[*frame]
	values  handles[Value]
}

// frame is a Frame with its thread.
type frame struct {
	Frame
	thread *Thread
}

// handles are what clients name by numbers, from 1 on.
type handles[T any] struct {
	forgotten int
	list      []T
}

func (h *handles[T]) add(v T) (number int) {
	h.list = append(h.list, v)
	return h.forgotten + len(h.list)
}

func (h *handles[T]) get(number int) (v T, ok bool) {
	i := number - h.forgotten - 1
	if i < 0 || i >= len(h.list) {
		return v, false
	}
	return h.list[i], true
}

func (h *handles[T]) forget() { h.forgotten, h.list = h.forgotten+len(h.list), nil }

// lookAround makes the present that of the target, which was moved.
func (s *session) lookAround(to *stop) (err error) {
	p := &s.present
	p.frames.forget()
	p.values.forget()
	p.spaces = map[int]*symbols.Space{}
	if p.at, err = s.target.Time(); err != nil {
		return err
	}
	if p.threads, err = s.target.Threads(); err != nil {
		return err
	}
	if _, err := s.thread(to.thread); err == nil {
		p.current = to.thread
	} else if t, ok := s.nextThread(); ok {
		p.current = t.ID
	}
	to.thread = p.current
	return nil
}

// nextThread is the thread that runs next; if none does, any.
func (p *present) nextThread() (t replayer.Thread, ok bool) {
	if i := slices.IndexFunc(p.threads, func(t replayer.Thread) bool { return t.Next }); i >= 0 {
		return p.threads[i], true
	}
	if len(p.threads) == 0 {
		return t, false
	}
	return p.threads[0], true
}

// thread is a thread of the present.
func (p *present) thread(id int) (replayer.Thread, error) {
	for _, t := range p.threads {
		if t.ID == id {
			return t, nil
		}
	}
	return replayer.Thread{}, fmt.Errorf("there is no thread %d at %s", id, p.at)
}

// around is a thread with what is around it.
func (s *session) around(id int) (*Thread, error) {
	t, err := s.thread(id)
	if err != nil {
		return nil, err
	}
	space, err := s.space(t.PID)
	if err != nil {
		return nil, err
	}
	return &Thread{
		Thread: t, Space: space, Read: s.reader(t.PID),
		Call: func(c replayer.Call) (replayer.CallResult, error) { return s.target.Call(s.doing, c) },
	}, nil
}

// aroundNow is a thread where the target is, with what is around it.
func (s *session) aroundNow(t replayer.Thread) (*Thread, error) {
	maps, err := s.target.Mappings(t.PID)
	if err != nil {
		return nil, err
	}
	return &Thread{
		Thread: t, Space: s.target.Files().Space(maps), Read: s.reader(t.PID),
		Call: func(c replayer.Call) (replayer.CallResult, error) { return s.target.Call(s.doing, c) },
	}, nil
}

// reader reads memory of a process as far as it is there.
func (s *session) reader(pid int) func(addr uint64, p []byte) int {
	return func(addr uint64, p []byte) int {
		n, err := s.target.ReadMemory(pid, addr, p)
		if err != nil {
			return 0
		}
		return n
	}
}

// space is what a process has loaded.
func (s *session) space(pid int) (*symbols.Space, error) {
	if space := s.spaces[pid]; space != nil {
		return space, nil
	}
	maps, err := s.target.Mappings(pid)
	if err != nil {
		return nil, err
	}
	s.spaces[pid] = s.target.Files().Space(maps)
	return s.spaces[pid], nil
}

// frameOf is the frame with a number, or the innermost of the current thread.
func (s *session) frameOf(number int) (*frame, error) {
	if number != 0 {
		if f, ok := s.frames.get(number); ok {
			return f, nil
		}
		return nil, fmt.Errorf("there is no frame %d any more, since the program was moved; ask for the stack again", number)
	}
	t, err := s.around(s.current)
	if err != nil {
		return nil, err
	}
	return s.innermost(t)
}

// innermost is the frame in which a thread is.
func (s *session) innermost(t *Thread) (*frame, error) {
	f := &frame{thread: t}
	err := s.level.Frames(t, func(i Frame) bool {
		f.Frame = i
		return false
	})
	return f, err
}

// beyond is a number of steps that no slice has.
const beyond = 1 << 62

// toEnd goes to the end of history: the last state of the program before it ended.
func (s *session) toEnd(ctx context.Context) error {
	if s.last != nil {
		return s.target.Seek(ctx, *s.last)
	}
	// Going through all of it makes snapshots on the way.
	if _, err := s.target.Last(ctx); err != nil {
		return err
	}
	err := s.target.Seek(ctx, replayer.Time{Event: s.target.History().Last, Steps: beyond})
	if err != nil && !errors.As(err, new(*replayer.BeyondError)) {
		return err
	}
	at, err := s.target.Time()
	s.last = &at
	return err
}

// atEnd is the stop at the end of history. continued: the user wanted to run on.
func (s *session) atEnd(ctx context.Context, continued bool) (*stop, error) {
	if err := s.toEnd(ctx); err != nil {
		return nil, err
	}
	h := s.target.History()
	to := &stop{reason: "step", description: "End of history: " + h.Ended, line: "End of history: " + h.Ended}
	if h.Crash != 0 {
		i := slices.IndexFunc(h.signals, func(e signalEvent) bool { return e.event == h.Crash })
		to.text, to.thread = h.signals[i].text, h.signals[i].tid
		to.line += " (" + to.text + ")"
	}
	if continued {
		to.reason = "pause"
		if h.Crash != 0 {
			to.reason = "exception"
		}
	}
	return to, nil
}

// atStart is the stop at the beginning of history.
func (s *session) atStart(continued bool) *stop {
	to := &stop{reason: "step", description: "Start of history", line: "Start of history"}
	if continued {
		to.reason = "pause"
	}
	return to
}

// threadList is the answer to threads: while a job goes on, those that were there before.
func (s *session) threadList(*dap.None) (godap.ThreadsResponseBody, error) {
	list := []godap.Thread{}
	for _, t := range s.listed {
		list = append(list, godap.Thread{Id: t.ID, Name: s.target.History().threadName(t.ID)})
	}
	if len(list) == 0 && s.program != nil {
		list = append(list, godap.Thread{Id: s.program.pid, Name: filepath.Base(s.launch.Program)})
	}
	return godap.ThreadsResponseBody{Threads: list}, nil
}
