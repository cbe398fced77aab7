package output

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// memory reads the memory of the process.
type memory func(addr uint64, p []byte) error

const pageSize = 4096

// some reads as much as is readable, and returns how much that is.
func (m memory) some(addr uint64, p []byte) int {
	if len(p) == 0 || m(addr, p) == nil {
		return len(p)
	}
	done := 0
	for done < len(p) {
		at := addr + uint64(done)
		n := min(len(p)-done, int(pageSize-at%pageSize))
		if m(at, p[done:done+n]) != nil {
			break
		}
		done += n
	}
	return done
}

// path reads the beginning of a path: enough for the names that matter.
func (m memory) path(addr uint64) string {
	var p [64]byte
	text, _, ok := bytes.Cut(p[:m.some(addr, p[:])], []byte{0})
	if !ok {
		return ""
	}
	return string(text)
}

// word reads eight bytes, 0 if there are none.
func (m memory) word(addr uint64) uint64 {
	var p [8]byte
	if m(addr, p[:]) != nil {
		return 0
	}
	return binary.LittleEndian.Uint64(p[:])
}

// span is a piece of memory.
type span struct{ addr, n uint64 }

// buffer is the content of write and its like.
func buffer(_ memory, args [6]uint64) []span { return []span{{args[1], args[2]}} }

// vector is the content of writev and its like.
func vector(m memory, args [6]uint64) []span { return m.vector(args[1], args[2]) }

// message is the content of sendmsg: struct msghdr has its vector at 16.
func message(m memory, args [6]uint64) []span {
	return m.vector(m.word(args[1]+16), m.word(args[1]+24))
}

// vector reads an array of struct iovec.
func (m memory) vector(addr, n uint64) []span {
	const most, size = 1024, unix.SizeofIovec // UIO_MAXIOV: the kernel takes no more
	if n > most {
		return nil
	}
	p := make([]byte, n*size)
	if m(addr, p) != nil {
		return nil
	}
	spans := make([]span, n)
	for i := range spans {
		spans[i] = span{binary.LittleEndian.Uint64(p[i*size:]), binary.LittleEndian.Uint64(p[i*size+8:])}
	}
	return spans
}

// pieceSize is the most that next reads at once.
const pieceSize = 64 << 10

// next takes a piece of at most limit bytes from the front of the spans. It is
// empty when nothing is left that can be read.
func (m memory) next(spans *[]span, limit uint64) []byte {
	limit = min(limit, pieceSize)
	var p []byte
	for len(*spans) > 0 && uint64(len(p)) < limit {
		s := &(*spans)[0]
		n, start := min(s.n, limit-uint64(len(p))), len(p)
		p = append(p, make([]byte, n)...)
		got := uint64(m.some(s.addr, p[start:]))
		p = p[:start+int(got)]
		s.addr, s.n = s.addr+got, s.n-got
		if got < n {
			break
		}
		if s.n == 0 {
			*spans = (*spans)[1:]
		}
	}
	return p
}
