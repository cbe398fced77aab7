package snapshots

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const (
	testNear  = 1_000_000
	testEvery = 10 * testNear
)

// line is a timeline with save points and somebody on it.
type line struct {
	Policy
	points []Point
	user   Work
}

func newLine(most int) *line {
	return &line{Policy: Policy{Max: most, Near: testNear, Every: testEvery}, points: []Point{{}}}
}

// add makes a save point at the user's place.
func (l *line) add(pinned bool) {
	at, found := slices.BinarySearchFunc(l.points, l.user, func(p Point, w Work) int { return int(p.At) - int(w) })
	if found {
		return
	}
	l.points = slices.Insert(l.points, at, Point{l.user, pinned})
	for len(l.points) > max(l.Max, Fewest) {
		victim := l.Victim(l.points, l.user)
		if victim < 0 {
			return
		}
		l.points = slices.Delete(l.points, victim, victim+1)
	}
}

// pass goes on to a place that nobody knows beforehand.
func (l *line) pass(to Work) {
	for l.user < to {
		l.user = min(l.user+testEvery, to)
		l.add(false)
	}
}

// seek goes to a known place and returns how far it replayed.
func (l *line) seek(to Work) (replayed Work) {
	from := Work(0)
	for _, p := range l.points {
		if p.At <= to {
			from = p.At
		}
	}
	l.user = from
	for {
		at, ok := l.Next(l.user, to)
		if !ok {
			break
		}
		l.user = at
		l.add(false)
	}
	l.user = to
	return to - from
}

// After a pass, every place is as near as the policy promises.
func TestPassKeepsItsBound(t *testing.T) {
	for _, most := range []int{3, 5, 10, 35, 200} {
		for _, length := range []Work{5 * testEvery, 1000 * testEvery, 20_000 * testEvery} {
			l := newLine(most)
			l.pass(length)
			if len(l.points) > most || l.points[0].At != 0 {
				t.Fatalf("%d save points of %d, the first at %d", len(l.points), most, l.points[0].At)
			}
			ends := append(slices.Clone(l.points), Point{At: l.user})
			for i := 1; i < len(ends); i++ {
				gap, d := float64(ends[i].At-ends[i-1].At), float64(l.user-ends[i].At)
				bound := (d + testNear) * (math.Pow(float64(length)/testNear+1, 2/float64(most-1)) - 1)
				if gap > max(bound, testEvery)*1.0001 {
					t.Errorf("at most %d, length %d: a gap of %.0f at distance %.0f, the bound is %.0f", most, length, gap, d, bound)
				}
			}
		}
	}
}

// Who steps back from a place replays a little only, however far it was to get
// there, and the same holds for the step after that.
func TestSteppingBackIsShort(t *testing.T) {
	l := newLine(DefaultMax)
	l.pass(20_000 * testEvery)
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		l.seek(Work(random.Uint64N(20_000 * testEvery)))
		var far, sum Work
		const steps = 300
		for range steps {
			back := Work(random.Uint64N(testNear / 100))
			if back > l.user {
				break
			}
			n := l.seek(l.user - back)
			sum += n
			far = max(far, n)
		}
		if sum > 3*steps*testNear {
			t.Errorf("stepping back from %d replayed %d steps on average, %d at worst", l.user, sum/steps, far)
		}
	}
}

// What is pinned stays, and so does the beginning, even when that is too much.
func TestPinned(t *testing.T) {
	l := newLine(4)
	var pins []Work
	for i := range 6 {
		l.pass(Work(i+1) * 20 * testEvery)
		l.user++
		l.add(true)
		pins = append(pins, l.user)
	}
	l.pass(1000 * testEvery)
	for _, pin := range append(pins, 0) {
		if !slices.ContainsFunc(l.points, func(p Point) bool { return p.At == pin }) {
			t.Errorf("the save point at %d is gone", pin)
		}
	}
	if len(l.points) > len(pins)+2 {
		t.Errorf("%d save points beside %d pinned ones", len(l.points), len(pins))
	}
}

func TestNext(t *testing.T) {
	p := Policy{Near: 100}
	for _, tt := range []struct {
		from, to Work
		want     []Work
	}{
		{0, 1000, []Work{200, 600, 800, 900}},
		{850, 1000, []Work{900}},
		{900, 1000, nil},
		{1000, 900, nil},
		{0, math.MaxUint64, nil},
	} {
		var got []Work
		for from := tt.from; len(got) < 10; {
			at, ok := p.Next(from, tt.to)
			if !ok {
				break
			}
			if at <= from || at >= tt.to {
				t.Fatalf("from %d to %d: %d", from, tt.to, at)
			}
			got, from = append(got, at), at
		}
		if tt.want != nil && !slices.Equal(got, tt.want) {
			t.Errorf("from %d to %d: %d, want %d", tt.from, tt.to, got, tt.want)
		}
	}
}
