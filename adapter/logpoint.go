package adapter

import (
	"context"
	"fmt"
	"strings"

	"stepback/dap"
	"stepback/replayer"
)

// message is a log message: texts, and expressions between them.
type message struct {
	texts       []string // one more than expressions
	expressions []string
}

// parseMessage reads a message with expressions in braces; nil if it is empty.
func parseMessage(text string) *message {
	if text == "" {
		return nil
	}
	m := &message{}
	for {
		before, rest, ok := strings.Cut(text, "{")
		expression, behind, ok2 := strings.Cut(rest, "}")
		if !ok || !ok2 {
			m.texts = append(m.texts, text)
			return m
		}
		m.texts, m.expressions = append(m.texts, before), append(m.expressions, expression)
		text = behind
	}
}

// fill evaluates the message in a frame.
func (s *session) fill(m *message, f *frame) string {
	var b strings.Builder
	for i, e := range m.expressions {
		b.WriteString(m.texts[i])
		if v, err := s.evaluateIn(f, e); err != nil {
			fmt.Fprintf(&b, "{%s: %v}", e, err)
		} else {
			b.WriteString(v.Text)
		}
	}
	b.WriteString(m.texts[len(m.texts)-1])
	return b.String()
}

// logged is what a log point says at a hit, which is the present.
func (s *session) logged(m *message, hit *replayer.Hit) (string, error) {
	if err := s.lookAround(&stop{thread: hit.TID}); err != nil {
		return "", err
	}
	t, err := s.around(hit.TID)
	if err != nil {
		return "", err
	}
	f, err := s.innermost(t)
	return s.fill(m, f), err
}

// log shows what a log point says.
func (h *hunt) log(p *breakpoint, hit *replayer.Hit) error {
	text, err := h.logged(p.message, hit)
	if err == nil {
		sayAt(h.conn, "console", text+"\n", hit.Time)
	}
	return err
}

// mostMessages is how many messages stepback/log returns unless it is told.
const mostMessages = 1000

// logAll runs log points over the whole history.
func (s *session) logAll(ctx context.Context, a *dap.LogArguments) (body dap.LogBody, to *stop, err error) {
	body.Messages = []dap.LogMessage{}
	var probes []replayer.Probe
	var messages []*message
	var asking []*breakpoint
	points := s.points.armed()
	for _, p := range a.Points {
		b := &breakpoint{kind: atFunction, spec: breakpointSpec{name: p.Location, condition: p.Condition, logMessage: p.Message}}
		if s.resolve(b); b.problem != nil {
			return body, nil, fmt.Errorf("log point at %s: %w", p.Location, b.problem)
		}
		if b.message == nil {
			return body, nil, argumentError("log point at %s has no message", p.Location)
		}
		points = append(points, b)
	}
	for _, p := range points {
		if p.message == nil || a.Points != nil && p.id != 0 {
			continue
		}
		for _, probe := range p.probes {
			probes, messages, asking = append(probes, probe), append(messages, p.message), append(asking, p)
		}
	}
	if len(probes) == 0 {
		return body, nil, argumentError("there are no log points; name some, or set breakpoints with log messages")
	}
	most := a.Most
	if most <= 0 {
		most = mostMessages
	}
	origin := s.at
	// What was looked at on the way is nothing that the user has handles for.
	saved := s.present
	defer func() {
		s.present = saved
		if back := s.target.Seek(context.WithoutCancel(ctx), origin); err == nil {
			err = back
		}
	}()
	if err := s.target.Seek(ctx, replayer.Time{}); err != nil {
		return body, nil, err
	}
	for len(body.Messages) < most {
		hit, err := s.target.FindNext(ctx, probes)
		if err != nil {
			return body, nil, err
		}
		if hit == nil {
			body.Hits = uint64(len(body.Messages))
			return body, nil, nil
		}
		if p := asking[hit.Probe]; p.asks {
			if holds, err := s.evaluateHere(hit.TID, p.spec.condition); err != nil || !holds {
				continue
			}
		}
		text, err := s.logged(messages[hit.Probe], hit)
		if err != nil {
			return body, nil, err
		}
		body.Messages = append(body.Messages, dap.LogMessage{Time: hit.Time.String(), ThreadID: hit.TID, Message: text})
	}
	if _, err := s.target.Last(ctx); err != nil {
		return body, nil, err
	}
	body.Hits, err = s.target.Count(ctx, probes)
	return body, nil, err
}
