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
	const most = 1024 // UIO_MAXIOV: the kernel takes no more
	if n > most {
		return nil
	}
	p := make([]byte, n*unix.SizeofIovec)
	if m(addr, p) != nil {
		return nil
	}
	spans := make([]span, n)
	for i := range spans {
		spans[i] = span{binary.LittleEndian.Uint64(p[16*i:]), binary.LittleEndian.Uint64(p[16*i+8:])}
	}
	return spans
}

// read reads spans one after the other, at most limit bytes of them, as far as
// they are readable.
func (m memory) read(spans []span, limit uint64) []byte {
	var data []byte
	for _, s := range spans {
		n := min(s.n, limit-uint64(len(data)))
		start := len(data)
		data = append(data, make([]byte, n)...)
		got := m.some(s.addr, data[start:])
		data = data[:start+got]
		if uint64(got) < n {
			break
		}
	}
	return data
}
