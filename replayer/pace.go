package replayer

import (
	"time"

	"stepback/snapshots"
)

// pace finds out how far apart save points must lie on a long way. What one
// costs is more than making it: the pages that are written behind it are copied, one
// by one. So the ways between save points differ in length, and from two of them
// the pace knows what goes by the way and what by the save point.
type pace struct {
	cost   time.Duration // of a save point, 0 while unknown
	speed  float64       // work in a nanosecond, 0 while unknown
	from   snapshots.Work
	since  time.Time // at from; zero: it is no place to measure from
	before leg
	long   bool // the present leg is a long one
}

// leg is a way from one save point to the next.
type leg struct {
	work snapshots.Work
	took time.Duration
}

// rest is called where work is done that does not count.
func (p *pace) rest() { p.since = time.Time{} }

// saved is called when a save point was made, on the way since the last.
func (p *pace) saved(at snapshots.Work, now time.Time) {
	if !p.since.IsZero() && at > p.from {
		p.leg(leg{at - p.from, now.Sub(p.since)})
	}
	p.from, p.since, p.long = at, now, !p.long
}

func (p *pace) leg(l leg) {
	short, long := p.before, l
	if short.work > long.work {
		short, long = long, short
	}
	p.before = l
	if speed := float64(l.work) / float64(l.took); speed > p.speed {
		p.speed = speed
	}
	if short.work == 0 || long.work < short.work*3/2 || long.took <= short.took {
		return
	}
	speed := float64(long.work-short.work) / float64(long.took-short.took)
	cost := long.took - time.Duration(float64(long.work)/speed)
	cost = min(max(cost, 0), short.took)
	// Programs are not equally fast everywhere: no pair is trusted alone.
	p.speed += (speed - p.speed) / 4
	p.cost += (cost - p.cost) / 4
}

// distance is how far it should be to the next save point, so that they take a
// small part of the time; least is the least. made is what making one costs.
func (p *pace) distance(least snapshots.Work, made time.Duration) snapshots.Work {
	const part, most = 20, 200
	d := snapshots.Work(part * float64(max(p.cost, made)) * p.speed)
	d = min(max(d, least), most*least)
	if p.long {
		d *= 2
	}
	return d
}
