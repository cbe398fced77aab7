package symbols

import (
	"debug/dwarf"
	"slices"
	"strings"
)

// A Position is a place in the program's source.
type Position struct {
	File   string // the path as the compiler saw it; absolute in nearly all programs
	Line   int    // from 1; 0: the code is of no line
	Column int    // from 1; 0: unknown, or the beginning of the line
	IsStmt bool   // a good place to stop at: where a statement begins
}

// A Function is a function of a process, or an inlined call of one.
type Function struct {
	Name    string  // as people write it, without parameters: ns::Class::method
	Linkage string  // as the linker knows it; "" if that is unknown
	Ranges  []Range // of its code; the parts that are seldom used may lie elsewhere
	Entry   uint64
	// Body is the address after the prologue, at which a breakpoint belongs: there
	// are a frame and arguments. It is Entry if the code is optimized.
	Body     uint64
	Inlined  bool
	Language Language
	Declared Position
	Module   *Module
	// DIE is the entry in Module.DWARF(); 0 if there is only a symbol.
	DIE dwarf.Offset
}

// An Inline is one of the frames that share a machine's frame.
type Inline struct {
	*Function
	Position Position // in the innermost one, that of the address; in others, of the call
}

// Language is one of DW_LANG (DWARF 5 §7.12).
type Language uint16

// languages are the names of families of languages.
var languages = map[Language]string{
	0x01: "C", 0x02: "C", 0x0c: "C", 0x1d: "C", 0x2c: "C",
	0x04: "C++", 0x1a: "C++", 0x21: "C++", 0x2b: "C++",
	0x1c: "Rust", 0x8001: "assembly", 0x16: "Go", 0x13: "D", 0x10: "Objective-C", 0x0d: "Ada", 0x08: "Fortran", 0x0e: "Fortran",
}

// String is the language's name without its version; "" if it is unknown.
func (l Language) String() string { return languages[l] }

// module finds the module with an address.
func (s *Space) module(pc uint64) *Module {
	for i := range s.Modules {
		if m := &s.Modules[i]; m.Start <= pc && pc < m.End {
			if m.hasCode(pc - m.Bias) {
				return m
			}
		}
	}
	return nil
}

// at finds the module, the unit and the function with an address. The latter two
// are nil if there is no debug information for it.
func (s *Space) at(pc uint64) (m *Module, u *unit, f *instance) {
	if m = s.module(pc); m == nil {
		return nil, nil, nil
	}
	if n, err := m.info(); err == nil {
		u, f = n.find(pc - m.Bias)
	}
	return m, u, f
}

// Line is the line of the instruction at pc. For the caller of a frame, ask for
// the byte before the return address: the call is there.
func (s *Space) Line(pc uint64) (p Position, ok bool) {
	m, u, _ := s.at(pc)
	if u == nil {
		return p, false
	}
	return u.position(pc - m.Bias)
}

func (u *unit) position(pc uint64) (p Position, ok bool) {
	t := u.table()
	rows := t.sequenceAt(pc)
	i, ok := rowAt(rows, pc)
	if !ok {
		return p, false
	}
	return t.position(&rows[i]), true
}

func (t *lineTable) position(r *row) Position {
	return Position{File: t.file(int(r.file)), Line: int(r.line), Column: int(r.column), IsStmt: r.flags&isStmt != 0}
}

// Frames is the functions that pc is in: an inlined call, its callers, at last a
// function of its own. It is empty if there is not even a symbol.
func (s *Space) Frames(pc uint64) (list []Inline) {
	m, u, f := s.at(pc)
	if f == nil {
		if f := s.Function(pc); f != nil {
			p, _ := s.Line(pc)
			list = append(list, Inline{f, p})
		}
		return list
	}
	p, _ := u.position(pc - m.Bias)
	for i := f.innermost(pc - m.Bias); i != nil; i = i.caller {
		list = append(list, Inline{m.function(i), p})
		p = i.call()
	}
	return list
}

// call is the position of an inlined call.
func (i *instance) call() Position {
	return Position{File: i.unit.table().file(i.file), Line: i.line, Column: i.column, IsStmt: true}
}

// Function is the function that pc is in, by the symbols if there is no debug
// information. It is nil if there is none. Inlined calls are not looked at.
func (s *Space) Function(pc uint64) *Function {
	m, _, f := s.at(pc)
	switch {
	case m == nil:
		return nil
	case f != nil:
		return m.function(f)
	}
	return m.symbolFunction(pc)
}

// function describes an instance at the addresses of the process.
func (m *Module) function(i *instance) *Function {
	n := i.unit.naming(i.off)
	f := &Function{
		Name: n.name, Linkage: n.linkage, Ranges: slices.Clone(i.ranges), Entry: i.entry + m.Bias, Body: i.body() + m.Bias,
		Inlined: i.caller != nil, Language: i.unit.language(), Module: m, DIE: dwarf.Offset(i.off),
	}
	if n.declared != nil {
		f.Declared = Position{File: n.declared.table().file(n.file), Line: n.line}
	}
	for j := range f.Ranges {
		f.Ranges[j].Low += m.Bias
		f.Ranges[j].High += m.Bias
	}
	return f
}

// symbolFunction is a function that has only a symbol.
func (m *Module) symbolFunction(pc uint64) *Function {
	t, err := m.Table()
	if err != nil {
		return nil
	}
	name, offset, ok := t.Lookup(pc - m.Bias)
	if !ok {
		return nil
	}
	f := &Function{Name: name, Linkage: name, Entry: pc - offset, Body: pc - offset, Module: m}
	if readable := demangled(name); readable != "" {
		f.Name = readable
	}
	if s := t.names[name]; s.addr+m.Bias == f.Entry {
		f.Ranges = []Range{{f.Entry, max(s.end+m.Bias, pc+1)}}
	} else {
		f.Ranges = []Range{{f.Entry, pc + 1}}
	}
	return f
}

// body is the address after the prologue. clang and rustc mark it. gcc does not:
// there it is where the second row begins, but in optimized code, in which the
// places of arguments are known from the entry on.
func (i *instance) body() uint64 {
	rows := i.unit.table().sequenceAt(i.entry)
	at, ok := rowAt(rows, i.entry)
	if !ok || i.caller != nil || i.unit.optimized() {
		return i.entry
	}
	// Not beyond the part of the function that has the entry.
	r := slices.IndexFunc(i.ranges, func(r Range) bool { return r.contains(i.entry) })
	if r < 0 {
		return i.entry
	}
	rows = rows[at:]
	end, _ := slices.BinarySearchFunc(rows, i.ranges[r].High, func(r row, high uint64) int {
		if r.addr < high {
			return -1
		}
		return 1
	})
	rows = rows[:end]
	second := i.entry
	for _, row := range rows {
		if row.flags&prologueEnd != 0 && row.addr >= i.entry {
			return row.addr
		}
		if second == i.entry && row.addr > i.entry && row.flags&isStmt != 0 && row.line != 0 {
			second = row.addr
		}
	}
	return second
}

// optimized says whether gcc optimized the unit: its name has the flags. Others
// mark where prologues end.
func (u *unit) optimized() bool {
	producer := string(u.text(&u.root, atProducer))
	if !strings.HasPrefix(producer, "GNU ") {
		return u.language().String() == "assembly"
	}
	level := byte('0')
	for _, flag := range strings.Fields(producer) {
		if rest, ok := strings.CutPrefix(flag, "-O"); ok {
			level = (rest + "1")[0]
		}
	}
	return level != '0'
}
