package adapter

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/replayer"
)

// check reports that a client names a thread that there is not.
func (s *session) check(thread int) error {
	_, err := s.thread(thread)
	return err
}

func (s *session) continueOn(a *godap.ContinueArguments) (mover, error) {
	return func(ctx context.Context) (*stop, error) { return s.runOn(ctx, forward) }, nil
}

func (s *session) reverseContinue(a *godap.ReverseContinueArguments) (mover, error) {
	return func(ctx context.Context) (*stop, error) { return s.runOn(ctx, backward) }, nil
}

// stepping is a mover for a step of a granularity.
func (s *session) stepping(thread int, granularity godap.SteppingGranularity, to direction, line, instruction steps) (mover, error) {
	if err := s.check(thread); err != nil {
		return nil, err
	}
	if granularity == "instruction" {
		return s.step(thread, to, instruction), nil
	}
	return s.step(thread, to, s.byLine(line, instruction)), nil
}

// byLine is a step over a line, or where no lines are known, over an instruction.
func (s *session) byLine(line, instruction steps) steps {
	return func(ctx context.Context, t replayer.Thread) (*found, error) {
		f, err := line(ctx, t)
		if errors.Is(err, errUnlined) {
			s.note("lines are not known here: steps are by instructions")
			return instruction(ctx, t)
		}
		return f, err
	}
}

func (s *session) next(a *godap.NextArguments) (mover, error) {
	return s.stepping(a.ThreadId, a.Granularity, forward, s.lineNext, s.over)
}

func (s *session) stepIn(a *godap.StepInArguments) (mover, error) {
	return s.stepping(a.ThreadId, a.Granularity, forward, s.lineInto, s.into)
}

func (s *session) stepOut(a *godap.StepOutArguments) (mover, error) {
	return s.stepping(a.ThreadId, "", forward, s.lineOut, s.out)
}

func (s *session) stepBack(a *godap.StepBackArguments) (mover, error) {
	return s.stepping(a.ThreadId, a.Granularity, backward, s.lineBack, s.backOver)
}

func (s *session) reverseStepIn(a *dap.ThreadArguments) (mover, error) {
	return s.stepping(a.ThreadID, godap.SteppingGranularity(a.Granularity), backward, s.lineBackInto, s.backInto)
}

func (s *session) reverseStepOut(a *dap.ThreadArguments) (mover, error) {
	return s.stepping(a.ThreadID, "", backward, s.backOut, s.backOut)
}

// restartFrame goes to where a frame's function was entered.
func (s *session) restartFrame(a *godap.RestartFrameArguments) (mover, error) {
	f, err := s.frameOf(a.FrameId)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*stop, error) {
		c, err := s.called(ctx, f)
		if err != nil {
			return nil, err
		}
		return &stop{reason: "restart", thread: f.thread.ID}, s.target.Seek(ctx, c.entry)
	}, nil
}

// travel goes to a Time by its name.
func (s *session) travel(a *dap.GotoArguments) (mover, error) {
	to := a.Time
	for _, b := range s.bookmarks {
		if b.Name == to {
			to = b.Time
		}
	}
	switch to {
	case "start":
		return func(ctx context.Context) (*stop, error) { return s.atStart(false), s.target.Seek(ctx, replayer.Time{}) }, nil
	case "end":
		return func(ctx context.Context) (*stop, error) { return s.atEnd(ctx, false) }, nil
	}
	at, err := replayer.ParseTime(to)
	if err != nil {
		return nil, argumentError("%q is no time: write EVENT or EVENT+STEPS such as 1200+35, start, end, or the name of a bookmark", a.Time)
	}
	if last := s.target.History().Last; at.Event > last {
		return nil, argumentError("there is no time %s: history ends behind event %d", at, last)
	}
	return func(ctx context.Context) (*stop, error) {
		return &stop{reason: "goto", description: "At " + at.String(), thread: s.current}, s.target.Seek(ctx, at)
	}, nil
}

// lastWrite goes back to the last write to memory.
func (s *session) lastWrite(a *dap.LastWriteArguments) (mover, error) {
	f, err := s.frameOf(a.FrameID)
	if err != nil {
		return nil, err
	}
	v, err := s.evaluateIn(f, a.Expression)
	if err != nil {
		return nil, err
	}
	const word = 8 // when nothing says how large it is
	d := replayer.Data{Addr: v.Address, Size: cmp.Or(a.Bytes, v.Size, word), Writes: true}
	return func(ctx context.Context) (*stop, error) {
		hit, err := s.target.FindLast(ctx, []replayer.Probe{{Data: d, PID: f.thread.PID}})
		if err != nil {
			return nil, err
		}
		if hit == nil {
			return nil, fmt.Errorf("nothing wrote to the %d bytes at %#x (%s) before this: they are as they were mapped", d.Size, d.Addr, a.Expression)
		}
		return &stop{reason: "step", description: "Last write to " + a.Expression, thread: hit.TID}, nil
	}, nil
}
