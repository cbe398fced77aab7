package adapter

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"stepback/dap"
	"stepback/replayer"
	"stepback/snapshots"
)

func (s *session) time(context.Context, *dap.None) (dap.TimeBody, error) {
	body := dap.TimeBody{Time: s.at.String(), Events: s.target.History().Events, Start: replayer.Time{}.String()}
	if s.last != nil {
		body.End = s.last.String()
	}
	return body, nil
}

func (s *session) snapshots(context.Context, *dap.None) (snapshots.Statistics, error) {
	s.watches = true
	return s.target.Statistics()
}

// sendSnapshots sends the table of snapshots to clients that have asked for it before.
func (s *session) sendSnapshots() {
	if !s.watches || s.target == nil || s.job != nil {
		return
	}
	if table, err := s.target.Statistics(); err == nil {
		s.conn.Send(dap.Prefix+"snapshots", table)
	}
}

// editBookmarks names the present, or forgets a name, and lists the bookmarks.
// A snapshot is kept where a bookmark is.
func (s *session) editBookmarks(ctx context.Context, a *dap.BookmarksArguments) (dap.BookmarksBody, error) {
	if a.Name != "" {
		_, err := replayer.ParseTime(a.Name)
		if err == nil || a.Name == "start" || a.Name == "end" {
			return dap.BookmarksBody{}, argumentError("a bookmark cannot be called %q: that names a time already", a.Name)
		}
		i := slices.IndexFunc(s.bookmarks, func(b dap.Bookmark) bool { return b.Name == a.Name })
		if i < 0 && a.Remove {
			return dap.BookmarksBody{}, argumentError("there is no bookmark %q", a.Name)
		}
		if i >= 0 {
			old := s.bookmarks[i].Time
			s.bookmarks = slices.Delete(s.bookmarks, i, i+1)
			if err := s.unpin(ctx, old); err != nil {
				return dap.BookmarksBody{}, err
			}
		}
		if !a.Remove {
			s.bookmarks = append(s.bookmarks, dap.Bookmark{Name: a.Name, Time: s.at.String()})
			if err := s.target.Pin(true); err != nil {
				return dap.BookmarksBody{}, err
			}
		}
	}
	slices.SortFunc(s.bookmarks, func(a, b dap.Bookmark) int { return cmp.Or(compareTimes(a.Time, b.Time), cmp.Compare(a.Name, b.Name)) })
	return dap.BookmarksBody{Bookmarks: append([]dap.Bookmark{}, s.bookmarks...)}, nil
}

// unpin gives the snapshot of a bookmark up, unless another bookmark is there.
func (s *session) unpin(ctx context.Context, time string) error {
	if slices.ContainsFunc(s.bookmarks, func(b dap.Bookmark) bool { return b.Time == time }) {
		return nil
	}
	at, err := replayer.ParseTime(time)
	if err != nil {
		return err
	}
	if err = s.target.Seek(ctx, at); err == nil {
		err = s.target.Pin(false)
	}
	return errors.Join(err, s.target.Seek(context.WithoutCancel(ctx), s.at))
}

// compareTimes orders times as they are written.
func compareTimes(a, b string) int {
	x, _ := replayer.ParseTime(a)
	y, _ := replayer.ParseTime(b)
	return x.Compare(y)
}

// mostDrawn is how many slices and markers a timeline has unless it is told.
const mostDrawn = 1000

// timeline is history as it can be drawn.
func (s *session) timeline(_ context.Context, a *dap.TimelineArguments) (dap.TimelineBody, error) {
	most := a.Most
	if most <= 0 {
		most = mostDrawn
	}
	h := s.target.History()
	body := dap.TimelineBody{Events: h.Events, Present: s.at.String(), Slices: []dap.Slice{}, Markers: []dap.Marker{}}
	for i, t := range h.turns.list {
		to := h.Events
		if i+1 < len(h.turns.list) {
			to = h.turns.list[i+1].from
		}
		body.Slices = append(body.Slices, dap.Slice{ThreadID: t.tid, From: t.from, To: to})
	}
	body.Thinned = h.turns.least > 0 || len(body.Slices) > most
	body.Slices = thinSlices(body.Slices, most)

	for _, e := range h.signals {
		body.Markers = append(body.Markers, dap.Marker{Time: eventTime(e.event), Kind: "signal", ThreadID: e.tid, Text: e.text})
	}
	for tid, t := range h.threads {
		body.Markers = append(body.Markers, dap.Marker{Time: eventTime(t.first), Kind: "thread", ThreadID: tid, Text: h.threadName(tid)})
		if t.last > 0 {
			body.Markers = append(body.Markers, dap.Marker{Time: eventTime(t.last), Kind: "exit", ThreadID: tid, Text: h.threadName(tid)})
		}
	}
	for _, b := range s.bookmarks {
		body.Markers = append(body.Markers, dap.Marker{Time: b.Time, Kind: "bookmark", Text: b.Name})
	}
	body.Markers = append(body.Markers, s.printed.markers()...)
	slices.SortFunc(body.Markers, func(a, b dap.Marker) int {
		return cmp.Or(compareTimes(a.Time, b.Time), cmp.Compare(a.ThreadID, b.ThreadID))
	})
	if n := (len(body.Markers) + most - 1) / most; n > 1 {
		body.Markers, body.Thinned = every(body.Markers, n), true
	}
	return body, nil
}

func eventTime(n uint64) string { return replayer.Time{Event: n}.String() }

// thinSlices joins slices to their neighbours until there are no more than most.
func thinSlices(list []dap.Slice, most int) []dap.Slice {
	if len(list) <= most {
		return list
	}
	first, end := list[0].From, list[len(list)-1].To
	width := (end-first)/uint64(most) + 1
	var kept []dap.Slice
	for _, l := range list {
		if n := len(kept); n > 0 && (l.From-first)/width == (kept[n-1].From-first)/width {
			kept[n-1].To = l.To // what is drawn there already hides it
			continue
		}
		kept = append(kept, l)
	}
	return kept
}
