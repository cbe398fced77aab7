package trace

import "stepback/internal/tracee"

// threadState is what encoder and decoder remember of a thread from one event
// of a frame to the next.
type threadState struct {
	tid    int
	regs   tracee.Regs // After of its latest event
	vector uint64      // its latest Vector that was not zero
	write  uint64      // address of its latest Write
}

// frameState is what encoder and decoder remember within a frame. It is empty
// at the start of each, so that every frame can be decoded alone.
type frameState struct {
	last    *threadState // of the event before, nil at the start
	threads map[int]*threadState
	spare   []*threadState // all states ever made; the first len(threads) are in use
	opEnd   uint64         // end of the range of the latest Op
}

// reset forgets everything but the memory.
func (s *frameState) reset() {
	s.last = nil
	clear(s.threads)
	s.opEnd = 0
}

// lastTID is what the next event's TID is a delta to.
func (s *frameState) lastTID() int {
	if s.last == nil {
		return 0
	}
	return s.last.tid
}

// enter returns the state of a thread and makes it that of the event before.
func (s *frameState) enter(tid int) *threadState {
	if t, ok := s.threads[tid]; ok {
		s.last = t
		return t
	}
	if s.threads == nil {
		s.threads = make(map[int]*threadState)
	}
	if n := len(s.threads); n == len(s.spare) {
		s.spare = append(s.spare, new(threadState))
	}
	t := s.spare[len(s.threads)]
	*t = threadState{tid: tid}
	s.threads[tid] = t
	s.last = t
	return t
}
