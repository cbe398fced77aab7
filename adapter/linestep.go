package adapter

import (
	"context"
	"errors"
	"io"
	"slices"

	unwind "stepback/adapter/symbols/frame"
	"stepback/internal/x86"
	"stepback/replayer"
	"stepback/replayer/condition"
)

// Stepping by lines. A step ends where a statement begins that is of another line, in the
// same frame; or in the caller, if the function returned. Between two such places a thread is
// in one run of a line, so that going back ends at the beginning of a run, too: the same
// places, from the other side.

// lineStep is a step of a thread over lines.
type lineStep struct {
	*session
	thread     *Thread
	frame      *unwind.Frame
	statements []statement
	here       []lineOf // of the present, down to the frame that steps
	into       bool     // calls are stepped into
}

// errUnlined: the step must be one by instructions.
var errUnlined = errors.New("no lines are known here")

// lineStepAt prepares a step from where the target is.
func (s *session) lineStepAt(t replayer.Thread, into bool) (*lineStep, error) {
	around, err := s.aroundNow(t)
	if err != nil {
		return nil, err
	}
	l := &lineStep{session: s, thread: around, frame: &around.unwound(2).Frames[0], into: into}
	l.statements = s.level.Statements(around.Space, t.Regs.Rip)
	if len(l.statements) > 0 {
		l.here = linesAt(around.Space, t.Regs.Rip)
	}
	return l, nil
}

// probe is one for an instruction in the frame of the step.
func (l *lineStep) probe(pc uint64) replayer.Probe {
	return replayer.Probe{PC: pc, TID: l.thread.ID, If: inFrame(l.thread.Space, pc, l.frame.CFA)}
}

// within reports whether a statement is in a line, or in a call inlined there.
func (s *statement) within(line []lineOf) bool {
	return len(s.lines) >= len(line) && slices.Equal(s.lines[:len(line)], line)
}

// at are probes of the statements that are chosen, behind the prologue.
func (l *lineStep) at(choose func(*statement) bool) (list []replayer.Probe) {
	for i := range l.statements {
		if s := &l.statements[i]; s.body && choose(s) {
			list = append(list, l.probe(s.addr))
		}
	}
	return list
}

// line is what belongs to the line of a place: where calls are stepped into, not those that are
// inlined in it.
func (l *lineStep) line(of []lineOf) func(*statement) bool {
	return func(s *statement) bool {
		return s.within(of) && (!l.into || len(s.lines) == len(of))
	}
}

func not(f func(*statement) bool) func(*statement) bool {
	return func(s *statement) bool { return !f(s) }
}

// caller is a probe for the return from the frame; ok is false if it has no caller.
func (l *lineStep) caller() (p replayer.Probe, ok bool) {
	s := l.thread.unwound(2)
	if len(s.Frames) < 2 {
		return p, false
	}
	sp, known := s.Frames[1].Regs.Get(unwind.RSP)
	return replayer.Probe{
		PC: s.Frames[1].PC, TID: l.thread.ID, If: condition.Is(condition.Expr{Op: condition.Register, N: condition.RSP}, sp),
	}, known
}

// lined reports whether a frame of the thread has lines.
func (l *lineStep) lined() bool {
	const near = 64
	for i, f := range l.thread.unwound(near).Frames {
		if p, ok := l.thread.Space.Line(f.At()); i < near && ok && p.Line != 0 {
			return true
		}
	}
	return false
}

// lineNext goes to the next line, in the frame or its caller.
func (s *session) lineNext(ctx context.Context, t replayer.Thread) (*found, error) {
	return s.lineForward(ctx, t, false)
}

// lineInto goes to the next line, in functions that are called too.
func (s *session) lineInto(ctx context.Context, t replayer.Thread) (*found, error) {
	return s.lineForward(ctx, t, true)
}

func (s *session) lineForward(ctx context.Context, t replayer.Thread, into bool) (*found, error) {
	l, err := s.lineStepAt(t, into)
	if err != nil {
		return nil, err
	}
	if len(l.statements) == 0 && !l.lined() {
		return nil, errUnlined
	}
	goals := l.at(not(l.line(l.here)))
	lines := len(goals) // behind them comes the return, and then calls
	if back, ok := l.caller(); ok {
		goals = append(goals, back)
	}
	calls := len(goals)
	if into && len(l.statements) > 0 {
		for _, pc := range l.calls() {
			if goals = append(goals, l.probe(pc)); pc != t.Regs.Rip {
				continue
			}
			if f, done, err := l.enter(ctx); done || f != nil || err != nil {
				return f, err
			}
		}
	}
	for {
		f, err := s.search(ctx, forward, goals)
		switch {
		case err != nil:
			return nil, err
		case f == nil:
			return nil, io.EOF
		case !f.own || f.probe < lines:
			return f, nil
		case f.probe < calls: // it returned
			now, err := s.threadNow(t.ID)
			if err != nil {
				return nil, err
			}
			if len(s.statementsAt(now)) > 0 {
				return f, nil
			}
			if f, err = s.lineForward(ctx, now, false); errors.Is(err, errUnlined) {
				if f, err = s.search(ctx, forward, nil); f == nil && err == nil {
					err = io.EOF
				}
			}
			return f, err
		}
		if f, done, err := l.enter(ctx); done || f != nil || err != nil {
			return f, err
		}
	}
}

func (s *session) statementsAt(t replayer.Thread) []statement {
	around, err := s.aroundNow(t)
	if err != nil {
		return nil
	}
	return s.level.Statements(around.Space, t.Regs.Rip)
}

// calls are the instructions of the function that call others. Those outside of the line are
// behind a statement at which the step ends.
func (l *lineStep) calls() (list []uint64) {
	f := l.thread.Space.Function(l.thread.Regs.Rip)
	if f == nil {
		return nil
	}
	c := &code{thread: l.thread}
	for _, r := range f.Ranges {
		for pc := r.Low; pc < r.High; {
			var in x86.Inst
			if x86.Decode(c.at(pc), &in) != nil {
				break
			}
			if in.Flow == x86.Call || in.Flow == x86.CallIndirect {
				list = append(list, pc)
			}
			pc += uint64(in.Len)
		}
	}
	return list
}

// mostJumps is how many jumps lead from a call to the function: those of a linkage table.
const mostJumps = 3

// enter follows a call instruction into a function with lines, to behind its prologue. If it
// has none, the call is made, and the present is behind it.
func (l *lineStep) enter(ctx context.Context) (f *found, done bool, err error) {
	call, err := l.threadNow(l.thread.ID)
	if err != nil {
		return nil, true, nil
	}
	in, ok := l.instruction(call)
	if !ok {
		return nil, true, nil
	}
	back := replayer.Probe{PC: call.Regs.Rip + uint64(in.Len), TID: call.ID, If: condition.Is(condition.Expr{Op: condition.Register, N: condition.RSP}, call.Regs.Rsp)}
	for range 2 + mostJumps {
		now, err := l.threadNow(l.thread.ID)
		if err != nil {
			return nil, true, err
		}
		if now.Regs.Rip != call.Regs.Rip && len(l.statementsAt(now)) > 0 {
			body := l.thread.Space.Function(now.Regs.Rip).Body
			if body == now.Regs.Rip {
				return &found{own: true, thread: now.ID}, true, nil
			}
			f, err := l.search(ctx, forward, []replayer.Probe{{PC: body, TID: now.ID}, back})
			return f, true, err
		}
		if f, err := l.session.into(ctx, now); f != nil || err != nil {
			return f, true, err
		}
	}
	f, err = l.search(ctx, forward, []replayer.Probe{back})
	if err == nil && f == nil {
		err = io.EOF
	}
	if f != nil && f.own {
		f = nil
	}
	return f, false, err
}

// lineOut goes to the caller of the frame, or out of the call that is inlined.
func (s *session) lineOut(ctx context.Context, t replayer.Thread) (*found, error) {
	l, err := s.lineStepAt(t, false)
	if err != nil {
		return nil, err
	}
	back, ok := l.caller()
	if !ok {
		return s.out(ctx, t)
	}
	goals := []replayer.Probe{back}
	if depth := len(l.here); depth > 1 {
		goals = append(goals, l.at(func(s *statement) bool {
			return len(s.lines) < depth || !slices.EqualFunc(s.lines[:depth], l.here, func(a, b lineOf) bool { return a.instance == b.instance })
		})...)
	}
	f, err := s.search(ctx, forward, goals)
	if err == nil && f == nil {
		err = io.EOF
	}
	return f, err
}
