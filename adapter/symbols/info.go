package symbols

import (
	"cmp"
	"debug/dwarf"
	"errors"
	"fmt"
	"slices"
)

// info is the debug information of a file as far as functions and lines need it.
// Little of it is read until it is asked for: the headers of the units and their
// root DIEs, which say what addresses they have.
type info struct {
	file      *File
	sections  // of the file with the debug information
	units     []*unit
	alt       *info // what dwz moved to a supplementary file, or nil
	altErr    error // why alt is missing
	spans     []span[*unit]
	shapes    map[shape]*abbreviations
	functions map[place]*naming
	instances int // of the units that have theirs, by their ranges
	lines     map[uint64]*lineTable
	rows      int                // of the tables in lines
	names     map[string][]*unit // by the base names of their sources
}

// place is a DIE: the offset in .debug_info of a file.
type place struct {
	in  *info
	off int
}

type shape struct {
	off uint64
	format
}

// sections are contents by their names in DWARF 5 §7.
type sections struct {
	dies, abbrev, line, str, lineStr, strOffsets, addr, ranges, rnglists []byte
}

// A Range is addresses from Low up to but not including High.
type Range struct{ Low, High uint64 }

func (r Range) contains(pc uint64) bool { return r.Low <= pc && pc < r.High }

// A unit is one compilation's DIEs.
type unit struct {
	*info
	format
	start, end int // in .debug_info, with the header
	first      int // DIE
	shape      uint64
	root       die
	tree       *tree // of its functions; nil until it is needed
}

func (f *File) info() (*info, error) {
	if f.infoData == nil && f.infoErr == nil {
		f.infoData, f.infoErr = f.readInfo()
	}
	return f.infoData, f.infoErr
}

func (f *File) readInfo() (*info, error) {
	d, err := f.debug()
	if err != nil {
		return nil, err
	}
	n, err := f.newInfo(d)
	if err != nil {
		return nil, fmt.Errorf("reading the debug information: %w", err)
	}
	alt, err := d.supplement(f.search)
	if alt != nil {
		f.altFile = alt
		n.alt, err = f.newInfo(alt)
	}
	n.altErr = err
	n.findSpans()
	return n, nil
}

func (f *File) newInfo(d *debugFile) (*info, error) {
	n := &info{file: f, shapes: map[shape]*abbreviations{}, functions: map[place]*naming{}, lines: map[uint64]*lineTable{}}
	for name, s := range map[string]*[]byte{
		".debug_info": &n.dies, ".debug_abbrev": &n.abbrev, ".debug_line": &n.line, ".debug_str": &n.str, ".debug_line_str": &n.lineStr,
		".debug_str_offsets": &n.strOffsets, ".debug_addr": &n.addr, ".debug_ranges": &n.ranges, ".debug_rnglists": &n.rnglists,
	} {
		var err error
		if *s, err = d.section(name); err != nil {
			return nil, err
		}
	}
	return n, n.readUnits()
}

var errNoUnits = errors.New("section .debug_info is damaged at its beginning")

// readUnits reads the headers (DWARF 5 §7.5.1) and the root DIEs.
func (n *info) readUnits() error {
	for c := (cursor{data: n.dies}); c.at < len(n.dies); {
		u := &unit{info: n, start: c.at}
		size, dwarf64 := c.length()
		body := c.at
		if c.take(size) == nil {
			break
		}
		u.end = c.at
		h := cursor{data: n.dies[:u.end], at: body}
		u.dwarf64, u.version = dwarf64, h.u16()
		if u.version < 2 || u.version > 5 {
			continue
		}
		kind := uint8(utCompile)
		if u.version >= 5 {
			kind, u.addrSize = h.u8(), h.u8()
		}
		u.shape = h.offset(dwarf64)
		if u.version < 5 {
			u.addrSize = h.u8()
		}
		h.take(unitExtras[kind])
		if kind == utType || kind == utSplitType { // the offset of its type
			h.offset(dwarf64)
		}
		u.first = h.at
		if h.bad || u.addrSize != 8 || !u.readRoot() {
			continue
		}
		n.units = append(n.units, u)
	}
	if len(n.units) == 0 {
		return errNoUnits
	}
	return nil
}

const (
	utCompile   = 1
	utType      = 2
	utSplitType = 6
)

// unitExtras are the bytes of a signature in the header, by the type of the unit (DWARF 5 §7.5.1).
var unitExtras = map[uint8]uint64{utType: 8, 4: 8, 5: 8, utSplitType: 8}

// findSpans finds which unit has which addresses.
func (n *info) findSpans() {
	for _, u := range n.units {
		if u.root.tag == dwarf.TagPartialUnit {
			continue
		}
		list := u.rangesOf(&u.root)
		if _, lines := u.root.value(atLineTable); len(list) == 0 && lines {
			for _, f := range u.functions().list { // an old compiler's
				list = append(list, f.ranges...)
			}
		}
		for _, r := range list {
			n.spans = append(n.spans, span[*unit]{Range: r, of: u})
		}
	}
	sortSpans(n.spans)
}

func (u *unit) cursor() cursor { return cursor{data: u.dies[:u.end], at: u.first} }

// maxShapes is how many tables of abbreviations are kept: a large program has
// thousands, of 20 kB each.
const maxShapes = 256

func (u *unit) abbreviations() *abbreviations {
	key := shape{u.shape, u.format}
	t := u.shapes[key]
	if t == nil {
		if len(u.shapes) >= maxShapes {
			clear(u.shapes)
		}
		t = readAbbreviations(from(u.abbrev, u.shape), u.format, 0)
		u.shapes[key] = t
	}
	return t
}

// readRoot reads the unit's own DIE, and no more of its abbreviations than that takes.
func (u *unit) readRoot() (ok bool) {
	c := u.cursor()
	code := c.uleb()
	c.at = u.first
	return u.read(&c, readAbbreviations(from(u.abbrev, u.shape), u.format, code), &u.root) && u.root.tag != 0
}

// from is what follows an offset in a section.
func from(data []byte, off uint64) []byte {
	return data[min(off, uint64(len(data))):]
}

// unitAt finds the unit with the DIE at an offset.
func (n *info) unitAt(off int) *unit {
	i, _ := slices.BinarySearchFunc(n.units, off, func(u *unit, off int) int {
		if off < u.end {
			return cmp.Compare(u.start, off)
		}
		return -1
	})
	for ; i >= 0; i-- {
		if i < len(n.units) && n.units[i].first <= off {
			if off < n.units[i].end {
				return n.units[i]
			}
			break
		}
	}
	return nil
}

// refer follows a reference to another DIE.
func (u *unit) refer(v value) (*unit, int) {
	off := int(v.n)
	switch v.form {
	case formRef1, formRef2, formRef4, formRef8, formRefUdata:
		if off += u.start; off >= u.first && off < u.end {
			return u, off
		}
		return nil, 0
	case formRefAddr:
		return u.unitAt(off), off
	case formGNURefAlt, formRefSup4, formRefSup8:
		if u.alt != nil {
			return u.alt.unitAt(off), off
		}
	}
	return nil, 0
}

// text is a string attribute of a DIE.
func (u *unit) text(d *die, s slot) []byte {
	v, ok := d.value(s)
	if !ok {
		return nil
	}
	index := 4
	if u.dwarf64 {
		index = 8
	}
	switch v.form {
	case formString:
		return textAt(u.dies, v.n)
	case formStrp:
		return textAt(u.str, v.n)
	case formLineStrp:
		return textAt(u.lineStr, v.n)
	case formStrx, formStrx1, formStrx2, formStrx3, formStrx4:
		c := cursor{data: u.strOffsets, at: int(u.root.number(atStringsBase) + v.n*uint64(index))}
		return textAt(u.str, c.offset(u.dwarf64))
	case formGNUStrpAlt, formStrpSup:
		if u.alt != nil {
			return textAt(u.alt.str, v.n)
		}
	}
	return nil
}

// address is an attribute that is an address.
func (u *unit) address(v value) (addr uint64, ok bool) {
	switch v.form {
	case formAddr:
		return v.n, true
	case formAddrx, formAddrx1, formAddrx2, formAddrx3, formAddrx4:
		return u.indexed(v.n)
	}
	return 0, false
}

// indexed is an address of .debug_addr.
func (u *unit) indexed(i uint64) (addr uint64, ok bool) {
	c := cursor{data: u.addr, at: int(u.root.number(atAddressBase) + i*8)}
	addr = c.fixed(8)
	return addr, !c.bad
}

// language is one of DW_LANG (DWARF 5 §7.12).
func (u *unit) language() Language { return Language(u.root.number(atLanguage)) }
