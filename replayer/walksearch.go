package replayer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// How long searches with the same probes may take. What happens a million times, or is slow to
// pass, is given up, since the walk is to end.
const (
	walkPatience = 10 * time.Second
	listPatience = 30 * time.Second // of a whole list
)

// errGivenUp reports searches that take too long.
var errGivenUp = errors.New("the search was given up")

// patiently makes searches that are given up after a while, which is no error.
func (w *walker) patiently(patience time.Duration, searches func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errGivenUp)
	defer cancel()
	err := searches(ctx)
	if errors.Is(err, errGivenUp) {
		w.done.GivenUp++
		return nil
	}
	return err
}

// found is a hit and the state there.
type found struct {
	Hit
	sight
}

// find makes a search, and looks at what it led to. ok is false when nothing was hit.
func (w *walker) find(ctx context.Context, search func(context.Context, []Probe) (*Hit, error), p probes, everything bool) (f found, ok bool, err error) {
	w.done.Searches++
	from, err := w.Time()
	if err != nil {
		return f, false, err
	}
	h, err := search(ctx, p.list)
	if err != nil {
		err = fmt.Errorf("searching from %s: %w; %s", from, err, p)
	}
	if err != nil || h == nil {
		return f, false, err
	}
	f.Hit = *h
	if f.sight, err = w.look(everything); err != nil {
		return f, false, err
	}
	return f, true, w.isHit(f, p)
}

// isHit checks that a hit of a probe at an instruction is one.
func (w *walker) isHit(f found, p probes) error {
	if f.sight.time != f.Hit.Time {
		return &WalkError{f.Hit.Time, fmt.Sprintf("the hit led to %s; %s", f.sight.time, p)}
	}
	probe := &p.list[f.Probe]
	if probe.PC == 0 {
		return nil
	}
	i := slices.IndexFunc(f.threads, func(h Thread) bool { return h.ID == f.TID })
	switch {
	case i < 0:
		return &WalkError{f.Hit.Time, fmt.Sprintf("thread %d, which hit, is not there; %s", f.TID, p)}
	case f.threads[i].Regs.Rip != probe.PC:
		return &WalkError{f.Hit.Time, fmt.Sprintf("thread %d, which hit %#x, is at %#x; %s", f.TID, probe.PC, f.threads[i].Regs.Rip, p)}
	case probe.TID != 0 && probe.TID != f.TID, probe.PID != 0 && probe.PID != f.threads[i].PID:
		return &WalkError{f.Hit.Time, fmt.Sprintf("thread %d is none that probe %d asks for; %s", f.TID, f.Probe, p)}
	}
	return nil
}

// forward collects hits behind the present, at most so many.
func (w *walker) forward(ctx context.Context, p probes, most int) (list []found, err error) {
	for len(list) < most {
		f, ok, err := w.find(ctx, w.FindNext, p, len(list)%remembered == 0)
		if err != nil || !ok {
			return list, err
		}
		list = append(list, f)
	}
	return list, nil
}

// remembered is of how many hits the memory is looked at.
const remembered = 5

// back searches back from the present, which must find the list, and then nothing behind start.
func (w *walker) back(ctx context.Context, p probes, start Time, list []found) error {
	now, err := w.Time()
	if err != nil {
		return err
	}
	if n := len(list); n > 0 && list[n-1].Hit.Time == now {
		list = list[:n-1] // which is not before the present
	}
	for i, want := range slices.Backward(list) {
		f, ok, err := w.find(ctx, w.FindLast, p, i%remembered == 0)
		switch {
		case err != nil:
			return err
		case !ok:
			return &WalkError{want.Hit.Time, fmt.Sprintf("the search forward from %s found %+v, back from %s nothing; %s", start, want.Hit, now, p)}
		case f.Hit != want.Hit:
			return &WalkError{want.Hit.Time, fmt.Sprintf("the search forward from %s found %+v, back from %s %+v; %s", start, want.Hit, now, f.Hit, p)}
		}
		if err := w.same(f.sight, want.sight); err != nil {
			return err
		}
		w.done.Hits++
	}
	f, ok, err := w.find(ctx, w.FindLast, p, false)
	if err == nil && ok && f.Hit.Time.Compare(start) > 0 {
		err = &WalkError{f.Hit.Time, fmt.Sprintf("the search back from %s found %+v, forward from %s not; %s", now, f.Hit, start, p)}
	}
	return err
}

// thereAndBack compares the hits after a Time with those of a search back to it.
func (w *walker) thereAndBack() error {
	const most = 25
	p, err := w.probes()
	if err != nil {
		return err
	}
	start := w.anyTime()
	if err := w.goTo(start); err != nil {
		return err
	}
	return w.patiently(walkPatience, func(ctx context.Context) error {
		list, err := w.forward(ctx, p, most)
		if err == nil {
			err = w.back(ctx, p, start, list)
		}
		if n := len(list); err == nil && n > 0 {
			err = w.alone(ctx, p, list[w.random.IntN(n)])
		}
		return err
	})
}

// backFromNews searches back, from the last of so many Times, for what was seen at them: what
// lies behind was never passed yet.
func (w *walker) backFromNews(i int) error {
	all := w.times
	w.times = all[:i+1]
	p, err := w.probes()
	w.times = all
	if err != nil {
		return err
	}
	from := all[i]
	if err := w.goTo(from); err != nil {
		return err
	}
	return w.patiently(walkPatience, func(ctx context.Context) error {
		last, ok, err := w.find(ctx, w.FindLast, p, false)
		if err != nil || !ok {
			return err
		}
		next, ok, err := w.find(ctx, w.FindNext, p, false)
		if err == nil && ok && next.Hit.Time.Compare(from) < 0 {
			err = &WalkError{next.Hit.Time, fmt.Sprintf("the search back from %s found %+v, and forward from there %+v; %s", from, last.Hit, next.Hit, p)}
		}
		return err
	})
}

// wholeLists compares all hits of a recording from its beginning with those from its
// end, and with how many are counted and which is which by number.
func (w *walker) wholeLists() error {
	const most, tries = 300, 8
	for done, i := false, 0; i < tries && !done; i++ {
		p, err := w.probes()
		if err != nil {
			return err
		}
		err = w.patiently(listPatience, func(ctx context.Context) error {
			_, many, err := w.nth(ctx, p, most+1, false)
			if err != nil || many {
				return err
			}
			done = true
			return w.wholeList(ctx, p)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// alone checks that a hit is its probe's, and none of an earlier one.
func (w *walker) alone(ctx context.Context, p probes, f found) error {
	for i := range f.Probe + 1 {
		if err := w.seek(f.Hit.Time); err != nil {
			return err
		}
		if err := w.Back(ctx); err != nil {
			return err
		}
		one := probes{p.list[i : i+1], p.words[i : i+1]}
		h, ok, err := w.find(ctx, w.FindNext, one, false)
		if err != nil {
			return err
		}
		if hit := ok && h.Hit.Time == f.Hit.Time; hit != (i == f.Probe) {
			return &WalkError{f.Hit.Time, fmt.Sprintf("the hit is %+v; alone, probe %d is hit here: %t; %s", f.Hit, i, hit, p)}
		}
	}
	return nil
}

// nth goes to a hit by its number.
func (w *walker) nth(ctx context.Context, p probes, n int, everything bool) (f found, ok bool, err error) {
	search := func(ctx context.Context, list []Probe) (*Hit, error) { return w.FindNth(ctx, list, uint64(n)) }
	return w.find(ctx, search, p, everything)
}

func (w *walker) wholeList(ctx context.Context, p probes) error {
	end, err := w.Time() // of a search that found nothing
	if err != nil {
		return err
	}
	if err := w.seek(Time{}); err != nil {
		return err
	}
	list, err := w.forward(ctx, p, 1<<30)
	if err != nil {
		return err
	}
	if now, err := w.Time(); err != nil || now != end {
		return errors.Join(err, &WalkError{now, fmt.Sprintf("the search to the end ended here, another one at %s; %s", end, p)})
	}
	if err := w.counts(ctx, p, uint64(len(list))); err != nil {
		return err
	}
	if err := w.back(ctx, p, Time{}, list); err != nil {
		return err
	}
	if now, err := w.Time(); err != nil || now != (Time{}) {
		return errors.Join(err, &WalkError{now, fmt.Sprintf("the search back for what is not there ended here; %s", p)})
	}
	if len(list) == 0 {
		return nil
	}
	// A hit has the same number from all sides.
	i := w.random.IntN(len(list))
	f, ok, err := w.nth(ctx, p, i+1, i%remembered == 0)
	if err != nil {
		return err
	}
	if !ok || f.Hit != list[i].Hit {
		return &WalkError{list[i].Hit.Time, fmt.Sprintf("hit number %d is %+v, but %+v (%t) when gone to by its number; %s", i+1, list[i].Hit, f.Hit, ok, p)}
	}
	if err := w.same(f.sight, list[i].sight); err != nil {
		return err
	}
	if err := w.counts(ctx, p, uint64(i+1)); err != nil {
		return err
	}
	return w.alone(ctx, p, list[i])
}

// counts checks how many hits there are up to the present, and that counting leaves it as it is.
func (w *walker) counts(ctx context.Context, p probes, want uint64) error {
	was, err := w.look(true)
	if err != nil {
		return err
	}
	w.done.Searches++
	n, err := w.Count(ctx, p.list)
	if err != nil {
		return err
	}
	s, err := w.look(true)
	if err != nil {
		return err
	}
	if n != want {
		return &WalkError{s.time, fmt.Sprintf("%d hits are counted up to here, the searches found %d; %s", n, want, p)}
	}
	return w.same(s, was)
}
