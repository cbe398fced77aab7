package symbols

import (
	"cmp"
	"debug/elf"
	"slices"
)

// maxRanges is how many ranges a DIE may have. Damaged ones might share one long list.
const maxRanges = 1 << 18

// rangesOf is the addresses that a DIE has, in its order. Those outside of the
// file's code belong to functions that the linker has left out.
func (u *unit) rangesOf(d *die) (list []Range) {
	add := func(low, high uint64) bool {
		if low < high && u.file.hasCode(low) {
			list = append(list, Range{low, high})
		}
		return len(list) < maxRanges
	}
	lowValue, hasLow := d.value(atLow)
	low, _ := u.address(lowValue)
	if v, ok := d.value(atRanges); ok {
		u.rangeList(v, add)
	} else if high, ok := d.value(atHigh); ok && hasLow {
		end, ok := u.address(high)
		if !ok { // since DWARF 4, a size
			end = low + high.n
		}
		add(low, end)
	}
	return list
}

// rangeList reads a list of .debug_ranges (DWARF 4 §2.17.3) or .debug_rnglists (DWARF 5 §2.17.3).
func (u *unit) rangeList(v value, add func(low, high uint64) (more bool)) {
	low, _ := u.root.value(atLow)
	base, _ := u.address(low)
	if u.version >= 5 {
		u.rangeList5(v, base, add)
		return
	}
	for c, more := (cursor{data: u.ranges, at: int(v.n)}), true; more; {
		begin, end := c.fixed(8), c.fixed(8)
		switch {
		case c.bad || begin == 0 && end == 0:
			return
		case begin == ^uint64(0):
			base = end
		default:
			more = add(base+begin, base+end)
		}
	}
}

const ( // kinds of range list entries, DWARF 5 §7.25
	rleEnd = iota
	rleBaseAddressx
	rleStartxEndx
	rleStartxLength
	rleOffsetPair
	rleBaseAddress
	rleStartEnd
	rleStartLength
)

func (u *unit) rangeList5(v value, base uint64, add func(low, high uint64) (more bool)) {
	c := cursor{data: u.rnglists, at: int(v.n)}
	if v.form == formRnglistx {
		start, size := u.root.number(atRangesBase), uint64(4)
		if u.dwarf64 {
			size = 8
		}
		c.at = int(start + v.n*size)
		c.at = int(start + c.offset(u.dwarf64))
	}
	for more := true; more && !c.bad; {
		switch c.u8() {
		case rleEnd:
			return
		case rleBaseAddressx:
			base, _ = u.indexed(c.uleb())
		case rleStartxEndx:
			low, _ := u.indexed(c.uleb())
			high, _ := u.indexed(c.uleb())
			more = add(low, high)
		case rleStartxLength:
			low, _ := u.indexed(c.uleb())
			more = add(low, low+c.uleb())
		case rleOffsetPair:
			low := base + c.uleb()
			more = add(low, base+c.uleb())
		case rleBaseAddress:
			base = c.fixed(8)
		case rleStartEnd:
			low := c.fixed(8)
			more = add(low, c.fixed(8))
		case rleStartLength:
			low := c.fixed(8)
			more = add(low, low+c.uleb())
		default:
			return
		}
	}
}

// hasCode says whether there is code of the file at an address of it.
func (f *File) hasCode(addr uint64) bool {
	if f.code == nil {
		for _, s := range f.elf.Sections {
			if s.Flags&elf.SHF_EXECINSTR != 0 && s.Flags&elf.SHF_ALLOC != 0 {
				f.code = append(f.code, Range{s.Addr, s.Addr + s.Size})
			}
		}
		if len(f.code) == 0 { // there are no sections
			for _, p := range f.segments {
				if p.Flags&elf.PF_X != 0 {
					f.code = append(f.code, Range{max(p.Vaddr, 1), p.Vaddr + p.Memsz})
				}
			}
		}
	}
	return slices.ContainsFunc(f.code, func(r Range) bool { return r.contains(addr) })
}

// A span is addresses of something.
type span[T any] struct {
	Range
	of    T
	reach uint64 // the highest end of the spans up to this one
}

// sortSpans makes spans ready for findSpan.
func sortSpans[T any](list []span[T]) {
	slices.SortStableFunc(list, func(a, b span[T]) int { return cmp.Compare(a.Low, b.Low) })
	high := uint64(0)
	for i := range list {
		high = max(high, list[i].High)
		list[i].reach = high
	}
}

// findSpan finds the span that holds an address, that with the highest start if
// there are several.
func findSpan[T any](list []span[T], addr uint64) (s span[T], ok bool) {
	i, _ := slices.BinarySearchFunc(list, addr, func(s span[T], a uint64) int {
		if s.Low <= a {
			return -1
		}
		return 1
	})
	for i--; i >= 0 && list[i].reach > addr; i-- {
		if list[i].contains(addr) {
			return list[i], true
		}
	}
	return s, false
}
