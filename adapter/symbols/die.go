package symbols

import (
	"cmp"
	"debug/dwarf"
	"slices"
)

// This file decodes debugging information entries (DIEs). The standard library
// does so too, at a price of a microsecond and several allocations for each: too
// slow to look through a hundred megabytes for a name.

// An attribute that is used here has a slot in a die.
type slot uint8

const (
	atName slot = iota
	atLinkageName
	atLow
	atHigh
	atRanges
	atEntry
	atOrigin
	atSpecification
	atDeclFile
	atDeclLine
	atCallFile
	atCallLine
	atCallColumn
	atLineTable
	atDirectory
	atLanguage
	atProducer
	atStringsBase
	atAddressBase
	atRangesBase
	atSplit
	slots
	noSlot = slots
)

const (
	attrDwoName         = 0x76
	attrMIPSLinkageName = 0x2007 // of DWARF 3 and earlier
	attrGNUDwoName      = 0x2130 // of DWARF 4
)

var slotOf = map[dwarf.Attr]slot{
	dwarf.AttrName: atName, dwarf.AttrLinkageName: atLinkageName, attrMIPSLinkageName: atLinkageName,
	dwarf.AttrLowpc: atLow, dwarf.AttrHighpc: atHigh, dwarf.AttrRanges: atRanges, dwarf.AttrEntrypc: atEntry,
	dwarf.AttrAbstractOrigin: atOrigin, dwarf.AttrSpecification: atSpecification,
	dwarf.AttrDeclFile: atDeclFile, dwarf.AttrDeclLine: atDeclLine,
	dwarf.AttrCallFile: atCallFile, dwarf.AttrCallLine: atCallLine, dwarf.AttrCallColumn: atCallColumn,
	dwarf.AttrStmtList: atLineTable, dwarf.AttrCompDir: atDirectory, dwarf.AttrLanguage: atLanguage, dwarf.AttrProducer: atProducer,
	dwarf.AttrStrOffsetsBase: atStringsBase, dwarf.AttrAddrBase: atAddressBase, dwarf.AttrRnglistsBase: atRangesBase,
	attrDwoName: atSplit, attrGNUDwoName: atSplit,
}

// usedTags are those of entries that are used here; of others, only the size matters.
var usedTags = []dwarf.Tag{
	dwarf.TagCompileUnit, dwarf.TagPartialUnit, dwarf.TagSkeletonUnit, dwarf.TagSubprogram, dwarf.TagInlinedSubroutine,
	dwarf.TagNamespace, dwarf.TagModule, dwarf.TagStructType, dwarf.TagClassType, dwarf.TagUnionType, dwarf.TagEnumerationType,
}

// A value is an attribute's, as its form has it: a number, or the offset of a string in .debug_info.
type value struct {
	form form
	n    uint64
}

// A die is a debugging information entry.
type die struct {
	off      int // in .debug_info
	tag      dwarf.Tag
	children bool
	has      uint32 // the slots that are set
	values   [slots]value
}

func (d *die) value(s slot) (v value, ok bool) {
	return d.values[s], d.has&(1<<s) != 0
}

// number is a constant; 0 if there is none.
func (d *die) number(s slot) uint64 {
	v, _ := d.value(s)
	return v.n
}

// An abbreviation is the shape of DIEs (DWARF 5 §7.5.3).
type abbreviation struct {
	code       uint64
	tag        dwarf.Tag
	children   bool
	used       bool
	attributes []attribute
	size       int // of the attributes; -1 if it differs
}

type attribute struct {
	slot     slot
	form     form
	implicit int64
}

// abbreviations are ordered by their codes.
type abbreviations struct {
	list []abbreviation
	far  bool // DIEs refer to other units
}

// find finds a code. Compilers number them from 1 on.
func (t *abbreviations) find(code uint64) *abbreviation {
	if code-1 < uint64(len(t.list)) && t.list[code-1].code == code {
		return &t.list[code-1]
	}
	i, ok := slices.BinarySearchFunc(t.list, code, func(a abbreviation, code uint64) int { return cmp.Compare(a.code, code) })
	if !ok {
		return nil
	}
	return &t.list[i]
}

// readAbbreviations reads a table, up to the code last if that is not 0.
func readAbbreviations(data []byte, f format, last uint64) *abbreviations {
	t := &abbreviations{}
	for c := (cursor{data: data}); ; {
		a := abbreviation{code: c.uleb(), tag: dwarf.Tag(c.uleb()), children: c.u8() != 0}
		if a.code == 0 || c.bad {
			break
		}
		a.used = slices.Contains(usedTags, a.tag)
		for {
			attr, frm := dwarf.Attr(c.uleb()), form(c.uleb())
			spec := attribute{slot: noSlot, form: frm}
			if frm == formImplicitConst {
				spec.implicit = c.sleb()
			}
			if attr == 0 && frm == 0 || c.bad {
				break
			}
			if s, ok := slotOf[attr]; ok && a.used {
				spec.slot = s
				far := frm == formRefAddr || frm == formGNURefAlt || frm == formRefSup4 || frm == formRefSup8
				t.far = t.far || far && (s == atOrigin || s == atSpecification)
			}
			a.attributes = append(a.attributes, spec)
			if n := f.kind(frm); n < 0 || a.size < 0 {
				a.size = -1
			} else {
				a.size += n
			}
		}
		t.list = append(t.list, a)
		if a.code == last {
			break
		}
	}
	slices.SortStableFunc(t.list, func(a, b abbreviation) int { return cmp.Compare(a.code, b.code) })
	return t
}

// read reads the DIE at the cursor, whose shape is in t. ok is false at the end of the unit, or where
// it is damaged. The tag is 0 at the end of a list of children.
func (u *unit) read(c *cursor, t *abbreviations, d *die) (ok bool) {
	d.off, d.tag, d.children, d.has = c.at, 0, false, 0
	code := c.uleb()
	if code == 0 || c.bad {
		return !c.bad
	}
	a := t.find(code)
	if a == nil {
		return false
	}
	d.tag, d.children = a.tag, a.children
	if !a.used && a.size >= 0 {
		c.take(uint64(a.size))
		return !c.bad
	}
	for i := range a.attributes {
		at := &a.attributes[i]
		if at.slot == noSlot {
			c.skip(at.form, u.format)
			continue
		}
		d.values[at.slot] = c.value(at, u.format)
		d.has |= 1 << at.slot
	}
	return !c.bad
}

// at reads the DIE at an offset of .debug_info.
func (u *unit) at(off int, d *die) (ok bool) {
	if off < u.first || off >= u.end {
		return false
	}
	c := u.cursor()
	c.at = off
	return u.read(&c, u.abbreviations(), d) && d.tag != 0
}

// walk calls visit for all DIEs of the unit, with their depth below the unit's own.
func (u *unit) walk(visit func(d *die, depth int)) {
	var d die
	c, t := u.cursor(), u.abbreviations()
	for depth := 0; u.read(&c, t, &d); {
		if d.tag == 0 {
			if depth--; depth <= 0 {
				return
			}
			continue
		}
		visit(&d, depth)
		if d.children {
			depth++
		}
		if depth == 0 {
			return
		}
	}
}
