package adapter

import (
	"context"
	"errors"
	"fmt"
	"time"

	godap "github.com/google/go-dap"

	"stepback/dap"
	"stepback/replayer"
)

// states is a set of states of a session.
type states uint8

const (
	fresh states = 1 << iota
	ready
	recording
	opening
	stopped
	moving
	over

	anytime = ^states(0)
	begun   = recording | opening | stopped | moving
)

// stateTexts say why a request is refused.
var stateTexts = map[states]string{
	fresh:     "initialize was not requested yet",
	ready:     "nothing was launched yet",
	recording: "the program is being recorded; it can be looked at when it has ended, or when you press Pause",
	opening:   "the recording is being opened",
	stopped:   "the program stands still at a point of its history",
	moving:    "a search is under way; press Pause to stop it",
	over:      "the session is over",
}

// session is a client and its program. The loop owns it; a job owns what job.go says.
type session struct {
	conn   *dap.Conn
	config *Config
	level  Level

	state      states
	client     godap.InitializeRequestArguments
	launch     *launchArguments
	configured bool                    // configurationDone
	starting   context.CancelCauseFunc // while the program is being started
	program    *recordedProgram        // while and after it is recorded, nil for a replay
	place      string                  // of the recording
	discard    string                  // recording to remove in the end
	target     Target                  // behind opening
	printed    *printed
	points     breakpointSets
	filters    []signalFilter
	bookmarks  []dap.Bookmark
	noted      map[string]bool // notes that are shown once
	shown      int             // progress
	watches    bool            // the client wants to see the snapshots

	posted  chan func() // for the loop
	ended   chan struct{}
	job     *job
	doing   context.Context   // the job's, for calls that its answer needs
	queue   []*job            // that wait for it
	leaving bool              // nobody wants to know where the job ends
	listed  []replayer.Thread // of the present, for when a job goes on
	present
}

// Serve serves a client until it disconnects, the connection ends, or ctx does. Behind it, no process
// of the session is left.
func Serve(ctx context.Context, conn *dap.Conn, config *Config) error {
	s := &session{
		conn: conn, config: config, level: newSourceLevel(nil), state: fresh, posted: make(chan func()), ended: make(chan struct{}),
		noted: map[string]bool{}, filters: defaultFilters(),
	}
	defer conn.Close()
	return s.loop(ctx)
}

func (s *session) loop(ctx context.Context) error {
	calls := make(chan *dap.Call)
	lost := make(chan error, 1)
	go func() {
		for {
			c, err := s.conn.Receive()
			if err != nil {
				lost <- err
				return
			}
			select {
			case calls <- c:
			case <-s.ended:
				return
			}
		}
	}()
	defer close(s.ended)
	defer s.shut()
	for {
		select {
		case c := <-calls:
			if leave := s.take(c); leave {
				return nil
			}
		case f := <-s.posted:
			f()
		case err := <-lost:
			return err
		case <-ctx.Done():
			s.conn.Send("terminated", godap.TerminatedEventBody{})
			return nil
		}
	}
}

// post lets the loop execute f, unless the session has ended.
func (s *session) post(f func()) {
	select {
	case s.posted <- f:
	case <-s.ended:
	}
}

// take answers a request, or sees to it that it is answered.
func (s *session) take(c *dap.Call) (leave bool) {
	r, ok := requests[c.Command]
	switch {
	case !ok:
		c.Fail(&dap.Error{ID: dap.Unknown, Err: fmt.Errorf("there is no request %q", c.Command)})
	case s.state&r.states == 0:
		c.Fail(s.wrongState(c.Command))
	case c.Command == "disconnect":
		s.shut()
		c.Succeed(nil)
		return true
	default:
		r.serve(s, c)
	}
	return false
}

func (s *session) wrongState(what string) error {
	short := ""
	if s.state&stopped == 0 {
		short = "notStopped" // the protocol's word
	}
	return &dap.Error{ID: dap.WrongState, Short: short, Err: fmt.Errorf("%s is not possible now: %s", what, stateTexts[s.state])}
}

// patience is how long an end waits for a job that is told to stop, before it says so.
const patience = 10 * time.Second

// shut ends all that the session has begun. It may be called again.
func (s *session) shut() {
	for _, j := range s.queue {
		j.call.Fail(errCancelled)
	}
	s.queue = nil
	if s.starting != nil {
		s.starting(errOver)
	}
	for s.starting != nil {
		f := <-s.posted
		f()
	}
	if s.program != nil {
		s.program.stop()
	}
	if j := s.job; j != nil {
		j.cancel(errOver)
		s.leaving = true
		for done := false; !done; {
			select {
			case f := <-s.posted:
				f()
				done = s.job == nil
			case <-time.After(patience):
				done = true // the process ends anyway
			}
		}
	}
	s.leaving = false
	if s.program != nil {
		<-s.program.ended
	}
	if s.target != nil {
		s.target.Close()
		s.target = nil
	}
	if s.discard != "" {
		s.config.Discard(s.discard)
		s.discard = ""
	}
	s.state = over
}

// note shows a line in the debug console, once a session.
func (s *session) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !s.noted[text] {
		s.noted[text] = true
		console(s.conn, "%s", text)
	}
}

var (
	errOver      = errors.New("the session has ended")
	errPaused    = errors.New("paused")
	errCancelled = &dap.Error{ID: dap.Cancelled, Short: "cancelled", Err: errors.New("cancelled")}
)
