package replayer

import "stepback/snapshots"

// Surroundings are the processes and descriptors that the test has.
func Surroundings() (children []int, descriptors []string, err error) {
	s, err := lookAround()
	return s.children, s.descriptors, err
}

// Near makes save points be near each other, so that a small recording has many.
func (o TravelOptions) Near() TravelOptions {
	o.near, o.every = 3*snapshots.EventWork, 30*snapshots.EventWork
	return o
}
