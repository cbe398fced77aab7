package frame

import (
	"cmp"
	"debug/elf"
	"errors"
	"slices"

	"stepback/adapter/symbols/cursor"
)

// ErrNone reports that nothing describes the frames at a pc.
var ErrNone = errors.New("no call frame information")

// Table is the call frame information of a file. It reads what is asked for, and
// is for one goroutine at a time.
type Table struct {
	sections []*section
	header   *header
	indexes  map[*section][]span
	errs     []error
}

// span is where an FDE is.
type span struct {
	start, end, offset uint64
	reach              uint64 // the highest end up to this one
}

// New makes a Table of a file's .eh_frame and .debug_frame, and of the
// .debug_frame of files with debug information for the same code. A section that
// is damaged is as if it were not there; Err says why.
func New(f *elf.File, debug ...*elf.File) *Table {
	t := &Table{indexes: map[*section][]span{}}
	add := func(f *elf.File, name string) *section {
		s, err := newSection(f, name)
		if err != nil {
			t.errs = append(t.errs, err)
		}
		if s != nil {
			t.sections = append(t.sections, s)
		}
		return s
	}
	if eh := add(f, ".eh_frame"); eh != nil {
		t.header = newHeader(f, eh)
	}
	for _, d := range append([]*elf.File{f}, debug...) {
		add(d, ".debug_frame")
	}
	return t
}

// Err says what of the file could not be read.
func (t *Table) Err() error { return errors.Join(t.errs...) }

// Find finds the description of the frames at a pc; ErrNone if there is none.
func (t *Table) Find(pc uint64) (*FDE, error) {
	var why error
	for _, s := range t.sections {
		offset, ok := t.offset(s, pc)
		if !ok {
			continue
		}
		f, _, err := s.fde(offset)
		switch {
		case err != nil:
			why = cmp.Or(why, err)
		case f != nil && f.Start <= pc && pc < f.End:
			return f, nil
		}
	}
	return nil, cmp.Or(why, ErrNone)
}

// All goes through all descriptions, until yield is false.
func (t *Table) All(yield func(*FDE) bool) {
	for _, s := range t.sections {
		for offset := uint64(0); offset < uint64(len(s.data)); {
			f, next, err := s.fde(offset)
			if f != nil && err == nil && !yield(f) {
				return
			}
			if next <= offset {
				break
			}
			offset = next
		}
	}
}

// offset is where the FDE for a pc is in a section.
func (t *Table) offset(s *section, pc uint64) (offset uint64, ok bool) {
	if s.eh && t.header != nil {
		return t.header.find(pc)
	}
	list, ok := t.indexes[s]
	if !ok {
		list = s.index()
		t.indexes[s] = list
	}
	i, exact := slices.BinarySearchFunc(list, pc, func(a span, pc uint64) int { return cmp.Compare(a.start, pc) })
	if !exact {
		i--
	}
	for ; i >= 0 && list[i].reach > pc; i-- {
		if pc < list[i].end {
			return list[i].offset, true
		}
	}
	return 0, false
}

// index lists the FDEs of a section by address.
func (s *section) index() (list []span) {
	for offset := uint64(0); offset < uint64(len(s.data)); {
		f, next, err := s.fde(offset)
		if err == nil && f != nil && f.Start < f.End {
			list = append(list, span{f.Start, f.End, offset, 0})
		}
		if next <= offset {
			break
		}
		offset = next
	}
	slices.SortStableFunc(list, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	high := uint64(0)
	for i := range list {
		high = max(high, list[i].end)
		list[i].reach = high
	}
	return list
}

// header is the table of .eh_frame_hdr (LSB Core §10.6.2): pairs of a function's
// address and where its FDE is, sorted, relative to the header.
type header struct {
	addr, frames uint64 // where the header and .eh_frame are loaded
	table        []byte
}

// newHeader reads .eh_frame_hdr; nil if there is none, or with a table of another
// form than linkers make.
func newHeader(f *elf.File, eh *section) *header {
	s, err := newSection(f, ".eh_frame_hdr")
	if err != nil || s == nil {
		return nil
	}
	s.bases.data = s.addr
	c := cursor.At(s.data, 0)
	version, frames, counted, sorted := c.Uint(1), encoding(c.Uint(1)), encoding(c.Uint(1)), encoding(c.Uint(1))
	at, _ := s.pointer(c, frames, 0)
	n, _ := s.pointer(c, counted, 0)
	const signed4 = 0x0b
	if c.Err != nil || version != 1 || counted == omitted || sorted != relData|signed4 || at != eh.addr || n > uint64(len(s.data))/8 {
		return nil
	}
	h := &header{addr: s.addr, frames: eh.addr, table: c.Bytes(n * 8)}
	if c.Err != nil || n == 0 {
		return nil
	}
	return h
}

// pair is an entry of the table.
func (h *header) pair(i int) (start, offset uint64) {
	c := cursor.At(h.table, uint64(i)*8)
	return h.addr + uint64(c.Int(4)), h.addr + uint64(c.Int(4)) - h.frames
}

// find finds the last entry whose function does not begin behind pc.
func (h *header) find(pc uint64) (offset uint64, ok bool) {
	low, high := 0, len(h.table)/8
	for low < high {
		middle := (low + high) / 2
		if start, _ := h.pair(middle); start <= pc {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == 0 {
		return 0, false
	}
	_, offset = h.pair(low - 1)
	return offset, true
}
