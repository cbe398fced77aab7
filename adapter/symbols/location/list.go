package location

import (
	"errors"
	"fmt"

	"stepback/adapter/symbols/cursor"
)

// Lists are the location lists of a unit: of .debug_loc up to DWARF 4 (§2.6.2),
// of .debug_loclists from DWARF 5 on (§2.6.2, §7.7.3). Addresses are those in
// the file.
type Lists struct {
	Version int // of the unit
	Data    []byte
	// Low is the unit's DW_AT_low_pc, 0 if it has none.
	Low uint64
	// Base is the unit's DW_AT_loclists_base, and OffsetSize 8 in 64-bit DWARF;
	// 0 means 4. They matter to DW_FORM_loclistx only.
	Base       uint64
	OffsetSize int
	// Address is an entry of the unit's part of .debug_addr.
	Address func(index uint64) (uint64, error)
}

// Entry is an expression that holds from Start up to End.
type Entry struct {
	Start, End uint64
	// Default is set where it holds wherever no other does; Start and End mean nothing.
	Default bool
	Expr    []byte
}

// Offset is the offset of a list that is named by a number (DW_FORM_loclistx).
func (l *Lists) Offset(index uint64) (uint64, error) {
	size := uint64(4)
	if l.OffsetSize == 8 {
		size = 8
	}
	if index > uint64(len(l.Data))/size {
		return 0, fmt.Errorf("there is no location list %d", index)
	}
	c := cursor.At(l.Data, l.Base+index*size)
	offset := l.Base + c.Uint(int(size))
	if c.Err != nil {
		return 0, fmt.Errorf("location list %d: %w", index, c.Err)
	}
	return offset, nil
}

// Find is the expression for a pc in the list at an offset; ErrOptimizedOut if
// none holds there.
func (l *Lists) Find(offset, pc uint64) ([]byte, error) {
	var found, otherwise *Entry
	err := l.Each(offset, func(e Entry) bool {
		switch {
		case e.Default:
			otherwise = &e
		case e.Start <= pc && pc < e.End:
			found = &e
		}
		return found == nil
	})
	switch {
	case found != nil:
		return found.Expr, nil
	case err != nil:
		return nil, err
	case otherwise != nil:
		return otherwise.Expr, nil
	}
	return nil, ErrOptimizedOut
}

// Each goes through the list at an offset until yield is false.
func (l *Lists) Each(offset uint64, yield func(Entry) bool) error {
	r := listReader{Lists: l, Cursor: cursor.At(l.Data, offset), base: l.Low}
	next := r.next5
	if l.Version < 5 {
		next = r.next4
	}
	for {
		e, end, err := next()
		if r.Err != nil {
			err = r.Err
		}
		if err != nil {
			return fmt.Errorf("the location list at %#x: %w", offset, err)
		}
		if end || e != nil && !yield(*e) {
			return nil
		}
	}
}

// listReader reads a list. Its functions next give nothing where an entry only
// changes how others are read.
type listReader struct {
	*Lists
	*cursor.Cursor
	base uint64
}

// next4 reads an entry of .debug_loc.
func (r *listReader) next4() (e *Entry, end bool, err error) {
	start, stop := r.Uint(8), r.Uint(8)
	switch {
	case start == ^uint64(0):
		r.base = stop
		return nil, false, nil
	case start == 0 && stop == 0:
		return nil, true, nil
	}
	return &Entry{Start: r.base + start, End: r.base + stop, Expr: r.Bytes(r.Uint(2))}, false, nil
}

// kinds are the entries of .debug_loclists by their numbers, DW_LLE_*. Operands
// are letters: x the index of an address, a an address, u a plain number. One
// with entry has an expression; one with base sets the base address.
var kinds = [...]struct {
	name     string
	operands string
	base     bool
	entry    func(base, a, b uint64) Entry
}{
	{name: "end_of_list"},
	{name: "base_addressx", operands: "x", base: true},
	{"startx_endx", "xx", false, func(_, a, b uint64) Entry { return Entry{Start: a, End: b} }},
	{"startx_length", "xu", false, func(_, a, b uint64) Entry { return Entry{Start: a, End: a + b} }},
	{"offset_pair", "uu", false, func(base, a, b uint64) Entry { return Entry{Start: base + a, End: base + b} }},
	{"default_location", "", false, func(_, _, _ uint64) Entry { return Entry{Default: true} }},
	{name: "base_address", operands: "a", base: true},
	{"start_end", "aa", false, func(_, a, b uint64) Entry { return Entry{Start: a, End: b} }},
	{"start_length", "au", false, func(_, a, b uint64) Entry { return Entry{Start: a, End: a + b} }},
	{name: "GNU_view_pair", operands: "uu"}, // tells apart places with the same address
}

// next5 reads an entry of .debug_loclists.
func (r *listReader) next5() (e *Entry, end bool, err error) {
	kind := r.Uint(1)
	if kind >= uint64(len(kinds)) {
		return nil, false, fmt.Errorf("an entry of unknown kind %#x", kind)
	}
	k := &kinds[kind]
	var n [2]uint64
	for i, letter := range k.operands {
		switch letter {
		case 'a':
			n[i] = r.Uint(8)
		case 'u':
			n[i] = r.ULEB()
		case 'x':
			if n[i] = r.ULEB(); r.Lists.Address == nil {
				return nil, false, errors.New("the unit has no part of .debug_addr")
			}
			if n[i], err = r.Lists.Address(n[i]); err != nil {
				return nil, false, fmt.Errorf("DW_LLE_%s: %w", k.name, err)
			}
		}
	}
	if k.base {
		r.base = n[0]
	}
	if k.entry == nil {
		return nil, kind == 0, nil
	}
	entry := k.entry(r.base, n[0], n[1])
	entry.Expr = r.Bytes(r.ULEB())
	return &entry, false, nil
}
