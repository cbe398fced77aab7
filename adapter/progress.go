package adapter

import (
	"fmt"
	"sync"
	"time"

	godap "github.com/google/go-dap"
)

const (
	progressAfter = 500 * time.Millisecond
	progressEvery = 250 * time.Millisecond
)

// showProgress shows the progress of a job that takes long. end ends it.
func (s *session) showProgress(j *job) (end func()) {
	if !s.client.SupportsProgressReporting {
		return func() {}
	}
	s.shown++
	j.progressID = fmt.Sprintf("progress-%d", s.shown)
	seq, title := 0, "Opening the recording"
	if j.call != nil {
		seq, title = j.call.Seq, titles[j.call.Command]
		if title == "" {
			title = "Looking through history"
		}
	}
	done := make(chan struct{})
	var ended sync.WaitGroup
	target := s.target
	ended.Go(func() {
		select {
		case <-time.After(progressAfter):
		case <-done:
			return
		}
		s.conn.Send("progressStart", godap.ProgressStartEventBody{ProgressId: j.progressID, Title: title, RequestId: seq, Cancellable: true})
		defer s.conn.Send("progressEnd", godap.ProgressEndEventBody{ProgressId: j.progressID})
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for m := (meter{}); ; {
			select {
			case <-tick.C:
			case <-done:
				return
			}
			if target != nil {
				m.see(target.Passed(), target.History().Events)
			}
			s.conn.Send("progressUpdate", godap.ProgressUpdateEventBody{ProgressId: j.progressID, Percentage: m.percent})
		}
	})
	return func() {
		close(done)
		ended.Wait()
	}
}

var titles = map[string]string{
	"continue": "Continuing", "reverseContinue": "Continuing backwards", "stepBack": "Stepping back", "next": "Stepping over",
	"stepOut": "Stepping out", "restartFrame": "Going to the beginning of the function", "stepback/goto": "Travelling",
}

// meter estimates how much of a search is done from the events that are passed: one
// forward comes to the end, one back goes through stretches that lie further and
// further back.
type meter struct {
	first, latest, earliest uint64
	some                    bool
	percent                 int
}

func (m *meter) see(event, events uint64) {
	if !m.some {
		*m = meter{first: event, earliest: event, some: true}
	}
	m.earliest = min(m.earliest, event)
	m.latest = event
	done := 0
	switch {
	case m.earliest < m.first:
		done = int(100 * (m.first - m.earliest) / m.first)
	case events > m.first:
		done = int(100 * (event - m.first) / (events - m.first))
	}
	m.percent = min(max(m.percent, done), 99)
}
