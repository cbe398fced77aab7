package adapter

import (
	"context"
	"io"
	"slices"

	"stepback/internal/x86"
	"stepback/replayer"
)

// lineBack goes back to where the line before began, over calls.
func (s *session) lineBack(ctx context.Context, t replayer.Thread) (*found, error) {
	return s.lineBackward(ctx, t, false)
}

// lineBackInto goes back to where the line before began, in functions that returned too.
func (s *session) lineBackInto(ctx context.Context, t replayer.Thread) (*found, error) {
	return s.lineBackward(ctx, t, true)
}

func (s *session) lineBackward(ctx context.Context, t replayer.Thread, into bool) (*found, error) {
	l, err := s.lineStepAt(t, into)
	if err != nil {
		return nil, err
	}
	if len(l.statements) == 0 && !l.lined() {
		return nil, errUnlined
	}
	if into && len(s.callsBefore(t)) > 0 {
		if f, err := l.leave(ctx, t); f != nil || err != nil {
			return f, err
		}
	}
	f, line, err := l.lineBefore(ctx)
	// From the middle of a line, its beginning looks the same, unless calls were made.
	if f != nil && err == nil && f.own && slices.Equal(l.here, line) && len(s.callsBefore(t)) == 0 {
		f, _, err = l.lineBefore(ctx)
	}
	return f, err
}

// lineBefore goes back to the beginning of a run of a line. line is nil if that was left alone:
// the present is in another frame then, or at a breakpoint.
func (l *lineStep) lineBefore(ctx context.Context) (f *found, line []lineOf, err error) {
	f, done, err := l.before(ctx, l.at(func(*statement) bool { return true }))
	if done || err != nil {
		return f, nil, err
	}
	last, err := l.threadNow(l.thread.ID)
	if err != nil {
		return nil, nil, err
	}
	line = l.depth(linesAt(l.thread.Space, last.Regs.Rip))
	f, err = l.begin(ctx, line)
	return f, line, err
}

// depth cuts the lines of a place to the frame that steps.
func (l *lineStep) depth(lines []lineOf) []lineOf {
	if l.into || len(l.here) == 0 {
		return lines
	}
	return lines[:min(len(lines), len(l.here))]
}

// before goes back to the last of some statements, to a function that returned if calls are
// stepped into, or to the line of the caller if the frame begins before. done: it is not one of the
// statements at which the present is.
func (l *lineStep) before(ctx context.Context, goals []replayer.Probe) (f *found, done bool, err error) {
	own := len(goals)
	if f := l.thread.Space.Function(l.thread.Regs.Rip); f != nil {
		if f.Entry == l.thread.Regs.Rip {
			up, err := l.toCaller(ctx)
			return up, true, err
		}
		goals = append(goals, l.probe(f.Entry))
	}
	calls := len(goals)
	if l.into {
		for _, pc := range l.returns() {
			goals = append(goals, l.probe(pc))
		}
	}
	for {
		f, entered, err := l.back(ctx, goals)
		switch {
		case err != nil || entered:
			return f, true, err
		case f == nil:
			return nil, true, io.EOF
		case !f.own:
			return f, true, nil
		case f.probe < own:
			return f, false, nil
		case f.probe < calls:
			up, err := l.toCaller(ctx)
			return up, true, err
		}
	}
}

// back goes back to the last of some probes. entered: if calls are stepped into, it may be behind
// one, and the present is then in the function that returned.
func (l *lineStep) back(ctx context.Context, goals []replayer.Probe) (f *found, entered bool, err error) {
	f, err = l.search(ctx, backward, goals)
	if f == nil || err != nil || !f.own || !l.into {
		return f, false, err
	}
	now, err := l.threadNow(l.thread.ID)
	if err != nil || len(l.callsBefore(now)) == 0 {
		return f, false, err
	}
	if callee, err := l.leave(ctx, now); callee != nil || err != nil {
		return callee, true, err
	}
	return f, false, nil
}

// returns are the addresses behind the calls of the function.
func (l *lineStep) returns() (list []uint64) {
	c := &code{thread: l.thread}
	for _, pc := range l.calls() {
		var in x86.Inst
		if x86.Decode(c.at(pc), &in) == nil {
			list = append(list, pc+uint64(in.Len))
		}
	}
	return list
}

// leave goes back from behind a call into the function that returned, to the beginning of its
// last line. If it has no lines, the present stays where it is, and nothing is found.
func (l *lineStep) leave(ctx context.Context, t replayer.Thread) (*found, error) {
	behind, err := l.target.Time()
	if err != nil {
		return nil, err
	}
	if f, err := l.backInto(ctx, t); f != nil || err != nil {
		return f, err
	}
	now, err := l.threadNow(t.ID)
	if err != nil {
		return nil, err
	}
	in, ok := l.instruction(now)
	if !ok || in.Flow != x86.Return || len(l.statementsAt(now)) == 0 {
		return nil, l.target.Seek(ctx, behind)
	}
	callee, err := l.lineStepAt(now, true)
	if err != nil {
		return nil, err
	}
	return callee.begin(ctx, callee.here)
}

// toCaller goes from the first instruction of a function back to the beginning of the line
// that called it.
func (l *lineStep) toCaller(ctx context.Context) (*found, error) {
	t, err := l.threadNow(l.thread.ID)
	if err != nil {
		return nil, err
	}
	if f, err := l.backInto(ctx, t); f != nil || err != nil {
		return f, err
	}
	if t, err = l.threadNow(t.ID); err != nil {
		return nil, err
	}
	caller, err := l.lineStepAt(t, l.into)
	if err != nil {
		return nil, err
	}
	if len(caller.statements) > 0 {
		return caller.begin(ctx, caller.here)
	}
	if !caller.lined() {
		return &found{own: true, thread: t.ID}, nil
	}
	f, _, err := caller.before(ctx, nil)
	return f, err
}

// begin goes back to where the run of a line began in which the present is; or into a function
// that returned in it, if calls are stepped into.
func (l *lineStep) begin(ctx context.Context, line []lineOf) (*found, error) {
	inside := l.line(line)
	origin, err := l.target.Time()
	if err != nil {
		return nil, err
	}
	goals := l.at(not(inside))
	entry := len(goals)
	if f := l.thread.Space.Function(l.thread.Regs.Rip); f != nil {
		goals = append(goals, l.probe(f.Entry))
	}
	calls := len(goals)
	if l.into {
		for _, pc := range l.returns() {
			goals = append(goals, l.probe(pc))
		}
	}
	starts := l.at(inside)
	here := &found{own: true, thread: l.thread.ID}
	for {
		f, entered, err := l.back(ctx, goals)
		if err != nil || entered || f != nil && !f.own {
			return f, err
		}
		if f == nil || f.probe < calls {
			if f != nil && f.probe == entry && slices.ContainsFunc(starts, func(p replayer.Probe) bool { return p.PC == goals[entry].PC }) {
				return here, nil // the line begins with the function
			}
			break
		}
	}
	hit, err := l.target.FindNext(ctx, starts)
	if err != nil {
		return nil, err
	}
	if hit == nil || hit.Time.Compare(origin) > 0 { // it has no beginning in the frame
		return here, l.target.Seek(ctx, origin)
	}
	return here, nil
}
