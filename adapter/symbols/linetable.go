package symbols

import (
	"cmp"
	"path"
	"slices"
)

// This file decodes line number tables (DWARF 5 §6.2). The standard library puts
// a compilation's directory before file names that are absolute (clang's DWARF 5)
// and not before directories that are relative (gcc's), and makes a string of
// every name in every table.

// A lineTable is the lines of a unit.
type lineTable struct {
	unit  *unit // the first one that has it
	dirs  [][]byte
	files []lineFile // by number; of DWARF 4 and before, 0 is none
	paths []string   // of the files, with their directories
	same  []int32    // the first file with the same path
	rows  []row
	spans []span[[2]int] // sequences: from a row up to but not including another

	dwarf64   bool
	version   uint16
	minLength uint8
	lineBase  int8
	lineRange uint8
	opcodes   uint8
	lengths   [256]uint8
	isStmt    bool
	program   []byte
}

type lineFile struct {
	name []byte
	dir  int
}

// A row is for the addresses from its own to the next row's.
type row struct {
	addr   uint64
	line   uint32
	file   uint32
	column uint16
	flags  rowFlags
}

type rowFlags uint8

const (
	isStmt rowFlags = 1 << iota
	prologueEnd
	endSequence
)

// header reads the table's header: all but the rows.
func (t *lineTable) header(u *unit, off uint64) (ok bool) {
	c := cursor{data: from(u.line, off)}
	size, dwarf64 := c.length()
	c.data = c.data[:uint64(c.at)+min(size, uint64(len(c.data)-c.at))]
	t.unit, t.dwarf64, t.version = u, dwarf64, c.u16()
	if t.version < 2 || t.version > 5 {
		return false
	}
	if t.version >= 5 && (c.u8() != 8 || c.u8() != 0) { // sizes of addresses and of segment selectors
		return false
	}
	length := c.offset(dwarf64)
	program := uint64(c.at) + min(length, uint64(len(c.data)-c.at))
	t.minLength = c.u8()
	if t.version >= 4 {
		c.u8() // operations per instruction: 1 on this machine
	}
	t.isStmt, t.lineBase, t.lineRange, t.opcodes = c.u8() != 0, int8(c.u8()), c.u8(), c.u8()
	for i := 1; i < int(t.opcodes); i++ {
		t.lengths[i] = c.u8()
	}
	t.program = c.data[program:]
	t.dirs, t.files = t.dirs[:0], t.files[:0]
	if t.version >= 5 {
		t.entries(&c, func(f lineFile) { t.dirs = append(t.dirs, f.name) })
		t.entries(&c, func(f lineFile) { t.files = append(t.files, f) })
	} else {
		t.entries4(&c)
	}
	return !c.bad && t.lineRange != 0 && t.opcodes != 0
}

// entries4 reads directories and files as they are up to DWARF 4.
func (t *lineTable) entries4(c *cursor) {
	t.dirs = append(t.dirs, nil) // the compilation's
	for name := c.text(); len(name) > 0; name = c.text() {
		t.dirs = append(t.dirs, name)
	}
	t.files = append(t.files, lineFile{})
	for name := c.text(); len(name) > 0; name = c.text() {
		t.files = append(t.files, lineFile{name, int(c.uleb())})
		c.uleb() // time
		c.uleb() // size
	}
}

const ( // DW_LNCT
	lnctPath      = 1
	lnctDirectory = 2
)

// entries reads a list of directories or files as it is since DWARF 5 §6.2.4.1.
func (t *lineTable) entries(c *cursor, add func(lineFile)) {
	type field struct {
		content uint64
		attribute
	}
	fields := make([]field, c.u8())
	for i := range fields {
		fields[i] = field{c.uleb(), attribute{form: form(c.uleb())}}
	}
	f := format{version: t.version, dwarf64: t.dwarf64, addrSize: 8}
	var d die
	for n := c.uleb(); n > 0 && !c.bad && len(fields) > 0; n-- {
		start := c.at
		var file lineFile
		for _, l := range fields {
			switch l.content {
			case lnctPath:
				if l.form == formString {
					file.name = c.text()
					continue
				}
				d.has, d.values[atName] = 1<<atName, c.value(&l.attribute, f)
				file.name = t.unit.text(&d, atName)
			case lnctDirectory:
				file.dir = int(c.value(&l.attribute, f).n)
			default:
				c.skip(l.form, f)
			}
		}
		if c.at == start { // entries of no bytes: any number of them
			return
		}
		add(file)
	}
}

// path is a file's, with its directory.
func (t *lineTable) path(f lineFile) string {
	name := string(f.name)
	if len(name) == 0 || path.IsAbs(name) {
		return path.Clean(name)
	}
	dir := ""
	if f.dir >= 0 && f.dir < len(t.dirs) {
		dir = string(t.dirs[f.dir])
	}
	if !path.IsAbs(dir) {
		dir = path.Join(string(t.unit.text(&t.unit.root, atDirectory)), dir)
	}
	return path.Join(dir, name)
}

// maxRows is how many rows are kept of all tables of a file: a hundred megabytes.
const maxRows = 4 << 20

// table is the unit's line table; nil if there is none.
func (u *unit) table() *lineTable {
	v, ok := u.root.value(atLineTable)
	if !ok || v.n >= uint64(len(u.line)) {
		return nil
	}
	if t, ok := u.lines[v.n]; ok {
		return t
	}
	if u.rows > maxRows {
		clear(u.lines)
		u.rows = 0
	}
	t := &lineTable{}
	if t.header(u, v.n) {
		t.finish()
	} else {
		t = nil
	}
	u.lines[v.n] = t
	return t
}

func (t *lineTable) finish() {
	seen := map[string]int32{}
	for i, f := range t.files {
		p := t.path(f)
		first, ok := seen[p]
		if !ok {
			first = int32(i)
			seen[p] = first
		}
		t.paths, t.same = append(t.paths, p), append(t.same, first)
	}
	t.run()
	sortSpans(t.spans)
	t.program = nil
	t.unit.rows += len(t.rows)
}

const ( // opcodes, DWARF 5 §7.22
	lnsCopy             = 1
	lnsAdvancePC        = 2
	lnsAdvanceLine      = 3
	lnsSetFile          = 4
	lnsSetColumn        = 5
	lnsNegateStmt       = 6
	lnsConstAddPC       = 8
	lnsFixedAdvancePC   = 9
	lnsSetPrologueEnd   = 10
	lneEndSequence      = 1
	lneSetAddress       = 2
	lneDefineFile       = 3
	maxColumn           = 1<<16 - 1
	lineProgramExtended = 0
)

// run runs the program that makes the rows.
func (t *lineTable) run() {
	c := cursor{data: t.program}
	start := row{line: 1, file: 1}
	if t.isStmt {
		start.flags = isStmt
	}
	r, first := start, 0
	emit := func() {
		t.rows = append(t.rows, r)
		r.flags &^= prologueEnd
	}
	for c.at < len(c.data) && !c.bad {
		op := c.u8()
		if op >= t.opcodes {
			op -= t.opcodes
			r.addr += uint64(op/t.lineRange) * uint64(t.minLength)
			r.line += uint32(int32(t.lineBase) + int32(op%t.lineRange))
			emit()
			continue
		}
		switch op {
		case lineProgramExtended:
			args := cursor{data: c.take(c.uleb())}
			switch args.u8() {
			case lneEndSequence:
				r.flags |= endSequence
				emit()
				t.sequence(first)
				r, first = start, len(t.rows)
			case lneSetAddress:
				r.addr = args.fixed(8)
			case lneDefineFile:
				t.define(&args)
			}
		case lnsCopy:
			emit()
		case lnsAdvancePC:
			r.addr += c.uleb() * uint64(t.minLength)
		case lnsAdvanceLine:
			r.line += uint32(c.sleb())
		case lnsSetFile:
			r.file = uint32(c.uleb())
		case lnsSetColumn:
			r.column = uint16(min(c.uleb(), maxColumn))
		case lnsNegateStmt:
			r.flags ^= isStmt
		case lnsConstAddPC:
			r.addr += uint64((255-t.opcodes)/t.lineRange) * uint64(t.minLength)
		case lnsFixedAdvancePC:
			r.addr += uint64(c.u16())
		case lnsSetPrologueEnd:
			r.flags |= prologueEnd
		default: // of no use here, or unknown
			for range t.lengths[op] {
				c.uleb()
			}
		}
	}
	t.rows = slices.Clip(t.rows[:first]) // a sequence without an end is damaged
}

func (t *lineTable) define(c *cursor) {
	f := lineFile{c.text(), int(c.uleb())}
	t.files, t.paths = append(t.files, f), append(t.paths, t.path(f))
	t.same = append(t.same, int32(len(t.same)))
}

// sequence ends the rows from first on. Those of functions that the linker left
// out are dropped.
func (t *lineTable) sequence(first int) {
	rows := t.rows[first:]
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.addr, b.addr) })
	low, high := rows[0].addr, rows[len(rows)-1].addr
	if low >= high || rows[len(rows)-1].flags&endSequence == 0 || !t.unit.file.hasCode(low) {
		t.rows = t.rows[:first]
		return
	}
	for i := range rows {
		if f := rows[i].file; int(f) < len(t.same) {
			rows[i].file = uint32(t.same[f])
		}
	}
	t.spans = append(t.spans, span[[2]int]{Range: Range{low, high}, of: [2]int{first, len(t.rows)}})
}

// file is the path of a file by its number; "" if there is none.
func (t *lineTable) file(i int) string {
	if t == nil || i < 0 || i >= len(t.paths) || t.version < 5 && i == 0 {
		return ""
	}
	return t.paths[i]
}

// sequenceAt is the rows of the sequence with an address, the last of which ends it.
func (t *lineTable) sequenceAt(pc uint64) []row {
	if t == nil {
		return nil
	}
	s, ok := findSpan(t.spans, pc)
	if !ok {
		return nil
	}
	return t.rows[s.of[0]:s.of[1]]
}

// rowAt is the row for an address, as gdb finds it: the last one there, but one
// that begins a statement if there is any at the same address.
func rowAt(rows []row, pc uint64) (i int, ok bool) {
	i, _ = slices.BinarySearchFunc(rows, pc, func(r row, pc uint64) int {
		if r.addr <= pc {
			return -1
		}
		return 1
	})
	if i--; i < 0 || rows[i].flags&endSequence != 0 {
		return 0, false
	}
	for s := i; s >= 0 && rows[s].addr == rows[i].addr && rows[s].line != 0; s-- {
		if rows[s].flags&isStmt != 0 {
			return s, true
		}
	}
	return i, true
}
