package adapter

import (
	"context"
	"slices"

	"stepback/replayer"
)

// direction is where a search goes.
type direction bool

const (
	forward  direction = true
	backward direction = false
)

// found is what a search ended at.
type found struct {
	own    bool // a probe of the search's own
	probe  int  // its number
	point  *breakpoint
	signal bool
	thread int
}

// runOn goes on to the next breakpoint or signal in a direction, or to the end of history.
func (s *session) runOn(ctx context.Context, to direction) (*stop, error) {
	f, err := s.search(ctx, to, nil)
	if err != nil {
		return nil, err
	}
	return s.stopAt(ctx, f, to)
}

// stopAt is the stop at what a search of the user found; nil is the end of history.
func (s *session) stopAt(ctx context.Context, f *found, to direction) (*stop, error) {
	switch {
	case f == nil && to == forward:
		return s.atEnd(ctx, true)
	case f == nil:
		return s.atStart(true), nil
	case f.signal:
		return s.atSignal()
	case f.own:
		return &stop{reason: "step", thread: f.thread}, nil
	}
	return &stop{reason: string(f.point.kind), thread: f.thread, hits: []int{f.point.id}}, nil
}

// atSignal is the stop before the next event, which is a signal.
func (s *session) atSignal() (*stop, error) {
	at, err := s.target.Time()
	if err != nil {
		return nil, err
	}
	h := s.target.History()
	to := &stop{reason: "exception"}
	if i := slices.IndexFunc(h.signals, func(e signalEvent) bool { return e.event == at.Event+1 }); i >= 0 {
		to.text, to.thread = h.signals[i].text, h.signals[i].tid
		to.description = "Signal: " + to.text
		if h.Crash == at.Event+1 {
			to.description = "End of history: " + h.Ended
			to.line = to.description + " (" + to.text + ")"
		}
	}
	return to, nil
}

// hunt is a search for several things at once.
type hunt struct {
	*session
	to     direction
	origin replayer.Time
	probes []replayer.Probe
	own    int           // so many probes are the search's own; behind them come the breakpoints'
	owners []*breakpoint // of probes from number own on; nil: signals
}

// search goes to the nearest hit of its own probes, breakpoints and signals. Without one it
// returns nil; the present is then the end of history, or its beginning.
func (s *session) search(ctx context.Context, to direction, own []replayer.Probe) (*found, error) {
	origin, err := s.target.Time()
	if err != nil {
		return nil, err
	}
	h := &hunt{session: s, to: to, origin: origin, probes: slices.Clone(own), own: len(own)}
	var best *candidate
	for _, p := range s.points.armed() {
		if p.numbers == nil {
			for _, probe := range p.probes {
				h.probes, h.owners = append(h.probes, probe), append(h.owners, p)
			}
			continue
		}
		c, err := h.numbered(ctx, p)
		if err != nil {
			return nil, err
		}
		if c != nil && (best == nil || h.nearer(c.time, best.time)) {
			best = c
		}
	}
	if len(s.filters) > 0 {
		h.probes, h.owners = append(h.probes, replayer.Probe{Event: s.stopsAt}), append(h.owners, nil)
	}
	f, err := h.nearest(ctx, best)
	if err == nil && f == nil && to == forward {
		err = s.toEnd(ctx)
	}
	return f, err
}

// candidate is a hit of a breakpoint that counts its hits.
type candidate struct {
	time  replayer.Time
	found found
}

// nearer reports whether a is met before b.
func (h *hunt) nearer(a, b replayer.Time) bool {
	if h.to == forward {
		return a.Compare(b) < 0
	}
	return a.Compare(b) > 0
}

// numbered finds the next hit of a breakpoint whose number counts, nil if there is none.
func (h *hunt) numbered(ctx context.Context, p *breakpoint) (*candidate, error) {
	n, err := h.target.Count(ctx, p.probes) // up to the origin, included
	if err != nil {
		return nil, err
	}
	k := p.numbers.after(n)
	if h.to == backward {
		k = p.numbers.upTo(n)
	}
	for k > 0 {
		hit, err := h.target.FindNth(ctx, p.probes, k)
		if err != nil {
			return nil, err
		}
		if err := h.target.Seek(ctx, h.origin); err != nil {
			return nil, err
		}
		if hit == nil || h.to == forward || hit.Time.Compare(h.origin) < 0 {
			if hit == nil {
				return nil, nil
			}
			return &candidate{hit.Time, found{point: p, thread: hit.TID}}, nil
		}
		k = p.numbers.upTo(k - 1) // that was the origin itself
	}
	return nil, nil
}

// nearest goes to the nearest hit, unless best is nearer.
func (h *hunt) nearest(ctx context.Context, best *candidate) (*found, error) {
	if h.to == backward {
		if f, err := h.behindSignal(ctx); f != nil || err != nil {
			return f, err
		}
	}
	for {
		hit, err := h.next(ctx)
		if err != nil {
			return nil, err
		}
		if best != nil && (hit == nil || !h.nearer(hit.Time, best.time)) {
			return &best.found, h.target.Seek(ctx, best.time)
		}
		if hit == nil {
			return nil, nil
		}
		f := &found{own: hit.Probe < h.own, probe: hit.Probe, thread: hit.TID}
		if !f.own {
			f.point = h.owners[hit.Probe-h.own]
			f.signal = f.point == nil
		}
		if f.signal {
			if f, err = h.signal(ctx, hit); f == nil && err == nil {
				continue
			}
			if err != nil || f.signal {
				return f, err
			}
		}
		switch {
		case !f.own && f.point.asks && !h.holds(f.point, f.thread):
			continue
		case !f.own && f.point.message != nil:
			if err := h.log(f.point, hit); err != nil {
				return nil, err
			}
		default:
			return f, nil
		}
	}
}

// holds evaluates the condition of a breakpoint where the search is. One that has no value
// there does not hold, and the user is told so once.
func (h *hunt) holds(p *breakpoint, tid int) bool {
	holds, err := h.evaluateHere(tid, p.spec.condition)
	if err != nil {
		h.note("the condition %q of breakpoint %d has no value at some of its hits, and does not hold there: %v", p.spec.condition, p.id, err)
	}
	return holds
}

// evaluateHere evaluates a condition where the target is, which may not be the present.
func (s *session) evaluateHere(tid int, text string) (bool, error) {
	t, err := s.threadNow(tid)
	if err != nil {
		return false, err
	}
	around, err := s.aroundNow(t)
	if err != nil {
		return false, err
	}
	f, err := s.innermost(around)
	if err != nil {
		return false, err
	}
	return s.level.Holds(around, &f.Frame, text)
}

// signal is at the hit of a signal, when it was delivered. The user is to stand before it, at
// what raised it. But the first instruction of its handler may be a hit as well, behind it;
// and the user may stand before it already. nil: the search goes on.
func (h *hunt) signal(ctx context.Context, hit *replayer.Hit) (*found, error) {
	code, err := h.codeAt(hit)
	if err != nil || code != nil && h.to == backward {
		return code, err
	}
	if err := h.target.Back(ctx); err != nil {
		return nil, err
	}
	at, err := h.target.Time()
	if err != nil || at != h.origin {
		return &found{signal: true, thread: hit.TID}, err
	}
	return code, h.target.Seek(ctx, hit.Time)
}

// codeAt is a hit of an instruction at the present, where a thread has got a signal.
func (h *hunt) codeAt(hit *replayer.Hit) (*found, error) {
	t, err := h.threadNow(hit.TID)
	if err != nil {
		return nil, nil // the signal has ended it
	}
	for i, p := range h.probes {
		if p.PC == 0 || p.PC != t.Regs.Rip || p.TID != 0 && p.TID != t.ID || p.PID != 0 && p.PID != t.PID {
			continue
		}
		if p.If != nil && !p.If.Holds(conditionState(&Thread{Thread: t, Read: h.reader(t.PID)})) {
			continue
		}
		f := &found{own: i < h.own, probe: i, thread: t.ID}
		if !f.own {
			f.point = h.owners[i-h.own]
			if f.point.asks && !h.holds(f.point, t.ID) {
				continue
			}
		}
		return f, nil
	}
	return nil, nil
}

// next goes to the next hit, of an event no later than those that end the program.
func (h *hunt) next(ctx context.Context) (hit *replayer.Hit, err error) {
	if h.to == backward {
		return h.target.FindLast(ctx, h.probes)
	}
	hit, err = h.target.FindNext(ctx, h.probes)
	if hit != nil && hit.Time.Event > h.target.History().Last && !h.isSignal(hit) {
		hit = nil
	}
	return hit, err
}

func (h *hunt) isSignal(hit *replayer.Hit) bool {
	return hit.Probe >= h.own && h.owners[hit.Probe-h.own] == nil
}

// behindSignal goes to before a signal if the present is right behind one: the state before
// it is where a search back stops.
func (h *hunt) behindSignal(ctx context.Context) (*found, error) {
	for _, e := range h.target.History().signals {
		if (replayer.Time{Event: e.event}) == h.origin && h.wants(e.info) {
			return &found{signal: true, thread: e.tid}, h.target.Back(ctx)
		}
	}
	return nil, nil
}
