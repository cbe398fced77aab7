package adapter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	godap "github.com/google/go-dap"

	"stepback/dap"
)

// job is work that needs the Target. While it runs, it alone may use the target, the level and
// the present; the loop leaves them alone.
type job struct {
	call *dap.Call
	// moves: the call is answered before it begins.
	moves bool
	// always: it may be done in any state.
	always bool
	body   any // of that answer
	// prepare, if any, is called by the loop before, and may refuse.
	prepare func() error
	run     func(ctx context.Context) (body any, to *stop, err error)
	cancel  context.CancelCauseFunc

	progressID string
}

// stop is where a job has taken the present, and why it ended there.
type stop struct {
	reason, description, text string
	thread                    int
	hits                      []int
	line                      string // for the console
}

// begin begins a job, or lets it wait for the one there is.
func (s *session) begin(j *job) {
	if s.job != nil {
		s.queue = append(s.queue, j)
		return
	}
	if j.prepare != nil {
		if err := j.prepare(); err != nil {
			j.call.Fail(err)
			return
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	s.job, j.cancel = j, cancel
	if j.moves && j.call != nil {
		j.call.Succeed(j.body)
		s.state = moving
	}
	progress := s.showProgress(j)
	go func() {
		body, to, err := s.guard(ctx, j)
		cancel(nil)
		progress()
		if to != nil {
			err = errors.Join(err, s.lookAround(to))
		}
		s.post(func() { s.finish(j, body, to, err) })
	}()
}

// guard runs a job. A mistake of ours in one must not end the other sessions of the server.
func (s *session) guard(ctx context.Context, j *job) (body any, to *stop, err error) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("a request failed by a mistake in stepback", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("a mistake in stepback (please report it): %v", p)
			if j.moves && s.target != nil {
				to = &stop{reason: "pause", thread: s.current}
			}
		}
	}()
	s.doing = ctx
	return j.run(ctx)
}

// finish is the end of a job.
func (s *session) finish(j *job, body any, to *stop, err error) {
	s.job = nil
	if s.target != nil {
		s.listed = s.present.threads
	}
	switch {
	case j.moves && s.leaving:
		return
	case j.moves && to == nil: // opening failed
		s.state = over
		console(s.conn, "cannot open the recording: %v", err)
		s.conn.Send("terminated", nil)
	case j.moves:
		s.state = stopped
	case err != nil:
		j.call.Fail(jobError(err))
	default:
		j.call.Succeed(body)
		if to != nil { // a command of the console has moved the present
			s.conn.Send("continued", godap.ContinuedEventBody{ThreadId: to.thread, AllThreadsContinued: true})
		}
	}
	if to != nil && err != nil {
		console(s.conn, "%v", err)
	}
	if to != nil {
		s.sendStopped(to)
	}
	for s.job == nil && len(s.queue) > 0 {
		next := s.queue[0]
		s.queue = s.queue[1:]
		if s.state != stopped && !next.always {
			next.call.Fail(s.wrongState(next.call.Command))
			continue
		}
		s.begin(next)
	}
}

func (s *session) sendStopped(to *stop) {
	if to.line != "" {
		console(s.conn, "%s", to.line)
	}
	s.conn.Send("stopped", dap.StoppedEventBody{
		Reason: to.reason, Description: to.description, Text: to.text, ThreadId: to.thread,
		AllThreadsStopped: true, HitBreakpointIds: to.hits,
	})
	s.sendSnapshots()
}

// jobError is what the client is told of an error.
func jobError(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, errOver) || errors.Is(err, errPaused) {
		return errCancelled
	}
	return err
}

// A request of the table.
type request struct {
	states states
	serve  func(*session, *dap.Call)
}

// now is a request that the loop answers.
func now[A, B any](in states, f func(*session, *A) (B, error)) request {
	return request{in, func(s *session, c *dap.Call) {
		a, err := dap.Arguments[A](c)
		if err == nil {
			var body B
			if body, err = f(s, a); err == nil {
				c.Succeed(body)
				return
			}
		}
		c.Fail(err)
	}}
}

// query is a request that a job answers, looking at the present.
func query[A, B any](f func(*session, context.Context, *A) (B, error)) request {
	return command(func(s *session, ctx context.Context, a *A) (B, *stop, error) {
		body, err := f(s, ctx, a)
		return body, nil, err
	})
}

// command is a query that may move the present.
func command[A, B any](f func(*session, context.Context, *A) (B, *stop, error)) request {
	return request{stopped, func(s *session, c *dap.Call) {
		a, err := dap.Arguments[A](c)
		if err != nil {
			c.Fail(err)
			return
		}
		s.begin(&job{call: c, run: func(ctx context.Context) (any, *stop, error) { return f(s, ctx, a) }})
	}}
}

// A mover moves the present. jumps: clients do not expect it, so that they are told.
func move[A any](jumps bool, f func(*session, *A) (mover, error)) request {
	return request{stopped, func(s *session, c *dap.Call) {
		a, err := dap.Arguments[A](c)
		if err != nil {
			c.Fail(err)
			return
		}
		var m mover
		j := &job{call: c, moves: true, body: moveBodies[c.Command]}
		j.prepare = func() (err error) {
			m, err = f(s, a)
			return err
		}
		j.run = func(ctx context.Context) (any, *stop, error) {
			if jumps {
				s.conn.Send("continued", godap.ContinuedEventBody{ThreadId: s.current, AllThreadsContinued: true})
			}
			return nil, s.moved(ctx, m), nil
		}
		s.begin(j)
	}}
}

// moveBodies are those answers to moves that have a body.
var moveBodies = map[string]any{"continue": godap.ContinueResponseBody{AllThreadsContinued: true}}

// mover moves the present to where a user wants to be.
type mover func(ctx context.Context) (*stop, error)

// moved moves, and says where that ended, whatever happened on the way.
func (s *session) moved(ctx context.Context, m mover) *stop {
	origin, err := s.target.Time()
	if err != nil {
		origin = s.at
	}
	to, err := m(ctx)
	if err == nil {
		return to
	}
	background := context.WithoutCancel(ctx)
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errPaused):
		at, err := s.target.Time()
		if err == nil && at.Event > s.target.History().Last {
			err = s.toEnd(background)
			at = *s.last
		}
		if err == nil {
			return &stop{reason: "pause", description: fmt.Sprintf("Paused at %s", at), thread: s.current}
		}
	case errors.Is(cause, errOver):
		return &stop{reason: "pause", thread: s.current}
	case errors.Is(cause, context.Canceled):
		err = errors.New("cancelled")
	}
	back := s.target.Seek(background, origin)
	return &stop{
		reason: "pause", description: "Stopped: " + err.Error(), text: err.Error(), thread: s.current,
		line: errors.Join(err, back).Error(),
	}
}
