package adapter

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"stepback/adapter/disasm"
	"stepback/internal/x86"
	"stepback/recorder/trace"
	"stepback/replayer"
	"stepback/replayer/condition"
)

// Stepping, by instructions of one thread; linestep.go has that by lines. What other threads do meanwhile happens, and
// breakpoints in what is stepped over are hit.

// steps is a step of a thread; the stop may be at a breakpoint on the way.
type steps func(ctx context.Context, t replayer.Thread) (*found, error)

// step makes a mover of a step.
func (s *session) step(thread int, to direction, f steps) mover {
	return func(ctx context.Context) (*stop, error) {
		t, err := s.thread(thread)
		if err != nil {
			return nil, err
		}
		at, err := f(ctx, t)
		switch {
		case errors.Is(err, io.EOF) && to == forward:
			return s.atEnd(ctx, false)
		case errors.Is(err, io.EOF):
			return s.atStart(false), nil
		case err != nil:
			return nil, err
		case at == nil:
			return &stop{reason: "step", thread: thread}, nil
		}
		return s.stopAt(ctx, at, to)
	}
}

// turn goes on to where a thread runs next, if another does now.
func (s *session) turn(ctx context.Context, t replayer.Thread) (*found, error) {
	for !t.Next {
		own := []replayer.Probe{{PC: t.Regs.Rip, TID: t.ID}, {TID: t.ID, Event: func(*trace.Event) bool { return true }}}
		f, err := s.search(ctx, forward, own)
		switch {
		case err != nil:
			return nil, err
		case f == nil:
			return nil, io.EOF
		case !f.own:
			return f, nil
		}
		now, err := s.threadNow(t.ID)
		if err != nil || now.Regs != t.Regs {
			return &found{own: true, thread: t.ID}, nil // its system call returned, or it is gone
		}
		t = now
	}
	return nil, nil
}

// threadNow is a thread where the target is.
func (s *session) threadNow(id int) (replayer.Thread, error) {
	threads, err := s.target.Threads()
	if err != nil {
		return replayer.Thread{}, err
	}
	for _, t := range threads {
		if t.ID == id {
			return t, nil
		}
	}
	return replayer.Thread{}, fmt.Errorf("thread %d is gone", id)
}

// into is one instruction of a thread.
func (s *session) into(ctx context.Context, t replayer.Thread) (*found, error) {
	for {
		if f, err := s.turn(ctx, t); f != nil || err != nil {
			return f, err
		}
		if err := s.target.Step(ctx); err != nil {
			return nil, err
		}
		at, err := s.target.Time()
		if err != nil {
			return nil, err
		}
		if at.Event > s.target.History().Last {
			return nil, io.EOF
		}
		now, err := s.threadNow(t.ID)
		if err != nil || now.Regs != t.Regs || at.Steps > 0 {
			return nil, nil
		}
		t = now // it lost its turn, no more
	}
}

// over is one instruction, but a whole call.
func (s *session) over(ctx context.Context, t replayer.Thread) (*found, error) {
	in, ok := s.instruction(t)
	if !ok || in.Flow != x86.Call && in.Flow != x86.CallIndirect {
		return s.into(ctx, t)
	}
	if f, err := s.turn(ctx, t); f != nil || err != nil {
		return f, err
	}
	return s.until(ctx, forward, []uint64{t.Regs.Rip + uint64(in.Len)}, t.Regs.Rsp, t.ID)
}

// until searches for an instruction of a thread with a stack pointer.
func (s *session) until(ctx context.Context, to direction, pcs []uint64, rsp uint64, tid int) (*found, error) {
	var own []replayer.Probe
	for _, pc := range pcs {
		own = append(own, replayer.Probe{PC: pc, TID: tid, If: condition.Is(condition.Expr{Op: condition.Register, N: condition.RSP}, rsp)})
	}
	f, err := s.search(ctx, to, own)
	if err == nil && f == nil {
		err = io.EOF
	}
	return f, err
}

// instruction decodes the one that a thread is about to execute.
func (s *session) instruction(t replayer.Thread) (in x86.Inst, ok bool) {
	code := make([]byte, disasm.MaxLen)
	n, err := s.target.ReadMemory(t.PID, t.Regs.Rip, code)
	return in, err == nil && x86.Decode(code[:n], &in) == nil
}

// backInto is one instruction back.
func (s *session) backInto(ctx context.Context, t replayer.Thread) (*found, error) {
	for {
		if err := s.target.Back(ctx); err != nil {
			return nil, err
		}
		now, err := s.threadNow(t.ID)
		if err != nil {
			return nil, nil // it began there
		}
		if !now.Next {
			// Others ran last: what this thread did last ended in an event.
			hit, err := s.target.FindLast(ctx, []replayer.Probe{{TID: t.ID, Event: func(*trace.Event) bool { return true }}})
			if err != nil {
				return nil, err
			}
			if hit == nil {
				return nil, io.EOF
			}
			continue
		}
		if now.Regs != t.Regs {
			return nil, nil
		}
		at, err := s.target.Time()
		if err != nil {
			return nil, err
		}
		if !s.idle(at) {
			return nil, nil // a jump to itself, say
		}
	}
}

// idle reports whether the event behind a Time leaves its thread as it is.
func (s *session) idle(at replayer.Time) bool {
	return s.target.History().idle[at.Event+1]
}

// backOver is one instruction back, but a whole call.
func (s *session) backOver(ctx context.Context, t replayer.Thread) (*found, error) {
	origin, err := s.target.Time()
	if err != nil {
		return nil, err
	}
	if f, err := s.backInto(ctx, t); f != nil || err != nil {
		return f, err
	}
	now, err := s.threadNow(t.ID)
	if err != nil {
		return nil, nil
	}
	in, ok := s.instruction(now)
	calls := s.callsBefore(t)
	if !ok || in.Flow != x86.Return || len(calls) == 0 {
		return nil, nil
	}
	before, err := s.target.Time()
	if err != nil {
		return nil, err
	}
	if err := s.target.Seek(ctx, origin); err != nil {
		return nil, err
	}
	f, err := s.until(ctx, backward, calls, t.Regs.Rsp, t.ID)
	if errors.Is(err, io.EOF) {
		return nil, s.target.Seek(ctx, before) // nobody called; the stack was switched
	}
	return f, err
}

// callsBefore are the addresses before a thread's pc at which a call instruction may begin
// that returns there.
func (s *session) callsBefore(t replayer.Thread) (list []uint64) {
	const shortest, longest = 2, 9
	for n := uint64(shortest); n <= longest; n++ {
		code := make([]byte, n)
		from := t.Regs.Rip - n
		var in x86.Inst
		got, err := s.target.ReadMemory(t.PID, from, code)
		if err == nil && got == int(n) && x86.Decode(code, &in) == nil && uint64(in.Len) == n && (in.Flow == x86.Call || in.Flow == x86.CallIndirect) {
			list = append(list, from)
		}
	}
	return list
}

// call is where the function was entered in which a thread is.
type call struct {
	entry   replayer.Time
	returns uint64 // address
	rsp     uint64 // behind the return
}

var errNoCaller = errors.New("it is not known where this function was called: no symbol, and no debug information, says where it begins")

// called finds the call of the function in which a frame is. Without debug information
// history tells: it is the last time that the thread was at the function's beginning with the
// stack no lower than now.
func (s *session) called(ctx context.Context, f *frame) (c call, err error) {
	if f.Start == 0 {
		return c, errNoCaller
	}
	t := f.thread
	sp := condition.Expr{Op: condition.Register, N: condition.RSP}
	probe := replayer.Probe{
		PC: f.Start, TID: t.ID,
		If: &condition.Expr{Op: condition.LessEqualU, Args: []condition.Expr{{N: f.Regs[condition.RSP]}, sp}},
	}
	if f.CFA != 0 && !f.Inlined {
		const returnAddress = 8
		probe.If = replayer.AtFrame(f.CFA, returnAddress)
	}
	if c.entry, err = s.target.Time(); err != nil {
		return c, err
	}
	if t.Regs.Rip != f.Start || f.Number > 0 {
		hit, err := s.target.FindLast(ctx, []replayer.Probe{probe})
		if err != nil {
			return c, err
		}
		if hit == nil {
			return c, errNoCaller
		}
		c.entry = hit.Time
	}
	now, err := s.threadNow(t.ID)
	if err != nil {
		return c, err
	}
	var word [8]byte
	if n, err := s.target.ReadMemory(t.PID, now.Regs.Rsp, word[:]); err != nil || n < len(word) {
		return c, errNoCaller
	}
	c.returns, c.rsp = binary.LittleEndian.Uint64(word[:]), now.Regs.Rsp+8
	return c, nil
}

// out goes to behind the return of the function.
func (s *session) out(ctx context.Context, t replayer.Thread) (*found, error) {
	return s.outOf(ctx, t, func(c call) (*found, error) {
		return s.until(ctx, forward, []uint64{c.returns}, c.rsp, t.ID)
	})
}

// backOut goes back to the call of the function.
func (s *session) backOut(ctx context.Context, t replayer.Thread) (*found, error) {
	return s.outOf(ctx, t, func(c call) (*found, error) {
		if err := s.target.Seek(ctx, c.entry); err != nil {
			return nil, err
		}
		now, err := s.threadNow(t.ID)
		if err != nil {
			return nil, err
		}
		return s.backInto(ctx, now)
	})
}

// outOf finds the call of a thread's function, and calls f where it was before.
func (s *session) outOf(ctx context.Context, t replayer.Thread, f func(call) (*found, error)) (*found, error) {
	origin, err := s.target.Time()
	if err != nil {
		return nil, err
	}
	around, err := s.around(t.ID)
	if err != nil {
		return nil, err
	}
	in, err := s.innermost(around)
	if err != nil {
		return nil, err
	}
	c, err := s.called(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := s.target.Seek(ctx, origin); err != nil {
		return nil, err
	}
	return f(c)
}
