package snapshots

import "math"

// Work is a place on the timeline, or a distance: the steps made up to there,
// and for each event as many steps as could be made while it is replayed.
type Work uint64

// EventWork is what an event counts.
const EventWork Work = 4000

// Fewest is the number of save points below which none is dropped: the
// beginning of the recording, and one to go back to.
const Fewest = 2

// DefaultMax is Policy.Max unless the user says otherwise.
const DefaultMax = 35

// Policy is how save points are spread.
//
// On the way to a place, save points are made at distances Near, 2 Near, 4
// Near… before it, so that whoever steps back from there does not replay far;
// on the way to no known place, every Every. If there are more than Max, the
// one is dropped that leaves the smallest gap, seen from the place where the
// user is: gaps are compared by the ratio of the distances of their ends, so that
// what is kept lies exponentially further away.
//
// The bound: let the m save points that may be dropped lie within a distance W
// behind the user's place. The logarithms of the ratios of neighbours, with Near added to
// each distance, add up to at most L = ln(W/Near + 1), each counts in the gaps
// that dropping one of two save points would leave, so the smallest such gap
// is at most 2L/m. Going on lets ratios shrink only. So after a pass, no place at
// distance d is further than (d + Near)·((W/Near + 1)^(2/m) - 1) behind a save
// point, or Every if that is more.
type Policy struct {
	Max   int
	Near  Work
	Every Work
}

// Next returns where to make a save point on the way from one place to
// another, ok is false when nowhere.
func (p Policy) Next(from, to Work) (at Work, ok bool) {
	if to <= from {
		return 0, false
	}
	distance := p.Near
	if to-from <= distance {
		return 0, false
	}
	for distance*2 < to-from && distance*2 > distance {
		distance *= 2
	}
	return to - distance, true
}

// Point is a save point as the policy sees it.
type Point struct {
	At     Work
	Pinned bool // never dropped
}

// Victim returns the index of the save point to drop, seen from the user's
// place: -1 if none may be. The points are in order. The first is the
// beginning, which is never dropped.
func (p Policy) Victim(points []Point, user Work) int {
	victim, least := -1, math.Inf(1)
	for i := 1; i < len(points); i++ {
		if points[i].Pinned {
			continue
		}
		next := points[i].At
		switch {
		case i+1 < len(points):
			next = points[i+1].At
		case next < user:
			next = user
		}
		if gap := p.gap(points[i-1].At, next, user); gap < least {
			victim, least = i, gap
		}
	}
	return victim
}

// gap is how much a gap matters to somebody at user: the logarithm of the ratio
// of its ends' distances.
func (p Policy) gap(from, to, user Work) float64 {
	side := func(near, far Work) float64 {
		return math.Log(float64(far+p.Near) / float64(near+p.Near))
	}
	switch {
	case to <= user:
		return side(user-to, user-from)
	case from >= user:
		return side(from-user, to-user)
	}
	// Somebody there goes back to from, and forward to places before to.
	return side(0, user-from) + side(0, to-user)
}
