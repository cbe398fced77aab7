package translator

// exits is the list of all exits of a cache. It grows without moving them.
type exits struct {
	chunks [][]exit
	n      uint32
}

const exitChunk = 4096

// add adds an exit and returns its number.
func (l *exits) add(x exit) uint32 {
	if int(l.n/exitChunk) == len(l.chunks) {
		l.chunks = append(l.chunks, make([]exit, exitChunk))
	}
	id := l.n
	l.n++
	*l.at(id) = x
	return id
}

func (l *exits) at(id uint32) *exit { return &l.chunks[id/exitChunk][id%exitChunk] }

// reset forgets all exits from number n on.
func (l *exits) reset(n uint32) { l.n = min(l.n, n) }
