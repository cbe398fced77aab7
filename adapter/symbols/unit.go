package symbols

import "debug/dwarf"

// A Format is how the unit of a DIE was written.
type Format struct {
	Version    int
	OffsetSize int
	Start      uint64 // of the unit in .debug_info
}

// Format tells that of the unit with a DIE; ok is false if there is none.
func (f *File) Format(die dwarf.Offset) (format Format, ok bool) {
	n, err := f.info()
	if err != nil {
		return format, false
	}
	u := n.unitAt(int(die))
	if u == nil {
		return format, false
	}
	format = Format{Version: int(u.version), OffsetSize: 4, Start: uint64(u.start)}
	if u.dwarf64 {
		format.OffsetSize = 8
	}
	return format, true
}
