package tracee

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"stepback/internal/memmap"
)

// PageMap tells which pages of a process are its own
// (Documentation/admin-guide/mm/pagemap.rst).
type PageMap struct {
	f   *os.File
	buf []byte
}

// OpenPageMap opens the page map of a process; Close it.
func OpenPageMap(tid int) (PageMap, error) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/pagemap", tid))
	if err != nil {
		return PageMap{}, ErrGone
	}
	return PageMap{f: f}, nil
}

// Close closes the page map.
func (p *PageMap) Close() { p.f.Close() }

// Own calls f with each page of [start, end) that is present and the process's
// own, until f returns false.
func (p *PageMap) Own(start, end uint64, f func(addr uint64) bool) error {
	const present, swapped, fileOrShared = 1 << 63, 1 << 62, 1 << 61
	n := int((end - start) / memmap.PageSize * 8)
	if cap(p.buf) < n {
		p.buf = make([]byte, n)
	}
	b := p.buf[:n]
	if _, err := p.f.ReadAt(b, int64(start/memmap.PageSize*8)); err == io.EOF {
		return ErrGone // and its memory with it
	} else if err != nil {
		return fmt.Errorf("reading the page map: %w", err)
	}
	for ; len(b) > 0; b = b[8:] {
		e := binary.LittleEndian.Uint64(b)
		if e&(present|swapped) != 0 && e&fileOrShared == 0 && !f(start) {
			return nil
		}
		start += memmap.PageSize
	}
	return nil
}

// PrivatePages tells for each page of [start, end) whether it is present and
// the process's own.
func PrivatePages(tid int, start, end uint64) ([]bool, error) {
	p, err := OpenPageMap(tid)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	own := make([]bool, (end-start)/memmap.PageSize)
	return own, p.Own(start, end, func(addr uint64) bool {
		own[(addr-start)/memmap.PageSize] = true
		return true
	})
}
