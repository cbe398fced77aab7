package translator

// list is a list that grows without moving its elements, which are named by
// their numbers. A cache has hundreds of thousands of them: without pointers,
// they cost the garbage collector nothing.
type list[T any] struct {
	chunks [][]T
	n      uint32
}

const chunkSize = 4096

// add adds an element and returns its number.
func (l *list[T]) add(x T) uint32 {
	if int(l.n/chunkSize) == len(l.chunks) {
		l.chunks = append(l.chunks, make([]T, chunkSize))
	}
	l.n++
	*l.at(l.n - 1) = x
	return l.n - 1
}

// addAll adds elements, at most chunkSize, next to each other.
func (l *list[T]) addAll(x []T) (first uint32) {
	if l.n%chunkSize+uint32(len(x)) > chunkSize {
		l.n += chunkSize - l.n%chunkSize
	}
	if int(l.n/chunkSize) == len(l.chunks) {
		l.chunks = append(l.chunks, make([]T, chunkSize))
	}
	first = l.n
	l.n += uint32(copy(l.chunks[first/chunkSize][first%chunkSize:], x))
	return first
}

func (l *list[T]) at(i uint32) *T { return &l.chunks[i/chunkSize][i%chunkSize] }

// slice returns n elements that were added together.
func (l *list[T]) slice(first uint32, n int) []T {
	if n == 0 {
		return nil
	}
	return l.chunks[first/chunkSize][first%chunkSize:][:n]
}

// reset forgets all elements.
func (l *list[T]) reset() { l.n = 0 }
